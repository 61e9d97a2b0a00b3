//! What the provider does beyond the specifications' defaults.

use super::reader::Reader;
use crate::domain::oauth::dpop::Nonces;

/// The section `oidc`.
#[derive(Debug, Clone)]
pub struct OidcConfig {
    /// Whether the endpoints are also where old applications know them.
    pub legacy_paths: bool,
    /// How the house asks for nonces in proofs of possession.
    pub dpop_nonces: Nonces,
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
    }
}
