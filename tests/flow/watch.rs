//! What is watched of the mailboxes: forwarding out of the city with its date, quota, size of messages, last use.

use crate::house::{Browser, House, PASSWORD};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::sync::{SeenAgency, SeenMailbox};
use danang_sso::domain::watch::{Cap, Forward, ForwardSource};
use danang_sso::services::admins;
use danang_sso::storage::audit;
use time::Duration;
use time::macros::datetime;

const OWN: &str = "[watch]\nown_domains = [\"danang.gov.example\"]\n";

async fn house() -> House {
    House::at(datetime!(2026-03-02 09:00 +7), OWN).await
}

async fn admin(house: &House, agency: Option<&str>) -> Browser {
    let local = if agency.is_some() { "quantrinv" } else { "quantri" };
    house.add_with(local, &[Ad], of_agency(agency.unwrap_or("so-khcn")));
    house.sync().await;
    let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address, agency).await.expect("granted");
    let mut browser = house.admin_browser();
    browser.sign_in(local, PASSWORD).await.leads_to("/");
    browser
}

fn of_agency(code: &str) -> impl Fn(&mut SeenMailbox) {
    let agency = SeenAgency { code: Some(code.to_owned()), name: format!("Sở {code}") };
    move |seen| seen.agency = Some(agency.clone())
}

fn to(address: &str) -> Forward {
    Forward::new(address, true, ForwardSource::Holder).expect("an address")
}

fn set(house: &House, local: &str, forwards: &[&str]) {
    house.ad.edit(local, |seen| seen.watched.forwards = forwards.iter().map(|a| to(a)).collect());
}

/// How often the audit says that forwarding of an account appeared.
async fn told(house: &House, local: &str) -> usize {
    let id = house.account(local).await.id();
    let lines = audit::of_account(&house.app.db, id, 100).await.expect("reads");
    lines.iter().filter(|line| line.act == Act::ForwardAppeared).count()
}

#[tokio::test]
async fn forwarding_out_of_the_city_is_listed_with_its_first_day_and_recorded_once() {
    let house = house().await;
    house.add("an", &[Ad]);
    let mut browser = admin(&house, None).await;
    browser.get("/watch").await.shows("id=\"none\"");
    house.pass(Duration::days(1));
    set(&house, "an", &["SMTP:An@Mail.Example"]);
    house.sync().await;
    house.pass(Duration::minutes(4));
    house.sync().await;
    let mut browser = admin(&house, None).await;
    let page = browser.get("/watch").await;
    page.shows("an@mail.example")
        .shows("03/03/2026")
        .shows("người dùng đặt trong Exchange")
        .shows("giữ bản sao");
    assert_eq!(told(&house, "an").await, 1);
    let account = format!("/accounts/{}", house.account("an").await.id());
    browser
        .get(&account)
        .await
        .shows("an@mail.example")
        .shows("ra ngoài")
        .shows("thấy thư được chuyển tự động");

    // it ends, and begins anew
    house.pass(Duration::days(1));
    set(&house, "an", &[]);
    house.sync().await;
    let mut browser = admin(&house, None).await;
    browser.get("/watch").await.hides("an@mail.example");
    house.pass(Duration::days(1));
    set(&house, "an", &["an@mail.example"]);
    house.sync().await;
    let mut browser = admin(&house, None).await;
    browser.get("/watch").await.shows("05/03/2026").hides("03/03/2026");
    assert_eq!(told(&house, "an").await, 2);

    // an entry that is gone forwards nothing
    house.ad.remove("an");
    house.sync().await;
    browser.get("/watch").await.hides("an@mail.example");
}

#[tokio::test]
async fn forwarding_within_the_city_is_no_news_and_a_new_address_is() {
    let house = house().await;
    house.add("an", &[Ad]);
    set(&house, "an", &["binh@danang.example", "chi@danang.gov.example"]);
    let mut browser = admin(&house, None).await;
    browser.get("/watch").await.shows("id=\"none\"");
    assert_eq!(told(&house, "an").await, 0);
    let account = format!("/accounts/{}", house.account("an").await.id());
    browser.get(&account).await.shows("binh@danang.example").hides("– ra ngoài");
    // the edge: a domain within ours is not ours
    set(&house, "an", &["binh@danang.example", "chi@x.danang.example", "Somebody whose address is hidden"]);
    house.sync().await;
    let page = browser.get("/watch").await;
    page.shows("chi@x.danang.example").shows("somebody whose address is hidden").hides("binh@danang.example");
    assert_eq!(told(&house, "an").await, 2);
}

#[tokio::test]
async fn two_ways_to_the_same_address_are_one_forwarding() {
    let house = house().await;
    house.add("an", &[Ad]);
    house.ad.edit("an", |seen| {
        let other = Forward::new("a@b.example", false, ForwardSource::Administrator).expect("an address");
        seen.watched.forwards = vec![to("a@b.example"), other];
    });
    let mut browser = admin(&house, None).await;
    house.sync().await;
    browser.get("/watch").await.shows("a@b.example");
    assert_eq!(told(&house, "an").await, 1);
}

#[tokio::test]
async fn quotas_and_limits_other_than_the_regulations_are_listed() {
    let house = house().await;
    let mib = |mib: i64| Some(Cap::Kib(mib * 1024));
    for (local, quota, message) in [
        ("just", mib(2048), mib(20)),
        ("encoded", mib(2000), mib(28)),
        ("more", Some(Cap::Kib(2_097_153)), Some(Cap::Kib(28_673))),
        ("less", mib(1900), Some(Cap::Kib(20_479))),
        ("boundless", Some(Cap::Unlimited), Some(Cap::Unlimited)),
        ("untold", None, None),
    ] {
        house.add_with(local, &[Ad], |seen| {
            seen.watched.quota = quota;
            seen.watched.message = message;
        });
    }
    let mut browser = admin(&house, None).await;
    for list in ["quota", "message"] {
        let page = browser.get(&format!("/watch?list={list}")).await;
        for there in ["more@", "less@", "boundless@", "không giới hạn"] {
            page.shows(there);
        }
        for not_there in ["just@", "encoded@", "untold@"] {
            page.hides(not_there);
        }
    }
    browser.get("/watch?list=quota").await.shows("1.900 MB").shows("<span id=\"total\">3</span>");
}

#[tokio::test]
async fn who_is_not_seen_anywhere_is_listed_by_how_long() {
    let house = house().await;
    let now = house.app.now();
    for (local, days) in [("fresh", 90), ("old", 91), ("older", 181)] {
        house.add_with(local, &[Ad], |seen| seen.last_used_at = Some(now.minus(Duration::days(days))));
    }
    house.add("never", &[Obm]);
    house.add_with("here", &[Ad], |seen| seen.last_used_at = Some(now.minus(Duration::days(400))));
    let mut browser = admin(&house, None).await;
    house.browser().sign_in("here", PASSWORD).await;
    let page = browser.get("/watch?list=unused-90").await;
    page.shows("old@").shows("older@").hides("fresh@").hides("never@").hides("here@");
    let page = browser.get("/watch?list=unused-180").await;
    page.shows("older@").hides(">old@").hides("here@").shows("02/09/2025");
    let page = browser.get("/watch?list=never").await;
    page.shows("never@").hides("old@").hides("quantri@");
    house.browser().sign_in("never", PASSWORD).await;
    browser.get("/watch?list=never").await.hides("never@");
}

#[tokio::test]
async fn whoever_is_in_one_mail_system_only_is_listed_under_it() {
    let house = house().await;
    house.add("an", &[Ad, Obm]);
    house.add("binh", &[Ad]);
    house.add("chi", &[Obm]);
    let mut browser = admin(&house, None).await;
    browser.get("/watch?list=only-ad").await.shows("binh@").hides("an@danang").hides("chi@");
    browser.get("/watch?list=only-obm").await.shows("chi@").hides("an@danang").hides("binh@");
}

#[tokio::test]
async fn an_agency_administrator_sees_the_own_agency_in_list_numbers_and_export() {
    let house = house().await;
    for (local, agency) in [("an", "so-khcn"), ("binh", "so-nv")] {
        house.add_with(local, &[Ad], of_agency(agency));
        set(&house, local, &[&format!("{local}@mail.example")]);
    }
    let mut city = admin(&house, None).await;
    let page = city.get("/watch").await;
    page.shows("an@mail.example").shows("binh@mail.example").shows("<span id=\"total\">2</span>");
    page.shows("id=\"by-agency\"").shows("Sở so-nv");
    let mut own = admin(&house, Some("so-nv")).await;
    let foreign = house.account("an").await.profile().agency_id.expect("an agency");
    for query in ["", "?list=forwards"] {
        own.get(&format!("/watch{query}")).await.shows("binh@mail.example").hides("an@mail.example");
        own.get(&format!("/watch.csv{query}")).await.shows("binh@mail.example").hides("an@mail.example");
    }
    for path in ["/watch", "/watch.csv"] {
        assert_eq!(own.get(&format!("{path}?agency={foreign}")).await.status, 404, "{path}");
    }
    let page = city.get(&format!("/watch?agency={foreign}")).await;
    page.shows("an@mail.example").hides("binh@mail.example").shows("<span id=\"total\">1</span>");
    house.admin_browser().get("/watch.csv").await.leads_to("/sign-in");
}

#[tokio::test]
async fn the_export_holds_every_line_and_no_formula() {
    let house = house().await;
    for number in 0..60 {
        let local = format!("n{number:02}");
        house.add(&local, &[Ad]);
        set(&house, &local, &["=cmd|x@mail.example", "zz@mail.example"]);
    }
    let mut browser = admin(&house, None).await;
    let csv = browser.get("/watch.csv?list=forwards").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.body.lines().count(), 121);
    assert_eq!(csv.body.matches("\"'=cmd|x@mail.example\"").count(), 60);
    assert!(!csv.body.contains(",\"=") && !csv.body.contains(",="));

    // page by page, each line once, also between two lines of one account
    let (mut address, mut lines, mut pages) = ("/watch".to_owned(), 0, 0);
    loop {
        let page = browser.get(&address).await;
        lines += page.body.matches("<td data-label=\"Chuyển đến\">").count();
        pages += 1;
        let Some(at) = page.body.find("rel=\"next\"") else { break };
        let link = &page.body[..at];
        let href = &link[link.rfind("href=\"").expect("a link") + 6..];
        address = href[..href.find('"').expect("its end")].replace("&amp;", "&").replace("&#38;", "&");
    }
    assert_eq!((lines, pages), (120, 3));
}
