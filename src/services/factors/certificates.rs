//! Certificates of the government's digital signature as a second factor, where TLS ends at a proxy that asks for them
//! (`server.client_certificate_header`) and the configuration says who vouches for them. The browser has proven to hold the
//! key; here it is decided whether the certificate is in its time, vouched for, not revoked, and bound to this account.

use super::sweep;
use crate::app::App;
use crate::crypto::certificate::Authorities;
use crate::domain::account::Account;
use crate::domain::certificate::{Certificate, DistinguishedName};
use crate::domain::factor::FactorKind;
use crate::domain::id::AccountCertificateId;
use crate::domain::proof::Second;
use crate::domain::secret::Secret;
use crate::i18n::factors::Change;
use crate::services::Internal;
use crate::services::confirm::RecentProof;
use crate::services::session::Current;
use crate::storage::StorageError;
use crate::storage::account_certificates;
use thiserror::Error;

pub use crate::storage::account_certificates::Bound;

/// How many certificates an account may have.
const MOST: usize = 5;

/// Why a certificate is not taken.
#[derive(Debug, Error)]
pub enum CertificateRefused {
    /// The city does not take any.
    #[error("no certificates are taken")]
    Off,
    /// It is not in its time, revoked, or nobody vouches for it.
    #[error("the certificate is not good: {0}")]
    NotGood(String),
    /// It is bound to an account already: this one, or another one.
    #[error("the certificate is bound already")]
    Bound,
    /// There are enough.
    #[error("there are enough certificates")]
    TooMany,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for CertificateRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Those of the holder of a session.
pub async fn list(app: &App, current: &Current) -> Result<Vec<Bound>, Internal> {
    Ok(account_certificates::of(&app.db, current.account.id()).await?)
}

/// Binds the certificate that the browser has shown. Returns the recovery codes, if there were none yet.
pub async fn bind(
    app: &App,
    current: &Current,
    shown: &Certificate,
    _recent: &RecentProof,
) -> Result<Vec<Secret<String>>, CertificateRefused> {
    is_good(app, shown).await?;
    let (account, now) = (&current.account, app.now());
    if account_certificates::of(&app.db, account.id()).await?.len() >= MOST {
        return Err(CertificateRefused::TooMany);
    }
    let name = |name: &Option<DistinguishedName>| {
        name.as_ref().map(ToString::to_string).unwrap_or_default().chars().take(300).collect()
    };
    let bound = Bound {
        id: AccountCertificateId::new(now, app.system.entropy()),
        thumbprint: shown.thumbprint.clone(),
        subject: name(&shown.subject),
        issuer: name(&shown.issuer),
        not_after: shown.not_after,
        bound_at: now,
        last_used_at: None,
    };
    let has_codes = super::of(app, account.id()).await?.recovery > 0;
    let mut tx = app.db.begin().await?;
    if !account_certificates::add(&mut tx, account.id(), &bound).await? {
        return Err(CertificateRefused::Bound);
    }
    let made = (FactorKind::Certificate, Second::Certificate, Change::CertificateBound);
    let codes = super::added(app, &mut tx, current, made, has_codes).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Removes one of the holder's; tells whether there was one.
pub async fn remove(
    app: &App,
    current: &Current,
    id: AccountCertificateId,
    _recent: &RecentProof,
) -> Result<bool, Internal> {
    let account = current.account.id();
    let mut left = super::of(app, account).await?;
    left.certificates = left.certificates.saturating_sub(1);
    let mut tx = app.db.begin().await?;
    if !account_certificates::remove(&mut tx, account, id).await? {
        return Ok(false);
    }
    let gone = (FactorKind::Certificate, Change::CertificateRemoved);
    super::removed(app, &mut tx, current, gone, left).await?;
    tx.commit().await?;
    Ok(true)
}

/// Whether a certificate that was shown is good and bound to an account.
pub(super) async fn proves(app: &App, account: &Account, shown: &Certificate) -> Result<bool, Internal> {
    let all = account_certificates::of(&app.db, account.id()).await?;
    let bound = all.iter().find(|bound| bound.thumbprint == shown.thumbprint);
    if bound.is_none_or(|bound| sweep::is_doubted(account, bound.bound_at)) {
        return Ok(false);
    }
    match is_good(app, shown).await {
        Ok(()) => Ok(true),
        Err(CertificateRefused::Internal(internal)) => Err(internal),
        Err(refused) => {
            tracing::warn!(account = %account.profile().address, "a certificate was refused: {refused}");
            Ok(false)
        }
    }
}

/// Whether it is in its time, vouched for and not revoked. The list of revoked ones is read each time, so that a new one is
/// in force as soon as it lies there; without it, and with one that is out of date, nothing is taken.
async fn is_good(app: &App, shown: &Certificate) -> Result<(), CertificateRefused> {
    let settings = app.config.second_factor.certificates.as_ref().ok_or(CertificateRefused::Off)?;
    if !shown.is_in_its_time(app.now()) {
        return Err(CertificateRefused::NotGood("it has expired, or is not good yet".to_owned()));
    }
    let not_good = |why: String| CertificateRefused::NotGood(why);
    let revoked = match &settings.revoked {
        None => None,
        Some(file) => {
            let read = tokio::fs::read(file).await;
            Some(read.map_err(|error| not_good(format!("{}: {error}", file.display())))?)
        }
    };
    let authorities = Authorities::with_revoked(&settings.authorities, revoked.as_deref());
    let vouched = authorities.and_then(|authorities| authorities.vouch_for(shown, app.now()));
    vouched.map_err(|error| not_good(error.to_string()))
}
