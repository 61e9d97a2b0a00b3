//! Words of what is kept about a person.

words! {
    my_data_title: "Dữ liệu về Ông/Bà", "Data we hold about you";
    my_data_and_rules: "Dữ liệu và quy định", "Data and rules";
    my_data_look: "Xem hệ thống giữ những dữ liệu gì", "See what data is kept";
    my_data_lead: "Mỗi loại dữ liệu: giữ để làm gì, lấy từ đâu, giữ bao lâu. Có thể tải về tất cả.",
        "Each kind of data: what for, where from, for how long. You can download all of it.";
    my_data_what: "Dữ liệu", "Data";
    my_data_number: "Số bản ghi", "Records";
    my_data_why: "Để làm gì", "What for";
    my_data_how_long: "Giữ bao lâu", "For how long";
    my_data_account: "Họ tên, địa chỉ thư, cơ quan, chức vụ, hộp thư", "Name, addresses, agency, post, mailboxes";
    my_data_account_why: "Nhận ra đúng người; lấy từ các hệ thống thư.", "To know who you are; from the mail systems.";
    my_data_account_long: "Khi còn công tác; địa chỉ không cấp lại cho người khác.", "While you work for the city; the address is never given to somebody else.";
    my_data_sessions: "Các lần đăng nhập, thiết bị, địa chỉ mạng", "Sign-ins, devices, network addresses";
    my_data_sessions_why: "Để Ông/Bà và quản trị viên thấy việc lạ.", "So that you and administrators see what is strange.";
    my_data_sessions_long: "90 ngày sau khi phiên kết thúc.", "90 days after the session has ended.";
    my_data_factors: "Ứng dụng xác thực, khóa truy cập, thiết bị tin cậy", "Second factors, passkeys, trusted devices";
    my_data_factors_why: "Để chứng minh đúng là Ông/Bà khi đăng nhập.", "To prove at the sign-in that it is you.";
    my_data_factors_long: "Đến khi Ông/Bà gỡ; thiết bị tin cậy tự hết hạn.", "Until you remove them; trusted devices end by themselves.";
    my_data_roles: "Vai trò quản trị, nhóm, hộp thư được thay mặt", "Roles, groups, mailboxes you act for";
    my_data_roles_why: "Để biết ai được làm gì.", "To know who may do what.";
    my_data_roles_long: "Khi còn hiệu lực; sau đó còn trong nhật ký.", "While they hold; then in the audit.";
    my_data_applications: "Ứng dụng đã dùng và sự đồng ý", "Applications used, and what you agreed to";
    my_data_applications_why: "Để không hỏi lại mỗi lần, và để có thể ngừng.", "So that you are not asked each time, and can end it.";
    my_data_applications_long: "Đến khi Ông/Bà ngừng truy cập của ứng dụng.", "Until you end the application's access.";
    my_data_letters: "Thư hệ thống đã gửi", "Letters we sent";
    my_data_letters_why: "Để đối chiếu với thư trong hộp thư.", "To compare with what lies in the mailbox.";
    my_data_letters_long: "2 năm.", "Two years.";
    my_data_incidents: "Sự cố đã báo", "Incidents reported";
    my_data_incidents_why: "Để xử lý và báo cáo theo quy định.", "To follow them up and report them as the law asks.";
    my_data_incidents_long: "Theo quy định về lưu hồ sơ sự cố.", "As long as the files of incidents are kept.";
    my_data_notes: "Ghi chú của quản trị viên về tài khoản", "Notes of administrators about the account";
    my_data_notes_why: "Để người hỗ trợ sau biết việc đã làm.", "So that whoever helps next knows what was done.";
    my_data_notes_long: "Khi hệ thống còn giữ tài khoản.", "As long as the account is kept.";
    my_data_watched: "Chuyển tiếp thư, dung lượng, lần dùng cuối của hộp thư", "Forwarding, limits and last use of the mailboxes";
    my_data_watched_why: "Để thấy thư công vụ bị chuyển ra ngoài và hộp thư không ai dùng.",
        "To see official mail that leaves the city, and mailboxes that nobody uses.";
    my_data_watched_long: "Khi còn hộp thư; chuyển tiếp đã ngừng vẫn giữ ngày.", "As long as there is the mailbox; of what ended, the dates.";
    my_data_terms: "Thời hạn đã báo, quy định đã xác nhận", "Deadlines that were told, rules acknowledged";
    my_data_terms_why: "Để chứng minh Ông/Bà đã được báo khi nào, hạn nào.", "To prove when you were told, and of which day.";
    my_data_terms_long: "Khi hệ thống còn giữ tài khoản; không sửa được.", "As long as the account is kept; they cannot be changed.";
    my_data_decisions: "Rà soát quyền, phê duyệt, đối chiếu hộp thư, mã khẩn cấp", "Access reviews, approvals, whose mailbox, emergency codes";
    my_data_decisions_why: "Để chứng minh ai giữ hoặc cho quyền gì, vì sao.", "To prove who holds or gave which right, and why.";
    my_data_decisions_long: "Lưu làm hồ sơ, không xóa.", "Kept as records; they do not go.";
    my_data_lines: "Nhật ký về tài khoản", "Lines of the audit";
    my_data_lines_why: "Để chứng minh ai đã làm gì; không sửa được.", "To prove who did what; they cannot be changed.";
    my_data_lines_long: "Ít nhất 12 tháng, theo quy định về nhật ký.", "At least twelve months, as the rules on logs ask.";
    my_data_never: "Mật khẩu nằm trong các hệ thống thư; hệ thống này không giữ mật khẩu ở dạng đọc được. Trong tập tin không có khóa hay mã bí mật nào, và không có hàng chờ kỹ thuật chỉ lặp lại dữ liệu trên trong thời gian ngắn.",
        "Your password is in the mail systems; it is not kept here in a form that can be read. The file holds no key and no code, and no queues that repeat for a while what stands above.";
    my_data_download: "Tải về tất cả (JSON)", "Download all of it (JSON)";
    my_data_download_note: "Tập tin chứa dữ liệu cá nhân. Chỉ lưu ở nơi an toàn; việc tải về được ghi nhật ký.",
        "The file holds personal data. Keep it in a safe place; that it was downloaded is recorded.";
    act_own_data_exported(who: &str): "{who} tải về dữ liệu về mình.", "{who} downloaded the data about themselves.";
}
