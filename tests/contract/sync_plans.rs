//! What the storage of the synchronisation's plans must do, on SQLite and on PostgreSQL.

use danang_sso::domain::id::{AccountId, AgencyId, RunId};
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::sync::{Field, FieldChange, Line, LineKind, counts};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::sync_plans::{Decision, KEPT, KeptPlan, LineFilter, PlanState};
use danang_sso::storage::{Db, agencies, sync_plans, sync_runs};
use danang_sso::system::System;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn line(kind: LineKind, agency: &str, subject: &str) -> Line {
    Line {
        kind,
        account_id: None,
        agency: Some(agency.to_owned()),
        agency_to: None,
        system: Some(MailSystem::Obm),
        subject: subject.to_owned(),
        name: "Đỗ Thị Bình".to_owned(),
        changes: Vec::new(),
    }
}

async fn keep(db: &Db, system: &System, moment: i64, state: PlanState, lines: &[Line]) -> RunId {
    let id = RunId::new(at(moment), system.entropy());
    let plan = KeptPlan {
        run_id: id,
        made_at: at(moment),
        directories: "ad obm".to_owned(),
        state,
        excess: "lock 8/20".to_owned(),
        other_run: None,
        decision: None,
        total: 0,
        kept: 0,
    };
    let mut tx = db.begin().await.expect("begins");
    sync_runs::start(&mut tx, id, "schedule", at(moment)).await.expect("started");
    sync_plans::keep(&mut tx, &plan, &counts(lines), lines).await.expect("kept");
    tx.commit().await.expect("commits");
    id
}

/// Everything about them; leaves no plan open.
pub(super) async fn are_kept_and_decided_on(db: &Db, system: &System) {
    lines_come_back_as_they_were(db, system).await;
    one_that_is_open_is_decided_on(db, system).await;
    a_huge_one_is_cut_and_counted(db, system).await;
}

async fn lines_come_back_as_they_were(db: &Db, system: &System) {
    let moved = Line {
        account_id: Some(AccountId::new(at(0), system.entropy())),
        agency_to: Some("so-yt".to_owned()),
        system: None,
        changes: vec![
            FieldChange { field: Field::Agency, before: Some("so-nv".to_owned()), after: None },
            FieldChange { field: Field::Title, before: None, after: Some("\"Trưởng\" phòng".to_owned()) },
        ],
        ..line(LineKind::Move, "so-nv", "binh@danang.example")
    };
    let lines = [
        line(LineKind::Gone, "so-nv", "an@danang.example"),
        moved.clone(),
        line(LineKind::Move, "so-nv", "chi@danang.example"),
    ];
    let id = keep(db, system, 0, PlanState::Applied, &lines).await;
    let read = async |filter: LineFilter, limit| {
        let found = sync_plans::lines(db, id, &filter, limit).await.expect("reads");
        found.into_iter().unzip::<_, _, Vec<_>, Vec<_>>()
    };
    assert_eq!(read(LineFilter::default(), 9).await, (vec![1, 2, 3], lines.to_vec()));
    let of_kind = LineFilter { kind: Some(LineKind::Move), ..LineFilter::default() };
    assert_eq!(read(of_kind.clone(), 1).await.0, [2], "a page");
    assert_eq!(read(LineFilter { after: 2, ..of_kind }, 9).await.0, [3], "the next one");
    let health = AgencyId::new(at(0), system.entropy());
    let mut tx = db.begin().await.expect("begins");
    agencies::put(&mut tx, health, "so-yt", "Sở Y tế").await.expect("put");
    tx.commit().await.expect("commits");
    let coming = LineFilter { reach: Some(health), ..LineFilter::default() };
    assert_eq!(read(coming, 9).await.1, [moved], "who comes concerns the agency too");
    let all = sync_plans::counts(db, id, None).await.expect("reads");
    assert_eq!((all[&LineKind::Gone], all[&LineKind::Move]), (1, 2));
    let own = sync_plans::counts(db, id, Some(health)).await.expect("reads");
    assert_eq!(own.into_iter().collect::<Vec<_>>(), [(LineKind::Move, 1)]);
    assert_eq!(sync_runs::by_id(db, id).await.expect("reads").map(|run| run.id), Some(id));
}

async fn one_that_is_open_is_decided_on(db: &Db, system: &System) {
    assert_eq!(sync_plans::open(db).await.expect("reads"), None);
    let id = keep(db, system, 10, PlanState::Held, &[line(LineKind::Gone, "so-nv", "an")]).await;
    let decision = Decision { by: "lan".to_owned(), at: at(20), why: "đã xem".to_owned() };
    let decide = async |to| {
        let mut tx = db.begin().await.expect("begins");
        let decided = sync_plans::decide(&mut tx, id, to, &decision).await.expect("runs");
        tx.commit().await.expect("commits");
        decided
    };
    assert!(decide(PlanState::Refused).await);
    assert!(!decide(PlanState::Refused).await, "not twice");
    assert!(decide(PlanState::Approved).await, "after all");
    assert!(!decide(PlanState::Refused).await, "an approval stands");
    let open = sync_plans::open(db).await.expect("reads").expect("it is open");
    assert_eq!((open.run_id, open.state, open.decision.as_ref()), (id, PlanState::Approved, Some(&decision)));
    let mut tx = db.begin().await.expect("begins");
    assert!(!sync_plans::end(&mut tx, id, PlanState::Held, PlanState::Released).await.expect("runs"));
    assert_eq!(sync_plans::of_run_in(&mut tx, id).await.expect("reads"), Some(open));
    tx.commit().await.expect("commits");

    sync_plans::forget(db, at(100)).await.expect("forgets");
    let kept = sync_plans::lines(db, id, &LineFilter::default(), 9).await.expect("reads");
    assert_eq!(kept.len(), 1, "the lines of one that is open stay");
    let mut tx = db.begin().await.expect("begins");
    assert!(sync_plans::end(&mut tx, id, PlanState::Approved, PlanState::Used).await.expect("runs"));
    tx.commit().await.expect("commits");
    assert_eq!(sync_plans::open(db).await.expect("reads"), None);
    assert_eq!(sync_plans::forget(db, at(100)).await.expect("forgets"), 1);
    assert_eq!(
        sync_plans::counts(db, id, None).await.expect("reads")[&LineKind::Gone],
        1,
        "the numbers stay"
    );
}

async fn a_huge_one_is_cut_and_counted(db: &Db, system: &System) {
    let lines: Vec<_> = (0..=KEPT).map(|n| line(LineKind::Create, "so-nv", &n.to_string())).collect();
    let id = keep(db, system, 30, PlanState::Planned, &lines).await;
    let plan = sync_plans::of_run(db, id).await.expect("reads").expect("kept");
    assert_eq!((plan.total, plan.kept), (5_001, 5_000));
    let last = LineFilter { after: 4_999, ..LineFilter::default() };
    assert_eq!(sync_plans::lines(db, id, &last, 9).await.expect("reads").len(), 1);
}
