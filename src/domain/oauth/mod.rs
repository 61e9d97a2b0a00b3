//! The objects of OAuth 2.0 and OpenID Connect: clients, requests, grants, keys; and the flow's next step.
//!
//! Trust is earned step by step: [`request::RawRequest`] is what a stranger sent, [`client::Client`] is known to us,
//! and only [`answer::SafeReturn`] can build an answer that leaves the house. What is not here: HTTP and SQL.

pub mod answer;
pub mod binding;
pub mod claims_request;
pub mod client;
pub mod client_auth;
pub mod client_certificate;
pub mod consent;
pub mod device;
pub mod difference;
pub mod dpop;
pub mod error;
pub mod grant;
pub mod key;
pub mod lint;
pub mod logo;
pub mod metadata;
pub mod next_step;
pub mod own_rights;
pub mod pasted;
pub mod purpose;
pub mod redirect;
pub mod refusals;
pub mod registration;
pub mod remark;
pub mod request;
pub mod request_object;
pub mod resource;
pub mod response_type;
pub mod scope;
pub mod template;
