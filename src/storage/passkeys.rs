//! Passkeys, and the challenges that were answered.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, PasskeyId};
use crate::domain::timestamp::Timestamp;

statements! {
    OF = "SELECT id, account_id, credential, public_key, counter, can_be_copied, name, made_at, last_used_at \
          FROM passkey WHERE account_id = $1 ORDER BY id";
    BY_CREDENTIAL = "SELECT id, account_id, credential, public_key, counter, can_be_copied, name, made_at, last_used_at \
                     FROM passkey WHERE credential = $1";
    COUNT = "SELECT COUNT(*) AS number FROM passkey WHERE account_id = $1";
    ADD = "INSERT INTO passkey (id, account_id, credential, public_key, counter, can_be_copied, name, made_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (credential) DO NOTHING";
    USE = "UPDATE passkey SET counter = $3, last_used_at = $4 WHERE id = $1 AND counter = $2";
    REMOVE = "DELETE FROM passkey WHERE account_id = $1 AND id = $2";
    REMOVE_ALL = "DELETE FROM passkey WHERE account_id = $1";
    REMOVE_SINCE = "DELETE FROM passkey WHERE account_id = $1 AND made_at >= $2";
    ANSWER = "INSERT INTO answered_challenge (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
    FORGET = "DELETE FROM answered_challenge WHERE expires_at < $1";
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its id with us.
    pub id: PasskeyId,
    /// Whose.
    pub account_id: AccountId,
    /// The credential's id, in base64url.
    pub credential: String,
    /// Its public key (COSE).
    pub public_key: Vec<u8>,
    /// Its counter.
    pub counter: u32,
    /// Whether its keeper may copy it.
    pub can_be_copied: bool,
    /// What its holder calls it.
    pub name: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: String,
    credential: String,
    public_key: Vec<u8>,
    counter: i64,
    can_be_copied: bool,
    name: String,
    made_at: i64,
    last_used_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

/// The passkeys of an account, the oldest first.
pub async fn of(db: &Db, account: AccountId) -> Result<Vec<Passkey>, StorageError> {
    db.all::<Row>(OF, &args![account]).await?.into_iter().map(passkey).collect()
}

/// The one with this credential id.
pub async fn by_credential(db: &Db, credential: &str) -> Result<Option<Passkey>, StorageError> {
    db.find::<Row>(BY_CREDENTIAL, &args![credential]).await?.map(passkey).transpose()
}

/// How many an account has.
pub async fn count(db: &Db, account: AccountId) -> Result<u64, StorageError> {
    Ok(db.one::<Number>(COUNT, &args![account]).await?.number.unsigned_abs())
}

/// The same, as the transaction sees it.
pub async fn count_in(tx: &mut Tx, account: AccountId) -> Result<u64, StorageError> {
    Ok(tx.one::<Number>(COUNT, &args![account]).await?.number.unsigned_abs())
}

/// Adds one; `false` if its credential is known already.
pub async fn add(tx: &mut Tx, passkey: &Passkey) -> Result<bool, StorageError> {
    let row = args![
        passkey.id,
        passkey.account_id,
        &passkey.credential,
        passkey.public_key.clone(),
        i64::from(passkey.counter),
        passkey.can_be_copied,
        &passkey.name,
        passkey.made_at,
    ];
    Ok(tx.write(ADD, &row).await? == 1)
}

/// It was used; `false` if it was used, or removed, meanwhile.
pub async fn used(
    tx: &mut Tx,
    passkey: &Passkey,
    counter: u32,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let row = args![passkey.id, i64::from(passkey.counter), i64::from(counter), now];
    Ok(tx.write(USE, &row).await? == 1)
}

/// Removes one; tells whether the account had it.
pub async fn remove(tx: &mut Tx, account: AccountId, id: PasskeyId) -> Result<bool, StorageError> {
    Ok(tx.write(REMOVE, &args![account, id]).await? == 1)
}

/// Removes all of an account; tells how many.
pub async fn remove_all(tx: &mut Tx, account: AccountId) -> Result<u64, StorageError> {
    tx.write(REMOVE_ALL, &args![account]).await
}

/// Removes those of an account that were made since a moment; tells how many.
pub async fn remove_since(tx: &mut Tx, account: AccountId, since: Timestamp) -> Result<u64, StorageError> {
    tx.write(REMOVE_SINCE, &args![account, since]).await
}

/// A challenge is answered; `false` if it was before.
pub async fn answer(tx: &mut Tx, digest: &str, until: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(ANSWER, &args![digest, until]).await? == 1)
}

/// Forgets challenges that have expired; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

fn passkey(row: Row) -> Result<Passkey, StorageError> {
    let bad = |column| StorageError::corrupt("passkey", column, row.id.clone());
    Ok(Passkey {
        id: row.id.parse().map_err(|_| bad("id"))?,
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        counter: u32::try_from(row.counter).map_err(|_| bad("counter"))?,
        credential: row.credential,
        public_key: row.public_key,
        can_be_copied: row.can_be_copied,
        name: row.name,
        made_at: Timestamp::from_micros(row.made_at),
        last_used_at: row.last_used_at.map(Timestamp::from_micros),
    })
}
