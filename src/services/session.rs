//! Sessions: which one a browser holds, what it may do, and how it ends.

use super::break_glass::{self, Opened};
use super::{Internal, brake, lock, logout_notices as notices, roles};
use crate::app::App;
use crate::domain::account::{Account, State};
use crate::domain::admin::Administrator;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::browser::Family;
use crate::domain::id::{AccountId, GrantId, SessionId};
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::regulation::Verdict;
use crate::domain::proof::{Proof, Second};
use crate::domain::session::{Door, Session, SessionEnd};
use crate::domain::timestamp::Timestamp;
use crate::storage::{
    Tx, accounts, audit, cached_verifiers, grants, half_sign_ins, logout_notices, sessions, trusted_devices,
};
use time::Duration;

/// How old `last_seen_at` may be before it is written again.
const TOUCH: Duration = Duration::minutes(1);

/// A session that is open now, with its account as it is now.
#[derive(Debug, Clone)]
pub struct Current {
    /// The session.
    pub session: Session,
    /// The account, [`State::Active`] or [`State::MustChangePassword`].
    pub account: Account,
    /// Whether the password's term is over and the lock waits for the opening hour, or for the brake.
    pub is_overdue: bool,
}

impl Current {
    /// Whether a new password must be set before anything else.
    pub fn must_change_password(&self) -> bool {
        self.is_overdue || matches!(self.account.state(), State::MustChangePassword { .. })
    }
}

/// The session with this id, if it is open, was used lately enough and its account may still be signed in. This is a use.
pub async fn current(app: &App, id: SessionId, door: Door) -> Result<Option<Current>, Internal> {
    let found = peek(app, id, door).await?;
    if let Some(current) = &found {
        used(app, current).await?;
    }
    Ok(found)
}

/// The browser that comes with the cookie of a session.
#[derive(Debug, Clone, Copy)]
pub struct Carrier<'a> {
    /// What it says of itself, shortened as the session has it.
    pub user_agent: &'a str,
    /// Its network address.
    pub source: &'a str,
}

/// The same as [`current`] for a browser that comes with its cookie: one of another family than the one that signed in
/// ends it.
pub async fn current_in(
    app: &App,
    id: SessionId,
    door: Door,
    carrier: Carrier<'_>,
) -> Result<Option<Current>, Internal> {
    let found = peek_in(app, id, door, carrier).await?;
    if let Some(current) = &found {
        used(app, current).await?;
    }
    Ok(found)
}

/// Records that a session was used.
pub async fn used(app: &App, current: &Current) -> Result<(), Internal> {
    let (now, session) = (app.now(), &current.session);
    if now.since(session.last_seen_at) > TOUCH {
        sessions::touch(&app.db, session.id, now).await?;
    }
    Ok(())
}

/// The same without a use: a session that only lies beside the one in use ends like any other.
pub(super) async fn peek(app: &App, id: SessionId, door: Door) -> Result<Option<Current>, Internal> {
    let Some(session) = sessions::open(&app.db, id, app.now()).await? else { return Ok(None) };
    if session.door != door || !is_in_use(app, &session) {
        return Ok(None);
    }
    let Some(account) = accounts::by_id(&app.db, session.account_id).await? else { return Ok(None) };
    match break_glass::opened(app, &session, &account).await? {
        Opened::Not => {}
        // Whatever keeps its holder out is what the code is for.
        Opened::Lives => return Ok(Some(Current { session, account, is_overdue: false })),
        Opened::Over => return Ok(None),
    }
    if matches!(account.state(), State::Locked { .. } | State::Retired { .. }) {
        return Ok(None);
    }
    // A deadline that has passed ends the session, even if the job is late.
    let Some(is_overdue) = passes(app, &account, "deadline").await? else { return Ok(None) };
    Ok(Some(Current { session, account, is_overdue }))
}

/// Whether a session was used as lately as its door asks for: else it opens nothing, though nobody has ended it.
pub fn is_in_use(app: &App, session: &Session) -> bool {
    was_in_use(app, session.door, session.last_seen_at)
}

/// The same of one at a door that was last used then.
pub(super) fn was_in_use(app: &App, door: Door, last_seen_at: Timestamp) -> bool {
    let idle = match door {
        Door::Staff => app.config.sessions.staff_idle,
        Door::Admin => app.config.sessions.admin_idle,
    };
    app.now().since(last_seen_at) <= idle
}

/// The same as [`current_in`] without a use: a session that only lies beside the one in use, or whose page has loaded itself
/// again, ends like any other.
pub async fn peek_in(
    app: &App,
    id: SessionId,
    door: Door,
    carrier: Carrier<'_>,
) -> Result<Option<Current>, Internal> {
    let Some(current) = peek(app, id, door).await? else { return Ok(None) };
    let was_carried_off = carried_off(app, (&current.session, &current.account), carrier).await?;
    Ok((!was_carried_off).then_some(current))
}

/// Ends a session whose cookie a browser of another family has, with everything that applications were given out of it;
/// tells whether it is one.
pub(super) async fn carried_off(
    app: &App,
    (session, account): (&Session, &Account),
    carrier: Carrier<'_>,
) -> Result<bool, Internal> {
    let (signed_in, came) = (Family::of(&session.user_agent), Family::of(carrier.user_agent));
    if signed_in == came {
        return Ok(false);
    }
    let (now, id) = (app.now(), session.id);
    let mut tx = app.db.begin().await?;
    logout_notices::order(&mut tx, account.id(), Some(id), None, now).await?;
    if sessions::end(&mut tx, id, SessionEnd::OtherBrowser, now).await? {
        grants::end_of_session(&mut tx, id, now).await?;
        let entry = Entry::about(now, Actor::Stranger, Act::SessionCarriedOff, account);
        let entry = entry.changing(signed_in.to_string(), came.to_string()).from(carrier.source);
        audit::append(&mut tx, &[entry]).await?;
    }
    tx.commit().await?;
    notices::try_at_once(app, account.id()).await;
    Ok(true)
}

/// Whether the regulation lets an account in now: `None` if it was just locked because its deadline has passed, else
/// whether its password's term is over.
pub(super) async fn passes(
    app: &App,
    account: &Account,
    job: &'static str,
) -> Result<Option<bool>, Internal> {
    match app.regulation().verdict(account, app.now()) {
        Verdict::Lock(reason, deadline) => {
            if brake::holds(app, account).await? {
                return Ok(Some(deadline.rule != Rule::Inactivity));
            }
            lock::enforce_deadline(app, account, (reason, &deadline), Actor::Job(job)).await?;
            Ok(None)
        }
        Verdict::Overdue(_) => Ok(Some(true)),
        Verdict::Remind(_) | Verdict::Nothing => Ok(Some(false)),
    }
}

/// A session that nobody has ended and that only was not used for too long; ask for it after [`current`] found none.
pub async fn lapsed(app: &App, id: SessionId) -> Result<Option<Session>, Internal> {
    Ok(sessions::open(&app.db, id, app.now()).await?)
}

/// The role in which the holder of an administration session acts, if they have one: the one they chose, else the
/// mightiest of theirs.
pub async fn administrator(
    app: &App,
    current: &Current,
    chosen: Option<GrantId>,
) -> Result<Option<Administrator>, Internal> {
    match break_glass::opened(app, &current.session, &current.account).await? {
        Opened::Not => {}
        Opened::Lives => return Ok(Some(break_glass::proof(&current.account))),
        Opened::Over => return Ok(None),
    }
    if current.session.door != Door::Admin || current.must_change_password() {
        return Ok(None);
    }
    roles::acting_as(app, &current.account, chosen).await
}

/// The same, read anew while an answer is being written: none once the session was ended or has expired, the account was
/// locked, or the role was taken back. That nothing else was asked for meanwhile ends no answer.
pub async fn administrator_again(
    app: &App,
    current: &Current,
    chosen: Option<GrantId>,
) -> Result<Option<Administrator>, Internal> {
    let Some(session) = sessions::open(&app.db, current.session.id, app.now()).await? else {
        return Ok(None);
    };
    let Some(account) = accounts::by_id(&app.db, session.account_id).await? else { return Ok(None) };
    let is_shut = matches!(account.state(), State::Locked { .. } | State::Retired { .. });
    if is_shut && break_glass::opened(app, &session, &account).await? == Opened::Not {
        return Ok(None);
    }
    administrator(app, &Current { session, account, is_overdue: current.is_overdue }, chosen).await
}

/// A session in which a second factor was proven now. A stronger one that was proven before stays.
pub(super) fn prove_in(session: &Session, second: Second, now: Timestamp) -> Session {
    let proof = session.proof.and(second);
    let proof: Proof = if proof.class() >= session.proof.class() { proof } else { session.proof };
    let factor_at = if second.renews() { Some(now) } else { session.factor_at };
    Session { proof, factor_at, ..session.clone() }
}

/// The open sessions of the holder, the last used first; also those that were not used for too long. One that was
/// succeeded by another in the same browser is not listed beside it.
pub async fn list(app: &App, current: &Current) -> Result<Vec<Session>, Internal> {
    Ok(sessions::of_account(&app.db, current.account.id(), app.now()).await?)
}

/// Ends one of the holder's own sessions, with those that it has succeeded. One that is not theirs is not found: `false`.
pub async fn end(app: &App, current: &Current, id: SessionId) -> Result<bool, Internal> {
    let now = app.now();
    let own = sessions::open(&app.db, id, now).await?.is_some_and(|s| s.account_id == current.account.id());
    if !own {
        return Ok(false);
    }
    let mut tx = app.db.begin().await?;
    logout_notices::order(&mut tx, current.account.id(), Some(id), None, now).await?;
    let ended = sessions::end(&mut tx, id, SessionEnd::EndedByOwner, now).await?;
    grants::end_of_session(&mut tx, id, now).await?;
    let entry = ended_entry(current, now).with(id.to_string());
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    notices::try_at_once(app, current.account.id()).await;
    Ok(ended)
}

/// Ends all of the holder's sessions but this one and those that it has succeeded, which are this browser's own; tells how
/// many the holder saw.
pub async fn end_others(app: &App, current: &Current) -> Result<usize, Internal> {
    let (now, account) = (app.now(), current.account.id());
    let all = sessions::of_account(&app.db, account, now).await?;
    let mut number = 0;
    let mut tx = app.db.begin().await?;
    for other in all.iter().filter(|other| other.id != current.session.id) {
        logout_notices::order(&mut tx, account, Some(other.id), None, now).await?;
        number += usize::from(sessions::end(&mut tx, other.id, SessionEnd::EndedByOwner, now).await?);
        grants::end_of_session(&mut tx, other.id, now).await?;
    }
    if number > 0 {
        audit::append(&mut tx, &[ended_entry(current, now).with(number.to_string())]).await?;
    }
    tx.commit().await?;
    notices::try_at_once(app, account).await;
    Ok(number)
}

/// Ends what a person was given as a mailbox; the applications are told.
pub(super) async fn end_acting(
    tx: &mut Tx,
    mailbox: AccountId,
    person: AccountId,
    now: Timestamp,
) -> Result<(), Internal> {
    logout_notices::order_acting(tx, mailbox, person, now).await?;
    grants::end_acting(tx, mailbox, person, now).await?;
    Ok(())
}

/// Ends what applications were given out of a session that goes on; they are told.
pub(super) async fn end_given(tx: &mut Tx, session: &Session, now: Timestamp) -> Result<(), Internal> {
    logout_notices::order(tx, session.account_id, Some(session.id), None, now).await?;
    grants::end_of_session(tx, session.id, now).await?;
    Ok(())
}

/// Ends everything that is open for an account: sessions, and what applications were given; these are told.
pub(super) async fn end_everything(
    tx: &mut Tx,
    account_id: AccountId,
    but: Option<SessionId>,
    why: SessionEnd,
    now: Timestamp,
) -> Result<(), Internal> {
    logout_notices::order(tx, account_id, None, but, now).await?;
    sessions::end_all(tx, account_id, but, why, now).await?;
    grants::end_of_account(tx, account_id, but, now).await?;
    // a password that was good for them opens nothing while a directory is down
    cached_verifiers::forget(tx, account_id).await?;
    half_sign_ins::end_all(tx, account_id).await?;
    trusted_devices::end_all(tx, account_id).await?;
    Ok(())
}

fn ended_entry(current: &Current, now: Timestamp) -> Entry {
    let actor = Actor::Holder(current.account.profile().address.to_string());
    Entry::about(now, actor, Act::SessionEnded, &current.account).from(&current.session.source)
}
