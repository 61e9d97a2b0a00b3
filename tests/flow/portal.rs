//! The portal: my account, my sessions.

use crate::house::{House, PASSWORD};
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};

async fn house() -> House {
    let house = House::build().await;
    house.add("an", &[Ad, Obm]);
    house.add("binh", &[Obm]);
    house.sync().await;
    house
}

#[tokio::test]
async fn my_account_shows_both_mailboxes_and_the_next_deadline_with_its_explanation() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let page = browser.get("/").await;
    page.shows("Nguyễn Thị Hồng AN").shows("Exchange").shows("OBM");
    // Set on 31 January: six months on is Friday 31 July 2026.
    page.shows("31/07/2026").shows("31/01/2026");
}

#[tokio::test]
async fn a_session_can_be_ended_from_another_device_but_only_by_its_owner() {
    let house = house().await;
    let (mut here, mut there, mut other) = (house.browser(), house.browser(), house.browser());
    here.sign_in("an", PASSWORD).await;
    there.sign_in("an", PASSWORD).await;
    other.sign_in("binh", PASSWORD).await;
    let page = here.get("/sessions").await;
    let sessions: Vec<_> = page.body.split("name=\"session\" value=\"").skip(1).collect();
    let there_id = sessions
        .first()
        .and_then(|s| s.split('"').next())
        .expect("the other session has a button")
        .to_owned();
    other.post_from("/sessions", "/sessions/end", &[("session", &there_id)]).await;
    assert_eq!(there.get("/").await.status, 200, "somebody else's session is not there");
    here.post_from("/sessions", "/sessions/end", &[("session", &there_id)]).await;
    there.get("/").await.leads_to("/sign-in");
    assert_eq!(here.get("/").await.status, 200);
}

#[tokio::test]
async fn all_other_sessions_are_ended_at_once() {
    let house = house().await;
    let (mut here, mut there) = (house.browser(), house.browser());
    here.sign_in("an", PASSWORD).await;
    there.sign_in("an", PASSWORD).await;
    here.post_from("/sessions", "/sessions/end-others", &[]).await;
    there.get("/").await.leads_to("/sign-in");
    assert_eq!(here.get("/").await.status, 200);
}

#[tokio::test]
async fn a_session_of_the_portal_opens_nothing_in_the_administration() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let stolen = browser.cookies()["dsso"].clone();
    let mut admin = house.admin_browser();
    admin.cookies().insert("dsso-admin".to_owned(), stolen.clone());
    admin.cookies().insert("dsso".to_owned(), stolen);
    admin.get("/").await.leads_to("/sign-in");
}

#[tokio::test]
async fn hostile_names_are_shown_as_text() {
    let house = House::build().await;
    house.add_with("an", &[Ad], |seen| seen.display_name = "<script>alert(1)</script>\"'&".to_owned());
    house.sync().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    browser.get("/").await.hides("<script>alert").shows("&#60;script&#62;");
}
