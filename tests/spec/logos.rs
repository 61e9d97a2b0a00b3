//! OIDC Registration §2 `logo_uri`, as the house shows it: fetched by itself, kept, and never from a foreign site.

use crate::house::{Answer, House};
use crate::rp::{Rp, house, registration, signed_in};
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, StatusCode};
use axum::routing::get;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::services::clients::{self, Registration};
use danang_sso::services::logos;
use std::sync::{Arc, Mutex};
use time::Duration;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nthe rest of a picture";
const SVG: &[u8] =
    b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><script>alert(2)</script></svg>";

type Given = (StatusCode, [(HeaderName, String); 1], Vec<u8>);

/// The site of an application with one picture, and how often it was asked.
#[derive(Clone)]
struct Site {
    gives: Arc<Mutex<Given>>,
    asked: Arc<Mutex<usize>>,
    uri: String,
}

async fn picture(State(site): State<Site>) -> Given {
    *site.asked.lock().expect("nobody panicked") += 1;
    site.gives.lock().expect("nobody panicked").clone()
}

impl Site {
    async fn start() -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = socket.local_addr().expect("an address").port();
        let gives = (StatusCode::OK, [(CONTENT_TYPE, "image/png".to_owned())], PNG.to_vec());
        let site = Self {
            gives: Arc::new(Mutex::new(gives)),
            asked: Arc::default(),
            uri: format!("http://127.0.0.1:{port}/logo"),
        };
        let router = axum::Router::new().route("/logo", get(picture)).with_state(site.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        site
    }

    fn gives(&self, content_type: &str, bytes: &[u8]) {
        let given = (StatusCode::OK, [(CONTENT_TYPE, content_type.to_owned())], bytes.to_vec());
        *self.gives.lock().expect("nobody panicked") = given;
    }

    fn leads_to(&self, place: &str) {
        let given = (StatusCode::FOUND, [(LOCATION, place.to_owned())], Vec::new());
        *self.gives.lock().expect("nobody panicked") = given;
    }

    fn asked(&self) -> usize {
        *self.asked.lock().expect("nobody panicked")
    }
}

/// An application with a start page whose logo is at this site.
fn with_logo(site: &Site) -> Registration {
    let metadata =
        Metadata { logo_uri: Some(site.uri.clone()), consent_required: true, ..Metadata::default() };
    let home = Some("https://app.danang.example/".to_owned());
    Registration { home, metadata, ..registration(ClientKind::Web) }
}

async fn sign_in_page(house: &House, rp: &Rp) -> Answer {
    let mut browser = house.browser();
    let led = browser.get(&rp.address(&[])).await;
    browser.get(led.location.as_deref().expect("to the sign-in")).await
}

/// The addresses of the logos of a page. All its pictures are of the house; so says its policy too.
fn pictures(page: &Answer) -> Vec<String> {
    let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("img-src 'self' data:;"), "{policy}");
    let found = page.body.split("<img ").skip(1).map(|rest| {
        let address = rest.split("src=\"").nth(1).and_then(|rest| rest.split('"').next());
        address.expect("a picture has an address").to_owned()
    });
    let found: Vec<_> = found.collect();
    let is_own = |address: &String| {
        address.starts_with("data:image/") || (address.starts_with('/') && !address.starts_with("//"))
    };
    assert!(found.iter().all(is_own), "{found:?}");
    found.into_iter().filter(|address| !address.starts_with("/static/")).collect()
}

#[tokio::test]
async fn a_logo_is_shown_from_the_house_on_sign_in_consent_and_portal() {
    let (house, site) = (house().await, Site::start().await);
    let rp = Rp::new(&house, &with_logo(&site)).await;
    assert_eq!(site.asked(), 1, "by the house, as it was registered");
    let on_sign_in = pictures(&sign_in_page(&house, &rp).await);
    assert!(on_sign_in[0].starts_with(&format!("/logos/{}?v=", rp.client_id)), "{on_sign_in:?}");
    let mut browser = signed_in(&house).await;
    assert_eq!(browser.download(&on_sign_in[0]).await, PNG);
    let consent = browser.get(&rp.address(&[("scope", "openid profile")])).await;
    let consent = consent.location.expect("to the consent");
    assert_eq!(pictures(&browser.get(&consent).await), on_sign_in);
    let in_portal = pictures(&browser.get("/").await);
    assert!(in_portal[0].starts_with("data:image/png;base64,iVBORw0KGg"), "{in_portal:?}");
    assert_eq!(site.asked(), 1, "no page asks the site");
}

#[tokio::test]
async fn a_hostile_logo_is_not_kept() {
    let (house, site) = (house().await, Site::start().await);
    site.gives("image/png", b"<!doctype html><script>alert(1)</script>");
    let rp = Rp::new(&house, &with_logo(&site)).await;
    let address = format!("/logos/{}", rp.client_id);
    let large = [PNG, vec![0; 1_000_000].as_slice()].concat();
    for round in 0..5 {
        match round {
            0 => {}
            1 => site.gives("text/html", PNG),
            2 => site.gives("image/png", &large),
            3 => site.leads_to("http://10.0.0.1/logo.png"),
            _ => site.leads_to("http://169.254.169.254/latest/meta-data"),
        }
        house.pass(Duration::days(1));
        logos::keep(&house.app).await.expect("tried");
        assert_eq!(site.asked(), round + 2, "asked anew");
        assert!(pictures(&sign_in_page(&house, &rp).await).is_empty(), "round {round}");
        assert_eq!(house.browser().get(&address).await.status, StatusCode::NOT_FOUND);
    }
    assert!(pictures(&signed_in(&house).await.get("/").await).is_empty());
}

#[tokio::test]
async fn an_address_that_may_not_be_asked_is_not() {
    let house = house().await;
    for place in ["http://10.0.0.1/logo.png", "https://169.254.169.254/logo.png"] {
        let mut asked = with_logo(&Site::start().await);
        asked.metadata.logo_uri = Some(place.to_owned());
        // Some cannot be registered at all.
        let Ok(registered) = clients::register(&house.app, Actor::CommandLine, &asked).await else {
            continue;
        };
        let address = format!("/logos/{}", registered.client.client_id);
        assert_eq!(house.browser().get(&address).await.status, StatusCode::NOT_FOUND, "{place}");
    }
}

#[tokio::test]
async fn an_svg_with_a_script_is_served_in_a_sandbox() {
    let (house, site) = (house().await, Site::start().await);
    site.gives("image/svg+xml", SVG);
    let rp = Rp::new(&house, &with_logo(&site)).await;
    let address = pictures(&sign_in_page(&house, &rp).await).remove(0);
    let mut browser = house.browser();
    let answer = browser.get(&address).await;
    let header = |name: &str| answer.headers[name].to_str().expect("ASCII").to_owned();
    assert_eq!(header("content-type"), "image/svg+xml");
    assert_eq!(header("content-security-policy"), "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
    let other = browser.get(&format!("/logos/{}?v=another", rp.client_id)).await;
    assert_eq!(other.headers["cache-control"], "no-cache", "what may change is not kept for a year");
}

#[tokio::test]
async fn a_logo_is_renewed_daily_and_kept_while_its_site_gives_nothing() {
    let (house, site) = (house().await, Site::start().await);
    let rp = Rp::new(&house, &with_logo(&site)).await;
    let before = pictures(&sign_in_page(&house, &rp).await);
    logos::keep(&house.app).await.expect("looked");
    assert_eq!(site.asked(), 1, "not before a day is over");
    site.gives("text/plain", b"down");
    house.pass(Duration::days(1));
    logos::keep(&house.app).await.expect("tried");
    assert_eq!(pictures(&sign_in_page(&house, &rp).await), before);
    site.gives("image/svg+xml", SVG);
    house.pass(Duration::minutes(9));
    logos::keep(&house.app).await.expect("waits");
    assert_eq!(site.asked(), 2, "not at once again");
    house.pass(Duration::minutes(1));
    logos::keep(&house.app).await.expect("read");
    let after = pictures(&sign_in_page(&house, &rp).await);
    assert_ne!(after, before, "another version has another address");
    assert_eq!(house.browser().download(&after[0]).await, SVG);
}

#[tokio::test]
async fn the_logo_of_another_address_is_not_shown_in_its_place() {
    let (house, site) = (house().await, Site::start().await);
    let asked = with_logo(&site);
    let rp = Rp::new(&house, &asked).await;
    let client = clients::find(&house.app, &rp.client_id).await.expect("found");
    let other = Site::start().await;
    other.gives("text/html", b"nothing");
    let mut changed = Registration::of(&client);
    changed.metadata.logo_uri = Some(other.uri.clone());
    clients::update(&house.app, Actor::CommandLine, &client, &changed).await.expect("changed");
    assert_eq!(other.asked(), 1);
    assert!(pictures(&sign_in_page(&house, &rp).await).is_empty());
}

#[tokio::test]
async fn the_portal_shows_only_logos_that_are_small() {
    let (house, site) = (house().await, Site::start().await);
    let large = [PNG, vec![0; 4096].as_slice()].concat();
    site.gives("image/png", &large);
    let rp = Rp::new(&house, &with_logo(&site)).await;
    assert_eq!(pictures(&sign_in_page(&house, &rp).await).len(), 1);
    assert!(pictures(&signed_in(&house).await.get("/").await).is_empty());
}
