//! OpenID Connect Core 1.0 §5: claims and UserInfo; RFC 6750: bearer tokens.

use crate::house::PASSWORD;
use crate::rp::{Rp, claims, form, house, json, signed_in, userinfo};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use danang_sso::services::{accounts, admins, reorganisation};
use serde_json::{Value, json as value};
use time::Duration;

const EVERYTHING: &str = "openid profile email agency";

async fn everything() -> (crate::house::House, crate::house::Browser, Value) {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", EVERYTHING)]).await;
    (house, browser, tokens)
}

#[tokio::test]
async fn userinfo_tells_the_claims_of_the_scopes_5_3_2_5_4() {
    let (house, mut browser, tokens) = everything().await;
    let answer = userinfo(&mut browser, &tokens["access_token"]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let expected = value!({
        "sub": claims(&tokens["id_token"])["sub"],
        "name": "Nguyễn Thị Hồng AN",
        "family_name": "Nguyễn",
        "middle_name": "Thị Hồng",
        "given_name": "AN",
        "nickname": "AN",
        "zoneinfo": "Asia/Ho_Chi_Minh",
        "locale": "vi-VN",
        "updated_at": house.app.now().seconds(),
        "upn": "an@danang.example",
        "account_kind": "person",
        "preferred_username": "an@danang.example",
        "email": "an@danang.example",
        "email_verified": true,
        "agency": { "code": "so-khcn", "name": "Sở Khoa học và Công nghệ" },
        "agency_code": "so-khcn",
        "agency_name": "Sở Khoa học và Công nghệ",
        "posts": [{
            "title": "Chuyên viên",
            "agency_code": "so-khcn",
            "agency_name": "Sở Khoa học và Công nghệ",
        }],
    });
    assert_eq!(json(&answer), expected);
}

/// `agency_code_former` is a claim of the house (§5.1.2), for applications that know people by the code of before.
#[tokio::test]
async fn userinfo_tells_the_old_code_of_an_agency_for_a_while_5_1_2() {
    let (house, mut browser, tokens) = everything().await;
    let address = danang_sso::domain::address::MailAddress::parse("an@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut admin = house.admin_browser();
    admin.sign_in("an", PASSWORD).await.leads_to("/");
    let all = accounts::agencies(&house.app).await.expect("reads");
    let agency = all.iter().find(|agency| agency.code == "so-khcn").expect("there").id.to_string();
    let today = house.app.now().local_date().to_string();
    let fields = [
        ("kind", "rename"),
        ("agency", &agency),
        ("code", "so-khcn-cds"),
        ("name", "Sở Khoa học, Công nghệ và Chuyển đổi số"),
        ("day", &today),
        ("days", "30"),
    ];
    let drawn = admin.post_from("/agencies/changes", "/agencies/changes", &fields).await;
    let at = drawn.location.expect("a place");
    admin.post_from(&at, &format!("{at}/start"), &[("reason", "QĐ 5/QĐ-UBND")]).await.leads_to(&at);
    reorganisation::carry_on(&house.app).await.expect("done");
    let told = json(&userinfo(&mut browser, &tokens["access_token"]).await);
    assert_eq!(told["sub"], claims(&tokens["id_token"])["sub"], "the person is the same");
    assert_eq!(
        (&told["agency_code"], &told["agency_code_former"]),
        (&"so-khcn-cds".into(), &"so-khcn".into())
    );
}

#[tokio::test]
async fn updated_at_is_when_the_directory_changed_and_not_when_it_was_read_5_1() {
    let (house, mut browser, tokens) = everything().await;
    let first = house.app.now().seconds();
    let mut told =
        async || json(&userinfo(&mut browser, &tokens["access_token"]).await)["updated_at"].clone();
    house.pass(Duration::minutes(3));
    house.sync().await;
    assert_eq!(told().await, first);
    house.ad.edit("an", |seen| seen.title = Some("Phó phòng".to_owned()));
    house.sync().await;
    assert_eq!(told().await, house.app.now().seconds());
}

#[tokio::test]
async fn userinfo_tells_nothing_that_was_not_granted_5_4() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid email")]).await;
    let told = json(&userinfo(&mut browser, &tokens["access_token"]).await);
    let names: Vec<_> = told.as_object().expect("claims").keys().map(String::as_str).collect();
    assert_eq!(names, ["email", "email_verified", "sub"]);
}

#[tokio::test]
async fn userinfo_answers_get_and_post_with_the_token_in_the_header_5_3_1() {
    let (_house, mut browser, tokens) = everything().await;
    let bearer = format!("bearer {}", tokens["access_token"].as_str().expect("a token"));
    for request in [Request::get("/userinfo"), Request::post("/userinfo")] {
        let answer = browser.send(request.header(AUTHORIZATION, &bearer), Body::empty()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn userinfo_answers_post_with_the_token_in_the_body_rfc6750_2_2() {
    let (_house, mut browser, tokens) = everything().await;
    let token = tokens["access_token"].as_str().expect("a token");
    assert_eq!(browser.post("/userinfo", &[("access_token", token)]).await.status, 200);
    let both = Request::post("/userinfo")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = browser.send(both, Body::from(form([("access_token", token)]))).await;
    assert_eq!(answer.status, 400);
    assert_eq!(json(&answer)["error"], "invalid_request");
}

#[tokio::test]
async fn a_token_in_the_query_is_not_looked_at_rfc9700_4_3_2() {
    let (_house, mut browser, tokens) = everything().await;
    let token = tokens["access_token"].as_str().expect("a token");
    let answer = browser.get(&format!("/userinfo?access_token={token}")).await;
    assert_eq!(answer.status, 401);
    // RFC 6750 §3.1: without a token no error is named.
    assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"danang-sso\"");
}

#[tokio::test]
async fn a_wrong_or_expired_token_is_invalid_token_rfc6750_3_1() {
    let (house, mut browser, tokens) = everything().await;
    let nonsense = userinfo(&mut browser, &value!("AAAA")).await;
    assert_eq!(nonsense.status, 401);
    let challenge = nonsense.headers["www-authenticate"].to_str().expect("ASCII");
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    house.pass(Duration::minutes(9));
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 200);
    house.pass(Duration::minutes(1));
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
}

#[tokio::test]
async fn an_id_token_or_a_refresh_token_opens_nothing_at_userinfo_5_3_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    assert_eq!(userinfo(&mut browser, &tokens["id_token"]).await.status, 401);
    assert_eq!(userinfo(&mut browser, &tokens["refresh_token"]).await.status, 401);
}

#[tokio::test]
async fn the_person_sees_their_applications_and_ends_one() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[]).await;
    browser.get("/applications").await.shows("Quản lý văn bản").shows(&rp.client_id);
    let fields = [("application", rp.client_id.as_str())];
    browser
        .post_from("/applications", "/applications/end", &fields)
        .await
        .leads_to("/applications?note=ended");
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    browser.get("/applications").await.hides(&rp.client_id);
    // Ending it twice changes nothing and says nothing.
    let again = browser.post_from("/applications", "/applications/end", &fields).await;
    again.leads_to("/applications");
}
