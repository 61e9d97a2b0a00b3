//! People, agencies and groups for applications that provision (RFC 7644): those for whom the application is, within its
//! reach, under the names by which it knows them. What it does not get of a person it does not find people by.

use super::api::Caller;
use super::{Internal, reorganisation, rights, subjects};
use crate::app::App;
use crate::domain::account::{Account, Kind};
use crate::domain::agency::Agency;
use crate::domain::agency_codes::Codes;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::scim::Attribute;
use crate::domain::scim::filter::{Filter, Value};
use crate::storage::scim::{self as rows, Condition};
use crate::storage::{StorageError, accounts, agencies, groups};
use std::collections::HashMap;
use thiserror::Error;

/// No page has more people.
pub const MOST: i64 = 200;

/// No group is told with more members.
pub const MOST_MEMBERS: i64 = 5_000;

/// The groups of a page are not told with more members in all.
const MOST_OF_A_PAGE: i64 = 1_000;

/// What the ids of agencies and of groups begin with, so that they never mix.
const AGENCY: &str = "agency:";
const GROUP: &str = "group:";

/// A person as an application knows them.
#[derive(Debug, Clone)]
pub struct Person {
    /// The `sub` of the person for this application.
    pub id: String,
    /// The account.
    pub account: Account,
    /// Its agency.
    pub agency: Option<Agency>,
    /// The agencies and groups to which the person belongs.
    pub teams: Vec<Team>,
}

/// An agency or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id: `agency:` or `group:` and its code.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Where a page of people begins, in the order in which their accounts were made, which never changes.
#[derive(Debug, Clone, Copy)]
pub enum Start {
    /// After so many of those who are found now (RFC 7644 §3.4.2.4): whoever is found no more moves all that follow.
    Skipping(i64),
    /// After this account, wherever that is (RFC 9865): nobody moves.
    After(AccountId),
}

/// A page of people.
#[derive(Debug, Clone)]
pub struct People {
    /// How many there are in all.
    pub total: i64,
    /// Those of the page.
    pub page: Vec<Person>,
    /// Whether there are more after them.
    pub has_more: bool,
}

/// Why a question is not answered.
#[derive(Debug, Error)]
pub enum ScimRefused {
    /// The application does not get an attribute that the filter asks for.
    #[error(
        "the filter asks for an attribute that this application does not get, or that this resource does not have"
    )]
    NotGiven,
    /// There are too many.
    #[error("there are too many members; ask for fewer groups at a time, or for Users with groups.value eq")]
    TooMany,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ScimRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// What an application gets of people.
pub const fn scopes(caller: &Caller) -> Scopes {
    caller.client.scopes
}

/// So many people from a place on, and how many there are in all.
pub async fn people(
    app: &App,
    caller: &Caller,
    filter: Option<&Filter>,
    (start, limit): (Start, i64),
) -> Result<People, ScimRefused> {
    let (condition, limit) = (asked(app, caller, filter).await?, limit.clamp(0, MOST));
    let total = rows::count(&app.db, &condition).await?;
    let (condition, skipped) = match start {
        Start::Skipping(number) => (condition, number),
        Start::After(id) => (Condition::All(vec![condition, Condition::after(id)]), 0),
    };
    let mut found = rows::people(&app.db, &condition, (skipped, limit + 1)).await?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let has_more = found.len() > limit;
    found.truncate(limit);
    Ok(People { total, page: told(app, caller, found).await?, has_more })
}

/// One person; nobody beyond reach, and nobody for whom the application is not. That somebody asked leaves a line.
pub async fn person(app: &App, caller: &Caller, id: &str) -> Result<Option<Person>, Internal> {
    let mut found = Vec::new();
    // No id has a control character, and PostgreSQL takes no NUL.
    let is_text = !id.chars().any(char::is_control);
    if is_text && let Some(account) = known_as(app, caller, id).await? {
        let condition = Condition::All(vec![visible(app, caller).await?, Condition::account(account)]);
        found = rows::people(&app.db, &condition, (0, 1)).await?;
    }
    if found.is_empty() {
        rights::out_of_reach(app, &caller.by, &format!("person {id}")).await;
    }
    Ok(told(app, caller, found).await?.pop())
}

/// The agencies and groups that the application may know, in the order of their ids.
pub async fn teams(app: &App, caller: &Caller, filter: Option<&Filter>) -> Result<Vec<Team>, ScimRefused> {
    let asks = filter.map(Filter::attributes).unwrap_or_default();
    if asks.iter().any(|attribute| !matches!(attribute, Attribute::Id | Attribute::DisplayName)) {
        return Err(ScimRefused::NotGiven);
    }
    let named = filter.into_iter().flat_map(Filter::leaves).filter(|(of, _)| *of == Attribute::Id);
    let named: Vec<_> = named.filter_map(|(_, value)| text(value)).collect();
    let mut all = known_teams(app, caller).await?;
    note_unknown(app, caller, &all, named.into_iter().map(str::to_owned)).await;
    if let Some(filter) = filter {
        all.retain(|team| {
            filter.holds(&|attribute| match attribute {
                Attribute::Id => Some(Value::Text(team.id.clone())),
                Attribute::DisplayName => Some(Value::Text(team.name.clone())),
                _ => None,
            })
        });
    }
    all.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(all)
}

/// One of them.
pub async fn team(app: &App, caller: &Caller, id: &str) -> Result<Option<Team>, Internal> {
    let all = known_teams(app, caller).await?;
    note_unknown(app, caller, &all, std::iter::once(id.to_owned())).await;
    Ok(all.into_iter().find(|team| team.id == id))
}

/// Refuses the members of the groups of a page where they are too many together.
pub async fn bound_members(app: &App, caller: &Caller, page: &[Team]) -> Result<(), ScimRefused> {
    let (visible, mut all) = (visible(app, caller).await?, 0);
    for team in page {
        let condition = Condition::All(vec![visible.clone(), belongs(&team.id)]);
        all += rows::count(&app.db, &condition).await?;
        if all > MOST_OF_A_PAGE {
            return Err(ScimRefused::TooMany);
        }
    }
    Ok(())
}

/// Who belongs to it: their ids and names, as far as the application may know them.
pub async fn members(
    app: &App,
    caller: &Caller,
    team: &Team,
) -> Result<Vec<(String, Option<String>)>, ScimRefused> {
    let condition = Condition::All(vec![visible(app, caller).await?, belongs(&team.id)]);
    if rows::count(&app.db, &condition).await? > MOST_MEMBERS {
        return Err(ScimRefused::TooMany);
    }
    let mut all = Vec::new();
    for account in rows::people(&app.db, &condition, (0, MOST_MEMBERS)).await? {
        let name =
            Attribute::DisplayName.is_given(scopes(caller)).then(|| account.profile().display_name.clone());
        all.push((subjects::of(app, &caller.client, &account).await?, name));
    }
    Ok(all)
}

/// For whom the application is, within its reach: as `audience::admits` says of one account.
async fn visible(app: &App, caller: &Caller) -> Result<Condition, StorageError> {
    let metadata = &caller.client.metadata;
    let mut all = vec![Condition::PEOPLE];
    all.extend(caller.by.reach().agency().map(Condition::within));
    if !metadata.is_for_everybody() {
        let codes = known_codes(app, caller).await?;
        let formers = metadata.allowed_agencies.iter().filter(|code| codes.is_former(code));
        let formers = formers.map(|code| Condition::formerly_of_agency(code, app.now()));
        let agencies = metadata.allowed_agencies.iter().map(|code| Condition::of_agency(code));
        let groups = metadata.allowed_groups.iter().map(|code| Condition::in_group(code));
        all.push(Condition::Any(agencies.chain(formers).chain(groups).collect()));
    }
    Ok(Condition::All(all))
}

/// What the codes of agencies mean, where the application is for some agencies only.
async fn known_codes(app: &App, caller: &Caller) -> Result<Codes, StorageError> {
    if caller.client.metadata.allowed_agencies.is_empty() {
        return Ok(Codes::default());
    }
    reorganisation::codes(app).await
}

/// Whom a question is about.
async fn asked(app: &App, caller: &Caller, filter: Option<&Filter>) -> Result<Condition, ScimRefused> {
    let Some(filter) = filter else { return Ok(visible(app, caller).await?) };
    if !filter.attributes().into_iter().all(|attribute| attribute.is_given(scopes(caller))) {
        return Err(ScimRefused::NotGiven);
    }
    let (mut ids, mut asked) = (HashMap::new(), Vec::new());
    let mut known = None;
    for (attribute, value) in filter.leaves() {
        let Some(value) = text(value) else { continue };
        match attribute {
            Attribute::Id => {
                if let Some(account) = known_as(app, caller, value).await? {
                    ids.insert(value.to_owned(), account);
                }
            }
            Attribute::Groups | Attribute::Department => {
                if known.is_none() {
                    known = Some(known_teams(app, caller).await?);
                }
                let is_code = attribute == Attribute::Department;
                asked.push(if is_code { format!("{AGENCY}{value}") } else { value.to_owned() });
            }
            _ => {}
        }
    }
    let known = known.unwrap_or_default();
    note_unknown(app, caller, &known, asked.into_iter()).await;
    Ok(Condition::All(vec![visible(app, caller).await?, translated(filter, &ids, &known)]))
}

fn translated(filter: &Filter, ids: &HashMap<String, AccountId>, known: &[Team]) -> Condition {
    let inner = |filter: &Filter| translated(filter, ids, known);
    match filter {
        Filter::And(one, other) => Condition::All(vec![inner(one), inner(other)]),
        Filter::Or(one, other) => Condition::Any(vec![inner(one), inner(other)]),
        Filter::Not(one) => Condition::Not(Box::new(inner(one))),
        Filter::Present(attribute) => Condition::present(*attribute),
        Filter::Compare(_, _, Value::Bool(wanted)) => Condition::active(*wanted),
        Filter::Compare(Attribute::Id, _, Value::Text(id)) => {
            ids.get(id).map_or(Condition::NOBODY, |account| Condition::account(*account))
        }
        Filter::Compare(Attribute::Groups, _, Value::Text(id)) => {
            if known.iter().any(|team| team.id == *id) {
                belongs(id)
            } else {
                Condition::NOBODY
            }
        }
        Filter::Compare(attribute, operator, Value::Text(value)) => {
            Condition::compare(*attribute, *operator, value)
        }
    }
}

/// Who belongs to an agency or a group.
fn belongs(id: &str) -> Condition {
    match (id.strip_prefix(AGENCY), id.strip_prefix(GROUP)) {
        (Some(code), _) => Condition::of_agency(code),
        (None, Some(code)) => Condition::in_group(code),
        (None, None) => Condition::NOBODY,
    }
}

/// The account that an application knows by this `sub`. The public `sub` of a person says nothing to one that has names
/// of its own.
async fn known_as(app: &App, caller: &Caller, id: &str) -> Result<Option<AccountId>, Internal> {
    let public = subjects::public_of(app, &caller.client, id).await?;
    let Some(account) = accounts::by_subject(&app.db, &public).await? else { return Ok(None) };
    let is_theirs = subjects::of(app, &caller.client, &account).await? == id;
    Ok(Some(account.id()).filter(|_| is_theirs))
}

/// Agencies within reach and groups, those for which the application is. Without the scope of agencies there are none.
async fn known_teams(app: &App, caller: &Caller) -> Result<Vec<Team>, Internal> {
    if !scopes(caller).has(Scope::Agency) {
        return Ok(Vec::new());
    }
    let (metadata, reach) = (&caller.client.metadata, caller.by.reach());
    let codes = known_codes(app, caller).await?;
    let is_for = |agency: &Agency| {
        metadata.is_for_everybody()
            || metadata.allowed_agencies.iter().any(|code| codes.means(code, agency.id))
    };
    let mut all = Vec::new();
    for agency in agencies::every(&app.db).await? {
        if reach.covers(Some(agency.id)) && is_for(&agency) {
            all.push(of_agency(&agency));
        }
    }
    let here = if reach.is_city() { None } else { Some(visible(app, caller).await?) };
    for group in groups::every(&app.db).await? {
        if !metadata.is_for_everybody() && !metadata.allowed_groups.contains(&group.code) {
            continue;
        }
        let id = format!("{GROUP}{}", group.code);
        // A group of people of other agencies only is theirs to know.
        let is_here = match &here {
            None => true,
            Some(visible) => {
                let condition = Condition::All(vec![visible.clone(), belongs(&id)]);
                rows::count(&app.db, &condition).await? > 0
            }
        };
        if is_here {
            all.push(Team { id, name: group.name });
        }
    }
    Ok(all)
}

fn of_agency(agency: &Agency) -> Team {
    Team { id: format!("{AGENCY}{}", agency.code), name: agency.name.clone() }
}

/// One line for a request, whatever it asks for: the audit is not for a filter to fill.
async fn note_unknown(app: &App, caller: &Caller, known: &[Team], mut asked: impl Iterator<Item = String>) {
    if let Some(id) = asked.find(|id| known.iter().all(|team| team.id != *id)) {
        rights::out_of_reach(app, &caller.by, &format!("group {id}")).await;
    }
}

fn text(value: Option<&Value>) -> Option<&str> {
    match value {
        Some(Value::Text(text)) => Some(text),
        Some(Value::Bool(_)) | None => None,
    }
}

/// Accounts in the order of their ids, as the application knows them.
async fn told(app: &App, caller: &Caller, found: Vec<Account>) -> Result<Vec<Person>, Internal> {
    let (Some(first), Some(last)) = (found.first().map(Account::id), found.last().map(Account::id)) else {
        return Ok(Vec::new());
    };
    let agencies: HashMap<AgencyId, Agency> =
        agencies::every(&app.db).await?.into_iter().map(|agency| (agency.id, agency)).collect();
    let known = known_teams(app, caller).await?;
    let mut joined: HashMap<AccountId, Vec<String>> = HashMap::new();
    for (account, code) in rows::groups_of(&app.db, first, last).await? {
        joined.entry(account).or_default().push(format!("{GROUP}{code}"));
    }
    let mut all = Vec::with_capacity(found.len());
    for account in found {
        debug_assert_eq!(account.profile().kind, Kind::Person);
        let agency = account.profile().agency_id.and_then(|id| agencies.get(&id)).cloned();
        let own = agency.as_ref().map(|agency| format!("{AGENCY}{}", agency.code));
        let ids: Vec<_> = own.into_iter().chain(joined.remove(&account.id()).unwrap_or_default()).collect();
        let teams = known.iter().filter(|team| ids.contains(&team.id)).cloned().collect();
        all.push(Person { id: subjects::of(app, &caller.client, &account).await?, account, agency, teams });
    }
    Ok(all)
}
