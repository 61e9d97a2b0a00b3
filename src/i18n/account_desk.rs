//! Words of sessions, applications and notes on the page of an account.

words! {
    end_one_session: "Kết thúc phiên này", "End this session";
    end_all_sessions: "Kết thúc mọi phiên", "End every session";
    sessions_ended: "Đã kết thúc phiên đăng nhập; các hệ thống được báo.", "Ended; the applications are told.";
    applications_entered: "Các hệ thống đã vào", "Applications entered";
    no_applications_entered: "Chưa vào hệ thống nào.", "None yet.";
    end_access_word: "Ngừng truy cập", "End access";
    access_of_application_ended: "Đã ngừng truy cập của hệ thống đó.", "The application’s access was ended.";
    end_everything: "Ngừng mọi truy cập", "End all access";
    nothing_to_end: "Không còn gì đang mở.", "Nothing is open any more.";
    notes_title: "Ghi chú nội bộ", "Internal notes";
    notes_hint: "Quản trị viên có phạm vi bao gồm tài khoản này đọc được, và chủ tài khoản khi tải dữ liệu về mình; không ghi mật khẩu.",
        "Read by administrators who reach this account, and by its holder in their own data; never write down a password.";
    no_notes: "Chưa có ghi chú nào.", "No notes yet.";
    note_label: "Ghi chú mới", "New note";
    note_add: "Thêm ghi chú", "Add the note";
    note_added: "Đã thêm ghi chú.", "The note was added.";
    note_needed: "Hãy viết ghi chú.", "Please write the note.";
    act_note_added(who: &str): "{who} ghi chú về tài khoản.", "{who} wrote a note about the account.";
    act_bulk_started(who: &str): "{who} thực hiện một thao tác hàng loạt.", "{who} started an act over many accounts.";
    act_bulk_undone(who: &str): "{who} hoàn tác một thao tác hàng loạt.", "{who} took back an act over many accounts.";
    act_demand_withdrawn(who: &str): "{who} rút lại yêu cầu đổi mật khẩu.", "{who} took back the demand for a new password.";
    must_change_demanded: "Quản trị viên yêu cầu đổi mật khẩu", "An administrator demands a new password";
    day_demanded: "ngày quản trị viên yêu cầu, không tính", "the day on which an administrator demanded it, not counted";
    demanded_password: "Quản trị viên yêu cầu đổi mật khẩu. Hãy đặt mật khẩu mới để tiếp tục.", "An administrator demands a new password. Please set one to continue.";
    letter_demanded(address: &str, start: &str, day: &str): "Quản trị viên yêu cầu đổi mật khẩu của tài khoản {address}; thời hạn tính từ {start}. Mật khẩu phải được đổi trước khi hết {day}; quá hạn, tài khoản bị khóa. Dữ liệu hộp thư không bị xóa.",
        "An administrator demands a new password for {address}; the term runs from {start}. It must be changed before the end of {day}; after that the account is locked. The data in the mailbox is not deleted.";
}
