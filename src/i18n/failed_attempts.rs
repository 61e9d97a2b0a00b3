//! Words of failed attempts: the pause of password sign-in, as the console shows and the history tells it.

words! {
    pause_title: "Tạm khóa đăng nhập bằng mật khẩu", "Password sign-in is paused";
    pause_until(moment: &str, failures: u64): "Đăng nhập bằng mật khẩu bị tạm khóa đến {moment}, sau {failures} lần nhập sai.",
        "Password sign-in is paused until {moment}, after {failures} wrong passwords.";
    pause_sources: "Các lần nhập sai đến từ", "The wrong passwords came from";
    pause_source_unknown: "không ghi được địa chỉ", "no address was recorded";
    pause_note: "Phiên đang mở vẫn tiếp tục; mật khẩu và hộp thư không bị thay đổi. Nhập lại cùng một mật khẩu sai chỉ tính một lần.",
        "Open sessions go on; password and mailbox are unchanged. The same wrong password typed again counts once.";
    pause_lift: "Bỏ tạm khóa", "Lift the pause";
    pause_lift_check: "Xác minh đúng người trước khi bỏ tạm khóa. Nếu không phải người đó nhập sai, hãy xem các địa chỉ ở trên.",
        "Make sure it is the right person before you lift the pause. If somebody else typed the wrong passwords, look at the addresses above.";
    pause_lifted: "Đã bỏ tạm khóa. Người dùng có thể đăng nhập lại ngay.", "The pause is lifted. The person can sign in again at once.";
    pause_of_an_administrator: "Tài khoản này có vai trò quản trị: chỉ quản trị viên thành phố mới được bỏ tạm khóa.",
        "This account has a role in the administration: only an administrator of the city lifts its pause.";
    pause_is_over: "Tài khoản này hiện không bị tạm khóa.", "This account is not paused now.";

    act_sign_in_paused(who: &str, failures: &str): "{who} tạm khóa đăng nhập bằng mật khẩu sau {failures} lần nhập sai.",
        "{who} paused password sign-in after {failures} wrong passwords.";
    act_pause_lifted(who: &str): "{who} bỏ tạm khóa đăng nhập bằng mật khẩu.", "{who} lifted the pause of password sign-in.";
}
