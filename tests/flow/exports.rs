//! Files that are read slowly: what happens to accounts, to the role and to the session meanwhile.

use crate::house::{Browser, House, PASSWORD};
use axum::body::BodyDataStream;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::{admins, lock};
use danang_sso::storage::Db;
use futures_util::StreamExt;
use time::Duration;

/// More than one piece of a file holds.
const MANY: usize = 520;

/// Administrators of the city and of so-nv, and so many people in so-nv.
async fn house(people: usize) -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    let others = (0..people).map(|n| format!("nv{n:03}"));
    for local in others.chain(["quantrinv".to_owned()]) {
        house.add_with(&local, &[Ad], |seen| {
            seen.agency = Some(SeenAgency { code: Some("so-nv".into()), name: "Sở Nội vụ".into() });
        });
    }
    house.sync().await;
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
    house
}

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

/// Whom the next piece of a file lists; nothing after the last.
async fn piece(file: &mut BodyDataStream) -> Option<Vec<String>> {
    let piece = file.next().await?.expect("the file goes on");
    let text = String::from_utf8(piece.to_vec()).expect("UTF-8");
    let of_line =
        |line: &str| line.split('"').find_map(|cell| cell.strip_suffix("@danang.example").map(str::to_owned));
    Some(text.lines().filter_map(of_line).collect())
}

/// Whom a file lists; `change` happens to the last of its first piece before the second is read.
async fn listed(house: &House, (who, path): (&str, &str), change: impl AsyncFn(&str)) -> Vec<String> {
    let mut file = administrator(house, who).await.piece_by_piece(path).await;
    let mut met = piece(&mut file).await.expect("a piece");
    assert_eq!(met.len(), 500, "{path}: the first piece");
    change(met[499].as_str()).await;
    while let Some(further) = piece(&mut file).await {
        met.extend(further);
    }
    met.sort();
    met
}

async fn write(house: &House, local: &str, sql: &'static str) {
    let Db::Sqlite { writer, .. } = &house.app.db else { panic!("SQLite") };
    let written = sqlx::query(sql).bind(address(local).to_string()).execute(writer).await;
    assert_eq!(written.expect("written").rows_affected(), 1);
}

#[tokio::test]
async fn a_file_is_whole_though_the_last_row_of_a_piece_moves_to_the_end() {
    let house = house(MANY).await;
    let locked = async |local: &str| {
        let account = house.account(local).await;
        let by = Actor::Job("deadlines");
        lock::enforce(&house.app, &account, LockReason::PasswordTooOld, by).await.expect("locked");
    };
    let mut met = listed(&house, ("quantri", "/accounts.csv?q=nv&sort=since"), locked).await;
    met.dedup();
    assert_eq!(met.len(), MANY, "since when in the state");
    let later = async |local: &str| {
        write(&house, local, "UPDATE account SET due_at = 9000000000000000 WHERE address = $1").await;
    };
    let mut met = listed(&house, ("quantri", "/accounts.csv?q=nv&sort=due"), later).await;
    met.dedup();
    assert_eq!(met.len(), MANY, "by deadline");
}

#[tokio::test]
async fn a_file_does_not_begin_anew_when_the_last_row_of_a_piece_leaves_the_branch() {
    let house = house(MANY).await;
    let moved = async |local: &str| {
        write(&house, local, "UPDATE account SET agency_id = NULL WHERE address = $1").await;
    };
    let met = listed(&house, ("quantrinv", "/accounts.csv?q=nv"), moved).await;
    let mut once = met.clone();
    once.dedup();
    assert_eq!(met, once, "nobody is met twice");
    assert_eq!(met.len(), MANY);
}

#[tokio::test]
async fn a_file_breaks_off_once_the_role_is_taken_back() {
    let house = house(3).await;
    for path in ["/accounts.csv", "/audit.csv", "/audit.jsonl"] {
        let mut file = administrator(&house, "quantrinv").await.piece_by_piece(path).await;
        file.next().await.expect("a piece").expect("is read");
        admins::revoke(&house.app, &address("quantrinv")).await.expect("taken back");
        assert!(file.next().await.expect("no end as if it were whole").is_err(), "{path}");
        admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
    }
}

#[tokio::test]
async fn a_file_breaks_off_once_the_role_reaches_elsewhere() {
    let house = house(3).await;
    let mut admin = administrator(&house, "quantrinv").await;
    for path in ["/accounts.csv", "/audit.csv"] {
        let mut file = admin.piece_by_piece(path).await;
        file.next().await.expect("a piece").expect("is read");
        admins::revoke(&house.app, &address("quantrinv")).await.expect("taken back");
        admins::grant(&house.app, &address("quantrinv"), None).await.expect("granted");
        assert!(file.next().await.expect("no end as if it were whole").is_err(), "{path}");
        admins::revoke(&house.app, &address("quantrinv")).await.expect("taken back");
        admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
        admin = administrator(&house, "quantrinv").await;
    }
}

#[tokio::test]
async fn a_file_breaks_off_with_the_session_and_not_because_nothing_else_was_asked_for() {
    let house = house(3).await;
    let mut admin = administrator(&house, "quantri").await;
    let mut file = admin.piece_by_piece("/accounts.csv").await;
    file.next().await.expect("a piece").expect("is read");
    house.pass(house.app.config.sessions.admin_idle + Duration::minutes(1));
    assert!(file.next().await.is_none(), "it is whole");
    let mut admin = administrator(&house, "quantri").await;
    let mut file = admin.piece_by_piece("/accounts.csv").await;
    file.next().await.expect("a piece").expect("is read");
    admin.post_from("/", "/sign-out", &[]).await;
    assert!(file.next().await.expect("no end as if it were whole").is_err());
}
