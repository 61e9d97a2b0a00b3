//! A line of the audit as it leaves the house: into an archive, an export, a syslog server. It carries everything that
//! the chain's hash covers, and the hash.

use super::audit;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// One line, as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// When, in microseconds since 1970 (UTC).
    pub at_micros: i64,
    /// The kind of actor.
    pub actor_kind: String,
    /// The actor's name, if it has one.
    pub actor: String,
    /// The word of the act.
    pub act: String,
    /// Whose account.
    pub account_id: Option<String>,
    /// Whom or what.
    pub subject: String,
    /// The agency of the subject.
    pub agency_id: Option<String>,
    /// Before.
    pub before: Option<String>,
    /// After, or the detail.
    pub after: Option<String>,
    /// The reason given.
    pub why: Option<String>,
    /// From where.
    pub source: Option<String>,
    /// SHA-256 over the hash of the line before and this line's fields, in hexadecimal digits.
    pub hash: String,
}

/// A line with its time in words too, for machines that do not count microseconds.
#[derive(Debug, Serialize)]
struct Told<'a> {
    time: String,
    #[serde(flatten)]
    record: &'a Record,
}

impl Record {
    /// When.
    pub const fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.at_micros)
    }

    /// The bytes that the chain's hash covers: the same as [`audit::Entry::canonical`].
    pub fn canonical(&self) -> Vec<u8> {
        let (seq, at) = (self.seq.to_string(), self.at_micros.to_string());
        audit::canonical(&[
            Some(&seq),
            Some(&at),
            Some(&self.actor_kind),
            Some(&self.actor),
            Some(&self.act),
            self.account_id.as_deref(),
            Some(&self.subject),
            self.agency_id.as_deref(),
            self.before.as_deref(),
            self.after.as_deref(),
            self.why.as_deref(),
            self.source.as_deref(),
        ])
    }

    /// As one line of JSON, without the line break.
    pub fn json(&self) -> String {
        let told = Told { time: rfc3339(self.at()), record: self };
        serde_json::to_string(&told).unwrap_or_default()
    }

    /// Reads [`Record::json`].
    pub fn from_json(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

/// A moment in UTC with six digits of a second (RFC 3339 §5.6).
pub fn rfc3339(at: Timestamp) -> String {
    let utc = at.local().to_offset(time::UtcOffset::UTC);
    let (date, time) = (utc.date(), utc.time());
    format!("{date}T{:02}:{:02}:{:02}.{:06}Z", time.hour(), time.minute(), time.second(), time.microsecond())
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn record() -> Record {
        Record {
            seq: 7,
            at_micros: Timestamp::from_datetime(datetime!(2026-03-02 09:00:00.000042 +7)).micros(),
            actor_kind: "holder".to_owned(),
            actor: "an@danang.example".to_owned(),
            act: "signed_in".to_owned(),
            account_id: None,
            subject: "an@danang.example".to_owned(),
            agency_id: None,
            before: None,
            after: Some("dòng\nmới \"và\" ngoặc".to_owned()),
            why: None,
            source: Some("2001:db8::1".to_owned()),
            hash: hex(&[0, 1, 0xfe, 0xff]),
        }
    }

    #[test]
    fn a_line_of_json_is_one_line_and_read_as_it_was_written() {
        let json = record().json();
        assert!(
            !json.contains('\n') && json.starts_with("{\"time\":\"2026-03-02T02:00:00.000042Z\""),
            "{json}"
        );
        assert_eq!(Record::from_json(&json), Some(record()));
        for wrong in ["", "{}", "[1]", "{\"seq\":\"x\"}"] {
            assert_eq!(Record::from_json(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_byte_is_two_hexadecimal_digits() {
        assert_eq!(record().hash, "0001feff");
    }
}
