//! What the console shows of applications. An administrator of a branch sees those that are for people of the branch,
//! and of their use what these people do.

use super::audience::Names;
use super::{Internal, logos, rights};
use crate::app::App;
use crate::crypto::certificate::of_key_set;
use crate::domain::admin::Administrator;
use crate::domain::certificate::Certificate;
use crate::domain::id::ClientRowId;
use crate::domain::name;
use crate::domain::oauth::client::{Client, ClientKind};
use crate::domain::oauth::lint::{Finding, Weight, certificates, lint};
use crate::domain::oauth::own_rights::OwnRights;
use crate::domain::oauth::purpose::{Purpose, Review, review};
use crate::domain::timestamp::Timestamp;
use crate::storage::logout_notices::{self, Success};
use crate::storage::{applications as rows, clients, groups};
use std::collections::{BTreeSet, HashMap};
use time::{Date, Duration};

pub use crate::storage::applications::User;

/// So many days are counted.
pub const DAYS: i64 = 30;

/// So many of those who use an application are shown.
const USERS: i64 = 20;

/// By what the list is narrowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// A part of the name, the `client_id` or the heading.
    pub search: String,
    /// How it stands.
    pub state: Option<Standing>,
    /// Where it runs.
    pub kind: Option<ClientKind>,
}

/// How an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It runs.
    Runs,
    /// The city has stopped it.
    Stopped,
    /// Its purposes are to be written down or confirmed.
    ToReview,
    /// The linter warns.
    Warned,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::Runs, Self::Stopped, Self::ToReview, Self::Warned];

    /// The word in an address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Stopped => "stopped",
            Self::ToReview => "review",
            Self::Warned => "warned",
        }
    }
}

/// A line of the list.
#[derive(Debug, Clone)]
pub struct Line {
    /// The application.
    pub client: Client,
    /// For whom it is, by name; nobody named: everybody.
    pub audience: Vec<String>,
    /// How often it was entered within the days that are counted.
    pub entries: i64,
    /// On which of them last.
    pub last: Option<Date>,
    /// What it may do in its own name, for whoever looks after the whole city: it names agencies.
    pub own: OwnRights,
    /// On which day it called in its own name last, for the same.
    pub called: Option<Date>,
    /// How its purposes stand.
    pub review: Review,
    /// How many warnings the linter has.
    pub warnings: usize,
}

/// One application.
#[derive(Debug, Clone)]
pub struct Page {
    /// The application.
    pub client: Client,
    /// For whom it is, by name; nobody named: everybody.
    pub audience: Vec<String>,
    /// How often it was entered on each of the days that are counted, the oldest first.
    pub days: Vec<(Date, i64)>,
    /// How many people have used it.
    pub people: i64,
    /// Those who used it last.
    pub users: Vec<User>,
    /// What it may do in its own name, for whoever looks after the whole city: it names agencies.
    pub own: OwnRights,
    /// On how many of the days that are counted it called in its own name, and on which day last, be it before; for the
    /// same.
    pub calls: Option<(i64, Date)>,
    /// The names of agencies, for its reach.
    pub names: Names,
    /// Why it gets what it gets.
    pub purposes: Vec<Purpose>,
    /// How these stand.
    pub review: Review,
    /// What could be better.
    pub findings: Vec<Finding>,
    /// How far it was told that sessions of people within reach have ended.
    pub told: Success,
    /// The last error of that, for whoever looks after the whole city.
    pub told_error: Option<String>,
    /// How its logo stands, if it names one; why it was not read, for whoever looks after the whole city.
    pub logo: Option<logos::Standing>,
}

/// An application with why it gets what it gets, and how that stands.
#[derive(Debug, Clone)]
pub struct Reviewed {
    /// The application.
    pub client: Client,
    /// Why.
    pub purposes: Vec<Purpose>,
    /// How it stands.
    pub review: Review,
}

/// Everything that could be better in a registration.
pub fn findings(app: &App, client: &Client) -> Vec<Finding> {
    let ends: Vec<_> = own_certificates(client).iter().map(|certificate| certificate.not_after).collect();
    certificates(client, &ends, app.now()).into_iter().chain(lint(client, app.now())).collect()
}

/// The certificates that an application registered by value.
pub fn own_certificates(client: &Client) -> Vec<Certificate> {
    client.metadata.jwks.as_ref().map(of_key_set).unwrap_or_default()
}

/// The applications within reach, by name.
pub async fn list(app: &App, by: &Administrator) -> Result<Vec<Line>, Internal> {
    let names = Names::read(app).await?;
    let sight = Sight::of(app, by, &names).await?;
    let totals = rows::totals(&app.db, first_day(app), by.reach().agency()).await?;
    let totals: HashMap<_, _> = totals.into_iter().map(|total| (total.client.to_string(), total)).collect();
    let calls = rows::calls(&app.db, None, first_day(app)).await?;
    let calls: HashMap<_, _> = calls.into_iter().map(|calls| (calls.client, calls.last)).collect();
    let purposes = purposes(app).await?;
    let (now, nothing, is_city) = (app.now(), Vec::new(), by.reach().is_city());
    let all = clients::every(&app.db).await?;
    let line = |client: Client| {
        let id = client.id.to_string();
        let total = totals.get(&id);
        Line {
            audience: names.of(&client),
            entries: total.map_or(0, |total| total.number),
            last: total.map(|total| total.last),
            own: own(by, &client),
            called: calls.get(&client.id).copied().filter(|_| is_city),
            review: review(&client, purposes.get(&client.id).unwrap_or(&nothing), now),
            warnings: findings(app, &client).iter().filter(|one| one.weight() == Weight::Warning).count(),
            client,
        }
    };
    let mut lines: Vec<_> = all.into_iter().filter(|client| sight.covers(client)).map(line).collect();
    lines.sort_by_cached_key(|line| (name::search_key(&line.client.name), line.client.client_id.to_string()));
    Ok(lines)
}

/// How many of the applications within reach get something of people for which a purpose is to be written down or
/// confirmed again: as many as the list has under [`Standing::ToReview`].
pub async fn to_review(app: &App, by: &Administrator) -> Result<usize, Internal> {
    let (all, purposes) = (every(app, by).await?, purposes(app).await?);
    let (now, nothing) = (app.now(), Vec::new());
    let is_due =
        |client: &&Client| review(client, purposes.get(&client.id).unwrap_or(&nothing), now).is_due();
    Ok(all.iter().filter(is_due).count())
}

/// Why each application gets what it gets.
async fn purposes(app: &App) -> Result<HashMap<ClientRowId, Vec<Purpose>>, Internal> {
    let mut purposes: HashMap<ClientRowId, Vec<Purpose>> = HashMap::new();
    for (client, purpose) in rows::purposes(&app.db, None).await? {
        purposes.entry(client).or_default().push(purpose);
    }
    Ok(purposes)
}

impl Line {
    /// Whether it is among what somebody wishes to see.
    pub fn fits(&self, wish: &Wish) -> bool {
        let client = &self.client;
        let words = format!(
            "{} {} {}",
            client.name,
            client.client_id,
            client.metadata.category.as_deref().unwrap_or_default()
        );
        let is_so = match wish.state {
            None => true,
            Some(Standing::Runs) => client.disabled_at.is_none(),
            Some(Standing::Stopped) => client.disabled_at.is_some(),
            Some(Standing::ToReview) => self.review.is_due(),
            Some(Standing::Warned) => self.warnings > 0,
        };
        is_so
            && wish.kind.is_none_or(|kind| client.kind == kind)
            && name::search_key(&words).contains(&name::search_key(&wish.search))
    }
}

/// An application within reach. One beyond and one that does not exist are both `None`, and both leave a line.
pub async fn find(app: &App, by: &Administrator, id: ClientRowId) -> Result<Option<Client>, Internal> {
    let names = Names::read(app).await?;
    let sight = Sight::of(app, by, &names).await?;
    let client = clients::any_by_id(&app.db, id).await?.filter(|client| sight.covers(client));
    if client.is_none() {
        rights::out_of_reach(app, by, &format!("application {id}")).await;
    }
    Ok(client)
}

/// Every application within reach, the oldest first.
pub async fn every(app: &App, by: &Administrator) -> Result<Vec<Client>, Internal> {
    let names = Names::read(app).await?;
    let sight = Sight::of(app, by, &names).await?;
    let all = clients::every(&app.db).await?;
    Ok(all.into_iter().filter(|client| sight.covers(client)).collect())
}

/// The same with why each gets what it gets.
pub async fn every_reviewed(app: &App, by: &Administrator) -> Result<Vec<Reviewed>, Internal> {
    let (all, mut purposes, now) = (every(app, by).await?, purposes(app).await?, app.now());
    let reviewed = |client: Client| {
        let purposes = purposes.remove(&client.id).unwrap_or_default();
        Reviewed { review: review(&client, &purposes, now), purposes, client }
    };
    Ok(all.into_iter().map(reviewed).collect())
}

/// Everything about one; `None` beyond reach.
pub async fn page(app: &App, by: &Administrator, id: ClientRowId) -> Result<Option<Page>, Internal> {
    let Some(client) = find(app, by, id).await? else { return Ok(None) };
    let (reach, first) = (by.reach().agency(), first_day(app));
    let counted: HashMap<_, _> = rows::by_day(&app.db, id, first, reach).await?.into_iter().collect();
    let days = (0..DAYS).map(|past| first + Duration::days(past));
    let purposes = rows::purposes(&app.db, Some(id)).await?;
    let purposes: Vec<_> = purposes.into_iter().map(|(_, purpose)| purpose).collect();
    let mut logo = logos::standing(app, &client).await?;
    if let Some(logo) = logo.as_mut().filter(|_| !by.reach().is_city()) {
        logo.error = None;
    }
    let (told, error) = logout_notices::of_client(&app.db, id, reach).await?;
    let calls = rows::calls(&app.db, Some(id), first).await?;
    let names = Names::read(app).await?;
    Ok(Some(Page {
        audience: names.of(&client),
        own: own(by, &client),
        calls: calls.first().filter(|_| by.reach().is_city()).map(|calls| (calls.number, calls.last)),
        names,
        days: days.map(|day| (day, counted.get(&day).copied().unwrap_or(0))).collect(),
        people: rows::people(&app.db, id, reach).await?,
        users: rows::users(&app.db, id, reach, USERS).await?,
        review: review(&client, &purposes, app.now()),
        purposes,
        findings: findings(app, &client),
        logo,
        told,
        told_error: error.filter(|_| by.reach().is_city()),
        client,
    }))
}

impl Page {
    /// The newest use within reach.
    pub fn last_used_at(&self) -> Option<Timestamp> {
        self.users.first().map(|user| user.last_used_at)
    }
}

/// What an application may do in its own name: its reach is no matter of a branch.
fn own(by: &Administrator, client: &Client) -> OwnRights {
    if by.reach().is_city() { OwnRights::of(&client.metadata) } else { OwnRights::default() }
}

fn first_day(app: &App) -> Date {
    app.now().local_date() - Duration::days(DAYS - 1)
}

/// Which applications somebody sees: all, or those that are for people of a branch, also under a code of before.
struct Sight(Option<(BTreeSet<String>, Vec<String>)>);

impl Sight {
    async fn of(app: &App, by: &Administrator, names: &Names) -> Result<Self, Internal> {
        let Some(root) = by.reach().agency() else { return Ok(Self(None)) };
        let codes = names.codes.within(|agency| by.reach().covers(Some(agency)));
        Ok(Self(Some((codes, groups::of_branch(&app.db, root).await?))))
    }

    fn covers(&self, client: &Client) -> bool {
        let Some((codes, groups)) = &self.0 else { return true };
        let metadata = &client.metadata;
        metadata.is_for_everybody()
            || metadata.allowed_agencies.iter().any(|code| codes.contains(code))
            || metadata.allowed_groups.iter().any(|group| groups.contains(group))
    }
}
