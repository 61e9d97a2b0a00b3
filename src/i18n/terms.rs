//! The closed lists of the domain in words. A new state, reason or act does not compile until it has its words.

use super::Lang;
use crate::domain::account::{LockReason, MustChange, StateName};
use crate::domain::audit::Act;
use crate::domain::mailbox::MailSystem;
use crate::domain::policy::deadline::{CountedDay, Deadline, Event, Rule, Term, Why};

/// One day of a deadline in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedDay {
    /// The day with its weekday.
    pub day: String,
    /// How it is counted, and why.
    pub why: String,
    /// Whether it counts towards the term.
    pub is_counted: bool,
    /// Whether the term ends with it.
    pub is_last: bool,
}

impl Lang {
    /// The state of an account in two or three words.
    pub const fn state_of(self, state: StateName) -> &'static str {
        match state {
            StateName::Active => self.state_active(),
            StateName::MustChange => self.state_must_change(),
            StateName::Locked => self.state_locked(),
            StateName::Retired => self.state_retired(),
        }
    }

    /// Why an account is locked, in a few words.
    pub const fn lock_reason(self, reason: LockReason) -> &'static str {
        match reason {
            LockReason::DefaultPasswordKept => self.reason_default_kept(),
            LockReason::PasswordTooOld => self.reason_too_old(),
            LockReason::ByAdministrator => self.reason_administrator(),
            LockReason::FailedAttempts => self.reason_failed_attempts(),
            LockReason::Inactive => self.reason_inactive(),
            LockReason::GoneFromDirectory => self.reason_gone(),
            LockReason::DisabledInDirectory => self.reason_disabled(),
        }
    }

    /// Why a new password is demanded, in a few words.
    pub const fn must_change(self, why: MustChange) -> &'static str {
        match why {
            MustChange::DefaultPassword => self.must_change_initial(),
            MustChange::Reset => self.must_change_reset(),
            MustChange::LockLifted => self.must_change_unlocked(),
            MustChange::NotMe => self.must_change_not_me(),
            MustChange::Demanded => self.must_change_demanded(),
        }
    }

    /// A mail system as staff know it.
    pub const fn mail_system_name(self, system: MailSystem) -> &'static str {
        match system {
            MailSystem::Ad => self.exchange(),
            MailSystem::Obm => self.obm(),
        }
    }

    /// A mail system by its code, as staff know it.
    pub fn system_in_words(self, code: &str) -> &str {
        MailSystem::from_code(code).map_or(code, |system| self.mail_system_name(system))
    }

    /// Who acted: the kind and name as the audit keeps them ([`Actor::kind`](crate::domain::audit::Actor::kind)).
    pub fn actor(self, kind: &str, name: &str) -> String {
        match kind {
            "holder" => name.to_owned(),
            "administrator" => self.actor_administrator(name),
            "client" => self.actor_client(name),
            "command_line" => self.actor_command_line().to_owned(),
            "stranger" => self.actor_stranger().to_owned(),
            _ => self.actor_house().to_owned(),
        }
    }

    /// One act as a sentence; `detail` names the application where one is concerned.
    #[expect(clippy::too_many_lines, reason = "a closed list: one line for each act")]
    pub fn act(self, act: Act, who: &str, detail: &str) -> String {
        match act {
            Act::SignedIn => self.act_signed_in(who),
            Act::SignedInCached => self.act_signed_in_cached(who),
            Act::SignInRefused => self.act_sign_in_refused(who),
            Act::SignInPaused => self.act_sign_in_paused(who, detail),
            Act::KeptOut if detail == "disowned" => self.act_kept_out_disowned(who),
            Act::KeptOut => self.act_kept_out_locked(who),
            Act::PauseLifted => self.act_pause_lifted(who),
            Act::FirstAccess => self.act_first_access(who),
            Act::SecondStepBegun => self.act_second_step_begun(who),
            Act::SteppedUp => self.act_stepped_up(who),
            Act::ProofRenewed => self.act_proof_renewed(who),
            Act::FactorRefused => self.act_factor_refused(who),
            Act::FactorPaused => self.act_factor_paused(who),
            Act::PostChosen => self.act_post_chosen(who, detail),
            Act::PostGiven => self.act_post_given(who, detail),
            Act::PostEnded => self.act_post_ended(who, detail),
            Act::TableEntered => {
                let (table, number) = detail.split_once(' ').unwrap_or((detail, ""));
                self.act_table_entered(who, self.table_in_words(table), number)
            }
            Act::AgencyEntered => self.act_agency_entered(who, detail),
            Act::CodeSent => self.act_code_sent(who, detail),
            Act::FactorAdded => self.act_factor_added(who, self.factor_in_words(detail)),
            Act::FactorRemoved => self.act_factor_removed(who, self.factor_in_words(detail)),
            Act::PasskeyCounterFell => self.act_passkey_counter_fell(who),
            Act::FactorsReset => self.act_factors_reset(who),
            Act::RecoveryCodesMade => self.act_recovery_codes_made(who),
            Act::DeviceRemembered => self.act_device_remembered(who),
            Act::DeviceForgotten => self.act_device_forgotten(who),
            Act::SignedOut => self.act_signed_out(who),
            Act::SessionEnded => self.act_session_ended(who),
            Act::SessionCarriedOff => self.act_session_carried_off(who),
            Act::PasswordChanged => self.act_password_changed(who),
            Act::PasswordRecovered => self.act_password_recovered(who),
            Act::PasswordsDiffer => self.act_passwords_differ(who),
            Act::PasswordFoundDiffering => {
                self.act_password_found_differing(who, self.system_in_words(detail))
            }
            Act::PasswordCopied => self.act_password_copied(who, self.system_in_words(detail)),
            Act::PasswordChangedElsewhere => self.act_password_changed_elsewhere(who),
            Act::PasswordResetBegun => self.act_password_reset_begun(who),
            Act::PasswordReset => self.act_password_reset(who),
            Act::ChangeDemanded => self.act_change_demanded(who),
            Act::Locked => self.act_locked(who),
            Act::Retired => self.act_retired(who),
            Act::Unlocked => self.act_unlocked(who),
            Act::DirectoryLocked => self.act_directory_locked(who, self.system_in_words(detail)),
            Act::DirectoryUnlocked => self.act_directory_unlocked(who, self.system_in_words(detail)),
            Act::AccountCreated => self.act_account_created(who),
            Act::AccountUpdated => self.act_account_updated(who),
            Act::RoleGranted => self.act_role_granted(who),
            Act::RoleRevoked => self.act_role_revoked(who),
            Act::RoleEnded => self.act_role_ended(who),
            Act::RightRefused => self.act_right_refused(who),
            Act::WritesStopped => self.act_writes_stopped(who, detail),
            Act::OutOfReach => self.act_out_of_reach(who),
            Act::BreakGlassMade => self.act_break_glass_made(who),
            Act::BreakGlassUsed => self.act_break_glass_used(who),
            Act::BreakGlassRevoked => self.act_break_glass_revoked(who),
            Act::BreakGlassRefused => self.act_break_glass_refused(who),
            Act::ApprovalAsked => self.act_approval_asked(who),
            Act::ApprovalGiven => self.act_approval_given(who),
            Act::ApprovalRefused => self.act_approval_refused(who),
            Act::ApprovalWithdrawn => self.act_approval_withdrawn(who),
            Act::ApprovalLeft => self.act_approval_left(who),
            Act::ApprovalLapsed => self.act_approval_lapsed(who),
            Act::AgencyMoved => self.act_agency_moved(who),
            Act::ClientChanged => self.act_client_changed(who),
            Act::ClientStopped => self.act_client_stopped(who),
            Act::ClientResumed => self.act_client_resumed(who),
            Act::ClientAccessEnded => self.act_client_access_ended(who),
            Act::ClientReviewed => self.act_client_reviewed(who),
            Act::GroupMade => self.act_group_made(who),
            Act::GroupDissolved => self.act_group_dissolved(who),
            Act::GroupRenamed => self.act_group_renamed(who),
            Act::GroupJoined => self.act_group_joined(who, detail),
            Act::GroupLeft => self.act_group_left(who, detail),
            Act::InitialTokenChanged => self.act_initial_token_changed(who),
            Act::ClientRegistered => self.act_client_registered(who),
            Act::ClientRemoved => self.act_client_removed(who),
            Act::ApplicationEntered => self.act_application_entered(who, detail),
            Act::ConsentGiven => self.act_consent_given(who, detail),
            Act::DeviceApproved => self.act_device_approved(who, detail),
            Act::DeviceRefused => self.act_device_refused(who, detail),
            Act::ApplicationEnded => self.act_application_ended(who, detail),
            Act::TokenReplayed => self.act_token_replayed(who),
            Act::SyncStarted => self.act_sync_started(who),
            Act::SyncEnded => self.act_sync_ended(who),
            Act::SyncHeld => self.act_sync_held(who),
            Act::SyncApproved => self.act_sync_approved(who),
            Act::SyncRefused => self.act_sync_refused(who),
            Act::AuthorityChanged => self.act_authority_changed(who),
            Act::MatchDecided => self.act_match_decided(who),
            Act::AgencyMapped => self.act_agency_mapped(who),
            Act::KeyChanged => self.act_key_changed(who),
            Act::PolicyChanged => self.act_policy_changed(who),
            Act::RunStopped => self.act_run_stopped(who),
            Act::RunApproved => self.act_run_approved(who),
            Act::RunPostponed => self.act_run_postponed(who),
            Act::CalendarChanged => self.act_calendar_changed(who),
            Act::LetterSent => self.act_letter_sent(who, self.letter_kind_in_words(detail)),
            Act::IncidentReported
            | Act::IncidentFollowed
            | Act::IncidentClosed
            | Act::DelegationGranted
            | Act::DelegationEnded
            | Act::RulesAcknowledged
            | Act::OwnDataExported => self.act_of_portal(act, who, detail),
            Act::NoteAdded => self.act_note_added(who),
            Act::BulkStarted => self.act_bulk_started(who),
            Act::BulkUndone => self.act_bulk_undone(who),
            Act::DemandWithdrawn => self.act_demand_withdrawn(who),
            Act::AccountsExported => self.act_accounts_exported(who),
            Act::ForwardAppeared => self.act_forward_appeared(who, detail),
            Act::AgencyContactChanged => self.act_agency_contact_changed(who),
            Act::AgencyChangePlanned
            | Act::AgencyChangeWithdrawn
            | Act::AgencyChangeStopped
            | Act::AgenciesReorganised
            | Act::AgencyChangeUndone
            | Act::AccountReassigned => self.act_of_agencies(act, who),
            Act::ReviewOpened => self.act_review_opened(who),
            Act::AccessReviewed => self.act_access_reviewed(who),
            Act::ReviewClosed => self.act_review_closed(who),
            Act::AuditRead => self.act_audit_read(who),
            Act::AuditExported => self.act_audit_exported(who),
            Act::AuditArchived => self.act_audit_archived(who),
        }
    }

    /// What staff did in the portal, and what was done about it.
    fn act_of_portal(self, act: Act, who: &str, detail: &str) -> String {
        match act {
            Act::IncidentReported => self.act_incident_reported(who, detail),
            Act::IncidentFollowed => self.act_incident_followed(who),
            Act::IncidentClosed => self.act_incident_closed(who),
            Act::DelegationGranted => self.act_delegation_granted(who, detail),
            Act::DelegationEnded => self.act_delegation_ended(who, detail),
            Act::RulesAcknowledged => self.act_rules_acknowledged(who, detail),
            _ => self.act_own_data_exported(who),
        }
    }

    /// The days of a deadline, one by one.
    pub fn explained(self, deadline: &Deadline) -> Vec<ExplainedDay> {
        let (mut counted, mut end_of_term) = (0, None);
        let mut lines = Vec::with_capacity(deadline.days.len() + 1);
        for (at, day) in deadline.days.iter().enumerate() {
            counted += u64::from(day.counted);
            let is_last = day.date == deadline.last_day;
            let mut why = self.counted_day(day, deadline, counted);
            let is_an_end = matches!(day.why, Why::SameDayNumber | Why::RuleStarts);
            let is_told_again = deadline.days.get(at + 1).is_some_and(|next| next.date == day.date);
            if is_an_end && is_told_again {
                // The term would end on a day off: the next line tells why that same day does not count.
                end_of_term = Some(why);
                continue;
            }
            if let Some(end) = end_of_term.take() {
                why = format!("{end}; {why}");
            }
            if is_last {
                why = format!("{why}; {}", self.day_last());
            }
            lines.push(ExplainedDay { day: self.day(day.date), why, is_counted: day.counted, is_last });
        }
        if !lines.iter().any(|line| line.is_last) {
            let why = format!("{}; {}", self.day_kept(), self.day_last());
            lines.push(ExplainedDay {
                day: self.day(deadline.last_day),
                why,
                is_counted: true,
                is_last: true,
            });
        }
        lines
    }

    /// How long a term is: `6 tháng`, `3 ngày làm việc`.
    pub fn term(self, term: Term) -> String {
        match term {
            Term::WorkingDays(days) => self.working_days(u64::from(days)),
            Term::Months(months) => self.months(u64::from(months)),
            Term::Days(days) => self.days(u64::from(days)),
        }
    }

    /// The first day of a term: from what it runs, and that it is not counted.
    const fn day_of_event(self, event: Event) -> &'static str {
        match event {
            Event::Issued => self.day_issued(),
            Event::FirstAccess => self.day_first_access(),
            Event::Reset => self.day_reset(),
            Event::LockLifted => self.day_lock_lifted(),
            Event::Demanded => self.day_demanded(),
            Event::PasswordSet => self.day_password_set(),
            Event::LastUse => self.day_last_use(),
        }
    }

    /// A rule in a few words.
    pub const fn rule(self, rule: Rule) -> &'static str {
        match rule {
            Rule::DefaultPassword => self.rule_default_password(),
            Rule::PasswordAge => self.rule_password_age(),
            Rule::Inactivity => self.rule_inactivity(),
        }
    }

    fn counted_day(self, day: &CountedDay, deadline: &Deadline, number: u64) -> String {
        let named = |vi: &str, en: &str| match self {
            Self::Vi => vi.to_owned(),
            Self::En => en.to_owned(),
        };
        match (&day.why, deadline.rule) {
            (Why::Event, _) => self.day_of_event(deadline.event).to_owned(),
            (Why::RuleStarts, _) => self.day_rule_starts().to_owned(),
            (Why::Working, Rule::DefaultPassword) => self.day_working(number),
            (Why::Working, Rule::PasswordAge | Rule::Inactivity) => self.day_next_working().to_owned(),
            (Why::MakeUp(vi, en), _) => self.day_make_up(&named(vi, en), number),
            (Why::Weekend, _) => self.day_weekend().to_owned(),
            (Why::DayOff(_, vi, en), _) => self.day_off(&named(vi, en)),
            (Why::Undecided(vi, en), _) => self.day_undecided(&named(vi, en)),
            (Why::SameDayNumber, _) => self.day_end_of_months(&self.term(deadline.term)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::calendar::Calendar;
    use crate::domain::policy::deadline::{default_password, password_age};
    use crate::domain::timestamp::Timestamp;
    use time::macros::datetime;

    #[test]
    fn three_working_days_over_a_long_weekend_explain_every_day() {
        let since = Timestamp::from_datetime(datetime!(2026-11-20 2:00 UTC));
        let lines = Lang::Vi.explained(&default_password(since, 3, Calendar::built_in()));
        let said: Vec<_> = lines.iter().map(|l| format!("{} – {}", l.day, l.why)).collect();
        assert_eq!(said[0], "thứ Sáu, 20/11/2026 – ngày cấp mật khẩu, không tính");
        assert_eq!(said[1], "thứ Bảy, 21/11/2026 – nghỉ cuối tuần, không tính");
        assert!(said[3].contains("chưa có quyết định chính thức"), "{}", said[3]);
        assert_eq!(said[4], "thứ Ba, 24/11/2026 – Ngày Văn hóa Việt Nam: nghỉ, không tính");
        assert_eq!(said[7], "thứ Sáu, 27/11/2026 – ngày làm việc thứ 3; hạn cuối: hết 24 giờ ngày này");
        assert_eq!(lines.iter().filter(|l| l.is_last).count(), 1);
    }

    #[test]
    fn six_months_that_end_on_a_holiday_say_where_they_go() {
        let set_at = Timestamp::from_datetime(datetime!(2026-10-30 2:00 UTC));
        let lines = Lang::En.explained(&password_age(set_at, 6, Calendar::built_in()));
        assert_eq!(lines[1].why, "6 months complete; Victory Day (Reunification): a day off, not counted");
        assert_eq!(lines.last().map(|l| (l.day.as_str(), l.is_last)), Some(("Tuesday, 04/05/2027", true)));
    }
}
