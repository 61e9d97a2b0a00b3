//! Refusals: RFC 9457, with types that stay what they are. A type is a name of ours, so that it is the same in every
//! installation; the documentation of the interface lists them.

use crate::domain::oauth::client_auth::ClientAlg;
use crate::domain::oauth::dpop::ALGORITHMS;
use crate::domain::oauth::error::{Code, Refusal};
use crate::http::Failure;
use crate::http::proof::{NonceWanted, Scheme};
use crate::services::api::CallRefused;
use crate::services::rights::Denied;
use crate::services::{Internal, chain};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What every type begins with.
const NAMESPACE: &str = "urn:danang-sso:problem:";

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// The kinds of problems.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[doc = $doc])* $name,)* }

        impl Kind {
            /// Every kind, as the documentation lists them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The last word of its type.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Its status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// Its title.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

kinds! {
    /// No token, or one that opens nothing.
    Unauthorized = "unauthorized", UNAUTHORIZED, "An access token is needed";
    /// The token lacks the scope, or the application has no reach.
    InsufficientScope = "insufficient-scope", FORBIDDEN, "The access token does not open this";
    /// The right is nobody's over a branch.
    Forbidden = "forbidden", FORBIDDEN, "This is for the whole city only";
    /// The account is an administrator's.
    AdministratorAccount = "administrator-account", FORBIDDEN, "Applications do not do this to administrators";
    /// It does not exist, or lies beyond reach: never told apart.
    NotFound = "not-found", NOT_FOUND, "There is nothing here for you";
    /// The method does not fit the address.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The method does not fit the address";
    /// A parameter, a header or the body cannot be read.
    InvalidRequest = "invalid-request", BAD_REQUEST, "The request cannot be read";
    /// The page begins where nothing is (any more).
    InvalidCursor = "invalid-cursor", BAD_REQUEST, "The cursor is none; begin anew";
    /// The body is larger than any that is read.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body says that it is something else.
    UnsupportedMedia = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body of a write is JSON";
    /// The state of the account does not allow it.
    WrongState = "wrong-state", CONFLICT, "The state of the account does not allow this";
    /// The house writes no password of this account's mail systems.
    PasswordElsewhere = "password-elsewhere", CONFLICT, "Its passwords are changed in the mail system only";
    /// The same request is still being carried out.
    Underway = "request-underway", CONFLICT, "The same request is still being carried out";
    /// Somebody else changed the account since it was looked at.
    VersionMismatch = "version-mismatch", PRECONDITION_FAILED, "The account was changed since it was looked at";
    /// The key was used for another request.
    KeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another request";
    /// What was said is not enough.
    Incomplete = "incomplete", UNPROCESSABLE_ENTITY, "Something is missing";
    /// A write must say which version it is about.
    PreconditionRequired = "precondition-required", PRECONDITION_REQUIRED, "If-Match is needed";
    /// It calls too often.
    TooMany = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests";
    /// It has written enough for a day.
    TooManyWrites = "too-many-writes", TOO_MANY_REQUESTS, "The application has written enough for a day";
    /// Our fault.
    Internal = "internal", INTERNAL_SERVER_ERROR, "The house failed; its log says why";
    /// It was broken off.
    TooSlow = "too-slow", GATEWAY_TIMEOUT, "It took longer than a minute";
    /// No mail system took the password.
    PasswordNotTaken = "password-not-taken", BAD_GATEWAY, "No mail system took the one-time password";
    /// No mail system answered; nothing was changed.
    DirectoryUnreachable = "directory-unreachable", SERVICE_UNAVAILABLE, "No mail system answered; nothing was changed";
}

impl Kind {
    /// Whether it is met below every handler.
    const fn is_of_a_layer(self) -> bool {
        matches!(
            self,
            Self::NotFound
                | Self::MethodNotAllowed
                | Self::InvalidRequest
                | Self::Forbidden
                | Self::TooLarge
                | Self::TooSlow
        )
    }

    /// Its type.
    pub fn uri(self) -> String {
        format!("{NAMESPACE}{}", self.code())
    }
}

/// A refusal on its way out.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: Kind,
    detail: Option<String>,
    wait: Option<i64>,
    challenge: Option<String>,
    wants_nonce: bool,
    /// What the log is told.
    cause: Option<String>,
    incident: Option<String>,
}

/// RFC 9457 §3.1.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Told {
    /// What kind of problem; stays what it is.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What is wrong with this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Where the house failed: the number under which its log says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<String>,
}

impl Problem {
    /// One that needs no more words.
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            detail: None,
            wait: None,
            challenge: None,
            wants_nonce: false,
            cause: None,
            incident: None,
        }
    }

    /// What went wrong below every handler: by its status, with the number that the log has.
    pub(super) fn of(status: StatusCode, incident: Option<&str>) -> Self {
        let kind = Kind::ALL.iter().copied().find(|kind| kind.status() == status && kind.is_of_a_layer());
        let incident = incident.map(str::to_owned);
        Self { incident, ..Self::new(kind.unwrap_or(Kind::Internal)) }
    }

    /// With what is wrong with this request.
    pub fn because(kind: Kind, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(kind) }
    }

    /// One that is over after so many seconds.
    pub(super) fn later(kind: Kind, seconds: i64) -> Self {
        Self { wait: Some(seconds), ..Self::new(kind) }
    }

    /// What was met at the entrance, in the words of the scheme by which the application came.
    pub(super) fn at_the_entrance(refused: CallRefused, scheme: Scheme, scope: &str) -> Self {
        match refused {
            CallRefused::Internal(internal) => internal.into(),
            CallRefused::TooMany(seconds) => Self::later(Kind::TooMany, seconds),
            CallRefused::Refused(refusal) => Self::refusal(refusal, scheme, scope),
        }
    }

    /// RFC 6750 §3.1, RFC 9449 §7.1.
    pub(super) fn refusal(refusal: Refusal, scheme: Scheme, scope: &str) -> Self {
        let kind = match refusal.code {
            Code::InsufficientScope => Kind::InsufficientScope,
            Code::InvalidRequest => Kind::InvalidRequest,
            _ => Kind::Unauthorized,
        };
        let (word, algs) = match scheme {
            Scheme::Bearer => ("Bearer", String::new()),
            Scheme::Dpop => ("DPoP", format!(r#", algs="{}""#, ALGORITHMS.map(ClientAlg::code).join(" "))),
        };
        let (code, description) = (refusal.code.as_str(), refusal.description);
        let scope = match kind {
            Kind::InsufficientScope => format!(r#", scope="{scope}""#),
            _ => String::new(),
        };
        let challenge = format!(
            r#"{word} realm="danang-sso", error="{code}", error_description="{description}"{scope}{algs}"#
        );
        Self {
            challenge: Some(challenge),
            wants_nonce: refusal.code == Code::UseDpopNonce,
            ..Self::because(kind, description)
        }
    }

    /// RFC 6750 §3.1: without any token no error is named.
    pub(super) fn nobody() -> Self {
        Self { challenge: Some(r#"Bearer realm="danang-sso""#.to_owned()), ..Self::new(Kind::Unauthorized) }
    }

    /// What is wrong, in words.
    pub(super) fn words(&self) -> String {
        let words = self.detail.clone().unwrap_or_else(|| self.kind.title().to_owned());
        match &self.incident {
            Some(number) => format!("{words} ({number})"),
            None => words,
        }
    }

    /// Its status.
    pub(super) const fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// Its text.
    pub(super) fn text(&self) -> String {
        let told = Told {
            kind: self.kind.uri(),
            title: self.kind.title().to_owned(),
            status: self.kind.status().as_u16(),
            detail: self.detail.clone(),
            incident: self.incident.clone(),
        };
        serde_json::to_string(&told).unwrap_or_default()
    }
}

impl From<Internal> for Problem {
    fn from(internal: Internal) -> Self {
        Self { cause: Some(chain(&internal)), ..Self::new(Kind::Internal) }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Forbidden(_) => Self::new(Kind::Forbidden),
            Denied::Internal(internal) => internal.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let headers = [(CONTENT_TYPE, "application/problem+json"), (CACHE_CONTROL, "no-store")];
        let mut response = (self.status(), headers, self.text()).into_response();
        if let Some(wait) = self.wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
        }
        if let Some(Ok(challenge)) = self.challenge.as_deref().map(HeaderValue::from_str) {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if self.wants_nonce {
            response.extensions_mut().insert(NonceWanted);
        }
        // The layer that logs it gives it a number, and tells that instead of this.
        if self.kind == Kind::Internal && self.incident.is_none() {
            let cause = self.cause.or(self.detail).unwrap_or_default();
            let failure = Failure::Internal(format!("the interface for applications failed: {cause}"));
            response.extensions_mut().insert(failure);
        }
        response
    }
}
