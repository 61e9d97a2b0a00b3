//! What is given as a second factor: a code that is typed, the proof of a passkey, or a certificate. Looked at first, with no transaction
//! open, then taken in the transaction of what it opens.

use super::certificates;
use super::codes::{self, Looked};
use super::passkeys::{self, Answer, PasskeyRefused, Place, Purpose, Verified};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::certificate::Certificate;
use crate::domain::proof::Second;
use crate::services::Internal;
use crate::storage::{Tx, account_certificates};

/// What is given.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    /// A code.
    Code(&'a str),
    /// The proof of a passkey.
    Passkey(&'a Answer<'a>),
    /// The certificate that the connection has shown.
    Certificate(&'a Certificate),
}

/// From where it is given, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The browser.
    pub place: Place<'a>,
    /// For what.
    pub purpose: Purpose,
    /// The network address.
    pub source: &'a str,
    /// Whether a code by mail will do: for the step after the password at the staff's door, and for nothing else.
    pub takes_mail: bool,
}

/// What was looked at and is not taken yet.
pub(in crate::services) enum Ready {
    Code(Looked),
    Passkey(Box<Verified>),
    /// Under its thumbprint; `None` for one that is not taken.
    Certificate(Option<String>),
    Nothing,
}

impl Ready {
    /// Whether it is a certificate that is not taken. It is not counted with wrong codes: nobody guesses a key, and a list of
    /// revoked ones that is missing is no fault of the holder's.
    pub(in crate::services) const fn is_refused_certificate(&self) -> bool {
        matches!(self, Self::Certificate(None))
    }
}

/// Looks at what is given.
pub(in crate::services) async fn look(
    app: &App,
    account: &Account,
    asked: Asked<'_>,
    given: Given<'_>,
) -> Result<Ready, Internal> {
    let answer = match given {
        Given::Code(typed) => {
            return Ok(Ready::Code(codes::look(app, account, typed, asked.takes_mail).await?));
        }
        Given::Certificate(shown) => {
            let proves = certificates::proves(app, account, shown).await?;
            return Ok(Ready::Certificate(proves.then(|| shown.thumbprint.clone())));
        }
        Given::Passkey(answer) => answer,
    };
    match passkeys::verify(app, asked.place, asked.purpose, answer, false).await {
        Ok(verified) if verified.passkey.account_id == account.id() => Ok(Ready::Passkey(Box::new(verified))),
        Ok(_) | Err(PasskeyRefused::Unproven | PasskeyRefused::TooMany) => Ok(Ready::Nothing),
        Err(PasskeyRefused::CounterFell(passkey)) => {
            passkeys::counter_fell(app, account, passkey, asked.source).await?;
            Ok(Ready::Nothing)
        }
        Err(PasskeyRefused::Internal(internal)) => Err(internal),
    }
}

/// Takes it; `None` if it is wrong or was taken before.
pub(in crate::services) async fn take(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    ready: &Ready,
) -> Result<Option<Second>, Internal> {
    match ready {
        Ready::Code(looked) => codes::take(app, tx, account, looked).await,
        Ready::Certificate(Some(thumbprint)) => {
            let is_bound = account_certificates::used(tx, account.id(), thumbprint, app.now()).await?;
            Ok(is_bound.then_some(Second::Certificate))
        }
        Ready::Passkey(verified) => Ok(verified.take(app, tx).await?),
        Ready::Certificate(None) | Ready::Nothing => Ok(None),
    }
}
