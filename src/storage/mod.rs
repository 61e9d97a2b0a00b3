//! The database: one file for each kind of row, SQL beside the row it fills. Nothing else in the house speaks SQL.
//!
//! What is here: the statements and the rows. What is not: rules (they are in `domain`) and transactions that span
//! a use case (the `services` open and close them).

pub mod access_reviews;
pub mod account_certificates;
pub mod account_list;
pub mod account_notes;
pub mod accounts;
pub mod activity;
pub mod administrators;
pub mod agencies;
pub mod agency_codes;
pub mod agency_formers;
pub mod agency_mappings;
pub mod agency_months;
pub mod agency_numbers;
pub mod aliases;
pub mod api_answers;
pub mod applications;
pub mod approvals;
pub mod assertions;
pub mod audit;
pub mod audit_archive;
pub mod audit_search;
pub mod beside;
pub mod break_glass;
pub mod browsers;
pub mod bulk;
pub mod cached_verifiers;
pub mod calendar;
pub mod client_logos;
pub mod client_tokens;
pub mod clients;
pub mod compliance;
pub mod conflicts;
pub mod consents;
pub mod db;
pub mod delegations;
pub mod device_codes;
pub mod directory_entries;
pub mod directory_locks;
pub mod done_alone;
pub mod forecast;
pub mod grants;
pub mod groups;
pub mod half_sign_ins;
pub mod handed_over;
pub mod hour_counts;
pub mod house_secrets;
pub mod incidents;
pub mod keys;
pub mod leases;
pub mod letters;
pub mod lock_runs;
pub mod logout_notices;
pub mod mailboxes;
pub mod match_decisions;
pub mod other_address;
pub mod outboxes;
pub mod passkeys;
pub mod password_copies;
pub mod pending_requests;
pub mod policy;
pub mod posts;
pub mod pushed_requests;
pub mod recovery_codes;
pub mod registrations;
pub mod reorganisations;
pub mod rules;
pub mod rulings;
pub mod scim;
pub mod second_passwords;
pub mod seen_applications;
pub mod session_list;
pub mod sessions;
pub mod sync_plans;
pub mod sync_runs;
pub mod terms;
pub mod throttles;
pub mod tokens;
pub mod told_deadlines;
pub mod totp;
pub mod trusted_devices;
pub mod watch;

pub use db::{Db, Tx};

use thiserror::Error;

/// What can go wrong with the database. A row that is not there is `None`, not an error.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The database or the way to it.
    #[error("the statement {statement} failed")]
    Driver {
        /// Which statement.
        statement: &'static str,
        /// What the driver said.
        #[source]
        source: sqlx::Error,
    },
    /// A row holds what no row of the house can hold.
    #[error("{table}.{column} of {id} holds an impossible value")]
    Corrupt {
        /// Its table.
        table: &'static str,
        /// Its column.
        column: &'static str,
        /// Its key.
        id: String,
    },
    /// A constraint of the table was violated: somebody else was first.
    #[error("the statement {statement} met a row that exists already")]
    Conflict {
        /// Which statement.
        statement: &'static str,
    },
    /// A compare-and-swap found another version: somebody else changed the row meanwhile.
    #[error("{table} {id} was changed by somebody else meanwhile")]
    Lost {
        /// Its table.
        table: &'static str,
        /// Its key.
        id: String,
    },
}

impl StorageError {
    pub(crate) fn driver(statement: &'static str, source: sqlx::Error) -> Self {
        match &source {
            sqlx::Error::Database(error) if error.is_unique_violation() => Self::Conflict { statement },
            _ => Self::Driver { statement, source },
        }
    }

    /// Whether two transactions were in each other's way: one row changed under a compare-and-swap, or a deadlock that the
    /// database broke (PostgreSQL: `40P01`, and `40001` for a serialization failure). Nothing was written.
    pub fn is_race(&self) -> bool {
        match self {
            Self::Lost { .. } => true,
            Self::Driver { source: sqlx::Error::Database(error), .. } => {
                matches!(error.code().as_deref(), Some("40P01" | "40001"))
            }
            _ => false,
        }
    }

    pub(crate) fn corrupt(table: &'static str, column: &'static str, id: impl Into<String>) -> Self {
        Self::Corrupt { table, column, id: id.into() }
    }
}

/// The statements of each file.
const STATEMENTS: &[&[db::Statement]] = &[
    access_reviews::ALL,
    account_certificates::ALL,
    account_list::ALL,
    account_notes::ALL,
    accounts::ALL,
    activity::ALL,
    administrators::ALL,
    agencies::ALL,
    agency_formers::ALL,
    aliases::ALL,
    agency_codes::ALL,
    agency_mappings::ALL,
    agency_months::ALL,
    agency_numbers::ALL,
    api_answers::ALL,
    applications::ALL,
    approvals::ALL,
    assertions::ALL,
    audit::ALL,
    audit_archive::ALL,
    audit_search::ALL,
    compliance::ALL,
    beside::ALL,
    break_glass::ALL,
    browsers::ALL,
    bulk::ALL,
    cached_verifiers::ALL,
    calendar::ALL,
    client_logos::ALL,
    client_tokens::ALL,
    clients::ALL,
    conflicts::ALL,
    consents::ALL,
    delegations::ALL,
    device_codes::ALL,
    directory_entries::ALL,
    directory_locks::ALL,
    done_alone::ALL,
    forecast::ALL,
    grants::ALL,
    groups::ALL,
    half_sign_ins::ALL,
    handed_over::ALL,
    hour_counts::ALL,
    house_secrets::ALL,
    incidents::ALL,
    keys::ALL,
    leases::ALL,
    lock_runs::ALL,
    logout_notices::ALL,
    letters::ALL,
    mailboxes::ALL,
    match_decisions::ALL,
    other_address::ALL,
    outboxes::ALL,
    passkeys::ALL,
    pending_requests::ALL,
    policy::ALL,
    posts::ALL,
    pushed_requests::ALL,
    recovery_codes::ALL,
    registrations::ALL,
    reorganisations::ALL,
    rules::ALL,
    rulings::ALL,
    password_copies::ALL,
    scim::ALL,
    second_passwords::ALL,
    seen_applications::ALL,
    session_list::ALL,
    sessions::ALL,
    sync_plans::ALL,
    sync_runs::ALL,
    terms::ALL,
    throttles::ALL,
    told_deadlines::ALL,
    watch::ALL,
    tokens::ALL,
    totp::ALL,
    trusted_devices::ALL,
];

/// Every statement of the house, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = db::Statement> {
    STATEMENTS.iter().copied().flatten().copied()
}
