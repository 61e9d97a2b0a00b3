//! The two directories beside each other: which has the word, what differs, and what administrators decide about it.

use crate::house::{Answer, Browser, House, PASSWORD};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Act;
use danang_sso::domain::id::AgencyId;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::{accounts, admins};
use danang_sso::storage::Db;
use time::Duration;

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

fn agency(code: Option<&str>, name: &str) -> SeenAgency {
    SeenAgency { code: code.map(str::to_owned), name: name.to_owned() }
}

/// A house with an administrator of the city and one of so-nv, whose people are in AD alone; then `fill` adds people.
async fn house(fill: impl FnOnce(&House)) -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    house.add_with("quantrinv", &[Ad], |seen| seen.agency = Some(agency(Some("so-nv"), "Sở Nội vụ")));
    fill(&house);
    assert_eq!(house.sync().await.outcome, "done");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
    house
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

/// Acts of a kind that were recorded, newest first: the actor, before, after and why.
async fn recorded(house: &House, act: Act) -> Vec<(String, Option<String>, Option<String>, Option<String>)> {
    let Db::Sqlite { readers, .. } = &house.app.db else { panic!("the tests are on SQLite") };
    let lines = "SELECT actor, before, after, why FROM audit WHERE act = $1 ORDER BY seq DESC";
    sqlx::query_as(lines).bind(act.code()).fetch_all(readers).await.expect("reads")
}

async fn name_of(house: &House, local: &str) -> String {
    house.account(local).await.profile().display_name.clone()
}

#[tokio::test]
async fn the_conflicts_of_each_agency_are_counted_by_the_run_that_meets_them() {
    let house = house(|house| {
        house.add("binh", &[Ad, Obm]);
        house.add_with("an", &[Ad, Obm], |seen| {
            if seen.key.system == Obm {
                seen.title = Some("Trưởng phòng".to_owned());
            }
        });
    })
    .await;
    let all = accounts::agencies(&house.app).await.expect("reads");
    let id = |code: &str| all.iter().find(|agency| agency.code == code).expect("it is there").id;
    let (khcn, nv) = (id("so-khcn"), id("so-nv"));
    // A zero is no link: there is nothing behind it.
    let told = |page: &str, agency: AgencyId| -> String {
        let row = page.split(&format!("href=\"/agencies/{agency}\"")).nth(1).expect("its row");
        let cell =
            row.split("data-label=\"Mâu thuẫn giữa hai hệ thống thư\" class=\"count is-desk\">").nth(1);
        cell.and_then(|cell| cell.split("</td>").next()).expect("its cell").to_owned()
    };
    let link = |agency: AgencyId, number: i64| {
        format!("<a href=\"/sync/reconcile?agency={agency}\" class=\"is-wrong\">{number}</a>")
    };
    let mut city = signed_in(&house, "quantri").await;
    let table = city.get("/agencies").await;
    table.shows("theo lần đồng bộ lúc 09:00");
    assert_eq!((told(&table.body, khcn), told(&table.body, nv)), (link(khcn, 1), "0".to_owned()));
    let list = city.get(&format!("/sync/reconcile?agency={khcn}&kind=differs")).await;
    list.shows("an@danang.example").hides("binh@danang.example");
    let alone = |number: i64| {
        format!(
            "Mâu thuẫn giữa hai hệ thống thư</th><td data-label=\"Riêng cơ quan này\" class=\"count\">{number}</td>"
        )
    };
    city.get(&format!("/agencies/{khcn}")).await.shows(&alone(1)).shows("id=\"conflicts\"");
    let worst = city.get("/agencies?sort=conflicts").await;
    let at = |agency: AgencyId| worst.body.find(&format!("href=\"/agencies/{agency}\""));
    assert!(at(khcn) < at(nv), "the most first");
    let mut branch = signed_in(&house, "quantrinv").await;
    let table = branch.get("/agencies").await;
    assert_eq!(told(&table.hides(&khcn.to_string()).body, nv), "0");

    // Nothing is counted by looking: the next run does.
    house.obm.edit("an", |seen| seen.title = Some("Chuyên viên".to_owned()));
    assert_eq!(told(&city.get("/agencies").await.body, khcn), link(khcn, 1));
    house.pass(Duration::minutes(15));
    assert_eq!(house.sync().await.outcome, "done");
    let mut city = signed_in(&house, "quantri").await;
    let table = city.get("/agencies").await;
    assert_eq!(told(&table.shows("theo lần đồng bộ lúc 09:15").body, khcn), "0");
    city.get(&format!("/agencies/{khcn}")).await.shows(&alone(0));
}

mod authority {
    use super::*;

    const TABLE: &str = "name=obm title=ad staff_number=ad agency=ad aliases=both address=ad";

    async fn an_in_both() -> House {
        house(|house| {
            house.add_with("an", &[Ad, Obm], |seen| {
                let name = if seen.key.system == Ad { "Nguyễn Văn An" } else { "Trần <b>An</b>" };
                name.clone_into(&mut seen.display_name);
            });
        })
        .await
    }

    async fn change(browser: &mut Browser, from: &str, table: &str, why: &str) -> Answer {
        let fields = [("from", from), ("table", table), ("reason", why)];
        browser.post_from("/sync/authority", "/sync/authority", &fields).await
    }

    #[tokio::test]
    async fn a_change_is_seen_first_then_made_and_the_next_run_plans_everybody_by_it() {
        let house = an_in_both().await;
        let mut browser = signed_in(&house, "quantri").await;
        browser.get("/sync").await.shows("/sync/authority");
        browser.get("/sync/authority").await.shows("Chưa có thay đổi nào");
        let chosen = [
            ("name", "obm"),
            ("title", "ad"),
            ("staff_number", "ad"),
            ("agency", "ad"),
            ("aliases", "both"),
            ("address", "ad"),
        ];
        let preview = browser.post_from("/sync/authority", "/sync/authority/preview", &chosen).await;
        preview.shows("Cập nhật thông tin: 1").shows("Nguyễn Văn An → Trần &#60;b&#62;An").hides("<b>An");
        assert_eq!(preview.hidden("table").as_deref(), Some(TABLE));
        assert_eq!(name_of(&house, "an").await, "Nguyễn Văn An", "it was only looked at");
        assert_eq!(change(&mut browser, "0", TABLE, " ").await.status, 422);
        change(&mut browser, "0", TABLE, "theo công văn 12").await.leads_to("/sync/authority?note=changed");
        browser.get("/sync/authority").await.shows("theo công văn 12").shows("quantri@danang.example");

        house.pass(Duration::minutes(15));
        assert_eq!(house.sync().await.updated, 1, "although no entry changed");
        assert_eq!(name_of(&house, "an").await, "Trần <b>An</b>");
        house.pass(Duration::minutes(15));
        assert_eq!(house.sync().await.updated, 0);
        let line = recorded(&house, Act::AuthorityChanged).await.remove(0);
        let text = |text: &str| Some(text.to_owned());
        let told = (text("name=ad"), text("name=obm"), text("theo công văn 12"));
        assert_eq!((line.1, line.2, line.3), told);
        assert_eq!(line.0, "quantri@danang.example");
    }

    #[tokio::test]
    async fn the_former_table_comes_back_and_of_two_changes_at_once_one_is_made() {
        let house = an_in_both().await;
        let mut browser = signed_in(&house, "quantri").await;
        change(&mut browser, "0", TABLE, "thử").await.leads_to("/sync/authority?note=changed");
        assert_eq!(change(&mut browser, "0", TABLE, "hai").await.status, 409);
        assert_eq!(change(&mut browser, "1", TABLE, "ba").await.status, 422, "nothing differs");
        let former = browser.get("/sync/authority").await.hidden("table").expect("a way back");
        browser
            .post_from("/sync/authority", "/sync/authority/preview", &[("table", former.as_str())])
            .await
            .shows("Không có tài khoản nào thay đổi");
        change(&mut browser, "1", &former, "trở lại").await.leads_to("/sync/authority?note=changed");
        house.sync().await;
        assert_eq!(name_of(&house, "an").await, "Nguyễn Văn An");
    }

    #[tokio::test]
    async fn a_run_that_could_not_read_one_directory_leaves_the_new_table_to_the_next() {
        let house = an_in_both().await;
        let mut browser = signed_in(&house, "quantri").await;
        change(&mut browser, "0", TABLE, "thử").await.leads_to("/sync/authority?note=changed");
        house.obm.set_unreachable(true);
        assert_eq!(house.sync().await.outcome, "partial");
        assert_eq!(name_of(&house, "an").await, "Trần <b>An</b>", "what OBM last said is known");
        house.obm.set_unreachable(false);
        assert_eq!(house.sync().await.outcome, "done");
        assert_eq!(name_of(&house, "an").await, "Trần <b>An</b>");
    }

    #[tokio::test]
    async fn only_the_city_changes_it_and_only_with_a_form_of_ours() {
        let house = an_in_both().await;
        let mut agency = signed_in(&house, "quantrinv").await;
        agency.get("/sync/authority").await.shows("Chỉ quản trị viên toàn thành phố").hides("id=\"preview\"");
        assert_eq!(change(&mut agency, "0", TABLE, "thử").await.status, 403);
        let preview =
            agency.post_from("/sync/authority", "/sync/authority/preview", &[("table", TABLE)]).await;
        assert_eq!(preview.status, 403);
        preview.hides("an@danang.example");
        let mut city = signed_in(&house, "quantri").await;
        let fields = [("from", "0"), ("table", TABLE), ("reason", "x"), ("csrf", "wrong")];
        assert_eq!(city.post("/sync/authority", &fields).await.status, 403);
        for wrong in ["name=both", "x=ad", "name=ad name"] {
            let answer =
                city.post_from("/sync/authority", "/sync/authority/preview", &[("table", wrong)]).await;
            assert_eq!(answer.status, 422, "{wrong}");
        }
        city.get("/sync/authority").await.shows("Chưa có thay đổi nào");
    }

    #[tokio::test]
    async fn the_page_of_an_account_names_the_source_and_the_day_of_each_value() {
        let house = an_in_both().await;
        let id = house.account("an").await.id();
        let page = format!("/accounts/{id}");
        let mut browser = signed_in(&house, "quantri").await;
        browser
            .get(&page)
            .await
            .shows("theo Active Directory, từ 02/03/2026")
            .shows("OBM: Trần &#60;b&#62;An&#60;/b&#62; (từ 02/03/2026)");
        assert_eq!(signed_in(&house, "quantrinv").await.get(&page).await.status, 404);
    }
}

mod pages {
    use super::*;

    /// One of each kind, each in so-khcn unless the name says otherwise.
    async fn one_of_each() -> House {
        house(|house| {
            house.add("same", &[Ad, Obm]);
            house.add_with("differs", &[Ad, Obm], |seen| {
                seen.title = Some(if seen.key.system == Ad { "=1+1" } else { "<i>x</i>" }.to_owned());
            });
            house.add_with("two", &[Ad, Obm], |seen| {
                seen.staff_number = Some(seen.key.system.code().to_owned());
            });
            house.add_with("off", &[Ad, Obm], |seen| seen.enabled = seen.key.system == Ad);
            house.add_with("clash", &[Obm], |seen| seen.aliases = vec![address("same")]);
            house.add_with("one.number", &[Ad], |seen| seen.staff_number = Some("42".to_owned()));
            house.add_with("nv.number", &[Obm], |seen| {
                seen.staff_number = Some("42".to_owned());
                seen.agency = Some(agency(None, "Sở Nội vụ"));
            });
            house.add_with("loc", &[Obm], |seen| "Lê Lộc".clone_into(&mut seen.display_name));
            house.add_with("l0c", &[Obm], |seen| "Ai Đó".clone_into(&mut seen.display_name));
            let twin = house.app.now();
            let mut seen = crate::house::seen("two", Ad, twin);
            "twin".clone_into(&mut seen.key.native_id);
            "twin".clone_into(&mut seen.key.login);
            house.ad.add(seen, danang_sso::domain::secret::password(PASSWORD).expect("short"));
        })
        .await
    }

    #[tokio::test]
    async fn every_kind_is_counted_linked_and_shown() {
        let house = one_of_each().await;
        let mut browser = signed_in(&house, "quantri").await;
        browser.get("/sync").await.shows("/sync/reconcile");
        let first = browser.get("/sync/reconcile").await;
        first.shows("mục cần xem").shows("Hai người, một địa chỉ (2)").shows("twin");
        for (kind, word, who) in [
            ("two_persons", "Hai người, một địa chỉ (2)", "two@danang.example"),
            ("same_staff_number", "Một mã số, nhiều địa chỉ (1)", "nv.number@danang.example"),
            ("alias_clash", "Địa chỉ phụ bị trùng (1)", "clash@danang.example"),
            ("look_alike", "Địa chỉ dễ nhầm (1)", "l0c@danang.example"),
            ("set_aside", "Để riêng (1)", "twin"),
            ("disabled_in_one", "Bị vô hiệu hóa ở một hệ thống (1)", "bị vô hiệu hóa"),
            ("differs", "Thông tin khác nhau (1)", "&#60;i&#62;x"),
            ("only_in_ad", "Chỉ có ở Active Directory (3)", "quantri@danang.example"),
            ("only_in_obm", "Chỉ có ở OBM (4)", "loc@danang.example"),
            ("same", "Giống nhau (1)", "same@danang.example"),
        ] {
            let page = browser.get(&format!("/sync/reconcile?kind={kind}")).await;
            page.shows(word).shows(who).shows(&format!("kind={kind}")).hides("<i>x");
        }
        for odd in ["kind=x&agency=y&after=%00", "kind=same&after=nothing", "q=%25%27%3Cb%3E"] {
            assert!(!browser.get(&format!("/sync/reconcile?{odd}")).await.status.is_server_error(), "{odd}");
        }
    }

    #[tokio::test]
    async fn it_is_searched_by_address_and_narrowed_to_an_agency() {
        let house = one_of_each().await;
        let mut browser = signed_in(&house, "quantri").await;
        let search = browser.get("/sync/reconcile?kind=only_in_obm&q=LOC@").await;
        search.shows("Chỉ có ở OBM (1)").shows("loc@danang.example").hides("l0c@danang.example");
        let nv = house.account("quantrinv").await.profile().agency_id.expect("an agency");
        let narrowed = browser.get(&format!("/sync/reconcile?kind=only_in_obm&agency={nv}")).await;
        narrowed.shows("nv.number@danang.example").hides("loc@danang.example").hides("Để riêng (");
        browser.get("/sync/reconcile?q=khongcoai").await.shows("Không có dòng nào phù hợp");
    }

    #[tokio::test]
    async fn an_agency_sees_its_own_and_nothing_of_others() {
        let house = one_of_each().await;
        let mut browser = signed_in(&house, "quantrinv").await;
        let number = browser.get("/sync/reconcile?kind=same_staff_number").await;
        number.shows("nv.number@danang.example").shows("Hộp thư của cơ quan khác").hides("one.number");
        for kind in
            ["two_persons", "alias_clash", "look_alike", "set_aside", "differs", "same", "only_in_obm"]
        {
            let page = browser.get(&format!("/sync/reconcile?kind={kind}")).await;
            page.hides("same@").hides("two@").hides("twin").hides("loc@").hides("Để riêng (");
            let table = browser.get(&format!("/sync/reconcile.csv?kind={kind}")).await;
            table.hides("same@").hides("two@").hides("twin").hides("loc@");
        }
        let other = house.account("same").await.profile().agency_id.expect("an agency");
        browser.get(&format!("/sync/reconcile?kind=same&agency={other}")).await.hides("same@danang");
        house.admin_browser().get("/sync/reconcile").await.leads_to("/sign-in");
        house.admin_browser().get("/sync/reconcile.csv").await.leads_to("/sign-in");
    }

    #[tokio::test]
    async fn a_kind_is_a_table_in_which_nothing_is_a_formula() {
        let house = house(|house| {
            house.add_with("an", &[Ad, Obm], |seen| {
                let name = if seen.key.system == Ad { "=HYPERLINK(\"x\")" } else { "Lê \"An\", Bình" };
                name.clone_into(&mut seen.display_name);
            });
        })
        .await;
        let mut browser = signed_in(&house, "quantri").await;
        let table = browser.get("/sync/reconcile.csv?kind=two_persons").await;
        assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
        let lines: Vec<_> = table.body.trim_start_matches('\u{FEFF}').split("\r\n").collect();
        assert!(lines[1].contains(",\"'=HYPERLINK(\"\"x\"\")\","), "{}", lines[1]);
        assert!(lines[2].contains(",\"Lê \"\"An\"\", Bình\","), "{}", lines[2]);
        assert_eq!(lines.len(), 4, "{lines:?}");
    }

    #[tokio::test]
    async fn pages_follow_each_other_and_hold_everybody_once() {
        let house = house(|house| {
            for n in 0..120 {
                house.add(&format!("nguoi.so{n:03}"), &[Ad, Obm]);
            }
        })
        .await;
        let mut browser = signed_in(&house, "quantri").await;
        let (mut address, mut seen) = ("/sync/reconcile?kind=same".to_owned(), Vec::new());
        browser.get("/sync/reconcile").await.shows("Không có tài khoản nào trùng");
        loop {
            let page = browser.get(&address).await;
            let names = page.body.split("nguoi.so").skip(1).filter_map(|rest| rest.get(..3));
            let mut names: Vec<_> = names.map(str::to_owned).collect();
            names.dedup();
            assert!(names.len() <= 50, "a page is short: {}", names.len());
            seen.extend(names);
            let Some(at) = page.body.find("rel=\"next\"") else { break };
            let href = page.body[..at].rsplit("href=\"").next().and_then(|rest| rest.split('"').next());
            address = href.expect("an address").replace("&#38;", "&");
        }
        assert_eq!(seen, (0..120).map(|n| format!("{n:03}")).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn before_the_first_run_there_is_nothing_and_the_page_says_so() {
        let house = house(|_| {}).await;
        let mut browser = signed_in(&house, "quantrinv").await;
        let page = browser.get("/sync/reconcile?kind=same").await;
        page.shows("Không có tài khoản nào trùng").shows("Không có dòng nào phù hợp");
    }
}

mod decisions {
    use super::*;
    use danang_sso::domain::account::StateName;
    use danang_sso::storage::mailboxes;

    /// The ids of what a page of findings shows.
    fn picks(page: &Answer) -> Vec<String> {
        let found = page.body.split("name=\"pick-").skip(1).filter_map(|rest| rest.split('"').next());
        found.map(str::to_owned).collect()
    }

    async fn picks_of(browser: &mut Browser, kind: &str, search: &str) -> Vec<String> {
        picks(&browser.get(&format!("/sync/reconcile?kind={kind}&q={search}")).await)
    }

    async fn send(browser: &mut Browser, path: &str, picked: &[String], rest: &[(&str, &str)]) -> Answer {
        let names: Vec<_> = picked.iter().map(|id| format!("pick-{id}")).collect();
        let mut fields: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
        fields.extend_from_slice(rest);
        browser.post_from("/sync/authority", path, &fields).await
    }

    async fn boxes_of(house: &House, local: &str) -> Vec<String> {
        let all = mailboxes::of_account(&house.app.db, house.account(local).await.id()).await.expect("reads");
        all.into_iter().map(|mailbox| mailbox.key.native_id).collect()
    }

    async fn next_run(house: &House) {
        house.pass(Duration::minutes(5));
        assert_eq!(house.sync().await.outcome, "done");
    }

    async fn an_twice() -> House {
        house(|house| {
            house.add("an", &[Ad]);
            house.add("an.nguyen", &[Obm]);
            house.add("binh", &[Ad]);
            house.add_with("chi", &[Ad, Obm], |seen| {
                seen.staff_number = Some(seen.key.system.code().to_owned());
            });
        })
        .await
    }

    #[tokio::test]
    async fn one_person_with_two_mailboxes_gets_one_account_and_the_decision_is_taken_back() {
        let house = an_twice().await;
        let mut browser = signed_in(&house, "quantri").await;
        let picked = picks_of(&mut browser, "only_in_obm", "an.nguyen").await;
        assert_eq!(picked.len(), 1);
        let wish = [("kind", "only_in_obm"), ("verdict", "one_person"), ("target", " AN@danang.example")];
        let preview = send(&mut browser, "/sync/reconcile/preview", &picked, &wish).await;
        preview.shows("an.nguyen@danang.example → an@danang.example").shows("Thêm hộp thư: 1");
        preview.shows("Khóa: không còn trong hệ thống thư: 1");
        assert_eq!(boxes_of(&house, "an").await, ["ad-an"], "it was only looked at");
        let empty = send(&mut browser, "/sync/reconcile/settle", &picked, &wish).await;
        assert_eq!(empty.status, 422, "without a reason");
        let with_reason = [wish[0], wish[1], wish[2], ("reason", "công văn 7 <b>")];
        let settled = send(&mut browser, "/sync/reconcile/settle", &picked, &with_reason).await;
        settled.leads_to("/sync/decisions?note=settled");
        assert_eq!(send(&mut browser, "/sync/reconcile/settle", &picked, &with_reason).await.status, 422);
        next_run(&house).await;
        assert_eq!(boxes_of(&house, "an").await, ["ad-an", "obm-an.nguyen"]);
        assert_eq!(house.account("an.nguyen").await.state().name(), StateName::Locked);
        assert_eq!(recorded(&house, Act::MatchDecided).await[0].3.as_deref(), Some("công văn 7 <b>"));

        let list = browser.get("/sync/decisions").await;
        list.shows("công văn 7 &#60;b&#62;").hides("7 <b>");
        let id = list.hidden("id").expect("a decision that holds");
        let fields = [("id", id.as_str())];
        let preview = browser.post_from("/sync/authority", "/sync/decisions/preview", &fields).await;
        preview.shows("Thêm hộp thư: 1").shows("Mở khóa theo hệ thống thư: 1");
        let fields = [("id", id.as_str()), ("reason", "nhầm")];
        let undone = browser.post_from("/sync/authority", "/sync/decisions", &fields).await;
        undone.leads_to("/sync/decisions?note=undone");
        let again = browser.post_from("/sync/authority", "/sync/decisions", &fields).await;
        assert_eq!(again.status, 409, "not twice");
        next_run(&house).await;
        assert_eq!(boxes_of(&house, "an").await, ["ad-an"]);
        assert_eq!(boxes_of(&house, "an.nguyen").await, ["obm-an.nguyen"]);
        assert_eq!(house.account("an.nguyen").await.state().name(), StateName::Active);
    }

    #[tokio::test]
    async fn two_persons_come_apart_and_are_not_shown_again() {
        let house = an_twice().await;
        let mut browser = signed_in(&house, "quantri").await;
        let picked = picks_of(&mut browser, "two_persons", "chi@").await;
        let wish = [("kind", "two_persons"), ("verdict", "two_persons"), ("reason", "đã hỏi cơ quan")];
        let preview = send(&mut browser, "/sync/reconcile/preview", &picked, &wish[..2]).await;
        preview.shows("Gỡ hộp thư: 1").shows("Để riêng: 1");
        let settled = send(&mut browser, "/sync/reconcile/settle", &picked, &wish).await;
        settled.leads_to("/sync/decisions?note=settled");
        next_run(&house).await;
        assert_eq!(boxes_of(&house, "chi").await, ["ad-chi"]);
        assert_eq!(picks_of(&mut browser, "two_persons", "").await, Vec::<String>::new());
        browser.get("/sync/reconcile?kind=set_aside").await.shows("held by another account");
        house.obm.edit("chi", |seen| seen.address = address("chi.tran"));
        next_run(&house).await;
        assert_eq!(boxes_of(&house, "chi.tran").await, ["obm-chi"]);
    }

    #[tokio::test]
    async fn many_that_are_known_are_settled_at_once_and_change_nothing() {
        let house = an_twice().await;
        let mut browser = signed_in(&house, "quantri").await;
        let picked = picks_of(&mut browser, "only_in_ad", "").await;
        assert_eq!(picked.len(), 4);
        let wish = [("kind", "only_in_ad"), ("verdict", "known"), ("reason", "chỉ dùng Exchange")];
        let preview = send(&mut browser, "/sync/reconcile/preview", &picked, &wish[..2]).await;
        preview.shows("Không có tài khoản nào thay đổi");
        let settled = send(&mut browser, "/sync/reconcile/settle", &picked, &wish).await;
        settled.leads_to("/sync/decisions?note=settled");
        browser.get("/sync/reconcile").await.hides("Chỉ có ở Active Directory (");
        house.pass(Duration::minutes(5));
        assert_eq!(house.sync().await.updated, 0);
        let id = browser.get("/sync/decisions").await.hidden("id").expect("a decision");
        let fields = [("id", id.as_str()), ("reason", "xem lại")];
        browser
            .post_from("/sync/authority", "/sync/decisions", &fields)
            .await
            .leads_to("/sync/decisions?note=undone");
        browser.get("/sync/reconcile").await.shows("Chỉ có ở Active Directory (1)");
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused_with_its_reason() {
        let house = an_twice().await;
        let mut browser = signed_in(&house, "quantri").await;
        let alone = picks_of(&mut browser, "only_in_ad", "binh").await;
        let path = "/sync/reconcile/preview";
        let one = ("verdict", "one_person");
        for (target, status) in
            [("khong.co@danang.example", 422), ("binh@danang.example", 422), ("an@danang.example", 409)]
        {
            let answer = send(&mut browser, path, &alone, &[one, ("target", target)]).await;
            assert_eq!(answer.status, status, "{target}");
        }
        assert_eq!(send(&mut browser, path, &alone, &[("verdict", "two_persons")]).await.status, 422);
        assert_eq!(send(&mut browser, path, &alone, &[("verdict", "undo")]).await.status, 422);
        assert_eq!(send(&mut browser, path, &[], &[one]).await.status, 422);
        let gone = ["00".repeat(16)];
        assert_eq!(send(&mut browser, path, &gone, &[("verdict", "known")]).await.status, 422);
        let same = picks_of(&mut browser, "same", "").await;
        assert!(same.is_empty(), "nothing is settled where nothing is wrong");
        assert_eq!(recorded(&house, Act::MatchDecided).await, []);
    }

    #[tokio::test]
    async fn only_the_city_decides_and_only_with_a_form_of_ours() {
        let house = an_twice().await;
        let mut city = signed_in(&house, "quantri").await;
        let picked = picks_of(&mut city, "only_in_ad", "binh").await;
        let wish = [("kind", "only_in_ad"), ("verdict", "known"), ("reason", "thử")];
        let mut agency = signed_in(&house, "quantrinv").await;
        agency.get("/sync/reconcile?kind=only_in_ad").await.hides("name=\"pick-").hides("binh@");
        for path in ["/sync/reconcile/preview", "/sync/reconcile/settle"] {
            let answer = send(&mut agency, path, &picked, &wish).await;
            assert_eq!(answer.status, 403, "{path}");
            answer.hides("binh@");
        }
        assert_eq!(agency.get("/sync/decisions").await.status, 403);
        let forged = [("csrf", "wrong"), ("verdict", "known"), ("reason", "x")];
        for path in [
            "/sync/reconcile/preview",
            "/sync/reconcile/settle",
            "/sync/decisions/preview",
            "/sync/decisions",
        ] {
            assert_eq!(city.post(path, &forged).await.status, 403, "{path}");
        }
        assert_eq!(recorded(&house, Act::MatchDecided).await, []);
    }
}

mod agencies {
    use super::*;
    use danang_sso::storage::agencies;

    /// Ba and Bon are in OBM, which writes something of its own for their agency.
    async fn house_with_a_text() -> House {
        house(|house| {
            for local in ["ba", "bon"] {
                house.add_with(local, &[Obm], |seen| seen.agency = Some(agency(None, "<i>SNV</i> VP")));
            }
        })
        .await
    }

    async fn agency_of(house: &House, local: &str) -> String {
        let id = house.account(local).await.profile().agency_id.expect("an agency");
        agencies::by_id(&house.app.db, id).await.expect("reads").expect("there").name
    }

    #[tokio::test]
    async fn a_text_nobody_decided_on_is_listed_mapped_and_taken_back() {
        let house = house_with_a_text().await;
        assert_eq!(agency_of(&house, "ba").await, "<i>SNV</i> VP", "it made an agency of its own");
        let mut browser = signed_in(&house, "quantri").await;
        browser.get("/sync").await.shows("/sync/agencies");
        let list = browser.get("/sync/agencies").await;
        list.shows("Còn 1 tên").shows("&#60;i&#62;SNV").hides("<i>SNV");
        let nv = house.account("quantrinv").await.profile().agency_id.expect("an agency").to_string();
        let pick = ("pick-obm-<i>snv</i> vp", "1");
        let preview =
            browser.post_from("/sync/authority", "/sync/agencies/preview", &[pick, ("agency", &nv)]).await;
        preview.shows("Chuyển cơ quan: 2").shows("→ Sở Nội vụ").hides("<i>snv");
        assert_eq!(agency_of(&house, "ba").await, "<i>SNV</i> VP", "it was only looked at");
        let no_reason = [pick, ("agency", nv.as_str())];
        assert_eq!(browser.post_from("/sync/authority", "/sync/agencies", &no_reason).await.status, 422);
        let fields = [pick, ("agency", nv.as_str()), ("reason", "công văn 9")];
        browser
            .post_from("/sync/authority", "/sync/agencies", &fields)
            .await
            .leads_to("/sync/agencies?note=mapped");
        browser.get("/sync/agencies").await.shows("Đã gán").hides("Còn 1 tên");
        house.pass(Duration::minutes(5));
        assert_eq!(house.sync().await.updated, 2);
        assert_eq!(agency_of(&house, "bon").await, "Sở Nội vụ");
        let line = recorded(&house, Act::AgencyMapped).await.remove(0);
        assert_eq!((line.1.as_deref(), line.2.as_deref()), (Some("i-snv-i-vp"), Some("so-nv")));

        let fields = [pick, ("reason", "nhầm")];
        browser
            .post_from("/sync/authority", "/sync/agencies", &fields)
            .await
            .leads_to("/sync/agencies?note=mapped");
        assert_eq!(
            browser.post_from("/sync/authority", "/sync/agencies", &fields).await.status,
            422,
            "nothing to take back"
        );
        house.pass(Duration::minutes(5));
        house.sync().await;
        assert_eq!(agency_of(&house, "ba").await, "<i>SNV</i> VP");
    }

    #[tokio::test]
    async fn only_the_city_decides_on_texts_that_are_there_and_only_with_a_form_of_ours() {
        let house = house_with_a_text().await;
        let mut agency = signed_in(&house, "quantrinv").await;
        assert_eq!(agency.get("/sync/agencies").await.status, 403);
        let nv = house.account("quantrinv").await.profile().agency_id.expect("an agency").to_string();
        let fields = [("pick-obm-<i>snv</i> vp", "1"), ("agency", nv.as_str()), ("reason", "x")];
        for path in ["/sync/agencies/preview", "/sync/agencies"] {
            let answer = agency.post_from("/sync/authority", path, &fields).await;
            assert!(answer.status.is_client_error(), "{path}");
            answer.hides("SNV");
        }
        let mut city = signed_in(&house, "quantri").await;
        assert_eq!(city.post("/sync/agencies", &[("csrf", "wrong"), fields[0], fields[1]]).await.status, 403);
        for wrong in ["pick-obm-khong co", "pick-x-y", "pick-", "x"] {
            let fields = [(wrong, "1"), ("agency", nv.as_str()), ("reason", "x")];
            assert_eq!(
                city.post_from("/sync/authority", "/sync/agencies", &fields).await.status,
                409,
                "{wrong}"
            );
        }
        assert_eq!(recorded(&house, Act::AgencyMapped).await, []);
    }
}

mod outline {
    use super::*;
    use danang_sso::storage::accounts as rows;

    /// A page of what differs, whether or not anything of it is shown.
    const DIFFERS: &str = "<a href=\"/sync/reconcile?kind=differs\"";

    #[tokio::test]
    async fn who_moves_is_shown_at_once_to_nobody_of_the_former_agency_and_counted_so_after_an_hour() {
        let house = house(|house| {
            house.add_with("an", &[Ad, Obm], |seen| {
                seen.agency = Some(agency(Some("so-nv"), "Sở Nội vụ"));
                if seen.key.system == Obm {
                    seen.title = Some("Trưởng phòng".to_owned());
                }
            });
        })
        .await;
        let mut branch = signed_in(&house, "quantrinv").await;
        let page = branch.get("/sync/reconcile?kind=differs").await;
        page.shows("an@danang.example").shows(DIFFERS).shows("Kết quả đối chiếu lúc 09:00");
        let account = house.account("an").await;
        let mut profile = account.profile().clone();
        profile.agency_id = house.account("quantri").await.profile().agency_id;
        let mut tx = house.app.db.begin().await.expect("begins");
        let moved = account.with_profile(profile);
        rows::save(&mut tx, &moved, account.traces().written).await.expect("moved");
        tx.commit().await.expect("commits");
        branch.get("/sync/reconcile?kind=differs").await.hides("an@danang.example").shows(DIFFERS);
        let mut city = signed_in(&house, "quantri").await;
        city.get("/sync/reconcile?kind=differs").await.shows("an@danang.example");
        house.pass(Duration::hours(1));
        let mut branch = signed_in(&house, "quantrinv").await;
        let page = branch.get("/sync/reconcile?kind=differs").await;
        page.hides("an@danang.example").hides(DIFFERS).shows("Kết quả đối chiếu lúc 10:00");
    }

    #[tokio::test]
    async fn what_a_run_or_a_decision_changes_is_compared_anew_and_nothing_else_is() {
        let house = house(|house| house.add("binh", &[Ad, Obm])).await;
        let mut city = signed_in(&house, "quantri").await;
        city.get("/sync/reconcile?kind=same").await.shows("binh@danang.example");
        let kept = || house.app.comparison.lock().expect("nobody panicked").clone().expect("kept");
        let first = kept();
        city.get("/sync/reconcile?kind=same").await.shows("binh@danang.example");
        assert!(std::sync::Arc::ptr_eq(&first, &kept()), "compared once");
        house.obm.edit("binh", |seen| seen.title = Some("Trưởng phòng".to_owned()));
        assert_eq!(house.sync().await.outcome, "done");
        let second = kept();
        assert!(!std::sync::Arc::ptr_eq(&first, &second), "by the run itself");
        city.get("/sync/reconcile?kind=differs").await.shows("binh@danang.example");
        assert!(std::sync::Arc::ptr_eq(&second, &kept()));
    }
}
