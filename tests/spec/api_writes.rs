//! Writes at the administrators' interface: they end though the application hangs up, answer no more than the token may
//! read, are given again within reach only, and are bounded within a day.

use crate::api::{Api, lines, problem};
use crate::house::{Answer, Broken, House};
use crate::rp::json;
use axum::http::HeaderValue;
use danang_sso::domain::account::{Account, LockReason, StateName};
use danang_sso::domain::admin::ApiScope::{
    self, AccountsDemand, AccountsLock, AccountsRead, AccountsReset, AccountsUnlock, SessionsEnd,
};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::metadata::ApiReach;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::{client_api, lock};
use serde_json::{Value, json as value};
use std::time::Duration as Span;
use time::Duration;
use time::macros::datetime;

const WRITES: &[ApiScope] = &[AccountsLock, AccountsUnlock, AccountsReset, AccountsDemand, SessionsEnd];

fn tag(account: &Account) -> String {
    format!("\"{}\"", account.version())
}

fn reason() -> Value {
    value!({ "reason": "Phiếu yêu cầu 12" })
}

fn sure() -> Value {
    value!({ "reason": "quên mật khẩu", "identity_checked": true })
}

fn path(account: &Account, act: &str) -> String {
    format!("/api/v1/accounts/{}/{act}", account.id())
}

async fn scene(locals: &[&str]) -> House {
    let house = House::build().await;
    for local in locals {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    house
}

/// A connection of its own to the house's database.
async fn database(house: &House) -> sqlx::SqliteConnection {
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens")
}

/// Breaks something in the database.
async fn spoil(house: &House, sql: &'static str) {
    let mut db = database(house).await;
    sqlx::query(sql).execute(&mut db).await.expect("spoilt");
}

/// Asks for the same write until it is not under way any more.
async fn ended(api: &mut Api, path: &str, (tag, key): (&str, &str), body: &Value) -> Answer {
    for _ in 0..1_500 {
        let answer = api.write(path, (tag, key), body).await;
        if answer.status != 409 {
            return answer;
        }
        tokio::time::sleep(Span::from_millis(20)).await;
    }
    panic!("{key}: the write never ends");
}

#[tokio::test]
async fn a_write_ends_and_keeps_its_answer_though_the_application_hangs_up_anywhere() {
    let locals: Vec<_> = (1..=30).map(|polls| format!("nv{polls}")).collect();
    let house = scene(&locals.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut api = Api::new(&house, WRITES, ApiReach::City).await;
    let (mut hung_up, mut replayed) = (0, 0);
    for (polls, local) in (1..).zip(&locals) {
        let account = house.account(local).await;
        let (path, tag) = (path(&account, "reset"), tag(&account));
        let body = sure();
        let done = Broken::after(polls, Box::pin(api.write(&path, (&tag, local), &body))).await;
        hung_up += usize::from(done.is_none());
        let answer = ended(&mut api, &path, (&tag, local), &body).await;
        assert_eq!(answer.status, 200, "{local}: {}", answer.body);
        replayed += usize::from(answer.headers.contains_key("idempotency-replayed"));
        assert_eq!(house.account(local).await.state().name(), StateName::MustChange, "{local}");
    }
    // How often a request is taken up before it is answered is the machine's business.
    assert!(hung_up > 0 && replayed > 0, "{hung_up} were cut off, {replayed} were given again");
    assert_eq!(lines(&house, &api.rp, Act::PasswordReset).await, 30, "each was done once");
}

#[tokio::test]
async fn a_write_that_waits_for_the_database_ends_though_the_application_has_hung_up() {
    let house = scene(&["an"]).await;
    let mut api = Api::new(&house, WRITES, ApiReach::City).await;
    let an = house.account("an").await;
    let (path, tag, body) = (path(&an, "reset"), tag(&an), sure());
    api.write(&path, ("\"77\"", "first"), &body).await;
    let mut other = database(&house).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.expect("holds the database");
    let write = api.write(&path, (&tag, "k"), &body);
    // Long enough that the write is under way on any machine, and shorter than it waits for the database.
    let answered = tokio::time::timeout(Span::from_secs(3), write).await;
    assert!(answered.is_err(), "the database is held");
    sqlx::query("ROLLBACK").execute(&mut other).await.expect("lets go");
    for _ in 0..1_500 {
        if lines(&house, &api.rp, Act::PasswordReset).await > 0 {
            break;
        }
        tokio::time::sleep(Span::from_millis(20)).await;
    }
    let answer = ended(&mut api, &path, (&tag, "k"), &body).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["idempotency-replayed"]),
        (200, &HeaderValue::from_static("true"))
    );
    assert_eq!(lines(&house, &api.rp, Act::PasswordReset).await, 1, "it was done once");
}

#[tokio::test]
async fn a_password_that_was_set_is_answered_though_nothing_else_can_be_read_or_kept() {
    let house = scene(&["an", "binh"]).await;
    let mut api = Api::new(&house, &[AccountsReset, AccountsRead], ApiReach::City).await;
    let an = house.account("an").await;
    spoil(&house, "ALTER TABLE alias RENAME TO alias_gone").await;
    let answer = api.write(&path(&an, "reset"), (&tag(&an), "a"), &sure()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = json(&answer);
    assert!(told["one_time_password"].is_string() && told.get("account").is_none(), "{told}");
    assert_eq!((&told["id"], &told["state"]), (&value!(an.id().to_string()), &value!("must_change")));
    spoil(&house, "ALTER TABLE alias_gone RENAME TO alias").await;
    let trigger =
        "CREATE TRIGGER no_answer BEFORE UPDATE ON api_answer BEGIN SELECT RAISE(ABORT, 'full'); END";
    spoil(&house, trigger).await;
    let binh = house.account("binh").await;
    let answer = api.write(&path(&binh, "reset"), (&tag(&binh), "b"), &sure()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(json(&answer)["one_time_password"].is_string());
}

#[tokio::test]
async fn a_token_that_only_writes_learns_nothing_of_the_person() {
    let house = scene(&["an"]).await;
    let mut api = Api::new(&house, WRITES, ApiReach::City).await;
    for (act, body) in [
        ("demand-change", reason()),
        ("lock", reason()),
        ("unlock", reason()),
        ("reset", sure()),
        ("sessions/end", reason()),
    ] {
        let account = house.account("an").await;
        let answer = api.write(&path(&account, act), (&tag(&account), act), &body).await;
        assert_eq!(answer.status, 200, "{act}: {}", answer.body);
        let (told, now) = (json(&answer), house.account("an").await);
        assert_eq!(
            (&told["state"], &told["version"]),
            (&value!(now.state().name().code()), &value!(now.version()))
        );
        assert_eq!(answer.headers["etag"], tag(&now).as_str(), "{act}");
        for secret in ["an@danang.example", "Nguyễn", "so-khcn", "Chuyên viên"] {
            assert!(!answer.body.contains(secret), "{act} tells {secret}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn an_answer_is_given_again_only_within_reach_and_without_what_may_not_be_read() {
    let house = scene(&["an"]).await;
    let reach = || Some(ApiReach::Agency("so-khcn".to_owned()));
    let mut api = Api::new(&house, &[AccountsLock, AccountsRead], reach().expect("one")).await;
    let account = house.account("an").await;
    let (path, tag) = (path(&account, "lock"), tag(&account));
    let first = api.write(&path, (&tag, "k"), &reason()).await;
    assert_eq!(json(&first)["account"]["address"], "an@danang.example", "{}", first.body);
    client_api::set(&house.app, Actor::CommandLine, &api.rp.client_id, &[AccountsLock], reach())
        .await
        .expect("set");
    let again = api.write(&path, (&tag, "k"), &reason()).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!((json(&again).get("account"), &json(&again)["state"]), (None, &value!("locked")));
    house.ad.edit("an", |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    let before = lines(&house, &api.rp, Act::OutOfReach).await;
    let gone = api.write(&path, (&tag, "k"), &reason()).await;
    assert_eq!((gone.status.as_u16(), problem(&gone).as_str()), (404, "not-found"));
    assert_eq!(lines(&house, &api.rp, Act::OutOfReach).await, before + 1);
}

#[tokio::test]
async fn an_application_that_has_written_enough_for_a_day_waits_and_one_line_says_so() {
    let house = House::at(datetime!(2026-03-02 09:00 +7), "[admin]\napi_writes_per_day = 2\n").await;
    for local in ["an", "binh", "chi"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    let mut api = Api::new(&house, &[AccountsLock], ApiReach::City).await;
    let (an, binh, chi) =
        (house.account("an").await, house.account("binh").await, house.account("chi").await);
    let stale = api.write(&path(&an, "lock"), ("\"77\"", "stale"), &reason()).await;
    assert_eq!(problem(&stale), "version-mismatch", "what is refused does not count");
    for (account, key) in [(&an, "a"), (&binh, "b")] {
        let answer = api.write(&path(account, "lock"), (&tag(account), key), &reason()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        house.pass(Duration::minutes(1));
    }
    let mut wait = 0;
    for key in ["c", "c", "d"] {
        let answer = api.write(&path(&chi, "lock"), (&tag(&chi), key), &reason()).await;
        assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (429, "too-many-writes"), "{key}");
        wait = answer.headers["retry-after"].to_str().expect("ASCII").parse().expect("seconds");
    }
    assert_eq!(house.account("chi").await.state().name(), StateName::Active);
    assert_eq!(lines(&house, &api.rp, Act::WritesStopped).await, 1);
    let again = api.write(&path(&an, "lock"), (&tag(&an), "a"), &reason()).await;
    assert_eq!(again.headers["idempotency-replayed"], "true", "an answer is given again all the same");
    let mut other = Api::new(&house, &[AccountsLock], ApiReach::City).await;
    let answer = other.write(&path(&an, "lock"), (&tag(&an), "a"), &reason()).await;
    assert_eq!(problem(&answer), "version-mismatch", "others do not wait");
    house.pass(Duration::seconds(wait));
    let mut api = Api::with(&house, api.rp).await;
    let chi = house.account("chi").await;
    let answer = api.write(&path(&chi, "lock"), (&tag(&chi), "c"), &reason()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a_lock_takes_the_place_of_a_deadlines_and_not_of_an_administrators() {
    let house = scene(&["an"]).await;
    let open = house.account("an").await;
    lock::enforce(&house.app, &open, LockReason::PasswordTooOld, Actor::Job("test")).await.expect("locked");
    let an = house.account("an").await;
    let mut api = Api::new(&house, &[AccountsLock], ApiReach::City).await;
    let done = api.write(&path(&an, "lock"), (&tag(&an), "a"), &reason()).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(json(&done)["lock_reason"], "by_administrator");
    let an = house.account("an").await;
    let again = api.write(&path(&an, "lock"), (&tag(&an), "b"), &reason()).await;
    assert_eq!((again.status.as_u16(), problem(&again).as_str()), (409, "wrong-state"));
}

#[tokio::test]
async fn a_reset_lifts_a_lock_only_for_a_token_that_may_lift_locks() {
    let house = scene(&["an", "binh"]).await;
    let open = house.account("an").await;
    lock::enforce(&house.app, &open, LockReason::ByAdministrator, Actor::CommandLine).await.expect("locked");
    let an = house.account("an").await;
    let mut resets = Api::new(&house, &[AccountsReset], ApiReach::City).await;
    let refused = resets.write(&path(&an, "reset"), (&tag(&an), "a"), &sure()).await;
    assert_eq!((refused.status.as_u16(), problem(&refused).as_str()), (403, "insufficient-scope"));
    assert!(refused.body.contains("accounts.unlock"), "{}", refused.body);
    assert_eq!(house.account("an").await.state(), an.state(), "nothing was begun");
    assert_eq!(lines(&house, &resets.rp, Act::RightRefused).await, 1);
    let binh = house.account("binh").await;
    let other = resets.write(&path(&binh, "reset"), (&tag(&binh), "b"), &sure()).await;
    assert_eq!(other.status, 200, "one that is open: {}", other.body);
    let mut api = Api::new(&house, WRITES, ApiReach::City).await;
    let done = api.write(&path(&an, "reset"), (&tag(&an), "a"), &sure()).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(house.account("an").await.state().name(), StateName::MustChange);
}
