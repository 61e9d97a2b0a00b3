//! The mail rules in short: acknowledged once a year, and anew when their version changes.

use super::Internal;
use crate::app::App;
use crate::domain::admin::Administrator;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::timestamp::Timestamp;
use crate::services::session::Current;
use crate::storage::audit;
use crate::storage::rules::{self, Count};
use time::Duration;

pub use crate::storage::rules::Acknowledged;

/// How long an acknowledgement counts.
const YEAR: Duration = Duration::days(365);

/// How somebody stands with the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The last acknowledgement.
    pub last: Option<Acknowledged>,
    /// Whether they are to be acknowledged now.
    pub is_due: bool,
    /// Until when the last one counts.
    pub until: Option<Timestamp>,
}

/// How the holder of a session stands.
pub async fn standing(app: &App, current: &Current) -> Result<Standing, Internal> {
    let last = rules::of_account(&app.db, current.account.id(), 1).await?.into_iter().next();
    let until = last.as_ref().map(|last| last.at.plus(YEAR));
    let counts = last.as_ref().is_some_and(|last| last.version == app.config.mail_rules.version)
        && until.is_some_and(|until| app.now() < until);
    let is_due = !counts && !app.config.mail_rules.is_empty();
    Ok(Standing { last, is_due, until: until.filter(|_| counts) })
}

/// The holder of a session acknowledges the version that the page showed; `false` if another one is in force.
pub async fn acknowledge(app: &App, current: &Current, version: &str) -> Result<bool, Internal> {
    if version != app.config.mail_rules.version {
        return Ok(false);
    }
    let (now, account) = (app.now(), &current.account);
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::RulesAcknowledged, account).with(version);
    let mut tx = app.db.begin().await?;
    let one = Acknowledged { version: version.to_owned(), at: now };
    rules::add(&mut tx, account.id(), &one).await?;
    audit::append(&mut tx, &[entry.from(&current.session.source)]).await?;
    tx.commit().await?;
    Ok(true)
}

/// How many people of each agency within reach have acknowledged the version in force within a year.
pub async fn by_agency(app: &App, by: &Administrator) -> Result<Vec<Count>, Internal> {
    let since = app.now().minus(YEAR);
    let reach = by.reach().agency();
    Ok(rules::by_agency(&app.db, &app.config.mail_rules.version, since, reach).await?)
}
