//! The audit, searched: who, what, to whom, when, from where.

use super::Choice;
use super::history::HistoryLine;
use crate::app::App;
use crate::domain::account::{LockReason, MustChange, StateName};
use crate::domain::agency::Agency;
use crate::domain::audit::Act;
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar_rules::read_date;
use crate::domain::session::Door;
use crate::domain::timestamp::{LOCAL, Timestamp};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::accounts as use_cases;
use crate::services::audit_search::{self, Found, Question};
use crate::urls;
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration, PrimitiveDateTime};

/// The longest text that is looked for.
const LONGEST: usize = 254;

/// A day in an address.
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The beginning of an hour in an address.
const HOUR: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]");

/// What is asked, as addresses of the console say it.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    about: String,
    actor: String,
    source: String,
    act: Option<Act>,
    agency: Option<AgencyId>,
    from: Option<Date>,
    to: Option<Date>,
    /// When the hour begins to which the dashboard leads.
    hour: Option<Timestamp>,
    /// What was typed as a day and is none.
    wrong_day: Option<String>,
}

impl Asked {
    /// Reads it; a word that is not understood narrows nothing, a day that is none is told.
    pub(super) fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().chars().take(LONGEST).collect::<String>();
        let mut wrong_day = None;
        let mut day = |name| {
            let typed = text(name);
            let day = read_date(&typed);
            if day.is_none() && !typed.is_empty() {
                wrong_day = Some(typed);
            }
            day
        };
        let (from, to) = (day("from"), day("to"));
        let hour = PrimitiveDateTime::parse(&text("hour"), HOUR).ok();
        Self {
            about: text("q"),
            actor: text("actor"),
            source: text("source"),
            act: fields.get("act").and_then(Act::from_code),
            agency: fields.get("agency").and_then(|id| id.parse().ok()),
            from,
            to,
            hour: hour.map(|hour| Timestamp::from_datetime(hour.assume_offset(LOCAL))),
            wrong_day,
        }
    }

    /// What the service is asked.
    pub(super) fn question(&self) -> Question {
        // Whatever happens in the next hour's first moment belongs to the next one.
        let last = self.hour.map(|hour| hour.plus(Duration::hours(1)).minus(Duration::microseconds(1)));
        Question {
            about: self.about.clone(),
            actor: self.actor.clone(),
            source: self.source.clone(),
            act: self.act,
            agency: self.agency,
            since: self.from.map(Timestamp::start_of).max(self.hour),
            until: [self.to.map(Timestamp::end_of), last].into_iter().flatten().min(),
        }
    }

    /// The fields that say it.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let all = [
            ("q", given(&self.about)),
            ("actor", given(&self.actor)),
            ("source", given(&self.source)),
            ("act", self.act.map(|act| act.code().to_owned())),
            ("agency", self.agency.map(|id| id.to_string())),
            ("from", self.from.and_then(|day| day.format(DAY).ok())),
            ("to", self.to.and_then(|day| day.format(DAY).ok())),
            ("hour", self.hour.and_then(|hour| hour.local().format(HOUR).ok())),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// In few words, for the line that records the reading.
    pub(super) fn described(&self) -> String {
        self.fields().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    /// The address of a page about it.
    fn address_at(&self, path: &str, below: Option<i64>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields());
        query.extend_pairs(below.map(|below| ("below", below.to_string())));
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// Where the lines of a day stand that tell of an act.
pub(super) fn of_day(act: Act, day: Date) -> String {
    let asked = Asked { act: Some(act), from: Some(day), to: Some(day), ..Asked::default() };
    asked.address_at(urls::AUDIT, None)
}

/// Where the lines of an hour stand that tell of an act.
pub(super) fn of_hour(act: Act, hour: Timestamp) -> String {
    let asked = Asked { act: Some(act), hour: Some(hour), ..Asked::default() };
    asked.address_at(urls::AUDIT, None)
}

/// A line in words.
struct Line {
    number: String,
    class: &'static str,
    when: String,
    says: String,
    /// Whom or what it concerns; empty where that is the audit itself.
    subject: String,
    account: Option<String>,
    /// What the sentence does not tell and the house has no words for.
    raw: Option<String>,
    more: Vec<String>,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    t: Lang,
    page: Frame,
    about: String,
    actor: String,
    source: String,
    from: String,
    to: String,
    /// The hour as the address has it, and in words.
    hour: Option<(String, String)>,
    wrong_day: Option<String>,
    acts: Vec<Choice>,
    agencies: Vec<Choice>,
    is_narrowed: bool,
    counted: String,
    lines: Vec<Line>,
    newest: Option<String>,
    older: Option<String>,
    csv: String,
    jsonl: String,
}

/// Shows what was found.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let query = query_of(query)?;
    let asked = Asked::read(&query);
    let below: Option<i64> = query.get("below").and_then(|text| text.parse().ok());
    let described = asked.described();
    let answers = audit_search::page(&app, &by.administrator, &asked.question(), below, &described).await?;
    let agencies = use_cases::agencies_within_reach(&app, &by.administrator).await?;
    let number = t.number(u64::try_from(answers.lines.len()).unwrap_or_default());
    let day = |day: Option<Date>| day.map(|day| t.date(day)).unwrap_or_default();
    html(&AuditPage {
        t,
        page: super::frame(&app, &by).await?,
        from: day(asked.from),
        to: day(asked.to),
        hour: asked
            .hour
            .and_then(|hour| Some((hour.local().format(HOUR).ok()?, t.audit_hour(&t.moment(hour.local()))))),
        wrong_day: asked.wrong_day.as_deref().map(|typed| t.audit_wrong_day(typed)),
        acts: acts(t, asked.act),
        agencies: choices(agencies, asked.agency),
        is_narrowed: !described.is_empty(),
        counted: if below.is_some() { t.audit_further(&number) } else { t.audit_found(&number) },
        lines: answers.lines.iter().map(|found| line(t, found)).collect(),
        newest: below.map(|_| asked.address_at(urls::AUDIT, None)),
        older: answers.next.map(|next| asked.address_at(urls::AUDIT, Some(next))),
        csv: asked.address_at(urls::AUDIT_CSV, None),
        jsonl: asked.address_at(urls::AUDIT_JSONL, None),
        about: asked.about,
        actor: asked.actor,
        source: asked.source,
    })
}

/// Every act as a sentence without its actor, in the order of the alphabet.
fn acts(t: Lang, chosen: Option<Act>) -> Vec<Choice> {
    let choice = |act: &Act| Choice {
        value: act.code().to_owned(),
        word: t.act(*act, "…", "…"),
        chosen: chosen == Some(*act),
    };
    let mut acts: Vec<_> = Act::ALL.iter().map(choice).collect();
    acts.sort_by(|a, b| a.word.cmp(&b.word));
    acts
}

fn choices(agencies: Vec<Agency>, chosen: Option<AgencyId>) -> Vec<Choice> {
    agencies.into_iter().map(|agency| Choice::of_agency(agency, chosen)).collect()
}

fn line(t: Lang, found: &Found) -> Line {
    let HistoryLine { class, when, says, mut more } = HistoryLine::new(t, &found.line);
    let (record, mut raw) = (&found.record, None);
    // What the sentence does not tell already, as it stands.
    if let (Some(before), Some(after)) = (&record.before, &record.after) {
        let told = t.changed_from_to(&in_words(t, before), &in_words(t, after));
        if !matches!(found.line.act, Act::AccountUpdated | Act::PasswordReset) {
            more.insert(0, told);
        }
    } else if let Some(detail) = record.after.as_ref().filter(|detail| !says.contains(detail.as_str()))
        && found.line.act != Act::LetterSent
    {
        let words = in_words(t, detail);
        match Some(words).filter(|words| !more.iter().any(|line| line.contains(words.as_str()))) {
            // What looks like a code is shown as one.
            Some(words) if words == *detail && words.is_ascii() => raw = Some(words),
            Some(words) => more.insert(0, t.audit_detail(&words)),
            None => {}
        }
    }
    // For these the column holds no reason but systems or scopes, which the sentence or `more` tells.
    let is_no_reason =
        matches!(found.line.act, Act::PasswordChanged | Act::PasswordsDiffer | Act::ConsentGiven);
    let is_told = more.iter().any(|line| line.starts_with(&t.reason_given("")));
    if let Some(why) = record.why.as_ref().filter(|_| !is_no_reason && !is_told) {
        more.push(t.reason_given(why));
    }
    Line {
        number: t.audit_number(&record.seq.to_string()),
        class,
        when,
        says,
        // The sentence names the audit.
        subject: if record.subject == "audit" { String::new() } else { record.subject.clone() },
        account: found.record.account_id.as_ref().and_then(|id| id.parse().ok()).map(urls::account),
        raw,
        more,
    }
}

/// Words of the house for what has some; everything else as it stands.
fn in_words(t: Lang, text: &str) -> String {
    if text.is_empty() {
        return "–".to_owned();
    }
    if let Some(reason) = LockReason::from_code(text) {
        return t.lock_reason(reason).to_owned();
    }
    if let Some(state) = StateName::from_code(text) {
        return t.state_of(state).to_owned();
    }
    if let Some(why) = MustChange::from_code(text) {
        return t.must_change(why).to_owned();
    }
    match Door::from_code(text) {
        Some(Door::Staff) => t.sessions_staff().to_owned(),
        Some(Door::Admin) => t.sessions_console().to_owned(),
        None => text.to_owned(),
    }
}
