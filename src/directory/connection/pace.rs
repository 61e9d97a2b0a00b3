//! A stranger is refused as slowly as a wrong password. A directory itself is quicker for a name that it does not have,
//! because it has no failure to write down, and a stopwatch at the sign-in page would tell who works for the city.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long a wrong password takes lately.
#[derive(Default)]
pub struct Pace {
    micros: AtomicU64,
}

impl Pace {
    /// Holds a refusal back that was asked for at `since`. Both kinds wait for the same moment, a little after most
    /// real answers: a timer is coarse, and only one of them waking by it would tell them apart again.
    pub async fn keep(&self, since: Instant, known: bool) {
        if known {
            self.note(since.elapsed());
        }
        sleep_until(since + self.moment()).await;
    }

    fn note(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let before = self.micros.load(Ordering::Relaxed);
        // one slow answer counts a quarter
        let next = if before == 0 { took } else { before - before / 4 + took / 4 };
        self.micros.store(next, Ordering::Relaxed);
    }

    fn moment(&self) -> Duration {
        let micros = self.micros.load(Ordering::Relaxed);
        Duration::from_micros(micros.saturating_add(micros / 2)) + Duration::from_millis(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stranger_and_a_wrong_password_wait_for_the_same_moment() {
        let pace = Pace { micros: AtomicU64::new(20_000) };
        let since = Instant::now();
        pace.keep(since, false).await;
        assert!(since.elapsed() >= Duration::from_millis(32));
        // Quick answers set it, though the machine may hold one of them up.
        for _ in 0..4 {
            pace.keep(Instant::now(), true).await;
        }
        assert!(pace.micros.load(Ordering::Relaxed) < 20_000);
    }

    #[test]
    fn one_slow_answer_does_not_set_the_pace() {
        let pace = Pace::default();
        pace.note(Duration::from_millis(10));
        pace.note(Duration::from_millis(30));
        assert_eq!(pace.moment(), Duration::from_micros(24_500));
        pace.note(Duration::MAX);
        let _ = pace.moment();
    }
}
