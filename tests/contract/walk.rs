//! A person's first days, from the issue of the default password to the lock and back, with both real directories and a
//! real mail relay: first day, warned, locked, unlocked, forced change. What the directories do is seen by binds from
//! outside our code. The directories have the machine's clock, the house has the test's: it starts with theirs.

use crate::directory::city::City;
use crate::directory::{ad_config, obm_config};
use crate::house::{House, NEW_PASSWORD};
use crate::outside::{Directories as Outside, Which};
use crate::rig::Rig;
use crate::sink::Sink;
use danang_sso::demo::city::PASSWORD;
use danang_sso::directory::Directories;
use danang_sso::directory::ad::AdDirectory;
use danang_sso::directory::obm::ObmDirectory;
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::services::{admins, letters, lock};
use danang_sso::storage::{Db, audit, directory_locks};
use danang_sso::system::System;
use std::sync::Arc;
use time::{Duration, Time};

/// Who walks: a default password of today, a mailbox in both systems.
const WHO: &str = "an.nguyen";
pub const ADMIN: &str = "lan.dang";

pub async fn house(ad: &Rig, obm: &Rig, sink: &Sink) -> House {
    let directories = Directories::new(vec![
        Arc::new(AdDirectory::new(ad_config(ad))),
        Arc::new(ObmDirectory::new(obm_config(obm))),
    ]);
    let dir = tempfile::tempdir().expect("a directory");
    let db = format!("sqlite:{}", dir.path().join("house.db").display());
    let db = Db::open(&db).await.expect("SQLite opens");
    let now = System::of_the_machine().now().local();
    let more = format!("{}[policy]\nwrite_locks_to = [\"ad\", \"obm\"]\n", sink.config());
    let house = House::with(db, dir, now, &more, Some(directories)).await;
    house.sync().await;
    let address = MailAddress::parse(&format!("{ADMIN}@danang.example")).expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    house
}

/// Eight o'clock of each day until the account is locked: letters are written and sent, the job runs.
async fn mornings_until_locked(house: &House) -> usize {
    let first = house.app.now().local().date();
    for day in 1..=20 {
        let morning = first.checked_add(Duration::days(day)).expect("a day");
        house.set_time(
            morning
                .with_time(Time::from_hms(8, 0, 0).expect("a time"))
                .assume_offset(danang_sso::domain::timestamp::LOCAL),
        );
        letters::write_due(&house.app).await.expect("written");
        letters::send_due(&house.app).await.expect("sent");
        lock::enforce_deadlines(&house.app).await.expect("runs");
        if house.account(WHO).await.state().name() == StateName::Locked {
            return usize::try_from(day).expect("a small number");
        }
    }
    panic!("nobody locked {WHO} in twenty days");
}

fn letters_to(sink: &Sink, who: &str) -> usize {
    sink.recipients().iter().filter(|to| to.starts_with(who)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_walks_from_the_first_day_over_the_lock_to_a_new_password_in_both_directories() {
    let (mut in_ad, mut in_obm) = (City::new(MailSystem::Ad), City::new(MailSystem::Obm));
    let ((ad_seed, backdate), obm_seed) = (in_ad.ad_seed(), in_obm.obm_seed());
    let ad = Rig::start("ad", &[("AD_SEED", &ad_seed), ("AD_BACKDATE", &backdate)]);
    let obm = Rig::start("obm", &[("OBM_SEED", &obm_seed)]);
    let sink = Sink::start().await;
    let house = house(&ad, &obm, &sink).await;
    let outside = Outside::new(ad.values().clone().into_iter().chain(obm.values().clone()).collect());
    let opens = |password| [Which::Ad, Which::Obm].map(|which| outside.accepts(which, WHO, password));

    // The first day: a letter at issue; the person looks in and does not change.
    letters::send_due(&house.app).await.expect("sent");
    assert_eq!(letters_to(&sink, WHO), 1, "at issue");
    assert_eq!(opens(PASSWORD), [false, true], "Active Directory wants a new password at the first sign-in");
    let mut browser = house.browser();
    browser.sign_in(WHO, PASSWORD).await.leads_to("/");
    browser.get("/").await.leads_to("/password");

    // Warned on each of the three mornings, locked at the opening hour after the third.
    let days = mornings_until_locked(&house).await;
    assert!(days >= 4, "three working days and the morning after: {days}");
    assert_eq!(letters_to(&sink, WHO), 4, "at issue and on three mornings");
    let state = *house.account(WHO).await.state();
    assert!(matches!(state, State::Locked { reason: LockReason::DefaultPasswordKept, .. }), "{state:?}");
    assert_eq!(opens(PASSWORD), [false, false], "locked in both directories");
    let id = house.account(WHO).await.id();
    let orders = directory_locks::of_account(&house.app.db, id).await.expect("reads");
    assert!(orders.len() == 2 && orders.iter().all(|order| order.is_done() && order.set_by_us), "{orders:?}");
    browser.get("/").await.leads_to("/sign-in");

    // An administrator lifts the lock; nothing but a new password is possible.
    let mut console = house.admin_browser();
    console.sign_in(ADMIN, PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{id}");
    let fields = [("reason", "Đã xác minh qua thẻ cán bộ")];
    let answer = console.post_from(&page, &format!("{page}/unlock"), &fields).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    assert_eq!(opens(PASSWORD), [false, true], "as before the lock");
    let mut browser = house.browser();
    browser.sign_in(WHO, PASSWORD).await.leads_to("/");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    browser.post_from("/password", "/password", &fields).await;
    assert_eq!(house.account(WHO).await.state().name(), StateName::Active);
    assert_eq!(opens(NEW_PASSWORD), [true, true]);
    assert_eq!(opens(PASSWORD), [false, false], "the default password is over");

    // Nothing more is written about the term, and the timeline tells it all.
    house.pass(Duration::days(1));
    letters::write_due(&house.app).await.expect("written");
    letters::send_due(&house.app).await.expect("sent");
    assert_eq!(letters_to(&sink, WHO), 5, "and the one that tells of the changed password");
    let lines = audit::of_account(&house.app.db, id, 50).await.expect("reads");
    for act in [
        "account_created",
        "first_access",
        "warned",
        "locked",
        "directory_locked",
        "unlocked",
        "directory_unlocked",
        "password_changed",
    ] {
        assert!(lines.iter().any(|line| line.act.code() == act), "{act} is in the timeline");
    }
}
