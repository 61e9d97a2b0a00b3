//! RFC 8705 §3, §4, §7.1: tokens that are bound to the certificate of a connection, and FAPI 2.0 with certificates.

use crate::authority::{Holder, says};
use crate::house::{Answer, Browser};
use crate::own_keys::{OwnKey, asserting, key_set};
use crate::rfc8705::{HEADER, Scene, by, named, scene, send};
use crate::rp::{CALLBACK, ISSUER, Rp, answered, claims, code_fields, form, json, registration, token_error};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use danang_sso::crypto::token::digest;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::{AuthMethod, Profile};
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::services::clients::Registration;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json as value};

/// An application that shows a certificate and binds its tokens to it.
fn binding(metadata: Metadata) -> Registration {
    by(AuthMethod::TlsClientAuth, Metadata { tls_client_certificate_bound_access_tokens: true, ..metadata })
}

async fn open(browser: &mut Browser, token: &Value, certificate: Option<&str>) -> Answer {
    let bearer = format!("Bearer {}", token.as_str().expect("a token"));
    let mut request = Request::get("/userinfo").header(AUTHORIZATION, bearer);
    if let Some(certificate) = certificate {
        request = request.header(HEADER, certificate);
    }
    browser.send(request, Body::empty()).await
}

impl Scene {
    /// Asks at the token endpoint with the client's name over a connection with this certificate.
    async fn ask(&mut self, rp: &Rp, fields: &[(&str, &str)], holder: Option<&Holder>) -> Answer {
        let all = [fields, &[("client_id", rp.client_id.as_str())]].concat();
        let escaped = holder.map(Holder::escaped);
        let certificates: Vec<_> = escaped.iter().map(String::as_str).collect();
        send(&mut self.browser, "/token", &all, &certificates).await
    }

    async fn given(&mut self, rp: &Rp, fields: &[(&str, &str)], holder: &Holder) -> Value {
        let answer = self.ask(rp, fields, Some(holder)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        json(&answer)
    }

    async fn tokens(&mut self, rp: &Rp, scope: &str, holder: &Holder) -> Value {
        let code = rp.code(&mut self.browser, &[("scope", scope)]).await;
        self.given(rp, &code_fields(&code), holder).await
    }

    /// The statuses of UserInfo with the token over a connection with each of these certificates, and without one.
    async fn opens(&mut self, token: &Value, holders: [&Holder; 2]) -> [u16; 3] {
        let mut statuses = [0; 3];
        for (status, holder) in statuses.iter_mut().zip([Some(holders[0]), Some(holders[1]), None]) {
            let escaped = holder.map(Holder::escaped);
            *status = open(&mut self.browser, token, escaped.as_deref()).await.status.as_u16();
        }
        statuses
    }
}

fn refreshing(token: &Value) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token.as_str().expect("one"))]
}

#[tokio::test]
async fn a_bound_token_opens_userinfo_over_a_connection_with_its_certificate_only_3() {
    let mut scene = scene("").await;
    let rp = Rp::new(&scene.house, &binding(named())).await;
    // Both are the application's; the token is of one of them.
    let (ours, next) = (scene.ca.issue(&says("vpkg")), scene.ca.issue(&says("vpkg")));
    let tokens = scene.tokens(&rp, "openid offline_access", &ours).await;
    assert_eq!(tokens["token_type"], "Bearer");
    let token = &tokens["access_token"];
    assert_eq!(scene.opens(token, [&ours, &next]).await, [200, 401, 401]);
    let refused = open(&mut scene.browser, token, Some(&next.escaped())).await;
    assert_eq!(json(&refused)["error"], "invalid_token");
    assert!(refused.headers["www-authenticate"].to_str().expect("ASCII").contains("error=\"invalid_token\""));
    scene.browser.source = "192.0.2.7".to_owned();
    assert_eq!(scene.opens(token, [&ours, &next]).await, [401; 3], "forged: it does not come from the proxy");
    scene.browser.source = "127.0.0.1".to_owned();
    // §6.1: refreshed over a connection with the next certificate, the new token is bound to that.
    let renewed = scene.given(&rp, &refreshing(&tokens["refresh_token"]), &next).await;
    assert_eq!(scene.opens(&renewed["access_token"], [&ours, &next]).await, [401, 200, 401]);
}

#[tokio::test]
async fn the_certificate_is_named_in_the_token_and_at_the_introspection_3_1_3_2() {
    let mut scene = scene("").await;
    let metadata = Metadata {
        jwt_access_tokens: true,
        api_scopes: vec!["scim.read".to_owned()],
        grant_types: ["authorization_code", "refresh_token", "client_credentials"]
            .map(str::to_owned)
            .to_vec(),
        ..named()
    };
    let rp = Rp::new(&scene.house, &binding(metadata)).await;
    let ours = scene.ca.issue(&says("vpkg"));
    let expected = value!({ "x5t#S256": ours.thumbprint() });
    let of_a_person = scene.tokens(&rp, "openid offline_access", &ours).await;
    let own = [("grant_type", "client_credentials"), ("scope", "scim.read")];
    let own = scene.given(&rp, &own, &ours).await;
    for token in [&of_a_person["access_token"], &own["access_token"]] {
        assert_eq!(claims(token)["cnf"], expected);
        let fields = [("client_id", rp.client_id.as_str()), ("token", token.as_str().expect("a token"))];
        let told = json(&send(&mut scene.browser, "/introspect", &fields, &[&ours.escaped()]).await);
        assert_eq!(
            (&told["active"], &told["cnf"], &told["token_type"]),
            (&value!(true), &expected, &value!("Bearer"))
        );
    }
    // §4: the refresh token of an application that proves itself is bound by that.
    let refresh = of_a_person["refresh_token"].as_str().expect("one");
    let fields = [("client_id", rp.client_id.as_str()), ("token", refresh)];
    let told = json(&send(&mut scene.browser, "/introspect", &fields, &[&ours.escaped()]).await);
    assert_eq!((&told["active"], &told["cnf"]), (&value!(true), &Value::Null));
}

#[tokio::test]
async fn whoever_binds_its_tokens_gets_none_without_a_certificate_3_4() {
    let mut scene = scene("").await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.tls_client_certificate_bound_access_tokens = true;
    asked.metadata.response_types = ["code", "code token"].map(str::to_owned).to_vec();
    asked.metadata.api_scopes = vec!["scim.read".to_owned()];
    asked.metadata.grant_types =
        ["authorization_code", "implicit", "client_credentials"].map(str::to_owned).to_vec();
    let rp = Rp::new(&scene.house, &asked).await;
    let secret = rp.secret.clone().expect("it proves itself by a secret");
    let front = scene.browser.get(&rp.address(&[("response_type", "code token")])).await;
    assert_eq!(
        crate::rp::fragment(&front)["error"],
        "unauthorized_client",
        "there is no certificate in a browser"
    );
    let code = rp.code(&mut scene.browser, &[]).await;
    let fields = [code_fields(&code).as_slice(), &[("client_secret", secret.as_str())]].concat();
    assert_eq!(token_error(&scene.ask(&rp, &fields, None).await), "invalid_request");
    let own = [("grant_type", "client_credentials"), ("client_secret", secret.as_str())];
    assert_eq!(token_error(&scene.ask(&rp, &own, None).await), "invalid_request");
    // Any certificate will do, whoever signed it (§3): its holder is known by the secret. The code is still good.
    let (ours, other) = (says("bất kỳ").by_itself(), says("bất kỳ").by_itself());
    let tokens = scene.given(&rp, &fields, &ours).await;
    assert_eq!(scene.opens(&tokens["access_token"], [&ours, &other]).await, [200, 401, 401]);
}

#[tokio::test]
async fn tokens_that_nobody_wanted_bound_are_bearer_tokens_3_4() {
    let mut scene = scene("").await;
    let rp = Rp::new(&scene.house, &by(AuthMethod::TlsClientAuth, named())).await;
    let ours = scene.ca.issue(&says("vpkg"));
    let tokens = scene.tokens(&rp, "openid", &ours).await;
    assert_eq!(scene.opens(&tokens["access_token"], [&ours, &ours]).await, [200; 3]);
}

#[tokio::test]
async fn the_refresh_token_of_a_public_application_is_bound_to_its_certificate_4_7_1() {
    let mut scene = scene("").await;
    let mut asked = registration(ClientKind::Native);
    asked.redirect_uris = vec![CALLBACK.to_owned()];
    asked.metadata.tls_client_certificate_bound_access_tokens = true;
    let rp = Rp::new(&scene.house, &asked).await;
    let (ours, other) = (says("máy của An").by_itself(), says("máy của An").by_itself());
    let tokens = scene.tokens(&rp, "openid offline_access", &ours).await;
    assert_eq!(scene.opens(&tokens["access_token"], [&ours, &other]).await, [200, 401, 401]);
    let fields = refreshing(&tokens["refresh_token"]);
    assert_eq!(token_error(&scene.ask(&rp, &fields, None).await), "invalid_request");
    assert_eq!(token_error(&scene.ask(&rp, &fields, Some(&other)).await), "invalid_grant");
    let renewed = scene.given(&rp, &fields, &ours).await;
    assert_eq!(scene.opens(&renewed["access_token"], [&ours, &other]).await, [200, 401, 401]);
}

#[tokio::test]
async fn a_device_gets_bound_tokens_too_rfc8628() {
    let mut scene = scene("").await;
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    let metadata = Metadata { grant_types: vec![device.to_owned()], ..named() };
    let rp = Rp::new(&scene.house, &Registration { redirect_uris: Vec::new(), ..binding(metadata) }).await;
    let (ours, other) = (scene.ca.issue(&says("vpkg")), scene.ca.issue(&says("vpkg")));
    let fields = [("client_id", rp.client_id.as_str()), ("scope", "openid")];
    let begun = json(&send(&mut scene.browser, "/device_authorization", &fields, &[&ours.escaped()]).await);
    crate::rfc8628::approve(&mut scene.browser, &begun).await;
    let fields = [("grant_type", device), ("device_code", begun["device_code"].as_str().expect("a code"))];
    let tokens = scene.given(&rp, &fields, &ours).await;
    assert_eq!(scene.opens(&tokens["access_token"], [&ours, &other]).await, [200, 401, 401]);
}

#[tokio::test]
async fn a_token_may_be_bound_to_a_key_and_a_certificate_and_needs_both_rfc9449() {
    let mut scene = scene("").await;
    let rp = Rp::new(&scene.house, &binding(named())).await;
    let (ours, key) = (scene.ca.issue(&says("vpkg")), OwnKey::new(Algorithm::ES256, None));
    let code = rp.code(&mut scene.browser, &[]).await;
    let fields = [code_fields(&code).as_slice(), &[("client_id", rp.client_id.as_str())]].concat();
    let request = Request::post("/token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(HEADER, ours.escaped())
        .header("DPoP", key.proof(&scene.house, "POST", "/token", &value!({})));
    let tokens = json(&scene.browser.send(request, Body::from(form(fields))).await);
    assert_eq!(tokens["token_type"], "DPoP");
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    for (with_key, with_certificate, status) in [(true, false, 401), (false, true, 401), (true, true, 200)] {
        let scheme = if with_key { "DPoP" } else { "Bearer" };
        let mut request = Request::get("/userinfo").header(AUTHORIZATION, format!("{scheme} {token}"));
        if with_key {
            let proof = key.proof(&scene.house, "GET", "/userinfo", &value!({ "ath": digest(&token) }));
            request = request.header("DPoP", proof);
        }
        if with_certificate {
            request = request.header(HEADER, ours.escaped());
        }
        assert_eq!(
            scene.browser.send(request, Body::empty()).await.status,
            status,
            "{with_key} {with_certificate}"
        );
    }
}

/// Pushes the usual request with these fields beside it and this certificate; the code that comes of it.
async fn pushed(scene: &mut Scene, rp: &Rp, more: &[(&str, &str)], holder: Option<&Holder>) -> String {
    let request = rp.request();
    let mut fields: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.retain(|(name, _)| *name != "scope");
    fields.push(("scope", "openid offline_access"));
    fields.extend_from_slice(more);
    let escaped = holder.map(Holder::escaped);
    let certificates: Vec<_> = escaped.iter().map(String::as_str).collect();
    let answer = send(&mut scene.browser, "/par", &fields, &certificates).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let uri = json(&answer)["request_uri"].as_str().expect("a reference").to_owned();
    let short = form([("client_id", rp.client_id.as_str()), ("request_uri", &uri)]);
    answered(&scene.browser.get(&format!("/authorize?{short}")).await)["code"].clone()
}

#[tokio::test]
async fn fapi_2_works_with_certificates_alone_5_3_2_1() {
    let mut scene = scene("").await;
    let own = scene.ca.issue(&says("vpkg"));
    let of_itself = Metadata { jwks: Some(own.key_set()), ..Metadata::default() };
    for (method, metadata) in
        [(AuthMethod::TlsClientAuth, named()), (AuthMethod::SelfSignedTlsClientAuth, of_itself)]
    {
        let metadata = Metadata {
            profile: Profile::Fapi2,
            tls_client_certificate_bound_access_tokens: true,
            ..metadata
        };
        let rp = Rp::new(&scene.house, &by(method, metadata)).await;
        let code = pushed(&mut scene, &rp, &[], Some(&own)).await;
        let tokens = scene.given(&rp, &code_fields(&code), &own).await;
        assert_eq!(crate::rp::header(&tokens["id_token"])["alg"], "PS256");
        let other = scene.ca.issue(&says("vpkg"));
        assert_eq!(scene.opens(&tokens["access_token"], [&own, &other]).await, [200, 401, 401]);
        let renewed = scene.given(&rp, &refreshing(&tokens["refresh_token"]), &own).await;
        assert_eq!(renewed["refresh_token"], Value::Null, "the same one goes on");
        assert_eq!(scene.opens(&renewed["access_token"], [&own, &other]).await, [200, 401, 401]);
        let refused = scene.ask(&rp, &refreshing(&tokens["refresh_token"]), None).await;
        assert_eq!(token_error(&refused), "invalid_client");
    }
}

#[tokio::test]
async fn fapi_2_binds_by_a_certificate_or_by_a_key_and_proves_by_either_5_3_2_1() {
    let mut scene = scene("").await;
    let (key, holder) = (OwnKey::new(Algorithm::PS256, Some("c1")), says("vpkg").by_itself());
    // Proven by a key, bound to a certificate.
    let metadata = Metadata {
        profile: Profile::Fapi2,
        jwks: Some(key_set(&[&key])),
        tls_client_certificate_bound_access_tokens: true,
        ..Metadata::default()
    };
    let rp = Rp::new(&scene.house, &by(AuthMethod::PrivateKeyJwt, metadata)).await;
    let assertion = |scene: &Scene| key.assertion(&scene.house, &rp.client_id, &value!({ "aud": ISSUER }));
    let asserted = assertion(&scene);
    let code = pushed(&mut scene, &rp, &asserting(&asserted), None).await;
    for (holder, error) in [(None, Some("invalid_request")), (Some(&holder), None)] {
        let asserted = assertion(&scene);
        let fields = [code_fields(&code).as_slice(), &asserting(&asserted)].concat();
        let answer = scene.ask(&rp, &fields, holder).await;
        match error {
            Some(error) => assert_eq!(token_error(&answer), error),
            None => assert_eq!(answer.status, 200, "{}", answer.body),
        }
    }
    // Proven by a certificate, bound to a key: without a proof there is nothing.
    let metadata = Metadata { profile: Profile::Fapi2, ..named() };
    let rp = Rp::new(&scene.house, &by(AuthMethod::TlsClientAuth, metadata)).await;
    let holder = scene.ca.issue(&says("vpkg"));
    let code = pushed(&mut scene, &rp, &[], Some(&holder)).await;
    let refused = scene.ask(&rp, &code_fields(&code), Some(&holder)).await;
    assert_eq!(token_error(&refused), "invalid_dpop_proof");
}
