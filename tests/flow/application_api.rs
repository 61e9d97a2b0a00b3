//! What an application may do in its own name, given in the console: with a reach, a reason, and a second person for what
//! is much; taken back at once.

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{Request, StatusCode};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::{ApiReach, Metadata};
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::clients::{self, Registered, Registration};
use danang_sso::services::{admins, client_api, upkeep};
use danang_sso::storage::applications;
use serde_json::Value;
use time::Duration;

const ACCOUNTS: &str = "/api/v1/accounts";
const READS: (&str, &str) = ("api.accounts.read", "1");
const LOCKS: (&str, &str) = ("api.accounts.lock", "1");
const KHCN: (&str, &str) = ("reach", "agency.so-khcn");
const CITY: (&str, &str) = ("reach", "city");
const WHY: (&str, &str) = ("reason", "QĐ 15/QĐ-UBND");
const OWN: (&str, &str) = ("grant_type", "client_credentials");
const WITHDRAW: (&str, &str) = ("withdraw", "1");

/// Two administrators of the city, one of so-khcn, `an` of so-khcn and `binh` of so-nv.
async fn house(more: &str) -> House {
    let text = format!("[admin]\n{more}");
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), &text).await;
    for local in ["lan", "tuan", "quantrikhcn", "an"] {
        house.add(local, &[Ad]);
    }
    house.add_with("binh", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    for (local, agency) in [("lan", None), ("tuan", None), ("quantrikhcn", Some("so-khcn"))] {
        let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
        admins::grant(&house.app, &address, agency).await.expect("granted");
    }
    house
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn application(house: &House, kind: ClientKind) -> Registered {
    application_with(house, kind, &[]).await
}

async fn application_with(house: &House, kind: ClientKind, grants: &[&str]) -> Registered {
    let grant_types = grants.iter().map(|&grant| grant.to_owned()).collect();
    let metadata = Metadata { api_scopes: vec!["kho.doc".to_owned()], grant_types, ..Metadata::default() };
    registered(house, (kind, "Kho nhân sự"), metadata).await
}

/// An application that has little but what its metadata say.
pub async fn registered(house: &House, (kind, name): (ClientKind, &str), metadata: Metadata) -> Registered {
    let registration = Registration {
        name: name.to_owned(),
        kind,
        redirect_uris: vec!["https://kho.danang.example/callback".to_owned()],
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: Scopes::parse("openid"),
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata,
    };
    clients::register(&house.app, Actor::CommandLine, &registration).await.expect("registered")
}

fn page_of(one: &Registered) -> String {
    format!("/applications/{}", one.client.id)
}

/// Sends what the preview shows.
async fn gives(browser: &mut Browser, one: &Registered, fields: &[(&str, &str)]) -> Answer {
    let path = format!("{}/api", page_of(one));
    browser.post_from(&path, &path, fields).await
}

async fn metadata(house: &House, one: &Registered) -> Metadata {
    clients::find(&house.app, one.client.client_id.as_str()).await.expect("found").metadata
}

/// Asks for something as the application, which proves itself.
async fn asks(house: &House, one: &Registered, path: &str, field: (&str, &str)) -> Answer {
    let secret = one.secret.as_ref().expect("a secret").expose().clone();
    let fields = [("client_id", one.client.client_id.as_str()), ("client_secret", &secret), field];
    house.browser().post(path, &fields).await
}

/// What a token is good for.
async fn told_of(house: &House, one: &Registered, token: &str) -> Value {
    let answer = asks(house, one, "/introspect", ("token", token)).await;
    serde_json::from_str(&answer.body).expect("JSON")
}

/// A token of the application in its own name.
async fn token(house: &House, one: &Registered) -> String {
    let answer = asks(house, one, "/token", OWN).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let told: Value = serde_json::from_str(&answer.body).expect("JSON");
    told["access_token"].as_str().expect("a token").to_owned()
}

async fn calls(house: &House, token: &str, path: &str) -> Answer {
    let request = Request::get(path).header(AUTHORIZATION, format!("Bearer {token}"));
    house.admin_browser().send(request, Body::empty()).await
}

/// What the audit says was changed of an application in its own name: by whom, from what, to what, why.
async fn changes(house: &House, one: &Registered) -> Vec<(String, String, String, String)> {
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let query = "SELECT actor, before, after, COALESCE(why, '-') FROM audit \
                 WHERE subject = $1 AND act = $2 AND before IS NOT NULL ORDER BY seq";
    let query = sqlx::query_as::<_, (String, String, String, String)>(query)
        .bind(one.client.client_id.as_str())
        .bind(Act::ClientChanged.code());
    query.fetch_all(&mut db).await.expect("reads")
}

#[tokio::test]
async fn an_interface_given_in_the_console_opens_and_is_closed_at_once() {
    let house = house("two_persons = true\n").await;
    let one = application(&house, ClientKind::Web).await;
    let (mut lan, page) = (administrator(&house, "lan").await, page_of(&one));
    lan.get(&page).await.shows("Ứng dụng không dùng được giao diện quản trị").shows("id=\"api-change\"");
    lan.get(&format!("{page}/edit")).await.shows("id=\"api-change\"");
    let form = format!("{page}/api");
    lan.get(&form).await.shows("accounts.read").shows("Sở Nội vụ (so-nv)").hides("id=\"withdraw\"");
    let preview = lan.post_from(&form, &format!("{form}/preview"), &[READS, KHCN, WHY]).await;
    preview.shows("Kho nhân sự").shows("Không có phạm vi → Sở Khoa học và Công nghệ (so-khcn)");
    preview.shows("Thêm accounts.read").shows("Thay đổi có hiệu lực ngay");
    assert_eq!(metadata(&house, &one).await.api_reach, None, "nothing yet");
    gives(&mut lan, &one, &[READS, KHCN, WHY]).await.leads_to(&format!("{page}?note=api"));
    lan.get(&page).await.shows("Phạm vi: Sở Khoa học và Công nghệ (so-khcn)").shows("Chưa gọi API lần nào.");

    let token = token(&house, &one).await;
    let answer = calls(&house, &token, ACCOUNTS).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.shows("an@danang.example").hides("binh@danang.example");
    let preview = lan.post_from(&form, &format!("{form}/preview"), &[READS, KHCN, WHY, WITHDRAW]).await;
    preview.shows("Thu hồi accounts.read").shows("name=\"withdraw\"").hides("người thứ hai");
    gives(&mut lan, &one, &[WHY, WITHDRAW]).await.leads_to(&format!("{page}?note=api"));
    let answer = calls(&house, &token, ACCOUNTS).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a token that was given opens nothing any more");
    let kept = metadata(&house, &one).await;
    assert_eq!((kept.api_scopes, kept.api_reach), (vec!["kho.doc".to_owned()], None), "others' scopes stay");
    let [none, given] = ["kho.doc", "kho.doc accounts.read; agency so-khcn"].map(str::to_owned);
    let (who, why) = ("lan@danang.example".to_owned(), WHY.1.to_owned());
    let expected = [(who.clone(), none.clone(), given.clone(), why.clone()), (who, given, none, why)];
    assert_eq!(changes(&house, &one).await, expected);
}

#[tokio::test]
async fn a_grant_that_came_with_the_first_right_goes_with_the_last_and_its_tokens_are_nothing_at_once() {
    const SCIM: (&str, &str) = ("api.scim.read", "1");
    let house = house("two_persons = false\n").await;
    let one = application(&house, ClientKind::Web).await;
    let mut lan = administrator(&house, "lan").await;
    let page = page_of(&one);
    assert_eq!(asks(&house, &one, "/token", OWN).await.status, StatusCode::BAD_REQUEST);
    gives(&mut lan, &one, &[READS, SCIM, KHCN, WHY]).await.leads_to(&format!("{page}?note=api"));
    assert!(metadata(&house, &one).await.allows_grant(OWN.1));
    let file = lan.get("/applications.toml").await.body;
    let token = token(&house, &one).await;
    let users = async || {
        let request = Request::get("/scim/v2/Users").header(AUTHORIZATION, format!("Bearer {token}"));
        house.browser().send(request, Body::empty()).await.status
    };
    assert_eq!(calls(&house, &token, ACCOUNTS).await.status, StatusCode::OK);
    assert_eq!(users().await, StatusCode::OK);
    assert_eq!(told_of(&house, &one, &token).await["scope"], "kho.doc accounts.read scim.read");
    // One of two: the other holds, the token has only that.
    gives(&mut lan, &one, &[SCIM, KHCN, WHY]).await.leads_to(&format!("{page}?note=api"));
    assert_eq!(calls(&house, &token, ACCOUNTS).await.status, StatusCode::FORBIDDEN);
    assert_eq!(users().await, StatusCode::OK);
    assert_eq!(told_of(&house, &one, &token).await["scope"], "kho.doc scim.read");
    // The last: as it was registered.
    gives(&mut lan, &one, &[WHY, WITHDRAW]).await.leads_to(&format!("{page}?note=api"));
    let kept = metadata(&house, &one).await;
    assert_eq!(kept.grant_types(), one.client.metadata.grant_types());
    assert!(!kept.grant_came_with_rights);
    assert_eq!(users().await, StatusCode::FORBIDDEN);
    assert_eq!(told_of(&house, &one, &token).await["active"], false);
    asks(&house, &one, "/token", OWN).await.shows("unauthorized_client");
    // A file that was written before gives nothing of it back.
    let import = "/applications/import";
    let preview = lan.post_from(import, "/applications/import/preview", &[("file", &file)]).await;
    preview.shows("Không đổi");
}

#[tokio::test]
async fn an_application_that_was_registered_with_the_grant_keeps_it() {
    let house = house("two_persons = false\n").await;
    let one = application_with(&house, ClientKind::Web, &[OWN.1]).await;
    let mut lan = administrator(&house, "lan").await;
    let page = page_of(&one);
    gives(&mut lan, &one, &[READS, KHCN, WHY]).await.leads_to(&format!("{page}?note=api"));
    let before = token(&house, &one).await;
    gives(&mut lan, &one, &[WHY, WITHDRAW]).await.leads_to(&format!("{page}?note=api"));
    assert_eq!(metadata(&house, &one).await, one.client.metadata);
    assert_eq!(calls(&house, &before, ACCOUNTS).await.status, StatusCode::FORBIDDEN);
    // What it has for another resource server stays.
    assert_eq!(told_of(&house, &one, &before).await["scope"], "kho.doc");
    token(&house, &one).await;
}

#[tokio::test]
async fn what_reaches_the_city_or_changes_accounts_waits_for_a_second_person() {
    let house = house("two_persons = true\n").await;
    let one = application(&house, ClientKind::Web).await;
    let (mut lan, mut tuan) = (administrator(&house, "lan").await, administrator(&house, "tuan").await);
    let (page, form) = (page_of(&one), format!("{}/api", page_of(&one)));
    for (wish, shown) in [([READS, CITY, WHY], "Toàn thành phố"), ([LOCKS, KHCN, WHY], "accounts.lock")] {
        let preview = lan.post_from(&form, &format!("{form}/preview"), &wish).await;
        preview.shows("cần người thứ hai duyệt");
        gives(&mut lan, &one, &wish).await.leads_to("/approvals?note=asked");
        assert_eq!(metadata(&house, &one).await.api_reach, None, "nothing yet");
        let waiting = tuan.get("/approvals").await;
        waiting.shows("Mở giao diện quản trị (API) cho ứng dụng").shows("Kho nhân sự").shows(shown);
        let id = waiting.hidden("approval").expect("a request");
        let yes = [("approval", id.as_str()), ("what", "approve"), ("reason", "Đã kiểm tra")];
        tuan.post_from("/approvals", "/approvals", &yes).await.leads_to("/approvals?note=approved");
        // Only what was approved.
        let more = [READS, LOCKS, CITY, WHY];
        gives(&mut lan, &one, &more).await.leads_to("/approvals?note=asked");
        let own = lan.get("/approvals").await;
        own.shows(&format!("action=\"{form}\""));
        gives(&mut lan, &one, &wish).await.leads_to(&format!("{page}?note=api"));
        assert!(metadata(&house, &one).await.api_reach.is_some());
        // Taking back needs nobody, whoever does it; and an approval is good once.
        gives(&mut tuan, &one, &[WHY, WITHDRAW]).await.leads_to(&format!("{page}?note=api"));
        gives(&mut lan, &one, &wish).await.leads_to("/approvals?note=asked");
        let own = lan.get("/approvals").await;
        withdraws_all(&mut lan, own).await;
    }
}

/// What is kept of the secret.
async fn digest(house: &House, one: &Registered) -> Option<String> {
    clients::find(&house.app, one.client.client_id.as_str()).await.expect("found").secret_digest
}

async fn over_the_city(house: &House, one: &Registered) {
    let (id, scopes) = (one.client.client_id.as_str(), [ApiScope::AccountsRead]);
    let set = client_api::set(&house.app, Actor::CommandLine, id, &scopes, Some(ApiReach::City)).await;
    set.expect("set");
}

#[tokio::test]
async fn a_new_secret_of_what_reaches_the_city_waits_for_a_second_person() {
    let house = house("two_persons = true\n").await;
    let one = application(&house, ClientKind::Web).await;
    let (mut lan, mut tuan) = (administrator(&house, "lan").await, administrator(&house, "tuan").await);
    let (edit, send) = (format!("{}/edit", page_of(&one)), format!("{}/secret", page_of(&one)));
    // Alone, as long as it may do nothing in its own name.
    lan.get(&edit).await.shows("id=\"secret-form\"").hides("id=\"second\"");
    lan.post_from(&edit, &send, &[("overlap", "7")]).await.shows("id=\"client-secret\"");
    over_the_city(&house, &one).await;
    let before = digest(&house, &one).await;
    lan.get(&edit).await.shows("id=\"second\"").shows("id=\"reason\"");
    let without = lan.post_from(&edit, &send, &[("overlap", "7")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", without.body);
    let wish = [("overlap", "7"), WHY];
    lan.post_from(&edit, &send, &wish).await.leads_to("/approvals?note=asked");
    assert_eq!(digest(&house, &one).await, before, "nothing yet");
    let waiting = tuan.get("/approvals").await;
    waiting.shows("Cấp mã bí mật mới cho ứng dụng").shows("Kho nhân sự").shows("Toàn thành phố");
    let id = waiting.hidden("approval").expect("a request");
    let yes = [("approval", id.as_str()), ("what", "approve"), ("reason", "Đã kiểm tra")];
    tuan.post_from("/approvals", "/approvals", &yes).await.leads_to("/approvals?note=approved");
    // Only what was approved, by whoever asked, once.
    lan.post_from(&edit, &send, &[("overlap", "90"), WHY]).await.leads_to("/approvals?note=asked");
    tuan.post_from(&edit, &send, &wish).await.leads_to("/approvals?note=asked");
    lan.get("/approvals").await.shows(&format!("action=\"{send}\""));
    assert_eq!(digest(&house, &one).await, before);
    let made = lan.post_from(&edit, &send, &wish).await;
    made.shows("id=\"client-secret\"").hides("hreflang");
    assert_ne!(digest(&house, &one).await, before);
    lan.post_from(&edit, &send, &wish).await.leads_to("/approvals?note=asked");
}

#[tokio::test]
async fn no_file_changes_alone_how_an_application_proves_itself_that_reaches_the_city() {
    let house = house("two_persons = true\n").await;
    let one = application(&house, ClientKind::Web).await;
    let mut lan = administrator(&house, "lan").await;
    over_the_city(&house, &one).await;
    let file = lan.get("/applications.toml").await.body;
    let key = "kind = \"web\"\njwks_uri = \"https://kho.danang.example/khoa.json\"";
    let other = file.replacen("kind = \"web\"", key, 1);
    assert_ne!(other, file);
    let import = "/applications/import";
    for form in [import, "/applications/import/preview"] {
        let refused = lan.post_from(import, form, &[("file", &other)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        refused.shows("chỉ đổi được trên máy chủ");
    }
    assert_eq!(metadata(&house, &one).await.jwks_uri, None);
    // What says nothing of that is taken in.
    let renamed = file.replacen("Kho nhân sự", "Kho nhân sự mới", 1);
    lan.post_from(import, import, &[("file", &renamed)]).await.shows("Đã nhập.");
}

/// Takes every own request back.
async fn withdraws_all(browser: &mut Browser, mut page: Answer) {
    while page.body.contains("value=\"withdraw\"") {
        let id = page.hidden("approval").expect("a request");
        let fields = [("approval", id.as_str()), ("what", "withdraw")];
        browser.post_from("/approvals", "/approvals", &fields).await.leads_to("/approvals?note=withdrawn");
        page = browser.get("/approvals").await;
    }
}

#[tokio::test]
async fn an_agency_nearly_as_wide_as_the_city_waits_too() {
    let house = house("two_persons = true\nwide_role_above = 2\n").await;
    let one = application(&house, ClientKind::Web).await;
    let mut lan = administrator(&house, "lan").await;
    gives(&mut lan, &one, &[READS, KHCN, WHY]).await.leads_to("/approvals?note=asked");
    let page = page_of(&one);
    let narrow = ("reach", "agency.so-nv");
    gives(&mut lan, &one, &[READS, narrow, WHY]).await.leads_to(&format!("{page}?note=api"));
}

#[tokio::test]
async fn an_administrator_of_an_agency_gives_neither_the_own_agency_nor_the_city() {
    let house = house("two_persons = false\n").await;
    let one = application(&house, ClientKind::Web).await;
    let mut lan = administrator(&house, "lan").await;
    let mut khcn = administrator(&house, "quantrikhcn").await;
    let page = page_of(&one);
    khcn.get(&page).await.shows("Kho nhân sự").hides("id=\"api-change\"");
    assert_eq!(khcn.get(&format!("{page}/api")).await.status, StatusCode::FORBIDDEN);
    for reach in [CITY, KHCN, ("reach", "agency.so-nv")] {
        for path in [format!("{page}/api"), format!("{page}/api/preview")] {
            let fields = [READS, reach, WHY, ("version", "0")];
            let answer = khcn.post_from("/role", &path, &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {reach:?}");
        }
    }
    assert_eq!(metadata(&house, &one).await, one.client.metadata);
    gives(&mut lan, &one, &[READS, CITY, WHY]).await.leads_to(&format!("{page}?note=api"));
    assert_eq!(metadata(&house, &one).await.api_reach, Some(ApiReach::City));
    lan.get(&page).await.shows("Phạm vi: Toàn thành phố");
    khcn.get(&page).await.hides("Phạm vi: Toàn thành phố");
}

#[tokio::test]
async fn what_cannot_be_given_is_told_and_changes_nothing() {
    let house = house("two_persons = false\n").await;
    let one = application(&house, ClientKind::Web).await;
    let public = application(&house, ClientKind::Spa).await;
    let mut lan = administrator(&house, "lan").await;
    for (fields, why) in [
        (&[READS, WHY][..], "Hãy chọn cả quyền và phạm vi"),
        (&[KHCN, WHY], "Hãy chọn cả quyền và phạm vi"),
        (&[WHY, WITHDRAW], "Không có gì thay đổi."),
        (&[READS, ("reach", "agency.so-khong-co"), WHY], "Không có cơ quan nào có mã so-khong-co."),
        (&[READS, KHCN, ("reason", " ")], "Hãy ghi lý do."),
    ] {
        let form = format!("{}/api", page_of(&one));
        for path in [form.clone(), format!("{form}/preview")] {
            let answer = lan.post_from(&form, &path, fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {fields:?}");
            answer.shows(why);
        }
    }
    let late = gives(&mut lan, &one, &[READS, KHCN, WHY, ("version", "7")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(metadata(&house, &one).await, one.client.metadata);
    // RFC 6749 §4.4: only who can prove itself has something in its own name.
    let form = format!("{}/api", page_of(&public));
    lan.get(&form).await.shows("Ứng dụng công khai không tự chứng thực được").hides("id=\"api-form\"");
    let answer = lan.post_from(&form, &form, &[READS, KHCN, WHY, ("version", "0")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.shows("Ứng dụng công khai không tự chứng thực được");
    assert_eq!(metadata(&house, &public).await, public.client.metadata);
}

#[tokio::test]
async fn what_is_asked_for_when_registering_is_given_on_the_page_that_it_leads_to() {
    let house = house("two_persons = false\n").await;
    let mut lan = administrator(&house, "lan").await;
    let answers = [
        ("name", "Đồng bộ nhân sự"),
        ("template", "service"),
        ("api_scopes", "accounts.read\r\nkho.doc\r\nscim.read"),
    ];
    let preview = lan.post_from("/applications/new", "/applications/new/preview", &answers).await;
    preview.shows("accounts.read scim.read").shows("Đăng ký xong, cấp quyền và phạm vi");
    let client_id = preview.hidden("client_id").expect("a client_id");
    let csrf = preview.hidden("csrf").expect("a token");
    let own = [("csrf", csrf.as_str()), ("client_id", client_id.as_str())];
    let made = lan.post("/applications", &[&own[..], &answers].concat()).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let client = clients::find(&house.app, &client_id).await.expect("registered");
    assert_eq!(client.metadata.api_scopes, ["kho.doc"], "what opens nothing is not registered");
    let form = format!("/applications/{}/api", client.id);
    made.shows(&format!("{form}?api.accounts.read=1&#38;api.scim.read=1"));
    let page = lan.get(&format!("{form}?api.accounts.read=1&api.scim.read=1")).await;
    page.shows("name=\"api.accounts.read\" value=\"1\" checked");
    page.shows("name=\"api.scim.read\" value=\"1\" checked")
        .hides("name=\"api.accounts.lock\" value=\"1\" checked");
}

#[tokio::test]
async fn a_link_fills_in_neither_how_far_an_application_reaches_nor_why() {
    let house = house("two_persons = false\n").await;
    let one = application(&house, ClientKind::Web).await;
    let mut lan = administrator(&house, "lan").await;
    let form = format!("{}/api", page_of(&one));
    let page = lan.get(&format!("{form}?api.accounts.read=1&reach=city&reason=QD+99")).await;
    page.shows("name=\"api.accounts.read\" value=\"1\" checked").hides("QD 99");
    page.shows("value=\"city\"").hides("value=\"city\" selected").hides("value=\"city\" checked");
}

#[tokio::test]
async fn what_an_application_does_in_its_own_name_is_told_to_the_city_only() {
    let house = house("two_persons = false\n").await;
    let one = application(&house, ClientKind::Web).await;
    let (mut lan, page) = (administrator(&house, "lan").await, page_of(&one));
    let over_nv = ("reach", "agency.so-nv");
    gives(&mut lan, &one, &[READS, over_nv, WHY]).await.leads_to(&format!("{page}?note=api"));
    lan.get(&page).await.shows("Sở Nội vụ").shows("Chưa gọi API");
    let mut branch = administrator(&house, "quantrikhcn").await;
    branch.get("/applications").await.shows("Kho nhân sự").hides("API:");
    branch
        .get(&page)
        .await
        .shows("Kho nhân sự")
        .hides("Sở Nội vụ")
        .hides("accounts.read")
        .hides("Giao diện quản trị (API)");
    let token = token(&house, &one).await;
    assert_eq!(calls(&house, &token, ACCOUNTS).await.status, StatusCode::OK);
    lan.get(&page).await.shows("Gọi API lần cuối ngày");
    branch.get(&page).await.hides("Gọi API lần cuối ngày");
    branch.get("/applications").await.hides("API:");
}

#[tokio::test]
async fn a_service_that_calls_is_not_taken_for_unused() {
    let house = house("two_persons = false\n").await;
    let one = application(&house, ClientKind::Web).await;
    let (mut lan, page) = (administrator(&house, "lan").await, page_of(&one));
    lan.get("/applications").await.hides("API:");
    gives(&mut lan, &one, &[READS, KHCN, WHY]).await.leads_to(&format!("{page}?note=api"));
    lan.get("/applications").await.shows("API: chưa gọi");
    lan.get(&page).await.hides("tạm dừng cũng chặn API");
    for _ in 0..2 {
        let token = token(&house, &one).await;
        for _ in 0..2 {
            assert_eq!(calls(&house, &token, ACCOUNTS).await.status, StatusCode::OK);
        }
        house.pass(Duration::days(1));
    }
    let mut lan = administrator(&house, "lan").await;
    lan.get("/applications").await.shows("API: 03/03/2026");
    let shown = lan.get(&page).await;
    shown.shows("Gọi API lần cuối ngày 03/03/2026; 2 ngày trong 30 ngày qua.").shows("Chưa ai dùng.");
    shown.shows("tạm dừng cũng chặn API");
    house.pass(Duration::days(500));
    upkeep::forget(&house.app).await.expect("forgets");
    let day = house.app.now().local_date();
    let kept = applications::calls(&house.app.db, Some(one.client.id), day).await.expect("reads");
    assert!(kept.is_empty(), "it is not known for ever: {kept:?}");
}
