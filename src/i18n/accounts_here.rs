//! Words of the page with the accounts that are signed in with one browser.

words! {
    choose_account_title: "Chọn tài khoản", "Choose an account";
    choose_account_lead: "Các tài khoản đang đăng nhập trên trình duyệt này.", "The accounts signed in with this browser.";
    account_in_use: "Đang dùng", "In use";
    another_account: "Dùng tài khoản khác", "Use another account";
    switch_account: "Đổi hoặc thêm tài khoản trên trình duyệt này", "Switch or add an account in this browser";
    sign_out_of(address: &str): "Đăng xuất {address}", "Sign out {address}";
    sign_out_of_all: "Đăng xuất tất cả tài khoản", "Sign out of all accounts";
    account_session_ended: "Phiên của tài khoản đã chọn không còn mở. Hãy đăng nhập lại.",
        "The session of the account you chose is no longer open. Please sign in again.";
    still_signed_in: "Vẫn đang đăng nhập trên trình duyệt này", "Still signed in with this browser";
    signed_out_of_one: "Tài khoản đã được đăng xuất.", "The account is signed out.";
    signed_out_of(address: &str): "Đã đăng xuất {address}.", "{address} is signed out.";
}
