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

use super::{Internal, break_glass, letters};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::{FactorKind, Factors};
use crate::domain::id::AccountId;
use crate::domain::proof::Second;
use crate::domain::secret::Secret;
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
    /// Its person has a factor and has not proven it here.
    MustProve,
    /// Its person must set one up first.
    MustEnrol,
}

/// What a session lacks at its door. In the administration nothing goes without the factor; at the staff's door the
/// sign-in has asked for it, or remembers the browser.
pub async fn standing(app: &App, current: &Current) -> Result<Standing, Internal> {
    use crate::domain::factor::Demand;
    use crate::domain::session::Door;
    let (door, demand) = (current.session.door, app.config.second_factor.at(current.session.door));
    let is_open = demand == Demand::Off || (demand == Demand::Optional && door == Door::Staff);
    if is_open || current.session.proof.second.is_some() {
        return Ok(Standing::Met);
    }
    // Whoever has to break the glass has no factor at hand either.
    if break_glass::opened(app, &current.session).await? {
        return Ok(Standing::Met);
    }
    let factors = of(app, current.account.id()).await?;
    Ok(match door {
        _ if demand.must_enrol(factors) => Standing::MustEnrol,
        Door::Admin if demand.asks(factors) => Standing::MustProve,
        Door::Admin | Door::Staff => Standing::Met,
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
