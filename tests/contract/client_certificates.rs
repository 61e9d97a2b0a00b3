//! Client certificates through a real TLS proxy: Apache as docs/clients.md configures it, the house behind it.

use crate::authority::{Authority, Holder, Says, lasting};
use crate::house::House;
use crate::ports::free_ports;
use crate::tls_proxy::TlsProxy;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::AuthMethod;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::services::clients::{self, Registration};
use rcgen::SanType;
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use time::macros::datetime;

/// The proxy, as applications meet it.
struct Apache(TlsProxy);

impl Apache {
    /// Posts a form; tells the status and the answer.
    async fn post(
        &self,
        client: &reqwest::Client,
        path: &str,
        fields: &[(&str, &str)],
        forged: Option<&str>,
    ) -> (u16, Value) {
        let mut request = client.post(format!("https://localhost:{}{path}", self.0.port)).form(fields);
        if let Some(forged) = forged {
            request = request.header("X-Client-Cert", forged);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }
}

/// A client that trusts the authority and shows a certificate.
fn client(ca: &Authority, shown: Option<&Holder>) -> reqwest::Client {
    let roots = reqwest::Certificate::from_pem_bundle(ca.pem().as_bytes()).expect("PEM");
    let mut builder = reqwest::Client::builder().no_proxy().tls_certs_merge(roots);
    if let Some(holder) = shown {
        let both = format!("{}{}", holder.key, holder.pem);
        builder = builder
            .identity(reqwest::Identity::from_pem(both.as_bytes()).expect("a certificate with its key"));
    }
    builder.build().expect("a client")
}

async fn register(house: &House, method: AuthMethod, metadata: Metadata) -> String {
    let asked = Registration {
        name: "Dịch vụ".to_owned(),
        kind: ClientKind::Web,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: Scopes::default(),
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata: Metadata {
            token_endpoint_auth_method: Some(method),
            grant_types: vec!["client_credentials".to_owned()],
            api_scopes: vec!["scim.read".to_owned()],
            tls_client_certificate_bound_access_tokens: true,
            ..metadata
        },
    };
    let registered = clients::register(&house.app, Actor::CommandLine, &asked).await.expect("registered");
    registered.client.client_id.to_string()
}

/// The house with its listener, and the proxy before it.
async fn behind_apache(ca: &Authority) -> (House, Apache) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    fs::write(&file, ca.pem()).expect("written");
    let lines = format!(
        "server.client_certificate_header = \"X-Client-Cert\"\nserver.client_certificate_ca = \"{}\"\n",
        file.display()
    );
    let house = House::at(datetime!(2026-03-02 09:00 +7), &lines).await;
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = socket.local_addr().expect("an address").port();
    let router = house.staff_router().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(socket, router).await });
    let names = vec![SanType::DnsName("localhost".try_into().expect("ASCII"))];
    let [own] = free_ports();
    let proxy = TlsProxy::start(&ca.issue(&Says { names, ..lasting("localhost") }), own, port);
    (house, Apache(proxy))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_a_real_tls_connection_proves_an_application_and_binds_its_token() {
    let ca = Authority::new();
    let (house, apache) = behind_apache(&ca).await;
    let subject = Some("CN=vpkg,O=Thành phố Đà Nẵng,C=VN".to_owned());
    let named = Metadata { tls_client_auth_subject_dn: subject, ..Metadata::default() };
    let id = register(&house, AuthMethod::TlsClientAuth, named).await;
    let ours = ca.issue(&lasting("vpkg"));
    let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str())];
    let (status, given) = apache.post(&client(&ca, Some(&ours)), "/token", &fields, None).await;
    assert_eq!(status, 200, "{given}");
    let told = [("client_id", id.as_str()), ("token", given["access_token"].as_str().expect("a token"))];
    let (_, told) = apache.post(&client(&ca, Some(&ours)), "/introspect", &told, None).await;
    assert_eq!(told["cnf"]["x5t#S256"], ours.thumbprint());
    // The proxy takes the header from everybody who brings one along.
    let nobody = client(&ca, None);
    for forged in [None, Some(ours.escaped()), Some(ours.pem.replace("\r\n", " ").replace('\n', " "))] {
        let (status, refused) = apache.post(&nobody, "/token", &fields, forged.as_deref()).await;
        assert_eq!((status, &refused["error"]), (401, &"invalid_client".into()), "{forged:?}");
    }
    let foreign = client(&ca, Some(&Authority::new().issue(&lasting("vpkg"))));
    assert_eq!(
        apache.post(&foreign, "/token", &fields, Some(&ours.escaped())).await.0,
        401,
        "another authority"
    );
    let other = client(&ca, Some(&ca.issue(&lasting("khac"))));
    assert_eq!(apache.post(&other, "/token", &fields, None).await.0, 401, "another name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_signed_passes_the_proxy_and_counts_where_it_is_registered() {
    let ca = Authority::new();
    let (house, apache) = behind_apache(&ca).await;
    let ours = lasting("vpkg").by_itself();
    let own = Metadata { jwks: Some(ours.key_set()), ..Metadata::default() };
    let id = register(&house, AuthMethod::SelfSignedTlsClientAuth, own).await;
    let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str())];
    assert_eq!(apache.post(&client(&ca, Some(&ours)), "/token", &fields, None).await.0, 200);
    let stranger = client(&ca, Some(&lasting("vpkg").by_itself()));
    assert_eq!(apache.post(&stranger, "/token", &fields, None).await.0, 401);
}
