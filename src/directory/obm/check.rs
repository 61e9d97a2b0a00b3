//! The doctor's questions to OBM's directory.

use super::entry;
use super::sql::ObmSql;
use crate::directory::connection::check::{line, servers};
use crate::directory::connection::{Connector, Identity, Link, Query};
use crate::directory::{CheckLine, DirectoryError, SecondPasswords};
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::secret::Secret;
use ldap3::Scope;

/// Asks one after the other; what depends on a failed one is not asked.
pub async fn check(
    connector: &Connector,
    reader: &Identity,
    writer: &Identity,
    users: &str,
) -> Vec<CheckLine> {
    let mut lines = servers("OBM", connector).await;
    let link = connector.open_as(writer).await;
    lines.push(line("OBM: the writing account signs in", link.as_ref().map(|_| writer.dn.clone())));
    let link = connector.open_as(reader).await;
    lines.push(line("OBM: the reading account signs in", link.as_ref().map(|_| reader.dn.clone())));
    let Ok(mut link) = link else { return lines };
    let people = read_people(&mut link, users).await;
    lines.push(line("OBM: every person can be read", people.as_ref()));
    lines
}

/// Reads everybody, which is what a size limit would forbid.
async fn read_people(link: &mut Link, users: &str) -> Result<String, DirectoryError> {
    let query = Query {
        doing: "counting people",
        base: users,
        scope: Scope::Subtree,
        filter: entry::PEOPLE,
        attributes: &["pwdChangedTime"],
    };
    let people = link.read_all(&query).await?;
    let dated = people.iter().filter(|entry| entry.text("pwdchangedtime").is_some()).count();
    Ok(format!("{} in {users}; {dated} of them with the date of their password", people.len()))
}

/// Asks OBM's SQL for somebody who is not there, and writes nobody's password where new ones go there too: that needs
/// the same rights.
pub async fn sql(sql: &ObmSql, is_written: bool) -> CheckLine {
    let nobody = MailboxKey { system: MailSystem::Obm, native_id: String::new(), login: "-".to_owned() };
    let mut found = sql.kept(&nobody).await.map(|_| "the tables UserObm and P_UserObm can be read");
    if is_written && found.is_ok() {
        let written = sql.set_by_id(0, &Secret::new("*".to_owned())).await;
        found = written.map(|_| "the tables UserObm and P_UserObm can be read, and passwords written");
    }
    let found = found.map(str::to_owned);
    line("OBM: its SQL answers", found.as_ref())
}
