//! What a proof of possession must say: RFC 9449 §4.2, §4.3.

use super::client_auth::ClientAlg;
use super::error::{Code, Refusal};
use super::request_object::seconds;
use crate::domain::timestamp::Timestamp;
use serde_json::{Map, Value};
use time::Duration;
use url::Url;

/// The algorithms of proofs, as discovery lists them; never RS256 (FAPI 2.0 §5.4.1), never a symmetric one.
pub const ALGORITHMS: [ClientAlg; 3] = [ClientAlg::Es256, ClientAlg::Ps256, ClientAlg::EdDsa];

/// How far a proof may be made ahead of our clock, in seconds.
const AHEAD: i64 = 60;

/// How old a proof may be, in seconds.
const OLD: i64 = 120;

/// A `jti` is not longer.
const LONGEST_ID: usize = 256;

/// What a proof is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// Its addresses, without query and fragment: one, or that by which client certificates come too.
    pub addresses: &'a [Url],
    /// The digest of the access token that comes with it, where one does.
    pub token_digest: Option<&'a str>,
    /// The present moment.
    pub now: Timestamp,
}

/// How the house asks for nonces of its own in proofs (RFC 9449 §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Nonces {
    /// It hands none out; only an application that is registered for them needs them.
    #[default]
    Off,
    /// It hands them out; a proof without one is good, one with a stale one is not.
    Optional,
    /// Every proof needs one.
    Required,
}

impl Nonces {
    /// What is to be said of a proof: whether its nonce is ours and fresh (`None`: it has none), and whether the
    /// application is registered for nonces.
    pub const fn accepts(self, is_fresh: Option<bool>, is_registered: bool) -> bool {
        let is_needed = is_registered || matches!(self, Self::Required);
        match is_fresh {
            Some(true) => true,
            None => !is_needed,
            // Where the house hands none out, one of another server means nothing.
            Some(false) => !is_needed && matches!(self, Self::Off),
        }
    }
}

/// A good proof; it is good once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodOnce {
    /// Its `jti`.
    pub id: String,
    /// When it can be forgotten.
    pub until: Timestamp,
}

/// Looks at the claims of a proof whose signature is right. `nbf`, `exp` and what nobody knows are ignored.
pub fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<GoodOnce, Refusal> {
    const METHOD: Refusal =
        Refusal::new(Code::InvalidDpopProof, "The htm of the DPoP proof is not the method of the request");
    const ADDRESS: Refusal =
        Refusal::new(Code::InvalidDpopProof, "The htu of the DPoP proof is not the address of the request");
    const TIME: Refusal = Refusal::new(
        Code::InvalidDpopProof,
        "The iat of the DPoP proof is missing, too old or in the future",
    );
    const ID: Refusal =
        Refusal::new(Code::InvalidDpopProof, "The jti of the DPoP proof is missing or over 256 bytes long");
    const TOKEN: Refusal =
        Refusal::new(Code::InvalidDpopProof, "The ath of the DPoP proof is not that of the access token");
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("htm") != Some(expected.method) {
        return Err(METHOD);
    }
    if !text("htu").is_some_and(|htu| expected.addresses.iter().any(|address| is_same(htu, address))) {
        return Err(ADDRESS);
    }
    let (now, made) = (expected.now.seconds(), claims.get("iat").and_then(seconds).ok_or(TIME)?);
    if made > now.saturating_add(AHEAD) || made < now.saturating_sub(OLD) {
        return Err(TIME);
    }
    if expected.token_digest.is_some() && text("ath") != expected.token_digest {
        return Err(TOKEN);
    }
    let id = text("jti").filter(|id| !id.is_empty() && id.len() <= LONGEST_ID).ok_or(ID)?;
    Ok(GoodOnce { id: id.to_owned(), until: expected.now.plus(Duration::seconds(AHEAD + OLD)) })
}

/// RFC 9449 §4.3 (9): without query and fragment, after the normalisation of RFC 3986 §6.2.2, §6.2.3.
fn is_same(htu: &str, address: &Url) -> bool {
    Url::parse(htu).is_ok_and(|htu| htu.origin() == address.origin() && htu.path() == address.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: i64 = 1_000_000;

    fn checked(changes: &Value, ath: Option<&str>) -> Result<GoodOnce, Refusal> {
        let mut claims = json!({ "htm": "POST", "htu": "https://op.example/token", "iat": NOW, "jti": "x" });
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        let addresses = ["https://op.example/token", "https://mtls.op.example/token"]
            .map(|address| Url::parse(address).expect("an address"));
        let now = Timestamp::from_seconds(NOW);
        let expected = Expected { method: "POST", addresses: &addresses, token_digest: ath, now };
        check(claims.as_object().expect("an object"), &expected)
    }

    #[test]
    fn the_address_is_compared_as_an_address_and_not_as_a_text() {
        for (htu, good) in [
            ("https://op.example/token", true),
            ("https://op.example/token?x=1", true),
            ("https://op.example/token#x", true),
            ("HTTPS://OP.example:443/token", true),
            ("https://mtls.op.example/token", true),
            ("https://mtls.op.example/userinfo", false),
            ("https://op.example/userinfo", false),
            ("https://op.example:444/token", false),
            ("http://op.example/token", false),
            ("https://evil.example/token", false),
            ("/token", false),
            ("", false),
        ] {
            assert_eq!(checked(&json!({ "htu": htu }), None).is_ok(), good, "{htu}");
        }
    }

    #[test]
    fn a_proof_is_of_now_has_an_id_and_its_own_times_mean_nothing() {
        for (changes, good) in [
            (json!({ "iat": NOW + 10 }), true),
            (json!({ "iat": NOW - 10 }), true),
            (json!({ "iat": NOW + 61 }), false),
            (json!({ "iat": NOW - 121 }), false),
            (json!({ "iat": null }), false),
            (json!({ "iat": "now" }), false),
            (json!({ "exp": NOW - 3600, "nbf": NOW + 3600, "unheard_of": 1 }), true),
            (json!({ "jti": "" }), false),
            (json!({ "jti": 7 }), false),
            (json!({ "jti": "x".repeat(257) }), false),
            (json!({ "htm": "post" }), false),
            (json!({ "htm": "GET" }), false),
        ] {
            assert_eq!(checked(&changes, None).is_ok(), good, "{changes}");
        }
    }

    #[test]
    fn a_nonce_is_needed_where_the_house_or_the_registration_says_so_and_a_stale_one_is_never_good_there() {
        let (fresh, stale) = (Some(true), Some(false));
        for (nonces, is_registered, accepted) in [
            (Nonces::Off, false, [true, true, true]),
            (Nonces::Off, true, [true, false, false]),
            (Nonces::Optional, false, [true, true, false]),
            (Nonces::Optional, true, [true, false, false]),
            (Nonces::Required, false, [true, false, false]),
            (Nonces::Required, true, [true, false, false]),
        ] {
            let got = [fresh, None, stale].map(|nonce| nonces.accepts(nonce, is_registered));
            assert_eq!(got, accepted, "{nonces:?}, registered: {is_registered}");
        }
    }

    #[test]
    fn with_an_access_token_its_digest_is_in_the_proof() {
        assert!(checked(&json!({ "ath": "abc" }), Some("abc")).is_ok());
        assert!(checked(&json!({ "ath": "abd" }), Some("abc")).is_err());
        assert!(checked(&json!({}), Some("abc")).is_err());
    }

    proptest! {
        #[test]
        fn any_claims_are_read_or_refused(htu in ".{0,60}", iat in any::<f64>(), jti in ".{0,20}") {
            let _ = checked(&json!({ "htu": htu, "iat": iat, "jti": jti }), None);
            let _ = checked(&json!({ "htu": format!("https://op.example/{htu}") }), None);
        }
    }
}
