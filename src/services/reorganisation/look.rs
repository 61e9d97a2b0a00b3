//! What the page of a reorganisation shows: who goes where, what else changes with it, how far it is.

use super::place::{self, Places};
use super::{DRAFT, Reorganisation};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Grant, Right};
use crate::domain::agency::Agency;
use crate::domain::bulk::Outcome;
use crate::domain::id::{AgencyId, GrantId, ReorganisationId};
use crate::domain::mailbox::MailSystem;
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::stage::Mode;
use crate::domain::reorganisation::{self, Before, Kind, Stage};
use crate::services::rights::{self, Denied};
use crate::services::wide::Wide;
use crate::services::{Internal, sync};
use crate::storage::reorganisations as rows;
use crate::storage::{StorageError, accounts, administrators, agencies, compliance};
use std::collections::BTreeSet;

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
    /// It reaches the agency that is moved from then on.
    Gains,
    /// It does not reach the agency that is moved any more.
    Loses,
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
    /// Roles over the agencies.
    pub roles: Vec<Role>,
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
        accounts::of_branch(&app.db, one.target).await
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
    Ok(Some(View {
        roles: roles(app, &one, &before, &all).await?,
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

/// The roles over agencies that are merged which go on over the other one. One that was granted since it was drawn up nobody
/// may have looked at: it ends, where it would become so wide that a second person must approve it.
pub(super) async fn carried(
    app: &App,
    one: &Reorganisation,
    before: &[Before],
) -> Result<BTreeSet<GrantId>, Internal> {
    if one.kind != Kind::Merge || !one.carries_roles {
        return Ok(BTreeSet::new());
    }
    let merged: BTreeSet<AgencyId> =
        before.iter().map(|was| was.agency).filter(|id| *id != one.target).collect();
    let wide = Wide::read(app).await?;
    let is_narrow = |grant: &Grant| {
        wide.as_ref().is_none_or(|wide| wide.merged(grant.account_id, &merged, one.target).is_none())
    };
    let goes_on = |grant: &Grant| {
        grant.agency_id.is_some_and(|agency| merged.contains(&agency))
            && (grant.granted_at <= one.created_at || is_narrow(grant))
    };
    let held = administrators::holders(&app.db, app.now()).await?;
    Ok(held.into_iter().filter(goes_on).map(|grant| grant.id).collect())
}

/// The roles over the agencies, and what becomes of each.
pub(super) async fn roles(
    app: &App,
    one: &Reorganisation,
    before: &[Before],
    all: &[Agency],
) -> Result<Vec<Role>, Internal> {
    if one.kind == Kind::Move {
        return Ok(place::roles(app, one, before, all).await?);
    }
    let held = administrators::list(&app.db, None, app.now()).await?;
    let carried = carried(app, one, before).await?;
    let role = |listed: administrators::Listed| {
        let was = before.iter().find(|was| Some(was.agency) == listed.grant.agency_id)?;
        let fate = match one.kind {
            Kind::Merge if carried.contains(&listed.grant.id) => Fate::Carried,
            Kind::Merge if was.agency != one.target => Fate::Ends,
            _ => Fate::Stays,
        };
        let agency = was.name.clone();
        let (name, address, role) = (listed.display_name, listed.address, listed.grant.role);
        Some(Role { name, address, role, agency, fate })
    };
    Ok(held.into_iter().filter_map(role).collect())
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
