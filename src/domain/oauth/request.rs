//! An authorization request: first raw, then checked (RFC 6749 §4.1.1, OIDC Core 1.0 §3.1.2.1, RFC 7636 §4.3).

use super::answer::ResponseMode;
use super::claims_request::{AcrWish, ClaimsRequest};
use super::client::Client;
use super::error::Refusal;
use super::refusals;
use super::resource;
use super::response_type::ResponseType;
use super::scope::{Scope, Scopes};
use std::collections::BTreeMap;
use thiserror::Error;

/// The parameters that mean something; others are ignored (RFC 6749 §3.1).
const KNOWN: [&str; 22] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "request",
    "request_uri",
    "registration",
    "display",
    "claims",
    "acr_values",
    "dpop_jkt",
    "resource",
];

/// No value of a parameter is longer.
const LONGEST: usize = 8 * 1024;

/// Why no answer can be sent back: our own page tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unproven {
    /// `client_id` is missing, comes twice, or is not registered.
    #[error("The client_id is missing, given twice, or not registered with this provider.")]
    Client,
    /// The city has stopped the application.
    #[error("The application is stopped by the city (unauthorized_client).")]
    Stopped,
    /// `redirect_uri` is missing or comes twice.
    #[error("The redirect_uri is missing or given twice.")]
    NoRedirectUri,
    /// `redirect_uri` is not registered.
    #[error("The redirect_uri is not one of those registered for this client.")]
    RedirectUri,
    /// `request_uri` names nothing that this client has pushed.
    #[error("The request_uri is unknown, expired, already used, or of another client (invalid_request_uri).")]
    RequestUri,
    /// An error that would send somebody who has not signed in to an application that registered itself (RFC 9700 §4.11.2).
    #[error("The request cannot be answered: {}: {}.", .0.code.as_str(), .0.description)]
    Stranger(Refusal),
}

impl Unproven {
    /// The code that fits best, for whoever reads our page.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Client => "invalid_client",
            Self::Stopped => "unauthorized_client",
            Self::NoRedirectUri | Self::RedirectUri => "invalid_redirect_uri",
            Self::RequestUri => "invalid_request_uri",
            Self::Stranger(refusal) => refusal.code.as_str(),
        }
    }
}

/// What a stranger sent.
#[derive(Debug, Clone, Default)]
pub struct RawRequest {
    values: BTreeMap<&'static str, String>,
    unreadable: Option<&'static str>,
}

impl RawRequest {
    /// Reads decoded parameters. Nothing is refused yet, because nobody is known to whom it could be said.
    pub fn read<N: AsRef<str>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut values: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs {
            if let Some(known) = KNOWN.into_iter().find(|known| *known == name.as_ref()) {
                values.entry(known).or_default().push(value.into());
            }
        }
        let mut raw = Self::default();
        for (name, mut all) in values {
            let value = all.pop().unwrap_or_default();
            // RFC 6749 §3.1: parameters must not be included more than once.
            let readable = all.is_empty() && value.len() <= LONGEST && !value.contains(['\u{FFFD}', '\0']);
            if !readable {
                raw.unreadable = Some(name);
            } else if !value.is_empty() {
                // RFC 6749 §3.1: a parameter without a value is treated as if it were omitted.
                raw.values.insert(name, value);
            }
        }
        raw
    }

    /// Whether a parameter means something here; others are ignored (RFC 6749 §3.1).
    pub fn is_known(name: &str) -> bool {
        KNOWN.contains(&name)
    }

    /// The parameters that came exactly once and can be read.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// A parameter that came exactly once and can be read.
    pub fn once(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The parameters as one JSON text; to be kept only after [`Request::check`].
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.values).unwrap_or_default()
    }

    /// Reads [`RawRequest::to_json`].
    pub fn from_json(text: &str) -> Option<Self> {
        let values: BTreeMap<String, String> = serde_json::from_str(text).ok()?;
        Some(Self::read(values))
    }

    /// With another value of a parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.values.insert(name, value.to_owned());
        self
    }

    /// With what a request object says in place of what stands outside it (OIDC Core §6.1).
    #[must_use]
    pub fn overlaid(&self, inner: Self) -> Self {
        let mut values = self.values.clone();
        for name in ["request", "request_uri"] {
            values.remove(name);
        }
        values.extend(inner.values);
        Self { values, unreadable: inner.unreadable.or(self.unreadable) }
    }

    /// The application that asks, by its own word.
    pub fn client_id(&self) -> Result<&str, Unproven> {
        self.once("client_id").ok_or(Unproven::Client)
    }

    /// How the answer shall travel. A mode that does not fit is refused later, by the mode that is usual for the
    /// response type (Multiple Response Types §2.1: errors travel like the answer that was asked for).
    pub fn response_mode(&self) -> ResponseMode {
        self.fitting_mode().unwrap_or_else(|| self.usual_mode())
    }

    /// What is usual for the response type; an unknown type counts by its words.
    fn usual_mode(&self) -> ResponseMode {
        let words = self.once("response_type").unwrap_or_default().split(' ');
        let has_tokens = words.into_iter().any(|word| matches!(word, "id_token" | "token"));
        if has_tokens { ResponseMode::Fragment } else { ResponseMode::Query }
    }

    /// The mode of the request, if it is known and fits the response type.
    fn fitting_mode(&self) -> Option<ResponseMode> {
        let usual = self.usual_mode();
        match self.once("response_mode") {
            None => Some(usual),
            // JARM §2.3.4.
            Some("jwt") => Some(usual.signed()),
            Some(code) => ResponseMode::from_code(code).filter(|mode| usual.is_query() || !mode.is_query()),
        }
    }
}

/// What `prompt` asks for (OIDC Core §3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the specification")]
pub struct Prompt {
    /// No page may be shown.
    pub none: bool,
    /// The person must prove themselves again.
    pub login: bool,
    /// The person is asked for their consent, whatever they agreed to before.
    pub consent: bool,
    /// The person chooses with which account they go on.
    pub select_account: bool,
}

/// A request that a known client may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What comes back.
    pub response_type: ResponseType,
    /// What is granted: what was asked for, within what the client may ask for.
    pub scopes: Scopes,
    /// Comes back in the ID token.
    pub nonce: Option<String>,
    /// RFC 7636 §4.2, S256.
    pub code_challenge: Option<String>,
    /// What `prompt` asks for.
    pub prompt: Prompt,
    /// How old the proof of the person may be, in seconds.
    pub max_age: Option<i64>,
    /// Who the application believes is there.
    pub login_hint: Option<String>,
    /// An ID token of ours about the person who should be there; not verified yet.
    pub id_token_hint: Option<String>,
    /// The languages that the application prefers.
    pub ui_locales: Option<String>,
    /// How the person shall prove themselves.
    pub acr: Option<AcrWish>,
    /// What is asked for claim by claim, within what the client may ask for.
    pub claims: ClaimsRequest,
    /// The key to which the code is bound (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// What the tokens shall be for (RFC 8707).
    pub resource: Option<String>,
}

impl Request {
    /// Checks what a known client asks for.
    pub fn check(raw: &RawRequest, client: &Client) -> Result<Self, Refusal> {
        if raw.unreadable.is_some() {
            return Err(refusals::UNREADABLE);
        }
        refuse_unsupported(raw)?;
        let response_type = response_type(raw, client)?;
        if raw.fitting_mode().is_none() {
            return Err(refusals::MODE);
        }
        // OIDC Core §3.2.2.1, §3.3.2.11; not for `code token`.
        if response_type.id_token() && raw.once("nonce").is_none() {
            return Err(refusals::NONCE);
        }
        let scopes = Scopes::parse(raw.once("scope").unwrap_or_default()).within(client.scopes);
        if !scopes.has(Scope::OpenId) {
            return Err(refusals::OPENID);
        }
        let text = |name| raw.once(name).map(str::to_owned);
        let claims = raw.once("claims").map(ClaimsRequest::parse).transpose()?.unwrap_or_default();
        Ok(Self {
            response_type,
            scopes,
            nonce: text("nonce"),
            code_challenge: if response_type.code() { code_challenge(raw, client)? } else { None },
            prompt: prompt(raw)?,
            max_age: max_age(raw)?.or(client.metadata.default_max_age.map(i64::from)),
            login_hint: text("login_hint"),
            id_token_hint: text("id_token_hint"),
            ui_locales: text("ui_locales"),
            acr: acr(raw, client, &claims),
            claims: claims.within(client.scopes),
            dpop_jkt: dpop_jkt(raw)?,
            resource: resource::chosen(&client.metadata, raw.once("resource"))?,
        })
    }
}

/// What a client may ask for: `code`, and what it is registered for besides.
fn response_type(raw: &RawRequest, client: &Client) -> Result<ResponseType, Refusal> {
    let asked = raw.once("response_type").ok_or(refusals::NO_TYPE)?;
    let read = ResponseType::parse(asked).ok_or(refusals::UNKNOWN_TYPE)?;
    // FAPI 2.0 §5.3.2.2: code alone. RFC 9449: no proof comes with a request of the browser, so its token is unbound.
    let is_barred = client.is_fapi() && read != ResponseType::CODE || client.must_bind() && read.token();
    if client.metadata.allows_response_type(read) && !is_barred {
        Ok(read)
    } else {
        Err(refusals::OTHER_TYPE)
    }
}

/// OIDC Core §5.5.1.1, §3.1.2.1, OIDC Registration §2: what the request wants, else what the registration says.
fn acr(raw: &RawRequest, client: &Client, claims: &ClaimsRequest) -> Option<AcrWish> {
    let usual = &client.metadata.default_acr_values;
    let usual = || (!usual.is_empty()).then(|| AcrWish { values: usual.clone(), essential: false });
    claims.acr.clone().or_else(|| raw.once("acr_values").map(AcrWish::voluntary)).or_else(usual)
}

/// RFC 9449 §10: the thumbprint of a key.
fn dpop_jkt(raw: &RawRequest) -> Result<Option<String>, Refusal> {
    match raw.once("dpop_jkt") {
        None => Ok(None),
        Some(jkt) if jkt.len() == 43 && jkt.bytes().all(is_base64url) => Ok(Some(jkt.to_owned())),
        Some(_) => Err(refusals::JKT),
    }
}

/// OIDC Core §7.2.1: what is not supported is refused by name, not ignored.
fn refuse_unsupported(raw: &RawRequest) -> Result<(), Refusal> {
    if raw.once("registration").is_some() { Err(refusals::REGISTRATION) } else { Ok(()) }
}

/// RFC 7636 §4.4.1; RFC 9700 §2.1.1: every client that is able to uses PKCE, and only by S256.
fn code_challenge(raw: &RawRequest, client: &Client) -> Result<Option<String>, Refusal> {
    let method = raw.once("code_challenge_method");
    match raw.once("code_challenge") {
        None if method.is_some() => Err(refusals::PKCE_ALONE),
        None if client.legacy && client.kind.is_confidential() && !client.is_fapi() => Ok(None),
        None => Err(refusals::PKCE),
        // RFC 7636 §4.3: without a method it would be plain.
        Some(_) if method != Some("S256") => Err(refusals::PKCE_METHOD),
        Some(challenge) if challenge.len() == 43 && challenge.bytes().all(is_base64url) => {
            Ok(Some(challenge.to_owned()))
        }
        Some(_) => Err(refusals::PKCE_FORM),
    }
}

/// Whether a text can be a code verifier (RFC 7636 §4.1).
pub fn is_code_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|b| is_base64url(b) || matches!(b, b'.' | b'~'))
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn prompt(raw: &RawRequest) -> Result<Prompt, Refusal> {
    let values: Vec<_> =
        raw.once("prompt").unwrap_or_default().split(' ').filter(|v| !v.is_empty()).collect();
    let none = values.contains(&"none");
    // OIDC Core §3.1.2.1: none with any other value is an error.
    if none && values.len() > 1 {
        return Err(refusals::PROMPT);
    }
    let has = |value| values.contains(&value);
    Ok(Prompt { none, login: has("login"), consent: has("consent"), select_account: has("select_account") })
}

fn max_age(raw: &RawRequest) -> Result<Option<i64>, Refusal> {
    match raw.once("max_age") {
        None => Ok(None),
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => {
            // More than any session lives is as good as no limit.
            Ok(Some(text.parse().unwrap_or(i64::MAX)))
        }
        Some(_) => Err(refusals::MAX_AGE),
    }
}
