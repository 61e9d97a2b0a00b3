//! Forgets what has expired, so that tables do not grow for ever.

use super::{
    Internal, api_answers, bulk, cached_sign_in, password_copies, registration, reorganisation, second_step,
};
use crate::app::App;
use crate::domain::oauth::grant::PENDING;
use crate::services::keys;
use crate::storage::{
    applications, assertions, browsers, client_tokens, delegations, device_codes, grants, half_sign_ins,
    hour_counts, letters, other_address, passkeys, pending_requests, pushed_requests, sessions, sync_plans,
    throttles, tokens, trusted_devices,
};
use time::Duration;

/// How long ended sessions are kept.
const SESSIONS: Duration = Duration::days(90);

/// How long letters are shown in the portal.
const LETTERS: Duration = Duration::days(2 * 365);

/// How long it is known how often things happened in an hour.
const HOURS: Duration = Duration::days(400);

/// How long the lines of plans are shown.
const PLANS: Duration = Duration::days(90);

/// Forgets expired browsers, old counts, expired requests, tokens and grants, sessions that ended long ago, old
/// letters, the lines of old plans, old days of calls, last known passwords that open nothing any more, and signing keys whose tokens have all ended; tells how many rows.
pub async fn forget(app: &App) -> Result<u64, Internal> {
    let now = app.now();
    let browsers = browsers::forget(&app.db, now).await?;
    let windows = [app.account_limit().window, app.source_limit().window, Duration::days(1)];
    let longest = windows.into_iter().max().unwrap_or(Duration::DAY);
    let throttles = throttles::forget(&app.db, now.minus(longest)).await?;
    // They name the sessions.
    delegations::forget_old(&app.db, now.minus(SESSIONS)).await?;
    let sessions = sessions::forget(&app.db, now.minus(SESSIONS)).await?;
    let letters = letters::forget(&app.db, now.minus(LETTERS)).await?;
    let plans = sync_plans::forget(&app.db, now.minus(PLANS)).await?;
    let copies = password_copies::forget(app).await?;
    let verifiers = cached_sign_in::forget(app).await?;
    // Kept a day longer than they live, so that a replay is still seen.
    let tokens = tokens::forget(&app.db, now.minus(Duration::days(1))).await?;
    let grants = grants::forget(&app.db, now.minus(Duration::days(1))).await?;
    let own = client_tokens::forget(&app.db, now.minus(Duration::days(1))).await?;
    let requests = pending_requests::forget(&app.db, now).await?;
    // A pushed request is used up when it is answered: the person may still be signing in.
    let pushed = pushed_requests::forget(&app.db, now.minus(PENDING)).await?;
    // A while longer than they live, so that a device is told that it is too late.
    let devices = device_codes::forget(&app.db, now.minus(PENDING)).await?;
    let assertions = assertions::forget(&app.db, now).await?;
    let challenges = passkeys::forget(&app.db, now).await?;
    let sent = other_address::forget(&app.db, now.minus(Duration::days(1))).await?;
    // Their holders are told before they are gone.
    second_step::tell_left(app).await?;
    // Those that were too many for one run are told of in the next.
    let halves = half_sign_ins::forget(&app.db, now.minus(Duration::hours(1))).await?;
    let devices_trusted = trusted_devices::forget(&app.db, now).await?;
    let answers = api_answers::forget(app).await?;
    let jobs = bulk::forget(app).await? + reorganisation::forget(app).await?;
    let hours = hour_counts::forget(&app.db, now.minus(HOURS)).await?;
    let days = applications::forget_days(&app.db, now.minus(HOURS).local_date()).await?;
    let calls = applications::forget_calls(&app.db, now.minus(HOURS).local_date()).await?;
    let registrations = registration::forget(app).await?;
    keys::keep(app).await.map_err(|e| Internal::new("keeping the signing keys", e))?;
    Ok(browsers
        + throttles
        + sessions
        + letters
        + plans
        + tokens
        + grants
        + requests
        + pushed
        + devices
        + verifiers
        + assertions
        + registrations
        + halves
        + sent
        + challenges
        + devices_trusted
        + copies
        + jobs
        + answers
        + hours
        + days
        + calls
        + own)
}
