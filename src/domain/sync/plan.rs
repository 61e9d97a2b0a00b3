//! The reconciler: pure. Takes what was read and what is known, gives the steps that bring the house in line.
//!
//! Applying a plan and planning again gives no step. A directory that was not read leaves its mailboxes as they are.

mod addresses;
mod agencies;
mod matching;
mod passwords;

use self::agencies::AgencyCodes;
use self::matching::{Fresh, assign};
use super::{Attribute, PassedOver, Rulings, SeenMailbox, Snapshot};
use crate::domain::account::{Account, Kind, LockReason, MustChange, Profile, State};
use crate::domain::address::MailAddress;
use crate::domain::agency::Agency;
use crate::domain::id::{AccountId, AgencyId, MailboxId};
use crate::domain::mailbox::{MailSystem, Mailbox};
use crate::domain::policy::regulation::Regulation;
use crate::domain::timestamp::Timestamp;
use std::collections::HashSet;
use time::Duration;

/// Differences between two clocks that are no news.
pub const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

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
    /// How long an account that is in no directory any more waits for its return.
    pub retire_after: Duration,
    /// What administrators decided.
    pub rulings: &'a Rulings,
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
    /// What the directories that were not read last held of its mailboxes.
    pub unread: Vec<SeenMailbox>,
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
    /// It has been in no directory for so long that it is withdrawn.
    Retire,
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
        /// A mailbox that has another password than the account, or has no more.
        lags: Option<(MailboxId, bool)>,
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
    let codes = AgencyCodes::from(agencies, snapshots, &rules.rulings.agencies, &mut plan.steps);
    let (matched, fresh) = assign(known, snapshots, rules.rulings, &mut plan.passed_over);
    let read: HashSet<_> = snapshots.iter().map(|s| s.system).collect();
    let planner = Planner { rules, codes: &codes, read: &read, now };
    let drafts = known.iter().enumerate().map(|(index, known)| {
        let seen = matched.get(&index).cloned().unwrap_or_default();
        planner.draft(known, seen)
    });
    let mut settled = addresses::settle(drafts.collect(), fresh, &planner, &mut plan.passed_over);
    let there: HashSet<(MailSystem, &str)> = snapshots
        .iter()
        .flat_map(|s| s.mailboxes.iter().map(|seen| (s.system, seen.key.native_id.as_str())))
        .collect();
    // What goes to somebody else is let go first: no mailbox is two accounts' even for a moment.
    for draft in &settled.known {
        plan.steps.extend(let_go(draft, &there));
    }
    for draft in &mut settled.known {
        let (step, vanished) = planner.update(draft, &there);
        plan.vanishing += vanished;
        plan.steps.extend(step);
    }
    plan.steps.extend(settled.fresh.into_iter().map(|(facts, seen)| planner.create(facts, &seen)));
    plan
}

/// A known account with what was seen of it and, where its directories say anything new, that.
struct Draft<'a> {
    known: &'a Known,
    seen: Vec<&'a SeenMailbox>,
    facts: Option<Facts>,
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

    /// What is known of the holder stays while a directory was not read and nothing is known of what it holds.
    fn draft<'a>(&self, known: &'a Known, seen: Vec<&'a SeenMailbox>) -> Draft<'a> {
        let sources = sources_of(known, &seen);
        let is_missing = |mailbox: &&Mailbox| {
            let system = mailbox.key.system;
            !self.read.contains(&system) && !sources.iter().any(|source| source.key.system == system)
        };
        let is_told = !sources.is_empty() && !known.mailboxes.iter().any(|m| is_missing(&m));
        // most say what is known already
        let facts = is_told
            .then(|| self.facts(Some(known.account.id()), &sources))
            .filter(|facts| !self.is_known(known, facts));
        Draft { known, seen, facts }
    }

    fn home_system(&self, known: &Known, seen: &[&SeenMailbox]) -> Option<MailSystem> {
        let unread =
            known.mailboxes.iter().map(|m| m.key.system).filter(|system| !self.read.contains(system));
        seen.iter().map(|m| m.key.system).chain(unread).min()
    }

    /// The step for a known account, if there is one, and how many of its mailboxes vanished.
    fn update(&self, draft: &mut Draft<'_>, there: &HashSet<(MailSystem, &str)>) -> (Option<Step>, usize) {
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
            self.read.contains(&m.key.system)
                && !there.contains(&(m.key.system, m.key.native_id.as_str()))
                && !seen.iter().any(|s| s.key.system == m.key.system)
        };
        let detach: Vec<_> = known.mailboxes.iter().filter(vanished).map(|m| m.id).collect();
        let facts = facts.take().filter(|facts| !self.is_known(known, facts)).map(Box::new);
        let change = self.change(known, seen);
        let used = self.used(known, seen);
        let lags = passwords::lags(known, seen);
        let count = detach.len();
        let nothing = facts.is_none()
            && attach.is_empty()
            && refresh.is_empty()
            && detach.is_empty()
            && change.is_none()
            && lags.is_none()
            && used.is_none();
        let account_id = known.account.id();
        let step = Step::Update { account_id, facts, attach, refresh, detach, change, lags, used };
        ((!nothing).then_some(step), count)
    }

    /// A last use that is news. No directory's clock makes it a moment to come.
    fn used(&self, known: &Known, seen: &[&SeenMailbox]) -> Option<Timestamp> {
        let used = seen.iter().filter_map(|mailbox| mailbox.last_used_at).max()?.min(self.now);
        let before = known.account.traces().last_used_at;
        before.is_none_or(|before| used.since(before) >= USE_TOLERANCE).then_some(used)
    }

    /// What the directories say of a holder, by the table of who has the word.
    fn facts(&self, account: Option<AccountId>, sources: &[&SeenMailbox]) -> Facts {
        let table = self.rules.rulings.authority;
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let address = table.address(sources).unwrap_or_else(|| home_of(sources).address.clone());
        let agency = table.first(Attribute::Agency, sources, |m| self.codes.code(m));
        let name = table.first(Attribute::Name, sources, |m| filled(&m.display_name));
        Facts {
            aliases: table.aliases(sources, &address),
            kind: self.kind(&address),
            display_name: name.unwrap_or_else(|| home_of(sources).display_name.clone()),
            title: table.first(Attribute::Title, sources, |m| m.title.clone()),
            staff_number: table.first(Attribute::StaffNumber, sources, |m| m.staff_number.clone()),
            agency_code: agency.map(|code| self.codes.now(account, &code)),
            address,
        }
    }

    fn kind(&self, address: &MailAddress) -> Kind {
        let local = address.local_part();
        let begins = |prefixes: &[String]| prefixes.iter().any(|prefix| local.starts_with(prefix.as_str()));
        if begins(self.rules.agency_mailbox_prefixes) {
            Kind::Agency
        } else if begins(self.rules.service_mailbox_prefixes) {
            Kind::Service
        } else {
            Kind::Person
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
            return match *state {
                State::Locked { at, reason: LockReason::GoneFromDirectory } => {
                    (self.now.since(at) >= self.rules.retire_after).then_some(StateChange::Retire)
                }
                _ => open.then_some(StateChange::Lock(LockReason::GoneFromDirectory)),
            };
        };
        let home = seen.iter().copied().find(|m| m.key.system == home_system)?;
        if !home.enabled && !known.locked_by_us.contains(&home_system) {
            return open.then_some(StateChange::Lock(LockReason::DisabledInDirectory));
        }
        match *state {
            State::Locked { reason, .. } if reason.is_lifted_by_the_directory() => {
                Some(StateChange::Lift(self.state_of(home, seen)))
            }
            // Somebody returns: the same account, with the same subject.
            State::Retired { .. } => Some(StateChange::Lift(self.state_of(home, seen))),
            State::Active { .. } if home.must_change => {
                Some(StateChange::Demand(self.demanded(home, seen, MustChange::Reset)))
            }
            State::Active { .. } if passwords::is_put_back(known, home) => {
                Some(StateChange::Demand(self.demanded(home, seen, MustChange::Reset)))
            }
            State::Active { password_set_at } => newer(home, password_set_at),
            State::MustChangePassword { .. } if passwords::is_put_back(known, home) => None,
            State::MustChangePassword { since, .. } if !home.must_change => newer(home, since),
            State::MustChangePassword { .. } | State::Locked { .. } => None,
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

/// The mailboxes of an account that are there still, and not its own any more.
fn let_go(draft: &Draft<'_>, there: &HashSet<(MailSystem, &str)>) -> Option<Step> {
    let Draft { known, seen, .. } = draft;
    let is_others = |m: &&Mailbox| {
        there.contains(&(m.key.system, m.key.native_id.as_str()))
            && !seen.iter().any(|s| s.key.system == m.key.system)
    };
    let detach: Vec<_> = known.mailboxes.iter().filter(is_others).map(|m| m.id).collect();
    (!detach.is_empty()).then(|| Step::Update {
        account_id: known.account.id(),
        facts: None,
        attach: Vec::new(),
        refresh: Vec::new(),
        detach,
        change: None,
        lags: None,
        used: None,
    })
}

/// What speaks of an account: what was seen of it, and of the directories that were not read what they last held.
fn sources_of<'a>(known: &'a Known, seen: &[&'a SeenMailbox]) -> Vec<&'a SeenMailbox> {
    let of_another = |unread: &&SeenMailbox| !seen.iter().any(|seen| seen.key.system == unread.key.system);
    seen.iter().copied().chain(known.unread.iter().filter(of_another)).collect()
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
