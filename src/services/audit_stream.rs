//! The audit as a stream to the syslog server of this machine, for the city's SIEM. Every line arrives at least once,
//! in the order of the chain; where the stream stands is remembered.

use super::Internal;
use crate::app::App;
use crate::domain::audit::Act;
use crate::domain::audit_record::{Record, rfc3339};
use crate::storage::audit_archive as stored;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Lines of one connection.
const BATCH: i64 = 500;

/// How long the server may take for a batch.
const PATIENCE: Duration = Duration::from_secs(10);

/// Facility 13, log audit (RFC 5424 §6.2.1).
const AUDIT: u8 = 13;

/// Sends what has not been sent yet; tells how many lines. Without a syslog server in the configuration nothing is done.
///
/// A batch counts as sent when the server has read it and closed its side. One that breaks off is sent again, so a line
/// may arrive twice; its `seq` tells.
pub async fn send_due(app: &App) -> Result<u64, Internal> {
    let Some(server) = app.config.audit.syslog else { return Ok(0) };
    let mut sent = 0;
    loop {
        let at = stands_at(app).await?;
        let records = stored::after(&app.db, at, i64::MAX, BATCH).await?;
        let Some(last) = records.last().map(|record| record.seq) else { return Ok(sent) };
        let host = app.config.server.public_url.host_str().unwrap_or("-").to_owned();
        let batch: Vec<u8> = records.iter().flat_map(|record| frame(&host, record)).collect();
        let delivered = timeout(PATIENCE, deliver(server, &batch)).await;
        let delivered = delivered.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
        delivered.map_err(|e| Internal::new("sending the audit to the syslog server", e))?;
        stored::set_sent(&app.db, last).await?;
        sent += u64::try_from(records.len()).unwrap_or_default();
    }
}

/// Up to which line the server has everything that is in the database.
pub(super) async fn stands_at(app: &App) -> Result<i64, Internal> {
    Ok(match stored::sent(&app.db).await? {
        Some(at) => at,
        None => stored::anchor(&app.db).await?.seq,
    })
}

async fn deliver(server: std::net::SocketAddr, batch: &[u8]) -> std::io::Result<()> {
    let mut connection = TcpStream::connect(server).await?;
    connection.write_all(batch).await?;
    connection.shutdown().await?;
    // The server closes its side when it has read everything.
    let mut rest = Vec::new();
    (&mut connection).take(1024).read_to_end(&mut rest).await?;
    Ok(())
}

/// A message of RFC 5424 in the octet-counted frame of RFC 6587 §3.4.1.
fn frame(host: &str, record: &Record) -> Vec<u8> {
    let host: String = host.chars().filter(char::is_ascii_graphic).take(255).collect();
    let act: String = record.act.chars().filter(char::is_ascii_graphic).take(32).collect();
    let priority = AUDIT * 8 + severity(record);
    let message = format!(
        "<{priority}>1 {} {host} danang-sso {} {act} - {}",
        rfc3339(record.at()),
        std::process::id(),
        record.json()
    );
    format!("{} {message}", message.len()).into_bytes()
}

/// Warning (4) for what somebody should look at, notice (5) for the rest.
fn severity(record: &Record) -> u8 {
    match Act::from_code(&record.act) {
        Some(act) if act.is_alarming() => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_tells_its_length_in_octets() {
        let record = Record {
            seq: 1,
            at_micros: 0,
            actor_kind: "stranger".to_owned(),
            actor: String::new(),
            act: "sign_in_refused".to_owned(),
            account_id: None,
            subject: "Đỗ\nBình".to_owned(),
            agency_id: None,
            before: None,
            after: None,
            why: None,
            source: None,
            hash: String::new(),
        };
        let frame = String::from_utf8(frame("dangnhap.danang.example", &record)).expect("UTF-8");
        let (length, message) = frame.split_once(' ').expect("a length");
        assert_eq!(length.parse(), Ok(message.len()));
        let head = "<108>1 1970-01-01T00:00:00.000000Z dangnhap.danang.example danang-sso ";
        assert!(message.starts_with(head) && message.contains(" sign_in_refused - {\"time\":"), "{message}");
        assert!(!message.contains('\n'), "what a directory says does not begin a new message");
    }
}
