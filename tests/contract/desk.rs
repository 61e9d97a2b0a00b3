//! What the help desk's pages keep, on both databases: acts over many accounts, notes, counts by the hour.

use danang_sso::domain::account::{Account, State, StateName};
use danang_sso::domain::audit::{Act, Actor, Entry};
use danang_sso::domain::bulk::{BulkAct, BulkState, Outcome};
use danang_sso::domain::id::{AccountId, AgencyId, BulkId, NoteId};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::account_notes::{self, Note};
use danang_sso::storage::bulk::{self, Job};
use danang_sso::storage::{Db, accounts, agencies, audit, forecast, hour_counts, outboxes};
use danang_sso::system::System;
use time::Duration;

/// Long after everything else of the contract, at the beginning of an hour.
const NOW: Timestamp = Timestamp::from_seconds(1_900_000_800);

async fn read(db: &Db, id: AccountId) -> Account {
    accounts::by_id(db, id).await.expect("reads").expect("is there")
}

/// A job from its draft to its way back; what another hand has settled is settled once.
pub(super) async fn a_job_is_kept(db: &Db, system: &System, agency: AgencyId, people: [AccountId; 3]) {
    let [active, must_change, locked] =
        [read(db, people[0]).await, read(db, people[1]).await, read(db, people[2]).await];
    let job = Job {
        id: BulkId::new(NOW, system.entropy()),
        act: BulkAct::Lock,
        asked_by: active.id(),
        asked_as: "an@danang.example".to_owned(),
        agency: Some(agency),
        described: "q=an".to_owned(),
        why: None,
        state: BulkState::Draft,
        total: 0,
        created_at: NOW,
        started_at: None,
        finished_at: None,
    };
    is_drawn_up(db, &job, [&active, &must_change, &locked]).await;
    let mut tx = db.begin().await.expect("begins");
    assert!(bulk::start(&mut tx, job.id, "thử", NOW).await.expect("started"));
    assert!(!bulk::start(&mut tx, job.id, "thử", NOW).await.expect("once"));
    assert_eq!(bulk::open(&mut tx, job.id, 2).await.expect("reads").len(), 2);
    for (account, outcome) in
        [(&active, Outcome::Done), (&must_change, Outcome::Done), (&locked, Outcome::Changed)]
    {
        assert!(bulk::settle(&mut tx, job.id, account, outcome).await.expect("settled"));
        assert!(!bulk::settle(&mut tx, job.id, account, Outcome::Changed).await.expect("once"));
    }
    assert_eq!(bulk::open(&mut tx, job.id, 9).await.expect("reads"), []);
    let late = bulk::finish(&mut tx, (job.id, BulkState::Undoing), NOW).await.expect("asked");
    assert!(!late, "somebody who saw another state finishes nothing");
    assert!(bulk::finish(&mut tx, (job.id, BulkState::Running), NOW).await.expect("finished"));
    assert!(bulk::undo(&mut tx, job.id, "nhầm").await.expect("begins"));
    let back = bulk::done(&mut tx, job.id, 9).await.expect("reads");
    for (item, before) in back.iter().zip([&active, &must_change]) {
        let is_it = (item.account_id, item.version) == (before.id(), before.version() + 1);
        assert!(
            is_it && item.before == Some((*before.state(), before.traces().promised_until)),
            "{item:?} after {before:?}"
        );
    }
    assert_eq!(back.len(), 2);
    assert!(bulk::settle_back(&mut tx, job.id, active.id(), Outcome::Undone).await.expect("settled"));
    assert!(!bulk::settle_back(&mut tx, job.id, active.id(), Outcome::Kept).await.expect("once"));
    tx.commit().await.expect("commits");
    let ids = |all: Vec<Job>| all.into_iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(ids(bulk::under_way(db).await.expect("reads")), [job.id]);
    assert_eq!(ids(bulk::latest(db, Some(active.id()), 9).await.expect("reads")), [job.id]);
    assert_eq!(ids(bulk::latest(db, Some(locked.id()), 9).await.expect("reads")), []);
    let kept = bulk::accounts(db, job.id, &[Outcome::Changed], None, 9).await.expect("reads");
    assert_eq!(kept.iter().map(Account::id).collect::<Vec<_>>(), [locked.id()]);
    let mut outcomes = bulk::by_outcome(db, job.id).await.expect("reads");
    outcomes.sort_by_key(|(outcome, _)| outcome.map(Outcome::code));
    let expected = [Outcome::Changed, Outcome::Done, Outcome::Undone].map(|outcome| (Some(outcome), 1));
    assert_eq!(outcomes, expected);

    assert!(matches!(active.state(), State::Active { .. }), "the tests before left it so");
    is_forgotten(db, job.id).await;
}

async fn is_drawn_up(db: &Db, job: &Job, [active, must_change, locked]: [&Account; 3]) {
    let mut tx = db.begin().await.expect("begins");
    bulk::insert(&mut tx, job).await.expect("written");
    bulk::add(&mut tx, job.id, &[active, must_change]).await.expect("added");
    bulk::add(&mut tx, job.id, &[locked]).await.expect("added");
    tx.commit().await.expect("commits");
    let kept = bulk::by_id(db, job.id).await.expect("reads");
    assert_eq!(kept, Some(Job { total: 3, ..job.clone() }));
    let agencies = bulk::by_agency(db, job.id, None).await.expect("reads");
    assert_eq!(agencies.iter().map(|(_, n)| n).sum::<i64>(), 3);
    let states = bulk::by_state(db, job.id, None).await.expect("reads");
    assert!(
        states
            .iter()
            .any(|(state, reason, n)| (*state, reason.is_some(), *n) == (StateName::Locked, true, 1))
    );
    assert_eq!(bulk::latest(db, None, 9).await.expect("reads"), [], "a draft is no act");
}

async fn is_forgotten(db: &Db, id: BulkId) {
    let later = NOW.plus(Duration::days(400));
    assert_eq!(bulk::forget(db, later, later).await.expect("kept"), 0, "somebody is at work");
    let mut tx = db.begin().await.expect("begins");
    assert!(bulk::finish(&mut tx, (id, BulkState::Undoing), NOW).await.expect("finished"));
    tx.commit().await.expect("commits");
    assert_eq!(bulk::forget(db, later, NOW).await.expect("kept"), 0, "an act is kept longer than a draft");
    assert_eq!(bulk::forget(db, later, later).await.expect("forgotten"), 1);
}

/// Notes, newest first.
pub(super) async fn notes_are_kept(db: &Db, system: &System, account: AccountId) {
    let note = |text: &str, seconds| Note {
        written_at: NOW.plus(Duration::seconds(seconds)),
        author: "Đặng Thị Ngọc Lan".to_owned(),
        address: "lan@danang.example".to_owned(),
        text: text.to_owned(),
    };
    let (one, two) = (note("Gọi lại\nsau 9 giờ", 1), note("Đã xong", 2));
    let mut tx = db.begin().await.expect("begins");
    for note in [&one, &two] {
        account_notes::add(&mut tx, NoteId::new(NOW, system.entropy()), account, note).await.expect("added");
    }
    tx.commit().await.expect("commits");
    assert_eq!(account_notes::of_account(db, account, 9).await.expect("reads"), [two.clone(), one]);
    assert_eq!(account_notes::of_account(db, account, 1).await.expect("reads"), [two]);
}

/// Counted with the audit, by the hour, for an agency with those below it.
pub(super) async fn what_happens_is_counted_by_the_hour(db: &Db, agency: AgencyId) {
    let all = agencies::every(db).await.expect("reads");
    let of = |code: &str| all.iter().find(|agency| agency.code == code).map(|agency| agency.id);
    let entry = |minutes: i64, act, agency_id| {
        let at = NOW.plus(Duration::minutes(minutes));
        Entry { agency_id, ..Entry::new(at, Actor::CommandLine, act, "thử") }
    };
    let batches = [
        vec![
            entry(1, Act::SignedIn, of("to")),
            entry(2, Act::SignedIn, of("to")),
            entry(3, Act::SignedIn, of("khac")),
            entry(4, Act::NoteAdded, of("to")),
        ],
        vec![entry(5, Act::SignedIn, None), entry(70, Act::SignInRefused, Some(agency))],
    ];
    for batch in batches {
        let mut tx = db.begin().await.expect("begins");
        audit::append(&mut tx, &batch).await.expect("appended");
        tx.commit().await.expect("commits");
    }
    let mut tx = db.begin().await.expect("begins");
    for minutes in [1, 2, 65] {
        hour_counts::count_stranger(&mut tx, NOW.plus(Duration::minutes(minutes))).await.expect("counted");
    }
    tx.commit().await.expect("commits");
    let strangers = hour_counts::of_strangers(db, NOW).await.expect("reads");
    let strangers: Vec<_> = strangers.iter().map(|(at, n)| (at.since(NOW).whole_hours(), *n)).collect();
    assert_eq!(strangers, [(0, 2), (1, 1)], "counted beside the acts");
    let counted = async |reach| {
        let counts = hour_counts::since(db, NOW, reach).await.expect("reads");
        counts.into_iter().map(|c| (c.hour.since(NOW).whole_hours(), c.act, c.number)).collect::<Vec<_>>()
    };
    assert_eq!(counted(None).await, [(0, Act::SignedIn, 4), (1, Act::SignInRefused, 1)]);
    assert_eq!(counted(Some(agency)).await, [(0, Act::SignedIn, 2), (1, Act::SignInRefused, 1)]);
    assert_eq!(counted(of("khac")).await, [(0, Act::SignedIn, 1)]);
    let ends = forecast::due_by_end(db, Timestamp::default(), NOW, Some(agency)).await.expect("reads");
    let sum: i64 = ends.iter().map(|(_, number)| number).sum();
    let known = accounts::due_between(db, Timestamp::default(), NOW, Some(agency)).await.expect("reads");
    assert_eq!(sum, known);
    assert!(known > 0, "somebody is due");
    assert!(outboxes::waiting(db).await.expect("reads").failed >= 0);
    assert!(hour_counts::forget(db, NOW.plus(Duration::hours(1))).await.expect("forgotten") >= 3);
    assert_eq!(counted(None).await, [(1, Act::SignInRefused, 1)]);
}
