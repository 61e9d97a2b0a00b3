//! Hands the waiting letters to the relay: claimed one by one, looked at once more, sent with no transaction open,
//! recorded. One refused recipient stops nobody else; a relay that cannot be used stops the round.

use super::{Rules, idle, term_start};
use crate::app::App;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::mail::{GIVEN_UP_AFTER, next_attempt};
use crate::mail::{Conversation, MailError};
use crate::services::Internal;
use crate::storage::letters::{self, Kept};
use crate::storage::{accounts, audit};
use time::Duration;

/// How many letters are read at a time.
const BATCH: i64 = 100;

/// For the pace.
const MINUTE: Duration = Duration::minutes(1);

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The relay took it.
    Sent,
    /// Somebody else is at work on it, or it was withdrawn.
    NotMine,
    /// It is tried again.
    Later(String),
    /// It will not be delivered.
    Failed(String),
    /// The relay cannot be used; the letter is tried again.
    RelayFailed(String),
}

/// The job: sends what is due, at most so many a minute as the configuration allows; tells how many.
pub async fn send_due(app: &App) -> Result<usize, Internal> {
    let Some(relay) = app.relay.config() else { return Ok(0) };
    let lately = letters::sent_since(&app.db, app.now().minus(MINUTE)).await?;
    let (mut room, mut sent, mut open) = (relay.per_minute - lately, 0, None);
    while room > 0 {
        let due = letters::due(&app.db, app.now(), room.min(BATCH)).await?;
        if due.is_empty() {
            break;
        }
        for letter in due {
            match attempt(app, &letter, &mut open).await? {
                Outcome::Sent => sent += 1,
                Outcome::NotMine => continue,
                Outcome::Later(why) => {
                    tracing::info!(kind = letter.letter.kind().code(), "a letter waits: {why}");
                }
                Outcome::Failed(why) => {
                    tracing::warn!(kind = letter.letter.kind().code(), "a letter failed: {why}");
                }
                Outcome::RelayFailed(why) => {
                    tracing::warn!("no letters are sent: {why}");
                    return Ok(sent);
                }
            }
            room -= 1;
        }
    }
    if let Some(conversation) = open {
        conversation.close().await;
    }
    Ok(sent)
}

/// Tries one letter, on the open conversation if there is one.
pub(super) async fn attempt<'a>(
    app: &'a App,
    letter: &Kept,
    open: &mut Option<Conversation<'a>>,
) -> Result<Outcome, Internal> {
    let now = app.now();
    let patience = app.relay.config().map_or(0, |relay| relay.timeout.as_secs());
    // Longer than connecting and sending may take.
    let until = now.plus(Duration::seconds(i64::try_from(patience).unwrap_or(300) * 3) + MINUTE);
    if !letters::take(&app.db, letter, until, now).await? {
        return Ok(Outcome::NotMine);
    }
    if !is_still_wanted(app, letter).await? {
        letters::withdraw_one(&app.db, letter.id).await?;
        return Ok(Outcome::NotMine);
    }
    if now > letter.written_at.plus(GIVEN_UP_AFTER) {
        let why = letter.error.clone().unwrap_or_else(|| "it could not be sent for three days".to_owned());
        let why = format!("given up: {why}");
        letters::failed(&app.db, letter.id, &why).await?;
        return Ok(Outcome::Failed(why));
    }
    match hand_over(app, letter, open).await {
        Ok(()) => {
            record(app, letter).await?;
            Ok(Outcome::Sent)
        }
        Err(MailError::Refused(why)) => {
            letters::failed(&app.db, letter.id, &why).await?;
            Ok(Outcome::Failed(why))
        }
        Err(error) => {
            let why = error.to_string();
            let next_at = next_attempt(letter.attempts + 1, app.now());
            letters::later(&app.db, letter.id, next_at, &why).await?;
            if error.stops_the_round() {
                *open = None;
                return Ok(Outcome::RelayFailed(why));
            }
            Ok(Outcome::Later(why))
        }
    }
}

async fn hand_over<'a>(
    app: &'a App,
    letter: &Kept,
    open: &mut Option<Conversation<'a>>,
) -> Result<(), MailError> {
    if open.as_ref().is_some_and(Conversation::is_over) {
        *open = None;
    }
    let conversation = match open {
        Some(conversation) => conversation,
        None => open.insert(app.relay.open().await?),
    };
    conversation.send(letter.id, &letter.letter, app.now()).await
}

/// Whether what a letter is about is still so: the same term runs and has not ended.
async fn is_still_wanted(app: &App, letter: &Kept) -> Result<bool, Internal> {
    let Some(start) = letter.term_start else { return idle::is_still_wanted(app, letter).await };
    let Some(account) = accounts::by_id(&app.db, letter.account_id).await? else { return Ok(false) };
    let runs = Rules::of(app).term(&account).is_some_and(|deadline| app.now() < deadline.ends_at);
    Ok(runs && term_start(account.state()) == Some(start))
}

/// That it was sent, and the audit, in one transaction.
async fn record(app: &App, letter: &Kept) -> Result<(), Internal> {
    let now = app.now();
    let account = accounts::by_id(&app.db, letter.account_id).await?;
    let mut tx = app.db.begin().await?;
    letters::sent(&mut tx, letter.id, now).await?;
    if let Some(account) = account {
        let entry = Entry::about(now, Actor::Job("letters"), Act::LetterSent, &account);
        audit::append(&mut tx, &[entry.with(letter.letter.kind().code())]).await?;
    }
    Ok(tx.commit().await?)
}
