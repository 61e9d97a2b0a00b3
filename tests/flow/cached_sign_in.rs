//! Sign-in by the last known password while the directory is down: off by default, and all that it must not do.

use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use axum::http::StatusCode;
use danang_sso::directory::Refusal;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::services::{admins, upkeep};
use danang_sso::storage::Db;
use danang_sso::storage::cached_verifiers::{self, Kept};
use time::{Duration, OffsetDateTime};

const ON: &str = "[outage]\ncached_sign_in = true\n";
const MONDAY: OffsetDateTime = time::macros::datetime!(2026-03-02 09:00 +7);

async fn house_with(more: &str) -> House {
    let house = House::at(MONDAY, more).await;
    for local in ["an", "chi", "quantri"] {
        house.add(local, &[Ad]);
    }
    house.add("binh", &[Obm]);
    house.sync().await;
    grant(&house, "quantri").await;
    house
}

async fn grant(house: &House, local: &str) {
    let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
}

/// A house in which `an` signed in while the directory was there.
async fn house() -> House {
    let house = house_with(ON).await;
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    kept(&house, "an").await;
    house
}

async fn of(house: &House, local: &str) -> Option<Kept> {
    cached_verifiers::of_account(&house.app.db, house.account(local).await.id()).await.expect("reads")
}

/// What is kept, once it is: nobody waits for it at the sign-in.
async fn kept(house: &House, local: &str) -> Kept {
    for _ in 0..1_000 {
        if let Some(kept) = of(house, local).await {
            return kept;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nothing was kept of {local}");
}

/// Asserts that nothing is kept, long after it would have been: another one that set out later has arrived.
async fn nothing_is_kept(house: &House, local: &str) {
    house.browser().sign_in("chi", PASSWORD).await;
    kept(house, "chi").await;
    assert_eq!(of(house, local).await, None, "{local}");
}

async fn comes_in(house: &House, local: &str, password: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(local, password).await.leads_to("/");
    browser
}

async fn is_kept_out(house: &House, local: &str, password: &str) {
    let answer = house.browser().sign_in(local, password).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{local}: {}", answer.body);
    answer.shows("Chưa kết nối được với Thư Exchange").hides("Địa chỉ thư hoặc mật khẩu chưa đúng");
}

#[tokio::test]
async fn the_last_known_password_opens_a_session_that_says_so_while_the_directory_is_down() {
    let house = house().await;
    comes_in(&house, "an", PASSWORD).await.get("/").await.hides("đã được đối chiếu");
    house.ad.set_unreachable(true);
    let mut person = comes_in(&house, "an", PASSWORD).await;
    person.get("/").await.shows("mật khẩu đã được đối chiếu với lần đăng nhập gần nhất");
    house.ad.set_unreachable(false);
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account("an").await.id());
    admin.get(&page).await.shows("đăng nhập bằng mật khẩu đã biết gần nhất");
}

#[tokio::test]
async fn it_is_off_by_default_and_nothing_is_kept() {
    let house = house_with("").await;
    comes_in(&house, "an", PASSWORD).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(of(&house, "an").await, None);
    house.ad.set_unreachable(true);
    is_kept_out(&house, "an", PASSWORD).await;
    house.browser().sign_in("an", PASSWORD).await.shows("lần này không bị tính là nhập sai");
}

#[tokio::test]
async fn what_opens_nothing_any_more_is_forgotten() {
    let house = house().await;
    upkeep::forget(&house.app).await.expect("forgets");
    assert!(of(&house, "an").await.is_some(), "it is still good");
    house.pass(Duration::hours(9));
    upkeep::forget(&house.app).await.expect("forgets");
    assert_eq!(of(&house, "an").await, None, "too old to open anything");
}

#[tokio::test]
async fn everything_is_forgotten_once_it_is_switched_off() {
    let house = house().await;
    let file = house.folder().join("house.db");
    let db = Db::open(&format!("sqlite:{}", file.display())).await.expect("opens");
    let off = House::on(db, tempfile::tempdir().expect("a directory"), MONDAY, "").await;
    upkeep::forget(&off.app).await.expect("forgets");
    assert_eq!(of(&house, "an").await, None);
}

#[tokio::test]
async fn a_password_whose_term_ends_meanwhile_opens_nothing() {
    let house = House::at(time::macros::datetime!(2026-03-02 22:00 +7), ON).await;
    let set = time::macros::datetime!(2025-09-02 10:00 +7);
    house.add_with("cu", &[Ad], |seen| seen.password_set_at = Some(Timestamp::from_datetime(set)));
    house.sync().await;
    house.browser().sign_in("cu", PASSWORD).await;
    kept(&house, "cu").await;
    house.ad.set_unreachable(true);
    assert!(house.browser().sign_in("cu", PASSWORD).await.status.is_redirection(), "its last day");
    house.pass(Duration::hours(3));
    is_kept_out(&house, "cu", PASSWORD).await;
}

#[tokio::test]
async fn it_is_good_for_the_hours_of_the_setting_and_so_is_the_session() {
    let house = house().await;
    house.ad.set_unreachable(true);
    house.pass(Duration::hours(8) - Duration::seconds(1));
    let mut person = comes_in(&house, "an", PASSWORD).await;
    assert_eq!(person.get("/").await.status, StatusCode::OK);
    house.pass(Duration::seconds(1));
    is_kept_out(&house, "an", PASSWORD).await;
    person.get("/").await.leads_to("/sign-in");
}

#[tokio::test]
async fn a_sign_in_renews_it_but_not_at_every_time() {
    let house = house().await;
    let first = kept(&house, "an").await;
    house.pass(Duration::minutes(59));
    comes_in(&house, "an", PASSWORD).await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(kept(&house, "an").await, first, "an eighth of its time has not passed");
    house.pass(Duration::minutes(1));
    comes_in(&house, "an", PASSWORD).await;
    for _ in 0..1_000 {
        if kept(&house, "an").await.proven_at == house.app.now() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it was not renewed");
}

#[tokio::test]
async fn a_refusal_of_the_directory_is_never_overruled() {
    let house = house().await;
    house.ad.refuse("an", Some(Refusal::NotNow));
    house.browser().sign_in("an", PASSWORD).await.shows("Mật khẩu đúng");
    house.ad.refuse("an", Some(Refusal::LockedOut));
    house.browser().sign_in("an", PASSWORD).await.shows("chưa đúng");
    house.ad.refuse("an", Some(Refusal::Disabled));
    house.browser().sign_in("an", PASSWORD).await.shows("Tài khoản đang bị khóa");
}

/// An address that nobody has, of those whom Active Directory refuses: OBM refuses the others.
async fn stranger_of_ad(house: &House) -> String {
    for n in 0..20 {
        let name = format!("khongco{n}");
        if house.browser().sign_in(&name, "Sai-mat-khau-0").await.status == StatusCode::SERVICE_UNAVAILABLE {
            return name;
        }
    }
    panic!("one of the two refuses everybody");
}

#[tokio::test]
async fn a_wrong_password_counts_and_looks_like_an_account_that_does_not_exist() {
    let house = house().await;
    house.ad.set_unreachable(true);
    let stranger = stranger_of_ad(&house).await;
    let answers = [
        house.browser().sign_in("an", "Sai-mat-khau-0").await,
        house.browser().sign_in(&stranger, "Sai-mat-khau-0").await,
        // known, and never signed in here: the password is right
        house.browser().sign_in("chi", PASSWORD).await,
    ];
    let bodies = answers.iter().zip(["an", stranger.as_str(), "chi"]).map(|(answer, name)| {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        answer.without_tokens().replace(&format!("value=\"{name}\""), "")
    });
    let bodies: Vec<_> = bodies.collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "to the letter");
    for attempt in 1..5 {
        is_kept_out(&house, "an", &format!("Sai-mat-khau-{attempt}")).await;
    }
    is_kept_out(&house, "an", PASSWORD).await;
    house.ad.set_unreachable(false);
    let answer = house.browser().sign_in("an", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "the five were counted");
    comes_in(&house, "chi", PASSWORD).await;
}

#[tokio::test]
async fn a_password_that_only_the_directory_knows_is_not_remembered_as_wrong() {
    let house = house().await;
    house.ad.set_unreachable(true);
    is_kept_out(&house, "an", NEW_PASSWORD).await;
    house.ad.set_unreachable(false);
    let seen = crate::house::seen("an", Ad, house.app.now());
    house.ad.add(seen, danang_sso::domain::secret::password(NEW_PASSWORD).expect("short"));
    comes_in(&house, "an", NEW_PASSWORD).await;
}

#[tokio::test]
async fn nobody_with_a_role_comes_in_so_and_never_to_the_console() {
    let house = house_with(ON).await;
    house.browser().sign_in("quantri", PASSWORD).await.leads_to("/");
    house.admin_browser().sign_in("quantri", PASSWORD).await.leads_to("/");
    nothing_is_kept(&house, "quantri").await;
    // a role that came after the password was kept
    comes_in(&house, "an", PASSWORD).await;
    kept(&house, "an").await;
    grant(&house, "an").await;
    assert_eq!(of(&house, "an").await, None);
    house.ad.set_unreachable(true);
    is_kept_out(&house, "an", PASSWORD).await;
    for local in ["an", "chi", "quantri"] {
        let answer = house.admin_browser().sign_in(local, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{local}");
    }
    comes_in(&house, "chi", PASSWORD).await;
}

#[tokio::test]
async fn whoever_must_change_the_password_does_not_come_in_so() {
    let house = house_with(ON).await;
    house.add_with_default("moi", &[Ad], house.app.now());
    house.sync().await;
    house.browser().sign_in("moi", PASSWORD).await;
    nothing_is_kept(&house, "moi").await;
    house.browser().sign_in("an", PASSWORD).await;
    kept(&house, "an").await;
    house.ad.edit("an", |seen| seen.must_change = true);
    house.sync().await;
    house.ad.set_unreachable(true);
    is_kept_out(&house, "an", PASSWORD).await;
    is_kept_out(&house, "moi", PASSWORD).await;
}

#[tokio::test]
async fn a_lock_takes_it_away_and_lifting_it_does_not_bring_it_back() {
    let house = house().await;
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account("an").await.id());
    admin.post_from(&page, &format!("{page}/lock"), &[("reason", "thử")]).await;
    assert_eq!(of(&house, "an").await, None);
    admin.post_from(&page, &format!("{page}/unlock"), &[("reason", "đã xác minh")]).await;
    house.ad.set_unreachable(true);
    is_kept_out(&house, "an", PASSWORD).await;
}

#[tokio::test]
async fn a_reset_takes_it_away() {
    let house = house().await;
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let page = format!("/accounts/{}", house.account("an").await.id());
    let version = admin.get(&page).await.hidden("version").expect("the form of the reset");
    let fields = [("reason", "mất mật khẩu"), ("version", version.as_str()), ("sure", "1")];
    admin.post_from(&page, &format!("{page}/reset"), &fields).await;
    assert_eq!(of(&house, "an").await, None);
    house.ad.set_unreachable(true);
    is_kept_out(&house, "an", PASSWORD).await;
}

#[tokio::test]
async fn a_new_password_takes_it_away_and_the_next_sign_in_keeps_the_new_one() {
    let house = house().await;
    let mut person = comes_in(&house, "an", PASSWORD).await;
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &fields).await;
    assert_eq!(of(&house, "an").await, None);
    comes_in(&house, "an", NEW_PASSWORD).await;
    kept(&house, "an").await;
    house.ad.set_unreachable(true);
    is_kept_out(&house, "an", PASSWORD).await;
    comes_in(&house, "an", NEW_PASSWORD).await;
}

#[tokio::test]
async fn what_the_synchronisation_sees_takes_it_away() {
    type Edit = fn(&House);
    let changed: Edit = |house| {
        let now = house.app.now();
        house.ad.edit("an", |seen| seen.password_set_at = Some(now));
    };
    let disabled: Edit = |house| house.ad.edit("an", |seen| seen.enabled = false);
    let gone: Edit = |house| house.ad.remove("an");
    for (edit, what) in [(changed, "a new password"), (disabled, "disabled"), (gone, "gone")] {
        let house = house().await;
        house.pass(Duration::minutes(1));
        edit(&house);
        house.sync().await;
        assert_eq!(of(&house, "an").await, None, "{what}");
        house.ad.set_unreachable(true);
        is_kept_out(&house, "an", PASSWORD).await;
    }
}

#[tokio::test]
async fn the_database_does_not_hold_the_password_in_any_form_that_opens_without_the_master_key() {
    use base64::Engine;
    let house = house().await;
    let verifier = kept(&house, "an").await.verifier;
    // Argon2id of the password itself would be enough to try passwords with a stolen database
    let mut plain = [0; 32];
    let params = argon2::Params::new(19 * 1024, 2, 1, Some(32)).expect("parameters");
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(PASSWORD.as_bytes(), &verifier[1..17], &mut plain)
        .expect("hashed");
    assert_ne!(&verifier[17..], plain);
    let encoded = base64::engine::general_purpose::STANDARD.encode(PASSWORD);
    let mut bytes = Vec::new();
    for file in ["house.db", "house.db-wal"] {
        bytes.extend(std::fs::read(house.folder().join(file)).unwrap_or_default());
    }
    assert!(bytes.windows(verifier.len()).any(|window| window == verifier), "the right file is looked at");
    for hidden in [PASSWORD, encoded.trim_end_matches('=')] {
        assert!(!bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes()), "{hidden}");
    }
}
