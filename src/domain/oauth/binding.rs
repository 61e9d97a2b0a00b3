//! To what a token is bound, so that it is nothing to whoever steals it: a key (RFC 9449 §6), the certificate of the
//! application's connection (RFC 8705 §3), both, or nothing.

use serde_json::{Map, Value};

/// What must come with a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// The thumbprint of a key, whose proof must come.
    pub jkt: Option<String>,
    /// The thumbprint of a certificate, over whose connection it must come.
    pub x5t: Option<String>,
}

impl Binding {
    /// How a token is presented that is bound so (RFC 9449 §5; RFC 8705 has no name of its own).
    pub const fn token_type(&self) -> &'static str {
        if self.jkt.is_some() { "DPoP" } else { "Bearer" }
    }

    /// The claim `cnf` (RFC 7800 §3.1), if there is anything in it.
    pub fn confirmation(&self) -> Option<Value> {
        // RFC 9449 §6.1; RFC 8705 §3.1.
        let members = [("jkt", &self.jkt), ("x5t#S256", &self.x5t)];
        let members = members.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let members: Map<_, _> = members.map(|(name, value)| (name.to_owned(), value.into())).collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_claim_names_what_there_is() {
        let bound = |jkt: Option<&str>, x5t: Option<&str>| {
            let binding = Binding { jkt: jkt.map(str::to_owned), x5t: x5t.map(str::to_owned) };
            (binding.confirmation(), binding.token_type())
        };
        assert_eq!(bound(None, None), (None, "Bearer"));
        assert_eq!(bound(Some("k"), None), (Some(json!({ "jkt": "k" })), "DPoP"));
        assert_eq!(bound(None, Some("c")), (Some(json!({ "x5t#S256": "c" })), "Bearer"));
        assert_eq!(bound(Some("k"), Some("c")), (Some(json!({ "jkt": "k", "x5t#S256": "c" })), "DPoP"));
    }
}
