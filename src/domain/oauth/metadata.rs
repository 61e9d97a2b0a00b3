//! What an application registers beyond its addresses: the members of RFC 7591 §2 and OIDC Registration 1.0 §2, under
//! the names that they have there. They are kept as one JSON text; a member that is missing has its default.

use super::response_type::ResponseType;
use serde::{Deserialize, Serialize};

/// The registered metadata. A text in the database that an older release wrote lacks newer members: each has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// People who answer for the application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Its logo. Shown by the person's browser, never fetched by the house.
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
    /// What it may ask for at the authorization endpoint; `code` alone unless it is registered for more.
    #[serde(skip_serializing_if = "is_code_alone")]
    pub response_types: Vec<ResponseType>,
    /// Whether each person is asked before it learns something of them (a member of our own). Without it the city has
    /// agreed for everybody, by registering the application.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub consent_required: bool,
}

fn is_code_alone(types: &[ResponseType]) -> bool {
    types == [ResponseType::CODE]
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            contacts: Vec::new(),
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            initiate_login_uri: None,
            response_types: vec![ResponseType::CODE],
            consent_required: false,
        }
    }
}

impl Metadata {
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
}
