//! An authorization request as somebody pastes it to have it looked at: a whole address, a path with a query, or only the
//! query.

use super::difference::{Difference, differences, of_paths};
use url::{Url, form_urlencoded};

/// Nothing longer is looked at, in bytes.
pub const LONGEST: usize = 8 * 1024;

/// Parameters that no authorization request has: whoever sees them may act for the application or a person.
const SECRET: [&str; 9] = [
    "client_secret",
    "client_assertion",
    "code_verifier",
    "code",
    "access_token",
    "refresh_token",
    "id_token",
    "password",
    "assertion",
];

/// Why there is nothing to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotPasted {
    /// Nothing was pasted.
    Nothing,
    /// It is longer than [`LONGEST`].
    TooLong,
    /// It has no query, so no parameter.
    NoQuery,
}

/// Where a request is addressed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Only the query was pasted.
    Unsaid,
    /// The authorization endpoint of the house.
    Here,
    /// Another address; how it differs from the endpoint.
    Elsewhere(Vec<Difference>),
}

/// What was pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pasted {
    /// What stands before the query.
    place: Option<String>,
    /// The parameters, decoded, in their order.
    pub pairs: Vec<(String, String)>,
}

/// Reads it. Line breaks and tabs are left out, as browsers do; a part behind `#` never reaches a server.
pub fn read(text: &str) -> Result<Pasted, NotPasted> {
    if text.len() > LONGEST {
        return Err(NotPasted::TooLong);
    }
    let text: String = text.trim().chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')).collect();
    if text.is_empty() {
        return Err(NotPasted::Nothing);
    }
    let sent = text.split_once('#').map_or(text.as_str(), |(sent, _)| sent);
    let (place, query) = match sent.split_once('?') {
        // `redirect_uri=https://…?x=1` alone: the question mark stands in a value.
        Some((place, _)) if place.contains('=') => (None, sent),
        Some((place, query)) => (Some(place.trim()).filter(|place| !place.is_empty()), query),
        None if sent.contains('=') => (None, sent),
        None => return Err(NotPasted::NoQuery),
    };
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if pairs.is_empty() {
        return Err(NotPasted::NoQuery);
    }
    Ok(Pasted { place: place.map(str::to_owned), pairs })
}

/// Whether the value of a parameter is nobody's to see.
pub fn is_secret(name: &str) -> bool {
    SECRET.contains(&name.to_ascii_lowercase().as_str())
}

impl Pasted {
    /// The value of a parameter that comes exactly once; `Err` tells how often it comes.
    pub fn once(&self, name: &str) -> Result<&str, usize> {
        let mut all = self.pairs.iter().filter(|(one, _)| one == name).map(|(_, value)| value.as_str());
        match (all.next().filter(|value| !value.is_empty()), all.count()) {
            (Some(value), 0) => Ok(value),
            (None, 0) => Err(0),
            (_, more) => Err(more + 1),
        }
    }

    /// How often a parameter comes.
    pub fn number_of(&self, name: &str) -> usize {
        self.pairs.iter().filter(|(one, _)| one == name).count()
    }

    /// Whether something is among the parameters that is nobody's to see.
    pub fn has_secrets(&self) -> bool {
        self.pairs.iter().any(|(name, _)| is_secret(name))
    }

    /// Where it is addressed to; `endpoints` are the addresses of the authorization endpoint.
    pub fn place(&self, endpoints: &[String]) -> Place {
        let Some(place) = &self.place else { return Place::Unsaid };
        let nearest = endpoints.iter().map(|endpoint| from_endpoint(endpoint, place)).min_by_key(Vec::len);
        match nearest {
            // The same address written differently comes here all the same.
            Some(found) if !found.is_empty() && found != [Difference::Spelling] => Place::Elsewhere(found),
            _ => Place::Here,
        }
    }
}

/// How a place differs from an endpoint; of a path alone, the paths count.
fn from_endpoint(endpoint: &str, place: &str) -> Vec<Difference> {
    match Url::parse(endpoint) {
        Ok(url) if place.starts_with('/') => of_paths(url.path(), place).into_iter().collect(),
        _ => differences(endpoint, place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn endpoints() -> Vec<String> {
        vec!["https://sso.danang.example/authorize".to_owned()]
    }

    fn place(text: &str) -> Place {
        read(text).expect("a request").place(&endpoints())
    }

    #[test]
    fn a_whole_address_a_path_and_a_query_are_read_alike() {
        let query = "client_id=app&redirect_uri=https%3A%2F%2Fapp%2Fcb&scope=openid%20profile";
        let pairs = read(query).expect("a request").pairs;
        assert_eq!(pairs[1], ("redirect_uri".to_owned(), "https://app/cb".to_owned()));
        assert_eq!(pairs[2].1, "openid profile");
        for before in ["?", "/authorize?", "  https://sso.danang.example/authorize?", "\n?"] {
            let text = format!("{before}{query}#x=1\r\n");
            assert_eq!(read(&text).expect("a request").pairs, pairs, "{text}");
        }
        let unencoded = read("redirect_uri=https://app/cb?x=1&client_id=app").expect("a request");
        assert_eq!(unencoded.once("redirect_uri"), Ok("https://app/cb?x=1"));
        assert_eq!(
            read("https://sso/authorize?client_id=\n app").expect("one").once("client_id"),
            Ok(" app")
        );
    }

    #[test]
    fn what_holds_no_parameter_is_told() {
        for (text, why) in [
            ("", NotPasted::Nothing),
            (" \n", NotPasted::Nothing),
            ("https://sso.danang.example/authorize", NotPasted::NoQuery),
            ("https://sso.danang.example/authorize?", NotPasted::NoQuery),
            ("#a=b", NotPasted::NoQuery),
            ("a".repeat(LONGEST + 1).as_str(), NotPasted::TooLong),
        ] {
            assert_eq!(read(text), Err(why), "{text}");
        }
        assert!(read(&format!("a={}", "a".repeat(LONGEST - 2))).is_ok(), "the longest");
    }

    #[test]
    fn the_place_is_the_endpoint_or_it_is_told_how_it_differs() {
        assert_eq!(place("client_id=app"), Place::Unsaid);
        assert_eq!(place("https://sso.danang.example/authorize?client_id=app"), Place::Here);
        assert_eq!(place("/authorize?client_id=app"), Place::Here);
        let other = |text| match place(text) {
            Place::Elsewhere(found) => found,
            place => panic!("{text}: {place:?}"),
        };
        assert_eq!(other("http://sso.danang.example/authorize?a=b"), [Difference::Scheme]);
        assert_eq!(other("https://sso.hue.example/authorize?a=b"), [Difference::Host]);
        assert_eq!(other("https://sso.danang.example/connect/authorize?a=b"), [Difference::Path]);
        assert_eq!(other("/connect/authorize?a=b"), [Difference::Path]);
        assert_eq!(other("/authorize/?a=b"), [Difference::TrailingSlash]);
        assert_eq!(place("https://sso.danang.example:443/authorize?a=b"), Place::Here);
    }

    #[test]
    fn how_often_a_parameter_comes_is_counted_and_an_empty_one_is_missing() {
        let pasted = read("a=1&b=2&a=3&c=").expect("a request");
        assert_eq!((pasted.once("a"), pasted.once("b")), (Err(2), Ok("2")));
        assert_eq!((pasted.once("c"), pasted.once("d")), (Err(0), Err(0)));
        assert_eq!(pasted.number_of("a"), 2);
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        assert!(read("a=1&Client_Secret=x").expect("a request").has_secrets());
        assert!(!read("client_id=app&code_challenge=x").expect("a request").has_secrets());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            if let Ok(pasted) = read(&text) {
                let _ = pasted.place(&endpoints());
                prop_assert!(!pasted.pairs.is_empty());
            }
        }
    }
}
