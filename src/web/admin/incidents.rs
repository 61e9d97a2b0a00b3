//! Incidents in the console: the list, one with its clocks, and everything that is done about it.

use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Clock, Judgement};
use crate::domain::timestamp::Timestamp;
use crate::http::{AsAdministrator, Failure, Form, Frame, recent};
use crate::i18n::Lang;
use crate::services::incidents::{self, Case, DeskRefused, Running, TEXT};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html, html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// A clock in words.
struct ClockView {
    code: &'static str,
    name: &'static str,
    basis: String,
    due: String,
    stands: String,
    badge: &'static str,
    /// While it runs: until when, in seconds, and the sentences, for the script that counts on.
    runs: Option<(i64, String, String, String)>,
}

/// A line of the list.
struct Line {
    href: String,
    label: String,
    what: String,
    who: String,
    agency: String,
    when: String,
    clock: Option<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "admin/incidents.html")]
struct ListPage {
    t: Lang,
    page: Frame,
    is_open: bool,
    lines: Vec<Line>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/incident.html")]
struct CasePage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    case: &'a Case,
    here: String,
    kind: &'static str,
    agency: String,
    account: String,
    moments: [String; 3],
    clocks: Vec<ClockView>,
    steps: Vec<(String, String, String)>,
    /// The key of each contact in the form, and what is shown.
    contacts: Vec<(String, String)>,
    is_open: bool,
    /// Whether its forms are offered.
    may_act: bool,
    longest: usize,
    /// In which form something was typed that was refused, and what.
    typed: (&'a str, &'a str),
}

impl CasePage<'_> {
    fn typed_of(&self, clock: &str) -> &str {
        self.typed(&format!("notice:{clock}"))
    }

    fn typed(&self, form: &str) -> &str {
        if self.typed.0 == form { self.typed.1 } else { "" }
    }
}

/// Shows the list.
pub(in crate::web) async fn list(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let (t, is_open) = (by.visitor.lang, query.text("state") != "closed");
    let before = query.get("before").map(str::parse).transpose().map_err(|_| Failure::NotFound)?;
    let found = incidents::list(&app, &by.administrator, is_open, before).await?;
    let state = if is_open { "open" } else { "closed" };
    html(&ListPage {
        t,
        page: super::frame(&app, &by).await?,
        is_open,
        lines: found.cases.iter().map(|case| line(t, case, app.now())).collect(),
        next: found.next.map(|id| format!("{}?state={state}&before={id}", urls::INCIDENTS)),
    })
}

/// Shows one.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let notice = (query.text("note") == "done").then(|| Notice::ok(by.visitor.lang.incident_done_note()));
    page(&app, &by, parse(&id)?, (StatusCode::OK, notice), ("", "")).await
}

/// Does one of the things that its forms ask for.
pub(in crate::web) async fn act(
    State(app): State<App>,
    by: AsAdministrator,
    Path((id, act)): Path<(String, String)>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (id, who, words) = (parse(&id)?, &by.administrator, fields.text("words"));
    let seen = (id, fields.text("version").parse().unwrap_or(-1));
    // A note, a notice, a handing-on must not wait for a proof.
    if matches!(act.as_str(), "judge" | "close") {
        recent::require(&app, &by.current, &urls::incident(id))?;
    }
    let result = match act.as_str() {
        "note" => incidents::note(&app, who, id, words).await,
        "judge" => {
            let judgement = Judgement {
                is_incident: fields.get("incident").is_some(),
                is_serious: fields.get("serious").is_some(),
                personal_data: fields.get("personal").is_some(),
            };
            incidents::judge(&app, who, seen, judgement, words).await
        }
        "notice" => {
            let clock = Clock::from_code(fields.text("clock")).ok_or(Failure::NotFound)?;
            incidents::give_notice(&app, who, seen, clock, words).await
        }
        "hand-on" => incidents::hand_on(&app, who, seen, fields.text("contact")).await,
        "close" => incidents::close(&app, who, seen, words).await,
        _ => return Err(Failure::NotFound),
    };
    let t = by.visitor.lang;
    let form = if act == "notice" { format!("notice:{}", fields.text("clock")) } else { act.clone() };
    let (status, why) = match result {
        Ok(()) => return Ok(Redirect::to(&format!("{}?note=done", urls::incident(id))).into_response()),
        Err(DeskRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(DeskRefused::NotFound) => return Err(Failure::NotFound),
        Err(DeskRefused::NoContact) => (StatusCode::CONFLICT, t.incident_hand_on_gone()),
        Err(DeskRefused::Internal(internal)) => return Err(internal.into()),
        Err(DeskRefused::Words) => (StatusCode::UNPROCESSABLE_ENTITY, t.incident_words_needed()),
        Err(DeskRefused::Conflict) => (StatusCode::CONFLICT, t.changed_meanwhile()),
        Err(DeskRefused::ClockRuns) => (StatusCode::CONFLICT, t.incident_close_refused()),
    };
    page(&app, &by, id, (status, Some(Notice::danger(why))), (&form, words)).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: IncidentId,
    (status, notice): (StatusCode, Option<Notice>),
    typed: (&str, &str),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let case = incidents::find(app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let moment = |at: Timestamp| t.moment(at.local());
    let (incident, here) = (&case.incident, urls::incident(id));
    let page = CasePage {
        t,
        page: super::at(super::frame(app, by).await?, t, &here),
        notice,
        kind: t.incident_kind(incident.kind),
        agency: agency(t, &case),
        account: urls::account(incident.account_id),
        moments: [incident.occurred_at, incident.detected_at, incident.reported_at].map(moment),
        clocks: case.clocks.iter().map(|one| clock(t, app, one)).collect(),
        steps: case
            .steps
            .iter()
            .map(|step| {
                let what = match step.clock {
                    Some(clock) => format!("{}: {}", t.incident_step(step.kind), t.clock_name(clock)),
                    None => t.incident_step(step.kind).to_owned(),
                };
                (moment(step.at), format!("{what} – {}", step.actor), step.words.clone())
            })
            .collect(),
        contacts: app
            .config
            .incidents
            .contacts
            .iter()
            .map(|c| (c.to_string(), format!("{} ({})", c.name, c.address)))
            .collect(),
        is_open: incident.closing.is_none(),
        may_act: incident.closing.is_none() && by.administrator.may(Right::HandleIncidents),
        longest: TEXT,
        typed,
        case: &case,
        here,
    };
    html_with(status, &page)
}

fn parse(id: &str) -> Result<IncidentId, Failure> {
    id.parse().map_err(|_| Failure::NotFound)
}

fn agency(t: Lang, case: &Case) -> String {
    case.agency.as_ref().map_or_else(|| t.no_agency().to_owned(), |agency| agency.name.clone())
}

fn line(t: Lang, case: &Case, now: Timestamp) -> Line {
    let incident = &case.incident;
    let next = case.clocks.iter().find(|one| one.met_at.is_none());
    let next = next.filter(|_| incident.closing.is_none());
    Line {
        href: urls::incident(incident.id),
        label: incident.label(),
        what: format!("{}: {}", t.incident_kind(incident.kind), incident.title),
        who: case.reporter.profile().display_name.clone(),
        agency: agency(t, case),
        when: t.moment(incident.reported_at.local()),
        clock: next.map(|one| (t.clock_stands(one, now), badge(one, now))),
    }
}

fn clock(t: Lang, app: &App, one: &Running) -> ClockView {
    let now = app.now();
    ClockView {
        code: one.clock.code(),
        name: t.clock_name(one.clock),
        basis: t.clock_basis(one.clock, app.config.incidents.hours.of(one.clock)),
        due: t.clock_due(&t.moment(one.due_at.local())),
        stands: t.clock_stands(one, now),
        badge: badge(one, now),
        runs: one.met_at.is_none().then(|| {
            let (left, over) = (t.clock_left("{}"), t.clock_over("{}"));
            (one.due_at.seconds(), left, over, t.hours_minutes(-1, -2))
        }),
    }
}

/// Told in time, told late or run out, soon, or calm.
fn badge(one: &Running, now: Timestamp) -> &'static str {
    const SOON: time::Duration = time::Duration::hours(2);
    match one.met_at {
        _ if one.is_late(now) => "is-danger",
        Some(_) => "is-ok",
        None if one.due_at.since(now) <= SOON => "is-warn",
        None => "is-info",
    }
}
