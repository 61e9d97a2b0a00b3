//! Words of the reset by an administrator and of the slips that hand the one-time password over.

words! {
    // The form on the account's page.
    reset_title: "Đặt lại mật khẩu", "Reset the password";
    reset_note: "Cấp mật khẩu dùng một lần cho mọi hệ thống thư. Mọi phiên kết thúc ngay; khóa (nếu có) được mở; người dùng phải đổi mật khẩu khi đăng nhập.",
        "Gives a one-time password for every mail system. All sessions end at once, a lock is lifted, and the person must change the password at the first sign-in.";
    reset_once: "Mật khẩu chỉ hiện một lần, trên phiếu để in. Không gửi phiếu qua thư hay tin nhắn; giao tận tay.",
        "The password is shown once, on a slip to be printed. Do not send it by mail or message; hand it over in person.";
    reset_sure: "Tôi đã xác minh đúng người.", "I have made sure who it is.";
    reset_sure_needed: "Hãy xác minh đúng người rồi đánh dấu vào ô này.", "Make sure who it is and tick this box.";
    reset_do: "Đặt lại và xem phiếu", "Reset and show the slip";
    reset_unreachable: "Không hệ thống thư nào trả lời. Chưa thay đổi gì; hãy thử lại sau.",
        "No mail system answered. Nothing was changed; try again later.";
    reset_not_taken: "Không hệ thống thư nào xác nhận mật khẩu mới. Các phiên đã kết thúc; hãy đặt lại lần nữa.",
        "No mail system confirmed the new password. The sessions have ended; reset it once more.";
    reset_conflict: "Tài khoản đã thay đổi từ khi mở trang, hoặc phiếu đã được hiện một lần. Phiếu không hiện lại; nếu đã mất, hãy đặt lại mật khẩu lần nữa.",
        "The account has changed since the page was opened, or its slip has been shown. A slip is not shown again; if it is lost, reset the password once more.";
    reset_of_an_administrator: "Tài khoản này có vai trò quản trị: chỉ quản trị viên toàn thành phố được đặt lại mật khẩu.",
        "This account administers: only an administrator of the whole city may reset its password.";
    reset_needs_second: "Tài khoản này có vai trò trên toàn thành phố và được duyệt việc của người khác: cần người thứ hai duyệt, không phải chính chủ tài khoản. Nếu không có ai khác, hãy thực hiện bằng dòng lệnh trên máy chủ:",
        "This account has a role over the whole city and decides on requests of others: a second person approves it, who is not its holder. Where there is nobody else, do it by the command line on the server:";
    reset_needs_second_alone: "Tài khoản này được duyệt việc của người khác: hãy đặt lại riêng trên trang của tài khoản, có người thứ hai duyệt.",
        "This account decides on requests of others: reset it by itself on its page, with a second person.";
    reset_oneself: "Không thể tự đặt lại mật khẩu của mình; hãy đổi trong cổng.", "You cannot reset your own password; change it in the portal.";

    back_to_account_page: "Về trang tài khoản", "Back to the account";

    // The slips.
    slip_page_title: "Phiếu giao mật khẩu", "Hand-over slip";
    slip_print_hint: "Hãy in ngay (lệnh In của trình duyệt). Rời trang này thì không xem lại được nữa.",
        "Print it now (the browser's print command). Once you leave this page it cannot be seen again.";
    slip_done(number: &str): "Đã đặt lại mật khẩu của {number} tài khoản.", "The passwords of {number} accounts were reset.";
    slip_left(number: &str): "{number} tài khoản chưa được đặt lại:", "{number} accounts were not reset:";
    slip_lags(system: &str): "{system} chưa nhận mật khẩu này; khi đổi mật khẩu lần đầu, hệ thống sẽ ghi lại ở đó.",
        "{system} has not taken this password; the first change of the password will reach it.";
    slip_lags_because(system: &str, words: &str): "{system} không nhận mật khẩu này ({words}); khi đổi mật khẩu lần đầu, hệ thống sẽ ghi lại ở đó.",
        "{system} refused this password ({words}); the first change of the password will reach it.";
    slip_closed(system: &str): "{system} đã nhận mật khẩu nhưng còn đang khóa; xem trang tài khoản.",
        "{system} took the password but is still locked; see the page of the account.";
    slip_problems: "Cần chú ý", "To be watched";
    slip_heading: "PHIẾU GIAO MẬT KHẨU DÙNG MỘT LẦN", "One-time password";
    slip_change_by: "Đổi chậm nhất", "Change it no later than";
    slip_change_at_once: "Đổi ngay khi đăng nhập lần đầu", "Change it at the first sign-in";
    slip_where: "Mở trình duyệt, tự gõ", "Open a browser and type";
    slip_call: "Hỗ trợ", "Help";
    slip_keep: "Giữ kín, không chụp ảnh, hủy phiếu sau khi đổi. Không ai có quyền hỏi mật khẩu của Ông/Bà.",
        "Keep it to yourself, take no picture, destroy the slip afterwards. Nobody may ask for your password.";

    // Many at once.
    resets_title: "Đặt lại mật khẩu cho nhiều người", "Reset many passwords";
    resets_lead: "Chọn cơ quan, đánh dấu tài khoản, xem lại danh sách, xác nhận; rồi in phiếu, 8 phiếu một tờ A4.",
        "Choose the agency, tick the accounts, look at the list, confirm; then print the slips, eight on a sheet of A4.";
    resets_link: "Đặt lại mật khẩu cho nhiều người…", "Reset many passwords…";
    resets_choose_agency: "Chọn cơ quan", "Choose an agency";
    resets_any_state: "Mọi trạng thái", "Any state";
    resets_show: "Xem danh sách", "Show the list";
    resets_whom: "Chọn tài khoản", "Choose accounts";
    resets_nobody: "Không có tài khoản nào có thể đặt lại mật khẩu ở đây.", "There is no account here whose password can be reset.";
    resets_most(most: &str): "Mỗi lần tối đa {most} tài khoản.", "At most {most} accounts at a time.";
    resets_choose(name: &str): "Chọn {name}", "Choose {name}";
    resets_look: "Xem lại", "Look it over";
    resets_number(number: &str): "{number} tài khoản sẽ được đặt lại mật khẩu.", "The passwords of {number} accounts will be reset.";
    resets_wrong_number: "Số đã nhập không khớp với số lượng tài khoản. Chưa đặt lại mật khẩu nào.",
        "The number you typed is not the number of accounts. Nothing was reset.";
    resets_wrong_amount(most: &str): "Hãy chọn từ 1 đến {most} tài khoản. Chưa đặt lại mật khẩu nào.",
        "Choose between 1 and {most} accounts. Nothing was reset.";
    resets_sure: "Tôi giao từng phiếu tận tay đúng người.", "I hand each slip over in person to the right one.";
    resets_do: "Đặt lại và xem phiếu", "Reset and show the slips";
    resets_again: "Đặt lại tiếp", "Reset more";
    resets_not_begun: "chưa bắt đầu vì mất quá nhiều thời gian; hãy làm lại", "not begun, because it took too long; do it again";
    resets_not_begun_approved: "chưa bắt đầu vì mất quá nhiều thời gian; việc duyệt vẫn còn hiệu lực cho tài khoản này: thực hiện tiếp từ trang Chờ duyệt", "not begun, because it took too long; the approval holds for it: carry on from the page Approvals";
    resets_broken_off: "đã ngừng giữa chừng vì hệ thống thư trả lời quá chậm; mật khẩu có thể đã bị đổi mà không ai biết: hãy đặt lại lần nữa", "broken off, because the mail systems answer too slowly; its password may be another one that nobody knows: reset it again";
    resets_conflict: "đã thay đổi trong lúc xem danh sách, hoặc phiếu đã được hiện", "changed while the list was looked at, or its slip has been shown";

    // History.
    act_password_reset_begun(who: &str): "{who} bắt đầu đặt lại mật khẩu.", "{who} began to reset the password.";
    act_password_reset(who: &str): "{who} đặt lại mật khẩu.", "{who} reset the password.";
}
