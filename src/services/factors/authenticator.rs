//! The authenticator app: set up in two steps (the secret is shown, its first code is typed), removed in one.

use super::codes::{CodeRefused, gate, open};
use super::sealed_for;
use crate::app::App;
use crate::crypto::totp as otp;
use crate::domain::factor::{self, FactorKind, Typed};
use crate::domain::proof::Second;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::i18n::factors::Change;
use crate::services::Internal;
use crate::services::confirm::RecentProof;
use crate::services::session::Current;
use crate::storage::totp;
use time::Duration;

/// A secret that nobody has confirmed is shown again for so long, so that a page may be loaded twice.
const WAITS: Duration = Duration::minutes(30);

/// What the page shows.
pub struct Offer {
    /// The secret as text, for typing.
    pub secret: Secret<String>,
    /// What the picture holds.
    pub address: Secret<String>,
    /// When it was made: which of them is confirmed.
    pub made_at: Timestamp,
}

/// Offers a secret; `None` if an app is set up already.
pub async fn offer(app: &App, current: &Current, _recent: &RecentProof) -> Result<Option<Offer>, Internal> {
    let (account, now) = (&current.account, app.now());
    let secret = otp::new(app.system.entropy());
    let sealed = app.keyring.seal("totp", &sealed_for(account), secret.expose(), app.system.entropy());
    let fresh = now.minus(WAITS);
    totp::begin(&app.db, account.id(), &sealed, factor::before(now), (now, fresh)).await?;
    let kept = totp::of(&app.db, account.id()).await?;
    let Some(kept) = kept.filter(|kept| kept.confirmed_at.is_none()) else { return Ok(None) };
    let secret = open(app, account, &kept.sealed)?;
    let issuer = app.config.server.public_url.host_str().unwrap_or_default();
    let address = otp::address(&secret, issuer, account.profile().address.as_str());
    Ok(Some(Offer { secret: otp::base32(&secret), address, made_at: kept.made_at }))
}

/// Whether a secret that was shown still waits for its first code.
pub async fn waits(app: &App, current: &Current) -> Result<bool, Internal> {
    let kept = totp::of(&app.db, current.account.id()).await?;
    let fresh = app.now().minus(WAITS);
    Ok(kept.is_some_and(|kept| kept.confirmed_at.is_none() && kept.made_at > fresh))
}

/// The first code was typed: from now on the app proves its holder, and has done so in this session. Returns the
/// recovery codes, if there were none yet. Who was asked for a proof before the secret was shown need not give another one
/// while it waits: setting an app up takes longer than a proof is recent.
pub async fn confirm(
    app: &App,
    current: &Current,
    typed: &str,
    recent: Option<&RecentProof>,
) -> Result<Vec<Secret<String>>, CodeRefused> {
    let (account, now) = (&current.account, app.now());
    if recent.is_none() && !waits(app, current).await? {
        return Err(CodeRefused::Wrong);
    }
    let attempt = gate(app, account).await?;
    let kept = totp::of(&app.db, account.id()).await?.filter(|kept| kept.confirmed_at.is_none());
    let Some(kept) = kept else { return Err(CodeRefused::Wrong) };
    let secret = open(app, account, &kept.sealed)?;
    let step = match Typed::parse(typed) {
        Some(Typed::Otp(code)) => otp::matching(&secret, &code, factor::steps(now)),
        _ => None,
    };
    let Some(step) = step else {
        // A wrong first code guesses nothing: whoever types it has the secret before them. Without a recent proof that
        // is not so sure.
        return Err(match recent {
            Some(_) => CodeRefused::Wrong,
            None => attempt.failed(app, account, &current.session.source).await?,
        });
    };
    let has_codes = super::of(app, account.id()).await?.recovery > 0;
    let mut tx = app.db.begin().await?;
    if !totp::confirm(&mut tx, account.id(), step, kept.made_at, now).await? {
        return Err(CodeRefused::Wrong);
    }
    attempt.succeeded(&mut tx).await?;
    let made = (FactorKind::Totp, Second::Otp, Change::AppAdded);
    let codes = super::added(app, &mut tx, current, made, has_codes).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Removes the app, and with the last factor the recovery codes and the remembered browsers. Tells whether there was one.
pub async fn remove(app: &App, current: &Current, _recent: &RecentProof) -> Result<bool, Internal> {
    let id = current.account.id();
    let mut factors = super::of(app, id).await?;
    factors.totp = false;
    let mut tx = app.db.begin().await?;
    if !totp::remove(&mut tx, id).await? {
        return Ok(false);
    }
    let gone = (FactorKind::Totp, Change::AppRemoved);
    super::removed(app, &mut tx, current, gone, factors).await?;
    tx.commit().await?;
    Ok(true)
}
