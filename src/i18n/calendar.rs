//! Words of the working calendar: the year view, its forms, the preview of a change, and what is wrong with a day.

use super::Lang;
use crate::domain::policy::calendar::DayKind;
use crate::domain::policy::calendar_rules::{
    Fault, LONGEST_NAME, LONGEST_NUMBER, LineFault, MOST_DAYS, YEARS,
};
use time::{Month, Weekday};

words! {
    calendar_menu: "Lịch làm việc", "Calendar";
    calendar_title(year: i32): "Lịch làm việc năm {year}", "Working calendar {year}";
    calendar_lead: "Ngày nghỉ lễ, nghỉ bù, hoán đổi và làm bù, theo thông báo nào, ai nhập, ai xác nhận. Ngày chưa xác nhận được tính có lợi cho người dùng.",
        "Holidays, days in lieu, swapped and make-up days: by which notice, who entered and who confirmed them. A day that is not confirmed counts in the user's favour.";
    calendar_of_city: "Lịch chung của thành phố", "The city's calendar";
    calendar_whose: "Lịch của", "Calendar of";
    calendar_show: "Xem", "Show";
    calendar_year: "Năm", "Year";
    calendar_previous_year: "Năm trước", "Previous year";
    calendar_next_year: "Năm sau", "Next year";
    calendar_export: "Tải CSV", "Download CSV";
    calendar_months: "Mười hai tháng", "Twelve months";
    calendar_legend: "Chú giải", "Legend";
    calendar_weekend: "Cuối tuần", "Weekend";
    calendar_open_mark: "Chưa xác nhận: tạm tính có lợi cho người dùng", "Not confirmed: counts in the user's favour for now";
    calendar_unsettled_title(year: i32): "Lịch năm {year} chưa được xác nhận đầy đủ", "The calendar of {year} is not confirmed yet";
    calendar_unsettled: "Còn ngày chưa xác nhận, hoặc thiếu ngày nghỉ Tết hay Quốc khánh. Hãy nhập thông báo chính thức và xác nhận trước cuối năm.",
        "Days are not confirmed, or Tết or National Day is missing. Enter the official notice and confirm the days before the year ends.";
    calendar_unsettled_link: "Mở lịch năm sau", "Open next year's calendar";

    // The list of days.
    calendar_days: "Các ngày trong danh sách", "Listed days";
    calendar_no_days: "Chưa có ngày nào trong danh sách năm này.", "No day of this year is listed.";
    calendar_day: "Ngày", "Day";
    calendar_kind: "Loại", "Kind";
    calendar_name: "Tên", "Name";
    calendar_state: "Trạng thái", "State";
    calendar_notice: "Thông báo", "Notice";
    calendar_entered: "Người nhập", "Entered by";
    calendar_confirmed_by: "Người xác nhận", "Confirmed by";
    calendar_confirmed: "Đã xác nhận", "Confirmed";
    calendar_undecided: "Chưa xác nhận", "Not confirmed";
    calendar_undecided_waits: "Chưa xác nhận, chỉ tính khi đã xác nhận", "Not confirmed, counts only once it is";
    calendar_not_listed: "Không có trong danh sách", "Not listed";
    calendar_exception: "Ngoại lệ của cơ quan", "The agency's exception";
    calendar_by_house: "Hệ thống điền sẵn", "Filled in by the system";
    calendar_notice_of(number: &str, date: &str): "{number}, ngày {date}", "{number} of {date}";
    calendar_who_when(who: &str, moment: &str): "{who}, {moment}", "{who}, {moment}";
    calendar_strike_asked(who: &str, why: &str): "{who} đề nghị bỏ: {why}", "{who} asks to strike it: {why}";

    // Forms.
    calendar_changes: "Thay đổi lịch", "Change the calendar";
    calendar_changes_lead: "Mỗi thay đổi cần hai người: một người nhập hoặc đề nghị, người thứ hai xác nhận. Trước khi ghi, hệ thống cho xem thời hạn nào bị ảnh hưởng.",
        "Every change takes two people: one enters or asks, a second one confirms. Before anything is written you see which deadlines it moves.";
    calendar_enter: "Nhập một ngày", "Enter a day";
    calendar_swap: "Nhập hoán đổi ngày làm việc", "Enter a swap";
    calendar_swap_hint: "Một ngày làm việc được nghỉ, một thứ Bảy làm bù, theo cùng một thông báo.",
        "One working day off, one Saturday worked, by the same notice.";
    calendar_confirm: "Xác nhận các ngày đã chọn", "Confirm chosen days";
    calendar_confirm_all: "Xác nhận mọi ngày còn lại của năm", "Confirm every open day of the year";
    calendar_confirm_hint: "Người nhập không tự xác nhận ngày của mình.", "Whoever entered a day does not confirm it.";
    calendar_ask_strike: "Đề nghị bỏ một ngày", "Ask to strike a day";
    calendar_strike: "Bỏ ngày này", "Strike this day";
    calendar_keep: "Giữ lại ngày này", "Keep this day";
    calendar_withdraw: "Rút lại ngày đã nhập", "Take this entry back";
    calendar_import: "Nhập từ bảng CSV", "Import a CSV table";
    calendar_import_hint: "Cột: date, kind, vi, en, confirmed; nếu có: notice_number, notice_date, agency. Ngày nhập vào chờ người thứ hai xác nhận.",
        "Columns: date, kind, vi, en, confirmed; where known: notice_number, notice_date, agency. Imported days wait for a second person.";
    calendar_table: "Dán nội dung bảng", "Paste the table";
    calendar_date: "Ngày", "Date";
    calendar_date_hint: "Ví dụ 31/08/2026", "For example 31/08/2026";
    calendar_off: "Ngày làm việc được nghỉ", "Working day off";
    calendar_work: "Thứ Bảy làm bù", "Saturday worked";
    calendar_name_vi: "Tên tiếng Việt", "Name in Vietnamese";
    calendar_name_en: "Tên tiếng Anh (không bắt buộc)", "Name in English (optional)";
    calendar_notice_number: "Số thông báo", "Number of the notice";
    calendar_notice_date: "Ngày thông báo", "Date of the notice";
    calendar_why: "Lý do (ghi vào nhật ký)", "Reason (written to the log)";
    calendar_look: "Xem trước", "Preview";
    calendar_swap_off_name(date: &str): "Nghỉ hoán đổi (làm bù {date})", "Swapped day off (worked on {date})";
    calendar_swap_work_name(date: &str): "Làm bù cho ngày {date}", "Make-up day for {date}";

    // The preview.
    calendar_preview: "Xem trước thay đổi", "Preview of the change";
    calendar_preview_lead: "Chưa có gì được ghi.", "Nothing has been written yet.";
    calendar_what_changes: "Ngày thay đổi", "Days that change";
    calendar_before: "Hiện nay", "Now";
    calendar_after: "Sau thay đổi", "After the change";
    calendar_effect: "Ảnh hưởng đến các thời hạn đang chạy", "Effect on running deadlines";
    calendar_moved_later: "Thời hạn lùi lại", "Deadlines that move later";
    calendar_moved_earlier: "Thời hạn đến sớm hơn (chưa ai được báo)", "Deadlines that move earlier (nobody was told of them)";
    calendar_kept: "Sẽ đến sớm hơn, nhưng giữ ngày đã báo", "Would come earlier, but keep the promised day";
    calendar_unchanged: "Không thay đổi", "Unchanged";
    calendar_locked_later(days: &str): "Trong đó, lẽ ra bị khóa trong {days} tới", "Of these, would else be locked within {days}";
    calendar_first_moved: "Những thời hạn lùi lại đầu tiên", "The first deadlines that move";
    calendar_moves(from: &str, to: &str): "{from} → {to}", "{from} → {to}";
    calendar_per_agency: "Theo cơ quan", "By agency";
    calendar_no_agency: "Chưa rõ cơ quan", "Agency unknown";
    calendar_note_entered: "Các ngày này có hiệu lực ngay ở trạng thái chưa xác nhận: ngày nghỉ được tính là nghỉ; ngày làm bù chưa được tính là ngày làm việc cho đến khi người thứ hai xác nhận.",
        "These days hold at once as not confirmed: a day off counts as off; a make-up day is not worked until a second person confirms it.";
    calendar_note_waiting(count: &str): "{count} ngày chỉ được tính khi quản trị viên thành phố xác nhận: mỗi cơ quan được tự nghỉ tối đa 5 ngày làm việc chưa xác nhận trong 3 tháng bất kỳ.",
        "{count} of these days count only once an administrator of the city confirms them: an agency takes at most 5 unconfirmed working days off in any three months.";
    calendar_alone_hint: "Mỗi cơ quan được tự nghỉ tối đa 5 ngày làm việc chưa xác nhận trong 3 tháng bất kỳ; ngày vượt quá vẫn được nhập, nhưng chỉ được tính khi quản trị viên thành phố xác nhận.",
        "An agency takes at most 5 unconfirmed working days off in any three months; further ones are listed, and count only once an administrator of the city confirms them.";
    calendar_note_asked: "Chưa có gì thay đổi trong lịch cho đến khi người thứ hai đồng ý bỏ ngày này.",
        "Nothing changes in the calendar until a second person agrees to strike the day.";
    calendar_note_left(count: &str): "{count} ngày do chính Ông/Bà nhập nên để lại cho người khác xác nhận.",
        "{count} entered by yourself stay open for somebody else to confirm.";
    calendar_type_count(count: &str): "Nhập số ngày thay đổi ({count}) để tiếp tục", "Type the number of days that change ({count}) to go on";
    calendar_wrong_count: "Số vừa nhập không khớp với số ngày thay đổi.", "The number does not match the number of days that change.";
    calendar_apply: "Ghi thay đổi", "Make the change";
    calendar_back: "Quay lại lịch, không ghi gì", "Back to the calendar, write nothing";
    calendar_done: "Đã ghi thay đổi. Các thời hạn đang chạy đã được tính lại; không hạn nào đến sớm hơn ngày đã báo.",
        "The change is made. Running deadlines were counted again; none comes earlier than the day that was promised.";
    calendar_nothing: "Không có gì để thay đổi: mọi ngày đã có đúng như vậy.", "There is nothing to change: every day is listed just so.";
    calendar_refused: "Chưa ghi gì, vì còn lỗi", "Nothing was written, because something is wrong";
    calendar_changed: "Lịch vừa được người khác thay đổi. Chưa có gì được ghi; hãy xem lại rồi làm lại nếu vẫn cần.",
        "Somebody else has just changed the calendar. Nothing was written; look at it and repeat the step if it is still needed.";

    // What is wrong.
    calendar_line(line: u64, what: &str): "Dòng {line}: {what}", "Line {line}: {what}";
    fault_utf8: "không phải văn bản UTF-8", "not UTF-8 text";
    fault_too_large: "bảng quá lớn", "the table is too large";
    fault_no_column(name: &str): "thiếu cột {name}", "the column {name} is missing";
    fault_unknown_column(name: &str): "cột “{name}” lạ hoặc có hai lần", "the column “{name}” is unknown or there twice";
    fault_too_many(most: usize): "quá {most} ngày", "more than {most} days";
    fault_no_rows: "không có ngày nào", "there is no day";
    fault_date(text: &str): "“{text}” không phải là ngày", "“{text}” is not a date";
    fault_year(year: i32, first: i32, last: i32): "năm {year} nằm ngoài {first}–{last}", "the year {year} is not within {first}–{last}";
    fault_kind(text: &str): "không có loại ngày “{text}”", "there is no kind of day “{text}”";
    fault_state(text: &str): "cột confirmed là yes hoặc no, không phải “{text}”", "confirmed is yes or no, not “{text}”";
    fault_no_name: "thiếu tên ngày", "the day has no name";
    fault_long_name(most: usize): "tên dài quá {most} ký tự", "the name is longer than {most} characters";
    fault_notice_date(text: &str): "ngày thông báo “{text}” không phải là ngày", "the date of the notice, “{text}”, is not a date";
    fault_half_notice: "thông báo cần cả số và ngày", "a notice needs both number and date";
    fault_no_notice: "cần số và ngày của thông báo", "number and date of the notice are needed";
    fault_long_number(most: usize): "số thông báo dài quá {most} ký tự", "the number of the notice is longer than {most} characters";
    fault_no_reason: "cần ghi lý do", "a reason is needed";
    fault_make_up_on_weekday(day: &str): "{day}: ngày làm bù phải là thứ Bảy hoặc Chủ nhật", "{day}: a make-up day is a Saturday or Sunday";
    fault_off_on_weekend(day: &str): "{day}: ngày nghỉ bù hoặc hoán đổi không rơi vào cuối tuần", "{day}: a day in lieu or swapped day is not on a weekend";
    fault_worked_for_city: "loại “worked” chỉ dành cho một cơ quan", "the kind “worked” is only for an agency";
    fault_worked_anyway(day: &str): "{day}: thành phố vốn làm việc ngày này", "{day}: the city works on this day anyway";
    fault_twice(day: &str): "{day} có hai lần", "{day} is there twice";
    fault_agency(code: &str): "không có cơ quan “{code}” trong phạm vi quản trị", "there is no agency “{code}” within reach";
    fault_city_day: "lịch chung do quản trị viên thành phố nhập", "the city's days are kept by its administrators";
    fault_confirmed(day: &str): "{day} đã được xác nhận; hãy đề nghị bỏ ngày này trước", "{day} is confirmed already; ask to strike it first";
    fault_listed_so(day: &str): "{day} đã có đúng như vậy", "{day} is listed just so already";
    fault_not_listed(day: &str): "{day} không có trong danh sách", "{day} is not listed";
    fault_own_entry(day: &str): "{day} do chính Ông/Bà nhập; người khác phải xác nhận", "{day} was entered by yourself; somebody else must confirm it";
    fault_strike_waits(day: &str): "đã có người đề nghị bỏ {day}", "somebody has asked already to strike {day}";
    fault_no_strike(day: &str): "không ai đề nghị bỏ {day}", "nobody has asked to strike {day}";
    fault_own_strike(day: &str): "Ông/Bà đã đề nghị bỏ {day}; người khác phải thực hiện", "you asked to strike {day}; somebody else must carry it out";
    fault_not_yours(day: &str): "{day} không phải do Ông/Bà nhập mới, hoặc đã xác nhận; hãy đề nghị bỏ", "{day} is not a new entry of yours, or is confirmed; ask to strike it";
    fault_nothing_undecided: "không có ngày nào chờ xác nhận", "no day waits for confirmation";
}

impl Lang {
    /// A kind of day in words.
    pub const fn day_kind(self, kind: DayKind) -> &'static str {
        match (self, kind) {
            (Self::Vi, DayKind::Holiday) => "Nghỉ lễ, Tết",
            (Self::Vi, DayKind::InLieu) => "Nghỉ bù",
            (Self::Vi, DayKind::SwappedOff) => "Nghỉ hoán đổi",
            (Self::Vi, DayKind::MakeUp) => "Làm bù",
            (Self::Vi, DayKind::Worked) => "Cơ quan vẫn làm việc",
            (Self::En, DayKind::Holiday) => "Holiday",
            (Self::En, DayKind::InLieu) => "Day in lieu",
            (Self::En, DayKind::SwappedOff) => "Swapped day off",
            (Self::En, DayKind::MakeUp) => "Make-up day",
            (Self::En, DayKind::Worked) => "The agency works",
        }
    }

    /// The letter that marks a kind of day in the small tables of the months.
    pub const fn day_letter(self, kind: DayKind) -> &'static str {
        let [holiday, in_lieu, swapped_off, make_up, worked] = match self {
            Self::Vi => ["L", "B", "H", "S", "V"],
            Self::En => ["H", "L", "S", "M", "W"],
        };
        match kind {
            DayKind::Holiday => holiday,
            DayKind::InLieu => in_lieu,
            DayKind::SwappedOff => swapped_off,
            DayKind::MakeUp => make_up,
            DayKind::Worked => worked,
        }
    }

    /// A month as the heading of its table: `Tháng 8`, `August`.
    pub fn month(self, month: Month) -> String {
        match self {
            Self::Vi => format!("Tháng {}", u8::from(month)),
            Self::En => month.to_string(),
        }
    }

    /// A weekday in two letters: `T2`, `Mo`.
    pub const fn weekday_short(self, weekday: Weekday) -> &'static str {
        match (self, weekday) {
            (Self::Vi, Weekday::Monday) => "T2",
            (Self::Vi, Weekday::Tuesday) => "T3",
            (Self::Vi, Weekday::Wednesday) => "T4",
            (Self::Vi, Weekday::Thursday) => "T5",
            (Self::Vi, Weekday::Friday) => "T6",
            (Self::Vi, Weekday::Saturday) => "T7",
            (Self::Vi, Weekday::Sunday) => "CN",
            (Self::En, Weekday::Monday) => "Mo",
            (Self::En, Weekday::Tuesday) => "Tu",
            (Self::En, Weekday::Wednesday) => "We",
            (Self::En, Weekday::Thursday) => "Th",
            (Self::En, Weekday::Friday) => "Fr",
            (Self::En, Weekday::Saturday) => "Sa",
            (Self::En, Weekday::Sunday) => "Su",
        }
    }

    /// What is wrong, with its line where it has one.
    pub fn line_fault(self, fault: &LineFault) -> String {
        let what = self.calendar_fault(&fault.fault);
        fault.line.map_or_else(|| what.clone(), |line| self.calendar_line(line, &what))
    }

    /// What is wrong with a day or a step.
    pub fn calendar_fault(self, fault: &Fault) -> String {
        match fault {
            Fault::NotUtf8 => self.fault_utf8().to_owned(),
            Fault::TooLarge => self.fault_too_large().to_owned(),
            Fault::NoColumn(name) => self.fault_no_column(name),
            Fault::UnknownColumn(name) => self.fault_unknown_column(name),
            Fault::TooManyRows => self.fault_too_many(MOST_DAYS),
            Fault::NoRows => self.fault_no_rows().to_owned(),
            Fault::Date(text) => self.fault_date(text),
            Fault::Year(year) => self.fault_year(*year, *YEARS.start(), *YEARS.end()),
            Fault::Kind(text) => self.fault_kind(text),
            Fault::State(text) => self.fault_state(text),
            Fault::NoName => self.fault_no_name().to_owned(),
            Fault::LongName => self.fault_long_name(LONGEST_NAME),
            Fault::NoticeDate(text) => self.fault_notice_date(text),
            Fault::HalfNotice => self.fault_half_notice().to_owned(),
            Fault::NoNotice => self.fault_no_notice().to_owned(),
            Fault::LongNumber => self.fault_long_number(LONGEST_NUMBER),
            Fault::NoReason => self.fault_no_reason().to_owned(),
            Fault::MakeUpOnWeekday(date) => self.fault_make_up_on_weekday(&self.day(*date)),
            Fault::OffOnWeekend(date) => self.fault_off_on_weekend(&self.day(*date)),
            Fault::WorkedForCity => self.fault_worked_for_city().to_owned(),
            Fault::WorkedAnyway(date) => self.fault_worked_anyway(&self.day(*date)),
            Fault::Twice(date) => self.fault_twice(&self.day(*date)),
            Fault::Agency(code) => self.fault_agency(code),
            Fault::CityDay => self.fault_city_day().to_owned(),
            Fault::Confirmed(date) => self.fault_confirmed(&self.day(*date)),
            Fault::ListedSo(date) => self.fault_listed_so(&self.day(*date)),
            Fault::NotListed(date) => self.fault_not_listed(&self.day(*date)),
            Fault::OwnEntry(date) => self.fault_own_entry(&self.day(*date)),
            Fault::StrikeWaits(date) => self.fault_strike_waits(&self.day(*date)),
            Fault::NoStrike(date) => self.fault_no_strike(&self.day(*date)),
            Fault::OwnStrike(date) => self.fault_own_strike(&self.day(*date)),
            Fault::NotYours(date) => self.fault_not_yours(&self.day(*date)),
            Fault::NothingUndecided => self.fault_nothing_undecided().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn every_kind_has_its_own_letter_in_each_language() {
        for t in [Lang::Vi, Lang::En] {
            let mut letters: Vec<_> = DayKind::ALL.into_iter().map(|kind| t.day_letter(kind)).collect();
            letters.sort_unstable();
            letters.dedup();
            assert_eq!(letters.len(), DayKind::ALL.len());
        }
    }

    #[test]
    fn a_fault_tells_its_line_and_its_weekday() {
        let fault = LineFault { line: Some(3), fault: Fault::MakeUpOnWeekday(date!(2026 - 08 - 26)) };
        assert_eq!(
            Lang::Vi.line_fault(&fault),
            "Dòng 3: thứ Tư, 26/08/2026: ngày làm bù phải là thứ Bảy hoặc Chủ nhật"
        );
    }
}
