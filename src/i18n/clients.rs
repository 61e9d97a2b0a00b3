//! Words about the applications that people sign in to.

words! {
    application_logo(name: &str): "Biểu trưng của {name}", "Logo of {name}";
    application_policy: "Cách ứng dụng sử dụng dữ liệu", "How the application uses data";
    application_terms: "Điều khoản sử dụng của ứng dụng", "Terms of use of the application";
    self_registered: "Ứng dụng này tự đăng ký; thành phố chưa kiểm tra. Chỉ tiếp tục nếu biết rõ ứng dụng.",
        "This application registered itself; the city has not checked it. Continue only if you know it well.";
}
