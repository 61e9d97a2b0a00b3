//! Hostile bytes for every reader that a stranger reaches: the seeds of `tests/corpus`, as they are and mutated, the same
//! in every run. `DANANG_SSO_FUZZ` says how many mutants of each file (`make fuzz`); what fails is printed as a seed.

use crate::house::{Answer, Browser, House};
use crate::own_keys::{OwnKey, key_set};
use crate::rp::{CALLBACK, ISSUER, Rp, assert_description, form, registration, signed_in};
use crate::strangers::is_proven;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use axum::http::{HeaderValue, Request};
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::AuthMethod;
use jsonwebtoken::Algorithm;
use serde_json::json;
use std::path::Path;
use time::macros::datetime;

/// How many mutants of each file in a usual run.
const USUAL: u64 = 120;

/// No mutant is longer.
const LONGEST: usize = 20_000;

/// What readers are known to stumble over.
const MORSELS: [&[u8]; 24] = [
    b"\0",
    b"\r\n",
    b"%00",
    b"%FF",
    b"%",
    b"&",
    b"=",
    b"\"",
    b"\\",
    b"#",
    b"?",
    b"../",
    b"//",
    b"@",
    b"\xff",
    b"\xc0\xaf",
    b"\xe2\x80\xae",
    b"18446744073709551616",
    b"-1",
    b"1e999",
    b"null",
    b"[[[[[[[[",
    b"{\"a\":",
    b".",
];

/// Chance that is the same in every run (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).expect("small")).expect("small")
    }
}

/// A mutant of one of the seeds.
fn mutant(chance: &mut Chance, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len() + 1);
        let until = (at + chance.below(16)).min(bytes.len());
        match chance.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            1 => drop(bytes.drain(at..until)),
            2 => drop(bytes.splice(at..at, MORSELS[chance.below(MORSELS.len())].iter().copied())),
            3 => bytes.truncate(at),
            4 => {
                let again = bytes[at..until].repeat(1 << chance.below(11));
                drop(bytes.splice(at..at, again));
            }
            5 => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len() + 1);
                drop(bytes.splice(at..until, other[from..].iter().copied()));
            }
            _ => drop(
                bytes.splice(at..until, std::iter::once(u8::try_from(chance.below(256)).expect("a byte"))),
            ),
        }
        bytes.truncate(LONGEST);
    }
    bytes
}

/// A line of a file as bytes.
fn unescaped(line: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), line.as_bytes());
    while let [first, after @ ..] = rest {
        let (byte, length) = match (first, after) {
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b'r', ..]) => (b'\r', 2),
            (b'\\', [b't', ..]) => (b'\t', 2),
            (b'\\', [b'\\', ..]) => (b'\\', 2),
            (b'\\', [b'x', high, low, ..]) => {
                let hex = std::str::from_utf8(&[*high, *low]).map(|hex| u8::from_str_radix(hex, 16));
                (hex.expect("ASCII").unwrap_or_else(|_| panic!("no byte in {line:?}")), 4)
            }
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    bytes
}

/// The line that says these bytes.
fn escaped(bytes: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        b'\\' => "\\\\".to_owned(),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    bytes.iter().map(one).collect()
}

/// The house, with doors open for strangers.
struct Scene {
    house: House,
    rp: Rp,
    key: OwnKey,
    browser: Browser,
}

async fn scene() -> Scene {
    let open =
        "[registration]\nmode = \"open\"\nper_hour = 1000000\nmost = 10000000\n[outbound]\nallow = []\n";
    let house = House::at(datetime!(2026-03-02 09:00 +7), open).await;
    house.add("an", &[MailSystem::Ad]);
    house.sync().await;
    let key = OwnKey::new(Algorithm::ES256, Some("k1"));
    let mut asked = registration(ClientKind::Web);
    asked.metadata.jwks = Some(key_set(&[&key]));
    asked.metadata.may_introspect = true;
    let rp = Rp::new(&house, &asked).await;
    let browser = signed_in(&house).await;
    Scene { house, rp, key, browser }
}

impl Scene {
    /// A file's seeds with everything filled in.
    fn seeds(&self, file: &str) -> Vec<Vec<u8>> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(format!("{file}.seeds"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let callback: String = form_urlencoded::byte_serialize(CALLBACK.as_bytes()).collect();
        let callback =
            if ["authorize", "body", "logout"].contains(&file) { callback } else { CALLBACK.to_owned() };
        let now = self.house.app.now().seconds().to_string();
        let filled = text
            .replace("{client_id}", &self.rp.client_id)
            .replace("{callback}", &callback)
            .replace("{issuer}", ISSUER)
            .replace("{now}", &now);
        filled.lines().map(unescaped).collect()
    }

    /// Sends the seeds of a file, then mutants of them. `send` says what came back.
    async fn attack(&self, file: &str, mut send: impl AsyncFnMut(&Self, &[u8], u64) -> Vec<Answer>) {
        let seeds = self.seeds(file);
        assert!(seeds.len() > 5, "{file} has seeds");
        let wanted = std::env::var("DANANG_SSO_FUZZ").ok().and_then(|text| text.parse().ok());
        let mutants = wanted.unwrap_or(USUAL);
        let mut chance =
            Chance(file.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))));
        for turn in 0..u64::try_from(seeds.len()).expect("few") + mutants {
            let as_it_is = usize::try_from(turn).ok().and_then(|turn| seeds.get(turn)).cloned();
            let bytes = as_it_is.unwrap_or_else(|| mutant(&mut chance, &seeds));
            for answer in send(self, &bytes, turn).await {
                if let Err(why) = is_harmless(&answer) {
                    panic!("{file}: {why}\nthe seed:\n{}\n", escaped(&bytes));
                }
            }
        }
    }
}

/// What holds for every answer to a stranger.
fn is_harmless(answer: &Answer) -> Result<(), String> {
    if answer.status.is_server_error() {
        return Err(format!("{}: {}", answer.status, answer.body));
    }
    if let Some(location) = answer.location.as_ref().filter(|location| !is_proven(location)) {
        return Err(format!("it leads to {location}"));
    }
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/html") && answer.body.contains("<script>alert") {
        return Err("what came in is on the page as it is".to_owned());
    }
    if kind.starts_with("application/json") {
        let body: serde_json::Value =
            serde_json::from_str(&answer.body).map_err(|_| format!("no JSON: {}", answer.body))?;
        if let Some(description) = body["error_description"].as_str() {
            assert_description(description);
        }
    }
    Ok(())
}

/// As a query: what an address cannot hold is written as `%XX`.
fn as_query(bytes: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        b'#' => "%23".to_owned(),
        b'!'..=b'~' => char::from(*byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    bytes.iter().take(8000).map(one).collect()
}

async fn get(browser: &Browser, address: &str) -> Vec<Answer> {
    match axum::http::Uri::try_from(address) {
        Ok(_) => vec![browser.clone().get(address).await],
        // Nothing that a server would hand to us.
        Err(_) => Vec::new(),
    }
}

async fn post(browser: &Browser, path: &str, kind: &str, body: &[u8]) -> Answer {
    let request = Request::post(path).header(CONTENT_TYPE, kind);
    browser.clone().send(request, Body::from(body.to_vec())).await
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn authorization_requests_in_the_query_and_in_a_form() {
    scene()
        .await
        .attack("authorize", async |scene, bytes, turn| {
            let mut answers = get(&scene.browser, &format!("/authorize?{}", as_query(bytes))).await;
            if turn % 4 == 0 {
                answers.push(post(&scene.browser, "/authorize", FORM, bytes).await);
                answers.extend(get(&scene.house.browser(), &format!("/authorize?{}", as_query(bytes))).await);
            }
            answers
        })
        .await;
}

#[tokio::test]
async fn return_addresses() {
    scene()
        .await
        .attack("redirect", async |scene, bytes, _| {
            let address = String::from_utf8_lossy(bytes);
            let answers = get(&scene.browser, &scene.rp.address(&[("redirect_uri", &address)])).await;
            let led = answers.iter().any(|answer| answer.location.is_some());
            assert!(!led || address == CALLBACK, "an answer goes to {address:?}");
            answers
        })
        .await;
}

#[tokio::test]
async fn request_objects_with_a_right_signature() {
    scene()
        .await
        .attack("object", async |scene, bytes, turn| {
            let object = scene.key.sign_bytes(br#"{"alg":"ES256","kid":"k1"}"#, bytes);
            if turn % 2 == 0 {
                return vec![
                    scene.rp.send(&mut scene.browser.clone(), "/par", &[("request", &object)]).await,
                ];
            }
            let fields = [("client_id", scene.rp.client_id.as_str()), ("request", &object)];
            get(&scene.browser, &format!("/authorize?{}", form(fields))).await
        })
        .await;
}

#[tokio::test]
async fn client_assertions_with_a_right_signature() {
    let mut scene = scene().await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.token_endpoint_auth_method = Some(AuthMethod::PrivateKeyJwt);
    asked.metadata.jwks = Some(key_set(&[&scene.key]));
    scene.rp = Rp::new(&scene.house, &asked).await;
    scene
        .attack("assertion", async |scene, bytes, _| {
            let assertion = scene.key.sign_bytes(br#"{"alg":"ES256","kid":"k1"}"#, bytes);
            let fields = [
                ("grant_type", "authorization_code"),
                ("code", "x"),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", &assertion),
            ];
            let answer = post(&scene.browser, "/token", FORM, form(fields).as_bytes()).await;
            assert_ne!(answer.status, 200);
            vec![answer]
        })
        .await;
}

#[tokio::test]
async fn proofs_of_possession_with_a_right_signature() {
    scene()
        .await
        .attack("proof", async |scene, bytes, turn| {
            let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": scene.key.jwk() }).to_string();
            // Now the header is the attacker's, now the claims.
            let (header, claims) =
                if turn % 3 == 2 { (bytes, &b"{}"[..]) } else { (header.as_bytes(), bytes) };
            let proof = scene.key.sign_bytes(header, claims);
            let token = Request::post("/token")
                .header(CONTENT_TYPE, FORM)
                .header("DPoP", &proof)
                .header(AUTHORIZATION, "Basic eDp5");
            let info = Request::get("/userinfo").header(AUTHORIZATION, "DPoP x").header("DPoP", &proof);
            let body = Body::from("grant_type=authorization_code&code=x");
            let first = scene.browser.clone().send(token, body).await;
            vec![first, scene.browser.clone().send(info, Body::empty()).await]
        })
        .await;
}

#[tokio::test]
async fn tokens_in_every_place_where_one_may_come() {
    scene()
        .await
        .attack("jws", async |scene, bytes, turn| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let Ok(header) = HeaderValue::from_bytes(bytes) else { return Vec::new() };
            match turn % 5 {
                0 => get(&scene.browser, &scene.rp.address(&[("id_token_hint", &text)])).await,
                1 => {
                    get(&scene.browser, &format!("/logout?{}", form([("id_token_hint", text.as_str())])))
                        .await
                }
                2 => get(&scene.browser, &scene.rp.address(&[("request", &text)])).await,
                3 => {
                    let fields = [("token", text.as_str())];
                    let mut browser = scene.browser.clone();
                    let told = scene.rp.send(&mut browser, "/introspect", &fields).await;
                    assert_ne!(crate::rp::json(&told)["active"], json!(true), "{text}");
                    vec![told]
                }
                _ => {
                    let request =
                        Request::get("/userinfo").header(AUTHORIZATION, "DPoP x").header("DPoP", header);
                    vec![scene.browser.clone().send(request, Body::empty()).await]
                }
            }
        })
        .await;
}

#[tokio::test]
async fn logout_requests() {
    scene()
        .await
        .attack("logout", async |scene, bytes, turn| {
            let address = format!("/logout?{}", as_query(bytes));
            let mut answers = get(&scene.house.browser(), &address).await;
            if turn % 3 == 0 {
                answers.extend(get(&scene.browser, &address).await);
                answers.push(post(&scene.browser, "/logout", FORM, bytes).await);
            }
            answers
        })
        .await;
}

#[tokio::test]
async fn bodies_for_every_endpoint_that_takes_one() {
    const PATHS: [&str; 7] =
        ["/token", "/par", "/revoke", "/introspect", "/userinfo", "/device_authorization", "/register"];
    const KINDS: [&str; 2] = [FORM, "application/json"];
    scene()
        .await
        .attack("body", async |scene, bytes, turn| {
            let path = PATHS[usize::try_from(turn % 7).expect("small")];
            let kind = KINDS[usize::from(turn % 13 == 12)];
            let answer = post(&scene.house.browser(), path, kind, bytes).await;
            assert!(answer.status != 200 || path == "/revoke" || path == "/device_authorization", "{path}");
            vec![answer]
        })
        .await;
}

#[tokio::test]
async fn authorization_headers() {
    scene()
        .await
        .attack("header", async |scene, bytes, turn| {
            let Ok(header) = HeaderValue::from_bytes(bytes) else { return Vec::new() };
            let path = ["/token", "/userinfo", "/introspect", "/register"]
                [usize::try_from(turn % 4).expect("small")];
            let request = Request::post(path).header(CONTENT_TYPE, FORM).header(AUTHORIZATION, header);
            let body = Body::from("grant_type=authorization_code&code=x&token=x");
            let answer = scene.house.browser().send(request, body).await;
            assert_ne!(answer.status, 200);
            vec![answer]
        })
        .await;
}

#[tokio::test]
async fn codes_of_devices() {
    scene()
        .await
        .attack("user_code", async |scene, bytes, turn| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let mut browser = scene.house.browser();
            browser.source = format!("192.0.2.{}", turn % 250);
            let address = format!("/device?{}", form([("user_code", text.as_str())]));
            let mut answers = vec![browser.get(&address).await];
            let csrf = answers[0].hidden("csrf").unwrap_or_default();
            let fields = [("csrf", csrf.as_str()), ("user_code", text.as_str())];
            answers.push(browser.post("/device", &fields).await);
            let fields = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                ("device_code", text.as_str()),
            ];
            answers.push(scene.rp.token(&mut browser, &fields).await);
            answers
        })
        .await;
}

#[tokio::test]
async fn registrations() {
    scene()
        .await
        .attack("registration", async |scene, bytes, _| {
            let answer = post(&scene.house.browser(), "/register", "application/json", bytes).await;
            assert!([201, 400, 413].contains(&answer.status.as_u16()), "{}: {}", answer.status, answer.body);
            vec![answer]
        })
        .await;
}

#[tokio::test]
async fn cookies() {
    scene()
        .await
        .attack("cookie", async |scene, bytes, turn| {
            let Ok(cookie) = HeaderValue::from_bytes(bytes) else { return Vec::new() };
            let path = ["/session/state", "/session/check", "/authorize", "/device"];
            let path = path[usize::try_from(turn % 4).expect("small")];
            let request = Request::get(path).header(COOKIE, cookie);
            vec![scene.house.browser().send(request, Body::empty()).await]
        })
        .await;
}

#[test]
fn a_line_of_a_file_says_bytes_and_bytes_say_a_line() {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(unescaped(&escaped(&bytes)), bytes);
    assert_eq!(unescaped(r"a\n\r\t\\\x00b"), b"a\n\r\t\\\0b");
}

#[test]
fn mutants_are_the_same_in_every_run_and_not_the_seeds() {
    let seeds = vec![b"grant_type=x".to_vec(), b"{}".to_vec()];
    let made = |start| {
        let mut chance = Chance(start);
        (0..50).map(|_| mutant(&mut chance, &seeds)).collect::<Vec<_>>()
    };
    assert_eq!(made(1), made(1));
    assert_ne!(made(1), made(2));
    assert!(made(1).iter().filter(|bytes| !seeds.contains(bytes)).count() > 30);
}
