//! Somebody else was in an account: what they may have set up to come back goes. What is older stays, and is named.

use crate::app::App;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::{FactorKind, Factors, SUSPECT_DAYS};
use crate::i18n::factors::Change;
use crate::services::session::Current;
use crate::services::{Internal, letters};
use crate::storage::{Tx, account_certificates, other_address, passkeys, recovery_codes, totp};
use time::Duration;

/// What went, and what stayed.
pub(in crate::services) struct Swept {
    /// Kinds and how many of each.
    pub(in crate::services) gone: Vec<(FactorKind, u64)>,
    /// The same.
    pub(in crate::services) left: Vec<(FactorKind, u64)>,
    /// The lines for the audit, which come last in a transaction.
    pub(in crate::services) entries: Vec<Entry>,
}

/// Removes the factors of the holder of a session that were added lately, in the caller's transaction; `had` is what there
/// was before it. With the last one go the recovery codes. The holder gets letters.
pub(in crate::services) async fn added_lately(
    app: &App,
    tx: &mut Tx,
    current: &Current,
    had: Factors,
) -> Result<Swept, Internal> {
    let (id, since) = (current.account.id(), app.now().minus(Duration::days(SUSPECT_DAYS)));
    let had_app = totp::remove_since(tx, id, since).await?;
    let keys = passkeys::remove_since(tx, id, since).await?;
    let certificates = account_certificates::remove_since(tx, id, since).await?;
    let had_mail = other_address::remove_since(tx, id, since).await?;
    let left = Factors {
        totp: had.totp && !had_app,
        passkeys: had.passkeys.saturating_sub(keys),
        certificates: had.certificates.saturating_sub(certificates),
        mail: had.mail && !had_mail,
        recovery: had.recovery,
    };
    let is_new = recovery_codes::remove_since(tx, id, since).await?;
    let is_reserve_of_nothing = !left.any() && recovery_codes::remove(tx, id).await?;
    let are_codes_gone = is_new || is_reserve_of_nothing;
    let left = Factors { recovery: if are_codes_gone { 0 } else { left.recovery }, ..left };
    let gone = [
        (FactorKind::Totp, u64::from(had_app), Some(Change::AppRemoved)),
        (FactorKind::Passkey, keys, Some(Change::PasskeyRemoved)),
        (FactorKind::Certificate, certificates, Some(Change::CertificateRemoved)),
        (FactorKind::Mail, u64::from(had_mail), Some(Change::OtherAddressRemoved)),
        // They stand in for another factor; the letter about that one is enough.
        (FactorKind::Recovery, if are_codes_gone { had.recovery.max(1) } else { 0 }, None),
    ];
    let gone: Vec<_> = gone.into_iter().filter(|(_, number, _)| *number > 0).collect();
    let entries = tell(app, tx, current, &gone).await?;
    let gone = gone.into_iter().map(|(kind, number, _)| (kind, number)).collect();
    Ok(Swept { gone, left: left.kinds(), entries })
}

async fn tell(
    app: &App,
    tx: &mut Tx,
    current: &Current,
    gone: &[(FactorKind, u64, Option<Change>)],
) -> Result<Vec<Entry>, Internal> {
    let account = &current.account;
    let mut entries = Vec::new();
    for (kind, _, change) in gone {
        let actor = Actor::Holder(account.profile().address.to_string());
        let entry = Entry::about(app.now(), actor, Act::FactorRemoved, account).with(kind.code());
        entries.push(entry.because("it was not me").from(&current.session.source));
        if let Some(change) = change {
            letters::about_security(app, tx, account, *change).await?;
        }
    }
    Ok(entries)
}
