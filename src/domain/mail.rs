//! Letters of the house: what kinds there are, and a letter that by construction holds no link, no hidden header and
//! no line longer than mail allows. Pure.
//!
//! The staff were warned of letters that say "your account will be lost, click here", and ours would look the same:
//! so ours never carry anything to click, and the portal lists them for comparison.

use crate::domain::address::MailAddress;
use crate::domain::name;
use crate::domain::timestamp::Timestamp;
use time::Duration;

/// The longest subject, in characters.
const SUBJECT: usize = 150;

/// The longest body, in characters.
const BODY: usize = 20_000;

/// Where a line of the body is broken, in characters (RFC 5322 §2.1.1: at most 78 if possible, 998 bytes in any case).
const LINE: usize = 76;

/// After how long a letter that could not be sent is given up: what it says is old by then.
pub const GIVEN_UP_AFTER: Duration = Duration::days(3);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::hours(1);

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LetterKind {
    /// A default password was issued, or a new one is demanded.
    DefaultPasswordIssued,
    /// The same, on the morning of each working day of the term.
    DefaultPasswordMorning,
    /// A password is about to be too old.
    PasswordAge,
    /// An account is about to be locked because nobody uses it.
    Inactive,
    /// To an agency's administrator: whose terms end soon.
    AgencyDigest,
    /// To the administrators of the city: a run that wanted to lock too many was stopped.
    RunHeld,
    /// To the administrators of the city: a synchronisation that wanted to change too much was held.
    SyncHeld,
    /// To the holder of a role that is about to end.
    RoleEnding,
    /// To the administrators of the city: a reorganisation has ended roles that would have become too wide.
    ReachHeld,
    /// To administrators: an access review waits for their word.
    AccessReview,
    /// To the administrators of the city and the security officers: a break-glass code was used.
    BreakGlass,
    /// Something about how a person proves themselves has changed.
    SecurityChanged,
    /// A certificate that is bound to the account is about to end.
    CertificateEnding,
    /// Somebody has reported an incident, or one is handed on.
    Incident,
    /// A sample that an administrator sent to the own address.
    Trial,
}

impl LetterKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::DefaultPasswordIssued,
        Self::DefaultPasswordMorning,
        Self::PasswordAge,
        Self::Inactive,
        Self::AgencyDigest,
        Self::RunHeld,
        Self::SyncHeld,
        Self::RoleEnding,
        Self::ReachHeld,
        Self::AccessReview,
        Self::BreakGlass,
        Self::SecurityChanged,
        Self::CertificateEnding,
        Self::Incident,
        Self::Trial,
    ];

    /// The kinds of which a sample can be sent to oneself.
    pub const SAMPLES: [Self; 4] =
        [Self::DefaultPasswordIssued, Self::DefaultPasswordMorning, Self::PasswordAge, Self::AgencyDigest];

    /// The word in the database and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DefaultPasswordIssued => "default_password_issued",
            Self::DefaultPasswordMorning => "default_password_morning",
            Self::PasswordAge => "password_age",
            Self::Inactive => "inactive",
            Self::AgencyDigest => "agency_digest",
            Self::RunHeld => "run_held",
            Self::SyncHeld => "sync_held",
            Self::RoleEnding => "role_ending",
            Self::ReachHeld => "reach_held",
            Self::AccessReview => "access_review",
            Self::BreakGlass => "break_glass",
            Self::SecurityChanged => "security_changed",
            Self::CertificateEnding => "certificate_ending",
            Self::Incident => "incident",
            Self::Trial => "trial",
        }
    }

    /// Reads [`LetterKind::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// How far a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It is to be sent.
    Waiting,
    /// The relay took it.
    Sent,
    /// The relay refused it for good, or it was given up.
    Failed,
    /// Its reason went away before it was sent.
    Withdrawn,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Failed, Self::Withdrawn];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`Stage::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }
}

/// A letter: plain text without a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    to: MailAddress,
    kind: LetterKind,
    subject: String,
    body: String,
}

impl Letter {
    /// A letter of this text. Whatever in it looks like a link is defused, the subject is one line, the body has
    /// short lines and no control characters.
    pub fn new(to: MailAddress, kind: LetterKind, subject: &str, body: &str) -> Self {
        let subject: String = without_links(&name::tidy(subject)).chars().take(SUBJECT).collect();
        let body: String = body.chars().take(BODY).collect();
        let lines = body.lines().map(|line| without_links(&name::tidy(line)));
        let body = lines.map(|line| wrapped(&line)).collect::<Vec<_>>().join("\n");
        Self { to, kind, subject, body }
    }

    /// A letter as the database has it.
    pub const fn kept(to: MailAddress, kind: LetterKind, subject: String, body: String) -> Self {
        Self { to, kind, subject, body }
    }

    /// Whom it goes to.
    pub const fn to(&self) -> &MailAddress {
        &self.to
    }

    /// What it is about.
    pub const fn kind(&self) -> LetterKind {
        self.kind
    }

    /// Its subject, one line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its text; lines end with `\n`.
    pub fn body(&self) -> &str {
        &self.body
    }
}

/// A name from a directory as it may stand in a letter: nothing in it that a mail program would make clickable.
pub fn plain(name: &str) -> String {
    let words = name::tidy(name);
    let words = words.split_whitespace().map(|word| defused(&word.replace(['@', '＠'], " ")));
    let words = words.collect::<Vec<_>>().join(" ");
    words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}

/// When to try again after so many attempts: after a minute, then twice as long each time, at most an hour.
pub fn next_attempt(attempts: i64, now: Timestamp) -> Timestamp {
    let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or(u32::MAX).min(6);
    now.plus((Duration::minutes(1) * 2_i32.pow(doublings)).min(LONGEST_PAUSE))
}

/// The text without anything that looks like a link, except plain mail addresses.
fn without_links(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if is_plain_address(bare) && !word.contains('/') { word.to_owned() } else { defused(word) }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether it is a mail address and nothing that a mail program could take for the address of a page: the local part of
/// an address may hold a path (RFC 5322 §3.2.3).
fn is_plain_address(word: &str) -> bool {
    let local = word.split('@').next().unwrap_or_default().to_ascii_lowercase();
    MailAddress::parse(word).is_ok()
        && !local.contains(['/', '?', '#', '=', '&', '%'])
        && !local.starts_with("www.")
}

/// A word in which no dot or colon stands before a letter, so that no mail program sees an address in it.
fn defused(word: &str) -> String {
    if !looks_like_a_link(word) {
        return word.to_owned();
    }
    let spaced: String =
        word.chars().map(|c| if is_joint(c) || is_slash(c) || c == '@' { ' ' } else { c }).collect();
    let harmless =
        |part: &&str| !["http", "https", "www", "ftp", "mailto"].contains(&part.to_lowercase().as_str());
    spaced.split_whitespace().filter(harmless).collect::<Vec<_>>().join(" ")
}

/// Whether a mail program could make something clickable of a word.
pub fn looks_like_a_link(word: &str) -> bool {
    let lower = word.to_lowercase();
    let mut before = ' ';
    let joined = word.chars().any(|c| {
        let hit =
            (is_joint(before) && (c.is_alphabetic() || is_slash(c))) || (is_slash(before) && is_slash(c));
        before = c;
        hit
    });
    joined || lower.contains("www") || lower.contains("http") || lower.contains("xn--")
}

const fn is_joint(c: char) -> bool {
    matches!(c, '.' | ':' | '。' | '．' | '｡' | '：' | '․' | '‧')
}

const fn is_slash(c: char) -> bool {
    matches!(c, '/' | '\\' | '／')
}

/// A line broken at spaces; a word that is longer than a line is broken too.
fn wrapped(line: &str) -> String {
    let (mut out, mut width) = (String::with_capacity(line.len() + 8), 0);
    for word in line.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > LINE {
            out.push('\n');
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        for c in word.chars() {
            if width == LINE {
                out.push('\n');
                width = 0;
            }
            out.push(c);
            width += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn to() -> MailAddress {
        MailAddress::parse("an@danang.example").expect("an address")
    }

    #[test]
    fn a_name_that_is_a_link_becomes_words() {
        assert_eq!(plain("Nguyễn Văn An"), "Nguyễn Văn An");
        assert_eq!(plain("TS. Lê Thị Bình"), "TS. Lê Thị Bình");
        assert_eq!(plain("An https://evil.example/x?y"), "An evil example x?y");
        assert_eq!(plain("www.evil.example"), "evil example");
        assert_eq!(plain("an@evil.example"), "an evil example");
    }

    #[test]
    fn a_link_in_a_text_is_defused_and_an_address_and_a_date_stay() {
        let body = "Tài khoản an@danang.example, đến hết 24:00 ngày 30/04/2026. Xem evil.com.";
        let letter = Letter::new(to(), LetterKind::Trial, "a", body);
        assert_eq!(letter.body(), "Tài khoản an@danang.example, đến hết 24:00 ngày 30/04/2026. Xem evil com");
    }

    #[test]
    fn an_address_that_holds_a_path_is_no_address_in_a_letter() {
        for (story, told) in [
            ("Xem www.evil.example/login@a.vn", "Xem evil example login a vn"),
            ("Xem //evil.com/x@a.b", "Xem evil com x a b"),
            ("Xem evil.com?x=1@a.vn", "Xem evil com?x=1 a vn"),
            ("Hỏi an.nguyen@danang.example", "Hỏi an.nguyen@danang.example"),
        ] {
            assert_eq!(Letter::new(to(), LetterKind::Trial, "a", story).body(), told);
        }
    }

    #[test]
    fn no_header_can_be_smuggled_in() {
        let letter = Letter::new(to(), LetterKind::Trial, "Chào\r\nBcc: x@y.example", "a\u{0}b\r\nc\rd");
        assert_eq!(letter.subject(), "Chào Bcc: x@y.example");
        assert_eq!(letter.body(), "a b\nc d");
    }

    #[test]
    fn the_pause_doubles_up_to_an_hour() {
        let now = Timestamp::from_seconds(0);
        let minutes = |attempts| next_attempt(attempts, now).since(now).whole_minutes();
        let pauses: Vec<_> = [0, 1, 2, 3, 6, 7, 8, i64::MAX].into_iter().map(minutes).collect();
        assert_eq!(pauses, [1, 1, 2, 4, 32, 60, 60, 60]);
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_letter_without_a_link_and_with_short_lines(
            subject in "\\PC{0,200}|[a-z:/.\r\n]{0,200}", body in "(\\PC|\n|\r|[a-z.:/]){0,400}"
        ) {
            let letter = Letter::new(to(), LetterKind::Trial, &subject, &body);
            prop_assert!(letter.body().lines().all(|line| line.chars().count() <= LINE));
            prop_assert!(!letter.subject().contains(['\r', '\n']) && !letter.body().contains(['\r', '\0']));
            let words = letter.subject().split_whitespace();
            for word in words {
                let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
                let is_address = is_plain_address(bare) && !word.contains('/');
                prop_assert!(is_address || !looks_like_a_link(word), "{word:?}");
            }
        }
    }
}
