//! The administrators' console. Every page asks for the proof of role and shows only what lies within its reach.

pub(super) mod account;
pub(super) mod account_desk;
pub(super) mod accounts;
pub(super) mod accounts_export;
pub(super) mod administrators;
pub(super) mod agencies;
pub(super) mod agency;
pub(super) mod agency_change;
pub(super) mod agency_changes;
pub(super) mod agency_month;
pub(super) mod agency_sources;
pub(super) mod application;
pub(super) mod application_api;
pub(super) mod application_edit;
pub(super) mod application_first;
pub(super) mod application_new;
pub(super) mod application_test;
mod application_test_views;
pub(super) mod application_transfer;
pub(super) mod applications;
pub(super) mod approvals;
pub(super) mod audit;
pub(super) mod audit_export;
pub(super) mod authority;
pub(super) mod brake;
pub(super) mod bulk;
pub(super) mod bulk_reset;
pub(super) mod bulk_unlock;
pub(super) mod calendar;
pub(super) mod calendar_change;
mod calendar_view;
mod conditions;
pub(super) mod delegates;
mod effect;
pub(super) mod forecast;
mod foreseen;
pub(super) mod group;
pub(super) mod groups;
mod history;
pub(super) mod import;
pub(super) mod incidents;
pub(super) mod keys;
pub(super) mod letters;
mod menu;
mod narrowing;
pub(super) mod overview;
pub(super) mod pause;
pub(super) mod policy;
pub(super) mod reconcile;
pub(super) mod reset;
pub(super) mod review_evidence;
mod review_items;
pub(super) mod reviews;
pub(super) mod role;
pub(super) mod second_factors;
mod second_password;
pub(super) mod session;
pub(super) mod sessions;
pub(super) mod sessions_end;
pub(super) mod settle;
pub(super) mod sync;
pub(super) mod sync_plan;
pub(super) mod timeline;
pub(super) mod watch;
pub(super) mod waves;
pub(super) mod why;

use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::domain::policy::stage::Mode;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::accounts as use_cases;
use crate::services::approvals as two_persons;
use crate::services::break_glass;
use crate::urls;

/// What came of a form over many that did nothing.
#[derive(Default)]
struct Refused {
    status: axum::http::StatusCode,
    notice: Option<crate::web::parts::Notice>,
    number_error: Option<&'static str>,
    reason_error: Option<&'static str>,
    reason: String,
}

/// Something to choose in a list of a form.
struct Choice {
    value: String,
    word: String,
    chosen: bool,
}

impl Choice {
    fn of_agency(agency: Agency, chosen: Option<AgencyId>) -> Self {
        Self { chosen: Some(agency.id) == chosen, value: agency.id.to_string(), word: agency.name }
    }
}

/// The frame of a console page: who administers, and what.
async fn frame(app: &App, by: &AsAdministrator) -> Result<Frame, Failure> {
    let t = by.visitor.lang;
    let agency = use_cases::agency_of_reach(app, &by.administrator).await?;
    let place = agency.map_or_else(|| t.reach_all().to_owned(), |agency| agency.name);
    let reach = format!("{} – {place}", by.administrator.role().map_or("", |role| t.role(role)));
    let waiting = two_persons::or_none(two_persons::waiting_for(app, &by.administrator).await);
    let live = break_glass::live(app).await?;
    let banner =
        live.first().map(|(who, until)| ("is-danger", t.glass_banner(who, &t.moment(until.local()))));
    let who = by.administrator.display_name().to_owned();
    let rights = Right::ALL.iter().copied().filter(|right| by.administrator.may(*right)).collect();
    let menu = menu::groups(t, &by.administrator, waiting);
    Ok(Frame { who, reach, rights, menu, banner, ..by.visitor.frame(app).await? })
}

/// The frame of a page that may answer a form, whose own address shows nothing: the other language leads to `path`.
fn at(frame: Frame, t: Lang, path: &str) -> Frame {
    let language = urls::LANGUAGE.replace("{code}", t.other().code());
    let back: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    let own = path.split('?').next().unwrap_or_default().to_owned();
    Frame { other_language: format!("{language}?back={back}"), path: own, ..frame }
}

/// The class of a mode's badge.
const fn mode_badge(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "is-off",
        Mode::Warn => "is-info",
        Mode::Enforce => "is-ok",
    }
}
