//! RFC 9068: access tokens that a resource server reads by itself.

use crate::rp::{Rp, claims, header, house, json, registration, signed_in, userinfo};
use danang_sso::domain::oauth::client::ClientKind;
use time::Duration;

#[tokio::test]
async fn a_jwt_says_what_the_profile_asks_for_and_opens_userinfo_too_2_2() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.jwt_access_tokens = true;
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid email")]).await;
    let (access, id) = (&tokens["access_token"], claims(&tokens["id_token"]));
    assert_eq!(header(access)["typ"], "at+jwt");
    let said = claims(access);
    for (member, expected) in
        [("iss", &id["iss"]), ("sub", &id["sub"]), ("aud", &id["iss"]), ("iat", &id["iat"])]
    {
        assert_eq!(&said[member], expected, "{member}");
    }
    assert_eq!(
        (said["client_id"].as_str(), said["scope"].as_str()),
        (Some(&*rp.client_id), Some("openid email"))
    );
    assert_eq!(said["exp"], house.app.now().plus(Duration::minutes(10)).seconds());
    assert_eq!(said["auth_time"], id["auth_time"]);
    assert!(said["jti"].as_str().expect("one").len() >= 43);
    for nothing in ["nonce", "email", "name"] {
        assert!(said.get(nothing).is_none(), "{nothing}");
    }
    assert_eq!(json(&userinfo(&mut browser, access).await)["sub"], id["sub"]);
    // taken back like any other, for whoever asks the house
    rp.send(&mut browser, "/revoke", &[("token", access.as_str().expect("one"))]).await;
    assert_eq!(userinfo(&mut browser, access).await.status, 401);
}

#[tokio::test]
async fn it_is_no_id_token_and_no_hint_4() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.jwt_access_tokens = true;
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[]).await;
    let hint = tokens["access_token"].as_str().expect("one");
    let answer = rp.ask(&mut browser, &[("prompt", "none"), ("id_token_hint", hint)]).await;
    assert_eq!(answer.get("error").map(String::as_str), Some("invalid_request"));
}
