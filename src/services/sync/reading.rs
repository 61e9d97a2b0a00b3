//! Reading the directories: what changed since the last run, or everything, held against what was read before.

use super::super::{Internal, chain, watch};
use super::beside::Beside;
use super::meter::{Meter, Phase};
use super::{DirectoryReport, Order};
use crate::app::App;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{PassedOver, Reading, Rest, Seen, SeenEntry, SeenMailbox, Snapshot};
use crate::storage::directory_entries::{self as entries, Digest, Position, Written};
use std::collections::{HashMap, HashSet};

/// From so many changes on, what is known is compared as a whole and not entry by entry.
pub(super) const MANY: usize = 500;

/// Entries written down in one transaction.
const BATCH: usize = 1000;

/// What was sent, by id; `None` for what is as it was.
type Gathered = HashMap<String, Option<Seen>>;

/// What tells the entries that were read before from others, by id.
type Digests = HashMap<String, Digest>;

/// What was read of one directory and is not as it was read before.
pub(super) struct Read {
    pub(super) system: MailSystem,
    reading: Reading,
    /// What the next read goes on from, and when everything was last read.
    position: Position,
    /// Mailboxes that are new or changed, or of which something could not be done yet; [`Read::snapshot`] takes them.
    pub(super) mailboxes: HashMap<String, SeenMailbox>,
    /// Their ids, also when they were taken.
    news: HashSet<String>,
    /// Entries left out that are new or changed.
    passed_over: HashMap<String, PassedOver>,
    /// Entries that are gone.
    pub(super) gone: HashSet<String>,
    /// What is kept outside the directory.
    beside: Beside,
}

impl Read {
    /// Whether everything was read, not only what changed.
    pub(super) fn is_whole(&self) -> bool {
        self.reading.is_whole()
    }

    /// How many mailboxes there are now.
    pub(super) fn number(&self) -> usize {
        usize::try_from(self.position.mailboxes).unwrap_or(0)
    }

    /// Counts them: what was there, and what came and went.
    async fn count(&mut self, app: &App) -> Result<(), Internal> {
        let mut number = self.position.mailboxes + i64::try_from(self.mailboxes.len()).unwrap_or(i64::MAX);
        if self.position.mailboxes > 0 {
            for id in self.mailboxes.keys().chain(self.passed_over.keys()).chain(&self.gone) {
                number -= i64::from(entries::is_mailbox(&app.db, self.system, id).await?);
            }
        }
        self.position.mailboxes = number;
        Ok(())
    }

    /// How many entries are not as they were.
    pub(super) fn news(&self) -> usize {
        self.news.len() + self.passed_over.len() + self.gone.len()
    }

    fn is_news(&self, id: &str) -> bool {
        self.news.contains(id) || self.passed_over.contains_key(id) || self.gone.contains(id)
    }

    /// The mailbox as it is now; `None` if it is not there any more.
    pub(super) async fn mailbox(&self, app: &App, id: &str) -> Result<Option<SeenMailbox>, Internal> {
        if self.is_news(id) {
            return Ok(self.mailboxes.get(id).cloned());
        }
        let kept = entries::by_id(&app.db, self.system, id).await?;
        Ok(kept.and_then(|kept| kept.what.into_mailbox()))
    }

    /// Everything that the directory holds now.
    pub(super) async fn snapshot(&mut self, app: &App) -> Result<Snapshot, Internal> {
        let mut all = Snapshot {
            system: self.system,
            mailboxes: std::mem::take(&mut self.mailboxes).into_values().collect(),
            passed_over: self.passed_over.values().cloned().collect(),
        };
        let mut after = String::new();
        loop {
            let page = entries::page(&app.db, self.system, &after).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.id);
            for kept in page {
                if !self.is_news(&kept.id) {
                    all.take(kept.what);
                }
            }
        }
        // In an order that does not change from run to run.
        all.mailboxes.sort_by(|a, b| a.key.native_id.cmp(&b.key.native_id));
        all.passed_over.sort_by(|a, b| a.entry.cmp(&b.entry));
        Ok(all)
    }

    /// The entries that the directory holds now and that were left out.
    pub(super) async fn passed_over(&self, app: &App) -> Result<Vec<PassedOver>, Internal> {
        let mut all: Vec<_> = self.passed_over.values().cloned().collect();
        for kept in entries::set_aside(&app.db, self.system).await? {
            if let (Seen::PassedOver(passed), false) = (kept.what, self.is_news(&kept.id)) {
                all.push(passed);
            }
        }
        all.sort_by(|a, b| a.entry.cmp(&b.entry));
        Ok(all)
    }

    /// Writes down what was read, after everything that it asks for was done, except for what asks for something that
    /// could not be. The position last: a crash before it makes the next run read the same once more.
    pub(super) async fn keep(
        &self,
        app: &App,
        snapshot: &Snapshot,
        unsettled: &HashSet<&str>,
    ) -> Result<(), Internal> {
        let news: Vec<&SeenMailbox> =
            snapshot.mailboxes.iter().filter(|seen| self.news.contains(&seen.key.native_id)).collect();
        let is_gone = |id: &str| self.gone.contains(id) || self.passed_over.contains_key(id);
        watch::note(app, self.system, &news, is_gone).await?;
        for batch in news.chunks(BATCH) {
            let written = |seen: &&SeenMailbox| {
                let settled = !unsettled.contains(seen.key.login.as_str());
                (seen.key.native_id.clone(), entries::written_mailbox(seen), settled)
            };
            put(app, self.system, batch.iter().map(written).collect()).await?;
        }
        let passed: Vec<_> = self.passed_over.iter().collect();
        for batch in passed.chunks(BATCH) {
            let written = |(id, passed): &(&String, &PassedOver)| {
                Some(((*id).clone(), entries::written(&Seen::PassedOver((*passed).clone()))?, true))
            };
            put(app, self.system, batch.iter().filter_map(written).collect()).await?;
        }
        self.beside.keep(app).await?;
        let mut tx = app.db.begin().await?;
        for id in &self.gone {
            entries::delete(&mut tx, self.system, id).await?;
        }
        entries::set_position(&mut tx, self.system, &self.position).await?;
        Ok(tx.commit().await?)
    }
}

async fn put(app: &App, system: MailSystem, batch: Vec<(String, Written, bool)>) -> Result<(), Internal> {
    let mut tx = app.db.begin().await?;
    entries::put(&mut tx, system, &batch, app.now()).await?;
    Ok(tx.commit().await?)
}

/// Reads every directory, or only one. One that cannot be read is reported and leaves its mailboxes as they are.
pub(super) async fn read(
    app: &App,
    order: &Order,
    meter: &Meter,
) -> Result<(Vec<Read>, Vec<DirectoryReport>), Internal> {
    let (mut reads, mut reports) = (Vec::new(), Vec::new());
    for directory in app.directories.iter() {
        let system = directory.system();
        if order.only.is_some_and(|only| only != system) {
            continue;
        }
        let mut report = DirectoryReport::nothing(system.code());
        let kept = entries::position(&app.db, system).await?;
        let began = app.now();
        let fresh = kept
            .as_ref()
            .filter(|kept| !order.everything && began.since(kept.whole_at) < app.config.sync.whole_every);
        let since = fresh.and_then(|kept| kept.position.as_deref());
        let there = kept.as_ref().map_or(0, |kept| kept.mailboxes);
        if since.is_none() {
            meter.expect(usize::try_from(there).unwrap_or(0));
        }
        let (mut gathered, mut sent) = (HashMap::new(), 0);
        let known = if since.is_none() { Some(digests(app, system).await?) } else { None };
        let mut beside = Beside::read(app, directory.as_ref()).await?;
        let mut each = |entry: SeenEntry| {
            meter.count(1);
            sent += 1;
            let SeenEntry { id, mut what } = entry;
            beside.enrich(&mut what);
            // What is as it was need not be kept in memory; that it was sent must.
            let is_known = known.as_ref().and_then(|known| known.get(&id));
            let same =
                is_known.is_some_and(|old| entries::written(&what).is_some_and(|new| new.digest == *old));
            gathered.insert(id, if same { None } else { Some(what) });
        };
        match directory.read(since, &mut each).await {
            Ok(reading) => {
                report.whole = reading.is_whole();
                report.changed = sent;
                let whole_at = match kept {
                    Some(kept) if !reading.is_whole() => kept.whole_at,
                    _ => began,
                };
                beside.add(app, &reading, &mut gathered).await?;
                report.note = beside.note();
                let position = reading.position.clone();
                let position = Position { position, whole_at, read_at: began, mailboxes: there };
                let read = compare(app, (reading, position), (gathered, known), beside).await?;
                reads.push(read);
            }
            Err(error) => {
                tracing::warn!(system = report.system, "reading a directory: {}", chain(&error));
                report.error = Some(chain(&error));
            }
        }
        reports.push(report);
    }
    meter.enter(Phase::Planning, 0);
    Ok((reads, reports))
}

async fn digests(app: &App, system: MailSystem) -> Result<Digests, Internal> {
    Ok(entries::digests(&app.db, system).await?.into_iter().collect())
}

/// Holds what was sent against what was read before, which is known already if it was compared while it came.
async fn compare(
    app: &App,
    (reading, position): (Reading, Position),
    (gathered, known): (Gathered, Option<Digests>),
    beside: Beside,
) -> Result<Read, Internal> {
    let system = beside.system();
    let mut read = Read {
        system,
        position,
        mailboxes: HashMap::new(),
        news: HashSet::new(),
        passed_over: HashMap::new(),
        gone: HashSet::new(),
        reading,
        beside,
    };
    let known = match (known, &read.reading.rest) {
        (Some(known), _) => known,
        (None, Rest::StaysBut(gone)) if gathered.len() <= MANY => {
            few_digests(app, system, gathered.keys().chain(gone)).await?
        }
        (None, _) => digests(app, system).await?,
    };
    for id in known.keys() {
        let is_gone = match gathered.get(id) {
            Some(what) => *what == Some(Seen::Nothing),
            None => read.reading.rest.takes_away(id),
        };
        if is_gone {
            read.gone.insert(id.clone());
        }
    }
    for (id, what) in gathered {
        let Some(what) = what else { continue };
        let Some(written) = entries::written(&what) else { continue };
        if known.get(&id) != Some(&written.digest) {
            read.take(id, what);
        }
    }
    for kept in entries::unsettled(&app.db, system).await? {
        let is_told = read.mailboxes.contains_key(&kept.id) || read.is_news(&kept.id);
        if !is_told {
            read.take(kept.id, kept.what);
        }
    }
    read.news = read.mailboxes.keys().cloned().collect();
    read.count(app).await?;
    Ok(read)
}

/// The digests of these entries, as far as they are known.
async fn few_digests(
    app: &App,
    system: MailSystem,
    ids: impl Iterator<Item = &String>,
) -> Result<Digests, Internal> {
    let mut known = HashMap::new();
    for id in ids {
        if let Some(digest) = entries::digest_of(&app.db, system, id).await? {
            known.insert(id.clone(), digest);
        }
    }
    Ok(known)
}

impl Read {
    fn take(&mut self, id: String, what: Seen) {
        match what {
            Seen::Mailbox(mailbox) => drop(self.mailboxes.insert(id, *mailbox)),
            Seen::PassedOver(passed) => drop(self.passed_over.insert(id, passed)),
            Seen::Nothing => {}
        }
    }
}
