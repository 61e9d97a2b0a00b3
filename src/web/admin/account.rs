//! One account as its administrator sees it: state, deadline, mailboxes, sessions, history; lock and unlock.

use super::account_desk::{self, Desk};
use super::history::HistoryLine;
use super::pause::{PauseForm, PauseView};
use super::reset::{ResetForm, ResetView};
use super::second_factors::{FactorsForm, FactorsView};
use super::{second_password, watch, why};
use crate::app::App;
use crate::domain::account::{Account, Kind, State as AccountState, TransitionRefused};
use crate::domain::audit::Act;
use crate::domain::id::AccountId;
use crate::domain::mailbox::Mailbox;
use crate::domain::outbox::{DirectoryLock, Stage, Wish};
use crate::domain::session::Session;
use crate::domain::sync::Attribute;
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts::{self, Dossier};
use crate::services::approvals;
use crate::services::bulk_unlock::Seen;
use crate::services::failed_attempts;
use crate::services::lock::{self, LockRefused};
use crate::services::sync::sources::{self, Said};
use crate::services::{password_copies, second_passwords, session};
use crate::urls;
use crate::web::parts::{DayLine, DeadlineView, MailboxView, Notice, SessionView, state_badge, state_class};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// The state in words.
struct StateView {
    badge: &'static str,
    class: &'static str,
    word: &'static str,
    says: String,
    facts: Vec<(&'static str, String)>,
    days: Vec<DayLine>,
}

/// A mailbox, and what its mail system knows of a lock.
struct MailboxLine {
    mailbox: MailboxView,
    lock: Option<String>,
    forwards: Vec<String>,
}

/// What is known of the holder, and which directory says what.
struct Fact {
    word: &'static str,
    value: String,
    sources: Vec<String>,
}

/// What can be done with the account now.
#[derive(Default)]
struct Action {
    code: &'static str,
    /// The id of the field of its reason.
    field: &'static str,
    title: &'static str,
    address: String,
    note: &'static str,
    check: Option<&'static str>,
    error: Option<&'static str>,
    reason: String,
    version: i64,
    is_danger: bool,
    /// Whether it was sent, and answered: a folded one is open then.
    is_open: bool,
}

#[derive(Template)]
#[template(path = "admin/account.html")]
struct AccountPage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    dossier: &'a Dossier,
    facts: Vec<Fact>,
    state: StateView,
    mailboxes: Vec<MailboxLine>,
    sessions: Vec<SessionView>,
    history: Vec<HistoryLine>,
    actions: Vec<Action>,
    pause: Option<PauseView>,
    reset: Option<ResetView>,
    factors: Option<FactorsView>,
    timeline: String,
    delegates: Option<String>,
    desk: Desk,
}

/// What came of a form, if one was sent.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) status: StatusCode,
    pub(super) notice: Option<Notice>,
    pub(super) pause: PauseForm,
    pub(super) reset: ResetForm,
    pub(super) factors: FactorsForm,
    /// The code of the act that was sent, with what is wrong with its reason.
    pub(super) act: &'static str,
    pub(super) error: Option<&'static str>,
    pub(super) reason: String,
    /// Whether the notice ends with what was done last.
    pub(super) tells_last: bool,
}

impl Shown {
    /// Somebody else was faster: nothing is done, and the notice ends with what they did.
    pub(super) fn changed_meanwhile(t: Lang) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            notice: Some(Notice::warn(t.changed_meanwhile())),
            tells_last: true,
            ..Self::default()
        }
    }
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = by.visitor.lang;
    let notice = match query.text("note") {
        "locked" => Some(Notice::ok(t.lock_done())),
        "unlocked" => Some(Notice::ok(t.unlock_done())),
        "factors-reset" => Some(Notice::ok(t.factors_reset_done())),
        "pause-lifted" => Some(Notice::ok(t.pause_lifted())),
        note => account_desk::said(t, note).map(Notice::ok),
    };
    page(&app, &by, parse(&id)?, Shown { notice, ..Shown::default() }).await
}

/// Locks it.
pub(in crate::web) async fn lock(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (id, why) = (parse(&id)?, fields.text("reason"));
    let result = lock::lock_seen(&app, &by.administrator, seen(id, &fields)?, why).await;
    answer(&app, &by, id, result, (why, "lock")).await
}

/// Lifts its lock.
pub(in crate::web) async fn unlock(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (id, why) = (parse(&id)?, fields.text("reason"));
    let result = lock::unlock_seen(&app, &by.administrator, seen(id, &fields)?, why).await;
    answer(&app, &by, id, result, (why, "unlock")).await
}

/// The account as the page showed it that sent the form.
pub(super) fn seen(id: AccountId, fields: &Fields) -> Result<Seen, Failure> {
    Ok(Seen { id, version: fields.version()? })
}

pub(super) fn parse(id: &str) -> Result<AccountId, Failure> {
    id.parse().map_err(|_| Failure::NotFound)
}

async fn answer(
    app: &App,
    by: &AsAdministrator,
    id: AccountId,
    result: Result<Account, LockRefused>,
    (why, act): (&str, &'static str),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let said = |status, words| Shown {
        status,
        notice: Some(Notice::warn(words)),
        act,
        reason: why.to_owned(),
        ..Shown::default()
    };
    let shown = match result {
        Ok(_) => return Ok(Redirect::to(&format!("{}?note={act}ed", urls::account(id))).into_response()),
        Err(LockRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(LockRefused::OfAnAdministrator) => {
            let words =
                if act == "lock" { t.lock_of_an_administrator() } else { t.unlock_of_an_administrator() };
            said(StatusCode::FORBIDDEN, words)
        }
        Err(LockRefused::NotFound) => return Err(Failure::NotFound),
        Err(LockRefused::Internal(internal)) => return Err(internal.into()),
        Err(LockRefused::NoReason) => Shown {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            act,
            error: Some(t.reason_needed()),
            ..Shown::default()
        },
        Err(LockRefused::Oneself) => said(StatusCode::FORBIDDEN, t.cannot_lock_self()),
        Err(LockRefused::Conflict) => Shown { act, reason: why.to_owned(), ..Shown::changed_meanwhile(t) },
        Err(LockRefused::State(TransitionRefused::LiftedByTheDirectory)) => {
            said(StatusCode::CONFLICT, t.decided_in_mail_system())
        }
        Err(LockRefused::State(_)) => said(StatusCode::CONFLICT, t.not_possible_now()),
    };
    page(app, by, id, shown).await
}

/// The page, with what came of a form.
pub(super) async fn page(
    app: &App,
    by: &AsAdministrator,
    id: AccountId,
    shown: Shown,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let dossier = accounts::dossier_read(app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let account = &dossier.overview.account;
    let frame = super::frame(app, by).await?;
    let (here, language) = (urls::account(id), urls::LANGUAGE.replace("{code}", t.other().code()));
    let status = shown.status;
    let sources = sources::of_mailboxes(app, &dossier.overview.mailboxes).await?;
    let pause = failed_attempts::pause_of(app, account).await?;
    let needs_second = approvals::needs_second_for(app, account).await?;
    let actions = actions(t, account, by, &shown);
    let page = AccountPage {
        t,
        // The page may answer a form, whose own address shows nothing.
        page: Frame { other_language: format!("{language}?back={here}"), ..frame },
        notice: notice(t, &dossier, &shown),
        facts: facts(t, &dossier, &sources),
        state: state(app, t, &dossier),
        mailboxes: mailbox_lines(app, t, &dossier).await?,
        sessions: dossier.sessions.iter().map(|s| session_line(app, t, s)).collect(),
        history: dossier.history.iter().map(|line| HistoryLine::new(t, line)).collect(),
        delegates: (account.profile().kind == Kind::Agency)
            .then(|| urls::ACCOUNT_DELEGATES.replace("{id}", &id.to_string())),
        desk: Desk::read(app, t, id).await?,
        timeline: urls::ACCOUNT_TIMELINE.replace("{id}", &id.to_string()),
        pause: pause.map(|pause| PauseView::new(by, account, &pause, &shown.pause)),
        reset: ResetView::new(account, by, needs_second, &shown.reset, actions.is_empty()),
        factors: FactorsView::new(app, by, account, needs_second, &shown.factors).await?,
        actions,
        dossier: &dossier,
    };
    html_with(status, &page)
}

/// The notice; after somebody else's change with who did what.
fn notice(t: Lang, dossier: &Dossier, shown: &Shown) -> Option<Notice> {
    let mut notice = shown.notice.clone()?;
    if let Some(line) = dossier.history.first().filter(|_| shown.tells_last) {
        let line = HistoryLine::new(t, line);
        notice.lines.push(format!("{}: {}", line.when, line.says));
        notice.lines.extend(line.more);
    }
    Some(notice)
}

fn facts(t: Lang, dossier: &Dossier, sources: &[(Attribute, Vec<Said>)]) -> Vec<Fact> {
    let overview = &dossier.overview;
    let profile = overview.account.profile();
    let fact = |word, attribute: Option<Attribute>, value: String| Fact {
        word,
        sources: attribute.map(|attribute| said(t, attribute, &value, sources)).unwrap_or_default(),
        value,
    };
    let agency = overview.agency.as_ref().map_or_else(|| t.no_agency().to_owned(), |a| a.name.clone());
    let aliases: Vec<_> = overview.aliases.iter().map(ToString::to_string).collect();
    let mut facts = vec![
        fact(t.full_name(), Some(Attribute::Name), profile.display_name.clone()),
        fact(t.field_address(), Some(Attribute::Address), profile.address.to_string()),
        fact(t.agency(), Some(Attribute::Agency), agency),
        fact(t.account_kind(), None, t.kind_of(profile.kind).to_owned()),
    ];
    let title = profile.title.clone();
    facts.extend(title.map(|title| fact(t.job_title(), Some(Attribute::Title), title)));
    let number = profile.staff_number.clone();
    facts.extend(number.map(|number| fact(t.staff_number(), Some(Attribute::StaffNumber), number)));
    if !aliases.is_empty() {
        facts.push(fact(t.aliases(), Some(Attribute::Aliases), aliases.join(", ")));
    }
    let former: Vec<_> = overview.former.iter().map(ToString::to_string).collect();
    if !former.is_empty() {
        facts.push(fact(t.former_addresses(), None, former.join(", ")));
    }
    facts.push(fact(t.account_number(), None, overview.account.id().to_string()));
    facts
}

/// Which directory a value comes from and what the other one says, in words.
fn said(t: Lang, attribute: Attribute, value: &str, sources: &[(Attribute, Vec<Said>)]) -> Vec<String> {
    let Some((_, all)) = sources.iter().find(|(of, _)| *of == attribute) else { return Vec::new() };
    let line = |said: &Said| {
        let (system, day) = (t.directory_name(said.system), t.date(said.since.local_date()));
        if said.value == value { t.source_by(system, &day) } else { t.source_says(system, &said.value, &day) }
    };
    all.iter().map(line).collect()
}

fn state(app: &App, t: Lang, dossier: &Dossier) -> StateView {
    let overview = &dossier.overview;
    let state = overview.account.state();
    let deadline = overview.deadline.as_ref().map(|d| DeadlineView::new(t, d, app.now()));
    let moment = |at: Timestamp| t.moment(at.local());
    let mut facts = Vec::new();
    let says = match *state {
        AccountState::Active { password_set_at } => {
            facts.push((t.password_age(), t.date(password_set_at.local_date())));
            t.state_active_says().to_owned()
        }
        AccountState::MustChangePassword { since, why, .. } => {
            facts.push((t.must_change_why(), t.must_change(why).to_owned()));
            t.state_must_change_says(&moment(since))
        }
        AccountState::Locked { at, reason } => {
            facts.push((t.reason_label(), t.lock_reason(reason).to_owned()));
            facts.extend(locked_by(t, dossier).map(|who| (t.locked_by_label(), who)));
            t.state_locked_says(&moment(at))
        }
        AccountState::Retired { at } => t.state_retired_says(&moment(at)),
    };
    facts.extend(deadline.as_ref().map(|d| (t.deadline(), d.day.clone())));
    let disowned_at = overview.account.traces().disowned_at;
    facts.extend(disowned_at.map(|since| (t.not_me_title(), t.found_disowned(&moment(since)))));
    let next = if disowned_at.is_some() { t.next_disowned() } else { why::next_of(t, state) };
    facts.push((t.next_step(), next.to_owned()));
    StateView {
        badge: state_badge(state.name()),
        class: state_class(state.name()),
        word: t.state_of(state.name()),
        says,
        facts,
        days: deadline.map(|d| d.days).unwrap_or_default(),
    }
}

async fn mailbox_lines(app: &App, t: Lang, dossier: &Dossier) -> Result<Vec<MailboxLine>, Failure> {
    let mut lines = Vec::new();
    let forwards = watch::forwards(app, t, dossier.overview.account.id()).await?;
    for of in &dossier.overview.mailboxes {
        let mut line = mailbox(t, dossier, of);
        let second = second_passwords::status(app, of.key.system, of.account_id).await?;
        if let Some(words) = second.map(|status| second_password::in_words(t, &status)) {
            line.lock = Some(line.lock.map_or_else(|| words.clone(), |lock| format!("{lock} {words}")));
        }
        if let Some(waits) = password_copies::waits(app, of.key.system, of.account_id).await? {
            let words = second_password::copy_in_words(t, &waits);
            line.lock = Some(line.lock.map_or_else(|| words.clone(), |lock| format!("{lock} {words}")));
        }
        let of_system = forwards.iter().filter(|(system, _)| *system == of.key.system);
        line.forwards = of_system.map(|(_, words)| words.clone()).collect();
        lines.push(line);
    }
    Ok(lines)
}

fn mailbox(t: Lang, dossier: &Dossier, mailbox: &Mailbox) -> MailboxLine {
    let overview = &dossier.overview;
    let order = overview.locks.iter().find(|order| order.mailbox == mailbox.key);
    let lock = lock_in_words(t, mailbox, order);
    let view = MailboxView::new(t, mailbox, overview.account.state());
    MailboxLine { mailbox: view, lock, forwards: Vec::new() }
}

/// Whose lock the mail system holds, since when; or how far an order to it is.
fn lock_in_words(t: Lang, mailbox: &Mailbox, order: Option<&DirectoryLock>) -> Option<String> {
    let system = t.mail_system_name(mailbox.key.system);
    let moment = |at: Timestamp| t.moment(at.local());
    let waits = |wish| match wish {
        Wish::Lock => t.directory_lock_waits(system),
        Wish::Unlock => t.directory_unlock_waits(system),
    };
    match order.map(|order| (order.wish, &order.stage, order.set_by_us)) {
        Some((Wish::Lock, Stage::Done { at }, true)) => Some(t.directory_locked_at(system, &moment(*at))),
        Some((wish @ Wish::Lock, Stage::Waiting, _) | (wish @ Wish::Unlock, Stage::Waiting, true)) => {
            Some(waits(wish))
        }
        Some((wish, Stage::Failed { attempts, next_at, error }, _)) => {
            let tried = t.directory_tried(attempts.unsigned_abs(), &moment(*next_at), error);
            Some(format!("{} {tried}", waits(wish)))
        }
        Some((Wish::Lock, Stage::Done { .. }, false)) => Some(t.directory_locked_by_others(system)),
        Some((Wish::Unlock, ..)) | None => (!mailbox.enabled).then(|| t.directory_locked_by_others(system)),
    }
}

fn session_line(app: &App, t: Lang, one: &Session) -> SessionView {
    SessionView::new(t, one, (false, !session::is_in_use(app, one)), app.now())
}

fn locked_by(t: Lang, dossier: &Dossier) -> Option<String> {
    let line = dossier.history.iter().find(|line| line.act == Act::Locked)?;
    Some(t.actor(&line.actor_kind, &line.actor))
}

/// What to do with an account in this state: it is locked or opened, and a lock that something else would lift is made an
/// administrator's own.
fn actions(t: Lang, account: &Account, by: &AsAdministrator, shown: &Shown) -> Vec<Action> {
    let (who, state) = (&by.administrator, *account.state());
    let is_open = matches!(state, AccountState::Active { .. } | AccountState::MustChangePassword { .. });
    let is_theirs = account.is_locked_by_an_administrator();
    let is_liftable =
        matches!(state, AccountState::Locked { reason, .. } if !reason.is_lifted_by_the_directory());
    let is_lockable = !is_theirs && !matches!(state, AccountState::Retired { .. });
    let unlock = (is_liftable && who.may_unlock(account)).then(|| unlock_action(t));
    let lock = (is_lockable && who.may_lock(account)).then(|| lock_action(t, is_open));
    let mut actions: Vec<_> = unlock.into_iter().chain(lock).collect();
    for (at, action) in actions.iter_mut().enumerate() {
        action.address = action.address.replace("{id}", &account.id().to_string());
        action.version = account.version();
        action.field = if at == 0 { "reason" } else { "lock-reason" };
        if action.code == shown.act {
            action.is_open = true;
            action.error = shown.error;
            action.reason.clone_from(&shown.reason);
        }
    }
    actions
}

fn lock_action(t: Lang, is_open: bool) -> Action {
    Action {
        code: "lock",
        title: if is_open { t.lock_account() } else { t.lock_anew() },
        address: urls::ACCOUNT_LOCK.to_owned(),
        note: if is_open { t.lock_note() } else { t.lock_anew_note() },
        is_danger: true,
        ..Action::default()
    }
}

fn unlock_action(t: Lang) -> Action {
    Action {
        code: "unlock",
        title: t.unlock_account(),
        address: urls::ACCOUNT_UNLOCK.to_owned(),
        note: t.unlock_note(),
        check: Some(t.unlock_check()),
        ..Action::default()
    }
}
