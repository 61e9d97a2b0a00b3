//! The second factors of an account, as the help desk sees them, and the form that removes them all.

use super::account::{Shown, page, parse, seen};
use super::approvals;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::factor::Factors;
use crate::http::{AsAdministrator, Failure, Form, recent};
use crate::i18n::Lang;
use crate::services::factors::desk::{self, DeskRefused};
use crate::urls;
use crate::web::parts::Notice;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// What was sent with the form, if it was.
#[derive(Default)]
pub(super) struct FactorsForm {
    reason_error: Option<&'static str>,
    sure_error: Option<&'static str>,
    reason: String,
}

/// The form on an account's page.
pub(super) struct FactorsView {
    pub(super) says: String,
    pub(super) address: String,
    /// Whether a second person must approve it.
    pub(super) needs_second: bool,
    pub(super) reason_error: Option<&'static str>,
    pub(super) sure_error: Option<&'static str>,
    pub(super) reason: String,
}

impl FactorsView {
    /// The form, for an account whose factors this administrator may remove.
    pub(super) async fn new(
        app: &App,
        by: &AsAdministrator,
        account: &Account,
        needs_second: bool,
        form: &FactorsForm,
    ) -> Result<Option<Self>, Failure> {
        let Some(factors) = desk::removable(app, &by.administrator, account).await? else { return Ok(None) };
        Ok(Some(Self {
            says: says(by.visitor.lang, factors),
            address: urls::ACCOUNT_FACTORS_RESET.replace("{id}", &account.id().to_string()),
            needs_second,
            reason_error: form.reason_error,
            sure_error: form.sure_error,
            reason: form.reason.clone(),
        }))
    }
}

/// Which factors there are, in words.
pub(super) fn says(t: Lang, factors: Factors) -> String {
    let app = factors.totp.then(|| t.authenticator().to_owned());
    let keys = (factors.passkeys > 0).then(|| t.passkeys_counted(&t.number(factors.passkeys)));
    let codes = Some(t.recovery_left_short(&t.number(factors.recovery)));
    let mail = factors.mail.then(|| t.mail_codes().to_owned());
    let certificates =
        (factors.certificates > 0).then(|| t.certificates_counted(&t.number(factors.certificates)));
    app.into_iter().chain(keys).chain(certificates).chain(mail).chain(codes).collect::<Vec<_>>().join(" · ")
}

/// Removes them.
pub(in crate::web) async fn reset(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (id, t, why) = (parse(&id)?, by.visitor.lang, fields.text("reason"));
    let proof = recent::require(&app, &by.current, &urls::account(id))?;
    let (seen, word) = (seen(id, &fields)?, (why, fields.get("sure").is_some()));
    let form = |reason_error, sure_error| Shown {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        factors: FactorsForm { reason_error, sure_error, reason: why.to_owned() },
        ..Shown::default()
    };
    let shown = match desk::reset(&app, &by.administrator, seen, word, &proof).await {
        Ok(()) => {
            let there = format!("{}?note=factors-reset", urls::account(id));
            return Ok(Redirect::to(&there).into_response());
        }
        Err(DeskRefused::NotFound) => return Err(Failure::NotFound),
        Err(DeskRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(DeskRefused::Internal(internal)) => return Err(internal.into()),
        Err(DeskRefused::NoReason) => form(Some(t.reason_needed()), None),
        Err(DeskRefused::NotSure) => form(None, Some(t.reset_sure_needed())),
        Err(DeskRefused::Conflict) => Shown {
            factors: FactorsForm { reason: why.to_owned(), ..FactorsForm::default() },
            ..Shown::changed_meanwhile(t)
        },
        Err(DeskRefused::Stopped(stopped)) => {
            let path = urls::ACCOUNT_FACTORS_RESET.replace("{id}", &id.to_string());
            return approvals::put(&app, &by, stopped, (path.as_str(), &fields)).await;
        }
        Err(DeskRefused::NotByYou) => Shown {
            status: StatusCode::FORBIDDEN,
            notice: Some(Notice::warn(t.reset_of_an_administrator())),
            ..Shown::default()
        },
        Err(DeskRefused::None) => Shown {
            status: StatusCode::CONFLICT,
            notice: Some(Notice::warn(t.factors_none())),
            ..Shown::default()
        },
    };
    page(&app, &by, id, shown).await
}
