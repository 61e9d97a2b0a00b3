//! A letter as bytes: RFC 5322 headers, text/plain in UTF-8, encoded so that only ASCII travels (RFC 2045, RFC 2047).

use super::MailError;
use crate::config::MailConfig;
use crate::domain::address::MailAddress;
use crate::domain::id::LetterId;
use crate::domain::mail::Letter;
use crate::domain::timestamp::Timestamp;
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, SinglePart};
use std::time::{Duration, SystemTime};

/// The bytes of a letter. The same letter has the same `Message-ID` at every attempt, so that one that was sent
/// twice, because we crashed before we could record it, is seen as one.
pub(super) fn compose(
    config: &MailConfig,
    id: LetterId,
    letter: &Letter,
    at: Timestamp,
) -> Result<Vec<u8>, MailError> {
    let name = Some(config.from_name.clone()).filter(|name| !name.is_empty());
    let mut message = Message::builder()
        .from(Mailbox::new(name, address(&config.from)?))
        .to(Mailbox::new(None, address(letter.to())?))
        .subject(letter.subject())
        .date(moment(at))
        .message_id(Some(format!(
            "<{id}@{}>",
            config.from.as_str().split('@').next_back().unwrap_or("localhost")
        )))
        // RFC 3834 §5: no holiday notice answers it.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", "vi, en"));
    if let Some(reply_to) = &config.reply_to {
        message = message.reply_to(Mailbox::new(None, address(reply_to)?));
    }
    let text = letter.body().to_owned();
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let body = Body::new_with_encoding(text, encoding);
    let body = body.map_err(|_| MailError::Refused("its text cannot be encoded".to_owned()))?;
    let part = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body);
    let message = message.singlepart(part);
    message.map(|message| message.formatted()).map_err(|error| MailError::Refused(error.to_string()))
}

/// An address as the transport takes it.
pub(super) fn address(address: &MailAddress) -> Result<Address, MailError> {
    address.as_str().parse().map_err(|error| MailError::Refused(format!("{address}: {error}")))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn moment(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(at.seconds().clamp(0, 253_402_300_799).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MailTls;
    use crate::domain::chance::Entropy;
    use crate::domain::mail::LetterKind;

    struct Zero;

    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn composed(subject: &str, body: &str) -> String {
        let address = |text: &str| MailAddress::parse(text).expect("an address");
        let config = MailConfig {
            relay_host: "localhost".to_owned(),
            port: 25,
            tls: MailTls::None,
            credentials: None,
            ca_file: None,
            from: address("dangnhap@danang.example"),
            from_name: "Đăng nhập một lần, \"Đà Nẵng\"".to_owned(),
            reply_to: None,
            per_minute: 60,
            timeout: Duration::from_secs(1),
        };
        let at = Timestamp::from_seconds(1_772_418_600);
        let letter = Letter::new(address("an@danang.example"), LetterKind::PasswordAge, subject, body);
        let bytes = compose(&config, LetterId::new(at, &Zero), &letter, at).expect("composed");
        String::from_utf8(bytes).expect("only ASCII travels")
    }

    #[test]
    fn a_letter_travels_as_ascii_in_short_lines_and_is_marked_as_automatic() {
        let text = composed("Mật khẩu hết hạn ngày 12/08/2026", &"Kính gửi Ông/Bà ".repeat(200));
        assert!(text.is_ascii());
        let (headers, body) = text.split_once("\r\n\r\n").expect("headers, then the text");
        assert!(headers.split("\r\n").all(|line| line.len() < 200), "{headers}");
        assert!(body.split("\r\n").all(|line| line.len() <= 78), "{body}");
        for line in [
            "To: an@danang.example\r\n",
            "Date: Mon, 02 Mar 2026 02:30:00 ",
            "Message-ID: <019cac61-8c40-7000-8000-000000000000@danang.example>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n",
        ] {
            assert!(text.contains(line), "{line:?} is not in {text}");
        }
    }

    #[test]
    fn a_hostile_subject_adds_no_header() {
        let text = composed("x\r\nBcc: all@danang.example\r\n\r\n.", ".\r\n.\r\nQUIT\r\n");
        let (headers, _) = text.split_once("\r\n\r\n").expect("headers end once");
        assert!(headers.split("\r\n").all(|line| !line.starts_with("Bcc")), "{headers}");
    }
}
