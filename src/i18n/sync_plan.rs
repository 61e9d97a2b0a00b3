//! Words about the plan of a synchronisation: its kinds, why it is held, approving and refusing; and the letter that
//! tells that one is held.

use super::Lang;
use super::letters::{Sender, body};
use crate::domain::account::Profile;
use crate::domain::mail::{Letter, LetterKind};
use crate::domain::sync::{Excess, Field, LineKind, Much};

words! {
    plan_title: "Kế hoạch đồng bộ", "Plan of the synchronisation";
    plan_title_of(moment: &str): "Lần đồng bộ {moment}", "Synchronisation of {moment}";
    plan_show: "Xem kế hoạch", "Show the plan";
    plan_lead: "Từng việc mà lần đồng bộ này định làm, việc lấy đi quyền truy cập đứng trước.",
        "Everything that this run was going to do, what takes access away first.";
    plan_none: "Lần này không có kế hoạch: chưa đọc xong hoặc bị lỗi.", "This run has no plan: it is still reading, or it failed.";
    plan_empty: "Không có gì thay đổi.", "Nothing changes.";
    plan_nothing_here: "Không có dòng nào phù hợp.", "No line matches.";
    plan_lines_forgotten: "Chi tiết từng dòng không còn được lưu.", "The lines are not kept any more.";
    plan_kept(kept: &str, total: &str): "Lưu {kept} dòng đầu trong tổng số {total} dòng.", "The first {kept} of {total} lines are kept.";
    plan_kept_in_part: "Kế hoạch này quá dài nên chỉ lưu phần đầu; có thể thiếu dòng của cơ quan.",
        "This plan was too long to be kept as a whole; lines of the agency may be missing.";
    plan_own_agency(agency: &str): "Chỉ hiện các dòng của {agency}.", "Only lines of {agency} are shown.";
    plan_repeats: "Lần này giống kế hoạch đang chờ quyết định, nên không lưu lại lần nữa.",
        "This run planned no more than the one that waits for a decision, so it was not kept again.";
    plan_used_approval: "Lần này được áp dụng theo một quyết định duyệt.", "This run was applied under an approval.";
    plan_other: "Xem kế hoạch đó", "Show that plan";
    plan_all: "Tất cả", "All";
    plan_kinds: "Loại việc", "Kinds";
    plan_what: "Việc", "What";
    plan_whom: "Tài khoản", "Whom";
    plan_change: "Thay đổi", "Change";
    plan_where: "Hệ thống thư", "Mail system";
    plan_excess: "Vượt giới hạn", "Above the limits";
    plan_state: "Tình trạng", "State";
    plan_decided: "Quyết định", "Decision";
    plan_nobody: "không có", "none";

    // A plan that is held.
    plan_waits: "Một lần đồng bộ đang chờ duyệt, chưa áp dụng gì", "A synchronisation waits for approval; nothing was applied";
    plan_waits_approved: "Kế hoạch đã được duyệt: lần đồng bộ tới sẽ áp dụng nếu không lớn hơn",
        "The plan is approved: the next run applies it, unless it has grown";
    plan_waits_refused: "Kế hoạch đã bị từ chối, chưa áp dụng gì", "The plan was refused; nothing was applied";
    plan_approve: "Duyệt kế hoạch", "Approve the plan";
    plan_approve_note: "Lần đồng bộ tới sẽ áp dụng, nếu trong 24 giờ kế hoạch không nhiều hơn và không có thêm ai khác. Người bị khóa sẽ bị đăng xuất ngay.",
        "The next run applies it if, within 24 hours, it holds no more than this and nobody else. Whoever is locked is signed out at once.";
    plan_refuse: "Từ chối kế hoạch", "Refuse the plan";
    plan_refuse_note: "Không áp dụng gì cho đến khi hệ thống thư được sửa hoặc có người duyệt. Trong lúc đó các thay đổi khác cũng chờ.",
        "Nothing is applied until the mail system was corrected or somebody approves. Other changes wait meanwhile too.";
    plan_approved: "Đã duyệt. Lần đồng bộ tới sẽ áp dụng.", "Approved. The next run applies it.";
    plan_refused: "Đã từ chối.", "Refused.";
    plan_not_yours: "Chỉ quản trị viên toàn thành phố được quyết định.", "Only an administrator of the whole city decides.";
    plan_gone: "Kế hoạch này không còn chờ quyết định.", "This plan does not wait for a decision any more.";
    plan_vanish(number: &str, of: &str): "{number} trên {of} hộp thư không còn trong hệ thống thư", "{number} of {of} mailboxes are not in the mail system any more";
    plan_lock(number: &str, of: &str): "{number} trên {of} tài khoản đang mở sẽ bị khóa", "{number} of {of} open accounts would be locked";
    plan_move(number: &str, of: &str): "{number} trên {of} tài khoản chuyển cơ quan hoặc đổi địa chỉ", "{number} of {of} accounts move to another agency or change their address";
    run_planned: "Chỉ xem trước", "Only planned";

    // States of a plan.
    plan_state_planned: "Chỉ xem trước", "Only planned";
    plan_state_applied: "Đã áp dụng", "Applied";
    plan_state_held: "Chờ duyệt", "Waits for approval";
    plan_state_approved: "Đã duyệt", "Approved";
    plan_state_refused: "Bị từ chối", "Refused";
    plan_state_used: "Đã duyệt và áp dụng", "Approved and applied";
    plan_state_released: "Không còn vượt giới hạn", "Within the limits again";
    plan_state_replaced: "Đã thay bằng kế hoạch khác", "Replaced by another plan";
    plan_state_repeats: "Lặp lại kế hoạch đang chờ", "Repeats the one that waits";

    // Kinds of lines.
    line_retire: "Thu hồi: đã lâu không còn trong hệ thống thư", "Withdraw: not in a directory for long";
    line_gone: "Khóa: không còn trong hệ thống thư", "Lock: not in a directory any more";
    line_lock_disabled: "Khóa: bị vô hiệu hóa trong hệ thống thư", "Lock: disabled in its directory";
    line_detach: "Gỡ hộp thư", "Mailbox vanishes";
    line_move: "Chuyển cơ quan", "Moves to another agency";
    line_rename: "Đổi địa chỉ", "Changes its address";
    line_set_aside: "Để riêng", "Set aside";
    line_create: "Tài khoản mới", "New account";
    line_lift: "Mở khóa theo hệ thống thư", "Unlocked by its directory";
    line_demand: "Phải đổi mật khẩu", "Must change the password";
    line_password_differs: "Mật khẩu ở hai hệ thống thư khác nhau", "Passwords differ between the mail systems";
    line_changed_elsewhere: "Mật khẩu đã đổi ở hệ thống thư", "Password changed in a directory";
    line_attach: "Thêm hộp thư", "New mailbox";
    line_update: "Cập nhật thông tin", "Facts change";
    line_refresh: "Cập nhật hộp thư", "Mailbox noted anew";
    line_agency_new: "Cơ quan mới", "New agency";
    line_agency_renamed: "Cơ quan đổi tên", "Agency renamed";

    // Fields.
    field_name: "Họ và tên", "Name";
    field_title: "Chức vụ", "Post";
    field_staff_number: "Mã số cán bộ", "Staff number";
    field_kind: "Loại tài khoản", "Kind of account";
    field_aliases: "Địa chỉ khác", "Further addresses";
    field_address: "Địa chỉ", "Address";
    field_agency: "Cơ quan", "Agency";
    field_state: "Trạng thái", "State";
    field_password_set: "Đặt mật khẩu", "Password set";
    field_login: "Tên đăng nhập", "User name";
    field_enabled: "Được đăng nhập", "May sign in";
    field_why: "Lý do", "Reason";
    plan_yes: "có", "yes";
    plan_no: "không", "no";

    // Audit and letter.
    act_sync_held(who: &str): "{who} dừng một lần đồng bộ để chờ duyệt.", "{who} held a synchronisation for approval.";
    act_sync_approved(who: &str): "{who} duyệt một lần đồng bộ.", "{who} approved a synchronisation.";
    act_sync_refused(who: &str): "{who} từ chối một lần đồng bộ.", "{who} refused a synchronisation.";
    kind_sync_held: "Lần đồng bộ bị dừng", "A synchronisation was held";
    letter_subject_sync_held: "Một lần đồng bộ đã dừng, chờ duyệt", "A synchronisation was held";
    letter_sync_held: "Lần đồng bộ vừa rồi vượt giới hạn đã đặt, nên hệ thống đã dừng và chưa áp dụng gì:",
        "The last synchronisation was above the limits that were set, so the system held it and applied nothing:";
    letter_sync_held_what: "Hãy kiểm tra hệ thống thư trước, rồi xem, duyệt hoặc từ chối kế hoạch trong bảng điều hành, mục Đồng bộ.",
        "Check the mail systems first, then look at the plan and approve or refuse it in the console, under Synchronisation.";
}

/// The letter to an administrator of the city: a synchronisation that wanted to change too much is held.
pub fn held(to: &Profile, excess: &[Excess], by: &Sender) -> Letter {
    let says = |t: Lang| {
        let lines = excess.iter().map(|one| format!("- {}", t.excess(one)));
        let list = std::iter::once(t.letter_sync_held().to_owned()).chain(lines);
        vec![list.collect::<Vec<_>>().join("\n"), t.letter_sync_held_what().to_owned()]
    };
    let subject = Lang::Vi.letter_subject_sync_held();
    Letter::new(to.address.clone(), LetterKind::SyncHeld, subject, &body(to, by, None, says))
}

impl Lang {
    /// A limit that was exceeded, in words.
    pub fn excess(self, excess: &Excess) -> String {
        let (number, of) = (self.number(excess.number), self.number(excess.of));
        match excess.much {
            Much::Vanish => self.plan_vanish(&number, &of),
            Much::Lock => self.plan_lock(&number, &of),
            Much::Move => self.plan_move(&number, &of),
        }
    }

    /// A kind of line in words.
    pub const fn line_kind(self, kind: LineKind) -> &'static str {
        match kind {
            LineKind::Retire => self.line_retire(),
            LineKind::Gone => self.line_gone(),
            LineKind::LockDisabled => self.line_lock_disabled(),
            LineKind::Detach => self.line_detach(),
            LineKind::Move => self.line_move(),
            LineKind::Rename => self.line_rename(),
            LineKind::SetAside => self.line_set_aside(),
            LineKind::Create => self.line_create(),
            LineKind::Lift => self.line_lift(),
            LineKind::Demand => self.line_demand(),
            LineKind::ChangedElsewhere => self.line_changed_elsewhere(),
            LineKind::PasswordDiffers => self.line_password_differs(),
            LineKind::Attach => self.line_attach(),
            LineKind::Update => self.line_update(),
            LineKind::Refresh => self.line_refresh(),
            LineKind::AgencyNew => self.line_agency_new(),
            LineKind::AgencyRenamed => self.line_agency_renamed(),
        }
    }

    /// A field in words.
    pub const fn line_field(self, field: Field) -> &'static str {
        match field {
            Field::Name => self.field_name(),
            Field::Title => self.field_title(),
            Field::StaffNumber => self.field_staff_number(),
            Field::Kind => self.field_kind(),
            Field::Aliases => self.field_aliases(),
            Field::Address => self.field_address(),
            Field::Agency => self.field_agency(),
            Field::State => self.field_state(),
            Field::PasswordSet => self.field_password_set(),
            Field::Login => self.field_login(),
            Field::Enabled => self.field_enabled(),
            Field::Why => self.field_why(),
        }
    }
}
