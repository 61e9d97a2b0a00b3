//! The further addresses of accounts, and the main ones that they had before.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::address::MailAddress;
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;
use std::collections::HashMap;

statements! {
    OF = "SELECT address FROM alias WHERE account_id = $1 ORDER BY address";
    EVERY = "SELECT address, account_id FROM alias ORDER BY address";
    DROP = "DELETE FROM alias WHERE account_id = $1";
    FORMER_OF = "SELECT address FROM former_address WHERE account_id = $1 ORDER BY until DESC, address";
    KEEP_FORMER = "INSERT INTO former_address (address, account_id, until) VALUES ($1, $2, $3) \
                   ON CONFLICT (address) DO UPDATE SET account_id = excluded.account_id, until = excluded.until";
    FORGET_FORMER = "DELETE FROM former_address WHERE address = $1";
    ADD = "INSERT INTO alias (address, account_id) VALUES ($1, $2) ON CONFLICT (address) DO NOTHING";
}

#[derive(sqlx::FromRow)]
struct Row {
    address: String,
    account_id: String,
}

#[derive(sqlx::FromRow)]
struct AddressRow {
    address: String,
}

/// The further addresses of an account.
pub async fn of(db: &Db, id: AccountId) -> Result<Vec<MailAddress>, StorageError> {
    let rows: Vec<AddressRow> = db.all(OF, &args![id]).await?;
    rows.into_iter().map(|row| stored(&row.address)).collect()
}

/// The further addresses of all accounts.
pub async fn every(db: &Db) -> Result<HashMap<AccountId, Vec<MailAddress>>, StorageError> {
    let rows: Vec<Row> = db.all(EVERY, &[]).await?;
    let mut all: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let id =
            row.account_id.parse().map_err(|_| StorageError::corrupt("alias", "account_id", &row.address))?;
        all.entry(id).or_default().push(stored(&row.address)?);
    }
    Ok(all)
}

/// Sets the further addresses of an account. One that another account holds stays there.
pub async fn set(tx: &mut Tx, id: AccountId, aliases: &[MailAddress]) -> Result<(), StorageError> {
    tx.write(DROP, &args![id]).await?;
    let aliases: Vec<_> = aliases.iter().map(|alias| (alias, id)).collect();
    add(tx, &aliases).await
}

/// Adds further addresses of many accounts. One that another account holds stays there.
pub async fn add(tx: &mut Tx, aliases: &[(&MailAddress, AccountId)]) -> Result<(), StorageError> {
    let rows: Vec<_> = aliases.iter().map(|(alias, id)| args![alias.as_str(), *id].to_vec()).collect();
    tx.write_rows(ADD, rows).await
}

/// The main addresses that an account had before, the last one first.
pub async fn former_of(db: &Db, id: AccountId) -> Result<Vec<MailAddress>, StorageError> {
    let rows: Vec<AddressRow> = db.all(FORMER_OF, &args![id]).await?;
    rows.into_iter().map(|row| stored(&row.address)).collect()
}

/// An account has another main address now: the old one still finds it, while nobody else has it.
pub async fn renamed(
    tx: &mut Tx,
    id: AccountId,
    (old, new): (&MailAddress, &MailAddress),
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.write(FORGET_FORMER, &args![new.as_str()]).await?;
    tx.write(KEEP_FORMER, &args![old.as_str(), id, now]).await.map(|_| ())
}

fn stored(text: &str) -> Result<MailAddress, StorageError> {
    MailAddress::parse(text).map_err(|_| StorageError::corrupt("alias", "address", text))
}
