//! Which applications in their own name gain reach by a reorganisation of agencies, as whoever confirmed it has seen them.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{ClientRowId, ReorganisationId};
use std::collections::BTreeMap;

statements! {
    FORGET = "DELETE FROM reorganisation_application WHERE reorganisation_id = $1";
    ADD = "INSERT INTO reorganisation_application (reorganisation_id, client_id, rights) VALUES ($1, $2, $3)";
    OF = "SELECT client_id, rights FROM reorganisation_application WHERE reorganisation_id = $1";
}

/// The applications, with what each could do and how far it reached.
pub type Seen = BTreeMap<ClientRowId, String>;

#[derive(sqlx::FromRow)]
struct Row {
    client_id: String,
    rights: String,
}

/// Writes them down as it is confirmed, in place of those of a confirmation before.
pub async fn keep(tx: &mut Tx, id: ReorganisationId, seen: &Seen) -> Result<(), StorageError> {
    tx.write(FORGET, &args![id]).await?;
    for (client, rights) in seen {
        tx.write(ADD, &args![id, *client, rights]).await?;
    }
    Ok(())
}

/// Those that were seen.
pub async fn of(db: &Db, id: ReorganisationId) -> Result<Seen, StorageError> {
    let one = |row: Row| {
        let bad = || StorageError::corrupt("reorganisation_application", "client_id", &row.client_id);
        Ok((row.client_id.parse().map_err(|_| bad())?, row.rights))
    };
    db.all::<Row>(OF, &args![id]).await?.into_iter().map(one).collect()
}
