//! The question whether an application may learn what it asks for, and the answer.

use super::{Internal, logos, waiting};
use crate::app::App;
use crate::crypto::token;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::oauth::consent::Agreed;
use crate::domain::oauth::redirect::origin;
use crate::services::acting;
use crate::services::session::Current;
use crate::storage::{audit, consents, pending_requests};

/// What the page asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The application, by its name for people.
    pub application: String,
    /// Where the house shows its logo, if it keeps one.
    pub logo: Option<String>,
    /// Its start page.
    pub home: Option<String>,
    /// What it does with the data.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// What it will learn.
    pub wanted: Agreed,
    /// As which address the person goes on.
    pub address: String,
    /// Its origin, for `form-action`.
    pub return_origin: String,
    /// The languages that it prefers.
    pub ui_locales: Option<String>,
}

/// The question of the request that waits under this id.
pub async fn question(app: &App, request_id: &str, current: &Current) -> Result<Option<Question>, Internal> {
    let Ok((pending, client)) = waiting(app, &token::digest(request_id)).await? else { return Ok(None) };
    let chosen = acting::chosen(app, &client, current, pending.subject.as_deref()).await?;
    Ok(Some(Question {
        address: chosen.current.account.profile().address.to_string(),
        logo: logos::address(app, &client).await?,
        application: client.name,
        home: client.home,
        policy_uri: client.metadata.policy_uri,
        tos_uri: client.metadata.tos_uri,
        wanted: Agreed::to(&pending.request),
        return_origin: origin(&pending.redirect_uri),
        ui_locales: pending.request.ui_locales,
    }))
}

/// The person agrees: kept for the application until they end its access; as a mailbox, for this once. Tells whether the request still waits.
pub async fn agree(app: &App, request_id: &str, current: &Current) -> Result<bool, Internal> {
    let digest = token::digest(request_id);
    let Ok((pending, client)) = waiting(app, &digest).await? else { return Ok(false) };
    let chosen = acting::chosen(app, &client, current, pending.subject.as_deref()).await?;
    let (now, account) = (app.now(), &chosen.current.account);
    let wanted = Agreed::to(&pending.request);
    let had = consents::of(&app.db, account.id(), client.id).await?.unwrap_or_default();
    let mut tx = app.db.begin().await?;
    if !pending_requests::agree(&mut tx, &digest, account.id(), now).await? {
        return Ok(false);
    }
    if account.id() == current.session.account_id {
        consents::put(&mut tx, account.id(), client.id, &had.and(&wanted), now).await?;
    }
    let actor = Actor::Holder(current.account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::ConsentGiven, account).with(client.client_id.as_str());
    let entry = entry.because(wanted.to_string()).from(&current.session.source);
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    Ok(true)
}
