//! Whose certificates a directory may show: the city's own CA from a file, or else the system's CAs. There is no
//! setting that turns the check off.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// TLS 1.2 and 1.3 trusting the CAs of `ca_file`, or the system's without one.
pub fn trusting(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let roots = match ca_file {
        Some(file) => roots_of(file)?,
        None => roots_of_the_system()?,
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("TLS cannot be set up: {e}"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Whose certificates are believed, in words.
pub fn trust_in_words(ca_file: Option<&Path>) -> String {
    ca_file.map_or_else(|| "the system's CAs".to_owned(), |file| format!("the CAs in {}", file.display()))
}

/// Says what is wrong with a server's TLS and what to do about it.
pub fn complaint(error: &rustls::Error, url: &str, trust: &str) -> String {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => format!(
            "the certificate of {url} is not trusted by {trust}: set ca_file to the PEM file of the CA that issued it"
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => format!(
            "the certificate of {url} is for another name ({error}): use that name in urls, or issue one with it"
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => {
            format!("the certificate of {url} is not valid today ({error}): renew it, or set the clock right")
        }
        rustls::Error::InvalidCertificate(_) => {
            format!("the certificate of {url} cannot be accepted ({error}): issue a new one")
        }
        _ => format!("{url} does not speak TLS as it should ({error}): is it the right port?"),
    }
}

fn roots_of(file: &Path) -> Result<RootCertStore, String> {
    let shown = file.display();
    let bytes = std::fs::read(file).map_err(|e| format!("ca_file {shown} cannot be read: {e}"))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|e| format!("ca_file {shown} is not PEM: {e}"))?;
        roots.add(certificate).map_err(|e| format!("ca_file {shown} holds an unusable certificate: {e}"))?;
    }
    if roots.is_empty() { Err(format!("ca_file {shown} holds no certificate")) } else { Ok(roots) }
}

fn roots_of_the_system() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // an unreadable one among a hundred CAs must not close the door; none at all must
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err("the system has no CAs: set ca_file".to_owned()) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(contents: &str) -> String {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("ca.pem");
        std::fs::write(&file, contents).expect("written");
        trusting(Some(&file)).expect_err("no CA in there")
    }

    #[test]
    fn a_ca_file_without_a_certificate_is_named() {
        assert!(said_of("").contains("ca.pem holds no certificate"));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(said_of(broken).contains("unusable certificate"));
        let missing = trusting(Some(Path::new("/nonexistent/ca.pem"))).expect_err("missing");
        assert!(missing.contains("cannot be read"), "{missing}");
    }

    #[test]
    fn an_untrusted_certificate_says_which_setting_helps() {
        let error = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let what = complaint(&error, "ldaps://dc1", "the system's CAs");
        assert!(what.contains("not trusted by the system's CAs: set ca_file"), "{what}");
    }
}
