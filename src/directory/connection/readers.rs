//! A few connections that stay open for look-ups, so that a sign-in does not pay for connecting and signing in as
//! the service account. Nothing but reading is done on them, so that anything may be asked twice.

use super::{Connector, Entry, Identity, Link, Query};
use crate::directory::DirectoryError;
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

    fn take(&self) -> Option<Link> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < IDLE);
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
