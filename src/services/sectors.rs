//! The sector of an application with pairwise subjects (OIDC Core 1.0 §8.1, OIDC Registration §5).

use super::chain;
use crate::app::App;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::redirect::RedirectUri;
use crate::outbound::MAX_DOCUMENT;
use serde_json::Value;
use thiserror::Error;
use url::Url;

/// Why a sector cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadSector {
    /// Without a list, all addresses must have one host.
    #[error("subject_type pairwise needs redirect URIs of one host, or a sector_identifier_uri")]
    NotOne,
    /// The list was not read.
    #[error("sector_identifier_uri was not read: {0}")]
    Unread(String),
    /// The list lacks an address.
    #[error("sector_identifier_uri does not list the redirect URI {0}")]
    Unlisted(String),
}

/// Fetches the sector list, if there is one, and looks for every redirect URI in it. No transaction may be open.
pub(super) async fn check(app: &App, client: &Client) -> Result<(), BadSector> {
    let metadata = &client.metadata;
    if metadata.subject_type.is_pairwise() && client.sector().is_none() {
        return Err(BadSector::NotOne);
    }
    let Some(list) = &metadata.sector_identifier_uri else { return Ok(()) };
    let unread = |why: String| BadSector::Unread(why);
    let address = Url::parse(list).map_err(|error| unread(error.to_string()))?;
    let listed = app.outbound.get_json(&address, MAX_DOCUMENT, "application/json").await;
    let listed = listed.map_err(|error| unread(chain(&error)))?;
    let listed = listed.as_array().ok_or_else(|| unread("it is no array".to_owned()))?;
    let is_listed =
        |uri: &&RedirectUri| listed.iter().filter_map(Value::as_str).any(|one| one == uri.as_str());
    match client.redirect_uris.iter().find(|uri| !is_listed(uri)) {
        None => Ok(()),
        Some(missing) => Err(BadSector::Unlisted(missing.as_str().to_owned())),
    }
}
