//! Grants with their code. Codes are redeemed by compare and swap.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, ClientRowId, FamilyId, SessionId};
use crate::domain::oauth::grant::{Grant, GrantDetails, GrantEnd};
use crate::domain::oauth::scope::Scopes;
use crate::domain::proof::Proof;
use crate::domain::timestamp::Timestamp;

statements! {
    INSERT = "INSERT INTO access_grant (id, client_id, account_id, session_id, scopes, nonce, auth_time, redirect_uri, \
              code_challenge, code_digest, code_expires_at, created_at, expires_at, proof, code_used_at, details) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    BY_CODE = "SELECT id, client_id, account_id, session_id, scopes, nonce, auth_time, redirect_uri, code_challenge, \
               created_at, code_expires_at, code_used_at, expires_at, ended_at, proof, details FROM access_grant WHERE code_digest = $1";
    BY_ID = "SELECT id, client_id, account_id, session_id, scopes, nonce, auth_time, redirect_uri, code_challenge, \
             created_at, code_expires_at, code_used_at, expires_at, ended_at, proof, details FROM access_grant WHERE id = $1";
    REDEEM = "UPDATE access_grant SET code_used_at = $2, expires_at = $3 \
              WHERE id = $1 AND code_used_at IS NULL AND ended_at IS NULL RETURNING id";
    TAKE = "UPDATE access_grant SET id = id WHERE id = $1 AND ended_at IS NULL";
    END = "UPDATE access_grant SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL";
    END_OF_ACCOUNT = "UPDATE access_grant SET ended_at = $2, end_reason = $3 WHERE account_id = $1 AND ended_at IS NULL \
                      AND (CAST($4 AS TEXT) IS NULL OR session_id <> $4)";
    // What somebody was given as a mailbox, out of their own sessions.
    END_OF_ACTOR = "UPDATE access_grant SET ended_at = $2, end_reason = $3 WHERE ended_at IS NULL AND account_id <> $1 \
                    AND session_id IN (SELECT id FROM session WHERE account_id = $1) \
                    AND (CAST($4 AS TEXT) IS NULL OR session_id <> $4)";
    END_ACTING = "UPDATE access_grant SET ended_at = $3, end_reason = $4 WHERE ended_at IS NULL AND account_id = $1 \
                  AND session_id IN (SELECT id FROM session WHERE account_id = $2)";
    // As oneself, or as a mailbox out of the own sessions.
    ANY_OPEN = "SELECT id FROM access_grant WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 \
                UNION ALL SELECT id FROM access_grant WHERE ended_at IS NULL AND expires_at > $2 \
                AND session_id IN (SELECT id FROM session WHERE account_id = $1) LIMIT 1";
    // With those of the sessions that it has succeeded.
    END_OF_SESSION = "UPDATE access_grant SET ended_at = $2, end_reason = $3 WHERE ended_at IS NULL AND session_id IN \
                      (SELECT CAST($1 AS TEXT) UNION ALL SELECT id FROM session WHERE succeeded_by = $1)";
    END_OF_CLIENT = "UPDATE access_grant SET ended_at = $2, end_reason = $3 WHERE client_id = $1 AND ended_at IS NULL";
    END_ACCESS = "UPDATE access_grant SET ended_at = $3, end_reason = $4 \
                  WHERE account_id = $1 AND client_id = $2 AND ended_at IS NULL";
    // What a person was given at one application as one mailbox.
    END_ACTING_ACCESS = "UPDATE access_grant SET ended_at = $4, end_reason = $5 WHERE ended_at IS NULL AND account_id = $1 \
                         AND client_id = $3 AND session_id IN (SELECT id FROM session WHERE account_id = $2)";
    // What is open of that, one row for each application, mailbox and set of scopes.
    ACTING = "SELECT client.client_id, client.name, client.home, account.id AS mailbox_id, account.address AS mailbox, \
              access_grant.scopes, MAX(access_grant.created_at) AS last_at FROM access_grant \
              JOIN session ON session.id = access_grant.session_id JOIN client ON client.id = access_grant.client_id \
              JOIN account ON account.id = access_grant.account_id \
              WHERE session.account_id = $1 AND access_grant.account_id <> $1 AND access_grant.ended_at IS NULL \
              AND access_grant.expires_at > $2 AND client.removed_at IS NULL \
              GROUP BY client.client_id, client.name, client.home, account.id, account.address, access_grant.scopes \
              ORDER BY last_at DESC, client.client_id, account.id, access_grant.scopes";
    USED = "INSERT INTO application_use (account_id, client_id, first_used_at, last_used_at) VALUES ($1, $2, $3, $3) \
            ON CONFLICT (account_id, client_id) DO UPDATE SET last_used_at = excluded.last_used_at";
    FORGET_USE = "DELETE FROM application_use WHERE account_id = $1 AND client_id = $2";
    // Ended ones too, and what was given as a mailbox.
    OF_SESSION = "SELECT DISTINCT client_id FROM access_grant WHERE session_id = $1";
    // With those of the sessions that it has succeeded.
    LAST_OF_SESSION = "SELECT MAX(created_at) AS made_at FROM access_grant WHERE client_id = $2 AND ended_at IS NULL \
                       AND session_id IN \
                       (SELECT CAST($1 AS TEXT) UNION ALL SELECT id FROM session WHERE succeeded_by = $1)";
    USES = "SELECT client.client_id, client.name, client.home, client.scopes, application_use.first_used_at, \
            application_use.last_used_at FROM application_use JOIN client ON client.id = application_use.client_id \
            WHERE application_use.account_id = $1 AND client.removed_at IS NULL \
            ORDER BY application_use.last_used_at DESC, client.client_id";
    FORGET = "DELETE FROM access_grant WHERE expires_at < $1 \
              AND NOT EXISTS (SELECT 1 FROM token WHERE token.grant_id = access_grant.id)";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    client_id: String,
    account_id: String,
    session_id: String,
    scopes: String,
    nonce: Option<String>,
    auth_time: i64,
    redirect_uri: String,
    code_challenge: Option<String>,
    created_at: i64,
    code_expires_at: i64,
    code_used_at: Option<i64>,
    expires_at: i64,
    ended_at: Option<i64>,
    proof: String,
    details: String,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    #[expect(dead_code, reason = "its presence is the answer")]
    id: String,
}

#[derive(sqlx::FromRow)]
struct ClientRow {
    client_id: String,
}

#[derive(sqlx::FromRow)]
struct LastRow {
    made_at: Option<i64>,
}

/// An application that an account has entered.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Use {
    /// Its name in the protocol.
    pub client_id: String,
    /// Its name for people.
    pub name: String,
    /// Its start page.
    pub home: Option<String>,
    /// What it may ask for.
    pub scopes: String,
    /// When the account first entered it, in microseconds.
    pub first_used_at: i64,
    /// When it last asked for tokens, in microseconds.
    pub last_used_at: i64,
}

/// What an application was given of a mailbox, for a person who acts for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingUse {
    /// Its name in the protocol.
    pub client_id: String,
    /// Its name for people.
    pub name: String,
    /// Its start page.
    pub home: Option<String>,
    /// The account of the mailbox.
    pub mailbox_id: AccountId,
    /// The mailbox's address.
    pub mailbox: String,
    /// What it was given.
    pub scopes: Scopes,
    /// When it was last entered so.
    pub last_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ActingRow {
    client_id: String,
    name: String,
    home: Option<String>,
    mailbox_id: String,
    mailbox: String,
    scopes: String,
    last_at: i64,
}

/// Adds a grant with its code.
pub async fn insert(tx: &mut Tx, grant: &Grant, code_digest: &str) -> Result<(), StorageError> {
    tx.write(
        INSERT,
        &args![
            grant.id,
            grant.client,
            grant.account,
            grant.session,
            grant.scopes.to_string(),
            &grant.nonce,
            grant.auth_time,
            &grant.redirect_uri,
            &grant.code_challenge,
            code_digest,
            grant.code_expires_at,
            grant.created_at,
            grant.expires_at,
            grant.proof.code(),
            grant.code_used_at,
            grant.details.to_json(),
        ],
    )
    .await
    .map(|_| ())
}

/// The grant that a code belongs to; also long after the code was used, so that a replay is seen.
pub async fn by_code(db: &Db, code_digest: &str) -> Result<Option<Grant>, StorageError> {
    db.find::<Row>(BY_CODE, &args![code_digest]).await?.map(grant).transpose()
}

/// The grant with this id.
pub async fn by_id(db: &Db, id: FamilyId) -> Result<Option<Grant>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(grant).transpose()
}

/// Redeems the code of a grant; tells whether it was still there to redeem.
pub async fn redeem(
    tx: &mut Tx,
    id: FamilyId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.find::<IdRow>(REDEEM, &args![id, now, expires_at]).await?.is_some())
}

/// Takes a grant's row until the transaction ends, so that it cannot end meanwhile; tells whether it is open.
pub async fn take(tx: &mut Tx, id: FamilyId) -> Result<bool, StorageError> {
    Ok(tx.write(TAKE, &args![id]).await? == 1)
}

/// Records that an application was given tokens for an account.
pub async fn used(tx: &mut Tx, grant: &Grant, now: Timestamp) -> Result<(), StorageError> {
    tx.write(USED, &args![grant.account, grant.client, now]).await.map(|_| ())
}

/// Ends a grant and everything that grew out of it; tells whether it was open.
pub async fn end(tx: &mut Tx, id: FamilyId, why: GrantEnd, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(END, &args![id, now, why.code()]).await? == 1)
}

/// Ends all grants of an account, and those that its holder was given as a mailbox, but those of one session.
pub async fn end_of_account(
    tx: &mut Tx,
    account: AccountId,
    but: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, StorageError> {
    let why = GrantEnd::SessionEnded.code();
    let as_others = tx.write(END_OF_ACTOR, &args![account, now, why, but]).await?;
    Ok(as_others + tx.write(END_OF_ACCOUNT, &args![account, now, why, but]).await?)
}

/// Whether an application holds anything for an account, or for a mailbox as which its holder came.
pub async fn any_open(db: &Db, account: AccountId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(db.find::<IdRow>(ANY_OPEN, &args![account, now]).await?.is_some())
}

/// Ends what a person was given as a mailbox.
pub async fn end_acting(
    tx: &mut Tx,
    mailbox: AccountId,
    person: AccountId,
    now: Timestamp,
) -> Result<u64, StorageError> {
    tx.write(END_ACTING, &args![mailbox, person, now, GrantEnd::SessionEnded.code()]).await
}

/// Ends all grants that came out of a session, or out of one that it has succeeded.
pub async fn end_of_session(tx: &mut Tx, session: SessionId, now: Timestamp) -> Result<u64, StorageError> {
    tx.write(END_OF_SESSION, &args![session, now, GrantEnd::SessionEnded.code()]).await
}

/// The applications that were given something out of a session, ended or not.
pub async fn of_session(db: &Db, session: SessionId) -> Result<Vec<ClientRowId>, StorageError> {
    let rows: Vec<ClientRow> = db.all(OF_SESSION, &args![session]).await?;
    let bad = |id: &str| StorageError::corrupt("access_grant", "client_id", id);
    rows.iter().map(|row| row.client_id.parse().map_err(|_| bad(&row.client_id))).collect()
}

/// When an application was last entered out of a session, or out of one that it has succeeded, as oneself or as a mailbox,
/// if what it was given is still known.
pub async fn last_of_session(
    db: &Db,
    session: SessionId,
    client: ClientRowId,
) -> Result<Option<Timestamp>, StorageError> {
    let row: Option<LastRow> = db.find(LAST_OF_SESSION, &args![session, client]).await?;
    Ok(row.and_then(|row| row.made_at).map(Timestamp::from_micros))
}

/// Ends all grants of an application; tells how many were open.
pub async fn end_of_client(
    tx: &mut Tx,
    client: ClientRowId,
    why: GrantEnd,
    now: Timestamp,
) -> Result<u64, StorageError> {
    tx.write(END_OF_CLIENT, &args![client, now, why.code()]).await
}

/// Ends what an application was given for an account, and forgets that it was entered and agreed to; tells whether it
/// was either.
pub async fn end_access(
    tx: &mut Tx,
    account: AccountId,
    client: ClientRowId,
    end: GrantEnd,
    now: Timestamp,
) -> Result<bool, StorageError> {
    tx.write(END_ACCESS, &args![account, client, now, end.code()]).await?;
    let had_agreed = super::consents::forget(tx, account, client).await?;
    Ok(tx.write(FORGET_USE, &args![account, client]).await? == 1 || had_agreed)
}

/// Ends what an application was given for a person who acts for a mailbox; tells whether it was given anything.
pub async fn end_acting_access(
    tx: &mut Tx,
    (mailbox, person): (AccountId, AccountId),
    client: ClientRowId,
    end: GrantEnd,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(END_ACTING_ACCESS, &args![mailbox, person, client, now, end.code()]).await? > 0)
}

/// What applications hold for a person as a mailbox, out of their own sessions, the last entered first; each application
/// and mailbox once.
pub async fn acting(db: &Db, person: AccountId, now: Timestamp) -> Result<Vec<ActingUse>, StorageError> {
    let mut all: Vec<ActingUse> = Vec::new();
    for row in db.all::<ActingRow>(ACTING, &args![person, now]).await? {
        let mailbox_id: AccountId = row
            .mailbox_id
            .parse()
            .map_err(|_| StorageError::corrupt("access_grant", "account_id", row.mailbox_id.as_str()))?;
        let scopes = Scopes::parse(&row.scopes);
        match all.iter_mut().find(|one| one.client_id == row.client_id && one.mailbox_id == mailbox_id) {
            Some(known) => known.scopes = known.scopes.and(scopes),
            None => all.push(ActingUse {
                client_id: row.client_id,
                name: row.name,
                home: row.home,
                mailbox_id,
                mailbox: row.mailbox,
                scopes,
                last_at: Timestamp::from_micros(row.last_at),
            }),
        }
    }
    Ok(all)
}

/// The applications that an account has entered, the last used first.
pub async fn uses(db: &Db, account: AccountId) -> Result<Vec<Use>, StorageError> {
    db.all(USES, &args![account]).await
}

/// Forgets grants that ended before a moment and of which no token is left; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

fn grant(row: Row) -> Result<Grant, StorageError> {
    let bad = |column| StorageError::corrupt("access_grant", column, &row.id);
    Ok(Grant {
        id: row.id.parse().map_err(|_| bad("id"))?,
        client: row.client_id.parse().map_err(|_| bad("client_id"))?,
        account: row.account_id.parse().map_err(|_| bad("account_id"))?,
        session: row.session_id.parse().map_err(|_| bad("session_id"))?,
        scopes: Scopes::parse(&row.scopes),
        nonce: row.nonce,
        auth_time: Timestamp::from_micros(row.auth_time),
        proof: Proof::from_code(&row.proof).ok_or_else(|| bad("proof"))?,
        redirect_uri: row.redirect_uri,
        code_challenge: row.code_challenge,
        details: GrantDetails::from_json(&row.details).ok_or_else(|| bad("details"))?,
        created_at: Timestamp::from_micros(row.created_at),
        code_expires_at: Timestamp::from_micros(row.code_expires_at),
        code_used_at: row.code_used_at.map(Timestamp::from_micros),
        expires_at: Timestamp::from_micros(row.expires_at),
        ended_at: row.ended_at.map(Timestamp::from_micros),
    })
}
