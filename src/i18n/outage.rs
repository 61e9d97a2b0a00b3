//! Words for when a directory answers slowly or not at all.

words! {
    health_title: "Kết nối với hệ thống thư", "Connection to the mail systems";
    health_of_node: "Tình trạng do máy chủ này ghi nhận.", "As this node sees it.";
    health_normal: "Bình thường", "Normal";
    health_slow: "Chậm", "Slow";
    health_unreachable: "Không kết nối được", "Not reachable";
    health_misconfigured: "Cấu hình chưa đúng", "Set up wrongly";
    health_since(condition: &str, time: &str): "{condition} từ {time}", "{condition} since {time}";

    act_signed_in_cached(who: &str): "{who} đăng nhập bằng mật khẩu đã biết gần nhất, vì hệ thống thư không kết nối được.",
        "{who} signed in by the last known password, because the mail system was not reachable.";
    cached_session: "Lúc đăng nhập, hệ thống thư chưa kết nối được; mật khẩu đã được đối chiếu với lần đăng nhập gần nhất.",
        "When you signed in, the mail system was not reachable; the password was checked against the last known one.";
    cached_refused: "Hiện chỉ đối chiếu được với mật khẩu đã biết gần nhất, và lần này chưa đăng nhập được. Hãy kiểm tra lại mật khẩu hoặc thử lại sau ít phút.",
        "Only the last known password can be checked now, and this attempt did not succeed. Check the password, or try again in a few minutes.";

    staff_slow(product: &str, time: &str): "Hệ thống thư {product} đang trả lời chậm từ {time}, nên việc đăng nhập có thể lâu hơn bình thường.",
        "The mail system {product} has been answering slowly since {time}, so signing in may take longer than usual.";
    staff_unreachable(product: &str, time: &str): "Chưa kết nối được với hệ thống thư {product} từ {time}. Nếu chưa đăng nhập được, đó không phải là lỗi mật khẩu.",
        "The mail system {product} has not been reachable since {time}. If you cannot sign in, it is not a wrong password.";
}
