use super::*;
use crate::domain::account::{Account, Profile, State};
use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, AgencyId, MailboxId};
use crate::domain::mailbox::{Mailbox, MailboxKey};
use crate::domain::sync::{SeenAgency, SeenMailbox};
use crate::domain::timestamp::Timestamp;
use proptest::prelude::*;

struct Zero;

impl crate::domain::chance::Entropy for Zero {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

fn agency(number: i64) -> Agency {
    let id = AgencyId::new(Timestamp::from_seconds(number), &Zero);
    Agency {
        id,
        code: format!("so-{number}"),
        name: format!("Sở số {number}"),
        parent_id: None,
        merged_into: None,
    }
}

fn seen(system: MailSystem, local: &str, name: &str) -> SeenMailbox {
    SeenMailbox {
        key: MailboxKey { system, native_id: format!("{}-{local}", system.code()), login: local.to_owned() },
        address: address(local),
        aliases: Vec::new(),
        display_name: name.to_owned(),
        title: None,
        staff_number: None,
        agency: Some(SeenAgency { code: None, name: "Sở số 1".to_owned() }),
        enabled: true,
        must_change: false,
        password_set_at: None,
        created_at: None,
        last_used_at: None,
        watched: crate::domain::watch::Watched::default(),
    }
}

/// The accounts that the first run makes of these: one for each address.
fn accounts_of(all: &[SeenMailbox]) -> Vec<Known> {
    let mut known: Vec<Known> = Vec::new();
    for (number, seen) in (0i64..).zip(all) {
        let now = Timestamp::from_seconds(number);
        let at = known.iter().position(|known| known.account.profile().address == seen.address);
        let at = at.unwrap_or_else(|| {
            let profile = Profile {
                address: seen.address.clone(),
                kind: Kind::Person,
                display_name: seen.display_name.clone(),
                title: None,
                staff_number: None,
                agency_id: Some(agency(1).id),
            };
            let (id, state) = (AccountId::new(now, &Zero), State::Active { password_set_at: now });
            known.push(Known {
                account: Account::new(id, number.to_string(), profile, state, 0),
                mailboxes: Vec::new(),
                aliases: Vec::new(),
                locked_by_us: Vec::new(),
                unread: Vec::new(),
            });
            known.len() - 1
        });
        if known[at].mailboxes.iter().any(|mailbox| mailbox.key.system == seen.key.system) {
            continue;
        }
        let account_id = known[at].account.id();
        known[at].mailboxes.push(Mailbox {
            id: MailboxId::new(now, &Zero),
            account_id,
            key: seen.key.clone(),
            address: seen.address.clone(),
            enabled: seen.enabled,
            must_change: seen.must_change,
            password_set_at: None,
            password_lags: false,
            copy_is_old: false,
        });
    }
    known
}

fn snapshots_of(all: Vec<SeenMailbox>) -> Vec<Snapshot> {
    let (ad, obm) = all.into_iter().partition(|seen| seen.key.system == MailSystem::Ad);
    let snapshot = |system, mailboxes| Snapshot { system, mailboxes, passed_over: Vec::new() };
    vec![snapshot(MailSystem::Ad, ad), snapshot(MailSystem::Obm, obm)]
}

/// What is found, as text: kind, addresses, fields.
fn found(all: Vec<SeenMailbox>) -> Vec<String> {
    let known = accounts_of(&all);
    let snapshots = snapshots_of(all);
    let picture = reconcile(&known, &[agency(1), agency(2)], &snapshots, &[], &Rulings::default());
    let line = |finding: &Finding| {
        let who = finding.parties.iter().map(|at| picture.persons[*at].address().local_part().to_owned());
        let fields = finding.fields.iter().map(|field| field.code().to_owned());
        let words: Vec<_> =
            std::iter::once(finding.kind.code().to_owned()).chain(who).chain(fields).collect();
        words.join(" ")
    };
    picture.findings.iter().map(line).collect()
}

const AN: &str = "Nguyễn Văn An";

fn both(local: &str, name: &str) -> [SeenMailbox; 2] {
    [seen(MailSystem::Ad, local, name), seen(MailSystem::Obm, local, name)]
}

#[test]
fn who_is_the_same_in_both_and_who_is_in_one_alone() {
    let mut all = both("an", AN).to_vec();
    all.push(seen(MailSystem::Ad, "binh", "Lê Thị Bình"));
    all.push(seen(MailSystem::Obm, "chi", "Võ Chi"));
    assert_eq!(found(all), ["only_in_ad binh", "only_in_obm chi", "same an"]);
}

#[test]
fn differences_are_named_field_by_field_and_what_one_does_not_tell_is_none() {
    let [mut ad, mut obm] = both("an", AN);
    ad.title = Some("Chuyên viên".to_owned());
    obm.display_name = "An Nguyễn Văn".to_owned();
    obm.staff_number = Some("7".to_owned());
    obm.agency = Some(SeenAgency { code: None, name: "Sở số 2".to_owned() });
    assert_eq!(found(vec![ad.clone(), obm.clone()]), ["differs an name agency"]);
    obm.title = Some("Trưởng phòng".to_owned());
    (ad.aliases, obm.aliases) = (vec![address("a")], vec![address("b")]);
    assert_eq!(found(vec![ad, obm]), ["differs an name title agency aliases"]);
    let [mut ad, obm] = both("an", AN);
    ad.agency = Some(SeenAgency { code: Some("so-1".to_owned()), name: "SNV".to_owned() });
    assert_eq!(found(vec![ad, obm]), ["same an"], "a code and a name of one agency");
}

#[test]
fn a_mailbox_disabled_in_one_is_told_unless_this_house_locked_it() {
    let [ad, mut obm] = both("an", AN);
    obm.enabled = false;
    let all = vec![ad, obm];
    assert_eq!(found(all.clone()), ["disabled_in_one an"]);
    let mut known = accounts_of(&all);
    known[0].locked_by_us = vec![MailSystem::Obm];
    let snapshots = snapshots_of(all);
    let picture = reconcile(&known, &[agency(1)], &snapshots, &[], &Rulings::default());
    assert_eq!(picture.findings[0].kind, FindingKind::Same);
}

#[test]
fn two_persons_on_one_address_are_known_by_staff_number_or_name() {
    let case = |name: &str, numbers: [Option<&str>; 2]| {
        let [mut ad, mut obm] = both("an", AN);
        name.clone_into(&mut obm.display_name);
        [ad.staff_number, obm.staff_number] = numbers.map(|number| number.map(str::to_owned));
        found(vec![ad, obm]).remove(0)
    };
    assert_eq!(case(AN, [Some("1"), Some("2")]), "two_persons an staff_number");
    assert_eq!(case("Nguyễn Văn Bình", [None, None]), "two_persons an name", "another given name");
    assert_eq!(case("Trần Thị Bích Hạnh", [None, Some("2")]), "two_persons an name");
    assert_eq!(case("Trần Bích Hạnh", [Some("2"), Some("2")]), "differs an name", "the number says one");
    assert_eq!(case("NGUYEN VAN AN", [None, None]), "differs an name", "case and marks do not count");
    assert_eq!(case("Nguyễn An", [None, None]), "differs an name");
}

#[test]
fn a_second_entry_on_an_address_of_one_directory_is_a_second_person() {
    let mut twin = seen(MailSystem::Ad, "an", "Nguyễn An");
    twin.key.native_id = "twin".to_owned();
    assert_eq!(
        found(vec![seen(MailSystem::Ad, "an", AN), twin]),
        ["two_persons an an", "only_in_ad an"],
        "the second one is nobody's yet"
    );
}

#[test]
fn an_alias_that_is_anothers_address_or_alias_clashes_once() {
    let [mut an, mut binh] =
        [("an", AN), ("binh", "Lê Bình")].map(|(local, name)| seen(MailSystem::Ad, local, name));
    an.aliases = vec![address("binh"), address("giamdoc")];
    assert_eq!(found(vec![an.clone(), binh.clone()])[0], "alias_clash an binh");
    an.aliases.remove(0);
    assert_eq!(found(vec![an.clone(), binh.clone()]), ["only_in_ad an", "only_in_ad binh"]);
    binh.aliases = vec![address("giamdoc")];
    let clashes = found(vec![an, binh]).into_iter().filter(|line| line.starts_with("alias_clash"));
    assert_eq!(clashes.count(), 1);
}

#[test]
fn one_staff_number_at_two_addresses_is_told_and_at_one_address_it_is_not() {
    let with = |system, local| SeenMailbox { staff_number: Some("42".into()), ..seen(system, local, AN) };
    let two = vec![with(MailSystem::Ad, "an"), with(MailSystem::Obm, "an.nguyen")];
    assert_eq!(found(two)[0], "same_staff_number an.nguyen an");
    assert_eq!(found(vec![with(MailSystem::Ad, "an"), with(MailSystem::Obm, "an")]), ["same an"]);
}

#[test]
fn look_alikes_are_told_one_letter_apart_only_under_one_name() {
    let of = |local, name| seen(MailSystem::Ad, local, name);
    assert_eq!(found(vec![of("loc.le", "Lê Lộc"), of("l0c.le", "Ai Đó")])[0], "look_alike l0c.le loc.le");
    assert_eq!(found(vec![of("an.le", "Lê An"), of("ann.le", "LÊ AN")])[0], "look_alike an.le ann.le");
    let others = found(vec![of("an.le", "Lê An"), of("ann.le", "Lê Ân Đức")]);
    assert_eq!(others, ["only_in_ad an.le", "only_in_ad ann.le"]);
    let mut numbered = [of("an.le1", "Lê An"), of("an.le2", "Lê An")];
    assert_eq!(found(numbered.to_vec())[0], "look_alike an.le1 an.le2");
    for (number, seen) in numbered.iter_mut().enumerate() {
        seen.staff_number = Some(number.to_string());
    }
    assert_eq!(found(numbered.to_vec()).len(), 2, "their staff numbers tell them apart");
}

#[test]
fn an_entry_that_was_left_out_is_told_with_its_reason() {
    let passed = PassedOver { entry: "CN=x".to_owned(), why: "no address".to_owned() };
    let picture = reconcile(&[], &[], &[], &[(MailSystem::Ad, passed.clone())], &Rulings::default());
    assert_eq!(picture.findings[0].set_aside, Some((MailSystem::Ad, passed)));
}

fn any_mailbox() -> impl Strategy<Value = SeenMailbox> {
    let numbers = proptest::option::of(0..3u8);
    (any::<bool>(), 0..9u8, 0..6u8, 0..6u8, any::<bool>(), numbers).prop_map(
        |(in_ad, id, local, name, enabled, number)| {
            let system = if in_ad { MailSystem::Ad } else { MailSystem::Obm };
            let mut mailbox = seen(system, &format!("p{local}"), &format!("Lê Văn {name}"));
            mailbox.key.native_id = format!("id{id}");
            mailbox.enabled = enabled;
            mailbox.staff_number = number.map(|number| number.to_string());
            mailbox.aliases = if id % 2 == 0 { vec![address(&format!("p{name}"))] } else { Vec::new() };
            mailbox
        },
    )
}

proptest! {
    #[test]
    fn every_account_with_a_mailbox_is_found_and_no_key_occurs_twice(
        all in proptest::collection::vec(any_mailbox(), 0..12)
    ) {
        let mut ids = HashSet::new();
        let all: Vec<_> = all.into_iter().filter(|m| ids.insert((m.key.system, m.key.native_id.clone()))).collect();
        let known = accounts_of(&all);
        let snapshots = snapshots_of(all);
        let picture = reconcile(&known, &[agency(1)], &snapshots, &[], &Rulings::default());
        let parties: HashSet<_> = picture.findings.iter().flat_map(|finding| &finding.parties).collect();
        prop_assert_eq!(parties.len(), picture.persons.len());
        let keys: HashSet<_> = picture.findings.iter().map(|finding| (finding.kind, &finding.key)).collect();
        prop_assert_eq!(keys.len(), picture.findings.len());
        let boxes: usize = picture.persons.iter().map(|person| person.mailboxes.len()).sum();
        prop_assert_eq!(boxes, ids.len(), "each entry is somebody's, and once");
    }

    #[test]
    fn any_two_names_are_alike_or_unlike_in_both_directions(one in ".{0,30}", other in ".{0,30}") {
        prop_assert_eq!(are_unlike(&one, &other), are_unlike(&other, &one));
        prop_assert!(!are_unlike(&one, &one));
    }
}
