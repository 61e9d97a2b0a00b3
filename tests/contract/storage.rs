//! What the storage must do, on SQLite and on PostgreSQL: every statement is prepared on both, every function runs.

use crate::rig::Rig;
use danang_sso::domain::account::Terms;
use danang_sso::domain::account::{Account, Kind, LockReason, MustChange, Profile, State, StateName, Traces};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Grant, Reach, Role};
use danang_sso::domain::audit::{Act, Actor, Entry};
use danang_sso::domain::chance::Entropy;
use danang_sso::domain::id::{AccountId, AgencyId, GrantId, LetterId, MailboxId, RunId, SessionId};
use danang_sso::domain::mail::{Letter, LetterKind, Stage as LetterStage};
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::outbox::{Stage, Wish};
use danang_sso::domain::policy::calendar::{DayKind, ListedDay};
use danang_sso::domain::policy::reminder::{Occasion, Written};
use danang_sso::domain::session::{Door, Proof, Session, SessionEnd};
use danang_sso::domain::sync::SeenMailbox;
use danang_sso::domain::throttle::Limit;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::accounts::Place;
use danang_sso::storage::administrators::Ended;
use danang_sso::storage::calendar::{Entered, Listing, Strike};
use danang_sso::storage::{
    Db, StorageError, accounts, administrators, agencies, aliases, audit, browsers, calendar,
    directory_locks, forecast, handed_over, leases, letters, mailboxes, sessions, statements, sync_runs,
    terms, throttles,
};
use danang_sso::system::System;
use time::Duration;
use time::macros::date;

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = Db::open(&format!("sqlite:{}", dir.path().join("house.db").display())).await.expect("opens");
    keeps_the_contract(db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_keeps_the_contract() {
    let rig = Rig::start("postgres", &[]);
    let db = Db::open(&rig.value("PG_URL")).await.expect("opens");
    keeps_the_contract(db).await;
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_told() {
    assert!(Db::open("sqlite:/no/such/folder/house.db").await.is_err());
    assert!(Db::open("postgres://nobody@127.0.0.1:1/none").await.is_err());
}

async fn keeps_the_contract(db: Db) {
    db.migrate().await.expect("an empty database is brought up to date");
    db.migrate().await.expect("and again, without harm");
    every_statement_is_prepared(&db).await;
    let house = House::fill(&db).await;
    accounts_are_found(&house).await;
    every_open_account_is_met_once_page_by_page(&house).await;
    terms_of_many_are_written_with_one_statement(&house).await;
    a_save_after_somebody_elses_is_lost(&house).await;
    accounts_are_counted(&house).await;
    crate::account_list::is_paged_and_searched(house.db, house.agency).await;
    crate::scim::people_are_found(house.db, house.agency).await;
    crate::agency_months::are_kept(house.db, house.agency).await;
    mailboxes_are_kept(&house).await;
    orders_to_the_directories_are_kept(&house).await;
    sessions_open_and_end(&house).await;
    failures_are_counted(&house).await;
    the_audit_is_a_chain(&house).await;
    a_transaction_that_is_dropped_leaves_nothing(&house).await;
    browsers_leases_and_runs_are_kept(&house).await;
    crate::sync_plans::are_kept_and_decided_on(house.db, &house.system).await;
    crate::directory_entries::are_kept(house.db).await;
    crate::reconcile::decisions_are_kept(house.db, &house.system).await;
    roles_are_granted(&house).await;
    a_branch_is_an_agency_with_those_below(&house).await;
    let ids = [0, 1, 2].map(|n: usize| house.people[n].id());
    crate::desk::a_job_is_kept(house.db, &house.system, house.agency, ids).await;
    crate::desk::notes_are_kept(house.db, &house.system, ids[0]).await;
    crate::desk::what_happens_is_counted_by_the_hour(house.db, house.agency).await;
    the_calendar_is_kept(&house).await;
    who_had_whose_way_to_sign_in_is_kept(&house).await;
    letters_are_kept(&house).await;
    crate::cached_verifiers::are_kept_while_nothing_changes(house.db, house.people[0].id()).await;
    crate::watch::is_kept_beside(house.db).await;
    crate::watch::is_listed(house.db, house.people[0].id(), house.people[1].id()).await;
    crate::requests::are_kept_and_used_up(house.db, &house.system, house.people[0].id()).await;
    let (person, agency) = (&house.people[0], house.people[0].profile().agency_id);
    crate::applications::their_use_is_counted(house.db, person.id(), agency.expect("an agency")).await;
    crate::second_factors::are_kept_and_used_once(house.db, &house.system, house.people[0].id()).await;
    let people = [house.people[0].id(), house.people[1].id()];
    crate::portal::is_kept(house.db, &house.system, people, house.agency).await;
    crate::audit_search::of_a_branch_is_merged(house.db, house.agency).await;
    a_second_account_with_the_same_address_is_a_conflict(&house).await;
    db.close().await;
}

async fn every_statement_is_prepared(db: &Db) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for statement in statements() {
        count += 1;
        if let Err(error) = db.prepare(statement).await {
            wrong.push(format!("{}: {error:?}\n  {}", statement.name, statement.sql));
        }
    }
    assert!(wrong.is_empty(), "on {}:\n{}", db.kind(), wrong.join("\n"));
    assert!(count > 60, "only {count} statements");
}

struct House<'a> {
    db: &'a Db,
    system: System,
    agency: AgencyId,
    people: Vec<Account>,
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn address(text: &str) -> MailAddress {
    MailAddress::parse(text).expect("an address")
}

impl<'a> House<'a> {
    async fn fill(db: &'a Db) -> Self {
        let system = System::of_the_machine();
        let entropy = system.entropy();
        let agency = AgencyId::new(at(0), entropy);
        let mut tx = db.begin().await.expect("begins");
        agencies::put(&mut tx, agency, "so-nv", "Sở Nội vụ").await.expect("an agency");
        agencies::put(&mut tx, AgencyId::new(at(0), entropy), "so-nv", "Sở Nội vụ mới")
            .await
            .expect("a new name");
        let states = [
            ("an", "Nguyễn Văn Ân", State::Active { password_set_at: at(0) }, Some(at(1_000))),
            (
                "binh",
                "Đỗ Thị Bình",
                State::MustChangePassword {
                    since: at(0),
                    deadline: at(500),
                    why: MustChange::DefaultPassword,
                },
                Some(at(500)),
            ),
            ("chi", "Lê Chi", State::Locked { at: at(0), reason: LockReason::PasswordTooOld }, None),
        ];
        let mut people = Vec::new();
        for (local, name, state, due) in states {
            let account = person(local, name, state, (local != "chi").then_some(agency), entropy);
            let terms = Terms { ends_at: due, lock_at: due };
            accounts::insert(&mut tx, &account, terms, at(0)).await.expect("an account");
            let traces = Traces { written: terms, last_used_at: Some(at(0)), ..Traces::default() };
            people.push(account.with_traces(traces));
        }
        let aliases = [address("an.nguyen@danang.example")];
        aliases::set(&mut tx, people[0].id(), &aliases).await.expect("aliases");
        aliases::set(&mut tx, people[1].id(), &aliases).await.expect("a taken alias stays where it is");
        tx.commit().await.expect("commits");
        Self { db, system, agency, people }
    }
}

fn person(
    local: &str,
    name: &str,
    state: State,
    agency_id: Option<AgencyId>,
    entropy: &dyn Entropy,
) -> Account {
    let profile = Profile {
        address: address(&format!("{local}@danang.example")),
        kind: Kind::Person,
        display_name: name.to_owned(),
        title: Some("Chuyên viên".to_owned()),
        staff_number: None,
        agency_id,
    };
    // One second apart, so that their order is known.
    let id = AccountId::new(at(i64::from(local.as_bytes()[0])), entropy);
    Account::new(id, format!("sub-{local}"), profile, state, 0)
}

async fn accounts_are_found(house: &House<'_>) {
    let an = &house.people[0];
    let by_id = accounts::by_id(house.db, an.id()).await.expect("reads");
    assert_eq!(by_id.as_ref(), Some(an), "everything comes back as it was");
    let by_alias = accounts::by_address(house.db, &address("An.Nguyen@danang.example")).await.expect("reads");
    assert_eq!(by_alias.as_ref(), Some(an));
    assert_eq!(accounts::by_subject(house.db, "sub-an").await.expect("reads").as_ref(), Some(an));
    assert_eq!(accounts::by_address(house.db, &address("x@danang.example")).await.expect("reads"), None);
    assert_eq!(accounts::every(house.db).await.expect("reads"), house.people);
    let aliases = aliases::every(house.db).await.expect("reads");
    assert_eq!(aliases.get(&an.id()).map(Vec::len), Some(1));
    assert!(!aliases.contains_key(&house.people[1].id()));
    let due = accounts::to_lock(house.db, at(500), &Place::start(), 10).await.expect("reads");
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].account, house.people[1]);
    let after = accounts::to_lock(house.db, at(500), &due[0].place, 10).await.expect("reads");
    assert!(after.is_empty(), "a walk goes on after the last one");
    let between =
        accounts::due_between(house.db, at(500), at(1_000), Some(house.agency)).await.expect("reads");
    assert_eq!(between, 1);
    let agency = agencies::by_id(house.db, house.agency).await.expect("reads").expect("it is there");
    assert_eq!(agency.name, "Sở Nội vụ mới");
}

async fn every_open_account_is_met_once_page_by_page(house: &House<'_>) {
    let (mut met, mut last) = (Vec::new(), None);
    loop {
        let page = accounts::open(house.db, last, 1).await.expect("reads");
        let Some(account) = page.last() else { break };
        last = Some(account.id());
        met.extend(page);
    }
    let mut every = accounts::every(house.db).await.expect("reads");
    every.retain(|account| account.state().name() != StateName::Locked);
    assert_eq!(met, every);
    assert_eq!(met.len(), 2);
}

async fn terms_of_many_are_written_with_one_statement(house: &House<'_>) {
    let mut many = Vec::new();
    let mut tx = house.db.begin().await.expect("begins");
    for number in 0..45 {
        let state = State::Active { password_set_at: at(0) };
        let account = person(&format!("nhieu{number}"), "Nhiều", state, None, house.system.entropy());
        accounts::insert(&mut tx, &account, Terms::default(), at(0)).await.expect("an account");
        many.push(account);
    }
    let new = |number: i64| Terms {
        ends_at: Some(at(9_000 + number)),
        lock_at: (number % 2 == 0).then(|| at(9_500)),
    };
    let all: Vec<_> = many.iter().zip(0..).map(|(account, number)| (account, new(number))).collect();
    assert_eq!(terms::set(&mut tx, &all).await.expect("written"), 45);
    // Two that somebody else has saved meanwhile, one in a full statement and one after it, stay as they are.
    for index in [3, 44] {
        accounts::save(&mut tx, &many[index], Terms::default()).await.expect("saved");
    }
    assert_eq!(terms::set(&mut tx, &all).await.expect("written"), 43);
    for (account, terms) in &all {
        let read = accounts::by_id_in(&mut tx, account.id()).await.expect("reads").expect("there");
        let kept = if read.version() == 0 { *terms } else { Terms::default() };
        assert_eq!(read.traces().written, kept, "{}", account.profile().address);
    }
    // Dropped: the other checks count their own people.
}

async fn a_save_after_somebody_elses_is_lost(house: &House<'_>) {
    let read = accounts::by_id(house.db, house.people[0].id()).await.expect("reads").expect("there");
    let mut tx = house.db.begin().await.expect("begins");
    let terms = Terms { ends_at: Some(at(1_000)), lock_at: Some(at(1_000)) };
    accounts::save(&mut tx, &read, terms).await.expect("the first save");
    tx.commit().await.expect("commits");
    let mut tx = house.db.begin().await.expect("begins");
    let second = accounts::save(&mut tx, &read, terms).await;
    assert!(matches!(second, Err(StorageError::Lost { table: "account", .. })), "{second:?}");
}

async fn accounts_are_counted(house: &House<'_>) {
    let counts = accounts::counts(house.db, Some(house.agency)).await.expect("reads");
    assert_eq!(counts.iter().map(|c| c.number).sum::<i64>(), 2);
    let all = accounts::counts(house.db, None).await.expect("reads");
    assert!(all.iter().any(|c| c.lock == Some(LockReason::PasswordTooOld) && c.number == 1));
    let every = accounts::every(house.db).await.expect("reads");
    for state in StateName::ALL {
        let listed = every.iter().filter(|account| account.state().name() == state).count();
        let counted: i64 = all.iter().filter(|count| count.state == state).map(|count| count.number).sum();
        assert_eq!(usize::try_from(counted).expect("few"), listed, "{state:?}");
    }
    let open = accounts::open_by_agency(house.db).await.expect("reads");
    assert_eq!(open, [(Some(house.agency), 2)], "the locked one is of no agency");
    what_lies_ahead_is_counted(house).await;
}

/// By moment and agency, as the accounts are listed one by one.
async fn what_lies_ahead_is_counted(house: &House<'_>) {
    let (db, agency) = (house.db, Some(house.agency));
    for reach in [None, agency] {
        let locks = forecast::locks(db, at(1_000), reach).await.expect("reads");
        let told: Vec<_> = locks.iter().map(|lock| (lock.at, lock.agency, lock.number)).collect();
        assert_eq!(told, [(at(500), agency, 1), (at(1_000), agency, 1)]);
        let listed = accounts::to_lock_of(db, (at(1_000), reach), &Place::start(), 9).await.expect("reads");
        assert_eq!(listed.iter().map(|found| found.place.moment()).collect::<Vec<_>>(), [at(500), at(1_000)]);
        assert_eq!(forecast::locks(db, at(499), reach).await.expect("reads"), []);
        let span = (at(0), at(1_000));
        // Both states began at one moment: today, or before it.
        for (today, is_of_today) in [(at(0), true), (at(1), false)] {
            let mut terms = forecast::terms(db, span, today, reach).await.expect("reads");
            terms.sort_by_key(|terms| terms.ends_at);
            let told: Vec<_> = terms.iter().map(|t| (t.ends_at, t.state, t.is_of_today, t.number)).collect();
            let wanted = [
                (at(500), StateName::MustChange, is_of_today, 1),
                (at(1_000), StateName::Active, is_of_today, 1),
            ];
            assert_eq!(told, wanted);
        }
    }
    let nobody = AgencyId::new(at(7), house.system.entropy());
    assert_eq!(forecast::locks(db, at(1_000), Some(nobody)).await.expect("reads"), []);
}

fn seen(system: MailSystem, native_id: &str) -> SeenMailbox {
    SeenMailbox {
        key: MailboxKey { system, native_id: native_id.to_owned(), login: "an".to_owned() },
        address: address("an@danang.example"),
        aliases: Vec::new(),
        display_name: "Nguyễn Văn Ân".to_owned(),
        title: None,
        staff_number: None,
        agency: None,
        enabled: true,
        must_change: true,
        password_set_at: None,
        created_at: None,
        last_used_at: None,
        watched: danang_sso::domain::watch::Watched::default(),
    }
}

async fn mailboxes_are_kept(house: &House<'_>) {
    let id = MailboxId::new(at(0), house.system.entropy());
    let other = MailboxId::new(at(0), house.system.entropy());
    let owner = house.people[0].id();
    let mut tx = house.db.begin().await.expect("begins");
    mailboxes::insert(&mut tx, id, owner, &seen(MailSystem::Obm, "u-1")).await.expect("a mailbox");
    mailboxes::insert(&mut tx, other, owner, &seen(MailSystem::Ad, "g-1")).await.expect("another");
    mailboxes::refresh(&mut tx, id, &seen(MailSystem::Obm, "u-2")).await.expect("refreshed");
    mailboxes::set_password_lags(&mut tx, id, true).await.expect("lags");
    tx.commit().await.expect("commits");
    let all = mailboxes::of_account(house.db, owner).await.expect("reads");
    assert_eq!(all.iter().map(|m| m.key.system).collect::<Vec<_>>(), MailSystem::ALL);
    assert!(all[1].password_lags && all[1].key.native_id == "u-2" && all[1].must_change);
    let mut tx = house.db.begin().await.expect("begins");
    mailboxes::password_taken(&mut tx, id, at(9)).await.expect("taken");
    mailboxes::delete(&mut tx, other).await.expect("deleted");
    tx.commit().await.expect("commits");
    let all = mailboxes::every(house.db).await.expect("reads");
    assert_eq!(all.len(), 1);
    assert!(!all[0].password_lags && !all[0].must_change && all[0].password_set_at == Some(at(9)));
}

async fn orders_to_the_directories_are_kept(house: &House<'_>) {
    let (db, owner) = (house.db, house.people[0].id());
    let order = async |wish, seconds| {
        let mut tx = db.begin().await.expect("begins");
        match wish {
            Wish::Lock => directory_locks::order_lock(&mut tx, owner, &MailSystem::ALL, at(seconds)).await,
            Wish::Unlock => directory_locks::order_unlock(&mut tx, owner, at(seconds)).await,
        }
        .expect("ordered");
        tx.commit().await.expect("commits");
        directory_locks::of_account(db, owner).await.expect("reads").remove(0)
    };
    assert_eq!(directory_locks::every(db).await.expect("reads"), []);
    let first = order(Wish::Lock, 0).await;
    assert_eq!((first.wish, &first.stage, first.set_by_us), (Wish::Lock, &Stage::Waiting, false));
    assert!(directory_locks::take(db, &first, at(10), at(0)).await.expect("taken"));
    assert!(!directory_locks::take(db, &first, at(10), at(5)).await.expect("not by two"));
    assert!(directory_locks::due(db, at(5), 9).await.expect("reads").is_empty(), "somebody is at work on it");
    assert!(directory_locks::claim(db, &first).await.expect("claimed"));
    directory_locks::failed(db, &first, at(60), "unreachable").await.expect("recorded");
    assert!(directory_locks::due(db, at(59), 9).await.expect("reads").is_empty());
    let again = directory_locks::due(db, at(60), 9).await.expect("reads").remove(0);
    let stage = Stage::Failed { attempts: 1, next_at: at(60), error: "unreachable".to_owned() };
    assert_eq!((&again.stage, again.set_by_us), (&stage, true));
    // A newer wish takes the place of the older one, whose outcome then counts for nothing.
    let newer = order(Wish::Unlock, 70).await;
    assert_eq!((newer.wish, &newer.stage, newer.set_by_us), (Wish::Unlock, &Stage::Waiting, true));
    for (order, counts) in [(&again, false), (&newer, true)] {
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(directory_locks::done(&mut tx, order, false, at(80)).await.expect("recorded"), counts);
        directory_locks::shown(&mut tx, &order.mailbox, true).await.expect("shown");
        tx.commit().await.expect("commits");
    }
    assert!(!directory_locks::claim(db, &again).await.expect("replaced"));
    directory_locks::give_back(db, &newer).await.expect("given back");
    assert_eq!(order(Wish::Unlock, 90).await.stage, Stage::Done { at: at(80) }, "nothing is locked");
    let mut tx = db.begin().await.expect("begins");
    directory_locks::order_lock(&mut tx, owner, &MailSystem::ALL, at(100)).await.expect("ordered");
    tx.commit().await.expect("commits");
    let locked = directory_locks::of_account(db, owner).await.expect("reads").remove(0);
    let mut tx = db.begin().await.expect("begins");
    assert!(directory_locks::done(&mut tx, &locked, true, at(100)).await.expect("recorded"));
    tx.commit().await.expect("commits");
    a_second_password_is_set_aside(db, locked.mailbox.system, owner).await;
    let mut tx = db.begin().await.expect("begins");
    let system = MailSystem::Obm;
    let forgotten = directory_locks::order_forgotten(&mut tx, system, at(100), at(200)).await.expect("asked");
    assert_eq!(forgotten, 0, "the reading may be older than the lock");
    let forgotten = directory_locks::order_forgotten(&mut tx, system, at(101), at(200)).await.expect("asked");
    assert_eq!(forgotten, 1, "the mailbox is seen open again");
    assert_eq!(directory_locks::order_missing(&mut tx, &MailSystem::ALL, at(200)).await.expect("asked"), 0);
    let other = MailboxId::new(at(0), house.system.entropy());
    let locked_person = house.people[2].id();
    mailboxes::insert(&mut tx, other, locked_person, &seen(MailSystem::Ad, "g-3")).await.expect("a mailbox");
    assert_eq!(directory_locks::order_missing(&mut tx, &MailSystem::ALL, at(200)).await.expect("ordered"), 1);
}

/// While the lock of the mailbox is done.
async fn a_second_password_is_set_aside(db: &Db, system: MailSystem, owner: AccountId) {
    use danang_sso::storage::second_passwords as kept;
    let due = async |second| kept::to_replace(db, system, None, at(second), 9).await.expect("reads");
    assert_eq!(due(100).await.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), [owner]);
    assert!(kept::to_give_back(db, system, None, at(100), 9).await.expect("reads").is_empty());
    assert!(kept::take(db, system, owner, at(110), at(100)).await.expect("taken"));
    assert!(!kept::take(db, system, owner, at(111), at(109)).await.expect("not by two"));
    assert!(due(109).await.is_empty(), "somebody is at work on it");
    kept::set_aside(db, system, owner, 7, b"sealed").await.expect("set aside");
    kept::failed(db, system, owner, at(160), "unreachable").await.expect("recorded");
    assert!(due(159).await.is_empty());
    assert_eq!(due(160).await.len(), 1);
    let row = kept::of_account(db, system, owner).await.expect("reads").expect("is there");
    assert_eq!((row.person, row.sealed.as_deref(), row.attempts), (Some(7), Some(b"sealed".as_slice()), 1));
    assert_eq!((row.last_error.as_deref(), row.next_attempt_at), (Some("unreachable"), at(160)));
    let mut tx = db.begin().await.expect("begins");
    kept::replaced(&mut tx, system, owner, at(161)).await.expect("recorded");
    tx.commit().await.expect("commits");
    let row = kept::of_account(db, system, owner).await.expect("reads").expect("is there");
    assert_eq!((row.replaced_at, row.attempts, row.last_error), (Some(at(161)), 0, None));
    assert!(due(999).await.is_empty());
    let mut tx = db.begin().await.expect("begins");
    kept::forget(&mut tx, system, owner).await.expect("forgotten");
    tx.commit().await.expect("commits");
    assert_eq!(kept::of_account(db, system, owner).await.expect("reads"), None);
}

async fn sessions_open_and_end(house: &House<'_>) {
    let owner = house.people[0].id();
    let open = |seconds: i64| Session {
        id: SessionId::new(at(seconds), house.system.entropy()),
        account_id: owner,
        door: Door::Staff,
        auth_time: at(seconds),
        proof: if seconds == 0 { Proof::BIND } else { Proof::CACHED },
        factor_at: None,
        last_seen_at: at(seconds),
        expires_at: at(seconds + 100),
        source: "192.0.2.1".to_owned(),
        user_agent: "Trình duyệt".to_owned(),
    };
    let (first, second) = (open(0), open(1));
    let mut tx = house.db.begin().await.expect("begins");
    sessions::insert(&mut tx, &first).await.expect("a session");
    sessions::insert(&mut tx, &second).await.expect("another");
    tx.commit().await.expect("commits");
    assert_eq!(sessions::open(house.db, first.id, at(50)).await.expect("reads").as_ref(), Some(&first));
    assert_eq!(sessions::open(house.db, first.id, at(100)).await.expect("reads"), None, "it has expired");
    sessions::touch(house.db, first.id, at(60)).await.expect("touched");
    let all = sessions::of_account(house.db, owner, at(60)).await.expect("reads");
    assert_eq!(all.iter().map(|s| s.id).collect::<Vec<_>>(), [first.id, second.id], "the last used first");
    let mut tx = house.db.begin().await.expect("begins");
    let ended =
        sessions::end_all(&mut tx, owner, Some(first.id), SessionEnd::Locked, at(61)).await.expect("ended");
    assert_eq!(ended, [second.id]);
    assert!(sessions::end(&mut tx, first.id, SessionEnd::SignedOut, at(62)).await.expect("ended"));
    assert!(!sessions::end(&mut tx, first.id, SessionEnd::SignedOut, at(63)).await.expect("not twice"));
    tx.commit().await.expect("commits");
    assert_eq!(sessions::open(house.db, first.id, at(50)).await.expect("reads"), None);
    assert_eq!(sessions::forget(house.db, at(1_000)).await.expect("forgotten"), 2);
    a_session_ends_with_those_that_it_has_succeeded(house, [open(2), open(3), open(4)]).await;
}

async fn a_session_ends_with_those_that_it_has_succeeded(house: &House<'_>, mut all: [Session; 3]) {
    let owner = house.people[0].id();
    all[2].expires_at = at(90);
    let ids = all.each_ref().map(|session| session.id);
    let mut tx = house.db.begin().await.expect("begins");
    for session in &all {
        sessions::insert(&mut tx, session).await.expect("a session");
    }
    sessions::succeed(&mut tx, ids[0], &all[1]).await.expect("succeeded");
    sessions::succeed(&mut tx, ids[1], &all[2]).await.expect("succeeded");
    tx.commit().await.expect("commits");
    let listed = sessions::of_account(house.db, owner, at(60)).await.expect("reads");
    assert_eq!(listed.iter().map(|session| session.id).collect::<Vec<_>>(), [ids[2]], "once");
    assert!(sessions::open(house.db, ids[0], at(89)).await.expect("reads").is_some());
    assert!(
        sessions::open(house.db, ids[0], at(90)).await.expect("reads").is_none(),
        "none outlives the last"
    );
    assert_eq!(sessions::successor(house.db, ids[0]).await.expect("reads"), Some(ids[2]));
    assert_eq!(sessions::successor(house.db, ids[2]).await.expect("reads"), None);
    assert_eq!(all[1].began_at(), at(3), "the id tells");
    let mut tx = house.db.begin().await.expect("begins");
    let ended = sessions::end_and_name(&mut tx, ids[2], SessionEnd::SignedOut, at(61)).await;
    let mut ended = ended.expect("ended");
    tx.commit().await.expect("commits");
    ended.sort_unstable();
    assert_eq!(ended, ids);
    assert_eq!(sessions::forget(house.db, at(1_000)).await.expect("forgotten"), 3);
}

async fn failures_are_counted(house: &House<'_>) {
    let limit = Limit { failures: 2, window: Duration::minutes(1), pause: Duration::minutes(1) };
    for (second, waits) in [(0, false), (1, true)] {
        let mut tx = house.db.begin().await.expect("begins");
        let mark = format!("mark{second}");
        for is_new in [true, false] {
            let counted = throttles::failed(&mut tx, "account:x", Some(&mark), limit, at(second)).await;
            let (count, counted) = counted.expect("counted");
            assert_eq!((count.wait(at(second)).is_some(), counted), (waits, is_new));
        }
        tx.commit().await.expect("commits");
    }
    let count = throttles::count(house.db, "account:x").await.expect("reads");
    assert_eq!(count.failures, 2);
    assert!(count.has_tried("mark0", limit, at(2)) && count.has_tried("mark1", limit, at(2)));
    let mut tx = house.db.begin().await.expect("begins");
    throttles::restart(&mut tx, "account:x").await.expect("restarted");
    assert_eq!(throttles::marked(&mut tx).await.expect("reads"), ["account:x"]);
    tx.commit().await.expect("commits");
    let count = throttles::count(house.db, "account:x").await.expect("reads");
    assert_eq!((count.failures, count.wait(at(2)), count.tried.len()), (0, None, 2));
    let mut tx = house.db.begin().await.expect("begins");
    throttles::unmark(&mut tx, "account:x").await.expect("unmarked");
    assert!(throttles::marked(&mut tx).await.expect("reads").is_empty());
    throttles::clear(&mut tx, "account:x").await.expect("cleared");
    tx.commit().await.expect("commits");
    assert_eq!(throttles::count(house.db, "account:x").await.expect("reads").failures, 0);
    assert_eq!(throttles::forget(house.db, at(1_000)).await.expect("forgotten"), 0);
}

async fn the_audit_is_a_chain(house: &House<'_>) {
    let entry = |second: i64| {
        Entry::about(at(second), Actor::CommandLine, Act::Locked, &house.people[0])
            .changing("active", "locked")
            .because("thử")
            .from("192.0.2.1")
    };
    for batch in [vec![entry(1), entry(2)], vec![entry(3)], vec![]] {
        let mut tx = house.db.begin().await.expect("begins");
        audit::append(&mut tx, &batch).await.expect("appended");
        tx.commit().await.expect("commits");
    }
    assert_eq!(audit::verify(house.db).await.expect("reads"), Ok(3));
    let sources = audit::sources(house.db, house.people[0].id(), Act::Locked, at(2)).await.expect("reads");
    assert_eq!(sources, ["192.0.2.1"], "each once");
    assert_eq!(audit::last_at(house.db).await.expect("reads"), Some(at(3)));
    let lines = audit::of_account(house.db, house.people[0].id(), 2).await.expect("reads");
    assert_eq!(lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [3, 2], "newest first");
    assert_eq!(lines[0].why.as_deref(), Some("thử"));
    let seqs = |lines: Vec<audit::Line>| lines.into_iter().map(|line| line.seq).collect::<Vec<_>>();
    let id = house.people[0].id();
    assert_eq!(seqs(audit::of_account_after(house.db, id, 1, 1).await.expect("reads")), [2]);
    assert_eq!(seqs(audit::of_account_after(house.db, id, 3, 9).await.expect("reads")), [0; 0]);
    assert_eq!(seqs(audit::of_account_before(house.db, id, 3, 9).await.expect("reads")), [2, 1]);
    tamper(house.db, "UPDATE audit SET why = 'khác' WHERE seq = 2").await;
    assert_eq!(audit::verify(house.db).await.expect("reads"), Err(2), "a changed line is noticed");
    tamper(house.db, "UPDATE audit SET why = 'thử' WHERE seq = 2").await;
    assert_eq!(audit::verify(house.db).await.expect("reads"), Ok(3));
}

/// What nothing in the house does: change the audit.
async fn tamper(db: &Db, sql: &'static str) {
    match db {
        Db::Sqlite { writer, .. } => sqlx::query(sql).execute(writer).await.map(|_| ()),
        Db::Postgres(pool) => sqlx::query(sql).execute(pool).await.map(|_| ()),
    }
    .expect("the database lets its owner do anything");
}

async fn a_transaction_that_is_dropped_leaves_nothing(house: &House<'_>) {
    let mut tx = house.db.begin().await.expect("begins");
    agencies::put(&mut tx, AgencyId::new(at(0), house.system.entropy()), "ma", "Ma").await.expect("written");
    drop(tx);
    let all = agencies::every(house.db).await.expect("reads");
    assert!(all.iter().all(|agency| agency.code != "ma"));
}

async fn browsers_leases_and_runs_are_kept(house: &House<'_>) {
    let db = house.db;
    assert!(browsers::create(db, "b", "{}", at(10)).await.expect("created"));
    assert!(!browsers::create(db, "b", "{}", at(10)).await.expect("not twice"));
    browsers::save(db, "b", "{\"a\":1}", at(20)).await.expect("saved");
    assert_eq!(browsers::load(db, "b", at(15)).await.expect("reads").as_deref(), Some("{\"a\":1}"));
    assert_eq!(browsers::load(db, "b", at(20)).await.expect("reads"), None, "it has expired");
    browsers::delete(db, "b").await.expect("deleted");
    assert_eq!(browsers::forget(db, at(99)).await.expect("forgotten"), 0);

    assert!(leases::take(db, "sync", "one", at(10), at(0)).await.expect("taken"));
    assert!(!leases::take(db, "sync", "two", at(10), at(5)).await.expect("held by another"));
    assert!(leases::take(db, "sync", "one", at(20), at(5)).await.expect("prolonged"));
    assert!(leases::take(db, "sync", "two", at(40), at(30)).await.expect("it had run out"));
    leases::give_back(db, "sync", "two").await.expect("given back");
    assert!(leases::take(db, "sync", "one", at(50), at(31)).await.expect("free"));

    let id = RunId::new(at(0), house.system.entropy());
    let mut tx = db.begin().await.expect("begins");
    sync_runs::start(&mut tx, id, "schedule", at(0)).await.expect("started");
    tx.commit().await.expect("commits");
    sync_runs::progress(db, id, ("reading", 7, 90), at(3)).await.expect("progress");
    sync_runs::progress(db, id, ("reading", 8, 90), at(4)).await.expect("progress");
    let mut run = sync_runs::latest(db, 1).await.expect("reads").remove(0);
    assert_eq!((run.outcome.as_str(), run.progress, run.expected), ("running", 8, 90));
    assert_eq!((run.phase.as_str(), run.phase_since), ("reading", Some(at(3))));
    let mut tx = db.begin().await.expect("begins");
    assert_eq!(sync_runs::abandon(&mut tx, at(1)).await.expect("abandoned"), 1);
    "done".clone_into(&mut run.outcome);
    run.finished_at = Some(at(2));
    sync_runs::finish(&mut tx, &run).await.expect("finished");
    tx.commit().await.expect("commits");
    assert_eq!(sync_runs::latest(db, 5).await.expect("reads"), [run]);
}

fn role(
    house: &House<'_>,
    account: &Account,
    role: Role,
    agency: Option<AgencyId>,
    ends: Option<i64>,
) -> Grant {
    Grant {
        id: GrantId::new(at(0), house.system.entropy()),
        account_id: account.id(),
        role,
        agency_id: agency,
        granted_at: at(0),
        granted_by: "command_line".to_owned(),
        why: "QĐ 1".to_owned(),
        ends_at: ends.map(at),
    }
}

async fn roles_are_granted(house: &House<'_>) {
    let (db, an) = (house.db, &house.people[0]);
    let id = an.id();
    assert!(!administrators::holds_any(db, id, at(0)).await.expect("reads"));
    let city = role(house, an, Role::City, None, None);
    let former = role(house, an, Role::Agency, Some(house.agency), None);
    let helper = role(house, an, Role::HelpDesk, Some(house.agency), Some(50));
    let mut tx = db.begin().await.expect("begins");
    let mut replaced = Vec::new();
    for grant in [&city, &former, &helper] {
        replaced.extend(administrators::grant(&mut tx, grant).await.expect("granted"));
    }
    let of_the_city = administrators::of_the_city(&mut tx, at(0)).await.expect("reads");
    assert!(of_the_city.iter().any(|(holder, _)| *holder == id), "{of_the_city:?}");
    assert_eq!(administrators::open_of(&mut tx, id).await.expect("reads").len(), 2);
    tx.commit().await.expect("commits");
    assert_eq!(replaced, std::slice::from_ref(&former), "whoever grants is told what it replaces");
    let held = administrators::of_account(db, id, at(49)).await.expect("reads");
    let both = |grant: &Grant| *grant == city || *grant == helper;
    assert_eq!((held.len(), held.iter().all(both)), (2, true), "one for each reach, the latest: {held:?}");
    assert_eq!(administrators::of_account(db, id, at(50)).await.expect("reads"), std::slice::from_ref(&city));
    assert_eq!(administrators::over(db, at(50)).await.expect("reads"), std::slice::from_ref(&helper));
    assert_eq!(
        administrators::ending(db, at(40), at(60)).await.expect("reads"),
        std::slice::from_ref(&helper)
    );
    assert_eq!(administrators::by_id(db, former.id).await.expect("reads"), None, "it was replaced");
    let all = administrators::list(db, None, at(0)).await.expect("reads");
    assert_eq!(all.len(), 2);
    let of_branch = administrators::list(db, Some(house.agency), at(0)).await.expect("reads");
    assert_eq!(of_branch.len(), 1, "the city's role is not within a branch");
    assert_eq!(of_branch[0].agency.as_ref().map(|(code, _)| code.as_str()), Some("so-nv"));
    let mut tx = db.begin().await.expect("begins");
    assert!(administrators::end(&mut tx, city.id, Ended::Revoked, at(1)).await.expect("ended"));
    assert!(!administrators::end(&mut tx, city.id, Ended::Left, at(1)).await.expect("not twice"));
    assert!(administrators::end(&mut tx, helper.id, Ended::Expired, at(1)).await.expect("ended"));
    tx.commit().await.expect("commits");
}

async fn a_branch_is_an_agency_with_those_below(house: &House<'_>) {
    let db = house.db;
    let [middle, low, other] = [1, 2, 3].map(|_| AgencyId::new(at(0), house.system.entropy()));
    let mut tx = db.begin().await.expect("begins");
    for (id, code) in [(middle, "phong"), (low, "to"), (other, "khac")] {
        agencies::put(&mut tx, id, code, code).await.expect("put");
    }
    agencies::set_parent(&mut tx, middle, Some(house.agency)).await.expect("moved");
    agencies::set_parent(&mut tx, low, Some(middle)).await.expect("moved");
    tx.commit().await.expect("commits");
    let branch = Reach::Branch(agencies::branch(db, house.agency).await.expect("reads"));
    let covered = [house.agency, middle, low, other].map(|id| branch.covers(Some(id)));
    assert_eq!(covered, [true, true, true, false]);
    assert!(!branch.covers(None), "who is in no agency is the city's");
    assert_eq!(agencies::by_id(db, low).await.expect("reads").and_then(|a| a.parent_id), Some(middle));
}

async fn who_had_whose_way_to_sign_in_is_kept(house: &House<'_>) {
    let [one, other] = [house.people[0].id(), house.people[1].id()];
    let mut tx = house.db.begin().await.expect("begins");
    handed_over::renew(&mut tx, one, other, at(1)).await.expect("nothing to renew");
    handed_over::note(&mut tx, one, other, at(2)).await.expect("noted");
    handed_over::note(&mut tx, one, other, at(3)).await.expect("once");
    tx.commit().await.expect("commits");
    let since = async |moment| handed_over::since(house.db, one, moment).await.expect("reads");
    assert_eq!((since(at(2)).await, since(at(3)).await), (vec![other], Vec::new()));
    let mut tx = house.db.begin().await.expect("begins");
    handed_over::renew(&mut tx, one, other, at(4)).await.expect("renewed");
    tx.commit().await.expect("commits");
    assert_eq!(since(at(3)).await, [other]);
    assert!(handed_over::since(house.db, other, at(0)).await.expect("reads").is_empty());
    let mut tx = house.db.begin().await.expect("begins");
    handed_over::renew_all(&mut tx, one, at(6)).await.expect("renewed");
    handed_over::carry(&mut tx, one, other).await.expect("carried");
    handed_over::carry(&mut tx, one, other).await.expect("once");
    tx.commit().await.expect("commits");
    assert_eq!(since(at(5)).await, [other]);
    let of_other = async |moment| handed_over::since(house.db, other, moment).await.expect("reads");
    assert_eq!((of_other(at(5)).await, of_other(at(6)).await), (vec![other], Vec::new()));
}

async fn the_calendar_is_kept(house: &House<'_>) {
    let account = house.people[0].id();
    let day = |date, kind, confirmed| Listing {
        date,
        agency_id: None,
        day: ListedDay { kind, vi: "Nghỉ bù".to_owned(), en: "Day off".to_owned(), confirmed },
        notice_number: Some("9441/TB-BNV".to_owned()),
        notice_date: Some(date!(2025 - 10 - 16)),
        entered: Entered {
            by: "an@danang.example".to_owned(),
            account: confirmed.then_some(account),
            at: at(1),
            why: Some("Theo thông báo".to_owned()),
            replaces: confirmed,
        },
        confirmed_by: confirmed.then(|| ("binh@danang.example".to_owned(), at(2))),
        strike: None,
    };
    assert_eq!(calendar::version(house.db).await.expect("reads"), 0, "it was never filled");
    let first = day(date!(2026 - 08 - 31), DayKind::SwappedOff, false);
    let second = day(date!(2026 - 08 - 22), DayKind::MakeUp, true);
    let mut tx = house.db.begin().await.expect("begins");
    assert_eq!(calendar::count_up(&mut tx).await.expect("counted"), 1);
    assert!(calendar::add(&mut tx, &first).await.expect("added"));
    assert!(!calendar::add(&mut tx, &day(first.date, DayKind::Holiday, true)).await.expect("not twice"));
    calendar::put(&mut tx, &second).await.expect("listed");
    tx.commit().await.expect("commits");
    assert_eq!(calendar::every(house.db).await.expect("reads"), [second.clone(), first.clone()], "by date");
    let some = calendar::between(house.db, None, date!(2026 - 08 - 23), first.date).await.expect("reads");
    assert_eq!(some.as_slice(), std::slice::from_ref(&first));
    let (by, why) = ("chi@danang.example".to_owned(), "Nhầm ngày".to_owned());
    let strike = Strike { by, account: Some(account), at: at(3), why };
    let changed = Listing {
        notice_number: None,
        notice_date: None,
        strike: Some(strike),
        ..day(first.date, DayKind::InLieu, true)
    };
    let exception = Listing { agency_id: Some(house.agency), ..day(first.date, DayKind::Worked, false) };
    let mut tx = house.db.begin().await.expect("begins");
    assert_eq!(calendar::count_up(&mut tx).await.expect("counted"), 2);
    calendar::put(&mut tx, &changed).await.expect("changed");
    calendar::put(&mut tx, &exception).await.expect("an agency's day beside the city's");
    assert!(calendar::remove(&mut tx, None, second.date).await.expect("removed"));
    assert!(!calendar::remove(&mut tx, None, second.date).await.expect("not twice"));
    tx.commit().await.expect("commits");
    let every = calendar::every(house.db).await.expect("reads");
    assert_eq!(every, [changed, exception.clone()], "the city's first");
    let of_agency =
        calendar::between(house.db, Some(house.agency), first.date, first.date).await.expect("reads");
    assert_eq!(of_agency, [exception]);
    assert_eq!(calendar::version(house.db).await.expect("reads"), 2);
}

async fn write_letter(
    house: &House<'_>,
    owner: &Account,
    (key, occasion): (&str, Option<Occasion>),
    seconds: i64,
) -> Option<LetterId> {
    let id = LetterId::new(at(seconds), house.system.entropy());
    let to = owner.profile().address.clone();
    let letter = Letter::new(to, LetterKind::PasswordAge, "Mật khẩu hết hạn", "Kính gửi Ông/Bà");
    let key = letters::Key { text: key.to_owned(), term: occasion.map(|occasion| (occasion, at(0))) };
    let mut tx = house.db.begin().await.expect("begins");
    let written = letters::write(&mut tx, id, owner.id(), &key, &letter, at(seconds)).await.expect("written");
    tx.commit().await.expect("commits");
    written.then_some(id)
}

async fn letters_are_kept(house: &House<'_>) {
    let (db, an) = (house.db, &house.people[0]);
    let ten = Occasion::Left(10);
    let first = write_letter(house, an, ("an:10", Some(ten)), 0).await.expect("new");
    assert_eq!(write_letter(house, an, ("an:10", Some(ten)), 1).await, None, "never twice");
    assert!(letters::is_written(db, "an:10").await.expect("reads"));
    assert!(!letters::is_written(db, "an:5").await.expect("reads"));
    let kept = letters::by_id(db, first).await.expect("reads").expect("there");
    assert_eq!(
        (kept.letter.subject(), kept.stage, kept.term_start),
        ("Mật khẩu hết hạn", LetterStage::Waiting, Some(at(0)))
    );
    let written = letters::written_between(db, at(1_000), at(1_000)).await.expect("reads");
    assert_eq!(written, [(an.id(), Written { occasion: ten, on: at(0).local_date() })]);
    let due = letters::due(db, at(0), 9).await.expect("reads");
    assert_eq!(due, std::slice::from_ref(&kept));
    assert!(letters::take(db, &kept, at(60), at(0)).await.expect("taken"));
    assert!(!letters::take(db, &kept, at(60), at(1)).await.expect("not by two"));
    assert!(letters::due(db, at(59), 9).await.expect("reads").is_empty(), "somebody is at work on it");
    letters::later(db, first, at(100), "451 later").await.expect("recorded");
    assert!(letters::due(db, at(99), 9).await.expect("reads").is_empty());
    let again = letters::due(db, at(100), 9).await.expect("reads").remove(0);
    assert_eq!((again.attempts, again.error.as_deref()), (1, Some("451 later")));
    // A newer letter about the same term takes the place of one that waits.
    let second = write_letter(house, an, ("an:5", Some(Occasion::Left(5))), 200).await.expect("new");
    assert!(!letters::take(db, &again, at(300), at(200)).await.expect("withdrawn"));
    let mut tx = db.begin().await.expect("begins");
    letters::sent(&mut tx, second, at(201)).await.expect("recorded");
    tx.commit().await.expect("commits");
    assert_eq!(letters::sent_since(db, at(200)).await.expect("reads"), 1);
    assert_eq!(letters::sent_since(db, at(201)).await.expect("reads"), 0);
    let third = write_letter(house, an, ("an:1", Some(Occasion::Left(1))), 300).await.expect("new");
    let mut tx = db.begin().await.expect("begins");
    assert_eq!(letters::withdraw(&mut tx, an.id()).await.expect("withdrawn"), 1, "what was sent is sent");
    tx.commit().await.expect("commits");
    let chi = &house.people[2];
    let other = write_letter(house, chi, ("trial", None), 400).await.expect("new");
    letters::withdraw_one(db, third).await.expect("it is withdrawn already");
    letters::failed(db, other, "550 no such user").await.expect("recorded");
    letters_are_shown(house, (first, second), other).await;
}

async fn letters_are_shown(house: &House<'_>, (first, second): (LetterId, LetterId), other: LetterId) {
    let (db, an, chi) = (house.db, &house.people[0], &house.people[2]);
    let mine = async |before| -> Vec<LetterId> {
        let found = letters::of_account(db, an.id(), before, 9).await.expect("reads");
        found.into_iter().map(|letter| letter.id).collect()
    };
    assert_eq!(mine(None).await, [second, first], "one that was never tried has reached nobody");
    assert_eq!(mine(Some(second)).await, [first]);
    let failures = letters::failures(db, None, None, 9).await.expect("reads");
    assert_eq!(
        failures.iter().map(|f| (f.id, f.account_id, f.why.as_str())).collect::<Vec<_>>(),
        [(other, chi.id(), "550 no such user")]
    );
    let reach = Some(house.agency);
    assert!(letters::failures(db, reach, None, 9).await.expect("reads").is_empty(), "out of reach");
    let mut counts = letters::counts(db, reach).await.expect("reads");
    counts.sort_by_key(|(stage, _)| stage.code());
    assert_eq!(counts, [(LetterStage::Sent, 1), (LetterStage::Withdrawn, 2)]);
    let mut all = letters::counts(db, None).await.expect("reads");
    all.sort_by_key(|(stage, _)| stage.code());
    assert_eq!(all, [(LetterStage::Failed, 1), (LetterStage::Sent, 1), (LetterStage::Withdrawn, 2)]);
    assert_eq!(letters::forget(db, at(200)).await.expect("forgotten"), 1, "the first is old");
    let span = (at(0), at(2_000));
    let first = accounts::ending(db, span, reach, &Place::start(), 1).await.expect("reads");
    assert_eq!((first[0].account.id(), first[0].place.moment()), (house.people[1].id(), at(500)));
    let rest = accounts::ending(db, span, reach, &first[0].place, 9).await.expect("reads");
    assert_eq!(rest.iter().map(|found| found.account.id()).collect::<Vec<_>>(), [an.id()]);
    let mut tx = db.begin().await.expect("begins");
    let held = role(house, an, Role::Agency, Some(house.agency), None);
    administrators::grant(&mut tx, &held).await.expect("granted");
    tx.commit().await.expect("commits");
    assert_eq!(administrators::holders(db, at(0)).await.expect("reads"), [held]);
}

async fn a_second_account_with_the_same_address_is_a_conflict(house: &House<'_>) {
    let state = State::Active { password_set_at: at(0) };
    let twin = person("an", "Ai đó", state, None, house.system.entropy());
    let mut tx = house.db.begin().await.expect("begins");
    let result = accounts::insert(&mut tx, &twin, Terms::default(), at(0)).await;
    assert!(matches!(result, Err(StorageError::Conflict { .. })), "{result:?}");
}
