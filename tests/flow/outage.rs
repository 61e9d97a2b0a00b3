//! A directory that is slow or down: what the pages say.

use crate::house::{Browser, House, PASSWORD};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::health::Condition;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::services::admins;
use time::Duration;

async fn house() -> House {
    let house = House::build().await;
    for local in ["an", "quantri", "quantrikhcn"] {
        house.add(local, &[Ad]);
    }
    house.add("binh", &[Obm]);
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrikhcn"), Some("so-khcn")).await.expect("granted");
    house
}

async fn console(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

#[tokio::test]
async fn staff_read_one_calm_line_while_a_mail_system_is_slow_and_none_while_all_is_well() {
    let house = house().await;
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await;
    for page in ["/sign-in", "/"] {
        let mut browser = if page == "/" { person.clone() } else { house.browser() };
        browser.get(page).await.hides("mail-trouble").hides("trả lời chậm");
    }
    house.obm.set_condition(Condition::Slow);
    house.pass(Duration::minutes(20));
    house.browser().get("/sign-in").await.shows("Hệ thống thư OBM đang trả lời chậm từ 09:00");
    person.get("/").await.shows("Hệ thống thư OBM đang trả lời chậm từ 09:00");
    house.admin_browser().get("/sign-in").await.hides("mail-trouble");
    house.pass(Duration::days(1));
    house.browser().get("/sign-in").await.shows("trả lời chậm từ 09:00 ngày 02/03/2026");
    house.obm.set_condition(Condition::Normal);
    house.browser().get("/sign-in").await.hides("mail-trouble");
}

#[tokio::test]
async fn staff_are_told_that_a_mail_system_is_down_and_not_twice_on_one_page() {
    let house = house().await;
    house.ad.set_unreachable(true);
    house.browser().get("/sign-in").await.shows("Chưa kết nối được với hệ thống thư Exchange từ 09:00");
    house
        .browser()
        .sign_in("an", PASSWORD)
        .await
        .shows("Đây không phải là lỗi mật khẩu")
        .hides("mail-trouble");
    house.browser().sign_in("binh", PASSWORD).await.leads_to("/");
    house.ad.set_unreachable(false);
    house.browser().get("/sign-in").await.hides("Exchange");
}

#[tokio::test]
async fn a_mailbox_is_not_called_good_while_its_mail_system_is_not_reached() {
    let house = house().await;
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await.leads_to("/");
    let (good, unknown) = ("Dùng được với mật khẩu này", "Chưa kiểm tra được");
    house.obm.set_unreachable(true);
    for page in ["/", "/account"] {
        person.get(page).await.shows(good).hides(unknown);
    }
    house.ad.set_unreachable(true);
    for page in ["/", "/account"] {
        person.get(page).await.shows(unknown).hides(good);
    }
    person.get("/").await.shows("icon-warn is-warn");
    house.ad.set_unreachable(false);
    person.get("/").await.shows(good).hides(unknown);
}

#[tokio::test]
async fn the_console_shows_each_directory_and_each_server_to_the_city_only() {
    let house = house().await;
    let (mut city, mut agency) = (console(&house, "quantri").await, console(&house, "quantrikhcn").await);
    for page in ["/", "/sync"] {
        city.get(page).await.shows("Kết nối với hệ thống thư").shows("Active Directory").shows("Bình thường");
    }
    house.obm.set_condition(Condition::Slow);
    house.ad.set_condition(Condition::Misconfigured("the certificate <has> expired".to_owned()));
    for page in ["/", "/sync"] {
        let shown = city.get(page).await;
        shown.shows("Chậm từ 09:00").shows("Cấu hình chưa đúng từ 09:00").shows("memory:obm");
        shown.shows("the certificate &#60;has&#62; expired");
        let shown = agency.get(page).await;
        shown.shows("Chậm từ 09:00").hides("memory:obm").hides("expired");
    }
    // staff need not know which setting is wrong
    house.browser().get("/sign-in").await.shows("hệ thống thư Exchange").hides("expired");
}
