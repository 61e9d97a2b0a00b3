//! The rules: values, how far each is switched on, every version so far; a change is looked at before it is made.

use super::effect::EffectView;
use crate::app::App;
use crate::domain::admin::{Reach, Right};
use crate::domain::id::AgencyId;
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::regulation::Book;
use crate::domain::policy::settings::{Class, Setting, Settings};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts as use_cases;
use crate::services::policy::{self, By, ChangeRefused, Difference, Version, differences, shown};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// How many versions the page shows.
const VERSIONS: i64 = 50;

/// The rules of a class: one row a rule, one column a class.
const BY_CLASS: [[Setting; 4]; 3] = [
    [
        Setting::DefaultDaysPerson,
        Setting::DefaultDaysAgency,
        Setting::DefaultDaysService,
        Setting::DefaultDaysAdministrator,
    ],
    [Setting::MonthsPerson, Setting::MonthsAgency, Setting::MonthsService, Setting::MonthsAdministrator],
    [
        Setting::InactiveDaysPerson,
        Setting::InactiveDaysAgency,
        Setting::InactiveDaysService,
        Setting::InactiveDaysAdministrator,
    ],
];

/// The settings that hold for everybody, in the order of the form.
const FOR_ALL: [Setting; 8] = [
    Setting::OpeningMinute,
    Setting::ClosingMinute,
    Setting::FailedAttempts,
    Setting::FailedAttemptsPerSource,
    Setting::PauseMinutes,
    Setting::PauseMinutesPerSource,
    Setting::BrakeAccounts,
    Setting::BrakePercent,
];

/// A field of the form.
struct Cell {
    code: &'static str,
    label: String,
    kind: &'static str,
    value: String,
    min: String,
    max: String,
}

/// A rule with its values for each class.
struct ClassRow {
    word: &'static str,
    cells: Vec<Cell>,
}

/// How far a rule is switched on.
struct StageLine {
    rule: &'static str,
    badge: &'static str,
    mode: &'static str,
    ahead: String,
    own: Option<String>,
    address: String,
}

/// A version in words.
struct VersionLine {
    version: i64,
    title: String,
    when: String,
    by: String,
    why: String,
    may_revert: bool,
}

#[derive(Template)]
#[template(path = "admin/policy.html")]
struct PolicyPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    lead: String,
    may_change: bool,
    from: i64,
    classes: Vec<&'static str>,
    by_class: Vec<ClassRow>,
    from_first_access: bool,
    for_all: Vec<Cell>,
    stages: Vec<StageLine>,
    versions: Vec<VersionLine>,
}

#[derive(Template)]
#[template(path = "admin/policy_preview.html")]
struct PreviewPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    differences: Vec<Difference>,
    effect: EffectView,
    kept: Vec<(String, String)>,
    reason: String,
    reason_error: Option<&'static str>,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = by.visitor.lang;
    let notice = match query.text("note") {
        "changed" => Some(Notice::ok(t.policy_changed())),
        "started" => Some(Notice::ok(t.waves_started())),
        _ => None,
    };
    page(&app, &by, StatusCode::OK, notice, &app.book().settings).await
}

/// Shows what a change would do, and asks for the reason.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    match wished(&app, &by, &fields).await? {
        Ok(book) => preview_page(&app, &by, &fields, &book, StatusCode::OK, None).await,
        Err(words) => {
            let notice = Some(Notice::danger(words));
            page(&app, &by, StatusCode::UNPROCESSABLE_ENTITY, notice, &app.book().settings).await
        }
    }
}

/// Makes the change.
pub(in crate::web) async fn change(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let book = match wished(&app, &by, &fields).await? {
        Ok(book) => book,
        Err(words) => {
            let notice = Some(Notice::danger(words));
            return page(&app, &by, StatusCode::UNPROCESSABLE_ENTITY, notice, &app.book().settings).await;
        }
    };
    let values = (book.settings.clone(), book.stages.clone());
    let from = book.version;
    match policy::change(&app, &By::Administrator(&by.administrator), from, values, fields.text("reason"))
        .await
    {
        Ok(_) => {
            recompute(&app);
            Ok(Redirect::to(&format!("{}?note=changed", urls::POLICY)).into_response())
        }
        Err(ChangeRefused::Internal(internal)) => Err(internal.into()),
        Err(ChangeRefused::Stopped(stopped)) => {
            super::approvals::put(&app, &by, stopped, (urls::POLICY, &fields)).await
        }
        Err(ChangeRefused::NoReason) => {
            let error = Some(t.reason_needed());
            preview_page(&app, &by, &fields, &book, StatusCode::UNPROCESSABLE_ENTITY, error).await
        }
        Err(refused) => {
            let (status, words) = words(t, &refused);
            page(&app, &by, status, Some(Notice::warn(words)), &app.book().settings).await
        }
    }
}

/// The deadlines that run are computed anew right away; the job does it too.
pub(super) fn recompute(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(internal) = crate::services::deadlines::keep(&app).await {
            tracing::error!("computing the deadlines anew: {}", crate::services::chain(&internal));
        }
    });
}

/// Why a change was refused, in words.
pub(super) fn words(t: Lang, refused: &ChangeRefused) -> (StatusCode, &'static str) {
    match refused {
        ChangeRefused::Forbidden(_) => (StatusCode::FORBIDDEN, t.policy_not_yours()),
        ChangeRefused::NoReason => (StatusCode::UNPROCESSABLE_ENTITY, t.reason_needed()),
        ChangeRefused::OutOfOrder => (StatusCode::UNPROCESSABLE_ENTITY, t.policy_out_of_order()),
        ChangeRefused::Nothing => (StatusCode::UNPROCESSABLE_ENTITY, t.policy_nothing()),
        ChangeRefused::Conflict
        | ChangeRefused::NoVersion(_)
        | ChangeRefused::Stopped(_)
        | ChangeRefused::Internal(_) => (StatusCode::CONFLICT, t.policy_conflict()),
    }
}

/// The book that a form asks for: other values, or what an older version said. Its version is the one it starts from.
async fn wished(app: &App, by: &AsAdministrator, fields: &Fields) -> Result<Result<Book, String>, Failure> {
    let t = by.visitor.lang;
    let present = app.book();
    let from = fields.text("from").parse().unwrap_or(0);
    if let Ok(number) = fields.text("revert").parse::<i64>() {
        let known = policy::history(app, i64::MAX).await?.iter().any(|version| version.version == number);
        if !known {
            return Ok(Err(t.policy_conflict().to_owned()));
        }
        return Ok(Ok(Book { version: from, ..policy::version(app, number).await? }));
    }
    Ok(read(t, &present.settings, fields).map(|settings| Book {
        version: from,
        settings,
        stages: present.stages.clone(),
    }))
}

fn read(t: Lang, present: &Settings, fields: &Fields) -> Result<Settings, String> {
    let mut settings = present.clone();
    for setting in Setting::ALL {
        let Some(text) = fields.get(setting.code()) else { continue };
        let value = match setting {
            Setting::OpeningMinute | Setting::ClosingMinute => minutes(text),
            _ => text.trim().parse().ok(),
        };
        let taken = value.and_then(|value| settings.with(*setting, value).ok());
        settings = taken.ok_or_else(|| {
            let (min, max) = setting.limits();
            t.policy_out_of_limits(t.setting(*setting), &shown(*setting, min), &shown(*setting, max))
        })?;
    }
    Ok(settings)
}

/// `07:30` in minutes after midnight; midnight at the end of the day is `24:00`.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours <= 24).then_some(hours * 60 + minutes)
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    status: StatusCode,
    notice: Option<Notice>,
    settings: &Settings,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let book = app.book();
    let may_change = by.administrator.may(Right::ChangeRules);
    let versions = policy::history(app, VERSIONS).await?;
    let frame = super::frame(app, by).await?;
    let page = PolicyPage {
        t,
        page: super::at(frame, t, urls::POLICY),
        notice,
        lead: t.policy_lead(book.version),
        may_change,
        from: book.version,
        classes: Class::ALL.map(|class| t.class(class)).to_vec(),
        by_class: BY_CLASS.map(|row| class_row(t, settings, row)).into(),
        from_first_access: settings.get(Setting::CountedFrom) == 1,
        for_all: FOR_ALL.map(|setting| cell(settings, setting, t.setting(setting).to_owned())).into(),
        stages: stages(app, t, by.administrator.reach(), &book),
        versions: versions.iter().map(|version| line(t, version, &book, may_change)).collect(),
    };
    html_with(status, &page)
}

fn class_row(t: Lang, settings: &Settings, row: [Setting; 4]) -> ClassRow {
    let cells = row.into_iter().zip(Class::ALL).map(|(setting, class)| {
        cell(settings, setting, format!("{}: {}", t.setting(setting), t.class(class)))
    });
    ClassRow { word: t.setting(row[0]), cells: cells.collect() }
}

fn cell(settings: &Settings, setting: Setting, label: String) -> Cell {
    let (min, max) = setting.limits();
    let is_clock = matches!(setting, Setting::OpeningMinute | Setting::ClosingMinute);
    Cell {
        code: setting.code(),
        label,
        kind: if is_clock { "text" } else { "number" },
        value: shown(setting, settings.get(setting)),
        min: shown(setting, min),
        max: shown(setting, max),
    }
}

/// How far each rule is switched on; of the agencies that differ those within reach are counted.
fn stages(app: &App, t: Lang, reach: &Reach, book: &Book) -> Vec<StageLine> {
    let today = app.now().local_date();
    let line = |rule: Rule| {
        let stage = book.stages.of(rule, None);
        let is_own = |agency: Option<AgencyId>| agency.is_some() && reach.covers(agency);
        let own = book.stages.entries().filter(|(other, agency, _)| *other == rule && is_own(*agency));
        let own = u64::try_from(own.count()).unwrap_or(0);
        let mode = stage.mode_on(today);
        StageLine {
            rule: t.rule(rule),
            badge: super::mode_badge(mode),
            mode: t.mode(mode),
            ahead: t.stage_ahead(&stage, today),
            own: (own > 0).then(|| t.policy_own_stages(&t.number(own))),
            address: format!("{}?rule={}", urls::WAVES, rule.code()),
        }
    };
    Rule::ALL.map(line).into()
}

fn line(t: Lang, version: &Version, present: &Book, may_change: bool) -> VersionLine {
    VersionLine {
        version: version.version,
        title: t.policy_version_title(version.version),
        when: t.moment(version.changed_at.local()),
        by: match version.changed_by.as_str() {
            "" => t.policy_by_house().to_owned(),
            "command_line" => t.actor_command_line().to_owned(),
            address => address.to_owned(),
        },
        why: version.why.clone(),
        may_revert: may_change && version.version != present.version,
    }
}

async fn preview_page(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    book: &Book,
    status: StatusCode,
    reason_error: Option<&'static str>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let effect = policy::effect(app, &book.settings, &book.stages).await?;
    let agencies = use_cases::agencies_within_reach(app, &by.administrator).await?;
    let kept = fields.iter().filter(|(name, _)| !["csrf", "reason"].contains(name));
    let frame = super::frame(app, by).await?;
    let page = PreviewPage {
        t,
        page: super::at(frame, t, urls::POLICY),
        notice: None,
        differences: differences(t, [&app.book(), book], app.now().local_date(), &agencies),
        effect: EffectView::new(t, &effect, &agencies, by.administrator.reach()),
        kept: kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        reason: fields.text("reason").to_owned(),
        reason_error,
    };
    html_with(status, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_read_as_it_is_shown() {
        assert_eq!(minutes("07:30"), Some(450));
        assert_eq!(minutes("24:00"), Some(1_440));
        assert_eq!(shown(Setting::OpeningMinute, 450), "07:30");
        for wrong in ["", "7", "07:60", "25:00", "-1:00", "a:b"] {
            assert_eq!(minutes(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_value_out_of_its_limits_is_told_with_them() {
        let fields = Fields::read(b"failed_attempts=9").expect("a form");
        let error = read(Lang::En, &Settings::default(), &fields).expect_err("too many");
        assert!(error.contains("1 to 5"), "{error}");
    }
}
