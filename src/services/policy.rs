//! The policy: values and stages of the rules in versions. A change makes a new, complete version with who and why;
//! every node reads it within a minute and the deadlines that run are computed anew. What differs is put into words in
//! `words`.

mod words;

pub use words::{Difference, differences, shown};

use super::approvals::{self, Pass, Stopped};
use super::{Internal, deadlines, rights};
use crate::app::App;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::approval::{Deed, Matter};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::name;
use crate::domain::policy::regulation::{Book, Regulation};
use crate::domain::policy::settings::Settings;
use crate::domain::policy::stage::Stages;
use crate::services::deadlines::Effect;
use crate::storage::{StorageError, agencies, audit, policy};
use std::fmt::Write as _;
use std::sync::Arc;
use thiserror::Error;

pub use crate::storage::policy::Version;

/// The longest reason that is kept, in characters.
const WHY_LENGTH: usize = 500;

/// Who changes the policy.
pub enum By<'a> {
    /// An administrator who may.
    Administrator(&'a Administrator),
    /// The server's operator.
    CommandLine,
}

/// Why the policy was not changed.
#[derive(Debug, Error)]
pub enum ChangeRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// Somebody would be locked before they were warned.
    #[error("a rule is enforced before it is warned of")]
    OutOfOrder,
    /// Nothing differs.
    #[error("nothing would change")]
    Nothing,
    /// Somebody else changed the policy meanwhile.
    #[error("somebody else changed the policy meanwhile")]
    Conflict,
    /// There is no such version.
    #[error("there is no version {0}")]
    NoVersion(i64),
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ChangeRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Makes the first version out of the configuration if there is none, and reads the latest. Safe at every start and
/// from several nodes at once.
pub async fn ensure(app: &App) -> Result<(), Internal> {
    if policy::latest(&app.db).await? == 0 {
        let settings = app.config.policy.initial.clone();
        let book = Book { version: 1, settings, stages: Stages::as_the_regulation_reads() };
        let (changed_at, changed_by) = (app.now(), String::new());
        let version = Version { version: 1, changed_at, changed_by, why: String::new() };
        let mut tx = app.db.begin().await?;
        policy::add(&mut tx, &version, &book).await?;
        tx.commit().await?;
    }
    reload(app).await
}

/// Reads the policy again if it was changed since this node read it.
pub async fn reload(app: &App) -> Result<(), Internal> {
    let latest = policy::latest(&app.db).await?;
    if latest != app.book().version {
        app.set_book(policy::book(&app.db, latest).await?);
    }
    Ok(())
}

/// The latest versions, newest first.
pub async fn history(app: &App, limit: i64) -> Result<Vec<Version>, Internal> {
    Ok(policy::versions(&app.db, limit).await?)
}

/// What a version said.
pub async fn version(app: &App, number: i64) -> Result<Book, Internal> {
    Ok(policy::book(&app.db, number).await?)
}

/// What other values and stages would do to the deadlines that run.
pub async fn effect(app: &App, settings: &Settings, stages: &Stages) -> Result<Effect, Internal> {
    let book = Book { version: app.book().version, settings: settings.clone(), stages: stages.clone() };
    deadlines::effect_of(app, &Regulation { book: Arc::new(book), ..app.regulation() }).await
}

/// Makes a new version out of the one that `from` names; refused if another came in between.
pub async fn change(
    app: &App,
    by: &By<'_>,
    from: i64,
    (settings, stages): (Settings, Stages),
    why: &str,
) -> Result<i64, ChangeRefused> {
    let (actor, changed_by) = match by {
        By::Administrator(admin) => {
            (rights::acting(app, admin, Right::ChangeRules).await?, admin.address().to_string())
        }
        By::CommandLine => (Actor::CommandLine, "command_line".to_owned()),
    };
    let why: String = name::tidy(why).chars().take(WHY_LENGTH).collect();
    if why.is_empty() {
        return Err(ChangeRefused::NoReason);
    }
    if stages.entries().any(|(_, _, stage)| !stage.is_in_order()) {
        return Err(ChangeRefused::OutOfOrder);
    }
    reload(app).await?;
    let before = app.book();
    if before.version != from {
        return Err(ChangeRefused::Conflict);
    }
    if before.settings == settings && before.stages == stages {
        return Err(ChangeRefused::Nothing);
    }
    let book = Book { version: from + 1, settings, stages };
    let (was, is) = in_words(&before, &book);
    let pass = allowed(app, by, (&before, &book), format!("{from}: {was} → {is}")).await?;
    let now = app.now();
    let version = Version { version: book.version, changed_at: now, changed_by, why: why.clone() };
    let entry = Entry::new(now, actor, Act::PolicyChanged, format!("version {}", book.version));
    let mut tx = app.db.begin().await?;
    if let Some(pass) = pass {
        pass.spend(app, &mut tx).await?;
    }
    if !policy::add(&mut tx, &version, &book).await? {
        return Err(ChangeRefused::Conflict);
    }
    audit::append(&mut tx, &[entry.changing(was, is).because(why)]).await?;
    tx.commit().await?;
    app.set_book(book);
    Ok(from + 1)
}

/// Lets a change of the rules go on that a second person has approved: what was on the left, what will be on the right.
async fn allowed(
    app: &App,
    by: &By<'_>,
    (before, after): (&Book, &Book),
    content: String,
) -> Result<Option<Pass>, Stopped> {
    let By::Administrator(admin) = by else { return Ok(None) };
    let (all, today) = (agencies::with_merged(&app.db).await?, app.now().local_date());
    let preview = approvals::in_words(|t| {
        let line = |one: Difference| format!("{}: {} → {}", one.what, one.before, one.after);
        differences(t, [before, after], today, &all).into_iter().map(line).collect()
    });
    let deed = Deed { matter: Matter::ChangeRules, content, preview };
    Ok(Some(approvals::pass(app, admin, deed, None).await?))
}

/// Makes a new version that says what an older one said.
pub async fn revert(app: &App, by: &By<'_>, to: i64, why: &str) -> Result<i64, ChangeRefused> {
    if !history(app, i64::MAX).await?.iter().any(|version| version.version == to) {
        return Err(ChangeRefused::NoVersion(to));
    }
    let old = version(app, to).await?;
    change(app, by, app.book().version, (old.settings, old.stages), why).await
}

/// What differs between two books, before and after, for the audit.
fn in_words(before: &Book, after: &Book) -> (String, String) {
    let (mut was, mut is) = (String::new(), String::new());
    for (setting, old, new) in after.settings.changes_from(&before.settings) {
        let _ = write!(was, "{}={old} ", setting.code());
        let _ = write!(is, "{}={new} ", setting.code());
    }
    for (text, book, other) in [(&mut was, before, after), (&mut is, after, before)] {
        let others: Vec<_> = other.stages.entries().collect();
        for entry in book.stages.entries().filter(|entry| !others.contains(entry)) {
            let (rule, agency, stage) = entry;
            let place = agency.map_or_else(|| "city".to_owned(), |id| id.to_string());
            let day = |day: Option<time::Date>| match day {
                None => "never".to_owned(),
                Some(time::Date::MIN) => "always".to_owned(),
                Some(day) => day.to_string(),
            };
            let (warn, enforce) = (day(stage.warn_from), day(stage.enforce_from));
            let _ = write!(text, "{} {place}: warn {warn}, enforce {enforce}; ", rule.code());
        }
    }
    (was.trim_end().to_owned(), is.trim_end().to_owned())
}
