//! Forgets what has expired, so that tables do not grow for ever.

use super::Internal;
use crate::app::App;
use crate::storage::{browsers, sessions, throttles};
use time::Duration;

/// How long ended sessions are kept.
const SESSIONS: Duration = Duration::days(90);

/// Forgets expired browsers, old counts and sessions that ended long ago; tells how many rows.
pub async fn forget(app: &App) -> Result<u64, Internal> {
    let now = app.now();
    let browsers = browsers::forget(&app.db, now).await?;
    let throttles = throttles::forget(&app.db, now.minus(Duration::days(1))).await?;
    let sessions = sessions::forget(&app.db, now.minus(SESSIONS)).await?;
    Ok(browsers + throttles + sessions)
}
