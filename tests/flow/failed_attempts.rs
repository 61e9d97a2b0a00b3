//! Failed attempts: what counts, what the directory is asked, the pause and how it is lifted.

use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::secret;
use danang_sso::jobs::{self, ReadThresholds};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{admins, upkeep};
use danang_sso::storage::audit;
use futures_util::future::join_all;
use time::Duration;

async fn house() -> House {
    let house = House::build().await;
    for local in ["an", "quantri", "quantrinv"] {
        house.add_with(local, &[Ad], |seen| {
            if local == "quantrinv" {
                let agency = seen.agency.as_mut().expect("given");
                (agency.code, agency.name) = (Some("so-nv".to_owned()), "Sở Nội vụ".to_owned());
            }
        });
    }
    house.add("binh", &[Obm]);
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
    house
}

/// Types so many different wrong passwords; gives the statuses.
async fn type_wrong(house: &House, who: &str, times: usize) -> Vec<StatusCode> {
    let mut all = Vec::new();
    for n in 0..times {
        all.push(house.browser().sign_in(who, &format!("Sai-mat-khau-{n}")).await.status);
    }
    all
}

async fn is_paused(house: &House, who: &str) -> bool {
    house.browser().sign_in(who, PASSWORD).await.status == StatusCode::TOO_MANY_REQUESTS
}

async fn acts(house: &House, who: &str) -> Vec<Act> {
    let lines = audit::of_account(&house.app.db, house.account(who).await.id(), 100).await.expect("reads");
    lines.into_iter().map(|line| line.act).collect()
}

const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const WAIT: StatusCode = StatusCode::TOO_MANY_REQUESTS;

#[tokio::test]
async fn five_different_wrong_passwords_pause_the_password_sign_in_for_twelve_hours() {
    let house = house().await;
    let mut open = house.browser();
    open.sign_in("an", PASSWORD).await.leads_to("/");
    assert_eq!(type_wrong(&house, "an", 5).await, [WRONG, WRONG, WRONG, WRONG, WAIT]);
    let asked = house.ad.times_asked();
    let answer = house.browser().sign_in("an", PASSWORD).await;
    assert_eq!(answer.status, WAIT);
    answer.shows("21:00");
    assert_eq!(answer.headers["retry-after"], "43200");
    assert_eq!(house.ad.times_asked(), asked, "a paused account is not asked about");
    assert_eq!(open.get("/").await.status, StatusCode::OK, "an open session goes on");
    house.browser().sign_in("binh", PASSWORD).await.leads_to("/");
    house.pass(Duration::hours(12) - Duration::seconds(1));
    assert!(is_paused(&house, "an").await);
    house.pass(Duration::seconds(1));
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    assert_eq!(acts(&house, "an").await.iter().filter(|act| **act == Act::SignInPaused).count(), 1);
}

#[tokio::test]
async fn the_same_wrong_password_counts_once_and_the_directory_is_asked_once() {
    let house = house().await;
    // Whoever is not there is refused by one of the two.
    let times_asked = || house.ad.times_asked() + house.obm.times_asked();
    for who in ["an", "khongco"] {
        let before = times_asked();
        for _ in 0..20 {
            assert_eq!(house.browser().sign_in(who, "Mat-khau-cu-1").await.status, WRONG, "{who}");
        }
        assert_eq!(times_asked() - before, 1, "{who}");
    }
    assert_eq!(acts(&house, "an").await.iter().filter(|act| **act == Act::SignInRefused).count(), 1);
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    let before = house.ad.times_asked();
    assert_eq!(house.browser().sign_in("an", "Mat-khau-cu-1").await.status, WRONG);
    assert_eq!(house.ad.times_asked(), before, "a success of somebody does not make it any less wrong");
    house.pass(Duration::hours(12) + Duration::seconds(1));
    house.browser().sign_in("an", "Mat-khau-cu-1").await;
    assert_eq!(house.ad.times_asked(), before + 1, "after the window it is asked again");
}

#[tokio::test]
async fn what_was_wrong_is_forgotten_when_the_password_is_changed_here() {
    let house = house().await;
    house.browser().sign_in("an", NEW_PASSWORD).await;
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await.leads_to("/");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &fields).await;
    house.browser().sign_in("an", NEW_PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn what_was_wrong_is_forgotten_when_the_synchronisation_sees_a_change() {
    let house = house().await;
    type_wrong(&house, "an", 5).await;
    house.browser().sign_in("binh", "Sau-nay-dung-1").await;
    house.pass(Duration::minutes(10));
    for (directory, local) in [(&house.ad, "an"), (&house.obm, "binh")] {
        let mut seen = crate::house::seen(local, directory_system(local), house.app.now());
        seen.must_change = false;
        directory.add(seen, secret::password("Sau-nay-dung-1").expect("short"));
    }
    assert_eq!(house.browser().sign_in("binh", "Sau-nay-dung-1").await.status, WRONG, "not seen yet");
    house.sync().await;
    for who in ["an", "binh"] {
        house.browser().sign_in(who, "Sau-nay-dung-1").await.leads_to("/");
    }
}

fn directory_system(local: &str) -> danang_sso::domain::mailbox::MailSystem {
    if local == "an" { Ad } else { Obm }
}

#[tokio::test]
async fn a_new_colleague_who_tried_too_early_gets_in_after_the_synchronisation() {
    let house = house().await;
    assert_eq!(house.browser().sign_in("moi", PASSWORD).await.status, WRONG);
    house.add("moi", &[Ad]);
    house.sync().await;
    house.browser().sign_in("moi", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn a_right_password_that_the_directory_did_not_look_at_is_asked_again() {
    let house = house().await;
    house.obm.edit("binh", |seen| seen.enabled = false);
    for _ in 0..20 {
        assert_eq!(house.browser().sign_in("binh", PASSWORD).await.status, WRONG, "it counts once");
    }
    assert_eq!(house.obm.times_asked(), 20);
    house.obm.edit("binh", |seen| seen.enabled = true);
    house.browser().sign_in("binh", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn the_limit_stays_below_the_threshold_of_the_directories() {
    let house = house().await;
    house.obm.set_lockout_threshold(Some(4));
    house.ad.set_lockout_threshold(Some(10));
    jobs::run_once(&house.app, &ReadThresholds).await;
    for who in ["an", "khongco"] {
        assert_eq!(type_wrong(&house, who, 4).await, [WRONG, WRONG, WAIT, WAIT], "{who}");
    }
    assert_eq!(type_wrong(&house, "binh", 10).await[2..], [WAIT; 8]);
    assert_eq!(house.obm.times_asked(), 3, "one below the threshold");
    house.obm.set_unreachable(true);
    jobs::run_once(&house.app, &ReadThresholds).await;
    assert_eq!(house.app.account_limit().failures, 3, "what cannot be read stays as it was");
    house.obm.set_unreachable(false);
    house.obm.set_lockout_threshold(Some(0));
    house.sync().await;
    assert_eq!(house.app.account_limit().failures, 5, "every synchronisation reads it");
}

#[tokio::test]
async fn an_unknown_account_is_paused_to_the_letter_like_a_known_one() {
    let house = house().await;
    let mut answers = Vec::new();
    for who in ["an", "khongco"] {
        let statuses = type_wrong(&house, who, 6).await;
        assert_eq!(statuses, [WRONG, WRONG, WRONG, WRONG, WAIT, WAIT], "{who}");
        let answer = house.browser().sign_in(who, "Sai-mat-khau-0").await;
        answers.push(answer.without_tokens().replace(&format!("{who}\""), ""));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn attempts_from_many_places_count_at_the_account_and_are_told_to_the_administrator() {
    let house = house().await;
    for n in 0..5 {
        let mut browser = house.browser();
        browser.source = format!("198.51.100.{}", n % 3);
        browser.sign_in("an", &format!("Sai-mat-khau-{n}")).await;
    }
    let mut admin = administrator(&house, "quantri").await;
    let page = page_of(&house, "an").await;
    let answer = admin.get(&page).await;
    answer.shows("tạm khóa đến 21:00").shows("sau 5 lần nhập sai");
    answer.shows("198.51.100.0, 198.51.100.1, 198.51.100.2");
    admin.get(&page_of(&house, "binh").await).await.hides("Tạm khóa đăng nhập bằng mật khẩu");
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn page_of(house: &House, local: &str) -> String {
    format!("/accounts/{}", house.account(local).await.id())
}

async fn lift(admin: &mut Browser, form: &str, page: &str, why: &str) -> Answer {
    admin.post_from(form, &format!("{page}/lift-pause"), &[("reason", why)]).await
}

#[tokio::test]
async fn an_administrator_lifts_a_pause_with_a_reason_and_it_is_recorded() {
    let house = house().await;
    type_wrong(&house, "an", 5).await;
    let mut admin = administrator(&house, "quantri").await;
    let page = page_of(&house, "an").await;
    let answer = lift(&mut admin, &page, &page, "  ").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.shows("Hãy ghi lý do");
    assert!(is_paused(&house, "an").await, "no reason, no lifting");
    let done = format!("{page}?note=pause-lifted");
    lift(&mut admin, &page, &page, "Đã gọi lại số máy của cơ quan").await.leads_to(&done);
    admin.get(&done).await.shows("Đã bỏ tạm khóa").shows("Đã gọi lại số máy của cơ quan");
    assert_eq!(lift(&mut admin, &page, &page, "thêm lần nữa").await.status, StatusCode::CONFLICT);
    assert_eq!(house.browser().sign_in("an", "Sai-mat-khau-1").await.status, WRONG, "still as wrong");
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    let acts = acts(&house, "an").await;
    assert!(acts.contains(&Act::SignInPaused) && acts.contains(&Act::PauseLifted), "{acts:?}");
    assert!(audit::verify(&house.app.db).await.expect("reads").is_ok());
}

#[tokio::test]
async fn a_pause_of_an_account_that_somebody_has_changed_meanwhile_stays() {
    let house = house().await;
    type_wrong(&house, "an", 5).await;
    let mut admin = administrator(&house, "quantri").await;
    let page = page_of(&house, "an").await;
    let seen = admin.get(&page).await.hidden("version").expect("a form");
    admin.post_from(&page, &format!("{page}/lock"), &[("reason", "Nghi lộ mật khẩu")]).await;
    let fields = [("version", seen.as_str()), ("reason", "Đã gọi lại")];
    let late = admin.post_from(&page, &format!("{page}/lift-pause"), &fields).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("vừa được người khác thay đổi").shows("Nghi lộ mật khẩu").shows("Đã gọi lại");
    assert!(is_paused(&house, "an").await);
    assert!(!acts(&house, "an").await.contains(&Act::PauseLifted));
}

#[tokio::test]
async fn nobody_lifts_a_pause_beyond_the_own_reach_or_without_the_token() {
    let house = house().await;
    type_wrong(&house, "an", 5).await;
    let mut admin = administrator(&house, "quantrinv").await;
    let (page, own) = (page_of(&house, "an").await, page_of(&house, "quantrinv").await);
    assert_eq!(lift(&mut admin, &own, &page, "thử").await.status, StatusCode::NOT_FOUND);
    let mut city = administrator(&house, "quantri").await;
    let without = city.post(&format!("{page}/lift-pause"), &[("reason", "thử")]).await;
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    assert!(is_paused(&house, "an").await);
}

#[tokio::test]
async fn a_help_desk_does_not_lift_the_pause_of_an_administrator() {
    let house = house().await;
    let desk = Wish {
        address: MailAddress::parse("an@danang.example").expect("an address"),
        role: Role::HelpDesk,
        agency: house.account("an").await.profile().agency_id,
        until: None,
        why: String::new(),
    };
    roles::grant(&house.app, By::CommandLine, &desk).await.expect("granted");
    house.add("chi", &[Ad]);
    house.sync().await;
    let mut desk = administrator(&house, "an").await;
    for (who, is_lifted) in [("quantri", false), ("chi", true)] {
        type_wrong(&house, who, 5).await;
        let page = page_of(&house, who).await;
        let shown = desk.get(&page).await;
        assert_eq!(shown.body.contains("id=\"lift-pause\""), is_lifted, "{who}");
        // The form is another one's: that of the page has none for an administrator.
        let csrf = desk.get("/").await.hidden("csrf").expect("a form");
        let version = house.account(who).await.version().to_string();
        let fields = [("csrf", csrf.as_str()), ("version", version.as_str()), ("reason", "Đã gọi lại")];
        let answer = desk.post(&format!("{page}/lift-pause"), &fields).await;
        if is_lifted {
            answer.leads_to(&format!("{page}?note=pause-lifted"));
        } else {
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
            answer.shows("chỉ quản trị viên thành phố mới được bỏ tạm khóa");
        }
        assert_eq!(is_paused(&house, who).await, !is_lifted, "{who}");
    }
}

#[tokio::test]
async fn one_address_waits_shortly_after_many_failures_over_all_accounts() {
    let more = "[policy]\nfailed_attempts_per_address = 3\n";
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), more).await;
    house.add("an", &[Ad]);
    house.sync().await;
    for who in ["mot", "hai", "ba"] {
        house.browser().sign_in(who, "Sai-mat-khau-1").await;
    }
    assert!(is_paused(&house, "an").await);
    let mut elsewhere = house.browser();
    elsewhere.source = "192.0.2.99".to_owned();
    elsewhere.sign_in("an", PASSWORD).await.leads_to("/");
    house.pass(Duration::minutes(15));
    assert!(!is_paused(&house, "an").await, "a whole office may share the address");
}

#[tokio::test]
async fn many_attempts_at_once_ask_the_directory_no_more_than_the_limit_allows() {
    let house = house().await;
    let attempts = (0..10).map(|n| {
        let mut browser = house.browser();
        async move { browser.sign_in("an", &format!("Sai-mat-khau-{n}")).await.status }
    });
    let statuses = join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == WRONG).count(), 4);
    assert_eq!(house.ad.times_asked(), 5, "on one node they take turns");
    let acts = acts(&house, "an").await;
    assert_eq!(acts.iter().filter(|act| **act == Act::SignInRefused).count(), 5);
    assert_eq!(acts.iter().filter(|act| **act == Act::SignInPaused).count(), 1);
}

#[tokio::test]
async fn a_wrong_present_password_counts_once_at_its_change_too() {
    let house = house().await;
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await.leads_to("/");
    let asked = house.ad.times_asked();
    for _ in 0..7 {
        let fields = [("current", "Sai-mat-khau-1"), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
        assert_eq!(person.post_from("/password", "/password", &fields).await.status, WRONG);
    }
    assert_eq!(house.ad.times_asked() - asked, 1);
    assert_eq!(acts(&house, "an").await.iter().filter(|act| **act == Act::SignInRefused).count(), 1);
}

#[tokio::test]
async fn the_upkeep_keeps_a_count_as_long_as_it_matters() {
    let more = "[policy]\nwait_minutes = 4320\n";
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), more).await;
    house.add("an", &[Ad]);
    house.sync().await;
    type_wrong(&house, "an", 5).await;
    house.pass(Duration::hours(71));
    upkeep::forget(&house.app).await.expect("forgotten");
    assert!(is_paused(&house, "an").await);
    house.pass(Duration::hours(2));
    upkeep::forget(&house.app).await.expect("forgotten");
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
}
