//! Client certificates (RFC 8705): in which header the proxy tells them, who vouches for them, and at which address it
//! asks for them.

use super::reader::Reader;
use crate::domain::oauth::client_auth::AuthMethod;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

/// Headers that mean something else.
const TAKEN: &[&str] =
    &["authorization", "content-type", "content-length", "cookie", "dpop", "host", "origin"];

/// Where client certificates come from.
#[derive(Debug, Clone, Default)]
pub struct ClientCertificates {
    /// The header in small letters; `None`: there are none.
    pub header: Option<String>,
    /// The certificates of those who vouch for them, as bytes.
    pub authorities: Vec<Vec<u8>>,
    /// The address at which the proxy asks for them, if it is another one than the issuer's.
    pub mtls_url: Option<Url>,
}

impl ClientCertificates {
    /// Whether applications may prove themselves by a method. What needs somebody to vouch for certificates is there only
    /// when that is set: a proxy that asks for certificates without looking at them is no proof of anybody's name.
    pub fn offer(&self, method: AuthMethod) -> bool {
        match method {
            AuthMethod::TlsClientAuth => self.header.is_some() && !self.authorities.is_empty(),
            AuthMethod::SelfSignedTlsClientAuth => self.header.is_some(),
            _ => true,
        }
    }

    /// The address at which certificates are asked for, without a slash at the end.
    pub fn mtls_base(&self) -> Option<&str> {
        self.mtls_url.as_ref().map(|url| url.as_str().trim_end_matches('/'))
    }
}

/// Reads the keys.
pub(super) fn read(r: &mut Reader) -> ClientCertificates {
    let header =
        Some(r.text("server.client_certificate_header").to_ascii_lowercase()).filter(|h| !h.is_empty());
    let is_name = |name: &str| {
        let fits = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && name.len() <= 64;
        fits && !TAKEN.contains(&name) && !name.starts_with("x-forwarded-for")
    };
    if let Some(name) = header.as_deref().filter(|name| !is_name(name)) {
        r.mistake(&format!(
            "server.client_certificate_header: {name:?} cannot be the header of a certificate"
        ));
    }
    let authorities = authorities(r);
    let mtls_url = r.web_address("server.mtls_url");
    if header.is_none() && (!authorities.is_empty() || mtls_url.is_some()) {
        r.mistake("server.client_certificate_header: is needed with client_certificate_ca and mtls_url");
    }
    ClientCertificates { header, authorities, mtls_url }
}

fn authorities(r: &mut Reader) -> Vec<Vec<u8>> {
    const PATH: &str = "server.client_certificate_ca";
    let file = r.text(PATH);
    if file.is_empty() {
        return Vec::new();
    }
    match read_file(&file) {
        Ok(all) => all,
        Err(why) => {
            r.mistake(&format!("{PATH}: {file} {why}"));
            Vec::new()
        }
    }
}

/// The certificates in a file of PEM, each good for vouching.
pub(super) fn read_file(file: &str) -> Result<Vec<Vec<u8>>, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("cannot be read: {error}"))?;
    let (mut all, mut roots) = (Vec::new(), RootCertStore::empty());
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|error| format!("is not PEM: {error}"))?;
        all.push(certificate.to_vec());
        roots.add(certificate).map_err(|error| format!("holds an unusable certificate: {error}"))?;
    }
    if all.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(all) }
}
