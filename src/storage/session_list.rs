//! The open sessions of many people: the last used first, narrowed. A search reads the part of an index that is in use:
//! of the sessions by their last use, of those of a branch or of an application. Whose they are is asked of the indexes of
//! accounts, all at once; the accounts themselves are read for the sessions of the page.

use super::account_list::words;
use super::db::{Arg, Statement, args, statements};
use super::sessions::{self, Row};
use super::{Db, StorageError};
use crate::domain::id::{AccountId, AgencyId, ClientRowId, SessionId};
use crate::domain::session::{Door, Session};
use crate::domain::timestamp::Timestamp;

/// Whether each word of a search is found in somebody.
macro_rules! found {
    () => {
        "p.search_key LIKE $12 ESCAPE '!' \
         AND (CAST($13 AS TEXT) IS NULL OR p.search_key LIKE $13 ESCAPE '!') \
         AND (CAST($14 AS TEXT) IS NULL OR p.search_key LIKE $14 ESCAPE '!') \
         AND (CAST($15 AS TEXT) IS NULL OR p.search_key LIKE $15 ESCAPE '!')"
    };
}

/// Where it is looked for: among everybody at once; or, where few sessions are left, in the holder of each.
macro_rules! among {
    (everybody) => {
        concat!(
            "AND (CAST($12 AS TEXT) IS NULL OR s.account_id IN (SELECT p.id FROM account p WHERE ",
            found!(),
            ")) "
        )
    };
    (few) => {
        concat!(
            "AND (CAST($12 AS TEXT) IS NULL OR (SELECT ",
            found!(),
            " FROM account p WHERE p.id = s.account_id)) "
        )
    };
}

/// What is narrowed: `$1` to `$15`; `$lead` is the condition whose index is walked. A session that was not used for too
/// long at its door is over, though nobody has written that down. One that a later one in the same browser has succeeded
/// is listed with that, and so are the applications that it has entered.
macro_rules! narrowed {
    ($lead:literal, $found:ident, $rest:expr) => {
        concat!(
            "FROM session s WHERE ",
            $lead,
            "s.ended_at IS NULL AND s.succeeded_by IS NULL AND s.expires_at > $1 AND s.last_seen_at >= $2 ",
            "AND (s.door <> 'staff' OR s.last_seen_at >= $3) AND (s.door <> 'admin' OR s.last_seen_at >= $4) ",
            "AND (CAST($5 AS TEXT) IS NULL OR s.account_id IN (SELECT p.id FROM account p WHERE p.agency_id IN ",
            "(SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $5))) ",
            "AND (CAST($6 AS TEXT) IS NULL OR s.door = $6) ",
            "AND (CAST($7 AS TEXT) IS NULL OR s.account_id IN (SELECT p.id FROM account p WHERE p.agency_id = $7)) ",
            "AND (CAST($8 AS TEXT) IS NULL OR s.id <= $8) ",
            "AND (CAST($9 AS TEXT) IS NULL OR substr(s.source, 1, length(CAST($9 AS TEXT))) = $9) ",
            "AND (CAST($10 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM access_grant n ",
            "WHERE n.session_id = s.id AND n.client_id = $10 AND n.ended_at IS NULL) ",
            // CROSS: SQLite begins with the few that were succeeded.
            "OR EXISTS (SELECT 1 FROM session f CROSS JOIN access_grant m WHERE f.succeeded_by = s.id ",
            "AND m.session_id = f.id AND m.client_id = $10 AND m.ended_at IS NULL)) ",
            "AND (CAST($11 AS TEXT) IS NULL OR s.account_id <> $11) ",
            among!($found),
            $rest
        )
    };
}

/// A page below the moment `$16` and the session `$17`, at most `$18` sessions; one row for each application that a
/// session has entered.
macro_rules! page {
    ($lead:literal, $found:ident) => {
        concat!(
            "SELECT DISTINCT l.id, l.account_id, l.door, l.auth_time, l.last_seen_at, l.expires_at, l.source, ",
            "l.user_agent, l.proof, l.factor_at, a.address, a.display_name, a.agency_id, c.name AS application FROM (",
            "SELECT s.id, s.account_id, s.door, s.auth_time, s.last_seen_at, s.expires_at, s.source, s.user_agent, ",
            "s.proof, s.factor_at ",
            narrowed!(
                $lead,
                $found,
                "AND (s.last_seen_at, s.id) < ($16, $17) ORDER BY s.last_seen_at DESC, s.id DESC LIMIT $18"
            ),
            ") l JOIN account a ON a.id = l.account_id JOIN session f ON f.id = l.id OR f.succeeded_by = l.id ",
            "LEFT JOIN access_grant g ON g.session_id = f.id AND g.ended_at IS NULL ",
            "LEFT JOIN client c ON c.id = g.client_id ORDER BY l.last_seen_at DESC, l.id DESC, c.name"
        )
    };
}

macro_rules! matching {
    ($lead:literal, $found:ident) => {
        concat!("SELECT COUNT(*) AS number ", narrowed!($lead, $found, ""))
    };
}

statements! {
    PAGE = page!("", everybody);
    PAGE_OF_MANY = page!("", few);
    PAGE_OF_BRANCH = page!("s.account_id IN (SELECT o.id FROM account o WHERE o.agency_id IN \
                            (SELECT r.agency_id FROM agency_branch r WHERE r.root_id = $5)) AND ", few);
    PAGE_OF_CLIENT = page!("s.id IN (SELECT COALESCE(e.succeeded_by, e.id) FROM access_grant o \
                            JOIN session e ON e.id = o.session_id WHERE o.client_id = $10 AND o.ended_at IS NULL) AND ", few);
    MATCHING = matching!("", everybody);
    MATCHING_OF_BRANCH = matching!("s.account_id IN (SELECT o.id FROM account o WHERE o.agency_id IN \
                                    (SELECT r.agency_id FROM agency_branch r WHERE r.root_id = $5)) AND ", few);
    MATCHING_OF_CLIENT = matching!("s.id IN (SELECT COALESCE(e.succeeded_by, e.id) FROM access_grant o \
                                    JOIN session e ON e.id = o.session_id WHERE o.client_id = $10 \
                                    AND o.ended_at IS NULL) AND ", few);
    // Ended ones too.
    HOLDER = "SELECT account_id, door FROM session WHERE id = $1";
}

/// So many times as many as are asked for are many.
const MANY: i64 = 20;

/// What the open sessions are narrowed to.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Open at this moment.
    pub now: Timestamp,
    /// A session of the staff's door that was not used since is over.
    pub staff_since: Timestamp,
    /// The same of the administration's door.
    pub admin_since: Timestamp,
    /// The reach of whoever asks.
    pub reach: Option<AgencyId>,
    /// Only of this door.
    pub door: Option<Door>,
    /// Only of people of this agency.
    pub agency: Option<AgencyId>,
    /// Only begun by then.
    pub begun_by: Option<Timestamp>,
    /// Only from a network address that begins so.
    pub source: Option<String>,
    /// Only with this application.
    pub client: Option<ClientRowId>,
    /// Only of others than this account.
    pub but: Option<AccountId>,
    /// Only of people in whom each word is found.
    pub search: String,
}

/// A session of the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The session.
    pub session: Session,
    /// Its holder's address.
    pub address: String,
    /// Its holder's name.
    pub name: String,
    /// Its holder's agency.
    pub agency_id: Option<AgencyId>,
    /// The applications that it has entered, by name.
    pub applications: Vec<String>,
}

/// Where a page begins: below this session, as it stood on the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// Its id.
    pub id: SessionId,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    session: Row,
    address: String,
    display_name: String,
    agency_id: Option<String>,
    application: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct HolderRow {
    account_id: String,
    door: String,
}

/// A page of the open sessions, the last used first. `total` is how many match: among many a page is soon full, and the
/// holder of each session is looked at on the way; few are looked for in everybody at once.
pub async fn page(
    db: &Db,
    filter: &Filter,
    total: i64,
    (below, limit): (Option<Edge>, i64),
) -> Result<Vec<Listed>, StorageError> {
    let mut args = narrowing(filter);
    // Ids are of hexadecimal digits: "g" comes after each.
    let (at, id) =
        below.map_or((i64::MAX, "g".to_owned()), |edge| (edge.last_seen_at.micros(), edge.id.to_string()));
    args.extend(args![at, id, limit]);
    let any = if total > limit.saturating_mul(MANY) { PAGE_OF_MANY } else { PAGE };
    let rows: Vec<ListedRow> = db.all(filter.statement(any, PAGE_OF_BRANCH, PAGE_OF_CLIENT), &args).await?;
    let mut listed: Vec<Listed> = Vec::new();
    for row in rows {
        let application = row.application.clone();
        let one = one(row)?;
        match listed.last_mut().filter(|last| last.session.id == one.session.id) {
            Some(last) => last.applications.extend(application),
            None => listed.push(Listed { applications: application.into_iter().collect(), ..one }),
        }
    }
    Ok(listed)
}

/// How many open sessions a filter leaves.
pub async fn matching(db: &Db, filter: &Filter) -> Result<i64, StorageError> {
    let statement = filter.statement(MATCHING, MATCHING_OF_BRANCH, MATCHING_OF_CLIENT);
    Ok(db.one::<Number>(statement, &narrowing(filter)).await?.number)
}

/// Whose a session is or was, and at which door.
pub async fn holder(db: &Db, id: SessionId) -> Result<Option<(AccountId, Door)>, StorageError> {
    let Some(row) = db.find::<HolderRow>(HOLDER, &args![id]).await? else { return Ok(None) };
    let bad = |column| StorageError::corrupt("session", column, id.to_string());
    let account = row.account_id.parse().map_err(|_| bad("account_id"))?;
    Ok(Some((account, Door::from_code(&row.door).ok_or_else(|| bad("door"))?)))
}

impl Filter {
    /// The rarest condition leads.
    const fn statement(&self, any: Statement, of_branch: Statement, of_client: Statement) -> Statement {
        if self.reach.is_some() {
            of_branch
        } else if self.client.is_some() {
            of_client
        } else {
            any
        }
    }
}

fn narrowing(filter: &Filter) -> Vec<Arg> {
    let mut args = args![
        filter.now,
        filter.staff_since.min(filter.admin_since),
        filter.staff_since,
        filter.admin_since,
        filter.reach,
        filter.door.map(Door::code),
        filter.agency,
        // Their ids tell when they began; a proof that came later moves the other moments.
        filter.begun_by.map(SessionId::last_by),
        &filter.source,
        filter.client,
        filter.but,
    ]
    .to_vec();
    args.extend(words(&filter.search));
    args
}

fn one(row: ListedRow) -> Result<Listed, StorageError> {
    let session = sessions::session(row.session)?;
    let bad = || StorageError::corrupt("account", "agency_id", session.account_id.to_string());
    Ok(Listed {
        agency_id: row.agency_id.as_deref().map(str::parse).transpose().map_err(|_| bad())?,
        address: row.address,
        name: row.display_name,
        applications: Vec::new(),
        session,
    })
}
