//! What a person meets: Debian's Chromium in front of the running demo with its real directories.
//!
//! Samba takes seconds to start, so there is one demo for all walks, and they go in the order of the table; that is why
//! this is not the standard harness. `cargo test --test browser WORD` takes only the walks with that word in their name.
//! Packages: `tests/rig/install.sh`.

mod agencies;
mod applications;
mod approvals;
#[expect(dead_code, reason = "the other tests use the rest")]
#[path = "../common/authority.rs"]
mod authority;
mod beside;
mod certificates;
mod clients;
mod console;
mod console_month;
mod demo;
mod desk;
mod device;
mod directories;
mod driver;
mod first_day;
mod journeys;
mod office;
mod outage;
mod page_log;
mod pages;
mod portal;
#[path = "../common/ports.rs"]
mod ports;
mod reconcile;
mod regulation;
mod requests;
mod reset;
mod screenshots;
mod second_factors;
mod self_help;
mod sync;
#[path = "../common/tls_proxy.rs"]
mod tls_proxy;
mod watch;

use danang_sso::system::Stopwatch;
use demo::Demo;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// One walk through the demo.
type Walk = fn(&Demo);

/// Makes a line of the table: the name and the walk.
macro_rules! walks {
    ($($room:ident :: $walk:ident),+ $(,)?) => {
        &[$((concat!(stringify!($room), "::", stringify!($walk)), $room::$walk)),+]
    };
}

const WALKS: &[(&str, Walk)] = walks![
    screenshots::the_pages_of_the_sign_in_fit_a_telephone,
    screenshots::the_portal_fits_a_telephone,
    screenshots::the_console_fits_a_telephone,
    screenshots::the_pages_of_the_regulation_fit_a_telephone,
    screenshots::an_obstacle_put_on_a_page_is_found,
    screenshots::the_reminder_and_the_banner_fit_a_telephone,
    first_day::a_first_sign_in_sets_an_own_password_in_both_directories,
    pages::a_locked_person_reads_why_and_what_to_do,
    pages::the_portal_shows_the_own_account,
    pages::the_language_changes_and_stays,
    pages::the_keyboard_is_enough_to_sign_in,
    pages::everything_works_without_scripts,
    pages::a_password_about_to_end_is_reminded_of_at_the_sign_in_and_in_the_portal,
    second_factors::an_app_is_set_up_asked_for_and_removed,
    second_factors::an_address_for_codes_by_mail_is_given,
    second_factors::a_passkey_opens_the_door_without_a_password,
    second_factors::a_forgotten_password_has_its_ways,
    certificates::a_certificate_is_bound_opens_as_the_second_step_and_is_refused_once_it_is_revoked,
    portal::an_application_is_found_without_accents,
    portal::the_rules_are_acknowledged,
    portal::a_suspicious_mail_is_reported_and_followed_up,
    second_factors::a_code_by_mail_is_the_second_step,
    portal::no_page_of_the_portal_weighs_more_than_a_hundred_thousand_bytes,
    console::the_dashboard_counts_the_city,
    console::the_search_needs_no_diacritics,
    console::a_lock_with_a_reason_closes_the_door_until_it_is_lifted,
    console::a_synchronisation_shows_its_progress_and_its_end,
    console::an_agency_administrator_sees_only_the_own_agency,
    console::somebody_without_a_role_does_not_come_in,
    watch::mailboxes_to_look_at_are_listed_and_exported,
    regulation::a_year_shows_twelve_months_on_a_desk_a_telephone_and_one_sheet_of_paper,
    regulation::a_swap_is_tried_dry_then_entered_by_one_and_confirmed_by_a_second,
    regulation::the_forecast_tells_whom_it_meets_and_gives_the_same_as_a_table,
    regulation::the_wizard_switches_an_agency_on_in_a_wave_and_the_version_before_comes_back,
    regulation::a_value_changes_after_a_look_at_what_it_moves,
    regulation::the_brake_says_that_nothing_waits,
    regulation::the_pages_of_the_regulation_work_without_scripts,
    desk::the_morning_of_a_help_desk,
    desk::the_locks_of_one_reason_are_lifted_together,
    desk::many_accounts_are_looked_at_locked_and_given_back,
    approvals::a_mass_lock_is_approved_by_a_second_person_and_a_role_is_refused,
    console_month::an_agencys_administrator_reads_the_month_and_reviews_the_own_branch,
    console_month::an_open_session_is_found_and_ended,
    console_month::the_interface_for_programs_is_explained_on_a_page,
    console_month::a_request_with_a_wrong_address_is_explained,
    console_month::an_agency_moves_below_another_and_back,
    console_month::the_daily_pages_of_the_console_work_without_scripts,
    agencies::the_month_of_an_agency_is_read_and_its_contact_named,
    agencies::the_audit_is_searched_and_tells_who_searched,
    agencies::a_merge_of_two_agencies_is_previewed_applied_and_undone,
    agencies::an_access_review_is_opened_spoken_on_and_taken_along,
    clients::apache_with_mod_auth_openidc_protects_a_page,
    clients::a_script_with_authlib_runs_the_code_flow_with_pkce,
    applications::an_application_shows_itself_and_says_whom_it_is_for,
    applications::an_application_is_registered_and_its_first_sign_in_arrives,
    applications::a_group_is_made_and_filled_from_a_list,
    applications::the_tester_plays_an_application_from_the_sign_in_to_the_sign_out,
    requests::consent_is_asked_refused_and_remembered,
    requests::an_account_is_added_chosen_and_signed_out,
    requests::an_application_watches_the_session_and_is_told_of_its_end,
    device::a_device_is_let_in_from_a_telephone_and_another_is_refused,
    portal::somebody_with_two_posts_picks_the_one_in_which_they_work,
    portal::an_agency_mailbox_is_opened_without_its_password,
    portal::a_strange_sign_in_is_disowned,
    self_help::a_forgotten_password_ends_with_a_new_one_in_both_directories,
    self_help::a_lock_for_the_age_of_the_password_is_lifted_by_oneself,
    self_help::the_slip_of_an_administrator_leads_to_an_own_password,
    self_help::a_device_is_trusted_but_not_by_an_application_that_asks_for_more,
    self_help::a_passkey_is_the_second_step_until_the_desk_removes_it,
    self_help::a_second_factor_is_set_up_on_the_first_day,
    self_help::an_administrator_must_set_up_a_second_factor,
    journeys::one_session_is_ended_and_then_all_others,
    journeys::an_access_is_ended_and_the_own_data_is_taken_along,
    journeys::an_incident_is_reported_handed_on_and_closed_with_a_report,
    journeys::a_wished_password_is_taken_by_both_systems,
    journeys::going_back_after_the_sign_out_shows_nothing_of_the_account,
    journeys::a_password_is_shown_and_the_keyboard_is_spoken_of,
    journeys::letters_twice_as_large_fit_the_pages,
    journeys::a_slow_line_is_enough_to_sign_in,
    reset::a_slip_is_shown_once_and_opens_both_directories,
    reset::eight_slips_fill_a_sheet_of_paper,
    screenshots::the_pages_of_a_reset_fit_a_telephone,
    sync::a_run_that_locks_many_is_held_looked_at_and_approved,
    outage::a_mail_system_that_is_down_is_told_until_it_is_back,
    reconcile::the_directories_are_compared_and_a_finding_is_settled_and_taken_back,
    reconcile::the_table_of_who_has_the_word_is_looked_at_before_it_changes,
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The number of `--test-threads 1` is no word of a name.
    let is_word = |argument: &&String| !argument.starts_with('-') && argument.parse::<u32>().is_err();
    let words: Vec<_> = arguments.iter().filter(is_word).collect();
    let chosen = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let walks: Vec<_> = WALKS.iter().filter(|(name, _)| chosen(name)).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        for (name, _) in walks {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    println!("{} of {} walks", walks.len(), WALKS.len());
    if walks.is_empty() {
        return ExitCode::SUCCESS;
    }
    let demo = Demo::start();
    let mut failed: Vec<&str> = Vec::new();
    for (name, walk) in walks {
        let watch = Stopwatch::start();
        let passed = catch_unwind(AssertUnwindSafe(|| walk(&demo))).is_ok();
        let word = if passed { "ok" } else { "FAILED" };
        println!("test {name} ... {word} ({:.1} s)", watch.elapsed().as_secs_f64());
        if !passed {
            failed.push(name);
        }
    }
    let name = "demo::nothing_is_left_when_the_demo_stops";
    let stopped = catch_unwind(AssertUnwindSafe(|| demo.stop())).is_ok();
    println!("test {name} ... {}", if stopped { "ok" } else { "FAILED" });
    if !stopped {
        failed.push(name);
    }
    for name in &failed {
        println!("failed: {name}");
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
