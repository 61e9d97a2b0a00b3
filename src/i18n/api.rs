//! Words of the page that documents the interface for applications.

use super::Lang;
use crate::domain::admin::ApiScope;

words! {
    act_writes_stopped(who: &str, most: &str): "{who} đã thực hiện đủ {most} thao tác ghi trong một ngày; các thao tác tiếp theo bị từ chối.",
        "{who} has written {most} times within a day; more was refused.";

    api_title: "Giao diện lập trình cho quản trị", "The interface for applications";
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
