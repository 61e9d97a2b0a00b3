//! Second factors of accounts: which there are, whether one is asked for, and how each is set up, used and removed.
//!
//! Every change needs a recent proof of its holder, or an administrator's word; it is recorded, and the holder gets a
//! letter. What the sign-in does with a factor is `second_step`'s.

pub mod authenticator;
pub mod certificates;
pub mod codes;
pub mod desk;
pub mod mail;
pub mod passkeys;
pub mod proof;
pub mod recovery;
pub(in crate::services) mod sweep;
pub mod trust;

pub use sweep::{good, good_of};

use super::break_glass::{self, Opened};
use super::{Internal, letters};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::Administrator;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::{FactorKind, Factors};
use crate::domain::id::AccountId;
use crate::domain::proof::{Class, Second};
use crate::domain::secret::Secret;
use crate::domain::session::Door;
use crate::i18n::factors::Change;
use crate::services::session::{Current, prove_in};
use crate::storage::passkeys as stored;
use crate::storage::{
    StorageError, Tx, account_certificates, audit, other_address, recovery_codes, sessions, totp,
};

/// The factors of an account.
pub async fn of(app: &App, account: AccountId) -> Result<Factors, StorageError> {
    let settings = &app.config.second_factor;
    Ok(Factors {
        totp: totp::of(&app.db, account).await?.is_some_and(|app| app.confirmed_at.is_some()),
        passkeys: stored::count(&app.db, account).await?,
        recovery: recovery_codes::left(&app.db, account).await?,
        mail: settings.mail_codes
            && other_address::of(&app.db, account).await?.is_some_and(|kept| kept.confirmed_at.is_some()),
        // One that has ended is asked for all the same: recovery codes stand in for it, and no second step goes away by itself.
        certificates: match settings.certificates {
            Some(_) => account_certificates::count(&app.db, account).await?,
            None => 0,
        },
    })
}

/// What a session still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Met,
    /// Its person has a factor that gives this class and has not proven it here.
    MustProve(Class),
    /// Its person must set one up first that gives this class.
    MustEnrol(Class),
}

/// What a session lacks at its door. In the administration nothing goes without the factor; at the staff's door the
/// sign-in has asked for it, or remembers the browser.
pub async fn standing(app: &App, current: &Current) -> Result<Standing, Internal> {
    stands(app, current, app.config.second_factor.least_at(current.session.door)).await
}

/// What a session of the administration lacks for whoever acts in a role.
pub async fn standing_as(app: &App, current: &Current, by: &Administrator) -> Result<Standing, Internal> {
    let settings = &app.config.second_factor;
    let least = by.role().map_or_else(|| settings.least_at(Door::Admin), |role| settings.least_of(role));
    stands(app, current, least).await
}

async fn stands(app: &App, current: &Current, least: Class) -> Result<Standing, Internal> {
    let (door, proven) = (current.session.door, current.session.proof.second_class());
    let is_open = door == Door::Staff && least <= Class::Password;
    if is_open || proven.is_some_and(|proven| proven >= least) {
        return Ok(Standing::Met);
    }
    // Whoever has to break the glass has no factor at hand either.
    if break_glass::opened(app, &current.session, &current.account).await? == Opened::Lives {
        return Ok(Standing::Met);
    }
    let factors = good(app, &current.account).await?;
    let has_enough = factors.strongest() >= least;
    Ok(match (door, proven) {
        (Door::Staff, None) if factors.any() => Standing::Met,
        // What there is, is proven before anything is set up beside it.
        (Door::Admin, None) if factors.any() => {
            let class = if has_enough { least.max(Class::SecondFactor) } else { Class::SecondFactor };
            Standing::MustProve(class)
        }
        _ if !has_enough => Standing::MustEnrol(least),
        (_, Some(_)) => Standing::MustProve(least),
        (_, None) => Standing::Met,
    })
}

/// What was changed about a factor, for the audit and the letter.
pub(super) struct Changed<'a> {
    pub act: Act,
    pub kind: FactorKind,
    pub change: Change,
    pub current: &'a Current,
}

/// Records a change by the holder and writes the letter, in the transaction of the change.
pub(super) async fn record(app: &App, tx: &mut Tx, changed: &Changed<'_>) -> Result<(), Internal> {
    let (account, session) = (&changed.current.account, &changed.current.session);
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(app.now(), actor, changed.act, account);
    let entry = entry.with(changed.kind.code()).from(&session.source);
    audit::append(tx, &[entry]).await?;
    Ok(letters::about_security(app, tx, account, changed.change).await?)
}

/// A factor was set up and has proven its holder in this session, in the transaction that keeps it. Returns the recovery
/// codes, if there were none yet.
async fn added(
    app: &App,
    tx: &mut Tx,
    current: &Current,
    (kind, second, change): (FactorKind, Second, Change),
    has_codes: bool,
) -> Result<Vec<Secret<String>>, Internal> {
    let codes = if has_codes { Vec::new() } else { recovery::make(app, tx, &current.account).await? };
    sessions::proven(tx, &prove_in(&current.session, second, app.now())).await?;
    record(app, tx, &Changed { act: Act::FactorAdded, kind, change, current }).await?;
    Ok(codes)
}

/// The holder has removed a factor, in the transaction that drops it; `left` are those that stay.
async fn removed(
    app: &App,
    tx: &mut Tx,
    current: &Current,
    (kind, change): (FactorKind, Change),
    left: Factors,
) -> Result<(), Internal> {
    recovery::tidy(tx, current.account.id(), left).await?;
    record(app, tx, &Changed { act: Act::FactorRemoved, kind, change, current }).await
}

/// The name under which a secret of an account is sealed.
fn sealed_for(account: &Account) -> String {
    account.id().to_string()
}
