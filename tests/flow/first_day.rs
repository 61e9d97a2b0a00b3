//! The first day: an own password, then a second factor that is offered and can wait, and back to the application.

use crate::authenticator::{PAGE, recovery_codes};
use crate::authority::{Authority, says};
use crate::caller::{Caller, request_of};
use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use crate::passkey::NEW;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use danang_sso::domain::account::StateName;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::proof::Class;
use time::Duration;
use time::macros::datetime;

const MUST: &str = "Nơi này yêu cầu bước xác thực thứ hai";

async fn house_with(more: &str) -> House {
    let house = House::at(datetime!(2026-03-02 09:00 +7), more).await;
    house.add_with_default("moi", &[Ad, Obm], house.app.now());
    house.sync().await;
    house
}

/// Comes from an application and sets the first password; tells the id of the request and the offer.
async fn as_far_as_the_offer(browser: &mut Browser, caller: &Caller) -> (String, String) {
    let (request, onward) = caller.sign_in(browser, "moi", PASSWORD).await;
    let password = browser.get(&onward).await.location.expect("to the change");
    let fields =
        [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD), ("request", &*request)];
    let offer = browser.post_from(&password, "/password", &fields).await.location.expect("the offer");
    assert_eq!(offer, format!("/first-day?request={request}"));
    (request, offer)
}

#[tokio::test]
async fn the_offer_forces_nobody_and_every_page_of_it_leads_on_to_the_application() {
    let house = house_with("").await;
    let caller = Caller::new(&house, Metadata::default()).await;
    let mut browser = house.browser();
    let (request, offer) = as_far_as_the_offer(&mut browser, &caller).await;
    browser.get(&offer).await.shows("id=\"steps\"").shows("Để sau").hides(MUST).hides("Chứng thư chữ ký số");
    let onward = format!("/authorize/continue?request={request}");
    for page in [PAGE, NEW] {
        let address = format!("{page}?request={request}&first=1");
        let written = format!("href=\"{}\"", address.replace('&', "&#38;"));
        browser.get(&offer).await.shows(&written);
        let shown = browser.get(&address).await;
        assert_eq!(shown.status, StatusCode::OK, "{page}");
        shown.hides(MUST).shows("id=\"steps\"").shows(&format!("id=\"later\" href=\"{onward}\""));
        shown.shows("name=\"first\" value=\"1\"");
    }
    // A wrong code keeps the way.
    let fields = [("code", "000000"), ("request", request.as_str()), ("first", "1")];
    let page = format!("{PAGE}?request={request}&first=1");
    browser.post_from(&page, PAGE, &fields).await.shows("Mã chưa đúng").hides(MUST).shows("id=\"steps\"");
    let back = browser.get(&onward).await.location.expect("back to the application");
    assert!(Caller::is_answered(&back), "{back}");
}

#[tokio::test]
async fn without_an_application_the_offer_leads_on_to_the_portal() {
    let house = house_with("").await;
    let mut browser = house.browser();
    browser.sign_in("moi", PASSWORD).await.leads_to("/");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    browser.post_from("/password", "/password", &fields).await.leads_to("/first-day");
    let shown = browser.get("/first-day").await;
    shown.shows(&format!("href=\"{PAGE}?first=1\"")).shows("id=\"later\" href=\"/?note=password\"");
    let page = browser.get(&format!("{PAGE}?first=1")).await;
    page.shows("id=\"steps\"").shows("id=\"later\" href=\"/?note=password\"").hides(MUST);
    // From the portal there are no steps, and the way back is the portal's.
    let page = browser.get(PAGE).await;
    page.hides("id=\"steps\"").shows("id=\"later\" href=\"/security\"");
}

#[tokio::test]
async fn the_offer_comes_too_when_one_mail_system_takes_the_first_password_late() {
    let house = house_with("").await;
    house.pass(Duration::minutes(10));
    let mut browser = house.browser();
    browser.sign_in("moi", PASSWORD).await.leads_to("/");
    house.obm.refuse_new_passwords(Some("password is too simple"));
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    let page = browser.post_from("/password", "/password", &fields).await;
    page.shows("id=\"finish-form\"");
    // The synchronisation sees that the home directory has a new password, and ends the sessions.
    house.pass(Duration::minutes(1));
    house.sync().await;
    assert_eq!(house.account("moi").await.state().name(), StateName::Active);
    house.obm.refuse_new_passwords(None);
    browser.sign_in("moi", NEW_PASSWORD).await.leads_to("/");
    let new = [("new", NEW_PASSWORD)];
    browser.post_from("/password", "/password/finish", &new).await.leads_to("/first-day");
    browser.get("/first-day").await.shows("id=\"offer\"");
}

#[tokio::test]
async fn an_application_that_demands_a_factor_is_named_as_such_and_nothing_can_wait() {
    let house = house_with("").await;
    let metadata = Metadata { minimum_acr: Some(Class::SecondFactor), ..Metadata::default() };
    let caller = Caller::new(&house, metadata).await;
    let mut browser = house.browser();
    let (request, offer) = as_far_as_the_offer(&mut browser, &caller).await;
    browser.get(&offer).await.shows(MUST).hides("id=\"later\"");
    let onward = browser.get(&format!("/authorize/continue?request={request}")).await;
    let page = onward.location.expect("to the page that sets it up");
    assert_eq!((page.starts_with(PAGE), request_of(&page)), (true, request.clone()), "{page}");
    browser.get(&page).await.shows(MUST).hides("id=\"later\"").hides("id=\"steps\"");
    // A browser that can make no passkey finds the app again.
    browser.get(&format!("{NEW}?request={request}")).await.shows("id=\"use-app\"").shows(MUST);
    // The request of another browser says nothing about this one.
    let mut other = house.browser();
    other.sign_in("moi", NEW_PASSWORD).await.leads_to("/");
    other.get(&page).await.hides(MUST);
}

#[tokio::test]
async fn where_the_city_takes_certificates_one_is_bound_on_the_first_day() {
    let (ca, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let (file, list) = (folder.path().join("ca.pem"), folder.path().join("crl.pem"));
    std::fs::write(&file, ca.pem()).expect("written");
    std::fs::write(&list, ca.revoked(&[], datetime!(2026-04-01 00:00 +7))).expect("written");
    let more = format!(
        "server.client_certificate_header = \"X-Client-Cert\"\n[second_factor]\nadministrators = \"optional\"\n\
         certificate_ca = \"{}\"\ncertificate_crl = \"{}\"\n",
        file.display(),
        list.display()
    );
    let house = house_with(&more).await;
    let caller = Caller::new(&house, Metadata::default()).await;
    let mut browser = house.browser();
    "127.0.0.1".clone_into(&mut browser.source);
    let (request, offer) = as_far_as_the_offer(&mut browser, &caller).await;
    let page = browser.get(&offer).await;
    page.shows("Chứng thư chữ ký số chuyên dùng công vụ").shows("id=\"no-certificate\"");
    let csrf = page.hidden("csrf").expect("a form");
    let fields = [("csrf", csrf.as_str()), ("request", request.as_str()), ("first", "1")];
    let bind = "/security/certificates/bind";
    browser.post(bind, &fields).await.leads_to(&format!("{offer}&note=certificate-missing"));
    browser.get(&format!("{offer}&note=certificate-missing")).await.shows("chưa xuất trình chứng thư nào");
    let holder = ca.issue(&says("Nguyễn Thị Hồng Moi"));
    let shown = Request::get(offer.as_str()).header("x-client-cert", holder.escaped());
    browser.send(shown, Body::empty()).await.shows("id=\"offer-certificate\"");
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let sent = Request::post(bind)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("x-client-cert", holder.escaped());
    let answer = browser.send(sent, Body::from(body)).await;
    assert_eq!(recovery_codes(&answer).len(), 10);
    answer.shows(&format!("href=\"/authorize/continue?request={request}\""));
}
