//! Words of the page that lifts many locks at once.

words! {
    bulk_title: "Mở khóa nhiều tài khoản", "Unlock many accounts";
    bulk_lead: "Chọn lý do khóa và cơ quan, xem danh sách, rồi xác nhận bằng cách nhập lại số lượng tài khoản.",
        "Choose why they are locked and the agency, look at the list, then confirm by typing the number of accounts.";
    bulk_link: "Mở khóa nhiều tài khoản…", "Unlock many accounts…";
    bulk_lock_reason: "Bị khóa vì", "Locked because";
    bulk_choose_reason: "Chọn lý do", "Choose a reason";
    bulk_show: "Xem danh sách", "Show the list";
    bulk_whom: "Danh sách sẽ mở khóa", "Who will be unlocked";
    bulk_nobody: "Không có tài khoản nào bị khóa vì lý do này.", "No account is locked for this reason.";
    bulk_number(number: &str): "{number} tài khoản sẽ được mở khóa.", "{number} accounts will be unlocked.";
    bulk_first(shown: &str): "Dưới đây là {shown} tài khoản đầu.", "The first {shown} are listed below.";
    bulk_more(total: &str, most: &str): "Có {total} tài khoản bị khóa vì lý do này; mỗi lần mở tối đa {most}. Làm lại cho số còn lại.",
        "{total} accounts are locked for this reason; at most {most} are unlocked at a time. Repeat it for the rest.";
    bulk_locked_on: "Khóa lúc", "Locked at";
    bulk_confirm: "Xác nhận", "Confirm";
    bulk_effect: "Tài khoản nào đã thay đổi sau khi danh sách này được lập thì giữ nguyên.",
        "An account that has changed since this list was made is left as it is.";
    bulk_type_number(number: &str): "Nhập số {number} để xác nhận", "Type {number} to confirm";
    bulk_wrong_number: "Số đã nhập không khớp với số lượng tài khoản. Chưa mở khóa tài khoản nào.",
        "The number you typed is not the number of accounts. Nothing was unlocked.";
    bulk_wrong_amount(most: &str): "Mỗi lần chỉ mở khóa từ 1 đến {most} tài khoản. Chưa mở khóa tài khoản nào.",
        "Between 1 and {most} accounts are unlocked at a time. Nothing was unlocked.";
    bulk_do(number: &str): "Mở khóa {number} tài khoản", "Unlock {number}";
    bulk_done_title: "Kết quả mở khóa", "What came of it";
    bulk_done(number: &str): "Đã mở khóa {number} tài khoản. Mỗi người phải đặt mật khẩu mới.", "{number} accounts were unlocked. Each person must set a new password.";
    bulk_left(number: &str): "{number} tài khoản giữ nguyên:", "{number} accounts were left as they are:";
    bulk_changed: "đã thay đổi trong lúc xem danh sách", "changed while the list was looked at";
    bulk_out_of_reach: "ngoài phạm vi quản trị", "not within your reach";
    bulk_failed: "lỗi hệ thống; hãy thử lại", "an error of the system; try again";
    bulk_unnamed: "Một tài khoản", "An account";
    bulk_again: "Mở khóa tiếp", "Unlock more";
    bulk_directories: "Hệ thống thư được mở trong vài phút tới; trang của từng tài khoản cho biết tình trạng.",
        "The mail systems follow within minutes; each account's page shows how far they are.";
}
