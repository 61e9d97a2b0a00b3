//! What is watched of the mailboxes: lists with their numbers by agency, page by page and as CSV.

use crate::app::App;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::MailSystem;
use crate::domain::watch::{Forward, WatchList};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::accounts as use_cases;
use crate::services::watch::{self, Found, Query, Says};
use crate::urls;
use crate::web::parts::count;
use crate::web::sheet::{Cell, MARK, csv_row};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// Something to choose.
struct Choice {
    address: String,
    id: String,
    word: String,
    chosen: bool,
}

/// How many rows an agency has.
struct CountLine {
    address: Option<String>,
    name: String,
    number: String,
}

/// One row.
struct Row {
    href: String,
    name: String,
    address: String,
    agency: String,
    system: &'static str,
    what: String,
    more: String,
    moment: String,
}

#[derive(Template)]
#[template(path = "admin/watch.html")]
struct WatchPage {
    t: Lang,
    page: Frame,
    list: &'static str,
    name: String,
    says: &'static str,
    lists: Vec<Choice>,
    agencies: Vec<Choice>,
    counts: Vec<CountLine>,
    total: String,
    /// The words above the columns that this list has.
    system: bool,
    what: Option<&'static str>,
    moment: Option<&'static str>,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
    export: String,
}

/// Shows a page of a list.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let asked = read(&query_of(query)?);
    let page = watch::page(&app, &by.administrator, &asked).await?;
    let within = use_cases::agencies_within_reach(&app, &by.administrator).await?;
    let Query { list, agency, .. } = asked;
    let name_of = |id: Option<AgencyId>| {
        within
            .iter()
            .find(|agency| Some(agency.id) == id)
            .map_or(t.no_agency(), |agency| &agency.name)
            .to_owned()
    };
    let counts = page.counts.iter().map(|(of, number)| CountLine {
        address: of.as_ref().map(|of| address(urls::WATCH, list, Some(of.id), None)),
        name: of.as_ref().map_or_else(|| t.no_agency().to_owned(), |of| of.name.clone()),
        number: t.number(count(*number)),
    });
    let is_later = !asked.after.0.is_empty();
    let next = page.next.as_ref().map(|(a, tie)| address(urls::WATCH, list, agency, Some((a, tie))));
    html(&WatchPage {
        t,
        page: super::frame(&app, &by).await?,
        list: list.code(),
        name: t.watch_list_name(list),
        says: t.watch_list_says(list),
        lists: WatchList::ALL.into_iter().map(|other| chip(t, other, list, agency)).collect(),
        counts: counts.collect(),
        total: t.number(count(page.counts.iter().map(|(_, number)| number).sum())),
        system: matches!(list, WatchList::Forwards | WatchList::Quota | WatchList::Message),
        what: what(t, list),
        moment: moment(t, list),
        rows: page.rows.iter().map(|found| row(t, found, name_of(found.agency_id))).collect(),
        first: is_later.then(|| address(urls::WATCH, list, agency, None)),
        next,
        export: address(urls::WATCH_CSV, list, agency, None),
        agencies: within
            .iter()
            .map(|of| Choice {
                address: String::new(),
                id: of.id.to_string(),
                word: of.name.clone(),
                chosen: Some(of.id) == agency,
            })
            .collect(),
    })
}

/// A whole list as CSV.
pub(in crate::web) async fn export(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let asked = read(&query_of(query)?);
    let mut text = MARK.to_owned();
    let head = [
        t.full_name(),
        t.watch_address(),
        t.agency(),
        t.watch_system(),
        t.watch_value(),
        "",
        t.watch_since(),
    ];
    csv_row(&mut text, t, &head.map(Cell::from));
    for (found, agency) in watch::whole(&app, &by.administrator, &asked).await? {
        let row = row(t, &found, agency.unwrap_or_else(|| t.no_agency().to_owned()));
        let cells =
            [row.name, row.address, row.agency, row.system.to_owned(), row.what, row.more, row.moment];
        csv_row(&mut text, t, &cells.map(Cell::from));
    }
    let name = format!("attachment; filename=\"{}.csv\"", asked.list.code());
    Ok(([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], text)
        .into_response())
}

/// Where the mail of an account is forwarded to, by mail system, for the account's page.
pub(super) async fn forwards(
    app: &App,
    t: Lang,
    id: AccountId,
) -> Result<Vec<(MailSystem, String)>, Failure> {
    let seen = watch::forwards(app, id).await?.into_iter().map(|(seen, is_external)| {
        let system = t.mail_system_name(seen.system);
        let since = t.date(seen.since.local_date());
        let mut words =
            format!("{} ({})", t.watch_forwards_to(system, &seen.forward.to, &since), how(t, &seen.forward));
        if is_external {
            words = format!("{words} – {}", t.watch_outside());
        }
        (seen.system, words)
    });
    Ok(seen.collect())
}

/// What is not understood is the first list, from its beginning.
fn read(fields: &Fields) -> Query {
    Query {
        list: fields.get("list").and_then(WatchList::from_code).unwrap_or(WatchList::Forwards),
        agency: fields.get("agency").and_then(|id| id.parse().ok()),
        after: (fields.text("after").to_owned(), fields.text("tie").to_owned()),
    }
}

fn address(path: &str, list: WatchList, agency: Option<AgencyId>, after: Option<(&str, &str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("list", list.code());
    if let Some(agency) = agency {
        query.append_pair("agency", &agency.to_string());
    }
    if let Some((account, tie)) = after {
        query.append_pair("after", account).append_pair("tie", tie);
    }
    format!("{path}?{}", query.finish())
}

fn chip(t: Lang, of: WatchList, shown: WatchList, agency: Option<AgencyId>) -> Choice {
    Choice {
        address: address(urls::WATCH, of, agency, None),
        id: String::new(),
        word: t.watch_list_name(of),
        chosen: of == shown,
    }
}

fn what(t: Lang, list: WatchList) -> Option<&'static str> {
    match list {
        WatchList::Forwards => Some(t.watch_to()),
        WatchList::Quota | WatchList::Message => Some(t.watch_value()),
        WatchList::Unused(_) | WatchList::Never | WatchList::Only(_) => None,
    }
}

fn moment(t: Lang, list: WatchList) -> Option<&'static str> {
    match list {
        WatchList::Forwards => Some(t.watch_since()),
        WatchList::Unused(_) => Some(t.watch_used_at()),
        WatchList::Quota | WatchList::Message | WatchList::Never | WatchList::Only(_) => None,
    }
}

fn row(t: Lang, found: &Found, agency: String) -> Row {
    let day = |at: crate::domain::timestamp::Timestamp| t.date(at.local_date());
    let (what, more, moment) = match &found.says {
        Says::Forwards(forward, since) => (forward.to.clone(), how(t, forward), day(*since)),
        Says::Cap(cap) => (t.cap(*cap), String::new(), String::new()),
        Says::UsedAt(at) => (String::new(), String::new(), day(*at)),
        Says::Nothing => <(String, String, String)>::default(),
    };
    Row {
        href: urls::account(found.account_id),
        name: found.name.clone(),
        address: found.address.clone(),
        agency,
        system: found.system.map_or("", MailSystem::product),
        what,
        more,
        moment,
    }
}

fn how(t: Lang, forward: &Forward) -> String {
    let copy = if forward.keeps_copy { t.watch_copy_kept() } else { t.watch_no_copy() };
    format!("{}, {copy}", t.forward_source(forward.source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_list_survives_its_own_address() {
        let own = address(urls::WATCH, WatchList::Unused(180), None, Some(("a&b@x", "obm c=d")));
        let query = own.split_once('?').expect("a query").1;
        let again = read(&Fields::read(query.as_bytes()).expect("our own address"));
        assert_eq!((again.list, again.after.0.as_str()), (WatchList::Unused(180), "a&b@x"));
        assert_eq!(again.after.1, "obm c=d");
        let wrong = read(&Fields::read(b"list=all&agency=x").expect("a query"));
        assert_eq!((wrong.list, wrong.agency), (WatchList::Forwards, None));
    }
}
