//! Words of the sign-in door: signing in, a locked account, signing out, a wrong authorization request.

words! {
    sign_in_title: "Đăng nhập một lần – thành phố Đà Nẵng", "Single sign-on – City of Da Nang";
    sign_in: "Đăng nhập", "Sign in";
    continue_to: "Tiếp tục để vào", "Continue to";
    identifier: "Địa chỉ thư điện tử công vụ", "Official mail address";
    identifier_hint(domain: &str): "Địa chỉ đầy đủ, hoặc chỉ phần đứng trước @{domain}",
        "The full address, or only the part before @{domain}";
    password: "Mật khẩu", "Password";
    password_hint: "Cũng là mật khẩu hộp thư công vụ.", "The same as your official mailbox's.";
    locked_agency_administrator: "Quản trị viên của cơ quan", "The administrator of your agency";
    show_password: "Hiện mật khẩu", "Show password";
    hide_password: "Ẩn mật khẩu", "Hide password";
    caps_lock_on: "Phím Caps Lock đang bật.", "Caps Lock is on.";
    input_method_on: "Trong mật khẩu có chữ có dấu. Có thể bộ gõ tiếng Việt đang bật; hãy chuyển sang chế độ tiếng Anh và nhập lại.",
        "There is an accented letter in the password. A Vietnamese input method may be on; switch it to English and type again.";
    only_at_this_host: "Chỉ nhập mật khẩu khi thanh địa chỉ của trình duyệt là", "Type the password only when the browser's address bar shows";
    shared_computer: "Không đăng nhập trên máy tính công cộng. Nếu buộc phải dùng máy của người khác, hãy đăng xuất khi xong.",
        "Do not sign in on a public computer. If you must use someone else's, sign out when you are done.";
    cannot_sign_in: "Quên mật khẩu hoặc không đăng nhập được?", "Forgotten password, or cannot sign in?";
    cannot_sign_in_text: "Quản trị viên của cơ quan hoặc bộ phận hỗ trợ xác minh đúng người rồi cấp mật khẩu dùng một lần; đăng nhập bằng mật khẩu đó để đặt mật khẩu mới.",
        "The administrator of your agency or the help desk makes sure who you are and gives you a one-time password; sign in with it to set a new one.";

    // What can go wrong.
    wrong_password: "Địa chỉ thư hoặc mật khẩu chưa đúng.", "The address or the password is not right.";
    wrong_password_then(tries: u64): "Sau {tries} lần nhập sai liên tiếp, việc đăng nhập bằng mật khẩu sẽ bị tạm khóa.",
        "After {tries} wrong attempts in a row, signing in with the password is paused.";
    throttled_title: "Tạm khóa đăng nhập do nhập sai nhiều lần", "Paused after several wrong attempts";
    throttled_until(time: &str): "Có thể đăng nhập lại từ {time}. Mật khẩu và hộp thư không bị thay đổi.",
        "You can sign in again from {time}. The password and the mailbox are unchanged.";
    directory_unreachable_title(system: &str): "Chưa kết nối được với {system}", "{system} cannot be reached";
    directory_unreachable: "Đây không phải là lỗi mật khẩu. Hãy thử lại sau ít phút; lần này không bị tính là nhập sai.",
        "This is not a wrong password. Please try again in a few minutes; this attempt does not count as wrong.";
    session_expired_title: "Phiên đăng nhập đã hết hạn", "Your session has expired";
    session_unsent: "Nội dung vừa gửi chưa được ghi nhận; sau khi đăng nhập, hãy gửi lại.",
        "What you have just sent was not taken; please send it again after signing in.";
    session_kept: "Nội dung vừa gửi chưa được ghi nhận. Nếu đăng nhập lại trong 10 phút, Ông/Bà không phải nhập lại.",
        "What you have just sent was not taken. If you sign in again within ten minutes, you need not type it again.";
    session_expired: "Vì lâu không thao tác, hệ thống đã tự đăng xuất. Hãy đăng nhập lại để tiếp tục.",
        "You were signed out after a time without activity. Please sign in again to continue.";
    sign_in_open_too_long: "Để an toàn, trang này chỉ dùng được trong một thời gian. Hãy nhập lại mật khẩu để đăng nhập.",
        "For safety this page works only for a while. Please type the password again to sign in.";
    sign_in_again: "Hãy nhập lại mật khẩu để tiếp tục.", "Please enter your password again to continue.";
    sign_in_as(address: &str): "Ứng dụng yêu cầu đăng nhập bằng {address}.", "The application asks you to sign in as {address}.";
    fill_in_identifier: "Hãy nhập địa chỉ thư điện tử công vụ.", "Please enter your official mail address.";
    fill_in_password: "Hãy nhập mật khẩu.", "Please enter the password.";
    request_expired: "Yêu cầu đăng nhập của ứng dụng đã hết hạn. Hãy quay lại ứng dụng và bắt đầu lại.",
        "The application's sign-in request has expired. Please go back to the application and start again.";

    request_stopped(application: &str): "Thành phố đang tạm dừng ứng dụng {application}, nên lúc này không đăng nhập vào được. Hãy hỏi bộ phận hỗ trợ khi nào ứng dụng chạy lại, rồi bắt đầu lại từ ứng dụng.",
        "The city has stopped {application} for now, so nobody can sign in to it. Ask the help desk when it runs again, then start again from the application.";

    being_opened_title(system: &str): "{system} đang được mở khóa", "{system} is being unlocked";
    being_opened: "Tài khoản đã được mở khóa, nhưng hệ thống thư chưa nhận được lệnh. Hãy thử lại sau vài phút; lần thử này không bị tính.",
        "The account is unlocked, but the mail system has not taken it yet. Try again in a few minutes; this attempt does not count.";
    not_now_title: "Hệ thống thư chưa cho đăng nhập lúc này", "The mail system does not allow the sign-in now";
    not_now: "Mật khẩu đúng, nhưng hệ thống thư chỉ cho tài khoản này đăng nhập trong khung giờ hoặc từ máy đã quy định.",
        "The password is right, but the mail system lets this account sign in only at certain hours or from certain computers.";

    // A locked account; shown only after the password was proven.
    locked_title: "Tài khoản đang bị khóa", "This account is locked";
    locked_default_kept(days: &str): "Mật khẩu cấp ban đầu chưa được đổi trong {days}, nên tài khoản bị khóa theo quy chế.",
        "The initial password was not changed within {days}, so the account was locked under the regulation.";
    locked_too_old(months: &str): "Mật khẩu đã dùng quá {months} mà chưa đổi, nên tài khoản bị khóa theo quy chế.",
        "The password was used for more than {months} without a change, so the account was locked under the regulation.";
    locked_administrator: "Tài khoản bị khóa theo quyết định của quản trị viên.", "The account was locked by an administrator.";
    locked_failed_attempts: "Mật khẩu bị nhập sai nhiều lần liên tiếp. Nếu không phải do Ông/Bà thực hiện, hãy báo ngay cho bộ phận hỗ trợ.",
        "A wrong password was entered many times in a row. If that was not you, tell the help desk at once.";
    locked_inactive: "Tài khoản tạm ngừng vì lâu không sử dụng. Quản trị viên của cơ quan có thể kích hoạt lại.",
        "The account is paused because it was not used for a long time. The administrator of your agency can activate it again.";
    locked_gone: "Địa chỉ này không còn trong hệ thống thư của thành phố. Thường là do chuyển công tác, nghỉ hưu hoặc thôi việc.",
        "This address is no longer in the city's mail system, usually after a transfer, retirement or leaving.";
    locked_disabled: "Hộp thư đã bị vô hiệu hóa trong hệ thống thư, nên tài khoản cũng bị khóa.",
        "The mailbox was disabled in the mail system, so the account is locked as well.";
    // The password was proven, and it is somebody else's too.
    disowned_title: "Chưa thể đăng nhập chỉ bằng mật khẩu", "This password alone does not sign you in";
    disowned_why: "Chủ tài khoản đã báo có người khác dùng tài khoản. Cho đến khi có mật khẩu mới, không thể đăng nhập chỉ bằng mật khẩu hiện tại, trên bất kỳ máy nào.",
        "The holder has said that somebody else used the account. Until there is a new password, the present one alone opens nothing here, on whichever computer.";
    disowned_next_step: "Nếu Ông/Bà là chủ tài khoản: đặt mật khẩu mới trên máy đã bấm nút “Không phải tôi”. Nếu máy đó không còn đăng nhập, hãy đến gặp quản trị viên của cơ quan hoặc bộ phận hỗ trợ để được xác minh và nhận phiếu mật khẩu dùng một lần.",
        "If the account is yours: set the new password on the computer on which you pressed “It was not me”. If you are no longer signed in there, go to the administrator of your agency or the help desk, who make sure who you are and give you a slip with a one-time password.";
    what_to_do: "Việc cần làm", "What to do";
    reason_label: "Lý do", "Reason";
    since_label: "Khóa từ", "Locked since";
    locked_next_step: "Liên hệ bộ phận hỗ trợ hoặc quản trị viên của cơ quan để được mở khóa. Sau khi mở khóa, Ông/Bà sẽ đặt mật khẩu mới ở lần đăng nhập kế tiếp.",
        "Ask the help desk or the administrator of your agency to unlock it. After that you set a new password when you next sign in.";
    locked_next_step_decision: "Liên hệ bộ phận hỗ trợ hoặc quản trị viên của cơ quan để biết thêm và đề nghị mở khóa.",
        "Ask the help desk or the administrator of your agency for the details and for the lock to be lifted.";
    locked_next_step_gone: "Nếu Ông/Bà vẫn đang công tác, hãy đề nghị quản trị viên của cơ quan kiểm tra hộp thư.",
        "If you still work for the city, ask the administrator of your agency to check the mailbox.";

    // Signing out.
    signed_out_title: "Đã đăng xuất", "Signed out";
    signed_out: "Phiên đăng nhập trên trình duyệt này đã đóng.", "Your session in this browser is closed.";
    close_browser: "Trên máy dùng chung, hãy đóng mọi cửa sổ trình duyệt để chắc chắn.",
        "On a shared computer, close every browser window to be sure.";
    sign_out_confirm_title: "Đăng xuất khỏi hệ thống đăng nhập một lần?", "Sign out of single sign-on?";
    sign_out_confirm_from(application: &str): "{application} đề nghị đăng xuất.", "{application} asks to sign you out.";
    sign_out_confirm: "Phiên đăng nhập một lần trên trình duyệt này sẽ đóng. Hệ thống nào đang mở có thể cần đăng xuất riêng.",
        "The single sign-on session in this browser will close. Applications that are open may have to be signed out separately.";
    sign_out_everything: "Đăng xuất", "Sign out";
    stay_signed_in: "Không đăng xuất", "Stay signed in";

    // A wrong authorization request, for the developer of the application.
    request_error_title: "Ứng dụng gửi yêu cầu đăng nhập chưa đúng", "The application sent a wrong sign-in request";
    request_error_for_staff: "Đây không phải lỗi của Ông/Bà. Hãy báo cho người phụ trách ứng dụng, kèm nội dung dưới đây.",
        "This is not your mistake. Please tell the people in charge of the application and pass on the text below.";
    request_error_for_developer: "Dành cho người phát triển ứng dụng", "For the developer of the application";
    request_error_code: "Mã lỗi", "Error code";
    request_error_what: "Điều chưa đúng", "What is wrong";
    request_error_fix: "Cách sửa", "What to do";
    request_error_not_sent_back: "Trình duyệt không được chuyển về ứng dụng, vì địa chỉ nhận kết quả chưa được chứng minh là của ứng dụng.",
        "The browser was not sent back, because the return address is not proven to belong to the application.";
    fix_client: "Kiểm tra client_id đã đăng ký với hệ thống đăng nhập một lần.", "Check the client_id registered with this provider.";
    fix_stopped: "Thành phố đang tạm dừng ứng dụng này. Hãy hỏi bộ phận hỗ trợ.", "The city has stopped this application for now. Ask the help desk.";
    fix_redirect_uri: "redirect_uri phải trùng từng ký tự với một địa chỉ đã đăng ký.",
        "The redirect_uri must equal one of the registered addresses, character by character.";

    // Sending the answer back with response_mode=form_post.
    going_back_title: "Đang quay lại ứng dụng", "Going back to the application";
    going_back: "Nếu trang không tự chuyển, hãy bấm nút dưới đây.", "If nothing happens, press the button below.";
    continue_word: "Tiếp tục", "Continue";

    // The administrators' door.
    console_sign_in_title: "Bảng điều hành – đăng nhập", "Console – sign in";
    console_only_administrators: "Trang đăng nhập này chỉ dành cho quản trị viên. Mọi thao tác đều được ghi nhật ký.",
        "This door is for administrators only. Every action is written to the log.";
    console_not_administrator_title: "Tài khoản này không có quyền quản trị", "This account has no administrator role";
    console_not_administrator: "Mật khẩu đúng. Nếu Ông/Bà cần quyền quản trị, hãy đề nghị đơn vị vận hành hệ thống cấp quyền.",
        "The password is right. If you need an administrator role, ask the operators of this service.";
    console_change_first_title: "Hãy đổi mật khẩu trước", "Change the password first";
    console_change_first(portal: &str): "Mật khẩu phải được đổi ở cổng {portal} trước khi vào bảng điều hành.",
        "The password must be changed at {portal} before it opens the console.";
}
