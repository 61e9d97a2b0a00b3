//! A reset from an account's page, and the slips that hand one-time passwords over: shown once, made to be printed.

use super::account::{Shown, page, parse, seen};
use super::approvals;
use crate::app::App;
use crate::domain::account::{Account, TransitionRefused};
use crate::domain::agency::Agency;
use crate::domain::id::AccountId;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts;
use crate::services::reset::{self, Given, ResetRefused, Slip, Word};
use crate::urls;
use crate::web::html;
use crate::web::parts::Notice;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

/// What was sent with the form, if it was.
#[derive(Default)]
pub(super) struct ResetForm {
    reason_error: Option<&'static str>,
    sure_error: Option<&'static str>,
    reason: String,
}

/// The form on an account's page.
pub(super) struct ResetView {
    pub(super) address: String,
    pub(super) version: i64,
    /// Whether a second person must approve it.
    pub(super) needs_second: bool,
    pub(super) reason_error: Option<&'static str>,
    pub(super) sure_error: Option<&'static str>,
    pub(super) reason: String,
    /// Whether it is the fitting act, or was sent and answered; else it is folded.
    pub(super) is_open: bool,
}

impl ResetView {
    /// The form, for an account whose password can be reset by this administrator; `is_only`: nothing else can be done.
    pub(super) fn new(
        account: &Account,
        by: &AsAdministrator,
        needs_second: bool,
        form: &ResetForm,
        is_only: bool,
    ) -> Option<Self> {
        let was_sent = form.reason_error.is_some() || form.sure_error.is_some() || !form.reason.is_empty();
        let is_fitting = is_only || account.traces().disowned_at.is_some();
        (by.administrator.may_reset(account) && account.can_be_reset().is_ok()).then(|| Self {
            address: urls::ACCOUNT_RESET.replace("{id}", &account.id().to_string()),
            version: account.version(),
            needs_second,
            reason_error: form.reason_error,
            sure_error: form.sure_error,
            reason: form.reason.clone(),
            is_open: is_fitting || was_sent,
        })
    }
}

/// A slip in words. Vietnamese is written large, English small below it.
pub(super) struct SlipView {
    name: String,
    address: String,
    agency: Option<String>,
    password: String,
    change_by: Option<[String; 2]>,
}

/// The page of the slips.
#[derive(Template)]
#[template(path = "admin/slips.html")]
pub(super) struct SlipsPage {
    t: Lang,
    page: Frame,
    vi: Lang,
    en: Lang,
    done: String,
    problems: Vec<(String, String)>,
    left: Option<String>,
    left_lines: Vec<(String, String)>,
    slips: Vec<SlipView>,
    portal: String,
    support: String,
    phone: String,
    hours: String,
    back: String,
    back_word: &'static str,
}

/// Where one goes from the slips.
pub(super) struct Way {
    pub(super) back: String,
    pub(super) word: &'static str,
}

/// Resets it.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (id, why) = (parse(&id)?, fields.text("reason"));
    let seen = seen(id, &fields)?;
    let word = Word { why, is_sure: fields.get("sure").is_some() };
    match reset::reset(&app, &by.administrator, seen, word).await {
        Ok(slip) => {
            let way = Way { back: urls::account(id), word: by.visitor.lang.back_to_account_page() };
            slips(&app, &by, &[slip], Vec::new(), way).await
        }
        Err(ResetRefused::NeedsSecond(stopped)) => {
            let path = urls::ACCOUNT_RESET.replace("{id}", &id.to_string());
            approvals::put(&app, &by, stopped, (path.as_str(), &fields)).await
        }
        Err(refused) => answer(&app, &by, id, refused, why).await,
    }
}

async fn answer(
    app: &App,
    by: &AsAdministrator,
    id: AccountId,
    refused: ResetRefused,
    why: &str,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let form = |reason_error, sure_error| Shown {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        reset: ResetForm { reason_error, sure_error, reason: why.to_owned() },
        ..Shown::default()
    };
    let shown = match refused {
        ResetRefused::Forbidden(forbidden) => return Err(forbidden.into()),
        ResetRefused::NotFound => return Err(Failure::NotFound),
        ResetRefused::Internal(internal) => return Err(internal.into()),
        ResetRefused::NoReason => form(Some(t.reason_needed()), None),
        ResetRefused::NotSure => form(None, Some(t.reset_sure_needed())),
        refused => Shown {
            status: match refused {
                ResetRefused::Oneself | ResetRefused::OfAnAdministrator => StatusCode::FORBIDDEN,
                ResetRefused::Unreachable | ResetRefused::NotTaken(_) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::CONFLICT,
            },
            notice: Some(Notice::warn(in_words(t, &refused))),
            reset: ResetForm { reason: why.to_owned(), ..ResetForm::default() },
            ..Shown::default()
        },
    };
    page(app, by, id, shown).await
}

/// Why there is nothing to hand over.
pub(super) fn in_words(t: Lang, refused: &ResetRefused) -> String {
    match refused {
        ResetRefused::Forbidden(_) => t.forbidden_text().to_owned(),
        ResetRefused::NotFound => t.bulk_out_of_reach().to_owned(),
        ResetRefused::NoReason => t.reason_needed().to_owned(),
        ResetRefused::NotSure => t.reset_sure_needed().to_owned(),
        ResetRefused::Oneself => t.reset_oneself().to_owned(),
        ResetRefused::OfAnAdministrator => t.reset_of_an_administrator().to_owned(),
        ResetRefused::State(TransitionRefused::LiftedByTheDirectory) => t.decided_in_mail_system().to_owned(),
        ResetRefused::State(_) => t.not_possible_now().to_owned(),
        ResetRefused::Conflict => t.reset_conflict().to_owned(),
        ResetRefused::NeedsSecond(_) => t.reset_needs_second_alone().to_owned(),
        ResetRefused::Unreachable => t.reset_unreachable().to_owned(),
        ResetRefused::Elsewhere => t.reset_elsewhere().to_owned(),
        ResetRefused::NotTaken(given) => {
            let against = given.iter().filter_map(|(system, given)| match given {
                Given::Refused(words) => Some(format!("{}: {words}", t.mail_system_name(*system))),
                _ => None,
            });
            std::iter::once(t.reset_not_taken().to_owned()).chain(against).collect::<Vec<_>>().join(" ")
        }
        ResetRefused::Internal(_) => t.bulk_failed().to_owned(),
    }
}

/// The page with these slips. It answers a form, and nothing leads to it a second time.
pub(super) async fn slips(
    app: &App,
    by: &AsAdministrator,
    slips: &[Slip],
    left: Vec<(String, String)>,
    way: Way,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let agencies = accounts::agencies(app).await?;
    let city = &app.config.city;
    let number = |number: usize| t.number(u64::try_from(number).unwrap_or(u64::MAX));
    let frame = super::frame(app, by).await?;
    html(&SlipsPage {
        t,
        page: super::at(frame, t, &way.back).once(),
        vi: Lang::Vi,
        en: Lang::En,
        done: t.slip_done(&number(slips.len())),
        problems: slips.iter().flat_map(|slip| problems(t, slip)).collect(),
        left: (!left.is_empty()).then(|| t.slip_left(&number(left.len()))),
        left_lines: left,
        slips: slips.iter().map(|slip| view(slip, &agencies)).collect(),
        portal: portal(app),
        support: city.support_unit.clone(),
        phone: city.support_phone.clone(),
        hours: city.support_hours.clone(),
        back: way.back,
        back_word: way.word,
    })
}

/// The portal as one types it.
fn portal(app: &App) -> String {
    let url = &app.config.server.public_url;
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn view(slip: &Slip, agencies: &[Agency]) -> SlipView {
    let profile = slip.account.profile();
    let agency = agencies.iter().find(|agency| Some(agency.id) == profile.agency_id);
    let day = slip.deadline.as_ref().map(|deadline| deadline.last_day);
    SlipView {
        name: profile.display_name.clone(),
        address: profile.address.to_string(),
        agency: agency.map(|agency| agency.name.clone()),
        password: slip.password.expose().clone(),
        change_by: day.map(|day| [Lang::Vi.day(day), Lang::En.day(day)]),
    }
}

/// Which mail systems have not taken it, by name of its holder.
fn problems(t: Lang, slip: &Slip) -> Vec<(String, String)> {
    let name = named(&slip.account);
    let problem = |(system, given): &(_, Given)| {
        let system = t.mail_system_name(*system);
        let words = match given {
            Given::Taken => return None,
            Given::StillClosed => t.slip_closed(system),
            Given::Refused(words) => t.slip_lags_because(system, words),
            Given::Failed => t.slip_lags(system),
        };
        Some((name.clone(), words))
    };
    slip.given.iter().filter_map(problem).collect()
}

/// An account by name and address.
pub(super) fn named(account: &Account) -> String {
    format!("{} ({})", account.profile().display_name, account.profile().address)
}
