//! The way to the mail relay, on a real one: plain, STARTTLS, TLS from the first byte; signed in, refused, untrusted,
//! down and back. What arrived is read by another language's mail parser.

use crate::house::House;
use crate::rig::Rig;
use danang_sso::config::Config;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::id::LetterId;
use danang_sso::domain::mail::{Letter, LetterKind, Stage};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::mail::{MailError, Relay};
use danang_sso::services::letters;
use danang_sso::storage::letters as outbox;
use danang_sso::system::System;
use std::path::Path;
use time::Duration;
use time::macros::datetime;

/// A letter as it was read back.
#[derive(Debug, serde::Deserialize)]
struct Read {
    to: Vec<String>,
    from: String,
    headers: std::collections::BTreeMap<String, String>,
    text: String,
    defects: Vec<String>,
    encrypted: bool,
    signed_in: bool,
}

/// The letters that the relay took, in order.
fn read(rig: &Rig) -> Vec<Read> {
    let folder = rig.value("SMTP_FOLDER");
    let mut names: Vec<_> =
        std::fs::read_dir(folder).expect("the folder").flatten().map(|f| f.path()).collect();
    names.retain(|path| path.extension().is_some_and(|e| e == "json"));
    names.sort();
    let text = |path: &Path| std::fs::read_to_string(path).expect("a letter");
    names.iter().map(|path| serde_json::from_str(&text(path)).expect("as smtp.py writes it")).collect()
}

/// The section of the configuration for one of the relay's ports.
fn section(rig: &Rig, tls: &str, folder: &Path, password: &str) -> String {
    let port = match tls {
        "starttls" => rig.value("SMTP_STARTTLS_PORT"),
        "implicit" => rig.value("SMTP_IMPLICIT_PORT"),
        _ => rig.value("SMTP_PORT"),
    };
    let mut text = format!(
        "[mail]\nrelay_host = \"localhost\"\nport = {port}\ntls = \"{tls}\"\ntimeout_seconds = 20\n\
         from_address = \"dangnhap@danang.example\"\nreply_to = \"hotro@danang.example\"\n"
    );
    if tls != "none" {
        let file = folder.join("relay-password");
        std::fs::write(&file, password).expect("written");
        let (ca, user) = (rig.value("SMTP_CA"), rig.value("SMTP_USER"));
        let file = file.display();
        text.extend(["ca_file = \"", &ca, "\"\nusername = \"", &user, "\"\n"]);
        let password = format!("password_file = \"{file}\"\n");
        text.push_str(&password);
    }
    text
}

fn relay(folder: &Path, section: &str) -> Relay {
    let file = folder.join("pw");
    std::fs::write(&file, "unused").expect("written");
    let text = format!(
        "[server]\npublic_url = \"http://localhost:8080\"\nadmin_url = \"http://localhost:8090\"\n\
         [city]\nmail_domain = \"danang.example\"\n\
         [ad]\nurls = [\"ldaps://127.0.0.1\"]\nbind_password_file = \"{}\"\n{section}",
        file.display()
    );
    Relay::new(Config::parse("test.toml", &text, Vec::new()).expect("complete").mail)
}

fn letter(to: &str) -> Letter {
    let to = MailAddress::parse(to).expect("an address");
    let text = "Kính gửi Ông/Bà Nguyễn Thị Hồng Ân,\n\n.\n..\nHạn: thứ Sáu, 31/07/2026";
    Letter::new(to, LetterKind::PasswordAge, "Mật khẩu hết hạn ngày 31/07/2026", text)
}

async fn send(relay: &Relay, to: &str) -> Result<LetterId, MailError> {
    let at = Timestamp::from_datetime(datetime!(2026-07-17 08:00 +7));
    let id = LetterId::new(at, System::of_the_machine().entropy());
    let mut conversation = relay.open().await?;
    let sent = conversation.send(id, &letter(to), at).await;
    conversation.close().await;
    sent.map(|()| id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_arrives_whole_in_each_of_the_three_ways() {
    let (rig, dir) = (Rig::start("smtp", &[]), tempfile::tempdir().expect("a directory"));
    for (n, tls) in ["none", "starttls", "implicit"].into_iter().enumerate() {
        let relay = relay(dir.path(), &section(&rig, tls, dir.path(), &rig.value("SMTP_PASSWORD")));
        let id = send(&relay, "an@danang.example").await.expect(tls);
        let read = read(&rig).remove(n);
        assert_eq!(
            (read.to.as_slice(), read.from.as_str()),
            (&["an@danang.example".to_owned()][..], "dangnhap@danang.example")
        );
        assert_eq!(read.headers["Subject"], "Mật khẩu hết hạn ngày 31/07/2026");
        // Python 3.11 puts a space between two encoded words of a name, which RFC 2047 §6.2 leaves out.
        let from = read.headers["From"].replace("  ", " ");
        assert_eq!(from, "Đăng nhập một lần – thành phố Đà Nẵng <dangnhap@danang.example>");
        assert_eq!(read.headers["Reply-To"], "hotro@danang.example");
        assert_eq!(read.headers["Message-ID"], format!("<{id}@danang.example>"));
        assert_eq!(read.headers["Auto-Submitted"], "auto-generated");
        assert!(
            read.headers["Content-Type"].starts_with("text/plain; charset=\"utf-8\""),
            "{:?}",
            read.headers
        );
        assert_eq!(read.text.replace("\r\n", "\n").trim_end(), letter("an@danang.example").body());
        assert_eq!(read.defects, [""; 0]);
        assert_eq!((read.encrypted, read.signed_in), (tls != "none", tls != "none"), "{tls}");
        let said = relay.check().await.expect("the doctor is content");
        assert!(said.contains("answers"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_cannot_be_used_is_told_with_what_to_do() {
    let (rig, dir) = (Rig::start("smtp", &[]), tempfile::tempdir().expect("a directory"));
    let right = rig.value("SMTP_PASSWORD");
    for tls in ["starttls", "implicit"] {
        let good = section(&rig, tls, dir.path(), &right);
        let wrong = relay(dir.path(), &section(&rig, tls, dir.path(), "wrong"));
        let error = send(&wrong, "an@danang.example").await.expect_err("a wrong password");
        assert!(matches!(&error, MailError::Misconfigured(why) if why.contains("mail.username")), "{error}");
        let said = wrong.check().await.expect_err("the doctor is not content");
        assert!(said.contains("mail.username") && !said.contains("wrong"), "{said}");
        // The system's CAs do not know the throwaway one.
        let ca = format!("ca_file = \"{}\"\n", rig.value("SMTP_CA"));
        let file = dir.path().join("relay-password");
        std::fs::write(&file, &right).expect("written");
        let untrusted = relay(dir.path(), &good.replace(&ca, ""));
        let error = send(&untrusted, "an@danang.example").await.expect_err("an untrusted certificate");
        assert!(
            matches!(&error, MailError::Misconfigured(why) if why.contains("ertificate")),
            "{tls}: {error}"
        );
    }
    let plain = section(&rig, "starttls", dir.path(), &right)
        .replace(&rig.value("SMTP_STARTTLS_PORT"), &rig.value("SMTP_PORT"));
    let error = send(&relay(dir.path(), &plain), "an@danang.example").await.expect_err("no STARTTLS there");
    assert!(matches!(&error, MailError::Misconfigured(why) if why.contains("STARTTLS")), "{error}");
    let unsigned = section(&rig, "implicit", dir.path(), &right).replace("username = ", "# ");
    let error = send(&relay(dir.path(), &unsigned), "an@danang.example").await.expect_err("who are you?");
    assert!(error.stops_the_round(), "{error}");
    assert!(read(&rig).is_empty());
}

/// Five people whose letters are due on 17 July 2026, in a house that sends them through the relay.
async fn house(rig: &Rig, tls: &str) -> (House, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let section = section(rig, tls, dir.path(), &rig.value("SMTP_PASSWORD"));
    let house = House::at(datetime!(2026-03-02 09:00 +7), &section).await;
    for local in ["an", "binh", "chi", "dung", "giang"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    house.set_time(datetime!(2026-07-17 08:00 +7));
    assert_eq!(letters::write_due(&house.app).await.expect("writes"), 5);
    (house, dir)
}

async fn stage(house: &House, local: &str) -> Stage {
    let id = house.account(local).await.id();
    outbox::of_account(&house.app.db, id, None, 9).await.expect("reads").remove(0).stage
}

#[tokio::test(flavor = "multi_thread")]
async fn half_the_letters_refused_the_others_arrive_once() {
    let rig = Rig::start("smtp", &[]);
    let (house, _dir) = house(&rig, "starttls").await;
    let refuse = rig.value("SMTP_REFUSE");
    std::fs::write(&refuse, "binh@ 550 5.1.1 no such user\nchi@ 451 4.2.2 mailbox full\n").expect("written");
    for _ in 0..2 {
        letters::send_due(&house.app).await.expect("sends");
    }
    let mut recipients: Vec<_> = read(&rig).into_iter().flat_map(|letter| letter.to).collect();
    recipients.sort();
    assert_eq!(recipients, ["an@danang.example", "dung@danang.example", "giang@danang.example"]);
    let mut stages = Vec::new();
    for local in ["an", "binh", "chi", "dung"] {
        stages.push(stage(&house, local).await);
    }
    assert_eq!(stages, [Stage::Sent, Stage::Failed, Stage::Waiting, Stage::Sent]);
    std::fs::remove_file(&refuse).expect("nobody is refused any more");
    house.pass(Duration::minutes(2));
    letters::send_due(&house.app).await.expect("sends");
    let last = read(&rig).pop().expect("a letter");
    assert_eq!(last.to, ["chi@danang.example"]);
    assert_eq!(read(&rig).len(), 4, "refused for good is refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_was_down_gets_every_letter_once_when_it_is_back() {
    let mut rig = Rig::start("smtp", &[]);
    let (house, _dir) = house(&rig, "implicit").await;
    rig.stop();
    for _ in 0..10 {
        assert_eq!(letters::send_due(&house.app).await.expect("runs"), 0);
        house.pass(Duration::minutes(1));
    }
    rig.start_again();
    house.pass(Duration::hours(1));
    assert_eq!(letters::send_due(&house.app).await.expect("sends"), 5);
    assert_eq!(letters::send_due(&house.app).await.expect("sends"), 0);
    let recipients: std::collections::BTreeSet<_> =
        read(&rig).into_iter().flat_map(|letter| letter.to).collect();
    assert_eq!((recipients.len(), read(&rig).len()), (5, 5));
    assert!(read(&rig).iter().all(|letter| letter.text.contains("thứ Sáu, 31/07/2026")));
}
