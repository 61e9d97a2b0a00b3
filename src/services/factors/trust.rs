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

/// What a browser keeps of an account for which it is remembered. One browser may be remembered for several: for its person's
/// own account, and for a mailbox of their agency.
#[derive(Debug, Clone)]
pub struct Held {
    /// Which account it is of; names nobody. Empty as older releases kept it, one for all.
    pub mark: String,
    /// What opens.
    pub secret: Secret<String>,
}

/// What [`Held::mark`] is for an account.
fn mark(app: &App, account: &Account) -> String {
    let keyed = app.keyring.keyed_bytes("remembered browser", &[&account.id().to_string()]);
    let mut mark = token::digest_of(keyed.expose());
    mark.truncate(12);
    mark
}

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

/// Remembers a browser, in the transaction of the sign-in; returns what it is to keep.
pub(in crate::services) async fn remember(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (source, user_agent): (&str, &str),
) -> Result<Held, StorageError> {
    let (now, secret) = (app.now(), token::new(app.system.entropy()));
    let device = TrustedDevice {
        id: TrustId::new(now, app.system.entropy()),
        user_agent: user_agent.to_owned(),
        source: source.to_owned(),
        made_at: now,
        last_used_at: now,
        expires_at: now.plus(app.config.second_factor.remember),
    };
    trusted_devices::add(tx, account.id(), &token::digest(secret.expose()), &device).await?;
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::DeviceRemembered, account).from(source);
    audit::append(tx, &[entry]).await?;
    Ok(Held { mark: mark(app, account), secret })
}

/// Whether what a browser keeps is remembered for an account, of this kind of browser; notes that it was used. In another
/// kind it was copied, or the browser was replaced: the second factor is asked for.
pub(in crate::services) async fn takes(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (held, user_agent): (&[Held], &str),
) -> Result<bool, StorageError> {
    let (mark, now) = (mark(app, account), app.now());
    for held in held.iter().filter(|held| held.mark == mark || held.mark.is_empty()) {
        let digest = token::digest(held.secret.expose());
        let carrier = trusted_devices::carrier(tx, account.id(), &digest, now).await?;
        if carrier.is_none_or(|carrier| Family::of(&carrier) != Family::of(user_agent)) {
            continue;
        }
        if trusted_devices::takes(tx, account.id(), &digest, now).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
