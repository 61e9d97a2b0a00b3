//! The audit: searched within reach, taken out as a file, moved into an archive, sent to a syslog server; and each look
//! at it is recorded.

use crate::house::{Browser, House, PASSWORD};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::{Act, Actor, Entry};
use danang_sso::domain::audit_record::Record;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::audit_archive::{Broken, Whole};
use danang_sso::services::{admins, audit_archive, audit_stream};
use danang_sso::storage::audit_search::{self, Search};
use danang_sso::storage::{audit, audit_archive as stored};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::Duration as Wait;
use time::Duration;
use time::macros::datetime;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

async fn fill(house: &House) {
    house.add("quantri", &[Ad]);
    for (local, code, name) in [("quantrinv", "so-nv", "Sở Nội vụ"), ("binh", "so-tc", "Sở Tài chính")]
    {
        house.add_with(local, &[Ad], |seen| {
            seen.agency = Some(SeenAgency { code: Some(code.to_owned()), name: name.to_owned() });
        });
    }
    house.add("an", &[Ad, Obm]);
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
}

async fn house() -> House {
    let house = House::build().await;
    fill(&house).await;
    house
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn lines(house: &House, act: Act) -> Vec<Record> {
    let search = Search { act: Some(act), ..Search::default() };
    let found = audit_search::page(&house.app.db, &search, None, 100).await.expect("reads");
    found.into_iter().map(|found| found.record).collect()
}

/// Somebody within reach, as a line names them.
async fn named(house: &House, local: &str) -> String {
    let account = house.account(local).await;
    format!("<a href=\"/accounts/{}\">{}</a>", account.id(), account.profile().display_name)
}

#[tokio::test]
async fn it_is_searched_by_whom_by_actor_by_act_by_day_and_by_address() {
    let house = house().await;
    house.browser().sign_in("an", PASSWORD).await;
    house.browser().sign_in("binh", "wrong").await;
    house.pass(Duration::days(1));
    let mut admin = administrator(&house, "quantri").await;
    let page = format!("/accounts/{}", house.account("an").await.id());
    admin.post_from(&page, &format!("{page}/lock"), &[("reason", "Theo công văn 12/CV")]).await;
    let yesterday = house.app.now().local() - Duration::days(1);
    let locked = format!("Quản trị viên {} khóa tài khoản.", named(&house, "quantri").await);
    let signed_in = format!("{} đăng nhập.", named(&house, "an").await);
    let (locked, signed_in, refused) = (locked.as_str(), signed_in.as_str(), "binh@danang.example");
    admin.get("/audit").await.shows(locked).shows(signed_in).shows(refused).shows("Theo công văn 12/CV");
    admin.get("/audit?q=an").await.shows(locked).shows(signed_in).hides(refused);
    admin.get("/audit?q=an%40danang.example&act=locked").await.shows(locked).hides(signed_in);
    admin.get("/audit?actor=quantri&act=locked").await.shows(locked);
    admin.get("/audit?actor=binh&act=locked").await.hides(locked).shows("Không có dòng nào khớp");
    admin.get(&format!("/audit?q=an&to={}", yesterday.date())).await.shows(signed_in).hides(locked);
    // As people type it: the day before the month, in any browser.
    let typed = admin.get("/audit?q=an&from=3/3/2026").await;
    typed.hides(signed_in).shows(locked).shows("value=\"03/03/2026\"").hides("type=\"date\"");
    admin.get("/audit?from=31/02/2026").await.shows("“31/02/2026” không phải là ngày");
    admin.get("/audit?source=203.0.113.9").await.shows("Không có dòng nào khớp");
    let newest = lines(&house, Act::AuditRead).await;
    assert_eq!(newest.len(), 10, "each look is recorded, and that of the page with the form");
    assert_eq!(newest[0].after.as_deref(), Some("source=203.0.113.9"));
    assert_eq!((newest[0].actor.as_str(), newest[0].subject.as_str()), ("quantri@danang.example", "audit"));
    let looks = admin.get("/audit?act=audit_read").await;
    looks.shows("Điều kiện: địa chỉ mạng 203.0.113.9").hides("<code>audit</code>").hides("source=203");
    let entered = admin.get("/audit?act=signed_in").await;
    entered.shows("Chi tiết: Cổng cán bộ").shows("Chi tiết: Bảng điều hành").hides("<code>staff</code>");
}

#[tokio::test]
async fn readings_of_the_audit_are_shown_to_whoever_asks_for_them() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    house.browser().sign_in("an", PASSWORD).await;
    // More of them than a page has lines.
    for _ in 0..60 {
        admin.get("/audit?q=binh").await;
    }
    let (read, entered) = ("tra cứu nhật ký.</p>", format!("{} đăng nhập.", named(&house, "an").await));
    admin.get("/audit").await.hides(read).shows(&entered).hides("<details id=\"further\" open>");
    let all = admin.get("/audit?readings=1").await;
    all.shows(read).hides(&entered).shows("name=\"readings\" value=\"1\" checked");
    all.shows("readings=1&#38;below=").shows("<details id=\"further\" open>");
    admin.get("/audit?act=audit_read").await.shows(read).shows("Điều kiện: tìm “binh”");
    // A file leaves nothing out.
    admin.get("/audit.jsonl?actor=quantri").await.shows("\"act\":\"audit_read\"");
}

#[tokio::test]
async fn where_there_are_only_readings_the_older_lines_are_led_to() {
    let house = house().await;
    let many = vec![Entry::new(house.app.now(), Actor::Job("test"), Act::AuditRead, "audit"); 2_000];
    let mut tx = house.app.db.begin().await.expect("begins");
    audit::append(&mut tx, &many).await.expect("appended");
    tx.commit().await.expect("commits");
    let mut admin = administrator(&house, "quantri").await;
    let page = admin.get("/audit?actor=test").await;
    page.shows("Phần này chỉ có các lần xem nhật ký").shows("id=\"older\"").hides("id=\"lines\"");
}

#[tokio::test]
async fn a_day_is_a_heading_and_whoever_acts_on_the_own_account_is_named_once() {
    let house = house().await;
    house.browser().sign_in("an", PASSWORD).await;
    let mut admin = administrator(&house, "quantri").await;
    let page = admin.get("/audit?q=an&act=signed_in").await;
    page.shows("<h2>thứ Hai, 02/03/2026</h2>").shows("<span class=\"when\">09:00</span>");
    page.hides("Đối tượng:").shows("an@danang.example · Dòng ");
    let account = format!("/accounts/{}", house.account("an").await.id());
    admin.post_from(&account, &format!("{account}/lock"), &[("reason", "Thử")]).await;
    let concerned = format!("Đối tượng: {} · an@danang.example", named(&house, "an").await);
    admin.get("/audit?act=locked").await.shows(&concerned);
}

#[tokio::test]
async fn a_look_at_a_timeline_or_at_the_month_of_an_agency_is_recorded_beside_the_account() {
    let house = house().await;
    let an = house.account("an").await;
    let (account, agency) = (an.id(), an.profile().agency_id.expect("an agency"));
    let mut admin = administrator(&house, "quantri").await;
    admin.get(&format!("/accounts/{account}/timeline")).await.hides("tra cứu nhật ký");
    admin.get(&format!("/agencies/{agency}?month=2026-02")).await;
    let looks = lines(&house, Act::AuditRead).await;
    let what: Vec<_> = looks.iter().map(|line| line.after.as_deref().unwrap_or_default()).collect();
    assert_eq!(what, ["agency=so-khcn month=2026-02", "account=an@danang.example"], "the newest first");
    assert!(looks.iter().all(|line| line.actor == "quantri@danang.example"));
    admin.get(&format!("/accounts/{account}/timeline")).await.hides("tra cứu nhật ký");
    let mut branch = administrator(&house, "quantrinv").await;
    branch.get(&format!("/accounts/{account}/timeline")).await;
    assert_eq!(lines(&house, Act::AuditRead).await.len(), 3, "nothing was read beyond reach");
}

#[tokio::test]
async fn the_lines_on_the_page_of_an_account_count_as_read_once_a_day() {
    let house = house().await;
    let page = async |who: &str| format!("/accounts/{}", house.account(who).await.id());
    let (an, binh) = (page("an").await, page("binh").await);
    let mut admin = administrator(&house, "quantri").await;
    admin.get(&an).await.hides("tra cứu nhật ký");
    admin.get(&an).await.hides("tra cứu nhật ký");
    admin.get(&binh).await;
    let looks = lines(&house, Act::AuditRead).await;
    let what: Vec<_> = looks.iter().map(|line| line.after.as_deref().unwrap_or_default()).collect();
    assert_eq!(what, ["account=binh@danang.example newest", "account=an@danang.example newest"]);
    assert!(looks.iter().all(|line| line.actor == "quantri@danang.example" && line.account_id.is_none()));
    administrator(&house, "quantrinv").await.get(&an).await;
    assert_eq!(lines(&house, Act::AuditRead).await.len(), 2, "nothing was read beyond reach");
    house.pass(Duration::days(1));
    administrator(&house, "quantri").await.get(&an).await;
    assert_eq!(lines(&house, Act::AuditRead).await.len(), 3, "another day");
}

#[tokio::test]
async fn an_hour_is_narrowed_to_and_the_next_one_is_not() {
    let house = house().await;
    house.browser().sign_in("an", PASSWORD).await;
    house.pass(Duration::hours(1));
    house.browser().sign_in("binh", PASSWORD).await;
    let mut admin = administrator(&house, "quantri").await;
    let (first, second) = (named(&house, "an").await, named(&house, "binh").await);
    let (first, second) = (first.as_str(), second.as_str());
    let page = admin.get("/audit?act=signed_in&hour=2026-03-02T09%3A00").await;
    page.shows(first).hides(second).shows("Chỉ trong một giờ kể từ 09:00 ngày 02/03/2026.");
    page.shows("name=\"hour\" value=\"2026-03-02T09:00\"");
    admin.get("/audit?act=signed_in&hour=2026-03-02T10%3A00").await.hides(first).shows(second);
    admin.get("/audit?act=signed_in&hour=2026-03-02T10%3A00&to=2026-03-01").await.shows("Không có dòng nào");
    admin.get("/audit?act=signed_in&hour=mai").await.shows(first).shows(second).hides("name=\"hour\"");
}

#[tokio::test]
async fn older_lines_follow_page_by_page_without_a_gap() {
    let house = house().await;
    for _ in 0..60 {
        house.browser().sign_in("binh", PASSWORD).await;
    }
    let mut admin = administrator(&house, "quantri").await;
    let number = |text: &str| -> Vec<i64> {
        let numbers = text.split("Dòng ").skip(1);
        numbers.map(|rest| rest.split('<').next().unwrap_or_default().parse().expect("a number")).collect()
    };
    let first = admin.get("/audit?q=binh").await;
    let shown = number(&first.body);
    assert_eq!(shown.len(), 50);
    let older = format!("/audit?q=binh&#38;below={}", shown[49]);
    let second = admin
        .get(
            &first
                .shows(&older)
                .body
                .split("href=\"/audit?q=binh&#38;below=")
                .nth(1)
                .map_or_else(String::new, |rest| {
                    format!("/audit?q=binh&below={}", rest.split('"').next().unwrap_or_default())
                }),
        )
        .await;
    let rest = number(&second.body);
    assert!(rest.len() >= 10 && rest[0] < shown[49], "{rest:?}");
    let mut all = [shown, rest].concat();
    let search = Search { account: Some(house.account("binh").await.id()), ..Search::default() };
    let every = audit_search::page(&house.app.db, &search, None, 1_000).await.expect("reads");
    assert_eq!(all, every.iter().map(|found| found.record.seq).collect::<Vec<_>>());
    all.dedup();
    assert_eq!(all.len(), every.len());
}

#[tokio::test]
async fn an_agency_s_administrator_finds_only_lines_about_the_own_branch() {
    let house = house().await;
    house.browser().sign_in("binh", PASSWORD).await;
    house.browser().sign_in("quantrinv", PASSWORD).await;
    let mut branch = administrator(&house, "quantrinv").await;
    let own = format!("{} đăng nhập.", named(&house, "quantrinv").await);
    branch.get("/audit").await.shows(&own).hides("binh@danang.example").hides("BINH");
    branch.get("/audit?q=binh").await.shows("Không có dòng nào khớp");
    for file in ["/audit.csv?q=binh", "/audit.jsonl?actor=binh"] {
        branch.get(file).await.hides("binh@danang.example");
    }
    let export = branch.get("/audit.jsonl").await;
    let own = house.account("quantrinv").await.profile().agency_id.expect("an agency").to_string();
    let agencies: Vec<Value> =
        export.body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(!agencies.is_empty());
    assert!(agencies.iter().all(|line| line["agency_id"] == own.as_str()), "{}", export.body);
}

#[tokio::test]
async fn an_agency_and_an_act_are_searched_together() {
    let house = house().await;
    house.browser().sign_in("binh", PASSWORD).await;
    house.browser().sign_in("binh", "wrong").await;
    house.browser().sign_in("an", PASSWORD).await;
    let of = |account: danang_sso::domain::account::Account| account.profile().agency_id.expect("an agency");
    let (tc, khcn) = (of(house.account("binh").await), of(house.account("an").await));
    let mut admin = administrator(&house, "quantri").await;
    let (entered, other) = (named(&house, "binh").await, named(&house, "an").await);
    let (entered, other) = (entered.as_str(), other.as_str());
    admin.get(&format!("/audit?agency={tc}&act=signed_in")).await.shows(entered).hides(other);
    admin.get(&format!("/audit?agency={khcn}&act=signed_in")).await.shows(other).hides(entered);
    admin.get(&format!("/audit?agency={tc}&act=locked")).await.shows("Không có dòng nào khớp");
    let file = admin.get(&format!("/audit.jsonl?agency={tc}&act=sign_in_refused")).await;
    let records: Vec<_> = file.body.lines().map(|line| Record::from_json(line).expect("a line")).collect();
    assert_eq!(records.iter().map(|r| r.act.as_str()).collect::<Vec<_>>(), ["sign_in_refused"]);
    let mut branch = administrator(&house, "quantrinv").await;
    let foreign = branch.get(&format!("/audit?agency={tc}&act=signed_in")).await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn a_file_holds_every_line_that_matches_and_is_recorded_before_it_leaves() {
    let house = house().await;
    for _ in 0..55 {
        house.browser().sign_in("an", PASSWORD).await;
    }
    let mut admin = administrator(&house, "quantri").await;
    let file = admin.get("/audit.jsonl?act=signed_in&actor=an").await;
    let records: Vec<_> = file.body.lines().map(|line| Record::from_json(line).expect("a line")).collect();
    assert_eq!(records.len(), 55);
    assert!(records.windows(2).all(|two| two[0].seq > two[1].seq), "the newest first");
    let table = admin.get("/audit.csv?act=signed_in&actor=an").await;
    assert_eq!(table.body.lines().count(), 56, "with a head");
    table.shows("\"signed_in\"").shows(&records[0].hash);
    let exported = lines(&house, Act::AuditExported).await;
    assert_eq!(exported[0].after.as_deref(), Some("csv actor=an act=signed_in"));
    assert_eq!(exported[1].after.as_deref(), Some("jsonl actor=an act=signed_in"));
}

#[tokio::test]
async fn hostile_names_are_text_in_the_audit() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let page = format!("/accounts/{}", house.account("an").await.id());
    let hostile = "<script>alert(1)</script>";
    admin.post_from(&page, &format!("{page}/lock"), &[("reason", hostile)]).await;
    let asked = admin.get("/audit?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    asked.hides(hostile).shows("&#60;script&#62;");
    admin.get("/audit?act=locked").await.hides(hostile).shows("&#60;script&#62;");
}

/// A house in which a year and two months pass.
async fn with_an_archive() -> (House, std::path::PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.keep().join("kho");
    let more = format!("[audit]\narchive = \"{}\"\n", folder.display());
    let house = House::at(datetime!(2026-03-02 09:00 +7), &more).await;
    fill(&house).await;
    house.browser().sign_in("an", PASSWORD).await;
    (house, folder)
}

#[tokio::test]
async fn old_lines_move_into_the_archive_and_the_chain_stays_whole() {
    let (house, folder) = with_an_archive().await;
    let before = stored::newest(&house.app.db).await.expect("reads");
    house.set_time(datetime!(2027-03-31 09:00 +7));
    assert_eq!(audit_archive::archive_due(&house.app).await.expect("runs"), 0, "twelve whole months stay");
    house.set_time(datetime!(2027-04-01 09:00 +7));
    house.browser().sign_in("binh", PASSWORD).await;
    let moved = audit_archive::archive_due(&house.app).await.expect("runs");
    assert_eq!(moved, u64::try_from(before).expect("a number"), "everything of March 2026");
    assert_eq!(audit_archive::archive_due(&house.app).await.expect("runs"), 0, "once");
    let on_line = audit_search::page(&house.app.db, &Search::default(), None, 1_000).await.expect("reads");
    assert!(!on_line.is_empty() && on_line.iter().all(|found| found.record.seq > before));
    let newest = stored::newest(&house.app.db).await.expect("reads");
    assert_eq!(audit::verify(&house.app.db).await.expect("reads"), Ok(newest));
    let whole = audit_archive::verify(&house.app.db, &folder).await.expect("reads");
    assert_eq!(whole.expect("whole"), before);
    let told = lines(&house, Act::AuditArchived).await;
    let name = format!("audit-{:012}-{before:012}.jsonl", 1);
    assert_eq!(told[0].subject, name);
    let file = folder.join(name);
    let text = fs::read_to_string(&file).expect("the file");
    for (what, forged) in [
        ("a changed line", text.replacen("an@danang.example", "binh@danang.example", 1)),
        ("a missing line", text.split_once('\n').map(|(_, rest)| rest.to_owned()).expect("lines")),
        ("a missing end", text.lines().take(3).fold(String::new(), |all, line| all + line + "\n")),
        ("no line of ours", format!("{{}}\n{text}")),
    ] {
        fs::write(&file, forged).expect("writes");
        let verdict = audit_archive::verify(&house.app.db, &folder).await.expect("reads");
        assert!(verdict.is_err(), "{what} is found");
    }
}

#[tokio::test]
async fn lines_that_were_removed_from_the_beginning_are_missed() {
    let house = house().await;
    let db = &house.app.db;
    let whole = async |folder: Option<&Path>, without| {
        audit_archive::whole(db, folder, without).await.expect("reads")
    };
    assert!(matches!(whole(None, false).await, Ok(Whole::Nothing)));
    let third = stored::after(db, 2, 4, 1).await.expect("reads").remove(0);
    let mut tx = db.begin().await.expect("begins");
    let forged = stored::Anchor { seq: 3, hash: bytes(&third.hash) };
    assert_eq!(stored::cut(&mut tx, &forged, house.app.now()).await.expect("writes"), 3);
    tx.commit().await.expect("commits");
    let newest = stored::newest(db).await.expect("reads");
    assert_eq!(
        audit::verify(db).await.expect("reads"),
        Ok(newest),
        "the rest follows from the forged beginning"
    );
    assert!(matches!(whole(None, false).await, Err(Broken::NotLookedAt(3))));
    assert!(matches!(whole(None, true).await, Err(Broken::Unrecorded(_))));
    // The lines are there, and nobody tells that they went.
    let folder = house.folder().join("kho");
    fs::create_dir(&folder).expect("made");
    assert!(matches!(whole(Some(&folder), false).await, Err(Broken::Gap { .. })));
}

#[tokio::test]
async fn a_file_of_which_no_line_tells_is_no_archive() {
    let (house, folder) = with_an_archive().await;
    let db = &house.app.db;
    let newest = stored::newest(db).await.expect("reads");
    let records = stored::after(db, 0, i64::MAX, 1_000).await.expect("reads");
    let last = records.last().expect("lines");
    let mut tx = db.begin().await.expect("begins");
    let end = stored::Anchor { seq: newest, hash: bytes(&last.hash) };
    stored::cut(&mut tx, &end, house.app.now()).await.expect("writes");
    tx.commit().await.expect("commits");
    fs::create_dir(&folder).expect("made");
    let text = records.iter().fold(String::new(), |all, record| all + &record.json() + "\n");
    let name = format!("audit-{:012}-{newest:012}.jsonl", 1);
    fs::write(folder.join(&name), &text).expect("writes");
    let verdict = audit_archive::verify(db, &folder).await.expect("reads");
    assert!(matches!(verdict, Err(Broken::Unrecorded(file)) if file == name));
}

#[tokio::test]
async fn an_archive_is_looked_at_unless_somebody_says_that_it_is_not() {
    let (house, folder) = with_an_archive().await;
    house.set_time(datetime!(2027-04-01 09:00 +7));
    let before = stored::newest(&house.app.db).await.expect("reads");
    audit_archive::archive_due(&house.app).await.expect("runs");
    house.browser().sign_in("an", PASSWORD).await;
    // The line that told of the first file moves into the second one.
    house.set_time(datetime!(2028-06-01 09:00 +7));
    audit_archive::archive_due(&house.app).await.expect("runs");
    let anchor = stored::anchor(&house.app.db).await.expect("reads").seq;
    assert!(anchor > before, "two files");
    let db = &house.app.db;
    let whole = async |folder: Option<&Path>, without| {
        audit_archive::whole(db, folder, without).await.expect("reads")
    };
    assert_eq!(whole(Some(&folder), false).await.expect("whole"), Whole::Lines(anchor));
    assert_eq!(whole(None, true).await.expect("as said"), Whole::Unseen(anchor));
    assert!(matches!(whole(None, false).await, Err(Broken::NotLookedAt(lines)) if lines == anchor));
}

/// Bytes of hexadecimal digits.
fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).expect("digits"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("digits")).collect()
}

#[tokio::test]
async fn an_archive_that_cannot_be_written_keeps_every_line_in_the_database() {
    let (house, folder) = with_an_archive().await;
    // Where the folder should be there is a file.
    fs::write(&folder, "in the way").expect("writes");
    house.set_time(datetime!(2028-01-01 09:00 +7));
    let before = stored::newest(&house.app.db).await.expect("reads");
    audit_archive::archive_due(&house.app).await.expect_err("the folder cannot be made");
    assert_eq!(audit::verify(&house.app.db).await.expect("reads"), Ok(before));
    assert_eq!(stored::anchor(&house.app.db).await.expect("reads"), stored::Anchor::beginning());
    // A crash between the file and the database: the file is there, the lines are too. The next run mends it.
    fs::remove_file(&folder).expect("removed");
    fs::create_dir(&folder).expect("made");
    fs::write(folder.join(format!("audit-{:012}-{before:012}.jsonl", 1)), "half a").expect("writes");
    let older_try = folder.join("audit-000000000001-000000000002.jsonl");
    fs::write(&older_try, "a run that broke off in another month").expect("writes");
    assert_eq!(
        audit_archive::archive_due(&house.app).await.expect("runs"),
        u64::try_from(before).expect("fits")
    );
    assert_eq!(audit_archive::verify(&house.app.db, &folder).await.expect("reads").expect("whole"), before);
    assert!(!older_try.exists(), "the older try would stand in the way of the chain");
    let mode = |path: &Path| {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).expect("is there").permissions()) & 0o777
    };
    assert_eq!(mode(&folder.join(format!("audit-{:012}-{before:012}.jsonl", 1))), 0o600);
}

#[tokio::test]
async fn lines_that_were_removed_from_the_end_are_missed() {
    let house = house().await;
    let newest = stored::newest(&house.app.db).await.expect("reads");
    assert_eq!(audit::verify(&house.app.db).await.expect("reads"), Ok(newest));
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let removed = sqlx::query("DELETE FROM audit WHERE seq >= $1").bind(newest - 1).execute(&mut db).await;
    assert_eq!(removed.expect("removed").rows_affected(), 2);
    assert_eq!(audit::verify(&house.app.db).await.expect("reads"), Err(newest - 1));
}

#[tokio::test]
async fn what_the_syslog_server_does_not_have_yet_stays_in_the_database() {
    let dir = tempfile::tempdir().expect("a folder");
    let more =
        format!("[audit]\nsyslog = \"127.0.0.1:9\"\narchive = \"{}\"\n", dir.path().join("kho").display());
    let house = House::at(datetime!(2026-03-02 09:00 +7), &more).await;
    fill(&house).await;
    house.set_time(datetime!(2028-01-01 09:00 +7));
    assert_eq!(audit_archive::archive_due(&house.app).await.expect("runs"), 0);
    stored::set_sent(&house.app.db, 3).await.expect("writes");
    assert_eq!(audit_archive::archive_due(&house.app).await.expect("runs"), 3, "what it has, and no more");
}

/// Takes one connection after the other; the text of each.
async fn received(server: &TcpListener, batches: usize) -> String {
    let mut all = String::new();
    for _ in 0..batches {
        let (mut connection, _) = server.accept().await.expect("a connection");
        connection.read_to_string(&mut all).await.expect("text");
    }
    all
}

/// The messages of a stream of octet-counted frames (RFC 6587 §3.4.1).
fn messages(mut text: &str) -> Vec<Record> {
    let mut records = Vec::new();
    while !text.is_empty() {
        let (length, rest) = text.split_once(' ').expect("a length");
        let (message, rest) = rest.split_at(length.parse().expect("a number"));
        let json = message.split_once(" - ").expect("no structured data").1;
        records.push(Record::from_json(json).expect("a record"));
        text = rest;
    }
    records
}

#[tokio::test]
async fn every_line_reaches_the_syslog_server_in_order_and_what_broke_off_comes_again() {
    let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = server.local_addr().expect("an address");
    let more = format!("[audit]\nsyslog = \"{address}\"\n");
    let house = House::at(datetime!(2026-03-02 09:00 +7), &more).await;
    fill(&house).await;
    let newest = stored::newest(&house.app.db).await.expect("reads");
    // The server is gone in the middle of it: nothing counts as sent.
    drop(server);
    audit_stream::send_due(&house.app).await.expect_err("nobody listens");
    assert_eq!(stored::sent(&house.app.db).await.expect("reads"), None);
    let server = TcpListener::bind(address).await.expect("the same port");
    let (sent, text) = tokio::join!(
        audit_stream::send_due(&house.app),
        tokio::time::timeout(Wait::from_secs(20), received(&server, 1))
    );
    assert_eq!(sent.expect("sent"), u64::try_from(newest).expect("fits"));
    let records = messages(&text.expect("in time"));
    assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), (1..=newest).collect::<Vec<_>>());
    assert_eq!(audit_stream::send_due(&house.app).await.expect("nothing to do"), 0);
    house.browser().sign_in("an", PASSWORD).await;
    let (sent, text) = tokio::join!(
        audit_stream::send_due(&house.app),
        tokio::time::timeout(Wait::from_secs(20), received(&server, 1))
    );
    let further = messages(&text.expect("in time"));
    assert_eq!(sent.expect("sent"), u64::try_from(further.len()).expect("fits"));
    assert_eq!(further.first().map(|record| record.seq), Some(newest + 1), "only what is new");
}
