//! Incidents: how long the clocks run, to whom they are handed on; and what the networks are called.

use super::outbound::Allowed;
use super::reader::Reader;
use crate::domain::address::MailAddress;
use crate::domain::incident::Hours;
use std::fmt;
use std::net::IpAddr;

/// Incidents.
#[derive(Debug, Clone)]
pub struct IncidentsConfig {
    /// How many hours each clock has.
    pub hours: Hours,
    /// To whom an incident is handed on.
    pub contacts: Vec<IncidentContact>,
    /// Where a suspicious mail is forwarded to; empty: nowhere.
    pub suspicious_mail_address: String,
    /// How many reports one account may send in a day.
    pub per_day: i64,
}

/// Somebody to whom an incident is handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentContact {
    /// Their name.
    pub name: String,
    /// Their address.
    pub address: MailAddress,
}

impl IncidentContact {
    /// Reads `Name <address>` or an address.
    fn parse(text: &str) -> Option<Self> {
        let (name, address) = match text.split_once('<') {
            Some((name, rest)) => (name.trim(), rest.trim().strip_suffix('>')?),
            None => ("", text.trim()),
        };
        let address = MailAddress::parse(address).ok()?;
        let name = if name.is_empty() { address.to_string() } else { name.to_owned() };
        Some(Self { name, address })
    }
}

impl fmt::Display for IncidentContact {
    /// `Name <address>`: which contact it is, whatever stands before it in the configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.address)
    }
}

/// What the networks of the city are called.
#[derive(Debug, Clone, Default)]
pub struct Networks(Vec<(Allowed, String)>);

/// What a network address is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network<'a> {
    /// By its name.
    Named(&'a str),
    /// A network of the city without a name.
    Private,
    /// Somewhere in the Internet.
    Internet,
}

impl Networks {
    /// The name of the narrowest network in which an address lies.
    pub fn of(&self, source: &str) -> Network<'_> {
        let Ok(ip) = source.parse::<IpAddr>() else { return Network::Internet };
        let width = |range: &Allowed| match range {
            Allowed::Range(_, bits) => *bits,
            _ => 0,
        };
        let named = self.0.iter().filter(|(range, _)| range.holds(ip)).max_by_key(|(range, _)| width(range));
        if let Some((_, name)) = named {
            return Network::Named(name);
        }
        let is_private = match ip {
            IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local(),
        };
        if is_private { Network::Private } else { Network::Internet }
    }
}

pub(super) fn read(r: &mut Reader) -> IncidentsConfig {
    let mut contacts = Vec::new();
    for text in r.texts("incidents.contacts") {
        match IncidentContact::parse(&text) {
            Some(contact) => contacts.push(contact),
            None => r.mistake(&format!("incidents.contacts: {text:?} is not of the form Name <address>")),
        }
    }
    IncidentsConfig {
        hours: Hours {
            city: r.number("incidents.city_hours", 1, 720),
            first_notice: r.number("incidents.first_notice_hours", 1, 720),
            report: r.number("incidents.report_hours", 1, 720),
            personal_data: r.number("incidents.personal_data_hours", 1, 720),
        },
        contacts,
        suspicious_mail_address: r.text("incidents.suspicious_mail_address"),
        per_day: r.number("incidents.per_day", 1, 1_000),
    }
}

pub(super) fn networks(r: &mut Reader) -> Networks {
    let mut all = Vec::new();
    for text in r.texts("network.names") {
        let named = text.split_once('=').and_then(|(range, name)| {
            let range = Allowed::parse(range.trim()).filter(|one| matches!(one, Allowed::Range(..)))?;
            Some((range, name.trim().to_owned())).filter(|(_, name)| !name.is_empty())
        });
        match named {
            Some(named) => all.push(named),
            None => r.mistake(&format!("network.names: {text:?} is not of the form 10.20.0.0/16=Name")),
        }
    }
    Networks(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_network_gives_its_name() {
        let named = |text: &str, name: &str| (Allowed::parse(text).expect("a range"), name.to_owned());
        let networks = Networks(vec![named("10.0.0.0/8", "Thành phố"), named("10.20.0.0/16", "Sở KHCN")]);
        assert_eq!(networks.of("10.20.1.2"), Network::Named("Sở KHCN"));
        assert_eq!(networks.of("10.21.1.2"), Network::Named("Thành phố"));
        assert_eq!(networks.of("192.168.1.2"), Network::Private);
        assert_eq!(networks.of("203.113.1.2"), Network::Internet);
        assert_eq!(networks.of("fd00::1"), Network::Private);
        assert_eq!(networks.of("not an address"), Network::Internet);
    }

    #[test]
    fn a_contact_is_a_name_with_an_address_or_an_address() {
        let of = |text| IncidentContact::parse(text).map(|c| (c.name, c.address.to_string()));
        let dds = ("DDS".to_owned(), "ungcuu@danang.example".to_owned());
        assert_eq!(of("DDS <ungcuu@danang.example>"), Some(dds));
        let bare = "ungcuu@danang.example".to_owned();
        assert_eq!(of("ungcuu@danang.example"), Some((bare.clone(), bare)));
        for wrong in ["DDS", "DDS <x@y.example", "<>"] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
