//! What the directories call an agency, and which agency of the house that means: looked at, decided, taken back.

use super::super::{Internal, rights};
use super::preview::{Foreseen, Kept, RulingRefused, foresee, judge, kept};
use super::rulings as in_use;
use crate::app::App;
use crate::domain::admin::{Administrator, Right};
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Entry};
use crate::domain::id::{AgencyId, MappingId};
use crate::domain::mailbox::MailSystem;
use crate::domain::reorganisation::Before;
use crate::domain::sync::{AgencyKey, AgencySource, MappedBy, Mapping, Rulings, agency_sources};
use crate::storage::{agencies, agency_mappings, audit, rulings};

/// Everything that the directories call an agency, what nobody decided on first, and all agencies.
pub async fn sources(
    app: &App,
    by: &Administrator,
) -> Result<(Vec<AgencySource>, Vec<Agency>), RulingRefused> {
    rights::ask(app, by, Right::SeeDecisions).await?;
    let Kept { snapshots, agencies, .. } = kept(app).await?;
    let map = in_use::in_force(app).await?.agencies;
    let is_open = |agency: &Agency| agency.merged_into.is_none();
    let work = move || {
        let sources = agency_sources(&snapshots, &agencies, &map);
        (sources, agencies.into_iter().filter(is_open).collect())
    };
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|error| Internal::new("listing what the directories call agencies", error))?)
}

/// What the directories call these agencies, with the number of mailboxes; the most first.
pub(in crate::services) async fn texts(
    app: &App,
    before: &[Before],
) -> Result<Vec<(MailSystem, String, u64)>, Internal> {
    let Kept { snapshots, agencies, .. } = kept(app).await?;
    let map = in_use::in_force(app).await?.agencies;
    let work = move || agency_sources(&snapshots, &agencies, &map);
    let done = tokio::task::spawn_blocking(work).await;
    let sources = done.map_err(|error| Internal::new("listing what the directories call agencies", error))?;
    let is_of = |source: &AgencySource| before.iter().any(|was| source.agency.as_ref() == Some(&was.code));
    let texts = sources.into_iter().filter(is_of);
    let mut texts: Vec<_> = texts.map(|source| (source.key.0, source.text, source.number)).collect();
    texts.sort_by_key(|(_, _, number)| std::cmp::Reverse(*number));
    Ok(texts)
}

/// What it would do if these texts meant that agency; none: as if nobody had decided.
pub async fn effect(
    app: &App,
    by: &Administrator,
    (keys, agency): (&[AgencyKey], Option<AgencyId>),
) -> Result<Foreseen, RulingRefused> {
    rights::ask(app, by, Right::DecideDirectories).await?;
    check(app, by, (keys, agency)).await?;
    let mut all = agency_mappings::every(&app.db).await?;
    all.extend(made(app, by, (keys, agency), ""));
    let map = in_use::map_with(app, &all, &agencies::with_merged(&app.db).await?).await?;
    let rulings = Rulings { agencies: map, ..in_use::in_force(app).await? };
    Ok(foresee(app, rulings).await?)
}

/// Decides what these texts mean; the next run plans everybody by it.
pub async fn map(
    app: &App,
    by: &Administrator,
    (keys, agency): (&[AgencyKey], Option<AgencyId>),
    why: &str,
) -> Result<(), RulingRefused> {
    let (actor, why) = judge(app, by, why).await?;
    let (sources, all) = check(app, by, (keys, agency)).await?;
    let code = |id: Option<AgencyId>| all.iter().find(|one| Some(one.id) == id).map(|one| one.code.clone());
    let now = app.now();
    let entry = |key: &AgencyKey| {
        let source = sources.iter().find(|source| source.key == *key);
        let before = source.and_then(|source| source.agency.clone()).unwrap_or_default();
        let subject = source.map_or_else(|| key.1.clone(), |source| source.text.clone());
        let entry = Entry::new(now, actor.clone(), Act::AgencyMapped, format!("{}: {subject}", key.0.code()));
        let entry = Entry { agency_id: agency, ..entry };
        entry.changing(before, code(agency).unwrap_or_default()).because(why.clone())
    };
    let entries: Vec<_> = keys.iter().map(entry).collect();
    let mut tx = app.db.begin().await?;
    for one in made(app, by, (keys, agency), &why) {
        agency_mappings::add(&mut tx, &one).await?;
    }
    rulings::changed(&mut tx).await?;
    audit::append(&mut tx, &entries).await?;
    Ok(tx.commit().await?)
}

/// Whether all of it is there, and something would differ.
async fn check(
    app: &App,
    by: &Administrator,
    (keys, agency): (&[AgencyKey], Option<AgencyId>),
) -> Result<(Vec<AgencySource>, Vec<Agency>), RulingRefused> {
    let (sources, all) = sources(app, by).await?;
    let is_there = |key: &AgencyKey| sources.iter().any(|source| source.key == *key);
    let is_agency = agency.is_none_or(|id| all.iter().any(|one| one.id == id));
    if keys.is_empty() || !is_agency || !keys.iter().all(is_there) {
        return Err(RulingRefused::Conflict);
    }
    let is_decided =
        |key: &AgencyKey| sources.iter().any(|source| source.key == *key && source.by == MappedBy::Decision);
    if agency.is_none() && !keys.iter().any(is_decided) {
        return Err(RulingRefused::Nothing);
    }
    Ok((sources, all))
}

fn made(
    app: &App,
    by: &Administrator,
    (keys, agency): (&[AgencyKey], Option<AgencyId>),
    why: &str,
) -> Vec<Mapping> {
    let now = app.now();
    let mapping = |key: &AgencyKey| Mapping {
        id: MappingId::new(now, app.system.entropy()),
        key: key.clone(),
        agency,
        at: now,
        by: by.address().to_string(),
        why: why.to_owned(),
    };
    keys.iter().map(mapping).collect()
}
