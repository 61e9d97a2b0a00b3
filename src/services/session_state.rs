//! What an application and the browser compare to see whether the sessions are still the same (OIDC Session Management
//! 1.0 §3, §4).

use super::{Internal, roster};
use crate::app::App;
use crate::crypto::token;
use crate::domain::audit_record::hex;
use crate::domain::id::SessionId;
use crate::domain::oauth::redirect::origin;
use crate::domain::session::Door;

/// Between the sessions of a state, and before its seal.
const BETWEEN: char = '~';

/// What the browser keeps of its sessions for scripts: the `sid` of each, which applications know anyway, under a seal.
/// It opens nothing. The order in which people signed in means nothing.
pub fn browser_state(app: &App, sessions: &[SessionId]) -> String {
    let mut ids: Vec<_> = sessions.iter().map(ToString::to_string).collect();
    ids.sort_unstable();
    let ids = ids.join("~");
    format!("{ids}{BETWEEN}{}", seal(app, &ids))
}

fn seal(app: &App, ids: &str) -> String {
    token::digest(&app.keyring.keyed_digest("session state", ids))
}

/// The state of those that are still open of a state that a browser keeps; `None` if that is the same, or no state of
/// ours. The empty text: none of them is open.
pub async fn renewed(app: &App, kept: &str) -> Result<Option<String>, Internal> {
    let Some((ids, mac)) = kept.rsplit_once(BETWEEN) else { return Ok(None) };
    if !token::same(&seal(app, ids), mac) {
        return Ok(None);
    }
    let sessions: Vec<SessionId> = ids.split(BETWEEN).filter_map(|id| id.parse().ok()).collect();
    let open = roster::read(app, &sessions, Door::Staff).await?.sessions();
    Ok(match open.len() {
        open if open == sessions.len() => None,
        0 => Some(String::new()),
        _ => Some(browser_state(app, &open)),
    })
}

/// `session_state` (§2, §4.2): by application, origin, browser and chance. `None` for an application without an origin.
pub fn session_state(
    app: &App,
    client_id: &str,
    redirect_uri: &str,
    sessions: &[SessionId],
) -> Option<String> {
    let origin = origin(redirect_uri);
    if !origin.starts_with("http") {
        return None;
    }
    let salt = token::new(app.system.entropy()).expose().clone();
    let hash = token::sha256(&format!("{client_id} {origin} {} {salt}", browser_state(app, sessions)));
    Some(format!("{}.{salt}", hex(&hash)))
}
