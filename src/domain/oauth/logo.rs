//! The logos of applications: what is taken for a picture, and when one is fetched again. Rules only; fetching is in
//! `services::logos`.

use crate::domain::timestamp::Timestamp;
use time::Duration;

/// No logo is larger: 20 kB.
pub const LARGEST: usize = 20_000;

/// One that was read is read again after a day.
const RENEWED: Duration = Duration::hours(24);

/// One that was not read is asked for again after this, then after twice as long, up to a day.
const FIRST_RETRY: Duration = Duration::minutes(10);

/// A kind of picture that pages show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// PNG.
    Png,
    /// WebP.
    Webp,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// SVG: inert in an `<img>`; on its own only under a policy that lets nothing run.
    Svg,
}

impl Picture {
    const ALL: [Self; 5] = [Self::Png, Self::Webp, Self::Jpeg, Self::Gif, Self::Svg];

    /// Its media type.
    pub const fn media(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Svg => "image/svg+xml",
        }
    }

    /// The kind with this media type.
    pub fn from_media(media: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|picture| picture.media() == media)
    }

    /// The kind that the first bytes show, if it is the one that the content type says.
    pub fn recognise(content_type: &str, bytes: &[u8]) -> Option<Self> {
        let said = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        // An old name that servers still use.
        let said = if said == "image/jpg" { "image/jpeg" } else { said.as_str() };
        Self::of_first_bytes(bytes).filter(|picture| picture.media() == said)
    }

    fn of_first_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            text if is_svg(text) => Some(Self::Svg),
            _ => None,
        }
    }
}

/// Whether the first element is `svg`. A document type with declarations of its own is not taken: entities grow.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let passed = if let Some(inside) = rest.strip_prefix("<?") {
            inside.split_once("?>")
        } else if let Some(inside) = rest.strip_prefix("<!--") {
            inside.split_once("-->")
        } else if let Some(inside) = rest.strip_prefix("<!DOCTYPE svg") {
            inside.split_once('>').filter(|(declared, _)| !declared.contains('['))
        } else {
            break;
        };
        let Some((_, after)) = passed else { return false };
        rest = after.trim_start();
    }
    rest.strip_prefix("<svg").is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '\n', '>', '/']))
}

/// When a logo that was read is read again.
pub fn renewed_at(now: Timestamp) -> Timestamp {
    now.plus(RENEWED)
}

/// When a logo that was not read, so many times in a row, is asked for again.
pub fn retried_at(now: Timestamp, failures: i64) -> Timestamp {
    let doubled = u32::try_from(failures.saturating_sub(1).clamp(0, 8)).unwrap_or(0);
    now.plus((FIRST_RETRY * 2_i32.pow(doubled)).min(RENEWED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_both_its_first_bytes_and_its_content_type_say() {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";
        assert_eq!(Picture::recognise("image/png", PNG), Some(Picture::Png));
        assert_eq!(Picture::recognise("Image/PNG; x=1", PNG), Some(Picture::Png));
        assert_eq!(Picture::recognise("image/jpg", b"\xff\xd8\xff\xe0"), Some(Picture::Jpeg));
        assert_eq!(Picture::recognise("image/webp", b"RIFF\x00\x00\x00\x00WEBPVP8 "), Some(Picture::Webp));
        assert_eq!(Picture::recognise("image/gif", b"GIF89a"), Some(Picture::Gif));
        for (said, bytes) in [
            ("image/png", b"<!doctype html><script>alert(1)</script>".as_slice()),
            ("text/html", PNG),
            ("image/gif", PNG),
            ("image/svg+xml", PNG),
            ("", PNG),
            ("image/png", b""),
        ] {
            assert_eq!(Picture::recognise(said, bytes), None, "{said}");
        }
    }

    #[test]
    fn an_svg_begins_with_its_element_and_declares_nothing() {
        let svg = |text: &str| Picture::recognise("image/svg+xml", text.as_bytes()) == Some(Picture::Svg);
        assert!(svg("<svg xmlns=\"http://www.w3.org/2000/svg\"/>") && svg("<svg>"));
        assert!(svg("\u{feff}<?xml version=\"1.0\"?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC \"x\">\n<svg>"));
        for other in [
            "<html><svg/></html>",
            "<svgx/>",
            "<?xml version=\"1.0\"?><html/>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg>&a;</svg>",
            "<!-- <svg>",
            "<?xml",
            "",
        ] {
            assert!(!svg(other), "{other}");
        }
    }

    #[test]
    fn what_was_not_read_is_asked_for_ever_more_seldom_but_daily() {
        let now = Timestamp::from_seconds(0);
        assert_eq!(retried_at(now, 1), now.plus(Duration::minutes(10)));
        assert_eq!(retried_at(now, 3), now.plus(Duration::minutes(40)));
        for many in [9, 100, i64::MAX] {
            assert_eq!(retried_at(now, many), renewed_at(now));
        }
    }
}
