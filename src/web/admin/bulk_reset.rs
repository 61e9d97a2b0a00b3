//! Many passwords reset at once: choose the agency and the accounts, look, confirm with a typed number, print.

use super::bulk::BOX;
use super::reset::{self, Way, in_words, named};
use crate::app::App;
use crate::domain::account::{Account, StateName};
use crate::domain::id::{AccountId, AgencyId};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::account_list::{Edge, Sort};
use crate::services::accounts;
use crate::services::bulk_reset::{self, BulkResetRefused, Candidates, Left, MOST, Report};
use crate::services::reset::{ResetRefused, Word};
use crate::urls;
use crate::web::parts::{Notice, number_of, state_badge};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

/// Something to choose.
struct Item {
    code: String,
    word: String,
    chosen: bool,
}

/// One account of the list.
struct Row {
    field: String,
    label: String,
    href: String,
    name: String,
    address: String,
    badge: &'static str,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "admin/resets.html")]
struct ChoosePage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    agencies: Vec<Item>,
    states: Vec<Item>,
    rows: Option<Vec<Row>>,
    most: String,
    next: Option<String>,
}

/// What came of a form that did nothing.
#[derive(Default)]
struct Refused {
    status: StatusCode,
    number_error: Option<&'static str>,
    reason_error: Option<&'static str>,
    sure_error: Option<&'static str>,
    reason: String,
}

#[derive(Template)]
#[template(path = "admin/resets_confirm.html")]
struct ConfirmPage {
    t: Lang,
    page: Frame,
    rows: Vec<Row>,
    number: String,
    /// `ID:VERSION`, one after the other.
    accounts: String,
    refused: Refused,
}

/// What the list is narrowed to.
#[derive(Default)]
struct Choice {
    agency: Option<AgencyId>,
    state: Option<StateName>,
    after: Option<Edge>,
}

impl Choice {
    fn read(fields: &Fields) -> Self {
        Self {
            agency: fields.get("agency").and_then(|id| id.parse().ok()),
            state: fields.get("state").and_then(StateName::from_code),
            after: fields.get("after").and_then(|edge| Edge::read(edge, Sort::Name)),
        }
    }
}

/// Shows whom there is to choose.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    choose(&app, &by, Choice::read(&query_of(query)?), StatusCode::OK).await
}

/// Shows the chosen ones once more, and the form that does it.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let ids: Result<Vec<_>, _> =
        fields.iter().filter_map(|(name, _)| name.strip_prefix(BOX)).map(str::parse).collect();
    let ids = ids.map_err(|_| Failure::BadForm("the list of accounts cannot be read".to_owned()))?;
    confirm(&app, &by, &ids, &fields, Refused::default()).await
}

/// Does it, and shows the slips.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let seen = super::bulk_unlock::read_seen(fields.text(bulk_reset::LIST))?;
    let why = fields.text("reason");
    let word = Word { why, is_sure: fields.get("sure").is_some() };
    let refused = match bulk_reset::reset(
        &app,
        &by.administrator,
        &seen,
        fields.text(bulk_reset::NUMBER),
        word,
    )
    .await
    {
        Ok(report) => return done(&app, &by, &report).await,
        Err(BulkResetRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(BulkResetRefused::Internal(internal)) => return Err(internal.into()),
        Err(BulkResetRefused::Stopped(stopped)) => {
            return super::approvals::put(&app, &by, stopped, (urls::BULK_RESET, &fields)).await;
        }
        Err(BulkResetRefused::WrongAmount) => {
            return choose(&app, &by, Choice::default(), StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        Err(BulkResetRefused::NoReason) => {
            Refused { reason_error: Some(t.reason_needed()), ..Refused::default() }
        }
        Err(BulkResetRefused::NotSure) => {
            Refused { sure_error: Some(t.reset_sure_needed()), ..Refused::default() }
        }
        Err(BulkResetRefused::WrongNumber) => {
            Refused { number_error: Some(t.resets_wrong_number()), ..Refused::default() }
        }
    };
    let refused = Refused { status: StatusCode::UNPROCESSABLE_ENTITY, reason: why.to_owned(), ..refused };
    let ids: Vec<_> = seen.iter().map(|seen| seen.id).collect();
    confirm(&app, &by, &ids, &fields, refused).await
}

async fn choose(
    app: &App,
    by: &AsAdministrator,
    choice: Choice,
    status: StatusCode,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let agencies = accounts::agencies_within_reach(app, &by.administrator).await?;
    let agency = choice.agency.or_else(|| by.administrator.reach().agency());
    let found = match agency {
        Some(agency) => {
            let (state, after) = (choice.state, choice.after);
            Some(bulk_reset::candidates(app, &by.administrator, agency, state, after).await?)
        }
        None => None,
    };
    let frame = super::frame(app, by).await?;
    let most = t.number(number_of(MOST));
    let page = ChoosePage {
        t,
        page: super::at(frame, t, urls::BULK_RESET),
        notice: (status != StatusCode::OK).then(|| Notice::warn(t.resets_wrong_amount(&most))),
        agencies: agencies
            .into_iter()
            .map(|item| Item { chosen: agency == Some(item.id), code: item.id.to_string(), word: item.name })
            .collect(),
        states: states(t, choice.state),
        next: found.as_ref().and_then(|found| next(found, agency?, choice.state)),
        rows: found.map(|found| rows(t, &found.accounts)),
        most,
    };
    html_with(status, &page)
}

/// The states in which a password can be reset.
fn states(t: Lang, chosen: Option<StateName>) -> Vec<Item> {
    let possible = StateName::ALL.into_iter().filter(|state| *state != StateName::Retired);
    possible
        .map(|state| Item {
            code: state.code().to_owned(),
            word: t.state_of(state).to_owned(),
            chosen: chosen == Some(state),
        })
        .collect()
}

fn next(found: &Candidates, agency: AgencyId, state: Option<StateName>) -> Option<String> {
    let after = found.next.as_ref()?.told();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("agency", &agency.to_string());
    query.append_pair("state", state.map_or("", StateName::code)).append_pair("after", &after);
    Some(format!("{}?{}", urls::BULK_RESET, query.finish()))
}

fn rows(t: Lang, accounts: &[Account]) -> Vec<Row> {
    let row = |account: &Account| {
        let (profile, state) = (account.profile(), account.state().name());
        Row {
            field: format!("{BOX}{}", account.id()),
            label: t.resets_choose(&profile.display_name),
            href: urls::account(account.id()),
            name: profile.display_name.clone(),
            address: profile.address.to_string(),
            badge: state_badge(state),
            state: t.state_of(state),
        }
    };
    accounts.iter().map(row).collect()
}

async fn confirm(
    app: &App,
    by: &AsAdministrator,
    ids: &[AccountId],
    fields: &Fields,
    refused: Refused,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let accounts = match bulk_reset::preview(app, &by.administrator, ids).await {
        Ok(accounts) => accounts,
        Err(BulkResetRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(BulkResetRefused::Internal(internal)) => return Err(internal.into()),
        Err(_) => return choose(app, by, Choice::read(fields), StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let seen = accounts.iter().map(|account| format!("{}:{}", account.id(), account.version()));
    let (frame, status) = (super::frame(app, by).await?, refused.status);
    let page = ConfirmPage {
        t,
        page: super::at(frame, t, urls::BULK_RESET),
        rows: rows(t, &accounts),
        number: t.number(number_of(accounts.len())),
        accounts: seen.collect::<Vec<_>>().join(" "),
        refused,
    };
    html_with(status, &page)
}

async fn done(app: &App, by: &AsAdministrator, report: &Report) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let why = |left: &Left| match left {
        Left::NotBegun if report.stays_approved => t.resets_not_begun_approved().to_owned(),
        Left::NotBegun => t.resets_not_begun().to_owned(),
        Left::BrokenOff => t.resets_broken_off().to_owned(),
        Left::Refused(ResetRefused::Conflict) => t.resets_conflict().to_owned(),
        Left::Refused(refused) => in_words(t, refused),
    };
    let name =
        |account: &Option<Account>| account.as_ref().map_or_else(|| t.bulk_unnamed().to_owned(), named);
    let left = report.left.iter().map(|(account, left)| (name(account), why(left))).collect();
    let way = Way { back: urls::BULK_RESET.to_owned(), word: t.resets_again() };
    reset::slips(app, by, &report.slips, left, way).await
}
