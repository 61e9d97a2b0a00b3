//! Use cases: one function each, called by the doors (protocol, pages, jobs) and the command line.
//!
//! A use case takes `&App`, a command and, where it needs one, a proof of role; it opens and closes its own
//! transactions, writes the audit in the same transaction as the change, and never holds one open while it talks to
//! a directory.

pub mod access_review;
mod access_token;
pub mod account_desk;
pub mod account_list;
pub mod accounts;
pub mod acting;
pub mod activity;
pub mod admins;
pub mod agency_months;
pub mod api;
pub mod api_answers;
pub mod application_desk;
pub mod application_register;
pub mod application_test;
pub mod applications;
pub mod approvals;
pub mod audience;
pub mod audit_archive;
pub mod audit_search;
pub mod audit_stream;
pub mod authorize;
pub mod brake;
pub mod break_glass;
pub mod bulk;
pub mod bulk_reset;
pub mod bulk_unlock;
mod cached_sign_in;
pub mod calendar;
pub mod calendar_changes;
pub mod client_api;
pub mod client_auth;
mod client_certificate;
pub mod client_credentials;
pub mod client_draft;
pub mod client_keys;
pub mod client_transfer;
pub mod clients;
pub mod compliance;
pub mod confirm;
pub mod conflicts;
pub mod contacts;
pub mod cursors;
pub mod dashboard;
pub mod deadlines;
pub mod demand;
pub mod device;
pub mod diagnosis;
pub mod directory_locks;
pub mod dpop;
pub mod factors;
pub mod failed_attempts;
pub mod farewell;
pub mod forecast;
pub mod group_desk;
pub mod groups;
pub mod health;
mod id_token;
pub mod import;
pub mod incidents;
pub mod introspection;
pub mod kept_out;
pub mod keys;
pub mod letters;
pub mod lock;
pub mod login;
pub mod logos;
pub mod logout;
pub mod logout_notices;
pub mod own_data;
pub mod parting;
pub mod passkey_sign_in;
pub mod password;
pub mod password_copies;
pub mod policy;
pub mod possession;
pub mod posts;
pub mod reconcile;
pub mod registration;
pub mod reminders;
pub mod reorganisation;
pub mod reset;
pub mod rights;
pub mod roles;
pub mod roster;
pub mod rules;
pub mod scim;
pub mod second_passwords;
pub mod second_step;
pub mod sectors;
pub mod self_help;
pub mod session;
pub mod session_desk;
pub mod session_state;
pub mod settle;
pub mod subjects;
pub mod sync;
pub mod tiles;
pub mod timeline;
pub mod token;
pub mod upkeep;
pub mod userinfo;
pub mod watch;
pub mod waves;
mod wide;

use crate::directory::DirectoryError;
use crate::storage::StorageError;
use thiserror::Error;

/// Something that is our fault, with what was attempted and everything that caused it.
#[derive(Debug, Error)]
#[error("{doing}")]
pub struct Internal {
    doing: &'static str,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Internal {
    /// Says what was attempted.
    pub fn new(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { doing, source: source.into() }
    }

    /// Whether somebody else was at the same rows meanwhile, and everything may be tried anew.
    pub fn is_conflict(&self) -> bool {
        self.source.downcast_ref::<StorageError>().is_some_and(StorageError::is_race)
    }
}

impl From<StorageError> for Internal {
    fn from(source: StorageError) -> Self {
        Self::new("using the database", source)
    }
}

impl From<DirectoryError> for Internal {
    fn from(source: DirectoryError) -> Self {
        Self::new("using a directory", source)
    }
}

/// An error with everything that caused it, in one line for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
