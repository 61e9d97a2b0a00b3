//! The signing keys: made once, sealed, turned without a gap (OIDC Core 1.0 §10.1.1), and a wrong master key is told.

use crate::rp::{Rp, header, house, json, signed_in};
use danang_sso::app::App;
use danang_sso::crypto::keyring::Keyring;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::key::KeyState::{Announced, Retiring, Signing};
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
    let lines = keys::rotate(&house.app, &Actor::CommandLine).await.expect("announced");
    assert_eq!(lines.iter().map(|line| line.state).collect::<Vec<_>>(), [Signing, Announced]);
    let new = lines[1].kid.clone();
    assert_eq!(kids(&json(&browser.get("/jwks").await)), [old.as_str(), new.as_str()]);
    assert_eq!(header(&rp.tokens(&mut browser, &[]).await["id_token"])["kid"], old);
    // Not before everybody could see it.
    house.pass(Duration::minutes(30));
    keys::rotate(&house.app, &Actor::CommandLine).await.expect("nothing is due");
    assert_eq!(header(&rp.tokens(&mut browser, &[]).await["id_token"])["kid"], old);

    house.pass(Duration::minutes(30));
    let lines = keys::rotate(&house.app, &Actor::CommandLine).await.expect("turned");
    assert_eq!(lines.iter().map(|line| line.state).collect::<Vec<_>>(), [Retiring, Signing]);
    assert_eq!(kids(&json(&browser.get("/jwks").await)), [old.as_str(), new.as_str()]);
    assert_eq!(header(&rp.tokens(&mut browser, &[]).await["id_token"])["kid"], new);
    // What the old key signed is still believed.
    let hint = first["id_token"].as_str().expect("a token");
    assert!(rp.ask(&mut browser, &[("prompt", "none"), ("id_token_hint", hint)]).await.contains_key("code"));

    house.pass(Duration::minutes(70));
    keys::forget(&house.app).await.expect("forgotten");
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
    keys::rotate(&house.app, &Actor::CommandLine).await.expect("announced");
    house.pass(Duration::minutes(61));
    keys::rotate(&house.app, &Actor::CommandLine).await.expect("turned");
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
