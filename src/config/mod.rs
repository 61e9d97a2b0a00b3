//! The configuration: TOML, overridden from the environment, secrets from files; every mistake is reported at once.

mod admin;
mod audit;
mod client_certificates;
pub mod directories;
mod incidents;
mod keys;
mod mail;
mod mail_rules;
mod oidc;
mod outage;
mod outbound;
mod reader;
mod registration;
mod second_factor;
mod watch;

pub use admin::Admin;
pub use audit::Audit;
pub use client_certificates::ClientCertificates;
pub use directories::{AdConfig, Connection, ObmConfig};
pub use incidents::{IncidentContact, IncidentsConfig, Network, Networks};
pub use keys::{KEYS, Key, example, reference};
pub use mail::{MailConfig, MailTls};
pub use mail_rules::MailRules;
pub use oidc::OidcConfig;
pub use outage::Outage;
pub use outbound::{Allowed, OutboundConfig};
pub use registration::{RegistrationConfig, RegistrationMode};
pub use second_factor::SecondFactor;
pub use watch::Watch;

use crate::domain::mailbox::MailSystem;
use crate::domain::policy::password::PasswordRules;
use crate::domain::policy::settings::{Setting, Settings};
use crate::domain::secret::Secret;
use crate::domain::sync::Limits;
use reader::Reader;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;
use url::Url;

/// Everything that is wrong with a configuration.
#[derive(Debug, Error)]
#[error("the configuration {file} has {} mistake(s):\n{}", mistakes.len(), mistakes.iter().map(|m| format!("  - {m}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError {
    /// The file.
    pub file: String,
    /// One line each.
    pub mistakes: Vec<String>,
}

/// The whole configuration, read and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listeners and addresses.
    pub server: Server,
    /// The database.
    pub database_url: Secret<String>,
    /// Where the master key is.
    pub master_key_file: PathBuf,
    /// The city.
    pub city: City,
    /// Active Directory, if the city has it.
    pub ad: Option<AdConfig>,
    /// OBM, if the city has it.
    pub obm: Option<ObmConfig>,
    /// The mail relay, if letters are sent.
    pub mail: Option<MailConfig>,
    /// The synchronisation.
    pub sync: Sync,
    /// What is done while a directory is down.
    pub outage: Outage,
    /// Which addresses of applications may be asked.
    pub outbound: OutboundConfig,
    /// Who may register applications by the protocol.
    pub registration: RegistrationConfig,
    /// What the provider does beyond the defaults.
    pub oidc: OidcConfig,
    /// Second factors.
    pub second_factor: SecondFactor,
    /// What is watched of the mailboxes.
    pub watch: Watch,
    /// What becomes of the audit.
    pub audit: Audit,
    /// Incidents: clocks and contacts.
    pub incidents: IncidentsConfig,
    /// What the networks are called.
    pub networks: Networks,
    /// The mail rules in short.
    pub mail_rules: MailRules,
    /// The regulation's values.
    pub policy: PolicyConfig,
    /// Into which directories locks are written.
    pub write_locks_to: Vec<MailSystem>,
    /// How the administration is guarded.
    pub admin: Admin,
    /// How long sessions live.
    pub sessions: Sessions,
    /// How long codes and tokens live.
    pub tokens: Tokens,
    /// What is logged.
    pub log_filter: String,
    /// Whether as JSON.
    pub log_json: bool,
}

/// Listeners and addresses.
#[derive(Debug, Clone)]
pub struct Server {
    /// The issuer: public address without a slash at the end.
    pub public_url: Url,
    /// Where sign-in, portal and protocol listen.
    pub listen: SocketAddr,
    /// Public address of the administration.
    pub admin_url: Url,
    /// Where the administration listens.
    pub admin_listen: SocketAddr,
    /// Proxies whose X-Forwarded-For and client certificates are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where client certificates come from.
    pub client_certificates: ClientCertificates,
}

impl Server {
    /// The issuer (OIDC Discovery §3): the public address as text, without a slash at the end.
    pub fn issuer(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// Whether browsers reach us by https, so that cookies are `Secure` and `__Host-`.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// What pages say of the city.
#[derive(Debug, Clone)]
pub struct City {
    /// Completes a name typed without `@`.
    pub mail_domain: String,
    /// The city's name.
    pub name: String,
    /// Whom a locked person asks.
    pub support_unit: String,
    /// Their telephone; may be empty.
    pub support_phone: String,
    /// Their hours.
    pub support_hours: String,
}

/// The regulation's values.
#[derive(Debug, Clone)]
pub struct PolicyConfig {
    /// The values with which the policy begins at the first start; later ones are in the database.
    pub initial: Settings,
    /// Rules for a new password.
    pub password: PasswordRules,
    /// How hard a new password must be to guess, from 0 to 4.
    pub min_score: u8,
}

/// The synchronisation.
#[derive(Debug, Clone)]
pub struct Sync {
    /// How often: Active Directory, then OBM.
    pub every: [Duration; 2],
    /// How often everything is read, and not only what changed.
    pub whole_every: time::Duration,
    /// How long an account that is in no directory any more waits for its return.
    pub retire_after: time::Duration,
    /// Prefixes of agency mailboxes.
    pub agency_mailbox_prefixes: Vec<String>,
    /// Prefixes of the mailboxes of services and devices.
    pub service_mailbox_prefixes: Vec<String>,
    /// From when on a plan is held.
    pub limits: Limits,
}

/// How long sessions live.
#[derive(Debug, Clone, Copy)]
pub struct Sessions {
    /// Staff, without use.
    pub staff_idle: time::Duration,
    /// Staff, in any case.
    pub staff_life: time::Duration,
    /// Administration, without use.
    pub admin_idle: time::Duration,
    /// Administration, in any case.
    pub admin_life: time::Duration,
}

/// How long codes and tokens live.
#[derive(Debug, Clone, Copy)]
pub struct Tokens {
    /// Authorization code.
    pub code: time::Duration,
    /// Access token, and ID token.
    pub access: time::Duration,
    /// Refresh token, without use.
    pub refresh_idle: time::Duration,
    /// Chain of refresh tokens, in any case.
    pub refresh_life: time::Duration,
    /// How long a key signs before its successor is announced.
    pub key_life: time::Duration,
}

impl Config {
    /// Reads a file and the overrides `DANANG_SSO__SECTION__KEY` from `environment`.
    pub fn load(
        file: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|e| ConfigError {
            file: name.clone(),
            mistakes: vec![format!("cannot be read: {e}")],
        })?;
        Self::parse(&name, &text, environment)
    }

    /// Reads a text; `name` is for messages.
    pub fn parse(
        name: &str,
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(text, environment);
        let config = read(&mut reader);
        let mistakes = reader.finish();
        match config {
            Some(config) if mistakes.is_empty() => Ok(config),
            _ => Err(ConfigError { file: name.to_owned(), mistakes }),
        }
    }
}

fn read(r: &mut Reader) -> Option<Config> {
    let server = server(r);
    let database_url = database(r);
    let ad = directories::ad(r);
    let obm = directories::obm(r);
    if ad.is_none() && obm.is_none() && !r.has_mistakes() {
        r.mistake("ad.urls, obm.urls: at least one directory is needed");
    }
    let (mail, second_factor) = (mail::read(r), second_factor::read(r));
    if second_factor.mail_codes && mail.is_none() {
        r.mistake("second_factor.mail_codes: needs a relay in [mail]");
    }
    if let Some(server) = &server {
        second_factor.check_roles(r, server);
    }
    // Everything is read before the first `?`, so that every mistake is found.
    let config = Partial {
        database_url,
        master_key_file: r.text("secrets.master_key_file").into(),
        city: city(r),
        mail,
        sync: sync(r),
        outage: outage::read(r),
        outbound: outbound::read(r),
        registration: registration::read(r),
        oidc: oidc::read(r),
        second_factor,
        watch: watch::read(r),
        audit: audit::read(r),
        incidents: incidents::read(r),
        networks: incidents::networks(r),
        mail_rules: mail_rules::read(r),
        policy: policy(r),
        write_locks_to: systems(r, "policy.write_locks_to"),
        admin: admin::read(r),
        sessions: sessions(r),
        tokens: tokens(r),
        log_filter: r.text("log.filter"),
        log_json: r.one_of("log.format", &["text", "json"]) == "json",
    };
    Some(config.with(server?, ad, obm))
}

/// Everything that has a value even when it was not given.
struct Partial {
    database_url: Secret<String>,
    master_key_file: PathBuf,
    city: City,
    mail: Option<MailConfig>,
    sync: Sync,
    outage: Outage,
    outbound: OutboundConfig,
    registration: RegistrationConfig,
    oidc: OidcConfig,
    second_factor: SecondFactor,
    watch: Watch,
    audit: Audit,
    incidents: IncidentsConfig,
    networks: Networks,
    mail_rules: MailRules,
    policy: PolicyConfig,
    write_locks_to: Vec<MailSystem>,
    admin: Admin,
    sessions: Sessions,
    tokens: Tokens,
    log_filter: String,
    log_json: bool,
}

impl Partial {
    fn with(self, server: Server, ad: Option<AdConfig>, obm: Option<ObmConfig>) -> Config {
        Config {
            server,
            ad,
            obm,
            database_url: self.database_url,
            master_key_file: self.master_key_file,
            city: self.city,
            mail: self.mail,
            sync: self.sync,
            outage: self.outage,
            outbound: self.outbound,
            registration: self.registration,
            oidc: self.oidc,
            second_factor: self.second_factor,
            watch: self.watch,
            audit: self.audit,
            incidents: self.incidents,
            networks: self.networks,
            mail_rules: self.mail_rules,
            policy: self.policy,
            write_locks_to: self.write_locks_to,
            admin: self.admin,
            sessions: self.sessions,
            tokens: self.tokens,
            log_filter: self.log_filter,
            log_json: self.log_json,
        }
    }
}

fn systems(r: &mut Reader, path: &str) -> Vec<MailSystem> {
    let mut systems = Vec::new();
    for code in r.texts(path) {
        match MailSystem::from_code(&code) {
            Some(system) => systems.push(system),
            None => r.mistake(&format!("{path}: {code:?} is neither \"ad\" nor \"obm\"")),
        }
    }
    systems
}

fn sync_every(r: &mut Reader) -> [Duration; 2] {
    let minutes = |n: i64| Duration::from_secs(n.unsigned_abs() * 60);
    let usual = r.number("sync.every_minutes", 1, 24 * 60);
    ["sync.ad_every_minutes", "sync.obm_every_minutes"].map(|path| match r.number(path, 0, 24 * 60) {
        0 => minutes(usual),
        own => minutes(own),
    })
}

fn sync(r: &mut Reader) -> Sync {
    Sync {
        every: sync_every(r),
        whole_every: time::Duration::hours(r.number("sync.whole_every_hours", 1, 24 * 30)),
        retire_after: time::Duration::days(r.number("sync.retire_after_days", 1, 10_000)),
        agency_mailbox_prefixes: r.texts("sync.agency_mailbox_prefixes"),
        service_mailbox_prefixes: r.texts("sync.service_mailbox_prefixes"),
        limits: Limits {
            number: r.number("sync.hold_above", 0, 1_000_000).unsigned_abs(),
            vanish_percent: r.number("sync.hold_vanish_percent", 0, 100).unsigned_abs(),
            lock_percent: r.number("sync.hold_lock_percent", 0, 100).unsigned_abs(),
            move_percent: r.number("sync.hold_move_percent", 0, 100).unsigned_abs(),
        },
    }
}

fn city(r: &mut Reader) -> City {
    City {
        mail_domain: r.text("city.mail_domain").to_ascii_lowercase(),
        name: r.text("city.name"),
        support_unit: r.text("city.support_unit"),
        support_phone: r.text("city.support_phone"),
        support_hours: r.text("city.support_hours"),
    }
}

fn sessions(r: &mut Reader) -> Sessions {
    let minutes = |n: i64| time::Duration::minutes(n);
    Sessions {
        staff_idle: minutes(r.number("sessions.staff_idle_minutes", 1, 60 * 24)),
        staff_life: minutes(60 * r.number("sessions.staff_hours", 1, 24 * 7)),
        admin_idle: minutes(r.number("sessions.admin_idle_minutes", 1, 60)),
        admin_life: minutes(60 * r.number("sessions.admin_hours", 1, 24)),
    }
}

fn tokens(r: &mut Reader) -> Tokens {
    let minutes = |n: i64| time::Duration::minutes(n);
    Tokens {
        code: time::Duration::seconds(r.number("tokens.code_seconds", 10, 600)),
        access: minutes(r.number("tokens.access_minutes", 1, 24 * 60)),
        refresh_idle: minutes(60 * r.number("tokens.refresh_idle_hours", 1, 24 * 365)),
        refresh_life: minutes(60 * 24 * r.number("tokens.refresh_days", 1, 365)),
        key_life: time::Duration::days(r.number("tokens.key_days", 1, 3650)),
    }
}

fn policy(r: &mut Reader) -> PolicyConfig {
    let small = |n: i64| usize::try_from(n).unwrap_or_default();
    let days = r.number("policy.default_password_working_days", 1, 60);
    let months = r.number("policy.password_months", 1, 60);
    let mut initial = Settings::default();
    for (setting, value) in [
        (Setting::DefaultDaysPerson, days),
        (Setting::DefaultDaysAgency, days),
        (Setting::DefaultDaysService, days),
        (Setting::DefaultDaysAdministrator, days),
        (Setting::MonthsPerson, months),
        (Setting::MonthsAgency, months),
        (Setting::MonthsService, months),
        (Setting::MonthsAdministrator, months.min(i64::from(Setting::MonthsAdministrator.default()))),
        (Setting::FailedAttempts, r.number("policy.failed_attempts", 1, 5)),
        (Setting::PauseMinutes, r.number("policy.wait_minutes", 1, 43_200)),
        (Setting::FailedAttemptsPerSource, r.number("policy.failed_attempts_per_address", 1, 1_000_000)),
        (Setting::PauseMinutesPerSource, r.number("policy.wait_minutes_per_address", 1, 43_200)),
    ] {
        match u32::try_from(value).ok().and_then(|value| initial.with(setting, value).ok()) {
            Some(settings) => initial = settings,
            None => r.mistake(&format!("{}: {value} is out of its limits", setting.code())),
        }
    }
    PolicyConfig {
        initial,
        min_score: u8::try_from(r.number("policy.password_min_score", 0, 4)).unwrap_or_default(),
        password: PasswordRules {
            min_length: small(r.number("policy.password_min_length", 8, 20)),
            min_classes: small(r.number("policy.password_min_classes", 1, 4)),
        },
    }
}

fn server(r: &mut Reader) -> Option<Server> {
    let public_url = r.web_address("server.public_url");
    let listen = r.socket("server.listen");
    let admin_url = r.web_address("server.admin_url");
    let admin_listen = r.socket("server.admin_listen");
    let trusted_proxies = r.ips("server.trusted_proxies");
    let client_certificates = client_certificates::read(r);
    if let (Some(public), Some(admin)) = (&listen, &admin_listen)
        && public == admin
        && public.port() != 0
    {
        r.mistake(
            "server.admin_listen: must differ from server.listen, the administration has its own listener",
        );
    }
    Some(Server {
        public_url: public_url?,
        listen: listen?,
        admin_url: admin_url?,
        admin_listen: admin_listen?,
        trusted_proxies,
        client_certificates,
    })
}

fn database(r: &mut Reader) -> Secret<String> {
    let url = r.text("database.url");
    let password = r.secret("database.password_file", false);
    if url.starts_with("sqlite:") {
        return Secret::new(url);
    }
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        r.mistake("database.url: begins with sqlite: or postgres://");
        return Secret::new(url);
    }
    match (Url::parse(&url), password) {
        (Ok(mut parsed), Some(password)) => {
            if parsed.set_password(Some(password.expose())).is_err() {
                r.mistake("database.url: has no host to give the password to");
            }
            Secret::new(parsed.to_string())
        }
        (Ok(_), None) => Secret::new(url),
        (Err(error), _) => {
            r.mistake(&format!("database.url: {error}"));
            Secret::new(url)
        }
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
