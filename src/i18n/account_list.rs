//! Words of the list of accounts: what it is narrowed to, its columns, its export.

words! {
    further_narrowing: "Thu hẹp thêm", "Narrow further";
    due_over: "Đã quá hạn", "Overdue";
    due_within(days: &str): "Trong {days} ngày tới", "Within {days} days";
    in_no_system: "Không còn ở hệ thống nào", "In no mail system";
    in_exchange_only: "Chỉ Exchange", "Exchange only";
    in_obm_only: "Chỉ OBM", "OBM only";
    in_both_systems: "Cả hai hệ thống", "Both systems";
    agency_and_manager: "Cơ quan, người quản lý", "Agency, managed by";
    manager: "Người quản lý", "Managed by";
    managed_by(who: &str): "Quản lý: {who}", "Managed by {who}";
    managed_by_city: "Quản trị viên thành phố", "The city's administrators";
    known_and_used: "Kích hoạt, dùng lần cuối", "Activated, last used";
    known_since(day: &str): "Từ {day}", "Since {day}";
    used_on(day: &str): "Dùng {day}", "Used {day}";
    since_day(day: &str): "từ {day}", "since {day}";
    sorted_by(word: &str): "Sắp xếp theo: {word}", "Sort by: {word}";
    export_csv: "Tải CSV", "Download CSV";
    export_xlsx: "Tải Excel", "Download Excel";
    export_note: "Tập tin gồm mọi tài khoản khớp điều kiện, trong phạm vi quản trị; mỗi lần tải được ghi vào nhật ký.",
        "The file holds every account that matches, within your reach; each download is written to the log.";

    // Columns of the file.
    agency_code: "Mã cơ quan", "Agency code";
    state_since_label: "Trạng thái từ", "In this state since";
    activated_on: "Ngày kích hoạt", "Activated on";
    deactivated_on: "Ngày ngừng", "Deactivated on";
    last_used_on: "Dùng lần cuối", "Last used";
    act_accounts_exported(who: &str): "{who} tải danh sách tài khoản.", "{who} downloaded the list of accounts.";
}

impl super::Lang {
    /// What kind of account it is, in words.
    #[must_use]
    pub const fn kind_of(self, kind: crate::domain::account::Kind) -> &'static str {
        match kind {
            crate::domain::account::Kind::Person => self.kind_person(),
            crate::domain::account::Kind::Agency => self.kind_agency(),
            crate::domain::account::Kind::Service => self.kind_service(),
        }
    }
}
