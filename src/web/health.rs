//! How the mail systems answer: a panel for administrators, a calm line for staff when something is wrong.

use crate::app::App;
use crate::domain::health::{Condition, Health};
use crate::domain::mailbox::MailSystem;
use crate::domain::timestamp::Timestamp;
use crate::i18n::Lang;
use crate::services::health;

/// One directory in the panel.
pub(super) struct HealthLine {
    pub(super) name: &'static str,
    pub(super) badge: &'static str,
    pub(super) words: String,
    pub(super) servers: Vec<ServerLine>,
}

/// One server of it.
pub(super) struct ServerLine {
    pub(super) url: String,
    pub(super) words: String,
    pub(super) why: Option<String>,
}

/// All directories; each server is a line for whoever reaches the whole city.
pub(super) fn panel(app: &App, t: Lang, is_city: bool) -> Vec<HealthLine> {
    let now = app.now();
    let line = |health: Health| HealthLine {
        name: match health.system {
            MailSystem::Ad => "Active Directory",
            MailSystem::Obm => "OBM",
        },
        badge: match health.condition {
            Condition::Normal => "is-ok",
            Condition::Slow => "is-warn",
            Condition::Unreachable | Condition::Misconfigured(_) => "is-danger",
        },
        words: words(t, &health.condition, health.since, now),
        servers: health
            .servers
            .into_iter()
            .filter(|_| is_city)
            .map(|server| ServerLine {
                words: words(t, &server.condition, server.since, now),
                why: match server.condition {
                    Condition::Misconfigured(what) => Some(what),
                    _ => None,
                },
                url: server.url,
            })
            .collect(),
    };
    health::of_directories(app).into_iter().map(line).collect()
}

/// What staff are told; nothing while everything is as it should be.
pub(super) fn trouble(app: &App, t: Lang) -> Vec<String> {
    let now = app.now();
    let told = |health: Health| {
        let (product, time) = (health.system.product(), hour(t, health.since.unwrap_or(now), now));
        match health.condition {
            Condition::Normal => None,
            Condition::Slow => Some(t.staff_slow(product, &time)),
            Condition::Unreachable | Condition::Misconfigured(_) => Some(t.staff_unreachable(product, &time)),
        }
    };
    health::of_directories(app).into_iter().filter_map(told).collect()
}

fn words(t: Lang, condition: &Condition, since: Option<Timestamp>, now: Timestamp) -> String {
    let word = match condition {
        Condition::Normal => return t.health_normal().to_owned(),
        Condition::Slow => t.health_slow(),
        Condition::Unreachable => t.health_unreachable(),
        Condition::Misconfigured(_) => t.health_misconfigured(),
    };
    t.health_since(word, &hour(t, since.unwrap_or(now), now))
}

/// The hour is enough for today, another day is named.
fn hour(t: Lang, at: Timestamp, now: Timestamp) -> String {
    if at.local_date() == now.local_date() { t.clock(at.local()) } else { t.moment(at.local()) }
}
