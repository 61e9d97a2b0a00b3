//! A code by mail, to another address than the city's, where the city allows it: set up in two steps (the address is
//! named, the code that was sent there is typed). Never in the administration: whoever reads that mailbox is not known
//! to the city.
//!
//! A code is sent at once and kept nowhere but as a keyed digest; it is good for ten minutes, once.

use super::codes::{CodeRefused, gate};
use super::sweep;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::{self, FactorKind, Typed};
use crate::domain::id::LetterId;
use crate::domain::proof::Second;
use crate::domain::secret::Secret;
use crate::i18n::factors::Change;
use crate::mail::MailError;
use crate::services::confirm::RecentProof;
use crate::services::session::Current;
use crate::services::watch::own_domains;
use crate::services::{Internal, letters};
use crate::storage::other_address::{self, Kept, Pace};
use crate::storage::{StorageError, Tx, accounts, audit};
use thiserror::Error;
use time::Duration;

/// How long a code is good.
pub const GOOD_FOR: Duration = Duration::minutes(10);

/// How soon another one is sent.
const APART: Duration = Duration::minutes(1);

/// How many are sent in an hour.
const MOST: i64 = 5;

/// Why no code was sent.
#[derive(Debug, Error)]
pub enum MailRefused {
    /// The city does not allow it, or there is no such address.
    #[error("no code by mail")]
    Off,
    /// It is no mail address.
    #[error("not a mail address")]
    NotAnAddress,
    /// It is one of the city's: whoever has the password reads it.
    #[error("an address of the city's")]
    OfTheCity,
    /// There is one already; it is removed first.
    #[error("there is one already")]
    Already,
    /// One was sent just now, or too many were.
    #[error("too soon")]
    TooSoon,
    /// The relay did not take it.
    #[error("the code was not sent")]
    NotSent(#[source] MailError),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for MailRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// The other address of an account, if the city allows codes by mail.
pub async fn of(app: &App, account: &Account) -> Result<Option<Kept>, Internal> {
    if !app.config.second_factor.mail_codes {
        return Ok(None);
    }
    Ok(other_address::of(&app.db, account.id()).await?)
}

/// The address to which codes are sent, if there is one.
async fn confirmed(app: &App, account: &Account) -> Result<Option<MailAddress>, Internal> {
    let is_good = |at| !sweep::is_doubted(account, at);
    let kept = of(app, account).await?.filter(|kept| kept.confirmed_at.is_some_and(is_good));
    Ok(kept.map(|kept| kept.address))
}

/// Names an address and sends a code there.
pub async fn propose(
    app: &App,
    current: &Current,
    typed: &str,
    _recent: &RecentProof,
) -> Result<(), MailRefused> {
    if !app.config.second_factor.mail_codes {
        return Err(MailRefused::Off);
    }
    let address = MailAddress::parse(typed).map_err(|_| MailRefused::NotAnAddress)?;
    let is_own = own_domains(app).iter().any(|domain| is_below(&address, domain));
    if is_own || accounts::by_address(&app.db, &address).await?.is_some() {
        return Err(MailRefused::OfTheCity);
    }
    let account = &current.account;
    let mut tx = app.db.begin().await?;
    if !other_address::propose(&mut tx, account.id(), &address, app.now()).await? {
        return Err(MailRefused::Already);
    }
    // Another address may follow a mistyped one at once, as far as an hour's number goes.
    let code = keep(app, &mut tx, account, (&address, Duration::ZERO), &current.session.source).await?;
    tx.commit().await?;
    hand_over(app, account, address, (&code, true)).await
}

/// The code was typed: from now on codes are sent there. Returns the recovery codes, if there were none yet.
pub async fn confirm(
    app: &App,
    current: &Current,
    typed: &str,
    _recent: &RecentProof,
) -> Result<Vec<Secret<String>>, CodeRefused> {
    let (account, now) = (&current.account, app.now());
    let attempt = gate(app, account).await?;
    let kept = of(app, account).await?.filter(|kept| kept.confirmed_at.is_none());
    let (Some(kept), Some(Typed::Otp(code))) = (kept, Typed::parse(typed)) else {
        return Err(CodeRefused::Wrong);
    };
    let has_codes = super::of(app, account.id()).await?.recovery > 0;
    let mut tx = app.db.begin().await?;
    let digest = digest(app, account, &kept.address, &code);
    if !other_address::take(&mut tx, account.id(), &digest, now).await?
        || !other_address::confirm(&mut tx, account.id(), &kept.address, now).await?
    {
        drop(tx);
        return Err(attempt.failed(app, account, &current.session.source).await?);
    }
    attempt.succeeded(&mut tx).await?;
    let made = (FactorKind::Mail, Second::Mail, Change::OtherAddressAdded);
    let codes = super::added(app, &mut tx, current, made, has_codes).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Removes the address, or takes it back before it was confirmed; tells whether there was one.
pub async fn remove(app: &App, current: &Current, _recent: &RecentProof) -> Result<bool, Internal> {
    let account = current.account.id();
    let proves = confirmed(app, &current.account).await?.is_some();
    let mut left = super::of(app, account).await?;
    left.mail = false;
    let mut tx = app.db.begin().await?;
    if !other_address::remove(&mut tx, account).await? {
        return Ok(false);
    }
    if proves {
        let gone = (FactorKind::Mail, Change::OtherAddressRemoved);
        super::removed(app, &mut tx, current, gone, left).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Sends a code to somebody whose password was proven; returns the address as it may be shown.
pub async fn send(app: &App, account: &Account, source: &str) -> Result<String, MailRefused> {
    let address = confirmed(app, account).await?.ok_or(MailRefused::Off)?;
    let mut tx = app.db.begin().await?;
    let code = keep(app, &mut tx, account, (&address, APART), source).await?;
    tx.commit().await?;
    let shown = masked(&address);
    hand_over(app, account, address, (&code, false)).await?;
    Ok(shown)
}

/// An address of which only its holder knows the rest: `a•••@example.com`.
pub fn masked(address: &MailAddress) -> String {
    let (local, domain) = address.as_str().rsplit_once('@').unwrap_or_default();
    let first: String = local.chars().take(1).collect();
    format!("{first}•••@{domain}")
}

/// Of an address that proves something, what a code is kept as.
pub(super) async fn look(
    app: &App,
    account: &Account,
    code: &Secret<String>,
) -> Result<Option<String>, Internal> {
    Ok(confirmed(app, account).await?.map(|address| digest(app, account, &address, code)))
}

/// Takes a code; tells whether it is good.
pub(super) async fn take(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    digest: &str,
) -> Result<bool, StorageError> {
    other_address::take(tx, account.id(), digest, app.now()).await
}

/// Draws a code and keeps it as the one that is good now.
async fn keep(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (address, apart): (&MailAddress, Duration),
    source: &str,
) -> Result<Secret<String>, MailRefused> {
    let (now, code) = (app.now(), factor::mail_code(app.system.entropy()));
    let digest = digest(app, account, address, &code);
    let pace =
        Pace { last_before: now.minus(apart), counted_since: now.minus(Duration::hours(1)), most: MOST };
    if !other_address::send(tx, account.id(), &digest, (now, now.plus(GOOD_FOR)), pace).await? {
        return Err(MailRefused::TooSoon);
    }
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::CodeSent, account);
    audit::append(tx, &[entry.with(masked(address)).from(source)]).await?;
    Ok(code)
}

/// Hands the letter to the relay; nothing of it is kept.
async fn hand_over(
    app: &App,
    account: &Account,
    to: MailAddress,
    (code, is_new): (&Secret<String>, bool),
) -> Result<(), MailRefused> {
    let letter = letters::with_code(app, account, to, (code, is_new));
    let id = LetterId::new(app.now(), app.system.entropy());
    let sent = async {
        let mut conversation = app.relay.open().await?;
        conversation.send(id, &letter, app.now()).await?;
        conversation.close().await;
        Ok(())
    };
    sent.await.map_err(|error| {
        tracing::warn!("a code was not sent: {error}");
        MailRefused::NotSent(error)
    })
}

/// Under which a code is kept: without the master key it cannot be tried.
fn digest(app: &App, account: &Account, address: &MailAddress, code: &Secret<String>) -> String {
    app.keyring.keyed_digest("mail code", &format!("{}:{address}:{}", account.id(), code.expose()))
}

/// Whether an address is of a domain, or of one below it.
fn is_below(address: &MailAddress, domain: &str) -> bool {
    let (of, domain) =
        (address.as_str().rsplit('@').next().unwrap_or_default().to_lowercase(), domain.to_lowercase());
    of == domain || of.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_city_is_no_other_address_and_the_rest_is_hidden() {
        let of = |text: &str| MailAddress::parse(text).expect("an address");
        for own in ["an@danang.gov.vn", "an@so.DANANG.gov.vn"] {
            assert!(is_below(&of(own), "danang.gov.vn"), "{own}");
        }
        for other in ["an@gmail.com", "an@xdanang.gov.vn", "an@danang.gov.vn.evil.example"] {
            assert!(!is_below(&of(other), "danang.gov.vn"), "{other}");
        }
        assert_eq!(masked(&of("an.nguyen@gmail.com")), "a•••@gmail.com");
    }
}
