//! A signed-in session. It is ours, in our table, so that a lock ends it at once.

use crate::domain::id::{AccountId, SessionId};
use crate::domain::timestamp::Timestamp;

pub use super::proof::Proof;

/// Through which door a session was opened; a session of one door opens nothing behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// Sign-in and portal.
    Staff,
    /// The administration, on its own listener.
    Admin,
}

impl Door {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Admin => "admin",
        }
    }

    /// Reads [`Door::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Staff, Self::Admin].into_iter().find(|door| door.code() == code)
    }
}

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id; also the `sid` of ID tokens (OIDC Back-Channel Logout §2.1). It opens nothing by itself: the cookie does.
    pub id: SessionId,
    /// Whose.
    pub account_id: AccountId,
    /// Through which door.
    pub door: Door,
    /// When the person last proved who they are: by their password, or by a passkey in its place (OIDC `auth_time`).
    pub auth_time: Timestamp,
    /// How.
    pub proof: Proof,
    /// When a second factor was last proven that says who is there now ([`Second::renews`](super::proof::Second::renews)).
    pub factor_at: Option<Timestamp>,
    /// When it was last used; written at most once a minute.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// From which address it was opened.
    pub source: String,
    /// The browser, in the words of its `User-Agent`, shortened.
    pub user_agent: String,
}

impl Session {
    /// When it began: the proofs that come later move [`Session::auth_time`], and not this.
    pub fn began_at(&self) -> Timestamp {
        self.id.made_at()
    }

    /// When the person was last seen to be there, by whichever proof.
    pub fn proven_at(&self) -> Timestamp {
        self.factor_at.map_or(self.auth_time, |at| at.max(self.auth_time))
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionEnd {
    /// The person signed out.
    SignedOut,
    /// The person ended it from another device.
    EndedByOwner,
    /// An administrator ended it.
    EndedByAdministrator,
    /// The account was locked.
    Locked,
    /// The password was changed elsewhere or reset.
    PasswordChanged,
    /// Another browser than the one that signed in came with its cookie.
    OtherBrowser,
    /// Somebody else signed in with the browser that held it.
    TakenOver,
}

impl SessionEnd {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::EndedByOwner => "ended_by_owner",
            Self::EndedByAdministrator => "ended_by_administrator",
            Self::Locked => "locked",
            Self::PasswordChanged => "password_changed",
            Self::OtherBrowser => "other_browser",
            Self::TakenOver => "taken_over",
        }
    }
}
