//! Second factors: of whom one is demanded, and how long a proof is taken for recent.

use super::client_certificates::read_file;
use super::reader::Reader;
use super::{Config, Server};
use crate::domain::admin::Role;
use crate::domain::factor::Demand;
use crate::domain::proof::Class;
use crate::domain::session::Door;
use std::path::PathBuf;
use time::Duration;

/// Second factors.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// Of administrators, in the administration.
    pub administrators: Demand,
    /// Of everybody, in the sign-in and the portal.
    pub staff: Demand,
    /// The least that lets whoever acts in a role into the administration; roles that are not named follow
    /// `administrators`.
    pub roles: Vec<(Role, Class)>,
    /// How long a browser is remembered; zero: never.
    pub remember: Duration,
    /// How old a proof may be for something dangerous.
    pub recent: Duration,
    /// Whether codes are sent by mail to another address than the city's.
    pub mail_codes: bool,
    /// Whose certificates are taken; `None`: none are.
    pub certificates: Option<StaffCertificates>,
    /// The domain of passkeys; empty: the host of the public address.
    pub passkey_domain: String,
}

/// Whose certificates prove people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffCertificates {
    /// The certificates of those who vouch for them, as bytes.
    pub authorities: Vec<Vec<u8>>,
    /// The file with the lists of what was revoked; `None`: the configuration says that nobody looks.
    pub revoked: Option<PathBuf>,
}

impl SecondFactor {
    /// What is demanded at a door.
    pub const fn at(&self, door: Door) -> Demand {
        match door {
            Door::Staff => self.staff,
            Door::Admin => self.administrators,
        }
    }

    /// The least that lets in at a door; [`Class::Password`] is no second factor.
    pub const fn least_at(&self, door: Door) -> Class {
        match self.at(door) {
            Demand::Required => Class::SecondFactor,
            Demand::Optional | Demand::Off => Class::Password,
        }
    }

    /// The least that lets whoever acts in a role into the administration.
    pub fn least_of(&self, role: Role) -> Class {
        let own = self.roles.iter().find(|(one, _)| *one == role);
        own.map_or_else(|| self.least_at(Door::Admin), |(_, class)| *class)
    }

    /// The relying party's id of passkeys at a door.
    fn passkey_domain_at<'a>(&'a self, server: &'a Server, door: Door) -> Option<&'a str> {
        let own = self.passkey_domain.as_str();
        let domain = if own.is_empty() { server.public_url.host_str()? } else { own };
        let url = match door {
            Door::Staff => &server.public_url,
            Door::Admin => &server.admin_url,
        };
        let host = url.host_str()?;
        let is_within = host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        is_within.then_some(domain)
    }

    /// A role that needs a passkey needs a door at which one can be made.
    pub(super) fn check_roles(&self, r: &mut Reader, server: &Server) {
        let needs_passkeys = self.roles.iter().any(|(_, class)| *class == Class::Passkey);
        if needs_passkeys && self.passkey_domain_at(server, Door::Admin).is_none() {
            r.mistake(
                "second_factor.roles: passkey needs a second_factor.passkey_domain that holds server.admin_url too",
            );
        }
    }

    /// Whether a browser may be remembered at a door; administrators are always asked.
    pub const fn remembers_at(&self, door: Door) -> bool {
        matches!(door, Door::Staff) && self.remember.is_positive()
    }
}

impl Config {
    /// The relying party's id of passkeys at a door (Web Authentication §4, RP ID); `None` where the door's host lies outside
    /// it, so that no browser would ask for one there.
    pub fn passkey_domain(&self, door: Door) -> Option<&str> {
        self.second_factor.passkey_domain_at(&self.server, door)
    }
}

/// Reads the section.
pub(super) fn read(r: &mut Reader) -> SecondFactor {
    let demand = |word: String| match word.as_str() {
        "required" => Demand::Required,
        "off" => Demand::Off,
        _ => Demand::Optional,
    };
    SecondFactor {
        administrators: demand(r.one_of("second_factor.administrators", &["required", "optional"])),
        staff: demand(r.one_of("second_factor.staff", &["optional", "required", "off"])),
        roles: roles(r),
        remember: Duration::days(r.number("second_factor.remember_days", 0, 90)),
        recent: Duration::minutes(r.number("second_factor.recent_minutes", 1, 60)),
        mail_codes: r.flag("second_factor.mail_codes"),
        certificates: certificates(r),
        passkey_domain: r.text("second_factor.passkey_domain").to_ascii_lowercase(),
    }
}

fn roles(r: &mut Reader) -> Vec<(Role, Class)> {
    const KEY: &str = "second_factor.roles";
    let mut all: Vec<(Role, Class)> = Vec::new();
    for word in r.texts(KEY) {
        match role_of(&word) {
            Some((role, _)) if all.iter().any(|(one, _)| *one == role) => {
                r.mistake(&format!("{KEY}: the role {} is named twice", role.code()));
            }
            Some(one) => all.push(one),
            None => {
                let roles = Role::ALL.map(Role::code).join(", ");
                r.mistake(&format!(
                    "{KEY}: {word:?} is not of the form \"role=level\"; roles are {roles}, levels are password, \
                     second-factor, passkey"
                ));
            }
        }
    }
    all
}

fn role_of(word: &str) -> Option<(Role, Class)> {
    let (role, level) = word.split_once('=')?;
    // The last known password opens nothing in the administration that its directory would not.
    let level = Class::from_word(level.trim()).filter(|level| *level != Class::PasswordCached)?;
    Some((Role::from_code(role.trim())?, level))
}

/// In place of a file: what was revoked is not looked at.
const NOT_LOOKED_AT: &str = "none";

fn certificates(r: &mut Reader) -> Option<StaffCertificates> {
    const CA: &str = "second_factor.certificate_ca";
    const CRL: &str = "second_factor.certificate_crl";
    let (file, revoked) = (r.text(CA), r.text(CRL));
    if file.is_empty() {
        if !revoked.is_empty() {
            r.mistake(&format!("{CRL}: needs {CA}"));
        }
        return None;
    }
    if r.text("server.client_certificate_header").is_empty() {
        r.mistake(&format!(
            "{CA}: needs server.client_certificate_header, in which the proxy tells certificates"
        ));
    }
    if revoked.is_empty() {
        r.mistake(&format!(
            "{CRL}: needs the file with what the authorities of {CA} have revoked; \"{NOT_LOOKED_AT}\" takes lost and \
             stolen cards too"
        ));
    }
    let revoked = (revoked != NOT_LOOKED_AT).then(|| PathBuf::from(revoked));
    let authorities = match read_file(&file) {
        Ok(all) => all,
        Err(why) => {
            r.mistake(&format!("{CA}: {file} {why}"));
            return None;
        }
    };
    Some(StaffCertificates { authorities, revoked })
}
