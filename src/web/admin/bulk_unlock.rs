//! Many locks lifted at once: choose, look, confirm with a typed number, read what came of it.

use super::Refused;
use crate::app::App;
use crate::domain::account::{Account, LockReason, State as AccountState};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts;
use crate::services::bulk_unlock::{self, BulkRefused, Choice, MOST, Outcome, Preview, Report, Seen};
use crate::urls;
use crate::web::parts::{Notice, count, number_of};
use crate::web::{html, html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

/// How many accounts are listed by name.
const LISTED: usize = 50;

/// Something to choose.
struct Item {
    code: String,
    word: String,
    chosen: bool,
}

/// One account of the list.
struct Row {
    href: String,
    name: String,
    address: String,
    agency: String,
    reason: &'static str,
    since: String,
}

/// Whom it concerns, and the form that does it.
struct Confirm {
    number: String,
    more: Option<String>,
    first: Option<String>,
    rows: Vec<Row>,
    lock: &'static str,
    agency: String,
    /// `ID:VERSION`, one after the other.
    accounts: String,
}

#[derive(Template)]
#[template(path = "admin/unlock.html")]
struct UnlockPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    locks: Vec<Item>,
    agencies: Vec<Item>,
    confirm: Option<Confirm>,
    is_empty: bool,
    number_error: Option<&'static str>,
    reason_error: Option<&'static str>,
    reason: String,
}

#[derive(Template)]
#[template(path = "admin/unlock_done.html")]
struct DonePage {
    t: Lang,
    page: Frame,
    done: String,
    left: Option<String>,
    lines: Vec<(String, &'static str)>,
    again: String,
}

/// Shows whom it would concern.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    page(&app, &by, choice(&query_of(query)?), Refused::default()).await
}

/// Does it.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let chosen = choice(&fields);
    let Some(Choice { lock, .. }) = chosen else { return page(&app, &by, None, Refused::default()).await };
    let seen = read_seen(fields.text("accounts"))?;
    let (number, why) = (fields.text("number"), fields.text("reason"));
    let refused = match bulk_unlock::unlock(&app, &by.administrator, lock, &seen, number, why).await {
        Ok(report) => return done(&app, &by, chosen, &report).await,
        Err(BulkRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(BulkRefused::Internal(internal)) => return Err(internal.into()),
        Err(BulkRefused::Stopped(stopped)) => {
            return super::approvals::put(&app, &by, stopped, (urls::BULK_UNLOCK, &fields)).await;
        }
        Err(BulkRefused::NoReason) => Refused { reason_error: Some(t.reason_needed()), ..Refused::default() },
        Err(BulkRefused::WrongNumber) => {
            Refused { number_error: Some(t.bulk_wrong_number()), ..Refused::default() }
        }
        Err(BulkRefused::WrongAmount) => {
            let words = t.bulk_wrong_amount(&t.number(number_of(MOST)));
            Refused { notice: Some(Notice::warn(words)), ..Refused::default() }
        }
        // The page says so itself.
        Err(BulkRefused::LiftedByTheDirectory) => Refused::default(),
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    page(&app, &by, chosen, Refused { status, reason: why.to_owned(), ..refused }).await
}

/// What was chosen; nothing, if the reason is not understood.
fn choice(fields: &Fields) -> Option<Choice> {
    let lock = fields.get("lock").and_then(LockReason::from_code)?;
    Some(Choice { lock, agency: fields.get("agency").and_then(|id| id.parse().ok()) })
}

pub(super) fn read_seen(text: &str) -> Result<Vec<Seen>, Failure> {
    let read = |word: &str| {
        let (id, version) = word.split_once(':')?;
        Some(Seen { id: id.parse().ok()?, version: version.parse().ok()? })
    };
    let seen: Option<Vec<_>> = text.split_ascii_whitespace().map(read).collect();
    seen.ok_or_else(|| Failure::BadForm("the list of accounts cannot be read".to_owned()))
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    choice: Option<Choice>,
    refused: Refused,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let mut notice = refused.notice;
    let preview = match choice {
        None => None,
        Some(choice) => match bulk_unlock::preview(app, &by.administrator, choice).await {
            Ok(preview) => Some(preview),
            Err(BulkRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
            Err(BulkRefused::Internal(internal)) => return Err(internal.into()),
            Err(_) => {
                notice = Some(Notice::warn(t.decided_in_mail_system()));
                None
            }
        },
    };
    let agencies = accounts::agencies_within_reach(app, &by.administrator).await?;
    let agency = |agency: crate::domain::agency::Agency| Item {
        chosen: choice.is_some_and(|choice| choice.agency == Some(agency.id)),
        code: agency.id.to_string(),
        word: agency.name,
    };
    let confirm = choice.zip(preview.as_ref()).and_then(|(choice, preview)| confirm(t, choice, preview));
    let page = UnlockPage {
        t,
        page: super::frame(app, by).await?,
        notice,
        locks: locks(t, choice),
        agencies: agencies.into_iter().map(agency).collect(),
        is_empty: preview.is_some() && confirm.is_none(),
        confirm,
        number_error: refused.number_error,
        reason_error: refused.reason_error,
        reason: refused.reason,
    };
    html_with(refused.status, &page)
}

/// The reasons that an administrator may lift.
fn locks(t: Lang, choice: Option<Choice>) -> Vec<Item> {
    let liftable = LockReason::ALL.into_iter().filter(|lock| !lock.is_lifted_by_the_directory());
    liftable
        .map(|lock| Item {
            code: lock.code().to_owned(),
            word: t.lock_reason(lock).to_owned(),
            chosen: choice.is_some_and(|choice| choice.lock == lock),
        })
        .collect()
}

fn confirm(t: Lang, choice: Choice, preview: &Preview) -> Option<Confirm> {
    if preview.accounts.is_empty() {
        return None;
    }
    let number = t.number(number_of(preview.accounts.len()));
    let (total, most) = (count(preview.total), number_of(MOST));
    let listed = preview.accounts.iter().take(LISTED);
    let seen = preview.accounts.iter().map(|(account, _)| format!("{}:{}", account.id(), account.version()));
    Some(Confirm {
        more: (total > most).then(|| t.bulk_more(&t.number(total), &t.number(most))),
        first: (preview.accounts.len() > LISTED).then(|| t.bulk_first(&t.number(number_of(LISTED)))),
        rows: listed.map(|(account, agency)| row(t, account, agency.as_ref().map(|a| &a.name))).collect(),
        lock: choice.lock.code(),
        agency: choice.agency.map(|agency| agency.to_string()).unwrap_or_default(),
        accounts: seen.collect::<Vec<_>>().join(" "),
        number,
    })
}

fn row(t: Lang, account: &Account, agency: Option<&String>) -> Row {
    let profile = account.profile();
    let (reason, since) = match *account.state() {
        AccountState::Locked { at, reason } => (t.lock_reason(reason), t.moment(at.local())),
        _ => ("", String::new()),
    };
    Row {
        href: urls::account(account.id()),
        name: profile.display_name.clone(),
        address: profile.address.to_string(),
        agency: agency.cloned().unwrap_or_else(|| t.no_agency().to_owned()),
        reason,
        since,
    }
}

/// What came of it.
async fn done(
    app: &App,
    by: &AsAdministrator,
    choice: Option<Choice>,
    report: &Report,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let name = |account: &Option<Account>| match account {
        Some(account) => format!("{} ({})", account.profile().display_name, account.profile().address),
        None => t.bulk_unnamed().to_owned(),
    };
    let why = |outcome| match outcome {
        Outcome::ChangedMeanwhile => t.bulk_changed(),
        Outcome::OutOfReach => t.bulk_out_of_reach(),
        Outcome::Unlocked | Outcome::Failed => t.bulk_failed(),
    };
    let number = |number: usize| t.number(number_of(number));
    let frame = super::frame(app, by).await?;
    html(&DonePage {
        t,
        // The page answers a form: in the other language there is nothing to show again.
        page: frame.once(),
        done: t.bulk_done(&number(report.unlocked)),
        left: (!report.left.is_empty()).then(|| t.bulk_left(&number(report.left.len()))),
        lines: report.left.iter().map(|(account, outcome)| (name(account), why(*outcome))).collect(),
        again: address(choice.map(|choice| choice.lock)),
    })
}

/// The page for a reason.
pub(super) fn address(lock: Option<LockReason>) -> String {
    lock.map_or_else(
        || urls::BULK_UNLOCK.to_owned(),
        |lock| format!("{}?lock={}", urls::BULK_UNLOCK, lock.code()),
    )
}
