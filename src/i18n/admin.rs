//! Words of the administrators' console: the overview, the accounts, the synchronisation.

words! {
    console: "Bảng điều hành", "Console";
    console_zone: "Khu vực quản trị", "Administration";
    console_overview: "Tổng quan", "Overview";
    console_accounts: "Tài khoản", "Accounts";
    console_sync: "Đồng bộ", "Synchronisation";
    menu_people: "Tài khoản", "Accounts";
    menu_directories: "Hai hệ thống thư", "Mail systems";
    menu_rules: "Quy định và thư báo", "Rules and letters";
    menu_house: "Quản trị", "Administration";
    reach_label: "Phạm vi quản trị", "Administers";
    reach_all: "Toàn thành phố", "The whole city";

    // Overview.
    accounts_by_state: "Tài khoản theo trạng thái", "Accounts by state";
    all_accounts: "Tất cả", "All";
    locks_by_reason: "Bị khóa theo lý do", "Locked, by reason";
    no_locks: "Không có tài khoản nào bị khóa.", "No account is locked.";
    due_in_seven_days: "Đến hạn trong 7 ngày", "Due within 7 days";
    due_by(day: &str): "Đến hạn, muộn nhất {day}", "Due by {day}";
    last_sync: "Đồng bộ gần nhất", "Last synchronisation";
    never_synced: "Chưa đồng bộ lần nào", "Never synchronised";

    // The list of accounts.
    accounts_title: "Tài khoản", "Accounts";
    search: "Tìm", "Search";
    search_label: "Tên, địa chỉ thư, mã số cán bộ hoặc cơ quan", "Name, mail address, staff number or agency";
    search_hint: "Không cần gõ dấu, không cần đúng thứ tự: “an noi vu” tìm được “Nguyễn An” ở Sở Nội vụ; gõ đầu từ là đủ.",
        "Neither accents nor order matter: “an noi vu” finds “Nguyễn An” of Sở Nội vụ; the beginnings of words are enough.";
    all_agencies: "Mọi cơ quan", "All agencies";
    state: "Trạng thái", "State";
    deadline: "Hạn đổi mật khẩu", "Password deadline";
    systems: "Hệ thống thư", "Mail systems";
    no_deadline_short: "Không có", "None";
    no_accounts_found: "Không có tài khoản nào khớp.", "No account matches.";
    clear_search: "Xóa điều kiện tìm", "Clear the search";
    list_of_accounts: "Danh sách tài khoản", "List of accounts";

    // One account.
    back_to_list: "Về danh sách", "Back to the list";
    state_and_deadline: "Trạng thái và thời hạn", "State and deadline";
    state_active_says: "Tài khoản đang hoạt động.", "The account is active.";
    state_must_change_says(since: &str): "Phải đổi mật khẩu, từ {since}.", "Must change the password, since {since}.";
    state_locked_says(since: &str): "Bị khóa từ {since}.", "Locked since {since}.";
    state_retired_says(since: &str): "Đã thu hồi từ {since}.", "Withdrawn since {since}.";
    must_change_initial: "Đang dùng mật khẩu cấp ban đầu", "Still on the initial password";
    must_change_reset: "Mật khẩu được quản trị viên đặt lại", "Password reset by an administrator";
    must_change_unlocked: "Vừa được mở khóa", "Just unlocked";
    must_change_why: "Vì sao phải đổi", "Why it must change";
    account_kind: "Loại tài khoản", "Kind of account";
    kind_person: "Cá nhân", "Person";
    kind_agency: "Hộp thư cơ quan", "Agency mailbox";
    kind_service: "Hộp thư dịch vụ, thiết bị", "Service or device mailbox";
    staff_number: "Mã số cán bộ", "Staff number";
    locked_by_label: "Người khóa", "Locked by";
    decided_in_mail_system: "Khóa này do hệ thống thư đặt. Hãy sửa ở hệ thống thư; lần đồng bộ kế tiếp sẽ mở khóa.",
        "This lock comes from the mail system. Correct it there; the next synchronisation lifts it.";
    locked_here_label: "Khóa tại hệ thống này từ", "Locked here since";
    directory_locked_at(system: &str, moment: &str): "{system}: hệ thống này đã khóa lúc {moment}.", "{system}: locked by this system at {moment}.";
    directory_locked_by_others(system: &str): "{system}: bị khóa bởi người khác (không phải hệ thống này). Mở khóa ở đây không bỏ khóa đó.",
        "{system}: locked by somebody else (not by this system). Unlocking here does not lift that lock.";
    directory_lock_waits(system: &str): "{system}: đang chờ khóa.", "{system}: waiting to be locked.";
    directory_unlock_waits(system: &str): "{system}: đang chờ mở khóa.", "{system}: waiting to be unlocked.";
    directory_tried(attempts: u64, next: &str, error: &str): "Đã thử {attempts} lần, thử lại lúc {next}; lỗi: {error}",
        "Tried {attempts} times, next attempt at {next}; error: {error}";
    identity: "Định danh", "Identity";
    account_number: "Mã tài khoản", "Account id";
    password_age: "Mật khẩu đặt ngày", "Password set on";
    open_sessions: "Phiên đang mở", "Open sessions";
    no_open_sessions: "Không có phiên nào đang mở.", "No session is open.";
    lock_account: "Khóa tài khoản", "Lock the account";
    lock_note: "Mọi phiên kết thúc ngay; người dùng không đăng nhập được cho đến khi được mở khóa. Dữ liệu hộp thư không bị xóa.",
        "Every session ends at once; the person cannot sign in until unlocked. The data in the mailbox is not deleted.";
    lock_anew: "Khóa theo quyết định của quản trị viên", "Lock it on an administrator’s word";
    lock_anew_note: "Thay khóa hiện nay: người dùng không tự mở khóa được nữa, hệ thống thư cũng không mở khóa; vai trò quản trị của tài khoản kết thúc.",
        "Takes the place of the present lock: neither its holder nor a mail system lifts it any more, and roles of the account end.";
    unlock_account: "Mở khóa tài khoản", "Unlock the account";
    unlock_note: "Người dùng phải đặt mật khẩu mới trước khi hết hạn mới; nếu không, tài khoản bị khóa lại.",
        "The person must set a new password before a fresh deadline; otherwise the account is locked again.";
    unlock_check: "Xác minh đúng người (thẻ cán bộ, hoặc gọi lại số đã đăng ký) trước khi mở khóa.",
        "Make sure it is the right person (staff card, or call back the registered number) before you unlock.";
    reason_for_log: "Lý do (ghi vào nhật ký)", "Reason (written to the log)";
    reason_for_log_hint: "Nêu căn cứ, ví dụ số văn bản hoặc người đề nghị.", "Say on what basis, for example a document number or who asked.";
    reason_needed: "Hãy ghi lý do.", "Please give a reason.";
    lock_done: "Đã khóa tài khoản.", "The account is locked.";
    unlock_done: "Đã mở khóa. Người dùng phải đặt mật khẩu mới.", "Unlocked. The person must set a new password.";
    changed_meanwhile: "Tài khoản vừa được người khác thay đổi. Hãy xem lại trạng thái bên dưới rồi làm lại nếu vẫn cần.",
        "Somebody else has just changed this account. Look at its state below and repeat the step if it is still needed.";
    not_possible_now: "Trạng thái hiện tại của tài khoản không cho phép thao tác này.", "The present state of the account does not allow this.";
    lock_of_an_administrator: "Chỉ quản trị viên thành phố hoặc cán bộ an ninh mạng mới được khóa tài khoản của một quản trị viên.",
        "Only an administrator of the city or a security officer locks an administrator's account.";
    unlock_of_an_administrator: "Tài khoản này còn giữ vai trò quản trị: chỉ quản trị viên thành phố mới được mở khóa.",
        "This account still has a role in the administration: only an administrator of the city lifts its lock.";
    cannot_lock_self: "Không thể tự khóa tài khoản đang dùng.", "You cannot lock the account you are using.";

    // Synchronisation.
    sync_title: "Đồng bộ với hệ thống thư", "Synchronisation with the mail systems";
    sync_lead: "Đọc tài khoản từ Active Directory và OBM, so với danh sách đang có, rồi áp dụng phần thay đổi.",
        "Reads the accounts of Active Directory and OBM, compares them with what is known and applies the difference.";
    sync_now: "Đồng bộ ngay", "Synchronise now";
    sync_running: "Đang đồng bộ", "Synchronising";
    sync_requested: "Đã yêu cầu đồng bộ.", "A run has been requested.";
    sync_already_running: "Một lần đồng bộ khác đang chạy.", "Another run is in progress.";
    last_runs: "Các lần gần đây", "Recent runs";
    run_started: "Bắt đầu", "Started";
    run_created: "Mới", "New";
    run_changed: "Thay đổi", "Changed";
    run_missing: "Không còn thấy", "Missing";
    run_outcome: "Kết quả", "Outcome";
    run_done: "Xong", "Done";
    run_failed: "Lỗi", "Failed";
    run_held: "Dừng để kiểm tra", "Held for review";
    run_partial: "Chưa trọn vẹn", "Incomplete";
    run_abandoned: "Bị bỏ dở", "Broken off";
    run_in_progress: "Đang chạy", "Running";
    run_by: "Người yêu cầu", "Requested by";
    run_by_schedule: "Theo lịch", "By schedule";
    run_by_command_line: "Dòng lệnh", "Command line";
    no_runs: "Chưa có lần đồng bộ nào.", "No run yet.";
    seconds_short(seconds: &str): "{seconds} giây", "{seconds} s";
    held_explained: "Lần này muốn khóa hoặc bỏ quá nhiều tài khoản, nên chưa áp dụng gì. Hãy kiểm tra hệ thống thư trước khi chạy lại.",
        "This run wanted to lock or drop too many accounts, so nothing was applied. Check the mail system before you run it again.";
    set_aside(entries: &str): "{entries} mục để riêng", "{entries} entries set aside";
    only_city_starts: "Chỉ quản trị viên toàn thành phố được yêu cầu đồng bộ.", "Only an administrator of the whole city starts a run.";
}
