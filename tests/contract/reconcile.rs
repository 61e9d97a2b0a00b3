//! What the storage of decisions about the directories must do, on SQLite and on PostgreSQL.

use danang_sso::domain::id::{AccountId, DecisionId, MappingId};
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::sync::{Attribute, Authority, Decision, Mapping, Order, Verdict};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::rulings::{self, AuthorityVersion, Basis};
use danang_sso::storage::{Db, StorageError, agencies, agency_mappings, match_decisions};
use danang_sso::system::System;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

/// Everything about them.
pub(super) async fn decisions_are_kept(db: &Db, system: &System) {
    the_table_has_versions(db).await;
    each_decision_is_kept_and_taken_back_once(db, system).await;
    what_texts_mean_is_kept(db, system).await;
}

async fn what_texts_mean_is_kept(db: &Db, system: &System) {
    let agency = agencies::every(db).await.expect("reads").first().map(|agency| agency.id);
    let mapping = |seconds, agency| Mapping {
        id: MappingId::new(at(seconds), system.entropy()),
        key: (MailSystem::Obm, "so noi vu".to_owned()),
        agency,
        at: at(seconds),
        by: "lan".to_owned(),
        why: "công văn 9".to_owned(),
    };
    let made = [mapping(0, agency), mapping(1, None)];
    let mut tx = db.begin().await.expect("begins");
    for one in &made {
        agency_mappings::add(&mut tx, one).await.expect("added");
    }
    tx.commit().await.expect("commits");
    assert_eq!(agency_mappings::every(db).await.expect("reads"), made);
}

async fn the_table_has_versions(db: &Db) {
    assert_eq!(rulings::basis(db).await.expect("reads"), Basis { version: 0, applied: 0 });
    assert_eq!(rulings::authorities(db, 9).await.expect("reads"), []);
    let table = Authority::default().with(Attribute::Name, Order::ObmFirst).expect("an order of a name");
    let version = |version, table| AuthorityVersion {
        version,
        table,
        changed_at: at(version),
        changed_by: "lan".to_owned(),
        why: "công văn 7".to_owned(),
    };
    let (one, two) = (version(1, table), version(2, Authority::default()));
    let mut tx = db.begin().await.expect("begins");
    assert!(rulings::add_authority(&mut tx, &one).await.expect("added"));
    assert!(!rulings::add_authority(&mut tx, &one).await.expect("runs"), "its number is taken");
    assert!(rulings::add_authority(&mut tx, &two).await.expect("added"));
    rulings::changed(&mut tx).await.expect("noted");
    tx.commit().await.expect("commits");
    assert_eq!(rulings::authorities(db, 9).await.expect("reads"), [two.clone(), one]);
    assert_eq!(rulings::authorities(db, 1).await.expect("reads"), [two]);
    assert!(rulings::basis(db).await.expect("reads").is_new());
    rulings::obeyed(db, 1).await.expect("noted");
    rulings::obeyed(db, 0).await.expect("nothing older counts");
    assert_eq!(rulings::basis(db).await.expect("reads"), Basis { version: 1, applied: 1 });
}

async fn each_decision_is_kept_and_taken_back_once(db: &Db, system: &System) {
    let made = Decision {
        id: DecisionId::new(at(0), system.entropy()),
        verdict: Verdict::OnePerson,
        finding: "0f".to_owned(),
        subject: "an → an.nguyen".to_owned(),
        mailbox: Some((MailSystem::Obm, "uuid".to_owned())),
        account: Some(AccountId::new(at(0), system.entropy())),
        former: None,
        undoes: None,
        at: at(0),
        by: "lan".to_owned(),
        why: "đã hỏi".to_owned(),
    };
    let known = Decision {
        id: DecisionId::new(at(1), system.entropy()),
        verdict: Verdict::Known,
        mailbox: None,
        account: None,
        ..made.clone()
    };
    let undo = |seconds| Decision {
        id: DecisionId::new(at(seconds), system.entropy()),
        verdict: Verdict::Undo,
        undoes: Some(made.id),
        former: made.account,
        ..made.clone()
    };
    let (undone, again) = (undo(2), undo(3));
    for one in [&made, &known, &undone] {
        let mut tx = db.begin().await.expect("begins");
        match_decisions::add(&mut tx, one).await.expect("added");
        tx.commit().await.expect("commits");
    }
    let mut tx = db.begin().await.expect("begins");
    let twice = match_decisions::add(&mut tx, &again).await;
    assert!(matches!(twice, Err(StorageError::Conflict { .. })), "{twice:?}");
    drop(tx);
    assert_eq!(match_decisions::every(db).await.expect("reads"), [made, known, undone]);
}
