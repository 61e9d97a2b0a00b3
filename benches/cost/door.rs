//! The doors over real HTTP, one request after the other: discovery, sign-in, code flow, refresh. The processor time is
//! the serving process's own.

use crate::bare::{Bare, BareDirectory};
use crate::browser::{Answer, Browser, get, http};
use crate::city::City;
use crate::estate::web_application;
use crate::house::House;
use crate::process::Server;
use crate::rounds::{ROUNDS, Rounds};
use crate::table::{self, cpu, wall};
use anyhow::{Context, ensure};
use danang_sso::config::Connection;
use danang_sso::demo::city::PASSWORD;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::key::SigningAlg;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::server;
use danang_sso::services::clients;
use danang_sso::system::System;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use std::path::Path;

/// The word on the command line that asks for this part alone.
pub const ALONE: &str = "doors";

const CALLBACK: &str = "https://app.danang.example/callback";
/// RFC 7636 Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Sign-ins in a round.
const SIGN_INS: u32 = 50;
/// Flows or refreshes in a round.
const FLOWS: u32 = 100;
/// Discovery documents in a round.
const DOCUMENTS: u32 = 3000;

/// Measures all of them in turn, then prints them.
pub async fn measure(dir: &Path, city: &City, house: &House, server: &Server) -> anyhow::Result<()> {
    let mut bare = Bare::start(dir).await?;
    let door = Door { http: http()?, port: house.port, pid: server.pid() };
    let config = House::config(&house.with_both)?;
    let (ad, obm) = (config.ad.context("it is configured")?, config.obm.context("it is configured")?);
    let service = (obm.sync_dn.as_str(), obm.sync_password.expose().as_str());
    let mut slapd = SignIns::prepare("slapd", &obm.connection, service, &obm.base, &city.in_obm).await?;
    let service = (ad.bind_dn.as_str(), ad.bind_password.expose().as_str());
    let mut samba = SignIns::prepare("Samba", &ad.connection, service, &ad.staff_base, &city.in_ad).await?;
    let mut flows = Flows::prepare(&door, house, city).await?;
    let mut discovery = Rounds::default();
    let document = door.at("/.well-known/openid-configuration");
    for _ in 0..ROUNDS {
        bare.round().await?;
        discovery.add(door.pid, DOCUMENTS, async || get(&door.http, &document).await).await?;
        slapd.round(&door).await?;
        samba.round(&door).await?;
        flows.round(&door).await?;
    }
    table::part("Bare, to stand beside");
    bare.print();
    table::part("Protocol and pages");
    let answer = bare.answer.median();
    let beside = [cpu("an answer of axum", answer.cpu), wall("an answer of axum", answer.wall)];
    table::cost("discovery document", discovery.median(), &beside);
    flows.print(&bare);
    let beside = [wall("a commit", bare.commit.median().wall)];
    table::cost("sign-in page, new browser", slapd.page.median(), &beside);
    slapd.print();
    samba.print();
    Ok(())
}

struct Door {
    http: Client,
    port: u16,
    pid: u32,
}

impl Door {
    fn at(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }
}

/// Sign-ins against one directory, and binds without the house.
struct SignIns<'a> {
    name: &'static str,
    directory: BareDirectory,
    people: Vec<(&'a str, String)>,
    bind: Rounds,
    page: Rounds,
    form: Rounds,
}

impl<'a> SignIns<'a> {
    async fn prepare(
        name: &'static str,
        connection: &Connection,
        (service, password): (&str, &str),
        base: &str,
        addresses: &'a [String],
    ) -> anyhow::Result<Self> {
        let directory = BareDirectory::new(connection)?;
        let mut ldap = directory.bind(service, password).await?;
        let mut people = Vec::new();
        for address in addresses {
            people.push((address.as_str(), BareDirectory::dn_of(&mut ldap, base, address).await?));
        }
        let (bind, page, form) = Default::default();
        Ok(Self { name, directory, people, bind, page, form })
    }

    async fn round(&mut self, door: &Door) -> anyhow::Result<()> {
        let (directory, mut turn) = (&self.directory, self.people.iter().cycle());
        let bind = async || {
            let (_, dn) = turn.next().context("somebody can sign in")?;
            directory.bind(dn, PASSWORD).await.map(|_| ())
        };
        // The processor time of a bare bind is this program's.
        self.bind.add(std::process::id(), SIGN_INS, bind).await?;
        let mut shown = Vec::new();
        let page = async || {
            let mut browser = Browser::new(&door.http, door.port);
            let csrf = browser.get("/sign-in").await?.hidden("csrf")?;
            shown.push((browser, csrf));
            Ok(())
        };
        self.page.add(door.pid, SIGN_INS, page).await?;
        let mut turn = self.people.iter().cycle();
        let form = async || {
            let (mut browser, csrf) = shown.pop().context("as many forms as pages")?;
            let (address, _) = turn.next().context("somebody can sign in")?;
            browser.sign_in(&csrf, address, PASSWORD).await
        };
        self.form.add(door.pid, SIGN_INS, form).await
    }

    fn print(&self) {
        let bind = self.bind.median();
        table::cost(&format!("bare bind at {}, new connection, TLS (ldap3)", self.name), bind, &[]);
        let beside = [wall("the bare bind", bind.wall), cpu("the bare bind", bind.cpu)];
        table::cost(&format!("sign-in against {}", self.name), self.form.median(), &beside);
    }
}

/// A registered web application.
struct Application {
    client_id: String,
    secret: String,
}

impl Application {
    /// A service that gets signed tokens in its own name.
    async fn service(house: &House, alg: SigningAlg) -> anyhow::Result<Self> {
        let metadata = Metadata {
            grant_types: vec!["client_credentials".to_owned()],
            api_scopes: vec!["scim.read".to_owned()],
            jwt_access_tokens: true,
            id_token_signed_response_alg: Some(alg.code().to_owned()),
            ..Metadata::default()
        };
        Self::register(house, metadata).await
    }

    async fn register(house: &House, metadata: Metadata) -> anyhow::Result<Self> {
        let registration = web_application("Quản lý văn bản", CALLBACK, metadata);
        let app = server::open(House::config(&house.with_both)?, System::of_the_machine()).await?;
        let registered = clients::register(&app, Actor::CommandLine, &registration).await?;
        app.db.close().await;
        let secret = registered.secret.context("a web application has a secret")?.expose().clone();
        Ok(Self { client_id: registered.client.client_id.to_string(), secret })
    }

    /// From the request to the tokens.
    async fn tokens(&self, door: &Door, browser: &mut Browser, scope: &str) -> anyhow::Result<Value> {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("client_id", self.client_id.as_str()),
                ("redirect_uri", CALLBACK),
                ("response_type", "code"),
                ("scope", scope),
                ("state", "af0ifjsldkj"),
                ("nonce", "n-0S6_WzA2Mj"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ])
            .finish();
        let answer: Answer = browser.get(&format!("/authorize?{query}")).await?;
        let back = url::Url::parse(&answer.leads_to(CALLBACK)?)?;
        let code = back.query_pairs().find(|(name, _)| name == "code").context("there is a code")?.1;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.token(door, &fields).await
    }

    async fn token(&self, door: &Door, fields: &[(&str, &str)]) -> anyhow::Result<Value> {
        let request = door.http.post(door.at("/token")).basic_auth(&self.client_id, Some(&self.secret));
        let response = request.form(fields).send().await?;
        let (status, body) = (response.status(), response.text().await?);
        ensure!(status == StatusCode::OK, "the token endpoint answers {status}: {body}");
        Ok(serde_json::from_str(&body)?)
    }
}

fn text<'a>(answer: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    answer[name].as_str().with_context(|| format!("no {name}"))
}

/// A browser with a live session, and an application that it goes to again and again.
struct Flows {
    application: Application,
    browser: Browser,
    refresh_token: String,
    flow: Rounds,
    refresh: Rounds,
    services: [(SigningAlg, Application, Rounds); 2],
}

impl Flows {
    async fn prepare(door: &Door, house: &House, city: &City) -> anyhow::Result<Self> {
        let application = Application::register(house, Metadata::default()).await?;
        let mut browser = Browser::new(&door.http, door.port);
        let csrf = browser.get("/sign-in").await?.hidden("csrf")?;
        let address = city.in_obm.first().context("somebody can sign in")?;
        browser.sign_in(&csrf, address, PASSWORD).await?;
        let tokens = application.tokens(door, &mut browser, "openid profile email offline_access").await?;
        let refresh_token = text(&tokens, "refresh_token")?.to_owned();
        let (flow, refresh) = Default::default();
        let service =
            async |alg| anyhow::Ok((alg, Application::service(house, alg).await?, Rounds::default()));
        let services = [service(SigningAlg::Rs256).await?, service(SigningAlg::Es256).await?];
        Ok(Self { application, browser, refresh_token, flow, refresh, services })
    }

    async fn round(&mut self, door: &Door) -> anyhow::Result<()> {
        let (application, browser, token) = (&self.application, &mut self.browser, &mut self.refresh_token);
        let flow = async || {
            let tokens = application.tokens(door, browser, "openid profile email").await?;
            let request = door.http.get(door.at("/userinfo")).bearer_auth(text(&tokens, "access_token")?);
            request.send().await?.error_for_status()?.bytes().await?;
            Ok(())
        };
        self.flow.add(door.pid, FLOWS, flow).await?;
        let refresh = async || {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
            let tokens = application.token(door, &fields).await?;
            text(&tokens, "refresh_token")?.clone_into(token);
            Ok(())
        };
        self.refresh.add(door.pid, FLOWS, refresh).await?;
        for (_, application, rounds) in &mut self.services {
            let own = async || {
                let tokens = application.token(door, &[("grant_type", "client_credentials")]).await?;
                text(&tokens, "access_token").map(|_| ())
            };
            rounds.add(door.pid, FLOWS, own).await?;
        }
        Ok(())
    }

    fn print(&self, bare: &Bare) {
        let (signature, commit) = (bare.signature.median(), bare.commit.median());
        let answer = bare.answer.median();
        let beside = [
            cpu("a signature", signature.cpu),
            cpu("a commit", commit.cpu),
            cpu("a signature, 2 commits, 3 answers", signature.cpu + 2 * commit.cpu + 3 * answer.cpu),
            wall("2 commits", 2 * commit.wall),
        ];
        table::cost("code flow: /authorize, /token, /userinfo", self.flow.median(), &beside);
        let beside = [
            cpu("a signature", signature.cpu),
            cpu("a commit", commit.cpu),
            cpu("a signature, a commit, an answer", signature.cpu + commit.cpu + answer.cpu),
            wall("a commit", commit.wall),
        ];
        table::cost("refresh: /token", self.refresh.median(), &beside);
        for (alg, _, rounds) in &self.services {
            let what = format!("client credentials, a signed token by {}: /token", alg.code());
            table::cost(&what, rounds.median(), &beside);
        }
    }
}
