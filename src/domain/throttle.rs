//! How many failed attempts an account or an address may make before it has to wait.
//!
//! The limits lie below the directories' own thresholds, so that nobody can lock a civil servant's mailbox from
//! our sign-in page.

use crate::domain::timestamp::Timestamp;
use time::Duration;

/// A limit: so many failures within a window, then a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Failures allowed within the window.
    pub failures: i64,
    /// The window in which failures add up.
    pub window: Duration,
    /// The pause after the last allowed failure.
    pub pause: Duration,
}

/// What was counted under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Failures since `since`.
    pub failures: i64,
    /// When the window began.
    pub since: Timestamp,
    /// Until when attempts are refused.
    pub blocked_until: Option<Timestamp>,
}

impl Count {
    /// Until when an attempt now must wait, if it must.
    pub fn wait(&self, now: Timestamp) -> Option<Timestamp> {
        self.blocked_until.filter(|until| *until > now)
    }

    /// The count after one more failure.
    #[must_use]
    pub fn failed(self, limit: Limit, now: Timestamp) -> Self {
        let over =
            now.since(self.since) > limit.window || self.blocked_until.is_some_and(|until| until <= now);
        let (failures, since) = if over { (1, now) } else { (self.failures + 1, self.since) };
        let blocked_until = (failures >= limit.failures).then(|| now.plus(limit.pause));
        Self { failures, since, blocked_until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { failures: 5, window: Duration::minutes(15), pause: Duration::minutes(15) };

    #[test]
    fn the_fifth_failure_makes_one_wait_and_the_pause_ends() {
        let start = Timestamp::from_seconds(1_000_000);
        let mut count = Count { since: start, ..Count::default() };
        for second in 0..4 {
            count = count.failed(LIMIT, start.plus(Duration::seconds(second)));
            assert_eq!(count.wait(start.plus(Duration::seconds(second))), None);
        }
        count = count.failed(LIMIT, start.plus(Duration::seconds(4)));
        assert!(count.wait(start.plus(Duration::seconds(5))).is_some());
        let later = start.plus(Duration::minutes(16));
        assert_eq!(count.wait(later), None);
        assert_eq!(count.failed(LIMIT, later).failures, 1);
    }

    #[test]
    fn old_failures_are_forgotten() {
        let start = Timestamp::from_seconds(1_000_000);
        let count = Count { failures: 4, since: start, blocked_until: None };
        assert_eq!(count.failed(LIMIT, start.plus(Duration::minutes(16))).failures, 1);
    }
}
