//! When a server is left alone: after three failures in a row nobody waits for it any more; after a pause exactly one
//! is let through to see. A pure state machine: the moment is handed in.

use std::time::Duration;
use tokio::time::Instant;

/// Failures in a row after which a server is left alone.
pub const FAILURES: u32 = 3;
/// How long it is left alone at first; each probe that fails doubles it.
pub const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause.
pub const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The breaker of one server.
#[derive(Debug, Default)]
pub struct Breaker(State);

#[derive(Debug)]
enum State {
    /// Everybody goes through.
    Closed { failures: u32 },
    /// Nobody goes through until then.
    Open { until: Instant, pause: Duration },
    /// One is on its way to see.
    HalfOpen { pause: Duration },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

/// What is said to whoever wants to ask the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Go.
    Granted,
    /// Go, and tell in any case how it ended: everybody else waits for it.
    Probe,
    /// Do not. It is left alone for so long; zero while somebody is looking.
    Refused(Duration),
}

impl Breaker {
    /// May it be asked now?
    pub fn ask(&mut self, now: Instant) -> Leave {
        match self.0 {
            State::Closed { .. } => Leave::Granted,
            State::HalfOpen { .. } => Leave::Refused(Duration::ZERO),
            State::Open { until, .. } if now < until => Leave::Refused(until - now),
            State::Open { pause, .. } => {
                self.0 = State::HalfOpen { pause };
                Leave::Probe
            }
        }
    }

    /// The server answered, whatever it said.
    pub fn answered(&mut self) {
        self.0 = State::default();
    }

    /// It did not answer. What set out before it was left alone, and comes back later, changes nothing.
    pub fn failed(&mut self, now: Instant, was_probe: bool) {
        match self.0 {
            State::Closed { failures } if failures + 1 < FAILURES => {
                self.0 = State::Closed { failures: failures + 1 };
            }
            State::Closed { .. } => self.0 = State::Open { until: now + FIRST_PAUSE, pause: FIRST_PAUSE },
            State::HalfOpen { pause } if was_probe => {
                let pause = (pause * 2).min(LONGEST_PAUSE);
                self.0 = State::Open { until: now + pause, pause };
            }
            State::Open { .. } | State::HalfOpen { .. } => {}
        }
    }

    /// Whoever was on the way to see gave up without an answer: the next one may look.
    pub fn abandoned(&mut self, now: Instant) {
        if let State::HalfOpen { pause } = self.0 {
            self.0 = State::Open { until: now, pause };
        }
    }

    /// Whether everybody goes through.
    pub const fn is_closed(&self) -> bool {
        matches!(self.0, State::Closed { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert_eq!(breaker.ask(now), Leave::Granted);
            breaker.failed(now, false);
        }
        breaker
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_two_do_not() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            breaker.failed(now, false);
            breaker.failed(now, false);
            breaker.answered();
        }
        assert_eq!(breaker.ask(now), Leave::Granted, "an answer in between begins to count anew");
        let mut breaker = opened(now);
        assert!(!breaker.is_closed());
        assert_eq!(breaker.ask(now), Leave::Refused(FIRST_PAUSE));
        let just_before = now + FIRST_PAUSE.saturating_sub(Duration::from_millis(1));
        assert_eq!(breaker.ask(just_before), Leave::Refused(Duration::from_millis(1)));
    }

    #[test]
    fn after_the_pause_one_looks_and_its_answer_closes_it() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let later = now + FIRST_PAUSE;
        assert_eq!(breaker.ask(later), Leave::Probe);
        assert_eq!(breaker.ask(later), Leave::Refused(Duration::ZERO), "exactly one");
        breaker.answered();
        assert_eq!(breaker.ask(later), Leave::Granted);
    }

    #[test]
    fn each_probe_that_fails_doubles_the_pause_up_to_a_minute() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let Leave::Refused(pause) = breaker.ask(now) else { panic!("it is open") };
            pauses.push(pause.as_secs());
            now += pause;
            assert_eq!(breaker.ask(now), Leave::Probe);
            breaker.failed(now, true);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn a_probe_that_gives_up_leaves_its_place_to_the_next() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let later = now + FIRST_PAUSE;
        assert_eq!(breaker.ask(later), Leave::Probe);
        breaker.abandoned(later);
        assert_eq!(breaker.ask(later), Leave::Probe);
    }

    #[test]
    fn a_failure_that_comes_back_late_neither_lengthens_the_pause_nor_ends_the_probe() {
        let now = Instant::now();
        let mut breaker = opened(now);
        breaker.failed(now + Duration::from_secs(4), false);
        assert_eq!(breaker.ask(now + FIRST_PAUSE), Leave::Probe);
        breaker.failed(now + FIRST_PAUSE, false);
        assert_eq!(breaker.ask(now + FIRST_PAUSE), Leave::Refused(Duration::ZERO), "the probe is still out");
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Wait(u64),
        Ask,
        Answered(usize),
        Failed(usize),
        GivesUp(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0_u64..70_000).prop_map(Step::Wait),
            Just(Step::Ask),
            Just(Step::Ask),
            (0_usize..8).prop_map(Step::Answered),
            (0_usize..8).prop_map(Step::Failed),
            (0_usize..8).prop_map(Step::Failed),
            (0_usize..8).prop_map(Step::GivesUp),
        ]
    }

    proptest! {
        /// Whatever comes in whatever order: at most one probe is out, no pause is longer than a minute, and once the
        /// probe is back somebody gets through after a minute at the latest.
        #[test]
        fn it_lets_one_probe_out_and_is_never_stuck(steps in prop::collection::vec(step(), 0..200)) {
            let (mut breaker, mut now) = (Breaker::default(), Instant::now());
            let mut out: Vec<bool> = Vec::new();
            for step in steps {
                match step {
                    Step::Wait(millis) => now += Duration::from_millis(millis),
                    Step::Ask => match breaker.ask(now) {
                        Leave::Granted => out.push(false),
                        Leave::Probe => {
                            out.push(true);
                            prop_assert!(!breaker.is_closed());
                        }
                        Leave::Refused(pause) => prop_assert!(pause <= LONGEST_PAUSE),
                    },
                    Step::Answered(which) if which < out.len() => {
                        out.swap_remove(which);
                        breaker.answered();
                        prop_assert!(breaker.is_closed());
                        // a probe that is still out has nothing left to decide
                        out.fill(false);
                    }
                    Step::Failed(which) if which < out.len() => {
                        let was_probe = out.swap_remove(which);
                        breaker.failed(now, was_probe);
                    }
                    Step::GivesUp(which) if which < out.len() => {
                        if out.swap_remove(which) {
                            breaker.abandoned(now);
                        }
                    }
                    Step::Answered(_) | Step::Failed(_) | Step::GivesUp(_) => {}
                }
                prop_assert!(out.iter().filter(|probe| **probe).count() <= 1);
            }
            if !out.contains(&true) {
                let leave = breaker.ask(now + LONGEST_PAUSE);
                prop_assert!(matches!(leave, Leave::Granted | Leave::Probe), "{leave:?}");
            }
        }
    }
}
