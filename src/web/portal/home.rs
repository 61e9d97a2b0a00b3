//! The portal's first page: how long the password is good and how the mailboxes are, then the applications.

use super::Settled;
use crate::app::App;
use crate::domain::account::State as AccountState;
use crate::domain::health::{Condition, Health};
use crate::domain::proof::{PasswordProof, Proof};
use crate::domain::timestamp::Timestamp;
use crate::http::{Failure, Frame};
use crate::i18n::Lang;
use crate::services::accounts::{self, Overview};
use crate::services::posts::{self, Post};
use crate::services::reminders::{self, Reminder};
use crate::services::tiles::{self, Tile, Tiles};
use crate::services::{password_copies, rules};
use crate::web::health;
use crate::web::parts::{DayLine, DeadlineView, MailboxView, Notice, ago, days_left, initial, percent_used};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use time::Duration;

/// Longer searches are cut.
const LONGEST_SEARCH: usize = 100;

/// How long the password is good.
struct Status {
    class: &'static str,
    title: String,
    left: Option<String>,
    is_urgent: bool,
    percent_used: Option<u8>,
    days: Vec<DayLine>,
}

/// An application.
struct TileView {
    name: String,
    initial: String,
    address: String,
    logo: Option<String>,
    last_used: Option<String>,
    /// For whom it is entered, where it is not for the person.
    on_behalf: Option<String>,
}

/// Applications under a heading.
struct GroupView {
    /// None for all that there is, below the heading of the page's part.
    heading: Option<String>,
    tiles: Vec<TileView>,
}

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage<'a> {
    t: Lang,
    page: Frame,
    hello: String,
    notice: Option<Notice>,
    trouble: Vec<String>,
    rules_due: bool,
    status: Status,
    who: String,
    mailboxes: Vec<(MailboxView, Option<String>)>,
    search: &'a str,
    total: usize,
    recent: Vec<TileView>,
    groups: Vec<GroupView>,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    Settled(signed): Settled,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    // Whoever wanted another page before the sign-in is through with all that comes before it.
    if let Some(back) = signed.visitor.take_back(&app).await? {
        return Ok(Redirect::to(&back).into_response());
    }
    let query = query_of(query)?;
    let t = signed.visitor.lang;
    let overview = accounts::own(&app, &signed.current).await?;
    let search: String = query.text("q").trim().chars().take(LONGEST_SEARCH).collect();
    let Tiles { recent, groups, total } = tiles::of(&app, &signed.current, &search).await?;
    let now = app.now();
    // The heading of those that have none.
    let without = match groups.len() {
        2.. => Some(t.home_other()),
        _ if !search.is_empty() => Some(t.home_found()),
        _ => (!recent.is_empty()).then(|| t.home_all()),
    };
    let views = |tiles: Vec<Tile>| tiles.into_iter().map(|tile| tile_view(t, tile, now)).collect();
    html(&HomePage {
        t,
        page: signed.frame(&app).await?,
        hello: t.home_hello(&in_one_piece(&overview.account.profile().display_name)),
        notice: (query.text("note") == "password").then(|| changed(t, &overview)),
        trouble: trouble(&app, t, signed.current.session.proof),
        rules_due: rules::standing(&app, &signed.current).await?.is_due,
        status: status(&app, t, &overview, reminders::due(&app, &signed.current).as_ref()),
        who: who(&overview, posts::of(&app, &overview.account).await?.first()),
        mailboxes: mailboxes(&app, t, &overview).await?,
        search: &search,
        total,
        recent: views(recent),
        groups: groups
            .into_iter()
            .map(|group| GroupView {
                heading: group.category.or_else(|| without.map(str::to_owned)),
                tiles: views(group.tiles),
            })
            .collect(),
    })
}

/// A name that a telephone has the room for is not broken into lines.
fn in_one_piece(name: &str) -> String {
    if name.chars().count() < 24 { name.replace(' ', "\u{a0}") } else { name.to_owned() }
}

/// Address, and post and agency in which the person works now, in one line.
fn who(overview: &Overview, post: Option<&Post>) -> String {
    let address = overview.account.profile().address.to_string();
    let title = post.and_then(|post| post.title.clone());
    let agency = post.and_then(|post| post.agency.as_ref()).map(|agency| agency.name.clone());
    [Some(address), title, agency].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn tile_view(t: Lang, tile: Tile, now: Timestamp) -> TileView {
    TileView {
        last_used: tile.last_used_at.map(|at| {
            let is_now = now.since(at) < Duration::MINUTE;
            if is_now { t.home_used_now().to_owned() } else { t.home_used(&ago(t, at, now)) }
        }),
        initial: initial(&tile.name),
        name: tile.name,
        address: tile.address,
        logo: tile.logo,
        on_behalf: (!tile.on_behalf.is_empty()).then(|| t.acting_as(&tile.on_behalf.join(", "))),
    }
}

/// Each mailbox, and what is said of a password that its mail system does not have everywhere yet. Of a mail system that
/// does not answer nobody can say that the password is good there.
pub(super) async fn mailboxes(
    app: &App,
    t: Lang,
    overview: &Overview,
) -> Result<Vec<(MailboxView, Option<String>)>, Failure> {
    let mut all = Vec::new();
    let is_silent =
        |one: &Health| matches!(one.condition, Condition::Unreachable | Condition::Misconfigured(_));
    let health = crate::services::health::of_directories(app);
    let silent: Vec<_> = health.iter().filter(|one| is_silent(one)).map(|one| one.system).collect();
    for mailbox in &overview.mailboxes {
        let system = mailbox.key.system;
        let waits = password_copies::waits(app, system, mailbox.account_id).await?;
        let note = waits.map(|_| t.copy_waits_note(t.mail_system_name(system)));
        let view = MailboxView::new(t, mailbox, overview.account.state());
        all.push((if silent.contains(&system) { view.unchecked(t) } else { view }, note));
    }
    Ok(all)
}

/// What is said of the mail systems, and of a password that none of them has seen today.
fn trouble(app: &App, t: Lang, proof: Proof) -> Vec<String> {
    let cached = (proof.password == PasswordProof::Cached).then(|| t.cached_session().to_owned());
    health::trouble(app, t).into_iter().chain(cached).collect()
}

/// What is said after a complete change of the password.
fn changed(t: Lang, overview: &Overview) -> Notice {
    let systems: Vec<_> = overview.mailboxes.iter().map(|m| t.mail_system_name(m.key.system)).collect();
    let next = overview.deadline.as_ref().map(|d| t.changed_next(&t.day(d.last_day))).unwrap_or_default();
    Notice::ok(format!("{next} {}", t.changed_sessions()).trim())
        .titled(t.changed_title())
        .and(t.result_shown(&systems.join(", ")))
        .and(t.changed_phones())
}

fn status(app: &App, t: Lang, overview: &Overview, reminder: Option<&Reminder>) -> Status {
    let Some(deadline) = &overview.deadline else {
        let title = t.no_deadline().to_owned();
        return Status {
            class: "",
            title,
            left: None,
            is_urgent: false,
            percent_used: None,
            days: Vec::new(),
        };
    };
    let now = app.now();
    let view = DeadlineView::new(t, deadline, now);
    let left = match u64::try_from(days_left(deadline, now)) {
        Ok(0) | Err(_) => t.last_day().to_owned(),
        // The other pages and the letters count in working days.
        Ok(days) => match reminder {
            Some(reminder) => {
                let working = t.working_days(u64::from(reminder.working_days));
                t.days_and_working_days_left(&t.days(days), &working)
            }
            None => t.days_left(&t.days(days)),
        },
    };
    let left = match *overview.account.state() {
        AccountState::Active { password_set_at } => {
            format!("{} · {left}", t.password_set_on(&t.date(password_set_at.local_date())))
        }
        _ => left,
    };
    Status {
        is_urgent: !view.class.is_empty(),
        class: view.class,
        title: t.good_until(&view.day),
        left: Some(left),
        percent_used: Some(percent_used(deadline, now)),
        days: view.days,
    }
}
