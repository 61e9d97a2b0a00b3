//! OBM's OpenLDAP. What is here: reading the staff of one mail domain, proving and setting passwords over LDAP, with or
//! without the overlay `ppolicy`, its lock until further notice, and the password in OBM's SQL, for a lock and where new ones
//! go there too. What is not:
//! anything else of OBM's SQL; an archived person is simply no longer there.

mod beside;
mod changes;
mod check;
mod entry;
mod ppolicy;
pub mod sql;

use super::connection::{Change, Connector, Entry, Identity, Link, Pace, Query, Readers, complaint};
use super::{
    Before, CheckLine, Directory, DirectoryError, Each, Refusal, SecondPasswords, Standing, Verified,
};
use crate::config::directories::{ObmConfig, ObmPasswords};
use crate::domain::health::Health;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::secret::Password;
use crate::domain::sync::Reading;
use crate::domain::timestamp::Timestamp;
use crate::domain::watch::Beside;
use async_trait::async_trait;
use ldap3::{LdapResult, Scope, ldap_escape};
use ppolicy::Word;
use sql::ObmSql;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long its SQL may take: less than a page waits for a lock to be carried out.
const SQL_PATIENCE: Duration = Duration::from_secs(3);

/// RFC 4511 §4.1.9: undefinedAttributeType.
const UNKNOWN_ATTRIBUTE: u32 = 17;

const PROVING: &str = "proving a password";

/// The staff in OBM.
pub struct ObmDirectory {
    connector: Arc<Connector>,
    readers: Readers,
    writer: Identity,
    users: String,
    domain: String,
    sql: Option<ObmSql>,
    staff_number_from_sql: bool,
    passwords: ObmPasswords,
    pace: Pace,
}

impl ObmDirectory {
    /// For a directory that is set up like this. Nothing is connected yet.
    pub fn new(config: ObmConfig) -> Self {
        let patience = config.connection.operation_timeout.min(SQL_PATIENCE);
        let sql = config.sql.as_ref().map(|url| ObmSql::new(url, &config.domain, patience));
        let connector = Arc::new(Connector::new(MailSystem::Obm, config.connection));
        let reader = Identity { dn: config.sync_dn, password: config.sync_password };
        Self {
            readers: Readers::new(connector.clone(), reader),
            connector,
            writer: Identity { dn: config.writer_dn, password: config.writer_password },
            users: format!("ou=users,{}", config.base),
            domain: config.domain,
            sql,
            staff_number_from_sql: config.staff_number_from_sql,
            passwords: config.passwords,
            pace: Pace::default(),
        }
    }

    /// Looks a person up afresh: by the identity, else by the login, because OBM gives an entry that it makes again
    /// after archiving a new identity.
    async fn find(&self, who: &MailboxKey) -> Result<Option<Entry>, DirectoryError> {
        let (id, login) = (ldap_escape(who.native_id.as_str()), ldap_escape(who.login.as_str()));
        let domain = ldap_escape(self.domain.as_str());
        let filter = format!("(&{}(|(entryUUID={id})(&(obmDomain={domain})(uid={login}))))", entry::PEOPLE);
        let query = Query {
            doing: "looking a person up",
            base: &self.users,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["entryUUID", "pwdReset", "pwdAccountLockedTime"],
        };
        let mut found = self.readers.search(&query).await?;
        // both keys may hit, one entry each: then the login has passed to somebody else
        let same =
            |entry: &Entry| entry.text("entryuuid").is_some_and(|id| id.eq_ignore_ascii_case(&who.native_id));
        let at = found.iter().position(same).unwrap_or(0);
        Ok(if found.is_empty() { None } else { Some(found.swap_remove(at)) })
    }

    async fn known(&self, who: &MailboxKey) -> Result<Entry, DirectoryError> {
        self.find(who).await?.ok_or(DirectoryError::Refused(Refusal::WrongPassword))
    }

    /// Nobody above asks for it where the house does not write; this is the last door.
    fn may_write(&self) -> Result<(), DirectoryError> {
        match self.passwords {
            ObmPasswords::Ldap | ObmPasswords::LdapAndSql => Ok(()),
            ObmPasswords::Elsewhere(_) => {
                Err(self.connector.misconfigured("obm.passwords is \"read-only\"".to_owned()))
            }
        }
    }

    /// Signs in as a person on a connection of its own.
    async fn sign_in(&self, dn: &str, password: &Password) -> Result<(Link, Verified), DirectoryError> {
        let mut link = self.connector.open().await?;
        let answer = link.bind_with(dn, password, ppolicy::ask(), PROVING).await?;
        Ok((link, bind_answer(answer)?))
    }

    /// A name that OBM gives to nobody: its logins begin with a letter or a digit.
    fn nobody(&self) -> String {
        format!("uid=-,{}", self.users)
    }

    /// Sets a password by the writer's right; the server hashes it.
    async fn set_as_writer(&self, entry: &Entry, new: &Password) -> Result<(), DirectoryError> {
        const DOING: &str = "resetting a password";
        let mut link = self.connector.open_as(&self.writer).await?;
        write_answer(link.set_password(Some(&entry.dn), None, new, ppolicy::ask()).await?, DOING)?;
        // with pwdMustChange the overlay now demands a change and takes away any lock. The house decides both itself.
        let mut marks = Vec::new();
        if self.read_again(&entry.dn).await?.is_some_and(|entry| entry.is_true("pwdreset")) {
            marks.push(Change::Replace("pwdReset", b"FALSE".to_vec()));
        }
        if entry::is_locked_for_good(entry) {
            marks.push(Change::Replace("pwdAccountLockedTime", entry::LOCKED_FOR_GOOD.into()));
        }
        if marks.is_empty() {
            return Ok(());
        }
        write_answer(link.modify(&entry.dn, marks, DOING).await?, DOING)
    }

    /// Writes a mark of the policy by the writer's right.
    async fn mark(&self, entry: &Entry, change: Change, doing: &'static str) -> Result<(), DirectoryError> {
        let mut link = self.connector.open_as(&self.writer).await?;
        let answer = link.modify(&entry.dn, vec![change], doing).await?;
        match answer.rc {
            // noSuchAttribute: somebody else has taken it away since it was read
            0 | 16 => Ok(()),
            17 => Err(self.connector.misconfigured(format!(
                "{doing}: pwdAccountLockedTime is unknown there: the overlay ppolicy is needed"
            ))),
            32 => Err(DirectoryError::Refused(Refusal::WrongPassword)),
            _ => Err(complaint(MailSystem::Obm, doing, answer)),
        }
    }

    /// Every policy of the overlay that the reading account may see, the default one among them. Which one holds for
    /// whom is not asked: the strictest is the one to stay below.
    async fn policies(&self) -> Result<Vec<Entry>, DirectoryError> {
        const DOING: &str = "reading the password policies";
        let context = context_of(&mut self.connector.open_as(self.readers.who()).await?, &self.users).await?;
        let base = context.as_deref().unwrap_or(&self.users);
        let (scope, filter) = (Scope::Subtree, "(objectClass=pwdPolicy)");
        let attributes = &["pwdLockout", "pwdMaxFailure", "pwdLockoutDuration"];
        self.readers.search(&Query { doing: DOING, base, scope, filter, attributes }).await
    }

    async fn read_again(&self, dn: &str) -> Result<Option<Entry>, DirectoryError> {
        let query = Query {
            doing: "looking a person up",
            base: dn,
            scope: Scope::Base,
            filter: "(objectClass=*)",
            attributes: &["pwdReset"],
        };
        Ok(self.readers.search(&query).await?.into_iter().next())
    }
}

/// The database that holds the users: the naming context that their base ends in.
async fn context_of(link: &mut Link, users: &str) -> Result<Option<String>, DirectoryError> {
    let root = Query {
        doing: "reading what the server holds",
        base: "",
        scope: Scope::Base,
        filter: "(objectClass=*)",
        attributes: &["namingContexts"],
    };
    let root = link.search(&root).await?;
    let is_ours = |context: &&str| {
        let end = users.len().checked_sub(context.len());
        end.and_then(|at| users.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(context))
    };
    let mut contexts = root.iter().flat_map(|entry| entry.texts("namingcontexts"));
    Ok(contexts.find(is_ours).map(str::to_owned))
}

#[async_trait]
impl Directory for ObmDirectory {
    fn system(&self) -> MailSystem {
        MailSystem::Obm
    }

    async fn read(&self, since: Option<&str>, each: Each<'_>) -> Result<Reading, DirectoryError> {
        // a connection of its own, so that a long read does not hold up sign-ins
        let mut link = self.connector.open_as(self.readers.who()).await?;
        changes::read(&mut link, &self.users, since, each).await
    }

    async fn verify(&self, who: &MailboxKey, password: &Password) -> Result<Verified, DirectoryError> {
        if password.expose().is_empty() {
            return Err(DirectoryError::Refused(Refusal::WrongPassword));
        }
        let since = Instant::now();
        let found = self.find(who).await?;
        let dn = found.as_ref().map_or_else(|| self.nobody(), |entry| entry.dn.clone());
        let answer = self.sign_in(&dn, password).await;
        if matches!(answer, Err(DirectoryError::Refused(Refusal::WrongPassword))) {
            self.pace.keep(since, found.is_some()).await;
        }
        let (_, verified) = answer?;
        // a server may hold the mark of the overlay without running it
        let marked = found.is_some_and(|entry| entry.is_true("pwdreset"));
        Ok(if verified == Verified::Good && marked { Verified::MustChange } else { verified })
    }

    async fn refuse_stranger(&self, password: &Password) -> Result<(), DirectoryError> {
        let (native_id, login) = (uuid::Uuid::nil().to_string(), "-".to_owned());
        match self.verify(&MailboxKey { system: MailSystem::Obm, native_id, login }, password).await {
            Err(DirectoryError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(self.connector.misconfigured("it lets in a name that does not exist".to_owned())),
        }
    }

    async fn locate(&self, who: &MailboxKey) -> Result<(), DirectoryError> {
        self.known(who).await?;
        self.connector.open_as(&self.writer).await.map(|_| ())
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
        self.may_write()?;
        refuse_empty(new)?;
        let entry = self.known(who).await?;
        let (mut link, verified) = self.sign_in(&entry.dn, old).await?;
        if verified == Verified::Expired {
            // the old password is proven, but the server lets its owner do nothing any more
            return self.set_as_writer(&entry, new).await;
        }
        let answer = link.set_password(None, Some(old), new, ppolicy::ask()).await?;
        write_answer(answer, "changing a password")
    }

    async fn reset_password(&self, who: &MailboxKey, new: &Password) -> Result<(), DirectoryError> {
        self.may_write()?;
        refuse_empty(new)?;
        self.set_as_writer(&self.known(who).await?, new).await
    }

    async fn reset_for_handover(&self, who: &MailboxKey, new: &Password) -> Result<(), DirectoryError> {
        const DOING: &str = "demanding a new password";
        self.may_write()?;
        refuse_empty(new)?;
        let entry = self.known(who).await?;
        self.set_as_writer(&entry, new).await?;
        let mut link = self.connector.open_as(&self.writer).await?;
        let must_change = vec![Change::Replace("pwdReset", b"TRUE".to_vec())];
        let answer = link.modify(&entry.dn, must_change, DOING).await?;
        // undefinedAttributeType: without the overlay there is nothing that could demand it
        if answer.rc == UNKNOWN_ATTRIBUTE { Ok(()) } else { write_answer(answer, DOING) }
    }

    async fn is_locked(&self, who: &MailboxKey) -> Result<bool, DirectoryError> {
        Ok(entry::is_locked_for_good(&self.known(who).await?))
    }

    async fn standing(&self, who: &MailboxKey, now: Timestamp) -> Result<Standing, DirectoryError> {
        let entry = self.known(who).await?;
        if entry::is_locked_for_good(&entry) {
            return Ok(Standing::Locked);
        }
        let Some(since) = entry::locked_out_at(&entry) else { return Ok(Standing::Open) };
        let lasts = ppolicy::longest_lockout(&self.policies().await?);
        let is_over = lasts.is_some_and(|lasts| since.plus(lasts) <= now);
        Ok(if is_over { Standing::Open } else { Standing::LockedOut })
    }

    async fn lock(&self, who: &MailboxKey) -> Result<Before, DirectoryError> {
        let entry = self.known(who).await?;
        if entry::is_locked_for_good(&entry) {
            return Ok(Before::Locked);
        }
        let for_good = Change::Replace("pwdAccountLockedTime", entry::LOCKED_FOR_GOOD.into());
        self.mark(&entry, for_good, "locking").await?;
        Ok(Before::Open)
    }

    async fn unlock(&self, who: &MailboxKey) -> Result<(), DirectoryError> {
        let entry = self.known(who).await?;
        // a lock after failures ends by itself
        if !entry::is_locked_for_good(&entry) {
            return Ok(());
        }
        let for_good = Change::Delete("pwdAccountLockedTime", entry::LOCKED_FOR_GOOD.into());
        self.mark(&entry, for_good, "unlocking").await
    }

    async fn lockout_threshold(&self) -> Result<Option<u32>, DirectoryError> {
        Ok(ppolicy::lowest_threshold(&self.policies().await?))
    }

    async fn beside(&self) -> Option<Result<Vec<Beside>, DirectoryError>> {
        let sql = self.sql.as_ref()?;
        Some(beside::everybody(sql, self.staff_number_from_sql).await)
    }

    fn password_place(&self) -> Option<String> {
        match &self.passwords {
            ObmPasswords::Elsewhere(place) => Some(place.clone()),
            ObmPasswords::Ldap | ObmPasswords::LdapAndSql => None,
        }
    }

    fn copies_passwords(&self) -> bool {
        self.passwords == ObmPasswords::LdapAndSql
    }

    fn second_passwords(&self) -> Option<&dyn SecondPasswords> {
        self.sql.as_ref().map(|sql| sql as &dyn SecondPasswords)
    }

    fn health(&self, now: Timestamp) -> Health {
        self.connector.health(now)
    }

    async fn look(&self) -> Result<(), DirectoryError> {
        self.readers.look(&self.users).await
    }

    async fn check(&self) -> Vec<CheckLine> {
        let mut lines = check::check(&self.connector, self.readers.who(), &self.writer, &self.users).await;
        if let Some(sql) = &self.sql {
            lines.push(check::sql(sql, self.copies_passwords()).await);
        }
        lines
    }
}

fn refuse_empty(new: &Password) -> Result<(), DirectoryError> {
    if new.expose().is_empty() {
        return Err(DirectoryError::PolicyRefused("an empty password".to_owned()));
    }
    Ok(())
}

/// What an answer to a bind as a person means.
fn bind_answer(answer: LdapResult) -> Result<Verified, DirectoryError> {
    match (answer.rc, ppolicy::word(&answer)) {
        (0, Some(Word::ChangeAfterReset)) => Ok(Verified::MustChange),
        // with 49 the overlay says "expired" only after the password has been found right
        (0 | 49, Some(Word::Expired)) => Ok(Verified::Expired),
        (0, _) => Ok(Verified::Good),
        (49, Some(Word::Locked)) => Err(DirectoryError::Refused(Refusal::LockedOut)),
        // invalidCredentials, noSuchObject, inappropriateAuthentication: wrong, nobody, or without a password
        (49 | 32 | 48, _) => Err(DirectoryError::Refused(Refusal::WrongPassword)),
        _ => Err(complaint(MailSystem::Obm, PROVING, answer)),
    }
}

/// What an answer to a write means.
fn write_answer(answer: LdapResult, doing: &'static str) -> Result<(), DirectoryError> {
    match (answer.rc, ppolicy::word(&answer)) {
        (0, _) => Ok(()),
        (_, Some(Word::Against(_))) | (19, _) => {
            Err(DirectoryError::PolicyRefused(ppolicy::refusal_words(&answer)))
        }
        (32 | 49, _) => Err(DirectoryError::Refused(Refusal::WrongPassword)),
        _ => Err(complaint(MailSystem::Obm, doing, answer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ldap3::controls::{Control, RawControl};

    fn answer(rc: u32, error: Option<u8>) -> LdapResult {
        let raw = |code| RawControl { val: Some(vec![0x30, 3, 0x81, 1, code]), ..ppolicy::ask().remove(0) };
        let ctrls = error.map(|code| Control(None, raw(code))).into_iter().collect();
        LdapResult { rc, matched: String::new(), text: "said".to_owned(), refs: vec![], ctrls }
    }

    #[test]
    fn a_bind_is_understood_with_and_without_the_overlay() {
        assert!(matches!(bind_answer(answer(0, None)), Ok(Verified::Good)));
        assert!(matches!(bind_answer(answer(0, Some(2))), Ok(Verified::MustChange)));
        assert!(matches!(bind_answer(answer(49, Some(0))), Ok(Verified::Expired)));
        let refused = |answer| match bind_answer(answer) {
            Err(DirectoryError::Refused(refusal)) => Some(refusal),
            _ => None,
        };
        assert_eq!(refused(answer(49, None)), Some(Refusal::WrongPassword));
        assert_eq!(refused(answer(32, None)), Some(Refusal::WrongPassword));
        assert_eq!(refused(answer(49, Some(1))), Some(Refusal::LockedOut));
        assert!(matches!(bind_answer(answer(13, None)), Err(DirectoryError::Misconfigured { .. })));
        assert!(matches!(bind_answer(answer(52, None)), Err(DirectoryError::Unreachable { .. })));
    }

    #[test]
    fn a_policy_says_its_reason() {
        let words = |answer| match write_answer(answer, "changing a password") {
            Err(DirectoryError::PolicyRefused(words)) => words,
            other => panic!("{other:?}"),
        };
        assert_eq!(words(answer(19, Some(6))), "too short");
        assert_eq!(words(answer(50, Some(3))), "passwords may not be changed by their owners");
        assert_eq!(words(answer(19, None)), "said");
        assert!(matches!(write_answer(answer(50, None), "x"), Err(DirectoryError::Misconfigured { .. })));
    }
}
