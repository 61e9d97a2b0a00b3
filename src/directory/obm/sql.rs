//! OBM's SQL: the password that its web page in `standalone` mode, its synchronisation and its API compare with.
//!
//! SQL is OBM's authority and LDAP its projection, but the password is left out of OBM's ordinary updates, so both must
//! be locked. There are two tables: `UserObm`, which administrators edit, and `P_UserObm`, what was applied; they are
//! written in one transaction, one column only. For a lock `userobm_password_type` stays as it is: what is put in
//! place of a password fits none of the types (PLAIN, MD5SUM, CRYPT). A new password goes in as CRYPT, never clear.

use crate::directory::{DirectoryError, Kept, SecondPasswords};
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::secret::Secret;
use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::str::FromStr;
use std::time::Duration;

// The role needs SELECT on the columns named here and UPDATE on userobm_password of both tables.
const KEPT: &str = "SELECT CAST(u.userobm_id AS BIGINT) AS person, u.userobm_password AS edited, \
                    p.userobm_password AS applied FROM UserObm u JOIN Domain d ON d.domain_id = u.userobm_domain_id \
                    LEFT JOIN P_UserObm p ON p.userobm_id = u.userobm_id \
                    WHERE lower(d.domain_name) = lower($1) AND lower(u.userobm_login) = lower($2) \
                    AND u.userobm_archive = 0 LIMIT 2";
const EDIT: &str = "UPDATE UserObm SET userobm_password = $3 WHERE userobm_id = $1 AND userobm_password = $2";
const APPLY: &str =
    "UPDATE P_UserObm SET userobm_password = $3 WHERE userobm_id = $1 AND userobm_password = $2";

#[derive(sqlx::FromRow)]
struct Row {
    person: i64,
    edited: Option<String>,
    applied: Option<String>,
}

// New passwords need UPDATE on userobm_password_type too. OBM compares with a text of this type by crypt(3).
const SET: &str =
    "UPDATE UserObm SET userobm_password = $2, userobm_password_type = 'CRYPT' WHERE userobm_id = $1";
const SET_APPLIED: &str =
    "UPDATE P_UserObm SET userobm_password = $2, userobm_password_type = 'CRYPT' WHERE userobm_id = $1";

/// OBM's tables.
pub struct ObmSql {
    pool: Result<PgPool, String>,
    domain: String,
    patience: Duration,
}

impl ObmSql {
    /// At this address, for one mail domain. Nothing is connected yet.
    pub fn new(url: &Secret<String>, domain: &str, patience: Duration) -> Self {
        let pool = PgConnectOptions::from_str(url.expose())
            .map(|options| {
                let pool = PgPoolOptions::new().max_connections(2).acquire_timeout(patience);
                pool.idle_timeout(Duration::from_mins(4)).connect_lazy_with(options)
            })
            .map_err(|error| error.to_string());
        Self { pool, domain: domain.to_owned(), patience }
    }

    /// The mail domain whose people are meant.
    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    pub(super) fn pool(&self) -> Result<&PgPool, DirectoryError> {
        self.pool.as_ref().map_err(|what| misconfigured(&format!("its address cannot be read: {what}")))
    }

    /// Puts a crypt(3) text into both tables, whatever is there; tells whether the person is in the edited one.
    pub(super) async fn set_by_id(
        &self,
        person: i64,
        hashed: &Secret<String>,
    ) -> Result<bool, DirectoryError> {
        let (pool, id) = (self.pool()?, number(person)?);
        let work = async {
            let mut tx = pool.begin().await?;
            let edited = sqlx::query(SET).bind(id).bind(hashed.expose()).execute(&mut *tx).await?;
            sqlx::query(SET_APPLIED).bind(id).bind(hashed.expose()).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(edited.rows_affected() == 1)
        };
        self.in_time(work).await
    }

    /// One transaction over both tables: from each first password to its second; tells how many rows changed.
    async fn write(&self, person: i64, changes: &[Change<'_>], all: bool) -> Result<bool, DirectoryError> {
        let (pool, id) = (self.pool()?, number(person)?);
        let work = async {
            let mut tx = pool.begin().await?;
            for (sql, from, to) in changes {
                let update = sqlx::query(*sql).bind(id).bind(from.expose()).bind(to.expose());
                if update.execute(&mut *tx).await?.rows_affected() == 0 && all {
                    tx.rollback().await?;
                    return Ok(false);
                }
            }
            tx.commit().await?;
            Ok(true)
        };
        self.in_time(work).await
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, DirectoryError> {
        match tokio::time::timeout(self.patience, work).await {
            Ok(result) => result.map_err(complaint),
            Err(elapsed) => Err(unreachable(elapsed)),
        }
    }
}

/// The statement of a table, the password that is to be there, and the one to put in its place.
type Change<'a> = (&'static str, &'a Secret<String>, &'a Secret<String>);

/// The tables in which there is a password, with it.
fn tables(kept: &Kept) -> impl Iterator<Item = (&'static str, &Secret<String>)> {
    let all = [(EDIT, kept.edited.as_ref()), (APPLY, kept.applied.as_ref())];
    all.into_iter().filter_map(|(sql, password)| Some((sql, password?)))
}

#[async_trait]
impl SecondPasswords for ObmSql {
    async fn kept(&self, who: &MailboxKey) -> Result<Option<(i64, Kept)>, DirectoryError> {
        let query = sqlx::query_as::<_, Row>(KEPT).bind(&self.domain).bind(&who.login);
        let mut rows = self.in_time(query.fetch_all(self.pool()?)).await?;
        if rows.len() > 1 {
            return Err(misconfigured(&format!("two people have the login {}", who.login)));
        }
        Ok(rows.pop().map(|row| {
            let [edited, applied] = [row.edited, row.applied].map(|password| password.map(Secret::new));
            (row.person, Kept { edited, applied })
        }))
    }

    async fn replace(&self, person: i64, old: &Kept, by: &Secret<String>) -> Result<bool, DirectoryError> {
        let changes: Vec<_> = tables(old).map(|(sql, password)| (sql, password, by)).collect();
        self.write(person, &changes, true).await
    }

    async fn give_back(&self, person: i64, old: &Kept, by: &Secret<String>) -> Result<(), DirectoryError> {
        let changes: Vec<_> = tables(old).map(|(sql, password)| (sql, by, password)).collect();
        self.write(person, &changes, false).await.map(|_| ())
    }

    async fn set(&self, who: &MailboxKey, hashed: &Secret<String>) -> Result<bool, DirectoryError> {
        match self.kept(who).await? {
            Some((person, _)) => self.set_by_id(person, hashed).await,
            None => Ok(false),
        }
    }
}

fn number(person: i64) -> Result<i32, DirectoryError> {
    i32::try_from(person).map_err(|_| misconfigured(&format!("{person} is no userobm_id")))
}

pub(super) fn complaint(error: sqlx::Error) -> DirectoryError {
    match error {
        // 08: connection, 57: shut down, 40: try again, 53: out of resources; the rest can be mended there only
        sqlx::Error::Database(said)
            if !said
                .code()
                .is_some_and(|code| ["08", "57", "40", "53"].iter().any(|class| code.starts_with(class))) =>
        {
            misconfigured(said.message())
        }
        sqlx::Error::Configuration(source) | sqlx::Error::Tls(source) => misconfigured(&source.to_string()),
        sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            misconfigured(&error.to_string())
        }
        error => unreachable(error),
    }
}

pub(super) fn unreachable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DirectoryError {
    let doing = "asking its SQL";
    DirectoryError::Unreachable { system: MailSystem::Obm, doing, source: source.into() }
}

fn misconfigured(what: &str) -> DirectoryError {
    DirectoryError::Misconfigured { system: MailSystem::Obm, what: format!("its SQL: {what}") }
}
