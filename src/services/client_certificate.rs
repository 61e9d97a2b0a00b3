//! Whether the certificate of a connection proves an application (RFC 8705 §2.1, §2.2).

use super::client_keys;
use crate::app::App;
use crate::domain::certificate::Certificate;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client_auth::AuthMethod;
use crate::domain::oauth::client_certificate::Subject;
use std::borrow::Cow;

/// Why a certificate does not prove an application, for the log; `None` if it does. No transaction may be open: the
/// application's keys may have to be fetched.
pub(super) async fn refuse(app: &App, client: &Client, shown: &Certificate) -> Option<Cow<'static, str>> {
    if !shown.is_in_its_time(app.now()) {
        return Some("it has expired, or is not good yet".into());
    }
    match client.metadata.token_endpoint_auth_method {
        Some(AuthMethod::TlsClientAuth) => not_vouched_for(app, client, shown),
        Some(AuthMethod::SelfSignedTlsClientAuth) => {
            let known = client_keys::have_certificate(app, client, &shown.thumbprint).await;
            (!known).then(|| "the application has not registered it".into())
        }
        _ => Some("the application proves itself otherwise".into()),
    }
}

/// RFC 8705 §2.1: the name is the registered one, and somebody vouches for it. That the proxy may have looked too is no
/// reason not to.
fn not_vouched_for(app: &App, client: &Client, shown: &Certificate) -> Option<Cow<'static, str>> {
    let subject = match Subject::registered(&client.metadata) {
        Ok(subject) => subject,
        Err(why) => return Some(why.to_string().into()),
    };
    if !subject.is_of(shown) {
        return Some("it is of another name than the registered one".into());
    }
    let Some(authorities) = &app.authorities else {
        return Some("server.client_certificate_ca names nobody who vouches for it".into());
    };
    authorities.vouch_for(shown, app.now()).err().map(|why| why.to_string().into())
}
