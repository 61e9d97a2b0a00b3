//! What the house knows of those whom a run concerns: everybody after a whole read, else whoever has to do with a change.

use super::super::Internal;
use super::reading::{MANY, Read};
use crate::app::App;
use crate::domain::account::StateName;
use crate::domain::id::AccountId;
use crate::domain::mailbox::{MailSystem, Mailbox};
use crate::domain::sync::{Known, SeenMailbox, Size, Snapshot};
use crate::domain::timestamp::Timestamp;
use crate::storage::{accounts, aliases, directory_entries, directory_locks, mailboxes};
use std::collections::{BTreeSet, HashMap};

/// What a plan is made from.
pub(super) struct Ground {
    pub(super) known: Vec<Known>,
    pub(super) snapshots: Vec<Snapshot>,
    pub(super) size: Size,
}

/// Gathers it: `of_all` where the plan must be made of all, whatever changed. `read_from` is when the reading
/// began.
pub(super) async fn gather(
    app: &App,
    reads: &mut [Read],
    of_all: bool,
    read_from: Timestamp,
) -> Result<Ground, Internal> {
    let systems: Vec<_> = reads.iter().map(|read| read.system).collect();
    let news: usize = reads.iter().map(Read::news).sum();
    if of_all || news > MANY || reads.iter().any(Read::is_whole) {
        let mut snapshots = Vec::new();
        for read in reads.iter_mut() {
            snapshots.push(read.snapshot(app).await?);
        }
        let known = everybody(app, &systems, read_from).await?;
        let size = Size::of(&known, &systems);
        return Ok(Ground { known, snapshots, size });
    }
    let mut known = Vec::new();
    for id in concerned(app, reads).await? {
        known.extend(one(app, id, &systems, read_from).await?);
    }
    let mut snapshots = Vec::new();
    for read in reads.iter() {
        snapshots.push(of_the_concerned(app, read, &known).await?);
    }
    Ok(Ground { known, snapshots, size: size(app, &systems).await? })
}

/// Whoever has a mailbox that changed or is gone, or holds an address that a changed one asks for.
async fn concerned(app: &App, reads: &[Read]) -> Result<BTreeSet<AccountId>, Internal> {
    let mut ids = BTreeSet::new();
    for read in reads {
        for id in read.mailboxes.keys().chain(&read.gone) {
            ids.extend(mailboxes::holder(&app.db, read.system, id).await?);
        }
        for seen in read.mailboxes.values() {
            if read.system == MailSystem::Obm {
                ids.extend(mailboxes::holder_of_login(&app.db, read.system, &seen.key.login).await?);
            }
            for address in std::iter::once(&seen.address).chain(&seen.aliases) {
                ids.extend(accounts::by_address(&app.db, address).await?.map(|account| account.id()));
            }
        }
    }
    Ok(ids)
}

/// What a directory holds of them, changed or not, and whoever is new.
async fn of_the_concerned(app: &App, read: &Read, known: &[Known]) -> Result<Snapshot, Internal> {
    let mut mailboxes: Vec<_> = read.mailboxes.values().cloned().collect();
    for mailbox in known.iter().flat_map(|known| &known.mailboxes) {
        let id = mailbox.key.native_id.as_str();
        if mailbox.key.system == read.system && !read.mailboxes.contains_key(id) {
            mailboxes.extend(read.mailbox(app, id).await?);
        }
    }
    mailboxes.sort_by(|a, b| a.key.native_id.cmp(&b.key.native_id));
    Ok(Snapshot { system: read.system, mailboxes, passed_over: read.passed_over(app).await? })
}

async fn size(app: &App, read: &[MailSystem]) -> Result<Size, Internal> {
    let mut size = Size::default();
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    for system in read {
        size.mailboxes += number(mailboxes::number(&app.db, *system).await?);
    }
    for count in accounts::counts(&app.db, None).await? {
        size.accounts += number(count.number);
        if matches!(count.state, StateName::Active | StateName::MustChange) {
            size.open += number(count.number);
        }
    }
    Ok(size)
}

/// What a directory was last read to hold, by native id.
async fn kept_in(app: &App, system: MailSystem) -> Result<HashMap<String, SeenMailbox>, Internal> {
    let kept = directory_entries::every(&app.db, system).await?.into_iter();
    Ok(kept.filter_map(|kept| Some((kept.id, kept.what.into_mailbox()?))).collect())
}

async fn one(
    app: &App,
    id: AccountId,
    read: &[MailSystem],
    read_from: Timestamp,
) -> Result<Option<Known>, Internal> {
    let Some(account) = accounts::by_id(&app.db, id).await? else { return Ok(None) };
    let orders = directory_locks::of_account(&app.db, id).await?;
    let locked = orders.iter().filter(|order| order.explains_disabled(read_from));
    let mailboxes = mailboxes::of_account(&app.db, id).await?;
    let mut unread = Vec::new();
    for key in mailboxes.iter().map(|mailbox| &mailbox.key).filter(|key| !read.contains(&key.system)) {
        let kept = directory_entries::by_id(&app.db, key.system, &key.native_id).await?;
        unread.extend(kept.and_then(|kept| kept.what.into_mailbox()));
    }
    Ok(Some(Known {
        account,
        mailboxes,
        unread,
        aliases: aliases::of(&app.db, id).await?,
        locked_by_us: locked.map(|order| order.mailbox.system).collect(),
    }))
}

/// Everybody, where these directories were read.
pub(super) async fn everybody(
    app: &App,
    read: &[MailSystem],
    read_from: Timestamp,
) -> Result<Vec<Known>, Internal> {
    let mut kept: HashMap<MailSystem, HashMap<String, SeenMailbox>> = HashMap::new();
    for system in MailSystem::ALL.into_iter().filter(|system| !read.contains(system)) {
        kept.insert(system, kept_in(app, system).await?);
    }
    let mut locked: HashMap<AccountId, Vec<_>> = HashMap::new();
    for order in directory_locks::every(&app.db).await? {
        if order.explains_disabled(read_from) {
            locked.entry(order.account_id).or_default().push(order.mailbox.system);
        }
    }
    let mut aliases = aliases::every(&app.db).await?;
    let mut boxes: HashMap<AccountId, Vec<_>> = HashMap::new();
    for mailbox in mailboxes::every(&app.db).await? {
        boxes.entry(mailbox.account_id).or_default().push(mailbox);
    }
    let accounts = accounts::every(&app.db).await?;
    Ok(accounts
        .into_iter()
        .map(|account| {
            let id = account.id();
            let mailboxes: Vec<Mailbox> = boxes.remove(&id).unwrap_or_default();
            let unread = |mailbox: &Mailbox| {
                kept.get_mut(&mailbox.key.system).and_then(|kept| kept.remove(&mailbox.key.native_id))
            };
            Known {
                account,
                unread: mailboxes.iter().filter_map(unread).collect(),
                mailboxes,
                aliases: aliases.remove(&id).unwrap_or_default(),
                locked_by_us: locked.remove(&id).unwrap_or_default(),
            }
        })
        .collect())
}
