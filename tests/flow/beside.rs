//! What a mail system keeps outside its directory (OBM's SQL) is laid over what the directory tells.

use crate::house::{House, PASSWORD};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::watch::{Beside, Cap, Forward, ForwardSource, Watched};
use danang_sso::services::admins;
use danang_sso::services::sync::{self, DirectoryReport, Order, Run, StartedBy};
use time::Duration;

fn facts(login: &str, forwards: &[&str]) -> Beside {
    let forward = |to: &&str| Forward::new(to, false, ForwardSource::Nomade).expect("an address");
    Beside {
        login: login.to_owned(),
        watched: Watched {
            forwards: forwards.iter().map(forward).collect(),
            quota: Some(Cap::Kib(1024)),
            message: None,
        },
        last_used_at: None,
        external_id: Some(format!("nv-{login}")),
        is_archived: false,
    }
}

/// A house whose administrator is in Active Directory, with two people in OBM.
async fn house() -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    house.add("an", &[Obm]);
    house.add("binh", &[Obm]);
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    house
}

async fn forwards(house: &House) -> String {
    let mut browser = house.admin_browser();
    browser.sign_in("quantri", PASSWORD).await.leads_to("/");
    browser.get("/watch").await.body
}

fn of_obm(run: &Run) -> DirectoryReport {
    sync::report(run).into_iter().find(|report| report.system == "obm").expect("it is told")
}

#[tokio::test]
async fn a_change_in_the_sql_alone_is_seen_by_a_run_that_reads_changes() {
    let house = house().await;
    house.obm.keep_beside(Ok(vec![facts("an", &["a@out.example"])]));
    let run = house.sync().await;
    let report = of_obm(&run);
    assert_eq!((report.whole, report.changed, report.note), (false, 0, None));
    assert!(forwards(&house).await.contains("a@out.example"));
    assert_eq!(house.account("an").await.profile().staff_number.as_deref(), Some("nv-an"));
    assert_eq!(house.account("binh").await.profile().staff_number, None);

    // a run that reads everything comes to the same, and so does one in which both changed
    let everything = Order { everything: true, ..Order::default() };
    sync::run_as(&house.app, &StartedBy::CommandLine, &everything).await.expect("runs");
    assert!(forwards(&house).await.contains("a@out.example"));
    house.obm.edit("an", |seen| seen.title = Some("Văn thư".to_owned()));
    let used = house.app.now().minus(Duration::days(1));
    let both = Beside { last_used_at: Some(used), ..facts("an", &["b@out.example"]) };
    house.obm.keep_beside(Ok(vec![both, facts("nobody", &["c@out.example"])]));
    house.sync().await;
    let page = forwards(&house).await;
    assert!(page.contains("b@out.example") && !page.contains("a@out.example") && !page.contains("c@out"));
    assert_eq!(house.account("an").await.profile().title.as_deref(), Some("Văn thư"));

    // it ends when its row goes
    house.obm.keep_beside(Ok(Vec::new()));
    house.sync().await;
    assert!(!forwards(&house).await.contains("b@out.example"));
}

#[tokio::test]
async fn the_last_use_that_the_sql_tells_counts() {
    let house = house().await;
    let before = house.account("an").await.traces().last_used_at;
    house.pass(Duration::days(20));
    let used = house.app.now().minus(Duration::days(3));
    house.obm.keep_beside(Ok(vec![Beside { last_used_at: Some(used), ..facts("an", &[]) }]));
    house.sync().await;
    let after = house.account("an").await.traces().last_used_at;
    assert!(after > before && after == Some(used), "{before:?} {after:?}");
}

#[tokio::test]
async fn a_failure_of_the_sql_is_told_and_takes_nothing_away() {
    let house = house().await;
    house.obm.keep_beside(Ok(vec![facts("an", &["a@out.example"])]));
    house.sync().await;
    house.obm.keep_beside(Err(()));
    house.obm.edit("an", |seen| seen.title = Some("Văn thư".to_owned()));
    for everything in [false, true] {
        let order = Order { everything, ..Order::default() };
        let run = sync::run_as(&house.app, &StartedBy::CommandLine, &order).await.expect("runs");
        let report = of_obm(&run);
        assert_eq!((run.outcome.as_str(), report.read), ("done", Some(2)), "the directory was read");
        assert!(report.note.expect("a note").contains("unreachable"));
    }
    assert_eq!(house.account("an").await.profile().title.as_deref(), Some("Văn thư"));
    assert!(forwards(&house).await.contains("a@out.example"));
    let mut browser = house.admin_browser();
    browser.sign_in("quantri", PASSWORD).await.leads_to("/");
    browser.get("/sync").await.shows("SQL: ");
}

#[tokio::test]
async fn whoever_is_archived_in_the_sql_and_still_in_the_directory_is_told() {
    let house = house().await;
    house.obm.keep_beside(Ok(vec![Beside { is_archived: true, ..facts("an", &[]) }]));
    let run = house.sync().await;
    assert_eq!(of_obm(&run).note.as_deref(), Some("SQL: 1 archived, still in LDAP: an"));
}
