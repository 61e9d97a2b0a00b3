//! What a browser says of itself: which one it is, on which system. Versions are left out, because they change by
//! themselves; the two do not.

use std::fmt;

/// Browsers by a mark in their `User-Agent`; those that imitate another stand before it.
const BROWSERS: [(&str, &str); 9] = [
    ("coc_coc_browser", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems by a mark in the `User-Agent`, the particular before the general.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Which browser on which system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The browser, if it is a known one.
    pub browser: Option<&'static str>,
    /// The system, if it is a known one.
    pub system: Option<&'static str>,
    /// Whether anything was said at all.
    pub is_told: bool,
}

impl Family {
    /// Reads a `User-Agent`; the empty text for none.
    pub fn of(user_agent: &str) -> Self {
        let find = |marks: &[(&str, &'static str)]| {
            marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
        };
        Self { browser: find(&BROWSERS), system: find(&SYSTEMS), is_told: !user_agent.is_empty() }
    }
}

/// For the audit: `Chrome/Windows`; `-` for what is not known.
impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.browser.unwrap_or("-"), self.system.unwrap_or("-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                          Chrome/142.0.0.0 Safari/537.36";

    #[test]
    fn a_newer_version_is_of_the_same_family() {
        assert_eq!(Family::of(CHROME), Family::of(&CHROME.replace("142", "150")));
        assert_eq!(Family::of(""), Family::of(""));
        assert_eq!(Family::of(CHROME).to_string(), "Chrome/Windows");
    }

    #[test]
    fn another_browser_another_system_and_none_at_all_are_others() {
        let chrome = Family::of(CHROME);
        for other in [
            CHROME.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64"),
            format!("{CHROME} Edg/142.0.0.0"),
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
            "curl/8.0".to_owned(),
            String::new(),
        ] {
            assert_ne!(chrome, Family::of(&other), "{other}");
        }
        assert_ne!(Family::of("curl/8.0"), Family::of(""));
    }
}
