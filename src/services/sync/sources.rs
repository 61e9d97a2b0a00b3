//! Where what is known of a holder comes from: of each value what each directory says, and since when.

use super::super::Internal;
use crate::app::App;
use crate::domain::mailbox::{MailSystem, Mailbox};
use crate::domain::sync::{Attribute, Authority, Seen, SeenMailbox};
use crate::domain::timestamp::Timestamp;
use crate::storage::directory_entries;

/// What one directory says of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which directory.
    pub system: MailSystem,
    /// What it says.
    pub value: String,
    /// When its entry was first read as it is.
    pub since: Timestamp,
}

/// Of each attribute what the directories say, in the order in which their word counts.
pub async fn of_mailboxes(app: &App, mailboxes: &[Mailbox]) -> Result<Vec<(Attribute, Vec<Said>)>, Internal> {
    let (_, table) = super::authority::present(app).await?;
    let mut kept = Vec::new();
    for key in mailboxes.iter().map(|mailbox| &mailbox.key) {
        let entry = directory_entries::by_id(&app.db, key.system, &key.native_id).await?;
        if let Some(entry) = entry
            && let Seen::Mailbox(seen) = entry.what
        {
            kept.push((*seen, entry.since));
        }
    }
    Ok(Attribute::ALL.iter().map(|attribute| (*attribute, said(table, *attribute, &kept))).collect())
}

fn said(table: Authority, attribute: Attribute, kept: &[(SeenMailbox, Timestamp)]) -> Vec<Said> {
    let of = |system| kept.iter().find(|(seen, _)| seen.key.system == system);
    let one = |(seen, since): &(SeenMailbox, Timestamp)| {
        let value = value(attribute, seen)?;
        Some(Said { system: seen.key.system, value, since: *since })
    };
    table.of(attribute).systems().into_iter().filter_map(of).filter_map(one).collect()
}

/// What an entry says of an attribute, in words.
pub fn value(attribute: Attribute, seen: &SeenMailbox) -> Option<String> {
    let value = match attribute {
        Attribute::Name => Some(seen.display_name.clone()),
        Attribute::Title => seen.title.clone(),
        Attribute::StaffNumber => seen.staff_number.clone(),
        Attribute::Agency => seen.agency.as_ref().map(|agency| agency.name.clone()),
        Attribute::Address => Some(seen.address.to_string()),
        Attribute::Aliases => {
            let all: Vec<_> = seen.aliases.iter().map(ToString::to_string).collect();
            Some(all.join(", "))
        }
    };
    value.filter(|value| !value.is_empty())
}
