//! OpenID Connect Core 1.0 §3.2 (implicit flow) and §3.3 (hybrid flow); OAuth 2.0 Multiple Response Type Encoding
//! Practices; OAuth 2.0 Form Post Response Mode. Off unless an application is registered for them.

use crate::house::{Browser, House};
use crate::rp::{
    Rp, claims, error_of, fragment, header, house, json, registration, signed_in, token_error, userinfo,
};
use danang_sso::crypto::jwt;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::key::SigningAlg;
use danang_sso::domain::oauth::response_type::ResponseType;
use serde_json::{Value, json as value};
use std::collections::BTreeMap;
use time::Duration;

const FRONT: [&str; 5] = ["id_token", "id_token token", "code id_token", "code token", "code id_token token"];

/// An application that may ask for every type.
async fn hybrid(house: &House) -> Rp {
    let mut asked = registration(ClientKind::Web);
    asked.metadata.response_types = ResponseType::ALL.map(|one| one.to_string()).to_vec();
    Rp::new(house, &asked).await
}

async fn ask(rp: &Rp, browser: &mut Browser, changes: &[(&'static str, &str)]) -> BTreeMap<String, String> {
    fragment(&browser.get(&rp.address(changes)).await)
}

fn text(value: &str) -> Value {
    Value::from(value)
}

#[tokio::test]
async fn each_type_brings_back_what_it_names_in_the_fragment_3_2_2_5_3_3_2_5() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    for asked in FRONT {
        let answer = ask(&rp, &mut browser, &[("response_type", asked)]).await;
        let words: Vec<_> = asked.split(' ').collect();
        assert_eq!(answer.contains_key("code"), words.contains(&"code"), "{asked}");
        assert_eq!(answer.contains_key("id_token"), words.contains(&"id_token"), "{asked}");
        assert_eq!(answer.contains_key("access_token"), words.contains(&"token"), "{asked}");
        assert_eq!(answer["state"], "af0ifjsldkj");
        assert_eq!(answer["iss"], crate::rp::ISSUER);
        if words.contains(&"token") {
            assert_eq!((answer["token_type"].as_str(), answer["expires_in"].as_str()), ("Bearer", "600"));
        }
    }
}

#[tokio::test]
async fn the_id_token_of_the_front_channel_has_nonce_kid_and_the_hashes_3_2_2_10_3_3_2_11() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    for asked in ["id_token", "id_token token", "code id_token", "code id_token token"] {
        let answer = ask(&rp, &mut browser, &[("response_type", asked)]).await;
        let id_token = text(&answer["id_token"]);
        assert!(header(&id_token)["kid"].is_string());
        let told = claims(&id_token);
        assert_eq!((&told["nonce"], &told["aud"]), (&text("n-0S6_WzA2Mj"), &text(&rp.client_id)));
        let hash = |name: &str| {
            answer.get(name).map_or(Value::Null, |secret| text(&jwt::half_hash(SigningAlg::Rs256, secret)))
        };
        assert_eq!(told["at_hash"], hash("access_token"), "{asked}");
        assert_eq!(told["c_hash"], hash("code"), "{asked}");
    }
}

#[tokio::test]
async fn a_nonce_is_required_exactly_when_an_id_token_is_in_the_front_channel_3_2_2_1() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    for asked in FRONT {
        let answer = ask(&rp, &mut browser, &[("response_type", asked), ("nonce", "")]).await;
        if asked == "code token" {
            assert!(answer.contains_key("code") && answer.contains_key("access_token"));
        } else {
            assert_eq!(error_of(&answer), "invalid_request", "{asked}");
            assert_eq!(answer["state"], "af0ifjsldkj");
        }
    }
}

#[tokio::test]
async fn the_access_token_of_the_fragment_works_before_the_code_is_redeemed_3_3_2_9() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    let answer = ask(&rp, &mut browser, &[("response_type", "code id_token token")]).await;
    let told = userinfo(&mut browser, &text(&answer["access_token"])).await;
    assert_eq!(told.status, 200);
    let front = claims(&text(&answer["id_token"]));
    assert_eq!(json(&told)["sub"], front["sub"]);
    let tokens = json(&rp.redeem(&mut browser, &answer["code"]).await);
    let back = claims(&tokens["id_token"]);
    for same in ["iss", "sub", "aud", "auth_time", "nonce", "sid"] {
        assert_eq!(front[same], back[same], "{same}");
    }
    assert_ne!(tokens["access_token"], answer["access_token"]);
    assert_eq!(userinfo(&mut browser, &text(&answer["access_token"])).await.status, 200, "still");
}

#[tokio::test]
async fn a_replay_of_the_code_ends_the_tokens_of_the_front_channel_too_rfc6749_4_1_2() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    let answer = ask(&rp, &mut browser, &[("response_type", "code token")]).await;
    let tokens = json(&rp.redeem(&mut browser, &answer["code"]).await);
    house.pass(Duration::seconds(30));
    assert_eq!(token_error(&rp.redeem(&mut browser, &answer["code"]).await), "invalid_grant");
    for token in [&text(&answer["access_token"]), &tokens["access_token"]] {
        assert_eq!(userinfo(&mut browser, token).await.status, 401);
    }
}

#[tokio::test]
async fn signing_out_ends_the_access_token_of_the_front_channel() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    let answer = ask(&rp, &mut browser, &[("response_type", "id_token token")]).await;
    assert_eq!(userinfo(&mut browser, &text(&answer["access_token"])).await.status, 200);
    browser.post_from("/", "/sign-out", &[]).await;
    assert_eq!(userinfo(&mut browser, &text(&answer["access_token"])).await.status, 401);
}

#[tokio::test]
async fn the_access_token_of_the_front_channel_ends_after_ten_minutes_and_is_listed_in_the_portal() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    let answer = ask(&rp, &mut browser, &[("response_type", "id_token token")]).await;
    browser.get("/applications").await.shows("Quản lý văn bản");
    house.pass(Duration::seconds(599));
    assert_eq!(userinfo(&mut browser, &text(&answer["access_token"])).await.status, 200);
    house.pass(Duration::seconds(1));
    assert_eq!(userinfo(&mut browser, &text(&answer["access_token"])).await.status, 401);
}

#[tokio::test]
async fn the_claims_of_the_scopes_are_in_the_id_token_only_where_no_token_opens_userinfo_5_4() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    for asked in ["id_token", "id_token token", "code id_token", "code id_token token"] {
        let changes = [("response_type", asked), ("scope", "openid email")];
        let answer = ask(&rp, &mut browser, &changes).await;
        let told = claims(&text(&answer["id_token"]));
        let expected = if asked == "id_token" { value!("an@danang.example") } else { Value::Null };
        assert_eq!(told["email"], expected, "{asked}");
        assert_eq!(told["name"], Value::Null);
    }
    let asked = r#"{"id_token":{"name":{"essential":true}}}"#;
    let answer = ask(&rp, &mut browser, &[("response_type", "id_token"), ("claims", asked)]).await;
    assert_eq!(claims(&text(&answer["id_token"]))["name"], "Nguyễn Thị Hồng AN");
}

#[tokio::test]
async fn no_token_is_ever_sent_in_a_query_multiple_response_types_5() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    for asked in FRONT {
        for mode in ["query", "query.jwt"] {
            let answer = ask(&rp, &mut browser, &[("response_type", asked), ("response_mode", mode)]).await;
            assert_eq!(error_of(&answer), "invalid_request", "{asked} {mode}");
        }
    }
    // A code alone may travel in the fragment.
    let answer = ask(&rp, &mut browser, &[("response_mode", "fragment")]).await;
    assert_eq!(rp.redeem(&mut browser, &answer["code"]).await.status, 200);
}

#[tokio::test]
async fn errors_of_these_types_are_in_the_fragment_multiple_response_types_5() {
    let house = house().await;
    let rp = hybrid(&house).await;
    for asked in FRONT {
        let changes = [("response_type", asked), ("prompt", "none")];
        assert_eq!(error_of(&ask(&rp, &mut house.browser(), &changes).await), "login_required");
    }
    // Without a response type the query is the usual place.
    let missing = rp.ask(&mut house.browser(), &[("response_type", "")]).await;
    assert_eq!(error_of(&missing), "invalid_request");
}

#[tokio::test]
async fn the_types_travel_in_a_form_too_and_the_query_of_the_address_stays_form_post_2() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    let address = "https://app.danang.example/other?tenant=1";
    for asked in FRONT {
        let changes = [("response_type", asked), ("response_mode", "form_post"), ("redirect_uri", address)];
        let page = browser.get(&rp.address(&changes)).await;
        assert_eq!((page.status.as_u16(), page.location.clone()), (200, None));
        page.shows(&format!("action=\"{address}\"")).shows("id=\"continue\"");
        for (name, word) in [("code", "code"), ("id_token", "id_token"), ("access_token", "token")] {
            let is_there = page.hidden(name).is_some();
            assert_eq!(is_there, asked.split(' ').any(|one| one == word), "{asked} {name}");
        }
        let refused = house.browser().get(&rp.address(&[changes[0], changes[1], ("prompt", "none")])).await;
        assert_eq!(refused.hidden("error").as_deref(), Some("login_required"));
    }
}

#[tokio::test]
async fn an_application_asks_only_for_what_it_is_registered_for_and_never_for_token_alone() {
    let house = house().await;
    let plain = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    for asked in FRONT {
        let answer = ask(&plain, &mut browser, &[("response_type", asked)]).await;
        assert_eq!(error_of(&answer), "unauthorized_client", "{asked}");
    }
    let rp = hybrid(&house).await;
    for asked in ["token", "none id_token", "code code id_token", "id_token Token"] {
        let answer = ask(&rp, &mut browser, &[("response_type", asked)]).await;
        assert_eq!(error_of(&answer), "unsupported_response_type", "{asked}");
    }
    let turned = ask(&rp, &mut browser, &[("response_type", "token id_token code")]).await;
    assert!(turned.contains_key("code") && turned.contains_key("access_token"), "the order means nothing");
}

#[tokio::test]
async fn pkce_is_for_the_code_and_not_for_the_implicit_flow_rfc7636_4_3() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    for (asked, needs) in [("id_token token", false), ("code id_token", true)] {
        let changes = [("response_type", asked), without[0], without[1]];
        let answer = ask(&rp, &mut browser, &changes).await;
        assert_eq!(answer.contains_key("error"), needs, "{asked}: {answer:?}");
    }
}

#[tokio::test]
async fn a_request_that_waits_keeps_its_type_through_the_sign_in() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = house.browser();
    let asked = browser.get(&rp.address(&[("response_type", "code id_token")])).await;
    let onward = crate::rp::prove(&mut browser, &asked.location.expect("to the sign-in"), "an").await;
    let answer = fragment(&browser.get(&onward).await);
    assert!(
        answer.contains_key("code")
            && answer.contains_key("id_token")
            && !answer.contains_key("access_token")
    );
}

#[tokio::test]
async fn an_application_with_jwt_access_tokens_gets_one_in_the_front_channel_too_rfc9068_2() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.response_types = vec!["code token".to_owned()];
    asked.metadata.jwt_access_tokens = true;
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let answer = ask(&rp, &mut browser, &[("response_type", "code token")]).await;
    let token = text(&answer["access_token"]);
    assert_eq!(header(&token)["typ"], "at+jwt");
    assert_eq!(claims(&token)["client_id"], rp.client_id);
    assert_eq!(userinfo(&mut browser, &token).await.status, 200);
}
