//! People whose password was proven and whose second factor was not yet.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AccountId;
use crate::domain::proof::PasswordProof;
use crate::domain::session::Door;
use crate::domain::timestamp::Timestamp;

statements! {
    ADD = "INSERT INTO half_sign_in (id, account_id, door, password, cached_at, must_change, source, user_agent, \
           began_at, expires_at, purpose, mark) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    FIND = "SELECT account_id, door, password, cached_at, must_change, source, user_agent, began_at, expires_at, purpose, \
            mark FROM half_sign_in WHERE id = $1 AND expires_at > $2";
    TAKE = "DELETE FROM half_sign_in WHERE id = $1 AND expires_at > $2";
    END_ALL = "DELETE FROM half_sign_in WHERE account_id = $1";
    FORGET = "DELETE FROM half_sign_in WHERE expires_at < $1";
    // A row for each browser is enough: one letter tells of a day.
    LEFT = "SELECT account_id, source, user_agent, MIN(began_at) AS began_at FROM half_sign_in \
            WHERE purpose = 'sign_in' AND expires_at < $1 GROUP BY account_id, source, user_agent \
            ORDER BY began_at, account_id LIMIT $2";
    FORGET_LEFT = "DELETE FROM half_sign_in WHERE account_id = $1 AND purpose = 'sign_in' AND expires_at < $2";
}

/// What somebody who is half signed in comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The factor, then a session.
    SignIn,
    /// The factor, then a new password for an account that is locked because the old one was too old.
    Unlock,
    /// A new password.
    Recover,
}

impl Purpose {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Unlock => "unlock",
            Self::Recover => "recover",
        }
    }

    /// Reads [`Purpose::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::SignIn, Self::Unlock, Self::Recover].into_iter().find(|purpose| purpose.code() == code)
    }
}

/// Somebody half signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HalfSignIn {
    /// Who.
    pub account_id: AccountId,
    /// Through which door.
    pub door: Door,
    /// What they come to.
    pub purpose: Purpose,
    /// A mark of the old password.
    pub mark: Option<String>,
    /// How the password was proven.
    pub password: PasswordProof,
    /// Of a cached one: when the directory took it.
    pub cached_at: Option<Timestamp>,
    /// Whether the directory demands a new password.
    pub must_change: bool,
    /// The network address.
    pub source: String,
    /// The browser's words about itself.
    pub user_agent: String,
    /// When the password was proven.
    pub began_at: Timestamp,
    /// Until when the factor may be proven.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    account_id: String,
    door: String,
    password: String,
    cached_at: Option<i64>,
    must_change: bool,
    source: String,
    user_agent: String,
    began_at: i64,
    expires_at: i64,
    purpose: String,
    mark: Option<String>,
}

/// Somebody who gave up between the password and the second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Who, as far as the password tells.
    pub account_id: AccountId,
    /// The network address.
    pub source: String,
    /// The browser's words about itself.
    pub user_agent: String,
    /// When the password was proven, for the first time from there.
    pub began_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct LeftRow {
    account_id: String,
    source: String,
    user_agent: String,
    began_at: i64,
}

/// Keeps one, under a digest.
pub async fn add(tx: &mut Tx, id: &str, half: &HalfSignIn) -> Result<(), StorageError> {
    let row = args![
        id,
        half.account_id,
        half.door.code(),
        half.password.code(),
        half.cached_at,
        half.must_change,
        &half.source,
        &half.user_agent,
        half.began_at,
        half.expires_at,
        half.purpose.code(),
        &half.mark,
    ];
    tx.write(ADD, &row).await.map(|_| ())
}

/// The one under a digest, unless it has expired.
pub async fn find(db: &Db, id: &str, now: Timestamp) -> Result<Option<HalfSignIn>, StorageError> {
    let Some(row) = db.find::<Row>(FIND, &args![id, now]).await? else { return Ok(None) };
    let bad = |column| StorageError::corrupt("half_sign_in", column, "");
    Ok(Some(HalfSignIn {
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        door: Door::from_code(&row.door).ok_or_else(|| bad("door"))?,
        purpose: Purpose::from_code(&row.purpose).ok_or_else(|| bad("purpose"))?,
        mark: row.mark,
        password: PasswordProof::from_code(&row.password).ok_or_else(|| bad("password"))?,
        cached_at: row.cached_at.map(Timestamp::from_micros),
        must_change: row.must_change,
        source: row.source,
        user_agent: row.user_agent,
        began_at: Timestamp::from_micros(row.began_at),
        expires_at: Timestamp::from_micros(row.expires_at),
    }))
}

/// Takes one out; `false` if somebody was faster.
pub async fn take(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(TAKE, &args![id, now]).await? == 1)
}

/// Ends all of an account.
pub async fn end_all(tx: &mut Tx, account: AccountId) -> Result<(), StorageError> {
    tx.write(END_ALL, &args![account]).await.map(|_| ())
}

/// Those whose time was over before a moment and who did not go on, the first so many.
pub async fn left(db: &Db, before: Timestamp, most: i64) -> Result<Vec<Left>, StorageError> {
    let rows: Vec<LeftRow> = db.all(LEFT, &args![before, most]).await?;
    let left = rows.into_iter().map(|row| {
        let bad = || StorageError::corrupt("half_sign_in", "account_id", row.account_id.as_str());
        Ok(Left {
            account_id: row.account_id.parse().map_err(|_| bad())?,
            source: row.source,
            user_agent: row.user_agent,
            began_at: Timestamp::from_micros(row.began_at),
        })
    });
    left.collect()
}

/// Forgets those of an account.
pub async fn forget_left(tx: &mut Tx, account: AccountId, before: Timestamp) -> Result<(), StorageError> {
    tx.write(FORGET_LEFT, &args![account, before]).await.map(|_| ())
}

/// Forgets expired ones; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}
