//! Acts on an account: a lock, its lifting, a reset. Each names the version that it saw (`If-Match`, RFC 9110 §13.1.1) and
//! carries an `Idempotency-Key`, under which the same request gets the same answer for a day. The one-time password of a
//! reset is in the first answer only: it is never kept.

use super::accounts::{self, AccountWhole};
use super::call::{Call, only};
use super::paging;
use super::problem::{Kind, Problem};
use crate::app::App;
use crate::domain::audit_record::rfc3339;
use crate::domain::id::AccountId;
use crate::services::api_answers::{self, Answer, Begun, LONGEST_KEY};
use crate::services::bulk_unlock::Seen;
use crate::services::lock::{self, LockRefused};
use crate::services::reset::{self, Given, ResetRefused, Slip, Word};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
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
    reason: String,
}

/// Why a password is reset, and that somebody made sure.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetOrder {
    /// Why, for the audit: at most 500 characters are kept.
    reason: String,
    /// Somebody has made sure who asks for it; without that nothing is reset.
    identity_checked: bool,
}

/// What came of a reset.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ResetTold {
    /// The account as it is now.
    account: AccountWhole,
    /// The one-time password, to be handed over to its holder and changed at the first sign-in. In an answer that is
    /// given again it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_password: Option<String>,
    /// Until when it is to be changed.
    change_until: Option<String>,
    /// What came of each mail system.
    systems: Vec<SystemTold>,
}

/// What came of one mail system.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SystemTold {
    /// `ad` or `obm`.
    system: &'static str,
    /// `taken`, `taken_but_closed`, `refused` or `failed`.
    outcome: &'static str,
}

/// Locks.
pub(super) async fn lock(
    State(app): State<App>,
    call: Call,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let write = Write::read::<Reason>(&app, &call, ("lock", &id), &headers, body).await?;
    write
        .once(&app, async |seen, asked: Reason| {
            lock::lock_seen(&app, &call.by, seen, &asked.reason).await.map_err(Problem::from)?;
            as_it_is(&app, &call, seen.id).await
        })
        .await
}

/// Lifts a lock.
pub(super) async fn unlock(
    State(app): State<App>,
    call: Call,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let write = Write::read::<Reason>(&app, &call, ("unlock", &id), &headers, body).await?;
    write
        .once(&app, async |seen, asked: Reason| {
            lock::unlock_seen(&app, &call.by, seen, &asked.reason).await.map_err(Problem::from)?;
            as_it_is(&app, &call, seen.id).await
        })
        .await
}

/// Resets a password.
pub(super) async fn reset(
    State(app): State<App>,
    call: Call,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let write = Write::read::<ResetOrder>(&app, &call, ("reset", &id), &headers, body).await?;
    write
        .once(&app, async |seen, asked: ResetOrder| {
            let word = Word { why: &asked.reason, is_sure: asked.identity_checked };
            let slip = reset::reset(&app, &call.by, seen, word).await.map_err(Problem::from)?;
            let account = accounts::whole(&app, &call, seen.id).await?;
            let etag = Some(paging::tag(account.version()));
            let mut told = slipped(account, &slip);
            let kept = text(&told);
            told.one_time_password = Some(slip.password.expose().clone());
            Ok(Done { shown: text(&told), kept, etag })
        })
        .await
}

fn slipped(account: AccountWhole, slip: &Slip) -> ResetTold {
    let outcome = |given: &Given| match given {
        Given::Taken => "taken",
        Given::StillClosed => "taken_but_closed",
        Given::Refused(_) => "refused",
        Given::Failed => "failed",
    };
    ResetTold {
        account,
        one_time_password: None,
        change_until: slip.deadline.as_ref().map(|deadline| rfc3339(deadline.ends_at)),
        systems: slip
            .given
            .iter()
            .map(|(system, given)| SystemTold { system: system.code(), outcome: outcome(given) })
            .collect(),
    }
}

async fn as_it_is(app: &App, call: &Call, id: AccountId) -> Result<Done, Problem> {
    let account = accounts::whole(app, call, id).await?;
    let shown = text(&account);
    Ok(Done { kept: shown.clone(), shown, etag: Some(paging::tag(account.version())) })
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

/// A write that is known by its key.
struct Write<T> {
    begun: Begun,
    seen: Seen,
    asked: T,
}

impl Write<()> {
    /// Reads everything that makes a write, and takes its key.
    async fn read<T: DeserializeOwned>(
        app: &App,
        call: &Call,
        (act, id): (&str, &str),
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<Write<T>, Problem> {
        let id = call.account(app, id).await?;
        let body = body.map_err(|_| Problem::new(Kind::TooLarge))?;
        let version = version(headers)?;
        let key = key(headers)?;
        let asked = serde_json::from_slice(&body)
            .map_err(|bad| Problem::because(Kind::InvalidRequest, format!("the body: {bad}")))?;
        let request = format!("{act}\n{id}\n{version}\n{}", String::from_utf8_lossy(&body));
        let begun = api_answers::begin(app, &call.client, key, &request).await?;
        Ok(Write { begun, seen: Seen { id, version }, asked })
    }
}

impl<T> Write<T> {
    /// Carries it out, or gives the answer that it had.
    async fn once(
        self,
        app: &App,
        carry_out: impl AsyncFnOnce(Seen, T) -> Result<Done, Problem>,
    ) -> Result<Response, Problem> {
        let turn = match self.begun {
            Begun::Other => return Err(Problem::new(Kind::KeyReused)),
            Begun::Underway => return Err(Problem::new(Kind::Underway)),
            Begun::Same(answer) => {
                let mut response = answered(&answer);
                response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                return Ok(response);
            }
            Begun::Fresh(turn) => turn,
        };
        match carry_out(self.seen, self.asked).await {
            Ok(Done { shown, kept, etag }) => {
                let kept = Answer { status: 200, body: kept, etag };
                api_answers::finish(app, &turn, &kept).await?;
                Ok(answered(&Answer { body: shown, ..kept }))
            }
            // Our fault, or a directory's: it may be tried again under the same key.
            Err(problem) if problem.status().is_server_error() => {
                api_answers::release(app, &turn).await?;
                Err(problem)
            }
            Err(problem) => {
                let kept = Answer { status: problem.status().as_u16(), body: problem.text(), etag: None };
                api_answers::finish(app, &turn, &kept).await?;
                Err(problem)
            }
        }
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
            ResetRefused::Oneself | ResetRefused::Forbidden(_) => Self::new(Kind::Forbidden),
            ResetRefused::OfAnAdministrator => Self::new(Kind::AdministratorAccount),
            ResetRefused::State(why) => Self::because(Kind::WrongState, why.to_string()),
            ResetRefused::Conflict => Self::new(Kind::VersionMismatch),
            ResetRefused::Unreachable => Self::new(Kind::DirectoryUnreachable),
            ResetRefused::NotTaken(_) => Self::new(Kind::PasswordNotTaken),
            ResetRefused::Elsewhere => Self::new(Kind::PasswordElsewhere),
            ResetRefused::Internal(internal) => internal.into(),
        }
    }
}
