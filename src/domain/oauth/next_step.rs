//! What comes next for a person whom an application has sent: the one place that decides. Every page of the sign-in
//! comes back to it and goes nowhere else.

use super::claims_request::{AcrWish, Standing};
use super::consent::Asking;
use super::error::{Code, Refusal};
use crate::domain::account::State;
use crate::domain::proof::{Class, PasswordProof, Proof};
use crate::domain::timestamp::Timestamp;
use time::Duration;

/// What the request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// No page may be shown.
    pub silent: bool,
    /// The person must prove themselves anew.
    pub anew: bool,
    /// The person must choose with which account they go on.
    pub select: bool,
    /// How old the proof may be, in seconds.
    pub max_age: Option<i64>,
    /// The `sub` that an ID token hint names.
    pub subject: Option<&'a str>,
    /// How the person shall prove themselves.
    pub acr: Option<&'a AcrWish>,
    /// The least that the application lets in.
    pub least: Option<Class>,
    /// When the person is asked for their consent.
    pub consent: Asking,
}

/// The session that the browser holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Held<'a> {
    /// When the person proved themselves.
    pub auth_time: Timestamp,
    /// Whether that was after the request had come in.
    pub is_new: bool,
    /// Whether the person has chosen it for this request.
    pub is_chosen: bool,
    /// Who they are, as the application knows them.
    pub subject: &'a str,
    /// The state of their account.
    pub state: &'a State,
    /// Whether nothing but a new password is possible, although the state does not say so yet: the term is over.
    pub is_overdue: bool,
    /// How they proved themselves.
    pub proof: Proof,
    /// How far they can climb.
    pub ladder: Ladder,
    /// Whether they must set up a second factor before anything else.
    pub must_enrol: bool,
    /// Whether they are among those for whom the application is.
    pub admission: Admission,
    /// Whether they have agreed, as [`Asked::consent`] wants it.
    pub has_agreed: bool,
}

/// How far a person can climb with their second factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    /// With those that they have.
    pub has: Class,
    /// With those that they may set up.
    pub may: Class,
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
    /// The page on which an account is chosen.
    SelectAccount,
    /// The page of the forced change.
    ChangePassword,
    /// The page that asks for a second factor: one that gives at least this class.
    SecondFactor(Class),
    /// The page on which one is set up that gives at least this class.
    Enrol(Class),
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
const SELECTION: Refusal = Refusal::new(
    Code::AccountSelectionRequired,
    "Several accounts are signed in; the person must choose one",
);
const INTERACTION: Refusal =
    Refusal::new(Code::InteractionRequired, "The person must set a new password first");
const ENROL: Refusal =
    Refusal::new(Code::InteractionRequired, "The person must set up a second factor first");
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
    // OIDC Core §3.1.2.1, select_account; whoever has just signed in for the request has chosen by that.
    if asked.select && !held.is_new && !held.is_chosen {
        return if asked.silent { NextStep::Refuse(SELECTION) } else { NextStep::SelectAccount };
    }
    if !held.is_new && (asked.anew || is_too_old(asked.max_age, held.auth_time, now)) {
        return sign_in;
    }
    // OIDC Core §3.1.2.1, id_token_hint: only the person it names gets an answer.
    if asked.subject.is_some_and(|subject| subject != held.subject) {
        return if asked.silent || held.is_new { NextStep::Refuse(OTHER_PERSON) } else { NextStep::SignIn };
    }
    let must_change = held.is_overdue || matches!(held.state, State::MustChangePassword { .. });
    match stronger(asked, held) {
        // A second factor is set up by whoever has a password of their own.
        Some(NextStep::SecondFactor(_) | NextStep::Enrol(_)) if must_change => {}
        Some(step) => return step,
        None => {}
    }
    match must_change {
        true if asked.silent => NextStep::Refuse(INTERACTION),
        true => NextStep::ChangePassword,
        false if held.must_enrol && asked.silent => NextStep::Refuse(ENROL),
        false if held.must_enrol => NextStep::Enrol(Class::SecondFactor),
        false if held.admission == Admission::ShutOut && asked.silent => NextStep::Refuse(NOT_ADMITTED),
        false if held.admission == Admission::ShutOut => NextStep::NotAdmitted,
        false if held.admission == Admission::Undecided && !asked.silent => NextStep::Choose,
        false if asked.consent == Asking::Never || held.has_agreed => NextStep::Issue,
        false if asked.silent => NextStep::Refuse(CONSENT),
        false => NextStep::Consent,
    }
}

/// What comes before everything else because the proof is too weak: for the application (its own least), or for this
/// request (OIDC Core §3.1.2.1, §5.5.1.1).
fn stronger(asked: &Asked<'_>, held: &Held<'_>) -> Option<NextStep> {
    if let Some(least) = asked.least.filter(|least| held.proof.class() < *least) {
        return climb(asked, held, least, true);
    }
    let wish = asked.acr?;
    // Nobody has to set something up for what an application would only like to have.
    let highest = if wish.essential { held.ladder.may } else { held.ladder.has };
    match wish.standing(held.proof, highest) {
        Standing::Met => None,
        Standing::Within(class) => climb(asked, held, class, wish.essential),
        Standing::Beyond => wish.essential.then_some(NextStep::Refuse(UNMET)),
    }
}

/// The step towards a class.
fn climb(asked: &Asked<'_>, held: &Held<'_>, class: Class, must: bool) -> Option<NextStep> {
    if class > held.ladder.may {
        return must.then_some(NextStep::Refuse(UNMET));
    }
    if asked.silent {
        return must.then_some(NextStep::Refuse(LOGIN_REQUIRED));
    }
    // Only the directory makes a password out of the last known one.
    if class <= Class::Password || held.proof.password == PasswordProof::Cached {
        let ends = must.then_some(NextStep::Refuse(UNMET));
        return if held.is_new { ends } else { Some(NextStep::SignIn) };
    }
    Some(if class <= held.ladder.has { NextStep::SecondFactor(class) } else { NextStep::Enrol(class) })
}

/// OIDC Core §3.1.2.1: `max_age=0` asks for a new proof, like `prompt=login`.
fn is_too_old(max_age: Option<i64>, auth_time: Timestamp, now: Timestamp) -> bool {
    max_age.is_some_and(|seconds| seconds == 0 || now.since(auth_time) > Duration::seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{LockReason, MustChange};
    use crate::domain::proof::Second;

    const T0: Timestamp = Timestamp::from_seconds(10_000);
    const ACTIVE: State = State::Active { password_set_at: T0 };
    const ASKED: Asked<'_> = Asked {
        silent: false,
        anew: false,
        select: false,
        max_age: None,
        subject: None,
        acr: None,
        least: None,
        consent: Asking::Never,
    };
    const SILENT: Asked<'_> = Asked { silent: true, ..ASKED };

    const fn held(state: &State) -> Held<'_> {
        Held {
            auth_time: T0,
            is_new: false,
            is_chosen: false,
            subject: "an",
            state,
            is_overdue: false,
            proof: Proof::BIND,
            ladder: Ladder { has: Class::Password, may: Class::Passkey },
            must_enrol: false,
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
    fn an_account_is_chosen_before_anything_else_is_asked_and_silence_cannot_choose() {
        let select = Asked { select: true, ..ASKED };
        assert_eq!(next_step(&select, Some(&held(&ACTIVE)), T0), NextStep::SelectAccount);
        let silent = Asked { silent: true, ..select };
        assert_eq!(next_step(&silent, Some(&held(&ACTIVE)), T0), NextStep::Refuse(SELECTION));
        assert_eq!(next_step(&silent, None, T0), NextStep::Refuse(LOGIN_REQUIRED));
        assert_eq!(next_step(&select, None, T0), NextStep::SignIn, "there is nothing to choose from");
        let chosen = Held { is_chosen: true, ..held(&ACTIVE) };
        assert_eq!(next_step(&select, Some(&chosen), T0), NextStep::Issue);
        let new = Held { is_new: true, ..held(&ACTIVE) };
        assert_eq!(next_step(&select, Some(&new), T0), NextStep::Issue);
        // select_account login: first the account, then its password.
        let both = Asked { anew: true, ..select };
        assert_eq!(next_step(&both, Some(&held(&ACTIVE)), T0), NextStep::SelectAccount);
        assert_eq!(next_step(&both, Some(&chosen), T0), NextStep::SignIn);
        let named = Asked { subject: Some("binh"), ..select };
        assert_eq!(next_step(&named, Some(&chosen), T0), NextStep::SignIn);
        let locked = State::Locked { at: T0, reason: LockReason::ByAdministrator };
        assert_eq!(next_step(&select, Some(&held(&locked)), T0), NextStep::SignIn);
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
        let weak = Held { proof: Proof::CACHED, ..held(&ACTIVE) };
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
    fn a_live_session_is_asked_for_the_factor_alone() {
        let urn = Class::SecondFactor.urn();
        for essential in [false, true] {
            let wish = AcrWish { essential, ..AcrWish::voluntary(urn) };
            let asked = Asked { acr: Some(&wish), ..ASKED };
            let has =
                Held { ladder: Ladder { has: Class::SecondFactor, may: Class::Passkey }, ..held(&ACTIVE) };
            assert_eq!(next_step(&asked, Some(&has), T0), NextStep::SecondFactor(Class::SecondFactor));
            let silent = Asked { silent: true, ..asked };
            let end = if essential { NextStep::Refuse(LOGIN_REQUIRED) } else { NextStep::Issue };
            assert_eq!(next_step(&silent, Some(&has), T0), end);
            let proven = Held { proof: Proof::BIND.and(Second::Otp), ..has };
            assert_eq!(next_step(&asked, Some(&proven), T0), NextStep::Issue);
            // Only what is essential makes somebody set a factor up.
            let none = held(&ACTIVE);
            let step = if essential { NextStep::Enrol(Class::SecondFactor) } else { NextStep::Issue };
            assert_eq!(next_step(&asked, Some(&none), T0), step);
            let may_not = Held { ladder: Ladder { has: Class::Password, may: Class::Password }, ..none };
            let end = if essential { NextStep::Refuse(UNMET) } else { NextStep::Issue };
            assert_eq!(next_step(&asked, Some(&may_not), T0), end, "nothing here gives it");
        }
    }

    #[test]
    fn a_passkey_is_asked_for_where_a_code_is_too_little() {
        let wish = AcrWish { essential: true, ..AcrWish::voluntary(Class::Passkey.urn()) };
        let asked = Asked { acr: Some(&wish), ..ASKED };
        let code = Held { proof: Proof::BIND.and(Second::Otp), ..held(&ACTIVE) };
        let holding = |has| Held { ladder: Ladder { has, may: Class::Passkey }, ..code };
        let step = |held: &Held<'_>| next_step(&asked, Some(held), T0);
        assert_eq!(step(&holding(Class::Passkey)), NextStep::SecondFactor(Class::Passkey));
        assert_eq!(step(&holding(Class::SecondFactor)), NextStep::Enrol(Class::Passkey));
    }

    #[test]
    fn the_least_of_an_application_holds_whatever_the_request_says() {
        let asked = Asked { least: Some(Class::SecondFactor), ..ASKED };
        let has = Held { ladder: Ladder { has: Class::SecondFactor, may: Class::Passkey }, ..held(&ACTIVE) };
        assert_eq!(next_step(&asked, Some(&has), T0), NextStep::SecondFactor(Class::SecondFactor));
        let silent = Asked { silent: true, ..asked };
        assert_eq!(next_step(&silent, Some(&has), T0), NextStep::Refuse(LOGIN_REQUIRED));
        let cached = Held { proof: Proof::CACHED, ..has };
        assert_eq!(next_step(&asked, Some(&cached), T0), NextStep::SignIn, "the directory has the word");
        let still = Held { is_new: true, ..cached };
        assert_eq!(next_step(&asked, Some(&still), T0), NextStep::Refuse(UNMET));
        let may_not = Held { ladder: Ladder { has: Class::Password, may: Class::Password }, ..held(&ACTIVE) };
        assert_eq!(next_step(&asked, Some(&may_not), T0), NextStep::Refuse(UNMET));
        let met = Held { proof: Proof::BIND.and(Second::SoftwareKey), ..has };
        assert_eq!(next_step(&asked, Some(&met), T0), NextStep::Issue);
    }

    #[test]
    fn a_password_comes_before_a_factor_and_a_factor_that_must_be_before_the_code() {
        let must_enrol = Held { must_enrol: true, ..held(&ACTIVE) };
        assert_eq!(next_step(&ASKED, Some(&must_enrol), T0), NextStep::Enrol(Class::SecondFactor));
        assert_eq!(next_step(&SILENT, Some(&must_enrol), T0), NextStep::Refuse(ENROL));
        let must = State::MustChangePassword { since: T0, deadline: T0, why: MustChange::Reset };
        let both = Held { state: &must, ..must_enrol };
        let asked = Asked { least: Some(Class::SecondFactor), ..ASKED };
        for asked in [ASKED, asked] {
            assert_eq!(next_step(&asked, Some(&both), T0), NextStep::ChangePassword);
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
