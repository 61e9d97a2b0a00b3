//! Everything that is kept about a person, for themselves: counted for the page, or whole as JSON. No secret is in it:
//! no password, no digest, no key. `tests/flow/own_data.rs` goes over every table with something of a person in it.

mod said;

use super::Internal;
use super::accounts::{self, Overview};
use crate::app::App;
use crate::domain::address::MailAddress;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::FactorKind;
use crate::domain::mailbox::Mailbox;
use crate::domain::session::Door;
use crate::domain::sync::Attribute;
use crate::domain::timestamp::Timestamp;
use crate::services::activity::DAYS;
use crate::services::confirm::RecentProof;
use crate::services::session::Current;
use crate::services::sync::sources::{self, Said};
use crate::services::{acting, factors, posts};
use crate::storage::{
    account_certificates, activity, administrators, agencies, audit, consents, grants, groups, incidents,
    letters, other_address, passkeys, rules, totp, trusted_devices,
};
use serde_json::{Value, json};
use time::Duration;
use time::format_description::well_known::Rfc3339;

/// So many rows of a kind are read.
const MOST: i64 = 10_000;

/// So many lines of the audit are told at most, the oldest first: nobody has so many in the time that is on line.
const LINES: i64 = 100_000;

/// So many lines of the audit are read at a time.
const BATCH: i64 = 1_000;

/// How much there is of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// Sessions, ended ones too.
    pub sessions: usize,
    /// Second factors, and browsers that are trusted.
    pub factors: usize,
    /// Roles, groups, and mailboxes that the person may act for.
    pub roles: usize,
    /// Applications that were used.
    pub applications: usize,
    /// What was agreed.
    pub consents: usize,
    /// Letters.
    pub letters: usize,
    /// Reports of incidents.
    pub incidents: usize,
    /// What administrators wrote down.
    pub notes: usize,
    /// Forwarding and limits of the mailboxes.
    pub watched: usize,
    /// Deadlines that were told, and rules that were acknowledged.
    pub terms: usize,
    /// What was said in access reviews and of mailboxes, requests for approval, codes for an emergency.
    pub decisions: usize,
    /// Lines of the audit.
    pub lines: usize,
}

/// How much is kept about the holder of a session. What there may be much of is counted and not read.
pub async fn amounts(app: &App, current: &Current) -> Result<Amounts, Internal> {
    let id = current.account.id();
    let kept = activity::kept(&app.db, id, sessions_since(app)).await?;
    let number = |number: i64| usize::try_from(number).unwrap_or_default();
    let listed = |many: i64| number(many.min(MOST));
    let mut roles = administrators::of_account(&app.db, id, app.now()).await?.len();
    roles += groups::of_account(&app.db, id).await?.len() + acting::of_person(app, id).await?.len();
    let acknowledged = rules::of_account(&app.db, id, MOST).await?.len();
    let trusted = trusted_devices::of(&app.db, id, app.now()).await?.len();
    Ok(Amounts {
        sessions: listed(kept.sessions),
        factors: second_factors(app, current).await?.len() + trusted,
        roles,
        applications: grants::uses(&app.db, id).await?.len(),
        consents: consents::of_account(&app.db, id).await?.len(),
        letters: listed(kept.letters),
        incidents: listed(kept.incidents),
        notes: listed(kept.notes),
        watched: said::watched(app, id).await?.0,
        terms: listed(kept.terms) + acknowledged,
        decisions: listed(kept.reviews)
            + said::matches(app, id).await?.len()
            + said::approvals(app, id).await?.len()
            + said::emergency_codes(app, id).await?.len(),
        lines: number(kept.lines.min(LINES)),
    })
}

/// Since when sessions are told.
fn sessions_since(app: &App) -> Timestamp {
    app.now().minus(Duration::days(DAYS * 2))
}

/// All of it; that it was taken out is recorded.
pub async fn export(app: &App, current: &Current, _recent: &RecentProof) -> Result<Value, Internal> {
    let all = collect(app, current).await?;
    let actor = Actor::Holder(current.account.profile().address.to_string());
    let entry = Entry::about(app.now(), actor, Act::OwnDataExported, &current.account);
    let mut tx = app.db.begin().await?;
    audit::append(&mut tx, &[entry.from(&current.session.source)]).await?;
    tx.commit().await?;
    Ok(all)
}

async fn collect(app: &App, current: &Current) -> Result<Value, Internal> {
    let id = current.account.id();
    Ok(json!({
        "made_at": moment(app.now()),
        "issuer": app.config.server.issuer(),
        "account": account(app, current).await?,
        "roles": roles(app, current).await?,
        "groups": groups::of_account(&app.db, id).await?,
        "posts": posts::of(app, &current.account).await?.iter().map(posts::in_words).collect::<Vec<_>>(),
        "acts_for": mailboxes(app, current).await?,
        "sessions": sessions(app, current).await?,
        "second_factors": second_factors(app, current).await?,
        "trusted_browsers": trusted_browsers(app, current).await?,
        "applications": applications(app, current).await?,
        "consents": agreements(app, current).await?,
        "letters": letters_of(app, current).await?,
        "incidents": reports(app, current).await?,
        "rules": rules::of_account(&app.db, id, MOST).await?.into_iter()
            .map(|one| json!({ "version": one.version, "at": moment(one.at) })).collect::<Vec<_>>(),
        "notes": said::notes(app, id).await?,
        "mailboxes_watched": said::watched(app, id).await?.1,
        "terms_told": said::terms(app, id).await?,
        "matches": said::matches(app, id).await?,
        "reviews": said::reviews(app, id).await?,
        "approvals": said::approvals(app, id).await?,
        "emergency_codes": said::emergency_codes(app, id).await?,
        "audit": lines(app, current).await?,
    }))
}

async fn account(app: &App, current: &Current) -> Result<Value, Internal> {
    let overview = accounts::own(app, current).await?;
    let said = sources::of_mailboxes(app, &overview.mailboxes).await?;
    let mut account = facts(&overview);
    if let Some(members) = account.as_object_mut() {
        members.insert("directories".to_owned(), directories(&said));
    }
    Ok(account)
}

/// What each directory says, and since when.
fn directories(said: &[(Attribute, Vec<Said>)]) -> Value {
    let mut all = Vec::new();
    for (attribute, said) in said {
        for one in said {
            all.push(json!({
                "attribute": attribute.code(), "directory": one.system.code(), "value": &one.value,
                "since": moment(one.since),
            }));
        }
    }
    Value::Array(all)
}

fn facts(overview: &Overview) -> Value {
    let (account, profile) = (&overview.account, overview.account.profile());
    let addresses = |all: &[MailAddress]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mailbox = |mailbox: &Mailbox| {
        json!({
            "system": mailbox.key.system.code(), "id": &mailbox.key.native_id, "login": &mailbox.key.login,
            "address": mailbox.address.to_string(), "enabled": mailbox.enabled,
        })
    };
    let traces = account.traces();
    let agency = overview.agency.as_ref();
    json!({
        "id": account.id().to_string(),
        "subject": account.subject(),
        "address": profile.address.to_string(),
        "kind": profile.kind.code(),
        "name": &profile.display_name,
        "title": &profile.title,
        "staff_number": &profile.staff_number,
        "agency": agency.map(|agency| json!({ "code": &agency.code, "name": &agency.name })),
        "other_addresses": addresses(&overview.aliases),
        "former_addresses": addresses(&overview.former),
        "state": account.state().name().code(),
        "first_access_at": traces.first_access_at.map(moment),
        "last_used_at": traces.last_used_at.map(moment),
        "promised_until": traces.promised_until.map(moment),
        "idle_promised_until": traces.idle_promised_until.map(moment),
        "disowned_at": traces.disowned_at.map(moment),
        "term_ends_at": overview.deadline.as_ref().map(|deadline| moment(deadline.ends_at)),
        "mailboxes": overview.mailboxes.iter().map(mailbox).collect::<Vec<_>>(),
    })
}

/// The roles that the person holds now; those that ended are in the audit.
async fn roles(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let mut all = Vec::new();
    for grant in administrators::of_account(&app.db, current.account.id(), app.now()).await? {
        let over = match grant.agency_id {
            Some(id) => agencies::by_id(&app.db, id).await?.map(|agency| agency.code),
            None => Some("city".to_owned()),
        };
        all.push(json!({
            "role": grant.role.code(), "over": over, "granted_at": moment(grant.granted_at),
            "granted_by": grant.granted_by, "why": grant.why, "ends_at": grant.ends_at.map(moment),
        }));
    }
    Ok(all)
}

/// The agencies' mailboxes that the person may act for.
async fn mailboxes(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let named = acting::of_person(app, current.account.id()).await?;
    Ok(named
        .into_iter()
        .map(|one| {
            json!({
                "mailbox": one.account.profile().address.to_string(), "granted_at": moment(one.delegation.granted_at),
                "granted_by": one.delegation.granted_by, "why": one.delegation.why,
                "ends_at": one.delegation.ends_at.map(moment),
            })
        })
        .collect())
}

/// What the second factors are called and when they were made; never what they prove themselves with.
async fn second_factors(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let (id, mut all) = (current.account.id(), Vec::new());
    if let Some(made_at) = totp::of(&app.db, id).await?.and_then(|kept| kept.confirmed_at) {
        all.push(json!({ "kind": FactorKind::Totp.code(), "made_at": moment(made_at) }));
    }
    let left = factors::of(app, id).await?.recovery;
    if left > 0 {
        all.push(json!({ "kind": FactorKind::Recovery.code(), "codes_left": left }));
    }
    if let Some(other) = other_address::of(&app.db, id).await? {
        all.push(json!({
            "kind": FactorKind::Mail.code(), "address": other.address.to_string(), "made_at": moment(other.made_at),
            "confirmed_at": other.confirmed_at.map(moment),
        }));
    }
    for one in account_certificates::of(&app.db, id).await? {
        all.push(json!({
            "kind": FactorKind::Certificate.code(), "subject": one.subject, "issuer": one.issuer,
            "not_after": moment(one.not_after), "made_at": moment(one.bound_at),
            "last_used_at": one.last_used_at.map(moment),
        }));
    }
    for one in passkeys::of(&app.db, id).await? {
        all.push(json!({
            "kind": FactorKind::Passkey.code(), "name": one.name, "made_at": moment(one.made_at),
            "last_used_at": one.last_used_at.map(moment), "can_be_copied": one.can_be_copied,
        }));
    }
    Ok(all)
}

/// The browsers that are not asked for the second factor for a while.
async fn trusted_browsers(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let all = trusted_devices::of(&app.db, current.account.id(), app.now()).await?;
    Ok(all
        .into_iter()
        .map(|one| {
            json!({
                "browser": one.user_agent, "network_address": one.source, "made_at": moment(one.made_at),
                "last_used_at": moment(one.last_used_at), "expires_at": moment(one.expires_at),
            })
        })
        .collect())
}

async fn sessions(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let rows = activity::sign_ins(&app.db, current.account.id(), sessions_since(app), MOST).await?;
    let micros = |at: i64| moment(Timestamp::from_micros(at));
    Ok(rows
        .into_iter()
        .map(|row| {
            json!({
                "door": if row.door == Door::Admin.code() { "console" } else { "portal" },
                "began_at": moment(row.began_at()),
                "ended_at": row.ended_at.map(micros),
                "why_ended": row.end_reason,
                "network_address": row.source,
                "browser": row.user_agent,
            })
        })
        .collect())
}

async fn applications(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let micros = |at: i64| moment(Timestamp::from_micros(at));
    let uses = grants::uses(&app.db, current.account.id()).await?;
    Ok(uses
        .into_iter()
        .map(|one| {
            json!({
                "client_id": one.client_id, "name": one.name, "may_ask_for": one.scopes,
                "first_used_at": micros(one.first_used_at), "last_used_at": micros(one.last_used_at),
            })
        })
        .collect())
}

async fn agreements(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let given = consents::of_account(&app.db, current.account.id()).await?;
    Ok(given
        .into_iter()
        .map(|one| {
            let agreed = one.agreed.to_string();
            json!({ "client_id": one.client_id, "name": one.name, "agreed": agreed, "at": moment(one.given_at) })
        })
        .collect())
}

async fn letters_of(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let all = letters::of_account(&app.db, current.account.id(), None, MOST).await?;
    Ok(all
        .into_iter()
        .map(|kept| {
            json!({
                "to": kept.letter.to().to_string(), "kind": kept.letter.kind().code(),
                "subject": kept.letter.subject(), "text": kept.letter.body(),
                "written_at": moment(kept.written_at), "sent_at": kept.sent_at.map(moment),
            })
        })
        .collect())
}

async fn reports(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let all = incidents::of_account(&app.db, current.account.id(), MOST).await?;
    Ok(all
        .into_iter()
        .map(|one| {
            json!({
                "number": one.label(), "kind": one.kind.code(), "title": one.title, "story": one.story,
                "done": one.done, "occurred_at": moment(one.occurred_at), "seen_at": moment(one.detected_at),
                "reported_at": moment(one.reported_at), "closed_at": one.closing.as_ref().map(|c| moment(c.at)),
                "result": one.closing.map(|closing| closing.report),
            })
        })
        .collect())
}

/// The lines of the audit about the account, the oldest first.
async fn lines(app: &App, current: &Current) -> Result<Vec<Value>, Internal> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = audit::of_account_after(&app.db, current.account.id(), after, BATCH).await?;
        let is_full = i64::try_from(all.len()).is_ok_and(|number| number >= LINES);
        let Some(last) = page.last().filter(|_| !is_full) else { return Ok(all) };
        after = last.seq;
        all.extend(page.into_iter().map(|line| {
            json!({
                "at": moment(line.at), "by": line.actor_kind, "who": line.actor, "what": line.act.code(),
                "about": line.subject, "before": line.before, "after": line.after, "why": line.why,
                "network_address": line.source,
            })
        }));
    }
}

/// A moment in the city's time (RFC 3339).
fn moment(at: Timestamp) -> String {
    at.local().format(&Rfc3339).unwrap_or_default()
}
