//! The open database: SQLite or PostgreSQL behind one set of verbs, so that each statement is written once.
//!
//! Every statement is a [`Statement`], made only by `statements!`; a test prepares all of them on both databases.

use super::StorageError;
use crate::domain::timestamp::Timestamp;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Arguments, Encode, FromRow, PgPool, Postgres, Sqlite, SqlitePool, Type};
use std::fmt::Write;
use std::str::FromStr;
use std::time::Duration;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// A statement of the house, in the dialect that both databases share.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// Its name in its file.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

/// Declares the statements of a file as constants, and `ALL` of them for the test that prepares each.
macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        $(const $name: $crate::storage::db::Statement =
            $crate::storage::db::Statement { name: stringify!($name), sql: $sql };)*
        /// Every statement of this file.
        pub const ALL: &[$crate::storage::db::Statement] = &[$($name),*];
    };
}
pub(crate) use statements;

/// A bound value. NULL has a type, because PostgreSQL asks for one.
#[derive(Debug, Clone)]
pub enum Arg {
    /// TEXT.
    Text(Option<String>),
    /// BIGINT.
    Int(Option<i64>),
    /// BOOLEAN.
    Bool(bool),
    /// BYTEA.
    Bytes(Vec<u8>),
}

macro_rules! arg_from {
    ($($type:ty => |$value:ident| $arg:expr;)*) => {$(
        impl From<$type> for Arg { fn from($value: $type) -> Self { $arg } }
    )*};
}

arg_from! {
    &str => |v| Self::Text(Some(v.to_owned()));
    &String => |v| Self::Text(Some(v.clone()));
    String => |v| Self::Text(Some(v));
    Option<&str> => |v| Self::Text(v.map(str::to_owned));
    Option<String> => |v| Self::Text(v);
    &Option<String> => |v| Self::Text(v.clone());
    i64 => |v| Self::Int(Some(v));
    Option<i64> => |v| Self::Int(v);
    bool => |v| Self::Bool(v);
    Vec<u8> => |v| Self::Bytes(v);
    &[u8] => |v| Self::Bytes(v.to_vec());
    Timestamp => |v| Self::Int(Some(v.micros()));
    Option<Timestamp> => |v| Self::Int(v.map(Timestamp::micros));
}

macro_rules! arg_from_id {
    ($($type:ident),*) => {$(
        impl From<crate::domain::id::$type> for Arg {
            fn from(v: crate::domain::id::$type) -> Self { Self::Text(Some(v.to_string())) }
        }
        impl From<Option<crate::domain::id::$type>> for Arg {
            fn from(v: Option<crate::domain::id::$type>) -> Self { Self::Text(v.map(|id| id.to_string())) }
        }
    )*};
}
arg_from_id!(
    AccountId,
    AgencyId,
    MailboxId,
    SessionId,
    RunId,
    ClientRowId,
    RequestId,
    FamilyId,
    TokenId,
    LetterId,
    CopyId,
    DecisionId,
    ApprovalId,
    BulkId,
    GlassId,
    GrantId,
    MappingId,
    NoteId,
    TrustId,
    PasskeyId,
    AccountCertificateId,
    PostId,
    IncidentId,
    DelegationId,
    ReorganisationId,
    ReviewId,
    StepId
);

/// The values for `$1`, `$2`, … in order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { [$($crate::storage::db::Arg::from($value)),*] };
}
pub(crate) use args;

/// A row type that both databases can fill.
pub trait Stored: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Stored for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// The open database.
#[derive(Debug, Clone)]
pub enum Db {
    /// Embedded; many readers, one writer connection.
    Sqlite {
        /// For reading.
        readers: SqlitePool,
        /// For writing: one connection.
        writer: SqlitePool,
    },
    /// Shared by several nodes.
    Postgres(PgPool),
}

/// An open transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub enum Tx {
    /// On the writer connection, begun `IMMEDIATE`.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// On a pooled connection.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// Runs one query on whichever backend is open: `on!(executor, statement, args => fetch_all as T)`.
macro_rules! on {
    ($executor:expr, $type:ident, $statement:expr, $args:expr, $verb:ident) => {
        match $executor {
            $type::Sqlite { readers, .. } => {
                sqlx::query_as_with($statement.sql, bound::<SqliteArguments>($args)?).$verb(readers).await
            }
            $type::Postgres(pool) => {
                sqlx::query_as_with($statement.sql, bound::<PgArguments>($args)?).$verb(pool).await
            }
        }
        .map_err(|e| StorageError::driver($statement.name, e))
    };
    (tx $executor:expr, $statement:expr, $args:expr, $verb:ident) => {
        match $executor {
            Tx::Sqlite(tx) => {
                sqlx::query_as_with($statement.sql, bound::<SqliteArguments>($args)?).$verb(&mut **tx).await
            }
            Tx::Postgres(tx) => {
                sqlx::query_as_with($statement.sql, bound::<PgArguments>($args)?).$verb(&mut **tx).await
            }
        }
        .map_err(|e| StorageError::driver($statement.name, e))
    };
}

impl Db {
    /// Opens `sqlite:FILE` (made if missing) or `postgres://…`.
    pub async fn open(url: &str) -> Result<Self, StorageError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url).map_err(|e| StorageError::driver("open", e))?;
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await
                .map_err(|e| StorageError::driver("open", e))?;
            return Ok(Self::Postgres(pool));
        }
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|e| StorageError::driver("open", e))?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let pool = |size: u32| {
            SqlitePoolOptions::new().max_connections(size).acquire_timeout(Duration::from_secs(30))
        };
        // The writer first: it makes the file and switches it to WAL.
        let writer =
            pool(1).connect_with(options.clone()).await.map_err(|e| StorageError::driver("open", e))?;
        let readers = pool(4).connect_with(options).await.map_err(|e| StorageError::driver("open", e))?;
        Ok(Self::Sqlite { readers, writer })
    }

    /// Brings the tables up to date. Safe to run at every start and from several nodes at once.
    pub async fn migrate(&self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite { writer, .. } => MIGRATIONS.run(writer).await,
            Self::Postgres(pool) => MIGRATIONS.run(pool).await,
        }
        .map_err(|e| StorageError::driver("migrate", sqlx::Error::from(e)))
    }

    /// `SQLite` or `PostgreSQL`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Begins a write transaction. No LDAP, SMTP or HTTP call while it is open.
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        let begun = match self {
            Self::Sqlite { writer, .. } => writer.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite),
            Self::Postgres(pool) => pool.begin().await.map(Tx::Postgres),
        };
        begun.map_err(|e| StorageError::driver("begin", e))
    }

    /// Reads the row that there is, if there is one.
    pub async fn find<T: Stored>(
        &self,
        statement: Statement,
        args: &[Arg],
    ) -> Result<Option<T>, StorageError> {
        on!(self, Self, statement, args, fetch_optional)
    }

    /// Reads the row that must be there.
    pub async fn one<T: Stored>(&self, statement: Statement, args: &[Arg]) -> Result<T, StorageError> {
        on!(self, Self, statement, args, fetch_one)
    }

    /// Reads all rows.
    pub async fn all<T: Stored>(&self, statement: Statement, args: &[Arg]) -> Result<Vec<T>, StorageError> {
        on!(self, Self, statement, args, fetch_all)
    }

    /// Reads all rows of a statement that a file of this folder has put together of its own literals.
    pub(super) async fn all_of<T: Stored>(
        &self,
        name: &'static str,
        sql: String,
        args: &[Arg],
    ) -> Result<Vec<T>, StorageError> {
        let sql = sqlx::AssertSqlSafe(sql);
        match self {
            Self::Sqlite { readers, .. } => {
                sqlx::query_as_with(sql, bound::<SqliteArguments>(args)?).fetch_all(readers).await
            }
            Self::Postgres(pool) => {
                sqlx::query_as_with(sql, bound::<PgArguments>(args)?).fetch_all(pool).await
            }
        }
        .map_err(|e| StorageError::driver(name, e))
    }

    /// Writes with one statement in a transaction of its own; tells how many rows it touched.
    pub async fn write(&self, statement: Statement, args: &[Arg]) -> Result<u64, StorageError> {
        let mut tx = self.begin().await?;
        let touched = tx.write(statement, args).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// Closes all connections; for an orderly end.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Prepares a statement without running it; for the test that prepares each.
    pub async fn prepare(&self, statement: Statement) -> Result<(), StorageError> {
        use sqlx::{Executor, SqlSafeStr};
        let sql = statement.sql.into_sql_str();
        match self {
            Self::Sqlite { readers, .. } => readers.prepare(sql).await.map(|_| ()),
            Self::Postgres(pool) => pool.prepare(sql).await.map(|_| ()),
        }
        .map_err(|e| StorageError::driver(statement.name, e))
    }
}

impl Tx {
    /// Reads the row that there is, if there is one.
    pub async fn find<T: Stored>(
        &mut self,
        statement: Statement,
        args: &[Arg],
    ) -> Result<Option<T>, StorageError> {
        on!(tx self, statement, args, fetch_optional)
    }

    /// Reads the row that must be there.
    pub async fn one<T: Stored>(&mut self, statement: Statement, args: &[Arg]) -> Result<T, StorageError> {
        on!(tx self, statement, args, fetch_one)
    }

    /// Reads all rows.
    pub async fn all<T: Stored>(
        &mut self,
        statement: Statement,
        args: &[Arg],
    ) -> Result<Vec<T>, StorageError> {
        on!(tx self, statement, args, fetch_all)
    }

    /// Writes; tells how many rows it touched.
    pub async fn write(&mut self, statement: Statement, args: &[Arg]) -> Result<u64, StorageError> {
        match self {
            Self::Sqlite(tx) => sqlx::query_with(statement.sql, bound::<SqliteArguments>(args)?)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
            Self::Postgres(tx) => sqlx::query_with(statement.sql, bound::<PgArguments>(args)?)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err(|e| StorageError::driver(statement.name, e))
    }

    /// Inserts many rows with one statement that inserts one, [`ROWS`] at a time.
    pub async fn write_rows(
        &mut self,
        statement: Statement,
        rows: Vec<Vec<Arg>>,
    ) -> Result<(), StorageError> {
        let one = OneRow::of(statement.sql);
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let many = rows.len().min(ROWS);
            let batch = rows.by_ref().take(many);
            match self {
                Self::Sqlite(tx) => {
                    let args = batch.flat_map(|row| one.in_order(&row));
                    let sql = sqlx::AssertSqlSafe(one.unnumbered(many));
                    let query = sqlx::query_with(sql, bound_from::<SqliteArguments>(args)?);
                    query.execute(&mut **tx).await.map(|_| ())
                }
                Self::Postgres(tx) => {
                    let sql = sqlx::AssertSqlSafe(one.numbered(many));
                    let query = sqlx::query_with(sql, bound_from::<PgArguments>(batch.flatten())?);
                    query.execute(&mut **tx).await.map(|_| ())
                }
            }
            .map_err(|e| StorageError::driver(statement.name, e))?;
        }
        Ok(())
    }

    /// Makes it durable.
    pub async fn commit(self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
        .map_err(|e| StorageError::driver("commit", e))
    }
}

/// Rows in one statement: enough that the way to the database no longer counts, and few enough that both take the
/// values (SQLite at most 32,766, PostgreSQL 65,535).
const ROWS: usize = 100;

/// A statement that inserts one row, `VALUES ($1, $2, …)`, taken apart. Whatever follows the values must bind nothing.
struct OneRow<'a> {
    before: &'a str,
    /// What stands before the first value.
    opens: &'a str,
    /// The number of each value, and what stands behind it.
    values: Vec<(usize, &'a str)>,
    after: &'a str,
}

impl<'a> OneRow<'a> {
    fn of(sql: &'a str) -> Self {
        let begin = sql.find("VALUES (").map_or(sql.len(), |at| at + "VALUES ".len());
        let end = sql[begin..].find(')').map_or(sql.len(), |at| begin + at + 1);
        let mut parts = sql[begin..end].split('$');
        let opens = parts.next().unwrap_or_default();
        let value = |part: &'a str| {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            (part[..digits].parse().unwrap_or(0), &part[digits..])
        };
        Self { before: &sql[..begin], opens, values: parts.map(value).collect(), after: &sql[end..] }
    }

    /// For so many rows, each value by its number.
    fn numbered(&self, rows: usize) -> String {
        let width = self.values.iter().map(|(number, _)| *number).max().unwrap_or(0);
        self.text(rows, |text, row, number| {
            let _ = write!(text, "${}", number + row * width);
        })
    }

    /// For so many rows, each value by its place: SQLite looks a number up among all the others, which among thousands
    /// takes longer than the work itself.
    fn unnumbered(&self, rows: usize) -> String {
        self.text(rows, |text, _, _| text.push('?'))
    }

    /// The values of a row in the order of their places.
    fn in_order(&self, row: &[Arg]) -> Vec<Arg> {
        let value = |number: usize| number.checked_sub(1).and_then(|at| row.get(at)).cloned();
        self.values.iter().map(|(number, _)| value(*number).unwrap_or(Arg::Int(None))).collect()
    }

    fn text(&self, rows: usize, place: impl Fn(&mut String, usize, usize)) -> String {
        let mut text = self.before.to_owned();
        for row in 0..rows {
            text.push_str(if row == 0 { "" } else { ", " });
            text.push_str(self.opens);
            for (number, behind) in &self.values {
                place(&mut text, row, *number);
                text.push_str(behind);
            }
        }
        text + self.after
    }
}

/// Binds the values for either backend.
fn bound<A: Arguments>(args: &[Arg]) -> Result<A, StorageError>
where
    Option<String>: for<'q> Encode<'q, A::Database> + Type<A::Database>,
    Option<i64>: for<'q> Encode<'q, A::Database> + Type<A::Database>,
    bool: for<'q> Encode<'q, A::Database> + Type<A::Database>,
    Vec<u8>: for<'q> Encode<'q, A::Database> + Type<A::Database>,
{
    bound_from(args.iter().cloned())
}

fn bound_from<A: Arguments>(args: impl Iterator<Item = Arg>) -> Result<A, StorageError>
where
    Option<String>: for<'q> Encode<'q, A::Database> + Type<A::Database>,
    Option<i64>: for<'q> Encode<'q, A::Database> + Type<A::Database>,
    bool: for<'q> Encode<'q, A::Database> + Type<A::Database>,
    Vec<u8>: for<'q> Encode<'q, A::Database> + Type<A::Database>,
{
    let mut bound = A::default();
    for arg in args {
        match arg {
            Arg::Text(text) => bound.add(text),
            Arg::Int(number) => bound.add(number),
            Arg::Bool(flag) => bound.add(flag),
            Arg::Bytes(bytes) => bound.add(bytes),
        }
        .map_err(|e| StorageError::driver("bind", sqlx::Error::Encode(e)))?;
    }
    Ok(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_for_one_row_becomes_one_for_many() {
        let sql = "INSERT INTO t (a, b, c, d) VALUES ($1, 0, $2, $1) ON CONFLICT (a) DO NOTHING";
        let one = OneRow::of(sql);
        assert_eq!(one.numbered(1), sql);
        assert_eq!(
            one.numbered(3),
            "INSERT INTO t (a, b, c, d) VALUES ($1, 0, $2, $1), ($3, 0, $4, $3), ($5, 0, $6, $5) \
             ON CONFLICT (a) DO NOTHING"
        );
        assert_eq!(
            one.unnumbered(2),
            "INSERT INTO t (a, b, c, d) VALUES (?, 0, ?, ?), (?, 0, ?, ?) ON CONFLICT (a) DO NOTHING"
        );
        let placed = one.in_order(&args!["a", 7_i64]);
        assert!(matches!(&placed[..], [Arg::Text(_), Arg::Int(Some(7)), Arg::Text(_)]), "{placed:?}");
    }
}
