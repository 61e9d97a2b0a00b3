//! Who gets which address: nobody takes over an address or an alias that somebody else holds.

use super::{Draft, Facts, Fresh, Planner, home_of};
use crate::domain::address::MailAddress;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{PassedOver, SeenMailbox};
use std::collections::HashSet;

/// Drafts in which every address has one holder.
pub(super) struct Settled<'a> {
    pub(super) known: Vec<Draft<'a>>,
    pub(super) fresh: Vec<(Facts, Vec<&'a SeenMailbox>)>,
}

/// Settles the main addresses first, holders before newcomers, then the aliases likewise.
pub(super) fn settle<'a>(
    mut known: Vec<Draft<'a>>,
    fresh: Fresh<'a>,
    planner: &Planner<'_>,
    passed_over: &mut Vec<(MailSystem, PassedOver)>,
) -> Settled<'a> {
    let mut taken = held(&known);
    for draft in &mut known {
        let old = &draft.known.account.profile().address;
        let Some(facts) = draft.facts.as_mut().filter(|facts| facts.address != *old) else { continue };
        let own_alias = draft.known.aliases.contains(&facts.address);
        if !taken.insert(facts.address.clone()) && !own_alias {
            passed_over.push(clash(&draft.seen, &facts.address));
            facts.address = old.clone();
            taken.insert(old.clone());
        }
    }
    let mut newcomers = Vec::new();
    for seen in fresh.into_values() {
        let facts = planner.facts(None, &seen);
        if taken.insert(facts.address.clone()) {
            newcomers.push((facts, seen));
        } else {
            passed_over.push(clash(&seen, &facts.address));
        }
    }
    settle_aliases(&mut known, &mut newcomers);
    Settled { known, fresh: newcomers }
}

/// What is held now and still claimed: addresses that stay, aliases that stay.
fn held(known: &[Draft<'_>]) -> HashSet<MailAddress> {
    let mut taken = HashSet::new();
    for draft in known {
        let old = &draft.known.account.profile().address;
        if draft.facts.as_ref().is_none_or(|facts| facts.address == *old) {
            taken.insert(old.clone());
        }
        taken.extend(draft.known.aliases.iter().filter(|alias| claims(draft, alias)).cloned());
    }
    taken
}

fn settle_aliases(known: &mut [Draft<'_>], fresh: &mut [(Facts, Vec<&SeenMailbox>)]) {
    let mut taken: HashSet<MailAddress> = HashSet::new();
    for draft in known.iter() {
        let main =
            draft.facts.as_ref().map_or(&draft.known.account.profile().address, |facts| &facts.address);
        taken.insert(main.clone());
    }
    taken.extend(fresh.iter().map(|(facts, _)| facts.address.clone()));
    let mut kept: HashSet<MailAddress> = HashSet::new();
    for draft in known.iter() {
        kept.extend(draft.known.aliases.iter().filter(|alias| claims(draft, alias)).cloned());
    }
    for draft in known {
        let own = &draft.known.aliases;
        if let Some(facts) = &mut draft.facts {
            facts.aliases.retain(|alias| {
                let may = own.contains(alias) || !kept.contains(alias);
                may && taken.insert(alias.clone())
            });
        }
    }
    for (facts, _) in fresh {
        facts.aliases.retain(|alias| !kept.contains(alias) && taken.insert(alias.clone()));
    }
}

/// Whether an account still has an alias: its home directory says so, or was not read.
fn claims(draft: &Draft<'_>, alias: &MailAddress) -> bool {
    draft.facts.as_ref().is_none_or(|facts| facts.aliases.contains(alias))
}

fn clash(seen: &[&SeenMailbox], address: &MailAddress) -> (MailSystem, PassedOver) {
    let home = home_of(seen);
    let why = format!("the address {address} is held by another account");
    (home.key.system, PassedOver { entry: home.key.login.clone(), why })
}
