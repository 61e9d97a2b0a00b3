//! The two roles that everything begins with, granted from the command line: over the city, or over one agency with
//! those below it. `roles` has the rest.

use super::roles::{self, By, GrantRefused, Wish};
use crate::app::App;
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Role};
use crate::storage::{accounts, agencies};

/// The proof of role of an account, for the command line.
pub async fn holder(app: &App, address: &MailAddress) -> Result<Administrator, GrantRefused> {
    let account = accounts::by_address(&app.db, address).await?;
    let account = account.ok_or_else(|| GrantRefused::NoAccount(address.clone()))?;
    let role = roles::acting_as(app, &account, None).await?;
    role.ok_or_else(|| GrantRefused::NoRole(address.to_string()))
}

/// Grants the administration of the whole city, or of the agency with this code.
pub async fn grant(app: &App, address: &MailAddress, agency: Option<&str>) -> Result<(), GrantRefused> {
    let role = if agency.is_none() { Role::City } else { Role::Agency };
    let agency = match agency {
        None => None,
        Some(code) => {
            let found = agencies::every(&app.db).await?.into_iter().find(|agency| agency.code == code);
            Some(found.ok_or_else(|| GrantRefused::NoAgency(code.to_owned()))?.id)
        }
    };
    let wish = Wish { address: address.clone(), role, agency, until: None, why: String::new() };
    roles::grant(app, By::CommandLine, &wish).await.map(|_| ())
}

/// Takes every role of an account back.
pub async fn revoke(app: &App, address: &MailAddress) -> Result<(), GrantRefused> {
    roles::revoke_all(app, address).await
}
