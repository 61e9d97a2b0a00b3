//! What the directories were seen to hold, and the plan that brings the house in line with it.

/// A closed enumeration with the word of each in the database and on the command line.
macro_rules! codes {
    ($(#[doc = $about:literal])* $type:ident { $($(#[doc = $doc:literal])* $name:ident = $code:literal;)* }) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[doc = $doc])* $name,)* }

        impl $type {
            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word in the database and on the command line.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Reads the code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

mod agency_map;
mod authority;
mod change;
mod limits;
mod lines;
mod pace;
mod pairs;
mod plan;
mod reconcile;
mod rulings;
mod seen;

pub use agency_map::{AgencyKey, AgencyMap, AgencySource, MappedBy, Mapping, agency_sources};
pub use authority::{Attribute, Authority, Order};
pub use change::{changed, word};
pub use limits::{Approved, Excess, Limits, Much, Size, exceeded};
pub use lines::{Counts, Field, FieldChange, Line, LineKind, counts, lines};
pub use pace::{Pace, pace};
pub use pairs::{Decision, MailboxId, Pairs, Verdict, id_of};
pub use plan::{CLOCK_TOLERANCE, Creation, Facts, Known, Plan, Rules, StateChange, Step, plan};
pub use reconcile::{Finding, FindingKind, Person, Picture, reconcile};
pub use rulings::Rulings;
pub use seen::{PassedOver, Reading, Rest, Seen, SeenAgency, SeenEntry, SeenMailbox, Snapshot};
