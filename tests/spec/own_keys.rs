//! An application with keys of its own: signs assertions, and publishes its keys.

use crate::house::House;
use crate::rp::ISSUER;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A key pair of an application.
pub struct OwnKey {
    key: EncodingKey,
    alg: Algorithm,
    kid: Option<String>,
}

impl OwnKey {
    /// RSA for RS256 or PS256, P-256 for ES256, Ed25519 for EdDSA; with this `kid`, or without one.
    pub fn new(alg: Algorithm, kid: Option<&str>) -> Self {
        let random = SystemRandom::new();
        let key = match alg {
            Algorithm::RS256 | Algorithm::PS256 => {
                let (_, private) = danang_sso::crypto::signing_key::generate(
                    danang_sso::domain::oauth::key::SigningAlg::Rs256,
                )
                .expect("a key");
                let text = STANDARD.encode(private.expose());
                let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
                let pem =
                    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
                EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a PEM")
            }
            Algorithm::ES256 => {
                let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
                EncodingKey::from_ec_der(pair.expect("a key").as_ref())
            }
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::generate_pkcs8v1(&random).expect("a key");
                EncodingKey::from_ed_der(pair.as_ref())
            }
            other => panic!("{other:?} is not for applications"),
        };
        Self { key, alg, kid: kid.map(str::to_owned) }
    }

    /// The symmetric key that a client secret is.
    pub fn of_secret(secret: &str) -> Self {
        Self { key: EncodingKey::from_secret(secret.as_bytes()), alg: Algorithm::HS256, kid: None }
    }

    /// Signs any claims.
    pub fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: self.kid.clone(), ..Header::new(self.alg) };
        jsonwebtoken::encode(&header, claims, &self.key).expect("signed")
    }

    /// Signs any claims under any header.
    pub fn sign_under(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.alg).expect("signed");
        format!("{message}.{signature}")
    }

    /// Signs any bytes under any header: what is no JSON has a right signature too.
    pub fn sign_bytes(&self, header: &[u8], payload: &[u8]) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.alg).expect("signed");
        format!("{message}.{signature}")
    }

    /// The public part, without a name.
    pub fn jwk(&self) -> Value {
        let mut jwk =
            serde_json::to_value(Jwk::from_encoding_key(&self.key, self.alg).expect("a public part"))
                .expect("JSON");
        jwk.as_object_mut().expect("an object").retain(|name, _| name != "alg" && name != "kid");
        jwk
    }

    /// The thumbprint of the public part (RFC 7638).
    pub fn jkt(&self) -> String {
        let jwk = Jwk::from_encoding_key(&self.key, self.alg).expect("a public part");
        jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).expect("a thumbprint")
    }

    /// A proof of possession with these claims in place of the usual ones; `null` leaves one out (RFC 9449 §4.2).
    pub fn proof(&self, house: &House, method: &str, path: &str, changes: &Value) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": self.alg_name(), "jwk": self.jwk() });
        self.sign_under(&header, &Self::proof_claims(house, method, path, changes))
    }

    /// What a proof says.
    pub fn proof_claims(house: &House, method: &str, path: &str, changes: &Value) -> Value {
        let jti = danang_sso::crypto::token::new(house.app.system.entropy()).expose().clone();
        let mut claims = json!({
            "htm": method, "htu": format!("{ISSUER}{path}"), "iat": house.app.now().seconds(), "jti": jti,
        });
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        claims
    }

    /// The name of its algorithm.
    pub fn alg_name(&self) -> String {
        format!("{:?}", self.alg)
    }

    /// Signs the usual assertion of a client with these claims in place of the usual ones.
    pub fn assertion(&self, house: &House, client_id: &str, changes: &Value) -> String {
        let now = house.app.now().seconds();
        let jti = danang_sso::crypto::token::new(house.app.system.entropy()).expose().clone();
        let mut claims = json!({
            "iss": client_id, "sub": client_id, "aud": format!("{ISSUER}/token"), "jti": jti,
            "iat": now, "nbf": now, "exp": now + 60,
        });
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        self.sign(&claims)
    }
}

/// The public keys as a set, each with `use`, `alg` and `kid` if it has one.
pub fn key_set(keys: &[&OwnKey]) -> Value {
    let one = |own: &&OwnKey| {
        let mut jwk = Jwk::from_encoding_key(&own.key, own.alg).expect("a public part");
        jwk.common.key_id.clone_from(&own.kid);
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["use"] = json!("sig");
        jwk
    };
    json!({ "keys": keys.iter().map(one).collect::<Vec<_>>() })
}

/// The fields of a form that authenticate by an assertion.
pub fn asserting(assertion: &str) -> [(&str, &str); 2] {
    [
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ]
}

/// An address where an application publishes something.
#[derive(Clone)]
pub struct Publisher {
    body: Arc<Mutex<(StatusCode, String)>>,
    asked: Arc<AtomicUsize>,
    /// The address.
    pub uri: String,
}

async fn publish(State(publisher): State<Publisher>) -> (StatusCode, String) {
    publisher.asked.fetch_add(1, Ordering::SeqCst);
    publisher.body.lock().expect("nobody panicked").clone()
}

impl Publisher {
    /// Publishes a document on this machine.
    pub async fn start(document: &Value) -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = socket.local_addr().expect("an address").port();
        let publisher = Self {
            body: Arc::new(Mutex::new((StatusCode::OK, document.to_string()))),
            asked: Arc::default(),
            uri: format!("http://127.0.0.1:{port}/document"),
        };
        let router = axum::Router::new().route("/document", get(publish)).with_state(publisher.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        publisher
    }

    /// Publishes something else from now on.
    pub fn publishes(&self, status: StatusCode, document: &str) {
        *self.body.lock().expect("nobody panicked") = (status, document.to_owned());
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
