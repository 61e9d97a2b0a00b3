//! Who holds what a token is bound to: a key that is proven (RFC 9449 §5, §7, §10) or the certificate of the connection
//! (RFC 8705 §3, §4).

use super::dpop::Held;
use crate::domain::certificate::Certificate;
use crate::domain::oauth::binding::Binding;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{Code, Refusal};

const UNPROVEN: Refusal = Refusal::new(Code::InvalidDpopProof, "A DPoP proof is required for this client");
const OTHER_KEY: Refusal =
    Refusal::new(Code::InvalidGrant, "The DPoP proof is not of the key to which this is bound");
const NO_CERTIFICATE: Refusal =
    Refusal::new(Code::InvalidRequest, "A client certificate is required for this client");
const OTHER_CERTIFICATE: Refusal =
    Refusal::new(Code::InvalidGrant, "The client certificate is not the one to which this is bound");
const NOT_OPENED: Refusal =
    Refusal::new(Code::InvalidToken, "The access token is bound to another key or certificate, or to none");

/// What came with a request and tells who holds what.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// The key whose proof came.
    pub held: Option<Held>,
    /// The certificate of the connection.
    pub certificate: Option<Certificate>,
}

impl Shown {
    /// To what the tokens of an application are bound that come of this request: to the key if one is proven, to the
    /// certificate if the application has registered that (RFC 8705 §3.4).
    pub(super) fn binding(&self, client: &Client) -> Binding {
        let certificate = self.certificate.as_ref().filter(|_| client.must_show_certificate());
        Binding {
            jkt: self.held.as_ref().map(|held| held.jkt.clone()),
            x5t: certificate.map(|certificate| certificate.thumbprint.clone()),
        }
    }

    /// What is bound needs what it is bound to; some applications need something always.
    pub(super) fn check(&self, client: &Client, bound: &Binding) -> Result<(), Refusal> {
        match (bound.jkt.as_deref(), &self.held) {
            (Some(bound), Some(held)) if bound != held.jkt => return Err(OTHER_KEY),
            (Some(_), None) => return Err(UNPROVEN),
            (None, None) if client.must_prove_key() => return Err(UNPROVEN),
            (_, _) => {}
        }
        match (bound.x5t.as_deref(), &self.certificate) {
            (Some(bound), Some(shown)) if bound != shown.thumbprint => Err(OTHER_CERTIFICATE),
            (Some(_), None) => Err(NO_CERTIFICATE),
            (None, None) if client.must_show_certificate() => Err(NO_CERTIFICATE),
            (_, _) => Ok(()),
        }
    }

    /// Whether a token that is bound so opens a resource of the house. RFC 9449 §7.1, §7.2: a bound token is nothing
    /// without its key, and another key opens nothing; RFC 8705 §3: nor is it anything without its certificate.
    pub(super) fn open(&self, bound: &Binding) -> Result<(), Refusal> {
        let thumbprint = self.certificate.as_ref().map(|certificate| certificate.thumbprint.as_str());
        let key_fits = bound.jkt.as_deref() == self.held.as_ref().map(|held| held.jkt.as_str());
        let certificate_fits = bound.x5t.is_none() || bound.x5t.as_deref() == thumbprint;
        if key_fits && certificate_fits { Ok(()) } else { Err(NOT_OPENED) }
    }
}
