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
    for warning in not_looked_for(&config) {
        println!("WARN  staff certificates: {warning}");
    }
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
    let Some(file) = &here.revoked else { return Some(Ok(format!("{} authorities vouch", all.len()))) };
    let read = std::fs::read(file).map_err(|error| error.to_string());
    let usable = read.and_then(|lists| {
        let usable = Authorities::with_revoked(&here.authorities, Some(&lists));
        usable
            .and_then(|_| certificate::without_list(&here.authorities, &lists, now))
            .map_err(|error| error.to_string())
    });
    Some(match usable {
        Ok(untold) if untold.is_empty() => {
            Ok(format!("{} authorities vouch; revoked ones are in {}", all.len(), file.display()))
        }
        Ok(untold) => Err(format!(
            "{} holds no list in its time of {}: for whom these vouch nobody is let in by a certificate \
             (second_factor.certificate_crl)",
            file.display(),
            untold.join("; ")
        )),
        Err(why) => Err(format!(
            "{}: {why}; until it is mended nobody is let in by a certificate (second_factor.certificate_crl)",
            file.display()
        )),
    })
}

/// Of whom it is not looked at whether they were revoked.
fn not_looked_for(config: &Config) -> Vec<String> {
    let Some(here) = config.second_factor.certificates.as_ref() else { return Vec::new() };
    if here.revoked.is_none() {
        return vec![
            "second_factor.certificate_crl is \"none\": a certificate that was revoked, of a lost or stolen card too, \
             opens until it ends; put the lists of its authorities there"
                .to_owned(),
        ];
    }
    let alone = certificate::without_issuer(&here.authorities);
    let said = |name: String| {
        format!(
            "whether {name} was revoked itself is not looked at: add its issuer to second_factor.certificate_ca, and \
             the issuer's list to second_factor.certificate_crl"
        )
    };
    alone.into_iter().map(said).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType, IsCa,
        Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, SerialNumber,
    };
    use tempfile::TempDir;

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }

    fn key() -> KeyPair {
        KeyPair::generate().expect("a key")
    }

    /// A list without anybody on it, good until a moment.
    fn list(by: &Issuer<'_, KeyPair>, until: Timestamp) -> String {
        let params = CertificateRevocationListParams {
            this_update: until.minus(time::Duration::days(30)).local(),
            next_update: until.local(),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(by).expect("signed").pem().expect("text")
    }

    /// A configuration that takes certificates of these authorities.
    fn config(folder: &TempDir, authorities: &str, crl: &str) -> Config {
        let (password, ca) = (folder.path().join("password"), folder.path().join("ca.pem"));
        std::fs::write(&password, "x").expect("written");
        std::fs::write(&ca, authorities).expect("written");
        let text = format!(
            "[server]\npublic_url = \"http://localhost:8080\"\nadmin_url = \"http://localhost:8090\"\n\
             client_certificate_header = \"X-Client-Cert\"\n[city]\nmail_domain = \"danang.example\"\n\
             [ad]\nurls = [\"ldaps://127.0.0.1\"]\nbind_password_file = \"{}\"\n\
             [second_factor]\ncertificate_ca = \"{}\"\ncertificate_crl = \"{crl}\"\n",
            password.display(),
            ca.display()
        );
        Config::parse("test.toml", &text, Vec::new()).expect("complete")
    }

    #[test]
    fn certificates_without_lists_and_authorities_that_nobody_looks_at_are_warned_about() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = Timestamp::from_seconds(1_772_416_800);
        let root = CertifiedIssuer::self_signed(params("Root"), key()).expect("a root");
        let issuing = CertifiedIssuer::signed_by(params("Issuing"), key(), &*root).expect("an authority");
        let (both, file) = (format!("{}{}", root.pem(), issuing.pem()), folder.path().join("crl.pem"));
        let crl = file.display().to_string();

        let unwatched = config(&folder, &both, "none");
        let warned = not_looked_for(&unwatched).join("");
        assert!(warned.contains("second_factor.certificate_crl is \"none\""), "{warned}");
        let alone = config(&folder, &issuing.pem(), &crl);
        assert!(not_looked_for(&alone).join("").contains("whether CN=Issuing was revoked"));

        let watched = config(&folder, &both, &crl);
        assert!(not_looked_for(&watched).is_empty());
        let said = |text: String| {
            std::fs::write(&file, text).expect("written");
            staff_certificates(&watched, now).expect("certificates are taken")
        };
        let later = now.plus(time::Duration::days(1));
        let own = list(&issuing, later);
        assert!(said(format!("{own}{}", list(&root, later))).is_ok());
        for old in [own.clone(), format!("{own}{}", list(&root, now))] {
            let why = said(old).expect_err("the root tells nothing");
            assert!(why.contains("no list in its time of CN=Root:"), "{why}");
        }
    }
}
