//! RFC 9207: the issuer in every authorization response.

use crate::rp::{ISSUER, Rp, error_of, house, json, signed_in};

#[tokio::test]
async fn a_code_comes_with_the_issuer_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let answer = rp.ask(&mut signed_in(&house).await, &[]).await;
    let names: Vec<_> = answer.keys().map(String::as_str).collect();
    assert_eq!(names, ["code", "iss", "session_state", "state"]);
    assert_eq!(answer["iss"], ISSUER);
}

#[tokio::test]
async fn an_error_comes_with_the_issuer_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let answer = rp.ask(&mut house.browser(), &[("prompt", "none")]).await;
    assert_eq!(error_of(&answer), "login_required");
    let names: Vec<_> = answer.keys().map(String::as_str).collect();
    assert_eq!(names, ["error", "error_description", "iss", "state"]);
}

#[tokio::test]
async fn the_metadata_says_so_with_the_same_bytes_3() {
    let house = house().await;
    let document = json(&house.browser().get("/.well-known/openid-configuration").await);
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert_eq!(document["issuer"], ISSUER);
}
