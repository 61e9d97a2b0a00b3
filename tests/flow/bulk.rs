//! Acts over many accounts: a look with numbers, a typed number, what changed meanwhile left alone, and the way back.

use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::{LockReason, MustChange, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Role};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::session::Door;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::confirm::{self, RecentProof};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{admins, break_glass, bulk, lock, session};
use danang_sso::storage::{accounts, audit, sessions};
use time::Duration;

/// Administrators of the city and of so-nv; three people of so-khcn, one of so-nv.
async fn house() -> House {
    house_with("").await
}

async fn house_with(more: &str) -> House {
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), more).await;
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

/// The proof of role and the recent proof of an administrator who has just signed in.
async fn proven(house: &House, who: &str) -> (Administrator, RecentProof) {
    let account = house.account(who).await;
    let all = sessions::of_account(&house.app.db, account.id(), house.app.now()).await.expect("reads");
    let session = all.iter().find(|session| session.door == Door::Admin).expect("a session").id;
    let current = session::current(&house.app, session, Door::Admin).await.expect("reads").expect("is open");
    let by = session::administrator(&house.app, &current, None).await.expect("reads").expect("a role");
    (by, confirm::recent(&house.app, &current).expect("just signed in"))
}

fn place(answer: &Answer) -> String {
    let place = answer.location.clone().unwrap_or_default();
    assert!(place.starts_with("/bulk/"), "{:?}: {}", answer.status, answer.body);
    place
}

#[tokio::test]
async fn a_selection_is_locked_after_a_look_and_put_back_as_it_was() {
    let house = house().await;
    let account = house.account("ha").await;
    let (before, promised) = (*account.state(), house.app.now().plus(Duration::days(400)));
    let mut tx = house.app.db.begin().await.expect("a transaction");
    assert!(accounts::promise(&mut tx, &account, promised).await.expect("writes"));
    tx.commit().await.expect("commits");
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
    let kept = house.account("ha").await.traces().promised_until;
    assert_eq!(kept, Some(promised), "and what was promised holds");
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
async fn whoever_was_moved_to_another_agency_since_is_shown_to_the_old_one_no_more() {
    let house = house().await;
    let mut admin = administrator(&house, "quantrinv").await;
    let job = place(&draft(&house, &mut admin, "lock", &["dung"], &[]).await);
    admin.get(&job).await.shows("dung@danang.example").shows("Sở Nội vụ");
    house.add_with("dung", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-khcn".into()), name: "Sở Khoa học".into() });
    });
    house.sync().await;
    admin.get(&job).await.hides("dung@danang.example");
    confirm(&house, &mut admin, &job, "1", "Công văn 12").await.leads_to(&job);
    admin.get(&job).await.hides("dung@danang.example").shows("1 tài khoản giữ nguyên");
    assert_eq!(state(&house, "dung").await, StateName::Active);
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
    let (by, proof) = proven(&house, "quantri").await;
    bulk::start(&house.app, &by, id, ("120", "thử"), &proof).await.expect("begun");
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

async fn give(house: &House, local: &str, role: Role) {
    let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    let wish = Wish { address, role, agency: None, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
}

#[tokio::test]
async fn each_act_asks_for_its_own_right_and_so_does_its_way_back() {
    let house = house().await;
    give(&house, "ha", Role::HelpDesk).await;
    give(&house, "binh", Role::Security).await;
    let mut desk = administrator(&house, "ha").await;
    let refused = draft(&house, &mut desk, "lock", &["dung"], &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    desk.get("/accounts").await.hides("value=\"lock\">").shows("value=\"unlock\">");
    let mut officer = administrator(&house, "binh").await;
    for act in ["unlock", "demand_change"] {
        let refused = draft(&house, &mut officer, act, &["dung"], &[]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{act}");
    }
    let job = place(&draft(&house, &mut officer, "lock", &["chi", "dung"], &[]).await);
    confirm(&house, &mut officer, &job, "2", "Sự cố 7").await.leads_to(&job);
    officer.get(&job).await.shows("Đã thực hiện với 2 tài khoản").hides("/undo\"");
    let back = officer.post_from(&job, &format!("{job}/undo"), &[("reason", "Nhầm")]).await;
    assert_eq!(back.status, StatusCode::FORBIDDEN, "whoever may not unlock does not take a lock back");
    assert_eq!(state(&house, "dung").await, StateName::Locked);
    // Whoever reaches the city looks at it; only whoever confirmed it goes on.
    desk.get("/bulk").await.shows("Sự cố 7").shows("binh@danang.example").shows(&job);
    desk.get(&job).await.shows("Đã thực hiện với 2 tài khoản").hides("/undo\"");
    let other = desk.post_from("/accounts", &format!("{job}/undo"), &[("reason", "Nhầm")]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_administrators_account_is_locked_by_the_city_only_and_never_ones_own() {
    let house = house().await;
    let mut agency = administrator(&house, "quantrinv").await;
    admins::grant(&house.app, &MailAddress::parse("dung@danang.example").expect("an address"), Some("so-nv"))
        .await
        .expect("granted");
    let nobody = draft(&house, &mut agency, "lock", &["dung", "quantrinv"], &[]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut city = administrator(&house, "quantri").await;
    let job = place(&draft(&house, &mut city, "lock", &["dung", "quantri"], &[]).await);
    city.get(&job).await.shows("1 tài khoản sẽ được xử lý").shows("dung@danang.example");
}

#[tokio::test]
async fn many_wait_for_a_second_person_and_so_does_their_way_back() {
    let house = house_with("[admin]\ntwo_persons = true\ntwo_persons_above = 2\n").await;
    give(&house, "chi", Role::City).await;
    let mut admin = administrator(&house, "quantri").await;
    let few = place(&draft(&house, &mut admin, "demand_change", &["ha", "binh"], &[]).await);
    admin.get(&few).await.hides("needs-second");
    confirm(&house, &mut admin, &few, "2", "Nghi lộ").await.leads_to(&few);
    let job = place(&draft(&house, &mut admin, "lock", &["ha", "binh", "dung"], &[]).await);
    admin.get(&job).await.shows("needs-second");
    confirm(&house, &mut admin, &job, "3", "Sự cố 9").await.leads_to("/approvals?note=asked");
    assert_eq!(state(&house, "dung").await, StateName::Active, "nothing yet");
    house.pass(Duration::hours(3));
    let mut admin = administrator(&house, "quantri").await;
    confirm(&house, &mut admin, &job, "3", "Sự cố 9").await.leads_to("/approvals?note=asked");
    let mut second = administrator(&house, "chi").await;
    let page = second.get("/approvals").await;
    page.shows("Khóa hàng loạt").shows("3 tài khoản").shows("Sở Nội vụ: 1").shows("dung@danang.example");
    second.get(&job).await.shows("3 tài khoản sẽ được xử lý").hides("bulk-confirm");
    approve(&mut second).await;
    admin.get("/approvals").await.shows(&format!("action=\"{job}/start\""));
    confirm(&house, &mut admin, &job, "3", "Sự cố 9").await.leads_to(&job);
    assert_eq!(state(&house, "dung").await, StateName::Locked);
    admin
        .post_from(&job, &format!("{job}/undo"), &[("reason", "Nhầm")])
        .await
        .leads_to("/approvals?note=asked");
    assert_eq!(state(&house, "dung").await, StateName::Locked);
    approve(&mut second).await;
    admin.post_from(&job, &format!("{job}/undo"), &[("reason", "Nhầm")]).await.leads_to(&job);
    bulk::carry_on(&house.app).await.expect("done");
    assert_eq!(state(&house, "dung").await, StateName::Active);
}

#[tokio::test]
async fn drafts_of_few_accounts_one_after_the_other_need_a_second_person_together() {
    let house = house_with("[admin]\ntwo_persons = true\ntwo_persons_above = 2\n").await;
    give(&house, "chi", Role::City).await;
    let mut admin = administrator(&house, "quantri").await;
    let first = place(&draft(&house, &mut admin, "lock", &["ha", "binh"], &[]).await);
    let second = place(&draft(&house, &mut admin, "lock", &["dung"], &[]).await);
    admin.get(&second).await.hides("needs-second");
    confirm(&house, &mut admin, &first, "2", "Sự cố 9").await.leads_to(&first);
    assert_eq!(state(&house, "ha").await, StateName::Locked);
    admin.get(&second).await.shows("needs-second");
    confirm(&house, &mut admin, &second, "1", "Sự cố 9").await.leads_to("/approvals?note=asked");
    assert_eq!(state(&house, "dung").await, StateName::Active);
    let mut other = administrator(&house, "chi").await;
    approve(&mut other).await;
    confirm(&house, &mut admin, &second, "1", "Sự cố 9").await.leads_to(&second);
    assert_eq!(state(&house, "dung").await, StateName::Locked);
    // Another kind of act counts by itself.
    let demand = place(&draft(&house, &mut admin, "unlock", &["ha", "binh"], &[]).await);
    admin.get(&demand).await.hides("needs-second");
}

#[tokio::test]
async fn a_break_glass_session_of_a_locked_administrator_unlocks_many() {
    let house = house().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    let (_, code) = break_glass::make(&house.app, &address).await.expect("made");
    for local in ["quantri", "ha", "binh"] {
        let account = house.account(local).await;
        lock::enforce(&house.app, &account, LockReason::PasswordTooOld, Actor::Job("test"))
            .await
            .expect("locked");
    }
    let mut glass = house.admin_browser();
    glass.post_from("/break-glass", "/break-glass", &[("code", code.expose())]).await.leads_to("/");
    let job = draft(&house, &mut glass, "unlock", &["ha", "binh"], &[]).await.location.expect("a draft");
    confirm(&house, &mut glass, &job, "2", "Sự cố diện rộng").await;
    for local in ["ha", "binh"] {
        assert_eq!(state(&house, local).await, StateName::MustChange, "{local}");
    }
}

async fn approve(second: &mut Browser) {
    let id = second.get("/approvals").await.hidden("approval").expect("a request");
    let fields = [("approval", id.as_str()), ("what", "approve"), ("reason", "Đã xem")];
    second.post_from("/approvals", "/approvals", &fields).await.leads_to("/approvals?note=approved");
}

#[tokio::test]
async fn work_ends_with_the_role_of_whoever_confirmed_it() {
    let house = house().await;
    give(&house, "chi", Role::City).await;
    let mut admin = administrator(&house, "quantri").await;
    let job = place(&draft(&house, &mut admin, "lock", &["ha", "dung"], &[]).await);
    let id = job.trim_start_matches("/bulk/").parse().expect("an id");
    let (by, proof) = proven(&house, "quantri").await;
    bulk::start(&house.app, &by, id, ("2", "thử"), &proof).await.expect("begun");
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::revoke(&house.app, &address).await.expect("revoked");
    bulk::carry_on(&house.app).await.expect("ended");
    assert_eq!(state(&house, "ha").await, StateName::Active);
    let mut other = administrator(&house, "chi").await;
    other.get(&job).await.shows("2 tài khoản chưa được xử lý");
}

#[tokio::test]
async fn an_auditor_reads_and_has_nothing_to_tick() {
    let house = house().await;
    give(&house, "ha", Role::Auditor).await;
    let mut auditor = administrator(&house, "ha").await;
    auditor
        .get("/accounts")
        .await
        .shows("dung@danang.example")
        .hides("type=\"checkbox\"")
        .hides("bulk-preview");
    auditor.get("/bulk").await.shows("Chưa có thao tác hàng loạt nào");
    let refused = draft(&house, &mut auditor, "lock", &["dung"], &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_role_ends_with_the_lock_of_many_and_one_that_rests_is_not_a_help_desks() {
    let house = house().await;
    for (local, role) in [("ha", Role::HelpDesk), ("binh", Role::Auditor), ("chi", Role::Auditor)] {
        give(&house, local, role).await;
    }
    let binh = house.account("binh").await;
    lock::enforce(&house.app, &binh, LockReason::PasswordTooOld, Actor::Job("test")).await.expect("locked");
    let mut desk = administrator(&house, "ha").await;
    let nobody = draft(&house, &mut desk, "unlock", &["binh"], &[]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut city = administrator(&house, "quantri").await;
    let job = place(&draft(&house, &mut city, "lock", &["chi", "dung"], &[]).await);
    confirm(&house, &mut city, &job, "2", "Sự cố 8").await.leads_to(&job);
    assert!(!house.account("chi").await.traces().administers, "before any job");
    assert!(house.account("binh").await.traces().administers, "a lock by a deadline lets it rest");
    let history = audit::of_account(&house.app.db, house.account("chi").await.id(), 50).await;
    let acts: Vec<_> = history.expect("reads").into_iter().map(|line| line.act).collect();
    assert!(acts.contains(&Act::Locked) && acts.contains(&Act::RoleEnded), "{acts:?}");
    let job = place(&draft(&house, &mut city, "unlock", &["binh"], &[]).await);
    confirm(&house, &mut city, &job, "1", "Đã xác minh").await.leads_to(&job);
    assert_eq!(state(&house, "binh").await, StateName::MustChange);
}

#[tokio::test]
async fn a_lock_by_a_deadline_is_replaced_for_many_and_put_back() {
    let house = house().await;
    for (local, reason) in [("ha", LockReason::PasswordTooOld), ("binh", LockReason::DisabledInDirectory)] {
        let account = house.account(local).await;
        lock::enforce(&house.app, &account, reason, Actor::Job("test")).await.expect("locked");
    }
    let before = [*house.account("ha").await.state(), *house.account("binh").await.state()];
    house.pass(Duration::minutes(1));
    let mut city = administrator(&house, "quantri").await;
    let job = place(&draft(&house, &mut city, "lock", &["ha", "binh", "chi"], &[]).await);
    confirm(&house, &mut city, &job, "3", "Công văn 12").await.leads_to(&job);
    for local in ["ha", "binh", "chi"] {
        let account = house.account(local).await;
        let is_theirs = matches!(account.state(), State::Locked { reason: LockReason::ByAdministrator, .. });
        assert!(is_theirs, "{local}: {:?}", account.state());
    }
    let again = draft(&house, &mut city, "lock", &["ha"], &[]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing is left to be locked");
    city.post_from(&job, &format!("{job}/undo"), &[("reason", "Nhầm danh sách")]).await.leads_to(&job);
    bulk::carry_on(&house.app).await.expect("done");
    let after = [*house.account("ha").await.state(), *house.account("binh").await.state()];
    assert_eq!(after, before, "locked as they were, and since when");
    assert_eq!(state(&house, "chi").await, StateName::Active);
}
