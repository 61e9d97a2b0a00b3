//! What the storage behind the portal must do, on SQLite and on PostgreSQL: incidents, rules, delegations, activity.

use danang_sso::domain::delegation::Delegation;
use danang_sso::domain::id::{AccountId, AgencyId, DelegationId, IncidentId, StepId};
use danang_sso::domain::incident::{Clock, Closing, Incident, IncidentKind, Judgement, Step, StepKind};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::rules::Acknowledged;
use danang_sso::storage::{Db, StorageError, activity, delegations, incidents, rules};
use danang_sso::system::System;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

/// All of it; `people` are two accounts, `agency` theirs.
pub(super) async fn is_kept(db: &Db, system: &System, people: [AccountId; 2], agency: AgencyId) {
    incidents_are_numbered_judged_and_closed_once(db, system, people[0], agency).await;
    acknowledgements_are_counted_by_agency(db, people[0], agency).await;
    delegations_are_in_force_once(db, system, people).await;
    let rows = activity::sign_ins(db, people[0], at(-1_000_000), 100).await.expect("reads");
    assert!(rows.windows(2).all(|pair| pair[0].auth_time >= pair[1].auth_time), "the newest first");
    activity::refused(db, people[0], at(-1_000_000), 100).await.expect("reads");
}

fn reported(system: &System, account_id: AccountId, agency: AgencyId) -> Incident {
    Incident {
        id: IncidentId::new(at(10), system.entropy()),
        year: 2026,
        number: 1,
        kind: IncidentKind::SuspiciousMail,
        account_id,
        agency_id: Some(agency),
        title: "Thư lạ".to_owned(),
        story: "Dòng một\nDòng hai".to_owned(),
        done: String::new(),
        occurred_at: at(1),
        detected_at: at(2),
        reported_at: at(10),
        judgement: Judgement::default(),
        closing: None,
        version: 0,
    }
}

async fn incidents_are_numbered_judged_and_closed_once(
    db: &Db,
    system: &System,
    account: AccountId,
    agency: AgencyId,
) {
    let mut tx = db.begin().await.expect("begins");
    let numbers = [
        incidents::next_number(&mut tx, 2026).await.expect("a number"),
        incidents::next_number(&mut tx, 2026).await.expect("a number"),
        incidents::next_number(&mut tx, 2027).await.expect("a number"),
    ];
    assert_eq!(numbers, [1, 2, 1]);
    let one = reported(system, account, agency);
    incidents::insert(&mut tx, &one).await.expect("added");
    let step = Step {
        at: at(11),
        actor: "an@danang.example".to_owned(),
        kind: StepKind::NoticeGiven,
        clock: Some(Clock::City),
        words: "Công văn 12".to_owned(),
    };
    let id = StepId::new(at(11), system.entropy());
    incidents::add_step(&mut tx, id, one.id, &step).await.expect("added");
    tx.commit().await.expect("commits");
    assert_eq!(incidents::by_id(db, one.id).await.expect("reads").as_ref(), Some(&one));
    assert_eq!(incidents::steps(db, one.id).await.expect("reads"), [step]);
    assert_eq!(incidents::of_account(db, account, 9).await.expect("reads"), std::slice::from_ref(&one));
    assert_eq!(incidents::since(db, account, at(9)).await.expect("reads"), 1);
    assert_eq!(incidents::since(db, account, at(10)).await.expect("reads"), 0);
    let other = AgencyId::new(at(0), system.entropy());
    for (reach, number) in [(None, 1), (Some(agency), 1), (Some(other), 0)] {
        assert_eq!(incidents::open(db, reach).await.expect("reads"), number);
        let listed = incidents::list(db, reach, true, None, 9).await.expect("reads");
        assert_eq!(i64::try_from(listed.len()), Ok(number));
    }

    let judgement = Judgement { is_incident: true, is_serious: true, personal_data: false };
    let mut tx = db.begin().await.expect("begins");
    assert!(incidents::judge(&mut tx, &one, judgement).await.expect("judged"));
    assert!(!incidents::judge(&mut tx, &one, judgement).await.expect("runs"), "an old version");
    tx.commit().await.expect("commits");
    let judged = incidents::by_id(db, one.id).await.expect("reads").expect("there");
    assert_eq!((judged.judgement, judged.version), (judgement, 1));
    let closing = Closing { at: at(20), by: "lan".to_owned(), report: "Xong".to_owned() };
    let mut tx = db.begin().await.expect("begins");
    assert!(!incidents::close(&mut tx, &one, &closing).await.expect("runs"), "an old version");
    assert!(incidents::close(&mut tx, &judged, &closing).await.expect("closed"));
    tx.commit().await.expect("commits");
    let closed = incidents::list(db, None, false, None, 9).await.expect("reads");
    assert_eq!(closed.first().and_then(|one| one.closing.clone()), Some(closing));
    let before = incidents::list(db, None, false, Some(one.id), 9).await.expect("reads");
    assert!(before.is_empty(), "nothing is older");
}

async fn acknowledgements_are_counted_by_agency(db: &Db, account: AccountId, agency: AgencyId) {
    let one = |version: &str, seconds| Acknowledged { version: version.to_owned(), at: at(seconds) };
    let mut tx = db.begin().await.expect("begins");
    for acknowledged in [one("a", 1), one("b", 2), one("b", 3), one("b", 3)] {
        rules::add(&mut tx, account, &acknowledged).await.expect("added");
    }
    tx.commit().await.expect("commits");
    assert_eq!(rules::of_account(db, account, 2).await.expect("reads"), [one("b", 3), one("b", 2)]);
    let counted = |version: &'static str, since| async move {
        let all = rules::by_agency(db, version, at(since), Some(agency)).await.expect("counted");
        all.iter().map(|one| one.acknowledged).sum::<i64>()
    };
    assert_eq!((counted("b", 0).await, counted("b", 3).await, counted("c", 0).await), (1, 0, 0));
}

async fn delegations_are_in_force_once(db: &Db, system: &System, [mailbox, person]: [AccountId; 2]) {
    let one = |seconds| Delegation {
        id: DelegationId::new(at(seconds), system.entropy()),
        mailbox,
        person,
        granted_at: at(seconds),
        granted_by: "lan".to_owned(),
        why: "Quyết định 7".to_owned(),
        ends_at: Some(at(1_000)),
    };
    let (first, second) = (one(1), one(2));
    let mut tx = db.begin().await.expect("begins");
    delegations::add(&mut tx, &first).await.expect("added");
    tx.commit().await.expect("commits");
    let mut tx = db.begin().await.expect("begins");
    let twice = delegations::add(&mut tx, &second).await;
    assert!(matches!(twice, Err(StorageError::Conflict { .. })), "{twice:?}");
    drop(tx);
    assert_eq!(delegations::of_mailbox(db, mailbox).await.expect("reads"), std::slice::from_ref(&first));
    assert_eq!(delegations::of_person(db, person).await.expect("reads"), std::slice::from_ref(&first));
    let mut tx = db.begin().await.expect("begins");
    assert!(delegations::end(&mut tx, first.id, "lan", at(3)).await.expect("ended"));
    assert!(!delegations::end(&mut tx, first.id, "lan", at(3)).await.expect("runs"), "once");
    delegations::add(&mut tx, &second).await.expect("there is room again");
    tx.commit().await.expect("commits");
    assert_eq!(delegations::of_person(db, person).await.expect("reads"), std::slice::from_ref(&second));
    assert_eq!(delegations::version(db, mailbox).await.expect("reads"), 3, "granted, taken back, granted");
    let mut tx = db.begin().await.expect("begins");
    assert!(delegations::end(&mut tx, second.id, "", at(1_000)).await.expect("over by its last day"));
    assert_eq!(delegations::version_in(&mut tx, mailbox).await.expect("reads"), 3, "nobody has changed it");
}
