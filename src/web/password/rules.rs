//! The rules for a new password as the page ticks them off.

use crate::domain::account::Profile;
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use crate::domain::policy::password::{BrokenRule, OBM_SIGNS, PasswordRules};
use crate::i18n::Lang;

/// One rule as the page shows it. The script of the page reads the limits and ticks along.
#[derive(Debug, Clone)]
pub(in crate::web) struct RuleView {
    pub(in crate::web) code: &'static str,
    pub(in crate::web) state: &'static str,
    pub(in crate::web) limit: Option<usize>,
    pub(in crate::web) allowed: Option<String>,
    pub(in crate::web) names: Option<String>,
    pub(in crate::web) words: String,
    pub(in crate::web) why: Option<&'static str>,
    said: &'static str,
}

impl RuleView {
    /// What a screen reader says before the rule.
    pub(in crate::web) const fn said(&self) -> &'static str {
        self.said
    }
}

/// Whose password it is, and where it must be accepted.
pub(in crate::web) struct Holder<'a> {
    pub(in crate::web) profile: &'a Profile,
    pub(in crate::web) systems: &'a [MailSystem],
}

/// The rules for a holder; `broken` is `None` before anything was sent.
pub(in crate::web) fn rules(
    t: Lang,
    policy: &PasswordRules,
    holder: &Holder<'_>,
    broken: Option<&[BrokenRule]>,
) -> Vec<RuleView> {
    let max = policy.max_length(holder.systems);
    let obm = holder.systems.contains(&MailSystem::Obm);
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let rule = |code, rule, words: String| {
        let (state, said) = match broken {
            None => ("open", ""),
            Some(broken) if broken.contains(&rule) => ("broken", t.rule_broken()),
            Some(_) => ("met", t.rule_met()),
        };
        RuleView { code, state, limit: None, allowed: None, names: None, words, why: None, said }
    };
    let classes = match policy.min_classes {
        4 => t.rule_all_classes().to_owned(),
        fewer => t.rule_classes(number(fewer)),
    };
    let mut rules = vec![
        RuleView {
            limit: Some(policy.min_length),
            ..rule("min", BrokenRule::TooShort, t.rule_min(number(policy.min_length)))
        },
        RuleView { limit: Some(max), ..rule("max", BrokenRule::TooLong, t.rule_max(number(max))) },
        RuleView { limit: Some(policy.min_classes), ..rule("classes", BrokenRule::Classes, classes) },
        RuleView {
            names: Some(names(holder.profile)),
            ..rule("name", BrokenRule::Name, t.rule_not_name().to_owned())
        },
        rule("old", BrokenRule::SameAsOld, t.rule_not_old().to_owned()),
        rule("common", BrokenRule::Common, t.rule_not_common().to_owned()),
        rule("guess", BrokenRule::Guessable, t.rule_not_guessable().to_owned()),
    ];
    if obm {
        let letters = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(OBM_SIGNS.chars());
        let allowed = RuleView {
            allowed: Some(letters.collect()),
            why: Some(t.rule_allowed_why()),
            ..rule("allowed", BrokenRule::Character, t.rule_allowed(OBM_SIGNS))
        };
        rules.insert(3, allowed);
    }
    rules
}

/// The parts of a name that a password must not contain, folded as the rule folds them.
fn names(profile: &Profile) -> String {
    let local = name::search_key(profile.address.local_part());
    let display = name::search_key(&profile.display_name);
    let parts = display.split(|c: char| !c.is_alphanumeric()).chain(local.split(['.', '-', '_']));
    let mut long: Vec<&str> = parts.filter(|part| part.chars().count() >= 3).collect();
    if local.chars().count() >= 3 {
        long.push(&local);
    }
    long.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Kind;
    use crate::domain::address::MailAddress;

    fn profile() -> Profile {
        Profile {
            address: MailAddress::parse("an.nv@danang.gov.vn").expect("an address"),
            kind: Kind::Person,
            display_name: "Nguyễn Văn An".to_owned(),
            title: None,
            staff_number: None,
            agency_id: None,
        }
    }

    #[test]
    fn every_broken_rule_is_marked_and_the_others_are_ticked() {
        let holder = Holder { profile: &profile(), systems: &MailSystem::ALL };
        let broken = [BrokenRule::TooShort, BrokenRule::Name];
        let rules = rules(Lang::Vi, &PasswordRules::default(), &holder, Some(&broken));
        let marked: Vec<_> = rules.iter().filter(|r| r.state == "broken").map(|r| r.code).collect();
        assert_eq!(marked, ["min", "name"]);
        assert_eq!(rules.len(), 8);
    }

    #[test]
    fn the_signs_are_named_only_where_obm_must_accept_them() {
        let holder = Holder { profile: &profile(), systems: &[MailSystem::Ad] };
        let rules = rules(Lang::Vi, &PasswordRules::default(), &holder, None);
        assert!(rules.iter().all(|r| r.code != "allowed" && r.state == "open"));
    }

    #[test]
    fn names_are_given_to_the_page_without_diacritics() {
        assert_eq!(names(&profile()), "nguyen van an.nv");
    }
}
