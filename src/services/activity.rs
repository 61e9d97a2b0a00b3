//! What happened at the doors with an account: the last sign-ins, attempts in vain, and from which networks.

use super::factors::codes::WITHOUT_PASSWORD;
use super::{Internal, kept_out, second_step, session};
use crate::app::App;
use crate::domain::session::Door;
use crate::domain::timestamp::Timestamp;
use crate::services::session::Current;
use crate::storage::activity::{self, RefusedRow, SignInRow};
use std::cmp::Reverse;
use time::Duration;

/// How far back it goes: as long as ended sessions are kept.
pub const DAYS: i64 = 90;

/// So many sign-ins, and so many attempts in vain, are shown.
const MOST: i64 = 30;

/// So many sign-ins are read to count the networks.
const COUNTED: i64 = 1_000;

/// A sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// When.
    pub at: Timestamp,
    /// Through which door.
    pub door: Door,
    /// From which network address.
    pub source: String,
    /// With what, in the browser's words.
    pub user_agent: String,
    /// What has become of it.
    pub fate: Fate,
}

/// What has become of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is the one that asks.
    This,
    /// It is open.
    Open,
    /// It was not used for too long: it opens nothing, though nobody has ended it.
    Idle,
    /// A later one in the same browser goes on in its place.
    Succeeded,
    /// It ended then, and why, as far as that is known.
    Ended(Timestamp, Option<String>),
}

/// An attempt in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub at: Timestamp,
    /// From which network address.
    pub source: String,
    /// What was in vain.
    pub what: InVain,
}

/// What was in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InVain {
    /// A wrong password.
    Password,
    /// The sign-in was paused after several.
    PasswordPaused,
    /// A wrong second factor after the right password.
    Factor,
    /// The second step was paused after several.
    FactorPaused,
    /// A wrong second factor where no password was asked for.
    Recovery,
    /// That was paused after several.
    RecoveryPaused,
    /// A passkey of which there is a copy.
    CopiedPasskey,
    /// The right password, and then nothing at the second step.
    StepLeft,
    /// The right password of an account that was locked.
    Locked,
    /// The right password after its holder had disowned it.
    Disowned,
}

impl InVain {
    fn of(row: &RefusedRow) -> Self {
        let without_password = row.why.as_deref() == Some(WITHOUT_PASSWORD);
        match row.act.as_str() {
            "sign_in_paused" => Self::PasswordPaused,
            "factor_refused" if without_password => Self::Recovery,
            "factor_refused" => Self::Factor,
            "factor_paused" if without_password => Self::RecoveryPaused,
            "factor_paused" => Self::FactorPaused,
            "passkey_counter_fell" => Self::CopiedPasskey,
            "second_step_begun" => Self::StepLeft,
            "kept_out" if row.after.as_deref() == Some(kept_out::DISOWNED) => Self::Disowned,
            "kept_out" => Self::Locked,
            _ => Self::Password,
        }
    }
}

/// How often an account was signed in from a network address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The address.
    pub source: String,
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity {
    /// The newest first.
    pub sign_ins: Vec<SignIn>,
    /// The newest first.
    pub refused: Vec<Refused>,
    /// The last used first.
    pub places: Vec<Place>,
}

/// What happened with the account of the holder of a session.
pub async fn own(app: &App, current: &Current) -> Result<Activity, Internal> {
    let (now, account) = (app.now(), current.account.id());
    let since = now.minus(Duration::days(DAYS));
    let rows = activity::sign_ins(&app.db, account, since, COUNTED).await?;
    let mut refused = activity::refused(&app.db, account, since, MOST).await?;
    refused.extend(left(activity::steps(&app.db, account, since, COUNTED).await?, now));
    refused.sort_by_key(|row| Reverse(row.at));
    let most = usize::try_from(MOST).unwrap_or_default();
    refused.truncate(most);
    let this = current.session.id.to_string();
    let shown = rows.iter().take(most);
    Ok(Activity {
        sign_ins: shown.map(|row| sign_in(app, row, &this)).collect(),
        refused: refused
            .into_iter()
            .map(|row| Refused {
                at: Timestamp::from_micros(row.at),
                what: InVain::of(&row),
                source: row.source.unwrap_or_default(),
            })
            .collect(),
        places: places(&rows),
    })
}

fn sign_in(app: &App, row: &SignInRow, this: &str) -> SignIn {
    let door = Door::from_code(&row.door).unwrap_or(Door::Staff);
    let expires_at = Timestamp::from_micros(row.expires_at);
    let fate = match row.ended_at {
        _ if row.id == this => Fate::This,
        Some(at) => Fate::Ended(Timestamp::from_micros(at), row.end_reason.clone()),
        None if expires_at <= app.now() => Fate::Ended(expires_at, None),
        None if row.is_succeeded => Fate::Succeeded,
        None if session::was_in_use(app, door, Timestamp::from_micros(row.last_seen_at)) => Fate::Open,
        None => Fate::Idle,
    };
    let (source, user_agent) = (row.source.clone(), row.user_agent.clone());
    SignIn { at: row.began_at(), door, source, user_agent, fate }
}

/// The second steps that were begun and that no session followed, once their time is over. A session takes the latest step
/// before it from the same network address at the same door. The rows come with the newest first.
fn left(mut rows: Vec<RefusedRow>, now: Timestamp) -> Vec<RefusedRow> {
    rows.reverse();
    let mut begun: Vec<RefusedRow> = Vec::new();
    for row in rows {
        if row.act == "second_step_begun" {
            begun.push(row);
            continue;
        }
        let at = Timestamp::from_micros(row.at);
        let followed = begun.iter().rposition(|one| {
            one.source == row.source
                && one.after == row.after
                && at.since(Timestamp::from_micros(one.at)) <= second_step::WAITS
        });
        if let Some(place) = followed {
            begun.remove(place);
        }
    }
    begun.retain(|one| now.since(Timestamp::from_micros(one.at)) >= second_step::WAITS);
    begun
}

/// The rows come with the newest first.
fn places(rows: &[SignInRow]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for row in rows {
        match places.iter_mut().find(|place| place.source == row.source) {
            Some(place) => place.count += 1,
            None => places.push(Place { source: row.source.clone(), count: 1, last_at: row.began_at() }),
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(minute: i64, act: &str, source: &str) -> RefusedRow {
        RefusedRow {
            at: Timestamp::from_seconds(minute * 60).micros(),
            act: act.to_owned(),
            after: Some("staff".to_owned()),
            why: None,
            source: Some(source.to_owned()),
        }
    }

    #[test]
    fn a_step_is_left_unless_a_session_from_the_same_address_followed_within_its_time() {
        let rows = vec![
            row(80, "second_step_begun", "still waits"),
            row(60, "signed_in", "too late"),
            row(40, "second_step_begun", "too late"),
            row(22, "signed_in", "followed"),
            row(21, "second_step_begun", "elsewhere"),
            row(20, "second_step_begun", "followed"),
        ];
        let left = left(rows, Timestamp::from_seconds(85 * 60));
        let sources: Vec<_> = left.iter().filter_map(|row| row.source.as_deref()).collect();
        assert_eq!(sources, ["elsewhere", "too late"]);
    }

    #[test]
    fn of_two_steps_from_one_address_a_session_follows_one() {
        let rows = vec![
            row(3, "signed_in", "office"),
            row(2, "second_step_begun", "office"),
            row(1, "second_step_begun", "office"),
        ];
        let left = left(rows, Timestamp::from_seconds(3_600));
        assert_eq!(left.iter().map(|row| row.at).collect::<Vec<_>>(), [60_000_000]);
    }
}
