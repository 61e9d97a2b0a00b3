//! Who may use an application: everybody, or the people of some agencies.

use super::Internal;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::oauth::client::Client;
use crate::storage::agencies;

/// Whether the holder of an account may use an application.
pub(super) async fn admits(app: &App, client: &Client, account: &Account) -> Result<bool, Internal> {
    if client.metadata.allowed_agencies.is_empty() {
        return Ok(true);
    }
    let agency = match account.profile().agency_id {
        Some(id) => agencies::by_id(&app.db, id).await?,
        None => None,
    };
    Ok(client.metadata.admits(agency.as_ref().map(|agency| agency.code.as_str())))
}

/// The names of the agencies whose people may use an application; a code that no agency has stays as it is.
pub(super) async fn names(app: &App, client: &Client) -> Result<Vec<String>, Internal> {
    let known = agencies::every(&app.db).await?;
    let name = |code: &String| {
        let agency = known.iter().find(|agency| agency.code == *code);
        agency.map_or_else(|| code.clone(), |agency| agency.name.clone())
    };
    Ok(client.metadata.allowed_agencies.iter().map(name).collect())
}
