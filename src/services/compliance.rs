//! How well the agencies keep the regulation, an agency's month, and whom its staff ask.

use super::rights::{self, Denied};
use super::{Internal, agency_months, audit_search};
use crate::app::App;
use crate::domain::account::{Account, LockReason};
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Entry};
use crate::domain::compliance::{Figures, UNLOCKS_OF, month_code, ranked};
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar::add_months;
use crate::domain::policy::settings::Class;
use crate::domain::timestamp::Timestamp;
use crate::storage::compliance::{self as rows, Since};
use crate::storage::{StorageError, administrators, agencies, audit, conflicts};
use std::collections::HashMap;
use thiserror::Error;
use time::{Date, Duration};

pub use crate::storage::agency_months::Kept;
pub use crate::storage::compliance::Contact;

/// The longest text of a contact, in characters.
pub const LONGEST: usize = 200;

/// An agency of the tree, with its numbers.
#[derive(Debug, Clone)]
pub struct Line {
    /// The agency.
    pub agency: Agency,
    /// How many agencies within reach lie above it.
    pub depth: usize,
    /// Of itself alone.
    pub own: Figures,
    /// With every agency below it.
    pub branch: Figures,
    /// Its place among how many of its sort in the city; `None` without accounts.
    pub place: Option<(usize, usize)>,
}

/// An agency as its own page shows it.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its line of the table.
    pub line: Line,
    /// The agency above it, if that is within reach too.
    pub parent: Option<Agency>,
    /// The agencies right below it.
    pub below: Vec<Agency>,
    /// Who administers it: names with addresses.
    pub administrators: Vec<(String, String)>,
    /// Its own contact.
    pub contact: Option<Contact>,
    /// Whose contact holds for it, if it has none: the nearest agency above that has one.
    pub inherited: Option<(Agency, Contact)>,
    /// What happened in the month that was asked for, with the agencies below it.
    pub month: Month,
    /// Its figures at the end of that month, or those of now while it lasts; `None` if none were kept.
    pub figures: Option<Kept>,
}

/// What happened in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// How often each act.
    pub acts: Vec<(Act, i64)>,
    /// Locks by reason.
    pub locks: Vec<(LockReason, i64)>,
}

/// Why a contact was not changed.
#[derive(Debug, Error)]
pub enum ContactRefused {
    /// There is no such agency within reach.
    #[error("there is no such agency within reach")]
    NoAgency,
    /// A text is too long.
    #[error("a contact has at most {LONGEST} characters in each line")]
    TooLong,
    /// A telephone or hours without a unit.
    #[error("a contact needs a name")]
    NoUnit,
    /// The role does not have the right, or it is our fault.
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl From<StorageError> for ContactRefused {
    fn from(error: StorageError) -> Self {
        Self::Denied(error.into())
    }
}

impl From<Internal> for ContactRefused {
    fn from(internal: Internal) -> Self {
        Self::Denied(internal.into())
    }
}

impl From<Forbidden> for ContactRefused {
    fn from(forbidden: Forbidden) -> Self {
        Self::Denied(forbidden.into())
    }
}

/// Every agency within reach in the order of the tree, each with its numbers.
pub async fn table(app: &App, by: &Administrator) -> Result<Vec<Line>, Internal> {
    let mut lines = tree(app).await?;
    lines.retain(|line| by.reach().covers(Some(line.agency.id)));
    // What lies above a branch is not shown: its root is at the top.
    let top = lines.iter().map(|line| line.depth).min().unwrap_or(0);
    for line in &mut lines {
        line.depth -= top;
    }
    Ok(lines)
}

/// Every agency of the city: the place of each is among all of its sort, whoever looks.
pub(super) async fn tree(app: &App) -> Result<Vec<Line>, Internal> {
    let all = agencies::every(&app.db).await?;
    let figures: HashMap<_, _> = rows::figures(&app.db, since(app)).await?.into_iter().collect();
    let conflicts = conflicts::every(&app.db).await?;
    let own = |id: AgencyId| Figures {
        conflicts: conflicts.get(&id).copied().unwrap_or(0),
        ..figures.get(&id).copied().unwrap_or_default()
    };
    let ranking: Vec<_> =
        all.iter().map(|agency| (agency.id, agency.code.as_str(), own(agency.id))).collect();
    let places: HashMap<_, _> =
        ranked(&ranking).into_iter().map(|(id, place, of)| (id, (place, of))).collect();
    let mut lines = Vec::with_capacity(all.len());
    let is_root = |agency: &Agency| !agency.parent_id.is_some_and(|up| all.iter().any(|a| a.id == up));
    for root in all.iter().filter(|agency| is_root(agency)) {
        hang(root, 0, &all, &own, &mut lines);
    }
    for line in &mut lines {
        line.place = places.get(&line.agency.id).copied();
    }
    Ok(lines)
}

/// Adds an agency and what lies below it; tells the numbers of all of them together.
fn hang(
    agency: &Agency,
    depth: usize,
    all: &[Agency],
    own: &impl Fn(AgencyId) -> Figures,
    lines: &mut Vec<Line>,
) -> Figures {
    let at = lines.len();
    let figures = own(agency.id);
    lines.push(Line { agency: agency.clone(), depth, own: figures, branch: figures, place: None });
    let mut branch = figures;
    // No use case makes a circle; one in the database ends here all the same.
    for below in all.iter().filter(|a| a.parent_id == Some(agency.id) && depth < all.len()) {
        branch = branch.and(hang(below, depth + 1, all, own, lines));
    }
    lines[at].branch = branch;
    branch
}

fn since(app: &App) -> Since {
    let (settings, now) = (app.book().settings.clone(), app.now());
    let months = settings.months(Class::Person);
    let today = now.local_date();
    // The earliest day from which so many months reach today.
    let mut day = today - Duration::days(i64::from(months) * 31);
    while add_months(day, months) < today {
        day += Duration::DAY;
    }
    Since {
        password: Timestamp::start_of(day),
        used: now.minus(Duration::days(i64::from(settings.inactive_days(Class::Person)))),
        unlocked: now.minus(Duration::days(UNLOCKS_OF)),
        mail_codes: app.config.second_factor.mail_codes,
        certificates: app.config.second_factor.certificates.is_some(),
    }
}

/// One agency with its month; `None` beyond reach. `first` is any day of the month. That it was read is recorded.
pub async fn page(app: &App, by: &Administrator, id: AgencyId, first: Date) -> Result<Option<Page>, Denied> {
    if !rights::agency(app, by, id).await? {
        return Ok(None);
    }
    let lines = table(app, by).await?;
    let Some(line) = lines.iter().find(|line| line.agency.id == id).cloned() else { return Ok(None) };
    let up = line.agency.parent_id;
    let administrators = administrators::of_agencies(&app.db, app.now()).await?;
    let administrators = administrators
        .into_iter()
        .filter(|(of, _, _)| *of == id)
        .map(|(_, name, address)| (name, address))
        .collect();
    let every = agencies::every(&app.db).await?;
    let contacts = rows::contacts(&app.db).await?;
    let month = month(app, id, first).await?;
    let described = format!("agency={} month={}", line.agency.code, month_code(month.first));
    audit_search::read_elsewhere(app, by, &described).await?;
    Ok(Some(Page {
        parent: lines.iter().map(|line| &line.agency).find(|agency| Some(agency.id) == up).cloned(),
        below: every.iter().filter(|agency| agency.parent_id == Some(id)).cloned().collect(),
        administrators,
        contact: contacts.iter().find(|(of, _)| *of == id).map(|(_, contact)| contact.clone()),
        inherited: nearest(&every, &contacts, up),
        figures: agency_months::of_month(app, &line, month.first).await?,
        month,
        line,
    }))
}

async fn month(app: &App, id: AgencyId, day: Date) -> Result<Month, Internal> {
    let first = day.replace_day(1).unwrap_or(day);
    let (from, until) = (Timestamp::start_of(first), Timestamp::start_of(add_months(first, 1)));
    let mut acts: Vec<(Act, i64)> = Vec::new();
    let mut locks: Vec<(LockReason, i64)> = Vec::new();
    for (act, detail, number) in rows::acts(&app.db, id, from, until).await? {
        match detail.as_deref().filter(|_| act == Act::Locked).and_then(LockReason::from_code) {
            Some(reason) => locks.push((reason, number)),
            None => match acts.iter_mut().find(|(known, _)| *known == act) {
                Some((_, sum)) => *sum += number,
                None => acts.push((act, number)),
            },
        }
    }
    acts.sort_by_key(|(act, _)| Act::ALL.iter().position(|known| known == act));
    locks.sort_by_key(|(reason, _)| LockReason::ALL.iter().position(|known| known == reason));
    Ok(Month { first, acts, locks })
}

/// The contact of an agency, or of the nearest one above that has one.
fn nearest(
    every: &[Agency],
    contacts: &[(AgencyId, Contact)],
    from: Option<AgencyId>,
) -> Option<(Agency, Contact)> {
    let mut at = from;
    for _ in 0..=every.len() {
        let agency = every.iter().find(|agency| Some(agency.id) == at)?;
        if let Some((_, contact)) = contacts.iter().find(|(of, _)| *of == agency.id) {
            return Some((agency.clone(), contact.clone()));
        }
        at = agency.parent_id;
    }
    None
}

/// Whom the holder of an account asks; `None`: the city's own unit.
pub async fn contact_of(app: &App, account: &Account) -> Result<Option<Contact>, Internal> {
    let Some(agency) = account.profile().agency_id else { return Ok(None) };
    let contacts = rows::contacts(&app.db).await?;
    if contacts.is_empty() {
        return Ok(None);
    }
    let every = agencies::every(&app.db).await?;
    Ok(nearest(&every, &contacts, Some(agency)).map(|(_, contact)| contact))
}

/// Sets whom the staff of an agency ask; all empty: as the agency above has it.
pub async fn set_contact(
    app: &App,
    by: &Administrator,
    id: AgencyId,
    contact: &Contact,
) -> Result<(), ContactRefused> {
    let actor = rights::acting(app, by, Right::ManageAgency).await?;
    if !rights::agency(app, by, id).await? {
        return Err(ContactRefused::NoAgency);
    }
    let lines = [&contact.unit, &contact.phone, &contact.hours];
    if lines.iter().any(|line| line.chars().count() > LONGEST) {
        return Err(ContactRefused::TooLong);
    }
    if contact.unit.is_empty() && lines.iter().any(|line| !line.is_empty()) {
        return Err(ContactRefused::NoUnit);
    }
    let agency = agencies::by_id(&app.db, id).await?.ok_or(ContactRefused::NoAgency)?;
    let contacts = rows::contacts(&app.db).await?;
    let words = |contact: &Contact| format!("{} · {} · {}", contact.unit, contact.phone, contact.hours);
    let before = contacts.iter().find(|(of, _)| *of == id).map(|(_, c)| words(c)).unwrap_or_default();
    let after = Some(contact).filter(|contact| !contact.unit.is_empty());
    let now = app.now();
    let entry = Entry::new(now, actor, Act::AgencyContactChanged, agency.code)
        .changing(before, after.map(words).unwrap_or_default());
    let mut tx = app.db.begin().await?;
    rows::set_contact(&mut tx, id, after, (now, entry.actor.name())).await?;
    audit::append(&mut tx, &[Entry { agency_id: Some(id), ..entry }]).await?;
    Ok(tx.commit().await?)
}
