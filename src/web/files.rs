//! Style sheet, script and pictures, compiled into the binary: a handful of files, so a table is enough.
//!
//! They travel compressed, and only they do: a page holds secrets (the token of its forms) beside what a stranger may
//! have put there, and the length of the two compressed together tells about the secret (BREACH).

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::http::Failure;

/// Name, type and content of every file.
const FILES: [(&str, &str, &[u8]); 9] = [
    ("app.css", "text/css; charset=utf-8", include_bytes!("../../static/app.css")),
    ("app.js", "text/javascript; charset=utf-8", include_bytes!("../../static/app.js")),
    ("going.js", "text/javascript; charset=utf-8", include_bytes!("../../static/going.js")),
    ("onward.js", "text/javascript; charset=utf-8", include_bytes!("../../static/onward.js")),
    ("passkey.js", "text/javascript; charset=utf-8", include_bytes!("../../static/passkey.js")),
    ("session.js", "text/javascript; charset=utf-8", include_bytes!("../../static/session.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../static/icon.svg")),
    ("console.svg", "image/svg+xml", include_bytes!("../../static/console.svg")),
    ("skyline.svg", "image/svg+xml", include_bytes!("../../static/skyline.svg")),
];

/// Browsers may keep a file for five minutes, then ask whether it has changed (RFC 9111 §5.2).
const KEEP: &str = "public, max-age=300";

/// Answers with a file, or with 304 if the browser has this version of it (RFC 9110 §13.1.2).
pub(super) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some((_, kind, bytes)) = FILES.iter().find(|(known, _, _)| *known == name) else {
        return Failure::NotFound.into_response();
    };
    let tag = tag(bytes);
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Weak: the same for the plain and the compressed (RFC 9110 §8.8.3).
    let weak = format!("W/{tag}");
    if known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, weak), (CACHE_CONTROL, KEEP.to_owned())]).into_response();
    }
    let headers = [(CONTENT_TYPE, (*kind).to_owned()), (ETAG, weak), (CACHE_CONTROL, KEEP.to_owned())];
    (headers, *bytes).into_response()
}

/// A tag that changes with the content. It proves nothing, so a fast hash with fixed keys is enough.
fn tag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_page_leave_room_for_the_page_even_to_who_does_not_decompress() {
        let all: usize = FILES.iter().map(|(_, _, bytes)| bytes.len()).sum();
        assert!(all < 60_000, "the files weigh {all} bytes; the largest page brings some 55,000 more");
    }

    #[test]
    fn nothing_in_the_files_needs_another_site_or_an_inline_style() {
        for (name, _, bytes) in FILES {
            let text = String::from_utf8_lossy(bytes).replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{name} names another site");
            assert!(!text.contains("@import"), "{name} imports");
        }
    }

    #[test]
    fn a_tag_tells_versions_apart() {
        assert_ne!(tag(b"a"), tag(b"b"));
        assert_eq!(tag(b"a"), tag(b"a"));
    }
}
