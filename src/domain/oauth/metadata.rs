//! What an application registers beyond its addresses: the members of RFC 7591 §2 and OIDC Registration 1.0 §2, under
//! the names that they have there. They are kept as one JSON text; a member that is missing has its default.

use super::client_auth::{AuthMethod, ClientAlg, Profile};
use super::key::SigningAlg;
use super::response_type::ResponseType;
use crate::domain::proof::Class;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The grant type of applications in their own name (RFC 6749 §4.4).
pub const CLIENT_CREDENTIALS: &str = "client_credentials";

/// The registered metadata. A text in the database that an older release wrote lacks newer members: each has a default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the members and their types are those of the specifications"
)]
pub struct Metadata {
    /// People who answer for the application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Its logo. Fetched by the house and shown from there (`services::logos`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// What it does with the data it gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms of service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Where a sign-in that starts elsewhere begins (OIDC Core §4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Under which heading the portal shows it; a member of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// How it proves itself. Without it: by its secret in the header or in the form, as it likes, or by nothing if it
    /// is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<AuthMethod>,
    /// The only algorithm of its assertions; without it every one that its profile allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<ClientAlg>,
    /// Its public keys by value (RFC 7517 §5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Where its public keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Whose certificate proves it, by one of these five (RFC 8705 §2.1.2): the subject's distinguished name (RFC 4514).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_subject_dn: Option<String>,
    /// A host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_dns: Option<String>,
    /// An address of any scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_uri: Option<String>,
    /// A network address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_ip: Option<String>,
    /// A mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_email: Option<String>,
    /// Which rules hold for it beyond those for all; a member of our own.
    #[serde(skip_serializing_if = "is_default")]
    pub profile: Profile,
    /// Its secret, sealed with the master key, in base64; only where its method is `client_secret_jwt`, which needs the
    /// secret itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed_secret: Option<String>,
    /// When its secret was made, in microseconds; without it, when it was registered. A member of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_made_at: Option<i64>,
    /// The secret before the present one, while both are good; a member of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_secret: Option<PreviousSecret>,
    /// The codes of the agencies whose people may use it; without any, everybody may. A member of our own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_agencies: Vec<String>,
    /// The codes of the groups whose people may use it, besides those of the agencies; a member of our own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_groups: Vec<String>,
    /// The grant types that it may use (RFC 7591 §2). Without any: `authorization_code` and `refresh_token`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grant_types: Vec<String>,
    /// The response types that it may use (OIDC Core §3). Without any: `code`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response_types: Vec<String>,
    /// Whether its subjects are its sector's own (OIDC Core §8).
    #[serde(skip_serializing_if = "is_default")]
    pub subject_type: SubjectType,
    /// Where its sector lists all redirect URIs of the sector (OIDC Core §8.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// Whether its subject is the person's official address, for applications that know people by nothing else; a
    /// member of our own.
    #[serde(skip_serializing_if = "is_default")]
    pub sub_is_address: bool,
    /// Under which algorithm its ID tokens are signed; without it RS256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<String>,
    /// Whether its ID tokens carry the hash of its `state` (FAPI 1.0 Part 2 §5.2.2.1; a member of our own).
    #[serde(skip_serializing_if = "is_default")]
    pub s_hash: bool,
    /// Under which algorithm its UserInfo is signed; without it, UserInfo is plain JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// Whether it registered itself, and nobody of the city has looked at it; a member of our own.
    #[serde(skip_serializing_if = "is_default")]
    pub self_registered: bool,
    /// Where the browser tells it that a session has ended (OIDC Front-Channel Logout §2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it needs to be told which session; it is told always.
    #[serde(skip_serializing_if = "is_default")]
    pub frontchannel_logout_session_required: bool,
    /// Where its request objects are; no other address is asked (OIDC Registration §2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// The only algorithm of its request objects; without it every one that its profile allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<ClientAlg>,
    /// Whether only signed requests of it are taken (RFC 9101 §10.5).
    #[serde(skip_serializing_if = "is_default")]
    pub require_signed_request_object: bool,
    /// Whether only pushed requests of it are taken (RFC 9126 §6).
    #[serde(skip_serializing_if = "is_default")]
    pub require_pushed_authorization_requests: bool,
    /// Whether its tokens are bound to a key always (RFC 9449 §5.2).
    #[serde(skip_serializing_if = "is_default")]
    pub dpop_bound_access_tokens: bool,
    /// Whether its proofs of possession need a nonce of the house (RFC 9449 §8; a member of our own).
    #[serde(skip_serializing_if = "is_default")]
    pub dpop_nonce_required: bool,
    /// Whether its tokens are bound to its client certificate always (RFC 8705 §3.4).
    #[serde(skip_serializing_if = "is_default")]
    pub tls_client_certificate_bound_access_tokens: bool,
    /// Under which algorithm its signed authorization responses are; without it, that of its ID tokens (JARM §3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<String>,
    /// How old the proof of a person may be unless a request says otherwise, in seconds (OIDC Registration §2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// The authentication context that it wants unless a request says otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// The least that lets anybody in, whatever a request says (a member of our own).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_acr: Option<Class>,
    /// What it may ask for in its own name, by client credentials (a member of our own).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_scopes: Vec<String>,
    /// Which accounts it reaches in its own name at the administrators' interface and by SCIM; without it neither is open to
    /// it, whatever its scopes are called (a member of our own).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_reach: Option<ApiReach>,
    /// Whether `client_credentials` is among its grant types only because of what the city gave it in its own name: it goes
    /// with the last of that (a member of our own).
    #[serde(skip_serializing_if = "is_default")]
    pub grant_came_with_rights: bool,
    /// What its tokens may be for (RFC 8707; a member of our own).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Whether its access tokens are signed JWTs (RFC 9068; a member of our own), for resource servers that ask nobody.
    #[serde(skip_serializing_if = "is_default")]
    pub jwt_access_tokens: bool,
    /// Whether it is told what tokens of other applications are good for (RFC 7662; a member of our own).
    #[serde(skip_serializing_if = "is_default")]
    pub may_introspect: bool,
    /// Whether each person is asked before it learns something of them (a member of our own). Without it the city has
    /// agreed for everybody, by registering the application.
    #[serde(skip_serializing_if = "is_default")]
    pub consent_required: bool,
}

/// Which accounts an application reaches in its own name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiReach {
    /// Those of every agency.
    City,
    /// Those of the agency with this code and of every agency below it.
    Agency(String),
}

/// A secret that is good for a while beside the present one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// Its digest.
    pub digest: String,
    /// The secret itself, sealed, where the application signs with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// When it ends, in microseconds.
    pub ends_at: i64,
}

impl PreviousSecret {
    /// Whether it is still good.
    pub fn is_good(&self, now: Timestamp) -> bool {
        now.micros() < self.ends_at
    }
}

/// Whose the subjects are (OIDC Core §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectType {
    /// The same for every application.
    #[default]
    Public,
    /// Another one for each sector.
    Pairwise,
}

impl SubjectType {
    /// Its name in the specifications.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Pairwise => "pairwise",
        }
    }

    /// Whether each sector has its own.
    pub const fn is_pairwise(self) -> bool {
        matches!(self, Self::Pairwise)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Metadata {
    /// The grant types that the application may use, by their names in the specifications.
    pub fn grant_types(&self) -> Vec<&str> {
        if self.grant_types.is_empty() {
            return vec!["authorization_code", "refresh_token"];
        }
        self.grant_types.iter().map(String::as_str).collect()
    }

    /// Whether the application may use a grant type.
    pub fn allows_grant(&self, grant_type: &str) -> bool {
        self.grant_types().contains(&grant_type)
    }

    /// With the grant that its rights in its own name need. One that came with the first of them goes with the last; one
    /// that was registered stays.
    #[must_use]
    pub fn with_grant_of_rights(mut self) -> Self {
        let has_grant = self.allows_grant(CLIENT_CREDENTIALS);
        if self.api_reach.is_some() && !has_grant {
            let mut all: Vec<_> = self.grant_types().into_iter().map(str::to_owned).collect();
            all.push(CLIENT_CREDENTIALS.to_owned());
            self.grant_types = all;
            self.grant_came_with_rights = true;
        } else if self.api_reach.is_none() && self.grant_came_with_rights {
            self.grant_types.retain(|one| one != CLIENT_CREDENTIALS);
            self.grant_came_with_rights = false;
        }
        self
    }

    /// The response types that the application may use.
    pub fn response_types(&self) -> Vec<&str> {
        if self.response_types.is_empty() {
            return vec!["code"];
        }
        self.response_types.iter().map(String::as_str).collect()
    }

    /// Whether everybody may use the application.
    pub const fn is_for_everybody(&self) -> bool {
        self.allowed_agencies.is_empty() && self.allowed_groups.is_empty()
    }

    /// Whether somebody of an agency and of these groups may use the application: one of them is enough.
    pub fn admits(&self, agency_code: Option<&str>, groups: &[String]) -> bool {
        self.is_for_everybody()
            || agency_code.is_some_and(|code| self.allowed_agencies.iter().any(|allowed| allowed == code))
            || groups.iter().any(|group| self.allowed_groups.contains(group))
    }

    /// Whether the application may use a response type; the order of its words means nothing.
    pub fn allows_response_type(&self, response_type: ResponseType) -> bool {
        self.response_types().into_iter().any(|one| ResponseType::parse(one) == Some(response_type))
    }

    /// The algorithm of its ID tokens and logout tokens.
    pub fn id_token_alg(&self) -> SigningAlg {
        self.signed_by(self.id_token_signed_response_alg.as_deref())
    }

    /// The algorithm of its signed authorization responses.
    pub fn answer_alg(&self) -> SigningAlg {
        let own = self.authorization_signed_response_alg.as_deref();
        self.signed_by(own.or(self.id_token_signed_response_alg.as_deref()))
    }

    /// FAPI 2.0 §5.4.1 has no RS256.
    fn signed_by(&self, registered: Option<&str>) -> SigningAlg {
        match (self.profile, registered.and_then(SigningAlg::from_code)) {
            (Profile::Fapi2, None | Some(SigningAlg::Rs256)) => SigningAlg::Ps256,
            (_, registered) => registered.unwrap_or_default(),
        }
    }

    /// What it may do in its own name and how far it reaches, for the audit: `accounts.read scim.read; agency so-khcn`.
    pub fn own_rights(&self) -> String {
        let scopes = self.api_scopes.join(" ");
        match &self.api_reach {
            None if scopes.is_empty() => "nothing".to_owned(),
            None => scopes,
            Some(ApiReach::City) => format!("{scopes}; city"),
            Some(ApiReach::Agency(code)) => format!("{scopes}; agency {code}"),
        }
    }

    /// These values with what only the house sets taken from what was registered before.
    #[must_use]
    pub fn kept_from(self, before: &Self) -> Self {
        Self {
            sealed_secret: before.sealed_secret.clone(),
            secret_made_at: before.secret_made_at,
            previous_secret: before.previous_secret.clone(),
            self_registered: before.self_registered,
            ..self
        }
    }

    /// Whether it uses a flow in which the browser comes back to it.
    pub fn needs_redirect_uri(&self) -> bool {
        self.allows_grant("authorization_code") || self.allows_grant("implicit")
    }

    /// The text for the database.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads [`Metadata::to_json`]; `None` if the text is not one.
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_members_has_the_defaults_and_unknown_members_are_left() {
        assert_eq!(Metadata::from_json("{}"), Some(Metadata::default()));
        assert_eq!(Metadata::from_json(r#"{"of_a_newer_release":1}"#), Some(Metadata::default()));
        assert_eq!(Metadata::from_json("null"), None);
    }

    #[test]
    fn what_is_registered_comes_back() {
        let metadata = Metadata {
            contacts: vec!["an.nguyen@danang.example".to_owned()],
            policy_uri: Some("https://vpkg.danang.example/chinh-sach".to_owned()),
            ..Metadata::default()
        };
        assert_eq!(Metadata::from_json(&metadata.to_json()), Some(metadata));
    }

    #[test]
    fn a_grant_that_came_with_the_first_right_goes_with_the_last_and_a_registered_one_stays() {
        let reach = Some(ApiReach::City);
        let given = Metadata { api_reach: reach.clone(), ..Metadata::default() }.with_grant_of_rights();
        assert_eq!(given.grant_types, ["authorization_code", "refresh_token", CLIENT_CREDENTIALS]);
        assert_eq!(given.clone().with_grant_of_rights(), given, "once");
        let taken = Metadata { api_reach: None, ..given }.with_grant_of_rights();
        assert_eq!(taken.grant_types(), Metadata::default().grant_types());
        assert!(!taken.grant_came_with_rights);
        let service = Metadata { grant_types: vec![CLIENT_CREDENTIALS.to_owned()], ..Metadata::default() };
        let given = Metadata { api_reach: reach, ..service.clone() }.with_grant_of_rights();
        assert_eq!(Metadata { api_reach: None, ..given }.with_grant_of_rights(), service);
    }
}
