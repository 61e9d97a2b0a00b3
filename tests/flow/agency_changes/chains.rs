//! One reorganisation after another.

use super::{
    NV, TC, address, administrator, agencies, confirm, draw, former, house, id, merge, of, place, undo, work,
};
use crate::house::House;
use axum::http::StatusCode;
use danang_sso::domain::account::StateName;
use danang_sso::domain::id::PostId;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::policy::deadline::Rule;
use danang_sso::domain::policy::settings::Setting;
use danang_sso::domain::policy::stage::Stage;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::jobs::{self, EnforceDeadlines};
use danang_sso::services::{admins, deadlines, policy};
use danang_sso::storage::posts::{self, Held};
use danang_sso::storage::{administrators, rulings};
use time::Duration;
use time::macros::datetime;

const PART: &str = "trung-tam-moi";

#[tokio::test]
async fn a_merge_under_a_split_is_followed_and_taken_back_last() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let first = merge(&house, &mut admin, &[]).await;
    confirm(&mut admin, &first, "4").await.leads_to(&first);
    work(&house).await;
    let tc = id(&house, TC.0).await;
    let fields = [("agency", tc.as_str()), ("name", "Trung tâm Mới"), ("addresses", "an")];
    let second = place(&draw(&mut admin, "split", &fields).await);
    confirm(&mut admin, &second, "1").await.leads_to(&second);
    work(&house).await;
    for _ in 0..2 {
        let found = (of(&house, "an").await, of(&house, "binh").await);
        assert_eq!(found, (PART.to_owned(), TC.0.to_owned()));
        house.sync().await;
    }
    let early = undo(&mut admin, &first).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert_eq!(of(&house, "binh").await, TC.0);
    undo(&mut admin, &second).await.leads_to(&second);
    work(&house).await;
    undo(&mut admin, &first).await.leads_to(&first);
    work(&house).await;
    house.sync().await;
    assert_eq!((of(&house, "an").await.as_str(), of(&house, "dung").await.as_str()), (NV.0, TC.0));
}

#[tokio::test]
async fn of_two_renames_the_later_one_is_taken_back_first() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let nv = id(&house, NV.0).await;
    let mut places = Vec::new();
    for name in ["Sở Nội vụ và Lao động", "Sở Nội vụ và Việc làm"] {
        let at = place(&draw(&mut admin, "rename", &[("agency", &nv), ("name", name)]).await);
        confirm(&mut admin, &at, "").await.leads_to(&at);
        work(&house).await;
        places.push(at);
    }
    assert_eq!(undo(&mut admin, &places[0]).await.status, StatusCode::CONFLICT);
    for at in places.iter().rev() {
        undo(&mut admin, at).await.leads_to(at);
        work(&house).await;
    }
    let all = agencies(&house).await;
    assert!(all.iter().any(|agency| (agency.code.as_str(), agency.name.as_str()) == NV));
}

#[tokio::test]
async fn of_two_on_one_day_the_later_one_takes_in_whom_the_first_has_moved() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let first = merge(&house, &mut admin, &[("day", "2026-03-10")]).await;
    confirm(&mut admin, &first, "4").await.leads_to(&first);
    house.pass(Duration::minutes(1));
    let (khcn, tc) = (id(&house, "so-khcn").await, format!("merged.{}", id(&house, TC.0).await));
    let fields = [("agency", khcn.as_str()), (tc.as_str(), "1"), ("day", "2026-03-10")];
    let second = place(&draw(&mut admin, "merge", &fields).await);
    confirm(&mut admin, &second, "1").await.leads_to(&second);
    house.set_time(datetime!(2026-03-10 09:00 +7));
    work(&house).await;
    let mut admin = administrator(&house, "quantri").await;
    admin.get(&first).await.shows("4 tài khoản đã chuyển");
    admin.get(&second).await.shows("5 tài khoản đã chuyển");
    for local in ["an", "binh", "dung"] {
        assert_eq!(of(&house, local).await, "so-khcn", "{local}");
    }
    house.sync().await;
    assert_eq!(of(&house, "an").await, "so-khcn");
    assert_eq!(former(&house, "an").await, [TC.0, NV.0], "every agency on the way");
    assert_eq!(former(&house, "dung").await, [TC.0]);
    assert_eq!(former(&house, "quantri").await, [""; 0]);
}

#[tokio::test]
async fn a_role_comes_back_with_a_fresh_term_and_not_to_whoever_was_locked_meanwhile() {
    let house = house("").await;
    let old = Timestamp::from_datetime(datetime!(2026-03-02 09:00 +7) - Duration::days(80));
    house.add_with("giang", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some(NV.0.to_owned()), name: NV.1.to_owned() });
        seen.password_set_at = Some(old);
    });
    house.sync().await;
    admins::grant(&house.app, &address("giang"), Some(NV.0)).await.expect("granted");
    let mut admin = administrator(&house, "quantri").await;
    let at = merge(&house, &mut admin, &[]).await;
    confirm(&mut admin, &at, "5").await.leads_to(&at);
    work(&house).await;
    // What was promised with the role is over by now.
    house.set_time(datetime!(2026-03-09 09:00 +7));
    let mut admin = administrator(&house, "quantri").await;
    let page = format!("/accounts/{}", house.account("quantrinv").await.id());
    admin.post_from(&page, &format!("{page}/lock"), &[("reason", "Nghỉ việc")]).await;
    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    let (giang, left, now) =
        (house.account("giang").await, house.account("quantrinv").await, house.app.now());
    let held = administrators::of_account(&house.app.db, giang.id(), now).await.expect("reads");
    assert_eq!(held.len(), 1);
    let deadline = house.app.regulation().running(&giang).expect("a term runs");
    assert!(deadline.ends_at > now, "nobody is overdue the moment their role returns");
    let held = administrators::of_account(&house.app.db, left.id(), now).await.expect("reads");
    assert_eq!(held, []);
}

/// At so-tc, and nowhere else, an account is locked after a week without use.
async fn strict_at_tc(house: &House) {
    let (book, tc) = (house.app.book(), id(house, TC.0).await.parse().expect("an id"));
    let settings = book.settings.with(Setting::InactiveDaysPerson, 7).expect("a value");
    let mut stages = book.stages.clone();
    stages.set(Rule::Inactivity, Some(tc), Stage::ALWAYS);
    let by = policy::By::CommandLine;
    policy::change(&house.app, &by, book.version, (settings, stages), "thử").await.expect("changed");
    deadlines::keep(&house.app).await.expect("computed anew");
}

/// The states of people after the locks of the moment.
async fn locked<const N: usize>(house: &House, people: [&str; N]) -> [bool; N] {
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let mut locked = [false; N];
    for (one, local) in locked.iter_mut().zip(people) {
        *one = house.account(local).await.state().name() == StateName::Locked;
    }
    locked
}

#[tokio::test]
async fn nobody_is_locked_for_inactivity_the_day_they_come_under_a_stricter_rule() {
    let house = house("").await;
    strict_at_tc(&house).await;
    house.set_time(datetime!(2026-03-16 09:00 +7));
    let mut admin = administrator(&house, "quantri").await;
    let at = merge(&house, &mut admin, &[("day", "2026-03-16")]).await;
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    work(&house).await;
    assert_eq!(of(&house, "an").await, TC.0);
    assert_eq!(locked(&house, ["dung", "an"]).await, [true, false]);
    house.set_time(datetime!(2026-03-30 16:00 +7));
    assert_eq!(locked(&house, ["an"]).await, [false], "the tenth working day");
    house.set_time(datetime!(2026-03-31 09:00 +7));
    assert_eq!(locked(&house, ["an"]).await, [true]);
}

#[tokio::test]
async fn a_synchronisation_that_is_quicker_than_the_day_gives_the_same_time() {
    let house = house("").await;
    strict_at_tc(&house).await;
    house.set_time(datetime!(2026-03-16 09:00 +7));
    for directory in [&house.ad, &house.obm] {
        directory.edit("an", |seen| {
            let code = seen.agency.as_ref().and_then(|agency| agency.code.as_ref()).map(|_| TC.0.to_owned());
            seen.agency = Some(SeenAgency { code, name: TC.1.to_owned() });
        });
    }
    house.sync().await;
    assert_eq!(of(&house, "an").await, TC.0);
    assert_eq!(locked(&house, ["dung", "an"]).await, [true, false]);
    house.set_time(datetime!(2026-03-31 09:00 +7));
    assert_eq!(locked(&house, ["an"]).await, [true]);
}

#[tokio::test]
async fn what_was_planned_before_the_day_is_not_applied_after_it() {
    let house = house("").await;
    let basis = rulings::basis(&house.app.db).await.expect("reads").version;
    let mut tx = house.app.db.begin().await.expect("begins");
    assert!(rulings::hold(&mut tx, basis).await.expect("reads"));
    drop(tx);
    let mut admin = administrator(&house, "quantri").await;
    let at = merge(&house, &mut admin, &[]).await;
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    work(&house).await;
    let mut tx = house.app.db.begin().await.expect("begins");
    assert!(!rulings::hold(&mut tx, basis).await.expect("reads"), "a run of before stops here");
}

#[tokio::test]
async fn posts_at_an_agency_go_on_at_the_one_of_which_it_becomes_part() {
    let house = house("").await;
    let (an, now) = (house.account("an").await.id(), house.app.now());
    let all = agencies(&house).await;
    let mut tx = house.app.db.begin().await.expect("begins");
    for (code, title) in [(NV.0, "Phó Giám đốc"), (NV.0, "Tư vấn"), (TC.0, "Tư vấn")] {
        let held = Held {
            id: PostId::new(now, house.app.system.entropy()),
            account: an,
            agency: all.iter().find(|agency| agency.code == code).expect("there").id,
            title: title.to_owned(),
            added_at: now,
            added_by: "quantri@danang.example".to_owned(),
            is_active: false,
        };
        posts::add(&mut tx, &held).await.expect("written");
        if (code, title) == (NV.0, "Tư vấn") {
            posts::choose(&mut tx, an, Some(held.id), now).await.expect("written");
        }
    }
    tx.commit().await.expect("commits");
    let mut admin = administrator(&house, "quantri").await;
    let at = merge(&house, &mut admin, &[]).await;
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    work(&house).await;
    let told = |held: Vec<Held>| {
        let code = |one: &Held| all.iter().find(|agency| agency.id == one.agency).map(|a| a.code.clone());
        let mut told: Vec<_> = held
            .iter()
            .map(|one| (code(one).unwrap_or_default(), one.title.clone(), one.is_active))
            .collect();
        told.sort();
        told
    };
    let post = |code: &str, title: &str, is_active| (code.to_owned(), title.to_owned(), is_active);
    let held = told(posts::of(&house.app.db, an).await.expect("reads"));
    assert_eq!(held, [post(TC.0, "Phó Giám đốc", false), post(TC.0, "Tư vấn", true)], "each once");
    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    let held = told(posts::of(&house.app.db, an).await.expect("reads"));
    let before = [post(NV.0, "Phó Giám đốc", false), post(NV.0, "Tư vấn", false), post(TC.0, "Tư vấn", true)];
    assert_eq!(held, before);
}
