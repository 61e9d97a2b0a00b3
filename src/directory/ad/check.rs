//! The doctor's questions to Active Directory.

use super::{entry, policy, read_agencies};
use crate::directory::connection::check::{line, servers};
use crate::directory::connection::{Connector, Entry, Identity, Link, Query};
use crate::directory::{CheckLine, DirectoryError};
use ldap3::Scope;

/// Asks one after the other; what depends on a failed one is not asked.
pub async fn check(connector: &Connector, service: &Identity, staff_base: &str) -> Vec<CheckLine> {
    let mut lines = servers("Active Directory", connector).await;
    let link = connector.open_as(service).await;
    let signed_in = link.as_ref().map(|_| service.dn.clone());
    lines.push(line("Active Directory: the service account signs in", signed_in));
    let Ok(mut link) = link else { return lines };
    let agencies = read_agencies(&mut link, staff_base).await;
    let found = agencies.as_ref().map(|a| format!("{staff_base} with {} agencies", a.len()));
    lines.push(line("Active Directory: the base of the staff is found", found));
    let people = read_people(&mut link, staff_base).await;
    lines.push(line("Active Directory: people are found", people.as_ref()));
    let policy = read_policy(&mut link).await;
    lines.push(line("Active Directory: its password policy is read", policy.as_ref()));
    lines
}

async fn read_people(link: &mut Link, staff_base: &str) -> Result<String, DirectoryError> {
    let query = Query {
        doing: "counting people",
        base: staff_base,
        scope: Scope::Subtree,
        filter: entry::PEOPLE,
        attributes: &["1.1"],
    };
    Ok(format!("{} entries", link.read_all(&query).await?.len()))
}

async fn read_policy(link: &mut Link) -> Result<String, DirectoryError> {
    Ok(policy::of_domain(link).await?.as_ref().map(policy_in_words).unwrap_or_default())
}

fn policy_in_words(domain: &Entry) -> String {
    let number = |name| domain.number(name).map_or_else(|| "?".to_owned(), |n| n.to_string());
    let days = domain.number("maxpwdage").and_then(i64::checked_neg).map_or(0, |age| age / 864_000_000_000);
    let age = if days == 0 { "no age limit".to_owned() } else { format!("at most {days} days old") };
    format!(
        "at least {} characters, {} remembered, {age}, locked after {} failures",
        number("minpwdlength"),
        number("pwdhistorylength"),
        number("lockoutthreshold")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_told_in_words() {
        let attributes: &[(&str, &[u8])] = &[
            ("minPwdLength", b"8"),
            ("pwdHistoryLength", b"5"),
            ("maxPwdAge", b"-77760000000000"),
            ("lockoutThreshold", b"10"),
        ];
        let words = policy_in_words(&Entry::recorded("DC=ad", attributes));
        assert_eq!(
            words,
            "at least 8 characters, 5 remembered, at most 90 days old, locked after 10 failures"
        );
        let never = Entry::recorded("DC=ad", &[("maxPwdAge", b"-9223372036854775808")]);
        assert!(policy_in_words(&never).contains("no age limit"));
    }
}
