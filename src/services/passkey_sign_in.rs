//! Sign-in by a passkey in place of the password. The device has made sure who is there; state, locks and deadlines of the
//! account hold as they do for a password.

use super::factors::passkeys::{self, Answer, PasskeyRefused, Place, Purpose, Verified};
use super::login::{self, Entrance, How, LoginRefused, WayOut, open_in};
use super::{self_help, session};
use crate::app::App;
use crate::domain::account::{LockReason, State};
use crate::domain::factor::Demand;
use crate::domain::id::PasskeyId;
use crate::domain::mailbox;
use crate::domain::session::{Door, Session};
use crate::storage::{accounts, mailboxes};

/// Signs a person in. Whatever proves nothing is [`LoginRefused::Wrong`].
pub async fn sign_in(
    app: &App,
    place: Place<'_>,
    (source, user_agent): (&str, &str),
    answer: &Answer<'_>,
) -> Result<Session, LoginRefused> {
    // Web Authentication §7.2, step 6: whoever was not named before is named by the passkey.
    if app.config.second_factor.at(place.door) == Demand::Off || answer.assertion.user.is_none() {
        return Err(LoginRefused::Wrong);
    }
    let verified = match passkeys::verify(app, place, Purpose::SignIn, answer, true).await {
        Ok(verified) => verified,
        Err(PasskeyRefused::Internal(internal)) => return Err(internal.into()),
        Err(PasskeyRefused::CounterFell(passkey)) => return Err(fell(app, answer, passkey, source).await?),
        Err(PasskeyRefused::Unproven | PasskeyRefused::TooMany) => return Err(LoginRefused::Wrong),
    };
    let account = accounts::by_id(&app.db, verified.passkey.account_id).await?.ok_or(LoginRefused::Wrong)?;
    let boxes = mailboxes::of_account(&app.db, account.id()).await?;
    // The synchronisation locks whom a directory has disabled; until it has been, the mailbox tells. Whoever is locked is
    // told so: it may be the house's own lock that stands in the directory.
    let is_locked = matches!(account.state(), State::Locked { .. });
    let is_there = is_locked || mailbox::home(&boxes).is_some_and(|home| home.enabled);
    if matches!(account.state(), State::Retired { .. }) || !is_there {
        return Err(LoginRefused::Wrong);
    }
    if session::passes(app, &account, "sign-in").await?.is_none() {
        let refused = login::locked(app, &account, LockReason::DefaultPasswordKept).await?;
        return Err(with_way_out(app, place, (source, user_agent), &verified, refused).await?);
    }
    if let State::Locked { at, reason } = *account.state() {
        let refused = LoginRefused::Locked { account: Box::new(account), reason, since: at, unlock: None };
        return Err(with_way_out(app, place, (source, user_agent), &verified, refused).await?);
    }
    if place.door == Door::Admin {
        login::refuse_unless_administrator(app, &account, false).await?;
    }
    let mut tx = app.db.begin().await?;
    let second = verified.take(app, &mut tx).await?.ok_or(LoginRefused::Wrong)?;
    let (door, proven_at) = (place.door, app.now());
    let entrance = Entrance { door, source, user_agent, proven_at, second: Some(second) };
    let session = open_in(app, &mut tx, &entrance, &account, How::Passkey).await?;
    tx.commit().await?;
    Ok(session)
}

/// The passkey has made sure of its holder, and the account is locked: it may be enough to lift that.
async fn with_way_out(
    app: &App,
    place: Place<'_>,
    asker: (&str, &str),
    verified: &Verified,
    refused: LoginRefused,
) -> Result<LoginRefused, LoginRefused> {
    Ok(match refused {
        LoginRefused::Locked { account, reason, since, .. } if place.door == Door::Staff => {
            let unlock = self_help::unlock_by_passkey(app, &account, asker, verified).await?;
            LoginRefused::Locked { account, reason, since, unlock: unlock.map(WayOut::Password) }
        }
        other => other,
    })
}

/// There is a copy of the passkey: its holder is told, and nobody comes in.
async fn fell(
    app: &App,
    answer: &Answer<'_>,
    passkey: PasskeyId,
    source: &str,
) -> Result<LoginRefused, LoginRefused> {
    if let Some(account) = passkeys::holder(app, answer).await? {
        passkeys::counter_fell(app, &account, passkey, source).await?;
    }
    Ok(LoginRefused::Wrong)
}
