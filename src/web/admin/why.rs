//! "Why can't this person sign in?": each step looked at live, with a verdict and what to do about it.

use super::Choice;
use super::account::parse;
use super::second_factors;
use crate::app::App;
use crate::domain::account::{LockReason, State as AccountState};
use crate::domain::mailbox::MailSystem;
use crate::domain::timestamp::Timestamp;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::diagnosis::{self, Diagnosis, Finding, Weight};
use crate::urls;
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

/// One step.
pub(super) struct StepView {
    pub(super) step: String,
    pub(super) badge: &'static str,
    pub(super) weight: &'static str,
    pub(super) says: String,
}

#[derive(Template)]
#[template(path = "admin/why.html")]
struct WhyPage<'a> {
    t: Lang,
    page: Frame,
    name: &'a str,
    address: String,
    account: String,
    class: &'static str,
    verdict: String,
    next: Option<&'static str>,
    steps: Vec<StepView>,
    applications: Vec<Choice>,
    moment: String,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (id, t, query) = (parse(&id)?, by.visitor.lang, query_of(query)?);
    let application = query.get("application");
    let found = diagnosis::diagnose(&app, &by.administrator, id, application).await?;
    let found = found.ok_or(Failure::NotFound)?;
    let profile = found.account.profile();
    let verdict = found.verdict();
    html(&WhyPage {
        t,
        page: super::frame(&app, &by).await?,
        name: &profile.display_name,
        address: profile.address.to_string(),
        account: urls::account(id),
        class: verdict.map_or("", |finding| class(finding.weight())),
        verdict: verdict.map_or_else(|| t.why_nothing().to_owned(), |finding| sentence(t, finding)),
        next: verdict.map(|finding| next(t, finding)),
        steps: found.findings.iter().map(|finding| view(t, finding)).collect(),
        applications: choices(&found, application),
        moment: t.moment(app.now().local()),
    })
}

fn choices(found: &Diagnosis, chosen: Option<&str>) -> Vec<Choice> {
    let choice = |(name, id): &(String, String)| Choice {
        value: id.clone(),
        word: name.clone(),
        chosen: Some(id.as_str()) == chosen,
    };
    found.applications.iter().map(choice).collect()
}

const fn class(weight: Weight) -> &'static str {
    match weight {
        Weight::Good | Weight::Note => "",
        Weight::Hinders => "is-warn",
        Weight::Stops => "is-danger",
    }
}

/// A finding in words.
pub(super) fn view(t: Lang, finding: &Finding) -> StepView {
    let (badge, weight) = match finding.weight() {
        Weight::Good => ("is-ok", t.weight_good()),
        Weight::Note => ("is-info", t.weight_note()),
        Weight::Hinders => ("is-warn", t.weight_hinders()),
        Weight::Stops => ("is-danger", t.weight_stops()),
    };
    StepView { step: step(t, finding), badge, weight, says: says(t, finding) }
}

/// The verdict as one sentence that stands alone.
fn sentence(t: Lang, finding: &Finding) -> String {
    match finding {
        // It says itself that it is about the account.
        Finding::State(_) => says(t, finding),
        _ => format!("{}: {}", step(t, finding), says(t, finding)),
    }
}

fn step(t: Lang, finding: &Finding) -> String {
    let name = |system: MailSystem| t.mail_system_name(system);
    match finding {
        Finding::State(_) | Finding::Disowned(..) => t.step_state().to_owned(),
        Finding::TermRuns(_) | Finding::TermOver(_) | Finding::TermLocks(_) => t.step_term().to_owned(),
        Finding::NoPause | Finding::Paused(..) | Finding::WrongPasswords(..) => t.step_attempts().to_owned(),
        Finding::NoMailbox => t.mailboxes().to_owned(),
        Finding::NotConnected(system)
        | Finding::Answers(system)
        | Finding::Slow(system, _)
        | Finding::StandsIn(system, _)
        | Finding::Silent(system, _) => t.step_directory(name(*system)),
        Finding::EntryOpen(system)
        | Finding::EntryGone(system, _)
        | Finding::EntryLocked(system, _)
        | Finding::EntryLockedOut(system, _)
        | Finding::EntryExpired(system, _, _)
        | Finding::EntryBeingOpened(system) => t.step_entry(name(*system)),
        Finding::PasswordLags(system) | Finding::CopyWaits(system) => t.step_password_in(name(*system)),
        Finding::AsksFactor(_) | Finding::MustEnrol | Finding::CodesPaused(_) => t.step_second().to_owned(),
        Finding::Admitted(_)
        | Finding::NotAdmitted(..)
        | Finding::ApplicationStopped(_)
        | Finding::NoSuchApplication(_) => t.step_application().to_owned(),
        Finding::HasRole | Finding::HasNoRole => t.step_role().to_owned(),
    }
}

fn says(t: Lang, finding: &Finding) -> String {
    let moment = |at: Timestamp| t.moment(at.local());
    match finding {
        Finding::State(state) => state_says(t, state),
        Finding::Disowned(since, _) => t.found_disowned(&moment(*since)),
        Finding::TermRuns(Some(deadline)) => t.found_term(&t.day(deadline.last_day)),
        Finding::TermRuns(None) => t.found_no_term().to_owned(),
        Finding::TermOver(deadline) => t.found_term_over(&t.date(deadline.last_day)),
        Finding::TermLocks(deadline) => t.found_term_locks(&t.date(deadline.last_day)),
        Finding::Paused(until, failures) => t.found_paused(&moment(*until), failures.unsigned_abs()),
        Finding::WrongPasswords(number, last) => t.found_wrong(number.unsigned_abs(), &moment(*last)),
        Finding::AsksFactor(factors) => t.found_asks_factor(&second_factors::says(t, *factors)),
        Finding::CodesPaused(until) => t.found_codes_paused(&moment(*until)),
        Finding::StandsIn(_, until) => t.found_stands_in(&moment(*until)),
        Finding::EntryExpired(_, _, at) => t.found_entry_expired(&moment(*at)),
        Finding::Admitted(name) => t.found_admitted(name),
        Finding::NotAdmitted(name, agencies) => t.found_not_admitted(name, &agencies.join(", ")),
        Finding::ApplicationStopped(name) => t.found_stopped_application(name),
        Finding::NoSuchApplication(name) => t.found_no_application(name),
        plain => plain_says(t, plain).to_owned(),
    }
}

const fn plain_says(t: Lang, finding: &Finding) -> &'static str {
    match finding {
        Finding::NoMailbox => t.found_no_mailbox(),
        Finding::NotConnected(_) => t.found_not_connected(),
        Finding::Answers(_) => t.found_answers(),
        Finding::Slow(..) => t.found_slow(),
        Finding::Silent(_, true) => t.found_silent_home(),
        Finding::Silent(_, false) => t.found_silent(),
        Finding::EntryOpen(_) => t.found_entry_open(),
        Finding::EntryGone(_, true) => t.found_entry_gone_home(),
        Finding::EntryGone(_, false) => t.found_entry_gone(),
        Finding::EntryLocked(_, true) => t.found_entry_locked_home(),
        Finding::EntryLocked(_, false) => t.found_entry_locked(),
        Finding::EntryLockedOut(_, true) => t.found_entry_locked_out_home(),
        Finding::EntryLockedOut(_, false) => t.found_entry_locked_out(),
        Finding::EntryBeingOpened(_) => t.found_being_opened(),
        Finding::PasswordLags(_) => t.found_lags(),
        Finding::CopyWaits(_) => t.found_copy_waits(),
        Finding::MustEnrol => t.found_must_enrol(),
        Finding::HasRole => t.found_role(),
        Finding::HasNoRole => t.found_no_role(),
        _ => t.found_no_pause(),
    }
}

fn state_says(t: Lang, state: &AccountState) -> String {
    match *state {
        AccountState::Active { .. } => t.found_active().to_owned(),
        AccountState::MustChangePassword { why, .. } => t.found_must_change(t.must_change(why)),
        AccountState::Locked { reason, at } => t.found_locked(t.lock_reason(reason), &t.moment(at.local())),
        AccountState::Retired { at } => t.found_retired(&t.moment(at.local())),
    }
}

/// What to do about a finding.
fn next(t: Lang, finding: &Finding) -> &'static str {
    match finding {
        Finding::State(state) => next_of(t, state),
        Finding::Disowned(..) => t.next_disowned(),
        Finding::TermOver(_) | Finding::PasswordLags(_) => t.next_must_change(),
        Finding::TermLocks(_) => t.next_unlock(),
        Finding::Paused(..) => t.next_wait(),
        Finding::CodesPaused(_) => t.next_factor(),
        Finding::MustEnrol => t.next_enrol(),
        Finding::NoMailbox
        | Finding::EntryGone(..)
        | Finding::EntryLocked(..)
        | Finding::EntryExpired(..) => t.next_directory(),
        Finding::EntryLockedOut(..) => t.next_locked_out(),
        Finding::NotAdmitted(..) | Finding::NoSuchApplication(_) => t.next_audience(),
        Finding::ApplicationStopped(_) => t.next_stopped_application(),
        Finding::Silent(..) | Finding::StandsIn(..) | Finding::NotConnected(_) => t.next_server(),
        _ => t.next_active(),
    }
}

/// What to do next with an account in this state.
pub(super) const fn next_of(t: Lang, state: &AccountState) -> &'static str {
    match state {
        AccountState::Active { .. } => t.next_active(),
        AccountState::MustChangePassword { .. } => t.next_must_change(),
        AccountState::Locked { reason, .. } if reason.is_lifted_by_the_directory() => t.next_directory(),
        AccountState::Locked { reason: LockReason::ByAdministrator, .. } => t.next_ask_locker(),
        AccountState::Locked { .. } => t.next_unlock(),
        AccountState::Retired { .. } => t.next_retired(),
    }
}
