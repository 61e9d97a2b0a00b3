//! Deadlines as people were told of them, with everything that explains them: evidence, kept as it was.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AccountId;
use crate::domain::policy::deadline::{Deadline, Why};
use crate::domain::timestamp::Timestamp;
use std::fmt::Write as _;
use time::Date;

statements! {
    ADD = "INSERT INTO told_deadline (account_id, told_at, told_by, rule, event, start_day, last_day, \
           policy_version, calendar_version, days) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
           ON CONFLICT (account_id, told_at) DO NOTHING";
    OF_ACCOUNT = "SELECT told_at, told_by, rule, event, start_day, last_day, policy_version, calendar_version, days \
                  FROM told_deadline WHERE account_id = $1 ORDER BY told_at DESC LIMIT $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    told_at: i64,
    told_by: String,
    rule: String,
    event: String,
    start_day: String,
    last_day: String,
    policy_version: i64,
    calendar_version: i64,
    days: String,
}

/// How a person was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldBy {
    /// On a page of the portal or the sign-in.
    Page,
    /// By letter.
    Letter,
    /// By the lock itself.
    Lock,
}

impl ToldBy {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Letter => "letter",
            Self::Lock => "lock",
        }
    }
}

/// A deadline as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// How: [`ToldBy::code`].
    pub by: String,
    /// The rule's word.
    pub rule: String,
    /// The word of the event from which the term ran.
    pub event: String,
    /// The day of that event, `YYYY-MM-DD`.
    pub start_day: String,
    /// The last day, `YYYY-MM-DD`.
    pub last_day: String,
    /// Which version of the policy counted it.
    pub policy_version: i64,
    /// Which version of the calendar.
    pub calendar_version: i64,
    /// The days one by one: date, `+` or `-`, why, name in Vietnamese, name in English; tab-separated lines.
    pub days: String,
}

/// Writes down what a person is told. `versions`: of the policy and of the calendar.
pub async fn add(
    tx: &mut Tx,
    account_id: AccountId,
    deadline: &Deadline,
    versions: (i64, i64),
    (at, by): (Timestamp, ToldBy),
) -> Result<(), StorageError> {
    let args = args![
        account_id,
        at,
        by.code(),
        deadline.rule.code(),
        deadline.event.code(),
        deadline.start.to_string(),
        deadline.last_day.to_string(),
        versions.0,
        versions.1,
        days(deadline),
    ];
    tx.write(ADD, &args).await.map(|_| ())
}

/// What the holder of an account was told, the latest first.
pub async fn of_account(db: &Db, account_id: AccountId, limit: i64) -> Result<Vec<Told>, StorageError> {
    let rows: Vec<Row> = db.all(OF_ACCOUNT, &args![account_id, limit]).await?;
    let told = |row: Row| Told {
        at: Timestamp::from_micros(row.told_at),
        by: row.told_by,
        rule: row.rule,
        event: row.event,
        start_day: row.start_day,
        last_day: row.last_day,
        policy_version: row.policy_version,
        calendar_version: row.calendar_version,
        days: row.days,
    };
    Ok(rows.into_iter().map(told).collect())
}

fn days(deadline: &Deadline) -> String {
    let mut text = String::new();
    let mut line = |date: Date, counted: bool, word: &str, vi: &str, en: &str| {
        // A name never breaks a line: the calendar takes none with control characters.
        let mark = if counted { '+' } else { '-' };
        let _ = writeln!(text, "{date}\t{mark}\t{word}\t{vi}\t{en}");
    };
    for day in &deadline.days {
        let (vi, en) = match &day.why {
            Why::MakeUp(vi, en) | Why::DayOff(_, vi, en) | Why::Undecided(vi, en) => {
                (vi.as_str(), en.as_str())
            }
            Why::Event | Why::Working | Why::Weekend | Why::SameDayNumber | Why::RuleStarts => ("", ""),
        };
        line(day.date, day.counted, day.why.word(), vi, en);
    }
    if deadline.days.last().is_none_or(|day| day.date != deadline.last_day) {
        line(deadline.last_day, true, "kept", "", "");
    }
    text
}
