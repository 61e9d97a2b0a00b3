//! `danang-sso deadline`: what a term comes to, day by day, for people who plan and for scripts.

use super::WithConfig;
use crate::domain::policy::calendar::{Calendar, Calendars};
use crate::domain::policy::deadline::{self, Deadline, Rule};
use crate::domain::policy::regulation::Book;
use crate::domain::policy::settings::{Class, Settings};
use crate::domain::timestamp::Timestamp;
use crate::i18n::Lang;
use anyhow::{Context, anyhow};
use clap::Args;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use time::Date;
use time::format_description::well_known::Rfc3339;

/// What is asked.
#[derive(Debug, Args)]
pub struct DeadlineArgs {
    /// The rule: default-password (working days), password-age (months) or inactivity (days).
    #[arg(long, value_name = "RULE", value_parser = rule)]
    rule: Rule,
    /// The day of the event, YYYY-MM-DD: it is not counted.
    #[arg(long, value_name = "DATE", value_parser = date)]
    start: Date,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
    /// Use the calendar and the terms of this configuration; without it, the built-in ones.
    #[arg(long, value_name = "FILE", env = "DANANG_SSO_CONFIG")]
    config: Option<PathBuf>,
}

/// A deadline as JSON.
#[derive(Debug, Serialize)]
struct Answer {
    rule: &'static str,
    start: String,
    last_day: String,
    ends_at: String,
    days: Vec<AnsweredDay>,
}

/// One of its days.
#[derive(Debug, Serialize)]
struct AnsweredDay {
    date: String,
    counted: bool,
    why: &'static str,
}

pub(super) async fn run(args: DeadlineArgs) -> anyhow::Result<()> {
    let (book, calendars) = if let Some(config) = args.config {
        let app = WithConfig { config }.open().await?;
        (app.book(), app.calendars())
    } else {
        let calendars = Calendars::new(Calendar::built_in().clone(), HashMap::new());
        (Arc::new(Book::default()), Arc::new(calendars))
    };
    let deadline = counted(args.rule, args.start, &book.settings, calendars.city());
    if args.json {
        println!("{}", serde_json::to_string(&answer(&deadline)?).context("writing JSON")?);
    } else {
        print!("{}", words(&deadline));
    }
    Ok(())
}

fn counted(rule: Rule, start: Date, settings: &Settings, calendar: &Calendar) -> Deadline {
    let since = Timestamp::start_of(start);
    match rule {
        Rule::DefaultPassword => {
            deadline::default_password(since, settings.default_days(Class::Person), calendar)
        }
        Rule::PasswordAge => deadline::password_age(since, settings.months(Class::Person), calendar),
        Rule::Inactivity => deadline::inactivity(since, settings.inactive_days(Class::Person), calendar),
    }
}

fn answer(deadline: &Deadline) -> anyhow::Result<Answer> {
    // A term in months that would end on a day off has two lines for that day; the one that tells why is kept.
    let told = |at: usize| deadline.days.get(at + 1).is_some_and(|next| next.date == deadline.days[at].date);
    let days = deadline.days.iter().enumerate().filter(|(at, _)| !told(*at));
    let days = days.map(|(_, day)| AnsweredDay {
        date: day.date.to_string(),
        counted: day.counted,
        why: day.why.word(),
    });
    Ok(Answer {
        rule: deadline.rule.code(),
        start: deadline.start.to_string(),
        last_day: deadline.last_day.to_string(),
        ends_at: deadline.ends_at.local().format(&Rfc3339).context("writing the end of the term")?,
        days: days.collect(),
    })
}

/// The days one by one in Vietnamese, with the English beside.
fn words(deadline: &Deadline) -> String {
    let (vi, en) = (Lang::Vi.explained(deadline), Lang::En.explained(deadline));
    let mut text = String::new();
    for (vi, en) in vi.iter().zip(&en) {
        let mark = if vi.is_counted { '+' } else { ' ' };
        let _ = writeln!(text, "{mark} {} – {} | {}", vi.day, vi.why, en.why);
    }
    text
}

fn rule(code: &str) -> anyhow::Result<Rule> {
    Rule::from_code(code)
        .ok_or_else(|| anyhow!("the rules are default-password, password-age and inactivity"))
}

fn date(text: &str) -> anyhow::Result<Date> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, &format).map_err(|e| anyhow!("a date is written 2026-02-12: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(code: &str, start: &str) -> Answer {
        let (rule, start) = (rule(code).expect("a rule"), date(start).expect("a date"));
        answer(&counted(rule, start, &Settings::default(), Calendar::built_in())).expect("a deadline")
    }

    #[test]
    fn every_vector_of_working_days_comes_out_of_the_command_line() {
        for (start, last, counted) in [
            ("2026-01-30", "2026-02-04", ["2026-02-02", "2026-02-03", "2026-02-04"]),
            ("2026-02-12", "2026-02-24", ["2026-02-13", "2026-02-23", "2026-02-24"]),
            ("2026-08-20", "2026-08-24", ["2026-08-21", "2026-08-22", "2026-08-24"]),
            ("2025-12-30", "2026-01-06", ["2025-12-31", "2026-01-05", "2026-01-06"]),
            ("2024-05-02", "2024-05-06", ["2024-05-03", "2024-05-04", "2024-05-06"]),
            ("2022-04-28", "2022-05-05", ["2022-04-29", "2022-05-04", "2022-05-05"]),
            ("2026-11-19", "2026-11-26", ["2026-11-20", "2026-11-25", "2026-11-26"]),
        ] {
            let answer = asked("default-password", start);
            assert_eq!(answer.last_day, last, "from {start}");
            let days: Vec<_> = answer.days.iter().filter(|d| d.counted).map(|d| d.date.as_str()).collect();
            assert_eq!(days, counted, "from {start}");
        }
    }

    #[test]
    fn every_vector_of_months_comes_out_of_the_command_line() {
        for (start, last) in [
            ("2025-09-30", "2026-03-30"),
            ("2025-08-31", "2026-03-02"),
            ("2026-02-28", "2026-08-28"),
            ("2025-02-22", "2025-08-22"),
            ("2026-05-24", "2026-11-25"),
            ("2026-10-30", "2027-05-04"),
        ] {
            let answer = asked("password-age", start);
            assert_eq!(answer.last_day, last, "from {start}");
            assert_eq!(answer.days.iter().filter(|d| d.counted).count(), 1, "from {start}");
        }
    }

    #[test]
    fn the_json_has_exactly_these_keys_in_this_order() {
        let json = serde_json::to_string(&asked("password-age", "2025-08-31")).expect("JSON");
        assert_eq!(
            json,
            r#"{"rule":"password-age","start":"2025-08-31","last_day":"2026-03-02","ends_at":"2026-03-03T00:00:00+07:00","days":[{"date":"2025-08-31","counted":false,"why":"start day"},{"date":"2026-02-28","counted":false,"why":"weekend"},{"date":"2026-03-01","counted":false,"why":"weekend"},{"date":"2026-03-02","counted":true,"why":"working day"}]}"#
        );
    }

    #[test]
    fn the_reasons_are_words_that_do_not_change() {
        let whys = |start| asked("default-password", start).days.iter().map(|d| d.why).collect::<Vec<_>>();
        assert!(whys("2026-02-12").contains(&"holiday"));
        assert!(whys("2026-08-20").contains(&"make-up working day"));
        assert!(whys("2025-12-30").contains(&"swapped day off"));
        assert!(whys("2026-11-19").contains(&"undecided day off"));
        assert_eq!(asked("password-age", "2025-09-30").days[1].why, "same day number");
    }

    #[test]
    fn the_words_are_vietnamese_and_english() {
        let start = date("2026-04-28").expect("a date");
        let text = words(&counted(Rule::DefaultPassword, start, &Settings::default(), Calendar::built_in()));
        assert!(text.contains("  thứ Năm, 30/04/2026 – Ngày Chiến thắng: nghỉ, không tính | "), "{text}");
        assert!(text.contains("| Victory Day (Reunification): a day off, not counted"), "{text}");
        assert!(text.contains("+ thứ Tư, 29/04/2026 – ngày làm việc thứ 1 | working day 1"), "{text}");
    }
}
