//! Words of the dashboard's charts and outboxes.

words! {
    chart_as_table: "Xem dạng bảng", "As a table";
    chart_most(number: &str): "cao nhất {number}", "highest {number}";
    chart_hours: "Đăng nhập trong 24 giờ qua", "Sign-ins in the last 24 hours";
    chart_days: "Đăng nhập trong 14 ngày qua", "Sign-ins in the last 14 days";
    chart_due: "Hạn đổi mật khẩu sắp tới", "Deadlines ahead";
    chart_hour: "Giờ", "Hour";
    chart_day: "Ngày", "Day";
    chart_entered: "Đăng nhập được", "Signed in";
    chart_refused: "Nhập sai mật khẩu", "Wrong passwords";
    chart_ending: "Tài khoản đến hạn", "Accounts due";
    chart_activity_says(entered: &str, refused: &str): "{entered} lần đăng nhập được, {refused} lần nhập sai mật khẩu.",
        "{entered} sign-ins, {refused} wrong passwords.";
    chart_strangers_say(number: &str): "Ngoài ra, {number} lần đăng nhập hỏng bằng địa chỉ không có.", "And {number} failed sign-ins with addresses that nobody has.";
    chart_due_says(number: &str, day: &str): "{number} tài khoản đến hạn; nhiều nhất vào {day}.", "{number} accounts are due, the most on {day}.";
    chart_due_none: "Không có tài khoản nào đến hạn trong 14 ngày tới.", "No account is due within 14 days.";
    outboxes: "Đang chờ thực hiện", "Waiting to be carried out";
    outbox_locks: "Lệnh khóa, mở khóa gửi hệ thống thư", "Locks and unlocks to the mail systems";
    outbox_letters: "Thư nhắc đang gửi", "Letters on their way";
    outbox_failed: "Thư không gửi được", "Letters that could not be sent";
    outbox_notices: "Báo đăng xuất cho ứng dụng", "Logout notices to applications";
}
