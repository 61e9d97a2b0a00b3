//! The signing keys: which sign, which are announced; turned now, with a second person.

use super::approvals;
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::oauth::key::KeyState;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::chain;
use crate::services::keys::{self, KeyLine, RotateRefused};
use crate::urls;
use crate::web::html;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// A key in words.
struct Key {
    alg: &'static str,
    kid: String,
    badge: &'static str,
    state: &'static str,
    since: String,
}

#[derive(Template)]
#[template(path = "admin/keys.html")]
struct KeysPage {
    t: Lang,
    page: Frame,
    keys: Vec<Key>,
    may_rotate: bool,
}

/// Shows them.
pub(in crate::web) async fn show(State(app): State<App>, by: AsAdministrator) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let all = keys::list(&app).await.map_err(|error| Failure::Internal(chain(&error)))?;
    let key = |key: KeyLine| {
        let (badge, state) = match key.state {
            KeyState::Announced => ("is-info", t.key_announced()),
            KeyState::Signing => ("is-ok", t.key_signing()),
            KeyState::Retiring | KeyState::Gone => ("is-off", t.key_retiring()),
        };
        Key { alg: key.alg.code(), kid: key.kid, badge, state, since: t.moment(key.since.local()) }
    };
    html(&KeysPage {
        t,
        keys: all.into_iter().map(key).collect(),
        may_rotate: by.administrator.may(Right::RotateKeys),
        page: super::frame(&app, &by).await?,
    })
}

/// Announces new ones.
pub(in crate::web) async fn rotate(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    match keys::rotate_now(&app, &by.administrator).await {
        Ok(()) => Ok(Redirect::to(urls::KEYS).into_response()),
        Err(RotateRefused::Stopped(stopped)) => {
            approvals::put(&app, &by, stopped, (urls::KEYS_ROTATE, &fields)).await
        }
        Err(RotateRefused::Forbidden(forbidden)) => Err(forbidden.into()),
        Err(RotateRefused::Keys(error)) => Err(Failure::Internal(chain(&error))),
    }
}
