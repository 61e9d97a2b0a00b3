//! What an application asks for claim by claim: the `claims` parameter (OIDC Core 1.0 §5.5) and the authentication
//! context that it wants (`acr_values`, §3.1.2.1; the `acr` claim, §5.5.1.1).

use super::error::Refusal;
use super::refusals;
use super::scope::Scope;
use crate::domain::proof::{Class, Proof};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The claims of a person that the house knows, and the scope that covers each: an application that may not ask for
/// the scope is not given the claim either.
pub const KNOWN: [(&str, Scope); 20] = [
    ("name", Scope::Profile),
    ("family_name", Scope::Profile),
    ("middle_name", Scope::Profile),
    ("given_name", Scope::Profile),
    ("nickname", Scope::Profile),
    ("profile", Scope::Profile),
    ("website", Scope::Profile),
    ("preferred_username", Scope::Profile),
    ("upn", Scope::Profile),
    ("zoneinfo", Scope::Profile),
    ("locale", Scope::Profile),
    ("updated_at", Scope::Profile),
    ("account_kind", Scope::Profile),
    ("email", Scope::Email),
    ("email_verified", Scope::Email),
    ("agency", Scope::Agency),
    ("agency_code", Scope::Agency),
    ("agency_name", Scope::Agency),
    ("agency_code_former", Scope::Agency),
    ("posts", Scope::Agency),
];

/// The scope that covers a claim; `None` for one that the house does not know.
pub fn scope_of(claim: &str) -> Option<Scope> {
    KNOWN.iter().find(|(name, _)| *name == claim).map(|(_, scope)| *scope)
}

/// The `claims` parameter, as far as the house can honour it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// Claims for UserInfo.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub userinfo: BTreeSet<String>,
    /// Claims for the ID token.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub id_token: BTreeSet<String>,
    /// The authentication context that the `acr` member wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<AcrWish>,
    /// The only person whom the application accepts (§5.5.1: `sub` with a value).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// The authentication context that is wanted, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AcrWish {
    /// The classes; empty: any.
    pub values: Vec<String>,
    /// Whether nothing else will do (§5.5.1.1).
    pub essential: bool,
}

/// How a proof stands to what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is one of the wanted.
    Met,
    /// The person can climb to this one.
    Within(Class),
    /// Nothing here gives a wanted one.
    Beyond,
}

impl ClaimsRequest {
    /// Reads the parameter. What the house does not know is left out; what is not of the specified form is refused.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        const BAD: Refusal = refusals::CLAIMS;
        let asked: Map<String, Value> = serde_json::from_str(text).map_err(|_| BAD)?;
        let part = |name: &str| match asked.get(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(members)) => Ok(members.clone()),
            Some(_) => Err(BAD),
        };
        let (userinfo, id_token) = (part("userinfo")?, part("id_token")?);
        // §5.5.1: each is null or an object.
        if userinfo.values().chain(id_token.values()).any(|one| !one.is_null() && !one.is_object()) {
            return Err(BAD);
        }
        let known = |members: &Map<String, Value>| {
            members.keys().filter(|name| scope_of(name).is_some()).cloned().collect::<BTreeSet<_>>()
        };
        let subject = [&id_token, &userinfo].into_iter().find_map(|members| members.get("sub")?.get("value"));
        Ok(Self {
            userinfo: known(&userinfo),
            id_token: known(&id_token),
            acr: id_token.get("acr").map(AcrWish::of_member),
            subject: subject.map(|value| value.as_str().map(str::to_owned).ok_or(BAD)).transpose()?,
        })
    }

    /// The claims about the person, wherever they go.
    pub fn names(&self) -> BTreeSet<String> {
        self.userinfo.union(&self.id_token).cloned().collect()
    }

    /// Only those that somebody with these scopes may be given.
    #[must_use]
    pub fn within(mut self, scopes: super::scope::Scopes) -> Self {
        let covered = |name: &String| scope_of(name).is_some_and(|scope| scopes.has(scope));
        self.userinfo.retain(covered);
        self.id_token.retain(covered);
        self
    }
}

impl AcrWish {
    /// `acr_values` (§3.1.2.1): voluntary.
    pub fn voluntary(list: &str) -> Self {
        Self { values: list.split_ascii_whitespace().map(str::to_owned).collect(), essential: false }
    }

    fn of_member(member: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let one = member.get("value").and_then(text);
        let many = member.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(text);
        let essential = member.get("essential").and_then(Value::as_bool).unwrap_or(false);
        Self { values: one.into_iter().chain(many).collect(), essential }
    }

    /// How a proof stands to this wish, for somebody who can climb to `highest`.
    pub fn standing(&self, proof: Proof, highest: Class) -> Standing {
        if self.values.is_empty() || self.stated(proof).is_some() {
            return Standing::Met;
        }
        let mut known = self.values.iter().filter_map(|urn| Class::from_urn(urn));
        // OIDC Core §3.1.2.1: in order of preference.
        known.find(|class| *class <= highest).map_or(Standing::Beyond, Standing::Within)
    }

    /// The class to state in the ID token: the proof's own if it is wanted, else the first wanted one that it covers.
    pub fn stated(&self, proof: Proof) -> Option<&str> {
        let wanted = |class: &&String| proof.covers(class);
        let own = self.values.iter().find(|class| *class == proof.class().urn());
        own.or_else(|| self.values.iter().find(wanted)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PASSWORD: &str = "urn:danang-sso:acr:password";
    const CACHED: &str = "urn:danang-sso:acr:password-cached";

    #[test]
    fn claims_are_read_for_where_they_are_asked_and_unknown_ones_left_out() {
        let text = r#"{"userinfo":{"name":{"essential":true},"shoe_size":null},"id_token":{"email":null}}"#;
        let read = ClaimsRequest::parse(text).expect("good");
        assert_eq!(read.userinfo, BTreeSet::from(["name".to_owned()]));
        assert_eq!(read.id_token, BTreeSet::from(["email".to_owned()]));
        for wrong in ["", "[]", "1", r#"{"userinfo":[]}"#, r#"{"id_token":{"name":true}}"#] {
            assert!(ClaimsRequest::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wanted_class_is_stated_and_the_own_one_first() {
        let wish = AcrWish::voluntary(&format!("{CACHED} {PASSWORD}"));
        assert_eq!(wish.stated(Proof::BIND), Some(PASSWORD));
        assert_eq!(wish.stated(Proof::CACHED), Some(CACHED));
        let weak = AcrWish::voluntary(CACHED);
        assert_eq!(weak.stated(Proof::BIND), Some(CACHED), "a stronger proof covers a weaker class");
    }

    #[test]
    fn a_proof_meets_a_wish_or_a_new_one_can_or_nothing_does() {
        let strong = AcrWish::voluntary(PASSWORD);
        let standing = |wish: &AcrWish, proof| wish.standing(proof, Class::Password);
        assert_eq!(standing(&strong, Proof::BIND), Standing::Met);
        assert_eq!(standing(&strong, Proof::CACHED), Standing::Within(Class::Password));
        assert_eq!(standing(&AcrWish::voluntary("gold"), Proof::BIND), Standing::Beyond);
        assert_eq!(standing(&AcrWish::default(), Proof::CACHED), Standing::Met);
    }

    #[test]
    fn the_best_that_can_be_reached_is_climbed_to() {
        let (key, second) = (Class::Passkey.urn(), Class::SecondFactor.urn());
        let wish = AcrWish::voluntary(&format!("gold {key} {second}"));
        let standing = |highest| wish.standing(Proof::BIND, highest);
        assert_eq!(standing(Class::Passkey), Standing::Within(Class::Passkey));
        assert_eq!(standing(Class::SecondFactor), Standing::Within(Class::SecondFactor));
        assert_eq!(standing(Class::Password), Standing::Beyond);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}", inner in r#"[{}\[\]":,a-z_0-9]{0,80}"#) {
            let _ = ClaimsRequest::parse(&text);
            let _ = ClaimsRequest::parse(&format!("{{\"id_token\":{inner}}}"));
        }
    }
}
