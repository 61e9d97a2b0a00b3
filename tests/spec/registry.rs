//! The city's registry of applications: who may use one, secrets that overlap, templates, moving registrations.

use crate::house::House;
use crate::own_keys::{OwnKey, asserting};
use crate::rp::{
    CALLBACK, Rp, answered, code_fields, error_of, house, json, prove, registration, signed_in, token_error,
    userinfo,
};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::AuthMethod;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::services::client_transfer::{self, Change, TransferRefused};
use danang_sso::services::clients::{self, Registration};
use danang_sso::storage::audit;
use serde_json::json as value;
use time::Duration;

fn with(metadata: Metadata) -> Registration {
    Registration { metadata, ..registration(ClientKind::Web) }
}

fn only_for(code: &str) -> Metadata {
    Metadata { allowed_agencies: vec![code.to_owned()], ..Metadata::default() }
}

#[tokio::test]
async fn an_application_for_other_agencies_gets_no_code_and_the_page_says_whom_it_is_for() {
    let house = house().await;
    let rp = Rp::new(&house, &with(only_for("so-tai-chinh"))).await;
    let mut browser = signed_in(&house).await;
    let page = browser.get(&rp.address(&[])).await;
    assert_eq!((page.status.as_u16(), page.location.clone()), (403, None));
    page.shows("id=\"not-admitted\"").shows("so-tai-chinh").shows("Quản lý văn bản").shows("0236 1022");
    page.shows(&format!("href=\"{CALLBACK}?error=access_denied"));
    let silent = rp.ask(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "access_denied");
    let mut fresh = house.browser();
    let sign_in = fresh.get(&rp.address(&[])).await.location.expect("to the sign-in");
    let onward = prove(&mut fresh, &sign_in, "an").await;
    assert_eq!(fresh.get(&onward).await.status, 403, "after the sign-in too");
}

#[tokio::test]
async fn an_application_for_ones_own_agency_is_entered() {
    let house = house().await;
    let rp = Rp::new(&house, &with(only_for("so-khcn"))).await;
    let mut browser = signed_in(&house).await;
    assert!(rp.ask(&mut browser, &[]).await.contains_key("code"));
}

#[tokio::test]
async fn whoever_is_shut_out_later_gets_nothing_with_old_tokens() {
    let house = house().await;
    let rp = Rp::new(&house, &with(only_for("so-khcn"))).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let code = rp.code(&mut browser, &[]).await;
    let client = clients::find(&house.app, &rp.client_id).await.expect("there");
    let other = with(only_for("so-tai-chinh"));
    clients::update(&house.app, Actor::CommandLine, &client, &other).await.expect("changed");
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    let refresh = tokens["refresh_token"].as_str().expect("one");
    assert_eq!(token_error(&rp.refresh(&mut browser, refresh).await), "invalid_grant");
    assert_eq!(token_error(&rp.redeem(&mut browser, &code).await), "invalid_grant");
    let rows = audit::verify(&house.app.db).await.expect("reads");
    assert!(rows.is_ok(), "the chain of the audit is whole");
}

#[tokio::test]
async fn two_secrets_are_good_while_they_overlap_and_then_one() {
    let house = house().await;
    let old = Rp::web(&house).await;
    let week = Duration::days(7);
    let secret = clients::rotate_secret(&house.app, Actor::CommandLine, &old.client_id, week).await;
    let secret = Some(secret.expect("rotated").expose().clone());
    let new = Rp { client_id: old.client_id.clone(), secret };
    let mut browser = house.browser();
    let is_known = async |browser: &mut crate::house::Browser, rp: &Rp| {
        rp.send(browser, "/revoke", &[("token", "x")]).await.status == 200
    };
    assert!(is_known(&mut browser, &old).await && is_known(&mut browser, &new).await);
    house.pass(week - Duration::SECOND);
    assert!(is_known(&mut browser, &old).await);
    house.pass(Duration::SECOND);
    assert!(!is_known(&mut browser, &old).await && is_known(&mut browser, &new).await);
    let third = clients::rotate_secret(&house.app, Actor::CommandLine, &old.client_id, week).await;
    assert!(third.is_ok() && !is_known(&mut browser, &old).await, "never more than two");
}

#[tokio::test]
async fn both_secrets_sign_while_they_overlap() {
    let house = house().await;
    let method = Some(AuthMethod::ClientSecretJwt);
    let metadata = Metadata { token_endpoint_auth_method: method, ..Metadata::default() };
    let rp = Rp::new(&house, &with(metadata)).await;
    let old = OwnKey::of_secret(rp.secret.as_deref().expect("one"));
    let day = Duration::days(1);
    let secret = clients::rotate_secret(&house.app, Actor::CommandLine, &rp.client_id, day).await;
    let new = OwnKey::of_secret(secret.expect("rotated").expose());
    let mut browser = house.browser();
    for (pass, old_is_good) in [(Duration::ZERO, true), (day, false)] {
        house.pass(pass);
        for (key, good) in [(&old, old_is_good), (&new, true)] {
            let assertion = key.assertion(&house, &rp.client_id, &value!({}));
            let fields = [asserting(&assertion).as_slice(), &[("token", "x")]].concat();
            assert_eq!(browser.post("/revoke", &fields).await.status == 200, good);
        }
    }
}

async fn plan(house: &House, text: &str) -> Vec<(String, Change)> {
    let steps = client_transfer::plan(&house.app, text).await.expect("a good file");
    steps.into_iter().map(|step| (step.client_id, step.change)).collect()
}

#[tokio::test]
async fn registrations_move_to_another_house_and_a_second_import_changes_nothing() {
    let (here, there) = (house().await, house().await);
    let key = OwnKey::new(jsonwebtoken::Algorithm::ES256, Some("k"));
    let metadata = Metadata {
        jwks: Some(crate::own_keys::key_set(&[&key])),
        contacts: vec!["an@danang.example".to_owned()],
        ..only_for("so-khcn")
    };
    let rp = Rp::new(&here, &with(metadata)).await;
    let spa = Rp::new(&here, &registration(ClientKind::Spa)).await;
    let text = client_transfer::export(&here.app, None).await.expect("written");
    assert!(!text.contains(rp.secret.as_deref().expect("one")));
    let row = clients::find(&here.app, &rp.client_id).await.expect("there");
    assert!(!text.contains(row.secret_digest.as_deref().expect("one")), "nor its digest");

    let mut new = vec![(rp.client_id.clone(), Change::New), (spa.client_id.clone(), Change::New)];
    new.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(plan(&there, &text).await, new);
    assert!(clients::list(&there.app).await.expect("reads").is_empty(), "a plan writes nothing");
    let steps = client_transfer::plan(&there.app, &text).await.expect("good");
    let done = client_transfer::apply(&there.app, &Actor::CommandLine, &steps).await.expect("applied");
    for one in &done {
        let is_web = one.client.client_id.as_str() == rp.client_id;
        assert_eq!(one.secret.is_some(), is_web, "a new secret, and none for the public one");
    }
    let moved = clients::find(&there.app, &rp.client_id).await.expect("there");
    assert_eq!((moved.redirect_uris, moved.scopes), (row.redirect_uris, row.scopes));
    assert!(plan(&there, &text).await.iter().all(|(_, change)| *change == Change::Nothing));
    assert_eq!(client_transfer::export(&there.app, None).await.expect("written"), text);

    let changed = text.replace("an@danang.example", "binh@danang.example");
    let expected = Change::Members(vec!["contacts".to_owned()]);
    let steps = plan(&there, &changed).await;
    assert!(steps.contains(&(rp.client_id.clone(), expected)), "{steps:?}");
    let steps = client_transfer::plan(&there.app, &changed).await.expect("good");
    let done = client_transfer::apply(&there.app, &Actor::CommandLine, &steps).await.expect("applied");
    assert!(done.len() == 1 && done[0].secret.is_none(), "its secret stays");
}

#[tokio::test]
async fn a_file_with_a_mistake_is_refused_as_a_whole() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let text = client_transfer::export(&house.app, None).await.expect("written");
    for bad in [
        text.replace("https://app.danang.example/callback", "http://app.danang.example/callback"),
        text.replace("kind = \"web\"", "kind = \"desktop\""),
        text.replace(&rp.client_id, "a client"),
        format!("{text}\n{text}"),
        "client = 5".to_owned(),
        "[[client]]\nclient_id = \"x\"".to_owned(),
    ] {
        assert!(client_transfer::plan(&house.app, &bad).await.is_err(), "{bad}");
    }
    clients::remove(&house.app, Actor::CommandLine, &rp.client_id).await.expect("removed");
    let steps = client_transfer::plan(&house.app, &text).await.expect("good so far");
    let again = client_transfer::apply(&house.app, &Actor::CommandLine, &steps).await;
    assert!(matches!(again, Err(TransferRefused::Application { .. })), "a client_id is never given again");
}

#[tokio::test]
async fn an_application_that_may_only_use_other_grants_gets_no_tokens_here_6749_5_2() {
    let house = house().await;
    let metadata = Metadata { grant_types: vec!["authorization_code".to_owned()], ..Metadata::default() };
    let rp = Rp::new(&house, &with(metadata)).await;
    let mut browser = signed_in(&house).await;
    let answer = browser.get(&rp.address(&[("scope", "openid offline_access")])).await;
    let code = answered(&answer)["code"].clone();
    let tokens = json(&rp.token(&mut browser, &code_fields(&code)).await);
    assert!(tokens.get("refresh_token").is_none(), "it cannot use one");
    let refused = rp.token(&mut browser, &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await;
    assert_eq!(token_error(&refused), "unauthorized_client");
}
