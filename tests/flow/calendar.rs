//! The calendar as data: filled at the first start, kept filled, read anew when another node has changed it; changed by
//! two people, with a preview of what that moves.

mod alone;

use crate::house::{Answer, Browser, House, PASSWORD};
use danang_sso::domain::account::{State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::policy::calendar::{Calendar, DayKind, ListedDay};
use danang_sso::domain::policy::calendar_rules::Notice;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::jobs::{self, EnforceDeadlines, ReadRegulation};
use danang_sso::services::calendar_changes::{By, ChangeRefused, Days, Order, carry_out};
use danang_sso::services::{admins, roles};
use danang_sso::storage::calendar::{self, Entered, Listing};
use danang_sso::storage::{agencies, audit};
use time::macros::{date, datetime};
use time::{Date, Duration};

/// What another node, or its administrator, does: lists a day off.
async fn another_node_lists(house: &House, date: time::Date) {
    let day = ListedDay {
        kind: DayKind::Holiday,
        vi: "Nghỉ đột xuất".to_owned(),
        en: "A day off at short notice".to_owned(),
        confirmed: true,
    };
    let listing = Listing {
        date,
        agency_id: None,
        day,
        notice_number: None,
        notice_date: None,
        entered: Entered {
            by: "quantri@danang.example".to_owned(),
            ..Entered::by_the_house(house.app.now())
        },
        confirmed_by: None,
        strike: None,
    };
    let mut tx = house.app.db.begin().await.expect("begins");
    calendar::count_up(&mut tx).await.expect("counted");
    calendar::put(&mut tx, &listing).await.expect("listed");
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn the_first_start_lists_the_built_in_days_and_three_years_ahead() {
    let house = House::build().await;
    assert_eq!(house.app.calendar_version(), 1);
    let calendars = house.app.calendars();
    let filled = calendars.city();
    let expected = Calendar::built_in().listed().filter(|(date, _)| date.year() <= 2029);
    assert!(filled.listed().eq(expected), "the database has what the house knows");
    let listed = calendar::between(&house.app.db, None, date!(2029 - 01 - 01), date!(2029 - 12 - 31)).await;
    let listed = listed.expect("reads");
    assert!(listed.len() >= 12 && listed.iter().all(|day| !day.day.confirmed && day.entered.by.is_empty()));
}

#[tokio::test]
async fn a_new_year_brings_the_days_of_the_third_year_after_it() {
    let house = House::build().await;
    jobs::run_once(&house.app, &ReadRegulation).await;
    assert_eq!(house.app.calendar_version(), 1, "nothing to do yet");
    house.set_time(datetime!(2027-01-04 09:00 +7));
    jobs::run_once(&house.app, &ReadRegulation).await;
    assert!(!house.app.calendars().city().is_working(date!(2030 - 02 - 04)), "Tết 2030");
    assert_eq!(house.app.calendar_version(), 2);
}

#[tokio::test]
async fn a_day_off_listed_on_another_node_moves_a_running_deadline_later() {
    let house = House::build().await;
    house.add_with_default("moi", &[Obm], house.app.now());
    house.sync().await;
    another_node_lists(&house, date!(2026 - 03 - 04)).await;
    assert!(house.app.calendars().city().is_working(date!(2026 - 03 - 04)), "not read yet");
    jobs::run_once(&house.app, &ReadRegulation).await;
    assert!(!house.app.calendars().city().is_working(date!(2026 - 03 - 04)));
    // Three working days from 2 March ended with the 5th; now they end with the 6th.
    house.set_time(datetime!(2026-03-06 23:59 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(house.account("moi").await.state().name(), StateName::MustChange);
    house.set_time(datetime!(2026-03-09 07:30 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(house.account("moi").await.state().name(), StateName::Locked);
}

#[tokio::test]
async fn a_second_start_overwrites_nothing() {
    let house = House::build().await;
    another_node_lists(&house, date!(2026 - 03 - 04)).await;
    danang_sso::services::calendar::ensure(&house.app).await.expect("a second start");
    assert!(!house.app.calendars().city().is_working(date!(2026 - 03 - 04)));
    assert_eq!(house.app.calendar_version(), 2);
}

/// Two administrators of the city, one of so-khcn, and in each of two agencies somebody with a default password of today:
/// Monday 2 March 2026, so that the term ends with Thursday the 5th.
async fn city() -> House {
    let house = House::build().await;
    for who in ["quantri", "quantrihai", "quantrikhcn"] {
        house.add(who, &[Ad]);
    }
    house.add_with_default("moi", &[Obm], house.app.now());
    let issued = house.app.now();
    house.add_with("binh", &[Obm], |seen| {
        seen.must_change = true;
        seen.password_set_at = Some(issued);
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    for (who, agency) in [("quantri", None), ("quantrihai", None), ("quantrikhcn", Some("so-khcn"))] {
        let address = MailAddress::parse(&format!("{who}@danang.example")).expect("an address");
        admins::grant(&house.app, &address, agency).await.expect("granted");
    }
    house
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn agency(house: &House, code: &str) -> String {
    let every = agencies::every(&house.app.db).await.expect("reads");
    every.iter().find(|agency| agency.code == code).expect("an agency").id.to_string()
}

/// The last day of a person's running term, as the account keeps it.
async fn last_day(house: &House, who: &str) -> Date {
    match *house.account(who).await.state() {
        State::MustChangePassword { deadline, .. } => deadline.minus(Duration::seconds(1)).local_date(),
        other => panic!("{who} has no term of working days: {other:?}"),
    }
}

async fn version(house: &House) -> i64 {
    calendar::version(&house.app.db).await.expect("reads")
}

async fn listed(house: &House, date: Date) -> Option<Listing> {
    calendar::between(&house.app.db, None, date, date).await.expect("reads").pop()
}

/// Sends a form of the year's page and shows the preview.
async fn preview(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    browser.post_from("/calendar?year=2026", "/calendar/preview", fields).await
}

/// Makes the change of a preview, with the number of days typed.
async fn apply(browser: &mut Browser, shown: &Answer, fields: &[(&str, &str)], typed: &str) -> Answer {
    let csrf = shown.hidden("csrf").expect("a token");
    let version = shown.hidden("version").unwrap_or_else(|| panic!("no preview: {}", shown.body));
    let mut all = vec![("csrf", csrf.as_str()), ("version", version.as_str()), ("typed", typed)];
    all.extend_from_slice(fields);
    browser.post("/calendar/changes", &all).await
}

/// Previews a change and makes it.
async fn change(browser: &mut Browser, fields: &[(&str, &str)], count: &str) {
    let shown = preview(browser, fields).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let made = apply(browser, &shown, fields, count).await;
    assert!(
        made.location.as_deref().unwrap_or_default().ends_with("note=done"),
        "{}: {}",
        made.status,
        made.body
    );
}

/// A number of the preview.
fn counts(shown: &Answer, word: &str, number: u64) {
    let line = format!("{word}</span><span class=\"count-number\">{number}</span>");
    shown.shows(&line);
}

const DAY_OFF: &[(&str, &str)] = &[
    ("what", "enter"),
    ("date", "04/03/2026"),
    ("kind", "holiday"),
    ("vi", "Nghỉ đột xuất"),
    ("notice_number", "12/TB-UBND"),
    ("notice_date", "01/03/2026"),
    ("why", "Theo thông báo của thành phố"),
];

const CONFIRM: &[(&str, &str)] = &[
    ("what", "confirm"),
    ("day-2026-03-04", "1"),
    ("notice_number", "12/TB-UBND"),
    ("notice_date", "2026-03-01"),
];

const MARCH_4: Date = date!(2026 - 03 - 04);

#[tokio::test]
async fn one_person_enters_a_day_off_and_a_second_one_confirms_it() {
    let house = city().await;
    let (mut first, mut second) = (signed_in(&house, "quantri").await, signed_in(&house, "quantrihai").await);
    change(&mut first, DAY_OFF, "1").await;
    let entered = listed(&house, MARCH_4).await.expect("it is listed");
    assert_eq!((entered.day.confirmed, entered.entered.by.as_str()), (false, "quantri@danang.example"));
    assert!(
        !house.app.calendars().city().is_working(MARCH_4),
        "undecided counts in the user's favour, at once"
    );
    assert_eq!(last_day(&house, "moi").await, date!(2026 - 03 - 06), "the running deadline was moved");
    first.get("/calendar?year=2026").await.shows("Nghỉ đột xuất").shows("Chưa xác nhận").shows(">L?<");

    let own = preview(&mut first, CONFIRM).await;
    assert_eq!(own.status, 422);
    own.shows("người khác phải xác nhận");
    assert!(!listed(&house, MARCH_4).await.expect("listed").day.confirmed);

    change(&mut second, CONFIRM, "1").await;
    let confirmed = listed(&house, MARCH_4).await.expect("listed");
    assert!(confirmed.day.confirmed);
    assert_eq!(confirmed.confirmed_by.expect("by whom").0, "quantrihai@danang.example");
    assert_eq!(confirmed.notice_date, Some(date!(2026 - 03 - 01)));
    second
        .get("/calendar?year=2026")
        .await
        .shows("12/TB-UBND, ngày 01/03/2026")
        .shows("quantrihai@danang.example");
    assert!(audit::verify(&house.app.db).await.expect("reads").is_ok());
    let again = preview(&mut second, DAY_OFF).await;
    again.shows("đã được xác nhận; hãy đề nghị bỏ ngày này trước");
    assert_eq!(again.status, 422);
}

#[tokio::test]
async fn a_preview_counts_the_deadlines_that_move_and_writes_nothing() {
    let house = city().await;
    let mut browser = signed_in(&house, "quantri").await;
    let before = version(&house).await;
    let shown = preview(&mut browser, DAY_OFF).await;
    counts(&shown, "Thời hạn lùi lại", 2);
    counts(&shown, "Trong đó, lẽ ra bị khóa trong 14 ngày tới", 2);
    counts(&shown, "Không thay đổi", 3);
    counts(&shown, "Sở Nội vụ", 1);
    counts(&shown, "Sở Khoa học và Công nghệ", 1);
    shown.shows("binh@danang.example").shows("thứ Năm, 05/03/2026 → thứ Sáu, 06/03/2026");
    for typed in ["", "2", "một"] {
        let answer = apply(&mut browser, &shown, DAY_OFF, typed).await;
        assert_eq!(answer.status, 422, "{typed:?}");
        answer.shows("không khớp với số ngày thay đổi");
    }
    assert_eq!((version(&house).await, listed(&house, MARCH_4).await), (before, None));
    assert_eq!(last_day(&house, "moi").await, date!(2026 - 03 - 05));
}

#[tokio::test]
async fn a_swap_is_one_form_and_its_saturday_is_worked_only_once_confirmed() {
    let house = city().await;
    let (mut first, mut second) = (signed_in(&house, "quantri").await, signed_in(&house, "quantrihai").await);
    let (off, work) = (date!(2026 - 03 - 05), date!(2026 - 03 - 07));
    let notice = [("notice_number", "3/TB-BNV"), ("notice_date", "20/02/2026")];
    let swap = [
        ("what", "swap"),
        ("off", "05/03/2026"),
        ("work", "07/03/2026"),
        ("why", "Hoán đổi"),
        notice[0],
        notice[1],
    ];
    let shown = preview(&mut first, &swap).await;
    counts(&shown, "Thời hạn lùi lại", 2);
    shown.shows("Nghỉ hoán đổi (làm bù 07/03/2026)").shows("Làm bù cho ngày 05/03/2026");
    change(&mut first, &swap, "2").await;
    assert!(!house.app.calendars().city().is_working(off));
    assert!(!house.app.calendars().city().is_working(work), "not worked until it is confirmed");
    change(&mut second, &[("what", "confirm-all"), ("year", "2026"), notice[0], notice[1]], "4").await;
    assert!(house.app.calendars().city().is_working(work));
    assert_eq!(last_day(&house, "binh").await, date!(2026 - 03 - 06));
    let backwards = [("what", "swap"), ("off", "07/03/2026"), ("work", "05/03/2026"), ("why", "Nhầm")];
    let refused = preview(&mut first, &backwards).await;
    assert_eq!(refused.status, 422);
    refused.shows("ngày nghỉ bù hoặc hoán đổi không rơi vào cuối tuần").shows("ngày làm bù phải là thứ Bảy");
}

#[tokio::test]
async fn a_day_is_struck_by_two_people_and_a_promised_deadline_stays() {
    let house = city().await;
    let (mut first, mut second) = (signed_in(&house, "quantri").await, signed_in(&house, "quantrihai").await);
    change(&mut first, DAY_OFF, "1").await;
    change(&mut second, CONFIRM, "1").await;
    let day = ("date", "2026-03-04");
    change(&mut second, &[("what", "ask-strike"), day, ("why", "Thông báo đã thu hồi")], "1").await;
    assert!(!house.app.calendars().city().is_working(MARCH_4), "only asked: nothing changes");
    let own = preview(&mut second, &[("what", "strike"), day]).await;
    assert_eq!(own.status, 422);
    own.shows("người khác phải thực hiện");

    change(&mut second, &[("what", "keep"), day], "1").await;
    assert_eq!(preview(&mut first, &[("what", "strike"), day]).await.status, 422, "nobody asks any more");

    change(&mut second, &[("what", "ask-strike"), day, ("why", "Thông báo đã thu hồi")], "1").await;
    // One of the two has seen the deadline, the other has not.
    let mut person = house.browser();
    person.sign_in("moi", PASSWORD).await;
    person.get("/password").await.shows("06/03/2026");
    let shown = preview(&mut first, &[("what", "strike"), day]).await;
    shown.shows("Thông báo đã thu hồi");
    counts(&shown, "Sẽ đến sớm hơn, nhưng giữ ngày đã báo", 1);
    counts(&shown, "Thời hạn đến sớm hơn (chưa ai được báo)", 1);
    counts(&shown, "Thời hạn lùi lại", 0);
    change(&mut first, &[("what", "strike"), day], "1").await;
    assert!(house.app.calendars().city().is_working(MARCH_4));
    assert_eq!(last_day(&house, "moi").await, date!(2026 - 03 - 06), "later, never earlier");
}

#[tokio::test]
async fn an_own_new_entry_is_taken_back_at_once_but_not_one_that_replaced_anothers() {
    let house = city().await;
    let mut browser = signed_in(&house, "quantri").await;
    change(&mut browser, DAY_OFF, "1").await;
    let mut second = signed_in(&house, "quantrihai").await;
    let withdraw = [("what", "withdraw"), ("date", "2026-03-04")];
    assert_eq!(preview(&mut second, &withdraw).await.status, 422, "not theirs");
    change(&mut browser, &withdraw, "1").await;
    assert_eq!(listed(&house, MARCH_4).await, None);

    let tet = date!(2027 - 02 - 08);
    let filled = listed(&house, tet).await.expect("filled in by the house");
    assert!(!filled.day.confirmed);
    let renamed = [
        ("what", "enter"),
        ("date", "2027-02-08"),
        ("kind", "holiday"),
        ("vi", "Mùng 3 Tết"),
        ("why", "Tên"),
    ];
    change(&mut browser, &renamed, "1").await;
    let refused = preview(&mut browser, &[("what", "withdraw"), ("date", "2027-02-08")]).await;
    assert_eq!(refused.status, 422, "else one person alone could take Tết off the list");
    assert_eq!(listed(&house, tet).await.expect("listed").day.vi, "Mùng 3 Tết");
}

#[tokio::test]
async fn an_agencys_exception_moves_only_that_agencys_deadline() {
    let house = city().await;
    let khcn = agency(&house, "so-khcn").await;
    let mut own = signed_in(&house, "quantrikhcn").await;
    let mut exception = DAY_OFF.to_vec();
    exception.push(("agency", khcn.as_str()));
    let shown = preview(&mut own, &exception).await;
    counts(&shown, "Thời hạn lùi lại", 1);
    shown.shows("moi@danang.example").hides("binh@danang.example");
    change(&mut own, &exception, "1").await;
    assert_eq!(last_day(&house, "moi").await, date!(2026 - 03 - 06));
    assert_eq!(last_day(&house, "binh").await, date!(2026 - 03 - 05), "another agency");
    assert!(house.app.calendars().city().is_working(MARCH_4));
    let mut confirm = CONFIRM.to_vec();
    confirm.push(("agency", khcn.as_str()));
    assert_eq!(preview(&mut own, &confirm).await.status, 403, "only the city confirms");
    let mut city = signed_in(&house, "quantri").await;
    change(&mut city, &confirm, "1").await;
    let page = format!("/calendar?year=2026&agency={khcn}");
    own.get(&page).await.shows("Ngoại lệ của cơ quan").shows("Nghỉ đột xuất");
    city.get("/calendar?year=2026").await.hides("Nghỉ đột xuất");
}

#[tokio::test]
async fn an_agency_administrator_touches_neither_the_citys_days_nor_another_agencys() {
    let house = city().await;
    let (mut own, before) = (signed_in(&house, "quantrikhcn").await, version(&house).await);
    let other = agency(&house, "so-nv").await;
    own.get("/calendar?year=2026").await.shows("Tết Dương lịch").hides("id=\"enter-form\"");
    assert_eq!(own.get(&format!("/calendar?agency={other}")).await.status, 404);
    let day = ("date", "2026-04-30");
    let orders: [&[(&str, &str)]; 7] = [
        DAY_OFF,
        CONFIRM,
        &[("what", "confirm-all"), ("year", "2026"), ("notice_number", "1"), ("notice_date", "2026-01-01")],
        &[("what", "ask-strike"), day, ("why", "thử")],
        &[("what", "strike"), day],
        &[("what", "keep"), day],
        &[("what", "withdraw"), day],
    ];
    for fields in orders {
        for agency in ["", other.as_str()] {
            let mut fields = fields.to_vec();
            fields.extend([("agency", agency), ("typed", "1"), ("version", "1")]);
            for address in ["/calendar/preview", "/calendar/changes"] {
                let answer = own.post_from("/calendar?year=2026", address, &fields).await;
                // Without the right it is refused, with it there is no such calendar.
                let is_refused = [403, 404].contains(&answer.status.as_u16());
                assert!(is_refused, "{}: {fields:?} at {address}", answer.status);
            }
        }
    }
    let table = "date,kind,vi,en,confirmed,agency\n2026-03-04,holiday,Nghỉ,Off,no,\n2026-03-05,holiday,Nghỉ,Off,no,so-nv\n";
    let refused = preview(&mut own, &[("what", "import"), ("table", table)]).await;
    refused
        .shows("Dòng 2: lịch chung do quản trị viên thành phố nhập")
        .shows("Dòng 3: không có cơ quan “so-nv”");
    assert_eq!(version(&house).await, before, "nothing was written");
}

#[tokio::test]
async fn a_table_with_errors_tells_every_line_and_nothing_is_imported() {
    let house = city().await;
    let mut browser = signed_in(&house, "quantri").await;
    let before = version(&house).await;
    let table = "date,kind,vi,en,confirmed\n2026-03-04,holiday,Nghỉ,Off,no\n2026-02-30,holiday,Nghỉ,Off,no\n\
                 2026-08-26,make_up,Làm bù,Work,no\n2026-03-04,holiday,Nghỉ,Off,no\n2026-03-09,festival,Hội,Fair,no\n\
                 2026-04-30,in_lieu,Khác,Other,no\n";
    let refused = preview(&mut browser, &[("what", "import"), ("table", table)]).await;
    assert_eq!(refused.status, 422);
    for line in [
        "Dòng 3: “2026-02-30” không phải là ngày",
        "Dòng 4: thứ Tư, 26/08/2026: ngày làm bù phải là thứ Bảy hoặc Chủ nhật",
        "Dòng 5: thứ Tư, 04/03/2026 có hai lần",
        "Dòng 6: không có loại ngày “festival”",
    ] {
        refused.shows(line);
    }
    refused.shows("2026-02-30,holiday").hides("Dòng 2:");
    let confirmed =
        "date,kind,vi,en,confirmed\n2026-03-04,holiday,Nghỉ,Off,no\n2026-04-30,in_lieu,Khác,Other,no\n";
    let refused = preview(&mut browser, &[("what", "import"), ("table", confirmed)]).await;
    refused.shows("Dòng 3: thứ Năm, 30/04/2026 đã được xác nhận").hides("Dòng 2:");
    assert_eq!((version(&house).await, listed(&house, MARCH_4).await), (before, None));
}

#[tokio::test]
async fn what_was_exported_is_imported_again_and_changes_nothing() {
    let house = city().await;
    let khcn = agency(&house, "so-khcn").await;
    let mut browser = signed_in(&house, "quantri").await;
    let mut exception = DAY_OFF.to_vec();
    exception.extend([("agency", khcn.as_str())]);
    change(&mut browser, &exception, "1").await;
    change(
        &mut browser,
        &[("what", "enter"), ("date", "2026-03-09"), ("kind", "holiday"), ("vi", "=1+1"), ("why", "thử")],
        "1",
    )
    .await;
    let before = version(&house).await;
    let export = browser.get("/calendar/export?year=2026").await;
    let disposition = export.headers["content-disposition"].to_str().expect("ASCII");
    assert_eq!(disposition, "attachment; filename=\"lich-lam-viec-2026.csv\"");
    export
        .shows("2026-03-04,holiday,Nghỉ đột xuất,Nghỉ đột xuất,12/TB-UBND,2026-03-01,no,so-khcn")
        .shows(",'=1+1,");
    let again = preview(&mut browser, &[("what", "import"), ("table", &export.body)]).await;
    assert_eq!(again.status, 200);
    again.shows("Không có gì để thay đổi");
    let changed = export.body.replace("Nghỉ đột xuất,Nghỉ đột xuất", "Nghỉ đột xuất,A day off");
    change(&mut browser, &[("what", "import"), ("table", &changed)], "1").await;
    assert_eq!(version(&house).await, before + 1, "only the row that differs");
    let mut staff = signed_in(&house, "quantrikhcn").await;
    let own = staff.get("/calendar/export?year=2026").await;
    own.shows("so-khcn");
    preview(&mut staff, &[("what", "import"), ("table", &own.body)]).await.shows("Không có gì để thay đổi");
}

#[tokio::test]
async fn a_change_that_somebody_else_was_faster_with_is_not_made() {
    let house = city().await;
    let (mut first, mut second) = (signed_in(&house, "quantri").await, signed_in(&house, "quantrihai").await);
    let shown = preview(&mut first, DAY_OFF).await;
    let other =
        [("what", "enter"), ("date", "2026-03-05"), ("kind", "holiday"), ("vi", "Nghỉ"), ("why", "thử")];
    change(&mut second, &other, "1").await;
    let late = apply(&mut first, &shown, DAY_OFF, "1").await;
    assert_eq!(late.status, 409);
    late.shows("Lịch vừa được người khác thay đổi");
    assert_eq!(listed(&house, MARCH_4).await, None);
}

#[tokio::test]
async fn from_october_the_console_warns_until_next_year_is_confirmed() {
    let house = city().await;
    house.set_time(datetime!(2026-09-30 16:00 +7));
    for who in ["quantri", "quantrihai"] {
        // Their passwords of February would be too old by then.
        house.ad.edit(who, |seen| seen.password_set_at = Some(house.app.now()));
    }
    house.add("hotro", &[Ad]);
    house.sync().await;
    let wish = roles::Wish {
        address: MailAddress::parse("hotro@danang.example").expect("an address"),
        role: Role::HelpDesk,
        agency: None,
        until: None,
        why: String::new(),
    };
    roles::grant(&house.app, roles::By::CommandLine, &wish).await.expect("granted");
    let mut first = signed_in(&house, "quantri").await;
    first.get("/").await.hides("calendar-unsettled");
    house.set_time(datetime!(2026-10-01 08:00 +7));
    let (mut first, mut second) = (signed_in(&house, "quantri").await, signed_in(&house, "quantrihai").await);
    first.get("/").await.shows("Lịch năm 2027 chưa được xác nhận đầy đủ");
    // Nobody is told to do what they may not.
    signed_in(&house, "hotro").await.get("/").await.hides("calendar-unsettled");
    let notice = [("notice_number", "77/TB-BNV"), ("notice_date", "2026-09-30")];
    let national = [
        ("what", "enter"),
        ("date", "2027-09-03"),
        ("kind", "holiday"),
        ("vi", "Quốc khánh"),
        ("why", "Thông báo"),
        notice[0],
        notice[1],
    ];
    let confirm = [("what", "confirm-all"), ("year", "2027"), notice[0], notice[1]];
    change(&mut first, &national, "1").await;
    let open = |listings: Vec<Listing>| listings.iter().filter(|day| !day.day.confirmed).count();
    let of_2027 = || calendar::between(&house.app.db, None, date!(2027 - 01 - 01), date!(2027 - 12 - 31));
    let count = open(of_2027().await.expect("reads")).to_string();
    change(&mut second, &confirm, &count).await;
    assert_eq!(open(of_2027().await.expect("reads")), 0);
    first.get("/").await.hides("calendar-unsettled");
}

#[tokio::test]
async fn the_year_is_shown_in_twelve_months_with_letters_and_words() {
    let house = city().await;
    let mut browser = signed_in(&house, "quantri").await;
    let named = [
        ("what", "enter"),
        ("date", "2026-03-04"),
        ("kind", "holiday"),
        ("vi", "<script>x</script>"),
        ("why", "thử"),
    ];
    change(&mut browser, &named, "1").await;
    let page = browser.get("/calendar?year=2026").await;
    assert_eq!(page.body.matches("<table class=\"month\">").count(), 12);
    assert_eq!(page.body.matches("<caption>Tháng ").count(), 12);
    page.shows("title=\"thứ Hai, 31/08/2026: Nghỉ hoán đổi").hides("<script>x");
    page.shows("class=\"is-make-up\"").shows("class=\"is-swapped is-open\"").shows(">H?<").shows(">S<");
    for strange in ["year=1", "year=99999", "year=x", "agency=", "year=2100", "year=2017", "note=%00x"] {
        let status = browser.get(&format!("/calendar?{strange}")).await.status;
        assert!(status == 200 || status == 400, "{strange}: {status}");
    }
    assert_eq!(browser.get("/calendar?agency=x").await.status, 404);
    assert_eq!(preview(&mut browser, &[("what", "nothing")]).await.status, 404);
}

#[tokio::test]
async fn what_the_command_line_listed_needs_one_administrator() {
    let house = city().await;
    let table = "date,kind,vi,en,basis,confirmed\n2026-03-04,holiday,Nghỉ,Off,Thông báo 12,yes\n";
    let order = Order::Import(table.as_bytes().to_vec());
    let made = carry_out(&house.app, By::CommandLine, &order, None).await.expect("listed");
    assert_eq!(made.steps.len(), 1);
    let entered = listed(&house, MARCH_4).await.expect("listed");
    assert_eq!((entered.day.confirmed, entered.entered.why.as_deref()), (false, Some("Thông báo 12")));
    let notice = Notice { number: "12".to_owned(), date: date!(2026 - 03 - 01) };
    let own = Order::Confirm { agency: None, days: Days::These(vec![MARCH_4]), notice };
    assert!(matches!(
        carry_out(&house.app, By::CommandLine, &own, None).await,
        Err(ChangeRefused::Faults(_))
    ));
    change(&mut signed_in(&house, "quantri").await, CONFIRM, "1").await;
    assert!(listed(&house, MARCH_4).await.expect("listed").day.confirmed);
}
