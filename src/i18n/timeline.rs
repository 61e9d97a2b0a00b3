//! Words of an account's timeline: the page that tells everything recorded of it.

words! {
    timeline_title: "Diễn biến tài\u{a0}khoản", "Timeline of the account";
    timeline_link: "Xem toàn bộ diễn biến (in được)", "See the whole timeline (printable)";
    timeline_back: "Về trang tài khoản", "Back to the account";
    timeline_oldest: "Cũ nhất trước", "Oldest first";
    timeline_newest: "Mới nhất trước", "Newest first";
    timeline_order: "Thứ tự", "Order";
    timeline_from_start: "Về trang đầu", "Back to the first page";
    timeline_printed(moment: &str, who: &str): "Lập lúc {moment}, người lập: {who}.", "Made at {moment} by {who}.";
    timeline_is_part: "Trang này chỉ là một phần; còn các trang trước hoặc sau.", "This page is a part; there are pages before or after it.";
    changed_in(systems: &str): "Ở: {systems}", "In: {systems}";
}
