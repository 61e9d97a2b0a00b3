//! What a decision would do, shown before it is made: the pure plan over what the directories were last read to hold,
//! with it and without it.

use super::super::{Internal, rights};
use super::{known, plan_of, rulings};
use crate::app::App;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::audit::Actor;
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use crate::domain::sync::{Counts, Excess, Known, Line, Rulings, Size, Snapshot, counts, exceeded, lines};
use crate::domain::timestamp::Timestamp;
use crate::storage::{StorageError, agencies, directory_entries};
use std::collections::HashMap;
use thiserror::Error;

/// Lines that a preview shows.
const SHOWN: usize = 50;

/// The longest reason that is kept, in characters.
const WHY_LENGTH: usize = 500;

/// Why a decision was not made.
#[derive(Debug, Error)]
pub enum RulingRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// Nothing differs.
    #[error("nothing would change")]
    Nothing,
    /// Somebody else decided meanwhile, or what was decided on is not there any more.
    #[error("what was decided on has changed meanwhile")]
    Conflict,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for RulingRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// What the next run would do because of a decision.
#[derive(Debug, Clone, Default)]
pub struct Foreseen {
    /// How many lines of each kind.
    pub counts: Counts,
    /// The first of them.
    pub lines: Vec<Line>,
    /// The limits above which the run would be held.
    pub excess: Vec<Excess>,
    /// All agencies, for their names.
    pub agencies: Vec<Agency>,
}

/// What there is: accounts, and what the directories were last read to hold.
pub(in crate::services) struct Kept {
    pub(in crate::services) known: Vec<Known>,
    pub(in crate::services) snapshots: Vec<Snapshot>,
    pub(in crate::services) agencies: Vec<Agency>,
}

/// Reads it, side by side. A directory that was never read is left out.
pub(in crate::services) async fn kept(app: &App) -> Result<Kept, Internal> {
    let (mut systems, mut read_from) = (Vec::new(), None);
    for system in MailSystem::ALL {
        let Some(position) = directory_entries::position(&app.db, system).await? else { continue };
        systems.push(system);
        read_from = Some(read_from.map_or(position.read_at, |at: Timestamp| at.min(position.read_at)));
    }
    let read_from = read_from.unwrap_or_else(|| app.now());
    let agencies = agencies::with_merged(&app.db).await?;
    let (snapshots, known) =
        tokio::try_join!(snapshots(app, &systems), known::everybody(app, &systems, read_from))?;
    Ok(Kept { known, snapshots, agencies })
}

/// What these directories were last read to hold.
async fn snapshots(app: &App, systems: &[MailSystem]) -> Result<Vec<Snapshot>, Internal> {
    let mut snapshots = Vec::new();
    for system in systems.iter().copied() {
        let mut snapshot = Snapshot { system, mailboxes: Vec::new(), passed_over: Vec::new() };
        for entry in directory_entries::every(&app.db, system).await? {
            snapshot.take(entry.what);
        }
        snapshots.push(snapshot);
    }
    Ok(snapshots)
}

/// What other rulings would do that those in force do not: by the same plan that the next run makes.
pub(in crate::services) async fn foresee(app: &App, wanted: Rulings) -> Result<Foreseen, Internal> {
    let now = rulings::in_force(app).await?;
    let kept = kept(app).await?;
    let on = app.clone();
    // Two plans of a whole city take a second: not on a thread that serves requests.
    let foreseen = tokio::task::spawn_blocking(move || compare(&on, kept, &now, &wanted));
    foreseen.await.map_err(|error| Internal::new("planning ahead", error))
}

fn compare(app: &App, kept: Kept, now: &Rulings, wanted: &Rulings) -> Foreseen {
    let Kept { known, snapshots, agencies } = kept;
    let lines_by = |rulings| lines(&plan_of(app, &known, &agencies, &snapshots, rulings), &known, &agencies);
    let mut anyway: HashMap<Line, usize> = HashMap::new();
    for line in lines_by(now) {
        *anyway.entry(line).or_default() += 1;
    }
    let all = lines_by(wanted);
    let systems: Vec<_> = snapshots.iter().map(|snapshot| snapshot.system).collect();
    let excess = exceeded(&all, Size::of(&known, &systems), &app.config.sync.limits);
    let mut news: Vec<_> = all
        .into_iter()
        .filter(|line| match anyway.get_mut(line) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        })
        .collect();
    let counts = counts(&news);
    news.truncate(SHOWN);
    Foreseen { counts, lines: news, excess, agencies }
}

/// Who decides, and why: an administrator with the right to, with a reason.
pub(in crate::services) async fn judge(
    app: &App,
    by: &Administrator,
    why: &str,
) -> Result<(Actor, String), RulingRefused> {
    let actor = rights::acting(app, by, Right::DecideDirectories).await?;
    let why: String = name::tidy(why).chars().take(WHY_LENGTH).collect();
    if why.is_empty() { Err(RulingRefused::NoReason) } else { Ok((actor, why)) }
}
