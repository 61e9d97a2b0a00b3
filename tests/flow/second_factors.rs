//! Second factors: set up, asked for after the password, used once, removed; what is asked of administrators.

use crate::authenticator::{Authenticator, PAGE, half, recovery_codes, second};
use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use crate::passkey::{SoftKey, VERIFIED};
use axum::http::StatusCode;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mail::LetterKind;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{admins, lock};
use danang_sso::storage::{audit, letters};
use danang_sso::urls;
use time::Duration;
use time::macros::datetime;

const STEP: &str = "/sign-in/second";
const START: time::OffsetDateTime = datetime!(2026-03-02 09:00 +7);

async fn house_with(more: &str) -> House {
    let house = House::at(START, more).await;
    house.add("an", &[Ad]);
    house.add("binh", &[Ad]);
    house.sync().await;
    house
}

async fn house() -> House {
    house_with("").await
}

async fn signed_in(house: &House) -> Browser {
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser
}

/// A house in which `an` has an app whose first code was typed a minute ago.
async fn with_app(house: &House) -> (Browser, Authenticator) {
    let mut browser = signed_in(house).await;
    let app = Authenticator::set_up(house, &mut browser).await;
    house.pass(Duration::minutes(1));
    (browser, app)
}

async fn acts(house: &House, act: Act) -> usize {
    let id = house.account("an").await.id();
    let all = audit::of_account(&house.app.db, id, 500).await.expect("reads");
    all.iter().filter(|line| line.act == act).count()
}

async fn letters_about_security(house: &House) -> Vec<String> {
    let id = house.account("an").await.id();
    let all = letters::of_account(&house.app.db, id, None, 100).await.expect("reads");
    let about = all.into_iter().filter(|kept| kept.letter.kind() == LetterKind::SecurityChanged);
    about.map(|kept| kept.letter.body().to_owned()).collect()
}

#[tokio::test]
async fn an_app_is_set_up_and_its_code_is_asked_for_at_the_next_sign_in() {
    let house = house().await;
    let mut browser = signed_in(&house).await;
    browser.get("/security").await.shows("Chưa bật").hides("Gỡ ứng dụng");
    browser.get(PAGE).await.shows("<svg class=\"qr\"").shows("Quét mã QR này");
    let app = Authenticator::set_up(&house, &mut browser).await;
    assert_eq!(app.recovery.len(), 10);
    browser.get("/security").await.shows("đang bảo vệ tài khoản").shows("Còn 10 mã");
    assert_eq!(acts(&house, Act::FactorAdded).await, 1);
    assert!(letters_about_security(&house).await[0].contains("ứng dụng xác thực"));

    house.pass(Duration::minutes(1));
    let mut there = half(&house, "an").await;
    there.get(STEP).await.shows("Bước xác thực thứ hai").shows("an@danang.example");
    second(&mut there, &app.code(&house)).await.leads_to("/");
    there.get("/").await.shows("an@danang.example");
    house.browser().sign_in("binh", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn half_signed_in_opens_nothing() {
    let house = house().await;
    let (mut first, _) = with_app(&house).await;
    let mut there = half(&house, "an").await;
    for path in [
        "/",
        "/security",
        "/security/authenticator",
        "/sessions",
        "/password",
        "/applications",
        "/letters",
        "/confirm",
    ] {
        there.get(path).await.leads_to(&urls::with_back("/sign-in", urls::way_back(path)));
    }
    assert!(!first.get("/sessions").await.body.contains("end-others"), "it is no session");
    let cookie = there.cookies()["dsso"].clone();
    let mut admin = house.admin_browser();
    admin.cookies().insert("dsso-admin".to_owned(), cookie);
    admin.get(STEP).await.leads_to("/sign-in");
}

#[tokio::test]
async fn nobody_comes_to_the_second_step_without_the_password() {
    let house = house().await;
    let (_, app) = with_app(&house).await;
    let mut stranger = house.browser();
    stranger.get(STEP).await.leads_to("/sign-in");
    let code = app.code(&house);
    stranger.post_from("/sign-in", STEP, &[("code", &code)]).await.leads_to("/sign-in");
    stranger.sign_in("an", "Sai-mat-khau-1").await.shows("chưa đúng");
    stranger.get(STEP).await.leads_to("/sign-in");
}

#[tokio::test]
async fn a_code_is_good_for_its_step_and_its_neighbours_and_never_twice() {
    let house = house().await;
    let (_, app) = with_app(&house).await;
    for (steps, good) in [(-2, false), (2, false), (-1, true)] {
        let mut there = half(&house, "an").await;
        let answer = second(&mut there, &app.code_of(&house, steps)).await;
        assert_eq!(answer.status.is_redirection(), good, "{steps}");
    }
    let mut again = half(&house, "an").await;
    let answer = second(&mut again, &app.code_of(&house, -1)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.shows("Mã chưa đúng hoặc đã dùng");
    second(&mut again, &app.code(&house)).await.leads_to("/");
}

#[tokio::test]
async fn of_sixty_four_hands_with_one_code_one_comes_in() {
    let house = house().await;
    let (_, app) = with_app(&house).await;
    for code in [app.code(&house), app.recovery[0].clone()] {
        let mut hands = Vec::new();
        for _ in 0..64 {
            let mut browser = half(&house, "an").await;
            let csrf = browser.get(STEP).await.hidden("csrf").expect("a form");
            hands.push((browser, csrf));
        }
        let tries = hands.into_iter().map(|(mut browser, csrf)| {
            let code = code.clone();
            tokio::spawn(async move { browser.post(STEP, &[("csrf", &csrf), ("code", &code)]).await })
        });
        let mut inside = 0;
        for answer in futures_util::future::join_all(tries).await {
            inside += usize::from(answer.expect("answers").location.as_deref() == Some("/"));
        }
        assert_eq!(inside, 1, "{code}");
        house.pass(Duration::hours(2));
    }
}

#[tokio::test]
async fn a_recovery_code_opens_once_is_told_of_and_new_ones_end_the_old() {
    let house = house().await;
    let (mut browser, app) = with_app(&house).await;
    let mut there = half(&house, "an").await;
    second(&mut there, &app.recovery[3]).await.leads_to("/");
    there.get("/security").await.shows("Còn 9 mã");
    assert!(letters_about_security(&house).await.iter().any(|body| body.contains("mã khôi phục")));
    second(&mut half(&house, "an").await, &app.recovery[3]).await.shows("Mã chưa đúng");

    let page = browser.post_from("/security", "/security/recovery-codes", &[]).await;
    page.shows("chỉ hiện một lần");
    let new = recovery_codes(&page);
    assert_eq!(new.len(), 10);
    second(&mut half(&house, "an").await, &app.recovery[4]).await.shows("Mã chưa đúng");
    let typed = new[0].replace('-', " ");
    second(&mut half(&house, "an").await, &typed).await.leads_to("/");
}

#[tokio::test]
async fn a_page_of_new_recovery_codes_that_is_sent_once_more_leaves_the_printed_ones_good() {
    let house = house().await;
    let (mut browser, _) = with_app(&house).await;
    house.pass(Duration::minutes(1));
    let page = browser.get("/security").await;
    let (csrf, version) = (page.hidden("csrf").expect("a form"), page.hidden("version").expect("a version"));
    let fields = [("csrf", csrf.as_str()), ("version", version.as_str())];
    let printed = recovery_codes(&browser.post("/security/recovery-codes", &fields).await);
    house.pass(Duration::minutes(1));
    let again = "/security?note=codes-made";
    browser.post("/security/recovery-codes", &fields).await.leads_to(again);
    browser.post("/security/recovery-codes", &fields[..1]).await.leads_to(again);
    browser.get(again).await.shows("lần gửi lại này không tạo mã mới");
    second(&mut half(&house, "an").await, &printed[0]).await.leads_to("/");
    // From a page that is shown now they are made anew.
    let anew = recovery_codes(&browser.post_from("/security", "/security/recovery-codes", &[]).await);
    assert_ne!(anew, printed);
    assert_eq!(acts(&house, Act::RecoveryCodesMade).await, 2);
}

#[tokio::test]
async fn setting_up_and_removing_need_a_recent_password() {
    let house = house().await;
    let mut browser = signed_in(&house).await;
    house.pass(Duration::minutes(5));
    assert_eq!(browser.get(PAGE).await.status, StatusCode::OK, "the last moment");
    house.pass(Duration::seconds(1));
    let confirm = "/confirm?back=%2Fsecurity%2Fauthenticator";
    browser.get(PAGE).await.leads_to(confirm);
    let fields = |password: &'static str| [("back", PAGE), ("password", password)];
    let wrong = browser.post_from(confirm, "/confirm", &fields("Sai-mat-khau-1")).await;
    wrong.shows("Mật khẩu chưa đúng");
    browser.get(PAGE).await.leads_to(confirm);
    browser.post_from(confirm, "/confirm", &fields(PASSWORD)).await.leads_to(PAGE);
    Authenticator::set_up(&house, &mut browser).await;

    house.pass(Duration::minutes(6));
    let remove = "/security/authenticator/remove";
    browser.post_from("/security", remove, &[]).await.leads_to("/confirm?back=%2Fsecurity");
    browser.get("/security").await.shows("đang bảo vệ tài khoản");
    let fields = [("back", "/security"), ("password", PASSWORD)];
    browser.post_from(confirm, "/confirm", &fields).await.leads_to("/confirm/kept");
    browser.post_from("/security", remove, &[]).await.leads_to("/security?note=app-removed");
    browser.get("/security").await.shows("Chưa bật").hides("Còn 10 mã");
    assert_eq!(acts(&house, Act::FactorRemoved).await, 1);
    assert!(letters_about_security(&house).await.iter().any(|body| body.contains("vừa được gỡ")));
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn a_code_confirms_nothing_about_factors() {
    let house = house().await;
    let (mut browser, app) = with_app(&house).await;
    house.pass(Duration::minutes(6));
    let fields = [("back", "/security"), ("code", &*app.code(&house))];
    browser.post_from("/confirm", "/confirm", &fields).await.leads_to("/security");
    let answer = browser.post_from("/security", "/security/authenticator/remove", &[]).await;
    answer.leads_to("/confirm?back=%2Fsecurity");
}

#[tokio::test]
async fn a_wrong_first_code_sets_nothing_up_and_the_key_stays() {
    let house = house().await;
    let mut browser = signed_in(&house).await;
    let key = |body: &str| body.split("id=\"secret\"").nth(1).map(|rest| rest[..60].to_owned());
    let before = key(&browser.get(PAGE).await.body);
    browser.post_from(PAGE, PAGE, &[("code", "000000")]).await.shows("Mã chưa đúng");
    assert_eq!(key(&browser.get(PAGE).await.body), before, "the telephone has it already");
    browser.get("/security").await.shows("Chưa bật");
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn wrong_codes_are_paused_apart_from_passwords_and_the_holder_is_told() {
    let house = house().await;
    let (_, app) = with_app(&house).await;
    let mut there = half(&house, "an").await;
    for _ in 0..4 {
        assert_eq!(second(&mut there, "000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let paused = second(&mut there, "000000").await;
    assert_eq!(paused.status, StatusCode::TOO_MANY_REQUESTS);
    paused.shows("10:01").shows("biết mật khẩu");
    assert_eq!(
        second(&mut there, &app.code(&house)).await.status,
        StatusCode::TOO_MANY_REQUESTS,
        "even the right one"
    );
    assert_eq!((acts(&house, Act::FactorRefused).await, acts(&house, Act::FactorPaused).await), (5, 1));
    assert!(letters_about_security(&house).await.iter().any(|body| body.contains("tạm khóa")));
    // No directory heard of it, and the password still opens the first step.
    assert_eq!(acts(&house, Act::SignInRefused).await, 0);
    half(&house, "an").await;
    house.pass(Duration::minutes(61));
    second(&mut half(&house, "an").await, &app.code(&house)).await.leads_to("/");
}

#[tokio::test]
async fn a_half_sign_in_ends_after_ten_minutes_and_with_a_lock() {
    let house = house().await;
    let (_, app) = with_app(&house).await;
    let mut late = half(&house, "an").await;
    house.pass(Duration::minutes(9));
    assert_eq!(late.get(STEP).await.status, StatusCode::OK);
    let csrf = late.get(STEP).await.hidden("csrf").expect("a form");
    house.pass(Duration::minutes(1));
    late.post(STEP, &[("csrf", &csrf), ("code", &app.code(&house))]).await.leads_to("/sign-in");

    let mut locked = half(&house, "an").await;
    let csrf = locked.get(STEP).await.hidden("csrf").expect("a form");
    let account = house.account("an").await;
    let reason = danang_sso::domain::account::LockReason::ByAdministrator;
    let actor = danang_sso::domain::audit::Actor::CommandLine;
    lock::enforce(&house.app, &account, reason, actor).await.expect("locked");
    locked.post(STEP, &[("csrf", &csrf), ("code", &app.code(&house))]).await.leads_to("/sign-in");
    locked.get("/").await.leads_to("/sign-in");
}

#[tokio::test]
async fn a_trusted_device_is_not_asked_for_a_month_and_no_other_browser_profits() {
    let house = house().await;
    let (_, app) = with_app(&house).await;
    let mut mine = half(&house, "an").await;
    let fields = [("code", &*app.code(&house)), ("remember", "1")];
    mine.post_from(STEP, STEP, &fields).await.leads_to("/");
    mine.post_from("/", "/sign-out", &[]).await;
    mine.sign_in("an", PASSWORD).await.leads_to("/");
    half(&house, "an").await;
    assert_eq!(acts(&house, Act::DeviceRemembered).await, 1);

    mine.get("/security").await.shows("Tin cậy từ 02/03/2026 đến 01/04/2026");
    let page = mine.get("/security").await;
    let device = page.hidden("device").expect("it is listed");
    mine.post_from("/security", "/security/devices/forget", &[("device", &device)]).await;
    mine.post_from("/", "/sign-out", &[]).await;
    mine.sign_in("an", PASSWORD).await.leads_to(STEP);
}

#[tokio::test]
async fn all_trusted_devices_are_forgotten_at_once_and_nobody_elses() {
    let house = house().await;
    let (_, app) = with_app(&house).await;
    let mut mine = Vec::new();
    for steps in [0, 1] {
        let mut browser = half(&house, "an").await;
        let fields = [("code", &*app.code_of(&house, steps)), ("remember", "1")];
        browser.post_from(STEP, STEP, &fields).await.leads_to("/");
        mine.push(browser);
    }
    let mut binh = house.browser();
    binh.sign_in("binh", PASSWORD).await.leads_to("/");
    let other = Authenticator::set_up(&house, &mut binh).await;
    house.pass(Duration::minutes(1));
    let mut theirs = half(&house, "binh").await;
    let fields = [("code", &*other.code(&house)), ("remember", "1")];
    theirs.post_from(STEP, STEP, &fields).await.leads_to("/");

    mine[0].get("/security").await.shows("Bỏ tin cậy tất cả");
    let all = [("device", "all")];
    let done = mine[0].post_from("/security", "/security/devices/forget", &all).await;
    done.leads_to("/security?note=devices-forgotten");
    let page = mine[0].get("/security?note=devices-forgotten").await;
    page.shows("Không còn thiết bị nào được tin cậy").hides("id=\"devices\"").hides("id=\"forget-devices\"");
    assert_eq!(acts(&house, Act::DeviceForgotten).await, 2);
    for browser in &mut mine {
        browser.post_from("/", "/sign-out", &[]).await;
        browser.sign_in("an", PASSWORD).await.leads_to(STEP);
    }
    theirs.post_from("/", "/sign-out", &[]).await;
    theirs.sign_in("binh", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn trust_ends_with_its_time_and_with_the_password() {
    let house = house().await;
    let (_, app) = with_app(&house).await;
    let mut mine = half(&house, "an").await;
    let remember = |code: String| [("code", code), ("remember", "1".to_owned())];
    let fields = remember(app.code(&house));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    mine.post_from(STEP, STEP, &fields).await.leads_to("/");
    house.pass(Duration::days(30));
    house.sync().await;
    mine.sign_in("an", PASSWORD).await.leads_to(STEP);

    let fields = remember(app.code(&house));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    mine.post_from(STEP, STEP, &fields).await;
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    mine.post_from("/password", "/password", &fields).await.leads_to("/?note=password");
    mine.post_from("/", "/sign-out", &[]).await;
    mine.sign_in("an", NEW_PASSWORD).await.leads_to(STEP);
}

#[tokio::test]
async fn the_city_may_switch_the_second_step_off_or_demand_it_of_everybody() {
    let house = house_with("[second_factor]\nstaff = \"required\"\nadministrators = \"optional\"\n").await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    for path in ["/", "/sessions", "/security", "/applications"] {
        browser.get(path).await.leads_to(PAGE);
    }
    let app = Authenticator::set_up(&house, &mut browser).await;
    browser.get("/").await.shows("an@danang.example");
    house.pass(Duration::minutes(1));
    second(&mut half(&house, "an").await, &app.code(&house)).await.leads_to("/");

    let off = house_with("[second_factor]\nstaff = \"off\"\nadministrators = \"optional\"\n").await;
    let mut browser = signed_in(&off).await;
    browser.get("/security").await.shows("chưa áp dụng bước xác thực");
    assert_eq!(browser.get(PAGE).await.status, StatusCode::NOT_FOUND);
}

async fn administrator(house: &House) {
    let address = house.account("an").await.profile().address.clone();
    admins::grant(&house.app, &address, None).await.expect("granted");
}

#[tokio::test]
async fn an_administrator_sets_a_factor_up_at_the_first_sign_in_and_proves_it_at_each() {
    let house = house_with("[second_factor]\n").await;
    administrator(&house).await;
    let mut console = house.admin_browser();
    console.sign_in("an", PASSWORD).await.leads_to("/");
    for path in ["/", "/accounts", "/policy", "/accounts/export"] {
        let answer = console.get(path).await;
        assert!(answer.status == StatusCode::NOT_FOUND || answer.location.as_deref() == Some(PAGE), "{path}");
    }
    let app = Authenticator::set_up(&house, &mut console).await;
    assert_eq!(console.get("/accounts").await.status, StatusCode::OK);

    house.pass(Duration::minutes(1));
    let mut again = house.admin_browser();
    again.sign_in("an", PASSWORD).await.leads_to(STEP);
    again.get("/").await.leads_to("/sign-in");
    again.get(STEP).await.hides("name=\"remember\"");
    let fields = [("code", &*app.code(&house)), ("remember", "1")];
    again.post_from(STEP, STEP, &fields).await.leads_to("/");
    let is_kept = again.cookies().keys().any(|name| name.starts_with("dsso-device"));
    assert!(!is_kept, "an administrator's browser is never remembered");
    assert_eq!(again.get("/accounts").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_role_that_needs_a_passkey_is_led_to_make_one_and_another_is_not() {
    let more =
        "[second_factor]\nadministrators = \"optional\"\nroles = [\"city=passkey\", \"auditor=password\"]\n";
    let house = house_with(more).await;
    administrator(&house).await;
    let mut console = house.admin_browser();
    console.sign_in("an", PASSWORD).await.leads_to("/");
    for path in ["/", "/accounts", "/role"] {
        console.get(path).await.leads_to("/security/passkeys/new");
    }
    // The app is a second factor, and too little.
    let (mut portal, app) = with_app(&house).await;
    console.get("/accounts").await.leads_to(STEP);
    second(&mut console, &app.code(&house)).await.leads_to("/");
    console.get("/accounts").await.leads_to("/security/passkeys/new");
    assert_eq!(console.get("/security/passkeys/new").await.status, StatusCode::OK);

    // Once there is one, it is asked for, and no code will do.
    let (mut key, _) = SoftKey::make(&mut portal, VERIFIED, "Khóa của quản trị").await;
    console.get("/accounts").await.leads_to("/sign-in/second?need=passkey");
    let page = console.get("/sign-in/second?need=passkey").await;
    page.hides("name=\"code\"");
    key.counter = 2;
    key.origin = "http://localhost:8090".to_owned();
    key.answer(&mut console, &page, STEP).await.leads_to("/");
    assert_eq!(console.get("/accounts").await.status, StatusCode::OK);

    let address = house.account("binh").await.profile().address.clone();
    let wish = Wish { address, role: Role::Auditor, agency: None, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    let mut reads = house.admin_browser();
    reads.sign_in("binh", PASSWORD).await.leads_to("/");
    assert_eq!(reads.get("/accounts").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_console_that_was_open_before_the_factor_was_set_up_asks_for_it() {
    let house = house().await;
    administrator(&house).await;
    let mut console = house.admin_browser();
    console.sign_in("an", PASSWORD).await.leads_to("/");
    assert_eq!(console.get("/accounts").await.status, StatusCode::OK, "optional, and none is set up");
    let (_, app) = with_app(&house).await;
    console.get("/accounts").await.leads_to(STEP);
    second(&mut console, &app.code(&house)).await.leads_to("/");
    assert_eq!(console.get("/accounts").await.status, StatusCode::OK);
    assert_eq!(acts(&house, Act::SteppedUp).await, 1);
}

#[tokio::test]
async fn the_help_desk_removes_all_factors_with_a_reason_and_the_holder_is_told() {
    let house = house().await;
    let (mut browser, app) = with_app(&house).await;
    let address = house.account("binh").await.profile().address.clone();
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut desk = house.admin_browser();
    desk.sign_in("binh", PASSWORD).await.leads_to("/");
    let account = format!("/accounts/{}", house.account("an").await.id());
    desk.get(&account).await.shows("id=\"factors\"").shows("10 mã khôi phục");
    let reset = format!("{account}/factors/reset");
    for wrong in [[("reason", ""), ("sure", "1")], [("reason", "Mất điện thoại"), ("nothing", "")]] {
        let answer = desk.post_from(&account, &reset, &wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    half(&house, "an").await;

    let good = [("reason", "Mất điện thoại, đã xem thẻ"), ("sure", "1")];
    // Used now and then, the session stays open; what it proves is too old.
    house.pass(Duration::minutes(4));
    desk.get(&account).await;
    house.pass(Duration::minutes(2));
    let confirm = format!("/confirm?back=%2Faccounts%2F{}", house.account("an").await.id());
    desk.post_from(&account, &reset, &good).await.leads_to(&confirm);
    let fields = [("back", account.as_str()), ("password", PASSWORD)];
    desk.post_from(&confirm, "/confirm", &fields).await.leads_to("/confirm/kept");
    desk.post_from(&account, &reset, &good).await.leads_to(&format!("{account}?note=factors-reset"));
    desk.get(&account).await.hides("id=\"factors\"");
    browser.get("/").await.leads_to("/sign-in");
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    assert_eq!(acts(&house, Act::FactorsReset).await, 1);
    assert!(letters_about_security(&house).await.iter().any(|body| body.contains("Quản trị viên")));
    drop(app);

    // Their own they remove in the portal, with a password and not with a reason.
    let own = format!("/accounts/{}", house.account("binh").await.id());
    let answer = desk.post_from(&own, &format!("{own}/factors/reset"), &good).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_factors_of_an_account_that_somebody_has_changed_meanwhile_stay() {
    let house = house().await;
    let (_browser, _app) = with_app(&house).await;
    let address = house.account("binh").await.profile().address.clone();
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut desk = house.admin_browser();
    desk.sign_in("binh", PASSWORD).await.leads_to("/");
    let account = format!("/accounts/{}", house.account("an").await.id());
    let seen = desk.get(&account).await.hidden("version").expect("a form");
    desk.post_from(&account, &format!("{account}/lock"), &[("reason", "Nghi bị chiếm")]).await;
    let fields = [("version", seen.as_str()), ("reason", "Mất điện thoại"), ("sure", "1")];
    let late = desk.post_from(&account, &format!("{account}/factors/reset"), &fields).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("vừa được người khác thay đổi").shows("Nghi bị chiếm").shows("Mất điện thoại");
    late.shows("id=\"factors\"");
    assert_eq!(acts(&house, Act::FactorsReset).await, 0);
}

#[tokio::test]
async fn what_is_dangerous_in_the_console_needs_a_recent_proof() {
    let house = house().await;
    administrator(&house).await;
    let mut console = house.admin_browser();
    console.sign_in("an", PASSWORD).await.leads_to("/");
    for _ in 0..2 {
        house.pass(Duration::minutes(3));
        assert_eq!(console.get("/policy").await.status, StatusCode::OK, "it is used");
    }
    console.post_from("/policy", "/policy", &[]).await.leads_to("/confirm?back=%2Fpolicy");
    console
        .post_from("/policy/brake", "/policy/brake/approve", &[])
        .await
        .leads_to("/confirm?back=%2Fpolicy%2Fbrake");
    let fields = [("back", "/policy"), ("password", PASSWORD)];
    console.post_from("/confirm", "/confirm", &fields).await.leads_to("/policy");
    let answer = console.post_from("/policy", "/policy", &[]).await;
    assert_ne!(answer.location.as_deref(), Some("/confirm?back=%2Fpolicy"));
    // The way back never leaves the house.
    let fields = [("back", "https://evil.example"), ("password", PASSWORD)];
    console.post_from("/confirm", "/confirm", &fields).await.leads_to("/");
}

#[tokio::test]
async fn any_bytes_are_a_wrong_code() {
    let house = house().await;
    let (_, _) = with_app(&house).await;
    let mut there = half(&house, "an").await;
    for code in ["12345", "abcdef", "１２３４５６", "' OR 1=1 --", &"9".repeat(5_000)] {
        let answer = second(&mut there, code).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
        house.pass(Duration::hours(2));
        there = half(&house, "an").await;
    }
    second(&mut there, "").await.shows("Hãy nhập mã xác thực");
}
