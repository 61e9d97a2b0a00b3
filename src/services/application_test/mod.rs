//! An application tested in the console: a request of it, what a person would get, its addresses, its secret. Nothing is
//! created, issued or sent in anybody's name; whole sign-ins are played on the command line (`client test`).

pub mod addresses;
pub mod person;
pub mod request;
pub mod secret;

use super::{Internal, applications, rights};
use crate::app::App;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::id::ClientRowId;
use crate::domain::oauth::client::Client;
use crate::storage::StorageError;
use thiserror::Error;

/// Why nothing was looked at.
#[derive(Debug, Error)]
pub enum TestRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such application within reach.
    #[error("there is no such application within reach")]
    NotFound,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for TestRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// The application that is tested: within reach, by whoever may change it.
pub async fn subject(app: &App, by: &Administrator, id: ClientRowId) -> Result<Client, TestRefused> {
    rights::ask(app, by, Right::ManageApplications).await?;
    applications::find(app, by, id).await?.ok_or(TestRefused::NotFound)
}
