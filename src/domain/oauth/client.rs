//! A registered application.

use super::answer::{ResponseMode, SafeReturn};
use super::client_auth::Profile;
use super::metadata::Metadata;
use super::redirect::RedirectUri;
use super::request::{RawRequest, Unproven};
use super::scope::Scopes;
use crate::domain::chance::{self, Entropy};
use crate::domain::id::ClientRowId;
use crate::domain::timestamp::Timestamp;
use std::fmt;

/// The public name of an application in the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// A new one: the application's name in plain letters and 40 random bits, e.g. `quan-ly-van-ban-k3m9xw2a`.
    /// Applications do not choose it (RFC 9700 §4.15).
    pub fn new(name: &str, entropy: &dyn Entropy) -> Self {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let slug: String = crate::domain::name::slug(name).chars().take(30).collect();
        let tail = chance::bytes::<8>(entropy).map(|b| char::from(LETTERS[usize::from(b % 32)]));
        let slug = if slug.is_empty() { "app" } else { slug.trim_end_matches('-') };
        Self(format!("{slug}-{}", tail.iter().collect::<String>()))
    }

    /// One as the database has it.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// One that the application had elsewhere: unreserved characters (RFC 3986 §2.3), so that it is the same in every
    /// encoding.
    pub fn imported(text: &str) -> Option<Self> {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        let fits = (1..=100).contains(&text.len()) && text.bytes().all(is_good);
        fits.then(|| Self(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an application runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientKind {
    /// On a server, where it can keep a secret.
    Web,
    /// In the browser; has no secret.
    Spa,
    /// On the person's device; has no secret.
    Native,
}

impl ClientKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Web, Self::Spa, Self::Native];

    /// The word in the database and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Spa => "spa",
            Self::Native => "native",
        }
    }

    /// Reads [`ClientKind::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether it can keep a secret (RFC 6749 §2.1).
    pub const fn is_confidential(self) -> bool {
        matches!(self, Self::Web)
    }
}

/// A registered application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its row.
    pub id: ClientRowId,
    /// Its name in the protocol.
    pub client_id: ClientId,
    /// Its name for people.
    pub name: String,
    /// Where it runs.
    pub kind: ClientKind,
    /// The digest of its secret, if it has one.
    pub secret_digest: Option<String>,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a person may go after signing out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Its start page, for the portal.
    pub home: Option<String>,
    /// What it may ask for. Refresh tokens are issued when `offline_access` is among it and is asked for.
    pub scopes: Scopes,
    /// Whether it may come without PKCE, because it is too old for it.
    pub legacy: bool,
    /// Whether the claims of the granted scopes are in the ID token too (OIDC Core §5.4 has them at UserInfo).
    pub id_token_claims: bool,
    /// Where it is told that a session has ended (OIDC Back-Channel Logout §2.2).
    pub backchannel_logout_uri: Option<String>,
    /// What it registered beyond that.
    pub metadata: Metadata,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Since when the city has stopped it; `None` while it runs.
    pub disabled_at: Option<Timestamp>,
    /// Grows with every change of it.
    pub version: i64,
}

impl Client {
    /// The application, unless the city has stopped it.
    pub fn running(self) -> Result<Self, Unproven> {
        if self.disabled_at.is_some() { Err(Unproven::Stopped) } else { Ok(self) }
    }

    /// Earns the right to answer: the requested address must be a registered one. Without one in the request there
    /// is no answer (OIDC Core §3.1.2.1: `redirect_uri` is required).
    pub fn prove(&self, raw: &RawRequest) -> Result<SafeReturn, Unproven> {
        let requested = raw.once("redirect_uri").ok_or(Unproven::NoRedirectUri)?;
        let (state, mode) = (raw.once("state").map(str::to_owned), raw.response_mode());
        self.prove_again(requested, state, mode)
    }

    /// The same for a request that was kept: the registration may have changed meanwhile.
    pub fn prove_again(
        &self,
        requested: &str,
        state: Option<String>,
        mode: ResponseMode,
    ) -> Result<SafeReturn, Unproven> {
        if self.redirect_uris.iter().any(|uri| uri.is(requested, self.kind)) {
            Ok(SafeReturn::proven(requested, state, mode))
        } else {
            Err(Unproven::RedirectUri)
        }
    }

    /// When its secret was made.
    pub fn secret_made_at(&self) -> Timestamp {
        self.metadata.secret_made_at.map_or(self.created_at, Timestamp::from_micros)
    }

    /// The host whose subjects it gets, if they are pairwise (OIDC Core §8.1): that of the sector list, or the one of
    /// all its addresses; `None` if there is not exactly one.
    pub fn sector(&self) -> Option<String> {
        let host = |uri: &str| url::Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned));
        if let Some(list) = &self.metadata.sector_identifier_uri {
            return host(list);
        }
        let mut hosts: Vec<_> = self.redirect_uris.iter().map(|uri| host(uri.as_str())).collect();
        hosts.dedup();
        if hosts.len() == 1 { hosts.pop().flatten() } else { None }
    }

    /// Whether the rules of FAPI 2.0 hold for it.
    pub fn is_fapi(&self) -> bool {
        self.metadata.profile == Profile::Fapi2
    }

    /// Whether its requests must be pushed (RFC 9126 §5; FAPI 2.0 §5.3.2.2).
    pub fn must_push(&self) -> bool {
        self.is_fapi() || self.metadata.require_pushed_authorization_requests
    }

    /// Whether its tokens must be bound to something.
    pub fn must_bind(&self) -> bool {
        self.must_prove_key() || self.must_show_certificate()
    }

    /// Whether its tokens must be bound to a key (RFC 9449 §5.2; FAPI 2.0 §5.3.2.1: to that, or to a certificate).
    pub fn must_prove_key(&self) -> bool {
        self.metadata.dpop_bound_access_tokens || (self.is_fapi() && !self.must_show_certificate())
    }

    /// Whether its tokens must be bound to its certificate (RFC 8705 §3.4).
    pub fn must_show_certificate(&self) -> bool {
        self.metadata.tls_client_certificate_bound_access_tokens
    }

    /// The registered address that a person may be sent to after signing out (OIDC RP-Initiated Logout §2).
    pub fn proves_post_logout(&self, requested: &str) -> Option<&RedirectUri> {
        self.post_logout_redirect_uris.iter().find(|uri| uri.as_str() == requested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::try_from(at).unwrap_or(0);
            }
        }
    }

    #[test]
    fn a_client_id_can_be_read_aloud() {
        assert_eq!(
            ClientId::new("Quản lý văn bản & điều hành", &Counting).as_str(),
            "quan-ly-van-ban-dieu-hanh-abcdefgh"
        );
        assert_eq!(ClientId::new("市", &Counting).as_str(), "app-abcdefgh");
    }
}
