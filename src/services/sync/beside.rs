//! What a mail system keeps outside its directory (OBM's SQL): laid over what the directory told, and a reason to look at
//! an entry again that did not change. Where it cannot be read, what was last read of it stays.

use super::super::{Internal, chain};
use super::reading::MANY;
use crate::app::App;
use crate::directory::Directory;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{Reading, Seen};
use crate::domain::watch::{Beside as Facts, Watched};
use crate::storage::{beside as rows, directory_entries as entries, mailboxes};
use std::collections::{HashMap, HashSet};

/// Rows written down in one transaction.
const BATCH: usize = 1000;

/// How many archived people a report names.
const NAMES: usize = 5;

/// What one mail system keeps beside its directory; empty where it keeps nothing.
pub(super) struct Beside {
    system: MailSystem,
    /// By login, in small letters; `None`: it keeps nothing beside.
    facts: Option<HashMap<String, Facts>>,
    /// Logins of which something changed, with what is to be written down now.
    changed: Vec<(String, Option<String>)>,
    error: Option<String>,
    archived: Vec<String>,
}

impl Beside {
    /// Asks for it.
    pub(super) async fn read(app: &App, directory: &dyn Directory) -> Result<Self, Internal> {
        let system = directory.system();
        let mut beside = Self { system, facts: None, changed: Vec::new(), error: None, archived: Vec::new() };
        let Some(told) = directory.beside().await else { return Ok(beside) };
        let mut before: HashMap<String, String> = rows::every(&app.db, system).await?.into_iter().collect();
        match told {
            Err(error) => {
                tracing::warn!(?system, "reading beside a directory: {}", chain(&error));
                beside.error = Some(chain(&error));
                let facts = before.iter().map(|(login, body)| Ok((login.clone(), rows::read(login, body)?)));
                beside.facts = Some(facts.collect::<Result<_, Internal>>()?);
            }
            Ok(all) => {
                for facts in &all {
                    let new = rows::written(facts);
                    if before.remove(&facts.login).is_none_or(|old| old != new) {
                        beside.changed.push((facts.login.clone(), Some(new)));
                    }
                }
                beside.changed.extend(before.into_keys().map(|login| (login, None)));
                beside.facts = Some(all.into_iter().map(|facts| (facts.login.clone(), facts)).collect());
            }
        }
        Ok(beside)
    }

    /// Which mail system.
    pub(super) const fn system(&self) -> MailSystem {
        self.system
    }

    /// What went wrong, and who is archived in the one and still in the other.
    pub(super) fn note(&self) -> Option<String> {
        if let Some(error) = &self.error {
            return Some(format!("SQL: {error}"));
        }
        let (first, number) = (&self.archived[..self.archived.len().min(NAMES)], self.archived.len());
        (number > 0).then(|| format!("SQL: {number} archived, still in LDAP: {}", first.join(", ")))
    }

    /// Lays what is kept beside over what the directory told.
    pub(super) fn enrich(&mut self, what: &mut Seen) {
        let (Seen::Mailbox(mailbox), Some(all)) = (what, &self.facts) else { return };
        let Some(facts) = all.get(&mailbox.key.login.to_lowercase()) else {
            (mailbox.watched, mailbox.last_used_at) = (Watched::default(), None);
            return;
        };
        mailbox.watched = facts.watched.clone();
        mailbox.last_used_at = facts.last_used_at;
        if mailbox.staff_number.is_none() {
            mailbox.staff_number.clone_from(&facts.external_id);
        }
        if facts.is_archived {
            self.archived.push(mailbox.key.login.clone());
        }
    }

    /// Adds the entries that the directory did not send although something beside them changed.
    pub(super) async fn add(
        &mut self,
        app: &App,
        reading: &Reading,
        gathered: &mut HashMap<String, Option<Seen>>,
    ) -> Result<(), Internal> {
        if reading.is_whole() || self.changed.is_empty() {
            return Ok(());
        }
        for mut kept in self.concerned(app).await? {
            if !reading.rest.takes_away(&kept.id) && !gathered.contains_key(&kept.id) {
                self.enrich(&mut kept.what);
                gathered.insert(kept.id, Some(kept.what));
            }
        }
        Ok(())
    }

    /// The entries as they were last read of whose logins something changed.
    async fn concerned(&self, app: &App) -> Result<Vec<entries::KeptEntry>, Internal> {
        let mut concerned = Vec::new();
        if self.changed.len() > MANY {
            let changed: HashSet<&str> = self.changed.iter().map(|(login, _)| login.as_str()).collect();
            concerned = entries::every(&app.db, self.system).await?;
            concerned.retain(|kept| match &kept.what {
                Seen::Mailbox(mailbox) => changed.contains(mailbox.key.login.to_lowercase().as_str()),
                Seen::PassedOver(_) | Seen::Nothing => false,
            });
            return Ok(concerned);
        }
        for (login, _) in &self.changed {
            let Some(id) = mailboxes::native_id(&app.db, self.system, login).await? else { continue };
            concerned.extend(entries::by_id(&app.db, self.system, &id).await?);
        }
        Ok(concerned)
    }

    /// Writes down what was read, after the entries themselves.
    pub(super) async fn keep(&self, app: &App) -> Result<(), Internal> {
        for batch in self.changed.chunks(BATCH) {
            let mut tx = app.db.begin().await?;
            let there = batch.iter().filter_map(|(login, body)| Some((login.as_str(), body.clone()?)));
            rows::put(&mut tx, self.system, &there.collect::<Vec<_>>()).await?;
            for (login, _) in batch.iter().filter(|(_, body)| body.is_none()) {
                rows::delete(&mut tx, self.system, login).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}
