use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use proptest::prelude::*;

const ORIGIN: &str = "https://dangnhap.danang.example";
const RP: &str = "danang.example";

const EXPECTED: Expected<'_> =
    Expected { challenge: "Y2hhbGxlbmdl", origin: ORIGIN, rp_id: RP, verified: true };

struct Device(EcdsaKeyPair);

impl Device {
    fn new() -> Self {
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(kind, &SystemRandom::new()).expect("a key");
        Self(EcdsaKeyPair::from_pkcs8(kind, made.as_ref()).expect("a key"))
    }

    fn cose(&self) -> Vec<u8> {
        let point = self.0.public_key().as_ref();
        let pair = |label: i64, value: Value| (Value::from(label), value);
        let key = Value::Map(vec![
            pair(1, 2.into()),
            pair(3, (-7).into()),
            pair(-1, 1.into()),
            pair(-2, Value::Bytes(point[1..33].to_vec())),
            pair(-3, Value::Bytes(point[33..].to_vec())),
        ]);
        let mut bytes = Vec::new();
        ciborium::into_writer(&key, &mut bytes).expect("written");
        bytes
    }

    fn assertion(&self, client_data: &str, data: Vec<u8>) -> Assertion {
        let signed = [data.as_slice(), digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        let signature = self.0.sign(&SystemRandom::new(), &signed).expect("signed").as_ref().to_vec();
        Assertion { client_data: client_data.as_bytes().to_vec(), data, signature, ..Assertion::default() }
    }
}

fn client_data(kind: &str, challenge: &str, origin: &str) -> String {
    serde_json::json!({ "type": kind, "challenge": challenge, "origin": origin }).to_string()
}

fn data(rp: &str, flags: u8, counter: u32) -> Vec<u8> {
    [digest(&SHA256, rp.as_bytes()).as_ref(), &[flags], &counter.to_be_bytes()].concat()
}

fn attestation(data: Vec<u8>) -> Vec<u8> {
    let text = |text: &str| Value::Text(text.to_owned());
    let object = Value::Map(vec![
        (text("fmt"), text("none")),
        (text("attStmt"), Value::Map(vec![])),
        (text("authData"), Value::Bytes(data)),
    ]);
    let mut bytes = Vec::new();
    ciborium::into_writer(&object, &mut bytes).expect("written");
    bytes
}

fn with_credential(device: &Device, flags: u8) -> Vec<u8> {
    let id = [7_u8; 20];
    [data(RP, flags, 3), vec![0; 16], vec![0, 20], id.to_vec(), device.cose()].concat()
}

#[test]
fn a_passkey_is_made_and_its_signature_proves_it() {
    let device = Device::new();
    let create = client_data("webauthn.create", EXPECTED.challenge, ORIGIN);
    // §6.1: extensions may follow the key.
    let extended = [with_credential(&device, 0b1100_0101), vec![0xa0]].concat();
    for (bytes, copied) in [(with_credential(&device, 0b0100_1101), true), (extended, false)] {
        let made = made(&EXPECTED, create.as_bytes(), &attestation(bytes)).expect("made");
        assert_eq!((made.id, made.counter, made.can_be_copied), (vec![7; 20], 3, copied));
        assert_eq!(made.key, device.cose());
    }
    let get = client_data("webauthn.get", EXPECTED.challenge, ORIGIN);
    let proven = asserted(&EXPECTED, &device.cose(), &device.assertion(&get, data(RP, 0b101, 4)));
    assert_eq!(proven, Ok(Asserted { counter: 4, can_be_copied: false }));
    let other = asserted(&EXPECTED, &Device::new().cose(), &device.assertion(&get, data(RP, 0b101, 4)));
    assert_eq!(other, Err(Unproven::Signature));
}

#[test]
fn an_answer_to_another_question_proves_nothing() {
    let device = Device::new();
    let good = data(RP, 0b101, 4);
    let get = |challenge, origin| client_data("webauthn.get", challenge, origin);
    let ask =
        |said: String, data: Vec<u8>| asserted(&EXPECTED, &device.cose(), &device.assertion(&said, data));
    for said in [
        get("b3RoZXI", ORIGIN),
        get(EXPECTED.challenge, "https://dangnhap-danang.example"),
        client_data("webauthn.create", EXPECTED.challenge, ORIGIN),
        get(EXPECTED.challenge, ORIGIN).replace('}', ",\"crossOrigin\":true}"),
    ] {
        assert_eq!(ask(said.clone(), good.clone()), Err(Unproven::Other), "{said}");
    }
    let right = get(EXPECTED.challenge, ORIGIN);
    assert_eq!(ask(right.clone(), data("evil.example", 0b101, 4)), Err(Unproven::Other));
    assert_eq!(ask(right.clone(), data(RP, 0b100, 4)), Err(Unproven::Absent), "nobody is there");
    assert_eq!(ask(right.clone(), data(RP, 0b001, 4)), Err(Unproven::Absent), "somebody, but who");
    assert_eq!(ask(right.clone(), data(RP, 0b1_0101, 4)), Err(Unproven::Form), "backed up and not eligible");
    let mut changed = device.assertion(&right, good);
    changed.data[36] += 1;
    assert_eq!(asserted(&EXPECTED, &device.cose(), &changed), Err(Unproven::Signature));
    let lenient = Expected { verified: false, ..EXPECTED };
    let present = device.assertion(&right, data(RP, 0b001, 4));
    assert!(asserted(&lenient, &device.cose(), &present).is_ok());
}

struct Same;
impl Entropy for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(5);
    }
}

#[test]
fn a_challenge_is_good_for_its_purpose_its_browser_and_its_time() {
    let keyring = Keyring::parse(Keyring::new_file(&Same).expose()).expect("a key");
    let now = Timestamp::from_seconds(1_000);
    let challenge = challenge(&keyring, "sign-in", "browser", Timestamp::from_seconds(1_600), &Same);
    let ours = |purpose, browser, at: i64| {
        is_ours(&keyring, purpose, browser, &challenge, Timestamp::from_seconds(at))
    };
    assert!(ours("sign-in", "browser", 1_000) && ours("sign-in", "browser", 1_599));
    assert!(!ours("sign-in", "browser", 1_600) && !ours("second", "browser", 1_000));
    assert!(!ours("sign-in", "other", 1_000));
    let was =
        |browser, at: i64| was_ours(&keyring, "sign-in", browser, &challenge, Timestamp::from_seconds(at));
    assert!(was("browser", 1_600) && !was("browser", 1_599) && !was("other", 1_600));
    for wrong in ["", "AAAA", &challenge[1..]] {
        assert!(!is_ours(&keyring, "sign-in", "browser", wrong, now));
        assert!(!was_ours(&keyring, "sign-in", "browser", wrong, now));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let device = Device::new();
        let create = client_data("webauthn.create", EXPECTED.challenge, ORIGIN);
        let _ = made(&EXPECTED, create.as_bytes(), &bytes);
        let _ = made(&EXPECTED, create.as_bytes(), &attestation(bytes.clone()));
        let _ = made(&EXPECTED, create.as_bytes(), &attestation([data(RP, 0b100_0101, 1), bytes.clone()].concat()));
        let _ = made(&EXPECTED, &bytes, &bytes);
        let _ = asserted(&EXPECTED, &bytes, &device.assertion(&create, bytes.clone()));
    }
}
