//! The part of `danang-sso client add` that is about client certificates (RFC 8705).

use crate::crypto::certificate;
use crate::domain::oauth::metadata::Metadata;
use anyhow::Context;
use clap::Args;
use serde_json::Value;
use std::path::PathBuf;

/// Whose certificate proves it, and whether its tokens are bound to that.
#[derive(Debug, Args)]
pub struct ByCertificate {
    /// For tls_client_auth: the subject of its certificate, such as "CN=vpkg,O=Thành phố Đà Nẵng,C=VN" (RFC 4514, the
    /// most specific part first); or one of the next four.
    #[arg(long, value_name = "DN")]
    tls_subject_dn: Option<String>,
    /// For tls_client_auth: a host that its certificate names.
    #[arg(long, value_name = "HOST")]
    tls_san_dns: Option<String>,
    /// For tls_client_auth: an address of any scheme that its certificate names.
    #[arg(long, value_name = "URI")]
    tls_san_uri: Option<String>,
    /// For tls_client_auth: a network address that its certificate names.
    #[arg(long, value_name = "IP")]
    tls_san_ip: Option<String>,
    /// For tls_client_auth: a mail address that its certificate names.
    #[arg(long, value_name = "ADDRESS")]
    tls_san_email: Option<String>,
    /// PEM file with its certificate, for self_signed_tls_client_auth.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["jwks_file", "jwks_uri"])]
    certificate_file: Option<PathBuf>,
    /// Bind its tokens to its client certificate always (RFC 8705).
    #[arg(long)]
    bind_to_certificate: bool,
}

impl ByCertificate {
    /// The registration with these members.
    pub(super) fn register(&self, metadata: Metadata) -> Metadata {
        Metadata {
            tls_client_auth_subject_dn: self.tls_subject_dn.clone(),
            tls_client_auth_san_dns: self.tls_san_dns.clone(),
            tls_client_auth_san_uri: self.tls_san_uri.clone(),
            tls_client_auth_san_ip: self.tls_san_ip.clone(),
            tls_client_auth_san_email: self.tls_san_email.clone(),
            tls_client_certificate_bound_access_tokens: self.bind_to_certificate,
            ..metadata
        }
    }

    /// The key set with its certificate, if there is a file.
    pub(super) fn key_set(&self) -> anyhow::Result<Option<Value>> {
        let Some(file) = &self.certificate_file else { return Ok(None) };
        let shown = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {shown}"))?;
        let read =
            certificate::read_pem(&text).with_context(|| format!("{shown} is not one certificate in PEM"))?;
        let set = certificate::key_set(&read);
        set.map(Some)
            .with_context(|| format!("the key of the certificate in {shown} is neither RSA nor on P-256"))
    }
}
