//! RFC 7636: Proof Key for Code Exchange; RFC 9700 §2.1.1; RFC 8252 §7.3, §8.4 for native applications.

use crate::rp::{
    CALLBACK, CHALLENGE, Rp, VERIFIER, challenge_of, error_of, house, registration, signed_in, token_error,
};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::services::clients::{self, ClientRefused};

#[test]
fn the_challenge_is_that_of_appendix_b() {
    assert_eq!(challenge_of(VERIFIER), CHALLENGE);
}

#[tokio::test]
async fn a_request_without_a_challenge_is_refused_4_4_1() {
    let house = house().await;
    for kind in ClientKind::ALL {
        let rp = Rp::new(&house, &registration(kind)).await;
        let none = [("code_challenge", ""), ("code_challenge_method", "")];
        let answer = rp.ask(&mut signed_in(&house).await, &none).await;
        assert_eq!(error_of(&answer), "invalid_request", "{kind:?}");
    }
}

#[tokio::test]
async fn plain_and_unknown_methods_and_malformed_challenges_are_refused_4_3() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    for method in ["plain", "", "s256", "S512"] {
        let answer = rp.ask(&mut browser, &[("code_challenge_method", method)]).await;
        assert_eq!(error_of(&answer), "invalid_request", "{method}");
    }
    for challenge in ["short", &"x".repeat(44), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"] {
        let answer = rp.ask(&mut browser, &[("code_challenge", challenge)]).await;
        assert_eq!(error_of(&answer), "invalid_request", "{challenge}");
    }
}

#[tokio::test]
async fn a_verifier_that_is_missing_or_wrong_is_invalid_grant_4_6() {
    let house = house().await;
    let rp = Rp::new(&house, &registration(ClientKind::Spa)).await;
    let mut browser = signed_in(&house).await;
    let code = rp.code(&mut browser, &[]).await;
    for verifier in ["", CHALLENGE, "short", &"x".repeat(129), &format!("{VERIFIER}x")] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        assert_eq!(token_error(&rp.token(&mut browser, &fields).await), "invalid_grant", "{verifier}");
    }
    assert_eq!(rp.redeem(&mut browser, &code).await.status, 200);
}

#[tokio::test]
async fn a_public_client_redeems_with_the_verifier_alone_and_has_no_secret() {
    let house = house().await;
    let rp = Rp::new(&house, &registration(ClientKind::Spa)).await;
    assert_eq!(rp.secret, None);
    let mut browser = signed_in(&house).await;
    let code = rp.code(&mut browser, &[]).await;
    let with_secret = Rp { client_id: rp.client_id.clone(), secret: Some("invented".to_owned()) };
    assert_eq!(token_error(&with_secret.redeem(&mut browser, &code).await), "invalid_client");
    assert_eq!(rp.redeem(&mut browser, &code).await.status, 200);
}

#[tokio::test]
async fn a_legacy_client_may_come_without_and_is_held_to_it_when_it_comes_with_rfc9700_2_1_1() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.legacy = true;
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let without = |code: &str| {
        [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", CALLBACK.to_owned()),
        ]
    };
    let code = rp.code(&mut browser, &none).await;
    // A verifier without a challenge: somebody took the challenge out of the request.
    assert_eq!(token_error(&rp.redeem(&mut browser, &code).await), "invalid_grant");
    let fields = without(&code);
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(rp.token(&mut browser, &fields).await.status, 200);
    let code = rp.code(&mut browser, &[]).await;
    let fields = without(&code);
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(token_error(&rp.token(&mut browser, &fields).await), "invalid_grant");
}

#[tokio::test]
async fn only_a_client_with_a_secret_can_be_legacy() {
    let house = house().await;
    let mut asked = registration(ClientKind::Spa);
    asked.legacy = true;
    let refused = clients::register(&house.app, Actor::CommandLine, &asked).await;
    assert!(matches!(refused, Err(ClientRefused::LegacyIsForWeb)));
}

#[tokio::test]
async fn a_native_application_gets_its_answer_at_any_port_of_this_computer_rfc8252_7_3() {
    let house = house().await;
    let mut asked = registration(ClientKind::Native);
    asked.redirect_uris = vec!["http://127.0.0.1/cb".to_owned(), "vn.danang.app:/cb".to_owned()];
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    for good in ["http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", "vn.danang.app:/cb"] {
        let location = browser.get(&rp.address(&[("redirect_uri", good)])).await.location.expect("back");
        assert!(location.starts_with(&format!("{good}?code=")), "{location}");
    }
    for bad in
        ["http://127.0.0.1:51004/cb2", "http://127.0.0.1:x/cb", "http://localhost:1/cb", "vn.danang.app:/x"]
    {
        let answer = browser.get(&rp.address(&[("redirect_uri", bad)])).await;
        assert_eq!((answer.status.as_u16(), answer.location), (400, None), "{bad}");
    }
}
