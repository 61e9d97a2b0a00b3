//! What comes with a request beside its form: the `DPoP` header (RFC 9449 §4.1, §4.3) and the certificate of the connection
//! (RFC 8705).

use crate::app::App;
use crate::domain::certificate::Certificate;
use crate::domain::oauth::error::{Code, Refusal};
use crate::http::client_certificate;
use crate::services::dpop::{self, Held, Presented};
use crate::services::possession::Shown;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use std::convert::Infallible;

const TWICE: Refusal = Refusal::new(Code::InvalidDpopProof, "There is more than one DPoP header");
const TEXT: Refusal = Refusal::new(Code::InvalidDpopProof, "The DPoP header is not a JWT");

/// Method and address of a request, for its proof; and the certificate of its connection.
pub(super) struct Place {
    method: Method,
    uri: Uri,
    certificate: Option<Certificate>,
}

impl FromRequestParts<App> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let certificate = client_certificate::shown(parts, &app.config.server);
        Ok(Self { method: parts.method.clone(), uri: parts.uri.clone(), certificate })
    }
}

impl Place {
    /// The certificate of the connection.
    pub(super) const fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Everything to which the tokens of the request may be bound.
    pub(super) fn shown(&self, app: &App, headers: &HeaderMap) -> Result<Shown, Refusal> {
        Ok(Shown { held: self.held(app, headers, None)?, certificate: self.certificate.clone() })
    }

    /// The key whose proof is in the header; `None` without a header.
    pub(super) fn held(
        &self,
        app: &App,
        headers: &HeaderMap,
        access_token: Option<&str>,
    ) -> Result<Option<Held>, Refusal> {
        let mut all = headers.get_all("dpop").iter();
        let (Some(proof), None) = (all.next(), all.next()) else {
            return if headers.contains_key("dpop") { Err(TWICE) } else { Ok(None) };
        };
        let proof = proof.to_str().map_err(|_| TEXT)?;
        let (method, path) = (self.method.as_str(), self.uri.path());
        dpop::prove(app, &Presented { proof, method, path, access_token }).map(Some)
    }
}
