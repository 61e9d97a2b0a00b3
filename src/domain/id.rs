//! Typed ids: an account's id never fits where a client's is expected. All are UUIDv7, so rows keep their order.

use crate::domain::chance::{self, Entropy};
use crate::domain::timestamp::Timestamp;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id (RFC 9562 §5.7), ordered by `now`.
            pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(uuid_v7(now, entropy))
            }

            /// When it was made, to the millisecond.
            pub fn made_at(self) -> Timestamp {
                let millis = self.0.as_bytes()[..6].iter().fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
                Timestamp::from_micros(millis * 1_000)
            }

            /// What no id comes after that was made by a moment.
            pub fn last_by(moment: Timestamp) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(millis(moment), &[0xff; 10]).into_uuid())
            }

            /// Its 16 bytes.
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }

            /// Of these 16 bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A person's or an agency's account.
    AccountId;
    /// An agency of the city.
    AgencyId;
    /// A mailbox in one of the two mail systems.
    MailboxId;
    /// A signed-in session.
    SessionId;
    /// One run of a synchronisation.
    RunId;
    /// A registered application, by its row. Its `client_id` is another thing.
    ClientRowId;
    /// A pending authorization request.
    RequestId;
    /// Everything that grew out of one authorization code.
    FamilyId;
    /// One code or token.
    TokenId;
    /// A password on its way into a second place.
    CopyId;
    /// One letter.
    LetterId;
    /// A job over many accounts.
    BulkId;
    /// A note about an account.
    NoteId;
    /// A decision about whose mailbox is whose.
    DecisionId;
    /// A break-glass code.
    GlassId;
    /// A request for a second person.
    ApprovalId;
    /// A role that somebody was given.
    GrantId;
    /// A passkey.
    PasskeyId;
    /// A post beside the one of the directories.
    PostId;
    /// A certificate that is bound to an account.
    AccountCertificateId;
    /// A browser that is remembered.
    TrustId;
    /// Something that staff have reported.
    IncidentId;
    /// The right of a person to act for a mailbox.
    DelegationId;
    /// A change of agencies: renamed, merged, split.
    ReorganisationId;
    /// A review of access.
    ReviewId;
    /// Something that was done about it.
    StepId;
    /// A decision about which agency a text of a directory means.
    MappingId;
}

fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(millis(now), &chance::bytes(entropy)).into_uuid()
}

fn millis(moment: Timestamp) -> u64 {
    u64::try_from(moment.micros() / 1_000).unwrap_or(0)
}
