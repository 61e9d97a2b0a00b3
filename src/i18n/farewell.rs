//! Words of the page after signing out: which applications are told.

words! {
    told_title: "Báo cho các ứng dụng", "Telling the applications";
    told_agreed: "Đã đăng xuất khỏi ứng dụng.", "Signed out of the application.";
    told_waiting: "Ứng dụng chưa trả lời; hệ thống sẽ báo lại.", "The application has not answered yet; it is told again.";
    told_given_up: "Ứng dụng không trả lời. Hãy đăng xuất riêng trong ứng dụng.",
        "The application did not answer. Please sign out in the application itself.";
    told_by_browser: "Trình duyệt đang báo cho ứng dụng.", "The browser is telling the application.";
}
