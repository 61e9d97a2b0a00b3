//! The staff portal: my account, my sessions, my applications, my letters. Nobody enters before a demanded password is
//! set; only the letters are open, for comparison.

pub(super) mod account;
pub(super) mod applications;
pub(super) mod data;
pub(super) mod home;
pub(super) mod letters;
pub(super) mod report;
pub(super) mod rules;
pub(super) mod security;
pub(super) mod sessions;

use crate::app::App;
use crate::http::{Failure, SignedIn};
use crate::services::factors::{self, Standing};
use crate::urls;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// Somebody who is signed in and need neither change the password nor set up a second factor first.
pub(super) struct Settled(SignedIn);

impl FromRequestParts<App> for Settled {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let signed = SignedIn::from_request_parts(parts, app).await?;
        if signed.current.must_change_password() {
            return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
        }
        match factors::standing(app, &signed.current).await? {
            Standing::Met => Ok(Self(signed)),
            Standing::MustProve(class) => Err(Failure::SignInFirst(urls::second_step(class, None))),
            Standing::MustEnrol(class) => Err(Failure::SignInFirst(urls::enrol(class, None))),
        }
    }
}
