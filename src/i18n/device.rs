//! Words of the pages on which a person lets an application in on a device without a keyboard.

words! {
    device_title: "Đăng\u{a0}nhập trên thiết\u{a0}bị khác", "Sign in on another device";
    device_lead: "Nhập mã gồm 8 chữ cái đang hiện trên màn hình thiết bị mà Ông/Bà vừa mở ứng dụng.",
        "Enter the code of 8 letters shown on the screen of the device on which you have just opened the application.";
    device_code: "Mã trên thiết bị", "Code on the device";
    device_code_hint: "Ví dụ: BCDF-GHJK. Không cần gõ dấu gạch; chữ hoa hay chữ thường đều được.",
        "For example: BCDF-GHJK. The dash is not needed; capital or small letters are both fine.";
    device_go_on: "Tiếp tục", "Continue";
    device_never_from_others: "Không nhập mã do người khác gửi qua thư, tin nhắn hoặc đọc qua điện thoại.",
        "Do not enter a code that somebody has sent you by mail or message, or read to you over the telephone.";
    device_unknown: "Mã không đúng hoặc đã hết hạn. Hãy xem lại màn hình thiết bị; mỗi mã chỉ dùng một lần trong 10 phút.",
        "The code is wrong or has expired. Look at the screen of the device again; each code is good once, for 10 minutes.";
    device_wait(until: &str): "Đã nhập sai mã quá nhiều lần. Hãy thử lại sau {until}.",
        "Too many wrong codes were entered. Try again after {until}.";
    device_gone: "Mã đã được trả lời, đã hết hạn, hoặc được nhập ở trình duyệt khác. Hãy nhập mã đang hiện trên thiết bị.",
        "The code has been answered, has expired, or was entered in another browser. Enter the code that the device shows now.";

    device_ask_title: "Cho phép đăng nhập trên thiết bị?", "Allow the sign-in on the device?";
    device_ask_lead(application: &str): "Ứng dụng “{application}” trên một thiết bị khác muốn đăng nhập bằng tài khoản của Ông/Bà.",
        "The application “{application}” on another device wants to sign in with your account.";
    device_warn_title: "Chỉ cho phép nếu chính Ông/Bà vừa bắt đầu việc này trên thiết bị đang ở trước mặt.",
        "Allow it only if you started this yourself, on a device before you.";
    device_warn: "Nếu có người gửi mã hoặc đề nghị Ông/Bà nhập mã, hãy chọn “Từ chối”: người đó có thể vào ứng dụng bằng tên của Ông/Bà.",
        "If somebody has sent you the code or asks you to enter it, choose “Refuse”: that person could enter the application in your name.";
    device_same_code: "Mã này có đúng là mã trên thiết bị không?", "Is this the code on the device?";
    device_began(time: &str): "Thiết bị yêu cầu lúc {time}.", "The device asked at {time}.";
    device_approve: "Cho phép", "Allow";
    device_refuse: "Từ chối", "Refuse";
    device_ends: "Có thể ngừng bất cứ lúc nào tại trang “Ứng dụng của tôi”; đăng xuất ở trình duyệt này cũng kết thúc đăng nhập trên thiết bị.",
        "You can end it at any time on the page “My applications”; signing out in this browser ends it on the device too.";

    device_approved_title: "Đã cho phép thiết bị", "The device is allowed";
    device_approved: "Hãy trở lại thiết bị: ứng dụng sẽ tự tiếp tục trong vài giây. Có thể đóng trang này.",
        "Go back to the device: the application goes on by itself within a few seconds. You may close this page.";
    device_refused_title: "Đã từ chối thiết bị", "The device is refused";
    device_refused: "Thiết bị không nhận được gì. Nếu không phải Ông/Bà bắt đầu việc này, hãy báo cho bộ phận hỗ trợ.",
        "The device gets nothing. If it was not you who started this, tell the help desk.";

    act_device_approved(who: &str, what: &str): "{who} cho phép ứng dụng {what} trên một thiết bị khác.",
        "{who} let the application {what} in on another device.";
    act_device_refused(who: &str, what: &str): "{who} từ chối ứng dụng {what} trên một thiết bị khác.",
        "{who} refused the application {what} on another device.";
}
