//! Words about the applications that people sign in to.

words! {
    application_logo(name: &str): "Biểu trưng của {name}", "Logo of {name}";
    application_policy: "Cách ứng dụng sử dụng dữ liệu", "How the application uses data";
    application_terms: "Điều khoản sử dụng của ứng dụng", "Terms of use of the application";
    not_admitted_title: "Tài khoản này không được dùng ứng dụng", "This account may not use the application";
    not_admitted_text(application: &str): "Ứng dụng {application} chỉ dành cho cán bộ của một số cơ quan.",
        "{application} is only for the staff of some agencies.";
    not_admitted_for: "Ứng dụng dành cho", "The application is for";
    not_admitted_help: "Nếu cần dùng ứng dụng này cho công việc, hãy liên hệ bộ phận hỗ trợ.",
        "If you need the application for your work, ask the help desk.";
    not_admitted_back(application: &str): "Quay lại {application}", "Back to {application}";
    self_registered: "Ứng dụng này tự đăng ký; thành phố chưa kiểm tra. Chỉ tiếp tục nếu biết rõ ứng dụng.",
        "This application registered itself; the city has not checked it. Continue only if you know it well.";
}
