//! What administrators decided about the directories, as a run takes it.

use super::super::Internal;
use crate::app::App;
use crate::domain::sync::{AgencyMap, Pairs, Rulings};
use crate::storage::rulings::Basis;
use crate::storage::{agencies, agency_mappings, match_decisions, rulings};

/// What is in force.
pub(super) async fn in_force(app: &App) -> Result<Rulings, Internal> {
    let latest = rulings::authorities(&app.db, 1).await?;
    Ok(Rulings {
        authority: latest.first().map(|version| version.table).unwrap_or_default(),
        pairs: Pairs::of(&match_decisions::every(&app.db).await?),
        agencies: map_of(app).await?,
    })
}

/// Which agency each text means; where nobody decided anything, no agency is read.
async fn map_of(app: &App) -> Result<AgencyMap, Internal> {
    let decisions = agency_mappings::every(&app.db).await?;
    if decisions.is_empty() {
        return Ok(AgencyMap::default());
    }
    Ok(AgencyMap::of(&decisions, &agencies::every(&app.db).await?))
}

/// How often it was changed; to be read before what is in force.
pub(super) async fn basis(app: &App) -> Result<Basis, Internal> {
    Ok(rulings::basis(&app.db).await?)
}

/// Everybody was planned by it.
pub(super) async fn obeyed(app: &App, basis: &Basis) -> Result<(), Internal> {
    if basis.is_new() {
        rulings::obeyed(&app.db, basis.version).await?;
    }
    Ok(())
}
