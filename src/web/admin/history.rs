//! Lines of the audit as sentences.

use crate::domain::account::LockReason;
use crate::domain::audit::{Act, Basis};
use crate::i18n::Lang;
use crate::services::accounts::Line;

/// One line of an account's history.
pub(super) struct HistoryLine {
    pub(super) class: &'static str,
    pub(super) when: String,
    pub(super) says: String,
    pub(super) more: Vec<String>,
}

impl HistoryLine {
    /// Puts a line into words.
    pub(super) fn new(t: Lang, line: &Line) -> Self {
        let who = t.actor(&line.actor_kind, &line.actor);
        Self {
            class: class(line.act),
            when: t.moment(line.at.local()),
            says: t.act(line.act, &who, line.after.as_deref().unwrap_or_default()),
            more: more(t, line),
        }
    }
}

/// Why, from what to what, and from where, as far as the line says.
fn more(t: Lang, line: &Line) -> Vec<String> {
    let after = line.after.as_deref();
    let mut more = Vec::new();
    if let Some(reason) = after.filter(|_| line.act == Act::Locked).and_then(LockReason::from_code) {
        more.push(t.reason_given(t.lock_reason(reason)));
    }
    if let (Act::AccountUpdated, Some(before), Some(after)) = (line.act, line.before.as_deref(), after) {
        more.push(t.changed_from_to(before, after));
    }
    let is_of_an_administrator = line.actor_kind == "administrator" || line.act == Act::Locked;
    if let Some(why) = line.why.as_deref().filter(|_| is_of_an_administrator) {
        more.push(match Basis::parse(why) {
            Some(basis) => t.lock_basis(
                t.rule(basis.rule),
                &t.date(basis.start),
                &t.day(basis.last_day),
                basis.policy,
                basis.calendar,
            ),
            None => t.reason_given(why),
        });
    }
    let systems = match line.act {
        Act::PasswordChanged | Act::PasswordsDiffer => line.why.as_deref().or(after),
        Act::PasswordReset => after,
        _ => None,
    };
    if let Some(systems) = systems {
        let systems: Vec<_> = systems.split(", ").map(|code| t.system_in_words(code)).collect();
        more.push(t.changed_in(&systems.join(", ")));
    }
    if let Some(source) = line.source.as_deref() {
        more.push(t.session_from(source));
    }
    more
}

const fn class(act: Act) -> &'static str {
    match act {
        _ if act.is_alarming() => "is-danger",
        Act::Unlocked
        | Act::PauseLifted
        | Act::DirectoryUnlocked
        | Act::FirstAccess
        | Act::PasswordChanged
        | Act::PasswordChangedElsewhere
        | Act::AccountCreated => "is-ok",
        _ => "",
    }
}
