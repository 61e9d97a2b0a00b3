//! The portal's first page and the page on what is known of a person.

use crate::house::{Answer, Browser, House, PASSWORD, seen};
use danang_sso::domain::account::LockReason;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::secret;
use danang_sso::services::clients::{self, Registration};
use danang_sso::services::{acting, admins, lock};
use time::Duration;

async fn house() -> House {
    let house = House::build().await;
    house.add("an", &[Ad, Obm]);
    house.sync().await;
    house
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

/// Registers an application with a start page; tells its `client_id`.
async fn application(house: &House, name: &str, metadata: Metadata) -> String {
    let registration = Registration {
        name: name.to_owned(),
        kind: ClientKind::Web,
        redirect_uris: vec!["https://app.danang.example/callback".to_owned()],
        post_logout_redirect_uris: Vec::new(),
        home: Some(format!("https://app.danang.example/{}", name.len())),
        scopes: Scopes::all(),
        legacy: true,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata,
    };
    let registered = clients::register(&house.app, Actor::CommandLine, &registration).await;
    registered.expect("registered").client.client_id.to_string()
}

fn under(category: &str) -> Metadata {
    Metadata { category: Some(category.to_owned()), ..Metadata::default() }
}

/// More of them than stand together without headings.
async fn many(house: &House, category: &str) {
    for number in 0..10 {
        application(house, &format!("Phần mềm {number}"), under(category)).await;
    }
}

/// The names of the tiles, in the order of the page.
fn tiles(page: &Answer) -> Vec<String> {
    let names = page.body.split("<span class=\"app-name\">").skip(1);
    names.map(|rest| rest.split('<').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn somebody_without_applications_reads_what_to_do() {
    let house = house().await;
    let page = signed_in(&house, "an").await.get("/").await;
    page.shows("Chưa có ứng dụng nào dành cho tài khoản này.").shows("đề nghị quản trị viên của cơ quan");
    page.hides("search-form");
}

#[tokio::test]
async fn the_applications_for_an_agency_are_shown_to_its_people_only_under_their_headings() {
    let house = house().await;
    house.add_with("binh", &[Ad], |seen| seen.agency = None);
    house.sync().await;
    application(&house, "Quản lý văn bản", under("Văn bản và điều hành")).await;
    application(&house, "Đào tạo trực tuyến", under("Đào tạo")).await;
    application(&house, "Khác", Metadata::default()).await;
    let only = Metadata { allowed_agencies: vec!["so-khcn".to_owned()], ..under("Đào tạo") };
    application(&house, "Kho dữ liệu", only).await;
    let stranger = Metadata { self_registered: true, ..Metadata::default() };
    let row = application(&house, "Tự đăng ký", Metadata::default()).await;
    let client = clients::find(&house.app, &row).await.expect("found");
    let mut changed = client.clone();
    changed.metadata = stranger;
    let mut tx = house.app.db.begin().await.expect("a transaction");
    danang_sso::storage::clients::update(&mut tx, &client, &changed).await.expect("written");
    tx.commit().await.expect("kept");

    // Few stand together.
    let page = signed_in(&house, "an").await.get("/").await;
    assert_eq!(tiles(&page), ["Đào tạo trực tuyến", "Khác", "Kho dữ liệu", "Quản lý văn bản"]);
    // The heading of that part says it already.
    page.shows("class=\"apps\" aria-labelledby=\"apps-title\"")
        .hides("Tất cả ứng dụng")
        .hides(">Ứng dụng khác</h3>")
        .hides(">Đào tạo</h3>");
    let page = signed_in(&house, "binh").await.get("/").await;
    assert_eq!(tiles(&page), ["Đào tạo trực tuyến", "Khác", "Quản lý văn bản"]);

    many(&house, "Chuyên ngành").await;
    let page = signed_in(&house, "an").await.get("/").await;
    let shown = tiles(&page);
    assert_eq!(shown[10..], ["Đào tạo trực tuyến", "Kho dữ liệu", "Quản lý văn bản", "Khác"]);
    page.shows(">Chuyên ngành</h3>").shows(">Đào tạo</h3>").shows(">Văn bản và điều hành</h3>");
    page.shows(">Ứng dụng khác</h3>").hides("Tất cả ứng dụng");
    assert_eq!(tiles(&signed_in(&house, "binh").await.get("/").await).len(), 13);
}

#[tokio::test]
async fn an_application_for_an_agency_s_mailbox_alone_has_a_tile_for_whoever_acts_for_it() {
    let house = house().await;
    house.add("vanthu", &[Ad]);
    for who in ["binh", "chi"] {
        house.add_with(who, &[Ad], |seen| seen.agency = None);
    }
    house.sync().await;
    let only = Metadata { allowed_agencies: vec!["so-khcn".to_owned()], ..Metadata::default() };
    application(&house, "Kho dữ liệu", only).await;
    application(&house, "Khác", Metadata::default()).await;
    let by = Administrator::holding(&house.account("an").await, Role::City, Reach::City);
    let mailbox = house.account("vanthu").await;
    acting::grant(&house.app, &by, mailbox.id(), "binh", ("QĐ 1", None)).await.expect("granted");

    let mut binh = signed_in(&house, "binh").await;
    let page = binh.get("/").await;
    assert_eq!(tiles(&page), ["Khác", "Kho dữ liệu"]);
    assert_eq!(
        page.body.matches("Thay mặt Nguyễn Thị Hồng VANTHU").count(),
        1,
        "what is for them says nothing"
    );
    assert_eq!(tiles(&binh.get("/?q=vanthu").await), ["Kho dữ liệu"]);
    assert_eq!(tiles(&signed_in(&house, "chi").await.get("/").await), ["Khác"]);
    signed_in(&house, "an").await.get("/").await.shows("Kho dữ liệu").hides("Thay mặt");
    // A mailbox that opens nothing leads nowhere.
    lock::enforce(&house.app, &mailbox, LockReason::ByAdministrator, Actor::CommandLine)
        .await
        .expect("locked");
    assert_eq!(tiles(&binh.get("/").await), ["Khác"]);
}

#[tokio::test]
async fn an_application_without_a_logo_shows_the_first_letter_of_its_name() {
    let house = house().await;
    application(&house, "đào tạo", Metadata::default()).await;
    let page = signed_in(&house, "an").await.get("/").await;
    page.shows("aria-hidden=\"true\"><strong>Đ</strong></span>");
}

#[tokio::test]
async fn the_search_needs_no_accents_and_an_empty_result_leads_back() {
    let house = house().await;
    application(&house, "Quản lý văn bản", under("Điều hành")).await;
    application(&house, "Kho dữ liệu", Metadata::default()).await;
    let mut browser = signed_in(&house, "an").await;
    assert_eq!(tiles(&browser.get("/?q=van+ban").await), ["Quản lý văn bản"]);
    assert_eq!(tiles(&browser.get("/?q=dieu%20hanh").await), ["Quản lý văn bản"]);
    let page = browser.get("/?q=%3Cb%3Ekhong").await;
    assert!(tiles(&page).is_empty());
    page.shows("&#60;b&#62;khong").shows("Xem tất cả").hides("<b>khong");
    browser.get("/?q=kho").await.shows(">Kết quả tìm</h3>").hides("Tất cả ứng dụng");
}

#[tokio::test]
async fn a_used_application_comes_first_and_a_sign_in_that_begins_here_names_the_issuer() {
    let house = house().await;
    application(&house, "Kho dữ liệu", Metadata::default()).await;
    let begins = Metadata {
        initiate_login_uri: Some("https://app.danang.example/start".to_owned()),
        ..Metadata::default()
    };
    let used = application(&house, "Quản lý văn bản", begins).await;
    let mut browser = signed_in(&house, "an").await;
    let page = browser.get("/").await;
    page.hides("Vừa dùng").shows("https://app.danang.example/start?iss=http%3A%2F%2Flocalhost%3A8080");
    let account = house.account("an").await;
    let row = clients::find(&house.app, &used).await.expect("found").id;
    let mut tx = house.app.db.begin().await.expect("a transaction");
    let grant = grant(&house, account.id(), row);
    danang_sso::storage::grants::used(&mut tx, &grant, house.app.now()).await.expect("written");
    tx.commit().await.expect("kept");
    let page = browser.get("/").await;
    page.shows("Vừa dùng").hides("Dùng gần đây");
    assert_eq!(tiles(&page), ["Quản lý văn bản", "Kho dữ liệu"]);
    house.pass(Duration::hours(2));
    let mut browser = signed_in(&house, "an").await;
    browser.get("/").await.shows("Dùng 2 giờ trước");
    many(&house, "Chuyên ngành").await;
    let page = browser.get("/").await;
    page.shows("Dùng gần đây");
    assert_eq!(tiles(&page)[0], "Quản lý văn bản");
    assert_eq!(tiles(&page).len(), 13);
}

fn grant(
    house: &House,
    account: danang_sso::domain::id::AccountId,
    client: danang_sso::domain::id::ClientRowId,
) -> danang_sso::domain::oauth::grant::Grant {
    use danang_sso::domain::id::{FamilyId, SessionId};
    let (now, entropy) = (house.app.now(), house.app.system.entropy());
    danang_sso::domain::oauth::grant::Grant {
        id: FamilyId::new(now, entropy),
        client,
        account,
        session: SessionId::new(now, entropy),
        scopes: Scopes::all(),
        nonce: None,
        auth_time: now,
        proof: danang_sso::domain::proof::Proof::BIND,
        redirect_uri: String::new(),
        code_challenge: None,
        details: danang_sso::domain::oauth::grant::GrantDetails::default(),
        created_at: now,
        code_expires_at: now,
        code_used_at: None,
        expires_at: now,
        ended_at: None,
    }
}

#[tokio::test]
async fn the_first_page_says_of_both_mail_systems_whether_the_password_is_good_there() {
    let house = house().await;
    let page = signed_in(&house, "an").await.get("/").await;
    page.shows("Thư Exchange").shows("Thư OBM").shows("Dùng được với mật khẩu này").shows("31/07/2026");
    page.hides("ngày làm việc)");
}

#[tokio::test]
async fn an_end_that_is_near_is_told_in_days_and_in_working_days() {
    let house = house().await;
    // The term ends on Friday 31/07/2026.
    house.set_time(time::macros::datetime!(2026-07-22 02:00 UTC));
    signed_in(&house, "an").await.get("/").await.shows("Còn 9 ngày (7 ngày làm việc)");
    house.set_time(time::macros::datetime!(2026-07-31 02:00 UTC));
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/reminder");
    browser.get("/").await.shows("Hôm nay là ngày cuối");
}

#[tokio::test]
async fn each_detail_says_where_it_comes_from_what_the_other_directory_says_and_whom_to_tell() {
    let house = House::build().await;
    let now = house.app.now();
    let password = || secret::password(PASSWORD).expect("short");
    house.ad.add(seen("an", Ad, now), password());
    let mut there = seen("an", Obm, now);
    there.title = Some("Trưởng phòng".to_owned());
    house.obm.add(there, password());
    house.add("quantri", &[Ad]);
    house.sync().await;
    let mut browser = signed_in(&house, "an").await;
    let page = browser.get("/account").await;
    page.shows("Nguồn: Thư Exchange").shows("Thư OBM ghi khác: Trưởng phòng").hides("id=\"sources\"");
    page.shows("<a class=\"nowrap\" href=\"tel:02361022\">0236 1022</a>");
    page.shows("Cơ quan chưa có quản trị viên riêng");
    let admin = house.account("quantri").await;
    admins::grant(&house.app, &admin.profile().address, Some("so-khcn")).await.expect("granted");
    let page = browser.get("/account").await;
    page.shows("Nguyễn Thị Hồng QUANTRI")
        .shows("quantri@danang.example")
        .hides("chưa có quản trị viên riêng");
}

#[tokio::test]
async fn a_name_that_a_telephone_has_room_for_is_greeted_in_one_piece() {
    let house = house().await;
    let long = "quantrivanphong";
    house.add(long, &[Ad]);
    house.sync().await;
    let greeted = "<h1>Xin chào, Nguyễn\u{a0}Thị\u{a0}Hồng\u{a0}AN</h1>";
    signed_in(&house, "an").await.get("/").await.shows(greeted);
    signed_in(&house, long).await.get("/").await.shows("<h1>Xin chào, Nguyễn Thị Hồng QUANTRIVANPHONG</h1>");
}

#[tokio::test]
async fn where_all_details_come_from_is_said_once_if_it_is_the_same() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    let page = signed_in(&house, "an").await.get("/account").await;
    page.shows("id=\"sources\">Các mục khác: theo Thư Exchange, từ 02/03/2026</p>");
    page.hides("Nguồn: Thư Exchange").shows("Nguồn: hệ thống đăng nhập một lần");
}

#[tokio::test]
async fn whoever_proves_the_password_of_a_locked_account_reads_which_administrator_to_ask_and_nobody_else_does()
 {
    use danang_sso::domain::admin::{Administrator, Reach, Role};
    use danang_sso::services::lock;
    let house = house().await;
    house.add("quantri", &[Ad]);
    house.sync().await;
    let admin = house.account("quantri").await;
    admins::grant(&house.app, &admin.profile().address, Some("so-khcn")).await.expect("granted");
    let by = Administrator::holding(&admin, Role::City, Reach::City);
    let an = house.account("an").await.id();
    lock::lock(&house.app, &by, an, "Công văn 1").await.expect("locked");
    let wrong = house.browser().sign_in("an", "Sai-mat-khau-1").await;
    wrong.hides("quantri@danang.example").hides("Công văn 1");
    let right = house.browser().sign_in("an", PASSWORD).await;
    right.shows("Quản trị viên của cơ quan").shows("quantri@danang.example").hides("Công văn 1");
}

#[tokio::test]
async fn a_password_that_keeps_all_rules_but_is_a_pattern_is_refused() {
    let house = house().await;
    let mut browser = signed_in(&house, "an").await;
    browser.get("/sign-in").await;
    for (new, is_good) in [("Aa1!Aa1!Aa1!Aa1!", false), ("Trang-Sang-Cau-9", true)] {
        let fields = [("current", PASSWORD), ("new", new), ("repeat", new)];
        let answer = browser.post_from("/password", "/password", &fields).await;
        assert_eq!(answer.status.is_redirection(), is_good, "{new}: {}", answer.status);
        if !is_good {
            answer
                .shows("data-rule=\"guess\" data-state=\"broken\"")
                .shows("data-rule=\"common\" data-state=\"met\"");
        }
    }
}
