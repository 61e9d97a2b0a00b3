//! A change of the calendar in lines of the audit.

use super::Step;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::timestamp::Timestamp;
use crate::storage::calendar::Listing;

/// The line on one date.
pub(super) fn entry(now: Timestamp, actor: &Actor, step: &Step) -> Option<Entry> {
    let listing = step.after.as_ref().or(step.before.as_ref())?;
    let said = |listing: Option<&Listing>| listing.map_or_else(|| "not listed".to_owned(), described);
    let entry = Entry::new(now, actor.clone(), Act::CalendarChanged, listing.date.to_string())
        .changing(said(step.before.as_ref()), said(step.after.as_ref()));
    let entry = Entry { agency_id: listing.agency_id, ..entry };
    Some(match &step.why {
        Some(why) => entry.because(why),
        None => entry,
    })
}

/// A listed day in a line of the audit.
fn described(listing: &Listing) -> String {
    let mut words = vec![listing.day.kind.code().to_owned()];
    words.push(if listing.day.confirmed { "confirmed" } else { "undecided" }.to_owned());
    words.push(listing.day.vi.clone());
    words.extend(listing.notice_number.clone());
    words.extend(listing.notice_date.map(|date| date.to_string()));
    words.extend(listing.strike.as_ref().map(|strike| format!("to be struck, asks {}", strike.by)));
    words.join(", ")
}
