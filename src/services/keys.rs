//! The signing keys: made at the first start, sealed at rest, opened into memory, turned without a gap.
//!
//! One key of each algorithm signs: RS256 always, the others from the first token on that an application wants so.
//!
//! Several nodes share them through the database; each looks again every few minutes, and at once when it meets a
//! token of a key that it does not know.

use super::approvals::{self, Stopped};
use super::{Internal, rights};
use crate::app::App;
use crate::crypto::jwt::SigningKeys;
use crate::crypto::signing_key::{SigningKey, generate};
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::approval::{Deed, Matter, Preview};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::key::{KeyState, SigningAlg, may_go, may_sign};
use crate::domain::timestamp::Timestamp;
use crate::storage::keys::SealedKey;
use crate::storage::{StorageError, audit, keys};
use std::sync::{Arc, PoisonError};
use thiserror::Error;
use time::Duration;

/// The purpose under which private parts are sealed.
const PURPOSE: &str = "signing key";
/// How long a node trusts what it has in memory. Far shorter than a key is announced before it signs.
const FRESH: Duration = Duration::minutes(5);
/// How often an unknown key makes a node look again.
const LOOK_AGAIN: Duration = Duration::seconds(10);

/// Why the keys cannot be used.
#[derive(Debug, Error)]
pub enum KeysRefused {
    /// The database has keys that this master key does not open.
    #[error(
        "the signing key {kid} does not open: the master key file is not the one with which this database was set up. \
         Put the right file back, or restore the database that belongs to this one"
    )]
    WrongMasterKey {
        /// Which.
        kid: String,
    },
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for KeysRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// A key, as the doctor and the command line show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    /// Its kid.
    pub kid: String,
    /// Its algorithm.
    pub alg: SigningAlg,
    /// Its state.
    pub state: KeyState,
    /// Since when.
    pub since: Timestamp,
}

/// Makes the first key if there is none, and opens all keys into memory. Call it before serving.
pub async fn ensure(app: &App) -> Result<(), KeysRefused> {
    if !signs(&keys::published(&app.db).await?, SigningAlg::Rs256) {
        make(app, SigningAlg::Rs256, KeyState::Signing, Actor::Job("keys")).await?;
    }
    load(app).await.map(|_| ())
}

/// The published keys; an error if one does not open.
pub async fn list(app: &App) -> Result<Vec<KeyLine>, KeysRefused> {
    let keys = load(app).await?;
    Ok(keys
        .iter()
        .map(|key| {
            let (state, since) = key.state();
            KeyLine { kid: key.kid().to_owned(), alg: key.alg(), state, since }
        })
        .collect())
}

/// Begins a rotation: of every algorithm, or of one, a new key is announced, if none is. It signs once everybody could see it
/// (`domain::oauth::key::PUBLISHED_FOR`): by the job, or by this once more.
pub async fn rotate(app: &App, actor: &Actor, only: Option<SigningAlg>) -> Result<Vec<KeyLine>, KeysRefused> {
    let known = keys::published(&app.db).await?;
    let meant = |alg: &SigningAlg| signs(&known, *alg) && only.is_none_or(|only| only == *alg);
    for alg in SigningAlg::ALL.into_iter().filter(meant) {
        if find(&known, alg, KeyState::Announced).is_none() {
            make(app, alg, KeyState::Announced, actor.clone()).await?;
        }
    }
    go_on(app, &known, actor).await?;
    list(app).await
}

/// Why the keys were not turned now.
#[derive(Debug, Error)]
pub enum RotateRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysRefused),
}

/// Begins a rotation of every algorithm on an administrator's word, with a second person.
pub async fn rotate_now(app: &App, by: &Administrator) -> Result<(), RotateRefused> {
    let actor = rights::acting(app, by, Right::RotateKeys).await?;
    let signing = list(app).await?.into_iter().filter(|key| key.state == KeyState::Signing);
    let signing: Vec<_> = signing.map(|key| format!("{} {}", key.alg.code(), key.kid)).collect();
    let (content, preview) = (signing.join(" "), Preview::of(signing));
    let pass = approvals::pass(app, by, Deed { matter: Matter::RotateKeys, content, preview }, None).await?;
    pass.spend_now(app).await?;
    if let Err(refused) = rotate(app, &actor, None).await {
        // What was begun is gone on with by the next try; no key is announced twice.
        pass.give_back(app).await;
        return Err(refused.into());
    }
    Ok(())
}

/// Takes every step that is due, for the job: a key that has signed for long (`tokens.key_days`) gets a successor, one that was
/// announced long enough signs, one that stopped long ago is forgotten.
pub async fn keep(app: &App) -> Result<(), KeysRefused> {
    let (actor, now) = (Actor::Job("keys"), app.now());
    let known = keys::published(&app.db).await?;
    for alg in SigningAlg::ALL {
        let is_old = find(&known, alg, KeyState::Signing)
            .is_some_and(|key| now.since(key.changed_at) >= app.config.tokens.key_life);
        if is_old && find(&known, alg, KeyState::Announced).is_none() {
            make(app, alg, KeyState::Announced, actor.clone()).await?;
        }
    }
    go_on(app, &known, &actor).await
}

/// Lets announced keys sign that everybody could see, and forgets retired ones whose tokens have all ended.
async fn go_on(app: &App, known: &[SealedKey], actor: &Actor) -> Result<(), KeysRefused> {
    for alg in SigningAlg::ALL {
        let Some(next) = find(known, alg, KeyState::Announced) else { continue };
        if may_sign(next.changed_at, app.now()) {
            let old = find(known, alg, KeyState::Signing).map(|old| (old, KeyState::Retiring));
            let steps: Vec<_> = old.into_iter().chain([(next, KeyState::Signing)]).collect();
            turn(app, &steps, actor).await?;
        }
    }
    retire(app, known, actor).await
}

fn find(known: &[SealedKey], alg: SigningAlg, state: KeyState) -> Option<&SealedKey> {
    known.iter().find(|key| key.alg == alg && key.state == state)
}

fn signs(known: &[SealedKey], alg: SigningAlg) -> bool {
    find(known, alg, KeyState::Signing).is_some()
}

async fn retire(app: &App, known: &[SealedKey], actor: &Actor) -> Result<(), KeysRefused> {
    let (now, life) = (app.now(), app.config.tokens.access);
    let due = known.iter().filter(|k| k.state == KeyState::Retiring && may_go(k.changed_at, life, now));
    let steps: Vec<_> = due.map(|key| (key, KeyState::Gone)).collect();
    turn(app, &steps, actor).await
}

/// The keys in memory, looked at again when they are old.
pub(super) async fn current(app: &App) -> Result<Arc<SigningKeys>, KeysRefused> {
    let keys = in_memory(app);
    if keys.loaded_at().is_some_and(|at| app.now().since(at) < FRESH) { Ok(keys) } else { load(app).await }
}

/// The keys, of which one signs by this algorithm: the first is made when the first token needs it. Nobody can have looked at
/// the published set for it before, so it need not be announced.
pub(super) async fn that_sign(app: &App, alg: SigningAlg) -> Result<Arc<SigningKeys>, KeysRefused> {
    let keys = current(app).await?;
    if keys.can_sign(alg) {
        return Ok(keys);
    }
    let known = load(app).await?;
    if known.can_sign(alg) {
        return Ok(known);
    }
    make(app, alg, KeyState::Signing, Actor::Job("keys")).await?;
    load(app).await
}

/// Makes the keys that an application's registration asks for, so that they are published before its first token.
pub(super) async fn prepare(app: &App, client: &Client) -> Result<(), Internal> {
    let failed = |e| Internal::new("making a signing key", e);
    let metadata = &client.metadata;
    let userinfo = metadata.userinfo_signed_response_alg.as_deref().and_then(SigningAlg::from_code);
    for alg in [metadata.id_token_alg(), metadata.answer_alg()].into_iter().chain(userinfo) {
        that_sign(app, alg).await.map_err(failed)?;
    }
    Ok(())
}

/// The keys that know the signer of a token, if any node has it.
pub async fn knowing(app: &App, token: &str) -> Result<Arc<SigningKeys>, KeysRefused> {
    let keys = current(app).await?;
    let old = keys.loaded_at().is_none_or(|at| app.now().since(at) >= LOOK_AGAIN);
    if old && keys.lack_key_of(token) { load(app).await } else { Ok(keys) }
}

/// The published key set, as JSON.
pub async fn published(app: &App) -> Result<String, KeysRefused> {
    Ok(current(app).await?.as_json().to_owned())
}

fn in_memory(app: &App) -> Arc<SigningKeys> {
    Arc::clone(&app.signing.read().unwrap_or_else(PoisonError::into_inner))
}

async fn load(app: &App) -> Result<Arc<SigningKeys>, KeysRefused> {
    let mut opened = Vec::new();
    for key in keys::published(&app.db).await? {
        let private = app
            .keyring
            .open(PURPOSE, &key.kid, &key.sealed)
            .map_err(|_| KeysRefused::WrongMasterKey { kid: key.kid.clone() })?;
        let key = SigningKey::open(key.alg, &private, key.state, key.changed_at)
            .map_err(|e| Internal::new("opening a signing key", e))?;
        opened.push(key);
    }
    let keys = SigningKeys::new(opened, app.now()).map_err(|e| Internal::new("publishing the keys", e))?;
    let keys = Arc::new(keys);
    *app.signing.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
    Ok(keys)
}

/// Makes a key, unless another node was first.
async fn make(app: &App, alg: SigningAlg, state: KeyState, actor: Actor) -> Result<(), KeysRefused> {
    const DOING: &str = "making a signing key";
    // A tenth of a second to seconds of arithmetic: not on a thread that serves.
    let made =
        tokio::task::spawn_blocking(move || generate(alg)).await.map_err(|e| Internal::new(DOING, e))?;
    let (kid, private) = made.map_err(|e| Internal::new(DOING, e))?;
    let now = app.now();
    let sealed = app.keyring.seal(PURPOSE, &kid, private.expose(), app.system.entropy());
    let key = SealedKey { kid, alg, sealed, state, changed_at: now };
    let mut tx = app.db.begin().await?;
    match keys::insert(&mut tx, &key).await {
        Err(StorageError::Conflict { .. }) => return Ok(()),
        other => other?,
    }
    let entry = Entry::new(now, actor, Act::KeyChanged, key.kid.as_str()).with(format!(
        "{} {}",
        alg.code(),
        state.code()
    ));
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

async fn turn(app: &App, steps: &[(&SealedKey, KeyState)], actor: &Actor) -> Result<(), KeysRefused> {
    if steps.is_empty() {
        return Ok(());
    }
    let (now, mut entries) = (app.now(), Vec::new());
    let mut tx = app.db.begin().await?;
    for (key, to) in steps {
        if !keys::change(&mut tx, &key.kid, key.state, *to, now).await? {
            // Another node turned it meanwhile.
            return Ok(());
        }
        let entry = Entry::new(now, actor.clone(), Act::KeyChanged, key.kid.as_str());
        entries.push(entry.changing(key.state.code(), to.code()));
    }
    audit::append(&mut tx, &entries).await?;
    tx.commit().await?;
    load(app).await.map(|_| ())
}
