//! What was asked of the audit or of a list, as the audit keeps it (`agency=so-tc month=2026-10`), in words. Whatever has
//! no words stands as it was typed: it is text of a stranger, and stays text.

use crate::domain::account::{LockReason, StateName};
use crate::domain::agency::Agency;
use crate::domain::audit::Act;
use crate::domain::timestamp::{LOCAL, Timestamp};
use crate::i18n::Lang;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, PrimitiveDateTime};

/// A day as the audit keeps it.
pub(super) const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The beginning of an hour as the audit keeps it.
pub(super) const HOUR: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]");

/// The word for the newest lines of an account.
const NEWEST: &str = "newest";

/// The detail of a line that records a reading or an export; `None` where it names no condition.
pub(super) fn in_words(t: Lang, act: Act, detail: &str, agencies: &[Agency]) -> Option<String> {
    if !matches!(act, Act::AuditRead | Act::AuditExported | Act::AccountsExported) {
        return None;
    }
    let mut found = false;
    let said: Vec<_> = parts(detail)
        .into_iter()
        .map(|part| match condition(t, &part, agencies) {
            Some(words) => {
                found = true;
                words
            }
            None => part,
        })
        .collect();
    found.then(|| t.audit_conditions(&said.join(", ")))
}

/// The conditions one by one. A word without a name goes on with the value before it: what was looked for has spaces.
fn parts(detail: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in detail.split_whitespace() {
        match parts.last_mut() {
            Some(last) if !word.contains('=') && word != NEWEST && last.contains('=') => {
                last.push(' ');
                last.push_str(word);
            }
            _ => parts.push(word.to_owned()),
        }
    }
    parts
}

fn condition(t: Lang, part: &str, agencies: &[Agency]) -> Option<String> {
    if part == NEWEST {
        return Some(t.condition_newest().to_owned());
    }
    let (name, value) = part.split_once('=')?;
    Some(match name {
        "q" | "about" => t.condition_search(value),
        "agency" => t.condition_agency(agency(value, agencies)),
        "month" => t.condition_month(&month(value)),
        "account" => t.condition_account(value),
        "actor" => t.condition_actor(value),
        "source" => t.condition_source(value),
        "act" => match Act::from_code(value) {
            Some(act) => t.condition_act(&t.act(act, "…", "…")),
            None => t.condition_act(value),
        },
        "state" => t.condition_state(StateName::from_code(value).map_or(value, |state| t.state_of(state))),
        "lock" => {
            t.condition_lock(LockReason::from_code(value).map_or(value, |reason| t.lock_reason(reason)))
        }
        "from" => t.condition_from(&day(t, value)),
        "to" => t.condition_to(&day(t, value)),
        "hour" => t.condition_hour(&hour(t, value)),
        "readings" => t.condition_readings().to_owned(),
        _ => return None,
    })
}

/// The name of an agency that is kept by its number; a code as it stands.
fn agency<'a>(value: &'a str, agencies: &'a [Agency]) -> &'a str {
    let named = agencies.iter().find(|agency| agency.id.to_string() == value);
    named.map_or(value, |agency| agency.name.as_str())
}

/// `10/2026` of `2026-10`.
fn month(value: &str) -> String {
    match value.split_once('-') {
        Some((year, month)) if !month.contains('-') => format!("{month}/{year}"),
        _ => value.to_owned(),
    }
}

fn day(t: Lang, value: &str) -> String {
    Date::parse(value, DAY).map_or_else(|_| value.to_owned(), |day| t.date(day))
}

fn hour(t: Lang, value: &str) -> String {
    let read = PrimitiveDateTime::parse(value, HOUR);
    read.map_or_else(
        |_| value.to_owned(),
        |at| t.moment(Timestamp::from_datetime(at.assume_offset(LOCAL)).local()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_in_words() {
        let vi = |detail| in_words(Lang::Vi, Act::AuditRead, detail, &[]);
        let said = vi("agency=so-tc month=2026-10");
        assert_eq!(said.as_deref(), Some("Điều kiện: cơ quan so-tc, tháng 10/2026"));
        let said = vi("account=an@danang.example newest");
        assert_eq!(said.as_deref(), Some("Điều kiện: tài khoản an@danang.example, mới nhất"));
        let said = vi("q=nguyễn văn an from=2026-03-02 to=2026-03-04");
        assert_eq!(
            said.as_deref(),
            Some("Điều kiện: tìm “nguyễn văn an”, từ ngày 02/03/2026, đến ngày 04/03/2026")
        );
        let en = in_words(Lang::En, Act::AuditExported, "csv actor=lan.dang", &[]);
        assert_eq!(en.as_deref(), Some("Conditions: csv, done by lan.dang"));
    }

    #[test]
    fn what_has_no_words_stands_as_it_was_typed() {
        let vi = |detail| in_words(Lang::Vi, Act::AuditRead, detail, &[]);
        assert_eq!((vi(""), vi("evidence 5"), vi("x=<b>")), (None, None, None));
        let said = vi("x=<b> month=soon from=2026-13-01");
        assert_eq!(said.as_deref(), Some("Điều kiện: x=<b>, tháng soon, từ ngày 2026-13-01"));
        assert_eq!(in_words(Lang::Vi, Act::PostGiven, "agency=so-tc", &[]), None, "no reading");
    }
}
