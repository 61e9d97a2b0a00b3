//! Incidents and suspicious mail: the form of the staff, the clocks, the desk.

use crate::house::{Answer, Browser, House, PASSWORD};
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{admins, letters};
use danang_sso::storage::audit_search::{self, Search};
use time::Duration;
use time::macros::datetime;

const CONFIG: &str = "[incidents]\nsuspicious_mail_address = \"thurac@danang.example\"\nper_day = 3\n\
                      contacts = [\"Trung tâm DDS <ungcuu@danang.example>\"]\n";

/// `quantri` administers the city, `anninh` keeps its security, `truong` administers the agency of `an`, `khac` another one.
async fn house() -> House {
    let house = House::at(datetime!(2026-03-02 09:00 +7), CONFIG).await;
    for who in ["an", "quantri", "anninh", "truong"] {
        house.add(who, &[Ad]);
    }
    house.add_with("khac", &[Ad], |seen| {
        seen.agency =
            Some(SeenAgency { code: Some("so-tc".to_owned()), name: "Sở Tài chính".to_owned() });
    });
    house.sync().await;
    for (who, agency) in [("quantri", None), ("truong", Some("so-khcn")), ("khac", Some("so-tc"))] {
        let account = house.account(who).await;
        admins::grant(&house.app, &account.profile().address, agency).await.expect("granted");
    }
    let address = house.account("anninh").await.profile().address.clone();
    let wish = Wish { address, role: Role::Security, agency: None, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    house
}

async fn staff(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn desk(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn report(browser: &mut Browser, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("title", "Máy chủ tệp bị mã hóa"),
        ("story", "Mọi tệp đổi đuôi.\nMàn hình đòi tiền."),
        ("occurred", "2026-03-02T07:30"),
        ("detected", "2026-03-02T08:45"),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| name == other));
    fields.extend_from_slice(more);
    browser.post_from("/report", "/report", &fields).await
}

/// The address of the only incident.
async fn place(desk: &mut Browser) -> String {
    let list = desk.get("/incidents").await;
    let rest = list.body.split("href=\"/incidents/").nth(1).expect("an incident is listed");
    format!("/incidents/{}", rest.split('"').next().unwrap_or_default())
}

#[tokio::test]
async fn a_report_is_numbered_told_to_the_administrators_and_runs_eight_hours_from_the_occurrence() {
    let house = house().await;
    let mut an = staff(&house, "an").await;
    report(&mut an, &[]).await.leads_to("/report?sent=SC-2026-0001");
    an.get("/report?sent=SC-2026-0001").await.shows("Đã ghi nhận báo cáo SC-2026-0001");
    for who in ["quantri", "anninh", "truong"] {
        staff(&house, who).await.get("/letters").await.shows("Sự cố SC-2026-0001 vừa được báo");
    }
    staff(&house, "khac").await.get("/letters").await.hides("SC-2026-0001");
    let mut desk = desk(&house, "truong").await;
    let place = place(&mut desk).await;
    let page = desk.get(&place).await;
    page.shows("8 giờ từ lúc xảy ra").shows("Hạn: 15:30 ngày 02/03/2026").shows("Còn 6 giờ 30 phút");
    page.hides("24 giờ từ lúc phát hiện");
    house.pass(Duration::minutes(390));
    desk.get(&place).await.leads_to("/sign-in?expired=1");
    desk.sign_in("truong", PASSWORD).await.leads_to("/");
    desk.get(&place).await.shows("Còn 0 giờ 0 phút");
    house.pass(Duration::minutes(1));
    desk.get(&place).await.shows("Quá hạn 0 giờ 1 phút").shows("is-danger");
}

#[tokio::test]
async fn an_administrator_of_another_agency_sees_nothing_of_it_and_does_nothing_to_it() {
    let house = house().await;
    report(&mut staff(&house, "an").await, &[]).await.leads_to("/report?sent=SC-2026-0001");
    let place = place(&mut desk(&house, "quantri").await).await;
    let mut other = desk(&house, "khac").await;
    other.get("/incidents").await.hides("SC-2026-0001").shows("Không có sự cố nào.");
    assert_eq!(other.get(&place).await.status, 404);
    for act in ["note", "judge", "notice", "hand-on", "close"] {
        let fields = [("words", "x"), ("clock", "city"), ("contact", "0")];
        let answer = other.post_from("/incidents", &format!("{place}/{act}"), &fields).await;
        assert_eq!(answer.status, 403, "{act}");
    }
    desk(&house, "quantri").await.get(&place).await.shows("Đang xử lý");
}

#[tokio::test]
async fn the_administrator_of_the_agency_reads_the_case_and_only_the_city_and_its_security_act_on_it() {
    let house = house().await;
    report(&mut staff(&house, "an").await, &[]).await.leads_to("/report?sent=SC-2026-0001");
    let mut own = desk(&house, "truong").await;
    let place = place(&mut own).await;
    own.get(&place).await.shows("id=\"story\"").hides("id=\"note-form\"").hides("id=\"close-form\"");
    let (note, words) = (format!("{place}/note"), [("words", "Đã gọi cho đơn vị")]);
    assert_eq!(own.post_from("/role", &note, &words).await.status, 403);
    own.get(&place).await.hides("Đã gọi cho đơn vị");
    let mut officer = desk(&house, "anninh").await;
    officer.get(&place).await.shows("id=\"note-form\"");
    officer.post_from(&place, &note, &words).await.leads_to(&format!("{place}?note=done"));
    // Whoever may see the account, and the reporter in their own data, read the audit: the desk's words are not there.
    let search = Search { act: Some(Act::IncidentFollowed), ..Search::default() };
    let lines = audit_search::page(&house.app.db, &search, None, 10).await.expect("reads");
    assert!(!lines.is_empty() && lines.iter().all(|found| found.line.why.is_none()), "{lines:?}");
    own.get(&place).await.shows("Đã gọi cho đơn vị");
}

#[tokio::test]
async fn what_it_is_judged_to_be_decides_which_clocks_run() {
    let house = house().await;
    report(&mut staff(&house, "an").await, &[]).await;
    let mut desk = desk(&house, "quantri").await;
    let place = place(&mut desk).await;
    let all = [("incident", "1"), ("serious", "1"), ("personal", "1"), ("words", "Lộ danh sách cán bộ")];
    desk.post_from(&place, &format!("{place}/judge"), &all).await;
    let page = desk.get(&place).await;
    page.shows("Hạn: 15:30 ngày 02/03/2026").shows("Hạn: 08:45 ngày 03/03/2026");
    page.shows("Hạn: 08:45 ngày 05/03/2026")
        .shows("cơ quan bảo vệ dữ liệu cá nhân")
        .shows("Lộ danh sách cán bộ");
    desk.post_from(&place, &format!("{place}/judge"), &[("words", "Báo nhầm")]).await;
    desk.get(&place).await.shows("Chưa có thời hạn nào chạy");
}

#[tokio::test]
async fn whoever_judges_or_closes_what_somebody_else_changed_meanwhile_looks_again_and_types_nothing_twice() {
    let house = house().await;
    report(&mut staff(&house, "an").await, &[]).await;
    let (mut one, mut other) = (desk(&house, "quantri").await, desk(&house, "anninh").await);
    let place = place(&mut one).await;
    let seen = one.get(&place).await.hidden("version").expect("a version");
    let mine = [("incident", "1"), ("serious", "1"), ("words", "Mất kết nối 8 giờ"), ("version", &seen)];
    other.post_from(&place, &format!("{place}/judge"), &[("words", "Báo nhầm")]).await;
    let answer = one.post_from(&place, &format!("{place}/judge"), &mine).await;
    assert_eq!(answer.status, 409);
    answer.shows("Mất kết nối 8 giờ").shows("Chưa có thời hạn nào chạy");
    let close = [("words", "Xong rồi."), ("version", &seen)];
    let answer = one.post_from(&place, &format!("{place}/close"), &close).await;
    assert_eq!(answer.status, 409);
    answer.shows("Xong rồi.").shows("Đang xử lý");
    one.post_from(&place, &format!("{place}/judge"), &mine[..3])
        .await
        .leads_to(&format!("{place}?note=done"));
}

#[tokio::test]
async fn a_case_closes_with_a_report_once_no_notice_is_owed() {
    let house = house().await;
    let mut an = staff(&house, "an").await;
    report(&mut an, &[]).await;
    let mut desk = desk(&house, "quantri").await;
    let place = place(&mut desk).await;
    let close = format!("{place}/close");
    let answer = desk.post_from(&place, &close, &[("words", "Đã khôi phục từ bản sao lưu.")]).await;
    assert_eq!(answer.status, 409);
    answer.shows("Còn thời hạn chưa ghi nhận đã báo");
    let told = [("clock", "city"), ("words", "Công văn 12/BC, gửi DDS")];
    desk.post_from(&place, &format!("{place}/notice"), &told).await.leads_to(&format!("{place}?note=done"));
    desk.get(&place).await.shows("Đã báo lúc 09:00 ngày 02/03/2026");
    let again = desk.post_from(&place, &format!("{place}/notice"), &told).await;
    assert_eq!(again.status, 409, "a clock stops once");
    let answer = desk.post_from(&place, &close, &[("words", "  ")]).await;
    assert_eq!(answer.status, 422);
    desk.post_from(&place, &close, &[("words", "Đã khôi phục từ bản sao lưu.")]).await;
    desk.get("/incidents").await.shows("Không có sự cố nào.");
    desk.get("/incidents?state=closed").await.shows("SC-2026-0001");
    an.get("/report").await.shows("Kết quả: Đã khôi phục từ bản sao lưu.").shows("Đã đóng");
    let late = desk.post_from("/incidents", &format!("{place}/note"), &[("words", "x")]).await;
    assert_eq!(late.status, 409, "a closed case stays as it is");
}

#[tokio::test]
async fn an_incident_is_handed_on_to_a_configured_contact_by_letter_without_links() {
    let house = house().await;
    let story = [("story", "Bấm vào http://evil.example/x rồi máy treo.")];
    report(&mut staff(&house, "an").await, &story).await;
    let mut desk = desk(&house, "quantri").await;
    let place = place(&mut desk).await;
    desk.get(&place).await.shows("Trung tâm DDS (ungcuu@danang.example)");
    // By who it is, not by its place in the list: that may be another one's by the time of the click.
    for other in ["0", "ungcuu@danang.example", "Trung tâm khác <khac@danang.example>"] {
        let gone = desk.post_from(&place, &format!("{place}/hand-on"), &[("contact", other)]).await;
        assert_eq!(gone.status, 409, "{other}");
        gone.shows("chưa gửi gì");
    }
    let contact = [("contact", "Trung tâm DDS <ungcuu@danang.example>")];
    desk.post_from(&place, &format!("{place}/hand-on"), &contact)
        .await
        .leads_to(&format!("{place}?note=done"));
    desk.get(&place).await.shows("Đã chuyển tiếp").shows("ungcuu@danang.example&#62;");
    let page = staff(&house, "quantri").await.get("/letters").await;
    page.shows("Chuyển tiếp sự cố SC-2026-0001").shows("Gửi đến ungcuu@danang.example");
    page.shows("Bấm vào evil example x rồi máy treo.").hides("http://evil");
    letters::send_due(&house.app).await.expect("without a relay nothing is sent");
}

#[tokio::test]
async fn a_suspicious_mail_is_an_incident_only_if_it_was_opened() {
    let house = house().await;
    let mut an = staff(&house, "an").await;
    an.get("/report?kind=suspicious_mail").await.shows("thurac@danang.example");
    report(&mut an, &[("kind", "suspicious_mail"), ("title", "Nâng cấp hộp thư")]).await;
    let mut desk = desk(&house, "quantri").await;
    let first = place(&mut desk).await;
    desk.get(&first).await.shows("Chưa có thời hạn nào chạy");
    house.pass(Duration::minutes(1));
    let opened = [("kind", "suspicious_mail"), ("title", "Nâng cấp hộp thư"), ("opened", "1")];
    report(&mut an, &opened).await.leads_to("/report?sent=SC-2026-0002&opened=1");
    an.get("/report?sent=SC-2026-0002&opened=1").await.shows("hãy đổi mật khẩu ngay");
    let second = place(&mut desk).await;
    desk.get(&second).await.shows("8 giờ từ lúc xảy ra");
}

#[tokio::test]
async fn a_report_that_cannot_be_keeps_what_was_typed_and_says_what_is_missing() {
    let house = house().await;
    let mut an = staff(&house, "an").await;
    for (wrong, said) in [
        (("title", " "), "Hãy ghi một câu"),
        (("story", ""), "Hãy kể lại cụ thể."),
        (("occurred", "2026-03-02T08:46"), "Thời điểm chưa đúng"),
        (("detected", "2026-03-02T09:05"), "Thời điểm chưa đúng"),
        (("occurred", "hôm qua"), "Chưa đọc được thời điểm"),
    ] {
        let answer = report(&mut an, &[wrong, ("done", "Đã rút dây mạng <i>")]).await;
        assert_eq!(answer.status, 422, "{wrong:?}");
        answer.shows(said).shows("Đã rút dây mạng &#60;i&#62;");
    }
    an.get("/report").await.shows("Chưa có báo cáo nào.");
}

#[tokio::test]
async fn the_other_kind_of_report_shows_what_was_typed_and_sends_nothing() {
    let house = house().await;
    let mut an = staff(&house, "an").await;
    an.get("/report")
        .await
        .shows("name=\"occurred\" value=\"02/03/2026 09:00\"")
        .hides("datetime-local")
        .shows("formnovalidate")
        .shows("value=\"suspicious_mail\" id=\"kind-mail\"");
    let typed = [
        ("kind", "incident"),
        ("show", "suspicious_mail"),
        ("title", "Thư <lạ>"),
        ("story", ""),
        ("done", "Đã rút dây mạng"),
        ("personal", "1"),
    ];
    let other = report(&mut an, &typed).await;
    assert_eq!(other.status, 200);
    other.shows("name=\"kind\" value=\"suspicious_mail\"").shows("thurac@danang.example");
    other.shows("value=\"Thư &#60;lạ&#62;\"").shows("Đã rút dây mạng").shows("value=\"2026-03-02T07:30\"");
    other.shows("id=\"personal\" value=\"1\" checked").hides("Hãy kể lại cụ thể.");
    // What only a mail has comes back with it, and is no part of the other report.
    let there = [("kind", "suspicious_mail"), ("show", "incident"), ("opened", "1")];
    report(&mut an, &there).await.shows("<input type=\"hidden\" name=\"opened\" value=\"1\">");
    an.get("/report").await.shows("Chưa có báo cáo nào.");
    report(&mut an, &[("opened", "1")]).await.leads_to("/report?sent=SC-2026-0001");
}

#[tokio::test]
async fn a_moment_is_taken_as_people_write_it_where_the_browser_has_no_field_for_it() {
    let house = house().await;
    let mut an = staff(&house, "an").await;
    let typed = [("occurred", "02/03/2026 07:30"), ("detected", "08:45 02/03/2026")];
    report(&mut an, &typed).await.leads_to("/report?sent=SC-2026-0001");
    let mut desk = desk(&house, "truong").await;
    let place = place(&mut desk).await;
    desk.get(&place).await.shows("Hạn: 15:30 ngày 02/03/2026");
}

#[tokio::test]
async fn one_account_sends_so_many_reports_a_day_and_not_more() {
    let house = house().await;
    let mut an = staff(&house, "an").await;
    for _ in 0..3 {
        assert!(report(&mut an, &[]).await.status.is_redirection());
    }
    let answer = report(&mut an, &[]).await;
    assert_eq!(answer.status, 422);
    answer.shows("đã gửi quá nhiều báo cáo");
    house.pass(Duration::hours(24) + Duration::minutes(1));
    let mut an = staff(&house, "an").await;
    assert!(report(&mut an, &[]).await.status.is_redirection(), "the next day");
}
