//! Second factors: of whom one is demanded, and how long a proof is taken for recent.

use super::Config;
use super::client_certificates::read_file;
use super::reader::Reader;
use crate::domain::factor::Demand;
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
    /// The file with the lists of what was revoked.
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

    /// Whether a browser may be remembered at a door; administrators are always asked.
    pub const fn remembers_at(&self, door: Door) -> bool {
        matches!(door, Door::Staff) && self.remember.is_positive()
    }
}

impl Config {
    /// The relying party's id of passkeys at a door (Web Authentication §4, RP ID); `None` where the door's host lies outside
    /// it, so that no browser would ask for one there.
    pub fn passkey_domain(&self, door: Door) -> Option<&str> {
        let own = self.second_factor.passkey_domain.as_str();
        let domain = if own.is_empty() { self.server.public_url.host_str()? } else { own };
        let url = match door {
            Door::Staff => &self.server.public_url,
            Door::Admin => &self.server.admin_url,
        };
        let host = url.host_str()?;
        let is_within = host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        is_within.then_some(domain)
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
        remember: Duration::days(r.number("second_factor.remember_days", 0, 90)),
        recent: Duration::minutes(r.number("second_factor.recent_minutes", 1, 60)),
        mail_codes: r.flag("second_factor.mail_codes"),
        certificates: certificates(r),
        passkey_domain: r.text("second_factor.passkey_domain").to_ascii_lowercase(),
    }
}

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
    let revoked = Some(PathBuf::from(revoked)).filter(|file| !file.as_os_str().is_empty());
    let authorities = match read_file(&file) {
        Ok(all) => all,
        Err(why) => {
            r.mistake(&format!("{CA}: {file} {why}"));
            return None;
        }
    };
    Some(StaffCertificates { authorities, revoked })
}
