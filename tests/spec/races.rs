//! Many at once: a code and a refresh token are good once, however many hands hold them (RFC 6749 §4.1.2, RFC 9700
//! §4.14.2); two administrators do not remove each other. On SQLite and on PostgreSQL.

use crate::house::{Browser, House};
use crate::rig::Rig;
use crate::rp::{Rp, json, signed_in, userinfo};
use danang_sso::crypto::token;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::{Act, Actor, Entry};
use danang_sso::domain::id::RunId;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::services::approvals::Stopped;
use danang_sso::services::brake::{self, RunState};
use danang_sso::services::lock::LockRefused;
use danang_sso::services::roles::{self, By, GrantRefused, Wish};
use danang_sso::services::{accounts, admins, lock};
use danang_sso::storage::{Db, audit, grants, lock_runs, tokens};
use std::sync::Arc;
use std::time::Duration as Span;
use time::macros::datetime;
use tokio::task::JoinSet;

const MANY: usize = 64;

/// A house on each database; PostgreSQL lives as long as its rig.
async fn houses() -> (Vec<House>, Rig) {
    let rig = Rig::start("postgres", &[]);
    let db = Db::open(&rig.value("PG_URL")).await.expect("PostgreSQL opens");
    let dir = tempfile::tempdir().expect("a directory");
    let houses = vec![House::build().await, House::on(db, dir, datetime!(2026-03-02 09:00 +7), "").await];
    for house in &houses {
        house.add("an", &[MailSystem::Ad]);
        house.sync().await;
    }
    (houses, rig)
}

/// Sends the same request many times at once; returns the bodies of those that succeeded.
async fn all_at_once(rp: &Arc<Rp>, browser: &Browser, fields: &[(&str, &str)]) -> Vec<serde_json::Value> {
    let fields: Arc<Vec<_>> =
        Arc::new(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    let mut hands = JoinSet::new();
    for _ in 0..MANY {
        let (rp, fields, mut browser) = (Arc::clone(rp), Arc::clone(&fields), browser.clone());
        hands.spawn(async move {
            let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            rp.token(&mut browser, &fields).await
        });
    }
    let answers = hands.join_all().await;
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(bad.iter().all(|answer| crate::rp::token_error(answer) == "invalid_grant"));
    good.into_iter().map(json).collect()
}

/// After a race everything that came out of it has ended, and the audit says so once.
async fn all_has_ended(house: &House, browser: &mut Browser, winner: &serde_json::Value, since: Timestamp) {
    assert_eq!(userinfo(browser, &winner["access_token"]).await.status, 401);
    let history = audit::of_account(&house.app.db, house.account("an").await.id(), 500).await.expect("reads");
    let replays = history.iter().filter(|line| line.act.code() == "token_replayed" && line.at >= since);
    assert_eq!(replays.count(), 1);
    audit::verify(&house.app.db).await.expect("reads").expect("the chain is whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_in_sixty_four_hands_gives_tokens_once() {
    let (houses, _rig) = houses().await;
    for house in houses {
        let rp = Arc::new(Rp::web(&house).await);
        let mut browser = signed_in(&house).await;
        let code = rp.code(&mut browser, &[("scope", "openid offline_access")]).await;
        let winners = all_at_once(&rp, &browser, &crate::rp::code_fields(&code)).await;
        assert_eq!(winners.len(), 1, "{}", house.app.db.kind());
        all_has_ended(&house, &mut browser, &winners[0], house.app.now()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_refresh_token_in_sixty_four_hands_gives_tokens_once() {
    let (houses, _rig) = houses().await;
    for house in houses {
        let rp = Arc::new(Rp::web(&house).await);
        let mut browser = signed_in(&house).await;
        let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
        let refresh = tokens["refresh_token"].as_str().expect("one");
        house.pass(time::Duration::seconds(1));
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let winners = all_at_once(&rp, &browser, &fields).await;
        assert_eq!(winners.len(), 1, "{}", house.app.db.kind());
        all_has_ended(&house, &mut browser, &winners[0], house.app.now()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_waits_is_answered_once_however_many_tabs_come_back() {
    let (houses, _rig) = houses().await;
    for house in houses {
        let rp = Rp::web(&house).await;
        let mut browser = house.browser();
        let sign_in = browser.get(&rp.address(&[])).await.location.expect("to the sign-in");
        let onward = crate::rp::prove(&mut browser, &sign_in, "an").await;
        let mut tabs = JoinSet::new();
        for _ in 0..MANY / 4 {
            let (mut browser, onward) = (browser.clone(), onward.clone());
            tabs.spawn(async move { browser.get(&onward).await.location });
        }
        let answers = tabs.join_all().await;
        assert_eq!(answers.iter().flatten().count(), 1, "{answers:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lock_in_the_middle_of_many_redemptions_leaves_no_token_alive() {
    let (houses, _rig) = houses().await;
    for house in houses {
        let rp = Arc::new(Rp::web(&house).await);
        let browser = signed_in(&house).await;
        let mut codes = Vec::new();
        for _ in 0..MANY / 2 {
            codes.push(rp.code(&mut browser.clone(), &[("scope", "openid offline_access")]).await);
        }
        let mut hands = JoinSet::new();
        for code in codes {
            let (rp, mut browser) = (Arc::clone(&rp), browser.clone());
            hands.spawn(async move { rp.redeem(&mut browser, &code).await });
        }
        let account = house.account("an").await;
        lock::enforce(&house.app, &account, LockReason::ByAdministrator, Actor::CommandLine)
            .await
            .expect("locked");
        for answer in hands.join_all().await.iter().filter(|answer| answer.status == 200) {
            let issued = json(answer);
            for kind in ["access_token", "refresh_token"] {
                let digest = token::digest(issued[kind].as_str().expect("a token"));
                let found = tokens::by_digest(&house.app.db, &digest).await.expect("reads");
                let (_, grant) = found.expect("the token is there");
                let grant =
                    grants::by_id(&house.app.db, grant).await.expect("reads").expect("its grant is there");
                assert!(grant.ended_at.is_some(), "{kind} on {}", house.app.db.kind());
            }
        }
    }
}

/// Lets two act at the same time: both have looked before either has written.
async fn both_at_once<T: Send + 'static>(
    house: &House,
    one: impl Future<Output = T> + Send + 'static,
    other: impl Future<Output = T> + Send + 'static,
) -> [T; 2] {
    let mut tx = house.app.db.begin().await.expect("begins");
    let entry = Entry::new(house.app.now(), Actor::CommandLine, Act::OutOfReach, "test");
    audit::append(&mut tx, &[entry]).await.expect("holds the audit");
    let (mut one, mut other) = (tokio::spawn(one), tokio::spawn(other));
    for hand in [&mut one, &mut other] {
        let ended = tokio::time::timeout(Span::from_secs(1), hand).await;
        assert!(ended.is_err(), "it stands in line");
    }
    tx.commit().await.expect("lets go");
    [one.await.expect("ends"), other.await.expect("ends")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_the_last_two_administrators_who_remove_each_other_one_stays() {
    let (houses, _rig) = houses().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    for house in houses {
        house.add("binh", &[MailSystem::Ad]);
        house.sync().await;
        let kind = house.app.db.kind();
        let in_office = async || {
            for local in ["an", "binh"] {
                admins::grant(&house.app, &address(local), None).await.expect("granted");
            }
            let an = admins::holder(&house.app, &address("an")).await.expect("a role");
            (an, admins::holder(&house.app, &address("binh")).await.expect("a role"))
        };

        let (an, binh) = in_office().await;
        let held = roles::every(&house.app).await.expect("reads");
        let of = |local: &str| {
            let mut held = held.iter();
            held.find(|l| l.address == address(local).as_str()).expect("held").grant.id
        };
        let revoke = |by, grant| {
            let app = house.app.clone();
            async move { roles::revoke(&app, By::Administrator(&by), grant, "thử").await }
        };
        let ends = Box::pin(both_at_once(&house, revoke(an, of("binh")), revoke(binh, of("an")))).await;
        assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{kind}: {ends:?}");
        assert!(ends.iter().any(|end| matches!(end, Err(GrantRefused::Last))), "{kind}: {ends:?}");
        assert_eq!(roles::every(&house.app).await.expect("reads").len(), 1, "{kind}");

        let (an, binh) = in_office().await;
        let shut = |by, whom| {
            let app = house.app.clone();
            async move { lock::lock(&app, &by, whom, "thử").await }
        };
        let whom = [house.account("binh").await.id(), house.account("an").await.id()];
        let ends = Box::pin(both_at_once(&house, shut(an, whom[0]), shut(binh, whom[1]))).await;
        assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{kind}: {ends:?}");
        assert!(ends.iter().any(|end| matches!(end, Err(LockRefused::Conflict))), "{kind}: {ends:?}");
        assert_eq!(roles::every(&house.app).await.expect("reads").len(), 1, "{kind}");
        audit::verify(&house.app.db).await.expect("reads").expect("the chain is whole");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_narrow_roles_granted_at_the_same_moment_do_not_make_a_wide_one() {
    const TWO: &str = "[admin]\ntwo_persons = true\nwide_role_above = 2\n";
    let rig = Rig::start("postgres", &[]);
    let db = Db::open(&rig.value("PG_URL")).await.expect("PostgreSQL opens");
    let dir = tempfile::tempdir().expect("a directory");
    let start = datetime!(2026-03-02 09:00 +7);
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    for house in [House::at(start, TWO).await, House::on(db, dir, start, TWO).await] {
        let kind = house.app.db.kind();
        house.add("lan", &[MailSystem::Ad]);
        house.add("an", &[MailSystem::Ad]);
        house.add_with("binh", &[MailSystem::Ad], |seen| {
            seen.agency =
                Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
        });
        house.sync().await;
        admins::grant(&house.app, &address("lan"), None).await.expect("granted");
        let by = admins::holder(&house.app, &address("lan")).await.expect("a role");
        let all = accounts::agencies(&house.app).await.expect("reads");
        let grant = |code: &str| {
            let agency = all.iter().find(|one| one.code == code).map(|one| one.id);
            let (app, by, why) = (house.app.clone(), by.clone(), "QĐ 12".to_owned());
            let wish = Wish { address: address("an"), role: Role::HelpDesk, agency, until: None, why };
            async move { roles::grant(&app, By::Administrator(&by), &wish).await }
        };
        let ends = Box::pin(both_at_once(&house, grant("so-khcn"), grant("so-nv"))).await;
        assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{kind}: {ends:?}");
        let asks = |end: &Result<_, _>| matches!(end, Err(GrantRefused::Stopped(Stopped::NeedsSecond(_))));
        assert!(ends.iter().any(asks), "{kind}: {ends:?}");
        assert_eq!(roles::every(&house.app).await.expect("reads").len(), 2, "{kind}: lan's and one of an");
    }
}

/// A run of the lock job that waits for two people.
async fn held(house: &House) -> RunId {
    let id = RunId::new(house.app.now(), house.app.system.entropy());
    let mut tx = house.app.db.begin().await.expect("begins");
    assert!(lock_runs::hold(&mut tx, id, house.app.now(), 800, "800 > 50").await.expect("held"));
    tx.commit().await.expect("commits");
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_people_who_approve_a_stopped_run_at_once_release_it() {
    let (houses, _rig) = houses().await;
    for house in houses {
        let mut both = Vec::new();
        for local in ["lan", "tuan"] {
            house.add(local, &[MailSystem::Ad]);
        }
        house.sync().await;
        for local in ["lan", "tuan"] {
            let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
            admins::grant(&house.app, &address, None).await.expect("granted");
            both.push(admins::holder(&house.app, &address).await.expect("a role"));
        }
        for round in 0..16 {
            house.pass(time::Duration::seconds(1));
            let run = held(&house).await;
            let mut hands = JoinSet::new();
            for by in both.clone() {
                let app = house.app.clone();
                hands.spawn(async move { brake::approve(&app, &by, run, "đã xem").await });
            }
            let said = hands.join_all().await;
            let complete = said.iter().filter(|one| matches!(one, Ok(true))).count();
            let place = format!("round {round} on {}: {said:?}", house.app.db.kind());
            assert_eq!(complete, 1, "{place}");
            let approved = lock_runs::in_state(&house.app.db, RunState::Approved).await.expect("reads");
            assert_eq!(approved.map(|one| one.id), Some(run), "{place}");
            let mut tx = house.app.db.begin().await.expect("begins");
            let states = (RunState::Approved, RunState::Done);
            assert!(
                lock_runs::move_on(&mut tx, run, states, (house.app.now(), ""), 0).await.expect("moved"),
                "{place}"
            );
            tx.commit().await.expect("commits");
        }
    }
}
