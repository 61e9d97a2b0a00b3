//! The second password of a locked account, in OBM's SQL, in words.

use crate::domain::outbox::Wish;
use crate::i18n::Lang;
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
    match tried {
        Some((attempts, next, error)) => {
            let tried = t.directory_tried(attempts.unsigned_abs(), &t.moment(next.local()), error);
            format!("{waits} {tried}")
        }
        None => waits.to_owned(),
    }
}
