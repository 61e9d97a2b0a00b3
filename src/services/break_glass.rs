//! Break-glass: a code on paper in a sealed envelope opens the administration when directories, passwords or locks keep
//! every administrator out. It is used once, lives for some hours, and is loud: a letter to every administrator of the
//! city and every security officer, the audit, a banner on each page of the console.
//!
//! It stands for the role of the account for which it was made, and ends with it: whoever loses the role over the city has
//! no codes any more, and no session that one has opened.

use super::{Internal, letters};
use crate::app::App;
use crate::domain::account::{Account, LockReason, State};
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Reach, Role};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::chance;
use crate::domain::id::{GlassId, SessionId};
use crate::domain::secret::Secret;
use crate::domain::session::{Door, Proof, Session, SessionEnd};
use crate::domain::throttle::{Limit, network_of};
use crate::domain::timestamp::Timestamp;
use crate::storage::{
    StorageError, Tx, accounts, administrators, audit, break_glass as codes, grants, logout_notices,
    sessions, throttles,
};
use thiserror::Error;
use time::Duration;

pub use crate::storage::break_glass::Glass;

/// Letters and digits that are not mistaken for each other.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Characters of a code: 120 bits.
const LENGTH: usize = 24;

/// So many wrong codes from one address, then a pause.
const LIMIT: Limit = Limit { failures: 5, window: Duration::minutes(15), pause: Duration::minutes(15) };

/// Why a code was not made, or opened nothing.
#[derive(Debug, Error)]
pub enum GlassRefused {
    /// The code is wrong, used, or revoked; or too many wrong ones came from there.
    #[error("the code is not good")]
    Wrong,
    /// The account is no administrator of the city.
    #[error("{0} is no administrator of the city")]
    NotMighty(MailAddress),
    /// There is no such code that could be revoked.
    #[error("there is no unused code {0}")]
    NoCode(GlassId),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for GlassRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Makes a code for an administrator of the city. It is shown once.
pub async fn make(app: &App, address: &MailAddress) -> Result<(GlassId, Secret<String>), GlassRefused> {
    let now = app.now();
    let account = accounts::by_address(&app.db, address).await?;
    let mighty = || GlassRefused::NotMighty(address.clone());
    let account = account.ok_or_else(mighty)?;
    if !stands(app, &account).await? {
        return Err(mighty());
    }
    let bytes = chance::bytes::<LENGTH>(app.system.entropy());
    let letters: Vec<u8> = bytes.iter().map(|byte| ALPHABET[usize::from(byte % 32)]).collect();
    let groups: Vec<_> = letters.chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    let code = groups.join("-");
    let id = GlassId::new(now, app.system.entropy());
    let glass =
        Glass { id, account_id: account.id(), made_at: now, used_at: None, until: None, revoked_at: None };
    let entry = Entry::about(now, Actor::CommandLine, Act::BreakGlassMade, &account).with(id.to_string());
    let mut tx = app.db.begin().await?;
    codes::add(&mut tx, &glass, &digest(app, &code)).await?;
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    Ok((id, Secret::new(code)))
}

/// Every code with whose it is.
pub async fn list(app: &App) -> Result<Vec<(Glass, String)>, Internal> {
    let mut all = Vec::new();
    for glass in codes::every(&app.db).await? {
        let account = accounts::by_id(&app.db, glass.account_id).await?;
        let address = account.map(|account| account.profile().address.to_string()).unwrap_or_default();
        all.push((glass, address));
    }
    Ok(all)
}

/// Makes a code worthless.
pub async fn revoke(app: &App, id: GlassId) -> Result<(), GlassRefused> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !codes::revoke(&mut tx, id, now).await? {
        return Err(GlassRefused::NoCode(id));
    }
    let entry = Entry::new(now, Actor::CommandLine, Act::BreakGlassRevoked, id.to_string());
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

/// Opens a session of the administration with a code whose account still has the role over the city, also while a deadline
/// or a directory locks it.
pub async fn open(app: &App, typed: &str, source: &str, agent: &str) -> Result<Session, GlassRefused> {
    let now = app.now();
    let key = format!("break-glass:{}", app.keyring.keyed_digest("throttle", &network_of(source)));
    if throttles::count(&app.db, &key).await?.wait(now).is_some() {
        return Err(GlassRefused::Wrong);
    }
    let digest = digest(app, typed);
    let Some(account) = holder(app, &digest).await? else { return refuse(app, &key, source).await };
    let until = now.plus(app.config.admin.break_glass_life);
    let session = Session {
        id: SessionId::new(now, app.system.entropy()),
        account_id: account.id(),
        door: Door::Admin,
        auth_time: now,
        proof: Proof::BIND,
        factor_at: None,
        last_seen_at: now,
        expires_at: until,
        source: source.to_owned(),
        user_agent: agent.to_owned(),
    };
    let told = letters::glass_broken(app, &account, session.id, until).await?;
    let holder = Actor::Holder(account.profile().address.to_string());
    let mut tx = app.db.begin().await?;
    let Some(glass) = codes::use_up(&mut tx, &digest, session.id, now, until).await? else {
        return Err(GlassRefused::Wrong);
    };
    sessions::insert(&mut tx, &session).await?;
    letters::write_all(app, &mut tx, told).await?;
    let entry = Entry::about(now, holder, Act::BreakGlassUsed, &account).with(glass.id.to_string());
    audit::append(&mut tx, &[entry.from(source)]).await?;
    tx.commit().await?;
    tracing::error!(account = %account.profile().address, source, "a break-glass code opened the administration");
    Ok(session)
}

/// Whose code it is, if it is good and still stands for a role.
async fn holder(app: &App, digest: &str) -> Result<Option<Account>, Internal> {
    let Some(glass) = codes::by_digest(&app.db, digest).await? else { return Ok(None) };
    let Some(account) = accounts::by_id(&app.db, glass.account_id).await? else { return Ok(None) };
    Ok(if stands(app, &account).await? { Some(account) } else { None })
}

/// Whether an account has the role over the city, also one that merely rests under a lock by a deadline or a directory:
/// that is what a code is for. A lock on an administrator's word is a word against its holder.
async fn stands(app: &App, account: &Account) -> Result<bool, Internal> {
    let is_shut_out = match account.state() {
        State::Retired { .. } => true,
        State::Locked { reason, .. } => *reason == LockReason::ByAdministrator,
        State::Active { .. } | State::MustChangePassword { .. } => false,
    };
    if is_shut_out {
        return Ok(false);
    }
    let held = administrators::of_account(&app.db, account.id(), app.now()).await?;
    Ok(held.iter().any(|grant| grant.role == Role::City))
}

async fn refuse(app: &App, key: &str, source: &str) -> Result<Session, GlassRefused> {
    let now = app.now();
    let entry = Entry::new(now, Actor::Stranger, Act::BreakGlassRefused, "break-glass").from(source);
    let mut tx = app.db.begin().await?;
    throttles::failed(&mut tx, key, None, LIMIT, now).await?;
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    Err(GlassRefused::Wrong)
}

/// Whether a code opened a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    /// It was opened as any other.
    Not,
    /// It was, and goes on.
    Lives,
    /// It was, and is over: by its time, or with the role for which the code was made. It is nothing else instead.
    Over,
}

/// Whether a code opened this session of the account, and whether it still lives.
pub(super) async fn opened(app: &App, session: &Session, account: &Account) -> Result<Opened, Internal> {
    if session.door != Door::Admin {
        return Ok(Opened::Not);
    }
    let Some(glass) = codes::of_session(&app.db, session.id).await? else { return Ok(Opened::Not) };
    let is_in_time = glass.until.is_some_and(|until| app.now() < until);
    Ok(if is_in_time && stands(app, account).await? { Opened::Lives } else { Opened::Over })
}

/// The role over the city has ended: the codes of its account are worthless, and what one has opened ends. Tells the lines
/// of the audit. After the role itself, so that a code that is typed at this moment is found here, or finds no role.
pub(super) async fn end_with_role(
    tx: &mut Tx,
    account: &Account,
    (actor, why): (&Actor, &str),
    now: Timestamp,
) -> Result<Vec<Entry>, StorageError> {
    let line = |act, what: String| {
        let entry = Entry::about(now, actor.clone(), act, account).with(what);
        if why.is_empty() { entry } else { entry.because(why) }
    };
    let mut entries = Vec::new();
    for glass in codes::revoke_of(tx, account.id(), now).await? {
        entries.push(line(Act::BreakGlassRevoked, glass.to_string()));
    }
    for session in codes::sessions_of(tx, account.id(), now).await? {
        logout_notices::order(tx, account.id(), Some(session), None, now).await?;
        sessions::end(tx, session, SessionEnd::EndedByAdministrator, now).await?;
        grants::end_of_session(tx, session, now).await?;
        entries.push(line(Act::SessionEnded, session.to_string()));
    }
    Ok(entries)
}

/// The proof of role in such a session: the whole city.
pub(super) fn proof(account: &Account) -> Administrator {
    Administrator::holding(account, Role::City, Reach::City)
}

/// Whose sessions that a code opened are open now, and until when: for the banner of every page of the console.
pub async fn live(app: &App) -> Result<Vec<(String, Timestamp)>, Internal> {
    let mut all = Vec::new();
    for glass in codes::live(&app.db, app.now()).await? {
        if let (Some(account), Some(until)) = (accounts::by_id(&app.db, glass.account_id).await?, glass.until)
            && stands(app, &account).await?
        {
            all.push((account.profile().address.to_string(), until));
        }
    }
    Ok(all)
}

/// Whether a code has opened the administration for somebody just now.
pub(super) async fn is_live_for(app: &App, account: &Account) -> Result<bool, Internal> {
    let live = codes::live(&app.db, app.now()).await?;
    Ok(live.iter().any(|glass| glass.account_id == account.id()) && stands(app, account).await?)
}

/// What is kept of a code; how it was typed does not matter.
fn digest(app: &App, typed: &str) -> String {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    app.keyring.keyed_digest("break glass", &plain.to_ascii_uppercase())
}
