//! No form of either door is taken without the token of a page of this browser: each is tried, and nothing happens.

use crate::doors::{self, Route};
use crate::hostile::Hostile;
use crate::house::{Answer, Browser};
use axum::http::StatusCode;
use danang_sso::storage::Db;
use danang_sso::web::console;
use std::collections::BTreeSet;

/// What says that the form came from elsewhere, and nothing else.
const EXPIRED: &str = "Trang đã mở quá lâu";

/// What forms are filled in with, all of it: whatever a form asks for is there.
const FIELDS: [(&str, &str); 29] = [
    ("reason", "thử"),
    ("why", "thử"),
    ("words", "thử"),
    ("note", "thử"),
    ("number", "1"),
    ("typed", "1"),
    ("sure", "1"),
    ("session", "all"),
    ("which", "all"),
    ("what", "enter"),
    ("date", "2026-07-01"),
    ("kind", "rename"),
    ("name", "Sở lạ"),
    ("vi", "Nghỉ thử"),
    ("en", "Trial"),
    ("day", "2026-03-02"),
    ("days", "30"),
    ("act", "lock"),
    ("scope", "all"),
    ("lock", "by_administrator"),
    ("verdict", "keep"),
    ("table", "agencies"),
    ("text", "code;name;parent\nmoi;Sở lạ;"),
    ("address", "xau5"),
    ("role", "auditor"),
    ("person", "xau5"),
    ("answer", "agree"),
    ("post", "directory"),
    ("version", "0"),
];

/// Paths of the protocol whose senders are applications: they prove themselves, no cookie counts; and why else.
const OF_APPLICATIONS: [&str; 9] = [
    "TOKEN",
    "PAR",
    "DEVICE_AUTHORIZATION",
    "REVOKE",
    "INTROSPECT",
    "USERINFO",
    "REGISTER",
    // An authorization request may come as a form of another site (OIDC Core §3.1.2.1); it shows a page of ours.
    "AUTHORIZE",
    // So may a request to sign out (RP-Initiated Logout §2); what it cannot prove, the person is asked.
    "END_SESSION",
];

async fn lines(hostile: &Hostile) -> i64 {
    let Db::Sqlite { readers, .. } = &hostile.house.app.db else { panic!("the house is on SQLite") };
    sqlx::query_scalar("SELECT COUNT(*) FROM audit").fetch_one(readers).await.expect("counts")
}

/// The form without a token, with an empty one, one of another browser, and one that is nearly right.
async fn is_refused(browser: &mut Browser, path: &str, tokens: &[&str]) {
    let mut forms = vec![FIELDS.to_vec()];
    forms.extend(tokens.iter().map(|token| [&[("csrf", *token)][..], &FIELDS[..]].concat()));
    for form in forms {
        let answer = browser.post(path, &form).await;
        // Whoever is signed in and sends an old page of the sign-in goes on; nothing of the form is looked at.
        if path.starts_with("/sign-in") && answer.location.as_deref() == Some("/") {
            continue;
        }
        let token = form.iter().find(|(name, _)| *name == "csrf");
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} with {token:?}:\n{}", answer.body);
        assert!(answer.body.contains(EXPIRED), "{path} with {token:?} is refused for another reason");
    }
}

/// An empty token, one of another browser at the same door, and the own one without its end.
async fn wrong_tokens(own: &mut Browser, mut other: Browser) -> [String; 3] {
    let token = |page: &Answer| page.hidden("csrf").expect("a form");
    let (own, strange) = (token(&own.get("/").await), token(&other.get("/sign-in").await));
    assert_ne!(own, strange, "each browser has its own");
    [String::new(), strange, own[..own.len() - 1].to_owned()]
}

#[tokio::test]
async fn no_form_of_the_console_is_taken_without_its_token() {
    let mut hostile = Hostile::build().await;
    let tokens = wrong_tokens(&mut hostile.admin, hostile.house.admin_browser()).await;
    let tokens = tokens.each_ref().map(String::as_str);
    let before = lines(&hostile).await;
    let forms = console::routes().into_iter().filter(|route| route.method == "POST");
    let mut paths: BTreeSet<_> = forms.map(|route| hostile.path(route.path)).collect();
    assert!(paths.len() > 60, "the table is the console's");
    let beside = doors::of_the_administration().into_iter().chain(doors::of_both());
    paths.extend(beside.filter(|route| route.is_form).map(|route| route.path.to_owned()));
    for path in &paths {
        is_refused(&mut hostile.admin, path, &tokens).await;
    }
    assert_eq!(lines(&hostile).await, before, "something was done");
    assert_eq!(hostile.admin.get("/").await.status, StatusCode::OK, "not even the session has ended");
    // With its token the same form is taken.
    let account = hostile.path("/accounts/{id}");
    let noted = hostile.admin.post_from(&account, &format!("{account}/notes"), &FIELDS).await;
    noted.leads_to(&format!("{account}?note=note-added"));
    assert!(lines(&hostile).await > before, "the lines are counted");
}

#[tokio::test]
async fn no_form_of_the_portal_and_the_sign_in_is_taken_without_its_token() {
    let mut hostile = Hostile::build().await;
    let tokens = wrong_tokens(&mut hostile.person, hostile.house.browser()).await;
    let tokens = tokens.each_ref().map(String::as_str);
    let before = lines(&hostile).await;
    let is_of_people = |route: &Route| route.is_form && !OF_APPLICATIONS.contains(&route.name);
    let all = doors::of_the_staff().into_iter().chain(doors::of_the_protocol());
    let paths: Vec<_> = all.filter(is_of_people).map(|route| route.path).collect();
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        is_refused(&mut hostile.person, path, &tokens).await;
    }
    assert_eq!(lines(&hostile).await, before, "something was done");
    assert_eq!(hostile.person.get("/").await.status, StatusCode::OK, "not even the session has ended");
    hostile.person.post_from("/", "/sign-out", &FIELDS).await.leads_to("/signed-out");
    assert!(lines(&hostile).await > before, "the lines are counted");
}

/// Whoever is not signed in yet is no exception: nobody is signed in, as somebody else, by a form of another site.
#[tokio::test]
async fn nobody_is_signed_in_by_a_form_of_another_site() {
    let hostile = Hostile::build().await;
    let before = lines(&hostile).await;
    for mut browser in [hostile.house.browser(), hostile.house.admin_browser()] {
        for _ in 0..2 {
            for route in doors::of_both().into_iter().filter(|route| route.is_form) {
                let fields = [("identifier", "quantri"), ("password", crate::house::PASSWORD)];
                let answer = browser.post(route.path, &fields).await;
                // Where nobody is signed in, there is nobody to sign out either.
                let nowhere = ["/sign-in", "/signed-out?note=nobody"];
                let leads_on = answer.location.as_deref().is_some_and(|to| nowhere.contains(&to));
                assert!(answer.status == StatusCode::FORBIDDEN || leads_on, "{}: {answer:?}", route.path);
            }
            // The second time with a cookie of the house, which other sites cannot use for a token.
            assert_eq!(browser.get("/sign-in").await.status, StatusCode::OK);
        }
        assert!(browser.get("/").await.status.is_redirection(), "nobody is signed in");
    }
    assert_eq!(lines(&hostile).await, before, "something was done");
}

#[test]
fn what_is_excepted_is_there() {
    let all = doors::of_the_protocol();
    for name in OF_APPLICATIONS {
        assert!(all.iter().any(|route| route.name == name && route.is_form), "{name}");
    }
}
