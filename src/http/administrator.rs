//! A visitor of the administration with a role, and the right that each route of the console asks for.

use super::{Failure, SignedIn, Visitor};
use crate::app::App;
use crate::domain::admin::{Administrator, Right};
use crate::domain::id::AgencyId;
use crate::domain::session::Door;
use crate::services::factors::{self, Standing};
use crate::services::rights;
use crate::services::session::{self, Current};
use crate::urls;
use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::routing::MethodRouter;

/// One route of the console: a path, what its methods ask for, who answers.
pub struct ConsoleRoute {
    /// Its path, with placeholders.
    pub path: &'static str,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The right without which nobody comes to the handler.
    pub right: Right,
    handler: MethodRouter<App>,
}

impl ConsoleRoute {
    /// A page that is read.
    pub fn page(path: &'static str, right: Right, handler: MethodRouter<App>) -> Self {
        Self { path, method: "GET", right, handler }
    }

    /// A form that is sent.
    pub fn form(path: &'static str, right: Right, handler: MethodRouter<App>) -> Self {
        Self { path, method: "POST", right, handler }
    }

    /// What the router takes; the extractor [`AsAdministrator`] finds the right there.
    pub fn into_parts(self) -> (&'static str, MethodRouter<App>) {
        (self.path, self.handler.layer(Extension(self.right)))
    }
}

/// A visitor of the administration with a role that has the right of the route.
pub struct AsAdministrator {
    /// The visitor.
    pub visitor: Visitor,
    /// Their session and account.
    pub current: Current,
    /// The proof of role.
    pub administrator: Administrator,
}

impl FromRequestParts<App> for AsAdministrator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let SignedIn { visitor, current } = SignedIn::from_request_parts(parts, app).await?;
        if visitor.door != Door::Admin {
            return Err(Failure::NotFound);
        }
        let chosen = visitor.acts_as().await?;
        let Some(administrator) = session::administrator(app, &current, chosen).await? else {
            return Err(Failure::SignInFirst(urls::SIGN_IN.to_owned()));
        };
        match factors::standing_as(app, &current, &administrator).await? {
            Standing::Met => {}
            Standing::MustProve(class) => return Err(Failure::SignInFirst(urls::second_step(class, None))),
            Standing::MustEnrol(class) => return Err(Failure::SignInFirst(urls::enrol(class, None))),
        }
        let Some(right) = parts.extensions.get::<Right>().copied() else {
            return Err(Failure::Internal("a route of the console names no right".to_owned()));
        };
        rights::ask(app, &administrator, right).await?;
        let by = Self { visitor, current, administrator };
        by.stay_within(app, parts).await?;
        Ok(by)
    }
}

impl AsAdministrator {
    /// An agency that the address names lies within reach; else there is no such page.
    async fn stay_within(&self, app: &App, parts: &Parts) -> Result<(), Failure> {
        let query = parts.uri.query().unwrap_or_default();
        let named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "agency");
        for (_, value) in named.filter(|(_, value)| !value.is_empty()) {
            let is_within = match value.parse::<AgencyId>() {
                Ok(id) => rights::agency(app, &self.administrator, id).await?,
                // no id at all narrows nothing
                Err(_) => true,
            };
            if !is_within {
                return Err(Failure::NotFound);
            }
        }
        Ok(())
    }
}
