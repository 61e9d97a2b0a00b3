//! Words around the mail rules in short.

words! {
    rules_title: "Quy định sử dụng thư điện tử công vụ", "Rules for official mail";
    rules_lead: "Bản tóm tắt; quy chế đầy đủ vẫn có hiệu lực. Mỗi năm đọc và xác nhận một lần.",
        "In short; the whole regulation holds. Read and acknowledged once a year.";
    rules_version(version: &str): "Phiên bản {version}", "Version {version}";
    rules_due: "Hãy đọc và xác nhận quy định sử dụng thư điện tử công vụ.", "Please read and acknowledge the rules for official mail.";
    rules_read: "Đọc quy định", "Read the rules";
    rules_acknowledge: "Tôi đã đọc và sẽ thực hiện", "I have read them and will follow them";
    rules_done(moment: &str, version: &str): "Đã xác nhận lúc {moment}, phiên bản {version}.", "Acknowledged at {moment}, version {version}.";
    rules_until(day: &str): "Lần xác nhận kế tiếp: sau {day}.", "To be acknowledged again after {day}.";
    rules_changed: "Quy định vừa được cập nhật. Hãy đọc bản mới rồi xác nhận.", "The rules have just changed. Please read the new version, then acknowledge.";
    act_rules_acknowledged(who: &str, version: &str): "{who} xác nhận quy định sử dụng thư, phiên bản {version}.", "{who} acknowledged the mail rules, version {version}.";
}
