//! The table of which directory has the word on what: looked at, tried, changed, set back.

use super::super::{Internal, rights};
use super::preview::{Foreseen, RulingRefused, foresee, judge};
use super::rulings as in_use;
use crate::app::App;
use crate::domain::admin::{Administrator, Right};
use crate::domain::audit::{Act, Entry};
use crate::domain::sync::{Attribute, Authority, Rulings};
use crate::storage::{audit, rulings};

pub use crate::storage::rulings::AuthorityVersion;

/// The table in force with its version; 0: the built-in one.
pub async fn present(app: &App) -> Result<(i64, Authority), Internal> {
    let latest = rulings::authorities(&app.db, 1).await?;
    Ok(latest.first().map_or((0, Authority::default()), |version| (version.version, version.table)))
}

/// The latest versions, newest first.
pub async fn history(app: &App, limit: i64) -> Result<Vec<AuthorityVersion>, Internal> {
    Ok(rulings::authorities(&app.db, limit).await?)
}

/// What another table would do.
pub async fn effect(app: &App, by: &Administrator, table: Authority) -> Result<Foreseen, RulingRefused> {
    rights::ask(app, by, Right::DecideDirectories).await?;
    let rulings = Rulings { authority: table, ..in_use::in_force(app).await? };
    Ok(foresee(app, rulings).await?)
}

/// Puts another table in the place of the version that `from` names; the next run plans everybody by it.
pub async fn change(
    app: &App,
    by: &Administrator,
    from: i64,
    table: Authority,
    why: &str,
) -> Result<(), RulingRefused> {
    let (actor, why) = judge(app, by, why).await?;
    let (version, before) = present(app).await?;
    if version != from {
        return Err(RulingRefused::Conflict);
    }
    if before == table {
        return Err(RulingRefused::Nothing);
    }
    let now = app.now();
    let changed_by = by.address().to_string();
    let (was, is) = differences(before, table);
    let entry = Entry::new(now, actor, Act::AuthorityChanged, "directories");
    let entry = entry.changing(was, is).because(why.clone());
    let added = AuthorityVersion { version: from + 1, table, changed_at: now, changed_by, why };
    let mut tx = app.db.begin().await?;
    if !rulings::add_authority(&mut tx, &added).await? {
        return Err(RulingRefused::Conflict);
    }
    rulings::changed(&mut tx).await?;
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

/// What differs between two tables, before and after, for the audit.
fn differences(before: Authority, after: Authority) -> (String, String) {
    let differs = |attribute: &&Attribute| before.of(**attribute) != after.of(**attribute);
    let side = |table: Authority| {
        let one = |attribute: &Attribute| format!("{}={}", attribute.code(), table.of(*attribute).code());
        Attribute::ALL.iter().filter(differs).map(one).collect::<Vec<_>>().join(" ")
    };
    (side(before), side(after))
}
