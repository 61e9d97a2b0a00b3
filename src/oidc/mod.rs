//! The protocol's door.

use crate::app::App;
use axum::Router;

/// The routes of the protocol, for the staff listener only.
pub fn router() -> Router<App> {
    Router::new()
}
