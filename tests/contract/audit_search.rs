//! The audit of a branch on both databases: agency by agency it is the same as one walk through everything.

use danang_sso::domain::audit::{Act, Actor, Entry};
use danang_sso::domain::id::AgencyId;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::audit_search::{self, Search};
use danang_sso::storage::{Db, agencies, audit};

/// When the lines of this file are from; after them nothing.
const NOW: i64 = 1_950_000_000;

/// An agency with those below it, of which the smallest has two lines.
pub async fn of_a_branch_is_merged(db: &Db, root: AgencyId) {
    fill(db, root).await;
    let branch = agencies::branch(db, root).await.expect("reads");
    let branch: Vec<String> = branch.agencies().map(|id| id.to_string()).collect();
    assert!(branch.len() >= 3, "{branch:?}");
    let recent = Some(Timestamp::from_seconds(NOW + 20));
    for (act, since) in [(None, None), (Some(Act::Locked), None), (None, recent), (Some(Act::Locked), recent)]
    {
        let whole = Search { act, since, ..Search::default() };
        let whole = audit_search::page(db, &whole, None, 100_000).await.expect("reads");
        let mut within: Vec<_> = whole.iter().map(|found| &found.record).collect();
        within.retain(|record| record.agency_id.as_ref().is_some_and(|agency| branch.contains(agency)));
        let expected: Vec<i64> = within.iter().map(|record| record.seq).collect();
        assert!(expected.len() > 8, "{expected:?}");
        let search = Search { reach: Some(root), act, since, ..Search::default() };
        for limit in [1, 7, 51, 1_000] {
            assert_eq!(walked(db, &search, limit).await, expected, "{search:?}, {limit} a page");
        }
    }
}

async fn fill(db: &Db, root: AgencyId) {
    let all = agencies::every(db).await.expect("reads");
    let of = |code: &str| all.iter().find(|agency| agency.code == code).expect("it is there").id;
    let turns = [Some(root), Some(of("phong")), Some(of("khac")), None];
    let line = |(number, turn): (i64, Option<AgencyId>)| {
        let act = if number % 3 == 0 { Act::Locked } else { Act::Unlocked };
        let at = Timestamp::from_seconds(NOW + number);
        let agency_id = if [7, 30].contains(&number) { Some(of("to")) } else { turn };
        Entry { agency_id, ..Entry::new(at, Actor::CommandLine, act, format!("dòng {number}")) }
    };
    let lines: Vec<_> = (0..80).zip(turns.into_iter().cycle()).map(line).collect();
    let mut tx = db.begin().await.expect("begins");
    audit::append(&mut tx, &lines).await.expect("appended");
    tx.commit().await.expect("commits");
}

/// The numbers of all lines, page by page.
async fn walked(db: &Db, search: &Search, limit: i64) -> Vec<i64> {
    let (mut met, mut below) = (Vec::new(), None);
    loop {
        let page = audit_search::page(db, search, below, limit).await.expect("reads");
        let Some(last) = page.last() else { return met };
        below = Some(last.record.seq);
        met.extend(page.iter().map(|found| found.record.seq));
    }
}
