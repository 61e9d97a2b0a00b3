//! The page of an account for a help desk: why somebody cannot sign in, sessions, applications, notes.

use crate::authenticator::{Authenticator, half, second};
use crate::house::{Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::directory::Refusal;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::{admins, lock};
use time::Duration;

async fn house() -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    house.add("an", &[Ad, Obm]);
    house.add("chi", &[Obm]);
    house.add_with("quantrinv", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".into()), name: "Sở Nội vụ".into() });
    });
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
    house
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn page_of(house: &House, local: &str) -> String {
    format!("/accounts/{}", house.account(local).await.id())
}

/// The verdict of the page that says why.
async fn verdict(admin: &mut Browser, page: &str) -> String {
    let answer = admin.get(&format!("{page}/why")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let after = answer.body.split("id=\"verdict\">").nth(1).unwrap_or_default();
    after.split("</p>").next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_verdict_names_what_stands_in_the_way() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let an = page_of(&house, "an").await;
    assert!(verdict(&mut admin, &an).await.starts_with("Không có gì ngăn"));
    admin.get(&an).await.shows(&format!("{an}/why"));

    // A directory that does not check the password hinders, the one that does stops.
    house.obm.set_unreachable(true);
    assert!(verdict(&mut admin, &an).await.contains("mật khẩu không được kiểm tra ở đây"));
    let chi = page_of(&house, "chi").await;
    assert!(verdict(&mut admin, &chi).await.contains("không phải lỗi mật khẩu"));
    house.obm.set_unreachable(false);

    house.ad.edit("an", |seen| seen.enabled = false);
    assert!(verdict(&mut admin, &an).await.contains("không cho đăng nhập"));
    house.ad.edit("an", |seen| seen.enabled = true);

    house.ad.remove("an");
    assert!(verdict(&mut admin, &an).await.contains("Không còn trong hệ thống thư"));

    let account = house.account("chi").await;
    lock::enforce(&house.app, &account, LockReason::PasswordTooOld, Actor::Job("deadlines"))
        .await
        .expect("locked");
    let locked = verdict(&mut admin, &chi).await;
    assert!(locked.starts_with("Bị khóa từ 09:00"), "{locked}");
    assert!(locked.contains(". Lý do: Mật khẩu quá hạn"), "{locked}");
    admin.get(&format!("{chi}/why")).await.shows("Xác minh đúng người");
}

#[tokio::test]
async fn wrong_passwords_and_a_pause_are_told_apart() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let an = page_of(&house, "an").await;
    for n in 0..2 {
        house.browser().sign_in("an", &format!("Sai-mat-khau-{n}")).await;
    }
    let page = admin.get(&format!("{an}/why")).await;
    page.shows("2 lần nhập sai kể từ lần đăng nhập được gần nhất").shows("Không bị tạm khóa");
    for n in 2..12 {
        house.browser().sign_in("an", &format!("Sai-mat-khau-{n}")).await;
    }
    assert!(verdict(&mut admin, &an).await.contains("Tạm khóa đến"));
}

#[tokio::test]
async fn an_entry_locked_by_the_directory_itself_is_found() {
    let house = house().await;
    house.ad.refuse("an", Some(Refusal::LockedOut));
    let mut admin = administrator(&house, "quantri").await;
    let an = page_of(&house, "an").await;
    // What a directory keeps to itself shows only when a password is tried: nothing is claimed here.
    assert!(verdict(&mut admin, &an).await.starts_with("Không có gì ngăn"));
}

#[tokio::test]
async fn an_application_that_nobody_knows_is_said_so_harmlessly() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let an = page_of(&house, "an").await;
    let page = admin.get(&format!("{an}/why?application=%3Cscript%3Ealert(1)")).await;
    page.hides("<script>alert").shows("Không có hệ thống nào tên");
}

#[tokio::test]
async fn one_session_or_all_are_ended_with_a_reason() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let an = page_of(&house, "an").await;
    let (mut one, mut two) = (house.browser(), house.browser());
    one.sign_in("an", PASSWORD).await;
    two.sign_in("an", PASSWORD).await;
    let page = admin.get(&an).await;
    let first = page.body.split("name=\"session\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let first = first.expect("a session").to_owned();
    let address = format!("{an}/sessions/end");
    let refused = admin.post_from(&an, &address, &[("session", &first), ("reason", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    admin.post_from(&an, &address, &[("session", &first), ("reason", "Máy lạ")]).await;
    let open = [one.get("/").await.status, two.get("/").await.status];
    assert_eq!(open.iter().filter(|status| status.is_success()).count(), 1, "one of the two is over");
    let again = admin.post_from(&an, &address, &[("session", &first), ("reason", "Máy lạ")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    admin.post_from(&an, &address, &[("session", "all"), ("reason", "Máy lạ")]).await;
    one.get("/").await.leads_to("/sign-in");
    two.get("/").await.leads_to("/sign-in");
    admin.get(&an).await.shows("Máy lạ").shows("kết thúc một phiên").shows("Không có phiên nào đang mở");
}

#[tokio::test]
async fn notes_are_kept_with_who_and_when_and_shown_harmlessly() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let an = page_of(&house, "an").await;
    let address = format!("{an}/notes");
    let empty = admin.post_from(&an, &address, &[("note", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let note = "Gọi lại số 0236 1022\n<script>alert(1)</script>";
    admin.post_from(&an, &address, &[("note", note)]).await.leads_to(&format!("{an}?note=note-added"));
    let page = admin.get(&an).await;
    page.shows("Gọi lại số 0236 1022").hides("<script>alert").shows("QUANTRI (quantri@danang.example)");
    page.shows("ghi chú về tài khoản");
}

#[tokio::test]
async fn nothing_of_this_is_there_for_another_agencys_administrator() {
    let house = house().await;
    let mut city = administrator(&house, "quantri").await;
    let an = page_of(&house, "an").await;
    city.post_from(&an, &format!("{an}/notes"), &[("note", "Chỉ nội bộ")]).await;
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await;
    let mut agency = administrator(&house, "quantrinv").await;
    for path in ["", "/why", "/timeline"] {
        assert_eq!(agency.get(&format!("{an}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for (path, field, value) in
        [("notes", "note", "x"), ("sessions/end", "session", "all"), ("applications/end", "application", "x")]
    {
        let fields = [(field, value), ("reason", "thử"), ("version", "1")];
        let answer = agency.post_from("/accounts", &format!("{an}/{path}"), &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    person.get("/").await.shows("an@danang.example");
}

#[tokio::test]
async fn a_form_on_an_account_that_somebody_has_changed_meanwhile_ends_nothing() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let an = page_of(&house, "an").await;
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await;
    let seen = admin.get(&an).await.hidden("version").expect("a form");
    admin.post_from(&an, &format!("{an}/lock"), &[("reason", "thử")]).await;
    admin.post_from(&an, &format!("{an}/unlock"), &[("reason", "thử")]).await;
    person.sign_in("an", PASSWORD).await;
    let fields = [("version", seen.as_str()), ("session", "all"), ("reason", "Máy lạ")];
    let late = admin.post_from(&an, &format!("{an}/sessions/end"), &fields).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("mở khóa tài khoản").hides("Không có phiên nào đang mở");
}

#[tokio::test]
async fn the_second_step_is_told_of_and_a_pause_of_its_codes_stops() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let an = page_of(&house, "an").await;
    admin.get(&format!("{an}/why")).await.hides("Bước xác thực thứ hai");
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await;
    Authenticator::set_up(&house, &mut person).await;
    house.pass(Duration::minutes(1));
    let page = admin.get(&format!("{an}/why")).await;
    page.shows("Bước xác thực thứ hai").shows("Được hỏi sau mật khẩu");
    assert!(verdict(&mut admin, &an).await.starts_with("Không có gì ngăn"));
    let mut stranger = half(&house, "an").await;
    for _ in 0..5 {
        second(&mut stranger, "000000").await;
    }
    assert!(verdict(&mut admin, &an).await.contains("nhập sai mã nhiều lần"));
}
