//! Agencies, posts and roles entered as a table: looked at line by line, then all of it or nothing. What is entered is what
//! was looked at; if anything has changed since, it is looked at once more.

use super::roles::{self, By, GrantRefused, Wish};
use super::wide::{Holder, Wide};
use super::{Internal, rights};
use crate::app::App;
use crate::crypto::token;
use crate::domain::account::{Account, Kind, State};
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Forbidden, Right, Role};
use crate::domain::agency::{self, Agency, is_below_itself};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AgencyId, PostId};
use crate::domain::import::{self, Effect, Fault, Line, Table};
use crate::domain::policy::calendar_rules::read_date;
use crate::domain::reorganisation::{Former, is_code};
use crate::services::confirm::RecentProof;
use crate::storage::posts::{self, Held};
use crate::storage::{StorageError, Tx, accounts, agencies, agency_formers, audit};
use std::collections::{BTreeMap, HashMap, HashSet};
use thiserror::Error;

/// A line as it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its number in the file.
    pub number: u64,
    /// What it says, cell by cell.
    pub cells: Vec<String>,
    /// What it would do.
    pub effect: Effect,
}

/// A table as it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What it holds.
    pub table: Table,
    /// Its lines.
    pub lines: Vec<Seen>,
    /// Stands for all of it: another one is another look.
    pub mark: String,
}

impl Preview {
    /// How many lines cannot be entered.
    pub fn wrong(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line.effect, Effect::Wrong(_))).count()
    }

    /// How many lines do something.
    pub fn does(&self) -> usize {
        let idle = |effect: &Effect| matches!(effect, Effect::Wrong(_) | Effect::Same);
        self.lines.iter().filter(|line| !idle(&line.effect)).count()
    }
}

/// Why nothing was entered.
#[derive(Debug, Error)]
pub enum ImportRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It is no such table.
    #[error("not such a table: {0:?}")]
    Table(Fault),
    /// Some lines cannot be entered, or none does anything.
    #[error("some lines cannot be entered")]
    Lines(Box<Preview>),
    /// Something has changed since it was looked at.
    #[error("something has changed meanwhile")]
    Changed(Box<Preview>),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ImportRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// What a line does when it is entered.
enum Deed {
    Agency { is_new: bool, id: AgencyId, code: String, name: String, parent: Option<String> },
    Post(Held, Box<Account>),
    EndPost(Held, Box<Account>),
    Role(Box<Account>, Wish),
}

/// Looks at a table; nothing is written.
pub async fn preview(
    app: &App,
    by: &Administrator,
    table: Table,
    text: &str,
) -> Result<Preview, ImportRefused> {
    rights::ask(app, by, Right::GrantRoles).await?;
    Ok(look(app, by, table, text).await?.0)
}

/// Enters a table that was looked at, all of it in one transaction; tells how many lines did something.
pub async fn enter(
    app: &App,
    by: &Administrator,
    (table, text): (Table, &str),
    mark: &str,
    _recent: &RecentProof,
) -> Result<usize, ImportRefused> {
    let actor = rights::acting(app, by, Right::GrantRoles).await?;
    let (seen, deeds) = look(app, by, table, text).await?;
    if seen.wrong() > 0 || deeds.is_empty() {
        return Err(ImportRefused::Lines(Box::new(seen)));
    }
    if seen.mark != mark {
        return Err(ImportRefused::Changed(Box::new(seen)));
    }
    let mut tx = app.db.begin().await?;
    let number = deeds.len();
    let entry = Entry::new(app.now(), actor.clone(), Act::TableEntered, table.code());
    audit::append(&mut tx, &[entry.with(format!("{} {number}", table.code()))]).await?;
    // Writers of the audit stand in line: what is wide is looked at once more, with what others have just done.
    let wide = Wide::read_in(app, &mut tx).await?;
    for deed in &deeds {
        carry_out(app, &mut tx, (by, &actor), deed).await?;
    }
    let is_placed = table != Table::Agencies || place(app, &mut tx, (&actor, &deeds)).await?;
    if !is_placed || !stays_narrow(&mut tx, wide, &deeds).await? {
        drop(tx);
        let (seen, _) = look(app, by, table, text).await?;
        return Err(ImportRefused::Changed(Box::new(seen)));
    }
    tx.commit().await?;
    Ok(number)
}

/// Whether nobody comes to reach too many accounts, as everything was when nobody else could change it any more.
async fn stays_narrow(tx: &mut Tx, wide: Option<Wide>, deeds: &[Deed]) -> Result<bool, StorageError> {
    let Some(mut wide) = wide else { return Ok(true) };
    for deed in deeds {
        if let Deed::Role(account, Wish { agency: Some(agency), .. }) = deed
            && wide.add(account.id(), *agency).is_some()
        {
            return Ok(false);
        }
    }
    let after = wide.tree(agency::places(&agencies::every_in(tx).await?));
    Ok(wide.widened(&after).is_empty())
}

async fn carry_out(
    app: &App,
    tx: &mut Tx,
    (by, actor): (&Administrator, &Actor),
    deed: &Deed,
) -> Result<(), Internal> {
    let now = app.now();
    match deed {
        Deed::Agency { is_new: true, id, code, name, .. } => {
            agencies::put(tx, *id, code, name).await?;
            let entry = Entry::new(now, actor.clone(), Act::AgencyEntered, code.as_str());
            audit::append(tx, &[Entry { agency_id: Some(*id), ..entry.with(name.as_str()) }]).await?;
        }
        // It only moves: that is done once all are there.
        Deed::Agency { is_new: false, .. } => {}
        Deed::Post(held, account) => {
            posts::add(tx, held).await?;
            let entry = Entry::about(now, actor.clone(), Act::PostGiven, account);
            audit::append(tx, &[entry.with(held.title.as_str())]).await?;
        }
        Deed::EndPost(held, account) => {
            posts::end(tx, held.id, by.address(), now).await?;
            let entry = Entry::about(now, actor.clone(), Act::PostEnded, account);
            audit::append(tx, &[entry.with(held.title.as_str())]).await?;
        }
        Deed::Role(account, wish) => {
            let by = (actor.clone(), by.address().to_string());
            roles::grant_in(app, tx, account, by, wish).await?;
        }
    }
    Ok(())
}

/// Puts the agencies below one another, once all are there; tells whether none lies below itself then. Writers of the audit
/// stand in line, so that another move is seen.
async fn place(app: &App, tx: &mut Tx, (actor, deeds): (&Actor, &[Deed])) -> Result<bool, StorageError> {
    let all = agencies::every_in(tx).await?;
    let of = |code: &str| all.iter().find(|agency| agency.code == code);
    let code_of = |id: Option<AgencyId>| {
        all.iter().find(|agency| Some(agency.id) == id).map_or_else(String::new, |agency| agency.code.clone())
    };
    for deed in deeds {
        let Deed::Agency { code, parent: Some(parent), .. } = deed else { continue };
        let Some(agency) = of(code) else { continue };
        let parent = of(parent).map(|parent| parent.id);
        if agency.parent_id == parent {
            continue;
        }
        agencies::set_parent(tx, agency.id, parent).await?;
        let entry = Entry::new(app.now(), actor.clone(), Act::AgencyMoved, code.as_str());
        let entry = Entry { agency_id: Some(agency.id), ..entry };
        audit::append(tx, &[entry.changing(code_of(agency.parent_id), code_of(parent))]).await?;
    }
    let after = agencies::every_in(tx).await?;
    Ok(after.iter().all(|agency| !is_below_itself(&after, agency.id, agency.parent_id)))
}

/// Looks at every line.
async fn look(
    app: &App,
    by: &Administrator,
    table: Table,
    text: &str,
) -> Result<(Preview, Vec<Deed>), ImportRefused> {
    let lines = import::read(table, text).map_err(ImportRefused::Table)?;
    let all = agencies::every(&app.db).await?;
    let mut looked = match table {
        Table::Agencies => {
            let looked = look_at_agencies(app, &all, &agency_formers::every(&app.db).await?, &lines);
            refuse_wide(app, &lines, looked).await?
        }
        Table::Posts => look_at_posts(app, by, &all, &lines).await?,
        Table::Roles => look_at_roles(app, by, &all, &lines).await?,
    };
    let mut seen: Vec<Seen> = Vec::with_capacity(lines.len());
    let mut deeds = Vec::new();
    for (line, (effect, deed)) in lines.into_iter().zip(looked.drain(..)) {
        let effect = line.fault.map_or(effect, Effect::Wrong);
        if !matches!(effect, Effect::Wrong(_) | Effect::Same) {
            deeds.extend(deed);
        }
        seen.push(Seen { number: line.number, cells: line.cells, effect });
    }
    let mark = token::digest(&format!("{table:?} {seen:?}"));
    Ok((Preview { table, lines: seen, mark }, deeds))
}

type Looked = Vec<(Effect, Option<Deed>)>;

fn wrong(fault: Fault) -> (Effect, Option<Deed>) {
    (Effect::Wrong(fault), None)
}

/// Below which code each lies once the table is entered; `-` puts one at the top.
fn places(all: &[Agency], lines: &[Line]) -> BTreeMap<String, String> {
    let mut above = agency::places(all);
    for line in lines {
        match line.cell(2) {
            "" => {}
            "-" => drop(above.remove(line.cell(0))),
            parent => drop(above.insert(line.cell(0).to_owned(), parent.to_owned())),
        }
    }
    above
}

/// Agencies that come below one over which somebody has a role, or an application may do something, so that it becomes too
/// wide for one person to give: they are moved one by one, with a second person.
async fn refuse_wide(app: &App, lines: &[Line], mut looked: Looked) -> Result<Looked, Internal> {
    let Some(wide) = Wide::read(app).await? else { return Ok(looked) };
    let after = wide.tree(places(wide.agencies(), lines));
    let widened = wide.widened(&after);
    for (line, looked) in lines.iter().zip(&mut looked) {
        if !matches!(looked.0, Effect::Changes(_)) {
            continue;
        }
        let gains = widened.iter().filter(|(_, roots)| after.is_below(line.cell(0), roots));
        let gains: Vec<&Holder> = gains.map(|(holder, _)| holder).collect();
        let application = |holder: &&Holder| match holder {
            Holder::Application(name) => Some(name.clone()),
            Holder::Person(_) => None,
        };
        let applications: Vec<String> = gains.iter().filter_map(application).collect();
        if !applications.is_empty() {
            *looked = wrong(Fault::WideApplications(applications.join(", ")));
        } else if !gains.is_empty() {
            *looked = wrong(Fault::Wide);
        }
    }
    Ok(looked)
}

fn is_circle(above: &BTreeMap<String, String>, code: &str) -> bool {
    let (mut at, mut steps) = (code, 0);
    while let Some(next) = above.get(at) {
        (at, steps) = (next.as_str(), steps + 1);
        if at == code || steps > 100 {
            return true;
        }
    }
    false
}

/// Agencies by their code: new, or below another one. Nothing ends by a table, and what was merged stays
/// part of the other one.
fn look_at_agencies(app: &App, all: &[Agency], formers: &[Former], lines: &[Line]) -> Looked {
    let code_of = |id: AgencyId| all.iter().find(|agency| agency.id == id).map(|agency| agency.code.clone());
    let now: HashMap<&str, &Agency> = all.iter().map(|agency| (agency.code.as_str(), agency)).collect();
    let above = places(all, lines);
    let is_there = |code: &str| now.contains_key(code) || lines.iter().any(|line| line.cell(0) == code);
    let look = |line: &Line| {
        let (code, name, parent) = (line.cell(0), line.cell(1), line.cell(2));
        if !is_code(code) {
            return wrong(Fault::Code);
        }
        let is_closed = |code: &str| now.get(code).is_some_and(|agency| agency.merged_into.is_some());
        if is_closed(code) || is_closed(parent) {
            return wrong(Fault::Merged);
        }
        if !matches!(parent, "" | "-") && !is_there(parent) {
            return wrong(Fault::NoAgency);
        }
        if is_circle(&above, code) {
            return wrong(Fault::Circle);
        }
        let parent = Some(parent).filter(|parent| !parent.is_empty()).map(str::to_owned);
        let deed = |is_new, id| Deed::Agency {
            is_new,
            id,
            code: code.to_owned(),
            name: name.to_owned(),
            parent: parent.clone(),
        };
        let Some(agency) = now.get(code) else {
            // Directories and applications may still mean the other one by it.
            if formers.iter().any(|former| former.code == code) {
                return wrong(Fault::Former);
            }
            return (Effect::New, Some(deed(true, AgencyId::new(app.now(), app.system.entropy()))));
        };
        let was = agency.parent_id.and_then(code_of);
        let is_placed =
            parent.as_ref().is_none_or(|parent| Some(parent.as_str()) == was.as_deref().or(Some("-")));
        match (agency.name == name, is_placed) {
            // Another name is given on a day, by two people, and can be taken back.
            (false, _) => wrong(Fault::Renamed),
            (true, true) => (Effect::Same, None),
            (true, false) => {
                (Effect::Changes(was.unwrap_or_else(|| "-".to_owned())), Some(deed(false, agency.id)))
            }
        }
    };
    lines.iter().map(look).collect()
}

/// The agency with this code, unless it is part of another one by now.
fn open_agency<'a>(all: &'a [Agency], code: &str) -> Option<&'a Agency> {
    all.iter().find(|agency| agency.code == code && agency.merged_into.is_none())
}

async fn look_at_posts(
    app: &App,
    by: &Administrator,
    all: &[Agency],
    lines: &[Line],
) -> Result<Looked, Internal> {
    let (held, mut looked) = (posts::every(&app.db).await?, Vec::new());
    let mut seen = HashSet::new();
    for line in lines {
        let (title, ends) = (line.cell(1), !line.cell(3).is_empty());
        let Some(account) = person(app, line.cell(0), ends).await? else {
            looked.push(wrong(Fault::NoAccount));
            continue;
        };
        // Nobody gives themselves a post.
        if account.id() == by.account_id() && !ends {
            looked.push(wrong(Fault::Oneself));
            continue;
        }
        let Some(agency) = open_agency(all, line.cell(2)) else {
            looked.push(wrong(Fault::NoAgency));
            continue;
        };
        let is_it =
            |one: &&Held| one.account == account.id() && one.agency == agency.id && one.title == title;
        // The same person under another address.
        if !seen.insert((account.id(), agency.id, title)) {
            looked.push(wrong(Fault::Twice));
            continue;
        }
        let found = held.iter().find(is_it);
        let account = Box::new(account);
        looked.push(match (found, ends) {
            (Some(one), true) => (Effect::Ends, Some(Deed::EndPost(one.clone(), account))),
            (Some(_), false) => (Effect::Same, None),
            (None, true) => wrong(Fault::NoPost),
            (None, false) => {
                let one = Held {
                    id: PostId::new(app.now(), app.system.entropy()),
                    account: account.id(),
                    agency: agency.id,
                    title: title.to_owned(),
                    added_at: app.now(),
                    added_by: by.address().to_string(),
                    is_active: false,
                };
                (Effect::New, Some(Deed::Post(one, account)))
            }
        });
    }
    Ok(looked)
}

/// Roles over an agency; one over the whole city, or nearly, needs a second person, and is granted by itself.
async fn look_at_roles(
    app: &App,
    by: &Administrator,
    all: &[Agency],
    lines: &[Line],
) -> Result<Looked, Internal> {
    let (mut looked, mut seen) = (Vec::new(), HashSet::new());
    let mut wide = Wide::read(app).await?;
    for line in lines {
        let Some(role) = Role::from_code(line.cell(1)).filter(|role| role.may_be_held(false)) else {
            looked.push(wrong(Fault::Role));
            continue;
        };
        let Some(agency) = open_agency(all, line.cell(2)) else {
            looked.push(wrong(Fault::NoAgency));
            continue;
        };
        let (Ok(address), until) = (typed(app, line.cell(0)), line.cell(4)) else {
            looked.push(wrong(Fault::NoAccount));
            continue;
        };
        let day = if until.is_empty() { None } else { read_date(until) };
        if day.is_none() && !until.is_empty() {
            looked.push(wrong(Fault::Day));
            continue;
        }
        let wish = Wish { address, role, agency: Some(agency.id), until: day, why: line.cell(3).to_owned() };
        looked.push(match roles::check(app, By::Administrator(by), &wish).await {
            Ok(account) if !seen.insert((account.id(), agency.id)) => wrong(Fault::Twice),
            Ok(account) => role_effect(app, wide.as_mut(), account, wish).await?,
            Err(GrantRefused::Internal(internal)) => return Err(internal),
            Err(GrantRefused::Oneself) => wrong(Fault::Oneself),
            Err(GrantRefused::NotInOffice(_)) => wrong(Fault::NotInOffice),
            Err(GrantRefused::NoDay) => wrong(Fault::Day),
            Err(_) => wrong(Fault::NoAccount),
        });
    }
    Ok(looked)
}

async fn role_effect(
    app: &App,
    wide: Option<&mut Wide>,
    account: Account,
    wish: Wish,
) -> Result<(Effect, Option<Deed>), Internal> {
    let held = crate::storage::administrators::of_account(&app.db, account.id(), app.now()).await?;
    let before = held.iter().find(|grant| grant.agency_id == wish.agency);
    let until = wish.until.map(crate::domain::timestamp::Timestamp::end_of);
    let effect = match before {
        None => Effect::New,
        Some(grant) if grant.role == wish.role && grant.ends_at == until => Effect::Same,
        Some(grant) => Effect::Changes(grant.role.code().to_owned()),
    };
    // What the table grants somebody counts together.
    let add = |wide: &mut Wide| wide.add(account.id(), wish.agency?);
    if effect != Effect::Same && wide.and_then(add).is_some() {
        return Ok(wrong(Fault::Wide));
    }
    Ok((effect, Some(Deed::Role(Box::new(account), wish))))
}

fn typed(app: &App, text: &str) -> Result<MailAddress, crate::domain::address::NotAnAddress> {
    MailAddress::parse_typed(text, &app.config.city.mail_domain)
}

/// The person with an address, if they are there; one who has left keeps posts only to be ended.
async fn person(app: &App, text: &str, ends: bool) -> Result<Option<Account>, Internal> {
    let Ok(address) = typed(app, text) else { return Ok(None) };
    let found = accounts::by_address(&app.db, &address).await?;
    Ok(found.filter(|account| {
        let has_left = matches!(account.state(), State::Retired { .. });
        account.profile().kind == Kind::Person && (ends || !has_left)
    }))
}
