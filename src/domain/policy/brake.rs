//! The brake: a run that would lock many at once stops and waits for two people. A mistake in the calendar, in the
//! settings or in a directory must not close a city's offices.

use super::settings::{Setting, Settings};
use crate::domain::id::AgencyId;
use std::collections::BTreeMap;

/// How many of one agency may always be locked in a run, whatever share that is: three people of an agency of
/// twenty are no mass lock.
pub const ALWAYS_OF_AN_AGENCY: u64 = 5;

/// Who would be locked in a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Load {
    /// How many in all.
    pub total: u64,
    /// How many of each agency; `None`: of no agency.
    pub of: BTreeMap<Option<AgencyId>, u64>,
}

impl Load {
    /// Counts one more.
    pub fn add(&mut self, agency: Option<AgencyId>) {
        self.total += 1;
        *self.of.entry(agency).or_default() += 1;
    }
}

/// Why a run is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// More accounts than the limit.
    TooMany {
        /// How many.
        total: u64,
        /// The limit.
        limit: u64,
    },
    /// A larger share of some agencies than the limit.
    TooManyOf {
        /// The agencies: how many would be locked, and of how many.
        agencies: Vec<(AgencyId, u64, u64)>,
        /// The limit in percent.
        percent: u64,
    },
}

/// Whether a run is stopped. `sizes` tells how many accounts of each agency are not locked yet.
pub fn stopped(load: &Load, sizes: &BTreeMap<AgencyId, u64>, settings: &Settings) -> Option<Stopped> {
    let limit = u64::from(settings.get(Setting::BrakeAccounts));
    if load.total > limit {
        return Some(Stopped::TooMany { total: load.total, limit });
    }
    let percent = u64::from(settings.get(Setting::BrakePercent));
    let agencies: Vec<_> = load
        .of
        .iter()
        .filter_map(|(agency, number)| {
            let agency = (*agency)?;
            let size = sizes.get(&agency).copied().unwrap_or(*number);
            let is_over = *number > ALWAYS_OF_AN_AGENCY && *number * 100 > size * percent;
            is_over.then_some((agency, *number, size))
        })
        .collect();
    (!agencies.is_empty()).then_some(Stopped::TooManyOf { agencies, percent })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chance::Entropy;
    use crate::domain::timestamp::Timestamp;

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn load(agency: AgencyId, number: u64) -> Load {
        let mut load = Load::default();
        (0..number).for_each(|_| load.add(Some(agency)));
        load
    }

    #[test]
    fn a_hundred_accounts_pass_and_one_more_stops_the_run() {
        let agency = AgencyId::new(Timestamp::default(), &Zero);
        let sizes = BTreeMap::from([(agency, 10_000)]);
        assert_eq!(stopped(&load(agency, 100), &sizes, &Settings::default()), None);
        let over = stopped(&load(agency, 101), &sizes, &Settings::default());
        assert_eq!(over, Some(Stopped::TooMany { total: 101, limit: 100 }));
    }

    #[test]
    fn a_tenth_of_an_agency_passes_five_people_always_do() {
        let agency = AgencyId::new(Timestamp::default(), &Zero);
        let of = |size| BTreeMap::from([(agency, size)]);
        assert_eq!(stopped(&load(agency, 5), &of(6), &Settings::default()), None);
        assert_eq!(stopped(&load(agency, 6), &of(60), &Settings::default()), None);
        let over = stopped(&load(agency, 6), &of(59), &Settings::default());
        assert_eq!(over, Some(Stopped::TooManyOf { agencies: vec![(agency, 6, 59)], percent: 10 }));
    }

    #[test]
    fn people_without_an_agency_count_for_the_city_only() {
        let mut load = Load::default();
        (0..50).for_each(|_| load.add(None));
        assert_eq!(stopped(&load, &BTreeMap::new(), &Settings::default()), None);
    }
}
