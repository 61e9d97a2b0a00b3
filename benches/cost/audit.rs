//! The audit over ten million lines on PostgreSQL: a page of each kind of search, and the slowest of twenty. Each
//! time another account, actor or address is asked for, so that nothing is answered from the page before.

use crate::city::Rig;
use crate::estate::Estate;
use crate::table;
use anyhow::Context;
use danang_sso::domain::audit::Act;
use danang_sso::domain::id::{AccountId, AgencyId};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::audit_search::{self, Search};
use danang_sso::storage::{Db, agencies};
use danang_sso::system::Stopwatch;
use sqlx::{Connection, PgConnection};
use std::hint::black_box;
use std::path::Path;
use time::Duration;
use time::macros::datetime;

/// The word on the command line that asks for this part alone.
pub const ALONE: &str = "audit";

/// Lines, over a year.
const LINES: i64 = 10_000_000;
/// Lines that are written in one transaction.
const BATCH: i64 = 500_000;
/// Agencies; every tenth has nine below it. The last is another one, a small one, below a branch of ten.
const AGENCIES: u8 = 101;
/// Lines about the small one, the newest of all.
const FEW: i64 = 20;
/// How often each is asked.
const TIMES: u32 = 20;
/// A page and the line that tells whether there is another.
const PAGE: i64 = 51;

/// What `n` is about, from it alone. 40,000 accounts, each in one agency; 3,000 network addresses. Nine lines in ten are
/// sign-ins; a role is granted once in a million lines, and never in agency 7.
const FILL: &str = "
INSERT INTO audit (seq, at, actor_kind, actor, act, account_id, subject, agency_id, before, after, why, source, hash)
SELECT n, $3 + n * 3155760, 'holder', 'nguoi' || who || '@danang.example',
       CASE WHEN n % 1000000 = 0 AND who % 100 <> 7 THEN 'role_granted'
            WHEN n % 10 < 9 THEN 'signed_in' WHEN n % 100 < 50 THEN 'password_changed' ELSE 'locked' END,
       '00000000-0000-7000-8000-' || lpad(who::text, 12, '0'), 'nguoi' || who || '@danang.example', ($4::text[])[who % 100 + 1],
       NULL, 'pwd', NULL, '10.' || (n % 3) || '.' || (n * 7 % 10) || '.' || (n * 13 % 100), sha256(int8send(n))
FROM (SELECT n, (n * 7919 + n / 40000) % 40000 AS who FROM generate_series($1::bigint, $2::bigint) AS n) AS line";

/// Fills PostgreSQL and measures.
pub async fn measure(dir: &Path) -> anyhow::Result<()> {
    let rig = match Rig::start("postgres", dir, &[]).await {
        Ok(rig) => rig,
        Err(error) => {
            eprintln!("The audit is left out, for it needs PostgreSQL: {error:#}");
            return Ok(());
        }
    };
    let url = rig.value("PG_URL")?;
    let estate = Estate::open(dir, url).await?;
    let ids = tree(&estate).await?;
    fill(url, &ids).await?;
    table::part(&format!("The audit: {LINES} lines, PostgreSQL, which flushes nothing here"));
    table::percentiles_head();
    by_one_index(&estate.app.db, &ids).await?;
    by_time_and_branch(&estate.app.db, &ids).await?;
    small(&estate.app.db, &ids).await?;
    estate.app.db.close().await;
    Ok(())
}

fn of(act: Act) -> Search {
    Search { act: Some(act), ..Search::default() }
}

/// What a search for one thing costs, and for one thing of an act.
async fn by_one_index(db: &Db, ids: &[AgencyId]) -> anyhow::Result<()> {
    let agency = |number: usize| ids.get(number).copied();
    asked(db, "the newest", |_| Ok(Search::default())).await?;
    asked(db, "of one account", |n| Ok(Search { account: Some(account(n)?), ..Search::default() })).await?;
    asked(db, "by one actor", |n| Ok(Search { actor: Some(person(n)), ..Search::default() })).await?;
    asked(db, "by one actor, of one act", |n| {
        Ok(Search { actor: Some(person(n)), ..of(Act::PasswordChanged) })
    })
    .await?;
    asked(db, "from one network address", |n| Ok(Search { source: Some(source(n)), ..Search::default() }))
        .await?;
    asked(db, "of one act, a rare one", |_| Ok(of(Act::RoleGranted))).await?;
    asked(db, "about one agency", |n| {
        Ok(Search { agency: agency(usize::try_from(n)?), ..Search::default() })
    })
    .await?;
    asked(db, "about one agency, an act that never occurs there", |_| {
        Ok(Search { agency: agency(7), ..of(Act::RoleGranted) })
    })
    .await?;
    Ok(())
}

/// What a time and a reach cost.
async fn by_time_and_branch(db: &Db, ids: &[AgencyId]) -> anyhow::Result<()> {
    let half_a_year = first().plus(Duration::days(182));
    let day = Search {
        since: Some(half_a_year),
        until: Some(half_a_year.plus(Duration::days(1))),
        ..Search::default()
    };
    let reach = ids.get(20).copied();
    asked(db, "a day half a year back", |_| Ok(day.clone())).await?;
    asked(db, "a day half a year back, of one act", |_| {
        Ok(Search { act: Some(Act::PasswordChanged), ..day.clone() })
    })
    .await?;
    asked(db, "within a branch of ten agencies", |_| Ok(Search { reach, ..Search::default() })).await?;
    asked(db, "within a branch of ten agencies, of one act", |_| Ok(Search { reach, ..of(Act::Locked) }))
        .await?;
    asked(db, "within a branch of ten agencies, a rare act", |_| {
        Ok(Search { reach, ..of(Act::RoleGranted) })
    })
    .await?;
    Ok(())
}

/// What an agency with few lines costs, alone and within a branch.
async fn small(db: &Db, ids: &[AgencyId]) -> anyhow::Result<()> {
    let of = |number: usize| Search { reach: ids.get(number).copied(), ..Search::default() };
    let (alone, branch) = (of(100), of(90));
    asked(db, "of an agency with 20 lines", |_| Ok(alone.clone())).await?;
    asked(db, "of an agency with 20 lines, an act that is frequent elsewhere", |_| {
        Ok(Search { act: Some(Act::SignedIn), ..alone.clone() })
    })
    .await?;
    asked(db, "within a branch of ten agencies and a small one", |_| Ok(branch.clone())).await?;
    asked(db, "the same half a year back", |_| {
        let until = Some(first().plus(Duration::days(182)));
        Ok(Search { until, ..branch.clone() })
    })
    .await
}

/// When the first line was written.
fn first() -> Timestamp {
    Timestamp::from_datetime(datetime!(2026-01-01 00:00 +7))
}

/// Each time another one.
fn person(number: u32) -> String {
    format!("nguoi{}@danang.example", number * 1_999 % 40_000)
}

fn account(number: u32) -> anyhow::Result<AccountId> {
    Ok(format!("00000000-0000-7000-8000-{:012}", number * 1_999 % 40_000).parse()?)
}

fn source(number: u32) -> String {
    format!("10.{}.{}.{}", number % 3, number * 7 % 10, number * 13 % 100)
}

/// The agencies: each one whose number ends in 0 has the nine after it below it.
async fn tree(estate: &Estate) -> anyhow::Result<Vec<AgencyId>> {
    let (app, now) = (&estate.app, estate.app.now());
    let ids: Vec<_> = (0..AGENCIES).map(|_| AgencyId::new(now, app.system.entropy())).collect();
    let mut tx = app.db.begin().await?;
    for (number, id) in ids.iter().enumerate() {
        agencies::put(&mut tx, *id, &format!("so-{number}"), &format!("Sở số {number}")).await?;
    }
    for branch in ids.chunks(10) {
        if let Some((head, below)) = branch.split_first() {
            for id in below {
                agencies::set_parent(&mut tx, *id, Some(*head)).await?;
            }
        }
    }
    if let (Some(small), Some(head)) = (ids.get(100), ids.get(90)) {
        agencies::set_parent(&mut tx, *small, Some(*head)).await?;
    }
    tx.commit().await?;
    Ok(ids)
}

async fn fill(url: &str, ids: &[AgencyId]) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await.context("connecting to PostgreSQL")?;
    let ids: Vec<_> = ids.iter().map(AgencyId::to_string).collect();
    let mut done = 0;
    while done < LINES {
        let fill = sqlx::query(FILL).bind(done + 1).bind(done + BATCH).bind(first().micros()).bind(&ids);
        fill.execute(&mut connection).await.context("filling the audit")?;
        done += BATCH;
        eprintln!("Filling PostgreSQL with {LINES} lines of audit: {done}");
    }
    let small: Vec<_> = ids.iter().skip(100).cycle().take(100).cloned().collect();
    let fill = sqlx::query(FILL).bind(done + 1).bind(done + FEW).bind(first().micros()).bind(&small);
    fill.execute(&mut connection).await.context("filling in a small agency")?;
    sqlx::query("ANALYZE").execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Asks many times, each time for another one.
async fn asked(db: &Db, what: &str, search: impl Fn(u32) -> anyhow::Result<Search>) -> anyhow::Result<()> {
    let mut took = Vec::new();
    for number in 0..TIMES {
        let search = search(number)?;
        let watch = Stopwatch::start();
        black_box(audit_search::page(db, &search, None, PAGE).await?);
        took.push(watch.elapsed());
    }
    table::percentiles(what, &mut took);
    Ok(())
}
