//! Why a request of the protocol is refused, in the words of the specifications.

use thiserror::Error;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {
        /// The error codes of the protocol.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $doc])* $name,)* }

        impl Code {
            /// Its value in the protocol.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

codes! {
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidRequest = "invalid_request";
    /// RFC 6749 §5.2.
    InvalidClient = "invalid_client";
    /// RFC 6749 §5.2.
    InvalidGrant = "invalid_grant";
    /// RFC 6749 §5.2.
    UnauthorizedClient = "unauthorized_client";
    /// RFC 6749 §5.2.
    UnsupportedGrantType = "unsupported_grant_type";
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidScope = "invalid_scope";
    /// RFC 6749 §4.1.2.1.
    AccessDenied = "access_denied";
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType = "unsupported_response_type";
    /// RFC 6749 §4.1.2.1.
    ServerError = "server_error";
    /// OIDC Core §3.1.2.6.
    LoginRequired = "login_required";
    /// OIDC Core §3.1.2.6.
    AccountSelectionRequired = "account_selection_required";
    /// OIDC Core §3.1.2.6.
    InteractionRequired = "interaction_required";
    /// OIDC Core §3.1.2.6.
    ConsentRequired = "consent_required";
    /// OpenID Connect Core Error Code unmet_authentication_requirements 1.0 §2.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements";
    /// OIDC Core §3.1.2.6.
    RegistrationNotSupported = "registration_not_supported";
    /// RFC 7591 §3.2.2.
    InvalidRedirectUri = "invalid_redirect_uri";
    /// RFC 7591 §3.2.2.
    InvalidClientMetadata = "invalid_client_metadata";
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable = "temporarily_unavailable";
    /// OIDC Core §3.1.2.6, RFC 9101 §7.
    InvalidRequestObject = "invalid_request_object";
    /// OIDC Core §3.1.2.6, RFC 9101 §7.
    InvalidRequestUri = "invalid_request_uri";
    /// RFC 8707 §2.
    InvalidTarget = "invalid_target";
    /// RFC 9449 §12.2.
    InvalidDpopProof = "invalid_dpop_proof";
    /// RFC 9449 §8, §9.
    UseDpopNonce = "use_dpop_nonce";
    /// RFC 8628 §3.5.
    AuthorizationPending = "authorization_pending";
    /// RFC 8628 §3.5.
    SlowDown = "slow_down";
    /// RFC 8628 §3.5.
    ExpiredToken = "expired_token";
    /// RFC 6750 §3.1.
    InvalidToken = "invalid_token";
    /// RFC 6750 §3.1.
    InsufficientScope = "insufficient_scope";
}

/// A refusal: a code and a sentence for the developer of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}: {description}", code.as_str())]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// The sentence: a literal of ours, in %x20-21 / %x23-5B / %x5D-7E (RFC 6749 §4.1.2.1), never a visitor's words.
    pub description: &'static str,
}

impl Refusal {
    /// A refusal; for constants.
    ///
    /// # Panics
    /// With a sentence outside the allowed characters, which in a constant does not compile.
    pub const fn new(code: Code, description: &'static str) -> Self {
        let bytes = description.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            assert!(matches!(bytes[at], 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E), "RFC 6749 §4.1.2.1");
            at += 1;
        }
        Self { code, description }
    }
}
