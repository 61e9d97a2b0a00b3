//! The signing keys: made once, sealed, turned without a gap (OIDC Core 1.0 §10.1.1), and a wrong master key is told.

use crate::rp::{Rp, claims, header, house, json, registration, signed_in};
use danang_sso::app::App;
use danang_sso::crypto::keyring::Keyring;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::key::KeyState::{Announced, Retiring, Signing};
use danang_sso::domain::oauth::key::SigningAlg;
use danang_sso::services::keys;
use time::Duration;

fn kids(set: &serde_json::Value) -> Vec<&str> {
    set["keys"].as_array().expect("keys").iter().map(|key| key["kid"].as_str().expect("a kid")).collect()
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_after_it_stopped_10_1_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let first = rp.tokens(&mut browser, &[]).await;
    let old = header(&first["id_token"])["kid"].as_str().expect("a kid").to_owned();

    house.pass(Duration::seconds(1));
    let lines = keys::rotate(&house.app, &Actor::CommandLine, None).await.expect("announced");
    assert_eq!(lines.iter().map(|line| line.state).collect::<Vec<_>>(), [Signing, Announced]);
    let new = lines[1].kid.clone();
    assert_eq!(kids(&json(&browser.get("/jwks").await)), [old.as_str(), new.as_str()]);
    assert_eq!(header(&rp.tokens(&mut browser, &[]).await["id_token"])["kid"], old);
    // Not before everybody could see it.
    house.pass(Duration::minutes(30));
    keys::rotate(&house.app, &Actor::CommandLine, None).await.expect("nothing is due");
    assert_eq!(header(&rp.tokens(&mut browser, &[]).await["id_token"])["kid"], old);

    house.pass(Duration::minutes(30));
    let lines = keys::rotate(&house.app, &Actor::CommandLine, None).await.expect("turned");
    assert_eq!(lines.iter().map(|line| line.state).collect::<Vec<_>>(), [Retiring, Signing]);
    assert_eq!(kids(&json(&browser.get("/jwks").await)), [old.as_str(), new.as_str()]);
    assert_eq!(header(&rp.tokens(&mut browser, &[]).await["id_token"])["kid"], new);
    // What the old key signed is still believed.
    let hint = first["id_token"].as_str().expect("a token");
    assert!(rp.ask(&mut browser, &[("prompt", "none"), ("id_token_hint", hint)]).await.contains_key("code"));

    house.pass(Duration::minutes(70));
    keys::keep(&house.app).await.expect("forgotten");
    assert_eq!(kids(&json(&browser.get("/jwks").await)), [new]);
}

#[tokio::test]
async fn a_second_start_opens_the_same_key() {
    let house = house().await;
    let before = keys::list(&house.app).await.expect("opens");
    keys::ensure(&house.app).await.expect("opens");
    assert_eq!(keys::list(&house.app).await.expect("opens"), before);
}

#[tokio::test]
async fn another_node_believes_a_key_that_it_has_not_seen_yet() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let seen_by_the_other = house.app.signing.read().expect("not poisoned").clone();
    keys::rotate(&house.app, &Actor::CommandLine, None).await.expect("announced");
    house.pass(Duration::minutes(61));
    keys::rotate(&house.app, &Actor::CommandLine, None).await.expect("turned");
    let mut browser = signed_in(&house).await;
    let hint = rp.tokens(&mut browser, &[]).await["id_token"].as_str().expect("one").to_owned();
    // From here on this is the other node.
    *house.app.signing.write().expect("not poisoned") = seen_by_the_other;
    assert!(rp.ask(&mut browser, &[("prompt", "none"), ("id_token_hint", &hint)]).await.contains_key("code"));
}

#[tokio::test]
async fn a_wrong_master_key_is_told_in_words_that_help() {
    let house = house().await;
    let other = Keyring::parse(Keyring::new_file(house.app.system.entropy()).expose()).expect("a key");
    let (config, db) = (house.app.config.clone(), house.app.db.clone());
    let app = App::new(config, db, house.app.directories.clone(), house.app.system.clone(), other);
    let refused = keys::ensure(&app).await.expect_err("it does not open");
    assert!(refused.to_string().contains("the master key file is not the one"), "{refused}");
}

/// An application that registered an algorithm for its ID tokens and its UserInfo.
async fn wants(house: &crate::house::House, alg: SigningAlg) -> Rp {
    let mut asked = registration(ClientKind::Web);
    asked.metadata.id_token_signed_response_alg = Some(alg.code().to_owned());
    asked.metadata.userinfo_signed_response_alg = Some(alg.code().to_owned());
    Rp::new(house, &asked).await
}

/// Whether a signature is good by the published set, as another library sees it.
pub fn is_good(set: &serde_json::Value, token: &str) -> bool {
    let read = jsonwebtoken::decode_header(token).expect("a header");
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(set.clone()).expect("a set");
    let jwk = set.find(&read.kid.expect("a kid")).expect("it is published");
    let key = jsonwebtoken::DecodingKey::from_jwk(jwk).expect("a key");
    let mut rules = jsonwebtoken::Validation::new(read.alg);
    (rules.validate_aud, rules.validate_exp) = (false, false);
    rules.required_spec_claims.clear();
    jsonwebtoken::decode::<serde_json::Value>(token, &key, &rules).is_ok()
}

#[tokio::test]
async fn each_application_gets_the_algorithm_that_it_registered_15_1() {
    let house = house().await;
    let mut browser = signed_in(&house).await;
    for (number, alg) in SigningAlg::ALL.into_iter().enumerate() {
        let rp = wants(&house, alg).await;
        let set = json(&browser.get("/jwks").await);
        assert_eq!(set["keys"].as_array().expect("keys").len(), number + 1, "there before the first token");
        let tokens = rp.tokens(&mut browser, &[]).await;
        assert_eq!(header(&tokens["id_token"])["alg"], alg.code());
        let id_token = tokens["id_token"].as_str().expect("a token");
        assert!(is_good(&set, id_token), "{alg:?}");
        let (body, signature) = id_token.rsplit_once('.').expect("a token");
        let turned: String = signature.chars().rev().collect();
        assert!(!is_good(&set, &format!("{body}.{turned}")));
        let half = danang_sso::crypto::jwt::half_hash(alg, tokens["access_token"].as_str().expect("a token"));
        assert_eq!(claims(&tokens["id_token"])["at_hash"], half);
        let told = crate::rp::userinfo(&mut browser, &tokens["access_token"]).await;
        assert!(is_good(&set, &told.body), "{alg:?}");
        assert!(
            rp.ask(&mut browser, &[("prompt", "none"), ("id_token_hint", id_token)])
                .await
                .contains_key("code")
        );
    }
}

#[tokio::test]
async fn a_key_that_has_signed_for_long_gets_a_successor_by_itself_10_1_1() {
    let house = house().await;
    let mut browser = signed_in(&house).await;
    let [rs, es] = [wants(&house, SigningAlg::Rs256).await, wants(&house, SigningAlg::Es256).await];
    let mut before = Vec::new();
    for rp in [&rs, &es] {
        before.push(header(&rp.tokens(&mut browser, &[]).await["id_token"])["kid"].clone());
    }
    house.pass(Duration::days(89));
    keys::keep(&house.app).await.expect("nothing is due");
    assert_eq!(keys::list(&house.app).await.expect("opens").len(), 2);
    house.pass(Duration::days(2));
    keys::keep(&house.app).await.expect("announced");
    let states = |lines: &[keys::KeyLine]| lines.iter().filter(|line| line.state == Announced).count();
    assert_eq!(states(&keys::list(&house.app).await.expect("opens")), 2, "one of each algorithm");
    house.pass(Duration::hours(1));
    keys::keep(&house.app).await.expect("turned");
    let mut browser = signed_in(&house).await;
    for (rp, old) in [&rs, &es].into_iter().zip(before) {
        assert_ne!(header(&rp.tokens(&mut browser, &[]).await["id_token"])["kid"], old);
    }
}
