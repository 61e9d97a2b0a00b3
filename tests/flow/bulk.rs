//! Acts over many accounts: a look with numbers, a typed number, what changed meanwhile left alone, and the way back.

use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::{LockReason, MustChange, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::{admins, bulk};
use danang_sso::storage::audit;
use time::Duration;

/// Administrators of the city and of so-nv; three people of so-khcn, one of so-nv.
async fn house() -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for local in ["ha", "binh", "chi", "dung", "quantrinv"] {
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
    house
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn state(house: &House, local: &str) -> StateName {
    house.account(local).await.state().name()
}

/// Draws up a job for these people, or for a narrowed list; returns its address.
async fn draft(
    house: &House,
    browser: &mut Browser,
    act: &str,
    who: &[&str],
    list: &[(&str, &str)],
) -> Answer {
    let mut fields = vec![("act".to_owned(), act.to_owned())];
    for local in who {
        fields.push((format!("account.{}", house.account(local).await.id()), "1".to_owned()));
    }
    fields.extend(list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post_from("/accounts", "/bulk", &fields).await
}

async fn confirm(house: &House, browser: &mut Browser, job: &str, number: &str, why: &str) -> Answer {
    let answer =
        browser.post_from(job, &format!("{job}/start"), &[("number", number), ("reason", why)]).await;
    bulk::carry_on(&house.app).await.expect("done");
    answer
}

fn place(answer: &Answer) -> String {
    let place = answer.location.clone().unwrap_or_default();
    assert!(place.starts_with("/bulk/"), "{:?}: {}", answer.status, answer.body);
    place
}

#[tokio::test]
async fn a_selection_is_locked_after_a_look_and_put_back_as_it_was() {
    let house = house().await;
    let before = *house.account("ha").await.state();
    let mut person = house.browser();
    person.sign_in("ha", PASSWORD).await;
    let mut admin = administrator(&house, "quantri").await;
    let job = place(&draft(&house, &mut admin, "lock", &["ha", "dung", "quantri"], &[]).await);
    let page = admin.get(&job).await;
    page.shows("2 tài khoản sẽ được xử lý").shows("Sở Nội vụ").shows("ha@danang.example");
    page.hides("quantri@danang.example</p>");
    assert_eq!(state(&house, "ha").await, StateName::Active, "looking changes nothing");
    for (number, why) in [("3", "thử"), ("", "thử"), ("2", " ")] {
        let refused = confirm(&house, &mut admin, &job, number, why).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{number:?} {why:?}");
        assert_eq!(state(&house, "ha").await, StateName::Active);
    }
    confirm(&house, &mut admin, &job, "2", "Công văn 12").await.leads_to(&job);
    admin.get(&job).await.shows("Đã thực hiện với 2 tài khoản");
    let locked = house.account("ha").await;
    assert!(matches!(locked.state(), State::Locked { reason: LockReason::ByAdministrator, .. }));
    person.get("/").await.leads_to("/sign-in");
    let line = &audit::of_account(&house.app.db, locked.id(), 1).await.expect("reads")[0];
    assert_eq!((line.act, line.why.as_deref()), (Act::Locked, Some("Công văn 12")));

    // One of them is changed by somebody since: that stays.
    let dung = format!("/accounts/{}", house.account("dung").await.id());
    admin.post_from(&dung, &format!("{dung}/unlock"), &[("reason", "thử")]).await;
    let undone = admin.post_from(&job, &format!("{job}/undo"), &[("reason", "Nhầm danh sách")]).await;
    undone.leads_to(&job);
    bulk::carry_on(&house.app).await.expect("done");
    admin
        .get(&job)
        .await
        .shows("Đã hoàn tác với 1 tài khoản")
        .shows("1 tài khoản giữ nguyên")
        .shows("dung@danang");
    assert_eq!(*house.account("ha").await.state(), before, "the password is as old as it was");
    assert_eq!(state(&house, "dung").await, StateName::MustChange);
    house.browser().sign_in("ha", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn a_whole_narrowed_list_is_asked_for_new_passwords() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let list = [("scope", "all"), ("q", "khoa hoc")];
    let job = place(&draft(&house, &mut admin, "demand_change", &[], &list).await);
    admin.get(&job).await.shows("3 tài khoản sẽ được xử lý").shows("Đang hoạt động");
    confirm(&house, &mut admin, &job, " 3 ", "Nghi lộ mật khẩu").await.leads_to(&job);
    let asked = *house.account("binh").await.state();
    assert!(matches!(asked, State::MustChangePassword { why: MustChange::Demanded, .. }), "{asked:?}");
    assert_eq!(state(&house, "dung").await, StateName::Active, "not in the list");
    let mut person = house.browser();
    person.sign_in("binh", PASSWORD).await;
    person.get("/").await.leads_to("/password");
    person.get("/password").await.shows("Quản trị viên yêu cầu đổi mật khẩu");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &fields).await;
    assert_eq!(state(&house, "binh").await, StateName::Active);
    admin.post_from(&job, &format!("{job}/undo"), &[("reason", "đã rõ")]).await;
    bulk::carry_on(&house.app).await.expect("done");
    admin.get(&job).await.shows("Đã hoàn tác với 2 tài khoản").shows("1 tài khoản giữ nguyên");
    assert_eq!(state(&house, "chi").await, StateName::Active);
}

#[tokio::test]
async fn many_are_unlocked_and_whoever_changed_since_the_look_is_left_alone() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let everybody = ["ha", "binh", "chi"];
    let job = place(&draft(&house, &mut admin, "lock", &everybody, &[]).await);
    confirm(&house, &mut admin, &job, "3", "thử").await.leads_to(&job);
    let unlock = place(&draft(&house, &mut admin, "unlock", &everybody, &[("state", "locked")]).await);
    admin.get(&unlock).await.shows("Bị khóa – Theo quyết định của quản trị viên");
    let chi = format!("/accounts/{}", house.account("chi").await.id());
    admin.post_from(&chi, &format!("{chi}/unlock"), &[("reason", "thử")]).await;
    confirm(&house, &mut admin, &unlock, "3", "xong").await.leads_to(&unlock);
    admin.get(&unlock).await.shows("Đã thực hiện với 2 tài khoản").shows("chi@danang.example");
    let again = confirm(&house, &mut admin, &unlock, "3", "lần nữa").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "once is enough");
}

#[tokio::test]
async fn nobody_reaches_beyond_the_own_agency_or_into_somebody_elses_job() {
    let house = house().await;
    let mut city = administrator(&house, "quantri").await;
    let job = place(&draft(&house, &mut city, "lock", &["ha", "binh"], &[]).await);
    let mut agency = administrator(&house, "quantrinv").await;
    assert_eq!(agency.get(&job).await.status, StatusCode::NOT_FOUND);
    for path in ["start", "undo"] {
        let fields = [("number", "2"), ("reason", "thử")];
        let answer = agency.post_from("/accounts", &format!("{job}/{path}"), &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let own = draft(&house, &mut agency, "lock", &["ha", "binh", "dung"], &[]).await;
    agency.get(&place(&own)).await.shows("1 tài khoản sẽ được xử lý").hides("ha@danang.example");
    let nobody = draft(&house, &mut agency, "lock", &["ha", "binh"], &[]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    nobody.shows("Không có tài khoản nào phù hợp");
    let all = draft(&house, &mut agency, "lock", &[], &[("scope", "all")]).await;
    agency.get(&place(&all)).await.shows("1 tài khoản sẽ được xử lý");
    assert_eq!(state(&house, "ha").await, StateName::Active);
}

#[tokio::test]
async fn a_draft_that_is_too_old_does_nothing() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let job = place(&draft(&house, &mut admin, "lock", &["ha"], &[]).await);
    house.pass(Duration::minutes(61));
    let mut admin = administrator(&house, "quantri").await;
    let late = confirm(&house, &mut admin, &job, "1", "thử").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(state(&house, "ha").await, StateName::Active);
}

#[tokio::test]
async fn work_that_was_broken_off_is_gone_on_with_and_done_once() {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for n in 0..120 {
        house.add(&format!("nv{n:03}"), &[Ad]);
    }
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut admin = administrator(&house, "quantri").await;
    let job = place(&draft(&house, &mut admin, "lock", &[], &[("scope", "all"), ("q", "nv")]).await);
    admin.get(&job).await.shows("120 tài khoản").shows("50 tài khoản đầu");
    let id = job.trim_start_matches("/bulk/").parse().expect("an id");
    let by = danang_sso::domain::admin::Administrator::holding(
        &house.account("quantri").await,
        danang_sso::domain::admin::Reach::City,
    );
    bulk::start(&house.app, &by, id, "120", "thử").await.expect("begun");
    // Two at once, and one that stops in the middle.
    let broken = crate::house::Broken::after(40, Box::pin(bulk::carry_out(&house.app, id)));
    broken.await;
    let (one, other) = tokio::join!(bulk::carry_out(&house.app, id), bulk::carry_on(&house.app));
    one.expect("done");
    other.expect("done");
    admin.get(&job).await.shows("Đã thực hiện với 120 tài khoản").hides("giữ nguyên vì");
    let account = house.account("nv117").await;
    let lines = audit::of_account(&house.app.db, account.id(), 9).await.expect("reads");
    assert_eq!(lines.iter().filter(|line| line.act == Act::Locked).count(), 1);
}
