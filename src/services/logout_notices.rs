//! Tells applications that a session has ended (OIDC Back-Channel Logout 1.0): through an outbox, until they agree or a
//! day has passed. A lock, a sign-out, a new password: whatever ends a session orders the notices with it.

use super::{Internal, chain, keys, subjects};
use crate::app::App;
use crate::crypto::token;
use crate::domain::id::{AccountId, ClientRowId};
use crate::domain::outbox;
use crate::domain::timestamp::Timestamp;
use crate::storage::logout_notices::{self, Notice};
use crate::storage::{accounts, clients};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration as StdDuration;
use time::Duration;
use url::Url;

/// How many notices a round takes at a time.
const BATCH: i64 = 100;

/// For how long a notice is taken; longer than an application may think.
const AT_WORK: Duration = Duration::minutes(1);

/// For how long an application is told again and again.
const GIVE_UP: Duration = Duration::days(1);

/// How long a page waits for the applications; the job does what is left.
const PATIENCE: StdDuration = StdDuration::from_secs(3);

/// How long settled notices are kept.
const KEPT: Duration = Duration::days(30);

/// The member of `events` that makes a JWT a logout token (Back-Channel Logout §2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// So many failures in a row, and an application is passed over for the rest of the round: the others are told.
const IN_A_ROW: u32 = 3;

/// So much of a round is one application's.
const LONGEST_SHARE: Duration = Duration::seconds(30);

/// For how long one is passed over.
const PASSED_OVER: Duration = Duration::minutes(1);

/// What came of one notice.
enum Sent {
    /// The application agreed.
    Agreed,
    /// It did not, and why.
    Failed(String),
    /// Somebody else is at work on it, or was.
    Elsewhere,
}

/// What an application has had of a round.
#[derive(Default)]
struct Share {
    failures: u32,
    spent: Duration,
}

impl Share {
    fn count(&mut self, sent: &Sent, took: Duration) {
        self.spent += took;
        match sent {
            Sent::Agreed => self.failures = 0,
            Sent::Failed(_) => self.failures += 1,
            Sent::Elsewhere => {}
        }
    }

    fn is_over(&self) -> bool {
        self.failures >= IN_A_ROW || self.spent >= LONGEST_SHARE
    }
}

/// Sends whatever is due; tells how many applications agreed. One that hangs keeps nobody else waiting for long.
pub async fn send_due(app: &App) -> Result<usize, Internal> {
    let (begun, mut agreed) = (app.now(), 0);
    let mut shares: HashMap<ClientRowId, Share> = HashMap::new();
    loop {
        // As of the beginning, so that the round ends: what is put off is not due in it again.
        let due = logout_notices::due(&app.db, begun, None, BATCH).await?;
        let mut tried = 0;
        for notice in &due {
            if shares.get(&notice.client).is_some_and(Share::is_over) {
                continue;
            }
            let before = app.now();
            let sent = send(app, notice).await?;
            tried += 1;
            agreed += usize::from(matches!(sent, Sent::Agreed));
            let share = shares.entry(notice.client).or_default();
            share.count(&sent, app.now().since(before));
            if share.is_over() {
                pass_over(app, notice, &sent).await?;
            }
        }
        if tried == 0 || due.len() < usize::try_from(BATCH).unwrap_or_default() {
            logout_notices::forget(&app.db, app.now().minus(KEPT)).await?;
            return Ok(agreed);
        }
    }
}

/// Puts off what waits for the application of a notice, of which it has had enough in this round.
async fn pass_over(app: &App, notice: &Notice, sent: &Sent) -> Result<(), Internal> {
    let now = app.now();
    if let Sent::Failed(error) = sent {
        logout_notices::give_up(&app.db, notice.client, now, now.minus(GIVE_UP), error).await?;
    }
    let put_off = logout_notices::pass_over(&app.db, notice.client, now, now.plus(PASSED_OVER)).await?;
    if put_off > 0 {
        tracing::warn!(application = notice.audience, put_off, "logouts wait: the application takes long");
    }
    Ok(())
}

/// Tries the notices of one account at once, as far as the applications answer soon. Whatever fails waits for the job.
pub async fn try_at_once(app: &App, account: AccountId) {
    let all = async {
        for notice in logout_notices::due(&app.db, app.now(), Some(account), BATCH).await? {
            send(app, &notice).await?;
        }
        Ok::<_, Internal>(())
    };
    match tokio::time::timeout(PATIENCE, all).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!("telling applications of a logout: {}", chain(&error)),
        Err(_) => tracing::warn!("the applications take long to be told of a logout; the job goes on"),
    }
}

/// Sends one notice, if nobody else is at work on it. No transaction is open.
async fn send(app: &App, notice: &Notice) -> Result<Sent, Internal> {
    let now = app.now();
    if !logout_notices::take(&app.db, notice, now.plus(AT_WORK), now).await? {
        return Ok(Sent::Elsewhere);
    }
    let logout_token = logout_token(app, notice, now).await?;
    let error = match Url::parse(&notice.uri) {
        Err(error) => error.to_string(),
        Ok(address) => match app.outbound.post_form(&address, &[("logout_token", &logout_token)]).await {
            // Back-Channel Logout §2.8: 200; some frameworks answer 204 to an empty page.
            Ok(200 | 204) => {
                logout_notices::done(&app.db, notice, app.now(), None).await?;
                return Ok(Sent::Agreed);
            }
            Ok(status) => format!("it answered {status}"),
            Err(error) => chain(&error),
        },
    };
    let now = app.now();
    tracing::warn!(application = notice.audience, "an application was not told of a logout: {error}");
    if now.since(notice.since) > GIVE_UP {
        logout_notices::done(&app.db, notice, now, Some(&error)).await?;
    } else {
        let next = outbox::next_attempt(notice.attempts + 1, now);
        logout_notices::again(&app.db, notice, next, &error).await?;
    }
    Ok(Sent::Failed(error))
}

/// Back-Channel Logout §2.4: never a `nonce`, so that nobody takes it for an ID token.
async fn logout_token(app: &App, notice: &Notice, now: Timestamp) -> Result<String, Internal> {
    let signing = |e| Internal::new("signing a logout token", e);
    // One that was removed is told as it knows its people.
    let client = clients::known_by_id(&app.db, notice.client).await?;
    // Back-Channel Logout §2.4: signed as its ID tokens are.
    let alg = client.as_ref().map(|client| client.metadata.id_token_alg()).unwrap_or_default();
    let keys = keys::that_sign(app, alg).await.map_err(signing)?;
    let account = accounts::by_id(&app.db, notice.account).await?;
    let subject = match (&client, &account) {
        (Some(client), Some(account)) => subjects::of(app, client, account).await?,
        _ => notice.subject.clone(),
    };
    let claims = json!({
        "iss": app.config.server.issuer(),
        "sub": subject,
        "aud": notice.audience,
        "iat": now.seconds(),
        "exp": now.plus(Duration::minutes(2)).seconds(),
        "jti": token::new(app.system.entropy()).expose(),
        "sid": notice.session.to_string(),
        "events": { EVENT: {} },
    });
    keys.sign_as(alg, "logout+jwt", &claims).map_err(|e| Internal::new("signing a logout token", e))
}
