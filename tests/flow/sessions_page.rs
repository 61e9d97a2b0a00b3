//! The open sessions in the console: who sees which, narrowed; ended one by one, all of a person, and many at once.

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::id::SessionId;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::proof::Proof;
use danang_sso::domain::session::{Door, Session};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::clients::{self, Registered, Registration};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{admins, lock};
use danang_sso::storage::{audit, logout_notices, sessions};
use time::Duration;

const CALLBACK: &str = "https://app.danang.example/callback";

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

/// Two administrators of the city, one of so-khcn, a help desk of the city; `an` of so-khcn and `binh` of so-nv.
async fn house(more: &str) -> House {
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), more).await;
    for local in ["quantri", "lan", "quantrikhcn", "hotro", "an"] {
        house.add(local, &[Ad]);
    }
    house.add_with("binh", &[Ad], |seen| {
        "Đỗ Đình Bình".clone_into(&mut seen.display_name);
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    for local in ["quantri", "lan"] {
        admins::grant(&house.app, &address(local), None).await.expect("granted");
    }
    admins::grant(&house.app, &address("quantrikhcn"), Some("so-khcn")).await.expect("granted");
    let desk = Wish {
        address: address("hotro"),
        role: Role::HelpDesk,
        agency: None,
        until: None,
        why: String::new(),
    };
    roles::grant(&house.app, By::CommandLine, &desk).await.expect("granted");
    house
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn application(house: &House, name: &str) -> Registered {
    let registration = Registration {
        name: name.to_owned(),
        kind: ClientKind::Web,
        redirect_uris: vec![CALLBACK.to_owned()],
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: Scopes::parse("openid profile"),
        legacy: true,
        id_token_claims: false,
        backchannel_logout_uri: Some("https://app.danang.example/logout".to_owned()),
        metadata: Metadata::default(),
    };
    clients::register(&house.app, Actor::CommandLine, &registration).await.expect("registered")
}

/// Goes on to an application, which is given a code.
async fn enters(browser: &mut Browser, one: &Registered) {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", one.client.client_id.as_str())
        .append_pair("redirect_uri", CALLBACK)
        .append_pair("response_type", "code")
        .append_pair("scope", "openid profile")
        .finish();
    let answer = browser.get(&format!("/authorize?{query}")).await;
    assert!(answer.location.expect("an answer").contains("code="));
}

/// The open sessions of somebody, the last used first.
async fn open(house: &House, local: &str) -> Vec<Session> {
    let id = house.account(local).await.id();
    sessions::of_account(&house.app.db, id, house.app.now()).await.expect("reads")
}

/// The page of somebody's only session.
async fn page_of(house: &House, local: &str) -> String {
    format!("/sessions/{}", open(house, local).await[0].id)
}

/// Sends the form that ends many, as its page was looked at.
async fn end_all(browser: &mut Browser, page: &Answer, number: &str, why: &str) -> Answer {
    let (csrf, list) = (page.hidden("csrf").expect("a form"), page.hidden("sessions").expect("a list"));
    let fields = [("csrf", csrf.as_str()), ("sessions", list.as_str()), ("number", number), ("reason", why)];
    browser.post("/sessions/end-all", &fields).await
}

async fn refusals(house: &House, who: &str) -> i64 {
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let query = "SELECT COUNT(*) FROM audit WHERE actor = $1 AND act = 'out_of_reach'";
    let query = sqlx::query_scalar(query).bind(format!("{who}@danang.example"));
    query.fetch_one(&mut db).await.expect("counts")
}

#[tokio::test]
async fn an_open_session_is_told_with_its_person_proof_place_and_applications() {
    let house = house("").await;
    let one = application(&house, "Một cửa").await;
    let mut an = signed_in(&house, "an").await;
    enters(&mut an, &one).await;
    signed_in(&house, "binh").await;
    let mut city = administrator(&house, "quantri").await;
    city.get("/").await.shows("href=\"/sessions\"");
    let page = city.get("/sessions").await;
    page.shows("id=\"count\">3 phiên<").shows("an@danang.example").shows("Đỗ Đình Bình").shows("Sở Nội vụ");
    page.shows("Một cửa").shows("192.0.2.7").shows(">mật khẩu<").shows("Đăng nhập lúc 09:00");
    page.shows("chưa vào ứng dụng nào").shows("Phiên này");
    page.shows(&format!("href=\"/accounts/{}\"", house.account("an").await.id()));
}

#[tokio::test]
async fn the_list_is_narrowed_by_person_application_age_network_and_door() {
    let house = house("").await;
    let one = application(&house, "Một cửa").await;
    let mut an = signed_in(&house, "an").await;
    enters(&mut an, &one).await;
    house.pass(Duration::minutes(50));
    an.get("/").await;
    house.pass(Duration::minutes(20));
    let mut binh = house.browser();
    binh.source = "10.1.2.3".to_owned();
    binh.sign_in("binh", PASSWORD).await.leads_to("/");
    let mut city = administrator(&house, "quantri").await;
    for (query, who) in [
        ("q=dinh+binh", "binh"),
        (&*format!("application={}", one.client.id), "an"),
        ("older=1", "an"),
        ("source=10.1.", "binh"),
        ("source=192.0.2.7", "an"),
        ("door=admin", "quantri"),
        ("door=staff&q=an", "an"),
    ] {
        let page = city.get(&format!("/sessions?{query}")).await;
        page.shows("id=\"count\">1 phiên<").shows(&format!("{who}@danang.example</span>"));
    }
    for nobody in ["older=2", "source=10.1.3", "source=%25", "q=khongai", "older=1&source=10."] {
        city.get(&format!("/sessions?{nobody}")).await.shows("id=\"none\"");
    }
    let unknown = city.get("/sessions?application=01890000-0000-7000-8000-000000000000").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    for odd in ["older=x", "door=x", "after=x", "after=1.x", "application=x", "agency=x"] {
        city.get(&format!("/sessions?{odd}")).await.shows("id=\"count\">3 phiên<");
    }
}

#[tokio::test]
async fn whoever_has_signed_in_again_in_the_same_browser_is_listed_once_with_what_was_entered_before() {
    let house = house("").await;
    let (one, other) = (application(&house, "Một cửa").await, application(&house, "Kế toán").await);
    let mut an = signed_in(&house, "an").await;
    enters(&mut an, &one).await;
    house.pass(Duration::minutes(61));
    an.sign_in("an", PASSWORD).await.leads_to("/");
    enters(&mut an, &other).await;
    let mut city = administrator(&house, "quantri").await;
    for query in ["q=an".to_owned(), format!("application={}", one.client.id)] {
        let page = city.get(&format!("/sessions?{query}")).await;
        page.shows("id=\"count\">1 phiên<").shows("Kế toán, Một cửa").shows("Đăng nhập lúc 10:01");
    }
    // It ends with the one before.
    let page = page_of(&house, "an").await;
    let fields = [("which", "one"), ("reason", "Nghỉ việc")];
    city.post_from(&page, &page, &fields).await.leads_to("/sessions?note=ended");
    assert!(open(&house, "an").await.is_empty());
    city.get(&format!("/sessions?application={}", one.client.id)).await.shows("id=\"none\"");
}

#[tokio::test]
async fn a_session_that_was_not_used_for_too_long_is_not_open() {
    let house = house("").await;
    signed_in(&house, "an").await;
    let page = page_of(&house, "an").await;
    house.pass(Duration::minutes(60));
    let mut city = administrator(&house, "quantri").await;
    city.get("/sessions?q=an").await.shows("id=\"count\">1 phiên<");
    house.pass(Duration::minutes(1));
    city.get("/sessions?q=an").await.shows("id=\"none\"");
    city.get(&page).await.shows("id=\"over\"").hides("id=\"end-form\"");
}

#[tokio::test]
async fn an_administrator_of_an_agency_sees_and_ends_its_own_only() {
    let house = house("").await;
    signed_in(&house, "an").await;
    let mut binh = signed_in(&house, "binh").await;
    let mut branch = administrator(&house, "quantrikhcn").await;
    branch.get("/sessions").await.shows("an@danang.example").hides("Đỗ Đình Bình").hides("Sở Nội vụ");
    branch.get("/sessions?q=binh").await.shows("id=\"none\"");
    branch.get("/sessions/end-all").await.shows("1 phiên").hides("Đỗ Đình Bình");
    let (foreign, before) = (page_of(&house, "binh").await, refusals(&house, "quantrikhcn").await);
    assert_eq!(branch.get(&foreign).await.status, StatusCode::NOT_FOUND);
    let version = house.account("binh").await.version().to_string();
    let fields = [("which", "all"), ("reason", "thử"), ("version", version.as_str())];
    let refused = branch.post_from("/sessions/end-all", &foreign, &fields).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let list = format!("{} {}", open(&house, "an").await[0].id, open(&house, "binh").await[0].id);
    let fields = [("sessions", list.as_str()), ("number", "2"), ("reason", "thử")];
    let mixed = branch.post_from("/sessions/end-all", "/sessions/end-all", &fields).await;
    mixed.shows("Đã kết thúc 1 phiên").shows("ngoài phạm vi quản trị").hides("Đỗ Đình Bình");
    assert_eq!(refusals(&house, "quantrikhcn").await, before + 3, "each attempt leaves a line");
    assert_eq!(binh.get("/").await.status, StatusCode::OK, "still open");
    assert!(open(&house, "an").await.is_empty());
}

#[tokio::test]
async fn sessions_of_the_console_are_for_those_who_see_the_roles() {
    let house = house("").await;
    signed_in(&house, "an").await;
    let mut city = administrator(&house, "quantri").await;
    city.get("/sessions").await.shows("quantri@danang.example").shows("id=\"door\"");
    let own = page_of(&house, "quantri").await;
    let mut desk = administrator(&house, "hotro").await;
    let page = desk.get("/sessions?door=admin").await;
    page.shows("id=\"count\">1 phiên<").shows("an@danang.example").hides("quantri@").hides("id=\"door\"");
    assert_eq!(desk.get(&own).await.status, StatusCode::NOT_FOUND);
    desk.get("/sessions/end-all").await.shows("1 phiên").hides("quantri@");
}

#[tokio::test]
async fn ending_a_session_tells_the_applications_and_leaves_the_others_open() {
    let house = house("").await;
    let one = application(&house, "Một cửa").await;
    let mut first = signed_in(&house, "an").await;
    enters(&mut first, &one).await;
    let session = open(&house, "an").await[0].id;
    house.pass(Duration::minutes(2));
    let mut second = signed_in(&house, "an").await;
    let mut city = administrator(&house, "quantri").await;
    let page = format!("/sessions/{session}");
    city.get("/sessions?older=1&q=an").await.shows("id=\"none\"");
    city.get(&page).await.shows("<dt>Thời điểm đăng nhập</dt><dd>09:00 ngày 02/03/2026</dd>");
    let silent = city.post_from(&page, &page, &[("which", "one"), ("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(first.get("/").await.status, StatusCode::OK, "nothing was done");
    let fields = [("which", "one"), ("reason", "Máy lạ"), ("q", "an")];
    city.post_from(&page, &page, &fields).await.leads_to("/sessions?q=an&note=ended");
    first.get("/").await.leads_to("/sign-in");
    assert_eq!(second.get("/").await.status, StatusCode::OK);
    let an = house.account("an").await.id();
    let told = logout_notices::of_session(&house.app.db, an, session).await.expect("reads");
    assert_eq!(told.iter().map(|told| told.name.as_str()).collect::<Vec<_>>(), ["Một cửa"]);
    let line = &audit::of_account(&house.app.db, an, 1).await.expect("reads")[0];
    assert_eq!((line.act, line.why.as_deref()), (Act::SessionEnded, Some("Máy lạ")));
    assert_eq!(line.after.as_deref(), Some(session.to_string().as_str()));
}

#[tokio::test]
async fn every_session_of_a_person_ends_together() {
    let house = house("").await;
    let (mut one, mut two) = (signed_in(&house, "an").await, signed_in(&house, "an").await);
    let mut binh = signed_in(&house, "binh").await;
    let mut city = administrator(&house, "quantri").await;
    let page = page_of(&house, "an").await;
    let fields = [("which", "all"), ("reason", "Nghỉ việc")];
    city.post_from(&page, &page, &fields).await.leads_to("/sessions?note=ended");
    one.get("/").await.leads_to("/sign-in");
    two.get("/").await.leads_to("/sign-in");
    assert_eq!(binh.get("/").await.status, StatusCode::OK);
    city.get("/sessions?note=ended&q=an").await.shows("Đã kết thúc phiên đăng nhập").shows("id=\"none\"");
}

#[tokio::test]
async fn of_two_administrators_the_second_is_told_that_it_is_over() {
    let house = house("").await;
    signed_in(&house, "an").await;
    let page = page_of(&house, "an").await;
    let (mut one, mut other) = (administrator(&house, "quantri").await, administrator(&house, "lan").await);
    let looked_at = other.get(&page).await;
    let (csrf, version) = (looked_at.hidden("csrf"), looked_at.hidden("version"));
    let (csrf, version) = (csrf.expect("a form"), version.expect("a version"));
    let fields =
        [("csrf", csrf.as_str()), ("version", version.as_str()), ("which", "one"), ("reason", "thử")];
    one.post_from(&page, &page, &[("which", "one"), ("reason", "thử")])
        .await
        .leads_to("/sessions?note=ended");
    let late = other.post(&page, &fields).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("Không còn gì đang mở").shows("id=\"over\"");
    let an = house.account("an").await;
    lock::enforce(&house.app, &an, LockReason::PasswordTooOld, Actor::Job("test")).await.expect("locked");
    let changed = other.post(&page, &fields).await;
    assert_eq!(changed.status, StatusCode::CONFLICT);
    changed.shows("vừa được người khác thay đổi");
}

#[tokio::test]
async fn many_sessions_end_after_the_number_was_typed_and_never_the_own_one() {
    let house = house("").await;
    let one = application(&house, "Một cửa").await;
    let (mut an, mut binh) = (signed_in(&house, "an").await, signed_in(&house, "binh").await);
    enters(&mut an, &one).await;
    let session = open(&house, "an").await[0].id;
    let mut city = administrator(&house, "quantri").await;
    city.get("/sessions").await.shows("href=\"/sessions/end-all\"");
    let page = city.get("/sessions/end-all").await;
    page.shows("id=\"number-shown\">2 phiên<").hides("quantri@danang.example</span>").hides("needs-second");
    for (number, why, words) in [
        ("3", "thử", "Chưa kết thúc phiên nào"),
        ("", "thử", "Chưa kết thúc phiên nào"),
        ("2", " ", "Hãy ghi lý do"),
    ] {
        let answer = end_all(&mut city, &page, number, why).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
        answer.shows(words);
    }
    assert_eq!(an.get("/").await.status, StatusCode::OK, "nothing was done");
    end_all(&mut city, &page, "2", "Bảo trì").await.shows("Đã kết thúc 2 phiên").hides("left-title");
    an.get("/").await.leads_to("/sign-in");
    binh.get("/").await.leads_to("/sign-in");
    assert_eq!(city.get("/").await.status, StatusCode::OK, "the own one goes on");
    for local in ["an", "binh"] {
        let id = house.account(local).await.id();
        let line = &audit::of_account(&house.app.db, id, 1).await.expect("reads")[0];
        assert_eq!((line.act, line.why.as_deref()), (Act::SessionEnded, Some("Bảo trì")), "{local}");
    }
    let an = house.account("an").await.id();
    let told = logout_notices::of_session(&house.app.db, an, session).await.expect("reads");
    assert_eq!(told.len(), 1, "the application is told");
    let again = end_all(&mut city, &page, "2", "Bảo trì").await;
    again.shows("Đã kết thúc 0 phiên").shows("đã kết thúc từ trước");
}

#[tokio::test]
async fn only_what_was_looked_at_ends() {
    let house = house("").await;
    signed_in(&house, "an").await;
    let mut city = administrator(&house, "quantri").await;
    let page = city.get("/sessions/end-all?q=an").await;
    let mut later = signed_in(&house, "an").await;
    end_all(&mut city, &page, "1", "thử").await.shows("Đã kết thúc 1 phiên");
    assert_eq!(later.get("/").await.status, StatusCode::OK, "it began after the look");
    let csrf = page.hidden("csrf").expect("a form");
    let many: Vec<_> = (0..501).map(|n| format!("01890000-0000-7000-8000-{n:012}")).collect();
    for (list, number, status) in [
        ("x", "1", StatusCode::BAD_REQUEST),
        ("", "0", StatusCode::UNPROCESSABLE_ENTITY),
        (&*many.join(" "), "501", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let fields = [("csrf", csrf.as_str()), ("sessions", list), ("number", number), ("reason", "thử")];
        assert_eq!(city.post("/sessions/end-all", &fields).await.status, status, "{number}");
    }
    assert_eq!(later.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn many_sessions_wait_for_a_second_person() {
    let house = house("[admin]\ntwo_persons = true\ntwo_persons_above = 1\n").await;
    let (mut an, mut binh) = (signed_in(&house, "an").await, signed_in(&house, "binh").await);
    let mut city = administrator(&house, "quantri").await;
    city.get("/sessions/end-all?q=binh").await.hides("needs-second");
    let page = city.get("/sessions/end-all").await;
    page.shows("needs-second");
    end_all(&mut city, &page, "2", "Bảo trì").await.leads_to("/approvals?note=asked");
    assert_eq!(an.get("/").await.status, StatusCode::OK, "nothing yet");
    let mut second = administrator(&house, "lan").await;
    let waiting = second.get("/approvals").await;
    waiting.shows("Kết thúc nhiều phiên đăng nhập").shows("Đỗ Đình Bình (binh@danang.example): 1 phiên");
    let id = waiting.hidden("approval").expect("a request");
    let fields = [("approval", id.as_str()), ("what", "approve"), ("reason", "Đã kiểm tra")];
    second.post_from("/approvals", "/approvals", &fields).await.leads_to("/approvals?note=approved");
    assert_eq!(an.get("/").await.status, StatusCode::OK, "whoever asked carries it out");
    end_all(&mut city, &page, "2", "Bảo trì").await.shows("Đã kết thúc 2 phiên");
    an.get("/").await.leads_to("/sign-in");
    binh.get("/").await.leads_to("/sign-in");
}

#[tokio::test]
async fn a_page_begins_below_the_last_session_of_the_one_before() {
    let house = house("").await;
    let (now, an) = (house.app.now(), house.account("an").await.id());
    let mut tx = house.app.db.begin().await.expect("begins");
    for n in 0..60 {
        let at = now.minus(Duration::seconds(n / 2));
        let session = Session {
            id: SessionId::new(now, house.app.system.entropy()),
            account_id: an,
            door: Door::Staff,
            auth_time: at,
            proof: Proof::BIND,
            factor_at: None,
            last_seen_at: at,
            expires_at: now.plus(Duration::hours(12)),
            source: "192.0.2.7".to_owned(),
            user_agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36".to_owned(),
        };
        sessions::insert(&mut tx, &session).await.expect("a session");
    }
    tx.commit().await.expect("commits");
    let mut city = administrator(&house, "quantri").await;
    let ends = |page: &Answer| {
        let links = page.body.split("class=\"small way no-print\" href=\"/sessions/").skip(1);
        links.map(|rest| rest.chars().take(36).collect::<String>()).collect::<Vec<_>>()
    };
    let first = city.get("/sessions?q=an").await;
    first.shows("id=\"count\">60 phiên<").shows("Chrome trên Windows").hides("id=\"newest\"");
    let next = first.body.split("\" rel=\"next\"").next().and_then(|rest| rest.rsplit("href=\"").next());
    let next = next.expect("a next page").replace("&amp;", "&").replace("&#38;", "&");
    let second = city.get(&next).await;
    second.shows("id=\"newest\"").hides("id=\"next-page\"");
    let mut all = [ends(&first), ends(&second)].concat();
    assert_eq!((ends(&first).len(), ends(&second).len()), (50, 10));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 60, "each once");
}

#[tokio::test]
async fn whoever_does_not_see_a_session_of_the_console_does_not_end_it_by_its_id() {
    let house = house("").await;
    let mut city = administrator(&house, "quantri").await;
    let account = house.account("quantri").await;
    let all = sessions::of_account(&house.app.db, account.id(), house.app.now()).await.expect("reads");
    let session = all.iter().find(|session| session.door == Door::Admin).expect("a session").id.to_string();
    let page = format!("/accounts/{}", account.id());
    let mut desk = administrator(&house, "hotro").await;
    desk.get(&page).await.hides(&session);
    let version = house.account("quantri").await.version().to_string();
    let fields = [("session", session.as_str()), ("reason", "Máy lạ"), ("version", version.as_str())];
    let answer = desk.post_from(&page, &format!("{page}/sessions/end"), &fields).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    city.get(&page).await.shows(&session);
    let mut other = administrator(&house, "lan").await;
    other.post_from(&page, &format!("{page}/sessions/end"), &fields).await;
    assert!(city.get(&page).await.status.is_redirection(), "whoever sees it ends it");
}
