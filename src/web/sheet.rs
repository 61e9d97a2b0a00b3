//! Tables that people take along: as CSV, row by row, and as a workbook. What directories put into a name is never a
//! formula.

use crate::i18n::Lang;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};
use time::Date;

/// What a file of text begins with, so that a spreadsheet reads it as UTF-8.
pub(super) const MARK: &str = "\u{FEFF}";

/// The type of a workbook.
pub(super) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The widest column of a workbook, in characters.
const WIDEST: f64 = 44.0;

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// A text.
    Text(String),
    /// A day.
    Day(Option<Date>),
    /// A whole number.
    Number(i64),
    /// So many seconds, shown as hours with a decimal.
    Hours(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Cell {
    fn text(&self, t: Lang) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Day(day) => day.map(|day| t.date(day)).unwrap_or_default(),
            Self::Number(number) => number.to_string(),
            Self::Hours(seconds) => format!("{}.{}", seconds / 3_600, seconds % 3_600 / 360),
        }
    }
}

/// Adds a row of CSV (RFC 4180). A value that a spreadsheet would take for a formula begins with an apostrophe.
pub(super) fn csv_row(text: &mut String, t: Lang, cells: &[Cell]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push('"');
        text.push_str(&guarded(&cell.text(t)).replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}

/// A text that no spreadsheet takes for a formula.
pub(super) fn guarded(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '＝', '＋', '－', '＠']);
    let guard = if is_formula { "'" } else { "" };
    format!("{guard}{text}")
}

/// A workbook of one sheet, written row by row; rows that are written leave the memory.
pub(super) struct Sheet {
    book: Workbook,
    day: Format,
    hours: Format,
    row: u32,
}

impl Sheet {
    /// One with these words above its columns, and so wide in characters.
    pub(super) fn new(name: &str, columns: &[(&str, f64)]) -> Result<Self, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        for (at, (word, width)) in (0_u16..).zip(columns) {
            sheet.set_column_width(at, width.min(WIDEST))?;
            sheet.write_string_with_format(0, at, *word, &bold)?;
        }
        let format = |text: &str| Format::new().set_num_format(text);
        Ok(Self { book, day: format("dd/mm/yyyy"), hours: format("0.0"), row: 1 })
    }

    /// Adds a row. Every text is written as a text, whatever it begins with.
    pub(super) fn add(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        let sheet = self.book.worksheet_from_index(0)?;
        for (at, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(text) if text.is_empty() => {}
                Cell::Text(text) => {
                    sheet.write_string(self.row, at, text)?;
                }
                Cell::Day(None) => {}
                #[expect(clippy::cast_precision_loss, reason = "workbooks hold numbers as floating point")]
                Cell::Number(number) => {
                    sheet.write_number(self.row, at, *number as f64)?;
                }
                #[expect(clippy::cast_precision_loss, reason = "workbooks hold numbers as floating point")]
                Cell::Hours(seconds) => {
                    let hours = *seconds as f64 / 3_600.0;
                    sheet.write_number_with_format(self.row, at, hours, &self.hours)?;
                }
                Cell::Day(Some(day)) => {
                    let year = u16::try_from(day.year()).unwrap_or(1900);
                    let day = ExcelDateTime::from_ymd(year, u8::from(day.month()), day.day())?;
                    sheet.write_datetime_with_format(self.row, at, &day, &self.day)?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }

    /// The workbook as bytes.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.book.save_to_buffer()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_spreadsheet_takes_no_value_for_a_formula() {
        let mut text = String::new();
        let cells = ["=HYPERLINK(\"x\")", "@a", "-1", "an@x.example", "|cmd", "％"].map(Cell::from);
        csv_row(&mut text, Lang::Vi, &cells);
        assert_eq!(text, "\"'=HYPERLINK(\"\"x\"\")\",\"'@a\",\"'-1\",\"an@x.example\",\"'|cmd\",\"％\"\r\n");
    }

    #[test]
    fn a_day_is_written_as_the_office_writes_it() {
        let mut text = String::new();
        csv_row(&mut text, Lang::Vi, &[Cell::Day(Some(date!(2026 - 03 - 02))), Cell::Day(None)]);
        assert_eq!(text, "\"02/03/2026\",\"\"\r\n");
    }

    #[test]
    fn a_workbook_holds_what_was_added() {
        let mut sheet = Sheet::new("Tài khoản", &[("Họ và tên", 30.0), ("Ngày", 12.0)]).expect("a sheet");
        sheet.add(&[Cell::from("=1+1"), Cell::Day(Some(date!(2026 - 03 - 02)))]).expect("a row");
        let bytes = sheet.finish().expect("a workbook");
        assert_eq!(&bytes[..2], b"PK");
    }
}
