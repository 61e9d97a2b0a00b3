//! The way to the mail relay: SMTP, and nothing else. What is here: connecting, TLS, signing in, handing over one
//! letter, and telling a refusal of this recipient from a relay that cannot be used. What is not: when a letter is
//! written or tried again (`domain::mail`, `services::letters`).
//!
//! RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 3834 (automatic letters are marked as such).

mod message;

use crate::config::{MailConfig, MailTls};
use crate::domain::id::LetterId;
use crate::domain::mail::Letter;
use crate::domain::timestamp::Timestamp;
use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use std::future::Future;
use std::path::Path;
use thiserror::Error;

/// What the relay said, so that one bad address never stops the others and a relay that is down loses no letter.
#[derive(Debug, Error)]
pub enum MailError {
    /// No relay is named in the configuration.
    #[error("no mail relay is configured")]
    NoRelay,
    /// It does not answer, or the connection broke. Nothing is wrong with the letter.
    #[error("the mail relay does not answer: {0}")]
    Unreachable(String),
    /// It answers and cannot be used: an untrusted certificate, a wrong password, a sender that it does not accept.
    #[error("the mail relay cannot be used: {0}")]
    Misconfigured(String),
    /// It does not take this letter now (4xx).
    #[error("not now: {0}")]
    NotNow(String),
    /// It will never take this letter (5xx).
    #[error("refused: {0}")]
    Refused(String),
}

impl MailError {
    /// Whether the relay is at fault and not this letter, so that other letters need not be tried.
    pub const fn stops_the_round(&self) -> bool {
        matches!(self, Self::NoRelay | Self::Unreachable(_) | Self::Misconfigured(_))
    }
}

/// The relay that the configuration names, if it names one.
#[derive(Debug, Clone)]
pub struct Relay {
    config: Option<MailConfig>,
}

/// An open conversation with the relay: signed in, ready for letters.
pub struct Conversation<'a> {
    connection: AsyncSmtpConnection,
    config: &'a MailConfig,
    from: Address,
    is_over: bool,
}

impl Relay {
    /// The relay of a configuration.
    pub const fn new(config: Option<MailConfig>) -> Self {
        Self { config }
    }

    /// Its settings, if there is one.
    pub const fn config(&self) -> Option<&MailConfig> {
        self.config.as_ref()
    }

    /// Connects, switches to TLS and signs in.
    pub async fn open(&self) -> Result<Conversation<'_>, MailError> {
        let config = self.config.as_ref().ok_or(MailError::NoRelay)?;
        let from = message::address(&config.from)?;
        let connection = within(config, Box::pin(connect(config))).await?;
        Ok(Conversation { connection, config, from, is_over: false })
    }

    /// What the doctor says of the relay: who it is and how it was reached, or what to do.
    pub async fn check(&self) -> Result<String, String> {
        let Some(config) = &self.config else {
            return Ok("none is configured; letters are written and shown in the portal, not sent".to_owned());
        };
        let conversation = self.open().await.map_err(|error| {
            format!("{}:{}: {error}; look at [mail] in the configuration", config.relay_host, config.port)
        })?;
        let how = match config.tls {
            MailTls::StartTls => "encrypted by STARTTLS",
            MailTls::Implicit => "encrypted",
            MailTls::None => "on this machine, not encrypted",
        };
        conversation.close().await;
        Ok(format!("{}:{} answers, {how}", config.relay_host, config.port))
    }
}

impl Conversation<'_> {
    /// Hands one letter over. After a refusal of this letter the conversation goes on with the next.
    pub async fn send(&mut self, id: LetterId, letter: &Letter, at: Timestamp) -> Result<(), MailError> {
        let bytes = message::compose(self.config, id, letter, at)?;
        let to = message::address(letter.to())?;
        let config = self.config;
        within(config, Box::pin(self.hand_over(to, &bytes))).await
    }

    /// Whether the relay has hung up after a refusal, so that the next letter needs another conversation.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        let config = self.config;
        let goodbye = async { self.connection.quit().await.map_err(|error| broken(&error)) };
        if within(config, goodbye).await.is_err() {
            tracing::debug!("the mail relay did not say goodbye");
        }
    }

    async fn hand_over(&mut self, to: Address, bytes: &[u8]) -> Result<(), MailError> {
        let connection = &mut self.connection;
        // A sender that is refused is no fault of this letter: every letter has the same.
        let mail = Mail::new(Some(self.from.clone()), Vec::new());
        connection
            .command(mail)
            .await
            .map_err(|error| blamed(&error, error.is_permanent(), "it does not accept the sender"))?;
        let taken = async {
            connection.command(Rcpt::new(to, Vec::new())).await?;
            connection.command(Data).await?;
            connection.message(bytes).await
        };
        let Err(error) = taken.await else { return Ok(()) };
        let said = answer(&error);
        // RFC 5321 §4.1.1.5: the aborted letter is forgotten, the connection stays. Some relays hang up instead.
        self.is_over = said.stops_the_round() || self.connection.command(Rset).await.is_err();
        Err(said)
    }
}

async fn connect(config: &MailConfig) -> Result<AsyncSmtpConnection, MailError> {
    let (host, name) = ((config.relay_host.as_str(), config.port), ClientId::default());
    let tls = if config.tls == MailTls::None { None } else { Some(trust(config)?) };
    let wrapped = tls.clone().filter(|_| config.tls == MailTls::Implicit);
    let opened = AsyncSmtpConnection::connect_tokio1(host, Some(config.timeout), &name, wrapped, None).await;
    let mut connection = opened.map_err(|error| broken(&error))?;
    if let (MailTls::StartTls, Some(tls)) = (config.tls, tls) {
        if !connection.can_starttls() {
            return Err(MailError::Misconfigured("it does not offer STARTTLS; see mail.tls".to_owned()));
        }
        connection.starttls(tls, &name).await.map_err(|error| broken(&error))?;
    }
    if let Some((user, password)) = &config.credentials {
        let credentials = Credentials::new(user.clone(), password.expose().clone());
        let signed = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
        signed.map_err(|error| {
            let is_refused = error.is_permanent() || error.is_client();
            blamed(&error, is_refused, "it refuses mail.username and its password")
        })?;
    }
    Ok(connection)
}

/// Whose certificates the relay may show: the city's own CA from a file, or else the system's CAs.
fn trust(config: &MailConfig) -> Result<TlsParameters, MailError> {
    let wrong = |what: String| MailError::Misconfigured(what);
    let mut builder = TlsParameters::builder(config.relay_host.clone());
    if let Some(file) = &config.ca_file {
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(ca(file)?);
    }
    builder.build().map_err(|error| wrong(format!("TLS cannot be set up: {error}")))
}

fn ca(file: &Path) -> Result<Certificate, MailError> {
    let wrong = |why: String| MailError::Misconfigured(format!("mail.ca_file {}: {why}", file.display()));
    let pem = std::fs::read(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    Certificate::from_pem(&pem).map_err(|error| wrong(error.to_string()))
}

/// What a command's error says of this letter.
fn answer(error: &SmtpError) -> MailError {
    match error.status() {
        // RFC 5321 §3.8: the relay closes; RFC 4954 §6: it wants us to sign in first.
        Some(code) if [421, 530].contains(&u16::from(code)) => MailError::Misconfigured(in_words(error)),
        Some(_) if error.is_permanent() => MailError::Refused(in_words(error)),
        Some(_) => MailError::NotNow(in_words(error)),
        None => broken(error),
    }
}

/// A refusal that has one meaning at this point of the conversation, or what the error says otherwise.
fn blamed(error: &SmtpError, is_refused: bool, meaning: &str) -> MailError {
    if is_refused {
        return MailError::Misconfigured(format!("{meaning}: {}", in_words(error)));
    }
    broken(error)
}

/// What an error says of the relay where no letter is concerned.
fn broken(error: &SmtpError) -> MailError {
    if error.is_tls() || error.is_permanent() || in_words(error).contains("certificate") {
        return MailError::Misconfigured(in_words(error));
    }
    MailError::Unreachable(in_words(error))
}

/// An error on one line; the relay's own words may be anything.
fn in_words(error: &SmtpError) -> String {
    let said = match (error.status(), std::error::Error::source(error)) {
        (Some(code), Some(words)) => format!("{} {words}", u16::from(code)),
        _ => error.to_string(),
    };
    crate::domain::name::tidy(&said).chars().take(300).collect()
}

/// A relay that keeps silent is as one that is not there.
async fn within<T>(
    config: &MailConfig,
    doing: impl Future<Output = Result<T, MailError>>,
) -> Result<T, MailError> {
    let late = || MailError::Unreachable(format!("no answer for {} s", config.timeout.as_secs()));
    tokio::time::timeout(config.timeout, doing).await.unwrap_or_else(|_| Err(late()))
}
