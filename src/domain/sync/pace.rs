//! How fast something goes, and how long it will still take. Pure.

use time::Duration;

/// How fast it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// So many a second.
    pub rate: u64,
    /// About so many seconds are left.
    pub seconds_left: u64,
}

/// The pace of something of which so much is done after a while; `None` while nothing can be said, or where there is
/// more than was expected.
pub fn pace(done: u64, expected: u64, after: Duration) -> Option<Pace> {
    let millis = u64::try_from(after.whole_milliseconds()).ok().filter(|millis| *millis >= 1000)?;
    let left = expected.checked_sub(done)?;
    let rate = done.checked_mul(1000)? / millis;
    (rate > 0).then(|| Pace { rate, seconds_left: left.div_ceil(rate) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_takes_as_long_as_what_was_done() {
        let paced = pace(3000, 9000, Duration::seconds(2));
        assert_eq!(paced, Some(Pace { rate: 1500, seconds_left: 4 }));
        assert_eq!(pace(9000, 9000, Duration::seconds(6)), Some(Pace { rate: 1500, seconds_left: 0 }));
    }

    #[test]
    fn nothing_is_said_too_early_or_beyond_what_was_expected() {
        assert_eq!(pace(3000, 9000, Duration::milliseconds(999)), None);
        assert_eq!(pace(0, 9000, Duration::seconds(5)), None);
        assert_eq!(pace(1, 9000, Duration::seconds(5)), None, "less than one a second");
        assert_eq!(pace(9001, 9000, Duration::seconds(5)), None);
        assert_eq!(pace(5, 9, Duration::seconds(-5)), None);
        assert_eq!(pace(u64::MAX, u64::MAX, Duration::seconds(5)), None);
    }
}
