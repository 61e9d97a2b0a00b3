//! Words of second factors: the step after the password, how a factor is set up and removed, and the letter about it.

use super::Lang;
use super::letters::{Sender, body};
use crate::domain::account::Profile;
use crate::domain::factor::FactorKind;
use crate::domain::mail::{Letter, LetterKind};
use crate::domain::timestamp::Timestamp;

words! {
    // The step after the password.
    second_step_title: "Bước xác thực thứ hai", "Second step";
    second_step_lead(address: &str): "Mật khẩu của {address} đã đúng. Hãy xác nhận thêm một bước.",
        "The password of {address} is right. Please confirm with one more step.";
    step_up_lead: "Nơi Ông/Bà sắp vào yêu cầu xác thực thêm một bước.", "Where you are going asks for one more step.";
    code_label: "Mã xác thực", "Code";
    code_hint: "6 chữ số trong ứng dụng xác thực, hoặc một mã khôi phục 12 chữ số",
        "The 6 digits of the authenticator app, or a recovery code of 12 digits";
    recovery_code_hint: "Một mã khôi phục 12 chữ số", "A recovery code of 12 digits";
    recovery_code_instead: "Hoặc dùng một mã khôi phục (12 chữ số)", "Or use a recovery code (12 digits)";
    code_wrong: "Mã chưa đúng hoặc đã dùng.", "The code is wrong or has been used.";
    code_wrong_then: "Hãy chờ mã kế tiếp trong ứng dụng. Đồng hồ của điện thoại phải chạy đúng giờ.",
        "Wait for the next code of the app. The clock of the telephone must be right.";
    code_paused_title: "Tạm khóa do nhập sai mã nhiều lần", "Paused after several wrong codes";
    code_paused(time: &str): "Có thể nhập lại từ {time}. Nếu không phải do Ông/Bà thực hiện, có người biết mật khẩu của Ông/Bà: hãy báo bộ phận hỗ trợ.",
        "You can try again from {time}. If this was not you, somebody knows your password: tell the help desk.";
    fill_in_code: "Hãy nhập mã xác thực.", "Please enter the code.";
    remember_device(days: &str): "Tin cậy thiết bị này trong {days}", "Trust this device for {days}";
    remember_device_hint: "Chỉ chọn trên máy của riêng mình.", "Only on a device of your own.";
    second_step_continue: "Xác nhận", "Confirm";
    second_step_lost: "Không xác nhận được?", "Cannot confirm?";
    second_step_lost_text: "Dùng một mã khôi phục đã in. Nếu không còn mã nào, bộ phận hỗ trợ sẽ xác minh đúng người rồi gỡ bước xác thực thứ hai.",
        "Use one of the recovery codes that you have printed. If none is left, the help desk checks who you are and then removes the second step.";
    second_step_other: "Đăng nhập bằng tài khoản khác", "Sign in with another account";

    // Proving once more.
    confirm_title: "Xác nhận lại", "Confirm that it is you";
    confirm_lead: "Để bảo vệ tài khoản, hãy nhập lại mật khẩu trước khi tiếp tục.",
        "To protect the account, please enter the password again before you go on.";
    confirm_wrong: "Mật khẩu chưa đúng.", "The password is not right.";
    confirm_do: "Tiếp tục", "Continue";
    confirm_with_code: "Xác nhận bằng mã xác thực", "Confirm with a code";
    confirm_with_recovery: "Xác nhận bằng mã khôi phục", "Confirm with a recovery code";
    confirm_back: "Quay lại", "Back";
    confirm_keeps: "Nội dung vừa gửi được giữ lại trong 10 phút, sau khi xác nhận không phải nhập lại.",
        "What you have just sent is kept for ten minutes; you need not type it again afterwards.";
    kept_title: "Ông/Bà đã xác nhận", "You have confirmed that it is you";
    kept_lead: "Việc sau đây chưa được thực hiện:", "This has not been done yet:";
    kept_typed(text: &str): "Đã nhập: {text}", "You typed: {text}";
    kept_leave: "Không làm nữa", "Leave it";

    // The overview in the portal.
    nav_security: "Bảo mật", "Security";
    security_title: "Bảo mật đăng nhập", "Sign-in security";
    security_lead: "Thêm một bước sau mật khẩu, để người khác dù biết mật khẩu cũng không vào được tài khoản của Ông/Bà.",
        "A step after the password, so that whoever knows it still cannot enter your account.";
    security_on: "Bước xác thực thứ hai đang bảo vệ tài khoản.", "The second step protects the account.";
    security_off: "Chưa bật bước xác thực thứ hai. Hãy chọn một cách dưới đây.", "The second step is off. Choose a way below.";
    security_closed: "Thành phố chưa áp dụng bước xác thực thứ hai cho cán bộ.", "The city has not opened the second step for staff yet.";
    authenticator: "Ứng dụng xác thực", "Authenticator app";
    authenticator_about: "Một ứng dụng trên điện thoại cho mã mới sau mỗi 30 giây, cả khi không có mạng.",
        "An app on the telephone gives a new code every 30 seconds, also without a network.";
    factor_is_set_up: "Đã thiết lập", "Set up";
    factor_is_not_set_up: "Chưa thiết lập", "Not set up";
    authenticator_set_up: "Thiết lập", "Set up";
    authenticator_remove: "Gỡ ứng dụng xác thực", "Remove the authenticator app";
    recovery_codes: "Mã khôi phục", "Recovery codes";
    recovery_left(number: &str): "Còn {number} mã chưa dùng.", "{number} codes are left.";
    recovery_none: "Mã khôi phục được cấp sau khi thiết lập một cách xác thực.", "There are recovery codes once a factor is set up.";
    recovery_renew: "Tạo bộ mã mới", "Make new codes";
    recovery_renew_note: "Khi tạo bộ mã mới, các mã cũ không dùng được nữa.", "Once new codes are made, the old ones open nothing any more.";
    devices_title: "Thiết bị tin cậy", "Trusted devices";
    devices_lead: "Ở các trình duyệt này, việc đăng nhập không hỏi bước xác thực thứ hai.",
        "In these browsers the sign-in does not ask for the second step.";
    devices_none: "Chưa có thiết bị nào. Khi nhập mã xác thực, hãy đánh dấu “Tin cậy thiết bị này” trên máy của riêng mình.",
        "None yet. Tick “Trust this device” when you enter a code on a device of your own.";
    device_trusted(from: &str, until: &str): "Tin cậy từ {from} đến {until}", "Trusted from {from} to {until}";
    device_forget: "Bỏ tin cậy", "Stop trusting";
    device_forget_of(device: &str): "Bỏ tin cậy {device}", "Stop trusting {device}";
    devices_forget_all: "Bỏ tin cậy tất cả", "Stop trusting all";
    note_codes_made: "Mã khôi phục đã được tạo trước đó, lần gửi lại này không tạo mã mới. Các mã Ông/Bà vừa in hoặc ghi lại vẫn dùng được.",
        "Recovery codes were made before; sending the page once more has made none. Those that you have just printed or noted are good.";
    note_devices_forgotten: "Không còn thiết bị nào được tin cậy.", "No device is trusted any more.";
    note_app_removed: "Đã gỡ ứng dụng xác thực. Một thư báo đã được gửi cho Ông/Bà.",
        "The authenticator app is removed. A letter about it was sent to you.";
    note_device_forgotten: "Thiết bị không còn được tin cậy.", "The device is not trusted any more.";

    passkeys: "Khóa truy cập (passkey)", "Passkeys";
    passkey_about: "Đăng nhập bằng vân tay, khuôn mặt hoặc mã PIN của thiết bị; không cần nhớ mật khẩu và không thể bị trang giả lấy mất.",
        "Sign in with the fingerprint, the face or the PIN of the device; there is no password to remember, and no forged page can take it.";
    passkey_add: "Thêm khóa truy cập", "Add a passkey";
    passkey_remove: "Gỡ", "Remove";
    passkey_remove_of(name: &str): "Gỡ khóa truy cập {name}", "Remove the passkey {name}";
    passkey_made_on(day: &str): "Tạo ngày {day}", "Made on {day}";
    passkey_used_on(day: &str): "dùng lần cuối ngày {day}", "last used on {day}";
    passkey_stays: "chỉ lưu trong thiết bị", "stays in its device";
    passkey_travels: "được đồng bộ giữa các thiết bị", "copied between devices";
    passkey_new_title: "Tạo khóa truy cập", "Make a passkey";
    passkey_name: "Tên gợi nhớ (không bắt buộc)", "A name for it (optional)";
    passkey_name_hint: "Ví dụ: Điện thoại cá nhân, Máy tính ở cơ quan", "For example: own telephone, computer at the office";
    passkey_usual_name: "Khóa truy cập", "Passkey";
    passkey_make: "Tạo khóa truy cập", "Make the passkey";
    passkey_use: "Dùng khóa truy cập", "Use a passkey";
    passkey_failed: "Chưa dùng được khóa truy cập. Hãy thử lại hoặc chọn cách khác.", "The passkey was not used. Try again, or choose another way.";
    passkey_refused: "Khóa truy cập này không dùng được ở đây. Hãy đăng nhập bằng mật khẩu.", "This passkey cannot be used here. Please sign in with the password.";
    passkey_open_too_long: "Trang này mở đã lâu. Hãy bấm lại nút dùng khóa truy cập.", "This page was open for a long time. Please press the button for the passkey again.";
    passkey_not_made: "Chưa tạo được khóa truy cập. Hãy thử lại.", "The passkey was not made. Please try again.";
    passkey_too_many: "Đã đạt số khóa truy cập tối đa. Hãy gỡ bớt trước khi thêm.", "There are enough passkeys. Remove one first.";
    passkey_needs_browser: "Trình duyệt này chưa tạo được khóa truy cập: cần trình duyệt mới hơn và JavaScript.",
        "This browser cannot make a passkey: that needs a newer browser, and JavaScript.";
    authenticator_instead: "Dùng ứng dụng xác thực thay cho khóa truy cập", "Use an authenticator app in place of a passkey";
    passkey_instead: "Dùng khóa truy cập thay cho ứng dụng", "Use a passkey in place of the app";
    passkeys_counted(number: &str): "{number} khóa truy cập", "{number} passkeys";
    note_passkey_removed: "Đã gỡ khóa truy cập. Một thư báo đã được gửi cho Ông/Bà.", "The passkey is removed. A letter about it was sent to you.";
    passkey_or: "Xác nhận bằng khóa truy cập của Ông/Bà.", "Confirm with your passkey.";

    // Without the old password.
    forgotten_link: "Quên mật khẩu?", "Forgotten password?";
    forgotten_title: "Quên mật khẩu", "Forgotten password";
    forgotten_lead: "Đặt mật khẩu mới bằng khóa truy cập, hoặc bằng mã của ứng dụng xác thực kèm theo một mã khôi phục.",
        "Set a new password with a passkey, or with the code of the authenticator app and a recovery code together.";
    forgotten_code: "Mã 6 chữ số trong ứng dụng xác thực", "The 6 digits of the authenticator app";
    forgotten_recovery: "Một mã khôi phục 12 chữ số", "A recovery code of 12 digits";
    forgotten_else: "Không có các cách trên?", "You have none of these?";
    forgotten_wrong_title: "Chưa xác nhận được", "Not confirmed";
    forgotten_wrong: "Địa chỉ thư hoặc các mã chưa đúng, đã dùng, hoặc tài khoản này cần bộ phận hỗ trợ.",
        "The address or the codes are wrong or used, or this account needs the help desk.";
    forgotten_wait(time: &str): "Có thể thử lại từ {time}.", "You can try again from {time}.";
    recover_title: "Đặt mật khẩu mới", "Set a new password";
    recover_lead: "Đã xác nhận đúng Ông/Bà. Mật khẩu mới được ghi vào mọi hệ thống thư.", "We know who you are. The new password is written to every mail system.";
    recover_lead_locked: "Đã xác nhận đúng Ông/Bà. Đặt mật khẩu mới để mở khóa ngay.", "We know who you are. Set a new password to unlock the account at once.";
    recover_unreachable: "Chưa đặt được mật khẩu mới. Hãy thử lại sau ít phút.", "The new password was not set. Please try again in a few minutes.";
    recovered_title: "Đã đặt mật khẩu mới", "The new password is set";
    recovered_text: "Mọi phiên cũ đã đóng. Hãy đăng nhập bằng mật khẩu mới.", "All old sessions are closed. Please sign in with the new password.";
    recover_lags(systems: &str): "{systems} chưa nhận mật khẩu này; sau khi đăng nhập, hãy hoàn tất trong cổng.",
        "{systems} has not taken this password; finish it in the portal after signing in.";
    locked_way_out: "Mở khóa ngay", "Unlock it now";
    locked_way_out_text: "Xác nhận bằng bước xác thực thứ hai để đặt mật khẩu mới và mở khóa ngay.",
        "Confirm with your second factor to set a new password and unlock the account at once.";
    act_password_recovered(who: &str): "{who} đặt mật khẩu mới bằng các cách xác thực khác.", "{who} set a new password by other proofs.";
    security_password_recovered(address: &str): "Mật khẩu của tài khoản {address} vừa được đặt lại bằng các cách xác thực của Ông/Bà. Mọi phiên đã đóng.",
        "The password of {address} was set anew by your other proofs. All sessions are closed.";

    // The first day.
    steps_title: "Các bước của ngày đầu tiên", "The steps of the first day";
    step_sign_in: "Đăng nhập", "Sign in";
    step_password: "Đặt mật khẩu riêng", "Set an own password";
    step_factor: "Thêm bước xác thực", "Add a second step";
    offer_title: "Thêm bước xác\u{a0}thực thứ\u{a0}hai", "Add a second step";
    offer_done: "Đã đặt mật khẩu của riêng Ông/Bà.", "Your own password is set.";
    offer_later: "Để sau", "Later";
    offer_later_note: "Có thể thiết lập bất cứ lúc nào trong cổng, mục Bảo mật.", "You can set it up at any time in the portal, under Security.";

    // The help desk.
    factors_title: "Bước xác thực thứ hai", "Second factors";
    recovery_left_short(number: &str): "{number} mã khôi phục", "{number} recovery codes";
    factors_reset_note: "Gỡ mọi cách xác thực thứ hai và kết thúc mọi phiên. Mật khẩu giữ nguyên; người dùng nhận một thư báo.",
        "Removes all second factors and ends all sessions. The password stays; the person gets a letter.";
    factors_reset: "Gỡ bước xác thực thứ hai", "Remove the second factors";
    factors_reset_done: "Đã gỡ bước xác thực thứ hai.", "The second factors are removed.";
    factors_none: "Tài khoản không có bước xác thực thứ hai.", "The account has no second factor.";

    // Setting the app up.
    enrol_title: "Thiết lập ứng\u{a0}dụng xác\u{a0}thực", "Set up an authenticator app";
    enrol_must: "Nơi này yêu cầu bước xác thực thứ hai. Hãy thiết lập một lần để tiếp tục.",
        "A second step is required here. Please set it up once to go on.";
    enrol_step_app: "Mở ứng dụng xác thực trên điện thoại (bất kỳ ứng dụng nào theo chuẩn TOTP) và chọn thêm tài khoản.",
        "Open an authenticator app on the telephone (any one that follows TOTP) and choose to add an account.";
    enrol_step_scan: "Quét mã QR này.", "Scan this picture.";
    enrol_on_this_phone: "Đang dùng điện thoại này? Mở trong ứng dụng xác thực",
        "On this very telephone? Open it in the authenticator app";
    enrol_picture: "Mã QR cho ứng dụng xác thực", "QR code for the authenticator app";
    enrol_by_hand: "Không quét được? Nhập mã thiết lập bằng tay", "Cannot scan? Type the key";
    enrol_key: "Mã thiết lập", "Key";
    enrol_key_note: "Không gửi mã này cho ai, không chụp màn hình.", "Send this key to nobody and take no picture of it.";
    enrol_step_code: "Nhập 6 chữ số mà ứng dụng đang hiện.", "Type the 6 digits that the app shows.";
    enrol_do: "Bật bước xác thực thứ hai", "Switch the second step on";

    // The recovery codes, shown once.
    codes_title: "Mã khôi phục", "Recovery codes";
    codes_made: "Đã bật bước xác thực thứ hai.", "The second step is on.";
    codes_renewed: "Đã tạo bộ mã mới; các mã cũ không dùng được nữa.", "New codes are made; the old ones open nothing any more.";
    codes_lead: "Mỗi mã chỉ dùng một lần. In ra, cất nơi kín; không lưu trong hộp thư.",
        "Each code is good once. Print them and keep them in a safe place, not in the mailbox.";
    codes_once: "Trang này chỉ hiện một lần. Hãy in hoặc chép ra giấy ngay.",
        "This page is shown once. Print it or copy it on paper now.";
    codes_for(address: &str, day: &str): "Tài khoản {address}, tạo ngày {day}", "Account {address}, made on {day}";
    codes_continue: "Tôi đã cất các mã này", "I have put these codes away";

    // Acts.
    act_second_step_begun(who: &str): "{who} nhập đúng mật khẩu; hệ thống hỏi bước xác thực thứ hai.",
        "{who} entered the right password; the second step was asked for.";
    act_stepped_up(who: &str): "{who} xác thực thêm bước thứ hai trong phiên đang mở.", "{who} proved the second factor in an open session.";
    act_proof_renewed(who: &str): "{who} xác nhận lại danh tính.", "{who} confirmed once more who they are.";
    act_factor_refused(who: &str): "{who} không xác thực được bước thứ hai.", "{who} did not prove the second factor.";
    act_factor_paused(who: &str): "{who} tạm khóa bước xác thực thứ hai do nhập sai nhiều lần.",
        "{who} paused the second step after several wrong codes.";
    act_factor_added(who: &str, what: &str): "{who} thiết lập {what}.", "{who} set up {what}.";
    act_factor_removed(who: &str, what: &str): "{who} gỡ {what}.", "{who} removed {what}.";
    act_passkey_counter_fell(who: &str): "{who} dùng một khóa truy cập có dấu hiệu bị sao chép; hệ thống đã từ chối.",
        "{who} used a passkey that seems to have been copied; it was refused.";
    act_factors_reset(who: &str): "{who} gỡ mọi cách xác thực thứ hai.", "{who} removed all second factors.";
    act_recovery_codes_made(who: &str): "{who} tạo bộ mã khôi phục mới.", "{who} made new recovery codes.";
    act_device_remembered(who: &str): "{who} tin cậy một thiết bị.", "{who} trusted a device.";
    act_device_forgotten(who: &str): "{who} bỏ tin cậy một thiết bị.", "{who} stopped trusting a device.";
    factor_totp: "ứng dụng xác thực", "the authenticator app";
    factor_passkey: "khóa truy cập", "a passkey";
    factor_recovery: "mã khôi phục", "the recovery codes";

    // The letter.
    kind_security: "Thay đổi về bảo mật đăng nhập", "Sign-in security changed";
    letter_subject_security: "Bảo mật đăng nhập của Ông/Bà vừa thay đổi", "Your sign-in security has changed";
    letter_security_when(moment: &str): "Thời điểm: {moment}.", "When: {moment}.";
    letter_security_not_me: "Nếu không phải do Ông/Bà thực hiện: hãy đổi mật khẩu ngay trong cổng quen dùng và gọi bộ phận hỗ trợ.",
        "If this was not you: change your password at once in the portal that you know, and call the help desk.";
    security_app_added(address: &str): "Một ứng dụng xác thực vừa được thiết lập cho tài khoản {address}. Từ nay việc đăng nhập hỏi thêm mã của ứng dụng.",
        "An authenticator app was set up for {address}. From now on the sign-in asks for its code too.";
    security_app_removed(address: &str): "Ứng dụng xác thực của tài khoản {address} vừa được gỡ.",
        "The authenticator app of {address} was removed.";
    security_codes_made(address: &str): "Bộ mã khôi phục mới của tài khoản {address} vừa được tạo. Các mã cũ không dùng được nữa.",
        "New recovery codes were made for {address}. The old ones open nothing any more.";
    security_code_used(address: &str): "Một mã khôi phục của tài khoản {address} vừa được dùng.",
        "A recovery code of {address} was used.";
    security_many_wrong(address: &str): "Bước xác thực thứ hai của tài khoản {address} bị tạm khóa do mã bị nhập sai nhiều lần. Người nhập đã biết mật khẩu.",
        "The second step of {address} is paused, because wrong codes were typed several times. Whoever typed them knows the password.";
    security_many_wrong_recoveries(address: &str): "Bước xác thực thứ hai của tài khoản {address} bị tạm khóa do mã bị nhập sai nhiều lần ở trang quên mật khẩu.",
        "The second step of {address} is paused, because wrong codes were typed several times on the page for a forgotten password.";
    security_passkey_added(address: &str): "Một khóa truy cập vừa được tạo cho tài khoản {address}.", "A passkey was made for {address}.";
    security_passkey_removed(address: &str): "Một khóa truy cập của tài khoản {address} vừa được gỡ.", "A passkey of {address} was removed.";
    security_passkey_copied(address: &str): "Hệ thống vừa từ chối một khóa truy cập của tài khoản {address}, vì có dấu hiệu khóa đã bị sao chép. Hãy gỡ khóa đó trong cổng.",
        "A passkey of {address} was refused, because it seems to have been copied. Remove it in the portal.";
    security_step_left(address: &str): "Có người nhập đúng mật khẩu của tài khoản {address} từ một nơi hoặc một trình duyệt chưa từng đăng nhập, rồi dừng ở bước xác thực thứ hai. Xem trang Hoạt động trong cổng.",
        "Somebody entered the right password of {address} from a place or a browser that has not signed in before, and stopped at the second step. See Activity in the portal.";
    security_password_changed(address: &str): "Mật khẩu của tài khoản {address} vừa được đổi trong cổng. Mọi phiên khác đã đóng.",
        "The password of {address} was changed in the portal. All other sessions are closed.";
    security_password_reset(address: &str): "Quản trị viên vừa đặt lại mật khẩu của tài khoản {address}. Mọi phiên đã đóng; mật khẩu dùng một lần được giao tận tay, không gửi qua thư.",
        "An administrator reset the password of {address}. All sessions are closed; the one-time password is handed over in person, never by mail.";
    security_reset(address: &str): "Quản trị viên vừa gỡ mọi cách xác thực thứ hai của tài khoản {address}.",
        "An administrator removed all second factors of {address}.";
}

/// What has changed about how a person proves themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// An authenticator app was set up.
    AppAdded,
    /// It was removed.
    AppRemoved,
    /// Recovery codes were made anew.
    RecoveryCodesMade,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// Codes were paused after too many wrong ones.
    ManyWrongCodes,
    /// The same on the page for a forgotten password, where nobody has to know it.
    ManyWrongRecoveries,
    /// A passkey was made.
    PasskeyAdded,
    /// One was removed.
    PasskeyRemoved,
    /// One was refused, because there is a copy of it.
    PasskeyCopied,
    /// Codes are sent to another address from now on.
    OtherAddressAdded,
    /// They are not any more.
    OtherAddressRemoved,
    /// A certificate was bound.
    CertificateBound,
    /// One was removed.
    CertificateRemoved,
    /// A new password was set without the old one.
    PasswordRecovered,
    /// An administrator removed everything.
    Reset,
    /// The password was right, from where nobody has come in before, and the second step was left.
    SecondStepLeft,
    /// The holder has changed the password.
    PasswordChanged,
    /// An administrator has reset it.
    PasswordReset,
}

/// The letter about a change.
pub fn letter(to: &Profile, change: Change, at: Timestamp, by: &Sender) -> Letter {
    let subject = Lang::Vi.letter_subject_security();
    let says = |t: Lang| {
        let when = t.letter_security_when(&t.moment(at.local()));
        let what = t.security_change(change, to.address.as_str());
        vec![format!("{what}\n{when}"), t.letter_security_not_me().to_owned()]
    };
    Letter::new(to.address.clone(), LetterKind::SecurityChanged, subject, &body(to, by, None, says))
}

impl Lang {
    /// The steps of the first day, in their order.
    pub const fn steps_of_the_first_day(self) -> [&'static str; 3] {
        [self.step_sign_in(), self.step_password(), self.step_factor()]
    }

    /// A change in words.
    fn security_change(self, change: Change, address: &str) -> String {
        match change {
            Change::AppAdded => self.security_app_added(address),
            Change::AppRemoved => self.security_app_removed(address),
            Change::RecoveryCodesMade => self.security_codes_made(address),
            Change::RecoveryCodeUsed => self.security_code_used(address),
            Change::ManyWrongCodes => self.security_many_wrong(address),
            Change::ManyWrongRecoveries => self.security_many_wrong_recoveries(address),
            Change::PasskeyAdded => self.security_passkey_added(address),
            Change::PasskeyRemoved => self.security_passkey_removed(address),
            Change::PasskeyCopied => self.security_passkey_copied(address),
            Change::PasswordRecovered => self.security_password_recovered(address),
            Change::OtherAddressAdded => self.security_mail_added(address),
            Change::OtherAddressRemoved => self.security_mail_removed(address),
            Change::CertificateBound => self.security_certificate_bound(address),
            Change::CertificateRemoved => self.security_certificate_removed(address),
            Change::Reset => self.security_reset(address),
            Change::SecondStepLeft => self.security_step_left(address),
            Change::PasswordChanged => self.security_password_changed(address),
            Change::PasswordReset => self.security_password_reset(address),
        }
    }

    /// A factor by its code in the audit.
    pub(super) fn factor_in_words(self, code: &str) -> &str {
        match FactorKind::from_code(code) {
            Some(FactorKind::Totp) => self.factor_totp(),
            Some(FactorKind::Passkey) => self.factor_passkey(),
            Some(FactorKind::Recovery) => self.factor_recovery(),
            Some(FactorKind::Mail) => self.factor_mail(),
            Some(FactorKind::Certificate) => self.factor_certificate(),
            None => code,
        }
    }
}
