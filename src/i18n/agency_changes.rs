//! Words of reorganisations: agencies renamed, merged, split, moved in the tree.

use super::Lang;
use crate::domain::audit::Act;
use crate::domain::reorganisation::{Kind, Stage};

words! {
    changes_title: "Sắp xếp cơ quan", "Reorganisation";
    changes_lead: "Đổi tên, sáp nhập, tách cơ quan hoặc đổi cơ quan cấp trên, có hiệu lực từ một ngày. Xem trước ai chuyển đi đâu; đến ngày đó hệ thống tự thực hiện và có thể hoàn tác. Mã định danh của từng người (sub) không đổi.",
        "Rename, merge, split or move agencies on a day. Look first at who goes where; on the day it is done, and it can be taken back. Everybody keeps their identifier (sub).";
    changes_latest: "Các lần sắp xếp", "Reorganisations";
    changes_none: "Chưa có lần sắp xếp nào.", "There are none yet.";
    changes_new: "Lập phương án mới", "Draw one up";
    changes_back: "Về danh sách sắp xếp", "Back to the reorganisations";
    change_rename: "Đổi tên cơ quan", "Rename an agency";
    change_merge: "Sáp nhập cơ quan", "Merge agencies";
    change_split: "Tách cơ quan", "Split an agency";
    change_move: "Đổi cơ quan cấp trên", "Move an agency";
    change_under: "Cơ quan cấp trên từ ngày hiệu lực", "From that day on below";
    change_under_hint: "Mọi đơn vị trực thuộc chuyển theo. Không tài khoản nào đổi cơ quan.", "Everything below it comes along. No account changes its agency.";
    change_circle: "Không thể đặt một cơ quan dưới chính nó.", "An agency cannot lie below itself.";
    change_which: "Cơ quan", "Agency";
    change_into: "Cơ quan nhận sáp nhập", "The agency that stays";
    change_from: "Cơ quan bị tách", "The agency that is split";
    change_merged: "Các cơ quan được sáp nhập", "The agencies that become part of it";
    change_name_new: "Tên mới", "New name";
    change_name_keep: "Để trống nếu giữ tên hiện nay.", "Leave empty to keep the name.";
    change_code_new: "Mã mới", "New code";
    change_code_keep: "Chữ thường không dấu, chữ số, dấu gạch nối. Để trống nếu giữ mã hiện nay; các ứng dụng nhận ra cơ quan theo mã.",
        "Small letters, digits, hyphens. Leave empty to keep the code; applications know the agency by it.";
    change_code_made: "Chữ thường không dấu, chữ số, dấu gạch nối. Để trống thì mã được tạo từ tên.", "Small letters, digits, hyphens. Left empty, it is made of the name.";
    change_addresses: "Địa chỉ thư của những người chuyển sang", "Mail addresses of whoever goes";
    change_addresses_hint: "Mỗi dòng một địa chỉ, hoặc cách nhau bằng dấu phẩy.", "One on each line, or between commas.";
    change_post: "Và mọi người có chức vụ chứa các từ", "And everybody whose post has these words";
    change_post_hint: "Ví dụ tên phòng: Phòng Chuyển đổi số. Không phân biệt dấu và chữ hoa.", "For example a department. Marks and case do not matter.";
    change_day: "Ngày hiệu lực", "Takes effect on";
    change_day_hint: "Nếu chọn hôm nay, hệ thống thực hiện ngay sau khi xác nhận.", "Today: it is done as soon as it is confirmed.";
    change_days: "Số ngày tiếp tục cung cấp mã cũ", "Days for which the old code is told";
    change_days_hint: "Trong thời gian này các ứng dụng còn nhận mã cũ (agency_code_former).", "For so long applications are told the old code (agency_code_former).";
    change_roles: "Vai trò quản trị của các cơ quan được sáp nhập", "Roles over the agencies that are merged";
    change_roles_end: "Kết thúc", "They end";
    change_roles_carry: "Chuyển sang cơ quan nhận sáp nhập", "They go on over the agency that stays";
    change_preview: "Xem trước", "Look first";
    change_no_agency: "Hãy chọn cơ quan trong danh sách; không thể sáp nhập một cơ quan vào chính nó.", "Choose agencies of the list; one is not merged into itself.";
    change_bad_code: "Mã chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối.", "A code is of small letters, digits and hyphens.";
    change_code_taken(code: &str): "Mã {code} đang hoặc đã từng là mã của cơ quan khác.", "Another agency has or had the code {code}.";
    change_no_name: "Hãy ghi tên cơ quan mới, tối đa 200 ký tự.", "Name the new agency, in at most 200 characters.";
    change_name_taken(name: &str): "Đã có cơ quan mang tên {name}.", "There is an agency called {name}.";
    change_nothing: "Không có gì thay đổi.", "Nothing would change.";
    change_no_day: "Ngày hiệu lực phải trong khoảng từ hôm nay đến một năm tới.", "The day is today or within a year.";
    change_bad_days: "Số ngày tiếp tục cung cấp mã cũ không hợp lệ.", "The number of days cannot be used.";
    change_strangers(who: &str): "Không phải tài khoản của cơ quan này: {who}", "Not of this agency: {who}";
    change_nobody: "Không có ai chuyển sang.", "Nobody would go.";
    change_too_many: "Quá nhiều tài khoản cho một lần.", "Too many accounts at once.";
    change_gone: "Phương án này không còn thực hiện được: đã quá hạn, đã xử lý, hoặc cơ quan đã thay đổi. Hãy lập phương án mới.",
        "This cannot be done any more: it is too old, was dealt with, or the agencies have changed. Draw up a new one.";
    change_later: "Các cơ quan này đã thay đổi sau đó. Hãy hoàn tác lần sắp xếp sau cùng trước.", "Something else has happened to these agencies since. Take that back first.";
    change_before: "Trước", "Before";
    change_after: "Sau", "After";
    change_on_day(day: &str): "Hiệu lực từ {day}.", "Takes effect on {day}.";
    change_told_until(days: &str): "Mã cũ được cung cấp thêm {days} ngày.", "The old code is told for {days} more days.";
    change_moving: "Tài khoản chuyển cơ quan", "Who goes where";
    change_moving_number(number: &str): "{number} tài khoản chuyển sang cơ quan khác.", "{number} accounts come to another agency.";
    change_moving_none: "Không tài khoản nào chuyển: mọi người ở lại cơ quan của mình.", "No account moves: everybody stays in the agency.";
    change_moving_branch(number: &str): "Nhánh này có {number} tài khoản; không ai đổi cơ quan.", "{number} accounts are of this branch; nobody changes their agency.";
    change_lies_below(name: &str): "Trực thuộc {name}", "Below {name}";
    change_first(number: &str): "{number} người đầu tiên theo tên:", "The first {number} by name:";
    change_roles_title: "Vai trò quản trị", "Roles";
    change_roles_none: "Không ai giữ vai trò riêng trên các cơ quan này.", "Nobody holds a role over these agencies alone.";
    change_role_carried: "Chuyển sang cơ quan nhận", "Goes on over the agency that stays";
    change_role_ends: "Kết thúc", "Ends";
    change_role_stays: "Giữ nguyên", "Stays";
    change_role_gains(number: &str): "Thêm quyền trên {number} tài khoản", "Gains reach over {number} accounts";
    change_role_loses(number: &str): "Mất quyền trên {number} tài khoản", "Loses reach over {number} accounts";
    change_role_returns: "Có hiệu lực trở lại như trước", "Is again what it was before";
    change_roles_back: "Vai trò quản trị nếu hoàn tác", "Roles, if it is taken back";
    change_else: "Nội dung kèm theo", "What goes with it";
    change_below_goes(name: &str): "{name}: chuyển về trực thuộc cơ quan nhận sáp nhập.", "{name}: comes below the agency that stays.";
    change_comes_along(name: &str): "{name}: chuyển theo, giữ nguyên vị trí trong nhánh.", "{name}: comes along, in its place of the branch.";
    change_move_stays: "Giữ nguyên: tên và mã cơ quan, cơ quan và mã định danh (sub) của từng người, các vai trò trong nhánh.",
        "What stays: names and codes of agencies, everybody's agency and identifier (sub), the roles within the branch.";
    change_move_contact: "Cơ quan không có liên hệ riêng: cán bộ bị khóa tài khoản được hướng dẫn đến nơi liên hệ của cơ quan cấp trên mới, hoặc của thành phố.",
        "It has no contact of its own: locked staff are told the one of the new agency above, or the city's.";
    change_texts: "Tên gọi trong hai hệ thống thư", "As the mail systems call them";
    change_texts_note: "Khi hai hệ thống thư còn ghi tên cũ, các lần đồng bộ vẫn theo cách sắp xếp mới, không chuyển ai về cơ quan cũ.",
        "As long as the mail systems write the old names, a synchronisation follows the reorganisation and moves nobody back.";
    change_text(system: &str, text: &str, number: &str): "{system}: {text} ({number} hộp thư)", "{system}: {text} ({number} mailboxes)";
    change_contact(name: &str): "{name} có liên hệ riêng cho cán bộ.", "{name} has a contact of its own for its staff.";
    change_stage(name: &str, rule: &str, before: &str, after: &str): "{name} – {rule}: {before} → {after}. Không ai quá hạn ngay khi chuyển: mỗi người có ít nhất trọn một thời hạn mới.",
        "{name} – {rule}: {before} → {after}. Nobody is overdue the moment they come: each has at least a fresh term.";
    change_confirm: "Xác nhận", "Confirm";
    change_needs_second: "Việc này cần người thứ hai duyệt (Chờ duyệt).", "This needs a second person (Approvals).";
    change_type_number(number: &str): "Nhập số lượng tài khoản chuyển sang ({number}) để xác nhận", "Type the number of accounts that move ({number})";
    change_type_branch(number: &str): "Nhập số lượng tài khoản trong nhánh ({number}) để xác nhận", "Type the number of accounts in the branch ({number})";
    change_fits_not: "Cơ quan đã thay đổi từ khi lập phương án.", "The agencies have changed since this was drawn up.";
    change_waits(day: &str): "Đã xác nhận; hệ thống thực hiện vào {day}.", "Confirmed; it is done on {day}.";
    change_progress(done: &str, total: &str): "{done} trên {total} tài khoản", "{done} of {total} accounts";
    change_was_done(number: &str): "Đã xong: {number} tài khoản đã chuyển.", "Done: {number} accounts were moved.";
    change_was_undone(number: &str): "Đã hoàn tác: {number} tài khoản trở về cơ quan cũ.", "Taken back: {number} accounts are in their agency again.";
    change_was_moved: "Đã xong: cơ quan và các đơn vị trực thuộc đã chuyển.", "Done: the agency was moved, with everything below it.";
    change_was_moved_back: "Đã hoàn tác: cơ quan trở về vị trí cũ.", "Taken back: the agency lies where it lay.";
    change_left(number: &str): "{number} tài khoản được giữ nguyên vì đã thuộc cơ quan khác", "{number} accounts were left alone: they are of another agency by now";
    change_withdraw: "Hủy phương án", "Take it back";
    change_undo: "Hoàn tác", "Take it back";
    change_undo_note: "Các cơ quan trở lại như trước; người đã chuyển được đưa về cơ quan cũ, trừ người sau đó đã sang cơ quan khác. Vai trò và đơn vị trực thuộc cũng trở lại, trừ những gì đã thay đổi sau đó.",
        "The agencies are again what they were; whoever was moved goes back, but for those who are of another agency by now. So do roles and agencies below, but for what was changed since.";
    change_undo_move_note: "Cơ quan trở về vị trí cũ cùng các đơn vị trực thuộc. Không thực hiện được nếu sau đó cơ quan đã chuyển tiếp, hoặc cơ quan cấp trên cũ không còn.",
        "The agency lies again where it lay, with everything below it. That is not possible if it was moved on since, or if the agency above it is no more.";
    change_stage_draft: "Bản nháp", "Draft";
    change_stage_planned: "Chờ đến ngày hiệu lực", "Waits for its day";
    change_stage_running: "Đang thực hiện", "Under way";
    change_stage_done: "Đã xong", "Done";
    change_stage_undoing: "Đang hoàn tác", "Being taken back";
    change_stage_undone: "Đã hoàn tác", "Taken back";
    change_stage_withdrawn: "Đã hủy", "Withdrawn";
    change_stage_stopped: "Không thực hiện được: cơ quan đã thay đổi", "Not done: the agencies had changed";
    change_stage_orphaned: "Chưa thực hiện: cần người khác xác nhận", "Not done: somebody else must confirm it";
    change_orphaned(who: &str): "{who} đã xác nhận phương án này, nhưng đến ngày hiệu lực không còn giữ vai trò quản trị toàn thành phố. Chưa có gì thay đổi. Hãy xem lại rồi tiếp nhận, hoặc hủy phương án.",
        "{who} confirmed this, but administered the city no more when its day came. Nothing was changed. Look at it and take it over, or withdraw it.";
    change_take_over: "Tiếp nhận và xác nhận", "Take over and confirm";
    change_orphaned_waits(number: &str): "{number} phương án đến ngày mà người xác nhận không còn giữ vai trò.", "{number} whose day has come, and whoever confirmed it holds the role no more.";
    act_agency_change_planned(who: &str): "{who} xác nhận một phương án sắp xếp cơ quan.", "{who} confirmed a reorganisation of agencies.";
    act_agency_change_withdrawn(who: &str): "{who} hủy một phương án sắp xếp cơ quan.", "{who} withdrew a reorganisation of agencies.";
    act_agency_change_stopped(who: &str): "{who} không thực hiện một phương án sắp xếp: cơ quan đã thay đổi, hoặc người xác nhận không còn giữ vai trò.",
        "{who} did not carry out a reorganisation: the agencies had changed, or whoever confirmed it held the role no more.";
    act_agencies_reorganised(who: &str): "{who} đổi tên, sáp nhập, tách cơ quan hoặc đổi cơ quan cấp trên.", "{who} renamed, merged, split or moved agencies.";
    act_agency_change_undone(who: &str): "{who} hoàn tác một lần sắp xếp cơ quan.", "{who} took a reorganisation of agencies back.";
    act_account_reassigned(who: &str): "{who} chuyển tài khoản sang cơ quan khác khi sắp xếp cơ quan.", "{who} moved the account to another agency with a reorganisation.";
}

impl Lang {
    /// What a reorganisation does.
    #[must_use]
    pub const fn change_kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Rename => self.change_rename(),
            Kind::Merge => self.change_merge(),
            Kind::Split => self.change_split(),
            Kind::Move => self.change_move(),
        }
    }

    /// How far a reorganisation is.
    #[must_use]
    pub const fn change_stage_of(self, stage: Stage) -> &'static str {
        match stage {
            Stage::Draft => self.change_stage_draft(),
            Stage::Planned => self.change_stage_planned(),
            Stage::Running => self.change_stage_running(),
            Stage::Done => self.change_stage_done(),
            Stage::Undoing => self.change_stage_undoing(),
            Stage::Undone => self.change_stage_undone(),
            Stage::Withdrawn => self.change_stage_withdrawn(),
            Stage::Stopped => self.change_stage_stopped(),
            Stage::Orphaned => self.change_stage_orphaned(),
        }
    }

    /// An act of a reorganisation as a sentence.
    pub(super) fn act_of_agencies(self, act: Act, who: &str) -> String {
        match act {
            Act::AgencyChangePlanned => self.act_agency_change_planned(who),
            Act::AgencyChangeWithdrawn => self.act_agency_change_withdrawn(who),
            Act::AgencyChangeStopped => self.act_agency_change_stopped(who),
            Act::AgenciesReorganised => self.act_agencies_reorganised(who),
            Act::AgencyChangeUndone => self.act_agency_change_undone(who),
            _ => self.act_account_reassigned(who),
        }
    }
}
