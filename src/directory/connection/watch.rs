//! How one server answers lately. Pure: the moments are handed in.

use crate::domain::health::Condition;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// How many look-ups are remembered.
const REMEMBERED: usize = 9;
/// Fewer say nothing.
const ENOUGH: usize = 3;
/// An older look-up says nothing about now.
const RECENT: Duration = Duration::from_mins(10);

/// What is remembered of a server.
#[derive(Debug, Default)]
pub struct Watch {
    looked_up: VecDeque<(Instant, Duration)>,
    slow_since: Option<Instant>,
    silent_since: Option<Instant>,
    wrong: Option<(Instant, String)>,
}

impl Watch {
    /// It answered, whatever it said.
    pub fn answered(&mut self) {
        self.silent_since = None;
        self.wrong = None;
    }

    /// It did not answer.
    pub fn failed(&mut self, now: Instant) {
        self.silent_since.get_or_insert(now);
    }

    /// It cannot work as it is set up.
    pub fn misconfigured(&mut self, now: Instant, what: &str) {
        let since = self.wrong.as_ref().map_or(now, |(since, _)| *since);
        self.wrong = Some((since, what.to_owned()));
    }

    /// A look-up took so long; more than `limit` is slow.
    pub fn looked_up(&mut self, now: Instant, took: Duration, limit: Duration) {
        self.answered();
        self.looked_up.push_back((now, took));
        while self.looked_up.len() > REMEMBERED || self.looked_up.front().is_some_and(|f| is_old(now, f.0)) {
            self.looked_up.pop_front();
        }
        let slow: Vec<_> = self.looked_up.iter().filter(|(_, took)| *took > limit).collect();
        if self.looked_up.len() < ENOUGH || slow.len() * 2 <= self.looked_up.len() {
            self.slow_since = None;
        } else if let Some((first, _)) = slow.first() {
            self.slow_since.get_or_insert(*first);
        }
    }

    /// How it answers, and since when; `is_left_alone`: whether its breaker is open.
    pub fn condition(&self, now: Instant, is_left_alone: bool) -> (Condition, Option<Instant>) {
        let heard = self.looked_up.back().is_some_and(|(at, _)| !is_old(now, *at));
        match (&self.wrong, self.slow_since) {
            (Some((since, what)), _) => (Condition::Misconfigured(what.clone()), Some(*since)),
            _ if is_left_alone => (Condition::Unreachable, Some(self.silent_since.unwrap_or(now))),
            (None, Some(since)) if heard => (Condition::Slow, Some(since)),
            _ => (Condition::Normal, None),
        }
    }
}

fn is_old(now: Instant, at: Instant) -> bool {
    now.duration_since(at) >= RECENT
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: Duration = Duration::from_secs(3);
    const SLOW: Duration = Duration::from_secs(5);
    const QUICK: Duration = Duration::from_millis(20);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_server_is_slow_since_the_first_of_the_slow_look_ups() {
        let start = Instant::now();
        let mut watch = Watch::default();
        for (at, took) in [(0, QUICK), (10, QUICK), (20, SLOW), (30, SLOW)] {
            watch.looked_up(start + seconds(at), took, LIMIT);
            assert_eq!(watch.condition(start + seconds(at), false).0, Condition::Normal, "half is not most");
        }
        watch.looked_up(start + seconds(40), SLOW, LIMIT);
        let now = start + seconds(41);
        assert_eq!(watch.condition(now, false), (Condition::Slow, Some(start + seconds(20))));
        for at in 50..60 {
            watch.looked_up(start + seconds(at), QUICK, LIMIT);
        }
        assert_eq!(watch.condition(start + seconds(60), false), (Condition::Normal, None));
    }

    #[test]
    fn two_slow_answers_are_too_few_and_old_ones_say_nothing() {
        let start = Instant::now();
        let mut watch = Watch::default();
        watch.looked_up(start, SLOW, LIMIT);
        watch.looked_up(start, SLOW, LIMIT);
        assert_eq!(watch.condition(start, false).0, Condition::Normal);
        watch.looked_up(start, SLOW, LIMIT);
        assert_eq!(watch.condition(start, false).0, Condition::Slow);
        assert_eq!(watch.condition(start + seconds(599), false).0, Condition::Slow);
        assert_eq!(watch.condition(start + RECENT, false).0, Condition::Normal);
    }

    #[test]
    fn a_server_is_silent_since_the_first_failure_in_a_row() {
        let start = Instant::now();
        let mut watch = Watch::default();
        watch.failed(start);
        watch.answered();
        watch.failed(start + seconds(10));
        watch.failed(start + seconds(20));
        let now = start + seconds(30);
        assert_eq!(watch.condition(now, false).0, Condition::Normal, "it may have been a moment's weakness");
        assert_eq!(watch.condition(now, true), (Condition::Unreachable, Some(start + seconds(10))));
    }

    #[test]
    fn a_wrong_setting_keeps_its_hour_until_the_server_answers() {
        let start = Instant::now();
        let mut watch = Watch::default();
        watch.misconfigured(start, "expired");
        watch.misconfigured(start + seconds(60), "expired");
        let told = watch.condition(start + seconds(61), false);
        assert_eq!(told, (Condition::Misconfigured("expired".to_owned()), Some(start)));
        watch.answered();
        assert_eq!(watch.condition(start + seconds(62), false).0, Condition::Normal);
    }

    proptest! {
        #[test]
        fn what_is_remembered_has_an_end(took in prop::collection::vec(0_u64..20_000, 0..200)) {
            let (mut watch, mut now) = (Watch::default(), Instant::now());
            for took in took {
                now += Duration::from_millis(took);
                watch.looked_up(now, Duration::from_millis(took), LIMIT);
                prop_assert!(watch.looked_up.len() <= REMEMBERED);
            }
        }
    }
}
