//! What Exchange's attributes say of forwarding and limits. Rules that people keep in the mailbox itself are not told.

use crate::directory::DirectoryError;
use crate::directory::connection::{Entry, Link, Query};
use crate::domain::sync::{Seen, SeenEntry};
use crate::domain::watch::{Cap, Forward, ForwardSource, Watched};
use ldap3::Scope;
use std::collections::HashMap;

/// How many recipients are looked up in one read; the addresses of further ones stay unknown.
const MOST: usize = 500;

/// What an entry says.
pub(super) fn watched(entry: &Entry) -> Watched {
    let keeps = entry.is_true("deliverandredirect");
    let one = |name: &str, keeps, source| entry.text(name).and_then(|to| Forward::new(to, keeps, source));
    let forwards = [
        one("altrecipient", keeps, ForwardSource::Administrator),
        one("msexchgenericforwardingaddress", keeps, ForwardSource::Holder),
        one("targetaddress", false, ForwardSource::Elsewhere),
    ];
    let cap = |name: &str| entry.number(name).map(Cap::from_code);
    // Without FALSE the limits are those of the mailbox database, which every mailbox in it shares.
    let is_own = entry.text("mdbusedefaults").is_some_and(|flag| flag.eq_ignore_ascii_case("false"));
    let own = || cap("mdboverhardquotalimit").or(cap("mdboverquotalimit")).unwrap_or(Cap::Unlimited);
    Watched {
        forwards: forwards.into_iter().flatten().collect(),
        quota: is_own.then(own),
        message: cap("submissioncontlength").or(cap("delivcontlength")),
    }
}

/// Entries that are held back until the addresses of the recipients they name are known.
#[derive(Default)]
pub(super) struct Held(HashMap<String, SeenEntry>);

impl Held {
    /// Gives an entry on that needs no look-up; holds others back. The last word on an entry holds.
    pub(super) fn sift(&mut self, entry: SeenEntry) -> Option<SeenEntry> {
        self.0.remove(&entry.id);
        if recipients(&entry).next().is_none() {
            return Some(entry);
        }
        self.0.insert(entry.id.clone(), entry);
        None
    }

    /// The entries that were held back, with addresses in place of names.
    pub(super) async fn resolved(self, link: &mut Link) -> Result<Vec<SeenEntry>, DirectoryError> {
        let mut entries: Vec<_> = self.0.into_values().collect();
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        let mut known: HashMap<String, Option<String>> = HashMap::new();
        for entry in &mut entries {
            let Seen::Mailbox(mailbox) = &mut entry.what else { continue };
            for forward in &mut mailbox.watched.forwards {
                if forward.source != ForwardSource::Administrator {
                    continue;
                }
                if !known.contains_key(&forward.to) && known.len() < MOST {
                    let address = address_of(link, &forward.to).await?;
                    known.insert(forward.to.clone(), address);
                }
                let address = known.get(&forward.to).cloned().flatten();
                let to = address.unwrap_or_else(|| common_name(&forward.to));
                if let Some(better) = Forward::new(&to, forward.keeps_copy, forward.source) {
                    *forward = better;
                }
            }
        }
        Ok(entries)
    }
}

/// The names of the recipients whose address is not in the entry.
fn recipients(entry: &SeenEntry) -> impl Iterator<Item = &str> {
    let forwards = match &entry.what {
        Seen::Mailbox(mailbox) => mailbox.watched.forwards.as_slice(),
        Seen::PassedOver(_) | Seen::Nothing => &[],
    };
    forwards.iter().filter(|f| f.source == ForwardSource::Administrator).map(|f| f.to.as_str())
}

/// Where mail to a recipient ends: a contact's address is elsewhere.
async fn address_of(link: &mut Link, dn: &str) -> Result<Option<String>, DirectoryError> {
    let query = Query {
        doing: "looking up where mail is forwarded to",
        base: dn,
        scope: Scope::Base,
        filter: "(objectClass=*)",
        attributes: &["targetAddress", "mail"],
    };
    match link.search(&query).await {
        Ok(found) => Ok(found
            .first()
            .and_then(|entry| entry.text("targetaddress").or(entry.text("mail")))
            .map(str::to_owned)),
        // gone, hidden, or no name at all: the forwarding is there all the same
        Err(DirectoryError::Misconfigured { .. } | DirectoryError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first part of a distinguished name without its type.
fn common_name(dn: &str) -> String {
    let mut escaped = false;
    let end = dn.char_indices().find(|&(_, c)| {
        let is_end = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end
    });
    let first = end.map_or(dn, |(at, _)| &dn[..at]);
    first.split_once('=').map_or(first, |(_, name)| name).replace('\\', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(attributes: &[(&str, &[u8])]) -> Watched {
        watched(&Entry::recorded("CN=An", attributes))
    }

    #[test]
    fn what_exchange_wrote_is_read() {
        let seen = of(&[
            ("altRecipient", b"CN=Chi Tran,OU=So-YT,DC=ad"),
            ("msExchGenericForwardingAddress", b"smtp:Dung@Mail.Example"),
            ("deliverAndRedirect", b"TRUE"),
            ("mDBUseDefaults", b"FALSE"),
            ("mDBOverQuotaLimit", b"1992294"),
            ("mDBOverHardQuotaLimit", b"2097152"),
            ("submissionContLength", b"30720"),
            ("delivContLength", b"20480"),
        ]);
        let forwards: Vec<_> =
            seen.forwards.iter().map(|f| (f.to.as_str(), f.keeps_copy, f.source)).collect();
        assert_eq!(
            forwards,
            [
                ("cn=chi tran,ou=so-yt,dc=ad", true, ForwardSource::Administrator),
                ("dung@mail.example", true, ForwardSource::Holder),
            ]
        );
        assert_eq!((seen.quota, seen.message), (Some(Cap::Kib(2_097_152)), Some(Cap::Kib(30_720))));
    }

    #[test]
    fn a_quota_of_the_database_is_not_told_and_none_at_all_is_unlimited() {
        assert_eq!(of(&[]), Watched::default());
        let of_database = of(&[("mDBUseDefaults", b"TRUE"), ("mDBOverHardQuotaLimit", b"1")]);
        assert_eq!(of_database.quota, None);
        assert_eq!(of(&[("mDBUseDefaults", b"FALSE")]).quota, Some(Cap::Unlimited));
        let send = of(&[("mDBUseDefaults", b"FALSE"), ("mDBOverQuotaLimit", b"1024")]);
        assert_eq!(send.quota, Some(Cap::Kib(1024)));
    }

    #[test]
    fn a_mailbox_elsewhere_keeps_no_copy() {
        let seen = of(&[("targetAddress", b"SMTP:an@cloud.example"), ("deliverAndRedirect", b"TRUE")]);
        assert_eq!(
            seen.forwards,
            Forward::new("an@cloud.example", false, ForwardSource::Elsewhere).as_slice()
        );
    }

    #[test]
    fn a_recipient_without_an_address_has_at_least_a_name() {
        assert_eq!(common_name("cn=chi tran\\, sở y tế,ou=so-yt,dc=ad"), "chi tran, sở y tế");
        assert_eq!(common_name("nothing"), "nothing");
        assert_eq!(common_name(""), "");
    }
}
