//! Right passwords that open nothing: at an account that is locked, or whose holder has said that somebody else knows the
//! password. Nobody comes in, and it leaves a line: whoever typed it knows the password.

use super::{Internal, failed_attempts};
use crate::app::App;
use crate::domain::account::State;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::AccountId;
use crate::domain::throttle::network_of;
use crate::services::login::LoginRefused;
use crate::storage::accounts;

/// The detail of the line: the account is locked.
pub const LOCKED: &str = "locked";

/// The detail of the line: the password is disowned.
pub const DISOWNED: &str = "disowned";

/// Records what kept somebody out who knew the password, after the sign-in's own transaction is gone. A network is noted
/// once for as long as a pause is, and no more networks than an account may have failures.
pub(super) async fn record(app: &App, source: &str, refused: &LoginRefused) -> Result<(), Internal> {
    let (account, why) = match refused {
        LoginRefused::Locked { account, .. } => (account, LOCKED),
        LoginRefused::Disowned(account) => (account, DISOWNED),
        _ => return Ok(()),
    };
    let entry = Entry::about(app.now(), Actor::Stranger, Act::KeptOut, account).with(why).from(source);
    let whose = format!("kept out {why} {}", account.id());
    Ok(failed_attempts::note(app, &whose, Some(&network_of(source)), entry).await?)
}

/// What was said to somebody whose password was right, said once more; `None` if the account is not locked any more.
pub async fn still_locked(app: &App, id: AccountId) -> Result<Option<LoginRefused>, Internal> {
    let account = accounts::by_id(&app.db, id).await?;
    Ok(account.and_then(|account| match *account.state() {
        State::Locked { at, reason } => {
            Some(LoginRefused::Locked { account: Box::new(account), reason, since: at, unlock: None })
        }
        _ if account.is_disowned() => Some(LoginRefused::Disowned(Box::new(account))),
        _ => None,
    }))
}
