//! Posts: the one that the directories tell, and those that the city has entered beside it. Somebody with several picks
//! the one in which they work; applications are told of that one first, and of its agency.

use super::Internal;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::PostId;
use crate::services::session::Current;
use crate::storage::{StorageError, Tx, accounts, agencies, audit, posts};

/// By whom posts of those who have left are ended.
const LEFT: &str = "left";

/// A post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Its id; `None`: the one that the directories tell.
    pub id: Option<PostId>,
    /// What it is called, if it is called anything.
    pub title: Option<String>,
    /// At which agency.
    pub agency: Option<Agency>,
    /// Whether its holder works in it now.
    pub is_active: bool,
}

/// The posts of an account, the active one first.
pub async fn of(app: &App, account: &Account) -> Result<Vec<Post>, Internal> {
    let held = posts::of(&app.db, account.id()).await?;
    let profile = account.profile();
    let mut all = Vec::with_capacity(held.len() + 1);
    for one in held {
        all.push(Post {
            id: Some(one.id),
            title: Some(one.title),
            agency: agencies::by_id(&app.db, one.agency).await?,
            is_active: one.is_active,
        });
    }
    let own = match profile.agency_id {
        Some(id) => agencies::by_id(&app.db, id).await?,
        None => None,
    };
    let is_active = all.iter().all(|post| !post.is_active);
    all.insert(0, Post { id: None, title: profile.title.clone(), agency: own, is_active });
    all.sort_by_key(|post| !post.is_active);
    Ok(all)
}

/// The holder of a session works in a post from now on; tells whether it is theirs.
pub async fn choose(app: &App, current: &Current, id: Option<PostId>) -> Result<bool, Internal> {
    let all = of(app, &current.account).await?;
    let Some(post) = all.iter().find(|post| post.id == id) else { return Ok(false) };
    if post.is_active {
        return Ok(true);
    }
    let (account, now) = (&current.account, app.now());
    let mut tx = app.db.begin().await?;
    posts::choose(&mut tx, account.id(), id, now).await?;
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::PostChosen, account).with(in_words(post));
    audit::append(&mut tx, &[entry.from(&current.session.source)]).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends a post that the city has entered, in the transaction of somebody whose right was checked; tells whether it was held.
pub(super) async fn end(
    app: &App,
    tx: &mut Tx,
    (by, actor): (&str, Actor),
    id: PostId,
    why: &str,
) -> Result<bool, StorageError> {
    let Some(held) = posts::by_id(&app.db, id).await? else { return Ok(false) };
    let Some(account) = accounts::by_id(&app.db, held.account).await? else { return Ok(false) };
    let now = app.now();
    if !posts::end(tx, id, by, now).await? {
        return Ok(false);
    }
    let entry = Entry::about(now, actor, Act::PostEnded, &account).with(held.title.as_str()).because(why);
    audit::append(tx, &[entry]).await?;
    Ok(true)
}

/// Whoever leaves holds no posts any more; the lines of the audit.
pub(super) async fn leave(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    actor: &Actor,
) -> Result<Vec<Entry>, StorageError> {
    let now = app.now();
    let ended = posts::end_all(tx, account.id(), LEFT, now).await?;
    let line = |held: posts::Held| Entry::about(now, actor.clone(), Act::PostEnded, account).with(held.title);
    Ok(ended.into_iter().map(line).collect())
}

/// A post in words: `Phó Giám đốc, Sở Khoa học và Công nghệ`.
pub fn in_words(post: &Post) -> String {
    let agency = post.agency.as_ref().map(|agency| agency.name.clone());
    let parts: Vec<_> = post.title.clone().into_iter().chain(agency).collect();
    parts.join(", ")
}
