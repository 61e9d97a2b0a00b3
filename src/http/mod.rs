//! What the doors share: the visitor and their session, forms with CSRF, forms that are kept, failures as pages, headers
//! and limits.
//!
//! What is not here: pages and endpoints (they are in `web` and `oidc`) and rules.

pub mod administrator;
pub mod browser;
pub mod client_certificate;
pub mod device_cookie;
pub mod failure;
pub mod form;
pub mod frame;
mod held;
pub mod keep;
pub mod layers;
pub mod proof;
pub mod recent;
pub mod state_cookie;
pub mod visitor;

pub use administrator::AsAdministrator;
pub use failure::Failure;
pub use form::{Aged, Form, Late, Parting};
pub use frame::Frame;
pub use recent::RecentProof;
pub use visitor::{SignedIn, Visitor};
