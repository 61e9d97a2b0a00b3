//! Certificates of the government's digital signature: binding the one that the browser shows, and removing one.

use super::recovery;
use crate::app::App;
use crate::domain::certificate::Certificate;
use crate::http::client_certificate::Shown;
use crate::http::{Failure, Form, SignedIn, recent};
use crate::i18n::Lang;
use crate::services::factors::certificates::{self, CertificateRefused};
use crate::urls;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// Binds the certificate of the connection.
pub(in crate::web) async fn bind(
    State(app): State<App>,
    signed: SignedIn,
    Shown(shown): Shown,
    _form: Form,
) -> Result<Response, Failure> {
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    let proof = recent::require_password(&app, &signed.current, urls::SECURITY)?;
    let Some(shown) = shown else { return Ok(back("certificate-missing")) };
    let note = match certificates::bind(&app, &signed.current, &shown, &proof).await {
        Ok(codes) => {
            signed.visitor.renew().await?;
            return recovery::page(&app, &signed, None, &codes, signed.visitor.lang.codes_made()).await;
        }
        Err(CertificateRefused::Internal(internal)) => return Err(internal.into()),
        Err(CertificateRefused::Off) => return Err(Failure::NotFound),
        Err(CertificateRefused::NotGood(why)) => {
            tracing::info!("a certificate was not bound: {why}");
            "certificate-refused"
        }
        Err(CertificateRefused::Bound) => "certificate-taken",
        Err(CertificateRefused::TooMany) => "certificate-too-many",
    };
    Ok(back(note))
}

/// Removes one.
pub(in crate::web) async fn remove(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    let proof = recent::require_password(&app, &signed.current, urls::SECURITY)?;
    let id = fields.text("certificate").parse().map_err(|_| Failure::NotFound)?;
    certificates::remove(&app, &signed.current, id, &proof).await?;
    Ok(back("certificate-removed"))
}

fn back(note: &str) -> Response {
    Redirect::to(&format!("{}?note={note}", urls::SECURITY)).into_response()
}

/// Whose a certificate is, in words.
pub(in crate::web) fn subject(t: Lang, shown: &Certificate) -> String {
    let name = shown.subject.as_ref().map(ToString::to_string).unwrap_or_default();
    t.certificate_shown(&name.chars().take(300).collect::<String>())
}
