//! Somebody else was in an account: what they may have set up to come back proves nothing from then on, and goes when it is
//! settled. What is older stays, and is named.
//!
//! Whoever says "it was not me" may be the thief of a cookie: without a recent proof nothing is removed. What was added lately
//! only proves nothing until there is a new password, and that needs the present one, an older factor, or the administrator.

use super::of;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::{FactorKind, Factors, SUSPECT_DAYS};
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;
use crate::i18n::factors::Change;
use crate::services::{Internal, letters};
use crate::storage::{
    StorageError, Tx, account_certificates, accounts, other_address, passkeys, recovery_codes, totp,
};
use time::Duration;

/// From when on what was added may be somebody else's, if the holder says so at a moment.
pub(in crate::services) fn suspect_since(said: Timestamp) -> Timestamp {
    said.minus(Duration::days(SUSPECT_DAYS))
}

/// The same for an account whose holder has said so, until a new password has settled it.
fn doubted_since(account: &Account) -> Option<Timestamp> {
    account.traces().disowned_at.map(suspect_since)
}

/// Whether what was set up for an account at a moment proves nothing yet.
pub(in crate::services) fn is_doubted(account: &Account, made_at: Timestamp) -> bool {
    doubted_since(account).is_some_and(|since| made_at >= since)
}

/// Whether its recovery codes do.
pub(super) async fn are_codes_doubted(app: &App, account: &Account) -> Result<bool, StorageError> {
    let Some(since) = doubted_since(account) else { return Ok(false) };
    Ok(recovery_codes::made_at(&app.db, account.id()).await?.is_some_and(|made| made >= since))
}

/// The factors that prove the holder of an account now: those that are not doubted.
pub async fn good(app: &App, account: &Account) -> Result<Factors, StorageError> {
    match doubted_since(account) {
        None => of(app, account.id()).await,
        Some(since) => before(app, account.id(), since).await,
    }
}

/// The same of the account with this id.
pub async fn good_of(app: &App, id: AccountId) -> Result<Factors, StorageError> {
    match accounts::by_id(&app.db, id).await? {
        Some(account) => good(app, &account).await,
        None => Ok(Factors::default()),
    }
}

/// Those that were set up before a moment.
pub(in crate::services) async fn before(
    app: &App,
    id: AccountId,
    since: Timestamp,
) -> Result<Factors, StorageError> {
    let all = of(app, id).await?;
    let is_old = |at: Option<Timestamp>| at.is_some_and(|at| at < since);
    let count = |old: usize| u64::try_from(old).unwrap_or(u64::MAX);
    let keys = passkeys::of(&app.db, id).await?;
    let certificates = account_certificates::of(&app.db, id).await?;
    let certificates = count(certificates.iter().filter(|one| one.bound_at < since).count());
    let left = Factors {
        totp: all.totp && is_old(totp::of(&app.db, id).await?.and_then(|kept| kept.confirmed_at)),
        passkeys: count(keys.iter().filter(|one| one.made_at < since).count()),
        certificates: certificates.min(all.certificates),
        mail: all.mail && is_old(other_address::of(&app.db, id).await?.and_then(|kept| kept.confirmed_at)),
        recovery: 0,
    };
    let are_codes_kept = left.any() && is_old(recovery_codes::made_at(&app.db, id).await?);
    Ok(Factors { recovery: if are_codes_kept { all.recovery } else { 0 }, ..left })
}

/// Of all that there are, those that are not among the kept.
pub(in crate::services) fn without(all: Factors, kept: Factors) -> Factors {
    Factors {
        totp: all.totp && !kept.totp,
        passkeys: all.passkeys.saturating_sub(kept.passkeys),
        recovery: all.recovery.saturating_sub(kept.recovery),
        mail: all.mail && !kept.mail,
        certificates: all.certificates.saturating_sub(kept.certificates),
    }
}

/// There is a new password of whoever has proven enough: it is its holder's again, and what was doubted goes. In the
/// transaction that records it; returns the lines for the audit, which come last in one.
pub(in crate::services) async fn settle(
    app: &App,
    tx: &mut Tx,
    id: AccountId,
    by: (&Actor, Option<&str>),
) -> Result<Vec<Entry>, Internal> {
    let Some(account) = accounts::by_id_in(tx, id).await? else { return Ok(Vec::new()) };
    let Some(since) = doubted_since(&account) else { return Ok(Vec::new()) };
    accounts::own_again(tx, id).await?;
    remove(app, tx, &account, by, since).await
}

/// Removes the factors of an account that were added since a moment, in the caller's transaction, on the word of whom from
/// where. With the last one go the recovery codes. The holder gets letters; returns the lines for the audit.
pub(in crate::services) async fn remove(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    by: (&Actor, Option<&str>),
    since: Timestamp,
) -> Result<Vec<Entry>, Internal> {
    let id = account.id();
    let had_app = totp::remove_since(tx, id, since).await?;
    let had_keys = passkeys::remove_since(tx, id, since).await? > 0;
    let had_certificates = account_certificates::remove_since(tx, id, since).await? > 0;
    let had_mail = other_address::remove_since(tx, id, since).await?;
    let are_new = recovery_codes::remove_since(tx, id, since).await?;
    let had_codes = are_new || (!has_any(app, tx, id).await? && recovery_codes::remove(tx, id).await?);
    let gone = [
        (had_app, FactorKind::Totp, Some(Change::AppRemoved)),
        (had_keys, FactorKind::Passkey, Some(Change::PasskeyRemoved)),
        (had_certificates, FactorKind::Certificate, Some(Change::CertificateRemoved)),
        (had_mail, FactorKind::Mail, Some(Change::OtherAddressRemoved)),
        // They stand in for another factor; the letter about that one is enough.
        (had_codes, FactorKind::Recovery, None),
    ];
    let (actor, source) = by;
    let mut entries = Vec::new();
    for (_, kind, change) in gone.into_iter().filter(|(is_gone, ..)| *is_gone) {
        let entry = Entry::about(app.now(), actor.clone(), Act::FactorRemoved, account).with(kind.code());
        let entry = entry.because("it was not me");
        entries.push(match source {
            Some(source) => entry.from(source),
            None => entry,
        });
        if let Some(change) = change {
            letters::about_security(app, tx, account, change).await?;
        }
    }
    Ok(entries)
}

/// Whether an account has a factor for which recovery codes stand in, as the transaction sees it.
async fn has_any(app: &App, tx: &mut Tx, id: AccountId) -> Result<bool, StorageError> {
    let settings = &app.config.second_factor;
    Ok(totp::is_set_up(tx, id).await?
        || passkeys::count_in(tx, id).await? > 0
        || (settings.mail_codes && other_address::is_confirmed(tx, id).await?)
        || (settings.certificates.is_some() && account_certificates::count_in(tx, id).await? > 0))
}
