//! The addresses of an application: its keys are fetched as they would be for a signature, of the others it is told whether
//! their names are known and whether the house may ask them. Nothing is sent to any of them beside the fetch.

use super::{TestRefused, subject};
use crate::app::App;
use crate::crypto::jws::{BadKeys, ForeignKeys};
use crate::domain::admin::Administrator;
use crate::domain::id::ClientRowId;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client_auth::ClientAlg;
use crate::domain::oauth::redirect::RedirectUri;
use crate::outbound::{OutboundError, Way};
use crate::services::authorize::fetched::is_in_pace;
use crate::services::chain;
use crate::services::client_keys::{self, KeysUnread};
use std::collections::BTreeSet;
use std::time::Duration;
use url::Url;

/// So many addresses are looked at.
pub const MOST: usize = 20;

/// For how long they are looked at, all together.
const PATIENCE: Duration = Duration::from_secs(15);

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// The house tells it of logouts.
    BackChannel,
    /// The browser tells it of logouts.
    FrontChannel,
    /// Answers go there, by the browser.
    Redirect,
    /// People come there after signing out, by the browser.
    Goodbye,
    /// The house fetches request objects there.
    RequestObject,
    /// The house fetches the sector list there.
    Sector,
}

impl Use {
    /// Whether the house itself asks it; else the browser does, and the rules for the house mean nothing.
    pub const fn is_asked(self) -> bool {
        matches!(self, Self::BackChannel | Self::RequestObject | Self::Sector)
    }
}

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Leads {
    /// To where the house may ask.
    Open,
    /// By its form the house may not ask it.
    Refused,
    /// To networks only that the house may not ask.
    Closed,
    /// Nobody here knows its name.
    Unknown,
    /// Its name is known; the browser goes there.
    Known,
    /// It has no name to be looked up: a number, or a scheme of the device.
    Nameless,
    /// There was no time for it.
    NotLookedAt,
}

/// An address that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// What it is for.
    pub used: Use,
    /// The address.
    pub address: String,
    /// Where it leads.
    pub leads: Leads,
}

/// A key that can verify a signature: its name, and the algorithms under which it can.
pub type Key = (Option<String>, Vec<&'static str>);

/// The keys of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Those that can verify a signature.
    pub keys: Vec<Key>,
    /// How many certificates come with them.
    pub certificates: usize,
    /// The algorithms under which the application may sign.
    pub allowed: Vec<&'static str>,
    /// Whether one of the keys can verify one of these.
    pub fits: bool,
}

/// Why keys were not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The house may not ask the address.
    NotAllowed,
    /// Nothing answered; what the network said.
    NoAnswer(String),
    /// It answered with this status.
    Status(u16),
    /// The document is too large.
    TooLarge,
    /// It is no JSON.
    NotJson,
    /// It is no key set.
    NotASet,
    /// It holds a private or symmetric key.
    Private,
    /// It holds nothing that can verify a signature here.
    NoneUsable,
}

/// What was found of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysFound {
    /// None are registered.
    NoneRegistered,
    /// They are registered by value.
    Registered(Result<Keys, Unread>),
    /// They are published at an address, and were fetched now.
    Fetched(String, Result<Keys, Unread>),
    /// Too much was fetched from this network address; again in a minute.
    Paced,
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The keys.
    pub keys: KeysFound,
    /// The other addresses.
    pub addresses: Vec<Address>,
    /// How many more there are than are looked at.
    pub more: usize,
}

/// Looks at the addresses of an application. `source` is the network address of whoever asks. No transaction may be open.
pub async fn look(
    app: &App,
    by: &Administrator,
    id: ClientRowId,
    source: &str,
) -> Result<Found, TestRefused> {
    let client = subject(app, by, id).await?;
    if !is_in_pace(app, source) {
        return Ok(Found { keys: KeysFound::Paced, addresses: Vec::new(), more: 0 });
    }
    let all = registered(&client);
    let more = all.len().saturating_sub(MOST);
    let mut addresses: Vec<_> = all.into_iter().take(MOST).collect();
    let keys = keys(app, &client).await;
    let work = async {
        for one in &mut addresses {
            one.leads = leads(app, one).await;
        }
    };
    // What there was no time for stays as it is.
    if tokio::time::timeout(PATIENCE, work).await.is_err() {
        tracing::info!(client_id = %client.client_id, "the addresses of an application were not all looked at in time");
    }
    Ok(Found { keys, addresses, more })
}

/// Each registered address once for each use.
fn registered(client: &Client) -> Vec<Address> {
    let metadata = &client.metadata;
    let texts = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect::<Vec<_>>();
    let one = |uri: &Option<String>| uri.iter().cloned().collect::<Vec<_>>();
    let all = [
        (Use::BackChannel, one(&client.backchannel_logout_uri)),
        (Use::FrontChannel, one(&metadata.frontchannel_logout_uri)),
        (Use::Redirect, texts(&client.redirect_uris)),
        (Use::Goodbye, texts(&client.post_logout_redirect_uris)),
        (Use::RequestObject, metadata.request_uris.clone()),
        (Use::Sector, one(&metadata.sector_identifier_uri)),
    ];
    let each = all.into_iter().flat_map(|(used, uris)| uris.into_iter().map(move |uri| (used, uri)));
    let each: BTreeSet<_> = each.collect();
    each.into_iter().map(|(used, address)| Address { used, address, leads: Leads::NotLookedAt }).collect()
}

async fn leads(app: &App, one: &Address) -> Leads {
    let Ok(address) = Url::parse(&one.address) else { return Leads::Refused };
    if !one.used.is_asked() {
        return match app.outbound.is_known(&address).await {
            Some(true) => Leads::Known,
            Some(false) => Leads::Unknown,
            None => Leads::Nameless,
        };
    }
    match app.outbound.way(&address).await {
        Way::Open => Leads::Open,
        Way::Refused => Leads::Refused,
        Way::Closed => Leads::Closed,
        Way::Unknown => Leads::Unknown,
    }
}

async fn keys(app: &App, client: &Client) -> KeysFound {
    if let Some(set) = &client.metadata.jwks {
        let read = ForeignKeys::read(set).map_err(Unread::from);
        return KeysFound::Registered(read.map(|keys| outline(client, &keys)));
    }
    let Some(uri) = &client.metadata.jwks_uri else { return KeysFound::NoneRegistered };
    let fetched = client_keys::fetch(app, uri).await.map_err(Unread::from);
    KeysFound::Fetched(uri.clone(), fetched.map(|keys| outline(client, &keys)))
}

fn outline(client: &Client, keys: &ForeignKeys) -> Keys {
    let only = client.metadata.token_endpoint_auth_signing_alg;
    let mut allowed = client.metadata.profile.algorithms().to_vec();
    allowed.retain(|alg| only.is_none_or(|only| only == *alg));
    let codes = |algs: &[ClientAlg]| algs.iter().map(|alg| alg.code()).collect::<Vec<_>>();
    let all = keys.outline();
    Keys {
        fits: all.iter().any(|(_, algs)| algs.iter().any(|alg| allowed.contains(alg))),
        keys: all.into_iter().map(|(kid, algs)| (kid.map(str::to_owned), codes(algs))).collect(),
        certificates: keys.certificates(),
        allowed: codes(&allowed),
    }
}

impl From<KeysUnread> for Unread {
    fn from(unread: KeysUnread) -> Self {
        match unread {
            KeysUnread::NoAddress(_) | KeysUnread::Outbound(OutboundError::Address) => Self::NotAllowed,
            KeysUnread::Outbound(OutboundError::Status(status)) => Self::Status(status),
            KeysUnread::Outbound(OutboundError::TooLarge) => Self::TooLarge,
            KeysUnread::Outbound(OutboundError::Unreadable) => Self::NotJson,
            KeysUnread::Outbound(error @ (OutboundError::NoAnswer(_) | OutboundError::NoClient)) => {
                Self::NoAnswer(chain(&error))
            }
            KeysUnread::Keys(bad) => bad.into(),
        }
    }
}

impl From<BadKeys> for Unread {
    fn from(bad: BadKeys) -> Self {
        match bad {
            BadKeys::NotASet => Self::NotASet,
            BadKeys::Private => Self::Private,
            BadKeys::NoneUsable => Self::NoneUsable,
        }
    }
}
