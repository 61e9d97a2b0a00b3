//! Authorization requests, consents, grants and tokens in the database.

use danang_sso::domain::group::Group;
use danang_sso::domain::id::{AccountId, ClientRowId, FamilyId, SessionId, TokenId};
use danang_sso::domain::oauth::answer::ResponseMode;
use danang_sso::domain::oauth::binding::Binding;
use danang_sso::domain::oauth::claims_request::ClaimsRequest;
use danang_sso::domain::oauth::client::{Client, ClientId, ClientKind};
use danang_sso::domain::oauth::consent::Agreed;
use danang_sso::domain::oauth::device::{Device, DeviceState, PAUSE};
use danang_sso::domain::oauth::grant::{Grant, GrantDetails, PendingRequest, Token, TokenKind};
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::redirect::RedirectUri;
use danang_sso::domain::oauth::request::{RawRequest, Request};
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::session::{Door, Proof, Session};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::{
    Db, clients, consents, device_codes, directory_entries, grants, groups, logout_notices, pending_requests,
    pushed_requests, sessions, tokens,
};
use danang_sso::system::System;

const CALLBACK: &str = "https://app.danang.example/cb";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn application(system: &System) -> Client {
    Client {
        id: ClientRowId::new(at(0), system.entropy()),
        client_id: ClientId::new("Yêu cầu", system.entropy()),
        name: "Yêu cầu".to_owned(),
        kind: ClientKind::Web,
        secret_digest: None,
        redirect_uris: vec![RedirectUri::stored(CALLBACK.to_owned())],
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: Scopes::all(),
        legacy: true,
        id_token_claims: false,
        backchannel_logout_uri: Some("https://app.danang.example/logout".to_owned()),
        metadata: Metadata {
            response_types: vec!["code id_token".to_owned()],
            consent_required: true,
            ..Metadata::default()
        },
        created_at: at(0),
        disabled_at: None,
        version: 0,
    }
}

fn request(client: &Client) -> Request {
    let claims = r#"{"userinfo":{"email":null},"id_token":{"acr":{"essential":true,"value":"gold"}}}"#;
    let raw = RawRequest::read([
        ("response_type", "code id_token"),
        ("scope", "openid profile"),
        ("nonce", "n"),
        ("prompt", "consent login"),
        ("claims", claims),
        ("max_age", "7"),
        ("dpop_jkt", &"j".repeat(43)),
    ]);
    Request::check(&raw, client).expect("a good request")
}

/// Each comes back as it went in, and what is good once is there once.
pub async fn are_kept_and_used_up(db: &Db, system: &System, account: AccountId) {
    let client = application(system);
    let mut tx = db.begin().await.expect("begins");
    clients::insert(&mut tx, &client).await.expect("a client");
    tx.commit().await.expect("commits");
    assert_eq!(clients::by_id(db, client.id).await.expect("reads").as_ref(), Some(&client));
    pending_ones(db, &client, account).await;
    pushed_ones(db, &client).await;
    devices(db, &client).await;
    consents_of(db, &client, account).await;
    what_grows_out_of_a_session(db, system, &client, account).await;
    groups_of(db, account).await;
    // The contract of the entries has kept one of this account's mailboxes.
    assert!(directory_entries::changed_at(db, account).await.expect("reads").is_some());
    let nobody = AccountId::new(at(0), system.entropy());
    assert_eq!(directory_entries::changed_at(db, nobody).await.expect("reads"), None);
}

/// A group is there once, and so is who is in it.
async fn groups_of(db: &Db, account: AccountId) {
    let version = at(0).micros();
    let group = Group { code: "to-cds".to_owned(), name: "Tổ chuyển đổi số".to_owned(), version };
    let mut tx = db.begin().await.expect("begins");
    assert!(groups::insert(&mut tx, &group, at(0)).await.expect("made"));
    assert!(!groups::insert(&mut tx, &group, at(1)).await.expect("taken"));
    assert!(groups::join(&mut tx, "to-cds", account, at(1)).await.expect("joined"));
    assert!(!groups::join(&mut tx, "to-cds", account, at(2)).await.expect("once"));
    tx.commit().await.expect("commits");
    assert_eq!(groups::every(db).await.expect("reads").as_slice(), std::slice::from_ref(&group));
    assert_eq!(groups::by_code(db, "to-cds").await.expect("reads"), Some(group));
    assert_eq!(groups::of_account(db, account).await.expect("reads"), ["to-cds"]);
    assert_eq!(groups::members(db, "to-cds").await.expect("reads").len(), 1);
    assert_eq!(groups::sizes(db).await.expect("reads").get("to-cds"), Some(&1));
    let page = groups::page(db, "to-cds", ("", ""), 9).await.expect("reads");
    let [member] = &page[..] else { panic!("one is in it: {page:?}") };
    assert_eq!(member.account, account);
    for (after, search, number) in
        [("", member.address.as_str(), 1), ("", "khong-co-ai", 0), (member.address.as_str(), "", 0)]
    {
        let page = groups::page(db, "to-cds", (after, search), 9).await.expect("reads");
        assert_eq!(page.len(), number, "after {after:?}, {search:?}");
    }
    let mut tx = db.begin().await.expect("begins");
    assert!(groups::step_seen(&mut tx, "to-cds", version).await.expect("stepped"));
    assert!(!groups::step_seen(&mut tx, "to-cds", version).await.expect("changed since"));
    assert!(groups::step(&mut tx, "to-cds").await.expect("stepped"));
    groups::rename(&mut tx, "to-cds", "Tổ công nghệ").await.expect("renamed");
    tx.commit().await.expect("commits");
    let group = groups::by_code(db, "to-cds").await.expect("reads").expect("it is there");
    assert_eq!((group.name.as_str(), group.version), ("Tổ công nghệ", version + 2));
    let mut tx = db.begin().await.expect("begins");
    assert!(groups::leave(&mut tx, "to-cds", account).await.expect("left"));
    assert!(!groups::leave(&mut tx, "to-cds", account).await.expect("once"));
    assert!(groups::join(&mut tx, "to-cds", account, at(3)).await.expect("joined"));
    assert!(groups::delete(&mut tx, "to-cds").await.expect("dissolved"));
    assert!(!groups::delete(&mut tx, "to-cds").await.expect("once"));
    tx.commit().await.expect("commits");
    assert_eq!(groups::of_account(db, account).await.expect("reads"), Vec::<String>::new());
}

async fn pending_ones(db: &Db, client: &Client, account: AccountId) {
    let seen = [at(0), at(1)].map(|at| SessionId::new(at, System::of_the_machine().entropy()));
    let mut pending = PendingRequest {
        client: client.id,
        redirect_uri: CALLBACK.to_owned(),
        mode: ResponseMode::FormPostJwt,
        state: Some("s".to_owned()),
        request: request(client),
        subject: Some("an".to_owned()),
        seen: seen.to_vec(),
        chosen: None,
        agreed: None,
        pushed: Some("p".to_owned()),
        created_at: at(0),
        expires_at: at(100),
    };
    pending_requests::keep(db, "pending", &pending).await.expect("kept");
    assert_eq!(
        pending_requests::pending(db, "pending", at(99)).await.expect("reads").as_ref(),
        Some(&pending)
    );
    assert_eq!(pending_requests::pending(db, "pending", at(100)).await.expect("reads"), None);
    let mut tx = db.begin().await.expect("begins");
    assert!(pending_requests::agree(&mut tx, "pending", account, at(50)).await.expect("agreed"));
    assert!(!pending_requests::agree(&mut tx, "pending", account, at(100)).await.expect("too late"));
    tx.commit().await.expect("commits");
    assert!(pending_requests::choose(db, "pending", seen[1], at(50)).await.expect("chosen"));
    assert!(!pending_requests::choose(db, "pending", seen[0], at(100)).await.expect("too late"));
    (pending.agreed, pending.chosen) = (Some(account), Some(seen[1]));
    assert_eq!(pending_requests::pending(db, "pending", at(50)).await.expect("reads"), Some(pending));
    let mut tx = db.begin().await.expect("begins");
    assert!(pending_requests::answered(&mut tx, "pending").await.expect("answered"));
    assert!(!pending_requests::answered(&mut tx, "pending").await.expect("once"));
    tx.commit().await.expect("commits");
    assert_eq!(pending_requests::forget(db, at(1000)).await.expect("forgotten"), 0);
}

async fn pushed_ones(db: &Db, client: &Client) {
    pushed_requests::insert(db, "pushed", client.id, "{}", at(100)).await.expect("kept");
    let find = |id, now| pushed_requests::find(db, "pushed", id, now);
    assert_eq!(find(client.id, at(99)).await.expect("reads").as_deref(), Some("{}"));
    assert_eq!(find(client.id, at(100)).await.expect("reads"), None, "it has expired");
    let other = ClientRowId::new(at(5), System::of_the_machine().entropy());
    assert_eq!(find(other, at(99)).await.expect("reads"), None, "another client's");
    let mut tx = db.begin().await.expect("begins");
    assert!(pushed_requests::take(&mut tx, "pushed").await.expect("taken"));
    assert!(!pushed_requests::take(&mut tx, "pushed").await.expect("once"));
    tx.commit().await.expect("commits");
    pushed_requests::insert(db, "old", client.id, "{}", at(1)).await.expect("kept");
    assert_eq!(pushed_requests::forget(db, at(2)).await.expect("forgotten"), 1);
}

async fn devices(db: &Db, client: &Client) {
    let device = Device {
        id: "device".to_owned(),
        client: client.id,
        scopes: Scopes::parse("openid profile"),
        state: DeviceState::Waiting,
        pause: PAUSE,
        asked_at: None,
        created_at: at(0),
        expires_at: at(100),
    };
    assert!(device_codes::insert(db, &device, "code").await.expect("kept"));
    let same_code = Device { id: "other".to_owned(), ..device.clone() };
    assert!(!device_codes::insert(db, &same_code, "code").await.expect("taken"));
    let by_code = |now| device_codes::by_user_code(db, "code", now);
    assert_eq!(by_code(at(99)).await.expect("reads").as_ref(), Some(&device));
    assert_eq!(by_code(at(100)).await.expect("reads"), None, "it has expired");
    assert!(device_codes::asked(db, &device, 10, at(1)).await.expect("asked"));
    assert!(!device_codes::asked(db, &device, 15, at(1)).await.expect("somebody else has"));
    let mut tx = db.begin().await.expect("begins");
    assert!(
        !device_codes::answer(&mut tx, "device", DeviceState::Approved, at(100)).await.expect("too late")
    );
    assert!(device_codes::answer(&mut tx, "device", DeviceState::Refused, at(99)).await.expect("answered"));
    assert!(!device_codes::answer(&mut tx, "device", DeviceState::Approved, at(99)).await.expect("once"));
    tx.commit().await.expect("commits");
    let now = Device { state: DeviceState::Refused, pause: 10, asked_at: Some(at(1)), ..device };
    assert_eq!(device_codes::by_id(db, "device").await.expect("reads"), Some(now));
    assert_eq!(by_code(at(50)).await.expect("reads"), None, "it was answered");
    assert_eq!(device_codes::forget(db, at(100)).await.expect("forgotten"), 0);
    assert_eq!(device_codes::forget(db, at(101)).await.expect("forgotten"), 1);
}

async fn consents_of(db: &Db, client: &Client, account: AccountId) {
    assert_eq!(consents::of(db, account, client.id).await.expect("reads"), None);
    let mut agreed = Agreed { scopes: Scopes::parse("openid profile"), claims: ["email".to_owned()].into() };
    for _ in 0..2 {
        let mut tx = db.begin().await.expect("begins");
        consents::put(&mut tx, account, client.id, &agreed, at(1)).await.expect("kept");
        tx.commit().await.expect("commits");
        assert_eq!(consents::of(db, account, client.id).await.expect("reads").as_ref(), Some(&agreed));
        agreed.scopes = Scopes::all();
    }
    let mut tx = db.begin().await.expect("begins");
    assert!(consents::forget(&mut tx, account, client.id).await.expect("forgotten"));
    assert!(!consents::forget(&mut tx, account, client.id).await.expect("once"));
    tx.commit().await.expect("commits");
}

async fn what_grows_out_of_a_session(db: &Db, system: &System, client: &Client, account: AccountId) {
    let session = SessionId::new(at(2), system.entropy());
    let details = GrantDetails {
        resource: Some("https://api.danang.example/".to_owned()),
        claims: ClaimsRequest::parse(r#"{"id_token":{"name":null}}"#).expect("good"),
        acr: Some("gold".to_owned()),
        actor: None,
        dpop_jkt: Some("j".repeat(43)),
        s_hash: Some("h".to_owned()),
    };
    let grant = Grant {
        id: FamilyId::new(at(2), system.entropy()),
        client: client.id,
        account,
        session,
        scopes: Scopes::all(),
        nonce: None,
        auth_time: at(2),
        proof: Proof::BIND,
        redirect_uri: CALLBACK.to_owned(),
        code_challenge: None,
        details,
        created_at: at(2),
        code_expires_at: at(62),
        code_used_at: Some(at(2)),
        expires_at: at(600),
        ended_at: None,
    };
    let token = Token {
        id: TokenId::new(at(2), system.entropy()),
        kind: TokenKind::Access,
        scopes: Scopes::all(),
        expires_at: at(600),
        used_at: None,
        binding: Binding { jkt: Some("j".repeat(43)), x5t: Some("x".repeat(43)) },
    };
    let mut tx = db.begin().await.expect("begins");
    sessions::insert(&mut tx, &open(session, account)).await.expect("a session");
    grants::insert(&mut tx, &grant, "code of a request").await.expect("a grant");
    tokens::insert(&mut tx, &token, grant.id, "token of a request", at(2)).await.expect("a token");
    logout_notices::order(&mut tx, account, Some(session), None, at(3)).await.expect("ordered");
    tx.commit().await.expect("commits");
    assert_eq!(grants::by_code(db, "code of a request").await.expect("reads").as_ref(), Some(&grant));
    let found = tokens::by_digest(db, "token of a request").await.expect("reads");
    assert_eq!(found, Some((token, grant.id)));
    let last = grants::last_of_session(db, session, client.id).await.expect("reads");
    assert!(last.is_some());
    let elsewhere = ClientRowId::new(at(9), System::of_the_machine().entropy());
    assert_eq!(grants::last_of_session(db, session, elsewhere).await.expect("reads"), None);
    assert_eq!(grants::of_session(db, session).await.expect("reads"), [client.id]);
    let told = logout_notices::of_session(db, account, session).await.expect("reads");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].name.as_str(), told[0].answered, told[0].done_at), ("Yêu cầu", false, None));
    let later = open(SessionId::new(at(4), system.entropy()), account);
    let mut tx = db.begin().await.expect("begins");
    sessions::insert(&mut tx, &later).await.expect("another session");
    sessions::succeed(&mut tx, session, &later).await.expect("succeeded");
    tx.commit().await.expect("commits");
    assert_eq!(grants::last_of_session(db, later.id, client.id).await.expect("reads"), last, "it goes on");
}

fn open(id: SessionId, account_id: AccountId) -> Session {
    Session {
        id,
        account_id,
        door: Door::Staff,
        auth_time: at(2),
        proof: Proof::BIND,
        factor_at: None,
        last_seen_at: at(2),
        expires_at: at(1000),
        source: "192.0.2.1".to_owned(),
        user_agent: String::new(),
    }
}
