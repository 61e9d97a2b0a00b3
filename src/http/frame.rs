//! What every page shows around its content: the language link, the CSRF token, who is signed in, whom to ask.

use crate::domain::admin::Right;
use crate::domain::session::Door;
use crate::urls;
use std::borrow::Borrow;

/// Whom a person asks for help; from the configuration.
#[derive(Debug, Clone)]
pub struct Help {
    /// The unit.
    pub unit: String,
    /// Its telephone; may be empty.
    pub phone: String,
    /// Its hours.
    pub hours: String,
}

impl Help {
    /// Whom to ask, from words that somebody has configured: what belongs together in the hours stays on one line.
    pub fn new(unit: String, phone: String, hours: &str) -> Self {
        // Without U+2060 a line may end after a dash.
        let hours = hours.replace('–', "\u{2060}–\u{2060}").replace("thứ ", "thứ\u{a0}");
        Self { unit, phone, hours }
    }

    /// What a telephone dials: the digits at the beginning; `None` without any. What follows them, an extension or a
    /// second number, is for people to read.
    pub fn number(&self) -> Option<String> {
        let first = self.phone.split(" - ").next().unwrap_or_default();
        let dialled = first.chars().take_while(|c| c.is_ascii_digit() || "+ .-()".contains(*c));
        let number: String = dialled.filter(|c| c.is_ascii_digit() || *c == '+').collect();
        (!number.is_empty()).then_some(number)
    }
}

/// A page in the console's menu.
#[derive(Debug, Clone)]
pub struct MenuEntry {
    /// Where it is.
    pub address: &'static str,
    /// Its word.
    pub word: &'static str,
    /// How much waits there, if anything does.
    pub note: Option<String>,
}

/// Pages that belong together.
#[derive(Debug, Clone)]
pub struct MenuGroup {
    /// What they have in common.
    pub title: &'static str,
    /// The pages, only those that the role may see.
    pub entries: Vec<MenuEntry>,
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Through which door the page is seen.
    pub door: Door,
    /// The token for the page's forms; empty on pages without one.
    pub csrf: String,
    /// The address that shows this page in the other language; empty on one that is shown once.
    pub other_language: String,
    /// The path of the page, to mark its place in the menu.
    pub path: String,
    /// The host name that the address bar must show.
    pub host: String,
    /// The name of the signed-in person; empty without one.
    pub who: String,
    /// What an administrator reaches, in words; empty for staff.
    pub reach: String,
    /// What an administrator may do; nothing for staff.
    pub rights: Vec<Right>,
    /// The menu of the console; empty for staff.
    pub menu: Vec<MenuGroup>,
    /// What every page of the portal says while the password's term is about to end, and its class.
    pub banner: Option<(&'static str, String)>,
    /// Whom to ask.
    pub help: Help,
}

impl Frame {
    /// A page that is shown once: no link on it leads back to where it was.
    #[must_use]
    pub fn once(self) -> Self {
        Self { other_language: String::new(), ..self }
    }

    /// The class of the body.
    pub const fn door_class(&self) -> &'static str {
        match self.door {
            Door::Staff => "door-staff",
            Door::Admin => "door-console",
        }
    }

    /// The icon of the door.
    pub const fn icon(&self) -> &'static str {
        match self.door {
            Door::Staff => "/static/icon.svg",
            Door::Admin => "/static/console.svg",
        }
    }

    /// Whether it is the console's.
    pub const fn is_console(&self) -> bool {
        matches!(self.door, Door::Admin)
    }

    /// Whether the administrator has a right: pages offer nothing that would be refused.
    pub fn may(&self, right: impl Borrow<Right>) -> bool {
        self.rights.contains(right.borrow())
    }

    /// Whether the page lies at, or below, a menu entry; of a page of the console it is so for one entry only.
    pub fn is_at(&self, entry: &str) -> bool {
        // Acts over many accounts begin in the list of accounts, decisions where the directories are compared.
        let many = [urls::BULK, urls::BULK_UNLOCK, urls::BULK_RESET];
        // The page of the own account leads to these.
        let own = [urls::RULES, urls::MY_DATA];
        let path: &str = match &self.path {
            path if many.iter().any(|place| below(path, place)) => urls::ACCOUNTS,
            path if below(path, urls::DECISIONS) => urls::RECONCILE,
            path if own.iter().any(|place| below(path, place)) => urls::MY_ACCOUNT,
            path => path,
        };
        // That page lies below the synchronisation, and has an entry of its own.
        below(path, entry) && !(entry == urls::SYNC && below(path, urls::RECONCILE))
    }
}

/// Whether a path is, or lies below, another one.
fn below(path: &str, place: &str) -> bool {
    let rest = path.strip_prefix(place);
    rest.is_some_and(|rest| rest.is_empty() || (place != urls::HOME && rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::Help;

    #[test]
    fn hours_and_weekdays_of_the_help_desk_stay_in_one_piece() {
        let help = Help::new(String::new(), String::new(), "7:30–11:30, thứ Hai đến thứ Sáu");
        assert_eq!(help.hours, "7:30\u{2060}–\u{2060}11:30, thứ\u{a0}Hai đến thứ\u{a0}Sáu");
        assert_eq!(Help::new(String::new(), String::new(), "8-17h").hours, "8-17h");
    }

    #[test]
    fn a_telephone_dials_the_digits_at_the_beginning() {
        let number = |phone: &str| {
            Help { unit: String::new(), phone: phone.to_owned(), hours: String::new() }.number()
        };
        assert_eq!(number("0236 1022").as_deref(), Some("02361022"));
        assert_eq!(number("+84 (236) 388-1022, nhánh 3").as_deref(), Some("+842363881022"));
        assert_eq!(number("0236 3821 - 0236 3822").as_deref(), Some("02363821"));
        assert_eq!(number("0236.1022 hoặc 1022").as_deref(), Some("02361022"));
        assert_eq!(number("Xem trên trang nội bộ"), None);
        assert_eq!(number(""), None);
    }
}
