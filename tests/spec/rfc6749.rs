//! RFC 6749: the authorization endpoint's errors (§3.1, §4.1.2.1), client authentication (§2.3), codes (§4.1.3),
//! refresh tokens (§6) and the errors of the token endpoint (§5.2).

use crate::rp::{
    ISSUER, Rp, VERIFIER, claims, code_fields, error_of, form, fragment, house, json, registration,
    signed_in, signed_in_as, token_error, userinfo,
};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::services::clients;
use danang_sso::storage::audit;
use serde_json::Value;
use time::Duration;

/// Asserts that a request ends on our own page and leads nowhere.
async fn ends_here(house: &crate::house::House, address: &str, code: &str) {
    let answer = signed_in(house).await.get(address).await;
    assert_eq!((answer.status.as_u16(), answer.location.as_deref()), (400, None), "{address}");
    answer.shows("id=\"request-error\"").shows(code);
}

#[tokio::test]
async fn an_unknown_client_is_told_on_our_own_page_4_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    ends_here(&house, &rp.address(&[("client_id", "unheard-of")]), "invalid_client").await;
    ends_here(&house, &rp.address(&[("client_id", "")]), "invalid_client").await;
    ends_here(&house, "/authorize", "invalid_client").await;
}

#[tokio::test]
async fn an_unregistered_redirect_uri_is_told_on_our_own_page_3_1_2_4() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    for wrong in [
        "https://evil.example/callback",
        "https://app.danang.example/callback/x",
        "https://app.danang.example/callback?x=1",
        "https://app.danang.example/callback#x",
        "https://app.danang.example/Callback",
        "https://app.danang.example:443/callback",
        "https://app.danang.example/other",
        "https://app.danang.example/other?tenant=2",
        "//app.danang.example/callback",
        "javascript:alert(1)",
        " https://app.danang.example/callback",
    ] {
        ends_here(&house, &rp.address(&[("redirect_uri", wrong)]), "invalid_redirect_uri").await;
    }
    ends_here(&house, &rp.address(&[("redirect_uri", "")]), "invalid_redirect_uri").await;
    // An error in the request changes nothing: there is nobody to tell.
    let both = [("redirect_uri", "https://evil.example/"), ("response_type", "token"), ("prompt", "none")];
    ends_here(&house, &rp.address(&both), "invalid_redirect_uri").await;
}

#[tokio::test]
async fn parameters_that_come_twice_are_refused_3_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let twice = |name: &str| format!("{}&{name}=x", rp.address(&[]));
    ends_here(&house, &twice("client_id"), "invalid_client").await;
    ends_here(&house, &twice("redirect_uri"), "invalid_redirect_uri").await;
    let mut browser = signed_in(&house).await;
    for name in ["scope", "nonce", "response_type", "code_challenge"] {
        let answer = crate::rp::answered(&browser.get(&twice(name)).await);
        assert_eq!(error_of(&answer), "invalid_request", "{name}");
        assert_eq!(answer["state"], "af0ifjsldkj");
    }
    let state = crate::rp::answered(&browser.get(&twice("state")).await);
    assert_eq!(error_of(&state), "invalid_request");
    assert!(!state.contains_key("state"));
    let unknown = crate::rp::answered(&browser.get(&format!("{}&extra=a&extra=b", rp.address(&[]))).await);
    assert!(unknown.contains_key("code"));
}

#[tokio::test]
async fn the_query_of_a_redirect_uri_is_kept_3_1_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let other = "https://app.danang.example/other?tenant=1";
    let answer = signed_in(&house).await.get(&rp.address(&[("redirect_uri", other)])).await;
    let location = answer.location.expect("back");
    assert!(location.starts_with(&format!("{other}&code=")), "{location}");
}

#[tokio::test]
async fn a_response_type_that_is_missing_or_not_code_is_refused_3_1_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let missing = rp.ask(&mut browser, &[("response_type", "")]).await;
    assert_eq!(error_of(&missing), "invalid_request");
    for other in ["Code", "code code", "none"] {
        let answer = rp.ask(&mut browser, &[("response_type", other)]).await;
        assert_eq!(error_of(&answer), "unsupported_response_type");
    }
    let implicit = fragment(&browser.get(&rp.address(&[("response_type", "token")])).await);
    assert_eq!(error_of(&implicit), "unsupported_response_type");
    let mode = rp.ask(&mut browser, &[("response_mode", "pigeon")]).await;
    assert_eq!(error_of(&mode), "invalid_request");
}

#[tokio::test]
async fn a_client_authenticates_by_header_or_by_body_2_3_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let code = rp.code(&mut browser, &[]).await;
    assert_eq!(rp.redeem(&mut browser, &code).await.status, 200);
    let code = rp.code(&mut browser, &[]).await;
    let secret = rp.secret.clone().expect("a secret");
    let mut fields = vec![("client_id", rp.client_id.as_str()), ("client_secret", secret.as_str())];
    fields.extend(code_fields(&code));
    assert_eq!(browser.post("/token", &fields).await.status, 200);
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_is_refused_5_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let code = rp.code(&mut browser, &[]).await;
    let fields = code_fields(&code);
    let with = |more: &[(&'static str, &'static str)]| [more, &[]].concat();
    let anonymous = browser.post("/token", &fields).await;
    assert_eq!(token_error(&anonymous), "invalid_client");
    assert!(anonymous.headers.contains_key("www-authenticate"));
    for credentials in [
        vec![("client_id", rp.client_id.as_str())],
        vec![("client_id", rp.client_id.as_str()), ("client_secret", "wrong")],
        with(&[("client_id", "unheard-of"), ("client_secret", "x")]),
    ] {
        let all = [credentials.as_slice(), &fields].concat();
        assert_eq!(token_error(&browser.post("/token", &all).await), "invalid_client");
    }
    for header in ["Basic", "Basic !!!", "Basic eA==", "Bearer x", "Digest x"] {
        let request = Request::post("/token")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, header);
        let answer = browser.send(request, Body::from(form(fields))).await;
        assert_eq!(token_error(&answer), "invalid_client", "{header}");
    }
    // The code is still good for the client itself.
    assert_eq!(rp.redeem(&mut browser, &code).await.status, 200);
}

#[tokio::test]
async fn two_ways_of_authentication_at_once_are_refused_2_3() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let secret = rp.secret.clone().expect("a secret");
    let answer =
        rp.token(&mut house.browser(), &[("client_id", &rp.client_id), ("client_secret", &secret)]).await;
    assert_eq!(token_error(&answer), "invalid_request");
}

#[tokio::test]
async fn a_new_secret_ends_the_old_one_at_once() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let secret = clients::rotate_secret(&house.app, Actor::CommandLine, &rp.client_id, time::Duration::ZERO)
        .await
        .expect("rotated");
    let mut browser = signed_in(&house).await;
    let code = rp.code(&mut browser, &[]).await;
    assert_eq!(token_error(&rp.redeem(&mut browser, &code).await), "invalid_client");
    let rp = Rp { secret: Some(secret.expose().clone()), ..rp };
    assert_eq!(rp.redeem(&mut browser, &code).await.status, 200);
}

#[tokio::test]
async fn a_removed_client_gets_nothing_any_more() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[]).await;
    clients::remove(&house.app, Actor::CommandLine, &rp.client_id).await.expect("removed");
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    ends_here(&house, &rp.address(&[]), "invalid_client").await;
}

#[tokio::test]
async fn the_token_endpoint_takes_forms_by_post_only_3_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    assert_eq!(browser.get("/token").await.status, 405);
    let basic = STANDARD.encode(format!("{}:{}", rp.client_id, rp.secret.clone().expect("one")));
    let request = Request::post("/token")
        .header(CONTENT_TYPE, "application/json")
        .header(AUTHORIZATION, format!("Basic {basic}"));
    let answer = browser.send(request, Body::from("{\"grant_type\":\"authorization_code\"}")).await;
    assert_eq!(token_error(&answer), "invalid_request");
    let twice = rp.token(&mut browser, &[("code", "a"), ("code", "b")]).await;
    assert_eq!(token_error(&twice), "invalid_request");
}

#[tokio::test]
async fn missing_and_unknown_grant_types_are_told_apart_5_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    assert_eq!(token_error(&rp.token(&mut browser, &[]).await), "invalid_request");
    for unknown in ["password", "implicit"] {
        let answer = rp.token(&mut browser, &[("grant_type", unknown)]).await;
        assert_eq!(token_error(&answer), "unsupported_grant_type");
    }
    let no_code = rp.token(&mut browser, &[("grant_type", "authorization_code")]).await;
    assert_eq!(token_error(&no_code), "invalid_request");
}

#[tokio::test]
async fn a_code_lives_for_sixty_seconds_4_1_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let (late, early) = (rp.code(&mut browser, &[]).await, rp.code(&mut browser, &[]).await);
    house.pass(Duration::seconds(59));
    assert_eq!(rp.redeem(&mut browser, &early).await.status, 200);
    house.pass(Duration::seconds(1));
    assert_eq!(token_error(&rp.redeem(&mut browser, &late).await), "invalid_grant");
}

#[tokio::test]
async fn a_code_is_for_its_client_and_its_redirect_uri_4_1_3() {
    let house = house().await;
    let (rp, other) = (Rp::web(&house).await, Rp::web(&house).await);
    let mut browser = signed_in(&house).await;
    let code = rp.code(&mut browser, &[]).await;
    assert_eq!(token_error(&other.redeem(&mut browser, &code).await), "invalid_grant");
    for uri in ["https://app.danang.example/other?tenant=1", ""] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", uri),
            ("code_verifier", VERIFIER),
        ];
        assert_eq!(token_error(&rp.token(&mut browser, &fields).await), "invalid_grant", "{uri}");
    }
    assert_eq!(rp.redeem(&mut browser, &code).await.status, 200);
}

#[tokio::test]
async fn a_code_used_twice_ends_everything_that_grew_out_of_it_4_1_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let code = rp.code(&mut browser, &[("scope", "openid offline_access")]).await;
    let tokens = json(&rp.redeem(&mut browser, &code).await);
    house.pass(Duration::seconds(30));
    assert_eq!(token_error(&rp.redeem(&mut browser, &code).await), "invalid_grant");
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    let refresh = tokens["refresh_token"].as_str().expect("one");
    assert_eq!(token_error(&rp.refresh(&mut browser, refresh).await), "invalid_grant");
    let history = audit::of_account(&house.app.db, house.account("an").await.id(), 100).await.expect("reads");
    assert_eq!(history.iter().filter(|line| line.act.code() == "token_replayed").count(), 1);
    audit::verify(&house.app.db).await.expect("reads").expect("the chain is whole");
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_the_same_person_6_oidc_12_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let first = rp.tokens(&mut browser, &[("scope", "openid offline_access email")]).await;
    house.pass(Duration::minutes(20));
    let answer = rp.refresh(&mut browser, first["refresh_token"].as_str().expect("one")).await;
    let second = json(&answer);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(second["scope"], "openid email offline_access");
    let (old, new) = (claims(&first["id_token"]), claims(&second["id_token"]));
    for same in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_ne!(old["iat"], new["iat"]);
    assert_eq!(new["nonce"], Value::Null);
    assert_eq!(new["iss"], ISSUER);
    assert_eq!(userinfo(&mut browser, &second["access_token"]).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_its_family_rfc9700_4_14_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let first = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let stolen = first["refresh_token"].as_str().expect("one");
    let second = json(&rp.refresh(&mut browser, stolen).await);
    assert_eq!(token_error(&rp.refresh(&mut browser, stolen).await), "invalid_grant");
    let newest = second["refresh_token"].as_str().expect("one");
    assert_eq!(token_error(&rp.refresh(&mut browser, newest).await), "invalid_grant");
    assert_eq!(userinfo(&mut browser, &second["access_token"]).await.status, 401);
}

#[tokio::test]
async fn a_refresh_token_is_for_its_client_and_never_widens_the_scope_6() {
    let house = house().await;
    let (rp, other) = (Rp::web(&house).await, Rp::web(&house).await);
    let mut browser = signed_in_as(&house, "binh").await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access email")]).await;
    let token = tokens["refresh_token"].as_str().expect("one");
    assert_eq!(token_error(&other.refresh(&mut browser, token).await), "invalid_grant");
    let fields = |scope| [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
    for wider in ["openid profile", "openid admin"] {
        assert_eq!(token_error(&rp.token(&mut browser, &fields(wider)).await), "invalid_scope");
    }
    let narrow = json(&rp.token(&mut browser, &fields("openid")).await);
    assert_eq!(narrow["scope"], "openid");
    let told = json(&userinfo(&mut browser, &narrow["access_token"]).await);
    assert_eq!(told["email"], Value::Null);
}

#[tokio::test]
async fn a_refresh_token_ends_without_use_and_its_chain_in_any_case() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let scope = [("scope", "openid offline_access")];
    let idle = rp.tokens(&mut browser, &scope).await;
    let mut running = rp.tokens(&mut browser, &scope).await;
    house.pass(Duration::hours(24));
    let idle = idle["refresh_token"].as_str().expect("one");
    assert_eq!(token_error(&rp.refresh(&mut browser, idle).await), "invalid_grant");
    house.pass(Duration::hours(-1));
    for _ in 0..30 {
        let token = running["refresh_token"].as_str().expect("one").to_owned();
        running = json(&rp.refresh(&mut browser, &token).await);
        house.pass(Duration::hours(23) + Duration::minutes(59));
    }
    // 23 h + 30 × 23:59 are past thirty days.
    let last = running["refresh_token"].as_str().expect("one");
    assert_eq!(token_error(&rp.refresh(&mut browser, last).await), "invalid_grant");
}

#[tokio::test]
async fn only_who_may_ask_for_offline_access_gets_a_refresh_token() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.scopes = danang_sso::domain::oauth::scope::Scopes::parse("openid email");
    let rp = Rp::new(&house, &asked).await;
    let tokens =
        rp.tokens(&mut signed_in(&house).await, &[("scope", "openid email profile offline_access")]).await;
    assert_eq!(tokens["refresh_token"], Value::Null);
    // RFC 6749 §3.3: the scope is told, because it differs from the one that was asked for.
    assert_eq!(tokens["scope"], "openid email");
}

#[tokio::test]
async fn signing_out_ends_what_came_out_of_the_session() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let code = rp.code(&mut browser, &[]).await;
    let mut other = signed_in(&house).await;
    let kept = rp.tokens(&mut other, &[]).await;
    browser.post_from("/", "/sign-out", &[]).await;
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    let refresh = tokens["refresh_token"].as_str().expect("one");
    assert_eq!(token_error(&rp.refresh(&mut browser, refresh).await), "invalid_grant");
    assert_eq!(token_error(&rp.redeem(&mut browser, &code).await), "invalid_grant");
    assert_eq!(userinfo(&mut other, &kept["access_token"]).await.status, 200);
}
