//! The administration.

use super::reader::Reader;
use time::Duration;

/// How the administration is guarded.
#[derive(Debug, Clone, Copy)]
pub struct Admin {
    /// Whether what is dangerous needs a second person.
    pub two_persons: bool,
    /// How many accounts one person may lock, unlock or reset by acts over many within a day.
    pub two_persons_above: usize,
    /// How many acts on accounts one application may carry out within a day.
    pub api_writes_per_day: i64,
    /// How many accounts a role over agencies reaches that one person grants alone.
    pub wide_role_above: u64,
    /// Whether the house opens an access review in each half-year by itself.
    pub review_half_yearly: bool,
    /// For how many days such a review is open.
    pub review_days: i64,
    /// How long a session lives that a break-glass code opened.
    pub break_glass_life: Duration,
}

pub(super) fn read(r: &mut Reader) -> Admin {
    Admin {
        two_persons: r.flag("admin.two_persons"),
        two_persons_above: usize::try_from(r.number("admin.two_persons_above", 0, 500)).unwrap_or_default(),
        api_writes_per_day: r.number("admin.api_writes_per_day", 0, 1_000_000),
        wide_role_above: u64::try_from(r.number("admin.wide_role_above", 0, 1_000_000)).unwrap_or_default(),
        review_half_yearly: r.flag("admin.review_half_yearly"),
        review_days: r.number("admin.review_days", 1, 180),
        break_glass_life: Duration::hours(r.number("admin.break_glass_hours", 1, 24)),
    }
}
