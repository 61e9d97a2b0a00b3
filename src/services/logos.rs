//! The logos of applications: fetched by the house, kept in the database, and shown from there. No page makes a
//! person's browser ask an application's site for one.

use super::{Internal, chain};
use crate::app::App;
use crate::crypto::token;
use crate::domain::id::ClientRowId;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::logo::{self, Picture};
use crate::storage::client_logos::{self, Kept, State};
use crate::storage::clients;
use crate::urls;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;
use url::Url;

/// So many addresses are asked in one round; each may think for five seconds.
const ROUND: usize = 10;

/// Logos of so many bytes stand within the portal's page.
const SMALL: i64 = 4096;

/// A logo as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Its media type.
    pub media: &'static str,
    /// The picture.
    pub bytes: Vec<u8>,
    /// Changes with the bytes.
    pub version: String,
}

/// Fetches the logo of an application that was registered or changed. Nothing depends on it: the job tries again. One
/// that registered itself waits for the job, so that a stranger cannot tell by the time what answers on our networks.
pub(super) async fn renew(app: &App, client: &Client) {
    if client.metadata.self_registered {
        return;
    }
    let Some(uri) = &client.metadata.logo_uri else { return };
    if let Err(error) = fetch_new(app, client.id, uri).await {
        tracing::error!(client = %client.client_id, "keeping a logo failed: {}", chain(&error));
    }
}

async fn fetch_new(app: &App, client: ClientRowId, uri: &str) -> Result<(), Internal> {
    let known = client_logos::state_of(&app.db, client).await?.filter(|known| known.uri == uri);
    match known {
        Some(known) if known.failures == 0 => Ok(()),
        known => fetch(app, client, uri, known.map_or(0, |known| known.failures)).await.map(|_| ()),
    }
}

/// Fetches the logos that are due, the new ones at once; tells how many were read.
pub async fn keep(app: &App) -> Result<u64, Internal> {
    let now = app.now();
    let known: HashMap<ClientRowId, State> =
        client_logos::states(&app.db).await?.into_iter().map(|state| (state.client, state)).collect();
    let due = |client: Client| {
        let uri = client.metadata.logo_uri?;
        let known = known.get(&client.id).filter(|known| known.uri == uri);
        let is_due = known.is_none_or(|known| known.due_at <= now);
        is_due.then(|| (client.id, uri, known.map_or(0, |known| known.failures)))
    };
    let all = clients::with_logo(&app.db).await?;
    let due: Vec<_> = all.into_iter().filter_map(due).take(ROUND).collect();
    let mut read = 0;
    for (client, uri, failures) in due {
        read += u64::from(fetch(app, client, &uri, failures).await?);
    }
    Ok(read)
}

/// The logo of an application for a browser; `None` if none is kept.
pub async fn served(app: &App, client_id: &str) -> Result<Option<Logo>, Internal> {
    let Some(client) = clients::any_by_client_id(&app.db, client_id).await? else { return Ok(None) };
    let kept = kept(app, &client).await?;
    Ok(kept.map(|kept| Logo { media: kept.picture.media(), bytes: kept.bytes, version: kept.version }))
}

/// How the logo of an application stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether one is kept, and shown.
    pub is_kept: bool,
    /// Why the last look gave nothing.
    pub error: Option<String>,
}

/// How the logo of an application stands; `None` if it names none.
pub async fn standing(app: &App, client: &Client) -> Result<Option<Standing>, Internal> {
    let Some(uri) = &client.metadata.logo_uri else { return Ok(None) };
    let state = client_logos::state_of(&app.db, client.id).await?.filter(|state| state.uri == *uri);
    let is_kept = kept(app, client).await?.is_some();
    Ok(Some(Standing { is_kept, error: state.and_then(|state| state.error) }))
}

/// Where the logo of an application is shown from: an address of the house, or nothing.
pub(super) async fn address(app: &App, client: &Client) -> Result<Option<String>, Internal> {
    let kept = kept(app, client).await?;
    Ok(kept.map(|kept| urls::logo(&client.client_id, &kept.version)))
}

/// The small logos that are kept, as `data:` addresses, each with the address that it was read from.
pub(super) async fn small(app: &App) -> Result<HashMap<ClientRowId, (String, String)>, Internal> {
    let all = client_logos::small(&app.db, SMALL).await?;
    Ok(all.into_iter().map(|kept| (kept.client, (kept.uri.clone(), data_of(&kept)))).collect())
}

fn data_of(kept: &Kept) -> String {
    format!("data:{};base64,{}", kept.picture.media(), STANDARD.encode(&kept.bytes))
}

/// What is kept of the address that is registered now.
async fn kept(app: &App, client: &Client) -> Result<Option<Kept>, Internal> {
    let Some(uri) = &client.metadata.logo_uri else { return Ok(None) };
    Ok(client_logos::of(&app.db, client.id).await?.filter(|kept| kept.uri == *uri))
}

/// Asks an address once and notes what came of it; tells whether a logo was read. No transaction may be open.
async fn fetch(app: &App, client: ClientRowId, uri: &str, failures: i64) -> Result<bool, Internal> {
    let read = read(app, uri).await;
    let now = app.now();
    match read {
        Ok((picture, bytes)) => {
            let version = token::digest_of(&bytes).chars().take(16).collect();
            let kept = Kept { client, uri: uri.to_owned(), picture, bytes, version };
            client_logos::put(&app.db, &kept, now, logo::renewed_at(now)).await?;
            Ok(true)
        }
        Err(why) => {
            tracing::warn!(uri, "the logo of an application was not read: {why}");
            let failures = failures.saturating_add(1);
            let state = State {
                client,
                uri: uri.to_owned(),
                due_at: logo::retried_at(now, failures),
                failures,
                error: Some(why.chars().take(200).collect()),
            };
            client_logos::failed(&app.db, &state).await?;
            Ok(false)
        }
    }
}

async fn read(app: &App, uri: &str) -> Result<(Picture, Vec<u8>), String> {
    let address = Url::parse(uri).map_err(|error| error.to_string())?;
    let accept = "image/svg+xml, image/png, image/webp, image/jpeg, image/gif";
    let fetched = app.outbound.get_bytes(&address, logo::LARGEST, accept).await;
    let (content_type, bytes) = fetched.map_err(|error| chain(&error))?;
    let picture = Picture::recognise(&content_type, &bytes).ok_or_else(|| {
        "it is no PNG, WebP, JPEG, GIF or SVG, or its content type says otherwise".to_owned()
    })?;
    Ok((picture, bytes))
}
