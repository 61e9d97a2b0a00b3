//! How far a run is, for whoever watches it.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// What a run is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The directories are read.
    Reading,
    /// What they hold is compared with what the house knows.
    Planning,
    /// What changed is carried out.
    Applying,
}

impl Phase {
    const ALL: [Self; 3] = [Self::Reading, Self::Planning, Self::Applying];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Planning => "planning",
            Self::Applying => "applying",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.code() == code)
    }
}

/// Counts what a run does, without waiting for anything.
#[derive(Debug, Default)]
pub(super) struct Meter {
    phase: AtomicU8,
    done: AtomicUsize,
    expected: AtomicUsize,
}

impl Meter {
    /// A new phase begins, with about so many things to do.
    pub(super) fn enter(&self, phase: Phase, expected: usize) {
        self.done.store(0, Ordering::Relaxed);
        self.expected.store(expected, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// About so many more are to be done.
    pub(super) fn expect(&self, more: usize) {
        self.expected.fetch_add(more, Ordering::Relaxed);
    }

    /// So many more are done.
    pub(super) fn count(&self, more: usize) {
        self.done.fetch_add(more, Ordering::Relaxed);
    }

    /// Where it stands: the phase, what is done in it, about how many there are (0: nobody knows).
    pub(super) fn reading(&self) -> (Phase, usize, usize) {
        let phase = Phase::ALL[usize::from(self.phase.load(Ordering::Relaxed)) % Phase::ALL.len()];
        (phase, self.done.load(Ordering::Relaxed), self.expected.load(Ordering::Relaxed))
    }
}
