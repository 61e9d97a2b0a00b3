//! The audit, searched: who, what, to whom, when, from where.

use super::Choice;
use super::conditions::{self, DAY, HOUR};
use super::history::HistoryLine;
use crate::app::App;
use crate::domain::account::{Account, LockReason, MustChange, StateName};
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
use time::{Date, Duration, PrimitiveDateTime};

/// The longest text that is looked for.
const LONGEST: usize = 254;

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
    /// Whether readings of the audit are shown, which are many and seldom looked for.
    readings: bool,
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
            readings: fields.get("readings").is_some(),
            wrong_day,
        }
    }

    /// Whether more is asked than by whom and about whom.
    const fn is_further(&self) -> bool {
        let has_day = self.from.is_some() || self.to.is_some() || self.wrong_day.is_some();
        has_day
            || self.act.is_some()
            || self.agency.is_some()
            || self.hour.is_some()
            || self.readings
            || !self.source.is_empty()
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
            // Whoever asks for an act is shown it, whichever it is.
            without_readings: !self.readings && self.act.is_none(),
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
            ("readings", self.readings.then(|| "1".to_owned())),
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

/// A person who is named, with the page of the account.
struct Named {
    name: String,
    href: String,
}

/// A line in words.
struct Line {
    number: String,
    class: &'static str,
    when: String,
    /// The sentence, with whoever acted between its two halves where that is somebody within reach.
    says: String,
    who: Option<Named>,
    rest: String,
    /// The address under which a named one acted.
    by: String,
    /// Whom or what it concerns; empty where that is the audit itself, or whoever acted.
    subject: String,
    account: Option<String>,
    name: Option<String>,
    /// What the sentence does not tell and the house has no words for.
    raw: Option<String>,
    more: Vec<String>,
}

/// A day and its lines.
struct Day {
    title: String,
    lines: Vec<Line>,
}

/// By whom and what lines speak of: the people and agencies within reach.
struct Known {
    people: Vec<Account>,
    agencies: Vec<Agency>,
}

impl Known {
    fn by_id(&self, id: &str) -> Option<&Account> {
        self.people.iter().find(|account| account.id().to_string() == id)
    }

    fn by_address(&self, address: &str) -> Option<&Account> {
        self.people.iter().find(|account| account.profile().address.as_str() == address)
    }
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
    readings: bool,
    is_narrowed: bool,
    is_further: bool,
    counted: String,
    days: Vec<Day>,
    /// What is said where there is no line.
    nothing: &'static str,
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
    let people = audit_search::people(&app, &by.administrator, &answers.lines).await?;
    let known = Known { people, agencies };
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
        readings: asked.readings,
        is_narrowed: !described.is_empty(),
        is_further: asked.is_further(),
        counted: if below.is_some() { t.audit_further(&number) } else { t.audit_found(&number) },
        days: days(t, &known, &answers.lines),
        nothing: if answers.next.is_some() { t.audit_only_readings() } else { t.audit_nothing() },
        agencies: choices(known.agencies, asked.agency),
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

/// The lines by day, in their order.
fn days(t: Lang, known: &Known, lines: &[Found]) -> Vec<Day> {
    let by_day = lines.chunk_by(|one, next| one.line.at.local_date() == next.line.at.local_date());
    let day = |lines: &[Found]| {
        let title = t.day(lines.first()?.line.at.local_date());
        Some(Day { title, lines: lines.iter().map(|found| line(t, known, found)).collect() })
    };
    by_day.filter_map(day).collect()
}

fn line(t: Lang, known: &Known, found: &Found) -> Line {
    let HistoryLine { class, says, mut more, .. } = HistoryLine::new(t, &found.line);
    let raw = detail(t, known, found, &says, &mut more);
    let record = &found.record;
    // For these the column holds no reason but systems or scopes, which the sentence or `more` tells.
    let is_no_reason =
        matches!(found.line.act, Act::PasswordChanged | Act::PasswordsDiffer | Act::ConsentGiven);
    let is_told = more.iter().any(|line| line.starts_with(&t.reason_given("")));
    if let Some(why) = record.why.as_ref().filter(|_| !is_no_reason && !is_told) {
        more.push(t.reason_given(why));
    }
    let is_named = says.contains(record.actor.as_str());
    let acted = known.by_address(&record.actor);
    let halves = acted.and_then(|who| Some((who, says.split_once(record.actor.as_str())?)));
    let (says, who, rest) = match halves {
        Some((who, (says, rest))) => (says.to_owned(), Some(named(who)), rest.to_owned()),
        None => (says, None, String::new()),
    };
    let concerned = record.account_id.as_deref().and_then(|id| known.by_id(id));
    let is_about_oneself = record.subject == record.actor
        || concerned.is_some_and(|account| account.profile().address.as_str() == record.actor);
    // The sentence names the audit, and whoever acted.
    let is_told = record.subject == "audit" || (is_named && is_about_oneself);
    Line {
        number: t.audit_number(&record.seq.to_string()),
        class,
        when: t.clock(found.line.at.local()),
        by: if who.is_some() { record.actor.clone() } else { String::new() },
        says,
        who,
        rest,
        subject: if is_told { String::new() } else { record.subject.clone() },
        account: record.account_id.as_ref().and_then(|id| id.parse().ok()).map(urls::account),
        name: concerned.map(|account| account.profile().display_name.clone()),
        raw,
        more,
    }
}

fn named(who: &Account) -> Named {
    Named { name: who.profile().display_name.clone(), href: urls::account(who.id()) }
}

/// What the sentence does not tell already: in words, among `more`; what looks like a code is given back, to be shown as
/// one.
fn detail(t: Lang, known: &Known, found: &Found, says: &str, more: &mut Vec<String>) -> Option<String> {
    let (record, act) = (&found.record, found.line.act);
    if let (Some(before), Some(after)) = (&record.before, &record.after) {
        let told = t.changed_from_to(&in_words(t, before), &in_words(t, after));
        if !matches!(act, Act::AccountUpdated | Act::PasswordReset) {
            more.insert(0, told);
        }
        return None;
    }
    let detail = record.after.as_ref().filter(|detail| !says.contains(detail.as_str()))?;
    if act == Act::LetterSent {
        return None;
    }
    if let Some(told) = conditions::in_words(t, act, detail, &known.agencies) {
        more.insert(0, told);
        return None;
    }
    let words = in_words(t, detail);
    if more.iter().any(|line| line.contains(words.as_str())) {
        return None;
    }
    if words == *detail && words.is_ascii() {
        return Some(words);
    }
    more.insert(0, t.audit_detail(&words));
    None
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
