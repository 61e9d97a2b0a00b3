//! A new password's way into OBM's SQL, on a real PostgreSQL with OBM's tables: never clear, never lost, never over
//! somebody else's. crypt(3) itself says whose a text is.

use crate::house::{Broken, Browser, House, NEW_PASSWORD, PASSWORD};
use crate::obm_sql::Tables;
use danang_sso::directory::Directory;
use danang_sso::domain::account::{LockReason, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::mailbox::MailboxKey;
use danang_sso::domain::secret;
use danang_sso::jobs::{self, Forget, WriteLocks};
use danang_sso::services::{admins, lock};
use danang_sso::storage::{audit, mailboxes, password_copies};
use std::pin::pin;
use time::Duration;

/// For when the new password can no longer be told from the old one.
const THIRD: &str = "Ngu-Hanh-Son-2031";

/// A house whose OBM takes new passwords into these tables too.
async fn house(tables: &Tables) -> House {
    let more = "[policy]\nwrite_locks_to = [\"obm\"]\n";
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), more).await;
    house.obm.keep_passwords_also_in(Box::new(tables.sql()));
    house.obm.copy_passwords();
    house.add("an", &[Obm]);
    house.add("binh", &[Ad, Obm]);
    house.add("quantri", &[Ad]);
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    house
}

async fn change(browser: &mut Browser, current: &str, new: &str) {
    let fields = [("current", current), ("new", new), ("repeat", new)];
    browser.post_from("/password", "/password", &fields).await;
}

/// Whether crypt(3) of this machine makes this text of a password.
fn crypt_agrees(text: &str, password: &str) -> bool {
    let perl = std::process::Command::new("perl")
        .args(["-e", "print crypt($ARGV[0], $ARGV[1])", password, text])
        .output()
        .expect("perl is there");
    perl.status.success() && perl.stdout == text.as_bytes()
}

/// Asserts that both tables hold this password, hashed.
async fn sql_has(tables: &Tables, id: i32, password: &str) {
    let (edited, applied, kind) = tables.read(id).await;
    assert_eq!((&edited, kind.as_str()), (&applied, "CRYPT"));
    assert!(edited.starts_with("$5$") && edited.len() <= 64, "{edited}");
    assert!(crypt_agrees(&edited, password), "{edited} is not of {password}");
}

async fn waits(house: &House, local: &str) -> Option<password_copies::Waits> {
    let id = house.account(local).await.id();
    password_copies::waits(&house.app.db, Obm, id).await.expect("reads")
}

async fn copy_is_old(house: &House, local: &str) -> bool {
    let all = mailboxes::of_account(&house.app.db, house.account(local).await.id()).await.expect("reads");
    all.iter().any(|mailbox| mailbox.copy_is_old)
}

async fn obm_takes(house: &House, local: &str, password: &str) -> bool {
    let key = MailboxKey { system: Obm, native_id: format!("obm-{local}"), login: local.to_owned() };
    house.obm.verify(&key, &secret::password(password).expect("short")).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_reaches_both_tables_as_a_text_of_crypt() {
    let tables = Tables::build().await;
    let house = house(&tables).await;
    for (local, id) in [("an", 1), ("binh", 2)] {
        let mut browser = house.browser();
        browser.sign_in(local, PASSWORD).await.leads_to("/");
        change(&mut browser, PASSWORD, NEW_PASSWORD).await;
        sql_has(&tables, id, NEW_PASSWORD).await;
        assert!(!crypt_agrees(&tables.read(id).await.0, PASSWORD));
        assert!(waits(&house, local).await.is_none() && !copy_is_old(&house, local).await);
        browser.get("/").await.hides("tạm thời còn nhận mật khẩu trước");
    }
    assert_eq!(tables.read(4).await.0, "cua-nguoi-khac", "another domain's");
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account("an").await.id());
    admin.get(&page).await.shows("đã ghi mật khẩu mới vào OBM SQL");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_the_directory_refuses_goes_nowhere() {
    let tables = Tables::build().await;
    let house = house(&tables).await;
    let before = tables.read(1).await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    house.obm.refuse_new_passwords(Some("used before"));
    change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    change(&mut browser, "Khong-dung-1", THIRD).await;
    let id = house.account("an").await.id();
    assert_eq!(tables.read(1).await, before);
    let open = password_copies::unproven(&house.app.db, Obm, id).await.expect("reads");
    assert!(open.is_empty() && waits(&house, "an").await.is_none(), "nothing is kept of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_sql_is_down_the_text_waits_sealed_and_everybody_is_told() {
    let mut tables = Tables::build().await;
    let house = house(&tables).await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    tables.stop();
    change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    assert!(obm_takes(&house, "an", NEW_PASSWORD).await, "LDAP has it");
    browser.get("/").await.shows("Trang web của Thư OBM tạm thời còn nhận mật khẩu trước");
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account("an").await.id());
    admin.get(&page).await.shows("SQL: mật khẩu mới đang chờ được ghi").shows("unreachable");
    assert!(copy_is_old(&house, "an").await);
    let files: Vec<_> = std::fs::read_dir(house.folder()).expect("a folder").flatten().collect();
    assert!(files.iter().any(|file| file.file_name().to_string_lossy().contains(".db")), "{files:?}");
    for file in files.iter().filter(|file| file.path().is_file()) {
        let bytes = std::fs::read(file.path()).expect("reads");
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        assert!(!holds(NEW_PASSWORD.as_bytes()) && !holds(b"$5$"), "{file:?} keeps it");
    }
    tables.start_again();
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &WriteLocks).await;
    sql_has(&tables, 1, NEW_PASSWORD).await;
    assert!(waits(&house, "an").await.is_none() && !copy_is_old(&house, "an").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_breaks_off_anywhere_is_proven_by_the_next_sign_in() {
    let tables = Tables::build().await;
    let house = house(&tables).await;
    let (mut current, mut broken) = (PASSWORD, 0);
    for point in 0..40 {
        let next = if current == NEW_PASSWORD { THIRD } else { NEW_PASSWORD };
        // the directory remembers what was used before
        house.add("an", &[Obm]);
        let mut browser = house.browser();
        if current != PASSWORD {
            let reset = secret::password(current).expect("short");
            let key = MailboxKey { system: Obm, native_id: "obm-an".to_owned(), login: "an".to_owned() };
            house.obm.reset_password(&key, &reset).await.expect("reset");
        }
        browser.sign_in("an", current).await.leads_to("/");
        let done = {
            let work = pin!(change(&mut browser, current, next));
            Broken::after(1 + point % 30, work).await.is_some()
        };
        broken += usize::from(!done);
        if obm_takes(&house, "an", next).await {
            current = next;
        }
        let state = house.account("an").await.state().name();
        assert_eq!(state, StateName::Active, "{point}");
        house.browser().sign_in("an", current).await.leads_to("/");
        house.pass(Duration::minutes(4));
        jobs::run_once(&house.app, &WriteLocks).await;
        if current != PASSWORD {
            sql_has(&tables, 1, current).await;
        }
        assert!(waits(&house, "an").await.is_none(), "{point}");
    }
    // How often a change is taken up again is the machine's business.
    assert!(broken >= 5, "only {broken} broke off");
    assert!(audit::verify(&house.app.db).await.expect("reads").is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_persons_new_password_waits_for_the_unlock_and_a_later_one_has_the_word() {
    let mut tables = Tables::build().await;
    let house = house(&tables).await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    tables.stop();
    change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    tables.start_again();
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::PasswordTooOld, Actor::Job("deadlines"))
        .await
        .expect("locked");
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &WriteLocks).await;
    assert!(tables.read(1).await.0.starts_with('*'), "a lock goes before");
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", account.id());
    admin.post_from(&page, &format!("{page}/unlock"), &[("reason", "thử")]).await;
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &WriteLocks).await;
    sql_has(&tables, 1, NEW_PASSWORD).await;

    // somebody sets another one in OBM while the text waits: it is never written over
    let mut browser = house.browser();
    browser.sign_in("binh", PASSWORD).await.leads_to("/");
    tables.stop();
    change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    tables.start_again();
    tables.run("UPDATE UserObm SET userobm_password = 'Moi-dat-lai-1' WHERE userobm_id = 2").await;
    house.pass(Duration::minutes(10));
    let later = house.app.now();
    house.obm.edit("binh", |seen| seen.password_set_at = Some(later));
    house.sync().await;
    jobs::run_once(&house.app, &WriteLocks).await;
    assert_eq!(tables.read(2).await.0, "Moi-dat-lai-1");
    assert!(waits(&house, "binh").await.is_none());
    house.browser().sign_in("binh", NEW_PASSWORD).await.leads_to("/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_password_reaches_sql_and_old_texts_are_forgotten() {
    let tables = Tables::build().await;
    let house = house(&tables).await;
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account("an").await.id());
    let version = admin.get(&page).await.hidden("version").expect("a form");
    let fields = [("version", version.as_str()), ("reason", "quên mật khẩu"), ("sure", "1")];
    let slip = admin.post_from(&page, &format!("{page}/reset"), &fields).await;
    let shown = slip.body.split("<code translate=\"no\">").nth(1).expect("a slip");
    sql_has(&tables, 1, shown.split('<').next().expect("a password")).await;
    let id = house.account("an").await.id();
    let now = house.app.now();
    let copy = danang_sso::domain::id::CopyId::new(now, house.app.system.entropy());
    password_copies::insert(&house.app.db, copy, Obm, id, b"sealed", now).await.expect("kept");
    house.pass(Duration::days(31));
    jobs::run_once(&house.app, &Forget).await;
    assert!(password_copies::unproven(&house.app.db, Obm, id).await.expect("reads").is_empty());
}
