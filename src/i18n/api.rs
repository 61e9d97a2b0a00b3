//! Words of the page that documents the interface for applications.

use super::Lang;
use crate::domain::admin::ApiScope;

words! {
    act_writes_stopped(who: &str, most: &str): "{who} đã thực hiện đủ {most} thao tác ghi trong một ngày; các thao tác tiếp theo bị từ chối.",
        "{who} has written {most} times within a day; more was refused.";

    own_title: "Giao diện quản trị (API)", "The administrators' interface (API)";
    own_held: "Quyền hiện có", "What it may do now";
    own_lead: "Những việc ứng dụng làm dưới tên của chính mình, không có người dùng: quyền nào, trên tài khoản nào. Phải có cả quyền và phạm vi; thiếu một thì không mở gì.",
        "What the application does in its own name, without a person: which scopes, over which accounts. Without both, nothing is open.";
    own_none: "Ứng dụng không dùng được giao diện quản trị, SCIM.", "It may use neither the interface nor SCIM.";
    own_reach: "Phạm vi", "Reach";
    own_reach_none: "Không có phạm vi", "No reach";
    own_reach_gone(code: &str): "Cơ quan {code} (không còn)", "The agency {code} (gone)";
    own_reach_stays(over: &str): "Phạm vi: {over}", "Reach: {over}";
    own_reach_changes(had: &str, has: &str): "Phạm vi: {had} → {has}", "Reach: {had} → {has}";
    own_scope_given(code: &str, opens: &str): "Thêm {code}: {opens}", "Added: {code}. {opens}";
    own_scope_stays(code: &str, opens: &str): "Giữ {code}: {opens}", "Kept: {code}. {opens}";
    own_scope_taken(code: &str, opens: &str): "Thu hồi {code}: {opens}", "Taken back: {code}. {opens}";
    own_reads: "Chỉ xem", "Reading";
    own_writes: "Thay đổi tài khoản", "Changing accounts";
    own_choose_reach: "Chọn phạm vi", "Choose the reach";
    own_reach_hint: "Một cơ quan gồm cả các đơn vị trực thuộc. Ngoài phạm vi, ứng dụng không thấy gì.", "An agency is reached with those below it. Of what lies beyond, the application sees nothing.";
    own_second: "Phạm vi toàn thành phố (hoặc rộng gần như vậy) và quyền thay đổi tài khoản cần người thứ hai duyệt. Thu hồi có hiệu lực ngay, không cần duyệt.",
        "A reach over the whole city (or nearly) and scopes that change accounts need a second person. Taking back needs nobody, and holds at once.";
    own_second_asked: "Thay đổi này cần người thứ hai duyệt: đề nghị được gửi, sau khi được duyệt, Ông/Bà thực hiện.", "This needs a second person: the request is put, and you carry it out once it is approved.";
    own_at_once: "Thay đổi có hiệu lực ngay, cả với mã truy cập đã cấp.", "It holds at once, also for tokens that were given.";
    own_change: "Cấp, sửa, thu hồi quyền API", "Give, change or take back API scopes";
    own_preview: "Xem trước thay đổi", "See what would change";
    own_withdraw: "Thu hồi tất cả", "Take everything back";
    own_apply: "Xác nhận thay đổi", "Change it";
    own_done: "Đã thay đổi quyền API.", "The API scopes are changed.";
    own_incomplete: "Hãy chọn cả quyền và phạm vi, hoặc thu hồi tất cả.", "Choose scopes and the reach, or take everything back.";
    own_unchanged: "Không có gì thay đổi.", "Nothing would change.";
    own_public: "Ứng dụng công khai không tự chứng thực được (client_credentials) nên không có quyền dưới tên của chính mình.",
        "A public application cannot prove itself (client_credentials), so it has nothing in its own name.";
    own_self_registered: "Ứng dụng tự đăng ký không được cấp quyền này; hãy đăng ký lại trong bảng điều hành.", "An application that registered itself does not get this; register it anew.";
    own_no_agency(code: &str): "Không có cơ quan nào có mã {code}.", "There is no agency with the code {code}.";
    own_called(day: &str, days: &str): "Gọi API lần cuối ngày {day}; {days} trong 30 ngày qua.", "It called the API last on {day}; {days} of the last 30.";
    own_never_called: "Chưa gọi API lần nào.", "It has never called the API.";
    own_stop_note: "Ứng dụng đang dùng API: tạm dừng cũng chặn API.", "It uses the API: stopping it closes that too.";
    own_day(day: &str): "API: {day}", "API: {day}";
    own_no_day: "API: chưa gọi", "API: never called";
    own_after_registering: "Đăng ký xong, cấp quyền và phạm vi tại trang riêng", "Given once it is registered, on a page of its own";
    own_next: "Cấp quyền API và phạm vi", "Give the API scopes and the reach";

    api_title: "Giao diện lập\u{a0}trình cho quản trị", "The interface for applications";
    api_lead: "Những việc quản trị viên làm trong bảng điều hành, ứng dụng làm được dưới tên của chính mình: JSON, mã truy cập theo client credentials, phạm vi do thành phố quy định.",
        "What administrators do in the console, applications do in their own name: JSON, tokens by client credentials, a reach that the city sets.";
    api_document: "Tài liệu OpenAPI 3.1", "The OpenAPI 3.1 document";
    api_in_english: "Tên và phần giải thích từng trường giữ nguyên tiếng Anh như trong tài liệu OpenAPI.",
        "The names and what they mean are those of the OpenAPI document.";
    api_scopes: "Quyền (scope)", "Scopes";
    api_scope: "Quyền", "Scope";
    api_opens: "Cho phép", "Opens";
    api_routes: "Các địa chỉ", "Routes";
    api_parameters: "Tham số", "Parameters";
    api_body: "Nội dung gửi", "Body";
    api_answer: "Trả lời", "Answer";
    api_types: "Kiểu dữ liệu", "Types";
    api_field: "Trường", "Field";
    api_type: "Kiểu", "Type";
    api_means: "Ý nghĩa", "Meaning";
    api_problems: "Lỗi", "Problems";
    api_problems_lead: "Lỗi có dạng application/problem+json (RFC 9457); giá trị type không thay đổi.",
        "Refusals are application/problem+json (RFC 9457); their type stays what it is.";
    api_status: "Mã", "Status";
    api_place: "Ở đâu", "Where";
    api_optional: "có thể không có", "may be missing";
}

impl Lang {
    /// What a scope opens. In English the OpenAPI document says the same.
    #[must_use]
    pub const fn api_scope_opens(self, scope: ApiScope) -> &'static str {
        match self {
            Self::Vi => in_vietnamese(scope),
            Self::En => scope.told(),
        }
    }
}

const fn in_vietnamese(scope: ApiScope) -> &'static str {
    match scope {
        ApiScope::AccountsRead => "Xem danh sách tài khoản và từng tài khoản với hộp thư, thời hạn của nó.",
        ApiScope::AccountsLock => "Khóa một tài khoản.",
        ApiScope::AccountsUnlock => "Mở khóa một tài khoản.",
        ApiScope::AccountsReset => "Cấp lại mật khẩu; câu trả lời có mật khẩu dùng một lần.",
        ApiScope::AccountsDemand => "Yêu cầu đặt mật khẩu mới ở lần đăng nhập sau.",
        ApiScope::AgenciesRead => "Xem các cơ quan và mức tuân thủ quy định.",
        ApiScope::ApplicationsRead => "Xem các ứng dụng đã đăng ký trong phạm vi.",
        ApiScope::AuditRead => "Tra cứu nhật ký; việc tra cứu cũng được ghi lại.",
        ApiScope::IncidentsRead => "Xem danh sách sự cố, không kèm nội dung đã viết.",
        ApiScope::PolicyRead => "Xem giá trị và giai đoạn của các quy định, và lịch làm việc.",
        ApiScope::SessionsRead => "Xem các phiên đang mở của một tài khoản: khi nào, bằng gì, từ đâu.",
        ApiScope::SessionsEnd => "Kết thúc mọi thứ đang mở của một tài khoản.",
        ApiScope::SyncRead => "Xem kết quả các lần đồng bộ.",
        ApiScope::ScimRead => "Xem người dùng, cơ quan và nhóm qua SCIM 2.0.",
    }
}
