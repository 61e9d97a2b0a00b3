//! RFC 8628: the device authorization grant.

use crate::house::{Answer, Browser, House, PASSWORD};
use crate::own_keys::OwnKey;
use crate::rp::{
    CALLBACK, Rp, claims, form, house, json, prove, registration, signed_in, signed_in_as, token_error,
    userinfo,
};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use danang_sso::crypto::token::digest;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::device::DEVICE_CODE;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::services::clients::Registration;
use danang_sso::services::upkeep;
use danang_sso::storage::{audit, clients};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json as value};
use time::Duration;
use tokio::task::JoinSet;

fn metadata() -> Metadata {
    let grant_types = [DEVICE_CODE, "refresh_token"].map(str::to_owned).to_vec();
    Metadata { grant_types, ..Metadata::default() }
}

async fn with(house: &House, kind: ClientKind, metadata: Metadata) -> Rp {
    let name = "Bảng tin phòng họp".to_owned();
    let redirect_uris = Vec::new();
    Rp::new(house, &Registration { name, redirect_uris, metadata, ..registration(kind) }).await
}

/// A public application on devices.
pub async fn on_devices(house: &House) -> Rp {
    with(house, ClientKind::Native, metadata()).await
}

/// A device begins.
pub async fn begin(rp: &Rp, device: &mut Browser, fields: &[(&str, &str)]) -> Value {
    let answer = rp.send(device, "/device_authorization", fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    json(&answer)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// It asks for its tokens.
pub async fn poll(rp: &Rp, device: &mut Browser, begun: &Value) -> Answer {
    let fields = [("grant_type", DEVICE_CODE), ("device_code", text(&begun["device_code"]))];
    rp.token(device, &fields).await
}

async fn type_code(person: &mut Browser, code: &str) -> Answer {
    person.post_from("/device", "/device", &[("user_code", code)]).await
}

/// Types the code; tells the id under which the device waits.
pub async fn entered(person: &mut Browser, begun: &Value) -> String {
    let answer = type_code(person, text(&begun["user_code"])).await;
    let to = answer.location.unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    to.strip_prefix("/device/answer?request=").expect("an id").to_owned()
}

/// The person answers on the page that asks.
pub async fn say(person: &mut Browser, id: &str, word: &str) -> Answer {
    let page = format!("/device/answer?request={id}");
    person.post_from(&page, "/device/answer", &[("request", id), ("answer", word)]).await
}

/// Types the code of a device and agrees.
pub async fn approve(person: &mut Browser, begun: &Value) {
    let id = entered(person, begun).await;
    say(person, &id, "approve").await.leads_to("/device?answered=approved");
}

const WAIT: Duration = Duration::seconds(5);

#[tokio::test]
async fn the_answer_has_both_codes_two_addresses_and_the_times_3_2() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let answer = rp.send(&mut house.browser(), "/device_authorization", &[("scope", "openid profile")]).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["cache-control"]),
        (200, &"no-store".parse().expect("ASCII"))
    );
    let begun = json(&answer);
    assert_eq!(text(&begun["device_code"]).len(), 43);
    let code = text(&begun["user_code"]);
    assert!(code.len() == 9 && code.as_bytes()[4] == b'-', "{code}");
    assert!(!code.contains(['A', 'E', 'I', 'O', 'U', 'Y', '0', '1']), "{code}");
    assert_eq!(begun["verification_uri"], "http://localhost:8080/device");
    assert_eq!(begun["verification_uri_complete"], format!("http://localhost:8080/device?user_code={code}"));
    assert_eq!((&begun["expires_in"], &begun["interval"]), (&value!(600), &value!(5)));
    let found = house.browser().get("/.well-known/openid-configuration").await;
    let found = json(&found);
    assert_eq!(found["device_authorization_endpoint"], "http://localhost:8080/device_authorization");
    assert!(found["grant_types_supported"].as_array().expect("a list").contains(&value!(DEVICE_CODE)));
}

#[tokio::test]
async fn a_person_who_agrees_gives_the_device_its_tokens_3_3_3_4_3_5() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[("scope", "openid profile offline_access")]).await;
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "authorization_pending");
    let id = entered(&mut person, &begun).await;
    let page = person.get(&format!("/device/answer?request={id}")).await;
    page.shows("Bảng tin phòng họp").shows("an@danang.example").shows(text(&begun["user_code"]));
    page.shows("Chỉ cho phép nếu chính Ông/Bà vừa bắt đầu").shows("Họ và tên, tên đăng nhập");
    page.hides("Cơ quan và chức vụ");
    say(&mut person, &id, "approve").await.leads_to("/device?answered=approved");
    person.get("/device?answered=approved").await.shows("Đã cho phép thiết bị");
    house.pass(WAIT);
    let tokens = json(&poll(&rp, &mut device, &begun).await);
    assert_eq!(
        (&tokens["token_type"], &tokens["scope"]),
        (&value!("Bearer"), &value!("openid profile offline_access"))
    );
    let told = claims(&tokens["id_token"]);
    assert_eq!(told["sub"], house.account("an").await.subject());
    assert_eq!((&told["aud"], told.get("nonce")), (&value!(rp.client_id), None));
    assert_eq!(json(&userinfo(&mut device, &tokens["access_token"]).await)["sub"], told["sub"]);
    let refreshed = json(&rp.refresh(&mut device, text(&tokens["refresh_token"])).await);
    assert!(refreshed["access_token"].is_string());
    person.get("/applications").await.shows("Bảng tin phòng họp");
    let history = audit::of_account(&house.app.db, house.account("an").await.id(), 10).await.expect("reads");
    assert!(history.iter().any(|entry| entry.act == Act::DeviceApproved));
}

#[tokio::test]
async fn a_device_code_that_comes_again_ends_everything_it_gave_3_5() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    approve(&mut person, &begun).await;
    let tokens = json(&poll(&rp, &mut device, &begun).await);
    assert_eq!(tokens["scope"], "openid", "without a scope");
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "slow_down", "sent twice by the network");
    assert_eq!(userinfo(&mut device, &tokens["access_token"]).await.status, 200);
    house.pass(WAIT * 2);
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "invalid_grant");
    assert_eq!(userinfo(&mut device, &tokens["access_token"]).await.status, 401);
}

#[tokio::test]
async fn of_many_questions_at_once_one_wins_and_its_tokens_stay_3_5() {
    let house = house().await;
    let rp = std::sync::Arc::new(on_devices(&house).await);
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    approve(&mut person, &begun).await;
    let mut hands = JoinSet::new();
    for _ in 0..16 {
        let (rp, begun, mut device) = (rp.clone(), begun.clone(), device.clone());
        hands.spawn(async move { poll(&rp, &mut device, &begun).await });
    }
    let answers = hands.join_all().await;
    let (good, early): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(good.len(), 1);
    assert!(early.iter().all(|answer| token_error(answer) == "slow_down"));
    assert_eq!(userinfo(&mut device, &json(good[0])["access_token"]).await.status, 200);
}

#[tokio::test]
async fn a_device_that_hurries_waits_five_seconds_longer_each_time_3_5() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let mut device = house.browser();
    let begun = begin(&rp, &mut device, &[]).await;
    let mut after = async |seconds| {
        house.pass(Duration::seconds(seconds));
        token_error(&poll(&rp, &mut device, &begun).await)
    };
    assert_eq!(after(0).await, "authorization_pending");
    assert_eq!(after(4).await, "authorization_pending", "a second may get lost on the way");
    assert_eq!(after(3).await, "slow_down");
    assert_eq!(after(8).await, "slow_down");
    assert_eq!(after(14).await, "authorization_pending");
    assert_eq!(after(15).await, "authorization_pending");
}

#[tokio::test]
async fn a_person_who_refuses_is_told_to_the_device_3_5() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    let id = entered(&mut person, &begun).await;
    say(&mut person, &id, "refuse").await.leads_to("/device?answered=refused");
    person.get("/device?answered=refused").await.shows("Đã từ chối thiết bị").shows("0236 1022");
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "access_denied");
    say(&mut person, &id, "approve").await.leads_to(&format!("/device/answer?request={id}"));
    assert_eq!(person.get(&format!("/device/answer?request={id}")).await.status, 400, "it is too late");
    house.pass(WAIT);
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "access_denied");
    let history = audit::of_account(&house.app.db, house.account("an").await.id(), 10).await.expect("reads");
    assert!(history.iter().any(|entry| entry.act == Act::DeviceRefused));
}

#[tokio::test]
async fn an_application_that_is_stopped_meanwhile_is_told_to_the_device_and_to_the_person_3_5() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let (begun, other) = (begin(&rp, &mut device, &[]).await, begin(&rp, &mut device, &[]).await);
    let id = entered(&mut person, &begun).await;
    let db = &house.app.db;
    let client = clients::by_client_id(db, &rp.client_id).await.expect("reads").expect("it is there");
    let mut tx = db.begin().await.expect("begins");
    let now = house.app.now();
    assert!(clients::set_disabled(&mut tx, client.id, client.version, Some(now)).await.expect("stopped"));
    tx.commit().await.expect("commits");
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "access_denied");
    let stopped = "Thành phố đang tạm dừng ứng dụng Bảng tin phòng họp";
    person.get(&format!("/device/answer?request={id}")).await.shows(stopped);
    let id = entered(&mut person, &other).await;
    say_blindly(&mut person, &id).await.leads_to(&format!("/device/answer?request={id}"));
    person.get(&format!("/device/answer?request={id}")).await.shows(stopped);
    person.get(&format!("/sign-in?request={id}")).await.shows(stopped);
    let anew = rp.send(&mut device, "/device_authorization", &[]).await;
    assert_eq!(token_error(&anew), "invalid_client", "nothing new begins");
}

/// Says yes without having been asked.
async fn say_blindly(person: &mut Browser, id: &str) -> Answer {
    person.post_from("/device", "/device/answer", &[("request", id), ("answer", "approve")]).await
}

#[tokio::test]
async fn after_ten_minutes_the_codes_are_too_old_3_5() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    let late = begin(&rp, &mut device, &[]).await;
    house.pass(Duration::seconds(599));
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "authorization_pending");
    approve(&mut person, &late).await;
    house.pass(Duration::seconds(1));
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "expired_token");
    type_code(&mut person, text(&begun["user_code"])).await.shows("Mã không đúng hoặc đã hết hạn.");
    house.pass(Duration::seconds(28));
    assert_eq!(poll(&rp, &mut device, &late).await.status, 200, "answered in the last second");
    house.pass(Duration::hours(1));
    upkeep::forget(&house.app).await.expect("forgets");
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "invalid_grant", "forgotten");
}

#[tokio::test]
async fn an_approval_that_nobody_fetches_ends_too_3_5() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    approve(&mut person, &begun).await;
    house.pass(Duration::seconds(630));
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "expired_token");
}

#[tokio::test]
async fn somebody_signs_in_first_and_is_asked_then_3_3() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), house.browser());
    let begun = begin(&rp, &mut device, &[]).await;
    let id = entered(&mut person, &begun).await;
    let sign_in = person.get(&format!("/device/answer?request={id}")).await.location.expect("to the sign-in");
    person.get(&sign_in).await.shows("Bảng tin phòng họp");
    let onward = prove(&mut person, &sign_in, "binh").await;
    person.get(&onward).await.leads_to(&format!("/device/answer?request={id}"));
    say(&mut person, &id, "approve").await.leads_to("/device?answered=approved");
    let tokens = json(&poll(&rp, &mut device, &begun).await);
    assert_eq!(claims(&tokens["id_token"])["sub"], house.account("binh").await.subject());
    // Turning back from the sign-in refuses.
    let begun = begin(&rp, &mut device, &[]).await;
    let mut other = house.browser();
    let id = entered(&mut other, &begun).await;
    let sign_in = format!("/sign-in?request={id}");
    let back = other.post_from(&sign_in, "/authorize/cancel", &[("request", &id)]).await;
    back.leads_to("/device?answered=refused");
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "access_denied");
}

#[tokio::test]
async fn a_password_that_must_be_changed_comes_first_3_3() {
    let house = house().await;
    house.add_with_default("chi", &[MailSystem::Ad], house.app.now());
    house.sync().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), house.browser());
    let begun = begin(&rp, &mut device, &[]).await;
    let id = entered(&mut person, &begun).await;
    let onward = prove(&mut person, &format!("/sign-in?request={id}"), "chi").await;
    let ask = person.get(&onward).await.location.unwrap_or(onward);
    let password = format!("/password?request={id}");
    assert_eq!(person.get(&ask).await.location.as_deref(), Some(password.as_str()), "{ask}");
    let forced =
        person.post_from(&password, "/device/answer", &[("request", &id), ("answer", "approve")]).await;
    forced.leads_to(&format!("/device/answer?request={id}"));
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "authorization_pending");
}

#[tokio::test]
async fn an_address_with_the_code_fills_it_in_and_asks_all_the_same_3_3_1() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    let address =
        text(&begun["verification_uri_complete"]).strip_prefix("http://localhost:8080").expect("ours");
    person.get(address).await.shows(&format!("value=\"{}\"", text(&begun["user_code"])));
    person.get("/device?user_code=%22%3E%3Cscript%3E").await.hides("<script>").shows("value=\"\"");
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "authorization_pending");
}

#[tokio::test]
async fn a_code_is_typed_in_small_letters_with_spaces_or_without_a_dash_6_1() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let mut person = signed_in(&house).await;
    let begun = begin(&rp, &mut house.browser(), &[]).await;
    let letters = text(&begun["user_code"]).replace('-', "");
    for typed in [letters.clone(), letters.to_lowercase(), format!(" {} {} ", &letters[..4], &letters[4..])] {
        let to = type_code(&mut person, &typed).await.location;
        assert_eq!(to, Some(format!("/device/answer?request=device-{letters}")), "{typed:?}");
    }
}

#[tokio::test]
async fn only_whoever_is_registered_for_it_begins_and_asks_3_1_3_4() {
    let house = house().await;
    let (web, rp) = (Rp::web(&house).await, on_devices(&house).await);
    let mut device = house.browser();
    let refused = web.send(&mut device, "/device_authorization", &[]).await;
    assert_eq!(token_error(&refused), "unauthorized_client");
    let begun = begin(&rp, &mut device, &[]).await;
    assert_eq!(token_error(&poll(&web, &mut device, &begun).await), "unauthorized_client");
    let other = on_devices(&house).await;
    assert_eq!(token_error(&poll(&other, &mut device, &begun).await), "invalid_grant", "of another client");
    assert_eq!(token_error(&poll(&rp, &mut device, &value!({ "device_code": "x" })).await), "invalid_grant");
    let none = rp.token(&mut device, &[("grant_type", DEVICE_CODE)]).await;
    assert_eq!(token_error(&none), "invalid_request");
    let scope = rp.send(&mut device, "/device_authorization", &[("scope", "profile")]).await;
    assert_eq!(token_error(&scope), "invalid_scope");
    let secret = with(&house, ClientKind::Web, metadata()).await;
    let fields = [("client_id", secret.client_id.as_str())];
    assert_eq!(token_error(&device.post("/device_authorization", &fields).await), "invalid_client");
    begin(&secret, &mut device, &[]).await;
}

#[tokio::test]
async fn a_device_code_is_no_authorization_code_3_4() {
    let house = house().await;
    let mut both = metadata();
    both.grant_types.push("authorization_code".to_owned());
    let mut asked = registration(ClientKind::Native);
    (asked.redirect_uris, asked.metadata) = (vec![CALLBACK.to_owned()], both);
    let rp = Rp::new(&house, &asked).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    approve(&mut person, &begun).await;
    let code = text(&begun["device_code"]).to_owned();
    for code in [code.clone(), digest(&code)] {
        for redirect_uri in ["", CALLBACK] {
            let fields = [
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("redirect_uri", redirect_uri),
            ];
            assert_eq!(token_error(&rp.token(&mut device, &fields).await), "invalid_grant");
        }
    }
    assert_eq!(poll(&rp, &mut device, &begun).await.status, 200);
}

#[tokio::test]
async fn guesses_are_limited_for_a_browser_and_for_a_network_address_5_1() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let begun = begin(&rp, &mut house.browser(), &[]).await;
    let mut guesser = house.browser();
    type_code(&mut guesser, "no code at all").await.shows("Mã không đúng");
    for _ in 0..6 {
        assert_eq!(type_code(&mut guesser, "BCDF-GHJK").await.status, 422);
    }
    let paused = type_code(&mut guesser, text(&begun["user_code"])).await;
    assert_eq!(
        (paused.status.as_u16(), &paused.headers["retry-after"]),
        (429, &"600".parse().expect("ASCII"))
    );
    paused.shows("Hãy thử lại sau 09:10");
    let mut other = house.browser();
    entered(&mut other, &begun).await;
    // A new cookie for every guess does not help.
    for _ in 6..50 {
        assert_eq!(type_code(&mut house.browser(), "BCDF-GHJK").await.status, 422);
    }
    assert_eq!(type_code(&mut house.browser(), "BCDF-GHJK").await.status, 429);
    let mut elsewhere = house.browser();
    elsewhere.source = "192.0.2.9".to_owned();
    entered(&mut elsewhere, &begun).await;
}

#[tokio::test]
async fn only_the_browser_that_typed_the_code_answers_with_the_token_of_its_page_5_4() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    let id = entered(&mut person, &begun).await;
    let fields = [("request", id.as_str()), ("answer", "approve")];
    assert_eq!(person.post("/device/answer", &fields).await.status, 403);
    let mut other = signed_in_as(&house, "binh").await;
    assert_eq!(other.post_from("/sessions", "/device/answer", &fields).await.status, 400);
    assert_eq!(other.get(&format!("/device/answer?request={id}")).await.status, 400);
    assert_eq!(other.get(&format!("/authorize/continue?request={id}")).await.status, 400);
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "authorization_pending");
}

#[tokio::test]
async fn an_application_of_other_agencies_is_not_for_the_person_3_3() {
    let house = house().await;
    let metadata = Metadata { allowed_agencies: vec!["so-tai-chinh".to_owned()], ..metadata() };
    let rp = with(&house, ClientKind::Native, metadata).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    let id = entered(&mut person, &begun).await;
    let page = person.get(&format!("/device/answer?request={id}")).await;
    assert_eq!(page.status, 403);
    page.shows("so-tai-chinh").hides("id=\"approve\"");
    let fields = [("request", id.as_str()), ("answer", "approve")];
    person
        .post_from("/sessions", "/device/answer", &fields)
        .await
        .leads_to(&format!("/device/answer?request={id}"));
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "authorization_pending");
}

#[tokio::test]
async fn signing_out_ends_what_a_device_was_given_and_what_it_has_not_fetched() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let (first, second) = (begin(&rp, &mut device, &[]).await, begin(&rp, &mut device, &[]).await);
    approve(&mut person, &first).await;
    approve(&mut person, &second).await;
    let tokens = json(&poll(&rp, &mut device, &first).await);
    assert_eq!(userinfo(&mut device, &tokens["access_token"]).await.status, 200);
    person.post_from("/", "/sign-out", &[]).await;
    assert_eq!(userinfo(&mut device, &tokens["access_token"]).await.status, 401);
    assert_eq!(token_error(&poll(&rp, &mut device, &second).await), "invalid_grant");
}

#[tokio::test]
async fn an_old_sign_in_is_renewed_where_the_application_wants_a_fresh_one() {
    let house = house().await;
    let rp = with(&house, ClientKind::Native, Metadata { default_max_age: Some(60), ..metadata() }).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    house.pass(Duration::seconds(61));
    let begun = begin(&rp, &mut device, &[]).await;
    let id = entered(&mut person, &begun).await;
    let ask = format!("/device/answer?request={id}");
    let sign_in = format!("/sign-in?request={id}");
    person.get(&ask).await.leads_to(&sign_in);
    let fields = [("identifier", "an"), ("password", PASSWORD), ("request", id.as_str())];
    person
        .post_from(&sign_in, "/sign-in", &fields)
        .await
        .leads_to(&format!("/authorize/continue?request={id}"));
    house.pass(Duration::seconds(61));
    say(&mut person, &id, "approve").await.leads_to("/device?answered=approved");
    assert_eq!(poll(&rp, &mut device, &begun).await.status, 200);
}

#[tokio::test]
async fn a_proof_binds_the_tokens_of_a_device_to_its_key_rfc9449_5() {
    let house = house().await;
    let rp =
        with(&house, ClientKind::Native, Metadata { dpop_bound_access_tokens: true, ..metadata() }).await;
    let (mut device, mut person) = (house.browser(), signed_in(&house).await);
    let begun = begin(&rp, &mut device, &[]).await;
    approve(&mut person, &begun).await;
    assert_eq!(token_error(&poll(&rp, &mut device, &begun).await), "invalid_dpop_proof");
    house.pass(WAIT);
    let proof = OwnKey::new(Algorithm::ES256, None).proof(&house, "POST", "/token", &value!({}));
    let request = Request::post("/token").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let fields = [
        ("grant_type", DEVICE_CODE),
        ("device_code", text(&begun["device_code"])),
        ("client_id", rp.client_id.as_str()),
    ];
    let tokens = json(&device.send(request.header("DPoP", proof), Body::from(form(fields))).await);
    assert_eq!(tokens["token_type"], "DPoP", "{tokens}");
    assert_eq!(userinfo(&mut device, &tokens["access_token"]).await.status, 401, "without the key");
}
