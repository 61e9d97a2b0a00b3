//! The list of accounts on both databases: narrowed, searched, walked in every order.

use danang_sso::domain::account::{Kind, LockReason, StateName};
use danang_sso::domain::id::AgencyId;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::account_list::{self, Edge, Filter, Sort, Systems};
use danang_sso::storage::{Db, accounts};

/// Of the three people of the contract: Ân and Bình of an agency, Chi locked and of none.
pub async fn is_paged_and_searched(db: &Db, agency: AgencyId) {
    for filter in [
        (Filter::default(), vec!["an", "binh", "chi"]),
        (search("do thi"), vec!["binh"]),
        (search("NGUYỄN"), vec!["an"]),
        (search("an nguyễn"), vec!["an"]),
        (search("noi vu moi"), vec!["an", "binh"]),
        (search("vu an"), vec!["an"]),
        (search("an@danang.example"), vec!["an"]),
        (search("danang"), vec![]),
        (search("100%_!"), vec![]),
        (search("_"), vec![]),
        (Filter { agency: Some(agency), ..search("chi") }, vec![]),
        (Filter { reach: Some(agency), ..Filter::default() }, vec!["an", "binh"]),
        (Filter { kind: Some(Kind::Service), ..Filter::default() }, vec![]),
        (Filter { systems: Some(Systems::Neither), ..search("an") }, vec!["an"]),
        (Filter { due_by: Some(at(600)), ..Filter::default() }, vec!["binh"]),
        (Filter { due_by: Some(at(600)), due_after: Some(at(1)), ..Filter::default() }, vec!["binh"]),
        (Filter { due_after: Some(at(600)), due_by: Some(at(700)), ..Filter::default() }, vec![]),
        (locked(), vec!["chi"]),
    ] {
        let (filter, expected) = filter;
        assert_eq!(walked(db, &filter, Sort::Name, false, 9).await, expected, "{filter:?}");
        let matching = account_list::matching(db, &filter).await.expect("reads");
        assert_eq!(usize::try_from(matching).expect("few"), expected.len(), "{filter:?}");
        let by_agency = account_list::by_agency(db, &filter).await.expect("reads");
        assert_eq!(by_agency.iter().map(|(_, number)| number).sum::<i64>(), matching, "{filter:?}");
    }
    every_order_meets_everybody_once(db).await;
    names_that_were_never_sorted_are_found(db).await;
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn search(text: &str) -> Filter {
    Filter { search: text.to_owned(), ..Filter::default() }
}

fn locked() -> Filter {
    let (state, lock) = (Some(StateName::Locked), Some(LockReason::PasswordTooOld));
    Filter { state, lock, ..Filter::default() }
}

/// Everybody, one page after the other.
async fn walked(db: &Db, filter: &Filter, sort: Sort, downwards: bool, limit: i64) -> Vec<String> {
    let (mut met, mut edge) = (Vec::new(), Edge::beginning(sort, downwards));
    loop {
        let page = account_list::page(db, filter, (sort, downwards), &edge, limit).await.expect("reads");
        let Some(last) = page.last() else { return met };
        edge = last.edge.clone();
        met.extend(page.iter().map(|listed| listed.account.profile().address.local_part().to_owned()));
    }
}

async fn every_order_meets_everybody_once(db: &Db) {
    for sort in Sort::ALL {
        let up = walked(db, &Filter::default(), sort, false, 1).await;
        let mut down = walked(db, &Filter::default(), sort, true, 2).await;
        down.reverse();
        assert_eq!(up, down, "{sort:?}");
        assert_eq!(up.len(), 3, "{sort:?}");
    }
    let by_term = walked(db, &Filter::default(), Sort::Term, false, 9).await;
    assert_eq!(by_term.first().map(String::as_str), Some("binh"), "who has no term comes last");
}

async fn names_that_were_never_sorted_are_found(db: &Db) {
    assert!(accounts::unsorted(db, 9).await.expect("reads").is_empty());
    let unsort = "UPDATE account SET name_key = '' WHERE address LIKE 'an@%'";
    match db {
        Db::Sqlite { writer, .. } => drop(sqlx::query(unsort).execute(writer).await.expect("written")),
        Db::Postgres(pool) => drop(sqlx::query(unsort).execute(pool).await.expect("written")),
    }
    let found = accounts::unsorted(db, 9).await.expect("reads");
    assert_eq!(found.len(), 1);
    let mut tx = db.begin().await.expect("begins");
    accounts::set_sorting(&mut tx, &found).await.expect("written");
    tx.commit().await.expect("commits");
    assert_eq!(walked(db, &Filter::default(), Sort::Name, false, 9).await, ["an", "binh", "chi"]);
}
