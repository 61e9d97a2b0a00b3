//! The bare things that stand beside ours: a signature, a durable commit, an answer of axum, a bind.

use crate::browser::{get, http};
use crate::rounds::Rounds;
use crate::table;
use anyhow::Context;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use danang_sso::config::Connection;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Scope, SearchEntry, StdStream};
use reqwest::Client;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use url::Url;

/// The word on the command line that makes this program the bare axum server.
pub const ANSWER: &str = "--bare-answer";

/// The bare things, ready to be measured.
pub struct Bare {
    pair: RsaKeyPair,
    pool: SqlitePool,
    http: Client,
    server: Child,
    url: String,
    /// One RS256 signature with a key of 2048 bits.
    pub signature: Rounds,
    /// One row committed to disk.
    pub commit: Rounds,
    /// One answer of an axum server that does nothing else.
    pub answer: Rounds,
}

impl Bare {
    /// Makes a key, a database and a server.
    pub async fn start(dir: &Path) -> anyhow::Result<Self> {
        let (server, url) = start_server().await?;
        Ok(Self {
            pair: RsaKeyPair::generate(KeySize::Rsa2048).context("making a key")?,
            pool: open_database(&dir.join("bare.db")).await?,
            http: http()?,
            server,
            url,
            signature: Rounds::default(),
            commit: Rounds::default(),
            answer: Rounds::default(),
        })
    }

    /// One round of each.
    pub async fn round(&mut self) -> anyhow::Result<()> {
        let (own, message) = (std::process::id(), [7; 600]);
        let (pair, pool, http, url) = (&self.pair, &self.pool, &self.http, &self.url);
        let (random, mut signature) = (SystemRandom::new(), vec![0; pair.public_modulus_len()]);
        let sign =
            async || pair.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).context("signing");
        self.signature.add(own, 1000, sign).await?;
        let text = "x".repeat(200);
        let commit = async || {
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query("INSERT INTO bare (text) VALUES ($1)").bind(&text).execute(&mut *tx).await?;
            Ok(tx.commit().await?)
        };
        self.commit.add(own, 300, commit).await?;
        let pid = self.server.id().context("it runs until this is dropped")?;
        self.answer.add(pid, 3000, async || get(http, url).await).await
    }

    /// Prints them.
    pub fn print(&self) {
        table::cost("RS256 signature, 2048 bits (aws-lc-rs)", self.signature.median(), &[]);
        table::cost("durable commit of one row (SQLite, WAL, FULL)", self.commit.median(), &[]);
        table::cost("answer of an axum server that does nothing else", self.answer.median(), &[]);
    }
}

/// With the driver and the settings of the house.
async fn open_database(file: &Path) -> anyhow::Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::query("CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT)").execute(&pool).await?;
    Ok(pool)
}

/// Serves until it is killed; prints its port first.
pub async fn answer() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "ok\n" }));
    Ok(axum::serve(listener, router).await?)
}

async fn start_server() -> anyhow::Result<(Child, String)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(ANSWER).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut server = command.spawn().context("starting the bare server")?;
    let mut port = String::new();
    let out = server.stdout.take().context("it is piped")?;
    BufReader::new(out).read_line(&mut port).await?;
    Ok((server, format!("http://127.0.0.1:{}/", port.trim())))
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
