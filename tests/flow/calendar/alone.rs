//! The calendar and a single person: nobody is a second one by another name.

use super::{CONFIRM, DAY_OFF, MARCH_4, change, city, listed, preview, signed_in};
use danang_sso::domain::address::MailAddress;

#[tokio::test]
async fn whoever_has_another_address_by_now_still_does_not_confirm_or_strike_what_they_asked_for() {
    let house = city().await;
    let (mut first, mut second) = (signed_in(&house, "quantri").await, signed_in(&house, "quantrihai").await);
    change(&mut first, DAY_OFF, "1").await;
    let renamed = MailAddress::parse("quantri.moi@danang.example").expect("an address");
    house.ad.edit("quantri", |seen| seen.address = renamed.clone());
    house.sync().await;
    let mut first = signed_in(&house, "quantri.moi").await;
    let own = preview(&mut first, CONFIRM).await;
    assert_eq!(own.status, 422);
    own.shows("người khác phải xác nhận");
    change(&mut second, CONFIRM, "1").await;

    let day = ("date", "2026-03-04");
    change(&mut first, &[("what", "ask-strike"), day, ("why", "Thông báo đã thu hồi")], "1").await;
    let back = MailAddress::parse("quantri@danang.example").expect("an address");
    house.ad.edit("quantri", |seen| seen.address = back.clone());
    house.sync().await;
    let mut first = signed_in(&house, "quantri").await;
    first.get("/calendar?year=2026").await.hides("value=\"strike\"");
    let own = preview(&mut first, &[("what", "strike"), day]).await;
    assert_eq!(own.status, 422);
    own.shows("người khác phải thực hiện");
    change(&mut second, &[("what", "strike"), day], "1").await;
    assert!(house.app.calendars().city().is_working(MARCH_4));
}

#[tokio::test]
async fn an_own_day_is_taken_back_under_another_address_too() {
    let house = city().await;
    let mut first = signed_in(&house, "quantri").await;
    change(&mut first, DAY_OFF, "1").await;
    let renamed = MailAddress::parse("quantri.moi@danang.example").expect("an address");
    house.ad.edit("quantri", |seen| seen.address = renamed.clone());
    house.sync().await;
    let mut first = signed_in(&house, "quantri.moi").await;
    change(&mut first, &[("what", "withdraw"), ("date", "2026-03-04")], "1").await;
    assert_eq!(listed(&house, MARCH_4).await, None);
}
