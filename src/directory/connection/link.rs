//! One open connection and the questions it can be asked. After an error it must be dropped: ldap3 does not say
//! reliably whether a connection still lives, and a server may remember half of a failed exchange.

use super::server::Attempt;
use super::{Entry, tidy_text};
use crate::config::directories::Connection;
use crate::directory::DirectoryError;
use crate::domain::mailbox::MailSystem;
use crate::domain::secret::Secret;
use ldap3::adapters::{Adapter, PagedResults};
use ldap3::controls::RawControl;
use ldap3::exop::PasswordModify;
use ldap3::{Ldap, LdapError, LdapResult, Mod, ResultEntry, Scope};
use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

/// What to look for. Whatever of a person gets into `filter` or `base` must have been escaped.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    /// What this is for, as in "reading the snapshot".
    pub doing: &'static str,
    /// Where to begin.
    pub base: &'a str,
    /// How deep to go.
    pub scope: Scope,
    /// What must be true of an entry.
    pub filter: &'a str,
    /// Which attributes to send.
    pub attributes: &'static [&'static str],
}

/// What references to other servers mean in a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum References {
    /// A part of what is asked for is not here.
    AreMissing,
    /// They are about what is not asked for, as at the root of an Active Directory.
    AreElsewhere,
}

/// A server's answer to a bind or a write; a refusal is an answer too.
pub type Asked = Result<LdapResult, DirectoryError>;

/// An open connection.
pub struct Link {
    ldap: Ldap,
    system: MailSystem,
    timeout: Duration,
    page_size: i32,
    opened: Instant,
    attempt: Option<Attempt>,
}

impl Link {
    pub(super) fn new(ldap: Ldap, system: MailSystem, settings: &Connection) -> Self {
        Self {
            ldap,
            system,
            timeout: settings.operation_timeout,
            page_size: settings.page_size.max(1),
            opened: Instant::now(),
            attempt: None,
        }
    }

    /// The same, telling the server's breaker how it goes.
    pub(super) fn reporting(self, attempt: Attempt) -> Self {
        Self { attempt: Some(attempt), ..self }
    }

    /// When it was opened.
    pub(super) const fn opened(&self) -> Instant {
        self.opened
    }

    /// A simple bind as a service account, before anything is asked.
    pub(super) async fn greet(&mut self, dn: &str, password: &Secret<String>, doing: &'static str) -> Asked {
        let answer = self.bind_unheard(dn, password, vec![], doing).await;
        match (&answer, &mut self.attempt) {
            (Ok(answer), Some(attempt)) if answer.rc == 0 => attempt.greeted(),
            _ => self.hear(&answer),
        }
        answer
    }

    /// Notes for the breaker whether the server answered; a refusal is an answer too.
    fn hear(&mut self, answer: &Asked) {
        self.note(match answer {
            // RFC 4511 appendix A: busy, unavailable
            Ok(answer) => !matches!(answer.rc, 51 | 52),
            Err(DirectoryError::Unreachable { .. }) => false,
            Err(_) => return,
        });
    }

    /// Notes that the server refuses the house itself.
    pub(super) fn refuses_the_house(&self, what: &str) {
        if let Some(attempt) = &self.attempt {
            attempt.misconfigured(what);
        }
    }

    fn note(&mut self, has_answered: bool) {
        match &mut self.attempt {
            Some(attempt) if has_answered => attempt.answered(),
            Some(attempt) => attempt.failed(),
            None => {}
        }
    }

    /// A simple bind. An empty password must not come here: RFC 4513 §5.1.2 makes it succeed as nobody.
    pub async fn bind(&mut self, dn: &str, password: &Secret<String>, doing: &'static str) -> Asked {
        self.bind_with(dn, password, vec![], doing).await
    }

    /// A simple bind with request controls.
    pub async fn bind_with(
        &mut self,
        dn: &str,
        password: &Secret<String>,
        controls: Vec<RawControl>,
        doing: &'static str,
    ) -> Asked {
        let answer = self.bind_unheard(dn, password, controls, doing).await;
        self.hear(&answer);
        answer
    }

    async fn bind_unheard(
        &mut self,
        dn: &str,
        password: &Secret<String>,
        controls: Vec<RawControl>,
        doing: &'static str,
    ) -> Asked {
        if password.expose().is_empty() {
            let what = "an empty password was about to be sent".to_owned();
            return Err(DirectoryError::Misconfigured { system: self.system, what });
        }
        let ldap = self.ldap.with_timeout(self.timeout).with_controls(controls);
        contained(ldap.simple_bind(dn, password.expose())).await.map_err(|e| broken(self.system, doing, e))
    }

    /// A few entries at once.
    pub async fn search(&mut self, query: &Query<'_>) -> Result<Vec<Entry>, DirectoryError> {
        let Query { doing, base, scope, filter, attributes } = *query;
        let since = Instant::now();
        let ldap = self.ldap.with_timeout(self.timeout);
        let found = contained(ldap.search(base, scope, filter, attributes.to_vec())).await;
        let found = found.map_err(|e| broken(self.system, doing, e)).map(|found| (found.0, found.1));
        let (entries, answer) = match found {
            Ok((entries, answer)) => (entries, Ok(answer)),
            Err(error) => (Vec::new(), Err(error)),
        };
        match (&answer, &mut self.attempt) {
            (Ok(answer), Some(attempt)) if answer.rc == 0 => attempt.looked_up(since.elapsed()),
            _ => self.hear(&answer),
        }
        match answer? {
            answer if answer.rc == 0 => Ok(entries.into_iter().filter_map(Entry::read).collect()),
            answer => Err(complaint(self.system, doing, answer)),
        }
    }

    /// Every entry, in pages. It is complete or an error: a limit, a reference to another server, a timeout.
    pub async fn read_all(&mut self, query: &Query<'_>) -> Result<Vec<Entry>, DirectoryError> {
        let mut entries = Vec::new();
        self.each_of(query, vec![], References::AreMissing, &mut |entry| entries.push(entry)).await?;
        Ok(entries)
    }

    /// Tells every entry as it arrives, in pages. Only when this has returned was it everything.
    pub async fn each_of(
        &mut self,
        query: &Query<'_>,
        controls: Vec<RawControl>,
        references: References,
        each: &mut (dyn FnMut(Entry) + Send),
    ) -> Result<(), DirectoryError> {
        let (system, doing) = (self.system, query.doing);
        let mut one = |raw: ResultEntry| {
            if raw.is_ref() {
                let what = format!(
                    "a part of {} is kept on another server, so {doing} would be incomplete",
                    query.base
                );
                return match references {
                    References::AreMissing => Err(DirectoryError::Misconfigured { system, what }),
                    References::AreElsewhere => Ok(()),
                };
            }
            each(Entry::read(raw).ok_or_else(|| broken(system, doing, LdapError::DecodingUTF8))?);
            Ok(())
        };
        let adapters: Vec<Box<dyn Adapter<'_, _, _>>> = vec![Box::new(PagedResults::new(self.page_size))];
        let result = self.stream(query, controls, adapters, &mut one).await?;
        if result.rc == 0 { Ok(()) } else { Err(complaint(system, doing, result)) }
    }

    /// Tells everything that the server sends, without pages: entries, references, and what is between them (RFC 4511
    /// §4.13). The result is what it said at the end, a refusal too.
    pub async fn each_message(
        &mut self,
        query: &Query<'_>,
        control: RawControl,
        each: &mut (dyn FnMut(ResultEntry) -> Result<(), DirectoryError> + Send),
    ) -> Asked {
        self.stream(query, vec![control], vec![], each).await
    }

    async fn stream<'a>(
        &mut self,
        query: &Query<'a>,
        controls: Vec<RawControl>,
        adapters: Vec<Box<dyn Adapter<'a, &'static str, Vec<&'static str>> + 'a>>,
        each: &mut (dyn FnMut(ResultEntry) -> Result<(), DirectoryError> + Send),
    ) -> Asked {
        let Query { doing, base, scope, filter, attributes } = *query;
        let system = self.system;
        let ldap = self.ldap.with_timeout(self.timeout).with_controls(controls);
        let started =
            contained(ldap.streaming_search_with(adapters, base, scope, filter, attributes.to_vec())).await;
        if started.is_err() {
            self.note(false);
        }
        let mut stream = started.map_err(|e| broken(system, doing, e))?;
        loop {
            let next = contained(stream.next()).await;
            // the first entry is the answer: nobody else waits until the last one has come
            self.note(next.is_ok());
            let Some(raw) = next.map_err(|e| broken(system, doing, e))? else { break };
            each(raw)?;
        }
        Ok(stream.finish().await)
    }

    /// One modify: all of the changes or none.
    pub async fn modify(&mut self, dn: &str, changes: Vec<Change>, doing: &'static str) -> Asked {
        let changes = changes.into_iter().map(Change::into_mod).collect();
        let ldap = self.ldap.with_timeout(self.timeout);
        let answer = contained(ldap.modify(dn, changes)).await.map_err(|e| broken(self.system, doing, e));
        self.hear(&answer);
        answer
    }

    /// The Password Modify extended operation (RFC 3062). Without `of`, for whoever is signed in.
    pub async fn set_password(
        &mut self,
        of: Option<&str>,
        old: Option<&Secret<String>>,
        new: &Secret<String>,
        controls: Vec<RawControl>,
    ) -> Asked {
        let request = PasswordModify {
            user_id: of,
            old_pass: old.map(|old| old.expose().as_str()),
            new_pass: Some(new.expose()),
        };
        let ldap = self.ldap.with_timeout(self.timeout).with_controls(controls);
        let answer = contained(ldap.extended(request)).await;
        let answer = answer.map(|answer| answer.1);
        let answer = answer.map_err(|e| broken(self.system, "setting a password", e));
        self.hear(&answer);
        answer
    }
}

/// One change of an attribute.
pub enum Change {
    /// Takes this value away; it must be there.
    Delete(&'static str, Vec<u8>),
    /// Adds this value.
    Add(&'static str, Vec<u8>),
    /// Leaves this value only.
    Replace(&'static str, Vec<u8>),
}

impl Change {
    fn into_mod(self) -> Mod<Vec<u8>> {
        match self {
            Self::Delete(name, value) => Mod::Delete(name.into(), HashSet::from([value])),
            Self::Add(name, value) => Mod::Add(name.into(), HashSet::from([value])),
            Self::Replace(name, value) => Mod::Replace(name.into(), HashSet::from([value])),
        }
    }
}

/// What a result code says that is neither success nor about the person.
pub fn complaint(system: MailSystem, doing: &'static str, result: LdapResult) -> DirectoryError {
    let text = tidy_text(&result.text);
    let what = match result.rc {
        // RFC 4511 appendix A: operationsError (AD's word for a connection that lost its bind), timeLimitExceeded,
        // busy, unavailable: another time it may work
        1 | 3 | 51 | 52 => {
            let source = Box::new(LdapError::LdapResult { result });
            return DirectoryError::Unreachable { system, doing, source };
        }
        4 => "the server's size limit was met: lift it for the service account".to_owned(),
        8 | 13 => "the server wants a stronger protection of the connection".to_owned(),
        10 => "the server refers to another one: name that one in urls".to_owned(),
        32 => "the base is not there, or the service account may not see it".to_owned(),
        50 => "the service account has no right to do it".to_owned(),
        code => format!("the server answered with code {code}"),
    };
    DirectoryError::Misconfigured { system, what: format!("{doing}: {what} ({text})") }
}

/// Runs what ldap3 does with bytes that a server sent; where it panics on them, the connection counts as broken.
pub async fn contained<T>(asked: impl Future<Output = Result<T, LdapError>>) -> Result<T, LdapError> {
    let mut asked = pin!(asked);
    let polled = poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| asked.as_mut().poll(context)))
            .unwrap_or(Poll::Ready(Err(LdapError::DecodingUTF8)))
    });
    polled.await
}

fn broken(system: MailSystem, doing: &'static str, error: LdapError) -> DirectoryError {
    match error {
        LdapError::FilterParsing => {
            let what = format!("{doing}: a filter that cannot be read");
            DirectoryError::Misconfigured { system, what }
        }
        error => DirectoryError::Unreachable { system, doing, source: Box::new(error) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(rc: u32) -> DirectoryError {
        let text = "text\0".to_owned();
        let result = LdapResult { rc, matched: String::new(), text, refs: vec![], ctrls: vec![] };
        complaint(MailSystem::Ad, "reading the snapshot", result)
    }

    #[test]
    fn a_busy_server_is_unreachable_and_a_limit_is_a_wrong_setting() {
        assert!(matches!(said(51), DirectoryError::Unreachable { .. }));
        let DirectoryError::Misconfigured { what, .. } = said(4) else { panic!("a setting") };
        assert_eq!(
            what,
            "reading the snapshot: the server's size limit was met: lift it for the service account (text)"
        );
    }

    #[tokio::test]
    async fn a_panic_of_the_library_is_a_broken_connection() {
        let bad = poll_fn(|_| -> Poll<Result<(), LdapError>> { panic!("bytes that are not LDAP") });
        assert!(matches!(contained(bad).await, Err(LdapError::DecodingUTF8)));
    }
}
