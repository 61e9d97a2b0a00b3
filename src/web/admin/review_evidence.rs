//! The evidence of an access review as one package, for the dossier of a system of level 3: tables as CSV and a page to
//! print.

use crate::app::App;
use crate::domain::access_review::{Subject, Verdict, year_of};
use crate::domain::account::StateName;
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::stage::Stage;
use crate::http::{AsAdministrator, Failure};
use crate::i18n::Lang;
use crate::services::access_review::{self as reviews, Evidence, Item};
use crate::web::parts::number_of;
use crate::web::sheet::{Cell, MARK, csv_row};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A table of the page.
struct Facts {
    title: &'static str,
    lines: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "admin/review_file.html")]
struct ReportFile {
    t: Lang,
    half: String,
    made: String,
    tables: Vec<Facts>,
    said: Vec<[String; 6]>,
}

/// Sends it.
pub(in crate::web) async fn package(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = id.parse().map_err(|_| Failure::NotFound)?;
    let found = reviews::evidence(&app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let (t, half) = (by.visitor.lang, found.review.half.clone());
    // Packing a hundred thousand lines takes a second: not on a thread that serves requests.
    let packed = tokio::task::spawn_blocking(move || pack(&app, t, &found)).await;
    let bytes = packed.map_err(|error| Failure::Internal(format!("packing the evidence: {error}")))??;
    let name = format!("attachment; filename=\"ra-soat-{half}.zip\"");
    Ok(([(CONTENT_TYPE, "application/zip".to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response())
}

fn pack(app: &App, t: Lang, found: &Evidence) -> Result<Vec<u8>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::Internal(format!("packing the evidence: {error}"));
    let report = report(app, t, found).render().map_err(|error| wrong(&error))?;
    let files = [
        ("bao-cao.html", report),
        ("tai-khoan.csv", records(t, found, Some(Subject::Account))),
        ("vai-tro.csv", records(t, found, Some(Subject::Role))),
        ("chuc-vu.csv", records(t, found, Some(Subject::Post))),
        ("uy-quyen.csv", records(t, found, Some(Subject::Delegation))),
        ("ra-soat.csv", records(t, found, None)),
        ("nhat-ky.csv", pairs(t, &log(app, t, found))),
        ("quy-dinh.csv", pairs(t, &rules(app, t, found))),
        ("lich-lam-viec.csv", pairs(t, &days(app, t, found))),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(name, SimpleFileOptions::default()).map_err(|error| wrong(&error))?;
        zip.write_all(text.as_bytes()).map_err(|error| wrong(&error))?;
    }
    Ok(zip.finish().map_err(|error| wrong(&error))?.into_inner())
}

/// The items of one kind, or all of which somebody has spoken.
fn records(t: Lang, found: &Evidence, only: Option<Subject>) -> String {
    let mut text = MARK.to_owned();
    let head = [
        t.review_what(),
        t.full_name(),
        t.main_address(),
        t.agency(),
        t.review_what(),
        t.review_state_now(),
        t.review_verdict(),
        t.review_reason(),
        t.review_said_by(),
        t.review_said_at(),
        t.review_outcome(),
    ];
    csv_row(&mut text, t, &head.map(Cell::from));
    let is_in = |item: &&Item| only.map_or(is_spoken_on(item), |only| item.kind == only);
    for item in found.items.iter().filter(is_in) {
        let [said, why, by, at, outcome] = said(t, item);
        let state = StateName::from_code(&item.state).map_or("", |state| t.state_of(state));
        let cells: [Cell; 11] = [
            t.review_subject(item.kind).into(),
            item.name.as_str().into(),
            item.address.as_str().into(),
            agency(found, item).into(),
            item.what.as_str().into(),
            state.into(),
            said.into(),
            why.into(),
            by.into(),
            at.into(),
            outcome.into(),
        ];
        csv_row(&mut text, t, &cells);
    }
    text
}

fn agency(found: &Evidence, item: &Item) -> String {
    let agency = found.agencies.iter().find(|agency| Some(agency.id) == item.agency);
    agency.map_or_else(String::new, |agency| agency.name.clone())
}

/// Whether somebody has said something of it, or passed it on.
const fn is_spoken_on(item: &Item) -> bool {
    item.verdict.is_some() || item.passed.is_some()
}

/// What was said of an item: the verdict, why, by whom, when, what came of it.
fn said(t: Lang, item: &Item) -> [String; 5] {
    if let (None, Some((at, by, why))) = (item.verdict, &item.passed) {
        return [
            t.review_transfer().to_owned(),
            why.clone(),
            by.clone(),
            t.moment(at.local()),
            String::new(),
        ];
    }
    [
        item.verdict.map_or("", |verdict| t.review_verdict_of(verdict)).to_owned(),
        item.why.clone(),
        item.decided_by.clone(),
        item.decided_at.map(|at| t.moment(at.local())).unwrap_or_default(),
        match (item.outcome, item.obstacle) {
            (Some(outcome), _) => t.review_outcome_of(outcome),
            (None, Some(obstacle)) => t.review_obstacle(obstacle),
            (None, None) => "",
        }
        .to_owned(),
    ]
}

fn pairs(t: Lang, lines: &[(String, String)]) -> String {
    let mut text = MARK.to_owned();
    csv_row(&mut text, t, &[t.review_setting(), t.review_value()].map(Cell::from));
    for (word, value) in lines {
        csv_row(&mut text, t, &[word.as_str().into(), value.as_str().into()]);
    }
    text
}

/// How the audit is kept. Which folder and which server it is are for whoever reaches the whole city.
fn log(app: &App, t: Lang, found: &Evidence) -> Vec<(String, String)> {
    let audit = &app.config.audit;
    let archive = audit.archive.as_ref().map(|folder| folder.display().to_string());
    let syslog = audit.syslog.map(|server| server.to_string());
    let is_city = found.reach.is_city();
    let told = |text: Option<String>| match text {
        None => t.review_no().to_owned(),
        Some(text) if is_city => text,
        Some(_) => t.review_yes().to_owned(),
    };
    vec![
        (t.review_log_months().to_owned(), audit.online_months.to_string()),
        (t.review_log_archive().to_owned(), told(archive)),
        (t.review_log_syslog().to_owned(), told(syslog)),
        (t.review_log_chain().to_owned(), t.review_yes().to_owned()),
    ]
}

/// The rules in force: their values, and how far each is switched on, for the city and for agencies within reach that differ.
fn rules(app: &App, t: Lang, found: &Evidence) -> Vec<(String, String)> {
    let (book, today) = (app.book(), app.now().local_date());
    let mut lines = vec![("version".to_owned(), book.version.to_string())];
    lines.extend(book.settings.entries().map(|(one, value)| (t.setting(one).to_owned(), value.to_string())));
    let said = |stage: Stage| {
        let (now, ahead) = (t.mode(stage.mode_on(today)), t.stage_ahead(&stage, today));
        if ahead.is_empty() { now.to_owned() } else { format!("{now}, {ahead}") }
    };
    for rule in Rule::ALL {
        let city = format!("{}: {}", t.rule(rule), t.policy_stage_city());
        lines.push((city, said(book.stages.of(rule, None))));
        let own = book.stages.entries().filter(|(other, agency, _)| *other == rule && agency.is_some());
        for (_, agency, stage) in own.filter(|(_, agency, _)| found.reach.covers(*agency)) {
            let of = found.agencies.iter().find(|one| Some(one.id) == agency);
            lines.extend(of.map(|of| (format!("{}: {}", t.rule(rule), of.name), said(stage))));
        }
    }
    lines
}

/// The days of the city's calendar in the year of the review.
fn days(app: &App, t: Lang, found: &Evidence) -> Vec<(String, String)> {
    let review = &found.review;
    let year = year_of(&review.half).unwrap_or_else(|| review.opened_at.local_date().year());
    let calendars = app.calendars();
    let listed = calendars.city().listed().filter(|(date, _)| date.year() == year);
    listed.map(|(date, day)| (t.date(date), t.day_kind(day.kind).to_owned())).collect()
}

fn report(app: &App, t: Lang, found: &Evidence) -> ReportFile {
    let review = &found.review;
    let number =
        |only: &dyn Fn(&Item) -> bool| t.number(number_of(found.items.iter().filter(|i| only(i)).count()));
    let kinds = Subject::ALL
        .iter()
        .map(|kind| (t.review_subject(*kind).to_owned(), number(&|item: &Item| item.kind == *kind)));
    let verdicts = Verdict::ALL.iter().map(|verdict| {
        (t.review_verdict_of(*verdict).to_owned(), number(&|item: &Item| item.verdict == Some(*verdict)))
    });
    let waiting = (t.review_waiting().to_owned(), number(&|item: &Item| item.verdict.is_none()));
    let facts = kinds.chain(verdicts).chain([waiting]).collect();
    let gone = |item: &&Item| is_spoken_on(item) && item.verdict != Some(Verdict::Keep);
    let line = |item: &Item| {
        let [verdict, why, by, at, outcome] = said(t, item);
        [
            format!("{} ({})", item.name, item.address),
            agency(found, item),
            verdict,
            why,
            format!("{by} {at}"),
            outcome,
        ]
    };
    ReportFile {
        t,
        half: t.review_half(&t.half_year(&review.half)),
        made: t.moment(app.now().local()),
        tables: vec![
            Facts { title: t.review_how_far(), lines: facts },
            Facts { title: t.review_log(), lines: log(app, t, found) },
            Facts { title: t.console_policy(), lines: rules(app, t, found) },
            Facts { title: t.calendar_menu(), lines: days(app, t, found) },
        ],
        said: found.items.iter().filter(gone).map(line).collect(),
    }
}
