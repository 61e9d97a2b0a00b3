//! A relying party written for the tests: it says exactly what it is told to, right or wrong.

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use danang_sso::crypto::token;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::services::clients::{self, Registration};
use serde_json::Value;
use std::collections::BTreeMap;

/// The issuer of the house under test.
pub const ISSUER: &str = "http://localhost:8080";
/// Where the relying party listens.
pub const CALLBACK: &str = "https://app.danang.example/callback";
/// Where it sends people after signing out.
pub const GOODBYE: &str = "https://app.danang.example/goodbye";
/// RFC 7636 Appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636 Appendix B.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A registered application.
pub struct Rp {
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret, if it has one.
    pub secret: Option<String>,
}

/// A house with one person, `an`.
pub async fn house() -> House {
    let house = House::build().await;
    house.add("an", &[MailSystem::Ad]);
    house.add("binh", &[MailSystem::Ad]);
    house.sync().await;
    house
}

/// A browser in which `an` has signed in.
pub async fn signed_in(house: &House) -> Browser {
    signed_in_as(house, "an").await
}

/// A browser in which somebody has signed in.
pub async fn signed_in_as(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

/// What a usual application registers.
pub fn registration(kind: ClientKind) -> Registration {
    Registration {
        name: "Quản lý văn bản".to_owned(),
        kind,
        redirect_uris: vec![CALLBACK.to_owned(), "https://app.danang.example/other?tenant=1".to_owned()],
        post_logout_redirect_uris: vec![GOODBYE.to_owned()],
        home: Some("https://app.danang.example/".to_owned()),
        scopes: Scopes::all(),
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata: Metadata::default(),
    }
}

impl Rp {
    /// A web application.
    pub async fn web(house: &House) -> Self {
        Self::new(house, &registration(ClientKind::Web)).await
    }

    /// Any application.
    pub async fn new(house: &House, registration: &Registration) -> Self {
        let registered =
            clients::register(&house.app, Actor::CommandLine, registration).await.expect("registered");
        let secret = registered.secret.map(|secret| secret.expose().clone());
        Self { client_id: registered.client.client_id.to_string(), secret }
    }

    /// The parameters of a good request.
    pub fn request(&self) -> BTreeMap<&'static str, String> {
        [
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", "af0ifjsldkj"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
    }

    /// The address of a request with these parameters in place of the usual ones; an empty value leaves one out.
    pub fn address(&self, changes: &[(&'static str, &str)]) -> String {
        let mut request = self.request();
        for (name, value) in changes {
            request.insert(name, (*value).to_owned());
        }
        request.retain(|_, value| !value.is_empty());
        format!("/authorize?{}", form(request.iter().map(|(n, v)| (*n, v.as_str()))))
    }

    /// Asks, and reads the answer from the redirect to the callback.
    pub async fn ask(
        &self,
        browser: &mut Browser,
        changes: &[(&'static str, &str)],
    ) -> BTreeMap<String, String> {
        let answer = browser.get(&self.address(changes)).await;
        match answer.location.as_deref().and_then(|to| to.strip_prefix("/authorize/consent?request=")) {
            Some(id) => answered(&agree(browser, id).await),
            None => answered(&answer),
        }
    }

    /// Asks for a code.
    pub async fn code(&self, browser: &mut Browser, changes: &[(&'static str, &str)]) -> String {
        let mut answer = self.ask(browser, changes).await;
        answer.remove("code").unwrap_or_else(|| panic!("no code: {answer:?}"))
    }

    /// Sends a form to the token endpoint, with the client's own authentication in the header.
    pub async fn token(&self, browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
        self.send(browser, "/token", fields).await
    }

    /// Sends a form with the client's own authentication.
    pub async fn send(&self, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
        let Some(secret) = &self.secret else {
            let mut all = vec![("client_id", self.client_id.as_str())];
            all.extend_from_slice(fields);
            return browser.post(path, &all).await;
        };
        let basic = STANDARD.encode(format!("{}:{secret}", self.client_id));
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, format!("Basic {basic}"));
        browser.send(request, Body::from(form(fields.iter().copied()))).await
    }

    /// Redeems a code as it should be.
    pub async fn redeem(&self, browser: &mut Browser, code: &str) -> Answer {
        self.token(browser, &code_fields(code)).await
    }

    /// A whole flow; returns the token response.
    pub async fn tokens(&self, browser: &mut Browser, changes: &[(&'static str, &str)]) -> Value {
        let code = self.code(browser, changes).await;
        json(&self.redeem(browser, &code).await)
    }

    /// Refreshes.
    pub async fn refresh(&self, browser: &mut Browser, token: &str) -> Answer {
        self.token(browser, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }
}

/// Agrees on the page of the consent; returns the answer to the application.
pub async fn agree(browser: &mut Browser, id: &str) -> Answer {
    let page = format!("/authorize/consent?request={id}");
    let fields = [("request", id), ("answer", "agree")];
    let onward = browser.post_from(&page, "/authorize/consent", &fields).await.location.expect("onward");
    browser.get(&onward).await
}

/// The form that redeems a code.
pub fn code_fields(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

/// `application/x-www-form-urlencoded`.
pub fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The answer in the query of a redirect to the callback.
pub fn answered(answer: &Answer) -> BTreeMap<String, String> {
    let location = answer.location.as_deref().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    let query = location.strip_prefix(CALLBACK).and_then(|rest| rest.strip_prefix('?'));
    let query = query.unwrap_or_else(|| panic!("not to the callback: {location}"));
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The answer in the fragment of a redirect to the callback.
pub fn fragment(answer: &Answer) -> BTreeMap<String, String> {
    let location = answer.location.as_deref().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    let fragment = location.strip_prefix(CALLBACK).and_then(|rest| rest.strip_prefix('#'));
    let fragment = fragment.unwrap_or_else(|| panic!("not in the fragment: {location}"));
    form_urlencoded::parse(fragment.as_bytes()).into_owned().collect()
}

/// The error in a redirect to the callback, after the checks that hold for every error.
pub fn error_of(answer: &BTreeMap<String, String>) -> &str {
    assert!(!answer.contains_key("code"));
    assert_eq!(answer.get("iss").map(String::as_str), Some(ISSUER));
    if let Some(description) = answer.get("error_description") {
        assert_description(description);
    }
    &answer["error"]
}

/// RFC 6749 §4.1.2.1, §5.2: the characters of a description.
pub fn assert_description(description: &str) {
    let allowed = |b| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    assert!(description.bytes().all(allowed), "{description:?}");
}

/// A JSON body.
pub fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}: {}", answer.status, answer.body))
}

/// The error of a JSON answer, after the checks that hold for every error of the token endpoint (RFC 6749 §5.2).
pub fn token_error(answer: &Answer) -> String {
    let body = json(answer);
    let error = body["error"].as_str().unwrap_or_else(|| panic!("no error: {}", answer.body)).to_owned();
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.status.as_u16(), if error == "invalid_client" { 401 } else { 400 }, "{error}");
    assert_description(body["error_description"].as_str().expect("a sentence"));
    error
}

/// The claims of a token, unverified.
pub fn claims(token: &Value) -> Value {
    part(token, 1)
}

/// The header of a token.
pub fn header(token: &Value) -> Value {
    part(token, 0)
}

fn part(token: &Value, at: usize) -> Value {
    let part = token.as_str().and_then(|token| token.split('.').nth(at)).expect("a token of three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// Asks UserInfo with a token in the header.
pub async fn userinfo(browser: &mut Browser, token: &Value) -> Answer {
    let bearer = format!("Bearer {}", token.as_str().expect("a token"));
    browser.send(Request::get("/userinfo").header(AUTHORIZATION, bearer), Body::empty()).await
}

/// The S256 challenge of a verifier.
pub fn challenge_of(verifier: &str) -> String {
    token::digest(verifier)
}

/// Fills in the form of the sign-in that a request has led to; returns where it leads next.
pub async fn prove(browser: &mut Browser, sign_in: &str, who: &str) -> String {
    let request =
        sign_in.strip_prefix("/sign-in?request=").unwrap_or_else(|| panic!("not to the sign-in: {sign_in}"));
    let fields = [("identifier", who), ("password", PASSWORD), ("request", request)];
    let answer = browser.post_from(sign_in, "/sign-in", &fields).await;
    answer.location.unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body))
}
