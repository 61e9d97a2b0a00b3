//! The menu of the console: its pages in groups, only what the role may see.

use crate::domain::admin::{Administrator, Right};
use crate::http::frame::{MenuEntry, MenuGroup};
use crate::i18n::Lang;
use crate::urls;

/// A page in the menu: where, the right it asks for, its word.
type Page = (&'static str, Right, &'static str);

/// The groups that have at least one page for this role.
pub(super) fn groups(t: Lang, by: &Administrator, waiting: usize) -> Vec<MenuGroup> {
    let people: &[Page] = &[
        (urls::HOME, Right::Enter, t.console_overview()),
        (urls::ACCOUNTS, Right::SeeAccounts, t.console_accounts()),
        (urls::SESSIONS, Right::SeeAccounts, t.sessions_menu()),
        (urls::AGENCIES, Right::SeeAccounts, t.agencies_title()),
        (urls::FORECAST, Right::SeeAccounts, t.console_forecast()),
        (urls::WATCH, Right::SeeWatch, t.watch_menu()),
        (urls::INCIDENTS, Right::SeeIncidents, t.incidents_menu()),
    ];
    let directories: &[Page] = &[
        (urls::SYNC, Right::SeeDirectories, t.console_sync()),
        (urls::RECONCILE, Right::SeeDirectories, t.reconcile_title()),
    ];
    let rules: &[Page] = &[
        (urls::POLICY, Right::SeeRules, t.console_policy()),
        (urls::CALENDAR, Right::SeeRules, t.calendar_menu()),
        (urls::LETTERS, Right::SeeLetters, t.console_letters()),
    ];
    let house: &[Page] = &[
        (urls::APPROVALS, Right::SeeApprovals, t.approvals_title()),
        (urls::ADMINISTRATORS, Right::SeeRoles, t.administrators_title()),
        (urls::APPLICATIONS, Right::SeeApplications, t.applications_menu()),
        (urls::GROUPS, Right::SeeDecisions, t.groups_menu()),
        (urls::IMPORT, Right::GrantRoles, t.import_title()),
        (urls::REVIEWS, Right::SeeRoles, t.reviews_title()),
        (urls::AUDIT, Right::SeeAudit, t.audit_title()),
        (urls::KEYS, Right::SeeKeys, t.keys_title()),
    ];
    let all = [
        (t.menu_people(), people),
        (t.menu_directories(), directories),
        (t.menu_rules(), rules),
        (t.menu_house(), house),
    ];
    let group = |(title, pages): (&'static str, &[Page])| {
        let seen = pages.iter().filter(|(_, right, _)| by.may(*right));
        let entry = |(address, _, word): &Page| {
            let note = (*address == urls::APPROVALS && waiting > 0).then(|| waiting.to_string());
            MenuEntry { address, word, note }
        };
        let entries: Vec<_> = seen.map(entry).collect();
        (!entries.is_empty()).then_some(MenuGroup { title, entries })
    };
    all.into_iter().filter_map(group).collect()
}
