//! The house from outside: the real router, a fixed clock, seeded chance; build a house, sign in, move time, run jobs.

mod bad_input;
mod calendar;
mod clock;
mod console;
mod deadlines;
#[path = "../common/house.rs"]
mod house;
mod last_use;
mod locks;
mod password;
mod policy_pages;
mod portal;
mod regulation;
mod sign_in;
mod synchronisation;
