//! The rules of the house, without IO, clock or chance.
//!
//! What is here: accounts and their states, the password policy, working days and deadlines, the plan of a
//! synchronisation, the objects of OAuth. What is not: SQL, LDAP, HTTP, files. A rule that needs the time takes
//! `now`; a rule that needs chance takes an [`chance::Entropy`].

pub mod access_review;
pub mod account;
pub mod address;
pub mod admin;
pub mod agency;
pub mod approval;
pub mod audit;
pub mod audit_record;
pub mod bulk;
pub mod certificate;
pub mod chance;
pub mod compliance;
pub mod delegation;
pub mod factor;
pub mod group;
pub mod health;
pub mod id;
pub mod import;
pub mod incident;
pub mod mail;
pub mod mailbox;
pub mod name;
pub mod oauth;
pub mod outbox;
pub mod policy;
pub mod proof;
pub mod reorganisation;
pub mod scim;
pub mod secret;
pub mod session;
pub mod sync;
pub mod throttle;
pub mod timestamp;
pub mod watch;
