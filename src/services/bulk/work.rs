//! The work itself: batch by batch, each account once, whoever does it; gone on with where it was broken off. It is done on
//! the word of whoever confirmed it, and only for as long as they hold a role with the right.

use super::may;
use crate::app::App;
use crate::domain::account::{Account, State, StateName};
use crate::domain::admin::{Administrator, Right};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::bulk::{BulkAct, BulkState, Outcome};
use crate::domain::id::BulkId;
use crate::domain::session::SessionEnd;
use crate::domain::timestamp::Timestamp;
use crate::services::{Internal, chain, directory_locks, lock, logout_notices, rights, roles};
use crate::storage::bulk::{self, Item, Job};
use crate::storage::{Tx, accounts, audit, handed_over};

/// Accounts that are dealt with in one transaction.
const BATCH: i64 = 50;

/// How often a batch is tried anew at once when somebody else changes its accounts at the same time.
const CONFLICTS: u8 = 5;

/// On whose word the work is done.
struct Word {
    by: Administrator,
    actor: Actor,
    right: Right,
}

/// Does what was confirmed, or takes it back, until nothing is left to do. Safe to run twice at the same time. If whoever
/// confirmed it has lost the role, it ends there: what is not done stays so.
pub async fn carry_out(app: &App, id: BulkId) -> Result<(), Internal> {
    let mut conflicts = 0;
    loop {
        let Some(job) = bulk::by_id(&app.db, id).await?.filter(|job| job.state.is_under_way()) else {
            return Ok(());
        };
        match batch(app, &job).await {
            Ok(0) => {
                logout_notices::send_due(app).await?;
                directory_locks::try_due_at_once(app).await;
            }
            Ok(_) => conflicts = 0,
            // Somebody changed one of them between the look and the writing: the next look sees it.
            Err(internal) if internal.is_conflict() && conflicts < CONFLICTS => conflicts += 1,
            Err(internal) => return Err(internal),
        }
    }
}

/// Deals with some accounts in one transaction; tells with how many. When none is left, the work is finished.
async fn batch(app: &App, job: &Job) -> Result<usize, Internal> {
    let word = word(app, job).await?;
    let mut tx = app.db.begin().await?;
    let items = match (&word, job.state) {
        (None, _) => Vec::new(),
        (Some(_), BulkState::Running) => bulk::open(&mut tx, job.id, BATCH).await?,
        (Some(_), _) => bulk::done(&mut tx, job.id, BATCH).await?,
    };
    let mut entries = Vec::new();
    for item in &items {
        if let Some(word) = &word {
            entries.extend(deal_with(app, &mut tx, job, word, item).await?);
        }
    }
    if items.is_empty() {
        bulk::finish(&mut tx, (job.id, job.state), app.now()).await?;
    }
    audit::append(&mut tx, &entries).await?;
    if let Some(word) = &word {
        roles::keep_governed(&mut tx, &word.by, &entries, app.now()).await?;
    }
    tx.commit().await?;
    Ok(items.len())
}

/// Goes on with what was broken off; for the job of the house.
pub async fn carry_on(app: &App) -> Result<(), Internal> {
    for job in bulk::under_way(&app.db).await? {
        if let Err(internal) = carry_out(app, job.id).await {
            tracing::error!("an act over many accounts failed: {}", chain(&internal));
        }
    }
    Ok(())
}

/// The role of whoever confirmed it, if they still hold one with the right over as much as they reached.
async fn word(app: &App, job: &Job) -> Result<Option<Word>, Internal> {
    let right = match job.state {
        BulkState::Undoing => job.act.right_back(),
        _ => job.act.right(),
    };
    let held = roles::still_held(app, job.asked_by).await?;
    let Some(by) = held.into_iter().find(|by| by.may(right) && super::is_within(by, job)) else {
        tracing::warn!(job = %job.id, "whoever confirmed an act over many accounts has no such role any more");
        return Ok(None);
    };
    let actor = rights::acting(app, &by, right).await;
    Ok(actor.ok().map(|actor| Word { by, actor, right }))
}

async fn deal_with(
    app: &App,
    tx: &mut Tx,
    job: &Job,
    word: &Word,
    item: &Item,
) -> Result<Vec<Entry>, Internal> {
    let Some(account) = accounts::by_id_in(tx, item.account_id).await? else { return Ok(Vec::new()) };
    let now = app.now();
    let after = match job.state {
        BulkState::Running => {
            let deadline = app.regulation().fresh_term(&account, now);
            job.act.done_to(&account, now, deadline).ok()
        }
        _ => item.before.map(|(state, promised)| account.put_back(state, promised)),
    };
    let is_as_seen = account.version() == item.version && may(&word.by, word.right, &account);
    let after = after.filter(|_| is_as_seen);
    let is_ours = match (job.state, after.is_some()) {
        (BulkState::Running, true) => bulk::settle(tx, job.id, &account, Outcome::Done).await?,
        (BulkState::Running, false) => bulk::settle(tx, job.id, &account, Outcome::Changed).await?,
        (_, true) => bulk::settle_back(tx, job.id, account.id(), Outcome::Undone).await?,
        (_, false) => bulk::settle_back(tx, job.id, account.id(), Outcome::Kept).await?,
    };
    let Some(after) = after.filter(|_| is_ours) else { return Ok(Vec::new()) };
    if matches!(account.state(), State::Locked { .. }) {
        handed_over::renew(tx, account.id(), word.by.account_id(), now).await?;
    }
    let entry = entry((job, word), &account, &after, now);
    let mut entries = lock::save_in(app, tx, &after, ends_sessions(job.act, job.state), &entry).await?;
    entries.insert(0, entry);
    Ok(entries)
}

/// A lock closes what is open, and so does a password that may be in wrong hands.
const fn ends_sessions(act: BulkAct, state: BulkState) -> Option<SessionEnd> {
    match (act, state) {
        (BulkAct::DemandChange, BulkState::Running) => Some(SessionEnd::EndedByAdministrator),
        (BulkAct::Lock, BulkState::Running) | (BulkAct::Unlock, BulkState::Undoing) => {
            Some(SessionEnd::Locked)
        }
        _ => None,
    }
}

fn entry((job, word): (&Job, &Word), before: &Account, after: &Account, now: Timestamp) -> Entry {
    let code = |account: &Account| match *account.state() {
        State::Locked { reason, .. } => reason.code(),
        _ => account.state().name().code(),
    };
    let act = match (after.state().name(), before.state().name()) {
        (StateName::Locked, _) => Act::Locked,
        (_, StateName::Locked) => Act::Unlocked,
        (StateName::MustChange, _) => Act::ChangeDemanded,
        _ => Act::DemandWithdrawn,
    };
    Entry::about(now, word.actor.clone(), act, before)
        .changing(code(before), code(after))
        .because(job.why.clone().unwrap_or_default())
}
