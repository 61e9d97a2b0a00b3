//! The SQL side of a lock in OBM, on a real PostgreSQL with OBM's tables: made unusable, given back exactly, never lost
//! at a crash, never over somebody else's.

use crate::house::{House, PASSWORD};
use crate::rig::Rig;
use async_trait::async_trait;
use danang_sso::directory::obm::sql::ObmSql;
use danang_sso::directory::{Directory, DirectoryError, Kept, SecondPasswords};
use danang_sso::domain::account::{LockReason, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::secret::Secret;
use danang_sso::jobs::{self, WriteLocks};
use danang_sso::services::{admins, lock};
use danang_sso::storage::second_passwords;
use sqlx::PgPool;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration as StdDuration;
use time::Duration;

const MD5: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
const CRYPT: &str = "$5$abcdefghijklmnop$xJ8S3b6q1u1c9h4Yx7nQ2m5vW8zR0tK3pL6dF9gH1jA";

/// PostgreSQL with OBM's tables and a few people.
pub struct Tables {
    rig: Rig,
    pool: PgPool,
    url: Secret<String>,
}

impl Tables {
    pub async fn build() -> Self {
        let rig = Rig::start("postgres", &[]);
        let admin = rig.value("PG_ADMIN_URL");
        let pool =
            sqlx::postgres::PgPoolOptions::new().max_connections(2).connect_lazy(&admin).expect("an address");
        sqlx::raw_sql(include_str!("../rig/obm-sql.sql")).execute(&pool).await.expect("the tables are made");
        let url = Secret::new(admin.replace("postgres://postgres@", "postgres://idplock@"));
        let tables = Self { rig, pool, url };
        tables.add(1, 2, "an", "PLAIN", PASSWORD).await;
        tables.add(2, 2, "binh", "MD5SUM", MD5).await;
        tables.add(3, 2, "Chi", "CRYPT", CRYPT).await;
        tables.add(4, 3, "an", "PLAIN", "cua-nguoi-khac").await;
        tables
    }

    async fn add(&self, id: i32, domain: i32, login: &str, kind: &str, password: &str) {
        for table in ["UserObm", "P_UserObm"] {
            let sql = format!(
                "INSERT INTO {table} (userobm_id, userobm_domain_id, userobm_ext_id, userobm_archive, \
                 userobm_login, userobm_password_type, userobm_password) VALUES ($1, $2, '', 0, $3, $4, $5)"
            );
            let insert = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).bind(domain).bind(login);
            insert.bind(kind).bind(password).execute(&self.pool).await.expect("added");
        }
    }

    /// The address at which the house reaches them.
    pub fn url(&self) -> &Secret<String> {
        &self.url
    }

    /// Starts the database again.
    pub fn start_again(&mut self) {
        self.rig.start_again();
    }

    /// Stops the database.
    pub fn stop(&mut self) {
        self.rig.stop();
    }

    pub async fn run(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&self.pool).await.expect("OBM's people may do anything");
    }

    /// Both passwords of a person and the type.
    pub async fn read(&self, id: i32) -> (String, String, String) {
        let sql = "SELECT u.userobm_password, p.userobm_password, u.userobm_password_type FROM UserObm u \
                   JOIN P_UserObm p ON p.userobm_id = u.userobm_id WHERE u.userobm_id = $1";
        sqlx::query_as(sql).bind(id).fetch_one(&self.pool).await.expect("reads")
    }

    pub fn sql(&self) -> ObmSql {
        ObmSql::new(&self.url, "danang.example", StdDuration::from_secs(1))
    }
}

/// Breaks off where it is told to, like a crash.
struct Breaking {
    sql: ObmSql,
    at: Arc<AtomicU8>,
}

const BEFORE_WRITING: u8 = 1;
const AFTER_WRITING: u8 = 2;

impl Breaking {
    fn breaks(&self, at: u8) -> Result<(), DirectoryError> {
        if self.at.load(Ordering::SeqCst) == at {
            let source = std::io::Error::from(std::io::ErrorKind::BrokenPipe).into();
            return Err(DirectoryError::Unreachable { system: Obm, doing: "breaking off", source });
        }
        Ok(())
    }
}

#[async_trait]
impl SecondPasswords for Breaking {
    async fn kept(&self, who: &MailboxKey) -> Result<Option<(i64, Kept)>, DirectoryError> {
        self.sql.kept(who).await
    }
    async fn replace(&self, person: i64, old: &Kept, by: &Secret<String>) -> Result<bool, DirectoryError> {
        self.breaks(BEFORE_WRITING)?;
        let replaced = self.sql.replace(person, old, by).await?;
        self.breaks(AFTER_WRITING)?;
        Ok(replaced)
    }
    async fn give_back(&self, person: i64, old: &Kept, by: &Secret<String>) -> Result<(), DirectoryError> {
        self.breaks(BEFORE_WRITING)?;
        self.sql.give_back(person, old, by).await?;
        self.breaks(AFTER_WRITING)
    }
    async fn set(&self, who: &MailboxKey, hashed: &Secret<String>) -> Result<bool, DirectoryError> {
        self.breaks(BEFORE_WRITING)?;
        let is_there = self.sql.set(who, hashed).await?;
        self.breaks(AFTER_WRITING)?;
        Ok(is_there)
    }
}

/// A house whose OBM keeps passwords in these tables too.
async fn house(tables: &Tables) -> (House, Arc<AtomicU8>) {
    let more = "[policy]\nwrite_locks_to = [\"obm\"]\n";
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), more).await;
    for local in ["an", "binh", "chi", "khongco"] {
        house.add(local, &[Obm]);
    }
    house.add("quantri", &[Ad]);
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let at = Arc::new(AtomicU8::new(0));
    house.obm.keep_passwords_also_in(Box::new(Breaking { sql: tables.sql(), at: at.clone() }));
    (house, at)
}

async fn lock_for(house: &House, local: &str) {
    let account = house.account(local).await;
    let actor = Actor::Job("deadlines");
    lock::enforce(&house.app, &account, LockReason::PasswordTooOld, actor).await.expect("locked");
}

async fn page(house: &House, local: &str) -> (crate::house::Browser, String) {
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    (admin, format!("/accounts/{}", house.account(local).await.id()))
}

async fn unlock(house: &House, local: &str) {
    let (mut admin, page) = page(house, local).await;
    admin.post_from(&page, &format!("{page}/unlock"), &[("reason", "thử")]).await;
    assert_eq!(house.account(local).await.state().name(), StateName::MustChange);
}

async fn is_set_aside(house: &House, local: &str) -> bool {
    let id = house.account(local).await.id();
    second_passwords::of_account(&house.app.db, Obm, id).await.expect("reads").is_some()
}

fn key(login: &str) -> MailboxKey {
    MailboxKey { system: MailSystem::Obm, native_id: format!("obm-{login}"), login: login.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_makes_the_password_unusable_and_an_unlock_gives_it_back() {
    let tables = Tables::build().await;
    let (house, _) = house(&tables).await;
    let all = [("an", 1, PASSWORD, "PLAIN"), ("binh", 2, MD5, "MD5SUM"), ("chi", 3, CRYPT, "CRYPT")];
    for (local, id, password, kind) in all {
        lock_for(&house, local).await;
        let (edited, applied, still) = tables.read(id).await;
        assert_eq!((&edited, still.as_str()), (&applied, kind), "{local}: the type stays");
        assert!(edited.starts_with('*') && edited.len() >= 40 && edited.len() <= 64, "{edited}");
        let row = second_passwords::of_account(&house.app.db, Obm, house.account(local).await.id()).await;
        let row = row.expect("reads").expect("set aside");
        let sealed = row.sealed.expect("sealed");
        assert!(row.replaced_at.is_some());
        assert!(!sealed.windows(8).any(|part| part == &password.as_bytes()[..8]), "nobody reads it");
    }
    assert_eq!(tables.read(4).await.0, "cua-nguoi-khac", "another domain's");
    let (mut admin, page) = page(&house, "an").await;
    let shown = admin.get(&page).await;
    shown.shows("hệ thống này đã khóa").shows("SQL: mật khẩu đã bị vô hiệu lúc").shows("hộp thư ở OBM SQL");
    for (local, id, password, kind) in all {
        unlock(&house, local).await;
        assert_eq!(
            tables.read(id).await,
            (password.to_owned(), password.to_owned(), kind.to_owned()),
            "{local}"
        );
        assert!(!is_set_aside(&house, local).await, "nothing is kept of it");
    }
    admin.get(&page).await.hides("SQL: ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_step_loses_no_password() {
    let tables = Tables::build().await;
    let (house, breaks) = house(&tables).await;
    for at in [BEFORE_WRITING, AFTER_WRITING] {
        breaks.store(at, Ordering::SeqCst);
        lock_for(&house, "an").await;
        let waiting = tables.read(1).await.0;
        assert_eq!(waiting == PASSWORD, at == BEFORE_WRITING);
        assert!(house.obm.is_locked(&key("an")).await.expect("asked"), "the directory comes first");
        let (mut admin, page) = page(&house, "an").await;
        admin.get(&page).await.shows("SQL: đang chờ khóa").shows("breaking off");
        breaks.store(0, Ordering::SeqCst);
        house.pass(Duration::minutes(1));
        jobs::run_once(&house.app, &WriteLocks).await;
        let replaced = tables.read(1).await;
        assert!(replaced.0.starts_with('*') && replaced.0 == replaced.1);
        assert!(at == BEFORE_WRITING || replaced.0 == waiting, "what was put in place is known");
        breaks.store(at, Ordering::SeqCst);
        house.pass(Duration::minutes(1));
        unlock(&house, "an").await;
        assert!(!house.obm.is_locked(&key("an")).await.expect("asked"), "it does not hold up the directory");
        assert!(is_set_aside(&house, "an").await);
        breaks.store(0, Ordering::SeqCst);
        house.pass(Duration::minutes(2));
        jobs::run_once(&house.app, &WriteLocks).await;
        let given_back = tables.read(1).await;
        assert_eq!((given_back.0.as_str(), given_back.1.as_str()), (PASSWORD, PASSWORD));
        assert!(!is_set_aside(&house, "an").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_somebody_set_meanwhile_is_left_alone() {
    let tables = Tables::build().await;
    let (house, breaks) = house(&tables).await;
    lock_for(&house, "an").await;
    tables.run("UPDATE UserObm SET userobm_password = 'Moi-dat-lai-1' WHERE userobm_id = 1").await;
    unlock(&house, "an").await;
    let (edited, applied, _) = tables.read(1).await;
    assert_eq!((edited.as_str(), applied.as_str()), ("Moi-dat-lai-1", PASSWORD));
    // Set while a lock is on its way: the new one is what is set aside.
    breaks.store(BEFORE_WRITING, Ordering::SeqCst);
    lock_for(&house, "binh").await;
    tables.run("UPDATE UserObm SET userobm_password = 'Moi-dat-lai-2' WHERE userobm_id = 2").await;
    breaks.store(0, Ordering::SeqCst);
    house.pass(Duration::minutes(1));
    jobs::run_once(&house.app, &WriteLocks).await;
    assert!(tables.read(2).await.0.starts_with('*'));
    unlock(&house, "binh").await;
    let (edited, applied, _) = tables.read(2).await;
    assert_eq!((edited.as_str(), applied.as_str()), ("Moi-dat-lai-2", MD5), "each table its own");
    // Set between reading and writing: nothing is written, in neither table.
    let sql = tables.sql();
    let (person, kept) = sql.kept(&key("chi")).await.expect("reads").expect("is there");
    tables.run("UPDATE P_UserObm SET userobm_password = 'Moi-dat-lai-3' WHERE userobm_id = 3").await;
    assert!(!sql.replace(person, &kept, &Secret::new("*x".to_owned())).await.expect("asked"));
    let (edited, applied, _) = tables.read(3).await;
    assert_eq!((edited.as_str(), applied.as_str()), (CRYPT, "Moi-dat-lai-3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_waits_and_holds_up_nothing_else() {
    let mut tables = Tables::build().await;
    let (house, _) = house(&tables).await;
    tables.rig.stop();
    lock_for(&house, "an").await;
    lock_for(&house, "binh").await;
    assert!(house.obm.is_locked(&key("an")).await.expect("asked"));
    let (mut admin, there) = page(&house, "an").await;
    admin.get(&there).await.shows("SQL: đang chờ khóa").shows("unreachable");
    unlock(&house, "binh").await;
    house.browser().sign_in("binh", PASSWORD).await.leads_to("/");
    tables.rig.start_again();
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &WriteLocks).await;
    assert!(tables.read(1).await.0.starts_with('*'), "as soon as it is back");
    assert_eq!(tables.read(2).await.0, MD5, "unlocked before it was ever written");
    assert!(!is_set_aside(&house, "binh").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_it_concerns_is_certain_or_nothing_is_written() {
    let tables = Tables::build().await;
    let (house, _) = house(&tables).await;
    lock_for(&house, "khongco").await;
    let (mut admin, there) = page(&house, "khongco").await;
    admin.get(&there).await.shows("hệ thống này đã khóa").shows("nobody with this login");
    tables.add(5, 2, "BINH", "PLAIN", "trung-ten").await;
    lock_for(&house, "binh").await;
    let (mut admin, there) = page(&house, "binh").await;
    admin.get(&there).await.shows("two people have the login");
    assert_eq!((tables.read(2).await.0.as_str(), tables.read(5).await.0.as_str()), (MD5, "trung-ten"));
    tables.run("UPDATE UserObm SET userobm_archive = 1 WHERE userobm_id = 5").await;
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &WriteLocks).await;
    assert!(tables.read(2).await.0.starts_with('*'), "an archived one is nobody");
    assert_eq!(tables.read(5).await.0, "trung-ten");
    tables.run("REVOKE UPDATE (userobm_password) ON P_UserObm FROM idplock").await;
    lock_for(&house, "chi").await;
    let (mut admin, there) = page(&house, "chi").await;
    admin.get(&there).await.shows("permission denied");
    assert_eq!(tables.read(3).await.0, CRYPT, "both tables or none");
    let refused =
        ObmSql::new(&Secret::new("no address".to_owned()), "danang.example", StdDuration::from_secs(1));
    assert!(matches!(refused.kept(&key("an")).await, Err(DirectoryError::Misconfigured { .. })));
}
