//! An account and its states. The only way from one state to another is a method of [`Account`].

mod lock;
mod terms;

pub use lock::LockReason;
pub use terms::Terms;

use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::timestamp::Timestamp;
use thiserror::Error;

/// What kind of holder an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One person.
    Person,
    /// An agency's mailbox, e.g. a records office. The regulation's rules hold for it too.
    Agency,
    /// The mailbox of a service or a device.
    Service,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Person, Self::Agency, Self::Service];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Agency => "agency",
            Self::Service => "service",
        }
    }

    /// Reads [`Kind::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Why a new password is demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MustChange {
    /// The password is the one that was issued with the mailbox.
    DefaultPassword,
    /// An administrator reset it, here or in a directory.
    Reset,
    /// A lock was lifted.
    LockLifted,
    /// Its holder has said that somebody else used it.
    NotMe,
    /// An administrator demands another one, whatever it is.
    Demanded,
}

impl MustChange {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::DefaultPassword, Self::Reset, Self::LockLifted, Self::NotMe, Self::Demanded];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DefaultPassword => "default_password",
            Self::Reset => "reset",
            Self::LockLifted => "lock_lifted",
            Self::NotMe => "not_me",
            Self::Demanded => "demanded",
        }
    }

    /// Reads [`MustChange::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }
}

/// The state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// May sign in.
    Active {
        /// When the present password was set.
        password_set_at: Timestamp,
    },
    /// May sign in only to set a new password.
    MustChangePassword {
        /// Since when; the term of working days counts from here.
        since: Timestamp,
        /// When the term ends, as it was last written down; what counts now is what the regulation says.
        deadline: Timestamp,
        /// Why.
        why: MustChange,
    },
    /// May not sign in.
    Locked {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: LockReason,
    },
    /// Withdrawn for good; the address is never given to somebody else.
    Retired {
        /// Since when.
        at: Timestamp,
    },
}

/// The name of a state without its details: what lists filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateName {
    /// [`State::Active`].
    Active,
    /// [`State::MustChangePassword`].
    MustChange,
    /// [`State::Locked`].
    Locked,
    /// [`State::Retired`].
    Retired,
}

impl StateName {
    /// All names, in the order of the dashboard.
    pub const ALL: [Self; 4] = [Self::Active, Self::MustChange, Self::Locked, Self::Retired];

    /// The word in the database and in addresses of the console.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::MustChange => "must_change",
            Self::Locked => "locked",
            Self::Retired => "retired",
        }
    }

    /// Reads [`StateName::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.code() == code)
    }
}

impl State {
    /// Its name.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Active { .. } => StateName::Active,
            Self::MustChangePassword { .. } => StateName::MustChange,
            Self::Locked { .. } => StateName::Locked,
            Self::Retired { .. } => StateName::Retired,
        }
    }
}

/// Why a transition is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TransitionRefused {
    /// It is locked already, and what would lock it takes no other lock's place.
    #[error("the account is locked already")]
    AlreadyLocked,
    /// It is not locked.
    #[error("the account is not locked")]
    NotLocked,
    /// It is locked, so its password cannot change.
    #[error("the account is locked")]
    Locked,
    /// It is retired; nothing leads back from there but the directories.
    #[error("the account is retired")]
    Retired,
    /// A new password is demanded of it already.
    #[error("a new password is demanded already")]
    DemandedAlready,
    /// Only the directory can lift this lock.
    #[error("the lock is lifted in the directory, not here")]
    LiftedByTheDirectory,
}

/// What is known of the holder; kept as the directories have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The mail address: the identity towards the applications.
    pub address: MailAddress,
    /// Person or agency mailbox.
    pub kind: Kind,
    /// Full name, family name first, NFC.
    pub display_name: String,
    /// Post (chức vụ), if known.
    pub title: Option<String>,
    /// Staff number, if known.
    pub staff_number: Option<String>,
    /// The agency, if known.
    pub agency_id: Option<AgencyId>,
}

/// What an account's life has left behind and the rules go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traces {
    /// When its holder first signed in here.
    pub first_access_at: Option<Timestamp>,
    /// When it was last used, here or, as far as they tell, in a directory.
    pub last_used_at: Option<Timestamp>,
    /// The end of the running term as its holder was told: it may move later, never earlier.
    pub promised_until: Option<Timestamp>,
    /// Not before this moment is it locked because nobody uses it.
    pub idle_promised_until: Option<Timestamp>,
    /// Since when a password alone opens nothing, because its holder has said that somebody else knows it. It stays with
    /// every state until the password is another one.
    pub disowned_at: Option<Timestamp>,
    /// Its terms as they were last written down.
    pub written: Terms,
    /// Whether its holder has a role in the administration.
    pub administers: bool,
}

/// An account: one for each mail address, even when it lives in both mail systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    id: AccountId,
    subject: String,
    profile: Profile,
    state: State,
    traces: Traces,
    version: i64,
}

impl Account {
    /// An account in a given state: as read from the database, or new from a directory.
    pub const fn new(id: AccountId, subject: String, profile: Profile, state: State, version: i64) -> Self {
        let traces = Traces {
            first_access_at: None,
            last_used_at: None,
            promised_until: None,
            idle_promised_until: None,
            disowned_at: None,
            written: Terms { ends_at: None, lock_at: None },
            administers: false,
        };
        Self { id, subject, profile, state, traces, version }
    }

    /// The same account with what its life has left behind.
    #[must_use]
    pub fn with_traces(self, traces: Traces) -> Self {
        Self { traces, ..self }
    }

    /// Its id in the house.
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// The opaque, stable `sub` given to applications (OIDC Core §8).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What is known of the holder.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Its state.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What its life has left behind.
    pub const fn traces(&self) -> &Traces {
        &self.traces
    }

    /// Whether a password alone opens nothing, because its holder has said that somebody else knows it.
    pub const fn is_disowned(&self) -> bool {
        self.traces.disowned_at.is_some()
    }

    /// The version that a compare-and-swap save expects to find.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// The same account with another profile.
    #[must_use]
    pub fn with_profile(&self, profile: Profile) -> Self {
        Self { profile, ..self.clone() }
    }

    /// Locks it. An administrator's word takes the place of a lock that something else would lift: a second factor, a help
    /// desk that sees a deadline, a directory. Nothing takes the place of an administrator's word.
    pub fn lock(&self, reason: LockReason, at: Timestamp) -> Result<Self, TransitionRefused> {
        match self.state {
            State::Locked { reason: before, .. } if reason.takes_the_place_of(before) => {
                Ok(self.in_state(State::Locked { at, reason }))
            }
            State::Locked { .. } => Err(TransitionRefused::AlreadyLocked),
            State::Retired { .. } => Err(TransitionRefused::Retired),
            State::Active { .. } | State::MustChangePassword { .. } => {
                Ok(self.in_state(State::Locked { at, reason }))
            }
        }
    }

    /// Lifts a lock on an administrator's word. It leads to a forced change with a fresh deadline, never straight
    /// to [`State::Active`].
    pub fn unlock(&self, now: Timestamp, deadline: Timestamp) -> Result<Self, TransitionRefused> {
        match self.state {
            State::Locked { reason, .. } if reason.is_lifted_by_the_directory() => {
                Err(TransitionRefused::LiftedByTheDirectory)
            }
            State::Locked { .. } => Ok(self.in_state(State::MustChangePassword {
                since: now,
                deadline,
                why: MustChange::LockLifted,
            })),
            State::Retired { .. } => Err(TransitionRefused::Retired),
            State::Active { .. } | State::MustChangePassword { .. } => Err(TransitionRefused::NotLocked),
        }
    }

    /// Withdraws it: it was in no directory for so long that nobody waits for its return.
    pub fn retire(&self, at: Timestamp) -> Result<Self, TransitionRefused> {
        match self.state {
            State::Locked { reason: LockReason::GoneFromDirectory, .. } => {
                Ok(self.in_state(State::Retired { at }))
            }
            State::Locked { .. } => Err(TransitionRefused::Locked),
            State::Retired { .. } => Err(TransitionRefused::Retired),
            State::Active { .. } | State::MustChangePassword { .. } => Err(TransitionRefused::NotLocked),
        }
    }

    /// Gives it a one-time password on an administrator's word, which also lifts a lock that an administrator may lift.
    pub fn reset(&self, now: Timestamp, deadline: Timestamp) -> Result<Self, TransitionRefused> {
        self.can_be_reset()?;
        let why = MustChange::Reset;
        Ok(self.in_state(State::MustChangePassword { since: now, deadline, why }))
    }

    /// Whether its state allows a one-time password, or why not.
    pub fn can_be_reset(&self) -> Result<(), TransitionRefused> {
        match self.state {
            State::Locked { reason, .. } if reason.is_lifted_by_the_directory() => {
                Err(TransitionRefused::LiftedByTheDirectory)
            }
            State::Retired { .. } => Err(TransitionRefused::Retired),
            State::Active { .. } | State::MustChangePassword { .. } | State::Locked { .. } => Ok(()),
        }
    }

    /// Records that its password was changed.
    pub fn password_changed(&self, at: Timestamp) -> Result<Self, TransitionRefused> {
        self.refuse_unless_open()?;
        Ok(self.in_state(State::Active { password_set_at: at }))
    }

    /// Demands a new password.
    pub fn demand_change(
        &self,
        since: Timestamp,
        deadline: Timestamp,
        why: MustChange,
    ) -> Result<Self, TransitionRefused> {
        self.refuse_unless_open()?;
        Ok(self.in_state(State::MustChangePassword { since, deadline, why }))
    }

    /// Whether it waits for another password after an administrator has reset it.
    pub const fn is_reset(&self) -> bool {
        matches!(self.state, State::MustChangePassword { why: MustChange::Reset, .. })
    }

    /// Whether an administrator has locked it.
    pub const fn is_locked_by_an_administrator(&self) -> bool {
        matches!(self.state, State::Locked { reason: LockReason::ByAdministrator, .. })
    }

    /// Puts back the state before an act of an administrator, and until when the account was promised to stay open in it.
    /// The caller makes sure that nobody has changed the account since.
    #[must_use]
    pub fn put_back(&self, before: State, promised_until: Option<Timestamp>) -> Self {
        let traces = Traces { promised_until, ..self.traces };
        self.in_state(before).with_traces(traces)
    }

    /// What the directory lifts: a lock that only it can lift, or the end of the account, is replaced by the state its
    /// facts lead to.
    pub fn lifted_by_the_directory(&self, state: State) -> Result<Self, TransitionRefused> {
        match self.state {
            State::Locked { reason, .. } if reason.is_lifted_by_the_directory() => Ok(self.in_state(state)),
            State::Locked { .. } => Err(TransitionRefused::Locked),
            State::Retired { .. } => Ok(self.in_state(state)),
            State::Active { .. } | State::MustChangePassword { .. } => Err(TransitionRefused::NotLocked),
        }
    }

    const fn refuse_unless_open(&self) -> Result<(), TransitionRefused> {
        match self.state {
            State::Locked { .. } => Err(TransitionRefused::Locked),
            State::Retired { .. } => Err(TransitionRefused::Retired),
            State::Active { .. } | State::MustChangePassword { .. } => Ok(()),
        }
    }

    /// A new state begins a new term: what was promised of the old one is over.
    fn in_state(&self, state: State) -> Self {
        let traces = Traces { promised_until: None, ..self.traces };
        Self { state, traces, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chance::Entropy;

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn account(state: State) -> Account {
        let profile = Profile {
            address: MailAddress::parse("an.nguyen@danang.example").expect("an address"),
            kind: Kind::Person,
            display_name: "Nguyễn Văn An".to_owned(),
            title: None,
            staff_number: None,
            agency_id: None,
        };
        Account::new(AccountId::new(Timestamp::default(), &Zero), "sub".to_owned(), profile, state, 0)
    }

    const T0: Timestamp = Timestamp::from_seconds(1_000);
    const T1: Timestamp = Timestamp::from_seconds(2_000);

    #[test]
    fn a_lifted_lock_leads_to_a_forced_change_never_straight_to_active() {
        let locked = account(State::Locked { at: T0, reason: LockReason::PasswordTooOld });
        let open = locked.unlock(T0, T1).expect("an administrator may lift it");
        let expected = State::MustChangePassword { since: T0, deadline: T1, why: MustChange::LockLifted };
        assert_eq!(*open.state(), expected);
    }

    #[test]
    fn a_lock_of_the_directory_is_lifted_only_there() {
        let locked = account(State::Locked { at: T0, reason: LockReason::DisabledInDirectory });
        assert_eq!(locked.unlock(T0, T1), Err(TransitionRefused::LiftedByTheDirectory));
        assert!(locked.lifted_by_the_directory(State::Active { password_set_at: T0 }).is_ok());
    }

    #[test]
    fn a_locked_or_retired_account_takes_no_new_password() {
        let locked = account(State::Locked { at: T0, reason: LockReason::ByAdministrator });
        assert_eq!(locked.password_changed(T1), Err(TransitionRefused::Locked));
        let retired = account(State::Retired { at: T0 });
        assert_eq!(retired.password_changed(T1), Err(TransitionRefused::Retired));
        assert_eq!(retired.lock(LockReason::Inactive, T1), Err(TransitionRefused::Retired));
    }

    #[test]
    fn a_reset_lifts_what_an_administrator_may_lift_and_nothing_else() {
        let expected = State::MustChangePassword { since: T0, deadline: T1, why: MustChange::Reset };
        let active = State::Active { password_set_at: T0 };
        let locked = State::Locked { at: T0, reason: LockReason::DefaultPasswordKept };
        for state in [active, locked, expected] {
            assert_eq!(*account(state).reset(T0, T1).expect("allowed").state(), expected);
        }
        let gone = account(State::Locked { at: T0, reason: LockReason::GoneFromDirectory });
        assert_eq!(gone.reset(T0, T1), Err(TransitionRefused::LiftedByTheDirectory));
        assert_eq!(account(State::Retired { at: T0 }).reset(T0, T1), Err(TransitionRefused::Retired));
    }

    #[test]
    fn an_administrators_lock_takes_the_place_of_every_other_and_none_takes_its_place() {
        let lock = |reason| State::Locked { at: T0, reason };
        for before in LockReason::ALL {
            for reason in LockReason::ALL {
                let after = account(lock(before)).lock(reason, T1);
                let is_word = reason == LockReason::ByAdministrator && before != reason;
                if is_word {
                    assert_eq!(*after.expect("replaced").state(), State::Locked { at: T1, reason });
                } else {
                    assert_eq!(after, Err(TransitionRefused::AlreadyLocked), "{before:?} {reason:?}");
                }
            }
        }
    }

    #[test]
    fn a_lock_that_an_administrator_has_made_their_own_is_lifted_by_no_directory() {
        let gone = account(State::Locked { at: T0, reason: LockReason::GoneFromDirectory });
        let locked = gone.lock(LockReason::ByAdministrator, T1).expect("replaced");
        let open = State::Active { password_set_at: T0 };
        assert_eq!(locked.lifted_by_the_directory(open), Err(TransitionRefused::Locked));
        assert_eq!(locked.retire(T1), Err(TransitionRefused::Locked));
        let lifted = locked.unlock(T0, T1).expect("an administrator may lift it");
        assert!(matches!(lifted.state(), State::MustChangePassword { .. }));
    }
}
