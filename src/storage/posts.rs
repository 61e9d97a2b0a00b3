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
    BY_ID = "SELECT p.id, p.account_id, p.agency_id, p.title, p.added_at, p.added_by, 0 AS active \
             FROM post p WHERE p.id = $1 AND p.ended_at IS NULL";
    ADD = "INSERT INTO post (id, account_id, agency_id, title, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6)";
    END = "UPDATE post SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL";
    DROP_ACTIVE = "DELETE FROM active_post WHERE post_id = $1";
    CHOOSE = "INSERT INTO active_post (account_id, post_id, chosen_at) VALUES ($1, $2, $3) \
              ON CONFLICT (account_id) DO UPDATE SET post_id = excluded.post_id, chosen_at = excluded.chosen_at";
    CHOOSE_FIRST = "DELETE FROM active_post WHERE account_id = $1";
    AT = "SELECT p.id, p.account_id, p.agency_id, p.title, p.added_at, p.added_by, 0 AS active \
          FROM post p WHERE p.agency_id = $1 AND p.ended_at IS NULL ORDER BY p.id";
    SAME = "SELECT p.id, p.account_id, p.agency_id, p.title, p.added_at, p.added_by, 0 AS active \
            FROM post p WHERE p.account_id = $1 AND p.agency_id = $2 AND p.title = $3 AND p.ended_at IS NULL";
    WORK_IN = "UPDATE active_post SET post_id = $2, chosen_at = $3 WHERE post_id = $1";
    MOVE = "UPDATE post SET agency_id = $2 WHERE id = $1 AND ended_at IS NULL";
    // What was moved, or ended as the same one by that; not where there is one again, nor where its holder has left.
    MOVE_BACK = "UPDATE post SET agency_id = $2, ended_at = NULL, ended_by = NULL WHERE id = $1 \
                 AND ((agency_id = $3 AND ended_at IS NULL) OR (agency_id = $2 AND ended_by = $4)) AND NOT EXISTS \
                 (SELECT 1 FROM post o WHERE o.account_id = post.account_id AND o.title = post.title \
                 AND o.agency_id = $2 AND o.ended_at IS NULL) AND NOT EXISTS (SELECT 1 FROM account a \
                 WHERE a.id = post.account_id AND a.state = 'retired')";
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

/// The post with this id, if it is held.
pub async fn by_id(db: &Db, id: PostId) -> Result<Option<Held>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(held).transpose()
}

/// Ends every post of an account; tells which.
pub async fn end_all(
    tx: &mut Tx,
    account: AccountId,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Held>, StorageError> {
    let all: Vec<Held> =
        tx.all::<Row>(OF, &args![account]).await?.into_iter().map(held).collect::<Result<_, _>>()?;
    for one in &all {
        end(tx, one.id, by, now).await?;
    }
    Ok(all)
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

/// The posts at one agency are at another from now on; of whoever has the same one there already it ends. Tells of each
/// whether it was moved.
pub async fn leave_agency(
    tx: &mut Tx,
    (from, to): (AgencyId, AgencyId),
    by: &str,
    now: Timestamp,
) -> Result<Vec<(PostId, bool)>, StorageError> {
    let mut left = Vec::new();
    for row in tx.all::<Row>(AT, &args![from]).await? {
        let one = held(row)?;
        let same = tx.find::<Row>(SAME, &args![one.account, to, &one.title]).await?.map(held).transpose()?;
        if let Some(same) = &same {
            tx.write(WORK_IN, &args![one.id, same.id, now]).await?;
            tx.write(END, &args![one.id, now, by]).await?;
        } else {
            tx.write(MOVE, &args![one.id, to]).await?;
        }
        left.push((one.id, same.is_none()));
    }
    Ok(left)
}

/// A post that was moved with its agency, or that ended by it, is at the agency of before again.
pub async fn return_to_agency(
    tx: &mut Tx,
    id: &str,
    (agency, from): (AgencyId, AgencyId),
    by: &str,
) -> Result<bool, StorageError> {
    Ok(tx.write(MOVE_BACK, &args![id, agency, from, by]).await? == 1)
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
