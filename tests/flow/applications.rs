//! The applications in the console: who sees which, how they are used, what they get and why; stopped, ended, removed.

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::purpose::Purpose;
use danang_sso::domain::oauth::scope::{Scope, Scopes};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::admins;
use danang_sso::services::clients::{self, Registered, Registration};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::storage::applications as purposes;
use serde_json::Value;
use time::Duration;

const CALLBACK: &str = "https://app.danang.example/callback";

/// A city administrator, one of so-khcn, `an` of so-khcn and `binh` of so-nv.
async fn house() -> House {
    let house = House::build().await;
    for local in ["quantri", "quantrikhcn", "an"] {
        house.add(local, &[Ad]);
    }
    house.add_with("binh", &[Ad], |seen| {
        "Đỗ Đình Bình".clone_into(&mut seen.display_name);
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrikhcn"), Some("so-khcn")).await.expect("granted");
    house
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn registered(house: &House, name: &str, metadata: Metadata) -> Registered {
    register(house, &registration(name, metadata)).await
}

async fn register(house: &House, registration: &Registration) -> Registered {
    clients::register(&house.app, Actor::CommandLine, registration).await.expect("registered")
}

fn registration(name: &str, metadata: Metadata) -> Registration {
    Registration {
        name: name.to_owned(),
        kind: ClientKind::Web,
        redirect_uris: vec![CALLBACK.to_owned()],
        post_logout_redirect_uris: Vec::new(),
        home: Some("https://app.danang.example/".to_owned()),
        scopes: Scopes::parse("openid profile offline_access"),
        legacy: true,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata,
    }
}

fn page_of(one: &Registered) -> String {
    format!("/applications/{}", one.client.id)
}

async fn ask(browser: &mut Browser, one: &Registered) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", one.client.client_id.as_str())
        .append_pair("redirect_uri", CALLBACK)
        .append_pair("response_type", "code")
        .append_pair("scope", "openid profile offline_access")
        .append_pair("state", "s")
        .finish();
    browser.get(&format!("/authorize?{query}")).await
}

async fn token(browser: &mut Browser, one: &Registered, fields: &[(&str, &str)]) -> Answer {
    let secret = one.secret.as_ref().expect("a secret").expose().clone();
    let mut all = vec![("client_id", one.client.client_id.as_str()), ("client_secret", secret.as_str())];
    all.extend_from_slice(fields);
    browser.post("/token", &all).await
}

/// Signs in, enters an application and gets its tokens.
async fn enters(house: &House, who: &str, one: &Registered) -> (Browser, Value) {
    let mut browser = house.browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    let answer = ask(&mut browser, one).await;
    let location = answer.location.expect("an answer");
    let query = location.split_once('?').expect("a query").1;
    let code = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code").expect("a code").1;
    let fields = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
    let tokens = token(&mut browser, one, &fields).await;
    (browser, serde_json::from_str(&tokens.body).expect("tokens"))
}

async fn userinfo(browser: &mut Browser, tokens: &Value) -> StatusCode {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("a token"));
    let request = axum::http::Request::get("/userinfo").header("authorization", bearer);
    browser.send(request, axum::body::Body::empty()).await.status
}

async fn lines(house: &House, act: Act) -> i64 {
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let query = sqlx::query_scalar("SELECT COUNT(*) FROM audit WHERE act = $1 AND why IS NOT NULL");
    query.bind(act.code()).fetch_one(&mut db).await.expect("counts")
}

/// How often the audit says that somebody asked for what is beyond their reach.
async fn refusals(house: &House) -> i64 {
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let query = sqlx::query_scalar("SELECT COUNT(*) FROM audit WHERE act = $1");
    query.bind(Act::OutOfReach.code()).fetch_one(&mut db).await.expect("counts")
}

#[tokio::test]
async fn the_use_of_an_application_is_counted_by_day_and_a_branch_sees_its_own_people() {
    let house = house().await;
    let all = registered(&house, "Quản lý văn bản", Metadata::default()).await;
    let only = Metadata { allowed_agencies: vec!["so-nv".to_owned()], ..Metadata::default() };
    let foreign = registered(&house, "Kho của Sở Nội vụ", only).await;
    for who in ["an", "binh", "binh"] {
        enters(&house, who, &all).await;
    }
    let mut city = administrator(&house, "quantri").await;
    let list = city.get("/applications").await;
    list.shows("Quản lý văn bản").shows("Kho của Sở Nội vụ").shows("class=\"count\">3</td>");
    city.get("/applications?q=van+ban").await.shows("Quản lý văn bản").hides("Kho của Sở Nội vụ");
    city.get("/applications?kind=spa").await.shows("Không có ứng dụng nào như vậy.");
    let page = city.get(&page_of(&all)).await;
    page.shows("2 người đã dùng.").shows("3 lượt vào trong 30 ngày qua.").shows("Đỗ Đình Bình");
    page.shows("Không có người phụ trách").shows("id=\"remove-form\"");
    city.get("/language/en?back=%2F").await;
    city.get(&page_of(&all)).await.shows("no contacts: nobody is known to answer for it");

    let mut branch = administrator(&house, "quantrikhcn").await;
    branch.get("/applications").await.shows("Quản lý văn bản").hides("Kho của Sở Nội vụ");
    let page = branch.get(&page_of(&all)).await;
    page.shows("1 người đã dùng.").shows("1 lượt vào trong 30 ngày qua.").hides("Đỗ Đình Bình");
    page.shows("Chỉ tính người trong phạm vi quản trị.")
        .hides("id=\"remove-form\"")
        .hides("id=\"data-form\"");
    assert_eq!(branch.get(&page_of(&foreign)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_branch_sees_how_far_an_application_was_told_of_its_own_people() {
    let house = house().await;
    let listens = Registration {
        backchannel_logout_uri: Some("https://app.danang.example/logout".to_owned()),
        ..registration("Một cửa", Metadata::default())
    };
    let one = register(&house, &listens).await;
    for who in ["an", "binh"] {
        enters(&house, who, &one).await;
    }
    let (mut city, page) = (administrator(&house, "quantri").await, page_of(&one));
    city.post_from(&page, &format!("{page}/end"), &[("reason", "Lộ khóa")]).await;
    city.get(&page).await.shows("0 đã nhận, 2 đang chờ, 0 không gửi được.");
    let mut branch = administrator(&house, "quantrikhcn").await;
    branch.get(&page).await.shows("0 đã nhận, 1 đang chờ, 0 không gửi được.");
}

#[tokio::test]
async fn nobody_gets_into_a_stopped_application_until_it_runs_again() {
    let house = house().await;
    let one = registered(&house, "Một cửa", Metadata::default()).await;
    let (mut browser, tokens) = enters(&house, "an", &one).await;
    browser.get("/").await.shows("Một cửa");
    let mut between = house.browser();
    let sign_in = ask(&mut between, &one).await.location.expect("to the sign-in");
    let mut city = administrator(&house, "quantri").await;
    let (page, state) = (page_of(&one), format!("{}/state", page_of(&one)));
    let silent = city.post_from(&page, &state, &[("state", "stop"), ("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let old = city.post_from(&page, &state, &[("state", "stop"), ("reason", "x"), ("version", "7")]).await;
    assert_eq!(old.status, StatusCode::CONFLICT);
    old.shows("vừa được người khác thay đổi");
    assert_eq!(userinfo(&mut browser, &tokens).await, StatusCode::OK, "nothing was done");
    let stopped = city.post_from(&page, &state, &[("state", "stop"), ("reason", "Có lỗ hổng")]).await;
    stopped.leads_to(&format!("{page}?note=stopped"));
    city.get(&page).await.shows("Tạm dừng từ");
    assert_eq!(userinfo(&mut browser, &tokens).await, StatusCode::UNAUTHORIZED);
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(token(&mut browser, &one, &fields).await.status, StatusCode::UNAUTHORIZED);
    ask(&mut browser, &one).await.shows("Thành phố đang tạm dừng ứng dụng này.").shows("unauthorized_client");
    browser.get("/").await.hides("Một cửa");
    let waits = between.get(&sign_in).await;
    waits.shows("Thành phố đang tạm dừng ứng dụng Một cửa").shows("bộ phận hỗ trợ").hides("đã hết hạn");
    house.browser().get(&sign_in).await.shows("đã hết hạn").hides("tạm dừng");
    let onward = sign_in.replace("/sign-in?", "/authorize/continue?");
    between.get(&onward).await.shows("Thành phố đang tạm dừng ứng dụng này.").shows("unauthorized_client");
    city.get("/applications?state=stopped").await.shows("Một cửa");
    let an = house.account("an").await.id();
    let why = format!("/accounts/{an}/why?application={}", one.client.client_id);
    city.get(&why)
        .await
        .shows("Ứng dụng Một cửa đang tạm dừng.")
        .shows("Hỏi thành phố khi nào ứng dụng chạy lại")
        .hides("mở quyền cho cơ quan này");
    city.post_from(&page, &state, &[("state", "resume"), ("reason", "Đã vá")]).await;
    assert_eq!(userinfo(&mut browser, &tokens).await, StatusCode::UNAUTHORIZED, "what has ended stays ended");
    let (mut browser, tokens) = enters(&house, "an", &one).await;
    assert_eq!(userinfo(&mut browser, &tokens).await, StatusCode::OK);
    assert_eq!((lines(&house, Act::ClientStopped).await, lines(&house, Act::ClientResumed).await), (1, 1));
}

#[tokio::test]
async fn all_that_an_application_was_given_ends_at_once_and_people_enter_anew() {
    let house = house().await;
    let one = registered(&house, "Một cửa", Metadata::default()).await;
    let other = registered(&house, "Đào tạo", Metadata::default()).await;
    let (mut browser, tokens) = enters(&house, "an", &one).await;
    let (mut beside, kept) = enters(&house, "binh", &other).await;
    let mut city = administrator(&house, "quantri").await;
    let page = page_of(&one);
    city.post_from(&page, &format!("{page}/end"), &[("reason", "Lộ khóa")])
        .await
        .leads_to(&format!("{page}?note=ended"));
    assert_eq!(userinfo(&mut browser, &tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(userinfo(&mut beside, &kept).await, StatusCode::OK, "another application");
    let (mut browser, tokens) = enters(&house, "an", &one).await;
    assert_eq!(userinfo(&mut browser, &tokens).await, StatusCode::OK);
    assert_eq!(lines(&house, Act::ClientAccessEnded).await, 1);
}

#[tokio::test]
async fn each_kind_of_data_needs_a_purpose_that_is_confirmed_once_a_year() {
    let house = house().await;
    let one = registered(&house, "Một <b>cửa</b>", Metadata::default()).await;
    let (page, send) = (page_of(&one), format!("{}/data", page_of(&one)));
    let mut city = administrator(&house, "quantri").await;
    city.get("/applications")
        .await
        .shows("Một &#60;b&#62;cửa&#60;/b&#62;")
        .shows("1 ứng dụng cần ghi hoặc xác nhận lại")
        .shows("<span class=\"badge is-warn\">Xác nhận mục đích")
        .hides("<span class=\"badge is-ok\">Đang chạy");
    city.get(&page).await.shows("Chưa ghi mục đích cho đủ dữ liệu").hides("<b>cửa");
    let half = [("purpose.profile", "Hiển thị tên"), ("agency", "Sở Nội vụ")];
    let answer = city.post_from(&page, &send, &half).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.shows("Hãy ghi mục đích cho").shows("value=\"Hiển thị tên\"");
    let nobody = [("purpose.profile", "Hiển thị tên"), ("purpose.offline_access", "Đồng bộ ban đêm")];
    city.post_from(&page, &send, &nobody).await.shows("Hãy ghi cơ quan chịu trách nhiệm.");
    let whole = [
        ("purpose.profile", "Hiển thị <i>tên</i>"),
        ("purpose.offline_access", "Đồng bộ ban đêm"),
        ("agency", "Sở Nội vụ"),
    ];
    city.post_from(&page, &send, &whole).await.leads_to(&format!("{page}?note=confirmed"));
    let shown = city.get(&page).await;
    shown.shows("value=\"Hiển thị &#60;i&#62;tên&#60;/i&#62;\"").shows("quantri@danang.example xác nhận");
    shown.shows("Xác nhận lại trước");
    city.get("/applications").await.hides("cần ghi hoặc xác nhận lại");
    let mut branch = administrator(&house, "quantrikhcn").await;
    branch.get(&page).await.shows("Hiển thị &#60;i&#62;tên&#60;/i&#62;").shows("Sở Nội vụ");
    assert_eq!(lines(&house, Act::ClientReviewed).await, 1);
    house.pass(Duration::days(366));
    let by = danang_sso::domain::admin::Administrator::holding(
        &house.account("quantri").await,
        danang_sso::domain::admin::Role::City,
        danang_sso::domain::admin::Reach::City,
    );
    let all = danang_sso::services::applications::list(&house.app, &by).await.expect("reads");
    assert!(all[0].review.is_due(), "a year is over: {:?}", all[0].review);
}

/// Writes down that every purpose of an application was confirmed so long ago.
async fn confirmed(house: &House, one: &Registered, ago: Duration) {
    let purpose = |scope| Purpose {
        scope,
        purpose: "Hiển thị tên".to_owned(),
        agency: "Sở Nội vụ".to_owned(),
        reviewed_at: house.app.now().minus(ago),
        reviewed_by: "quantri@danang.example".to_owned(),
    };
    let mut tx = house.app.db.begin().await.expect("begins");
    let all = [Scope::Profile, Scope::OfflineAccess].map(purpose);
    purposes::set_purposes(&mut tx, one.client.id, &all).await.expect("kept");
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn the_dashboard_counts_the_purposes_that_are_missing_or_to_be_confirmed_again() {
    let house = house().await;
    let mut city = administrator(&house, "quantri").await;
    city.get("/").await.hides("applications-review");
    let all = registered(&house, "Một cửa", Metadata::default()).await;
    let only = Metadata { allowed_agencies: vec!["so-nv".to_owned()], ..Metadata::default() };
    let foreign = registered(&house, "Kho của Sở Nội vụ", only).await;
    let mut branch = administrator(&house, "quantrikhcn").await;
    let link = "href=\"/applications?state=review\">";
    city.get("/").await.shows(&format!("{link}2 ứng dụng cần"));
    branch.get("/").await.shows(&format!("{link}1 ứng dụng cần"));
    confirmed(&house, &all, Duration::days(364)).await;
    city.get("/").await.shows(&format!("{link}1 ứng dụng cần"));
    branch.get("/").await.hides("applications-review");
    confirmed(&house, &foreign, Duration::days(364)).await;
    city.get("/").await.hides("applications-review");
    confirmed(&house, &all, Duration::days(365)).await;
    confirmed(&house, &foreign, Duration::days(400)).await;
    city.get("/").await.shows(&format!("{link}2 ứng dụng cần"));
    branch.get("/").await.shows(&format!("{link}1 ứng dụng cần"));
    let list = city.get("/applications?state=review").await;
    list.shows("Một cửa").shows("Kho của Sở Nội vụ");
}

#[tokio::test]
async fn what_applications_hold_is_ended_although_no_session_is_open_any_more() {
    let house = house().await;
    let one = registered(&house, "Một cửa", Metadata::default()).await;
    let (mut browser, tokens) = enters(&house, "an", &one).await;
    let page = format!("/accounts/{}", house.account("an").await.id());
    let mut city = administrator(&house, "quantri").await;
    city.get(&page).await.shows("id=\"end-sessions\"").hides("id=\"end-everything\"");
    // The session is over, the refresh token is not.
    house.pass(Duration::hours(13));
    let mut city = administrator(&house, "quantri").await;
    city.get(&page).await.shows("Không có phiên nào đang mở").shows("id=\"end-everything\"");
    let end = format!("{page}/sessions/end");
    let fields = [("session", "all"), ("reason", "Nghi lộ")];
    city.post_from(&page, &end, &fields).await.leads_to(&format!("{page}?note=sessions-ended"));
    city.get(&page).await.shows("Nghi lộ").hides("id=\"end-everything\"");
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let again = token(&mut browser, &one, &fields).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    again.shows("invalid_grant");
    let fields = [("session", "all"), ("reason", "Nghi lộ")];
    assert_eq!(city.post_from(&page, &end, &fields).await.status, StatusCode::CONFLICT, "nothing is left");
}

#[tokio::test]
async fn an_application_is_removed_by_its_name_and_never_without_the_form() {
    let house = house().await;
    let one = registered(&house, "Một cửa", Metadata::default()).await;
    let (mut browser, tokens) = enters(&house, "an", &one).await;
    let (page, send) = (page_of(&one), format!("{}/remove", page_of(&one)));
    let mut city = administrator(&house, "quantri").await;
    let bare = [("typed", "Một cửa"), ("reason", "x"), ("version", "0"), ("csrf", "wrong")];
    assert_eq!(city.post(&send, &bare).await.status, StatusCode::FORBIDDEN, "no token of a form");
    let mistyped = city.post_from(&page, &send, &[("typed", "Một cưa"), ("reason", "x")]).await;
    assert_eq!(mistyped.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(userinfo(&mut browser, &tokens).await, StatusCode::OK, "it is still there");
    let removed = city.post_from(&page, &send, &[("typed", "Một cửa"), ("reason", "Ngừng dùng")]).await;
    removed.leads_to("/applications?note=removed");
    assert_eq!(city.get(&page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(userinfo(&mut browser, &tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(lines(&house, Act::ClientRemoved).await, 1);
}

#[tokio::test]
async fn why_somebody_cannot_sign_in_tells_nothing_of_applications_of_other_agencies() {
    let house = house().await;
    house.add("hotro", &[Ad]);
    house.sync().await;
    let only = |agency: &str| Metadata { allowed_agencies: vec![agency.to_owned()], ..Metadata::default() };
    let own = registered(&house, "Sổ tay", only("so-khcn")).await;
    let foreign = registered(&house, "Kho hồ sơ", only("so-nv")).await;
    let wish = Wish {
        address: MailAddress::parse("hotro@danang.example").expect("an address"),
        role: Role::HelpDesk,
        agency: house.account("hotro").await.profile().agency_id,
        until: None,
        why: String::new(),
    };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    let why = format!("/accounts/{}/why", house.account("an").await.id());
    let of = |id: &str| format!("{why}?application={id}");
    for (who, before) in [("quantrikhcn", 0), ("hotro", 2)] {
        let mut branch = administrator(&house, who).await;
        branch.get(&why).await.shows("Sổ tay").hides("Kho hồ sơ");
        branch.get(&of(own.client.client_id.as_str())).await.hides("Không có hệ thống nào tên");
        assert_eq!(refusals(&house).await, before, "{who}");
        let [known, unknown] = [foreign.client.client_id.as_str(), "khong-co"];
        let beyond = branch.get(&of(known)).await;
        beyond.shows("Không có hệ thống nào tên").hides("Kho hồ sơ").hides("Sở Nội vụ");
        let no_such = branch.get(&of(unknown)).await;
        no_such.shows("Không có hệ thống nào tên");
        assert_eq!(refusals(&house).await, before + 2, "{who}");
    }
    let mut city = administrator(&house, "quantri").await;
    city.get(&of(foreign.client.client_id.as_str())).await.shows("Kho hồ sơ").shows("Sở Nội vụ");
}
