//! OpenID Connect Core 1.0 §3.1.2.1 and §5.5: what a request may ask for: authentication context, single claims,
//! languages, display.

use crate::house::House;
use crate::rp::{Rp, answered, claims, error_of, house, json, prove, signed_in, userinfo};
use danang_sso::domain::session::Proof;
use serde_json::Value;

const PASSWORD: &str = "urn:danang-sso:acr:password";
const CACHED: &str = "urn:danang-sso:acr:password-cached";

fn essential(values: &[&str]) -> String {
    serde_json::json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string()
}

#[tokio::test]
async fn acr_values_are_answered_by_one_of_them_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let document = json(&browser.get("/.well-known/openid-configuration").await);
    let advertised: Vec<_> = document["acr_values_supported"].as_array().expect("a list").clone();
    let all: Vec<_> = advertised.iter().map(|value| value.as_str().expect("text")).collect();
    for wanted in [all.join(" "), CACHED.to_owned(), format!("gold {PASSWORD}")] {
        let tokens = rp.tokens(&mut browser, &[("acr_values", &wanted)]).await;
        let stated = claims(&tokens["id_token"])["acr"].clone();
        assert!(advertised.contains(&stated), "{stated}");
        assert!(wanted.split(' ').any(|one| stated == one), "{stated} is not of {wanted}");
    }
    let unknown = rp.tokens(&mut browser, &[("acr_values", "1 2")]).await;
    assert_eq!(claims(&unknown["id_token"])["acr"], PASSWORD, "voluntary: the own one is told");
}

#[tokio::test]
async fn an_essential_acr_that_cannot_be_met_ends_the_request_5_5_1_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let unmet = rp.ask(&mut browser, &[("claims", &essential(&["gold"]))]).await;
    assert_eq!(error_of(&unmet), "unmet_authentication_requirements");
    assert_eq!(unmet["state"], "af0ifjsldkj");
    let met = rp.tokens(&mut browser, &[("claims", &essential(&["gold", PASSWORD]))]).await;
    assert_eq!(claims(&met["id_token"])["acr"], PASSWORD);
    // RFC 9700 §4.11.2: nobody is sent on before they are known.
    let stranger = house.browser().get(&rp.address(&[("claims", &essential(&["gold"]))])).await;
    assert!(stranger.location.expect("to the sign-in").starts_with("/sign-in?request="));
}

/// Makes the proofs of all open sessions those of a sign-in while the directory was down.
async fn weaken(house: &House) {
    let file = house.folder().join("house.db");
    let db = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.expect("opens");
    let cached = Proof::CACHED.code();
    sqlx::query("UPDATE session SET proof = $1").bind(cached).execute(&db).await.expect("written");
}

#[tokio::test]
async fn a_weak_session_signs_in_again_for_an_essential_acr_and_the_level_is_stated_anew_5_5_1_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    weaken(&house).await;
    let weak = rp.tokens(&mut browser, &[]).await;
    assert_eq!(claims(&weak["id_token"])["acr"], CACHED);
    let wanted = essential(&[PASSWORD]);
    let silent = rp.ask(&mut browser, &[("claims", &wanted), ("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "login_required");
    let sign_in = browser.get(&rp.address(&[("claims", &wanted)])).await.location.expect("to the sign-in");
    assert_eq!(browser.get(&sign_in).await.status, 200, "the form must show although somebody is signed in");
    let onward = prove(&mut browser, &sign_in, "an").await;
    let code = answered(&browser.get(&onward).await)["code"].clone();
    let strong = json(&rp.redeem(&mut browser, &code).await);
    assert_eq!(claims(&strong["id_token"])["acr"], PASSWORD);
}

#[tokio::test]
async fn a_claim_asked_for_userinfo_is_there_and_not_in_the_id_token_5_5() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let asked = ("claims", r#"{"userinfo":{"name":{"essential":true},"shoe_size":null}}"#);
    let tokens = rp.tokens(&mut browser, &[asked]).await;
    assert_eq!(claims(&tokens["id_token"])["name"], Value::Null);
    let told = json(&userinfo(&mut browser, &tokens["access_token"]).await);
    let names: Vec<_> = told.as_object().expect("claims").keys().map(String::as_str).collect();
    assert_eq!(names, ["name", "sub"]);
}

#[tokio::test]
async fn a_claim_asked_for_the_id_token_is_there_and_stays_through_a_refresh_5_5() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let asked = ("claims", r#"{"id_token":{"email":null,"auth_time":{"essential":true}}}"#);
    let tokens = rp.tokens(&mut browser, &[asked, ("scope", "openid offline_access")]).await;
    assert_eq!(claims(&tokens["id_token"])["email"], "an@danang.example");
    let told = json(&userinfo(&mut browser, &tokens["access_token"]).await);
    assert_eq!(told["email"], Value::Null);
    let refresh = tokens["refresh_token"].as_str().expect("one");
    let again = json(&rp.refresh(&mut browser, refresh).await);
    assert_eq!(claims(&again["id_token"])["email"], "an@danang.example");
}

#[tokio::test]
async fn a_claim_beyond_what_the_application_may_ask_for_is_left_out_5_5() {
    let house = house().await;
    let mut few = crate::rp::registration(danang_sso::domain::oauth::client::ClientKind::Web);
    few.scopes = danang_sso::domain::oauth::scope::Scopes::parse("openid profile");
    let rp = Rp::new(&house, &few).await;
    let mut browser = signed_in(&house).await;
    let asked = ("claims", r#"{"userinfo":{"email":null,"name":null},"id_token":{"agency":null}}"#);
    let tokens = rp.tokens(&mut browser, &[asked]).await;
    assert_eq!(claims(&tokens["id_token"])["agency"], Value::Null);
    let told = json(&userinfo(&mut browser, &tokens["access_token"]).await);
    assert_eq!((&told["email"], &told["name"]), (&Value::Null, &"Nguyễn Thị Hồng AN".into()));
}

#[tokio::test]
async fn a_subject_with_a_value_lets_only_that_person_through_5_5_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let wanted = |subject: &str| format!(r#"{{"id_token":{{"sub":{{"value":"{subject}"}}}}}}"#);
    let own = wanted(house.account("an").await.subject());
    assert!(rp.ask(&mut browser, &[("claims", &own), ("prompt", "none")]).await.contains_key("code"));
    let other = wanted(house.account("binh").await.subject());
    let answer = rp.ask(&mut browser, &[("claims", &other), ("prompt", "none")]).await;
    assert_eq!(error_of(&answer), "login_required");
}

#[tokio::test]
async fn claims_that_are_no_object_are_invalid_request_5_5() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    for wrong in ["x", "[]", r#"{"userinfo":1}"#, r#"{"id_token":{"name":true}}"#] {
        assert_eq!(error_of(&rp.ask(&mut browser, &[("claims", wrong)]).await), "invalid_request", "{wrong}");
    }
}

#[tokio::test]
async fn ui_locales_choose_the_language_of_the_sign_in_unless_the_person_has_chosen_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    let sign_in =
        browser.get(&rp.address(&[("ui_locales", "fr en vi")])).await.location.expect("to the sign-in");
    browser.get(&sign_in).await.shows("<html lang=\"en\">").shows("Official mail address");
    let request = sign_in.strip_prefix("/sign-in?request=").expect("an id");
    let fields = [("identifier", "an"), ("password", "Sai-mat-khau-1"), ("request", request)];
    browser.post_from(&sign_in, "/sign-in", &fields).await.shows("<html lang=\"en\">");
    browser.get("/language/vi?back=/sign-in").await;
    browser.get(&sign_in).await.shows("<html lang=\"vi\">");
}

#[tokio::test]
async fn every_display_is_shown_and_none_is_an_error_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    for display in ["page", "popup", "touch", "wap"] {
        let mut browser = house.browser();
        let changes = [("display", display), ("claims_locales", "se")];
        let sign_in = browser.get(&rp.address(&changes)).await.location.expect("to the sign-in");
        assert_eq!(browser.get(&sign_in).await.status, 200);
        let onward = prove(&mut browser, &sign_in, "an").await;
        assert!(answered(&browser.get(&onward).await).contains_key("code"));
    }
}

#[tokio::test]
async fn a_login_hint_fills_in_the_address_and_an_unknown_one_is_no_error_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    for hint in ["an@danang.example", "buffy@localhost", "\"><script>"] {
        let mut browser = house.browser();
        let sign_in =
            browser.get(&rp.address(&[("login_hint", hint)])).await.location.expect("to the sign-in");
        let page = browser.get(&sign_in).await;
        assert_eq!(page.status, 200);
        page.hides("\"><script>");
        let onward = prove(&mut browser, &sign_in, "an").await;
        assert!(answered(&browser.get(&onward).await).contains_key("code"));
    }
}
