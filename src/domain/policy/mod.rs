//! The mail regulation as rules: passwords, working days, deadlines.
//!
//! Decision 3712/QĐ-UBND of the city: the default password is changed at the first sign-in; kept for 3 working
//! days, the account is locked; no new password in 6 months, the account is locked.

pub mod calendar;
pub mod deadline;
pub mod lunar;
pub mod password;
mod prefilled;
pub mod reminder;

/// The values of the rules. Defaults are the regulation's; a city may set others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Working days for which a default password may be kept.
    pub default_password_working_days: u8,
    /// Months for which a password may be used.
    pub password_months: u8,
    /// Rules for a new password.
    pub password: password::PasswordRules,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            default_password_working_days: 3,
            password_months: 6,
            password: password::PasswordRules::default(),
        }
    }
}
