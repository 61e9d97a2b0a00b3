//! The mail regulation as rules: passwords, working days, deadlines, how far each rule is switched on.
//!
//! Decision 3712/QĐ-UBND of the city: the default password is changed at the first sign-in; kept for 3 working
//! days, the account is locked; no new password in 6 months, the account is locked.

pub mod brake;
pub mod calendar;
pub mod calendar_csv;
pub mod calendar_rules;
pub mod deadline;
pub mod handover;
pub mod lunar;
pub mod password;
mod prefilled;
pub mod regulation;
pub mod reminder;
pub mod settings;
pub mod stage;
pub mod waves;
