//! An application that sends people to the sign-in, for tests of what the pages do while it waits.

use crate::house::{Browser, House};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::services::clients::{self, Registration};

/// Where it takes the answer.
const CALLBACK: &str = "https://app.danang.example/callback";

/// The application.
pub struct Caller {
    client_id: String,
}

impl Caller {
    /// One that registers this beside the usual.
    pub async fn new(house: &House, metadata: Metadata) -> Self {
        let registration = Registration {
            name: "Quản lý văn bản".to_owned(),
            kind: ClientKind::Web,
            redirect_uris: vec![CALLBACK.to_owned()],
            post_logout_redirect_uris: Vec::new(),
            home: None,
            scopes: Scopes::all(),
            legacy: false,
            id_token_claims: false,
            backchannel_logout_uri: None,
            metadata,
        };
        let registered = clients::register(&house.app, Actor::CommandLine, &registration).await;
        Self { client_id: registered.expect("registered").client.client_id.to_string() }
    }

    /// Sends a browser; tells where it is led, which is a page of the sign-in with the id of the request.
    pub async fn send(&self, browser: &mut Browser) -> String {
        let fields = [
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", "af0ifjsldkj"),
            ("nonce", "n-0S6_WzA2Mj"),
            // RFC 7636 Appendix B.
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        browser.get(&format!("/authorize?{query}")).await.location.expect("to a page of the sign-in")
    }

    /// Signs somebody in who was sent here; tells the id of the request and where the form leads.
    pub async fn sign_in(&self, browser: &mut Browser, who: &str, password: &str) -> (String, String) {
        let page = self.send(browser).await;
        let request = request_of(&page);
        let fields = [("identifier", who), ("password", password), ("request", request.as_str())];
        let to = browser.post_from(&page, "/sign-in", &fields).await.location.unwrap_or_default();
        (request, to)
    }

    /// Whether an answer leads back with a code.
    pub fn is_answered(to: &str) -> bool {
        to.starts_with(CALLBACK) && to.contains("code=")
    }
}

/// The id of the request in an address.
pub fn request_of(address: &str) -> String {
    let id = address.split("request=").nth(1).and_then(|rest| rest.split('&').next());
    id.unwrap_or_else(|| panic!("no request: {address}")).to_owned()
}
