//! What is watched of a mailbox besides who may sign in: where its mail is forwarded to, how much it holds, how large
//! a message may be. Nothing of it changes an account.

use crate::domain::mailbox::MailSystem;
use crate::domain::timestamp::Timestamp;
use std::ops::RangeInclusive;

/// What a mailbox holds by the regulation, in KiB: 2 GB, whether somebody counts by 1,000 or by 1,024.
pub const QUOTA: RangeInclusive<i64> = 1_953_125..=2_097_152;

/// The limits of a message, in KiB, that let 20 MB of attachments through and not much more: a mail system counts the
/// encoded message, which is up to 37 % larger.
pub const MESSAGE: RangeInclusive<i64> = 20_480..=28_672;

/// The longest address that is kept, in characters.
const LONGEST: usize = 320;

/// How a mail system came to forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardSource {
    /// An administrator set it in Active Directory (`altRecipient`).
    Administrator,
    /// The holder set it in Exchange (`msExchGenericForwardingAddress`).
    Holder,
    /// All mail is delivered elsewhere (`targetAddress`).
    Elsewhere,
    /// OBM's forwarding, set by the holder (`userobm_email_nomade`).
    Nomade,
}

impl ForwardSource {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Holder, Self::Elsewhere, Self::Nomade];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Holder => "holder",
            Self::Elsewhere => "elsewhere",
            Self::Nomade => "nomade",
        }
    }

    /// Reads [`ForwardSource::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.code() == code)
    }
}

/// A forwarding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The address, in small letters; the name of a recipient whose address could not be read.
    pub to: String,
    /// Whether a copy stays in the mailbox.
    pub keeps_copy: bool,
    /// How it came to be.
    pub source: ForwardSource,
}

impl Forward {
    /// To an address as a directory writes it, `SMTP:somebody@elsewhere` or without the kind; `None` for nothing.
    pub fn new(to: &str, keeps_copy: bool, source: ForwardSource) -> Option<Self> {
        let plain = match to.trim().split_once(':') {
            Some((kind, address)) if kind.eq_ignore_ascii_case("smtp") => address.trim(),
            _ => to.trim(),
        };
        let clean: String = plain.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let to = clean.to_ascii_lowercase();
        (!to.is_empty()).then_some(Self { to, keeps_copy, source })
    }

    /// The domain that it leads to; `None` where the address is not known, or no such one.
    pub fn domain(&self) -> Option<&str> {
        let (_, domain) = self.to.rsplit_once('@')?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        (!domain.is_empty() && domain.chars().all(is_name)).then_some(domain)
    }

    /// Whether it leads out of the city, whose own domains these are. One whose end is not known counts.
    pub fn is_external(&self, own: &[String]) -> bool {
        self.domain().is_none_or(|domain| !own.iter().any(|known| known == domain))
    }
}

/// The upper end of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// There is none.
    Unlimited,
    /// So many KiB.
    Kib(i64),
}

impl Cap {
    /// The number in the database.
    pub const fn code(self) -> i64 {
        match self {
            Self::Unlimited => -1,
            Self::Kib(kib) => kib,
        }
    }

    /// Reads [`Cap::code`], and a directory's number likewise: below zero is none.
    pub const fn from_code(code: i64) -> Self {
        if code < 0 { Self::Unlimited } else { Self::Kib(code) }
    }
}

/// What is watched of a mailbox; what its directory does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watched {
    /// Where its mail is forwarded to.
    pub forwards: Vec<Forward>,
    /// How much it may hold.
    pub quota: Option<Cap>,
    /// How large a message may be that its holder sends; where that is not told, receives.
    pub message: Option<Cap>,
}

/// What a mail system keeps of a mailbox outside its directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Whose, in small letters.
    pub login: String,
    /// What is watched.
    pub watched: Watched,
    /// When it was last used: not earlier than this, perhaps later.
    pub last_used_at: Option<Timestamp>,
    /// The staff number, for whom the directory has none.
    pub external_id: Option<String>,
    /// Whether it is archived there, and so should not be in the directory.
    pub is_archived: bool,
}

/// A list of what is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchList {
    /// Mail is forwarded out of the city.
    Forwards,
    /// The quota is not that of the regulation.
    Quota,
    /// The limit of a message is not that of the regulation.
    Message,
    /// Not used for so many days.
    Unused(i64),
    /// Never used, as far as is known.
    Never,
    /// A mailbox in this system only.
    Only(MailSystem),
}

impl WatchList {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 8] = [
        Self::Forwards,
        Self::Quota,
        Self::Message,
        Self::Unused(90),
        Self::Unused(180),
        Self::Never,
        Self::Only(MailSystem::Ad),
        Self::Only(MailSystem::Obm),
    ];

    /// The word in an address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Forwards => "forwards",
            Self::Quota => "quota",
            Self::Message => "message",
            Self::Unused(..=90) => "unused-90",
            Self::Unused(_) => "unused-180",
            Self::Never => "never",
            Self::Only(MailSystem::Ad) => "only-ad",
            Self::Only(MailSystem::Obm) => "only-obm",
        }
    }

    /// Reads [`WatchList::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(text: &str) -> Option<Forward> {
        Forward::new(text, true, ForwardSource::Holder)
    }

    #[test]
    fn an_address_is_read_with_and_without_its_kind() {
        for text in
            ["SMTP:An@Mail.Example", "smtp: an@mail.example ", "an@mail.example", "An@mail.\u{7}example"]
        {
            assert_eq!(to(text).expect("a forward").to, "an@mail.example", "{text:?}");
        }
        assert_eq!(to("smtp:"), None);
        assert_eq!(to(" "), None);
        assert_eq!(to(&"x".repeat(1000)).expect("cut").to.len(), LONGEST);
    }

    #[test]
    fn what_leads_to_no_domain_of_the_city_is_external() {
        let own = ["danang.example".to_owned()];
        let is_external = |text: &str| to(text).expect("a forward").is_external(&own);
        assert!(!is_external("an@DaNang.example"));
        for outside in ["an@gmail.example", "an@sub.danang.example", "an@danang.example.evil.example"] {
            assert!(is_external(outside), "{outside}");
        }
        // the end is not known
        for unknown in ["Nguyễn Văn An", "an@%", "an@"] {
            assert!(is_external(unknown), "{unknown}");
            assert_eq!(to(unknown).expect("a forward").domain(), None);
        }
    }

    #[test]
    fn every_list_is_found_by_its_word() {
        for list in WatchList::ALL {
            assert_eq!(WatchList::from_code(list.code()), Some(list));
        }
        assert_eq!(WatchList::from_code("all"), None);
    }

    #[test]
    fn a_cap_below_zero_is_none() {
        assert_eq!(Cap::from_code(-1), Cap::Unlimited);
        assert_eq!(Cap::from_code(Cap::Kib(2_097_152).code()), Cap::Kib(2_097_152));
        assert_eq!(Cap::from_code(Cap::Unlimited.code()), Cap::Unlimited);
    }
}
