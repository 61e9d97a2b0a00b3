//! Who administers: the list, granting with a reason and a last day, taking back.

use super::Choice;
use super::approvals;
use super::role::until;
use crate::app::App;
use crate::domain::address::MailAddress;
use crate::domain::admin::{Right, Role};
use crate::domain::policy::calendar_rules::read_date;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts;
use crate::services::roles::{self, By, GrantRefused, Wish};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// A role that somebody holds.
struct Line {
    id: String,
    href: String,
    name: String,
    address: String,
    role: &'static str,
    place: String,
    until: String,
    granted: String,
    may_revoke: bool,
}

#[derive(Template)]
#[template(path = "admin/administrators.html")]
struct AdministratorsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    lines: Vec<Line>,
    may_grant: bool,
    roles: Vec<Choice>,
    agencies: Vec<Choice>,
    address: String,
    until: String,
    reason: String,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query) = (by.visitor.lang, query_of(query)?);
    let notice = match query.text("note") {
        "granted" => Some(Notice::ok(t.role_granted())),
        "revoked" => Some(Notice::ok(t.role_revoked())),
        _ => None,
    };
    page(&app, &by, StatusCode::OK, notice, &Fields::default()).await
}

/// Grants a role.
pub(in crate::web) async fn grant(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let wish = match wish(&app, t, &fields) {
        Ok(wish) => wish,
        Err(words) => {
            let notice = Some(Notice::warn(words));
            return page(&app, &by, StatusCode::UNPROCESSABLE_ENTITY, notice, &fields).await;
        }
    };
    match roles::grant(&app, By::Administrator(&by.administrator), &wish).await {
        Ok(_) => Ok(Redirect::to(&format!("{}?note=granted", urls::ADMINISTRATORS)).into_response()),
        Err(GrantRefused::Stopped(stopped)) => {
            approvals::put(&app, &by, stopped, (urls::ADMINISTRATORS, &fields)).await
        }
        Err(refused) => refuse(&app, &by, refused, &fields).await,
    }
}

/// Takes one back.
pub(in crate::web) async fn revoke(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = fields.text("grant").parse().map_err(|_| Failure::NotFound)?;
    match roles::revoke(&app, By::Administrator(&by.administrator), id, fields.text("reason")).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?note=revoked", urls::ADMINISTRATORS)).into_response()),
        Err(refused) => refuse(&app, &by, refused, &Fields::default()).await,
    }
}

/// What a form asks for, or what is wrong with it.
fn wish(app: &App, t: Lang, fields: &Fields) -> Result<Wish, &'static str> {
    let address = MailAddress::parse_typed(fields.text("address"), &app.config.city.mail_domain);
    let day = fields.get("until").map(|day| read_date(day.trim()));
    Ok(Wish {
        address: address.map_err(|_| t.role_no_account())?,
        role: Role::from_code(fields.text("role")).ok_or(t.role_choose())?,
        agency: fields.get("over").map(str::parse).transpose().map_err(|_| t.role_no_agency())?,
        until: day.map(|day| day.ok_or(t.role_no_day())).transpose()?,
        why: fields.text("reason").to_owned(),
    })
}

async fn refuse(
    app: &App,
    by: &AsAdministrator,
    refused: GrantRefused,
    fields: &Fields,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (status, words) = match refused {
        GrantRefused::Internal(internal) => return Err(internal.into()),
        GrantRefused::Forbidden(forbidden) => return Err(forbidden.into()),
        GrantRefused::Stopped(stopped) => {
            return approvals::put(app, by, stopped, (urls::ADMINISTRATORS, fields)).await;
        }
        GrantRefused::NoAccount(_) => (StatusCode::UNPROCESSABLE_ENTITY, t.role_no_account()),
        GrantRefused::NoAgency(_) | GrantRefused::Circle => {
            (StatusCode::UNPROCESSABLE_ENTITY, t.role_no_agency())
        }
        GrantRefused::NotInOffice(_) => (StatusCode::CONFLICT, t.role_not_in_office()),
        GrantRefused::NoRole(_) => (StatusCode::CONFLICT, t.role_gone()),
        GrantRefused::WrongReach(_) => (StatusCode::UNPROCESSABLE_ENTITY, t.role_wrong_reach()),
        GrantRefused::NoDay => (StatusCode::UNPROCESSABLE_ENTITY, t.role_no_day()),
        GrantRefused::NoReason => (StatusCode::UNPROCESSABLE_ENTITY, t.reason_needed()),
        GrantRefused::Oneself => (StatusCode::FORBIDDEN, t.role_oneself()),
        GrantRefused::Last => (StatusCode::CONFLICT, t.role_last()),
    };
    page(app, by, status, Some(Notice::warn(words)), fields).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    status: StatusCode,
    notice: Option<Notice>,
    typed: &Fields,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let may_grant = by.administrator.may(Right::GrantRoles);
    let lines =
        roles::list(app, &by.administrator).await?.into_iter().map(|listed| line(t, by, may_grant, listed));
    let agencies = accounts::agencies_within_reach(app, &by.administrator).await?;
    let frame = super::frame(app, by).await?;
    let page = AdministratorsPage {
        t,
        page: super::at(frame, t, urls::ADMINISTRATORS),
        notice,
        lines: lines.collect(),
        may_grant,
        roles: Role::ALL
            .map(|role| Choice {
                value: role.code().to_owned(),
                word: t.role(role).to_owned(),
                chosen: typed.text("role") == role.code(),
            })
            .into(),
        agencies: agencies
            .into_iter()
            .map(|agency| Choice {
                chosen: typed.text("over") == agency.id.to_string(),
                value: agency.id.to_string(),
                word: agency.name,
            })
            .collect(),
        address: typed.text("address").to_owned(),
        until: typed.text("until").to_owned(),
        reason: typed.text("reason").to_owned(),
    };
    html_with(status, &page)
}

fn line(t: Lang, by: &AsAdministrator, may_grant: bool, listed: roles::Listed) -> Line {
    let grant = &listed.grant;
    let given = t.role_given(&t.date(grant.granted_at.local_date()));
    let who = match grant.granted_by.as_str() {
        "" => String::new(),
        "command_line" => t.actor_command_line().to_owned(),
        address => address.to_owned(),
    };
    Line {
        id: grant.id.to_string(),
        href: urls::account(grant.account_id),
        role: t.role(grant.role),
        place: listed
            .agency
            .as_ref()
            .map_or_else(|| t.reach_all().to_owned(), |(_, name)| format!("{name} {}", t.role_and_below())),
        until: until(t, grant),
        granted: [given, who, grant.why.clone()]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        may_revoke: may_grant && grant.account_id != by.administrator.account_id(),
        name: listed.display_name,
        address: listed.address,
    }
}
