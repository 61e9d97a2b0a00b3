//! Answers on their way: plain, or signed as a JWT (JWT Secured Authorization Response Mode for OAuth 2.0 §2).

use super::{Checked, Internal, NotAdmitted, Outcome};
use crate::app::App;
use crate::domain::oauth::answer::{Answer, Members, SafeReturn};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{Code, Refusal};
use crate::services::{audience, keys};
use serde_json::{Map, Value};
use time::Duration;

/// For how long a signed answer is good (JARM §2.1: ten minutes at most).
const LIFE: Duration = Duration::minutes(5);

/// An error (RFC 6749 §4.1.2.1).
pub(super) async fn refused(
    app: &App,
    client: &Client,
    back: &SafeReturn,
    refusal: Refusal,
) -> Result<Outcome, Internal> {
    tracing::debug!(code = refusal.code.as_str(), "an authorization request was refused");
    let members = back.error(refusal, app.config.server.issuer());
    Ok(Outcome::Answer(carried(app, client, back, members).await?))
}

/// The application is not for this person: our own page tells, with the way back where a link can lead there.
pub(super) async fn not_admitted(app: &App, checked: &Checked) -> Result<Outcome, Internal> {
    const DENIED: Refusal =
        Refusal::new(Code::AccessDenied, "The application is not for the agency of this person");
    let back = match refused(app, &checked.client, &checked.back, DENIED).await? {
        Outcome::Answer(Answer::Redirect(back)) => Some(back),
        _ => None,
    };
    let (client, agencies) = (&checked.client, audience::names(app, &checked.client).await?);
    let ui_locales = checked.request.ui_locales.clone();
    tracing::info!(client_id = %client.client_id, "an application is not for the agency of the person");
    Ok(Outcome::NotAdmitted(NotAdmitted { application: client.name.clone(), agencies, back, ui_locales }))
}

/// Members on their way, in the mode of the request.
pub(super) async fn carried(
    app: &App,
    client: &Client,
    back: &SafeReturn,
    members: Members,
) -> Result<Answer, Internal> {
    if !back.mode().is_signed() {
        return Ok(back.carry(members));
    }
    let signing = |error| Internal::new("signing an authorization response", error);
    let alg = client.metadata.answer_alg();
    let keys = keys::that_sign(app, alg).await.map_err(signing)?;
    let mut claims: Map<String, Value> =
        members.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    // JARM §2.1: `iss` is among the members already (RFC 9207 §2.4).
    claims.insert("aud".to_owned(), client.client_id.as_str().into());
    claims.insert("exp".to_owned(), app.now().plus(LIFE).seconds().into());
    let signed =
        keys.sign(alg, &claims).map_err(|e| Internal::new("signing an authorization response", e))?;
    Ok(back.carry(vec![("response", signed)]))
}
