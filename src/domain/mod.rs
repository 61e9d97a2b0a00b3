//! The rules of the house, without IO, clock or chance.
//!
//! What is here: accounts and their states, the password policy, working days and deadlines, the plan of a
//! synchronisation, the objects of OAuth. What is not: SQL, LDAP, HTTP, files. A rule that needs the time takes
//! `now`; a rule that needs chance takes an [`chance::Entropy`].

/// A closed enumeration with the word of each in the database, in addresses and on the command line.
macro_rules! codes {
    ($(#[doc = $about:literal])* $type:ident { $($(#[doc = $doc:literal])* $name:ident = $code:literal;)* }) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[doc = $doc])* $name,)* }

        impl $type {
            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its word.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Reads the word of [`Self::code`].
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

pub mod access_review;
pub mod account;
pub mod address;
pub mod admin;
pub mod agency;
pub mod agency_codes;
pub mod approval;
pub mod audit;
pub mod audit_record;
pub mod browser;
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
