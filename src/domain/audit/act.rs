//! The closed list of what is recorded.

macro_rules! acts {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {
        /// The closed list of recorded acts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Act { $($(#[doc = $doc])* $name,)* }

        impl Act {
            /// Every act.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word in the database.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Reads [`Act::code`].
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

acts! {
    /// An account signed in for the very first time.
    FirstAccess = "first_access";
    /// A person signed in.
    SignedIn = "signed_in";
    /// A person signed in while the home directory was down: the password fits the last known one.
    SignedInCached = "signed_in_cached";
    /// An attempt with a wrong password at a known account.
    SignInRefused = "sign_in_refused";
    /// Password sign-in was paused after too many wrong passwords.
    SignInPaused = "sign_in_paused";
    /// A right password opened nothing: the account is locked, or its holder has disowned the password; the detail tells.
    KeptOut = "kept_out";
    /// A pause of password sign-in was lifted.
    PauseLifted = "pause_lifted";
    /// A password was right, and a second factor is asked for.
    SecondStepBegun = "second_step_begun";
    /// A second factor was proven in an open session.
    SteppedUp = "stepped_up";
    /// A person who was signed in proved once more who they are.
    ProofRenewed = "proof_renewed";
    /// A second factor was not proven.
    FactorRefused = "factor_refused";
    /// Second factors were paused after too many wrong proofs.
    FactorPaused = "factor_paused";
    /// Somebody with several posts works in another one.
    PostChosen = "post_chosen";
    /// A post was entered.
    PostGiven = "post_given";
    /// A post was ended.
    PostEnded = "post_ended";
    /// A table of agencies, posts or roles was entered.
    TableEntered = "table_entered";
    /// An agency was entered from a table.
    AgencyEntered = "agency_entered";
    /// A code was sent by mail.
    CodeSent = "code_sent";
    /// A second factor was set up.
    FactorAdded = "factor_added";
    /// A second factor was removed by its owner.
    FactorRemoved = "factor_removed";
    /// A passkey was used whose counter had fallen: there is a copy of it.
    PasskeyCounterFell = "passkey_counter_fell";
    /// An administrator removed all second factors of an account.
    FactorsReset = "factors_reset";
    /// Recovery codes were made anew.
    RecoveryCodesMade = "recovery_codes_made";
    /// A browser is remembered.
    DeviceRemembered = "device_remembered";
    /// A browser is not remembered any more.
    DeviceForgotten = "device_forgotten";
    /// A person signed out.
    SignedOut = "signed_out";
    /// A session was ended from elsewhere.
    SessionEnded = "session_ended";
    /// Another browser than the one that signed in came with the cookie of a session, which has ended.
    SessionCarriedOff = "session_carried_off";
    /// A password was changed by its owner.
    PasswordChanged = "password_changed";
    /// A person set a new password without the old one, proven by second factors; a lock by age was lifted.
    PasswordRecovered = "password_recovered";
    /// A password change reached one mail system only.
    PasswordsDiffer = "passwords_differ";
    /// A mail system was found to have another password than the account.
    PasswordFoundDiffering = "password_found_differing";
    /// A new password reached the second place in which a mail system keeps passwords.
    PasswordCopied = "password_copied";
    /// A password was found changed in a directory.
    PasswordChangedElsewhere = "password_changed_elsewhere";
    /// An administrator began to reset a password: it may be another one from here on.
    PasswordResetBegun = "password_reset_begun";
    /// An administrator reset a password; the mail systems named took the one-time password.
    PasswordReset = "password_reset";
    /// A change of password is demanded.
    ChangeDemanded = "change_demanded";
    /// An account was locked.
    Locked = "locked";
    /// An account that was in no directory for long was withdrawn.
    Retired = "retired";
    /// A lock was lifted.
    Unlocked = "unlocked";
    /// A directory was made to refuse the holder.
    DirectoryLocked = "directory_locked";
    /// A directory lets the holder in again.
    DirectoryUnlocked = "directory_unlocked";
    /// An account was made from a directory.
    AccountCreated = "account_created";
    /// The directory's facts about a holder changed.
    AccountUpdated = "account_updated";
    /// A role was granted.
    RoleGranted = "role_granted";
    /// A role was taken back.
    RoleRevoked = "role_revoked";
    /// A role ended by itself: its day was over, or its holder was locked or left.
    RoleEnded = "role_ended";
    /// An administrator was refused something that their role does not allow.
    RightRefused = "right_refused";
    /// An administrator asked for something that does not exist within their reach.
    OutOfReach = "out_of_reach";
    /// A break-glass code was made.
    BreakGlassMade = "break_glass_made";
    /// A break-glass code opened the administration.
    BreakGlassUsed = "break_glass_used";
    /// A break-glass code was made worthless.
    BreakGlassRevoked = "break_glass_revoked";
    /// A wrong break-glass code was typed.
    BreakGlassRefused = "break_glass_refused";
    /// An administrator asked a second person to approve something.
    ApprovalAsked = "approval_asked";
    /// A second person approved it.
    ApprovalGiven = "approval_given";
    /// A second person refused it.
    ApprovalRefused = "approval_refused";
    /// Whoever asked took it back.
    ApprovalWithdrawn = "approval_withdrawn";
    /// An act over many that was approved ran out of time; the approval holds for those that were not begun.
    ApprovalLeft = "approval_left";
    /// An approval ended, because whoever gave it had no such right any more.
    ApprovalLapsed = "approval_lapsed";
    /// An agency was put below another one, or at the top.
    AgencyMoved = "agency_moved";
    /// Whom the staff of an agency ask was changed.
    AgencyContactChanged = "agency_contact_changed";
    /// A reorganisation of agencies was confirmed for a day.
    AgencyChangePlanned = "agency_change_planned";
    /// A reorganisation was taken back before its day.
    AgencyChangeWithdrawn = "agency_change_withdrawn";
    /// A reorganisation was not done: on its day the agencies were others.
    AgencyChangeStopped = "agency_change_stopped";
    /// Agencies were renamed, merged, split or moved.
    AgenciesReorganised = "agencies_reorganised";
    /// A reorganisation that was done is taken back.
    AgencyChangeUndone = "agency_change_undone";
    /// An account came to another agency with a reorganisation.
    AccountReassigned = "account_reassigned";
    /// An access review was opened.
    ReviewOpened = "review_opened";
    /// Somebody said in an access review whether something is still needed.
    AccessReviewed = "access_reviewed";
    /// An access review was closed.
    ReviewClosed = "review_closed";
    /// An application was registered.
    ClientRegistered = "client_registered";
    /// An application's registration or secret was changed.
    ClientChanged = "client_changed";
    /// An application's registration was removed.
    ClientRemoved = "client_removed";
    /// An application was stopped.
    ClientStopped = "client_stopped";
    /// A stopped application runs again.
    ClientResumed = "client_resumed";
    /// Everything that an application was given was ended; the detail tells how many grants.
    ClientAccessEnded = "client_access_ended";
    /// What an application gets, and why, was confirmed.
    ClientReviewed = "client_reviewed";
    /// A group of people was made.
    GroupMade = "group_made";
    /// A group of people was dissolved.
    GroupDissolved = "group_dissolved";
    /// A group of people was given another name.
    GroupRenamed = "group_renamed";
    /// Somebody was taken into a group.
    GroupJoined = "group_joined";
    /// Somebody was taken out of a group.
    GroupLeft = "group_left";
    /// An initial access token was made or taken back.
    InitialTokenChanged = "initial_token_changed";
    /// An application was let in: a code was issued.
    ApplicationEntered = "application_entered";
    /// A person agreed that an application learns something of them.
    ConsentGiven = "consent_given";
    /// A person let an application in on a device without a keyboard.
    DeviceApproved = "device_approved";
    /// A person refused an application on a device.
    DeviceRefused = "device_refused";
    /// An application's access was ended.
    ApplicationEnded = "application_ended";
    /// A code or refresh token was used twice; everything issued from it was revoked.
    TokenReplayed = "token_replayed";
    /// A synchronisation was started by hand.
    SyncStarted = "sync_started";
    /// A synchronisation ended.
    SyncEnded = "sync_ended";
    /// A synchronisation was held because it wanted to change too much.
    SyncHeld = "sync_held";
    /// Somebody approved a held synchronisation.
    SyncApproved = "sync_approved";
    /// Somebody refused a held synchronisation.
    SyncRefused = "sync_refused";
    /// Which directory has the word on what was changed.
    AuthorityChanged = "authority_changed";
    /// Whose mailbox is whose was decided, or that was taken back.
    MatchDecided = "match_decided";
    /// Which agency a text of a directory means was decided.
    AgencyMapped = "agency_mapped";
    /// A signing key was made or changed its state.
    KeyChanged = "key_changed";
    /// Values or stages of the rules were changed.
    PolicyChanged = "policy_changed";
    /// The brake stopped a run of the lock job.
    RunStopped = "run_stopped";
    /// An application has written as often as one may within a day, and was refused.
    WritesStopped = "writes_stopped";
    /// Somebody approved a stopped run.
    RunApproved = "run_approved";
    /// Everybody in a stopped run got a later deadline.
    RunPostponed = "run_postponed";
    /// A day of the working calendar was listed, confirmed or taken off the list.
    CalendarChanged = "calendar_changed";
    /// A letter of the house was sent to the holder.
    LetterSent = "warned";
    /// Somebody reported an incident, a suspicious mail, or a sign-in that was not theirs.
    IncidentReported = "incident_reported";
    /// Something was done about an incident.
    IncidentFollowed = "incident_followed";
    /// An incident was closed with a report.
    IncidentClosed = "incident_closed";
    /// A person was named who may act for an agency's mailbox.
    DelegationGranted = "delegation_granted";
    /// A person may no longer act for an agency's mailbox.
    DelegationEnded = "delegation_ended";
    /// A person acknowledged the mail rules in short.
    RulesAcknowledged = "rules_acknowledged";
    /// A person took out everything that is kept about them.
    OwnDataExported = "own_data_exported";
    /// An administrator wrote down a note about an account.
    NoteAdded = "note_added";
    /// An act over many accounts was confirmed; the detail tells which and over how many.
    BulkStarted = "bulk_started";
    /// An act over many accounts was taken back.
    BulkUndone = "bulk_undone";
    /// The demand for a new password was taken back.
    DemandWithdrawn = "demand_withdrawn";
    /// A list of accounts left the house as a file; the detail tells how many and which.
    AccountsExported = "accounts_exported";
    /// Mail of an account was found forwarded out of the city.
    ForwardAppeared = "forward_appeared";
    /// Somebody searched the audit; the detail tells for what.
    AuditRead = "audit_read";
    /// Somebody took lines of the audit out of the house; the detail tells which.
    AuditExported = "audit_exported";
    /// Old lines of the audit were moved into a file of the archive.
    AuditArchived = "audit_archived";
}

impl Act {
    /// Whether somebody should look at it: an attempt that was refused, something that was lost, a sign of a theft.
    pub const fn is_alarming(self) -> bool {
        matches!(
            self,
            Self::Locked
                | Self::Retired
                | Self::DirectoryLocked
                | Self::SignInRefused
                | Self::SignInPaused
                | Self::KeptOut
                | Self::FactorRefused
                | Self::FactorPaused
                | Self::PasskeyCounterFell
                | Self::SessionCarriedOff
                | Self::PasswordsDiffer
                | Self::PasswordFoundDiffering
                | Self::RightRefused
                | Self::OutOfReach
                | Self::BreakGlassUsed
                | Self::BreakGlassRefused
                | Self::TokenReplayed
                | Self::RunStopped
                | Self::WritesStopped
                | Self::ForwardAppeared
        )
    }
}
