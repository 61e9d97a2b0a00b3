//! The same request gets the same answer: writes of applications under an Idempotency-Key, kept for a day; and an
//! application writes only so often within a day (`admin.api_writes_per_day`).

use super::{Internal, rights};
use crate::app::App;
use crate::crypto::token;
use crate::domain::admin::Administrator;
use crate::domain::oauth::client::Client;
use crate::domain::timestamp::Timestamp;
use crate::storage::api_answers;
use time::Duration;

/// For how long an answer is given again.
pub const KEPT: Duration = Duration::days(1);

/// No request takes longer: what is under way for longer was left behind by a crash. Doing it again is safe, because
/// every write names the version of the account that it saw; the one that leaves the version as it is ends sessions, and
/// that twice is no harm.
const LONGEST: Duration = Duration::minutes(2);

/// The longest key, in bytes.
pub const LONGEST_KEY: usize = 255;

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its text.
    pub body: String,
    /// Its entity tag.
    pub etag: Option<String>,
}

/// A key that was taken for one request.
#[derive(Debug)]
pub struct Turn {
    id: String,
    begun_at: Timestamp,
}

/// What there is under a key.
#[derive(Debug)]
pub enum Begun {
    /// Nothing: the request is to be carried out.
    Fresh(Turn),
    /// The answer to the same request.
    Same(Answer),
    /// Another request.
    Other,
    /// The same request, and it is still being carried out.
    Underway,
    /// Nothing, and the application has written enough for a day; it may again after so many seconds.
    TooMany(i64),
}

/// Takes a key for a request, which is told by everything that makes it what it is.
pub async fn begin(
    app: &App,
    (by, client): (&Administrator, &Client),
    key: &str,
    request: &str,
) -> Result<Begun, Internal> {
    let id = token::digest(&format!("{}\n{key}", client.id));
    let request = token::digest(request);
    let now = app.now();
    if api_answers::begin(&app.db, &id, &request, (Some(client.id), now)).await? {
        return within_the_day(app, by, client, Turn { id, begun_at: now }).await;
    }
    // Given free meanwhile: whoever did it is done, and so is this one's wait.
    let Some(kept) = api_answers::by_id(&app.db, &id).await? else { return Ok(Begun::Underway) };
    let age = now.since(Timestamp::from_micros(kept.begun_at));
    let is_over = age >= KEPT || (kept.status.is_none() && age >= LONGEST && kept.request == request);
    if is_over {
        let taken = api_answers::take_over(&app.db, &id, &request, now, kept.begun_at).await?;
        let turn = Turn { id, begun_at: now };
        return if taken { within_the_day(app, by, client, turn).await } else { Ok(Begun::Underway) };
    }
    if kept.request != request {
        return Ok(Begun::Other);
    }
    let Some(status) = kept.status.and_then(|status| u16::try_from(status).ok()) else {
        return Ok(Begun::Underway);
    };
    Ok(Begun::Same(Answer { status, body: kept.body.unwrap_or_default(), etag: kept.etag }))
}

/// Lets a turn go on unless the application has written enough for a day. Its own turn is counted, so of those that
/// come at once none slips through.
async fn within_the_day(
    app: &App,
    by: &Administrator,
    client: &Client,
    turn: Turn,
) -> Result<Begun, Internal> {
    let now = turn.begun_at;
    let written = api_answers::written(&app.db, client.id, now.minus(KEPT)).await?;
    if written.number <= app.config.admin.api_writes_per_day {
        return Ok(Begun::Fresh(turn));
    }
    release(app, &turn).await?;
    // One line for a day, however often it comes.
    let line = token::digest(&format!("{}\nstopped\n{}", client.id, now.local_date()));
    if api_answers::begin(&app.db, &line, "", (None, now)).await? {
        rights::wrote_too_much(app, by, app.config.admin.api_writes_per_day).await;
    }
    let free_at = written.oldest.map_or(now, Timestamp::from_micros).plus(KEPT);
    Ok(Begun::TooMany(free_at.since(now).whole_seconds() + 1))
}

/// Keeps the answer.
pub async fn finish(app: &App, turn: &Turn, answer: &Answer) -> Result<(), Internal> {
    let place = (turn.id.as_str(), turn.begun_at);
    let status = i64::from(answer.status);
    Ok(api_answers::finish(&app.db, place, status, &answer.body, answer.etag.as_deref()).await?)
}

/// Gives the key free, because nothing was done that must not be done twice.
pub async fn release(app: &App, turn: &Turn) -> Result<(), Internal> {
    Ok(api_answers::release(&app.db, &turn.id, turn.begun_at).await?)
}

/// Forgets old answers; tells how many.
pub(super) async fn forget(app: &App) -> Result<u64, Internal> {
    Ok(api_answers::forget(&app.db, app.now().minus(KEPT)).await?)
}
