//! Words of posts, and of the tables with which the city enters agencies, posts and roles.

use super::Lang;
use crate::domain::import::{Effect, Fault, Table, vietnamese};

words! {
    // Posts.
    posts_title: "Chức vụ đang đảm nhiệm", "Posts";
    posts_lead: "Các hệ thống nhận chức vụ và cơ quan mà Ông/Bà chọn ở đây. Chức vụ do thành phố nhập; nếu chưa đúng, hãy báo quản trị viên của cơ quan.",
        "Applications are told of the post and the agency that you choose here. Posts are entered by the city; tell your agency’s administrator if one is wrong.";
    posts_choose: "Làm việc với chức vụ này", "Work in this post";
    posts_active: "Đang dùng", "In use";
    posts_from_directory: "theo hệ thống thư", "as the mail system has it";
    posts_no_title: "Chưa ghi chức vụ", "No title is known";
    posts_note: "Đã chọn chức vụ làm việc. Ứng dụng đang mở sẽ nhận chức vụ này khi Ông/Bà vào lại hoặc khi phiên được làm mới.",
        "The post is chosen. An application that is open learns of it when you enter again, or when its session is renewed.";
    act_post_chosen(who: &str, post: &str): "{who} làm việc với chức vụ “{post}”.", "{who} works in the post “{post}”.";
    act_post_given(who: &str, post: &str): "{who} nhập chức vụ “{post}”.", "{who} entered the post “{post}”.";
    act_post_ended(who: &str, post: &str): "{who} kết thúc chức vụ “{post}”.", "{who} ended the post “{post}”.";
    act_table_entered(who: &str, what: &str, number: &str): "{who} nhập bảng “{what}” gồm {number} dòng có thay đổi.", "{who} entered a table “{what}” with {number} changing lines.";
    act_agency_entered(who: &str, what: &str): "{who} nhập cơ quan “{what}” từ bảng.", "{who} entered the agency “{what}” from a table.";

    // The page.
    import_title: "Nhập dữ liệu từ bảng", "Enter a table";
    import_lead: "Dán bảng từ Excel hoặc tập tin CSV (dòng đầu là tên cột). Hệ thống cho xem từng dòng trước; chỉ nhập khi mọi dòng đều đúng, tất cả hoặc không dòng nào.",
        "Paste a table from Excel or a CSV file (its first line names the columns). Every line is shown first; it is entered only if all are right, and then all of it or nothing.";
    import_agencies: "Cơ quan, đơn vị", "Agencies";
    import_posts: "Chức vụ", "Posts";
    import_roles: "Quyền quản trị", "Roles";
    import_columns_needed(names: &str): "Cột phải có: {names}.", "Columns that are needed: {names}.";
    import_columns_further(names: &str): "Cột có thể thêm: {names}.", "Columns that may be there: {names}.";
    import_hint_agencies: "cap_tren là mã cơ quan cấp trên; “-” là không có cấp trên; để trống là giữ nguyên. Bảng không xóa cơ quan nào.",
        "parent is the code of the agency above; “-” is none; empty leaves it as it is. A table removes no agency.";
    import_hint_posts: "Ghi “x” ở cột ket_thuc để kết thúc một chức vụ đã nhập. Chức vụ theo hệ thống thư không bị thay đổi.",
        "An “x” in the column end ends a post that was entered. Posts that the mail systems tell are not changed.";
    import_hint_roles: "vai_tro: agency, help-desk hoặc auditor; ngay_cuoi: ngày cuối (31/12/2026). Quyền trên toàn thành phố, hoặc trên phạm vi rộng gần như vậy, phải giao riêng, vì cần người thứ hai.",
        "role: agency, help-desk or auditor; until: the last day (31/12/2026). A role over the whole city, or one nearly as wide, is granted by itself, because it needs a second person.";
    import_table: "Bảng", "Table";
    import_look: "Xem trước", "Look at it";
    import_line: "Dòng", "Line";
    import_counts(does: &str, same: &str, wrong: &str): "{does} dòng có thay đổi, {same} dòng giữ nguyên, {wrong} dòng sai.", "{does} lines change something, {same} change nothing, {wrong} are wrong.";
    import_enter(number: &str): "Nhập {number} dòng", "Enter {number} lines";
    import_mend: "Hãy sửa các dòng sai trong bảng rồi xem lại.", "Mend the wrong lines in the table and look again.";
    import_nothing: "Không có gì thay đổi.", "Nothing would change.";
    import_changed: "Có thay đổi từ lúc xem trước. Hãy xem lại rồi nhập.", "Something has changed since you looked. Look again, then enter it.";
    import_done(number: &str): "Đã nhập {number} dòng.", "{number} lines were entered.";
    import_new: "Mới", "New";
    import_ends: "Kết thúc", "Ends";
    import_same: "Giữ nguyên", "As it is";
    import_changes(before: &str): "Thay đổi; trước đây: {before}", "Changes; before: {before}";
    wrong_no_table: "Không đọc được bảng, hoặc bảng lớn hơn 256 kB.", "The table cannot be read, or is larger than 256 kB.";
    wrong_column(name: &str): "Thiếu cột {name}.", "The column {name} is missing.";
    wrong_empty: "Bảng không có dòng nào.", "The table has no line.";
    wrong_too_many: "Bảng có quá 2.000 dòng.", "The table has more than 2,000 lines.";
    wrong_missing(name: &str): "Thiếu {name}", "{name} is missing";
    wrong_too_long(name: &str): "{name} dài quá 200 ký tự", "{name} is longer than 200 characters";
    wrong_twice: "Trùng với một dòng trên", "The same as a line above";
    wrong_code: "Mã chỉ gồm chữ thường không dấu, số và dấu gạch nối", "A code has small letters, digits and hyphens only";
    wrong_no_account: "Không có người nào với địa chỉ này", "Nobody has this address";
    wrong_no_agency: "Không có cơ quan với mã này", "No agency has this code";
    wrong_former: "Mã này trước đây là của cơ quan khác", "Another agency had this code before";
    wrong_renamed: "Cơ quan đang có tên khác; đổi tên ở mục Sắp xếp cơ quan", "The agency has another name; rename it under Reorganising";
    wrong_merged: "Cơ quan đã sáp nhập vào cơ quan khác", "The agency is part of another one by now";
    wrong_circle: "Cơ quan không thể nằm dưới chính nó", "An agency does not lie below itself";
    wrong_role: "Không có vai trò này cho một cơ quan", "There is no such role over an agency";
    wrong_day: "Ngày chưa đúng, đã qua, hoặc quá năm năm", "No day, or one that is past or more than five years away";
    wrong_not_in_office: "Tài khoản bị khóa, đã thu hồi, hoặc không phải của một người", "The account is locked, withdrawn, or no person’s";
    wrong_oneself: "Không ai tự thay đổi quyền của mình", "Nobody changes their own roles";
    wrong_wide: "Vai trò trên phạm vi quá rộng, cần người thứ hai: hãy thực hiện riêng", "The role becomes so wide that it needs a second person: granted or moved by itself";
    wrong_wide_applications(names: &str): "Quyền riêng của ứng dụng {names} trên phạm vi quá rộng, cần người thứ hai: hãy thực hiện riêng", "What {names} may do in its own name becomes so wide that it needs a second person: moved by itself";
    wrong_no_post: "Không có chức vụ này để kết thúc", "There is no such post to end";
}

impl Lang {
    /// What a table holds.
    pub const fn import_of(self, table: Table) -> &'static str {
        match table {
            Table::Agencies => self.import_agencies(),
            Table::Posts => self.import_posts(),
            Table::Roles => self.import_roles(),
        }
    }

    /// How a table is written.
    pub const fn import_hint(self, table: Table) -> &'static str {
        match table {
            Table::Agencies => self.import_hint_agencies(),
            Table::Posts => self.import_hint_posts(),
            Table::Roles => self.import_hint_roles(),
        }
    }

    /// A column as it is named to people; both names are read.
    fn import_column(self, name: &str) -> String {
        match self {
            Self::Vi => format!("{} ({name})", vietnamese(name)),
            Self::En => name.to_owned(),
        }
    }

    /// Columns one after the other.
    pub fn import_columns(self, names: &[&str]) -> String {
        names.iter().map(|name| self.import_column(name)).collect::<Vec<_>>().join(", ")
    }

    /// A table by its code in the audit.
    pub(super) fn table_in_words(self, code: &str) -> &str {
        Table::from_code(code).map_or(code, |table| self.import_of(table))
    }

    /// What a line would do.
    pub fn import_does(self, effect: &Effect) -> String {
        match effect {
            Effect::New => self.import_new().to_owned(),
            Effect::Changes(before) => self.import_changes(before),
            Effect::Ends => self.import_ends().to_owned(),
            Effect::Same => self.import_same().to_owned(),
            Effect::Wrong(fault) => self.import_fault(fault),
        }
    }

    /// What is wrong.
    pub fn import_fault(self, fault: &Fault) -> String {
        match fault {
            Fault::NoTable => self.wrong_no_table(),
            Fault::Column(name) => return self.wrong_column(&self.import_column(name)),
            Fault::Empty => self.wrong_empty(),
            Fault::TooMany => self.wrong_too_many(),
            Fault::Missing(name) => return self.wrong_missing(&self.import_column(name)),
            Fault::TooLong(name) => return self.wrong_too_long(&self.import_column(name)),
            Fault::Twice => self.wrong_twice(),
            Fault::Code => self.wrong_code(),
            Fault::NoAccount => self.wrong_no_account(),
            Fault::NoAgency => self.wrong_no_agency(),
            Fault::Former => self.wrong_former(),
            Fault::Renamed => self.wrong_renamed(),
            Fault::Merged => self.wrong_merged(),
            Fault::Circle => self.wrong_circle(),
            Fault::Role => self.wrong_role(),
            Fault::Day => self.wrong_day(),
            Fault::NotInOffice => self.wrong_not_in_office(),
            Fault::Oneself => self.wrong_oneself(),
            Fault::NoPost => self.wrong_no_post(),
            Fault::Wide => self.wrong_wide(),
            Fault::WideApplications(names) => return self.wrong_wide_applications(names),
        }
        .to_owned()
    }
}
