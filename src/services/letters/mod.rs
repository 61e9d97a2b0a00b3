//! Letters: written when a term calls for one, withdrawn when its reason goes away, sent by [`send`].
//!
//! Writing and withdrawing happen in the transaction of whatever changes; the relay is never asked while one is open.

mod certificates;
mod desk;
mod idle;
mod incidents;
mod send;

pub use crate::storage::letters::{Failure, Kept};
pub use desk::{
    Mine, Overview, Preview, PreviewKind, Recipient, Tried, overview, own, preview, preview_of_the_city,
    trial,
};
pub(super) use incidents::{incident_handed_on, incident_reported, who_looks_after};
pub use send::send_due;

use super::{Internal, deadlines, watch};
use crate::app::App;
use crate::domain::account::{Account, Profile, State};
use crate::domain::address::MailAddress;
use crate::domain::admin::{Grant, Reach, Role};
use crate::domain::agency::Agency;
use crate::domain::id::{AccountId, AgencyId, LetterId, ReorganisationId, RunId, SessionId};
use crate::domain::mail::{Letter, LetterKind};
use crate::domain::policy::calendar::Calendar;
use crate::domain::policy::deadline::Deadline;
use crate::domain::policy::regulation::Regulation;
use crate::domain::policy::reminder::{self, Occasion, Written};
use crate::domain::policy::settings::Class;
use crate::domain::policy::stage::Mode;
use crate::domain::secret::Secret;
use crate::domain::sync::Excess;
use crate::domain::timestamp::Timestamp;
use crate::i18n::access_reviews as review_words;
use crate::i18n::factors::{self, Change};
use crate::i18n::letters::{self as words, DIGEST_LINES, DigestLine, Sender, Term};
use crate::i18n::sync_plan;
use crate::i18n::{other_factors, role_letters as role_words};
use crate::storage::accounts::Place;
use crate::storage::letters::{self, Key};
use crate::storage::told_deadlines::ToldBy;
use crate::storage::{StorageError, Tx, accounts, administrators, agencies};
use std::collections::HashMap;
use time::Date;

/// How many accounts a page of the running terms has.
const PAGE: i64 = 500;

/// What the regulation says, at one moment: the only place here that asks for it.
struct Rules(Regulation);

impl Rules {
    fn of(app: &App) -> Self {
        Self(app.regulation())
    }

    /// The city's working days: when letters are written.
    fn city(&self) -> &Calendar {
        self.0.calendars.city()
    }

    /// The working days of an account's agency.
    fn calendar(&self, account: &Account) -> &Calendar {
        self.0.calendar_of(account.profile().agency_id)
    }

    /// The term that runs for an account.
    fn term(&self, account: &Account) -> Option<Deadline> {
        self.0.running(account)
    }

    /// The same, if its holder is warned of it today.
    fn warned(&self, account: &Account, today: Date) -> Option<Deadline> {
        let deadline = self.term(account)?;
        (self.0.stage(deadline.rule, account).mode_on(today) != Mode::Observe).then_some(deadline)
    }
}

/// When the term began that runs for a state, if one does: what a letter about it is kept under.
const fn term_start(state: &State) -> Option<Timestamp> {
    match *state {
        State::Active { password_set_at } => Some(password_set_at),
        State::MustChangePassword { since, .. } => Some(since),
        State::Locked { .. } | State::Retired { .. } => None,
    }
}

/// Writes the letter at issue for an account whose term has just begun, in the transaction that began it.
pub(super) async fn at_issue(app: &App, tx: &mut Tx, account: &Account) -> Result<(), StorageError> {
    let (now, rules) = (app.now(), Rules::of(app));
    let Some(deadline) = rules.warned(account, now.local_date()) else { return Ok(()) };
    if let Some(occasion) = reminder::at_issue(&deadline, now) {
        write(app, tx, &rules, &Due { account: account.clone(), deadline, occasion }).await?;
    }
    Ok(())
}

/// Withdraws what was not sent yet about an account's terms, in the transaction that ends them.
pub(super) async fn withdraw(tx: &mut Tx, account_id: AccountId) -> Result<(), StorageError> {
    letters::withdraw(tx, account_id).await.map(|_| ())
}

/// The job: once the offices are open, writes the letters of today; tells how many. Terms of passwords are written about on
/// working days only; a certificate ends on days off too.
pub async fn write_due(app: &App) -> Result<usize, Internal> {
    let now = app.now();
    let rules = Rules::of(app);
    let opening = rules.0.book.settings.opening();
    if now.local().time() < opening {
        return Ok(0);
    }
    let mut written = certificates::write_ending(app).await?;
    if !reminder::is_open(now, rules.city(), opening) {
        return Ok(written);
    }
    let mut walk = Walk::new(app, None);
    while let Some(page) = walk.next(app).await? {
        if page.is_empty() {
            continue;
        }
        let mut tx = app.db.begin().await?;
        for due in &page {
            written += usize::from(write(app, &mut tx, &walk.rules, due).await?);
        }
        tx.commit().await?;
    }
    let mut unused = idle::Walk::new(app, &Reach::City);
    while let Some(page) = unused.next(app).await? {
        written += idle::write(app, &page).await?;
    }
    for digest in digests_due(app, &Reach::City).await? {
        written += usize::from(digest.write(app).await?);
    }
    Ok(written)
}

/// Tells the administrators of the city that a run was stopped which would have locked so many; once for each run.
pub async fn tell_run_held(app: &App, run: &str, locks: u64) -> Result<(), Internal> {
    let by = sender(app);
    let told = to_the_city(app, &format!("held:{run}"), |to| words::run_held(to, locks, &by)).await?;
    let mut tx = app.db.begin().await?;
    write_all(app, &mut tx, told).await?;
    Ok(tx.commit().await?)
}

/// The letters that tell the administrators of the city that a synchronisation is held; [`write_all`] writes them,
/// once for each run.
pub(super) async fn sync_held(app: &App, run: RunId, excess: &[Excess]) -> Result<Vec<ToWrite>, Internal> {
    let by = sender(app);
    to_the_city(app, &format!("sync:{run}"), |to| sync_plan::held(to, excess, &by)).await
}

/// Tells the holder that something about how they prove themselves has changed, in the transaction that changed it.
pub(super) async fn about_security(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    change: Change,
) -> Result<(), StorageError> {
    let occasion = format!("security:{}", new_id(app));
    about_security_once(app, tx, account, (change, app.now()), occasion).await
}

/// The same of something that may come again and again: one letter for each occasion.
pub(super) async fn about_security_once(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (change, at): (Change, Timestamp),
    occasion: String,
) -> Result<(), StorageError> {
    let letter = factors::letter(account.profile(), change, at, &sender(app));
    let key = Key { text: occasion, term: None };
    letters::write(tx, new_id(app), account.id(), &key, &letter, app.now()).await.map(|_| ())
}

/// The letter with a code for somebody, to another address than the city's. It is kept nowhere.
pub(super) fn with_code(
    app: &App,
    account: &Account,
    to: MailAddress,
    code: (&Secret<String>, bool),
) -> Letter {
    other_factors::letter_with_code(account.profile(), to, code, &sender(app))
}

/// A letter that is not kept yet.
pub(super) struct ToWrite {
    to: AccountId,
    key: Key,
    letter: Letter,
}

/// Writes letters in the transaction that made them necessary; one that was written before is not written again.
pub(super) async fn write_all(app: &App, tx: &mut Tx, all: Vec<ToWrite>) -> Result<(), StorageError> {
    for one in all {
        letters::write(tx, new_id(app), one.to, &one.key, &one.letter, app.now()).await?;
    }
    Ok(())
}

/// The letters that tell of a used break-glass code: to every administrator of the city and every security officer.
pub(super) async fn glass_broken(
    app: &App,
    who: &Account,
    session: SessionId,
    until: Timestamp,
) -> Result<Vec<ToWrite>, Internal> {
    let (by, from) = (sender(app), app.now().local());
    let letter = |to: &Profile| role_words::glass_broken(to, who.profile(), (from, until.local()), &by);
    to_holders(app, &[Role::City, Role::Security], &format!("glass:{session}"), letter).await
}

/// Tells the holder of a role that it ends soon; once for each grant.
pub(super) async fn role_ending(app: &App, grant: &Grant, last_day: Date) -> Result<bool, Internal> {
    let text = format!("role:{}", grant.id);
    if letters::is_written(&app.db, &text).await? {
        return Ok(false);
    }
    let Some(account) = accounts::by_id(&app.db, grant.account_id).await? else { return Ok(false) };
    let agency = match grant.agency_id {
        Some(id) => agencies::by_id(&app.db, id).await?.map(|agency| agency.name),
        None => None,
    };
    let letter =
        role_words::role_ending(account.profile(), grant.role, agency.as_deref(), last_day, &sender(app));
    let mut tx = app.db.begin().await?;
    let key = Key { text, term: None };
    let written = letters::write(&mut tx, new_id(app), account.id(), &key, &letter, app.now()).await?;
    tx.commit().await?;
    Ok(written)
}

/// Tells an administrator, once for each occasion, that an access review waits: its half-year, its last day, how many.
pub(super) async fn review_waits(
    app: &App,
    to: AccountId,
    occasion: String,
    told: (&str, Date, u64),
) -> Result<bool, Internal> {
    if letters::is_written(&app.db, &occasion).await? {
        return Ok(false);
    }
    let account = accounts::by_id(&app.db, to).await?.filter(|one| term_start(one.state()).is_some());
    let Some(account) = account else { return Ok(false) };
    let letter = review_words::review_waits(account.profile(), told, &sender(app));
    let mut tx = app.db.begin().await?;
    let key = Key { text: occasion, term: None };
    let written = letters::write(&mut tx, new_id(app), to, &key, &letter, app.now()).await?;
    tx.commit().await?;
    Ok(written)
}

/// The administrators of the city who may sign in.
pub(super) async fn of_the_city(app: &App) -> Result<Vec<Account>, Internal> {
    let mut all = Vec::new();
    for grant in administrators::holders(&app.db, app.now()).await? {
        if grant.role == Role::City
            && let Some(account) = accounts::by_id(&app.db, grant.account_id).await?
            && term_start(account.state()).is_some()
        {
            all.push(account);
        }
    }
    Ok(all)
}

/// The letters that tell them which roles, and what of applications, a reorganisation has ended because they would have
/// become too wide: whose, which role, over which agency. [`write_all`] writes them, once for each reorganisation.
pub(super) fn reach_held(
    app: &App,
    city: &[Account],
    (id, agency): (ReorganisationId, &str),
    held: &[(String, Option<Role>, String)],
) -> Vec<ToWrite> {
    let by = sender(app);
    let letter = |to: &Account| ToWrite {
        to: to.id(),
        key: Key { text: format!("reach:{id}:{}", to.id()), term: None },
        letter: role_words::reach_held(to.profile(), agency, held, &by),
    };
    city.iter().map(letter).collect()
}

/// One letter for each administrator of the city who may sign in.
async fn to_the_city(
    app: &App,
    occasion: &str,
    letter: impl Fn(&Profile) -> Letter,
) -> Result<Vec<ToWrite>, Internal> {
    to_holders(app, &[Role::City], occasion, letter).await
}

/// One letter for each holder of these roles who may sign in.
async fn to_holders(
    app: &App,
    roles: &[Role],
    occasion: &str,
    letter: impl Fn(&Profile) -> Letter,
) -> Result<Vec<ToWrite>, Internal> {
    let mut all = Vec::new();
    for Grant { account_id: to, role, .. } in administrators::holders(&app.db, app.now()).await? {
        if roles.contains(&role)
            && let Some(account) = accounts::by_id(&app.db, to).await?
            && term_start(account.state()).is_some()
        {
            let key = Key { text: format!("{occasion}:{to}"), term: None };
            all.push(ToWrite { to, key, letter: letter(account.profile()) });
        }
    }
    Ok(all)
}

/// A letter that is due.
struct Due {
    account: Account,
    deadline: Deadline,
    occasion: Occasion,
}

impl Due {
    fn kind(&self) -> LetterKind {
        match self.occasion {
            Occasion::Issued => LetterKind::DefaultPasswordIssued,
            Occasion::Morning(_) => LetterKind::DefaultPasswordMorning,
            Occasion::Left(_) => LetterKind::PasswordAge,
        }
    }
}

/// Walks through the running terms that end soon, page by page, and finds what each calls for today.
struct Walk {
    rules: Rules,
    span: (Timestamp, Timestamp),
    reach: Option<AgencyId>,
    after: Place,
    today: Date,
    at_end: bool,
}

impl Walk {
    fn new(app: &App, reach: Option<AgencyId>) -> Self {
        let (now, rules) = (app.now(), Rules::of(app));
        let today = now.local_date();
        let settings = &rules.0.book.settings;
        let longest = Class::ALL.map(|class| u16::from(settings.default_days(class))).into_iter().max();
        let days = reminder::THRESHOLDS[0].max(longest.unwrap_or_default());
        // An agency may have more days off than the city: two weeks more.
        let last = reminder::after_working_days(today, days + 10, rules.city());
        let span = (now, Timestamp::end_of(last));
        Self { span, reach, after: Place::start(), rules, today, at_end: false }
    }

    /// What the next page calls for; `None` after the last.
    async fn next(&mut self, app: &App) -> Result<Option<Vec<Due>>, Internal> {
        if self.at_end {
            return Ok(None);
        }
        let page = accounts::ending(&app.db, self.span, self.reach, &self.after, PAGE).await?;
        self.at_end = page.len() < usize::try_from(PAGE).unwrap_or_default();
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(None) };
        self.after = last.place.clone();
        let mut before: HashMap<AccountId, Vec<Written>> = HashMap::new();
        let span = (first.place.moment(), last.place.moment());
        for (id, written) in letters::written_between(&app.db, span.0, span.1).await? {
            before.entry(id).or_default().push(written);
        }
        let due = page.into_iter().filter_map(|found| {
            let account = found.account;
            let written = before.get(&account.id()).map(Vec::as_slice).unwrap_or_default();
            let deadline = self.rules.warned(&account, self.today)?;
            let occasion = reminder::due(&deadline, self.today, self.rules.calendar(&account), written)?;
            Some(Due { account, deadline, occasion })
        });
        Ok(Some(due.collect()))
    }
}

/// Writes a letter about a term, unless this occasion was written before.
async fn write(app: &App, tx: &mut Tx, rules: &Rules, due: &Due) -> Result<bool, StorageError> {
    let account = &due.account;
    let Some(start) = term_start(account.state()) else { return Ok(false) };
    let rule = due.deadline.rule.code();
    let text = format!("{}:{rule}:{}:{}", account.id(), start.micros(), due.occasion);
    let key = Key { text, term: Some((due.occasion, start)) };
    let now = app.now();
    let letter = compose(app, rules, due, now.local_date());
    let is_new = letters::write(tx, new_id(app), account.id(), &key, &letter, now).await?;
    if is_new {
        // What a letter says is kept.
        deadlines::tell_in(app, tx, account, &due.deadline, ToldBy::Letter).await?;
    }
    Ok(is_new)
}

fn compose(app: &App, rules: &Rules, due: &Due, today: Date) -> Letter {
    let (deadline, profile) = (&due.deadline, due.account.profile());
    // A day that the term counts is still to be used on its morning.
    let is_counted =
        matches!(*due.account.state(), State::MustChangePassword { .. }) && today > deadline.start;
    let from = if is_counted { today.previous_day().unwrap_or(today) } else { today };
    let left = reminder::working_days(from, deadline.last_day, rules.calendar(&due.account));
    let term = Term { deadline, today, left };
    match *due.account.state() {
        State::MustChangePassword { why, .. } => {
            words::must_change(profile, why, due.kind(), &term, &sender(app))
        }
        State::Active { .. } | State::Locked { .. } | State::Retired { .. } => {
            words::password_age(profile, &term, &sender(app))
        }
    }
}

/// A digest that is due: to an agency's administrator, once a week, if a term ends soon.
struct Digest {
    to: Account,
    agency: Agency,
    key: Key,
    until: Timestamp,
}

/// The digests of this week that are not written yet, within a reach.
async fn digests_due(app: &App, reach: &Reach) -> Result<Vec<Digest>, Internal> {
    let (now, rules) = (app.now(), Rules::of(app));
    let today = now.local_date();
    let yesterday = today.previous_day().unwrap_or(today);
    let last = reminder::after_working_days(yesterday, reminder::DIGEST_DAYS, rules.city());
    let (week, until) = (reminder::digest_week(today), Timestamp::end_of(last));
    let mut due = Vec::new();
    for Grant { account_id: id, role, agency_id, .. } in administrators::holders(&app.db, now).await? {
        let Some(agency) = agency_id.filter(|agency| role == Role::Agency && reach.covers(Some(*agency)))
        else {
            continue;
        };
        let text = format!("digest:{id}:{agency}:{week}");
        if letters::is_written(&app.db, &text).await?
            || accounts::due_between(&app.db, now, until, Some(agency)).await? == 0
        {
            continue;
        }
        let to = accounts::by_id(&app.db, id).await?.filter(|a| term_start(a.state()).is_some());
        let agency = agencies::by_id(&app.db, agency).await?;
        if let (Some(to), Some(agency)) = (to, agency) {
            due.push(Digest { to, agency, key: Key { text, term: None }, until });
        }
    }
    Ok(due)
}

impl Digest {
    async fn compose(&self, app: &App) -> Result<Letter, Internal> {
        let (now, rules) = (app.now(), Rules::of(app));
        let (until, reach) = (self.until, Some(self.agency.id));
        let first = accounts::ending(&app.db, (now, until), reach, &Place::start(), DIGEST_LINES).await?;
        let total = accounts::due_between(&app.db, now, until, reach).await?;
        let lines = first.into_iter().filter_map(|found| {
            let account = found.account;
            let profile = account.profile();
            let (name, address) = (profile.display_name.clone(), profile.address.clone());
            Some(DigestLine { name, address, last_day: rules.term(&account)?.last_day })
        });
        let lines: Vec<_> = lines.collect();
        let total = u64::try_from(total).unwrap_or(0);
        let watched = watch::numbers(app, self.agency.id).await?;
        let (to, agency) = (self.to.profile(), &self.agency.name);
        Ok(words::digest(to, agency, (&lines, total, &watched), reminder::DIGEST_DAYS, &sender(app)))
    }

    async fn write(&self, app: &App) -> Result<bool, Internal> {
        let letter = self.compose(app).await?;
        let mut tx = app.db.begin().await?;
        let written =
            letters::write(&mut tx, new_id(app), self.to.id(), &self.key, &letter, app.now()).await?;
        tx.commit().await?;
        Ok(written)
    }
}

fn sender(app: &App) -> Sender {
    let city = &app.config.city;
    Sender { unit: city.support_unit.clone(), phone: city.support_phone.clone() }
}

fn new_id(app: &App) -> LetterId {
    LetterId::new(app.now(), app.system.entropy())
}
