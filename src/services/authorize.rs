//! The authorization code flow up to the code (OIDC Core 1.0 §3.1.2).

use super::Internal;
use crate::app::App;

/// What the pages of the sign-in know of the request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The application that waits, by its name for people.
    pub client_name: String,
    /// Its origin, for `form-action` (`http::layers::FormTarget`): `https://host:port`, or `scheme:`.
    pub return_origin: String,
    /// Whom the application believes is there: prefills the address.
    pub login_hint: Option<String>,
    /// The languages that the application prefers.
    pub ui_locales: Option<String>,
    /// Whether the application asks for a new proof although somebody may be signed in.
    pub anew: bool,
}

/// The request that waits under this id, unless it has expired or was answered.
pub async fn pending(app: &App, request_id: &str) -> Result<Option<Pending>, Internal> {
    let _ = (app, request_id);
    std::future::ready(Ok(None)).await
}
