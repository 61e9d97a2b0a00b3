//! Requests for a second person.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::approval::{Approval, Deed, Matter, Preview, Stage};
use crate::domain::id::{AccountId, ApprovalId};
use crate::domain::timestamp::Timestamp;

/// The columns of a request, from the rows that the rest of the statement chooses.
macro_rules! approval {
    ($rest:literal) => {
        concat!(
            "SELECT id, matter, content, preview, path, form, asked_by, asked_at, why, expires_at, state, decided_by, ",
            "decided_at, decided_why FROM approval ",
            $rest
        )
    };
}

statements! {
    ADD = "INSERT INTO approval (id, matter, content, preview, path, form, asked_by, asked_at, why, expires_at, state) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting')";
    APPROVED = approval!("WHERE asked_by = $1 AND state = 'approved' AND matter = $2 AND content = $3 \
                          AND expires_at > $4 ORDER BY asked_at, id");
    WAITING = approval!("WHERE asked_by = $1 AND state = 'waiting' AND matter = $2 AND content = $3 \
                         AND expires_at > $4 ORDER BY asked_at, id");
    NUMBER_OPEN = "SELECT COUNT(*) AS number FROM approval WHERE asked_by = $1 AND state IN ('waiting', 'approved') \
                   AND expires_at > $2";
    // Their own, and those of others in the matters $3: ',lock-many,unlock-many,'. Their own come first.
    OPEN = approval!("WHERE state IN ('waiting', 'approved') AND expires_at > $1 \
                      AND (asked_by = $2 OR $3 LIKE '%,' || matter || ',%') \
                      ORDER BY CASE WHEN asked_by = $2 THEN 0 ELSE 1 END, asked_at, id");
    CLOSED = approval!("WHERE (state NOT IN ('waiting', 'approved') OR expires_at <= $1) \
                        AND (asked_by = $2 OR $3 LIKE '%,' || matter || ',%') AND (asked_at, id) < ($4, $5) \
                        ORDER BY asked_at DESC, id DESC LIMIT $6");
    // To be decided on in the matters $3, or to be carried out. Nobody decides on what is about themselves: Deed::concerns.
    NUMBER_FOR = "SELECT COUNT(*) AS number FROM approval WHERE state IN ('waiting', 'approved') AND expires_at > $1 \
                  AND ((state = 'waiting' AND asked_by <> $2 AND $3 LIKE '%,' || matter || ',%' \
                  AND NOT (matter IN ('reset-decider', 'strip-decider', 'join-decider') AND content LIKE CAST($2 AS TEXT) || '%')) \
                  OR (state = 'approved' AND asked_by = $2))";
    BY_ID = approval!("WHERE id = $1");
    OF_PERSON = approval!("WHERE asked_by = $1 OR decided_by = $1 ORDER BY asked_at, id LIMIT $2");
    DECIDE = "UPDATE approval SET state = $2, decided_by = $3, decided_at = $4, decided_why = $5, expires_at = $6 \
              WHERE id = $1 AND state = 'waiting' AND expires_at > $4 AND asked_by <> $3";
    WITHDRAW = "UPDATE approval SET state = 'withdrawn' WHERE id = $1 AND asked_by = $2 AND state IN ('waiting', 'approved')";
    USE_UP = "UPDATE approval SET state = 'done' WHERE id = $1 AND state = 'approved' AND expires_at > $2";
    GIVE_BACK = "UPDATE approval SET state = 'approved' WHERE id = $1 AND state = 'done'";
    LEAVE = "UPDATE approval SET state = 'approved', content = $2, preview = $3, form = $4 \
             WHERE id = $1 AND state = 'done'";
    LAPSE = "UPDATE approval SET state = 'lapsed' WHERE id = $1 AND state = 'approved'";
}

/// Where a page of requests begins: below this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Its id.
    pub id: ApprovalId,
}

/// Whose requests concern somebody, beside their own: everybody's in these matters.
#[derive(Debug, Clone)]
pub struct Concern {
    /// Who looks.
    pub who: AccountId,
    /// In which matters those of others concern them.
    pub matters: Vec<Matter>,
}

impl Concern {
    /// The matters between commas.
    fn text(&self) -> String {
        let codes = self.matters.iter().map(|matter| matter.code());
        codes.fold(",".to_owned(), |text, code| text + code + ",")
    }
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

/// A preview in the database: `{"vi": […], "en": […]}`; before there were two languages, lines of plain text.
#[derive(serde::Serialize, serde::Deserialize)]
struct Lines {
    vi: Vec<String>,
    en: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    matter: String,
    content: String,
    preview: String,
    path: String,
    form: String,
    asked_by: String,
    asked_at: i64,
    why: String,
    expires_at: i64,
    state: String,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    decided_why: Option<String>,
}

/// Adds a request that waits.
pub async fn add(tx: &mut Tx, one: &Approval) -> Result<(), StorageError> {
    let form = serde_json::to_string(&one.form).unwrap_or_default();
    let args = args![
        one.id,
        one.deed.matter.code(),
        &one.deed.content,
        preview_text(&one.deed.preview),
        &one.path,
        form,
        one.asked_by,
        one.asked_at,
        &one.why,
        one.expires_at,
    ];
    tx.write(ADD, &args).await.map(|_| ())
}

/// The approvals of a deed that its asker has not carried out yet, the oldest first.
pub async fn approved(
    db: &Db,
    asker: AccountId,
    deed: &Deed,
    now: Timestamp,
) -> Result<Vec<Approval>, StorageError> {
    let args = args![asker, deed.matter.code(), &deed.content, now];
    db.all::<Row>(APPROVED, &args).await?.iter().map(approval).collect()
}

/// The request for a deed that waits already, if its asker has put it.
pub async fn waiting(
    tx: &mut Tx,
    asker: AccountId,
    deed: &Deed,
    now: Timestamp,
) -> Result<Option<Approval>, StorageError> {
    let args = args![asker, deed.matter.code(), &deed.content, now];
    tx.all::<Row>(WAITING, &args).await?.first().map(approval).transpose()
}

/// How many open requests somebody has.
pub async fn number_open(tx: &mut Tx, asker: AccountId, now: Timestamp) -> Result<i64, StorageError> {
    Ok(tx.one::<Number>(NUMBER_OPEN, &args![asker, now]).await?.number)
}

/// Every open request that concerns somebody: their own first, each kind the oldest first.
pub async fn open(db: &Db, concern: &Concern, now: Timestamp) -> Result<Vec<Approval>, StorageError> {
    db.all::<Row>(OPEN, &args![now, concern.who, concern.text()]).await?.iter().map(approval).collect()
}

/// The requests that concern somebody and are settled or too old, the latest first.
pub async fn closed(
    db: &Db,
    concern: &Concern,
    now: Timestamp,
    below: Option<Edge>,
    limit: i64,
) -> Result<Vec<Approval>, StorageError> {
    // Ids are of hexadecimal digits: "g" comes after each.
    let (at, id) =
        below.map_or((i64::MAX, "g".to_owned()), |edge| (edge.asked_at.micros(), edge.id.to_string()));
    let args = args![now, concern.who, concern.text(), at, id, limit];
    db.all::<Row>(CLOSED, &args).await?.iter().map(approval).collect()
}

/// How many requests wait for somebody: to decide on those of others in these matters, or to carry out their own.
pub async fn number_for(db: &Db, concern: &Concern, now: Timestamp) -> Result<i64, StorageError> {
    Ok(db.one::<Number>(NUMBER_FOR, &args![now, concern.who, concern.text()]).await?.number)
}

/// The request with this id.
pub async fn by_id(db: &Db, id: ApprovalId) -> Result<Option<Approval>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.as_ref().map(approval).transpose()
}

/// The requests that somebody has put or decided on, the oldest first.
pub async fn of_person(db: &Db, who: AccountId, limit: i64) -> Result<Vec<Approval>, StorageError> {
    db.all::<Row>(OF_PERSON, &args![who, limit]).await?.iter().map(approval).collect()
}

/// Decides on a request that waits; whoever asked cannot. Tells whether it waited.
pub async fn decide(
    tx: &mut Tx,
    id: ApprovalId,
    to: Stage,
    (by, at, why): (AccountId, Timestamp, &str),
    expires_at: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(DECIDE, &args![id, to.code(), by, at, why, expires_at]).await? == 1)
}

/// Takes an own request back; tells whether it was open.
pub async fn withdraw(tx: &mut Tx, id: ApprovalId, by: AccountId) -> Result<bool, StorageError> {
    Ok(tx.write(WITHDRAW, &args![id, by]).await? == 1)
}

/// Uses an approval up; tells whether it was good. Of many hands at once, one gets `true`.
pub async fn use_up(tx: &mut Tx, id: ApprovalId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(USE_UP, &args![id, now]).await? == 1)
}

/// Makes an approval good again whose act came to nothing.
pub async fn give_back(tx: &mut Tx, id: ApprovalId) -> Result<(), StorageError> {
    tx.write(GIVE_BACK, &args![id]).await.map(|_| ())
}

/// Makes an approval that was used up good again for less: this deed, by this form, until its end. Tells whether it was
/// used up.
pub async fn leave(
    tx: &mut Tx,
    id: ApprovalId,
    deed: &Deed,
    form: &[(String, String)],
) -> Result<bool, StorageError> {
    let form = serde_json::to_string(form).unwrap_or_default();
    Ok(tx.write(LEAVE, &args![id, &deed.content, preview_text(&deed.preview), form]).await? == 1)
}

/// Ends an approval whose giver has no such right any more; tells whether it was good until now.
pub async fn lapse(tx: &mut Tx, id: ApprovalId) -> Result<bool, StorageError> {
    Ok(tx.write(LAPSE, &args![id]).await? == 1)
}

fn preview_text(preview: &Preview) -> String {
    let Preview { vi, en } = preview.clone();
    serde_json::to_string(&Lines { vi, en }).unwrap_or_default()
}

fn preview(text: &str) -> Preview {
    match serde_json::from_str::<Lines>(text) {
        Ok(Lines { vi, en }) => Preview { vi, en },
        Err(_) => Preview::of(text.lines().map(str::to_owned).collect()),
    }
}

fn approval(row: &Row) -> Result<Approval, StorageError> {
    let bad = |column| StorageError::corrupt("approval", column, row.id.clone());
    let account = |text: &str, column| text.parse::<AccountId>().map_err(|_| bad(column));
    let decided = match (row.decided_by.as_deref(), row.decided_at) {
        (Some(by), Some(at)) => Some((
            account(by, "decided_by")?,
            Timestamp::from_micros(at),
            row.decided_why.clone().unwrap_or_default(),
        )),
        _ => None,
    };
    Ok(Approval {
        id: row.id.parse().map_err(|_| bad("id"))?,
        deed: Deed {
            matter: Matter::from_code(&row.matter).ok_or_else(|| bad("matter"))?,
            content: row.content.clone(),
            preview: preview(&row.preview),
        },
        path: row.path.clone(),
        form: serde_json::from_str(&row.form).map_err(|_| bad("form"))?,
        asked_by: account(&row.asked_by, "asked_by")?,
        asked_at: Timestamp::from_micros(row.asked_at),
        why: row.why.clone(),
        expires_at: Timestamp::from_micros(row.expires_at),
        stage: Stage::from_code(&row.state).ok_or_else(|| bad("state"))?,
        decided,
    })
}
