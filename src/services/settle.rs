//! Settles what was found when the directories were compared: one person, two persons, known; the effect first, undone
//! by a later decision.

use super::approvals::{self, Pass, Stopped};
use super::reconcile::{id_of, with_picture};
use super::sync::preview::{Foreseen, RulingRefused, foresee, judge};
use super::sync::rulings_in_force;
use super::{Internal, rights};
use crate::app::App;
use crate::domain::admin::{Administrator, Right};
use crate::domain::approval::Matter;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, DecisionId};
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{
    Decision, Finding, FindingKind, MailboxId, Pairs, Person, Picture, Rulings, SeenMailbox, Verdict,
    id_of as key_of,
};
use crate::domain::timestamp::Timestamp;
use crate::storage::{StorageError, Tx, accounts, audit, handed_over, match_decisions, rulings};
use std::collections::HashSet;
use thiserror::Error;

/// What is to be settled, and how.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The ids of the findings.
    pub findings: Vec<String>,
    /// What is decided.
    pub verdict: Verdict,
    /// An address of the account that stays, where the finding does not name it.
    pub target: String,
}

/// Why something could not be settled so.
#[derive(Debug, Error)]
pub enum SettleRefused {
    /// What was chosen is not among the findings any more.
    #[error("nothing of what was chosen is there")]
    None,
    /// No account has the address.
    #[error("no account has the address of the target")]
    NoTarget,
    /// The account that stays has a mailbox in the same directory.
    #[error("the account has a mailbox in the same directory")]
    HasOne,
    /// The verdict does not fit the kind of finding.
    #[error("the verdict does not fit the finding")]
    NotHere,
    /// It gives somebody who decides on requests another mailbox: a second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// As with every decision about the directories.
    #[error(transparent)]
    Ruling(#[from] RulingRefused),
}

impl From<Internal> for SettleRefused {
    fn from(internal: Internal) -> Self {
        Self::Ruling(internal.into())
    }
}

impl From<StorageError> for SettleRefused {
    fn from(error: StorageError) -> Self {
        Self::Ruling(error.into())
    }
}

/// What a decision does, before it has an id, a day and a reason.
#[derive(Debug, Clone)]
struct Draft {
    finding: String,
    subject: String,
    mailbox: Option<MailboxId>,
    account: Option<AccountId>,
    former: Option<AccountId>,
}

/// What would be decided, and what the next run would do because of it.
pub async fn effect(
    app: &App,
    by: &Administrator,
    wish: Wish,
) -> Result<(Vec<String>, Foreseen), SettleRefused> {
    rights::ask(app, by, Right::DecideDirectories).await.map_err(RulingRefused::from)?;
    let verdict = wish.verdict;
    let drafts = drafts(app, wish).await?;
    let subjects = drafts.iter().map(|draft| draft.subject.clone()).collect();
    let made = made(app, drafts, verdict, (by, String::new()));
    Ok((subjects, foresee(app, with(app, made).await?).await?))
}

/// Decides; the next run goes by it.
pub async fn settle(app: &App, by: &Administrator, wish: Wish, why: &str) -> Result<(), SettleRefused> {
    let (actor, why) = judge(app, by, why).await?;
    let verdict = wish.verdict;
    let drafts = drafts(app, wish).await?;
    let pass = if verdict == Verdict::OnePerson { pass_joining(app, by, &drafts).await? } else { None };
    // Whoever has given an account another mailbox may have its password; also before a role, as with a reset.
    let hand = (verdict == Verdict::OnePerson).then(|| by.account_id());
    record(app, actor, made(app, drafts, verdict, (by, why)), (pass, hand)).await
}

/// Whoever has the password of a mailbox may come to sign in to the account that it joins: where its holder decides on
/// requests, a second person approves that.
async fn pass_joining(
    app: &App,
    by: &Administrator,
    drafts: &[Draft],
) -> Result<Option<Pass>, SettleRefused> {
    let joins = |draft: &&Draft| draft.mailbox.is_some() && draft.account != draft.former;
    let what: Vec<_> = drafts.iter().filter(joins).map(|draft| draft.subject.clone()).collect();
    for draft in drafts.iter().filter(joins) {
        let Some(id) = draft.account else { continue };
        let Some(account) = accounts::by_id(&app.db, id).await? else { continue };
        let pass = approvals::pass_hands(app, by, (Matter::JoinDecider, &what.join("; ")), &account).await?;
        if pass.is_some() {
            return Ok(pass);
        }
    }
    Ok(None)
}

/// Where two persons are told apart no more, the directories' own match may join the mailbox to the account: that, too.
async fn pass_rejoining(
    app: &App,
    by: &Administrator,
    undone: &Decision,
) -> Result<Option<Pass>, SettleRefused> {
    let (Verdict::TwoPersons, Some(_), Some(id)) = (undone.verdict, &undone.mailbox, undone.account) else {
        return Ok(None);
    };
    let Some(account) = accounts::by_id(&app.db, id).await? else { return Ok(None) };
    Ok(approvals::pass_hands(app, by, (Matter::JoinDecider, &undone.subject), &account).await?)
}

/// Every decision, the newest first, with whether it holds.
pub async fn decisions(app: &App, by: &Administrator) -> Result<Vec<(Decision, bool)>, SettleRefused> {
    rights::ask(app, by, Right::SeeDecisions).await.map_err(RulingRefused::from)?;
    let all = match_decisions::every(&app.db).await?;
    let undone: HashSet<DecisionId> = all.iter().filter_map(|one| one.undoes).collect();
    let holds = |one: &Decision| one.verdict != Verdict::Undo && !undone.contains(&one.id);
    Ok(all.into_iter().rev().map(|one| (one.clone(), holds(&one))).collect())
}

/// What the next run would do if a decision held no more.
pub async fn undo_effect(
    app: &App,
    by: &Administrator,
    id: DecisionId,
) -> Result<(Decision, Foreseen), SettleRefused> {
    rights::ask(app, by, Right::DecideDirectories).await.map_err(RulingRefused::from)?;
    let undone = holding(app, by, id).await?;
    let made = undoing(app, &undone, (by, String::new()));
    Ok((undone, foresee(app, with(app, vec![made]).await?).await?))
}

/// Takes a decision back; the next run goes by it.
pub async fn undo(app: &App, by: &Administrator, id: DecisionId, why: &str) -> Result<(), SettleRefused> {
    let (actor, why) = judge(app, by, why).await?;
    let undone = holding(app, by, id).await?;
    let pass = pass_rejoining(app, by, &undone).await?;
    record(app, actor, vec![undoing(app, &undone, (by, why))], (pass, None)).await
}

/// A decision that holds.
async fn holding(app: &App, by: &Administrator, id: DecisionId) -> Result<Decision, SettleRefused> {
    let all = decisions(app, by).await?;
    let found = all.into_iter().find(|(one, holds)| one.id == id && *holds);
    found.map(|(one, _)| one).ok_or_else(|| RulingRefused::Conflict.into())
}

/// What would be in force with these decisions too.
async fn with(app: &App, more: Vec<Decision>) -> Result<Rulings, Internal> {
    let mut all = match_decisions::every(&app.db).await?;
    all.extend(more);
    Ok(Rulings { pairs: Pairs::of(&all), ..rulings_in_force(app).await? })
}

fn made(
    app: &App,
    drafts: Vec<Draft>,
    verdict: Verdict,
    (by, why): (&Administrator, String),
) -> Vec<Decision> {
    let now: Timestamp = app.now();
    let decision = |draft: Draft| Decision {
        id: DecisionId::new(now, app.system.entropy()),
        verdict,
        finding: draft.finding,
        subject: draft.subject,
        mailbox: draft.mailbox,
        account: draft.account,
        former: draft.former,
        undoes: None,
        at: now,
        by: by.address().to_string(),
        why: why.clone(),
    };
    drafts.into_iter().map(decision).collect()
}

fn undoing(app: &App, undone: &Decision, (by, why): (&Administrator, String)) -> Decision {
    let now = app.now();
    Decision {
        id: DecisionId::new(now, app.system.entropy()),
        verdict: Verdict::Undo,
        undoes: Some(undone.id),
        at: now,
        by: by.address().to_string(),
        why,
        ..undone.clone()
    }
}

async fn record(
    app: &App,
    actor: Actor,
    made: Vec<Decision>,
    (pass, hand): (Option<Pass>, Option<AccountId>),
) -> Result<(), SettleRefused> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if let Some(pass) = pass {
        pass.spend(app, &mut tx).await?;
    }
    if let Some(hand) = hand {
        hand_over(&mut tx, &made, hand, now).await?;
    }
    let mut entries = Vec::new();
    for one in &made {
        match match_decisions::add(&mut tx, one).await {
            Err(StorageError::Conflict { .. }) => return Err(RulingRefused::Conflict.into()),
            other => other?,
        }
        let entry = Entry::new(now, actor.clone(), Act::MatchDecided, one.subject.clone());
        let mailbox = one.mailbox.as_ref().map(|(system, id)| format!("{} {id}", system.code()));
        let account = one.account.map(|id| id.to_string()).unwrap_or_default();
        let former = one.former.map(|id| id.to_string()).unwrap_or_default();
        let what = format!("{} {} {account}", one.verdict.code(), mailbox.unwrap_or_default());
        let entry = Entry { account_id: one.account, ..entry };
        entries.push(entry.changing(former, what.trim_end()).because(one.why.clone()));
    }
    rulings::changed(&mut tx).await?;
    audit::append(&mut tx, &entries).await?;
    Ok(tx.commit().await?)
}

/// Notes who has had an account in their hands by the mailboxes that join it: whoever decides so, and whoever had the account
/// that the mailbox was of.
async fn hand_over(
    tx: &mut Tx,
    made: &[Decision],
    hand: AccountId,
    now: Timestamp,
) -> Result<(), StorageError> {
    for one in made.iter().filter(|one| one.mailbox.is_some() && one.account != one.former) {
        let Some(to) = one.account else { continue };
        handed_over::note(tx, to, hand, now).await?;
        if let Some(former) = one.former {
            handed_over::carry(tx, former, to).await?;
        }
    }
    Ok(())
}

/// What a wish comes to, on what the directories were last read to hold.
async fn drafts(app: &App, wish: Wish) -> Result<Vec<Draft>, SettleRefused> {
    let drafts = with_picture(app, move |picture, rulings, _| {
        let is_open = |finding: &&Finding| {
            let id = id_of(finding);
            wish.findings.contains(&id) && !rulings.pairs.is_settled(&id)
        };
        let chosen: Vec<_> = picture.findings.iter().filter(is_open).collect();
        if chosen.is_empty() || chosen.len() != wish.findings.len() {
            return Err(SettleRefused::None);
        }
        let mut all = Vec::new();
        for finding in chosen {
            all.extend(drafts_of(picture, finding, &wish)?);
        }
        Ok(all)
    });
    drafts.await?
}

fn drafts_of(picture: &Picture<'_>, finding: &Finding, wish: &Wish) -> Result<Vec<Draft>, SettleRefused> {
    let parties: Vec<&Person<'_>> = finding.parties.iter().map(|at| &picture.persons[*at]).collect();
    let addresses: Vec<_> = parties.iter().map(|person| person.address().to_string()).collect();
    let plain = Draft {
        finding: id_of(finding),
        subject: addresses.join(", "),
        mailbox: None,
        account: None,
        former: None,
    };
    match (wish.verdict, finding.kind) {
        (Verdict::Known, kind) if is_settled_here(kind) => Ok(vec![plain]),
        (Verdict::TwoPersons, FindingKind::TwoPersons) => Ok(told_apart(&parties, &plain)),
        (Verdict::TwoPersons, FindingKind::SameStaffNumber) => Ok(vec![plain]),
        (Verdict::OnePerson, FindingKind::OnlyInAd | FindingKind::OnlyInObm) => {
            let address = wish.target.trim().to_lowercase();
            let is_target = |person: &Person<'_>| {
                let boxes = person.mailboxes.iter().map(|seen| &seen.address);
                person.known.is_some() && boxes.chain([person.address()]).any(|has| has.as_str() == address)
            };
            let mut others = picture.persons.iter().enumerate();
            let target = others.find(|(at, person)| !finding.parties.contains(at) && is_target(person));
            let target = target.map(|(_, person)| person);
            merged(target.ok_or(SettleRefused::NoTarget)?, &parties, &plain)
        }
        (Verdict::OnePerson, FindingKind::TwoPersons | FindingKind::SameStaffNumber) => {
            let accounts = || parties.iter().filter(|person| person.known.is_some());
            let in_ad = |person: &&&Person<'_>| person.mailboxes[0].key.system == MailSystem::Ad;
            let stays = accounts().find(in_ad).or_else(|| accounts().next());
            merged(stays.ok_or(SettleRefused::NoTarget)?, &parties, &plain)
        }
        _ => Err(SettleRefused::NotHere),
    }
}

/// Whether findings of a kind are settled by a decision; the others are mended in a directory.
pub const fn is_settled_here(kind: FindingKind) -> bool {
    matches!(
        kind,
        FindingKind::TwoPersons
            | FindingKind::SameStaffNumber
            | FindingKind::OnlyInAd
            | FindingKind::OnlyInObm
    )
}

/// The second mailbox of an account is somebody else's; or the entry that is nobody's yet never becomes the account's.
fn told_apart(parties: &[&Person<'_>], plain: &Draft) -> Vec<Draft> {
    let account = parties.iter().find_map(|person| person.known).map(|known| known.account.id());
    let others: Vec<&SeenMailbox> = match parties {
        [only] => only.mailboxes.last().copied().into_iter().collect(),
        several => {
            let strangers = several.iter().filter(|person| person.known.is_none());
            strangers.flat_map(|person| person.mailboxes.iter().copied()).collect()
        }
    };
    let former = if parties.len() == 1 { account } else { None };
    let draft =
        |seen: &SeenMailbox| Draft { mailbox: Some(key_of(&seen.key)), account, former, ..plain.clone() };
    if others.is_empty() { vec![plain.clone()] } else { others.into_iter().map(draft).collect() }
}

/// The mailboxes of the others become the account's that stays.
fn merged(stays: &Person<'_>, parties: &[&Person<'_>], plain: &Draft) -> Result<Vec<Draft>, SettleRefused> {
    let Some(known) = stays.known else { return Err(SettleRefused::NoTarget) };
    let account = known.account.id();
    let link = |seen: &SeenMailbox, former: Option<AccountId>| Draft {
        subject: format!("{} → {}", seen.address, stays.address()),
        mailbox: Some(key_of(&seen.key)),
        account: Some(account),
        former,
        ..plain.clone()
    };
    let mut has: HashSet<_> = stays.mailboxes.iter().map(|seen| seen.key.system).collect();
    let mut all = Vec::new();
    for person in parties {
        let former = person.known.map(|known| known.account.id());
        if former == Some(account) {
            // Both are in one account already: that is said to be right.
            all.extend(person.mailboxes.iter().skip(1).map(|seen| link(seen, former)));
            continue;
        }
        for seen in &person.mailboxes {
            if !has.insert(seen.key.system) {
                return Err(SettleRefused::HasOne);
            }
            all.push(link(seen, former));
        }
    }
    Ok(all)
}
