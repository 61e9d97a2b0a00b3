//! Words of a run of the synchronisation: what it reads, and how far it is.

words! {
    sync_started(moment: &str): "Bắt đầu lúc {moment}. Trang tự cập nhật.", "Started at {moment}. This page updates itself.";
    sync_reading(entries: &str): "Đang đọc hệ thống thư: {entries} mục", "Reading the mail systems: {entries} entries";
    sync_planning: "Đang so sánh với danh sách hiện có", "Comparing with what is known";
    sync_applying(steps: &str): "Đang áp dụng thay đổi: {steps}", "Applying the changes: {steps}";
    sync_of_about(done: &str, expected: &str): "{done} trong khoảng {expected}", "{done} of about {expected}";
    sync_pace(rate: &str, left: &str): "{rate} mỗi giây, còn khoảng {left} giây", "{rate} a second, about {left} s left";
    sync_everything: "Đọc lại toàn bộ", "Read everything again";
    sync_everything_note(hours: &str): "“Đồng bộ ngay” chỉ đọc phần đã thay đổi từ lần trước. “Đọc lại toàn bộ” so sánh lại mọi tài khoản, lâu hơn; hệ thống tự làm mỗi {hours} giờ.",
        "“Synchronise now” reads only what changed since the last run. “Read everything again” compares every account and takes longer; the system does it by itself every {hours} hours.";
    run_read_whole(there: &str): "đã đọc toàn bộ, {there} hộp thư", "everything read, {there} mailboxes";
    run_read_changes(changed: &str, there: &str): "đã đọc {changed} thay đổi, {there} hộp thư", "{changed} changes read, {there} mailboxes";
    run_directory_read: "đã đọc được", "read";
    run_directory_failed: "không đọc được hoặc có lỗi", "could not be read, or something went wrong";
    run_by_administrator: "Quản trị viên toàn thành phố", "An administrator of the whole city";
    sync_numbers_of_city: "Số liệu của cả thành phố chỉ hiện cho người quản trị toàn thành phố. Phần thuộc cơ quan nằm trong kế hoạch của từng lần.",
        "The numbers of the whole city are shown to whoever administers it. What concerns the agency is in the plan of each run.";
}
