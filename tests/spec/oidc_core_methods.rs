//! OpenID Connect Core 1.0 §2: `amr` and `acr` tell how the password was proven, so that an application can refuse a
//! sign-in that no directory has seen.

use crate::house::{Browser, House, PASSWORD};
use crate::rp::{Rp, claims, json};
use danang_sso::domain::id::AccountId;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::storage::cached_verifiers;
use serde_json::{Value, json as literal};

async fn signed_in(house: &House) -> Browser {
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser
}

async fn is_kept(house: &House, id: AccountId) {
    for _ in 0..1_000 {
        if cached_verifiers::of_account(&house.app.db, id).await.expect("reads").is_some() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nothing was kept");
}

fn how(tokens: &Value) -> (Value, Value) {
    let claims = claims(&tokens["id_token"]);
    (claims["amr"].clone(), claims["acr"].clone())
}

#[tokio::test]
async fn the_id_token_tells_a_password_that_the_directory_took_from_one_that_was_only_remembered_2() {
    let now = time::macros::datetime!(2026-03-02 09:00 +7);
    let house = House::at(now, "[outage]\ncached_sign_in = true\n").await;
    house.add("an", &[MailSystem::Ad]);
    house.sync().await;
    let rp = Rp::web(&house).await;
    let taken = (literal!(["pwd"]), literal!("urn:danang-sso:acr:password"));
    let remembered = (literal!(["pwd", "cached"]), literal!("urn:danang-sso:acr:password-cached"));
    let mut before = signed_in(&house).await;
    assert_eq!(how(&rp.tokens(&mut before, &[]).await), taken);
    is_kept(&house, house.account("an").await.id()).await;
    house.ad.set_unreachable(true);
    let mut during = signed_in(&house).await;
    let tokens = rp.tokens(&mut during, &[("scope", "openid offline_access")]).await;
    assert_eq!(how(&tokens), remembered);
    assert_eq!(how(&rp.tokens(&mut before, &[]).await), taken, "a session from before is what it was");
    house.ad.set_unreachable(false);
    let refreshed = rp.refresh(&mut during, tokens["refresh_token"].as_str().expect("one")).await;
    assert_eq!(how(&json(&refreshed)), remembered, "until a directory has taken the password");
    assert_eq!(how(&rp.tokens(&mut signed_in(&house).await, &[]).await), taken);
}

#[tokio::test]
async fn discovery_names_every_class() {
    let house = House::build().await;
    let document = json(&house.browser().get("/.well-known/openid-configuration").await);
    let classes = literal!([
        "urn:danang-sso:acr:passkey",
        "urn:danang-sso:acr:second-factor",
        "urn:danang-sso:acr:password",
        "urn:danang-sso:acr:password-cached",
    ]);
    assert_eq!(document["acr_values_supported"], classes, "from the strongest to the weakest");
    let claims = document["claims_supported"].as_array().expect("a list");
    assert!(claims.contains(&literal!("amr")) && claims.contains(&literal!("acr")));
}
