//! Pieces that several pages show: notices, deadlines day by day, mailboxes, badges, devices.

use crate::config::{Network, Networks};
use crate::domain::account::{State, StateName};
use crate::domain::browser::Family;
use crate::domain::mailbox::Mailbox;
use crate::domain::policy::deadline::Deadline;
use crate::domain::session::Session;
use crate::domain::timestamp::Timestamp;
use crate::i18n::Lang;

/// A short message above the content of a page.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub(super) kind: &'static str,
    pub(super) title: Option<String>,
    pub(super) lines: Vec<String>,
}

impl Notice {
    /// Something was done.
    pub(super) fn ok(line: impl Into<String>) -> Self {
        Self { kind: "ok", title: None, lines: vec![line.into()] }
    }

    /// Something to know.
    pub(super) fn info(line: impl Into<String>) -> Self {
        Self { kind: "info", title: None, lines: vec![line.into()] }
    }

    /// Something to watch.
    pub(super) fn warn(line: impl Into<String>) -> Self {
        Self { kind: "warn", title: None, lines: vec![line.into()] }
    }

    /// Something went wrong.
    pub(super) fn danger(line: impl Into<String>) -> Self {
        Self { kind: "danger", title: None, lines: vec![line.into()] }
    }

    /// With a heading.
    pub(super) fn titled(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }

    /// With one more line.
    pub(super) fn and(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }
}

/// One day of a deadline.
#[derive(Debug, Clone)]
pub(super) struct DayLine {
    pub(super) class: &'static str,
    pub(super) name: String,
    pub(super) why: String,
}

/// A deadline in words.
#[derive(Debug, Clone)]
pub(super) struct DeadlineView {
    pub(super) day: String,
    pub(super) class: &'static str,
    pub(super) days: Vec<DayLine>,
}

impl DeadlineView {
    /// Puts a deadline into words.
    pub(super) fn new(t: Lang, deadline: &Deadline, now: Timestamp) -> Self {
        let lines = t.explained(deadline).into_iter();
        let days = lines.map(|line| DayLine {
            class: match (line.is_last, line.is_counted) {
                (true, _) => "is-counted is-last",
                (false, true) => "is-counted",
                (false, false) => "is-off",
            },
            name: line.day,
            why: line.why,
        });
        Self { day: t.day(deadline.last_day), class: urgency(deadline, now), days: days.collect() }
    }
}

/// From how many days before a deadline on a page warns.
const SOON_DAYS: i64 = 14;

/// The class of a status bar: calm, soon, or the last day and after.
pub(super) fn urgency(deadline: &Deadline, now: Timestamp) -> &'static str {
    match days_left(deadline, now) {
        ..=0 => "is-danger",
        1..=SOON_DAYS => "is-warn",
        _ => "",
    }
}

/// Whole days from today to the last day; 0 on the last day itself.
pub(super) fn days_left(deadline: &Deadline, now: Timestamp) -> i64 {
    (deadline.last_day - now.local_date()).whole_days()
}

/// How much of a term has passed, in percent.
pub(super) fn percent_used(deadline: &Deadline, now: Timestamp) -> u8 {
    let start = Timestamp::start_of(deadline.start);
    let whole = deadline.ends_at.since(start).whole_minutes().max(1);
    let used = now.since(start).whole_minutes().clamp(0, whole);
    u8::try_from(used * 100 / whole).unwrap_or(100)
}

/// The class of a state's badge.
pub(super) const fn state_badge(state: StateName) -> &'static str {
    match state {
        StateName::Active => "is-ok",
        StateName::MustChange => "is-warn",
        StateName::Locked => "is-danger",
        StateName::Retired => "is-off",
    }
}

/// The class of a state's panel.
pub(super) const fn state_class(state: StateName) -> &'static str {
    match state {
        StateName::Active => "",
        StateName::MustChange => "is-warn",
        StateName::Locked | StateName::Retired => "is-danger",
    }
}

/// A mailbox with its own status.
#[derive(Debug, Clone)]
pub(super) struct MailboxView {
    pub(super) system: &'static str,
    pub(super) address: String,
    pub(super) login: String,
    pub(super) lags: bool,
    pub(super) badge: &'static str,
    pub(super) status: &'static str,
}

impl MailboxView {
    /// Puts a mailbox into words: what its mail system does now, whatever was ordered of it.
    pub(super) fn new(t: Lang, mailbox: &Mailbox, state: &State) -> Self {
        let (badge, status) = match state.name() {
            _ if !mailbox.enabled => ("is-danger", t.mailbox_disabled()),
            StateName::Locked | StateName::Retired => ("is-warn", t.mailbox_still_open()),
            _ if mailbox.password_lags => ("is-warn", t.mailbox_differs()),
            StateName::Active | StateName::MustChange => ("is-ok", t.mailbox_ok()),
        };
        Self {
            system: t.mail_system_name(mailbox.key.system),
            address: mailbox.address.to_string(),
            login: mailbox.key.login.clone(),
            lags: mailbox.password_lags,
            badge,
            status,
        }
    }

    /// The same while its mail system does not answer: that all is well is not known.
    pub(super) fn unchecked(self, t: Lang) -> Self {
        match self.badge {
            "is-ok" => Self { badge: "is-warn", status: t.mailbox_unchecked(), ..self },
            _ => self,
        }
    }
}

/// An open session.
#[derive(Debug, Clone)]
pub(super) struct SessionView {
    pub(super) id: String,
    pub(super) icon: &'static str,
    pub(super) device: String,
    pub(super) is_this: bool,
    /// Whether it was not used for too long: it opens nothing, though nobody has ended it.
    pub(super) is_idle: bool,
    pub(super) started: String,
    pub(super) last_used: String,
    pub(super) from: String,
}

impl SessionView {
    /// Puts a session into words: whether it is the one that asks, and whether it was not used for too long.
    pub(super) fn new(t: Lang, session: &Session, (is_this, is_idle): (bool, bool), now: Timestamp) -> Self {
        let (icon, device) = device_words(t, &session.user_agent);
        Self {
            id: session.id.to_string(),
            icon,
            device,
            is_this,
            is_idle,
            started: t.session_started(&t.moment(session.began_at().local())),
            last_used: t.session_last_used(&ago(t, session.last_seen_at, now)),
            from: t.session_from(&session.source),
        }
    }
}

/// The letter that stands for an application without a logo.
pub(super) fn initial(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).into_iter().flat_map(char::to_uppercase).collect()
}

/// How long ago something was.
pub(super) fn ago(t: Lang, at: Timestamp, now: Timestamp) -> String {
    t.ago(u64::try_from(now.since(at).whole_seconds()).unwrap_or(0))
}

/// A count from the database, which never counts below zero.
pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// How many things are in a list.
pub(super) fn number_of(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A device in human words: `Chrome trên Windows`.
pub(super) fn device(t: Lang, user_agent: &str) -> String {
    let family = Family::of(user_agent);
    match (family.browser, family.system) {
        (Some(browser), Some(system)) => t.browser_on(browser, system),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => t.unknown_device().to_owned(),
    }
}

/// A network address with the name of its network.
pub(super) fn place(t: Lang, names: &Networks, source: &str) -> String {
    let network = match names.of(source) {
        Network::Named(name) => name,
        Network::Private => t.network_private(),
        Network::Internet => t.network_internet(),
    };
    t.activity_at(network, source)
}

/// The icon and the name of a device.
pub(super) fn device_words(t: Lang, user_agent: &str) -> (&'static str, String) {
    (if is_phone(user_agent) { "icon-phone" } else { "icon-device" }, device(t, user_agent))
}

fn is_phone(user_agent: &str) -> bool {
    ["iPhone", "Android", "Mobile"].iter().any(|mark| user_agent.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::calendar::Calendar;
    use crate::domain::policy::deadline::password_age;
    use time::macros::datetime;

    #[test]
    fn a_device_is_named_in_human_words() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0";
        assert_eq!(device(Lang::Vi, edge), "Edge trên Windows");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/19.0 Mobile/15E148 Safari/604.1";
        assert_eq!(device(Lang::En, phone), "Safari on iPhone");
        assert_eq!(device(Lang::Vi, "curl/8.0"), "Thiết bị chưa rõ");
    }

    #[test]
    fn a_status_bar_warns_two_weeks_ahead_and_turns_red_on_the_last_day() {
        let set_at = Timestamp::from_datetime(datetime!(2026-03-02 2:00 UTC));
        let deadline = password_age(set_at, 6, Calendar::built_in());
        let at = |moment| urgency(&deadline, Timestamp::from_datetime(moment));
        assert_eq!(deadline.last_day, time::macros::date!(2026 - 09 - 03));
        assert_eq!(at(datetime!(2026-08-19 2:00 UTC)), "");
        assert_eq!(at(datetime!(2026-08-20 2:00 UTC)), "is-warn");
        assert_eq!(at(datetime!(2026-09-03 2:00 UTC)), "is-danger");
    }

    #[test]
    fn the_share_of_a_term_stays_between_nothing_and_all() {
        let set_at = Timestamp::from_datetime(datetime!(2026-03-02 2:00 UTC));
        let deadline = password_age(set_at, 6, Calendar::built_in());
        assert_eq!(percent_used(&deadline, Timestamp::default()), 0);
        assert_eq!(percent_used(&deadline, deadline.ends_at), 100);
    }
}
