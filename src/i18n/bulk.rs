//! Words of acts over many accounts.

use super::Lang;
use crate::domain::bulk::BulkAct;

words! {
    bulk_panel: "Thao tác hàng loạt", "Many at once";
    bulk_what: "Thao tác", "What";
    bulk_whom_label: "Với", "With";
    bulk_chosen_ones: "Các tài khoản đã đánh dấu trên trang này", "The accounts ticked on this page";
    bulk_whole_list(number: &str): "Cả danh sách này ({number} tài khoản, mọi trang)", "This whole list ({number} accounts, every page)";
    bulk_preview: "Xem trước", "Look first";
    bulk_reset_chosen: "Đặt lại mật khẩu và in phiếu…", "Reset passwords and print slips…";
    bulk_panel_note: "Chưa có gì thay đổi khi xem trước. Đặt lại mật khẩu: tối đa 50 tài khoản đã đánh dấu.",
        "Looking changes nothing. Resets: at most 50 ticked accounts.";
    bulk_lock: "Khóa nhiều tài khoản", "Lock many accounts";
    bulk_unlock: "Mở khóa nhiều tài khoản", "Unlock many accounts";
    bulk_demand: "Yêu cầu đổi mật khẩu", "Demand a new password";
    bulk_lock_these(number: &str): "Khóa {number} tài khoản", "Lock {number}";
    bulk_demand_of_these(number: &str): "Yêu cầu {number} tài khoản đổi mật khẩu", "Demand new passwords of {number}";
    bulk_lock_note: "Mọi phiên kết thúc ngay, các hệ thống được báo, hộp thư bị khóa theo. Dữ liệu hộp thư không bị xóa.",
        "Every session ends at once, the applications are told, and the mailboxes are locked too. No data in them is deleted.";
    bulk_unlock_note: "Mỗi người phải đặt mật khẩu mới trong hạn mới. Chỉ mở khóa khi đã rõ vì sao bị khóa.",
        "Each person must set a new password within a fresh term. Unlock only when it is clear why they were locked.";
    bulk_demand_note: "Mọi phiên kết thúc; lần đăng nhập sau phải đặt mật khẩu mới. Dùng khi nghi mật khẩu đã lộ.",
        "Every session ends; the next sign-in asks for a new password. For passwords that may be in wrong hands.";
    bulk_concerns(number: &str): "{number} tài khoản sẽ được xử lý.", "{number} accounts are concerned.";
    bulk_concerns_nobody: "Không có tài khoản nào phù hợp với thao tác này (tài khoản đang dùng để quản trị luôn được bỏ qua).",
        "This fits no account on the list (your own account is always left out).";
    bulk_too_many(chosen: &str, most: &str): "Tối đa {chosen} tài khoản đã đánh dấu, hoặc {most} tài khoản của một danh sách. Hãy thu hẹp.",
        "At most {chosen} ticked accounts, or {most} of a list. Narrow it down.";
    bulk_by_agency: "Theo cơ quan", "By agency";
    bulk_by_state: "Theo trạng thái hiện tại", "By present state";
    bulk_other_agencies: "Các cơ quan khác", "Other agencies";
    bulk_number_differs: "Số đã nhập không khớp với số lượng tài khoản. Chưa có gì thay đổi.", "The number you typed is not the number of accounts. Nothing was changed.";
    bulk_gone: "Danh sách này đã được thực hiện hoặc quá cũ. Hãy lập lại từ danh sách tài khoản.",
        "This was begun already, or is too old. Draw it up again from the list of accounts.";
    bulk_progress(dealt: &str, total: &str): "Đã xử lý {dealt} trong {total} tài khoản.", "{dealt} of {total} accounts dealt with.";
    bulk_progress_title: "Đang thực hiện", "Under way";
    bulk_was_done(number: &str): "Đã thực hiện với {number} tài khoản.", "Done with {number} accounts.";
    bulk_was_undone(number: &str): "Đã hoàn tác với {number} tài khoản.", "Taken back with {number} accounts.";
    bulk_left_alone(number: &str): "{number} tài khoản giữ nguyên vì đã thay đổi hoặc không còn thuộc quyền xử lý", "{number} accounts were left alone: they had changed, or may not be dealt with any more";
    bulk_follow: "Các hệ thống thư thực hiện theo trong vài phút tới; trang của từng tài khoản cho biết tình trạng.",
        "The mail systems follow within minutes; each account’s page shows how far they are.";
    bulk_not_dealt_with(number: &str): "{number} tài khoản chưa được xử lý: vai trò của người thực hiện đã kết thúc.",
        "{number} accounts were not dealt with: the role of whoever started it has ended.";
    bulk_needs_second: "Số lượng tài khoản này cần người thứ hai duyệt: khi xác nhận, đề nghị được gửi vào mục Chờ duyệt.",
        "So many accounts need a second person: confirming puts the request under Approvals.";
    bulk_list_title: "Các thao tác hàng loạt", "Acts over many accounts";
    bulk_list_lead: "Danh sách mới được lập từ", "A new one is drawn up from";
    bulk_list_from: "trang Tài khoản", "the list of accounts";
    bulk_list_empty: "Chưa có thao tác hàng loạt nào.", "None yet.";
    bulk_state_draft: "Đang xem trước", "Being looked at";
    bulk_state_running: "Đang thực hiện", "Under way";
    bulk_state_done: "Đã thực hiện", "Done";
    bulk_state_undoing: "Đang hoàn tác", "Being taken back";
    bulk_state_undone: "Đã hoàn tác", "Taken back";
    bulk_undo: "Hoàn tác", "Take it back";
    bulk_undo_note: "Trạng thái trước đó được đặt lại cho các tài khoản chưa ai thay đổi từ lúc đó. Phiên đã kết thúc không mở lại.",
        "The state before is put back for accounts that nobody has changed since. Ended sessions stay ended.";
}

impl Lang {
    /// What is done, as a heading.
    #[must_use]
    pub const fn bulk_act(self, act: BulkAct) -> &'static str {
        match act {
            BulkAct::Lock => self.bulk_lock(),
            BulkAct::Unlock => self.bulk_unlock(),
            BulkAct::DemandChange => self.bulk_demand(),
        }
    }

    /// The same with the number of accounts, on the button that does it.
    #[must_use]
    pub fn bulk_act_on(self, act: BulkAct, number: &str) -> String {
        match act {
            BulkAct::Lock => self.bulk_lock_these(number),
            BulkAct::Unlock => self.bulk_do(number),
            BulkAct::DemandChange => self.bulk_demand_of_these(number),
        }
    }

    /// What that means.
    #[must_use]
    pub const fn bulk_act_note(self, act: BulkAct) -> &'static str {
        match act {
            BulkAct::Lock => self.bulk_lock_note(),
            BulkAct::Unlock => self.bulk_unlock_note(),
            BulkAct::DemandChange => self.bulk_demand_note(),
        }
    }
}
