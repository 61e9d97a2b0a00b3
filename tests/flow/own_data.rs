//! The mail rules in short, and what is kept about a person.

use crate::authenticator::Authenticator;
use crate::house::{Browser, House, PASSWORD};
use danang_sso::domain::account::Account;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::id::PasskeyId;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::watch::{Cap, Forward, ForwardSource};
use danang_sso::services::session::Current;
use danang_sso::services::{access_review, account_desk, admins, own_data, rules};
use danang_sso::storage::Db;
use danang_sso::storage::passkeys::{self, Passkey};
use danang_sso::storage::sessions;
use serde_json::Value;
use time::Duration;

async fn house() -> House {
    let house = House::build().await;
    house.add("an", &[Ad, Obm]);
    house.add("binh", &[Ad]);
    house.sync().await;
    house
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn current(house: &House, who: &str) -> Current {
    let account = house.account(who).await;
    let all = sessions::of_account(&house.app.db, account.id(), house.app.now()).await.expect("reads");
    Current { session: all.into_iter().next().expect("a session"), account, is_overdue: false }
}

fn of_the_city(account: &Account) -> Administrator {
    Administrator::holding(account, Role::City, Reach::City)
}

#[tokio::test]
async fn the_rules_are_acknowledged_once_a_year_and_counted_by_agency() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    an.get("/").await.shows("id=\"rules-due\"").hides("href=\"/my-data\"");
    an.get("/account").await.shows("href=\"/my-data\"").shows("href=\"/rules\"");
    for page in ["/my-data", "/rules"] {
        an.get(page).await.shows("<a href=\"/account\" aria-current=\"page\">Tài khoản</a>");
    }
    an.get("/rules").await.shows("Không đặt chuyển thư tự động").shows("Tôi đã đọc và sẽ thực hiện");
    an.post_from("/rules", "/rules", &[("version", "2026-1")]).await.leads_to("/rules");
    an.get("/rules").await.shows("Đã xác nhận lúc 09:00 ngày 02/03/2026").hides("Tôi đã đọc");
    an.get("/").await.hides("id=\"rules-due\"");
    let by = of_the_city(&house.account("binh").await);
    let counts = rules::by_agency(&house.app, &by).await.expect("counted");
    assert_eq!(counts.iter().map(|one| (one.people, one.acknowledged)).collect::<Vec<_>>(), [(2, 1)]);

    // By then the session is long over; the question stays the same.
    let current = current(&house, "an").await;
    house.pass(Duration::days(365) - Duration::seconds(1));
    assert!(!rules::standing(&house.app, &current).await.expect("reads").is_due);
    house.pass(Duration::seconds(1));
    assert!(rules::standing(&house.app, &current).await.expect("reads").is_due);
}

#[tokio::test]
async fn another_version_of_the_rules_than_the_page_showed_is_not_acknowledged() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    an.post_from("/rules", "/rules", &[("version", "2025-1")]).await.leads_to("/rules?note=changed");
    an.get("/rules?note=changed").await.shows("Quy định vừa được cập nhật").shows("Tôi đã đọc");
}

#[tokio::test]
async fn a_city_without_such_rules_asks_nobody() {
    let more = "[mail_rules]\nvi = []\nen = []\n";
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), more).await;
    house.add("an", &[Ad]);
    house.sync().await;
    signed_in(&house, "an").await.get("/").await.hides("rules-due");
}

#[tokio::test]
async fn everything_about_oneself_comes_as_json_without_a_secret_and_nothing_about_others() {
    let house = house().await;
    signed_in(&house, "binh").await;
    let mut an = signed_in(&house, "an").await;
    an.get("/my-data").await.shows("Dữ liệu về Ông/Bà").shows("90 ngày sau khi phiên kết thúc.");
    let answer = an.post_from("/my-data", "/my-data/export", &[]).await;
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let all: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(all["account"]["address"], "an@danang.example");
    assert_eq!(all["account"]["mailboxes"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["sessions"].as_array().map(Vec::len), Some(1));
    let acts: Vec<_> = all["audit"].as_array().expect("lines").iter().map(|line| &line["what"]).collect();
    assert!(acts.iter().any(|act| *act == "signed_in"), "{acts:?}");
    answer.hides("binh@").hides(PASSWORD).hides("digest").hides("secret");
    let counted = own_data::amounts(&house.app, &current(&house, "an").await).await.expect("counted");
    let length = |name: &str| all[name].as_array().map_or(0, Vec::len);
    assert_eq!((counted.sessions, counted.letters), (length("sessions"), length("letters")));
    // The export itself is one line more.
    assert_eq!(counted.lines, length("audit") + 1);
    let again = an.post_from("/my-data", "/my-data/export", &[]).await;
    again.shows("own_data_exported");
    let without = an.post("/my-data/export", &[]).await;
    assert!(!without.status.is_success(), "not without the token of a page");
}

#[tokio::test]
async fn the_own_data_tells_second_factors_and_roles_and_not_what_they_open_with() {
    let house = house().await;
    let account = house.account("an").await;
    admins::grant(&house.app, &account.profile().address, Some("so-khcn")).await.expect("granted");
    let mut an = signed_in(&house, "an").await;
    let app = Authenticator::set_up(&house, &mut an).await;
    let passkey = Passkey {
        id: PasskeyId::new(house.app.now(), house.app.system.entropy()),
        account_id: account.id(),
        credential: "Y3JlZGVudGlhbA".to_owned(),
        public_key: b"a public key".to_vec(),
        counter: 0,
        can_be_copied: false,
        name: "Khóa của An".to_owned(),
        made_at: house.app.now(),
        last_used_at: None,
    };
    let mut tx = house.app.db.begin().await.expect("a transaction");
    assert!(passkeys::add(&mut tx, &passkey).await.expect("added"));
    tx.commit().await.expect("kept");

    let answer = an.post_from("/my-data", "/my-data/export", &[]).await;
    let all: Value = serde_json::from_str(&answer.body).expect("JSON");
    let kinds: Vec<_> =
        all["second_factors"].as_array().expect("factors").iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["totp", "recovery", "passkey"]);
    assert_eq!(all["second_factors"][1]["codes_left"], 10);
    assert_eq!(all["second_factors"][2]["name"], "Khóa của An");
    assert_eq!(all["roles"][0]["role"], "agency");
    assert_eq!(all["roles"][0]["over"], "so-khcn");
    answer.hides(&passkey.credential);
    for code in &app.recovery {
        answer.hides(code);
    }
    an.get("/my-data").await.shows("khóa truy cập, thiết bị tin cậy").shows("Vai trò quản trị");
}

#[tokio::test]
async fn everything_is_handed_out_only_to_whoever_has_proven_themselves_lately() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    house.pass(Duration::minutes(5));
    let answer = an.post_from("/my-data", "/my-data/export", &[]).await;
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8", "still lately");
    house.pass(Duration::seconds(1));
    let answer = an.post_from("/my-data", "/my-data/export", &[]).await;
    answer.leads_to("/confirm?back=%2Fmy-data").hides("an@danang.example");
    let wrong = [("back", "/my-data"), ("password", "Sai-mat-khau-1")];
    an.post_from("/confirm?back=%2Fmy-data", "/confirm", &wrong).await;
    an.post_from("/my-data", "/my-data/export", &[]).await.leads_to("/confirm?back=%2Fmy-data");
    let right = [("back", "/my-data"), ("password", PASSWORD)];
    an.post_from("/confirm?back=%2Fmy-data", "/confirm", &right).await.leads_to("/confirm/kept");
    let answer = an.post_from("/my-data", "/my-data/export", &[]).await;
    answer.shows("an@danang.example");
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
}

#[tokio::test]
async fn what_others_wrote_of_a_person_and_what_is_watched_is_theirs_to_read() {
    let house = house().await;
    let quantri = house.account("binh").await;
    let city = of_the_city(&quantri);
    let account = house.account("an").await;
    let to = |address: &str| Forward::new(address, true, ForwardSource::Holder).expect("an address");
    house.ad.edit("an", |seen| {
        seen.watched.forwards = vec![to("an.rieng@thu.example"), to("an.cu@thu.example")];
        seen.watched.quota = Some(Cap::Kib(1_048_576));
    });
    house.sync().await;
    house.pass(Duration::days(1));
    house.ad.edit("an", |seen| seen.watched.forwards = vec![to("an.rieng@thu.example")]);
    house.sync().await;
    admins::grant(&house.app, &quantri.profile().address, None).await.expect("granted");
    let note = "Đã gọi lại số 0236 1022";
    account_desk::add_note(&house.app, &city, account.id(), note).await.expect("written");
    access_review::open(&house.app, &city, 30).await.expect("opened");

    let mut an = signed_in(&house, "an").await;
    let answer = an.post_from("/my-data", "/my-data/export", &[]).await;
    let all: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(all["notes"][0]["text"], note);
    assert_eq!(all["notes"][0]["address"], "binh@danang.example");
    let forwarding = all["mailboxes_watched"]["forwarding"].as_array().expect("a list");
    let ended: Vec<_> =
        forwarding.iter().map(|one| (one["to"].as_str(), one["ended_at"].is_null())).collect();
    assert_eq!(ended, [(Some("an.cu@thu.example"), false), (Some("an.rieng@thu.example"), true)]);
    let limits = all["mailboxes_watched"]["limits"].as_array().expect("a list");
    assert!(limits.iter().any(|one| one["quota_kib"] == 1_048_576), "{limits:?}");
    assert_eq!(all["reviews"][0]["kind"], "account");
    assert_eq!(all["reviews"].as_array().map(Vec::len), Some(1), "of nobody else");
    let counted = own_data::amounts(&house.app, &current(&house, "an").await).await.expect("counted");
    assert_eq!((counted.notes, counted.watched, counted.decisions), (1, forwarding.len() + limits.len(), 1));
    an.get("/my-data").await.shows("Ghi chú của quản trị viên về tài khoản").shows("Rà soát quyền");

    // Of whom no one has written anything, nothing of this is told.
    let mut binh = signed_in(&house, "binh").await;
    let answer = binh.post_from("/my-data", "/my-data/export", &[]).await;
    answer.hides(note).hides("an.rieng@thu.example");
}

/// The tables that hold something of a person, and the member of the export that tells it.
const TOLD: &[(&str, &str)] = &[
    ("access_grant", "applications"),
    ("account", "account"),
    ("account_certificate", "second_factors"),
    ("account_note", "notes"),
    ("active_post", "posts"),
    ("alias", "account"),
    ("application_use", "applications"),
    ("approval", "approvals"),
    ("audit", "audit"),
    ("break_glass", "emergency_codes"),
    ("consent", "consents"),
    ("delegation", "acts_for"),
    ("directory_entry", "mailboxes_watched"),
    ("former_address", "account"),
    ("forward_seen", "mailboxes_watched"),
    ("incident", "incidents"),
    ("letter", "letters"),
    ("mailbox", "account"),
    ("match_decision", "matches"),
    ("other_address", "second_factors"),
    ("passkey", "second_factors"),
    ("post", "posts"),
    ("recovery_code", "second_factors"),
    ("review_item", "reviews"),
    ("role_grant", "roles"),
    ("rules_acknowledgement", "rules"),
    ("session", "sessions"),
    ("staff_group_member", "groups"),
    ("told_deadline", "terms_told"),
    ("totp", "second_factors"),
    ("trusted_device", "trusted_browsers"),
];

/// Those that are told by nothing, and why (docs/portal.md, What the export leaves out).
const LEFT_OUT: &[(&str, &str)] = &[
    ("acting_choice", "as whose mailbox an open session entered an application; ends with the session"),
    ("agency_mapping", "which agency a word of a directory means; its source is no person"),
    ("beside_entry", "what OBM's SQL said last; the directory's entry and the account repeat it"),
    ("bulk_item", "what came of each account is a line of the audit"),
    ("bulk_job", "acts over others: lines of the audit of those"),
    ("cached_verifier", "a secret: the last known password, as a verifier"),
    ("directory_lock", "an order to a directory that follows from the state of the account"),
    (
        "done_alone",
        "how many accounts an administrator dealt with in the last hour; each is a line of the audit",
    ),
    ("handed_over", "who reset whose password or second factors; each is a line of the audit"),
    ("half_sign_in", "a sign-in between its two steps: minutes"),
    ("logout_notice", "which application is still to be told that a session has ended: hours"),
    ("mail_code", "the digest of a code that was sent: minutes"),
    ("password_copy", "a secret: a new password on its way, sealed"),
    ("pending_request", "a request of an application before anybody has signed in: minutes"),
    ("reorganisation", "acts over agencies: lines of the audit"),
    ("reorganisation_item", "whoever was moved has a line of the audit"),
    ("second_password", "a secret: what a mail system held before a lock, sealed"),
    ("sync_plan_line", "what a run planned; what was done is a line of the audit"),
];

/// A table has something of a person if it points to an account or names somebody.
const OF_PEOPLE: &str = "SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND (m.name = 'account' \
     OR EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name) f WHERE f.\"table\" = 'account') \
     OR EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name IN \
     ('account_id', 'native_id', 'login', 'address', 'subject', 'user_agent', 'source'))) ORDER BY m.name";

#[tokio::test]
async fn every_table_with_something_of_a_person_is_in_the_own_data_or_left_out_for_a_reason() {
    let house = house().await;
    let Db::Sqlite { readers, .. } = &house.app.db else { panic!("the tests are on SQLite") };
    let tables: Vec<String> = sqlx::query_scalar(OF_PEOPLE).fetch_all(readers).await.expect("reads");
    let known: Vec<&str> = TOLD.iter().chain(LEFT_OUT).map(|(table, _)| *table).collect();
    let unknown: Vec<_> = tables.iter().filter(|table| !known.contains(&table.as_str())).collect();
    assert!(
        unknown.is_empty(),
        "neither told by services/own_data.rs nor left out for a reason: {unknown:?}"
    );
    let gone: Vec<_> = known.iter().filter(|table| !tables.iter().any(|one| one == *table)).collect();
    assert!(gone.is_empty(), "there are no such tables: {gone:?}");
    assert_eq!(known.len(), tables.len(), "one of them is both told and left out");

    let mut an = signed_in(&house, "an").await;
    let answer = an.post_from("/my-data", "/my-data/export", &[]).await;
    let all: Value = serde_json::from_str(&answer.body).expect("JSON");
    for (table, member) in TOLD {
        assert!(all.get(member).is_some(), "{member} tells {table}");
    }
}
