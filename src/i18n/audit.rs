//! Words of the page that searches the audit.

words! {
    audit_title: "Nhật ký", "Audit";
    audit_lead: "Mọi việc đã làm trong hệ thống: ai, việc gì, với ai, trước và sau. Mỗi lần xem hoặc tải nhật ký cũng được ghi lại.",
        "Everything that was done here: who, what, to whom, before and after. Each look at the audit and each download is recorded too.";
    audit_about: "Đối tượng", "About whom or what";
    audit_about_hint: "Người: địa chỉ thư hoặc tên đăng nhập ngắn. Ứng dụng: mã ứng dụng.", "People: mail address or short name. Applications: their id.";
    audit_actor: "Người thực hiện", "Done by";
    audit_source: "Từ địa chỉ mạng", "From network address";
    audit_act: "Hành động", "Act";
    audit_any_act: "Mọi hành động", "Every act";
    audit_from: "Từ ngày", "From day";
    audit_to: "Đến ngày", "To day";
    audit_hour(when: &str): "Chỉ trong một giờ kể từ {when}.", "Only within the hour from {when}.";
    audit_found(number: &str): "{number} dòng mới nhất khớp điều kiện.", "The newest {number} lines that match.";
    audit_further(number: &str): "{number} dòng tiếp theo khớp điều kiện.", "The next {number} lines that match.";
    audit_readings: "Hiện cả việc xem nhật ký", "Show readings of the audit too";
    audit_only_readings: "Phần này chỉ có các lần xem nhật ký. Hãy xem tiếp các dòng cũ hơn.", "There are only readings of the audit here. Go on to the older lines.";
    audit_nothing: "Không có dòng nào khớp điều kiện trong phạm vi quản trị. Các dòng cũ có thể đã được chuyển vào kho lưu.",
        "No line within your reach matches. Old lines may have moved into the archive.";
    audit_clear: "Bỏ mọi điều kiện", "Clear all conditions";
    audit_wrong_day(typed: &str): "“{typed}” không phải là ngày; hãy nhập như 30/11/2026.", "“{typed}” is no day; write it as 30/11/2026.";
    audit_concerns: "Đối tượng", "Subject";
    audit_detail(text: &str): "Chi tiết: {text}", "Detail: {text}";
    audit_conditions(list: &str): "Điều kiện: {list}", "Conditions: {list}";
    condition_search(text: &str): "tìm “{text}”", "search “{text}”";
    condition_agency(what: &str): "cơ quan {what}", "agency {what}";
    condition_month(what: &str): "tháng {what}", "month {what}";
    condition_account(what: &str): "tài khoản {what}", "account {what}";
    condition_actor(who: &str): "người thực hiện {who}", "done by {who}";
    condition_source(what: &str): "địa chỉ mạng {what}", "network address {what}";
    condition_act(what: &str): "hành động “{what}”", "act “{what}”";
    condition_state(what: &str): "trạng thái {what}", "state {what}";
    condition_lock(why: &str): "khóa vì {why}", "locked because {why}";
    condition_from(day: &str): "từ ngày {day}", "from day {day}";
    condition_to(day: &str): "đến ngày {day}", "to day {day}";
    condition_hour(when: &str): "trong một giờ kể từ {when}", "within the hour from {when}";
    condition_newest: "mới nhất", "the newest";
    condition_readings: "cả việc xem nhật ký", "readings of the audit too";
    audit_number(seq: &str): "Dòng {seq}", "Line {seq}";
    audit_newest: "Về dòng mới nhất", "To the newest lines";
    audit_older: "Các dòng cũ hơn", "Older lines";
    audit_export_jsonl: "Tải JSON Lines", "Download JSON lines";
    audit_export_note: "Tập tin gồm mọi dòng khớp điều kiện, kể cả các lần xem nhật ký, kèm mã băm của chuỗi.", "The file holds every line that matches, readings of the audit too, with the hashes of the chain.";
    audit_col_number: "Số dòng", "Line";
    audit_col_time: "Thời điểm", "Time";
    audit_col_says: "Diễn giải", "In words";
    audit_col_actor: "Người thực hiện", "Actor";
    audit_col_act: "Mã hành động", "Act code";
    audit_col_before: "Trước", "Before";
    audit_col_after: "Sau", "After";
    audit_col_why: "Lý do", "Reason";
    audit_col_hash: "Mã băm", "Hash";
    act_audit_read(who: &str): "{who} tra cứu nhật ký.", "{who} searched the audit.";
    act_audit_exported(who: &str): "{who} tải nhật ký.", "{who} downloaded the audit.";
    act_audit_archived(who: &str): "{who} chuyển các dòng nhật ký cũ vào kho lưu.", "{who} moved old lines of the audit into the archive.";
}
