//! Posts beside the one that the directories tell, and in which somebody works.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, AgencyId, PostId};
use crate::domain::timestamp::Timestamp;

statements! {
    OF = "SELECT p.id, p.account_id, p.agency_id, p.title, p.added_at, p.added_by, \
          CASE WHEN a.post_id = p.id THEN 1 ELSE 0 END AS active \
          FROM post p LEFT JOIN active_post a ON a.account_id = p.account_id \
          WHERE p.account_id = $1 AND p.ended_at IS NULL ORDER BY p.id";
    EVERY = "SELECT p.id, p.account_id, p.agency_id, p.title, p.added_at, p.added_by, 0 AS active \
             FROM post p WHERE p.ended_at IS NULL ORDER BY p.id";
    ADD = "INSERT INTO post (id, account_id, agency_id, title, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6)";
    END = "UPDATE post SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL";
    DROP_ACTIVE = "DELETE FROM active_post WHERE post_id = $1";
    CHOOSE = "INSERT INTO active_post (account_id, post_id, chosen_at) VALUES ($1, $2, $3) \
              ON CONFLICT (account_id) DO UPDATE SET post_id = excluded.post_id, chosen_at = excluded.chosen_at";
    CHOOSE_FIRST = "DELETE FROM active_post WHERE account_id = $1";
}

/// A post that somebody holds beside the one of the directories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: PostId,
    /// Whose.
    pub account: AccountId,
    /// At which agency.
    pub agency: AgencyId,
    /// What it is called.
    pub title: String,
    /// When it was entered.
    pub added_at: Timestamp,
    /// By whom.
    pub added_by: String,
    /// Whether its holder works in it now.
    pub is_active: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: String,
    agency_id: String,
    title: String,
    added_at: i64,
    added_by: String,
    active: i32,
}

/// The posts of an account, the oldest first.
pub async fn of(db: &Db, account: AccountId) -> Result<Vec<Held>, StorageError> {
    db.all::<Row>(OF, &args![account]).await?.into_iter().map(held).collect()
}

/// Every post that is held.
pub async fn every(db: &Db) -> Result<Vec<Held>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.into_iter().map(held).collect()
}

/// Adds one.
pub async fn add(tx: &mut Tx, one: &Held) -> Result<(), StorageError> {
    let args = args![one.id, one.account, one.agency, &one.title, one.added_at, &one.added_by];
    tx.write(ADD, &args).await.map(|_| ())
}

/// Ends one; whoever worked in it works in that of the directories.
pub async fn end(tx: &mut Tx, id: PostId, by: &str, now: Timestamp) -> Result<bool, StorageError> {
    tx.write(DROP_ACTIVE, &args![id]).await?;
    Ok(tx.write(END, &args![id, now, by]).await? == 1)
}

/// Somebody works in a post from now on; `None`: in that of the directories.
pub async fn choose(
    tx: &mut Tx,
    account: AccountId,
    post: Option<PostId>,
    now: Timestamp,
) -> Result<(), StorageError> {
    match post {
        Some(post) => tx.write(CHOOSE, &args![account, post, now]).await.map(|_| ()),
        None => tx.write(CHOOSE_FIRST, &args![account]).await.map(|_| ()),
    }
}

fn held(row: Row) -> Result<Held, StorageError> {
    let bad = |column| StorageError::corrupt("post", column, &row.id);
    Ok(Held {
        id: row.id.parse().map_err(|_| bad("id"))?,
        account: row.account_id.parse().map_err(|_| bad("account_id"))?,
        agency: row.agency_id.parse().map_err(|_| bad("agency_id"))?,
        title: row.title,
        added_at: Timestamp::from_micros(row.added_at),
        added_by: row.added_by,
        is_active: row.active == 1,
    })
}
