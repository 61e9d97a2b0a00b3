//! What the storage keeps of applications, on SQLite and on PostgreSQL.

use crate::rig::Rig;
use danang_sso::domain::id::{AccountId, AgencyId, ClientRowId, FamilyId, SessionId, TokenId};
use danang_sso::domain::oauth::client::{Client, ClientId, ClientKind};
use danang_sso::domain::oauth::grant::{Grant, GrantDetails};
use danang_sso::domain::oauth::logo::Picture;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::purpose::Purpose;
use danang_sso::domain::oauth::redirect::RedirectUri;
use danang_sso::domain::oauth::scope::{Scope, Scopes};
use danang_sso::domain::proof::Proof;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::client_logos::{self, Kept};
use danang_sso::storage::registrations::{self, InitialToken};
use danang_sso::storage::{Db, applications, assertions, clients, grants, house_secrets};
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
    the_days_of_calls_are_kept(&db, now).await;
    a_logo_stays_until_its_address_is_another(&db, now).await;
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

async fn a_logo_stays_until_its_address_is_another(db: &Db, now: Timestamp) {
    let mut client = client(now);
    client.metadata.logo_uri = Some("https://a.example/logo".to_owned());
    let mut tx = db.begin().await.expect("begins");
    clients::insert(&mut tx, &client).await.expect("writes");
    tx.commit().await.expect("commits");
    let named = clients::with_logo(db).await.expect("reads");
    assert!(named.iter().any(|one| one.id == client.id));
    let kept = Kept {
        client: client.id,
        uri: "https://a.example/logo".to_owned(),
        picture: Picture::Gif,
        bytes: b"GIF89a".to_vec(),
        version: "1".to_owned(),
    };
    client_logos::put(db, &kept, now, now).await.expect("writes");
    assert_eq!(client_logos::of(db, client.id).await.expect("reads"), Some(kept.clone()));
    assert_eq!(client_logos::small(db, 6).await.expect("reads"), std::slice::from_ref(&kept));
    assert!(client_logos::small(db, 5).await.expect("reads").is_empty());
    let uri = kept.uri.clone();
    let error = Some("no answer".to_owned());
    let failed = client_logos::State { client: client.id, uri, due_at: now, failures: 1, error };
    client_logos::failed(db, &failed).await.expect("writes");
    assert_eq!(client_logos::state_of(db, client.id).await.expect("reads"), Some(failed.clone()));
    assert_eq!(client_logos::of(db, client.id).await.expect("reads"), Some(kept.clone()));
    let elsewhere = client_logos::State { uri: "https://b.example/logo".to_owned(), ..failed };
    client_logos::failed(db, &elsewhere).await.expect("writes");
    assert_eq!(client_logos::of(db, client.id).await.expect("reads"), None);
    client_logos::put(db, &kept, now, now).await.expect("writes");
    let states = client_logos::states(db).await.expect("reads");
    assert_eq!((states.len(), states[0].failures, states[0].error.as_deref()), (1, 0, None));
    let mut tx = db.begin().await.expect("begins");
    client_logos::remove(&mut tx, client.id).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert!(client_logos::states(db).await.expect("reads").is_empty());
}

async fn the_days_of_calls_are_kept(db: &Db, now: Timestamp) {
    let (one, other) = (client(now), client(now.plus(Duration::SECOND)));
    let mut tx = db.begin().await.expect("begins");
    for client in [&one, &other] {
        clients::insert(&mut tx, client).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    let today = now.local_date();
    let first = today - Duration::days(40);
    for day in [first, today - Duration::days(1), today, today] {
        applications::called(db, one.id, day).await.expect("notes");
    }
    applications::called(db, other.id, first).await.expect("notes");
    let calls = async |client, since| {
        let all = applications::calls(db, client, since).await.expect("reads");
        let mut all: Vec<_> = all.into_iter().map(|calls| (calls.number, calls.last)).collect();
        all.sort_unstable();
        all
    };
    let since = today - Duration::days(29);
    assert_eq!(calls(Some(one.id), since).await, [(2, today)], "once a day");
    assert_eq!(calls(Some(other.id), since).await, [(0, first)], "long ago");
    assert_eq!(calls(None, first).await, [(1, first), (3, today)]);
    assert_eq!(applications::forget_calls(db, since).await.expect("deletes"), 2);
    assert_eq!(calls(None, first).await, [(2, today)]);
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
    assert!(!clients::update(&mut tx, &before, &after).await.expect("updates"), "its version is another now");
    tx.commit().await.expect("commits");
    let after = Client { version: 1, ..after };
    let found = clients::by_id(db, after.id).await.expect("reads");
    assert_eq!(found, Some(after.clone()));
    is_stopped_and_runs_again(db, &after, now).await;
    let after = Client { version: 3, ..after };
    assert_eq!(registrations::token_of(db, after.id).await.expect("reads").as_deref(), Some("access"));
    let unused = async |since| registrations::unused(db, since, 10).await.expect("reads");
    assert_eq!(unused(now).await, Vec::<String>::new());
    assert_eq!(unused(now.plus(Duration::SECOND)).await, [after.client_id.to_string()]);
    let mut tx = db.begin().await.expect("begins");
    registrations::remove(&mut tx, after.id).await.expect("deletes");
    assert!(!clients::remove(&mut tx, after.id, 2, now).await.expect("removes"), "an older version");
    assert!(clients::remove(&mut tx, after.id, 3, now).await.expect("removes"));
    assert!(!clients::update(&mut tx, &after, &after).await.expect("updates"), "it is gone");
    tx.commit().await.expect("commits");
    assert_eq!(clients::any_by_id(db, after.id).await.expect("reads"), None);
    let known = clients::known_by_id(db, after.id).await.expect("reads").expect("it is told still");
    assert_eq!(known.metadata, after.metadata);
}

async fn is_stopped_and_runs_again(db: &Db, client: &Client, now: Timestamp) {
    let set = async |version, disabled_at| {
        let mut tx = db.begin().await.expect("begins");
        let done = clients::set_disabled(&mut tx, client.id, version, disabled_at).await.expect("updates");
        tx.commit().await.expect("commits");
        done
    };
    let runs = async || {
        let mut tx = db.begin().await.expect("begins");
        let runs = clients::take_running(&mut tx, client.id).await.expect("updates");
        tx.commit().await.expect("commits");
        runs
    };
    assert!(!set(0, Some(now)).await, "an older version");
    assert!(runs().await, "and its version stays");
    assert!(set(1, Some(now)).await);
    assert!(!runs().await, "nothing is given to it");
    let (id, name) = (client.id, client.client_id.as_str());
    assert_eq!(clients::by_id(db, id).await.expect("reads"), None, "nobody gets in");
    assert_eq!(clients::by_client_id(db, name).await.expect("reads"), None);
    let known = clients::any_by_client_id(db, name).await.expect("reads").expect("it is known");
    assert_eq!((known.disabled_at, known.version), (Some(now), 2));
    assert_eq!(clients::any_by_id(db, id).await.expect("reads"), Some(known));
    assert!(set(2, None).await);
    assert!(runs().await);
    assert!(clients::by_id(db, id).await.expect("reads").is_some());
}

/// How an application is used, by whom, and why it gets what it gets.
pub async fn their_use_is_counted(db: &Db, account: AccountId, agency: AgencyId) {
    let now = Timestamp::from_seconds(1_700_000_000);
    let (client, day) = (client(now), now.local_date());
    let grant = grant(&client, account, now);
    let mut tx = db.begin().await.expect("begins");
    clients::insert(&mut tx, &client).await.expect("inserts");
    grants::insert(&mut tx, &grant, "a code of the contract").await.expect("inserts");
    for _ in 0..2 {
        applications::entered(&mut tx, &grant).await.expect("counts");
    }
    grants::used(&mut tx, &grant, now).await.expect("notes");
    tx.commit().await.expect("commits");
    let nowhere = AgencyId::new(now, System::of_the_machine().entropy());
    for (reach, number) in [(None, 2), (Some(agency), 2), (Some(nowhere), 0)] {
        let total = applications::totals(db, day, reach).await.expect("reads");
        let total: i64 = total.iter().filter(|one| one.client == client.id).map(|one| one.number).sum();
        assert_eq!(total, number);
        let days = applications::by_day(db, client.id, day, reach).await.expect("reads");
        assert_eq!(days, if number == 0 { vec![] } else { vec![(day, number)] });
        let people = applications::people(db, client.id, reach).await.expect("reads");
        let users = applications::users(db, client.id, reach, 10).await.expect("reads");
        assert_eq!((people, users.len()), (number.min(1), usize::from(number > 0)));
    }
    let (first, given) = applications::first_user(db, client.id).await.expect("reads").expect("somebody");
    assert_eq!((first.account, given), (account, Some(Scopes::parse("openid email"))));
    assert_eq!(applications::forget_days(db, day).await.expect("deletes"), 0);
    assert_eq!(applications::forget_days(db, day + Duration::DAY).await.expect("deletes"), 1);
    purposes_are_put_in_place_of_others(db, &client, now).await;
}

async fn purposes_are_put_in_place_of_others(db: &Db, client: &Client, now: Timestamp) {
    let purpose = |scope, words: &str| Purpose {
        scope,
        purpose: words.to_owned(),
        agency: "Sở Nội vụ".to_owned(),
        reviewed_at: now,
        reviewed_by: "lan@danang.example".to_owned(),
    };
    let last = vec![purpose(Scope::Agency, "Phân quyền"), purpose(Scope::Email, "Gửi giấy mời")];
    for given in [vec![purpose(Scope::Email, "Đối chiếu")], last.clone()] {
        let mut tx = db.begin().await.expect("begins");
        applications::set_purposes(&mut tx, client.id, &given).await.expect("writes");
        tx.commit().await.expect("commits");
    }
    let found = applications::purposes(db, Some(client.id)).await.expect("reads");
    assert_eq!(found.into_iter().map(|(_, purpose)| purpose).collect::<Vec<_>>(), last);
}

fn grant(client: &Client, account: AccountId, now: Timestamp) -> Grant {
    let system = System::of_the_machine();
    Grant {
        id: FamilyId::new(now, system.entropy()),
        client: client.id,
        account,
        session: SessionId::new(now, system.entropy()),
        scopes: Scopes::parse("openid email"),
        nonce: None,
        auth_time: now,
        proof: Proof::BIND,
        redirect_uri: "https://a.example/cb".to_owned(),
        code_challenge: None,
        details: GrantDetails::default(),
        created_at: now,
        code_expires_at: now,
        code_used_at: None,
        expires_at: now,
        ended_at: None,
    }
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
