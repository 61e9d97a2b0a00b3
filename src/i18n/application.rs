//! Words of registering an application in the console: the questions, the preview, its secret, waiting for the first
//! sign-in, moving registrations.

use super::Lang;
use crate::domain::oauth::redirect::BadRedirectUri;
use crate::domain::proof::Class;

words! {
    application_new: "Đăng ký ứng dụng", "Register an application";
    application_new_lead: "Trả lời vài câu hỏi; chưa có gì được lưu cho đến khi xem trước và đăng ký.", "Answer a few questions; nothing is kept until you have seen what would be registered.";
    application_ask_what: "Ứng dụng gì?", "What is it?";
    application_ask_where: "Ở đâu?", "Where does it live?";
    application_ask_data: "Cần dữ liệu nào, để làm gì?", "Which data does it need, and why?";
    application_ask_data_lead: "Chỉ chọn dữ liệu thật sự cần. Mỗi loại phải có mục đích; mã định danh luôn được cung cấp.",
        "Choose only what it really needs. Each kind needs a purpose; the identifier is always given.";
    application_ask_whom: "Dành cho ai?", "Who may use it?";
    application_ask_whom_lead: "Không chọn gì: mọi người. Chọn cơ quan hoặc nhóm: chỉ những người đó.", "Nothing chosen: everybody. Agencies or groups chosen: only their people.";
    application_ask_how: "Đăng nhập thế nào?", "How do people sign in?";
    application_only_agencies: "Chỉ người của các cơ quan", "Only people of these agencies";
    application_only_groups: "Chỉ người trong các nhóm", "Only people of these groups";
    application_name: "Tên ứng dụng", "Its name";
    application_stack: "Nền tảng, thư viện sử dụng", "What it is made with";
    application_choose: "Hãy chọn", "Choose";
    application_choose_stack: "Hãy chọn nền tảng, thư viện sử dụng.", "Choose what it is made with.";
    application_contacts_lines: "Người phụ trách (mỗi dòng một địa chỉ thư)", "Who answers for it (one mail address a line)";
    application_url: "Địa chỉ của ứng dụng", "Its own address";
    application_url_hint: "Các địa chỉ nhận kết quả, đăng xuất nằm dưới địa chỉ này, theo thư viện đã chọn.",
        "Where answers and logouts go lies below it, as its library has them.";
    application_other_addresses: "Địa chỉ khác với mặc định của thư viện", "Addresses that differ from what the library has";
    application_other_lead: "Để trống nếu ứng dụng dùng địa chỉ mặc định. Ứng dụng trên máy tính, điện thoại phải ghi địa chỉ nhận kết quả.",
        "Leave empty where the application keeps what its library has. One on a computer or telephone names where answers go.";
    application_redirect_lines: "Địa chỉ nhận kết quả đăng nhập, mỗi dòng một địa chỉ", "Where answers go, one address a line";
    application_goodbye_lines: "Địa chỉ quay về sau khi đăng xuất, mỗi dòng một địa chỉ", "Where people come after signing out, one address a line";
    application_api_lines: "Quyền dịch vụ tự xin (client_credentials), mỗi dòng một quyền", "What a service asks for in its own name (client_credentials), one scope a line";
    application_api_hint: "Quyền của giao diện quản trị và SCIM (như accounts.read, scim.read) chưa mở gì khi đăng ký: trang sau dẫn đến nơi cấp quyền cùng phạm vi.",
        "Scopes of the administrators' interface and SCIM (such as accounts.read, scim.read) open nothing by being registered: the next page leads to where they are given with a reach.";
    application_api_scopes: "Quyền của dịch vụ", "Scopes in its own name";
    application_what_for: "Để làm gì", "What for";
    application_for_example(why: &str): "Ví dụ: {why}", "For example: {why}";
    application_preview: "Xem trước", "Preview";
    application_preview_lead: "Xem lại trước khi đăng ký. Chưa có gì được lưu.", "Look at it before it is registered. Nothing is kept yet.";
    application_register: "Đăng ký", "Register";
    application_register_note: "Mã bí mật được cấp khi đăng ký và chỉ hiện một lần.", "Its secret is made then, and shown once.";
    application_back_to_form: "Sửa lại", "Change the answers";
    application_made(name: &str): "Đã đăng ký “{name}”", "“{name}” is registered";
    application_credentials: "Thông tin kết nối", "What it connects with";
    application_secret_once: "Mã bí mật chỉ hiện một lần trên trang này. Hãy chép vào cấu hình của ứng dụng ngay; không gửi qua thư.",
        "The secret is shown this once. Put it into the application's configuration now; do not send it by mail.";
    application_public: "Không có: ứng dụng công khai, dùng PKCE.", "None: it is public and uses PKCE.";
    application_configuration: "Cấu hình cho ứng dụng", "What to write into its configuration";
    application_configuration_lead: "Chép nguyên văn vào cấu hình của ứng dụng.", "Copy it into the application's configuration as it is.";
    application_without_secret: "Cấu hình (không có mã bí mật)", "Configuration (without the secret)";
    application_show: "Hiện cấu hình", "Show the configuration";
    application_to_page: "Trang của ứng dụng", "The application's page";
    application_wait: "Chờ lần đăng nhập đầu tiên", "Wait for the first sign-in";
    application_waiting: "Chưa có ai đăng nhập vào ứng dụng.", "Nobody has signed in to it yet.";
    application_wait_lead: "Hãy mở ứng dụng và đăng nhập thử, rồi xem lại ở đây.", "Open the application and sign in, then look again here.";
    application_wait_looks: "Trang tự tải lại mỗi 5 giây. Hãy mở ứng dụng và đăng nhập thử.", "The page looks again every five seconds. Open the application and sign in.";
    application_wait_look: "Xem lại", "Look again";
    application_wait_stop: "Ngừng tự tải lại", "Stop looking by itself";
    application_wait_over: "Trang đã ngừng tự tải lại.", "The page looks no more by itself.";
    application_wait_again: "Tự tải lại mỗi 5 giây", "Look again every five seconds";
    application_arrived: "Lần đăng nhập đầu tiên đã đến.", "The first sign-in has arrived.";
    application_first: "Lần đăng nhập đầu tiên", "The first sign-in";
    application_first_who: "Ai", "Who";
    application_first_when: "Khi nào", "When";
    application_first_what: "Ứng dụng đã nhận", "What the application was given";
    application_edit: "Sửa đăng ký", "Change the registration";
    application_edit_lead: "Sửa đăng ký, mã bí mật", "Change the registration, its secret";
    application_edit_data_note: "Sau khi thêm dữ liệu, hãy ghi mục đích trên trang của ứng dụng.", "When you add some, write down its purpose on the application's page.";
    application_logo_uri: "Địa chỉ biểu trưng", "Its logo";
    application_logo_kept: "Hệ thống đã lưu và hiển thị.", "It is kept here and shown.";
    application_logo_not_kept: "Chưa lấy được nên không hiển thị.", "It was not read, so it is not shown.";
    application_logo_error(why: &str): "Lần lấy gần nhất không được: {why}", "The last look gave nothing: {why}";
    application_consent: "Hỏi từng người trước khi cung cấp dữ liệu", "Ask each person before it learns something of them";
    application_legacy: "Ứng dụng cũ, không dùng PKCE", "An old application that knows no PKCE";
    application_id_token_claims: "Dữ liệu nằm trong ID token", "Put the data into the ID token";
    application_least: "Mức xác thực tối thiểu", "The least that lets anybody in";
    application_level_any: "Không đòi hỏi riêng", "Nothing of its own";
    application_level_password: "Mật khẩu do hệ thống thư xác nhận", "A password that the mail system has taken";
    application_level_second: "Bước xác thực thứ hai", "A second factor";
    application_level_passkey: "Khóa truy cập (passkey)", "A passkey";
    application_save: "Lưu", "Save";
    application_saved: "Đã lưu.", "Saved.";
    application_rotate: "Cấp mã bí mật mới", "Make a new secret";
    application_rotate_lead: "Mã mới chỉ hiện một lần. Trong thời gian chuyển tiếp, cả hai mã đều dùng được.", "The new one is shown once. While they overlap, both are good.";
    application_of_interface: "Ứng dụng này dùng giao diện quản trị (API) trên phạm vi lớn hoặc thay đổi được tài khoản: cách ứng dụng tự chứng minh (loại, khóa, chứng thư) chỉ đổi được trên máy chủ (danang-sso client import).",
        "This application uses the administrators' interface over a wide reach, or changes accounts: how it proves itself (kind, keys, certificate) is changed on the server only (danang-sso client import).";
    application_overlap: "Mã bí mật cũ còn dùng được", "The old one stays good for";
    application_overlap_none: "Hết hiệu lực ngay", "No time: it ends at once";
    application_rotated(name: &str): "Mã bí mật mới của {name}", "The new secret of {name}";
    application_end_old: "Kết thúc mã bí mật cũ", "End the old secret";
    application_old_ended: "Mã bí mật cũ đã hết hiệu lực.", "The old secret has ended.";
    application_import: "Nhập, xuất đăng ký", "Move registrations";
    application_import_lead: "Đăng ký dưới dạng TOML, không có mã bí mật. Nhập hai lần không thay đổi gì thêm.", "Registrations as TOML, without secrets. Importing twice changes nothing more.";
    application_import_text: "Nội dung tập tin TOML", "The TOML text";
    application_import_plan: "Sẽ thay đổi", "What it would do";
    application_import_do: "Nhập", "Import";
    application_import_done: "Đã nhập.", "Imported.";
    application_import_new: "Mới", "New";
    application_import_same: "Không đổi", "Unchanged";
    application_import_members(names: &str): "Thay đổi: {names}", "Changes: {names}";
    application_export: "Tải đăng ký (TOML)", "Download the registration (TOML)";
    application_export_all: "Tải mọi đăng ký (TOML)", "Download all registrations (TOML)";
    application_nobody_called(code: &str): "Không có cơ quan hoặc nhóm nào có mã {code}.", "There is no agency and no group with the code {code}.";
    application_no_name: "Hãy ghi tên ứng dụng.", "Give its name.";
    application_no_redirect: "Hãy ghi địa chỉ của ứng dụng, hoặc địa chỉ nhận kết quả.", "Give its own address, or where answers go.";
    application_bad_address(uri: &str, why: &str): "Không đăng ký được địa chỉ {uri}: {why}.", "The address {uri} cannot be registered: {why}.";
    application_bad_id: "client_id này đã được đăng ký; hãy xem danh sách ứng dụng.", "This client_id is registered already; look at the list.";
    application_legacy_is_web: "Chỉ ứng dụng trên máy chủ, có mã bí mật, mới được bỏ PKCE.", "Only an application on a server, which has a secret, may come without PKCE.";
    application_has_no_secret: "Ứng dụng công khai không có mã bí mật.", "A public application has no secret.";
}

impl Lang {
    /// Why an address cannot be registered.
    #[must_use]
    pub fn bad_address(self, uri: &str, why: BadRedirectUri) -> String {
        let reason = match (self, why) {
            (Self::En, _) => why.to_string(),
            (Self::Vi, BadRedirectUri::NotAnAddress) => "không phải địa chỉ đầy đủ bằng ký tự ASCII".to_owned(),
            (Self::Vi, BadRedirectUri::Fragment) => "có phần sau dấu #".to_owned(),
            (Self::Vi, BadRedirectUri::UserInfo) => "có tên hoặc mật khẩu trong địa chỉ".to_owned(),
            (Self::Vi, BadRedirectUri::PlainHttp) => "http chỉ dùng cho localhost; hãy dùng https".to_owned(),
            (Self::Vi, BadRedirectUri::Scheme) => {
                "phải dùng https; chỉ ứng dụng trên máy tính, điện thoại có lược đồ riêng, trong đó có dấu chấm".to_owned()
            }
        };
        self.application_bad_address(uri, &reason)
    }

    /// The least that lets anybody in.
    #[must_use]
    pub const fn least(self, class: Option<Class>) -> &'static str {
        match class {
            None | Some(Class::PasswordCached) => self.application_level_any(),
            Some(Class::Password) => self.application_level_password(),
            Some(Class::SecondFactor) => self.application_level_second(),
            Some(Class::Passkey) => self.application_level_passkey(),
        }
    }
}
