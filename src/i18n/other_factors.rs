//! Words of codes by mail to another address, and of certificates.

use super::Lang;
use super::letters::{Sender, body};
use crate::domain::account::Profile;
use crate::domain::address::MailAddress;
use crate::domain::mail::{Letter, LetterKind, plain};
use crate::domain::secret::Secret;
use time::OffsetDateTime;

words! {
    // Codes by mail.
    mail_codes: "Mã xác thực qua địa chỉ thư khác", "Codes by mail to another address";
    mail_codes_about: "Một mã dùng một lần được gửi đến địa chỉ thư riêng của Ông/Bà, ngoài hệ thống thư của thành phố. Chỉ nên dùng khi không có điện thoại: các cách trên an toàn hơn.",
        "A one-time code is sent to a mail address of your own, outside the city’s mail. Use it only without a telephone: the ways above are safer.";
    mail_codes_to(address: &str): "Mã được gửi đến {address}.", "Codes are sent to {address}.";
    mail_codes_remove: "Gỡ địa chỉ này", "Remove this address";
    mail_instead: "Nhận mã qua địa chỉ thư khác thay cho ứng dụng", "Codes by mail in place of the app";
    certificate_instead: "Dùng chữ ký số thay cho ứng dụng", "A certificate in place of the app";
    mail_new_title: "Nhận mã qua địa chỉ thư khác", "Codes by mail";
    mail_new_lead: "Nhập một địa chỉ thư riêng mà chỉ Ông/Bà đọc được. Mã sẽ được gửi đến đó để xác nhận.",
        "Enter a mail address of your own that only you read. A code is sent there to confirm it.";
    mail_address: "Địa chỉ thư khác", "The other mail address";
    mail_address_hint: "Không dùng địa chỉ thư của thành phố: người biết mật khẩu cũng đọc được thư ở đó.", "Not one of the city’s: whoever has the password reads that one.";
    mail_send: "Gửi mã", "Send a code";
    mail_send_again: "Gửi lại mã", "Send another code";
    mail_wait_lead(address: &str): "Mã gồm 6 chữ số đã được gửi đến {address}, dùng được trong 10 phút.",
        "A code of 6 digits was sent to {address}; it is good for 10 minutes.";
    mail_confirm: "Xác nhận địa chỉ", "Confirm the address";
    mail_other: "Dùng địa chỉ khác", "Use another address";
    mail_code_label: "Mã trong thư", "The code in the letter";
    mail_not_an_address: "Địa chỉ thư chưa đúng.", "This is not a mail address.";
    mail_of_the_city: "Đây là địa chỉ của thành phố; hãy dùng một địa chỉ khác.", "This is an address of the city’s; use another one.";
    mail_too_soon: "Mã vừa được gửi. Hãy xem cả thư rác; có thể gửi lại sau một phút, nhiều nhất 5 lần trong một giờ.",
        "A code was just sent. Look into the junk mail too; another one can be sent after a minute, at most 5 in an hour.";
    mail_not_sent: "Chưa gửi được thư. Hãy thử lại sau hoặc chọn cách khác.", "The letter was not sent. Try again later, or choose another way.";
    mail_wrong: "Mã chưa đúng, đã dùng hoặc quá 10 phút.", "The code is wrong, used, or older than 10 minutes.";
    mail_step(address: &str): "Gửi mã đến {address}", "Send a code to {address}";
    mail_step_again(address: &str): "Gửi lại mã đến {address}", "Send another code to {address}";
    mail_hint: "6 chữ số trong thư, hoặc một mã khôi phục 12 chữ số", "The 6 digits in the letter, or a recovery code of 12 digits";
    mail_sent: "Mã đã được gửi, dùng được trong 10 phút.", "The code was sent; it is good for 10 minutes.";
    note_mail_removed: "Đã gỡ địa chỉ thư khác. Một thư báo đã được gửi cho Ông/Bà.", "The other address is removed. A letter about it was sent to you.";

    // Certificates.
    certificates: "Chứng thư chữ ký số chuyên dùng công vụ", "Certificates of the government’s digital signature";
    certificate_about: "Dùng chứng thư chữ ký số của Ông/Bà (USB token, SIM) làm bước xác thực thứ hai. Mỗi chứng thư chỉ gắn với một tài khoản.",
        "Use your certificate (USB token, SIM) as the second step. A certificate is bound to one account.";
    certificate_shown(subject: &str): "Trình duyệt đang dùng chứng thư: {subject}", "The browser shows the certificate: {subject}";
    certificate_none_shown: "Trình duyệt chưa xuất trình chứng thư nào. Cắm thiết bị, đóng hẳn trình duyệt rồi mở lại trang này và chọn chứng thư khi được hỏi.",
        "The browser shows no certificate. Plug the device in, close the browser altogether, open this page again and choose the certificate when you are asked.";
    certificate_bind: "Gắn chứng thư này với tài khoản", "Bind this certificate to the account";
    certificate_remove: "Gỡ", "Remove";
    certificate_remove_of(subject: &str): "Gỡ chứng thư {subject}", "Remove the certificate {subject}";
    certificate_until(day: &str): "có hiệu lực đến {day}", "good until {day}";
    certificate_ends(day: &str): "Hết hạn ngày {day}. Hãy xin cấp chứng thư mới và gắn ở đây trước ngày đó.",
        "Expires on {day}. Get a new one and bind it here before that day.";
    certificate_ended(day: &str): "Đã hết hạn ngày {day}, không dùng được nữa. Hãy gắn chứng thư mới, rồi gỡ chứng thư này.",
        "Expired on {day} and is of no use any more. Bind a new one, then remove this one.";
    certificate_of(organization: &str): "của {organization}", "of {organization}";
    certificate_by(issuer: &str): "cấp bởi {issuer}", "issued by {issuer}";
    certificate_bound_on(day: &str): "gắn ngày {day}", "bound on {day}";
    certificate_use: "Dùng chữ ký số", "Use the certificate";
    certificate_refused: "Chứng thư này không dùng được: hết hạn, đã bị thu hồi, hoặc không do cơ quan được công nhận cấp.",
        "This certificate cannot be used: it has expired, was revoked, or nobody known vouches for it.";
    certificate_not_bound: "Chứng thư mà trình duyệt xuất trình chưa gắn với tài khoản này, đã hết hạn hoặc đã bị thu hồi.",
        "The certificate that the browser shows is not bound to this account, has expired, or was revoked.";
    certificate_taken: "Chứng thư này đã được gắn với một tài khoản.", "This certificate is bound to an account already.";
    certificate_too_many: "Đã đạt số chứng thư tối đa. Hãy gỡ bớt trước khi thêm.", "There are enough certificates. Remove one first.";
    certificate_missing: "Trình duyệt chưa xuất trình chứng thư nào.", "The browser shows no certificate.";
    certificates_counted(number: &str): "{number} chứng thư chữ ký số", "{number} certificates";
    note_certificate_removed: "Đã gỡ chứng thư. Một thư báo đã được gửi cho Ông/Bà.", "The certificate is removed. A letter about it was sent to you.";

    factor_mail: "mã qua địa chỉ thư khác", "codes by mail to another address";
    factor_certificate: "chứng thư chữ ký số", "a certificate";
    act_code_sent(who: &str, to: &str): "{who} yêu cầu gửi mã xác thực đến {to}.", "{who} asked for a code to be sent to {to}.";

    // Letters.
    security_mail_added(address: &str): "Tài khoản {address} vừa bật nhận mã xác thực qua một địa chỉ thư khác.", "Codes by mail to another address were switched on for {address}.";
    security_mail_removed(address: &str): "Địa chỉ thư khác của tài khoản {address} vừa được gỡ.", "The other mail address of {address} was removed.";
    security_certificate_bound(address: &str): "Một chứng thư chữ ký số vừa được gắn với tài khoản {address}.", "A certificate was bound to {address}.";
    security_certificate_removed(address: &str): "Một chứng thư chữ ký số của tài khoản {address} vừa được gỡ.", "A certificate of {address} was removed.";
    kind_certificate: "Chứng thư chữ ký số sắp hết hạn", "A certificate about to expire";
    letter_subject_certificate(day: &str): "Chứng thư chữ ký số hết hạn ngày {day}", "The certificate expires on {day}";
    letter_certificate(subject: &str, address: &str, end: &str): "Chứng thư chữ ký số {subject} đã gắn với tài khoản {address} hết hạn lúc {end}. Sau đó, chứng thư này không còn dùng được ở bước xác thực thứ hai.",
        "The certificate {subject} that is bound to {address} expires at {end}. After that it no longer serves as the second step.";
    letter_certificate_what: "Hãy xin cấp chứng thư mới và gắn với tài khoản trước thời điểm đó: trong cổng quen dùng, mục “Bảo mật đăng nhập”. Nếu chưa kịp: đăng nhập bằng mã khôi phục, hoặc gọi bộ phận hỗ trợ.",
        "Get a new one and bind it to your account before then: in the portal that you know, under “Sign-in security”. If it is too late: sign in with a recovery code, or call the help desk.";
    letter_code_subject: "Mã xác thực đăng nhập", "Sign-in code";
    letter_code(code: &str): "Mã xác thực của Ông/Bà: {code}. Mã dùng được một lần trong 10 phút. Không đưa mã này cho ai, kể cả người tự xưng là bộ phận hỗ trợ.",
        "Your code: {code}. It is good once, for 10 minutes. Give it to nobody, not even to somebody who says to be the help desk.";
    letter_code_not_me: "Nếu không phải do Ông/Bà yêu cầu: có người đã biết mật khẩu của Ông/Bà. Hãy đổi mật khẩu ngay.",
        "If you did not ask for it: somebody knows your password. Change it at once.";
    letter_code_not_asked: "Nếu không phải do Ông/Bà yêu cầu: có người đã gõ nhầm địa chỉ này; hãy bỏ qua thư này.",
        "If you did not ask for it: somebody has mistyped this address; pass this letter over.";
    letter_code_alone: "Thư này không có liên kết, không yêu cầu trả lời, và không hiện trong cổng vì chứa mã.",
        "This letter has no link, asks for no answer, and is not shown in the portal, because it holds a code.";
}

/// The letter with a code, for an address that is new or one that is known. It goes to an address outside the city's mail and is
/// kept nowhere, so it does not say that the portal has it.
pub fn letter_with_code(
    profile: &Profile,
    to: MailAddress,
    (code, is_new): (&Secret<String>, bool),
    by: &Sender,
) -> Letter {
    let part = |t: Lang| {
        let not_me = if is_new { t.letter_code_not_asked() } else { t.letter_code_not_me() };
        let code = t.letter_code(code.expose());
        let dear = if is_new { None } else { Some(t.letter_dear(&profile.display_name)) };
        let lines = [code, not_me.to_owned(), t.letter_code_alone().to_owned(), by.unit.clone()];
        dear.into_iter().chain(lines).collect::<Vec<_>>().join("\n\n")
    };
    let text = format!("{}\n\n—\n\n{}\n", part(Lang::Vi), part(Lang::En));
    Letter::new(to, LetterKind::SecurityChanged, Lang::Vi.letter_code_subject(), &text)
}

/// The letter about a certificate that is good until a moment and no longer.
pub fn certificate_ending(to: &Profile, subject: &str, end: OffsetDateTime, by: &Sender) -> Letter {
    let says = |t: Lang| {
        let what = t.letter_certificate(&plain(subject), to.address.as_str(), &t.moment(end));
        vec![what, t.letter_certificate_what().to_owned()]
    };
    let title = Lang::Vi.letter_subject_certificate(&Lang::Vi.date(Lang::city_date(end)));
    Letter::new(to.address.clone(), LetterKind::CertificateEnding, &title, &body(to, by, None, says))
}
