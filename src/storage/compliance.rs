//! Numbers by agency: accounts as they are now, and what the audit tells of a time.

use super::audit_search::{self, Search};
use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::audit::Act;
use crate::domain::compliance::Figures;
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;
use std::collections::HashMap;
use time::Duration;

statements! {
    // By the index of agencies alone, with a look into the few lines of the audit about locks. An administrator's lock may
    // have taken the place of another one.
    FIGURES = "SELECT a.agency_id, COUNT(*) AS accounts, \
               SUM(CASE WHEN (a.state = 'must_change' AND a.state_reason = 'default_password') \
               OR (a.state = 'locked' AND a.state_reason = 'default_password_kept') \
               OR (a.state = 'must_change' AND a.state_reason = 'lock_lifted' AND 'default_password_kept' = \
               (SELECT l.before FROM audit l WHERE l.account_id = a.id AND l.act = 'unlocked' ORDER BY l.seq DESC LIMIT 1)) \
               OR (a.state = 'locked' AND a.state_reason = 'by_administrator' AND 'default_password_kept' = \
               (SELECT l.before FROM audit l WHERE l.account_id = a.id AND l.act = 'locked' ORDER BY l.seq DESC LIMIT 1)) \
               OR (a.state = 'must_change' AND a.state_reason = 'lock_lifted' AND 'by_administrator' = \
               (SELECT u.before FROM audit u WHERE u.account_id = a.id AND u.act = 'unlocked' ORDER BY u.seq DESC LIMIT 1) \
               AND 'default_password_kept' = \
               (SELECT l.before FROM audit l WHERE l.account_id = a.id AND l.act = 'locked' ORDER BY l.seq DESC LIMIT 1)) \
               THEN 1 ELSE 0 END) AS default_kept, \
               SUM(CASE WHEN a.state = 'active' AND a.state_since >= $1 THEN 1 ELSE 0 END) AS fresh, \
               SUM(CASE WHEN a.state = 'locked' THEN 1 ELSE 0 END) AS locked \
               FROM account a WHERE a.kind = 'person' AND a.state <> 'retired' AND a.agency_id IS NOT NULL \
               GROUP BY a.agency_id";
    // From those who have one, however many have none.
    SECOND_FACTOR = "SELECT a.agency_id, COUNT(*) AS number FROM account a WHERE a.kind = 'person' \
                     AND a.state <> 'retired' AND a.agency_id IS NOT NULL AND a.id IN \
                     (SELECT t.account_id FROM totp t WHERE t.confirmed_at IS NOT NULL \
                     UNION ALL SELECT p.account_id FROM passkey p \
                     UNION ALL SELECT o.account_id FROM other_address o WHERE $1 AND o.confirmed_at IS NOT NULL \
                     UNION ALL SELECT c.account_id FROM account_certificate c WHERE $2) GROUP BY a.agency_id";
    // In the order of the rows: no index holds the last use, which each sign-in writes, and one walk through the table is far
    // shorter than a look from an index into every row.
    DORMANT = "SELECT a.agency_id, COUNT(*) AS number FROM (SELECT COALESCE(p.agency_id, '') AS agency_id FROM account p \
               WHERE COALESCE(p.last_used_at, p.created_at) < $1 AND p.kind = 'person' AND p.state <> 'retired') AS a \
               WHERE a.agency_id <> '' GROUP BY a.agency_id";
    // From when the doors were closed: a lock that takes the place of another one closes none.
    UNLOCKS = "SELECT u.agency_id, COUNT(*) AS unlocks, \
               CAST(SUM((u.at - (SELECT MAX(l.at) FROM audit l WHERE l.account_id = u.account_id AND l.act = 'locked' \
               AND l.seq < u.seq AND l.before IN ('active', 'must_change'))) / 1000000) AS BIGINT) AS seconds \
               FROM audit u WHERE u.act = 'unlocked' AND u.seq >= $2 AND u.at >= $1 AND u.agency_id IS NOT NULL \
               AND EXISTS (SELECT 1 FROM audit l WHERE l.account_id = u.account_id AND l.act = 'locked' AND l.seq < u.seq \
               AND l.before IN ('active', 'must_change')) GROUP BY u.agency_id";
    // Agency by agency, act by act, between two numbers: by act alone it would be every sign-in of the house.
    ACTS = "SELECT l.act, l.after, COUNT(*) AS number FROM agency_branch b CROSS JOIN audit l WHERE b.root_id = $1 \
            AND l.agency_id = b.agency_id AND l.agency_id IS NOT NULL AND l.at >= $2 AND l.at < $3 \
            AND l.seq >= $4 AND l.seq < $5 \
            AND l.act IN ('first_access', 'signed_in', 'sign_in_refused', 'password_changed', 'password_recovered', \
            'password_reset', 'unlocked', 'factor_added', 'factors_reset', 'account_created', 'retired', 'locked') \
            AND (l.act <> 'locked' OR COALESCE(l.before, 'active') IN ('active', 'must_change')) GROUP BY l.act, l.after";
    CONTACTS = "SELECT agency_id, unit, phone, hours FROM agency_contact";
    PUT_CONTACT = "INSERT INTO agency_contact (agency_id, unit, phone, hours, changed_at, changed_by) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (agency_id) DO UPDATE SET unit = excluded.unit, \
                   phone = excluded.phone, hours = excluded.hours, changed_at = excluded.changed_at, \
                   changed_by = excluded.changed_by";
    DROP_CONTACT = "DELETE FROM agency_contact WHERE agency_id = $1";
}

#[derive(sqlx::FromRow)]
struct FiguresRow {
    agency_id: String,
    accounts: i64,
    default_kept: i64,
    fresh: i64,
    locked: i64,
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    agency_id: String,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct UnlocksRow {
    agency_id: String,
    unlocks: i64,
    seconds: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ActRow {
    act: String,
    after: Option<String>,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct ContactRow {
    agency_id: String,
    unit: String,
    phone: String,
    hours: String,
}

/// From when on things count.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// A password set before this is too old.
    pub password: Timestamp,
    /// An account not used since this is dormant.
    pub used: Timestamp,
    /// Locks lifted since this are counted.
    pub unlocked: Timestamp,
    /// Whether codes by mail count as a second factor.
    pub mail_codes: bool,
    /// Whether certificates do.
    pub certificates: bool,
}

/// Whom an agency's staff ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The unit or the person.
    pub unit: String,
    /// The telephone; may be empty.
    pub phone: String,
    /// The office hours; may be empty.
    pub hours: String,
}

/// The numbers of each agency that has accounts, without those below it and without its conflicts.
pub async fn figures(db: &Db, since: Since) -> Result<Vec<(AgencyId, Figures)>, StorageError> {
    let lately = Search { since: Some(since.unlocked), ..Search::default() };
    let least = audit_search::bounds(db, &lately).await?.map_or(i64::MAX, |(least, _)| least);
    let (password, used) = (args![since.password], args![since.used]);
    let unlocked = args![since.unlocked, least];
    let factors = args![since.mail_codes, since.certificates];
    let (rows, factors, dormant, unlocks) = tokio::try_join!(
        db.all::<FiguresRow>(FIGURES, &password),
        db.all::<NumberRow>(SECOND_FACTOR, &factors),
        db.all::<NumberRow>(DORMANT, &used),
        db.all::<UnlocksRow>(UNLOCKS, &unlocked),
    )?;
    let number = |rows: Vec<NumberRow>| -> HashMap<String, i64> {
        rows.into_iter().map(|row| (row.agency_id, row.number)).collect()
    };
    let (factors, dormant) = (number(factors), number(dormant));
    let of = |numbers: &HashMap<String, i64>, id: &str| numbers.get(id).copied().unwrap_or(0);
    let figures = |row: FiguresRow| {
        let lifted = unlocks.iter().find(|lifted| lifted.agency_id == row.agency_id);
        let figures = Figures {
            accounts: row.accounts,
            default_kept: row.default_kept,
            fresh: row.fresh,
            second_factor: of(&factors, &row.agency_id),
            dormant: of(&dormant, &row.agency_id),
            locked: row.locked,
            unlocks: lifted.map_or(0, |lifted| lifted.unlocks),
            unlock_seconds: lifted.and_then(|lifted| lifted.seconds).unwrap_or(0),
            conflicts: 0,
        };
        Ok((id(&row.agency_id)?, figures))
    };
    rows.into_iter().map(figures).collect()
}

/// What happened in a branch between two moments: the act, for locks with the reason, and how often.
pub async fn acts(
    db: &Db,
    root: AgencyId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(Act, Option<String>, i64)>, StorageError> {
    let span = Search {
        since: Some(from),
        until: Some(until.minus(Duration::microseconds(1))),
        ..Search::default()
    };
    let Some((least, below)) = audit_search::bounds(db, &span).await? else { return Ok(Vec::new()) };
    let rows: Vec<ActRow> = db.all(ACTS, &args![root, from, until, least, below]).await?;
    let known = |row: ActRow| Act::from_code(&row.act).map(|act| (act, row.after, row.number));
    Ok(rows.into_iter().filter_map(known).collect())
}

/// All contacts.
pub async fn contacts(db: &Db) -> Result<Vec<(AgencyId, Contact)>, StorageError> {
    let rows: Vec<ContactRow> = db.all(CONTACTS, &[]).await?;
    let contact = |row: ContactRow| {
        Ok((id(&row.agency_id)?, Contact { unit: row.unit, phone: row.phone, hours: row.hours }))
    };
    rows.into_iter().map(contact).collect()
}

/// Sets the contact of an agency, or takes it away.
pub async fn set_contact(
    tx: &mut Tx,
    agency: AgencyId,
    contact: Option<&Contact>,
    (now, by): (Timestamp, &str),
) -> Result<(), StorageError> {
    let Some(contact) = contact else {
        return tx.write(DROP_CONTACT, &args![agency]).await.map(|_| ());
    };
    let args = args![agency, &contact.unit, &contact.phone, &contact.hours, now, by];
    tx.write(PUT_CONTACT, &args).await.map(|_| ())
}

fn id(text: &str) -> Result<AgencyId, StorageError> {
    text.parse().map_err(|_| StorageError::corrupt("agency_contact", "agency_id", text))
}
