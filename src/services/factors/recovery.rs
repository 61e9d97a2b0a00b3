//! Recovery codes: for whoever has not got their factor at hand. Shown once, kept as keyed digests.

use super::Changed;
use super::codes::digest;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::audit::Act;
use crate::domain::factor::{FactorKind, Factors, RECOVERY_CODES, grouped, recovery_code};
use crate::domain::id::AccountId;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::i18n::factors::Change;
use crate::services::Internal;
use crate::services::confirm::RecentProof;
use crate::services::session::Current;
use crate::storage::{StorageError, Tx, recovery_codes, trusted_devices};

/// When the holder's codes were made; `None` if there are none.
pub async fn made_at(app: &App, current: &Current) -> Result<Option<Timestamp>, Internal> {
    Ok(recovery_codes::made_at(&app.db, current.account.id()).await?)
}

/// Makes the codes anew, in place of those that the page has `seen`: the old ones open nothing any more. Nothing without a
/// factor of which they are the reserve. `None` if others were made meanwhile: a page that is sent once more must not make
/// worthless what its holder has just printed.
pub async fn renew(
    app: &App,
    current: &Current,
    seen: Option<Timestamp>,
    _recent: &RecentProof,
) -> Result<Option<Vec<Secret<String>>>, Internal> {
    if !super::of(app, current.account.id()).await?.any() {
        return Ok(Some(Vec::new()));
    }
    let mut tx = app.db.begin().await?;
    if !recovery_codes::are_still(&mut tx, current.account.id(), seen).await? {
        return Ok(None);
    }
    let codes = make(app, &mut tx, &current.account).await?;
    let (kind, change) = (FactorKind::Recovery, Change::RecoveryCodesMade);
    super::record(app, &mut tx, &Changed { act: Act::RecoveryCodesMade, kind, change, current }).await?;
    tx.commit().await?;
    Ok(Some(codes))
}

/// Makes codes in place of all that there were; returns them as they are read.
pub(super) async fn make(
    app: &App,
    tx: &mut Tx,
    account: &Account,
) -> Result<Vec<Secret<String>>, StorageError> {
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| recovery_code(app.system.entropy())).collect();
    let digests: Vec<_> = codes.iter().map(|code| digest(app, account, code)).collect();
    recovery_codes::replace(tx, account.id(), &digests, app.now()).await?;
    Ok(codes.iter().map(grouped).collect())
}

/// With the last factor goes what stood in for it.
pub(super) async fn tidy(tx: &mut Tx, account: AccountId, left: Factors) -> Result<(), StorageError> {
    if !left.any() {
        recovery_codes::remove(tx, account).await?;
    }
    // Whatever was trusted was trusted beside a factor that is gone.
    trusted_devices::end_all(tx, account).await
}
