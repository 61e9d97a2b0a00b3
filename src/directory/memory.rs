//! A directory in memory that behaves like the other two: for the fast tests, and it must pass the same contract.

use super::{Before, CheckLine, Directory, DirectoryError, Each, Refusal, SecondPasswords, Verified};
use crate::domain::health::{Condition, Health, ServerHealth};
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::secret::Password;
use crate::domain::sync::{Reading, Rest, Seen, SeenEntry, SeenMailbox};
use crate::domain::timestamp::Timestamp;
use crate::domain::watch::Beside;
use crate::system::System;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use subtle::ConstantTimeEq;

/// Fewer characters are refused, as in the policies that the city's directories have.
const SHORTEST: usize = 8;

/// The directory. Its people are found by their native id, else by their login.
pub struct MemoryDirectory {
    system: MailSystem,
    clock: System,
    state: Mutex<State>,
    second: OnceLock<Box<dyn SecondPasswords>>,
}

#[derive(Default)]
struct State {
    people: BTreeMap<String, Person>,
    unreachable: bool,
    partial: bool,
    against: Option<String>,
    /// Whose new password it takes without ever answering.
    hangs_on: Option<String>,
    threshold: Option<u32>,
    asked: usize,
    health: Option<(Condition, Timestamp)>,
    /// What is kept outside it, or that this does not answer.
    beside: Option<Result<Vec<Beside>, ()>>,
    /// Whether new passwords go into the second place too.
    copies: bool,
    /// Where its passwords are changed, if not here.
    place: Option<String>,
    /// What it held when it gave a position.
    told: BTreeMap<u64, BTreeMap<String, SeenMailbox>>,
}

/// Positions that still serve.
const POSITIONS: usize = 4;

struct Person {
    seen: SeenMailbox,
    password: Password,
    before: Vec<Password>,
    refuses: Option<Refusal>,
}

impl MemoryDirectory {
    /// An empty one; `clock` dates the passwords that are set in it.
    pub fn new(system: MailSystem, clock: System) -> Self {
        Self { system, clock, state: Mutex::default(), second: OnceLock::new() }
    }

    /// Adds a person, or puts them in place of the one with the same native id.
    pub fn add(&self, seen: SeenMailbox, password: Password) {
        let person = Person { seen, password, before: Vec::new(), refuses: None };
        self.state().people.insert(person.seen.key.native_id.clone(), person);
    }

    /// Takes a person away, as when the entry is deleted.
    pub fn remove(&self, login: &str) {
        self.state().people.retain(|_, person| person.seen.key.login != login);
    }

    /// Changes what is known of a person: the name, `enabled`, `must_change`, the date of the password.
    pub fn edit(&self, login: &str, change: impl FnOnce(&mut SeenMailbox)) {
        if let Some(person) = self.state().people.values_mut().find(|p| p.seen.key.login == login) {
            change(&mut person.seen);
        }
    }

    /// Makes it answer nothing more, or answer again.
    pub fn set_unreachable(&self, unreachable: bool) {
        let now = self.clock.now();
        let mut state = self.state();
        state.unreachable = unreachable;
        state.health = unreachable.then_some((Condition::Unreachable, now));
    }

    /// Makes it say that it has answered so since now.
    pub fn set_condition(&self, condition: Condition) {
        let now = self.clock.now();
        self.state().health = (condition != Condition::Normal).then_some((condition, now));
    }

    /// Makes it break off every snapshot, as a size limit does.
    pub fn set_partial(&self, partial: bool) {
        self.state().partial = partial;
    }

    /// Makes it refuse every new password with these words, or none but its own rules again.
    pub fn refuse_new_passwords(&self, words: Option<&str>) {
        self.state().against = words.map(str::to_owned);
    }

    /// Makes it take new passwords of a person without ever answering.
    pub fn hang_on(&self, login: &str) {
        self.state().hangs_on = Some(login.to_owned());
    }

    /// Makes it refuse a person with this reason although the password is right, or let them in again.
    pub fn refuse(&self, login: &str, reason: Option<Refusal>) {
        if let Some(person) = self.state().people.values_mut().find(|p| p.seen.key.login == login) {
            person.refuses = reason;
        }
    }

    /// Makes it say that it locks by itself after so many failures.
    pub fn set_lockout_threshold(&self, threshold: Option<u32>) {
        self.state().threshold = threshold;
    }

    /// Gives it a second place for passwords; once.
    pub fn keep_passwords_also_in(&self, second: Box<dyn SecondPasswords>) {
        let _ = self.second.set(second);
    }

    /// Makes new passwords go into the second place too.
    pub fn copy_passwords(&self) {
        self.state().copies = true;
    }

    /// Makes its mail system keep this outside it; `Err`: that does not answer.
    pub fn keep_beside(&self, beside: Result<Vec<Beside>, ()>) {
        self.state().beside = Some(beside);
    }

    /// Makes it one whose passwords the house does not write.
    pub fn change_passwords_only_at(&self, place: &str) {
        self.state().place = Some(place.to_owned());
    }

    /// How often a password was put to it so far, by a bind or for a change, of anybody or nobody.
    pub fn times_asked(&self) -> usize {
        self.state().asked
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, who: &MailboxKey, old: &Password, new: &Password) -> Result<(), DirectoryError> {
        let now = self.clock.now();
        let mut state = self.reached("changing a password")?;
        state.asked += 1;
        let allowed = state.allows(new);
        let person = state.person(who)?;
        if old.expose().is_empty() || !same(&person.password, old) {
            return Err(DirectoryError::Refused(Refusal::WrongPassword));
        }
        allowed?;
        if same(&person.password, new) || person.before.iter().any(|before| same(before, new)) {
            return Err(DirectoryError::PolicyRefused("used before".to_owned()));
        }
        person.set(new, now);
        Ok(())
    }

    fn reset(&self, who: &MailboxKey, new: &Password, must_change: bool) -> Result<(), DirectoryError> {
        let now = self.clock.now();
        let mut state = self.reached("resetting a password")?;
        state.allows(new)?;
        let person = state.person(who)?;
        person.set(new, now);
        person.seen.must_change = must_change;
        Ok(())
    }

    fn reached(&self, doing: &'static str) -> Result<MutexGuard<'_, State>, DirectoryError> {
        let state = self.state();
        if state.unreachable {
            let source = std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into();
            return Err(DirectoryError::Unreachable { system: self.system, doing, source });
        }
        Ok(state)
    }
}

impl State {
    fn seen(&self) -> BTreeMap<String, SeenMailbox> {
        self.people.iter().map(|(id, person)| (id.clone(), person.seen.clone())).collect()
    }

    /// Keeps what it holds now under a new position.
    fn tell(&mut self) -> u64 {
        let position = self.told.keys().next_back().map_or(1, |last| last + 1);
        self.told.insert(position, self.seen());
        while self.told.len() > POSITIONS {
            self.told.pop_first();
        }
        position
    }

    fn person(&mut self, who: &MailboxKey) -> Result<&mut Person, DirectoryError> {
        let by_id = self.people.contains_key(&who.native_id);
        let mut people = self.people.values_mut();
        let found = if by_id {
            people.find(|person| person.seen.key.native_id == who.native_id)
        } else {
            // only OBM gives a person a new identity
            people.find(|person| who.system == MailSystem::Obm && person.seen.key.login == who.login)
        };
        found.ok_or(DirectoryError::Refused(Refusal::WrongPassword))
    }

    /// The rules that a new password must pass, without the history.
    fn allows(&self, new: &Password) -> Result<(), DirectoryError> {
        let short = new.expose().chars().count() < SHORTEST;
        match &self.against {
            Some(words) => Err(DirectoryError::PolicyRefused(words.clone())),
            None if short => Err(DirectoryError::PolicyRefused("too short".to_owned())),
            None => Ok(()),
        }
    }
}

impl Person {
    /// The order of Active Directory: what stands in the way is told to those only who know the password.
    fn prove(&self, password: &Password) -> Result<Verified, Refusal> {
        if !same(&self.password, password) {
            return Err(Refusal::WrongPassword);
        }
        match self.refuses {
            Some(reason) => Err(reason),
            None if !self.seen.enabled => Err(Refusal::Disabled),
            None if self.seen.must_change => Ok(Verified::MustChange),
            None => Ok(Verified::Good),
        }
    }

    fn set(&mut self, new: &Password, now: Timestamp) {
        self.before.push(std::mem::replace(&mut self.password, new.clone()));
        self.seen.must_change = false;
        self.seen.password_set_at = Some(now);
    }
}

fn same(one: &Password, other: &Password) -> bool {
    one.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
}

/// What was written is answered a moment later, as over a network: whoever waits can be cut off in between.
async fn on_its_way() -> Result<(), DirectoryError> {
    tokio::task::yield_now().await;
    Ok(())
}

#[async_trait]
impl Directory for MemoryDirectory {
    fn system(&self) -> MailSystem {
        self.system
    }

    async fn read(&self, since: Option<&str>, each: Each<'_>) -> Result<Reading, DirectoryError> {
        let (now, told, position) = {
            let mut state = self.reached("reading the snapshot")?;
            if state.partial {
                let what = "reading the snapshot: the server's size limit was met".to_owned();
                return Err(DirectoryError::Misconfigured { system: self.system, what });
            }
            let told = since.and_then(|since| since.parse().ok()).and_then(|at| state.told.get(&at).cloned());
            let now = state.seen();
            (now, told, state.tell())
        };
        let is_whole = told.is_none();
        let told = told.unwrap_or_default();
        for (id, seen) in &now {
            if told.get(id) != Some(seen) {
                each(SeenEntry { id: id.clone(), what: Seen::Mailbox(Box::new(seen.clone())) });
            }
        }
        let gone = told.into_keys().filter(|id| !now.contains_key(id)).collect();
        let rest = if is_whole { Rest::Gone } else { Rest::StaysBut(gone) };
        Ok(Reading { rest, position: Some(position.to_string()) })
    }

    async fn verify(&self, who: &MailboxKey, password: &Password) -> Result<Verified, DirectoryError> {
        if password.expose().is_empty() {
            return Err(DirectoryError::Refused(Refusal::WrongPassword));
        }
        let mut state = self.reached("proving a password")?;
        state.asked += 1;
        let person = state.person(who)?;
        // as OBM does, whose lock gives nothing away about the password
        if self.system == MailSystem::Obm && !person.seen.enabled {
            return Err(DirectoryError::Refused(Refusal::LockedOut));
        }
        person.prove(password).map_err(DirectoryError::Refused)
    }

    async fn refuse_stranger(&self, _password: &Password) -> Result<(), DirectoryError> {
        self.reached("proving a password")?.asked += 1;
        Ok(())
    }

    async fn locate(&self, who: &MailboxKey) -> Result<(), DirectoryError> {
        self.reached("looking a person up")?.person(who).map(|_| ())
    }

    async fn change_password(
        &self,
        who: &MailboxKey,
        old: &Password,
        new: &Password,
    ) -> Result<(), DirectoryError> {
        self.change(who, old, new)?;
        on_its_way().await
    }

    async fn reset_password(&self, who: &MailboxKey, new: &Password) -> Result<(), DirectoryError> {
        self.reset(who, new, false)?;
        on_its_way().await
    }

    async fn reset_for_handover(&self, who: &MailboxKey, new: &Password) -> Result<(), DirectoryError> {
        self.reset(who, new, true)?;
        let hangs = self.state().hangs_on.as_ref() == Some(&who.login);
        if hangs {
            std::future::pending::<()>().await;
        }
        on_its_way().await
    }

    async fn is_locked(&self, who: &MailboxKey) -> Result<bool, DirectoryError> {
        Ok(!self.reached("looking a person up")?.person(who)?.seen.enabled)
    }

    async fn lock(&self, who: &MailboxKey) -> Result<Before, DirectoryError> {
        let mut state = self.reached("locking")?;
        let was_open = std::mem::replace(&mut state.person(who)?.seen.enabled, false);
        Ok(if was_open { Before::Open } else { Before::Locked })
    }

    async fn unlock(&self, who: &MailboxKey) -> Result<(), DirectoryError> {
        self.reached("unlocking")?.person(who)?.seen.enabled = true;
        Ok(())
    }

    async fn lockout_threshold(&self) -> Result<Option<u32>, DirectoryError> {
        Ok(self.reached("reading the lock-out threshold")?.threshold.filter(|threshold| *threshold > 0))
    }

    async fn beside(&self) -> Option<Result<Vec<Beside>, DirectoryError>> {
        let beside = self.state().beside.clone()?;
        let silent = |()| DirectoryError::Unreachable {
            system: self.system,
            doing: "asking its SQL",
            source: std::io::Error::from(std::io::ErrorKind::TimedOut).into(),
        };
        Some(beside.map_err(silent))
    }

    fn password_place(&self) -> Option<String> {
        self.state().place.clone()
    }

    fn copies_passwords(&self) -> bool {
        self.state().copies
    }

    fn second_passwords(&self) -> Option<&dyn SecondPasswords> {
        self.second.get().map(AsRef::as_ref)
    }

    fn health(&self, _now: Timestamp) -> Health {
        match self.state().health.clone() {
            Some((condition, since)) => {
                let (url, since) = (format!("memory:{}", self.system.code()), Some(since));
                let server = ServerHealth { url, condition: condition.clone(), since };
                Health { system: self.system, condition, since, servers: vec![server] }
            }
            None => Health::normal(self.system),
        }
    }

    async fn look(&self) -> Result<(), DirectoryError> {
        self.reached("being asked how it is").map(|_| ())
    }

    async fn check(&self) -> Vec<CheckLine> {
        let result = self.reached("being asked").map(|state| format!("{} people", state.people.len()));
        let result = result.map_err(|error| error.to_string());
        vec![CheckLine { what: "a directory in memory".to_owned(), result }]
    }
}
