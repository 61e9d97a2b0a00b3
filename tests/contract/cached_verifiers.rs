//! The last known passwords, on both databases.

use danang_sso::domain::id::AccountId;
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::cached_verifiers::{self as kept, Kept};
use danang_sso::storage::{Db, accounts};

const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

/// `owner` is an active account.
pub async fn are_kept_while_nothing_changes(db: &Db, owner: AccountId) {
    let key = MailboxKey { system: MailSystem::Obm, native_id: "7c6d".to_owned(), login: "an".to_owned() };
    let account = accounts::by_id(db, owner).await.expect("reads").expect("is there");
    let mut tx = db.begin().await.expect("begins");
    assert!(kept::keep(&mut tx, &account, &key, b"first", at(10)).await.expect("kept"));
    assert!(kept::keep(&mut tx, &account, &key, b"second", at(20)).await.expect("a newer one"));
    assert!(
        !kept::keep(&mut tx, &account, &key, b"late", at(15)).await.expect("an older one comes too late")
    );
    tx.commit().await.expect("commits");
    let row = kept::of_account(db, owner).await.expect("reads");
    let (system, native_id, verifier) = (MailSystem::Obm, "7c6d".to_owned(), b"second".to_vec());
    assert_eq!(row, Some(Kept { system, native_id, verifier, proven_at: at(20) }));
    let mut tx = db.begin().await.expect("begins");
    assert!(kept::hold(&mut tx, owner, at(20)).await.expect("asked"));
    assert!(!kept::hold(&mut tx, owner, at(10)).await.expect("asked"), "that one was replaced");
    // a change of the account that comes first
    accounts::save(&mut tx, &account, account.traces().written).await.expect("saved");
    assert!(!kept::keep(&mut tx, &account, &key, b"stale", at(30)).await.expect("refused"));
    kept::forget(&mut tx, owner).await.expect("forgotten");
    assert!(!kept::hold(&mut tx, owner, at(20)).await.expect("asked"), "nothing is kept any more");
    tx.commit().await.expect("commits");
    assert_eq!(kept::of_account(db, owner).await.expect("reads"), None);
    let account = accounts::by_id(db, owner).await.expect("reads").expect("is there");
    for forgets_by_address in [true, false] {
        let mut tx = db.begin().await.expect("begins");
        assert!(kept::keep(&mut tx, &account, &key, b"third", at(40)).await.expect("kept"));
        if forgets_by_address {
            kept::forget_by_address(&mut tx, "nobody@danang.example").await.expect("nothing");
            assert!(kept::hold(&mut tx, owner, at(40)).await.expect("asked"));
            let address = account.profile().address.as_str();
            kept::forget_by_address(&mut tx, address).await.expect("forgotten");
        }
        tx.commit().await.expect("commits");
        assert_eq!(kept::forget_old(db, at(40)).await.expect("none is older"), 0);
        assert_eq!(kept::forget_old(db, at(41)).await.expect("asked"), u64::from(!forgets_by_address));
    }
}
