//! What the provider does beyond the specifications' defaults.

use super::reader::Reader;
use crate::domain::oauth::dpop::Nonces;
use url::Url;

/// The section `oidc`.
#[derive(Debug, Clone)]
pub struct OidcConfig {
    /// Whether the endpoints are also where old applications know them.
    pub legacy_paths: bool,
    /// How the house asks for nonces in proofs of possession.
    pub dpop_nonces: Nonces,
    /// The claim `profile`, if the city has such a page.
    pub profile_page: Option<String>,
    /// The claim `website`, if the city says one.
    pub website: Option<String>,
}

/// Reads the section.
pub(super) fn read(r: &mut Reader) -> OidcConfig {
    OidcConfig {
        legacy_paths: r.flag("oidc.legacy_paths"),
        dpop_nonces: match r.one_of("oidc.dpop_nonce", &["off", "optional", "required"]).as_str() {
            "optional" => Nonces::Optional,
            "required" => Nonces::Required,
            _ => Nonces::Off,
        },
        profile_page: page(r, "oidc.profile_page"),
        website: page(r, "oidc.website"),
    }
}

/// An address of a web page; empty: none.
fn page(r: &mut Reader, path: &str) -> Option<String> {
    let text = r.text(path);
    let is_page =
        Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    if !text.is_empty() && !is_page {
        r.mistake(&format!("{path}: {text:?} is not an address of a web page"));
    }
    Some(text).filter(|text| !text.is_empty())
}
