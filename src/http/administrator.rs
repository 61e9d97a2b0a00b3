//! A visitor of the administration with a role; what each route of the console asks for: a right, and a recent proof
//! where something dangerous is done.

use super::{Failure, SignedIn, Visitor, recent};
use crate::app::App;
use crate::domain::admin::{Administrator, Right};
use crate::domain::id::AgencyId;
use crate::domain::session::Door;
use crate::services::factors::{self, Standing};
use crate::services::rights;
use crate::services::session::{self, Current};
use crate::urls;
use axum::Extension;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::routing::MethodRouter;
use std::convert::Infallible;

/// One route of the console: a path, what its methods ask for, who answers.
pub struct ConsoleRoute {
    /// Its path, with placeholders.
    pub path: &'static str,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The right without which nobody comes to the handler.
    pub right: Right,
    /// The page to which somebody comes back from the proof that is asked for, with placeholders; `None`: none is.
    pub back: Option<&'static str>,
    handler: MethodRouter<App>,
}

/// Whether a route asks for a recent proof, as the extractor finds it.
#[derive(Clone, Copy)]
struct ProofAsked(Option<&'static str>);

impl ConsoleRoute {
    /// A page that is read.
    pub fn page(path: &'static str, right: Right, handler: MethodRouter<App>) -> Self {
        Self { path, method: "GET", right, back: None, handler }
    }

    /// A form that is sent.
    pub fn form(path: &'static str, right: Right, handler: MethodRouter<App>) -> Self {
        Self { path, method: "POST", right, back: None, handler }
    }

    /// A form that does something dangerous: whoever has not proven themselves lately does so first, and comes back to
    /// the page of the form, whose placeholders are those of `path`.
    pub fn dangerous(
        path: &'static str,
        back: &'static str,
        right: Right,
        handler: MethodRouter<App>,
    ) -> Self {
        Self { back: Some(back), ..Self::form(path, right, handler) }
    }

    /// What the router takes; the extractor [`AsAdministrator`] finds there what the route asks for.
    pub fn into_parts(self) -> (&'static str, MethodRouter<App>) {
        (
            self.path,
            self.handler
                .layer::<_, Infallible>(Extension(self.right))
                .layer(Extension(ProofAsked(self.back))),
        )
    }
}

/// A visitor of the administration with a role that has the right of the route, and the recent proof that it asks for.
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
        by.have_proven(app, parts).await?;
        Ok(by)
    }
}

impl AsAdministrator {
    /// Reads the role anew, for an answer that goes on for longer than a look: it is refused from the moment on at which
    /// the role was taken back, or changed for one that reaches elsewhere.
    pub async fn read_again(&mut self, app: &App) -> Result<(), Failure> {
        let chosen = self.visitor.acts_as().await?;
        let now = session::administrator_again(app, &self.current, chosen).await?;
        let (role, root) = (self.administrator.role(), self.administrator.reach().agency());
        match now.filter(|now| now.role() == role && now.reach().agency() == root) {
            Some(now) => self.administrator = now,
            None => return Err(Failure::SignInFirst(urls::SIGN_IN.to_owned())),
        }
        Ok(())
    }

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

    /// They have proven themselves lately where the route asks for it; else they do so, and come back.
    async fn have_proven(&self, app: &App, parts: &mut Parts) -> Result<(), Failure> {
        let Some(ProofAsked(Some(back))) = parts.extensions.get::<ProofAsked>().copied() else {
            return Ok(());
        };
        let named = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Failure::NotFound)?;
        let back = named
            .iter()
            .fold(back.to_owned(), |back, (name, value)| back.replace(&format!("{{{name}}}"), value));
        recent::require(app, &self.current, &back).map(|_| ())
    }
}
