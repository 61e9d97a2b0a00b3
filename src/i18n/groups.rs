//! Words of the console's pages of groups.

use super::Lang;
use crate::domain::group::{Effect, Fault};

words! {
    groups_menu: "Nhóm người dùng", "Groups";
    groups_title: "Nhóm người dùng", "Groups of people";
    groups_lead: "Nhóm gồm người của nhiều cơ quan. Ứng dụng có thể chỉ dành cho một số cơ quan và nhóm: ai vào nhóm thì vào được ứng dụng ngay, ai ra khỏi nhóm thì không vào được nữa.",
        "A group has people of several agencies. An application can be for some agencies and groups only: whoever comes into a group enters at once, and whoever leaves it enters no more.";
    groups_none: "Chưa có nhóm nào.", "There is no group yet.";
    group_word: "Nhóm", "Group";
    group_size: "Số người", "People";
    group_users: "Ứng dụng dành cho nhóm", "Applications for it";
    group_no_users: "Chưa có ứng dụng nào dành cho nhóm này.", "No application is for it.";
    group_users_hint: "Chọn nhóm cho ứng dụng ở trang sửa đăng ký của ứng dụng.", "Which groups an application is for is chosen where its registration is changed.";
    group_make: "Lập nhóm", "Make a group";
    group_code: "Mã nhóm", "Its code";
    group_code_hint: "Chữ thường không dấu, số và dấu gạch nối; không đổi được về sau. Ví dụ: to-chuyen-doi-so.", "Small letters, digits and hyphens; it stays. For example: to-chuyen-doi-so.";
    group_name: "Tên nhóm", "Its name";
    group_rename: "Đổi tên", "Rename";
    group_members: "Người trong nhóm", "Who is in it";
    group_members_search: "Tên hoặc địa chỉ", "Name or address";
    group_counted(number: &str): "{number} người.", "{number} people.";
    group_nobody: "Chưa có ai trong nhóm.", "Nobody is in it yet.";
    group_nobody_found: "Không có ai như vậy trong nhóm.", "Nobody in it is like that.";
    group_from_start: "Về đầu danh sách", "From the beginning";
    group_leave: "Đưa ra khỏi nhóm", "Take out";
    group_leave_note: "Người này không vào được nữa các ứng dụng chỉ dành cho nhóm; những gì ứng dụng đã được cấp cũng hết hiệu lực.", "They enter the applications that are for the group only no more; what these were given opens nothing.";
    group_join: "Thêm người", "Take people in";
    group_list: "Địa chỉ thư", "Mail addresses";
    group_list_hint(most: &str): "Mỗi dòng một địa chỉ, hoặc dán cả cột từ bảng tính; phần trước @ cũng được. Nhiều nhất {most} địa chỉ một lần.", "One a line, or a whole column of a spreadsheet; what stands before the @ is enough. At most {most} at a time.";
    group_look: "Xem trước", "Look at it";
    group_looked: "Danh sách đã dán", "The pasted list";
    group_look_counts(joins: &str, same: &str, wrong: &str): "{joins} người sẽ được thêm, {same} người đã ở trong nhóm, {wrong} dòng sai.", "{joins} people come in, {same} are in it already, {wrong} entries are wrong.";
    group_look_mend: "Hãy sửa các địa chỉ sai rồi xem lại; khi còn dòng sai thì chưa ai được thêm.", "Mend the wrong addresses and look again; while one is wrong, nobody is taken in.";
    group_look_nothing: "Mọi người trong danh sách đã ở trong nhóm.", "Everybody of the list is in it already.";
    group_join_all(number: &str): "Thêm {number} người", "Take {number} people in";
    group_joins: "Sẽ được thêm", "Comes in";
    group_same: "Đã ở trong nhóm", "Is in it";
    group_no_address: "Không phải địa chỉ thư", "No mail address";
    group_no_account: "Không có tài khoản với địa chỉ này", "Nobody has this address";
    group_withdrawn: "Tài khoản đã thu hồi", "The account was withdrawn";
    group_twice: "Trùng với một dòng trên", "The same as one above";
    group_dissolve: "Giải thể nhóm", "Dissolve it";
    group_dissolve_note: "Nhóm và danh sách người trong nhóm bị xóa, không khôi phục được. Tài khoản của mọi người vẫn giữ nguyên.", "The group and the list of its people are removed for ever. Nobody’s account changes.";
    group_in_use: "Đang có ứng dụng dành cho nhóm này: hãy chọn đối tượng khác cho các ứng dụng đó trước khi giải thể nhóm.", "Applications are for this group: give them another audience before it is dissolved.";
    group_made: "Đã lập nhóm. Hãy thêm người vào nhóm.", "The group is made. Take people in.";
    group_renamed: "Đã đổi tên nhóm.", "The group has another name.";
    group_joined(number: &str): "Đã thêm {number} người vào nhóm.", "{number} people were taken in.";
    group_left: "Đã đưa người này ra khỏi nhóm.", "They were taken out.";
    group_dissolved: "Đã giải thể nhóm.", "The group is dissolved.";
    group_bad_code: "Mã nhóm chỉ gồm chữ thường không dấu, số và dấu gạch nối, nhiều nhất 60 ký tự.", "A code has small letters, digits and hyphens between them, 60 at most.";
    group_bad_name: "Tên nhóm có từ 1 đến 200 ký tự.", "A name has 1 to 200 characters.";
    group_taken(code: &str): "Đã có nhóm với mã {code}.", "There is a group {code} already.";
    group_wrong_amount(most: &str): "Danh sách phải có từ 1 đến {most} địa chỉ.", "A list has 1 to {most} addresses.";
    group_conflict: "Nhóm đã thay đổi từ lúc xem; chưa có gì được thực hiện. Dưới đây là nhóm hiện nay, hãy xem lại rồi làm lại.", "The group was changed since you looked, and nothing was done. Below it is as it is now: look, and do it again.";
}

impl Lang {
    /// What an entry of a list of people would do.
    pub const fn group_effect(self, effect: Effect) -> &'static str {
        match effect {
            Effect::Joins => self.group_joins(),
            Effect::Same => self.group_same(),
            Effect::Wrong(Fault::NoAddress) => self.group_no_address(),
            Effect::Wrong(Fault::NoAccount) => self.group_no_account(),
            Effect::Wrong(Fault::Withdrawn) => self.group_withdrawn(),
            Effect::Wrong(Fault::Twice) => self.group_twice(),
        }
    }
}
