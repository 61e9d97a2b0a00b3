//! A directory that is down, silent, slow or shows an expired certificate: on a real slapd, behind a proxy that delays.

mod expired;
pub mod proxy;

use crate::directory::city::City;
use crate::directory::obm_config;
use crate::rig::Rig;
use danang_sso::config::directories::{Connection, ObmConfig};
use danang_sso::demo::city::PASSWORD;
use danang_sso::directory::obm::ObmDirectory;
use danang_sso::directory::{Directory, DirectoryError, Verified};
use danang_sso::domain::health::Condition;
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::secret::Secret;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::system::{Stopwatch, System};
use proxy::Proxy;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// Longer than any answer of a server on this machine takes, shorter than any timeout here.
const AT_ONCE: Duration = Duration::from_millis(2_500);
/// The breaker's first pause, and a little more.
const PAUSE: Duration = Duration::from_millis(5_200);

/// slapd with the invented city, and how to reach it.
async fn slapd() -> (Rig, ObmConfig, MailboxKey) {
    let mut city = City::new(MailSystem::Obm);
    let rig = Rig::start("obm", &[("OBM_SEED", &city.obm_seed())]);
    let config = obm_config(&rig);
    let everybody = ObmDirectory::new(config.clone()).snapshot().await.expect("a snapshot");
    city.learn_keys(&everybody);
    (rig, config, city.key("minh.phan"))
}

fn reached(config: &ObmConfig, change: impl FnOnce(&mut Connection)) -> ObmDirectory {
    let mut config = config.clone();
    change(&mut config.connection);
    ObmDirectory::new(config)
}

async fn sign_in(directory: &ObmDirectory, who: &MailboxKey) -> Result<Verified, DirectoryError> {
    directory.verify(who, &Secret::new(PASSWORD.to_owned())).await
}

/// Asserts that it is out of reach and tells the whole reason.
async fn out_of_reach(directory: &ObmDirectory, who: &MailboxKey) -> String {
    match sign_in(directory, who).await {
        Err(error @ DirectoryError::Unreachable { .. }) => {
            format!("{error}: {}", std::error::Error::source(&error).expect("a reason"))
        }
        other => panic!("{other:?}, not out of reach"),
    }
}

fn now() -> Timestamp {
    System::of_the_machine().now()
}

fn condition(directory: &ObmDirectory) -> Condition {
    directory.health(now()).condition
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_is_left_alone_and_one_attempt_finds_it_again() {
    let (mut rig, config, who) = slapd().await;
    let directory = ObmDirectory::new(config);
    assert_eq!(sign_in(&directory, &who).await.expect("before"), Verified::Good);
    assert_eq!(condition(&directory), Condition::Normal);
    rig.stop();
    let stopped_at = now();
    for _ in 0..3 {
        assert!(!out_of_reach(&directory, &who).await.contains("left alone"), "it is tried");
    }
    assert!(out_of_reach(&directory, &who).await.contains("left alone"));
    let health = directory.health(now());
    assert_eq!(health.condition, Condition::Unreachable);
    let since = health.since.expect("an hour");
    assert!(since >= stopped_at.minus(time::Duration::seconds(1)) && since <= now(), "{since:?}");
    rig.start_again();
    sleep(PAUSE).await;
    // Many come at the same moment: one goes through and finds the server, the others are told at once, but for those that
    // the machine lets ask only after it was found. That exactly one looks is shown by the breaker's own tests.
    let many: Vec<_> = (0..8).map(|_| sign_in(&directory, &who)).collect();
    let many = futures_util::future::join_all(many).await;
    assert!(many.iter().any(Result::is_ok), "{many:?}");
    for answer in many {
        match answer {
            Ok(answer) => assert_eq!(answer, Verified::Good),
            Err(error) => {
                let reason = std::error::Error::source(&error).expect("a reason").to_string();
                assert!(reason.contains("left alone"), "{reason}");
            }
        }
    }
    let all: Vec<_> = (0..8).map(|_| sign_in(&directory, &who)).collect();
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer.expect("it is back"), Verified::Good);
    }
    assert_eq!(condition(&directory), Condition::Normal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_first_server_costs_a_timeout_or_two_and_then_nothing() {
    let (rig, config, who) = slapd().await;
    // it takes connections and never says a word
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("ldaps://{}", silent.local_addr().expect("bound"));
    let patience = Duration::from_secs(3);
    let directory = reached(&config, |connection| {
        connection.urls.insert(0, url);
        connection.connect_timeout = patience;
    });
    let started = Stopwatch::start();
    let first: Vec<_> = (0..4).map(|_| sign_in(&directory, &who)).collect();
    for answer in futures_util::future::join_all(first).await {
        assert_eq!(answer.expect("by the second server"), Verified::Good);
    }
    assert!(started.elapsed() >= patience, "the first was tried");
    let mut took = Vec::new();
    for _ in 0..5 {
        let started = Stopwatch::start();
        assert_eq!(sign_in(&directory, &who).await.expect("by the second server"), Verified::Good);
        took.push(started.elapsed());
    }
    waits_at_most_once(&took);
    let servers = directory.health(now()).servers;
    assert_eq!(servers[0].condition, Condition::Unreachable);
    assert_eq!((&servers[1].condition, condition(&directory)), (&Condition::Normal, Condition::Normal));
    // also when the second is gone, nobody waits for the first any more
    rig.stop();
    let mut took = Vec::new();
    for _ in 0..3 {
        let started = Stopwatch::start();
        out_of_reach(&directory, &who).await;
        took.push(started.elapsed());
    }
    waits_at_most_once(&took);
}

/// Asserts that nobody waits for a silent server. On a machine that has much else to do its pause may be over meanwhile:
/// then one looks, and the next pause is longer.
fn waits_at_most_once(took: &[Duration]) {
    let waited = took.iter().filter(|took| **took >= AT_ONCE).count();
    assert!(waited <= 1, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_answering_on_open_connections_is_left_alone_too() {
    let (_rig, config, who) = slapd().await;
    let proxy = Proxy::before(&config.connection.urls[0]).await;
    let patience = Duration::from_secs(3);
    let directory = reached(&config, |connection| {
        connection.urls = vec![proxy.url()];
        connection.connect_timeout = patience;
        connection.operation_timeout = patience;
    });
    assert_eq!(sign_in(&directory, &who).await.expect("before"), Verified::Good);
    proxy.delay(Duration::from_mins(10));
    for _ in 0..3 {
        assert!(!out_of_reach(&directory, &who).await.contains("left alone"));
    }
    let started = Stopwatch::start();
    assert!(out_of_reach(&directory, &who).await.contains("left alone"));
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
    proxy.delay(Duration::ZERO);
    sleep(PAUSE).await;
    assert_eq!(sign_in(&directory, &who).await.expect("it answers again"), Verified::Good);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_never_count_as_a_failure_of_the_server() {
    let (_rig, config, who) = slapd().await;
    let directory = ObmDirectory::new(config.clone());
    for attempt in 0..5 {
        let wrong = Secret::new(format!("sai-{attempt}"));
        let answer = directory.verify(&who, &wrong).await;
        assert!(matches!(answer, Err(DirectoryError::Refused(_))), "{answer:?}");
    }
    assert_eq!(sign_in(&directory, &who).await.expect("the right one"), Verified::Good);
    let mut wrong = config;
    wrong.sync_password = Secret::new("wrong".to_owned());
    let directory = ObmDirectory::new(wrong);
    for _ in 0..5 {
        let answer = sign_in(&directory, &who).await;
        let Err(DirectoryError::Misconfigured { what, .. }) = answer else { panic!("{answer:?}") };
        assert!(what.contains("check its name and its password"), "{what}");
    }
    assert!(matches!(condition(&directory), Condition::Misconfigured(what) if what.contains("was refused")));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_seconds_for_each_answer_are_told_as_slow_and_a_snapshot_does_not_hold_up_look_ups() {
    let (_rig, config, who) = slapd().await;
    let proxy = Proxy::before(&config.connection.urls[0]).await;
    let directory = reached(&config, |connection| {
        connection.urls = vec![proxy.url()];
        connection.connect_timeout = Duration::from_secs(30);
        connection.operation_timeout = Duration::from_secs(30);
        connection.page_size = 1;
    });
    assert_eq!(sign_in(&directory, &who).await.expect("quick"), Verified::Good);
    let slow = Duration::from_secs(5);
    let is_read = AtomicBool::new(false);
    let everything = async {
        let everything = directory.snapshot().await;
        is_read.store(true, Ordering::SeqCst);
        everything
    };
    let looks = async {
        proxy.delay(slow);
        let mut looks = Vec::new();
        for _ in 0..3 {
            let started = Stopwatch::start();
            directory.look().await.expect("answered");
            looks.push((started.elapsed(), condition(&directory)));
            // connecting and signing in to read takes two answers, and the first page a third
            assert!(looks.len() > 1 || !is_read.load(Ordering::SeqCst), "everything is still being read");
        }
        proxy.delay(Duration::ZERO);
        looks
    };
    let (everything, looks) = tokio::join!(everything, looks);
    everything.expect("slow, and complete");
    for (took, _) in &looks {
        assert!(*took >= slow && *took < 2 * slow, "it waits for its own answer only: {took:?}");
    }
    assert_eq!(looks.last().map(|(_, condition)| condition), Some(&Condition::Slow));
    for _ in 0..9 {
        directory.look().await.expect("quick again");
    }
    assert_eq!(condition(&directory), Condition::Normal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_for_look_ups_is_kept_and_replaced_when_it_is_old() {
    let (_rig, config, _) = slapd().await;
    let proxy = Proxy::before(&config.connection.urls[0]).await;
    let max_age = Duration::from_secs(8);
    let directory = reached(&config, |connection| {
        connection.urls = vec![proxy.url()];
        connection.max_age = max_age;
    });
    for _ in 0..5 {
        directory.look().await.expect("answered");
    }
    assert_eq!(proxy.connections(), 1, "one for all of them");
    sleep(max_age).await;
    directory.look().await.expect("answered");
    directory.look().await.expect("answered");
    assert_eq!(proxy.connections(), 2, "the old one was replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_told_in_words_and_nobody_is_let_through() {
    let (_rig, config, who) = slapd().await;
    let expired = expired::serve();
    let directory = reached(&config, |connection| {
        connection.urls = vec![expired.url.clone()];
        connection.ca_file = Some(expired.ca_file.clone());
    });
    for _ in 0..5 {
        let answer = sign_in(&directory, &who).await;
        let Err(DirectoryError::Misconfigured { what, .. }) = answer else { panic!("{answer:?}") };
        assert!(what.contains("is not valid today") && what.contains("renew it"), "{what}");
    }
    let Condition::Misconfigured(what) = condition(&directory) else { panic!("it is set up wrongly") };
    assert!(what.contains("renew it"), "{what}");
    let lines = directory.check().await;
    assert!(lines.iter().any(|line| line.result.as_ref().is_err_and(|why| why.contains("renew it"))));
}
