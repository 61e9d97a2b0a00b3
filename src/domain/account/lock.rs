//! Why an account is locked, and who may lift the lock.

/// The closed list of reasons; each has its own words and its own next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LockReason {
    /// The default password was kept for the allowed working days.
    DefaultPasswordKept,
    /// No new password within the allowed months.
    PasswordTooOld,
    /// An administrator locked it.
    ByAdministrator,
    /// Too many failed attempts.
    FailedAttempts,
    /// Not used for long.
    Inactive,
    /// No directory knows it any more.
    GoneFromDirectory,
    /// Its home directory has disabled it.
    DisabledInDirectory,
}

impl LockReason {
    /// All reasons, in the order in which the console lists them.
    pub const ALL: [Self; 7] = [
        Self::DefaultPasswordKept,
        Self::PasswordTooOld,
        Self::ByAdministrator,
        Self::FailedAttempts,
        Self::Inactive,
        Self::GoneFromDirectory,
        Self::DisabledInDirectory,
    ];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DefaultPasswordKept => "default_password_kept",
            Self::PasswordTooOld => "password_too_old",
            Self::ByAdministrator => "by_administrator",
            Self::FailedAttempts => "failed_attempts",
            Self::Inactive => "inactive",
            Self::GoneFromDirectory => "gone_from_directory",
            Self::DisabledInDirectory => "disabled_in_directory",
        }
    }

    /// Reads [`LockReason::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// Whether only the directory lifts this lock: an administrator enables the account there, the next
    /// synchronisation opens it here.
    pub const fn is_lifted_by_the_directory(self) -> bool {
        matches!(self, Self::GoneFromDirectory | Self::DisabledInDirectory)
    }

    /// Whether a lock for this reason replaces one that is there: an administrator's word every other.
    pub fn takes_the_place_of(self, before: Self) -> bool {
        self == Self::ByAdministrator && before != Self::ByAdministrator
    }

    /// Whether the roles of its holder end with this lock. They rest under one by a deadline: that says nothing against its
    /// holder, and nobody signs in with it.
    pub const fn ends_roles(self) -> bool {
        matches!(self, Self::ByAdministrator) || self.is_lifted_by_the_directory()
    }
}
