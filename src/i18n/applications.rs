//! Words of the console's pages of applications: the list, one application, what could be better.

use super::Lang;
use crate::domain::oauth::client::ClientKind;
use crate::domain::oauth::lint::Finding;
use crate::domain::oauth::template::Template;

words! {
    applications_menu: "Ứng dụng", "Applications";
    applications_all_title: "Ứng dụng kết nối", "Applications";
    applications_all_lead: "Những ứng dụng đăng nhập qua hệ thống này, trong phạm vi quản trị.", "The applications that people sign in to here, within your reach.";
    applications_counted(shown: &str, total: &str): "{shown}/{total} ứng dụng.", "{shown} of {total} applications.";
    applications_found_none: "Không có ứng dụng nào như vậy.", "There is no such application.";
    applications_search: "Tên, mã ứng dụng (client_id) hoặc nhóm", "Name, client_id or heading";
    applications_review_due(number: &str): "{number} ứng dụng cần ghi hoặc xác nhận lại mục đích dùng dữ liệu (mỗi năm một lần).",
        "{number} applications need their purposes written down, or confirmed again (once a year).";
    applications_to_review: "Xem các ứng dụng này", "See them";
    applications_review_title: "Cần xác nhận mục đích dùng dữ liệu", "Purposes of data to be confirmed";
    application_client_id: "Mã ứng dụng (client_id)", "client_id";
    application_client_secret: "Mã bí mật (client_secret)", "client_secret";
    application_word: "Ứng dụng", "Application";
    application_kind: "Loại", "Kind";
    application_kind_any: "Mọi loại", "Any kind";
    application_kind_web: "Trên máy chủ", "On a server";
    application_kind_spa: "Ứng dụng chạy trong trình duyệt (SPA)", "A single page in the browser";
    application_kind_native: "Trên máy tính, điện thoại", "On a computer or telephone";
    application_for: "Dành cho", "For";
    application_for_all: "Mọi người", "Everybody";
    application_entries: "Lượt vào, 30 ngày", "Entries, 30 days";
    application_last_day: "Ngày vào gần nhất", "Last day";
    application_runs: "Đang chạy", "Runs";
    application_stopped: "Đang tạm dừng", "Stopped";
    application_self_registered: "Tự đăng ký", "Registered itself";
    application_to_review: "Cần xác nhận mục đích", "To be confirmed";
    application_confirms: "Xác nhận mục đích", "Confirm the purposes";
    application_warned: "Có cảnh báo", "Has warnings";
    application_warnings(number: &str): "{number} cảnh báo", "{number} warnings";
    application_stopped_since(when: &str): "Tạm dừng từ {when}. Không ai vào được.", "Stopped since {when}. Nobody gets in.";
    application_facts: "Đăng ký", "Registration";
    application_home: "Trang chủ", "Start page";
    application_category: "Nhóm trên cổng", "Heading in the portal";
    application_redirect_uris: "Địa chỉ nhận kết quả đăng nhập (redirect_uri)", "Where answers go (redirect_uri)";
    application_post_logout: "Địa chỉ quay về sau khi đăng xuất", "Where people come after signing out";
    application_backchannel: "Địa chỉ nhận tin đăng xuất", "Where it is told of logouts";
    application_method: "Cách tự chứng thực", "How it proves itself";
    application_method_secret: "Mã bí mật", "Its secret";
    application_method_none: "Không (ứng dụng công khai, dùng PKCE)", "It does not (public, with PKCE)";
    application_contacts: "Người phụ trách", "Who answers for it";
    application_registered_at: "Ngày đăng ký", "Registered";
    application_secret_made: "Mã bí mật cấp ngày", "Secret made";
    application_secret_before(until: &str): "Mã bí mật trước còn dùng được đến {until}.", "The one before is good until {until}.";
    application_none_given: "Chưa có", "None";
    application_findings: "Nên sửa", "What could be better";
    application_no_findings: "Không có gì cần sửa.", "Nothing to say.";
    application_warning: "Cảnh báo", "Warning";
    application_note: "Lưu ý", "Note";
    application_use: "Sử dụng", "Use";
    application_people(number: &str): "{number} người đã dùng.", "{number} people have used it.";
    application_last_used_at(when: &str): "Lần dùng gần nhất: {when}.", "Last used: {when}.";
    application_never_used: "Chưa ai dùng.", "Nobody has used it yet.";
    application_in_reach: "Chỉ tính người trong phạm vi quản trị.", "Only people within your reach count.";
    application_chart: "Lượt vào theo ngày", "Entries by day";
    application_chart_says(number: &str): "{number} lượt vào trong 30 ngày qua.", "{number} entries in the last 30 days.";
    application_users: "Người dùng gần đây", "Who used it last";
    application_user_since(first: &str, last: &str): "Lần đầu {first}, gần nhất {last}", "First {first}, last {last}";
    application_told: "Tin đăng xuất, 30 ngày", "Logout notices, 30 days";
    application_told_says(agreed: &str, waiting: &str, given_up: &str): "{agreed} đã nhận, {waiting} đang chờ, {given_up} không gửi được.",
        "{agreed} taken, {waiting} waiting, {given_up} given up.";
    application_not_told: "Ứng dụng không đăng ký nhận tin đăng xuất.", "It is not registered to be told of logouts.";
    application_told_error(error: &str): "Lỗi gần nhất: {error}", "The last error: {error}";
    application_data: "Dữ liệu được cung cấp và mục đích", "What it gets, and why";
    application_data_lead: "Mỗi loại dữ liệu phải có mục đích, cơ quan chịu trách nhiệm và được xác nhận lại mỗi năm.",
        "Each kind of data has a purpose and an agency that answers for it, and is confirmed once a year.";
    application_data_nothing: "Không nhận dữ liệu cá nhân nào.", "It gets nothing of any person.";
    application_data_missing: "Chưa ghi mục đích cho đủ dữ liệu được cung cấp.", "Not everything that it gets has a purpose.";
    application_data_due(since: &str): "Đã quá hạn xác nhận lại từ {since}.", "It should have been confirmed again by {since}.";
    application_data_good(until: &str): "Xác nhận lại trước {until}.", "To be confirmed again by {until}.";
    application_data_reviewed(agency: &str, by: &str, when: &str): "{agency}; {by} xác nhận ngày {when}", "{agency}; confirmed by {by} on {when}";
    application_no_purpose: "Chưa ghi mục đích", "No purpose given";
    application_purpose_for(data: &str): "Mục đích: {data}", "Purpose: {data}";
    application_agency: "Cơ quan chịu trách nhiệm", "The agency that answers for it";
    application_data_confirm: "Xác nhận cho một năm", "Confirm for a year";
    application_data_confirmed: "Đã xác nhận.", "Confirmed.";
    application_no_agency: "Hãy ghi cơ quan chịu trách nhiệm.", "Name the agency that answers for it.";
    application_purpose_missing(data: &str): "Hãy ghi mục đích cho: {data}.", "Give a purpose for: {data}.";
    application_text_too_long: "Mỗi dòng tối đa 300 ký tự.", "Each line has at most 300 characters.";
    application_stop: "Tạm dừng ứng dụng", "Stop the application";
    application_stop_lead: "Không ai đăng nhập vào ứng dụng được nữa; mọi quyền truy cập đã cấp kết thúc ngay.",
        "Nobody gets in any more; everything that it was given ends at once.";
    application_stop_done: "Đã tạm dừng.", "Stopped.";
    application_resume: "Cho chạy lại", "Let it run again";
    application_resume_lead: "Mọi người đăng nhập lại được; quyền truy cập cũ không trở lại.", "People get in again; what has ended stays ended.";
    application_resume_done: "Ứng dụng chạy lại.", "It runs again.";
    application_end: "Kết thúc mọi phiên và quyền truy cập", "End all its sessions and tokens";
    application_end_lead: "Mọi người phải vào lại ứng dụng. Ứng dụng được báo nếu có đăng ký nhận tin đăng xuất.",
        "Everybody enters it anew. It is told, if it is registered to be told of logouts.";
    application_end_done: "Đã kết thúc mọi phiên và quyền truy cập của ứng dụng.", "All its sessions and tokens have ended.";
    application_remove: "Gỡ ứng dụng", "Remove the application";
    application_remove_lead: "Không khôi phục được: đăng ký, mã bí mật và mọi quyền truy cập mất hẳn; client_id không bao giờ được cấp lại.",
        "For ever: the registration, its secret and everything it was given are gone; its client_id is never given again.";
    application_remove_typed(name: &str): "Nhập tên ứng dụng để xác nhận: {name}", "Type its name to confirm: {name}";
    application_not_typed: "Tên gõ vào không đúng.", "The name was not typed as it is.";
    application_removed: "Đã gỡ ứng dụng.", "The application is removed.";
    application_meanwhile: "Ứng dụng vừa được người khác thay đổi. Hãy xem lại rồi làm lại nếu vẫn cần.",
        "Somebody else has just changed the application. Look again, and do it anew if it is still needed.";
    application_refused(why: &str): "Không được: {why}", "This cannot be: {why}";
    found_stopped_application(name: &str): "Ứng dụng {name} đang tạm dừng.", "The application {name} is stopped.";
    act_client_stopped(who: &str): "{who} tạm dừng một ứng dụng.", "{who} stopped an application.";
    act_client_resumed(who: &str): "{who} cho một ứng dụng chạy lại.", "{who} let an application run again.";
    act_client_access_ended(who: &str): "{who} kết thúc mọi phiên và quyền truy cập của một ứng dụng.", "{who} ended all sessions and tokens of an application.";
    act_client_reviewed(who: &str): "{who} xác nhận dữ liệu và mục đích của một ứng dụng.", "{who} confirmed what an application gets and why.";
}

impl Lang {
    /// Where an application runs.
    #[must_use]
    pub const fn client_kind(self, kind: ClientKind) -> &'static str {
        match kind {
            ClientKind::Web => self.application_kind_web(),
            ClientKind::Spa => self.application_kind_spa(),
            ClientKind::Native => self.application_kind_native(),
        }
    }

    /// What a template is for.
    #[must_use]
    pub const fn template_about(self, template: Template) -> &'static str {
        match (self, template) {
            (Self::En, _) => template.about(),
            (Self::Vi, Template::AspNetCore) => "ASP.NET Core",
            (Self::Vi, Template::Owin) => "ASP.NET cũ (OWIN/Katana), không có PKCE",
            (Self::Vi, Template::Spring) => "Java, Spring Boot với Spring Security",
            (Self::Vi, Template::Php) => "PHP với jumbojett/openid-connect-php",
            (Self::Vi, Template::Node) => "Node.js với openid-client",
            (Self::Vi, Template::Apache) => "Sau Apache httpd với mod_auth_openidc",
            (Self::Vi, Template::Spa) => "Ứng dụng chạy trong trình duyệt (SPA) với oidc-client-ts",
            (Self::Vi, Template::Native) => "Ứng dụng trên máy tính hoặc điện thoại với AppAuth",
            (Self::Vi, Template::Service) => "Dịch vụ chạy ngầm, không có người dùng",
        }
    }

    /// What could be better, in a sentence.
    #[must_use]
    pub fn client_finding(self, finding: &Finding) -> String {
        match self {
            Self::En => finding.to_string(),
            Self::Vi => finding_vi(finding),
        }
    }
}

fn finding_vi(finding: &Finding) -> String {
    match finding {
        Finding::PlainHttp(uri) => format!("{uri} dùng http: chỉ hợp với máy của người phát triển"),
        Finding::Wildcard(uri) => format!("{uri}: dấu * được so nguyên văn, không khớp với gì khác"),
        Finding::WholeHost(uri) => format!("{uri} chỉ có tên máy: hãy ghi đường dẫn nhận kết quả"),
        Finding::ManyHosts(count) => {
            format!("redirect_uri thuộc {count} máy khác nhau: mỗi máy nên là một ứng dụng riêng")
        }
        Finding::FrontChannel(kind) => {
            format!("response_type {kind}: token đi qua trình duyệt; nên chuyển sang code với PKCE")
        }
        Finding::OldSecret(days) => format!("Mã bí mật đã dùng {days} ngày: nên cấp mã mới"),
        Finding::UnknownAcr(acr) => {
            format!("default_acr_values có {acr}, không nằm trong acr_values_supported")
        }
        Finding::CertificateEnds(days) if *days < 0 => {
            "Chứng thư đã đăng ký hết hạn: ứng dụng không tự chứng thực được".to_owned()
        }
        Finding::CertificateEnds(days) => {
            format!("Chứng thư đã đăng ký hết hạn sau {days} ngày: hãy đăng ký thêm chứng thư kế tiếp")
        }
        plain => plain_vi(plain).to_owned(),
    }
}

const fn plain_vi(finding: &Finding) -> &'static str {
    match finding {
        Finding::NoPkce => "Không dùng PKCE: hãy đăng ký lại khi ứng dụng đã hỗ trợ",
        Finding::TwoSecrets => "Mã bí mật trước vẫn còn dùng được",
        Finding::NotTold => {
            "Không nhận tin đăng xuất: sau khi tài khoản bị khóa, ứng dụng vẫn chạy đến lần làm mới kế tiếp"
        }
        Finding::NoGoodbye => "Không có địa chỉ quay về: sau khi đăng xuất, người dùng ở lại trang này",
        Finding::NoHome => "Không có trang chủ: cổng không dẫn đến ứng dụng được",
        Finding::NoContacts => "Không có người phụ trách",
        Finding::ClaimsInIdToken => "Dữ liệu cá nhân nằm trong ID token, đi xa hơn UserInfo",
        Finding::SubIsAddress => "Nhận ra người dùng bằng địa chỉ thư, vốn có thể thay đổi",
        Finding::SelfRegistered => "Ứng dụng tự đăng ký; thành phố chưa xem xét",
        Finding::RefreshInBrowser => "Ứng dụng chạy trong trình duyệt (SPA) được xin refresh token",
        Finding::Unbound => "Có chứng thư nhưng token không gắn với chứng thư",
        _ => "",
    }
}
