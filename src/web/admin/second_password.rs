//! The second password of a locked account, in OBM's SQL, in words.

use crate::domain::outbox::Wish;
use crate::domain::timestamp::Timestamp;
use crate::i18n::Lang;
use crate::services::password_copies::Waits;
use crate::services::second_passwords::Status;

/// What the line of the mailbox says of it.
pub(super) fn in_words(t: Lang, status: &Status) -> String {
    let (wish, tried) = match status {
        Status::Replaced { at } => return t.second_replaced(&t.moment(at.local())),
        Status::Waits { wish, tried } => (wish, tried),
    };
    let waits = match wish {
        Wish::Lock => t.second_lock_waits(),
        Wish::Unlock => t.second_unlock_waits(),
    };
    with_attempts(t, waits, tried.as_ref())
}

/// What the line of the mailbox says of a new password that is not there yet.
pub(super) fn copy_in_words(t: Lang, waits: &Waits) -> String {
    let tried = waits.last_error.clone().map(|error| (waits.attempts, waits.next_attempt_at, error));
    with_attempts(t, t.copy_waits(), tried.as_ref())
}

fn with_attempts(t: Lang, waits: &str, tried: Option<&(i64, Timestamp, String)>) -> String {
    match tried {
        Some((attempts, next, error)) => {
            let tried = t.directory_tried(attempts.unsigned_abs(), &t.moment(next.local()), error);
            format!("{waits} {tried}")
        }
        None => waits.to_owned(),
    }
}
