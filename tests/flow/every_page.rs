//! Every page of the console, the portal and the sign-in, in both languages, in a house where every text is an attack:
//! each is there, runs nothing, and shows what it shows as text.

use crate::hostile::{Hostile, RAW, SCRIPT, SCRIPT_SHOWN};
use crate::house::Answer;
use crate::{doors, package};
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use danang_sso::web::console;
use std::collections::BTreeSet;

const CSV: &str = "text/csv; charset=utf-8";
const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A way out of an attribute and out of an element at once, typed into an address.
const TYPED: &str = "\"><img src=x onerror=alert(1)><script>alert(1)</script>";

/// What pages read off their address, but for ids and places: one that is none is not found, or is the beginning.
const ASKED: [&str; 34] = [
    "q",
    "source",
    "actor",
    "from",
    "to",
    "state",
    "sort",
    "order",
    "note",
    "kind",
    "month",
    "year",
    "name",
    "code",
    "days",
    "day",
    "rule",
    "list",
    "lock",
    "table",
    "look",
    "template",
    "post",
    "addresses",
    "act",
    "only",
    "door",
    "older",
    "unit",
    "phone",
    "hours",
    "reason",
    "sent",
    "back",
];

/// Pages of people at which somebody who is signed in and has no second factor does not stay, and why.
const ELSEWHERE: [(&str, StatusCode); 8] = [
    // It only leads to the page.
    ("/.well-known/change-password", StatusCode::SEE_OTHER),
    // No mail system lags behind.
    ("/password/finish", StatusCode::SEE_OTHER),
    // Nobody has proven anything for a forgotten password.
    ("/forgotten/password", StatusCode::SEE_OTHER),
    // The term is long.
    ("/reminder", StatusCode::SEE_OTHER),
    // They are signed in.
    ("/sign-in", StatusCode::SEE_OTHER),
    // They have none to be asked for.
    ("/sign-in/second", StatusCode::SEE_OTHER),
    // No form of theirs is kept.
    ("/confirm/kept", StatusCode::SEE_OTHER),
    // Codes by mail are off.
    ("/security/mail", StatusCode::NOT_FOUND),
];

fn header(answer: &Answer, name: HeaderName) -> &str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// What a file is sent as; `None` for a page.
fn kind_of(route: &str) -> Option<&'static str> {
    match route.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => Some(CSV),
        Some("jsonl") => Some("application/jsonl; charset=utf-8"),
        Some("toml") => Some("application/toml; charset=utf-8"),
        Some("xlsx") => Some(WORKBOOK),
        Some("zip") => Some("application/zip"),
        _ => (route == "/calendar/export").then_some(CSV),
    }
}

/// Where a page is looked at, with what it needs to show something.
async fn address(hostile: &Hostile, route: &str) -> String {
    match route {
        "/unlock" => format!("{route}?lock=by_administrator"),
        "/reset" => format!("{route}?agency={}", hostile.agency_of("xau0").await),
        "/agencies/changes" => format!("{route}?kind=merge"),
        _ => hostile.path(route),
    }
}

/// Saved, and never taken for a page.
fn is_a_file(answer: &Answer, (place, kind): (&str, &str)) {
    assert_eq!(header(answer, CONTENT_TYPE), kind, "{place}");
    assert_eq!(header(answer, X_CONTENT_TYPE_OPTIONS), "nosniff", "{place}");
    assert!(header(answer, CONTENT_DISPOSITION).starts_with("attachment; filename=\""), "{place}");
    // A table does not reckon what somebody is called.
    let formula = [",\"=", "\n\"=", "\n=", ",="].into_iter().find(|begins| answer.body.contains(*begins));
    assert!(kind != CSV || formula.is_none(), "{place} has {formula:?}");
}

fn runs_nothing(answer: &Answer, place: &str) {
    for raw in RAW {
        assert!(!answer.body.contains(raw), "{place} has {raw:?}:\n{}", answer.body);
    }
    assert_eq!(header(answer, CONTENT_TYPE), "text/html; charset=utf-8", "{place}");
    assert_eq!(header(answer, X_CONTENT_TYPE_OPTIONS), "nosniff", "{place}");
    let policy = header(answer, CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'none'; style-src 'self'; script-src 'self';"), "{place}: {policy}");
    assert!(!policy.contains("unsafe"), "{place}: {policy}");
}

/// Looks at every page of the console, and tells which show the hostile text.
async fn walk_the_console(hostile: &mut Hostile, lang: &str, zone: &str) -> BTreeSet<&'static str> {
    let (mut pages, mut shown) = (0, BTreeSet::new());
    for route in console::routes().into_iter().filter(|route| route.method == "GET") {
        let place = address(hostile, route.path).await;
        let answer = hostile.admin.get(&place).await;
        assert_eq!(answer.status, StatusCode::OK, "{place}:\n{}", answer.body);
        if let Some(kind) = kind_of(route.path) {
            is_a_file(&answer, (&place, kind));
            continue;
        }
        pages += 1;
        runs_nothing(&answer, &place);
        answer.shows(&format!("<html lang=\"{lang}\">"));
        answer.shows(&format!("<span class=\"zone\">{zone}</span>"));
        let current = answer.body.matches("aria-current=\"page\"").count();
        assert_eq!(current, 1, "{place}: one entry of the menu is the page's");
        if answer.body.contains(SCRIPT_SHOWN) {
            shown.insert(route.path);
        }
    }
    assert!(pages > 40, "the table is the console's");
    shown
}

#[tokio::test]
async fn every_page_of_the_console_shows_what_is_hostile_as_text_in_both_languages() {
    let mut hostile = Hostile::build().await;
    let vietnamese = walk_the_console(&mut hostile, "vi", "Khu vực quản trị").await;
    assert!(vietnamese.len() >= 25, "only these show it: {vietnamese:?}");
    for page in
        ["/accounts", "/accounts/{id}", "/agencies/{id}", "/applications", "/incidents/{id}", "/audit"]
    {
        assert!(vietnamese.contains(page), "{page} does not show it: {vietnamese:?}");
    }
    hostile.admin.get("/accounts").await.shows("{{7*7}} Xấu");
    let decisions = hostile.admin.get("/sync/decisions").await;
    decisions.shows("<a href=\"/sync/reconcile\" aria-current=\"page\">");
    hostile.admin.get("/language/en?back=/").await.leads_to("/");
    let english = walk_the_console(&mut hostile, "en", "Administration").await;
    let only_one: Vec<_> = vietnamese.symmetric_difference(&english).collect();
    assert!(only_one.is_empty(), "what is shown is the same in both languages: {only_one:?}");
}

#[tokio::test]
async fn what_is_typed_into_an_address_of_the_console_comes_back_as_text() {
    let mut hostile = Hostile::build().await;
    let query = ASKED.map(|name| (name, TYPED));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let mut echoes = 0;
    for route in console::routes().into_iter().filter(|route| route.method == "GET") {
        let place = format!("{}?{query}", hostile.path(route.path));
        let answer = hostile.admin.get(&place).await;
        assert_eq!(answer.status, StatusCode::OK, "{}:\n{}", route.path, answer.body);
        if kind_of(route.path).is_none() {
            runs_nothing(&answer, route.path);
            echoes += usize::from(answer.body.contains("&#34;&#62;&#60;img src=x"));
        }
    }
    assert!(echoes >= 4, "{echoes} pages show what was asked");
    let who = hostile.path("/accounts/{id}");
    let why = hostile.admin.get(&format!("{who}/why?application=%3Cscript%3Ealert(1)")).await;
    runs_nothing(&why, "why");
    why.shows("&#60;script&#62;alert(1)");
}

#[tokio::test]
async fn the_report_of_an_access_review_runs_nothing_where_it_is_opened() {
    let mut hostile = Hostile::build().await;
    let place = hostile.path("/reviews/{id}/evidence.zip");
    let packed = hostile.admin.download(&place).await;
    let report = package::text(&packed, "bao-cao.html");
    for raw in RAW {
        assert!(!report.contains(raw), "{raw:?} in {report}");
    }
    assert!(report.contains(SCRIPT_SHOWN), "what was said is in it: {report}");
    assert!(package::text(&packed, "ra-soat.csv").contains(SCRIPT), "a table has it as it is");
}

/// Looks at every page of the portal and the sign-in, and tells which show the hostile text.
async fn walk_the_portal(hostile: &mut Hostile, lang: &str, query: &str) -> BTreeSet<&'static str> {
    let (mut pages, mut shown) = (0, BTreeSet::new());
    let routes = doors::of_the_staff().into_iter().filter(|route| route.is_page);
    // Neither is a page: the language leads on, and files are files.
    for route in routes.filter(|route| !route.path.contains('{')) {
        let answer = hostile.person.get(&format!("{}{query}", route.path)).await;
        let elsewhere = ELSEWHERE.iter().find(|(path, _)| *path == route.path);
        let expected = elsewhere.map_or(StatusCode::OK, |(_, status)| *status);
        assert_eq!(answer.status, expected, "{}:\n{}", route.path, answer.body);
        if elsewhere.is_some() {
            continue;
        }
        pages += 1;
        runs_nothing(&answer, route.path);
        answer.shows(&format!("<html lang=\"{lang}\">"));
        if answer.body.contains(SCRIPT_SHOWN) {
            shown.insert(route.path);
        }
    }
    assert!(pages >= 15, "the list is the portal's");
    shown
}

#[tokio::test]
async fn every_page_of_the_portal_shows_what_is_hostile_as_text_in_both_languages() {
    let mut hostile = Hostile::build().await;
    let vietnamese = walk_the_portal(&mut hostile, "vi", "").await;
    // The name of whoever is signed in is on all of them that have a frame.
    assert!(vietnamese.len() >= 10, "only these show it: {vietnamese:?}");
    let account = hostile.person.get("/account").await;
    account.shows(&format!("{SCRIPT_SHOWN}</"));
    hostile.person.get("/language/en?back=/").await.leads_to("/");
    let english = walk_the_portal(&mut hostile, "en", "").await;
    let only_one: Vec<_> = vietnamese.symmetric_difference(&english).collect();
    assert!(only_one.is_empty(), "what is shown is the same in both languages: {only_one:?}");
    hostile.person.get("/").await.shows("Da Nang staff account").hides("Tài khoản công vụ Đà Nẵng");
}

#[tokio::test]
async fn what_is_typed_into_an_address_of_the_portal_comes_back_as_text() {
    let mut hostile = Hostile::build().await;
    let query = ASKED.map(|name| (name, TYPED));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    walk_the_portal(&mut hostile, "vi", &format!("?{query}")).await;
    hostile.person.get(&format!("/?{query}")).await.shows("&#34;&#62;&#60;img src=x");
}

#[tokio::test]
async fn a_file_of_the_own_data_is_saved_and_never_shown() {
    let mut hostile = Hostile::build().await;
    let file = hostile.person.post_from("/my-data", "/my-data/export", &[]).await;
    is_a_file(&file, ("the own data", "application/json; charset=utf-8"));
    file.shows("alert(1)");
}
