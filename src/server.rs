//! Puts the house together and serves it: database, keys, directories, both listeners, jobs.

use crate::app::App;
use crate::config::Config;
use crate::crypto::keyring::Keyring;
use crate::directory::{Directories, Directory, ad::AdDirectory, obm::ObmDirectory};
use crate::domain::session::Door;
use crate::storage::Db;
use crate::system::System;
use crate::{api, http, jobs, oidc, services, urls, web};
use anyhow::{Context, bail};
use axum::routing::get;
use axum::{Router, middleware};
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Opens everything that a configuration names; migrates the database.
pub async fn open(config: Config, system: System) -> anyhow::Result<App> {
    let db = open_database(&config).await?;
    let keyring = keyring(&config.master_key_file, &system)?;
    let directories = directories(&config);
    let app = App::new(config, db, directories, system, keyring);
    services::keys::ensure(&app).await.context("preparing the signing keys")?;
    services::calendar::ensure(&app).await.context("preparing the calendar")?;
    services::policy::ensure(&app).await.context("preparing the policy")?;
    services::accounts::ensure_sorted(&app).await.context("sorting the names of the accounts")?;
    Ok(app)
}

/// Opens and migrates the database.
pub async fn open_database(config: &Config) -> anyhow::Result<Db> {
    let url = config.database_url.expose();
    let shown = url.split('@').next_back().unwrap_or_default();
    let hint = "is the server there, may the account sign in, is there room on the disk?";
    let db = Db::open(url).await.with_context(|| format!("opening the database {shown}: {hint}"))?;
    db.migrate().await.context("bringing the tables up to date")?;
    Ok(db)
}

/// The directories that a configuration names.
pub fn directories(config: &Config) -> Directories {
    let mut all: Vec<Arc<dyn Directory>> = Vec::new();
    if let Some(ad) = &config.ad {
        all.push(Arc::new(AdDirectory::new(ad.clone())));
    }
    if let Some(obm) = &config.obm {
        all.push(Arc::new(ObmDirectory::new(obm.clone())));
    }
    Directories::new(all)
}

/// Reads the master key, or makes it at the first start.
fn keyring(file: &Path, system: &System) -> anyhow::Result<Keyring> {
    if !file.exists() {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        let text = Keyring::new_file(system.entropy());
        let mut options = std::fs::OpenOptions::new();
        let mut out = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)
            .with_context(|| format!("making the master key {}", file.display()))?;
        std::io::Write::write_all(&mut out, text.expose().as_bytes())
            .and_then(|()| out.sync_all())
            .with_context(|| format!("writing the master key {}", file.display()))?;
        tracing::info!(file = %file.display(), "a master key was made; keep a copy apart from the database's");
    }
    let mode =
        std::fs::metadata(file).with_context(|| format!("reading {}", file.display()))?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("the master key {} is readable by others; chmod 600 it", file.display());
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    Keyring::parse(&text).with_context(|| format!("reading {}", file.display()))
}

/// The routes of sign-in, portal and protocol, and of SCIM.
pub fn staff(app: &App) -> Router {
    let routes = keeping(app, web::staff())
        .merge(oidc::router(app))
        .merge(api::scim::router(app))
        .route(urls::HEALTH, get(|| async { "ok\n" }));
    http::layers::wrap(routes, app, Door::Staff, &[api::scim::VOICE])
}

/// The routes of the administration, for people and for applications.
pub fn admin(app: &App) -> Router {
    let routes =
        keeping(app, web::admin()).merge(api::router(app)).route(urls::HEALTH, get(|| async { "ok\n" }));
    http::layers::wrap(routes, app, Door::Admin, &[api::VOICE])
}

/// The pages, with what keeps their forms over a proof; what applications send is not of that kind.
fn keeping(app: &App, pages: Router<App>) -> Router<App> {
    pages.route_layer(middleware::from_fn_with_state(app.clone(), http::keep::forms))
}

/// The two listeners, bound: a taken port is told before anything else is started.
pub struct Listeners {
    staff: TcpListener,
    admin: TcpListener,
}

impl Listeners {
    /// Binds both: sign-in with portal and protocol, and the administration.
    pub async fn bind(staff: SocketAddr, admin: SocketAddr) -> anyhow::Result<Self> {
        let bind = async |address: SocketAddr, key: &str| {
            TcpListener::bind(address).await.with_context(|| {
                format!("listening on {address} ({key}): is something else there, or another danang-sso?")
            })
        };
        Ok(Self {
            staff: bind(staff, "server.listen").await?,
            admin: bind(admin, "server.admin_listen").await?,
        })
    }
}

/// Serves until `stop` turns true; requests and jobs under way come to their end.
pub async fn serve(app: App, listeners: Listeners, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let staff = axum::serve(listeners.staff, staff(&app).into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopped(stop.clone()));
    let admin = axum::serve(listeners.admin, admin(&app).into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopped(stop.clone()));
    let jobs = jobs::run_until(app.clone(), stop);
    tracing::info!(
        issuer = app.config.server.issuer(),
        staff = %app.config.server.listen,
        administration = %app.config.server.admin_listen,
        database = app.db.kind(),
        "danang-sso serves"
    );
    let (staff, admin, ()) = tokio::join!(async { staff.await }, async { admin.await }, jobs);
    staff.and(admin).context("serving")?;
    app.db.close().await;
    Ok(())
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Whoever could stop us is gone: serve on.
        std::future::pending::<()>().await;
    }
}

/// Turns true at Ctrl-C or SIGTERM.
pub fn signals() -> anyhow::Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (stop, stopped) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
        if stop.send(true).is_ok() {
            // Keep the channel open until everybody has seen it.
            stop.closed().await;
        }
    });
    Ok(stopped)
}
