//! The mail rules in short, as people acknowledge them.

use super::reader::Reader;

/// The rules.
#[derive(Debug, Clone)]
pub struct MailRules {
    /// Their version: another one is acknowledged anew.
    pub version: String,
    /// In Vietnamese, one sentence each.
    pub vi: Vec<String>,
    /// The same in English.
    pub en: Vec<String>,
}

impl MailRules {
    /// Whether there is nothing to acknowledge.
    pub const fn is_empty(&self) -> bool {
        self.vi.is_empty()
    }
}

pub(super) fn read(r: &mut Reader) -> MailRules {
    let version = r.text("mail_rules.version");
    if version.is_empty() || version.chars().count() > 40 {
        r.mistake("mail_rules.version: is a text of at most 40 characters");
    }
    let (vi, en) = (r.texts("mail_rules.vi"), r.texts("mail_rules.en"));
    if vi.len() != en.len() {
        r.mistake("mail_rules.vi, mail_rules.en: each sentence is needed in both languages");
    }
    MailRules { version, vi, en }
}
