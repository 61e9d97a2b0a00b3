//! The calendar and a single person: nobody is a second one by another name, or takes all deadlines of an agency away.

use super::{CONFIRM, DAY_OFF, MARCH_4, agency, change, city, last_day, listed, preview, signed_in};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::policy::regulation::Verdict;
use danang_sso::domain::timestamp::Timestamp;
use time::macros::{date, datetime};
use time::{Duration, Weekday};

#[tokio::test]
async fn whoever_has_another_address_by_now_still_does_not_confirm_or_strike_what_they_asked_for() {
    let house = city().await;
    let (mut first, mut second) = (signed_in(&house, "quantri").await, signed_in(&house, "quantrihai").await);
    change(&mut first, DAY_OFF, "1").await;
    let renamed = MailAddress::parse("quantri.moi@danang.example").expect("an address");
    house.ad.edit("quantri", |seen| seen.address = renamed.clone());
    house.sync().await;
    let mut first = signed_in(&house, "quantri.moi").await;
    let own = preview(&mut first, CONFIRM).await;
    assert_eq!(own.status, 422);
    own.shows("người khác phải xác nhận");
    change(&mut second, CONFIRM, "1").await;

    let day = ("date", "2026-03-04");
    change(&mut first, &[("what", "ask-strike"), day, ("why", "Thông báo đã thu hồi")], "1").await;
    let back = MailAddress::parse("quantri@danang.example").expect("an address");
    house.ad.edit("quantri", |seen| seen.address = back.clone());
    house.sync().await;
    let mut first = signed_in(&house, "quantri").await;
    first.get("/calendar?year=2026").await.hides("value=\"strike\"");
    let own = preview(&mut first, &[("what", "strike"), day]).await;
    assert_eq!(own.status, 422);
    own.shows("người khác phải thực hiện");
    change(&mut second, &[("what", "strike"), day], "1").await;
    assert!(house.app.calendars().city().is_working(MARCH_4));
}

#[tokio::test]
async fn an_own_day_is_taken_back_under_another_address_too() {
    let house = city().await;
    let mut first = signed_in(&house, "quantri").await;
    change(&mut first, DAY_OFF, "1").await;
    let renamed = MailAddress::parse("quantri.moi@danang.example").expect("an address");
    house.ad.edit("quantri", |seen| seen.address = renamed.clone());
    house.sync().await;
    let mut first = signed_in(&house, "quantri.moi").await;
    change(&mut first, &[("what", "withdraw"), ("date", "2026-03-04")], "1").await;
    assert_eq!(listed(&house, MARCH_4).await, None);
}

#[tokio::test]
async fn a_year_of_days_off_that_nobody_confirms_takes_five_working_days_of_a_term() {
    let house = city().await;
    let khcn = agency(&house, "so-khcn").await;
    let mut own = signed_in(&house, "quantrikhcn").await;
    let days = (1..250).map(|n| date!(2026 - 03 - 02) + Duration::days(n));
    let weekdays: Vec<_> = days
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
        .filter(|day| house.app.calendars().city().is_working(*day))
        .collect();
    let head = "date,kind,vi,en,confirmed,agency\n".to_owned();
    let table = weekdays.iter().fold(head, |all, day| all + &format!("{day},holiday,Nghỉ,Off,no,so-khcn\n"));
    let import = [("what", "import"), ("table", table.as_str())];
    let shown = preview(&mut own, &import).await;
    shown.shows("5 ngày làm việc chưa xác nhận trong 3 tháng bất kỳ");
    shown.shows("Chưa xác nhận, chỉ tính khi đã xác nhận");
    change(&mut own, &import, &weekdays.len().to_string()).await;
    // Three working days from Monday 2 March: the 3rd to the 9th are off, and the 10th to the 12th are not.
    assert_eq!(last_day(&house, "moi").await, date!(2026 - 03 - 12));
    let page = own.get(&format!("/calendar?year=2026&agency={khcn}")).await;
    page.shows("id=\"alone-hint\"").shows("Chưa xác nhận, chỉ tính khi đã xác nhận");
    let (moi, regulation) = (house.account("moi").await, house.app.regulation());
    let still = Timestamp::from_datetime(datetime!(2026-03-12 23:59 +7));
    assert!(!matches!(regulation.verdict(&moi, still), Verdict::Lock(..)));
    let over = Timestamp::from_datetime(datetime!(2026-03-13 09:00 +7));
    assert!(matches!(regulation.verdict(&moi, over), Verdict::Lock(..)));
    assert!(
        regulation.is_open(moi.profile().agency_id, over),
        "and the office is open, so that it is locked"
    );
}

#[tokio::test]
async fn a_day_off_beyond_the_five_counts_once_the_city_confirms_it() {
    let house = city().await;
    let khcn = agency(&house, "so-khcn").await;
    let mut own = signed_in(&house, "quantrikhcn").await;
    for day in ["03", "04", "05", "06", "09", "10"] {
        let date = format!("{day}/03/2026");
        let fields = [
            ("what", "enter"),
            ("agency", khcn.as_str()),
            ("date", date.as_str()),
            ("kind", "holiday"),
            ("vi", "Nghỉ"),
            ("why", "Di dời trụ sở"),
        ];
        change(&mut own, &fields, "1").await;
    }
    assert_eq!(last_day(&house, "moi").await, date!(2026 - 03 - 12), "the sixth does not count yet");
    let confirm = [
        ("what", "confirm"),
        ("agency", khcn.as_str()),
        ("day-2026-03-10", "1"),
        ("notice_number", "12/TB-UBND"),
        ("notice_date", "2026-03-01"),
    ];
    change(&mut signed_in(&house, "quantri").await, &confirm, "1").await;
    assert_eq!(last_day(&house, "moi").await, date!(2026 - 03 - 13));
}
