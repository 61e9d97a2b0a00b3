//! Certificates for the tests: of any authority, name and time. Shared by all that need some.

use danang_sso::crypto::certificate;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DistinguishedName,
    DnType, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason, RevokedCertParams,
    SanType, SerialNumber,
};
use time::OffsetDateTime;
use time::macros::datetime;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Somebody who vouches.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key.
#[derive(Clone)]
pub struct Holder {
    /// The certificate.
    pub pem: String,
    /// Its private key.
    pub key: String,
}

/// What a certificate says.
#[derive(Clone)]
pub struct Says {
    /// The common name; the rest of the subject is `O=Thành phố Đà Nẵng, C=VN`.
    pub name: &'static str,
    /// The alternative names.
    pub names: Vec<SanType>,
    /// From when to when it is good.
    pub time: (OffsetDateTime, OffsetDateTime),
}

/// A certificate in this name, good for a year around the days of the tests.
pub fn says(name: &'static str) -> Says {
    Says { name, names: Vec::new(), time: (datetime!(2025-09-01 00:00 +7), datetime!(2026-08-31 00:00 +7)) }
}

/// A certificate in this name, good by the clock of the houses of the tests and by that of the machine.
pub fn lasting(name: &'static str) -> Says {
    Says { time: (datetime!(2020-01-01 00:00 +7), datetime!(2099-01-01 00:00 +7)), ..says(name) }
}

impl Says {
    fn params(&self) -> CertificateParams {
        let mut params = CertificateParams::default();
        // The order of the parts is the one in which they are pushed, and there is one already.
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CountryName, "VN");
        params.distinguished_name.push(DnType::OrganizationName, "Thành phố Đà Nẵng");
        params.distinguished_name.push(DnType::CommonName, self.name);
        params.subject_alt_names.clone_from(&self.names);
        (params.not_before, params.not_after) = self.time;
        params
    }

    /// A certificate that nobody else vouches for.
    pub fn by_itself(&self) -> Holder {
        let key = KeyPair::generate().expect("a key");
        let pem = self.params().self_signed(&key).expect("signed").pem();
        Holder { pem, key: key.serialize_pem() }
    }
}

impl Authority {
    /// An authority that is good for ever.
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(Self::params("Test CA"), key).expect("an authority"))
    }

    /// One for which this one stands.
    pub fn below(&self, name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let by: &Issuer<'_, KeyPair> = &self.0;
        Self(CertifiedIssuer::signed_by(Self::params(name), key, by).expect("an authority"))
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }

    /// Itself, as somebody whom another authority may revoke; its key stays here.
    pub fn itself(&self) -> Holder {
        Holder { pem: self.pem(), key: String::new() }
    }

    /// Its own certificate.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// The list of what it has revoked, good until a moment (RFC 5280 §5).
    pub fn revoked(&self, holders: &[&Holder], until: OffsetDateTime) -> String {
        let revoked = |holder: &&Holder| RevokedCertParams {
            serial_number: holder.serial(),
            revocation_time: datetime!(2026-03-01 00:00 +7),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: datetime!(2026-02-01 00:00 +7),
            next_update: until,
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: holders.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let by: &Issuer<'_, KeyPair> = &self.0;
        params.signed_by(by).expect("signed").pem().expect("text")
    }

    /// Vouches for a name.
    pub fn issue(&self, says: &Says) -> Holder {
        let key = KeyPair::generate().expect("a key");
        let by: &Issuer<'_, KeyPair> = &self.0;
        let pem = says.params().signed_by(&key, by).expect("signed").pem();
        Holder { pem, key: key.serialize_pem() }
    }
}

impl Holder {
    /// The thumbprint of the certificate (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> String {
        certificate::read_pem(&self.pem).expect("a certificate").thumbprint
    }

    /// Its serial number.
    fn serial(&self) -> SerialNumber {
        let read = certificate::read_pem(&self.pem).expect("a certificate");
        let (_, read) = X509Certificate::from_der(&read.der).expect("a certificate");
        SerialNumber::from_slice(read.raw_serial())
    }

    /// The key set that holds the certificate.
    pub fn key_set(&self) -> serde_json::Value {
        certificate::key_set(&certificate::read_pem(&self.pem).expect("a certificate")).expect("P-256")
    }

    /// The value of nginx's `$ssl_client_escaped_cert`.
    pub fn escaped(&self) -> String {
        percent_encoding::utf8_percent_encode(&self.pem, percent_encoding::NON_ALPHANUMERIC).to_string()
    }
}
