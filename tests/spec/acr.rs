//! Authentication context classes with second factors: OpenID Connect Core 1.0 §2 (`acr`, `amr`), §3.1.2.1 (`acr_values`,
//! `max_age`), §5.5.1.1 (essential `acr`); RFC 8176 (`amr` values).

use crate::authenticator::{Authenticator, PAGE, second};
use crate::house::{Browser, House, PASSWORD};
use crate::rp::{Rp, answered, claims, error_of, house, json, prove, registration, signed_in};
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::proof::Class;
use danang_sso::services::clients::Registration;
use serde_json::{Value, json as value};
use time::Duration;

const SECOND: &str = "urn:danang-sso:acr:second-factor";
const KEY: &str = "urn:danang-sso:acr:passkey";

fn essential(urn: &str) -> String {
    value!({ "id_token": { "acr": { "essential": true, "value": urn } } }).to_string()
}

/// `an` is signed in by password alone, and has an app.
async fn with_app(house: &House) -> (Browser, Authenticator) {
    let app = Authenticator::set_up(house, &mut signed_in(house).await).await;
    house.pass(Duration::minutes(1));
    // A remembered browser: its session has no second factor.
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/sign-in/second");
    let fields = [("code", &*app.code(house)), ("remember", "1")];
    browser.post_from("/sign-in/second", "/sign-in/second", &fields).await.leads_to("/");
    browser.post_from("/", "/sign-out", &[]).await;
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    house.pass(Duration::minutes(1));
    (browser, app)
}

/// Sends the code of the app on the page to which a request has led; returns the tokens.
async fn step_up(rp: &Rp, house: &House, browser: &mut Browser, app: &Authenticator, asked: &str) -> Value {
    let request = asked.strip_prefix("/sign-in/second?request=").expect("to the second step alone");
    let fields = [("code", &*app.code(house)), ("request", request)];
    let onward = browser.post_from(asked, "/sign-in/second", &fields).await.location.expect("onward");
    let code = answered(&browser.get(&onward).await)["code"].clone();
    json(&rp.redeem(browser, &code).await)
}

fn told(tokens: &Value) -> (String, Vec<String>) {
    let claims = claims(&tokens["id_token"]);
    let amr = claims["amr"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (text(&claims["acr"]), amr.map(text).collect())
}

#[tokio::test]
async fn discovery_tells_all_classes_3() {
    let house = house().await;
    let document = json(&house.browser().get("/.well-known/openid-configuration").await);
    let all: Vec<_> = Class::ALL.iter().map(|class| class.urn()).collect();
    assert_eq!(document["acr_values_supported"], value!(all));
}

#[tokio::test]
async fn a_sign_in_with_a_code_states_second_factor_and_its_methods_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let (_, app) = with_app(&house).await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    second(&mut browser, &app.code(&house)).await.leads_to("/");
    let (acr, amr) = told(&rp.tokens(&mut browser, &[]).await);
    assert_eq!((acr.as_str(), amr), (SECOND, vec!["pwd".into(), "otp".into(), "mfa".into()]));
}

#[tokio::test]
async fn a_remembered_browser_is_a_password_and_nothing_more_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let (mut browser, _) = with_app(&house).await;
    let (acr, amr) = told(&rp.tokens(&mut browser, &[]).await);
    assert_eq!((acr.as_str(), amr), (Class::Password.urn(), vec!["pwd".to_owned()]));
}

#[tokio::test]
async fn a_live_session_is_asked_for_the_factor_alone_5_5_1_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    for changes in [[("claims", essential(SECOND))], [("acr_values", SECOND.to_owned())]] {
        let (mut browser, app) = with_app(&house).await;
        let changes = changes.each_ref().map(|(name, value)| (*name, value.as_str()));
        let before = claims(&rp.tokens(&mut browser, &[]).await["id_token"])["auth_time"].clone();
        let mut silent = changes.to_vec();
        silent.push(("prompt", "none"));
        let answer = rp.ask(&mut browser, &silent).await;
        assert!(answer.contains_key("code") || error_of(&answer) == "login_required");
        let asked = browser.get(&rp.address(&changes)).await.location.expect("to a page");
        let tokens = step_up(&rp, &house, &mut browser, &app, &asked).await;
        assert_eq!(told(&tokens).0, SECOND);
        assert_eq!(claims(&tokens["id_token"])["auth_time"], before, "the password is as old as it was");
        // From now on the session has it.
        assert_eq!(told(&rp.tokens(&mut browser, &changes).await).0, SECOND);
        browser.post_from("/security", "/security/authenticator/remove", &[]).await;
    }
}

#[tokio::test]
async fn whoever_has_no_factor_sets_one_up_for_what_is_essential_and_never_for_a_wish_5_5_1_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let (acr, _) = told(&rp.tokens(&mut browser, &[("acr_values", SECOND)]).await);
    assert_eq!(acr, Class::Password.urn());
    let asked = browser.get(&rp.address(&[("claims", &essential(SECOND))])).await.location.expect("a page");
    let request =
        asked.strip_prefix("/security/authenticator?request=").expect("to the page that sets it up");
    browser.get(&asked).await.shows("yêu cầu bước xác thực thứ hai");
    let app = Authenticator::set_up(&house, &mut browser).await;
    assert_eq!(app.recovery.len(), 10);
    let onward = format!("/authorize/continue?request={request}");
    let code = answered(&browser.get(&onward).await)["code"].clone();
    assert_eq!(told(&json(&rp.redeem(&mut browser, &code).await)).0, SECOND);
}

#[tokio::test]
async fn what_the_city_has_switched_off_cannot_be_met_5_5_1_1() {
    let off = "[second_factor]\nstaff = \"off\"\nadministrators = \"optional\"\n";
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), off).await;
    house.add("an", &[danang_sso::domain::mailbox::MailSystem::Ad]);
    house.sync().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    for urn in [SECOND, KEY] {
        let answer = rp.ask(&mut browser, &[("claims", &essential(urn))]).await;
        assert_eq!(error_of(&answer), "unmet_authentication_requirements");
        assert_eq!(told(&rp.tokens(&mut browser, &[("acr_values", urn)]).await).0, Class::Password.urn());
    }
}

async fn with_minimum(house: &House, minimum: Class) -> Rp {
    let metadata = Metadata { minimum_acr: Some(minimum), ..Metadata::default() };
    Rp::new(house, &Registration { metadata, ..registration(ClientKind::Web) }).await
}

#[tokio::test]
async fn the_least_of_an_application_holds_for_requests_that_ask_for_nothing_3_1_2_1() {
    let house = house().await;
    let rp = with_minimum(&house, Class::SecondFactor).await;
    let (mut browser, app) = with_app(&house).await;
    assert_eq!(error_of(&rp.ask(&mut browser, &[("prompt", "none")]).await), "login_required");
    for weaker in [&[][..], &[("acr_values", "urn:danang-sso:acr:password")]] {
        let asked = browser.get(&rp.address(weaker)).await.location.expect("a page");
        assert!(asked.starts_with("/sign-in/second?request="), "{asked}");
    }
    let asked = browser.get(&rp.address(&[])).await.location.expect("a page");
    let tokens = step_up(&rp, &house, &mut browser, &app, &asked).await;
    assert_eq!(told(&tokens).0, SECOND);
    // Another application asks nobody for more than a password.
    let usual = Rp::web(&house).await;
    assert!(usual.ask(&mut browser.clone(), &[]).await.contains_key("code"));
}

#[tokio::test]
async fn a_stranger_signs_in_with_both_and_comes_back_with_the_class_3_1_2_1() {
    let house = house().await;
    let rp = with_minimum(&house, Class::SecondFactor).await;
    let (_, app) = with_app(&house).await;
    let mut browser = house.browser();
    let sign_in = browser.get(&rp.address(&[])).await.location.expect("to the sign-in");
    let asked = prove(&mut browser, &sign_in, "an").await;
    let tokens = step_up(&rp, &house, &mut browser, &app, &asked).await;
    assert_eq!(told(&tokens).0, SECOND);
}

#[tokio::test]
async fn max_age_counts_from_the_password_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let (mut browser, app) = with_app(&house).await;
    house.pass(Duration::minutes(10));
    let asked = browser.get(&rp.address(&[("acr_values", SECOND)])).await.location.expect("a page");
    step_up(&rp, &house, &mut browser, &app, &asked).await;
    let again = browser.get(&rp.address(&[("max_age", "60")])).await.location.expect("a page");
    assert!(again.starts_with("/sign-in?request="), "{again}");
}

#[tokio::test]
async fn the_page_that_sets_a_factor_up_for_an_application_is_open_to_nobody_else() {
    let house = house().await;
    house.browser().get(PAGE).await.leads_to("/sign-in?back=%2Fsecurity%2Fauthenticator");
}
