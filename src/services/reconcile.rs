//! The two directories beside each other, as far as an administrator reaches: counts, a page of what was found, all of
//! a kind for a table. To compare a whole city takes seconds, so the pages read an outline that is kept: made anew when a
//! run has met something new, when somebody has decided something, and after an hour. A table is of the moment.

use super::sync::preview::{Kept, kept};
use super::sync::{self, sources};
use super::{Internal, conflicts};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Reach};
use crate::domain::agency::Agency;
use crate::domain::audit_record::hex;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use crate::domain::sync::{
    Attribute, Concerned, Finding, FindingKind, Outline, Outlined, Pairs, PassedOver, Person, Picture,
    Rulings, SeenMailbox, Whose, reconcile,
};
use crate::domain::timestamp::Timestamp;
use crate::storage::{accounts, agencies, directory_entries, mailboxes};
use aws_lc_rs::digest::{SHA256, digest};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use time::Duration;

/// How much a page shows.
pub const PAGE: usize = 50;

/// After so long they are compared anew in any case: accounts are changed here, too.
const AGAIN: Duration = Duration::HOUR;

/// So many of those concerned by one finding are named.
const PARTIES: usize = 10;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Only of this kind.
    pub kind: Option<FindingKind>,
    /// Only what concerns this agency.
    pub agency: Option<AgencyId>,
    /// Only with an address that contains this.
    pub search: String,
    /// Behind the finding with this id.
    pub after: Option<String>,
}

/// A page of what was found.
#[derive(Debug, Clone)]
pub struct Looked {
    /// How many of each kind, within reach and with the wanted agency and address.
    pub counts: BTreeMap<FindingKind, u64>,
    /// The page.
    pub found: Vec<Found>,
    /// Behind which one the next page begins, if there is one.
    pub next: Option<String>,
    /// All agencies, for their names.
    pub agencies: Vec<Agency>,
    /// As of when the directories were compared.
    pub compared_at: Timestamp,
}

/// A finding with whom it concerns.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its id: gives nothing away.
    pub id: String,
    /// What it is.
    pub kind: FindingKind,
    /// Whom it concerns.
    pub parties: Vec<Party>,
    /// What differs, and what each directory says.
    pub fields: Vec<(Attribute, Vec<(MailSystem, String)>)>,
    /// The entry that was left out.
    pub set_aside: Option<(MailSystem, PassedOver)>,
}

/// Somebody whom a finding concerns.
#[derive(Debug, Clone)]
pub enum Party {
    /// Somebody of another agency: nothing is told.
    OutOfReach,
    /// Somebody within reach.
    Within(Box<Who>),
}

/// Somebody within reach.
#[derive(Debug, Clone)]
pub struct Who {
    /// The account, if there is one.
    pub account: Option<AccountId>,
    /// The address.
    pub address: String,
    /// The name.
    pub name: String,
    /// The agency.
    pub agency: Option<AgencyId>,
    /// The mailboxes.
    pub mailboxes: Vec<SeenMailbox>,
}

/// A page of what was found, within reach. Who is concerned is told as it is now.
pub async fn look(app: &App, by: &Administrator, asked: Asked) -> Result<Looked, Internal> {
    let outline = outlined(app).await?;
    let within = Within::new(by.reach(), &asked);
    // Without a kind the first that there is; behind a finding that is gone the page begins anew.
    let all: Vec<&Outlined> = outline.findings.iter().filter(|finding| within.covers(finding)).collect();
    let mut counts: BTreeMap<FindingKind, u64> = BTreeMap::new();
    for finding in &all {
        *counts.entry(finding.kind).or_default() += 1;
    }
    let kind = asked.kind.or_else(|| counts.keys().next().copied());
    let of_kind: Vec<_> = all.into_iter().filter(|finding| Some(finding.kind) == kind).collect();
    let begin = asked.after.as_ref().and_then(|id| of_kind.iter().position(|one| hex(&one.id) == *id));
    let begin = begin.map_or(0, |at| at + 1);
    let page = &of_kind[begin..of_kind.len().min(begin + PAGE)];
    let is_more = begin + page.len() < of_kind.len();
    let mut found = Vec::with_capacity(page.len());
    for one in page {
        found.extend(as_it_is(app, by.reach(), one).await?);
    }
    Ok(Looked {
        counts,
        found,
        next: page.last().map(|last| hex(&last.id)).filter(|_| is_more),
        agencies: agencies::with_merged(&app.db).await?,
        compared_at: outline.at,
    })
}

/// Everything of a kind, within reach, with all agencies.
pub async fn all(app: &App, by: &Administrator, asked: Asked) -> Result<(Vec<Found>, Vec<Agency>), Internal> {
    let reach = by.reach().clone();
    with_picture(app, move |picture, rulings, agencies| {
        let within = Within::new(&reach, &asked);
        let is_wanted = |finding: &&Finding| {
            asked.kind.is_none_or(|kind| kind == finding.kind)
                && is_open(&rulings.pairs, finding)
                && within.covers(&outline_of(picture, finding))
        };
        let found = picture.findings.iter().filter(is_wanted);
        (found.map(|finding| within.found(picture, finding)).collect(), agencies)
    })
    .await
}

/// What was found in outline, as it is kept, or made anew.
async fn outlined(app: &App) -> Result<Arc<Outline>, Internal> {
    // Two who look at once compare once.
    let _turn = app.turns.take("both directories compared").await;
    let counted_at = conflicts::counted_at(app).await?;
    let rulings = sync::rulings_version(app).await?;
    let kept = app.comparison.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let is_good = |kept: &Arc<Outline>| {
        let age = app.now().since(kept.at);
        let is_young = !age.is_negative() && age < AGAIN;
        is_young && kept.counted_at == counted_at && kept.rulings == rulings
    };
    if let Some(kept) = kept.filter(is_good) {
        return Ok(kept);
    }
    let ((), outline) = outline(app, counted_at, |_, _| ()).await?;
    Ok(keep(app, outline))
}

/// Compares both directories, reads off it what is wanted, and tells what was found in outline.
pub(super) async fn outline<T: Send + 'static>(
    app: &App,
    counted_at: Option<Timestamp>,
    read: impl FnOnce(&Picture<'_>, &Pairs) -> T + Send + 'static,
) -> Result<(T, Outline), Internal> {
    let at = app.now();
    let rulings = sync::rulings_version(app).await?;
    let (read, findings) = with_picture(app, move |picture, rulings, _| {
        let open = picture.findings.iter().filter(|finding| is_open(&rulings.pairs, finding));
        let findings: Vec<_> = open.map(|finding| outline_of(picture, finding)).collect();
        (read(picture, &rulings.pairs), findings)
    })
    .await?;
    Ok((read, Outline { at, counted_at, rulings, findings }))
}

/// Keeps an outline for whoever looks next.
pub(super) fn keep(app: &App, outline: Outline) -> Arc<Outline> {
    let outline = Arc::new(outline);
    *app.comparison.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&outline));
    outline
}

/// Whether nobody has decided about a finding.
fn is_open(pairs: &Pairs, finding: &Finding) -> bool {
    !pairs.settles_anything() || !pairs.is_settled(&id_of(finding))
}

fn outline_of(picture: &Picture<'_>, finding: &Finding) -> Outlined {
    let concerned = |at: &usize| {
        let person = &picture.persons[*at];
        let boxes = || person.mailboxes.iter().map(|seen| (seen.key.system, seen.key.native_id.clone()));
        let mut addresses: Vec<&str> = addresses(person).collect();
        addresses.sort_unstable();
        addresses.dedup();
        Concerned {
            whose: person
                .known
                .map_or_else(|| Whose::Nobody(boxes().collect()), |known| Whose::Account(known.account.id())),
            agency: person.agency,
            addresses: addresses.join("\n").into(),
        }
    };
    Outlined {
        id: digest_of(finding),
        kind: finding.kind,
        parties: finding.parties.iter().map(concerned).collect(),
        fields: finding.fields.clone().into(),
        set_aside: finding.set_aside.clone().map(Box::new),
    }
}

/// A finding with whom it concerns as they are now; `None` if nobody of them is within reach any more.
async fn as_it_is(app: &App, reach: &Reach, finding: &Outlined) -> Result<Option<Found>, Internal> {
    let mut parties = Vec::new();
    for concerned in finding.parties.iter().take(PARTIES) {
        let who = who(app, concerned).await?;
        parties.extend(who.map(|who| {
            if reach.covers(who.agency) { Party::Within(Box::new(who)) } else { Party::OutOfReach }
        }));
    }
    let is_within = parties.iter().any(|party| matches!(party, Party::Within(_)));
    // Of many the one within reach may be behind those that are named.
    if finding.set_aside.is_none() && !is_within && finding.parties.len() <= PARTIES {
        return Ok(None);
    }
    let boxes = match parties.first() {
        Some(Party::Within(who)) => who.mailboxes.as_slice(),
        Some(Party::OutOfReach) | None => &[],
    };
    Ok(Some(Found {
        id: hex(&finding.id),
        kind: finding.kind,
        fields: finding.fields.iter().map(|attribute| said(*attribute, boxes)).collect(),
        parties,
        set_aside: finding.set_aside.as_deref().cloned(),
    }))
}

/// Somebody as they are now; `None` if they are gone.
async fn who(app: &App, concerned: &Concerned) -> Result<Option<Who>, Internal> {
    let (account, keys) = match &concerned.whose {
        Whose::Account(id) => {
            let Some(account) = accounts::by_id(&app.db, *id).await? else { return Ok(None) };
            let boxes = mailboxes::of_account(&app.db, *id).await?;
            (Some(account), boxes.into_iter().map(|one| (one.key.system, one.key.native_id)).collect())
        }
        Whose::Nobody(keys) => (None, keys.to_vec()),
    };
    let mut boxes = Vec::new();
    for (system, native_id) in keys {
        let kept = directory_entries::by_id(&app.db, system, &native_id).await?;
        boxes.extend(kept.and_then(|kept| kept.what.into_mailbox()));
    }
    let Some(first) = boxes.first() else { return Ok(None) };
    let profile = account.as_ref().map(Account::profile);
    Ok(Some(Who {
        account: account.as_ref().map(Account::id),
        address: profile.map_or(&first.address, |profile| &profile.address).to_string(),
        name: profile.map_or(&first.display_name, |profile| &profile.display_name).clone(),
        agency: profile.map_or(concerned.agency, |profile| profile.agency_id),
        mailboxes: boxes,
    }))
}

/// What each directory says of an attribute.
fn said(attribute: Attribute, boxes: &[SeenMailbox]) -> (Attribute, Vec<(MailSystem, String)>) {
    let said = |seen: &SeenMailbox| (seen.key.system, sources::value(attribute, seen).unwrap_or_default());
    (attribute, boxes.iter().map(said).collect())
}

/// Holds the directories against each other, off the threads that serve requests, and reads off it what is wanted.
pub(super) async fn with_picture<T: Send + 'static>(
    app: &App,
    read: impl FnOnce(&Picture<'_>, &Rulings, Vec<Agency>) -> T + Send + 'static,
) -> Result<T, Internal> {
    let Kept { known, snapshots, agencies } = kept(app).await?;
    let rulings = sync::rulings_in_force(app).await?;
    let on = app.clone();
    let work = move || {
        let left_out = sync::plan_of(&on, &known, &agencies, &snapshots, &rulings).passed_over;
        let picture = reconcile(&known, &agencies, &snapshots, &left_out, &rulings);
        read(&picture, &rulings, agencies.clone())
    };
    tokio::task::spawn_blocking(work).await.map_err(|e| Internal::new("comparing the directories", e))
}

/// The id of a finding: half a SHA-256 of what it is, so that it gives nobody's address away.
pub(super) fn id_of(finding: &Finding) -> String {
    hex(&digest_of(finding))
}

fn digest_of(finding: &Finding) -> [u8; 16] {
    let text = format!("{}\n{}", finding.kind.code(), finding.key);
    let mut half = [0; 16];
    half.copy_from_slice(&digest(&SHA256, text.as_bytes()).as_ref()[..16]);
    half
}

/// What of all that was found may be shown, and is asked for.
struct Within<'a> {
    reach: &'a Reach,
    agency: Option<AgencyId>,
    text: String,
}

impl<'a> Within<'a> {
    fn new(reach: &'a Reach, asked: &Asked) -> Self {
        Self { reach, agency: asked.agency, text: name::search_key(&asked.search) }
    }

    /// Whether a finding concerns somebody within reach and is asked for. An entry that was left out names no agency.
    fn covers(&self, finding: &Outlined) -> bool {
        if let Some(set_aside) = &finding.set_aside {
            let entry = &set_aside.1.entry;
            let is_wanted = self.agency.is_none() && entry.to_lowercase().contains(&self.text);
            return self.reach.is_city() && is_wanted;
        }
        finding.parties.iter().any(|concerned| {
            let is_within = self.reach.covers(concerned.agency);
            let is_of = self.agency.is_none_or(|agency| concerned.agency == Some(agency));
            is_within && is_of && (self.text.is_empty() || concerned.addresses.contains(&self.text))
        })
    }

    fn found(&self, picture: &Picture<'_>, finding: &Finding) -> Found {
        let persons = || finding.parties.iter().map(|at| &picture.persons[*at]);
        let boxes = |person: &Person<'_>| -> Vec<SeenMailbox> {
            person.mailboxes.iter().map(|seen| (*seen).clone()).collect()
        };
        let party = |person: &Person<'_>| {
            if !self.reach.covers(person.agency) {
                return Party::OutOfReach;
            }
            Party::Within(Box::new(Who {
                account: person.known.map(|known| known.account.id()),
                address: person.address().to_string(),
                name: person.name().to_owned(),
                agency: person.agency,
                mailboxes: boxes(person),
            }))
        };
        let first = persons().next().filter(|_| !finding.fields.is_empty());
        let of_first = first.map(boxes).unwrap_or_default();
        Found {
            id: id_of(finding),
            kind: finding.kind,
            parties: persons().take(PARTIES).map(party).collect(),
            fields: finding.fields.iter().map(|attribute| said(*attribute, &of_first)).collect(),
            set_aside: finding.set_aside.clone(),
        }
    }
}

/// Every address of a person.
fn addresses<'a>(person: &'a Person<'a>) -> impl Iterator<Item = &'a str> {
    let of_boxes =
        person.mailboxes.iter().flat_map(|seen| std::iter::once(&seen.address).chain(&seen.aliases));
    std::iter::once(person.address()).chain(of_boxes).map(MailAddress::as_str)
}
