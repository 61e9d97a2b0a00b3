//! Words of the access reviews, and their letter.

use super::Lang;
use super::letters::{Sender, body};
use crate::domain::access_review::{Obstacle, Outcome, Subject, Verdict};
use crate::domain::account::Profile;
use crate::domain::mail::{Letter, LetterKind};
use time::Date;

words! {
    review_title: "Rà soát quyền truy cập", "Access review";
    reviews_title: "Rà soát quyền truy cập", "Access reviews";
    reviews_lead: "Sáu tháng một lần, quản trị viên của từng cơ quan xác nhận tài khoản, vai trò, chức vụ và ủy quyền của cơ quan mình còn cần hay không.",
        "In each half-year the administrators of each agency say whether its accounts, roles, posts and delegations are still needed.";
    reviews_none: "Chưa có đợt rà soát nào.", "There are none yet.";
    reviews_open_first: "Hãy mở đợt đầu tiên bên dưới.", "Open the first one below.";
    review_open: "Mở đợt rà soát của sáu tháng này", "Open the review of this half-year";
    review_open_lead: "Ghi lại mọi tài khoản, vai trò, chức vụ, ủy quyền hiện có và báo quản trị viên các cơ quan bằng thư.",
        "Everything that there is now is written down, and the administrators of the agencies are told by letter.";
    review_days: "Số ngày", "Days";
    review_open_do: "Mở đợt rà soát", "Open the review";
    review_has_one: "Sáu tháng này đã có đợt rà soát.", "This half-year has a review.";
    review_bad_days: "Số ngày phải từ 1 đến 180.", "Between 1 and 180 days.";
    review_half(half: &str): "Đợt {half}", "Review of the {half}";
    half_first(year: &str): "6 tháng đầu năm {year}", "first half of {year}";
    half_second(year: &str): "6 tháng cuối năm {year}", "second half of {year}";
    review_is_open(day: &str): "Đang mở, hạn {day}", "Open, until {day}";
    review_is_late(day: &str): "Quá hạn {day}", "Overdue since {day}";
    review_is_closed: "Đã đóng", "Closed";
    review_back: "Về danh sách các đợt", "Back to the reviews";
    review_how_far: "Tiến độ", "How far it is";
    review_spoken(done: &str, total: &str): "Đã xác nhận {done} trên {total} mục", "Said of {done} out of {total}";
    review_total: "Tổng số", "All";
    review_waiting: "Chờ xác nhận", "Waiting";
    review_withdrawn: "Thu hồi", "Withdrawn";
    review_transferred: "Được chuyển đến", "Passed on to it";
    review_passed(when: &str, who: &str, why: &str): "Được chuyển đến lúc {when}, {who}: {why}", "Passed on at {when} by {who}: {why}";
    review_to: "Chuyển đến (nếu chọn “Chuyển nơi khác”)", "Pass on to (for what belongs elsewhere)";
    review_to_city: "Quản trị viên thành phố", "The city’s administrators";
    review_no_target: "Hãy chọn một nơi khác để chuyển đến.", "Choose another place to pass it on to.";
    review_of_city: "Thành phố", "The city";
    review_items: "Các mục", "Items";
    review_all: "Tất cả", "All";
    review_none_here: "Không có mục nào.", "There is nothing.";
    review_own: "Của chính mình: cần người khác xác nhận", "Your own: somebody else says it";
    review_account: "Tài khoản", "Account";
    review_role_item: "Vai trò quản trị", "Role";
    review_post: "Chức vụ do thành phố nhập", "Post that the city has entered";
    review_delegation: "Dùng hộp thư cơ quan", "Acts for a mailbox";
    review_verdict: "Xác nhận", "What is said";
    review_keep: "Còn cần", "Still needed";
    review_withdraw: "Thu hồi", "Not needed any more";
    review_transfer: "Chuyển nơi khác", "Belongs elsewhere";
    review_transfer_note: "Mục “Chuyển nơi khác” chờ quản trị viên của nơi nhận xác nhận. Tài khoản vẫn thuộc cơ quan cũ cho đến khi hai hệ thống thư ghi khác.",
        "What belongs elsewhere waits for the word of that place’s administrators. The account stays in its agency until the mail systems say otherwise.";
    review_why: "Lý do (bắt buộc nếu thu hồi hoặc chuyển)", "Reason (needed unless it is kept)";
    review_say: "Ghi xác nhận cho các mục đã chọn", "Say so of the ticked ones";
    review_said: "Đã ghi nhận.", "It is written down.";
    review_nothing: "Hãy chọn ít nhất một mục và một cách xác nhận.", "Tick at least one, and choose what to say.";
    review_oneself: "Không ai tự xác nhận tài khoản hay vai trò của mình.", "Nobody says it of their own account and roles.";
    review_keep_rest: "Giữ tất cả phần còn lại", "Keep all the rest";
    review_keep_rest_lead(number: &str): "Còn {number} mục chưa ai xác nhận (không kể của chính mình).", "Nobody has spoken on {number} (but your own).";
    review_type_rest(number: &str): "Nhập {number} để xác nhận", "Type {number} to confirm";
    review_apply: "Thực hiện thu hồi", "Carry out what was withdrawn";
    review_apply_lead(number: &str): "{number} mục chờ thực hiện: tài khoản sẽ bị khóa; vai trò, chức vụ và ủy quyền sẽ kết thúc. Mỗi lần tối đa 100 mục.",
        "{number} wait: accounts are locked, roles, posts and delegations end. At most 100 at a time.";
    review_applied(done: &str, gone: &str, refused: &str): "Đã thực hiện: {done}; không còn nữa: {gone}; không thực hiện được: {refused}.",
        "Done: {done}; not there any more: {gone}; refused: {refused}.";
    review_under_way(number: &str): "{number} mục đang được thực hiện.", "{number} are being carried out.";
    review_being_done: "Đang thực hiện", "Being carried out";
    review_left: "Các mục sau còn chờ, vì người đã thực hiện không được làm thay:", "These still wait, because whoever carried out the others may not do it:";
    review_obstacle_oneself: "Của chính người đó: cần quản trị viên thành phố khác thực hiện", "It is their own: another administrator of the city does it";
    review_obstacle_last: "Là vai trò quản trị toàn thành phố cuối cùng: hãy giao vai trò cho người khác trước", "It is the last role over the city: grant it to somebody else first";
    review_obstacle_administrator: "Là tài khoản của một quản trị viên: cần quản trị viên thành phố thực hiện", "It is an administrator’s account: an administrator of the city does it";
    review_obstacle_right: "Người xác nhận thực hiện không còn quyền: cần xác nhận lại", "Whoever confirmed it has no such right any more: confirm it again";
    review_changed: "Trong lúc đó đã có người khác xác nhận các mục sau, nên chưa ghi gì. Các mục đã chọn vẫn được chọn; hãy xem lại rồi gửi lại nếu vẫn cần.",
        "Somebody else has spoken on these meanwhile, so nothing was written down. What was ticked still is: look again, and send it again if it is still needed.";
    review_close: "Đóng đợt rà soát", "Close the review";
    review_close_lead: "Sau khi đóng, không ai xác nhận thêm được; các mục thu hồi vẫn thực hiện được.", "Nothing more is said afterwards; what was withdrawn can still be carried out.";
    review_gone: "Đợt này đã đóng, hoặc mục này đã được thực hiện.", "It is closed, or this was carried out already.";
    review_evidence: "Tải hồ sơ minh chứng (ZIP)", "Download the evidence (ZIP)";
    review_evidence_lead: "Danh sách tài khoản, vai trò, kết quả rà soát, cấu hình nhật ký, lịch làm việc, quy định; một trang để in.",
        "Accounts, roles, what was said, settings of the log, working calendar, rules; and a page to print.";
    review_outcome_done: "Đã thực hiện", "Done";
    review_outcome_gone: "Không còn nữa", "Not there any more";
    review_outcome_refused: "Không thực hiện được", "Refused";
    review_said_by: "Người xác nhận", "Said by";
    review_said_at: "Lúc", "When";
    review_what: "Nội dung", "What";
    review_outcome: "Kết quả", "What came of it";
    review_reason: "Lý do", "Reason";
    review_state_now: "Trạng thái hiện nay", "State now";
    review_setting: "Thiết lập", "Setting";
    review_value: "Giá trị", "Value";
    review_log: "Nhật ký", "The log";
    review_log_months: "Số tháng nhật ký trong cơ sở dữ liệu", "Months of the log in the database";
    review_log_archive: "Kho lưu nhật ký", "Archive of the log";
    review_log_syslog: "Gửi nhật ký tới", "The log is sent to";
    review_log_chain: "Mỗi dòng nhật ký nối với dòng trước bằng chuỗi SHA-256", "Each line is chained to the one before by SHA-256";
    review_yes: "có", "yes";
    review_no: "không", "no";
    kind_access_review: "Rà soát quyền truy cập đang chờ", "An access review waits";
    letter_subject_review(half: &str): "Rà soát quyền truy cập {half} đang chờ Ông/Bà xác nhận", "The access review of the {half} waits for you";
    letter_review(half: &str, number: &str, day: &str): "Đợt rà soát quyền truy cập {half} còn {number} mục trong phạm vi quản trị của Ông/Bà chưa được xác nhận. Hạn: hết {day}.",
        "In the access review of the {half}, {number} within your reach wait for your word. It is open until the end of {day}.";
    letter_review_what: "Đề nghị Ông/Bà vào bảng điều hành, mục “Rà soát quyền truy cập”, và xác nhận từng tài khoản, vai trò, chức vụ, ủy quyền còn cần hay không.",
        "Open the console, Access reviews, and say of each account, role, post and delegation whether it is still needed.";
    act_review_opened(who: &str): "{who} mở một đợt rà soát quyền truy cập.", "{who} opened an access review.";
    act_review_closed(who: &str): "{who} đóng một đợt rà soát quyền truy cập.", "{who} closed an access review.";
    act_access_reviewed(who: &str): "{who} xác nhận trong đợt rà soát quyền truy cập.", "{who} spoke in the access review.";
}

impl Lang {
    /// A half-year in words, as it stands in the database: `2026-H1`.
    #[must_use]
    pub fn half_year(self, code: &str) -> String {
        match code.split_once("-H") {
            Some((year, "1")) => self.half_first(year),
            Some((year, _)) => self.half_second(year),
            None => code.to_owned(),
        }
    }

    /// What is looked at, in words.
    #[must_use]
    pub const fn review_subject(self, subject: Subject) -> &'static str {
        match subject {
            Subject::Account => self.review_account(),
            Subject::Role => self.review_role_item(),
            Subject::Post => self.review_post(),
            Subject::Delegation => self.review_delegation(),
        }
    }

    /// What is said of it, in words.
    #[must_use]
    pub const fn review_verdict_of(self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Keep => self.review_keep(),
            Verdict::Withdraw => self.review_withdraw(),
            Verdict::Transfer => self.review_transfer(),
        }
    }

    /// Why it still waits, in words.
    #[must_use]
    pub const fn review_obstacle(self, obstacle: Obstacle) -> &'static str {
        match obstacle {
            Obstacle::Oneself => self.review_obstacle_oneself(),
            Obstacle::Last => self.review_obstacle_last(),
            Obstacle::OfAnAdministrator => self.review_obstacle_administrator(),
            Obstacle::NoRight => self.review_obstacle_right(),
        }
    }

    /// What came of it, in words.
    #[must_use]
    pub const fn review_outcome_of(self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Done => self.review_outcome_done(),
            Outcome::Gone => self.review_outcome_gone(),
            Outcome::Refused => self.review_outcome_refused(),
        }
    }
}

/// The letter to whoever has not finished.
pub fn review_waits(to: &Profile, (half, day, number): (&str, Date, u64), by: &Sender) -> Letter {
    let says = |t: Lang| {
        vec![
            t.letter_review(&t.half_year(half), &t.number(number), &t.day(day)),
            t.letter_review_what().to_owned(),
        ]
    };
    let subject = Lang::Vi.letter_subject_review(&Lang::Vi.half_year(half));
    Letter::new(to.address.clone(), LetterKind::AccessReview, &subject, &body(to, by, None, says))
}
