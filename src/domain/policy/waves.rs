//! Spreading agencies over waves, so that an old estate with thousands of overdue passwords is not locked in one hour.
//! Pure: takes how many are overdue where, gives for each wave its first day and from when it is warned.

use super::calendar::Calendar;
use super::stage::Stage;
use crate::domain::id::AgencyId;
use time::Date;

/// How the waves are to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The first day of the first wave; if it is a day off, the next working day.
    pub first: Date,
    /// Working days between two waves.
    pub step: u16,
    /// The most overdue accounts of a wave; an agency with more is a wave of its own.
    pub most: u64,
    /// For how many working days people are warned beforehand.
    pub warning: u16,
}

/// A wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// Its first day: nobody's term ends before this day does.
    pub day: Date,
    /// From when its people are warned.
    pub warn_from: Date,
    /// Its agencies.
    pub agencies: Vec<AgencyId>,
    /// How many of its accounts are overdue now.
    pub overdue: u64,
}

/// Plans the waves: the agencies with the fewest overdue accounts first, because mistakes show there at the least
/// price.
pub fn plan(agencies: &[(AgencyId, u64)], wish: Wish, today: Date, calendar: &Calendar) -> Vec<Wave> {
    let mut sorted = agencies.to_vec();
    sorted.sort_by_key(|(id, overdue)| (*overdue, *id));
    let mut waves: Vec<Wave> = Vec::new();
    let mut day = calendar.roll_forward(wish.first);
    for (id, overdue) in sorted {
        match waves.last_mut() {
            Some(wave) if wave.overdue + overdue <= wish.most => {
                wave.agencies.push(id);
                wave.overdue += overdue;
            }
            last => {
                if last.is_some() {
                    day = after(day, wish.step.max(1), calendar);
                }
                let warn_from = before(day, wish.warning, calendar).max(today);
                waves.push(Wave { day, warn_from, agencies: vec![id], overdue });
            }
        }
    }
    waves
}

/// The stage of an agency whose wave begins on a day.
pub fn stage(day: Date, warning: u16, today: Date, calendar: &Calendar) -> Stage {
    Stage { warn_from: Some(before(day, warning, calendar).max(today).min(day)), enforce_from: Some(day) }
}

/// The working day so many working days after another.
fn after(day: Date, days: u16, calendar: &Calendar) -> Date {
    walk(day, days, calendar, Date::next_day)
}

/// The working day so many working days before another.
fn before(day: Date, days: u16, calendar: &Calendar) -> Date {
    walk(day, days, calendar, Date::previous_day)
}

fn walk(day: Date, days: u16, calendar: &Calendar, step: fn(Date) -> Option<Date>) -> Date {
    let (mut day, mut left) = (day, days);
    while left > 0 {
        let Some(next) = step(day) else { break };
        day = next;
        left -= u16::from(calendar.is_working(day));
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chance::Entropy;
    use crate::domain::timestamp::Timestamp;
    use time::macros::date;

    struct Nth(u8);
    impl Entropy for Nth {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn agency(n: u8) -> AgencyId {
        AgencyId::new(Timestamp::from_seconds(i64::from(n)), &Nth(n))
    }

    const WISH: Wish = Wish { first: date!(2026 - 02 - 11), step: 5, most: 100, warning: 10 };

    #[test]
    fn small_agencies_go_first_and_a_wave_is_never_larger_than_asked() {
        let agencies = [(agency(1), 80), (agency(2), 30), (agency(3), 20), (agency(4), 500)];
        let waves = plan(&agencies, WISH, date!(2026 - 01 - 05), Calendar::built_in());
        let who: Vec<_> = waves.iter().map(|wave| (wave.agencies.clone(), wave.overdue)).collect();
        assert_eq!(who, [(vec![agency(3), agency(2)], 50), (vec![agency(1)], 80), (vec![agency(4)], 500)]);
        // Five working days after 11 February: 12, 13, then Tết until the 22nd, 23, 24, 25.
        assert_eq!(waves[1].day, date!(2026 - 02 - 25));
        assert_eq!(waves[0].warn_from, date!(2026 - 01 - 28), "ten working days before");
    }

    #[test]
    fn a_first_day_on_a_holiday_moves_and_the_warning_never_lies_in_the_past() {
        let wish = Wish { first: date!(2026 - 02 - 17), ..WISH };
        let waves = plan(&[(agency(1), 1)], wish, date!(2026 - 02 - 12), Calendar::built_in());
        assert_eq!((waves[0].day, waves[0].warn_from), (date!(2026 - 02 - 23), date!(2026 - 02 - 12)));
        let stage = stage(date!(2026 - 02 - 23), 10, date!(2026 - 02 - 12), Calendar::built_in());
        assert!(stage.is_in_order());
        assert!(plan(&[], WISH, date!(2026 - 01 - 05), Calendar::built_in()).is_empty());
    }
}
