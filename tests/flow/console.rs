//! The administration: its door, its reach, locks.

use crate::house::{Browser, House, PASSWORD};
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::admins;
use danang_sso::services::roles::{self, By, Wish};
use time::Duration;

/// A city administrator, an administrator of so-khcn, and people of two agencies.
async fn house() -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    house.add("quantrikhcn", &[Ad]);
    house.add("an", &[Ad, Obm]);
    house.add_with("binh", &[Ad], |seen| {
        "Đỗ Đình Bình".clone_into(&mut seen.display_name);
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrikhcn"), Some("so-khcn")).await.expect("granted");
    house
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn page_of(house: &House, local: &str) -> String {
    format!("/accounts/{}", house.account(local).await.id())
}

#[tokio::test]
async fn only_an_administrator_comes_in() {
    let house = house().await;
    let answer = house.admin_browser().sign_in("an", PASSWORD).await;
    assert_eq!(answer.status, 403);
    answer.shows("không có quyền quản trị");
    house.admin_browser().get("/accounts").await.leads_to("/sign-in");
    signed_in(&house, "quantri").await.get("/").await.shows("Nguyễn Thị Hồng QUANTRI");
}

#[tokio::test]
async fn the_search_needs_no_diacritics() {
    let house = house().await;
    let mut browser = signed_in(&house, "quantri").await;
    browser.get("/accounts?q=do+dinh").await.shows("Đỗ Đình Bình").hides("an@danang.example");
    browser.get("/accounts?q=khongcoai").await.hides("Đỗ Đình Bình");
    browser.get("/accounts?state=locked").await.hides("Đỗ Đình Bình");
    browser.get("/accounts?state=nonsense&after=%00&before=x&agency=zzz").await;
}

#[tokio::test]
async fn an_agency_administrator_sees_only_the_own_agency() {
    let house = house().await;
    let mut browser = signed_in(&house, "quantrikhcn").await;
    browser.get("/accounts").await.shows("an@danang.example").hides("binh@danang.example");
    browser.get("/accounts?q=binh").await.hides("binh@danang.example");
    let page = page_of(&house, "binh").await;
    assert_eq!(browser.get(&page).await.status, 404);
    let fields = [("reason", "thử"), ("version", "0")];
    for act in ["lock", "unlock"] {
        let answer = browser.post_from("/accounts", &format!("{page}/{act}"), &fields).await;
        let answer = if answer.status == 403 {
            // The list has no form: take the token from the own account's page.
            let own = page_of(&house, "an").await;
            browser.post_from(&own, &format!("{page}/{act}"), &fields).await
        } else {
            answer
        };
        assert_eq!(answer.status, 404, "{act}");
    }
    assert_eq!(house.account("binh").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn a_lock_needs_a_reason_ends_the_sessions_and_is_shown_with_its_reason() {
    let house = house().await;
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await;
    let mut admin = signed_in(&house, "quantri").await;
    let page = page_of(&house, "an").await;
    admin.post_from(&page, &format!("{page}/lock"), &[("reason", "  ")]).await;
    assert_eq!(house.account("an").await.state().name(), StateName::Active, "no reason, no lock");
    let why = "Nghi lộ mật khẩu, theo báo cáo số 12";
    admin.post_from(&page, &format!("{page}/lock"), &[("reason", why)]).await;
    let state = *house.account("an").await.state();
    assert!(matches!(state, State::Locked { reason: LockReason::ByAdministrator, .. }));
    person.get("/").await.leads_to("/sign-in");
    house
        .browser()
        .sign_in("an", PASSWORD)
        .await
        .shows("theo quyết định của quản trị viên")
        .hides("báo cáo số 12");
    admin.get(&page).await.shows(why).shows("quantri@danang.example");
}

#[tokio::test]
async fn an_unlock_leads_to_a_forced_change_with_a_fresh_deadline() {
    let house = house().await;
    let mut admin = signed_in(&house, "quantri").await;
    let page = page_of(&house, "an").await;
    admin.post_from(&page, &format!("{page}/lock"), &[("reason", "thử")]).await;
    house.pass(Duration::minutes(1));
    admin.post_from(&page, &format!("{page}/unlock"), &[("reason", "đã xác minh")]).await;
    let expected = time::macros::datetime!(2026-03-06 00:00 +7);
    let state = *house.account("an").await.state();
    assert!(
        matches!(state, State::MustChangePassword { deadline, .. } if deadline.local() == expected),
        "{state:?}"
    );
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await;
    person.get("/").await.leads_to("/password");
}

#[tokio::test]
async fn an_administrator_cannot_lock_their_own_account() {
    let house = house().await;
    let mut admin = signed_in(&house, "quantri").await;
    let page = page_of(&house, "quantri").await;
    let other = page_of(&house, "an").await;
    admin.post_from(&other, &format!("{page}/lock"), &[("reason", "thử")]).await;
    assert_eq!(house.account("quantri").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn an_administration_session_is_short() {
    let house = house().await;
    let mut admin = signed_in(&house, "quantri").await;
    house.pass(Duration::minutes(6));
    let answer = admin.get("/").await;
    assert!(
        answer.status.is_redirection()
            && answer.location.as_deref().unwrap_or_default().starts_with("/sign-in")
    );
}

#[tokio::test]
async fn a_role_that_is_taken_back_ends_at_once() {
    let house = house().await;
    let mut admin = signed_in(&house, "quantri").await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::revoke(&house.app, &address).await.expect("revoked");
    let answer = admin.get("/accounts").await;
    assert!(answer.status.is_redirection(), "{}", answer.status);
}

#[tokio::test]
async fn sync_now_is_for_the_whole_city() {
    let house = house().await;
    let mut city = signed_in(&house, "quantri").await;
    city.get("/sync").await.shows("Active Directory");
    let answer = city.post_from("/sync", "/sync/runs", &[]).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    let mut agency = signed_in(&house, "quantrikhcn").await;
    let own = page_of(&house, "an").await;
    let answer = agency.post_from(&own, "/sync/runs", &[]).await;
    assert!(!answer.status.is_success() || !answer.body.contains("running"), "{}", answer.status);
}

#[tokio::test]
async fn the_numbers_of_the_dashboard_lead_to_what_one_may_see_and_strangers_are_told_to_the_city() {
    let house = house().await;
    house.add("hotro", &[Ad]);
    house.sync().await;
    let wish = Wish {
        address: MailAddress::parse("hotro@danang.example").expect("an address"),
        role: Role::HelpDesk,
        agency: None,
        until: None,
        why: String::new(),
    };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    let strangers = "lần đăng nhập hỏng bằng địa chỉ không có";
    let mut city = signed_in(&house, "quantri").await;
    city.get("/").await.hides(strangers);
    for who in ["khongco1", "khongco2"] {
        house.browser().sign_in(who, "Sai-mat-khau-1").await;
    }
    house.browser().sign_in("an", "Sai-mat-khau-1").await;
    let refused = "/audit?act=sign_in_refused&#38;from=2026-03-02&#38;to=2026-03-02";
    let of_hour = "/audit?act=sign_in_refused&#38;hour=2026-03-02T09%3A00";
    let page = city.get("/").await;
    page.shows(&format!("<a href=\"{of_hour}\">1</a>"));
    page.shows(&format!("1 lần nhập sai mật khẩu. Ngoài ra, 2 {strangers}"));
    page.shows(&format!("<a href=\"{refused}\">1</a>"));
    page.shows("<a href=\"/sync\"><span class=\"count-word\">");
    page.shows("<a href=\"/applications\"><span class=\"count-word\">");
    for list in [refused, of_hour] {
        city.get(&list.replace("&#38;", "&")).await.shows("an@danang.example");
    }
    signed_in(&house, "quantrikhcn").await.get("/").await.shows(refused).hides(strangers);
    let desk = signed_in(&house, "hotro").await.get("/").await;
    desk.shows(strangers)
        .hides("/audit?act=")
        .hides("href=\"/sync\"><span")
        .hides("href=\"/applications\"><span");
}
