//! `danang-sso check`: the doctor. Each line says ok or what to do.

use crate::app::App;
use crate::config::Config;
use crate::crypto::certificate::{self, Authorities};
use crate::directory::CheckLine;
use crate::domain::mailbox::MailSystem;
use crate::domain::timestamp::Timestamp;
use crate::mail::Relay;
use crate::server;
use crate::services::{chain, failed_attempts, keys};
use crate::storage::audit;
use crate::system::System;
use anyhow::bail;
use std::path::Path;
use std::sync::Arc;

pub(super) async fn run(file: &Path) -> anyhow::Result<()> {
    let config = match Config::load(file, std::env::vars()) {
        Ok(config) => config,
        Err(error) => bail!("{error}"),
    };
    let mut bad = 0;
    bad += print(&line("configuration", Ok(format!("{} is complete", file.display()))));
    for directory in server::directories(&config).iter() {
        for line in Arc::clone(directory).check().await {
            bad += print(&line);
        }
    }
    bad += print(&line("mail relay", Relay::new(config.mail.clone()).check().await));
    bad += print(&secrets(&config));
    let certificates = client_certificates(&config, System::of_the_machine().now());
    bad += certificates.map_or(0, |result| print(&line("client certificates", result)));
    let staff = staff_certificates(&config, System::of_the_machine().now());
    bad += staff.map_or(0, |result| print(&line("staff certificates", result)));
    match server::open(config, System::of_the_machine()).await {
        Ok(app) => {
            bad +=
                print(&line("database", Ok(format!("{} opens, its tables are up to date", app.db.kind()))));
            bad += print(&line("keys", signing_keys(&app).await));
            bad += print(&line("clock", clock(&app).await));
            println!("{}", super::calendar::next_year(&app));
            failed_attempts::read_thresholds(&app).await;
            println!("{}", attempts(&app));
        }
        Err(error) => bad += print(&line("database and keys", Err(format!("{error:#}")))),
    }
    if bad > 0 {
        bail!("{bad} line(s) need attention");
    }
    println!("All is well.");
    Ok(())
}

fn line(what: &str, result: Result<String, String>) -> CheckLine {
    CheckLine { what: what.to_owned(), result }
}

/// Prints a line; tells whether it is a bad one.
fn print(line: &CheckLine) -> usize {
    match &line.result {
        Ok(detail) => println!("ok    {}: {detail}", line.what),
        Err(what_to_do) => println!("WRONG {}: {what_to_do}", line.what),
    }
    usize::from(line.result.is_err())
}

fn secrets(config: &Config) -> CheckLine {
    let file = &config.master_key_file;
    let detail = if file.exists() {
        format!("{} is there; keep a copy apart from the database's", file.display())
    } else {
        format!("{} will be made now", file.display())
    };
    line("master key", Ok(detail))
}

/// From where client certificates come and who vouches for them; nothing where there are none.
fn client_certificates(config: &Config, now: Timestamp) -> Option<Result<String, String>> {
    let here = &config.server.client_certificates;
    let header = here.header.as_deref()?;
    let authorities: Vec<_> = here.authorities.iter().filter_map(|der| certificate::read(der)).collect();
    let ended = authorities.iter().find(|authority| !authority.is_in_its_time(now));
    if let Some(name) = ended.map(|authority| authority.subject.as_ref().map(ToString::to_string)) {
        let name = name.unwrap_or_default();
        return Some(Err(format!(
            "{name} in server.client_certificate_ca has ended: put its successor there"
        )));
    }
    let proxies: Vec<_> = config.server.trusted_proxies.iter().map(ToString::to_string).collect();
    Some(Ok(format!(
        "{header} is believed from {}, {} CA(s) vouch for tls_client_auth",
        proxies.join(", "),
        authorities.len()
    )))
}

/// Who vouches for the certificates of staff, and whether what they have revoked is known; nothing where none are taken.
fn staff_certificates(config: &Config, now: Timestamp) -> Option<Result<String, String>> {
    let here = config.second_factor.certificates.as_ref()?;
    let all: Vec<_> = here.authorities.iter().filter_map(|der| certificate::read(der)).collect();
    if let Some(ended) = all.iter().find(|authority| !authority.is_in_its_time(now)) {
        let name = ended.subject.as_ref().map(ToString::to_string).unwrap_or_default();
        return Some(Err(format!(
            "{name} in second_factor.certificate_ca has ended: put its successor there"
        )));
    }
    let Some(file) = &here.revoked else {
        return Some(Ok(format!("{} authorities vouch; revocation is not looked at", all.len())));
    };
    let read = std::fs::read(file).map_err(|error| error.to_string());
    let usable = read.and_then(|lists| {
        Authorities::with_revoked(&here.authorities, Some(&lists)).map_err(|error| error.to_string())
    });
    Some(match usable {
        Ok(_) => Ok(format!("{} authorities vouch; revoked ones are in {}", all.len(), file.display())),
        Err(why) => Err(format!(
            "{}: {why}; until it is mended nobody is let in by a certificate (second_factor.certificate_crl)",
            file.display()
        )),
    })
}

async fn signing_keys(app: &App) -> Result<String, String> {
    match keys::list(app).await {
        Ok(all) => Ok(format!("{} signing key(s) open with the master key", all.len())),
        Err(error) => Err(chain(&error)),
    }
}

/// The limit of failed attempts beside the directories' own; a warning where the setting had to be lowered.
fn attempts(app: &App) -> String {
    let (set, held) = (app.wished_account_limit(), app.account_limit());
    let thresholds = app.lockout_thresholds();
    let of = |system: MailSystem| match thresholds.get(&system) {
        Some(Some(threshold)) => format!("{} locks after {threshold}", system.code()),
        Some(None) => format!("{} shows no threshold", system.code()),
        None => format!("the threshold of {} could not be read", system.code()),
    };
    let theirs: Vec<_> = app.directories.iter().map(|directory| of(directory.system())).collect();
    let (theirs, minutes) = (theirs.join(", "), set.pause.whole_minutes());
    if held.failures < set.failures {
        format!(
            "WARN  failed attempts: failed_attempts is {}, and only {} are allowed, to stay below the \
             directories ({theirs})",
            set.failures, held.failures
        )
    } else {
        format!("ok    failed attempts: paused after {} for {minutes} minutes; {theirs}", set.failures)
    }
}

/// A clock that runs behind what was recorded is wrong; tokens and deadlines would be too.
async fn clock(app: &App) -> Result<String, String> {
    let now = app.now();
    let format = time::macros::format_description!("[hour]:[minute]:[second], [day]/[month]/[year] (UTC+7)");
    let shown = |at: Timestamp| at.local().format(&format).unwrap_or_default();
    match audit::last_at(&app.db).await {
        Ok(Some(last)) if last > now => Err(format!(
            "it shows {}, but the audit has a line of {}: set the clock (NTP)",
            shown(now),
            shown(last)
        )),
        Ok(_) if now.local().year() < 2026 => Err(format!("it shows {}: set the clock (NTP)", shown(now))),
        Ok(_) => Ok(shown(now)),
        Err(error) => Err(chain(&error)),
    }
}
