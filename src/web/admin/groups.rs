//! The groups for which applications can be: which there are, how many are in each, and what is for them; making one.

use crate::app::App;
use crate::domain::admin::Right;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::group_desk::{self, MOST, User};
use crate::services::groups::GroupRefused;
use crate::urls;
use crate::web::parts::{Notice, count, number_of};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// A group of the list.
struct Row {
    href: String,
    name: String,
    code: String,
    size: String,
    users: Vec<UserLink>,
}

/// An application that is for a group.
pub(super) struct UserLink {
    pub(super) href: String,
    pub(super) name: String,
}

#[derive(Template)]
#[template(path = "admin/groups.html")]
struct GroupsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    rows: Vec<Row>,
    may_change: bool,
    code: String,
    name: String,
}

/// Shows them.
pub(in crate::web) async fn list(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query) = (by.visitor.lang, query_of(query)?);
    let notice = (query.text("note") == "dissolved").then(|| Notice::ok(t.group_dissolved()));
    page(&app, &by, (StatusCode::OK, notice), &Fields::default()).await
}

/// Makes one of nobody.
pub(in crate::web) async fn make(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let code = fields.text("code").trim();
    match group_desk::make(&app, &by.administrator, code, fields.text("name")).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?note=made", urls::group(code))).into_response()),
        Err(refused) => {
            let (status, notice) = told(by.visitor.lang, refused)?;
            page(&app, &by, (status, Some(notice)), &fields).await
        }
    }
}

/// What is said of a refusal, with its status; a failure of the whole page otherwise.
pub(super) fn told(t: Lang, refused: GroupRefused) -> Result<(StatusCode, Notice), Failure> {
    let words = match refused {
        GroupRefused::Internal(internal) => return Err(internal.into()),
        GroupRefused::Forbidden(forbidden) => return Err(forbidden.into()),
        GroupRefused::NoGroup(_) => return Err(Failure::NotFound),
        GroupRefused::Conflict => return Ok((StatusCode::CONFLICT, Notice::warn(t.group_conflict()))),
        GroupRefused::InUse(_) => return Ok((StatusCode::CONFLICT, Notice::danger(t.group_in_use()))),
        GroupRefused::BadCode => t.group_bad_code().to_owned(),
        GroupRefused::BadName => t.group_bad_name().to_owned(),
        GroupRefused::Taken(code) => t.group_taken(&code),
        GroupRefused::WrongAmount => t.group_wrong_amount(&t.number(number_of(MOST))),
        GroupRefused::NoAccount(_) | GroupRefused::Entries(_) => t.group_look_mend().to_owned(),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Notice::danger(words)))
}

pub(super) fn links(users: Vec<User>) -> Vec<UserLink> {
    users.into_iter().map(|(id, name)| UserLink { href: urls::application(id), name }).collect()
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    (status, notice): (StatusCode, Option<Notice>),
    typed: &Fields,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let row = |line: group_desk::Line| Row {
        href: urls::group(&line.group.code),
        name: line.group.name,
        code: line.group.code,
        size: t.number(count(line.size)),
        users: links(line.users),
    };
    html_with(
        status,
        &GroupsPage {
            t,
            page: super::at(super::frame(app, by).await?, t, urls::GROUPS),
            notice,
            rows: group_desk::list(app, &by.administrator).await?.into_iter().map(row).collect(),
            may_change: by.administrator.may(Right::ManageApplications),
            code: typed.text("code").to_owned(),
            name: typed.text("name").to_owned(),
        },
    )
}
