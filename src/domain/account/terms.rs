//! When an account's terms end, as it is written down beside it.

use crate::domain::timestamp::Timestamp;

/// What is written down of an account's terms, so that lists and the lock job find it by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// When the running term of the password ends; `None` where none runs.
    pub ends_at: Option<Timestamp>,
    /// When the account is to be locked if nothing happens; `None` where no rule is enforced.
    pub lock_at: Option<Timestamp>,
}
