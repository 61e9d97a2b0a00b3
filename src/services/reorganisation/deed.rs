//! What a second person is asked to approve of a reorganisation, or of its way back.

use super::look::{Fate, Role};
use super::{Reorganisation, place};
use crate::domain::agency::Agency;
use crate::domain::approval::{Deed, Matter};
use crate::domain::reorganisation::Before;
use crate::i18n::Lang;
use crate::services::approvals;

/// With what becomes of which roles; without them: the way back.
pub(super) fn deed(
    one: &Reorganisation,
    (before, all): (&[Before], &[Agency]),
    total: i64,
    roles: Option<&[Role]>,
) -> Deed {
    let changed: Vec<_> = roles.unwrap_or_default().iter().filter(|role| role.fate != Fate::Stays).collect();
    let mut content = format!("reorganisation {} {}", one.id, if roles.is_none() { "back" } else { "start" });
    for role in &changed {
        let fate = code(role.fate);
        content = format!("{content} {fate}:{}:{}:{}", role.address, role.role.code(), role.agency);
    }
    let preview = approvals::in_words(|t| {
        let number = t.number(u64::try_from(total).unwrap_or(0));
        let mut lines = vec![t.change_kind(one.kind).to_owned()];
        lines.extend(roles.is_none().then(|| t.change_undo().to_owned()));
        lines.extend(agencies(t, one, (before, all), roles.is_none()));
        lines.push(t.deed_accounts(&number));
        lines.push(t.change_on_day(&t.date(one.day)));
        lines.extend(changed.iter().map(|role| line(t, role, &number)));
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
fn line(t: Lang, role: &Role, number: &str) -> String {
    let word = match role.fate {
        Fate::Carried => t.change_role_carried().to_owned(),
        Fate::Gains => t.change_role_gains(number),
        Fate::Loses => t.change_role_loses(number),
        Fate::Ends | Fate::Stays => t.change_role_ends().to_owned(),
    };
    t.deed_grant(&role.address, t.role(role.role), &format!("{} → {word}", role.agency))
}
