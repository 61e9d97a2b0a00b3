//! Directories as they are: connections that are cut in the middle of a page, entries that vanish while everything is
//! read, junk in the attributes. What was not read is never taken for what is not there.

use crate::changes::{change, edit_ad};
use crate::directory::city::City;
use crate::directory::{ad_config, obm_config};
use crate::house::House;
use crate::outage::proxy::Proxy;
use crate::rig::Rig;
use danang_sso::config::directories::Connection;
use danang_sso::demo::city;
use danang_sso::directory::ad::AdDirectory;
use danang_sso::directory::obm::ObmDirectory;
use danang_sso::directory::{Directories, Directory, DirectoryError};
use danang_sso::domain::mailbox::MailSystem::{self, Ad, Obm};
use danang_sso::domain::sync::{Reading, Rest, Seen, SeenEntry};
use danang_sso::services::sync::{self, Order, StartedBy};
use danang_sso::storage::{Db, accounts, agencies, directory_entries};
use danang_sso::system::System;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// Into how many places of an answer the cut falls.
const CUTS: usize = 25;

/// Entries of the directory full of junk.
const JUNK: usize = 3_000;

/// A directory behind a rig, and behind an address that leads to it.
fn at(system: MailSystem, rig: &Rig, url: Option<&str>, page_size: i32) -> Arc<dyn Directory> {
    let set = |connection: Connection| Connection {
        urls: url.map_or_else(|| connection.urls.clone(), |url| vec![url.to_owned()]),
        page_size,
        ..connection
    };
    match system {
        Ad => {
            let config = ad_config(rig);
            let connection = set(config.connection.clone());
            Arc::new(AdDirectory::new(danang_sso::config::directories::AdConfig { connection, ..config }))
        }
        Obm => {
            let config = obm_config(rig);
            let connection = set(config.connection.clone());
            Arc::new(ObmDirectory::new(danang_sso::config::directories::ObmConfig { connection, ..config }))
        }
    }
}

fn start(system: MailSystem) -> Rig {
    let mut city = City::new(system);
    match system {
        Ad => {
            let (seed, backdate) = city.ad_seed();
            Rig::start("ad", &[("AD_SEED", &seed), ("AD_BACKDATE", &backdate)])
        }
        Obm => Rig::start("obm", &[("OBM_SEED", &city.obm_seed())]),
    }
}

type Held = BTreeMap<String, Seen>;

/// Everything, or what changed since a position.
async fn read(directory: &dyn Directory, since: Option<&str>) -> Result<(Held, Reading), DirectoryError> {
    let mut held = Held::new();
    let mut each = |entry: SeenEntry| drop(held.insert(entry.id, entry.what));
    let reading = directory.read(since, &mut each).await?;
    Ok((held, reading))
}

async fn a_cut_is_never_an_end(system: MailSystem) {
    let rig = start(system);
    let url = rig.value(if system == Ad { "AD_URL" } else { "OBM_TLS_URL" });
    let proxy = Proxy::before(&url).await;
    // small pages, so that the cut falls into the first one, into later ones and between them
    let directory = || at(system, &rig, Some(&proxy.url()), 7);
    proxy.cut_after(0);
    let (whole, reading) = read(&*directory(), None).await.expect("it is read");
    let everything = proxy.carried();
    assert!(reading.is_whole() && whole.len() > 20, "{}", whole.len());
    for cut in 1..=CUTS {
        // the very last bytes are the goodbye of TLS, which nobody waits for
        let after = (everything - 200) * cut / CUTS;
        proxy.cut_after(after);
        let read = read(&*directory(), None).await;
        assert!(
            matches!(&read, Err(DirectoryError::Unreachable { .. })),
            "{system:?}: cut after {after} of {everything} bytes: {:?}",
            read.map(|(held, reading)| (held.len(), reading))
        );
    }
    proxy.cut_after(0);
    assert_eq!(read(&*directory(), None).await.expect("it is read").0, whole);
    // and so with changes: nothing is lost of them, because the position is the old one
    let position = reading.position.expect("it tells changes");
    let titles =
        |n| format!("{}\nchangetype: modify\nreplace: title\ntitle: T{n}\n", dn(system, &rig, "minh.phan"));
    edit(system, &rig, &titles(1));
    let (changed, _) = read(&*at(system, &rig, None, 7), Some(&position)).await.expect("it is read");
    proxy.cut_after(everything / 2);
    let cut = read(&*directory(), Some(&position)).await;
    if let Ok((held, _)) = &cut {
        assert_eq!(held, &changed, "it was read before the cut");
    }
}

fn edit(system: MailSystem, rig: &Rig, ldif: &str) {
    match system {
        Ad => edit_ad(rig, ldif),
        Obm => change(
            &rig.value("OBM_TLS_URL"),
            &[],
            &rig.value("OBM_CA"),
            (&rig.value("OBM_ROOT_DN"), &rig.value("OBM_ROOT_PW")),
            ldif,
        ),
    }
}

/// The first line of a change to somebody's entry.
fn dn(system: MailSystem, rig: &Rig, login: &str) -> String {
    match system {
        Ad => format!("dn:: {}", crate::changes::outside_dn(rig, login).expect("it is there")),
        Obm => format!("dn: uid={login},ou=users,{}", rig.value("OBM_DOMAIN_BASE")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_to_slapd_that_is_cut_anywhere_is_never_an_end() {
    a_cut_is_never_an_end(Obm).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_to_samba_that_is_cut_anywhere_is_never_an_end() {
    a_cut_is_never_an_end(Ad).await;
}

/// Entries are deleted, and one changes, while everything is read; the reads that follow tell what the directory holds.
async fn what_vanishes_while_it_is_read_is_gone_afterwards(system: MailSystem) {
    let rig = start(system);
    let directory = at(system, &rig, None, 5);
    let (before, _) = read(&*directory, None).await.expect("it is read");
    let logins: BTreeMap<String, String> = before
        .iter()
        .filter_map(|(id, seen)| match seen {
            Seen::Mailbox(mailbox) => Some((id.clone(), mailbox.key.login.clone())),
            Seen::PassedOver(_) | Seen::Nothing => None,
        })
        .collect();
    let (mut held, mut vanished) = (Held::new(), Vec::new());
    let reading = {
        let mut each = |entry: SeenEntry| {
            held.insert(entry.id, entry.what);
            if held.len() == 3 {
                // one that was sent, and some that were not
                let sent = held.keys().find(|id| logins.contains_key(*id)).expect("a person");
                let later = logins.keys().filter(|id| !held.contains_key(*id)).take(4);
                for id in std::iter::once(sent).chain(later) {
                    let ldif = format!("{}\nchangetype: delete\n", dn(system, &rig, &logins[id]));
                    edit(system, &rig, &ldif);
                    vanished.push(id.clone());
                }
            }
        };
        directory.read(None, &mut each).await.expect("a vanished entry is no failure")
    };
    assert_eq!(vanished.len(), 5);
    let position = reading.position.expect("it tells changes");
    let (changed, next) = read(&*directory, Some(&position)).await.expect("it is read");
    for (id, seen) in changed {
        held.insert(id, seen);
    }
    match &next.rest {
        Rest::StaysBut(gone) => held.retain(|id, _| !gone.contains(id)),
        Rest::GoneBut(present) => held.retain(|id, _| present.contains(id)),
        Rest::Gone => {}
    }
    held.retain(|_, seen| *seen != Seen::Nothing);
    let (mut after, _) = read(&*directory, None).await.expect("it is read");
    after.retain(|_, seen| *seen != Seen::Nothing);
    assert_eq!(held.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(vanished.iter().all(|id| !after.contains_key(id)));
    assert_eq!(held, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vanishes_from_slapd_while_it_is_read_is_gone_afterwards() {
    what_vanishes_while_it_is_read_is_gone_afterwards(Obm).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vanishes_from_samba_while_it_is_read_is_gone_afterwards() {
    what_vanishes_while_it_is_read_is_gone_afterwards(Ad).await;
}

/// A person with whatever a directory lets into its attributes.
#[derive(Debug, Clone)]
struct Odd {
    mail: Option<String>,
    aliases: Vec<String>,
    name: Vec<u8>,
    title: Vec<u8>,
    direction: Vec<u8>,
    number: Vec<u8>,
}

/// Letters of every kind: accents apart, directions turned round, invisible ones, control characters, emoji.
fn words() -> impl Strategy<Value = Vec<u8>> {
    let odd = prop_oneof![
        Just("Nguyễn Thị Minh Khai".to_owned()),
        Just("Nguye\u{302}\u{303}n Thi\u{323} Minh Khai".to_owned()),
        Just("\u{202e}niar\u{202c} \u{200b}\u{feff}x".to_owned()),
        Just("<script>alert(1)</script>' OR 1=1 -- {{7*7}} %0d%0a".to_owned()),
        Just("a\u{0}b\u{1}\u{7f}\r\nX-Injected: 1".to_owned()),
        Just("👩‍💻 Đà Nẵng".to_owned()),
        "\\PC{1,40}",
        "[ \t]{1,5}",
    ];
    prop_oneof![
        20 => odd.prop_map(String::into_bytes),
        1 => (1_usize..40_000).prop_map(|long| "Dài ".repeat(long / 5 + 1).into_bytes()),
    ]
}

fn address(n: usize) -> impl Strategy<Value = String> {
    prop_oneof![
        30 => Just(format!("nguoi{n}@{}", city::DOMAIN)),
        3 => Just(format!("trung{}@{}", n % 40, city::DOMAIN)),
        2 => Just(format!("NGUOI{n}@{}", city::DOMAIN.to_uppercase())),
        1 => "[ -~]{1,80}",
        1 => Just(format!("nguoi{n}")),
        1 => Just("@".repeat(n % 9 + 1)),
        1 => Just(format!("{}@{}", "a".repeat(300), city::DOMAIN)),
    ]
}

fn odd(n: usize) -> impl Strategy<Value = Odd> {
    let aliases = prop_oneof![
        20 => prop::collection::vec(address(n + 1), 0..3),
        1 => (1_usize..300).prop_map(move |many| (0..many).map(|k| format!("a{k}.{n}@{}", city::DOMAIN)).collect()),
    ];
    let mail = prop::option::weighted(0.95, address(n));
    (mail, aliases, words(), words(), words(), words()).prop_map(
        |(mail, aliases, name, title, direction, number)| Odd {
            mail,
            aliases,
            name,
            title,
            direction,
            number,
        },
    )
}

/// What slapd is filled with. Whatever its syntax refuses (an empty value, a NUL in an address) slapadd would refuse too.
fn junk() -> String {
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let rng = TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut ldif =
        city::obm_ldif(&[], time::OffsetDateTime::UNIX_EPOCH, &|_| time::OffsetDateTime::UNIX_EPOCH);
    for n in 0..JUNK {
        let odd = odd(n).new_tree(&mut runner).expect("drawn").current();
        let base = city::OBM_DOMAIN_BASE;
        let _ = write!(
            ldif,
            "\ndn: uid=u{n},ou=users,{base}\nobjectClass: posixAccount\nobjectClass: inetOrgPerson\n\
             objectClass: obmUser\nuid: u{n}\nuidNumber: {n}\ngidNumber: 1\ncn: u{n}\nsn: u{n}\n\
             homeDirectory: /home/u{n}\nobmDomain: {}\nmailAccess: PERMIT\nuserPassword: x\n",
            city::DOMAIN
        );
        for mail in odd.mail.iter().filter(|mail| mail.is_ascii()) {
            let _ = writeln!(ldif, "mail:: {}", encode(mail.as_bytes()));
        }
        let mut aliases = odd.aliases;
        aliases.retain(|alias| alias.is_ascii());
        aliases.sort_by_key(|alias| alias.to_lowercase().split_whitespace().collect::<String>());
        aliases.dedup_by_key(|alias| alias.to_lowercase().split_whitespace().collect::<String>());
        for alias in aliases {
            let _ = writeln!(ldif, "mailAlias:: {}", encode(alias.as_bytes()));
        }
        for (name, value) in [("displayName", odd.name), ("title", odd.title), ("direction", odd.direction)] {
            let _ = writeln!(ldif, "{name}:: {}", encode(&value));
        }
        let _ = writeln!(ldif, "employeeNumber:: {}", encode(&odd.number));
    }
    ldif
}

#[tokio::test(flavor = "multi_thread")]
async fn junk_in_the_attributes_is_set_aside_entry_by_entry() {
    let rig = Rig::start("obm", &[("OBM_SEED", &junk())]);
    let dir = tempfile::tempdir().expect("a folder");
    let db = Db::open(&format!("sqlite:{}/house.db", dir.path().display())).await.expect("opens");
    let now = System::of_the_machine().now().local();
    let real = Directories::new(vec![at(Obm, &rig, None, 500)]);
    let house = House::with(db, dir, now, "", Some(real)).await;
    let run = house.sync().await;
    assert_eq!(run.outcome, "done", "{run:?}");
    let kept = directory_entries::every(&house.app.db, Obm).await.expect("reads");
    assert_eq!(kept.len(), JUNK, "every entry is known, of use or not");
    let accounts = accounts::every(&house.app.db).await.expect("reads");
    let set_aside = kept.len() - accounts.len();
    println!("{} accounts of {JUNK} entries, {set_aside} set aside", accounts.len());
    assert!((100..JUNK / 2).contains(&set_aside), "{set_aside}");
    for account in &accounts {
        let profile = account.profile();
        for text in [Some(&profile.display_name), profile.title.as_ref()].into_iter().flatten() {
            let length = text.chars().count();
            assert!((1..=200).contains(&length), "{length} characters");
            let is_odd = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}');
            assert!(!text.chars().any(is_odd), "{text:?}");
        }
    }
    for agency in agencies::every(&house.app.db).await.expect("reads") {
        assert!(!agency.code.is_empty() && agency.name.chars().count() <= 200, "{:?}", agency.code);
    }
    let everything = Order { everything: true, ..Order::default() };
    let again = sync::run_as(&house.app, &StartedBy::CommandLine, &everything).await.expect("it runs");
    assert_eq!((again.created, again.updated), (0, 0), "applying twice changes nothing");
}
