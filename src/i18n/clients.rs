//! Words about the applications that people sign in to.

words! {
    application_logo(name: &str): "Biểu trưng của {name}", "Logo of {name}";
    application_policy: "Cách ứng dụng sử dụng dữ liệu", "How the application uses data";
    application_terms: "Điều khoản sử dụng của ứng dụng", "Terms of use of the application";
    not_admitted_title: "Tài khoản này không được dùng ứng dụng", "This account may not use the application";
    not_admitted_text(application: &str): "Ứng dụng “{application}” chỉ dành cho cán bộ của một số cơ quan hoặc nhóm.",
        "The application “{application}” is only for the staff of some agencies or groups.";
    not_admitted_for: "Ứng dụng dành cho", "The application is for";
    not_admitted_help: "Nếu cần dùng ứng dụng này cho công việc, hãy liên hệ bộ phận hỗ trợ.",
        "If you need the application for your work, ask the help desk.";
    not_admitted_back(application: &str): "Quay lại {application}", "Back to {application}";
    act_group_made(group: &str): "Đã lập nhóm {group}.", "The group {group} was made.";
    act_group_renamed(group: &str): "Nhóm {group} được đổi tên.", "The group {group} was given another name.";
    act_group_dissolved(group: &str): "Đã giải thể nhóm {group}.", "The group {group} was dissolved.";
    act_group_joined(who: &str, group: &str): "{who} được đưa vào nhóm {group}.", "{who} was taken into the group {group}.";
    act_group_left(who: &str, group: &str): "{who} được đưa ra khỏi nhóm {group}.", "{who} was taken out of the group {group}.";
    self_registered: "Ứng dụng này tự đăng ký; thành phố chưa kiểm tra. Chỉ tiếp tục nếu biết rõ ứng dụng.",
        "This application registered itself; the city has not checked it. Continue only if you know it well.";
}
