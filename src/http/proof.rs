//! What comes with a request of an application beside its form: a token (RFC 6750 §2.1), the `DPoP` header (RFC 9449 §4.1, §4.3) with the `DPoP-Nonce` header of the
//! answer (§8.1, §9), and the certificate of the connection (RFC 8705).

use super::{client_certificate, visitor};
use crate::app::App;
use crate::domain::certificate::Certificate;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::dpop::Nonces;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::secret::Secret;
use crate::services::dpop::{self, Held, Presented};
use crate::services::possession::Shown;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::Response;
use std::convert::Infallible;

const TWICE: Refusal = Refusal::new(Code::InvalidDpopProof, "There is more than one DPoP header");
const TEXT: Refusal = Refusal::new(Code::InvalidDpopProof, "The DPoP header is not a JWT");

/// How a token is presented (RFC 6750 §2, RFC 9449 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Whoever has it may use it.
    Bearer,
    /// With a proof of the key to which it is bound.
    Dpop,
}

/// The token of the header `Authorization`; `None` without one.
pub fn in_header(headers: &HeaderMap) -> Result<Option<(Scheme, Secret<String>)>, Refusal> {
    const BAD: Refusal =
        Refusal::new(Code::InvalidToken, "The Authorization header is not Bearer or DPoP with a token");
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(BAD)?;
    let known = [("bearer", Scheme::Bearer), ("dpop", Scheme::Dpop)];
    let known = known.into_iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name));
    Ok(Some((known.ok_or(BAD)?.1, Secret::new(token.trim().to_owned()))))
}

/// Method and address of a request, for its proof; whence it comes, and the certificate of its connection.
pub struct Place {
    method: Method,
    uri: Uri,
    source: String,
    certificate: Option<Certificate>,
}

impl FromRequestParts<App> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let certificate = client_certificate::shown(parts, &app.config.server);
        let source = visitor::source(parts, &app.config.server.trusted_proxies).to_string();
        Ok(Self { method: parts.method.clone(), uri: parts.uri.clone(), source, certificate })
    }
}

impl Place {
    /// The network address, past trusted proxies.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The certificate of the connection.
    pub const fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Everything to which the tokens of the request may be bound.
    pub fn shown(&self, app: &App, headers: &HeaderMap, client: &Client) -> Result<Shown, Refusal> {
        let held = self.held(app, headers, None, Some(client))?;
        Ok(Shown { held, certificate: self.certificate.clone() })
    }

    /// What was shown with a token of this scheme: one that is presented as bound needs its proof (RFC 9449 §7.1).
    pub fn with_token(
        &self,
        app: &App,
        headers: &HeaderMap,
        (scheme, token): (Scheme, &Secret<String>),
    ) -> Result<Shown, Refusal> {
        const MISSING: Refusal = Refusal::new(Code::InvalidDpopProof, "The DPoP proof is missing");
        let held = match scheme {
            Scheme::Bearer => None,
            Scheme::Dpop => Some(self.held(app, headers, Some(token.expose()), None)?.ok_or(MISSING)?),
        };
        Ok(Shown { held, certificate: self.certificate.clone() })
    }

    /// The key whose proof is in the header; `None` without a header.
    pub fn held(
        &self,
        app: &App,
        headers: &HeaderMap,
        access_token: Option<&str>,
        client: Option<&Client>,
    ) -> Result<Option<Held>, Refusal> {
        let mut all = headers.get_all("dpop").iter();
        let (Some(proof), None) = (all.next(), all.next()) else {
            return if headers.contains_key("dpop") { Err(TWICE) } else { Ok(None) };
        };
        let proof = proof.to_str().map_err(|_| TEXT)?;
        let (method, path) = (self.method.as_str(), self.uri.path());
        let needs_nonce = client.is_some_and(|client| client.metadata.dpop_nonce_required);
        dpop::prove(app, &Presented { proof, method, path, access_token, needs_nonce }).map(Some)
    }
}

/// Put into a response's extensions: the application needs a nonce.
#[derive(Debug, Clone, Copy)]
pub struct NonceWanted;

/// Hands a nonce out: to whoever needs one, and with every answer to a proof where the house hands them out.
pub async fn hand_out(State(app): State<App>, request: Request, next: Next) -> Response {
    let has_proof = request.headers().contains_key("dpop") && app.config.oidc.dpop_nonces != Nonces::Off;
    let mut response = next.run(request).await;
    let is_wanted = response.extensions_mut().remove::<NonceWanted>().is_some();
    if let (true, Ok(nonce)) = (has_proof || is_wanted, HeaderValue::from_str(&dpop::nonce(&app))) {
        response.headers_mut().insert("dpop-nonce", nonce);
    }
    response
}
