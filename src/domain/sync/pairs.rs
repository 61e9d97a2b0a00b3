//! What administrators decided about whose mailbox is whose: rows that are never changed, undone by a later one. Pure.

use super::SeenMailbox;
use crate::domain::id::{AccountId, DecisionId};
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::timestamp::Timestamp;
use std::collections::{HashMap, HashSet};

codes! {
    /// What was decided.
    Verdict {
        /// The mailbox belongs to the account, whatever the directories say.
        OnePerson = "one_person";
        /// The mailbox is somebody else's, although the address is the account's.
        TwoPersons = "two_persons";
        /// It is known and not to be shown again; the plan does not change.
        Known = "known";
        /// An earlier decision holds no more.
        Undo = "undo";
    }
}

/// A mailbox by its directory and its stable id there.
pub type MailboxId = (MailSystem, String);

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id; later ones are larger.
    pub id: DecisionId,
    /// What was decided.
    pub verdict: Verdict,
    /// The id of the finding that it settles.
    pub finding: String,
    /// Whom it concerns, in words: the addresses.
    pub subject: String,
    /// The mailbox, where one is concerned.
    pub mailbox: Option<MailboxId>,
    /// The account to which it belongs, or does not.
    pub account: Option<AccountId>,
    /// Whose it was when that was decided.
    pub former: Option<AccountId>,
    /// The decision that it takes back.
    pub undoes: Option<DecisionId>,
    /// When.
    pub at: Timestamp,
    /// The address of who decided.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What the decisions come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs {
    links: HashMap<MailboxId, AccountId>,
    apart: HashMap<MailboxId, HashSet<AccountId>>,
    released: HashMap<MailboxId, (AccountId, Option<AccountId>)>,
    settled: HashSet<String>,
}

impl Pairs {
    /// Puts decisions together, the oldest first.
    pub fn of(decisions: &[Decision]) -> Self {
        let by_id: HashMap<DecisionId, &Decision> = decisions.iter().map(|one| (one.id, one)).collect();
        let mut pairs = Self::default();
        for one in decisions {
            match one.undoes.and_then(|id| by_id.get(&id)) {
                Some(undone) => pairs.undo(undone),
                None => pairs.decide(one),
            }
        }
        let undone: HashSet<_> = decisions.iter().filter_map(|one| one.undoes).collect();
        let hold = decisions.iter().filter(|one| one.verdict != Verdict::Undo && !undone.contains(&one.id));
        pairs.settled = hold.map(|one| one.finding.clone()).collect();
        pairs
    }

    fn decide(&mut self, one: &Decision) {
        let (Some(mailbox), Some(account)) = (one.mailbox.clone(), one.account) else { return };
        match one.verdict {
            Verdict::OnePerson => {
                self.released.remove(&mailbox);
                if let Some(apart) = self.apart.get_mut(&mailbox) {
                    apart.remove(&account);
                }
                self.links.insert(mailbox, account);
            }
            Verdict::TwoPersons => {
                if self.links.get(&mailbox) == Some(&account) {
                    self.links.remove(&mailbox);
                }
                self.apart.entry(mailbox).or_default().insert(account);
            }
            Verdict::Known | Verdict::Undo => {}
        }
    }

    /// Whoever had the mailbox before has it again. If nobody had it, it is only not that account's by its id any more.
    fn undo(&mut self, undone: &Decision) {
        let (Some(mailbox), Some(account)) = (undone.mailbox.clone(), undone.account) else { return };
        match (undone.verdict, undone.former) {
            (Verdict::OnePerson, former) if self.links.get(&mailbox) == Some(&account) => {
                self.links.remove(&mailbox);
                if former != Some(account) {
                    self.released.insert(mailbox, (account, former));
                }
            }
            (Verdict::TwoPersons, _) => {
                if let Some(apart) = self.apart.get_mut(&mailbox) {
                    apart.remove(&account);
                }
            }
            _ => {}
        }
    }

    /// The account to which a mailbox was given.
    pub fn linked(&self, seen: &SeenMailbox) -> Option<AccountId> {
        self.links.get(&id_of(&seen.key)).copied()
    }

    /// Whether a mailbox is not this account's, whatever the address.
    pub fn are_apart(&self, seen: &SeenMailbox, account: AccountId) -> bool {
        self.apart.get(&id_of(&seen.key)).is_some_and(|apart| apart.contains(&account))
    }

    /// Whose a mailbox is that is this account's by its id: nobody's if it was let go, and whoever had it before if
    /// it was given back.
    pub(super) fn holder(&self, seen: &SeenMailbox, account: AccountId) -> Option<AccountId> {
        let holder = match self.released.get(&id_of(&seen.key)) {
            Some((from, to)) if *from == account => (*to)?,
            _ => account,
        };
        (!self.are_apart(seen, holder)).then_some(holder)
    }

    /// Whether any finding is settled.
    pub fn settles_anything(&self) -> bool {
        !self.settled.is_empty()
    }

    /// Whether a finding is settled.
    pub fn is_settled(&self, finding: &str) -> bool {
        self.settled.contains(finding)
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.apart.is_empty() && self.released.is_empty()
    }
}

/// A mailbox as decisions name it.
pub fn id_of(key: &MailboxKey) -> MailboxId {
    (key.system, key.native_id.clone())
}
