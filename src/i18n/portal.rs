//! Words of the staff portal: my account, my sessions, my applications.

words! {
    nav_account: "Tài khoản", "Account";
    nav_password: "Mật khẩu", "Password";
    nav_applications: "Ứng dụng", "Applications";

    account_title: "Tài khoản của tôi", "My account";
    full_name: "Họ và tên", "Name";
    main_address: "Địa chỉ thư", "Mail address";
    aliases: "Địa chỉ khác", "Other addresses";
    former_addresses: "Địa chỉ trước đây", "Former addresses";
    no_aliases: "không có", "none";
    agency: "Cơ quan", "Agency";
    no_agency: "chưa xếp cơ quan", "no agency yet";
    job_title: "Chức vụ", "Title";

    // The status bar.
    good_until(day: &str): "Mật khẩu dùng được đến hết {day}", "Your password is good until the end of {day}";
    no_deadline: "Mật khẩu chưa có hạn đổi", "Your password has no deadline at present";
    days_left(days: &str): "Còn {days}", "{days} left";
    days_and_working_days_left(days: &str, working_days: &str): "Còn {days} ({working_days})", "{days} left ({working_days})";
    last_day: "Hôm nay là ngày cuối", "Today is the last day";
    password_set_on(day: &str): "Đặt ngày {day}", "Set on {day}";
    time_used: "Thời gian đã dùng", "Time used";
    letters_have_no_links: "Thư nhắc của hệ thống không kèm liên kết, và nội dung luôn có tại trang này. Thư nào không như vậy là đáng ngờ.",
        "Our reminder letters carry no links, and this page always says what they say. Any other letter is suspicious.";

    // Mailboxes.
    mailboxes: "Hộp thư", "Mailboxes";
    mailbox_ok: "Dùng được với mật khẩu này", "Works with this password";
    mailbox_unchecked: "Chưa kiểm tra được", "Cannot be checked now";
    mailbox_still_open: "Hệ thống thư chưa khóa", "Not locked in the mail system yet";
    mailbox_differs: "Mật khẩu khác", "Different password";
    mailbox_differs_note: "Hộp thư này đang dùng mật khẩu khác với mật khẩu của tài khoản.", "This mailbox has another password than the account.";
    mailbox_disabled: "Không đăng nhập được", "Cannot be signed in to";
    mailbox_finish: "Ghi mật khẩu mới", "Write the new password";
    no_mailboxes: "Chưa thấy hộp thư nào của tài khoản này.", "No mailbox of this account has been found.";

    // Sessions.
    this_session: "Phiên này", "This session";
    session_started(moment: &str): "Đăng nhập lúc {moment}", "Signed in at {moment}";
    session_last_used(ago: &str): "Dùng gần nhất: {ago}", "Last used: {ago}";
    session_from(address: &str): "Địa chỉ mạng {address}", "Network address {address}";
    unknown_device: "Thiết bị chưa rõ", "Unknown device";
    browser_on(browser: &str, system: &str): "{browser} trên {system}", "{browser} on {system}";
    end_session: "Kết thúc", "End";
    end_session_of(device: &str): "Kết thúc phiên trên {device}", "End the session on {device}";
    end_other_sessions: "Kết thúc mọi phiên khác", "End all other sessions";
    only_this_session: "Không có phiên nào khác.", "There are no other sessions.";
    session_ended: "Đã kết thúc phiên.", "The session has been ended.";
    other_sessions_ended: "Đã kết thúc mọi phiên khác.", "All other sessions have been ended.";
    session_not_found: "Phiên này đã kết thúc từ trước.", "That session had already ended.";

    // Applications.
    applications_title: "Ứng dụng của tôi", "My applications";
    applications_lead: "Các ứng dụng Ông/Bà đã đăng nhập, cho mình hoặc thay mặt hộp thư cơ quan, và thông tin mỗi ứng dụng được biết.",
        "Applications you have signed in to, for yourself or for an agency's mailbox, and what each may know.";
    application_last_used(moment: &str): "Dùng gần nhất: {moment}", "Last used: {moment}";
    end_access: "Ngừng truy cập", "End access";
    end_access_of(application: &str): "Ngừng truy cập của {application}", "End the access of {application}";
    end_access_note: "Khi ngừng, mọi quyền đã cấp cho ứng dụng hết hiệu lực và ứng dụng được báo để yêu cầu đăng nhập lại; ứng dụng chưa nhận thông báo có thể còn giữ phiên riêng đến khi phiên đó hết hạn. Dữ liệu trong ứng dụng không bị xóa.",
        "After this everything the application was given is void, and it is told to ask you to sign in again; one that does not listen may keep a session of its own until that runs out. Data inside it is not deleted.";
    access_ended: "Đã ngừng truy cập của ứng dụng.", "The application's access has ended.";
    no_applications: "Chưa có ứng dụng nào. Khi Ông/Bà đăng nhập vào một hệ thống của thành phố, hệ thống đó sẽ hiện ở đây.",
        "None yet. When you sign in to one of the city's systems, it appears here.";
}
