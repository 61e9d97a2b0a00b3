//! What is wrong with an authorization request, what is worth knowing of it, and what to do; for whoever looks after the
//! application that sends it.

use super::Lang;
use crate::domain::oauth::difference::Difference;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::pasted::NotPasted;
use crate::domain::oauth::refusals;
use crate::domain::oauth::remark::Remark;
use crate::domain::oauth::request::Unproven;

/// Both languages of a sentence.
type Both = (&'static str, &'static str);

/// What is wrong with a request that is refused so, and what to do.
const REFUSED: [(Refusal, Both, Both); 26] = [
    (
        refusals::UNREADABLE,
        (
            "Một tham số lặp lại, dài quá 8 kB hoặc không phải UTF-8.",
            "A parameter comes twice, is longer than 8 kB, or is not UTF-8.",
        ),
        (
            "Xem bảng dưới; gửi mỗi tham số đúng một lần, mã hóa UTF-8.",
            "See the table below; send each parameter once, in UTF-8.",
        ),
    ),
    (
        refusals::MODE,
        (
            "Không có response_mode này, hoặc nó không phù hợp với response_type.",
            "The response_mode is unknown, or does not fit the response_type.",
        ),
        (
            "Bỏ response_mode, hoặc dùng form_post. Không bao giờ được để token trong phần query.",
            "Leave response_mode out, or use form_post. Tokens are never in the query.",
        ),
    ),
    (
        refusals::NONCE,
        (
            "ID token đi qua trình duyệt nên phải có nonce.",
            "An ID token that travels through the browser needs a nonce.",
        ),
        (
            "Gửi nonce ngẫu nhiên mỗi lần và kiểm tra nó trong ID token; tốt hơn là chuyển sang response_type=code.",
            "Send a random nonce each time and check it in the ID token; better, move to response_type=code.",
        ),
    ),
    (
        refusals::OPENID,
        (
            "scope thiếu openid, hoặc ứng dụng chưa được đăng ký cho openid.",
            "The scope lacks openid, or the application is not registered for it.",
        ),
        ("Thêm openid vào scope, cách nhau bằng dấu cách.", "Add openid to scope, separated by spaces."),
    ),
    (
        refusals::NO_TYPE,
        ("Thiếu response_type.", "response_type is missing."),
        ("Gửi response_type=code.", "Send response_type=code."),
    ),
    (
        refusals::UNKNOWN_TYPE,
        ("Hệ thống này không hỗ trợ response_type đó.", "There is no such response_type here."),
        ("Gửi response_type=code.", "Send response_type=code."),
    ),
    (
        refusals::OTHER_TYPE,
        (
            "Ứng dụng chưa được đăng ký cho response_type này.",
            "The application is not registered for this response_type.",
        ),
        (
            "Dùng response_type=code; nếu ứng dụng thật sự cần loại khác, sửa response_types trong bản đăng ký TOML.",
            "Use response_type=code; if the application really needs another one, change response_types in its TOML.",
        ),
    ),
    (
        refusals::JKT,
        (
            "dpop_jkt không phải dấu vân tay SHA-256 ở dạng base64url.",
            "dpop_jkt is no SHA-256 thumbprint in base64url.",
        ),
        (
            "Tính dấu vân tay của khóa theo RFC 7638, 43 ký tự, không có dấu =.",
            "Compute the key’s thumbprint by RFC 7638: 43 characters, no padding.",
        ),
    ),
    (
        refusals::REGISTRATION,
        ("Tham số registration không được hỗ trợ.", "The registration parameter is not supported."),
        (
            "Bỏ registration; ứng dụng được đăng ký ở đây.",
            "Leave registration out; applications are registered here.",
        ),
    ),
    (
        refusals::PKCE,
        (
            "Thiếu code_challenge: ứng dụng này phải dùng PKCE.",
            "code_challenge is missing: this application must use PKCE.",
        ),
        (
            "Bật PKCE với S256 trong thư viện. Chỉ ứng dụng quá cũ chạy trên máy chủ mới nên được đăng ký là “Ứng dụng cũ, không dùng PKCE”.",
            "Switch PKCE with S256 on in its library. Only one on a server that is too old should be registered without it.",
        ),
    ),
    (
        refusals::PKCE_METHOD,
        (
            "code_challenge_method phải là S256; không gửi thì được hiểu là plain.",
            "code_challenge_method must be S256; without it, it would be plain.",
        ),
        (
            "Gửi code_challenge_method=S256, và code_challenge là SHA-256 của code_verifier.",
            "Send code_challenge_method=S256, with the SHA-256 of the code_verifier as code_challenge.",
        ),
    ),
    (
        refusals::PKCE_FORM,
        (
            "code_challenge không phải SHA-256 ở dạng base64url (43 ký tự).",
            "code_challenge is no SHA-256 in base64url (43 characters).",
        ),
        (
            "Băm code_verifier bằng SHA-256 rồi mã hóa base64url, bỏ dấu = ở cuối.",
            "Hash the code_verifier with SHA-256 and encode it in base64url without the trailing =.",
        ),
    ),
    (
        refusals::PKCE_ALONE,
        (
            "Có code_challenge_method mà không có code_challenge.",
            "There is a code_challenge_method and no code_challenge.",
        ),
        ("Gửi cả hai.", "Send both."),
    ),
    (
        refusals::PROMPT,
        ("prompt=none không được đi cùng giá trị khác.", "prompt=none does not go with another value."),
        ("Gửi riêng prompt=none, hoặc bỏ none.", "Send prompt=none alone, or leave none out."),
    ),
    (
        refusals::MAX_AGE,
        ("max_age phải là số giây, chỉ gồm chữ số.", "max_age must be a number of seconds, digits only."),
        ("Ví dụ: gửi max_age=3600, hoặc bỏ max_age.", "Send max_age=3600, say, or leave it out."),
    ),
    (
        refusals::CLAIMS,
        (
            "claims không phải đối tượng JSON đúng dạng (OIDC Core, mục 5.5).",
            "claims is no JSON object of the form of OIDC Core, section 5.5.",
        ),
        (
            "Ví dụ: gửi {\"userinfo\":{\"name\":null}}, mã hóa theo quy tắc của địa chỉ (URL); hoặc dùng scope.",
            "Send {\"userinfo\":{\"name\":null}}, say, encoded for the address; or use scopes.",
        ),
    ),
    (
        refusals::RESOURCE,
        (
            "resource không nằm trong các tài nguyên đã đăng ký.",
            "The resource is none of those that are registered.",
        ),
        (
            "Sửa cho trùng từng ký tự, hoặc thêm vào resources trong bản đăng ký TOML.",
            "Make it equal, character by character, or add it to resources in its TOML.",
        ),
    ),
    (
        refusals::BOTH,
        ("Có cả request và request_uri.", "Both request and request_uri are there."),
        ("Chỉ gửi một trong hai.", "Send one of them."),
    ),
    (
        refusals::PUSH,
        (
            "Ứng dụng này phải gửi trước yêu cầu đến /par (PAR).",
            "This application must push its requests to /par first.",
        ),
        (
            "Gửi các tham số đến /par, rồi chuyển trình duyệt đến đây với client_id và request_uri nhận được. Muốn thử ở đây, hãy dán địa chỉ đó trong vòng 90 giây.",
            "Post the parameters to /par, then send the browser here with client_id and the request_uri it got. To test it here, paste that address within 90 seconds.",
        ),
    ),
    (
        refusals::SIGN,
        ("Ứng dụng này phải ký yêu cầu (RFC 9101).", "This application must sign its requests (RFC 9101)."),
        (
            "Gửi tham số request là JWT đã ký, hoặc bỏ quy định phải ký trong đăng ký của ứng dụng.",
            "Send the parameter request, a signed JWT, or take the demand out of the registration.",
        ),
    ),
    (
        refusals::SIGNATURE,
        (
            "Chữ ký của yêu cầu không khớp với khóa hoặc thuật toán đã đăng ký.",
            "The signature fits no key and algorithm that the application registered.",
        ),
        (
            "Kiểm tra địa chỉ và khóa ở phần “Các địa chỉ của ứng dụng”, kid và thuật toán trong header của JWT.",
            "Look at the keys under “Its addresses”, and at kid and algorithm in the JWT’s header.",
        ),
    ),
    (
        refusals::URI_UNKNOWN,
        (
            "request_uri này chưa được đăng ký cho ứng dụng.",
            "This request_uri is not registered for the application.",
        ),
        (
            "Thêm địa chỉ này vào request_uris trong bản đăng ký TOML, hoặc gửi trước yêu cầu đến /par.",
            "Register it in request_uris of its TOML, or push the request to /par.",
        ),
    ),
    (
        refusals::URI_UNREAD,
        ("Không đọc được nội dung hợp lệ ở request_uri.", "Nothing usable was read at the request_uri."),
        (
            "Kiểm tra xem địa chỉ đó có trả lời 200 kèm một JWT không, và hệ thống này có được phép gọi không (xem “Các địa chỉ của ứng dụng”).",
            "See that it answers 200 with a JWT, and that this house may ask it (see “Its addresses”).",
        ),
    ),
    (
        refusals::URI_PACED,
        (
            "Địa chỉ mạng này đã yêu cầu tải quá nhiều request_uri.",
            "Too many request_uri were fetched for this network address.",
        ),
        ("Thử lại sau một phút.", "Try again in a minute."),
    ),
    (
        refusals::HINT,
        (
            "id_token_hint không phải ID token do hệ thống này cấp.",
            "id_token_hint is no ID token of this house.",
        ),
        (
            "Gửi nguyên vẹn ID token đã nhận ở đây, hoặc bỏ tham số này.",
            "Send an ID token that was issued here, as it was, or leave it out.",
        ),
    ),
    (
        refusals::TWO_PEOPLE,
        (
            "id_token_hint và claims nêu hai người khác nhau.",
            "id_token_hint and claims name different people.",
        ),
        ("Chỉ gửi một trong hai.", "Send one of them."),
    ),
];

impl Lang {
    /// What is wrong with a request that is refused so, and what to do.
    #[must_use]
    pub fn request_refused(self, refusal: Refusal) -> (&'static str, &'static str) {
        if let Some((_, says, next)) = REFUSED.iter().find(|(known, ..)| *known == refusal) {
            return (self.either(*says), self.either(*next));
        }
        if refusal.code == Code::InvalidRequestObject {
            return (
                self.either(("Yêu cầu đã ký có nội dung không được phép.", "The signed request says something that it must not.")),
                self.either((
                    "iss và client_id phải là client_id của ứng dụng, aud phải là địa chỉ của hệ thống này; yêu cầu phải còn thời hạn và không chứa request hay request_uri.",
                    "iss and client_id are the application’s, aud is this house, it is in its time, and holds neither request nor request_uri.",
                )),
            );
        }
        (
            self.either(("Yêu cầu không đúng quy định.", "The request is not as it must be.")),
            self.either((
                "Sửa theo phần dành cho người phát triển ứng dụng ở dưới.",
                "Correct it by the words for the developer below.",
            )),
        )
    }

    /// What is wrong with a request that only our own page answers, and what to do.
    #[must_use]
    pub fn request_unproven(self, unproven: Unproven) -> (&'static str, &'static str) {
        match unproven {
            Unproven::Client => (
                self.either(("Không có ứng dụng với client_id này.", "No application has this client_id.")),
                self.fix_client(),
            ),
            Unproven::Stopped => (
                self.either((
                    "Thành phố đang tạm dừng ứng dụng này.",
                    "The city has stopped this application.",
                )),
                self.either(("Chọn “Cho chạy lại” ở trang của ứng dụng.", "Let it run again on its page.")),
            ),
            Unproven::NoRedirectUri => (
                self.either(("redirect_uri thiếu hoặc lặp lại.", "redirect_uri is missing or given twice.")),
                self.either((
                    "Gửi redirect_uri đúng một lần, là một địa chỉ đã đăng ký.",
                    "Send redirect_uri once: one of the registered addresses.",
                )),
            ),
            Unproven::RedirectUri => (self.test_redirect(), self.test_redirect_next()),
            Unproven::RequestUri => (
                self.either((
                    "Không có request_uri này, hoặc nó đã quá 90 giây, đã dùng, hay thuộc ứng dụng khác.",
                    "The request_uri is unknown, older than 90 seconds, used, or of another application.",
                )),
                self.fix_request_uri(),
            ),
            Unproven::Stranger(refusal) => self.request_refused(refusal),
        }
    }

    /// Why there is nothing to look at.
    #[must_use]
    pub const fn not_pasted(self, why: NotPasted) -> &'static str {
        match why {
            NotPasted::Nothing => self.test_nothing_pasted(),
            NotPasted::TooLong => self.test_too_long(),
            NotPasted::NoQuery => self.test_no_query(),
        }
    }

    /// How two addresses differ.
    #[must_use]
    pub const fn difference(self, difference: Difference) -> &'static str {
        self.either(match difference {
            Difference::Space => ("khoảng trắng hoặc xuống dòng thừa", "a stray space or line break"),
            Difference::EncodedTwice => {
                ("mã hóa thừa một lần (%3A%2F%2F)", "encoded once too often (%3A%2F%2F)")
            }
            Difference::NotAnAddress => ("không phải địa chỉ đầy đủ", "no absolute address"),
            Difference::Case => ("chữ hoa, chữ thường", "capital and small letters"),
            Difference::Scheme => ("http hay https", "http or https"),
            Difference::Host => ("tên máy", "the host"),
            Difference::Port => ("cổng", "the port"),
            Difference::TrailingSlash => ("dấu / ở cuối", "a slash at the end"),
            Difference::Path => ("đường dẫn", "the path"),
            Difference::Query => ("phần sau dấu ?", "what comes after the ?"),
            Difference::Fragment => {
                ("phần sau dấu #, không được có", "what comes after the #, which must not be there")
            }
            Difference::Spelling => (
                "cách viết: cùng nơi đến, nhưng khác từng ký tự",
                "the spelling: the same place, but not character by character",
            ),
        })
    }

    /// What is worth knowing of a request that is taken.
    #[must_use]
    pub fn request_remark(self, remark: &Remark) -> String {
        match (self, remark) {
            (Self::Vi, Remark::UnknownScope(word)) => {
                format!("Hệ thống này không có scope {word}; giá trị đó bị bỏ qua.")
            }
            (Self::En, Remark::UnknownScope(word)) => {
                format!("There is no scope {word} here; it is left out.")
            }
            (Self::Vi, Remark::ScopeNotRegistered(scope)) => {
                format!(
                    "Ứng dụng chưa được đăng ký cho {}, nên không được cấp. Thêm ở trang sửa đăng ký nếu cần.",
                    scope.code()
                )
            }
            (Self::En, Remark::ScopeNotRegistered(scope)) => {
                format!(
                    "It is not registered for {}, so that is not granted. Add it to the registration if it is needed.",
                    scope.code()
                )
            }
            (Self::Vi, Remark::UnknownPrompt(word)) => {
                format!("prompt {word} không có ý nghĩa nên bị bỏ qua.")
            }
            (Self::En, Remark::UnknownPrompt(word)) => {
                format!("prompt {word} means nothing; it is left out.")
            }
            (Self::Vi, Remark::UnknownAcr(urn)) => {
                format!("Mức xác thực {urn} không nằm trong acr_values_supported nên bị bỏ qua.")
            }
            (Self::En, Remark::UnknownAcr(urn)) => {
                format!("The class {urn} is none of acr_values_supported; it is passed over.")
            }
            (_, plain) => self.either(plain_remark(plain)).to_owned(),
        }
    }
}

const fn plain_remark(remark: &Remark) -> Both {
    match remark {
        Remark::AcrBeyond => (
            "Không ai ở đây đạt được mức xác thực mà claims bắt buộc: sau khi đăng nhập, ứng dụng nhận lỗi unmet_authentication_requirements. Hãy dùng một giá trị trong acr_values_supported.",
            "Nobody here reaches the class that claims demands: after the sign-in the application gets unmet_authentication_requirements. Use one of acr_values_supported.",
        ),
        Remark::Silent => (
            "prompt=none: người chưa đăng nhập được chuyển về ứng dụng với lỗi login_required, không thấy trang nào.",
            "prompt=none: whoever is not signed in is sent back with login_required, and sees no page.",
        ),
        Remark::NoState => (
            "Không có state. Nên gửi state ngẫu nhiên và kiểm tra khi nhận kết quả.",
            "There is no state. Better send a random one and check it in the answer.",
        ),
        Remark::NoNonce => (
            "Không có nonce. Nên gửi nonce và kiểm tra trong ID token.",
            "There is no nonce. Better send one and check it in the ID token.",
        ),
        Remark::NoPkce => (
            "Không có PKCE; được phép vì ứng dụng được đăng ký là ứng dụng cũ.",
            "There is no PKCE; it is allowed because the application is registered as an old one.",
        ),
        Remark::FrontChannel => (
            "Token đi qua trình duyệt; nên chuyển sang response_type=code với PKCE.",
            "Tokens travel through the browser; move to response_type=code with PKCE.",
        ),
        Remark::UnknownScope(_)
        | Remark::ScopeNotRegistered(_)
        | Remark::UnknownPrompt(_)
        | Remark::UnknownAcr(_) => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_explained_in_both_languages_with_what_to_do() {
        for refusal in refusals::ALL {
            assert!(REFUSED.iter().any(|(known, ..)| known == refusal), "{refusal} has no words of its own");
            for t in [Lang::Vi, Lang::En] {
                let (says, next) = t.request_refused(*refusal);
                assert!(!says.is_empty() && !next.is_empty(), "{refusal}");
            }
        }
        assert_eq!(refusals::ALL.len(), REFUSED.len(), "no words for what nobody says");
    }

    #[test]
    fn a_remark_has_a_sentence_in_both_languages() {
        for remark in [Remark::Silent, Remark::UnknownScope("x".to_owned()), Remark::AcrBeyond] {
            assert_ne!(Lang::Vi.request_remark(&remark), Lang::En.request_remark(&remark));
        }
    }
}
