//! A screen that nobody watches: a page that loads itself again does not keep its session open.

use crate::house::{House, PASSWORD};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::services::admins;
use danang_sso::services::sync::{self, StartedBy};
use std::fs;
use std::path::Path;
use time::Duration;

async fn house() -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    house
}

#[tokio::test]
async fn a_page_that_loads_itself_again_keeps_no_session_open() {
    let house = house().await;
    let [mut alone, mut watched] = [house.admin_browser(), house.admin_browser()];
    for browser in [&mut alone, &mut watched] {
        browser.sign_in("quantri", PASSWORD).await.leads_to("/");
    }
    sync::begin(&house.app, &StartedBy::CommandLine).await.expect("begun");
    let again = "/sync?refresh=1";
    alone.get("/sync").await.shows(&format!("<meta http-equiv=\"refresh\" content=\"5;url={again}\">"));
    for _ in 0..5 {
        house.pass(Duration::minutes(1));
        alone.get(again).await.shows("http-equiv=\"refresh\"");
        watched.get("/sync").await.shows("http-equiv=\"refresh\"");
    }
    house.pass(Duration::minutes(1));
    alone.get(again).await.leads_to("/sign-in?expired=1");
    watched.get("/sync").await.shows("http-equiv=\"refresh\"");
}

#[tokio::test]
async fn what_a_form_sends_is_a_use_whatever_its_address() {
    let house = house().await;
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let csrf = admin.get("/sync").await.hidden("csrf").expect("a form");
    house.pass(Duration::minutes(4));
    admin.post("/sync/runs?refresh=1", &[("csrf", &csrf)]).await.leads_to("/sync?note=started");
    house.pass(Duration::minutes(4));
    assert_eq!(admin.get("/sync").await.status, 200);
}

#[test]
fn every_page_of_the_console_that_loads_itself_again_says_so() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/admin");
    let mut number = 0;
    for file in fs::read_dir(folder).expect("the templates") {
        let path = file.expect("a file").path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        for line in text.lines().filter(|line| line.contains("http-equiv=\"refresh\"")) {
            number += 1;
            assert!(line.contains("crate::urls::BY_ITSELF }}\">"), "{}: {line}", path.display());
        }
    }
    assert!(number >= 4, "{number} pages");
}
