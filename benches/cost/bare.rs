//! The bare things that stand beside ours: a signature, a durable commit, an answer of axum, a bind.

use crate::rounds::{self, Cost};
use crate::table;
use anyhow::Context;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use danang_sso::config::Connection;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Scope, SearchEntry, StdStream};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use url::Url;

/// The word on the command line that makes this program the bare axum server.
pub const ANSWER: &str = "--bare-answer";

/// What the bare things cost.
pub struct Bare {
    /// One RS256 signature with a key of 2048 bits.
    pub signature: Cost,
    /// One row committed to disk.
    pub commit: Cost,
    /// One answer of an axum server that does nothing else.
    pub answer: Cost,
}

/// Measures them.
pub async fn measure(dir: &Path) -> anyhow::Result<Bare> {
    let bare = Bare { signature: signature().await?, commit: commit(dir).await?, answer: answers().await? };
    table::cost("RS256 signature, 2048 bits (aws-lc-rs)", bare.signature, &[]);
    table::cost("durable commit of one row (SQLite, WAL, FULL)", bare.commit, &[]);
    table::cost("answer of an axum server that does nothing else", bare.answer, &[]);
    Ok(bare)
}

async fn signature() -> anyhow::Result<Cost> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).context("making a key")?;
    let (random, message) = (SystemRandom::new(), [7; 600]);
    let mut signature = vec![0; pair.public_modulus_len()];
    rounds::of(std::process::id(), 1000, async || {
        pair.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).context("signing")
    })
    .await
}

/// With the driver and the settings of the house.
async fn commit(dir: &Path) -> anyhow::Result<Cost> {
    let options = SqliteConnectOptions::new()
        .filename(dir.join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::query("CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT)").execute(&pool).await?;
    let text = "x".repeat(200);
    let cost = rounds::of(std::process::id(), 300, async || {
        let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO bare (text) VALUES ($1)").bind(&text).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    })
    .await?;
    pool.close().await;
    Ok(cost)
}

/// Serves until it is killed; prints its port first.
pub async fn answer() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "ok\n" }));
    Ok(axum::serve(listener, router).await?)
}

async fn answers() -> anyhow::Result<Cost> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(ANSWER).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut server = command.spawn().context("starting the bare server")?;
    let pid = server.id().context("it has just been started")?;
    let mut port = String::new();
    let out = server.stdout.take().context("it is piped")?;
    BufReader::new(out).read_line(&mut port).await?;
    let (http, url) = (crate::browser::http()?, format!("http://127.0.0.1:{}/", port.trim()));
    let cost = rounds::of(pid, 5000, async || {
        http.get(&url).send().await?.error_for_status()?.bytes().await?;
        Ok(())
    })
    .await;
    server.kill().await?;
    cost
}

/// A directory that is bound to without the house.
pub struct BareDirectory {
    url: Url,
    starttls: bool,
    tls: Arc<ClientConfig>,
}

impl BareDirectory {
    /// Reached as the house reaches it.
    pub fn new(connection: &Connection) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        let file = connection.ca_file.as_ref().context("the rig names its CA")?;
        for certificate in CertificateDer::pem_file_iter(file)? {
            roots.add(certificate?)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(Self {
            url: Url::parse(connection.urls.first().context("the rig names its address")?)?,
            starttls: connection.starttls,
            tls: Arc::new(tls.with_root_certificates(roots).with_no_client_auth()),
        })
    }

    /// Connects, encrypts, binds.
    pub async fn bind(&self, dn: &str, password: &str) -> anyhow::Result<Ldap> {
        let port = self.url.port().unwrap_or(if self.url.scheme() == "ldaps" { 636 } else { 389 });
        let stream = TcpStream::connect((self.url.host_str().unwrap_or_default(), port)).await?;
        stream.set_nodelay(true)?;
        let settings = LdapConnSettings::new()
            .set_config(self.tls.clone())
            .set_starttls(self.starttls)
            .set_std_stream(StdStream::Tcp(stream.into_std()?));
        let (connection, mut ldap) = LdapConnAsync::from_url_with_settings(settings, &self.url).await?;
        ldap3::drive!(connection);
        ldap.simple_bind(dn, password).await?.success().context("a bare bind")?;
        Ok(ldap)
    }

    /// The distinguished name of the entry with this address.
    pub async fn dn_of(service: &mut Ldap, base: &str, address: &str) -> anyhow::Result<String> {
        let filter = format!("(mail={address})");
        let found = service.search(base, Scope::Subtree, &filter, vec!["mail"]).await?.success()?.0;
        let entry = found.into_iter().next().with_context(|| format!("no entry with {address}"))?;
        Ok(SearchEntry::construct(entry).dn)
    }
}
