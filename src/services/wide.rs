//! Roles over agencies that are nearly as wide as one over the whole city: with more accounts than `admin.wide_role_above`
//! they need a second person, too, however they come about.

use super::Internal;
use super::approvals::{self, Pass, Stopped};
use super::roles::Wish;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::Administrator;
use crate::domain::agency::{Agency, Tree, places};
use crate::domain::approval::{Deed, Matter, Preview};
use crate::domain::id::{AccountId, AgencyId};
use crate::i18n::Lang;
use crate::storage::{accounts, administrators, agencies};
use std::collections::{BTreeMap, BTreeSet};

/// Who has roles over which agencies, and how many accounts those have.
pub(super) struct Wide {
    all: Vec<Agency>,
    own: BTreeMap<String, u64>,
    held: BTreeMap<AccountId, BTreeSet<String>>,
    now: Tree,
    bound: u64,
}

impl Wide {
    /// Reads it; `None` where nothing needs a second person.
    pub(super) async fn read(app: &App) -> Result<Option<Self>, Internal> {
        if !app.config.admin.two_persons {
            return Ok(None);
        }
        let all = agencies::with_merged(&app.db).await?;
        let codes: BTreeMap<AgencyId, &String> = all.iter().map(|agency| (agency.id, &agency.code)).collect();
        let code = |id: Option<AgencyId>| id.and_then(|id| codes.get(&id)).map(|code| (*code).clone());
        let mut own = BTreeMap::new();
        for (agency, number) in accounts::number_by_agency(&app.db).await? {
            own.extend(code(agency).map(|code| (code, u64::try_from(number).unwrap_or(0))));
        }
        let mut held: BTreeMap<AccountId, BTreeSet<String>> = BTreeMap::new();
        for grant in administrators::holders(&app.db, app.now()).await? {
            held.entry(grant.account_id).or_default().extend(code(grant.agency_id));
        }
        let (now, bound) = (Tree::new(places(&all), &own), app.config.admin.wide_role_above);
        Ok(Some(Self { all, own, held, now, bound }))
    }

    /// Every agency, with those that were merged.
    pub(super) fn agencies(&self) -> &[Agency] {
        &self.all
    }

    /// The tree as it would be with the agencies at other places.
    pub(super) fn tree(&self, above: BTreeMap<String, String>) -> Tree {
        Tree::new(above, &self.own)
    }

    /// Counts a further role over an agency; tells how many accounts its holder would reach, if those are too many.
    pub(super) fn add(&mut self, holder: AccountId, code: &str) -> Option<u64> {
        let roots = self.held.entry(holder).or_default();
        roots.insert(code.to_owned());
        Some(self.now.number(roots)).filter(|number| *number > self.bound)
    }

    /// How many accounts belong to an agency and those below it, if that is nearly everybody.
    pub(super) fn over(&self, code: &str) -> Option<u64> {
        let number = self.now.number(&BTreeSet::from([code.to_owned()]));
        Some(number).filter(|number| *number > self.bound)
    }

    /// How many accounts the holder of a role over an agency that is merged would reach, if the role goes on over the other
    /// one and those are too many.
    pub(super) fn merged(
        &self,
        holder: AccountId,
        merged: &BTreeSet<AgencyId>,
        target: AgencyId,
    ) -> Option<u64> {
        let code = |id: AgencyId| self.all.iter().find(|one| one.id == id).map(|one| one.code.clone());
        let target = code(target)?;
        let mut above = places(&self.all);
        above.extend(merged.iter().filter_map(|id| Some((code(*id)?, target.clone()))));
        // What lies above the other one may be merged into it.
        above.remove(&target);
        let mut roots = self.held.get(&holder).cloned().unwrap_or_default();
        roots.insert(target);
        Some(self.tree(above).number(&roots)).filter(|number| *number > self.bound)
    }

    /// Over which agencies somebody has roles that would come to reach too many accounts in another tree; each holder by
    /// itself.
    pub(super) fn widened(&self, after: &Tree) -> Vec<BTreeSet<String>> {
        let is_wide = |roots: &&BTreeSet<String>| {
            let number = after.number(roots);
            number > self.bound && number > self.now.number(roots)
        };
        self.held.values().filter(is_wide).cloned().collect()
    }
}

/// Lets a role be granted, if it is narrow (`None`) or a second person has approved it.
pub(super) async fn pass_grant(
    app: &App,
    by: &Administrator,
    account: &Account,
    wish: &Wish,
) -> Result<Option<Pass>, Stopped> {
    let Some(agency) = wish.agency else {
        let preview = approvals::in_words(|t| vec![line(t, wish, t.reach_all())]);
        return Ok(Some(approvals::pass(app, by, deed(wish, "city", preview), None).await?));
    };
    let Some(mut wide) = Wide::read(app).await? else { return Ok(None) };
    let Some(agency) = wide.all.iter().find(|one| one.id == agency).cloned() else { return Ok(None) };
    let Some(number) = wide.add(account.id(), &agency.code) else { return Ok(None) };
    let preview = approvals::in_words(|t| {
        let over = format!("{} {}", agency.name, t.role_and_below());
        vec![line(t, wish, &over), t.deed_accounts(&t.number(number))]
    });
    let deed = deed(wish, &format!("agency:{}", agency.code), preview);
    Ok(Some(approvals::pass(app, by, deed, None).await?))
}

/// A role as a second person approves it.
fn deed(wish: &Wish, place: &str, preview: Preview) -> Deed {
    let until = wish.until.map(|day| day.to_string()).unwrap_or_default();
    let content = format!("{} {} {place} {until}", wish.address, wish.role.code());
    Deed { matter: Matter::GrantRole, content, preview }
}

/// The same in words.
fn line(t: Lang, wish: &Wish, over: &str) -> String {
    let end = wish.until.map_or_else(|| t.role_without_end().to_owned(), |day| t.role_until(&t.date(day)));
    let over = format!("{over}. {end}");
    t.deed_grant(wish.address.as_str(), t.role(wish.role), &over)
}
