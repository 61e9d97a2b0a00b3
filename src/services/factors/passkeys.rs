//! Passkeys: made, named and removed by their holder; proof in place of a code, or of the password too. How an answer is
//! verified is `crypto::webauthn`'s.

use crate::app::App;
use crate::crypto::token;
use crate::crypto::webauthn::{self, ALGORITHMS, Assertion, Expected, Unproven};
use crate::domain::account::Account;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::FactorKind;
use crate::domain::id::PasskeyId;
use crate::domain::name;
use crate::domain::proof::Second;
use crate::domain::secret::Secret;
use crate::domain::session::Door;
use crate::i18n::factors::Change;
use crate::services::confirm::RecentProof;
use crate::services::session::Current;
use crate::services::{Internal, failed_attempts, letters};
use crate::storage::{StorageError, Tx, accounts, passkeys};
use thiserror::Error;
use time::Duration;

pub use crate::storage::passkeys::Passkey;

/// So many passkeys an account may have.
const MOST: usize = 20;

/// No page asks for longer.
const LONGEST_LIFE: Duration = Duration::hours(1);

/// For what a passkey is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// One is made.
    Make,
    /// In place of the password.
    SignIn,
    /// After the password, or in an open session.
    SecondStep,
    /// Before something dangerous.
    Confirm,
    /// In place of a forgotten password.
    Recover,
}

impl Purpose {
    const fn code(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::SignIn => "sign-in",
            Self::SecondStep => "second-step",
            Self::Confirm => "confirm",
            Self::Recover => "recover",
        }
    }

    /// How long a page may ask for one. That of the sign-in lies open in the morning before anybody comes to it.
    const fn life(self) -> Duration {
        match self {
            Self::SignIn => LONGEST_LIFE,
            Self::Make | Self::SecondStep | Self::Confirm | Self::Recover => Duration::minutes(10),
        }
    }
}

/// What the script of a page needs to know to ask for a passkey.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The challenge.
    pub challenge: String,
    /// The relying party's id.
    pub rp_id: String,
    /// The credential ids that may answer, in base64url; without any: whichever the device has.
    pub allowed: Vec<String>,
}

/// Why a passkey proves nothing, or was not made.
#[derive(Debug, Error)]
pub enum PasskeyRefused {
    /// It is unknown, or its answer proves nothing.
    #[error("the passkey proves nothing")]
    Unproven,
    /// The counter of this one fell: there is a copy of it.
    #[error("the counter of the passkey fell")]
    CounterFell(PasskeyId),
    /// There are enough.
    #[error("there are enough passkeys")]
    TooMany,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for PasskeyRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Unproven> for PasskeyRefused {
    fn from(unproven: Unproven) -> Self {
        tracing::info!("a passkey was refused: {unproven}");
        Self::Unproven
    }
}

/// The browser that asks: the door it came through, and what tells it from others.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The door.
    pub door: Door,
    /// What only this browser's pages have.
    pub browser: &'a str,
}

/// Asks for a passkey. `None` where passkeys of the house do not work: at a door whose host lies outside their domain.
pub async fn ask(
    app: &App,
    place: Place<'_>,
    purpose: Purpose,
    of: Option<&Account>,
) -> Result<Option<Asking>, Internal> {
    let Some(rp_id) = app.config.passkey_domain(place.door) else { return Ok(None) };
    let until = app.now().plus(purpose.life());
    let challenge =
        webauthn::challenge(&app.keyring, purpose.code(), place.browser, until, app.system.entropy());
    let known = match of {
        Some(account) => passkeys::of(&app.db, account.id()).await?,
        None => Vec::new(),
    };
    let allowed = known.into_iter().map(|passkey| passkey.credential).collect();
    Ok(Some(Asking { challenge, rp_id: rp_id.to_owned(), allowed }))
}

/// Whether a challenge was asked by a page of this browser that has been open for too long since.
pub fn was_ours(app: &App, place: Place<'_>, purpose: Purpose, challenge: &str) -> bool {
    webauthn::was_ours(&app.keyring, purpose.code(), place.browser, challenge, app.now())
}

/// The algorithms that a passkey may have.
pub const fn algorithms() -> [i64; 3] {
    ALGORITHMS
}

/// The passkeys of the holder.
pub async fn list(app: &App, current: &Current) -> Result<Vec<Passkey>, Internal> {
    Ok(passkeys::of(&app.db, current.account.id()).await?)
}

/// What a browser hands over of a passkey that it has made.
#[derive(Debug, Clone)]
pub struct NewPasskey<'a> {
    /// The challenge, as the page had it.
    pub challenge: &'a str,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `attestationObject`.
    pub attestation: Vec<u8>,
    /// What the holder calls it.
    pub name: &'a str,
}

/// A passkey was made. Returns the recovery codes, if there were none yet.
pub async fn add(
    app: &App,
    current: &Current,
    browser: &str,
    new: &NewPasskey<'_>,
    _recent: &RecentProof,
) -> Result<Vec<Secret<String>>, PasskeyRefused> {
    let (account, now) = (&current.account, app.now());
    let place = Place { door: current.session.door, browser };
    let expected = expected(app, place, Purpose::Make, new.challenge, true)?;
    let made = webauthn::made(&expected, &new.client_data, &new.attestation)?;
    let known = passkeys::of(&app.db, account.id()).await?;
    if known.len() >= MOST {
        return Err(PasskeyRefused::TooMany);
    }
    let passkey = Passkey {
        id: PasskeyId::new(now, app.system.entropy()),
        account_id: account.id(),
        credential: webauthn::encode(&made.id),
        public_key: made.key,
        counter: made.counter,
        can_be_copied: made.can_be_copied,
        name: name::tidy(new.name).chars().take(60).collect(),
        made_at: now,
        last_used_at: None,
    };
    let has_codes = super::of(app, account.id()).await?.recovery > 0;
    let mut tx = app.db.begin().await?;
    if !answer(app, &mut tx, new.challenge).await? || !passkeys::add(&mut tx, &passkey).await? {
        return Err(PasskeyRefused::Unproven);
    }
    let second = second_of(passkey.can_be_copied);
    let made = (FactorKind::Passkey, second, Change::PasskeyAdded);
    let codes = super::added(app, &mut tx, current, made, has_codes).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Removes one of the holder's; tells whether there was one.
pub async fn remove(
    app: &App,
    current: &Current,
    id: PasskeyId,
    _recent: &RecentProof,
) -> Result<bool, Internal> {
    let account = current.account.id();
    let mut left = super::of(app, account).await?;
    left.passkeys = left.passkeys.saturating_sub(1);
    let mut tx = app.db.begin().await?;
    if !passkeys::remove(&mut tx, account, id).await? {
        return Ok(false);
    }
    let gone = (FactorKind::Passkey, Change::PasskeyRemoved);
    super::removed(app, &mut tx, current, gone, left).await?;
    tx.commit().await?;
    Ok(true)
}

/// What a browser hands over of a proof.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// The challenge, as the page had it.
    pub challenge: &'a str,
    /// The rest, decoded.
    pub assertion: Assertion,
}

/// A proof that was verified and is not used yet.
pub(in crate::services) struct Verified {
    /// The passkey.
    pub passkey: Passkey,
    counter: u32,
    challenge: String,
}

/// Verifies an answer; nothing is written. `verified`: the device must have made sure who is there.
pub(in crate::services) async fn verify(
    app: &App,
    place: Place<'_>,
    purpose: Purpose,
    answer: &Answer<'_>,
    verified: bool,
) -> Result<Verified, PasskeyRefused> {
    let expected = expected(app, place, purpose, answer.challenge, verified)?;
    let credential = webauthn::encode(&answer.assertion.id);
    let passkey = passkeys::by_credential(&app.db, &credential).await?.ok_or(PasskeyRefused::Unproven)?;
    // Web Authentication §7.2, step 6: found without a name, it names its holder.
    let handle = passkey.account_id.to_bytes();
    if answer.assertion.user.as_ref().is_some_and(|user| user.as_slice() != handle) {
        return Err(PasskeyRefused::Unproven);
    }
    let asserted = webauthn::asserted(&expected, &passkey.public_key, &answer.assertion)?;
    if asserted.can_be_copied != passkey.can_be_copied {
        return Err(PasskeyRefused::Unproven);
    }
    let counts = asserted.counter > 0 || passkey.counter > 0;
    if counts && asserted.counter <= passkey.counter {
        return Err(PasskeyRefused::CounterFell(passkey.id));
    }
    Ok(Verified { passkey, counter: asserted.counter, challenge: answer.challenge.to_owned() })
}

/// Whose passkey an answer names; nothing of it is verified.
pub(in crate::services) async fn holder(
    app: &App,
    answer: &Answer<'_>,
) -> Result<Option<Account>, StorageError> {
    let credential = webauthn::encode(&answer.assertion.id);
    match passkeys::by_credential(&app.db, &credential).await? {
        Some(passkey) => accounts::by_id(&app.db, passkey.account_id).await,
        None => Ok(None),
    }
}

impl Verified {
    /// Uses the proof up, in the transaction of what it opens; `None` if it was used before.
    pub(in crate::services) async fn take(
        &self,
        app: &App,
        tx: &mut Tx,
    ) -> Result<Option<Second>, StorageError> {
        let is_new = answer(app, tx, &self.challenge).await?
            && passkeys::used(tx, &self.passkey, self.counter, app.now()).await?;
        Ok(is_new.then(|| second_of(self.passkey.can_be_copied)))
    }
}

/// Records that there is a copy of a passkey, and tells the holder. Whoever has the copy can use it all day: one letter a
/// day tells of each passkey, and the audit has no more lines of it than of wrong passwords.
pub(in crate::services) async fn counter_fell(
    app: &App,
    account: &Account,
    passkey: PasskeyId,
    source: &str,
) -> Result<(), Internal> {
    let now = app.now();
    let entry = Entry::about(now, Actor::Stranger, Act::PasskeyCounterFell, account).from(source);
    failed_attempts::note(app, &format!("copied passkey {passkey}"), None, entry).await?;
    let occasion = format!("copied:{}:{passkey}:{}", account.id(), now.local_date());
    let mut tx = app.db.begin().await?;
    letters::about_security_once(app, &mut tx, account, (Change::PasskeyCopied, now), occasion).await?;
    Ok(tx.commit().await?)
}

const fn second_of(can_be_copied: bool) -> Second {
    if can_be_copied { Second::SoftwareKey } else { Second::HardwareKey }
}

/// Marks a challenge as answered; `false` if it was before.
async fn answer(app: &App, tx: &mut Tx, challenge: &str) -> Result<bool, StorageError> {
    let until = app.now().plus(LONGEST_LIFE);
    passkeys::answer(tx, &token::digest(challenge), until).await
}

fn expected<'a>(
    app: &'a App,
    place: Place<'_>,
    purpose: Purpose,
    challenge: &'a str,
    verified: bool,
) -> Result<Expected<'a>, PasskeyRefused> {
    let is_ours = webauthn::is_ours(&app.keyring, purpose.code(), place.browser, challenge, app.now());
    let rp_id = app.config.passkey_domain(place.door).filter(|_| is_ours);
    let rp_id = rp_id.ok_or(PasskeyRefused::Unproven)?;
    let url = match place.door {
        Door::Staff => &app.config.server.public_url,
        Door::Admin => &app.config.server.admin_url,
    };
    let origin = url.as_str().trim_end_matches('/');
    Ok(Expected { challenge, origin, rp_id, verified })
}
