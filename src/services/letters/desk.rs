//! What people see of the letters: the holder of an account the own ones, an administrator how they go, who gets one
//! today, and a sample to the own address.

use super::send::{Outcome, attempt};
use super::{Due, Rules, Walk, compose, digests_due, idle, letters, new_id, sender, words};
use crate::app::App;
use crate::domain::account::{Account, MustChange, State};
use crate::domain::admin::{Administrator, Reach, Right};
use crate::domain::id::{AccountId, LetterId};
use crate::domain::mail::{Letter, LetterKind, Stage};
use crate::domain::policy::reminder::{self, Occasion};
use crate::domain::policy::settings::Class;
use crate::i18n::letters::DigestLine;
use crate::services::Internal;
use crate::services::rights::{self, Denied};
use crate::services::session::Current;
use crate::storage::letters::{Failure, Kept, Key};
use crate::storage::{accounts, agencies};

/// Letters on a page.
const PAGE: i64 = 20;

/// How many recipients of a kind a preview names.
const NAMES: usize = 20;

/// A page of somebody's letters.
#[derive(Debug, Clone)]
pub struct Mine {
    /// Newest first.
    pub letters: Vec<Kept>,
    /// After which letter the next page begins, if there is one.
    pub next: Option<LetterId>,
}

/// Whom a letter goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The account.
    pub account_id: AccountId,
    /// Its holder.
    pub name: String,
    /// Its address.
    pub address: String,
}

/// The letters of one kind that are to be written today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewKind {
    /// Which kind.
    pub kind: LetterKind,
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<Recipient>,
}

/// Who would get which letter today that is not written yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Whether no letters are written today because it is a day off.
    pub is_day_off: bool,
    /// By kind; kinds without a recipient are left out.
    pub kinds: Vec<PreviewKind>,
}

/// What the console shows.
#[derive(Debug, Clone)]
pub struct Overview {
    /// How many letters are in each stage.
    pub counts: Vec<(Stage, i64)>,
    /// The newest that were not delivered.
    pub failures: Vec<Failure>,
    /// After which failure the next page begins, if there is one.
    pub next: Option<LetterId>,
    /// Whether there is a relay.
    pub has_relay: bool,
}

/// What became of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// The relay took it.
    Sent,
    /// It is tried again; why.
    Waiting(String),
    /// It will not be delivered; why.
    Failed(String),
    /// There is no relay.
    NoRelay,
}

/// The letters of the holder of a session, those before a letter.
pub async fn own(app: &App, current: &Current, before: Option<LetterId>) -> Result<Mine, Internal> {
    let mut found = letters::of_account(&app.db, current.account.id(), before, PAGE + 1).await?;
    let next = cut(&mut found).then(|| found.last().map(|letter| letter.id)).flatten();
    Ok(Mine { letters: found, next })
}

/// How the letters go within an administrator's reach.
pub async fn overview(app: &App, by: &Administrator, before: Option<LetterId>) -> Result<Overview, Internal> {
    let reach = by.reach().agency();
    let mut failures = letters::failures(&app.db, reach, before, PAGE + 1).await?;
    let next = cut(&mut failures).then(|| failures.last().map(|failure| failure.id)).flatten();
    let counts = letters::counts(&app.db, reach).await?;
    Ok(Overview { counts, failures, next, has_relay: app.relay.config().is_some() })
}

/// Who would get which letter today, within an administrator's reach.
pub async fn preview(app: &App, by: &Administrator) -> Result<Preview, Internal> {
    preview_within(app, by.reach()).await
}

/// Who would get which letter today, in the whole city; for the command line.
pub async fn preview_of_the_city(app: &App) -> Result<Preview, Internal> {
    preview_within(app, &Reach::City).await
}

/// Sends a sample of a kind to the administrator's own address, at once.
pub async fn trial(app: &App, by: &Administrator, kind: LetterKind) -> Result<Tried, Denied> {
    rights::ask(app, by, Right::SendSamples).await?;
    let Some(account) = accounts::by_id(&app.db, by.account_id()).await? else { return Ok(Tried::NoRelay) };
    let letter = words::trial(&sample(app, by, &account, kind).await?);
    let id = new_id(app);
    let key = Key { text: format!("trial:{id}"), term: None };
    let mut tx = app.db.begin().await?;
    letters::write(&mut tx, id, account.id(), &key, &letter, app.now()).await?;
    tx.commit().await?;
    if app.relay.config().is_none() {
        return Ok(Tried::NoRelay);
    }
    let Some(kept) = letters::by_id(&app.db, id).await? else { return Ok(Tried::NoRelay) };
    let mut open = None;
    let outcome = attempt(app, &kept, &mut open).await?;
    if let Some(conversation) = open {
        conversation.close().await;
    }
    Ok(match outcome {
        // The job was faster.
        Outcome::Sent | Outcome::NotMine => Tried::Sent,
        Outcome::Later(why) | Outcome::RelayFailed(why) => Tried::Waiting(why),
        Outcome::Failed(why) => Tried::Failed(why),
    })
}

async fn preview_within(app: &App, reach: &Reach) -> Result<Preview, Internal> {
    let is_day_off = !Rules::of(app).city().is_working(app.now().local_date());
    let mut kinds: Vec<PreviewKind> = Vec::new();
    if is_day_off {
        return Ok(Preview { is_day_off, kinds });
    }
    let mut walk = Walk::new(app, reach.agency());
    while let Some(page) = walk.next(app).await? {
        for due in page {
            add(&mut kinds, due.kind(), &due.account);
        }
    }
    let mut unused = idle::Walk::new(app, reach);
    while let Some(page) = unused.next(app).await? {
        for due in page {
            add(&mut kinds, LetterKind::Inactive, &due.account);
        }
    }
    for digest in digests_due(app, reach).await? {
        add(&mut kinds, LetterKind::AgencyDigest, &digest.to);
    }
    kinds.sort_by_key(|kind| kind.kind);
    Ok(Preview { is_day_off, kinds })
}

fn add(kinds: &mut Vec<PreviewKind>, kind: LetterKind, account: &Account) {
    let at = kinds.iter().position(|known| known.kind == kind).unwrap_or_else(|| {
        kinds.push(PreviewKind { kind, count: 0, first: Vec::new() });
        kinds.len() - 1
    });
    kinds[at].count += 1;
    if kinds[at].first.len() < NAMES {
        let profile = account.profile();
        let (name, address) = (profile.display_name.clone(), profile.address.to_string());
        kinds[at].first.push(Recipient { account_id: account.id(), name, address });
    }
}

/// A letter of a kind as this administrator would get it if the term began, or the last days came, today.
async fn sample(
    app: &App,
    by: &Administrator,
    account: &Account,
    kind: LetterKind,
) -> Result<Letter, Internal> {
    let (now, rules) = (app.now(), Rules::of(app));
    let today = now.local_date();
    if kind == LetterKind::AgencyDigest {
        let agency = match by.reach().agency() {
            None => app.config.city.name.clone(),
            Some(id) => agencies::by_id(&app.db, id).await?.map(|a| a.name).unwrap_or_default(),
        };
        let profile = account.profile();
        let (name, address) = (profile.display_name.clone(), profile.address.clone());
        let last_day = reminder::after_working_days(today, 3, rules.city());
        let lines = [DigestLine { name, address, last_day }];
        return Ok(words::digest(profile, &agency, (&lines, 1, &[]), reminder::DIGEST_DAYS, &sender(app)));
    }
    let (state, occasion) = if kind == LetterKind::PasswordAge {
        // So that about ten days are left.
        let days = 30 * i64::from(rules.0.book.settings.months(Class::of(account))) - 10;
        let set = now.minus(time::Duration::days(days));
        (State::Active { password_set_at: set }, Occasion::Left(5))
    } else {
        let why = MustChange::DefaultPassword;
        let is_first = kind == LetterKind::DefaultPasswordIssued;
        let occasion = if is_first { Occasion::Issued } else { Occasion::Morning(today) };
        (State::MustChangePassword { since: now, deadline: now, why }, occasion)
    };
    let (id, profile) = (account.id(), account.profile().clone());
    let like = Account::new(id, account.subject().to_owned(), profile, state, account.version());
    let Some(deadline) = rules.term(&like) else {
        return Ok(words::run_held(account.profile(), 0, &sender(app)));
    };
    Ok(compose(app, &rules, &Due { account: like, deadline, occasion }, today))
}

/// Cuts a list that was read with one row too many; tells whether there was one.
fn cut<T>(rows: &mut Vec<T>) -> bool {
    let page = usize::try_from(PAGE).unwrap_or_default();
    let more = rows.len() > page;
    rows.truncate(page);
    more
}
