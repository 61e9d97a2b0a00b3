//! A change of the calendar: first what it would do, then, with the number of days typed, doing it.

use super::calendar::{Place, Shown, frame, page};
use super::calendar_view::{day_state, named};
use crate::app::App;
use crate::domain::agency::Agency;
use crate::domain::policy::calendar::{Calendars, DayKind};
use crate::domain::policy::calendar_rules::{
    Fault, LineFault, Notice as OfficialNotice, Proposal, read_date,
};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame, recent};
use crate::i18n::Lang;
use crate::services::accounts;
use crate::services::calendar::Listing;
use crate::services::calendar_changes::{
    By, Change, ChangeRefused, Days, Order, Step, calendars_after, carry_out, prepare,
};
use crate::services::deadlines::{self, Effect};
use crate::urls;
use crate::web::html_with;
use crate::web::parts::Notice;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use time::Date;

/// The fields of the form that makes the change, which are not those of the change itself.
const OWN_FIELDS: [&str; 3] = ["csrf", "version", "typed"];

/// A date that changes.
struct StepLine {
    day: String,
    before: String,
    after: String,
    why: Option<String>,
}

/// A deadline that moves.
struct MovedLine {
    href: String,
    name: String,
    address: String,
    moves: String,
}

#[derive(Template)]
#[template(path = "admin/calendar_change.html")]
struct ChangePage {
    t: Lang,
    page: Frame,
    title: &'static str,
    back: String,
    error: Option<&'static str>,
    notes: Vec<String>,
    steps: Vec<StepLine>,
    numbers: Vec<(String, String)>,
    moved: Vec<MovedLine>,
    agencies: Vec<(String, String)>,
    kept: Vec<(String, String)>,
    version: i64,
    type_count: String,
}

/// Shows what a change would do.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let place = Place::read(&app, &fields)?;
    let asks = By::Administrator(&by.administrator);
    let order = match order(place, &fields) {
        Ok(order) => order,
        Err(refused) => return refuse(&app, &by, place, fields, refused).await,
    };
    match prepare(&app, asks, &order).await {
        Ok(change) => show(&app, &by, place, &fields, &change, None).await,
        Err(refused) => refuse(&app, &by, place, fields, refused).await,
    }
}

/// Makes it, if the number of days was typed and the calendar is still the one of the preview.
pub(in crate::web) async fn apply(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (t, place) = (by.visitor.lang, Place::read(&app, &fields)?);
    recent::require(&app, &by.current, &place.address())?;
    let asks = By::Administrator(&by.administrator);
    let made = async {
        let order = order(place, &fields)?;
        let change = prepare(&app, asks, &order).await?;
        if fields.text("typed").trim() != change.steps.len().to_string() {
            return Ok(Err(change));
        }
        let version = fields.text("version").parse().map_err(|_| ChangeRefused::Changed)?;
        carry_out(&app, asks, &order, Some(version)).await.map(Ok)
    };
    match made.await {
        Ok(Ok(_)) => Ok(Redirect::to(&format!("{}&note=done", place.address())).into_response()),
        Ok(Err(change)) => show(&app, &by, place, &fields, &change, Some(t.calendar_wrong_count())).await,
        Err(refused) => refuse(&app, &by, place, fields, refused).await,
    }
}

/// What a form asks for.
fn order(place: Place, fields: &Fields) -> Result<Order, ChangeRefused> {
    let (agency, why) = (place.agency, fields.text("why").to_owned());
    let notice = || OfficialNotice::read(fields.text("notice_number"), fields.text("notice_date"));
    let needed = || notice().and_then(|notice| notice.ok_or(Fault::NoNotice));
    Ok(match fields.text("what") {
        "enter" => {
            let kind = fields.text("kind");
            let kind =
                DayKind::from_code(kind).ok_or_else(|| Fault::Kind(kind.chars().take(40).collect()))?;
            let day = Proposal::new(date(fields, "date")?, kind, fields.text("vi"), fields.text("en"));
            Order::Enter { agency, days: vec![day], notice: notice()?, why }
        }
        "swap" => {
            let days = swap(date(fields, "off")?, date(fields, "work")?);
            Order::Enter { agency, days, notice: notice()?, why }
        }
        "import" => Order::Import(fields.text("table").as_bytes().to_vec()),
        "confirm" => {
            let chosen = fields.iter().filter_map(|(name, _)| name.strip_prefix("day-"));
            let days = Days::These(chosen.filter_map(read_date).collect());
            Order::Confirm { agency, days, notice: needed()? }
        }
        "confirm-all" => Order::Confirm { agency, days: Days::Year(place.year), notice: needed()? },
        "ask-strike" => Order::AskStrike { agency, date: date(fields, "date")?, why },
        "strike" => Order::Strike(agency, date(fields, "date")?),
        "keep" => Order::Keep(agency, date(fields, "date")?),
        "withdraw" => Order::Withdraw(agency, date(fields, "date")?),
        _ => return Err(ChangeRefused::NotFound),
    })
}

fn date(fields: &Fields, name: &str) -> Result<Date, Fault> {
    let text = fields.text(name).trim();
    read_date(text).ok_or_else(|| Fault::Date(text.chars().take(40).collect()))
}

/// The two days of a swap, with the names that notices give them.
fn swap(off: Date, work: Date) -> Vec<Proposal> {
    let (vi, en) = (Lang::Vi, Lang::En);
    let named = |date, kind, vi: String, en: String| Proposal::new(date, kind, &vi, &en);
    let (off_day, work_day) = (vi.date(off), vi.date(work));
    vec![
        named(
            off,
            DayKind::SwappedOff,
            vi.calendar_swap_off_name(&work_day),
            en.calendar_swap_off_name(&work_day),
        ),
        named(
            work,
            DayKind::MakeUp,
            vi.calendar_swap_work_name(&off_day),
            en.calendar_swap_work_name(&off_day),
        ),
    ]
}

/// The page of the year again, with everything that is wrong.
async fn refuse(
    app: &App,
    by: &AsAdministrator,
    place: Place,
    sent: Fields,
    refused: ChangeRefused,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (status, notice) = match refused {
        ChangeRefused::Forbidden(forbidden) => return Err(forbidden.into()),
        ChangeRefused::NotFound => return Err(Failure::NotFound),
        ChangeRefused::Internal(internal) => return Err(internal.into()),
        ChangeRefused::Changed => (StatusCode::CONFLICT, Notice::warn(t.calendar_changed())),
        ChangeRefused::Faults(faults) => (StatusCode::UNPROCESSABLE_ENTITY, told(t, &faults)),
    };
    page(app, by, place, Shown { status, notices: vec![notice], sent }).await
}

fn told(t: Lang, faults: &[LineFault]) -> Notice {
    let lines = faults.iter().map(|fault| t.line_fault(fault)).collect();
    Notice { kind: "danger", title: Some(t.calendar_refused().to_owned()), lines }
}

/// The preview.
async fn show(
    app: &App,
    by: &AsAdministrator,
    place: Place,
    fields: &Fields,
    change: &Change,
    error: Option<&'static str>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    if change.steps.is_empty() {
        let notices = vec![Notice::info(t.calendar_nothing())];
        return page(app, by, place, Shown { notices, ..Shown::default() }).await;
    }
    let after = calendars_after(change);
    let effect = deadlines::effect(app, &after).await?;
    let agencies = accounts::agencies_within_reach(app, &by.administrator).await?;
    let preview = ChangePage {
        t,
        page: frame(app, by, &place.address()).await?,
        title: title(t, fields.text("what")),
        back: place.address(),
        error,
        notes: notes(t, fields.text("what"), change, waiting(change, &after)),
        steps: change.steps.iter().filter_map(|step| step_line(t, step, &agencies, &after)).collect(),
        numbers: numbers(t, &effect),
        moved: moved(t, by, &effect),
        agencies: per_agency(t, by, &effect, &agencies),
        kept: fields
            .iter()
            .filter(|(name, _)| !OWN_FIELDS.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        version: change.version,
        type_count: t.calendar_type_count(&change.steps.len().to_string()),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html_with(status, &preview)
}

fn title(t: Lang, what: &str) -> &'static str {
    match what {
        "enter" => t.calendar_enter(),
        "swap" => t.calendar_swap(),
        "import" => t.calendar_import(),
        "confirm" => t.calendar_confirm(),
        "confirm-all" => t.calendar_confirm_all(),
        "ask-strike" => t.calendar_ask_strike(),
        "strike" => t.calendar_strike(),
        "keep" => t.calendar_keep(),
        _ => t.calendar_withdraw(),
    }
}

/// How many days of a change count only once they are confirmed.
fn waiting(change: &Change, after: &Calendars) -> usize {
    let listed = change.steps.iter().filter_map(|step| step.after.as_ref());
    listed.filter(|day| after.counts_once_confirmed(day.agency_id, day.date)).count()
}

fn notes(t: Lang, what: &str, change: &Change, waiting: usize) -> Vec<String> {
    let mut notes = match what {
        "enter" | "swap" | "import" => vec![t.calendar_note_entered().to_owned()],
        "ask-strike" => vec![t.calendar_note_asked().to_owned()],
        _ => Vec::new(),
    };
    if waiting > 0 {
        notes.push(t.calendar_note_waiting(&t.number(u64::try_from(waiting).unwrap_or(u64::MAX))));
    }
    if change.left > 0 {
        notes.push(t.calendar_note_left(&t.days(change.left)));
    }
    notes
}

fn step_line(t: Lang, step: &Step, agencies: &[Agency], calendars: &Calendars) -> Option<StepLine> {
    let listing = step.after.as_ref().or(step.before.as_ref())?;
    let agency = agencies.iter().find(|agency| Some(agency.id) == listing.agency_id);
    let day = t.day(listing.date);
    let waits = calendars.counts_once_confirmed(listing.agency_id, listing.date);
    Some(StepLine {
        day: agency.map_or_else(|| day.clone(), |agency| format!("{day} – {}", agency.name)),
        before: in_words(t, step.before.as_ref(), false),
        after: in_words(t, step.after.as_ref(), waits),
        why: step.why.clone(),
    })
}

/// A listed day in one line.
fn in_words(t: Lang, listing: Option<&Listing>, waits: bool) -> String {
    let Some(listing) = listing else { return t.calendar_not_listed().to_owned() };
    let state = day_state(t, listing.day.confirmed, waits);
    let mut words = vec![t.day_kind(listing.day.kind).to_owned(), named(t, listing), state.to_owned()];
    if let (Some(number), Some(date)) = (&listing.notice_number, listing.notice_date) {
        words.push(t.calendar_notice_of(number, &t.date(date)));
    }
    words.extend(listing.strike.as_ref().map(|strike| t.calendar_strike_asked(&strike.by, &strike.why)));
    words.join(" · ")
}

fn numbers(t: Lang, effect: &Effect) -> Vec<(String, String)> {
    let near = t.days(u64::try_from(deadlines::NEAR.whole_days()).unwrap_or_default());
    vec![
        (t.calendar_moved_later().to_owned(), t.number(effect.later)),
        (t.calendar_locked_later(&near), t.number(effect.locked_later)),
        (t.calendar_moved_earlier().to_owned(), t.number(effect.earlier)),
        (t.calendar_kept().to_owned(), t.number(effect.kept)),
        (t.calendar_unchanged().to_owned(), t.number(effect.unchanged)),
    ]
}

/// The first deadlines that move, within reach.
fn moved(t: Lang, by: &AsAdministrator, effect: &Effect) -> Vec<MovedLine> {
    let within = effect.examples.iter().filter(|moved| by.administrator.reach().covers(moved.agency));
    let day = |day: Option<Date>| day.map_or_else(|| t.effect_none().to_owned(), |day| t.day(day));
    within
        .map(|moved| MovedLine {
            href: urls::account(moved.id),
            name: moved.name.clone(),
            address: moved.address.to_string(),
            moves: t.calendar_moves(&day(moved.before), &day(moved.after)),
        })
        .collect()
}

fn per_agency(t: Lang, by: &AsAdministrator, effect: &Effect, agencies: &[Agency]) -> Vec<(String, String)> {
    let within = effect.by_agency.iter().filter(|(agency, _)| by.administrator.reach().covers(**agency));
    within
        .map(|(id, count)| {
            let agency = agencies.iter().find(|agency| Some(agency.id) == *id);
            let name = agency.map_or_else(|| t.calendar_no_agency().to_owned(), |agency| agency.name.clone());
            (name, t.number(*count))
        })
        .collect()
}
