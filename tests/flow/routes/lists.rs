//! What the lists take besides an agency: searches, places, orders, an application. None of it leads beyond the reach.

use super::estate::{Estate, estate};
use super::{Case, FOREIGN, HOLDERS, LISTS, case, shows_nothing};
use crate::house::{Answer, Browser};
use axum::http::StatusCode;
use danang_sso::domain::audit::Act;

/// What else the lists take, with what is another agency's: a search that finds it, a place beside it, an order. Each is
/// answered as if it were not there. No search has the whole of what it looks for, for it is shown again.
const ASKED: &[(&str, &[&str])] = &[
    (
        "/accounts",
        &[
            "q=do+dinh",
            "q=binh%40danang",
            "q={ID}",
            "after={ID}",
            "before={ID}",
            "sort=since&order=down&state=locked",
            "sort=due&after={ID}",
            "lock=default_password_kept",
        ],
    ),
    ("/accounts.csv", &["q=do+dinh", "q=binh%40danang", "sort=since&state=locked"]),
    ("/accounts.xlsx", &["sort=since&order=down"]),
    ("/agencies", &["sort=locked", "sort=password"]),
    ("/applications", &["q=kho+ho", "kind=web", "state=runs"]),
    ("/audit", &["q=binh", "q={ID}", "actor=chi", "act=locked", "act=signed_in", "below=999999"]),
    ("/audit.csv", &["q=binh", "q={ID}", "actor=chi", "act=locked"]),
    ("/audit.jsonl", &["q=binh", "q={ID}", "actor=chi", "act=locked"]),
    ("/calendar", &["year=2027"]),
    ("/forecast", &["days=180"]),
    ("/forecast.csv", &["days=180"]),
    ("/incidents", &["before={INCIDENT}", "state=closed", "before=ffffffff-ffff-7fff-bfff-ffffffffffff"]),
    ("/reset", &["state=locked", "after={ID}", "after={ID}&state=locked"]),
    (
        "/sessions",
        &["q=do+dinh", "q=chi", "after=9999999999999999.{SESSION}", "door=staff", "source=192.0.2.7"],
    ),
    ("/sessions/end-all", &["q=chi", "door=staff", "source=192.0.2.7"]),
    ("/sync/reconcile", &["q=binh", "after={ID}", "kind=name"]),
    ("/sync/reconcile.csv", &["q=binh"]),
    ("/watch", &["list=never", "list=only-ad", "list=only-ad&after=binh%40danang&tie=x"]),
    ("/watch.csv", &["list=never", "list=only-ad"]),
];

/// What a list answers to whatever else it takes.
pub async fn asked_otherwise(estate: &Estate, browser: &mut Browser, path: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    let queries = ASKED.iter().find(|(list, _)| *list == path).map_or(&[][..], |(_, queries)| *queries);
    for query in queries {
        let address = format!("{path}?{}", estate.filled(query));
        let answer = browser.get(&address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        answers.push(answer);
    }
    answers
}

#[test]
fn what_lists_are_asked_is_asked_of_lists() {
    for (path, queries) in ASKED {
        assert!(LISTS.contains(path) && !queries.is_empty(), "{path}");
        assert!(matches!(case("GET", path), Some(Case::List(_))), "{path}");
    }
}

#[tokio::test]
async fn whoever_reaches_the_city_finds_by_the_same_words_what_is_hidden_from_a_branch() {
    let estate = estate().await;
    let mut city = estate.browser("quantri").await;
    for (address, shown) in [
        ("/accounts?q=do+dinh", FOREIGN[0]),
        ("/accounts?q=binh%40danang", FOREIGN[1]),
        ("/accounts?lock=default_password_kept", FOREIGN[1]),
        ("/accounts.csv?q=do+dinh", FOREIGN[2]),
        ("/applications?q=kho+ho", FOREIGN[5]),
        ("/audit?q=binh", FOREIGN[1]),
        ("/audit?q={ID}", FOREIGN[1]),
        ("/audit?actor=chi", FOREIGN[3]),
        ("/audit.csv?act=locked", FOREIGN[1]),
        ("/audit.jsonl?act=locked", FOREIGN[1]),
        ("/incidents?before=ffffffff-ffff-7fff-bfff-ffffffffffff", FOREIGN[4]),
        ("/reset?agency={AGENCY}", FOREIGN[3]),
        ("/sessions?q=do+dinh", FOREIGN[2]),
        ("/sessions/end-all?q=chi", FOREIGN[2]),
        ("/watch?list=only-ad", FOREIGN[3]),
        ("/watch.csv?list=only-ad", FOREIGN[3]),
    ] {
        let answer = city.get(&estate.filled(address)).await;
        assert!(answer.body.contains(shown), "{address} does not show {shown}:\n{}", answer.body);
    }
    for path in ["/bulk/{id}", "/agencies/changes/{id}", "/reviews/{id}", "/sessions/{id}", "/sync/runs/{id}"]
    {
        let answer = city.get(&estate.path(path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn whoever_reaches_the_city_reads_the_numbers_that_are_hidden_from_a_branch() {
    let estate = estate().await;
    let mut city = estate.browser("quantri").await;
    for (path, shown) in [
        ("/", &["47.901", "47.902", "ldap01.noi-bo"][..]),
        ("/sync", &FOREIGN[6..12]),
        ("/sync", &["truc-ban@danang.example", "ldap01.noi-bo"]),
        ("/sync/runs/{id}", &["47.907", "truc-ban@danang.example", "ldap01.noi-bo"]),
        ("/policy/brake", &["47.908", "412/800", "phòng Tổ chức"]),
    ] {
        let answer = city.get(&estate.path(path)).await;
        for number in shown {
            answer.shows(number);
        }
    }
}

#[tokio::test]
async fn a_place_beside_somebody_of_another_agency_is_the_beginning_of_the_own_list() {
    let estate = estate().await;
    let mut browser = estate.browser("donvi").await;
    for query in ["after={ID}", "before={ID}", "sort=since&after={ID}", "sort=due&before={ID}"] {
        let list = browser.get(&estate.filled(&format!("/accounts?{query}"))).await;
        for (local, ..) in HOLDERS {
            list.shows(&format!("{local}@danang.example"));
        }
        list.shows("an@danang.example");
    }
}

#[tokio::test]
async fn sessions_are_not_narrowed_to_an_application_that_is_only_for_another_agency() {
    let estate = estate().await;
    for (who, knows_applications, lists) in [
        ("donvi", true, &["/sessions", "/sessions/end-all"][..]),
        ("kiemtradonvi", true, &["/sessions"]),
        ("hotrodonvi", false, &["/sessions", "/sessions/end-all"]),
    ] {
        let mut browser = estate.browser(who).await;
        for list in lists {
            let before = estate.refusals(who, Act::OutOfReach).await;
            let known = browser.get(&format!("{list}?application={}", estate.application)).await;
            let unknown =
                browser.get(&format!("{list}?application=01890000-0000-7000-8000-000000000000")).await;
            // Who may not see applications narrows by none.
            let expected = if knows_applications { StatusCode::NOT_FOUND } else { StatusCode::OK };
            assert_eq!((known.status, unknown.status), (expected, expected), "{list} as {who}");
            shows_nothing(&known, (list, who));
            let lines = estate.refusals(who, Act::OutOfReach).await - before;
            assert_eq!(lines, if knows_applications { 2 } else { 0 }, "{list} as {who}");
        }
    }
}
