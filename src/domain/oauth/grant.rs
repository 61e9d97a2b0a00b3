//! What an application was given: a pending request becomes a grant with one code; tokens grow out of the grant, and
//! with its end everything that grew out of it ends.

use super::answer::ResponseMode;
use super::binding::Binding;
use super::claims_request::ClaimsRequest;
use super::request::Request;
use super::scope::Scopes;
use crate::domain::id::{AccountId, ClientRowId, FamilyId, SessionId, TokenId};
use crate::domain::proof::Proof;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use time::Duration;

/// How long a pending request waits for the person.
pub const PENDING: Duration = Duration::minutes(30);

/// A request that waits for the person; found again by a random id of which only the digest is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRequest {
    /// Who asks.
    pub client: ClientRowId,
    /// The address that was proven.
    pub redirect_uri: String,
    /// How the answer travels.
    pub mode: ResponseMode,
    /// The application's `state`.
    pub state: Option<String>,
    /// What is asked for; the hint is verified already, see [`PendingRequest::subject`].
    pub request: Request,
    /// The `sub` that the ID token hint named.
    pub subject: Option<String>,
    /// The sessions that the browser held when the request came in; another one is a new proof.
    pub seen: Vec<SessionId>,
    /// The one of them that the person has chosen on the page that asks.
    pub chosen: Option<SessionId>,
    /// Who has agreed to it on the page that asks.
    pub agreed: Option<AccountId>,
    /// The digest under which it was pushed; it is used up with the answer (RFC 9126 §4).
    pub pushed: Option<String>,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// A grant: everything that grew out of one authorization code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id: the family of its tokens.
    pub id: FamilyId,
    /// To whom.
    pub client: ClientRowId,
    /// Whose account.
    pub account: AccountId,
    /// Out of which session; the `sid` of ID tokens.
    pub session: SessionId,
    /// What was granted.
    pub scopes: Scopes,
    /// Comes back in the ID token.
    pub nonce: Option<String>,
    /// When the person proved themselves.
    pub auth_time: Timestamp,
    /// How.
    pub proof: Proof,
    /// The address to which the code went.
    pub redirect_uri: String,
    /// RFC 7636.
    pub code_challenge: Option<String>,
    /// What else was settled when it was made.
    pub details: GrantDetails,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the code ends.
    pub code_expires_at: Timestamp,
    /// When the code was redeemed.
    pub code_used_at: Option<Timestamp>,
    /// When the last token that can grow out of it ends.
    pub expires_at: Timestamp,
    /// When it was ended before its time.
    pub ended_at: Option<Timestamp>,
}

/// What else was settled when a grant was made; kept as one JSON text, each member with a default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GrantDetails {
    /// Claims beyond the scopes (OIDC Core §5.5).
    pub claims: ClaimsRequest,
    /// The authentication context class that the application wanted and got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// The account of the person who acts for the mailbox whose grant it is; a member of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What its tokens are for (RFC 8707).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The key to which the code is bound (RFC 9449 §10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// The hash of the request's `state`, for an application that wants it in its ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s_hash: Option<String>,
}

impl GrantDetails {
    /// The text for the database.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads [`GrantDetails::to_json`]; `None` if the text is not one.
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Why a grant ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantEnd {
    /// Its code or one of its refresh tokens came twice.
    Replayed,
    /// Its holder ended the application's access.
    EndedByOwner,
    /// An administrator ended the application's access.
    EndedByAdministrator,
    /// Its session or its account's right to sign in ended.
    SessionEnded,
    /// The application gave it back (RFC 7009).
    Revoked,
    /// The application's registration was removed.
    ClientRemoved,
}

impl GrantEnd {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Replayed => "replayed",
            Self::EndedByOwner => "ended_by_owner",
            Self::EndedByAdministrator => "ended_by_administrator",
            Self::SessionEnded => "session_ended",
            Self::Revoked => "revoked",
            Self::ClientRemoved => "client_removed",
        }
    }
}

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Opens UserInfo.
    Access,
    /// Gives new tokens, once.
    Refresh,
}

impl TokenKind {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }

    /// Reads [`TokenKind::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Access, Self::Refresh].into_iter().find(|kind| kind.code() == code)
    }
}

/// A token, as it is stored: without itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Its kind.
    pub kind: TokenKind,
    /// What it opens.
    pub scopes: Scopes,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When a refresh token was used.
    pub used_at: Option<Timestamp>,
    /// To what it is bound.
    pub binding: Binding,
}

/// An access token that an application has in its own name (RFC 6749 §4.4), as it is stored: without itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientToken {
    /// Whose.
    pub client: ClientRowId,
    /// What it opens; names of the city's own.
    pub scope: String,
    /// What it is for (RFC 8707).
    pub resource: Option<String>,
    /// To what it is bound.
    pub binding: Binding,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}
