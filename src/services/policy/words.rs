//! What differs between two books of rules, in words: for whoever is about to change them, and for the second person.

use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::domain::policy::regulation::Book;
use crate::domain::policy::settings::{Class, Setting};
use crate::domain::policy::stage::{Stage, Stages};
use crate::i18n::Lang;
use std::collections::BTreeSet;
use time::Date;

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub what: String,
    /// As it was.
    pub before: String,
    /// As it is to be.
    pub after: String,
}

/// What differs; of the stages that agencies have of their own those of these agencies.
pub fn differences(
    t: Lang,
    [before, after]: [&Book; 2],
    today: Date,
    agencies: &[Agency],
) -> Vec<Difference> {
    let settings = after.settings.changes_from(&before.settings).into_iter();
    let mut all: Vec<_> = settings
        .map(|(setting, old, new)| Difference {
            what: class_of(setting).map_or_else(
                || t.setting(setting).to_owned(),
                |class| format!("{}: {}", t.setting(setting), t.class(class)),
            ),
            before: value(t, setting, old),
            after: value(t, setting, new),
        })
        .collect();
    all.extend(stage_differences(t, [&before.stages, &after.stages], today, agencies));
    all
}

/// A value as forms and pages show it.
pub fn shown(setting: Setting, value: u32) -> String {
    match setting {
        Setting::OpeningMinute | Setting::ClosingMinute => format!("{:02}:{:02}", value / 60, value % 60),
        _ => value.to_string(),
    }
}

/// The class that a setting is for, as its key says.
fn class_of(setting: Setting) -> Option<Class> {
    let (_, class) = setting.code().rsplit_once('.')?;
    Class::ALL.into_iter().find(|one| one.code() == class)
}

fn value(t: Lang, setting: Setting, value: u32) -> String {
    match setting {
        Setting::CountedFrom if value == 0 => t.counted_from_issue().to_owned(),
        Setting::CountedFrom => t.counted_from_first_access().to_owned(),
        _ => shown(setting, value),
    }
}

/// How far which rule is switched on for whom, where that differs.
fn stage_differences(
    t: Lang,
    [before, after]: [&Stages; 2],
    today: Date,
    agencies: &[Agency],
) -> Vec<Difference> {
    let said = |stage: Stage| {
        let ahead = t.stage_ahead(&stage, today);
        let now = t.mode(stage.mode_on(today));
        if ahead.is_empty() { now.to_owned() } else { format!("{now}; {ahead}") }
    };
    let name = |id: AgencyId| agencies.iter().find(|agency| agency.id == id).map(|agency| &*agency.name);
    let whose: BTreeSet<_> =
        before.entries().chain(after.entries()).map(|(rule, agency, _)| (rule, agency)).collect();
    let differ = whose
        .into_iter()
        .map(|(rule, agency)| (rule, agency, before.of(rule, agency), after.of(rule, agency)))
        .filter(|(_, _, before, after)| before != after);
    differ
        .filter_map(|(rule, agency, before, after)| {
            let whose = match agency {
                None => t.policy_stage_city(),
                Some(id) => name(id)?,
            };
            let what = format!("{}: {whose}", t.rule(rule));
            Some(Difference { what, before: said(before), after: said(after) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_of_a_setting_is_in_its_key() {
        assert_eq!(class_of(Setting::MonthsAdministrator), Some(Class::Administrator));
        assert_eq!(class_of(Setting::DefaultDaysPerson), Some(Class::Person));
        assert_eq!(class_of(Setting::BrakeAccounts), None);
        assert_eq!(Setting::ALL.iter().filter(|setting| class_of(**setting).is_some()).count(), 12);
    }
}
