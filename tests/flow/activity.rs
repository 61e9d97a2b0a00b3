//! The activity of an account: sign-ins, attempts in vain, networks; "it was not me"; what applications learn.

use crate::authenticator::{Authenticator, half, second};
use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use crate::passkey::{SoftKey, VERIFIED};
use danang_sso::domain::account::{MustChange, State};
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::jobs::{self, SendLetters};
use danang_sso::services::{admins, upkeep};
use danang_sso::storage::{audit, incidents, letters};
use time::Duration;
use time::macros::datetime;

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/142.0.0.0 Safari/537.36";

async fn house() -> House {
    let more = "[network]\nnames = [\"192.0.2.0/24=Mạng Sở Khoa học và Công nghệ\"]\n";
    let house = House::at(datetime!(2026-03-02 09:00 +7), more).await;
    house.add("an", &[Ad, Obm]);
    house.add("quantri", &[Ad]);
    house.add("xa", &[Ad]);
    house.sync().await;
    let admin = house.account("quantri").await;
    admins::grant(&house.app, &admin.profile().address, Some("so-khcn")).await.expect("granted");
    house
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

#[tokio::test]
async fn sign_ins_and_wrong_passwords_are_told_with_the_name_of_the_network() {
    let house = house().await;
    let mut elsewhere = house.browser();
    elsewhere.source = "203.113.7.9".to_owned();
    elsewhere.sign_in("an", "Sai-mat-khau-1").await;
    elsewhere.sign_in("an", PASSWORD).await.leads_to("/");
    elsewhere.post_from("/", "/sign-out", &[]).await;
    let page = signed_in(&house, "an").await.get("/sessions").await;
    page.shows("Mạng Sở Khoa học và Công nghệ (192.0.2.7)").shows("Internet (203.113.7.9)");
    page.shows("Nhập sai mật khẩu").shows("Đã đăng xuất, ").shows("Đang mở (phiên này)").shows("1 lần");
    let other = signed_in(&house, "xa").await.get("/sessions").await;
    other.hides("203.113.7.9").shows("Không có lần nhập sai nào.");
}

#[tokio::test]
async fn what_happened_more_than_ninety_days_ago_is_not_shown() {
    let house = house().await;
    let mut old = house.browser();
    old.source = "203.113.7.9".to_owned();
    old.sign_in("an", PASSWORD).await.leads_to("/");
    house.pass(time::Duration::days(89));
    signed_in(&house, "an").await.get("/sessions").await.shows("203.113.7.9").shows("Hết hạn");
    house.pass(time::Duration::days(2));
    signed_in(&house, "an").await.get("/sessions").await.hides("203.113.7.9");
}

#[tokio::test]
async fn it_was_not_me_ends_everything_else_demands_a_password_and_files_an_incident() {
    let house = house().await;
    let (mut here, mut thief) = (signed_in(&house, "an").await, signed_in(&house, "an").await);
    let answer = here.post_from("/sessions", "/sessions/not-me", &[("words", "Máy lạ <b>ở Huế</b>")]).await;
    answer.leads_to("/password");
    thief.get("/").await.leads_to("/sign-in");
    let State::MustChangePassword { why, .. } = *house.account("an").await.state() else {
        panic!("a new password is demanded")
    };
    assert_eq!(why, MustChange::NotMe);
    let answer = thief.sign_in("an", PASSWORD).await;
    assert_eq!(answer.status, 403, "the password alone opens nothing any more: {}", answer.body);
    thief.get("/password").await.leads_to("/sign-in?back=%2Fpassword");
    here.get("/").await.leads_to("/password");
    here.get("/password").await.shows("Ông/Bà đã báo có người khác dùng tài khoản");
    here.get("/report").await.shows("SC-2026-0001").shows("Đang xử lý");

    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let list = admin.get("/incidents").await;
    list.shows("SC-2026-0001").shows("Chủ tài khoản báo có người khác đăng nhập").shows("Còn 8 giờ 0 phút");
    let place = list.body.split("href=\"/incidents/").nth(1).and_then(|rest| rest.split('"').next());
    let page = admin.get(&format!("/incidents/{}", place.expect("a link"))).await;
    page.shows("Máy lạ &#60;b&#62;ở Huế&#60;/b&#62;").hides("<b>ở Huế");
    let mut portal = signed_in(&house, "quantri").await;
    portal.get("/letters").await.shows("Sự cố SC-2026-0001 vừa được báo");

    // The new password opens the portal again.
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    here.post_from("/password", "/password", &fields).await;
    house.browser().sign_in("an", NEW_PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn it_was_not_me_needs_the_token_of_the_page() {
    let house = house().await;
    let mut here = signed_in(&house, "an").await;
    let answer = here.post("/sessions/not-me", &[("words", "x")]).await;
    assert!(!answer.status.is_redirection(), "{}", answer.status);
    assert!(matches!(house.account("an").await.state(), State::Active { .. }));
}

#[tokio::test]
async fn a_device_is_told_in_human_words() {
    let house = house().await;
    let mut browser = house.browser();
    browser.user_agent = CHROME.to_owned();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser.get("/sessions").await.shows("Chrome trên Windows");
}

/// When the first session of the list began, in words.
fn started(page: &Answer) -> String {
    let words = page.body.split("Đăng nhập lúc ").nth(1).and_then(|rest| rest.split(" ·").next());
    words.unwrap_or_else(|| panic!("no session: {}", page.body)).to_owned()
}

#[tokio::test]
async fn a_session_began_when_it_began_whatever_was_proven_later() {
    let house = house().await;
    let mut here = signed_in(&house, "an").await;
    let began = started(&here.get("/sessions").await);
    assert!(began.contains("09:00"), "{began}");
    house.pass(Duration::minutes(40));
    here.post_from("/password", "/password", &NEW).await;
    let page = here.get("/sessions").await;
    assert_eq!(started(&page), began);
    let table = page.body.split("id=\"sign-ins\"").nth(1).and_then(|rest| rest.split("</table>").next());
    let table = table.expect("the sign-ins");
    assert!(table.contains(&began) && !table.contains("09:40"), "{table}");
    // And in the console.
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    admin.get("/sessions?q=an").await.shows(&format!("Đăng nhập lúc {began}"));
}

#[tokio::test]
async fn a_session_that_was_not_used_is_not_told_as_open() {
    let house = house().await;
    let (mut here, mut there) = (signed_in(&house, "an").await, signed_in(&house, "an").await);
    there.get("/").await.shows("an@danang.example");
    here.get("/sessions").await.hides("Không dùng nữa").shows("Đang mở</span>");
    for _ in 0..2 {
        house.pass(Duration::minutes(35));
        here.get("/").await.shows("an@danang.example");
    }
    let page = here.get("/sessions").await;
    page.hides("Đang mở</span>").shows("Đang mở (phiên này)");
    assert_eq!(page.body.matches("Không dùng nữa").count(), 2, "in the list and in the table");
    // What applications have of it may be open: it can be ended.
    let other = page.hidden("session").expect("its button");
    let ended = here.post_from("/sessions", "/sessions/end", &[("session", &other)]).await;
    ended.leads_to("/sessions?note=ended");
    here.get("/sessions").await.hides("Không dùng nữa").shows("Chủ tài khoản kết thúc, ");
}

const NEW: [(&str, &str); 3] = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];

#[tokio::test]
async fn it_was_not_me_removes_the_factors_of_the_last_month_and_names_the_older_ones() {
    let house = house().await;
    let mut here = signed_in(&house, "an").await;
    let app = Authenticator::set_up(&house, &mut here).await;
    house.pass(time::Duration::days(31));
    // Whoever has the password and once a code makes a way to come back.
    let mut thief = half(&house, "an").await;
    second(&mut thief, &app.code(&house)).await.leads_to("/");
    SoftKey::make(&mut thief, VERIFIED, "Khóa của kẻ lạ").await;
    house.pass(time::Duration::minutes(2));
    let mut here = half(&house, "an").await;
    second(&mut here, &app.code(&house)).await.leads_to("/");
    here.get("/security").await.shows("Khóa của kẻ lạ");
    here.get("/sessions").await.shows("được thêm trong 30 ngày gần đây bị gỡ");
    here.post_from("/sessions", "/sessions/not-me", &[("words", "x")]).await.leads_to("/password");

    let account = house.account("an").await.id();
    let done = incidents::of_account(&house.app.db, account, 1).await.expect("reads").remove(0).done;
    assert!(done.contains("trong 30 ngày gần đây: khóa truy cập."), "{done}");
    assert!(
        done.contains("Còn lại các cách xác thực cũ hơn: ứng dụng xác thực, mã khôi phục (10)."),
        "{done}"
    );
    here.post_from("/password", "/password", &NEW).await.leads_to("/security?note=not-me");
    let page = here.get("/security?note=not-me").await;
    page.shows("Xem lại các cách xác thực").shows("đang bảo vệ tài khoản").hides("Khóa của kẻ lạ");
    here.get("/letters").await.shows("Bảo mật đăng nhập của Ông/Bà vừa thay đổi");
}

#[tokio::test]
async fn it_was_not_me_with_nothing_older_leaves_no_factor_and_no_recovery_code() {
    let house = house().await;
    let mut here = signed_in(&house, "an").await;
    let app = Authenticator::set_up(&house, &mut here).await;
    here.post_from("/sessions", "/sessions/not-me", &[]).await.leads_to("/password");
    let account = house.account("an").await.id();
    let done = incidents::of_account(&house.app.db, account, 1).await.expect("reads").remove(0).done;
    assert!(done.contains("gần đây: ứng dụng xác thực, mã khôi phục (10)."), "{done}");
    assert!(done.contains("Không còn cách xác thực thứ hai nào."), "{done}");
    // The second step went with it; the password does not stand alone for that.
    assert_eq!(house.browser().sign_in("an", PASSWORD).await.status, 403);
    here.post_from("/password", "/password", &NEW).await.leads_to("/security?note=not-me");
    here.get("/security").await.shows("Chưa bật");
    assert_eq!(app.recovery.len(), 10);
    // No second step is asked: there is none, and it is not demanded.
    house.browser().sign_in("an", NEW_PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn whoever_knew_the_password_and_failed_at_the_second_step_is_told_of_clearly() {
    let house = house().await;
    let mut here = signed_in(&house, "an").await;
    let app = Authenticator::set_up(&house, &mut here).await;
    house.pass(time::Duration::minutes(1));
    here.get("/sessions").await.shows("Không có lần nhập sai nào.").hides("có người biết mật khẩu");
    let mut thief = half(&house, "an").await;
    thief.source = "203.113.7.9".to_owned();
    let wrong = app.code_of(&house, 9);
    for _ in 0..5 {
        second(&mut thief, &wrong).await;
    }
    let page = here.get("/sessions").await;
    page.shows("Đúng mật khẩu, không qua được bước xác thực thứ hai");
    page.shows("Tạm khóa bước xác thực thứ hai do nhập sai nhiều lần</p>");
    page.shows("Nếu không phải Ông/Bà: có người biết mật khẩu của Ông/Bà.");
}

/// How many letters tell of a second step that was left.
async fn letters_about_left(house: &House) -> usize {
    let id = house.account("an").await.id();
    let all = letters::of_account(&house.app.db, id, None, 100).await.expect("reads");
    let on_one_line = |body: &str| body.split_whitespace().collect::<Vec<_>>().join(" ");
    let bodies = all.iter().map(|kept| on_one_line(kept.letter.body()));
    bodies.filter(|body| body.contains("dừng ở bước xác thực thứ hai")).count()
}

#[tokio::test]
async fn whoever_knew_the_password_and_left_at_the_second_step_is_told_of_with_one_letter_a_day() {
    let house = house().await;
    let mut here = signed_in(&house, "an").await;
    let app = Authenticator::set_up(&house, &mut here).await;
    house.pass(time::Duration::minutes(1));
    let leave = async |source: &str| {
        let mut thief = house.browser();
        thief.source = source.to_owned();
        thief.sign_in("an", PASSWORD).await.leads_to("/sign-in/second");
    };
    for _ in 0..3 {
        leave("203.113.7.9").await;
    }
    // Who goes on is not told of, although the step was begun.
    let mut elsewhere = half(&house, "an").await;
    second(&mut elsewhere, &app.code(&house)).await.leads_to("/");
    jobs::run_once(&house.app, &SendLetters).await;
    here.get("/sessions").await.shows("Không có lần nhập sai nào.");
    assert_eq!(letters_about_left(&house).await, 0, "they may still go on");

    house.pass(time::Duration::minutes(11));
    jobs::run_once(&house.app, &SendLetters).await;
    let page = here.get("/sessions").await;
    assert_eq!(page.body.matches("Đúng mật khẩu, dừng ở bước xác thực thứ hai").count(), 3);
    page.shows("Internet (203.113.7.9)").shows("Nếu không phải Ông/Bà: có người biết mật khẩu của Ông/Bà.");
    assert_eq!(letters_about_left(&house).await, 1);
    leave("203.113.7.10").await;
    house.pass(time::Duration::minutes(11));
    jobs::run_once(&house.app, &SendLetters).await;
    assert_eq!(letters_about_left(&house).await, 1, "one a day");
    house.pass(time::Duration::days(1));
    leave("203.113.7.9").await;
    house.pass(time::Duration::minutes(11));
    upkeep::forget(&house.app).await.expect("forgets");
    assert_eq!(letters_about_left(&house).await, 2, "also where the upkeep comes first");
}

#[tokio::test]
async fn a_second_step_that_is_left_where_the_holder_has_been_before_is_shown_without_a_letter() {
    let house = house().await;
    let mut here = signed_in(&house, "an").await;
    Authenticator::set_up(&house, &mut here).await;
    half(&house, "an").await;
    house.pass(time::Duration::minutes(11));
    jobs::run_once(&house.app, &SendLetters).await;
    here.get("/sessions").await.shows("Đúng mật khẩu, dừng ở bước xác thực thứ hai");
    assert_eq!(letters_about_left(&house).await, 0);
    // The same network, and another kind of browser.
    let mut other = house.browser();
    other.user_agent = CHROME.to_owned();
    other.sign_in("an", PASSWORD).await.leads_to("/sign-in/second");
    house.pass(time::Duration::minutes(11));
    jobs::run_once(&house.app, &SendLetters).await;
    assert_eq!(letters_about_left(&house).await, 1);
}

#[tokio::test]
async fn wrong_codes_on_the_page_for_a_forgotten_password_do_not_say_that_somebody_knew_it() {
    let house = house().await;
    let mut here = signed_in(&house, "an").await;
    Authenticator::set_up(&house, &mut here).await;
    house.pass(time::Duration::minutes(1));
    let fields = [("identifier", "an"), ("code", "000000"), ("recovery", "000000000000")];
    for _ in 0..5 {
        house.browser().post_from("/forgotten", "/forgotten", &fields).await;
    }
    let page = here.get("/sessions").await;
    page.shows("Nhập sai mã ở trang quên mật khẩu").shows("nhiều lần ở trang quên mật khẩu");
    page.hides("có người biết mật khẩu");
    here.get("/letters").await.shows("Bảo mật đăng nhập").hides("Người nhập đã biết mật khẩu");
}

#[tokio::test]
async fn a_passkey_that_was_copied_is_told_of() {
    let house = house().await;
    let mut here = signed_in(&house, "an").await;
    let (mut key, _) = SoftKey::make(&mut here, VERIFIED, "Khóa của tôi").await;
    house.pass(time::Duration::minutes(1));
    key.counter = 7;
    let mut there = half(&house, "an").await;
    let page = there.get("/sign-in/second").await;
    key.answer(&mut there, &page, "/sign-in/second").await.leads_to("/");
    // The copy counts from where it was made.
    key.counter = 3;
    let mut copy = half(&house, "an").await;
    let page = copy.get("/sign-in/second").await;
    key.answer(&mut copy, &page, "/sign-in/second").await;
    here.get("/sessions").await.shows("khóa truy cập có dấu hiệu bị sao chép").shows("Hãy gỡ khóa đó");
}

#[tokio::test]
async fn a_session_ends_when_another_kind_of_browser_comes_with_its_cookie() {
    let house = house().await;
    let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let on_linux = CHROME.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64");
    for other in [firefox, on_linux.as_str(), ""] {
        let mut browser = house.browser();
        browser.user_agent = CHROME.to_owned();
        browser.sign_in("an", PASSWORD).await.leads_to("/");
        let mut thief = browser.clone();
        thief.user_agent = other.to_owned();
        thief.source = "203.113.7.9".to_owned();
        thief.get("/").await.leads_to("/sign-in");
        browser.get("/").await.leads_to("/sign-in");
    }
    let mut anew = signed_in(&house, "an").await;
    anew.get("/sessions").await.shows("Bị dùng bằng trình duyệt khác, hệ thống kết thúc");
    let id = house.account("an").await.id();
    let lines = audit::of_account(&house.app.db, id, 100).await.expect("reads");
    let line = lines.iter().find(|line| line.act == Act::SessionCarriedOff).expect("a line");
    assert_eq!(line.before.as_deref(), Some("Chrome/Windows"));
    assert_eq!(line.source.as_deref(), Some("203.113.7.9"));
}

#[tokio::test]
async fn a_session_goes_on_when_the_browser_is_brought_up_to_date_or_comes_from_another_network() {
    let house = house().await;
    let mut browser = house.browser();
    browser.user_agent = CHROME.to_owned();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser.user_agent = CHROME.replace("142", "143");
    browser.source = "203.113.7.9".to_owned();
    browser.get("/").await.shows("an@danang.example");
    // One beside it ends too, wherever its cookie is used first.
    let mut thief = browser.clone();
    thief.user_agent = "curl/8.0".to_owned();
    thief.get("/choose-account").await.hides("an@danang.example");
    browser.get("/").await.leads_to("/sign-in");
}
