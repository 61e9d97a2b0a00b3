//! An agency comes below another one on a day, with everything below it.

use super::{
    LT, NV, TC, address, administrator, agencies, codes, confirm, draw, house, id, merge, of, place, undo,
    work,
};
use crate::house::{Answer, Broken, Browser, House};
use axum::http::StatusCode;
use danang_sso::services::{admins, reorganisation, roles};
use danang_sso::storage::Db;
use time::macros::datetime;

/// Draws up that an agency comes below another one, or to the top of the tree.
async fn draw_move(
    house: &House,
    browser: &mut Browser,
    (code, under): (&str, Option<&str>),
    more: &[(&str, &str)],
) -> Answer {
    let agency = id(house, code).await;
    let under = match under {
        Some(code) => id(house, code).await,
        None => String::new(),
    };
    let mut fields = vec![("agency", agency.as_str()), ("under", under.as_str())];
    fields.extend_from_slice(more);
    draw(browser, "move", &fields).await
}

/// The house, with an administrator of so-tc.
async fn with_tc(more: &str) -> House {
    let house = house(more).await;
    admins::grant(&house.app, &address("dung"), Some(TC.0)).await.expect("granted");
    house
}

/// The code of the agency above one.
async fn parent(house: &House, code: &str) -> Option<String> {
    let all = agencies(house).await;
    let parent = all.iter().find(|one| one.code == code).expect("it is there").parent_id?;
    all.iter().find(|one| one.id == parent).map(|one| one.code.clone())
}

/// Moves it by the command line.
async fn move_at_once(house: &House, code: &str, under: Option<&str>) {
    roles::move_agency(&house.app, roles::By::CommandLine, code, under).await.expect("moved");
}

/// What becomes of somebody's role, as the page tells it.
pub(super) fn fate<'a>(look: &'a Answer, who: &str) -> &'a str {
    let (_, rest) = look.body.split_once("id=\"roles\"").expect("a list of roles");
    let (_, rest) = rest.split_once(&format!("({who}@danang.example)")).expect("a role of theirs");
    let (_, badge) = rest.split_once("<span class=\"badge").expect("a badge");
    let (_, word) = badge.split_once('>').expect("a word");
    word.split('<').next().unwrap_or_default()
}

#[tokio::test]
async fn an_agency_is_moved_on_its_day_and_not_before_and_nobody_changes_their_agency() {
    let house = with_tc("").await;
    let subject = house.account("an").await.subject().to_owned();
    let mut admin = administrator(&house, "quantri").await;
    let drawn = draw_move(&house, &mut admin, (NV.0, Some(TC.0)), &[("day", "2026-03-10")]).await;
    let at = place(&drawn);
    let look = admin.get(&at).await;
    look.shows("Nhánh này có 5 tài khoản").shows("Sở Nội vụ: 4").shows("Trung tâm Lưu trữ: 1");
    look.shows("Không trực thuộc cơ quan nào").shows("Trực thuộc Sở Tài chính");
    look.shows("Trung tâm Lưu trữ: chuyển theo").shows("mã định danh (sub) của từng người");
    assert_eq!(fate(&look, "dung"), "Thêm quyền trên 5 tài khoản");
    assert_eq!(fate(&look, "quantrinv"), "Giữ nguyên");
    let wrong = confirm(&mut admin, &at, "4").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    confirm(&mut admin, &at, "5").await.leads_to(&at);
    work(&house).await;
    admin.get(&at).await.shows("Chờ đến ngày");
    house.set_time(datetime!(2026-03-09 23:59 +7));
    work(&house).await;
    assert_eq!(parent(&house, NV.0).await, None);
    administrator(&house, "dung").await.get("/accounts").await.hides("an@danang.example");
    house.set_time(datetime!(2026-03-10 00:01 +7));
    work(&house).await;
    let above = (parent(&house, NV.0).await, parent(&house, LT.0).await);
    assert_eq!(above, (Some(TC.0.to_owned()), Some(NV.0.to_owned())));
    let mut of_tc = administrator(&house, "dung").await;
    of_tc.get("/accounts").await.shows("an@danang.example").shows("em@danang.example");
    for _ in 0..2 {
        assert_eq!((of(&house, "an").await.as_str(), of(&house, "em").await.as_str()), (NV.0, LT.0));
        assert_eq!(codes(&house).await, ["so-khcn", NV.0, TC.0, LT.0]);
        house.sync().await;
    }
    assert_eq!(parent(&house, NV.0).await.as_deref(), Some(TC.0), "a synchronisation leaves it there");
    assert_eq!(house.account("an").await.subject(), subject);
    let mut admin = administrator(&house, "quantri").await;
    admin.get(&at).await.shows("Đã xong: cơ quan và các đơn vị trực thuộc đã chuyển.");
}

#[tokio::test]
async fn whoever_loses_reach_is_named_and_has_it_again_when_the_move_is_taken_back() {
    let house = with_tc("").await;
    admins::grant(&house.app, &address("em"), Some(LT.0)).await.expect("granted");
    let mut admin = administrator(&house, "quantri").await;
    let at = place(&draw_move(&house, &mut admin, (LT.0, Some(TC.0)), &[]).await);
    let look = admin.get(&at).await;
    assert_eq!(fate(&look, "quantrinv"), "Mất quyền trên 1 tài khoản");
    assert_eq!(fate(&look, "dung"), "Thêm quyền trên 1 tài khoản");
    assert_eq!(fate(&look, "em"), "Giữ nguyên");
    confirm(&mut admin, &at, "1").await.leads_to(&at);
    work(&house).await;
    let (mut of_nv, mut of_tc) =
        (administrator(&house, "quantrinv").await, administrator(&house, "dung").await);
    of_nv.get("/accounts").await.shows("an@danang.example").hides("em@danang.example");
    of_tc.get("/accounts").await.shows("em@danang.example");
    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    admin.get(&at).await.shows("Đã hoàn tác: cơ quan trở về vị trí cũ.");
    assert_eq!(parent(&house, LT.0).await.as_deref(), Some(NV.0));
    of_nv.get("/accounts").await.shows("em@danang.example");
    of_tc.get("/accounts").await.hides("em@danang.example");
}

#[tokio::test]
async fn no_agency_comes_below_itself_neither_when_it_is_drawn_up_nor_on_the_day() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    for under in [NV.0, LT.0] {
        let circle = draw_move(&house, &mut admin, (NV.0, Some(under)), &[]).await;
        assert_eq!(circle.status, StatusCode::UNPROCESSABLE_ENTITY);
        circle.shows("Không thể đặt một cơ quan dưới chính nó.");
    }
    let same = draw_move(&house, &mut admin, (LT.0, Some(NV.0)), &[]).await;
    same.shows("Không có gì thay đổi.");
    let drawn = draw_move(&house, &mut admin, (NV.0, Some(TC.0)), &[("day", "2026-03-10")]).await;
    let at = place(&drawn);
    confirm(&mut admin, &at, "5").await.leads_to(&at);
    move_at_once(&house, TC.0, Some(LT.0)).await;
    house.set_time(datetime!(2026-03-10 09:00 +7));
    work(&house).await;
    let mut admin = administrator(&house, "quantri").await;
    admin.get(&at).await.shows("Không thực hiện được");
    assert_eq!(parent(&house, NV.0).await, None);
    assert_eq!(parent(&house, TC.0).await.as_deref(), Some(LT.0));
}

#[tokio::test]
async fn a_move_is_not_done_when_the_agency_lies_elsewhere_by_then() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let drawn = draw_move(&house, &mut admin, (LT.0, Some(TC.0)), &[("day", "2026-03-10")]).await;
    let at = place(&drawn);
    confirm(&mut admin, &at, "1").await.leads_to(&at);
    move_at_once(&house, LT.0, None).await;
    house.set_time(datetime!(2026-03-10 09:00 +7));
    work(&house).await;
    administrator(&house, "quantri").await.get(&at).await.shows("Không thực hiện được");
    assert_eq!(parent(&house, LT.0).await, None);
}

#[tokio::test]
async fn a_move_is_taken_back_only_from_where_it_put_the_agency_and_to_one_that_is_still_there() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let at = place(&draw_move(&house, &mut admin, (LT.0, Some(TC.0)), &[]).await);
    confirm(&mut admin, &at, "1").await.leads_to(&at);
    work(&house).await;
    move_at_once(&house, LT.0, None).await;
    let late = undo(&mut admin, &at).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("Các cơ quan này đã thay đổi sau đó");
    assert_eq!(parent(&house, LT.0).await, None, "it stays where somebody has put it since");
    move_at_once(&house, LT.0, Some(TC.0)).await;
    let merged = merge(&house, &mut admin, &[]).await;
    confirm(&mut admin, &merged, "4").await.leads_to(&merged);
    work(&house).await;
    let late = undo(&mut admin, &at).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "what lay above it is part of another one");
    assert_eq!(parent(&house, LT.0).await.as_deref(), Some(TC.0));
    undo(&mut admin, &merged).await.leads_to(&merged);
    work(&house).await;
    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    assert_eq!(parent(&house, LT.0).await.as_deref(), Some(NV.0));
}

#[tokio::test]
async fn a_second_person_approves_a_move_and_its_way_back() {
    let house = house("[admin]\ntwo_persons = true\n").await;
    let mut admin = administrator(&house, "quantri").await;
    let mut second = administrator(&house, "phoquantri").await;
    let at = place(&draw_move(&house, &mut admin, (LT.0, Some(TC.0)), &[]).await);
    confirm(&mut admin, &at, "1").await.leads_to("/approvals?note=asked");
    work(&house).await;
    assert_eq!(parent(&house, LT.0).await.as_deref(), Some(NV.0), "not approved yet");
    let page = second.get("/approvals").await;
    page.shows("Trung tâm Lưu trữ (tt-luutru): Sở Nội vụ → Sở Tài chính").shows("1 tài khoản");
    let request = page.hidden("approval").expect("a request");
    let fields = [("approval", request.as_str()), ("what", "approve"), ("reason", "Đúng quyết định")];
    second.post_from("/approvals", "/approvals", &fields).await.leads_to("/approvals?note=approved");
    confirm(&mut admin, &at, "1").await.leads_to(&at);
    work(&house).await;
    assert_eq!(parent(&house, LT.0).await.as_deref(), Some(TC.0));
    undo(&mut admin, &at).await.leads_to("/approvals?note=asked");
    work(&house).await;
    assert_eq!(parent(&house, LT.0).await.as_deref(), Some(TC.0));
    let page = second.get("/approvals").await;
    page.shows("Trung tâm Lưu trữ (tt-luutru): Sở Tài chính → Sở Nội vụ");
}

#[tokio::test]
async fn the_page_of_an_agency_leads_there_and_an_administrator_of_an_agency_cannot() {
    let house = house("").await;
    let (nv, lt, tc) = (id(&house, NV.0).await, id(&house, LT.0).await, id(&house, TC.0).await);
    let mut admin = administrator(&house, "quantri").await;
    admin.get(&format!("/agencies/{lt}")).await.shows("id=\"move-form\"");
    let form = admin.get(&format!("/agencies/changes?kind=move&agency={lt}&under={tc}")).await;
    form.shows(&format!("<option value=\"{lt}\" selected>"))
        .shows(&format!("<option value=\"{tc}\" selected>"));
    let at = place(&draw_move(&house, &mut admin, (LT.0, Some(TC.0)), &[]).await);
    let mut of_nv = administrator(&house, "quantrinv").await;
    of_nv.get(&format!("/agencies/{lt}")).await.shows("Trung tâm Lưu trữ").hides("move-form");
    let fields =
        [("kind", "move"), ("agency", lt.as_str()), ("under", ""), ("day", "2026-03-02"), ("days", "0")];
    let drawn = of_nv.post_from("/accounts", "/agencies/changes", &fields).await;
    assert_eq!(drawn.status, StatusCode::NOT_FOUND);
    let fields = [("number", "1"), ("reason", "thử")];
    let started = of_nv.post_from("/accounts", &format!("{at}/start"), &fields).await;
    assert_eq!(started.status, StatusCode::NOT_FOUND);
    work(&house).await;
    assert_eq!(id(&house, NV.0).await, nv);
    assert_eq!(parent(&house, LT.0).await.as_deref(), Some(NV.0));
}

#[tokio::test]
async fn a_move_that_was_broken_off_is_gone_on_with_and_done_once() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let drawn = draw_move(&house, &mut admin, (NV.0, Some(TC.0)), &[("day", "2026-03-03")]).await;
    let at = place(&drawn);
    confirm(&mut admin, &at, "5").await.leads_to(&at);
    work(&house).await;
    assert_eq!(parent(&house, NV.0).await, None);
    super::looked_for_work().await;
    house.set_time(datetime!(2026-03-03 09:00 +7));
    // One that stops as soon as the agency was moved, then two at once.
    let mut first = Box::pin(reorganisation::carry_on(&house.app));
    while parent(&house, NV.0).await.is_none() {
        Broken::after(1, first.as_mut()).await;
    }
    drop(first);
    let mut admin = administrator(&house, "quantri").await;
    admin.get(&at).await.shows("Đang thực hiện");
    let (one, other) =
        tokio::join!(reorganisation::carry_on(&house.app), reorganisation::carry_on(&house.app));
    one.expect("done");
    other.expect("done");
    admin.get(&at).await.shows("Đã xong: cơ quan và các đơn vị trực thuộc đã chuyển.");
    assert_eq!(parent(&house, NV.0).await.as_deref(), Some(TC.0));
    let Db::Sqlite { readers, .. } = &house.app.db else { panic!("SQLite") };
    let lines = "SELECT COUNT(*) FROM audit WHERE act = 'agency_moved' AND subject = 'so-nv'";
    let lines: i64 = sqlx::query_scalar(lines).fetch_one(readers).await.expect("counts");
    assert_eq!(lines, 1);
}
