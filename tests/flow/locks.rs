//! A lock is three things: our door, the directories' doors, and what the console says of them.

use crate::house::{Broken, House, NEW_PASSWORD, PASSWORD};
use danang_sso::directory::{Directory, DirectoryError, Refusal};
use danang_sso::domain::account::{Account, LockReason, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::{self, Ad, Obm};
use danang_sso::domain::mailbox::MailboxKey;
use danang_sso::domain::outbox::{DirectoryLock, Stage};
use danang_sso::domain::secret;
use danang_sso::jobs::{self, EnforceDeadlines, WriteLocks};
use danang_sso::services::bulk_unlock::Seen;
use danang_sso::services::lock::LockRefused;
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{admins, directory_locks, lock};
use danang_sso::storage::{audit, directory_locks as orders};
use time::Duration;
use tokio::time::timeout;

async fn house() -> House {
    let obm = "[policy]\nwrite_locks_to = [\"ad\", \"obm\"]\n";
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), obm).await;
    house.add("quantri", &[Ad]);
    house.add("an", &[Ad, Obm]);
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    house
}

fn key(local: &str, system: MailSystem) -> MailboxKey {
    MailboxKey { system, native_id: format!("{}-{local}", system.code()), login: local.to_owned() }
}

async fn lets_in(house: &House, local: &str, system: MailSystem) -> bool {
    let password = secret::password(PASSWORD).expect("short");
    match house.directory(system).verify(&key(local, system), &password).await {
        Ok(_) => true,
        Err(DirectoryError::Refused(Refusal::Disabled | Refusal::LockedOut)) => false,
        other => panic!("{other:?}"),
    }
}

/// Presses the button of the console for an account.
async fn press(house: &House, local: &str, what: &str) {
    let mut console = house.admin_browser();
    console.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account(local).await.id());
    let answer = console.post_from(&page, &format!("{page}/{what}"), &[("reason", "CV 12")]).await;
    assert!(answer.status.is_redirection(), "{}: {}", answer.status, answer.body);
}

async fn console_page(house: &House, local: &str) -> crate::house::Answer {
    let mut console = house.admin_browser();
    console.sign_in("quantri", PASSWORD).await.leads_to("/");
    console.get(&format!("/accounts/{}", house.account(local).await.id())).await
}

async fn order(house: &House, local: &str, system: MailSystem) -> DirectoryLock {
    let id = house.account(local).await.id();
    let all = directory_locks::of_account(&house.app, id).await.expect("reads");
    all.into_iter().find(|order| order.mailbox.system == system).expect("an order")
}

#[tokio::test]
async fn a_lock_closes_both_directories_and_its_lifting_opens_them() {
    let house = house().await;
    press(&house, "an", "lock").await;
    for system in [Ad, Obm] {
        assert!(!lets_in(&house, "an", system).await);
    }
    console_page(&house, "an")
        .await
        .shows("Exchange: hệ thống này đã khóa lúc")
        .shows("Bị khóa từ")
        .hides("Khóa tại hệ thống này từ");
    house.browser().sign_in("an", PASSWORD).await.shows("Tài khoản đang bị khóa");
    press(&house, "an", "unlock").await;
    for system in [Ad, Obm] {
        assert!(lets_in(&house, "an", system).await);
    }
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
    house.sync().await;
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
}

#[tokio::test]
async fn a_directory_that_is_down_for_a_day_is_locked_when_it_is_back() {
    let house = house().await;
    house.obm.set_unreachable(true);
    press(&house, "an", "lock").await;
    assert!(!lets_in(&house, "an", Ad).await);
    for _ in 0..24 * 60 {
        house.pass(Duration::minutes(1));
        directory_locks::carry_out_due(&house.app).await.expect("runs");
    }
    let Stage::Failed { attempts, next_at, error } = order(&house, "an", Obm).await.stage else {
        panic!("it waits")
    };
    assert!((24..40).contains(&attempts), "with back-off: {attempts}");
    assert!(next_at > house.app.now() && error.contains("unreachable"), "{error}");
    console_page(&house, "an").await.shows("OBM: đang chờ khóa.").shows(&format!("Đã thử {attempts} lần"));
    house.obm.set_unreachable(false);
    assert!(lets_in(&house, "an", Obm).await);
    house.pass(Duration::hours(1));
    jobs::run_once(&house.app, &WriteLocks).await;
    assert!(!lets_in(&house, "an", Obm).await);
}

#[tokio::test]
async fn a_crash_between_the_house_and_the_directory_forgets_nothing() {
    let house = house().await;
    press(&house, "an", "lock").await;
    // As if the house had stopped in the middle: claimed and written, or not even written, and not recorded.
    for written in [true, false] {
        house.ad.edit("an", |seen| seen.enabled = !written);
        let before = order(&house, "an", Ad).await;
        let mut tx = house.app.db.begin().await.expect("begins");
        orders::order_lock(&mut tx, before.account_id, &MailSystem::ALL, house.app.now())
            .await
            .expect("ordered");
        tx.commit().await.expect("commits");
        let waiting = order(&house, "an", Ad).await;
        let (now, until) = (house.app.now(), house.app.now().plus(Duration::minutes(3)));
        assert!(orders::take(&house.app.db, &waiting, until, now).await.expect("taken"));
        assert!(!orders::take(&house.app.db, &waiting, until, now).await.expect("not by two"));
        jobs::run_once(&house.app, &WriteLocks).await;
        assert!(!order(&house, "an", Ad).await.is_done(), "somebody seems to be at work on it");
        house.pass(Duration::minutes(4));
        jobs::run_once(&house.app, &WriteLocks).await;
        assert!(order(&house, "an", Ad).await.set_by_us && !lets_in(&house, "an", Ad).await);
    }
    press(&house, "an", "unlock").await;
    assert!(lets_in(&house, "an", Ad).await, "it was ours all the time");
}

#[tokio::test]
async fn unlocking_undoes_only_what_this_house_locked() {
    let house = house().await;
    house.obm.edit("an", |seen| seen.enabled = false);
    press(&house, "an", "lock").await;
    console_page(&house, "an").await.shows("OBM: bị khóa bởi người khác (không phải hệ thống này)");
    press(&house, "an", "unlock").await;
    assert!(lets_in(&house, "an", Ad).await);
    assert!(!lets_in(&house, "an", Obm).await, "somebody else's lock stays");
}

#[tokio::test]
async fn a_lock_of_the_directory_is_not_written_back() {
    let house = house().await;
    house.ad.edit("an", |seen| seen.enabled = false);
    house.sync().await;
    let id = house.account("an").await.id();
    assert!(directory_locks::of_account(&house.app, id).await.expect("reads").is_empty());
    assert!(lets_in(&house, "an", Obm).await);
    house.ad.edit("an", |seen| seen.enabled = true);
    house.sync().await;
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
}

/// Sends the form of a lock, whatever comes of it.
async fn try_to_lock(house: &House, local: &str) -> crate::house::Answer {
    let mut console = house.admin_browser();
    console.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account(local).await.id());
    console.post_from(&page, &format!("{page}/lock"), &[("reason", "CV 13")]).await
}

fn reason_of(account: &Account) -> LockReason {
    match *account.state() {
        State::Locked { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_administrators_lock_takes_the_place_of_a_deadlines_and_nothing_turns_it_back() {
    let house = house().await;
    let address = MailAddress::parse("an@danang.example").expect("an address");
    let wish = Wish { address, role: Role::Auditor, agency: None, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    let an = house.account("an").await;
    lock::enforce(&house.app, &an, LockReason::PasswordTooOld, Actor::Job("deadlines"))
        .await
        .expect("locked");
    assert!(house.account("an").await.traces().administers, "the role rests");
    console_page(&house, "an")
        .await
        .shows("id=\"unlock-form\"")
        .shows("Khóa theo quyết định của quản trị viên");
    house.pass(Duration::minutes(5));
    press(&house, "an", "lock").await;
    let locked = house.account("an").await;
    assert_eq!(*locked.state(), State::Locked { at: house.app.now(), reason: LockReason::ByAdministrator });
    assert!(!locked.traces().administers, "no role is given back with its lifting");
    let lines = audit::of_account(&house.app.db, an.id(), 50).await.expect("reads");
    let line = lines.iter().find(|line| line.act == Act::Locked).expect("a line");
    let words = [line.before.as_deref(), line.after.as_deref(), line.why.as_deref()];
    assert_eq!(words, [Some("password_too_old"), Some("by_administrator"), Some("CV 12")]);

    let page = console_page(&house, "an").await;
    page.shows("id=\"unlock-form\"").hides("id=\"lock-form\"");
    let again = try_to_lock(&house, "an").await;
    assert_eq!(again.status.as_u16(), 409, "it is locked so already");
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    house.sync().await;
    jobs::run_once(&house.app, &WriteLocks).await;
    assert_eq!(house.account("an").await.state(), locked.state(), "neither the clock nor a directory");
    for system in [Ad, Obm] {
        assert!(!lets_in(&house, "an", system).await, "{system:?} stays locked");
    }
    press(&house, "an", "unlock").await;
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
    for system in [Ad, Obm] {
        assert!(lets_in(&house, "an", system).await);
    }
}

#[tokio::test]
async fn an_administrators_lock_takes_the_place_of_a_directorys_and_outlasts_it() {
    let house = house().await;
    house.ad.edit("an", |seen| seen.enabled = false);
    house.sync().await;
    assert_eq!(reason_of(&house.account("an").await), LockReason::DisabledInDirectory);
    console_page(&house, "an").await.hides("id=\"unlock-form\"").shows("id=\"lock-form\"");
    press(&house, "an", "lock").await;
    assert!(!lets_in(&house, "an", Obm).await, "the other mailbox is locked, too");
    house.pass(Duration::minutes(15));
    house.ad.edit("an", |seen| seen.enabled = true);
    house.sync().await;
    jobs::run_once(&house.app, &WriteLocks).await;
    assert_eq!(reason_of(&house.account("an").await), LockReason::ByAdministrator);
    assert!(!lets_in(&house, "an", Ad).await, "whoever opens it there opens nothing");
    console_page(&house, "an").await.shows("id=\"unlock-form\"");
}

#[tokio::test]
async fn of_two_administrators_who_replace_a_lock_at_once_one_does() {
    let house = house().await;
    let an = house.account("an").await;
    lock::enforce(&house.app, &an, LockReason::Inactive, Actor::Job("deadlines")).await.expect("locked");
    let by = Administrator::holding(&house.account("quantri").await, Role::City, Reach::City);
    let seen = Seen { id: an.id(), version: house.account("an").await.version() };
    let (one, other) = tokio::join!(
        lock::lock_seen(&house.app, &by, seen, "CV 14"),
        lock::lock_seen(&house.app, &by, seen, "CV 15")
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let refused = one.err().or(other.err());
    assert!(matches!(refused, Some(LockRefused::Conflict)), "{refused:?}");
}

#[tokio::test]
async fn two_nodes_at_once_lock_once() {
    let house = house().await;
    house.ad.set_unreachable(true);
    house.obm.set_unreachable(true);
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::Inactive, Actor::CommandLine).await.expect("locked");
    house.ad.set_unreachable(false);
    house.obm.set_unreachable(false);
    house.pass(Duration::hours(1));
    let (one, other) =
        tokio::join!(directory_locks::carry_out_due(&house.app), directory_locks::carry_out_due(&house.app));
    assert_eq!(one.expect("runs") + other.expect("runs"), 2, "each order once");
    assert!(order(&house, "an", Ad).await.set_by_us && order(&house, "an", Obm).await.set_by_us);
    let lines = danang_sso::storage::audit::of_account(&house.app.db, account.id(), 50).await.expect("reads");
    assert_eq!(lines.iter().filter(|line| line.act.code() == "directory_locked").count(), 2);
}

#[tokio::test]
async fn a_lifting_that_has_not_arrived_is_told_and_does_not_lock_again() {
    let house = house().await;
    press(&house, "an", "lock").await;
    house.sync().await;
    house.ad.set_unreachable(true);
    press_by_service(&house).await;
    house.sync().await;
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
    house.ad.set_unreachable(false);
    // The directory still shows our lock: neither the synchronisation nor the sign-in takes it for the directory's.
    house.sync().await;
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    assert!(lets_in(&house, "an", Ad).await);
}

/// Unlocks while the console's own sign-in is not possible.
async fn press_by_service(house: &House) {
    let account = house.account("quantri").await;
    let by = Administrator::holding(&account, Role::City, Reach::City);
    let id = house.account("an").await.id();
    lock::unlock(&house.app, &by, id, "CV 13").await.expect("unlocked");
}

#[tokio::test]
async fn a_lock_that_a_directory_forgot_is_set_again() {
    let house = house().await;
    press(&house, "an", "lock").await;
    house.pass(Duration::minutes(15));
    house.obm.edit("an", |seen| seen.enabled = true);
    house.sync().await;
    jobs::run_once(&house.app, &WriteLocks).await;
    assert!(!lets_in(&house, "an", Obm).await);
    press(&house, "an", "unlock").await;
    assert!(lets_in(&house, "an", Obm).await);
}

#[tokio::test]
async fn a_mailbox_that_comes_to_a_locked_account_is_locked_too() {
    let house = house().await;
    house.add("binh", &[Ad]);
    house.sync().await;
    press(&house, "binh", "lock").await;
    house.add("binh", &[Obm]);
    house.sync().await;
    jobs::run_once(&house.app, &WriteLocks).await;
    assert!(!lets_in(&house, "binh", Obm).await);
}

#[tokio::test]
async fn a_person_who_kept_the_default_password_walks_the_whole_way() {
    let house = house().await;
    house.add_with_default("moi", &[Ad, Obm], house.app.now());
    house.sync().await;
    house.pass(Duration::days(7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    for system in [Ad, Obm] {
        assert!(!lets_in(&house, "moi", system).await, "locked in {system:?}");
    }
    house.sync().await;
    let state = *house.account("moi").await.state();
    assert!(matches!(state, State::Locked { reason: LockReason::DefaultPasswordKept, .. }), "{state:?}");
    let mut browser = house.browser();
    browser.sign_in("moi", PASSWORD).await.shows("Mật khẩu cấp ban đầu chưa được đổi");
    press(&house, "moi", "unlock").await;
    browser.sign_in("moi", PASSWORD).await.leads_to("/");
    browser.get("/").await.leads_to("/password");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    browser.post_from("/password", "/password", &fields).await;
    assert_eq!(house.account("moi").await.state().name(), StateName::Active);
    let new = secret::password(NEW_PASSWORD).expect("short");
    for system in [Ad, Obm] {
        house.directory(system).verify(&key("moi", system), &new).await.expect("lets in");
    }
}

/// How long a change may wait for the writer that a lock in the middle of its transaction holds.
const SOON: std::time::Duration = std::time::Duration::from_millis(300);

#[tokio::test]
async fn what_came_after_the_look_is_neither_locked_nor_unlocked() {
    let house = house().await;
    let locals: Vec<_> = (1..=8).map(|polls| format!("nv{polls}")).collect();
    for local in &locals {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    let by = Administrator::holding(&house.account("quantri").await, Role::City, Reach::City);
    // Somebody else is faster by a hair, at every place where the lock waits for the database.
    for (polls, local) in (1..).zip(&locals) {
        let account = house.account(local).await;
        let (id, seen) = (account.id(), Seen { id: account.id(), version: account.version() });
        let mut work = Box::pin(lock::lock_seen(&house.app, &by, seen, "CV 14"));
        let done = if let Some(done) = Broken::after(polls, &mut work).await {
            done
        } else {
            let _ = timeout(SOON, lock::lock(&house.app, &by, id, "CV 15")).await;
            work.await
        };
        assert!(matches!(done, Ok(_) | Err(LockRefused::Conflict)), "lock, {polls}: {done:?}");

        let account = house.account(local).await;
        let seen = Seen { id, version: account.version() };
        let mut work = Box::pin(lock::unlock_seen(&house.app, &by, seen, "CV 16"));
        let done = if let Some(done) = Broken::after(polls, &mut work).await {
            done
        } else {
            let _ = timeout(SOON, lock::unlock(&house.app, &by, id, "CV 17")).await;
            work.await
        };
        assert!(matches!(done, Ok(_) | Err(LockRefused::Conflict)), "unlock, {polls}: {done:?}");
    }
}
