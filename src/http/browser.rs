//! The cookie: tower-sessions carries it, signed; what it points to lies in our own table.
//!
//! One of the two places above `services` that touch `storage` (see `tests/architecture.rs`).

use crate::app::App;
use crate::domain::session::Door;
use crate::storage::browsers;
use async_trait::async_trait;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use std::collections::HashMap;
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::{Key, SameSite};
use tower_sessions::service::SignedCookie;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, SessionStore};
use tower_sessions::{Expiry, SessionManagerLayer};

/// The data key under which a browser keeps its signed-in session.
pub(super) const SESSION: &str = "session";
/// The data key under which it keeps the sessions of other accounts.
pub(super) const OTHERS: &str = "others";

/// How long a browser that has not signed in is remembered, from the last page with a form that it was shown.
const STRANGER: Duration = Duration::hours(1);
/// How often, at most, a page that is shown makes that longer.
pub(super) const LONGER: Duration = Duration::minutes(10);

/// The store behind the cookie.
#[derive(Clone)]
pub struct BrowserStore {
    app: App,
    door: Door,
}

impl std::fmt::Debug for BrowserStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BrowserStore")
    }
}

/// The cookie layer of a door: signed, HttpOnly, SameSite=Lax, gone with the browser; on https `Secure` and
/// `__Host-` (RFC 6265bis §4.1.3.2).
pub fn layer(app: &App, door: Door) -> SessionManagerLayer<BrowserStore, SignedCookie> {
    let secure = is_secure(app, door);
    let key = app.keyring.derive::<64>(&format!("cookie {}", door.code()));
    SessionManagerLayer::new(BrowserStore { app: app.clone(), door })
        .with_name(name(secure, door))
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
        .with_signed(Key::from(key.expose()))
}

fn is_secure(app: &App, door: Door) -> bool {
    let url = match door {
        Door::Staff => &app.config.server.public_url,
        Door::Admin => &app.config.server.admin_url,
    };
    url.scheme() == "https"
}

const fn name(secure: bool, door: Door) -> &'static str {
    match (secure, door) {
        (true, Door::Staff) => "__Host-dsso",
        (true, Door::Admin) => "__Host-dsso-admin",
        (false, Door::Staff) => "dsso",
        (false, Door::Admin) => "dsso-admin",
    }
}

/// Whether a request has the cookie of a door, good for anything or not.
pub(super) fn is_known(headers: &HeaderMap, app: &App, door: Door) -> bool {
    let name = name(is_secure(app, door), door);
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|cookies| cookies.split(';'))
        .any(|pair| pair.trim().split_once('=').is_some_and(|(key, _)| key == name))
}

impl BrowserStore {
    fn expires_at(&self, record: &Record) -> crate::domain::timestamp::Timestamp {
        let sessions = self.app.config.sessions;
        let signed_in = record.data.contains_key(SESSION) || record.data.contains_key(OTHERS);
        let life = match (signed_in, self.door) {
            (false, _) => STRANGER,
            (true, Door::Staff) => sessions.staff_life,
            (true, Door::Admin) => sessions.admin_life,
        };
        self.app.now().plus(life)
    }

    /// The key in the table: a digest, so that a stolen database opens no session.
    fn key(&self, id: Id) -> String {
        self.app.keyring.keyed_digest(&format!("browser {}", self.door.code()), &id.0.to_string())
    }
}

fn backend(error: impl std::fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for BrowserStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let data = serde_json::to_string(&record.data).map_err(backend)?;
        loop {
            let free =
                browsers::create(&self.app.db, &self.key(record.id), &data, self.expires_at(record)).await;
            if free.map_err(backend)? {
                return Ok(());
            }
            record.id = Id(i128::from_be_bytes(crate::domain::chance::bytes(self.app.system.entropy())));
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let data = serde_json::to_string(&record.data).map_err(backend)?;
        browsers::save(&self.app.db, &self.key(record.id), &data, self.expires_at(record))
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(data) =
            browsers::load(&self.app.db, &self.key(*id), self.app.now()).await.map_err(backend)?
        else {
            return Ok(None);
        };
        let data: HashMap<_, _> = serde_json::from_str(&data).map_err(backend)?;
        // The table decides when it expires; the cookie goes with the browser.
        Ok(Some(Record { id: *id, data, expiry_date: OffsetDateTime::UNIX_EPOCH + Duration::days(365_000) }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        browsers::delete(&self.app.db, &self.key(*id)).await.map_err(backend)
    }
}
