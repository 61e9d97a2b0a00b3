//! Takes the proof of a passkey in place of the password. The page is that of the sign-in.

use super::locked::{self, Locked};
use super::request_of;
use super::sign_in::{open_too_long, refuse_passkey, reminded};
use crate::app::App;
use crate::http::{Aged, Failure, Form};
use crate::services::factors::passkeys::{self, Purpose};
use crate::services::login::LoginRefused;
use crate::services::passkey_sign_in;
use crate::web::second::passkey::{answer_of, place};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// Takes it.
pub(in crate::web) async fn send(State(app): State<App>, form: Aged) -> Result<Response, Failure> {
    let Form { fields, visitor } = match form {
        Aged::Good(form) => form,
        Aged::Late(late) => return open_too_long(&app, late).await,
    };
    let (request, another) = (request_of(&fields), fields.get("another").is_some());
    let place = place(&visitor, fields.text("csrf"));
    let from = (visitor.source.as_str(), visitor.user_agent.as_str());
    let result = match answer_of(&fields) {
        Some(answer) => passkey_sign_in::sign_in(&app, place, from, &answer).await,
        None => Err(LoginRefused::Wrong),
    };
    match result {
        Ok(session) => {
            visitor.sign_in(&app, &session, another).await?;
            visitor.remember_back(&app, fields.text("back")).await?;
            Ok(Redirect::to(&reminded(&app, &visitor, &session, request).await?).into_response())
        }
        Err(LoginRefused::Locked { account, reason, since, unlock }) => {
            locked::page(&app, &visitor, &Locked { account: &account, reason, since, unlock, request }).await
        }
        Err(LoginRefused::Internal(internal)) => Err(internal.into()),
        Err(refused) => {
            let is_late = passkeys::was_ours(&app, place, Purpose::SignIn, fields.text("challenge"));
            refuse_passkey(&app, &visitor, (&fields, is_late), &refused).await
        }
    }
}
