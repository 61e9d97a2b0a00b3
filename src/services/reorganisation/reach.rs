//! Who comes to reach more accounts, or fewer: roles over agencies and applications in their own name. What would become
//! so wide that a second person must look at it, and was given since somebody did, ends.

use super::Reorganisation;
use super::look::{Application, Fate, Role};
use crate::app::App;
use crate::domain::admin::Grant;
use crate::domain::agency::{Agency, Branches};
use crate::domain::id::{AgencyId, GrantId};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::metadata::ApiReach;
use crate::domain::oauth::own_rights::OwnRights;
use crate::domain::reorganisation::{Before, Kind, Stage, afterwards};
use crate::services::Internal;
use crate::services::wide::{Facts, Holder, named};
use crate::storage::administrators::{self, Listed};
use crate::storage::seen_applications::{self, Seen};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which way it goes.
pub(super) enum Way<'a> {
    /// It is done. Applications count as seen that whoever confirmed it saw; `None`: whoever confirms it sees them now. More
    /// accounts than `bound` nobody gives alone.
    Forth { seen: Option<&'a Seen>, bound: Option<u64> },
    /// It is taken back, and these roles come back with it.
    Back(&'a [Listed]),
}

/// Who reaches.
pub(super) enum Who {
    /// The holder of a role.
    Role(Grant),
    /// An application in its own name.
    Application(Box<Client>),
}

impl Who {
    fn holder(&self) -> Holder {
        match self {
            Self::Role(grant) => Holder::Person(grant.account_id),
            Self::Application(client) => Holder::Application(named(client)),
        }
    }
}

/// A role or an application, with what becomes of its reach.
pub(super) struct Reach {
    /// Whose.
    pub(super) who: Who,
    /// The agency below which it reaches now.
    pub(super) before: Option<AgencyId>,
    /// The one below which it reaches then.
    after: Option<AgencyId>,
    is_seen: bool,
    /// Whether it ends because nobody has looked at one so wide.
    pub(super) is_held_back: bool,
    /// What becomes of it.
    pub(super) fate: Fate,
    /// How many accounts it gains or loses.
    number: u64,
}

/// The tree of now and that of then.
struct Map<'a> {
    now: Branches,
    then: Branches,
    numbers: &'a BTreeMap<AgencyId, u64>,
}

impl Map<'_> {
    fn number<'a>(&self, agencies: impl IntoIterator<Item = &'a AgencyId>) -> u64 {
        agencies.into_iter().filter_map(|id| self.numbers.get(id)).sum()
    }
}

/// Forth, as the house asks for a second person.
pub(super) fn forth<'a>(app: &App, seen: Option<&'a Seen>) -> Way<'a> {
    let admin = &app.config.admin;
    Way::Forth { seen, bound: admin.two_persons.then_some(admin.wide_role_above) }
}

/// What becomes of everybody's reach; whoever has nothing to do with it is left out.
pub(super) fn weigh(facts: &Facts, one: &Reorganisation, before: &[Before], way: &Way<'_>) -> Vec<Reach> {
    let then = afterwards(one.kind, one.after(), before, &facts.all, matches!(way, Way::Back(_)));
    let map = Map { now: Branches::new(&facts.all), then: Branches::new(&then), numbers: &facts.numbers };
    let mut all = reaching(facts, one, before, way);
    if let Way::Forth { bound: Some(bound), .. } = way {
        hold_back(&mut all, &map, *bound);
    }
    for reach in &mut all {
        (reach.fate, reach.number) = fate(reach, &map, matches!(way, Way::Back(_)));
    }
    let branch = map.now.of([one.target]);
    let is_near = |root: AgencyId| {
        let is_of_branch = branch.contains(&root) || map.now.of([root]).contains(&one.target);
        before.iter().any(|was| was.agency == root) || (one.kind == Kind::Move && is_of_branch)
    };
    all.retain(|reach| match (&reach.who, reach.fate) {
        (Who::Role(_), Fate::Stays) => reach.before.is_some_and(is_near),
        (Who::Application(_), Fate::Stays) => false,
        _ => reach.before.is_some() || reach.after.is_some(),
    });
    all
}

/// Everybody who reaches something, before and afterwards.
fn reaching(facts: &Facts, one: &Reorganisation, before: &[Before], way: &Way<'_>) -> Vec<Reach> {
    let is_given_up = |id: AgencyId| id != one.target && before.iter().any(|was| was.agency == id);
    let is_back = matches!(way, Way::Back(_));
    let goes_on = |root: AgencyId| match (one.kind, is_back) {
        (Kind::Merge, false) if is_given_up(root) => one.carries_roles.then_some(one.target),
        (Kind::Split, true) if root == one.target => None,
        _ => Some(root),
    };
    // An application goes by the code, and that means the agency of before again.
    let comes_back = |code: &str| {
        let is_it = |was: &&Before| was.code == code && is_given_up(was.agency);
        before.iter().find(|was| is_back && one.kind == Kind::Merge && is_it(was)).map(|was| was.agency)
    };
    let new = |who, before, after, is_seen| Reach {
        who,
        before,
        after,
        is_seen,
        is_held_back: false,
        fate: Fate::Stays,
        number: 0,
    };
    let (seen, returning): (Option<&Seen>, &[Listed]) = match way {
        Way::Forth { seen, .. } => (*seen, &[]),
        Way::Back(returning) => (None, returning),
    };
    let mut all = Vec::new();
    for grant in facts.grants.iter().filter(|one| returning.iter().all(|back| back.grant.id != one.id)) {
        let Some(root) = grant.agency_id else { continue };
        let is_seen = is_back || grant.granted_at <= one.created_at;
        all.push(new(Who::Role(grant.clone()), Some(root), goes_on(root), is_seen));
    }
    for listed in returning {
        all.push(new(Who::Role(listed.grant.clone()), None, listed.grant.agency_id, true));
    }
    for (client, root) in &facts.applications {
        let Some(ApiReach::Agency(code)) = &client.metadata.api_reach else { continue };
        let after = comes_back(code).or_else(|| root.and_then(goes_on));
        let own = OwnRights::of(&client.metadata);
        let is_seen = seen.is_none_or(|seen| seen.get(&client.id).is_some_and(|told| own.are_within(told)));
        all.push(new(Who::Application(Box::new(client.clone())), *root, after, is_seen));
    }
    all
}

/// Ends what would become too wide, with all that its holder reaches, and that nobody has looked at.
fn hold_back(all: &mut [Reach], map: &Map<'_>, bound: u64) {
    let mut held: BTreeMap<Holder, Vec<usize>> = BTreeMap::new();
    for (at, reach) in all.iter().enumerate() {
        held.entry(reach.who.holder()).or_default().push(at);
    }
    for places in held.values() {
        let before = map.number(&map.now.of(places.iter().filter_map(|at| all[*at].before)));
        let after = map.number(&map.then.of(places.iter().filter_map(|at| all[*at].after)));
        if after <= bound || after <= before {
            continue;
        }
        let (seen, fresh): (Vec<usize>, Vec<usize>) = places.iter().partition(|at| all[**at].is_seen);
        let mut kept: Vec<AgencyId> = seen.iter().filter_map(|at| all[*at].after).collect();
        for at in fresh {
            let Some(root) = all[at].after else { continue };
            let alone = map.number(&map.then.of(kept.iter().copied()));
            let with = map.number(&map.then.of(kept.iter().copied().chain([root])));
            if with > bound && with > alone {
                (all[at].after, all[at].is_held_back) = (None, true);
            } else {
                kept.push(root);
            }
        }
    }
}

/// What becomes of a reach, and how many accounts it gains or loses.
fn fate(reach: &Reach, map: &Map<'_>, is_back: bool) -> (Fate, u64) {
    let (before, after) = (map.now.of(reach.before), map.then.of(reach.after));
    let (gained, lost) = (map.number(after.difference(&before)), map.number(before.difference(&after)));
    match (reach.before, reach.after) {
        (_, None) => (Fate::Ends, lost),
        (None, Some(_)) => (Fate::Returns, gained),
        (Some(was), Some(is)) if was != is && is_back => (Fate::Returns, gained),
        (Some(was), Some(is)) if was != is => (Fate::Carried, gained),
        _ if !after.is_subset(&before) => (Fate::Gains, gained),
        _ if !before.is_subset(&after) => (Fate::Loses, lost),
        _ => (Fate::Stays, 0),
    }
}

/// The roles of these that go on over the agency that stays.
pub(super) fn carried(all: &[Reach]) -> BTreeSet<GrantId> {
    let carried = |reach: &Reach| match &reach.who {
        Who::Role(grant) if reach.fate == Fate::Carried => Some(grant.id),
        _ => None,
    };
    all.iter().filter_map(carried).collect()
}

/// The roles and the applications with what becomes of each, in words; `back`: if it is taken back, with the roles that come
/// back.
pub(super) async fn told(
    app: &App,
    one: &Reorganisation,
    before: &[Before],
    back: Option<&[Listed]>,
) -> Result<(Vec<Role>, Vec<Application>), Internal> {
    let facts = Facts::read(app).await?;
    let seen = seen_applications::of(&app.db, one.id).await?;
    let is_confirmed = !matches!(one.stage, Stage::Draft | Stage::Orphaned);
    let way = match back {
        Some(returning) => Way::Back(returning),
        None => forth(app, is_confirmed.then_some(&seen)),
    };
    let held = administrators::list(&app.db, None, app.now()).await?;
    let names: HashMap<GrantId, &Listed> =
        held.iter().chain(back.unwrap_or_default()).map(|listed| (listed.grant.id, listed)).collect();
    let (mut roles, mut applications) = (Vec::new(), Vec::new());
    for reach in weigh(&facts, one, before, &way) {
        let agency = name(&facts.all, reach.before.or(reach.after));
        let (fate, number) = (reach.fate, reach.number);
        match reach.who {
            Who::Role(grant) => roles.extend(names.get(&grant.id).map(|listed| {
                let (name, address) = (listed.display_name.clone(), listed.address.clone());
                Role { name, address, role: grant.role, agency, fate, number }
            })),
            Who::Application(client) => {
                let rights = OwnRights::of(&client.metadata).told();
                let name = named(&client);
                applications.push(Application { id: client.id, name, rights, agency, fate, number });
            }
        }
    }
    roles.sort_by(|a, b| (&a.address, &a.agency).cmp(&(&b.address, &b.agency)));
    Ok((roles, applications))
}

fn name(all: &[Agency], id: Option<AgencyId>) -> String {
    all.iter().find(|agency| Some(agency.id) == id).map(|agency| agency.name.clone()).unwrap_or_default()
}
