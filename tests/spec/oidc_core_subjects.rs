//! OIDC Core 1.0 §8: whose a subject is; and the legacy mode in which it is the address. §5.3.2: UserInfo, signed.

use crate::house::House;
use crate::oidc_back_channel_logout::Listener;
use crate::rp::{ISSUER, Rp, claims, header, house, json, registration, signed_in, userinfo};
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::{Metadata, SubjectType};
use danang_sso::services::clients::Registration;
use serde_json::{Value, json as value};

fn with(metadata: Metadata) -> Registration {
    Registration { metadata, ..registration(ClientKind::Web) }
}

fn pairwise() -> Metadata {
    Metadata { subject_type: SubjectType::Pairwise, ..Metadata::default() }
}

async fn at(house: &House, host: &str) -> Rp {
    let registration = Registration {
        redirect_uris: vec![crate::rp::CALLBACK.replace("app.danang.example", host)],
        post_logout_redirect_uris: Vec::new(),
        ..with(pairwise())
    };
    Rp::new(house, &registration).await
}

async fn subject(browser: &mut crate::house::Browser, rp: &Rp, callback: &str) -> String {
    let answer = browser.get(&rp.address(&[("redirect_uri", callback)])).await;
    let code = answer.location.expect("an answer");
    let code = code.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code").to_owned();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", callback),
        ("code_verifier", crate::rp::VERIFIER),
    ];
    let tokens = json(&rp.token(browser, &fields).await);
    claims(&tokens["id_token"])["sub"].as_str().expect("one").to_owned()
}

#[tokio::test]
async fn a_pairwise_subject_is_its_sectors_own_and_stable_8_1() {
    let house = house().await;
    let mut browser = signed_in(&house).await;
    let hosts = ["a.danang.example", "a.danang.example", "b.danang.example"];
    let mut subjects = Vec::new();
    for host in hosts {
        let rp = at(&house, host).await;
        let callback = crate::rp::CALLBACK.replace("app.danang.example", host);
        subjects.push(subject(&mut browser, &rp, &callback).await);
    }
    assert_eq!(subjects[0], subjects[1], "two applications of one sector");
    assert_ne!(subjects[0], subjects[2]);
    assert!(!subjects.contains(&house.account("an").await.subject().to_owned()));
    assert!(subjects.iter().all(|sub| sub.is_ascii() && sub.len() <= 255));
    let mut other = crate::rp::signed_in_as(&house, "binh").await;
    let rp = at(&house, hosts[0]).await;
    let callback = crate::rp::CALLBACK.replace("app.danang.example", hosts[0]);
    assert_ne!(subject(&mut other, &rp, &callback).await, subjects[0], "another person");
}

#[tokio::test]
async fn it_is_the_same_in_the_id_token_userinfo_a_refresh_and_the_logout_token_8_1() {
    let house = house().await;
    for metadata in [pairwise(), Metadata { sub_is_address: true, ..Metadata::default() }] {
        let is_address = metadata.sub_is_address;
        let listener = Listener::start().await;
        let registration =
            Registration { backchannel_logout_uri: Some(listener.uri.clone()), ..with(metadata) };
        let rp = Rp::new(&house, &registration).await;
        let mut browser = signed_in(&house).await;
        let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
        let sub = claims(&tokens["id_token"])["sub"].clone();
        assert_eq!(sub == "an@danang.example", is_address);
        assert_eq!(json(&userinfo(&mut browser, &tokens["access_token"]).await)["sub"], sub);
        let renewed = json(&rp.refresh(&mut browser, tokens["refresh_token"].as_str().expect("one")).await);
        assert_eq!(claims(&renewed["id_token"])["sub"], sub);
        browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
        let told = listener.told();
        assert_eq!(claims(&Value::from(told[0].as_str()))["sub"], sub);
    }
}

#[tokio::test]
async fn a_hint_with_such_a_subject_is_understood_3_1_2_1() {
    let house = house().await;
    for metadata in
        [pairwise(), Metadata { sub_is_address: true, ..Metadata::default() }, Metadata::default()]
    {
        let rp = Rp::new(&house, &with(metadata.clone())).await;
        let mut browser = signed_in(&house).await;
        let tokens = rp.tokens(&mut browser, &[]).await;
        let hint = tokens["id_token"].as_str().expect("one");
        let silent = rp.ask(&mut browser, &[("prompt", "none"), ("id_token_hint", hint)]).await;
        assert!(silent.contains_key("code"), "{metadata:?}: {silent:?}");
        let mut other = crate::rp::signed_in_as(&house, "binh").await;
        let refused = rp.ask(&mut other, &[("prompt", "none"), ("id_token_hint", hint)]).await;
        assert_eq!(refused["error"], "login_required", "{metadata:?}");
        let mut again = signed_in(&house).await;
        let goodbye = again.get(&format!("/logout?id_token_hint={hint}")).await;
        goodbye.leads_to("/signed-out");
        let stays = other.get(&format!("/logout?id_token_hint={hint}")).await;
        assert_eq!(stays.status, 200, "somebody else is asked");
    }
}

#[tokio::test]
async fn the_sector_is_that_of_the_list_where_one_is_registered_8_1() {
    let house = house().await;
    let uris = vec!["https://a.danang.example/cb".to_owned(), "https://b.danang.example/cb".to_owned()];
    let two_hosts = Registration { redirect_uris: uris.clone(), ..with(pairwise()) };
    let refused = danang_sso::services::clients::register(
        &house.app,
        danang_sso::domain::audit::Actor::CommandLine,
        &two_hosts,
    );
    assert!(refused.await.is_err(), "two hosts are no sector");
    let list = crate::own_keys::Publisher::start(&value!(uris)).await;
    let metadata = Metadata { sector_identifier_uri: Some(list.uri.clone()), ..pairwise() };
    let rp = Rp::new(&house, &Registration { metadata, ..two_hosts }).await;
    let mut browser = signed_in(&house).await;
    let (a, b) = (subject(&mut browser, &rp, &uris[0]).await, subject(&mut browser, &rp, &uris[1]).await);
    assert_eq!(a, b);
}

#[tokio::test]
async fn userinfo_is_signed_for_who_registered_so_5_3_2() {
    let house = house().await;
    let metadata = Metadata { userinfo_signed_response_alg: Some("RS256".to_owned()), ..Metadata::default() };
    let rp = Rp::new(&house, &with(metadata)).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid email")]).await;
    let answer = userinfo(&mut browser, &tokens["access_token"]).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["content-type"]),
        (200, &"application/jwt".parse().expect("a value"))
    );
    assert_eq!(answer.headers["cache-control"], "no-store");
    let jwt = Value::from(answer.body.as_str());
    let said = claims(&jwt);
    assert_eq!((&said["iss"], &said["aud"]), (&value!(ISSUER), &value!(rp.client_id)));
    assert_eq!(said["sub"], claims(&tokens["id_token"])["sub"]);
    assert_eq!(said["email"], "an@danang.example");
    assert!(said.get("nonce").is_none());
    assert_eq!(header(&jwt)["alg"], "RS256");
    let keys = house.app.signing.read().expect("nobody panicked").clone();
    assert!(keys.verify::<Value>(&answer.body, ISSUER).is_some(), "under a published key");
    let wrong = userinfo(&mut browser, &value!("unheard-of")).await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.headers["content-type"]),
        (401, &"application/json".parse().expect("a value"))
    );
}
