//! Lines of the audit that are older than the time on line move into files of the archive, a line of JSON each. The
//! chain goes on through the files into the database, and `danang-sso audit verify` walks all of it.

use super::{Internal, audit_stream};
use crate::app::App;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::audit_record::{Record, hex};
use crate::domain::timestamp::Timestamp;
use crate::storage::audit_archive::{self as stored, Anchor, Cut};
use crate::storage::{Db, audit};
use aws_lc_rs::digest::{Context, SHA256, digest};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;
use time::{Date, Month};

/// Lines of one file.
const LINES: i64 = 100_000;

/// What the names of the files begin with.
const NAME: &str = "audit-";
/// And end with.
const ENDING: &str = ".jsonl";

/// Why an archive is not whole.
#[derive(Debug, Error)]
pub enum Broken {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, #[source] std::io::Error),
    /// A line is not one of ours, or does not follow from the one before.
    #[error("{file}, line {number}: it, or a line before it, was changed or removed")]
    Line {
        /// The file.
        file: String,
        /// Its line, from 1.
        number: usize,
    },
    /// The files end elsewhere than the database begins.
    #[error(
        "the archive ends at line {archive} of the chain, but the database goes on after line {database}"
    )]
    Gap {
        /// The last line of the archive.
        archive: i64,
        /// The last line that the database says is in it.
        database: i64,
    },
    /// Lines left the database, and no line tells that they went into this file, or not into this one as it is.
    #[error(
        "{0}: no line of the audit tells that this file was cut off, as it is; lines may have been removed"
    )]
    Unrecorded(String),
    /// Lines left the database, and nobody said where they are.
    #[error(
        "lines 1 to {0} are not in the database: name the folder of their archive with --archive, or say that it is \
         not looked at with --without-archive"
    )]
    NotLookedAt(i64),
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// Nothing has left the database.
    Nothing,
    /// So many lines of the archive.
    Lines(i64),
    /// Nothing but the line that tells of the last cut: somebody said so. So many lines were not looked at.
    Unseen(i64),
}

/// Moves lines into the archive, whole months at a time; tells how many. Without a folder for it nothing is moved.
///
/// A file is safely on disk before its lines leave the database. A crash between the two leaves both: the next run
/// writes the same file once more.
pub async fn archive_due(app: &App) -> Result<u64, Internal> {
    let Some(folder) = app.config.audit.archive.clone() else { return Ok(0) };
    let cut_off = Timestamp::start_of(months_before(app.now().local_date(), app.config.audit.online_months));
    let below = match stored::first_since(&app.db, cut_off).await? {
        Some(first) => first,
        // Not the lines that this run itself adds.
        None => stored::newest(&app.db).await?.saturating_add(1),
    };
    let below = match app.config.audit.syslog {
        // What the syslog server does not have yet stays.
        Some(_) => below.min(audit_stream::stands_at(app).await?.saturating_add(1)),
        None => below,
    };
    let mut moved = 0;
    loop {
        let anchor = stored::anchor(&app.db).await?;
        let records = stored::after(&app.db, anchor.seq, below, LINES).await?;
        let Some(last) = records.last().map(|record| record.seq) else { return Ok(moved) };
        let Some(end) = end_of(&anchor, &records) else {
            let error =
                std::io::Error::other("the chain is broken: nothing is moved; see danang-sso audit verify");
            return Err(Internal::new("archiving the audit", error));
        };
        let name = file_name(anchor.seq + 1, last);
        let (path, lines, node) = (folder.join(&name), records.len(), app.node.clone());
        let sum = tokio::task::spawn_blocking(move || write(&path, &node, &records)).await;
        let sum = sum.map_err(|e| Internal::new("archiving the audit", e))?;
        let sum = sum.map_err(|e| Internal::new("writing a file of the audit's archive", e))?;
        let now = app.now();
        let mut tx = app.db.begin().await?;
        let cut = stored::cut(&mut tx, &end, now).await?;
        if cut == 0 {
            // Somebody else moved them at the same time, into the same file.
            continue;
        }
        let entry =
            Entry::new(now, Actor::Job("audit archive"), Act::AuditArchived, name).with(told(lines, &sum));
        audit::append(&mut tx, &[entry]).await?;
        tx.commit().await?;
        moved += cut;
        let (folder, first) = (folder.clone(), anchor.seq + 1);
        let removed = tokio::task::spawn_blocking(move || remove_others(&folder, first, last)).await;
        let removed = removed.map_err(|e| Internal::new("archiving the audit", e))?;
        removed.map_err(|e| Internal::new("removing an older try of a file of the audit's archive", e))?;
    }
}

/// Removes what a run that broke off has left: a file that begins with the same line and ends with another one.
fn remove_others(folder: &Path, first: i64, last: i64) -> std::io::Result<()> {
    let (start, own) = (format!("{NAME}{first:012}-"), file_name(first, last));
    for path in files(folder)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with(&start) && name != own {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn file_name(first: i64, last: i64) -> String {
    format!("{NAME}{first:012}-{last:012}{ENDING}")
}

/// The first day of the month so many months earlier.
fn months_before(today: Date, months: i64) -> Date {
    let at = i64::from(today.year()) * 12 + i64::from(u8::from(today.month())) - 1 - months;
    let (year, month) = (at.div_euclid(12), at.rem_euclid(12) + 1);
    let month = u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok());
    let year = i32::try_from(year).unwrap_or(Date::MIN.year());
    Date::from_calendar_date(year, month.unwrap_or(Month::January), 1).unwrap_or(Date::MIN)
}

/// The end of lines that follow from an anchor; `None` if one does not.
fn end_of(anchor: &Anchor, records: &[Record]) -> Option<Anchor> {
    let mut end = anchor.clone();
    for record in records {
        end.hash = audit::follows(&end.hash, end.seq, record)?;
        end.seq = record.seq;
    }
    Some(end)
}

/// Writes a file at once or not at all, for nobody else to read; tells its SHA-256.
fn write(path: &Path, node: &str, records: &[Record]) -> std::io::Result<String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let unfinished = path.with_extension(format!("{node}.unfinished"));
    let mut text = String::new();
    for record in records {
        text.push_str(&record.json());
        text.push('\n');
    }
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(folder)?.sync_all()?;
    Ok(hex(digest(&SHA256, text.as_bytes()).as_ref()))
}

/// Whether what has left the database is whole, as far as it is looked at: all of it in this folder, or, where somebody
/// says so, nothing but that a line tells of the last cut. Whoever removes the first lines and writes down that the chain
/// begins after them is found either way, and does not pass where nobody says anything.
pub async fn whole(
    db: &Db,
    folder: Option<&Path>,
    without_archive: bool,
) -> Result<Result<Whole, Broken>, Internal> {
    let (anchor, cuts) = stored::cuts(db).await?;
    if anchor.seq == 0 {
        return Ok(Ok(Whole::Nothing));
    }
    if !without_archive {
        let Some(folder) = folder else { return Ok(Err(Broken::NotLookedAt(anchor.seq))) };
        return Ok(verify(db, folder).await?.map(Whole::Lines));
    }
    // It was written with the cut, so it is never among what was cut off.
    let last = format!("-{:012}{ENDING}", anchor.seq);
    Ok(if cuts.iter().any(|cut| cut.subject.ends_with(&last)) {
        Ok(Whole::Unseen(anchor.seq))
    } else {
        Err(Broken::Unrecorded(format!("{NAME}…{last}")))
    })
}

/// Walks the chain through the files of an archive, from the first line that ever was to where the database begins; a
/// line tells of each of them. Tells how many lines there are in the files.
pub async fn verify(db: &Db, folder: &Path) -> Result<Result<i64, Broken>, Internal> {
    let (anchor, cuts) = stored::cuts(db).await?;
    let folder = folder.to_owned();
    let until = anchor.seq;
    let walked = tokio::task::spawn_blocking(move || walk(&folder, until)).await;
    let walked = walked.map_err(|e| Internal::new("reading the audit's archive", e))?;
    Ok(walked.and_then(|walked| {
        if walked.end != anchor {
            return Err(Broken::Gap { archive: walked.end.seq, database: anchor.seq });
        }
        let told = walked.cuts.iter().chain(&cuts);
        match walked.files.iter().find(|file| told.clone().all(|cut| cut != *file)) {
            Some(file) => Err(Broken::Unrecorded(file.subject.clone())),
            None => Ok(walked.end.seq),
        }
    }))
}

/// What the files of an archive are.
struct Walked {
    end: Anchor,
    /// Each, as the line that tells of it should.
    files: Vec<Cut>,
    /// The lines in them that tell of earlier ones.
    cuts: Vec<Cut>,
}

/// To a line of the chain, or to the end of the files: a run that broke off may have left lines that the database has too.
fn walk(folder: &Path, until: i64) -> Result<Walked, Broken> {
    let unreadable = |path: &Path| {
        let name = path.display().to_string();
        move |error| Broken::Unreadable(name, error)
    };
    let mut walked = Walked { end: Anchor::beginning(), files: Vec::new(), cuts: Vec::new() };
    for path in files(folder).map_err(unreadable(folder))? {
        if walked.end.seq == until {
            break;
        }
        let file = File::open(&path).map_err(unreadable(&path))?;
        let (mut sum, mut lines) = (Context::new(&SHA256), 0);
        for (at, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(unreadable(&path))?;
            let record = Record::from_json(&line);
            let next =
                record.and_then(|one| Some((audit::follows(&walked.end.hash, walked.end.seq, &one)?, one)));
            let Some((hash, record)) = next else {
                return Err(Broken::Line { file: path.display().to_string(), number: at + 1 });
            };
            walked.end = Anchor { seq: record.seq, hash };
            if record.act == Act::AuditArchived.code() {
                walked.cuts.push(Cut { subject: record.subject, after: record.after });
            }
            sum.update(line.as_bytes());
            sum.update(b"\n");
            lines = at + 1;
            if walked.end.seq == until {
                break;
            }
        }
        let subject = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        walked.files.push(Cut { subject, after: Some(told(lines, &hex(sum.finish().as_ref()))) });
    }
    Ok(walked)
}

/// What the line that is written with a cut tells of its file.
fn told(lines: usize, sum: &str) -> String {
    format!("{lines} lines, SHA-256 {sum}")
}

/// The files of an archive in the order of the chain: their names begin with the number of their first line.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with(NAME) && name.ends_with(ENDING) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn months_are_counted_from_their_first_day() {
        assert_eq!(months_before(date!(2026 - 03 - 31), 12), date!(2025 - 03 - 01));
        assert_eq!(months_before(date!(2026 - 01 - 01), 1), date!(2025 - 12 - 01));
        assert_eq!(months_before(date!(2026 - 12 - 01), 24), date!(2024 - 12 - 01));
    }
}
