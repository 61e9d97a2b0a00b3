//! Agencies are renamed, merged, split or moved in the tree on a day: drawn up, looked at, confirmed, done by the job of
//! the house when the day comes, and taken back as far as nobody has been there since.
//!
//! Only for administrators of the whole city, and with a second person, who is asked for what `deed` says. What happens on
//! the day is in `work`, the way back in `back`, a place in the tree in `place`, who comes to reach more or less in `reach`,
//! what of that ends on the day in `held`, what the page shows in `look`.

mod back;
mod deed;
mod held;
mod look;
mod place;
mod reach;
mod work;

use deed::deed;
use look::numbers_of;
pub use look::{Application, Fate, LISTED, Moved, Role, View, latest, look, orphaned};
pub use place::Places;
pub use work::carry_on;

use super::approvals::{self, Stopped};
use super::confirm::RecentProof;
use super::lock::{self, LockRefused};
use super::{Internal, rights};
use crate::app::App;
use crate::domain::account::{Account, StateName};
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::agency_codes::Codes;
use crate::domain::approval::GOOD_FOR;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AgencyId, GrantId, ReorganisationId};
use crate::domain::name;
use crate::domain::reorganisation::{self, Before, Kind, LONGEST_AHEAD, MOST_FORMER_DAYS, Stage};
use crate::storage::reorganisations::{self as rows, Item};
use crate::storage::seen_applications::{self, Seen};
use crate::storage::{StorageError, accounts, administrators, agencies, agency_codes, agency_formers, audit};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;
use time::{Date, Duration};

pub use crate::storage::reorganisations::Reorganisation;

/// The most accounts that a split moves.
pub const MOST: usize = 20_000;

/// The longest name of an agency, in characters.
const LONGEST_NAME: usize = 200;

/// How long a draft is good: until a second person has looked at it, and then for their word.
const DRAFT: Duration = Duration::hours(2 * GOOD_FOR.whole_hours() + 1);

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What is done.
    pub kind: Kind,
    /// The agency that is renamed, into which others are merged, of which a part becomes a new one, or that is moved.
    pub agency: AgencyId,
    /// The agencies that are merged into it.
    pub merged: Vec<AgencyId>,
    /// The agency below which it is moved; `None`: to the top of the tree.
    pub under: Option<AgencyId>,
    /// The code afterwards; empty: as it is, or made of the name of a new one.
    pub code: String,
    /// The name afterwards; empty: as it is.
    pub name: String,
    /// Whom a split moves: addresses, between commas or on lines of their own.
    pub addresses: String,
    /// And everybody whose post has these words.
    pub post: String,
    /// Whether roles over an agency that is merged are held over the other one from then on; else they end.
    pub carries_roles: bool,
    /// The local day on which it takes effect.
    pub day: Date,
    /// For how many days applications are told the old code.
    pub former_days: i64,
}

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum ReorganisationRefused {
    /// There is none such, or not for them.
    #[error("there is no such reorganisation")]
    NotFound,
    /// No agency was chosen, or one that is not open.
    #[error("an agency of the list must be chosen")]
    NoAgency,
    /// The code cannot be one.
    #[error("a code is of small letters, digits and hyphens")]
    BadCode,
    /// Another agency has it, or had it.
    #[error("another agency has or had the code {0}")]
    CodeTaken(String),
    /// A name is missing, or too long.
    #[error("the new agency needs a name of at most {LONGEST_NAME} characters")]
    NoName,
    /// Another agency is called so.
    #[error("another agency is called {0}")]
    NameTaken(String),
    /// An agency would lie below itself.
    #[error("an agency does not lie below itself")]
    Circle,
    /// Nothing differs.
    #[error("nothing would change")]
    Nothing,
    /// The day is past, or too far away.
    #[error("the day is past, or more than a year away")]
    NoDay,
    /// Applications cannot be told for so long.
    #[error("the old code is told for at most {MOST_FORMER_DAYS} days")]
    BadDays,
    /// These are no addresses of accounts of the agency.
    #[error("not of this agency: {}", .0.join(", "))]
    Strangers(Vec<String>),
    /// It concerns nobody.
    #[error("it concerns nobody")]
    Nobody,
    /// More accounts than one takes.
    #[error("too many accounts")]
    TooMany,
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// The typed number is not the number of accounts.
    #[error("the typed number is another one")]
    WrongNumber,
    /// It is not at the point any more at which this could be done, or the agencies have changed since.
    #[error("it has changed meanwhile")]
    Gone,
    /// Something else has happened to the agencies since.
    #[error("something else has happened to these agencies since")]
    Later,
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

use ReorganisationRefused as Refused;

impl From<StorageError> for ReorganisationRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<LockRefused> for ReorganisationRefused {
    fn from(refused: LockRefused) -> Self {
        match refused {
            LockRefused::NoReason => Self::NoReason,
            refused => Self::Internal(Internal::new("reading a reason", refused)),
        }
    }
}

/// The actor, if it is an administrator of the whole city with the right.
async fn of_the_city(app: &App, by: &Administrator, what: &str) -> Result<Actor, Refused> {
    let actor = rights::acting(app, by, Right::ManageAgency).await?;
    if by.reach().is_city() {
        return Ok(actor);
    }
    rights::out_of_reach(app, by, what).await;
    Err(Refused::NotFound)
}

/// Draws one up; nothing is done yet.
pub async fn draft(app: &App, by: &Administrator, wish: &Wish) -> Result<ReorganisationId, Refused> {
    of_the_city(app, by, "reorganisation").await?;
    let (now, all) = (app.now(), agencies::with_merged(&app.db).await?);
    let today = now.local_date();
    if wish.day < today || wish.day - today > LONGEST_AHEAD {
        return Err(Refused::NoDay);
    }
    let is_move = wish.kind == Kind::Move;
    let former_days = if is_move { 0 } else { wish.former_days };
    if !(0..=MOST_FORMER_DAYS).contains(&former_days) {
        return Err(Refused::BadDays);
    }
    let subject = open(&all, wish.agency)?;
    let before = before(wish, subject, &all)?;
    let target = if wish.kind == Kind::Split { AgencyId::new(now, app.system.entropy()) } else { subject.id };
    let (code, name) = called(app, wish, (subject, target), &all).await?;
    let items = if wish.kind == Kind::Split { chosen(app, wish).await? } else { Vec::new() };
    let one = Reorganisation {
        id: ReorganisationId::new(now, app.system.entropy()),
        kind: wish.kind,
        asked_by: by.account_id(),
        asked_as: by.address().to_string(),
        target,
        code,
        name,
        under: wish.under.filter(|_| is_move),
        carries_roles: wish.carries_roles,
        day: wish.day,
        former_days,
        stage: Stage::Draft,
        why: None,
        created_at: now,
        started_at: None,
        finished_at: None,
    };
    let is_renamed = (&one.code, &one.name) != (&subject.code, &subject.name);
    let mut before = before;
    match wish.kind {
        Kind::Rename if !is_renamed => return Err(Refused::Nothing),
        Kind::Merge if is_renamed => before.push(as_it_is(subject)),
        Kind::Move => place::check(&all, subject, one.under)?,
        _ => {}
    }
    let mut tx = app.db.begin().await?;
    rows::insert(&mut tx, &one, &before, &items).await?;
    tx.commit().await?;
    Ok(one.id)
}

fn open(all: &[Agency], id: AgencyId) -> Result<&Agency, Refused> {
    let found = all.iter().find(|agency| agency.id == id && agency.merged_into.is_none());
    found.ok_or(Refused::NoAgency)
}

fn as_it_is(agency: &Agency) -> Before {
    Before {
        agency: agency.id,
        code: agency.code.clone(),
        name: agency.name.clone(),
        parent: agency.parent_id,
    }
}

/// The agencies that give something up.
fn before(wish: &Wish, subject: &Agency, all: &[Agency]) -> Result<Vec<Before>, Refused> {
    if wish.kind != Kind::Merge {
        return Ok(vec![as_it_is(subject)]);
    }
    if wish.merged.is_empty() || wish.merged.contains(&subject.id) {
        return Err(Refused::NoAgency);
    }
    wish.merged.iter().map(|id| open(all, *id).map(as_it_is)).collect()
}

/// The code and the name afterwards.
async fn called(
    app: &App,
    wish: &Wish,
    (subject, target): (&Agency, AgencyId),
    all: &[Agency],
) -> Result<(String, String), Refused> {
    if wish.kind == Kind::Move {
        return Ok((subject.code.clone(), subject.name.clone()));
    }
    let (typed_code, typed_name) = (name::tidy(&wish.code), name::tidy(&wish.name));
    let is_new = wish.kind == Kind::Split;
    let full_name = match typed_name {
        text if text.is_empty() && is_new => return Err(Refused::NoName),
        text if text.is_empty() => subject.name.clone(),
        text => text,
    };
    let code = match typed_code {
        text if text.is_empty() && is_new => name::slug(&full_name),
        text if text.is_empty() => subject.code.clone(),
        text => text,
    };
    if full_name.chars().count() > LONGEST_NAME {
        return Err(Refused::NoName);
    }
    if code != subject.code && !reorganisation::is_code(&code) {
        return Err(Refused::BadCode);
    }
    let formers = agency_formers::every(&app.db).await?;
    let is_taken = all.iter().any(|agency| agency.code == code && agency.id != target)
        || formers.iter().any(|former| former.code == code && former.agency != target);
    if is_taken {
        return Err(Refused::CodeTaken(code));
    }
    let key = name::search_key(&full_name);
    let is_other = |agency: &&Agency| agency.id != target && !wish.merged.contains(&agency.id);
    let open = all.iter().filter(|agency| agency.merged_into.is_none());
    if open.filter(is_other).any(|agency| name::search_key(&agency.name) == key) {
        return Err(Refused::NameTaken(full_name));
    }
    Ok((code, full_name))
}

/// Whom a split moves: the addresses that were typed, and everybody with these words in their post.
async fn chosen(app: &App, wish: &Wish) -> Result<Vec<Item>, Refused> {
    let (mut found, mut strangers) = (BTreeMap::new(), Vec::new());
    let typed = wish.addresses.split([',', ';', '\n', '\r', ' ', '\t']);
    for text in typed.map(str::trim).filter(|text| !text.is_empty()) {
        let account = match MailAddress::parse_typed(text, &app.config.city.mail_domain) {
            Ok(address) => accounts::by_address(&app.db, &address).await?,
            Err(_) => None,
        };
        let is_of_agency = |account: &Account| {
            account.profile().agency_id == Some(wish.agency) && account.state().name() != StateName::Retired
        };
        match account.filter(is_of_agency) {
            Some(account) => drop(found.insert(account.id(), account)),
            None => strangers.push(text.chars().take(100).collect()),
        }
    }
    if !strangers.is_empty() {
        return Err(Refused::Strangers(strangers));
    }
    let post = name::search_key(&wish.post);
    if !post.is_empty() {
        let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
        for account in rows::of_agency(&app.db, wish.agency, limit).await? {
            let title = account.profile().title.as_deref().unwrap_or_default();
            if name::search_key(title).contains(&post) {
                found.insert(account.id(), account);
            }
        }
    }
    match found.len() {
        0 => Err(Refused::Nobody),
        many if many > MOST => Err(Refused::TooMany),
        _ => Ok(found.into_keys().map(|account| Item { account, from: wish.agency }).collect()),
    }
}

/// Confirms a draft of one's own, or takes over what nobody stands by any more: by a typed number of accounts where some are
/// moved. With the day the job of the house does it.
pub async fn confirm(
    app: &App,
    by: &Administrator,
    id: ReorganisationId,
    (number, why): (&str, &str),
    _recent: &RecentProof,
) -> Result<(), Refused> {
    let actor = of_the_city(app, by, &format!("reorganisation {id}")).await?;
    let one = rows::by_id(&app.db, id).await?.ok_or(Refused::NotFound)?;
    let is_own = one.asked_by == by.account_id() && app.now().since(one.created_at) <= DRAFT;
    let takes_over = one.stage == Stage::Orphaned;
    let may = takes_over || (one.stage == Stage::Draft && is_own);
    if !may {
        return Err(Refused::Gone);
    }
    let (before, all) = (rows::agencies(&app.db, id).await?, agencies::with_merged(&app.db).await?);
    if !reorganisation::still_fits(one.kind, one.after(), &before, &all) {
        return Err(Refused::Gone);
    }
    let total: i64 = numbers_of(app, &one).await?.iter().map(|(_, number)| number).sum();
    let typed = number.trim().replace(['.', ',', ' ', '\u{a0}'], "");
    if one.kind != Kind::Rename && typed.parse() != Ok(total) {
        return Err(Refused::WrongNumber);
    }
    let why = lock::reason(why)?;
    let (roles, applications) = reach::told(app, &one, &before, None).await?;
    let deed = deed(&one, (&before, &all), total, (&roles, &applications), false);
    let gains = applications.into_iter().filter(|of| matches!(of.fate, Fate::Gains | Fate::Carried));
    let seen: Seen = gains.map(|of| (of.id, of.rights)).collect();
    let pass = approvals::pass(app, by, deed, None).await?;
    let entry = entry(app, actor, Act::AgencyChangePlanned, &one, &before).because(&why);
    let mut tx = app.db.begin().await?;
    pass.spend(app, &mut tx).await?;
    let is_first = if takes_over {
        rows::take_over(&mut tx, id, (by.account_id(), by.address()), &why).await?
    } else {
        rows::confirm(&mut tx, id, &why).await?
    };
    if !is_first {
        return Err(Refused::Gone);
    }
    seen_applications::keep(&mut tx, id, &seen).await?;
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

/// Takes one back whose day has not come, or that nobody stands by any more.
pub async fn withdraw(app: &App, by: &Administrator, id: ReorganisationId, why: &str) -> Result<(), Refused> {
    let actor = of_the_city(app, by, &format!("reorganisation {id}")).await?;
    let one = rows::by_id(&app.db, id).await?.ok_or(Refused::NotFound)?;
    let before = rows::agencies(&app.db, id).await?;
    let why = lock::reason(why)?;
    let entry = entry(app, actor, Act::AgencyChangeWithdrawn, &one, &before).because(why);
    let mut tx = app.db.begin().await?;
    let from = if one.stage == Stage::Orphaned { one.stage } else { Stage::Planned };
    if !rows::leave(&mut tx, id, (from, Stage::Withdrawn), app.now()).await? {
        return Err(Refused::Gone);
    }
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

/// Takes back what was done: the agencies at once, the accounts by the job of the house.
pub async fn undo(
    app: &App,
    by: &Administrator,
    id: ReorganisationId,
    why: &str,
    _recent: &RecentProof,
) -> Result<(), Refused> {
    let actor = of_the_city(app, by, &format!("reorganisation {id}")).await?;
    let one = rows::by_id(&app.db, id).await?.ok_or(Refused::NotFound)?;
    if one.stage != Stage::Done {
        return Err(Refused::Gone);
    }
    let (before, all) = (rows::agencies(&app.db, id).await?, agencies::with_merged(&app.db).await?);
    let fits = reorganisation::fits_back(one.kind, one.after(), &before, &all);
    if !fits || rows::is_built_on(&app.db, id).await? {
        return Err(Refused::Later);
    }
    let why = lock::reason(why)?;
    let total = numbers_of(app, &one).await?.iter().map(|(_, number)| number).sum();
    let returning = administrators::coming_back(&app.db, id, app.now()).await?;
    let (roles, applications) = reach::told(app, &one, &before, Some(&returning)).await?;
    let deed = deed(&one, (&before, &all), total, (&roles, &applications), true);
    let pass = approvals::pass(app, by, deed, None).await?;
    let entry = entry(app, actor, Act::AgencyChangeUndone, &one, &before).because(&why);
    let returning: BTreeSet<GrantId> = returning.into_iter().map(|listed| listed.grant.id).collect();
    back::begin(app, &one, (&before, &returning), (entry, &why, &pass)).await
}

fn entry(app: &App, actor: Actor, act: Act, one: &Reorganisation, before: &[Before]) -> Entry {
    let was: Vec<_> = before.iter().map(|was| was.code.as_str()).collect();
    let entry = Entry::new(app.now(), actor, act, one.code.clone());
    Entry { agency_id: Some(one.target), ..entry }
        .changing(was.join(", "), format!("{} {} {}", one.kind.code(), one.code, one.day))
}

/// The codes under which an account's agency was known before, as long as applications are told; the latest first.
pub(super) async fn former_codes(app: &App, account: &Account) -> Result<Vec<String>, StorageError> {
    match account.profile().agency_id {
        Some(agency) => rows::former_codes(&app.db, account.id(), agency, app.now()).await,
        None => Ok(Vec::new()),
    }
}

/// What the codes by which applications know agencies mean now.
pub(super) async fn codes(app: &App) -> Result<Codes, StorageError> {
    let now = app.now();
    let formers = agency_codes::formers(&app.db, now).await?;
    let passed = agency_codes::passed(&app.db).await?;
    Ok(Codes::new(&agencies::every(&app.db).await?, &formers, &passed, now))
}

/// Forgets old drafts; tells how many.
pub(super) async fn forget(app: &App) -> Result<u64, Internal> {
    Ok(rows::forget(&app.db, app.now().minus(DRAFT)).await?)
}
