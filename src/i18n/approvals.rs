//! Words of the approvals by a second person.

use super::Lang;
use crate::domain::approval::{Matter, Preview};

words! {
    approvals_title: "Chờ duyệt", "Approvals";
    approvals_lead: "Việc quan trọng cần hai người: một người đề nghị, người khác duyệt, rồi người đề nghị thực hiện đúng việc đã được duyệt.",
        "Important things take two people: one asks, another one approves, then whoever asked does exactly what was approved.";
    approvals_off: "Quy tắc hai người đang tắt: một quản trị viên tự thực hiện được các việc quan trọng. Bật trong tệp cấu hình của máy chủ.",
        "The rule of two people is switched off: one administrator alone can do the important things. It is switched on in the server’s configuration file.";
    approvals_none: "Không có việc nào chờ duyệt. Đề nghị mới hiện ở đây và ở con số cạnh mục Chờ duyệt.",
        "Nothing waits for approval. A new request appears here, and in the number beside Approvals in the menu.";
    approvals_closed: "Đã giải quyết", "Settled";
    approval_waits: "Chờ duyệt", "Waiting";
    approval_approved: "Đã duyệt, chờ thực hiện", "Approved, to be carried out";
    approval_expired: "Quá hạn", "Expired";
    approval_refused: "Không duyệt", "Refused";
    approval_withdrawn: "Đã rút", "Taken back";
    approval_done: "Đã thực hiện", "Carried out";
    approval_lapsed: "Hết hiệu lực: người duyệt không còn quyền duyệt", "Void: whoever approved may not approve any more";
    approval_opinion: "Ý kiến của người duyệt (ghi vào nhật ký)", "What whoever decides has to say (kept in the log)";
    approval_asked: "Người đề nghị", "Asked by";
    approval_reason: "Lý do", "Reason";
    approval_decided: "Người duyệt", "Decided by";
    approval_asked_by(who: &str, when: &str): "{who}, {when}", "{who}, {when}";
    approval_decided_by(who: &str, when: &str, why: &str): "{who}, {when}: {why}", "{who}, {when}: {why}";
    approval_good_until(when: &str): "Có hiệu lực đến {when}.", "Good until {when}.";
    approval_approve: "Duyệt", "Approve";
    approval_refuse: "Không duyệt", "Refuse";
    approval_do: "Thực hiện", "Carry out";
    approval_withdraw: "Rút đề nghị", "Take the request back";
    approval_was_asked: "Việc này cần người thứ hai duyệt. Đề nghị đã được gửi.", "This needs a second person. The request was put.";
    approval_was_given: "Đã duyệt. Người đề nghị có thể thực hiện.", "Approved. Whoever asked may carry it out.";
    approval_was_refused: "Đã từ chối đề nghị.", "The request was refused.";
    approval_was_withdrawn: "Đã rút đề nghị.", "The request was taken back.";
    approval_oneself: "Người đề nghị không tự duyệt được.", "Whoever asked cannot approve.";
    approval_concerned: "Việc này liên quan đến chính tài khoản của Ông/Bà: người khác phải duyệt.", "This is about your own account: somebody else must decide.";
    approval_one_hand: "Trong 7 ngày qua, mật khẩu hoặc bước xác thực thứ hai của một trong hai tài khoản đã được người kia, hoặc cùng một người, đặt lại: hai tài khoản này không được coi là hai người. Hãy nhờ người khác duyệt.",
        "Within the last 7 days the password or the second factors of one of the two accounts were reset by the other one, or those of both by the same person: they do not count as two people. Somebody else must decide.";
    approval_gone: "Đề nghị này không còn chờ duyệt.", "This request does not wait any more.";
    approval_too_many(number: &str): "Ông/Bà đang có {number} đề nghị chưa giải quyết. Hãy thực hiện hoặc rút bớt trước khi gửi đề nghị mới.",
        "You have {number} open requests. Carry some out or take them back before you put another one.";
    approval_nobody: "Việc này cần hai người, nhưng chưa có người thứ hai có quyền duyệt. Hãy giao vai trò cho người thứ hai, hoặc thực hiện bằng dòng lệnh trên máy chủ:",
        "This needs two people, but nobody else may approve it. Grant a second person the role, or do it by the command line on the server:";

    matter_grant_role: "Giao vai trò trên toàn thành phố hoặc phạm vi tương đương", "Grant a role over the whole city, or nearly as wide";
    matter_change_rules: "Thay đổi quy định", "Change the rules";
    matter_rotate_keys: "Thay khóa ký ngay", "Turn the signing keys now";
    matter_unlock_many: "Mở khóa hàng loạt", "Unlock many accounts";
    matter_reset_many: "Đặt lại mật khẩu hàng loạt", "Reset many passwords";
    matter_lock_many: "Khóa hàng loạt", "Lock many accounts";
    matter_demand_many: "Yêu cầu đổi mật khẩu hàng loạt", "Demand many new passwords";
    matter_reorganise: "Sắp xếp cơ quan", "Reorganise agencies";
    matter_end_sessions_many: "Kết thúc nhiều phiên đăng nhập", "End many sessions";
    matter_open_interface: "Mở giao diện quản trị (API) cho ứng dụng", "Open the administrators' interface to an application";
    matter_rotate_secret: "Cấp mã bí mật mới cho ứng dụng dùng giao diện quản trị (API)", "Make a new secret for an application that uses the administrators' interface";
    matter_reset_decider: "Đặt lại mật khẩu của người được duyệt việc", "Reset the password of somebody who decides on requests";
    matter_strip_decider: "Gỡ bước xác thực thứ hai của người được duyệt việc", "Remove the second factors of somebody who decides on requests";
    matter_join_decider: "Ghép hộp thư khác vào tài khoản của người được duyệt việc", "Join another mailbox to the account of somebody who decides on requests";
    deed_hands: "Sau đó trong 7 ngày, người đề nghị và tài khoản này không duyệt việc của nhau.",
        "For 7 days afterwards whoever asks and this account do not decide on each other's requests.";
    deed_accounts(number: &str): "{number} tài khoản", "{number} accounts";

    act_approval_asked(who: &str): "{who} đề nghị người thứ hai duyệt một việc.", "{who} asked a second person to approve something.";
    act_approval_given(who: &str): "{who} duyệt đề nghị của người khác.", "{who} approved somebody else's request.";
    act_approval_refused(who: &str): "{who} từ chối đề nghị của người khác.", "{who} refused somebody else's request.";
    act_approval_withdrawn(who: &str): "{who} rút đề nghị của mình.", "{who} took the own request back.";
    act_approval_left(who: &str): "{who} giữ hiệu lực một lần duyệt cho những tài khoản chưa kịp làm.", "{who} let an approval hold for the accounts that were not begun in time.";
    act_approval_lapsed(who: &str): "{who} hủy hiệu lực của một lần duyệt: người duyệt không còn quyền duyệt.", "{who} ended an approval: whoever gave it may not approve any more.";
}

impl Lang {
    /// The lines of a preview.
    #[must_use]
    pub fn lines(self, preview: Preview) -> Vec<String> {
        match self {
            Self::Vi => preview.vi,
            Self::En => preview.en,
        }
    }

    /// What a second person is asked to approve.
    #[must_use]
    pub const fn matter(self, matter: Matter) -> &'static str {
        match matter {
            Matter::GrantRole => self.matter_grant_role(),
            Matter::ChangeRules => self.matter_change_rules(),
            Matter::RotateKeys => self.matter_rotate_keys(),
            Matter::UnlockMany => self.matter_unlock_many(),
            Matter::ResetMany => self.matter_reset_many(),
            Matter::LockMany => self.matter_lock_many(),
            Matter::DemandMany => self.matter_demand_many(),
            Matter::Reorganise => self.matter_reorganise(),
            Matter::EndSessionsMany => self.matter_end_sessions_many(),
            Matter::OpenInterface => self.matter_open_interface(),
            Matter::RotateSecret => self.matter_rotate_secret(),
            Matter::ResetDecider => self.matter_reset_decider(),
            Matter::StripDecider => self.matter_strip_decider(),
            Matter::JoinDecider => self.matter_join_decider(),
        }
    }
}
