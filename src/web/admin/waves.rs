//! The wizard that switches a rule on in waves: look at the present state, plan the waves, see the effect, start.

use super::effect::EffectView;
use crate::app::App;
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar_rules::read_date;
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::settings::Setting;
use crate::domain::policy::stage::Stages;
use crate::domain::policy::waves::{self as planning, Wish};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts as use_cases;
use crate::services::policy::{self, ChangeRefused};
use crate::services::waves::{self, Surveyed};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::BTreeMap;
use time::{Date, Duration};

/// A rule to choose.
struct RuleChoice {
    code: &'static str,
    word: &'static str,
    chosen: bool,
}

/// An agency in the survey.
struct AgencyLine {
    id: String,
    name: String,
    accounts: String,
    overdue: String,
    due_soon: String,
    badge: &'static str,
    mode: &'static str,
    ahead: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "admin/waves.html")]
struct SurveyPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    rules: Vec<RuleChoice>,
    rule: &'static str,
    agencies: Vec<AgencyLine>,
    asked: Asked,
}

/// The numbers of the form, as they were typed.
struct Asked {
    first: String,
    step: String,
    most: String,
    warning: String,
}

/// An agency in a wave.
struct WaveAgency {
    id: String,
    name: String,
    overdue: String,
    day: String,
}

/// A wave in words.
struct WaveView {
    title: String,
    day: String,
    warn_from: String,
    overdue: String,
    over_brake: Option<String>,
    agencies: Vec<WaveAgency>,
}

#[derive(Template)]
#[template(path = "admin/waves_plan.html")]
struct PlanPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    rule: &'static str,
    rule_word: &'static str,
    from: i64,
    warning: u16,
    waves: Vec<WaveView>,
    effect: EffectView,
    reason: String,
    reason_error: Option<&'static str>,
}

/// Shows the present state under a rule.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let rule = query.get("rule").and_then(Rule::from_code).unwrap_or(Rule::PasswordAge);
    survey_page(&app, &by, rule, &query, None).await
}

/// Plans the waves, or computes again with other days; writes nothing.
pub(in crate::web) async fn plan(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let rule = rule_of(&fields)?;
    match read(&app, &by, rule, &fields).await? {
        Ok(plan) => plan_page(&app, &by, &fields, &plan, StatusCode::OK, None).await,
        Err(words) => survey_page(&app, &by, rule, &fields, Some(Notice::danger(words))).await,
    }
}

/// Starts them.
pub(in crate::web) async fn start(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let rule = rule_of(&fields)?;
    let plan = match read(&app, &by, rule, &fields).await? {
        Ok(plan) => plan,
        Err(words) => return survey_page(&app, &by, rule, &fields, Some(Notice::danger(words))).await,
    };
    let stages = plan.stages(&app);
    match waves::start(&app, &by.administrator, plan.from, stages, fields.text("reason")).await {
        Ok(_) => {
            super::policy::recompute(&app);
            Ok(Redirect::to(&format!("{}?note=started", urls::POLICY)).into_response())
        }
        Err(ChangeRefused::Internal(internal)) => Err(internal.into()),
        Err(ChangeRefused::Stopped(stopped)) => {
            super::approvals::put(&app, &by, stopped, (urls::WAVES_START, &fields)).await
        }
        Err(ChangeRefused::NoReason) => {
            let error = Some(t.reason_needed());
            plan_page(&app, &by, &fields, &plan, StatusCode::UNPROCESSABLE_ENTITY, error).await
        }
        Err(refused) => {
            let (_, words) = super::policy::words(t, &refused);
            survey_page(&app, &by, rule, &fields, Some(Notice::warn(words))).await
        }
    }
}

/// What a form plans.
struct Plan {
    rule: Rule,
    from: i64,
    warning: u16,
    days: Vec<(AgencyId, Date)>,
    surveyed: Vec<Surveyed>,
}

impl Plan {
    fn stages(&self, app: &App) -> Stages {
        waves::stages(app, self.rule, &self.days, self.warning)
    }
}

fn rule_of(fields: &Fields) -> Result<Rule, Failure> {
    fields.get("rule").and_then(Rule::from_code).ok_or_else(|| Failure::BadForm("no such rule".to_owned()))
}

/// Reads the form of either step: agencies within reach with a day of their own, or chosen ones and how to spread them.
async fn read(
    app: &App,
    by: &AsAdministrator,
    rule: Rule,
    fields: &Fields,
) -> Result<Result<Plan, &'static str>, Failure> {
    let t = by.visitor.lang;
    let mut surveyed = waves::survey(app, rule).await?;
    surveyed.retain(|surveyed| by.administrator.reach().covers(Some(surveyed.agency.id)));
    let today = app.now().local_date();
    let regulation = app.regulation();
    let number =
        |name: &str| fields.text(name).trim().parse::<u16>().ok().filter(|n| (1..=1_000).contains(n));
    let Some(warning) = number("warning") else { return Ok(Err(t.waves_bad_number())) };
    let given = |agency: &Surveyed| fields.get(&format!("day-{}", agency.agency.id)).map(str::to_owned);
    let mut days = Vec::new();
    for agency in &surveyed {
        let Some(text) = given(agency) else { continue };
        let calendar = regulation.calendar_of(Some(agency.agency.id));
        match day(&text, today).filter(|day| calendar.is_working(*day)) {
            Some(day) => days.push((agency.agency.id, day)),
            None => return Ok(Err(t.waves_bad_day())),
        }
    }
    if days.is_empty() {
        let (Some(step), Some(most)) = (number("step"), fields.text("most").trim().parse::<u64>().ok())
        else {
            return Ok(Err(t.waves_bad_number()));
        };
        let Some(first) = day(fields.text("first"), today) else { return Ok(Err(t.waves_bad_day())) };
        let chosen = surveyed.iter().filter(|a| fields.get(&format!("agency-{}", a.agency.id)).is_some());
        let chosen: Vec<_> = chosen.map(|a| (a.agency.id, a.overdue)).collect();
        let wish = Wish { first, step, most: most.max(1), warning };
        let planned = planning::plan(&chosen, wish, today, regulation.calendars.city());
        days.extend(
            planned.into_iter().flat_map(|wave| wave.agencies.into_iter().map(move |id| (id, wave.day))),
        );
    }
    if days.is_empty() {
        return Ok(Err(t.waves_none_chosen()));
    }
    let from = fields.text("from").parse().unwrap_or(regulation.book.version);
    Ok(Ok(Plan { rule, from, warning, days, surveyed }))
}

/// A day from today to a year ahead.
fn day(text: &str, today: Date) -> Option<Date> {
    let day = read_date(text.trim())?;
    let last = today.checked_add(Duration::days(366)).unwrap_or(Date::MAX);
    (today..=last).contains(&day).then_some(day)
}

async fn survey_page(
    app: &App,
    by: &AsAdministrator,
    rule: Rule,
    fields: &Fields,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let today = app.now().local_date();
    let surveyed = waves::survey(app, rule).await?;
    let agencies = surveyed.into_iter().filter(|a| by.administrator.reach().covers(Some(a.agency.id)));
    let rules =
        Rule::ALL.map(|other| RuleChoice { code: other.code(), word: t.rule(other), chosen: other == rule });
    let typed = |name: &str, default: String| fields.get(name).map_or(default, str::to_owned);
    let first = app.regulation().calendars.city().roll_forward(today + Duration::days(14));
    let frame = super::frame(app, by).await?;
    let status = if notice.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SurveyPage {
        t,
        page: super::at(frame, t, &format!("{}?rule={}", urls::WAVES, rule.code())),
        notice,
        rules: rules.into(),
        rule: rule.code(),
        agencies: agencies.map(|a| agency_line(t, &a, fields, today)).collect(),
        asked: Asked {
            first: typed("first", t.date(first)),
            step: typed("step", "5".to_owned()),
            most: typed("most", app.book().settings.get(Setting::BrakeAccounts).to_string()),
            warning: typed("warning", "10".to_owned()),
        },
    };
    html_with(status, &page)
}

fn agency_line(t: Lang, surveyed: &Surveyed, fields: &Fields, today: Date) -> AgencyLine {
    let id = surveyed.agency.id.to_string();
    let mode = surveyed.stage.mode_on(today);
    AgencyLine {
        chosen: fields.get(&format!("agency-{id}")).is_some(),
        name: surveyed.agency.name.clone(),
        accounts: t.number(surveyed.accounts),
        overdue: t.number(surveyed.overdue),
        due_soon: t.number(surveyed.due_soon),
        badge: super::mode_badge(mode),
        mode: t.mode(mode),
        ahead: t.stage_ahead(&surveyed.stage, today),
        id,
    }
}

async fn plan_page(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    plan: &Plan,
    status: StatusCode,
    reason_error: Option<&'static str>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let stages = plan.stages(app);
    let effect = policy::effect(app, &app.book().settings, &stages).await?;
    let agencies = use_cases::agencies_within_reach(app, &by.administrator).await?;
    let frame = super::frame(app, by).await?;
    let page = PlanPage {
        t,
        page: super::at(frame, t, &format!("{}?rule={}", urls::WAVES, plan.rule.code())),
        notice: None,
        rule: plan.rule.code(),
        rule_word: t.rule(plan.rule),
        from: plan.from,
        warning: plan.warning,
        waves: views(app, t, plan, &stages),
        effect: EffectView::new(t, &effect, &agencies, by.administrator.reach()),
        reason: fields.text("reason").to_owned(),
        reason_error,
    };
    html_with(status, &page)
}

/// The agencies of a plan, grouped by their first day.
fn views(app: &App, t: Lang, plan: &Plan, stages: &Stages) -> Vec<WaveView> {
    let limit = u64::from(app.book().settings.get(Setting::BrakeAccounts));
    let mut by_day: BTreeMap<Date, Vec<AgencyId>> = BTreeMap::new();
    for (agency, day) in &plan.days {
        by_day.entry(*day).or_default().push(*agency);
    }
    let find = |id: &AgencyId| plan.surveyed.iter().find(|surveyed| surveyed.agency.id == *id);
    let view = |(number, (day, ids)): (u64, (Date, Vec<AgencyId>))| {
        let of_wave: Vec<_> = ids.iter().filter_map(find).collect();
        let overdue = of_wave.iter().map(|surveyed| surveyed.overdue).sum();
        let warn_from = ids.iter().filter_map(|id| stages.of(plan.rule, Some(*id)).warn_from).min();
        WaveView {
            title: t.waves_wave(number),
            day: t.day(day),
            warn_from: warn_from.map(|day| t.day(day)).unwrap_or_default(),
            overdue: t.number(overdue),
            over_brake: (overdue > limit).then(|| t.waves_over_brake(&t.number(overdue))),
            agencies: of_wave
                .iter()
                .map(|surveyed| WaveAgency {
                    id: surveyed.agency.id.to_string(),
                    name: surveyed.agency.name.clone(),
                    overdue: t.number(surveyed.overdue),
                    day: t.date(day),
                })
                .collect(),
        }
    };
    (1..).zip(by_day).map(view).collect()
}
