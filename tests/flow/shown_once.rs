//! What a form of the console is answered with: its links lead to pages, and a page that is shown once has no link to the
//! other language, which would lose it.

use crate::hostile::Hostile;
use crate::house::{Answer, Browser, House, PASSWORD};
use crate::sign_in_page::{follow, lead_somewhere};
use axum::http::StatusCode;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::services::admins;
use danang_sso::web::console;
use std::collections::BTreeSet;

#[tokio::test]
async fn whatever_a_form_of_the_console_is_answered_with_leads_to_pages() {
    let mut hostile = Hostile::build().await;
    let forms: Vec<_> = console::routes().into_iter().filter(|route| route.method == "POST").collect();
    let (mut followed, mut tried) = (0, BTreeSet::new());
    for form in &forms {
        let path = hostile.path(form.path);
        let without = hostile.admin.post(&path, &[]).await;
        followed += usize::from(follow(&mut hostile.admin, &without, &path).await);
        let csrf = hostile.admin.get("/role").await.hidden("csrf").expect("still signed in");
        let empty = hostile.admin.post(&path, &[("csrf", &csrf)]).await;
        lead_somewhere(&mut hostile.admin, &empty, &path, &mut tried).await;
        followed += usize::from(follow(&mut hostile.admin, &empty, &path).await);
    }
    assert!(followed >= forms.len(), "{followed} pages of {} forms", forms.len());
}

/// The answer is shown, and has no link that leads away from it in another language.
fn is_shown_once(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.shows(what).hides("hreflang");
}

async fn house() -> (House, Browser) {
    let house = House::build().await;
    for local in ["quantri", "an", "binh"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    let address = house.account("quantri").await.profile().address.clone();
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut city = house.admin_browser();
    city.sign_in("quantri", PASSWORD).await.leads_to("/");
    (house, city)
}

#[tokio::test]
async fn a_slip_is_not_lost_to_the_other_language() {
    let (house, mut city) = house().await;
    let page = format!("/accounts/{}", house.account("an").await.id());
    city.get(&page).await.shows("hreflang");
    let fields = [("reason", "Quên mật khẩu"), ("sure", "1")];
    let slip = city.post_from(&page, &format!("{page}/reset"), &fields).await;
    is_shown_once(&slip, "translate=\"no\"");
}

#[tokio::test]
async fn the_secret_of_an_application_is_not_lost_to_the_other_language() {
    let (house, mut city) = house().await;
    let file = "[[client]]\nclient_id = \"kho-so\"\nclient_name = \"Kho số\"\nkind = \"web\"\n\
                redirect_uris = [\"https://kho.danang.example/callback\"]\nscope = \"openid\"\n";
    let import = "/applications/import";
    let made = city.post_from(import, import, &[("file", file)]).await;
    is_shown_once(&made, "id=\"made\"");
    let same = city.post_from(import, import, &[("file", file)]).await;
    same.hides("id=\"made\"").shows("hreflang");
    let client = danang_sso::services::clients::find(&house.app, "kho-so").await.expect("found");
    let page = format!("/applications/{}", client.id);
    let edit = format!("{page}/edit");
    let rotated = city.post_from(&edit, &format!("{page}/secret"), &[("overlap", "7")]).await;
    is_shown_once(&rotated, "id=\"client-secret\"");
}

#[tokio::test]
async fn what_came_of_an_act_over_many_is_not_lost_to_the_other_language() {
    let (house, mut city) = house().await;
    let account = house.account("an").await;
    let by_hand = [("reason", "CV 12")];
    let page = format!("/accounts/{}", account.id());
    city.post_from(&page, &format!("{page}/lock"), &by_hand).await.leads_to(&format!("{page}?note=locked"));
    let list = format!("/unlock?lock={}", LockReason::ByAdministrator.code());
    let asked = city.get(&list).await;
    let accounts = asked.hidden("accounts").expect("whom it concerns");
    let fields = [
        ("accounts", accounts.as_str()),
        ("lock", LockReason::ByAdministrator.code()),
        ("number", "1"),
        ("reason", "CV 13"),
    ];
    let done = city.post_from(&list, "/unlock", &fields).await;
    is_shown_once(&done, "Đã mở khóa 1 tài khoản");
}
