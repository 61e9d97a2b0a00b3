//! How far a rule is switched on: observed, warned of, enforced; for the whole city or for one agency, each step with
//! its first day. So an old estate with thousands of overdue passwords is switched on in waves.

use super::deadline::Rule;
use crate::domain::id::AgencyId;
use std::collections::BTreeMap;
use time::Date;

/// What a rule does on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// It is counted and shown to administrators only.
    Observe,
    /// People see their deadline and get letters; nobody is locked.
    Warn,
    /// Who is overdue is locked.
    Enforce,
}

impl Mode {
    /// All of them, from the mildest on.
    pub const ALL: [Self; 3] = [Self::Observe, Self::Warn, Self::Enforce];

    /// The word in pages and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Warn => "warn",
            Self::Enforce => "enforce",
        }
    }
}

/// The first days of the steps of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Stage {
    /// From when people are warned; `None`: from the day of enforcement on, if there is one.
    pub warn_from: Option<Date>,
    /// From when the rule is enforced; `None`: not at all. Nobody's term ends before this day does.
    pub enforce_from: Option<Date>,
}

impl Stage {
    /// Only observed.
    pub const OBSERVED: Self = Self { warn_from: None, enforce_from: None };

    /// Enforced from the very beginning.
    pub const ALWAYS: Self = Self { warn_from: Some(Date::MIN), enforce_from: Some(Date::MIN) };

    /// What the rule does on a day.
    pub fn mode_on(&self, day: Date) -> Mode {
        if self.enforce_from.is_some_and(|from| from <= day) {
            Mode::Enforce
        } else if self.warn_from.is_some_and(|from| from <= day) {
            Mode::Warn
        } else {
            Mode::Observe
        }
    }

    /// Whether people are to know of their deadlines at all.
    pub const fn is_planned(&self) -> bool {
        self.warn_from.is_some() || self.enforce_from.is_some()
    }

    /// Whether the days are in order: nobody is locked before they were warned.
    pub fn is_in_order(&self) -> bool {
        match (self.warn_from, self.enforce_from) {
            (Some(warn), Some(enforce)) => warn <= enforce,
            _ => true,
        }
    }
}

/// The stages of all rules: the city's, and those of agencies that differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stages(BTreeMap<(Rule, Option<AgencyId>), Stage>);

impl Stages {
    /// The regulation as it reads: both password rules are enforced; inactivity is only observed, because not every
    /// directory tells when an account was last used.
    pub fn as_the_regulation_reads() -> Self {
        let rules = [Rule::DefaultPassword, Rule::PasswordAge];
        Self(rules.into_iter().map(|rule| ((rule, None), Stage::ALWAYS)).collect())
    }

    /// The stage of a rule for an agency: its own, else the city's.
    pub fn of(&self, rule: Rule, agency: Option<AgencyId>) -> Stage {
        let own = agency.and_then(|_| self.0.get(&(rule, agency)));
        own.or_else(|| self.0.get(&(rule, None))).copied().unwrap_or(Stage::OBSERVED)
    }

    /// The stage that an agency has of its own.
    pub fn own(&self, rule: Rule, agency: AgencyId) -> Option<Stage> {
        self.0.get(&(rule, Some(agency))).copied()
    }

    /// Sets the stage of a rule for the city or one agency.
    pub fn set(&mut self, rule: Rule, agency: Option<AgencyId>, stage: Stage) {
        self.0.insert((rule, agency), stage);
    }

    /// Lets an agency follow the city again.
    pub fn follow_the_city(&mut self, rule: Rule, agency: AgencyId) {
        self.0.remove(&(rule, Some(agency)));
    }

    /// Everything that is set.
    pub fn entries(&self) -> impl Iterator<Item = (Rule, Option<AgencyId>, Stage)> + '_ {
        self.0.iter().map(|((rule, agency), stage)| (*rule, *agency, *stage))
    }
}

impl FromIterator<(Rule, Option<AgencyId>, Stage)> for Stages {
    fn from_iter<T: IntoIterator<Item = (Rule, Option<AgencyId>, Stage)>>(all: T) -> Self {
        Self(all.into_iter().map(|(rule, agency, stage)| ((rule, agency), stage)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chance::Entropy;
    use crate::domain::timestamp::Timestamp;
    use time::macros::date;

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn a_rule_goes_from_observing_over_warning_to_enforcing() {
        let stage =
            Stage { warn_from: Some(date!(2026 - 03 - 02)), enforce_from: Some(date!(2026 - 03 - 16)) };
        assert_eq!(stage.mode_on(date!(2026 - 03 - 01)), Mode::Observe);
        assert_eq!(stage.mode_on(date!(2026 - 03 - 02)), Mode::Warn);
        assert_eq!(stage.mode_on(date!(2026 - 03 - 15)), Mode::Warn);
        assert_eq!(stage.mode_on(date!(2026 - 03 - 16)), Mode::Enforce);
    }

    #[test]
    fn an_agency_has_its_own_stage_or_the_citys() {
        let agency = AgencyId::new(Timestamp::default(), &Zero);
        let mut stages = Stages::as_the_regulation_reads();
        assert_eq!(stages.of(Rule::PasswordAge, Some(agency)), Stage::ALWAYS);
        stages.set(Rule::PasswordAge, Some(agency), Stage::OBSERVED);
        assert_eq!(stages.of(Rule::PasswordAge, Some(agency)), Stage::OBSERVED);
        assert_eq!(stages.of(Rule::PasswordAge, None), Stage::ALWAYS);
        stages.follow_the_city(Rule::PasswordAge, agency);
        assert_eq!(stages.of(Rule::PasswordAge, Some(agency)), Stage::ALWAYS);
        assert_eq!(stages.of(Rule::Inactivity, Some(agency)), Stage::OBSERVED);
    }

    #[test]
    fn nobody_is_locked_before_the_warning() {
        let day = |from| Some(from);
        let stage = |warn, enforce| Stage { warn_from: day(warn), enforce_from: day(enforce) };
        assert!(stage(date!(2026 - 03 - 02), date!(2026 - 03 - 02)).is_in_order());
        assert!(!stage(date!(2026 - 03 - 03), date!(2026 - 03 - 02)).is_in_order());
    }
}
