//! A call: an application that may, and its parameters. What a route asks for stands in the table of routes.

use super::problem::{Kind, Problem};
use crate::app::App;
use crate::domain::admin::{Administrator, ApiScope};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::oauth::client::Client;
use crate::http::form::Fields;
use crate::http::proof::{self, Place, Scheme};
use crate::services::api::{self, Caller};
use crate::services::rights;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::str::FromStr;

/// A parameter of the query: its name, and what it says.
pub type Parameter = (&'static str, &'static str);

/// What a route asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    /// The scope without which nobody comes to the handler.
    pub(super) scope: ApiScope,
    /// The parameters that it reads; any other is refused.
    pub(super) query: &'static [Parameter],
}

/// An application that has the scope of the route, with its parameters.
pub(super) struct Call {
    /// Its proof of role.
    pub(super) by: Administrator,
    /// The application.
    pub(super) client: Client,
    scopes: BTreeSet<ApiScope>,
    fields: Fields,
}

impl FromRequestParts<App> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Some(needs) = parts.extensions.get::<Needs>().copied() else {
            return Err(Problem::because(Kind::Internal, "a route names no scope"));
        };
        let Ok(place) = Place::from_request_parts(parts, app).await;
        let Caller { by, client, scopes } = enter(app, &place, &parts.headers, needs.scope).await?;
        rights::ask(app, &by, needs.scope.right()).await.map_err(|_| Problem::new(Kind::Forbidden))?;
        let call = Self { by, client, scopes, fields: query(parts, needs.query)? };
        if let Some(agency) = call.parsed::<AgencyId>("agency")?
            && !rights::agency(app, &call.by, agency).await?
        {
            return Err(Problem::new(Kind::NotFound));
        }
        Ok(call)
    }
}

/// What a path names. What cannot be read names nothing.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let name = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(name.map_or_else(|_| String::new(), |Path(name)| name)))
    }
}

/// Lets an application in.
pub(super) async fn enter(
    app: &App,
    place: &Place,
    headers: &HeaderMap,
    scope: ApiScope,
) -> Result<Caller, Problem> {
    let scheme_of = |scheme| move |refusal| Problem::refusal(refusal, scheme, scope.code());
    let presented = proof::in_header(headers).map_err(scheme_of(Scheme::Bearer))?;
    let (scheme, token) = presented.ok_or_else(Problem::nobody)?;
    let shown = place.with_token(app, headers, (scheme, &token)).map_err(scheme_of(scheme))?;
    let entered = api::enter(app, &token, &shown, (scope, place.source())).await;
    entered.map_err(|refused| Problem::at_the_entrance(refused, scheme, scope.code()))
}

fn query(parts: &Parts, known: &[Parameter]) -> Result<Fields, Problem> {
    let raw = parts.uri.query().unwrap_or_default();
    let unknown =
        form_urlencoded::parse(raw.as_bytes()).find(|(name, _)| known.iter().all(|(k, _)| k != name));
    if let Some((name, _)) = unknown {
        let name: String = name.chars().take(40).collect();
        return Err(Problem::because(Kind::InvalidRequest, format!("there is no parameter {name:?} here")));
    }
    Fields::read(raw.as_bytes()).map_err(|bad| Problem::because(Kind::InvalidRequest, bad.to_string()))
}

impl Call {
    /// Whether its token has a scope besides that of the route.
    pub(super) fn has(&self, scope: ApiScope) -> bool {
        self.scopes.contains(&scope)
    }

    /// A parameter; an empty one is none.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.fields.get(name).filter(|value| !value.is_empty())
    }

    /// A parameter that is one of a closed list of words.
    pub(super) fn word<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        let Some(text) = self.given(name) else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| bad(name))
    }

    /// A parameter that has a form of its own.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.word(name, |text| text.parse().ok())
    }

    /// The parameters but one, for the address of the next page.
    pub(super) fn others(&self, known: &[Parameter], but: &str) -> Vec<(&'static str, String)> {
        let kept = known.iter().filter(|(name, _)| *name != but);
        kept.filter_map(|(name, _)| Some((*name, self.given(name)?.to_owned()))).collect()
    }

    /// The id of an account in the path. One that cannot be an id is like one that is not there.
    pub(super) async fn account(&self, app: &App, id: &str) -> Result<AccountId, Problem> {
        match id.parse() {
            Ok(id) => Ok(id),
            Err(_) => Err(self.nothing(app, "account", id).await),
        }
    }

    /// Nothing is there, and that somebody asked leaves a line.
    pub(super) async fn nothing(&self, app: &App, what: &str, id: &str) -> Problem {
        rights::out_of_reach(app, &self.by, &format!("{what} {id}")).await;
        Problem::new(Kind::NotFound)
    }
}

/// A parameter that says nothing that there is.
pub(super) fn bad(name: &str) -> Problem {
    Problem::because(Kind::InvalidRequest, format!("the parameter {name} has a value that there is not"))
}

/// A header of which there is one at most.
pub(super) fn only<'a>(
    headers: &'a HeaderMap,
    name: &header::HeaderName,
) -> Result<Option<&'a str>, Problem> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => one.to_str().map(Some).map_err(|_| unreadable(name)),
        (Some(_), Some(_)) => Err(unreadable(name)),
    }
}

fn unreadable(name: &header::HeaderName) -> Problem {
    Problem::because(Kind::InvalidRequest, format!("the header {name} cannot be read"))
}
