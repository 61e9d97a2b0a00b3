//! Acts on an account: a lock, its lifting, a reset, a demand for a new password, the end of what is open. Each names the
//! version that it saw (`If-Match`, RFC 9110 §13.1.1) and carries an `Idempotency-Key`, under which the same request gets
//! the same answer for a day. The one-time password of a reset is in the first answer only: it is never kept. What was
//! begun ends, and is answered, whatever becomes of the connection.

use super::accounts::{self, AccountNow};
use super::call::{Call, Named, only};
use super::problem::{Kind, Problem};
use super::words::{ResetOutcome, SystemName};
use crate::app::App;
use crate::domain::admin::{ApiScope, Forbidden, Right};
use crate::domain::audit_record::rfc3339;
use crate::domain::id::AccountId;
use crate::services::account_desk;
use crate::services::api_answers::{self, Answer, Begun, LONGEST_KEY, Turn};
use crate::services::bulk_unlock::Seen;
use crate::services::demand;
use crate::services::lock::{self, LockRefused};
use crate::services::reset::{self, Given, ResetRefused, Slip, Word};
use crate::services::{Internal, chain, rights};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::Instrument;
use utoipa::ToSchema;

/// The header under which the same request gets the same answer.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Tells that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Why something is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// Why, for the audit: at most 500 characters are kept.
    #[schema(example = "Phiếu 1204")]
    reason: String,
}

/// Why a password is reset, and that somebody made sure.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetOrder {
    /// Why, for the audit: at most 500 characters are kept.
    #[schema(example = "Phiếu 1204")]
    reason: String,
    /// Somebody has made sure who asks for it; without that nothing is reset.
    #[schema(example = true)]
    identity_checked: bool,
}

/// What came of a reset.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ResetTold {
    /// The account as it is now.
    #[serde(flatten)]
    now: AccountNow,
    /// The one-time password, to be handed over to its holder and changed at the first sign-in. In an answer that is
    /// given again it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_password: Option<String>,
    /// Until when it is to be changed.
    #[schema(format = DateTime)]
    change_until: Option<String>,
    /// What came of each mail system.
    systems: Vec<SystemTold>,
}

/// What came of ending everything that is open.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessEnded {
    /// The account as it is now.
    #[serde(flatten)]
    now: AccountNow,
    /// Whether anything was open: a session, or what applications were given.
    ended: bool,
}

/// What came of one mail system.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SystemTold {
    /// `ad` or `obm`.
    #[schema(value_type = SystemName)]
    system: &'static str,
    /// `taken`, `taken_but_closed`, `refused` or `failed`.
    #[schema(value_type = ResetOutcome)]
    outcome: &'static str,
}

/// Locks.
pub(super) async fn lock(write: Write) -> Result<Response, Problem> {
    write.finished("lock", |body| serde_json::from_slice(body).map(Order::Lock)).await
}

/// Lifts a lock.
pub(super) async fn unlock(write: Write) -> Result<Response, Problem> {
    write.finished("unlock", |body| serde_json::from_slice(body).map(Order::Unlock)).await
}

/// Resets a password.
pub(super) async fn reset(write: Write) -> Result<Response, Problem> {
    write.finished("reset", |body| serde_json::from_slice(body).map(Order::Reset)).await
}

/// Demands a new password.
pub(super) async fn demand(write: Write) -> Result<Response, Problem> {
    write.finished("demand", |body| serde_json::from_slice(body).map(Order::Demand)).await
}

/// Ends everything that is open.
pub(super) async fn end_sessions(write: Write) -> Result<Response, Problem> {
    write.finished("end_sessions", |body| serde_json::from_slice(body).map(Order::EndSessions)).await
}

/// What is to be done, and what was said with it.
enum Order {
    Lock(Reason),
    Unlock(Reason),
    Reset(ResetOrder),
    Demand(Reason),
    EndSessions(Reason),
}

impl Order {
    /// Does it. Whatever fails after it took effect is missing in the answer, and no more.
    async fn carry_out(&self, app: &App, call: &Call, seen: Seen) -> Result<Done, Problem> {
        match self {
            Self::Lock(Reason { reason }) => {
                let locked = lock::lock_seen(app, &call.by, seen, reason).await?;
                Ok(Done::of(&accounts::written(app, call, &locked).await))
            }
            Self::Unlock(Reason { reason }) => {
                let open = lock::unlock_seen(app, &call.by, seen, reason).await?;
                Ok(Done::of(&accounts::written(app, call, &open).await))
            }
            Self::Reset(ResetOrder { reason, identity_checked }) => {
                let word = Word { why: reason, is_sure: *identity_checked };
                let slip = reset::reset(app, &call.by, seen, word).await?;
                let now = accounts::written(app, call, &slip.account).await;
                let etag = now.tag();
                let mut told = slipped(now, &slip);
                let kept = text(&told);
                told.one_time_password = Some(slip.password.expose().clone());
                Ok(Done { shown: text(&told), kept, etag })
            }
            Self::Demand(Reason { reason }) => {
                let asked = demand::demand_seen(app, &call.by, seen, reason).await?;
                Ok(Done::of(&accounts::written(app, call, &asked).await))
            }
            Self::EndSessions(Reason { reason }) => end_everything(app, call, seen, reason).await,
        }
    }
}

/// Ends everything that is open. Where nothing is, that is no refusal: what was wanted is so.
async fn end_everything(app: &App, call: &Call, seen: Seen, why: &str) -> Result<Done, Problem> {
    let account = rights::account(app, &call.by, seen.id).await?;
    let account = account.ok_or_else(|| Problem::new(Kind::NotFound))?;
    let ended = account_desk::end_sessions(app, &call.by, seen, None, why).await?;
    let now = accounts::written(app, call, &account).await;
    let etag = now.tag();
    let shown = text(&AccessEnded { now, ended });
    Ok(Done { kept: shown.clone(), shown, etag })
}

fn slipped(now: AccountNow, slip: &Slip) -> ResetTold {
    let outcome = |given: &Given| match given {
        Given::Taken => "taken",
        Given::StillClosed => "taken_but_closed",
        Given::Refused(_) => "refused",
        Given::Failed => "failed",
    };
    ResetTold {
        now,
        one_time_password: None,
        change_until: slip.deadline.as_ref().map(|deadline| rfc3339(deadline.ends_at)),
        systems: slip
            .given
            .iter()
            .map(|(system, given)| SystemTold { system: system.code(), outcome: outcome(given) })
            .collect(),
    }
}

fn text(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

/// What came of a write: what is answered, and what is kept of that.
struct Done {
    shown: String,
    kept: String,
    etag: Option<String>,
}

impl Done {
    fn of(now: &AccountNow) -> Self {
        let shown = text(now);
        Self { kept: shown.clone(), shown, etag: now.tag() }
    }
}

/// How the body of a write is read.
type Read = fn(&[u8]) -> serde_json::Result<Order>;

/// A write as it came.
pub(super) struct Write {
    app: App,
    call: Call,
    id: String,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
}

impl FromRequest<App> for Write {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let call = Call::from_request_parts(&mut parts, app).await.map_err(IntoResponse::into_response)?;
        let Ok(Named(id)) = Named::from_request_parts(&mut parts, app).await;
        let headers = parts.headers.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), app).await;
        Ok(Self { app: app.clone(), call, id, headers, body })
    }
}

impl Write {
    /// Carries it out apart from the connection: an application that hangs up finds the answer under its key.
    async fn finished(self, act: &'static str, read: Read) -> Result<Response, Problem> {
        tokio::spawn(self.once(act, read).in_current_span()).await.unwrap_or_else(|broken| {
            Err(Problem::because(Kind::Internal, format!("a write of an application broke off: {broken}")))
        })
    }

    /// Reads everything that makes a write, takes its key, and carries it out or gives the answer that it had.
    async fn once(self, act: &'static str, read: Read) -> Result<Response, Problem> {
        let Self { app, call, id, headers, body } = self;
        let id = call.account(&app, &id).await?;
        let body = body.map_err(|_| Problem::new(Kind::TooLarge))?;
        if !is_json(&headers)? {
            return Err(Problem::new(Kind::UnsupportedMedia));
        }
        let version = version(&headers)?;
        let key = key(&headers)?;
        let order =
            read(&body).map_err(|bad| Problem::because(Kind::InvalidRequest, format!("the body: {bad}")))?;
        let request = format!("{act}\n{id}\n{version}\n{}", String::from_utf8_lossy(&body));
        let turn = match api_answers::begin(&app, (&call.by, &call.client), key, &request).await? {
            Begun::Fresh(turn) => turn,
            Begun::Same(answer) => return again(&app, &call, id, answer).await,
            Begun::Other => return Err(Problem::new(Kind::KeyReused)),
            Begun::Underway => return Err(Problem::later(Kind::Underway, 1)),
            Begun::TooMany(seconds) => return Err(Problem::later(Kind::TooManyWrites, seconds)),
        };
        let came = order.carry_out(&app, &call, Seen { id, version }).await;
        settle(&app, &turn, came).await
    }
}

/// The answer that was given before, if the account is still within reach; without what the token may not read.
async fn again(app: &App, call: &Call, id: AccountId, answer: Answer) -> Result<Response, Problem> {
    if rights::account(app, &call.by, id).await?.is_none() {
        return Err(Problem::new(Kind::NotFound));
    }
    let body = if call.has(ApiScope::AccountsRead) { answer.body } else { standing_only(answer.body) };
    let mut response = answered(&Answer { body, ..answer });
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn standing_only(body: String) -> String {
    let Ok(Value::Object(mut told)) = serde_json::from_str(&body) else { return body };
    if told.remove("account").is_none() {
        return body;
    }
    Value::Object(told).to_string()
}

/// Keeps what came of a write, and answers it even if it cannot be kept: it has taken effect.
async fn settle(app: &App, turn: &Turn, came: Result<Done, Problem>) -> Result<Response, Problem> {
    match came {
        Ok(Done { shown, kept, etag }) => {
            let kept = Answer { status: 200, body: kept, etag };
            note(api_answers::finish(app, turn, &kept).await);
            Ok(answered(&Answer { body: shown, ..kept }))
        }
        // Our fault, or a directory's: it may be tried again under the same key.
        Err(problem) if problem.status().is_server_error() => {
            note(api_answers::release(app, turn).await);
            Err(problem)
        }
        Err(problem) => {
            let kept = Answer { status: problem.status().as_u16(), body: problem.text(), etag: None };
            note(api_answers::finish(app, turn, &kept).await);
            Err(problem)
        }
    }
}

fn note(kept: Result<(), Internal>) {
    if let Err(internal) = kept {
        tracing::error!("keeping the answer to a write: {}", chain(&internal));
    }
}

fn answered(answer: &Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")];
    let mut response = (status, headers, answer.body.clone()).into_response();
    if let Some(Ok(tag)) = answer.etag.as_deref().map(HeaderValue::from_str) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// Whether a body says that it is JSON, or does not say what it is (RFC 9110 §8.3).
fn is_json(headers: &HeaderMap) -> Result<bool, Problem> {
    let Some(kind) = only(headers, &CONTENT_TYPE)? else { return Ok(true) };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Ok(kind == "application/json" || kind.ends_with("+json"))
}

/// The version that the application saw.
fn version(headers: &HeaderMap) -> Result<i64, Problem> {
    let tag = only(headers, &IF_MATCH)?.ok_or_else(|| Problem::new(Kind::PreconditionRequired))?;
    let inside = tag.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.and_then(|version| version.parse().ok()).ok_or_else(|| {
        Problem::because(Kind::InvalidRequest, "If-Match is the ETag of the account, and nothing else")
    })
}

fn key(headers: &HeaderMap) -> Result<&str, Problem> {
    let key = only(headers, &KEY)?.map(str::trim).unwrap_or_default();
    if (1..=LONGEST_KEY).contains(&key.len()) {
        Ok(key)
    } else {
        Err(Problem::because(Kind::InvalidRequest, "Idempotency-Key is needed: 1 to 255 characters"))
    }
}

impl From<LockRefused> for Problem {
    fn from(refused: LockRefused) -> Self {
        match refused {
            LockRefused::NotFound => Self::new(Kind::NotFound),
            LockRefused::NoReason => Self::because(Kind::Incomplete, "a reason must be given"),
            LockRefused::Oneself | LockRefused::Forbidden(_) => Self::new(Kind::Forbidden),
            LockRefused::OfAnAdministrator => Self::new(Kind::AdministratorAccount),
            LockRefused::State(why) => Self::because(Kind::WrongState, why.to_string()),
            LockRefused::Conflict => Self::new(Kind::VersionMismatch),
            LockRefused::Internal(internal) => internal.into(),
        }
    }
}

impl From<ResetRefused> for Problem {
    fn from(refused: ResetRefused) -> Self {
        match refused {
            ResetRefused::NotFound => Self::new(Kind::NotFound),
            ResetRefused::NoReason => Self::because(Kind::Incomplete, "a reason must be given"),
            ResetRefused::NotSure => Self::because(Kind::Incomplete, "identity_checked must be true"),
            ResetRefused::Forbidden(Forbidden { right: Right::Unlock, .. }) => Self::because(
                Kind::InsufficientScope,
                "the account is locked, and a reset lifts the lock: the token needs accounts.unlock, too",
            ),
            ResetRefused::Oneself | ResetRefused::Forbidden(_) => Self::new(Kind::Forbidden),
            ResetRefused::OfAnAdministrator | ResetRefused::NeedsSecond(_) => {
                Self::new(Kind::AdministratorAccount)
            }
            ResetRefused::State(why) => Self::because(Kind::WrongState, why.to_string()),
            ResetRefused::Conflict => Self::new(Kind::VersionMismatch),
            ResetRefused::Unreachable => Self::new(Kind::DirectoryUnreachable),
            ResetRefused::NotTaken(_) => Self::new(Kind::PasswordNotTaken),
            ResetRefused::Elsewhere => Self::new(Kind::PasswordElsewhere),
            ResetRefused::Internal(internal) => internal.into(),
        }
    }
}
