//! The policy in versions: values, stages, who changed them and why. A version is complete and never changes.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::regulation::Book;
use crate::domain::policy::settings::{Setting, Settings};
use crate::domain::policy::stage::{Stage, Stages};
use crate::domain::timestamp::Timestamp;
use time::Date;

statements! {
    LATEST = "SELECT MAX(version) AS version FROM policy_version";
    VERSIONS = "SELECT version, changed_at, changed_by, why FROM policy_version ORDER BY version DESC LIMIT $1";
    VALUES_OF = "SELECT setting, value FROM policy_value WHERE version = $1";
    STAGES_OF = "SELECT rule, agency_id, warn_from, enforce_from FROM policy_stage WHERE version = $1";
    ADD = "INSERT INTO policy_version (version, changed_at, changed_by, why) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (version) DO NOTHING";
    ADD_VALUE = "INSERT INTO policy_value (version, setting, value) VALUES ($1, $2, $3)";
    ADD_STAGE = "INSERT INTO policy_stage (version, rule, agency_id, warn_from, enforce_from) \
                 VALUES ($1, $2, $3, $4, $5)";
    BASIS = "SELECT policy_version, calendar_version, day FROM terms_basis WHERE id = 1";
    SET_BASIS = "INSERT INTO terms_basis (id, policy_version, calendar_version, day) VALUES (1, $1, $2, $3) \
                 ON CONFLICT (id) DO UPDATE SET policy_version = excluded.policy_version, \
                 calendar_version = excluded.calendar_version, day = excluded.day";
}

#[derive(sqlx::FromRow)]
struct LatestRow {
    version: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    version: i64,
    changed_at: i64,
    changed_by: String,
    why: String,
}

#[derive(sqlx::FromRow)]
struct ValueRow {
    setting: String,
    value: i64,
}

#[derive(sqlx::FromRow)]
struct StageRow {
    rule: String,
    agency_id: String,
    warn_from: Option<String>,
    enforce_from: Option<String>,
}

#[derive(sqlx::FromRow)]
struct BasisRow {
    policy_version: i64,
    calendar_version: i64,
    day: String,
}

/// Who made a version, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub version: i64,
    /// When.
    pub changed_at: Timestamp,
    /// The address of who changed it, or `command_line`; empty: the house itself.
    pub changed_by: String,
    /// Why.
    pub why: String,
}

/// With what the terms of all accounts were last computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Version of the policy.
    pub policy: i64,
    /// Version of the calendar.
    pub calendar: i64,
    /// On which local day, `YYYY-MM-DD`.
    pub day: String,
}

/// The number of the latest version; 0 before the first.
pub async fn latest(db: &Db) -> Result<i64, StorageError> {
    Ok(db.one::<LatestRow>(LATEST, &[]).await?.version.unwrap_or(0))
}

/// The latest versions, newest first.
pub async fn versions(db: &Db, limit: i64) -> Result<Vec<Version>, StorageError> {
    let rows: Vec<VersionRow> = db.all(VERSIONS, &args![limit]).await?;
    let version = |row: VersionRow| Version {
        version: row.version,
        changed_at: Timestamp::from_micros(row.changed_at),
        changed_by: row.changed_by,
        why: row.why,
    };
    Ok(rows.into_iter().map(version).collect())
}

/// Everything that a version says. A setting that it does not know has its default.
pub async fn book(db: &Db, version: i64) -> Result<Book, StorageError> {
    let mut settings = Settings::default();
    for row in db.all::<ValueRow>(VALUES_OF, &args![version]).await? {
        // A setting of another release is passed over.
        let Some(setting) = Setting::from_code(&row.setting) else { continue };
        let bad = || StorageError::corrupt("policy_value", "value", format!("{version} {}", row.setting));
        let value = u32::try_from(row.value).map_err(|_| bad())?;
        settings = settings.with(setting, value).map_err(|_| bad())?;
    }
    let rows: Vec<StageRow> = db.all(STAGES_OF, &args![version]).await?;
    let stages = rows.into_iter().map(|row| {
        let bad = |column| StorageError::corrupt("policy_stage", column, format!("{version} {}", row.rule));
        let rule = Rule::from_code(&row.rule).ok_or_else(|| bad("rule"))?;
        let agency = Some(row.agency_id.as_str()).filter(|id| !id.is_empty()).map(str::parse).transpose();
        let stage = Stage {
            warn_from: read_day(row.warn_from.as_deref()).ok_or_else(|| bad("warn_from"))?,
            enforce_from: read_day(row.enforce_from.as_deref()).ok_or_else(|| bad("enforce_from"))?,
        };
        Ok((rule, agency.map_err(|_| bad("agency_id"))?, stage))
    });
    Ok(Book { version, settings, stages: stages.collect::<Result<Stages, StorageError>>()? })
}

/// Adds a version; tells whether its number was free, so that of two changes at once only one is made.
pub async fn add(tx: &mut Tx, version: &Version, book: &Book) -> Result<bool, StorageError> {
    let Version { version: number, changed_at, changed_by, why } = version;
    if tx.write(ADD, &args![*number, *changed_at, changed_by, why]).await? == 0 {
        return Ok(false);
    }
    for (setting, value) in book.settings.entries() {
        tx.write(ADD_VALUE, &args![*number, setting.code(), i64::from(value)]).await?;
    }
    for (rule, agency, stage) in book.stages.entries() {
        let agency = agency.map(|id| id.to_string()).unwrap_or_default();
        let (warn, enforce) = (write_day(stage.warn_from), write_day(stage.enforce_from));
        tx.write(ADD_STAGE, &args![*number, rule.code(), agency, warn, enforce]).await?;
    }
    Ok(true)
}

/// With what the terms of all accounts were last computed.
pub async fn basis(db: &Db) -> Result<Option<Basis>, StorageError> {
    let row = db.find::<BasisRow>(BASIS, &[]).await?;
    Ok(row.map(|r| Basis { policy: r.policy_version, calendar: r.calendar_version, day: r.day }))
}

/// Writes down with what the terms of all accounts were computed.
pub async fn set_basis(db: &Db, basis: &Basis) -> Result<(), StorageError> {
    db.write(SET_BASIS, &args![basis.policy, basis.calendar, &basis.day]).await.map(|_| ())
}

/// A day as the table has it; [`Date::MIN`] stands for a rule that was always in force.
fn write_day(day: Option<Date>) -> Option<String> {
    day.map(|day| if day == Date::MIN { "always".to_owned() } else { day.to_string() })
}

/// Reads [`write_day`]; the outer `None` is no day at all.
#[expect(clippy::option_option, reason = "no day is a value here, an unreadable one is not")]
fn read_day(text: Option<&str>) -> Option<Option<Date>> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    match text {
        None => Some(None),
        Some("always") => Some(Some(Date::MIN)),
        Some(text) => Date::parse(text, &format).ok().map(Some),
    }
}
