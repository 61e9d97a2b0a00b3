//! What an application may do in its own name at the administrators' interface: each scope of a token is one right of
//! the matrix. The interface is documented by this table.

use super::Right;

macro_rules! scopes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $right:ident, $told:literal;)*) => {
        /// A scope of the administrators' interface and of SCIM.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ApiScope { $($(#[doc = $doc])* $name,)* }

        impl ApiScope {
            /// Every scope, as the documentation lists them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its value in tokens; scope values are case sensitive (RFC 6749 §3.3).
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The right that it gives.
            pub const fn right(self) -> Right {
                match self { $(Self::$name => Right::$right,)* }
            }

            /// What it opens, in a sentence for developers.
            pub const fn told(self) -> &'static str {
                match self { $(Self::$name => $told,)* }
            }
        }
    };
}

scopes! {
    /// Read accounts.
    AccountsRead = "accounts.read", SeeAccounts, "List accounts, and read one with its mailboxes and its term.";
    /// Lock accounts.
    AccountsLock = "accounts.lock", Lock, "Lock an account.";
    /// Lift locks.
    AccountsUnlock = "accounts.unlock", Unlock, "Lift the lock of an account.";
    /// Reset passwords.
    AccountsReset = "accounts.reset", ResetPassword, "Reset a password; the answer carries the one-time password.";
    /// Demand new passwords.
    AccountsDemand = "accounts.demand", ResetPassword, "Demand a new password at the next sign-in.";
    /// Read agencies.
    AgenciesRead = "agencies.read", SeeAccounts, "Read the agencies with how well they keep the regulation.";
    /// Read applications.
    ApplicationsRead = "applications.read", SeeApplications, "Read the registered applications within reach.";
    /// Search the audit.
    AuditRead = "audit.read", SeeAudit, "Search the audit; that it was read is recorded.";
    /// Read incidents.
    IncidentsRead = "incidents.read", SeeIncidents, "List the incidents, without what was written about them.";
    /// Read the policy.
    PolicyRead = "policy.read", SeeRules, "Read the values and stages of the rules, and the calendar.";
    /// Read open sessions.
    SessionsRead = "sessions.read", SeeAccounts, "Read the open sessions of an account: when, with what and from where.";
    /// End what is open.
    SessionsEnd = "sessions.end", EndSessions, "End everything that is open for an account.";
    /// Read runs of the synchronisation.
    SyncRead = "sync.read", SeeDirectories, "Read what came of the runs of the synchronisation.";
    /// Read people and groups by SCIM.
    ScimRead = "scim.read", SeeAccounts, "Read people, agencies and groups by SCIM 2.0.";
}

impl ApiScope {
    /// Reads [`ApiScope::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::resource::can_be_scope;
    use crate::domain::oauth::scope::Scope;

    #[test]
    fn each_scope_can_be_one_and_is_none_of_people() {
        for scope in ApiScope::ALL {
            assert!(
                can_be_scope(scope.code()) && Scope::from_code(scope.code()).is_none(),
                "{}",
                scope.code()
            );
            assert_eq!(ApiScope::from_code(scope.code()), Some(*scope));
        }
        assert_eq!(ApiScope::from_code("Accounts.read"), None);
    }
}
