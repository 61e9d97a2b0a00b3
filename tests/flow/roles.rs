//! Roles: granted over the city or a branch, chosen, ended by their day or with their holder.

use crate::house::{Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::id::AgencyId;
use danang_sso::domain::mail::LetterKind;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::jobs::{self, EndRoles};
use danang_sso::services::bulk_unlock::{self, Outcome, Seen};
use danang_sso::services::lock::LockRefused;
use danang_sso::services::roles::{self, By, GrantRefused, Wish};
use danang_sso::services::{accounts, admins, lock};
use danang_sso::storage::{audit, letters};
use time::Duration;
use time::macros::date;

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

/// People of a department (so-khcn), of its centre (tt-cds) and of another department (so-nv).
async fn house() -> House {
    let house = House::build().await;
    for local in ["quantri", "donvi", "an"] {
        house.add(local, &[Ad]);
    }
    for (local, name, code) in
        [("chi", "Lê Thị Chi", "tt-cds"), ("em", "Võ Văn Em", "tt-cds"), ("binh", "Đỗ Đình Bình", "so-nv")]
    {
        house.add_with(local, &[Ad], |seen| {
            name.clone_into(&mut seen.display_name);
            seen.agency =
                Some(SeenAgency { code: Some(code.to_owned()), name: format!("Đơn vị {code}") });
        });
    }
    house.sync().await;
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    house
}

async fn agency(house: &House, code: &str) -> AgencyId {
    let all = accounts::agencies(&house.app).await.expect("reads");
    all.into_iter().find(|agency| agency.code == code).expect("it is there").id
}

async fn grant(house: &House, local: &str, role: Role, over: Option<&str>) {
    let agency = match over {
        None => None,
        Some(code) => Some(agency(house, code).await),
    };
    let wish = Wish { address: address(local), role, agency, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

#[tokio::test]
async fn an_agency_below_is_reached_and_one_beside_is_not() {
    let house = house().await;
    grant(&house, "donvi", Role::Agency, Some("so-khcn")).await;
    let mut admin = signed_in(&house, "donvi").await;
    admin.get("/accounts").await.shows("an@danang.example").hides("chi@danang.example");
    roles::move_agency(&house.app, By::CommandLine, "tt-cds", Some("so-khcn")).await.expect("moved");
    let list = admin.get("/accounts").await;
    list.shows("an@danang.example").shows("chi@danang.example").hides("binh@danang.example");
    list.shows("5 tài khoản");
    let chi = house.account("chi").await.id();
    let page = format!("/accounts/{chi}");
    admin.get(&page).await.shows("Lê Thị Chi");
    admin
        .post_from(&page, &format!("{page}/lock"), &[("reason", "thử")])
        .await
        .leads_to(&format!("{page}?note=locked"));
    let centre = agency(&house, "tt-cds").await;
    admin
        .get(&format!("/accounts?agency={centre}"))
        .await
        .shows("em@danang.example")
        .hides("an@danang.example");
    roles::move_agency(&house.app, By::CommandLine, "tt-cds", None).await.expect("moved");
    assert_eq!(admin.get(&page).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_agency_does_not_come_below_itself() {
    let house = house().await;
    roles::move_agency(&house.app, By::CommandLine, "tt-cds", Some("so-khcn")).await.expect("moved");
    for under in ["tt-cds", "so-khcn"] {
        let refused = roles::move_agency(&house.app, By::CommandLine, "so-khcn", Some(under)).await;
        assert!(matches!(refused, Err(GrantRefused::Circle)), "{refused:?}");
    }
    let refused = roles::move_agency(&house.app, By::CommandLine, "so-khcn", Some("khong-co")).await;
    assert!(matches!(refused, Err(GrantRefused::NoAgency(_))), "{refused:?}");
}

#[tokio::test]
async fn a_help_desk_unlocks_and_resets_but_does_not_lock() {
    let house = house().await;
    grant(&house, "donvi", Role::HelpDesk, None).await;
    let binh = house.account("binh").await;
    lock::enforce(&house.app, &binh, LockReason::DefaultPasswordKept, Actor::Job("test"))
        .await
        .expect("locked");
    let mut desk = signed_in(&house, "donvi").await;
    let page = format!("/accounts/{}", house.account("an").await.id());
    desk.get(&page).await.shows("id=\"reset-form\"").hides("id=\"lock-form\"");
    let refused = desk.post_from(&page, &format!("{page}/lock"), &[("reason", "thử")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let page = format!("/accounts/{}", binh.id());
    desk.post_from(&page, &format!("{page}/unlock"), &[("reason", "đã gọi lại")])
        .await
        .leads_to(&format!("{page}?note=unlocked"));
}

#[tokio::test]
async fn an_auditor_sees_every_page_and_no_button() {
    let house = house().await;
    grant(&house, "donvi", Role::Auditor, None).await;
    let mut auditor = signed_in(&house, "donvi").await;
    let page = format!("/accounts/{}", house.account("an").await.id());
    auditor
        .get(&page)
        .await
        .shows("an@danang.example")
        .hides("-form\" ")
        .hides("id=\"reset-form\"")
        .hides("id=\"lock-form\"");
    auditor.get("/policy").await.shows("id=\"reach\"").hides("id=\"preview\"");
    auditor.get("/calendar").await.hides("action=\"/calendar/preview\"");
    auditor.get("/sync").await.hides("action=\"/sync/runs\"");
    auditor.get("/").await.shows("href=\"/sync/reconcile\"");
}

#[tokio::test]
async fn an_administrators_account_is_not_for_a_help_desk_or_an_agency() {
    let house = house().await;
    grant(&house, "donvi", Role::Agency, Some("so-khcn")).await;
    grant(&house, "em", Role::HelpDesk, None).await;
    let page = format!("/accounts/{}", house.account("quantri").await.id());
    for who in ["donvi", "em"] {
        let mut admin = signed_in(&house, who).await;
        admin.get(&page).await.hides("id=\"lock-form\"").hides("id=\"reset-form\"");
    }
    let mut agency = signed_in(&house, "donvi").await;
    let version = house.account("quantri").await.version().to_string();
    let fields = [("reason", "thử"), ("version", version.as_str())];
    let refused = agency.post_from("/role", &format!("{page}/lock"), &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    refused.shows("Chỉ quản trị viên thành phố hoặc cán bộ an ninh mạng");
}

#[tokio::test]
async fn whoever_holds_two_roles_acts_in_one_at_a_time() {
    let house = house().await;
    grant(&house, "donvi", Role::Auditor, None).await;
    grant(&house, "donvi", Role::Agency, Some("so-khcn")).await;
    let mut admin = signed_in(&house, "donvi").await;
    admin.get("/accounts").await.hides("binh@danang.example");
    let page = admin.get("/role").await;
    page.shows("Quản trị viên cơ quan").shows("Cán bộ kiểm tra");
    let auditor = page.body.split("name=\"grant\" value=\"").nth(1).expect("another role");
    let auditor = auditor.split('"').next().expect("a value").to_owned();
    admin.post_from("/role", "/role", &[("grant", &auditor)]).await.leads_to("/");
    admin.get("/accounts").await.shows("binh@danang.example");
    let an = format!("/accounts/{}", house.account("an").await.id());
    let refused = admin.post_from("/role", &format!("{an}/lock"), &[("reason", "thử")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "the rights of one role do not reach into the other");
}

#[tokio::test]
async fn a_role_ends_with_its_last_day() {
    let house = house().await;
    let until = Some(date!(2026 - 03 - 03));
    let wish =
        Wish {
            address: address("donvi"), role: Role::HelpDesk, agency: None, until, why: "QĐ 1".to_owned()
        };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    house.set_time(time::macros::datetime!(2026-03-03 23:58 +7));
    let mut desk = signed_in(&house, "donvi").await;
    desk.get("/accounts").await.shows("an@danang.example");
    house.pass(Duration::minutes(3));
    assert!(desk.get("/accounts").await.status.is_redirection(), "at midnight, before any job");
    jobs::run_once(&house.app, &EndRoles).await;
    assert_eq!(roles::every(&house.app).await.expect("reads").len(), 1);
    assert!(!house.account("donvi").await.traces().administers);
}

#[tokio::test]
async fn a_role_ends_with_its_holders_lock_by_an_administrator_and_rests_while_a_deadline_locks() {
    let house = house().await;
    grant(&house, "donvi", Role::HelpDesk, None).await;
    grant(&house, "em", Role::HelpDesk, None).await;
    for (who, why) in [("donvi", LockReason::ByAdministrator), ("em", LockReason::PasswordTooOld)] {
        let account = house.account(who).await;
        lock::enforce(&house.app, &account, why, Actor::Job("test")).await.expect("locked");
    }
    jobs::run_once(&house.app, &EndRoles).await;
    let left: Vec<_> =
        roles::every(&house.app).await.expect("reads").into_iter().map(|l| l.address).collect();
    assert_eq!(left, ["em@danang.example", "quantri@danang.example"]);
}

#[tokio::test]
async fn the_holder_of_a_role_is_told_a_week_before_its_end_and_once() {
    let house = house().await;
    let until = Some(date!(2026 - 03 - 20));
    let wish =
        Wish { address: address("donvi"), role: Role::Auditor, agency: None, until, why: "QĐ 1".to_owned() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    let told = async || {
        jobs::run_once(&house.app, &EndRoles).await;
        let id = house.account("donvi").await.id();
        let all = letters::of_account(&house.app.db, id, None, 50).await.expect("reads");
        all.into_iter().filter(|kept| kept.letter.kind() == LetterKind::RoleEnding).collect::<Vec<_>>()
    };
    assert_eq!(told().await.len(), 0, "too early");
    house.set_time(time::macros::datetime!(2026-03-14 09:00 +7));
    let letters = told().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].letter.body().contains("20/03/2026"), "{}", letters[0].letter.body());
    house.pass(Duration::hours(25));
    assert_eq!(told().await.len(), 1, "once");
}

#[tokio::test]
async fn the_second_of_two_administrators_sees_what_the_first_did_and_changes_nothing() {
    let house = house().await;
    grant(&house, "donvi", Role::City, None).await;
    let (mut one, mut other) = (signed_in(&house, "quantri").await, signed_in(&house, "donvi").await);
    let page = format!("/accounts/{}", house.account("an").await.id());
    let looked_at = other.get(&page).await;
    let hidden = |name| looked_at.hidden(name).expect("a form");
    one.post_from(&page, &format!("{page}/lock"), &[("reason", "Nghi lộ mật khẩu")]).await;
    house.pass(Duration::minutes(1));
    one.post_from(&page, &format!("{page}/unlock"), &[("reason", "Đã xác minh")]).await;
    let before = house.account("an").await;
    let (csrf, version) = (hidden("csrf"), hidden("version"));
    let fields = [("csrf", csrf.as_str()), ("version", version.as_str()), ("reason", "Muộn rồi")];
    let late = other.post(&format!("{page}/lock"), &fields).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("Tài khoản vừa được người khác thay đổi").shows("quantri@danang.example mở khóa tài khoản");
    assert_eq!(house.account("an").await.state(), before.state(), "nothing is overwritten");
}

#[tokio::test]
async fn a_role_is_held_over_what_it_is_made_for() {
    let house = house().await;
    let wish = |role, agency| Wish { address: address("an"), role, agency, until: None, why: String::new() };
    let own = agency(&house, "so-khcn").await;
    for wrong in [wish(Role::Agency, None), wish(Role::City, Some(own)), wish(Role::Security, Some(own))] {
        let refused = roles::grant(&house.app, By::CommandLine, &wrong).await;
        assert!(matches!(refused, Err(GrantRefused::WrongReach(_))), "{refused:?}");
    }
    let past = Wish { until: Some(date!(2026 - 03 - 01)), ..wish(Role::Auditor, None) };
    let refused = roles::grant(&house.app, By::CommandLine, &past).await;
    assert!(matches!(refused, Err(GrantRefused::NoDay)), "{refused:?}");
}

async fn holders(house: &House) -> Vec<String> {
    roles::every(&house.app).await.expect("reads").into_iter().map(|listed| listed.address).collect()
}

#[tokio::test]
async fn a_lock_by_an_administrator_ends_the_roles_at_once_and_its_lifting_gives_none_back() {
    let house = house().await;
    grant(&house, "donvi", Role::City, None).await;
    grant(&house, "binh", Role::Security, None).await;
    grant(&house, "em", Role::HelpDesk, None).await;
    let officer = admins::holder(&house.app, &address("binh")).await.expect("a role");
    let donvi = house.account("donvi").await.id();
    lock::lock(&house.app, &officer, donvi, "Nghi bị chiếm quyền").await.expect("locked");
    // Before any job comes by.
    let mut desk = signed_in(&house, "em").await;
    let page = format!("/accounts/{donvi}");
    desk.post_from(&page, &format!("{page}/unlock"), &[("reason", "đã gọi lại")])
        .await
        .leads_to(&format!("{page}?note=unlocked"));
    assert!(!holders(&house).await.contains(&"donvi@danang.example".to_owned()));
    jobs::run_once(&house.app, &EndRoles).await;
    let history = audit::of_account(&house.app.db, donvi, 50).await.expect("reads");
    let ended: Vec<_> = history.iter().filter(|line| line.act == Act::RoleEnded).collect();
    assert_eq!(ended.len(), 1, "{history:?}");
    assert_eq!(ended[0].actor, "binh@danang.example");
    assert_eq!(ended[0].after.as_deref(), Some("city city"));
    assert_eq!(ended[0].why.as_deref(), Some("Nghi bị chiếm quyền"));
    audit::verify(&house.app.db).await.expect("reads").expect("the chain is whole");
}

#[tokio::test]
async fn a_lock_of_the_directory_ends_the_roles_at_once_in_the_synchronisation_and_at_the_sign_in() {
    let house = house().await;
    grant(&house, "donvi", Role::City, None).await;
    grant(&house, "em", Role::HelpDesk, None).await;
    house.ad.edit("donvi", |seen| seen.enabled = false);
    house.sync().await;
    // Before the synchronisation comes by.
    house.ad.edit("em", |seen| seen.enabled = false);
    house.browser().sign_in("em", PASSWORD).await.shows("id=\"locked\"");
    assert_eq!(holders(&house).await, ["quantri@danang.example"], "before any job");
    for (who, by, role) in [("donvi", "sync", Role::City), ("em", "sign-in", Role::HelpDesk)] {
        let id = house.account(who).await.id();
        let history = audit::of_account(&house.app.db, id, 50).await.expect("reads");
        let ended: Vec<_> = history.iter().filter(|line| line.act == Act::RoleEnded).collect();
        assert_eq!(ended.len(), 1, "{history:?}");
        let was = format!("{} city", role.code());
        assert_eq!((ended[0].actor.as_str(), ended[0].after.as_deref()), (by, Some(was.as_str())));
        let locked = history.iter().find(|line| line.act == Act::Locked).expect("a line");
        assert!(locked.seq < ended[0].seq, "the lock, and what ended with it");
    }
    jobs::run_once(&house.app, &EndRoles).await;
    audit::verify(&house.app.db).await.expect("reads").expect("the chain is whole");
    house.ad.edit("donvi", |seen| seen.enabled = true);
    house.sync().await;
    assert_eq!(holders(&house).await, ["quantri@danang.example"], "nobody gets a role back");
}

#[tokio::test]
async fn a_lock_behind_which_a_role_rests_is_lifted_by_the_city_only() {
    let house = house().await;
    grant(&house, "donvi", Role::Auditor, None).await;
    grant(&house, "em", Role::HelpDesk, None).await;
    let donvi = house.account("donvi").await;
    lock::enforce(&house.app, &donvi, LockReason::PasswordTooOld, Actor::Job("test")).await.expect("locked");
    let page = format!("/accounts/{}", donvi.id());
    let mut desk = signed_in(&house, "em").await;
    desk.get(&page).await.hides("id=\"unlock-form\"");
    let version = house.account("donvi").await.version();
    let shown = version.to_string();
    let fields = [("reason", "thử"), ("version", shown.as_str())];
    let refused = desk.post_from(&page, &format!("{page}/unlock"), &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    refused.shows("chỉ quản trị viên thành phố mới được mở khóa");
    desk.get("/unlock?lock=password_too_old").await.hides("donvi@danang.example");
    let helper = admins::holder(&house.app, &address("em")).await.expect("a role");
    let seen = [Seen { id: donvi.id(), version }];
    let why = LockReason::PasswordTooOld;
    let report = bulk_unlock::unlock(&house.app, &helper, why, &seen, "1", "thử").await.expect("done");
    assert_eq!((report.unlocked, report.left[0].1), (0, Outcome::OutOfReach));
    let again = lock::unlock(&house.app, &helper, donvi.id(), "thử").await;
    assert!(matches!(again, Err(LockRefused::OfAnAdministrator)), "{again:?}");
    let mut city = signed_in(&house, "quantri").await;
    city.get("/unlock?lock=password_too_old").await.shows("donvi@danang.example");
    city.post_from(&page, &format!("{page}/unlock"), &[("reason", "đã xác minh")])
        .await
        .leads_to(&format!("{page}?note=unlocked"));
    assert!(holders(&house).await.contains(&"donvi@danang.example".to_owned()), "it only rested");
}

#[tokio::test]
async fn a_role_that_takes_the_place_of_another_is_recorded_with_it() {
    let house = house().await;
    grant(&house, "donvi", Role::HelpDesk, None).await;
    grant(&house, "donvi", Role::Auditor, None).await;
    let history = audit::of_account(&house.app.db, house.account("donvi").await.id(), 50).await;
    let history = history.expect("reads");
    let granted: Vec<_> = history.iter().filter(|line| line.act == Act::RoleGranted).collect();
    let told = |at: usize| (granted[at].before.as_deref(), granted[at].after.as_deref());
    assert_eq!(told(1), (None, Some("help-desk city")));
    assert_eq!(told(0), (Some("help-desk city"), Some("auditor city")));
}
