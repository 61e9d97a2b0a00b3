//! What independent suites ask of a provider beyond the sections of the other files, row by row: odd states in every
//! answer, a key that was rotated between two refreshes, the origins of scripts, questions without consequences.

use crate::house::{Answer, Browser, House};
use crate::own_keys::{OwnKey, Publisher, asserting, key_set};
use crate::rp::{
    CALLBACK, ISSUER, Rp, answered, claims, code_fields, error_of, form, fragment, house, json, prove,
    registration, signed_in, token_error,
};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use danang_sso::crypto::jwt;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::{AuthMethod, Profile};
use danang_sso::domain::oauth::key::SigningAlg;
use danang_sso::domain::oauth::response_type::ResponseType;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json as value};
use time::Duration;
use time::macros::datetime;

/// States that a careless server bends: long, with what URLs, forms and HTML treat in their own way.
fn states() -> Vec<String> {
    vec![
        "s".repeat(128),
        "a+b c%20d&e=f#g?h/i".to_owned(),
        "\"><script>alert('x')</script>".to_owned(),
        "Đà Nẵng – ‘ngày’ 2\u{301}".to_owned(),
        "-._~!$'()*,;:@[]{}|\\^`".to_owned(),
        " leading and trailing ".to_owned(),
        "%25%32%35&amp;&#34;".to_owned(),
    ]
}

/// What a browser sends of a hidden field.
fn sent(page: &Answer, name: &str) -> Option<String> {
    let mut text = page.hidden(name)?;
    for (escaped, plain) in [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")]
    {
        text = text.replace(escaped, plain);
    }
    Some(text)
}

async fn hybrid(house: &House) -> Rp {
    let mut asked = registration(ClientKind::Web);
    asked.metadata.response_types = ResponseType::ALL.map(|one| one.to_string()).to_vec();
    Rp::new(house, &asked).await
}

#[tokio::test]
async fn a_request_without_response_type_is_refused_in_the_mode_that_it_names() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let changes = [("response_type", ""), ("response_mode", "form_post")];
    let page = browser.get(&rp.address(&changes)).await;
    assert_eq!((page.status.as_u16(), page.location.clone()), (200, None));
    page.shows(&format!("action=\"{CALLBACK}\""));
    assert_eq!(page.hidden("error").as_deref(), Some("invalid_request"));
    assert_eq!(page.hidden("state").as_deref(), Some("af0ifjsldkj"));
    assert_eq!(page.hidden("code"), None);
    let plain = rp.ask(&mut browser, &[("response_type", "")]).await;
    assert_eq!((error_of(&plain), plain["state"].as_str()), ("invalid_request", "af0ifjsldkj"));
}

#[tokio::test]
async fn every_state_comes_back_byte_for_byte_in_query_fragment_and_form_and_with_errors_too() {
    let house = house().await;
    let rp = hybrid(&house).await;
    let mut browser = signed_in(&house).await;
    for state in states() {
        for prompt in ["", "none login"] {
            let state = ("state", state.as_str());
            let in_query = rp.ask(&mut browser, &[state, ("prompt", prompt)]).await;
            assert_eq!(in_query["state"], state.1);
            let changes = [state, ("prompt", prompt), ("response_type", "code id_token")];
            let in_fragment = fragment(&browser.get(&rp.address(&changes)).await);
            assert_eq!(in_fragment["state"], state.1);
            assert_eq!(in_fragment.contains_key("error"), !prompt.is_empty());
            let changes = [state, ("prompt", prompt), ("response_mode", "form_post")];
            let in_form = browser.get(&rp.address(&changes)).await;
            in_form.hides("<script>alert");
            assert_eq!(sent(&in_form, "state").as_deref(), Some(state.1));
        }
    }
}

#[tokio::test]
async fn a_refresh_under_a_key_that_was_rotated_at_the_jwks_uri_succeeds() {
    let (old, new) = (OwnKey::new(Algorithm::RS256, Some("k1")), OwnKey::new(Algorithm::RS256, Some("k2")));
    let house = house().await;
    let publisher = Publisher::start(&key_set(&[&old])).await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.token_endpoint_auth_method = Some(AuthMethod::PrivateKeyJwt);
    asked.metadata.jwks_uri = Some(publisher.uri.clone());
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let code = rp.code(&mut browser, &[("scope", "openid offline_access"), ("prompt", "consent")]).await;
    let assertion = old.assertion(&house, &rp.client_id, &value!({}));
    let mut fields = code_fields(&code).to_vec();
    fields.extend(asserting(&assertion));
    let first = json(&browser.post("/token", &fields).await);
    let refresh = first["refresh_token"].as_str().expect("a refresh token");
    publisher.publishes(StatusCode::OK, &key_set(&[&new]).to_string());
    house.pass(Duration::seconds(60));
    let assertion = new.assertion(&house, &rp.client_id, &value!({}));
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh)];
    fields.extend(asserting(&assertion));
    let second = browser.post("/token", &fields).await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_eq!(claims(&json(&second)["id_token"])["sub"], claims(&first["id_token"])["sub"]);
    // The key that is no longer published proves nothing once the house has looked.
    let refresh = json(&second)["refresh_token"].as_str().expect("a refresh token").to_owned();
    let assertion = old.assertion(&house, &rp.client_id, &value!({}));
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    fields.extend(asserting(&assertion));
    assert_eq!(token_error(&browser.post("/token", &fields).await), "invalid_client");
}

#[tokio::test]
async fn a_fapi_client_keeps_the_query_of_its_address() {
    let own = OwnKey::new(Algorithm::PS256, Some("c1"));
    let address = format!("{CALLBACK}?dummy1=lorem&dummy2=ipsum");
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.redirect_uris = vec![address.clone()];
    asked.metadata.profile = Profile::Fapi2;
    asked.metadata.token_endpoint_auth_method = Some(AuthMethod::PrivateKeyJwt);
    asked.metadata.jwks = Some(key_set(&[&own]));
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let push = async |browser: &mut Browser, address: &str| {
        let assertion = own.assertion(&house, &rp.client_id, &value!({ "aud": ISSUER }));
        let mut request = rp.request();
        request.insert("redirect_uri", address.to_owned());
        let mut fields: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.extend(asserting(&assertion));
        browser.post("/par", &fields).await
    };
    let pushed = push(&mut browser, &address).await;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    let uri = json(&pushed)["request_uri"].as_str().expect("a reference").to_owned();
    let short = form([("client_id", rp.client_id.as_str()), ("request_uri", &uri)]);
    let answer = answered(&browser.get(&format!("/authorize?{short}")).await);
    assert_eq!((answer["dummy1"].as_str(), answer["dummy2"].as_str()), ("lorem", "ipsum"));
    assert!(answer.contains_key("code"));
    assert_eq!(answer["iss"], ISSUER);
    for other in [CALLBACK, &format!("{CALLBACK}?dummy2=ipsum&dummy1=lorem"), &format!("{address}&x=1")] {
        assert_eq!(push(&mut browser, other).await.status, 400, "{other}");
    }
}

#[tokio::test]
async fn scripts_of_any_origin_may_ask_the_endpoints_that_need_no_cookie_and_no_other() {
    let house = house().await;
    let mut browser = house.browser();
    let preflight = |path: &str| {
        Request::builder()
            .method(Method::OPTIONS)
            .uri(path)
            .header("origin", "https://app.danang.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,dpop")
    };
    for path in ["/par", "/introspect", "/revoke", "/token", "/userinfo", "/device_authorization"] {
        let answer = browser.send(preflight(path), Body::empty()).await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(answer.headers["access-control-allow-headers"], "authorization, content-type, dpop");
        assert!(answer.headers["access-control-allow-methods"].to_str().expect("ASCII").contains("POST"));
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        // The refusal itself can be read too.
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("origin", "https://app.danang.example");
        let answer = browser.send(request, Body::from("x=y")).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{path}");
    }
    for path in ["/authorize", "/logout", "/register", "/sign-in", "/session/state", "/choose-account"] {
        let answer = browser.send(preflight(path), Body::empty()).await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
    }
}

#[tokio::test]
async fn head_changes_nothing_where_get_would_rfc9110_9_3_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let hint = rp.tokens(&mut browser, &[]).await["id_token"].as_str().expect("a token").to_owned();
    let waits = browser.get(&rp.address(&[("prompt", "login")])).await.location.expect("to the sign-in");
    let onward = prove(&mut browser, &waits, "an").await;
    let addresses = [rp.address(&[]), onward.clone(), format!("/logout?id_token_hint={hint}")];
    let before = browser.cookies().clone();
    for address in &addresses {
        let answer = browser.send(Request::head(address), Body::empty()).await;
        assert_eq!((answer.status.as_u16(), answer.location, answer.body.len()), (200, None, 0), "{address}");
        assert_eq!(browser.cookies(), &before, "{address}");
    }
    let mut stranger = house.browser();
    stranger.send(Request::head(rp.address(&[])), Body::empty()).await;
    assert!(stranger.cookies().is_empty(), "no request is kept for it");
    // The request that waits was not answered, and nobody was signed out.
    assert!(answered(&browser.get(&onward).await).contains_key("code"));
    browser.get("/").await.shows("an@danang.example");
}

#[tokio::test]
async fn the_pages_of_a_flow_speak_the_language_that_the_application_prefers() {
    let house = House::build().await;
    house.add_with_default("moi", &[MailSystem::Ad], house.app.now());
    house.add("khoa", &[MailSystem::Ad]);
    house.add("an", &[MailSystem::Ad]);
    house.sync().await;
    let english = |answer: &Answer| {
        answer.shows("<html lang=\"en\">");
    };
    let rp = Rp::web(&house).await;
    // The forced change.
    let mut browser = house.browser();
    let sign_in = browser.get(&rp.address(&[("ui_locales", "en")])).await.location.expect("to the sign-in");
    let onward = prove(&mut browser, &sign_in, "moi").await;
    let password = browser.get(&onward).await.location.expect("to the forced change");
    english(&browser.get(&password).await);
    let request = password.strip_prefix("/password?request=").expect("an id");
    let wrong = [("current", "x"), ("new", "y"), ("repeat", "z"), ("request", request)];
    english(&browser.post_from(&password, "/password", &wrong).await);
    // A locked account.
    let account = house.account("khoa").await;
    let (why, who) = (
        danang_sso::domain::account::LockReason::ByAdministrator,
        danang_sso::domain::audit::Actor::CommandLine,
    );
    danang_sso::services::lock::enforce(&house.app, &account, why, who).await.expect("locked");
    let mut browser = house.browser();
    let sign_in = browser.get(&rp.address(&[("ui_locales", "en")])).await.location.expect("to the sign-in");
    let request = sign_in.strip_prefix("/sign-in?request=").expect("an id");
    let fields = [("identifier", "khoa"), ("password", crate::house::PASSWORD), ("request", request)];
    english(&browser.post_from(&sign_in, "/sign-in", &fields).await);
    // The consent, and the page of an application for others, also when the sign-in came between.
    let mut asks = registration(ClientKind::Web);
    asks.metadata.consent_required = true;
    let mut shut = registration(ClientKind::Web);
    shut.metadata.allowed_agencies = vec!["so-y-te".to_owned()];
    for (asked, sign) in [(asks, "id=\"consent\""), (shut, "")] {
        let rp = Rp::new(&house, &asked).await;
        let mut browser = house.browser();
        let sign_in =
            browser.get(&rp.address(&[("ui_locales", "en")])).await.location.expect("to the sign-in");
        let onward = prove(&mut browser, &sign_in, "an").await;
        let page = browser.get(&onward).await;
        let page = match page.location.clone() {
            Some(to) => browser.get(&to).await,
            None => page,
        };
        english(&page);
        page.shows(sign);
    }
}

#[tokio::test]
async fn s_hash_is_in_the_id_tokens_of_an_application_that_wants_it_and_of_no_other() {
    let house = house().await;
    for wants in [true, false] {
        let mut asked = registration(ClientKind::Web);
        asked.metadata.response_types = ResponseType::ALL.map(|one| one.to_string()).to_vec();
        asked.metadata.s_hash = wants;
        let rp = Rp::new(&house, &asked).await;
        let mut browser = signed_in(&house).await;
        let expected = value!(jwt::half_hash(SigningAlg::Rs256, "af0ifjsldkj"));
        let expected = if wants { expected } else { Value::Null };
        let front = fragment(&browser.get(&rp.address(&[("response_type", "code id_token")])).await);
        assert_eq!(claims(&value!(front["id_token"]))["s_hash"], expected);
        let scope = ("scope", "openid offline_access");
        let tokens = rp.tokens(&mut browser, &[scope]).await;
        assert_eq!(claims(&tokens["id_token"])["s_hash"], expected);
        let refreshed = rp.refresh(&mut browser, tokens["refresh_token"].as_str().expect("one")).await;
        assert_eq!(claims(&json(&refreshed)["id_token"])["s_hash"], Value::Null, "no request, no state");
        let stateless = rp.tokens(&mut browser, &[("state", "")]).await;
        assert_eq!(claims(&stateless["id_token"])["s_hash"], Value::Null);
    }
}

#[tokio::test]
async fn the_claims_of_profile_are_those_that_are_known_and_no_others_5_1() {
    let more =
        "[oidc]\nprofile_page = \"https://dangnhap.danang.example/\"\nwebsite = \"https://danang.example\"\n";
    let house = House::at(datetime!(2026-03-02 09:00 +7), more).await;
    house.add("an", &[MailSystem::Ad]);
    house.add_with("vanthu.skhcn", &[MailSystem::Ad], |seen| {
        seen.display_name = "Văn thư Sở Khoa học".to_owned();
    });
    house.sync().await;
    let rp = Rp::web(&house).await;
    for (who, is_person) in [("an", true), ("vanthu.skhcn", false)] {
        let mut browser = crate::rp::signed_in_as(&house, who).await;
        let tokens = rp.tokens(&mut browser, &[("scope", "openid profile")]).await;
        let told = json(&crate::rp::userinfo(&mut browser, &tokens["access_token"]).await);
        assert_eq!(told["profile"], "https://dangnhap.danang.example/");
        assert_eq!(told["website"], "https://danang.example");
        assert_eq!(told["nickname"].is_string(), is_person, "an office is not called by a given name");
        assert_eq!(told["nickname"], told["given_name"]);
        for unknown in ["picture", "gender", "birthdate"] {
            assert_eq!(told.get(unknown), None, "nobody has told the house");
        }
    }
}

#[tokio::test]
async fn a_code_is_refused_thirty_seconds_after_its_use_too_and_its_tokens_end() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let code = rp.code(&mut browser, &[]).await;
    let tokens = json(&rp.redeem(&mut browser, &code).await);
    house.pass(Duration::seconds(30));
    assert_eq!(crate::rp::userinfo(&mut browser, &tokens["access_token"]).await.status, 200);
    assert_eq!(token_error(&rp.redeem(&mut browser, &code).await), "invalid_grant");
    assert_eq!(crate::rp::userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
}

#[tokio::test]
async fn the_order_of_parameters_and_of_scopes_means_nothing() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let mut request: Vec<_> = rp.request().into_iter().collect();
    request.retain(|(name, _)| *name != "scope");
    request.push(("scope", "email openid".to_owned()));
    request.reverse();
    let query = form(request.iter().map(|(name, value)| (*name, value.as_str())));
    let code = answered(&browser.get(&format!("/authorize?{query}")).await)["code"].clone();
    let tokens = json(&rp.redeem(&mut browser, &code).await);
    let told = json(&crate::rp::userinfo(&mut browser, &tokens["access_token"]).await);
    assert_eq!((&told["email"], &told["name"]), (&value!("an@danang.example"), &Value::Null));
}

/// Shannon's measure of a text, in bits.
fn shannon(text: &str) -> f64 {
    let length = f64::from(u32::try_from(text.len()).expect("short"));
    let mut counts = std::collections::BTreeMap::<u8, u32>::new();
    for byte in text.bytes() {
        *counts.entry(byte).or_default() += 1;
    }
    let of = |count: &u32| f64::from(*count) / length;
    -counts.values().map(|count| of(count) * of(count).log2()).sum::<f64>() * length
}

#[tokio::test]
async fn codes_tokens_and_references_are_hard_to_guess() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    for _ in 0..10 {
        let code = rp.code(&mut browser, &[("scope", "openid offline_access")]).await;
        let tokens = json(&rp.redeem(&mut browser, &code).await);
        let request = rp.request();
        let fields: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let fields: Vec<_> = fields.into_iter().filter(|(name, _)| *name != "client_id").collect();
        let pushed = json(&rp.send(&mut browser, "/par", &fields).await);
        let reference = pushed["request_uri"].as_str().and_then(|uri| uri.rsplit(':').next());
        let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        let reference = reference.expect("a reference").to_owned();
        for secret in [code, text("access_token"), text("refresh_token"), reference] {
            assert!(secret.len() >= 22 && shannon(&secret) >= 128.0, "{secret}: {} bits", shannon(&secret));
        }
    }
}

#[tokio::test]
async fn a_proof_ten_seconds_early_or_late_is_good_everywhere() {
    let house = house().await;
    let key = OwnKey::new(Algorithm::ES256, None);
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    for shift in [-10, 10] {
        let iat = value!({ "iat": house.app.now().seconds() + shift });
        let send = async |browser: &mut Browser, path: &str, fields: &[(&str, &str)]| {
            let secret = rp.secret.as_deref().expect("one");
            let mut all = vec![("client_id", rp.client_id.as_str()), ("client_secret", secret)];
            all.extend(fields);
            let request = Request::post(path)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("DPoP", key.proof(&house, "POST", path, &iat));
            browser.send(request, Body::from(form(all))).await
        };
        let request = rp.request();
        let fields: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let fields: Vec<_> = fields.into_iter().filter(|(name, _)| *name != "client_id").collect();
        let pushed = send(&mut browser, "/par", &fields).await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        let uri = json(&pushed)["request_uri"].as_str().expect("a reference").to_owned();
        let short = form([("client_id", rp.client_id.as_str()), ("request_uri", &uri)]);
        let code = answered(&browser.get(&format!("/authorize?{short}")).await)["code"].clone();
        let tokens = send(&mut browser, "/token", &code_fields(&code)).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        let token = json(&tokens)["access_token"].as_str().expect("a token").to_owned();
        let mut claims = iat.clone();
        claims["ath"] = danang_sso::crypto::token::digest(&token).into();
        let request = Request::get("/userinfo")
            .header("authorization", format!("DPoP {token}"))
            .header("DPoP", key.proof(&house, "GET", "/userinfo", &claims));
        assert_eq!(browser.send(request, Body::empty()).await.status, 200);
    }
}
