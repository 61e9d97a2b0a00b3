//! Words of acting for an agency's mailbox: the choice at an application, the console's page, the portal.

words! {
    acting_title: "Ông/Bà truy cập với tư cách nào?", "As whom do you go on?";
    acting_lead: "Ông/Bà được giao sử dụng hộp thư cơ quan. Hãy chọn một lần cho ứng dụng này.",
        "You may act for an agency's mailbox. Choose once for this application.";
    acting_oneself: "Với tư cách cá nhân", "As myself";
    acting_as(name: &str): "Thay mặt {name}", "For {name}";
    acting_note: "Ứng dụng và nhật ký đều thấy ai thực sự thao tác. Lựa chọn được nhớ đến khi đăng xuất.",
        "The application and the log see who really acts. The choice is remembered until you sign out.";
    acting_mine: "Hộp thư cơ quan tôi được giao", "Agency mailboxes I may act for";
    acting_until(day: &str): "đến hết {day}", "until the end of {day}";
    acting_always: "không thời hạn", "without an end";
    acting_by(who: &str, day: &str): "{who} giao ngày {day}", "granted by {who} on {day}";
    acting_ask_again: "Hỏi lại khi vào ứng dụng", "Ask again at applications";
    acting_will_ask: "Lần tới vào ứng dụng, Ông/Bà sẽ được hỏi lại.", "You will be asked again at the next application.";

    delegates_title: "Người được giao hộp thư cơ quan", "Who may act for this mailbox";
    delegates_lead: "Mỗi người tự đăng nhập bằng tài khoản của mình rồi chọn thay mặt hộp thư; không ai cần mật khẩu của hộp thư.",
        "Each signs in with the own account and then chooses to act for the mailbox; nobody needs its password.";
    delegates_link: "Người được giao hộp thư này", "Who may act for this mailbox";
    delegates_none: "Chưa giao cho ai.", "Nobody yet.";
    delegates_add: "Giao cho một người", "Let somebody act for it";
    delegates_person: "Địa chỉ thư của người được giao", "The person's mail address";
    delegates_until: "Đến hết ngày (không bắt buộc)", "Until the end of this day (optional)";
    delegates_why: "Căn cứ, số văn bản", "Why, document number";
    delegates_grant: "Giao hộp thư", "Grant";
    delegates_end: "Thu hồi", "Take back";
    delegates_end_of(name: &str): "Thu hồi quyền của {name}", "Take it back from {name}";
    delegates_granted: "Đã giao.", "Granted.";
    delegates_ended: "Đã thu hồi; các ứng dụng đang mở thay mặt hộp thư đã mất quyền.", "Taken back; applications opened for the mailbox have lost their access.";
    delegates_no_person: "Không có người nào với địa chỉ này trong phạm vi quản lý.", "There is no person with this address within your reach.";
    delegates_already: "Người này đã được giao hộp thư.", "This person may act for the mailbox already.";
    delegates_day: "Ngày chưa đúng hoặc đã qua.", "The day is not right, or has passed.";
    act_delegation_granted(who: &str, what: &str): "{who} giao hộp thư này cho {what}.", "{who} let {what} act for this mailbox.";
    act_delegation_ended(who: &str, what: &str): "{who} thu hồi quyền dùng hộp thư này của {what}.", "{who} took the right to act for this mailbox back from {what}.";
}
