//! RFC 7009: an application gives a token back.

use crate::rp::{Rp, house, json, signed_in, token_error, userinfo};
use danang_sso::storage::audit;

#[tokio::test]
async fn an_access_token_given_back_opens_nothing_and_its_family_lives_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let access = tokens["access_token"].as_str().expect("one");
    let answer =
        rp.send(&mut browser, "/revoke", &[("token", access), ("token_type_hint", "refresh_token")]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    let renewed = rp.refresh(&mut browser, tokens["refresh_token"].as_str().expect("one")).await;
    assert_eq!(renewed.status, 200);
}

#[tokio::test]
async fn a_refresh_token_given_back_ends_its_family_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let refresh = tokens["refresh_token"].as_str().expect("one");
    assert_eq!(rp.send(&mut browser, "/revoke", &[("token", refresh)]).await.status, 200);
    assert_eq!(token_error(&rp.refresh(&mut browser, refresh).await), "invalid_grant");
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    let history = audit::of_account(&house.app.db, house.account("an").await.id(), 10).await.expect("reads");
    assert_eq!(history[0].act.code(), "application_ended");
}

#[tokio::test]
async fn an_unknown_token_is_as_good_as_revoked_2_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    for _ in 0..2 {
        assert_eq!(rp.send(&mut browser, "/revoke", &[("token", "unheard-of")]).await.status, 200);
    }
    assert_eq!(token_error(&rp.send(&mut browser, "/revoke", &[]).await), "invalid_request");
}

#[tokio::test]
async fn nobody_gives_back_what_another_client_was_given_2_1() {
    let house = house().await;
    let (rp, other) = (Rp::web(&house).await, Rp::web(&house).await);
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[]).await;
    let access = tokens["access_token"].as_str().expect("one");
    assert_eq!(
        token_error(&other.send(&mut browser, "/revoke", &[("token", access)]).await),
        "invalid_grant"
    );
    let anonymous = browser.post("/revoke", &[("token", access)]).await;
    assert_eq!(token_error(&anonymous), "invalid_client");
    assert_eq!(
        json(&userinfo(&mut browser, &tokens["access_token"]).await)["sub"],
        house.account("an").await.subject()
    );
}
