//! After "it was not me" the old password alone opens nothing, whoever types it and on whichever way the state is left; and a
//! copied cookie dies with what its holder does against it.

use crate::authenticator::{Authenticator, half, second};
use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use crate::passkey::{SoftKey, VERIFIED};
use axum::http::StatusCode;
use danang_sso::directory::Directory;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::factor::Factors;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::secret;
use danang_sso::services::{admins, factors, lock, reset};
use danang_sso::storage::{audit, incidents};
use time::Duration;

const NEW: [(&str, &str); 3] = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
const TITLE: &str = "Chưa thể đăng nhập chỉ bằng mật khẩu";

async fn house() -> House {
    let house = House::build().await;
    house.add("an", &[Ad, Obm]);
    house.add("quantri", &[Ad]);
    house.sync().await;
    let admin = house.account("quantri").await;
    admins::grant(&house.app, &admin.profile().address, Some("so-khcn")).await.expect("granted");
    house
}

async fn signed_in(house: &House) -> Browser {
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser
}

async fn not_me(browser: &mut Browser) {
    browser.post_from("/sessions", "/sessions/not-me", &[("words", "x")]).await.leads_to("/password");
}

/// Signs in with the old password from somewhere; the page that comes of it.
async fn kept_out(house: &House, source: &str) -> Answer {
    let mut other = house.browser();
    other.source = source.to_owned();
    let answer = other.sign_in("an", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{:?}", answer.location);
    answer.shows(TITLE);
    for (page, there) in
        [("/", "/sign-in"), ("/password", "/sign-in?back=%2Fpassword"), ("/sign-in/second", "/sign-in")]
    {
        other.get(page).await.leads_to(there);
    }
    answer
}

/// From where right passwords came that opened nothing, and why, the last first.
async fn tries(house: &House) -> Vec<(String, String)> {
    let id = house.account("an").await.id();
    let lines = audit::of_account(&house.app.db, id, 500).await.expect("reads");
    let tried = lines.into_iter().filter(|line| line.act == Act::KeptOut);
    tried.map(|line| (line.source.unwrap_or_default(), line.after.unwrap_or_default())).collect()
}

#[tokio::test]
async fn each_network_that_tries_the_old_password_leaves_a_line_and_no_more_than_an_account_may_fail() {
    let house = house().await;
    let mut here = signed_in(&house).await;
    not_me(&mut here).await;
    for _ in 0..3 {
        kept_out(&house, "203.113.7.9").await;
    }
    assert_eq!(tries(&house).await, [("203.113.7.9".to_owned(), "disowned".to_owned())], "once");
    for last in 10..20 {
        kept_out(&house, &format!("203.113.7.{last}")).await;
    }
    assert_eq!(tries(&house).await.len(), 5);
    house.pass(Duration::hours(13));
    kept_out(&house, "203.113.7.9").await;
    assert_eq!(tries(&house).await.len(), 6, "the pause is over");

    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let list = admin.get("/incidents").await;
    let place = list.body.split("href=\"/incidents/").nth(1).and_then(|rest| rest.split('"').next());
    let page = admin.get(&format!("/incidents/{}", place.expect("a link"))).await;
    page.shows("Có người nhập đúng mật khẩu cũ, không vào được – 203.113.7.9");
    let slip = reset::reset_by_operator(&house.app, &house.account("an").await.profile().address, "x").await;
    let (slip, mut an) = (slip.expect("reset"), house.browser());
    let issued: &str = slip.password.expose();
    an.sign_in("an", issued).await;
    let fields = [("current", issued), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    an.post_from("/password", "/password", &fields).await;
    an.get("/sessions").await.shows("Đúng mật khẩu đã báo có người khác biết").shows("203.113.7.9");
}

#[tokio::test]
async fn a_right_password_of_a_locked_account_leaves_a_line_and_a_wrong_one_another() {
    let house = house().await;
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::ByAdministrator, Actor::CommandLine)
        .await
        .expect("locked");
    for _ in 0..2 {
        let mut thief = house.browser();
        thief.source = "203.113.7.9".to_owned();
        assert_eq!(thief.sign_in("an", PASSWORD).await.status, StatusCode::FORBIDDEN);
        thief.sign_in("an", "Sai-mat-khau-1").await.shows("chưa đúng");
    }
    assert_eq!(tries(&house).await, [("203.113.7.9".to_owned(), "locked".to_owned())]);
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = admin.get(&format!("/accounts/{}", account.id())).await;
    page.shows("nhập đúng mật khẩu; tài khoản đang bị khóa nên không vào được");
}

#[tokio::test]
async fn the_old_password_alone_opens_nothing_and_everybody_reads_the_same() {
    let house = house().await;
    let mut here = signed_in(&house).await;
    not_me(&mut here).await;
    let pages = [kept_out(&house, "203.113.7.9").await, kept_out(&house, "192.0.2.9").await];
    pages[0].shows("đặt mật khẩu mới trên máy đã bấm nút").shows("0236 1022");
    let plain = |page: &Answer| {
        page.hidden("csrf").map_or_else(|| page.body.clone(), |csrf| page.body.replace(&csrf, ""))
    };
    assert_eq!(plain(&pages[0]), plain(&pages[1]), "the thief and the holder on another computer");
    // A wrong password learns nothing of it.
    house.browser().sign_in("an", "Sai-mat-khau-1").await.shows("chưa đúng").hides(TITLE);
    here.post_from("/password", "/password", &NEW).await.leads_to("/security?note=not-me");
    house.browser().sign_in("an", NEW_PASSWORD).await.leads_to("/");
    house.browser().sign_in("an", PASSWORD).await.shows("chưa đúng");
}

/// Why nothing is written to them at the report: docs/portal.md.
#[tokio::test]
async fn everybody_is_told_that_the_mail_systems_take_the_old_password_until_there_is_another() {
    const SAID: &str = "hệ thống thư vẫn nhận mật khẩu cũ";
    let house = house().await;
    let mut here = signed_in(&house).await;
    here.get("/sessions").await.shows(SAID);
    not_me(&mut here).await;
    here.get("/password").await.shows(SAID);
    let account = house.account("an").await.id();
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    admin.get(&format!("/accounts/{account}")).await.shows(SAID);
    let all = danang_sso::storage::incidents::of_account(&house.app.db, account, 10).await.expect("reads");
    assert!(all[0].done.contains(SAID), "{}", all[0].done);
    // It is so, until the new one is set.
    let [old, new] = [PASSWORD, NEW_PASSWORD].map(|text| secret::password(text).expect("short"));
    let key = |system| crate::house::seen("an", system, house.app.now()).key;
    for system in [Ad, Obm] {
        house.directory(system).verify(&key(system), &old).await.expect("taken");
    }
    here.post_from("/password", "/password", &NEW).await.leads_to("/security?note=not-me");
    for system in [Ad, Obm] {
        house.directory(system).verify(&key(system), &old).await.expect_err("not taken any more");
        house.directory(system).verify(&key(system), &new).await.expect("taken");
    }
}

#[tokio::test]
async fn a_factor_that_was_kept_opens_and_leads_to_the_new_password() {
    let house = house().await;
    let mut here = signed_in(&house).await;
    let app = Authenticator::set_up(&house, &mut here).await;
    house.pass(Duration::days(31));
    let mut here = half(&house, "an").await;
    let code = app.code(&house);
    let fields = [("code", code.as_str()), ("remember", "1")];
    here.post_from("/sign-in/second", "/sign-in/second", &fields).await.leads_to("/");
    not_me(&mut here).await;
    house.pass(Duration::minutes(1));
    let mut elsewhere = half(&house, "an").await;
    for (page, there) in [("/", "/sign-in"), ("/password", "/sign-in?back=%2Fpassword")] {
        elsewhere.get(page).await.leads_to(there);
    }
    let answer = second(&mut elsewhere, &app.code(&house)).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    elsewhere.get("/").await.leads_to("/password");
    elsewhere.post_from("/password", "/password", &NEW).await.leads_to("/security?note=not-me");
    here.get("/").await.leads_to("/sign-in");
}

async fn kinds(house: &House) -> Factors {
    factors::of(&house.app, house.account("an").await.id()).await.expect("reads")
}

/// Whoever has copied a cookie can press the button, and must not take the holder's factors away by it.
#[tokio::test]
async fn without_a_recent_password_no_factor_is_removed_and_those_of_the_last_month_open_nothing() {
    let house = house().await;
    let mut here = signed_in(&house).await;
    let app = Authenticator::set_up(&house, &mut here).await;
    house.pass(Duration::minutes(6));
    not_me(&mut here).await;
    let account = house.account("an").await;
    let all = kinds(&house).await;
    assert_eq!((all.totp, all.recovery), (true, 10));
    assert_eq!(factors::good(&house.app, &account).await.expect("reads"), Factors::default());
    let incident = incidents::of_account(&house.app.db, account.id(), 1).await.expect("reads").remove(0);
    let doubted = "không mở được gì nữa: ứng dụng xác thực, mã khôi phục (10).";
    assert!(incident.done.contains(doubted), "{}", incident.done);
    assert!(incident.done.contains("Không có cách xác thực nào cũ hơn."), "{}", incident.done);
    kept_out(&house, "192.0.2.9").await;
    let (code, recovery) = (app.code(&house), app.recovery[0].clone());
    let fields = [("identifier", "an"), ("code", code.as_str()), ("recovery", recovery.as_str())];
    let forgotten = house.browser().post_from("/forgotten", "/forgotten", &fields).await;
    assert!(!forgotten.status.is_redirection(), "{:?}", forgotten.location);
    // The present password is the proof.
    here.post_from("/password", "/password", &NEW).await.leads_to("/security?note=not-me");
    here.get("/security").await.shows("Chưa bật");
    assert_eq!(kinds(&house).await, Factors::default());
    let lines = audit::of_account(&house.app.db, account.id(), 100).await.expect("reads");
    let removed = lines.into_iter().filter(|line| line.act == Act::FactorRemoved);
    assert_eq!(removed.filter_map(|line| line.after).collect::<Vec<_>>(), ["recovery", "totp"]);
    house.browser().sign_in("an", NEW_PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn an_older_factor_opens_and_a_passkey_of_the_last_month_does_not_until_it_is_settled() {
    let house = house().await;
    let mut here = signed_in(&house).await;
    let app = Authenticator::set_up(&house, &mut here).await;
    house.pass(Duration::days(31));
    let mut here = half(&house, "an").await;
    second(&mut here, &app.code(&house)).await.leads_to("/");
    let (mut key, _) = SoftKey::make(&mut here, VERIFIED, "Khóa mới").await;
    house.pass(Duration::minutes(6));
    not_me(&mut here).await;
    house.pass(Duration::minutes(1));
    key.counter = 2;
    let mut other = house.browser();
    let page = other.get("/sign-in").await;
    let refused = key.answer(&mut other, &page, "/sign-in/passkey").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{:?}", refused.location);
    assert_eq!(kinds(&house).await.passkeys, 1);
    let mut elsewhere = half(&house, "an").await;
    let answer = second(&mut elsewhere, &app.code(&house)).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    elsewhere.post_from("/password", "/password", &NEW).await.leads_to("/security?note=not-me");
    elsewhere.get("/security").await.shows("Bước xác thực thứ hai đang bảo vệ tài khoản.").hides("Khóa mới");
    let left = kinds(&house).await;
    assert_eq!((left.totp, left.passkeys, left.recovery), (true, 0, 10));
}

#[tokio::test]
async fn the_slip_removes_what_was_doubted_so_that_nobody_else_s_factor_stands_before_its_holder() {
    let house = house().await;
    let mut here = signed_in(&house).await;
    Authenticator::set_up(&house, &mut here).await;
    house.pass(Duration::minutes(6));
    not_me(&mut here).await;
    let account = house.account("an").await;
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = admin.get(&format!("/accounts/{}", account.id())).await;
    page.shows("các cách xác thực thứ hai được thêm trong 30 ngày trước lúc báo cũng bị gỡ");
    let slip = reset::reset_by_operator(&house.app, &account.profile().address, "Không phải tôi").await;
    let slip = slip.expect("reset");
    assert_eq!(kinds(&house).await, Factors::default());
    let mut other = house.browser();
    let answer = other.sign_in("an", slip.password.expose()).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    other.get("/").await.leads_to("/password");
}

#[tokio::test]
async fn the_slip_opens_and_the_console_says_that_it_is_what_to_do() {
    let house = house().await;
    let mut here = signed_in(&house).await;
    not_me(&mut here).await;
    here.post_from("/password", "/sign-out", &[]).await;
    let account = house.account("an").await;
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", account.id());
    admin.get(&page).await.shows("Gặp trực tiếp và xác minh đúng người");
    admin.get(&format!("{page}/why")).await.shows("chỉ mật khẩu thì không đăng nhập được");
    kept_out(&house, "192.0.2.9").await;
    let slip = reset::reset_by_operator(&house.app, &account.profile().address, "Không phải tôi").await;
    let slip = slip.expect("reset");
    let mut other = house.browser();
    let answer = other.sign_in("an", slip.password.expose()).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    other.get("/").await.leads_to("/password");
    house.browser().sign_in("an", PASSWORD).await.shows("chưa đúng");
    assert!(!house.account("an").await.is_disowned());
}

#[tokio::test]
async fn neither_a_lock_that_is_lifted_nor_a_lock_by_the_term_makes_the_old_password_any_better() {
    let house = house().await;
    let mut here = signed_in(&house).await;
    not_me(&mut here).await;
    let account = house.account("an").await;
    let reason = LockReason::DefaultPasswordKept;
    lock::enforce(&house.app, &account, reason, Actor::CommandLine).await.expect("locked");
    house.browser().sign_in("an", PASSWORD).await.shows("Tài khoản đang bị khóa").hides(TITLE);
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", account.id());
    let answer = admin.post_from(&page, &format!("{page}/unlock"), &[("reason", "CV 12")]).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    kept_out(&house, "192.0.2.9").await;
    admin.get(&page).await.shows("Mở khóa không đủ");
}

#[tokio::test]
async fn another_password_in_the_directory_is_good_only_where_the_house_writes_none() {
    for is_set_there in [false, true] {
        let house = House::build().await;
        house.add("an", &[Obm]);
        house.sync().await;
        let mut here = signed_in(&house).await;
        if is_set_there {
            house.obm.change_passwords_only_at("trang Mật khẩu của OBM");
        }
        not_me(&mut here).await;
        house.pass(Duration::hours(1));
        // Whoever knew the old one may have set it.
        let seen = crate::house::seen("an", Obm, house.app.now());
        house.obm.add(seen, secret::password(NEW_PASSWORD).expect("short"));
        house.sync().await;
        let answer = house.browser().sign_in("an", NEW_PASSWORD).await;
        assert_eq!(answer.status.is_redirection(), is_set_there, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_copied_cookie_dies_with_the_end_of_the_others_with_it_was_not_me_and_with_a_new_password() {
    let nothing: &[(&str, &str)] = &[];
    let ways = [
        ("/sessions", "/sessions/end-others", nothing),
        ("/sessions", "/sessions/not-me", nothing),
        ("/password", "/password", &NEW[..]),
    ];
    for (page, to, fields) in ways {
        let house = house().await;
        let mut here = signed_in(&house).await;
        let mut copy = here.clone();
        copy.get("/").await.shows("an@danang.example");
        let answer = here.post_from(page, to, fields).await;
        assert!(answer.status.is_redirection(), "{to}: {}", answer.body);
        copy.get("/").await.leads_to("/sign-in");
        copy.get("/password").await.leads_to("/sign-in?back=%2Fpassword");
        assert_eq!(here.get("/password").await.status, StatusCode::OK, "{to}: the holder's goes on");
    }
}

#[tokio::test]
async fn a_copied_cookie_dies_with_a_change_that_one_mail_system_did_not_take_and_with_its_end() {
    let house = house().await;
    let mut here = signed_in(&house).await;
    house.obm.refuse_new_passwords(Some("in history"));
    let mut copy = here.clone();
    here.post_from("/password", "/password", &NEW).await.shows("OBM");
    copy.get("/password").await.leads_to("/sign-in?back=%2Fpassword");
    house.obm.refuse_new_passwords(None);
    let mut copy = here.clone();
    let answer = here.post_from("/password", "/password/finish", &[("new", NEW_PASSWORD)]).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    copy.get("/").await.leads_to("/sign-in");
    here.get("/").await.shows("an@danang.example");
}
