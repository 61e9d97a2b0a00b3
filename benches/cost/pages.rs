//! The console's pages of numbers over the same 100,000 accounts on SQLite, by what each asks the services for: the
//! overview, the agencies with how well they keep the regulation, the forecast, the lists of the watch; for the whole
//! city and for one agency.
//!
//! What they count is there: mailboxes of two directories with quotas and last uses, a fortnight of sign-ins in every
//! agency, locks that were lifted. Nobody has a second factor.

use crate::estate::Estate;
use crate::table;
use danang_sso::domain::account::Account;
use danang_sso::domain::admin::Administrator;
use danang_sso::domain::audit::{Act, Actor, Entry};
use danang_sso::domain::id::{AgencyId, MailboxId};
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::sync::SeenMailbox;
use danang_sso::domain::watch::{Cap, Forward, ForwardSource, WatchList, Watched};
use danang_sso::services::watch::{self, Query};
use danang_sso::services::{accounts as use_cases, brake, compliance, conflicts, dashboard, forecast, sync};
use danang_sso::storage::{accounts, audit, directory_entries, mailboxes, watch as rows};
use danang_sso::system::Stopwatch;
use std::collections::HashMap;
use std::hint::black_box;
use time::Duration;

/// How often each page is asked for.
const TIMES: usize = 50;

/// Accounts read, and written about, at a time.
const PAGE: i64 = 1_000;

/// How far the forecast looks, as its page does where nobody says.
const DAYS: u16 = 30;

/// Runs of the synchronisation that the overview looks through.
const RUNS: i64 = 20;

/// Of so many accounts one was locked and let in again within the last three months.
const UNLOCKED: usize = 100;

/// Days of sign-ins, as many as the overview shows.
const SIGN_INS: i64 = 14;

/// Fills what the pages count and the lists do not.
pub async fn fill(estate: &Estate) -> anyhow::Result<()> {
    let db = &estate.app.db;
    let (mut after, mut number, mut one_of_each) = (None, 0, HashMap::new());
    loop {
        let page = accounts::open(db, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id());
        for account in &page {
            one_of_each.extend(account.profile().agency_id.map(|agency| (agency, account.clone())));
        }
        mail(estate, &page, number).await?;
        unlocks(estate, &page).await?;
        number += page.len();
    }
    sign_ins(estate, &one_of_each).await
}

/// Mailboxes: a third in each system alone, a third in both. One in a hundred has another quota or another limit, one in
/// two hundred forwards out of the city, one in ten was not used for half a year.
async fn mail(estate: &Estate, page: &[Account], first: usize) -> anyhow::Result<()> {
    let (app, now) = (&estate.app, estate.app.now());
    let mut seen = Vec::new();
    for (number, account) in (first..).zip(page) {
        for (system, without) in [(MailSystem::Ad, 0), (MailSystem::Obm, 1)] {
            if number % 3 != without {
                let id = MailboxId::new(now, app.system.entropy());
                seen.push((id, account.id(), mailbox(estate, (account, number), system)));
            }
        }
    }
    let mut tx = app.db.begin().await?;
    let known: Vec<_> = seen.iter().map(|(id, account, seen)| (*id, *account, seen)).collect();
    mailboxes::insert_many(&mut tx, &known).await?;
    for system in MailSystem::ALL {
        let of_system = seen.iter().map(|(_, _, seen)| seen).filter(|seen| seen.key.system == system);
        let entries: Vec<_> = of_system
            .map(|seen| (seen.key.native_id.clone(), directory_entries::written_mailbox(seen), true))
            .collect();
        directory_entries::put(&mut tx, system, &entries, now).await?;
    }
    for (_, _, seen) in &seen {
        for forward in &seen.watched.forwards {
            rows::see(&mut tx, (seen.key.system, &seen.key.native_id), forward, now).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

fn mailbox(estate: &Estate, (account, number): (&Account, usize), system: MailSystem) -> SeenMailbox {
    let unused = if number.is_multiple_of(10) { Duration::days(200) } else { Duration::days(3) };
    let to = format!("nguoi{number}@elsewhere.example");
    let forward = Forward::new(&to, true, ForwardSource::Holder).filter(|_| number.is_multiple_of(200));
    let is_odd = number.is_multiple_of(100);
    SeenMailbox {
        key: MailboxKey {
            system,
            native_id: format!("{}-{number}", system.code()),
            login: format!("nguoi{number}"),
        },
        address: account.profile().address.clone(),
        aliases: Vec::new(),
        display_name: account.profile().display_name.clone(),
        title: account.profile().title.clone(),
        staff_number: account.profile().staff_number.clone(),
        agency: None,
        enabled: true,
        must_change: false,
        password_set_at: None,
        created_at: None,
        last_used_at: Some(estate.app.now().minus(unused)),
        watched: Watched {
            forwards: forward.into_iter().collect(),
            quota: Some(Cap::Kib(if is_odd { 500_000 } else { 2_000_000 })),
            message: Some(Cap::Kib(if is_odd { 10_240 } else { 25_600 })),
        },
    }
}

/// Locks that were lifted a day later.
async fn unlocks(estate: &Estate, page: &[Account]) -> anyhow::Result<()> {
    let now = estate.app.now();
    let by = || Actor::Administrator("quantri@danang.example".to_owned());
    let mut lines = Vec::new();
    for (number, account) in page.iter().enumerate().filter(|(number, _)| number.is_multiple_of(UNLOCKED)) {
        let days = i64::try_from(number % 80)? + 2;
        let locked = Entry::about(now.minus(Duration::days(days)), by(), Act::Locked, account);
        let lifted = Entry::about(now.minus(Duration::days(days - 1)), by(), Act::Unlocked, account);
        lines.push(locked.changing("active", "by_administrator"));
        lines.push(lifted.changing("by_administrator", "must_change"));
    }
    append(estate, &lines).await
}

/// In each hour of the last days somebody of each agency signed in, and somebody mistyped.
async fn sign_ins(estate: &Estate, one_of_each: &HashMap<AgencyId, Account>) -> anyhow::Result<()> {
    let now = estate.app.now();
    for hours in (0..SIGN_INS * 24).rev() {
        let at = now.minus(Duration::hours(hours));
        let mut lines = Vec::new();
        for account in one_of_each.values() {
            let holder = Actor::Holder(account.profile().address.to_string());
            lines.push(Entry::about(at, holder, Act::SignedIn, account).from("192.0.2.7"));
            lines.push(Entry::about(at, Actor::Stranger, Act::SignInRefused, account).from("192.0.2.7"));
        }
        append(estate, &lines).await?;
    }
    Ok(())
}

async fn append(estate: &Estate, lines: &[Entry]) -> anyhow::Result<()> {
    let mut tx = estate.app.db.begin().await?;
    audit::append(&mut tx, lines).await?;
    tx.commit().await?;
    Ok(())
}

/// Measures them, as each of these administrators.
pub async fn measure(estate: &Estate, all: [(&str, &Administrator); 2]) -> anyhow::Result<()> {
    for (who, by) in all {
        numbers(estate, (who, by)).await?;
    }
    for (who, by) in all {
        lists(estate, (who, by)).await?;
    }
    Ok(())
}

/// The pages that only count.
async fn numbers(estate: &Estate, (who, by): (&str, &Administrator)) -> anyhow::Result<()> {
    let app = &estate.app;
    let overview = async || {
        black_box(dashboard::dashboard(app, by).await?);
        black_box((sync::runs(app, by, RUNS).await?, sync::decision_waits(app).await?));
        black_box(brake::waiting(app, by).await?);
        Ok(())
    };
    asked(&format!("overview, {who}"), overview).await?;
    let agencies = async || {
        black_box(compliance::table(app, by).await?);
        black_box(conflicts::counted_at(app).await?);
        Ok(())
    };
    asked(&format!("agencies with their numbers, {who}"), agencies).await?;
    let ahead = async || {
        black_box(forecast::forecast(app, by.reach().agency(), DAYS).await?);
        black_box(use_cases::agencies_within_reach(app, by).await?);
        Ok(())
    };
    asked(&format!("forecast of {DAYS} days, {who}"), ahead).await
}

/// The first page of each list of the watch, with its length by agency.
async fn lists(estate: &Estate, (who, by): (&str, &Administrator)) -> anyhow::Result<()> {
    let app = &estate.app;
    for list in WatchList::ALL {
        let query = Query { list, agency: None, after: (String::new(), String::new()) };
        let page = async || {
            black_box(watch::page(app, by, &query).await?);
            black_box(use_cases::agencies_within_reach(app, by).await?);
            Ok(())
        };
        asked(&format!("watch: {}, {who}", list.code()), page).await?;
    }
    Ok(())
}

async fn asked(what: &str, mut page: impl AsyncFnMut() -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let watch = Stopwatch::start();
        page().await?;
        took.push(watch.elapsed());
    }
    table::percentiles(what, &mut took);
    Ok(())
}
