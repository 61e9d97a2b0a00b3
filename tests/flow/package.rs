//! Workbooks and archives from outside: they are packed, so nothing is found in them as they come.

use std::io::{Cursor, Read};

/// The texts of a package, one after the other; `None` if it is none.
pub fn texts(bytes: &[u8]) -> Option<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut all = String::new();
    for at in 0..archive.len() {
        archive.by_index(at).expect("a file").read_to_string(&mut all).expect("UTF-8");
    }
    Some(all)
}

/// The text of one file of a package.
pub fn text(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut text = String::new();
    archive.by_name(name).expect("a file").read_to_string(&mut text).expect("UTF-8");
    text
}
