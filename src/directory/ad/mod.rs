//! Active Directory. What is here: reading the staff, proving and setting passwords over LDAP. What is not: Exchange
//! itself, Kerberos, and writing anything but `unicodePwd`, `pwdLastSet`, `lockoutTime` and one bit of
//! `userAccountControl`.

mod changes;
mod check;
mod codes;
mod entry;
mod guid;
mod policy;
mod watched;

use super::connection::{Change, Connector, Entry, Identity, Link, Pace, Query, Readers};
use super::{Before, CheckLine, Directory, DirectoryError, Each, Refusal, Standing, Verified};
use crate::config::directories::AdConfig;
use crate::domain::health::Health;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::secret::Password;
use crate::domain::sync::Reading;
use crate::domain::timestamp::Timestamp;
use async_trait::async_trait;
use ldap3::Scope;
use std::sync::Arc;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// The staff in Active Directory.
pub struct AdDirectory {
    connector: Arc<Connector>,
    readers: Readers,
    staff_base: String,
    pace: Pace,
}

impl AdDirectory {
    /// For a directory that is set up like this. Nothing is connected yet.
    pub fn new(config: AdConfig) -> Self {
        let AdConfig { connection, staff_base, bind_dn, bind_password } = config;
        let connector = Arc::new(Connector::new(MailSystem::Ad, connection));
        let service = Identity { dn: bind_dn, password: bind_password };
        Self {
            readers: Readers::new(connector.clone(), service),
            connector,
            staff_base,
            pace: Pace::default(),
        }
    }

    /// Looks a person up afresh, because an entry moves and its identity does not.
    async fn find(&self, who: &MailboxKey) -> Result<Option<Entry>, DirectoryError> {
        // a key that cannot be one is asked for all the same: it must not be answered faster than others
        let filter = guid::filter(&who.native_id).unwrap_or_else(guid::filter_of_nobody);
        let query = Query {
            doing: "looking a person up",
            base: &self.staff_base,
            scope: Scope::Subtree,
            filter: &format!("(&{}{filter})", entry::PEOPLE),
            attributes: entry::FOUND,
        };
        Ok(self.readers.search(&query).await?.into_iter().next())
    }

    /// The entry that a password is to be set for, or the refusal that is the same for a stranger.
    async fn to_write(&self, who: &MailboxKey, new: &Password) -> Result<Entry, DirectoryError> {
        if new.expose().is_empty() {
            return Err(DirectoryError::PolicyRefused("an empty password".to_owned()));
        }
        self.find(who).await?.ok_or(DirectoryError::Refused(Refusal::WrongPassword))
    }

    /// A connection of its own for a write, which must never be sent twice on a guess.
    async fn writer(&self) -> Result<Link, DirectoryError> {
        self.connector.open_as(self.readers.who()).await
    }

    /// Where the entry is, and its flags (MS-ADTS §2.2.16).
    async fn control(&self, who: &MailboxKey) -> Result<(String, i64), DirectoryError> {
        let entry = self.find(who).await?.ok_or(DirectoryError::Refused(Refusal::WrongPassword))?;
        let control = entry.number("useraccountcontrol").ok_or_else(|| {
            self.connector.misconfigured("userAccountControl: the service account may not read it".to_owned())
        })?;
        Ok((entry.dn, control))
    }

    async fn set_control(&self, dn: &str, control: i64) -> Result<(), DirectoryError> {
        let changes = vec![Change::Replace("userAccountControl", control.to_string().into_bytes())];
        codes::flags_answer(self.writer().await?.modify(dn, changes, codes::FLAGS).await?)
    }

    /// A name that no entry can have: a common name has at most 64 characters.
    fn nobody(&self) -> String {
        format!("CN={},{}", "0".repeat(65), self.staff_base)
    }
}

#[async_trait]
impl Directory for AdDirectory {
    fn system(&self) -> MailSystem {
        MailSystem::Ad
    }

    async fn read(&self, since: Option<&str>, each: Each<'_>) -> Result<Reading, DirectoryError> {
        // a connection of its own, so that a long read does not hold up sign-ins
        let mut link = self.connector.open_as(self.readers.who()).await?;
        let mut held = watched::Held::default();
        let mut sift = |entry| {
            if let Some(entry) = held.sift(entry) {
                each(entry);
            }
        };
        let reading = changes::read(&mut link, &self.staff_base, since, &mut sift).await?;
        held.resolved(&mut link).await?.into_iter().for_each(each);
        Ok(reading)
    }

    async fn verify(&self, who: &MailboxKey, password: &Password) -> Result<Verified, DirectoryError> {
        if password.expose().is_empty() {
            return Err(DirectoryError::Refused(Refusal::WrongPassword));
        }
        let since = Instant::now();
        let found = self.find(who).await?;
        let known = found.is_some();
        let dn = found.map_or_else(|| self.nobody(), |entry| entry.dn);
        let mut link = self.connector.open().await?;
        let answer = codes::bind_answer(link.bind(&dn, password, "proving a password").await?);
        if matches!(answer, Err(DirectoryError::Refused(Refusal::WrongPassword))) {
            self.pace.keep(since, known).await;
        }
        answer
    }

    async fn refuse_stranger(&self, password: &Password) -> Result<(), DirectoryError> {
        let nobody = MailboxKey { system: MailSystem::Ad, native_id: String::new(), login: String::new() };
        match self.verify(&nobody, password).await {
            Err(DirectoryError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(self.connector.misconfigured("it lets in a name that does not exist".to_owned())),
        }
    }

    async fn locate(&self, who: &MailboxKey) -> Result<(), DirectoryError> {
        let found = self.find(who).await?;
        found.map(|_| ()).ok_or(DirectoryError::Refused(Refusal::WrongPassword))
    }

    async fn change_password(
        &self,
        who: &MailboxKey,
        old: &Password,
        new: &Password,
    ) -> Result<(), DirectoryError> {
        if old.expose().is_empty() {
            return Err(DirectoryError::Refused(Refusal::WrongPassword));
        }
        let entry = self.to_write(who, new).await?;
        // MS-ADTS §3.1.1.3.1.5.1: taking the old value away and adding the new one in one modify is a change. The
        // server checks the old one whoever is signed in, so it works for people who may not sign in before it.
        let changes =
            vec![Change::Delete("unicodePwd", as_unicode(old)), Change::Add("unicodePwd", as_unicode(new))];
        codes::write_answer(self.writer().await?.modify(&entry.dn, changes, "changing a password").await?)
    }

    async fn reset_password(&self, who: &MailboxKey, new: &Password) -> Result<(), DirectoryError> {
        const DOING: &str = "resetting a password";
        let entry = self.to_write(who, new).await?;
        let mut writer = self.writer().await?;
        // a reset alone leaves a locked account locked
        let changes = vec![
            Change::Replace("unicodePwd", as_unicode(new)),
            Change::Replace("lockoutTime", b"0".to_vec()),
        ];
        codes::write_answer(writer.modify(&entry.dn, changes, DOING).await?)?;
        if self.find(who).await?.is_some_and(|entry| entry.number("pwdlastset") == Some(0)) {
            let set_now = vec![Change::Replace("pwdLastSet", b"-1".to_vec())];
            codes::write_answer(writer.modify(&entry.dn, set_now, DOING).await?)?;
        }
        Ok(())
    }

    async fn reset_for_handover(&self, who: &MailboxKey, new: &Password) -> Result<(), DirectoryError> {
        const DOING: &str = "resetting a password";
        let entry = self.to_write(who, new).await?;
        let mut writer = self.writer().await?;
        // MS-ADTS §3.1.1.3.1.5: pwdLastSet 0 demands a change; in one modify, so that no crash leaves the one without
        // the other
        let must_change = || Change::Replace("pwdLastSet", b"0".to_vec());
        let changes = vec![
            Change::Replace("unicodePwd", as_unicode(new)),
            Change::Replace("lockoutTime", b"0".to_vec()),
            must_change(),
        ];
        codes::write_answer(writer.modify(&entry.dn, changes, DOING).await?)?;
        if self.find(who).await?.is_some_and(|entry| entry.number("pwdlastset") != Some(0)) {
            codes::write_answer(writer.modify(&entry.dn, vec![must_change()], DOING).await?)?;
        }
        Ok(())
    }

    async fn is_locked(&self, who: &MailboxKey) -> Result<bool, DirectoryError> {
        Ok(self.control(who).await?.1 & entry::ACCOUNT_DISABLED != 0)
    }

    async fn standing(&self, who: &MailboxKey, now: Timestamp) -> Result<Standing, DirectoryError> {
        let found = self.find(who).await?.ok_or(DirectoryError::Refused(Refusal::WrongPassword))?;
        Ok(entry::standing(&found, now))
    }

    async fn lock(&self, who: &MailboxKey) -> Result<Before, DirectoryError> {
        let (dn, control) = self.control(who).await?;
        if control & entry::ACCOUNT_DISABLED != 0 {
            return Ok(Before::Locked);
        }
        self.set_control(&dn, control | entry::ACCOUNT_DISABLED).await?;
        Ok(Before::Open)
    }

    async fn unlock(&self, who: &MailboxKey) -> Result<(), DirectoryError> {
        let (dn, control) = self.control(who).await?;
        if control & entry::ACCOUNT_DISABLED == 0 {
            return Ok(());
        }
        self.set_control(&dn, control & !entry::ACCOUNT_DISABLED).await
    }

    async fn lockout_threshold(&self) -> Result<Option<u32>, DirectoryError> {
        policy::lockout_threshold(&mut self.connector.open_as(self.readers.who()).await?).await
    }

    fn health(&self, now: Timestamp) -> Health {
        self.connector.health(now)
    }

    async fn look(&self) -> Result<(), DirectoryError> {
        self.readers.look(&self.staff_base).await
    }

    async fn check(&self) -> Vec<CheckLine> {
        check::check(&self.connector, self.readers.who(), &self.staff_base).await
    }
}

/// The agencies: the units right below the base.
async fn read_agencies(link: &mut Link, staff_base: &str) -> Result<entry::Agencies, DirectoryError> {
    const DOING: &str = "reading the agencies";
    let base = Query {
        doing: DOING,
        base: staff_base,
        scope: Scope::Base,
        filter: "(objectClass=*)",
        attributes: &["ou"],
    };
    let units = Query {
        doing: DOING,
        base: staff_base,
        scope: Scope::OneLevel,
        filter: "(objectClass=organizationalUnit)",
        attributes: entry::UNIT_ATTRIBUTES,
    };
    // as the server writes the base, so that the names of entries end in it
    let written =
        link.search(&base).await?.into_iter().next().map_or_else(|| staff_base.to_owned(), |e| e.dn);
    Ok(entry::Agencies::new(&written, &link.read_all(&units).await?))
}

/// A password as `unicodePwd` takes it: in quotes, UTF-16, the little end first.
fn as_unicode(password: &Password) -> Vec<u8> {
    let quoted = Zeroizing::new(format!("\"{}\"", password.expose()));
    quoted.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    #[test]
    fn a_password_is_written_in_quotes_and_utf16() {
        let bytes = as_unicode(&Secret::new("Mật".to_owned()));
        assert_eq!(bytes, [0x22, 0, 0x4d, 0, 0xad, 0x1e, 0x74, 0, 0x22, 0]);
    }
}
