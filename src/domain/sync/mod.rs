//! What the directories were seen to hold, and the plan that brings the house in line with it.

mod agency_map;
mod authority;
mod change;
mod limits;
mod lines;
mod outline;
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
pub use outline::{Concerned, Outline, Outlined, Whose};
pub use pace::{Pace, pace};
pub use pairs::{Decision, MailboxId, Pairs, Verdict, id_of};
pub use plan::{CLOCK_TOLERANCE, Creation, Facts, Known, Plan, Rules, StateChange, Step, plan};
pub use reconcile::{Finding, FindingKind, Person, Picture, reconcile};
pub use rulings::Rulings;
pub use seen::{PassedOver, Reading, Rest, Seen, SeenAgency, SeenEntry, SeenMailbox, Snapshot};
