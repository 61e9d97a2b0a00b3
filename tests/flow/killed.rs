//! A change of a password that breaks off at any point, as if the process were killed there: whoever it is gets in, sees
//! what is open, and finishes it.

use crate::house::{Broken, Browser, House, NEW_PASSWORD, PASSWORD};
use danang_sso::directory::Directory;
use danang_sso::domain::account::StateName;
use danang_sso::domain::mailbox::MailSystem::{self, Ad, Obm};
use danang_sso::domain::mailbox::MailboxKey;
use danang_sso::domain::secret;
use danang_sso::storage::{audit, mailboxes};
use std::pin::pin;

/// For when the new password can no longer be told from the old one.
const THIRD: &str = "Ngu-Hanh-Son-2031";

/// How many changes break off, or nearly.
const POINTS: usize = 60;

async fn change(browser: &mut Browser, current: &str, new: &str) -> crate::house::Answer {
    let fields = [("current", current), ("new", new), ("repeat", new)];
    browser.post_from("/password", "/password", &fields).await
}

async fn accepts(house: &House, system: MailSystem, local: &str, password: &str) -> bool {
    let native_id = format!("{}-{local}", system.code());
    let key = MailboxKey { system, native_id, login: local.to_owned() };
    house.directory(system).verify(&key, &secret::password(password).expect("short")).await.is_ok()
}

/// What the person does who finds the browser gone; tells the password that both systems take in the end.
async fn go_on(house: &House, local: &str) -> &'static str {
    let mut current = if accepts(house, Ad, local, NEW_PASSWORD).await { NEW_PASSWORD } else { PASSWORD };
    let mut later = house.browser();
    later.sign_in(local, current).await.leads_to("/");
    let page = later.get("/password").await;
    if page.body.contains("vẫn giữ mật khẩu cũ") && current == NEW_PASSWORD {
        later.post_from("/password", "/password/finish", &[("new", NEW_PASSWORD)]).await;
    }
    let is_still_demanded = house.account(local).await.state().name() == StateName::MustChange;
    let in_obm = accepts(house, Obm, local, current).await;
    if is_still_demanded || !in_obm {
        let next = if current == PASSWORD { NEW_PASSWORD } else { THIRD };
        change(&mut later, current, next).await;
        current = next;
    }
    current
}

#[tokio::test]
async fn a_change_that_breaks_off_anywhere_is_finished_by_its_owner() {
    let house = House::build().await;
    let (mut broken, mut half_done) = (0, 0);
    // a change is taken up again about twenty times; where, differs with how quick the database is
    for point in 0..POINTS {
        let local = format!("nv{point:03}");
        house.add_with_default(&local, &[Ad, Obm], house.app.now());
        house.sync().await;
        let mut browser = house.browser();
        browser.sign_in(&local, PASSWORD).await.leads_to("/");
        let done = {
            let work = pin!(change(&mut browser, PASSWORD, NEW_PASSWORD));
            Broken::after(1 + point % 20, work).await.is_some()
        };
        let taken = [Ad, Obm].map(|system| accepts(&house, system, &local, NEW_PASSWORD));
        let [ad, obm] = taken;
        half_done += usize::from(ad.await != obm.await);

        let last = go_on(&house, &local).await;
        for system in MailSystem::ALL {
            assert!(accepts(&house, system, &local, last).await, "{point}: {system:?} takes {last}");
            let stays = last != PASSWORD && accepts(&house, system, &local, PASSWORD).await;
            assert!(!stays, "{point}: {system:?} still takes the default password");
        }
        let account = house.account(&local).await;
        assert_eq!(account.state().name(), StateName::Active, "{point}");
        let kept = mailboxes::of_account(&house.app.db, account.id()).await.expect("reads");
        assert!(kept.iter().all(|mailbox| !mailbox.password_lags), "{point}: nothing lags any more");
        house.browser().sign_in(&local, last).await.leads_to("/");
        broken += usize::from(!done);
    }
    assert!(audit::verify(&house.app.db).await.expect("reads").is_ok());
    assert!(broken >= POINTS / 4, "only {broken} of {POINTS} broke off");
    assert!(half_done > 0, "and between the two directories too");
}
