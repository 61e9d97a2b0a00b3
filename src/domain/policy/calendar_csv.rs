//! Tables of days as people exchange them: read with every error and its line, written so that a spreadsheet runs nothing.
//!
//! Columns, in any order: `date,kind,vi,en,confirmed`, and where known `notice_number,notice_date,agency,basis`. A byte
//! order mark, CRLF, semicolons and dates like 31/08/2026, as Vietnamese spreadsheets write them, are understood.

use super::calendar::DayKind;
use super::calendar_rules::{Fault, LineFault, MOST_DAYS, Notice, Proposal, read_date, shortened};
use crate::domain::name;
use std::collections::HashSet;

/// No table is larger, in bytes.
pub const LARGEST: usize = 256 * 1024;

/// The columns that are written.
const WRITTEN: &str = "date,kind,vi,en,notice_number,notice_date,confirmed,agency";
const NEEDED: [&str; 5] = ["date", "kind", "vi", "en", "confirmed"];
const FURTHER: [&str; 4] = ["notice_number", "notice_date", "agency", "basis"];

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line, from 1.
    pub line: u64,
    /// The day.
    pub day: Proposal,
    /// The notice, if the table names one.
    pub notice: Option<Notice>,
    /// Whether the table says that the official decision is known.
    pub confirmed: bool,
    /// The code of the agency whose exception it is.
    pub agency: Option<String>,
    /// On what it rests, in the words of the table.
    pub basis: Option<String>,
}

/// Reads a table: its rows, or everything that is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, Vec<LineFault>> {
    if bytes.len() > LARGEST {
        return Err(vec![Fault::TooLarge.into()]);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        vec![LineFault { line: Some(1 + count(before, b'\n')), fault: Fault::NotUtf8 }]
    })?;
    let (text, skipped) = without_mark(text);
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if count(header.as_bytes(), b';') > count(header.as_bytes(), b',') { b';' } else { b',' };
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = Columns::of(table.headers().map_err(|_| vec![Fault::NotUtf8.into()])?)?;
    let (mut rows, mut faults, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for record in table.into_records() {
        let Ok(record) = record else {
            faults.push(Fault::NotUtf8.into());
            break;
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        let line = skipped + line_of(text, record.position());
        if rows.len() >= MOST_DAYS {
            faults.push(LineFault { line: Some(line), fault: Fault::TooManyRows });
            break;
        }
        let (row, wrong) = columns.row(&record, line);
        faults.extend(wrong.into_iter().map(|fault| LineFault { line: Some(line), fault }));
        if let Some(date) = row.as_ref().map(|row| row.day.date)
            && !seen.insert((date, columns.cell(&record, "agency").to_owned()))
        {
            faults.push(LineFault { line: Some(line), fault: Fault::Twice(date) });
        }
        rows.push(row);
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push(Fault::NoRows.into());
    }
    if faults.is_empty() { Ok(rows.into_iter().flatten().collect()) } else { Err(faults) }
}

/// Writes a table that [`read`] reads, with a byte order mark so that a spreadsheet sees the letters.
pub fn write<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let mut text = format!("\u{FEFF}{WRITTEN}\r\n");
    for row in rows {
        let (number, date) = row
            .notice
            .as_ref()
            .map_or_else(Default::default, |notice| (notice.number.clone(), notice.date.to_string()));
        let cells = [
            row.day.date.to_string(),
            row.day.kind.code().to_owned(),
            harmless(&row.day.vi),
            harmless(&row.day.en),
            harmless(&number),
            date,
            if row.confirmed { "yes" } else { "no" }.to_owned(),
            harmless(row.agency.as_deref().unwrap_or_default()),
        ];
        text.push_str(&cells.map(|cell| quoted(&cell)).join(","));
        text.push_str("\r\n");
    }
    text
}

/// Where each column stands.
struct Columns(Vec<String>);

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Self, Vec<LineFault>> {
        let names: Vec<String> = header.iter().map(str::to_lowercase).collect();
        let missing = NEEDED.iter().filter(|needed| !names.iter().any(|name| name == *needed));
        let mut faults: Vec<_> = missing.map(|name| Fault::NoColumn(name)).collect();
        for (at, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let is_known = NEEDED.contains(&name.as_str()) || FURTHER.contains(&name.as_str());
            if !is_known || names[..at].contains(name) {
                faults.push(Fault::UnknownColumn(shortened(name)));
            }
        }
        let faults: Vec<_> = faults.into_iter().map(|fault| LineFault { line: Some(1), fault }).collect();
        if faults.is_empty() { Ok(Self(names)) } else { Err(faults) }
    }

    /// A cell as it was meant: without the mark that keeps a spreadsheet from running it.
    fn cell<'r>(&self, record: &'r csv::StringRecord, column: &str) -> &'r str {
        let at = self.0.iter().position(|name| name == column);
        let cell = at.and_then(|at| record.get(at)).unwrap_or_default();
        let inner = cell.trim_start_matches('\'');
        if cell != inner && inner.starts_with(FORMULA) { &cell[1..] } else { cell }
    }

    /// A row, as far as it has a date and a kind, and everything that is wrong with it.
    fn row(&self, record: &csv::StringRecord, line: u64) -> (Option<Row>, Vec<Fault>) {
        let cell = |column| self.cell(record, column);
        let mut faults = Vec::new();
        let date = read_date(cell("date"));
        if date.is_none() {
            faults.push(Fault::Date(shortened(cell("date"))));
        }
        let kind = DayKind::from_code(cell("kind"));
        if kind.is_none() {
            faults.push(Fault::Kind(shortened(cell("kind"))));
        }
        let confirmed = cell("confirmed");
        if !["yes", "no"].contains(&confirmed) {
            faults.push(Fault::State(shortened(confirmed)));
        }
        let notice = Notice::read(cell("notice_number"), cell("notice_date"));
        let notice = notice.unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        let agency = Some(cell("agency")).filter(|code| !code.is_empty()).map(str::to_owned);
        // The other checks of a day need its date; its kind they can do without.
        let Some(date) = date else { return (None, faults) };
        let day = Proposal::new(date, kind.unwrap_or(DayKind::Holiday), cell("vi"), cell("en"));
        faults.extend(day.faults());
        if day.kind == DayKind::Worked && agency.is_none() {
            faults.push(Fault::WorkedForCity);
        }
        let basis: String = name::tidy(cell("basis")).chars().take(500).collect();
        let basis = Some(basis).filter(|basis| !basis.is_empty());
        (Some(Row { line, day, notice, confirmed: confirmed == "yes", agency, basis }), faults)
    }
}

/// The line on which a record begins. The reader's own count lags behind where lines end with CRLF.
pub(in crate::domain) fn line_of(text: &str, position: Option<&csv::Position>) -> u64 {
    let at = position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    1 + count(&text.as_bytes()[..text.len().min(at + ends)], b'\n')
}

/// The text without its byte order mark and without the line with which some spreadsheets name their separator; and how
/// many lines were left out.
fn without_mark(text: &str) -> (&str, u64) {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("sep=") => (rest, 1),
        _ => (text, 0),
    }
}

fn harmless(text: &str) -> String {
    let is_formula = text.trim_start_matches('\'').starts_with(FORMULA);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn quoted(cell: &str) -> String {
    let plain = !cell.contains(['"', ',', ';', '\r', '\n']);
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

fn count(bytes: &[u8], wanted: u8) -> u64 {
    bytes.iter().fold(0, |sum, byte| sum + u64::from(*byte == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    fn wrong(table: &str) -> Vec<(Option<u64>, Fault)> {
        let faults = read(table.as_bytes()).expect_err("it has errors");
        faults.into_iter().map(|line| (line.line, line.fault)).collect()
    }

    #[test]
    fn the_built_in_table_is_read() {
        let rows = read(include_bytes!("holidays.csv")).expect("it ships with the house");
        assert_eq!(rows.len(), 162);
        assert_eq!(rows[0].basis.as_deref(), Some("Labour Code 2012 Art.115(1)(a)"));
        assert_eq!((rows[0].line, rows[0].day.date), (2, date!(2017 - 01 - 01)));
    }

    #[test]
    fn every_line_tells_its_errors() {
        let table = "date,kind,vi,en,confirmed\n\
                     2026-02-30,holiday,Tên,Name,yes\n\
                     2026-08-26,make_up,Làm bù,,no\n\
                     2026-08-31,holidays,,,maybe\n\
                     2026-09-02,holiday,Quốc khánh,,yes\n\
                     2026-09-02,holiday,Quốc khánh,,yes\n\
                     2016-01-01,worked,Trực,,yes\n";
        let expected = [
            (Some(2), Fault::Date("2026-02-30".to_owned())),
            (Some(3), Fault::MakeUpOnWeekday(date!(2026 - 08 - 26))),
            (Some(4), Fault::Kind("holidays".to_owned())),
            (Some(4), Fault::State("maybe".to_owned())),
            (Some(4), Fault::NoName),
            (Some(6), Fault::Twice(date!(2026 - 09 - 02))),
            (Some(7), Fault::Year(2016)),
            (Some(7), Fault::WorkedForCity),
        ];
        assert_eq!(wrong(table), expected);
    }

    #[test]
    fn a_table_of_a_vietnamese_spreadsheet_is_read() {
        let table = "\u{FEFF}sep=;\r\nDate;Kind;vi;en;notice_number;notice_date;confirmed;agency\r\n\
                     31/08/2026;swapped_off;\"Nghỉ; hoán đổi\";;9441/TB-BNV;16/10/2025;yes;so-khcn\r\n;;;;;;;\r\n";
        let rows = read(table.as_bytes()).expect("it is a table");
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].line, rows[0].day.date), (3, date!(2026 - 08 - 31)));
        assert_eq!((rows[0].day.vi.as_str(), rows[0].day.en.as_str()), ("Nghỉ; hoán đổi", "Nghỉ; hoán đổi"));
        assert_eq!(rows[0].notice.as_ref().map(|n| n.date), Some(date!(2025 - 10 - 16)));
        assert_eq!(rows[0].agency.as_deref(), Some("so-khcn"));
    }

    #[test]
    fn columns_that_are_missing_unknown_or_twice_are_told() {
        let expected = [
            (Some(1), Fault::NoColumn("en")),
            (Some(1), Fault::NoColumn("confirmed")),
            (Some(1), Fault::UnknownColumn("colour".to_owned())),
            (Some(1), Fault::UnknownColumn("vi".to_owned())),
        ];
        assert_eq!(wrong("date,kind,vi,colour,vi\n"), expected);
        assert_eq!(wrong("date,kind,vi,en,confirmed\n"), [(None, Fault::NoRows)]);
        assert_eq!(wrong(""), NEEDED.map(|name| (Some(1), Fault::NoColumn(name))));
    }

    #[test]
    fn bytes_that_are_no_text_and_tables_that_are_too_long_are_refused() {
        let faults = read(b"date,kind\n2026,\xFF\n").expect_err("no text");
        assert_eq!(faults, [LineFault { line: Some(2), fault: Fault::NotUtf8 }]);
        let mut table = "date,kind,vi,en,confirmed\n".to_owned();
        for day in 0..=400 {
            let date = date!(2026 - 01 - 01) + time::Duration::days(day);
            table.push_str(&[date.to_string().as_str(), ",holiday,a,b,yes\n"].concat());
        }
        assert_eq!(wrong(&table), [(Some(402), Fault::TooManyRows)]);
        let last = table.trim_end().rfind('\n').expect("lines");
        assert_eq!(read(&table.as_bytes()[..last]).map(|rows| rows.len()), Ok(400));
        assert_eq!(read(&vec![b'a'; LARGEST + 1]), Err(vec![Fault::TooLarge.into()]));
    }

    #[test]
    fn a_name_that_looks_like_a_formula_is_written_harmlessly_and_read_as_it_was() {
        let row = |vi: &str| Row {
            line: 2,
            day: Proposal::new(date!(2026 - 03 - 04), DayKind::Holiday, vi, "+1"),
            notice: None,
            confirmed: true,
            agency: Some("@so".to_owned()),
            basis: None,
        };
        for name in ["=HYPERLINK(\"x\")", "-2+3", "'=1", "''@a", "'quote", "bình, thường; \"x\""] {
            let row = row(name);
            let text = write([&row]);
            for cell in text.lines().nth(1).expect("a row").split(',') {
                assert!(!cell.trim_start_matches('"').starts_with(FORMULA), "{text}");
            }
            assert_eq!(read(text.as_bytes()), Ok(vec![row]));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = read(&bytes);
        }

        #[test]
        fn any_cells_are_read_or_refused(cells in proptest::collection::vec("[^\u{0}]{0,12}", 5..60)) {
            let mut table = "date,kind,vi,en,confirmed\n".to_owned();
            for row in cells.chunks(5) {
                table.push_str(&row.join(","));
                table.push('\n');
            }
            let _ = read(table.as_bytes());
        }

        #[test]
        fn what_is_written_is_read_again(vi in "\\PC{1,60}", en in "\\PC{0,60}", number in "\\PC{0,30}", confirmed in any::<bool>()) {
            let day = Proposal::new(date!(2026-03-04), DayKind::Holiday, &vi, &en);
            prop_assume!(day.faults().is_empty());
            let number = name::tidy(&number);
            let notice = (!number.is_empty()).then_some(Notice { number, date: date!(2025-10-16) });
            let row = Row { line: 2, day, notice, confirmed, agency: None, basis: None };
            prop_assert_eq!(read(write([&row]).as_bytes()), Ok(vec![row]));
        }
    }
}
