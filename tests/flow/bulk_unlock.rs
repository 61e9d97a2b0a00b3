//! Many locks lifted at once: a look first, a typed number, and what changed meanwhile is left alone.

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::{admins, lock};
use danang_sso::storage::audit;

const DEFAULT_KEPT: &str = "default_password_kept";

/// Administrators of the city and of so-nv; four people whose default password was kept, one of them in so-nv.
async fn house() -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for local in ["an", "binh", "chi", "dung", "quantrinv"] {
        house.add_with(local, &[Ad], |seen| {
            if ["dung", "quantrinv"].contains(&local) {
                seen.agency = Some(SeenAgency { code: Some("so-nv".into()), name: "Sở Nội vụ".into() });
            }
        });
    }
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
    for local in ["an", "binh", "chi", "dung"] {
        lock_for(&house, local, LockReason::DefaultPasswordKept).await;
    }
    house
}

async fn lock_for(house: &House, local: &str, reason: LockReason) {
    let account = house.account(local).await;
    lock::enforce(&house.app, &account, reason, Actor::Job("deadlines")).await.expect("locked");
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn is_locked(house: &House, local: &str) -> bool {
    house.account(local).await.state().name() == StateName::Locked
}

/// Sends the form of a page that was looked at.
async fn send(browser: &mut Browser, page: &Answer, lock: &str, number: &str, why: &str) -> Answer {
    let (csrf, accounts) = (page.hidden("csrf").expect("a form"), page.hidden("accounts").expect("a list"));
    let fields = [("csrf", csrf.as_str()), ("lock", lock), ("agency", ""), ("accounts", accounts.as_str())];
    browser.post("/unlock", &[&fields[..], &[("number", number), ("reason", why)]].concat()).await
}

#[tokio::test]
async fn everybody_on_the_list_is_unlocked_after_the_number_was_typed() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    admin.get("/accounts?state=locked").await.shows("href=\"/unlock\"");
    let list = admin.get(&format!("/accounts?lock={DEFAULT_KEPT}")).await;
    list.shows(&format!("/unlock?lock={DEFAULT_KEPT}"));
    admin.get("/accounts").await.hides("bulk-unlock");
    let page = admin.get(&format!("/unlock?lock={DEFAULT_KEPT}")).await;
    page.shows("4 tài khoản sẽ được mở khóa")
        .shows("an@danang.example")
        .shows("Sở Nội vụ")
        .shows("02/03/2026");
    let answer = send(&mut admin, &page, DEFAULT_KEPT, " 4 ", "Thông báo số 12/TB-VP").await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.shows("Đã mở khóa 4 tài khoản").hides("giữ nguyên");
    for local in ["an", "binh", "chi", "dung"] {
        let account = house.account(local).await;
        assert!(
            matches!(account.state(), State::MustChangePassword { .. }),
            "{local}: {:?}",
            account.state()
        );
        let lines = audit::of_account(&house.app.db, account.id(), 1).await.expect("reads");
        assert_eq!((lines[0].act, lines[0].why.as_deref()), (Act::Unlocked, Some("Thông báo số 12/TB-VP")));
        assert_eq!(lines[0].actor, "quantri@danang.example");
    }
    admin.get(&format!("/unlock?lock={DEFAULT_KEPT}")).await.shows("Không có tài khoản nào");
}

#[tokio::test]
async fn another_number_or_no_reason_unlocks_nobody() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let page = admin.get(&format!("/unlock?lock={DEFAULT_KEPT}")).await;
    for (number, why, words) in [
        ("3", "thử", "Chưa mở khóa tài khoản nào"),
        ("", "thử", "Chưa mở khóa tài khoản nào"),
        ("40", "thử", "Chưa mở khóa tài khoản nào"),
        ("bốn", "thử", "Chưa mở khóa tài khoản nào"),
        ("4", "  ", "Hãy ghi lý do"),
    ] {
        let answer = send(&mut admin, &page, DEFAULT_KEPT, number, why).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{number:?}");
        answer.shows(words);
    }
    for local in ["an", "binh", "chi", "dung"] {
        assert!(is_locked(&house, local).await, "{local}");
    }
}

#[tokio::test]
async fn what_changed_since_the_look_is_left_alone_and_told() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let page = admin.get(&format!("/unlock?lock={DEFAULT_KEPT}")).await;
    // Unlocked by somebody and locked again for another reason.
    let mut other = administrator(&house, "quantri").await;
    let binh = format!("/accounts/{}", house.account("binh").await.id());
    other.post_from(&binh, &format!("{binh}/unlock"), &[("reason", "thử")]).await;
    other.post_from(&binh, &format!("{binh}/lock"), &[("reason", "Nghi lộ mật khẩu")]).await;
    let answer = send(&mut admin, &page, DEFAULT_KEPT, "4", "thử").await;
    answer.shows("Đã mở khóa 3 tài khoản").shows("1 tài khoản giữ nguyên").shows("binh@danang.example");
    answer.shows("đã thay đổi trong lúc xem danh sách");
    assert!(is_locked(&house, "binh").await && !is_locked(&house, "an").await);
    let again = send(&mut admin, &page, DEFAULT_KEPT, "4", "thử").await;
    again.shows("Đã mở khóa 0 tài khoản").shows("4 tài khoản giữ nguyên");
    lock_for(&house, "an", LockReason::DefaultPasswordKept).await;
    send(&mut admin, &page, DEFAULT_KEPT, "4", "thử").await.shows("Đã mở khóa 0 tài khoản");
    assert!(is_locked(&house, "an").await, "a later lock was not looked at");
}

#[tokio::test]
async fn nobody_unlocks_beyond_the_own_reach() {
    let house = house().await;
    let mut city = administrator(&house, "quantri").await;
    let all = city.get(&format!("/unlock?lock={DEFAULT_KEPT}")).await;
    let mut agency = administrator(&house, "quantrinv").await;
    let own = agency.get(&format!("/unlock?lock={DEFAULT_KEPT}")).await;
    own.shows("1 tài khoản sẽ được mở khóa").shows("dung@danang.example").hides("an@danang.example");
    let stolen = Answer {
        body: own
            .body
            .replace(&own.hidden("accounts").expect("a list"), &all.hidden("accounts").expect("a list")),
        ..own
    };
    let answer = send(&mut agency, &stolen, DEFAULT_KEPT, "4", "thử").await;
    answer.shows("Đã mở khóa 1 tài khoản").shows("3 tài khoản giữ nguyên").hides("an@danang.example");
    answer.shows("ngoài phạm vi quản trị");
    assert!(is_locked(&house, "an").await && !is_locked(&house, "dung").await);
}

#[tokio::test]
async fn a_lock_that_only_the_directory_lifts_is_refused() {
    let house = house().await;
    lock_for(&house, "quantrinv", LockReason::DisabledInDirectory).await;
    let mut admin = administrator(&house, "quantri").await;
    for lock in ["disabled_in_directory", "gone_from_directory"] {
        admin.get(&format!("/unlock?lock={lock}")).await.shows("do hệ thống thư đặt").hides("unlock-form");
    }
    let page = admin.get(&format!("/unlock?lock={DEFAULT_KEPT}")).await;
    let account = house.account("quantrinv").await;
    let seen = format!("{}:{}", account.id(), account.version());
    let forged = Answer { body: page.body.replace(&page.hidden("accounts").expect("a list"), &seen), ..page };
    for lock in ["disabled_in_directory", DEFAULT_KEPT] {
        send(&mut admin, &forged, lock, "1", "thử").await;
        assert!(is_locked(&house, "quantrinv").await, "{lock}");
    }
}

#[tokio::test]
async fn nonsense_is_refused_and_unlocks_nobody() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    for odd in ["?lock=x", "?lock=&agency=x", "?agency=%00", ""] {
        admin.get(&format!("/unlock{odd}")).await.hides("unlock-form");
    }
    let page = admin.get(&format!("/unlock?lock={DEFAULT_KEPT}")).await;
    let list = page.hidden("accounts").expect("a list");
    let first = list.split(' ').next().expect("one").to_owned();
    let many = vec![first.as_str(); 501].join(" ");
    for (accounts, number, status) in [
        ("x", "1", StatusCode::BAD_REQUEST),
        ("", "0", StatusCode::UNPROCESSABLE_ENTITY),
        (many.as_str(), "501", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let csrf = page.hidden("csrf").expect("a form");
        let fields = [("csrf", csrf.as_str()), ("lock", DEFAULT_KEPT), ("accounts", accounts)];
        let answer =
            admin.post("/unlock", &[&fields[..], &[("number", number), ("reason", "thử")]].concat()).await;
        assert_eq!(answer.status, status, "{number}");
    }
    let without = admin
        .post("/unlock", &[("lock", DEFAULT_KEPT), ("accounts", &first), ("number", "1"), ("reason", "x")])
        .await;
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    assert!(is_locked(&house, "an").await);
}

#[tokio::test]
async fn five_hundred_at_a_time_and_the_rest_in_another_round() {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for n in 0..520 {
        house.add(&format!("nv{n:03}"), &[Ad]);
    }
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    for n in 0..520 {
        lock_for(&house, &format!("nv{n:03}"), LockReason::PasswordTooOld).await;
    }
    let mut admin = administrator(&house, "quantri").await;
    let page = admin.get("/unlock?lock=password_too_old").await;
    page.shows("500 tài khoản sẽ được mở khóa").shows("Có 520 tài khoản").shows("50 tài khoản đầu");
    page.shows("nv049@danang.example").hides("nv050@danang.example");
    send(&mut admin, &page, "password_too_old", "500", "Cả thành phố")
        .await
        .shows("Đã mở khóa 500 tài khoản");
    let rest = admin.get("/unlock?lock=password_too_old").await;
    rest.shows("20 tài khoản sẽ được mở khóa");
}
