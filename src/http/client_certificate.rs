//! The certificate that the client of a connection has shown (RFC 8705). TLS ends at a proxy, which tells it in a header:
//! believed from trusted proxies, nothing at all from anybody else.

use super::visitor::peer;
use crate::app::App;
use crate::config::Server;
use crate::crypto::certificate;
use crate::domain::certificate::Certificate;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use std::convert::Infallible;

/// No header is longer: the largest certificate in base64, URL-encoded.
const LONGEST: usize = certificate::LARGEST * 2;

/// The certificate of the connection, for pages.
pub struct Shown(pub Option<Certificate>);

impl FromRequestParts<App> for Shown {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(shown(parts, &app.config.server)))
    }
}

/// The certificate of the connection, if it has one and a trusted proxy says so. One that cannot be read is none.
pub fn shown(parts: &Parts, server: &Server) -> Option<Certificate> {
    let header = server.client_certificates.header.as_deref()?;
    if !parts.headers.contains_key(header) {
        return None;
    }
    if !server.trusted_proxies.contains(&peer(parts)) {
        tracing::debug!(peer = %peer(parts), "a client certificate from an address that is no trusted proxy");
        return None;
    }
    let mut all = parts.headers.get_all(header).iter();
    // Two headers: one of them is not the proxy's.
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    let read = only.to_str().ok().and_then(read);
    if read.is_none() && !only.is_empty() {
        tracing::debug!("the client certificate that the proxy told cannot be read");
    }
    read
}

/// Reads what proxies write: `:base64:` (RFC 9440 §2.1), PEM, or PEM URL-encoded.
fn read(value: &str) -> Option<Certificate> {
    if value.len() > LONGEST {
        return None;
    }
    if let Some(inside) = value.strip_prefix(':') {
        return certificate::read_base64(inside.strip_suffix(':')?);
    }
    certificate::read_pem(&percent_decode_str(value).decode_utf8().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    #[test]
    fn every_form_in_which_proxies_tell_it_is_the_same_certificate() {
        let made = rcgen::generate_simple_self_signed(["vpkg.example".to_owned()]).expect("signed").cert;
        let (pem, known) = (made.pem(), certificate::read(made.der()));
        assert!(known.is_some());
        for form in [
            utf8_percent_encode(&pem, NON_ALPHANUMERIC).to_string(),
            // Apache makes spaces of the ends of lines.
            pem.replace("\r\n", " ").replace('\n', " "),
            format!(":{}:", STANDARD.encode(made.der())),
        ] {
            assert_eq!(read(&form), known, "{form}");
        }
        for bad in
            ["", "(null)", ":", "::", ":AAAA", "%", &STANDARD.encode(made.der()), &"x".repeat(LONGEST + 1)]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_a_certificate_or_not(text in "[ -~]{0,200}", inner in "[A-Za-z0-9+/=%]{0,200}") {
            prop_assert_eq!(read(&text), None);
            let _ = read(&format!(":{inner}:"));
            let _ = read(&format!("-----BEGIN CERTIFICATE-----{inner}-----END CERTIFICATE-----"));
        }
    }
}
