//! Words of the regulation's clock: rules, settings, waves, the forecast and the brake.

words! {
    rule_default_password: "Mật khẩu cấp ban đầu", "Initial password";
    rule_password_age: "Mật khẩu dùng lâu", "Age of the password";
    rule_inactivity: "Lâu không sử dụng", "Not used";

    act_first_access(who: &str): "{who} đăng nhập lần đầu.", "{who} signed in for the first time.";
    act_policy_changed(who: &str): "{who} thay đổi quy định.", "{who} changed the rules.";
    act_run_stopped(who: &str): "{who} dừng một đợt khóa hàng loạt để chờ duyệt.", "{who} stopped a run that would have locked many.";
    act_run_approved(who: &str): "{who} duyệt một đợt khóa hàng loạt.", "{who} approved a run that locks many.";
    act_run_postponed(who: &str): "{who} hoãn một đợt khóa hàng loạt.", "{who} postponed a run that would have locked many.";
}
