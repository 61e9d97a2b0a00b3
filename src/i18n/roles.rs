//! Words of the roles: what they are called, what each may do, granting and taking back.

use super::Lang;
use crate::domain::admin::{Right, Role};

words! {
    role_city: "Quản trị viên thành phố", "City administrator";
    role_security: "Cán bộ an ninh mạng", "Security officer";
    role_agency: "Quản trị viên cơ quan", "Agency administrator";
    role_help_desk: "Bộ phận hỗ trợ", "Help desk";
    role_auditor: "Cán bộ kiểm tra", "Auditor";

    // Lines of the audit.
    act_role_ended(who: &str): "{who} kết thúc vai trò quản trị: hết hạn, hoặc người giữ đã bị khóa hay thôi việc.",
        "{who} ended the administrator role: its day was over, or its holder was locked or left.";
    act_right_refused(who: &str): "{who} yêu cầu một việc mà vai trò không cho phép; yêu cầu bị từ chối.",
        "{who} asked for something that the role does not allow, and was refused.";
    act_out_of_reach(who: &str): "{who} yêu cầu một mục không có trong phạm vi quản trị.",
        "{who} asked for something that does not exist within reach.";
    act_agency_moved(who: &str): "{who} thay đổi vị trí của một cơ quan trong cây cơ quan.", "{who} moved an agency in the tree of agencies.";

    // The role in which one acts.
    my_role: "Vai trò của tôi", "My role";
    my_role_lead: "Mỗi lúc chỉ làm việc với một vai trò. Khi một yêu cầu bị từ chối, nhật ký ghi lại vai trò đang dùng.",
        "One acts in one role at a time. The log names it when a request is refused.";
    role_in_use: "Đang dùng", "In use";
    role_use: "Dùng vai trò này", "Act in this role";
    role_may: "Được làm", "May do";
    role_and_below: "và các đơn vị trực thuộc", "and the agencies below it";
    role_until(day: &str): "Đến hết {day}", "Until the end of {day}";
    role_given(what: &str): "Giao ngày {what}", "Granted on {what}";
    role_without_end: "Không thời hạn", "Without an end";

    // Who administers.
    administrators_title: "Quản trị viên", "Administrators";
    administrators_lead: "Ai giữ vai trò nào, ở đâu, đến khi nào. Việc giao vai trò trên toàn thành phố hoặc phạm vi tương đương cần người thứ hai duyệt.",
        "Who holds which role, where, until when. A role over the whole city, or nearly as wide, needs a second person's approval.";
    administrators_held: "Vai trò đang giữ", "Roles held now";
    role_grant: "Giao vai trò", "Grant a role";
    role_whose: "Địa chỉ thư của người được giao", "Mail address of the holder";
    role_which: "Vai trò", "Role";
    role_over: "Phạm vi", "Over";
    role_over_hint: "Quản trị viên cơ quan cần một cơ quan; quản trị viên thành phố và cán bộ an ninh mạng giữ vai trò toàn thành phố.",
        "An agency administrator needs an agency; city administrators and security officers hold theirs over the whole city.";
    role_last_day: "Ngày cuối (không bắt buộc)", "Last day (optional)";
    role_last_day_hint: "Người giữ vai trò được báo trước bằng thư.", "The holder is told by letter some days before.";
    role_granted: "Đã giao vai trò.", "The role is granted.";
    role_revoke: "Thu hồi", "Take back";
    role_revoked: "Đã thu hồi vai trò.", "The role is taken back.";
    role_no_account: "Không có tài khoản với địa chỉ này.", "There is no account with this address.";
    role_no_agency: "Hãy chọn một cơ quan có trong danh sách.", "Please choose an agency of the list.";
    role_choose: "Hãy chọn vai trò.", "Please choose a role.";
    role_no_day: "Ngày cuối phải từ hôm nay trở đi và không quá năm năm.", "The last day is today or later, and not more than five years away.";
    role_not_in_office: "Tài khoản này đang bị khóa hoặc đã thu hồi.", "This account is locked or withdrawn.";
    role_wrong_reach: "Vai trò này không giao được cho phạm vi đã chọn.", "This role is not held over what was chosen.";
    role_oneself: "Không ai tự giao hoặc tự thu hồi vai trò của mình.", "Nobody changes their own roles.";
    role_last: "Đây là quản trị viên thành phố cuối cùng.", "This is the last administrator of the city.";
    role_gone: "Vai trò này không còn hiệu lực.", "This role is not held any more.";
    deed_grant(who: &str, role: &str, over: &str): "{who}: {role}, {over}", "{who}: {role}, {over}";

    // The signing keys.
    keys_title: "Khóa ký", "Signing keys";
    key_since(moment: &str): "Từ {moment}", "Since {moment}";
    keys_lead: "Khóa mà hệ thống dùng để ký kết quả đăng nhập gửi cho các ứng dụng.", "The keys with which answers to the applications are signed.";
    keys_published: "Khóa đang công bố", "Published keys";
    keys_rotate: "Thay khóa ngay", "Turn the keys now";
    keys_rotate_note: "Khóa mới được công bố ngay và bắt đầu ký sau một giờ. Khóa cũ còn được nhận cho đến khi mọi kết quả đã ký hết hạn.",
        "A new key is announced at once and signs an hour later. The old one is good until everything signed with it has ended.";
    key_announced: "Đã công bố", "Announced";
    key_signing: "Đang ký", "Signs";
    key_retiring: "Đã ngừng ký", "Signs no more";

    // What may be done.
    right_enter: "Vào bảng điều hành", "Enter the console";
    right_see_accounts: "Xem tài khoản, lịch sử và dự báo", "See accounts, their history and the forecast";
    right_see_rules: "Xem quy định, lịch làm việc, đợt khóa chờ duyệt", "See the rules, the calendar and stopped runs";
    right_see_letters: "Xem tình hình gửi thư", "See how letters go";
    right_see_directories: "Xem đồng bộ và đối chiếu hai hệ thống thư", "See the synchronisation and both mail systems compared";
    right_see_decisions: "Xem các quyết định về hộp thư, cơ quan và nhóm người dùng", "See the decisions about mailboxes, agencies and groups";
    right_see_watch: "Xem chuyển thư tự động, dung lượng, lần dùng cuối", "See forwarding, quota and last use";
    right_see_incidents: "Xem sự cố do cán bộ báo", "See the incidents that staff have reported";
    right_export: "Xuất danh sách ra tập tin", "Take lists out as a file";
    right_see_audit: "Tra cứu nhật ký", "Search the audit";
    right_see_roles: "Xem ai giữ vai trò nào", "See who holds which role";
    right_see_keys: "Xem các khóa ký", "See the signing keys";
    right_see_applications: "Xem các ứng dụng", "See the applications";
    right_see_approvals: "Xem việc chờ người thứ hai duyệt", "See what waits for a second person";
    right_lock: "Khóa tài khoản", "Lock accounts";
    right_unlock: "Mở khóa tài khoản, bỏ tạm khóa", "Unlock accounts, lift pauses";
    right_reset_password: "Đặt lại mật khẩu", "Reset passwords";
    right_reset_factor: "Gỡ bước xác thực thứ hai bị mất", "Take a lost second factor away";
    right_end_sessions: "Kết thúc phiên đăng nhập của người khác", "End somebody's sessions";
    right_act_on_many: "Thao tác hàng loạt", "Act on many accounts";
    right_write_notes: "Ghi chú vào tài khoản", "Write notes on accounts";
    right_delegate: "Ủy quyền dùng hộp thư cơ quan", "Say who acts for an agency's mailbox";
    right_manage_agency: "Ghi liên hệ của cơ quan cho cán bộ", "Say whom the staff of an agency ask";
    right_review_access: "Xác nhận trong đợt rà soát quyền truy cập", "Say in an access review what is still needed";
    right_send_samples: "Gửi thư mẫu cho chính mình", "Send sample letters to oneself";
    right_enter_days: "Nhập ngày nghỉ, đề nghị bỏ ngày nghỉ", "Enter days off, ask to strike them";
    right_confirm_days: "Xác nhận hoặc bỏ ngày nghỉ", "Confirm or strike days off";
    right_synchronise: "Yêu cầu đồng bộ, duyệt lần đồng bộ bị giữ lại", "Start synchronisations, decide on held ones";
    right_decide_directories: "Quyết định hộp thư của ai, cơ quan nào, nguồn nào", "Decide whose mailbox, which agency, which source";
    right_change_rules: "Thay đổi quy định", "Change the rules";
    right_release_runs: "Duyệt hoặc hoãn đợt khóa bị dừng", "Approve or postpone stopped runs of locks";
    right_handle_incidents: "Xử lý sự cố", "Handle incidents";
    right_rotate_keys: "Thay khóa ký ngay", "Turn the signing keys now";
    right_manage_applications: "Đăng ký và sửa ứng dụng", "Register and change applications";
    right_grant_roles: "Giao và thu hồi vai trò", "Grant roles and take them back";
}

impl Lang {
    /// What a role is called.
    #[must_use]
    pub const fn role(self, role: Role) -> &'static str {
        match role {
            Role::City => self.role_city(),
            Role::Security => self.role_security(),
            Role::Agency => self.role_agency(),
            Role::HelpDesk => self.role_help_desk(),
            Role::Auditor => self.role_auditor(),
        }
    }

    /// What a right allows.
    #[must_use]
    pub const fn right(self, right: Right) -> &'static str {
        match right {
            Right::Enter => self.right_enter(),
            Right::SeeAccounts => self.right_see_accounts(),
            Right::SeeRules => self.right_see_rules(),
            Right::SeeLetters => self.right_see_letters(),
            Right::SeeDirectories => self.right_see_directories(),
            Right::SeeDecisions => self.right_see_decisions(),
            Right::SeeWatch => self.right_see_watch(),
            Right::SeeIncidents => self.right_see_incidents(),
            Right::Export => self.right_export(),
            Right::SeeAudit => self.right_see_audit(),
            Right::SeeRoles => self.right_see_roles(),
            Right::SeeKeys => self.right_see_keys(),
            Right::SeeApplications => self.right_see_applications(),
            Right::SeeApprovals => self.right_see_approvals(),
            Right::Lock => self.right_lock(),
            Right::Unlock => self.right_unlock(),
            Right::ResetPassword => self.right_reset_password(),
            Right::ResetFactor => self.right_reset_factor(),
            Right::EndSessions => self.right_end_sessions(),
            Right::ActOnMany => self.right_act_on_many(),
            Right::WriteNotes => self.right_write_notes(),
            Right::Delegate => self.right_delegate(),
            Right::ManageAgency => self.right_manage_agency(),
            Right::ReviewAccess => self.right_review_access(),
            Right::SendSamples => self.right_send_samples(),
            Right::EnterDays => self.right_enter_days(),
            Right::ConfirmDays => self.right_confirm_days(),
            Right::Synchronise => self.right_synchronise(),
            Right::DecideDirectories => self.right_decide_directories(),
            Right::ChangeRules => self.right_change_rules(),
            Right::ReleaseRuns => self.right_release_runs(),
            Right::HandleIncidents => self.right_handle_incidents(),
            Right::RotateKeys => self.right_rotate_keys(),
            Right::ManageApplications => self.right_manage_applications(),
            Right::GrantRoles => self.right_grant_roles(),
        }
    }
}
