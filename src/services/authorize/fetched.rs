//! Request objects at an address of the application (OIDC Core 1.0 §6.2): fetched when they are not known, kept for a
//! minute, and not at everybody's pleasure, because a stranger's browser makes the house ask.

use crate::app::{App, FetchedObject};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::refusals;
use crate::domain::throttle::Limit;
use crate::outbound::MAX_DOCUMENT;
use crate::services::chain;
use std::sync::PoisonError;
use time::Duration;
use url::Url;

/// For how long a request object is good; with another fragment it is another one at once (§6.2).
const FRESH: Duration = Duration::minutes(1);

/// An address that gave nothing is not asked again for so long.
const LOOK_AGAIN: Duration = Duration::seconds(10);

/// So many addresses are remembered, and so many network addresses counted.
const REMEMBERED: usize = 1000;

/// How often one network address may make the house ask.
const PACE: Limit = Limit { failures: 60, window: Duration::minutes(1), pause: Duration::minutes(1) };

/// The text at an address that the client has registered; compared as a whole, while the fragment stays here.
pub(super) async fn text(app: &App, client: &Client, uri: &str, source: &str) -> Result<String, Refusal> {
    const NO_ANSWER: Refusal = refusals::URI_UNREAD;
    if !client.metadata.request_uris.iter().any(|known| known == uri) {
        return Err(refusals::URI_UNKNOWN);
    }
    let (place, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    // One at a time for each address: whoever waited finds what the first one fetched.
    let _turn = app.turns.take(&format!("request_uri {place}")).await;
    if let Some(known) = remembered(app, place, fragment) {
        return known.text.ok_or(NO_ANSWER);
    }
    if !is_in_pace(app, source) {
        return Err(refusals::URI_PACED);
    }
    let address = Url::parse(uri).map_err(|_| NO_ANSWER)?;
    let accept = "application/oauth-authz-req+jwt, application/jwt";
    let text = match app.outbound.get_text(&address, MAX_DOCUMENT, accept).await {
        Ok(text) => Some(text.trim().to_owned()),
        Err(error) => {
            tracing::info!(client_id = %client.client_id, "a request object was not read: {}", chain(&error));
            None
        }
    };
    remember(
        app,
        place,
        FetchedObject { fragment: fragment.to_owned(), text: text.clone(), asked_at: app.now() },
    );
    text.ok_or(NO_ANSWER)
}

/// What is known of an address, if it is still good; that it gave nothing just now is known too.
fn remembered(app: &App, place: &str, fragment: &str) -> Option<FetchedObject> {
    let all = app.request_objects.lock().unwrap_or_else(PoisonError::into_inner);
    let known = all.get(place).filter(|known| known.fragment == fragment)?;
    let life = if known.text.is_some() { FRESH } else { LOOK_AGAIN };
    (app.now().since(known.asked_at) < life).then(|| known.clone())
}

fn remember(app: &App, place: &str, object: FetchedObject) {
    let mut all = app.request_objects.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= REMEMBERED {
        all.retain(|_, one| app.now().since(one.asked_at) < LOOK_AGAIN);
    }
    if all.len() < REMEMBERED {
        all.insert(place.to_owned(), object);
    }
}

/// Counts one fetch for a network address; `false` when it must wait.
pub(in crate::services) fn is_in_pace(app: &App, source: &str) -> bool {
    let now = app.now();
    let mut all = app.fetch_counts.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= REMEMBERED {
        all.retain(|_, count| now.since(count.since) < PACE.window || count.wait(now).is_some());
    }
    let before = all.get(source).cloned().unwrap_or_default();
    if before.wait(now).is_some() || (all.len() >= REMEMBERED && !all.contains_key(source)) {
        return false;
    }
    all.insert(source.to_owned(), before.failed(None, PACE, now));
    true
}
