//! What others have written down, told or decided about a person, and what is watched of their mailboxes. What they have
//! asked for or decided themselves is told without the words of others that it was about.

use super::{MOST, moment};
use crate::app::App;
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;
use crate::services::Internal;
use crate::storage::{
    access_reviews, account_notes, approvals, break_glass, match_decisions, told_deadlines, watch,
};
use serde_json::{Value, json};

fn micros(at: i64) -> String {
    moment(Timestamp::from_micros(at))
}

/// What administrators wrote down about the account; that it happened is a line of the audit, which does not hold the text.
pub(super) async fn notes(app: &App, id: AccountId) -> Result<Vec<Value>, Internal> {
    let all = account_notes::of_account(&app.db, id, MOST).await?;
    Ok(all
        .into_iter()
        .map(|one| {
            json!({
                "written_at": moment(one.written_at), "author": one.author, "address": one.address, "text": one.text,
            })
        })
        .collect())
}

/// Where the mailboxes forward to and did, how much they hold and when they were last used; and how many rows that are.
/// A limit below zero: there is none.
pub(super) async fn watched(app: &App, id: AccountId) -> Result<(usize, Value), Internal> {
    let forwards = watch::ever_of_account(&app.db, id, MOST).await?;
    let limits = watch::limits_of_account(&app.db, id).await?;
    let number = forwards.len() + limits.len();
    let forward = |one: watch::EverRow| {
        json!({
            "system": one.system, "to": one.address, "keeps_copy": one.keeps_copy, "set_by": one.source,
            "first_seen_at": micros(one.since), "ended_at": one.ended_at.map(micros),
        })
    };
    let limit = |one: watch::LimitsRow| {
        json!({
            "system": one.system, "quota_kib": one.quota_kib, "largest_message_kib": one.message_kib,
            "last_used_at": one.used_at.map(micros),
        })
    };
    let forwards: Vec<_> = forwards.into_iter().map(forward).collect();
    let limits: Vec<_> = limits.into_iter().map(limit).collect();
    Ok((number, json!({ "forwarding": forwards, "limits": limits })))
}

/// The deadlines as they were told, day by day.
pub(super) async fn terms(app: &App, id: AccountId) -> Result<Vec<Value>, Internal> {
    let all = told_deadlines::of_account(&app.db, id, MOST).await?;
    Ok(all
        .into_iter()
        .map(|one| {
            json!({
                "told_at": moment(one.at), "told_by": one.by, "rule": one.rule, "event": one.event,
                "start_day": one.start_day, "last_day": one.last_day,
                "days": one.days.lines().collect::<Vec<_>>(),
            })
        })
        .collect())
}

/// What was said of the account, its roles, posts and delegations in access reviews.
pub(super) async fn reviews(app: &App, id: AccountId) -> Result<Vec<Value>, Internal> {
    let all = access_reviews::of_account(&app.db, id, MOST).await?;
    Ok(all
        .into_iter()
        .map(|one| {
            json!({
                "half_year": one.half, "kind": one.kind, "what": one.what, "verdict": one.verdict, "why": one.why,
                "decided_by": one.decided_by, "decided_at": one.decided_at.map(micros), "outcome": one.outcome,
                "passed_on_at": one.passed_at.map(micros), "passed_on_by": one.passed_by,
                "passed_on_why": one.passed_why,
            })
        })
        .collect())
}

/// What administrators decided on which mailbox is theirs; not whose else it may be.
pub(super) async fn matches(app: &App, id: AccountId) -> Result<Vec<Value>, Internal> {
    let all = match_decisions::of_account(&app.db, id).await?;
    Ok(all
        .into_iter()
        .map(|one| {
            json!({
                "verdict": one.verdict.code(), "system": one.mailbox.map(|(system, _)| system.code()),
                "belongs": one.account == Some(id), "decided_at": moment(one.at), "decided_by": one.by, "why": one.why,
            })
        })
        .collect())
}

/// The requests for a second person that they put, and those that they decided on; not whom these were about.
pub(super) async fn approvals(app: &App, id: AccountId) -> Result<Vec<Value>, Internal> {
    let all = approvals::of_person(&app.db, id, MOST).await?;
    Ok(all
        .into_iter()
        .map(|one| {
            let is_own = one.asked_by == id;
            let (decided_at, decided_why) =
                one.decided.map_or((None, None), |(_, at, why)| (Some(moment(at)), Some(why)));
            json!({
                "part": if is_own { "asked" } else { "decided" }, "matter": one.deed.matter.code(),
                "asked_at": moment(one.asked_at), "why": is_own.then_some(one.why), "state": one.stage.code(),
                "decided_at": decided_at, "decided_why": decided_why,
            })
        })
        .collect())
}

/// When codes for an emergency were made, used and revoked; never a code.
pub(super) async fn emergency_codes(app: &App, id: AccountId) -> Result<Vec<Value>, Internal> {
    let all = break_glass::of_account(&app.db, id).await?;
    Ok(all
        .into_iter()
        .map(|one| {
            json!({
                "made_at": moment(one.made_at), "used_at": one.used_at.map(moment),
                "session_until": one.until.map(moment), "revoked_at": one.revoked_at.map(moment),
            })
        })
        .collect())
}
