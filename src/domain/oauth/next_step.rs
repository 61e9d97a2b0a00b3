//! What comes next for a person whom an application has sent: the one place that decides. Every page of the sign-in
//! comes back to it and goes nowhere else.

use super::claims_request::{AcrWish, Standing};
use super::consent::Asking;
use super::error::{Code, Refusal};
use crate::domain::account::State;
use crate::domain::session::Proof;
use crate::domain::timestamp::Timestamp;
use time::Duration;

/// What the request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// No page may be shown.
    pub silent: bool,
    /// The person must prove themselves anew.
    pub anew: bool,
    /// How old the proof may be, in seconds.
    pub max_age: Option<i64>,
    /// The `sub` that an ID token hint names.
    pub subject: Option<&'a str>,
    /// How the person shall prove themselves.
    pub acr: Option<&'a AcrWish>,
    /// When the person is asked for their consent.
    pub consent: Asking,
}

/// The session that the browser holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held<'a> {
    /// When the person proved themselves.
    pub auth_time: Timestamp,
    /// Whether that was after the request had come in.
    pub is_new: bool,
    /// Who they are, as the application knows them.
    pub subject: &'a str,
    /// The state of their account.
    pub state: &'a State,
    /// Whether nothing but a new password is possible, although the state does not say so yet: the term is over.
    pub is_overdue: bool,
    /// How they proved themselves.
    pub proof: Proof,
    /// Whether they are among those for whom the application is.
    pub admission: Admission,
    /// Whether they have agreed, as [`Asked::consent`] wants it.
    pub has_agreed: bool,
}

/// Whether an application is for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Admission {
    /// It is.
    Admitted,
    /// It is for the people of other agencies.
    ShutOut,
    /// They must first say as whom they go on: as themselves, or for an agency's mailbox.
    Undecided,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// The sign-in page.
    SignIn,
    /// The page of the forced change.
    ChangePassword,
    /// The page that tells that the application is not for them.
    NotAdmitted,
    /// The page that asks as whom they go on.
    Choose,
    /// The page that asks for consent.
    Consent,
    /// A code.
    Issue,
    /// An error goes back.
    Refuse(Refusal),
}

const LOGIN_REQUIRED: Refusal = Refusal::new(Code::LoginRequired, "The person must sign in");
const OTHER_PERSON: Refusal =
    Refusal::new(Code::LoginRequired, "Another person than id_token_hint names is signed in");
const INTERACTION: Refusal =
    Refusal::new(Code::InteractionRequired, "The person must set a new password first");
const NOT_ADMITTED: Refusal =
    Refusal::new(Code::AccessDenied, "The application is not for the agency of this person");
const CONSENT: Refusal = Refusal::new(Code::ConsentRequired, "The person must agree first");
const UNMET: Refusal =
    Refusal::new(Code::UnmetAuthenticationRequirements, "None of the essential acr values can be met");

/// The next step.
pub fn next_step(asked: &Asked<'_>, held: Option<&Held<'_>>, now: Timestamp) -> NextStep {
    let sign_in = if asked.silent { NextStep::Refuse(LOGIN_REQUIRED) } else { NextStep::SignIn };
    let Some(held) = held else { return sign_in };
    if matches!(held.state, State::Locked { .. } | State::Retired { .. }) {
        return sign_in;
    }
    if !held.is_new && (asked.anew || is_too_old(asked.max_age, held.auth_time, now)) {
        return sign_in;
    }
    // OIDC Core §3.1.2.1, id_token_hint: only the person it names gets an answer.
    if asked.subject.is_some_and(|subject| subject != held.subject) {
        return if asked.silent || held.is_new { NextStep::Refuse(OTHER_PERSON) } else { NextStep::SignIn };
    }
    if let Some(step) = stronger(asked, held) {
        return step;
    }
    let must_change = held.is_overdue || matches!(held.state, State::MustChangePassword { .. });
    match must_change {
        true if asked.silent => NextStep::Refuse(INTERACTION),
        true => NextStep::ChangePassword,
        false if held.admission == Admission::ShutOut && asked.silent => NextStep::Refuse(NOT_ADMITTED),
        false if held.admission == Admission::ShutOut => NextStep::NotAdmitted,
        false if held.admission == Admission::Undecided && !asked.silent => NextStep::Choose,
        false if asked.consent == Asking::Never || held.has_agreed => NextStep::Issue,
        false if asked.silent => NextStep::Refuse(CONSENT),
        false => NextStep::Consent,
    }
}

/// OIDC Core §3.1.2.1 `acr_values`, §5.5.1.1: a stronger proof is asked for once; without it only what is essential
/// ends the request.
fn stronger(asked: &Asked<'_>, held: &Held<'_>) -> Option<NextStep> {
    let wish = asked.acr?;
    match wish.standing(held.proof) {
        Standing::Within if asked.silent && wish.essential => Some(NextStep::Refuse(LOGIN_REQUIRED)),
        Standing::Within if !asked.silent && !held.is_new => Some(NextStep::SignIn),
        Standing::Within | Standing::Beyond if wish.essential => Some(NextStep::Refuse(UNMET)),
        Standing::Met | Standing::Within | Standing::Beyond => None,
    }
}

/// OIDC Core §3.1.2.1: `max_age=0` asks for a new proof, like `prompt=login`.
fn is_too_old(max_age: Option<i64>, auth_time: Timestamp, now: Timestamp) -> bool {
    max_age.is_some_and(|seconds| seconds == 0 || now.since(auth_time) > Duration::seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{LockReason, MustChange};

    const T0: Timestamp = Timestamp::from_seconds(10_000);
    const ACTIVE: State = State::Active { password_set_at: T0 };
    const ASKED: Asked<'_> =
        Asked { silent: false, anew: false, max_age: None, subject: None, acr: None, consent: Asking::Never };
    const SILENT: Asked<'_> = Asked { silent: true, ..ASKED };

    const fn held(state: &State) -> Held<'_> {
        Held {
            auth_time: T0,
            is_new: false,
            subject: "an",
            state,
            is_overdue: false,
            proof: Proof::Bind,
            admission: Admission::Admitted,
            has_agreed: false,
        }
    }

    #[test]
    fn without_a_session_the_person_signs_in_or_nothing_is_shown() {
        assert_eq!(next_step(&ASKED, None, T0), NextStep::SignIn);
        assert_eq!(next_step(&SILENT, None, T0), NextStep::Refuse(LOGIN_REQUIRED));
    }

    #[test]
    fn a_session_that_suffices_gets_a_code() {
        assert_eq!(next_step(&ASKED, Some(&held(&ACTIVE)), T0), NextStep::Issue);
        assert_eq!(next_step(&SILENT, Some(&held(&ACTIVE)), T0), NextStep::Issue);
    }

    #[test]
    fn a_forced_change_comes_before_any_code() {
        let must = State::MustChangePassword { since: T0, deadline: T0, why: MustChange::Reset };
        assert_eq!(next_step(&ASKED, Some(&held(&must)), T0), NextStep::ChangePassword);
        assert_eq!(next_step(&SILENT, Some(&held(&must)), T0), NextStep::Refuse(INTERACTION));
    }

    #[test]
    fn a_term_that_is_over_leads_to_the_change_too() {
        let overdue = Held { is_overdue: true, ..held(&ACTIVE) };
        assert_eq!(next_step(&ASKED, Some(&overdue), T0), NextStep::ChangePassword);
        assert_eq!(next_step(&SILENT, Some(&overdue), T0), NextStep::Refuse(INTERACTION));
    }

    #[test]
    fn a_locked_account_never_gets_a_code() {
        let locked = State::Locked { at: T0, reason: LockReason::ByAdministrator };
        assert_eq!(next_step(&ASKED, Some(&held(&locked)), T0), NextStep::SignIn);
        assert_eq!(next_step(&SILENT, Some(&held(&locked)), T0), NextStep::Refuse(LOGIN_REQUIRED));
    }

    #[test]
    fn whoever_the_application_is_not_for_gets_a_page_and_no_code() {
        let other = Held { admission: Admission::ShutOut, has_agreed: true, ..held(&ACTIVE) };
        assert_eq!(next_step(&ASKED, Some(&other), T0), NextStep::NotAdmitted);
        assert_eq!(next_step(&SILENT, Some(&other), T0), NextStep::Refuse(NOT_ADMITTED));
        let must = State::MustChangePassword { since: T0, deadline: T0, why: MustChange::Reset };
        let must = Held { state: &must, ..other };
        assert_eq!(next_step(&ASKED, Some(&must), T0), NextStep::ChangePassword, "the password comes first");
    }

    #[test]
    fn a_new_proof_is_asked_for_once_not_in_a_circle() {
        let anew = Asked { anew: true, ..ASKED };
        assert_eq!(next_step(&anew, Some(&held(&ACTIVE)), T0), NextStep::SignIn);
        let new = Held { is_new: true, ..held(&ACTIVE) };
        assert_eq!(next_step(&anew, Some(&new), T0), NextStep::Issue);
    }

    #[test]
    fn max_age_counts_from_the_proof_and_zero_asks_for_a_new_one() {
        let limited = |seconds| Asked { max_age: Some(seconds), ..ASKED };
        let later = T0.plus(Duration::seconds(60));
        assert_eq!(next_step(&limited(60), Some(&held(&ACTIVE)), later), NextStep::Issue);
        assert_eq!(next_step(&limited(59), Some(&held(&ACTIVE)), later), NextStep::SignIn);
        assert_eq!(next_step(&limited(0), Some(&held(&ACTIVE)), T0), NextStep::SignIn);
        assert_eq!(next_step(&limited(i64::MAX), Some(&held(&ACTIVE)), later), NextStep::Issue);
    }

    #[test]
    fn only_the_person_whom_the_hint_names_gets_an_answer() {
        let named = Asked { subject: Some("binh"), ..ASKED };
        assert_eq!(next_step(&named, Some(&held(&ACTIVE)), T0), NextStep::SignIn);
        let new = Held { is_new: true, ..held(&ACTIVE) };
        assert_eq!(next_step(&named, Some(&new), T0), NextStep::Refuse(OTHER_PERSON));
        let silent = Asked { silent: true, ..named };
        assert_eq!(next_step(&silent, Some(&held(&ACTIVE)), T0), NextStep::Refuse(OTHER_PERSON));
    }

    #[test]
    fn a_stronger_proof_is_asked_for_once_and_only_an_essential_one_ends_the_request() {
        let wish = |values, essential| AcrWish { essential, ..AcrWish::voluntary(values) };
        let step = |wish: &AcrWish, silent, held: &Held<'_>| {
            next_step(&Asked { acr: Some(wish), silent, ..ASKED }, Some(held), T0)
        };
        let weak = Held { proof: Proof::Cached, ..held(&ACTIVE) };
        let weak_again = Held { is_new: true, ..weak };
        for essential in [false, true] {
            let strong = wish("urn:danang-sso:acr:password", essential);
            assert_eq!(step(&strong, false, &held(&ACTIVE)), NextStep::Issue);
            assert_eq!(step(&strong, false, &weak), NextStep::SignIn);
            let end = if essential { NextStep::Refuse(UNMET) } else { NextStep::Issue };
            assert_eq!(step(&strong, false, &weak_again), end);
            let silent = if essential { NextStep::Refuse(LOGIN_REQUIRED) } else { NextStep::Issue };
            assert_eq!(step(&strong, true, &weak), silent);
            assert_eq!(step(&wish("gold", essential), false, &held(&ACTIVE)), end);
        }
    }

    #[test]
    fn consent_is_asked_for_last_and_never_silently() {
        let once = Asked { consent: Asking::Once, ..ASKED };
        assert_eq!(next_step(&once, Some(&held(&ACTIVE)), T0), NextStep::Consent);
        assert_eq!(
            next_step(&Asked { silent: true, ..once }, Some(&held(&ACTIVE)), T0),
            NextStep::Refuse(CONSENT)
        );
        let agreed = Held { has_agreed: true, ..held(&ACTIVE) };
        assert_eq!(next_step(&once, Some(&agreed), T0), NextStep::Issue);
        let must = State::MustChangePassword { since: T0, deadline: T0, why: MustChange::Reset };
        assert_eq!(next_step(&once, Some(&held(&must)), T0), NextStep::ChangePassword);
    }
}
