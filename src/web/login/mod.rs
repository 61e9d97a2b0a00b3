//! The way in and out: signing in through either door, the page of a locked account, signing out.

pub(super) mod break_glass;
pub(super) mod choose;
pub(super) mod forgotten;
mod locked;
pub(super) mod passkey;
pub(super) mod recover;
pub(super) mod reminder;
pub(super) mod sign_in;
pub(super) mod sign_out;

use crate::app::App;
use crate::http::form::Fields;
use crate::http::{Failure, Visitor};
use crate::services::authorize::{self, Pending};

/// The id of a pending authorization request in a query or form; anything that cannot be one counts as missing.
pub(super) fn request_of(fields: &Fields) -> Option<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    fields.get("request").filter(|id| id.len() <= 64 && id.chars().all(fits))
}

/// Speaks the language that the application prefers that waits, if one does (OIDC Core §3.1.2.1, `ui_locales`).
pub(super) async fn speak(app: &App, visitor: &mut Visitor, request: Option<&str>) -> Result<(), Failure> {
    if let Some(pending) = pending(app, visitor, request).await? {
        visitor.speak(pending.ui_locales.as_deref());
    }
    Ok(())
}

/// The pending request of this browser; one of another browser, or one that has expired, is not shown.
pub(super) async fn pending(
    app: &App,
    visitor: &Visitor,
    request: Option<&str>,
) -> Result<Option<Pending>, Failure> {
    let Some(id) = request else { return Ok(None) };
    if !visitor.knows_request(id).await? {
        return Ok(None);
    }
    Ok(authorize::pending(app, id).await?)
}
