//! Reporting an incident or a suspicious mail, and what became of the own reports. Also open to somebody who must set a
//! new password first.

use crate::app::App;
use crate::domain::incident::IncidentKind;
use crate::domain::timestamp::{LOCAL, Timestamp};
use crate::http::form::Fields;
use crate::http::{Failure, Form, Frame, SignedIn};
use crate::i18n::Lang;
use crate::services::incidents::{self, Draft, Incident, ReportRefused, TEXT, TITLE};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use time::PrimitiveDateTime;
use time::macros::format_description;

/// One of the own reports.
struct Mine {
    label: String,
    what: String,
    when: String,
    badge: &'static str,
    state: &'static str,
    ended: Option<String>,
}

/// What was typed, and comes back when something is missing.
#[derive(Default)]
struct Typed {
    title: String,
    story: String,
    done: String,
    occurred: String,
    detected: String,
    was_opened: bool,
    personal_data: bool,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        let text = |name| fields.text(name).to_owned();
        Self {
            title: text("title"),
            story: text("story"),
            done: text("done"),
            occurred: text("occurred"),
            detected: text("detected"),
            was_opened: fields.get("opened").is_some(),
            personal_data: fields.get("personal").is_some(),
        }
    }
}

#[derive(Template)]
#[template(path = "portal/report.html")]
struct ReportPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    is_mail: bool,
    kind: &'static str,
    advice: String,
    urgent: Option<String>,
    typed: Typed,
    longest_title: usize,
    longest: usize,
    mine: Vec<Mine>,
}

/// Shows the form.
pub(in crate::web) async fn show(
    State(app): State<App>,
    signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let now = in_minutes(app.now());
    let typed = Typed { occurred: now.clone(), detected: now, ..Typed::default() };
    let notice = sent(&app, &signed, &query).await?;
    page(&app, &signed, kind_of(query.text("kind")), (StatusCode::OK, notice), typed).await
}

/// Takes a report.
pub(in crate::web) async fn send(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (kind, t) = (kind_of(fields.text("kind")), signed.visitor.lang);
    let typed = Typed::of(&fields);
    let was_opened = typed.was_opened && kind == IncidentKind::SuspiciousMail;
    // The other form, with what was typed so far.
    if let Some(other) = fields.get("show") {
        return page(&app, &signed, kind_of(other), (StatusCode::OK, None), typed).await;
    }
    let words = match (moment(&typed.occurred), moment(&typed.detected)) {
        (Some(occurred_at), Some(detected_at)) => {
            let draft = Draft {
                kind,
                title: &typed.title,
                story: &typed.story,
                done: &typed.done,
                occurred_at,
                detected_at,
                was_opened,
                personal_data: typed.personal_data,
            };
            match incidents::report(&app, &signed.current, &draft).await {
                Ok(incident) => {
                    let opened = if was_opened { "&opened=1" } else { "" };
                    let place = format!("{}?sent={}{opened}", urls::REPORT, incident.label());
                    return Ok(Redirect::to(&place).into_response());
                }
                Err(refused) => refused_words(t, refused)?,
            }
        }
        _ => t.incident_moment_unread(),
    };
    let shown = (StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::danger(words)));
    page(&app, &signed, kind, shown, typed).await
}

fn refused_words(t: Lang, refused: ReportRefused) -> Result<&'static str, Failure> {
    Ok(match refused {
        ReportRefused::NoTitle => t.incident_no_title(),
        ReportRefused::NoStory => t.incident_no_story(),
        ReportRefused::TooLong => t.incident_too_long(),
        ReportRefused::Moments => t.incident_moments(),
        ReportRefused::TooMany => t.incident_too_many(),
        ReportRefused::Internal(internal) => return Err(internal.into()),
    })
}

async fn page(
    app: &App,
    signed: &SignedIn,
    kind: IncidentKind,
    (status, notice): (StatusCode, Option<Notice>),
    typed: Typed,
) -> Result<Response, Failure> {
    let t = signed.visitor.lang;
    let to = &app.config.incidents.suspicious_mail_address;
    let phone = &app.config.city.support_phone;
    let mine = incidents::own(app, &signed.current).await?;
    let page = ReportPage {
        t,
        page: signed.frame(app).await?,
        notice,
        is_mail: kind == IncidentKind::SuspiciousMail,
        kind: kind.code(),
        advice: if to.is_empty() { t.incident_mail_do().to_owned() } else { t.incident_mail_forward(to) },
        urgent: (!phone.is_empty()).then(|| t.incident_call(phone)),
        typed,
        longest_title: TITLE,
        longest: TEXT,
        mine: mine.iter().map(|one| view(t, one)).collect(),
    };
    html_with(status, &page)
}

/// What is said after a report of one's own was taken.
async fn sent(app: &App, signed: &SignedIn, query: &Fields) -> Result<Option<Notice>, Failure> {
    let t = signed.visitor.lang;
    let Some(label) = query.get("sent") else { return Ok(None) };
    let is_mine = incidents::own(app, &signed.current).await?.iter().any(|one| one.label() == label);
    let notice = is_mine.then(|| Notice::ok(t.incident_sent(label)));
    Ok(match query.get("opened") {
        Some(_) => notice.map(|notice| notice.and(t.incident_change_password())),
        None => notice,
    })
}

fn view(t: Lang, one: &Incident) -> Mine {
    let is_open = one.closing.is_none();
    Mine {
        label: one.label(),
        what: format!("{}: {}", t.incident_kind(one.kind), one.title),
        when: t.incident_reported_at(&t.moment(one.reported_at.local())),
        badge: if is_open { "is-info" } else { "is-ok" },
        state: if is_open { t.incident_state_open() } else { t.incident_state_closed() },
        ended: one.closing.as_ref().map(|closing| t.incident_ended(&closing.report)),
    }
}

/// What is not understood is an incident.
fn kind_of(code: &str) -> IncidentKind {
    match IncidentKind::from_code(code) {
        Some(IncidentKind::SuspiciousMail) => IncidentKind::SuspiciousMail,
        _ => IncidentKind::Incident,
    }
}

/// Reads a moment as people write it, in the city's time; also what a browser's own field for one sends.
fn moment(text: &str) -> Option<Timestamp> {
    let sent = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let day_first =
        format_description!("[day padding:none]/[month padding:none]/[year] [hour padding:none]:[minute]");
    let hour_first =
        format_description!("[hour padding:none]:[minute] [day padding:none]/[month padding:none]/[year]");
    // Browsers may send seconds too.
    let minutes: String = text.chars().take(16).collect();
    let typed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let local = PrimitiveDateTime::parse(&minutes, &sent)
        .or_else(|_| PrimitiveDateTime::parse(&typed, &day_first))
        .or_else(|_| PrimitiveDateTime::parse(&typed, &hour_first));
    Some(Timestamp::from_datetime(local.ok()?.assume_offset(LOCAL)))
}

/// What the fields are filled with: a field of the browser's own would show the day in the browser's language.
fn in_minutes(at: Timestamp) -> String {
    let local = at.local();
    // The same in both languages.
    format!("{} {}", Lang::Vi.date(local.date()), Lang::Vi.hour(local.time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_day_first_and_read_in_the_citys_time() {
        let at = Timestamp::from_datetime(time::macros::datetime!(2026-03-02 09:05 +7));
        assert_eq!(in_minutes(at), "02/03/2026 09:05");
        assert_eq!(moment(&in_minutes(at)), Some(at));
        assert_eq!(moment("2026-03-02T09:05"), Some(at));
        assert_eq!(moment("2026-03-02T09:05:59"), Some(at));
        for wrong in ["", "2026-03-02", "2026-13-02T09:05", "ấấấấấấấấấấấấấấấấấ"]
        {
            assert_eq!(moment(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_moment_is_read_as_people_write_it() {
        let at = Timestamp::from_datetime(time::macros::datetime!(2026-03-02 09:05 +7));
        for typed in ["02/03/2026 09:05", "09:05 02/03/2026", " 2/3/2026   9:05 ", "9:05 2/3/2026"] {
            assert_eq!(moment(typed), Some(at), "{typed:?}");
        }
        for wrong in [
            "02/03/2026",
            "09:05",
            "31/02/2026 09:05",
            "02/13/2026 09:05",
            "02/03/2026 25:05",
            "2-3-2026 9:05",
        ] {
            assert_eq!(moment(wrong), None, "{wrong:?}");
        }
    }
}
