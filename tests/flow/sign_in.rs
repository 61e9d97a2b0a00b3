//! Sign-in: every outcome has its own page or message, and what must look alike does.

use crate::house::{Answer, House, PASSWORD};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use danang_sso::directory::Refusal;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use time::Duration;

async fn house() -> House {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add("binh", &[Obm]);
    house.sync().await;
    house
}

#[tokio::test]
async fn a_person_signs_in_by_address_or_by_name_in_any_case() {
    let house = house().await;
    for identifier in ["an@danang.example", "an", " AN ", "An@DaNang.Example"] {
        let mut browser = house.browser();
        browser.sign_in(identifier, PASSWORD).await.leads_to("/");
        browser.get("/").await.shows("an@danang.example").shows("Sở Khoa học và Công nghệ");
    }
}

#[tokio::test]
async fn without_a_session_the_portal_leads_to_the_sign_in() {
    let house = house().await;
    house.browser().get("/").await.leads_to("/sign-in");
    for page in ["sessions", "applications", "password"] {
        let back = format!("/sign-in?back=%2F{page}");
        house.browser().get(&format!("/{page}")).await.leads_to(&back);
    }
}

#[tokio::test]
async fn an_unknown_account_gets_the_same_answer_as_a_wrong_password() {
    let house = house().await;
    let wrong = house.browser().sign_in("an", "Sai-mat-khau-1").await;
    let unknown = house.browser().sign_in("khongco", "Sai-mat-khau-1").await;
    let nonsense = house.browser().sign_in("không phải địa chỉ", "Sai-mat-khau-1").await;
    for answer in [&wrong, &unknown, &nonsense] {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.shows("Địa chỉ thư hoặc mật khẩu chưa đúng");
    }
    let without = |answer: &Answer, name: &str| answer.without_tokens().replace(name, "");
    assert_eq!(without(&wrong, "an\""), without(&unknown, "khongco\""), "to the letter");
}

#[tokio::test]
async fn a_password_with_accents_is_answered_with_the_input_method_whoever_it_is_about() {
    const WRONG: &str = "Địa chỉ thư hoặc mật khẩu chưa đúng.";
    let house = house().await;
    let says = "Có thể bộ gõ tiếng Việt đang bật; hãy chuyển sang chế độ tiếng Anh và nhập lại.</p>";
    let wrong = house.browser().sign_in("an", "ĐaNẵng@2026").await;
    let unknown = house.browser().sign_in("khongco", "ĐaNẵng@2026").await;
    for answer in [&wrong, &unknown] {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.shows(WRONG).shows(says).hides("ĐaNẵng");
    }
    let without = |answer: &Answer, name: &str| answer.without_tokens().replace(name, "");
    assert_eq!(without(&wrong, "an\""), without(&unknown, "khongco\""), "to the letter");
    house.browser().sign_in("an", "Sai-mat-khau-1").await.shows(WRONG).hides(says);
}

#[tokio::test]
async fn an_unreachable_directory_is_never_called_a_wrong_password() {
    let house = house().await;
    house.ad.set_unreachable(true);
    for _ in 0..7 {
        let answer = house.browser().sign_in("an", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        answer.shows("Đây không phải là lỗi mật khẩu").shows("Exchange");
    }
    house.browser().sign_in("binh", PASSWORD).await.leads_to("/");
    house.ad.set_unreachable(false);
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn a_disabled_account_is_told_only_after_the_password_was_proven() {
    let house = house().await;
    house.ad.edit("an", |seen| seen.enabled = false);
    house.browser().sign_in("an", "Sai-mat-khau-1").await.shows("chưa đúng").hides("vô hiệu hóa");
    let answer = house.browser().sign_in("an", PASSWORD).await;
    answer.shows("Tài khoản đang bị khóa").shows("vô hiệu hóa").shows("0236 1022");
    house.browser().get("/").await.leads_to("/sign-in");
}

#[tokio::test]
async fn a_refusal_by_hours_is_told_as_such() {
    let house = house().await;
    house.ad.refuse("an", Some(Refusal::NotNow));
    let answer = house.browser().sign_in("an", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    answer.shows("Mật khẩu đúng");
}

#[tokio::test]
async fn the_session_moves_to_a_new_cookie_at_sign_in() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    let before = browser.cookies()["dsso"].clone();
    browser.sign_in("an", PASSWORD).await;
    assert_ne!(browser.cookies()["dsso"], before, "a cookie fixed before the sign-in is of no use");
    let mut fixed = house.browser();
    fixed.cookies().insert("dsso".to_owned(), before);
    fixed.get("/").await.leads_to("/sign-in");
}

#[tokio::test]
async fn a_forged_cookie_opens_nothing() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let real = browser.cookies()["dsso"].clone();
    let mut bytes = real.clone().into_bytes();
    let last = bytes.len() - 1;
    bytes[last] = if bytes[last] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(bytes).expect("ASCII");
    for cookie in [flipped.as_str(), "", "x", "AAAA=AAAA", &real[10..]] {
        let mut forged = house.browser();
        forged.cookies().insert("dsso".to_owned(), cookie.to_owned());
        forged.get("/").await.leads_to("/sign-in");
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_at_its_longest_life() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    for _ in 0..14 {
        house.pass(Duration::minutes(50));
        assert_eq!(browser.get("/").await.status, StatusCode::OK, "used within the hour");
    }
    house.pass(Duration::minutes(50));
    browser.get("/").await.leads_to("/sign-in");
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    house.pass(Duration::minutes(61));
    browser.get("/").await.leads_to("/sign-in?expired=1");
    browser.get("/sign-in?expired=1").await.shows("Phiên đăng nhập đã hết hạn");
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let held = browser.clone();
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    browser.get("/").await.leads_to("/sign-in");
    let mut back_button = held;
    back_button.get("/").await.leads_to("/sign-in");
}

/// There is nothing to protect; and nothing is written, because another site can send as much.
#[tokio::test]
async fn signing_out_once_more_in_another_tab_says_that_nobody_is_signed_in() {
    const NOBODY: &str = "/signed-out?note=nobody";
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let csrf = browser.get("/letters").await.hidden("csrf").expect("a form");
    browser.post("/sign-out", &[("csrf", &csrf)]).await.leads_to("/signed-out");
    browser.get("/signed-out").await.shows("Đã đăng xuất");
    for path in ["/sign-out", "/logout/confirm"] {
        let again = browser.post(path, &[("csrf", &csrf)]).await;
        again.leads_to(NOBODY);
        assert!(!again.headers.contains_key("set-cookie"), "{path}");
    }
    browser.get(NOBODY).await.shows("Hiện không có ai đăng nhập trên trình duyệt này.");
    // As before where somebody is signed in; from another site no cookie comes along.
    browser.sign_in("an", PASSWORD).await;
    assert_eq!(browser.post("/sign-out", &[("csrf", &csrf)]).await.status, StatusCode::FORBIDDEN);
    let elsewhere = house.browser().post("/sign-out", &[]).await;
    elsewhere.leads_to(NOBODY);
    assert!(!elsewhere.headers.contains_key("set-cookie"));
    browser.get(NOBODY).await.leads_to("/");
}

#[tokio::test]
async fn a_person_in_both_systems_proves_the_password_on_the_home_directory_only() {
    let house = House::build().await;
    house.add("chi", &[Ad, Obm]);
    house.sync().await;
    house.obm.set_unreachable(true);
    house.browser().sign_in("chi", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn a_page_is_shown_in_the_language_that_was_chosen() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await.shows("Mật khẩu").shows("lang=\"vi\"");
    browser.get("/language/en?back=%2Fsign-in").await.leads_to("/sign-in");
    browser.get("/sign-in").await.shows("Official mail address").shows("lang=\"en\"");
    browser.get("/language/en?back=%2F%2Fevil.example").await.leads_to("/");
}

/// A page holds the token of its forms beside what others wrote; its compressed length would tell of it (BREACH).
#[tokio::test]
async fn files_travel_compressed_and_pages_never_do() {
    let house = house().await;
    let mut browser = house.browser();
    for (path, encoding) in
        [("/static/app.css", Some("gzip")), ("/static/app.js", Some("gzip")), ("/sign-in", None)]
    {
        let request = Request::head(path).header("Accept-Encoding", "gzip, deflate, br");
        let answer = browser.send(request, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let told = answer.headers.get("content-encoding").and_then(|value| value.to_str().ok());
        assert_eq!(told, encoding, "{path}");
    }
    let plain = browser.get("/static/app.css").await;
    assert_eq!(plain.headers.get("content-encoding"), None, "who cannot read it gets it plain");
    let request = Request::get("/static/app.css").header("If-None-Match", plain.headers["etag"].clone());
    let again = browser.send(request.header("Accept-Encoding", "gzip"), Body::empty()).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED, "either is known by the same tag");
}

#[tokio::test]
async fn every_page_carries_the_strict_headers() {
    let house = house().await;
    let answer = house.browser().get("/sign-in").await;
    let header = |name: &str| answer.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    assert!(header("content-security-policy").contains("default-src 'none'"));
    assert!(!header("content-security-policy").contains("unsafe"));
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("cache-control"), "no-store");
    let cookie = header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn on_https_the_cookie_is_bound_to_the_host() {
    use danang_sso::config::Config;
    let house = House::build().await;
    let text = "[server]\npublic_url = \"https://a.example\"\nadmin_url = \"https://b.example\"\n\
                [city]\nmail_domain = \"danang.example\"\n[ad]\nurls = [\"ldaps://x\"]\nbind_password_file = \"PW\"\n";
    let text = text.replace("PW", &house.folder().join("pw").display().to_string());
    let config = Config::parse("t", &text, Vec::new()).expect("complete");
    let (db, system, keyring) = (house.app.db.clone(), house.app.system.clone(), house.app.keyring.clone());
    let app = danang_sso::app::App::new(config, db, house.app.directories.clone(), system, keyring);
    for (router, name) in [
        (danang_sso::server::staff(&app), "__Host-dsso="),
        (danang_sso::server::admin(&app), "__Host-dsso-admin="),
    ] {
        let request =
            axum::http::Request::get("/sign-in").body(axum::body::Body::empty()).expect("a request");
        let response = tower::ServiceExt::oneshot(router, request).await.expect("answers");
        let cookie = response.headers()["set-cookie"].to_str().expect("ASCII");
        assert!(
            cookie.starts_with(name) && cookie.contains("Secure") && cookie.contains("Path=/"),
            "{cookie}"
        );
        assert!(response.headers().contains_key("strict-transport-security"));
    }
}

#[tokio::test]
async fn a_node_that_serves_says_so_to_a_load_balancer() {
    let house = house().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = house.staff_router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let answer = client.get(format!("http://{address}/health")).send().await.expect("it answers");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await.expect("a text"), "ok\n");
}
