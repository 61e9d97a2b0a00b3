//! What bad input gets: a clear answer, nothing lost, never a panic.

use crate::house::{House, PASSWORD};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use danang_sso::config::Config;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::server::{self, Listeners};
use danang_sso::system::System;
use proptest::prelude::*;

const FORM: &str = "application/x-www-form-urlencoded";

async fn house() -> House {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    house
}

#[tokio::test]
async fn a_form_without_the_token_of_its_page_is_refused() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    let fields = [("identifier", "an"), ("password", PASSWORD)];
    for csrf in ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let mut with = vec![("csrf", csrf)];
        with.extend_from_slice(&fields);
        let answer = browser.post("/sign-in", &with).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        answer.shows("Trang đã mở quá lâu");
    }
    assert_eq!(house.browser().post("/sign-in", &fields).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_token_of_another_browser_is_refused() {
    let house = house().await;
    let token = house.browser().get("/sign-in").await.hidden("csrf").expect("the page has one");
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    let fields = [("csrf", token.as_str()), ("identifier", "an"), ("password", PASSWORD)];
    assert_eq!(browser.post("/sign-in", &fields).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_oversized_body_is_refused_before_it_is_read() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    let request = Request::post("/sign-in").header(CONTENT_TYPE, FORM);
    let answer = browser.send(request, Body::from(vec![b'a'; 10_000_000])).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn bytes_that_are_no_form_are_refused() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    for body in [&b"identifier=%ff%fe&password=x"[..], b"a=1&a=2", b"\xff\xfe\x00", b"identifier=x%00"] {
        let request = Request::post("/sign-in").header(CONTENT_TYPE, FORM);
        let answer = browser.send(request, Body::from(body.to_vec())).await;
        assert!(answer.status.is_client_error(), "{:?}: {}", String::from_utf8_lossy(body), answer.status);
    }
    let request = Request::post("/sign-in").header(CONTENT_TYPE, "application/json");
    let answer = browser.send(request, Body::from("{}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_endless_password_is_a_wrong_password() {
    let house = house().await;
    let answer = house.browser().sign_in("an", &"x".repeat(5_000)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.shows("chưa đúng");
}

#[tokio::test]
async fn a_page_that_is_not_there_is_told_in_both_languages() {
    let house = house().await;
    let mut browser = house.browser();
    let answer = browser.get("/khong-co").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    answer.shows("Không có trang này");
    browser.get("/language/en?back=/").await;
    browser.get("/khong-co").await.shows("There is no such page");
    for path in ["/static/../Cargo.toml", "/static/%2e%2e/Cargo.toml", "/static/none.css", "/accounts"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_and_does_nothing() {
    let house = house().await;
    let mut browser = house.browser();
    for (method, path) in [(Method::DELETE, "/sign-in"), (Method::GET, "/sign-out"), (Method::PUT, "/")] {
        let request = Request::builder().method(method.clone()).uri(path);
        let answer = browser.send(request, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
    }
}

#[tokio::test]
async fn a_taken_port_is_told_with_its_key() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let free = "127.0.0.1:0".parse().expect("an address");
    let error = Listeners::bind(address.parse().expect("an address"), free).await.err().expect("it is taken");
    let text = format!("{error:#}");
    assert!(text.contains(&address) && text.contains("server.listen"), "{text}");
}

fn config(dir: &std::path::Path, database: &str) -> Config {
    std::fs::write(dir.join("pw"), "x").expect("written");
    let text = format!(
        "[server]\npublic_url = \"http://localhost:8080\"\nadmin_url = \"http://localhost:8090\"\n\
         [database]\nurl = \"{database}\"\n[secrets]\nmaster_key_file = \"{0}/master.key\"\n\
         [city]\nmail_domain = \"danang.example\"\n\
         [ad]\nurls = [\"ldaps://127.0.0.1:1\"]\nbind_password_file = \"{0}/pw\"\n",
        dir.display()
    );
    Config::parse("t", &text, Vec::new()).expect("complete")
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_says_what_to_look_at() {
    let dir = tempfile::tempdir().expect("a directory");
    for url in ["sqlite:/no/such/folder/house.db", "postgres://x@127.0.0.1:1/none"] {
        let error =
            server::open(config(dir.path(), url), System::of_the_machine()).await.err().expect("fails");
        assert!(format!("{error:#}").contains("opening the database"), "{error:#}");
    }
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_loses_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite:{}", dir.path().join("house.db").display());
    let app = server::open(config(dir.path(), &url), System::of_the_machine()).await.expect("opens");
    let danang_sso::storage::Db::Sqlite { writer, .. } = &app.db else { panic!("SQLite") };
    // The database may grow no further: what a full disk is to SQLite.
    let (pages,): (i64,) = sqlx::query_as("PRAGMA page_count").fetch_one(writer).await.expect("reads");
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(limit).execute(writer).await.expect("set");
    let big = "x".repeat(1_000_000);
    let written = danang_sso::storage::browsers::create(&app.db, "b", &big, app.now()).await;
    assert!(written.is_err(), "there is no room");
    let list = danang_sso::services::keys::list(&app).await.expect("what was there is there");
    assert_eq!(list.len(), 1);
}

#[tokio::test]
async fn a_master_key_that_others_can_read_or_that_is_another_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite:{}", dir.path().join("house.db").display());
    let open = || server::open(config(dir.path(), &url), System::of_the_machine());
    open().await.expect("the first start makes everything").db.close().await;
    let key = dir.path().join("master.key");
    let mode = std::fs::metadata(&key).expect("made").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("set");
    assert!(format!("{:#}", open().await.err().expect("refused")).contains("chmod 600"));
    std::fs::remove_file(&key).expect("removed");
    let error = format!("{:#}", open().await.err().expect("another key does not open what is sealed"));
    assert!(error.contains("signing key"), "{error}");
}

#[tokio::test]
async fn a_failure_of_ours_has_an_incident_number_and_tells_nothing_else() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    house.app.db.close().await;
    let answer = browser.get("/sign-in").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    answer.shows("Số sự cố").hides("browser").hides("SELECT");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_to_any_door_are_answered(
        path in "/(sign-in|password|accounts|sessions/end|sync/runs|language/[a-z%]{0,4}|static/[a-z./%]{0,12}|[a-z]{0,8})",
        query in "[ -~]{0,60}",
        body in proptest::collection::vec(any::<u8>(), 0..200),
        post in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let house = House::build().await;
            for mut browser in [house.browser(), house.admin_browser()] {
                let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
                let uri = format!("{path}?{query}");
                let Ok(uri) = uri.parse::<axum::http::Uri>() else { return };
                let method = if post { Method::POST } else { Method::GET };
                let request = Request::builder().method(method).uri(uri).header(CONTENT_TYPE, FORM);
                let answer = browser.send(request, Body::from(body.clone())).await;
                assert!(answer.status != StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.body);
                if let Some(location) = &answer.location {
                    assert!(location.starts_with('/') && !location.starts_with("//"), "{location}");
                }
            }
        });
    }
}
