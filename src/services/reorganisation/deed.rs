//! What a second person is asked to approve of a reorganisation, or of its way back.

use super::look::{Application, Fate, Role};
use super::{Reorganisation, place};
use crate::domain::agency::Agency;
use crate::domain::approval::{Deed, Matter};
use crate::domain::reorganisation::Before;
use crate::i18n::Lang;
use crate::services::approvals;

/// With what becomes of which roles, and of what applications may do in their own name.
pub(super) fn deed(
    one: &Reorganisation,
    (before, all): (&[Before], &[Agency]),
    total: i64,
    (roles, applications): (&[Role], &[Application]),
    is_back: bool,
) -> Deed {
    let changed: Vec<_> = roles.iter().filter(|role| role.fate != Fate::Stays).collect();
    let mut content = format!("reorganisation {} {}", one.id, if is_back { "back" } else { "start" });
    for role in &changed {
        let fate = code(role.fate);
        content = format!("{content} {fate}:{}:{}:{}", role.address, role.role.code(), role.agency);
    }
    for one in applications {
        content = format!("{content} {}:{}:{}:{}", code(one.fate), one.id, one.rights, one.agency);
    }
    let preview = approvals::in_words(|t| {
        let number = t.number(u64::try_from(total).unwrap_or(0));
        let mut lines = vec![t.change_kind(one.kind).to_owned()];
        lines.extend(is_back.then(|| t.change_undo().to_owned()));
        lines.extend(agencies(t, one, (before, all), is_back));
        lines.push(t.deed_accounts(&number));
        lines.push(t.change_on_day(&t.date(one.day)));
        lines.extend(changed.iter().map(|role| line(t, role)));
        lines.extend(applications.iter().map(|one| line_of(t, one)));
        lines
    });
    Deed { matter: Matter::Reorganise, content, preview }
}

/// The word in what is approved.
const fn code(fate: Fate) -> &'static str {
    match fate {
        Fate::Carried => "carry",
        Fate::Gains => "gain",
        Fate::Loses => "lose",
        Fate::Returns => "return",
        Fate::Ends | Fate::Stays => "end",
    }
}

/// What gives something up and what is there afterwards, or from where to where it is moved.
fn agencies(
    t: Lang,
    one: &Reorganisation,
    (before, all): (&[Before], &[Agency]),
    is_back: bool,
) -> Vec<String> {
    let Some(places) = place::names(one, before, all) else {
        let given_up = before.iter().map(|was| format!("– {} ({})", was.name, was.code));
        return given_up.chain([format!("+ {} ({})", one.name, one.code)]).collect();
    };
    let below = |up: Option<String>| up.unwrap_or_else(|| t.agency_top().to_owned());
    let (from, to) = (below(places.before), below(places.after));
    let (from, to) = if is_back { (to, from) } else { (from, to) };
    vec![format!("{} ({}): {from} → {to}", one.name, one.code)]
}

/// A role with what becomes of it.
fn line(t: Lang, role: &Role) -> String {
    let word = role.fate.words(t, role.number);
    t.deed_grant(&role.address, t.role(role.role), &format!("{} → {word}", role.agency))
}

/// An application with what it may do, and what becomes of its reach.
fn line_of(t: Lang, one: &Application) -> String {
    t.deed_grant(&one.name, &one.rights, &format!("{} → {}", one.agency, one.fate.words(t, one.number)))
}
