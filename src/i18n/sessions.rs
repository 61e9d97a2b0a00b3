//! Words of the open sessions in the console.

use super::Lang;
use crate::domain::proof::{PasswordProof, Proof, Second};

words! {
    sessions_menu: "Phiên đăng nhập", "Sessions";
    sessions_lead: "Các phiên đang mở trong phạm vi quản trị, phiên dùng gần nhất xếp trước.",
        "The open sessions within your reach, the last used first.";
    sessions_search: "Họ tên, địa chỉ thư, mã số cán bộ", "Name, address, staff number";
    sessions_application: "Ứng dụng đã vào", "Application entered";
    sessions_any_application: "Mọi ứng dụng", "Any application";
    sessions_older: "Thời điểm đăng nhập", "Signed in";
    sessions_any_age: "Bất kỳ lúc nào", "At any time";
    sessions_older_than(hours: i64): "Cách đây hơn {hours} giờ", "More than {hours} h ago";
    sessions_source: "Địa chỉ mạng bắt đầu bằng", "Network address begins with";
    sessions_door: "Nơi đăng nhập", "Where";
    sessions_any_door: "Tất cả", "All";
    sessions_staff: "Cổng cán bộ", "Staff portal";
    sessions_console: "Bảng điều hành", "Console";
    sessions_none: "Không có phiên nào đang mở khớp điều kiện.", "No open session matches.";
    sessions_person: "Người dùng", "Person";
    sessions_used: "Dùng gần nhất", "Last used";
    sessions_proof: "Cách xác thực", "Proven by";
    sessions_applications: "Ứng dụng", "Applications";
    sessions_no_application: "chưa vào ứng dụng nào", "none";
    sessions_newest: "Về đầu danh sách", "To the beginning";
    sessions_end_these: "Kết thúc các phiên này…", "End these sessions…";
    session_end_title: "Kết thúc phiên đăng nhập", "End a session";
    session_end_lead: "Các ứng dụng đã vào trong phiên này được báo đăng xuất. Người dùng vẫn có thể đăng nhập lại; muốn ngăn việc đó, hãy khóa tài khoản.",
        "The applications that it has entered are told. The person may sign in again; to prevent that, lock the account.";
    session_end_which: "Kết thúc những gì?", "What ends?";
    session_end_this: "Chỉ phiên này", "This session alone";
    session_end_all: "Mọi phiên của người này và mọi quyền truy cập đã cấp cho các ứng dụng",
        "Every session of this person, and everything that applications were given";
    session_end_do: "Kết thúc", "End";
    session_is_over: "Phiên này đã kết thúc.", "This session is over.";
    back_to_sessions: "Danh sách phiên", "Sessions";
    sessions_end_title: "Kết thúc nhiều phiên", "End many sessions";
    sessions_end_lead: "Các phiên dưới đây sẽ kết thúc ngay; các ứng dụng đã vào được báo đăng xuất. Phiên của chính mình không nằm trong danh sách.",
        "The sessions below end at once, and the applications that they have entered are told. Your own are never among them.";
    sessions_end_more(total: &str, most: &str): "Có {total} phiên khớp điều kiện; mỗi lần kết thúc tối đa {most} phiên. Hãy làm lại với số còn lại.",
        "{total} sessions match; at most {most} are ended at a time. Repeat it for the rest.";
    sessions_end_first(shown: &str): "Dưới đây là {shown} phiên đầu.", "The first {shown} are listed below.";
    sessions_end_second: "Số phiên này cần người thứ hai duyệt: khi xác nhận, đề nghị được gửi vào mục Chờ duyệt.",
        "So many sessions need a second person: confirming puts the request under Approvals.";
    sessions_wrong_number: "Số đã nhập không khớp với số lượng phiên. Chưa kết thúc phiên nào.", "The number you typed is not the number of sessions. None was ended.";
    sessions_wrong_amount(most: &str): "Mỗi lần chỉ kết thúc được từ 1 đến {most} phiên. Chưa kết thúc phiên nào.",
        "Between 1 and {most} sessions are ended at a time. None was ended.";
    sessions_end_do(number: &str): "Kết thúc {number} phiên", "End {number}";
    sessions_done_title: "Đã kết thúc phiên", "Sessions ended";
    sessions_done(number: &str): "Đã kết thúc {number} phiên. Các ứng dụng đang được báo.", "Sessions ended: {number}. The applications are being told.";
    sessions_left(number: &str): "Số phiên không kết thúc: {number}", "Sessions that were not ended: {number}";
    sessions_over_already: "đã kết thúc từ trước", "was over already";
    sessions_out_of_reach: "ngoài phạm vi quản trị", "not within your reach";
    sessions_failed: "lỗi hệ thống; hãy thử lại", "an error of the system; try again";
    sessions_unnamed: "Một phiên", "A session";

    proof_password: "mật khẩu", "password";
    proof_cached: "mật khẩu dùng được gần nhất (hệ thống thư không trả lời)", "last known password (its directory was silent)";
}

impl Lang {
    /// `3 phiên`, `3 sessions`.
    #[must_use]
    pub fn sessions_counted(self, count: u64) -> String {
        match self {
            Self::Vi => format!("{} phiên", self.number(count)),
            Self::En if count == 1 => "1 session".to_owned(),
            Self::En => format!("{} sessions", self.number(count)),
        }
    }

    /// How somebody has proven who they are: `mật khẩu + ứng dụng xác thực`.
    #[must_use]
    pub fn proof_in_words(self, proof: Proof) -> String {
        let password = match proof.password {
            PasswordProof::Bind => Some(self.proof_password()),
            PasswordProof::Cached => Some(self.proof_cached()),
            PasswordProof::NotAsked => None,
        };
        let second = proof.second.map(|second| match second {
            Second::Otp => self.factor_totp(),
            Second::Recovery => self.factor_recovery(),
            Second::HardwareKey | Second::SoftwareKey => self.factor_passkey(),
            Second::Mail => self.factor_mail(),
            Second::Certificate => self.factor_certificate(),
        });
        password.into_iter().chain(second).collect::<Vec<_>>().join(" + ")
    }
}
