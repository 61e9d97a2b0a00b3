//! Whose certificate proves an application (RFC 8705 §2.1.2): exactly one name, registered under one of five members.

use super::metadata::Metadata;
use crate::domain::certificate::{AlternativeName, Certificate, DistinguishedName};
use thiserror::Error;

/// No registered name is longer.
const LONGEST: usize = 1000;

/// The one name that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The subject of the certificate.
    Distinguished(DistinguishedName),
    /// One of its alternative names.
    Alternative(AlternativeName),
}

/// Why a registration names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadSubject {
    /// There is none, or more than one.
    #[error(
        "tls_client_auth needs exactly one of tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, \
         tls_client_auth_san_ip, tls_client_auth_san_email"
    )]
    NotOne,
    /// The member is no such name.
    #[error("{0} is not a name of its kind")]
    Unreadable(&'static str),
}

impl Subject {
    /// The name that is registered.
    pub fn registered(metadata: &Metadata) -> Result<Self, BadSubject> {
        let members = [
            ("tls_client_auth_subject_dn", &metadata.tls_client_auth_subject_dn),
            ("tls_client_auth_san_dns", &metadata.tls_client_auth_san_dns),
            ("tls_client_auth_san_uri", &metadata.tls_client_auth_san_uri),
            ("tls_client_auth_san_ip", &metadata.tls_client_auth_san_ip),
            ("tls_client_auth_san_email", &metadata.tls_client_auth_san_email),
        ];
        let mut given = members.into_iter().filter_map(|(member, value)| Some((member, value.as_deref()?)));
        let (Some((member, value)), None) = (given.next(), given.next()) else {
            return Err(BadSubject::NotOne);
        };
        let readable = !value.is_empty() && value.len() <= LONGEST;
        let subject = if readable { Self::parse(member, value) } else { None };
        subject.ok_or(BadSubject::Unreadable(member))
    }

    fn parse(member: &str, value: &str) -> Option<Self> {
        let is_plain = value.bytes().all(|byte| byte.is_ascii_graphic());
        let name = match member {
            "tls_client_auth_subject_dn" => return DistinguishedName::parse(value).map(Self::Distinguished),
            "tls_client_auth_san_ip" => AlternativeName::Ip(value.parse().ok()?),
            "tls_client_auth_san_dns" if is_plain => AlternativeName::Dns(value.to_owned()),
            "tls_client_auth_san_uri" if is_plain && value.contains(':') => {
                AlternativeName::Uri(value.to_owned())
            }
            "tls_client_auth_san_email" if value.contains('@') => AlternativeName::Email(value.to_owned()),
            _ => return None,
        };
        Some(Self::Alternative(name))
    }

    /// Whether a certificate has the name.
    pub fn is_of(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Distinguished(name) => {
                certificate.subject.as_ref().is_some_and(|subject| subject.is_same(name))
            }
            Self::Alternative(name) => certificate.names.iter().any(|one| one.is_same(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_name_is_registered() {
        let (none, text) = (Metadata::default(), |value: &str| Some(value.to_owned()));
        assert_eq!(Subject::registered(&none), Err(BadSubject::NotOne));
        let one = Metadata { tls_client_auth_san_dns: text("vpkg.example"), ..none.clone() };
        assert!(Subject::registered(&one).is_ok());
        let two = Metadata { tls_client_auth_subject_dn: text("CN=vpkg"), ..one };
        assert_eq!(Subject::registered(&two), Err(BadSubject::NotOne));
        for (bad, member) in [
            (
                Metadata { tls_client_auth_subject_dn: text("vpkg"), ..none.clone() },
                "tls_client_auth_subject_dn",
            ),
            (Metadata { tls_client_auth_san_ip: text("vpkg"), ..none.clone() }, "tls_client_auth_san_ip"),
            (Metadata { tls_client_auth_san_dns: text(""), ..none.clone() }, "tls_client_auth_san_dns"),
            (Metadata { tls_client_auth_san_uri: text("vpkg"), ..none.clone() }, "tls_client_auth_san_uri"),
            (Metadata { tls_client_auth_san_email: text("vpkg"), ..none }, "tls_client_auth_san_email"),
        ] {
            assert_eq!(Subject::registered(&bad), Err(BadSubject::Unreadable(member)));
        }
    }
}
