//! Codes by mail to another address than the city's, and certificates of the government's digital signature.

use crate::authenticator::{Authenticator, half, recovery_codes, second};
use crate::authority::{Authority, Holder, Says, says};
use crate::house::{Answer, Browser, House, PASSWORD};
use crate::sink::Sink;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use danang_sso::domain::account::LockReason;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mail::{Letter, LetterKind};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::services::letters::write_due;
use danang_sso::services::{admins, lock, upkeep};
use danang_sso::storage::{account_certificates, audit, letters};
use tempfile::TempDir;
use time::Duration;
use time::macros::datetime;

const STEP: &str = "/sign-in/second";
const STEP_MAIL: &str = "/sign-in/second/mail";
const MAIL: &str = "/security/mail";
const OTHER: &str = "an.rieng@thu.example";

async fn house_with(more: &str) -> House {
    let house = House::at(datetime!(2026-03-02 09:00 +7), more).await;
    house.add("an", &[Ad]);
    house.add("binh", &[Ad]);
    house.sync().await;
    house
}

async fn with_mail() -> (House, Sink) {
    let sink = Sink::start().await;
    let more =
        format!("{}[second_factor]\nadministrators = \"required\"\nmail_codes = true\n", sink.config());
    (house_with(&more).await, sink)
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

/// The code in the latest letter to the other address.
fn code(sink: &Sink) -> String {
    let all = sink.arrived();
    let letter = all.iter().rev().find(|letter| letter.to == OTHER).expect("a letter");
    let text = letter.raw.replace("=\r\n", "");
    let after = text.split("Your code: ").nth(1).expect("the code");
    after.chars().take(6).collect()
}

/// Sets the other address up.
async fn confirmed(browser: &mut Browser, sink: &Sink) -> Answer {
    browser.post_from(MAIL, MAIL, &[("address", OTHER)]).await.leads_to(MAIL);
    browser.post_from(MAIL, MAIL, &[("code", &code(sink))]).await
}

/// The same as the first factor; returns the recovery codes.
async fn set_up(browser: &mut Browser, sink: &Sink) -> Vec<String> {
    recovery_codes(&confirmed(browser, sink).await)
}

async fn acts(house: &House, act: Act) -> Vec<String> {
    let id = house.account("an").await.id();
    let all = audit::of_account(&house.app.db, id, 500).await.expect("reads");
    all.into_iter().filter(|line| line.act == act).map(|line| line.after.unwrap_or_default()).collect()
}

#[tokio::test]
async fn without_the_city_s_word_there_are_no_codes_by_mail_and_no_certificates() {
    let house = house_with("").await;
    let mut an = signed_in(&house, "an").await;
    an.get("/security").await.hides("Mã xác thực qua địa chỉ thư khác").hides("Chứng thư chữ ký số");
    assert_eq!(an.get(MAIL).await.status, StatusCode::NOT_FOUND);
    for (path, fields) in
        [(MAIL, [("address", OTHER)]), ("/security/certificates/bind", [("x", "")]), (STEP_MAIL, [("x", "")])]
    {
        let answer = an.post_from("/security", path, &fields).await;
        assert!(!answer.status.is_success(), "{path}");
    }
    assert!(acts(&house, Act::CodeSent).await.is_empty());
}

#[tokio::test]
async fn codes_by_mail_that_an_application_asks_for_lead_back_to_it() {
    let sink = Sink::start().await;
    let more = format!("{}[second_factor]\nstaff = \"required\"\nmail_codes = true\n", sink.config());
    let house = house_with(&more).await;
    let mut an = signed_in(&house, "an").await;
    let way = "/security/mail?request=abc";
    let page = an.get("/security/authenticator?request=abc").await;
    page.shows(&format!("id=\"use-mail\" href=\"{way}\""));
    let named = [("address", OTHER), ("request", "abc")];
    an.post_from(way, MAIL, &named).await.leads_to(way);
    an.get(way).await.shows("name=\"request\" value=\"abc\"").shows(&format!("action=\"{way}\""));
    let typed = code(&sink);
    let done = an.post_from(way, MAIL, &[("code", &typed), ("request", "abc")]).await;
    done.shows("id=\"onward\" href=\"/authorize/continue?request=abc\"");
}

#[tokio::test]
async fn another_address_is_confirmed_by_a_code_and_gets_the_codes_of_the_sign_in() {
    let (house, sink) = with_mail().await;
    let mut an = signed_in(&house, "an").await;
    an.get("/security").await.shows("Mã xác thực qua địa chỉ thư khác").shows("Chưa thiết lập");
    for (typed, why) in [
        ("khong-phai-thu", "Địa chỉ thư chưa đúng"),
        ("an@danang.example", "Đây là địa chỉ của thành phố"),
        ("an@so.danang.example", "Đây là địa chỉ của thành phố"),
        ("a@b.example\r\nBcc: c@d.example", "Địa chỉ thư chưa đúng"),
    ] {
        let refused = an.post_from(MAIL, MAIL, &[("address", typed)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        refused.shows(why);
    }
    assert!(sink.arrived().is_empty());
    an.post_from(MAIL, MAIL, &[("address", OTHER)]).await.leads_to(MAIL);
    an.get(MAIL).await.shows("đã được gửi đến an.rieng@thu.example");
    assert_eq!(sink.recipients(), [OTHER]);
    // It proves nothing yet.
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    let wrong = an.post_from(MAIL, MAIL, &[("code", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows("Mã chưa đúng");
    let codes = recovery_codes(&an.post_from(MAIL, MAIL, &[("code", &code(&sink))]).await);
    assert_eq!(codes.len(), 10);
    an.get("/security").await.shows("Mã được gửi đến an.rieng@thu.example").shows("đang bảo vệ tài khoản");

    house.pass(Duration::minutes(2));
    let mut there = half(&house, "an").await;
    // Sending comes first, and typing once there is something to type.
    let (mail_it, type_in) =
        ("is-full\" type=\"submit\" id=\"send-mail\"", "is-full\" type=\"submit\" id=\"submit\"");
    let (main, quiet) =
        (|button: &str| format!("\"button {button}"), |button: &str| format!("is-quiet {button}"));
    let step = there.get(STEP).await;
    step.shows("Gửi mã đến a•••@thu.example").hides("an.rieng@thu.example").hides("autofocus");
    step.shows(&main(mail_it)).shows(&quiet(type_in));
    there.post_from(STEP, STEP_MAIL, &[]).await.leads_to(&format!("{STEP}?note=sent"));
    let step = there.get(&format!("{STEP}?note=sent")).await;
    step.shows("Mã đã được gửi, dùng được trong 10 phút").shows("Gửi lại mã đến a•••@thu.example");
    step.shows(&quiet(mail_it)).shows(&main(type_in)).shows("autofocus");
    let wrong = there.post_from(STEP, STEP, &[("code", "000000"), ("sent", "1")]).await;
    wrong.shows("Mã chưa đúng").shows("Gửi lại mã đến a•••@thu.example").shows(&main(type_in));
    let sent = code(&sink);
    second(&mut there, &sent).await.leads_to("/");
    let mut again = half(&house, "an").await;
    assert_eq!(second(&mut again, &sent).await.status, StatusCode::UNPROCESSABLE_ENTITY, "once");
    assert_eq!(acts(&house, Act::CodeSent).await, ["a•••@thu.example"; 2]);
    // What was sent is kept nowhere.
    let id = house.account("an").await.id();
    let kept = letters::of_account(&house.app.db, id, None, 100).await.expect("reads");
    assert!(
        kept.iter().all(|kept| !kept.letter.body().contains(&sent) && kept.letter.to().as_str() != OTHER)
    );
    upkeep::forget(&house.app).await.expect("runs");
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes_a_minute_apart_and_five_times_an_hour() {
    let (house, sink) = with_mail().await;
    set_up(&mut signed_in(&house, "an").await, &sink).await;
    house.pass(Duration::minutes(1));
    let mut there = half(&house, "an").await;
    there.post_from(STEP, STEP_MAIL, &[]).await.leads_to(&format!("{STEP}?note=sent"));
    let soon = there.post_from(STEP, STEP_MAIL, &[]).await;
    assert_eq!(soon.status, StatusCode::UNPROCESSABLE_ENTITY);
    soon.shows("Mã vừa được gửi");
    assert_eq!(sink.arrived().len(), 2);
    let first = code(&sink);
    house.pass(Duration::minutes(10));
    let mut there = half(&house, "an").await;
    assert_eq!(second(&mut there, &first).await.status, StatusCode::UNPROCESSABLE_ENTITY, "too late");
    for _ in 0..3 {
        there.post_from(STEP, STEP_MAIL, &[]).await.leads_to(&format!("{STEP}?note=sent"));
        house.pass(Duration::minutes(1));
    }
    let many = there.post_from(STEP, STEP_MAIL, &[]).await;
    assert_eq!(many.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sink.arrived().len(), 5);
    // Of two hands with the same code one is served.
    let (mut one, mut two) = (half(&house, "an").await, half(&house, "an").await);
    let last = code(&sink);
    let (first, other) = tokio::join!(second(&mut one, &last), second(&mut two, &last));
    let served = [first.status, other.status].iter().filter(|status| status.is_redirection()).count();
    assert_eq!(served, 1);
}

#[tokio::test]
async fn a_code_by_mail_opens_no_administration_proves_nothing_again_and_sets_no_password() {
    let (house, sink) = with_mail().await;
    let account = house.account("an").await;
    admins::grant(&house.app, &account.profile().address, None).await.expect("granted");
    let recovery = set_up(&mut signed_in(&house, "an").await, &sink).await;
    house.pass(Duration::minutes(1));
    // Not on the password alone, to set another factor up: only a recovery code opens there.
    let mut console = house.admin_browser();
    console.sign_in("an", PASSWORD).await.leads_to(STEP);
    console.get("/").await.leads_to("/sign-in");
    console.get(STEP).await.hides("id=\"send-mail\"").shows("Một mã khôi phục 12 chữ số");
    assert_eq!(console.get(MAIL).await.status, StatusCode::NOT_FOUND);
    let mut there = half(&house, "an").await;
    there.post_from(STEP, STEP_MAIL, &[]).await.leads_to(&format!("{STEP}?note=sent"));
    assert_eq!(second(&mut console, &code(&sink)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    second(&mut console, &recovery[1]).await.leads_to("/");
    house.pass(Duration::minutes(1));
    let mut there = half(&house, "an").await;
    there.post_from(STEP, STEP_MAIL, &[]).await.leads_to(&format!("{STEP}?note=sent"));
    let sent = code(&sink);
    let fields = [("identifier", "an"), ("code", sent.as_str()), ("recovery", &recovery[0])];
    let forgotten = house.browser().post_from("/forgotten", "/forgotten", &fields).await;
    assert!(!forgotten.status.is_redirection(), "{:?}", forgotten.location);
    second(&mut there, &sent).await.leads_to("/");
    house.pass(Duration::minutes(10));
    let confirm = there.post_from("/confirm", "/confirm", &[("code", &code(&sink))]).await;
    assert!(!confirm.status.is_redirection());
    // The old password and a code by mail lift no lock.
    lock::enforce(&house.app, &house.account("an").await, LockReason::PasswordTooOld, Actor::CommandLine)
        .await
        .expect("locked");
    let mut locked = house.browser();
    locked.sign_in("an", PASSWORD).await.hides("id=\"unlock\"");
    assert!(
        !locked.post_from("/sign-in", STEP_MAIL, &[]).await.location.is_some_and(|to| to.contains("sent"))
    );
}

#[tokio::test]
async fn taking_an_address_back_sends_no_more_letters_than_an_hour_allows() {
    let (house, sink) = with_mail().await;
    let mut an = signed_in(&house, "an").await;
    for number in 0..8 {
        let address = format!("nguoi-la-{number}@thu.example");
        an.post_from(MAIL, MAIL, &[("address", &address)]).await;
        an.post_from(MAIL, "/security/mail/remove", &[("again", "1")]).await.leads_to(MAIL);
    }
    assert_eq!(sink.arrived().len(), 5);
    let letter = sink.arrived()[0].raw.replace("=\r\n", "");
    let letter = letter.split_whitespace().collect::<Vec<_>>().join(" ");
    // A stranger reads it, perhaps: it names nobody.
    assert!(letter.contains("pass this letter over") && !letter.contains("Dear"), "{letter}");
}

#[tokio::test]
async fn addresses_of_accounts_and_of_the_city_s_other_domains_are_no_other_addresses() {
    let sink = Sink::start().await;
    let more = format!(
        "{}[second_factor]\nadministrators = \"optional\"\nmail_codes = true\n[watch]\nown_domains = [\"quangnam.example\"]\n",
        sink.config()
    );
    let house = house_with(&more).await;
    let mut an = signed_in(&house, "an").await;
    for own in ["an@quangnam.example", "an@so.quangnam.example", "binh@danang.example"] {
        let refused = an.post_from(MAIL, MAIL, &[("address", own)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{own}");
    }
    assert!(sink.arrived().is_empty());
}

#[tokio::test]
async fn a_relay_that_is_down_is_told_and_another_factor_still_opens() {
    let (house, sink) = with_mail().await;
    let mut an = signed_in(&house, "an").await;
    let app = Authenticator::set_up(&house, &mut an).await;
    // The recovery codes are those of the first factor.
    confirmed(&mut an, &sink).await.leads_to("/security");
    house.pass(Duration::minutes(2));
    sink.refuse("rieng", "550 no such user");
    let mut there = half(&house, "an").await;
    let refused = there.post_from(STEP, STEP_MAIL, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("Chưa gửi được thư");
    second(&mut there, &app.code(&house)).await.leads_to("/");
    let mut an = signed_in_by_app(&house, &app).await;
    an.post_from("/security", "/security/mail/remove", &[]).await.leads_to("/security?note=mail-removed");
    an.get("/security").await.hides("an.rieng@thu.example").shows("đang bảo vệ tài khoản");
    assert_eq!(acts(&house, Act::FactorRemoved).await, ["mail"]);
}

async fn signed_in_by_app(house: &House, app: &Authenticator) -> Browser {
    house.pass(Duration::minutes(2));
    let mut browser = half(house, "an").await;
    second(&mut browser, &app.code(house)).await.leads_to("/");
    browser
}

/// A house that takes certificates of an authority; its list of revoked ones lies in the folder.
struct Certified {
    house: House,
    ca: Authority,
    folder: TempDir,
}

/// Until when the lists of most tests are good.
const FAR: time::OffsetDateTime = datetime!(2026-04-01 00:00 +7);

async fn certified() -> Certified {
    let ca = Authority::new();
    let (vouch, list) = (ca.pem(), ca.revoked(&[], FAR));
    certified_by(ca, &vouch, &list).await
}

/// One whose files hold this.
async fn certified_by(ca: Authority, vouch: &str, revoked: &str) -> Certified {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, list) = (folder.path().join("ca.pem"), folder.path().join("crl.pem"));
    std::fs::write(&file, vouch).expect("written");
    std::fs::write(&list, revoked).expect("written");
    let more = format!(
        "server.client_certificate_header = \"X-Client-Cert\"\n[second_factor]\nadministrators = \"optional\"\n\
         certificate_ca = \"{}\"\ncertificate_crl = \"{}\"\n",
        file.display(),
        list.display()
    );
    Certified { house: house_with(&more).await, ca, folder }
}

impl Certified {
    /// A browser that comes through the proxy.
    fn browser(&self) -> Browser {
        let mut browser = self.house.browser();
        "127.0.0.1".clone_into(&mut browser.source);
        browser
    }

    async fn signed_in(&self, who: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(who, PASSWORD).await.leads_to("/");
        browser
    }

    async fn half(&self) -> Browser {
        let mut browser = self.browser();
        browser.sign_in("an", PASSWORD).await.leads_to(STEP);
        browser
    }

    /// Binds a certificate that ends at a moment to an account.
    async fn bound_until(&self, who: &str, end: time::OffsetDateTime) {
        let time = (datetime!(2025-09-01 00:00 +7), end);
        let holder = self.ca.issue(&Says { time, ..says("an") });
        let mut browser = self.signed_in(who).await;
        recovery_codes(&send(&mut browser, BIND, &[], Some(&holder)).await);
    }

    /// The letters about certificates that end, to the holder of an account, the oldest first.
    async fn told(&self, who: &str) -> Vec<Letter> {
        write_due(&self.house.app).await.expect("runs");
        let id = self.house.account(who).await.id();
        let all = letters::of_account(&self.house.app.db, id, None, 100).await.expect("reads");
        let all = all.into_iter().rev().map(|kept| kept.letter);
        all.filter(|letter| letter.kind() == LetterKind::CertificateEnding).collect()
    }

    fn revoke(&self, holders: &[&Holder], until: time::OffsetDateTime) {
        let list = self.ca.revoked(holders, until);
        std::fs::write(self.folder.path().join("crl.pem"), list).expect("written");
    }
}

async fn show(browser: &mut Browser, path: &str, holder: &Holder) -> Answer {
    browser.send(Request::get(path).header("x-client-cert", holder.escaped()), Body::empty()).await
}

/// Sends a form of a page over a connection with a certificate.
async fn send(
    browser: &mut Browser,
    (page, path): (&str, &str),
    fields: &[(&str, &str)],
    holder: Option<&Holder>,
) -> Answer {
    let csrf = browser.get(page).await.hidden("csrf").expect("a form");
    let mut all = form_urlencoded::Serializer::new(String::new());
    let body = all.append_pair("csrf", &csrf).extend_pairs(fields).finish();
    let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(holder) = holder {
        request = request.header("x-client-cert", holder.escaped());
    }
    browser.send(request, Body::from(body)).await
}

const BIND: (&str, &str) = ("/security", "/security/certificates/bind");
const USE: [(&str, &str); 1] = [("certificate", "1")];

#[tokio::test]
async fn a_certificate_is_bound_once_and_is_the_second_step() {
    let scene = certified().await;
    let holder = scene.ca.issue(&says("Nguyễn Thị Hồng An"));
    let mut an = scene.signed_in("an").await;
    an.get("/security")
        .await
        .shows("Chứng thư chữ ký số chuyên dùng công vụ")
        .shows("chưa xuất trình chứng thư nào");
    show(&mut an, "/security", &holder)
        .await
        .shows("chứng thư: Nguyễn Thị Hồng An")
        .shows("id=\"bind-certificate\"");
    send(&mut an, BIND, &[], None).await.leads_to("/security?note=certificate-missing");
    let codes = recovery_codes(&send(&mut an, BIND, &[], Some(&holder)).await);
    assert_eq!(codes.len(), 10);
    show(&mut an, "/security", &holder).await.shows("cấp bởi Test CA").hides("id=\"bind-certificate\"");
    send(&mut an, BIND, &[], Some(&holder)).await.leads_to("/security?note=certificate-taken");
    let mut binh = scene.signed_in("binh").await;
    send(&mut binh, BIND, &[], Some(&holder)).await.leads_to("/security?note=certificate-taken");

    let mut there = scene.half().await;
    let step = there.get(STEP).await;
    step.shows("<button class=\"button is-full\" type=\"submit\" name=\"certificate\"");
    step.shows("Hoặc dùng một mã khôi phục (12 chữ số)").hides("code-hint").hides("autofocus");
    // One box for both ways; the Enter key in the field sends the code, and the other button needs none.
    assert_eq!(step.body.matches("name=\"remember\"").count(), 1);
    let form = step.body.split("id=\"step-form\"").nth(1).and_then(|rest| rest.split("</form>").next());
    let buttons: Vec<_> = form.expect("the form").split("<button").skip(1).collect();
    assert!(!buttons[0].contains("name=\"certificate\""), "{buttons:?}");
    assert!(
        buttons[1].contains("name=\"certificate\"") && buttons[1].contains("formnovalidate"),
        "{buttons:?}"
    );
    let none = send(&mut there, (STEP, STEP), &USE, None).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    none.shows("chưa xuất trình chứng thư nào");
    let other = scene.ca.issue(&says("Nguyễn Thị Hồng An"));
    let refused = send(&mut there, (STEP, STEP), &USE, Some(&other)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "another one in the same name");
    refused.shows("chưa gắn với tài khoản này");
    send(&mut there, (STEP, STEP), &USE, Some(&holder)).await.leads_to("/");
    let id = scene.house.account("an").await.id();
    let bound = account_certificates::of(&scene.house.app.db, id).await.expect("reads");
    assert!(bound[0].last_used_at.is_some());
    let sessions = danang_sso::storage::sessions::of_account(&scene.house.app.db, id, scene.house.app.now());
    let sessions = sessions.await.expect("reads");
    assert!(sessions.iter().any(|one| one.proof.methods() == ["pwd", "swk", "mfa"]), "{sessions:?}");
    // The form brings the empty field along.
    let mut own = scene.half().await;
    let all = [("code", ""), ("remember", "1"), USE[0]];
    send(&mut own, (STEP, STEP), &all, Some(&holder)).await.leads_to("/");
    assert!(own.cookies().keys().any(|name| name.starts_with("dsso-device")));
}

#[tokio::test]
async fn beside_the_app_the_certificate_is_the_second_button() {
    let scene = certified().await;
    let holder = scene.ca.issue(&says("an"));
    let mut an = scene.signed_in("an").await;
    Authenticator::set_up(&scene.house, &mut an).await;
    send(&mut an, BIND, &[], Some(&holder)).await.leads_to("/security");
    let mut there = scene.half().await;
    let step = there.get(STEP).await;
    assert_eq!(step.body.matches("name=\"remember\"").count(), 1);
    let places =
        ["id=\"remember\"", "id=\"step-form\"", "id=\"code\"", "id=\"submit\"", "id=\"use-certificate\""];
    let places = places.map(|what| step.body.find(what).unwrap_or_else(|| panic!("no {what}")));
    assert!(places.is_sorted(), "{places:?}");
    // Where nothing less than a passkey will do, a certificate does.
    let need = "/sign-in/second?need=passkey";
    let only = there.get(need).await;
    only.hides("name=\"code\"")
        .shows("<button class=\"button is-full\" type=\"submit\" name=\"certificate\"");
    send(&mut there, (need, need), &USE, Some(&holder)).await.leads_to("/");
}

#[tokio::test]
async fn a_certificate_that_was_revoked_has_ended_or_comes_from_a_stranger_proves_nothing() {
    let scene = certified().await;
    let holder = scene.ca.issue(&says("an"));
    let mut an = scene.signed_in("an").await;
    let codes = recovery_codes(&send(&mut an, BIND, &[], Some(&holder)).await);
    // Told by somebody who is no proxy of ours.
    let mut there = half(&scene.house, "an").await;
    let forged = send(&mut there, (STEP, STEP), &USE, Some(&holder)).await;
    assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = async |why: &str| {
        let mut there = scene.half().await;
        let answer = send(&mut there, (STEP, STEP), &USE, Some(&holder)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
    };
    let far = datetime!(2026-04-01 00:00 +7);
    scene.revoke(&[&holder], far);
    refused("revoked").await;
    scene.revoke(&[], datetime!(2026-03-01 00:00 +7));
    refused("the list is out of date").await;
    std::fs::remove_file(scene.folder.path().join("crl.pem")).expect("removed");
    refused("there is no list").await;
    scene.revoke(&[], far);
    let mut there = scene.half().await;
    send(&mut there, (STEP, STEP), &USE, Some(&holder)).await.leads_to("/");

    // What nobody vouches for is not bound.
    let mut binh = scene.signed_in("binh").await;
    let strange = Authority::new().issue(&says("binh"));
    for bad in [&strange, &says("binh").by_itself()] {
        send(&mut binh, BIND, &[], Some(bad)).await.leads_to("/security?note=certificate-refused");
    }
    // None of this is held against the holder: the step is not paused.
    scene.revoke(&[&holder], far);
    for _ in 0..6 {
        refused("revoked").await;
    }
    let mut there = scene.half().await;
    second(&mut there, &codes[0]).await.leads_to("/");
    assert!(acts(&scene.house, Act::FactorRefused).await.is_empty());
    // When its time is over, the second step does not go away by itself.
    scene.revoke(&[], datetime!(2027-04-01 00:00 +7));
    scene.house.set_time(datetime!(2026-08-31 00:00:01 +7));
    let account = scene.house.account("an").await;
    let left = danang_sso::services::factors::of(&scene.house.app, account.id()).await.expect("reads");
    assert!(left.any());
}

#[tokio::test]
async fn an_issuing_authority_that_was_revoked_itself_vouches_for_nobody() {
    let root = Authority::new();
    let issuing = root.below("Issuing CA");
    let (vouch, own) = (format!("{}{}", root.pem(), issuing.pem()), issuing.revoked(&[], FAR));
    let scene = certified_by(issuing, &vouch, &format!("{}{own}", root.revoked(&[], FAR))).await;
    let holder = scene.ca.issue(&says("an"));
    let mut an = scene.signed_in("an").await;
    recovery_codes(&send(&mut an, BIND, &[], Some(&holder)).await);
    let list = |text: String| std::fs::write(scene.folder.path().join("crl.pem"), text).expect("written");
    let refused = async |why: &str| {
        let mut there = scene.half().await;
        let answer = send(&mut there, (STEP, STEP), &USE, Some(&holder)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
    };
    list(format!("{}{own}", root.revoked(&[&scene.ca.itself()], FAR)));
    refused("its authority was revoked").await;
    list(own.clone());
    refused("the root tells nothing").await;
    list(format!("{}{own}", root.revoked(&[], datetime!(2026-03-01 00:00 +7))));
    refused("the root's list is out of date").await;
    list(format!("{}{}", root.revoked(&[], FAR), scene.ca.revoked(&[&holder], FAR)));
    refused("it was revoked").await;
    list(format!("{}{own}", root.revoked(&[], FAR)));
    let mut there = scene.half().await;
    send(&mut there, (STEP, STEP), &USE, Some(&holder)).await.leads_to("/");
}

#[tokio::test]
async fn a_certificate_is_removed_by_its_holder_and_by_the_help_desk() {
    let scene = certified().await;
    let holder = scene.ca.issue(&says("an"));
    let mut an = scene.signed_in("an").await;
    recovery_codes(&send(&mut an, BIND, &[], Some(&holder)).await);
    let mut binh = scene.signed_in("binh").await;
    let id = an.get("/security").await.hidden("certificate").expect("a form");
    let remove = ("/security", "/security/certificates/remove");
    send(&mut binh, remove, &[("certificate", &id)], None).await;
    an.get("/security").await.shows(&id);
    send(&mut an, remove, &[("certificate", &id)], None).await.leads_to("/security?note=certificate-removed");
    an.get("/security").await.hides(&id).shows("Chưa bật");
    scene.signed_in("an").await;
    assert_eq!(acts(&scene.house, Act::FactorRemoved).await, ["certificate"]);
}

#[tokio::test]
async fn a_certificate_is_written_about_thirty_and_seven_days_before_it_ends_on_a_day_off_too() {
    let scene = certified().await;
    scene.bound_until("an", datetime!(2026-04-12 02:00 +7)).await;
    for (now, letters) in [
        (datetime!(2026-03-12 09:00 +7), 0),
        // Nobody is written to at night.
        (datetime!(2026-03-13 03:00 +7), 0),
        (datetime!(2026-03-13 09:00 +7), 1),
        (datetime!(2026-03-13 09:15 +7), 1),
        (datetime!(2026-04-04 09:00 +7), 1),
        // A Sunday.
        (datetime!(2026-04-05 09:00 +7), 2),
        (datetime!(2026-04-11 09:00 +7), 2),
        (datetime!(2026-04-12 09:00 +7), 2),
    ] {
        scene.house.set_time(now);
        assert_eq!(scene.told("an").await.len(), letters, "{now}");
    }
    let letter = scene.told("an").await.remove(0);
    assert_eq!(letter.subject(), "Chứng thư chữ ký số hết hạn ngày 12/04/2026");
    let said = letter.body().replace('\n', " ");
    assert!(said.contains("CN=an,O=Thành phố Đà Nẵng,C=VN đã gắn với tài khoản an@danang.example"), "{said}");
    assert!(said.contains("hết hạn lúc 02:00 ngày 12/04/2026"), "{said}");
    assert!(scene.told("binh").await.is_empty());
}

#[tokio::test]
async fn a_certificate_that_was_bound_late_is_written_about_once_and_nobody_is_who_is_locked_out() {
    let scene = certified().await;
    // The mark of thirty days is behind it already.
    scene.bound_until("an", datetime!(2026-03-07 09:00 +7)).await;
    scene.bound_until("binh", datetime!(2026-03-20 09:00 +7)).await;
    let binh = scene.house.account("binh").await;
    lock::enforce(&scene.house.app, &binh, LockReason::PasswordTooOld, Actor::CommandLine)
        .await
        .expect("locked");
    for day in [datetime!(2026-03-03 09:00 +7), datetime!(2026-03-04 09:00 +7)] {
        scene.house.set_time(day);
        assert_eq!((scene.told("an").await.len(), scene.told("binh").await.len()), (1, 0), "{day}");
    }
}

#[tokio::test]
async fn the_portal_warns_of_a_certificate_that_ends_within_thirty_days_and_says_when_it_has() {
    let scene = certified().await;
    let mut an = scene.signed_in("an").await;
    let until = |end| scene.ca.issue(&Says { time: (datetime!(2025-09-01 00:00 +7), end), ..says("an") });
    let near = until(datetime!(2026-04-01 09:00:00 +7));
    let other = until(datetime!(2026-04-01 09:00:01 +7));
    send(&mut an, BIND, &[], Some(&near)).await;
    an.get("/security").await.shows("Hết hạn ngày 01/04/2026").hides("có hiệu lực đến");
    send(&mut an, BIND, &[], Some(&other)).await;
    an.get("/security").await.shows("Hết hạn ngày 01/04/2026").shows("có hiệu lực đến 01/04/2026");

    scene.house.set_time(datetime!(2026-04-01 09:00:01 +7));
    scene.revoke(&[], datetime!(2026-05-01 00:00 +7));
    let mut there = scene.half().await;
    send(&mut there, (STEP, STEP), &USE, Some(&other)).await.leads_to("/");
    let page = there.get("/security").await;
    page.shows("Đã hết hạn ngày 01/04/2026").shows("Hết hạn ngày 01/04/2026").hides("có hiệu lực đến");
}
