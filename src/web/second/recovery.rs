//! The recovery codes, shown once and made to be printed.

use super::offer::Came;
use crate::app::App;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::http::{Failure, Form, Frame, SignedIn, recent};
use crate::i18n::Lang;
use crate::services::factors::recovery;
use crate::urls;
use crate::web::html;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// The version where there are no codes.
const NONE: i64 = 0;

#[derive(Template)]
#[template(path = "second/recovery.html")]
struct RecoveryPage<'a> {
    t: Lang,
    page: Frame,
    done: &'a str,
    whose: String,
    codes: Vec<&'a str>,
    onward: String,
}

/// Which codes the page of the form has seen.
pub(in crate::web) async fn version(app: &App, signed: &SignedIn) -> Result<i64, Failure> {
    Ok(recovery::made_at(app, &signed.current).await?.map_or(NONE, Timestamp::micros))
}

/// Makes them anew. The answer shows them, so the browser may send the form once more: that makes none.
pub(in crate::web) async fn renew(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let proof = recent::require_password(&app, &signed.current, urls::SECURITY)?;
    let was_made = || Redirect::to(&format!("{}?note=codes-made", urls::SECURITY)).into_response();
    let Ok(seen) = fields.text("version").parse::<i64>() else { return Ok(was_made()) };
    let seen = (seen != NONE).then_some(Timestamp::from_micros(seen));
    let codes = recovery::renew(&app, &signed.current, seen, &proof).await?;
    let Some(codes) = codes else { return Ok(was_made()) };
    page(&app, &signed, Came::default(), &codes, signed.visitor.lang.codes_renewed()).await
}

/// Shows codes that were just made; without any it leads on.
pub(super) async fn page(
    app: &App,
    signed: &SignedIn,
    came: Came<'_>,
    codes: &[Secret<String>],
    done: &str,
) -> Result<Response, Failure> {
    let onward = came.onward(signed.visitor.door);
    if codes.is_empty() {
        return Ok(Redirect::to(&onward).into_response());
    }
    let t = signed.visitor.lang;
    let address = signed.current.account.profile().address.as_str();
    html(&RecoveryPage {
        t,
        page: signed.frame(app).await?.once(),
        done,
        whose: t.codes_for(address, &t.date(app.now().local_date())),
        codes: codes.iter().map(|code| code.expose().as_str()).collect(),
        onward,
    })
}
