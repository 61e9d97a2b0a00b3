//! The forecast is counted from the terms as they are written down: it tells what account by account would.

use crate::house::{House, PASSWORD};
use danang_sso::domain::account::Account;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::id::{AccountId, AgencyId};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::policy::calendar::{Calendar, Calendars, DayKind, ListedDay};
use danang_sso::domain::policy::reminder::{self, Written};
use danang_sso::domain::policy::stage::Mode;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::roles::{self, By};
use danang_sso::services::{admins, deadlines, forecast};
use danang_sso::storage::accounts;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use time::macros::{date, datetime};
use time::{Date, Duration, OffsetDateTime};

const MONDAY: OffsetDateTime = datetime!(2026-03-02 09:00 +7);

/// Of two agencies, one below the other, people whose passwords are of every age, and some who have not chosen one yet.
async fn house() -> House {
    let house = House::at(MONDAY, "").await;
    house.add("quantri", &[Ad]);
    let now = house.app.now();
    for (code, name, local) in [("so-nv", "Sở Nội vụ", "nv"), ("tt-luutru", "Trung tâm Lưu trữ", "lt")]
    {
        let agency = SeenAgency { code: Some(code.to_owned()), name: name.to_owned() };
        house.add_with(&format!("{local}.quantri"), &[Ad], |seen| seen.agency = Some(agency.clone()));
        for (number, age) in [300, 190, 181, 178, 175, 170, 160, 150, 145, 30].into_iter().enumerate() {
            house.add_with(&format!("{local}{number}"), &[Ad], |seen| {
                seen.agency = Some(agency.clone());
                seen.password_set_at = Some(now.minus(Duration::days(age)));
            });
        }
        house.add_with(&format!("{local}.moi"), &[Ad], |seen| {
            seen.agency = Some(agency.clone());
            (seen.must_change, seen.password_set_at) = (true, None);
        });
    }
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("nv.quantri"), Some("so-nv")).await.expect("granted");
    roles::move_agency(&house.app, By::CommandLine, "tt-luutru", Some("so-nv")).await.expect("moved");
    house
}

async fn agency_of(house: &House, local: &str) -> AgencyId {
    house.account(local).await.profile().agency_id.expect("an agency")
}

/// What the forecast tells of a day: how many are warned, how many are locked, and who.
type Told = BTreeMap<Date, (u64, u64, BTreeSet<AccountId>)>;

async fn told(house: &House, agency: Option<AgencyId>, days: u16) -> Told {
    let told = forecast::forecast(&house.app, agency, days).await.expect("reads");
    let day = |day: &forecast::Day| (day.warned, day.locked, day.who.iter().map(|who| who.id).collect());
    told.iter().map(|(date, of)| (*date, day(of))).collect()
}

/// The same by what the regulation says of each account. The office is open.
async fn one_by_one(house: &House, within: &[AgencyId], days: u16) -> Told {
    let mut told = Told::new();
    let today = house.app.now().local_date();
    let last = today + Duration::days(i64::from(days) - 1);
    let mut every = accounts::every(&house.app.db).await.expect("reads");
    every.retain(|account| {
        within.is_empty() || account.profile().agency_id.is_some_and(|id| within.contains(&id))
    });
    for account in &every {
        for day in warned(house, account, (today, last)) {
            told.entry(day).or_default().0 += 1;
        }
        if let Some(day) = locked(house, account).filter(|day| *day <= last) {
            let of = told.entry(day).or_default();
            of.1 += 1;
            of.2.insert(account.id());
        }
    }
    told
}

fn locked(house: &House, account: &Account) -> Option<Date> {
    let regulation = house.app.regulation();
    let both = [regulation.running(account), regulation.idle(account)];
    let at = both.into_iter().flatten().filter_map(|deadline| deadline.lock_at).min()?;
    let calendar = regulation.calendar_of(account.profile().agency_id);
    Some(calendar.roll_forward(at.max(house.app.now()).local_date()))
}

fn warned(house: &House, account: &Account, (today, last): (Date, Date)) -> Vec<Date> {
    let regulation = house.app.regulation();
    let Some(deadline) = regulation.running(account) else { return Vec::new() };
    let (stage, mut written) = (regulation.stage(deadline.rule, account), Vec::new());
    let calendar = regulation.calendar_of(account.profile().agency_id);
    let mut day = today;
    while day <= last {
        let occasion = reminder::due(&deadline, day, calendar, &written);
        let occasion = occasion.filter(|_| stage.mode_on(day) != Mode::Observe);
        written.extend(occasion.map(|occasion| Written { occasion, on: day }));
        day += Duration::DAY;
    }
    written.into_iter().map(|written: Written| written.on).collect()
}

#[tokio::test]
async fn the_forecast_counts_and_names_what_account_by_account_says() {
    let house = house().await;
    deadlines::keep(&house.app).await.expect("kept");
    let (nv, lt) = (agency_of(&house, "nv0").await, agency_of(&house, "lt0").await);
    for days in [1, 7, 30, 100] {
        let all = told(&house, None, days).await;
        assert_eq!(all, one_by_one(&house, &[], days).await, "the city, {days} days");
        assert_eq!(
            told(&house, Some(nv), days).await,
            one_by_one(&house, &[nv, lt], days).await,
            "{days} days"
        );
        assert_eq!(told(&house, Some(lt), days).await, one_by_one(&house, &[lt], days).await, "{days} days");
    }
    let month = told(&house, None, 30).await;
    assert!(month.values().any(|day| day.0 > 0) && month.values().filter(|day| day.1 > 0).count() > 2);
}

#[tokio::test]
async fn an_agency_with_days_off_of_its_own_is_foreseen_by_them() {
    let house = house().await;
    let (nv, lt) = (agency_of(&house, "nv0").await, agency_of(&house, "lt0").await);
    let day = ListedDay {
        kind: DayKind::Holiday,
        vi: "Ngày truyền thống".to_owned(),
        en: "Founding day".to_owned(),
        confirmed: true,
    };
    // The very day, and days on which terms end.
    let off = [date!(2026 - 03 - 02), date!(2026 - 03 - 05), date!(2026 - 03 - 11), date!(2026 - 03 - 12)];
    let own = off.map(|date| (date, day.clone())).to_vec();
    let calendars = Calendars::new(Calendar::built_in().clone(), HashMap::from([(lt, own)]));
    house.app.set_calendars(house.app.calendar_version() + 1, calendars);
    deadlines::keep(&house.app).await.expect("kept");
    for days in [1, 14, 60] {
        assert_eq!(told(&house, None, days).await, one_by_one(&house, &[], days).await, "{days} days");
    }
    let today = told(&house, None, 1).await;
    let who = &today[&date!(2026 - 03 - 02)].2;
    assert!(who.contains(&house.account("nv0").await.id()), "overdue, and the office is open");
    assert!(!who.contains(&house.account("lt0").await.id()), "overdue, and the office is closed");
    assert_eq!(told(&house, Some(nv), 14).await, one_by_one(&house, &[nv, lt], 14).await);
}

#[tokio::test]
async fn the_administrator_of_a_branch_sees_the_locks_of_the_agencies_below() {
    let house = house().await;
    deadlines::keep(&house.app).await.expect("kept");
    let mut branch = house.admin_browser();
    branch.sign_in("nv.quantri", PASSWORD).await.leads_to("/");
    branch.get("/forecast").await.shows("nv0@danang.example").shows("lt0@danang.example");
}
