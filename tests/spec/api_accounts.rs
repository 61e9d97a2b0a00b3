//! Accounts at the administrators' interface: lists by keyset, entity tags (RFC 9110 §8.8, §13), writes under a key.

use crate::api::{Api, EVERY, lines, problem};
use crate::house::{House, PASSWORD};
use crate::rp::json;
use danang_sso::domain::account::{Account, LockReason, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::oauth::metadata::ApiReach;
use danang_sso::services::api_answers::{self, Begun};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{clients, lock};
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use time::Duration;

async fn scene() -> (House, Api) {
    let house = House::build().await;
    for local in ["an", "binh", "chi", "dung", "giang"] {
        house.add(local, &[Ad]);
    }
    house.add("hai", &[Ad, Obm]);
    house.sync().await;
    let api = Api::new(&house, EVERY, ApiReach::City).await;
    (house, api)
}

fn tag(account: &Account) -> String {
    format!("\"{}\"", account.version())
}

fn reason() -> Value {
    value!({ "reason": "Phiếu yêu cầu 12" })
}

#[tokio::test]
async fn a_walk_by_cursors_shows_everybody_once_rfc8288_3() {
    let (_house, mut api) = scene().await;
    let (mut seen, mut path) = (Vec::new(), "/api/v1/accounts?limit=2&sort=name&order=desc".to_owned());
    for _ in 0..10 {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page = json(&answer);
        let items = page["items"].as_array().expect("rows");
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|row| row["address"].as_str().expect("an address").to_owned()));
        let Some(link) = answer.headers.get("link") else {
            assert_eq!(page["next"], Value::Null);
            break;
        };
        let link = link.to_str().expect("ASCII");
        assert!(link.contains(page["next"].as_str().expect("a cursor")), "{link}");
        path =
            link.strip_prefix('<').and_then(|l| l.strip_suffix(">; rel=\"next\"")).expect("next").to_owned();
    }
    assert_eq!(seen.len(), 6);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 6);
    let found = json(&api.get("/api/v1/accounts?q=nguyen%20binh").await);
    assert_eq!(found["items"].as_array().expect("rows").len(), 1);
    assert_eq!(found["items"][0]["address"], "binh@danang.example");
    let both = json(&api.get("/api/v1/accounts?system=both").await);
    assert_eq!(both["items"][0]["systems"], value!(["ad", "obm"]));
    assert_eq!(both["items"].as_array().expect("rows").len(), 1);
}

#[tokio::test]
async fn a_page_goes_on_where_the_one_before_ended_wherever_its_last_account_is_by_then() {
    let (_house, mut api) = scene().await;
    let (mut met, mut path) = (Vec::new(), "/api/v1/accounts?sort=since&limit=2".to_owned());
    for _ in 0..10 {
        let page = json(&api.get(&path).await);
        let items = page["items"].as_array().expect("rows").clone();
        met.extend(items.iter().map(|row| (row["id"].clone(), row["version"].as_i64().expect("one"))));
        if met.len() == 2 {
            // The last of the first page is locked, and stands at the end of this order now.
            let (id, version) = (items[1]["id"].as_str().expect("an id"), format!("\"{}\"", met[1].1));
            let lock = format!("/api/v1/accounts/{id}/lock");
            assert_eq!(api.write(&lock, (&version, "k"), &reason()).await.status, 200);
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/accounts?sort=since&limit=2&cursor={next}");
    }
    let once: BTreeSet<_> = met.iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!((once.len(), met.len()), (6, 7), "nobody is missed: {met:?}");
    // Who has moved ahead is met again, and told by the version.
    assert_eq!(met[6].0, met[1].0);
    assert!(met[6].1 > met[1].1, "{met:?}");
}

#[tokio::test]
async fn a_cursor_is_good_for_the_question_that_it_came_from_and_for_no_other() {
    let (house, mut api) = scene().await;
    let list = "/api/v1/accounts";
    let next = |page: &Value| page["next"].as_str().expect("a cursor").to_owned();
    let cursor = next(&json(&api.get(&format!("{list}?sort=since&state=active&limit=2")).await));
    let same = format!("{list}?sort=since&state=active&limit=3&cursor={cursor}");
    let more = json(&api.get(&same).await);
    assert_eq!(more["items"].as_array().expect("rows").len(), 3, "a page may be longer");
    let mut other = Api::new(&house, EVERY, ApiReach::City).await;
    let mut told = vec![other.get(&same).await];
    for path in [
        format!("{list}?sort=due&state=active&cursor={cursor}"),
        format!("{list}?sort=since&state=active&order=desc&cursor={cursor}"),
        format!("{list}?sort=since&cursor={cursor}"),
        format!("{list}?cursor={cursor}"),
        format!("/api/v1/audit?cursor={cursor}"),
    ] {
        told.push(api.get(&path).await);
    }
    for answer in told {
        assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (400, "invalid-cursor"));
        let why = json(&answer)["detail"].as_str().expect("why").to_owned();
        assert!(why.contains("other parameters"), "{why}");
    }
    let id = house.account("an").await.id().to_string();
    for broken in [&cursor[1..], &format!("{cursor}A"), "n7", &id] {
        let answer = api.get(&format!("{list}?sort=since&state=active&cursor={broken}")).await;
        assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (400, "invalid-cursor"), "{broken}");
        let why = json(&answer)["detail"].as_str().expect("why").to_owned();
        assert!(why.contains("cannot be read"), "{why}");
    }
}

#[tokio::test]
async fn an_account_has_a_tag_that_changes_with_it_rfc9110_8_8_3() {
    let (house, mut api) = scene().await;
    let account = house.account("an").await;
    let path = format!("/api/v1/accounts/{}", account.id());
    let answer = api.get(&path).await;
    assert_eq!(answer.headers["etag"], tag(&account).as_str());
    let told = json(&answer);
    assert_eq!((&told["state"], &told["agency"]["code"]), (&value!("active"), &value!("so-khcn")));
    assert_eq!(told["mailboxes"][0]["system"], "ad");
    // RFC 9110 §13.1.2: weakly compared, as what lies between may have made it weak.
    for known in [tag(&account), format!("\"77\", W/{}", tag(&account)), "*".to_owned()] {
        let same = api.get_with(&path, &[("if-none-match", &known)]).await;
        assert_eq!((same.status.as_u16(), same.body.as_str()), (304, ""), "{known}");
        assert_eq!(same.headers["etag"], tag(&account).as_str());
    }
    let locked = api.write(&format!("{path}/lock"), (&tag(&account), "k1"), &reason()).await;
    assert_eq!(locked.status, 200, "{}", locked.body);
    assert_eq!(json(&locked)["lock_reason"], "by_administrator");
    assert_ne!(locked.headers["etag"], tag(&account).as_str());
    assert_eq!(api.get_with(&path, &[("if-none-match", &tag(&account))]).await.status, 200);
    assert_eq!(lines(&house, &api.rp, Act::Locked).await, 1, "the application is the actor");
    // Its directory and its sessions follow as with a lock of the console.
    let after = house.account("an").await;
    assert!(matches!(after.state(), State::Locked { reason: LockReason::ByAdministrator, .. }));
    let open = api.write(&format!("{path}/unlock"), (&tag(&after), "k2"), &reason()).await;
    assert_eq!((open.status.as_u16(), &json(&open)["state"]), (200, &value!("must_change")));
}

#[tokio::test]
async fn a_write_says_what_it_saw_and_why_rfc9110_13_1_1() {
    let (house, mut api) = scene().await;
    let account = house.account("an").await;
    let (path, tag) = (format!("/api/v1/accounts/{}/lock", account.id()), tag(&account));
    let body = reason().to_string();
    let (tag, body) = (tag.as_str(), body.as_str());
    for (headers, body, expected) in [
        ([("if-match", ""), ("idempotency-key", "a")], body, (428, "precondition-required")),
        ([("if-match", "*"), ("idempotency-key", "b")], body, (400, "invalid-request")),
        ([("if-match", "W/\"0\""), ("idempotency-key", "c")], body, (400, "invalid-request")),
        ([("if-match", "\"77\""), ("idempotency-key", "d")], body, (412, "version-mismatch")),
        ([("if-match", tag), ("idempotency-key", "")], body, (400, "invalid-request")),
        ([("if-match", tag), ("idempotency-key", "e")], "{", (400, "invalid-request")),
        (
            [("if-match", tag), ("idempotency-key", "f")],
            r#"{"reason":"x","more":1}"#,
            (400, "invalid-request"),
        ),
        ([("if-match", tag), ("idempotency-key", "g")], r#"{"reason":"  "}"#, (422, "incomplete")),
    ] {
        let answer = api.write_with(&path, &headers, body).await;
        assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), expected, "{headers:?} {body}");
    }
    let open = format!("/api/v1/accounts/{}/unlock", account.id());
    let answer = api.write(&open, (tag, "h"), &reason()).await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (409, "wrong-state"));
    assert_eq!(house.account("an").await.version(), account.version(), "nothing was changed");
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_for_a_day() {
    let (house, mut api) = scene().await;
    let account = house.account("an").await;
    let (path, tag) = (format!("/api/v1/accounts/{}/lock", account.id()), tag(&account));
    let first = api.write(&path, (&tag, "key"), &reason()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert!(!first.headers.contains_key("idempotency-replayed"));
    let version = house.account("an").await.version();
    let again = api.write(&path, (&tag, "key"), &reason()).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["etag"], first.headers["etag"]);
    let other = api.write(&path, (&tag, "key"), &value!({ "reason": "khác" })).await;
    assert_eq!((other.status.as_u16(), problem(&other).as_str()), (422, "idempotency-key-reused"));
    // A refusal is the same again, too; another application has keys of its own.
    for _ in 0..2 {
        let refused = api.write(&path, (&tag, "refused"), &reason()).await;
        assert_eq!((refused.status.as_u16(), problem(&refused).as_str()), (412, "version-mismatch"));
    }
    let mut another = Api::new(&house, EVERY, ApiReach::City).await;
    let stale = another.write(&path, (&tag, "key"), &reason()).await;
    assert_eq!(problem(&stale), "version-mismatch");
    assert_eq!(house.account("an").await.version(), version);
    house.pass(Duration::hours(25));
    let mut api = Api::with(&house, api.rp).await;
    let later = api.write(&path, (&tag, "key"), &reason()).await;
    assert_eq!(problem(&later), "version-mismatch", "the key is free again");
}

#[tokio::test]
async fn two_at_once_under_one_key_do_it_once() {
    let (house, api) = scene().await;
    let account = house.account("an").await;
    let (path, tag, body) = (format!("/api/v1/accounts/{}/lock", account.id()), tag(&account), reason());
    let Api { rp, token, browser } = api;
    let copy = |browser| Api {
        rp: crate::rp::Rp { client_id: rp.client_id.clone(), secret: None },
        token: token.clone(),
        browser,
    };
    let (mut one, mut other) = (copy(browser.clone()), copy(browser));
    let (a, b) =
        tokio::join!(one.write(&path, (&tag, "key"), &body), other.write(&path, (&tag, "key"), &body));
    let statuses = BTreeSet::from([a.status.as_u16(), b.status.as_u16()]);
    assert!(statuses.contains(&200) && statuses.iter().all(|s| [200, 409].contains(s)), "{statuses:?}");
    for answer in [&a, &b].into_iter().filter(|answer| answer.status == 409) {
        assert_eq!(problem(answer), "request-underway");
        assert_eq!(answer.headers["retry-after"], "1");
    }
    assert_eq!(lines(&house, &rp, Act::Locked).await, 1);

    // Whatever a crash left behind is taken up after two minutes.
    let client = clients::find(&house.app, &rp.client_id).await.expect("there");
    let by = Administrator::application(&client, &BTreeSet::new(), Reach::City, "192.0.2.8");
    let begin =
        async || api_answers::begin(&house.app, (&by, &client), "crash", "request").await.expect("asks");
    assert!(matches!(begin().await, Begun::Fresh(_)));
    house.pass(Duration::seconds(119));
    assert!(matches!(begin().await, Begun::Underway));
    house.pass(Duration::seconds(1));
    assert!(matches!(begin().await, Begun::Fresh(_)));
}

#[tokio::test]
async fn a_one_time_password_is_in_the_first_answer_only() {
    let (house, mut api) = scene().await;
    let account = house.account("an").await;
    let (path, tag) = (format!("/api/v1/accounts/{}/reset", account.id()), tag(&account));
    let unsure = value!({ "reason": "quên mật khẩu", "identity_checked": false });
    assert_eq!(problem(&api.write(&path, (&tag, "unsure"), &unsure).await), "incomplete");
    let sure = value!({ "reason": "quên mật khẩu", "identity_checked": true });
    let first = api.write(&path, (&tag, "key"), &sure).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let told = json(&first);
    let password = told["one_time_password"].as_str().expect("one").to_owned();
    assert_eq!(told["systems"], value!([{ "system": "ad", "outcome": "taken" }]));
    let mut browser = house.browser();
    assert!(!browser.sign_in("an", PASSWORD).await.status.is_redirection(), "the old one is over");
    browser.sign_in("an", &password).await.leads_to("/");
    browser.get("/").await.leads_to("/password");
    let again = api.write(&path, (&tag, "key"), &sure).await;
    assert_eq!((again.status.as_u16(), json(&again)["account"].clone()), (200, told["account"].clone()));
    assert_eq!(json(&again).get("one_time_password"), None);
    let file = std::fs::read(house.folder().join("house.db")).expect("the database");
    let log = std::fs::read(house.folder().join("house.db-wal")).unwrap_or_default();
    let holds = |bytes: &[u8]| bytes.windows(password.len()).any(|part| part == password.as_bytes());
    assert!(!holds(&file) && !holds(&log), "the password is nowhere");
}

#[tokio::test]
async fn an_administrators_account_is_left_alone() {
    let (house, mut api) = scene().await;
    let address = MailAddress::parse("binh@danang.example").expect("an address");
    let wish = Wish { address, role: Role::City, agency: None, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    let account = house.account("binh").await;
    let tag = tag(&account);
    let sure = value!({ "reason": "thử", "identity_checked": true });
    for (act, body) in [("lock", reason()), ("reset", sure)] {
        let answer = api.write(&format!("/api/v1/accounts/{}/{act}", account.id()), (&tag, act), &body).await;
        assert_eq!(
            (answer.status.as_u16(), problem(&answer).as_str()),
            (403, "administrator-account"),
            "{act}"
        );
    }
    assert_eq!(house.account("binh").await.state().name(), StateName::Active);
    lock::enforce(&house.app, &account, LockReason::PasswordTooOld, Actor::Job("test"))
        .await
        .expect("locked");
    let tag = self::tag(&house.account("binh").await);
    let path = format!("/api/v1/accounts/{}/unlock", account.id());
    let answer = api.write(&path, (&tag, "unlock"), &reason()).await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (403, "administrator-account"));
    assert_eq!(house.account("binh").await.state().name(), StateName::Locked, "a role rests behind it");
}
