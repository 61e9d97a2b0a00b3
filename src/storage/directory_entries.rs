//! What each directory was last read to hold, entry by entry, and up to where its changes were read.

use super::db::{Arg, args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::address::MailAddress;
use crate::domain::id::AccountId;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::sync::{PassedOver, Seen, SeenAgency, SeenMailbox};
use crate::domain::timestamp::Timestamp;
use crate::domain::watch::{Cap, Forward, ForwardSource, Watched};
use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

statements! {
    DIGESTS = "SELECT native_id, digest FROM directory_entry WHERE system = $1";
    DIGEST = "SELECT native_id, digest FROM directory_entry WHERE system = $1 AND native_id = $2";
    EVERY = "SELECT native_id, kind, body, settled, since FROM directory_entry \
             WHERE system = $1 AND native_id > $2 ORDER BY native_id LIMIT 2000";
    CHANGED_AT = "SELECT MAX(e.since) AS since FROM mailbox m JOIN directory_entry e \
                  ON e.system = m.system AND e.native_id = m.native_id WHERE m.account_id = $1";
    UNSETTLED = "SELECT native_id, kind, body, settled, since FROM directory_entry \
                 WHERE system = $1 AND NOT settled ORDER BY native_id";
    SET_ASIDE = "SELECT native_id, kind, body, settled, since FROM directory_entry \
                 WHERE system = $1 AND kind = 'set_aside' ORDER BY native_id";
    BY_ID = "SELECT native_id, kind, body, settled, since FROM directory_entry \
             WHERE system = $1 AND native_id = $2";
    // An entry that only settles is as it was since before.
    PUT = "INSERT INTO directory_entry (system, native_id, kind, body, digest, settled, since, quota_kib, message_kib, \
           used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (system, native_id) DO UPDATE SET \
           quota_kib = excluded.quota_kib, message_kib = excluded.message_kib, used_at = excluded.used_at, \
           since = CASE WHEN directory_entry.digest = excluded.digest THEN directory_entry.since ELSE excluded.since END, \
           kind = excluded.kind, body = excluded.body, digest = excluded.digest, settled = excluded.settled";
    DELETE = "DELETE FROM directory_entry WHERE system = $1 AND native_id = $2";
    // When the holders of so many entries were last used in their mail systems: `account.used_there` follows what is kept.
    USED_THERE = "UPDATE account SET used_there = (SELECT MAX(e.used_at) FROM mailbox b JOIN directory_entry e \
                  ON e.system = b.system AND e.native_id = b.native_id WHERE b.account_id = account.id) \
                  WHERE id IN (SELECT m.account_id FROM mailbox m WHERE m.system = $1 AND m.native_id IN \
                  ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
                  $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41)) \
                  AND used_there IS DISTINCT FROM (SELECT MAX(e.used_at) FROM mailbox b JOIN directory_entry e \
                  ON e.system = b.system AND e.native_id = b.native_id WHERE b.account_id = account.id)";
    IS_MAILBOX = "SELECT COUNT(*) AS number FROM directory_entry \
                  WHERE system = $1 AND native_id = $2 AND kind = 'mailbox'";
    POSITION = "SELECT position, whole_at, read_at, mailboxes FROM directory_position WHERE system = $1";
    SET_POSITION = "INSERT INTO directory_position (system, position, whole_at, read_at, mailboxes) \
                    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (system) DO UPDATE SET position = excluded.position, \
                    whole_at = excluded.whole_at, read_at = excluded.read_at, mailboxes = excluded.mailboxes";
}

/// How many entries one statement brings the holders in line with.
const HOLDERS: usize = 40;

/// What tells one content of an entry from another: the first half of a SHA-256.
pub type Digest = [u8; 16];

/// Which of the two kinds of entries are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A mailbox.
    Mailbox,
    /// One that was left out.
    SetAside,
}

impl EntryKind {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mailbox => "mailbox",
            Self::SetAside => "set_aside",
        }
    }
}

/// An entry as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    kind: EntryKind,
    body: String,
    /// What tells its content from another.
    pub digest: Digest,
    /// Of a mailbox, for the lists: quota, largest message, last use.
    listed: [Option<i64>; 3],
}

/// An entry as it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEntry {
    /// Its stable id in its directory.
    pub id: String,
    /// What it is: a mailbox, or what was left out.
    pub what: Seen,
    /// Whether everything that it asks for was done.
    pub settled: bool,
    /// When it was first read as it is.
    pub since: Timestamp,
}

/// Up to where a directory was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// What the directory gave to ask for its changes with.
    pub position: Option<String>,
    /// When everything was last read.
    pub whole_at: Timestamp,
    /// When it was last read at all.
    pub read_at: Timestamp,
    /// How many mailboxes it held then.
    pub mailboxes: i64,
}

#[derive(sqlx::FromRow)]
struct SinceRow {
    since: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    native_id: String,
    kind: String,
    body: String,
    settled: bool,
    since: i64,
}

#[derive(sqlx::FromRow)]
struct DigestRow {
    native_id: String,
    digest: Vec<u8>,
}

impl DigestRow {
    /// A digest of another length is of no entry that could be read now.
    fn read(self) -> (String, Digest) {
        (self.native_id, self.digest.try_into().unwrap_or_default())
    }
}

#[derive(sqlx::FromRow)]
struct PositionRow {
    position: Option<String>,
    whole_at: i64,
    read_at: i64,
    mailboxes: i64,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

#[derive(Serialize, Deserialize)]
struct MailboxBody {
    login: String,
    address: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    staff_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agency_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
    enabled: bool,
    must_change: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password_set_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_used_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    forwards: Vec<ForwardBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quota: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct ForwardBody {
    to: String,
    keeps_copy: bool,
    source: String,
}

#[derive(Serialize, Deserialize)]
struct SetAsideBody {
    entry: String,
    why: String,
}

/// An entry as it is written down; `None` for what is nothing to the house.
pub fn written(what: &Seen) -> Option<Written> {
    match what {
        Seen::Mailbox(seen) => Some(written_mailbox(seen)),
        Seen::PassedOver(PassedOver { entry, why }) => {
            let body = SetAsideBody { entry: entry.clone(), why: why.clone() };
            Some(written_as(EntryKind::SetAside, &body))
        }
        Seen::Nothing => None,
    }
}

/// A mailbox as it is written down.
pub fn written_mailbox(seen: &SeenMailbox) -> Written {
    let Watched { quota, message, .. } = seen.watched;
    let listed = [quota.map(Cap::code), message.map(Cap::code), seen.last_used_at.map(Timestamp::micros)];
    Written { listed, ..written_as(EntryKind::Mailbox, &body_of(seen)) }
}

fn written_as(kind: EntryKind, body: &impl Serialize) -> Written {
    // Strings, numbers and booleans always have a JSON form.
    let body = serde_json::to_string(body).unwrap_or_default();
    // The number changes with what is kept beside the body, so that it is written for every entry.
    let whole = digest(&SHA256, format!("2 {} {body}", kind.code()).as_bytes());
    let mut half = Digest::default();
    half.copy_from_slice(&whole.as_ref()[..16]);
    Written { kind, body, digest: half, listed: [None; 3] }
}

/// The digest of every entry of a directory, by its id.
pub async fn digests(db: &Db, system: MailSystem) -> Result<Vec<(String, Digest)>, StorageError> {
    let rows: Vec<DigestRow> = db.all(DIGESTS, &args![system.code()]).await?;
    Ok(rows.into_iter().map(DigestRow::read).collect())
}

/// The digest of an entry.
pub async fn digest_of(db: &Db, system: MailSystem, id: &str) -> Result<Option<Digest>, StorageError> {
    let row: Option<DigestRow> = db.find(DIGEST, &args![system.code(), id]).await?;
    Ok(row.map(|row| row.read().1))
}

/// Every entry of a directory, by its id.
pub async fn every(db: &Db, system: MailSystem) -> Result<Vec<KeptEntry>, StorageError> {
    let mut all: Vec<KeptEntry> = Vec::new();
    loop {
        let after = all.last().map_or("", |last| last.id.as_str());
        let page = page(db, system, after).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// The next entries of a directory behind an id, in the order of their ids; none at the end. Whoever goes through all of
/// them so never has the rows of all in memory.
pub async fn page(db: &Db, system: MailSystem, after: &str) -> Result<Vec<KeptEntry>, StorageError> {
    db.all::<Row>(EVERY, &args![system.code(), after])
        .await?
        .into_iter()
        .map(|row| kept(system, row))
        .collect()
}

/// The entries of a directory of which something could not be done yet.
pub async fn unsettled(db: &Db, system: MailSystem) -> Result<Vec<KeptEntry>, StorageError> {
    db.all::<Row>(UNSETTLED, &args![system.code()]).await?.into_iter().map(|row| kept(system, row)).collect()
}

/// The entries of a directory that were left out.
pub async fn set_aside(db: &Db, system: MailSystem) -> Result<Vec<KeptEntry>, StorageError> {
    db.all::<Row>(SET_ASIDE, &args![system.code()]).await?.into_iter().map(|row| kept(system, row)).collect()
}

/// An entry by its id.
pub async fn by_id(db: &Db, system: MailSystem, id: &str) -> Result<Option<KeptEntry>, StorageError> {
    db.find::<Row>(BY_ID, &args![system.code(), id]).await?.map(|row| kept(system, row)).transpose()
}

/// When what the directories say of an account's holder last changed; `None` where nothing is kept.
pub async fn changed_at(db: &Db, account: AccountId) -> Result<Option<Timestamp>, StorageError> {
    let row = db.find::<SinceRow>(CHANGED_AT, &args![account]).await?;
    Ok(row.and_then(|row| row.since).map(Timestamp::from_micros))
}

/// Writes down entries as they were read, each with whether all that it asks for was done.
pub async fn put(
    tx: &mut Tx,
    system: MailSystem,
    entries: &[(String, Written, bool)],
    now: Timestamp,
) -> Result<(), StorageError> {
    let row = |(id, written, settled): &(String, Written, bool)| {
        let [quota, message, used] = written.listed;
        let Written { kind, body, digest, .. } = written;
        args![system.code(), id, kind.code(), body, &digest[..], *settled, now, quota, message, used].to_vec()
    };
    tx.write_rows(PUT, entries.iter().map(row).collect()).await?;
    for some in entries.chunks(HOLDERS) {
        let ids: Vec<_> = some.iter().map(|(id, ..)| id.as_str()).collect();
        used_there(tx, system, &ids).await?;
    }
    Ok(())
}

/// Brings the last use of the holders of some entries in line with what is kept of them.
async fn used_there(tx: &mut Tx, system: MailSystem, ids: &[&str]) -> Result<(), StorageError> {
    let Some(last) = ids.last() else { return Ok(()) };
    let mut args = args![system.code()].to_vec();
    // The statement takes so many, no fewer: the last one again does no harm.
    args.extend(ids.iter().chain(std::iter::repeat(last)).take(HOLDERS).map(|id| Arg::from(*id)));
    tx.write(USED_THERE, &args).await.map(|_| ())
}

/// Forgets an entry that is gone.
pub async fn delete(tx: &mut Tx, system: MailSystem, id: &str) -> Result<(), StorageError> {
    tx.write(DELETE, &args![system.code(), id]).await?;
    used_there(tx, system, &[id]).await
}

/// Whether an entry was last read to be a mailbox.
pub async fn is_mailbox(db: &Db, system: MailSystem, id: &str) -> Result<bool, StorageError> {
    Ok(db.one::<Number>(IS_MAILBOX, &args![system.code(), id]).await?.number > 0)
}

/// Up to where a directory was read; `None` if it never was.
pub async fn position(db: &Db, system: MailSystem) -> Result<Option<Position>, StorageError> {
    let row: Option<PositionRow> = db.find(POSITION, &args![system.code()]).await?;
    Ok(row.map(|row| Position {
        position: row.position,
        whole_at: Timestamp::from_micros(row.whole_at),
        read_at: Timestamp::from_micros(row.read_at),
        mailboxes: row.mailboxes,
    }))
}

/// Records up to where a directory was read. Everything before it must have been written down.
pub async fn set_position(tx: &mut Tx, system: MailSystem, at: &Position) -> Result<(), StorageError> {
    let args = args![system.code(), &at.position, at.whole_at, at.read_at, at.mailboxes];
    tx.write(SET_POSITION, &args).await.map(|_| ())
}

fn body_of(seen: &SeenMailbox) -> MailboxBody {
    MailboxBody {
        login: seen.key.login.clone(),
        address: seen.address.to_string(),
        aliases: seen.aliases.iter().map(ToString::to_string).collect(),
        name: seen.display_name.clone(),
        title: seen.title.clone(),
        staff_number: seen.staff_number.clone(),
        agency_code: seen.agency.as_ref().and_then(|agency| agency.code.clone()),
        agency: seen.agency.as_ref().map(|agency| agency.name.clone()),
        enabled: seen.enabled,
        must_change: seen.must_change,
        password_set_at: seen.password_set_at.map(Timestamp::micros),
        created_at: seen.created_at.map(Timestamp::micros),
        last_used_at: seen.last_used_at.map(Timestamp::micros),
        forwards: seen.watched.forwards.iter().map(forward_body).collect(),
        quota: seen.watched.quota.map(Cap::code),
        message: seen.watched.message.map(Cap::code),
    }
}

fn forward_body(forward: &Forward) -> ForwardBody {
    let Forward { to, keeps_copy, source } = forward;
    ForwardBody { to: to.clone(), keeps_copy: *keeps_copy, source: source.code().to_owned() }
}

fn kept(system: MailSystem, row: Row) -> Result<KeptEntry, StorageError> {
    let bad = |column| StorageError::corrupt("directory_entry", column, row.native_id.clone());
    let what = if row.kind == EntryKind::SetAside.code() {
        let SetAsideBody { entry, why } = serde_json::from_str(&row.body).map_err(|_| bad("body"))?;
        Seen::PassedOver(PassedOver { entry, why })
    } else {
        let body: MailboxBody = serde_json::from_str(&row.body).map_err(|_| bad("body"))?;
        let address = |text: &str| MailAddress::parse(text).map_err(|_| bad("body"));
        Seen::Mailbox(Box::new(SeenMailbox {
            key: MailboxKey { system, native_id: row.native_id.clone(), login: body.login },
            address: address(&body.address)?,
            aliases: body.aliases.iter().map(|alias| address(alias)).collect::<Result<_, _>>()?,
            display_name: body.name,
            title: body.title,
            staff_number: body.staff_number,
            agency: body.agency.map(|name| SeenAgency { code: body.agency_code, name }),
            enabled: body.enabled,
            must_change: body.must_change,
            password_set_at: body.password_set_at.map(Timestamp::from_micros),
            created_at: body.created_at.map(Timestamp::from_micros),
            last_used_at: body.last_used_at.map(Timestamp::from_micros),
            watched: Watched {
                forwards: body.forwards.into_iter().filter_map(forward).collect(),
                quota: body.quota.map(Cap::from_code),
                message: body.message.map(Cap::from_code),
            },
        }))
    };
    Ok(KeptEntry { id: row.native_id, what, settled: row.settled, since: Timestamp::from_micros(row.since) })
}

fn forward(body: ForwardBody) -> Option<Forward> {
    let source = ForwardSource::from_code(&body.source)?;
    Some(Forward { to: body.to, keeps_copy: body.keeps_copy, source })
}
