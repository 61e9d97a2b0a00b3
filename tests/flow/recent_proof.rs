//! Every form of the console, sent with a proof that is too old: what is dangerous leads to the page that takes a new
//! one, and back; of the rest it is said why it asks for none.

use crate::house::{Browser, House, PASSWORD};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::urls;
use danang_sso::web::console;
use time::Duration;

/// What asks in its handler: the route, where the form goes, its fields, where one comes back to.
struct InHandler {
    route: &'static str,
    to: &'static str,
    fields: &'static [(&'static str, &'static str)],
    back: &'static str,
}

const fn asks(route: &'static str, back: &'static str) -> InHandler {
    InHandler { route, to: route, fields: &[], back }
}

/// Those whose use case takes the proof, and those whose way back or whose danger depends on what was sent.
const IN_HANDLER: [InHandler; 11] = [
    asks("/accounts/{id}/factors/reset", "/accounts/{id}"),
    asks("/sessions/end-all", "/sessions/end-all"),
    asks("/bulk/{id}/start", "/bulk/{id}"),
    asks("/bulk/{id}/undo", "/bulk/{id}"),
    asks("/agencies/changes/{id}/start", "/agencies/changes/{id}"),
    asks("/agencies/changes/{id}/undo", "/agencies/changes/{id}"),
    asks("/reviews/{id}/apply", "/reviews/{id}"),
    InHandler {
        route: "/import",
        to: "/import",
        fields: &[("table", "agencies")],
        back: "/import?table=agencies",
    },
    InHandler {
        route: "/calendar/changes",
        to: "/calendar/changes",
        fields: &[("year", "2027")],
        back: "/calendar?year=2027",
    },
    InHandler {
        route: "/incidents/{id}/{act}",
        to: "/incidents/{id}/judge",
        fields: &[],
        back: "/incidents/{id}",
    },
    InHandler {
        route: "/incidents/{id}/{act}",
        to: "/incidents/{id}/close",
        fields: &[],
        back: "/incidents/{id}",
    },
];

/// The forms that ask for no recent proof, because …
const HARMLESS: [(&str, &str); 34] = [
    ("/accounts/{id}/lock", "it must be quick, and one form takes it back"),
    ("/accounts/{id}/unlock", "it is one account, and one form takes it back"),
    ("/accounts/{id}/lift-pause", "the password is still asked for"),
    ("/accounts/{id}/sessions/end", "they sign in again"),
    ("/accounts/{id}/applications/end", "they sign in again"),
    ("/accounts/{id}/notes", "a note changes nothing"),
    ("/sessions/{id}", "they sign in again"),
    ("/applications/{id}/test", "nothing is done"),
    ("/bulk", "it is a draft"),
    ("/reset/preview", "nothing is done yet"),
    ("/agencies/{id}/contact", "it is a line of text"),
    ("/agencies/changes", "it is a draft"),
    ("/agencies/changes/{id}/withdraw", "what was to come does not come"),
    ("/sync/runs", "a run holds what is unusual"),
    ("/sync/authority/preview", "nothing is done yet"),
    ("/sync/reconcile/preview", "nothing is done yet"),
    ("/sync/decisions/preview", "nothing is done yet"),
    ("/sync/agencies/preview", "nothing is done yet"),
    ("/policy/preview", "nothing is done yet"),
    ("/policy/waves/plan", "nothing is done yet"),
    ("/calendar/preview", "nothing is done yet"),
    ("/applications/new/preview", "nothing is done yet"),
    ("/applications/{id}/api/preview", "nothing is done yet"),
    ("/applications/import/preview", "nothing is done yet"),
    ("/groups", "a group of nobody opens nothing"),
    ("/groups/{id}/name", "it is a word"),
    ("/groups/{id}/members/preview", "nothing is done yet"),
    ("/letters/trial", "it goes to oneself"),
    ("/import/preview", "nothing is done yet"),
    ("/reviews", "it only asks"),
    ("/reviews/{id}/decide", "what is said is carried out by another form"),
    ("/reviews/{id}/keep", "what is said is carried out by another form"),
    ("/reviews/{id}/close", "nothing is taken from anybody"),
    ("/role", "it is one's own"),
];

/// A house and the console of an administrator of the city who has used it for six minutes.
async fn late() -> (House, Browser) {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    let wish = Wish { address, role: Role::City, agency: None, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    let mut browser = house.admin_browser();
    browser.sign_in("quantri", PASSWORD).await.leads_to("/");
    for _ in 0..2 {
        house.pass(Duration::minutes(3));
        assert_eq!(browser.get("/role").await.status, 200, "it is used");
    }
    (house, browser)
}

#[tokio::test]
async fn every_dangerous_form_of_the_console_asks_for_a_recent_proof() {
    let (house, mut browser) = late().await;
    let id = house.account("quantri").await.id().to_string();
    let mut number = 0;
    for route in console::routes().into_iter().filter(|route| route.method == "POST") {
        let table = route.back.map(|back| InHandler { route: route.path, to: route.path, fields: &[], back });
        let asked = IN_HANDLER.iter().filter(|asked| asked.route == route.path).chain(&table);
        for form in asked {
            let (to, back) = (form.to.replace("{id}", &id), form.back.replace("{id}", &id));
            let answer = browser.post_from("/role", &to, form.fields).await;
            assert_eq!(answer.location, Some(urls::confirm(&back)), "{to}: {}", answer.status);
            number += 1;
        }
    }
    assert!(number > 35, "the table is the console's: {number}");
}

#[tokio::test]
async fn every_form_of_the_console_asks_for_a_recent_proof_or_is_said_to_be_harmless() {
    let (house, mut browser) = late().await;
    let id = house.account("quantri").await.id().to_string();
    let routes: Vec<_> = console::routes().into_iter().filter(|route| route.method == "POST").collect();
    for route in &routes {
        let said = [
            route.back.is_some(),
            IN_HANDLER.iter().any(|asked| asked.route == route.path),
            HARMLESS.iter().any(|(path, _)| *path == route.path),
        ];
        let times = said.iter().filter(|is_so| **is_so).count();
        assert_eq!(times, 1, "{}: dangerous, or harmless because … – say it here once", route.path);
    }
    for (path, because) in HARMLESS {
        assert!(routes.iter().any(|route| route.path == path), "{path} is no form any more");
        let answer = browser.post_from("/role", &path.replace("{id}", &id), &[]).await;
        let place = answer.location.unwrap_or_default();
        assert!(!place.starts_with("/confirm"), "{path} asks, although {because}");
    }
}

#[tokio::test]
async fn whoever_proves_themselves_comes_back_and_does_it() {
    let (_house, mut browser) = late().await;
    let confirm = urls::confirm("/administrators");
    let wish = [("address", "quantri"), ("role", "auditor"), ("reason", "QĐ 12")];
    browser.post_from("/administrators", "/administrators", &wish).await.leads_to(&confirm);
    browser.get("/administrators").await.hides("QĐ 12");
    let fields = [("back", "/administrators"), ("password", PASSWORD)];
    browser.post_from(&confirm, "/confirm", &fields).await.leads_to("/confirm/kept");
    let done = browser.post_from("/administrators", "/administrators", &wish).await;
    assert!(!done.location.unwrap_or_default().starts_with("/confirm"), "it is asked for once");
}
