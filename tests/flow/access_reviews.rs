//! Access reviews: what there is when one is opened, who says what of it, what is carried out, the evidence.

use crate::house::{Answer, Broken, Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::access_review::{Outcome, Subject, Verdict};
use danang_sso::domain::account::{Account, LockReason, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::id::ReviewId;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::policy::stage::Mode;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::i18n::Lang;
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{access_review, acting, admins, lock};
use danang_sso::storage::access_reviews::Item;
use danang_sso::storage::{Db, access_reviews, administrators, audit, letters};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// Administrators of the city and of so-nv; people of so-nv and so-khcn; an auditor of so-nv; a mailbox of so-nv.
async fn house(more: &str) -> House {
    house_at(datetime!(2026-03-02 09:00 +7), more).await
}

async fn house_at(now: OffsetDateTime, more: &str) -> House {
    let house = House::at(now, more).await;
    for local in ["quantri", "phoquantri", "ha", "chi"] {
        house.add(local, &[Ad]);
    }
    for local in ["quantrinv", "an", "binh", "kiemtra", "vanthu.snv"] {
        house.add_with(local, &[Ad], |seen| {
            seen.agency = Some(SeenAgency { code: Some("so-nv".into()), name: "Sở Nội vụ".into() });
        });
    }
    house.sync().await;
    for local in ["quantri", "phoquantri"] {
        admins::grant(&house.app, &address(local), None).await.expect("granted");
    }
    admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
    let agency = house.account("an").await.profile().agency_id;
    let (role, until) = (Role::Auditor, None);
    let wish = Wish { address: address("kiemtra"), role, agency, until, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    house
}

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn open(browser: &mut Browser) -> String {
    let opened = browser.post_from("/reviews", "/reviews", &[("days", "30")]).await;
    assert!(opened.status.is_redirection(), "{}: {}", opened.status, opened.body);
    opened.location.expect("a place")
}

async fn say(house: &House, browser: &mut Browser, at: &str, who: &str, said: [&str; 2]) -> Answer {
    let field = format!("item.account.{}", house.account(who).await.id());
    say_of(house, browser, at, (&field, said)).await
}

async fn say_of(
    house: &House,
    browser: &mut Browser,
    at: &str,
    (field, [verdict, reason]): (&str, [&str; 2]),
) -> Answer {
    let version = shown(house, at, field).await.map_or(0, |item| item.version).to_string();
    let fields = [(field, version.as_str()), ("verdict", verdict), ("reason", reason)];
    browser.post_from(at, &format!("{at}/decide"), &fields).await
}

/// What a box of the page stands for, as it is now.
async fn shown(house: &House, at: &str, field: &str) -> Option<Item> {
    let (kind, id) = field.trim_start_matches("item.").split_once('.').expect("a box");
    let of = (Subject::from_code(kind).expect("a kind"), id);
    access_reviews::find(&house.app.db, review_at(at), None, of).await.expect("reads")
}

fn review_at(at: &str) -> ReviewId {
    at.rsplit('/').next().expect("an address").parse().expect("an id")
}

/// Confirms that so many are carried out, and looks at the page once that is done.
async fn carry_out(house: &House, browser: &mut Browser, at: &str, number: &str) -> Answer {
    let confirmed = browser.post_from(at, &format!("{at}/apply"), &[("number", number)]).await;
    confirmed.leads_to(&format!("{at}?note=ordered"));
    access_review::carry_on(&house.app).await.expect("carried out");
    browser.get(at).await
}

fn is_locked_by_an_administrator(account: &Account) -> bool {
    matches!(account.state(), State::Locked { reason: LockReason::ByAdministrator, .. })
}

/// The names of the boxes of one kind on a page.
fn boxes(page: &Answer, kind: &str) -> Vec<String> {
    let start = format!("name=\"item.{kind}.");
    let found = page.body.split(start.as_str()).skip(1);
    found.map(|rest| format!("item.{kind}.{}", rest.split('"').next().unwrap_or_default())).collect()
}

/// `an` may act for the mailbox of the agency.
async fn name_an(house: &House) {
    let city = house.account("quantri").await;
    let by = Administrator::holding(&city, Role::City, Reach::City);
    let mailbox = house.account("vanthu.snv").await.id();
    acting::grant(&house.app, &by, mailbox, "an", ("trực văn thư", None)).await.expect("granted");
}

#[tokio::test]
async fn an_agency_says_what_is_needed_and_the_city_carries_out_the_rest() {
    let house = house("").await;
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    name_an(&house).await;
    let at = open(&mut city).await;
    let twice = city.post_from("/reviews", "/reviews", &[("days", "30")]).await;
    twice.shows("Sáu tháng này đã có đợt rà soát");
    city.get(&at)
        .await
        .shows("ha@danang.example")
        .shows("an@danang.example")
        .shows("Đợt 6 tháng đầu năm 2026");

    let page = nv.get(&at).await;
    page.shows("an@danang.example").hides("ha@danang.example").shows("Của chính mình");
    assert!(!page.body.contains(&format!("item.account.{}", house.account("quantrinv").await.id())));
    let without = say(&house, &mut nv, &at, "an", ["withdraw", ""]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let own = say(&house, &mut nv, &at, "quantrinv", ["keep", ""]).await;
    own.shows("Không ai tự xác nhận");
    nv.get(&format!("{at}?reason=Theo+cong+van")).await.hides("Theo cong van");
    let foreign = say(&house, &mut nv, &at, "ha", ["withdraw", "thử"]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let said = format!("{at}?note=said");
    say(&house, &mut nv, &at, "binh", ["withdraw", "Đã chuyển công tác"]).await.leads_to(&said);
    say(&house, &mut nv, &at, "an", ["transfer", "Sang Sở Tài chính"]).await.leads_to(&said);
    let (role, delegation) = (boxes(&page, "role"), boxes(&page, "delegation"));
    assert_eq!((role.len(), delegation.len()), (1, 1), "not the own role");
    for field in role.iter().chain(&delegation) {
        say_of(&house, &mut nv, &at, (field, ["withdraw", "Không còn nhiệm vụ"])).await.leads_to(&said);
    }
    let wrong = nv.post_from(&at, &format!("{at}/keep"), &[("number", "9")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    nv.post_from(&at, &format!("{at}/keep"), &[("number", "2")]).await.leads_to(&said);
    nv.get(&at).await.shows("Đã xác nhận 5 trên 7 mục").hides("Thực hiện thu hồi");
    let waits = city.get(&format!("{at}?only=transfer")).await;
    waits.shows("an@danang.example").shows("Sang Sở Tài chính").shows("Chờ xác nhận");

    let look = city.get(&format!("{at}?only=withdraw")).await;
    look.shows("binh@danang.example").shows("Đã chuyển công tác").hides("ha@danang.example");
    let apply = format!("{at}/apply");
    let refused = nv.post_from(&at, &apply, &[("number", "3")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let wrong = city.post_from(&at, &apply, &[("number", "1")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.account("binh").await.state().name(), StateName::Active, "nothing is done yet");
    carry_out(&house, &mut city, &at, "3").await.shows("Đã thực hiện: 3; không còn nữa: 0");
    assert_eq!(house.account("binh").await.state().name(), StateName::Locked);
    assert_eq!(house.account("an").await.state().name(), StateName::Active, "it waits for the city");
    let held = roles::every(&house.app).await.expect("reads");
    assert!(!held.iter().any(|listed| listed.address == "kiemtra@danang.example"));
    let mailbox = house.account("vanthu.snv").await;
    let of_mailbox = danang_sso::storage::delegations::of_mailbox(&house.app.db, mailbox.id()).await;
    assert!(of_mailbox.expect("reads").is_empty());
    let late = say(&house, &mut nv, &at, "binh", ["keep", ""]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "carried out");
    house.pass(Duration::seconds(1));
    city.post_from(&at, &format!("{at}/close"), &[("reason", "Hết hạn")]).await.leads_to(&said);
    let closed = say(&house, &mut nv, &at, "an", ["keep", ""]).await;
    assert_eq!(closed.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_belongs_to_another_agency_waits_there_for_the_word_of_its_administrator() {
    let house = house("").await;
    admins::grant(&house.app, &address("ha"), Some("so-khcn")).await.expect("granted");
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    let mut khcn = administrator(&house, "ha").await;
    let at = open(&mut city).await;
    khcn.get(&at).await.hides("binh@danang.example");
    let id =
        async |local: &str| house.account(local).await.profile().agency_id.expect("an agency").to_string();
    let field = format!("item.account.{}", house.account("binh").await.id());
    let pass_on =
        |to| [(field.as_str(), "0"), ("verdict", "transfer"), ("reason", "Đã sang sở khác"), ("to", to)];
    let (path, said) = (format!("{at}/decide"), format!("{at}?note=said"));
    let (own, other) = (id("an").await, id("chi").await);
    for wrong in [own.as_str(), "x"] {
        let refused = nv.post_from(&at, &path, &pass_on(wrong)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.shows("Hãy chọn một nơi khác");
    }
    nv.post_from(&at, &path, &pass_on(other.as_str())).await.leads_to(&said);
    nv.get(&at).await.hides("binh@danang.example");
    let late = nv.post_from(&at, &path, &pass_on(other.as_str())).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND, "it is theirs no more");
    khcn.get(&format!("{at}?only=open"))
        .await
        .shows("binh@danang.example")
        .shows("quantrinv@danang.example: Đã sang sở khác");
    say(&house, &mut khcn, &at, "binh", ["withdraw", "Không phải người của sở"]).await.leads_to(&said);
    carry_out(&house, &mut city, &at, "1").await.shows("Đã thực hiện: 1");
    assert_eq!(house.account("binh").await.state().name(), StateName::Locked);
}

#[tokio::test]
async fn a_half_year_is_told_in_words_where_a_second_person_approves_and_in_the_reason_of_the_lock() {
    let house = house("[admin]\ntwo_persons = true\ntwo_persons_above = 0\n").await;
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    let at = open(&mut city).await;
    say(&house, &mut nv, &at, "binh", ["withdraw", "Đã chuyển công tác"]).await;
    let (path, number) = (format!("{at}/apply"), [("number", "1"), ("reason", "Theo kết quả rà soát")]);
    city.post_from(&at, &path, &number).await.leads_to("/approvals?note=asked");
    let mut second = administrator(&house, "phoquantri").await;
    let waits = second.get("/approvals").await;
    waits.shows("Thực hiện thu hồi – Đợt 6 tháng đầu năm 2026").hides("2026-H1");
    let approval = waits.hidden("approval").expect("a request");
    second.get("/language/en?back=%2F").await;
    second
        .get("/approvals")
        .await
        .shows("Carry out what was withdrawn – Review of the first half of 2026")
        .hides("2026-H1");
    let yes = [("approval", approval.as_str()), ("what", "approve"), ("reason", "Đã kiểm tra")];
    second.post_from("/approvals", "/approvals", &yes).await.leads_to("/approvals?note=approved");
    carry_out(&house, &mut city, &at, "1").await.shows("Đã thực hiện: 1;");
    let timeline = format!("/accounts/{}/timeline", house.account("binh").await.id());
    city.get(&timeline)
        .await
        .shows("Rà soát quyền truy cập 6 tháng đầu năm 2026: Đã chuyển công tác")
        .hides("Rà soát quyền truy cập 2026-H1");
}

#[tokio::test]
async fn a_withdrawn_account_that_a_deadline_has_locked_is_locked_by_an_administrator_from_then_on() {
    let house = house("").await;
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    let at = open(&mut city).await;
    let kiemtra = house.account("kiemtra").await;
    for (account, reason) in [
        (&kiemtra, LockReason::PasswordTooOld),
        (&house.account("an").await, LockReason::DisabledInDirectory),
        (&house.account("binh").await, LockReason::ByAdministrator),
    ] {
        lock::enforce(&house.app, account, reason, Actor::Job("test")).await.expect("locked");
    }
    assert!(house.account("kiemtra").await.traces().administers, "the role rests");
    for who in ["kiemtra", "an", "binh"] {
        say(&house, &mut nv, &at, who, ["withdraw", "Không còn dùng"]).await;
    }
    carry_out(&house, &mut city, &at, "3").await.shows("Đã thực hiện: 3; không còn nữa: 0");
    for who in ["kiemtra", "an", "binh"] {
        let account = house.account(who).await;
        assert!(is_locked_by_an_administrator(&account), "{who}: {:?}", account.state());
    }
    assert!(!house.account("kiemtra").await.traces().administers, "and its role is over");
    house.sync().await;
    let an = house.account("an").await;
    assert!(
        is_locked_by_an_administrator(&an),
        "the directory that has it open does not open it: {:?}",
        an.state()
    );
}

#[tokio::test]
async fn a_withdrawn_account_that_is_in_no_directory_goes_on_to_its_end_and_the_audit_tells_who_ordered_it() {
    let house = house("").await;
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    let at = open(&mut city).await;
    let binh = house.account("binh").await;
    let gone = LockReason::GoneFromDirectory;
    lock::enforce(&house.app, &binh, gone, Actor::Job("test")).await.expect("locked");
    say(&house, &mut nv, &at, "binh", ["withdraw", "Nghỉ việc"]).await;
    let fields = [("number", "1"), ("reason", "Theo kết quả rà soát")];
    city.post_from(&at, &format!("{at}/apply"), &fields).await.leads_to(&format!("{at}?note=ordered"));
    access_review::carry_on(&house.app).await.expect("carried out");
    city.get(&at).await.shows("Đã thực hiện: 0; không còn nữa: 1");
    let state = *house.account("binh").await.state();
    assert!(matches!(state, State::Locked { reason, .. } if reason == gone), "{state:?}");
    let Db::Sqlite { readers, .. } = &house.app.db else { panic!("the tests are on SQLite") };
    let lines = "SELECT after, why FROM audit WHERE act = 'access_reviewed' ORDER BY seq";
    let lines: Vec<(String, String)> = sqlx::query_as(lines).fetch_all(readers).await.expect("reads");
    assert_eq!(lines[1], ("ordered: 1".to_owned(), "Theo kết quả rà soát".to_owned()));
}

#[tokio::test]
async fn what_was_withdrawn_is_told_as_done_exactly_where_it_was_though_the_work_breaks_off_anywhere() {
    let house = house("").await;
    let locals: Vec<_> = (0..12).map(|n| format!("nv{n:02}")).collect();
    for local in &locals {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    let (mut city, mut other) =
        (administrator(&house, "quantri").await, administrator(&house, "phoquantri").await);
    let at = open(&mut city).await;
    for local in &locals {
        say(&house, &mut other, &at, local, ["withdraw", "Không còn dùng"]).await;
    }
    let (review, by) = (review_at(&at), house.account("quantri").await.id());
    let mut tx = house.app.db.begin().await.expect("a transaction");
    for item in access_reviews::to_apply(&house.app.db, review, 100).await.expect("reads") {
        assert!(access_reviews::order(&mut tx, review, &item, (by, house.app.now())).await.expect("writes"));
    }
    tx.commit().await.expect("commits");
    city.get(&at).await.shows("12 mục đang được thực hiện").hides("id=\"apply-form\"");
    let late = say(&house, &mut other, &at, "nv11", ["keep", ""]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "it is being carried out");
    let mut polls = 1;
    while Broken::after(polls, Box::pin(access_review::carry_out(&house.app, review))).await.is_none() {
        // What was on its way to the disk is there, or is not.
        drop(house.app.db.begin().await.expect("a transaction"));
        for local in &locals {
            let account = house.account(local).await;
            let item = shown(&house, &at, &format!("item.account.{}", account.id())).await.expect("there");
            let is_locked = is_locked_by_an_administrator(&account);
            assert_eq!(item.outcome, is_locked.then_some(Outcome::Done), "{local}, after {polls}");
        }
        polls += 3;
    }
    city.get(&at).await.shows("Đã thực hiện: 12; không còn nữa: 0; không thực hiện được: 0");
    for local in &locals {
        let account = house.account(local).await;
        let lines = audit::of_account(&house.app.db, account.id(), 50).await.expect("reads");
        assert_eq!(lines.iter().filter(|line| line.act == Act::Locked).count(), 1, "{local}");
    }
}

#[tokio::test]
async fn what_is_ones_own_waits_for_somebody_else_to_carry_it_out() {
    let house = house("").await;
    let (mut city, mut other) =
        (administrator(&house, "quantri").await, administrator(&house, "phoquantri").await);
    let at = open(&mut city).await;
    let quantri = house.account("quantri").await;
    let held = administrators::of_account(&house.app.db, quantri.id(), house.app.now()).await.expect("reads");
    let role = format!("item.role.{}", held[0].id);
    for who in ["quantri", "binh"] {
        say(&house, &mut other, &at, who, ["withdraw", "Nghỉ hưu"]).await;
    }
    say_of(&house, &mut other, &at, (&role, ["withdraw", "Nghỉ hưu"])).await;
    let page = carry_out(&house, &mut city, &at, "3").await;
    page.shows("Đã thực hiện: 1; không còn nữa: 0; không thực hiện được: 0")
        .shows("Các mục sau còn chờ")
        .shows("quantri@danang.example): Tài khoản – Của chính người đó")
        .shows("city city – Của chính người đó");
    assert!(is_locked_by_an_administrator(&house.account("binh").await));
    assert_eq!(house.account("quantri").await.state(), quantri.state());
    let again = city.post_from(&at, &format!("{at}/apply"), &[("number", "2")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing is left that is not their own");
    carry_out(&house, &mut other, &at, "2").await.shows("Đã thực hiện: 3;").hides("Các mục sau còn chờ");
    assert!(is_locked_by_an_administrator(&house.account("quantri").await));
    let held = administrators::of_account(&house.app.db, quantri.id(), house.app.now()).await.expect("reads");
    assert!(held.is_empty());
}

#[tokio::test]
async fn what_somebody_has_confirmed_who_lost_the_role_waits_for_another_confirmation() {
    let house = house("").await;
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    let at = open(&mut city).await;
    say(&house, &mut nv, &at, "binh", ["withdraw", "Đã chuyển công tác"]).await;
    let (review, by) = (review_at(&at), house.account("phoquantri").await.id());
    let item = access_reviews::to_apply(&house.app.db, review, 1).await.expect("reads").remove(0);
    let mut tx = house.app.db.begin().await.expect("a transaction");
    access_reviews::order(&mut tx, review, &item, (by, house.app.now())).await.expect("writes");
    tx.commit().await.expect("commits");
    roles::revoke_all(&house.app, &address("phoquantri")).await.expect("taken back");
    access_review::carry_on(&house.app).await.expect("nothing is done");
    city.get(&at).await.shows("không còn quyền: cần xác nhận lại").shows("binh@danang.example): Tài khoản");
    assert_eq!(house.account("binh").await.state().name(), StateName::Active);
    carry_out(&house, &mut city, &at, "1").await.shows("Đã thực hiện: 1;");
    assert!(is_locked_by_an_administrator(&house.account("binh").await));
}

#[tokio::test]
async fn nobody_overwrites_what_somebody_else_has_said_since_the_page_was_opened() {
    let house = house("").await;
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    let at = open(&mut city).await;
    let (an, binh) = (house.account("an").await.id(), house.account("binh").await.id());
    let (an, binh) = (format!("item.account.{an}"), format!("item.account.{binh}"));
    nv.get(&at).await.shows(&format!("name=\"{binh}\" value=\"0\""));
    say(&house, &mut city, &at, "binh", ["withdraw", "Đã nghỉ việc"]).await;
    let path = format!("{at}/decide");
    let old = [(an.as_str(), "0"), (binh.as_str(), "0"), ("verdict", "keep"), ("reason", "Vẫn làm việc")];
    let late = nv.post_from(&at, &path, &old).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("đã có người khác xác nhận")
        .shows("quantri@danang.example Đã nghỉ việc")
        .shows(&format!("name=\"{an}\" value=\"0\" checked"))
        .shows(&format!("name=\"{binh}\" value=\"1\" checked"))
        .shows("value=\"keep\" selected")
        .shows("Vẫn làm việc</textarea>");
    let verdict = async |field: &str| shown(&house, &at, field).await.expect("there").verdict;
    assert_eq!(
        (verdict(an.as_str()).await, verdict(binh.as_str()).await),
        (None, Some(Verdict::Withdraw)),
        "all or nothing"
    );
    let passed_on = [(binh.as_str(), "0"), ("verdict", "transfer"), ("reason", "Sang sở khác")];
    assert_eq!(nv.post_from(&at, &path, &passed_on).await.status, StatusCode::CONFLICT);
    // What is wrong otherwise does not make an old look a new one.
    let wrong = [(binh.as_str(), "0"), ("verdict", "withdraw"), ("reason", "")];
    let wrong = nv.post_from(&at, &path, &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows(&format!("name=\"{binh}\" value=\"1\">"));
    let seen = [(an.as_str(), "0"), (binh.as_str(), "1"), ("verdict", "keep"), ("reason", "Đã hỏi lại")];
    nv.post_from(&at, &path, &seen).await.leads_to(&format!("{at}?note=said"));
    assert_eq!(
        (verdict(an.as_str()).await, verdict(binh.as_str()).await),
        (Some(Verdict::Keep), Some(Verdict::Keep))
    );
}

/// The texts of a package, by name.
async fn package(browser: &mut Browser, at: &str) -> Vec<(String, String)> {
    let bytes = browser.download(&format!("{at}/evidence.zip")).await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a package");
    let mut files = Vec::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).expect("a file");
        let mut text = String::new();
        std::io::Read::read_to_string(&mut file, &mut text).expect("UTF-8");
        files.push((file.name().expect("a name").into_owned(), text));
    }
    files
}

#[tokio::test]
async fn the_evidence_is_one_package_of_what_lies_within_reach() {
    let house = house("").await;
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    let at = open(&mut city).await;
    say(&house, &mut nv, &at, "binh", ["withdraw", "=HYPERLINK(\"x\")"]).await;
    let files = package(&mut nv, &at).await;
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "bao-cao.html",
        "tai-khoan.csv",
        "vai-tro.csv",
        "chuc-vu.csv",
        "uy-quyen.csv",
        "ra-soat.csv",
        "nhat-ky.csv",
        "quy-dinh.csv",
        "lich-lam-viec.csv",
    ];
    assert_eq!(names, expected);
    let text = |name: &str| &files.iter().find(|(of, _)| of == name).expect("there").1;
    assert!(text("tai-khoan.csv").contains("\"an@danang.example\""));
    assert!(text("vai-tro.csv").contains("\"auditor so-nv\""));
    assert!(text("ra-soat.csv").contains("\"'=HYPERLINK(\"\"x\"\")\""), "no formula");
    assert!(text("lich-lam-viec.csv").contains("\"30/04/2026\""));
    assert!(text("quy-dinh.csv").contains("\"3\""));
    assert!(text("bao-cao.html").contains("binh@danang.example"));
    assert!(files.iter().all(|(_, text)| !text.contains("ha@danang.example")), "of another agency");
    let files = package(&mut city, &at).await;
    assert!(files.iter().any(|(_, text)| text.contains("ha@danang.example")));
}

#[tokio::test]
async fn whoever_has_not_finished_is_told_once_at_each_point() {
    let house = house("[admin]\ntwo_persons = false\nreview_half_yearly = true\nreview_days = 10\n").await;
    let number = async |local: &str| {
        let id = house.account(local).await.id();
        let all = letters::of_account(&house.app.db, id, None, 50).await.expect("reads");
        all.iter().filter(|kept| kept.letter.subject().contains("Rà soát quyền truy cập 6 tháng")).count()
    };
    for _ in 0..3 {
        access_review::keep(&house.app).await.expect("kept");
    }
    let all = access_reviews::latest(&house.app.db, 9).await.expect("reads");
    assert_eq!(all.len(), 1, "of each half-year one");
    assert_eq!((number("quantrinv").await, number("quantri").await, number("kiemtra").await), (1, 0, 0));
    house.pass(Duration::days(7));
    access_review::keep(&house.app).await.expect("kept");
    access_review::keep(&house.app).await.expect("kept");
    assert_eq!((number("quantrinv").await, number("quantri").await), (2, 1));
    let mut nv = administrator(&house, "quantrinv").await;
    let at = format!("/reviews/{}", all[0].id);
    let page = nv.get(&at).await;
    page.shows("Đang mở, hạn 12/03/2026");
    house.pass(Duration::days(4));
    access_review::keep(&house.app).await.expect("kept");
    assert_eq!((number("quantrinv").await, number("quantri").await), (3, 2));
    administrator(&house, "quantrinv").await.get(&at).await.shows("Quá hạn 12/03/2026");
    house.set_time(datetime!(2026-07-01 09:00 +7));
    access_review::keep(&house.app).await.expect("kept");
    let all = access_reviews::latest(&house.app.db, 9).await.expect("reads");
    assert_eq!(all.iter().map(|one| one.half.as_str()).collect::<Vec<_>>(), ["2026-H2", "2026-H1"]);
}

#[tokio::test]
async fn a_review_that_is_late_is_told_of_though_the_next_half_year_has_begun() {
    let house = house("[admin]\ntwo_persons = false\nreview_half_yearly = true\nreview_days = 180\n").await;
    let number = async |half: &str| {
        let id = house.account("quantrinv").await.id();
        let all = letters::of_account(&house.app.db, id, None, 50).await.expect("reads");
        all.iter().filter(|kept| kept.letter.subject().contains(&format!("6 tháng {half} năm 2026"))).count()
    };
    access_review::keep(&house.app).await.expect("kept");
    house.set_time(datetime!(2026-07-01 09:00 +7));
    access_review::keep(&house.app).await.expect("kept");
    assert_eq!((number("đầu").await, number("cuối").await), (1, 1));
    // The one of before is open until 29 August.
    for (moment, told) in [(datetime!(2026-08-27 09:00 +7), 2), (datetime!(2026-08-31 09:00 +7), 3)] {
        house.set_time(moment);
        access_review::keep(&house.app).await.expect("kept");
        assert_eq!((number("đầu").await, number("cuối").await), (told, 1), "{moment}");
    }
}

#[tokio::test]
async fn whoever_has_nothing_left_but_what_is_their_own_is_not_told_again() {
    let house = house("[admin]\ntwo_persons = false\nreview_half_yearly = true\nreview_days = 10\n").await;
    let number = async |local: &str| {
        let id = house.account(local).await.id();
        let all = letters::of_account(&house.app.db, id, None, 50).await.expect("reads");
        all.iter().filter(|kept| kept.letter.subject().contains("Rà soát quyền truy cập")).count()
    };
    access_review::keep(&house.app).await.expect("kept");
    let review = access_reviews::latest(&house.app.db, 1).await.expect("reads").remove(0).id;
    let nv = house.account("quantrinv").await;
    let rest = access_reviews::rest(&house.app.db, review, nv.profile().agency_id, nv.id()).await;
    let (rest, at) = (rest.expect("counts").to_string(), format!("/reviews/{review}"));
    let mut browser = administrator(&house, "quantrinv").await;
    let kept = browser.post_from(&at, &format!("{at}/keep"), &[("number", rest.as_str())]).await;
    kept.leads_to(&format!("{at}?note=said"));
    browser.get(&format!("{at}?only=open")).await.shows("quantrinv@danang.example");
    for days in [7, 4] {
        house.pass(Duration::days(days));
        access_review::keep(&house.app).await.expect("kept");
    }
    assert_eq!(number("quantrinv").await, 1, "when it was opened, and not again");
    assert_eq!(number("quantri").await, 2, "the city is told of what is left of the whole");
}

#[tokio::test]
async fn who_has_come_to_another_agency_is_in_the_review_without_the_state_of_now() {
    let house = house("").await;
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    let at = open(&mut city).await;
    let link = format!("href=\"/accounts/{}\"", house.account("binh").await.id());
    nv.get(&at).await.shows(&link);
    house.add("binh", &[Ad]);
    house.pass(Duration::minutes(1));
    house.sync().await;
    nv.get(&at).await.shows("binh@danang.example").hides(&link);
    let state = Lang::Vi.state_of(StateName::Active);
    let told = async |browser: &mut Browser, who: &str| {
        let files = package(browser, &at).await;
        let (_, text) = files.iter().find(|(name, _)| name == "tai-khoan.csv").expect("there");
        text.lines().find(|line| line.contains(&format!("{who}@"))).expect("a line").to_owned()
    };
    assert!(told(&mut nv, "an").await.contains(state));
    assert!(!told(&mut nv, "binh").await.contains(state), "it is another agency's by now");
    assert!(told(&mut city, "binh").await.contains(state));
}

#[tokio::test]
async fn the_evidence_is_of_the_year_of_the_review_with_how_far_each_rule_is_switched_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let folder = dir.path().join("kho-nhat-ky").display().to_string();
    let more = format!("[audit]\nsyslog = \"127.0.0.1:9\"\narchive = \"{folder}\"\n");
    let house = house_at(datetime!(2026-12-28 09:00 +7), &more).await;
    let at = open(&mut administrator(&house, "quantri").await).await;
    house.set_time(datetime!(2027-01-05 09:00 +7));
    let (mut city, mut nv) =
        (administrator(&house, "quantri").await, administrator(&house, "quantrinv").await);
    let (of_city, of_nv) = (package(&mut city, &at).await, package(&mut nv, &at).await);
    let text = |files: &[(String, String)], name: &str| {
        files.iter().find(|(of, _)| of == name).expect("there").1.clone()
    };
    let calendar = text(&of_nv, "lich-lam-viec.csv");
    assert!(calendar.contains("30/04/2026") && !calendar.contains("/2027"), "{calendar}");
    let rules = text(&of_nv, "quy-dinh.csv");
    assert!(rules.contains("Toàn thành phố") && rules.contains(Lang::Vi.mode(Mode::Enforce)), "{rules}");
    let whole = text(&of_city, "nhat-ky.csv");
    assert!(whole.contains("127.0.0.1:9") && whole.contains("kho-nhat-ky"), "{whole}");
    assert!(text(&of_nv, "nhat-ky.csv").contains("có"), "that there is one");
    for (name, text) in &of_nv {
        assert!(!text.contains("127.0.0.1") && !text.contains("kho-nhat-ky"), "{name}");
    }
}
