//! A new password: demanded before anything else, or wished; and finished where one mail system lags behind.

pub(super) mod change;
pub(super) mod finish;
pub(super) mod rules;
