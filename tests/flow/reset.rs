//! An administrator resets a password: a slip that is shown once, a password that is stored nowhere, a forced change.

use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use axum::http::StatusCode;
use danang_sso::directory::{Directory, Verified};
use danang_sso::domain::account::{Account, LockReason, MustChange, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mail::LetterKind;
use danang_sso::domain::mailbox::MailSystem::{self, Ad, Obm};
use danang_sso::domain::mailbox::MailboxKey;
use danang_sso::domain::secret;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::bulk_unlock::Seen;
use danang_sso::services::reset::{self, ResetRefused, Word};
use danang_sso::services::{admins, lock};
use danang_sso::storage::{audit, letters, mailboxes};
use time::macros::datetime;

const WHY: &str = "Quên mật khẩu, đã gặp tại bàn hỗ trợ";
const BOTH: [MailSystem; 2] = [Ad, Obm];

/// Administrators of the city and of so-nv; four people of so-khcn in both systems, and one of so-nv.
async fn house() -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for local in ["an", "binh", "chi", "dung", "em", "quantrinv"] {
        house.add_with(local, &BOTH, |seen| {
            if ["em", "quantrinv"].contains(&local) {
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

/// What the form of an account's page sends.
async fn fields_of(house: &House, admin: &mut Browser, local: &str) -> (String, Vec<(&'static str, String)>) {
    let page = format!("/accounts/{}", house.account(local).await.id());
    let shown = admin.get(&page).await;
    let fields = ["csrf", "version"].map(|name| (name, shown.hidden(name).expect("a form")));
    let more = [("reason", WHY.to_owned()), ("sure", "1".to_owned())];
    (format!("{page}/reset"), fields.into_iter().chain(more).collect())
}

async fn send(admin: &mut Browser, path: &str, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    admin.post(path, &fields).await
}

async fn reset(house: &House, admin: &mut Browser, local: &str) -> Answer {
    let (path, fields) = fields_of(house, admin, local).await;
    send(admin, &path, &fields).await
}

/// What was written to somebody about the security of the sign-in.
async fn letters_of(house: &House, local: &str) -> Vec<String> {
    let id = house.account(local).await.id();
    let all = letters::of_account(&house.app.db, id, None, 100).await.expect("reads");
    let about = all.into_iter().filter(|kept| kept.letter.kind() == LetterKind::SecurityChanged);
    about.map(|kept| kept.letter.body().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// The passwords on the slips of a page.
fn passwords(answer: &Answer) -> Vec<String> {
    let after = answer.body.split("<code translate=\"no\">").skip(1);
    after.map(|rest| rest.split('<').next().unwrap_or_default().to_owned()).collect()
}

fn password(answer: &Answer) -> String {
    let [one] = &passwords(answer)[..] else { panic!("not one slip ({}): {}", answer.status, answer.body) };
    one.clone()
}

async fn opens(house: &House, system: MailSystem, local: &str, password: &str) -> Option<Verified> {
    let key = MailboxKey { system, native_id: format!("{}-{local}", system.code()), login: local.to_owned() };
    house.directory(system).verify(&key, &secret::password(password).expect("short")).await.ok()
}

async fn lagging(house: &House, local: &str) -> Vec<MailSystem> {
    let all = mailboxes::of_account(&house.app.db, house.account(local).await.id()).await.expect("reads");
    all.iter().filter(|m| m.password_lags).map(|m| m.key.system).collect()
}

#[tokio::test]
async fn the_operator_resets_by_the_command_line_also_an_administrators_password() {
    let house = house().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    let nobody = reset::reset_by_operator(&house.app, &address("khong.co"), "thử").await;
    assert!(matches!(nobody, Err(ResetRefused::NotFound)), "{nobody:?}");
    let silent = reset::reset_by_operator(&house.app, &address("quantri"), " ").await;
    assert!(matches!(silent, Err(ResetRefused::NoReason)), "{silent:?}");
    let slip = reset::reset_by_operator(&house.app, &address("quantri"), "Mất giấy").await.expect("reset");
    let issued = slip.password.expose();
    assert_eq!(opens(&house, Ad, "quantri", issued).await, Some(Verified::MustChange));
    let account = house.account("quantri").await;
    assert!(matches!(account.state(), State::MustChangePassword { why: MustChange::Reset, .. }));
    let lines = audit::of_account(&house.app.db, account.id(), 9).await.expect("reads");
    let line = lines.iter().find(|line| line.act == Act::PasswordReset).expect("a line");
    assert_eq!(
        (line.actor_kind.as_str(), line.why.as_deref()),
        (Actor::CommandLine.kind(), Some("Mất giấy"))
    );
}

#[tokio::test]
async fn a_reset_gives_a_slip_and_the_person_must_set_an_own_password() {
    let house = house().await;
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await.leads_to("/");
    let mut admin = administrator(&house, "quantri").await;
    let answer = reset(&house, &mut admin, "an").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let issued = password(&answer);
    // Three working days from Monday 2 March.
    answer
        .shows("thứ Năm, 05/03/2026")
        .shows("Thursday, 05/03/2026")
        .shows("localhost:8080")
        .shows("0236 1022");
    answer.shows("Nguyễn Thị Hồng AN").shows("an@danang.example").shows("Sở Khoa học và Công nghệ");
    answer.hides("Cần chú ý");
    let state = *house.account("an").await.state();
    assert!(matches!(state, State::MustChangePassword { why: MustChange::Reset, .. }), "{state:?}");
    person.get("/").await.leads_to("/sign-in");
    for system in BOTH {
        assert_eq!(opens(&house, system, "an", PASSWORD).await, None, "{system:?}");
        assert_eq!(opens(&house, system, "an", &issued).await, Some(Verified::MustChange), "{system:?}");
    }
    house.sync().await;
    assert_eq!(*house.account("an").await.state(), state, "the synchronisation sees nothing new");

    person.sign_in("an", &issued).await.leads_to("/");
    person.get("/").await.leads_to("/password");
    let page = person.get("/password").await;
    page.shows("Mật khẩu này đã được đặt lại hoặc hệ thống thư yêu cầu đổi. Hãy đặt mật khẩu mới.");
    page.shows("Mật khẩu dùng một lần hoặc đang dùng").hides("Đây là lần đăng nhập đầu tiên");
    let fields = [("current", issued.as_str()), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &fields).await;
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
    for system in BOTH {
        assert_eq!(opens(&house, system, "an", NEW_PASSWORD).await, Some(Verified::Good), "{system:?}");
    }
    let lines = audit::of_account(&house.app.db, house.account("an").await.id(), 50).await.expect("reads");
    for act in [Act::PasswordResetBegun, Act::PasswordReset] {
        let line = lines.iter().find(|line| line.act == act).expect("recorded");
        assert_eq!((line.actor.as_str(), line.why.as_deref()), ("quantri@danang.example", Some(WHY)));
    }
    admin
        .get(&format!("/accounts/{}", house.account("an").await.id()))
        .await
        .shows("đặt lại mật khẩu")
        .shows(WHY);
}

#[tokio::test]
async fn a_reset_and_a_change_are_told_to_the_holder_by_letter_without_the_password() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let issued = password(&reset(&house, &mut admin, "an").await);
    let [told] = &letters_of(&house, "an").await[..] else { panic!("one letter") };
    assert!(told.contains("Quản trị viên vừa đặt lại mật khẩu của tài khoản an@danang.example"), "{told}");
    assert!(!told.contains(&issued));
    let mut person = house.browser();
    person.sign_in("an", &issued).await.leads_to("/");
    let wrong = [("current", "Sai-mat-khau-1"), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &wrong).await;
    assert_eq!(letters_of(&house, "an").await.len(), 1, "nothing was changed");
    let fields = [("current", issued.as_str()), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &fields).await;
    let all = letters_of(&house, "an").await;
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all.iter().any(|body| body.contains("vừa được đổi trong cổng")), "{all:?}");
}

#[tokio::test]
async fn neither_the_files_of_the_database_nor_the_audit_hold_the_password() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    house.obm.set_unreachable(true);
    let lagged = password(&reset(&house, &mut admin, "an").await);
    house.obm.set_unreachable(false);
    let issued = password(&reset(&house, &mut admin, "an").await);
    house.browser().sign_in("an", &issued).await.leads_to("/");
    let holds = |needle: &str| {
        let files =
            std::fs::read_dir(house.folder()).expect("the folder").map(|file| file.expect("a file").path());
        let bytes: Vec<_> = files.map(|file| std::fs::read(file).expect("read")).collect();
        assert!(bytes.len() >= 2, "the database and what it has not written into it yet");
        bytes.iter().any(|bytes| bytes.windows(needle.len()).any(|window| window == needle.as_bytes()))
    };
    assert!(holds(WHY), "what is recorded is found this way");
    for secret in [&issued, &lagged] {
        assert!(!holds(secret), "the password as it is printed");
        assert!(!holds(&secret.replace('-', "")), "without what stands between the groups");
    }
}

#[tokio::test]
async fn the_slip_is_shown_once() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let (path, fields) = fields_of(&house, &mut admin, "an").await;
    let issued = password(&send(&mut admin, &path, &fields).await);
    // What a reload and the way back of a browser do.
    let again = send(&mut admin, &path, &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    again.shows("Phiếu không hiện lại").hides(&issued).hides("translate=\"no\"");
    assert_eq!(opens(&house, Ad, "an", &issued).await, Some(Verified::MustChange), "it was not reset again");
    assert_eq!(admin.get(&path).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn without_a_reason_the_word_or_the_token_nothing_is_reset() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    for (missing, status, words) in [
        ("reason", StatusCode::UNPROCESSABLE_ENTITY, "Hãy ghi lý do"),
        ("sure", StatusCode::UNPROCESSABLE_ENTITY, "Hãy xác minh đúng người"),
        ("csrf", StatusCode::FORBIDDEN, ""),
        ("version", StatusCode::BAD_REQUEST, ""),
    ] {
        let (path, mut fields) = fields_of(&house, &mut admin, "an").await;
        fields.retain(|(name, _)| *name != missing);
        let answer = send(&mut admin, &path, &fields).await;
        assert_eq!(answer.status, status, "{missing}");
        answer.shows(words).hides("translate=\"no\"");
        if status == StatusCode::UNPROCESSABLE_ENTITY {
            answer.shows("id=\"reset-fold\" open>");
        }
    }
    let page = format!("/accounts/{}", house.account("an").await.id());
    admin.get(&page).await.shows("id=\"reset-fold\">");
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
    assert_eq!(opens(&house, Ad, "an", PASSWORD).await, Some(Verified::Good));
}

#[tokio::test]
async fn nobody_resets_beyond_the_own_reach_or_for_oneself() {
    let house = house().await;
    let mut city = administrator(&house, "quantri").await;
    let mut agency = administrator(&house, "quantrinv").await;
    let (path, _) = fields_of(&house, &mut city, "an").await;
    let (_, fields) = fields_of(&house, &mut agency, "em").await;
    assert_eq!(send(&mut agency, &path, &fields).await.status, StatusCode::NOT_FOUND);
    assert_eq!(opens(&house, Ad, "an", PASSWORD).await, Some(Verified::Good));
    let own = format!("/accounts/{}", house.account("quantrinv").await.id());
    agency.get(&own).await.hides("reset-form");
    let version = house.account("quantrinv").await.version().to_string();
    let forged: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, if *name == "version" { version.clone() } else { value.clone() }))
        .collect();
    let answer = send(&mut agency, &format!("{own}/reset"), &forged).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    answer.shows("Không thể tự đặt lại");
    assert_eq!(opens(&house, Ad, "quantrinv", PASSWORD).await, Some(Verified::Good));
    password(&reset(&house, &mut agency, "em").await);
}

/// Whoever holds the password of an administrator holds the role.
#[tokio::test]
async fn an_administrator_is_reset_by_an_administrator_of_the_city_only() {
    let house = house().await;
    let mut agency = administrator(&house, "quantrinv").await;
    let (_, fields) = fields_of(&house, &mut agency, "em").await;
    let of_em = fields.iter().find(|(name, _)| *name == "version").expect("a version").1.clone();
    let mut city = administrator(&house, "quantri").await;
    let address = MailAddress::parse("em@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let version = house.account("em").await.version().to_string();
    assert_eq!(version, of_em, "a role is not a change of the account");
    let path = format!("/accounts/{}", house.account("em").await.id());
    agency.get(&path).await.hides("reset-form");
    let answer = send(&mut agency, &format!("{path}/reset"), &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    answer.shows("có vai trò quản trị").hides("translate=\"no\"");
    assert_eq!(opens(&house, Ad, "em", PASSWORD).await, Some(Verified::Good));
    password(&reset(&house, &mut city, "em").await);
}

#[tokio::test]
async fn a_lock_by_a_deadline_is_lifted_with_the_reset_in_the_directories_too() {
    let more = "[policy]\nwrite_locks_to = [\"ad\", \"obm\"]\n";
    let house = House::at(datetime!(2026-03-02 09:00 +7), more).await;
    for local in ["quantri", "an"] {
        house.add(local, &BOTH);
    }
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::DefaultPasswordKept, Actor::Job("deadlines"))
        .await
        .expect("locked");
    for system in BOTH {
        assert_eq!(opens(&house, system, "an", PASSWORD).await, None, "{system:?} is locked");
    }
    let mut admin = administrator(&house, "quantri").await;
    let answer = reset(&house, &mut admin, "an").await;
    let issued = password(&answer);
    answer.hides("Cần chú ý");
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
    for system in BOTH {
        assert_eq!(opens(&house, system, "an", &issued).await, Some(Verified::MustChange), "{system:?}");
    }
}

#[tokio::test]
async fn a_lock_that_only_the_directory_lifts_is_refused_and_nothing_is_written() {
    let house = house().await;
    let account = house.account("an").await;
    let job = Actor::Job("synchronisation");
    lock::enforce(&house.app, &account, LockReason::DisabledInDirectory, job).await.expect("locked");
    let mut admin = administrator(&house, "quantri").await;
    let page = format!("/accounts/{}", account.id());
    admin.get(&page).await.hides("reset-form");
    let (_, mut fields) = fields_of(&house, &mut admin, "binh").await;
    let version = house.account("an").await.version().to_string();
    fields
        .iter_mut()
        .filter(|(name, _)| *name == "version")
        .for_each(|(_, value)| value.clone_from(&version));
    let answer = send(&mut admin, &format!("{page}/reset"), &fields).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    answer.shows("do hệ thống thư đặt");
    assert_eq!(opens(&house, Ad, "an", PASSWORD).await, Some(Verified::Good), "nothing was written");
}

#[tokio::test]
async fn a_system_that_did_not_answer_lags_and_gets_the_next_password_by_the_forced_change() {
    for (silent, other) in [(Obm, Ad), (Ad, Obm)] {
        let house = house().await;
        let mut admin = administrator(&house, "quantri").await;
        house.directory(silent).set_unreachable(true);
        let answer = reset(&house, &mut admin, "an").await;
        let issued = password(&answer);
        answer.shows("Cần chú ý").shows("chưa nhận mật khẩu này");
        assert_eq!(lagging(&house, "an").await, [silent]);
        house.directory(silent).set_unreachable(false);
        assert_eq!(opens(&house, silent, "an", PASSWORD).await, Some(Verified::Good), "it has the old one");
        assert_eq!(opens(&house, other, "an", &issued).await, Some(Verified::MustChange));
        let mut person = house.browser();
        person.sign_in("an", PASSWORD).await.shows("chưa đúng");
        person.sign_in("an", &issued).await.leads_to("/");
        let fields = [("current", issued.as_str()), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
        person.post_from("/password", "/password", &fields).await;
        assert_eq!(house.account("an").await.state().name(), StateName::Active, "{silent:?}");
        assert_eq!(lagging(&house, "an").await, []);
        assert_eq!(opens(&house, silent, "an", NEW_PASSWORD).await, Some(Verified::Good), "{silent:?}");
    }
}

#[tokio::test]
async fn when_no_system_answers_nothing_changes_and_when_none_takes_it_another_reset_repairs() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    for directory in [&house.ad, &house.obm] {
        directory.set_unreachable(true);
    }
    let answer = reset(&house, &mut admin, "an").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    answer.shows("Chưa thay đổi gì");
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
    for directory in [&house.ad, &house.obm] {
        directory.set_unreachable(false);
        directory.refuse_new_passwords(Some("theo chính sách riêng"));
    }
    let answer = reset(&house, &mut admin, "an").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    answer.shows("theo chính sách riêng").hides("translate=\"no\"");
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
    for directory in [&house.ad, &house.obm] {
        directory.refuse_new_passwords(None);
    }
    let issued = password(&reset(&house, &mut admin, "an").await);
    assert_eq!(lagging(&house, "an").await, []);
    house.browser().sign_in("an", &issued).await.leads_to("/");
}

/// Cut off at many points, as by a crash: nobody stays open here with a password that is gone, and a second reset leaves
/// nothing to be repaired.
#[tokio::test]
async fn a_reset_that_is_cut_off_anywhere_is_repaired_by_another() {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for n in 0..40 {
        house.add(&format!("nv{n:02}"), &BOTH);
    }
    house.sync().await;
    let by = Administrator::holding(&house.account("quantri").await, Role::City, Reach::City);
    let word = Word { why: WHY, is_sure: true };
    let (mut cut, mut in_between) = (0, 0);
    for n in 0..40_u64 {
        let local = format!("nv{n:02}");
        let was_locked = n % 2 == 1;
        if was_locked {
            let account = house.account(&local).await;
            let job = Actor::Job("deadlines");
            lock::enforce(&house.app, &account, LockReason::PasswordTooOld, job).await.expect("locked");
        }
        let seen = |account: Account| Seen { id: account.id(), version: account.version() };
        let first = seen(house.account(&local).await);
        let patience = std::time::Duration::from_micros(n * 250);
        let ended = tokio::time::timeout(patience, reset::reset(&house.app, &by, first, word)).await;
        cut += usize::from(ended.is_err());
        let is_gone = opens(&house, Ad, &local, PASSWORD).await.is_none();
        let state = house.account(&local).await.state().name();
        in_between += usize::from(ended.is_err() && (is_gone || state == StateName::MustChange));
        let closed = if was_locked { StateName::Locked } else { StateName::Active };
        assert!(
            state == StateName::MustChange || (state == closed && (was_locked || !is_gone)),
            "{local}: {state:?}"
        );
        // What was on its way into the database when it was cut off may still arrive.
        let mut slip = Err(ResetRefused::Conflict);
        while matches!(slip, Err(ResetRefused::Conflict)) {
            slip = reset::reset(&house.app, &by, seen(house.account(&local).await), word).await;
        }
        let slip = slip.expect("repaired");
        assert_eq!(lagging(&house, &local).await, []);
        for system in BOTH {
            let verified = opens(&house, system, &local, slip.password.expose()).await;
            assert_eq!(verified, Some(Verified::MustChange), "{local}, {system:?}");
        }
        assert_eq!(house.account(&local).await.state().name(), StateName::MustChange);
    }
    println!("{cut} of 40 were cut off, {in_between} of them half done");
    assert!(cut > 0);
}

// ---- many at once ----------------------------------------------------------------------------

/// The list of an agency with these people ticked, looked over.
async fn looked_over(house: &House, admin: &mut Browser, agency_of: &str, chosen: &[&str]) -> Answer {
    let agency = house.account(agency_of).await.profile().agency_id.expect("an agency");
    let list = format!("/reset?agency={agency}");
    let mut fields = Vec::new();
    for local in chosen {
        fields.push((format!("account.{}", house.account(local).await.id()), "1"));
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    admin.post_from(&list, "/reset/preview", &fields).await
}

async fn confirm(admin: &mut Browser, page: &Answer, number: &str, sure: &str) -> Answer {
    let [csrf, accounts] = ["csrf", "accounts"].map(|name| page.hidden(name).expect("a form"));
    let fields = [("csrf", csrf.as_str()), ("accounts", accounts.as_str()), ("reason", WHY)];
    admin.post("/reset", &[&fields[..], &[("number", number), ("sure", sure)]].concat()).await
}

#[tokio::test]
async fn the_chosen_people_of_an_agency_get_a_slip_each_and_only_once() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    admin.get("/accounts").await.shows("href=\"/reset\"");
    admin.get("/reset").await.hides("choose-form").shows("Sở Nội vụ");
    let page = looked_over(&house, &mut admin, "an", &["an", "binh", "chi"]).await;
    page.shows("3 tài khoản sẽ được đặt lại").hides("dung@danang.example");
    for (number, sure) in [("2", "1"), ("", "1"), ("3", "")] {
        let answer = confirm(&mut admin, &page, number, sure).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{number:?} {sure:?}");
    }
    // One is changed by somebody else meanwhile.
    reset(&house, &mut admin, "chi").await;
    let answer = confirm(&mut admin, &page, "3", "1").await;
    let issued = passwords(&answer);
    assert_eq!(issued.len(), 2, "{}", answer.body);
    answer.shows("1 tài khoản chưa được đặt lại").shows("(chi@danang.example)");
    for (local, issued) in ["an", "binh"].iter().zip(&issued) {
        assert_eq!(opens(&house, Obm, local, issued).await, Some(Verified::MustChange), "{local}");
    }
    assert_eq!(opens(&house, Obm, "dung", PASSWORD).await, Some(Verified::Good));
    let again = confirm(&mut admin, &page, "3", "1").await;
    assert_eq!(passwords(&again), [""; 0]);
    again.shows("3 tài khoản chưa được đặt lại");
}

#[tokio::test]
async fn many_are_reset_within_reach_only_and_fifty_at_a_time() {
    let house = house().await;
    let mut city = administrator(&house, "quantri").await;
    let mut agency = administrator(&house, "quantrinv").await;
    agency.get("/reset").await.shows("em@danang.example").hides("an@danang.example").hides("quantrinv@");
    let nobody = looked_over(&house, &mut agency, "an", &["an"]).await;
    assert!(nobody.status.is_client_error(), "another agency's page is not there");
    let all = looked_over(&house, &mut city, "an", &["an", "em"]).await;
    let own = looked_over(&house, &mut agency, "em", &["em"]).await;
    let [mine, both] = [&own, &all].map(|page| page.hidden("accounts").expect("a list"));
    let stolen = Answer { body: own.body.replace(&mine, &both), ..own };
    let answer = confirm(&mut agency, &stolen, "2", "1").await;
    assert_eq!(passwords(&answer).len(), 1);
    answer.shows("ngoài phạm vi quản trị").hides("an@danang.example");
    assert_eq!(opens(&house, Ad, "an", PASSWORD).await, Some(Verified::Good));

    let one = all.hidden("accounts").expect("a list").split(' ').next().expect("one").to_owned();
    for (accounts, number, status) in [
        ("x".to_owned(), "1", StatusCode::BAD_REQUEST),
        (String::new(), "0", StatusCode::UNPROCESSABLE_ENTITY),
        (vec![one.as_str(); 51].join(" "), "51", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let csrf = all.hidden("csrf").expect("a form");
        let fields = [("csrf", csrf.as_str()), ("accounts", &accounts), ("number", number)];
        let answer = city.post("/reset", &[&fields[..], &[("reason", WHY), ("sure", "1")]].concat()).await;
        assert_eq!(answer.status, status, "{number}");
    }
    for odd in ["?agency=x", "?agency=&state=drunk", "?state=retired&after=%25"] {
        assert_eq!(city.get(&format!("/reset{odd}")).await.status, StatusCode::OK);
    }
    assert_eq!(opens(&house, Ad, "an", PASSWORD).await, Some(Verified::Good));
}

#[tokio::test]
async fn a_list_of_more_than_fifty_goes_on_and_a_silent_system_is_asked_once() {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for n in 0..60 {
        house.add(&format!("nv{n:02}"), &BOTH);
    }
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut admin = administrator(&house, "quantri").await;
    let agency = house.account("nv00").await.profile().agency_id.expect("an agency");
    let first = admin.get(&format!("/reset?agency={agency}")).await;
    first.shows("nv49@danang.example").hides("nv50@danang.example");
    let next = first.body.split("rel=\"next\"").next().and_then(|text| text.rsplit("href=\"").next());
    let next = next.and_then(|text| text.split('"').next()).expect("a link").replace("&#38;", "&");
    admin.get(&next).await.shows("nv50@danang.example").hides("nv49@danang.example").hides("quantri@danang");
    // The next page begins where this one ended, also when whoever was last on it is called otherwise by now.
    house.directory(Ad).edit("nv49", |seen| "Âu Thị Ánh".clone_into(&mut seen.display_name));
    house.directory(Obm).edit("nv49", |seen| "Âu Thị Ánh".clone_into(&mut seen.display_name));
    house.sync().await;
    assert_eq!(house.account("nv49").await.profile().display_name, "Âu Thị Ánh");
    admin.get(&next).await.shows("nv50@danang.example").hides("nv10@danang.example").hides("nv49@");
    let everybody: Vec<_> = (0..50).map(|n| format!("nv{n:02}")).collect();
    let chosen: Vec<_> = everybody.iter().map(String::as_str).collect();
    let page = looked_over(&house, &mut admin, "nv00", &chosen).await;
    house.obm.set_unreachable(true);
    let answer = confirm(&mut admin, &page, "50", "1").await;
    assert_eq!(passwords(&answer).len(), 50);
    answer.shows("chưa nhận mật khẩu này");
    assert_eq!(lagging(&house, "nv49").await, [Obm]);
}
