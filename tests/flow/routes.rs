//! Every route of the console, tried by whoever may not: each role without the right, and administrators of a branch
//! with what belongs to another agency. Nothing is shown or changed, and the audit has a line.

mod estate;
mod lists;

use crate::house::{Answer, Browser};
use crate::package;
use axum::http::StatusCode;
use danang_sso::domain::admin::{Right, Role};
use danang_sso::domain::audit::Act;
use danang_sso::web::console;
use estate::{Estate, estate};
use std::collections::BTreeSet;

/// What belongs to the other agency and may never be seen: names and addresses of its people, what one of them has
/// reported, an application that is only for it; and what is counted or said of the whole city.
const FOREIGN: [&str; 18] = [
    "Đỗ Đình Bình",
    "binh@danang.example",
    "Đỗ Đình Chi",
    "chi@danang.example",
    "Máy chủ tệp bị mã hóa",
    "Kho hồ sơ",
    // Of a run of the synchronisation: mailboxes, changes, what was set aside, accounts made, changed, vanished.
    "47.901",
    "47.902",
    "47.903",
    "47.904",
    "47.905",
    "47.906",
    // The lines of its plan.
    "47.907",
    // Who asked for it, and what a server answered.
    "truc-ban@danang.example",
    "ldap01.noi-bo",
    // Of a run that the brake has stopped: accounts, of which agency how many, and what was said when it was approved.
    "47.908",
    "412/800",
    "phòng Tổ chức",
];

/// Whoever holds a role: the local part, the role, and whether it is over the branch of so-khcn.
const HOLDERS: [(&str, Role, bool); 7] = [
    ("quantri", Role::City, false),
    ("anninh", Role::Security, false),
    ("kiemtra", Role::Auditor, false),
    ("hotro", Role::HelpDesk, false),
    ("donvi", Role::Agency, true),
    ("hotrodonvi", Role::HelpDesk, true),
    ("kiemtradonvi", Role::Auditor, true),
];

/// How a route is tried by somebody who has its right over another branch.
enum Case {
    /// Its path names something that belongs to an agency: one beyond reach, and one that does not exist, are the same to
    /// them.
    Named,
    /// It narrows by `agency`: another one's is not there; without it, and whatever else it takes (`lists`), nothing of
    /// others is shown.
    List(&'static str),
    /// It is there for everybody who has the right, and shows nothing of others.
    Common,
    /// A form with these fields that concerns oneself alone: it is taken.
    Own(&'static [(&'static str, &'static str)]),
    /// A form with these fields; `{ID}`, `{VERSION}`, `{AGENCY}` and `{SESSION}` are the other one's.
    Form(&'static [(&'static str, &'static str)]),
    /// No role of a branch has the right; a test of the matrix says so.
    CityOnly,
}

/// The lists that are narrowed by `agency`, and nothing else is needed to see them.
const LISTS: &[&str] = &[
    "/agencies",
    "/agencies.xlsx",
    "/applications",
    "/audit",
    "/audit.csv",
    "/audit.jsonl",
    "/accounts",
    "/accounts.csv",
    "/accounts.xlsx",
    "/sessions",
    "/sessions/end-all",
    "/forecast",
    "/forecast.csv",
    "/incidents",
    "/watch",
    "/watch.csv",
    "/reset",
    "/calendar",
    "/sync/reconcile",
    "/sync/reconcile.csv",
];

/// Pages that are there for everybody who has the right.
const COMMON: &[&str] = &[
    "/",
    "/administrators",
    "/approvals",
    "/bulk",
    "/calendar/export",
    "/letters",
    "/policy",
    "/policy/brake",
    "/policy/waves",
    "/reviews",
    "/reviews/{id}",
    "/reviews/{id}/evidence.zip",
    "/role",
    "/sync",
    "/sync/authority",
    "/sync/runs/{id}",
];

/// Pages whose path names something that belongs to an agency.
const NAMED: &[&str] = &[
    "/accounts/{id}",
    "/accounts/{id}/delegates",
    "/accounts/{id}/timeline",
    "/accounts/{id}/why",
    "/agencies/{id}",
    "/agencies/{id}/month.xlsx",
    "/applications/{id}",
    "/bulk/{id}",
    "/incidents/{id}",
    "/sessions/{id}",
];

/// The case of a route. A route without one fails the test: say here how it could be misused.
fn case(method: &str, path: &str) -> Option<Case> {
    const LOCKED: &str = "default_password_kept";
    Some(match (method, path) {
        // A sample goes to oneself.
        ("POST", "/letters/trial") => Case::Own(&[("kind", "password_age")]),
        ("GET", "/unlock") => Case::List("/unlock?lock=default_password_kept"),
        ("POST", "/agencies/{id}/contact") => Case::Form(&[("unit", "Bộ phận lạ"), ("phone", "1")]),
        ("POST", "/accounts/{id}/delegates") => {
            Case::Form(&[("person", "an"), ("why", "thử"), ("version", "{VERSION}")])
        }
        ("POST", "/accounts/{id}/lock" | "/accounts/{id}/unlock" | "/accounts/{id}/lift-pause") => {
            Case::Form(&[("reason", "thử"), ("version", "{VERSION}")])
        }
        ("POST", "/accounts/{id}/reset" | "/accounts/{id}/factors/reset") => {
            Case::Form(&[("reason", "thử"), ("version", "{VERSION}"), ("sure", "1")])
        }
        ("POST", "/unlock") => Case::Form(&[
            ("lock", LOCKED),
            ("accounts", "{ID}:{VERSION}"),
            ("number", "1"),
            ("reason", "thử"),
        ]),
        ("POST", "/reset") => {
            Case::Form(&[("accounts", "{ID}:{VERSION}"), ("number", "1"), ("reason", "thử"), ("sure", "1")])
        }
        ("POST", "/reset/preview") => Case::Form(&[("agency", "{AGENCY}"), ("account.{ID}", "1")]),
        ("POST", "/calendar/preview" | "/calendar/changes") => Case::Form(&[
            ("agency", "{AGENCY}"),
            ("year", "2026"),
            ("what", "enter"),
            ("date", "2026-07-01"),
            ("kind", "holiday"),
            ("vi", "Nghỉ thử"),
            ("en", "Trial"),
            ("why", "thử"),
            ("typed", "1"),
        ]),
        // A role that is not one's own is not there.
        ("POST", "/approvals") => Case::Form(&[("approval", "{ID}"), ("what", "approve"), ("reason", "thử")]),
        ("POST", "/role") => Case::Form(&[("grant", "{ID}")]),
        ("GET", path) if COMMON.contains(&path) => Case::Common,
        ("GET", path) if NAMED.contains(&path) => Case::Named,
        _ if is_of_the_city(method, path) => Case::CityOnly,
        _ if method == "GET"
            && let Some(list) = LISTS.iter().find(|list| **list == path) =>
        {
            Case::List(list)
        }
        _ => return case_of_the_desk(method, path),
    })
}

/// What the help desk does beside locks and resets, and acts over many accounts.
fn case_of_the_desk(method: &str, path: &str) -> Option<Case> {
    Some(match (method, path) {
        ("POST", "/accounts/{id}/sessions/end") => {
            Case::Form(&[("session", "all"), ("reason", "thử"), ("version", "{VERSION}")])
        }
        ("POST", "/accounts/{id}/applications/end") => {
            Case::Form(&[("application", "x"), ("reason", "thử"), ("version", "{VERSION}")])
        }
        ("POST", "/sessions/{id}") => {
            Case::Form(&[("which", "all"), ("reason", "thử"), ("version", "{VERSION}")])
        }
        ("POST", "/sessions/end-all") => {
            Case::Form(&[("sessions", "{SESSION}"), ("number", "1"), ("reason", "thử")])
        }
        ("POST", "/accounts/{id}/notes") => Case::Form(&[("note", "thử")]),
        ("POST", "/bulk") => Case::Form(&[("act", "unlock"), ("account.{ID}", "1")]),
        // Administrators of a branch may not do it either, though they have the right over their own agency.
        ("POST", "/agencies/changes") => Case::Form(&[
            ("kind", "rename"),
            ("agency", "{AGENCY}"),
            ("name", "Sở lạ"),
            ("day", "2026-03-02"),
            ("days", "1"),
        ]),
        ("POST", "/reviews/{id}/decide") => Case::Form(&[("verdict", "keep"), ("item.account.{ID}", "0")]),
        // What is left in the whole city is another number than what is left of the own agency.
        ("POST", "/reviews/{id}/keep") => Case::Form(&[("number", "{REST}")]),
        (
            "POST",
            "/bulk/{id}/start"
            | "/bulk/{id}/undo"
            | "/agencies/changes/{id}/start"
            | "/agencies/changes/{id}/withdraw"
            | "/agencies/changes/{id}/undo",
        ) => Case::Form(&[("number", "1"), ("reason", "thử")]),
        _ => return None,
    })
}

fn is_of_the_city(method: &str, path: &str) -> bool {
    const PATHS: [(&str, &str); 61] = [
        ("POST", "/applications"),
        ("GET", "/applications/new"),
        ("POST", "/applications/new/preview"),
        ("GET", "/applications.toml"),
        ("GET", "/applications/import"),
        ("POST", "/applications/import"),
        ("POST", "/applications/import/preview"),
        ("GET", "/applications/{id}/edit"),
        ("POST", "/applications/{id}/edit"),
        ("POST", "/applications/{id}/secret"),
        ("POST", "/applications/{id}/secret/end"),
        ("GET", "/applications/{id}/api"),
        ("POST", "/applications/{id}/api"),
        ("POST", "/applications/{id}/api/preview"),
        ("GET", "/applications/{id}/first"),
        ("GET", "/applications/{id}/test"),
        ("POST", "/applications/{id}/test"),
        ("POST", "/applications/{id}/data"),
        ("POST", "/applications/{id}/state"),
        ("POST", "/applications/{id}/end"),
        ("POST", "/applications/{id}/remove"),
        ("GET", "/import"),
        ("POST", "/import"),
        ("POST", "/import/preview"),
        ("POST", "/sync/runs"),
        ("POST", "/sync/runs/{id}/approve"),
        ("POST", "/sync/runs/{id}/refuse"),
        ("POST", "/sync/authority"),
        ("POST", "/sync/authority/preview"),
        ("POST", "/sync/reconcile/preview"),
        ("POST", "/sync/reconcile/settle"),
        ("GET", "/sync/decisions"),
        ("POST", "/sync/decisions"),
        ("POST", "/sync/decisions/preview"),
        ("GET", "/sync/agencies"),
        ("POST", "/sync/agencies"),
        ("POST", "/sync/agencies/preview"),
        ("POST", "/policy"),
        ("POST", "/policy/preview"),
        ("POST", "/policy/waves/plan"),
        ("POST", "/policy/waves/start"),
        ("POST", "/policy/brake/approve"),
        ("POST", "/policy/brake/postpone"),
        ("POST", "/administrators"),
        ("POST", "/administrators/revoke"),
        ("POST", "/incidents/{id}/{act}"),
        ("GET", "/agencies/changes"),
        ("POST", "/reviews"),
        ("POST", "/reviews/{id}/apply"),
        ("POST", "/reviews/{id}/close"),
        ("GET", "/agencies/changes/{id}"),
        ("GET", "/groups"),
        ("POST", "/groups"),
        ("GET", "/groups/{id}"),
        ("POST", "/groups/{id}/name"),
        ("POST", "/groups/{id}/members/preview"),
        ("POST", "/groups/{id}/members"),
        ("POST", "/groups/{id}/members/remove"),
        ("POST", "/groups/{id}/remove"),
        ("GET", "/keys"),
        ("POST", "/keys/rotate"),
    ];
    PATHS.contains(&(method, path))
}

/// Whether a role has a right over a branch, or over the city.
fn has(role: Role, over_a_branch: bool, right: Right) -> bool {
    role.has(right) && !(over_a_branch && right.is_of_the_city())
}

#[tokio::test]
async fn every_route_has_a_case_and_only_city_roles_have_what_has_none() {
    let mut paths = BTreeSet::new();
    for route in console::routes() {
        assert!(paths.insert((route.method, route.path)), "{} {} is there twice", route.method, route.path);
        let case = case(route.method, route.path);
        let case = case.unwrap_or_else(|| panic!("{} {} has no case in this file", route.method, route.path));
        if matches!(case, Case::CityOnly) {
            for (who, role, over_a_branch) in HOLDERS {
                assert!(
                    !over_a_branch || !has(role, true, route.right),
                    "{} {} as {who}",
                    route.method,
                    route.path
                );
            }
        }
    }
    assert!(paths.len() > 50, "the table is the console's");
}

#[tokio::test]
async fn a_role_without_the_right_gets_nothing_and_leaves_a_line() {
    let mut estate = estate().await;
    for (who, role, over_a_branch) in HOLDERS {
        let mut browser = estate.browser(who).await;
        let mut expected = 0;
        for route in console::routes().into_iter().filter(|route| !has(role, over_a_branch, route.right)) {
            let answer = estate.send(&mut browser, route.method, route.path, &[]).await;
            expected += 1;
            let place = format!("{} {} as {who}", route.method, route.path);
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{place}");
            assert!(FOREIGN.iter().all(|secret| !answer.body.contains(secret)), "{place}");
            let lines = estate.refusals(who, Act::RightRefused).await;
            assert_eq!(lines, expected, "{place} leaves a line");
        }
        let has_all = Right::ALL.iter().all(|right| has(role, over_a_branch, *right));
        assert_eq!(expected == 0, has_all, "{who} was tried");
    }
    estate.is_unchanged().await;
}

#[tokio::test]
async fn what_belongs_to_another_agency_is_not_there_and_leaves_a_line() {
    let mut estate = estate().await;
    for (who, role, _) in HOLDERS.into_iter().filter(|(_, _, over_a_branch)| *over_a_branch) {
        let mut browser = estate.browser(who).await;
        for route in console::routes().into_iter().filter(|route| has(role, true, route.right)) {
            let case = case(route.method, route.path).expect("every route has one");
            try_beyond_reach(&estate, &mut browser, who, (route.method, route.path), case).await;
        }
    }
    estate.is_unchanged().await;
}

/// Forms that are refused without a line: what they name is one's own to name, or is named by a number.
const SILENT: [&str; 3] = ["/role", "/approvals", "/reviews/{id}/keep"];

async fn try_beyond_reach(
    estate: &Estate,
    browser: &mut Browser,
    who: &str,
    (method, path): (&str, &str),
    case: Case,
) {
    let place = format!("{method} {path} as {who}");
    let before = estate.refusals(who, Act::OutOfReach).await;
    let (answers, leaves_a_line) = match case {
        Case::Named => {
            let known = browser.get(&estate.path(path)).await;
            let unknown = browser.get(&path.replace("{id}", "01890000-0000-7000-8000-000000000000")).await;
            assert_eq!(known.status, StatusCode::NOT_FOUND, "{place}");
            let same = |answer: &Answer, id: &str| answer.body.replace(id, "");
            let [one, other] =
                [same(&known, estate.named(path)), same(&unknown, "01890000-0000-7000-8000-000000000000")];
            assert_eq!(one, other, "{place}: unknown and beyond reach are told apart");
            (vec![known, unknown], true)
        }
        Case::List(address) => {
            let all = browser.get(address).await;
            assert_eq!(all.status, StatusCode::OK, "{place}");
            let joint = if address.contains('?') { '&' } else { '?' };
            let narrowed = browser.get(&format!("{address}{joint}agency={}", estate.foreign.2)).await;
            assert_eq!(narrowed.status, StatusCode::NOT_FOUND, "{place}");
            let mut answers = vec![all, narrowed];
            answers.extend(lists::asked_otherwise(estate, browser, path).await);
            (answers, true)
        }
        Case::Common => {
            let answer = estate.send(browser, method, path, &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{place}");
            (vec![answer], false)
        }
        Case::Own(fields) => {
            let answer = estate.send(browser, method, path, fields).await;
            assert_eq!(answer.status, StatusCode::OK, "{place}");
            (vec![answer], false)
        }
        Case::Form(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| (estate.filled(name), estate.filled(value))).collect();
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = estate.send(browser, method, path, &fields).await;
            assert!(!answer.status.is_redirection(), "{place} did something");
            (vec![answer], !SILENT.contains(&path))
        }
        Case::CityOnly => panic!("{place}: a branch has no such right"),
    };
    for answer in &answers {
        shows_nothing(answer, (path, &place));
    }
    let after = estate.refusals(who, Act::OutOfReach).await;
    assert!(!leaves_a_line || after > before, "{place} leaves a line");
}

/// Neither as it comes nor, where it is packed, in what was packed.
fn shows_nothing(answer: &Answer, (path, place): (&str, &str)) {
    let packed = package::texts(&answer.bytes);
    let is_package = matches!(path.rsplit_once('.'), Some((_, "xlsx" | "zip")));
    assert_eq!(packed.is_some(), is_package && answer.status.is_success(), "{place}: a package is one");
    let is_found = |text: &str| packed.as_ref().is_some_and(|packed| packed.contains(text));
    assert!(packed.is_none() || is_found("so-khcn"), "{place}: the own agency is found in it");
    let shown = FOREIGN.iter().find(|&&secret| answer.body.contains(secret) || is_found(secret));
    assert_eq!(shown, None, "{place} shows it");
}
