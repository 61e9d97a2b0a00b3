//! What happens on the day: the agencies in one transaction, then account by account in small ones. Whatever breaks off
//! is gone on with by any node, and nothing is done twice.

use super::reach::{self, Reach};
use super::{Reorganisation, held, place};
use crate::app::App;
use crate::domain::account::{Account, Profile};
use crate::domain::admin::Right;
use crate::domain::agency::{Agency, above};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::bulk::Outcome;
use crate::domain::id::{AgencyId, GrantId, ReorganisationId};
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::regulation::Book;
use crate::domain::policy::stage::Stages;
use crate::domain::reorganisation::{Before, Former, Kind, Stage, placed_by_merge, still_fits};
use crate::domain::timestamp::Timestamp;
use crate::services::wide::Facts;
use crate::services::{Internal, chain, deadlines, letters, lock, policy, roles};
use crate::storage::reorganisations::{self as rows, Item};
use crate::storage::{
    StorageError, Tx, accounts, agencies, agency_formers, audit, compliance, policy as policies, posts,
    rulings, seen_applications,
};
use std::collections::BTreeSet;
use time::Duration;

/// Who does it.
pub(super) const JOB: Actor = Actor::Job("agencies");

/// By whom a post is ended that its holder has at the other agency, too.
pub(super) const POSTS_BY: &str = "agencies";

/// Accounts that are moved in one transaction.
const BATCH: i64 = 50;

/// How often a batch is tried anew at once when somebody else changes its accounts at the same time.
const CONFLICTS: u8 = 5;

/// Does what is due and goes on with what was broken off; for the job of the house, and right after a confirmation.
pub async fn carry_on(app: &App) -> Result<(), Internal> {
    policy::reload(app).await?;
    // Read first: what somebody else begins from now on is under way in the next look, and not passed over by both.
    let due = rows::due(&app.db, app.now().local_date()).await?;
    for one in rows::under_way(&app.db).await? {
        go_on(app, one.id).await;
    }
    // One after the other: the next one takes in whom this one has moved.
    for one in due {
        match begin(app, &one).await {
            Ok(()) => go_on(app, one.id).await,
            Err(internal) => tracing::error!("a reorganisation was not begun: {}", chain(&internal)),
        }
    }
    Ok(())
}

async fn go_on(app: &App, id: ReorganisationId) {
    if let Err(internal) = move_all(app, id).await {
        tracing::error!("a reorganisation broke off: {}", chain(&internal));
    }
}

/// Changes the agencies. If they are others than those that were looked at, or nobody stands by it any more, nothing is
/// done; it waits while another one with any of them is under way.
async fn begin(app: &App, one: &Reorganisation) -> Result<(), Internal> {
    let before = rows::agencies(&app.db, one.id).await?;
    if !is_stood_by(app, one).await? {
        return stop(app, one, &before, Stage::Orphaned).await;
    }
    let contacts = compliance::contacts(&app.db).await?;
    let (seen, city) = (seen_applications::of(&app.db, one.id).await?, letters::of_the_city(app).await?);
    let now = app.now();
    let mut tx = app.db.begin().await?;
    // First of all: whoever begins another one, or takes it back, stands in line here.
    rulings::changed(&mut tx).await?;
    if rows::is_in_the_way(&mut tx, one.id, false).await? {
        return Ok(());
    }
    let all = agencies::every_in(&mut tx).await?;
    if !still_fits(one.kind, one.after(), &before, &all) {
        drop(tx);
        return stop(app, one, &before, Stage::Stopped).await;
    }
    let days = Duration::days(one.former_days);
    let until = Timestamp::end_of(now.local_date().checked_add(days).unwrap_or(one.day));
    if !rows::begin(&mut tx, one.id, now, until).await? {
        return Ok(());
    }
    // Writers of the audit stand in line: from here on nobody else grants anything or moves an agency.
    let entry = super::entry(app, JOB, Act::AgenciesReorganised, one, &before);
    audit::append(&mut tx, &[entry]).await?;
    let facts = Facts::read_in(&mut tx, now).await?;
    let reaches = reach::weigh(&facts, one, &before, &reach::forth(app, Some(&seen)));
    rename(&mut tx, one, &before, (now, until)).await?;
    let mut entries = held::end(app, &mut tx, one, (&before, &all, &reaches), &city).await?;
    entries.extend(change(app, &mut tx, one, (&before, &all, &reaches), &contacts).await?);
    audit::append(&mut tx, &entries).await?;
    if place::lies_below_itself(&mut tx, one).await? {
        return Ok(());
    }
    tx.commit().await?;
    policy::reload(app).await
}

/// What is done with the agencies, but for another name.
async fn change(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    (before, all, reaches): (&[Before], &[Agency], &[Reach]),
    contacts: &[(AgencyId, compliance::Contact)],
) -> Result<Vec<Entry>, Internal> {
    Ok(match one.kind {
        Kind::Rename => Vec::new(),
        Kind::Merge => merge(app, tx, one, before, (all, &reach::carried(reaches))).await?,
        Kind::Split => {
            let source = before.first().map(|was| was.agency);
            let contact = contacts.iter().find(|(of, _)| Some(*of) == source).map(|(_, contact)| contact);
            split(app, tx, one, all, (source, contact)).await?.into_iter().collect()
        }
        Kind::Move => {
            let way = (place::was_below(before), one.under);
            vec![place::put(app, tx, one, all, way).await?]
        }
    })
}

/// Whether whoever confirmed it, maybe a year ago, still holds a role in which they could.
async fn is_stood_by(app: &App, one: &Reorganisation) -> Result<bool, Internal> {
    let held = roles::still_held(app, one.asked_by).await?;
    Ok(held.iter().any(|by| by.reach().is_city() && by.may(Right::ManageAgency)))
}

/// Does not do what was confirmed, and says why.
async fn stop(app: &App, one: &Reorganisation, before: &[Before], to: Stage) -> Result<(), Internal> {
    let entry = super::entry(app, JOB, Act::AgencyChangeStopped, one, before).because(to.code());
    let mut tx = app.db.begin().await?;
    if rows::leave(&mut tx, one.id, (Stage::Planned, to), app.now()).await? {
        audit::append(&mut tx, &[entry]).await?;
    }
    Ok(tx.commit().await?)
}

/// The agency that stays gets the name and the code that it is to have.
async fn rename(
    tx: &mut Tx,
    one: &Reorganisation,
    before: &[Before],
    times: (Timestamp, Timestamp),
) -> Result<(), StorageError> {
    let is_other =
        |was: &&Before| was.agency == one.target && (&was.code, &was.name) != (&one.code, &one.name);
    for was in before.iter().filter(is_other) {
        let former = Former { agency: was.agency, code: was.code.clone(), name: was.name.clone() };
        agency_formers::put(tx, one.id, &former, times).await?;
        agencies::rename(tx, one.target, &one.code, &one.name).await?;
    }
    Ok(())
}

/// An agency, if there is one, with those above it, the nearest first.
pub(super) fn with_above(all: &[Agency], from: Option<AgencyId>) -> Vec<AgencyId> {
    from.into_iter().chain(from.map(|id| above(all, id)).unwrap_or_default()).collect()
}

/// Agencies become part of another one, with what lies below them, the roles over them and the posts at them.
async fn merge(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    before: &[Before],
    (all, carried): (&[Agency], &BTreeSet<GrantId>),
) -> Result<Vec<Entry>, Internal> {
    let merged: BTreeSet<AgencyId> =
        before.iter().map(|was| was.agency).filter(|id| *id != one.target).collect();
    rows::add_everybody(tx, one).await?;
    for (below, up, parent) in placed_by_merge(all, &merged, one.target) {
        agencies::set_parent(tx, below, parent).await?;
        rows::add_part(tx, one.id, ("below", below.to_string()), (up, parent)).await?;
    }
    let mut entries = Vec::new();
    for id in &merged {
        agencies::close(tx, *id, one.target).await?;
        for (post, is_moved) in posts::leave_agency(tx, (*id, one.target), POSTS_BY, app.now()).await? {
            let after = is_moved.then_some(one.target);
            rows::add_part(tx, one.id, ("post", post.to_string()), (*id, after)).await?;
        }
        let to = (one.target, one.code.as_str());
        for (grant, after, entry) in roles::leave_agency(app, tx, *id, to, carried).await? {
            rows::add_part(tx, one.id, ("grant", grant.to_string()), (*id, after)).await?;
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// A new agency beside the one from which it comes: with its stages of the rules, and whom its staff ask.
async fn split(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    all: &[Agency],
    (source, contact): (Option<AgencyId>, Option<&compliance::Contact>),
) -> Result<Option<Entry>, Internal> {
    let Some(source) = all.iter().find(|agency| Some(agency.id) == source) else { return Ok(None) };
    agencies::put(tx, one.target, &one.code, &one.name).await?;
    agencies::set_parent(tx, one.target, source.parent_id).await?;
    if contact.is_some() {
        compliance::set_contact(tx, one.target, contact, (app.now(), &one.asked_as)).await?;
    }
    stages(app, tx, one, source.id).await
}

/// Where the rules begin on days of an agency's own, they do so for the part that leaves it.
async fn stages(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    source: AgencyId,
) -> Result<Option<Entry>, Internal> {
    let before = app.book();
    let own = |rule: Rule| before.stages.own(rule, source).map(|stage| (rule, stage));
    let rules = [Rule::DefaultPassword, Rule::PasswordAge, Rule::Inactivity];
    let own: Vec<_> = rules.into_iter().filter_map(own).collect();
    if own.is_empty() {
        return Ok(None);
    }
    let mut stages: Stages = before.stages.clone();
    for (rule, stage) in own {
        stages.set(rule, Some(one.target), stage);
    }
    let now = app.now();
    let book = Book { version: before.version + 1, settings: before.settings.clone(), stages };
    let why = one.why.clone().unwrap_or_default();
    let changed_by = one.asked_as.clone();
    let version = policy::Version { version: book.version, changed_at: now, changed_by, why: why.clone() };
    if !policies::add(tx, &version, &book).await? {
        let id = book.version.to_string();
        return Err(StorageError::Lost { table: "policy_version", id }.into());
    }
    let entry = Entry::new(now, JOB, Act::PolicyChanged, format!("version {}", book.version));
    Ok(Some(entry.with(format!("{source} → {}", one.target)).because(why)))
}

/// Moves the accounts, there or back, until nobody is left. Safe to run twice at the same time.
async fn move_all(app: &App, id: ReorganisationId) -> Result<(), Internal> {
    let mut conflicts = 0;
    while let Some(one) = rows::by_id(&app.db, id).await?.filter(|one| one.stage.is_under_way()) {
        match batch(app, &one).await {
            Ok(()) => conflicts = 0,
            Err(internal) if internal.is_conflict() && conflicts < CONFLICTS => conflicts += 1,
            Err(internal) => return Err(internal),
        }
    }
    Ok(())
}

async fn batch(app: &App, one: &Reorganisation) -> Result<(), Internal> {
    let is_back = one.stage == Stage::Undoing;
    let mut tx = app.db.begin().await?;
    let items = rows::waiting(&mut tx, one.id, is_back, BATCH).await?;
    let mut entries = Vec::new();
    for item in &items {
        let way = if is_back { (one.target, item.from) } else { (item.from, one.target) };
        entries.extend(deal_with(app, &mut tx, one, (item, is_back), way).await?);
    }
    if items.is_empty() {
        rows::finish(&mut tx, (one.id, one.stage), app.now()).await?;
    }
    audit::append(&mut tx, &entries).await?;
    Ok(tx.commit().await?)
}

/// One account: moved if it is still where it was; one that a synchronisation has moved already is done, one that is
/// somewhere else by now is left alone.
async fn deal_with(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    (item, is_back): (&Item, bool),
    (from, to): (AgencyId, AgencyId),
) -> Result<Option<Entry>, Internal> {
    let Some(account) = accounts::by_id_in(tx, item.account).await? else { return Ok(None) };
    let here = account.profile().agency_id;
    let is_ours = here == Some(from) || here == Some(to);
    let outcome = match (is_back, is_ours) {
        (false, true) => (None, Outcome::Done),
        (false, false) => (None, Outcome::Changed),
        (true, true) => (Some(Outcome::Done), Outcome::Undone),
        (true, false) => (Some(Outcome::Done), Outcome::Kept),
    };
    let is_first = rows::settle(tx, one.id, item.account, outcome).await?;
    if !is_first || here != Some(from) {
        return Ok(None);
    }
    move_to(app, tx, &account, to).await?;
    let entry = Entry::about(app.now(), JOB, Act::AccountReassigned, &account);
    let entry = Entry { agency_id: Some(to), ..entry };
    let names = (name_of(tx, from).await?, name_of(tx, to).await?);
    Ok(Some(entry.changing(names.0, names.1).because(one.why.clone().unwrap_or_default())))
}

async fn name_of(tx: &mut Tx, id: AgencyId) -> Result<String, StorageError> {
    Ok(agencies::by_id_in(tx, id).await?.map_or_else(|| id.to_string(), |agency| agency.code))
}

/// Moves an account; nobody is overdue the moment they come.
async fn move_to(app: &App, tx: &mut Tx, account: &Account, to: AgencyId) -> Result<(), Internal> {
    let moved = account.with_profile(Profile { agency_id: Some(to), ..account.profile().clone() });
    accounts::save(tx, &moved, lock::terms(app, &moved)).await?;
    Ok(deadlines::ease_in(app, tx, account, &moved).await?)
}
