//! How many failed attempts an account or an address may make before it has to wait.
//!
//! The limits lie below the directories' own thresholds, so that nobody can lock a civil servant's mailbox from
//! our sign-in page. The same wrong password typed again counts once, so that a device that keeps an old password
//! does not lock its owner out.

use crate::domain::timestamp::Timestamp;
use std::net::{IpAddr, Ipv6Addr};
use time::Duration;

/// How many tries of the password are kept at most for whoever is signed in while the sign-in is paused.
const RESERVE: i64 = 3;

/// How many wrong passwords are remembered under one key.
const REMEMBERED: usize = 10;

/// What is counted of a network address: of IPv6 the network of 64 bits, because whoever has one address there has all of
/// them. What is no address stays as it is.
pub fn network_of(source: &str) -> String {
    match source.parse() {
        Ok(IpAddr::V6(address)) => {
            let network = Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX));
            format!("{network}/64")
        }
        Ok(IpAddr::V4(_)) | Err(_) => source.to_owned(),
    }
}

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

/// What an account may fail before it has to wait: at the sign-in, and beyond that for whoever is signed in already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// At the sign-in, by anybody.
    pub at_the_door: Limit,
    /// What is kept for open sessions when that is used up; none where a directory leaves no room.
    pub reserve: Option<Limit>,
    /// How much of the reserve one session may use: where it is more than one try, the last is left to another.
    pub of_one_session: Option<Limit>,
}

impl Limit {
    /// Shares out what an account may fail. Both together stay below the number of failures after which a directory locks by
    /// itself; at the door it is at least one.
    #[must_use]
    pub fn shared(self, threshold: Option<u32>) -> Shares {
        let most = threshold.map_or(i64::MAX, |t| (i64::from(t) - 1).max(1));
        let at_the_door = self.failures.min((most - 1).max(1));
        let reserve = RESERVE.min(most - at_the_door);
        let of = |failures: i64| (failures > 0).then_some(Self { failures, ..self });
        Shares {
            at_the_door: Self { failures: at_the_door, ..self },
            reserve: of(reserve),
            of_one_session: of(reserve).and_then(|_| of((reserve - 1).max(1))),
        }
    }
}

/// A wrong password that was typed: a short keyed digest that gives nothing away, and when it was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The digest.
    pub mark: String,
    /// When it was counted.
    pub at: Timestamp,
}

/// What was counted under one key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// Failures since `since`.
    pub failures: i64,
    /// When the window began.
    pub since: Timestamp,
    /// Until when attempts are refused.
    pub blocked_until: Option<Timestamp>,
    /// The wrong passwords that were counted last, the oldest first.
    pub tried: Vec<Tried>,
}

impl Count {
    /// Until when an attempt now must wait, if it must.
    pub fn wait(&self, now: Timestamp) -> Option<Timestamp> {
        self.blocked_until.filter(|until| *until > now)
    }

    /// Whether this wrong password was counted within the window.
    pub fn has_tried(&self, mark: &str, limit: Limit, now: Timestamp) -> bool {
        self.tried.iter().any(|tried| tried.mark == mark && now.since(tried.at) <= limit.window)
    }

    /// The count after a failure. One with a mark that was counted within the window changes nothing.
    #[must_use]
    pub fn failed(self, mark: Option<&str>, limit: Limit, now: Timestamp) -> Self {
        if mark.is_some_and(|mark| self.has_tried(mark, limit, now)) {
            return self;
        }
        let is_fresh = self.failures == 0 || self.blocked_until.is_some_and(|until| until <= now);
        let mut tried = self.tried;
        tried.retain(|tried| now.since(tried.at) <= limit.window);
        let (failures, since) = if is_fresh {
            (1, now)
        } else if now.since(self.since) > limit.window {
            // What was counted shortly before the window ended still counts in the directory. Of it those are known that have
            // a mark, the last ten at most.
            let recent = i64::try_from(tried.len()).unwrap_or(i64::MAX - 1);
            (recent + 1, tried.first().map_or(now, |first| first.at))
        } else {
            (self.failures + 1, self.since)
        };
        let blocked_until = (failures >= limit.failures).then(|| now.plus(limit.pause));
        tried.extend(mark.map(|mark| Tried { mark: mark.to_owned(), at: now }));
        tried.drain(..tried.len().saturating_sub(REMEMBERED));
        Self { failures, since, blocked_until, tried }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { failures: 5, window: Duration::minutes(15), pause: Duration::minutes(15) };

    #[test]
    fn addresses_of_one_network_of_64_bits_are_one() {
        let network = "2001:db8:0:7::/64";
        for address in ["2001:db8:0:7::1", "2001:db8:0:7:ffff:ffff:ffff:ffff", "2001:db8:0:7::"] {
            assert_eq!(network_of(address), network);
        }
        assert_ne!(network_of("2001:db8:0:8::1"), network);
        assert_eq!(network_of("203.113.7.9"), "203.113.7.9");
        assert_eq!(network_of("nowhere"), "nowhere");
    }

    #[test]
    fn the_fifth_failure_makes_one_wait_and_the_pause_ends() {
        let start = Timestamp::from_seconds(1_000_000);
        let mut count = Count { since: start, ..Count::default() };
        for second in 0..4 {
            count = count.failed(None, LIMIT, start.plus(Duration::seconds(second)));
            assert_eq!(count.wait(start.plus(Duration::seconds(second))), None);
        }
        count = count.failed(None, LIMIT, start.plus(Duration::seconds(4)));
        assert!(count.wait(start.plus(Duration::seconds(5))).is_some());
        let later = start.plus(Duration::minutes(16));
        assert_eq!(count.wait(later), None);
        assert_eq!(count.failed(None, LIMIT, later).failures, 1);
    }

    #[test]
    fn old_failures_are_forgotten() {
        let start = Timestamp::from_seconds(1_000_000);
        let count = Count { failures: 4, since: start, ..Count::default() };
        assert_eq!(count.failed(None, LIMIT, start.plus(Duration::minutes(16))).failures, 1);
    }

    #[test]
    fn the_same_wrong_password_counts_once_within_the_window() {
        let start = Timestamp::from_seconds(1_000_000);
        let mut count = Count::default();
        for minute in 0..15 {
            count = count.failed(Some("aaaa"), LIMIT, start.plus(Duration::minutes(minute)));
        }
        assert_eq!((count.failures, count.tried.len()), (1, 1));
        count = count.failed(Some("bbbb"), LIMIT, start.plus(Duration::minutes(15)));
        assert_eq!(count.failures, 2);
        let later = start.plus(Duration::minutes(16));
        assert!(!count.has_tried("aaaa", LIMIT, later) && count.has_tried("bbbb", LIMIT, later));
        assert_eq!(count.failed(Some("aaaa"), LIMIT, later).failures, 2, "with the one of a minute ago");
    }

    #[test]
    fn no_two_windows_are_used_up_at_their_common_edge() {
        let start = Timestamp::from_seconds(1_000_000);
        let after = |seconds: i64| start.plus(Duration::seconds(seconds));
        let mut count = Count::default().failed(Some("first"), LIMIT, start);
        for mark in ["a", "b", "c"] {
            count = count.failed(Some(mark), LIMIT, after(899));
        }
        count = count.failed(Some("d"), LIMIT, after(901));
        assert_eq!((count.failures, count.since, count.wait(after(901))), (4, after(899), None));
        count = count.failed(Some("e"), LIMIT, after(902));
        assert!(count.wait(after(902)).is_some(), "five within a few seconds");
        // After the pause, and after a success, one begins anew.
        assert_eq!(count.clone().failed(Some("f"), LIMIT, after(1_802)).failures, 1);
        let restarted = Count { failures: 0, blocked_until: None, ..count };
        assert_eq!(restarted.failed(Some("f"), LIMIT, after(903)).failures, 1);
    }

    #[test]
    fn only_the_last_few_are_remembered() {
        let start = Timestamp::from_seconds(1_000_000);
        let many = Limit { failures: 1_000, ..LIMIT };
        let count =
            (0..50).fold(Count::default(), |count, n| count.failed(Some(&n.to_string()), many, start));
        assert_eq!((count.failures, count.tried.len()), (50, REMEMBERED));
        assert!(count.has_tried("49", many, start) && !count.has_tried("0", many, start));
    }

    #[test]
    fn what_is_shared_out_stays_below_the_threshold_of_a_directory() {
        let shares = |threshold| {
            let shares = LIMIT.shared(threshold);
            let of = |limit: Option<Limit>| limit.map_or(0, |limit| limit.failures);
            (shares.at_the_door.failures, of(shares.reserve), of(shares.of_one_session))
        };
        assert_eq!([shares(None), shares(Some(10)), shares(Some(9))], [(5, 3, 2); 3]);
        assert_eq!([shares(Some(8)), shares(Some(7)), shares(Some(6))], [(5, 2, 1), (5, 1, 1), (4, 1, 1)]);
        assert_eq!([shares(Some(5)), shares(Some(4)), shares(Some(3))], [(3, 1, 1), (2, 1, 1), (1, 1, 1)]);
        assert_eq!([shares(Some(2)), shares(Some(1)), shares(Some(0))], [(1, 0, 0); 3], "no room");
    }
}
