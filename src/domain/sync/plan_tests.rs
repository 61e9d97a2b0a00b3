use super::*;
use crate::domain::account::Traces;
use crate::domain::chance::Entropy;
use crate::domain::mailbox::MailboxKey;
use crate::domain::policy::calendar::{Calendar, Calendars};
use crate::domain::sync::SeenAgency;
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use time::macros::datetime;

#[path = "plan_password_tests.rs"]
mod passwords;

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&next[8 - chunk.len()..]);
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from_datetime(datetime!(2026-11-16 02:00 UTC))
}

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

fn seen(system: MailSystem, local: &str) -> SeenMailbox {
    SeenMailbox {
        key: MailboxKey { system, native_id: format!("{local}-{}", system.code()), login: local.to_owned() },
        address: address(local),
        aliases: Vec::new(),
        display_name: format!("Người {local}"),
        title: None,
        staff_number: None,
        agency: Some(SeenAgency { code: None, name: "Sở Nội vụ".to_owned() }),
        enabled: true,
        must_change: false,
        password_set_at: Some(now().minus(Duration::days(30))),
        created_at: None,
        last_used_at: None,
        watched: crate::domain::watch::Watched::default(),
    }
}

fn snapshot(system: MailSystem, mailboxes: Vec<SeenMailbox>) -> Snapshot {
    Snapshot { system, mailboxes, passed_over: Vec::new() }
}

/// The house as the plan sees it, and what applying a plan does to it: the same as `services::sync`.
struct World {
    known: Vec<Known>,
    agencies: Vec<Agency>,
    entropy: Counting,
    rulings: Rulings,
}

impl World {
    fn new() -> Self {
        Self {
            known: Vec::new(),
            agencies: Vec::new(),
            entropy: Counting(AtomicU64::new(0)),
            rulings: Rulings::default(),
        }
    }

    fn plan(&self, snapshots: &[Snapshot]) -> Plan {
        let calendars = Calendars::new(Calendar::built_in().clone(), HashMap::new());
        let regulation =
            Regulation { book: Arc::default(), calendars: Arc::new(calendars), calendar_version: 1 };
        let (prefixes, services) = (["vanthu".to_owned()], ["svc-".to_owned()]);
        let rules = Rules {
            regulation: &regulation,
            agency_mailbox_prefixes: &prefixes,
            service_mailbox_prefixes: &services,
            retire_after: Duration::days(90),
            rulings: &self.rulings,
        };
        plan(&self.known, &self.agencies, snapshots, &rules, now())
    }

    fn apply(&mut self, plan: &Plan) {
        for step in &plan.steps {
            match step {
                Step::Agency { code, name } => self.put_agency(code, name),
                Step::Create(creation) => self.create(creation),
                Step::Update { .. } => self.update(step),
            }
        }
    }

    fn put_agency(&mut self, code: &str, name: &str) {
        if let Some(agency) = self.agencies.iter_mut().find(|a| a.code == code) {
            name.clone_into(&mut agency.name);
            return;
        }
        let id = AgencyId::new(now(), &self.entropy);
        let (code, name) = (code.to_owned(), name.to_owned());
        self.agencies.push(Agency { id, code, name, parent_id: None, merged_into: None });
    }

    fn agency(&self, facts: &Facts) -> Option<AgencyId> {
        let code = facts.agency_code.as_ref()?;
        self.agencies.iter().find(|a| a.code == *code).map(|a| a.id)
    }

    fn mailbox(&self, account_id: AccountId, seen: &SeenMailbox) -> Mailbox {
        Mailbox {
            id: MailboxId::new(now(), &self.entropy),
            account_id,
            key: seen.key.clone(),
            address: seen.address.clone(),
            enabled: seen.enabled,
            must_change: seen.must_change,
            password_set_at: seen.password_set_at,
            password_lags: false,
            copy_is_old: false,
        }
    }

    fn create(&mut self, creation: &Creation) {
        let id = AccountId::new(now(), &self.entropy);
        let profile = creation.facts.profile(self.agency(&creation.facts));
        let traces = Traces { last_used_at: Some(now()), ..Traces::default() };
        let account = Account::new(id, id.to_string(), profile, creation.state, 0).with_traces(traces);
        let mailboxes = creation.mailboxes.iter().map(|m| self.mailbox(id, m)).collect();
        self.known.push(Known {
            account,
            mailboxes,
            aliases: creation.facts.aliases.clone(),
            locked_by_us: Vec::new(),
            unread: Vec::new(),
        });
    }

    fn update(&mut self, step: &Step) {
        let Step::Update { account_id, facts, attach, refresh, detach, change, lags, used } = step else {
            return;
        };
        let attached: Vec<_> = attach.iter().map(|m| self.mailbox(*account_id, m)).collect();
        let agency = facts.as_ref().and_then(|facts| self.agency(facts));
        let known =
            self.known.iter_mut().find(|k| k.account.id() == *account_id).expect("planned for a known one");
        known.mailboxes.retain(|m| !detach.contains(&m.id));
        known.mailboxes.extend(attached);
        for (id, seen) in refresh {
            let mailbox = known.mailboxes.iter_mut().find(|m| m.id == *id).expect("planned for a known one");
            let fresh = Mailbox { id: *id, ..mailbox.clone() };
            *mailbox = Mailbox {
                key: seen.key.clone(),
                address: seen.address.clone(),
                enabled: seen.enabled,
                must_change: seen.must_change,
                password_set_at: seen.password_set_at,
                ..fresh
            };
        }
        if let Some((id, lag)) = lags {
            let mailbox = known.mailboxes.iter_mut().find(|m| m.id == *id).expect("planned for a known one");
            mailbox.password_lags = *lag;
        }
        if used.is_some() {
            let traces = Traces { last_used_at: *used, ..*known.account.traces() };
            known.account = known.account.clone().with_traces(traces);
        }
        if let Some(facts) = facts {
            known.account = known.account.with_profile(facts.profile(agency));
            known.aliases.clone_from(&facts.aliases);
        }
        let changed = match change {
            Some(StateChange::Lock(reason)) => known.account.lock(*reason, now()).ok(),
            Some(StateChange::Retire) => known.account.retire(now()).ok(),
            Some(StateChange::Lift(state)) => known.account.lifted_by_the_directory(*state).ok(),
            Some(StateChange::Demand(State::MustChangePassword { since, deadline, why })) => {
                known.account.demand_change(*since, *deadline, *why).ok()
            }
            Some(StateChange::ChangedElsewhere(at)) => known.account.password_changed(*at).ok(),
            Some(StateChange::Demand(_)) | None => None,
        };
        known.account = changed.unwrap_or_else(|| known.account.clone());
    }
}

#[test]
fn one_address_in_both_systems_is_one_account() {
    let mut world = World::new();
    let both = [
        snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an")]),
        snapshot(MailSystem::Obm, vec![seen(MailSystem::Obm, "an")]),
    ];
    let plan = world.plan(&both);
    world.apply(&plan);
    assert_eq!(world.known.len(), 1);
    assert_eq!(world.known[0].mailboxes.len(), 2);
    assert_eq!(world.agencies.len(), 1, "both name the same agency");
}

#[test]
fn a_new_address_of_a_known_mailbox_is_a_rename_with_the_same_subject() {
    let mut world = World::new();
    let before = world.plan(&[snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an")])]);
    world.apply(&before);
    let subject = world.known[0].account.subject().to_owned();
    let mut renamed = seen(MailSystem::Ad, "an");
    renamed.address = address("an.nguyen");
    renamed.aliases = vec![address("an")];
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![renamed])]);
    world.apply(&plan);
    assert_eq!(world.known.len(), 1);
    assert_eq!(world.known[0].account.subject(), subject);
    assert_eq!(world.known[0].account.profile().address, address("an.nguyen"));
    assert_eq!(world.known[0].aliases, [address("an")]);
}

#[test]
fn a_mailbox_rebuilt_in_obm_keeps_its_account() {
    let mut world = World::new();
    let first = world.plan(&[snapshot(MailSystem::Obm, vec![seen(MailSystem::Obm, "an")])]);
    world.apply(&first);
    let mut rebuilt = seen(MailSystem::Obm, "an");
    rebuilt.key.native_id = "another-uuid".to_owned();
    let plan = world.plan(&[snapshot(MailSystem::Obm, vec![rebuilt])]);
    world.apply(&plan);
    assert_eq!(world.known.len(), 1);
    assert_eq!(world.known[0].mailboxes[0].key.native_id, "another-uuid");
    assert_eq!(world.known[0].account.state().name(), crate::domain::account::StateName::Active);
}

#[test]
fn two_entries_of_one_directory_with_one_address_are_left_out_and_told() {
    let mut twin = seen(MailSystem::Ad, "an");
    twin.key.native_id = "twin".to_owned();
    let world = World::new();
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an"), twin])]);
    assert_eq!(plan.passed_over.len(), 1);
    assert_eq!(plan.steps.iter().filter(|s| matches!(s, Step::Create(_))).count(), 1);
}

#[test]
fn an_address_that_is_somebodys_alias_is_not_taken_over() {
    let mut world = World::new();
    let mut an = seen(MailSystem::Ad, "an");
    an.aliases = vec![address("giamdoc")];
    let first = world.plan(&[snapshot(MailSystem::Ad, vec![an.clone()])]);
    world.apply(&first);
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![an, seen(MailSystem::Ad, "giamdoc")])]);
    assert_eq!(plan.steps, []);
    assert_eq!(plan.passed_over.len(), 1);
}

#[test]
fn a_directory_that_was_not_read_leaves_its_mailboxes_as_they_are() {
    let mut world = World::new();
    let both = [
        snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an")]),
        snapshot(MailSystem::Obm, vec![seen(MailSystem::Obm, "binh")]),
    ];
    let plan = world.plan(&both);
    world.apply(&plan);
    let plan = world.plan(&[snapshot(MailSystem::Obm, vec![seen(MailSystem::Obm, "binh")])]);
    assert_eq!(plan.steps, []);
    assert_eq!(plan.vanishing, 0);
}

#[test]
fn who_vanishes_is_locked_and_who_returns_gets_the_same_account() {
    let mut world = World::new();
    let present = [snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an")])];
    let plan = world.plan(&present);
    world.apply(&plan);
    let subject = world.known[0].account.subject().to_owned();
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![])]);
    world.apply(&plan);
    assert!(matches!(
        world.known[0].account.state(),
        State::Locked { reason: LockReason::GoneFromDirectory, .. }
    ));
    let plan = world.plan(&present);
    world.apply(&plan);
    assert_eq!(world.known.len(), 1);
    assert_eq!(world.known[0].account.subject(), subject);
    assert!(matches!(world.known[0].account.state(), State::Active { .. }));
}

#[test]
fn a_disabled_account_is_locked_and_an_administrators_lock_is_not_lifted_by_the_directory() {
    let mut world = World::new();
    let mut off = seen(MailSystem::Ad, "an");
    off.enabled = false;
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![off])]);
    world.apply(&plan);
    assert!(matches!(
        world.known[0].account.state(),
        State::Locked { reason: LockReason::DisabledInDirectory, .. }
    ));
    let known = &mut world.known[0];
    let profile = known.account.profile().clone();
    let locked = State::Locked { at: now(), reason: LockReason::ByAdministrator };
    known.account = Account::new(known.account.id(), "s".to_owned(), profile, locked, 1);
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an")])]);
    assert!(plan.steps.iter().all(|s| !matches!(s, Step::Update { change: Some(_), .. })));
}

#[test]
fn a_default_password_counts_from_the_day_that_obm_knows() {
    let issued = now().minus(Duration::days(1));
    let mut ad = seen(MailSystem::Ad, "an");
    (ad.must_change, ad.password_set_at) = (true, None);
    let mut obm = seen(MailSystem::Obm, "an");
    (obm.must_change, obm.password_set_at) = (true, Some(issued));
    let mut world = World::new();
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![ad]), snapshot(MailSystem::Obm, vec![obm])]);
    world.apply(&plan);
    assert!(
        matches!(world.known[0].account.state(), State::MustChangePassword { since, why: MustChange::DefaultPassword, .. } if *since == issued)
    );
}

/// The last use that the plan raises, of an account whose known one is an hour ago plus so many days.
fn raised(known: Option<i64>, seen_ago: &[(MailSystem, Duration)]) -> Option<Timestamp> {
    let mut world = World::new();
    let both = [MailSystem::Ad, MailSystem::Obm].map(|system| snapshot(system, vec![seen(system, "an")]));
    let plan = world.plan(&both);
    world.apply(&plan);
    let known = known.map(|days| now().minus(Duration::hours(1) + Duration::days(days)));
    let account = world.known[0].account.clone();
    world.known[0].account = account.with_traces(Traces { last_used_at: known, ..Traces::default() });
    let mut both = both;
    for (system, ago) in seen_ago {
        let found = both.iter_mut().find(|snapshot| snapshot.system == *system).expect("one of the two");
        found.mailboxes[0].last_used_at = Some(now().minus(*ago));
    }
    match world.plan(&both).steps.as_slice() {
        [] => None,
        [Step::Update { facts: None, change: None, used: Some(used), .. }] => Some(*used),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_later_use_that_a_directory_tells_is_news_and_an_earlier_one_never() {
    let days = |days| (MailSystem::Ad, Duration::days(days));
    assert_eq!(raised(Some(40), &[days(12)]), Some(now().minus(Duration::days(12))));
    assert_eq!(raised(Some(10), &[days(12)]), None);
    assert_eq!(raised(None, &[days(400)]), Some(now().minus(Duration::days(400))), "nothing was known");
    let obm = (MailSystem::Obm, Duration::days(3));
    assert_eq!(raised(Some(40), &[days(12), obm]), Some(now().minus(Duration::days(3))), "the later of two");
}

#[test]
fn a_use_less_than_a_day_later_is_no_news() {
    let hours = |hours| (MailSystem::Ad, Duration::hours(hours));
    assert_eq!(raised(Some(1), &[hours(2)]), None, "23 hours");
    assert_eq!(raised(Some(1), &[hours(1)]), Some(now().minus(Duration::hours(1))), "24 hours");
}

#[test]
fn a_directory_whose_clock_is_ahead_tells_of_no_use_to_come() {
    assert_eq!(raised(Some(5), &[(MailSystem::Ad, -Duration::days(300))]), Some(now()));
    assert_eq!(raised(Some(0), &[(MailSystem::Ad, -Duration::days(300))]), None);
}

#[test]
fn a_records_office_is_an_agency_mailbox() {
    let mut world = World::new();
    let plan = world.plan(&[snapshot(MailSystem::Obm, vec![seen(MailSystem::Obm, "vanthu.snv")])]);
    world.apply(&plan);
    assert_eq!(world.known[0].account.profile().kind, Kind::Agency);
}

/// The lines of a plan as text: kind, subject, what changes.
fn told(world: &World, plan: &Plan) -> Vec<String> {
    let lines = super::super::lines(plan, &world.known, &world.agencies);
    let line = |line: &super::super::Line| {
        let changes = line.changes.iter().map(|change| {
            let side = |side: &Option<String>| side.clone().unwrap_or_default();
            format!(" {}:{}>{}", change.field.code(), side(&change.before), side(&change.after))
        });
        format!("{} {}{}", line.kind.code(), line.subject, changes.collect::<String>())
    };
    lines.iter().map(line).collect()
}

#[test]
fn a_plan_is_told_line_by_line_what_takes_away_first() {
    let mut world = World::new();
    let three = ["an", "binh", "chi"].map(|local| seen(MailSystem::Ad, local)).to_vec();
    let plan = world.plan(&[snapshot(MailSystem::Ad, three)]);
    assert_eq!(told(&world, &plan)[0], "create an@danang.example state:>active");
    world.apply(&plan);
    let mut an = seen(MailSystem::Ad, "an");
    an.agency = Some(SeenAgency { code: None, name: "Sở Y tế".to_owned() });
    an.address = address("an.nguyen");
    an.aliases = vec![address("an")];
    an.title = Some("Trưởng phòng".to_owned());
    let mut binh = seen(MailSystem::Ad, "binh");
    binh.enabled = false;
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![an, binh])]);
    assert_eq!(
        told(&world, &plan),
        [
            "gone chi@danang.example state:active>gone_from_directory",
            "lock_disabled binh@danang.example state:active>disabled_in_directory",
            "detach chi@danang.example login:chi>",
            "move an@danang.example agency:so-noi-vu>so-y-te",
            "rename an@danang.example address:an@danang.example>an.nguyen@danang.example",
            "update an@danang.example title:>Trưởng phòng aliases:>an@danang.example",
            "refresh an@danang.example address:an@danang.example>an.nguyen@danang.example",
            "agency_new so-y-te",
        ]
    );
}

#[test]
fn a_line_names_the_agency_that_it_concerns_and_the_one_it_leads_to() {
    let mut world = World::new();
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an")])]);
    world.apply(&plan);
    let mut moved = seen(MailSystem::Ad, "an");
    moved.agency = Some(SeenAgency { code: None, name: "Sở Y tế".to_owned() });
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![moved])]);
    let lines = super::super::lines(&plan, &world.known, &world.agencies);
    let agencies: Vec<_> = lines.iter().map(|l| (l.agency.as_deref(), l.agency_to.as_deref())).collect();
    assert_eq!(agencies, [(Some("so-noi-vu"), Some("so-y-te")), (Some("so-y-te"), None)]);
}

#[test]
fn an_entry_that_was_left_out_is_a_line_with_its_reason() {
    let mut twin = seen(MailSystem::Ad, "an");
    twin.key.native_id = "twin".to_owned();
    let world = World::new();
    let plan = world.plan(&[snapshot(MailSystem::Ad, vec![seen(MailSystem::Ad, "an"), twin])]);
    assert_eq!(
        told(&world, &plan)[0],
        "set_aside an why:>two new entries have the address an@danang.example"
    );
}

fn any_mailbox(system: MailSystem) -> impl Strategy<Value = SeenMailbox> {
    let hours = || proptest::option::of(-48..9_600i64);
    (0..8u8, 0..8u8, any::<bool>(), any::<bool>(), proptest::option::of(0..400i64), 0..3u8, hours()).prop_map(
        move |(id, local, enabled, must_change, set, agency, used)| {
            let mut mailbox = seen(system, &format!("p{local}"));
            mailbox.key.native_id = format!("id{id}");
            mailbox.key.login = format!("login{id}");
            mailbox.enabled = enabled;
            mailbox.must_change = must_change;
            mailbox.password_set_at = set.map(|days| now().minus(Duration::days(days)));
            mailbox.last_used_at = used.map(|hours| now().minus(Duration::hours(hours)));
            mailbox.aliases =
                if id % 3 == 0 { vec![address(&format!("p{}", (local + 1) % 8))] } else { vec![] };
            mailbox.agency =
                (agency > 0).then(|| SeenAgency { code: None, name: format!("Sở số {agency}") });
            mailbox
        },
    )
}

fn any_snapshots() -> impl Strategy<Value = Vec<Snapshot>> {
    let list = |system| {
        proptest::collection::vec(any_mailbox(system), 0..6).prop_map(move |mut all| {
            let mut ids = HashSet::new();
            all.retain(|m| ids.insert(m.key.native_id.clone()));
            snapshot(system, all)
        })
    };
    (list(MailSystem::Ad), list(MailSystem::Obm), 0..4u8).prop_map(|(ad, obm, read)| match read {
        0 => vec![ad],
        1 => vec![obm],
        _ => vec![ad, obm],
    })
}

proptest! {
    #[test]
    fn applying_a_plan_and_planning_again_gives_nothing(rounds in proptest::collection::vec(any_snapshots(), 1..4)) {
        let mut world = World::new();
        for snapshots in rounds {
            let plan = world.plan(&snapshots);
            world.apply(&plan);
            let again = world.plan(&snapshots);
            prop_assert_eq!(&again.steps, &vec![], "after {:?}", plan);
        }
    }
}

#[path = "rulings_tests.rs"]
mod rulings;
