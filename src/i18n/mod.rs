//! The words of the house in Vietnamese and English, side by side: a sentence that lacks one language does not compile.
//!
//! Here live the language itself ([`Lang`]), the `words!` macro and, in one file per area, the sentences; dates and
//! numbers are in `dates`. Not here: which sentence is shown when. That is decided by the page that asks.

/// Makes one method on [`Lang`] per sentence: Vietnamese first, English beside it.
///
/// `name: "vi", "en";` becomes `fn name(self) -> &'static str`; `name(day: &str): "… {day}", "… {day}";` becomes
/// `fn name(self, day: &str) -> String`. Both languages must use every argument.
macro_rules! words {
    (@one $name:ident: $vi:literal, $en:literal) => {
        #[doc = $en]
        #[must_use]
        pub const fn $name(self) -> &'static str {
            match self {
                Self::Vi => $vi,
                Self::En => $en,
            }
        }
    };
    (@one $name:ident($($arg:ident: $kind:ty),+): $vi:literal, $en:literal) => {
        #[doc = $en]
        #[must_use]
        pub fn $name(self, $($arg: $kind),+) -> String {
            match self {
                Self::Vi => format!($vi),
                Self::En => format!($en),
            }
        }
    };
    ($($name:ident $(($($arg:ident: $kind:ty),+))?: $vi:literal, $en:literal;)+) => {
        impl $crate::i18n::Lang {
            $(words! { @one $name $(($($arg: $kind),+))?: $vi, $en })+
        }
    };
}

pub mod access_reviews;
mod account_desk;
mod account_list;
mod accounts_here;
mod acting;
mod activity;
mod admin;
mod agencies;
mod agency_changes;
mod api;
mod application;
mod application_test;
mod applications;
mod approvals;
mod audit;
mod bulk;
mod bulk_unlock;
mod calendar;
mod clients;
mod common;
mod consent;
mod dashboard;
mod dates;
mod device;
pub mod factors;
mod failed_attempts;
mod farewell;
mod groups;
mod history;
mod home;
pub mod import;
pub mod incidents;
pub mod letters;
pub mod other_factors;
mod outage;
mod own_data;
mod password;
mod password_place;
mod portal;
mod reconcile;
mod regulation;
mod request_reading;
mod reset;
pub mod role_letters;
mod roles;
mod rules;
mod second_password;
mod sessions;
mod sign_in;
pub mod sync_plan;
mod sync_run;
mod terms;
mod timeline;
mod watch;
mod why;

pub use terms::ExplainedDay;

/// A language the house speaks. Vietnamese is the language of the office and the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// The language tag (BCP 47) for `<html lang>`, cookies and the `locale` claim.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The sentence of this language, of one that stands in a table: Vietnamese first, English beside it.
    #[must_use]
    pub const fn either(self, (vi, en): (&'static str, &'static str)) -> &'static str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }

    /// The language behind a tag such as `vi`, `vi-VN` or `en_GB`; `None` for a language we do not speak.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        match primary {
            p if p.eq_ignore_ascii_case("vi") => Some(Self::Vi),
            p if p.eq_ignore_ascii_case("en") => Some(Self::En),
            _ => None,
        }
    }

    /// The first language of an OIDC `ui_locales` list (space separated, best first) that we speak.
    #[must_use]
    pub fn from_ui_locales(list: &str) -> Option<Self> {
        list.split_ascii_whitespace().find_map(Self::from_tag)
    }

    /// The language of a page: what the person chose, then what the application asked for, then Vietnamese. What the
    /// browser prefers does not count: many an office computer has an English one.
    #[must_use]
    pub fn choose(cookie: Option<&str>, ui_locales: Option<&str>) -> Self {
        cookie
            .and_then(Self::from_tag)
            .or_else(|| ui_locales.and_then(Self::from_ui_locales))
            .unwrap_or_default()
    }

    /// The other language, for the link that switches.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Vi => Self::En,
            Self::En => Self::Vi,
        }
    }

    /// The language's name in the language itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Vi => "Tiếng Việt",
            Self::En => "English",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn vietnamese_is_spoken_when_nobody_asks() {
        assert_eq!(Lang::choose(None, None), Lang::Vi);
        assert_eq!(Lang::choose(Some("fr"), Some("fr de")), Lang::Vi);
    }

    #[test]
    fn the_choice_of_the_person_beats_the_application() {
        assert_eq!(Lang::choose(Some("vi"), Some("en")), Lang::Vi);
        assert_eq!(Lang::choose(None, Some("fr en-GB vi")), Lang::En);
    }

    #[test]
    fn every_sentence_exists_in_both_languages() {
        assert_eq!(Lang::Vi.sign_in_title(), "Đăng nhập một lần – thành phố Đà Nẵng");
        assert_eq!(Lang::En.sign_in_title(), "Single sign-on – City of Da Nang");
        assert!(Lang::Vi.throttled_until("08:12 ngày 30/04/2026").contains("08:12 ngày 30/04/2026"));
    }
}
