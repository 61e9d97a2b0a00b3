//! Changing the calendar by two people: one enters or asks to strike, a second one confirms or carries it out.
//!
//! What is asked is an [`Order`]; [`prepare`] says what it would change without changing anything, [`carry_out`] does it.
//! What is entered holds at once as undecided, so in the user's favour; what is to be struck stays until a second
//! person agrees. The days that the house filled in, or the command line entered, need one administrator to confirm.

mod lines;
mod order;

pub use order::{By, Days, Order};

use lines::entry;

use super::calendar::{self as readings, calendars};
use super::{Internal, chain, deadlines, rights};
use crate::app::App;
use crate::domain::admin::Forbidden;
use crate::domain::agency::Agency;
use crate::domain::audit::Actor;
use crate::domain::id::AgencyId;
use crate::domain::name;
use crate::domain::policy::calendar::{Calendar, Calendars, ListedDay};
use crate::domain::policy::calendar_csv::{self, Row};
use crate::domain::policy::calendar_rules::{Fault, LineFault, Notice, Proposal};
use crate::domain::timestamp::Timestamp;
use crate::storage::calendar::{self, Entered, Listing, Strike};
use crate::storage::{StorageError, agencies, audit};
use thiserror::Error;
use time::Date;

/// What becomes of one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// As it is listed.
    pub before: Option<Listing>,
    /// As it will be listed.
    pub after: Option<Listing>,
    /// Why.
    pub why: Option<String>,
}

/// A change before it is made.
#[derive(Debug, Clone)]
pub struct Change {
    /// What becomes of each date that changes.
    pub steps: Vec<Step>,
    /// How many undecided days stay so because whoever asks entered them.
    pub left: u64,
    /// The version of the calendar that it changes.
    pub version: i64,
    listings: Vec<Listing>,
}

/// Why nothing was changed.
#[derive(Debug, Error)]
pub enum ChangeRefused {
    /// No such agency within reach, or not for this administrator.
    #[error("no such calendar within reach")]
    NotFound,
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Something is wrong with what was asked; everything that is.
    #[error("{} fault(s)", .0.len())]
    Faults(Vec<LineFault>),
    /// The calendar was changed meanwhile.
    #[error("the calendar was changed by somebody else meanwhile")]
    Changed,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ChangeRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Fault> for ChangeRefused {
    fn from(fault: Fault) -> Self {
        Self::Faults(vec![fault.into()])
    }
}

/// What an order would change. Nothing is written.
pub async fn prepare(app: &App, by: By<'_>, order: &Order) -> Result<Change, ChangeRefused> {
    if let By::Administrator(admin) = by {
        rights::ask(app, admin, order.right()).await?;
    }
    // The version first: a change in between is then noticed when this one is made.
    readings::reload(app).await?;
    let version = calendar::version(&app.db).await?;
    let listings = calendar::every(&app.db).await?;
    let agencies = agencies::every(&app.db).await?;
    let desk = Desk { by, now: app.now(), listings, agencies };
    let steps = desk.steps(order);
    if let (Err(ChangeRefused::NotFound), By::Administrator(admin)) = (&steps, by) {
        rights::out_of_reach(app, admin, "calendar").await;
    }
    let (steps, left) = steps?;
    Ok(Change { steps, left, version, listings: desk.listings })
}

/// The calendars that would be in force after a change.
pub fn calendars_after(change: &Change) -> Calendars {
    let key = |listing: &Listing| (listing.agency_id, listing.date);
    let touched: Vec<_> =
        change.steps.iter().filter_map(|s| s.before.as_ref().or(s.after.as_ref())).collect();
    let rest = change.listings.iter().filter(|listing| !touched.iter().any(|t| key(t) == key(listing)));
    calendars(rest.chain(change.steps.iter().filter_map(|step| step.after.as_ref())).cloned())
}

/// Carries an order out. With the version that a preview showed, only if the calendar is still the same.
pub async fn carry_out(
    app: &App,
    by: By<'_>,
    order: &Order,
    previewed: Option<i64>,
) -> Result<Change, ChangeRefused> {
    let change = prepare(app, by, order).await?;
    let actor = match by {
        By::Administrator(admin) => rights::acting(app, admin, order.right()).await?,
        By::CommandLine => Actor::CommandLine,
    };
    if previewed.is_some_and(|version| version != change.version) {
        return Err(ChangeRefused::Changed);
    }
    if change.steps.is_empty() {
        return Ok(change);
    }
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if calendar::count_up(&mut tx).await? != change.version + 1 {
        return Err(ChangeRefused::Changed);
    }
    let mut entries = Vec::with_capacity(change.steps.len());
    for step in &change.steps {
        match (&step.before, &step.after) {
            (_, Some(after)) => calendar::put(&mut tx, after).await?,
            (Some(before), None) => drop(calendar::remove(&mut tx, before.agency_id, before.date).await?),
            (None, None) => continue,
        }
        entries.extend(entry(now, &actor, step));
    }
    audit::append(&mut tx, &entries).await?;
    tx.commit().await?;
    readings::reload(app).await?;
    // The change stands. What is not moved now is moved by the lock job, before it locks.
    if let Err(error) = deadlines::keep(app).await {
        tracing::error!("moving the deadlines after a change of the calendar failed: {}", chain(&error));
    }
    Ok(change)
}

/// Everything that is looked at while an order is turned into steps.
struct Desk<'a> {
    by: By<'a>,
    now: Timestamp,
    listings: Vec<Listing>,
    agencies: Vec<Agency>,
}

/// The steps, and how many days were left out.
type Steps = Result<(Vec<Step>, u64), ChangeRefused>;

impl Desk<'_> {
    fn steps(&self, order: &Order) -> Steps {
        let alone = |step| Ok((vec![step], 0));
        match order {
            Order::Enter { agency, days, notice, why } => {
                self.may_enter(*agency)?;
                self.enter(*agency, days, notice.as_ref(), &reason(why)?)
            }
            Order::Import(table) => self.import(&calendar_csv::read(table).map_err(ChangeRefused::Faults)?),
            Order::Confirm { agency, days, notice } => {
                self.may_decide(*agency)?;
                self.confirm(*agency, days, notice)
            }
            Order::AskStrike { agency, date, why } => {
                self.may_enter(*agency)?;
                alone(self.ask_strike(*agency, *date, why)?)
            }
            Order::Strike(agency, date) => {
                self.may_decide(*agency)?;
                alone(self.strike(*agency, *date)?)
            }
            Order::Keep(agency, date) => {
                self.may_enter(*agency)?;
                let before = self.listed(*agency, *date)?;
                let strike = before.strike.clone().ok_or(Fault::NoStrike(*date))?;
                let after = Listing { strike: None, ..before.clone() };
                alone(Step { before: Some(before.clone()), after: Some(after), why: Some(strike.why) })
            }
            Order::Withdraw(agency, date) => {
                self.may_enter(*agency)?;
                let before = self.listed(*agency, *date)?;
                if before.day.confirmed || before.entered.replaces || !self.is_own(before) {
                    return Err(Fault::NotYours(*date).into());
                }
                alone(Step { before: Some(before.clone()), after: None, why: before.entered.why.clone() })
            }
        }
    }

    /// The city's days are kept by its administrators, an agency's exceptions by its own too.
    fn may_enter(&self, agency: Option<AgencyId>) -> Result<(), ChangeRefused> {
        let exists = agency.is_none_or(|id| self.agencies.iter().any(|agency| agency.id == id));
        if exists && self.by.reach().covers(agency) { Ok(()) } else { Err(ChangeRefused::NotFound) }
    }

    /// What was entered is confirmed, and what is asked to be struck is struck, by an administrator of the city.
    fn may_decide(&self, agency: Option<AgencyId>) -> Result<(), ChangeRefused> {
        self.may_enter(agency)?;
        if self.by.reach().is_city() { Ok(()) } else { Err(ChangeRefused::NotFound) }
    }

    fn enter(
        &self,
        agency: Option<AgencyId>,
        days: &[Proposal],
        notice: Option<&Notice>,
        why: &str,
    ) -> Steps {
        let city = self.city_with(days.iter().filter(|_| agency.is_none()));
        let (mut steps, mut faults) = (Vec::new(), Vec::new());
        for (at, day) in days.iter().enumerate() {
            faults.extend(day.faults());
            faults.extend(day.fault_beside(agency.is_some(), &city));
            if days[..at].iter().any(|other| other.date == day.date) {
                faults.push(Fault::Twice(day.date));
            }
            match self.listed(agency, day.date).ok() {
                Some(listed) if listed.day.confirmed => faults.push(Fault::Confirmed(day.date)),
                Some(listed) if is_listed_so(listed, day, notice) => faults.push(Fault::ListedSo(day.date)),
                before => steps.push(self.put(agency, before, day, notice, Some(why.to_owned()))),
            }
        }
        if days.is_empty() {
            faults.push(Fault::NoRows);
        }
        if faults.is_empty() {
            Ok((steps, 0))
        } else {
            Err(ChangeRefused::Faults(faults.into_iter().map(LineFault::from).collect()))
        }
    }

    fn import(&self, rows: &[Row]) -> Steps {
        let of_city = rows.iter().filter(|row| row.agency.is_none()).map(|row| &row.day);
        let city = self.city_with(of_city);
        let (mut steps, mut faults) = (Vec::new(), Vec::new());
        for row in rows {
            match self.import_row(row, &city) {
                Ok(step) => steps.extend(step),
                Err(fault) => faults.push(LineFault { line: Some(row.line), fault }),
            }
        }
        if faults.is_empty() { Ok((steps, 0)) } else { Err(ChangeRefused::Faults(faults)) }
    }

    /// What a row changes, if anything.
    fn import_row(&self, row: &Row, city: &Calendar) -> Result<Option<Step>, Fault> {
        let agency = match &row.agency {
            None => None,
            Some(code) => {
                Some(self.agency(code).ok_or_else(|| Fault::Agency(code.chars().take(40).collect()))?)
            }
        };
        let before = self.listed(agency, row.day.date).ok();
        if before.is_some_and(|listed| is_listed_so(listed, &row.day, row.notice.as_ref())) {
            return Ok(None);
        }
        if !self.by.reach().covers(agency) {
            return Err(Fault::CityDay);
        }
        if before.is_some_and(|listed| listed.day.confirmed) {
            return Err(Fault::Confirmed(row.day.date));
        }
        match row.day.fault_beside(agency.is_some(), city) {
            Some(fault) => Err(fault),
            None => Ok(Some(self.put(agency, before, &row.day, row.notice.as_ref(), row.basis.clone()))),
        }
    }

    fn confirm(&self, agency: Option<AgencyId>, days: &Days, notice: &Notice) -> Steps {
        let undecided = |listing: &&Listing| listing.agency_id == agency && !listing.day.confirmed;
        let (chosen, left) = match days {
            Days::These(dates) => {
                let found: Result<Vec<_>, _> = dates.iter().map(|date| self.listed(agency, *date)).collect();
                let found: Vec<_> = found?.into_iter().filter(undecided).collect();
                if let Some(own) = found.iter().find(|listing| self.is_own(listing)) {
                    return Err(Fault::OwnEntry(own.date).into());
                }
                (found, 0)
            }
            Days::Year(year) => {
                let of_year = self.listings.iter().filter(undecided).filter(|l| l.date.year() == *year);
                let (own, others): (Vec<_>, Vec<_>) = of_year.partition(|listing| self.is_own(listing));
                if let (Some(own), true) = (own.first(), others.is_empty()) {
                    return Err(Fault::OwnEntry(own.date).into());
                }
                (others, u64::try_from(own.len()).unwrap_or(u64::MAX))
            }
        };
        if chosen.is_empty() {
            return Err(Fault::NothingUndecided.into());
        }
        let keeps_own = matches!(days, Days::Year(_));
        let steps = chosen.into_iter().map(|before| {
            let mut after = before.clone();
            if !keeps_own || before.notice_number.is_none() {
                after.notice_number = Some(notice.number.clone());
                after.notice_date = Some(notice.date);
            }
            after.day.confirmed = true;
            after.confirmed_by = Some((self.by.name(), self.now));
            Step { before: Some(before.clone()), after: Some(after), why: None }
        });
        Ok((steps.collect(), left))
    }

    fn ask_strike(&self, agency: Option<AgencyId>, date: Date, why: &str) -> Result<Step, ChangeRefused> {
        let why = reason(why)?;
        let before = self.listed(agency, date)?;
        if before.strike.is_some() {
            return Err(Fault::StrikeWaits(date).into());
        }
        let strike =
            Strike { by: self.by.name(), account: self.by.account(), at: self.now, why: why.clone() };
        let after = Listing { strike: Some(strike), ..before.clone() };
        Ok(Step { before: Some(before.clone()), after: Some(after), why: Some(why) })
    }

    fn strike(&self, agency: Option<AgencyId>, date: Date) -> Result<Step, ChangeRefused> {
        let before = self.listed(agency, date)?;
        let strike = before.strike.as_ref().ok_or(Fault::NoStrike(date))?;
        if self.by.is(strike.account, &strike.by) {
            return Err(Fault::OwnStrike(date).into());
        }
        Ok(Step { before: Some(before.clone()), after: None, why: Some(strike.why.clone()) })
    }

    /// Lists a day as undecided.
    fn put(
        &self,
        agency: Option<AgencyId>,
        before: Option<&Listing>,
        day: &Proposal,
        notice: Option<&Notice>,
        why: Option<String>,
    ) -> Step {
        let replaces = before.is_some_and(|before| before.entered.replaces || !self.is_own(before));
        let after = Listing {
            date: day.date,
            agency_id: agency,
            day: undecided(day),
            notice_number: notice.map(|notice| notice.number.clone()),
            notice_date: notice.map(|notice| notice.date),
            entered: Entered {
                by: self.by.name(),
                account: self.by.account(),
                at: self.now,
                why: why.clone(),
                replaces,
            },
            confirmed_by: None,
            strike: None,
        };
        Step { before: before.cloned(), after: Some(after), why }
    }

    fn listed(&self, agency: Option<AgencyId>, date: Date) -> Result<&Listing, Fault> {
        let mut listings = self.listings.iter();
        let found = listings.find(|listing| listing.agency_id == agency && listing.date == date);
        found.ok_or(Fault::NotListed(date))
    }

    /// An agency within reach.
    fn agency(&self, code: &str) -> Option<AgencyId> {
        let found = self.agencies.iter().find(|agency| agency.code == code).map(|agency| agency.id);
        found.filter(|id| self.by.reach().covers(Some(*id)))
    }

    fn is_own(&self, listing: &Listing) -> bool {
        self.by.is(listing.entered.account, &listing.entered.by)
    }

    /// The city's calendar with further days.
    fn city_with<'d>(&self, days: impl Iterator<Item = &'d Proposal>) -> Calendar {
        let listed = self.listings.iter().filter(|listing| listing.agency_id.is_none());
        let listed = listed.map(|listing| (listing.date, listing.day.clone()));
        listed.chain(days.map(|day| (day.date, undecided(day)))).collect()
    }
}

/// Whether a day is listed with this kind, these names and, if one is named, this notice.
fn is_listed_so(listed: &Listing, day: &Proposal, notice: Option<&Notice>) -> bool {
    let is_same_notice = notice.is_none_or(|notice| {
        listed.notice_number.as_ref() == Some(&notice.number) && listed.notice_date == Some(notice.date)
    });
    listed.day.kind == day.kind && listed.day.vi == day.vi && listed.day.en == day.en && is_same_notice
}

fn undecided(day: &Proposal) -> ListedDay {
    ListedDay { kind: day.kind, vi: day.vi.clone(), en: day.en.clone(), confirmed: false }
}

fn reason(why: &str) -> Result<String, Fault> {
    let why = name::tidy(why);
    if why.is_empty() { Err(Fault::NoReason) } else { Ok(why.chars().take(500).collect()) }
}
