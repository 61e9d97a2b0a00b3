//! The protocol's door, on the staff listener only: one file per endpoint, opening with its sections.
//!
//! What is here: reading requests, writing answers. What is not: decisions (`services`), the objects of the protocol
//! (`domain::oauth`), and the pages on which a person signs in (`web`).

mod acting;
mod authorize;
mod check_session;
mod client_auth;
mod consent;
mod cors;
mod device;
mod discovery;
mod introspection;
mod logout;
mod pages;
mod par;
mod registration;
mod reply;
mod token;
mod userinfo;

use crate::app::App;
use crate::http::proof;
use crate::urls;
use axum::routing::{get, post};
use axum::{Router, middleware};

/// The routes of the protocol.
pub fn router(app: &App) -> Router<App> {
    if app.config.oidc.legacy_paths { routes(app).merge(legacy(app)) } else { routes(app) }
}

/// The endpoints once more, where old applications know them. Nothing that the house says of itself names these paths.
fn legacy(app: &App) -> Router<App> {
    let open = Router::new()
        .route(urls::LEGACY_TOKEN, post(token::token))
        .route(urls::LEGACY_REVOKE, post(token::revoke))
        .route(urls::LEGACY_USERINFO, get(userinfo::get).post(userinfo::post))
        .route_layer(middleware::from_fn_with_state(app.clone(), proof::hand_out))
        .route_layer(middleware::from_fn(cors::allow));
    Router::new()
        .route(urls::LEGACY_AUTHORIZE, get(authorize::get).post(authorize::post).head(authorize::head))
        .route(urls::LEGACY_END_SESSION, get(logout::get).post(logout::post).head(authorize::head))
        .merge(open)
}

fn routes(app: &App) -> Router<App> {
    // What scripts of other origins may read: never with cookies, never the authorization endpoint (RFC 9700 §2.6).
    let open = Router::new()
        .route(urls::DISCOVERY, get(discovery::metadata))
        .route(urls::OAUTH_METADATA, get(discovery::metadata))
        .route(urls::JWKS, get(discovery::jwks))
        .route(urls::TOKEN, post(token::token))
        .route(urls::PAR, post(par::push))
        .route(urls::DEVICE_AUTHORIZATION, post(device::start))
        .route(urls::REVOKE, post(token::revoke))
        .route(urls::INTROSPECT, post(introspection::introspect))
        .route(urls::USERINFO, get(userinfo::get).post(userinfo::post))
        .route_layer(middleware::from_fn_with_state(app.clone(), proof::hand_out))
        .route_layer(middleware::from_fn(cors::allow));
    Router::new()
        .route(urls::AUTHORIZE, get(authorize::get).post(authorize::post).head(authorize::head))
        .route(urls::CONTINUE, get(authorize::proceed).head(authorize::head))
        .route(urls::CONSENT, get(consent::show).post(consent::send))
        .route(urls::ACTING, get(acting::show).post(acting::send))
        .route(urls::CANCEL, post(consent::cancel))
        .route(urls::DEVICE, get(device::show).post(device::enter))
        .route(urls::DEVICE_ANSWER, get(device::ask).post(device::answer))
        .route(urls::CHECK_SESSION, get(check_session::show))
        .route(urls::SESSION_STATE, get(check_session::state))
        .route(urls::END_SESSION, get(logout::get).post(logout::post).head(authorize::head))
        .route(urls::END_SESSION_CONFIRM, post(logout::confirmed))
        .route(urls::REGISTER, post(registration::register))
        .route(
            urls::REGISTRATION,
            get(registration::read).put(registration::change).delete(registration::remove),
        )
        .merge(open)
}
