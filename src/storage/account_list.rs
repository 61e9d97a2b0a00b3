//! The list of accounts: narrowed, searched and sorted in the index `account_list` alone; of the table only the rows of
//! the page are read.

use super::accounts::{self, Row};
use super::db::{Arg, Statement, args, statements};
use super::{Db, StorageError};
use crate::domain::account::{Account, Kind, LockReason, StateName};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use crate::domain::timestamp::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many words of a search are looked for one by one; what follows belongs to the last one.
const WORDS: usize = 4;

/// The beginning of one word: in the name of the agency, which costs a look into a short list, or in the account's own key.
macro_rules! word {
    ($at:literal) => {
        concat!(
            "AND (CAST(",
            $at,
            " AS TEXT) IS NULL OR agency_id IN (SELECT g.id FROM agency g WHERE ' ' || g.search_key LIKE ",
            $at,
            " ESCAPE '!') OR search_key LIKE ",
            $at,
            " ESCAPE '!') "
        )
    };
}

/// Whom a list is narrowed to: `$1` to `$12`.
macro_rules! narrowed {
    ($rest:expr) => {
        concat!(
            "WHERE (CAST($1 AS TEXT) IS NULL OR agency_id IN ",
            "(SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1)) ",
            "AND (CAST($2 AS TEXT) IS NULL OR agency_id = $2) ",
            "AND (CAST($3 AS TEXT) IS NULL OR state = $3) AND (CAST($4 AS TEXT) IS NULL OR state_reason = $4) ",
            "AND (CAST($5 AS TEXT) IS NULL OR kind = $5) AND (CAST($6 AS BIGINT) IS NULL OR systems = $6) ",
            "AND (CAST($7 AS BIGINT) IS NULL OR due_at > $7) AND (CAST($8 AS BIGINT) IS NULL OR due_at <= $8) ",
            word!("$9"),
            word!("$10"),
            word!("$11"),
            word!("$12"),
            $rest
        )
    };
}

/// A page in one order, upwards or downwards: after the key `$13` and the account `$14`, at most `$15` rows.
macro_rules! page {
    ($key:literal, $than:literal, $order:literal) => {
        accounts::select_account!(
            "created_at, systems, name_key, COALESCE(due_at, 9223372036854775807) AS due_key, state_since AS since_key, ",
            concat!(
                "WHERE id IN (SELECT id FROM account ",
                narrowed!(concat!(
                    "AND (",
                    $key,
                    ", id) ",
                    $than,
                    " ($13, $14) ORDER BY ",
                    $key,
                    $order,
                    ", id",
                    $order,
                    " LIMIT $15"
                )),
                ") ORDER BY ",
                $key,
                $order,
                ", id",
                $order
            )
        )
    };
}

statements! {
    BY_NAME = page!("name_key", ">", "");
    BY_NAME_DOWN = page!("name_key", "<", " DESC");
    BY_TERM = page!("COALESCE(due_at, 9223372036854775807)", ">", "");
    BY_TERM_DOWN = page!("COALESCE(due_at, 9223372036854775807)", "<", " DESC");
    BY_SINCE = page!("state_since", ">", "");
    BY_SINCE_DOWN = page!("state_since", "<", " DESC");
    MATCHING = concat!("SELECT COUNT(*) AS number FROM account ", narrowed!(""));
    // Not in the order of the index of agencies, from which it would be a look into every row.
    BY_AGENCY = concat!(
        "SELECT NULLIF(l.agency, '') AS agency_id, COUNT(*) AS number FROM \
         (SELECT COALESCE(agency_id, '') AS agency FROM account ",
        narrowed!(") AS l GROUP BY l.agency")
    );
    EDGE = "SELECT name_key, COALESCE(due_at, 9223372036854775807) AS due_key, state_since FROM account \
            WHERE id = $1";
}

/// What a list of accounts is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The reach of whoever asks.
    pub reach: Option<AgencyId>,
    /// Only of this agency.
    pub agency: Option<AgencyId>,
    /// Only in this state.
    pub state: Option<StateName>,
    /// Only locked for this reason.
    pub lock: Option<LockReason>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only held by exactly these mail systems.
    pub systems: Option<Systems>,
    /// Only whose term ends after this.
    pub due_after: Option<Timestamp>,
    /// Only whose term ends by then.
    pub due_by: Option<Timestamp>,
    /// Only those in which each word is found: name, address, staff number, title, or the name of the agency; marks do
    /// not matter.
    pub search: String,
}

/// Which mail systems hold an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Systems {
    /// None (any more).
    Neither,
    /// Exchange alone.
    Exchange,
    /// OBM alone.
    Obm,
    /// Both.
    Both,
}

impl Systems {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Neither, Self::Exchange, Self::Obm, Self::Both];

    /// The word in addresses of the console.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Neither => "none",
            Self::Exchange => "ad",
            Self::Obm => "obm",
            Self::Both => "both",
        }
    }

    /// Reads [`Systems::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|systems| systems.code() == code)
    }

    /// One by one, Exchange first.
    pub const fn each(self) -> &'static [MailSystem] {
        match self {
            Self::Neither => &[],
            Self::Exchange => &[MailSystem::Ad],
            Self::Obm => &[MailSystem::Obm],
            Self::Both => &[MailSystem::Ad, MailSystem::Obm],
        }
    }

    /// Exactly this one.
    pub(super) const fn only(system: MailSystem) -> Self {
        match system {
            MailSystem::Ad => Self::Exchange,
            MailSystem::Obm => Self::Obm,
        }
    }

    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Neither => 0,
            Self::Exchange => 1,
            Self::Obm => 2,
            Self::Both => 3,
        }
    }
}

/// By what a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// By given name.
    #[default]
    Name,
    /// By the end of the running term; who has none comes last.
    Term,
    /// By since when the account is in its state.
    Since,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Name, Self::Term, Self::Since];

    /// The word in addresses of the console.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Term => "due",
            Self::Since => "since",
        }
    }

    /// Reads [`Sort::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.code() == code)
    }

    const fn statement(self, downwards: bool) -> Statement {
        match (self, downwards) {
            (Self::Name, false) => BY_NAME,
            (Self::Name, true) => BY_NAME_DOWN,
            (Self::Term, false) => BY_TERM,
            (Self::Term, true) => BY_TERM_DOWN,
            (Self::Since, false) => BY_SINCE,
            (Self::Since, true) => BY_SINCE_DOWN,
        }
    }
}

/// Where a walk through the list stands: at the key that a row had when it was read, so that the walk goes on from there
/// wherever the account is by then. Good for the order in which it was made.
#[derive(Debug, Clone)]
pub struct Edge {
    key: Key,
    id: String,
}

#[derive(Debug, Clone)]
enum Key {
    Bytes(Vec<u8>),
    Number(i64),
}

impl Edge {
    /// Before everything, in the direction of the walk. Ids are of hexadecimal digits: "g" comes after each.
    pub fn beginning(sort: Sort, downwards: bool) -> Self {
        let key = match (sort, downwards) {
            (Sort::Name, false) => Key::Bytes(Vec::new()),
            (Sort::Name, true) => Key::Bytes(vec![0xff; 8]),
            (Sort::Term | Sort::Since, false) => Key::Number(i64::MIN),
            (Sort::Term | Sort::Since, true) => Key::Number(i64::MAX),
        };
        Self { key, id: if downwards { "g" } else { "" }.to_owned() }
    }

    /// The edge in letters, for an address.
    pub fn told(&self) -> String {
        match &self.key {
            Key::Bytes(bytes) => format!("b{}.{}", URL_SAFE_NO_PAD.encode(bytes), self.id),
            Key::Number(number) => format!("n{number}.{}", self.id),
        }
    }

    /// Reads [`Edge::told`], for the order in which it was made.
    pub fn read(text: &str, sort: Sort) -> Option<Self> {
        let (key, id) = text.split_once('.')?;
        let id: AccountId = id.parse().ok()?;
        let key = match (sort, key.split_at_checked(1)?) {
            (Sort::Name, ("b", bytes)) => Key::Bytes(URL_SAFE_NO_PAD.decode(bytes).ok()?),
            (Sort::Term | Sort::Since, ("n", number)) => Key::Number(number.parse().ok()?),
            (_, _) => return None,
        };
        Some(Self { key, id: id.to_string() })
    }
}

/// A row of the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The account.
    pub account: Account,
    /// Which mail systems hold it.
    pub systems: Systems,
    /// Since when it is known here.
    pub created_at: Timestamp,
    /// Where the list goes on after it.
    pub edge: Edge,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    account: Row,
    created_at: i64,
    systems: i64,
    name_key: Vec<u8>,
    due_key: i64,
    since_key: i64,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct EdgeRow {
    name_key: Vec<u8>,
    due_key: i64,
    state_since: i64,
}

/// A page of the list in an order, from an edge on.
pub async fn page(
    db: &Db,
    filter: &Filter,
    (sort, downwards): (Sort, bool),
    edge: &Edge,
    limit: i64,
) -> Result<Vec<Listed>, StorageError> {
    let mut args = narrowing(filter);
    args.push(match &edge.key {
        Key::Bytes(bytes) => Arg::from(bytes.as_slice()),
        Key::Number(number) => Arg::from(*number),
    });
    args.extend(args![&edge.id, limit]);
    let rows: Vec<ListedRow> = db.all(sort.statement(downwards), &args).await?;
    rows.into_iter().map(|row| listed(row, sort)).collect()
}

/// How many accounts a filter leaves.
pub async fn matching(db: &Db, filter: &Filter) -> Result<i64, StorageError> {
    Ok(db.one::<Number>(MATCHING, &narrowing(filter)).await?.number)
}

/// How many accounts of each agency a filter leaves.
pub async fn by_agency(db: &Db, filter: &Filter) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    accounts::by_agency(db.all(BY_AGENCY, &narrowing(filter)).await?)
}

/// The edge at an account.
pub async fn edge(db: &Db, id: AccountId, sort: Sort) -> Result<Option<Edge>, StorageError> {
    let Some(row) = db.find::<EdgeRow>(EDGE, &args![id]).await? else { return Ok(None) };
    let key = match sort {
        Sort::Name => Key::Bytes(row.name_key),
        Sort::Term => Key::Number(row.due_key),
        Sort::Since => Key::Number(row.state_since),
    };
    Ok(Some(Edge { key, id: id.to_string() }))
}

fn listed(row: ListedRow, sort: Sort) -> Result<Listed, StorageError> {
    let systems = Systems::ALL.into_iter().find(|systems| systems.number() == row.systems);
    let key = match sort {
        Sort::Name => Key::Bytes(row.name_key),
        Sort::Term => Key::Number(row.due_key),
        Sort::Since => Key::Number(row.since_key),
    };
    let account = accounts::account(row.account)?;
    let bad = || StorageError::corrupt("account", "systems", account.id().to_string());
    Ok(Listed {
        systems: systems.ok_or_else(bad)?,
        created_at: Timestamp::from_micros(row.created_at),
        edge: Edge { key, id: account.id().to_string() },
        account,
    })
}

fn narrowing(filter: &Filter) -> Vec<Arg> {
    let mut args = args![
        filter.reach,
        filter.agency,
        filter.state.map(StateName::code),
        filter.lock.map(LockReason::code),
        filter.kind.map(Kind::code),
        filter.systems.map(Systems::number),
        filter.due_after,
        filter.due_by,
    ]
    .to_vec();
    args.extend(words(&filter.search));
    args
}

/// A pattern for each word of a search; NULL where there are fewer.
pub(super) fn words(search: &str) -> [Arg; WORDS] {
    let key = name::search_key(search);
    let mut words = key.splitn(WORDS, ' ').filter(|word| !word.is_empty());
    std::array::from_fn(|_| Arg::from(words.next().map(containing)))
}

/// A pattern for what contains a word that begins so, in which nothing is a wildcard. Of an address the part before the `@` is kept
/// (`accounts::search_key`).
fn containing(word: &str) -> String {
    let text = word.find('@').map_or(word, |at| &word[..=at]);
    format!("% {}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_read_as_it_was_told_and_in_its_own_order_only() {
        let id = "01890000-0000-7000-8000-000000000000";
        for (sort, others, key) in [
            (Sort::Name, [Sort::Term, Sort::Since], Key::Bytes(vec![0, 255, 46])),
            (Sort::Since, [Sort::Name, Sort::Name], Key::Number(-7)),
        ] {
            let edge = Edge { key, id: id.to_owned() };
            let read = Edge::read(&edge.told(), sort).expect("is one");
            assert_eq!((read.told(), read.id.as_str()), (edge.told(), id));
            assert!(others.into_iter().all(|other| Edge::read(&edge.told(), other).is_none()));
        }
        for bad in ["", id, "n7", "n7.x", "nx.01890000-0000-7000-8000-000000000000", "é.7", "b*.7"] {
            assert!(Edge::read(bad, Sort::Term).is_none() && Edge::read(bad, Sort::Name).is_none(), "{bad}");
        }
    }
}
