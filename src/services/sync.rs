//! The synchronisation: read both directories, plan, guard, apply in small transactions, report.

use super::{Internal, chain, failed_attempts, letters, lock, session};
use crate::app::App;
use crate::domain::account::{Account, Traces};
use crate::domain::address::MailAddress;
use crate::domain::admin::Administrator;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::chance;
use crate::domain::id::{AccountId, AgencyId, MailboxId, RunId};
use crate::domain::mailbox::MailSystem;
use crate::domain::outbox;
use crate::domain::session::SessionEnd;
use crate::domain::sync::{
    Creation, Facts, Known, Plan, Rules, Snapshot, StateChange, Step, changed, plan, word,
};
use crate::domain::timestamp::Timestamp;
use crate::storage::{
    StorageError, Tx, accounts, agencies, audit, directory_locks, leases, mailboxes, sync_runs, throttles,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use thiserror::Error;
use time::Duration;

pub use crate::storage::sync_runs::Run;

/// Steps applied in one transaction.
const BATCH: usize = 200;

/// The lease of the synchronisation, and for how long it is taken.
const LEASE: (&str, Duration) = ("sync", Duration::minutes(30));

/// What happened with one directory in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryReport {
    /// `ad` or `obm`.
    pub system: String,
    /// Mailboxes read; `None` if it could not be read.
    pub read: Option<usize>,
    /// What went wrong.
    pub error: Option<String>,
    /// Entries left out, with the reason; at most fifty.
    pub passed_over: Vec<(String, String)>,
    /// How many were left out in all.
    pub passed_over_count: usize,
}

/// Who starts a run.
pub enum StartedBy<'a> {
    /// The schedule.
    Schedule,
    /// The command line.
    CommandLine,
    /// An administrator of the whole city.
    Administrator(&'a Administrator),
}

/// Why a run did not happen or failed.
#[derive(Debug, Error)]
pub enum SyncRefused {
    /// One is under way, here or on another node.
    #[error("a synchronisation is under way")]
    UnderWay,
    /// Only an administrator of the whole city starts one.
    #[error("only an administrator of the whole city starts a synchronisation")]
    NotYours,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for SyncRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// The latest runs, newest first.
pub async fn runs(app: &App, limit: i64) -> Result<Vec<Run>, Internal> {
    Ok(sync_runs::latest(&app.db, limit).await?)
}

/// The report of each directory in a run.
pub fn report(run: &Run) -> Vec<DirectoryReport> {
    serde_json::from_str(&run.report).unwrap_or_default()
}

/// Begins a run and returns at once with its id; [`carry_out`] does the work.
pub async fn begin(app: &App, by: &StartedBy<'_>) -> Result<RunId, SyncRefused> {
    let (actor, name) = match by {
        StartedBy::Schedule => (Actor::Job("sync"), "schedule".to_owned()),
        StartedBy::CommandLine => (Actor::CommandLine, "command_line".to_owned()),
        StartedBy::Administrator(admin) if admin.reach().agency().is_some() => {
            return Err(SyncRefused::NotYours);
        }
        StartedBy::Administrator(admin) => {
            let address = admin.address().to_string();
            (Actor::Administrator(address.clone()), address)
        }
    };
    let now = app.now();
    let id = RunId::new(now, app.system.entropy());
    // The run is the holder, not the node: two runs of one node exclude each other too.
    if !leases::take(&app.db, LEASE.0, &id.to_string(), now.plus(LEASE.1), now).await? {
        return Err(SyncRefused::UnderWay);
    }
    let mut tx = app.db.begin().await?;
    sync_runs::abandon(&mut tx, now).await?;
    sync_runs::start(&mut tx, id, &name, now).await?;
    if !matches!(by, StartedBy::Schedule) {
        audit::append(&mut tx, &[Entry::new(now, actor, Act::SyncStarted, "directories")]).await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// Does the work of a run that [`begin`] began, and records what came of it.
pub async fn carry_out(app: &App, id: RunId) -> Result<Run, Internal> {
    let (outcome, reports, plan, applied) = match read_and_apply(app, id).await {
        Ok(done) => done,
        Err(internal) => {
            tracing::error!("the synchronisation failed: {}", chain(&internal));
            (
                "failed",
                Vec::new(),
                Plan::default(),
                Applied { error: Some(chain(&internal)), ..Applied::default() },
            )
        }
    };
    let now = app.now();
    let mut reports = reports;
    if let Some(error) = applied.error {
        let nothing = DirectoryReport {
            system: "danang-sso".to_owned(),
            read: None,
            error: Some(error),
            passed_over: Vec::new(),
            passed_over_count: 0,
        };
        reports.push(nothing);
    }
    let run = Run {
        id,
        started_at: now,
        finished_at: Some(now),
        started_by: String::new(),
        outcome: outcome.to_owned(),
        report: serde_json::to_string(&reports).unwrap_or_else(|_| "[]".to_owned()),
        created: applied.created,
        updated: applied.updated,
        vanished: i64::try_from(plan.vanishing).unwrap_or(i64::MAX),
        progress: 0,
    };
    let mut tx = app.db.begin().await?;
    sync_runs::finish(&mut tx, &run).await?;
    if applied.created + applied.updated > 0 || outcome != "done" {
        let detail = format!("{outcome}; {} new, {} changed", applied.created, applied.updated);
        let entry = Entry::new(now, Actor::Job("sync"), Act::SyncEnded, "directories").with(detail);
        audit::append(&mut tx, &[entry]).await?;
    }
    tx.commit().await?;
    leases::give_back(&app.db, LEASE.0, &id.to_string()).await?;
    tracing::info!(
        outcome,
        created = run.created,
        updated = run.updated,
        vanished = run.vanished,
        "synchronised"
    );
    Ok(run)
}

/// A whole run, from beginning to end.
pub async fn run(app: &App, by: &StartedBy<'_>) -> Result<Run, SyncRefused> {
    let id = begin(app, by).await?;
    Ok(carry_out(app, id).await?)
}

#[derive(Default)]
struct Applied {
    created: i64,
    updated: i64,
    error: Option<String>,
}

async fn read_and_apply(
    app: &App,
    id: RunId,
) -> Result<(&'static str, Vec<DirectoryReport>, Plan, Applied), Internal> {
    let read_from = app.now();
    let (snapshots, mut reports) = read(app, id).await?;
    failed_attempts::read_thresholds(app).await;
    if snapshots.is_empty() {
        return Ok(("failed", reports, Plan::default(), Applied::default()));
    }
    let known = known(app, read_from).await?;
    let all = agencies::every(&app.db).await?;
    let regulation = app.regulation();
    let rules = Rules {
        regulation: &regulation,
        agency_mailbox_prefixes: &app.config.sync.agency_mailbox_prefixes,
        service_mailbox_prefixes: &app.config.sync.service_mailbox_prefixes,
    };
    let plan = plan(&known, &all, &snapshots, &rules, app.now());
    for report in &mut reports {
        let system = MailSystem::from_code(&report.system);
        let left_out = plan.passed_over.iter().filter(|(s, _)| Some(*s) == system);
        report.passed_over = left_out.map(|(_, p)| (p.entry.clone(), p.why.clone())).collect();
        report.passed_over_count = report.passed_over.len();
        report.passed_over.truncate(50);
    }
    let mailboxes = known.iter().map(|k| k.mailboxes.len()).sum();
    if plan.vanishes_too_much(mailboxes) {
        let error = format!("{} of {mailboxes} mailboxes would vanish; nothing was changed", plan.vanishing);
        return Ok(("held", reports, plan, Applied { error: Some(error), ..Applied::default() }));
    }
    let applied = apply(app, &plan, &known).await?;
    hold_locks(app, &snapshots, read_from).await?;
    let complete = snapshots.len() == app.directories.iter().count();
    Ok((if complete { "done" } else { "partial" }, reports, plan, applied))
}

/// Every mailbox of an account that is locked here is locked in its directory: one that is new there, and one whose
/// lock a directory has forgotten or somebody has taken away. The outbox carries it out.
async fn hold_locks(app: &App, snapshots: &[Snapshot], read_from: Timestamp) -> Result<(), Internal> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let mut ordered = directory_locks::order_missing(&mut tx, &app.config.write_locks_to, now).await?;
    for snapshot in snapshots {
        let settled = outbox::settled_before(read_from);
        ordered += directory_locks::order_forgotten(&mut tx, snapshot.system, settled, now).await?;
    }
    tx.commit().await?;
    if ordered > 0 {
        tracing::info!(ordered, "mailboxes of locked accounts were found open");
    }
    Ok(())
}

/// Reads every directory. One that cannot be read is reported and leaves its mailboxes as they are.
async fn read(app: &App, id: RunId) -> Result<(Vec<Snapshot>, Vec<DirectoryReport>), Internal> {
    let (mut snapshots, mut reports) = (Vec::new(), Vec::new());
    let mut before = 0;
    for directory in app.directories.iter() {
        let count = AtomicUsize::new(0);
        let progress = |read: usize| count.store(read, Ordering::Relaxed);
        let reading = directory.snapshot(&progress);
        tokio::pin!(reading);
        let result = loop {
            tokio::select! {
                result = &mut reading => break result,
                () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {
                    let read = before + count.load(Ordering::Relaxed);
                    sync_runs::progress(&app.db, id, i64::try_from(read).unwrap_or(i64::MAX)).await?;
                }
            }
        };
        let system = directory.system().code().to_owned();
        let mut report = DirectoryReport {
            system,
            read: None,
            error: None,
            passed_over: Vec::new(),
            passed_over_count: 0,
        };
        match result {
            Ok(snapshot) => {
                report.read = Some(snapshot.mailboxes.len());
                before += snapshot.mailboxes.len();
                snapshots.push(snapshot);
            }
            Err(error) => {
                tracing::warn!(system = report.system, "reading a directory: {}", chain(&error));
                report.error = Some(chain(&error));
            }
        }
        reports.push(report);
    }
    Ok((snapshots, reports))
}

async fn known(app: &App, read_from: Timestamp) -> Result<Vec<Known>, Internal> {
    let mut locked: HashMap<AccountId, Vec<_>> = HashMap::new();
    for order in directory_locks::every(&app.db).await? {
        if order.explains_disabled(read_from) {
            locked.entry(order.account_id).or_default().push(order.mailbox.system);
        }
    }
    let mut aliases = accounts::every_alias(&app.db).await?;
    let mut boxes: HashMap<AccountId, Vec<_>> = HashMap::new();
    for mailbox in mailboxes::every(&app.db).await? {
        boxes.entry(mailbox.account_id).or_default().push(mailbox);
    }
    let accounts = accounts::every(&app.db).await?;
    Ok(accounts
        .into_iter()
        .map(|account| {
            let id = account.id();
            Known {
                account,
                mailboxes: boxes.remove(&id).unwrap_or_default(),
                aliases: aliases.remove(&id).unwrap_or_default(),
                locked_by_us: locked.remove(&id).unwrap_or_default(),
            }
        })
        .collect())
}

/// Applies a plan, so many steps in a transaction. A batch in which one step fails is applied step by step, so that
/// one bad entry stops nobody else.
async fn apply(app: &App, plan: &Plan, known: &[Known]) -> Result<Applied, Internal> {
    let known: HashMap<AccountId, &Known> = known.iter().map(|k| (k.account.id(), k)).collect();
    let mut applied = Applied::default();
    let mut failed = 0;
    for batch in plan.steps.chunks(BATCH) {
        if let Err(error) = apply_batch(app, batch, &known).await {
            tracing::warn!("a batch of the synchronisation is applied one by one: {}", chain(&error));
            for step in batch {
                if let Err(error) = apply_batch(app, std::slice::from_ref(step), &known).await {
                    tracing::warn!(?step, "a step of the synchronisation failed: {}", chain(&error));
                    failed += 1;
                }
            }
        }
        for step in batch {
            match step {
                Step::Create(_) => applied.created += 1,
                Step::Update { .. } => applied.updated += 1,
                Step::Agency { .. } => {}
            }
        }
    }
    if failed > 0 {
        applied.error = Some(format!("{failed} steps failed; the log tells which, the next run tries again"));
    }
    Ok(applied)
}

async fn apply_batch(app: &App, batch: &[Step], known: &HashMap<AccountId, &Known>) -> Result<(), Internal> {
    let mut tx = app.db.begin().await?;
    let mut agencies: HashMap<String, AgencyId> =
        agencies::every_in(&mut tx).await?.into_iter().map(|a| (a.code, a.id)).collect();
    let mut entries = Vec::new();
    let marked: HashSet<String> = throttles::marked(&mut tx).await?.into_iter().collect();
    for step in batch {
        forget_wrong_passwords(app, &mut tx, step, known, &marked).await?;
        match step {
            Step::Agency { code, name } => {
                let id = AgencyId::new(app.now(), app.system.entropy());
                agencies::put(&mut tx, id, code, name).await?;
                agencies.entry(code.clone()).or_insert(id);
            }
            Step::Create(creation) => entries.push(create(app, &mut tx, creation, &agencies).await?),
            Step::Update { account_id, facts, attach, refresh, detach, change, used } => {
                let Some(known) = known.get(account_id) else { continue };
                for id in detach {
                    mailboxes::delete(&mut tx, *id).await?;
                }
                for seen in attach {
                    let id = MailboxId::new(app.now(), app.system.entropy());
                    mailboxes::insert(&mut tx, id, *account_id, seen).await?;
                }
                for (id, seen) in refresh {
                    mailboxes::refresh(&mut tx, *id, seen).await?;
                }
                let account = raise_last_use(&mut tx, &known.account, *used).await?;
                if facts.is_some() || change.is_some() {
                    let news = (facts.as_deref(), *change);
                    entries.extend(update(app, &mut tx, &account, news, &agencies).await?);
                } else if account != known.account {
                    accounts::set_terms(&mut tx, &account, lock::terms(app, &account)).await?;
                }
            }
        }
    }
    audit::append(&mut tx, &entries).await?;
    Ok(tx.commit().await?)
}

/// What was wrong may be right now: after a change of the password nothing that was counted holds, after any other
/// change of the account the directory is asked again.
async fn forget_wrong_passwords(
    app: &App,
    tx: &mut Tx,
    step: &Step,
    known: &HashMap<AccountId, &Known>,
    marked: &HashSet<String>,
) -> Result<(), StorageError> {
    let facts = match step {
        Step::Agency { .. } => return Ok(()),
        Step::Create(creation) => Some(&creation.facts),
        Step::Update { account_id, facts, refresh, .. } => {
            let Some(known) = known.get(account_id) else { return Ok(()) };
            let address = known.account.profile().address.as_str();
            let is_another = refresh.iter().any(|(id, seen)| {
                known.mailboxes.iter().any(|m| m.id == *id && m.password_set_at != seen.password_set_at)
            });
            if is_another {
                failed_attempts::password_changed(app, tx, address).await?;
            }
            failed_attempts::account_changed(app, tx, marked, std::iter::once(address)).await?;
            facts.as_deref()
        }
    };
    let Some(facts) = facts else { return Ok(()) };
    let addresses = std::iter::once(&facts.address).chain(&facts.aliases).map(MailAddress::as_str);
    failed_attempts::account_changed(app, tx, marked, addresses).await
}

async fn create(
    app: &App,
    tx: &mut Tx,
    creation: &Creation,
    agencies: &HashMap<String, AgencyId>,
) -> Result<Entry, Internal> {
    let now = app.now();
    let entropy = app.system.entropy();
    let agency = creation.facts.agency_code.as_ref().and_then(|code| agencies.get(code).copied());
    let subject = URL_SAFE_NO_PAD.encode(chance::bytes::<16>(entropy));
    let id = AccountId::new(now, entropy);
    let account = Account::new(id, subject, creation.facts.profile(agency), creation.state, 0);
    let known_from_now = Traces { last_used_at: Some(now), ..Traces::default() };
    accounts::insert(tx, &account, lock::terms(app, &account.clone().with_traces(known_from_now)), now)
        .await?;
    accounts::set_aliases(tx, id, &creation.facts.aliases).await?;
    for seen in &creation.mailboxes {
        mailboxes::insert(tx, MailboxId::new(now, entropy), id, seen).await?;
    }
    letters::at_issue(app, tx, &account).await?;
    let systems: Vec<_> = creation.mailboxes.iter().map(|m| m.key.system.code()).collect();
    Ok(Entry::about(now, Actor::Job("sync"), Act::AccountCreated, &account).with(systems.join(", ")))
}

/// The account with a last use elsewhere; as it was, if it was used here meanwhile.
async fn raise_last_use(
    tx: &mut Tx,
    account: &Account,
    used: Option<Timestamp>,
) -> Result<Account, Internal> {
    match used {
        Some(at) if accounts::raise_last_use(tx, account.id(), at).await? => {
            Ok(account.clone().with_traces(Traces { last_used_at: Some(at), ..*account.traces() }))
        }
        Some(_) | None => Ok(account.clone()),
    }
}

async fn update(
    app: &App,
    tx: &mut Tx,
    known: &Account,
    (facts, change): (Option<&Facts>, Option<StateChange>),
    agencies: &HashMap<String, AgencyId>,
) -> Result<Vec<Entry>, Internal> {
    let (now, mut entries) = (app.now(), Vec::new());
    let mut account = known.clone();
    if let Some(facts) = facts {
        let agency = facts.agency_code.as_ref().and_then(|code| agencies.get(code).copied());
        let profile = facts.profile(agency);
        let before = known.profile();
        let entry = Entry::about(now, Actor::Job("sync"), Act::AccountUpdated, &account);
        entries.push(entry.changing(
            format!("{} <{}>", before.display_name, before.address),
            format!("{} <{}>", profile.display_name, profile.address),
        ));
        account = account.with_profile(profile);
        accounts::set_aliases(tx, account.id(), &facts.aliases).await?;
    }
    if let Some(change) = change
        && let Some((changed, act)) = changed(&account, change, now)
    {
        let entry = Entry::about(now, Actor::Job("sync"), act, &account);
        entries.push(entry.changing(word(account.state()), word(changed.state())));
        account = changed;
        letters::withdraw(tx, account.id()).await?;
        if matches!(change, StateChange::Lock(_)) {
            session::end_everything(tx, account.id(), None, SessionEnd::Locked, now).await?;
        }
        if matches!(change, StateChange::ChangedElsewhere(_)) {
            session::end_everything(tx, account.id(), None, SessionEnd::PasswordChanged, now).await?;
        }
    }
    accounts::save(tx, &account, lock::terms(app, &account)).await?;
    if matches!(change, Some(StateChange::Demand(_)))
        && let Some(account) = accounts::by_id_in(tx, account.id()).await?
    {
        letters::at_issue(app, tx, &account).await?;
    }
    Ok(entries)
}
