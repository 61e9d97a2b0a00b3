//! Certificates: reading one (RFC 5280), finding those in a key set (RFC 7517 §4.7), and who vouches for one. Whoever
//! shows it has proven to hold its key to the proxy at which TLS ends.

use crate::domain::certificate::{AlternativeName, Certificate, DistinguishedName};
use crate::domain::timestamp::Timestamp;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{CertificateRevocationList, FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

/// No certificate is larger, in bytes of DER.
pub const LARGEST: usize = 8 * 1024;

/// So many alternative names are read, and so many keys of a set are looked at.
const MOST: usize = 100;

/// The object identifier of P-256 (RFC 5480 §2.1.1.1).
const P256: &str = "1.2.840.10045.3.1.7";

/// Reads a certificate from its bytes; `None` if they are not one, or not one alone.
pub fn read(der: &[u8]) -> Option<Certificate> {
    if der.len() > LARGEST {
        return None;
    }
    let (rest, read) = X509Certificate::from_der(der).ok()?;
    if !rest.is_empty() {
        return None;
    }
    Some(Certificate {
        der: der.to_vec(),
        thumbprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, der)),
        subject: distinguished(read.subject()),
        issuer: distinguished(read.issuer()),
        names: alternative(&read)?,
        not_before: Timestamp::from_seconds(read.validity().not_before.timestamp()),
        not_after: Timestamp::from_seconds(read.validity().not_after.timestamp()),
    })
}

/// Reads a certificate from its text (RFC 7468); its lines may be broken anywhere, because proxies put it into a header.
pub fn read_pem(text: &str) -> Option<Certificate> {
    let inside = text.trim().strip_prefix("-----BEGIN CERTIFICATE-----")?;
    read_base64(inside.strip_suffix("-----END CERTIFICATE-----")?)
}

/// Reads a certificate from base64 (RFC 4648 §4), in which white space means nothing.
pub fn read_base64(text: &str) -> Option<Certificate> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    read(&STANDARD.decode(text).ok()?)
}

/// The certificates of a key set: of each key the first one of `x5c`, which is the key's own. What cannot be read is left
/// out.
pub fn of_key_set(set: &Value) -> Vec<Certificate> {
    let keys = set.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let first = |key: &Value| read_base64(key.get("x5c")?.get(0)?.as_str()?);
    keys.iter().take(MOST).filter_map(first).collect()
}

/// The key set that holds nothing but this certificate; `None` if its key is neither RSA nor on P-256.
pub fn key_set(certificate: &Certificate) -> Option<Value> {
    let (_, read) = X509Certificate::from_der(&certificate.der).ok()?;
    let number = |bytes: &[u8]| {
        let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        URL_SAFE_NO_PAD.encode(&bytes[first..])
    };
    let info = read.public_key();
    let mut key = match info.parsed().ok()? {
        PublicKey::RSA(rsa) => json!({ "kty": "RSA", "n": number(rsa.modulus), "e": number(rsa.exponent) }),
        PublicKey::EC(point) => {
            let curve = info.algorithm.parameters.as_ref()?.as_oid().ok()?.to_id_string();
            let point = point.data();
            if curve != P256 || point.len() != 65 || point[0] != 4 {
                return None;
            }
            let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
            json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
        }
        _ => return None,
    };
    key["x5c"] = json!([STANDARD.encode(&certificate.der)]);
    Some(json!({ "keys": [key] }))
}

/// The name, the most specific part first (RFC 4514 §2.1).
fn distinguished(name: &X509Name<'_>) -> Option<DistinguishedName> {
    let attribute = |one: &x509_parser::x509::AttributeTypeAndValue<'_>| {
        Some((one.attr_type().to_id_string(), one.as_str().ok()?.to_owned()))
    };
    let parts: Option<Vec<_>> = name.iter_rdn().map(|part| part.iter().map(attribute).collect()).collect();
    let mut parts = parts?;
    parts.reverse();
    Some(DistinguishedName::of_parts(parts))
}

/// `None` if they are there twice, too many, or not to be read: then it is not sure who the holder is.
fn alternative(certificate: &X509Certificate<'_>) -> Option<Vec<AlternativeName>> {
    let Some(names) = certificate.subject_alternative_name().ok()? else { return Some(Vec::new()) };
    let names = &names.value.general_names;
    let known = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(host) => Some(AlternativeName::Dns((*host).to_owned())),
        GeneralName::URI(address) => Some(AlternativeName::Uri((*address).to_owned())),
        GeneralName::RFC822Name(address) => Some(AlternativeName::Email((*address).to_owned())),
        GeneralName::IPAddress(bytes) => address(bytes).map(AlternativeName::Ip),
        _ => None,
    };
    (names.len() <= MOST).then(|| names.iter().filter_map(known).collect())
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
    four.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
}

/// The lists in a file.
fn revocation_lists(bytes: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>, rustls::Error> {
    let bad = |why: &str| rustls::Error::General(format!("the list of revoked certificates {why}"));
    if !bytes.trim_ascii_start().starts_with(b"-----") {
        return Ok(vec![CertificateRevocationListDer::from(bytes.to_vec())]);
    }
    let lists: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(bytes).collect();
    let lists = lists.map_err(|error| bad(&format!("is not PEM: {error}")))?;
    if lists.is_empty() { Err(bad("is empty")) } else { Ok(lists) }
}

/// Whether another one of these certificates stands for one of them by its name. A root stands for itself.
fn is_issued_by_one_of(der: &[u8], all: &[Vec<u8>]) -> bool {
    let Ok((_, one)) = X509Certificate::from_der(der) else { return false };
    let issuer = one.issuer().as_raw();
    let is_issuer = |other: &Vec<u8>| {
        X509Certificate::from_der(other).is_ok_and(|(_, other)| other.subject().as_raw() == issuer)
    };
    one.subject().as_raw() != issuer && all.iter().any(is_issuer)
}

/// What people call an authority.
fn called(der: &[u8]) -> String {
    read(der).and_then(|authority| authority.subject).map(|name| name.to_string()).unwrap_or_default()
}

/// The issuing authorities for which none of these certificates stands: whether they were revoked themselves is not to be
/// found out.
pub fn without_issuer(authorities: &[Vec<u8>]) -> Vec<String> {
    let is_alone = |der: &&Vec<u8>| {
        let read = X509Certificate::from_der(der);
        let is_issued = read.is_ok_and(|(_, one)| one.subject().as_raw() != one.issuer().as_raw());
        is_issued && !is_issued_by_one_of(der, authorities)
    };
    authorities.iter().filter(is_alone).map(|der| called(der)).collect()
}

/// The authorities of which no list among these tells at a moment what they have revoked.
pub fn without_list(
    authorities: &[Vec<u8>],
    revoked: &[u8],
    now: Timestamp,
) -> Result<Vec<String>, rustls::Error> {
    let lists = revocation_lists(revoked)?;
    let lists = lists.iter().filter_map(|list| CertificateRevocationList::from_der(list).ok());
    let lists: Vec<_> = lists.map(|(_, list)| list).collect();
    let tells = |der: &Vec<u8>| {
        let Ok((_, one)) = X509Certificate::from_der(der) else { return false };
        lists.iter().any(|list| {
            let is_in_time = list.next_update().is_some_and(|next| next.timestamp() > now.seconds());
            is_in_time && list.issuer().as_raw() == one.subject().as_raw()
        })
    };
    Ok(authorities.iter().filter(|der| !tells(der)).map(|der| called(der)).collect())
}

/// Who vouches for certificates.
#[derive(Debug, Clone)]
pub struct Authorities {
    verifier: Arc<dyn ClientCertVerifier>,
    /// Those between the ones that stand for themselves and the certificates.
    issuing: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// Those of these certificates; why not, if one of them is no authority's or there is none.
    pub fn new(certificates: &[Vec<u8>]) -> Result<Self, rustls::Error> {
        Self::with_revoked(certificates, None)
    }

    /// The same, with lists of what was revoked (RFC 5280 §5), as PEM or one as DER. Where there are lists, a certificate of whose
    /// issuer none tells, or only one that is out of date, is not vouched for; and this holds for issuing authorities
    /// whose own issuer is among these certificates too, up to the one that stands for itself.
    pub fn with_revoked(certificates: &[Vec<u8>], revoked: Option<&[u8]>) -> Result<Self, rustls::Error> {
        // One that is trusted by itself is never looked for on a list: those with an issuer here are trusted through it.
        let is_issuing = |der: &&Vec<u8>| revoked.is_some() && is_issued_by_one_of(der, certificates);
        let (issuing, trusted): (Vec<_>, Vec<_>) = certificates.iter().partition(is_issuing);
        let mut roots = RootCertStore::empty();
        for der in trusted {
            roots.add(CertificateDer::from(der.as_slice()))?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        if let Some(bytes) = revoked {
            let lists = revocation_lists(bytes)?;
            builder = builder.with_crls(lists).enforce_revocation_expiration();
        }
        let verifier = builder.build().map_err(|error| rustls::Error::General(error.to_string()))?;
        let issuing = issuing.into_iter().map(|der| CertificateDer::from(der.clone())).collect();
        Ok(Self { verifier, issuing })
    }

    /// Whether one of them vouches now for a certificate and its use by clients (RFC 5280 §6); else why not.
    pub fn vouch_for(&self, certificate: &Certificate, now: Timestamp) -> Result<(), rustls::Error> {
        let since = u64::try_from(now.seconds()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(since));
        let shown = CertificateDer::from(certificate.der.as_slice());
        self.verifier.verify_client_cert(&shown, &self.issuing, now).map(|_| ())
    }
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
