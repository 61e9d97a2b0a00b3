//! Certificates of the government's digital signature: binding the one that the browser shows, and removing one.

use super::offer::Came;
use super::recovery;
use crate::app::App;
use crate::domain::certificate::{Certificate, DistinguishedName};
use crate::http::client_certificate::Shown;
use crate::http::{Failure, Form, SignedIn, recent};
use crate::i18n::Lang;
use crate::services::factors::certificates::{self, CertificateRefused};
use crate::urls;
use crate::web::parts::Notice;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// Binds the certificate of the connection.
pub(in crate::web) async fn bind(
    State(app): State<App>,
    signed: SignedIn,
    Shown(shown): Shown,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    let came = Came::by(&fields);
    let start = came.start();
    let proof = recent::require_password(&app, &signed.current, &start)?;
    let Some(shown) = shown else { return Ok(back(&start, "certificate-missing")) };
    let note = match certificates::bind(&app, &signed.current, &shown, &proof).await {
        Ok(codes) => {
            signed.visitor.renew().await?;
            return recovery::page(&app, &signed, came, &codes, signed.visitor.lang.codes_made()).await;
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
    Ok(back(&start, note))
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
    Ok(back(urls::SECURITY, "certificate-removed"))
}

fn back(page: &str, note: &str) -> Response {
    let joint = if page.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{page}{joint}note={note}")).into_response()
}

/// What a page says of a certificate that was removed, or not bound.
pub(in crate::web) fn notice(t: Lang, note: &str) -> Option<Notice> {
    match note {
        "certificate-removed" => Some(Notice::ok(t.note_certificate_removed())),
        "certificate-missing" => Some(Notice::warn(t.certificate_missing())),
        "certificate-refused" => Some(Notice::danger(t.certificate_refused())),
        "certificate-taken" => Some(Notice::danger(t.certificate_taken())),
        "certificate-too-many" => Some(Notice::warn(t.certificate_too_many())),
        _ => None,
    }
}

/// Whose a certificate is, in words.
pub(in crate::web) fn subject(t: Lang, shown: &Certificate) -> String {
    let name = shown.subject.as_ref().map(ToString::to_string).unwrap_or_default();
    let said = match holder(&name) {
        (name, Some(organization)) => format!("{name} ({organization})"),
        (name, None) => name,
    };
    t.certificate_shown(&said.chars().take(300).collect::<String>())
}

/// What people call the holder of a distinguished name, and the organization if the name has both; all of the name where
/// it has no common name, or was cut.
pub(in crate::web) fn holder(name: &str) -> (String, Option<String>) {
    // RFC 4519 §2.3, §2.19.
    const COMMON_NAME: &str = "2.5.4.3";
    const ORGANIZATION: &str = "2.5.4.10";
    let parsed = DistinguishedName::parse(name);
    let first = |of: &str| parsed.as_ref().and_then(|parsed| parsed.first(of)).map(str::to_owned);
    match first(COMMON_NAME) {
        Some(common) => (common, first(ORGANIZATION)),
        None => (name.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::holder;

    #[test]
    fn a_holder_is_called_by_the_common_name_and_by_all_where_there_is_none() {
        let name = "CN=Trần Thị Bích Ngọc,OU=Văn phòng,O=Sở Khoa học và Công nghệ,C=VN";
        let organization = Some("Sở Khoa học và Công nghệ".to_owned());
        assert_eq!(holder(name), ("Trần Thị Bích Ngọc".to_owned(), organization));
        assert_eq!(holder("CN=Một cửa"), ("Một cửa".to_owned(), None));
        for whole in ["UID=jsmith,DC=example", "CN=cut,O=So\\", ""] {
            assert_eq!(holder(whole), (whole.to_owned(), None));
        }
    }
}
