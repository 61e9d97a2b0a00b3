//! Every route of the console in one table: what it asks for, who answers. `tests/flow/routes.rs` tries each of them
//! with every role that lacks the right and with ids beyond reach, and fails when a route has no case there;
//! `tests/flow/recent_proof.rs` does the same with a proof that is too old. What needs the proof as a value asks for it
//! in its handler.

use super::admin;
use crate::app::App;
use crate::domain::admin::Right;
use crate::http::administrator::ConsoleRoute;
use crate::urls;
use axum::Router;
use axum::routing::{get, post};

/// The table.
pub fn routes() -> Vec<ConsoleRoute> {
    [
        accounts(),
        agencies(),
        directories(),
        regulation(),
        applications(),
        registration(),
        application(),
        groups(),
        house(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The page on which a form of the console stands, if its address is none that is read: the nearest above it. `None` for
/// what is read, and for what is not the console's.
pub(super) fn page_of(path: &str) -> Option<&str> {
    let routes = routes();
    let leads = |path: &str, method: &str| {
        routes.iter().any(|route| route.method == method && is_at(route.path, path))
    };
    if leads(path, "GET") || !leads(path, "POST") {
        return None;
    }
    let above = std::iter::successors(Some(path), |path| Some(path.rsplit_once('/')?.0));
    above.skip(1).find(|path| leads(path, "GET"))
}

/// Whether a path is one of a route's.
fn is_at(route: &str, path: &str) -> bool {
    let (mut named, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (named.next(), given.next()) {
            (None, None) => return true,
            (Some(name), Some(part)) if name == part || (name.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}

/// The router of the table.
pub(super) fn router() -> Router<App> {
    routes().into_iter().fold(Router::new(), |router, route| {
        let (path, handler) = route.into_parts();
        router.route(path, handler)
    })
}

/// Accounts, one by one and many at once.
fn accounts() -> Vec<ConsoleRoute> {
    use ConsoleRoute as On;
    vec![
        On::page(urls::ACCOUNTS, Right::SeeAccounts, get(admin::accounts::show)),
        On::page(urls::ACCOUNTS_CSV, Right::Export, get(admin::accounts_export::csv)),
        On::page(urls::ACCOUNTS_XLSX, Right::Export, get(admin::accounts_export::xlsx)),
        On::page(urls::ACCOUNT, Right::SeeAccounts, get(admin::account::show)),
        On::page(urls::ACCOUNT_TIMELINE, Right::SeeAccounts, get(admin::timeline::show)),
        On::form(urls::ACCOUNT_LOCK, Right::Lock, post(admin::account::lock)),
        On::form(urls::ACCOUNT_UNLOCK, Right::Unlock, post(admin::account::unlock)),
        On::form(urls::ACCOUNT_LIFT_PAUSE, Right::Unlock, post(admin::pause::lift)),
        On::dangerous(urls::ACCOUNT_RESET, urls::ACCOUNT, Right::ResetPassword, post(admin::reset::send)),
        On::form(urls::ACCOUNT_FACTORS_RESET, Right::ResetFactor, post(admin::second_factors::reset)),
        On::page(urls::ACCOUNT_DELEGATES, Right::SeeAccounts, get(admin::delegates::show)),
        On::dangerous(
            urls::ACCOUNT_DELEGATES,
            urls::ACCOUNT_DELEGATES,
            Right::Delegate,
            post(admin::delegates::send),
        ),
        On::page(urls::ACCOUNT_WHY, Right::SeeAccounts, get(admin::why::show)),
        On::form(urls::ACCOUNT_SESSIONS_END, Right::EndSessions, post(admin::account_desk::end_sessions)),
        On::form(
            urls::ACCOUNT_APPLICATION_END,
            Right::EndSessions,
            post(admin::account_desk::end_application),
        ),
        On::form(urls::ACCOUNT_NOTES, Right::WriteNotes, post(admin::account_desk::add_note)),
        On::page(urls::BULK, Right::SeeAccounts, get(admin::bulk::list)),
        // What is done to each is asked for once more, by the kind of act.
        On::form(urls::BULK, Right::ActOnMany, post(admin::bulk::draft)),
        On::page(urls::BULK_JOB, Right::SeeAccounts, get(admin::bulk::show)),
        On::form(urls::BULK_START, Right::ActOnMany, post(admin::bulk::start)),
        On::form(urls::BULK_UNDO, Right::ActOnMany, post(admin::bulk::undo)),
        On::page(urls::BULK_UNLOCK, Right::Unlock, get(admin::bulk_unlock::show)),
        On::dangerous(urls::BULK_UNLOCK, urls::BULK_UNLOCK, Right::Unlock, post(admin::bulk_unlock::send)),
        On::page(urls::BULK_RESET, Right::ResetPassword, get(admin::bulk_reset::show)),
        On::form(urls::BULK_RESET_PREVIEW, Right::ResetPassword, post(admin::bulk_reset::preview)),
        On::dangerous(
            urls::BULK_RESET,
            urls::BULK_RESET,
            Right::ResetPassword,
            post(admin::bulk_reset::send),
        ),
        On::page(urls::SESSIONS, Right::SeeAccounts, get(admin::sessions::show)),
        On::page(urls::SESSIONS_END_ALL, Right::EndSessions, get(admin::sessions_end::show)),
        On::form(urls::SESSIONS_END_ALL, Right::EndSessions, post(admin::sessions_end::send)),
        On::page(urls::OPEN_SESSION, Right::EndSessions, get(admin::session::show)),
        On::form(urls::OPEN_SESSION, Right::EndSessions, post(admin::session::send)),
    ]
}

/// The agencies, their incidents, what is watched over.
fn agencies() -> Vec<ConsoleRoute> {
    use ConsoleRoute as On;
    vec![
        On::page(urls::AGENCIES, Right::SeeAccounts, get(admin::agencies::show)),
        On::page(urls::AGENCIES_XLSX, Right::Export, get(admin::agencies::xlsx)),
        On::page(urls::AGENCY, Right::SeeAccounts, get(admin::agency::show)),
        On::form(urls::AGENCY_CONTACT, Right::ManageAgency, post(admin::agency::set_contact)),
        On::page(urls::AGENCY_MONTH_XLSX, Right::Export, get(admin::agency_month::xlsx)),
        On::page(urls::AGENCY_CHANGES, Right::SeeDecisions, get(admin::agency_changes::list)),
        On::form(urls::AGENCY_CHANGES, Right::ManageAgency, post(admin::agency_changes::draft)),
        On::page(urls::AGENCY_CHANGE, Right::SeeDecisions, get(admin::agency_change::show)),
        On::form(urls::AGENCY_CHANGE_START, Right::ManageAgency, post(admin::agency_change::start)),
        On::form(urls::AGENCY_CHANGE_WITHDRAW, Right::ManageAgency, post(admin::agency_change::withdraw)),
        On::form(urls::AGENCY_CHANGE_UNDO, Right::ManageAgency, post(admin::agency_change::undo)),
        On::page(urls::INCIDENTS, Right::SeeIncidents, get(admin::incidents::list)),
        On::page(urls::INCIDENT, Right::SeeIncidents, get(admin::incidents::show)),
        On::form(urls::INCIDENT_ACT, Right::HandleIncidents, post(admin::incidents::act)),
        On::page(urls::WATCH, Right::SeeWatch, get(admin::watch::show)),
        On::page(urls::WATCH_CSV, Right::Export, get(admin::watch::export)),
    ]
}

/// The two directories: synchronisation, and both beside each other.
fn directories() -> Vec<ConsoleRoute> {
    use ConsoleRoute as On;
    vec![
        On::page(urls::SYNC, Right::SeeDirectories, get(admin::sync::show)),
        On::form(urls::SYNC_RUNS, Right::Synchronise, post(admin::sync::start)),
        On::page(urls::SYNC_RUN, Right::SeeDirectories, get(admin::sync_plan::show)),
        On::dangerous(
            urls::SYNC_APPROVE,
            urls::SYNC_RUN,
            Right::Synchronise,
            post(admin::sync_plan::approve),
        ),
        On::dangerous(urls::SYNC_REFUSE, urls::SYNC_RUN, Right::Synchronise, post(admin::sync_plan::refuse)),
        On::page(urls::AUTHORITY, Right::SeeDirectories, get(admin::authority::show)),
        On::dangerous(
            urls::AUTHORITY,
            urls::AUTHORITY,
            Right::DecideDirectories,
            post(admin::authority::change),
        ),
        On::form(urls::AUTHORITY_PREVIEW, Right::DecideDirectories, post(admin::authority::preview)),
        On::page(urls::RECONCILE, Right::SeeDirectories, get(admin::reconcile::show)),
        On::page(urls::RECONCILE_CSV, Right::Export, get(admin::reconcile::export)),
        On::form(urls::SETTLE_PREVIEW, Right::DecideDirectories, post(admin::settle::preview)),
        On::dangerous(urls::SETTLE, urls::RECONCILE, Right::DecideDirectories, post(admin::settle::settle)),
        On::page(urls::DECISIONS, Right::SeeDecisions, get(admin::settle::show)),
        On::dangerous(urls::DECISIONS, urls::DECISIONS, Right::DecideDirectories, post(admin::settle::undo)),
        On::form(urls::DECISIONS_PREVIEW, Right::DecideDirectories, post(admin::settle::undo_preview)),
        On::page(urls::AGENCY_SOURCES, Right::SeeDecisions, get(admin::agency_sources::show)),
        On::dangerous(
            urls::AGENCY_SOURCES,
            urls::AGENCY_SOURCES,
            Right::DecideDirectories,
            post(admin::agency_sources::map),
        ),
        On::form(
            urls::AGENCY_SOURCES_PREVIEW,
            Right::DecideDirectories,
            post(admin::agency_sources::preview),
        ),
    ]
}

/// The regulation's clock.
fn regulation() -> Vec<ConsoleRoute> {
    use ConsoleRoute as On;
    vec![
        On::page(urls::POLICY, Right::SeeRules, get(admin::policy::show)),
        On::dangerous(urls::POLICY, urls::POLICY, Right::ChangeRules, post(admin::policy::change)),
        On::form(urls::POLICY_PREVIEW, Right::ChangeRules, post(admin::policy::preview)),
        On::page(urls::WAVES, Right::SeeRules, get(admin::waves::show)),
        On::form(urls::WAVES_PLAN, Right::ChangeRules, post(admin::waves::plan)),
        On::dangerous(urls::WAVES_START, urls::WAVES, Right::ChangeRules, post(admin::waves::start)),
        On::page(urls::BRAKE, Right::SeeRules, get(admin::brake::show)),
        On::dangerous(urls::BRAKE_APPROVE, urls::BRAKE, Right::ReleaseRuns, post(admin::brake::approve)),
        On::dangerous(urls::BRAKE_POSTPONE, urls::BRAKE, Right::ReleaseRuns, post(admin::brake::postpone)),
        On::page(urls::FORECAST, Right::SeeAccounts, get(admin::forecast::show)),
        On::page(urls::FORECAST_CSV, Right::Export, get(admin::forecast::export)),
        On::page(urls::CALENDAR, Right::SeeRules, get(admin::calendar::show)),
        On::page(urls::CALENDAR_EXPORT, Right::SeeRules, get(admin::calendar::export)),
        // What is confirmed or struck is asked for once more, by the kind of change.
        On::form(urls::CALENDAR_PREVIEW, Right::EnterDays, post(admin::calendar_change::preview)),
        On::form(urls::CALENDAR_CHANGES, Right::EnterDays, post(admin::calendar_change::apply)),
    ]
}

/// The applications, new ones, their registrations as a file.
fn applications() -> Vec<ConsoleRoute> {
    use ConsoleRoute as On;
    vec![
        On::page(urls::APPLICATIONS, Right::SeeApplications, get(admin::applications::show)),
        On::dangerous(
            urls::APPLICATIONS,
            urls::APPLICATION_NEW,
            Right::ManageApplications,
            post(admin::application_new::send),
        ),
        On::page(urls::APPLICATION_NEW, Right::ManageApplications, get(admin::application_new::show)),
        On::form(urls::APPLICATION_PREVIEW, Right::ManageApplications, post(admin::application_new::preview)),
        On::page(
            urls::APPLICATIONS_TOML,
            Right::ManageApplications,
            get(admin::application_transfer::export),
        ),
        On::page(
            urls::APPLICATIONS_IMPORT,
            Right::ManageApplications,
            get(admin::application_transfer::show),
        ),
        On::dangerous(
            urls::APPLICATIONS_IMPORT,
            urls::APPLICATIONS_IMPORT,
            Right::ManageApplications,
            post(admin::application_transfer::send),
        ),
        On::form(
            urls::APPLICATIONS_IMPORT_PREVIEW,
            Right::ManageApplications,
            post(admin::application_transfer::preview),
        ),
    ]
}

/// What is registered of one application, and what it may do in its own name.
fn registration() -> Vec<ConsoleRoute> {
    use ConsoleRoute as On;
    vec![
        On::page(urls::APPLICATION_EDIT, Right::ManageApplications, get(admin::application_edit::show)),
        On::dangerous(
            urls::APPLICATION_EDIT,
            urls::APPLICATION_EDIT,
            Right::ManageApplications,
            post(admin::application_edit::send),
        ),
        On::dangerous(
            urls::APPLICATION_SECRET,
            urls::APPLICATION_EDIT,
            Right::ManageApplications,
            post(admin::application_edit::rotate),
        ),
        On::dangerous(
            urls::APPLICATION_SECRET_END,
            urls::APPLICATION_EDIT,
            Right::ManageApplications,
            post(admin::application_edit::end_old),
        ),
        On::page(urls::APPLICATION_API, Right::ManageApplications, get(admin::application_api::show)),
        On::form(
            urls::APPLICATION_API_PREVIEW,
            Right::ManageApplications,
            post(admin::application_api::preview),
        ),
        On::dangerous(
            urls::APPLICATION_API,
            urls::APPLICATION_API,
            Right::ManageApplications,
            post(admin::application_api::send),
        ),
        On::page(urls::APPLICATION_FIRST, Right::ManageApplications, get(admin::application_first::show)),
        On::page(urls::APPLICATION_TEST, Right::ManageApplications, get(admin::application_test::show)),
        On::form(urls::APPLICATION_TEST, Right::ManageApplications, post(admin::application_test::send)),
    ]
}

/// One application: how it is used, stopped and removed.
fn application() -> Vec<ConsoleRoute> {
    use ConsoleRoute as On;
    vec![
        On::page(urls::APPLICATION, Right::SeeApplications, get(admin::application::show)),
        On::dangerous(
            urls::APPLICATION_DATA,
            urls::APPLICATION,
            Right::ManageApplications,
            post(admin::application::confirm),
        ),
        On::dangerous(
            urls::APPLICATION_STATE,
            urls::APPLICATION,
            Right::ManageApplications,
            post(admin::application::set_state),
        ),
        On::dangerous(
            urls::APPLICATION_END_ALL,
            urls::APPLICATION,
            Right::ManageApplications,
            post(admin::application::end_all),
        ),
        On::dangerous(
            urls::APPLICATION_REMOVE,
            urls::APPLICATION,
            Right::ManageApplications,
            post(admin::application::remove),
        ),
    ]
}

/// The groups for which applications can be.
fn groups() -> Vec<ConsoleRoute> {
    use ConsoleRoute as On;
    vec![
        On::page(urls::GROUPS, Right::SeeDecisions, get(admin::groups::list)),
        On::form(urls::GROUPS, Right::ManageApplications, post(admin::groups::make)),
        On::page(urls::GROUP, Right::SeeDecisions, get(admin::group::show)),
        On::form(urls::GROUP_NAME, Right::ManageApplications, post(admin::group::rename)),
        On::form(urls::GROUP_MEMBERS_PREVIEW, Right::ManageApplications, post(admin::group::preview)),
        On::dangerous(urls::GROUP_MEMBERS, urls::GROUP, Right::ManageApplications, post(admin::group::join)),
        On::dangerous(
            urls::GROUP_MEMBER_REMOVE,
            urls::GROUP,
            Right::ManageApplications,
            post(admin::group::leave),
        ),
        On::dangerous(
            urls::GROUP_REMOVE,
            urls::GROUP,
            Right::ManageApplications,
            post(admin::group::dissolve),
        ),
    ]
}

/// The overview, the letters, the roles.
fn house() -> Vec<ConsoleRoute> {
    use ConsoleRoute as On;
    vec![
        On::page(urls::HOME, Right::Enter, get(admin::overview::show)),
        On::page(urls::LETTERS, Right::SeeLetters, get(admin::letters::show)),
        On::form(urls::LETTERS_TRIAL, Right::SendSamples, post(admin::letters::trial)),
        On::page(urls::ADMINISTRATORS, Right::SeeRoles, get(admin::administrators::show)),
        On::dangerous(
            urls::ADMINISTRATORS,
            urls::ADMINISTRATORS,
            Right::GrantRoles,
            post(admin::administrators::grant),
        ),
        On::dangerous(
            urls::ADMINISTRATORS_REVOKE,
            urls::ADMINISTRATORS,
            Right::GrantRoles,
            post(admin::administrators::revoke),
        ),
        On::page(urls::IMPORT, Right::GrantRoles, get(admin::import::show)),
        On::form(urls::IMPORT, Right::GrantRoles, post(admin::import::enter)),
        On::form(urls::IMPORT_PREVIEW, Right::GrantRoles, post(admin::import::preview)),
        On::page(urls::REVIEWS, Right::SeeRoles, get(admin::reviews::list)),
        On::form(urls::REVIEWS, Right::GrantRoles, post(admin::reviews::open)),
        On::page(urls::REVIEW, Right::SeeRoles, get(admin::reviews::show)),
        On::form(urls::REVIEW_DECIDE, Right::ReviewAccess, post(admin::reviews::decide)),
        On::form(urls::REVIEW_KEEP, Right::ReviewAccess, post(admin::reviews::keep_rest)),
        On::form(urls::REVIEW_APPLY, Right::GrantRoles, post(admin::reviews::apply)),
        On::form(urls::REVIEW_CLOSE, Right::GrantRoles, post(admin::reviews::close)),
        On::page(urls::REVIEW_EVIDENCE, Right::Export, get(admin::review_evidence::package)),
        On::page(urls::APPROVALS, Right::SeeApprovals, get(admin::approvals::show)),
        On::dangerous(urls::APPROVALS, urls::APPROVALS, Right::SeeApprovals, post(admin::approvals::decide)),
        On::page(urls::AUDIT, Right::SeeAudit, get(admin::audit::show)),
        On::page(urls::AUDIT_CSV, Right::SeeAudit, get(admin::audit_export::csv)),
        On::page(urls::AUDIT_JSONL, Right::SeeAudit, get(admin::audit_export::jsonl)),
        On::page(urls::KEYS, Right::SeeKeys, get(admin::keys::show)),
        On::dangerous(urls::KEYS_ROTATE, urls::KEYS, Right::RotateKeys, post(admin::keys::rotate)),
        On::page(urls::ROLE, Right::Enter, get(admin::role::show)),
        On::form(urls::ROLE, Right::Enter, post(admin::role::choose)),
    ]
}
