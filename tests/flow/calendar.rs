//! The calendar as data: filled at the first start, kept filled, read anew when another node has changed it; changed by
//! two people, with a preview of what that moves.

use crate::house::House;
use danang_sso::domain::account::StateName;
use danang_sso::domain::mailbox::MailSystem::Obm;
use danang_sso::domain::policy::calendar::{Calendar, DayKind, ListedDay};
use danang_sso::jobs::{self, EnforceDeadlines, ReadCalendar};
use danang_sso::storage::calendar::{self, Entered, Listing};
use time::macros::{date, datetime};

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
    jobs::run_once(&house.app, &ReadCalendar).await;
    assert_eq!(house.app.calendar_version(), 1, "nothing to do yet");
    house.set_time(datetime!(2027-01-04 09:00 +7));
    jobs::run_once(&house.app, &ReadCalendar).await;
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
    jobs::run_once(&house.app, &ReadCalendar).await;
    assert!(!house.app.calendars().city().is_working(date!(2026 - 03 - 04)));
    // Three working days from 2 March ended with the 5th; now they end with the 6th.
    house.set_time(datetime!(2026-03-06 23:59 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(house.account("moi").await.state().name(), StateName::MustChange);
    house.set_time(datetime!(2026-03-07 01:00 +7));
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
