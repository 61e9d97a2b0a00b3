//! One group: who is in it and which applications are for it; renamed, filled from a list that is looked at first, and
//! dissolved.

use super::groups::{UserLink, links, told};
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::group::Effect;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::group_desk::{self, Look, MOST, Member, Seen};
use crate::services::groups::GroupRefused;
use crate::urls;
use crate::web::parts::{Notice, count, number_of, state_badge};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// No list that is pasted is longer, in characters.
const LONGEST: usize = 40_000;

/// Somebody who is in it.
struct MemberRow {
    id: String,
    href: String,
    name: String,
    address: String,
    agency: Option<String>,
    badge: &'static str,
    state: &'static str,
}

/// An entry of a list as it is looked at.
struct EntryView {
    says: String,
    who: Option<String>,
    does: &'static str,
    badge: &'static str,
}

/// What a look has found.
struct LookView {
    counts: String,
    entries: Vec<EntryView>,
    /// The word of the button, where it can be entered.
    enter: Option<String>,
    /// Why it cannot.
    why_not: &'static str,
}

#[derive(Template)]
#[template(path = "admin/group.html")]
struct GroupPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    here: String,
    code: String,
    name: String,
    version: i64,
    size: String,
    users: Vec<UserLink>,
    members: Vec<MemberRow>,
    is_first: bool,
    next: Option<String>,
    q: String,
    may_change: bool,
    called: String,
    text: String,
    look: Option<LookView>,
    list_hint: String,
    longest: usize,
}

/// What a page shows besides the group: what was typed, and what was found of a list.
#[derive(Default)]
struct Typed<'a> {
    called: Option<&'a str>,
    text: &'a str,
    look: Option<&'a Look>,
    q: &'a str,
    after: &'a str,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query) = (by.visitor.lang, query_of(query)?);
    let joined = query.get("joined").and_then(|number| number.parse::<u64>().ok());
    let notice = match query.text("note") {
        "made" => Some(t.group_made().to_owned()),
        "renamed" => Some(t.group_renamed().to_owned()),
        "left" => Some(t.group_left().to_owned()),
        _ => joined.map(|number| t.group_joined(&t.number(number))),
    };
    let typed = Typed { q: query.text("q"), after: query.text("after"), ..Typed::default() };
    page(&app, &by, &code, typed, (StatusCode::OK, notice.map(Notice::ok))).await
}

/// Gives it another name.
pub(in crate::web) async fn rename(
    State(app): State<App>,
    by: AsAdministrator,
    Path(code): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (seen, called) = (seen(&code, &fields)?, fields.text("name"));
    match group_desk::rename(&app, &by.administrator, seen, called).await {
        Ok(()) => Ok(done(&code, "note=renamed")),
        Err(refused) => {
            refuse(&app, &by, &code, Typed { called: Some(called), ..Typed::default() }, refused).await
        }
    }
}

/// Looks at a list.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Path(code): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let text = fields.text("text");
    let typed = Typed { text, ..Typed::default() };
    match group_desk::preview(&app, &by.administrator, &code, text).await {
        Ok(look) => {
            let typed = Typed { look: Some(&look), ..typed };
            page(&app, &by, &code, typed, (StatusCode::OK, None)).await
        }
        Err(refused) => refuse(&app, &by, &code, typed, refused).await,
    }
}

/// Takes everybody of the list in.
pub(in crate::web) async fn join(
    State(app): State<App>,
    by: AsAdministrator,
    Path(code): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (seen, text) = (seen(&code, &fields)?, fields.text("text"));
    let typed = Typed { text, ..Typed::default() };
    match group_desk::join(&app, &by.administrator, seen, text).await {
        Ok(number) => Ok(done(&code, &format!("joined={number}"))),
        Err(GroupRefused::Entries(look)) => {
            let typed = Typed { look: Some(&look), ..typed };
            page(&app, &by, &code, typed, (StatusCode::UNPROCESSABLE_ENTITY, None)).await
        }
        Err(refused) => refuse(&app, &by, &code, typed, refused).await,
    }
}

/// Takes somebody out.
pub(in crate::web) async fn leave(
    State(app): State<App>,
    by: AsAdministrator,
    Path(code): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let seen = seen(&code, &fields)?;
    let who = fields.text("member").parse();
    let who = who.map_err(|_| Failure::BadForm("the form names nobody".to_owned()))?;
    match group_desk::leave(&app, &by.administrator, seen, who).await {
        Ok(()) => Ok(done(&code, "note=left")),
        Err(refused) => refuse(&app, &by, &code, Typed::default(), refused).await,
    }
}

/// Dissolves it.
pub(in crate::web) async fn dissolve(
    State(app): State<App>,
    by: AsAdministrator,
    Path(code): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let seen = seen(&code, &fields)?;
    match group_desk::dissolve(&app, &by.administrator, seen).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?note=dissolved", urls::GROUPS)).into_response()),
        Err(refused) => refuse(&app, &by, &code, Typed::default(), refused).await,
    }
}

/// The group that a form showed, in its version.
fn seen<'a>(code: &'a str, fields: &Fields) -> Result<Seen<'a>, Failure> {
    Ok(Seen { code, version: fields.version()? })
}

fn done(code: &str, note: &str) -> Response {
    Redirect::to(&format!("{}?{note}", urls::group(code))).into_response()
}

async fn refuse(
    app: &App,
    by: &AsAdministrator,
    code: &str,
    typed: Typed<'_>,
    refused: GroupRefused,
) -> Result<Response, Failure> {
    let (status, notice) = told(by.visitor.lang, refused)?;
    page(app, by, code, typed, (status, Some(notice))).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    code: &str,
    typed: Typed<'_>,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let found = group_desk::page(app, &by.administrator, code, (typed.after, typed.q)).await?;
    let found = found.ok_or(Failure::NotFound)?;
    let (group, here) = (found.line.group, urls::group(code));
    let next = found.next.map(|after| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !typed.q.is_empty() {
            query.append_pair("q", typed.q);
        }
        format!("{here}?{}", query.append_pair("after", &after).finish())
    });
    html_with(
        status,
        &GroupPage {
            t,
            page: super::at(super::frame(app, by).await?, t, &here),
            notice,
            called: typed.called.unwrap_or(&group.name).to_owned(),
            code: group.code,
            name: group.name,
            version: group.version,
            size: t.group_counted(&t.number(count(found.line.size))),
            users: links(found.line.users),
            members: found.members.into_iter().map(|member| row(t, member)).collect(),
            is_first: typed.after.is_empty(),
            next,
            q: typed.q.to_owned(),
            may_change: by.administrator.may(Right::ManageApplications),
            text: typed.text.to_owned(),
            look: typed.look.map(|look| view(t, look)),
            list_hint: t.group_list_hint(&t.number(number_of(MOST))),
            longest: LONGEST,
            here,
        },
    )
}

fn row(t: Lang, member: Member) -> MemberRow {
    MemberRow {
        id: member.account.to_string(),
        href: urls::account(member.account),
        name: member.name,
        address: member.address,
        agency: member.agency,
        badge: state_badge(member.state),
        state: t.state_of(member.state),
    }
}

/// What is wrong comes first.
fn view(t: Lang, look: &Look) -> LookView {
    let number = |many: usize| t.number(number_of(many));
    let (joins, wrong) = (look.joining().count(), look.wrong());
    let mut entries: Vec<_> = look.entries.iter().collect();
    entries.sort_by_key(|one| !matches!(one.effect, Effect::Wrong(_)));
    let entry = |one: &group_desk::Entered| EntryView {
        says: one.typed.clone(),
        who: one.account.as_ref().map(|account| account.profile().display_name.clone()),
        does: t.group_effect(one.effect),
        badge: match one.effect {
            Effect::Wrong(_) => "is-danger",
            Effect::Same => "is-off",
            Effect::Joins => "is-info",
        },
    };
    LookView {
        counts: t.group_look_counts(
            &number(joins),
            &number(look.entries.len() - joins - wrong),
            &number(wrong),
        ),
        entries: entries.into_iter().map(entry).collect(),
        enter: (wrong == 0 && joins > 0).then(|| t.group_join_all(&number(joins))),
        why_not: if wrong > 0 { t.group_look_mend() } else { t.group_look_nothing() },
    }
}
