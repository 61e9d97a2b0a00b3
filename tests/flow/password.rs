//! The first sign-in and every other change of a password: all directories or a plain word about what is missing.

use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use danang_sso::directory::Directory;
use danang_sso::domain::account::StateName;
use danang_sso::domain::mailbox::MailSystem::{self, Ad, Obm};
use danang_sso::domain::mailbox::MailboxKey;
use danang_sso::domain::secret;
use danang_sso::storage::mailboxes;

/// A house with a person whose default password was issued today in both systems.
async fn first_day() -> House {
    let house = House::build().await;
    house.add_with_default("an", &[Ad, Obm], house.app.now());
    house.sync().await;
    house
}

async fn change(browser: &mut Browser, current: &str, new: &str) -> crate::house::Answer {
    let fields = [("current", current), ("new", new), ("repeat", new)];
    browser.post_from("/password", "/password", &fields).await
}

async fn accepts(house: &House, system: MailSystem, password: &str) -> bool {
    let key = MailboxKey { system, native_id: format!("{}-an", system.code()), login: "an".to_owned() };
    house.directory(system).verify(&key, &secret::password(password).expect("short")).await.is_ok()
}

#[tokio::test]
async fn the_first_sign_in_leads_to_the_change_and_nowhere_else() {
    let house = first_day().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    for path in ["/", "/sessions", "/applications"] {
        browser.get(path).await.leads_to("/password");
    }
    let page = browser.get("/password").await;
    page.shows("Đây là lần đăng nhập đầu tiên").shows("thứ Năm, 05/03/2026").shows("ít nhất 14 ký tự");
}

#[tokio::test]
async fn a_password_manager_finds_the_page_of_the_change() {
    let house = first_day().await;
    let mut browser = house.browser();
    browser.get("/.well-known/change-password").await.leads_to("/password");
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser.get("/.well-known/change-password").await.leads_to("/password");
    assert_eq!(browser.get("/password").await.status, 200);
    // A place that every address answers would tell nothing.
    let nowhere = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    assert_eq!(browser.get(nowhere).await.status, 404);
    assert_eq!(house.admin_browser().get("/.well-known/change-password").await.status, 404);
}

#[tokio::test]
async fn the_new_password_is_written_to_every_directory_and_the_old_one_ends() {
    let house = first_day().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let answer = change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    assert!(answer.status.is_redirection() || answer.body.contains("Đã đổi mật khẩu"), "{}", answer.body);
    for system in MailSystem::ALL {
        assert!(accepts(&house, system, NEW_PASSWORD).await, "{system:?} takes the new one");
        assert!(!accepts(&house, system, PASSWORD).await, "{system:?} refuses the old one");
    }
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
    assert_eq!(browser.get("/").await.status, 200, "the session goes on");
    house.browser().sign_in("an", PASSWORD).await.shows("chưa đúng");
    house.browser().sign_in("an", NEW_PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn all_broken_rules_are_told_at_once_and_nothing_changes() {
    let house = first_day().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let answer = change(&mut browser, PASSWORD, "hồng").await;
    answer.shows("Chưa đạt:").shows("ít nhất 14 ký tự").shows("không chứa tên");
    assert!(accepts(&house, Ad, PASSWORD).await && accepts(&house, Obm, PASSWORD).await);
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
}

#[tokio::test]
async fn two_different_entries_change_nothing() {
    let house = first_day().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", "Khac-han-roi-99x")];
    browser.post_from("/password", "/password", &fields).await.shows("Hai lần nhập chưa giống nhau");
    assert!(accepts(&house, Ad, PASSWORD).await);
}

#[tokio::test]
async fn a_wrong_present_password_changes_nothing_and_counts_as_a_failed_attempt() {
    let house = first_day().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    // Five as at the sign-in, and two of the reserve of an open session.
    for n in 0..7 {
        change(&mut browser, &format!("Sai-mat-khau-{n}"), NEW_PASSWORD).await;
    }
    let answer = change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    answer.shows("Tạm khóa đăng nhập do nhập sai nhiều lần");
    assert!(accepts(&house, Ad, PASSWORD).await);
}

#[tokio::test]
async fn a_directory_that_is_down_before_the_change_means_that_nothing_is_written() {
    let house = first_day().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    house.obm.set_unreachable(true);
    let answer = change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    answer.shows("OBM").shows("Chưa có gì thay đổi");
    assert!(accepts(&house, Ad, PASSWORD).await, "AD still has the old one");
}

#[tokio::test]
async fn a_directory_that_refuses_is_shown_and_can_be_finished_later() {
    let house = first_day().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    house.obm.refuse_new_passwords(Some("password is too simple"));
    let answer = change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    let page = if answer.status.is_redirection() { browser.get("/password").await } else { answer };
    page.shows("Mới đổi được ở một hệ thống thư").shows("OBM");
    assert!(accepts(&house, Ad, NEW_PASSWORD).await && accepts(&house, Obm, PASSWORD).await);
    let id = house.account("an").await.id();
    let lagging = mailboxes::of_account(&house.app.db, id).await.expect("reads");
    assert!(lagging.iter().any(|m| m.password_lags && m.key.system == Obm), "the state is kept");
    browser.get("/").await.leads_to("/password");

    let wrong = browser.post_from("/password", "/password/finish", &[("new", "Khong-phai-no-99")]).await;
    wrong.shows("chưa phải là mật khẩu mới");
    house.obm.refuse_new_passwords(None);
    let done = browser.post_from("/password", "/password/finish", &[("new", NEW_PASSWORD)]).await;
    assert!(done.status.is_redirection() || done.body.contains("Đã đổi mật khẩu"), "{}", done.body);
    assert!(accepts(&house, Obm, NEW_PASSWORD).await);
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn an_old_password_that_differs_in_the_second_system_is_reset_there() {
    let house = first_day().await;
    let key = MailboxKey { system: Obm, native_id: "obm-an".to_owned(), login: "an".to_owned() };
    let other = secret::password("Mot-mat-khau-khac-7").expect("short");
    house.obm.reset_password(&key, &other).await.expect("the memory takes it");
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    assert!(accepts(&house, Obm, NEW_PASSWORD).await);
}

#[tokio::test]
async fn a_changed_password_ends_the_sessions_on_other_devices() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    let (mut here, mut elsewhere) = (house.browser(), house.browser());
    here.sign_in("an", PASSWORD).await;
    elsewhere.sign_in("an", PASSWORD).await;
    change(&mut here, PASSWORD, NEW_PASSWORD).await;
    elsewhere.get("/").await.leads_to("/sign-in");
    assert_eq!(here.get("/").await.status, 200);
}

#[tokio::test]
async fn a_directory_that_demands_a_change_is_obeyed_before_the_next_synchronisation() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    house.ad.edit("an", |seen| seen.must_change = true);
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser.get("/").await.leads_to("/password");
}

#[tokio::test]
async fn a_home_directory_that_refuses_leaves_nothing_half_done() {
    let house = first_day().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    house.ad.refuse_new_passwords(Some("0000052D: too simple"));
    change(&mut browser, PASSWORD, NEW_PASSWORD).await.shows("Exchange");
    assert!(accepts(&house, Ad, PASSWORD).await && accepts(&house, Obm, PASSWORD).await);
    house.ad.refuse_new_passwords(None);
    change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    assert!(accepts(&house, Ad, NEW_PASSWORD).await && accepts(&house, Obm, NEW_PASSWORD).await);
}

/// What a crash leaves of a change: the intent, and how far it came.
async fn crash(house: &House, home_was_written: bool) {
    let id = house.account("an").await.id();
    let all = mailboxes::of_account(&house.app.db, id).await.expect("reads");
    house.pass(time::Duration::minutes(1));
    let mut tx = house.app.db.begin().await.expect("begins");
    mailboxes::set_password_lags(&mut tx, all[1].id, true).await.expect("the intent");
    if home_was_written {
        mailboxes::password_taken(&mut tx, all[0].id, house.app.now()).await.expect("recorded");
        let new = secret::password(NEW_PASSWORD).expect("short");
        house.ad.reset_password(&all[0].key, &new).await.expect("written");
    }
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn a_crash_between_the_two_directories_is_a_state_that_can_be_finished() {
    let house = first_day().await;
    crash(&house, true).await;
    let mut later = house.browser();
    later.sign_in("an", NEW_PASSWORD).await.leads_to("/");
    later.get("/password").await.shows("OBM vẫn giữ mật khẩu cũ");
    later.post_from("/password", "/password/finish", &[("new", NEW_PASSWORD)]).await;
    assert!(accepts(&house, Obm, NEW_PASSWORD).await);
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn a_crash_before_the_first_write_never_lets_the_default_password_stay() {
    let house = first_day().await;
    crash(&house, false).await;
    let mut later = house.browser();
    later.sign_in("an", PASSWORD).await.leads_to("/");
    later.get("/password").await.shows("Đây là lần đăng nhập đầu tiên");
    later.post_from("/password", "/password/finish", &[("new", PASSWORD)]).await;
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
    change(&mut later, PASSWORD, NEW_PASSWORD).await;
    assert!(accepts(&house, Ad, NEW_PASSWORD).await && accepts(&house, Obm, NEW_PASSWORD).await);
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn a_password_changed_in_one_mail_system_only_is_told_and_finished() {
    let house = House::build().await;
    house.add("an", &[Ad, Obm]);
    house.sync().await;
    let key = MailboxKey { system: Ad, native_id: "ad-an".to_owned(), login: "an".to_owned() };
    let new = secret::password(NEW_PASSWORD).expect("short");
    house.ad.change_password(&key, &secret::password(PASSWORD).expect("short"), &new).await.expect("in OWA");
    house.pass(time::Duration::hours(1));
    house.sync().await;
    let mut browser = house.browser();
    browser.sign_in("an", NEW_PASSWORD).await.leads_to("/");
    browser.get("/").await.shows("Mật khẩu khác");
    assert!(accepts(&house, Obm, PASSWORD).await);
    // It is not the first day: nothing is offered.
    let done = browser.post_from("/password", "/password/finish", &[("new", NEW_PASSWORD)]).await;
    done.leads_to("/?note=password");
    assert!(accepts(&house, Obm, NEW_PASSWORD).await && !accepts(&house, Obm, PASSWORD).await);
    house.pass(time::Duration::hours(1));
    house.sync().await;
    browser.get("/").await.hides("Mật khẩu khác");
}
