//! The doors over real HTTP, one request after the other: discovery, sign-in, code flow, refresh. The processor time is
//! the serving process's own.

use crate::bare::{Bare, BareDirectory};
use crate::browser::{Answer, Browser, http};
use crate::city::City;
use crate::house::House;
use crate::process::Server;
use crate::rounds::{self, Cost, ROUNDS, Rounds};
use crate::table::{self, cpu, wall};
use anyhow::{Context, ensure};
use danang_sso::config::Connection;
use danang_sso::demo::city::PASSWORD;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::server;
use danang_sso::services::clients::{self, Registration};
use danang_sso::system::System;
use reqwest::{Client, StatusCode};
use serde_json::Value;

const CALLBACK: &str = "https://app.danang.example/callback";
/// RFC 7636 Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Sign-ins in a round.
const SIGN_INS: u32 = 50;
/// Flows or refreshes in a round.
const FLOWS: u32 = 200;

/// Measures them.
pub async fn measure(city: &City, house: &House, server: &Server, bare: &Bare) -> anyhow::Result<()> {
    let door = Door { http: http()?, port: house.port, pid: server.pid() };
    discovery(&door, bare).await?;
    let config = House::config(&house.with_both)?;
    let ad = config.ad.context("it is configured")?;
    let obm = config.obm.context("it is configured")?;
    let service = (ad.bind_dn.as_str(), ad.bind_password.expose().as_str());
    let in_ad = binds(&ad.connection, service, &ad.staff_base, &city.in_ad).await?;
    let service = (obm.sync_dn.as_str(), obm.sync_password.expose().as_str());
    let in_obm = binds(&obm.connection, service, &obm.base, &city.in_obm).await?;
    for (name, people, bind) in [("slapd", &city.in_obm, in_obm), ("Samba", &city.in_ad, in_ad)] {
        let (page, form) = sign_ins(&door, people).await?;
        if name == "slapd" {
            table::cost("sign-in page, new browser", page, &[wall("a commit", bare.commit.wall)]);
        }
        table::cost(&format!("bare bind at {name}, new connection, TLS (ldap3)"), bind, &[]);
        let beside = [wall("the bare bind", bind.wall), cpu("the bare bind", bind.cpu)];
        table::cost(&format!("sign-in against {name}"), form, &beside);
    }
    let application = Application::register(house).await?;
    let mut browser = Browser::new(&door.http, door.port);
    let csrf = browser.get("/sign-in").await?.hidden("csrf")?;
    let address = city.in_obm.first().context("somebody can sign in")?;
    browser.sign_in(&csrf, address, PASSWORD).await?;
    flow(&door, &application, &mut browser, bare).await?;
    refresh(&door, &application, &mut browser, bare).await
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

async fn discovery(door: &Door, bare: &Bare) -> anyhow::Result<()> {
    let url = door.at("/.well-known/openid-configuration");
    let cost = rounds::of(door.pid, 5000, async || {
        door.http.get(&url).send().await?.error_for_status()?.bytes().await?;
        Ok(())
    });
    let beside = [cpu("an answer of axum", bare.answer.cpu), wall("an answer of axum", bare.answer.wall)];
    table::cost("discovery document", cost.await?, &beside);
    Ok(())
}

/// Bare binds as these people; the processor time is this program's.
async fn binds(
    connection: &Connection,
    (service, password): (&str, &str),
    base: &str,
    people: &[String],
) -> anyhow::Result<Cost> {
    let directory = BareDirectory::new(connection)?;
    let mut ldap = directory.bind(service, password).await?;
    let mut names = Vec::new();
    for address in people {
        names.push(BareDirectory::dn_of(&mut ldap, base, address).await?);
    }
    let mut names = names.iter().cycle();
    rounds::of(std::process::id(), SIGN_INS, async || {
        let name = names.next().context("somebody can sign in")?;
        directory.bind(name, PASSWORD).await.map(|_| ())
    })
    .await
}

/// Page and form of new browsers, apart.
async fn sign_ins(door: &Door, people: &[String]) -> anyhow::Result<(Cost, Cost)> {
    let (mut pages, mut forms) = (Rounds::default(), Rounds::default());
    let mut people = people.iter().cycle();
    for round in 0..=ROUNDS {
        // The first round only warms up.
        if round == 1 {
            (pages, forms) = Default::default();
        }
        let mut shown = Vec::new();
        pages
            .add(door.pid, SIGN_INS, async || {
                let mut browser = Browser::new(&door.http, door.port);
                let csrf = browser.get("/sign-in").await?.hidden("csrf")?;
                shown.push((browser, csrf));
                Ok(())
            })
            .await?;
        forms
            .add(door.pid, SIGN_INS, async || {
                let (mut browser, csrf) = shown.pop().context("as many forms as pages")?;
                let address = people.next().context("somebody can sign in")?;
                browser.sign_in(&csrf, address, PASSWORD).await
            })
            .await?;
    }
    Ok((pages.median(), forms.median()))
}

/// A registered web application.
struct Application {
    client_id: String,
    secret: String,
}

impl Application {
    async fn register(house: &House) -> anyhow::Result<Self> {
        let registration = Registration {
            name: "Quản lý văn bản".to_owned(),
            kind: ClientKind::Web,
            redirect_uris: vec![CALLBACK.to_owned()],
            post_logout_redirect_uris: Vec::new(),
            home: None,
            scopes: Scopes::all(),
            legacy: false,
            id_token_claims: false,
        };
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

/// /authorize, /token, /userinfo, in a browser with a live session.
async fn flow(
    door: &Door,
    application: &Application,
    browser: &mut Browser,
    bare: &Bare,
) -> anyhow::Result<()> {
    let cost = rounds::of(door.pid, FLOWS, async || {
        let tokens = application.tokens(door, browser, "openid profile email").await?;
        let request = door.http.get(door.at("/userinfo")).bearer_auth(text(&tokens, "access_token")?);
        request.send().await?.error_for_status()?.bytes().await?;
        Ok(())
    });
    let floor = bare.signature.cpu + 2 * bare.commit.cpu + 3 * bare.answer.cpu;
    let beside = [
        cpu("a signature", bare.signature.cpu),
        cpu("a commit", bare.commit.cpu),
        cpu("a signature, 2 commits, 3 answers of axum", floor),
        wall("2 commits", 2 * bare.commit.wall),
    ];
    table::cost("code flow: /authorize, /token, /userinfo", cost.await?, &beside);
    Ok(())
}

async fn refresh(
    door: &Door,
    application: &Application,
    browser: &mut Browser,
    bare: &Bare,
) -> anyhow::Result<()> {
    let first = application.tokens(door, browser, "openid profile email offline_access").await?;
    let mut token = text(&first, "refresh_token")?.to_owned();
    let cost = rounds::of(door.pid, FLOWS, async || {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &token)];
        let tokens = application.token(door, &fields).await?;
        text(&tokens, "refresh_token")?.clone_into(&mut token);
        Ok(())
    });
    let floor = bare.signature.cpu + bare.commit.cpu + bare.answer.cpu;
    let beside = [
        cpu("a signature", bare.signature.cpu),
        cpu("a commit", bare.commit.cpu),
        cpu("a signature, a commit, an answer of axum", floor),
        wall("a commit", bare.commit.wall),
    ];
    table::cost("refresh: /token", cost.await?, &beside);
    Ok(())
}
