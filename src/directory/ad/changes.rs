//! Reading the staff of an Active Directory: everything, or what changed since a position.
//!
//! The changes are those above an update sequence number of one domain controller (`uSNChanged`, MS-ADTS §3.1.1.1.9).
//! Another controller, a restored one, another base, or other agencies: then everything is read. Deletions are told only
//! to whoever may list the deleted objects; for anybody else all identities are read and compared.

use super::entry::{self, Agencies};
use super::{guid, read_agencies};
use crate::directory::connection::{Entry, Link, Query, References};
use crate::directory::{DirectoryError, Each};
use crate::domain::sync::{Reading, Rest, Seen};
use ldap3::Scope;
use ldap3::controls::RawControl;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

const DOING: &str = "reading the AD snapshot";

/// Changes with whatever an entry is turned into, so that a new version of the house reads everything once.
const VERSION: u32 = 2;

/// Up to where one domain controller was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    version: u32,
    base: String,
    /// The controller's name.
    server: String,
    /// Which life of it; another one after it was restored.
    invocation: String,
    /// The highest update sequence number that was there before the read began.
    usn: i64,
    /// The agencies as they were: an entry does not change when the unit above it gets another name.
    agencies: String,
}

/// What a domain controller says of itself.
struct Server {
    name: String,
    invocation: String,
    usn: i64,
    root: String,
}

/// Reads what changed since a position, or everything where there is none that serves.
pub(super) async fn read(
    link: &mut Link,
    staff_base: &str,
    since: Option<&str>,
    each: Each<'_>,
) -> Result<Reading, DirectoryError> {
    let agencies = read_agencies(link, staff_base).await?;
    let server = ask(link).await?;
    let position = server.as_ref().map(|server| Position {
        version: VERSION,
        base: staff_base.to_owned(),
        server: server.name.clone(),
        invocation: server.invocation.clone(),
        usn: server.usn,
        agencies: agencies.fingerprint(),
    });
    let since: Option<Position> = since.and_then(|since| serde_json::from_str(since).ok());
    let rest = match (&server, &position, since) {
        (Some(server), Some(now), Some(since)) if is_the_same(now, &since) => {
            changes(link, staff_base, server, since.usn, &agencies, each).await?
        }
        _ => everything(link, staff_base, &agencies, each).await?,
    };
    let position = position.and_then(|position| serde_json::to_string(&position).ok());
    Ok(Reading { rest, position })
}

/// Whether the numbers of the two can be compared.
fn is_the_same(now: &Position, since: &Position) -> bool {
    since.usn <= now.usn && *since == Position { usn: since.usn, ..now.clone() }
}

async fn everything(
    link: &mut Link,
    staff_base: &str,
    agencies: &Agencies,
    each: Each<'_>,
) -> Result<Rest, DirectoryError> {
    let people = people(staff_base, entry::ATTRIBUTES);
    let mut one = |entry: Entry| each(entry::seen(&entry, agencies));
    link.each_of(&people, vec![], References::AreMissing, &mut one).await?;
    Ok(Rest::Gone)
}

/// From the root, not from the base: an entry that was moved out of it is a change too.
async fn changes(
    link: &mut Link,
    staff_base: &str,
    server: &Server,
    since: i64,
    agencies: &Agencies,
    each: Each<'_>,
) -> Result<Rest, DirectoryError> {
    let sees_deleted = sees_deleted(link, &server.root).await?;
    let filter = format!("(&(objectClass=user)(!(objectClass=computer))(uSNChanged>={}))", since + 1);
    let changed = Query {
        doing: DOING,
        base: &server.root,
        scope: Scope::Subtree,
        filter: &filter,
        attributes: entry::ATTRIBUTES,
    };
    let mut one = |entry: Entry| {
        let mut seen = entry::seen(&entry, agencies);
        if entry.is_true("isdeleted") || !agencies.is_below_base(&entry.dn) {
            seen.what = Seen::Nothing;
        }
        each(seen);
    };
    link.each_of(&changed, vec![show_deleted()], References::AreElsewhere, &mut one).await?;
    if sees_deleted {
        return Ok(Rest::StaysBut(HashSet::new()));
    }
    let mut there = HashSet::new();
    let everybody = people(staff_base, &["objectGUID"]);
    let mut one = |entry: Entry| {
        there.extend(entry.bytes("objectguid").and_then(guid::from_bytes));
    };
    link.each_of(&everybody, vec![], References::AreMissing, &mut one).await?;
    Ok(Rest::GoneBut(there))
}

fn people<'a>(staff_base: &'a str, attributes: &'static [&'static str]) -> Query<'a> {
    Query { doing: DOING, base: staff_base, scope: Scope::Subtree, filter: entry::PEOPLE, attributes }
}

/// `None` where it does not tell: then there are no positions.
async fn ask(link: &mut Link) -> Result<Option<Server>, DirectoryError> {
    let of = |base, attributes| Query {
        doing: DOING,
        base,
        scope: Scope::Base,
        filter: "(objectClass=*)",
        attributes,
    };
    let root = of("", &["dnsHostName", "dsServiceName", "highestCommittedUSN", "defaultNamingContext"]);
    let Some(root) = link.search(&root).await?.into_iter().next() else { return Ok(None) };
    let Some(service) = root.text("dsservicename") else { return Ok(None) };
    let settings = link.search(&of(service, &["invocationId"])).await?.into_iter().next();
    let invocation = settings.as_ref().and_then(|e| e.bytes("invocationid")).and_then(guid::from_bytes);
    let text = |name| root.text(name).map(str::to_owned);
    let server = (text("dnshostname"), invocation, root.number("highestcommittedusn"));
    Ok(match (server, text("defaultnamingcontext")) {
        ((Some(name), Some(invocation), Some(usn)), Some(root)) => {
            Some(Server { name, invocation, usn, root })
        }
        _ => None,
    })
}

/// Whether the service account may list what is deleted.
async fn sees_deleted(link: &mut Link, root: &str) -> Result<bool, DirectoryError> {
    let base = format!("CN=Deleted Objects,{root}");
    let container = Query {
        doing: DOING,
        base: &base,
        scope: Scope::Base,
        filter: "(objectClass=*)",
        attributes: &["objectGUID"],
    };
    // that it is there is told to everybody, what it has to those only who may see what is in it
    let mut seen = false;
    let mut one = |entry: Entry| seen = entry.bytes("objectguid").is_some();
    match link.each_of(&container, vec![show_deleted()], References::AreElsewhere, &mut one).await {
        Ok(()) => Ok(seen),
        // it is hidden from whoever may not see it
        Err(DirectoryError::Misconfigured { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Shows what is deleted too (MS-ADTS §3.1.1.3.4.1.14).
fn show_deleted() -> RawControl {
    RawControl { ctype: "1.2.840.113556.1.4.417".to_owned(), crit: true, val: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position() -> Position {
        Position {
            version: VERSION,
            base: "OU=Staff".to_owned(),
            server: "dc1".to_owned(),
            invocation: "a".to_owned(),
            usn: 40,
            agencies: "x".to_owned(),
        }
    }

    #[test]
    fn only_a_position_of_the_same_life_of_the_same_server_serves() {
        let now = Position { usn: 50, ..position() };
        assert!(is_the_same(&now, &position()));
        let of = |name: &str| name.to_owned();
        let others = [
            Position { server: of("dc2"), ..position() },
            Position { invocation: of("b"), ..position() },
            Position { base: of("OU=Other"), ..position() },
            Position { agencies: of("y"), ..position() },
            Position { version: VERSION + 1, ..position() },
            Position { usn: 51, ..position() },
        ];
        for other in others {
            assert!(!is_the_same(&now, &other), "{other:?}");
        }
    }
}
