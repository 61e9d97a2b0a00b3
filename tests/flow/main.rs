//! The house from outside: the real router, a fixed clock, seeded chance; build a house, sign in, move time, run jobs.

mod access_reviews;
mod account_list;
mod activity;
mod agencies;
mod agency_changes;
mod application_api;
mod application_tester;
mod applications;
mod applications_new;
mod approvals;
mod audit;
#[path = "../common/authenticator.rs"]
mod authenticator;
#[expect(dead_code, reason = "the specification and the contracts use the rest")]
#[path = "../common/authority.rs"]
mod authority;
mod bad_input;
mod beside;
mod break_glass;
mod bulk;
mod bulk_unlock;
mod cached_sign_in;
mod calendar;
mod caller;
mod changes;
mod clock;
mod coming_and_going;
mod console;
mod csrf;
mod deadlines;
mod doors;
mod every_page;
mod exports;
mod factor_ways;
mod failed_attempts;
mod failures;
mod first_day;
mod forecast;
mod groups;
mod guesses;
mod help_desk;
mod home;
mod hostile;
#[path = "../common/house.rs"]
mod house;
mod import;
mod incidents;
mod kept_forms;
mod killed;
mod last_use;
mod letters;
mod locks;
mod not_me;
mod other_factors;
mod outage;
mod own_data;
mod package;
#[path = "../common/passkey.rs"]
mod passkey;
mod passkeys;
mod password;
mod password_place;
mod policy_pages;
mod portal;
mod recent_proof;
mod reconcile;
mod regulation;
mod reset;
mod roles;
mod routes;
mod second_factors;
mod self_help;
mod sessions_page;
mod shown_once;
mod sign_in;
mod sign_in_page;
#[path = "../common/sink.rs"]
mod sink;
mod synchronisation;
mod timeline;
mod unattended;
mod watch;
