//! Agencies renamed, merged, split and moved on a day: the look, the day, the synchronisation after it, the way back.

mod chains;
mod moves;
mod orphans;
mod reach;

use crate::house::{Answer, Broken, Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::agency::Agency;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::{accounts, admins, reorganisation, roles};
use danang_sso::storage::{audit, reorganisations};
use time::Duration;
use time::macros::datetime;

const NV: (&str, &str) = ("so-nv", "Sở Nội vụ");
const TC: (&str, &str) = ("so-tc", "Sở Tài chính");
const LT: (&str, &str) = ("tt-luutru", "Trung tâm Lưu trữ");

/// An administrator of the city; so-nv with its own administrator and an agency below; so-tc.
async fn house(more: &str) -> House {
    let house = House::at(datetime!(2026-03-02 09:00 +7), more).await;
    house.add("quantri", &[Ad]);
    house.add("phoquantri", &[Ad]);
    for local in ["quantrinv", "an", "binh", "chau"] {
        add(&house, local, NV);
    }
    add(&house, "dung", TC);
    add(&house, "em", LT);
    house.sync().await;
    for local in ["quantri", "phoquantri"] {
        admins::grant(&house.app, &address(local), None).await.expect("granted");
    }
    admins::grant(&house.app, &address("quantrinv"), Some(NV.0)).await.expect("granted");
    let (by, below) = (roles::By::CommandLine, Some(NV.0));
    roles::move_agency(&house.app, by, LT.0, below).await.expect("moved");
    house
}

/// Somebody of an agency; OBM knows it by its name only.
fn add(house: &House, local: &str, (code, name): (&str, &str)) {
    house.add_with(local, &[Ad, Obm], |seen| {
        let code = (seen.key.system == Ad).then(|| code.to_owned());
        seen.agency = Some(SeenAgency { code, name: name.to_owned() });
    });
}

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn agencies(house: &House) -> Vec<Agency> {
    accounts::agencies(&house.app).await.expect("reads")
}

async fn id(house: &House, code: &str) -> String {
    agencies(house).await.into_iter().find(|agency| agency.code == code).expect("it is there").id.to_string()
}

async fn codes(house: &House) -> Vec<String> {
    let mut codes: Vec<_> = agencies(house).await.into_iter().map(|agency| agency.code).collect();
    codes.sort();
    codes
}

/// The code of the agency of an account.
async fn of(house: &House, local: &str) -> String {
    let agency = house.account(local).await.profile().agency_id;
    let all = agencies(house).await;
    all.into_iter().find(|one| Some(one.id) == agency).map(|one| one.code).unwrap_or_default()
}

async fn former(house: &House, local: &str) -> Vec<String> {
    let account = house.account(local).await;
    let agency = account.profile().agency_id.expect("an agency");
    let now = house.app.now();
    reorganisations::former_codes(&house.app.db, account.id(), agency, now).await.expect("reads")
}

async fn draw(browser: &mut Browser, kind: &str, fields: &[(&str, &str)]) -> Answer {
    let page = format!("/agencies/changes?kind={kind}");
    let mut all = vec![("kind", kind), ("day", "2026-03-02"), ("days", "180")];
    all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
    all.extend_from_slice(fields);
    browser.post_from(&page, "/agencies/changes", &all).await
}

fn place(answer: &Answer) -> String {
    assert!(answer.status.is_redirection(), "{}: {}", answer.status, answer.body);
    answer.location.clone().expect("a place")
}

async fn confirm(browser: &mut Browser, at: &str, number: &str) -> Answer {
    let fields = [("number", number), ("reason", "QĐ 5/QĐ-UBND")];
    browser.post_from(at, &format!("{at}/start"), &fields).await
}

async fn undo(browser: &mut Browser, at: &str) -> Answer {
    browser.post_from(at, &format!("{at}/undo"), &[("reason", "Quyết định được thu hồi")]).await
}

async fn work(house: &House) {
    reorganisation::carry_on(&house.app).await.expect("done");
}

/// so-nv becomes part of so-tc.
async fn merge(house: &House, browser: &mut Browser, more: &[(&str, &str)]) -> String {
    let (nv, tc) = (format!("merged.{}", id(house, NV.0).await), id(house, TC.0).await);
    let mut fields = vec![("agency", tc.as_str()), (nv.as_str(), "1")];
    fields.extend_from_slice(more);
    place(&draw(browser, "merge", &fields).await)
}

#[tokio::test]
async fn a_merge_is_looked_at_done_and_taken_back() {
    let house = house("").await;
    let subject = house.account("an").await.subject().to_owned();
    let mut admin = administrator(&house, "quantri").await;
    let fields = [("name", "Sở Tài chính và Nội vụ"), ("code", "so-tc-nv")];
    let at = merge(&house, &mut admin, &fields).await;
    let look = admin.get(&at).await;
    look.shows("4 tài khoản chuyển").shows("Sở Nội vụ: 4").shows("an@danang.example");
    look.shows("quantrinv@danang.example").shows("Kết thúc").shows("Trung tâm Lưu trữ");
    look.shows("OBM: Sở Nội vụ (4 hộp thư)");
    assert_eq!(of(&house, "an").await, NV.0, "a look changes nothing");
    let wrong = confirm(&mut admin, &at, "5").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    work(&house).await;
    admin.get(&at).await.shows("4 tài khoản đã chuyển");
    for local in ["an", "binh", "quantrinv", "dung"] {
        assert_eq!(of(&house, local).await, "so-tc-nv", "{local}");
    }
    assert_eq!(house.account("an").await.subject(), subject);
    assert_eq!(codes(&house).await, ["so-khcn", "so-tc-nv", "tt-luutru"]);
    assert_eq!(former(&house, "an").await, ["so-nv", "so-tc"], "by which applications know them");
    assert_eq!(former(&house, "dung").await, ["so-tc"]);
    let all = agencies(&house).await;
    let (archive, joint) = (&all.iter().find(|a| a.code == LT.0), all.iter().find(|a| a.code == "so-tc-nv"));
    assert_eq!(archive.expect("there").parent_id, joint.map(|agency| agency.id), "what lay below follows");
    let mut of_nv = house.admin_browser();
    of_nv.sign_in("quantrinv", PASSWORD).await;
    assert!(!of_nv.get("/accounts").await.status.is_success(), "the role has ended");

    // The directories write the old names still.
    house.sync().await;
    assert_eq!(of(&house, "an").await, "so-tc-nv");
    add(&house, "gia", NV);
    house.sync().await;
    assert_eq!(of(&house, "gia").await, "so-tc-nv", "whoever comes anew follows, too");
    assert_eq!(codes(&house).await, ["so-khcn", "so-tc-nv", "tt-luutru"]);

    let before = house.account("an").await;
    let lines = audit::of_account(&house.app.db, before.id(), 9).await.expect("reads");
    let line = lines.iter().find(|line| line.act == Act::AccountReassigned).expect("a line");
    assert_eq!((line.before.as_deref(), line.after.as_deref()), (Some("so-nv"), Some("so-tc-nv")));

    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    admin.get(&at).await.shows("4 tài khoản trở về cơ quan cũ");
    assert_eq!(codes(&house).await, ["so-khcn", NV.0, TC.0, LT.0]);
    for (local, code) in [("an", NV.0), ("quantrinv", NV.0), ("dung", TC.0), ("em", LT.0)] {
        assert_eq!(of(&house, local).await, code, "{local}");
    }
    administrator(&house, "quantrinv").await.get("/accounts").await.shows("an@danang.example");
    house.sync().await;
    assert_eq!(of(&house, "gia").await, NV.0, "as the directories say");
    assert_eq!(of(&house, "an").await, NV.0);
    let all = agencies(&house).await;
    let parent = all.iter().find(|a| a.code == LT.0).and_then(|a| a.parent_id);
    assert_eq!(parent, all.iter().find(|a| a.code == NV.0).map(|a| a.id));
}

#[tokio::test]
async fn roles_go_on_over_the_agency_that_stays_where_that_was_chosen() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let at = merge(&house, &mut admin, &[("roles", "carry")]).await;
    admin.get(&at).await.shows("Chuyển sang cơ quan nhận");
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    work(&house).await;
    let mut of_nv = administrator(&house, "quantrinv").await;
    of_nv.get("/accounts").await.shows("an@danang.example").shows("dung@danang.example");
    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    of_nv.get("/accounts").await.shows("an@danang.example").hides("dung@danang.example");
}

#[tokio::test]
async fn a_rename_is_followed_by_every_synchronisation_until_the_directories_have_it() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let nv = id(&house, NV.0).await;
    let nothing = draw(&mut admin, "rename", &[("agency", &nv)]).await;
    nothing.shows("Không có gì thay đổi");
    let taken = draw(&mut admin, "rename", &[("agency", &nv), ("code", "so-tc")]).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    taken.shows("so-tc");
    let wish =
        [("agency", nv.as_str()), ("name", "Sở Nội vụ và Lao động"), ("code", "so-nvld"), ("days", "3")];
    let at = place(&draw(&mut admin, "rename", &wish).await);
    admin.get(&at).await.shows("Không tài khoản nào chuyển");
    confirm(&mut admin, &at, "").await.leads_to(&at);
    work(&house).await;
    for _ in 0..2 {
        house.sync().await;
        assert_eq!(of(&house, "an").await, "so-nvld");
        assert_eq!(codes(&house).await, ["so-khcn", "so-nvld", TC.0, LT.0]);
    }
    assert_eq!(former(&house, "an").await, [NV.0]);
    house.pass(Duration::days(4));
    assert_eq!(former(&house, "an").await, [""; 0], "the time of both codes is over");
    // One directory has the new name, under the old code.
    house.ad.edit("an", |seen| {
        let name = "Sở Nội vụ và Lao động".to_owned();
        seen.agency = Some(SeenAgency { code: Some("so-nvld".to_owned()), name });
    });
    house.sync().await;
    assert_eq!(of(&house, "an").await, "so-nvld");
    assert_eq!(codes(&house).await, ["so-khcn", "so-nvld", TC.0, LT.0]);
    let mut admin = administrator(&house, "quantri").await;
    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    house.sync().await;
    assert_eq!((of(&house, "an").await.as_str(), of(&house, "binh").await.as_str()), (NV.0, NV.0));
    let all = agencies(&house).await;
    assert!(all.iter().any(|agency| agency.name == NV.1));
}

#[tokio::test]
async fn a_split_makes_an_agency_of_some_accounts_and_no_synchronisation_brings_them_back() {
    let house = house("").await;
    house.ad.edit("chau", |seen| seen.title = Some("Trưởng phòng Chuyển đổi số".to_owned()));
    house.sync().await;
    let mut admin = administrator(&house, "quantri").await;
    let nv = id(&house, NV.0).await;
    let name = ("name", "Trung tâm Chuyển đổi số");
    let stranger = draw(&mut admin, "split", &[("agency", &nv), name, ("addresses", "an, dung")]).await;
    stranger.shows("Không phải tài khoản của cơ quan này: dung").shows("an, dung");
    let nobody = draw(&mut admin, "split", &[("agency", &nv), name]).await;
    nobody.shows("Không có ai chuyển sang");
    let fields =
        [("agency", nv.as_str()), name, ("addresses", "an@danang.example"), ("post", "chuyen doi so")];
    let at = place(&draw(&mut admin, "split", &fields).await);
    admin.get(&at).await.shows("2 tài khoản chuyển").hides("binh@danang.example");
    confirm(&mut admin, &at, "2").await.leads_to(&at);
    work(&house).await;
    let code = "trung-tam-chuyen-doi-so";
    for _ in 0..2 {
        assert_eq!((of(&house, "an").await.as_str(), of(&house, "chau").await.as_str()), (code, code));
        assert_eq!(of(&house, "binh").await, NV.0);
        house.sync().await;
    }
    assert_eq!(former(&house, "an").await, [NV.0]);
    // What a directory says of somebody anew counts again.
    for directory in [&house.ad, &house.obm] {
        directory.edit("chau", |seen| {
            let code = (seen.key.system == Ad).then(|| TC.0.to_owned());
            seen.agency = Some(SeenAgency { code, name: TC.1.to_owned() });
        });
    }
    house.sync().await;
    assert_eq!(of(&house, "chau").await, TC.0);
    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    let page = admin.get(&at).await;
    page.shows("1 tài khoản trở về").shows("1 tài khoản được giữ nguyên").shows("chau@danang.example");
    assert_eq!((of(&house, "an").await.as_str(), of(&house, "chau").await.as_str()), (NV.0, TC.0));
    house.sync().await;
    assert_eq!(of(&house, "an").await, NV.0);
}

#[tokio::test]
async fn what_was_split_off_goes_on_with_whatever_it_becomes_part_of() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let nv = id(&house, NV.0).await;
    let fields = [("agency", nv.as_str()), ("name", "Trung tâm Mới"), ("addresses", "an")];
    let first = place(&draw(&mut admin, "split", &fields).await);
    confirm(&mut admin, &first, "1").await.leads_to(&first);
    work(&house).await;
    let (made, tc) = (format!("merged.{}", id(&house, "trung-tam-moi").await), id(&house, TC.0).await);
    let second = place(&draw(&mut admin, "merge", &[("agency", &tc), (&made, "1")]).await);
    confirm(&mut admin, &second, "1").await.leads_to(&second);
    work(&house).await;
    house.sync().await;
    assert_eq!((of(&house, "an").await.as_str(), of(&house, "binh").await.as_str()), (TC.0, NV.0));
    let early = undo(&mut admin, &first).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    early.shows("Hãy hoàn tác lần sắp xếp sau cùng trước");
    undo(&mut admin, &second).await.leads_to(&second);
    work(&house).await;
    undo(&mut admin, &first).await.leads_to(&first);
    work(&house).await;
    house.sync().await;
    assert_eq!(of(&house, "an").await, NV.0);
}

#[tokio::test]
async fn one_that_is_for_a_later_day_waits_and_can_be_withdrawn() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    admin.get("/agencies/changes?kind=merge").await.shows("value=\"02/03/2026\"").hides("type=\"date\"");
    // As people type it, or as a machine writes it.
    for (day, is_good) in [("2026-03-01", false), ("2027-04-01", false), ("x", false), ("10/03/2026", true)] {
        let (nv, tc) = (format!("merged.{}", id(&house, NV.0).await), id(&house, TC.0).await);
        let answer = draw(&mut admin, "merge", &[("agency", &tc), (&nv, "1"), ("day", day)]).await;
        assert_eq!(answer.status.is_redirection(), is_good, "{day}");
    }
    let at = merge(&house, &mut admin, &[("day", "2026-03-10")]).await;
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    work(&house).await;
    admin.get(&at).await.shows("Chờ đến ngày");
    assert_eq!(of(&house, "an").await, NV.0);
    house.set_time(datetime!(2026-03-09 23:59 +7));
    work(&house).await;
    assert_eq!(of(&house, "an").await, NV.0);
    add(&house, "gia", NV);
    house.sync().await;
    house.set_time(datetime!(2026-03-10 00:01 +7));
    work(&house).await;
    assert_eq!((of(&house, "an").await.as_str(), of(&house, "gia").await.as_str()), (TC.0, TC.0));

    let mut admin = administrator(&house, "quantri").await;
    let (lt, tc) = (format!("merged.{}", id(&house, LT.0).await), id(&house, TC.0).await);
    let fields = [("agency", tc.as_str()), (lt.as_str(), "1"), ("day", "2026-03-20")];
    let other = place(&draw(&mut admin, "merge", &fields).await);
    confirm(&mut admin, &other, "1").await.leads_to(&other);
    let gone = admin.post_from(&other, &format!("{other}/withdraw"), &[("reason", "Hoãn")]).await;
    gone.leads_to(&other);
    house.set_time(datetime!(2026-03-21 09:00 +7));
    work(&house).await;
    assert_eq!(of(&house, "em").await, LT.0, "withdrawn");
}

#[tokio::test]
async fn nothing_is_done_when_the_agencies_are_others_on_the_day() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let late = merge(&house, &mut admin, &[("day", "2026-03-10")]).await;
    confirm(&mut admin, &late, "4").await.leads_to(&late);
    let nv = id(&house, NV.0).await;
    let rename = place(&draw(&mut admin, "rename", &[("agency", &nv), ("name", "Sở khác hẳn")]).await);
    confirm(&mut admin, &rename, "").await.leads_to(&rename);
    work(&house).await;
    house.set_time(datetime!(2026-03-10 09:00 +7));
    work(&house).await;
    let mut admin = administrator(&house, "quantri").await;
    admin.get(&late).await.shows("Không thực hiện được");
    assert_eq!(of(&house, "an").await, NV.0);
}

/// Whoever confirms wakes the work at once: it has found before its day that nothing is due.
async fn looked_for_work() {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
}

/// How long one step of the work may take where nobody holds the database.
const SOON: std::time::Duration = std::time::Duration::from_millis(200);

#[tokio::test]
async fn whoever_looks_for_work_while_it_is_begun_comes_back_when_it_is_done() {
    for polls in 1..=10 {
        let house = house("").await;
        let mut admin = administrator(&house, "quantri").await;
        let at = merge(&house, &mut admin, &[("day", "2026-03-03")]).await;
        confirm(&mut admin, &at, "4").await.leads_to(&at);
        // If the work that this woke comes later, it is one more that begins.
        tokio::time::sleep(SOON).await;
        house.set_time(datetime!(2026-03-03 09:00 +7));
        let mut late = Box::pin(reorganisation::carry_on(&house.app));
        let ended = Broken::after(polls, late.as_mut()).await;
        // Another one begins and goes no further, unless the first was so far that it holds the database.
        let mut other = Box::pin(reorganisation::carry_on(&house.app));
        while reorganisations::under_way(&house.app.db).await.expect("reads").is_empty() {
            let step = tokio::time::timeout(SOON, Broken::after(1, other.as_mut())).await;
            if !matches!(step, Ok(None)) {
                break;
            }
        }
        drop(other);
        match ended {
            Some(ended) => ended.expect("done"),
            None => late.await.expect("done"),
        }
        assert_eq!(of(&house, "an").await, TC.0, "{polls}");
    }
}

#[tokio::test]
async fn work_that_was_broken_off_is_gone_on_with_and_done_once() {
    let house = house("").await;
    for n in 0..120 {
        add(&house, &format!("nv{n:03}"), NV);
    }
    house.sync().await;
    let mut admin = administrator(&house, "quantri").await;
    let at = merge(&house, &mut admin, &[("day", "2026-03-03")]).await;
    confirm(&mut admin, &at, "124").await.leads_to(&at);
    looked_for_work().await;
    house.set_time(datetime!(2026-03-03 09:00 +7));
    // One that stops as soon as something was done, then two at once.
    let mut first = Box::pin(reorganisation::carry_on(&house.app));
    while of(&house, "nv000").await != TC.0 {
        Broken::after(1, first.as_mut()).await;
    }
    drop(first);
    let left = of(&house, "nv119").await;
    let (one, other) =
        tokio::join!(reorganisation::carry_on(&house.app), reorganisation::carry_on(&house.app));
    one.expect("done");
    other.expect("done");
    assert_ne!(left, TC.0, "it was broken off in the middle");
    let mut admin = administrator(&house, "quantri").await;
    admin.get(&at).await.shows("124 tài khoản đã chuyển").hides("được giữ nguyên");
    for local in ["nv000", "nv119"] {
        let account = house.account(local).await;
        let lines = audit::of_account(&house.app.db, account.id(), 9).await.expect("reads");
        let moved = lines.iter().filter(|line| line.act == Act::AccountReassigned).count();
        assert_eq!((moved, of(&house, local).await.as_str()), (1, TC.0), "{local}");
    }
}

#[tokio::test]
async fn a_second_person_approves_it_and_its_way_back() {
    let house = house("[admin]\ntwo_persons = true\n").await;
    let mut admin = administrator(&house, "quantri").await;
    let mut second = administrator(&house, "phoquantri").await;
    let at = merge(&house, &mut admin, &[]).await;
    admin.get(&at).await.shows("cần người thứ hai duyệt");
    confirm(&mut admin, &at, "4").await.leads_to("/approvals?note=asked");
    work(&house).await;
    assert_eq!(of(&house, "an").await, NV.0, "not approved yet");
    let page = second.get("/approvals").await;
    page.shows("Sắp xếp cơ quan").shows("Sở Nội vụ (so-nv)");
    let request = page.hidden("approval").expect("a request");
    let fields = [("approval", request.as_str()), ("what", "approve"), ("reason", "Đúng quyết định")];
    second.post_from("/approvals", "/approvals", &fields).await.leads_to("/approvals?note=approved");
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    work(&house).await;
    assert_eq!(of(&house, "an").await, TC.0);
    undo(&mut admin, &at).await.leads_to("/approvals?note=asked");
    assert_eq!(of(&house, "an").await, TC.0);
}

#[tokio::test]
async fn what_becomes_of_roles_is_approved_with_it_and_another_list_is_not() {
    let house = house("[admin]\ntwo_persons = true\nwide_role_above = 4\n").await;
    let mut admin = administrator(&house, "quantri").await;
    let mut second = administrator(&house, "phoquantri").await;
    let at = merge(&house, &mut admin, &[("roles", "carry"), ("day", "2026-03-03")]).await;
    confirm(&mut admin, &at, "4").await.leads_to("/approvals?note=asked");
    let page = second.get("/approvals").await;
    page.shows("quantrinv@danang.example").shows("Chuyển sang cơ quan nhận");
    let request = page.hidden("approval").expect("a request");
    let fields = [("approval", request.as_str()), ("what", "approve"), ("reason", "Đúng quyết định")];
    second.post_from("/approvals", "/approvals", &fields).await.leads_to("/approvals?note=approved");
    house.pass(Duration::minutes(1));
    admins::grant(&house.app, &address("binh"), Some(NV.0)).await.expect("granted");
    admin.get(&at).await.shows("binh@danang.example").shows("Kết thúc");
    confirm(&mut admin, &at, "4").await.leads_to("/approvals?note=asked");
    roles::revoke_all(&house.app, &address("binh")).await.expect("revoked");
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    admins::grant(&house.app, &address("binh"), Some(NV.0)).await.expect("granted");
    house.set_time(datetime!(2026-03-03 09:00 +7));
    work(&house).await;
    assert_eq!(of(&house, "an").await, TC.0);
    let held = roles::every(&house.app).await.expect("reads");
    let over = |local: &str| {
        let of = address(local);
        let listed = held.iter().find(|listed| listed.address == of.as_str());
        listed.and_then(|listed| listed.agency.as_ref()).map(|(code, _)| code.as_str())
    };
    assert_eq!(over("quantrinv"), Some(TC.0), "as it was approved");
    assert_eq!(over("binh"), None, "nobody has looked at one so wide");
}

#[tokio::test]
async fn the_agency_above_becomes_part_of_one_below_it_without_a_circle() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let (nv, lt) = (format!("merged.{}", id(&house, NV.0).await), id(&house, LT.0).await);
    let at = place(&draw(&mut admin, "merge", &[("agency", &lt), (&nv, "1")]).await);
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    work(&house).await;
    assert_eq!(of(&house, "an").await, LT.0);
    let all = agencies(&house).await;
    assert_eq!(all.iter().find(|a| a.code == LT.0).and_then(|a| a.parent_id), None);
    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    let all = agencies(&house).await;
    let nv = all.iter().find(|a| a.code == NV.0).expect("open again");
    assert_eq!((of(&house, "an").await.as_str(), nv.parent_id), (NV.0, None));
    assert_eq!(all.iter().find(|a| a.code == LT.0).and_then(|a| a.parent_id), Some(nv.id));
}
