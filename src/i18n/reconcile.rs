//! Words about the two directories beside each other: which has the word on what, and where a value comes from.

use super::Lang;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{Attribute, FindingKind, Order, Verdict};

words! {
    act_authority_changed(who: &str): "{who} thay đổi nguồn thông tin của hệ thống thư.", "{who} changed which directory has the word.";

    act_match_decided(who: &str): "{who} quyết định hộp thư nào là của ai.", "{who} decided whose mailbox is whose.";

    act_agency_mapped(who: &str): "{who} gán tên trong hệ thống thư cho một cơ quan.", "{who} decided which agency a text of a directory means.";

    // What the directories call an agency.
    sources_title: "Tên cơ quan trong hệ thống thư", "Agencies as the directories name them";
    sources_lead: "Mỗi tên mà Active Directory hoặc OBM ghi, và cơ quan tương ứng ở đây.", "Every name that Active Directory or OBM writes, and the agency here that it means.";
    sources_text: "Tên trong hệ thống thư", "Name in the directory";
    sources_number: "Hộp thư", "Mailboxes";
    sources_map: "Gán tên đã chọn cho cơ quan", "The chosen names mean this agency";
    sources_nobody: "Bỏ gán: theo tên gốc", "Take it back: by the name itself";
    sources_by_nobody: "Chưa ai xác nhận", "Nobody decided";
    sources_by_decision: "Đã gán", "Decided";
    sources_by_itself: "Trùng tên hoặc mã", "By its name or code";
    sources_left(number: &str): "Còn {number} tên chưa được xác nhận thuộc cơ quan nào.", "{number} names are left that nobody decided on.";
    sources_clear: "Mọi tên đều đã có cơ quan tương ứng.", "Every name has its agency.";

    // Decisions about whose mailbox is whose.
    settle_title: "Xử lý mục đã chọn", "Settle what is chosen";
    settle_choose(who: &str): "Chọn {who}", "Choose {who}";
    settle_verdict: "Quyết định", "Decision";
    settle_one: "Là một người: gộp vào một tài khoản", "One person: one account for both mailboxes";
    settle_two: "Là hai người: không ghép theo địa chỉ", "Two persons: never matched by the address";
    settle_known: "Đã biết, không hiện lại", "It is known, do not show it again";
    settle_target: "Địa chỉ của tài khoản được gộp vào (khi là một người)", "Address of the account that stays (for one person)";
    settle_preview: "Xem trước quyết định", "Preview the decision";
    settle_none: "Hãy chọn ít nhất một mục còn trong danh sách.", "Choose at least one that is still on the list.";
    settle_no_target: "Không có tài khoản nào có địa chỉ này, hoặc đó là chính hộp thư đang chọn.", "No account has this address, or it is the chosen mailbox itself.";
    settle_has_one: "Tài khoản đó đã có hộp thư ở cùng hệ thống, không gộp được.", "That account has a mailbox in the same directory; they cannot be one.";
    settle_not_here: "Quyết định này không dùng được cho mục đã chọn.", "This decision does not fit what was chosen.";
    settle_note: "Người bị gộp mất tài khoản riêng; địa chỉ của tài khoản đó không đăng nhập được nữa. Hộp thư thứ hai của hai người được để riêng cho đến khi đổi địa chỉ.",
        "Whoever is merged loses the account of their own, and its address signs in no more. The second mailbox of two persons is set aside until its address is changed.";
    settled_done: "Đã ghi quyết định. Lần đồng bộ tới sẽ làm theo.", "Decided. The next run goes by it.";
    decisions_title: "Các quyết định về hộp thư", "Decisions about mailboxes";
    decisions_none: "Chưa có quyết định nào.", "Nothing was decided yet.";
    decisions_undo: "Hủy quyết định này", "Take this decision back";
    decisions_undo_preview: "Xem trước khi hủy quyết định", "Preview of taking it back";
    decisions_undone: "đã hủy", "taken back";
    decisions_undone_note: "Đã hủy quyết định. Lần đồng bộ tới sẽ làm theo.", "Taken back. The next run goes by it.";
    verdict_undo: "Hủy một quyết định", "Takes a decision back";

    // The table of who has the word.
    authority_title: "Nguồn thông tin", "Which directory has the word";
    authority_lead: "Khi Active Directory và OBM ghi khác nhau về một người, hệ thống lấy theo bảng này: hệ thống đứng sau chỉ dùng khi hệ thống đứng trước không ghi gì. Hệ thống thư không bị sửa.",
        "Where Active Directory and OBM say different things about a person, this table decides: the second counts where the first says nothing. Nothing is written to the directories.";
    authority_table: "Bảng nguồn", "The table";
    authority_ad_first: "Active Directory, rồi OBM", "Active Directory, then OBM";
    authority_obm_first: "OBM, rồi Active Directory", "OBM, then Active Directory";
    authority_both: "Cả hai", "Both";
    authority_aliases_note: "Địa chỉ chính của mỗi hộp thư luôn dùng được, dù chọn thế nào.",
        "The main address of every mailbox always works, whatever is chosen.";
    authority_preview: "Xem trước thay đổi", "Preview the change";
    authority_not_yours: "Chỉ quản trị viên toàn thành phố được thay đổi.", "Only an administrator of the whole city changes this.";
    authority_history: "Các lần thay đổi", "Changes so far";
    authority_built_in: "Chưa có thay đổi nào: đang dùng bảng mặc định.", "Never changed: the built-in table is in use.";
    authority_set_back: "Trở lại như trước lần này", "Set back to before this";
    authority_changed: "Đã thay đổi. Lần đồng bộ tới sẽ tính lại mọi tài khoản.", "Changed. The next run plans every account anew.";

    // A preview.
    foreseen_title: "Lần đồng bộ tới sẽ làm thêm", "What the next run would do because of this";
    foreseen_lead: "Tính theo dữ liệu đã đọc lần gần nhất. Chưa thay đổi gì.", "Computed from what was last read. Nothing has been changed.";
    foreseen_nothing: "Không có tài khoản nào thay đổi.", "No account changes.";
    foreseen_held: "Lần đồng bộ sẽ bị dừng để chờ duyệt, vì vượt giới hạn:", "The run would be held for approval, because it is above the limits:";
    foreseen_first(shown: &str, total: &str): "Hiện {shown} dòng đầu trong tổng số {total} dòng.", "The first {shown} of {total} lines.";
    ruling_nothing: "Không có gì thay đổi.", "Nothing would change.";
    ruling_conflict: "Dữ liệu vừa thay đổi. Hãy xem lại rồi làm lại nếu vẫn cần.", "This has changed meanwhile. Look again, and repeat if it is still needed.";

    // The two directories beside each other.
    reconcile_title: "Đối chiếu hai hệ thống", "The two directories compared";
    reconcile_lead: "So sánh những gì Active Directory và OBM ghi ở lần đọc gần nhất. Một tài khoản có thể ở nhiều mục.",
        "What Active Directory and OBM said when they were last read. One account may be listed under several headings.";
    reconcile_kinds: "Kết quả đối chiếu", "What was found";
    reconcile_who: "Người, hộp thư", "Who";
    reconcile_says: "Hệ thống thư ghi", "What the directories say";
    reconcile_export: "Tải CSV", "Download CSV";
    reconcile_search: "Địa chỉ thư", "Mail address";
    reconcile_clear: "Không có tài khoản nào trùng, nhầm hoặc khác nhau giữa hai hệ thống.", "No account is doubled, mistaken for another or different in the two directories.";
    reconcile_compared(moment: &str): "Kết quả đối chiếu lúc {moment}; tên và hộp thư là của hiện tại.", "Compared at {moment}; names and mailboxes are those of now.";
    reconcile_left(number: &str): "Còn {number} mục cần xem.", "{number} findings are left to look at.";
    reconcile_out_of_reach: "Hộp thư của cơ quan khác", "A mailbox of another agency";
    reconcile_off: "bị vô hiệu hóa", "disabled";
    reconcile_number(number: &str): "mã số {number}", "staff number {number}";
    reconcile_no_account: "chưa có tài khoản", "no account yet";
    found_two_persons: "Hai người, một địa chỉ", "Two persons on one address";
    found_same_staff_number: "Một mã số, nhiều địa chỉ", "One staff number, several addresses";
    found_alias_clash: "Địa chỉ phụ bị trùng", "Further address of two";
    found_look_alike: "Địa chỉ dễ nhầm", "Look-alike addresses";
    found_set_aside: "Để riêng", "Set aside";
    found_disabled_in_one: "Bị vô hiệu hóa ở một hệ thống", "Disabled in one";
    found_differs: "Thông tin khác nhau", "Different facts";
    found_only_in_ad: "Chỉ có ở Active Directory", "Only in Active Directory";
    found_only_in_obm: "Chỉ có ở OBM", "Only in OBM";
    found_same: "Giống nhau", "The same";

    // Sources of a value.
    source_by(system: &str, day: &str): "theo {system}, từ {day}", "from {system}, since {day}";
    source_says(system: &str, value: &str, day: &str): "{system}: {value} (từ {day})", "{system}: {value} (since {day})";
    sources_hint: "Ngày là lần đầu đọc thấy mục như hiện nay.", "The day is when the entry was first read as it is.";
}

impl Lang {
    /// A directory, as administrators call it.
    pub const fn directory_name(self, system: MailSystem) -> &'static str {
        match system {
            MailSystem::Ad => "Active Directory",
            MailSystem::Obm => "OBM",
        }
    }

    /// What of a holder the directories tell.
    pub const fn attribute(self, attribute: Attribute) -> &'static str {
        match attribute {
            Attribute::Name => self.field_name(),
            Attribute::Title => self.field_title(),
            Attribute::StaffNumber => self.field_staff_number(),
            Attribute::Agency => self.field_agency(),
            Attribute::Aliases => self.field_aliases(),
            Attribute::Address => self.field_address(),
        }
    }

    /// What was found when the directories were compared.
    pub const fn finding(self, kind: FindingKind) -> &'static str {
        match kind {
            FindingKind::TwoPersons => self.found_two_persons(),
            FindingKind::SameStaffNumber => self.found_same_staff_number(),
            FindingKind::AliasClash => self.found_alias_clash(),
            FindingKind::LookAlike => self.found_look_alike(),
            FindingKind::SetAside => self.found_set_aside(),
            FindingKind::DisabledInOne => self.found_disabled_in_one(),
            FindingKind::Differs => self.found_differs(),
            FindingKind::OnlyInAd => self.found_only_in_ad(),
            FindingKind::OnlyInObm => self.found_only_in_obm(),
            FindingKind::Same => self.found_same(),
        }
    }

    /// What was decided about a mailbox.
    pub const fn verdict(self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::OnePerson => self.settle_one(),
            Verdict::TwoPersons => self.settle_two(),
            Verdict::Known => self.settle_known(),
            Verdict::Undo => self.verdict_undo(),
        }
    }

    /// Whose word counts.
    pub const fn order(self, order: Order) -> &'static str {
        match order {
            Order::AdFirst => self.authority_ad_first(),
            Order::ObmFirst => self.authority_obm_first(),
            Order::Both => self.authority_both(),
        }
    }
}
