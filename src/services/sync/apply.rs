//! Applies a plan in small transactions; each step can be repeated, and one that fails stops nobody else.

use super::super::factors::sweep;
use super::super::{Internal, chain, deadlines, failed_attempts, letters, lock, posts, session};
use super::meter::Meter;
use crate::app::App;
use crate::domain::account::{Account, Terms, Traces};
use crate::domain::address::MailAddress;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::chance;
use crate::domain::id::{AccountId, AgencyId, MailboxId};
use crate::domain::mailbox::{self, MailSystem};
use crate::domain::outbox;
use crate::domain::session::SessionEnd;
use crate::domain::sync::{Creation, Facts, Known, Plan, SeenMailbox, StateChange, Step, changed, word};
use crate::domain::timestamp::Timestamp;
use crate::storage::{
    StorageError, Tx, accounts, agencies, aliases, audit, directory_locks, handed_over, mailboxes, rulings,
    throttles,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::{HashMap, HashSet};

/// Steps applied in one transaction.
const BATCH: usize = 1000;

/// What a run says that was overtaken by a change of agencies or decisions.
const OVERTAKEN: &str = "agencies or decisions were changed meanwhile; the next run plans by them";

/// What came of applying.
#[derive(Default)]
pub(super) struct Applied {
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) error: Option<String>,
}

/// Applies a plan, so many steps in a transaction. A batch in which one step fails is applied step by step, so that
/// one bad entry stops nobody else. What was planned by agencies or decisions that are others by now is left to the next
/// run: a code of then may be nobody's any more.
pub(super) async fn apply(
    app: &App,
    plan: &Plan,
    (known, basis): (&[Known], i64),
    meter: &Meter,
) -> Result<Applied, Internal> {
    let known: HashMap<AccountId, &Known> = known.iter().map(|k| (k.account.id(), k)).collect();
    let mut applied = Applied::default();
    let mut failed = 0;
    for batch in plan.steps.chunks(BATCH) {
        let mut is_in_force = true;
        match apply_batch(app, batch, (&known, basis)).await {
            Ok(is_still) => is_in_force = is_still,
            Err(error) => {
                tracing::warn!("a batch of the synchronisation is applied one by one: {}", chain(&error));
                for step in batch {
                    match apply_batch(app, std::slice::from_ref(step), (&known, basis)).await {
                        Ok(is_still) => is_in_force &= is_still,
                        Err(error) => {
                            tracing::warn!(?step, "a step of the synchronisation failed: {}", chain(&error));
                            failed += 1;
                        }
                    }
                }
            }
        }
        if !is_in_force {
            applied.error = Some(OVERTAKEN.to_owned());
            return Ok(applied);
        }
        meter.count(batch.len());
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

/// Applies some steps; `false`, and nothing is done, if what they were planned by was changed since.
async fn apply_batch(
    app: &App,
    batch: &[Step],
    (known, basis): (&HashMap<AccountId, &Known>, i64),
) -> Result<bool, Internal> {
    let mut tx = app.db.begin().await?;
    if !rulings::hold(&mut tx, basis).await? {
        return Ok(false);
    }
    let mut agencies: HashMap<String, AgencyId> =
        agencies::every_in(&mut tx).await?.into_iter().map(|a| (a.code, a.id)).collect();
    let (mut entries, mut newcomers) = (Vec::new(), Newcomers::default());
    let marked: HashSet<String> = throttles::marked(&mut tx).await?.into_iter().collect();
    for step in batch {
        forget_wrong_passwords(app, &mut tx, step, known, &marked).await?;
        match step {
            Step::Agency { code, name } => {
                let id = AgencyId::new(app.now(), app.system.entropy());
                agencies::put(&mut tx, id, code, name).await?;
                agencies.entry(code.clone()).or_insert(id);
            }
            Step::Create(creation) => entries.push(newcomers.add(app, creation, &agencies)),
            Step::Update { account_id, facts, attach, refresh, detach, change, lags, used } => {
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
                entries.extend(set_lags(app, &mut tx, known, *lags).await?);
                let account = raise_last_use(&mut tx, &known.account, *used).await?;
                if facts.is_some() || change.is_some() {
                    let news = (facts.as_deref(), *change);
                    entries.extend(update(app, &mut tx, &account, news, &agencies).await?);
                    entries.extend(own_again(app, &mut tx, known, *change).await?);
                } else if account != known.account {
                    accounts::set_terms(&mut tx, &account, lock::terms(app, &account)).await?;
                }
            }
        }
    }
    newcomers.insert(app, &mut tx).await?;
    entries.extend(end_roles(app, &mut tx, batch).await?);
    audit::append(&mut tx, &entries).await?;
    tx.commit().await?;
    Ok(true)
}

/// The roles of whoever a directory has locked end with the lock; after everybody of the batch is saved, so that it is known
/// who is left to administer the city.
async fn end_roles(app: &App, tx: &mut Tx, batch: &[Step]) -> Result<Vec<Entry>, Internal> {
    let (sync, mut entries) = (Actor::Job("sync"), Vec::new());
    for step in batch {
        if let Step::Update { account_id, change: Some(StateChange::Lock(_)), .. } = step
            && let Some(account) = accounts::by_id_in(tx, *account_id).await?
        {
            entries.extend(lock::end_roles(app, tx, &account, (&sync, "")).await?);
        }
    }
    Ok(entries)
}

/// The new accounts of a batch, added together after everything else: what others give up is free then.
#[derive(Default)]
struct Newcomers<'a> {
    accounts: Vec<(Account, Terms)>,
    aliases: Vec<(&'a MailAddress, AccountId)>,
    mailboxes: Vec<(MailboxId, AccountId, &'a SeenMailbox)>,
}

impl<'a> Newcomers<'a> {
    fn add(&mut self, app: &App, creation: &'a Creation, agencies: &HashMap<String, AgencyId>) -> Entry {
        let (now, entropy) = (app.now(), app.system.entropy());
        let agency = creation.facts.agency_code.as_ref().and_then(|code| agencies.get(code).copied());
        let subject = URL_SAFE_NO_PAD.encode(chance::bytes::<16>(entropy));
        let id = AccountId::new(now, entropy);
        let account = Account::new(id, subject, creation.facts.profile(agency), creation.state, 0);
        let known_from_now = Traces { last_used_at: Some(now), ..Traces::default() };
        let terms = lock::terms(app, &account.clone().with_traces(known_from_now));
        let systems: Vec<_> = creation.mailboxes.iter().map(|m| m.key.system.code()).collect();
        let entry = Entry::about(now, Actor::Job("sync"), Act::AccountCreated, &account);
        self.aliases.extend(creation.facts.aliases.iter().map(|alias| (alias, id)));
        let mailbox = |seen| (MailboxId::new(now, entropy), id, seen);
        self.mailboxes.extend(creation.mailboxes.iter().map(mailbox));
        self.accounts.push((account, terms));
        entry.with(systems.join(", "))
    }

    async fn insert(self, app: &App, tx: &mut Tx) -> Result<(), Internal> {
        accounts::insert_many(tx, &self.accounts, app.now()).await?;
        aliases::add(tx, &self.aliases).await?;
        mailboxes::insert_many(tx, &self.mailboxes).await?;
        for (account, _) in &self.accounts {
            letters::at_issue(app, tx, account).await?;
        }
        Ok(())
    }
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

/// A mail system has another password than the account, which everybody is told, or has no more.
async fn set_lags(
    app: &App,
    tx: &mut Tx,
    known: &Known,
    lags: Option<(MailboxId, bool)>,
) -> Result<Option<Entry>, StorageError> {
    let Some((id, lags)) = lags else { return Ok(None) };
    let Some(mailbox) = known.mailboxes.iter().find(|mailbox| mailbox.id == id) else { return Ok(None) };
    let system = mailbox.key.system;
    // Where the house writes no passwords they may differ, and there is nothing to finish.
    if app.directories.of(system).is_none_or(|directory| directory.password_place().is_some()) {
        return Ok(None);
    }
    mailboxes::set_password_lags(tx, id, lags).await?;
    let entry = Entry::about(app.now(), Actor::Job("sync"), Act::PasswordFoundDiffering, &known.account);
    Ok(lags.then(|| entry.with(system.code())))
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

/// Where the house writes no passwords their holders set them in the directory, and that there is another one is all that
/// it can know; what was doubted goes with it. Everywhere else whoever knew the old one may have set it: it opens nothing yet.
async fn own_again(
    app: &App,
    tx: &mut Tx,
    known: &Known,
    change: Option<StateChange>,
) -> Result<Vec<Entry>, Internal> {
    let is_changed = matches!(change, Some(StateChange::ChangedElsewhere(_)));
    if is_changed && known.account.is_reset() {
        handed_over::renew_all(tx, known.account.id(), app.now()).await?;
    }
    let home = mailbox::home(&known.mailboxes).and_then(|home| app.directories.of(home.key.system));
    let is_set_there = home.is_some_and(|directory| directory.password_place().is_some());
    if is_set_there && is_changed {
        return sweep::settle(app, tx, known.account.id(), (&Actor::Job("sync"), None)).await;
    }
    Ok(Vec::new())
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
        if before.address != profile.address {
            aliases::renamed(tx, account.id(), (&before.address, &profile.address), now).await?;
        }
        account = account.with_profile(profile);
        aliases::set(tx, account.id(), &facts.aliases).await?;
    }
    if let Some(change) = change
        && let Some((changed, act)) = changed(&account, change, now)
    {
        let entry = Entry::about(now, Actor::Job("sync"), act, &account);
        entries.push(entry.changing(word(account.state()), word(changed.state())));
        account = changed;
        letters::withdraw(tx, account.id()).await?;
        if matches!(change, StateChange::Retire) {
            entries.extend(posts::leave(app, tx, &account, &Actor::Job("sync")).await?);
        }
        if matches!(change, StateChange::Lock(_)) {
            session::end_everything(tx, account.id(), None, SessionEnd::Locked, now).await?;
        }
        if matches!(change, StateChange::ChangedElsewhere(_)) {
            session::end_everything(tx, account.id(), None, SessionEnd::PasswordChanged, now).await?;
        }
    }
    accounts::save(tx, &account, lock::terms(app, &account)).await?;
    // Also before a reorganisation of agencies takes effect here, if the directories have it already.
    if known.profile().agency_id != account.profile().agency_id {
        deadlines::ease_in(app, tx, known, &account).await?;
    }
    if matches!(change, Some(StateChange::Demand(_)))
        && let Some(account) = accounts::by_id_in(tx, account.id()).await?
    {
        letters::at_issue(app, tx, &account).await?;
    }
    Ok(entries)
}

/// Every mailbox of an account that is locked here is locked in its directory: one that is new there, and one whose
/// lock a directory has forgotten or somebody has taken away. The outbox carries it out.
pub(super) async fn hold_locks(app: &App, read: &[MailSystem], read_from: Timestamp) -> Result<(), Internal> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let mut ordered = directory_locks::order_missing(&mut tx, &app.config.write_locks_to, now).await?;
    for system in read {
        let settled = outbox::settled_before(read_from);
        ordered += directory_locks::order_forgotten(&mut tx, *system, settled, now).await?;
    }
    tx.commit().await?;
    if ordered > 0 {
        tracing::info!(ordered, "mailboxes of locked accounts were found open");
    }
    Ok(())
}
