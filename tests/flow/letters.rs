//! Letters: who is written to on which morning, never twice, nothing after the change; read from a real relay.

use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use crate::sink::Sink;
use danang_sso::app::App;
use danang_sso::domain::account::StateName;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mail::{LetterKind, Stage};
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::policy::deadline::Rule;
use danang_sso::domain::policy::settings::Setting;
use danang_sso::domain::policy::stage::Stage as Step;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::domain::watch::{Cap, Forward, ForwardSource};
use danang_sso::jobs::{self, EnforceDeadlines, SendLetters, WriteLetters};
use danang_sso::services::policy::{self, By};
use danang_sso::services::{admins, deadlines, letters};
use danang_sso::storage::letters::{self as outbox, Kept};
use danang_sso::storage::{Db, audit};
use time::macros::{datetime, time};
use time::{Date, Duration, OffsetDateTime};

/// A house at 09:00 on Monday 2 March 2026 that sends its letters to a relay.
async fn house() -> (House, Sink) {
    house_with("").await
}

async fn house_with(more: &str) -> (House, Sink) {
    let sink = Sink::start().await;
    let config = format!("{}{more}", sink.config());
    (House::at(datetime!(2026-03-02 09:00 +7), &config).await, sink)
}

/// Both jobs, as if their time had come.
async fn run_jobs(app: &App) {
    letters::write_due(app).await.expect("writes");
    letters::send_due(app).await.expect("sends");
}

async fn of(house: &House, local: &str) -> Vec<Kept> {
    let id = house.account(local).await.id();
    outbox::of_account(&house.app.db, id, None, 100).await.expect("reads")
}

/// From this day on, so many days: at 07:29 and at 07:31 the jobs run.
async fn mornings(house: &House, from: Date, days: i64) {
    for day in 0..days {
        for clock in [time!(7:29), time!(7:31), time!(16:00)] {
            let now = (from + Duration::days(day)).with_time(clock);
            house.set_time(now.assume_offset(time::macros::offset!(+7)));
            run_jobs(&house.app).await;
        }
    }
}

fn days_of(letters: &[Kept]) -> Vec<OffsetDateTime> {
    letters.iter().rev().filter_map(|letter| letter.sent_at).map(Timestamp::local).collect()
}

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

async fn grant(house: &House, local: &str, agency: Option<&str>) {
    admins::grant(&house.app, &address(local), agency).await.expect("granted");
}

async fn console(house: &House, local: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(local, PASSWORD).await.leads_to("/");
    browser
}

#[tokio::test]
async fn a_default_password_is_written_about_at_issue_and_on_each_of_the_three_mornings() {
    let (house, sink) = house().await;
    house.add_with_default("moi", &[Obm], house.app.now());
    house.sync().await;
    run_jobs(&house.app).await;
    assert_eq!(sink.recipients(), ["moi@danang.example"], "at issue, at once");
    mornings(&house, time::macros::date!(2026 - 03 - 03), 7).await;
    let all = of(&house, "moi").await;
    let expected = [
        datetime!(2026-03-02 09:00 +7),
        datetime!(2026-03-03 07:31 +7),
        datetime!(2026-03-04 07:31 +7),
        datetime!(2026-03-05 07:31 +7),
    ];
    assert_eq!(days_of(&all), expected);
    let subjects: Vec<_> = all.iter().rev().map(|letter| letter.letter.subject()).collect();
    assert_eq!(subjects[0], "Còn 3 ngày làm việc để đổi mật khẩu cấp ban đầu");
    assert_eq!(subjects[3], "Còn 1 ngày làm việc để đổi mật khẩu cấp ban đầu");
    assert_eq!(sink.arrived().len(), 4);
}

#[tokio::test]
async fn a_password_is_written_about_on_its_five_days_and_each_is_in_the_history() {
    let (house, sink) = house().await;
    house.add("an", &[Ad, Obm]);
    house.sync().await;
    // Set on 31 January: the last day is Friday 31 July.
    mornings(&house, time::macros::date!(2026 - 07 - 10), 26).await;
    let days: Vec<_> = days_of(&of(&house, "an").await).iter().map(|at| at.date().to_string()).collect();
    assert_eq!(days, ["2026-07-17", "2026-07-24", "2026-07-28", "2026-07-30", "2026-07-31"]);
    assert_eq!(sink.recipients(), vec!["an@danang.example"; 5]);
    let id = house.account("an").await.id();
    let lines = audit::of_account(&house.app.db, id, 50).await.expect("reads");
    let warned: Vec<_> = lines.iter().filter(|line| line.act.code() == "warned").collect();
    assert_eq!(warned.len(), 5);
    assert_eq!(warned[0].after.as_deref(), Some("password_age"));
}

#[tokio::test]
async fn an_outage_of_two_weeks_brings_one_letter_and_not_all_that_were_missed() {
    let (house, sink) = house().await;
    house.add("an", &[Ad]);
    house.sync().await;
    mornings(&house, time::macros::date!(2026 - 07 - 29), 1).await;
    let all = of(&house, "an").await;
    assert_eq!(all.len(), 1, "10, 5 and 3 were missed");
    assert_eq!(sink.recipients().len(), 1);
}

#[tokio::test]
async fn a_relay_that_was_down_for_days_gets_only_the_newest_letter_about_a_term() {
    let (house, sink) = house().await;
    house.add_with_default("moi", &[Obm], house.app.now());
    sink.be_silent(true);
    house.sync().await;
    house.set_time(datetime!(2026-03-03 08:00 +7));
    run_jobs(&house.app).await;
    house.set_time(datetime!(2026-03-04 08:00 +7));
    letters::write_due(&house.app).await.expect("writes");
    sink.be_silent(false);
    house.pass(Duration::hours(2));
    run_jobs(&house.app).await;
    assert_eq!(sink.recipients().len(), 1);
    let all = of(&house, "moi").await;
    assert_eq!((all[0].stage, all[0].letter.kind()), (Stage::Sent, LetterKind::DefaultPasswordMorning));
    assert!(all[1..].iter().all(|letter| letter.stage == Stage::Withdrawn), "{all:?}");
}

#[tokio::test]
async fn nothing_about_the_term_is_sent_after_the_change_and_the_portal_does_not_show_what_was_never_sent() {
    let (house, sink) = house().await;
    house.add_with_default("moi", &[Ad, Obm], house.app.now());
    house.sync().await;
    let mut browser = house.browser();
    browser.sign_in("moi", PASSWORD).await.leads_to("/");
    assert_eq!(of(&house, "moi").await.len(), 1, "it waits for the job");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    browser.post_from("/password", "/password", &fields).await;
    mornings(&house, time::macros::date!(2026 - 03 - 03), 3).await;
    assert_eq!(sink.recipients(), ["moi@danang.example"], "only that the password was changed");
    browser.sign_in("moi", NEW_PASSWORD).await.leads_to("/");
    let page = browser.get("/letters").await;
    page.shows("Bảo mật đăng nhập của Ông/Bà vừa thay đổi").hides("mật khẩu cấp ban đầu");
}

#[tokio::test]
async fn a_lock_withdraws_what_waits() {
    let (house, sink) = house().await;
    house.add_with_default("moi", &[Obm], house.app.now());
    house.sync().await;
    house.set_time(datetime!(2026-03-10 08:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    run_jobs(&house.app).await;
    assert!(sink.arrived().is_empty());
}

#[tokio::test]
async fn a_letter_about_a_term_that_ended_in_between_is_not_sent() {
    let (house, sink) = house().await;
    house.add_with_default("moi", &[Obm], house.app.now());
    house.sync().await;
    // The lock job has not run yet.
    house.set_time(datetime!(2026-03-06 00:00 +7));
    run_jobs(&house.app).await;
    assert!(sink.arrived().is_empty());
}

/// The house after a restart, or its second node: all is read from the database again.
async fn another_node(house: &House) -> App {
    let file = house.folder().join("house.db");
    let db = Db::open(&format!("sqlite:{}", file.display())).await.expect("opens again");
    let (config, directories) = (house.app.config.clone(), house.app.directories.clone());
    let app = App::new(config, db, directories, house.app.system.clone(), house.app.keyring.clone());
    danang_sso::services::calendar::ensure(&app).await.expect("the calendar is read");
    app
}

#[tokio::test]
async fn a_restart_forgets_nothing_and_repeats_nothing() {
    let (house, sink) = house().await;
    house.add("an", &[Ad]);
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    assert_eq!(letters::write_due(&house.app).await.expect("writes"), 1);
    let again = another_node(&house).await;
    assert_eq!(letters::write_due(&again).await.expect("writes"), 0, "it is written");
    assert_eq!(letters::send_due(&again).await.expect("sends"), 1, "and was not sent");
    run_jobs(&house.app).await;
    run_jobs(&again).await;
    assert_eq!(sink.recipients(), ["an@danang.example"]);
}

#[tokio::test]
async fn two_nodes_at_once_write_and_send_each_letter_once() {
    let (house, sink) = house().await;
    let mut expected = Vec::new();
    for n in 10..40 {
        house.add(&format!("nguoi{n}"), &[Ad]);
        expected.push(format!("nguoi{n}@danang.example"));
    }
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    let second = another_node(&house).await;
    let (one, other) = tokio::join!(letters::write_due(&house.app), letters::write_due(&second));
    assert_eq!(one.expect("writes") + other.expect("writes"), 30);
    let (one, other) = tokio::join!(letters::send_due(&house.app), letters::send_due(&second));
    assert_eq!(one.expect("sends") + other.expect("sends"), 30);
    let mut recipients = sink.recipients();
    recipients.sort();
    assert_eq!(recipients, expected);
}

#[tokio::test]
async fn a_crash_after_the_relay_took_a_letter_repeats_it_with_the_same_message_id() {
    let (house, sink) = house().await;
    house.add("an", &[Ad]);
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    sink.hang_up_after_data(true);
    run_jobs(&house.app).await;
    assert_eq!(of(&house, "an").await[0].stage, Stage::Waiting, "nobody can know");
    sink.hang_up_after_data(false);
    house.pass(Duration::minutes(2));
    run_jobs(&house.app).await;
    let arrived = sink.arrived();
    assert_eq!(arrived.len(), 2);
    assert_eq!(arrived[0].header("Message-ID"), arrived[1].header("Message-ID"));
    assert_eq!(arrived[0].header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(of(&house, "an").await[0].stage, Stage::Sent);
}

#[tokio::test]
async fn a_relay_that_refuses_half_delivers_the_others_once_and_tells_the_console_who_failed() {
    let (house, sink) = house().await;
    for local in ["an", "binh", "chi", "dung"] {
        house.add(local, &[Ad]);
    }
    house.add_with("ngoai", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.add("quantri", &[Ad]);
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    grant(&house, "quantri", Some("so-khcn")).await;
    sink.refuse("binh", "550 5.1.1 <b>no such</b> user");
    sink.refuse("ngoai", "554 5.7.1 blocked");
    sink.refuse("chi", "451 4.2.2 mailbox full");
    run_jobs(&house.app).await;
    run_jobs(&house.app).await;
    let mut recipients = sink.recipients();
    recipients.sort();
    recipients.retain(|to| !to.starts_with("quantri"));
    assert_eq!(recipients, ["an@danang.example", "dung@danang.example"]);
    let binh = &of(&house, "binh").await[0];
    assert_eq!(binh.stage, Stage::Failed);
    assert_eq!(binh.error.as_deref(), Some("550 5.1.1 <b>no such</b> user"));
    let chi = &of(&house, "chi").await[0];
    assert_eq!((chi.stage, chi.attempts), (Stage::Waiting, 1), "with a pause");
    assert!(chi.error.as_deref().is_some_and(|why| why.contains("451")), "{:?}", chi.error);
    let mut browser = console(&house, "quantri").await;
    let page = browser.get("/letters").await;
    page.shows("binh@danang.example").shows("no such").hides("<b>no such").hides("ngoai@danang.example");
    sink.refuse_nobody();
    house.pass(Duration::minutes(2));
    run_jobs(&house.app).await;
    assert!(sink.recipients().contains(&"chi@danang.example".to_owned()));
    assert!(!sink.recipients().contains(&"binh@danang.example".to_owned()), "refused is refused");
}

#[tokio::test]
async fn a_relay_that_hangs_up_after_each_refusal_still_gets_the_other_letters() {
    let (house, sink) = house().await;
    for local in ["an", "binh", "chi", "dung"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    sink.refuse("binh@", "550 5.1.1 unknown, goodbye");
    sink.refuse("chi@", "550 5.1.1 unknown, goodbye");
    run_jobs(&house.app).await;
    assert_eq!(sink.recipients().len(), 2);
    for local in ["binh", "chi"] {
        assert_eq!(of(&house, local).await[0].stage, Stage::Failed, "refused, not unreachable");
    }
}

#[tokio::test]
async fn a_letter_that_cannot_be_sent_for_three_days_is_given_up() {
    let (house, sink) = house().await;
    house.add("an", &[Ad]);
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    sink.refuse("an@", "451 4.3.0 later");
    run_jobs(&house.app).await;
    for _ in 0..72 {
        house.pass(Duration::hours(1));
        letters::send_due(&house.app).await.expect("runs");
    }
    assert_eq!(of(&house, "an").await[0].stage, Stage::Waiting, "three days are not over");
    house.pass(Duration::hours(1));
    letters::send_due(&house.app).await.expect("runs");
    let an = &of(&house, "an").await[0];
    assert_eq!(an.stage, Stage::Failed);
    assert!(an.error.as_deref().is_some_and(|why| why.starts_with("given up: ")), "{:?}", an.error);
    assert!((70..80).contains(&an.attempts), "with back-off: {}", an.attempts);
}

#[tokio::test]
async fn a_silent_relay_stops_the_round_and_loses_nothing() {
    let (house, sink) = house().await;
    for local in ["an", "binh", "chi"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    sink.be_silent(true);
    run_jobs(&house.app).await;
    let mut attempts = 0;
    for local in ["an", "binh", "chi"] {
        attempts += of(&house, local).await[0].attempts;
    }
    assert_eq!(attempts, 1, "the others were not even tried");
    sink.be_silent(false);
    house.pass(Duration::minutes(2));
    jobs::run_once(&house.app, &SendLetters).await;
    assert_eq!(sink.recipients().len(), 3);
}

#[tokio::test]
async fn no_more_letters_a_minute_than_the_relay_is_to_bear() {
    let (house, sink) = house_with("per_minute = 2\n").await;
    for n in 0..5 {
        house.add(&format!("nguoi{n}"), &[Ad]);
    }
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    jobs::run_once(&house.app, &WriteLetters).await;
    for (seconds, expected) in [(0, 2), (30, 2), (31, 4), (61, 5)] {
        house.pass(Duration::seconds(seconds));
        letters::send_due(&house.app).await.expect("sends");
        assert_eq!(sink.recipients().len(), expected, "after {seconds} s more");
    }
}

#[tokio::test]
async fn without_a_relay_letters_are_written_and_shown_but_not_sent() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    run_jobs(&house.app).await;
    assert_eq!(of(&house, "an").await[0].stage, Stage::Waiting);
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser.get("/letters").await.shows("Mật khẩu hết hạn ngày 31/07/2026").shows("Chờ gửi");
}

#[tokio::test]
async fn the_portal_shows_exactly_the_own_letters_and_says_that_any_other_is_forged() {
    let (house, _sink) = house().await;
    house.add("an", &[Ad]);
    house.add_with("binh", &[Ad], |seen| {
        "<b>Bình</b> https://evil.example".clone_into(&mut seen.display_name);
    });
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    run_jobs(&house.app).await;
    let mut browser = house.browser();
    browser.sign_in("binh", PASSWORD).await.leads_to("/");
    let page = browser.get("/letters").await;
    page.shows("Mật khẩu hết hạn ngày 31/07/2026")
        .shows("Trừ thư chứa mã xác thực một lần, thư nào mang tên hệ thống mà không có ở đây là thư giả mạo")
        .shows("binh@danang.example");
    page.hides("an@danang.example").hides("<b>Bình").shows("thứ Sáu, 31/07/2026");
    let letters = page.body.split("id=\"letters\"").nth(1).and_then(|rest| rest.split("</section>").next());
    let letters = letters.expect("the list of letters");
    assert!(letters.contains("Bình") && !letters.contains("://") && !letters.contains("evil.example"));
    assert_eq!(letters.matches("class=\"item-title\">Mật khẩu hết hạn ngày").count(), 1);
    house.browser().get("/letters").await.leads_to("/sign-in?back=%2Fletters");
}

#[tokio::test]
async fn somebody_with_a_default_password_may_compare_letters_before_the_change() {
    let (house, _sink) = house().await;
    house.add_with_default("moi", &[Obm], house.app.now());
    house.sync().await;
    run_jobs(&house.app).await;
    let mut browser = house.browser();
    browser.sign_in("moi", PASSWORD).await.leads_to("/");
    browser.get("/letters").await.shows("Còn 3 ngày làm việc để đổi mật khẩu cấp ban đầu");
    browser.get("/sessions").await.leads_to("/password");
}

#[tokio::test]
async fn old_letters_are_paged() {
    let (house, _sink) = house().await;
    house.add("quantri", &[Ad]);
    house.sync().await;
    grant(&house, "quantri", None).await;
    let by = admins::holder(&house.app, &address("quantri")).await.expect("a role");
    for _ in 0..23 {
        house.pass(Duration::minutes(1));
        letters::trial(&house.app, &by, LetterKind::PasswordAge).await.expect("tried");
    }
    let mut browser = house.browser();
    browser.sign_in("quantri", PASSWORD).await.leads_to("/");
    let first = browser.get("/letters").await;
    assert_eq!(first.body.matches("item-title\">[Thử] Mật khẩu hết hạn").count(), 20);
    let next = first.body.split("href=\"/letters?before=").nth(1).and_then(|rest| rest.split('"').next());
    let second = browser.get(&format!("/letters?before={}", next.expect("a link to the older ones"))).await;
    assert_eq!(second.body.matches("item-title\">[Thử] Mật khẩu hết hạn").count(), 3);
    second.hides("/letters?before=");
    assert_eq!(browser.get("/letters?before=nonsense").await.status, 404);
}

/// Administrators may use a password as long as everybody else, so that all terms end on one day.
async fn six_months_for_administrators(house: &House) {
    let book = house.app.book();
    let settings = book.settings.with(Setting::MonthsAdministrator, 6).expect("a value");
    policy::change(&house.app, &By::CommandLine, book.version, (settings, book.stages.clone()), "thử")
        .await
        .expect("changed");
    deadlines::keep(&house.app).await.expect("computed anew");
}

#[tokio::test]
async fn an_agencys_administrator_gets_one_digest_a_week_about_the_own_agency() {
    let (house, sink) = house().await;
    for local in ["quantri", "an"] {
        house.add(local, &[Ad]);
    }
    house.add_with("ngoai", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    grant(&house, "quantri", Some("so-khcn")).await;
    six_months_for_administrators(&house).await;
    // All three end on Friday 31 July; the digest looks five working days ahead, today included.
    mornings(&house, time::macros::date!(2026 - 07 - 20), 12).await;
    let all = of(&house, "quantri").await;
    let digests: Vec<_> = all.iter().filter(|l| l.letter.kind() == LetterKind::AgencyDigest).collect();
    assert_eq!(digests.len(), 1);
    let digest = digests[0];
    assert_eq!(digest.sent_at.map(Timestamp::local), Some(datetime!(2026-07-27 07:31 +7)), "on Monday");
    assert_eq!(digest.letter.subject(), "2 tài khoản sắp bị khóa");
    let body = digest.letter.body().replace('\n', " ");
    assert!(body.contains("2 tài khoản của Sở Khoa học và Công nghệ đến hạn đổi mật khẩu"), "{body}");
    assert!(
        body.contains("an@danang.example: hết thứ Sáu, 31/07/2026") && !body.contains("ngoai@"),
        "{body}"
    );
    assert!(of(&house, "an").await.iter().all(|l| l.letter.kind() == LetterKind::PasswordAge));
    assert!(!sink.recipients().is_empty());
}

#[tokio::test]
async fn a_digest_tells_how_many_mailboxes_are_to_be_looked_at() {
    let (house, _sink) = house().await;
    house.add("quantri", &[Ad]);
    house.add_with("an", &[Ad], |seen| {
        let out = Forward::new("smtp:an@elsewhere.example", true, ForwardSource::Administrator);
        seen.watched.forwards = vec![out.expect("an address")];
        seen.watched.quota = Some(Cap::Kib(1_024));
    });
    house.sync().await;
    grant(&house, "quantri", Some("so-khcn")).await;
    six_months_for_administrators(&house).await;
    mornings(&house, time::macros::date!(2026 - 07 - 27), 1).await;
    let all = of(&house, "quantri").await;
    let digest = all.iter().find(|l| l.letter.kind() == LetterKind::AgencyDigest).expect("a digest");
    let body = digest.letter.body();
    assert!(body.contains("- Chuyển thư tự động ra ngoài: 1\n- Dung lượng khác 2 GB: 1"), "{body}");
    assert!(!body.contains("elsewhere"), "{body}");
}

#[tokio::test]
async fn an_account_that_nobody_uses_is_written_about_before_its_lock_and_one_that_is_used_again_is_not() {
    let (house, _sink) = house().await;
    for local in ["vang", "den"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    let book = house.app.book();
    let mut stages = book.stages.clone();
    stages.set(Rule::Inactivity, None, Step::ALWAYS);
    let to = (book.settings.clone(), stages);
    policy::change(&house.app, &By::CommandLine, book.version, to, "thử").await.expect("changed");
    deadlines::keep(&house.app).await.expect("computed anew");
    // Unused since 2 March: 45 days end on Thursday 16 April.
    mornings(&house, time::macros::date!(2026 - 04 - 01), 8).await;
    house.browser().sign_in("den", PASSWORD).await;
    mornings(&house, time::macros::date!(2026 - 04 - 09), 8).await;
    let letters = of(&house, "vang").await;
    let days = [
        datetime!(2026-04-02 07:31 +7),
        datetime!(2026-04-09 07:31 +7),
        datetime!(2026-04-13 07:31 +7),
        datetime!(2026-04-15 07:31 +7),
        datetime!(2026-04-16 07:31 +7),
    ];
    assert_eq!(days_of(&letters), days);
    assert!(letters.iter().all(|l| l.letter.kind() == LetterKind::Inactive));
    let first = letters.last().expect("a letter").letter.body().replace('\n', " ");
    assert!(first.contains("lần cuối ngày 02/03/2026"), "{first}");
    assert!(first.contains("thứ Năm, 16/04/2026"), "{first}");
    assert_eq!(days_of(&of(&house, "den").await), days[..1]);
    house.set_time(datetime!(2026-04-17 09:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(house.account("vang").await.state().name(), StateName::Locked);
    assert_eq!(house.account("den").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn a_held_run_is_told_to_the_administrators_of_the_city_once() {
    let (house, _sink) = house().await;
    for local in ["quantri", "coquan", "an"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    grant(&house, "quantri", None).await;
    grant(&house, "coquan", Some("so-khcn")).await;
    for _ in 0..2 {
        letters::tell_run_held(&house.app, "run-1", 1_234).await.expect("told");
    }
    let told = of(&house, "quantri").await;
    assert_eq!(told.len(), 1);
    assert!(told[0].letter.subject().contains("1.234 tài khoản"), "{}", told[0].letter.subject());
    assert!(of(&house, "coquan").await.is_empty() && of(&house, "an").await.is_empty());
}

#[tokio::test]
async fn the_preview_counts_and_names_who_is_written_to_today_within_reach() {
    let (house, _sink) = house().await;
    for n in 10..35 {
        house.add(&format!("nguoi{n}"), &[Ad]);
    }
    house.add_with("ngoai", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.add("quantri", &[Ad]);
    house.sync().await;
    grant(&house, "quantri", Some("so-khcn")).await;
    six_months_for_administrators(&house).await;
    house.set_time(datetime!(2026-07-17 07:00 +7));
    let mut browser = console(&house, "quantri").await;
    let page = browser.get("/letters").await;
    page.shows("26 người nhận").shows("và 6 người khác").hides("ngoai@danang.example");
    assert_eq!(page.body.matches("@danang.example</span></li>").count(), 20, "the first twenty by name");
    house.set_time(datetime!(2026-07-17 08:00 +7));
    assert_eq!(letters::write_due(&house.app).await.expect("writes"), 27);
    console(&house, "quantri").await.get("/letters").await.shows("Hôm nay không còn thư nào phải viết");
    house.set_time(datetime!(2026-07-18 08:00 +7));
    console(&house, "quantri").await.get("/letters").await.shows("Hôm nay là ngày nghỉ");
}

#[tokio::test]
async fn a_sample_goes_to_oneself_and_to_nobody_else() {
    let (house, sink) = house().await;
    for local in ["quantri", "an"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    grant(&house, "quantri", None).await;
    let mut browser = console(&house, "quantri").await;
    for kind in LetterKind::SAMPLES {
        let fields = [("kind", kind.code()), ("address", "an@danang.example")];
        let answer = browser.post_from("/letters", "/letters/trial", &fields).await;
        answer.shows("đã nhận thư mẫu");
    }
    assert_eq!(sink.recipients(), vec!["quantri@danang.example"; 4]);
    sink.refuse("quantri", "550 5.1.1 unknown");
    let answer = browser.post_from("/letters", "/letters/trial", &[("kind", "password_age")]).await;
    answer.shows("từ chối: ").shows("5.1.1 unknown");
    let answer = browser.post_from("/letters", "/letters/trial", &[("kind", "run_held")]).await;
    assert_eq!(answer.status, 404, "no such sample");
    let answer = browser.post("/letters/trial", &[("kind", "password_age")]).await;
    assert_eq!(answer.status, 403, "without the token of the page");
}
