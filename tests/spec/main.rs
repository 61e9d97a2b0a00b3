//! The specifications, one file each; a test's name carries its section. The real router, a real database; only time
//! and chance are ours.

#[expect(dead_code, reason = "the contracts use the rest")]
#[path = "../common/authority.rs"]
mod authority;
#[expect(dead_code, reason = "the tests of the flows use the rest")]
#[path = "../common/house.rs"]
mod house;
#[expect(dead_code, reason = "the contracts use the rest")]
#[path = "../contract/rig.rs"]
mod rig;

mod acceptance;
mod acr;
mod acting;
mod agency_codes;
mod api;
mod api_accounts;
mod api_more;
mod api_openapi;
mod api_reach;
mod api_sessions;
mod api_writes;
#[expect(dead_code, reason = "the tests of the flows use the rest")]
#[path = "../common/authenticator.rs"]
mod authenticator;
mod browser_sessions;
mod corpus;
mod cost;
mod fapi2;
mod groups;
mod independent_client;
mod jarm;
mod legacy_paths;
mod logos;
mod oidc_back_channel_logout;
mod oidc_core;
mod oidc_core_accounts;
mod oidc_core_claims;
mod oidc_core_consent;
mod oidc_core_methods;
mod oidc_core_requests;
mod oidc_core_response_types;
mod oidc_core_session;
mod oidc_core_subjects;
mod oidc_discovery;
mod oidc_front_channel_logout;
mod oidc_rp_initiated_logout;
mod oidc_session_management;
mod own_keys;
mod races;
mod registry;
mod rfc6749;
mod rfc6749_client_credentials;
mod rfc7009;
mod rfc7523;
mod rfc7591;
mod rfc7636;
mod rfc7662;
mod rfc8628;
mod rfc8705;
mod rfc8705_bound;
mod rfc8707;
mod rfc9068;
mod rfc9101;
mod rfc9126;
mod rfc9207;
mod rfc9449;
mod rfc9449_nonces;
mod rp;
mod scim;
mod scim_pages;
mod signing_keys;
mod strangers;
mod tester;
