//! Incidents and suspicious mail: what is reported, which clocks run for it, and until when. Pure.
//!
//! The city's regulation counts eight hours from the occurrence; Decree 331/2026 (Art. 31) and the law on personal data
//! (Art. 23) count from the detection. All hours are settings.

use crate::domain::id::{AccountId, AgencyId, IncidentId};
use crate::domain::timestamp::Timestamp;
use time::Duration;

codes! {
    /// What is reported.
    IncidentKind {
        /// Something happened to a system or to data.
        Incident = "incident";
        /// A mail that looks forged or dangerous.
        SuspiciousMail = "suspicious_mail";
        /// A sign-in that the holder of the account did not make.
        NotMe = "not_me";
    }
}

codes! {
    /// A term for telling somebody.
    Clock {
        /// The city's department in charge; from the occurrence (the city's regulation).
        City = "city";
        /// The first notice of a serious incident; from the detection (Decree 331/2026 Art. 31).
        FirstNotice = "first_notice";
        /// The report of cause, scope and remedy; from the detection (the same).
        Report = "report";
        /// The authority for personal data; from the detection (Law 91/2025 Art. 23).
        PersonalData = "personal_data";
    }
}

codes! {
    /// What was done about an incident.
    StepKind {
        /// It was reported.
        Reported = "reported";
        /// The password that its holder had disowned was tried; never kept, read from the audit.
        Tried = "tried";
        /// Somebody wrote something down.
        Noted = "noted";
        /// Somebody said what it is: which clocks run.
        Judged = "judged";
        /// Somebody was told, which stops a clock.
        NoticeGiven = "notice_given";
        /// It was handed on by letter.
        HandedOn = "handed_on";
        /// It was closed.
        Closed = "closed";
    }
}

/// How many hours each clock has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// [`Clock::City`].
    pub city: i64,
    /// [`Clock::FirstNotice`].
    pub first_notice: i64,
    /// [`Clock::Report`].
    pub report: i64,
    /// [`Clock::PersonalData`].
    pub personal_data: i64,
}

impl Hours {
    /// The hours of a clock.
    pub const fn of(&self, clock: Clock) -> i64 {
        match clock {
            Clock::City => self.city,
            Clock::FirstNotice => self.first_notice,
            Clock::Report => self.report,
            Clock::PersonalData => self.personal_data,
        }
    }
}

impl Clock {
    /// Whether it runs from the occurrence, and not from the detection.
    pub const fn is_from_occurrence(self) -> bool {
        matches!(self, Self::City)
    }
}

/// What an incident was judged to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judgement {
    /// Whether it is one at all; a suspicious mail that nobody opened is none.
    pub is_incident: bool,
    /// Whether it is serious.
    pub is_serious: bool,
    /// Whether personal data may be concerned.
    pub personal_data: bool,
}

impl Judgement {
    /// Whether a clock runs.
    pub const fn runs(&self, clock: Clock) -> bool {
        self.is_incident
            && match clock {
                Clock::City => true,
                Clock::FirstNotice | Clock::Report => self.is_serious,
                Clock::PersonalData => self.personal_data,
            }
    }
}

/// How an incident ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// Who closed it.
    pub by: String,
    /// The report.
    pub report: String,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// The year of its number.
    pub year: i64,
    /// Its number in that year.
    pub number: i64,
    /// What was reported.
    pub kind: IncidentKind,
    /// Who reported it.
    pub account_id: AccountId,
    /// The agency of whoever reported it.
    pub agency_id: Option<AgencyId>,
    /// In a few words.
    pub title: String,
    /// What happened.
    pub story: String,
    /// What was done at once.
    pub done: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was seen.
    pub detected_at: Timestamp,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// What it was judged to be.
    pub judgement: Judgement,
    /// How it ended, if it has.
    pub closing: Option<Closing>,
    /// The version that a compare-and-swap expects to find.
    pub version: i64,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// Who, by address.
    pub actor: String,
    /// What.
    pub kind: StepKind,
    /// The clock that it stops.
    pub clock: Option<Clock>,
    /// In words.
    pub words: String,
}

/// A clock of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// Which.
    pub clock: Clock,
    /// Until when somebody must be told.
    pub due_at: Timestamp,
    /// When they were told.
    pub met_at: Option<Timestamp>,
}

impl Running {
    /// Whether it ran out before anybody was told.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.met_at.unwrap_or(now) > self.due_at
    }
}

impl Incident {
    /// Its name for people: `SC-2026-0001`.
    pub fn label(&self) -> String {
        format!("SC-{}-{:04}", self.year, self.number)
    }

    /// The clocks that run for it, the first to end first.
    pub fn clocks(&self, hours: &Hours, steps: &[Step]) -> Vec<Running> {
        let runs = Clock::ALL.iter().copied().filter(|clock| self.judgement.runs(*clock));
        let mut running: Vec<_> = runs
            .map(|clock| {
                let start = if clock.is_from_occurrence() { self.occurred_at } else { self.detected_at };
                let met = steps.iter().filter(|step| step.clock == Some(clock)).map(|step| step.at).min();
                Running { clock, due_at: start.plus(Duration::hours(hours.of(clock))), met_at: met }
            })
            .collect();
        running.sort_by_key(|one| one.due_at);
        running
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURS: Hours = Hours { city: 8, first_notice: 24, report: 72, personal_data: 72 };

    fn incident(judgement: Judgement) -> Incident {
        Incident {
            id: IncidentId::from_bytes([1; 16]),
            year: 2026,
            number: 7,
            kind: IncidentKind::Incident,
            account_id: AccountId::from_bytes([2; 16]),
            agency_id: None,
            title: String::new(),
            story: String::new(),
            done: String::new(),
            occurred_at: Timestamp::from_seconds(0),
            detected_at: Timestamp::from_seconds(3_600),
            reported_at: Timestamp::from_seconds(7_200),
            judgement,
            closing: None,
            version: 0,
        }
    }

    #[test]
    fn the_citys_clock_runs_from_the_occurrence_and_the_others_from_the_detection() {
        let all = Judgement { is_incident: true, is_serious: true, personal_data: true };
        let ends: Vec<_> = incident(all)
            .clocks(&HOURS, &[])
            .into_iter()
            .map(|one| (one.clock, one.due_at.seconds() / 3_600))
            .collect();
        let expected =
            [(Clock::City, 8), (Clock::FirstNotice, 25), (Clock::Report, 73), (Clock::PersonalData, 73)];
        assert_eq!(ends, expected);
    }

    #[test]
    fn no_clock_runs_for_a_mail_that_is_no_incident() {
        let none = Judgement { is_incident: false, is_serious: true, personal_data: true };
        assert!(incident(none).clocks(&HOURS, &[]).is_empty());
        let small = Judgement { is_incident: true, ..Judgement::default() };
        assert_eq!(incident(small).clocks(&HOURS, &[]).len(), 1);
    }

    #[test]
    fn a_notice_on_the_last_second_is_in_time_and_one_later_is_late() {
        let small = Judgement { is_incident: true, ..Judgement::default() };
        let told = |seconds| Step {
            at: Timestamp::from_seconds(seconds),
            actor: String::new(),
            kind: StepKind::NoticeGiven,
            clock: Some(Clock::City),
            words: String::new(),
        };
        let (end, much_later) = (8 * 3_600, Timestamp::from_seconds(1_000_000));
        assert!(!incident(small).clocks(&HOURS, &[told(end)])[0].is_late(much_later));
        assert!(incident(small).clocks(&HOURS, &[told(end + 1)])[0].is_late(much_later));
        assert!(incident(small).clocks(&HOURS, &[])[0].is_late(much_later));
    }

    #[test]
    fn the_label_has_four_digits_and_grows() {
        let mut one = incident(Judgement::default());
        assert_eq!(one.label(), "SC-2026-0007");
        one.number = 12_345;
        assert_eq!(one.label(), "SC-2026-12345");
    }
}
