//! What is open for an account at the administrators' interface: it is listed, ended as a whole, and ended where a new
//! password is demanded; the applications are told (OIDC Back-Channel Logout 1.0).

use crate::api::{Api, EVERY, lines, problem};
use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use crate::oidc_back_channel_logout::Listener;
use crate::rp::{Rp, json, registration, signed_in_as};
use danang_sso::domain::account::{Account, MustChange, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::ApiScope::{self, AccountsDemand, SessionsEnd, SessionsRead};
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::ApiReach;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::storage::sessions;
use serde_json::{Value, json as value};
use time::Duration;
use time::macros::datetime;

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/142.0.0.0 Safari/537.36";

/// The acts, each with its scope.
const ACTS: [(&str, ApiScope); 2] = [("sessions/end", SessionsEnd), ("demand-change", AccountsDemand)];

/// A house with two people of `so-khcn` and one of `so-nv`.
async fn scene() -> House {
    let house = House::build().await;
    for local in ["an", "binh"] {
        house.add(local, &[Ad]);
    }
    house.add_with("chi", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    house
}

/// An application that listens, entered by somebody who has signed in.
async fn entered(house: &House, who: &str) -> (Listener, Browser) {
    let listener = Listener::start().await;
    let mut asked = registration(ClientKind::Web);
    asked.backchannel_logout_uri = Some(listener.uri.clone());
    let rp = Rp::new(house, &asked).await;
    let mut browser = signed_in_as(house, who).await;
    let code = rp.code(&mut browser, &[("scope", "openid")]).await;
    assert_eq!(rp.redeem(&mut browser, &code).await.status, 200);
    (listener, browser)
}

fn tag(account: &Account) -> String {
    format!("\"{}\"", account.version())
}

fn reason() -> Value {
    value!({ "reason": "Máy bị mất, phiếu 31" })
}

fn path(account: &Account, act: &str) -> String {
    format!("/api/v1/accounts/{}/{act}", account.id())
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), problem(answer))
}

async fn open(house: &House, account: &Account) -> usize {
    sessions::of_account(&house.app.db, account.id(), house.app.now()).await.expect("reads").len()
}

#[tokio::test]
async fn everything_that_is_open_ends_once_and_the_application_is_told() {
    let house = scene().await;
    let (listener, mut one) = entered(&house, "an").await;
    let mut other = signed_in_as(&house, "an").await;
    let mut beside = signed_in_as(&house, "binh").await;
    let account = house.account("an").await;
    let (path, tag) = (path(&account, "sessions/end"), tag(&account));
    let mut api = Api::new(&house, &[SessionsEnd], ApiReach::Agency("so-khcn".to_owned())).await;
    let first = api.write(&path, (&tag, "k"), &reason()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let told = json(&first);
    assert_eq!((&told["ended"], &told["state"]), (&value!(true), &value!("active")));
    assert_eq!(first.headers["etag"], tag.as_str(), "the account stays as it is");
    one.get("/").await.leads_to("/sign-in");
    other.get("/").await.leads_to("/sign-in");
    beside.get("/").await.shows("binh@danang.example");
    assert_eq!(listener.told().len(), 1, "at once");
    assert_eq!(lines(&house, &api.rp, Act::SessionEnded).await, 1, "the application is the actor");

    // The same again does nothing, though its holder has come back.
    let mut back = signed_in_as(&house, "an").await;
    let again = api.write(&path, (&tag, "k"), &reason()).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    back.get("/").await.shows("an@danang.example");
    assert_eq!((listener.told().len(), lines(&house, &api.rp, Act::SessionEnded).await), (1, 1));

    for (key, expected) in [("k2", true), ("k3", false)] {
        let answer = api.write(&path, (&tag, key), &reason()).await;
        assert_eq!((answer.status.as_u16(), &json(&answer)["ended"]), (200, &value!(expected)), "{key}");
    }
    back.get("/").await.leads_to("/sign-in");
    assert_eq!(lines(&house, &api.rp, Act::SessionEnded).await, 2, "what ended nothing leaves no line");
}

#[tokio::test]
async fn a_demand_ends_everything_and_the_next_sign_in_asks_for_a_new_password() {
    let house = scene().await;
    let (listener, mut browser) = entered(&house, "an").await;
    let account = house.account("an").await;
    let (path, before) = (path(&account, "demand-change"), tag(&account));
    let mut api = Api::new(&house, &[AccountsDemand], ApiReach::City).await;
    let first = api.write(&path, (&before, "k"), &reason()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let told = json(&first);
    assert_eq!(
        (&told["state"], &told["change_reason"]),
        (&value!("must_change"), &value!(MustChange::Demanded.code()))
    );
    browser.get("/").await.leads_to("/sign-in");
    assert_eq!((listener.told().len(), open(&house, &account).await), (1, 0));
    let asked = house.account("an").await;
    assert_eq!(first.headers["etag"], tag(&asked).as_str());

    let again = api.write(&path, (&before, "k"), &reason()).await;
    assert_eq!((&again.body, again.headers["idempotency-replayed"].as_bytes()), (&first.body, &b"true"[..]));
    assert_eq!(lines(&house, &api.rp, Act::ChangeDemanded).await, 1);
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await;
    person.get("/").await.leads_to("/password");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &fields).await;
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn nothing_is_demanded_twice_because_each_demand_begins_a_fresh_term() {
    let house = scene().await;
    let mut api = Api::new(&house, &[AccountsDemand, ApiScope::AccountsLock], ApiReach::City).await;
    let account = house.account("an").await;
    let path_of = |act| path(&account, act);
    let first = api.write(&path_of("demand-change"), (&tag(&account), "a"), &reason()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let asked = house.account("an").await;
    house.pass(Duration::days(1));
    let mut api = Api::with(&house, api.rp).await;
    let second = api.write(&path_of("demand-change"), (&tag(&asked), "b"), &reason()).await;
    assert_eq!(refused(&second), (409, "wrong-state".to_owned()));
    assert_eq!(json(&second)["detail"], "a new password is demanded already");
    let now = house.account("an").await;
    assert_eq!((now.state(), now.version()), (asked.state(), asked.version()), "the term runs on");
    assert!(matches!(now.state(), State::MustChangePassword { why: MustChange::Demanded, .. }));
    let locked = api.write(&path_of("lock"), (&tag(&now), "c"), &reason()).await;
    assert_eq!(locked.status, 200, "{}", locked.body);
    let now = house.account("an").await;
    let third = api.write(&path_of("demand-change"), (&tag(&now), "d"), &reason()).await;
    assert_eq!(refused(&third), (409, "wrong-state".to_owned()));
    assert_eq!(lines(&house, &api.rp, Act::ChangeDemanded).await, 1);
}

#[tokio::test]
async fn both_name_the_version_that_was_seen_and_why_rfc9110_13_1_1() {
    let house = scene().await;
    let account = house.account("an").await;
    let mut browser = signed_in_as(&house, "an").await;
    let mut api = Api::new(&house, &[SessionsEnd, AccountsDemand], ApiReach::City).await;
    let (tag, body) = (tag(&account), reason().to_string());
    let (tag, body) = (tag.as_str(), body.as_str());
    for (act, _) in ACTS {
        let path = path(&account, act);
        for (version, key, body, expected) in [
            ("", "a", body, (428, "precondition-required")),
            ("\"77\"", "b", body, (412, "version-mismatch")),
            (tag, "", body, (400, "invalid-request")),
            (tag, "c", r#"{"reason":" "}"#, (422, "incomplete")),
            (tag, "d", r#"{"reason":"x","session":"x"}"#, (400, "invalid-request")),
        ] {
            let key = if key.is_empty() { String::new() } else { format!("{act} {key}") };
            let headers = [("if-match", version), ("idempotency-key", key.as_str())];
            let answer = api.write_with(&path, &headers, body).await;
            let expected = (expected.0, expected.1.to_owned());
            assert_eq!(refused(&answer), expected, "{act} {version} {body}");
        }
    }
    browser.get("/").await.shows("an@danang.example");
    assert_eq!(house.account("an").await.version(), account.version(), "nothing was changed");
}

#[tokio::test]
async fn each_opens_by_its_own_scope_and_within_reach_only() {
    let house = scene().await;
    let (an, chi) = (house.account("an").await, house.account("chi").await);
    let mut browsers = [signed_in_as(&house, "an").await, signed_in_as(&house, "chi").await];
    let branch = || ApiReach::Agency("so-khcn".to_owned());
    for (act, scope) in ACTS.into_iter().chain([("sessions", SessionsRead)]) {
        let others: Vec<_> = EVERY.iter().copied().filter(|one| *one != scope).collect();
        let mut without = Api::new(&house, &others, ApiReach::City).await;
        let mut with = Api::new(&house, &[scope], branch()).await;
        let (answer, beyond) = if act == "sessions" {
            (without.get(&path(&an, act)).await, with.get(&path(&chi, act)).await)
        } else {
            let (version, far) = (tag(&an), tag(&chi));
            let answer = without.write(&path(&an, act), (&version, act), &reason()).await;
            (answer, with.write(&path(&chi, act), (&far, act), &reason()).await)
        };
        assert_eq!(refused(&answer), (403, "insufficient-scope".to_owned()), "{act}");
        assert_eq!(lines(&house, &without.rp, Act::RightRefused).await, 1, "{act}");
        assert_eq!(refused(&beyond), (404, "not-found".to_owned()), "{act}");
        assert_eq!(lines(&house, &with.rp, Act::OutOfReach).await, 1, "{act}");
    }
    for (browser, who) in browsers.iter_mut().zip(["an", "chi"]) {
        browser.get("/").await.shows(&format!("{who}@danang.example"));
        assert_eq!(house.account(who).await.state().name(), StateName::Active, "{who}");
    }
}

#[tokio::test]
async fn an_administrator_is_signed_out_by_people_only_and_the_console_is_not_listed() {
    let house = scene().await;
    let address = MailAddress::parse("binh@danang.example").expect("an address");
    let wish = Wish { address, role: Role::City, agency: None, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    let mut desk = house.admin_browser();
    desk.sign_in("binh", PASSWORD).await.leads_to("/");
    let mut staff = signed_in_as(&house, "binh").await;
    let account = house.account("binh").await;
    let mut api = Api::new(&house, &[SessionsEnd, AccountsDemand, SessionsRead], ApiReach::City).await;
    for (act, _) in ACTS {
        let answer = api.write(&path(&account, act), (&tag(&account), act), &reason()).await;
        assert_eq!(refused(&answer), (403, "administrator-account".to_owned()), "{act}");
    }
    assert_eq!(open(&house, &account).await, 2);
    assert_eq!(house.account("binh").await.state().name(), StateName::Active);
    staff.get("/").await.shows("binh@danang.example");
    let listed = json(&api.get(&path(&account, "sessions")).await);
    let items = listed["items"].as_array().expect("sessions");
    assert_eq!(items.len(), 1, "{listed}");
    assert_eq!(items[0]["source"], "192.0.2.7", "the one of the staff's door");
}

#[tokio::test]
async fn open_sessions_are_listed_the_last_used_first_without_anything_that_opens_one() {
    let house = scene().await;
    let mut first = signed_in_as(&house, "an").await;
    house.pass(Duration::minutes(5));
    let mut second = house.browser();
    CHROME.clone_into(&mut second.user_agent);
    second.source = "192.0.2.99".to_owned();
    second.sign_in("an", PASSWORD).await.leads_to("/");
    let account = house.account("an").await;
    let path = path(&account, "sessions");
    let mut api = Api::new(&house, &[SessionsRead], ApiReach::City).await;
    let answer = api.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = json(&answer);
    let items = told["items"].as_array().expect("sessions");
    let sources: Vec<_> = items.iter().map(|one| &one["source"]).collect();
    assert_eq!(sources, ["192.0.2.99", "192.0.2.7"]);
    assert_eq!((&items[0]["browser"], &items[0]["system"]), (&value!("Chrome"), &value!("Windows")));
    assert_eq!(items[1]["browser"], Value::Null, "it said nothing of itself");
    assert_eq!(items[0]["signed_in_at"], "2026-03-02T02:05:00.000000Z");
    let known = sessions::of_account(&house.app.db, account.id(), house.app.now()).await.expect("reads");
    assert_eq!(known.len(), 2);
    let ids = known.iter().map(|session| session.id.to_string());
    let cookies = [&mut first, &mut second].into_iter().flat_map(|one| one.cookies().clone().into_values());
    for secret in ids.chain(cookies).filter(|secret| secret.len() > 8) {
        assert!(!answer.body.contains(&secret), "{}", answer.body);
    }
    // What was not used for too long is over, though nobody has ended it.
    house.pass(house.app.config.sessions.staff_idle + Duration::minutes(1));
    let mut api = Api::with(&house, api.rp).await;
    assert_eq!(json(&api.get(&path).await)["items"], value!([]));
}

#[tokio::test]
async fn both_are_counted_with_the_other_acts_of_a_day() {
    let house = House::at(datetime!(2026-03-02 09:00 +7), "[admin]\napi_writes_per_day = 2\n").await;
    for local in ["an", "binh"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    let mut browser = signed_in_as(&house, "binh").await;
    let mut api = Api::new(&house, &[SessionsEnd, AccountsDemand], ApiReach::City).await;
    let (an, binh) = (house.account("an").await, house.account("binh").await);
    for (act, _) in ACTS {
        let answer = api.write(&path(&an, act), (&tag(&an), act), &reason()).await;
        assert_eq!(answer.status, 200, "{act}: {}", answer.body);
    }
    for (act, _) in ACTS {
        let key = format!("{act} of binh");
        let answer = api.write(&path(&binh, act), (&tag(&binh), &key), &reason()).await;
        assert_eq!(refused(&answer), (429, "too-many-writes".to_owned()), "{act}");
    }
    browser.get("/").await.shows("binh@danang.example");
}
