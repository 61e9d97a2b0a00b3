//! The step after the password: somebody whose password was proven and who has a second factor is half signed in until
//! they have proven it. Half signed in opens nothing.

use super::factors::passkeys::{Place, Purpose};
use super::factors::proof::{self, Asked, Given};
use super::factors::{codes, trust};
use super::login::{Entrance, How, open_in};
use super::{Internal, activity, cached_sign_in, factors, letters, self_help, session};
use crate::app::App;
use crate::crypto::token;
use crate::domain::account::{Account, State};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::browser::Family;
use crate::domain::mailbox;
use crate::domain::secret::Secret;
use crate::domain::session::{Door, Session};
use crate::domain::throttle::network_of;
use crate::i18n::factors::Change;
use crate::services::factors::codes::CodeRefused;
use crate::services::login::LoginRefused;
use crate::services::session::{Current, prove_in};
use crate::storage::half_sign_ins::{self, HalfSignIn, Left, Purpose as Stage};
use crate::storage::{StorageError, Tx, accounts, activity as rows, audit, mailboxes, sessions};
use std::collections::BTreeSet;
use thiserror::Error;
use time::Duration;

/// How long the factor may be proven after the password was.
pub(super) const WAITS: Duration = Duration::minutes(10);

/// So many sign-ins are looked at to know a place.
const KNOWN: i64 = 1_000;

/// So many that were left are looked at in one run: who knows a password can leave one each second.
const MOST_LEFT: i64 = 1_000;

/// Why no session is opened.
#[derive(Debug, Error)]
pub enum StepRefused {
    /// The code is wrong, or too many were.
    #[error(transparent)]
    Code(#[from] CodeRefused),
    /// Nobody waits any more: the sign-in begins anew.
    #[error("nobody waits for this step")]
    Gone,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for StepRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<LoginRefused> for StepRefused {
    fn from(refused: LoginRefused) -> Self {
        match refused {
            LoginRefused::Internal(internal) => Self::Internal(internal),
            _ => Self::Gone,
        }
    }
}

/// Somebody who is half signed in, as the page shows them.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Who.
    pub account: Account,
    /// Whether a code by mail will do: for a session, never for a new password.
    pub takes_mail: bool,
}

/// What the step has led to.
#[derive(Debug)]
pub enum Finished {
    /// A session.
    Opened(Box<Opened>),
    /// A new password may be set, under this id.
    Recover(Secret<String>),
}

/// A session that the step has opened.
#[derive(Debug)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// What a browser keeps that is remembered from now on.
    pub remembered: Option<trust::Held>,
}

/// The password was proven: keeps that until the factor is, in the transaction of the sign-in. Returns the id for the
/// browser.
pub(super) async fn begin(
    app: &App,
    tx: &mut Tx,
    entrance: &Entrance<'_>,
    account: &Account,
    how: How,
) -> Result<Secret<String>, StorageError> {
    let (now, id) = (app.now(), token::new(app.system.entropy()));
    let half = HalfSignIn {
        account_id: account.id(),
        door: entrance.door,
        purpose: Stage::SignIn,
        mark: None,
        password: how.password(),
        cached_at: how.cached_at(),
        must_change: how.must_change(),
        source: entrance.source.to_owned(),
        user_agent: entrance.user_agent.to_owned(),
        began_at: now,
        expires_at: now.plus(WAITS),
    };
    half_sign_ins::add(tx, &token::digest(id.expose()), &half).await?;
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::SecondStepBegun, account);
    audit::append(tx, &[entry.with(entrance.door.code()).from(entrance.source)]).await?;
    Ok(id)
}

/// Who waits under an id at a door.
pub async fn waiting(app: &App, id: &str, door: Door) -> Result<Option<Waiting>, Internal> {
    let waiting = |(half, account): (HalfSignIn, Account)| Waiting {
        account,
        takes_mail: half.purpose == Stage::SignIn && door == Door::Staff,
    };
    Ok(found(app, id, door).await?.map(waiting))
}

/// The factor is given: opens the session that the password began. With `remember` the browser is remembered from now on; it is
/// what it keeps of accounts already.
pub async fn finish(
    app: &App,
    id: &str,
    place: Place<'_>,
    given: Given<'_>,
    remember: Option<&[trust::Held]>,
) -> Result<Finished, StepRefused> {
    let door = place.door;
    let (half, account) = found(app, id, door).await?.ok_or(StepRefused::Gone)?;
    let attempt = codes::gate_for(app, &account, given).await?;
    // What has happened since the password was typed counts too.
    if half.purpose == Stage::SignIn && session::passes(app, &account, "sign-in").await?.is_none() {
        return Err(StepRefused::Gone);
    }
    let how = how(app, &half, &account).await?;
    let takes_mail = half.purpose == Stage::SignIn && door == Door::Staff;
    let asked = Asked { place, purpose: Purpose::SecondStep, source: &half.source, takes_mail };
    let ready = proof::look(app, &account, asked, given).await?;
    if ready.is_refused_certificate() {
        return Err(CodeRefused::Certificate.into());
    }
    let mut tx = app.db.begin().await?;
    let Some(second) = proof::take(app, &mut tx, &account, &ready).await? else {
        drop(tx);
        return Err(attempt.failed(app, &account, &half.source).await?.into());
    };
    if !half_sign_ins::take(&mut tx, &token::digest(id), app.now()).await? {
        return Err(StepRefused::Gone);
    }
    if half.purpose == Stage::Unlock {
        let id = self_help::proven(app, &mut tx, &half, &account).await?;
        attempt.succeeded(&mut tx).await?;
        tx.commit().await?;
        return Ok(Finished::Recover(id));
    }
    let entrance = Entrance {
        door,
        source: &half.source,
        user_agent: &half.user_agent,
        proven_at: half.began_at,
        second: Some(second),
    };
    let session = open_in(app, &mut tx, &entrance, &account, how).await?;
    let remembered = match remember.filter(|_| app.config.second_factor.remembers_at(door)) {
        Some(kept) => {
            let browser = (half.source.as_str(), half.user_agent.as_str());
            Some(trust::remember(app, &mut tx, &account, browser, kept).await?)
        }
        None => None,
    };
    attempt.succeeded(&mut tx).await?;
    tx.commit().await?;
    Ok(Finished::Opened(Box::new(Opened { session, remembered })))
}

/// The factor is given by somebody who is signed in, because an application, or the administration, asks for more than
/// their session has.
pub async fn step_up(
    app: &App,
    current: &Current,
    place: Place<'_>,
    given: Given<'_>,
) -> Result<(), CodeRefused> {
    let (account, session) = (&current.account, &current.session);
    if !app.config.second_factor.at(session.door).asks(factors::good(app, account).await?) {
        return Err(CodeRefused::Wrong);
    }
    let attempt = codes::gate_for(app, account, given).await?;
    let takes_mail = session.door == Door::Staff;
    let asked = Asked { place, purpose: Purpose::SecondStep, source: &session.source, takes_mail };
    let ready = proof::look(app, account, asked, given).await?;
    if ready.is_refused_certificate() {
        return Err(CodeRefused::Certificate);
    }
    let mut tx = app.db.begin().await?;
    let Some(second) = proof::take(app, &mut tx, account, &ready).await? else {
        drop(tx);
        return Err(attempt.failed(app, account, &session.source).await?);
    };
    let proven = prove_in(session, second, app.now());
    sessions::proven(&mut tx, &proven).await?;
    attempt.succeeded(&mut tx).await?;
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(app.now(), actor, Act::SteppedUp, account);
    audit::append(&mut tx, &[entry.with(second.code()).from(&session.source)]).await?;
    Ok(tx.commit().await?)
}

/// Tells the holders whose password was right and then nothing came, where nobody has come in from before: whoever typed it
/// knows it. One letter a day at most. Tells how many steps were left.
pub async fn tell_left(app: &App) -> Result<usize, Internal> {
    let now = app.now();
    let all = half_sign_ins::left(&app.db, now, MOST_LEFT).await?;
    if all.is_empty() {
        return Ok(0);
    }
    let mut told = BTreeSet::new();
    for left in &all {
        let day = left.began_at.local_date();
        if told.contains(&(left.account_id, day)) {
            continue;
        }
        let account = accounts::by_id(&app.db, left.account_id).await?;
        let account = account.filter(|account| !matches!(account.state(), State::Retired { .. }));
        let is_known = came_from(app, left).await?;
        let mut tx = app.db.begin().await?;
        if let Some(account) = account.filter(|_| !is_known) {
            let occasion = format!("step left:{}:{day}", account.id());
            let change = (Change::SecondStepLeft, left.began_at);
            letters::about_security_once(app, &mut tx, &account, change, occasion).await?;
            told.insert((left.account_id, day));
        }
        tx.commit().await?;
    }
    let mut tx = app.db.begin().await?;
    let read: BTreeSet<_> = all.iter().map(|left| left.account_id).collect();
    for account in read {
        half_sign_ins::forget_left(&mut tx, account, now).await?;
    }
    tx.commit().await?;
    Ok(all.len())
}

/// Whether the account was signed in lately from that network with that kind of browser.
async fn came_from(app: &App, left: &Left) -> Result<bool, Internal> {
    let since = left.began_at.minus(Duration::days(activity::DAYS));
    let known = rows::sign_ins(&app.db, left.account_id, since, KNOWN).await?;
    let (network, family) = (network_of(&left.source), Family::of(&left.user_agent));
    Ok(known.iter().any(|one| network_of(&one.source) == network && Family::of(&one.user_agent) == family))
}

/// Whether "it was not me" was said since somebody began: what they have proven may be what it is about.
pub(super) fn is_overtaken(half: &HalfSignIn, account: &Account) -> bool {
    account.traces().disowned_at.is_some_and(|said| said > half.began_at)
}

/// Whoever waits under an id, if their account may still be signed in.
async fn found(app: &App, id: &str, door: Door) -> Result<Option<(HalfSignIn, Account)>, Internal> {
    let half = half_sign_ins::find(&app.db, &token::digest(id), app.now()).await?;
    let Some(half) = half.filter(|half| half.door == door) else { return Ok(None) };
    let account = accounts::by_id(&app.db, half.account_id).await?;
    let may = |state: &State| match half.purpose {
        Stage::SignIn => !matches!(state, State::Locked { .. } | State::Retired { .. }),
        Stage::Unlock => self_help::may_help_oneself(state),
        Stage::Recover => false,
    };
    let account = account.filter(|account| may(account.state()) && !is_overtaken(&half, account));
    Ok(account.map(|account| (half, account)))
}

/// How the password was proven, as the sign-in knew it.
async fn how(app: &App, half: &HalfSignIn, account: &Account) -> Result<How, StepRefused> {
    let Some(at) = half.cached_at else { return Ok(How::Bind { must_change: half.must_change }) };
    let mailboxes = mailboxes::of_account(&app.db, account.id()).await?;
    let home = mailbox::home(&mailboxes).ok_or(StepRefused::Gone)?;
    Ok(How::Cached(cached_sign_in::taken_at(app, home.key.system, at)))
}
