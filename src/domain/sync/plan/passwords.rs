//! Passwords of one account that are no longer the same in both mail systems.

use super::{CLOCK_TOLERANCE, Known};
use crate::domain::id::MailboxId;
use crate::domain::mailbox::{MailSystem, Mailbox};
use crate::domain::sync::SeenMailbox;

/// Whether the mail system made the entry anew with the password that its second place still has, and so put a former one
/// back. Only OBM does: its LDAP is a projection of its SQL.
pub(super) fn is_put_back(known: &Known, seen: &SeenMailbox) -> bool {
    let is_anew = |old: &Mailbox| {
        old.key.system == seen.key.system
            && old.key.native_id != seen.key.native_id
            && old.key.login == seen.key.login
    };
    known.mailboxes.iter().any(|old| is_anew(old) && old.copy_is_old)
}

/// Which mailbox has, or has no more, another password than its account. The home directory, AD, has the word; OBM
/// differs when the password was set anew in one of the two only. Where OBM does not date passwords nobody knows.
pub(super) fn lags(known: &Known, seen: &[&SeenMailbox]) -> Option<(MailboxId, bool)> {
    let of = |system| {
        let old = known.mailboxes.iter().find(|old| old.key.system == system)?;
        seen.iter().find(|seen| seen.key.system == system).map(|seen| (old, *seen))
    };
    let ((ad, ad_now), (obm, obm_now)) = (of(MailSystem::Ad)?, of(MailSystem::Obm)?);
    if !ad_now.enabled || !obm_now.enabled {
        return None;
    }
    let differs = match (is_set_anew(ad, ad_now), is_set_anew(obm, obm_now)) {
        _ if is_put_back(known, obm_now) => true,
        (true, false) if obm_now.password_set_at.is_some() => true,
        // In step again, as far as anybody can see, if it lagged.
        (false, true) => !obm.password_lags,
        _ => return None,
    };
    (differs != obm.password_lags).then_some((obm.id, differs))
}

/// Whether the password was set anew in the directory since the house last knew, by somebody who need not change it.
fn is_set_anew(old: &Mailbox, now: &SeenMailbox) -> bool {
    let is_later = match (old.password_set_at, now.password_set_at) {
        (Some(before), Some(after)) => after.since(before) > CLOCK_TOLERANCE,
        (None, Some(_)) => old.must_change,
        (_, None) => false,
    };
    is_later && !now.must_change && old.key.native_id == now.key.native_id
}
