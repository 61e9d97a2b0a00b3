//! What a token is for (RFC 8707), and what an application may ask for in its own name (RFC 6749 §4.4).

use super::error::{Code, Refusal};
use super::metadata::Metadata;
use super::refusals;
use url::Url;

/// Whether a text can name a resource (RFC 8707 §2): an absolute address without a fragment, https, or http on this machine.
pub fn can_be_resource(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    text.len() <= 500 && is_safe && url.has_host() && !text.contains('#')
}

/// Whether a text can be a scope value (RFC 6749 §3.3).
pub fn can_be_scope(text: &str) -> bool {
    let is_nqchar = |b: u8| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    (1..=100).contains(&text.len()) && text.bytes().all(is_nqchar)
}

/// What a client asks that its tokens are for: nothing, or one of its own resources.
pub fn chosen(metadata: &Metadata, asked: Option<&str>) -> Result<Option<String>, Refusal> {
    match asked {
        None => Ok(None),
        Some(asked) if metadata.resources.iter().any(|known| known == asked) => Ok(Some(asked.to_owned())),
        Some(_) => Err(refusals::RESOURCE),
    }
}

/// The scopes that a client gets in its own name: those that it asks for, without a word all that it may have.
pub fn own_scopes(metadata: &Metadata, asked: Option<&str>) -> Result<String, Refusal> {
    const SCOPE: Refusal =
        Refusal::new(Code::InvalidScope, "The scope is not one that this client may ask for in its own name");
    let Some(asked) = asked else { return Ok(metadata.api_scopes.join(" ")) };
    let mut granted: Vec<&str> = asked.split(' ').filter(|scope| !scope.is_empty()).collect();
    granted.dedup();
    let may = |scope: &&str| metadata.api_scopes.iter().any(|known| known == scope);
    if granted.iter().all(may) { Ok(granted.join(" ")) } else { Err(SCOPE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_what_it_was_registered_for_and_nothing_else() {
        let metadata = Metadata {
            api_scopes: vec!["scim.read".to_owned(), "audit".to_owned()],
            resources: vec!["https://api.danang.example/".to_owned()],
            ..Metadata::default()
        };
        assert_eq!(own_scopes(&metadata, None).as_deref(), Ok("scim.read audit"));
        assert_eq!(own_scopes(&metadata, Some("audit audit")).as_deref(), Ok("audit"));
        assert_eq!(own_scopes(&metadata, Some("")).as_deref(), Ok(""));
        for asked in ["openid", "audit openid", "AUDIT"] {
            assert_eq!(own_scopes(&metadata, Some(asked)).expect_err("refused").code, Code::InvalidScope);
        }
        let api = "https://api.danang.example/";
        assert_eq!(chosen(&metadata, Some(api)), Ok(Some(api.to_owned())));
        assert_eq!(chosen(&metadata, None), Ok(None));
        for asked in ["https://api.danang.example", "https://api.danang.example/x", ""] {
            assert_eq!(chosen(&metadata, Some(asked)).expect_err("refused").code, Code::InvalidTarget);
        }
    }

    #[test]
    fn names_have_the_form_of_the_specifications() {
        assert!(can_be_resource("https://api.danang.example/v1") && can_be_resource("http://localhost:9/x"));
        for bad in ["api", "http://api.danang.example/", "https://api.danang.example/#x", "urn:x", ""] {
            assert!(!can_be_resource(bad), "{bad}");
        }
        assert!(
            can_be_scope("scim.read") && !can_be_scope("a b") && !can_be_scope("") && !can_be_scope("\"x")
        );
    }
}
