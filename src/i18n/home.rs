//! Words of the portal's first page, and of the page on what is known of a person.

words! {
    nav_home: "Trang chủ", "Home";
    home_title: "Ứng dụng của thành phố", "The city's applications";
    home_hello(name: &str): "Xin chào, {name}", "Hello, {name}";
    home_status: "Tình trạng tài khoản", "State of the account";
    home_apps: "Ứng dụng dành cho Ông/Bà", "Applications for you";
    home_recent: "Dùng gần đây", "Recently used";
    home_all: "Tất cả ứng dụng", "All applications";
    home_other: "Ứng dụng khác", "Other applications";
    home_search: "Tìm ứng dụng", "Find an application";
    home_search_hint: "Gõ tên, không cần dấu", "Type a name";
    home_find: "Tìm", "Find";
    home_found: "Kết quả tìm", "Found";
    home_used(ago: &str): "Dùng {ago}", "Used {ago}";
    home_used_now: "Vừa dùng", "Used just now";
    home_all_again: "Xem tất cả", "Show all";
    home_found_nothing(words: &str): "Không có ứng dụng nào khớp với “{words}”. Hãy thử một phần ngắn hơn của tên, hoặc xem tất cả.",
        "No application fits “{words}”. Try a shorter part of the name, or show all.";
    home_no_apps: "Chưa có ứng dụng nào dành cho tài khoản này.", "There is no application for this account yet.";
    home_no_apps_ask: "Nếu công việc cần một hệ thống của thành phố, hãy đề nghị quản trị viên của cơ quan hoặc bộ phận hỗ trợ cấp quyền. Ứng dụng sẽ tự hiện ở đây.",
        "If your work needs one of the city's systems, ask the administrator of your agency or the help desk. It then appears here by itself.";
    home_missing_app: "Không thấy ứng dụng cần dùng? Hãy hỏi quản trị viên của cơ quan hoặc bộ phận hỗ trợ.",
        "Is an application missing? Ask the administrator of your agency or the help desk.";
    home_mailboxes: "Hai hệ thống thư", "The two mail systems";

    my_account_lead: "Hệ thống biết gì về Ông/Bà, lấy từ đâu, và sửa ở đâu khi chưa đúng.",
        "What is known of you, where it comes from, and where it is corrected.";
    my_account_facts: "Thông tin cá nhân", "Your details";
    my_account_kind: "Loại tài khoản", "Kind of account";
    my_account_from(system: &str, day: &str): "Nguồn: {system}, ghi nhận từ {day}", "Source: {system}, recorded since {day}";
    my_account_others(system: &str, day: &str): "Các mục khác: theo {system}, từ {day}", "Everything else: from {system}, since {day}";
    my_account_also(system: &str, value: &str): "{system} ghi khác: {value}", "{system} says otherwise: {value}";
    my_account_decided(value: &str): "Hệ thống thư ghi “{value}”; thành phố đã quyết định đây là cùng một cơ quan.",
        "The mail system writes “{value}”; the city has decided that this is the same agency.";
    my_account_house: "Nguồn: hệ thống đăng nhập một lần", "Source: this service";
    my_account_correct: "Khi thông tin chưa đúng", "When something is wrong";
    my_account_correct_text: "Thông tin được sửa tại nguồn ghi trên trang này, không sửa ở đây; sau khi nguồn được sửa, trang này tự cập nhật trong ít phút. Hãy báo:",
        "Details are corrected at the source that this page names, not here; this page follows within minutes. Please tell:";
    my_account_administrator: "Quản trị viên của cơ quan", "The administrator of the agency";
    my_account_no_administrator: "Cơ quan chưa có quản trị viên riêng; hãy báo bộ phận hỗ trợ.",
        "The agency has no administrator of its own; please tell the help desk.";
}
