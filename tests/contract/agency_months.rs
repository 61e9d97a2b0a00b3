//! The figures of a month are kept on both databases, the later ones in place of the earlier.

use danang_sso::domain::compliance::Figures;
use danang_sso::domain::id::AgencyId;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::storage::Db;
use danang_sso::storage::agency_months::{self as months, Kept};
use time::macros::datetime;

pub async fn are_kept(db: &Db, agency: AgencyId) {
    let kept = |hour: i64, accounts: i64, place| Kept {
        taken_at: Timestamp::from_datetime(datetime!(2026-10-31 08:00 +7)).plus(time::Duration::hours(hour)),
        own: Figures { accounts, fresh: 3, unlock_seconds: 7_200, ..Figures::default() },
        branch: Figures { accounts: accounts + 5, conflicts: 2, ..Figures::default() },
        place,
    };
    assert!(!months::has(db, "2026-10").await.expect("reads"));
    for one in [kept(0, 4, Some((2, 17))), kept(1, 6, None)] {
        let mut tx = db.begin().await.expect("begins");
        months::put(&mut tx, "2026-10", &[(agency, one)]).await.expect("kept");
        tx.commit().await.expect("commits");
        assert_eq!(months::find(db, "2026-10", agency).await.expect("reads"), Some(one));
    }
    assert!(months::has(db, "2026-10").await.expect("reads"));
    assert_eq!(months::find(db, "2026-11", agency).await.expect("reads"), None);
    let long_ago = Timestamp::from_datetime(datetime!(1901-01-01 00:00 +7));
    assert!(!months::had_accounts(db, long_ago).await.expect("reads"));
    let far_ahead = Timestamp::from_datetime(datetime!(2999-01-01 00:00 +7));
    assert!(months::had_accounts(db, far_ahead).await.expect("reads"));
}
