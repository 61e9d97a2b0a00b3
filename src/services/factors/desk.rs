//! The help desk: who has lost everything with which they could prove themselves is helped by an administrator who has
//! made sure who they are.

use super::codes;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::approval::Matter;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::Factors;
use crate::domain::id::AccountId;
use crate::domain::session::SessionEnd;
use crate::i18n::factors::Change;
use crate::services::approvals::{self, Pass, Stopped};
use crate::services::bulk_unlock::Seen;
use crate::services::confirm::RecentProof;
use crate::services::lock::{self, LockRefused};
use crate::services::{Internal, letters, logout_notices, rights, session};
use crate::storage::{
    StorageError, account_certificates, accounts, audit, handed_over, other_address, passkeys,
    recovery_codes, totp,
};
use thiserror::Error;

/// Why nothing was removed.
#[derive(Debug, Error)]
pub enum DeskRefused {
    /// No such account within the administrator's reach.
    #[error("no such account within reach")]
    NotFound,
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// The administrator has not said that they made sure who it is.
    #[error("nobody has made sure who it is")]
    NotSure,
    /// It is the administrator's own account, or one that only an administrator of the city may help.
    #[error("not by this administrator")]
    NotByYou,
    /// Somebody changed the account at the same time.
    #[error("the account was changed at the same time")]
    Conflict,
    /// There is none.
    #[error("the account has no second factor")]
    None,
    /// It is somebody's who decides on requests: a second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for DeskRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<LockRefused> for DeskRefused {
    fn from(refused: LockRefused) -> Self {
        match refused {
            LockRefused::NoReason => Self::NoReason,
            LockRefused::Forbidden(forbidden) => Self::Forbidden(forbidden),
            LockRefused::Internal(internal) => Self::Internal(internal),
            LockRefused::Conflict => Self::Conflict,
            _ => Self::NotFound,
        }
    }
}

/// The factors of an account that the caller may see, where the caller may remove them.
pub async fn removable(
    app: &App,
    by: &Administrator,
    account: &Account,
) -> Result<Option<Factors>, Internal> {
    if !by.may(Right::ResetFactor) || !by.may_reset(account) {
        return Ok(None);
    }
    let factors = super::of(app, account.id()).await?;
    Ok((factors.any() || factors.recovery > 0).then_some(factors))
}

/// Removes all second factors of an account within reach and ends its sessions, if nobody has changed it since it was
/// looked at. The password stays as it is.
pub async fn reset(
    app: &App,
    by: &Administrator,
    seen: Seen,
    (why, is_sure): (&str, bool),
    _recent: &RecentProof,
) -> Result<(), DeskRefused> {
    let actor = rights::acting(app, by, Right::ResetFactor).await?;
    let why = lock::reason(why)?;
    let account = lock::as_seen(app, by, seen).await?;
    if !by.may_reset(&account) {
        return Err(DeskRefused::NotByYou);
    }
    if !is_sure {
        return Err(DeskRefused::NotSure);
    }
    let pass = approvals::pass_hands(app, by, (Matter::StripDecider, ""), &account).await?;
    strip(app, (actor, why), (Some(by.account_id()), pass), &account).await
}

/// Removes all second factors of any account, by the server's operator: also where no administrator can.
pub async fn reset_by_operator(app: &App, address: &MailAddress, why: &str) -> Result<(), DeskRefused> {
    let account = accounts::by_address(&app.db, address).await?.ok_or(DeskRefused::NotFound)?;
    strip(app, (Actor::CommandLine, lock::reason(why)?), (None, None), &account).await
}

async fn strip(
    app: &App,
    (actor, why): (Actor, String),
    (hand, pass): (Option<AccountId>, Option<Pass>),
    account: &Account,
) -> Result<(), DeskRefused> {
    let (id, now) = (account.id(), app.now());
    let mut tx = app.db.begin().await?;
    if let Some(pass) = pass {
        pass.spend(app, &mut tx).await?;
    }
    if let Some(hand) = hand {
        handed_over::note(&mut tx, id, hand, now).await?;
    }
    let had_app = totp::remove(&mut tx, id).await?;
    let had_codes = recovery_codes::remove(&mut tx, id).await?;
    let had_keys = passkeys::remove_all(&mut tx, id).await? > 0;
    let had_mail = other_address::remove(&mut tx, id).await?;
    let had_certificates = account_certificates::remove_all(&mut tx, id).await? > 0;
    if ![had_app, had_codes, had_keys, had_mail, had_certificates].contains(&true) {
        return Err(DeskRefused::None);
    }
    codes::forget_wrong(app, &mut tx, account).await?;
    session::end_everything(&mut tx, id, None, SessionEnd::EndedByAdministrator, now).await?;
    let entry = Entry::about(now, actor, Act::FactorsReset, account).because(why);
    audit::append(&mut tx, &[entry]).await?;
    letters::about_security(app, &mut tx, account, Change::Reset).await?;
    tx.commit().await?;
    logout_notices::try_at_once(app, id).await;
    Ok(())
}
