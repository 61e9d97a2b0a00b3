//! A round of resets that runs out of time: the slips so far are shown, and the approval holds for whoever is left.

use super::{decide, house, signed_in};
use crate::house::{House, PASSWORD};
use danang_sso::directory::{Directory, Verified};
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::approval::Approval;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::mailbox::MailboxKey;
use danang_sso::domain::secret;
use danang_sso::http::layers;
use danang_sso::services::approvals::{self, Stopped};
use danang_sso::services::bulk_reset::{self, BulkResetRefused, Left, Report, Round};
use danang_sso::services::bulk_unlock::Seen;
use danang_sso::services::reset::Word;
use danang_sso::storage::approvals as rows;
use std::time::Duration;

const WORD: Word<'_> = Word { why: "Tập huấn đợt 2", is_sure: true };

/// The clock of a round is the machine's: one that is over soon.
const SHORT: Round =
    Round { begins_until: Duration::from_millis(1_400), ends_by: Duration::from_millis(1_500) };

async fn administrator(house: &House, local: &str) -> Administrator {
    Administrator::holding(&house.account(local).await, Role::City, Reach::City)
}

async fn seen(house: &House, who: &[&str]) -> Vec<Seen> {
    let mut seen = Vec::new();
    for local in who {
        let account = house.account(local).await;
        seen.push(Seen { id: account.id(), version: account.version() });
    }
    seen
}

fn listed(seen: &[Seen]) -> String {
    seen.iter().map(|seen| format!("{}:{}", seen.id, seen.version)).collect::<Vec<_>>().join(" ")
}

async fn reset(house: &House, seen: &[Seen], round: Round) -> Result<Report, BulkResetRefused> {
    let (lan, number) = (administrator(house, "lan").await, seen.len().to_string());
    bulk_reset::reset_within(&house.app, &lan, seen, (&number, WORD), round).await
}

fn needs_second(outcome: &Result<Report, BulkResetRefused>) -> bool {
    matches!(outcome, Err(BulkResetRefused::Stopped(Stopped::NeedsSecond(_))))
}

/// Asks for a second person as the page does; the request.
async fn asked(house: &House, seen: &[Seen]) -> Approval {
    let Err(BulkResetRefused::Stopped(Stopped::NeedsSecond(deed))) = reset(house, seen, SHORT).await else {
        panic!("many need a second person");
    };
    let form = [("accounts", listed(seen)), ("number", seen.len().to_string())];
    let form = form.into_iter().chain([("reason", WORD.why.to_owned()), ("sure", "1".to_owned())]);
    let form = form.map(|(name, value)| (name.to_owned(), value)).collect();
    let lan = administrator(house, "lan").await;
    let id = approvals::ask(&house.app, &lan, *deed, ("/reset", form), WORD.why).await.expect("asked");
    rows::by_id(&house.app.db, id).await.expect("reads").expect("it is there")
}

async fn opens(house: &House, local: &str, password: &str) -> Option<Verified> {
    let key = MailboxKey { system: Ad, native_id: format!("{}-{local}", Ad.code()), login: local.to_owned() };
    house.directory(Ad).verify(&key, &secret::password(password).expect("short")).await.ok()
}

#[tokio::test]
async fn a_round_that_runs_out_of_time_shows_its_slips_and_its_approval_holds_for_the_rest() {
    let house = house("two_persons_above = 1\n").await;
    house.add("dung", &[Ad]);
    house.sync().await;
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    let all = seen(&house, &["an", "binh", "chi", "dung"]).await;
    let request = asked(&house, &all).await;
    decide(&mut tuan, "approve").await.leads_to("/approvals?note=approved");
    let approved = rows::by_id(&house.app.db, request.id).await.expect("reads").expect("it is there");
    house.directory(Ad).hang_on("binh");
    let report = reset(&house, &all, SHORT).await.expect("begun");
    let [slip] = &report.slips[..] else { panic!("one slip: {report:?}") };
    assert_eq!(opens(&house, "an", slip.password.expose()).await, Some(Verified::MustChange));
    let left: Vec<_> = report.left.iter().map(|(_, left)| left).collect();
    assert!(matches!(left[..], [Left::BrokenOff, Left::NotBegun, Left::NotBegun]), "{left:?}");
    assert!(report.stays_approved);
    assert_eq!(opens(&house, "chi", PASSWORD).await, Some(Verified::Good));

    // Of those that are left exactly, by the form that the page keeps, until the approval would have ended.
    let rest = seen(&house, &["chi", "dung"]).await;
    let kept = rows::by_id(&house.app.db, request.id).await.expect("reads").expect("it is there");
    assert_eq!((kept.expires_at, kept.decided), (approved.expires_at, approved.decided));
    lan.get("/approvals").await.shows("Đã duyệt, chờ thực hiện").shows(&listed(&rest)).hides(&listed(&all));
    let others = seen(&house, &["binh", "chi"]).await;
    assert!(needs_second(&reset(&house, &others, SHORT).await), "these were not approved");
    let fields = [("accounts", listed(&rest)), ("number", "2".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fields = [&fields[..], &[("reason", WORD.why), ("sure", "1")]].concat();
    let done = lan.post_from("/approvals", "/reset", &fields).await;
    assert_eq!(done.body.matches("<code translate=\"no\">").count(), 2, "{}", done.body);
    assert_eq!(opens(&house, "chi", PASSWORD).await, None);
    let again = seen(&house, &["chi", "dung"]).await;
    assert!(needs_second(&reset(&house, &again, SHORT).await), "it is used up");
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let lines = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM audit WHERE act = $1");
    let lines = lines.bind(Act::ApprovalLeft.code()).fetch_one(&mut db).await.expect("counts");
    assert_eq!(lines, 1, "the audit tells it");
}

#[test]
fn a_round_ends_long_enough_before_its_request_would_be_dropped() {
    assert!(Round::USUAL.ends_by + Duration::from_secs(10) <= layers::LONGEST);
}
