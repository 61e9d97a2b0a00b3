//! The client tester plays an application from the sign-in to the sign-out, and says where it fails.

use crate::house::{House, PASSWORD};
use crate::rp::{Rp, house, registration};
use danang_sso::cli::client_tester::{Plan, Step, test};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::secret::Secret;
use danang_sso::services::clients::{self, Registration};
use time::Duration;

async fn played(house: &House, rp: &Rp, user: &str, password: &str) -> Vec<Step> {
    let plan = Plan {
        client_id: rp.client_id.clone(),
        secret: rp.secret.clone().map(Secret::new),
        user: user.to_owned(),
        password: Secret::new(password.to_owned()),
    };
    test(&house.app, house.staff_router(), &plan).await.expect("plays")
}

/// The name of the step that failed, and what it says.
fn failure(steps: &[Step]) -> (&'static str, &str) {
    let last = steps.last().expect("a step");
    assert!(!last.is_good, "{steps:?}");
    assert!(steps[..steps.len() - 1].iter().all(|step| step.is_good));
    (last.name, &last.says)
}

#[tokio::test]
async fn a_good_application_goes_through_every_step() {
    let house = house().await;
    let all = [
        "registration",
        "request",
        "sign-in",
        "answer",
        "tokens",
        "ID token",
        "UserInfo",
        "refresh",
        "sign-out",
    ];
    for kind in [ClientKind::Web, ClientKind::Spa] {
        let rp = Rp::new(&house, &registration(kind)).await;
        let steps = played(&house, &rp, "an", PASSWORD).await;
        assert!(steps.iter().all(|step| step.is_good), "{steps:?}");
        assert_eq!(steps.iter().map(|step| step.name).collect::<Vec<_>>(), all);
    }
}

#[tokio::test]
async fn an_old_application_with_hybrid_and_one_with_consent_go_through_too() {
    let house = house().await;
    let hybrid = Metadata {
        response_types: vec!["code id_token".to_owned()],
        grant_types: vec!["authorization_code".to_owned(), "implicit".to_owned()],
        ..Metadata::default()
    };
    let consent = Metadata { consent_required: true, ..Metadata::default() };
    for metadata in [hybrid, consent] {
        let asks = metadata.consent_required;
        let rp = Rp::new(&house, &Registration { metadata, ..registration(ClientKind::Web) }).await;
        let steps = played(&house, &rp, "binh", PASSWORD).await;
        assert!(steps.iter().all(|step| step.is_good), "{steps:?}");
        assert_eq!(steps.iter().any(|step| step.name == "consent"), asks);
    }
}

#[tokio::test]
async fn each_failure_is_named_with_what_to_do() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let steps = played(&house, &rp, "an", "wrong-password-9").await;
    assert_eq!(failure(&steps).0, "sign-in");
    let public = Rp { client_id: rp.client_id.clone(), secret: None };
    let steps = played(&house, &public, "an", PASSWORD).await;
    assert!(failure(&steps).1.contains("--secret-file"));
    clients::rotate_secret(&house.app, Actor::CommandLine, &rp.client_id, Duration::ZERO)
        .await
        .expect("rotated");
    let steps = played(&house, &rp, "an", PASSWORD).await;
    let (name, says) = failure(&steps);
    assert!(name == "tokens" && says.contains("invalid_client") && says.contains("present one"), "{says}");
    let metadata = Metadata { allowed_agencies: vec!["so-tai-chinh".to_owned()], ..Metadata::default() };
    let rp = Rp::new(&house, &Registration { metadata, ..registration(ClientKind::Web) }).await;
    let steps = played(&house, &rp, "an", PASSWORD).await;
    assert!(failure(&steps).1.contains("--agency"));
}
