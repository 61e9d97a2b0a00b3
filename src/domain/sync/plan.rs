//! The reconciler: pure. Takes what was read and what is known, gives the steps that bring the house in line.
//!
//! Applying a plan and planning again gives no step. A directory that was not read leaves its mailboxes as they are.

mod addresses;

use super::{PassedOver, SeenMailbox, Snapshot};
use crate::domain::account::{Account, Kind, LockReason, MustChange, Profile, State};
use crate::domain::address::MailAddress;
use crate::domain::agency::Agency;
use crate::domain::id::{AccountId, AgencyId, MailboxId};
use crate::domain::mailbox::{MailSystem, Mailbox};
use crate::domain::name;
use crate::domain::policy::regulation::Regulation;
use crate::domain::timestamp::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use time::Duration;

/// Differences between two clocks that are no news.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

/// A last use that is so little later than the known one is no news.
const USE_TOLERANCE: Duration = Duration::days(1);

/// What the plan goes by.
#[derive(Debug, Clone)]
pub struct Rules<'a> {
    /// The regulation in force.
    pub regulation: &'a Regulation,
    /// Addresses that begin so belong to an agency, not to a person (e.g. `vanthu`).
    pub agency_mailbox_prefixes: &'a [String],
    /// Addresses that begin so belong to a service or a device.
    pub service_mailbox_prefixes: &'a [String],
}

/// An account as the house knows it.
#[derive(Debug, Clone)]
pub struct Known {
    /// The account.
    pub account: Account,
    /// Its mailboxes.
    pub mailboxes: Vec<Mailbox>,
    /// Its further addresses, in order.
    pub aliases: Vec<MailAddress>,
    /// The systems that may show it as disabled because this house locked it there.
    pub locked_by_us: Vec<MailSystem>,
}

/// What the directories say of a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The main address.
    pub address: MailAddress,
    /// Further addresses, in order.
    pub aliases: Vec<MailAddress>,
    /// Person or agency mailbox.
    pub kind: Kind,
    /// Full name.
    pub display_name: String,
    /// Post.
    pub title: Option<String>,
    /// Staff number.
    pub staff_number: Option<String>,
    /// The code of the agency.
    pub agency_code: Option<String>,
}

impl Facts {
    /// The profile that these facts make, once the agency has its id.
    pub fn profile(&self, agency_id: Option<AgencyId>) -> Profile {
        Profile {
            address: self.address.clone(),
            kind: self.kind,
            display_name: self.display_name.clone(),
            title: self.title.clone(),
            staff_number: self.staff_number.clone(),
            agency_id,
        }
    }
}

/// An account to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// What is known of the holder.
    pub facts: Facts,
    /// The mailboxes, one for each system at most.
    pub mailboxes: Vec<SeenMailbox>,
    /// The first state.
    pub state: State,
}

/// A change of state that the directories ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateChange {
    /// Lock it.
    Lock(LockReason),
    /// The directory lifted its lock; this is the state its facts lead to.
    Lift(State),
    /// A new password is demanded there.
    Demand(State),
    /// The password was changed there.
    ChangedElsewhere(Timestamp),
}

/// One step of a plan; each is applied in one transaction, or none of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An agency that is new, or has a new name.
    Agency {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
    },
    /// An account that is new.
    Create(Box<Creation>),
    /// An account that changed.
    Update {
        /// Which.
        account_id: AccountId,
        /// New facts about its holder, if they changed.
        facts: Option<Box<Facts>>,
        /// Mailboxes that are new.
        attach: Vec<SeenMailbox>,
        /// Mailboxes that changed.
        refresh: Vec<(MailboxId, SeenMailbox)>,
        /// Mailboxes that vanished.
        detach: Vec<MailboxId>,
        /// A change of state.
        change: Option<StateChange>,
        /// It was used later than the house knows.
        used: Option<Timestamp>,
    },
}

/// The steps, and what could not be planned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they must be applied.
    pub steps: Vec<Step>,
    /// Entries that were left out.
    pub passed_over: Vec<(MailSystem, PassedOver)>,
    /// How many mailboxes vanished.
    pub vanishing: usize,
}

/// Plans. `snapshots` holds at most one complete read for each directory.
pub fn plan(
    known: &[Known],
    agencies: &[Agency],
    snapshots: &[Snapshot],
    rules: &Rules<'_>,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    for snapshot in snapshots {
        plan.passed_over.extend(snapshot.passed_over.iter().map(|p| (snapshot.system, p.clone())));
    }
    let codes = AgencyCodes::from(agencies, snapshots, &mut plan.steps);
    let (matched, fresh) = assign(known, snapshots, &mut plan.passed_over);
    let read: HashSet<_> = snapshots.iter().map(|s| s.system).collect();
    let planner = Planner { rules, codes: &codes, read: &read, now };
    let drafts = known.iter().enumerate().map(|(index, known)| {
        let seen = matched.get(&index).cloned().unwrap_or_default();
        planner.draft(known, seen)
    });
    let mut settled = addresses::settle(drafts.collect(), fresh, &planner, &mut plan.passed_over);
    for draft in &mut settled.known {
        let (step, vanished) = planner.update(draft);
        plan.vanishing += vanished;
        plan.steps.extend(step);
    }
    plan.steps.extend(settled.fresh.into_iter().map(|(facts, seen)| planner.create(facts, &seen)));
    plan
}

type Matched<'a> = HashMap<usize, Vec<&'a SeenMailbox>>;
type Fresh<'a> = BTreeMap<&'a MailAddress, Vec<&'a SeenMailbox>>;

/// A known account with what was seen of it and, where its home directory says anything new, that.
struct Draft<'a> {
    known: &'a Known,
    seen: Vec<&'a SeenMailbox>,
    facts: Option<Facts>,
}

/// Finds whose each seen mailbox is: by its native id, in OBM by its login, else by the address that the account has
/// after this read.
fn assign<'a>(
    known: &[Known],
    snapshots: &'a [Snapshot],
    passed_over: &mut Vec<(MailSystem, PassedOver)>,
) -> (Matched<'a>, Fresh<'a>) {
    let (by_native, by_login) = keys(known);
    let (mut matched, mut fresh) = (Matched::new(), Fresh::new());
    let mut taken: HashSet<(MailSystem, usize)> = HashSet::new();
    let mut later = Vec::new();
    for (system, seen) in snapshots.iter().flat_map(|s| s.mailboxes.iter().map(|m| (s.system, m))) {
        let login = (system == MailSystem::Obm).then_some(seen.key.login.as_str());
        let native = by_native.get(&(system, seen.key.native_id.as_str()));
        match native.or_else(|| by_login.get(login?)) {
            Some(&index) if taken.insert((system, index)) => matched.entry(index).or_default().push(seen),
            _ => later.push((system, seen)),
        }
    }
    let mut by_address = HashMap::new();
    for (index, known) in known.iter().enumerate() {
        let now = matched.get(&index).map(|seen| &home_of(seen).address);
        by_address.insert(now.unwrap_or(&known.account.profile().address).clone(), index);
    }
    for (system, seen) in later {
        match by_address.get(&seen.address) {
            Some(&index) if taken.insert((system, index)) => matched.entry(index).or_default().push(seen),
            // Another entry is that account's already; whether the address is free is settled later.
            _ => {
                let group = fresh.entry(&seen.address).or_default();
                if group.iter().any(|other| other.key.system == system) {
                    let why = format!("two new entries have the address {}", seen.address);
                    passed_over.push((system, PassedOver { entry: seen.key.login.clone(), why }));
                } else {
                    group.push(seen);
                }
            }
        }
    }
    (matched, fresh)
}

type ByNative<'a> = HashMap<(MailSystem, &'a str), usize>;
type ByLogin<'a> = HashMap<&'a str, usize>;

/// The known accounts by the native ids of their mailboxes, and by their logins in OBM.
fn keys(known: &[Known]) -> (ByNative<'_>, ByLogin<'_>) {
    let (mut by_native, mut by_login) = (HashMap::new(), HashMap::new());
    for (index, known) in known.iter().enumerate() {
        for mailbox in &known.mailboxes {
            by_native.insert((mailbox.key.system, mailbox.key.native_id.as_str()), index);
            if mailbox.key.system == MailSystem::Obm {
                by_login.insert(mailbox.key.login.as_str(), index);
            }
        }
    }
    (by_native, by_login)
}

/// The code of each agency, by its name as it was written: of many people few names are seen.
struct AgencyCodes<'a> {
    by_name: HashMap<&'a str, String>,
    ids: HashMap<String, AgencyId>,
}

impl<'a> AgencyCodes<'a> {
    fn from(agencies: &[Agency], snapshots: &'a [Snapshot], steps: &mut Vec<Step>) -> Self {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut by_key: HashMap<String, String> = HashMap::new();
        let mut ids = HashMap::new();
        for agency in agencies {
            by_key.insert(name::search_key(&agency.name), agency.code.clone());
            names.insert(agency.code.clone(), agency.name.clone());
            ids.insert(agency.code.clone(), agency.id);
        }
        let mut by_name = HashMap::new();
        let seen = snapshots.iter().flat_map(|s| &s.mailboxes).filter_map(|m| m.agency.as_ref());
        let (coded, bare): (Vec<_>, Vec<_>) = seen.partition(|a| a.code.is_some());
        let mut met = HashSet::new();
        for agency in coded.into_iter().chain(bare).filter(|agency| met.insert(*agency)) {
            let key = name::search_key(&agency.name);
            let code = match (&agency.code, by_key.get(&key)) {
                (Some(code), _) | (None, Some(code)) => code.clone(),
                (None, None) => name::slug(&agency.name),
            };
            by_key.insert(key, code.clone());
            by_name.insert(agency.name.as_str(), code.clone());
            let renamed = agency.code.is_some() && names.get(&code).is_some_and(|name| *name != agency.name);
            if renamed || !names.contains_key(&code) {
                names.insert(code.clone(), agency.name.clone());
                steps.push(Step::Agency { code, name: agency.name.clone() });
            }
        }
        Self { by_name, ids }
    }

    fn code(&self, seen: &SeenMailbox) -> Option<String> {
        let agency = seen.agency.as_ref()?;
        agency.code.clone().or_else(|| self.by_name.get(agency.name.as_str()).cloned())
    }
}

struct Planner<'a> {
    rules: &'a Rules<'a>,
    codes: &'a AgencyCodes<'a>,
    read: &'a HashSet<MailSystem>,
    now: Timestamp,
}

impl Planner<'_> {
    fn create(&self, facts: Facts, seen: &[&SeenMailbox]) -> Step {
        let home = home_of(seen);
        let state = if home.enabled {
            self.state_of(home, seen)
        } else {
            State::Locked { at: self.now, reason: LockReason::DisabledInDirectory }
        };
        let mailboxes = seen.iter().map(|m| (*m).clone()).collect();
        Step::Create(Box::new(Creation { facts, mailboxes, state }))
    }

    /// The home directory has the word; while it was not read, what is known of the holder stays.
    fn draft<'a>(&self, known: &'a Known, seen: Vec<&'a SeenMailbox>) -> Draft<'a> {
        let home_system = self.home_system(known, &seen);
        let home = seen.iter().copied().find(|m| Some(m.key.system) == home_system);
        // most say what is known already
        let facts = home.map(|home| self.facts(home, &seen)).filter(|facts| !self.is_known(known, facts));
        Draft { known, seen, facts }
    }

    fn home_system(&self, known: &Known, seen: &[&SeenMailbox]) -> Option<MailSystem> {
        let unread =
            known.mailboxes.iter().map(|m| m.key.system).filter(|system| !self.read.contains(system));
        seen.iter().map(|m| m.key.system).chain(unread).min()
    }

    /// The step for a known account, if there is one, and how many of its mailboxes vanished.
    fn update(&self, draft: &mut Draft<'_>) -> (Option<Step>, usize) {
        let Draft { known, seen, facts } = draft;
        let mut attach = Vec::new();
        let mut refresh = Vec::new();
        for mailbox in seen.iter().copied() {
            match known.mailboxes.iter().find(|m| m.key.system == mailbox.key.system) {
                None => attach.push(mailbox.clone()),
                Some(old) if differs(old, mailbox) => refresh.push((old.id, mailbox.clone())),
                Some(_) => {}
            }
        }
        let vanished = |m: &&Mailbox| {
            self.read.contains(&m.key.system) && !seen.iter().any(|s| s.key.system == m.key.system)
        };
        let detach: Vec<_> = known.mailboxes.iter().filter(vanished).map(|m| m.id).collect();
        let facts = facts.take().filter(|facts| !self.is_known(known, facts)).map(Box::new);
        let change = self.change(known, seen);
        let used = self.used(known, seen);
        let count = detach.len();
        let nothing = facts.is_none()
            && attach.is_empty()
            && refresh.is_empty()
            && detach.is_empty()
            && change.is_none()
            && used.is_none();
        let account_id = known.account.id();
        let step = Step::Update { account_id, facts, attach, refresh, detach, change, used };
        ((!nothing).then_some(step), count)
    }

    /// A last use that is news. No directory's clock makes it a moment to come.
    fn used(&self, known: &Known, seen: &[&SeenMailbox]) -> Option<Timestamp> {
        let used = seen.iter().filter_map(|mailbox| mailbox.last_used_at).max()?.min(self.now);
        let before = known.account.traces().last_used_at;
        before.is_none_or(|before| used.since(before) >= USE_TOLERANCE).then_some(used)
    }

    fn facts(&self, home: &SeenMailbox, seen: &[&SeenMailbox]) -> Facts {
        let first =
            |get: fn(&SeenMailbox) -> Option<String>| get(home).or_else(|| seen.iter().find_map(|m| get(m)));
        let mut aliases: Vec<_> =
            seen.iter().flat_map(|m| m.aliases.iter().chain([&m.address])).cloned().collect();
        aliases.sort();
        aliases.dedup();
        aliases.retain(|alias| *alias != home.address);
        let local = home.address.local_part();
        let begins = |prefixes: &[String]| prefixes.iter().any(|prefix| local.starts_with(prefix.as_str()));
        let kind = if begins(self.rules.agency_mailbox_prefixes) {
            Kind::Agency
        } else if begins(self.rules.service_mailbox_prefixes) {
            Kind::Service
        } else {
            Kind::Person
        };
        let agency_code = self.codes.code(home).or_else(|| seen.iter().find_map(|m| self.codes.code(m)));
        Facts {
            address: home.address.clone(),
            aliases,
            kind,
            display_name: home.display_name.clone(),
            title: first(|m| m.title.clone()),
            staff_number: first(|m| m.staff_number.clone()),
            agency_code,
        }
    }

    fn is_known(&self, known: &Known, facts: &Facts) -> bool {
        let agency_id = facts.agency_code.as_ref().and_then(|code| self.codes.ids.get(code).copied());
        let new_agency = facts.agency_code.is_some() && agency_id.is_none();
        !new_agency && *known.account.profile() == facts.profile(agency_id) && known.aliases == facts.aliases
    }

    fn change(&self, known: &Known, seen: &[&SeenMailbox]) -> Option<StateChange> {
        let state = known.account.state();
        let open = matches!(state, State::Active { .. } | State::MustChangePassword { .. });
        let Some(home_system) = self.home_system(known, seen) else {
            return open.then_some(StateChange::Lock(LockReason::GoneFromDirectory));
        };
        let home = seen.iter().copied().find(|m| m.key.system == home_system)?;
        if !home.enabled && !known.locked_by_us.contains(&home_system) {
            return open.then_some(StateChange::Lock(LockReason::DisabledInDirectory));
        }
        match *state {
            State::Locked { reason, .. } if reason.is_lifted_by_the_directory() => {
                Some(StateChange::Lift(self.state_of(home, seen)))
            }
            State::Active { .. } if home.must_change => {
                Some(StateChange::Demand(self.demanded(home, seen, MustChange::Reset)))
            }
            State::Active { password_set_at } => newer(home, password_set_at),
            State::MustChangePassword { since, .. } if !home.must_change => newer(home, since),
            State::MustChangePassword { .. } | State::Locked { .. } | State::Retired { .. } => None,
        }
    }

    fn state_of(&self, home: &SeenMailbox, seen: &[&SeenMailbox]) -> State {
        if home.must_change {
            return self.demanded(home, seen, MustChange::DefaultPassword);
        }
        State::Active { password_set_at: home.password_set_at.or(home.created_at).unwrap_or(self.now) }
    }

    /// AD forgets when a password was issued that must be changed; the other directory may know, else the term
    /// begins now: in the user's favour.
    fn demanded(&self, home: &SeenMailbox, seen: &[&SeenMailbox], why: MustChange) -> State {
        let issued = seen.iter().filter(|m| m.must_change).find_map(|m| m.password_set_at);
        let since = home.password_set_at.or(issued).unwrap_or(self.now).min(self.now);
        let deadline = self.rules.regulation.first_term(since);
        State::MustChangePassword { since, deadline, why }
    }
}

fn home_of<'a>(seen: &[&'a SeenMailbox]) -> &'a SeenMailbox {
    seen.iter().copied().min_by_key(|m| m.key.system).expect("a group is made with its first mailbox")
}

fn newer(home: &SeenMailbox, than: Timestamp) -> Option<StateChange> {
    let set = home.password_set_at?;
    (set.since(than) > CLOCK_TOLERANCE).then_some(StateChange::ChangedElsewhere(set))
}

fn differs(old: &Mailbox, seen: &SeenMailbox) -> bool {
    old.key != seen.key
        || old.address != seen.address
        || old.enabled != seen.enabled
        || old.must_change != seen.must_change
        || old.password_set_at != seen.password_set_at
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
