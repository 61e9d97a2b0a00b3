use super::*;
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};

const NOW: Timestamp = Timestamp::from_seconds(1_772_416_800);

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

/// What an authority says of somebody for the days around [`NOW`].
fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = NOW.minus(time::Duration::days(1)).local();
    params.not_after = NOW.plus(time::Duration::days(1)).local();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "VN");
    params.distinguished_name.push(DnType::OrganizationName, "Thành phố Đà Nẵng");
    params.distinguished_name.push(DnType::CommonName, "vpkg");
    params
}

fn issued(params: &CertificateParams, by: &Issuer<'_, KeyPair>) -> Certificate {
    let signed = params.signed_by(&KeyPair::generate().expect("a key"), by).expect("signed");
    read(signed.der()).expect("a certificate")
}

#[test]
fn what_a_certificate_says_is_read() {
    let mut params = params();
    params.subject_alt_names = vec![
        SanType::DnsName("vpkg.danang.example".try_into().expect("ASCII")),
        SanType::URI("spiffe://danang.example/vpkg".try_into().expect("ASCII")),
        SanType::IpAddress("2001:db8::1".parse().expect("an address")),
        SanType::IpAddress("192.0.2.1".parse().expect("an address")),
        SanType::Rfc822Name("vpkg@danang.example".try_into().expect("ASCII")),
    ];
    let read = issued(&params, &authority("CA"));
    let expected = DistinguishedName::parse("CN=vpkg,O=Thành phố Đà Nẵng,C=VN").expect("a name");
    assert_eq!(read.subject.as_ref(), Some(&expected), "the most specific first");
    assert_eq!(read.issuer, DistinguishedName::parse("CN=CA"));
    assert_eq!(
        read.names,
        [
            AlternativeName::Dns("vpkg.danang.example".to_owned()),
            AlternativeName::Uri("spiffe://danang.example/vpkg".to_owned()),
            AlternativeName::Ip("2001:db8::1".parse().expect("an address")),
            AlternativeName::Ip("192.0.2.1".parse().expect("an address")),
            AlternativeName::Email("vpkg@danang.example".to_owned()),
        ]
    );
    assert_eq!(read.not_after, NOW.plus(time::Duration::days(1)));
    assert_eq!(read.thumbprint.len(), 43);
}

#[test]
fn an_authority_vouches_for_its_own_certificates_in_their_time_for_clients_only() {
    let (ours, other) = (authority("CA"), authority("CA"));
    let authorities = Authorities::new(&[ours.der().to_vec()]).expect("an authority");
    let vouches = |certificate: &Certificate, now| authorities.vouch_for(certificate, now).is_ok();
    let good = issued(&params(), &ours);
    assert!(vouches(&good, NOW));
    assert!(!vouches(&good, NOW.plus(time::Duration::days(2))), "expired");
    assert!(!vouches(&good, NOW.minus(time::Duration::days(2))), "not yet good");
    assert!(!vouches(&issued(&params(), &other), NOW), "another authority of the same name");
    let with = |purpose| {
        let mut params = params();
        params.extended_key_usages = vec![purpose];
        issued(&params, &ours)
    };
    assert!(vouches(&with(ExtendedKeyUsagePurpose::ClientAuth), NOW));
    assert!(!vouches(&with(ExtendedKeyUsagePurpose::ServerAuth), NOW), "a server's");
    let own = KeyPair::generate().expect("a key");
    let own = read(params().self_signed(&own).expect("signed").der()).expect("a certificate");
    assert!(!vouches(&own, NOW), "its own authority");
}

#[test]
fn without_an_authority_there_is_nobody_to_vouch() {
    assert!(Authorities::new(&[]).is_err());
    assert!(Authorities::new(&[b"no certificate".to_vec()]).is_err());
}

#[test]
fn a_text_holds_one_certificate_however_its_lines_are_broken() {
    let pem = rcgen::generate_simple_self_signed(["x".to_owned()]).expect("signed").cert.pem();
    let read = read_pem(&pem).expect("a certificate");
    assert_eq!(read_pem(&pem.replace('\n', " ")), Some(read.clone()));
    assert_eq!(read_pem(&pem.replace('\n', "")), Some(read));
    assert_eq!(read_pem(&format!("{pem}{pem}")), None, "two");
    assert_eq!(read_pem(&pem.replace("CERTIFICATE", "PRIVATE KEY")), None);
    assert_eq!(read_pem(""), None);
}

#[test]
fn bytes_after_a_certificate_and_too_many_of_them_are_refused() {
    let der = rcgen::generate_simple_self_signed(["x".to_owned()]).expect("signed").cert.der().to_vec();
    assert!(read(&der).is_some());
    assert_eq!(read(&[der.as_slice(), &[0]].concat()), None);
    assert_eq!(read(&der[..der.len() - 1]), None);
    let many = (0..600).map(|n| format!("host-{n}.danang.example")).collect::<Vec<_>>();
    let der = rcgen::generate_simple_self_signed(many).expect("signed").cert.der().to_vec();
    assert!(der.len() > LARGEST);
    assert_eq!(read(&der), None);
}

#[test]
fn a_key_set_of_a_certificate_gives_it_back_and_its_key_verifies() {
    let read = issued(&params(), &authority("CA"));
    let set = key_set(&read).expect("P-256");
    assert_eq!(of_key_set(&set), [read]);
    assert!(crate::crypto::jws::ForeignKeys::read(&set).is_ok());
    assert!(of_key_set(&json!({ "keys": [{ "x5c": ["AAAA"] }, { "x5c": [] }, { "x5c": 1 }, 7] })).is_empty());
    assert!(of_key_set(&json!(7)).is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_a_certificate_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..400), text in ".{0,100}") {
        prop_assert_eq!(read(&bytes), None);
        prop_assert_eq!(read_pem(&text), None);
        let _ = read_base64(&text);
    }

    #[test]
    fn a_certificate_with_a_byte_changed_never_panics(at in 0_usize..400, to in any::<u8>()) {
        static DER: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            rcgen::generate_simple_self_signed(["vpkg.example".to_owned()]).expect("signed").cert.der().to_vec()
        });
        let mut der = DER.clone();
        let at = at % der.len();
        der[at] = to;
        if let Some(certificate) = read(&der) {
            let _ = key_set(&certificate);
            let authorities = Authorities::new(std::slice::from_ref(&*DER));
            let _ = authorities.map(|authorities| authorities.vouch_for(&certificate, NOW));
        }
    }
}
