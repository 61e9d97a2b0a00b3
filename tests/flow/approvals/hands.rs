//! Nobody is their own second person: not with the password or the second factors of another administrator.

use super::{WISH, address, decide, house, roles_of, signed_in};
use crate::authenticator::Authenticator;
use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::Obm;
use danang_sso::services::approvals::{self, ApprovalRefused, Shown};
use danang_sso::services::bulk_unlock::Seen;
use danang_sso::services::reset::{self, ResetRefused, Slip, Word};
use danang_sso::services::{admins, lock};
use time::Duration;

/// A role over the city for chi.
const FOR_CHI: [(&str, &str); 3] = [("address", "chi"), WISH[1], WISH[2]];

const SURE: [(&str, &str); 2] = [("reason", "Quên mật khẩu, đã gặp trực tiếp"), ("sure", "1")];

async fn administrator(house: &House, local: &str) -> Administrator {
    Administrator::holding(&house.account(local).await, Role::City, Reach::City)
}

async fn reset_by(house: &House, by: &str, whom: &str) -> Result<Slip, ResetRefused> {
    let account = house.account(whom).await;
    let seen = Seen { id: account.id(), version: account.version() };
    let word = Word { why: "Quên mật khẩu", is_sure: true };
    reset::reset(&house.app, &administrator(house, by).await, seen, word).await
}

/// The only open request, as somebody sees it.
async fn open(house: &House, by: &Administrator) -> Shown {
    approvals::list(&house.app, by, None).await.expect("reads").open.remove(0)
}

async fn yes(house: &House, by: &Administrator) -> Result<(), ApprovalRefused> {
    let id = open(house, by).await.approval.id;
    approvals::decide(&house.app, by, id, true, "Đã kiểm tra").await
}

#[tokio::test]
async fn the_password_of_somebody_who_decides_is_reset_by_two_others() {
    let house = house("").await;
    let mut lan = signed_in(&house, "lan").await;
    let page = format!("/accounts/{}", house.account("tuan").await.id());
    let there = format!("{page}/reset");
    lan.get(&page).await.shows("id=\"reset-second\"").shows("danang-sso account reset");
    // The only other one is the one whom it concerns.
    let nobody = lan.post_from(&page, &there, &SURE).await;
    assert_eq!(nobody.status, StatusCode::CONFLICT);
    nobody.shows("danang-sso account reset");
    assert!(house.browser().sign_in("tuan", PASSWORD).await.location.is_some(), "nothing was reset");

    admins::grant(&house.app, &address("an"), None).await.expect("granted");
    lan.post_from(&page, &there, &SURE).await.leads_to("/approvals?note=asked");
    let mut tuan = signed_in(&house, "tuan").await;
    tuan.get("/approvals").await.hides("value=\"approve\"");
    let id = lan.get("/approvals").await.hidden("approval").expect("a request");
    let fields = [("approval", id.as_str()), ("what", "approve"), ("reason", "Đã kiểm tra")];
    let own = tuan.post_from("/approvals", "/approvals", &fields).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    own.shows("liên quan đến chính tài khoản của Ông/Bà");
    let mut an = signed_in(&house, "an").await;
    an.get("/approvals").await.shows("tuan@danang.example");
    decide(&mut an, "approve").await.leads_to("/approvals?note=approved");
    let slip = lan.post_from("/approvals", &there, &SURE).await;
    assert_eq!(slip.status, StatusCode::OK);
    slip.shows("Phiếu giao mật khẩu");
    assert!(house.browser().sign_in("tuan", PASSWORD).await.location.is_none(), "another password");
    lan.post_from(&page, &there, &SURE).await.leads_to("/approvals?note=asked");
}

#[tokio::test]
async fn the_second_factors_of_somebody_who_decides_are_removed_by_two_others() {
    let house = house("").await;
    admins::grant(&house.app, &address("an"), None).await.expect("granted");
    let mut tuan = house.browser();
    tuan.sign_in("tuan", PASSWORD).await.leads_to("/");
    Authenticator::set_up(&house, &mut tuan).await;
    let mut lan = signed_in(&house, "lan").await;
    let page = format!("/accounts/{}", house.account("tuan").await.id());
    let there = format!("{page}/factors/reset");
    lan.post_from(&page, &there, &SURE).await.leads_to("/approvals?note=asked");
    lan.get(&page).await.shows("id=\"factors\"").shows("danang-sso account reset-factors");
    let mut an = signed_in(&house, "an").await;
    decide(&mut an, "approve").await.leads_to("/approvals?note=approved");
    lan.post_from("/approvals", &there, &SURE).await.leads_to(&format!("{page}?note=factors-reset"));
    lan.get(&page).await.hides("id=\"factors\"");
}

#[tokio::test]
async fn who_decides_on_nothing_is_helped_by_one() {
    let house = house("").await;
    reset_by(&house, "lan", "binh").await.expect("reset");
    let refused = reset_by(&house, "lan", "ha").await;
    assert!(matches!(refused, Err(ResetRefused::NeedsSecond(_))), "a security officer decides");
}

#[tokio::test]
async fn whoever_reset_a_password_and_its_holder_do_not_decide_on_each_others_requests_for_a_week() {
    let house = house("").await;
    // Before the role, as with everybody.
    let slip = reset_by(&house, "lan", "an").await.expect("reset");
    // The days run from when its holder has chosen a password of their own.
    house.pass(Duration::hours(1));
    let mut an = house.browser();
    let issued = slip.password.expose().as_str();
    an.sign_in("an", issued).await.leads_to("/");
    let fields = [("current", issued), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    an.post_from("/password", "/password", &fields).await;
    assert!(!house.account("an").await.is_reset());
    admins::grant(&house.app, &address("an"), None).await.expect("granted");
    let mut lan = signed_in(&house, "lan").await;
    ask_for_chi(&mut lan).await;
    let (by_an, by_tuan) = (administrator(&house, "an").await, administrator(&house, "tuan").await);
    assert!(!open(&house, &by_an).await.may_decide);
    assert!(matches!(yes(&house, &by_an).await, Err(ApprovalRefused::OneHand)));
    assert!(open(&house, &by_tuan).await.may_decide);
    house.pass(Duration::days(7));
    let mut lan = signed_in(&house, "lan").await;
    ask_for_chi(&mut lan).await;
    yes(&house, &by_an).await.expect("a week later they are two");
    lan.post_from("/approvals", "/administrators", &FOR_CHI).await.leads_to("/administrators?note=granted");
    assert_eq!(roles_of(&house, "chi").await, 1);
}

#[tokio::test]
async fn two_whose_passwords_one_person_reset_are_no_two_people() {
    let house = house("").await;
    for whom in ["an", "binh"] {
        reset_by(&house, "lan", whom).await.expect("reset");
        admins::grant(&house.app, &address(whom), None).await.expect("granted");
    }
    // As an one asks, as binh or in one's own name one says yes.
    let (by_an, by_binh) = (administrator(&house, "an").await, administrator(&house, "binh").await);
    let account = house.account("tuan").await;
    let seen = Seen { id: account.id(), version: account.version() };
    let word = Word { why: "Quên mật khẩu", is_sure: true };
    let stopped = reset::reset(&house.app, &by_an, seen, word).await;
    let Err(ResetRefused::NeedsSecond(approvals::Stopped::NeedsSecond(deed))) = stopped else {
        panic!("it needs a second person")
    };
    let form = ("/accounts", Vec::new());
    approvals::ask(&house.app, &by_an, *deed, form, "Quên mật khẩu").await.expect("asked");
    for by in [&by_binh, &administrator(&house, "lan").await] {
        assert!(matches!(yes(&house, by).await, Err(ApprovalRefused::OneHand)));
    }
}

#[tokio::test]
async fn a_lock_that_the_same_one_lifts_begins_the_week_anew() {
    let house = house("").await;
    reset_by(&house, "lan", "an").await.expect("reset");
    admins::grant(&house.app, &address("an"), None).await.expect("granted");
    house.pass(Duration::days(8));
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::PasswordTooOld, Actor::Job("test"))
        .await
        .expect("locked");
    let by_lan = administrator(&house, "lan").await;
    lock::unlock(&house.app, &by_lan, account.id(), "Đã gặp trực tiếp").await.expect("unlocked");
    let mut lan = signed_in(&house, "lan").await;
    ask_for_chi(&mut lan).await;
    let the_other = administrator(&house, "an").await;
    assert!(matches!(yes(&house, &the_other).await, Err(ApprovalRefused::OneHand)));
}

#[tokio::test]
async fn a_mailbox_joins_the_account_of_somebody_who_decides_by_two() {
    let house = house("").await;
    house.add("bay", &[Obm]);
    house.sync().await;
    admins::grant(&house.app, &address("bay"), None).await.expect("granted");
    let mut lan = signed_in(&house, "lan").await;
    // With the password of chi's mailbox one would sign in as bay.
    let found = lan.get("/sync/reconcile?kind=only_in_ad&q=chi").await;
    let pick = found.body.split("name=\"").find(|rest| rest.starts_with("pick-")).expect("a finding");
    let pick = pick.split('"').next().expect("a name").to_owned();
    let wish = [
        ("kind", "only_in_ad"),
        ("verdict", "one_person"),
        ("target", "bay@danang.example"),
        ("reason", "Cùng một người"),
        (pick.as_str(), "1"),
    ];
    let settle = "/sync/reconcile/settle";
    lan.post_from("/sync/authority", settle, &wish).await.leads_to("/approvals?note=asked");
    let mut tuan = signed_in(&house, "tuan").await;
    tuan.get("/approvals").await.shows("bay@danang.example").shows("chi@danang.example");
    decide(&mut tuan, "approve").await.leads_to("/approvals?note=approved");
    lan.post_from("/approvals", settle, &wish).await.leads_to("/sync/decisions?note=settled");
    // From now on lan may be able to sign in as bay: they are no two people.
    ask_for_chi(&mut lan).await;
    let bay = administrator(&house, "bay").await;
    assert!(matches!(yes(&house, &bay).await, Err(ApprovalRefused::OneHand)));
}

#[tokio::test]
async fn while_a_one_time_password_still_opens_an_account_the_week_does_not_run() {
    let house = house("").await;
    reset_by(&house, "lan", "an").await.expect("reset");
    admins::grant(&house.app, &address("an"), None).await.expect("granted");
    house.pass(Duration::days(8));
    let mut lan = signed_in(&house, "lan").await;
    ask_for_chi(&mut lan).await;
    let account = house.account("an").await;
    assert!(account.is_reset(), "{:?}", account.state());
    let an = administrator(&house, "an").await;
    assert!(matches!(yes(&house, &an).await, Err(ApprovalRefused::OneHand)));
}

async fn ask_for_chi(browser: &mut Browser) {
    browser.post_from("/administrators", "/administrators", &FOR_CHI).await.leads_to("/approvals?note=asked");
}
