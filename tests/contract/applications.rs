//! What the storage keeps of applications, on SQLite and on PostgreSQL.

use crate::rig::Rig;
use danang_sso::domain::id::{ClientRowId, TokenId};
use danang_sso::domain::oauth::client::{Client, ClientId, ClientKind};
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::redirect::RedirectUri;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::registrations::{self, InitialToken};
use danang_sso::storage::{Db, assertions, clients, house_secrets};
use danang_sso::system::System;
use time::Duration;

#[tokio::test]
async fn sqlite_keeps_applications() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = Db::open(&format!("sqlite:{}", dir.path().join("house.db").display())).await.expect("opens");
    keeps_applications(db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_keeps_applications() {
    let rig = Rig::start("postgres", &[]);
    let db = Db::open(&rig.value("PG_URL")).await.expect("opens");
    keeps_applications(db).await;
}

async fn keeps_applications(db: Db) {
    db.migrate().await.expect("the tables are made");
    let now = Timestamp::from_seconds(1_700_000_000);
    an_assertion_is_taken_once(&db, now).await;
    an_application_is_changed(&db, now).await;
    an_initial_token_is_used_so_often(&db, now).await;
    a_secret_of_the_house_is_made_once(&db).await;
}

fn client(now: Timestamp) -> Client {
    let system = System::of_the_machine();
    Client {
        id: ClientRowId::new(now, system.entropy()),
        client_id: ClientId::new("app", system.entropy()),
        name: "App".to_owned(),
        kind: ClientKind::Web,
        secret_digest: Some("digest".to_owned()),
        redirect_uris: vec![RedirectUri::stored("https://a.example/cb".to_owned())],
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: Scopes::all(),
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata: Metadata::default(),
        created_at: now,
        disabled_at: None,
        version: 0,
    }
}

async fn an_assertion_is_taken_once(db: &Db, now: Timestamp) {
    let until = now.plus(Duration::minutes(10));
    assert!(assertions::take(db, "one", until).await.expect("writes"));
    assert!(!assertions::take(db, "one", until).await.expect("writes"));
    assert_eq!(assertions::forget(db, until).await.expect("deletes"), 0);
    assert_eq!(assertions::forget(db, until.plus(Duration::SECOND)).await.expect("deletes"), 1);
    assert!(assertions::take(db, "one", until).await.expect("writes"));
}

async fn an_application_is_changed(db: &Db, now: Timestamp) {
    let before = client(now);
    let mut tx = db.begin().await.expect("begins");
    clients::insert(&mut tx, &before).await.expect("inserts");
    registrations::add(&mut tx, before.id, "access", now).await.expect("inserts");
    assert_eq!(registrations::count(&mut tx).await.expect("reads"), 1);
    let after = Client {
        name: "Other".to_owned(),
        kind: ClientKind::Native,
        secret_digest: None,
        post_logout_redirect_uris: before.redirect_uris.clone(),
        home: Some("https://a.example/".to_owned()),
        legacy: true,
        id_token_claims: true,
        backchannel_logout_uri: Some("https://a.example/out".to_owned()),
        metadata: Metadata { self_registered: true, ..Metadata::default() },
        ..before.clone()
    };
    assert!(clients::update(&mut tx, &before, &after).await.expect("updates"));
    assert!(!clients::update(&mut tx, &before, &after).await.expect("updates"), "its secret is another now");
    tx.commit().await.expect("commits");
    let found = clients::by_id(db, after.id).await.expect("reads");
    assert_eq!(found, Some(after.clone()));
    assert_eq!(registrations::token_of(db, after.id).await.expect("reads").as_deref(), Some("access"));
    let unused = async |since| registrations::unused(db, since, 10).await.expect("reads");
    assert_eq!(unused(now).await, Vec::<String>::new());
    assert_eq!(unused(now.plus(Duration::SECOND)).await, [after.client_id.to_string()]);
    let mut tx = db.begin().await.expect("begins");
    registrations::remove(&mut tx, after.id).await.expect("deletes");
    clients::remove(&mut tx, after.id, now).await.expect("removes");
    assert!(!clients::update(&mut tx, &after, &after).await.expect("updates"), "it is gone");
    tx.commit().await.expect("commits");
}

async fn an_initial_token_is_used_so_often(db: &Db, now: Timestamp) {
    let id = TokenId::new(now, System::of_the_machine().entropy());
    let expires_at = now.plus(Duration::days(1));
    let made = InitialToken { id, note: "Sở X".to_owned(), uses_left: 2, expires_at };
    let mut tx = db.begin().await.expect("begins");
    registrations::add_token(&mut tx, &made, "initial", now).await.expect("inserts");
    assert!(!registrations::use_token(&mut tx, "initial", expires_at).await.expect("updates"), "too late");
    assert!(registrations::use_token(&mut tx, "initial", now).await.expect("updates"));
    tx.commit().await.expect("commits");
    assert!(registrations::is_good(db, "initial", now).await.expect("reads"));
    let left = registrations::tokens(db, now).await.expect("reads");
    assert_eq!(left, [InitialToken { uses_left: 1, ..made }]);
    let mut tx = db.begin().await.expect("begins");
    assert!(registrations::use_token(&mut tx, "initial", now).await.expect("updates"));
    assert!(!registrations::use_token(&mut tx, "initial", now).await.expect("updates"), "used up");
    tx.commit().await.expect("commits");
    assert_eq!(registrations::forget_tokens(db, now).await.expect("deletes"), 1);
    let mut tx = db.begin().await.expect("begins");
    assert!(!registrations::revoke_token(&mut tx, id).await.expect("deletes"));
    tx.commit().await.expect("commits");
}

async fn a_secret_of_the_house_is_made_once(db: &Db) {
    assert_eq!(house_secrets::find(db, "salt").await.expect("reads"), None);
    house_secrets::add(db, "salt", b"first").await.expect("inserts");
    house_secrets::add(db, "salt", b"second").await.expect("is left");
    assert_eq!(house_secrets::find(db, "salt").await.expect("reads").as_deref(), Some(b"first".as_slice()));
}
