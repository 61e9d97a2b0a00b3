//! The administrators' console. Every page asks for the proof of role and shows only what lies within its reach.

pub(super) mod account;
pub(super) mod accounts;
pub(super) mod bulk_unlock;
mod history;
pub(super) mod overview;
pub(super) mod pause;
mod second_password;
pub(super) mod sync;
pub(super) mod timeline;

use crate::app::App;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::services::accounts as use_cases;

/// The frame of a console page: who administers, and what.
async fn frame(app: &App, by: &AsAdministrator) -> Result<Frame, Failure> {
    let t = by.visitor.lang;
    let agency = use_cases::agency_of_reach(app, &by.administrator).await?;
    let reach = agency.map_or_else(|| t.reach_all().to_owned(), |agency| agency.name);
    Ok(Frame { who: by.administrator.display_name().to_owned(), reach, ..by.visitor.frame(app).await? })
}
