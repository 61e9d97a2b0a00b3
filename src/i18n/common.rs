//! Words that several areas share: the city, the frame of every page, account states, lock reasons, counted days, errors.

words! {
    city: "Thành phố Đà Nẵng", "City of Da Nang";
    service_name: "Đăng nhập một lần", "Single sign-on";
    staff_account: "Tài khoản công vụ", "Staff account";
    account_brand: "Tài khoản công vụ Đà Nẵng", "Da Nang staff account";
    skip_to_content: "Chuyển đến nội dung chính", "Skip to the main content";
    sign_out: "Đăng xuất", "Sign out";
    main_menu: "Danh mục", "Main menu";
    back_to_portal: "Về trang tài khoản", "Back to my account";
    back_to_sign_in: "Về trang đăng nhập", "Back to sign-in";
    just_now: "vừa xong", "just now";
    forbidden_title: "Không có quyền", "Not allowed";
    forbidden_text: "Vai trò đang dùng không có quyền làm việc này. Yêu cầu đã được ghi vào nhật ký.",
        "The role you act in does not have the right to do this. The request was recorded.";
    next_page: "Trang sau", "Next page";
    previous_page: "Trang trước", "Previous page";
    pages_of_the_list: "Các trang của danh sách", "Pages of the list";

    // Whom to call.
    help_heading: "Bộ phận hỗ trợ", "Help desk";
    help_unit: "Đơn vị", "Unit";
    help_phone: "Điện thoại", "Telephone";
    help_hours: "Giờ làm việc", "Hours";
    help_call(phone: &str): "Gọi {phone}", "Call {phone}";
    nobody_asks: "Không ai có quyền hỏi mật khẩu của Ông/Bà, kể cả bộ phận hỗ trợ.",
        "Nobody has the right to ask for your password, not even the help desk.";
    mailbox_kept: "Dữ liệu hộp thư không bị xóa.", "The data in the mailbox is not deleted.";

    // Account states.
    state_active: "Đang hoạt động", "Active";
    state_must_change: "Phải đổi mật khẩu", "Must change password";
    state_locked: "Bị khóa", "Locked";
    state_retired: "Đã thu hồi", "Withdrawn";

    // Why locked, in a few words.
    reason_default_kept: "Chưa đổi mật khẩu cấp ban đầu", "Initial password not changed";
    reason_too_old: "Mật khẩu quá hạn", "Password too old";
    reason_administrator: "Theo quyết định của quản trị viên", "By an administrator";
    reason_failed_attempts: "Nhập sai mật khẩu nhiều lần", "Too many wrong passwords";
    reason_inactive: "Lâu không sử dụng", "Not used for a long time";
    reason_gone: "Không còn trong hệ thống thư", "Gone from the mail system";
    reason_disabled: "Bị vô hiệu hóa trong hệ thống thư", "Disabled in the mail system";

    // The two mail systems.
    exchange: "Thư Exchange", "Exchange mail";
    obm: "Thư OBM", "OBM mail";

    // What a field for a day shows while it is empty.
    day_shape: "ngày/tháng/năm", "dd/mm/yyyy";
    moment_shape: "ngày/tháng/năm giờ:phút", "dd/mm/yyyy hh:mm";

    // A deadline, day by day.
    why_this_day: "Vì sao là ngày này?", "Why this day?";
    day_issued: "ngày cấp mật khẩu, không tính", "the day of issue, not counted";
    day_first_access: "ngày đăng nhập lần đầu, không tính", "the day of the first sign-in, not counted";
    day_reset: "ngày mật khẩu được đặt lại, không tính", "the day of the reset, not counted";
    day_lock_lifted: "ngày mở khóa, không tính", "the day of the unlocking, not counted";
    day_password_set: "ngày đặt mật khẩu, không tính", "the day the password was set, not counted";
    day_last_use: "ngày dùng gần nhất, không tính", "the day of the last use, not counted";
    day_rule_starts: "ngày quy định bắt đầu áp dụng cho cơ quan", "the day from which the rule holds for the agency";
    day_working(n: u64): "ngày làm việc thứ {n}", "working day {n}";
    day_next_working: "ngày làm việc kế tiếp", "the next working day";
    day_weekend: "nghỉ cuối tuần, không tính", "weekend, not counted";
    day_off(name: &str): "{name}: nghỉ, không tính", "{name}: a day off, not counted";
    day_make_up(name: &str, n: u64): "{name}: tính là ngày làm việc thứ {n}", "{name}: counted as working day {n}";
    day_undecided(name: &str): "{name}: chưa có quyết định chính thức; tạm tính là ngày nghỉ để không khóa sớm",
        "{name}: not officially decided; taken as a day off for now, so that nobody is locked early";
    day_kept: "hạn đã báo trước được giữ nguyên", "the deadline announced before is kept";
    day_last: "hạn cuối: hết 24 giờ ngày này", "the deadline: the end of this day, 24:00";
    day_end_of_months(months: &str): "tròn {months}", "{months} complete";
    legal_note: "Cách tính theo Điều 147 và Điều 148 Bộ luật Dân sự 2015: ngày bắt đầu không được tính; hạn rơi vào ngày nghỉ thì chuyển sang hết ngày làm việc kế tiếp.",
        "Counted by Articles 147 and 148 of the Civil Code 2015: the first day is not counted; a term that would end on a day off ends with the next working day.";
    never_earlier: "Hạn đã báo chỉ có thể lùi lại, không đến sớm hơn.", "An announced deadline can move later, never earlier.";

    // Failures that are not part of any page.
    not_found_title: "Không có trang này", "There is no such page";
    not_found_text: "Địa chỉ có thể đã được gõ thiếu, trang đã chuyển đi nơi khác, hoặc trang dành cho người có quyền khác.",
        "The address may be incomplete, the page may have moved, or it is for people with another role.";
    wrong_method_text: "Địa chỉ này chỉ nhận biểu mẫu gửi từ một trang của hệ thống. Hãy mở lại trang đó.",
        "This address only takes a form sent from one of our pages. Please open that page again.";
    form_expired_title: "Trang đã mở quá lâu", "The page was open too long";
    form_expired_text: "Để an toàn, biểu mẫu chỉ dùng được trong một thời gian, trên đúng trình duyệt đã mở nó. Chưa có gì được thay đổi; hãy mở lại trang và làm lại.",
        "For safety a form works only for a while, in the browser that opened it. Nothing has been changed; please open the page again and repeat the step.";
    bad_form_title: "Yêu cầu không đọc được", "The request could not be read";
    bad_form_text: "Trình duyệt gửi thiếu hoặc sai dữ liệu. Hãy quay lại trang trước và làm lại.",
        "The browser sent incomplete or wrong data. Please go back and repeat the step.";
    too_large_text: "Nội dung gửi lên quá lớn. Hãy rút ngắn rồi gửi lại.", "What was sent is too large. Please shorten it and send it again.";
    conflict_title: "Có người vừa thay đổi cùng một nội dung", "Somebody else has just changed the same thing";
    conflict_text: "Chưa có gì được ghi đè. Hãy mở lại trang để xem trạng thái mới, rồi làm lại nếu vẫn cần.",
        "Nothing was overwritten. Please open the page again, look at the new state and repeat the step if it is still needed.";
    internal_title: "Hệ thống gặp lỗi", "Something went wrong on our side";
    internal_text: "Lỗi đã được ghi lại. Hãy thử lại sau ít phút; nếu vẫn không được, hãy báo bộ phận hỗ trợ số sự cố dưới đây.",
        "The error has been recorded. Please try again in a few minutes; if it persists, tell the help desk the incident number below.";
    back_to_start: "Về trang chủ", "Back to the start";
    incident_number: "Số sự cố", "Incident number";
}
