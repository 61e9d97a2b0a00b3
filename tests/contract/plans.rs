//! What the lock job reads, and what a small agency asks the audit, is read by index: the databases say so themselves, on
//! tables of some size.

use crate::rig::Rig;
use danang_sso::domain::account::Terms;
use danang_sso::domain::account::{Account, Kind, Profile, State};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::{Act, Actor, Entry};
use danang_sso::domain::id::{AccountId, AgencyId};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::db::Statement;
use danang_sso::storage::{Db, accounts, audit, audit_search, compliance, forecast, sessions};
use danang_sso::system::System;
use sqlx::{AssertSqlSafe, Row};

/// Statements of the accounts: name, values, the indexes of which it must use one, whether the rows come in its order.
/// Of one small agency a database may read everybody and sort them.
const STATEMENTS: &[(&str, &[&str], &str, bool)] = &[
    ("TO_LOCK", &["5000", "1000", "'0'", "NULL", "100"], "account_by_lock", true),
    (
        "TO_LOCK",
        &["5000", "1000", "'0'", "'0'", "100"],
        "account_by_lock account_by_agency account_counts",
        false,
    ),
    ("TO_LOCK_BY_AGENCY", &["5000"], "account_by_lock", false),
    ("ENDING", &["5000", "1000", "'0'", "NULL", "100"], "account_by_due_and_id", true),
    (
        "ENDING",
        &["5000", "1000", "'0'", "'0'", "100"],
        "account_by_due_and_id account_by_agency account_counts",
        false,
    ),
    ("OPEN", &["'0'", "100"], "sqlite_autoindex_account_1 account_pkey", true),
    ("DUE_BETWEEN", &["1000", "5000", "NULL"], "account_by_due_and_id", false),
];

/// What the pages of numbers count, and where it stands: SQLite reads nothing else of a big table for it. (PostgreSQL reads
/// tables as small as these as they are.)
const COUNTED: &[(&[Statement], &str, &[&str], &str)] = &[
    (accounts::ALL, "COUNTS", &[], "COVERING INDEX account_counts"),
    (accounts::ALL, "COUNTS_OF_BRANCH", &["'0'"], "COVERING INDEX account_counts"),
    (accounts::ALL, "OPEN_BY_AGENCY", &[], "COVERING INDEX account_counts"),
    (accounts::ALL, "DUE_BETWEEN", &["1000", "5000", "'0'"], "COVERING INDEX account_by_due_and_id"),
    (forecast::ALL, "LOCKS", &["5000", "NULL"], "COVERING INDEX account_by_lock"),
    (forecast::ALL, "TERMS", &["1000", "5000", "3000", "NULL"], "COVERING INDEX account_by_due_and_id"),
    (forecast::ALL, "DUE_BY_END", &["1000", "5000", "NULL"], "COVERING INDEX account_by_due_and_id"),
    (compliance::ALL, "FIGURES", &["1000"], "COVERING INDEX account_counts"),
    (compliance::ALL, "FIGURES", &["1000"], "COVERING INDEX audit_of_locks"),
    (compliance::ALL, "UNLOCKS", &["1000", "10"], "COVERING INDEX audit_of_locks"),
    (compliance::ALL, "UNLOCKS", &["1000", "10"], "audit_by_act (act=? AND seq>?)"),
    (compliance::ALL, "ACTS", &["'0'", "0", "5000", "0", "9000"], "audit_by_agency_and_act"),
    (sessions::ALL, "FORGET", &["1000"], "session_by_expiry"),
];

#[tokio::test]
async fn sqlite_reads_whom_to_lock_by_index() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = Db::open(&format!("sqlite:{}", dir.path().join("house.db").display())).await.expect("opens");
    reads_by_index(db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_reads_whom_to_lock_by_index() {
    let rig = Rig::start("postgres", &[]);
    reads_by_index(Db::open(&rig.value("PG_URL")).await.expect("opens")).await;
}

async fn reads_by_index(db: Db) {
    db.migrate().await.expect("an empty database is brought up to date");
    fill(&db).await;
    for (name, values, indexes, is_ordered) in STATEMENTS {
        let all = accounts::ALL.iter().find(|statement| statement.name == *name);
        let plan = plan(&db, &with_values(all.expect("it is there").sql, values)).await;
        let uses = indexes.split(' ').any(|index| plan.contains(index));
        let scans = plan.contains("SCAN account") || plan.contains("Seq Scan on account");
        let sorts = *is_ordered && (plan.contains("TEMP B-TREE") || plan.contains("Sort"));
        assert!(uses && !scans && !sorts, "{name} on {}:\n{plan}", db.kind());
    }
    the_audit_of_a_small_agency(&db).await;
    if matches!(db, Db::Sqlite { .. }) {
        what_is_counted_stands_in_an_index(&db).await;
    }
    db.close().await;
}

async fn what_is_counted_stands_in_an_index(db: &Db) {
    for (all, name, values, index) in COUNTED {
        let statement = all.iter().find(|statement| statement.name == *name);
        let plan = plan(db, &with_values(statement.expect("it is there").sql, values)).await;
        assert!(plan.contains(index), "{name}:\n{plan}");
    }
}

/// Twenty lines of an agency below five thousand of another one: the statements that a branch is read with.
async fn the_audit_of_a_small_agency(db: &Db) {
    let system = System::of_the_machine();
    let [small, big] = [1, 2].map(|_| AgencyId::new(system.now(), system.entropy()));
    let line = |number: i64| {
        let (agency, at) = (if number < 20 { small } else { big }, Timestamp::from_micros(number));
        let entry = Entry::new(at, Actor::CommandLine, Act::Locked, format!("{number}"));
        Entry { agency_id: Some(agency), ..entry }
    };
    let lines: Vec<_> = (0..5_020).map(line).collect();
    let mut tx = db.begin().await.expect("begins");
    audit::append(&mut tx, &lines).await.expect("appended");
    tx.commit().await.expect("commits");
    let (act, agency) = (format!("'{}'", Act::Locked.code()), format!("'{small}'"));
    for (name, act) in [("BY_AGENCY", "NULL"), ("BY_AGENCY_AND_ACT", act.as_str())] {
        let all = audit_search::ALL.iter().find(|statement| statement.name == name);
        let (least, most) = ("0", "9000000000000000");
        let (none, limit) = ("NULL", "51");
        let values = [most, least, least, most, none, none, none, none, none, act, &agency, limit];
        let plan = plan(db, &with_values(all.expect("it is there").sql, &values)).await;
        let scans = plan.contains("SCAN audit") || plan.contains("Seq Scan on audit");
        assert!(plan.contains("audit_by_agency") && !scans, "{name} on {}:\n{plan}", db.kind());
    }
}

/// Three thousand accounts, one in ten of them to be locked within the first five thousand microseconds.
async fn fill(db: &Db) {
    let system = System::of_the_machine();
    let mut tx = db.begin().await.expect("begins");
    for number in 0..3_000_i64 {
        let profile = Profile {
            address: MailAddress::parse(&format!("nguoi{number}@danang.example")).expect("an address"),
            kind: Kind::Person,
            display_name: format!("Người số {number}"),
            title: None,
            staff_number: None,
            agency_id: None,
        };
        let now = Timestamp::from_micros(number);
        let id = AccountId::new(system.now(), system.entropy());
        let account =
            Account::new(id, number.to_string(), profile, State::Active { password_set_at: now }, 0);
        let at = Some(Timestamp::from_micros(number * 17));
        let terms = Terms { ends_at: at, lock_at: at };
        accounts::insert(&mut tx, &account, terms, now).await.expect("an account");
    }
    tx.commit().await.expect("commits");
}

/// The statement with its values written out: neither database plans for values it cannot see.
fn with_values(sql: &str, values: &[&str]) -> String {
    let numbered = values.iter().enumerate().rev();
    numbered.fold(sql.to_owned(), |sql, (at, value)| sql.replace(&format!("${}", at + 1), value))
}

async fn plan(db: &Db, sql: &str) -> String {
    let lines: Vec<String> = match db {
        Db::Sqlite { readers, .. } => {
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let rows = sqlx::query(explain).fetch_all(readers).await.expect("explains");
            rows.iter().map(|row| row.get("detail")).collect()
        }
        Db::Postgres(pool) => {
            sqlx::query("ANALYZE account, audit").execute(pool).await.expect("counts");
            let explain = AssertSqlSafe(format!("EXPLAIN {sql}"));
            let rows = sqlx::query(explain).fetch_all(pool).await.expect("explains");
            rows.iter().map(|row| row.get(0)).collect()
        }
    };
    lines.join("\n")
}
