//! What the protocol costs in durable commits, counted in SQLite's log. Times are measured by `make bench`.

use crate::house::House;
use crate::rp::{Rp, house, json, registration, signed_in, userinfo};
use danang_sso::domain::oauth::client::ClientKind;

/// How many transactions the write-ahead log holds: its frames that end one name the size of the database
/// (SQLite file format §4.1).
fn commits(house: &House) -> usize {
    let log = std::fs::read(house.folder().join("house.db-wal")).expect("the log is there");
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().expect("four bytes"));
    let (page, salt) = (number(8) as usize, (number(16), number(20)));
    let frames = (32..log.len().saturating_sub(23)).step_by(24 + page);
    frames.filter(|at| number(at + 4) != 0 && (number(at + 8), number(at + 12)) == salt).count()
}

#[tokio::test]
async fn each_step_with_a_live_session_is_one_durable_commit_and_userinfo_none() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let mut before = commits(&house);
    let mut since = |house: &House| {
        let now = commits(house);
        now - std::mem::replace(&mut before, now)
    };
    let code = rp.code(&mut browser, &[("scope", "openid email offline_access")]).await;
    assert_eq!(since(&house), 1, "authorize");
    let tokens = json(&rp.redeem(&mut browser, &code).await);
    assert_eq!(since(&house), 1, "code for tokens");
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 200);
    assert_eq!(since(&house), 0, "userinfo");
    rp.refresh(&mut browser, tokens["refresh_token"].as_str().expect("one")).await;
    assert_eq!(since(&house), 1, "refresh");
    rp.ask(&mut house.browser(), &[("prompt", "none")]).await;
    assert_eq!(since(&house), 0, "a silent refusal");
}

#[tokio::test]
async fn a_service_gets_its_token_for_one_durable_commit() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.grant_types = vec!["client_credentials".to_owned()];
    for jwt in [false, true] {
        asked.metadata.jwt_access_tokens = jwt;
        let rp = Rp::new(&house, &asked).await;
        let mut browser = house.browser();
        let before = commits(&house);
        let answer = rp.token(&mut browser, &[("grant_type", "client_credentials")]).await;
        assert_eq!((answer.status.as_u16(), commits(&house) - before), (200, 1), "a JWT: {jwt}");
    }
}
