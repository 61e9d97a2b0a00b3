//! What administrators decided about the directories, as a run takes it.

use super::super::Internal;
use crate::app::App;
use crate::domain::agency::Agency;
use crate::domain::sync::{AgencyMap, Mapping, Pairs, Rulings};
use crate::storage::rulings::Basis;
use crate::storage::{
    StorageError, agencies, agency_formers, agency_mappings, match_decisions, reorganisations, rulings,
};

/// What is in force.
pub(super) async fn in_force(app: &App) -> Result<Rulings, Internal> {
    let latest = rulings::authorities(&app.db, 1).await?;
    Ok(Rulings {
        authority: latest.first().map(|version| version.table).unwrap_or_default(),
        pairs: Pairs::of(&match_decisions::every(&app.db).await?),
        agencies: map_of(app).await?,
    })
}

/// Which agency each text means.
async fn map_of(app: &App) -> Result<AgencyMap, Internal> {
    let decisions = agency_mappings::every(&app.db).await?;
    let all = agencies::with_merged(&app.db).await?;
    Ok(map_with(app, &decisions, &all).await?)
}

/// The same with these decisions.
pub(super) async fn map_with(
    app: &App,
    decisions: &[Mapping],
    all: &[Agency],
) -> Result<AgencyMap, StorageError> {
    let formers = agency_formers::every(&app.db).await?;
    let moves = reorganisations::moves(&app.db).await?;
    Ok(AgencyMap::of(decisions, all).following(all, &formers, &moves))
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
