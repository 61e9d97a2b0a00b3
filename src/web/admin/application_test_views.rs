//! What was found when an application was tested, in words.

use super::why::{self, StepView};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::next_step::NextStep;
use crate::domain::oauth::pasted::Place;
use crate::domain::timestamp::Timestamp;
use crate::i18n::Lang;
use crate::services::application_test::addresses::{Address, Found, Keys, KeysFound, Leads, Unread, Use};
use crate::services::application_test::person::Would;
use crate::services::application_test::request::{Compared, Counts, Named, Outcome, Parameter, Reading};
use crate::services::application_test::secret::{Answer, Fit};
use crate::services::diagnosis::Finding;
use crate::urls;
use crate::web::parts::{Notice, number_of};
use serde_json::{Map, Value};

/// A registered address beside the one that was asked for.
pub(super) struct ComparedView {
    pub(super) same: String,
    pub(super) registered: String,
    pub(super) asked: String,
    pub(super) differs: String,
}

/// A parameter.
pub(super) struct ParameterView {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) class: &'static str,
    pub(super) counts: &'static str,
}

/// A request that was looked at.
pub(super) struct RequestView {
    pub(super) notices: Vec<Notice>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) compared: Vec<ComparedView>,
    pub(super) remarks: Vec<String>,
    pub(super) parameters: Vec<ParameterView>,
}

/// What somebody would get.
pub(super) struct PersonView {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) account: String,
    pub(super) why: String,
    pub(super) after: Notice,
    pub(super) steps: Vec<StepView>,
    pub(super) scopes: String,
    pub(super) sub: String,
    pub(super) userinfo: Vec<(String, String)>,
    pub(super) signed: Option<String>,
    pub(super) id_token: Vec<(String, String)>,
}

/// Something that was looked at, with how good it is.
pub(super) struct Line {
    pub(super) title: String,
    pub(super) says: Vec<String>,
    pub(super) class: &'static str,
    pub(super) word: &'static str,
}

/// Where the addresses lead.
pub(super) struct AddressesView {
    pub(super) keys: Line,
    pub(super) lines: Vec<Line>,
    pub(super) more: Option<String>,
    pub(super) is_empty: bool,
}

/// A request in words.
pub(super) fn request_view(t: Lang, client: &Client, reading: &Reading) -> RequestView {
    let mut notices = Vec::new();
    if reading.has_secrets {
        notices.push(Notice::danger(t.test_secret_seen()));
    }
    notices.extend(place(t, reading));
    notices.push(verdict(t, client, &reading.outcome));
    let compared = match &reading.outcome {
        Outcome::Redirect(all) => all.iter().map(|one| compared(t, one)).collect(),
        _ => Vec::new(),
    };
    let remarks = match &reading.outcome {
        Outcome::Taken(_, remarks) => remarks.iter().map(|remark| t.request_remark(remark)).collect(),
        _ => Vec::new(),
    };
    RequestView {
        notices,
        facts: facts(t, &reading.outcome),
        compared,
        remarks,
        parameters: reading.parameters.iter().map(|one| parameter(t, one)).collect(),
    }
}

fn place(t: Lang, reading: &Reading) -> Option<Notice> {
    let Place::Elsewhere(differences) = &reading.place else { return None };
    let words: Vec<_> = differences.iter().map(|one| t.difference(*one)).collect();
    let notice = Notice::danger(format!("{}: {}.", t.test_differs(), words.join(", ")));
    let right = reading.endpoints.first().map_or("", String::as_str);
    Some(notice.titled(t.test_place_elsewhere()).and(t.test_place_next(right)))
}

fn verdict(t: Lang, client: &Client, outcome: &Outcome) -> Notice {
    let refused = |(says, next): (&str, &str), to_page: bool| {
        let whither = if to_page { t.test_stays_here() } else { t.test_goes_back() };
        let notice = Notice::danger(says).titled(t.test_refused());
        notice.and(format!("{}: {next}", t.test_next())).and(whither)
    };
    match outcome {
        Outcome::Misnamed(named) => {
            let says = misnamed(t, named);
            let notice = Notice::danger(says).titled(t.test_refused());
            notice.and(t.test_named_next(client.client_id.as_str())).and(t.test_stays_here())
        }
        Outcome::Page(unproven) => refused(t.request_unproven(*unproven), true),
        Outcome::Redirect(all) if all.is_empty() => {
            refused((t.test_redirect_none(), t.test_redirect_next()), true)
        }
        Outcome::Redirect(_) => refused((t.test_redirect(), t.test_redirect_next()), true),
        Outcome::Refused(refusal) => refused(t.request_refused(*refusal), false),
        Outcome::Taken(..) => Notice::ok(t.test_taken_says()).titled(t.test_taken()),
    }
}

fn misnamed(t: Lang, named: &Named) -> String {
    match named {
        Named::Nobody => t.test_named_nobody().to_owned(),
        Named::Several(number) => t.test_named_several(&t.number(number_of(*number))),
        Named::Other(name) => t.test_named_other(name),
        Named::Unknown(client_id) => t.test_named_unknown(client_id),
    }
}

/// The code and the words of the protocol; of a request that is taken, what it gets.
fn facts(t: Lang, outcome: &Outcome) -> Vec<(&'static str, String)> {
    let error =
        |code: &str, words: String| vec![(t.test_code(), code.to_owned()), (t.test_description(), words)];
    match outcome {
        Outcome::Misnamed(_) => vec![(t.test_code(), "invalid_client".to_owned())],
        Outcome::Page(unproven) => error(unproven.code(), unproven.to_string()),
        Outcome::Redirect(_) => vec![(t.test_code(), "invalid_redirect_uri".to_owned())],
        Outcome::Refused(refusal) => error(refusal.code.as_str(), refusal.description.to_owned()),
        Outcome::Taken(taken, _) => vec![
            (t.test_answer_to(), taken.address.clone()),
            ("response_type", taken.request.response_type.to_string()),
            ("response_mode", taken.mode.code().to_owned()),
            (t.test_granted(), taken.request.scopes.to_string()),
        ],
    }
}

fn compared(t: Lang, one: &Compared) -> ComparedView {
    let words: Vec<_> = one.differences.iter().map(|difference| t.difference(*difference)).collect();
    ComparedView {
        same: one.same.clone(),
        registered: one.registered.clone(),
        asked: one.asked.clone(),
        differs: words.join(", "),
    }
}

fn parameter(t: Lang, one: &Parameter) -> ParameterView {
    let (class, counts) = match one.counts {
        // Counting is not being right: that is what the notice above tells.
        Counts::Heard => ("is-info", t.test_heard()),
        Counts::Inside => ("is-info", t.test_inside()),
        Counts::Overruled => ("is-warn", t.test_overruled()),
        Counts::Ignored => ("is-off", t.test_ignored()),
        Counts::Unreadable => ("is-danger", t.test_unreadable()),
        Counts::Empty => ("is-off", t.test_empty()),
        Counts::Secret => ("is-danger", t.test_secret_in_address()),
    };
    let value = if one.counts == Counts::Secret { t.test_hidden().to_owned() } else { one.value.clone() };
    ParameterView { name: one.name.clone(), value, class, counts }
}

/// What somebody would get, in words.
pub(super) fn person_view(t: Lang, client: &Client, would: &Would) -> PersonView {
    let (profile, id) = (would.account.profile(), would.account.id());
    let client_id: String = form_urlencoded::byte_serialize(client.client_id.as_str().as_bytes()).collect();
    PersonView {
        name: profile.display_name.clone(),
        address: profile.address.to_string(),
        account: urls::account(id),
        why: format!("{}?application={client_id}", urls::ACCOUNT_WHY.replace("{id}", &id.to_string())),
        after: after(t, would),
        steps: would.findings.iter().map(|finding| why::view(t, finding)).collect(),
        scopes: t.test_all_scopes(&client.scopes.to_string()),
        sub: would.sub.clone().unwrap_or_else(|| t.test_sub_later().to_owned()),
        userinfo: claims(&would.userinfo),
        signed: client
            .metadata
            .userinfo_signed_response_alg
            .as_deref()
            .map(|alg| t.test_userinfo_signed(alg)),
        id_token: claims(&would.id_token),
    }
}

/// What comes after the right password.
fn after(t: Lang, would: &Would) -> Notice {
    let is_stopped = would.findings.iter().any(|one| matches!(one, Finding::ApplicationStopped(_)));
    let notice = match would.next {
        _ if is_stopped => Notice::danger(t.test_step_stopped()),
        NextStep::Issue => Notice::ok(t.test_step_issue()),
        NextStep::Consent => Notice::info(t.test_step_consent()),
        NextStep::SecondFactor(class) => Notice::info(t.test_step_factor(t.least(Some(class)))),
        NextStep::Enrol(class) => Notice::warn(t.test_step_enrol(t.least(Some(class)))),
        NextStep::ChangePassword => Notice::warn(t.test_step_password()),
        NextStep::NotAdmitted => Notice::danger(t.test_step_not_admitted()),
        NextStep::SignIn => Notice::danger(t.test_step_locked()),
        NextStep::Refuse(refusal) => Notice::danger(t.test_step_refused(refusal.code.as_str())),
        NextStep::SelectAccount | NextStep::Choose => Notice::info(t.test_step_other()),
    };
    notice.titled(t.test_person_after())
}

/// Names and values; a text without its quotes.
fn claims(claims: &Map<String, Value>) -> Vec<(String, String)> {
    let line = |(name, value): (&String, &Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name.clone(), text)
    };
    claims.iter().map(line).collect()
}

/// Where the addresses lead, in words.
pub(super) fn addresses_view(t: Lang, found: &Found) -> AddressesView {
    AddressesView {
        keys: keys(t, &found.keys),
        lines: found.addresses.iter().map(|one| address(t, one)).collect(),
        more: (found.more > 0).then(|| t.test_addresses_more(&t.number(number_of(found.more)))),
        is_empty: found.addresses.is_empty() && found.keys != KeysFound::Paced,
    }
}

fn keys(t: Lang, found: &KeysFound) -> Line {
    let line = |title: &str, (class, word), says| Line { title: title.to_owned(), says, class, word };
    match found {
        KeysFound::NoneRegistered => {
            line(t.test_keys(), ("is-info", t.application_note()), vec![t.test_keys_none().to_owned()])
        }
        KeysFound::Paced => {
            line(t.test_keys(), ("is-warn", t.test_look()), vec![t.test_keys_paced().to_owned()])
        }
        KeysFound::Registered(read) => {
            let (badge, says) = read_keys(t, read);
            line(t.test_keys_by_value(), badge, says)
        }
        KeysFound::Fetched(uri, read) => {
            let (badge, says) = read_keys(t, read);
            line(&format!("{}: {uri}", t.test_keys()), badge, says)
        }
    }
}

/// The class and the word of a badge.
type Badge = (&'static str, &'static str);

fn read_keys(t: Lang, read: &Result<Keys, Unread>) -> (Badge, Vec<String>) {
    let keys = match read {
        Ok(keys) => keys,
        Err(why) => return (("is-danger", t.test_wrong()), vec![unread(t, why)]),
    };
    let mut says = vec![t.test_keys_found(&t.number(number_of(keys.keys.len())))];
    let line = |(kid, algs): &(Option<String>, Vec<&'static str>)| {
        t.test_key(kid.as_deref().unwrap_or(t.test_key_nameless()), &algs.join(", "))
    };
    says.extend(keys.keys.iter().map(line));
    if keys.certificates > 0 {
        says.push(t.test_certificates(&t.number(number_of(keys.certificates))));
    }
    // Certificates prove by themselves, whatever the keys can.
    if keys.fits || keys.certificates > 0 {
        return (("is-ok", t.test_good()), says);
    }
    says.push(t.test_keys_unfit(&keys.allowed.join(", ")));
    (("is-danger", t.test_wrong()), says)
}

fn unread(t: Lang, why: &Unread) -> String {
    match why {
        Unread::NotAllowed => t.test_unread_address().to_owned(),
        Unread::NoAnswer(error) => t.test_unread_silent(error),
        Unread::Status(status) => t.test_unread_status(&status.to_string()),
        Unread::TooLarge => t.test_unread_large().to_owned(),
        Unread::NotJson => t.test_unread_json().to_owned(),
        Unread::NotASet => t.test_unread_set().to_owned(),
        Unread::Private => t.test_unread_private().to_owned(),
        Unread::NoneUsable => t.test_unread_unusable().to_owned(),
    }
}

fn address(t: Lang, one: &Address) -> Line {
    let used = match one.used {
        Use::BackChannel => t.test_use_back(),
        Use::FrontChannel => t.test_use_front(),
        Use::Redirect => t.test_use_redirect(),
        Use::Goodbye => t.test_use_goodbye(),
        Use::RequestObject => t.test_use_request(),
        Use::Sector => t.test_use_sector(),
    };
    let ((class, word), leads) = match one.leads {
        Leads::Open => (("is-ok", t.test_good()), t.test_leads_open()),
        Leads::Known => (("is-ok", t.test_good()), t.test_leads_known()),
        Leads::Refused => (("is-danger", t.test_wrong()), t.test_leads_refused()),
        Leads::Closed => (("is-danger", t.test_wrong()), t.test_leads_closed()),
        Leads::Unknown if one.used.is_asked() => {
            (("is-danger", t.test_wrong()), t.test_leads_unknown_asked())
        }
        Leads::Unknown => (("is-warn", t.test_look()), t.test_leads_unknown()),
        Leads::Nameless => (("is-info", t.application_note()), t.test_leads_nameless()),
        Leads::NotLookedAt => (("is-warn", t.test_look()), t.test_leads_late()),
    };
    Line { title: format!("{used}: {}", one.address), says: vec![leads.to_owned()], class, word }
}

/// Whether a secret fits, in words.
pub(super) fn secret_notice(t: Lang, answer: Answer) -> Notice {
    let moment = |at: Timestamp| t.moment(at.local());
    match answer {
        Answer::Fits(Fit::Present) => Notice::ok(t.test_secret_fits()),
        Answer::Fits(Fit::Before(until)) => Notice::warn(t.test_secret_before(&moment(until))),
        Answer::Wrong => Notice::danger(t.test_secret_wrong()),
        Answer::HasNone => Notice::info(t.application_has_no_secret()),
        Answer::Wait(until) => Notice::warn(t.test_secret_wait(&moment(until))),
    }
}
