//! Letters before a lock for inactivity, where that rule has a day of its enforcement: 10, 5, 3 and 1 working days before the
//! last day, and on it. A use makes them needless; one that still waits is not sent then.

use super::{Kept, PAGE, Rules, new_id, sender, term_start};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::Reach;
use crate::domain::mail::LetterKind;
use crate::domain::policy::deadline::{Deadline, Rule};
use crate::domain::policy::reminder;
use crate::domain::policy::stage::Mode;
use crate::domain::timestamp::Timestamp;
use crate::i18n::letters::{self as words, Term};
use crate::services::{Internal, deadlines};
use crate::storage::accounts::{self, Place};
use crate::storage::letters::{self, Key};
use time::Date;

/// A letter that is due.
pub(super) struct Due {
    /// To whom.
    pub account: Account,
    deadline: Deadline,
    key: Key,
}

/// Walks through the accounts that are locked soon, page by page, and finds whom to tell today that nobody uses theirs.
pub(super) struct Walk {
    rules: Rules,
    reach: Reach,
    until: Timestamp,
    after: Place,
    today: Date,
}

impl Walk {
    /// From now on, within a reach.
    pub(super) fn new(app: &App, reach: &Reach) -> Self {
        let (now, rules) = (app.now(), Rules::of(app));
        let today = now.local_date();
        // An agency may have more days off than the city, and the lock waits for a working day: two weeks more.
        let last = reminder::after_working_days(today, reminder::THRESHOLDS[0] + 10, rules.city());
        let until = Timestamp::end_of(last);
        Self { rules, reach: reach.clone(), until, after: Place::after(now), today }
    }

    /// What the next page calls for; `None` after the last.
    pub(super) async fn next(&mut self, app: &App) -> Result<Option<Vec<Due>>, Internal> {
        let page = accounts::to_lock(&app.db, self.until, &self.after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = last.place.clone();
        let mut all = Vec::new();
        for account in page.into_iter().map(|found| found.account) {
            let Some(due) = self.due(account) else { continue };
            if !letters::is_written(&app.db, &due.key.text).await? {
                all.push(due);
            }
        }
        Ok(Some(all))
    }

    /// What an account calls for, if it is inactivity that locks it first.
    fn due(&self, account: Account) -> Option<Due> {
        let Rules(regulation) = &self.rules;
        let agency = account.profile().agency_id;
        let deadline = regulation.idle(&account).filter(|_| self.reach.covers(agency))?;
        let password = regulation.running(&account).and_then(|password| password.lock_at);
        let comes_first =
            deadline.lock_at.is_some() && password.is_none_or(|at| deadline.lock_at <= Some(at));
        let mode = regulation.stage(Rule::Inactivity, &account).mode_on(self.today);
        if !comes_first || mode == Mode::Observe {
            return None;
        }
        let occasion = reminder::due(&deadline, self.today, self.rules.calendar(&account), &[])?;
        let (rule, used) = (deadline.rule.code(), used_at(&account)?.micros());
        let key = Key { text: format!("{}:{rule}:{used}:{occasion}", account.id()), term: None };
        Some(Due { account, deadline, key })
    }
}

/// When an account was last used; a new password and a lifted lock count.
fn used_at(account: &Account) -> Option<Timestamp> {
    account.traces().last_used_at.max(term_start(account.state()))
}

/// Writes the letters of a page; tells how many.
pub(super) async fn write(app: &App, page: &[Due]) -> Result<usize, Internal> {
    if page.is_empty() {
        return Ok(0);
    }
    let (now, rules, mut written) = (app.now(), Rules::of(app), 0);
    let today = now.local_date();
    let mut tx = app.db.begin().await?;
    for Due { account, deadline, key } in page {
        let left = reminder::working_days(today, deadline.last_day, rules.calendar(account));
        let letter = words::inactive(account.profile(), &Term { deadline, today, left }, &sender(app));
        if letters::write(&mut tx, new_id(app), account.id(), key, &letter, now).await? {
            // What a letter says is kept.
            deadlines::tell_of_inactivity(app, &mut tx, account, deadline).await?;
            written += 1;
        }
    }
    tx.commit().await?;
    Ok(written)
}

/// Whether an account is still unused since a letter about it was written, and not locked yet.
pub(super) async fn is_still_wanted(app: &App, letter: &Kept) -> Result<bool, Internal> {
    if letter.letter.kind() != LetterKind::Inactive {
        return Ok(true);
    }
    let Some(account) = accounts::by_id(&app.db, letter.account_id).await? else { return Ok(false) };
    let Rules(regulation) = Rules::of(app);
    let runs =
        regulation.idle(&account).is_some_and(|idle| idle.lock_at.is_some() && app.now() < idle.ends_at);
    Ok(runs && used_at(&account).is_some_and(|used| used < letter.written_at))
}
