//! The `openidconnect` crate as an independent relying party: it discovers, asks, redeems, verifies and refreshes by
//! its own reading of the specifications.

use crate::rp::{CALLBACK, ISSUER, Rp, answered, house, signed_in};
use axum::Router;
use axum::body::Body;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse,
};
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, UNIX_EPOCH};
use tower::ServiceExt;

/// Hands the client's requests to the router.
fn transport(
    router: Router,
) -> impl Fn(HttpRequest) -> Pin<Box<dyn Future<Output = Result<HttpResponse, std::io::Error>> + Send>> {
    move |request| {
        let router = router.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
            parts.uri = path.parse().expect("a path");
            let request = axum::http::Request::from_parts(parts, Body::from(body));
            let response = router.oneshot(request).await.expect("a router does not fail");
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.map_err(std::io::Error::other)?;
            Ok(axum::http::Response::from_parts(parts, body.to_vec()))
        })
    }
}

#[tokio::test]
async fn an_independent_client_signs_a_person_in_and_refreshes() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let http = transport(house.staff_router());
    let metadata =
        CoreProviderMetadata::discover_async(IssuerUrl::new(ISSUER.to_owned()).expect("a URL"), &http)
            .await
            .expect("discovers");
    let secret = rp.secret.clone().map(ClientSecret::new);
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(rp.client_id.clone()), secret)
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).expect("a URL"));
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let path = format!("{}?{}", address.path(), address.query().expect("a query"));
    let answer = answered(&signed_in(&house).await.get(&path).await);
    assert_eq!(&answer["state"], state.secret());

    let tokens = client
        .exchange_code(AuthorizationCode::new(answer["code"].clone()))
        .expect("a token endpoint")
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await
        .expect("tokens");
    let id_token = tokens.id_token().expect("an ID token");
    let now = UNIX_EPOCH + Duration::from_secs(house.app.now().seconds().unsigned_abs());
    let verifier = client.id_token_verifier().set_time_fn(move || now.into());
    let claims = id_token.claims(&verifier, &nonce).expect("the ID token verifies");
    assert_eq!(claims.subject().as_str(), house.account("an").await.subject());
    let expected = claims.access_token_hash().expect("at_hash");
    let alg = id_token.signing_alg().expect("an algorithm");
    let key = id_token.signing_key(&verifier).expect("a key");
    let actual = AccessTokenHash::from_token(tokens.access_token(), alg, key).expect("a hash");
    assert_eq!(actual, *expected);

    let told: CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
        .expect("a UserInfo endpoint")
        .request_async(&http)
        .await
        .expect("claims");
    assert_eq!(told.email().map(|email| email.as_str()), Some("an@danang.example"));
    assert_eq!(told.email_verified(), Some(true));

    let renewed = client
        .exchange_refresh_token(tokens.refresh_token().expect("a refresh token"))
        .expect("a token endpoint")
        .request_async(&http)
        .await
        .expect("new tokens");
    assert_ne!(renewed.access_token().secret(), tokens.access_token().secret());
}
