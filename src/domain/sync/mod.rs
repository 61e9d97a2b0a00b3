//! What the directories were seen to hold, and the plan that brings the house in line with it.

mod change;
mod limits;
mod lines;
mod plan;
mod seen;

pub use change::{changed, word};
pub use limits::{Approved, Excess, Limits, Much, Size, exceeded};
pub use lines::{Counts, Field, FieldChange, Line, LineKind, counts, lines};
pub use plan::{Creation, Facts, Known, Plan, Rules, StateChange, Step, plan};
pub use seen::{PassedOver, Reading, Rest, Seen, SeenAgency, SeenEntry, SeenMailbox, Snapshot};
