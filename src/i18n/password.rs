//! Words about a new password: the first change, the rules, and what each mail system answered.

words! {
    change_password: "Đổi mật khẩu", "Change password";
    first_password_title: "Đặt mật khẩu của riêng mình", "Set a password of your own";
    first_password: "Đây là lần đăng nhập đầu tiên. Hãy đặt mật khẩu của riêng mình; mật khẩu cấp ban đầu sẽ không dùng được nữa.",
        "This is your first sign-in. Please set a password of your own; the initial password will no longer work.";
    reset_password: "Mật khẩu này đã được đặt lại hoặc hệ thống thư yêu cầu đổi. Hãy đặt mật khẩu mới.",
        "This password was reset, or the mail system demands another one. Please set a new password.";
    unlocked_password: "Tài khoản vừa được mở khóa. Hãy đặt mật khẩu mới để tiếp tục.",
        "Your account has just been unlocked. Please set a new password to continue.";
    change_deadline(day: &str): "Hạn đổi: hết {day}.", "Change it by the end of {day}.";
    change_deadline_then: "Quá hạn, tài khoản sẽ bị khóa theo quy chế.", "After that the account is locked under the regulation.";
    current_password: "Mật khẩu đang dùng", "Current password";
    reset_or_current_password: "Mật khẩu dùng một lần hoặc đang dùng", "One-time or current password";
    initial_password: "Mật khẩu cấp ban đầu", "Initial password";
    new_password: "Mật khẩu mới", "New password";
    repeat_password: "Nhập lại mật khẩu mới", "New password again";
    good_choice_hint: "Vài từ không liên quan, nối bằng dấu gạch, thêm chữ hoa và chữ số: dễ nhớ với mình, khó đoán với người khác.",
        "A few unrelated words joined by hyphens, with a capital and a digit: easy for you to remember, hard for others to guess.";
    both_systems_hint: "Mật khẩu mới được ghi vào mọi hộp thư của Ông/Bà cùng lúc; các phiên ở thiết bị khác sẽ đóng.",
        "The new password is written to all your mailboxes at once; sessions on other devices are closed.";
    set_password: "Đặt mật khẩu", "Set password";

    // The rules, as the page ticks them off.
    rules_heading: "Mật khẩu mới cần", "The new password needs";
    rule_min(n: u64): "ít nhất {n} ký tự", "at least {n} characters";
    rule_max(n: u64): "không quá {n} ký tự", "no more than {n} characters";
    rule_classes(n: u64): "{n} trong 4 loại: chữ thường, chữ hoa, chữ số, ký hiệu", "{n} of 4 kinds: lower case, capitals, digits, signs";
    rule_all_classes: "đủ 4 loại: chữ thường, chữ hoa, chữ số, ký hiệu", "all 4 kinds: lower case, capitals, digits, signs";
    rule_allowed(signs: &str): "chỉ chữ không dấu, chữ số và các ký hiệu {signs}", "only unaccented letters, digits and the signs {signs}";
    rule_allowed_why: "Thư OBM chỉ nhận các ký tự này và độ dài này; mật khẩu phải dùng được ở mọi hộp thư.",
        "OBM mail accepts only these characters and this length; the password must work in every mailbox.";
    rule_not_name: "không chứa tên hoặc địa chỉ của mình", "not your name or address";
    rule_not_old: "khác mật khẩu cũ", "different from the old one";
    rule_not_common: "không phải mật khẩu phổ biến hoặc mật khẩu cấp ban đầu", "not a common or an initial password";
    rule_not_guessable: "khó đoán: không phải từ quen, tên, ngày tháng hoặc dãy phím lặp lại", "hard to guess: no common words, names, dates, or repeated patterns";
    strength: "Độ khó đoán (ước tính)", "How hard to guess (estimate)";
    strength_words: "Rất dễ đoán|Dễ đoán|Tạm được|Khó đoán|Rất khó đoán", "Very easy|Easy|Fair|Hard|Very hard";
    rule_met: "Đạt:", "Met:";
    rule_broken: "Chưa đạt:", "Not met:";
    repeat_matches: "Hai lần nhập giống nhau.", "Both entries are the same.";
    repeat_differs: "Hai lần nhập chưa giống nhau.", "The two entries differ.";
    current_wrong: "Mật khẩu đang dùng chưa đúng.", "The current password is not right.";
    fill_in_current: "Hãy nhập mật khẩu đang dùng.", "Please enter the current password.";
    fill_in_new: "Hãy nhập mật khẩu mới.", "Please enter the new password.";
    rules_broken_title: "Mật khẩu mới chưa đạt yêu cầu", "The new password does not meet the rules";
    nothing_changed: "Chưa có gì thay đổi; mật khẩu cũ vẫn dùng được.", "Nothing has changed; the old password still works.";

    // What each mail system answered.
    changed_title: "Đã đổi mật khẩu", "Password changed";
    changed_next(day: &str): "Hạn kế tiếp: hết {day}.", "Next deadline: the end of {day}.";
    changed_sessions: "Các phiên ở thiết bị khác đã đóng.", "Sessions on other devices have been closed.";
    changed_phones: "Hãy nhập mật khẩu mới vào ứng dụng thư trên điện thoại và máy tính, để thiết bị không tiếp tục gửi mật khẩu cũ.",
        "Enter the new password in the mail apps of your phone and computer, so that they do not keep sending the old one.";
    partly_title: "Mới đổi được ở một hệ thống thư", "Only one mail system has the new password";
    partly: "Để đăng nhập, hãy dùng mật khẩu mới. Hệ thống còn lại vẫn giữ mật khẩu cũ cho đến khi hoàn tất bước dưới đây.",
        "Use the new password to sign in. The other system keeps the old one until you complete the step below.";
    finish_title: "Hoàn tất đổi mật khẩu", "Finish the password change";
    finish(system: &str): "{system} vẫn giữ mật khẩu cũ. Nhập lại mật khẩu mới để ghi vào đó; mật khẩu không được lưu trong lúc chờ.",
        "{system} still has the old password. Enter the new one again to write it there; we do not keep the password while waiting.";
    finish_action: "Ghi vào hệ thống còn lại", "Write it to the other system";
    results_heading: "Kết quả ở từng hệ thống thư", "What each mail system answered";
    result_done_short: "Đã đổi", "Changed";
    result_open_short: "Chưa đổi", "Not changed";
    result_done: "đã có mật khẩu mới", "has the new password";
    result_unreachable: "chưa kết nối được, nên vẫn giữ mật khẩu cũ", "could not be reached and keeps the old password";
    result_refused: "từ chối mật khẩu này theo quy tắc riêng, nên vẫn giữ mật khẩu cũ",
        "refused this password by its own rules and keeps the old one";
    result_waiting: "chưa được ghi", "not yet written";
    result_shown(systems: &str): "Mật khẩu mới đã có ở: {systems}.", "The new password works in: {systems}.";
    current_wrong_finish: "Đây chưa phải là mật khẩu mới vừa đặt.", "This is not the new password you have just set.";
    system_says(words: &str): "Hệ thống thư trả lời: {words}", "The mail system says: {words}";
}
