//! A few connections that stay open for look-ups, so that a sign-in does not pay for connecting and signing in as
//! the service account. Nothing but reading is done on them, so that anything may be asked twice.

use super::{Connector, Entry, Identity, Link, Query};
use crate::directory::DirectoryError;
use ldap3::Scope;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Look-ups at the same time; more wait for their turn.
const AT_ONCE: usize = 8;
/// Connections that are kept open between look-ups.
const KEPT: usize = 4;
/// AD cuts an idle connection after 900 s, firewalls often after 300 s.
const IDLE: Duration = Duration::from_mins(4);

/// The open connections of one service account.
pub struct Readers {
    connector: Arc<Connector>,
    who: Identity,
    idle: Mutex<Vec<(Link, Instant)>>,
    turns: Semaphore,
}

impl Readers {
    /// None open yet.
    pub fn new(connector: Arc<Connector>, who: Identity) -> Self {
        Self { connector, who, idle: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }

    /// The service account.
    pub fn who(&self) -> &Identity {
        &self.who
    }

    /// Looks something up.
    pub async fn search(&self, query: &Query<'_>) -> Result<Vec<Entry>, DirectoryError> {
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        if let Some(mut link) = self.take() {
            match link.search(query).await {
                Ok(found) => {
                    self.keep(link);
                    return Ok(found);
                }
                // it had gone stale, and the others likely too
                Err(DirectoryError::Unreachable { .. }) => self.drop_all(),
                Err(error) => return Err(error),
            }
        }
        let mut link = self.connector.open_as(&self.who).await?;
        let found = link.search(query).await?;
        self.keep(link);
        Ok(found)
    }

    /// Asks for nothing but whether an entry is there, so that it is known how the directory answers.
    pub async fn look(&self, base: &str) -> Result<(), DirectoryError> {
        let (scope, filter, attributes) = (Scope::Base, "(objectClass=*)", &["objectClass"]);
        let query = Query { doing: "asking how it is", base, scope, filter, attributes };
        self.search(&query).await.map(|_| ())
    }

    fn take(&self) -> Option<Link> {
        let now = Instant::now();
        let max_age = self.connector.max_age();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(link, since)| is_fresh(now, link.opened(), *since, max_age));
        idle.pop().map(|(link, _)| link)
    }

    fn keep(&self, link: Link) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push((link, Instant::now()));
        }
    }

    fn drop_all(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Whether a kept connection may still be used. An old one is replaced although it works, so that another address of
/// the server, a new certificate or a right that was taken away are noticed.
fn is_fresh(now: Instant, opened: Instant, idle_since: Instant, max_age: Duration) -> bool {
    now.duration_since(idle_since) < IDLE && now.duration_since(opened) < max_age
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_given_up_when_it_is_old_or_was_idle_for_long() {
        let (opened, max_age) = (Instant::now(), Duration::from_mins(10));
        let after = |age, idle| {
            let now = opened + Duration::from_secs(age);
            is_fresh(now, opened, now.checked_sub(Duration::from_secs(idle)).unwrap_or(now), max_age)
        };
        assert!(after(599, 0), "in use all the time");
        assert!(!after(600, 0), "as old as it may become");
        assert!(after(300, 239));
        assert!(!after(300, 240), "idle for four minutes");
    }
}
