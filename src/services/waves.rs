//! The wizard that switches a rule on: how an old estate looks under it, agency by agency, and the start of the waves.

use super::{Internal, policy};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::Administrator;
use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::domain::policy::deadline::{Deadline, Rule};
use crate::domain::policy::regulation::{Book, Regulation};
use crate::domain::policy::stage::{Stage, Stages};
use crate::domain::policy::waves;
use crate::services::policy::{By, ChangeRefused};
use crate::storage::{accounts, agencies};
use std::collections::BTreeMap;
use std::sync::Arc;
use time::{Date, Duration};

/// Accounts read at a time.
const PAGE: i64 = 1_000;

/// How many days ahead a survey looks.
const SOON: Duration = Duration::days(30);

/// How one agency looks under a rule, were it enforced already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surveyed {
    /// The agency.
    pub agency: Agency,
    /// The stage in which the rule is for it.
    pub stage: Stage,
    /// How many of its accounts the rule concerns.
    pub accounts: u64,
    /// How many of them are overdue.
    pub overdue: u64,
    /// How many become so within 30 days.
    pub due_soon: u64,
}

/// Looks at all accounts under a rule as if it were enforced everywhere. Reads in pages, writes nothing.
pub async fn survey(app: &App, rule: Rule) -> Result<Vec<Surveyed>, Internal> {
    let present = app.regulation();
    let mut stages = Stages::default();
    stages.set(rule, None, Stage::ALWAYS);
    let book = Book { version: present.book.version, settings: present.book.settings.clone(), stages };
    let everywhere = Regulation { book: Arc::new(book), ..present.clone() };
    let today = app.now().local_date();
    let soon = today.checked_add(SOON).unwrap_or(today);
    let mut counts: BTreeMap<AgencyId, [u64; 3]> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = accounts::open(&app.db, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id());
        for account in &page {
            let (Some(agency), Some(deadline)) =
                (account.profile().agency_id, under(&everywhere, rule, account))
            else {
                continue;
            };
            let [all, overdue, due_soon] = counts.entry(agency).or_default();
            *all += 1;
            *overdue += u64::from(deadline.last_day < today);
            *due_soon += u64::from((today..=soon).contains(&deadline.last_day));
        }
    }
    let surveyed = agencies::every(&app.db).await?.into_iter().map(|agency| {
        let [all, overdue, due_soon] = counts.get(&agency.id).copied().unwrap_or_default();
        let stage = present.book.stages.of(rule, Some(agency.id));
        Surveyed { agency, stage, accounts: all, overdue, due_soon }
    });
    Ok(surveyed.collect())
}

/// The deadline of an account by one rule; what its holder was told does not count here.
fn under(regulation: &Regulation, rule: Rule, account: &Account) -> Option<Deadline> {
    let traces = crate::domain::account::Traces { promised_until: None, ..*account.traces() };
    let account = account.clone().with_traces(traces);
    let deadline = match rule {
        Rule::DefaultPassword | Rule::PasswordAge => regulation.running(&account),
        Rule::Inactivity => regulation.idle(&account),
    };
    deadline.filter(|deadline| deadline.rule == rule)
}

/// The stages with which these agencies begin on these days, warned so many working days before.
pub fn stages(app: &App, rule: Rule, days: &[(AgencyId, Date)], warning: u16) -> Stages {
    let today = app.now().local_date();
    let regulation = app.regulation();
    let mut stages = regulation.book.stages.clone();
    for (agency, day) in days {
        let calendar = regulation.calendar_of(Some(*agency));
        stages.set(rule, Some(*agency), waves::stage(*day, warning, today, calendar));
    }
    stages
}

/// Starts the waves: a new version of the policy, from the one that was looked at.
pub async fn start(
    app: &App,
    by: &Administrator,
    from: i64,
    stages: Stages,
    why: &str,
) -> Result<i64, ChangeRefused> {
    let settings = app.book().settings.clone();
    policy::change(app, &By::Administrator(by), from, (settings, stages), why).await
}
