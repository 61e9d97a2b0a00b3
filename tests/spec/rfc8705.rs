//! RFC 8705: mutual TLS. Here: how applications prove themselves by a certificate (§2), what the house says of it (§5),
//! and from whom it believes one.

use crate::authority::{Authority, Holder, Says, says};
use crate::house::{Answer, Browser, House};
use crate::own_keys::{OwnKey, Publisher, asserting, key_set};
use crate::rp::{CALLBACK, Rp, code_fields, form, json, registration, signed_in, token_error};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::AuthMethod;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::services::client_transfer::{self, Change};
use danang_sso::services::clients::{self, Registration};
use jsonwebtoken::Algorithm;
use rcgen::SanType;
use serde_json::{Value, json as value};
use time::macros::datetime;

/// In which header the proxy of these tests tells certificates.
pub const HEADER: &str = "x-client-cert";

/// A house behind a proxy that asks for certificates, with the authority that vouches for them.
pub struct Scene {
    /// The house.
    pub house: House,
    /// The authority.
    pub ca: Authority,
    /// A browser in which `an` has signed in; it comes through the proxy.
    pub browser: Browser,
}

/// The scene with further lines of configuration.
pub async fn scene(more: &str) -> Scene {
    let (ca, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, ca.pem()).expect("written");
    let lines = format!("server.client_certificate_ca = \"{}\"\n{more}", file.display());
    let house = house_with(&lines).await;
    let mut browser = signed_in(&house).await;
    "127.0.0.1".clone_into(&mut browser.source);
    Scene { house, ca, browser }
}

async fn house_with(lines: &str) -> House {
    let lines = format!("server.client_certificate_header = \"X-Client-Cert\"\n{lines}");
    let house = House::at(datetime!(2026-03-02 09:00 +7), &lines).await;
    house.add("an", &[MailSystem::Ad]);
    house.sync().await;
    house
}

/// What is registered of an application that proves itself by a certificate.
pub fn by(method: AuthMethod, metadata: Metadata) -> Registration {
    let metadata = Metadata { token_endpoint_auth_method: Some(method), ..metadata };
    Registration { metadata, ..registration(ClientKind::Web) }
}

/// What is registered of the application `CN=vpkg`.
pub fn named() -> Metadata {
    let subject = "CN=vpkg, O=Thành phố Đà Nẵng, C=VN".to_owned();
    Metadata { tls_client_auth_subject_dn: Some(subject), ..Metadata::default() }
}

/// Sends a form over a connection with these certificates, as the proxy tells them.
pub async fn send(
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
    certificates: &[&str],
) -> Answer {
    let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    for certificate in certificates {
        request = request.header(HEADER, *certificate);
    }
    browser.send(request, Body::from(form(fields.iter().copied()))).await
}

impl Scene {
    /// Whether an application is known at `/revoke` with these certificates.
    async fn knows(&mut self, rp: &Rp, certificates: &[&str]) -> bool {
        let fields = [("client_id", rp.client_id.as_str()), ("token", "x")];
        let answer = send(&mut self.browser, "/revoke", &fields, certificates).await;
        if answer.status == 200 {
            return true;
        }
        assert_eq!(token_error(&answer), "invalid_client");
        let unknown =
            send(&mut self.browser, "/revoke", &[("client_id", "nobody"), ("token", "x")], &[]).await;
        assert_eq!(answer.body, unknown.body, "the same answer as for an unknown application");
        false
    }

    async fn accepts(&mut self, asked: &Registration, holder: &Holder) -> bool {
        let rp = Rp::new(&self.house, asked).await;
        self.knows(&rp, &[&holder.escaped()]).await
    }
}

#[tokio::test]
async fn the_subject_of_a_certificate_proves_an_application_at_every_endpoint_2_1() {
    let mut scene = scene("").await;
    let mut asked = by(AuthMethod::TlsClientAuth, named());
    asked.metadata.grant_types =
        ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"].map(str::to_owned).to_vec();
    let rp = Rp::new(&scene.house, &asked).await;
    assert_eq!(rp.secret, None);
    let certificate = scene.ca.issue(&says("vpkg")).escaped();
    let id = ("client_id", rp.client_id.as_str());
    let request = rp.request();
    let pushed: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for (path, fields, status) in [
        ("/introspect", vec![id, ("token", "x")], 200),
        ("/revoke", vec![id, ("token", "x")], 200),
        ("/device_authorization", vec![id, ("scope", "openid")], 200),
        ("/par", pushed, 201),
    ] {
        let answer = send(&mut scene.browser, path, &fields, &[&certificate]).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        let without = send(&mut scene.browser, path, &fields, &[]).await;
        assert_eq!(token_error(&without), "invalid_client", "{path}");
    }
    let code = rp.code(&mut scene.browser, &[]).await;
    let fields = [code_fields(&code).as_slice(), &[id]].concat();
    assert_eq!(token_error(&send(&mut scene.browser, "/token", &fields, &[]).await), "invalid_client");
    let answer = send(&mut scene.browser, "/token", &fields, &[&certificate]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // §2: the application says who it is.
    let nameless = send(&mut scene.browser, "/revoke", &[("token", "x")], &[&certificate]).await;
    assert_eq!(token_error(&nameless), "invalid_client");
}

#[tokio::test]
async fn each_of_the_five_names_counts_and_no_other_2_1_2() {
    let mut scene = scene("").await;
    let text = |value: &str| Some(value.to_owned());
    let none = Metadata::default();
    let holder = scene.ca.issue(&Says {
        names: vec![
            SanType::DnsName("vpkg.danang.example".try_into().expect("ASCII")),
            SanType::URI("spiffe://danang.example/vpkg".try_into().expect("ASCII")),
            SanType::IpAddress("192.0.2.9".parse().expect("an address")),
            SanType::Rfc822Name("vpkg@danang.example".try_into().expect("ASCII")),
        ],
        ..says("vpkg")
    });
    let dn = |value| Metadata { tls_client_auth_subject_dn: text(value), ..none.clone() };
    let dns = |value| Metadata { tls_client_auth_san_dns: text(value), ..none.clone() };
    let uri = |value| Metadata { tls_client_auth_san_uri: text(value), ..none.clone() };
    let ip = |value| Metadata { tls_client_auth_san_ip: text(value), ..none.clone() };
    let email = |value| Metadata { tls_client_auth_san_email: text(value), ..none.clone() };
    for (metadata, good) in [
        (dn("cn=VPKG,o=thành phố đà nẵng,c=vn"), true),
        (dn("CN=vpkg"), false),
        (dn("CN=vpkg,O=Thành phố Huế,C=VN"), false),
        (dn("C=VN,O=Thành phố Đà Nẵng,CN=vpkg"), false),
        (dns("VPKG.danang.example"), true),
        (dns("danang.example"), false),
        (dns("*.danang.example"), false),
        (uri("spiffe://danang.example/vpkg"), true),
        (uri("spiffe://danang.example/VPKG"), false),
        (uri("dns:vpkg.danang.example"), false),
        (ip("192.0.2.9"), true),
        (ip("192.0.2.8"), false),
        (email("vpkg@DANANG.example"), true),
        (email("khac@danang.example"), false),
    ] {
        let asked = by(AuthMethod::TlsClientAuth, metadata);
        let accepted = scene.accepts(&asked, &holder).await;
        assert_eq!(accepted, good, "{:?}", asked.metadata);
    }
}

#[tokio::test]
async fn a_certificate_is_of_our_authority_and_in_its_time_2_1() {
    let mut scene = scene("").await;
    let rp = Rp::new(&scene.house, &by(AuthMethod::TlsClientAuth, named())).await;
    let at = |begins, ends| Says { time: (begins, ends), ..says("vpkg") };
    // It is 09:00 on 2 March 2026.
    let (hour, second) = (datetime!(2026-03-02 08:00 +7), datetime!(2026-03-02 08:59:59 +7));
    let now = datetime!(2026-03-02 09:00 +7);
    for (says, good) in [
        (at(hour, now), true),
        (at(hour, second), false),
        (at(now, datetime!(2026-03-03 09:00 +7)), true),
        (at(datetime!(2026-03-02 09:00:01 +7), datetime!(2026-03-03 09:00 +7)), false),
    ] {
        let holder = scene.ca.issue(&says);
        assert_eq!(scene.knows(&rp, &[&holder.escaped()]).await, good, "{:?}", says.time);
    }
    let holder = scene.ca.issue(&says("vpkg"));
    assert!(scene.knows(&rp, &[&holder.escaped()]).await);
    scene.house.set_time(datetime!(2026-09-01 09:00 +7));
    assert!(!scene.knows(&rp, &[&holder.escaped()]).await, "expired meanwhile");
    scene.house.set_time(now);
    let foreign = Authority::new().issue(&says("vpkg"));
    assert!(!scene.knows(&rp, &[&foreign.escaped()]).await, "another authority");
    assert!(!scene.knows(&rp, &[&says("vpkg").by_itself().escaped()]).await, "nobody");
}

#[tokio::test]
async fn a_certificate_counts_only_from_a_trusted_proxy_and_one_at_a_time_6_5() {
    let mut scene = scene("").await;
    let rp = Rp::new(&scene.house, &by(AuthMethod::TlsClientAuth, named())).await;
    let holder = scene.ca.issue(&says("vpkg"));
    let (escaped, other) = (holder.escaped(), scene.ca.issue(&says("khac")).escaped());
    let octets = holder.pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    assert!(scene.knows(&rp, &[&escaped]).await);
    assert!(scene.knows(&rp, &[&format!(":{octets}:")]).await, "RFC 9440 §2.1");
    assert!(scene.knows(&rp, &[&holder.pem.replace("\r\n", " ").replace('\n', " ")]).await, "plain PEM");
    assert!(!scene.knows(&rp, &[]).await);
    for bad in ["", "(null)", "x", ":x:", "%", &octets] {
        assert!(!scene.knows(&rp, &[bad]).await, "{bad}");
    }
    assert!(!scene.knows(&rp, &[&escaped, &escaped]).await, "two headers");
    assert!(!scene.knows(&rp, &[&other, &escaped]).await, "one of them forged");
    assert!(!scene.knows(&rp, &[&format!("{escaped}{other}")]).await, "two certificates");
    for stranger in ["192.0.2.7", "127.0.0.2"] {
        scene.browser.source = stranger.to_owned();
        assert!(!scene.knows(&rp, &[&escaped]).await, "forged by {stranger}");
    }
}

#[tokio::test]
async fn a_certificate_proves_nobody_but_its_own_application_2() {
    let mut scene = scene("").await;
    let ours = Rp::new(&scene.house, &by(AuthMethod::TlsClientAuth, named())).await;
    let theirs = Metadata {
        tls_client_auth_subject_dn: Some("CN=khac,O=Thành phố Đà Nẵng,C=VN".to_owned()),
        ..Metadata::default()
    };
    let theirs = Rp::new(&scene.house, &by(AuthMethod::TlsClientAuth, theirs)).await;
    let with_secret = Rp::web(&scene.house).await;
    let holder = scene.ca.issue(&says("vpkg"));
    assert!(scene.knows(&ours, &[&holder.escaped()]).await);
    assert!(!scene.knows(&theirs, &[&holder.escaped()]).await);
    assert!(!scene.knows(&with_secret, &[&holder.escaped()]).await, "it proves itself by its secret");
    let fields = [("client_id", ours.client_id.as_str()), ("client_secret", "x"), ("token", "x")];
    let both = send(&mut scene.browser, "/revoke", &fields, &[&holder.escaped()]).await;
    assert_eq!(token_error(&both), "invalid_client", "and this one by nothing else");
}

#[tokio::test]
async fn a_registered_certificate_proves_an_application_whoever_signed_it_2_2() {
    let mut scene = scene("").await;
    let (ours, next, other) =
        (says("vpkg").by_itself(), scene.ca.issue(&says("vpkg")), says("vpkg").by_itself());
    let mut keys = ours.key_set();
    keys["keys"].as_array_mut().expect("a list").push(next.key_set()["keys"][0].clone());
    let metadata = Metadata { jwks: Some(keys), ..Metadata::default() };
    let rp = Rp::new(&scene.house, &by(AuthMethod::SelfSignedTlsClientAuth, metadata)).await;
    assert!(scene.knows(&rp, &[&ours.escaped()]).await);
    assert!(scene.knows(&rp, &[&next.escaped()]).await, "the next one stands beside it");
    assert!(!scene.knows(&rp, &[&other.escaped()]).await, "the same name under another key");
    scene.house.set_time(datetime!(2026-09-01 09:00 +7));
    assert!(!scene.knows(&rp, &[&ours.escaped()]).await, "expired");
}

#[tokio::test]
async fn a_published_certificate_is_looked_for_again_when_another_one_comes_2_2() {
    let mut scene = scene("").await;
    let (ours, next) = (says("vpkg").by_itself(), says("vpkg").by_itself());
    let publisher = Publisher::start(&ours.key_set()).await;
    let metadata = Metadata { jwks_uri: Some(publisher.uri.clone()), ..Metadata::default() };
    let rp = Rp::new(&scene.house, &by(AuthMethod::SelfSignedTlsClientAuth, metadata)).await;
    assert!(scene.knows(&rp, &[&ours.escaped()]).await);
    assert!(scene.knows(&rp, &[&ours.escaped()]).await);
    assert_eq!(publisher.asked(), 1);
    publisher.publishes(axum::http::StatusCode::OK, &next.key_set().to_string());
    assert!(!scene.knows(&rp, &[&next.escaped()]).await, "asked just now");
    scene.house.pass(time::Duration::seconds(11));
    assert!(scene.knows(&rp, &[&next.escaped()]).await);
    assert!(!scene.knows(&rp, &[&ours.escaped()]).await, "taken back");
}

#[tokio::test]
async fn what_is_registered_fits_together_2_1_2_2_2() {
    let scene = scene("").await;
    let text = |value: &str| Some(value.to_owned());
    let good = by(AuthMethod::TlsClientAuth, named());
    let refused = async |asked: &Registration| {
        let answer =
            clients::register(&scene.house.app, danang_sso::domain::audit::Actor::CommandLine, asked).await;
        answer.err().map(|why| why.to_string()).unwrap_or_default()
    };
    assert_eq!(refused(&good).await, "");
    let two = Metadata { tls_client_auth_san_dns: text("vpkg.example"), ..named() };
    for metadata in [two, Metadata::default()] {
        let said = refused(&by(AuthMethod::TlsClientAuth, metadata)).await;
        assert!(said.contains("exactly one of"), "{said}");
    }
    let bad = Metadata { tls_client_auth_subject_dn: text("vpkg"), ..Metadata::default() };
    assert!(refused(&by(AuthMethod::TlsClientAuth, bad)).await.contains("tls_client_auth_subject_dn"));
    let keys = key_set(&[&OwnKey::new(Algorithm::ES256, None)]);
    let bare = Metadata { jwks: Some(keys), ..Metadata::default() };
    for metadata in [bare, Metadata::default()] {
        let said = refused(&by(AuthMethod::SelfSignedTlsClientAuth, metadata)).await;
        assert!(said.contains("x5c"), "{said}");
    }
}

#[tokio::test]
async fn without_a_header_or_an_authority_nothing_is_offered_that_could_not_be_proven() {
    let offered = async |house: &House| {
        let found = json(&house.browser().get("/.well-known/openid-configuration").await);
        let methods = found["token_endpoint_auth_methods_supported"].as_array().expect("a list").clone();
        let has = |name: &str| methods.contains(&value!(name));
        let bound = found["tls_client_certificate_bound_access_tokens"].as_bool().unwrap_or_default();
        (has("tls_client_auth"), has("self_signed_tls_client_auth"), bound, found)
    };
    let bare = crate::rp::house().await;
    let (tls, own, bound, found) = offered(&bare).await;
    assert_eq!((tls, own, bound), (false, false, false));
    assert_eq!(found["mtls_endpoint_aliases"], Value::Null);
    let without_authority = house_with("").await;
    let (tls, own, bound, _) = offered(&without_authority).await;
    assert_eq!((tls, own, bound), (false, true, true));
    let whole = scene("").await.house;
    let (tls, own, bound, found) = offered(&whole).await;
    assert_eq!((tls, own, bound), (true, true, true));
    assert_eq!(found["mtls_endpoint_aliases"], Value::Null, "browsers and applications share an address");
    let register = async |house: &House, asked: Registration| {
        clients::register(&house.app, danang_sso::domain::audit::Actor::CommandLine, &asked).await.is_ok()
    };
    let of_itself = Metadata { jwks: Some(says("vpkg").by_itself().key_set()), ..Metadata::default() };
    for (house, tls, own) in [(&bare, false, false), (&without_authority, false, true), (&whole, true, true)]
    {
        assert_eq!(register(house, by(AuthMethod::TlsClientAuth, named())).await, tls);
        assert_eq!(register(house, by(AuthMethod::SelfSignedTlsClientAuth, of_itself.clone())).await, own);
        let mut bound = registration(ClientKind::Web);
        bound.metadata.tls_client_certificate_bound_access_tokens = true;
        assert_eq!(register(house, bound).await, own);
    }
}

#[tokio::test]
async fn the_endpoints_have_aliases_at_which_certificates_are_asked_for_5() {
    let mut scene = scene("server.mtls_url = \"https://mtls.danang.example\"\n").await;
    let found = json(&scene.browser.get("/.well-known/openid-configuration").await);
    let aliases = &found["mtls_endpoint_aliases"];
    for (name, path) in [
        ("token_endpoint", "/token"),
        ("revocation_endpoint", "/revoke"),
        ("introspection_endpoint", "/introspect"),
        ("pushed_authorization_request_endpoint", "/par"),
        ("device_authorization_endpoint", "/device_authorization"),
        ("userinfo_endpoint", "/userinfo"),
    ] {
        assert_eq!(aliases[name], format!("https://mtls.danang.example{path}"));
        assert_eq!(found[name], format!("http://localhost:8080{path}"), "the usual address stays");
    }
    // Proofs and assertions may name the alias to which they go.
    let key = OwnKey::new(Algorithm::ES256, None);
    let rp = Rp::new(&scene.house, &by(AuthMethod::TlsClientAuth, named())).await;
    let code = rp.code(&mut scene.browser, &[]).await;
    let fields = [code_fields(&code).as_slice(), &[("client_id", rp.client_id.as_str())]].concat();
    let proof = |htu: &str| key.proof(&scene.house, "POST", "/token", &value!({ "htu": htu }));
    let proofs = ["https://mtls.danang.example/token", "https://khac.example/token"].map(proof);
    let certificate = scene.ca.issue(&says("vpkg")).escaped();
    for (proof, status) in [(&proofs[1], 400), (&proofs[0], 200)] {
        let request = Request::post("/token")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(HEADER, &certificate)
            .header("DPoP", proof);
        let answer = scene.browser.send(request, Body::from(form(fields.iter().copied()))).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let own = OwnKey::new(Algorithm::ES256, Some("k"));
    let metadata = Metadata { jwks: Some(key_set(&[&own])), ..Metadata::default() };
    let rp = Rp::new(&scene.house, &by(AuthMethod::PrivateKeyJwt, metadata)).await;
    for (aud, status) in
        [("https://mtls.danang.example/token", 200), ("https://mtls.danang.example/par", 401)]
    {
        let assertion = own.assertion(&scene.house, &rp.client_id, &value!({ "aud": aud }));
        let fields = [asserting(&assertion).as_slice(), &[("token", "x")]].concat();
        assert_eq!(send(&mut scene.browser, "/revoke", &fields, &[]).await.status, status, "{aud}");
    }
}

#[tokio::test]
async fn an_application_registers_itself_with_a_certificate_2_1_2_rfc7591() {
    let scene = scene("[registration]\nmode = \"open\"\n").await;
    let register = async |changes: &Value| {
        let mut asked = value!({ "client_name": "Thử", "redirect_uris": [CALLBACK] });
        for (name, value) in changes.as_object().expect("an object") {
            asked[name] = value.clone();
        }
        let request = Request::post("/register").header(CONTENT_TYPE, "application/json");
        scene.house.browser().send(request, Body::from(asked.to_string())).await
    };
    let good = value!({
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_san_dns": "vpkg.danang.example",
        "tls_client_certificate_bound_access_tokens": true,
    });
    let answer = register(&good).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let told = json(&answer);
    assert_eq!(told["client_secret"], Value::Null);
    for (name, value) in good.as_object().expect("an object") {
        assert_eq!(&told[name], value);
    }
    for bad in [
        value!({ "token_endpoint_auth_method": "tls_client_auth" }),
        value!({ "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_ip": "x" }),
        value!({ "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": 7 }),
        value!({ "token_endpoint_auth_method": "self_signed_tls_client_auth" }),
    ] {
        let answer = register(&bad).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.body);
        assert_eq!(json(&answer)["error"], "invalid_client_metadata", "{bad}");
    }
}

#[tokio::test]
async fn a_registration_with_a_certificate_moves_as_a_file() {
    let (from, to) = (scene("").await, scene("").await);
    let metadata = Metadata { tls_client_certificate_bound_access_tokens: true, ..named() };
    Rp::new(&from.house, &by(AuthMethod::TlsClientAuth, metadata)).await;
    let own = Metadata { jwks: Some(says("vpkg").by_itself().key_set()), ..Metadata::default() };
    Rp::new(&from.house, &by(AuthMethod::SelfSignedTlsClientAuth, own)).await;
    let file = client_transfer::export(&from.house.app, None).await.expect("exported");
    assert!(file.contains("tls_client_auth_subject_dn = \"CN=vpkg, O=Thành phố Đà Nẵng, C=VN\""), "{file}");
    let steps = client_transfer::plan(&to.house.app, &file).await.expect("planned");
    client_transfer::apply(&to.house.app, &danang_sso::domain::audit::Actor::CommandLine, &steps)
        .await
        .expect("done");
    assert_eq!(client_transfer::export(&to.house.app, None).await.expect("exported"), file);
    let again = client_transfer::plan(&to.house.app, &file).await.expect("planned");
    assert!(again.iter().all(|step| step.change == Change::Nothing));
    assert!(
        client_transfer::plan(&crate::rp::house().await.app, &file).await.is_err(),
        "no certificates there"
    );
}
