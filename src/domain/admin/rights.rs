//! Roles of the console and what each may do: one small matrix, read down. `docs/console.md` shows it; a test compares.

/// A role in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Administers the whole city.
    City,
    /// Security officer: rules, keys, audit, incidents.
    Security,
    /// Administers one agency and every agency below it.
    Agency,
    /// Help desk: sees, unlocks, resets.
    HelpDesk,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: [Self; 5] = [Self::City, Self::Security, Self::Agency, Self::HelpDesk, Self::Auditor];

    /// The word in the database and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Security => "security",
            Self::Agency => "agency",
            Self::HelpDesk => "help-desk",
            Self::Auditor => "auditor",
        }
    }

    /// Reads [`Role::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whether it can be held over the whole city (`true`) or over a branch of the agencies (`false`).
    pub const fn may_be_held(self, over_the_city: bool) -> bool {
        match self {
            Self::City | Self::Security => over_the_city,
            Self::Agency => !over_the_city,
            Self::HelpDesk | Self::Auditor => true,
        }
    }

    /// Whether the role has a right.
    pub fn has(self, right: Right) -> bool {
        right.roles().contains(&self)
    }
}

macro_rules! rights {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal [$($role:ident)*];)*) => {
        /// What may be done in the console. Each page and each act asks for one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Right { $($(#[doc = $doc])* $name,)* }

        impl Right {
            /// Every right, as the matrix lists them: what reads first, then what changes.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word in the audit and in the matrix.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Who has it.
            pub const fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role),*],)* }
            }
        }
    };
}

rights! {
    /// See the overview, and change the role under which one looks.
    Enter = "enter" [City Security Agency HelpDesk Auditor];
    /// See accounts, their timeline, who is warned and locked next.
    SeeAccounts = "see-accounts" [City Security Agency HelpDesk Auditor];
    /// See the rules, the calendar, what waits for approval of them.
    SeeRules = "see-rules" [City Security Agency HelpDesk Auditor];
    /// See how letters go.
    SeeLetters = "see-letters" [City Security Agency HelpDesk Auditor];
    /// See both directories beside each other, runs and their plans.
    SeeDirectories = "see-directories" [City Security Agency Auditor];
    /// See what was decided on mailboxes, agencies, authority and groups of people, for the whole city.
    SeeDecisions = "see-decisions" [City Auditor];
    /// See forwarding, quota and last use of mailboxes.
    SeeWatch = "see-watch" [City Security Agency Auditor];
    /// See the incidents that staff have reported.
    SeeIncidents = "see-incidents" [City Security Agency Auditor];
    /// Take lists of people out of the house as a table.
    Export = "export" [City Security Agency Auditor];
    /// Search the audit.
    SeeAudit = "see-audit" [City Security Agency Auditor];
    /// See who holds which role.
    SeeRoles = "see-roles" [City Security Agency Auditor];
    /// See the signing keys.
    SeeKeys = "see-keys" [City Security Auditor];
    /// See the applications.
    SeeApplications = "see-applications" [City Security Agency Auditor];
    /// See what waits for a second person.
    SeeApprovals = "see-approvals" [City Security Agency HelpDesk Auditor];
    /// Lock an account.
    Lock = "lock" [City Security Agency];
    /// Lift a lock, or a pause of the sign-in.
    Unlock = "unlock" [City Agency HelpDesk];
    /// Reset a password and hand over a slip.
    ResetPassword = "reset-password" [City Agency HelpDesk];
    /// Take a lost second factor away.
    ResetFactor = "reset-factor" [City Agency HelpDesk];
    /// End somebody's sessions.
    EndSessions = "end-sessions" [City Security Agency HelpDesk];
    /// Draw up an act over many accounts, start it, take it back; what is done to each asks for its own right, too.
    ActOnMany = "act-on-many" [City Security Agency HelpDesk];
    /// Write a note on an account.
    WriteNotes = "write-notes" [City Security Agency HelpDesk];
    /// Say who acts for an agency's mailbox.
    Delegate = "delegate" [City Agency];
    /// Say whom the staff of an agency ask.
    ManageAgency = "manage-agency" [City Agency];
    /// Say in an access review what is still needed.
    ReviewAccess = "review-access" [City Agency];
    /// Send a sample letter to oneself.
    SendSamples = "send-samples" [City Security Agency];
    /// List days off, ask for their removal.
    EnterDays = "enter-days" [City Agency];
    /// Confirm days off, or take them off the list.
    ConfirmDays = "confirm-days" [City];
    /// Start a synchronisation, decide on held ones.
    Synchronise = "synchronise" [City];
    /// Decide whose mailbox is whose, which agency is meant, who has the word.
    DecideDirectories = "decide-directories" [City];
    /// Change the rules and how far they are switched on.
    ChangeRules = "change-rules" [City Security];
    /// Approve or postpone a run of locks that the brake stopped.
    ReleaseRuns = "release-runs" [City Security];
    /// Handle incidents.
    HandleIncidents = "handle-incidents" [City Security];
    /// Turn the signing keys now.
    RotateKeys = "rotate-keys" [City Security];
    /// Register and change applications.
    ManageApplications = "manage-applications" [City];
    /// Grant roles and take them back, arrange the agencies in a tree.
    GrantRoles = "grant-roles" [City];
}

impl Right {
    /// Whether it concerns the whole city, so that nobody has it over a branch.
    pub const fn is_of_the_city(self) -> bool {
        matches!(self, Self::SeeDecisions | Self::SeeKeys)
    }
}

/// The matrix as the table of `docs/console.md`.
pub fn matrix() -> String {
    let mut text = String::from("| Right |");
    for role in Role::ALL {
        text = text + " " + role.code() + " |";
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(Role::ALL.len()));
    for right in Right::ALL {
        text = text + "\n| `" + right.code() + "` |";
        for role in Role::ALL {
            text.push_str(if role.has(*right) { " ✓ |" } else { " – |" });
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_shows_the_matrix_as_it_is() {
        let docs = include_str!("../../../docs/console.md");
        assert!(docs.contains(&matrix()), "docs/console.md must contain:\n{}", matrix());
    }

    #[test]
    fn an_auditor_has_no_right_that_changes_anything() {
        let changes = [
            Right::Lock,
            Right::Unlock,
            Right::ResetPassword,
            Right::ResetFactor,
            Right::EndSessions,
            Right::ActOnMany,
            Right::WriteNotes,
            Right::Delegate,
            Right::ManageAgency,
            Right::ReviewAccess,
            Right::SendSamples,
            Right::EnterDays,
            Right::ConfirmDays,
            Right::Synchronise,
            Right::DecideDirectories,
            Right::ChangeRules,
            Right::ReleaseRuns,
            Right::HandleIncidents,
            Right::RotateKeys,
            Right::ManageApplications,
            Right::GrantRoles,
        ];
        let of_auditor: Vec<_> = Right::ALL.iter().filter(|right| Role::Auditor.has(**right)).collect();
        assert_eq!(of_auditor.len() + changes.len(), Right::ALL.len(), "a right is in neither list");
        assert!(changes.iter().all(|right| !Role::Auditor.has(*right)));
    }

    #[test]
    fn whatever_concerns_the_whole_city_is_in_no_role_of_a_branch() {
        let of_the_city = [
            Right::ConfirmDays,
            Right::Synchronise,
            Right::DecideDirectories,
            Right::ChangeRules,
            Right::ReleaseRuns,
            Right::RotateKeys,
            Right::ManageApplications,
            Right::GrantRoles,
        ];
        for right in of_the_city {
            assert!(right.roles().iter().all(|role| !role.may_be_held(false)), "{}", right.code());
        }
    }

    #[test]
    fn codes_are_read_as_they_are_written() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        assert_eq!(Role::from_code("root"), None);
    }
}
