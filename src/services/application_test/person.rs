//! What somebody would get in an application: whether it is for them, what the sign-in would ask of them, what the
//! application would learn. Nobody signs in, nothing is issued.

use super::{TestRefused, subject};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::admin::Administrator;
use crate::domain::id::ClientRowId;
use crate::domain::oauth::claims_request::AcrWish;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::consent::{Agreed, Asking};
use crate::domain::oauth::next_step::{Admission, Asked, Held, NextStep, next_step};
use crate::domain::oauth::scope::Scopes;
use crate::domain::policy::regulation::Verdict;
use crate::domain::proof::Proof;
use crate::services::diagnosis::{self, Finding};
use crate::services::{Internal, audience, factors, rights, subjects, userinfo};
use crate::storage::{accounts, consents};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What somebody would get.
#[derive(Debug, Clone)]
pub struct Would {
    /// Whose account it is.
    pub account: Account,
    /// What was looked at, in the order of a sign-in; not the directories, which have a page of their own.
    pub findings: Vec<Finding>,
    /// What comes after the right password, for a request with nothing special in it.
    pub next: NextStep,
    /// Who they are for the application; `None` while the house has made no salt for pairwise subjects.
    pub sub: Option<String>,
    /// The claims that UserInfo would have beside `sub`.
    pub userinfo: Map<String, Value>,
    /// The claims about the person that the ID token would have beside `sub`.
    pub id_token: Map<String, Value>,
}

/// Looks at what somebody would get, whose address is typed; one beyond reach and one who is not there are both `None`, and
/// both leave a line.
pub async fn look(
    app: &App,
    by: &Administrator,
    id: ClientRowId,
    typed: &str,
) -> Result<Option<Would>, TestRefused> {
    let client = subject(app, by, id).await?;
    let Some(account) = within_reach(app, by, typed).await? else { return Ok(None) };
    let nothing = BTreeSet::new();
    let scopes = client.scopes;
    let in_id_token = if claims_are_in_id_token(&client) { scopes } else { Scopes::default() };
    Ok(Some(Would {
        findings: diagnosis::of_application(app, &account, &client).await?,
        next: next(app, &client, &account).await?,
        sub: subjects::already(app, &client, &account).await?,
        userinfo: userinfo::claims(app, &account, scopes, &nothing).await?,
        id_token: userinfo::claims(app, &account, in_id_token, &nothing).await?,
        account,
    }))
}

async fn within_reach(app: &App, by: &Administrator, typed: &str) -> Result<Option<Account>, Internal> {
    let found = match MailAddress::parse_typed(typed, &app.config.city.mail_domain) {
        Ok(address) => accounts::by_address(&app.db, &address).await?,
        Err(_) => None,
    };
    let account = found.filter(|account| by.reaches(account));
    if account.is_none() {
        rights::out_of_reach(app, by, &format!("account {typed}")).await;
    }
    Ok(account)
}

/// OIDC Core §5.4: they are there by registration, or because nothing opens UserInfo.
fn claims_are_in_id_token(client: &Client) -> bool {
    client.id_token_claims || client.metadata.response_types().iter().all(|kind| *kind == "id_token")
}

/// The dispatcher's word on somebody whose password was just right.
async fn next(app: &App, client: &Client, account: &Account) -> Result<NextStep, Internal> {
    let metadata = &client.metadata;
    let usual = &metadata.default_acr_values;
    let acr = (!usual.is_empty()).then(|| AcrWish { values: usual.clone(), essential: false });
    let is_asked = metadata.consent_required || metadata.self_registered;
    let asked = Asked {
        silent: false,
        anew: false,
        select: false,
        max_age: None,
        subject: None,
        acr: acr.as_ref(),
        least: metadata.minimum_acr,
        consent: if is_asked { Asking::Once } else { Asking::Never },
    };
    let wanted = Agreed { scopes: client.scopes, claims: BTreeSet::new() };
    let had = consents::of(&app.db, account.id(), client.id).await?;
    let (factors, demand) = (factors::good(app, account).await?, app.config.second_factor.staff);
    let is_admitted = audience::admits(app, client, account).await?;
    let (now, verdict) = (app.now(), app.regulation().verdict(account, app.now()));
    let held = Held {
        auth_time: now,
        is_new: true,
        is_chosen: true,
        subject: account.subject(),
        state: account.state(),
        is_overdue: matches!(verdict, Verdict::Overdue(_) | Verdict::Lock(..)),
        proof: Proof::BIND,
        ladder: demand.ladder(factors),
        must_enrol: demand.must_enrol(factors),
        admission: if is_admitted { Admission::Admitted } else { Admission::ShutOut },
        has_agreed: had.is_some_and(|had| had.covers(&wanted)),
    };
    Ok(next_step(&asked, Some(&held), now))
}
