//! Applications for groups: whoever is in one of its agencies or groups may use it, from the moment they are until the
//! moment they are not.

use crate::house::House;
use crate::rp::{Rp, error_of, house, registration, signed_in, signed_in_as, token_error, userinfo};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::services::audience::{self, AudienceRefused};
use danang_sso::services::groups::{self, GroupRefused};

const CLI: Actor = Actor::CommandLine;

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

/// An application for a group in which `an` is.
async fn scene() -> (House, Rp) {
    let house = house().await;
    groups::make(&house.app, CLI, "to-cds", "Tổ chuyển đổi số").await.expect("made");
    assert!(groups::join(&house.app, CLI, "to-cds", &address("an")).await.expect("joined"));
    let mut asked = registration(ClientKind::Web);
    asked.metadata.allowed_groups = vec!["to-cds".to_owned()];
    let rp = Rp::new(&house, &asked).await;
    (house, rp)
}

#[tokio::test]
async fn whoever_is_in_the_group_enters_and_others_read_whom_it_is_for() {
    let (house, rp) = scene().await;
    assert!(rp.ask(&mut signed_in(&house).await, &[]).await.contains_key("code"));
    let mut browser = signed_in_as(&house, "binh").await;
    let page = browser.get(&rp.address(&[])).await;
    assert_eq!((page.status.as_u16(), page.location.clone()), (403, None));
    page.shows("Tổ chuyển đổi số");
    let silent = rp.ask(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "access_denied");
    groups::join(&house.app, CLI, "to-cds", &address("binh")).await.expect("joined");
    assert!(rp.ask(&mut browser, &[]).await.contains_key("code"));
}

#[tokio::test]
async fn whoever_leaves_the_group_gets_nothing_more_with_what_they_have() {
    let (house, rp) = scene().await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 200);
    assert!(groups::leave(&house.app, CLI, "to-cds", &address("an")).await.expect("left"));
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    let refresh = tokens["refresh_token"].as_str().expect("one");
    assert_eq!(token_error(&rp.refresh(&mut browser, refresh).await), "invalid_grant");
    assert_eq!(browser.get(&rp.address(&[])).await.status, 403);
}

#[tokio::test]
async fn an_agency_or_a_group_is_enough_and_neither_is_everybody() {
    let (house, rp) = scene().await;
    let set = async |agencies: &[&str], groups: &[&str]| {
        let owned = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        audience::set(&house.app, CLI, &rp.client_id, (&owned(agencies), &owned(groups))).await
    };
    groups::make(&house.app, CLI, "trong", "Nhóm trống").await.expect("made");
    for (agencies, group_codes, an, binh) in [
        (&["so-khcn"][..], &[][..], true, true),
        (&["so-khcn"], &["trong"], true, true),
        (&[], &["trong"], false, false),
        (&[], &["trong", "to-cds"], true, false),
        (&[], &[], true, true),
    ] {
        set(agencies, group_codes).await.expect("set");
        for (who, is_admitted) in [("an", an), ("binh", binh)] {
            let answer = signed_in_as(&house, who).await.get(&rp.address(&[("prompt", "none")])).await;
            let admitted = answer.location.expect("an answer").contains("code=");
            assert_eq!(admitted, is_admitted, "{who}: {agencies:?} {group_codes:?}");
        }
    }
    assert!(matches!(set(&["la"], &[]).await, Err(AudienceRefused::NoAgency(code)) if code == "la"));
    assert!(matches!(set(&[], &["la"]).await, Err(AudienceRefused::NoGroup(code)) if code == "la"));
}

#[tokio::test]
async fn a_group_for_which_an_application_is_is_not_dissolved_and_every_change_is_in_the_audit() {
    let (house, rp) = scene().await;
    let refused = groups::dissolve(&house.app, CLI, "to-cds").await;
    assert!(matches!(refused, Err(GroupRefused::InUse(who)) if who == rp.client_id));
    audience::set(&house.app, CLI, &rp.client_id, (&[], &[])).await.expect("set");
    groups::dissolve(&house.app, CLI, "to-cds").await.expect("dissolved");
    assert!(matches!(groups::find(&house.app, "to-cds").await, Err(GroupRefused::NoGroup(_))));
    let told = danang_sso::storage::audit::of_account(&house.app.db, house.account("an").await.id(), 200);
    let told: Vec<_> = told.await.expect("reads").iter().map(|line| line.act.code()).collect();
    assert!(told.contains(&"group_joined"), "{told:?}");
    assert!(danang_sso::storage::audit::verify(&house.app.db).await.expect("reads").is_ok());
}

#[tokio::test]
async fn what_cannot_be_a_group_is_refused() {
    let (house, _rp) = scene().await;
    let make = async |code: &str, name: &str| groups::make(&house.app, CLI, code, name).await;
    assert!(matches!(make("Tổ", "x").await, Err(GroupRefused::BadCode)));
    assert!(matches!(make("x", " ").await, Err(GroupRefused::BadName)));
    assert!(matches!(make("x", &"x".repeat(201)).await, Err(GroupRefused::BadName)));
    assert!(matches!(make("to-cds", "x").await, Err(GroupRefused::Taken(_))));
    let join = async |code: &str, who: &str| groups::join(&house.app, CLI, code, &address(who)).await;
    assert!(matches!(join("la", "an").await, Err(GroupRefused::NoGroup(_))));
    assert!(matches!(join("to-cds", "ma").await, Err(GroupRefused::NoAccount(_))));
    assert!(!join("to-cds", "an").await.expect("already"), "once is enough");
    assert!(!groups::leave(&house.app, CLI, "to-cds", &address("binh")).await.expect("was not in it"));
    let (group, members) = groups::find(&house.app, "to-cds").await.expect("there");
    assert_eq!((group.name.as_str(), members), ("Tổ chuyển đổi số", vec!["an@danang.example".to_owned()]));
}
