//! Words of the agencies' pages: the tree with its numbers, one agency, its month.

words! {
    agencies_title: "Cơ quan, đơn vị", "Agencies";
    agencies_lead: "Mức độ chấp hành quy chế thư điện tử của từng cơ quan, trong phạm vi quản trị. Chỉ tính tài khoản cá nhân chưa thu hồi.",
        "How each agency keeps the mail regulation, within your reach. Only people's accounts that were not withdrawn count.";
    agencies_counted(number: &str): "{number} cơ quan, đơn vị.", "{number} agencies.";
    agencies_sort: "Thứ tự", "Order";
    agencies_by_tree: "Theo cây cơ quan", "As the tree";
    agencies_worst_first: "Kém nhất trước", "Worst first";
    agencies_ordered(what: &str): "{what} · Kém nhất trước", "{what} · Worst first";
    agencies_search: "Tên hoặc mã cơ quan", "Name or code";
    agencies_none_found: "Không có cơ quan nào như vậy.", "There is no such agency.";
    agency_measure: "Chỉ tiêu", "Measure";
    agency_accounts: "Tài khoản", "Accounts";
    agency_own_password: "Đã đổi mật khẩu cấp ban đầu", "Default password changed";
    agency_fresh: "Mật khẩu còn hạn", "Password in date";
    agency_second_factor: "Có bước xác thực thứ hai", "Second factor";
    agency_dormant: "Lâu không dùng", "Dormant";
    agency_locked: "Đang bị khóa", "Locked";
    agency_unlock_time: "Thời gian mở khóa trung bình", "Mean time to unlock";
    agency_conflicts: "Mâu thuẫn giữa hai hệ thống thư", "Directory conflicts";
    agency_conflicts_list: "Xem các điểm mâu thuẫn giữa hai hệ thống thư", "See the conflicts of the two directories";
    agency_conflicts_note(moment: &str): "Mâu thuẫn giữa hai hệ thống thư: theo lần đồng bộ lúc {moment}.",
        "Conflicts of the two directories: as of the synchronisation at {moment}.";
    agency_conflicts_never: "Chưa đếm mâu thuẫn giữa hai hệ thống thư: hãy đợi lần đồng bộ kế tiếp.",
        "The conflicts of the two directories have not been counted yet: the next synchronisation does.";
    agency_unlock_hours: "Thời gian mở khóa trung bình (giờ)", "Mean time to unlock (hours)";
    agency_peers: "Số cơ quan cùng loại", "Agencies of the same sort";
    agency_place: "Xếp hạng", "Rank";
    agency_place_of(place: &str, of: &str): "{place}/{of}", "{place} of {of}";
    agency_place_note: "Xếp hạng theo tỷ lệ mật khẩu còn hạn, giữa các cơ quan cùng loại (theo từ đầu của mã).",
        "Ranked by the share of passwords in date, among agencies of the same kind (the first word of the code).";
    agency_unlock_note: "Thời gian mở khóa: trung bình của các lần mở khóa trong 90 ngày qua.",
        "Time to unlock: the mean of all locks lifted in the last 90 days.";
    agency_none_yet: "Chưa có cơ quan nào: cơ quan được tạo khi đồng bộ với hệ thống thư.", "There are no agencies yet: they come with a synchronisation.";
    agency_up: "Trực thuộc", "Below";
    agency_top: "Không trực thuộc cơ quan nào", "Nothing: it is at the top";
    agency_below: "Đơn vị trực thuộc", "Agencies below it";
    agency_administrators: "Quản trị viên", "Administrators";
    agency_people: "Xem tài khoản của cơ quan", "See its accounts";
    agency_back: "Về danh sách cơ quan", "Back to the agencies";
    agency_with_below: "Kể cả đơn vị trực thuộc", "With the agencies below it";
    agency_alone: "Riêng cơ quan này", "This agency alone";
    agency_numbers: "Mức độ chấp hành", "Compliance";
    agency_contact: "Nơi cán bộ liên hệ khi tài khoản bị khóa", "Whom locked staff ask";
    agency_contact_lead: "Hiện trên trang báo tài khoản bị khóa. Để trống cả ba dòng: dùng liên hệ của cơ quan cấp trên, hoặc của thành phố.",
        "Shown on the page of a locked account. Leave all three lines empty to use the contact of the agency above, or the city's.";
    agency_contact_inherited(agency: &str, unit: &str): "Hiện dùng liên hệ của {agency}: {unit}.", "In force: the contact of {agency}: {unit}.";
    agency_contact_city(unit: &str): "Hiện dùng liên hệ của thành phố: {unit}.", "In force: the city's contact: {unit}.";
    agency_contact_unit: "Bộ phận hoặc người", "Unit or person";
    agency_contact_phone: "Điện thoại", "Telephone";
    agency_contact_hours: "Giờ làm việc", "Office hours";
    agency_contact_save: "Lưu liên hệ", "Save the contact";
    agency_contact_saved: "Đã lưu liên hệ.", "The contact is saved.";
    agency_contact_no_unit: "Hãy ghi tên bộ phận hoặc người.", "Name the unit or the person.";
    agency_contact_too_long: "Mỗi dòng tối đa 200 ký tự.", "Each line has at most 200 characters.";
    agency_move: "Đổi cơ quan cấp trên", "Move in the tree";
    agency_move_lead: "Chọn cơ quan cấp trên mới, rồi xem trước ai có thêm quyền, ai mất quyền, chọn ngày hiệu lực và xác nhận. Có thể hoàn tác.",
        "Choose the new agency above; then look first at who gains and who loses reach, choose the day and confirm. It can be taken back.";
    agency_move_do: "Lập phương án", "Draw it up";
    agency_month(month: &str): "Báo cáo tháng {month}", "Report of {month}";
    agency_month_lead: "Kể cả đơn vị trực thuộc, theo nhật ký hệ thống.", "With the agencies below it, as the audit has it.";
    agency_month_empty: "Trong tháng này không có gì được ghi, hoặc nhật ký của tháng đã được chuyển vào kho lưu.",
        "Nothing was recorded in this month, or its lines have moved into the archive.";
    agency_month_period(from: &str, until: &str): "Từ ngày {from} đến ngày {until}.", "From {from} to {until}.";
    agency_figures_as_of(day: &str): "Số liệu đến ngày {day}.", "Figures as of {day}.";
    agency_figures_late(day: &str): "Số liệu không được ghi vào ngày cuối tháng; đây là số liệu ngày {day}.", "No figures were taken on the last day of the month; these are of {day}.";
    agency_figures_not_kept: "Số liệu của tháng đó không được lưu. Số liệu hiện nay nằm trong báo cáo của tháng hiện tại.", "No figures of that month were kept. Those of today are in the report of this month.";
    agency_month_before: "Tháng trước", "Month before";
    agency_month_after: "Tháng sau", "Month after";
    agency_month_what: "Việc", "What";
    agency_month_number: "Số lần", "How often";
    agency_print_hint: "Trang này in được: dùng lệnh In của trình duyệt.", "This page can be printed from the browser.";
    agency_locked_because(reason: &str): "Khóa: {reason}", "Locked: {reason}";
    month_first_access: "Đăng nhập lần đầu", "First sign-in";
    month_signed_in: "Đăng nhập", "Sign-ins";
    month_refused: "Nhập sai mật khẩu", "Wrong passwords";
    month_password_changed: "Đổi mật khẩu", "Passwords changed";
    month_password_recovered: "Tự đặt lại mật khẩu bằng bước xác thực thứ hai", "Passwords recovered by a second factor";
    month_password_reset: "Quản trị viên đặt lại mật khẩu", "Passwords reset by an administrator";
    month_unlocked: "Mở khóa", "Unlocked";
    month_factor_added: "Thêm bước xác thực thứ hai", "Second factors added";
    month_factors_reset: "Gỡ bước xác thực thứ hai", "Second factors reset";
    month_account_created: "Tài khoản mới", "New accounts";
    month_retired: "Thu hồi tài khoản", "Accounts withdrawn";
    act_agency_contact_changed(who: &str): "{who} sửa liên hệ của cơ quan.", "{who} changed an agency's contact.";
}

impl super::Lang {
    /// An act as a line of an agency's month; `None` for one that is not told there.
    pub const fn month_act(self, act: crate::domain::audit::Act) -> Option<&'static str> {
        use crate::domain::audit::Act;
        Some(match act {
            Act::FirstAccess => self.month_first_access(),
            Act::SignedIn => self.month_signed_in(),
            Act::SignInRefused => self.month_refused(),
            Act::PasswordChanged => self.month_password_changed(),
            Act::PasswordRecovered => self.month_password_recovered(),
            Act::PasswordReset => self.month_password_reset(),
            Act::Unlocked => self.month_unlocked(),
            Act::FactorAdded => self.month_factor_added(),
            Act::FactorsReset => self.month_factors_reset(),
            Act::AccountCreated => self.month_account_created(),
            Act::Retired => self.month_retired(),
            _ => return None,
        })
    }

    /// A span of time in its two largest units.
    pub fn span(self, seconds: i64) -> String {
        let minutes = u64::try_from(seconds / 60).unwrap_or_default();
        let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        match self {
            Self::Vi if days > 0 => format!("{days} ngày {hours} giờ"),
            Self::Vi if hours > 0 => format!("{hours} giờ {minutes} phút"),
            Self::Vi => format!("{minutes} phút"),
            Self::En if days > 0 => format!("{days} d {hours} h"),
            Self::En if hours > 0 => format!("{hours} h {minutes} min"),
            Self::En => format!("{minutes} min"),
        }
    }

    /// A share in tenths of a percent: `97,5%`.
    pub fn share(self, per_mille: i64) -> String {
        let (whole, tenth) = (per_mille / 10, per_mille % 10);
        match (self, tenth) {
            (_, 0) => format!("{whole}%"),
            (Self::Vi, _) => format!("{whole},{tenth}%"),
            (Self::En, _) => format!("{whole}.{tenth}%"),
        }
    }
}
