//! danang-sso: single sign-on for a city. The floors of the house, from the top:
//!
//! - `cli`, `server`, `demo`: composition; may see everything.
//! - `oidc`, `web`, `api`, `jobs`: the doors, which do not know each other; `http` is the furniture they share.
//! - `services`: one use case, one function. `app` is what a use case needs, in one value.
//! - `storage`, `directory`, `crypto`, `mail`, `i18n`: rooms with a window.
//! - `config`, `telemetry`, `urls`, `system`; and at the bottom `domain`, which has no window.
//!
//! `docs/architecture.md` tells more; `tests/architecture.rs` holds the floors.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod demo;
pub mod directory;
pub mod domain;
pub mod http;
pub mod i18n;
pub mod jobs;
pub mod mail;
pub mod oidc;
pub mod outbound;
pub mod server;
pub mod services;
pub mod storage;
pub mod system;
pub mod telemetry;
pub mod urls;
pub mod web;
