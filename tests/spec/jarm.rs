//! JWT Secured Authorization Response Mode for OAuth 2.0 (JARM).

use crate::house::{Answer, House};
use crate::rp::{CALLBACK, ISSUER, Rp, claims, header, house, registration, signed_in};
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::response_type::ResponseType;
use serde_json::Value;

/// The only parameter of an answer after this mark, as the claims of a JWT that the house signed.
fn response(house: &House, answer: &Answer, mark: char) -> Value {
    let location = answer.location.as_deref().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    let rest = location.strip_prefix(CALLBACK).and_then(|rest| rest.strip_prefix(mark));
    let rest = rest.unwrap_or_else(|| panic!("not after {mark}: {location}"));
    let fields: Vec<_> = form_urlencoded::parse(rest.as_bytes()).into_owned().collect();
    assert_eq!(fields.len(), 1, "{location}");
    assert_eq!(fields[0].0, "response");
    proven(house, &fields[0].1)
}

fn proven(house: &House, jwt: &str) -> Value {
    let keys = house.app.signing.read().expect("nobody panicked").clone();
    let lacking = jsonwebtoken::decode_header(jwt).expect("a header").kid.is_none();
    assert!(!lacking, "the kid is told");
    assert!(!keys.lack_key_of(jwt), "it is signed with a published key");
    claims(&Value::from(jwt))
}

#[tokio::test]
async fn the_answer_is_one_jwt_for_the_application_that_ends_soon_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    for mode in ["jwt", "query.jwt"] {
        let told = response(&house, &browser.get(&rp.address(&[("response_mode", mode)])).await, '?');
        assert_eq!((&told["iss"], &told["aud"]), (&ISSUER.into(), &rp.client_id.as_str().into()));
        let life = told["exp"].as_i64().expect("a number") - house.app.now().seconds();
        assert!((10..=600).contains(&life), "{life}");
        assert_eq!(told["state"], "af0ifjsldkj");
        let code = told["code"].as_str().expect("a code");
        assert_eq!(rp.redeem(&mut browser, code).await.status, 200);
    }
}

#[tokio::test]
async fn fragment_and_form_carry_it_too_2_3() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let told = response(&house, &browser.get(&rp.address(&[("response_mode", "fragment.jwt")])).await, '#');
    assert!(told["code"].is_string());
    let page = browser.get(&rp.address(&[("response_mode", "form_post.jwt")])).await;
    assert_eq!((page.status.as_u16(), page.location.clone()), (200, None));
    assert!(proven(&house, &page.hidden("response").expect("a JWT"))["code"].is_string());
    assert!(page.hidden("code").is_none() && page.hidden("iss").is_none());
}

#[tokio::test]
async fn errors_are_signed_like_answers_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    for change in [("prompt", "none"), ("scope", "email")] {
        let answer = house.browser().get(&rp.address(&[("response_mode", "jwt"), change])).await;
        let told = response(&house, &answer, '?');
        assert!(told["error"].is_string() && told["code"].is_null());
        assert_eq!((&told["aud"], &told["state"]), (&rp.client_id.as_str().into(), &"af0ifjsldkj".into()));
    }
}

#[tokio::test]
async fn jwt_alone_means_the_usual_place_of_the_response_type_2_3_4() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.response_types = ResponseType::ALL.map(|one| one.to_string()).to_vec();
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let changes = [("response_type", "code id_token"), ("response_mode", "jwt")];
    let told = response(&house, &browser.get(&rp.address(&changes)).await, '#');
    assert!(told["code"].is_string() && told["id_token"].is_string());
}

#[tokio::test]
async fn the_registered_algorithm_signs_else_that_of_the_id_tokens_3() {
    let house = house().await;
    let some = |alg: &str| Some(alg.to_owned());
    for (answers, id_tokens, expected) in [
        (None, None, "RS256"),
        (None, some("ES256"), "ES256"),
        (some("PS256"), some("ES256"), "PS256"),
        (some("EdDSA"), None, "EdDSA"),
    ] {
        let mut asked = registration(ClientKind::Web);
        asked.metadata.authorization_signed_response_alg = answers;
        asked.metadata.id_token_signed_response_alg = id_tokens;
        let rp = Rp::new(&house, &asked).await;
        let mut browser = signed_in(&house).await;
        let answer = browser.get(&rp.address(&[("response_mode", "jwt")])).await;
        response(&house, &answer, '?');
        let location = answer.location.expect("a redirect");
        let jwt = location.split("response=").nth(1).expect("a JWT");
        assert_eq!(header(&Value::from(jwt))["alg"], expected);
    }
}
