//! A passkey for tests: made and asked as a browser would, by the data- attributes of our pages (Web Authentication Level 3).

use crate::house::{Answer, Browser};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;

/// The page on which one is made.
pub const NEW: &str = "/security/passkeys/new";

/// A passkey.
pub struct SoftKey {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    user: Vec<u8>,
    /// How often it was used; 0 for one that does not count.
    pub counter: u32,
    /// The flags of its answers beyond "somebody is there".
    pub flags: u8,
    /// The origin of the page that it believes to see.
    pub origin: String,
}

/// The holder was made sure of.
pub const VERIFIED: u8 = 4;
/// Its keeper copies it between devices.
pub const COPIED: u8 = 8 | 16;

impl SoftKey {
    /// Makes one for whoever is signed in and has just typed the password; returns it with the answer to the form.
    pub async fn make(browser: &mut Browser, flags: u8, name: &str) -> (Self, Answer) {
        let page = browser.get(NEW).await;
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(kind, &SystemRandom::new()).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(kind, made.as_ref()).expect("a key");
        let id = pair.public_key().as_ref()[1..21].to_vec();
        let user = URL_SAFE_NO_PAD.decode(data(&page, "user")).expect("base64url");
        // One that is copied does not count.
        let counter = u32::from(flags & COPIED == 0);
        let key = Self { pair, id, user, counter, flags, origin: "http://localhost:8080".to_owned() };
        let answer = key.register(browser, &page, name).await;
        (key, answer)
    }

    /// Sends the form of a page on which one is made.
    pub async fn register(&self, browser: &mut Browser, page: &Answer, name: &str) -> Answer {
        let challenge = data(page, "challenge");
        let client_data = self.client_data("webauthn.create", &challenge);
        let attested = [vec![0; 16], vec![0, 20], self.id.clone(), self.cose()].concat();
        let data = [self.data(&data(page, "rp"), self.flags | 64), attested].concat();
        let csrf = page.hidden("csrf").expect("a form");
        let fields = [
            ("csrf", csrf.as_str()),
            ("challenge", &challenge),
            ("name", name),
            ("client_data", &URL_SAFE_NO_PAD.encode(client_data)),
            ("attestation", &URL_SAFE_NO_PAD.encode(attestation(data))),
        ];
        browser.post(NEW, &fields).await
    }

    /// Answers the form of a page that asks for a passkey.
    pub async fn answer(&self, browser: &mut Browser, page: &Answer, to: &str) -> Answer {
        let fields = self.fields(page);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(to, &fields).await
    }

    /// What the script would fill in.
    pub fn fields(&self, page: &Answer) -> Vec<(&'static str, String)> {
        let challenge = data(page, "challenge");
        let client_data = self.client_data("webauthn.get", &challenge);
        let data = self.data(&data(page, "rp"), self.flags);
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).expect("signed").as_ref().to_vec();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut fields = vec![
            ("csrf", page.hidden("csrf").expect("a form")),
            ("challenge", challenge),
            ("credential", text(&self.id)),
            ("client_data", text(&client_data)),
            ("data", text(&data)),
            ("signature", text(&signature)),
            ("user", text(&self.user)),
        ];
        fields.extend(page.hidden("back").map(|back| ("back", back)));
        fields
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        serde_json::json!({ "type": kind, "challenge": challenge, "origin": self.origin })
            .to_string()
            .into_bytes()
    }

    fn data(&self, rp: &str, flags: u8) -> Vec<u8> {
        [digest(&SHA256, rp.as_bytes()).as_ref(), &[flags | 1], &self.counter.to_be_bytes()].concat()
    }

    fn cose(&self) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
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

/// A data- attribute of the form that asks for a passkey.
fn data(page: &Answer, name: &str) -> String {
    let form = page.body.split("data-passkey=").nth(1);
    let form = form.unwrap_or_else(|| panic!("nobody asks: {} {:?}", page.status, page.location));
    let value = form.split(&format!("data-{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
    value.unwrap_or_else(|| panic!("no data-{name}")).to_owned()
}
