//! Words for when a directory answers slowly or not at all.

words! {
    health_title: "Kết nối với hệ thống thư", "Connection to the mail systems";
    health_of_node: "Tình trạng do máy chủ này ghi nhận.", "As this node sees it.";
    health_normal: "bình thường", "normal";
    health_slow: "chậm", "slow";
    health_unreachable: "không kết nối được", "not reachable";
    health_misconfigured: "cấu hình chưa đúng", "set up wrongly";
    health_since(condition: &str, time: &str): "{condition} từ {time}", "{condition} since {time}";

    staff_slow(product: &str, time: &str): "Hệ thống thư {product} đang trả lời chậm từ {time}, nên việc đăng nhập có thể lâu hơn bình thường.",
        "The mail system {product} has been answering slowly since {time}, so signing in may take longer than usual.";
    staff_unreachable(product: &str, time: &str): "Chưa kết nối được với hệ thống thư {product} từ {time}. Nếu chưa đăng nhập được, đó không phải là lỗi mật khẩu.",
        "The mail system {product} has not been reachable since {time}. If you cannot sign in, it is not a wrong password.";
}
