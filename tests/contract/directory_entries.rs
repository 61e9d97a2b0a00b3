//! What the storage of the directories' entries must do, on SQLite and on PostgreSQL.

use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::sync::{PassedOver, Seen, SeenAgency, SeenMailbox};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::domain::watch::{Cap, Forward, ForwardSource, Watched};
use danang_sso::storage::Db;
use danang_sso::storage::directory_entries::{self as entries, KeptEntry, Position};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn mailbox(local: &str) -> Seen {
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    Seen::Mailbox(Box::new(SeenMailbox {
        key: MailboxKey {
            system: MailSystem::Obm,
            native_id: format!("id-{local}"),
            login: format!("{local}.login"),
        },
        address: address(local),
        aliases: vec![address(&format!("{local}1")), address(&format!("{local}2"))],
        display_name: "Đỗ Thị \"Bình\"".to_owned(),
        title: Some("Văn thư".to_owned()),
        staff_number: None,
        agency: Some(SeenAgency { code: None, name: "Sở Y tế".to_owned() }),
        enabled: true,
        must_change: false,
        password_set_at: Some(at(-5)),
        created_at: None,
        last_used_at: Some(at(-1)),
        watched: Watched {
            forwards: Forward::new("smtp:a@b.example", true, ForwardSource::Holder).into_iter().collect(),
            quota: Some(Cap::Unlimited),
            message: Some(Cap::Kib(20_480)),
        },
    }))
}

fn left_out() -> Seen {
    Seen::PassedOver(PassedOver { entry: "uid=x".to_owned(), why: "no mail".to_owned() })
}

async fn put(db: &Db, all: &[(&str, Seen, bool)], moment: i64) {
    let mut written = Vec::new();
    for (id, what, settled) in all {
        written.push(((*id).to_owned(), entries::written(what).expect("it is something"), *settled));
    }
    let mut tx = db.begin().await.expect("begins");
    entries::put(&mut tx, MailSystem::Obm, &written, at(moment)).await.expect("put");
    tx.commit().await.expect("commits");
}

/// Everything about them; leaves none.
pub(super) async fn are_kept(db: &Db) {
    assert_eq!(entries::written(&Seen::Nothing), None);
    put(db, &[("id-an", mailbox("an"), true), ("id-x", left_out(), false)], 0).await;
    let kept = |id: &str, what, settled, since| {
        Some(KeptEntry { id: id.to_owned(), what, settled, since: at(since) })
    };
    let of = async |id: &str| entries::by_id(db, MailSystem::Obm, id).await.expect("reads");
    assert_eq!(of("id-an").await, kept("id-an", mailbox("an"), true, 0));
    assert_eq!(of("id-x").await, kept("id-x", left_out(), false, 0));
    assert_eq!(entries::by_id(db, MailSystem::Ad, "id-an").await.expect("reads"), None);
    let digest = entries::written(&mailbox("an")).expect("written").digest;
    assert_eq!(entries::digest_of(db, MailSystem::Obm, "id-an").await.expect("reads"), Some(digest));
    assert_eq!(entries::digest_of(db, MailSystem::Ad, "id-an").await.expect("reads"), None);
    let digests = entries::digests(db, MailSystem::Obm).await.expect("reads");
    assert!(digests.len() == 2 && digests.contains(&("id-an".to_owned(), digest)));

    // what did not change is as it was since before; what changed, since now
    put(db, &[("id-an", mailbox("anh"), true), ("id-x", left_out(), true)], 9).await;
    assert_eq!(of("id-an").await.expect("there").since, at(9));
    assert_eq!(of("id-x").await, kept("id-x", left_out(), true, 0));
    assert!(entries::unsettled(db, MailSystem::Obm).await.expect("reads").is_empty());
    assert_eq!(entries::set_aside(db, MailSystem::Obm).await.expect("reads").len(), 1);
    assert!(entries::is_mailbox(db, MailSystem::Obm, "id-an").await.expect("reads"));
    assert!(!entries::is_mailbox(db, MailSystem::Obm, "id-x").await.expect("reads"));

    let many: Vec<_> = (0..250).map(|n| format!("many{n:03}")).collect();
    let rows: Vec<_> = many.iter().map(|id| (id.as_str(), mailbox(id), true)).collect();
    put(db, &rows, 10).await;
    let every = entries::every(db, MailSystem::Obm).await.expect("reads");
    assert_eq!((every.len(), &every[251].id), (252, &"many249".to_owned()));
    let mut tx = db.begin().await.expect("begins");
    for kept in every {
        entries::delete(&mut tx, MailSystem::Obm, &kept.id).await.expect("deleted");
    }
    tx.commit().await.expect("commits");
    assert!(entries::digests(db, MailSystem::Obm).await.expect("reads").is_empty());
    positions_are_kept(db).await;
}

async fn positions_are_kept(db: &Db) {
    assert_eq!(entries::position(db, MailSystem::Obm).await.expect("reads"), None);
    for text in [Some("rid=000,csn=1"), None] {
        let position =
            Position { position: text.map(str::to_owned), whole_at: at(1), read_at: at(2), mailboxes: 7 };
        let mut tx = db.begin().await.expect("begins");
        entries::set_position(&mut tx, MailSystem::Obm, &position).await.expect("set");
        tx.commit().await.expect("commits");
        assert_eq!(entries::position(db, MailSystem::Obm).await.expect("reads"), Some(position));
    }
}
