//! The terms of many accounts, so many with one statement: one for each would cost more than the rows do.

use super::accounts;
use super::db::{Arg, args, statements};
use super::{StorageError, Tx};
use crate::domain::account::Account;
use crate::domain::account::Terms;

/// How many accounts the statement takes.
const AT_ONCE: usize = 20;

statements! {
    // The first row tells PostgreSQL the types of all.
    SET_TERMS = "UPDATE account SET due_at = fresh.column3, lock_at = fresh.column4 FROM (VALUES \
                  (CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT)), \
                  ($5, $6, $7, $8), ($9, $10, $11, $12), ($13, $14, $15, $16), ($17, $18, $19, $20), \
                  ($21, $22, $23, $24), ($25, $26, $27, $28), ($29, $30, $31, $32), ($33, $34, $35, $36), \
                  ($37, $38, $39, $40), ($41, $42, $43, $44), ($45, $46, $47, $48), ($49, $50, $51, $52), \
                  ($53, $54, $55, $56), ($57, $58, $59, $60), ($61, $62, $63, $64), ($65, $66, $67, $68), \
                  ($69, $70, $71, $72), ($73, $74, $75, $76), ($77, $78, $79, $80)) AS fresh \
                  WHERE account.id = fresh.column1 AND account.version = fresh.column2";
}

/// Writes down the terms of accounts as they were read; tells of how many nobody changed since.
pub async fn set(tx: &mut Tx, all: &[(&Account, Terms)]) -> Result<u64, StorageError> {
    let mut written = 0;
    let (full, rest) = all.as_chunks::<AT_ONCE>();
    for rows in full {
        let args: Vec<Arg> = rows.iter().flat_map(|(account, terms)| row(account, *terms)).collect();
        written += tx.write(SET_TERMS, &args).await?;
    }
    for (account, terms) in rest {
        written += u64::from(accounts::set_terms(tx, account, *terms).await?);
    }
    Ok(written)
}

fn row(account: &Account, terms: Terms) -> [Arg; 4] {
    args![account.id(), account.version(), terms.ends_at, terms.lock_at]
}
