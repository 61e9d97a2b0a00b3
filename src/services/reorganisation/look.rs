//! What the page of a reorganisation shows: who goes where, what else changes with it, how far it is.

use super::place::{self, Places};
use super::{DRAFT, Reorganisation, reach};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Right};
use crate::domain::agency::Agency;
use crate::domain::bulk::Outcome;
use crate::domain::id::{AgencyId, ClientRowId, ReorganisationId};
use crate::domain::mailbox::MailSystem;
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::stage::Mode;
use crate::domain::reorganisation::{self, Before, Kind, Stage};
use crate::i18n::Lang;
use crate::services::rights::{self, Denied};
use crate::services::{Internal, sync};
use crate::storage::reorganisations as rows;
use crate::storage::{StorageError, administrators, agencies, agency_numbers, compliance};

/// Accounts that are listed by name.
pub const LISTED: i64 = 50;

/// Reorganisations that the list shows.
const LATEST: i64 = 50;

/// What becomes of something beside the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes on to the agency that stays.
    Carried,
    /// It ends.
    Ends,
    /// It stays as it is.
    Stays,
    /// It reaches more from then on.
    Gains,
    /// It reaches less from then on.
    Loses,
    /// It had ended, or was held over another agency, and is what it was before.
    Returns,
}

impl Fate {
    /// The same in words; a number of accounts is gained or lost.
    pub fn words(self, t: Lang, number: u64) -> String {
        match self {
            Self::Carried => t.change_role_carried().to_owned(),
            Self::Ends => t.change_role_ends().to_owned(),
            Self::Stays => t.change_role_stays().to_owned(),
            Self::Gains => t.change_role_gains(&t.number(number)),
            Self::Loses => t.change_role_loses(&t.number(number)),
            Self::Returns => t.change_role_returns().to_owned(),
        }
    }
}

/// A role over one of the agencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The holder's name.
    pub name: String,
    /// The holder's address.
    pub address: String,
    /// Which role.
    pub role: crate::domain::admin::Role,
    /// The name of the agency.
    pub agency: String,
    /// What becomes of it.
    pub fate: Fate,
    /// How many accounts it gains or loses.
    pub number: u64,
}

/// An application that may do something over one of the agencies in its own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its row.
    pub id: ClientRowId,
    /// Its name, with the one in the protocol.
    pub name: String,
    /// What it may do, and the code that it reaches: `accounts.read; agency so-khcn`.
    pub rights: String,
    /// The name of the agency.
    pub agency: String,
    /// What becomes of its reach.
    pub fate: Fate,
    /// How many accounts it gains or loses.
    pub number: u64,
}

/// How a rule is switched on before and after, where that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The rule.
    pub rule: Rule,
    /// For the agency that is given up.
    pub before: Mode,
    /// For the one that stays.
    pub after: Mode,
}

/// A reorganisation as it is looked at.
#[derive(Debug, Clone)]
pub struct View {
    /// The reorganisation.
    pub one: Reorganisation,
    /// The agencies that give something up, as they were looked at.
    pub before: Vec<Before>,
    /// How many accounts of each of them it concerns.
    pub numbers: Vec<(String, i64)>,
    /// The first accounts by name.
    pub first: Vec<Account>,
    /// Roles over the agencies, and those that come to reach more or less; where it can be taken back, what becomes of
    /// them then.
    pub roles: Vec<Role>,
    /// Applications that come to reach more or less in their own name; likewise.
    pub applications: Vec<Application>,
    /// Agencies below those that are merged, or below the one that is moved.
    pub below: Vec<String>,
    /// Where an agency that is moved lies before and afterwards.
    pub places: Option<Places>,
    /// What the directories call the agencies that are given up, with the number of mailboxes.
    pub texts: Vec<(MailSystem, String, u64)>,
    /// Agencies that have whom their staff ask of their own.
    pub contacts: Vec<String>,
    /// Rules that are switched on differently, with the name of the agency.
    pub stages: Vec<(String, Moved)>,
    /// How many were dealt with, by what came of them; `None`: not yet.
    pub outcomes: Vec<(Option<Outcome>, i64)>,
    /// The first that were left alone.
    pub left: Vec<Account>,
    /// Whether the agencies are such that the next step can be taken: to do it, or to take it back.
    pub fits: bool,
    /// Whether the administrator may confirm it, withdraw it or take it back.
    pub may_go_on: bool,
    /// Whether that needs a second person.
    pub needs_second: bool,
}

impl View {
    /// Whether roles and applications tell of the way back.
    pub fn is_way_back(&self) -> bool {
        self.fits && self.one.stage == Stage::Done
    }

    /// How many accounts it concerns.
    pub fn total(&self) -> i64 {
        self.numbers.iter().map(|(_, number)| number).sum()
    }

    /// How many have this outcome.
    pub fn number(&self, outcome: Option<Outcome>) -> i64 {
        self.outcomes.iter().filter(|(of, _)| *of == outcome).map(|(_, number)| number).sum()
    }
}

/// The latest that were confirmed, of the whole city.
pub async fn latest(app: &App, by: &Administrator) -> Result<Vec<Reorganisation>, Denied> {
    rights::ask(app, by, Right::SeeDecisions).await?;
    Ok(rows::latest(&app.db, LATEST).await?)
}

/// Those that nobody stands by any more, for whoever could take them over: the first, and how many there are.
pub async fn orphaned(app: &App, by: &Administrator) -> Result<Option<(ReorganisationId, usize)>, Internal> {
    if !(by.reach().is_city() && by.may(Right::ManageAgency)) {
        return Ok(None);
    }
    let all = rows::orphaned(&app.db).await?;
    Ok(all.first().map(|one| (one.id, all.len())))
}

/// How many accounts of each agency it concerns: as they are now, as long as it was not begun. One that is moved goes
/// with everybody in it and below it, and nobody of them is written down.
pub async fn numbers_of(
    app: &App,
    one: &Reorganisation,
) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    if one.kind == Kind::Move {
        agency_numbers::of_branch(&app.db, one.target).await
    } else if one.kind == Kind::Merge && one.started_at.is_none() {
        rows::now_of(&app.db, one).await
    } else {
        rows::by_from(&app.db, one.id).await
    }
}

/// One of them; `None` if there is none such.
pub async fn look(app: &App, by: &Administrator, id: ReorganisationId) -> Result<Option<View>, Denied> {
    rights::ask(app, by, Right::SeeDecisions).await?;
    let Some(one) = rows::by_id(&app.db, id).await? else { return Ok(None) };
    let before = rows::agencies(&app.db, id).await?;
    let all = agencies::with_merged(&app.db).await?;
    let name = |id: AgencyId| {
        let was = before.iter().find(|was| was.agency == id).map(|was| was.name.clone());
        was.or_else(|| all.iter().find(|a| a.id == id).map(|a| a.name.clone())).unwrap_or_default()
    };
    let numbers = numbers_of(app, &one).await?;
    let numbers = numbers.into_iter().filter_map(|(of, number)| Some((name(of?), number))).collect();
    let is_open_merge = one.kind == Kind::Merge && one.started_at.is_none();
    let first = if is_open_merge {
        rows::accounts_now(&app.db, &one, LISTED).await?
    } else {
        rows::accounts(&app.db, id, None, LISTED).await?
    };
    let left = match one.stage {
        Stage::Undoing | Stage::Undone => Outcome::Kept,
        _ => Outcome::Changed,
    };
    let is_mine = one.asked_by == by.account_id();
    let is_fresh = app.now().since(one.created_at) <= DRAFT;
    let is_manager = by.reach().is_city() && by.may(Right::ManageAgency);
    let fits = match one.stage {
        Stage::Draft | Stage::Planned | Stage::Orphaned => {
            reorganisation::still_fits(one.kind, one.after(), &before, &all)
        }
        _ => {
            reorganisation::fits_back(one.kind, one.after(), &before, &all)
                && !rows::is_built_on(&app.db, id).await?
        }
    };
    let contacts = compliance::contacts(&app.db).await?;
    let given_up = |id: AgencyId| before.iter().any(|was| was.agency == id);
    let (is_move, is_open) = (one.kind == Kind::Move, one.started_at.is_none());
    let texts = if is_open && !is_move { sync::agencies::texts(app, &before).await? } else { Vec::new() };
    let is_way_back = fits && one.stage == Stage::Done;
    let (roles, applications) = reaches(app, &one, &before, is_way_back).await?;
    Ok(Some(View {
        roles,
        applications,
        below: below(&one, &before, &all),
        places: place::names(&one, &before, &all),
        texts,
        contacts: contacts.iter().filter(|(of, _)| given_up(*of)).map(|(of, _)| name(*of)).collect(),
        stages: stages(app, &one, &before),
        outcomes: rows::by_outcome(&app.db, id).await?,
        left: rows::accounts(&app.db, id, Some(left), LISTED).await?,
        fits,
        may_go_on: is_manager && (one.stage != Stage::Draft || (is_mine && is_fresh)),
        needs_second: app.config.admin.two_persons,
        numbers,
        first,
        before,
        one,
    }))
}

/// What becomes of roles and applications, there or back.
async fn reaches(
    app: &App,
    one: &Reorganisation,
    before: &[Before],
    is_way_back: bool,
) -> Result<(Vec<Role>, Vec<Application>), Internal> {
    let returning = administrators::coming_back(&app.db, one.id, app.now()).await?;
    reach::told(app, one, before, is_way_back.then_some(returning.as_slice())).await
}

fn below(one: &Reorganisation, before: &[Before], all: &[Agency]) -> Vec<String> {
    if one.kind == Kind::Move {
        return place::along(one, all);
    }
    let given_up = |id: AgencyId| before.iter().any(|was| was.agency == id);
    let merged = |id: AgencyId| one.kind == Kind::Merge && given_up(id) && id != one.target;
    let is_below = |agency: &&Agency| {
        agency.merged_into.is_none() && !merged(agency.id) && agency.parent_id.is_some_and(merged)
    };
    all.iter().filter(is_below).map(|agency| agency.name.clone()).collect()
}

/// Where the rules are switched on differently: of a part that leaves they go with it.
fn stages(app: &App, one: &Reorganisation, before: &[Before]) -> Vec<(String, Moved)> {
    let (book, today) = (app.book(), app.now().local_date());
    if one.kind != Kind::Merge {
        return Vec::new();
    }
    let mut found = Vec::new();
    for was in before.iter().filter(|was| was.agency != one.target) {
        for rule in [Rule::DefaultPassword, Rule::PasswordAge, Rule::Inactivity] {
            let mode = |id| book.stages.of(rule, Some(id)).mode_on(today);
            let (before, after) = (mode(was.agency), mode(one.target));
            if before != after {
                found.push((was.name.clone(), Moved { rule, before, after }));
            }
        }
    }
    found
}
