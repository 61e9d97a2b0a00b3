//! The console's open sessions over the same 100,000 accounts on SQLite, by what the page asks the services for: the list
//! as the city and as one agency see it, narrowed, searched, in the middle, and what would be ended.
//!
//! Three accounts in ten have a session that was used within the last hour, each with one or two applications; beside
//! them lie as many that nobody has used since yesterday and nobody has ended, as they do in a house that runs.

use crate::estate::{Estate, web_application};
use crate::table;
use danang_sso::domain::account::Account;
use danang_sso::domain::admin::Administrator;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::id::{ClientRowId, FamilyId, SessionId};
use danang_sso::domain::oauth::grant::{Grant, GrantDetails};
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::proof::Proof;
use danang_sso::domain::session::{Door, Session};
use danang_sso::services::clients;
use danang_sso::services::session_desk::{self, Edge, Narrowed};
use danang_sso::storage::{Tx, accounts, grants, sessions};
use danang_sso::system::Stopwatch;
use std::hint::black_box;
use time::Duration;

/// Sessions that are open, and as many that are over.
const OPEN: usize = 30_000;

/// Accounts read, and sessions written, at a time.
const PAGE: i64 = 1_000;

/// One session in so many has entered the second application.
const RARE: usize = 100;

/// How often each is asked for.
const TIMES: usize = 50;

const CALLBACK: &str = "https://app.danang.example/callback";

/// Fills them in and measures, as each of these administrators, of whom the first is the city's.
pub async fn measure(estate: &Estate, all: [(&str, &Administrator); 2]) -> anyhow::Result<()> {
    eprintln!("Filling in {OPEN} open sessions …");
    let applications = [register(estate, "Một cửa").await?, register(estate, "Kho hồ sơ").await?];
    fill(estate, applications).await?;
    for (who, by) in all {
        let words = |text: &str| Narrowed { search: text.to_owned(), ..Narrowed::default() };
        let network = Narrowed { source: "10.1.".to_owned(), ..Narrowed::default() };
        let older = Narrowed { older: Some(Duration::hours(7)), ..Narrowed::default() };
        for (what, narrowed) in [
            ("open sessions", Narrowed::default()),
            ("open sessions of a common family name", words("nguyen")),
            ("open sessions of one staff number", words("dn077777")),
            ("open sessions from a network", network),
            ("open sessions begun this morning", older),
        ] {
            asked(estate, &format!("{what}, {who}"), (by, &narrowed, None)).await?;
        }
        preview(estate, who, by).await?;
    }
    of_the_city(estate, all[0].1, applications).await
}

/// What only the city asks for.
async fn of_the_city(
    estate: &Estate,
    by: &Administrator,
    [common, rare]: [ClientRowId; 2],
) -> anyhow::Result<()> {
    let with = |client| Narrowed { client: Some(client), ..Narrowed::default() };
    asked(estate, "open sessions with what everybody uses", (by, &with(common), None)).await?;
    asked(estate, "open sessions with what few use", (by, &with(rare), None)).await?;
    let now = estate.app.now();
    let id = SessionId::new(now, estate.app.system.entropy());
    let middle = Edge { last_seen_at: now.minus(Duration::minutes(27)), id };
    asked(estate, "open sessions, in the middle", (by, &Narrowed::default(), Some(middle))).await
}

async fn asked(
    estate: &Estate,
    what: &str,
    (by, narrowed, below): (&Administrator, &Narrowed, Option<Edge>),
) -> anyhow::Result<()> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let watch = Stopwatch::start();
        black_box(session_desk::page(&estate.app, by, narrowed, below).await?);
        took.push(watch.elapsed());
    }
    table::percentiles(what, &mut took);
    Ok(())
}

async fn preview(estate: &Estate, who: &str, by: &Administrator) -> anyhow::Result<()> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let watch = Stopwatch::start();
        black_box(session_desk::preview(&estate.app, by, &Narrowed::default()).await?);
        took.push(watch.elapsed());
    }
    table::percentiles(&format!("the sessions that would be ended, {who}"), &mut took);
    Ok(())
}

async fn register(estate: &Estate, name: &str) -> anyhow::Result<ClientRowId> {
    let registration = web_application(name, CALLBACK, Metadata::default());
    Ok(clients::register(&estate.app, Actor::CommandLine, &registration).await?.client.id)
}

async fn fill(estate: &Estate, applications: [ClientRowId; 2]) -> anyhow::Result<()> {
    let db = &estate.app.db;
    let (mut after, mut number) = (None, 0);
    while number < OPEN {
        let page = accounts::open(db, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id());
        let mut tx = db.begin().await?;
        // Of every agency alike.
        for account in page.iter().enumerate().filter(|(at, _)| at % 10 < 3).map(|(_, account)| account) {
            let minutes = i64::try_from(number % 55)?;
            let open = session(estate, (account, number), Duration::minutes(minutes));
            sessions::insert(&mut tx, &open).await?;
            let over = session(estate, (account, number), Duration::hours(20));
            sessions::insert(&mut tx, &over).await?;
            enter(estate, &mut tx, (&open, applications[0])).await?;
            if number.is_multiple_of(RARE) {
                enter(estate, &mut tx, (&open, applications[1])).await?;
            }
            number += 1;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// A session that was used so long ago and began up to eight hours before.
fn session(estate: &Estate, (account, number): (&Account, usize), unused: Duration) -> Session {
    let last_seen_at = estate.app.now().minus(unused);
    let auth_time = last_seen_at.minus(Duration::minutes(i64::try_from(number % 480).unwrap_or_default()));
    Session {
        id: SessionId::new(auth_time, estate.app.system.entropy()),
        account_id: account.id(),
        door: Door::Staff,
        auth_time,
        proof: Proof::BIND,
        factor_at: None,
        last_seen_at,
        expires_at: auth_time.plus(Duration::days(30)),
        source: format!("10.{}.{}.{}", number % 3, number / 251 % 251, number % 251),
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0".to_owned(),
    }
}

/// An application that was entered with a session.
async fn enter(
    estate: &Estate,
    tx: &mut Tx,
    (session, client): (&Session, ClientRowId),
) -> anyhow::Result<()> {
    let at = session.auth_time;
    let grant = Grant {
        id: FamilyId::new(at, estate.app.system.entropy()),
        client,
        account: session.account_id,
        session: session.id,
        scopes: Scopes::all(),
        nonce: None,
        auth_time: at,
        proof: session.proof,
        redirect_uri: CALLBACK.to_owned(),
        code_challenge: None,
        details: GrantDetails::default(),
        created_at: at,
        code_expires_at: at.plus(Duration::minutes(1)),
        code_used_at: Some(at),
        expires_at: session.expires_at,
        ended_at: None,
    };
    grants::insert(tx, &grant, &grant.id.to_string()).await?;
    Ok(())
}
