//! A reset with both real directories: what the slip says opens both from outside, once, and wants another password.

use crate::directory::city::City;
use crate::house::{Answer, House, NEW_PASSWORD};
use crate::outside::{Directories as Outside, Which};
use crate::rig::Rig;
use crate::sink::Sink;
use crate::walk;
use danang_sso::demo::city::PASSWORD;
use danang_sso::domain::account::{MustChange, State, StateName};
use danang_sso::domain::mailbox::MailSystem;

const BOTH: [Which; 2] = [Which::Ad, Which::Obm];

fn on_the_slip(answer: &Answer) -> String {
    let after = answer.body.split("<code translate=\"no\">").nth(1);
    let password = after.and_then(|rest| rest.split('<').next());
    password.unwrap_or_else(|| panic!("no slip ({}): {}", answer.status, answer.body)).to_owned()
}

async fn reset(house: &House, who: &str) -> Answer {
    let mut console = house.admin_browser();
    console.sign_in(walk::ADMIN, PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account(who).await.id());
    let version = console.get(&page).await.hidden("version").expect("a form");
    let fields = [("version", version.as_str()), ("reason", "Quên mật khẩu"), ("sure", "1")];
    console.post_from(&page, &format!("{page}/reset"), &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_opens_both_directories_and_both_want_another_password() {
    let (mut in_ad, mut in_obm) = (City::new(MailSystem::Ad), City::new(MailSystem::Obm));
    let ((ad_seed, backdate), obm_seed) = (in_ad.ad_seed(), in_obm.obm_seed());
    let ad = Rig::start("ad", &[("AD_SEED", &ad_seed), ("AD_BACKDATE", &backdate)]);
    let obm = Rig::start("obm", &[("OBM_SEED", &obm_seed)]);
    let sink = Sink::start().await;
    let house = walk::house(&ad, &obm, &sink).await;
    let outside = Outside::new(ad.values().clone().into_iter().chain(obm.values().clone()).collect());
    let who = "an.nguyen";

    // One that is locked, in both directories.
    let mut console = house.admin_browser();
    console.sign_in(walk::ADMIN, PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account(who).await.id());
    console.post_from(&page, &format!("{page}/lock"), &[("reason", "Nghi lộ mật khẩu")]).await;
    assert_eq!(BOTH.map(|which| outside.accepts(which, who, PASSWORD)), [false, false]);

    let answer = reset(&house, who).await;
    let issued = on_the_slip(&answer);
    answer.hides("Cần chú ý");
    for which in BOTH {
        assert!(outside.demands_another(which, who, &issued), "{which:?}");
        assert!(!outside.demands_another(which, who, PASSWORD), "{which:?}: the old one is over");
        assert!(!outside.demands_another(which, who, &issued.replace('-', "")), "{which:?}");
    }
    house.sync().await;
    let state = *house.account(who).await.state();
    assert!(matches!(state, State::MustChangePassword { why: MustChange::Reset, .. }), "{state:?}");

    // A second slip ends the first.
    let first = issued;
    let issued = on_the_slip(&reset(&house, who).await);
    for which in BOTH {
        assert!(outside.demands_another(which, who, &issued), "{which:?}");
        assert!(!outside.demands_another(which, who, &first), "{which:?}");
    }

    let mut person = house.browser();
    person.sign_in(who, &issued).await.leads_to("/");
    let fields = [("current", issued.as_str()), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &fields).await;
    assert_eq!(house.account(who).await.state().name(), StateName::Active);
    assert_eq!(BOTH.map(|which| outside.accepts(which, who, NEW_PASSWORD)), [true, true]);
    assert_eq!(BOTH.map(|which| outside.accepts(which, who, &issued)), [false, false]);
}
