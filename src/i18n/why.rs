//! Words of the page that says why somebody cannot sign in.

words! {
    why_title: "Vì sao không đăng nhập được?", "Why can’t this person sign in?";
    why_link: "Vì sao không đăng nhập được?", "Why can’t this person sign in?";
    why_lead: "Từng bước của một lần đăng nhập được kiểm tra ngay bây giờ, không cần mật khẩu và không thay đổi gì.",
        "Each step of a sign-in is looked at now, without a password, and nothing is changed.";
    why_application: "Hệ thống muốn vào", "Application";
    why_any_application: "Chỉ cổng tài khoản", "The portal only";
    why_again: "Kiểm tra lại", "Look again";
    why_to_account: "Mở trang tài khoản", "Open the account’s page";
    why_verdict: "Kết luận", "Verdict";
    why_steps: "Các bước đã kiểm tra", "What was looked at";
    why_nothing: "Không có gì ngăn việc đăng nhập. Nếu vẫn không vào được: rất có thể mật khẩu hoặc địa chỉ gõ sai; hãy nhắc tắt bộ gõ tiếng Việt, kiểm tra phím Caps Lock, rồi đặt lại mật khẩu nếu người dùng không nhớ.",
        "Nothing stands in the way. If it still fails, the password or the address is most likely typed wrongly: ask for the Vietnamese input method and Caps Lock to be off, then reset the password if it is forgotten.";
    weight_good: "Đạt", "Good";
    weight_note: "Lưu ý", "Note";
    weight_hinders: "Cản trở", "Hinders";
    weight_stops: "Chặn", "Stops";

    step_state: "Trạng thái tài khoản", "State of the account";
    step_term: "Thời hạn mật khẩu", "Term of the password";
    step_attempts: "Số lần nhập sai", "Wrong passwords";
    step_directory(system: &str): "Máy chủ {system}", "{system} server";
    step_entry(system: &str): "Hộp thư ở {system}", "Mailbox in {system}";
    step_password_in(system: &str): "Mật khẩu ở {system}", "Password in {system}";
    step_second: "Bước xác thực thứ hai", "Second step";
    step_application: "Hệ thống muốn vào", "Application";
    step_role: "Quyền vào bảng điều hành", "Right to enter the console";

    found_active: "Đang hoạt động.", "Active.";
    found_must_change(why: &str): "Đăng nhập được, nhưng phải đặt mật khẩu mới trước: {why}.", "May sign in, but must set a new password first: {why}.";
    found_disowned(since: &str): "Chủ tài khoản báo lúc {since} rằng có người khác biết mật khẩu; từ đó chỉ mật khẩu thì không đăng nhập được.",
        "The holder said at {since} that somebody else knows the password; since then it alone signs nobody in.";
    found_locked(reason: &str, since: &str): "Bị khóa từ {since}. Lý do: {reason}.", "Locked since {since}. Reason: {reason}.";
    found_retired(since: &str): "Đã thu hồi từ {since}.", "Withdrawn since {since}.";
    found_term(day: &str): "Dùng được đến hết {day}.", "Good until the end of {day}.";
    found_no_term: "Không có thời hạn nào đang chạy.", "No term is running.";
    found_term_over(day: &str): "Đã hết hạn ngày {day}; phải đặt mật khẩu mới trước khi làm việc khác.", "It ended on {day}; a new password must be set before anything else.";
    found_term_locks(day: &str): "Đã hết hạn ngày {day}; lần đăng nhập kế tiếp sẽ bị khóa theo quy chế.", "It ended on {day}; the next sign-in locks the account by the regulation.";
    found_no_pause: "Không bị tạm khóa.", "Not paused.";
    found_paused(until: &str, failures: u64): "Tạm khóa đến {until}, sau {failures} lần nhập sai.", "Paused until {until}, after {failures} wrong passwords.";
    found_wrong(number: u64, last: &str): "{number} lần nhập sai kể từ lần đăng nhập được gần nhất, lần cuối lúc {last}.", "{number} wrong passwords since the last successful sign-in, the latest at {last}.";
    found_no_mailbox: "Không có hộp thư nào, nên không có nơi kiểm tra mật khẩu.", "There is no mailbox, so nothing can check the password.";
    found_not_connected: "Hệ thống này chưa được kết nối ở đây.", "It is not connected to this house.";
    found_answers: "Trả lời bình thường.", "It answers.";
    found_slow: "Trả lời chậm; đăng nhập có thể lâu hơn bình thường.", "It answers slowly; signing in may take longer.";
    found_silent_home: "Không trả lời. Mật khẩu được kiểm tra ở đây, nên lúc này không đăng nhập được; đó không phải lỗi mật khẩu.",
        "It does not answer. The password is checked there, so nobody gets in now; it is not a wrong password.";
    found_silent: "Không trả lời, nhưng mật khẩu không được kiểm tra ở đây.", "It does not answer, but the password is not checked there.";
    found_entry_open: "Có và đang mở.", "There, and open.";
    found_entry_gone_home: "Không còn trong hệ thống thư này; mật khẩu được kiểm tra ở đây.", "No longer in this mail system, which checks the password.";
    found_entry_gone: "Không còn trong hệ thống thư này.", "No longer in this mail system.";
    found_entry_locked_home: "Hệ thống thư không cho đăng nhập (bị khóa hoặc vô hiệu hóa ở đó); mật khẩu được kiểm tra ở đây.",
        "The mail system refuses this person (locked or disabled there), and it checks the password.";
    found_entry_locked: "Hệ thống thư này không cho vào hộp thư (bị khóa hoặc vô hiệu hóa ở đó).", "This mail system refuses the mailbox (locked or disabled there).";
    found_entry_locked_out_home: "Hệ thống thư đang tạm khóa vì nhập sai mật khẩu nhiều lần ở đó (điện thoại hoặc máy còn lưu mật khẩu cũ); mật khẩu được kiểm tra ở đây.",
        "The mail system has locked this person out for a while after many wrong passwords there (a phone or a computer that still keeps the old one), and it checks the password.";
    found_entry_locked_out: "Hệ thống thư này đang tạm khóa hộp thư vì nhập sai mật khẩu nhiều lần ở đó.", "This mail system has locked the mailbox out for a while after many wrong passwords there.";
    found_entry_expired(since: &str): "Tài khoản ở hệ thống thư này đã hết hạn từ {since} theo ngày kết thúc đặt ở đó.", "The account in this mail system ended on {since}, by the end date set there.";
    found_stands_in(until: &str): "Không trả lời. Người dùng vào được bằng mật khẩu dùng được gần nhất đến {until}.", "It does not answer. The last known password still lets the person in until {until}.";
    found_being_opened: "Ở đây đã mở khóa, hệ thống thư đang được mở theo; thử lại sau ít phút.", "Unlocked here, and the mail system follows; try again in a few minutes.";
    found_lags: "Khác mật khẩu của tài khoản: hệ thống này chưa nhận mật khẩu mới. Người dùng hoàn tất việc đó ở cổng tài khoản.",
        "Another one than the account’s: this system has not taken the new password yet. The person finishes that in the portal.";
    found_copy_waits: "Mật khẩu mới đang được ghi vào nơi thứ hai; thư trên web có thể vẫn yêu cầu mật khẩu cũ.", "The new password is on its way to the second place; web mail may still ask for the old one.";
    found_asks_factor(which: &str): "Được hỏi sau mật khẩu: {which}.", "Asked for after the password: {which}.";
    found_must_enrol: "Bắt buộc nhưng chưa thiết lập; phải thiết lập ngay khi đăng nhập.", "Required and not set up yet; it must be set up at the sign-in.";
    found_codes_paused(until: &str): "Tạm khóa đến {until} do nhập sai mã nhiều lần.", "Paused until {until} after many wrong codes.";
    found_admitted(application: &str): "{application}: được phép dùng.", "{application}: may be used.";
    found_not_admitted(application: &str, agencies: &str): "{application}: chỉ dành cho {agencies}.", "{application}: only for {agencies}.";
    found_no_application(application: &str): "Không có hệ thống nào tên “{application}”.", "There is no application “{application}”.";
    found_role: "Có quyền quản trị.", "Has a role in the administration.";
    found_no_role: "Không có quyền quản trị; chỉ vào được cổng tài khoản và các hệ thống.", "Has no role in the administration: the portal and the applications only.";

    // What to do next, by state.
    next_step: "Việc cần làm", "Next step";
    next_active: "Không cần làm gì.", "Nothing to do.";
    next_must_change: "Nhắc người dùng đăng nhập và đặt mật khẩu mới trước hạn. Nếu không nhớ mật khẩu, đặt lại mật khẩu.",
        "Remind the person to sign in and set a new password in time. If it is forgotten, reset it.";
    next_disowned: "Gặp trực tiếp và xác minh đúng người, rồi đặt lại mật khẩu và giao phiếu. Mở khóa không đủ: mật khẩu cũ có người khác biết, và đến lúc đó hệ thống thư vẫn nhận mật khẩu cũ. Cùng với phiếu, các cách xác thực thứ hai được thêm trong 30 ngày trước lúc báo cũng bị gỡ.",
        "Make sure in person who it is, then reset the password and hand over the slip. Unlocking is not enough: somebody else knows the old password, and until then the mail systems still take it. With the slip, second factors added within thirty days before the report are removed.";
    next_unlock: "Xác minh đúng người, rồi mở khóa (nếu còn nhớ mật khẩu) hoặc đặt lại mật khẩu.",
        "Make sure who it is, then unlock (if the password is known) or reset the password.";
    next_ask_locker: "Hỏi người đã khóa hoặc xem lý do trong lịch sử trước khi mở.", "Ask whoever locked it, or read the reason in the history, before unlocking.";
    next_directory: "Sửa ở hệ thống thư; lần đồng bộ kế tiếp sẽ mở khóa.", "Correct it in the mail system; the next synchronisation lifts the lock.";
    next_retired: "Tài khoản đã thu hồi. Người trở lại làm việc cần được cấp lại hộp thư.", "The account is withdrawn. Whoever comes back needs a mailbox again.";
    next_wait: "Chờ đến hết thời gian tạm khóa, hoặc bỏ tạm khóa trên trang tài khoản sau khi xác minh đúng người.",
        "Wait until the pause is over, or lift it on the account’s page once you are sure who it is.";
    next_factor: "Chờ đến hết thời gian tạm khóa. Nếu mất thiết bị: xác minh đúng người, rồi gỡ bước xác thực thứ hai trên trang tài khoản.",
        "Wait until the pause is over. If the device is lost: make sure who it is, then remove the second factors on the account’s page.";
    next_enrol: "Hướng dẫn người dùng thiết lập ứng dụng xác thực hoặc khóa truy cập khi đăng nhập.", "Help the person to set up an authenticator app or a passkey at the sign-in.";
    next_audience: "Đề nghị đơn vị chủ quản hệ thống đó mở quyền cho cơ quan này.", "Ask the owner of that application to admit this agency.";
    next_stopped_application: "Không cần làm gì với tài khoản. Hỏi thành phố khi nào ứng dụng chạy lại; quản trị viên thành phố xem trên trang của ứng dụng.",
        "Nothing to do for the account. Ask the city when the application runs again; its administrators find it on the application’s page.";
    next_locked_out: "Tắt hoặc sửa mật khẩu cũ còn lưu trên điện thoại, máy tính; chờ hết thời gian tạm khóa của hệ thống thư, hoặc đặt lại mật khẩu để mở ngay.",
        "Remove the old password from phones and computers; wait until the mail system’s pause is over, or reset the password, which ends it.";
    next_server: "Báo bộ phận vận hành hệ thống thư. Người dùng không cần đổi mật khẩu.", "Tell the operators of the mail system. The person need not change the password.";
}
