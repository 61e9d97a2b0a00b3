//! `danang-sso client test`: plays a registered application from the sign-in to the sign-out against this very house, and
//! explains each step and each failure. The person really signs in: it is recorded as any other sign-in.

mod browser;

use super::super::WithConfig;
use crate::app::App;
use crate::crypto::token;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client_auth::AuthMethod;
use crate::domain::oauth::lint::{Weight, lint};
use crate::domain::oauth::scope::Scope;
use crate::domain::secret::Secret;
use crate::services::{clients, keys};
use crate::{server, urls};
use anyhow::{Context, bail};
use axum::Router;
use browser::{Answer, Browser};
use clap::Args;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Who is played, and as whom.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Its client_id.
    client_id: String,
    /// The address of the person who signs in.
    #[arg(long, value_name = "ADDRESS")]
    user: String,
    /// File with that person's password.
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// File with the application's secret, if it has one.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    with: WithConfig,
}

/// What a test needs.
#[derive(Debug)]
pub struct Plan {
    /// Who is played.
    pub client_id: String,
    /// Its secret, if it has one.
    pub secret: Option<Secret<String>>,
    /// The address of the person who signs in.
    pub user: String,
    /// Their password.
    pub password: Secret<String>,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub is_good: bool,
    /// What happened, and if it failed, what to do.
    pub says: String,
}

pub(super) async fn run(args: TestArgs) -> anyhow::Result<()> {
    let read = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        anyhow::Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
    };
    let plan = Plan {
        client_id: args.client_id,
        secret: args.secret_file.as_ref().map(read).transpose()?,
        user: args.user,
        password: read(&args.password_file)?,
    };
    let app = args.with.open().await?;
    let steps = test(&app, server::staff(&app), &plan).await?;
    for step in &steps {
        println!("{:5} {:12} {}", if step.is_good { "ok" } else { "FAIL" }, step.name, step.says);
    }
    if steps.iter().any(|step| !step.is_good) {
        bail!("the application cannot sign people in as it is registered");
    }
    Ok(())
}

/// Plays an application; ends with the first step that fails. The house is served on this machine for as long.
pub async fn test(app: &App, router: Router, plan: &Plan) -> anyhow::Result<Vec<Step>> {
    let client = clients::find(app, &plan.client_id).await?;
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.context("listening on this machine")?;
    let base = format!("http://{}", socket.local_addr().context("listening on this machine")?);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(async move { axum::serve(socket, service).await });
    let mut test = Test { app, plan, client, browser: Browser::new(base)?, steps: Vec::new() };
    let ended = test.all().await;
    serving.abort();
    match ended {
        Ok(()) | Err(Ended::Failed) => Ok(test.steps),
        Err(Ended::Broken(error)) => Err(error),
    }
}

/// Why a test ends early.
enum Ended {
    /// A step failed; it is told.
    Failed,
    /// The test itself cannot go on.
    Broken(anyhow::Error),
}

impl From<anyhow::Error> for Ended {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

struct Test<'a> {
    app: &'a App,
    plan: &'a Plan,
    client: Client,
    browser: Browser,
    steps: Vec<Step>,
}

impl Test<'_> {
    async fn all(&mut self) -> Result<(), Ended> {
        self.registration()?;
        let asked = self.request();
        let sign_in = self.authorize(&asked).await?;
        let onward = self.sign_in(&sign_in).await?;
        let answer = self.answer(&onward, &asked).await?;
        let tokens = self.tokens(&answer, &asked).await?;
        self.id_token(&tokens, &asked).await?;
        self.user_info(&tokens).await?;
        self.refresh(&tokens).await?;
        self.sign_out(&tokens).await
    }

    fn good(&mut self, name: &'static str, says: impl Into<String>) {
        self.steps.push(Step { name, is_good: true, says: says.into() });
    }

    fn fail<T>(&mut self, name: &'static str, says: impl Into<String>) -> Result<T, Ended> {
        self.steps.push(Step { name, is_good: false, says: says.into() });
        Err(Ended::Failed)
    }

    fn registration(&mut self) -> Result<(), Ended> {
        const NAME: &str = "registration";
        let metadata = &self.client.metadata;
        if !metadata.allows_grant("authorization_code")
            || !metadata.response_types().iter().any(|one| one.contains("code"))
        {
            return self.fail(
                NAME,
                "it may not use the code flow, which this test plays (grant_types, response_types)",
            );
        }
        if self.client.must_push() || self.client.must_bind() || metadata.require_signed_request_object {
            return self.fail(
                NAME,
                "it pushes or signs its requests, or binds its tokens to a key or certificate, which this test \
                 cannot: test it with the application itself",
            );
        }
        let method = metadata.token_endpoint_auth_method;
        if matches!(method, Some(AuthMethod::PrivateKeyJwt | AuthMethod::ClientSecretJwt))
            || method.is_some_and(AuthMethod::is_by_certificate)
        {
            return self.fail(
                NAME,
                "it signs its own assertions or shows its own certificate, which this test cannot: test it with the \
                 application itself",
            );
        }
        if self.client.secret_digest.is_some() != self.plan.secret.is_some() {
            let says = if self.plan.secret.is_some() {
                "it is public and has no secret: leave --secret-file out"
            } else {
                "it has a secret: give it with --secret-file (client rotate-secret makes a new one)"
            };
            return self.fail(NAME, says);
        }
        let warnings = lint(&self.client, self.app.now());
        let count = warnings.iter().filter(|finding| finding.weight() == Weight::Warning).count();
        self.good(
            NAME,
            format!("{} ({}), {count} warning(s) of client lint", self.client.name, self.client.kind.code()),
        );
        Ok(())
    }

    /// The request that a good application makes; the verifier beside it.
    fn request(&self) -> BTreeMap<&'static str, String> {
        let random = || token::new(self.app.system.entropy()).expose().clone();
        let verifier = random();
        let types = self.client.metadata.response_types();
        let kind =
            types.iter().find(|one| **one == "code").or_else(|| types.first()).copied().unwrap_or("code");
        let redirect_uri = self.client.redirect_uris.first().map(|uri| uri.as_str().to_owned());
        let mut asked = BTreeMap::from([
            ("client_id", self.plan.client_id.clone()),
            ("redirect_uri", redirect_uri.unwrap_or_default()),
            ("response_type", kind.to_owned()),
            ("scope", self.client.scopes.to_string()),
            ("state", random()),
            ("nonce", random()),
            ("code_challenge", token::digest(&verifier)),
            ("code_challenge_method", "S256".to_owned()),
            ("code_verifier", verifier),
        ]);
        if kind != "code" {
            asked.insert("response_mode", "form_post".to_owned());
        }
        asked
    }

    async fn authorize(&mut self, asked: &BTreeMap<&'static str, String>) -> Result<String, Ended> {
        const NAME: &str = "request";
        let sent = asked.iter().filter(|(name, _)| **name != "code_verifier");
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish();
        let answer = self.browser.get(&format!("{}?{query}", urls::AUTHORIZE)).await?;
        match answer.location.as_deref() {
            Some(to) if to.starts_with(urls::SIGN_IN) => {
                self.good(
                    NAME,
                    format!("{} is registered; the person is asked to sign in", asked["redirect_uri"]),
                );
                Ok(to.to_owned())
            }
            Some(to) => {
                let says = refusal_in(to).unwrap_or_else(|| format!("it leads to {to}"));
                self.fail(NAME, says)
            }
            None => {
                let what = answer.text_of("error-description").unwrap_or_default();
                self.fail(NAME, format!("a page instead of a sign-in ({}): {what}", answer.status))
            }
        }
    }

    async fn sign_in(&mut self, to: &str) -> Result<String, Ended> {
        const NAME: &str = "sign-in";
        let page = self.browser.get(to).await?;
        let (csrf, request) =
            (page.field("csrf").unwrap_or_default(), page.field("request").unwrap_or_default());
        let fields = [
            ("csrf", csrf.as_str()),
            ("request", &request),
            ("identifier", &self.plan.user),
            ("password", self.plan.password.expose()),
        ];
        let answer = self.browser.post(urls::SIGN_IN, &fields, None).await?;
        match answer.location.as_deref() {
            // A reminder of a term leads on by a link: back to the request.
            Some(to) if to.starts_with(urls::REMINDER) => {
                self.good(NAME, format!("{} signs in, and is reminded of their password", self.plan.user));
                Ok(urls::with_request(urls::CONTINUE, Some(&request)))
            }
            Some(to) => {
                self.good(NAME, format!("{} signs in", self.plan.user));
                Ok(to.to_owned())
            }
            None => {
                let why = match answer.status {
                    422 => "the address or the password is not right",
                    429 => "too many failed attempts: sign-in is paused",
                    503 => "the person's directory does not answer",
                    _ => "the account is locked, or may not sign in now",
                };
                self.fail(NAME, format!("{why} ({})", answer.status))
            }
        }
    }

    async fn answer(
        &mut self,
        onward: &str,
        asked: &BTreeMap<&'static str, String>,
    ) -> Result<BTreeMap<String, String>, Ended> {
        const NAME: &str = "answer";
        let mut answer = self.browser.get(onward).await?;
        if let Some(to) = answer.location.clone().filter(|to| to.starts_with(urls::CONSENT)) {
            answer = self.agree(&to).await?;
        }
        if answer.location.as_deref().is_some_and(|to| to.starts_with(urls::PASSWORD)) {
            return self
                .fail(NAME, "the person must set a new password first: take another one for the test");
        }
        if answer.status == 403 {
            return self.fail(NAME, "the application is not for the agency of this person (--agency)");
        }
        let Some(came) = came_back(&answer, &asked["redirect_uri"]) else {
            return self.fail(NAME, format!("nothing came back to the redirect URI ({})", answer.status));
        };
        if let Some(error) = came.get("error") {
            let what = came.get("error_description").cloned().unwrap_or_default();
            return self.fail(NAME, format!("{error}: {what}"));
        }
        if came.get("state") != asked.get("state") {
            return self.fail(NAME, "the state is not the one that was sent");
        }
        if came.get("iss").map(String::as_str) != Some(self.app.config.server.issuer()) {
            return self.fail(NAME, "iss is not this issuer");
        }
        self.good(NAME, "a code, the same state, and iss: the application must compare both");
        Ok(came)
    }

    async fn agree(&mut self, to: &str) -> Result<Answer, Ended> {
        let page = self.browser.get(to).await?;
        let (csrf, request) =
            (page.field("csrf").unwrap_or_default(), page.field("request").unwrap_or_default());
        let fields = [("csrf", csrf.as_str()), ("request", &request), ("answer", "agree")];
        let agreed = self.browser.post(urls::CONSENT, &fields, None).await?;
        self.good("consent", "the person is asked, and agrees");
        let onward = agreed.location.context("the consent leads nowhere")?;
        Ok(self.browser.get(&onward).await?)
    }

    /// A form to the token endpoint, with the application's authentication.
    async fn post_as_client(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, Ended> {
        let (id, secret) = (self.plan.client_id.as_str(), self.plan.secret.as_ref());
        let secret = secret.map(|secret| secret.expose().as_str());
        let by_form = self.client.metadata.token_endpoint_auth_method == Some(AuthMethod::ClientSecretPost);
        let mut fields = fields.to_vec();
        let basic = match secret {
            Some(secret) if !by_form => Some((id, secret)),
            _ => {
                fields.push(("client_id", id));
                fields.extend(secret.map(|secret| ("client_secret", secret)));
                None
            }
        };
        Ok(self.browser.post(path, &fields, basic).await?)
    }

    async fn tokens(
        &mut self,
        came: &BTreeMap<String, String>,
        asked: &BTreeMap<&'static str, String>,
    ) -> Result<Map<String, Value>, Ended> {
        let code = came.get("code").cloned().unwrap_or_default();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &asked["redirect_uri"]),
            ("code_verifier", &asked["code_verifier"]),
        ];
        let answer = self.post_as_client(urls::TOKEN, &fields).await?;
        self.token_response("tokens", &answer)
    }

    fn token_response(&mut self, name: &'static str, answer: &Answer) -> Result<Map<String, Value>, Ended> {
        let body: Map<String, Value> = serde_json::from_str(&answer.body).unwrap_or_default();
        let text = |member: &str| body.get(member).and_then(Value::as_str).unwrap_or_default();
        if answer.status != 200 {
            let hint = match text("error") {
                "invalid_client" => " (is the secret in --secret-file the present one?)",
                "invalid_grant" => " (each code and each refresh token is good once)",
                _ => "",
            };
            return self.fail(name, format!("{}: {}{hint}", text("error"), text("error_description")));
        }
        let kinds: Vec<_> = body.keys().filter(|member| member.ends_with("_token")).cloned().collect();
        self.good(name, format!("{}; scope {}", kinds.join(", "), text("scope")));
        Ok(body)
    }

    async fn id_token(
        &mut self,
        tokens: &Map<String, Value>,
        asked: &BTreeMap<&'static str, String>,
    ) -> Result<(), Ended> {
        const NAME: &str = "ID token";
        let id_token = tokens.get("id_token").and_then(Value::as_str).unwrap_or_default();
        let keys = keys::knowing(self.app, id_token).await.map_err(anyhow::Error::from)?;
        let Some(claims) = keys.verify::<Map<String, Value>>(id_token, self.app.config.server.issuer())
        else {
            return self.fail(NAME, "its signature is not by a published key, or iss is another");
        };
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("aud").as_ref() != Some(&self.plan.client_id) || text("nonce").as_ref() != asked.get("nonce")
        {
            return self.fail(NAME, "aud or nonce is not the application's");
        }
        let names: Vec<_> = claims.keys().map(String::as_str).collect();
        self.good(NAME, format!("sub {}; {}", text("sub").unwrap_or_default(), names.join(" ")));
        Ok(())
    }

    async fn user_info(&mut self, tokens: &Map<String, Value>) -> Result<(), Ended> {
        const NAME: &str = "UserInfo";
        let access = tokens.get("access_token").and_then(Value::as_str).unwrap_or_default();
        let answer = self.browser.get_with(urls::USERINFO, access).await?;
        if answer.status != 200 {
            return self.fail(NAME, format!("{}: {}", answer.status, answer.body));
        }
        if answer.kind.starts_with("application/jwt") {
            self.good(NAME, "a signed JWT, as registered");
            return Ok(());
        }
        let claims: Map<String, Value> = serde_json::from_str(&answer.body).unwrap_or_default();
        let names: Vec<_> = claims.keys().map(String::as_str).collect();
        self.good(NAME, names.join(" "));
        Ok(())
    }

    async fn refresh(&mut self, tokens: &Map<String, Value>) -> Result<(), Ended> {
        let Some(refresh) = tokens.get("refresh_token").and_then(Value::as_str) else {
            let why = if self.client.scopes.has(Scope::OfflineAccess) {
                "no refresh token: refresh_token is not among its grant_types"
            } else {
                "no refresh token: offline_access is not among its scopes"
            };
            self.good("refresh", why);
            return Ok(());
        };
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let answer = self.post_as_client(urls::TOKEN, &fields).await?;
        self.token_response("refresh", &answer).map(|_| ())
    }

    async fn sign_out(&mut self, tokens: &Map<String, Value>) -> Result<(), Ended> {
        const NAME: &str = "sign-out";
        let goodbye = self.client.post_logout_redirect_uris.first().map(|uri| uri.as_str().to_owned());
        let id_token = tokens.get("id_token").and_then(Value::as_str).unwrap_or_default();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("id_token_hint", id_token).append_pair("state", "bye");
        if let Some(goodbye) = &goodbye {
            query.append_pair("post_logout_redirect_uri", goodbye);
        }
        let answer = self.browser.get(&format!("{}?{}", urls::END_SESSION, query.finish())).await?;
        let told = match &self.client.backchannel_logout_uri {
            Some(uri) => format!("; {uri} is told of it"),
            None => "; it is not told when sessions end elsewhere (no backchannel_logout_uri)".to_owned(),
        };
        let (access, came) = (tokens.get("access_token").and_then(Value::as_str), answer.location);
        let after = self.browser.get_with(urls::USERINFO, access.unwrap_or_default()).await?;
        if after.status != 401 {
            return self.fail(NAME, "the access token still opens UserInfo");
        }
        match (goodbye, came) {
            (Some(goodbye), Some(to)) if to.starts_with(&goodbye) => {
                self.good(NAME, format!("the person comes back to {to}{told}"));
            }
            (None, _) => {
                self.good(NAME, format!("the person stays here (no post_logout_redirect_uri){told}"));
            }
            // A page between: other applications are told by it first.
            (Some(_), None) => self.good(NAME, format!("a page tells other applications first{told}")),
            (Some(goodbye), Some(to)) => {
                return self.fail(NAME, format!("it leads to {to} and not to {goodbye}"));
            }
        }
        Ok(())
    }
}

/// The refusal in the query or fragment of an address.
fn refusal_in(address: &str) -> Option<String> {
    let came = parameters(address);
    let what = came.get("error_description").cloned().unwrap_or_default();
    came.get("error").map(|error| format!("{error}: {what}"))
}

/// What came back to the redirect URI: in the query, in the fragment or in a form.
fn came_back(answer: &Answer, redirect_uri: &str) -> Option<BTreeMap<String, String>> {
    if let Some(to) = &answer.location {
        return to.starts_with(redirect_uri).then(|| parameters(to));
    }
    let (action, fields) = answer.form()?;
    (action == redirect_uri).then(|| fields.into_iter().collect())
}

fn parameters(address: &str) -> BTreeMap<String, String> {
    let tail = address.split_once(['?', '#']).map_or("", |(_, tail)| tail);
    let parts = tail.split('#');
    parts.flat_map(|part| form_urlencoded::parse(part.as_bytes()).into_owned()).collect()
}
