//! Whether a secret is the application's, by what asks for it at the token endpoint. It is compared, and nothing else: not
//! kept, not logged, not shown again.

use super::{TestRefused, subject};
use crate::app::App;
use crate::domain::admin::Administrator;
use crate::domain::id::ClientRowId;
use crate::domain::secret::Secret;
use crate::domain::throttle::Limit;
use crate::domain::timestamp::Timestamp;
use crate::services::client_auth;
use crate::storage::throttles;
use time::Duration;

pub use crate::services::client_auth::Fit;

/// No secret is longer, in bytes.
pub const LONGEST: usize = 512;

/// How often somebody may be wrong about the secret of one application. The token endpoint counts nothing, because nobody
/// guesses 256 bits; here a person types.
const WRONG: Limit = Limit { failures: 10, window: Duration::minutes(10), pause: Duration::minutes(10) };

/// What is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It is one of the application's.
    Fits(Fit),
    /// It is none.
    Wrong,
    /// The application has no secret.
    HasNone,
    /// Too many were wrong; until then nothing is compared.
    Wait(Timestamp),
}

/// Compares a secret.
pub async fn compare(
    app: &App,
    by: &Administrator,
    id: ClientRowId,
    secret: &Secret<String>,
) -> Result<Answer, TestRefused> {
    let client = subject(app, by, id).await?;
    if client.secret_digest.is_none() {
        return Ok(Answer::HasNone);
    }
    let (key, now) = (format!("client secret:{}:{}", client.id, by.account_id()), app.now());
    if let Some(until) = throttles::count(&app.db, &key).await?.wait(now) {
        return Ok(Answer::Wait(until));
    }
    if let Some(fit) = client_auth::fit(app, &client, secret).filter(|_| secret.expose().len() <= LONGEST) {
        return Ok(Answer::Fits(fit));
    }
    let mut tx = app.db.begin().await?;
    throttles::failed(&mut tx, &key, None, WRONG, now).await?;
    tx.commit().await?;
    Ok(Answer::Wrong)
}
