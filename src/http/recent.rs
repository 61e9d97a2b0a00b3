//! The guard before something dangerous: whoever has not proven themselves lately does so first, and comes back.

use super::Failure;
use super::keep::{Holder, Unfinished};
use crate::app::App;
use crate::services::confirm;
use crate::services::session::Current;
use crate::urls;

pub use crate::services::confirm::RecentProof;

/// Asks for a proof of the last minutes (`second_factor.recent_minutes`); without one the person is led to the page that
/// takes it, and from there to `back`, a page of ours that is opened by GET.
pub fn require(app: &App, current: &Current, back: &str) -> Result<RecentProof, Failure> {
    confirm::recent(app, current).ok_or_else(|| unproven(current, back))
}

/// The same for what second factors are set up on: the password, or a passkey in its place.
pub fn require_password(app: &App, current: &Current, back: &str) -> Result<RecentProof, Failure> {
    confirm::recent_password(app, current).ok_or_else(|| unproven(current, back))
}

/// Led to the proof; a form that was sent is kept meanwhile.
fn unproven(current: &Current, back: &str) -> Failure {
    let form = Unfinished { holder: Holder::of(current), back: back.to_owned() };
    Failure::Unfinished { to: urls::confirm(back), form }
}
