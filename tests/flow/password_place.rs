//! A mail system whose passwords the house never writes: the pages say whose page changes them.

use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use danang_sso::directory::Directory;
use danang_sso::domain::account::StateName;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::MailSystem::{self, Ad, Obm};
use danang_sso::domain::mailbox::MailboxKey;
use danang_sso::domain::secret;
use danang_sso::services::admins;
use danang_sso::storage::mailboxes;
use time::Duration;

const PLACE: &str = "trang Mật khẩu của OBM";

async fn house(systems: &[MailSystem]) -> House {
    let house = House::build().await;
    house.obm.change_passwords_only_at(PLACE);
    house.add_with_default("an", systems, house.app.now());
    house.add("quantri", &[Ad]);
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    house
}

async fn accepts(house: &House, system: MailSystem, password: &str) -> bool {
    let key = MailboxKey { system, native_id: format!("{}-an", system.code()), login: "an".to_owned() };
    house.directory(system).verify(&key, &secret::password(password).expect("short")).await.is_ok()
}

async fn signed_in(house: &House) -> Browser {
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    browser
}

#[tokio::test]
async fn the_other_system_alone_gets_the_new_password() {
    let house = house(&[Ad, Obm]).await;
    let mut browser = signed_in(&house).await;
    browser.get("/password").await.shows(PLACE).hides("mọi hộp thư của Ông/Bà");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    let answer = browser.post_from("/password", "/password", &fields).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    assert!(accepts(&house, Ad, NEW_PASSWORD).await);
    assert!(accepts(&house, Obm, PASSWORD).await, "nothing was written there");
    let account = house.account("an").await;
    assert_eq!(account.state().name(), StateName::Active);
    let all = mailboxes::of_account(&house.app.db, account.id()).await.expect("reads");
    assert!(all.iter().all(|mailbox| !mailbox.password_lags), "nothing is left to finish");
    house.sync().await;
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
    browser.get("/password").await.shows(PLACE).shows("id=\"password-form\"");
}

#[tokio::test]
async fn whoever_is_in_that_system_only_is_sent_to_its_page_and_comes_back() {
    let house = house(&[Obm]).await;
    let mut browser = signed_in(&house).await;
    browser.get("/").await.leads_to("/password");
    browser.get("/password").await.shows(PLACE).hides("id=\"password-form\"");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    browser.post_from("/password", "/password", &fields).await.leads_to("/password");
    assert!(accepts(&house, Obm, PASSWORD).await);

    house.pass(Duration::hours(1));
    let now = house.app.now();
    house.obm.edit("an", |seen| {
        seen.must_change = false;
        seen.password_set_at = Some(now);
    });
    house.sync().await;
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn a_reset_writes_the_other_system_alone_or_says_that_there_is_none() {
    for (systems, is_reset) in [(&[Ad, Obm][..], true), (&[Obm][..], false)] {
        let house = house(systems).await;
        let mut admin = house.admin_browser();
        admin.sign_in("quantri", PASSWORD).await.leads_to("/");
        let page = format!("/accounts/{}", house.account("an").await.id());
        let version = admin.get(&page).await.hidden("version").expect("a form");
        let fields = [("version", version.as_str()), ("reason", "Quên mật khẩu"), ("sure", "1")];
        let answer = admin.post_from(&page, &format!("{page}/reset"), &fields).await;
        assert!(accepts(&house, Obm, PASSWORD).await, "nothing was written there");
        if is_reset {
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(!accepts(&house, Ad, PASSWORD).await);
        } else {
            assert_eq!(answer.status, 409);
            answer.shows("chỉ đổi được trong hệ thống thư");
        }
    }
}

#[tokio::test]
async fn a_password_changed_in_one_of_the_systems_leaves_nothing_to_finish_there() {
    let house = House::build().await;
    house.obm.change_passwords_only_at(PLACE);
    house.add("an", &[Ad, Obm]);
    house.sync().await;
    let key = MailboxKey { system: Ad, native_id: "ad-an".to_owned(), login: "an".to_owned() };
    let [old, new] = [PASSWORD, NEW_PASSWORD].map(|text| secret::password(text).expect("short"));
    house.ad.change_password(&key, &old, &new).await.expect("in OWA");
    house.pass(Duration::hours(1));
    house.sync().await;
    let all = mailboxes::of_account(&house.app.db, house.account("an").await.id()).await.expect("reads");
    assert!(all.iter().all(|mailbox| !mailbox.password_lags), "the house writes nothing there");
    assert_eq!(house.sync().await.updated, 0, "applying twice changes nothing");
}
