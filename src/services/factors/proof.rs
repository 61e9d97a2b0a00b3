//! What is given as a second factor: a code that is typed, or the proof of a passkey. Looked at first, with no transaction
//! open, then taken in the transaction of what it opens.

use super::codes::{self, Looked};
use super::passkeys::{self, Answer, PasskeyRefused, Place, Purpose, Verified};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::proof::Second;
use crate::services::Internal;
use crate::storage::Tx;

/// What is given.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    /// A code.
    Code(&'a str),
    /// The proof of a passkey.
    Passkey(&'a Answer<'a>),
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
}

/// What was looked at and is not taken yet.
pub(in crate::services) enum Ready {
    Code(Looked),
    Passkey(Box<Verified>),
    Nothing,
}

/// Looks at what is given.
pub(in crate::services) async fn look(
    app: &App,
    account: &Account,
    asked: Asked<'_>,
    given: Given<'_>,
) -> Result<Ready, Internal> {
    let answer = match given {
        Given::Code(typed) => return Ok(Ready::Code(codes::look(app, account, typed).await?)),
        Given::Passkey(answer) => answer,
    };
    match passkeys::verify(app, asked.place, asked.purpose, answer, false).await {
        Ok(verified) if verified.passkey.account_id == account.id() => Ok(Ready::Passkey(Box::new(verified))),
        Ok(_) | Err(PasskeyRefused::Unproven | PasskeyRefused::TooMany) => Ok(Ready::Nothing),
        Err(PasskeyRefused::CounterFell) => {
            passkeys::counter_fell(app, account, asked.source).await?;
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
        Ready::Passkey(verified) => Ok(verified.take(app, tx).await?),
        Ready::Nothing => Ok(None),
    }
}
