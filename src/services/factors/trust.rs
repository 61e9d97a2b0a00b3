//! Browsers that are remembered: for a while the sign-in there asks for the password alone. To applications that is a
//! password and nothing more.

use crate::app::App;
use crate::crypto::token;
use crate::domain::account::Account;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::browser::Family;
use crate::domain::id::TrustId;
use crate::domain::secret::Secret;
use crate::services::Internal;
use crate::services::session::Current;
use crate::storage::{StorageError, Tx, audit, trusted_devices};

pub use crate::storage::trusted_devices::TrustedDevice;

/// The remembered browsers of the holder.
pub async fn list(app: &App, current: &Current) -> Result<Vec<TrustedDevice>, Internal> {
    Ok(trusted_devices::of(&app.db, current.account.id(), app.now()).await?)
}

/// Forgets one of the holder's; tells whether there was one.
pub async fn end(app: &App, current: &Current, id: TrustId) -> Result<bool, Internal> {
    let account = &current.account;
    let mut tx = app.db.begin().await?;
    let ended = trusted_devices::end(&mut tx, account.id(), id).await?;
    if ended {
        let actor = Actor::Holder(account.profile().address.to_string());
        let entry = Entry::about(app.now(), actor, Act::DeviceForgotten, account);
        audit::append(&mut tx, &[entry.from(&current.session.source)]).await?;
    }
    tx.commit().await?;
    Ok(ended)
}

/// Forgets all of the holder's.
pub async fn end_all(app: &App, current: &Current) -> Result<(), Internal> {
    let (account, now) = (&current.account, app.now());
    let held = trusted_devices::of(&app.db, account.id(), now).await?.len();
    let mut tx = app.db.begin().await?;
    trusted_devices::end_all(&mut tx, account.id()).await?;
    let entry = || {
        let actor = Actor::Holder(account.profile().address.to_string());
        Entry::about(now, actor, Act::DeviceForgotten, account).from(&current.session.source)
    };
    let entries: Vec<_> = (0..held).map(|_| entry()).collect();
    audit::append(&mut tx, &entries).await?;
    Ok(tx.commit().await?)
}

/// Remembers a browser, in the transaction of the sign-in; returns what its cookie is to hold.
pub(in crate::services) async fn remember(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (source, user_agent): (&str, &str),
) -> Result<Secret<String>, StorageError> {
    let (now, held) = (app.now(), token::new(app.system.entropy()));
    let device = TrustedDevice {
        id: TrustId::new(now, app.system.entropy()),
        user_agent: user_agent.to_owned(),
        source: source.to_owned(),
        made_at: now,
        last_used_at: now,
        expires_at: now.plus(app.config.second_factor.remember),
    };
    trusted_devices::add(tx, account.id(), &token::digest(held.expose()), &device).await?;
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::DeviceRemembered, account).from(source);
    audit::append(tx, &[entry]).await?;
    Ok(held)
}

/// Whether what a cookie holds is remembered for an account, of this kind of browser; notes that it was used. In another
/// kind it was copied, or the browser was replaced: the second factor is asked for.
pub(in crate::services) async fn takes(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (held, user_agent): (Option<&str>, &str),
) -> Result<bool, StorageError> {
    let Some(held) = held else { return Ok(false) };
    let (digest, now) = (token::digest(held), app.now());
    let carrier = trusted_devices::carrier(tx, account.id(), &digest, now).await?;
    if carrier.is_none_or(|carrier| Family::of(&carrier) != Family::of(user_agent)) {
        return Ok(false);
    }
    trusted_devices::takes(tx, account.id(), &digest, now).await
}
