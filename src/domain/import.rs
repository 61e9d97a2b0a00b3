//! Tables that the city enters at once: agencies, posts, roles. Pure: reading the table, line by line, with what is wrong.
//!
//! A byte order mark, CRLF and semicolons, as Vietnamese spreadsheets write them, are understood; columns may be in any
//! order, and further ones are passed over.

use super::name;
use super::policy::calendar_csv::line_of;
use std::collections::HashSet;

/// No table is larger, in bytes.
pub const LARGEST: usize = 256 * 1024;

/// No table has more lines.
pub const MOST: usize = 2_000;

/// The longest name, title or reason, in characters.
pub const LONGEST: usize = 200;

codes! {
    /// What a table holds.
    Table {
        /// `code,name` and `parent`: agencies and their place in the tree.
        Agencies = "agencies";
        /// `address,title,agency` and `end`: posts beside those of the directories.
        Posts = "posts";
        /// `address,role,agency,reason` and `until`: roles over an agency.
        Roles = "roles";
    }
}

impl Table {
    /// The columns that are needed, and those that may be there.
    pub const fn columns(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Agencies => (&["code", "name"], &["parent"]),
            Self::Posts => (&["address", "title", "agency"], &["end"]),
            Self::Roles => (&["address", "role", "agency", "reason"], &["until"]),
        }
    }
}

/// The Vietnamese name of a column, as people type it; read are both.
pub fn vietnamese(column: &str) -> &str {
    match column {
        "code" => "ma",
        "name" => "ten",
        "parent" => "cap_tren",
        "address" => "dia_chi",
        "title" => "chuc_vu",
        "agency" => "co_quan",
        "role" => "vai_tro",
        "reason" => "ly_do",
        "until" => "ngay_cuoi",
        "end" => "ket_thuc",
        other => other,
    }
}

/// What is wrong with a line, or with the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is no table of text, or too large.
    NoTable,
    /// A column is missing.
    Column(&'static str),
    /// There is no line.
    Empty,
    /// There are more lines than are taken.
    TooMany,
    /// A cell that is needed is empty.
    Missing(&'static str),
    /// A cell is too long.
    TooLong(&'static str),
    /// The same thing stands in an earlier line.
    Twice,
    /// It is no code: small letters, digits and hyphens, at most 64.
    Code,
    /// It is no mail address, or nobody's.
    NoAccount,
    /// There is no agency with this code.
    NoAgency,
    /// Another agency had this code before, and may still be meant by it.
    Former,
    /// The agency has another name; a table gives none.
    Renamed,
    /// The agency is part of another one by now.
    Merged,
    /// An agency would lie below itself.
    Circle,
    /// There is no such role over an agency.
    Role,
    /// It is no day, or one that is past or too far away.
    Day,
    /// The account is locked or withdrawn, or belongs to no person.
    NotInOffice,
    /// Nobody changes their own roles.
    Oneself,
    /// There is no such post to end.
    NoPost,
    /// It makes a role so wide that a second person must approve it.
    Wide,
    /// The same of what these applications may do in their own name.
    WideApplications(String),
}

/// What a line would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Something new.
    New,
    /// Something that is there changes, from this.
    Changes(String),
    /// Something ends.
    Ends,
    /// Nothing: it is so already.
    Same,
    /// It cannot be entered.
    Wrong(Fault),
}

/// A line: its number in the file, and its cells in the order of the table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1; the header is the first one.
    pub number: u64,
    /// The cells, the needed ones first; tidied.
    pub cells: Vec<String>,
    /// What is wrong with it by itself.
    pub fault: Option<Fault>,
}

impl Line {
    /// A cell; empty where the column is not there.
    pub fn cell(&self, at: usize) -> &str {
        self.cells.get(at).map(String::as_str).unwrap_or_default()
    }
}

/// Reads a table.
pub fn read(table: Table, text: &str) -> Result<Vec<Line>, Fault> {
    if text.len() > LARGEST {
        return Err(Fault::NoTable);
    }
    let all = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = all.trim_start();
    let skipped = all[..all.len() - text.len()].matches('\n').count();
    let skipped = u64::try_from(skipped).unwrap_or_default();
    let header = text.lines().next().unwrap_or_default();
    let count = |sign: char| header.matches(sign).count();
    let delimiter = if count(';') > count(',') {
        b';'
    } else if count('\t') > count(',') {
        b'\t'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|_| Fault::NoTable)?.clone();
    let (needed, further) = table.columns();
    let places = places(table, &header)?;
    let (mut lines, mut seen) = (Vec::new(), HashSet::new());
    for record in reader.into_records() {
        let record = record.map_err(|_| Fault::NoTable)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if lines.len() >= MOST {
            return Err(Fault::TooMany);
        }
        let cell = |at: &Option<usize>| {
            let cell = at.and_then(|at| record.get(at)).unwrap_or_default();
            // What other tables of ours write so that a spreadsheet runs nothing.
            name::tidy(cell.strip_prefix('\'').unwrap_or(cell))
        };
        let cells: Vec<_> = places.iter().map(cell).collect();
        let missing = needed.iter().zip(&cells).find(|(_, cell)| cell.is_empty());
        let names = needed.iter().chain(further);
        let long = names.zip(&cells).find(|(_, cell)| cell.chars().count() > LONGEST);
        let fault =
            missing.map(|(name, _)| Fault::Missing(name)).or(long.map(|(name, _)| Fault::TooLong(name)));
        let key = match table {
            Table::Agencies => vec![cells[0].to_lowercase()],
            Table::Posts => cells[..3].to_vec(),
            Table::Roles => vec![cells[0].to_lowercase(), cells[2].to_lowercase()],
        };
        let fault = fault.or((!seen.insert(key)).then_some(Fault::Twice));
        let number = skipped + line_of(text, record.position());
        lines.push(Line { number, cells, fault });
    }
    if lines.is_empty() { Err(Fault::Empty) } else { Ok(lines) }
}

/// Where the columns stand, the needed ones first.
fn places(table: Table, header: &csv::StringRecord) -> Result<Vec<Option<usize>>, Fault> {
    let header: Vec<_> = header.iter().map(bare).collect();
    let place = |name: &'static str| {
        let names = [bare(name), bare(vietnamese(name))];
        header.iter().position(|cell| names.contains(cell))
    };
    let (needed, further) = table.columns();
    let mut places = Vec::new();
    for &name in needed {
        places.push(Some(place(name).ok_or(Fault::Column(name))?));
    }
    places.extend(further.iter().copied().map(place));
    Ok(places)
}

/// The name of a column without what people write differently: `Cấp trên`, `cap_tren` and `CAP TREN` are one.
fn bare(name: &str) -> String {
    name::search_key(name).chars().filter(|c| !matches!(c, ' ' | '_' | '-')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_table_of_a_vietnamese_spreadsheet_is_read() {
        let text = "\u{feff}Name;code;x\r\nSở Nội vụ;so-nv;1\r\n;;\r\n  Phòng  Tổ chức ;phong-tc;\r\n";
        let lines = read(Table::Agencies, text).expect("a table");
        let cells: Vec<_> = lines.iter().map(|line| (line.number, line.cell(0), line.cell(1))).collect();
        assert_eq!(cells, [(2, "so-nv", "Sở Nội vụ"), (4, "phong-tc", "Phòng Tổ chức")]);
        assert!(lines.iter().all(|line| line.fault.is_none() && line.cell(2).is_empty()));
    }

    #[test]
    fn columns_have_vietnamese_names_too_with_and_without_marks() {
        for header in ["Mã;Tên;Cấp trên", "ma;ten;cap_tren", "MA;TEN;CAP-TREN", "code;Tên;parent"] {
            let lines = read(Table::Agencies, &format!("{header}\nphong-tc;Phòng Tổ chức;so-nv\n"));
            let line = lines.expect(header).remove(0);
            assert_eq!(line.cells, ["phong-tc", "Phòng Tổ chức", "so-nv"], "{header}");
        }
        let posts = read(Table::Posts, "Địa chỉ,Chức vụ,Cơ quan,Kết thúc\na@b.c,T,x,x\n").expect("a table");
        assert_eq!(posts[0].cells, ["a@b.c", "T", "x", "x"]);
        let roles = "vai_tro,dia_chi,ly_do,co_quan,ngay_cuoi\nauditor,a@b.c,QĐ 1,x,31/12/2026\n";
        let roles = read(Table::Roles, roles).expect("a table");
        assert_eq!(roles[0].cells, ["a@b.c", "auditor", "x", "QĐ 1", "31/12/2026"]);
        assert_eq!(read(Table::Agencies, "mã số,tên\na,b\n"), Err(Fault::Column("code")));
    }

    #[test]
    fn each_line_says_what_is_wrong_with_it() {
        let text =
            format!("address,title,agency\na@b.c,,x\na@b.c,T,x\na@b.c,T,x\na@b.c,{},x\n", "d".repeat(201));
        let faults: Vec<_> =
            read(Table::Posts, &text).expect("a table").into_iter().map(|line| line.fault).collect();
        let expected =
            [Some(Fault::Missing("title")), None, Some(Fault::Twice), Some(Fault::TooLong("title"))];
        assert_eq!(faults, expected);
        assert_eq!(read(Table::Roles, "address,role,reason\n"), Err(Fault::Column("agency")));
        assert_eq!(read(Table::Agencies, "code,name\n"), Err(Fault::Empty));
        let many = format!("code,name\n{}", "a,b\n".repeat(MOST + 1));
        assert_eq!(read(Table::Agencies, &many), Err(Fault::TooMany));
    }

    proptest! {
        #[test]
        fn any_text_is_a_table_or_not(text in "\\PC{0,200}", body in "[a-z,;\"'\n\r\t ]{0,200}") {
            for &table in Table::ALL {
                let _ = read(table, &text);
                let (needed, _) = table.columns();
                let _ = read(table, &format!("{}\n{body}", needed.join(",")));
            }
        }
    }
}
