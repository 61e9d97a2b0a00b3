//! What every database and every directory must do, run on the real ones: SQLite and PostgreSQL, slapd with OBM's
//! schema and Samba's Active Directory.

mod account_list;
mod agency_months;
mod applications;
mod audit_search;
#[expect(dead_code, reason = "the tests of the flows use the rest")]
#[path = "../common/authority.rs"]
mod authority;
mod beside;
mod cached_verifiers;
mod changes;
mod client_certificates;
mod desk;
mod directory;
mod directory_entries;
mod handover;
#[expect(dead_code, reason = "this binary uses a part of what the tests share")]
#[path = "../common/house.rs"]
mod house;
mod killed;
mod mail;
mod nodes;
mod obm_sql;
mod outage;
mod outbound;
#[expect(dead_code, reason = "this binary uses a part of what the tests share")]
#[path = "../browser/directories.rs"]
mod outside;
mod password_copies;
mod plans;
mod portal;
#[path = "../common/ports.rs"]
mod ports;
mod reconcile;
mod requests;
mod rig;
mod rough;
mod scim;
mod second_factors;
#[expect(dead_code, reason = "this binary uses a part of what the tests share")]
#[path = "../common/sink.rs"]
mod sink;
mod storage;
mod sync_plans;
#[path = "../common/tls_proxy.rs"]
mod tls_proxy;
mod walk;
mod watch;
