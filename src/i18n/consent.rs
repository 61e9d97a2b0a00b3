//! Words of the page that asks whether an application may learn something of a person, and of turning back from the
//! sign-in.

use super::Lang;
use crate::domain::oauth::scope::Scope;

words! {
    consent_title: "Đồng ý chia sẻ thông tin?", "Agree to share information?";
    consent_lead(application: &str): "Ứng dụng “{application}” đề nghị được biết những thông tin sau đây của Ông/Bà.",
        "The application “{application}” asks to learn the following about you.";
    consent_as(address: &str): "Tài khoản: {address}", "Account: {address}";
    consent_what: "Thông tin được chia sẻ", "Information shared";
    consent_until: "Sự đồng ý được ghi nhớ cho đến khi Ông/Bà ngừng truy cập của ứng dụng tại trang “Ứng dụng của tôi”.",
        "Your consent is remembered until you end the application's access on the page “My applications”.";
    consent_never_password: "Ứng dụng không bao giờ nhận mật khẩu.", "The application never gets your password.";
    consent_policy: "Cách ứng dụng dùng dữ liệu", "How the application uses data";
    consent_terms: "Điều khoản sử dụng", "Terms of service";
    consent_agree: "Đồng ý", "Agree";
    consent_refuse: "Từ chối", "Refuse";
    fix_request_uri: "Mỗi request_uri chỉ dùng một lần và trong thời gian ngắn. Hãy bắt đầu lại từ ứng dụng.",
        "Each request_uri is good once and for a short time. Start again from the application.";
    fix_stranger: "Ứng dụng này tự đăng ký và gửi yêu cầu không đúng. Hãy báo cho người phụ trách ứng dụng.",
        "This application registered itself and sent a wrong request. Tell those who run it.";
    cancel_sign_in(application: &str): "Hủy và quay lại {application}", "Cancel and go back to {application}";
    act_consent_given(who: &str, what: &str): "{who} đồng ý chia sẻ thông tin với ứng dụng {what}.",
        "{who} agreed to share information with the application {what}.";

    scope_openid: "Mã định danh cố định", "A fixed identifier";
    scope_openid_why: "Để ứng dụng nhận ra cùng một người ở lần đăng nhập sau.",
        "So that the application knows you again when you next sign in.";
    scope_profile: "Họ và tên, tên đăng nhập", "Name and sign-in name";
    scope_profile_why: "Để hiển thị đúng tên trong ứng dụng.", "To show your name in the application.";
    scope_email: "Địa chỉ thư điện tử công vụ", "Official mail address";
    scope_email_why: "Để gửi thông báo công việc và đối chiếu hồ sơ.", "To send work notices and to match your records.";
    scope_agency: "Cơ quan và chức vụ", "Agency and post";
    scope_agency_why: "Để cấp đúng quyền theo đơn vị công tác.", "To give the rights that belong to your unit.";
    scope_offline: "Truy cập cả khi ứng dụng không mở", "Access while the application is not open";
    scope_offline_why: "Để ứng dụng tiếp tục làm việc mà không hỏi lại mỗi lần.",
        "So that the application can go on without asking each time.";
}

impl Lang {
    /// What a scope gives, and why applications ask for it.
    pub const fn scope_in_words(self, scope: Scope) -> (&'static str, &'static str) {
        match scope {
            Scope::OpenId => (self.scope_openid(), self.scope_openid_why()),
            Scope::Profile => (self.scope_profile(), self.scope_profile_why()),
            Scope::Email => (self.scope_email(), self.scope_email_why()),
            Scope::Agency => (self.scope_agency(), self.scope_agency_why()),
            Scope::OfflineAccess => (self.scope_offline(), self.scope_offline_why()),
        }
    }
}
