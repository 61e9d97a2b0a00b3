//! The console over 100,000 accounts on SQLite: what a page of the list of accounts, a search, an order cost, and the
//! slowest of a hundred; then the pages of numbers (`pages`) and the open sessions (`sessions`).

use crate::estate::{self, Estate};
use crate::pages;
use crate::sessions;
use crate::table;
use danang_sso::domain::account::{Account, StateName};
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::services::account_list::{self, Due, Narrowed, Order, Place, Sort, Systems};
use danang_sso::services::deadlines;
use danang_sso::storage::{account_list as rows, accounts};
use danang_sso::system::Stopwatch;
use std::path::Path;
use std::time::Duration;
use time::macros::date;

/// The word on the command line that asks for this part alone.
pub const ALONE: &str = "console";

/// How often each is asked.
const TIMES: usize = 100;

/// Measures them.
pub async fn measure(dir: &Path) -> anyhow::Result<()> {
    let url = format!("sqlite:{}", dir.join("console.db").display());
    eprintln!("Filling SQLite with {} accounts …", estate::ACCOUNTS);
    Estate::fill(dir, &url).await?;
    let estate = Estate::open(dir, &url).await?;
    // What is ordered by deadline has one: accounts are filled in without.
    deadlines::keep(&estate.app).await?;
    table::part(&format!("The console: {} accounts, SQLite", estate::ACCOUNTS));
    table::percentiles_head();
    let first: Vec<Account> = accounts::open(&estate.app.db, None, 1).await?;
    let one = first.first().ok_or_else(|| anyhow::anyhow!("there are no accounts"))?;
    let city = Administrator::holding(one, Role::City, Reach::City);
    let agency = one.profile().agency_id.map_or(Reach::City, Reach::of_agency);
    let agency = Administrator::holding(one, Role::Agency, agency);
    let search = |text: &str| Narrowed { search: text.to_owned(), ..Narrowed::default() };
    let by = |sort, downwards| Order { sort, downwards };
    let due =
        Narrowed { due: Some(Due::By(Timestamp::end_of(date!(2026 - 03 - 31)))), ..Narrowed::default() };
    let must_change = Narrowed { state: Some(StateName::MustChange), ..Narrowed::default() };
    let none = Narrowed { systems: Some(Systems::Both), ..Narrowed::default() };
    for (what, who, narrowed, order) in [
        ("first page by name", &city, Narrowed::default(), Order::default()),
        ("first page by deadline", &city, Narrowed::default(), by(Sort::Term, false)),
        ("first page by state, the latest first", &city, Narrowed::default(), by(Sort::Since, true)),
        ("one agency, by its administrator", &agency, Narrowed::default(), Order::default()),
        ("narrowed to a state", &city, must_change, Order::default()),
        ("narrowed to those due this month, by deadline", &city, due, by(Sort::Term, false)),
        ("narrowed to what nobody is", &city, none, Order::default()),
        ("search: a common family name", &city, search("nguyen"), Order::default()),
        ("search: three words", &city, search("tran hong an"), Order::default()),
        ("search: one staff number", &city, search("dn077777"), Order::default()),
        ("search: an agency", &city, search("so so 42"), Order::default()),
        ("search: nobody, by deadline", &city, search("khong co ai"), by(Sort::Term, true)),
    ] {
        let mut took = Vec::new();
        for _ in 0..TIMES {
            let watch = Stopwatch::start();
            account_list::page(&estate.app, who, &narrowed, order, Place::Beginning).await?;
            took.push(watch.elapsed());
        }
        table::percentiles(what, &mut took);
    }
    let mut took = deep(&estate, &city).await?;
    table::percentiles("a page in the middle of everything", &mut took);
    eprintln!("Filling in mailboxes, sign-ins and unlocks …");
    Box::pin(pages::fill(&estate)).await?;
    Box::pin(pages::measure(&estate, [("the city", &city), ("one agency", &agency)])).await?;
    Box::pin(sessions::measure(&estate, [("the city", &city), ("one agency", &agency)])).await?;
    estate.app.db.close().await;
    Ok(())
}

/// Pages from the middle on.
async fn deep(estate: &Estate, by: &Administrator) -> anyhow::Result<Vec<Duration>> {
    let everybody = accounts::open(&estate.app.db, None, 50_000).await?;
    let (mut took, mut place) = (Vec::new(), Place::Beginning);
    if let Some(middle) = everybody.last() {
        let edge = rows::edge(&estate.app.db, middle.id(), Sort::Name).await?;
        place = edge.map(Place::After).unwrap_or_default();
    }
    for _ in 0..TIMES {
        let watch = Stopwatch::start();
        let (narrowed, order) = (Narrowed::default(), Order::default());
        let page = account_list::page(&estate.app, by, &narrowed, order, place.clone()).await?;
        took.push(watch.elapsed());
        if let Some(last) = page.rows.last() {
            place = Place::After(last.edge.clone());
        }
    }
    Ok(took)
}
