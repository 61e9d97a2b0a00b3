//! Letters about certificates that are about to end, to those who have bound them.

use super::{Key, letters, new_id, sender, term_start};
use crate::app::App;
use crate::domain::certificate::TOLD_BEFORE;
use crate::i18n::other_factors as words;
use crate::services::Internal;
use crate::storage::{account_certificates, accounts};
use time::Duration;

/// Tells the holders of certificates that end soon, once at each mark, the nearest first: a mark that was missed is passed
/// over. Tells how many letters were written.
pub(super) async fn write_ending(app: &App) -> Result<usize, Internal> {
    if app.config.second_factor.certificates.is_none() {
        return Ok(0);
    }
    let now = app.now();
    let mut written = 0;
    for days in TOLD_BEFORE {
        let span = (now, now.plus(Duration::days(days)));
        for (account_id, bound) in account_certificates::ending(&app.db, span, days).await? {
            // Whoever is locked out is told once they are back.
            let account = accounts::by_id(&app.db, account_id).await?;
            let Some(account) = account.filter(|one| term_start(one.state()).is_some()) else { continue };
            let letter = words::certificate_ending(
                account.profile(),
                &bound.subject,
                bound.not_after.local(),
                &sender(app),
            );
            let mut tx = app.db.begin().await?;
            if account_certificates::told(&mut tx, bound.id, days).await? {
                let key = Key { text: format!("certificate:{}:{days}", bound.id), term: None };
                letters::write(&mut tx, new_id(app), account_id, &key, &letter, now).await?;
                written += 1;
            }
            tx.commit().await?;
        }
    }
    Ok(written)
}
