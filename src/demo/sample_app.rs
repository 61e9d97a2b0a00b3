//! "Văn phòng không giấy (mẫu)": a city application as a relying party, built on the `openidconnect` crate.
//!
//! It knows nothing of the house but its issuer, so it shows what any application sees. Its sessions live in memory.

use anyhow::Context;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, middleware};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl,
    LogoutRequest, Nonce, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use url::Url;

/// The cookie of the application; another name than the house's, because cookies ignore ports.
const COOKIE_NAME: &str = "vpkg";

/// How the application was registered.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The issuer.
    pub issuer: String,
    /// Its own address.
    pub own_url: Url,
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// The agency, as the house tells it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Agency {
    /// The name of the agency.
    #[serde(default)]
    agency_name: Option<String>,
    /// Its code.
    #[serde(default)]
    agency_code: Option<String>,
}

impl AdditionalClaims for Agency {}

type TokenFields = IdTokenFields<
    Agency,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type AgencyClient = Client<
    Agency,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<TokenFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

struct Pending {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

#[derive(Clone)]
struct Person {
    name: String,
    email: String,
    agency: String,
    agency_code: String,
    subject: String,
    id_token: String,
}

struct Shared {
    registration: Registration,
    http: reqwest::Client,
    pending: Mutex<HashMap<String, Pending>>,
    people: Mutex<HashMap<String, Person>>,
}

type Sample = Arc<Shared>;

/// Serves the application until the listener is dropped.
pub async fn serve(listener: TcpListener, registration: Registration) -> anyhow::Result<()> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        // It speaks to the house beside it, and to nobody on the Internet.
        .no_proxy()
        .build()
        .context("making the HTTP client")?;
    let shared = Shared { registration, http, pending: Mutex::default(), people: Mutex::default() };
    let routes = Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/logout", get(logout))
        .route("/static/app.css", get(style))
        .route("/static/skyline.svg", get(skyline))
        .layer(middleware::map_response(headers))
        .with_state(Arc::new(shared));
    axum::serve(listener, routes).await.context("serving the sample application")
}

#[derive(Template)]
#[template(path = "sample.html")]
struct Page<'a> {
    person: Option<&'a Person>,
    problem: Option<&'a str>,
}

async fn home(State(sample): State<Sample>, headers: HeaderMap) -> Response {
    let person = session(&headers).and_then(|id| sample.people.lock().ok()?.get(&id).cloned());
    page(StatusCode::OK, person.as_ref(), None)
}

async fn login(State(sample): State<Sample>) -> Response {
    let client = match sample.client().await {
        Ok((client, _)) => client,
        Err(error) => return page(StatusCode::BAD_GATEWAY, None, Some(&format!("{error:#}"))),
    };
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let scopes = ["profile", "email", "agency"].map(|scope| Scope::new(scope.to_owned()));
    let (url, state, nonce) = client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(scopes)
        .set_pkce_challenge(challenge)
        .url();
    if let Ok(mut pending) = sample.pending.lock() {
        if pending.len() > 1_000 {
            pending.clear();
        }
        pending.insert(state.secret().clone(), Pending { nonce, verifier });
    }
    // The state is bound to this browser, so that nobody can slip in an answer of their own.
    let cookie = format!("{COOKIE_NAME}-state={}; Path=/; HttpOnly; SameSite=Lax", state.secret());
    ([(SET_COOKIE, cookie)], Redirect::to(url.as_str())).into_response()
}

#[derive(Deserialize)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn callback(
    State(sample): State<Sample>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Response {
    match sample.sign_in(&headers, answer).await {
        Ok((id, person)) => {
            if let Ok(mut people) = sample.people.lock() {
                people.insert(id.clone(), person);
            }
            let cookie = format!("{COOKIE_NAME}={id}; Path=/; HttpOnly; SameSite=Lax");
            ([(SET_COOKIE, cookie)], Redirect::to("/")).into_response()
        }
        Err(error) => page(StatusCode::BAD_REQUEST, None, Some(&format!("{error:#}"))),
    }
}

async fn logout(State(sample): State<Sample>, headers: HeaderMap) -> Response {
    let person = session(&headers).and_then(|id| sample.people.lock().ok()?.remove(&id));
    let Some(person) = person else { return Redirect::to("/").into_response() };
    match sample.logout_url(&person).await {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        Err(error) => page(StatusCode::BAD_GATEWAY, None, Some(&format!("{error:#}"))),
    }
}

impl Shared {
    async fn client(&self) -> anyhow::Result<(AgencyClient, ProviderMetadataWithLogout)> {
        let issuer = IssuerUrl::new(self.registration.issuer.clone()).context("reading the issuer")?;
        let http = |request| send(self.http.clone(), request);
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &http)
            .await
            .context("reading the discovery document")?;
        let redirect = self.registration.own_url.join("callback").context("making the redirect address")?;
        let client = Client::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.registration.client_id.clone()),
            Some(ClientSecret::new(self.registration.client_secret.clone())),
        )
        .set_redirect_uri(RedirectUrl::from_url(redirect));
        Ok((client, metadata))
    }

    async fn sign_in(&self, headers: &HeaderMap, answer: Answer) -> anyhow::Result<(String, Person)> {
        if let Some(error) = answer.error {
            anyhow::bail!("{error}: {}", answer.error_description.unwrap_or_default());
        }
        let state = answer.state.context("the answer has no state")?;
        let own = cookie(headers, &format!("{COOKIE_NAME}-state"));
        anyhow::ensure!(own.as_deref() == Some(state.as_str()), "the answer is not for this browser");
        // RFC 9207 §2.4
        anyhow::ensure!(
            answer.iss.as_deref() == Some(&self.registration.issuer),
            "the answer is from another issuer"
        );
        let pending = self.pending.lock().ok().and_then(|mut pending| pending.remove(&state));
        let pending = pending.context("nobody asked for this answer")?;
        let code = AuthorizationCode::new(answer.code.context("the answer has no code")?);
        let (client, _) = self.client().await?;
        let http = |request| send(self.http.clone(), request);
        let tokens = client
            .exchange_code(code)
            .context("the house has no token endpoint")?
            .set_pkce_verifier(pending.verifier)
            .request_async(&http)
            .await
            .context("exchanging the code")?;
        let id_token = tokens.extra_fields().id_token().context("there is no ID token")?;
        let claims =
            id_token.claims(&client.id_token_verifier(), &pending.nonce).context("checking the ID token")?;
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        let agency = claims.additional_claims();
        let person = Person {
            name: name.unwrap_or_default(),
            email: claims.email().map(|email| email.to_string()).unwrap_or_default(),
            agency: agency.agency_name.clone().unwrap_or_default(),
            agency_code: agency.agency_code.clone().unwrap_or_default(),
            subject: claims.subject().to_string(),
            id_token: id_token.to_string(),
        };
        Ok((CsrfToken::new_random().into_secret(), person))
    }

    async fn logout_url(&self, person: &Person) -> anyhow::Result<Url> {
        let (_, metadata) = self.client().await?;
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone();
        let endpoint = endpoint.context("the house has no end_session_endpoint")?;
        let back = PostLogoutRedirectUrl::from_url(self.registration.own_url.clone());
        let mut url = LogoutRequest::from(endpoint).set_post_logout_redirect_uri(back).http_get_url();
        url.query_pairs_mut().append_pair("id_token_hint", &person.id_token);
        Ok(url)
    }
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let mut answer = http.execute(request.try_into()?).await?;
    let mut response = HttpResponse::new(Vec::new());
    *response.status_mut() = answer.status();
    std::mem::swap(response.headers_mut(), answer.headers_mut());
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}

fn page(status: StatusCode, person: Option<&Person>, problem: Option<&str>) -> Response {
    match (Page { person, problem }).render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn session(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE_NAME)
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    cookies.split(';').find_map(|pair| Some(pair.trim().strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../static/app.css"))
}

async fn skyline() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml")], include_str!("../../static/skyline.svg"))
}

async fn headers(mut response: Response) -> Response {
    let policy =
        "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
    for (name, value) in [(CONTENT_SECURITY_POLICY, policy), (CACHE_CONTROL, "no-store")] {
        response.headers_mut().insert(name, axum::http::HeaderValue::from_static(value));
    }
    response
}
