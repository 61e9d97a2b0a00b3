//! Words of an account's history: one line of the audit, one sentence. `who` acted, `whom` it concerned.

words! {
    history: "Lịch sử", "History";
    history_empty: "Chưa có gì được ghi.", "Nothing has been recorded yet.";
    reason_given(reason: &str): "Lý do: {reason}", "Reason: {reason}";
    changed_from_to(before: &str, after: &str): "Từ “{before}” thành “{after}”.", "From “{before}” to “{after}”.";

    // Who acted.
    actor_house: "Hệ thống", "The system";
    actor_command_line: "Quản trị viên máy chủ", "The server's operator";
    actor_stranger: "Người chưa rõ danh tính", "Somebody unproven";
    actor_administrator(address: &str): "Quản trị viên {address}", "Administrator {address}";
    actor_client(client: &str): "Ứng dụng {client}", "Application {client}";

    // What was done.
    act_signed_in(who: &str): "{who} đăng nhập.", "{who} signed in.";
    act_kept_out_locked(who: &str): "{who} nhập đúng mật khẩu; tài khoản đang bị khóa nên không vào được.",
        "{who} entered the right password; the account is locked, so it opened nothing.";
    act_kept_out_disowned(who: &str): "{who} nhập đúng mật khẩu mà chủ tài khoản đã báo có người khác biết; không vào được.",
        "{who} entered the password that its holder has disowned; it opened nothing.";
    act_sign_in_refused(who: &str): "{who} nhập sai mật khẩu.", "{who} entered a wrong password.";
    act_signed_out(who: &str): "{who} đăng xuất.", "{who} signed out.";
    act_session_ended(who: &str): "{who} kết thúc một phiên đăng nhập.", "{who} ended a session.";
    act_session_carried_off(who: &str): "{who} dùng một phiên bằng trình duyệt khác với lúc đăng nhập; phiên đã bị kết thúc.",
        "{who} came with a session in another browser than the one that signed in; the session was ended.";
    act_password_changed(who: &str): "{who} đổi mật khẩu.", "{who} changed the password.";
    act_passwords_differ(who: &str): "{who} đổi mật khẩu, nhưng mới được ở một hệ thống thư.",
        "{who} changed the password, but only one mail system took it.";
    act_password_found_differing(who: &str, system: &str): "{who} thấy mật khẩu ở {system} khác mật khẩu của tài khoản.",
        "{who} found that {system} has another password than the account.";
    act_password_copied(who: &str, system: &str): "{who} đã ghi mật khẩu mới vào {system}.", "{who} wrote the new password into {system}.";
    act_password_changed_elsewhere(who: &str): "{who} thấy mật khẩu đã được đổi trong hệ thống thư.",
        "{who} found the password changed in the mail system.";
    act_change_demanded(who: &str): "{who} yêu cầu đổi mật khẩu.", "{who} demanded a new password.";
    act_locked(who: &str): "{who} khóa tài khoản.", "{who} locked the account.";
    act_retired(who: &str): "{who} thu hồi tài khoản vì đã lâu không còn trong hệ thống thư.",
        "{who} withdrew the account: it has been in no mail system for long.";
    act_unlocked(who: &str): "{who} mở khóa tài khoản.", "{who} unlocked the account.";
    act_directory_locked(who: &str, system: &str): "{who} đã khóa hộp thư ở {system}.", "{who} locked the mailbox in {system}.";
    act_directory_unlocked(who: &str, system: &str): "{who} đã mở khóa hộp thư ở {system}.", "{who} unlocked the mailbox in {system}.";
    act_account_created(who: &str): "{who} tạo tài khoản theo hệ thống thư.", "{who} created the account from the mail system.";
    act_account_updated(who: &str): "{who} cập nhật thông tin theo hệ thống thư.", "{who} updated the details from the mail system.";
    act_role_granted(who: &str): "{who} giao quyền quản trị.", "{who} granted an administrator role.";
    act_role_revoked(who: &str): "{who} thu hồi quyền quản trị.", "{who} took the administrator role back.";
    act_client_changed(who: &str): "{who} sửa đăng ký hoặc mã bí mật của một ứng dụng.", "{who} changed an application's registration or secret.";
    act_initial_token_changed(who: &str): "{who} cấp hoặc thu hồi mã cho phép ứng dụng tự đăng ký.", "{who} made or took back a token with which applications register themselves.";
    act_client_registered(who: &str): "{who} đăng ký một ứng dụng.", "{who} registered an application.";
    act_client_removed(who: &str): "{who} gỡ một ứng dụng.", "{who} removed an application.";
    act_application_entered(who: &str, what: &str): "{who} vào ứng dụng {what}.", "{who} entered the application {what}.";
    act_application_ended(who: &str, what: &str): "{who} ngừng truy cập của ứng dụng {what}.", "{who} ended the access of the application {what}.";
    act_token_replayed(who: &str): "{who} dùng lại một mã đã dùng; mọi quyền cấp từ mã đó đã bị thu hồi.",
        "{who} used a code a second time; everything issued from it was revoked.";
    act_sync_started(who: &str): "{who} bắt đầu đồng bộ.", "{who} started a synchronisation.";
    act_sync_ended(who: &str): "{who} kết thúc đồng bộ.", "{who} ended a synchronisation.";
    act_calendar_changed(who: &str): "{who} thay đổi lịch làm việc.", "{who} changed the working calendar.";
    act_key_changed(who: &str): "{who} thay khóa ký.", "{who} changed a signing key.";
}
