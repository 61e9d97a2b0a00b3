//! The two directories beside each other, as far as an administrator reaches: counts, a page of what was found, all of
//! a kind for a table.

use super::Internal;
use super::sync::preview::{Kept, kept};
use super::sync::{self, sources};
use crate::app::App;
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Reach};
use crate::domain::agency::Agency;
use crate::domain::audit_record::hex;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use crate::domain::sync::{
    Attribute, Finding, FindingKind, Pairs, PassedOver, Person, Picture, Rulings, SeenMailbox, reconcile,
};
use aws_lc_rs::digest::{SHA256, digest};
use std::collections::BTreeMap;

/// How much a page shows.
pub const PAGE: usize = 50;

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

/// A page of what was found, within reach.
pub async fn look(app: &App, by: &Administrator, asked: Asked) -> Result<Looked, Internal> {
    let reach = by.reach().clone();
    with_picture(app, move |picture, rulings, agencies| {
        let within = Within { picture, pairs: &rulings.pairs, reach, asked: &asked };
        let mut looked = Looked { counts: BTreeMap::new(), found: Vec::new(), next: None, agencies };
        // Without a kind the first that there is; behind a finding that is gone the page begins anew.
        let all: Vec<&Finding> = picture.findings.iter().filter(|finding| within.covers(finding)).collect();
        for finding in &all {
            *looked.counts.entry(finding.kind).or_default() += 1;
        }
        let kind = asked.kind.or_else(|| looked.counts.keys().next().copied());
        let of_kind: Vec<_> = all.into_iter().filter(|finding| Some(finding.kind) == kind).collect();
        let begin = asked.after.as_ref().and_then(|id| of_kind.iter().position(|f| id_of(f) == *id));
        let begin = begin.map_or(0, |at| at + 1);
        let page = &of_kind[begin..of_kind.len().min(begin + PAGE)];
        looked.found = page.iter().map(|finding| within.found(finding)).collect();
        let is_more = begin + page.len() < of_kind.len();
        looked.next = looked.found.last().map(|found| found.id.clone()).filter(|_| is_more);
        looked
    })
    .await
}

/// Everything of a kind, within reach, with all agencies.
pub async fn all(app: &App, by: &Administrator, asked: Asked) -> Result<(Vec<Found>, Vec<Agency>), Internal> {
    let reach = by.reach().clone();
    with_picture(app, move |picture, rulings, agencies| {
        let within = Within { picture, pairs: &rulings.pairs, reach, asked: &asked };
        let of_kind = picture.findings.iter().filter(|finding| asked.kind.is_none_or(|k| k == finding.kind));
        (of_kind.filter(|f| within.covers(f)).map(|finding| within.found(finding)).collect(), agencies)
    })
    .await
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
    let text = format!("{}\n{}", finding.kind.code(), finding.key);
    hex(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}

/// What of a picture may be shown.
struct Within<'a> {
    picture: &'a Picture<'a>,
    pairs: &'a Pairs,
    reach: Reach,
    asked: &'a Asked,
}

impl Within<'_> {
    fn parties(&self, finding: &Finding) -> impl Iterator<Item = &Person<'_>> {
        finding.parties.iter().map(|at| &self.picture.persons[*at])
    }

    /// Whether a finding concerns somebody within reach and is asked for. An entry that was left out names no agency.
    fn covers(&self, finding: &Finding) -> bool {
        if self.pairs.settles_anything() && self.pairs.is_settled(&id_of(finding)) {
            return false;
        }
        let text = name::search_key(&self.asked.search);
        if let Some((_, passed)) = &finding.set_aside {
            let is_wanted = self.asked.agency.is_none() && passed.entry.to_lowercase().contains(&text);
            return self.reach.is_city() && is_wanted;
        }
        let is_wanted = |person: &Person<'_>| {
            let is_within = self.reach.covers(person.agency);
            let is_of = self.asked.agency.is_none_or(|agency| person.agency == Some(agency));
            is_within && is_of && (text.is_empty() || addresses(person).any(|has| has.contains(&text)))
        };
        self.parties(finding).any(is_wanted)
    }

    fn found(&self, finding: &Finding) -> Found {
        let party = |person: &Person<'_>| {
            if !self.reach.covers(person.agency) {
                return Party::OutOfReach;
            }
            Party::Within(Box::new(Who {
                account: person.known.map(|known| known.account.id()),
                address: person.address().to_string(),
                name: person.name().to_owned(),
                agency: person.agency,
                mailboxes: person.mailboxes.iter().map(|seen| (*seen).clone()).collect(),
            }))
        };
        let only = self.parties(finding).next();
        let said = |attribute: &Attribute| {
            let boxes = only.into_iter().flat_map(|person| &person.mailboxes);
            let said =
                boxes.map(|seen| (seen.key.system, sources::value(*attribute, seen).unwrap_or_default()));
            (*attribute, said.collect())
        };
        Found {
            id: id_of(finding),
            kind: finding.kind,
            parties: self.parties(finding).take(PARTIES).map(party).collect(),
            fields: finding.fields.iter().map(said).collect(),
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
