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

/// For so many accounts a browser is remembered; with one more the first is forgotten.
const MOST: usize = 8;

/// Of what a browser keeps: that which has no room any more beside a new one, the first that was set before.
pub fn without_room<'a>(new: &Held, others: &'a [Held]) -> Vec<&'a Held> {
    let mut others: Vec<_> =
        others.iter().filter(|one| !one.mark.is_empty() && one.mark != new.mark).collect();
    others.truncate((others.len() + 1).saturating_sub(MOST));
    others
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

/// Remembers a browser, in the transaction of the sign-in; returns what it is to keep. What it kept of the account before is
/// replaced, and what has no room beside it is forgotten: a copy of either opens nothing any more.
pub(in crate::services) async fn remember(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (source, user_agent): (&str, &str),
    kept: &[Held],
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
    let held = Held { mark: mark(app, account), secret };
    for replaced in kept.iter().filter(|one| one.mark == held.mark || one.mark.is_empty()) {
        // One of an older release may be another account's: it stays.
        let digest = token::digest(replaced.secret.expose());
        trusted_devices::end_held(tx, &digest, Some(account.id())).await?;
    }
    for forgotten in without_room(&held, kept) {
        trusted_devices::end_held(tx, &token::digest(forgotten.secret.expose()), None).await?;
    }
    trusted_devices::add(tx, account.id(), &token::digest(held.secret.expose()), &device).await?;
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::DeviceRemembered, account).from(source);
    audit::append(tx, &[entry]).await?;
    Ok(held)
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
