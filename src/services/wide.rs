//! Roles over agencies, and what applications may do in their own name over them, that are nearly as wide as over the whole
//! city: with more accounts than `admin.wide_role_above` they need a second person, too, however they come about.

use super::Internal;
use super::approvals::{self, Pass, Stopped};
use super::roles::Wish;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Grant};
use crate::domain::agency::{Agency, Tree, places};
use crate::domain::agency_codes::Codes;
use crate::domain::approval::{Deed, Matter, Preview};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::metadata::ApiReach;
use crate::domain::oauth::own_rights::OwnRights;
use crate::domain::timestamp::Timestamp;
use crate::i18n::Lang;
use crate::storage::{StorageError, Tx, administrators, agencies, agency_codes, agency_numbers, clients};
use std::collections::{BTreeMap, BTreeSet};

/// Roles, applications in their own name, and the agencies that they reach, as they are at one moment.
pub(super) struct Facts {
    /// Every agency, with those that were merged.
    pub(super) all: Vec<Agency>,
    /// How many accounts each has itself.
    pub(super) numbers: BTreeMap<AgencyId, u64>,
    /// Every role that is held.
    pub(super) grants: Vec<Grant>,
    /// The applications that may do something over an agency, with the one that their code reaches, if any. One that was
    /// stopped is among them: whoever lets it run again asks nobody.
    pub(super) applications: Vec<(Client, Option<AgencyId>)>,
    codes: Codes,
}

impl Facts {
    /// Reads them.
    pub(super) async fn read(app: &App) -> Result<Self, StorageError> {
        let (db, now) = (&app.db, app.now());
        let all = agencies::with_merged(db).await?;
        let formers = agency_codes::formers(db, now).await?;
        let codes = Codes::new(&open(&all), &formers, &agency_codes::passed(db).await?, now);
        let numbers = agency_numbers::every(db).await?;
        let grants = administrators::holders(db, now).await?;
        Ok(Self::of((all, codes), &numbers, grants, clients::every(db).await?))
    }

    /// The same within a transaction. Writers of the audit stand in line, so after a line of it nobody else changes them.
    pub(super) async fn read_in(tx: &mut Tx, now: Timestamp) -> Result<Self, StorageError> {
        let all = agencies::every_in(tx).await?;
        let formers = agency_codes::formers_in(tx, now).await?;
        let codes = Codes::new(&open(&all), &formers, &agency_codes::passed_in(tx).await?, now);
        let numbers = agency_numbers::every_in(tx).await?;
        let grants = administrators::holders_in(tx, now).await?;
        Ok(Self::of((all, codes), &numbers, grants, clients::every_in(tx).await?))
    }

    fn of(
        (all, codes): (Vec<Agency>, Codes),
        numbers: &[(Option<AgencyId>, i64)],
        grants: Vec<Grant>,
        clients: Vec<Client>,
    ) -> Self {
        let number = |(agency, number): &(Option<AgencyId>, i64)| {
            agency.map(|agency| (agency, u64::try_from(*number).unwrap_or(0)))
        };
        let application = |client: Client| {
            let ApiReach::Agency(code) = client.metadata.api_reach.as_ref()? else { return None };
            let root = codes.reached(code);
            OwnRights::of(&client.metadata).opens().then_some((client, root))
        };
        let applications = clients.into_iter().filter_map(application).collect();
        Self { numbers: numbers.iter().filter_map(number).collect(), all, grants, applications, codes }
    }
}

fn open(all: &[Agency]) -> Vec<Agency> {
    all.iter().filter(|agency| agency.merged_into.is_none()).cloned().collect()
}

/// An application as it is told.
pub(super) fn named(client: &Client) -> String {
    format!("{} ({})", client.name, client.client_id)
}

/// Who reaches something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// Whoever has roles.
    Person(AccountId),
    /// An application in its own name, as it is told.
    Application(String),
}

/// Who reaches which agencies, and how many accounts those have.
pub(super) struct Wide {
    all: Vec<Agency>,
    own: BTreeMap<String, u64>,
    held: BTreeMap<Holder, BTreeSet<String>>,
    codes: Codes,
    now: Tree,
    bound: u64,
}

impl Wide {
    /// Reads it; `None` where nothing needs a second person.
    pub(super) async fn read(app: &App) -> Result<Option<Self>, Internal> {
        if !app.config.admin.two_persons {
            return Ok(None);
        }
        Ok(Some(Self::of(app, Facts::read(app).await?)))
    }

    /// The same within a transaction, after a line of the audit ([`Facts::read_in`]).
    pub(super) async fn read_in(app: &App, tx: &mut Tx) -> Result<Option<Self>, StorageError> {
        if !app.config.admin.two_persons {
            return Ok(None);
        }
        Ok(Some(Self::of(app, Facts::read_in(tx, app.now()).await?)))
    }

    fn of(app: &App, facts: Facts) -> Self {
        let Facts { all, numbers, grants, applications, codes } = facts;
        let known: BTreeMap<AgencyId, &String> = all.iter().map(|agency| (agency.id, &agency.code)).collect();
        let code = |id: AgencyId| known.get(&id).map(|code| (*code).clone());
        let own: BTreeMap<String, u64> =
            numbers.iter().filter_map(|(id, number)| Some((code(*id)?, *number))).collect();
        let mut held: BTreeMap<Holder, BTreeSet<String>> = BTreeMap::new();
        for grant in grants {
            let root = grant.agency_id.and_then(code);
            held.entry(Holder::Person(grant.account_id)).or_default().extend(root);
        }
        for (client, root) in applications {
            held.entry(Holder::Application(named(&client))).or_default().extend(root.and_then(code));
        }
        let now = Tree::new(places(&all), &own);
        Self { own, held, codes, now, bound: app.config.admin.wide_role_above, all }
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
    pub(super) fn add(&mut self, holder: AccountId, agency: AgencyId) -> Option<u64> {
        let code = self.all.iter().find(|one| one.id == agency)?.code.clone();
        let roots = self.held.entry(Holder::Person(holder)).or_default();
        roots.insert(code);
        Some(self.now.number(roots)).filter(|number| *number > self.bound)
    }

    /// Whether nearly everybody is reached by the code of an agency, be it one of before.
    pub(super) fn is_over(&self, code: &str) -> bool {
        let reached = self.codes.reached(code);
        let Some(agency) = self.all.iter().find(|agency| Some(agency.id) == reached) else { return false };
        self.now.number(&BTreeSet::from([agency.code.clone()])) > self.bound
    }

    /// Who would come to reach too many accounts in another tree, and over which agencies; each holder by itself.
    pub(super) fn widened(&self, after: &Tree) -> Vec<(Holder, BTreeSet<String>)> {
        let is_wide = |(_, roots): &(&Holder, &BTreeSet<String>)| {
            let number = after.number(roots);
            number > self.bound && number > self.now.number(roots)
        };
        let held = self.held.iter().filter(is_wide);
        held.map(|(holder, roots)| (holder.clone(), roots.clone())).collect()
    }

    /// A role as a second person must approve it; `None` where it is narrow, with the others of its holder.
    fn granting(&mut self, holder: AccountId, wish: &Wish) -> Option<Deed> {
        let agency = self.all.iter().find(|one| Some(one.id) == wish.agency)?.clone();
        let number = self.add(holder, agency.id)?;
        let preview = approvals::in_words(|t| {
            let over = format!("{} {}", agency.name, t.role_and_below());
            vec![line(t, wish, &over), t.deed_accounts(&t.number(number))]
        });
        Some(deed(wish, &format!("agency:{}", agency.code), preview))
    }
}

/// Lets a role be granted, if it is narrow (`None`) or a second person has approved it.
pub(super) async fn pass_grant(
    app: &App,
    by: &Administrator,
    account: &Account,
    wish: &Wish,
) -> Result<Option<Pass>, Stopped> {
    if wish.agency.is_none() {
        let preview = approvals::in_words(|t| vec![line(t, wish, t.reach_all())]);
        return Ok(Some(approvals::pass(app, by, deed(wish, "city", preview), None).await?));
    }
    let Some(mut wide) = Wide::read(app).await? else { return Ok(None) };
    let Some(deed) = wide.granting(account.id(), wish) else { return Ok(None) };
    Ok(Some(approvals::pass(app, by, deed, None).await?))
}

/// Looks at a narrow role once more now that it is granted, after the line of the audit: its writers stand in line, so here
/// is seen what somebody else has granted, or put below the agency, at the same moment.
pub(super) async fn look_again(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    wish: &Wish,
) -> Result<(), Stopped> {
    let Some(mut wide) = Wide::read_in(app, tx).await? else { return Ok(()) };
    match wide.granting(account.id(), wish) {
        Some(deed) => Err(Stopped::NeedsSecond(Box::new(deed))),
        None => Ok(()),
    }
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
