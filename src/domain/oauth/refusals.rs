//! Why an authorization request is refused, each reason once: the reader of requests says them to applications, and the
//! console explains them to whoever looks after one.

use super::error::{Code, Refusal};

macro_rules! refusals {
    ($($(#[doc = $doc:literal])* $name:ident = $code:ident, $says:literal;)*) => {
        $($(#[doc = $doc])* pub const $name: Refusal = Refusal::new(Code::$code, $says);)*

        /// Every one of them.
        pub const ALL: &[Refusal] = &[$($name),*];
    };
}

refusals! {
    /// RFC 6749 §3.1: a parameter comes twice or cannot be read.
    UNREADABLE = InvalidRequest, "A parameter is given twice, too long, or not UTF-8";
    /// Multiple Response Types §2.1: the mode does not fit.
    MODE = InvalidRequest, "response_mode is unknown or not allowed for this response_type";
    /// OIDC Core §3.2.2.1, §3.3.2.11.
    NONCE = InvalidRequest, "nonce is required for an ID token in the front channel";
    /// OIDC Core §3.1.2.1.
    OPENID = InvalidScope, "The scope must contain openid";
    /// RFC 6749 §3.1.1.
    NO_TYPE = InvalidRequest, "response_type is missing";
    /// RFC 6749 §3.1.1.
    UNKNOWN_TYPE = UnsupportedResponseType, "The response_type is not supported";
    /// RFC 6749 §4.1.2.1.
    OTHER_TYPE = UnauthorizedClient, "The client is not registered for this response_type";
    /// RFC 9449 §10.
    JKT = InvalidRequest, "dpop_jkt must be a SHA-256 in base64url";
    /// OIDC Core §7.2.1.
    REGISTRATION = RegistrationNotSupported, "The registration parameter is not supported";
    /// RFC 7636 §4.4.1.
    PKCE = InvalidRequest, "code_challenge is required (PKCE, RFC 7636)";
    /// RFC 7636 §4.3.
    PKCE_METHOD = InvalidRequest, "code_challenge_method must be S256";
    /// RFC 7636 §4.2.
    PKCE_FORM = InvalidRequest, "code_challenge must be 43 characters of base64url (a SHA-256)";
    /// RFC 7636 §4.3.
    PKCE_ALONE = InvalidRequest, "code_challenge_method without code_challenge";
    /// OIDC Core §3.1.2.1.
    PROMPT = InvalidRequest, "prompt=none cannot be combined with another value";
    /// OIDC Core §3.1.2.1.
    MAX_AGE = InvalidRequest, "max_age must be a number of seconds";
    /// OIDC Core §5.5.
    CLAIMS = InvalidRequest, "claims is not an object of the form of OIDC Core 5.5";
    /// RFC 8707 §2.
    RESOURCE = InvalidTarget, "The resource is not one of those registered for this client";
    /// RFC 9101 §5.
    BOTH = InvalidRequest, "request and request_uri must not both be there";
    /// RFC 9126 §5, FAPI 2.0 §5.3.2.2.
    PUSH = InvalidRequest, "The client must push its requests first (RFC 9126)";
    /// RFC 9101 §6.3.
    SIGN = InvalidRequest, "The client must sign its requests (RFC 9101)";
    /// RFC 9101 §6.2.
    SIGNATURE = InvalidRequestObject, "The request object is not signed under a key and an algorithm of the client";
    /// OIDC Core §6.2.
    URI_UNKNOWN = InvalidRequestUri, "The request_uri is not registered for this client";
    /// OIDC Core §6.2.
    URI_UNREAD = InvalidRequestUri, "Nothing usable was read at the request_uri";
    /// The house is not made to ask at everybody's pleasure.
    URI_PACED = TemporarilyUnavailable, "Too many request_uri were asked for from this network address; try again in a minute";
    /// OIDC Core §3.1.2.1, `id_token_hint`.
    HINT = InvalidRequest, "id_token_hint is not an ID token of this provider";
    /// OIDC Core §5.5.1 beside §3.1.2.1.
    TWO_PEOPLE = InvalidRequest, "id_token_hint and claims name different people";
}
