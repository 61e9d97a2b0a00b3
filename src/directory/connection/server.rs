//! One server of a directory, as this node knows it: its address, its breaker and how it answers lately. An [`Attempt`] tells the breaker how
//! asking the server ended, once, also when nobody waits for the answer any more.

use super::breaker::{Breaker, Leave};
use super::watch::Watch;
use crate::domain::health::Condition;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// One server.
pub struct Server {
    url: String,
    slow_after: Duration,
    breaker: Mutex<Breaker>,
    watch: Mutex<Watch>,
}

impl Server {
    /// The one at this address, not asked yet; look-ups that take longer than `slow_after` are slow.
    pub fn new(url: String, slow_after: Duration) -> Self {
        Self { url, slow_after, breaker: Mutex::default(), watch: Mutex::default() }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Leave to ask it, or for how long it is left alone.
    pub fn attempt(self: &Arc<Self>) -> Result<Attempt, Duration> {
        self.attempt_at(Instant::now())
    }

    fn attempt_at(self: &Arc<Self>, now: Instant) -> Result<Attempt, Duration> {
        let is_probe = match self.breaker().ask(now) {
            Leave::Granted => false,
            Leave::Probe => true,
            Leave::Refused(pause) => return Err(pause),
        };
        Ok(Attempt { server: Arc::clone(self), is_probe, is_open: true, was_greeted: false })
    }

    /// How it answers, and since when. Asks nobody.
    pub fn condition(&self) -> (Condition, Option<Instant>) {
        let is_left_alone = !self.breaker().is_closed();
        self.watch().condition(Instant::now(), is_left_alone)
    }

    /// Notes that it cannot work as it is set up.
    pub fn misconfigured(&self, what: &str) {
        self.watch().misconfigured(Instant::now(), what);
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection to a server, from the wish for it to its first real answer. What happens on it later says nothing
/// about the server: a connection that was kept may have been cut by anybody on the way.
pub struct Attempt {
    server: Arc<Server>,
    is_probe: bool,
    is_open: bool,
    was_greeted: bool,
}

impl Attempt {
    /// The service account was let in. A server may do that and answer nothing else, so it is not enough yet.
    pub fn greeted(&mut self) {
        self.was_greeted = true;
    }

    /// A look-up was answered after so long.
    pub fn looked_up(&mut self, took: Duration) {
        self.server.watch().looked_up(Instant::now(), took, self.server.slow_after);
        self.answered();
    }

    /// The server refuses the house itself.
    pub fn misconfigured(&self, what: &str) {
        self.server.misconfigured(what);
    }

    /// The server answered.
    pub fn answered(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.server.watch().answered();
            let mut breaker = self.server.breaker();
            if !breaker.is_closed() {
                tracing::info!(url = self.server.url, "a directory answers again");
            }
            breaker.answered();
        }
    }

    /// It could not be reached, or did not answer in time.
    pub fn failed(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.server.watch().failed(Instant::now());
            let mut breaker = self.server.breaker();
            let was_closed = breaker.is_closed();
            breaker.failed(Instant::now(), self.is_probe);
            if was_closed && !breaker.is_closed() {
                tracing::warn!(
                    url = self.server.url,
                    "a directory does not answer and is left alone for a while"
                );
            }
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.is_open && self.was_greeted {
            self.answered();
        } else if self.is_open && self.is_probe {
            self.server.breaker().abandoned(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::breaker::{FAILURES, FIRST_PAUSE};
    use super::*;

    fn server() -> Arc<Server> {
        Arc::new(Server::new("ldaps://ldap.danang.example".to_owned(), Duration::from_secs(3)))
    }

    fn left_alone() -> Arc<Server> {
        let server = server();
        for _ in 0..FAILURES {
            server.attempt().expect("asked").failed();
        }
        server
    }

    #[test]
    fn a_probe_that_is_dropped_without_an_answer_makes_room_for_the_next() {
        let server = left_alone();
        assert!(server.attempt().is_err());
        let later = Instant::now() + FIRST_PAUSE;
        let probe = server.attempt_at(later).expect("one may look");
        assert!(server.attempt_at(later).is_err(), "and no other");
        drop(probe);
        let mut probe = server.attempt_at(later).expect("the next may look");
        assert_eq!(server.condition().0, Condition::Unreachable);
        probe.answered();
        assert_eq!(server.condition(), (Condition::Normal, None));
        assert!(server.attempt().is_ok());
    }

    #[test]
    fn a_server_that_lets_in_and_then_answers_nothing_is_left_alone_too() {
        let server = server();
        for _ in 0..FAILURES {
            let mut attempt = server.attempt().expect("asked");
            attempt.greeted();
            attempt.failed();
        }
        assert!(server.attempt().is_err());
        let mut probe = server.attempt_at(Instant::now() + FIRST_PAUSE).expect("one may look");
        probe.greeted();
        drop(probe);
        assert!(server.attempt().is_ok(), "who only wanted to be let in was answered");
    }

    #[test]
    fn what_happens_after_the_first_answer_says_nothing_about_the_server() {
        let server = server();
        let mut kept = server.attempt().expect("asked");
        kept.answered();
        for _ in 0..10 {
            kept.failed();
        }
        assert!(server.attempt().is_ok());
    }
}
