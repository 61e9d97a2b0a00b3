//! Whose each seen mailbox is.

use super::{Known, sources_of};
use crate::domain::address::MailAddress;
use crate::domain::id::AccountId;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{PassedOver, Rulings, SeenMailbox, Snapshot};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Of known accounts, by their place, what was seen of each.
pub(super) type Matched<'a> = HashMap<usize, Vec<&'a SeenMailbox>>;
/// What belongs to nobody yet, by address.
pub(super) type Fresh<'a> = BTreeMap<&'a MailAddress, Vec<&'a SeenMailbox>>;

/// Finds whose each seen mailbox is: as somebody decided, else by its native id, in OBM by its login, else by the address
/// that the account has after this read.
pub(super) fn assign<'a>(
    known: &'a [Known],
    snapshots: &'a [Snapshot],
    rulings: &Rulings,
    passed_over: &mut Vec<(MailSystem, PassedOver)>,
) -> (Matched<'a>, Fresh<'a>) {
    let pairs = &rulings.pairs;
    let mut matching = Matching { known, matched: Matched::new(), taken: HashSet::new() };
    let places: HashMap<AccountId, usize> =
        known.iter().enumerate().map(|(at, known)| (known.account.id(), at)).collect();
    let place = |account: AccountId| places.get(&account).copied();
    let all = || snapshots.iter().flat_map(|snapshot| &snapshot.mailboxes);
    let is_decided = |seen: &SeenMailbox| pairs.linked(seen).and_then(place);
    let mut later: Vec<&SeenMailbox> = Vec::new();
    if !pairs.is_empty() {
        later.extend(all().filter(|seen| is_decided(seen).is_some_and(|at| !matching.take(at, seen))));
    }
    let (by_native, by_login) = keys(known);
    for seen in all().filter(|seen| pairs.is_empty() || is_decided(seen).is_none()) {
        let system = seen.key.system;
        let by_id = || by_native.get(&(system, seen.key.native_id.as_str())).copied();
        let by_login =
            || by_login.get(seen.key.login.as_str()).copied().filter(|_| system == MailSystem::Obm);
        let holder = by_id().or_else(by_login).and_then(|at| {
            let account = known[at].account.id();
            pairs.holder(seen, account).and_then(place)
        });
        if !holder.is_some_and(|at| matching.take(at, seen)) {
            later.push(seen);
        }
    }
    let fresh = matching.by_address(later, rulings, passed_over);
    (matching.matched, fresh)
}

struct Matching<'a> {
    known: &'a [Known],
    matched: Matched<'a>,
    taken: HashSet<(MailSystem, usize)>,
}

impl<'a> Matching<'a> {
    /// Gives a mailbox to the account at this place, if none of that directory is there yet.
    fn take(&mut self, at: usize, seen: &'a SeenMailbox) -> bool {
        let is_free = self.taken.insert((seen.key.system, at));
        if is_free {
            self.matched.entry(at).or_default().push(seen);
        }
        is_free
    }

    /// What is left goes by the address; what then is nobody's is new.
    fn by_address(
        &mut self,
        later: Vec<&'a SeenMailbox>,
        rulings: &Rulings,
        passed_over: &mut Vec<(MailSystem, PassedOver)>,
    ) -> Fresh<'a> {
        let mut by_address = HashMap::new();
        for (at, known) in self.known.iter().enumerate() {
            let seen = self.matched.get(&at).map_or(&[][..], Vec::as_slice);
            let now = rulings.authority.address(&sources_of(known, seen));
            by_address.insert(now.unwrap_or_else(|| known.account.profile().address.clone()), at);
        }
        let mut fresh = Fresh::new();
        for seen in later {
            let at = by_address.get(&seen.address).copied();
            let at = at.filter(|at| !rulings.pairs.are_apart(seen, self.known[*at].account.id()));
            let at = at.filter(|at| !is_somebody_else(&self.known[*at], seen));
            if at.is_some_and(|at| self.take(at, seen)) {
                continue;
            }
            // Another entry is that account's already; whether the address is free is settled later.
            let system = seen.key.system;
            let group: &mut Vec<&SeenMailbox> = fresh.entry(&seen.address).or_default();
            if group.iter().any(|other| other.key.system == system) {
                let why = format!("two new entries have the address {}", seen.address);
                passed_over.push((system, PassedOver { entry: seen.key.login.clone(), why }));
            } else {
                group.push(seen);
            }
        }
        fresh
    }
}

/// Whether an address that nobody had any more was given to another person: both have a staff number, and not the same.
fn is_somebody_else(known: &Known, seen: &SeenMailbox) -> bool {
    let before = known.account.profile().staff_number.as_ref();
    let differs = before.zip(seen.staff_number.as_ref()).is_some_and(|(before, now)| before != now);
    known.mailboxes.is_empty() && differs
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
