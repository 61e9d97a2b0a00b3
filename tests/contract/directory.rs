//! What every directory must do, whatever is behind it: run on the one in memory, on slapd with OBM's schema, and on
//! Samba's Active Directory.

pub mod city;

use crate::rig::Rig;
use city::City;
use danang_sso::config::directories::{AdConfig, Connection, ObmConfig, ObmPasswords};
use danang_sso::demo::city::{PASSWORD, Person};
use danang_sso::directory::ad::AdDirectory;
use danang_sso::directory::memory::MemoryDirectory;
use danang_sso::directory::obm::ObmDirectory;
use danang_sso::directory::{Before, Directory, DirectoryError, Refusal, Standing, Verified};
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::secret::{Password, Secret};
use danang_sso::domain::sync::{SeenAgency, SeenMailbox, Snapshot};
use danang_sso::system::System;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::net::TcpListener;
use unicode_normalization::{UnicodeNormalization, is_nfc};

const NEW: &str = "Song-Han-2027";
/// A one-time password.
const ISSUED: &str = "Kf7m-Rq3x-9Tbz-Hn4c";
const OWN: &str = "Cau-Rong-Bay-2029";
const NEWER: &str = "Cầu-Rồng-2028";

#[tokio::test]
async fn the_directory_in_memory_keeps_the_contract() {
    let city = City::new(MailSystem::Ad);
    let directory = MemoryDirectory::new(MailSystem::Ad, System::of_the_machine());
    directory.set_lockout_threshold(Some(10));
    for person in &city.people {
        directory.add(city.seen_in_memory(person), issued());
    }
    keeps_the_contract(&directory, &city).await;
    directory.set_unreachable(true);
    is_unreachable(&directory, &city.key("minh.phan")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slapd_with_the_schema_of_obm_keeps_the_contract() {
    let mut city = City::new(MailSystem::Obm);
    let seed = city.obm_seed();
    let mut rig = Rig::start("obm", &[("OBM_SEED", &seed)]);
    let config = obm_config(&rig);
    let directory = ObmDirectory::new(config.clone());
    city.learn_keys(&snapshot_of(&directory).await);
    keeps_the_contract(&directory, &city).await;
    an_entry_that_obm_made_again_is_found_by_its_login(&directory, &city).await;
    a_reset_leaves_a_lock_for_good_in_place(&directory, &city).await;
    a_reset_lifts_a_lock_after_failures(&directory, &city).await;
    let clear = Connection { urls: vec![rig.value("OBM_URL")], ..config.connection.clone() };
    let with = |connection: Connection| ObmDirectory::new(ObmConfig { connection, ..config.clone() });
    let wrong = ObmDirectory::new(ObmConfig { sync_password: secret("wrong"), ..config.clone() });
    guards_the_connection(&with, &config.connection, &clear, &wrong, &city).await;
    let wrong_writer = ObmDirectory::new(ObmConfig { writer_password: secret("wrong"), ..config.clone() });
    is_misconfigured(wrong_writer.reset_password(&city.key("minh.phan"), &secret(NEW)).await, "was refused");
    survives_a_restart(&directory, &mut rig, &city).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn samba_as_active_directory_keeps_the_contract() {
    let mut city = City::new(MailSystem::Ad);
    let (seed, backdate) = city.ad_seed();
    let mut rig = Rig::start("ad", &[("AD_SEED", &seed), ("AD_BACKDATE", &backdate)]);
    let config = ad_config(&rig);
    let directory = AdDirectory::new(config.clone());
    city.learn_keys(&snapshot_of(&directory).await);
    a_sign_in_is_seen_as_the_last_use(&directory, &city).await;
    keeps_the_contract(&directory, &city).await;
    agencies_are_the_units(&directory).await;
    a_lock_leaves_the_other_flags_as_they_are(&directory, &rig, &city).await;
    a_reset_lifts_a_lock_after_failures(&directory, &city).await;
    let clear =
        Connection { urls: vec![format!("ldap://{}", rig.value("AD_IP"))], ..config.connection.clone() };
    let with = |connection: Connection| AdDirectory::new(AdConfig { connection, ..config.clone() });
    let wrong = AdDirectory::new(AdConfig { bind_password: secret("wrong"), ..config.clone() });
    guards_the_connection(&with, &config.connection, &clear, &wrong, &city).await;
    let staff_base = format!("OU=Nowhere,{}", config.staff_base);
    let nowhere = AdDirectory::new(AdConfig { staff_base, ..config.clone() });
    is_misconfigured(nowhere.snapshot().await, "the base is not there");
    survives_a_restart(&directory, &mut rig, &city).await;
}

// ---- the contract ----------------------------------------------------------------------------

/// Every check takes people of its own, so that none depends on what another one changed.
async fn keeps_the_contract(directory: &dyn Directory, city: &City) {
    assert_eq!(directory.system(), city.system);
    every_person_is_seen_once(directory, city).await;
    a_password_is_right_or_wrong(directory, city).await;
    a_stranger_is_refused_like_a_wrong_password(directory, city).await;
    a_demanded_change_is_told(directory, city).await;
    a_disabled_person_is_refused(directory, city).await;
    a_password_is_changed_on_the_word_of_the_old_one(directory, city).await;
    a_demanded_change_can_be_made(directory, city).await;
    a_password_is_reset_without_the_old_one(directory, city).await;
    a_password_that_is_handed_over_must_be_changed(directory, city).await;
    a_lock_holds_until_it_is_lifted(directory, city).await;
    a_lock_that_was_there_before_is_told(directory, city).await;
    many_people_can_sign_in_at_once(directory, city).await;
    let threshold = directory.lockout_threshold().await.expect("read");
    assert_eq!(threshold, Some(10), "what the rig is set to");
    for line in directory.check().await {
        println!("{}: {:?}", line.what, line.result);
        assert!(line.result.is_ok(), "{}: {:?}", line.what, line.result);
    }
}

async fn every_person_is_seen_once(directory: &dyn Directory, city: &City) {
    let snapshot = directory.snapshot().await.expect("a snapshot");
    assert_eq!(snapshot.system, city.system);
    let addresses: BTreeSet<_> = snapshot.mailboxes.iter().map(|m| m.address.to_string()).collect();
    assert_eq!(addresses.len(), snapshot.mailboxes.len(), "nobody twice");
    assert_eq!(addresses, city.people.iter().map(Person::address).collect::<BTreeSet<_>>());
    let ids: BTreeSet<_> = snapshot.mailboxes.iter().map(|m| &m.key.native_id).collect();
    assert_eq!(ids.len(), addresses.len(), "everyone has an identity");
    let left_out: Vec<_> = snapshot.passed_over.iter().map(|p| p.entry.as_str()).collect();
    assert_eq!(left_out.len(), city.passed_over.len(), "{left_out:?}");
    for (person, mailbox) in city.people.iter().filter_map(|p| Some((p, of(&snapshot, p)?))) {
        assert!(is_nfc(&mailbox.display_name), "{:?}", mailbox.display_name);
        let name: String = person.given.nfc().collect();
        assert!(mailbox.display_name.contains(&name), "{} is {}", person.local, mailbox.display_name);
        assert_eq!(mailbox.must_change, person.password.is_default(), "{}", person.local);
        assert_eq!(mailbox.enabled, !city.is_disabled(person), "{}", person.local);
        assert_eq!(mailbox.aliases.len(), usize::from(person.alias.is_some()), "{}", person.local);
        assert_eq!(mailbox.title.as_deref(), Some(person.title.as_str()).filter(|t| !t.is_empty()));
        assert!(mailbox.agency.is_some(), "{}", person.local);
        let dated = mailbox.must_change || mailbox.password_set_at == Some(city.issued(person));
        assert!(dated, "{}: {:?}", person.local, mailbox.password_set_at);
    }
}

async fn a_password_is_right_or_wrong(directory: &dyn Directory, city: &City) {
    let who = city.key("minh.phan");
    assert_eq!(directory.verify(&who, &issued()).await.expect("right"), Verified::Good);
    for wrong in ["", "danang@2026", "DaNang@2026 ", "*", "Mật khẩu sai"] {
        is_refused(directory.verify(&who, &secret(wrong)).await, Refusal::WrongPassword);
    }
    assert_eq!(directory.verify(&who, &issued()).await.expect("still right"), Verified::Good);
    directory.locate(&who).await.expect("there");
}

async fn a_stranger_is_refused_like_a_wrong_password(directory: &dyn Directory, city: &City) {
    for native_id in ["00000000-0000-4000-8000-000000000000", "", "*", "*)(uid=*", "no guid"] {
        for login in ["nobody-has-this-name", "*", ""] {
            let who =
                MailboxKey { system: city.system, native_id: native_id.to_owned(), login: login.to_owned() };
            is_refused(directory.verify(&who, &issued()).await, Refusal::WrongPassword);
        }
    }
    let who = MailboxKey { system: city.system, native_id: "none".to_owned(), login: "nobody".to_owned() };
    is_refused(directory.locate(&who).await, Refusal::WrongPassword);
    is_refused(directory.change_password(&who, &issued(), &secret(NEW)).await, Refusal::WrongPassword);
    is_refused(directory.reset_password(&who, &secret(NEW)).await, Refusal::WrongPassword);
    for password in [issued(), secret("")] {
        directory.refuse_stranger(&password).await.expect("refused");
    }
}

async fn a_demanded_change_is_told(directory: &dyn Directory, city: &City) {
    let who = city.key("an.nguyen");
    assert_eq!(directory.verify(&who, &issued()).await.expect("right"), Verified::MustChange);
    is_refused(directory.verify(&who, &secret("wrong")).await, Refusal::WrongPassword);
}

async fn a_disabled_person_is_refused(directory: &dyn Directory, city: &City) {
    let (login, right, wrong) = match city.system {
        MailSystem::Ad => ("khanh.bui", Refusal::Disabled, Refusal::WrongPassword),
        // the overlay refuses before it looks at the password, so it gives nothing away about it
        MailSystem::Obm => ("quyen.dam", Refusal::LockedOut, Refusal::LockedOut),
    };
    assert_eq!(standing(directory, &city.key(login)).await, Standing::Locked);
    is_refused(directory.verify(&city.key(login), &issued()).await, right);
    is_refused(directory.verify(&city.key(login), &secret("wrong")).await, wrong);
}

async fn a_password_is_changed_on_the_word_of_the_old_one(directory: &dyn Directory, city: &City) {
    let who = city.key("cuong.ngo");
    let before = seen_of(directory, "cuong.ngo").await.password_set_at;
    for wrong in ["wrong", ""] {
        let changed = directory.change_password(&who, &secret(wrong), &secret(NEW)).await;
        is_refused(changed, Refusal::WrongPassword);
    }
    for weak in ["abc", ""] {
        is_refused_by_policy(directory.change_password(&who, &issued(), &secret(weak)).await);
    }
    assert_eq!(directory.verify(&who, &issued()).await.expect("as before"), Verified::Good);
    directory.change_password(&who, &issued(), &secret(NEWER)).await.expect("changed");
    is_refused(directory.verify(&who, &issued()).await, Refusal::WrongPassword);
    assert_eq!(directory.verify(&who, &secret(NEWER)).await.expect("the new one"), Verified::Good);
    is_refused_by_policy(directory.change_password(&who, &secret(NEWER), &issued()).await);
    let after = seen_of(directory, "cuong.ngo").await;
    assert!(after.password_set_at > before && !after.must_change, "{after:?}");
}

async fn a_demanded_change_can_be_made(directory: &dyn Directory, city: &City) {
    let who = city.key("an.nguyen");
    is_refused(directory.change_password(&who, &secret("wrong"), &secret(NEW)).await, Refusal::WrongPassword);
    directory.change_password(&who, &issued(), &secret(NEW)).await.expect("changed");
    assert_eq!(directory.verify(&who, &secret(NEW)).await.expect("the new one"), Verified::Good);
    assert!(!seen_of(directory, "an.nguyen").await.must_change);
}

async fn a_password_is_reset_without_the_old_one(directory: &dyn Directory, city: &City) {
    let must_change = if city.system == MailSystem::Ad { "huy.luong" } else { "hong.vo" };
    for login in ["hieu.huynh", must_change] {
        let who = city.key(login);
        is_refused_by_policy(directory.reset_password(&who, &secret("")).await);
        directory.reset_password(&who, &secret(NEW)).await.expect("reset");
        is_refused(directory.verify(&who, &issued()).await, Refusal::WrongPassword);
        assert_eq!(
            directory.verify(&who, &secret(NEW)).await.expect("the new one"),
            Verified::Good,
            "{login}"
        );
        let after = seen_of(directory, login).await;
        assert!(!after.must_change && after.password_set_at.is_some(), "{login}");
    }
}

async fn a_password_that_is_handed_over_must_be_changed(directory: &dyn Directory, city: &City) {
    let must_change = if city.system == MailSystem::Ad { "huy.luong" } else { "hong.vo" };
    for login in ["hieu.huynh", must_change] {
        let who = city.key(login);
        is_refused_by_policy(directory.reset_for_handover(&who, &secret("")).await);
        // Used before, and one after the other on the same day: a reset minds neither history nor age.
        for password in [NEW, ISSUED, ISSUED] {
            directory.reset_for_handover(&who, &secret(password)).await.expect("handed over");
            let verified = directory.verify(&who, &secret(password)).await.expect("the one-time password");
            assert_eq!(verified, Verified::MustChange, "{login}");
            is_refused(directory.verify(&who, &issued()).await, Refusal::WrongPassword);
            let seen = seen_of(directory, login).await;
            assert!(seen.must_change && seen.enabled, "{login}: {seen:?}");
        }
        directory.change_password(&who, &secret(ISSUED), &secret(OWN)).await.expect("changed");
        assert_eq!(
            directory.verify(&who, &secret(OWN)).await.expect("the own one"),
            Verified::Good,
            "{login}"
        );
        assert!(!seen_of(directory, login).await.must_change, "{login}");
    }
    let (native_id, login) = ("none".to_owned(), "nobody".to_owned());
    let stranger = MailboxKey { system: city.system, native_id, login };
    is_refused(directory.reset_for_handover(&stranger, &secret(NEW)).await, Refusal::WrongPassword);
}

async fn a_lock_holds_until_it_is_lifted(directory: &dyn Directory, city: &City) {
    let who = city.key("thang.kieu");
    assert!(!directory.is_locked(&who).await.expect("asked"));
    assert_eq!(directory.lock(&who).await.expect("locked"), Before::Open);
    assert_eq!(directory.lock(&who).await.expect("repeatable"), Before::Locked);
    assert!(directory.is_locked(&who).await.expect("asked"));
    let refusal = match city.system {
        MailSystem::Ad => Refusal::Disabled,
        MailSystem::Obm => Refusal::LockedOut,
    };
    is_refused(directory.verify(&who, &issued()).await, refusal);
    assert!(!seen_of(directory, "thang.kieu").await.enabled);
    for _ in 0..2 {
        directory.unlock(&who).await.expect("unlocked, and again without harm");
        assert_eq!(directory.verify(&who, &issued()).await.expect("let in"), Verified::Good);
    }
    assert!(seen_of(directory, "thang.kieu").await.enabled);
    let stranger = MailboxKey { native_id: "none".to_owned(), login: "nobody".to_owned(), ..who };
    is_refused(directory.lock(&stranger).await, Refusal::WrongPassword);
    is_refused(directory.unlock(&stranger).await, Refusal::WrongPassword);
}

async fn a_lock_that_was_there_before_is_told(directory: &dyn Directory, city: &City) {
    let login = if city.system == MailSystem::Ad { "khanh.bui" } else { "quyen.dam" };
    assert!(directory.is_locked(&city.key(login)).await.expect("asked"));
    assert_eq!(directory.lock(&city.key(login)).await.expect("left as it is"), Before::Locked);
}

async fn many_people_can_sign_in_at_once(directory: &dyn Directory, city: &City) {
    let everybody = ["duc.huynh", "hoa.mai", "lam.phung", "nga.le", "phuong.bui", "thang.kieu", "van.dang"];
    let keys: Vec<_> = everybody.iter().cycle().take(40).map(|login| city.key(login)).collect();
    let password = issued();
    let all = futures_util::future::join_all(keys.iter().map(|who| directory.verify(who, &password))).await;
    for verified in all {
        assert_eq!(verified.expect("right"), Verified::Good);
    }
}

async fn is_unreachable(directory: &dyn Directory, who: &MailboxKey) {
    is_out_of_reach(directory.verify(who, &issued()).await);
    is_out_of_reach(directory.verify(who, &secret("wrong")).await);
    is_out_of_reach(directory.refuse_stranger(&issued()).await);
    is_out_of_reach(directory.locate(who).await);
    is_out_of_reach(directory.is_locked(who).await);
    is_out_of_reach(directory.lock(who).await);
    is_out_of_reach(directory.unlock(who).await);
    is_out_of_reach(directory.snapshot().await);
    is_out_of_reach(directory.lockout_threshold().await);
    is_out_of_reach(directory.change_password(who, &issued(), &secret(NEW)).await);
    is_out_of_reach(directory.reset_password(who, &secret(NEW)).await);
    is_out_of_reach(directory.reset_for_handover(who, &secret(NEW)).await);
    is_refused(directory.verify(who, &secret("")).await, Refusal::WrongPassword);
    assert!(directory.check().await.iter().any(|line| line.result.is_err()));
}

// ---- what only a directory behind a network can do ---------------------------------------------

async fn guards_the_connection<D: Directory>(
    with: &dyn Fn(Connection) -> D,
    good: &Connection,
    clear: &Connection,
    wrong_service_password: &dyn Directory,
    city: &City,
) {
    let who = city.key("minh.phan");
    let password = issued();
    is_misconfigured(wrong_service_password.verify(&who, &password).await, "was refused");
    is_misconfigured(wrong_service_password.snapshot().await, "was refused");
    let untrusted = with(Connection { ca_file: None, ..good.clone() });
    is_misconfigured(untrusted.verify(&who, &password).await, "set ca_file");
    let in_clear = with(clear.clone());
    is_misconfigured(in_clear.verify(&who, &password).await, "in clear");
    is_misconfigured(in_clear.snapshot().await, "in clear");
    let starttls = with(Connection { starttls: true, ..clear.clone() });
    assert_eq!(starttls.verify(&who, &password).await.expect("over StartTLS"), Verified::Good);
    let untrusted = with(Connection { starttls: true, ca_file: None, ..clear.clone() });
    is_misconfigured(untrusted.verify(&who, &password).await, "set ca_file");
    // a server that takes the connection and says nothing
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("ldaps://{}", silent.local_addr().expect("bound"));
    let hasty = Connection { urls: vec![url], connect_timeout: Duration::from_millis(300), ..good.clone() };
    is_out_of_reach(with(hasty).verify(&who, &password).await);
    let closed = "ldaps://127.0.0.1:9".to_owned();
    let none = with(Connection { urls: vec![closed.clone()], ..good.clone() });
    is_unreachable(&none, &who).await;
    let second = with(Connection { urls: vec![closed, good.urls[0].clone()], ..good.clone() });
    assert_eq!(second.verify(&who, &password).await.expect("the second server"), Verified::Good);
    let small_pages = with(Connection { page_size: 7, ..good.clone() });
    assert_eq!(snapshot_of(&small_pages).await.mailboxes.len(), city.people.len());
}

async fn standing(directory: &dyn Directory, who: &MailboxKey) -> Standing {
    directory.standing(who, System::of_the_machine().now()).await.expect("asked")
}

/// Both rigs lock after ten failures.
async fn a_reset_lifts_a_lock_after_failures(directory: &dyn Directory, city: &City) {
    let who = city.key("tiepnhan.hcc");
    for _ in 0..10 {
        is_refused(directory.verify(&who, &secret("wrong")).await, Refusal::WrongPassword);
    }
    is_refused(directory.verify(&who, &issued()).await, Refusal::LockedOut);
    assert_eq!(standing(directory, &who).await, Standing::LockedOut);
    let tomorrow = System::of_the_machine().now().plus(time::Duration::days(1));
    if who.system == MailSystem::Obm {
        let later = directory.standing(&who, tomorrow).await.expect("asked");
        assert_eq!(later, Standing::Open, "the mark of slapd stays, its time is over");
    }
    assert!(!directory.is_locked(&who).await.expect("asked"), "a pause is no lock");
    assert!(seen_of(directory, "tiepnhan.hcc").await.enabled, "that lock ends by itself");
    directory.reset_password(&who, &secret(NEW)).await.expect("reset");
    assert_eq!(directory.verify(&who, &secret(NEW)).await.expect("let in again"), Verified::Good);
    assert_eq!(standing(directory, &who).await, Standing::Open);
}

async fn survives_a_restart(directory: &dyn Directory, rig: &mut Rig, city: &City) {
    let who = city.key("minh.phan");
    assert_eq!(directory.verify(&who, &issued()).await.expect("before"), Verified::Good);
    rig.stop();
    is_unreachable(directory, &who).await;
    rig.start_again();
    // the server that did not answer is left alone for some seconds
    let mut verified = directory.verify(&who, &issued()).await;
    for _ in 0..100 {
        if verified.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        verified = directory.verify(&who, &issued()).await;
    }
    assert_eq!(verified.expect("afterwards"), Verified::Good);
    rig.stop();
    rig.start_again();
    // the connections that are kept have gone stale without anybody noticing
    assert_eq!(directory.verify(&who, &issued()).await.expect("at once"), Verified::Good);
}

/// Looked at from outside, with the directory's own tools.
async fn a_lock_leaves_the_other_flags_as_they_are(directory: &dyn Directory, rig: &Rig, city: &City) {
    let flags = || {
        let (dn, password) = (rig.value("AD_SVC_DN"), rig.value("AD_SVC_PW"));
        let mut search = std::process::Command::new("ldapsearch");
        search.env("LDAPTLS_CACERT", rig.value("AD_CA"));
        search.args(["-x", "-LLL", "-H", &rig.value("AD_URL"), "-D", &dn, "-w", &password]);
        search.args(["-b", &rig.value("AD_STAFF"), "(sAMAccountName=van.dang)", "userAccountControl"]);
        let found = search.output().expect("ldapsearch runs");
        let found = String::from_utf8_lossy(&found.stdout).into_owned();
        let flags = found.lines().find_map(|line| line.strip_prefix("userAccountControl: "));
        flags.and_then(|text| text.parse::<i64>().ok()).unwrap_or_else(|| panic!("no flags: {found}"))
    };
    let (who, before) = (city.key("van.dang"), flags());
    directory.lock(&who).await.expect("locked");
    assert_eq!(flags(), before | 2);
    directory.unlock(&who).await.expect("unlocked");
    assert_eq!(flags(), before);
}

async fn a_sign_in_is_seen_as_the_last_use(directory: &dyn Directory, city: &City) {
    let who = city.key("minh.phan");
    is_refused(directory.verify(&who, &secret("wrong")).await, Refusal::WrongPassword);
    assert_eq!(seen_of(directory, "minh.phan").await.last_used_at, None, "a wrong password is no use");
    let before = System::of_the_machine().now().minus(time::Duration::minutes(1));
    assert_eq!(directory.verify(&who, &issued()).await.expect("right"), Verified::Good);
    let used = seen_of(directory, "minh.phan").await.last_used_at.expect("the bind was dated");
    assert!(used >= before && used <= System::of_the_machine().now(), "{used:?}");
}

async fn agencies_are_the_units(directory: &dyn Directory) {
    let minh = seen_of(directory, "minh.phan").await;
    let name = "Sở Khoa học và Công nghệ".to_owned();
    assert_eq!(minh.agency, Some(SeenAgency { code: Some("so-khcn".to_owned()), name }));
}

async fn an_entry_that_obm_made_again_is_found_by_its_login(directory: &dyn Directory, city: &City) {
    let gone = "00000000-0000-4000-8000-000000000000".to_owned();
    let who = MailboxKey { native_id: gone, ..city.key("minh.phan") };
    assert_eq!(directory.verify(&who, &issued()).await.expect("by login"), Verified::Good);
    let both = MailboxKey { login: "hoa.mai".to_owned(), ..city.key("cuong.ngo") };
    let verified =
        directory.verify(&both, &secret(NEWER)).await.expect("the identity counts before the login");
    assert_eq!(verified, Verified::Good);
}

async fn a_reset_leaves_a_lock_for_good_in_place(directory: &dyn Directory, city: &City) {
    let who = city.key("quyen.dam");
    directory.reset_password(&who, &secret(NEW)).await.expect("reset");
    is_refused(directory.verify(&who, &secret(NEW)).await, Refusal::LockedOut);
    assert!(!seen_of(directory, "quyen.dam").await.enabled);
    directory.reset_for_handover(&who, &secret(ISSUED)).await.expect("handed over");
    let seen = seen_of(directory, "quyen.dam").await;
    assert!(!seen.enabled && seen.must_change, "{seen:?}");
}

// ---- settings and expectations -----------------------------------------------------------------

pub fn obm_config(rig: &Rig) -> ObmConfig {
    ObmConfig {
        connection: connection(rig.value("OBM_TLS_URL"), rig.value("OBM_CA")),
        base: rig.value("OBM_DOMAIN_BASE"),
        domain: rig.value("OBM_DOMAIN"),
        sync_dn: rig.value("OBM_SYNC_DN"),
        sync_password: Secret::new(rig.value("OBM_SYNC_PW")),
        writer_dn: rig.value("OBM_WRITER_DN"),
        writer_password: Secret::new(rig.value("OBM_WRITER_PW")),
        sql: None,
        staff_number_from_sql: false,
        passwords: ObmPasswords::Ldap,
    }
}

pub fn ad_config(rig: &Rig) -> AdConfig {
    AdConfig {
        connection: connection(rig.value("AD_URL"), rig.value("AD_CA")),
        // as an administrator may write it
        staff_base: rig.value("AD_STAFF").replace("OU=Staff,", "ou=staff, "),
        bind_dn: rig.value("AD_SVC_DN"),
        bind_password: Secret::new(rig.value("AD_SVC_PW")),
    }
}

fn connection(url: String, ca_file: String) -> Connection {
    Connection {
        urls: vec![url],
        starttls: false,
        ca_file: Some(ca_file.into()),
        // Forty may come at once, to a machine that has much else to do.
        connect_timeout: Duration::from_secs(20),
        operation_timeout: Duration::from_secs(30),
        page_size: 500,
        max_age: Duration::from_mins(10),
        slow_after: Duration::from_secs(3),
    }
}

fn issued() -> Password {
    secret(PASSWORD)
}

fn secret(text: &str) -> Password {
    Secret::new(text.to_owned())
}

fn of<'a>(snapshot: &'a Snapshot, person: &Person) -> Option<&'a SeenMailbox> {
    snapshot.mailboxes.iter().find(|mailbox| mailbox.address.as_str() == person.address())
}

async fn snapshot_of(directory: &dyn Directory) -> Snapshot {
    directory.snapshot().await.expect("a snapshot")
}

async fn seen_of(directory: &dyn Directory, local: &str) -> SeenMailbox {
    let mut all = snapshot_of(directory).await.mailboxes.into_iter();
    all.find(|mailbox| mailbox.address.local_part() == local).expect("in the snapshot")
}

#[track_caller]
fn is_refused<T: std::fmt::Debug>(answer: Result<T, DirectoryError>, reason: Refusal) {
    match answer {
        Err(DirectoryError::Refused(told)) => assert_eq!(told, reason),
        other => panic!("{other:?}, not {reason:?}"),
    }
}

#[track_caller]
fn is_refused_by_policy(answer: Result<(), DirectoryError>) {
    match answer {
        Err(DirectoryError::PolicyRefused(words)) => assert!(!words.is_empty()),
        other => panic!("{other:?}, not refused by policy"),
    }
}

#[track_caller]
fn is_misconfigured<T: std::fmt::Debug>(answer: Result<T, DirectoryError>, words: &str) {
    match answer {
        Err(DirectoryError::Misconfigured { what, .. }) => {
            assert!(what.contains(words), "{what}, not {words}");
        }
        other => panic!("{other:?}, not {words}"),
    }
}

#[track_caller]
fn is_out_of_reach<T: std::fmt::Debug>(answer: Result<T, DirectoryError>) {
    match answer {
        Err(DirectoryError::Unreachable { .. }) => {}
        other => panic!("{other:?}, not unreachable"),
    }
}
