//! Four eyes: what is dangerous enough that a second person approves it, and how far a request for that is. Whoever asked
//! never approves, and carries it out themselves, once, just as it was approved.

use crate::domain::admin::Right;
use crate::domain::id::{AccountId, ApprovalId};
use crate::domain::timestamp::Timestamp;
use time::Duration;

/// How long a request, and then its approval, is good.
pub const GOOD_FOR: Duration = Duration::hours(24);

/// How many requests of one person may be open at a time.
pub const MOST_OPEN: i64 = 20;

/// For how long it is remembered what one person did to many without a second one.
pub const REMEMBERED: Duration = Duration::hours(24);

/// For how long whoever had another one's way to sign in in their hands is no second person beside them.
pub const HANDS_OFF: Duration = Duration::days(7);

/// What needs a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Matter {
    /// A role over the whole city, or nearly.
    GrantRole,
    /// Other rules.
    ChangeRules,
    /// New signing keys now.
    RotateKeys,
    /// Many accounts unlocked at once.
    UnlockMany,
    /// Many passwords reset at once.
    ResetMany,
    /// Many accounts locked at once.
    LockMany,
    /// New passwords demanded of many at once.
    DemandMany,
    /// Agencies renamed, merged, split or moved.
    Reorganise,
    /// Many sessions ended at once.
    EndSessionsMany,
    /// What an application may do in its own name, where that is much.
    OpenInterface,
    /// A new secret for such an application: whoever has it does in its name what it may do.
    RotateSecret,
    /// The password of somebody who decides on such requests.
    ResetDecider,
    /// The second factors of somebody who decides on such requests.
    StripDecider,
    /// Another mailbox, with its password, for somebody who decides on such requests.
    JoinDecider,
}

impl Matter {
    /// Every matter.
    pub const ALL: [Self; 14] = [
        Self::GrantRole,
        Self::ChangeRules,
        Self::RotateKeys,
        Self::UnlockMany,
        Self::ResetMany,
        Self::LockMany,
        Self::DemandMany,
        Self::Reorganise,
        Self::EndSessionsMany,
        Self::OpenInterface,
        Self::RotateSecret,
        Self::ResetDecider,
        Self::StripDecider,
        Self::JoinDecider,
    ];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::GrantRole => "grant-role",
            Self::ChangeRules => "change-rules",
            Self::RotateKeys => "rotate-keys",
            Self::UnlockMany => "unlock-many",
            Self::ResetMany => "reset-many",
            Self::LockMany => "lock-many",
            Self::DemandMany => "demand-many",
            Self::Reorganise => "reorganise",
            Self::EndSessionsMany => "end-sessions-many",
            Self::OpenInterface => "open-interface",
            Self::RotateSecret => "rotate-secret",
            Self::ResetDecider => "reset-decider",
            Self::StripDecider => "strip-decider",
            Self::JoinDecider => "join-decider",
        }
    }

    /// Reads [`Matter::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|matter| matter.code() == code)
    }

    /// The right that doing it asks for; whoever approves needs the same one.
    pub const fn right(self) -> Right {
        match self {
            // Whoever has the password of such a person has their role.
            Self::GrantRole | Self::ResetDecider | Self::StripDecider | Self::JoinDecider => {
                Right::GrantRoles
            }
            Self::ChangeRules => Right::ChangeRules,
            Self::RotateKeys => Right::RotateKeys,
            Self::UnlockMany => Right::Unlock,
            Self::ResetMany | Self::DemandMany => Right::ResetPassword,
            Self::LockMany => Right::Lock,
            Self::Reorganise => Right::ManageAgency,
            Self::EndSessionsMany => Right::EndSessions,
            Self::OpenInterface | Self::RotateSecret => Right::ManageApplications,
        }
    }
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// A second person is to look at it.
    Waiting,
    /// It may be carried out, once.
    Approved,
    /// A second person said no.
    Refused,
    /// Whoever asked took it back.
    Withdrawn,
    /// It was carried out.
    Done,
    /// Whoever approved it had no such right any more when it was to be carried out.
    Lapsed,
}

impl Stage {
    const ALL: [Self; 6] =
        [Self::Waiting, Self::Approved, Self::Refused, Self::Withdrawn, Self::Done, Self::Lapsed];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Done => "done",
            Self::Lapsed => "lapsed",
        }
    }

    /// Reads [`Stage::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }
}

/// A deed in words, line by line, in each language of the house: as it was when somebody asked, whoever reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// In Vietnamese.
    pub vi: Vec<String>,
    /// In English.
    pub en: Vec<String>,
}

impl Preview {
    /// Of lines that are the same in every language: names, addresses, codes.
    pub fn of(lines: Vec<String>) -> Self {
        Self { vi: lines.clone(), en: lines }
    }
}

/// What is to be done: only the very same may be done once it is approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// What kind.
    pub matter: Matter,
    /// What exactly.
    pub content: String,
    /// The same in words.
    pub preview: Preview,
}

impl Deed {
    /// Something that is done to one account; `what` exactly, where the matter alone does not say it.
    pub fn on_account(matter: Matter, id: AccountId, what: &str, preview: Preview) -> Self {
        Self { matter, content: format!("{id} {what}").trim_end().to_owned(), preview }
    }

    /// Whose way to sign in it is about. They are no second person in this: whoever asks would have it, or says so.
    pub fn concerns(&self) -> Option<AccountId> {
        match self.matter {
            Matter::ResetDecider | Matter::StripDecider | Matter::JoinDecider => {
                self.content.split(' ').next().and_then(|id| id.parse().ok())
            }
            _ => None,
        }
    }
}

/// A request for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// What is to be done.
    pub deed: Deed,
    /// Where the form goes that does it.
    pub path: String,
    /// Its fields, as they were typed.
    pub form: Vec<(String, String)>,
    /// Who asked.
    pub asked_by: AccountId,
    /// When.
    pub asked_at: Timestamp,
    /// Why.
    pub why: String,
    /// Until when the request, or the approval, is good.
    pub expires_at: Timestamp,
    /// How far it is.
    pub stage: Stage,
    /// Who decided, when and why, if somebody did.
    pub decided: Option<(AccountId, Timestamp, String)>,
}

impl Approval {
    /// Whether it waits for a second person now.
    pub fn waits(&self, now: Timestamp) -> bool {
        self.stage == Stage::Waiting && now < self.expires_at
    }

    /// Whether it waits, or was approved and not carried out yet.
    pub fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.stage, Stage::Waiting | Stage::Approved) && now < self.expires_at
    }

    /// Whether it lets its asker do a deed now, if whoever approved it still has the right.
    pub fn allows(&self, asker: AccountId, deed: &Deed, now: Timestamp) -> bool {
        self.stage == Stage::Approved
            && now < self.expires_at
            && self.asked_by == asker
            && self.deed.matter == deed.matter
            && self.deed.content == deed.content
    }

    /// Whether somebody may decide on it now: another person than the one who asked, and than the one whom it concerns.
    pub fn may_be_decided_by(&self, who: AccountId, now: Timestamp) -> bool {
        self.waits(now) && who != self.asked_by && Some(who) != self.deed.concerns()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chance::Entropy;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn deed(content: &str) -> Deed {
        Deed { matter: Matter::GrantRole, content: content.to_owned(), preview: Preview::default() }
    }

    fn request(stage: Stage) -> Approval {
        let at = Timestamp::from_seconds;
        Approval {
            id: ApprovalId::new(at(1), &Fixed),
            deed: deed("an city"),
            path: "/administrators".to_owned(),
            form: Vec::new(),
            asked_by: AccountId::new(at(1), &Fixed),
            asked_at: at(1),
            why: "QĐ 1".to_owned(),
            expires_at: at(100),
            stage,
            decided: None,
        }
    }

    #[test]
    fn whoever_asked_never_decides() {
        let (one, now) = (request(Stage::Waiting), Timestamp::from_seconds(50));
        let other = AccountId::new(Timestamp::from_seconds(2), &Fixed);
        assert!(one.may_be_decided_by(other, now));
        assert!(!one.may_be_decided_by(one.asked_by, now));
        assert!(!one.may_be_decided_by(other, one.expires_at), "too late");
        assert!(!request(Stage::Refused).may_be_decided_by(other, now), "decided");
        let about = Deed::on_account(Matter::JoinDecider, other, "obm 7", Preview::default());
        assert!(!Approval { deed: about, ..one }.may_be_decided_by(other, now), "it is about them");
    }

    #[test]
    fn only_the_very_same_is_allowed_to_the_very_same_person_in_time() {
        let (one, now) = (request(Stage::Approved), Timestamp::from_seconds(50));
        let other = AccountId::new(Timestamp::from_seconds(2), &Fixed);
        assert!(one.allows(one.asked_by, &deed("an city"), now));
        assert!(!one.allows(one.asked_by, &deed("binh city"), now));
        assert!(!one.allows(one.asked_by, &Deed { matter: Matter::RotateKeys, ..deed("an city") }, now));
        assert!(!one.allows(other, &deed("an city"), now));
        assert!(!one.allows(one.asked_by, &deed("an city"), one.expires_at));
        assert!(!request(Stage::Waiting).allows(one.asked_by, &deed("an city"), now));
        assert!(!request(Stage::Done).allows(one.asked_by, &deed("an city"), now), "once");
    }

    #[test]
    fn codes_are_read_as_they_are_written() {
        assert!(Matter::ALL.into_iter().all(|matter| Matter::from_code(matter.code()) == Some(matter)));
        assert!(Stage::ALL.into_iter().all(|stage| Stage::from_code(stage.code()) == Some(stage)));
    }
}
