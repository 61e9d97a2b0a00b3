//! Acting for an agency's mailbox: the choice at an application, and `act` (RFC 8693 §4.1) in everything that tells of it.

use crate::house::{Answer, Browser, House, PASSWORD};
use crate::oidc_back_channel_logout::Listener;
use crate::rfc8628::{begin, entered, on_devices, poll, say};
use crate::rp::{Rp, answered, claims, error_of, json, registration, signed_in, signed_in_as, userinfo};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::clients::Registration;
use danang_sso::services::session;
use danang_sso::services::{acting, admins, logout_notices};
use danang_sso::storage::delegations;
use time::Duration;

/// `an` and `binh`, the mailbox `vanthu` of their agency, its administrator `truong`, and `khac` who administers another.
async fn house() -> House {
    let house = House::build().await;
    for who in ["an", "binh", "vanthu", "truong"] {
        house.add(who, &[Ad]);
    }
    house.add_with("khac", &[Ad], |seen| {
        seen.agency =
            Some(SeenAgency { code: Some("so-tc".to_owned()), name: "Sở Tài chính".to_owned() });
    });
    house.sync().await;
    for (who, agency) in [("truong", "so-khcn"), ("khac", "so-tc")] {
        let account = house.account(who).await;
        admins::grant(&house.app, &account.profile().address, Some(agency)).await.expect("granted");
    }
    house
}

async fn console(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn page_of(house: &House) -> String {
    format!("/accounts/{}/delegates", house.account("vanthu").await.id())
}

/// Lets `an` act for `vanthu`.
async fn name_an(house: &House, until: &str) {
    let (mut desk, page) = (console(house, "truong").await, page_of(house).await);
    let fields = [("person", "an"), ("why", "Quyết định 12/QĐ"), ("until", until)];
    desk.post_from(&page, &page, &fields).await.leads_to(&format!("{page}?note=granted"));
}

/// Asks for a code, and chooses on the page that comes.
async fn choose(rp: &Rp, browser: &mut Browser, as_whom: &str, changes: &[(&'static str, &str)]) -> Answer {
    let answer = browser.get(&rp.address(changes)).await;
    let to = answer.location.expect("somewhere");
    let id = to.strip_prefix("/authorize/acting?request=").unwrap_or_else(|| panic!("not asked: {to}"));
    let fields = [("request", id), ("as", as_whom)];
    let onward = browser.post_from(&to, "/authorize/acting", &fields).await.location.expect("onward");
    browser.get(&onward).await
}

async fn tokens(rp: &Rp, browser: &mut Browser, answer: &Answer) -> serde_json::Value {
    let code = answered(answer).remove("code").expect("a code");
    json(&rp.redeem(browser, &code).await)
}

#[tokio::test]
async fn somebody_who_may_act_for_nobody_is_not_asked() {
    let house = house().await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    rp.code(&mut browser, &[]).await;
}

#[tokio::test]
async fn the_application_sees_the_mailbox_and_the_person_and_the_audit_the_person() {
    let house = house().await;
    name_an(&house, "").await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    let (mailbox, an) = (house.account("vanthu").await, house.account("an").await);
    let asked = browser.get(&rp.address(&[])).await.location.expect("somewhere");
    browser
        .get(&asked)
        .await
        .shows("Thay mặt Nguyễn Thị Hồng VANTHU")
        .shows("Với tư cách cá nhân")
        .shows("an@danang.example");
    let wide = [("scope", "openid profile email offline_access")];
    let answer = choose(&rp, &mut browser, &mailbox.id().to_string(), &wide).await;
    let tokens = tokens(&rp, &mut browser, &answer).await;
    let id_token = claims(&tokens["id_token"]);
    assert_eq!(id_token["sub"], mailbox.subject());
    assert_eq!(id_token["act"]["sub"], an.subject());
    assert_eq!(id_token["act"]["email"], "an@danang.example");
    let told = json(&userinfo(&mut browser, &tokens["access_token"]).await);
    assert_eq!((&told["sub"], &told["email"]), (&mailbox.subject().into(), &"vanthu@danang.example".into()));
    assert_eq!(told["act"]["sub"], an.subject());
    let presented = [("token", tokens["access_token"].as_str().expect("one"))];
    let active = json(&rp.send(&mut browser, "/introspect", &presented).await);
    assert_eq!(active["act"]["sub"], an.subject());
    let again = json(&rp.refresh(&mut browser, tokens["refresh_token"].as_str().expect("one")).await);
    assert_eq!(claims(&again["id_token"])["act"]["sub"], an.subject());
    // RFC 6749 §6: what is asked for less tells less, of the person behind it too.
    let refresh = again["refresh_token"].as_str().expect("one");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "openid")];
    let narrow = json(&rp.token(&mut browser, &fields).await);
    let told = json(&userinfo(&mut browser, &narrow["access_token"]).await);
    assert_eq!(told["act"], serde_json::json!({ "sub": an.subject() }));
    assert_eq!(claims(&narrow["id_token"])["act"], serde_json::json!({ "sub": an.subject() }));

    let history =
        danang_sso::storage::audit::of_account(&house.app.db, mailbox.id(), 50).await.expect("reads");
    let entered = history.iter().find(|line| line.act.code() == "application_entered").expect("a line");
    assert_eq!(entered.actor, "an@danang.example");
    // The choice is remembered for the application while the session lasts, and for no other one.
    let code = rp.code(&mut browser, &[]).await;
    assert_eq!(claims(&json(&rp.redeem(&mut browser, &code).await)["id_token"])["sub"], mailbox.subject());
    let other = Rp::web(&house).await;
    let to = browser.get(&other.address(&[])).await.location.expect("somewhere");
    assert!(to.starts_with("/authorize/acting?request="), "{to}");
}

#[tokio::test]
async fn whoever_goes_on_as_themselves_has_no_act_and_is_asked_again_when_they_wish() {
    let house = house().await;
    name_an(&house, "").await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    let answer = choose(&rp, &mut browser, "oneself", &[]).await;
    let id_token = claims(&tokens(&rp, &mut browser, &answer).await["id_token"]);
    assert_eq!(id_token["sub"], house.account("an").await.subject());
    assert!(id_token.get("act").is_none());
    browser
        .get("/account")
        .await
        .shows("vanthu@danang.example")
        .shows("truong@danang.example giao ngày 02/03/2026");
    browser.post_from("/account", "/account/ask-again", &[]).await.leads_to("/account?note=ask");
    let to = browser.get(&rp.address(&[])).await.location.expect("somewhere");
    assert!(to.starts_with("/authorize/acting?request="), "{to}");
}

#[tokio::test]
async fn a_silent_request_goes_on_as_oneself_and_a_hint_as_the_mailbox_that_it_names() {
    let house = house().await;
    name_an(&house, "").await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    let code = rp.code(&mut browser, &[("prompt", "none")]).await;
    let silent = claims(&json(&rp.redeem(&mut browser, &code).await)["id_token"]);
    assert_eq!(silent["sub"], house.account("an").await.subject());
    let mailbox = house.account("vanthu").await;
    let answer = choose(&rp, &mut browser, &mailbox.id().to_string(), &[]).await;
    let hint = tokens(&rp, &mut browser, &answer).await["id_token"].as_str().expect("one").to_owned();
    browser.post_from("/account", "/account/ask-again", &[]).await;
    let code = rp.code(&mut browser, &[("prompt", "none"), ("id_token_hint", &hint)]).await;
    let hinted = claims(&json(&rp.redeem(&mut browser, &code).await)["id_token"]);
    assert_eq!(hinted["sub"], mailbox.subject());
    let mut binh = signed_in_as(&house, "binh").await;
    let refused = rp.ask(&mut binh, &[("prompt", "none"), ("id_token_hint", &hint)]).await;
    assert_eq!(error_of(&refused), "login_required");
}

#[tokio::test]
async fn of_several_accounts_in_a_browser_the_one_that_may_act_goes_on_as_the_mailbox_that_a_hint_names() {
    let house = house().await;
    name_an(&house, "").await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    let (mailbox, an) = (house.account("vanthu").await, house.account("an").await);
    let answer = choose(&rp, &mut browser, &mailbox.id().to_string(), &[]).await;
    let hint = tokens(&rp, &mut browser, &answer).await["id_token"].as_str().expect("one").to_owned();
    let beside = [("identifier", "binh"), ("password", PASSWORD), ("another", "1")];
    browser.post_from("/sign-in?another=1", "/sign-in", &beside).await.leads_to("/");
    let code = rp.code(&mut browser, &[("prompt", "none"), ("id_token_hint", &hint)]).await;
    let hinted = claims(&json(&rp.redeem(&mut browser, &code).await)["id_token"]);
    assert_eq!((&hinted["sub"], &hinted["act"]["sub"]), (&mailbox.subject().into(), &an.subject().into()));
    // Without a hint the account goes on with which the application was last entered.
    let code = rp.code(&mut browser, &[]).await;
    let last = claims(&json(&rp.redeem(&mut browser, &code).await)["id_token"]);
    assert_eq!(last["sub"], mailbox.subject());
}

#[tokio::test]
async fn a_mailbox_that_is_not_theirs_cannot_be_chosen() {
    let house = house().await;
    name_an(&house, "").await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    for other in [house.account("binh").await.id(), house.account("truong").await.id()] {
        let again = choose(&rp, &mut browser, &other.to_string(), &[]).await;
        let to = again.location.expect("somewhere");
        assert!(to.starts_with("/authorize/acting?request="), "asked again: {to}");
    }
    let mut binh = signed_in_as(&house, "binh").await;
    let to = browser.get(&rp.address(&[])).await.location.expect("somewhere");
    let theft = binh.get(&to).await;
    theft.hides("Thay mặt");
}

#[tokio::test]
async fn taking_it_back_ends_what_applications_were_given_for_the_mailbox_and_nothing_else() {
    let house = house().await;
    name_an(&house, "").await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    let own = Rp::web(&house).await;
    let as_oneself = choose(&own, &mut browser, "oneself", &[]).await;
    let kept = tokens(&own, &mut browser, &as_oneself).await;
    let mailbox = house.account("vanthu").await;
    let as_mailbox = choose(&rp, &mut browser, &mailbox.id().to_string(), &[]).await;
    let ended = tokens(&rp, &mut browser, &as_mailbox).await;
    let (mut desk, page) = (console(&house, "truong").await, page_of(&house).await);
    let shown = desk.get(&page).await;
    shown.shows("Nguyễn Thị Hồng AN").shows("Quyết định 12/QĐ").shows("không thời hạn");
    let id = shown.hidden("end").expect("a form");
    let fields = [("end", id.as_str()), ("why", "Chuyển công tác")];
    desk.post_from(&page, &page, &fields).await.leads_to(&format!("{page}?note=ended"));
    assert_eq!(userinfo(&mut browser, &ended["access_token"]).await.status, 401);
    assert_eq!(userinfo(&mut browser, &kept["access_token"]).await.status, 200);
    let code = rp.code(&mut browser, &[]).await;
    let id_token = claims(&json(&rp.redeem(&mut browser, &code).await)["id_token"]);
    assert_eq!(id_token["sub"], house.account("an").await.subject(), "nothing is left to choose");
}

#[tokio::test]
async fn a_delegation_ends_with_its_last_day_and_what_was_given_out_of_it() {
    let house = house().await;
    name_an(&house, "2026-03-02").await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    let mailbox = house.account("vanthu").await;
    let wide = [("scope", "openid offline_access")];
    let answer = choose(&rp, &mut browser, &mailbox.id().to_string(), &wide).await;
    let tokens = tokens(&rp, &mut browser, &answer).await;
    let refresh = tokens["refresh_token"].as_str().expect("one").to_owned();
    house.pass(Duration::hours(14) + Duration::minutes(59));
    let fresh = json(&rp.refresh(&mut browser, &refresh).await);
    let refresh = fresh["refresh_token"].as_str().expect("still the same day").to_owned();
    house.pass(Duration::minutes(1));
    assert_eq!(json(&rp.refresh(&mut browser, &refresh).await)["error"], "invalid_grant");
}

/// An application that is told of logouts, entered by `an` as themselves and as `vanthu` out of one session.
async fn entered_twice(house: &House) -> (Listener, Rp, Browser) {
    let listener = Listener::start().await;
    let told =
        Registration { backchannel_logout_uri: Some(listener.uri.clone()), ..registration(ClientKind::Web) };
    let (rp, mut browser) = (Rp::new(house, &told).await, signed_in(house).await);
    let answer = choose(&rp, &mut browser, "oneself", &[]).await;
    tokens(&rp, &mut browser, &answer).await;
    browser.post_from("/account", "/account/ask-again", &[]).await;
    let mailbox = house.account("vanthu").await;
    let answer = choose(&rp, &mut browser, &mailbox.id().to_string(), &[]).await;
    tokens(&rp, &mut browser, &answer).await;
    (listener, rp, browser)
}

fn subjects(listener: &Listener) -> Vec<String> {
    let subject = |token: &String| claims(&token.as_str().into())["sub"].as_str().map(str::to_owned);
    let mut all: Vec<_> = listener.told().iter().filter_map(subject).collect();
    all.sort();
    all
}

#[tokio::test]
async fn the_application_is_told_when_a_delegation_ends_and_again_when_the_session_does() {
    let house = house().await;
    name_an(&house, "").await;
    let (listener, _rp, mut browser) = entered_twice(&house).await;
    let (mailbox, an) = (house.account("vanthu").await, house.account("an").await);
    let (mut desk, page) = (console(&house, "truong").await, page_of(&house).await);
    let id = desk.get(&page).await.hidden("end").expect("a form");
    let fields = [("end", id.as_str()), ("why", "Chuyển công tác")];
    desk.post_from(&page, &page, &fields).await.leads_to(&format!("{page}?note=ended"));
    assert_eq!(subjects(&listener), [mailbox.subject()], "of the mailbox, at once");
    browser.post_from("/", "/sign-out", &[]).await;
    let mut both = [mailbox.subject(), mailbox.subject(), an.subject()].map(str::to_owned);
    both.sort();
    assert_eq!(subjects(&listener), both, "of everything that the session opened");
}

#[tokio::test]
async fn a_delegation_whose_last_day_is_over_is_ended_by_the_house_and_the_application_told() {
    let house = house().await;
    name_an(&house, "2026-03-02").await;
    let (listener, _rp, _browser) = entered_twice(&house).await;
    let mailbox = house.account("vanthu").await;
    house.pass(Duration::hours(15) - Duration::seconds(1));
    assert_eq!(acting::end_lapsed(&house.app).await.expect("runs"), 0);
    house.pass(Duration::seconds(1));
    let (one, two) = tokio::join!(acting::end_lapsed(&house.app), acting::end_lapsed(&house.app));
    assert!(one.expect("runs") + two.expect("runs") >= 1);
    logout_notices::send_due(&house.app).await.expect("runs");
    assert_eq!(subjects(&listener), [mailbox.subject()]);
    let history = danang_sso::storage::audit::of_account(&house.app.db, mailbox.id(), 50).await;
    let ended = history.expect("reads").into_iter().filter(|line| line.act.code() == "delegation_ended");
    assert_eq!(ended.map(|line| line.actor).collect::<Vec<_>>(), ["delegations"], "once");
}

#[tokio::test]
async fn what_was_given_as_a_mailbox_is_listed_apart_and_ended_by_itself_and_the_application_is_told() {
    let house = house().await;
    name_an(&house, "").await;
    let (listener, rp, mut browser) = entered_twice(&house).await;
    let (mailbox, an) = (house.account("vanthu").await, house.account("an").await);
    let page = browser.get("/applications").await;
    page.shows("Thay mặt vanthu@danang.example")
        .shows(&format!("name=\"mailbox\" value=\"{}\"", mailbox.id()));
    // Somebody else's mailbox, and one's own account as if it were one, end nothing.
    for other in [house.account("binh").await.id().to_string(), an.id().to_string()] {
        let fields = [("application", rp.client_id.as_str()), ("mailbox", other.as_str())];
        browser.post_from("/applications", "/applications/end", &fields).await.leads_to("/applications");
    }
    assert!(listener.told().is_empty());
    let id = mailbox.id().to_string();
    let fields = [("application", rp.client_id.as_str()), ("mailbox", id.as_str())];
    let ended = browser.post_from("/applications", "/applications/end", &fields).await;
    ended.leads_to("/applications?note=ended");
    assert_eq!(subjects(&listener), [mailbox.subject()], "of the mailbox, at once");
    browser.get("/applications").await.hides("Thay mặt").shows("Ngừng truy cập");
    let history = danang_sso::storage::audit::of_account(&house.app.db, mailbox.id(), 50).await;
    let line = history.expect("reads").into_iter().find(|line| line.act.code() == "application_ended");
    assert_eq!(line.expect("a line about the mailbox").actor, "an@danang.example");
    // What was given to the person themselves was left, and ends by itself.
    let fields = [("application", rp.client_id.as_str())];
    let ended = browser.post_from("/applications", "/applications/end", &fields).await;
    ended.leads_to("/applications?note=ended");
    let mut both = [mailbox.subject(), an.subject()].map(str::to_owned);
    both.sort();
    assert_eq!(subjects(&listener), both);
}

#[tokio::test]
async fn ending_what_one_delegate_has_as_a_mailbox_leaves_what_another_has() {
    let house = house().await;
    name_an(&house, "").await;
    let (mut desk, page) = (console(&house, "truong").await, page_of(&house).await);
    let fields = [("person", "binh"), ("why", "Quyết định 13/QĐ")];
    desk.post_from(&page, &page, &fields).await.leads_to(&format!("{page}?note=granted"));
    let (rp, mailbox) = (Rp::web(&house).await, house.account("vanthu").await);
    let id = mailbox.id().to_string();
    let (mut an, mut binh) = (signed_in(&house).await, signed_in_as(&house, "binh").await);
    let answer = choose(&rp, &mut an, &id, &[]).await;
    let of_an = tokens(&rp, &mut an, &answer).await;
    let answer = choose(&rp, &mut binh, &id, &[]).await;
    let of_binh = tokens(&rp, &mut binh, &answer).await;
    let fields = [("application", rp.client_id.as_str()), ("mailbox", id.as_str())];
    an.post_from("/applications", "/applications/end", &fields).await.leads_to("/applications?note=ended");
    assert_eq!(userinfo(&mut an, &of_an["access_token"]).await.status, 401);
    assert_eq!(userinfo(&mut binh, &of_binh["access_token"]).await.status, 200);
}

#[tokio::test]
async fn it_was_not_me_ends_what_applications_were_given_out_of_the_session_that_says_so() {
    let house = house().await;
    name_an(&house, "").await;
    let (listener, _rp, mut browser) = entered_twice(&house).await;
    browser.post_from("/sessions", "/sessions/not-me", &[("words", "Không phải tôi")]).await;
    assert_eq!(listener.told().len(), 2, "of oneself and of the mailbox");
}

#[tokio::test]
async fn a_lock_or_the_end_of_the_sessions_of_the_person_ends_what_they_have_as_the_mailbox() {
    let house = house().await;
    name_an(&house, "").await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    let mailbox = house.account("vanthu").await;
    let answer = choose(&rp, &mut browser, &mailbox.id().to_string(), &[]).await;
    let tokens = tokens(&rp, &mut browser, &answer).await;
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 200);
    let mut here = signed_in(&house).await;
    here.post_from("/sessions", "/sessions/end-others", &[]).await;
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    let account = house.account("an").await;
    assert!(
        session::list(&house.app, &current(&house, &mut here).await).await.is_ok_and(|all| all.len() == 1)
    );
    assert_eq!(delegations::of_person(&house.app.db, account.id()).await.expect("reads").len(), 1);
}

async fn current(house: &House, browser: &mut Browser) -> session::Current {
    use danang_sso::domain::session::Door;
    browser.get("/").await;
    let account = house.account("an").await;
    let all = danang_sso::storage::sessions::of_account(&house.app.db, account.id(), house.app.now());
    let id = all.await.expect("reads").first().expect("a session").id;
    session::current(&house.app, id, Door::Staff).await.expect("reads").expect("open")
}

#[tokio::test]
async fn only_the_mailbox_s_own_administrators_name_people_of_their_reach() {
    let house = house().await;
    let page = page_of(&house).await;
    let mut other = console(&house, "khac").await;
    assert_eq!(other.get(&page).await.status, 404);
    let fields = [("person", "khac"), ("why", "x"), ("version", "0")];
    assert_eq!(other.post_from("/accounts", &page, &fields).await.status, 404);
    let mut desk = console(&house, "truong").await;
    for (person, why, until, said) in [
        ("khac", "x", "", "Không có người nào với địa chỉ này"),
        ("khong-co", "x", "", "Không có người nào với địa chỉ này"),
        ("vanthu", "x", "", "Không có người nào với địa chỉ này"),
        ("an", " ", "", "lý do"),
        ("an", "x", "2026-03-01", "Ngày chưa đúng"),
        ("an", "x", "01/03/2026", "Ngày chưa đúng"),
    ] {
        let answer =
            desk.post_from(&page, &page, &[("person", person), ("why", why), ("until", until)]).await;
        assert_eq!(answer.status, 422, "{person} {until}");
        answer.shows(said);
    }
    name_an(&house, "31/12/2026").await;
    desk.get(&page).await.shows("31/12/2026").hides("type=\"date\"");
    let twice = desk.post_from(&page, &page, &[("person", "an"), ("why", "x")]).await;
    assert_eq!(twice.status, 422);
    twice.shows("đã được giao hộp thư");
    let person = format!("/accounts/{}/delegates", house.account("an").await.id());
    assert_eq!(desk.get(&person).await.status, 404, "a person is no agency mailbox");
    let agency = desk.get(&format!("/accounts/{}", house.account("vanthu").await.id())).await;
    agency.shows("id=\"delegates-link\"");
}

#[tokio::test]
async fn an_application_that_asks_for_consent_asks_for_whom_it_is() {
    let house = house().await;
    name_an(&house, "").await;
    let metadata = Metadata { consent_required: true, ..Metadata::default() };
    let rp = Rp::new(&house, &Registration { metadata, ..registration(ClientKind::Web) }).await;
    let mut browser = signed_in(&house).await;
    let mailbox = house.account("vanthu").await;
    let answer = choose(&rp, &mut browser, &mailbox.id().to_string(), &[]).await;
    let to = answer.location.expect("the consent");
    browser.get(&to).await.shows("vanthu@danang.example");
    let id = to.strip_prefix("/authorize/consent?request=").expect("the consent").to_owned();
    let agreed = crate::rp::agree(&mut browser, &id).await;
    let given = tokens(&rp, &mut browser, &agreed).await;
    assert_eq!(claims(&given["id_token"])["sub"], mailbox.subject());
    // What one delegate agreed to is asked of the next one, and of the same one the next time.
    let again = browser.get(&rp.address(&[])).await.location.expect("somewhere");
    assert!(again.starts_with("/authorize/consent?request="), "{again}");
}

#[tokio::test]
async fn a_delegate_lets_a_device_in_for_the_mailbox_and_the_audit_names_both() {
    let house = house().await;
    name_an(&house, "").await;
    let rp = on_devices(&house).await;
    let (mut person, mut device) = (signed_in(&house).await, house.browser());
    let (mailbox, an) = (house.account("vanthu").await, house.account("an").await);
    let (as_mailbox, as_an) = (mailbox.id().to_string(), an.id().to_string());
    let begun = begin(&rp, &mut device, &[("scope", "openid")]).await;
    let id = entered(&mut person, &begun).await;
    let (page, asked) = (format!("/device/answer?request={id}"), format!("/authorize/acting?request={id}"));
    person.get(&page).await.leads_to(&asked);
    let choice = person.get(&asked).await;
    choice.shows("Bảng tin phòng họp").shows("Thay mặt Nguyễn Thị Hồng VANTHU").shows("Với tư cách cá nhân");
    // Nothing is let in before they have chosen.
    let csrf = choice.hidden("csrf").expect("a form");
    let blindly = [("csrf", csrf.as_str()), ("request", &id), ("answer", "approve")];
    person.post("/device/answer", &blindly).await.leads_to(&page);
    let fields = [("request", id.as_str()), ("as", as_mailbox.as_str())];
    let onward = person.post_from(&asked, "/authorize/acting", &fields).await.location.expect("onward");
    person.get(&onward).await.leads_to(&page);
    person.get(&page).await.shows("vanthu@danang.example");
    // A page that was shown before they chose approves nothing.
    let old = [("request", id.as_str()), ("account", as_an.as_str()), ("answer", "approve")];
    person.post_from(&page, "/device/answer", &old).await.leads_to(&page);
    say(&mut person, &id, "approve").await.leads_to("/device?answered=approved");
    let tokens = json(&poll(&rp, &mut device, &begun).await);
    let id_token = claims(&tokens["id_token"]);
    assert_eq!(id_token["sub"], mailbox.subject());
    assert_eq!(id_token["act"]["sub"], an.subject());
    let history =
        danang_sso::storage::audit::of_account(&house.app.db, mailbox.id(), 50).await.expect("reads");
    let approved = history.iter().find(|line| line.act.code() == "device_approved").expect("a line");
    assert_eq!(approved.actor, "an@danang.example");
    // Taking it back ends what the device was given.
    let mut desk = console(&house, "truong").await;
    let delegates = page_of(&house).await;
    let all = delegations::of_mailbox(&house.app.db, mailbox.id()).await.expect("reads");
    let one = all[0].id.to_string();
    let fields = [("end", one.as_str()), ("why", "Điều chuyển")];
    desk.post_from(&delegates, &delegates, &fields).await.leads_to(&format!("{delegates}?note=ended"));
    assert_eq!(userinfo(&mut device, &tokens["access_token"]).await.status, 401);
}

#[tokio::test]
async fn of_two_administrators_who_change_a_mailbox_s_delegations_the_second_looks_again() {
    let house = house().await;
    name_an(&house, "").await;
    let page = page_of(&house).await;
    let (mut one, mut other) = (console(&house, "truong").await, console(&house, "truong").await);
    let seen = other.get(&page).await;
    let [csrf, version, end] = ["csrf", "version", "end"].map(|name| seen.hidden(name).expect("a form"));
    let old = [("csrf", csrf.as_str()), ("version", version.as_str())];
    let taken = [("end", end.as_str()), ("why", "Chuyển công tác")];
    one.post_from(&page, &page, &taken).await.leads_to(&format!("{page}?note=ended"));
    let binh = [("person", "binh"), ("until", "31/12/2026"), ("why", "Trực văn thư")];
    for typed in [&binh[..], &taken[..]] {
        let late = other.post(&page, &[&old[..], typed].concat()).await;
        assert_eq!(late.status, 409, "{}", late.body);
        late.shows("vừa được người khác thay đổi");
    }
    let late = other.post(&page, &[&old[..], &binh[..]].concat()).await;
    late.shows("value=\"binh\"").shows("value=\"31/12/2026\"").shows("Trực văn thư</textarea>");
    let mailbox = house.account("vanthu").await.id();
    let all = || delegations::of_mailbox(&house.app.db, mailbox);
    assert_eq!(all().await.expect("reads").len(), 0, "nothing was done");
    // From the page that they look at then, it is.
    let csrf = late.hidden("csrf").expect("a form");
    let version = late.hidden("version").expect("a form");
    let again = [("csrf", csrf.as_str()), ("version", version.as_str())];
    other.post(&page, &[&again[..], &binh[..]].concat()).await.leads_to(&format!("{page}?note=granted"));
    // The reason for what was to be taken back stays with the one whom it was about.
    let seen = one.get(&page).await;
    let [csrf, version, end] = ["csrf", "version", "end"].map(|name| seen.hidden(name).expect("a form"));
    name_an(&house, "").await;
    let typed = [("csrf", csrf.as_str()), ("version", &version), ("end", &end), ("why", "Nghỉ việc")];
    let late = one.post(&page, &typed).await;
    assert_eq!(late.status, 409, "{}", late.body);
    late.shows("<details class=\"no-print\" open>").shows("value=\"Nghỉ việc\"");
    assert_eq!(all().await.expect("reads").len(), 2);
}

#[tokio::test]
async fn of_two_delegations_from_the_same_page_at_once_one_is_granted() {
    let house = house().await;
    let page = page_of(&house).await;
    let (mut one, mut other) = (console(&house, "truong").await, console(&house, "truong").await);
    let (seen, shown) = (one.get(&page).await, other.get(&page).await);
    let csrf = [&seen, &shown].map(|page| page.hidden("csrf").expect("a form"));
    let form = |csrf: &str, person: &'static str| {
        [
            ("csrf", csrf.to_owned()),
            ("version", "0".to_owned()),
            ("person", person.to_owned()),
            ("why", "x".to_owned()),
        ]
    };
    let (first, second) = (form(&csrf[0], "an"), form(&csrf[1], "binh"));
    let first = first.each_ref().map(|(name, value)| (*name, value.as_str()));
    let second = second.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (first, second) = tokio::join!(one.post(&page, &first), other.post(&page, &second));
    let mut came = [first.status.as_u16(), second.status.as_u16()];
    came.sort_unstable();
    assert_eq!(came, [303, 409]);
    let all = delegations::of_mailbox(&house.app.db, house.account("vanthu").await.id()).await;
    assert_eq!(all.expect("reads").len(), 1);
}

/// What the page on which an account is chosen sends for each: the one in use comes first.
fn sessions_on(page: &Answer) -> Vec<String> {
    let values = page.body.split("name=\"session\" value=\"").skip(1);
    values.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn of_several_accounts_in_a_browser_one_is_chosen_for_a_device_and_goes_on_the_next_time() {
    let house = house().await;
    let rp = on_devices(&house).await;
    let (mut person, mut device) = (signed_in(&house).await, house.browser());
    let beside = [("identifier", "binh"), ("password", PASSWORD), ("another", "1")];
    person.post_from("/sign-in?another=1", "/sign-in", &beside).await.leads_to("/");
    let begun = begin(&rp, &mut device, &[("scope", "openid")]).await;
    let code = [("user_code", begun["user_code"].as_str().expect("a code"))];
    let to = person.post_from("/device", "/device", &code).await.location.expect("onward");
    let id = to.strip_prefix("/choose-account?request=").unwrap_or_else(|| panic!("not asked: {to}"));
    let choice = person.get(&to).await;
    choice.shows("Bảng tin phòng họp").shows("an@danang.example").shows("binh@danang.example");
    let [binh, an] = &sessions_on(&choice)[..] else { panic!("not two: {}", choice.body) };
    let fields = [("request", id), ("session", an.as_str())];
    let onward = person.post_from(&to, "/choose-account", &fields).await.location.expect("onward");
    let page = format!("/device/answer?request={id}");
    person.get(&onward).await.leads_to(&page);
    person.get(&page).await.shows("Tài khoản: an@danang.example");
    say(&mut person, id, "approve").await.leads_to("/device?answered=approved");
    let tokens = json(&poll(&rp, &mut device, &begun).await);
    assert_eq!(claims(&tokens["id_token"])["sub"], house.account("an").await.subject());
    // The next time the account goes on with which the application was last entered, whichever is in use.
    let fields = [("session", binh.as_str())];
    person.post_from("/choose-account", "/choose-account", &fields).await.leads_to("/");
    let begun = begin(&rp, &mut device, &[("scope", "openid")]).await;
    let id = entered(&mut person, &begun).await;
    let asked = person.get(&format!("/device/answer?request={id}")).await;
    asked.shows("Tài khoản: an@danang.example");
}
