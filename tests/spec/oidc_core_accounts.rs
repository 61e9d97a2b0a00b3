//! OpenID Connect Core 1.0 §3.1.2.1, §3.1.2.6: `prompt=select_account`, and a browser that holds several accounts.

use crate::house::{Answer, Browser, House, PASSWORD};
use crate::rp::{
    CALLBACK, GOODBYE, Rp, answered, claims, error_of, form, house, json, registration, signed_in, userinfo,
};
use danang_sso::domain::account::LockReason;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::services::lock;
use serde_json::Value;
use time::Duration;

const SELECT: (&str, &str) = ("prompt", "select_account");

/// The request of an address with `?request=`.
fn request_of(address: &str) -> &str {
    address.split("request=").nth(1).unwrap_or_else(|| panic!("no request in {address}"))
}

/// Leads to the page that asks; returns its address.
async fn asked(browser: &mut Browser, rp: &Rp, changes: &[(&'static str, &str)]) -> String {
    let to = browser.get(&rp.address(changes)).await.location.expect("somewhere");
    assert!(to.starts_with("/choose-account?request="), "{to}");
    to
}

/// The session behind the button with an address.
fn session_of(page: &Answer, address: &str) -> String {
    let before = page.body.split(&format!("<span class=\"pick-address\">{address}</span>")).next();
    let before = before.filter(|before| before.len() < page.body.len()).expect("the account is on the page");
    before.rsplit("value=\"").next().and_then(|rest| rest.split('"').next()).expect("a value").to_owned()
}

/// Presses the button of an account; returns where that leads.
async fn press(browser: &mut Browser, page: &str, who: &str) -> String {
    let shown = browser.get(page).await;
    let session = session_of(&shown, &format!("{who}@danang.example"));
    let csrf = shown.hidden("csrf").expect("a form");
    let mut fields = vec![("csrf", csrf.as_str()), ("session", session.as_str())];
    if page.contains("request=") {
        fields.push(("request", request_of(page)));
    }
    browser.post("/choose-account", &fields).await.location.expect("onward")
}

/// Adds an account by the link of the page.
async fn add(browser: &mut Browser, who: &str) {
    let page = "/sign-in?another=1";
    let fields = [("identifier", who), ("password", PASSWORD), ("another", "1")];
    browser.post_from(page, "/sign-in", &fields).await.leads_to("/");
}

/// A browser with `an` and, beside, `binh` in use.
async fn both(house: &House) -> Browser {
    let mut browser = signed_in(house).await;
    add(&mut browser, "binh").await;
    browser
}

async fn who(rp: &Rp, browser: &mut Browser, answer: &Answer) -> Value {
    let code = answered(answer).remove("code").expect("a code");
    claims(&json(&rp.redeem(browser, &code).await)["id_token"])["sub"].clone()
}

async fn sub(house: &House, who: &str) -> String {
    house.account(who).await.subject().to_owned()
}

#[tokio::test]
async fn select_account_lists_the_open_accounts_and_goes_on_with_the_chosen_one_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = both(&house).await;
    for person in ["an", "binh", "an"] {
        let page = asked(&mut browser, &rp, &[SELECT]).await;
        let shown = browser.get(&page).await;
        for address in ["an@danang.example", "binh@danang.example"] {
            shown.shows(&format!("<span class=\"pick-address\">{address}</span>"));
        }
        shown.shows("Sở Khoa học và Công nghệ").shows("id=\"another-account\"").shows("Quản lý văn bản");
        let onward = press(&mut browser, &page, person).await;
        let answer = browser.get(&onward).await;
        assert_eq!(who(&rp, &mut browser, &answer).await, sub(&house, person).await);
    }
}

#[tokio::test]
async fn with_one_account_it_is_asked_too_and_without_any_the_person_signs_in_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let page = asked(&mut browser, &rp, &[SELECT]).await;
    browser.get(&page).await.shows("an@danang.example").hides("binh@danang.example");
    let mut stranger = house.browser();
    let to = stranger.get(&rp.address(&[SELECT])).await.location.expect("somewhere");
    assert!(to.starts_with("/sign-in?request="), "{to}");
    // Signing in has chosen: no second question.
    let onward = crate::rp::prove(&mut stranger, &to, "binh").await;
    let answer = stranger.get(&onward).await;
    assert_eq!(who(&rp, &mut stranger, &answer).await, sub(&house, "binh").await);
}

#[tokio::test]
async fn another_account_is_added_from_the_page_and_the_first_one_stays() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let page = asked(&mut browser, &rp, &[SELECT]).await;
    let link = format!("/sign-in?another=1&#38;request={}", request_of(&page));
    browser.get(&page).await.shows(&format!("href=\"{link}\""));
    let fields =
        [("identifier", "binh"), ("password", PASSWORD), ("request", request_of(&page)), ("another", "1")];
    let sign_in = link.replace("&#38;", "&");
    let onward = browser.post_from(&sign_in, "/sign-in", &fields).await.location.expect("onward");
    let answer = browser.get(&onward).await;
    assert_eq!(who(&rp, &mut browser, &answer).await, sub(&house, "binh").await);
    let page = asked(&mut browser, &rp, &[SELECT]).await;
    browser.get(&page).await.shows("an@danang.example").shows("binh@danang.example");
}

#[tokio::test]
async fn whoever_takes_over_a_browser_without_that_link_does_not_keep_the_others_account() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let to = browser.get(&rp.address(&[("prompt", "login")])).await.location.expect("somewhere");
    crate::rp::prove(&mut browser, &to, "binh").await;
    browser.get("/choose-account").await.shows("binh@danang.example").hides("an@danang.example");
}

#[tokio::test]
async fn select_account_login_asks_for_the_account_and_then_for_its_password_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = both(&house).await;
    house.pass(Duration::seconds(5));
    let page = asked(&mut browser, &rp, &[("prompt", "login select_account")]).await;
    let onward = press(&mut browser, &page, "an").await;
    let to = browser.get(&onward).await.location.expect("to the sign-in");
    assert!(to.starts_with("/sign-in?request="), "{to}");
    browser.get(&to).await.shows("value=\"an@danang.example\"");
    let onward = crate::rp::prove(&mut browser, &to, "an").await;
    let answer = browser.get(&onward).await;
    assert_eq!(who(&rp, &mut browser, &answer).await, sub(&house, "an").await);
    // Whoever has proven a known account has let nobody go.
    browser.get("/choose-account").await.shows("binh@danang.example");
}

#[tokio::test]
async fn a_chosen_account_whose_proof_is_too_old_proves_itself_again_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    house.pass(Duration::minutes(5));
    add(&mut browser, "binh").await;
    for (person, is_fresh) in [("an", false), ("binh", true)] {
        let page = asked(&mut browser, &rp, &[SELECT, ("max_age", "60")]).await;
        let onward = press(&mut browser, &page, person).await;
        let to = browser.get(&onward).await.location.expect("somewhere");
        assert_eq!(to.starts_with(CALLBACK), is_fresh, "{person}: {to}");
    }
}

#[tokio::test]
async fn with_several_accounts_a_silent_request_is_answered_only_where_it_is_clear_whose_3_1_2_6() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = both(&house).await;
    let silent = rp.ask(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "account_selection_required");
    // The hint tells, and so does an address.
    let mut alone = signed_in(&house).await;
    let of_an = rp.tokens(&mut alone, &[]).await;
    let hint = of_an["id_token"].as_str().expect("a token");
    for by in [("id_token_hint", hint), ("login_hint", "AN@danang.example")] {
        let tokens = rp.tokens(&mut browser, &[("prompt", "none"), by]).await;
        assert_eq!(claims(&tokens["id_token"])["sub"], sub(&house, "an").await, "{by:?}");
    }
    // From now on it is clear: the application was entered with this account.
    let tokens = rp.tokens(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(claims(&tokens["id_token"])["sub"], sub(&house, "an").await);
    let unknown = rp.ask(&mut browser, &[("prompt", "none"), ("login_hint", "chi@danang.example")]).await;
    assert!(unknown.contains_key("code"), "a hint that names nobody here says nothing");
}

#[tokio::test]
async fn with_several_accounts_the_first_entry_into_an_application_asks_which() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = both(&house).await;
    let page = asked(&mut browser, &rp, &[]).await;
    let onward = press(&mut browser, &page, "an").await;
    assert!(answered(&browser.get(&onward).await).contains_key("code"));
    let again = browser.get(&rp.address(&[])).await;
    assert_eq!(who(&rp, &mut browser, &again).await, sub(&house, "an").await, "it is not asked twice");
}

#[tokio::test]
async fn an_account_that_was_locked_is_not_listed_and_choosing_it_leads_to_the_sign_in() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = both(&house).await;
    let page = asked(&mut browser, &rp, &[SELECT]).await;
    let shown = browser.get(&page).await;
    let (session, csrf) = (session_of(&shown, "an@danang.example"), shown.hidden("csrf").expect("a form"));
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::ByAdministrator, Actor::CommandLine)
        .await
        .expect("locked");
    let fields = [("csrf", csrf.as_str()), ("session", &session), ("request", request_of(&page))];
    let to = browser.post("/choose-account", &fields).await.location.expect("somewhere");
    assert!(to.starts_with("/sign-in?another=1&request="), "{to}");
    let form = browser.get(&to).await;
    form.shows("id=\"sign-in-form\"").shows("Phiên của tài khoản đã chọn không còn mở");
    browser.get(&page).await.hides("an@danang.example").shows("binh@danang.example");
}

#[tokio::test]
async fn only_accounts_of_this_browser_are_chosen_and_only_by_its_own_form() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut of_an = signed_in(&house).await;
    let foreign = session_of(&of_an.get("/choose-account").await, "an@danang.example");
    let mut browser = crate::rp::signed_in_as(&house, "binh").await;
    let page = asked(&mut browser, &rp, &[SELECT]).await;
    // Another browser's session leads to the sign-in and changes nothing.
    let fields = [("session", foreign.as_str()), ("request", request_of(&page))];
    let answer = browser.post_from(&page, "/choose-account", &fields).await;
    assert!(answer.location.expect("somewhere").starts_with("/sign-in?another=1"));
    browser.get("/choose-account").await.hides("an@danang.example");
    // Without the token of the page nothing is chosen or signed out.
    let own = session_of(&browser.get("/choose-account").await, "binh@danang.example");
    for field in ["session", "leave"] {
        assert_eq!(browser.post("/choose-account", &[(field, own.as_str())]).await.status, 403);
    }
    browser.get("/").await.shows("binh@danang.example");
    // Another browser's request is not answered here.
    let fields = [("session", own.as_str()), ("request", request_of(&page))];
    of_an.post_from("/choose-account", "/choose-account", &fields).await;
    let onward = format!("/authorize/continue?request={}", request_of(&page));
    assert_eq!(of_an.get(&onward).await.status, 400);
}

#[tokio::test]
async fn choosing_changes_the_cookie_so_that_none_fixed_before_is_of_use() {
    let house = house().await;
    let mut browser = both(&house).await;
    let fixed = browser.clone();
    let (shown, before) = (browser.get("/choose-account").await, browser.cookies()["dsso"].clone());
    press(&mut browser, "/choose-account", "an").await;
    assert_ne!(browser.cookies()["dsso"], before);
    browser.get("/").await.shows("an@danang.example");
    for mut old in [fixed] {
        old.get("/").await.leads_to("/sign-in");
    }
    // The form of the page before is of no use either.
    let csrf = shown.hidden("csrf").expect("a form");
    assert_eq!(browser.post("/sessions/end-others", &[("csrf", &csrf)]).await.status, 403);
}

#[tokio::test]
async fn each_account_keeps_its_own_session_and_signing_out_ends_the_chosen_one() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = both(&house).await;
    let mut tokens = Vec::new();
    for person in ["an", "binh"] {
        let hint = format!("{person}@danang.example");
        tokens.push(rp.tokens(&mut browser, &[("login_hint", &hint)]).await);
    }
    let sid = |tokens: &Value| claims(&tokens["id_token"])["sid"].clone();
    assert_ne!(sid(&tokens[0]), sid(&tokens[1]));
    let shown = browser.get("/choose-account").await;
    let (csrf, leaving) = (shown.hidden("csrf").expect("a form"), session_of(&shown, "an@danang.example"));
    let answer = browser.post("/choose-account", &[("csrf", &csrf), ("leave", &leaving)]).await;
    answer.leads_to("/signed-out");
    let bye = browser.get("/signed-out").await;
    bye.shows("Đã đăng xuất an@danang.example.").shows("binh@danang.example").shows("id=\"sign-out-all\"");
    assert_eq!(userinfo(&mut browser, &tokens[0]["access_token"]).await.status, 401);
    assert_eq!(userinfo(&mut browser, &tokens[1]["access_token"]).await.status, 200);
    browser.get("/").await.shows("binh@danang.example");
}

#[tokio::test]
async fn the_button_of_the_portal_signs_out_of_all_so_that_nothing_is_left_on_a_shared_computer() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = both(&house).await;
    let of_an = rp.tokens(&mut browser, &[("login_hint", "an@danang.example")]).await;
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    assert_eq!(userinfo(&mut browser, &of_an["access_token"]).await.status, 401);
    browser.get("/choose-account").await.leads_to("/sign-in");
    let silent = rp.ask(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "login_required");
}

#[tokio::test]
async fn an_application_signs_out_the_account_of_its_hint_and_leaves_the_other() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = both(&house).await;
    let of_an = rp.tokens(&mut browser, &[("login_hint", "an@danang.example")]).await;
    let hint = of_an["id_token"].as_str().expect("a token");
    let fields = [("id_token_hint", hint), ("post_logout_redirect_uri", GOODBYE)];
    browser.get(&format!("/logout?{}", form(fields))).await.leads_to(GOODBYE);
    assert_eq!(userinfo(&mut browser, &of_an["access_token"]).await.status, 401);
    browser.get("/").await.shows("binh@danang.example");
    // Without a hint the page asks which.
    add(&mut browser, "an").await;
    let page = browser.get("/logout").await;
    page.shows("Đăng xuất an@danang.example").shows("Đăng xuất binh@danang.example");
    let csrf = page.hidden("csrf").expect("a form");
    let one = page.body.split("Đăng xuất binh@").next().and_then(|before| before.rsplit("value=\"").next());
    let one = one.and_then(|rest| rest.split('"').next()).expect("a session");
    browser.post("/logout/confirm", &[("csrf", &csrf), ("answer", one)]).await.leads_to("/signed-out");
    browser.get("/choose-account").await.shows("an@danang.example").hides("binh@danang.example");
    let page = browser.get("/logout").await;
    let csrf = page.hidden("csrf").expect("a form");
    browser.post("/logout/confirm", &[("csrf", &csrf), ("answer", "sign_out")]).await;
    browser.get("/choose-account").await.leads_to("/sign-in");
}

#[tokio::test]
async fn a_session_beside_the_one_in_use_ends_by_itself_when_nobody_uses_it() {
    let house = house().await;
    let mut browser = both(&house).await;
    for _ in 0..3 {
        house.pass(Duration::minutes(25));
        browser.get("/").await.shows("binh@danang.example");
    }
    browser.get("/choose-account").await.shows("binh@danang.example").hides("an@danang.example");
}

#[tokio::test]
async fn a_browser_holds_six_accounts_at_most() {
    let house = House::build().await;
    let people = ["an", "binh", "chi", "dung", "em", "giang", "ha"];
    for person in people {
        house.add(person, &[MailSystem::Ad]);
    }
    house.sync().await;
    let mut browser = signed_in(&house).await;
    for person in &people[1..] {
        add(&mut browser, person).await;
    }
    let shown = browser.get("/choose-account").await;
    assert_eq!(shown.body.matches("class=\"pick\"").count(), 6);
    shown.shows("ha@danang.example");
    // Nobody else has taken the browser over: the first had no room any more.
    let mut elsewhere = signed_in(&house).await;
    elsewhere.get("/sessions").await.hides("Người khác đăng nhập trên cùng trình duyệt");
    let first = danang_sso::storage::sessions::of_account(
        &house.app.db,
        house.account("an").await.id(),
        house.app.now(),
    );
    assert_eq!(first.await.expect("reads").len(), 1, "that of elsewhere");
}

#[tokio::test]
async fn the_page_that_asks_which_signs_out_that_one_and_nobody_else_after_a_sign_in_in_another_tab() {
    let house = house().await;
    let mut browser = both(&house).await;
    let page = browser.get("/logout").await;
    let csrf = page.hidden("csrf").expect("a form");
    let one = page.body.split("Đăng xuất an@").next().and_then(|before| before.rsplit("value=\"").next());
    let one = one.and_then(|rest| rest.split('"').next()).expect("a session");
    house.pass(Duration::seconds(5));
    add(&mut browser, "an").await;
    let fields = [("csrf", csrf.as_str()), ("answer", one)];
    browser.post("/logout/confirm", &fields).await.leads_to("/signed-out");
    browser.get("/choose-account").await.shows("binh@danang.example").hides("an@danang.example");
    browser.post("/logout/confirm", &fields).await.leads_to("/choose-account");
    browser.get("/choose-account").await.shows("binh@danang.example");
}

#[tokio::test]
async fn consent_is_that_of_the_chosen_account() {
    let house = house().await;
    let mut asks = registration(ClientKind::Web);
    asks.metadata.consent_required = true;
    let rp = Rp::new(&house, &asks).await;
    let mut browser = both(&house).await;
    let page = asked(&mut browser, &rp, &[SELECT]).await;
    let onward = press(&mut browser, &page, "an").await;
    let consent = browser.get(&onward).await.location.expect("to the consent");
    browser.get(&consent).await.shows("an@danang.example").hides("binh@danang.example");
    let answer = crate::rp::agree(&mut browser, request_of(&consent)).await;
    assert_eq!(who(&rp, &mut browser, &answer).await, sub(&house, "an").await);
    // A hint alone leads there too, and takes the account into use.
    let hint = [("login_hint", "binh@danang.example")];
    let consent = browser.get(&rp.address(&hint)).await.location.expect("to the consent");
    browser.get(&consent).await.shows("binh@danang.example").hides("an@danang.example");
}
