//! How two addresses differ that should be the same, for whoever has to set one of them right. Nothing is decided by it:
//! redirect URIs are compared character by character (`redirect`).

use url::Url;

/// One way in which they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Difference {
    /// The given one has a space or a line break in it.
    Space,
    /// The given one was encoded once too often.
    EncodedTwice,
    /// The given one is no absolute address.
    NotAnAddress,
    /// Only capital and small letters differ.
    Case,
    /// `http` in place of `https`, or another scheme.
    Scheme,
    /// Another host.
    Host,
    /// Another port.
    Port,
    /// A slash at the end, too many or missing.
    TrailingSlash,
    /// Another path.
    Path,
    /// Another query.
    Query,
    /// The given one has a part behind `#`.
    Fragment,
    /// The same address, written differently.
    Spelling,
}

/// How a given address differs from a known one; empty if it does not.
pub fn differences(known: &str, given: &str) -> Vec<Difference> {
    if given == known {
        return Vec::new();
    }
    if given.contains(char::is_whitespace) {
        let tight: String = given.chars().filter(|c| !c.is_whitespace()).collect();
        let rest = differences(known, &tight);
        return std::iter::once(Difference::Space).chain(rest).collect();
    }
    if !given.contains("://") && given.to_ascii_lowercase().contains("%3a%2f%2f") {
        return vec![Difference::EncodedTwice];
    }
    if given.eq_ignore_ascii_case(known) {
        return vec![Difference::Case];
    }
    match (Url::parse(known), Url::parse(given)) {
        (Ok(known), Ok(given)) => in_parts(&known, &given),
        (Ok(_), Err(_)) => vec![Difference::NotAnAddress],
        (Err(_), _) => vec![Difference::Spelling],
    }
}

/// The parts that differ, in the order in which they stand in an address.
fn in_parts(known: &Url, given: &Url) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut note = |differs: bool, difference: Difference| {
        if differs {
            found.push(difference);
        }
    };
    let same_scheme = known.scheme() == given.scheme();
    note(!same_scheme, Difference::Scheme);
    note(known.host_str() != given.host_str(), Difference::Host);
    // Each scheme has a port of its own: that is no second difference.
    let ports = if same_scheme {
        (known.port_or_known_default(), given.port_or_known_default())
    } else {
        (known.port(), given.port())
    };
    note(ports.0 != ports.1, Difference::Port);
    let path = of_paths(known.path(), given.path());
    note(path.is_some(), path.unwrap_or(Difference::Path));
    note(known.query() != given.query(), Difference::Query);
    note(given.fragment().is_some(), Difference::Fragment);
    if found.is_empty() { vec![Difference::Spelling] } else { found }
}

/// How two paths differ, if they do.
pub fn of_paths(known: &str, given: &str) -> Option<Difference> {
    if known == given {
        return None;
    }
    let (known, given) = (known.trim_end_matches('/'), given.trim_end_matches('/'));
    Some(if known == given {
        Difference::TrailingSlash
    } else if known.eq_ignore_ascii_case(given) {
        Difference::Case
    } else {
        Difference::Path
    })
}

/// Both addresses, parted where they begin to differ: what is the same, what comes in the known one, what in the given one.
pub fn parted<'a>(known: &'a str, given: &'a str) -> (&'a str, &'a str, &'a str) {
    let same = known.char_indices().zip(given.chars()).take_while(|((_, a), b)| a == b);
    let at = same.last().map_or(0, |((at, c), _)| at + c.len_utf8());
    (&known[..at], &known[at..], &given[at..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use Difference::{
        Case, EncodedTwice, Fragment, Host, NotAnAddress, Path, Port, Query, Scheme, Space, Spelling,
        TrailingSlash,
    };
    use proptest::prelude::*;

    const KNOWN: &str = "https://app.danang.example/callback";

    #[test]
    fn each_difference_that_people_meet_is_named() {
        let from = |given| differences(KNOWN, given);
        assert!(from(KNOWN).is_empty());
        assert_eq!(from("https://app.danang.example/callback/"), [TrailingSlash]);
        assert_eq!(from("http://app.danang.example/callback"), [Scheme]);
        assert_eq!(from("https://www.app.danang.example/callback"), [Host]);
        assert_eq!(from("https://app.danang.example:8443/callback"), [Port]);
        assert_eq!(from("https://app.danang.example:443/callback"), [Spelling]);
        assert_eq!(from("https://app.danang.example/Callback"), [Case]);
        assert_eq!(from("https://app.danang.example/signin-oidc"), [Path]);
        assert_eq!(from("https://app.danang.example/callback?x=1"), [Query]);
        assert_eq!(from("https://app.danang.example/callback#x"), [Fragment]);
        assert_eq!(from("https://app.danang.example/callback "), [Space]);
        assert_eq!(from("https%3A%2F%2Fapp.danang.example%2Fcallback"), [EncodedTwice]);
        assert_eq!(from("/callback"), [NotAnAddress]);
    }

    #[test]
    fn several_differences_are_all_named() {
        let given = "http://localhost:3000/callback/";
        assert_eq!(differences(KNOWN, given), [Scheme, Host, Port, TrailingSlash]);
    }

    #[test]
    fn a_scheme_with_its_usual_port_is_one_difference() {
        assert_eq!(differences("https://app.example/cb", "http://app.example/cb"), [Scheme]);
        assert_eq!(differences("vn.gov.danang.app:/cb", "vn.gov.danang.app:/cb/"), [TrailingSlash]);
    }

    #[test]
    fn two_addresses_are_parted_where_they_begin_to_differ() {
        assert_eq!(parted("https://a/cb", "https://a/cb/"), ("https://a/cb", "", "/"));
        assert_eq!(parted("https://a/đi", "https://a/để"), ("https://a/đ", "i", "ể"));
        assert_eq!(parted("", "x"), ("", "", "x"));
    }

    proptest! {
        #[test]
        fn any_two_texts_are_compared(known in "\\PC{0,40}", given in "\\PC{0,40}") {
            let (same, of_known, of_given) = parted(&known, &given);
            prop_assert_eq!(format!("{same}{of_known}"), known.clone());
            prop_assert_eq!(format!("{same}{of_given}"), given.clone());
            prop_assert_eq!(differences(&known, &given).is_empty(), known == given);
        }
    }
}
