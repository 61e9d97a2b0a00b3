//! Second factors, on both databases.

use danang_sso::domain::id::{AccountCertificateId, AccountId, PasskeyId, TrustId};
use danang_sso::domain::proof::PasswordProof;
use danang_sso::domain::session::Door;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::account_certificates::{self, Bound};
use danang_sso::storage::half_sign_ins::{self, HalfSignIn, Purpose};
use danang_sso::storage::passkeys::{self, Passkey};
use danang_sso::storage::trusted_devices::{self, TrustedDevice};
use danang_sso::storage::{Db, recovery_codes, totp};
use danang_sso::system::System;

const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

/// Apps, recovery codes, half sign-ins, trusted browsers, passkeys, certificates.
pub async fn are_kept_and_used_once(db: &Db, system: &System, owner: AccountId) {
    apps(db, owner).await;
    codes(db, owner).await;
    halves(db, owner).await;
    trust(db, system, owner).await;
    keys(db, system, owner).await;
    certificates(db, system, owner).await;
}

async fn apps(db: &Db, owner: AccountId) {
    totp::begin(db, owner, b"first", 5, (at(100), at(40))).await.expect("begun");
    totp::begin(db, owner, b"again", 5, (at(110), at(50))).await.expect("still the first");
    let kept = totp::of(db, owner).await.expect("reads").expect("is there");
    assert_eq!((kept.sealed.as_slice(), kept.confirmed_at), (&b"first"[..], None));
    totp::begin(db, owner, b"second", 5, (at(200), at(140))).await.expect("the first is too old");
    let mut tx = db.begin().await.expect("begins");
    assert!(!totp::take(&mut tx, owner, 7).await.expect("asked"), "nobody has confirmed it");
    assert!(!totp::confirm(&mut tx, owner, 7, at(100), at(210)).await.expect("asked"), "another secret");
    assert!(totp::confirm(&mut tx, owner, 7, at(200), at(210)).await.expect("asked"));
    assert!(!totp::confirm(&mut tx, owner, 8, at(200), at(211)).await.expect("asked"), "once");
    for (step, good) in [(7, false), (6, false), (8, true), (8, false), (9, true)] {
        assert_eq!(totp::take(&mut tx, owner, step).await.expect("asked"), good, "{step}");
    }
    tx.commit().await.expect("commits");
    totp::begin(db, owner, b"third", 5, (at(900), at(840))).await.expect("nothing");
    assert_eq!(totp::of(db, owner).await.expect("reads").expect("is there").sealed, b"second");
    let mut tx = db.begin().await.expect("begins");
    assert!(totp::remove(&mut tx, owner).await.expect("removed"));
    assert!(!totp::remove(&mut tx, owner).await.expect("nothing left"));
    tx.commit().await.expect("commits");
}

async fn codes(db: &Db, owner: AccountId) {
    let mut tx = db.begin().await.expect("begins");
    let digests = ["a".to_owned(), "b".to_owned()];
    recovery_codes::replace(&mut tx, owner, &digests, at(1)).await.expect("kept");
    recovery_codes::replace(&mut tx, owner, &digests, at(2)).await.expect("in their place");
    assert!(recovery_codes::take(&mut tx, owner, "a", at(3)).await.expect("asked"));
    assert!(!recovery_codes::take(&mut tx, owner, "a", at(3)).await.expect("asked"), "once");
    assert!(!recovery_codes::take(&mut tx, owner, "c", at(3)).await.expect("asked"));
    tx.commit().await.expect("commits");
    assert_eq!(recovery_codes::left(db, owner).await.expect("counted"), 1);
    let mut tx = db.begin().await.expect("begins");
    assert!(recovery_codes::remove(&mut tx, owner).await.expect("removed"));
    tx.commit().await.expect("commits");
}

async fn halves(db: &Db, owner: AccountId) {
    let half = HalfSignIn {
        account_id: owner,
        door: Door::Admin,
        purpose: Purpose::Unlock,
        mark: Some("abcd".to_owned()),
        password: PasswordProof::Cached,
        cached_at: Some(at(1)),
        must_change: true,
        source: "192.0.2.1".to_owned(),
        user_agent: "Trình duyệt".to_owned(),
        began_at: at(10),
        expires_at: at(20),
    };
    let mut tx = db.begin().await.expect("begins");
    for id in ["x", "y"] {
        half_sign_ins::add(&mut tx, id, &half).await.expect("kept");
    }
    tx.commit().await.expect("commits");
    assert_eq!(half_sign_ins::find(db, "x", at(19)).await.expect("reads"), Some(half));
    assert_eq!(half_sign_ins::find(db, "x", at(20)).await.expect("reads"), None, "it has expired");
    let mut tx = db.begin().await.expect("begins");
    assert!(!half_sign_ins::take(&mut tx, "x", at(20)).await.expect("asked"));
    assert!(half_sign_ins::take(&mut tx, "x", at(19)).await.expect("asked"));
    assert!(!half_sign_ins::take(&mut tx, "x", at(19)).await.expect("asked"), "once");
    tx.commit().await.expect("commits");
    assert_eq!(half_sign_ins::forget(db, at(20)).await.expect("none is older"), 0);
    assert_eq!(half_sign_ins::forget(db, at(21)).await.expect("forgotten"), 1);
    let mut tx = db.begin().await.expect("begins");
    half_sign_ins::end_all(&mut tx, owner).await.expect("ended");
    tx.commit().await.expect("commits");
}

async fn trust(db: &Db, system: &System, owner: AccountId) {
    let device = TrustedDevice {
        id: TrustId::new(at(1), system.entropy()),
        user_agent: "Trình duyệt".to_owned(),
        source: "192.0.2.1".to_owned(),
        made_at: at(1),
        last_used_at: at(1),
        expires_at: at(30),
    };
    let mut tx = db.begin().await.expect("begins");
    trusted_devices::add(&mut tx, owner, "digest", &device).await.expect("kept");
    assert!(trusted_devices::takes(&mut tx, owner, "digest", at(5)).await.expect("asked"));
    assert!(
        !trusted_devices::takes(&mut tx, owner, "digest", at(30)).await.expect("asked"),
        "its time is over"
    );
    assert!(!trusted_devices::takes(&mut tx, owner, "other", at(5)).await.expect("asked"));
    tx.commit().await.expect("commits");
    let all = trusted_devices::of(db, owner, at(6)).await.expect("reads");
    assert_eq!(all, [TrustedDevice { last_used_at: at(5), ..device.clone() }]);
    assert_eq!(trusted_devices::forget(db, at(30)).await.expect("none is older"), 0);
    let mut tx = db.begin().await.expect("begins");
    let somebody = AccountId::new(at(1), system.entropy());
    trusted_devices::end_held(&mut tx, "digest", Some(somebody)).await.expect("asked");
    trusted_devices::end_held(&mut tx, "other", None).await.expect("asked");
    assert!(trusted_devices::takes(&mut tx, owner, "digest", at(5)).await.expect("asked"), "another's");
    for of in [Some(owner), None] {
        trusted_devices::end_held(&mut tx, "digest", of).await.expect("ended");
        assert!(!trusted_devices::takes(&mut tx, owner, "digest", at(5)).await.expect("asked"));
        trusted_devices::add(&mut tx, owner, "digest", &device).await.expect("kept");
    }
    assert!(trusted_devices::end(&mut tx, owner, device.id).await.expect("ended"));
    assert!(!trusted_devices::end(&mut tx, owner, device.id).await.expect("nothing left"));
    trusted_devices::end_all(&mut tx, owner).await.expect("ended");
    tx.commit().await.expect("commits");
}

async fn keys(db: &Db, system: &System, owner: AccountId) {
    let key = Passkey {
        id: PasskeyId::new(at(1), system.entropy()),
        account_id: owner,
        credential: "Y3JlZA".to_owned(),
        public_key: vec![1, 2, 3],
        counter: 4,
        can_be_copied: true,
        name: "Điện thoại".to_owned(),
        made_at: at(1),
        last_used_at: None,
    };
    let mut tx = db.begin().await.expect("begins");
    assert!(passkeys::add(&mut tx, &key).await.expect("kept"));
    assert!(!passkeys::add(&mut tx, &key).await.expect("asked"), "a credential is known once");
    assert!(passkeys::answer(&mut tx, "challenge", at(9)).await.expect("answered"));
    assert!(!passkeys::answer(&mut tx, "challenge", at(9)).await.expect("asked"), "once");
    tx.commit().await.expect("commits");
    assert_eq!(passkeys::of(db, owner).await.expect("reads"), std::slice::from_ref(&key));
    assert_eq!(passkeys::count(db, owner).await.expect("counted"), 1);
    let mut tx = db.begin().await.expect("begins");
    assert!(passkeys::used(&mut tx, &key, u32::MAX, at(5)).await.expect("used"));
    assert!(!passkeys::used(&mut tx, &key, 6, at(6)).await.expect("asked"), "somebody was faster");
    tx.commit().await.expect("commits");
    let used = passkeys::by_credential(db, "Y3JlZA").await.expect("reads").expect("is there");
    assert_eq!((used.counter, used.last_used_at), (u32::MAX, Some(at(5))));
    assert_eq!(passkeys::forget(db, at(9)).await.expect("none is older"), 0);
    assert_eq!(passkeys::forget(db, at(10)).await.expect("forgotten"), 1);
    let mut tx = db.begin().await.expect("begins");
    assert!(passkeys::remove(&mut tx, owner, key.id).await.expect("removed"));
    assert_eq!(passkeys::remove_all(&mut tx, owner).await.expect("nothing left"), 0);
    tx.commit().await.expect("commits");
}

async fn certificates(db: &Db, system: &System, owner: AccountId) {
    let one = Bound {
        id: AccountCertificateId::new(at(1), system.entropy()),
        thumbprint: "dGh1bWI".to_owned(),
        subject: "CN=An".to_owned(),
        issuer: "CN=CA".to_owned(),
        not_after: at(100),
        bound_at: at(1),
        last_used_at: None,
    };
    let mut tx = db.begin().await.expect("begins");
    assert!(account_certificates::add(&mut tx, owner, &one).await.expect("bound"));
    assert!(!account_certificates::add(&mut tx, owner, &one).await.expect("asked"), "bound to one account");
    tx.commit().await.expect("commits");
    let ending = async |span: (i64, i64), days: i64| {
        let span = (at(span.0), at(span.1));
        let found = account_certificates::ending(db, span, days).await.expect("reads");
        assert!(found.iter().all(|(account, bound)| *account == owner && *bound == one));
        found.len()
    };
    assert_eq!([ending((10, 99), 30).await, ending((100, 200), 30).await], [0, 0], "too early, over");
    assert_eq!(ending((99, 100), 30).await, 1);
    for (days, is_news) in [(30, true), (30, false), (7, true), (30, false)] {
        let mut tx = db.begin().await.expect("begins");
        let told = account_certificates::told(&mut tx, one.id, days).await.expect("asked");
        assert_eq!(told, is_news, "{days}");
        tx.commit().await.expect("commits");
        assert_eq!(ending((10, 100), days).await, 0, "{days}");
    }
    assert_eq!(ending((10, 100), 1).await, 1, "not so near the end");
    let mut tx = db.begin().await.expect("begins");
    assert_eq!(account_certificates::remove_all(&mut tx, owner).await.expect("removed"), 1);
    tx.commit().await.expect("commits");
}
