//! A pasted authorization request, read by what reads requests at the authorization endpoint.

use super::{TestRefused, subject};
use crate::app::App;
use crate::domain::admin::Administrator;
use crate::domain::id::ClientRowId;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::difference::{Difference, differences, parted};
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::pasted::{self, NotPasted, Pasted, Place};
use crate::domain::oauth::remark::{Remark, remarks};
use crate::domain::oauth::request::{RawRequest, Unproven};
use crate::services::applications;
use crate::services::authorize::dry_run::{self, DryRun, Taken, Verdict};
use crate::urls;
use std::cmp::Reverse;

/// So much of a value is shown, in characters.
const SHOWN: usize = 300;

/// Whom a request names in place of the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// Nobody.
    Nobody,
    /// Several, or the same several times.
    Several(usize),
    /// Another application that is registered, by its name.
    Other(String),
    /// Nobody who is registered.
    Unknown(String),
}

/// A registered address beside the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Where both are the same.
    pub same: String,
    /// How the registered one goes on.
    pub registered: String,
    /// How the one that was asked for goes on.
    pub asked: String,
    /// The ways in which they differ.
    pub differences: Vec<Difference>,
}

/// What came of looking at a request.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It names another application; nothing else was looked at.
    Misnamed(Named),
    /// Our own page tells whoever comes with it.
    Page(Unproven),
    /// `redirect_uri` is no registered one; these are, the nearest first.
    Redirect(Vec<Compared>),
    /// The application is told.
    Refused(Refusal),
    /// The sign-in begins.
    Taken(Box<Taken>, Vec<Remark>),
}

/// How a parameter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counts {
    /// It is heard.
    Heard,
    /// It is heard, from what is signed or was pushed.
    Inside,
    /// What is signed or was pushed counts in its place.
    Overruled,
    /// It means nothing here.
    Ignored,
    /// It comes more than once, or cannot be read.
    Unreadable,
    /// It has no value, so it counts as missing.
    Empty,
    /// It is a secret, and must never be in an address.
    Secret,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value, shortened; nothing of a secret.
    pub value: String,
    /// How it counts.
    pub counts: Counts,
}

/// A request that was looked at.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Where it is addressed to.
    pub place: Place,
    /// The addresses of the authorization endpoint.
    pub endpoints: Vec<String>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Whether something among them is nobody's to see.
    pub has_secrets: bool,
    /// What came of it.
    pub outcome: Outcome,
}

/// Looks at a request of an application. `source` is the network address of whoever asks.
pub async fn look(
    app: &App,
    by: &Administrator,
    id: ClientRowId,
    (text, source): (&str, &str),
) -> Result<Result<Reading, NotPasted>, TestRefused> {
    let client = subject(app, by, id).await?;
    let pasted = match pasted::read(text) {
        Ok(pasted) => pasted,
        Err(why) => return Ok(Err(why)),
    };
    let raw = RawRequest::read(pasted.pairs.iter().map(|(name, value)| (name, value.as_str())));
    let (heard, outcome) = if let Some(named) = misnamed(app, by, &client, &pasted).await? {
        (None, Outcome::Misnamed(named))
    } else {
        let DryRun { heard, verdict } = dry_run::dry_run(app, &raw, source).await?;
        let outcome = outcome(&client, heard.as_ref().unwrap_or(&raw), verdict);
        (heard, outcome)
    };
    let endpoints = endpoints(app);
    Ok(Ok(Reading {
        place: pasted.place(&endpoints),
        endpoints,
        parameters: parameters(&pasted, heard.as_ref().unwrap_or(&raw)),
        has_secrets: pasted.has_secrets(),
        outcome,
    }))
}

/// Where applications may send people.
fn endpoints(app: &App) -> Vec<String> {
    let legacy = app.config.oidc.legacy_paths.then_some(urls::LEGACY_AUTHORIZE);
    let paths = std::iter::once(urls::AUTHORIZE).chain(legacy);
    paths.map(|path| format!("{}{path}", app.config.server.issuer())).collect()
}

/// Whom the request names, if it is not the application that is tested.
async fn misnamed(
    app: &App,
    by: &Administrator,
    client: &Client,
    pasted: &Pasted,
) -> Result<Option<Named>, TestRefused> {
    let named = match pasted.once("client_id") {
        Ok(named) => named,
        Err(0) => return Ok(Some(Named::Nobody)),
        Err(several) => return Ok(Some(Named::Several(several))),
    };
    if named == client.client_id.as_str() {
        return Ok(None);
    }
    let others = applications::every(app, by).await?;
    let other = others.into_iter().find(|other| other.client_id.as_str() == named);
    Ok(Some(other.map_or_else(|| Named::Unknown(shortened(named)), |other| Named::Other(other.name))))
}

fn outcome(client: &Client, heard: &RawRequest, verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Page(Unproven::RedirectUri) => {
            Outcome::Redirect(compared(client, heard.once("redirect_uri").unwrap_or_default()))
        }
        Verdict::Page(unproven) => Outcome::Page(unproven),
        Verdict::Refused(refusal) => Outcome::Refused(refusal),
        Verdict::Taken(taken) => {
            let remarks = remarks(heard, client, &taken.request);
            Outcome::Taken(taken, remarks)
        }
    }
}

/// The registered addresses beside the one that was asked for, the nearest first.
fn compared(client: &Client, asked: &str) -> Vec<Compared> {
    let compare = |known: &str| {
        let (same, registered, rest) = parted(known, asked);
        Compared {
            same: same.to_owned(),
            registered: registered.to_owned(),
            asked: shortened(rest),
            differences: differences(known, asked),
        }
    };
    let mut all: Vec<_> = client.redirect_uris.iter().map(|uri| compare(uri.as_str())).collect();
    all.sort_by_key(|one| (one.differences.len(), Reverse(one.same.len())));
    all
}

/// What was pasted, then what only what is signed or was pushed says.
fn parameters(pasted: &Pasted, heard: &RawRequest) -> Vec<Parameter> {
    let outside = pasted.pairs.iter().map(|(name, value)| {
        let counts = counts(pasted, heard, (name, value));
        let value = if counts == Counts::Secret { String::new() } else { shortened(value) };
        Parameter { name: shortened(name), value, counts }
    });
    let is_inside = |(name, value): &(&str, &str)| !pasted.pairs.iter().any(|(n, v)| n == name && v == value);
    let inside = heard.iter().filter(is_inside).map(|(name, value)| Parameter {
        name: name.to_owned(),
        value: shortened(value),
        counts: Counts::Inside,
    });
    outside.chain(inside).collect()
}

fn counts(pasted: &Pasted, heard: &RawRequest, (name, value): (&str, &str)) -> Counts {
    // These two bring the others, and are gone once those are heard.
    let is_carrier = matches!(name, "request" | "request_uri");
    match heard.once(name) {
        _ if pasted::is_secret(name) => Counts::Secret,
        _ if !RawRequest::is_known(name) => Counts::Ignored,
        _ if pasted.number_of(name) > 1 => Counts::Unreadable,
        _ if value.is_empty() => Counts::Empty,
        Some(one) if one == value => Counts::Heard,
        None if is_carrier => Counts::Heard,
        Some(_) => Counts::Overruled,
        None if pasted.once("request").is_ok() || pasted.once("request_uri").is_ok() => Counts::Overruled,
        None => Counts::Unreadable,
    }
}

/// A text as it is shown: not too long, nothing that is no character.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
