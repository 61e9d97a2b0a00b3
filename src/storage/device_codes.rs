//! Devices that wait for a person (RFC 8628), by the digests of their codes. Everything changes by compare and swap.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::oauth::device::{Device, DeviceState};
use crate::domain::oauth::scope::Scopes;
use crate::domain::timestamp::Timestamp;

statements! {
    INSERT = "INSERT INTO device_code (id, user_code, client_id, scopes, state, pause_seconds, asked_at, created_at, expires_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (user_code) DO NOTHING";
    BY_ID = "SELECT id, client_id, scopes, state, pause_seconds, asked_at, created_at, expires_at FROM device_code WHERE id = $1";
    BY_USER_CODE = "SELECT id, client_id, scopes, state, pause_seconds, asked_at, created_at, expires_at FROM device_code \
                    WHERE user_code = $1 AND state = 'waiting' AND expires_at > $2";
    ASKED = "UPDATE device_code SET asked_at = $2, pause_seconds = $3 \
             WHERE id = $1 AND asked_at IS NOT DISTINCT FROM $4";
    ANSWER = "UPDATE device_code SET state = $2 WHERE id = $1 AND state = 'waiting' AND expires_at > $3";
    FORGET = "DELETE FROM device_code WHERE expires_at < $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    client_id: String,
    scopes: String,
    state: String,
    pause_seconds: i64,
    asked_at: Option<i64>,
    created_at: i64,
    expires_at: i64,
}

/// Adds a device; tells whether the code for the person was still free.
pub async fn insert(db: &Db, device: &Device, user_code: &str) -> Result<bool, StorageError> {
    let args = args![
        &device.id,
        user_code,
        device.client,
        device.scopes.to_string(),
        device.state.code(),
        device.pause,
        device.asked_at,
        device.created_at,
        device.expires_at,
    ];
    Ok(db.write(INSERT, &args).await? == 1)
}

/// The device with this digest, whatever was answered and however old.
pub async fn by_id(db: &Db, id: &str) -> Result<Option<Device>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(device).transpose()
}

/// The device that waits for whoever types the code of this digest.
pub async fn by_user_code(db: &Db, digest: &str, now: Timestamp) -> Result<Option<Device>, StorageError> {
    db.find::<Row>(BY_USER_CODE, &args![digest, now]).await?.map(device).transpose()
}

/// Records that a device has asked, and how long it waits from now on; tells whether nobody asked meanwhile.
pub async fn asked(db: &Db, device: &Device, pause: i64, now: Timestamp) -> Result<bool, StorageError> {
    Ok(db.write(ASKED, &args![&device.id, now, pause, device.asked_at]).await? == 1)
}

/// Records the answer of the person; tells whether the device still waited for one.
pub async fn answer(
    tx: &mut Tx,
    id: &str,
    answer: DeviceState,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(ANSWER, &args![id, answer.code(), now]).await? == 1)
}

/// Forgets what expired before a moment; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

fn device(row: Row) -> Result<Device, StorageError> {
    let bad = |column| StorageError::corrupt("device_code", column, &row.id);
    Ok(Device {
        client: row.client_id.parse().map_err(|_| bad("client_id"))?,
        scopes: Scopes::parse(&row.scopes),
        state: DeviceState::from_code(&row.state).ok_or_else(|| bad("state"))?,
        pause: row.pause_seconds,
        asked_at: row.asked_at.map(Timestamp::from_micros),
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        id: row.id,
    })
}
