//! Words of what happened at the doors with the own account.

use super::Lang;

words! {
    nav_activity: "Hoạt động", "Activity";
    activity_title: "Hoạt động của tài khoản", "Activity of my account";
    activity_lead: "Nơi tài khoản đang được đăng nhập, các lần đăng nhập gần đây và các lần nhập sai.",
        "Where the account is signed in, the last sign-ins, and attempts in vain.";
    activity_open: "Các phiên đang mở", "Open sessions";
    activity_last: "Các lần đăng nhập gần đây", "Last sign-ins";
    activity_last_lead(days: i64): "Trong {days} ngày gần đây, mới nhất trước.", "Within the last {days} days, the newest first.";
    activity_when: "Lúc", "When";
    activity_device: "Thiết bị", "Device";
    activity_place: "Nơi truy cập", "Place";
    activity_how: "Trạng thái", "State";
    activity_open_still: "Đang mở", "Open";
    activity_open_this: "Đang mở (phiên này)", "Open (this session)";
    activity_idle: "Không dùng nữa", "Not used any more";
    activity_succeeded: "Đã đăng nhập lại trên cùng trình duyệt", "Signed in again in the same browser";
    activity_console: "bảng điều hành", "console";
    activity_refused: "Các lần đăng nhập không thành công", "Attempts in vain";
    activity_refused_none: "Không có lần nhập sai nào.", "Nobody entered anything wrong.";
    activity_wrong: "Nhập sai mật khẩu", "Wrong password";
    activity_paused: "Tạm khóa đăng nhập do nhập sai nhiều lần", "Sign-in paused after several wrong passwords";
    activity_wrong_factor: "Đúng mật khẩu, không qua được bước xác thực thứ hai", "Right password, second step not passed";
    activity_factor_paused: "Tạm khóa bước xác thực thứ hai do nhập sai nhiều lần", "Second step paused after several wrong codes";
    activity_wrong_recovery: "Nhập sai mã ở trang quên mật khẩu", "Wrong codes on the page for a forgotten password";
    activity_recovery_paused: "Tạm khóa bước xác thực thứ hai do nhập sai nhiều lần ở trang quên mật khẩu",
        "Second step paused after several wrong codes on the page for a forgotten password";
    activity_copied_passkey: "Từ chối một khóa truy cập có dấu hiệu bị sao chép", "A passkey that seems to have been copied was refused";
    activity_step_left: "Đúng mật khẩu, dừng ở bước xác thực thứ hai", "Right password, stopped at the second step";
    activity_right_locked: "Đúng mật khẩu, nhưng tài khoản đang bị khóa", "Right password, but the account was locked";
    activity_right_disowned: "Đúng mật khẩu đã báo có người khác biết; không vào được", "The password that you had disowned; it opened nothing";
    activity_knew_password: "Nếu không phải Ông/Bà: có người biết mật khẩu của Ông/Bà.", "If this was not you: somebody knows your password.";
    activity_has_copy: "Hãy gỡ khóa đó trong mục Bảo mật.", "Remove that passkey under Security.";
    activity_places: "Đăng nhập từ những mạng nào", "From which networks";
    activity_times(times: &str): "{times} lần", "{times} times";
    activity_last_at(moment: &str): "gần nhất {moment}", "last {moment}";
    network_private: "Mạng nội bộ của thành phố", "A network of the city";
    network_internet: "Internet", "Internet";
    activity_at(network: &str, address: &str): "{network} ({address})", "{network} ({address})";

    end_signed_out: "Đã đăng xuất", "Signed out";
    end_by_owner: "Chủ tài khoản kết thúc", "Ended by the holder";
    end_by_administrator: "Quản trị viên kết thúc", "Ended by an administrator";
    end_locked: "Tài khoản bị khóa", "The account was locked";
    end_password: "Mật khẩu được đổi", "The password was changed";
    end_other_browser: "Bị dùng bằng trình duyệt khác, hệ thống kết thúc", "Used in another browser, ended by the system";
    end_taken_over: "Người khác đăng nhập trên cùng trình duyệt", "Somebody else signed in with the same browser";
    end_expired: "Hết hạn", "Expired";

    not_me_title: "Không phải tôi", "It was not me";
    not_me_open: "Thấy lần đăng nhập không phải của mình?", "Do you see a sign-in that was not yours?";
    not_me_what: "Khi bấm nút dưới đây:", "When you press the button below:";
    not_me_step_sessions: "mọi phiên khác kết thúc ngay, các ứng dụng cũng mất quyền truy cập;",
        "all other sessions end at once, and applications lose their access;";
    not_me_step_password: "Ông/Bà đặt ngay một mật khẩu mới trên máy này; từ lúc bấm nút, không ai đăng nhập được chỉ bằng mật khẩu cũ, trên bất kỳ máy nào; nhưng cho đến khi đặt xong, hệ thống thư vẫn nhận mật khẩu cũ;",
        "you set a new password right away on this computer; from then on the old one alone signs nobody in, on whichever computer; but until the new one is set the mail systems still take it;";
    not_me_step_incident: "một sự cố được ghi lại và quản trị viên của cơ quan được báo; họ sẽ liên hệ với Ông/Bà.",
        "an incident is recorded and the administrator of your agency is told; they will contact you.";
    not_me_words: "Ông/Bà thấy điều gì lạ? (không bắt buộc)", "What did you see? (optional)";
    not_me_do: "Không phải tôi – bảo vệ tài khoản", "It was not me – protect the account";
    not_me_password: "Ông/Bà đã báo có người khác dùng tài khoản. Mọi phiên khác đã kết thúc và sự cố đã được ghi lại; quản trị viên đã được báo. Hãy đặt mật khẩu mới ngay bây giờ, khác hẳn mật khẩu cũ: đến lúc đó hệ thống thư vẫn nhận mật khẩu cũ, người kia còn đọc được thư. Nếu rời trang này mà chưa đặt, Ông/Bà sẽ cần phiếu của quản trị viên.",
        "You have said that somebody else used the account. All other sessions have ended and an incident is recorded; the administrators are told. Set a new password now, quite unlike the old one: until then the mail systems still take the old one, and whoever knows it reads your mail. If you leave without it, you may need a slip from the administrator.";
    not_me_step_factors(days: i64): "thiết bị tin cậy và các cách xác thực thứ hai được thêm trong {days} ngày gần đây bị gỡ;",
        "trusted devices, and second factors added within the last {days} days, are removed;";
    security_not_me_title: "Xem lại các cách xác thực", "Look through your factors";
    security_not_me: "Gỡ mục nào không phải của Ông/Bà. Thiết bị tin cậy và các cách xác thực được thêm gần đây đã bị gỡ; hãy thiết lập lại những gì là của Ông/Bà.",
        "Remove whatever is not yours. Trusted devices and the factors that were added lately are gone; set up again what was yours.";
    must_change_not_me: "Chủ tài khoản báo có người khác dùng", "The holder said that somebody else used it";
    letter_not_me(address: &str, start: &str, day: &str): "Ông/Bà đã báo có người khác dùng tài khoản {address}; thời hạn tính từ {start}. Mật khẩu phải được đổi trước khi hết {day}; quá hạn, tài khoản bị khóa. Đến khi đó mật khẩu cũ một mình không đăng nhập được: hãy đổi trên máy đã báo, hoặc nhận phiếu mật khẩu dùng một lần của quản trị viên. Cho đến khi đổi, hệ thống thư vẫn nhận mật khẩu cũ: hãy đổi càng sớm càng tốt.",
        "You have said that somebody else used {address}; the term runs from {start}. The password must be changed before the end of {day}; after that the account is locked. Until then the old password alone signs nobody in: change it where you said so, or get a slip with a one-time password from the administrator. Until it is changed the mail systems still take the old one: change it as soon as you can.";

    application_learns(what: &str): "Được biết: {what}", "Learns: {what}";
    application_agreed(moment: &str): "Ông/Bà đã đồng ý lúc {moment}", "You agreed at {moment}";
    application_city_agreed: "Thành phố đã đăng ký ứng dụng này; không hỏi riêng từng người", "Registered by the city; people are not asked one by one";
}

impl Lang {
    /// Why a session ended, by its word in the database.
    pub fn session_end(self, code: Option<&str>) -> &'static str {
        match code {
            Some("signed_out") => self.end_signed_out(),
            Some("ended_by_owner") => self.end_by_owner(),
            Some("ended_by_administrator") => self.end_by_administrator(),
            Some("locked") => self.end_locked(),
            Some("password_changed") => self.end_password(),
            Some("other_browser") => self.end_other_browser(),
            Some("taken_over") => self.end_taken_over(),
            Some(_) | None => self.end_expired(),
        }
    }
}
