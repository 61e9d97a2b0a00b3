//! Time and chance: the only callers of the operating system's clock and randomness.

use crate::domain::chance::Entropy;
use crate::domain::timestamp::Timestamp;
use std::sync::Arc;
use std::time::Instant;

/// A clock.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The clock and the entropy that the house runs on. Cheap to clone.
#[derive(Clone)]
pub struct System {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl System {
    /// The operating system's.
    pub fn of_the_machine() -> Self {
        Self { clock: Arc::new(MachineClock), entropy: Arc::new(MachineEntropy) }
    }

    /// Given ones; for tests.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The source of chance.
    pub fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }
}

/// Measures how long something takes; for logs and progress, never for a rule.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

struct MachineClock;

impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::from_datetime(time::OffsetDateTime::now_utc())
    }
}

struct MachineEntropy;

impl Entropy for MachineEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for chance")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes)
            .expect("the operating system gives randomness or the house must not run");
    }
}
