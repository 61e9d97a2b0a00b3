//! The letters of the house, Vietnamese first and a short English part below, and the words of the pages about them.
//!
//! No letter has a link or a button: it says where to look in the portal, which lists the same letters.

use super::Lang;
use crate::domain::account::{MustChange, Profile};
use crate::domain::address::MailAddress;
use crate::domain::mail::{Letter, LetterKind, Stage, plain};
use crate::domain::policy::deadline::{CountedDay, Deadline, Why};
use crate::domain::watch::WatchList;
use time::Date;

words! {
    nav_letters: "Thư hệ thống", "Letters";
    letters_title: "Thư hệ thống đã gửi", "Letters we sent you";
    letters_lead: "Đây là các thư mà hệ thống đã gửi cho Ông/Bà. Trừ thư chứa mã xác thực một lần, thư nào mang tên hệ thống mà không có ở đây là thư giả mạo: hãy báo bộ phận hỗ trợ và không bấm vào bất cứ nội dung nào trong thư đó.",
        "These are the letters that the system has sent you. Except for a letter with a one-time code, one in its name that is not listed here is forged: tell the help desk and click nothing in it.";
    no_letters: "Chưa có thư nào.", "No letter yet.";
    letter_read: "Nội dung thư", "Text of the letter";
    letter_to(address: &str): "Gửi đến {address}", "To {address}";
    letter_sent_at(moment: &str): "Gửi lúc {moment}", "Sent at {moment}";
    letter_written_at(moment: &str): "Viết lúc {moment}", "Written at {moment}";
    older_letters: "Thư cũ hơn", "Older letters";

    stage_waiting: "Chờ gửi", "Waiting";
    stage_sent: "Đã gửi", "Sent";
    stage_failed: "Không gửi được", "Not delivered";
    stage_withdrawn: "Đã rút lại", "Withdrawn";

    kind_default_issued: "Mật khẩu cấp ban đầu: khi cấp", "Initial password: at issue";
    kind_default_morning: "Mật khẩu cấp ban đầu: nhắc mỗi sáng", "Initial password: each morning";
    kind_age: "Mật khẩu sắp quá hạn", "Password about to be too old";
    kind_inactive: "Lâu không sử dụng", "Not used for long";
    kind_digest: "Tổng hợp cho quản trị viên cơ quan", "Digest for the agency's administrator";
    kind_run_held: "Đợt khóa bị dừng", "A run of locks was held";
    kind_trial: "Thư thử", "Sample";

    // The console's page.
    console_letters: "Thư nhắc", "Letters";
    letters_console_lead(hour: &str): "Thư nhắc hạn gửi từ {hour} các ngày làm việc. Thư không có liên kết; người nhận đối chiếu trong cổng.",
        "Reminders go out from {hour} on working days. They carry no links; people compare them with the portal.";
    letters_no_relay: "Chưa cấu hình máy chủ chuyển thư: thư được viết và hiện trong cổng, nhưng không gửi đi.",
        "No mail relay is configured: letters are written and shown in the portal, but not sent.";
    letters_today: "Thư của hôm nay", "Today's letters";
    letters_today_none: "Hôm nay không còn thư nào phải viết.", "No letter is to be written today any more.";
    letters_day_off: "Hôm nay là ngày nghỉ: không viết thư nhắc.", "Today is a day off: no reminders are written.";
    recipients(number: &str): "{number} người nhận", "{number} recipients";
    and_others(number: &str): "và {number} người khác", "and {number} others";
    letters_failed: "Thư không gửi được", "Letters not delivered";
    letters_failed_none: "Không có thư nào bị từ chối.", "No letter was refused.";
    letters_failed_why: "Lý do", "Reason";
    letter_about: "Nội dung", "About";
    try_on_myself: "Gửi thử cho chính mình", "Try on myself";
    try_note(address: &str): "Một thư mẫu được gửi ngay đến {address}, không gửi cho ai khác.",
        "A sample is sent at once to {address} and to nobody else.";
    try_kind: "Loại thư", "Kind of letter";
    try_send: "Gửi thử", "Send the sample";
    tried_sent: "Máy chủ chuyển thư đã nhận thư mẫu.", "The relay took the sample.";
    tried_waiting(why: &str): "Chưa gửi được, hệ thống sẽ thử lại: {why}", "Not sent yet, it is tried again: {why}";
    tried_failed(why: &str): "Máy chủ chuyển thư từ chối: {why}", "The relay refused it: {why}";
    act_letter_sent(who: &str, what: &str): "{who} đã gửi thư: {what}.", "{who} sent a letter: {what}.";

    // Pieces of the letters.
    letter_dear(name: &str): "Kính gửi Ông/Bà {name},", "Dear {name},";
    letter_subject_age(day: &str): "Mật khẩu hết hạn ngày {day}", "The password expires on {day}";
    letter_subject_initial(days: &str): "Còn {days} để đổi mật khẩu cấp ban đầu", "{days} left to change the initial password";
    letter_subject_demanded(days: &str): "Còn {days} để đổi mật khẩu", "{days} left to change the password";
    letter_age(address: &str, set: &str, day: &str): "Mật khẩu đăng nhập một lần của tài khoản {address} được đặt ngày {set} và hết hạn lúc 24 giờ, {day}.",
        "The single sign-on password of {address} was set on {set} and expires at the end of {day}.";
    letter_days_left(days: &str): "Còn {days} sau hôm nay.", "{days} left after today.";
    letter_last_day: "Hôm nay là ngày cuối.", "Today is the last day.";
    letter_initial(address: &str, start: &str, day: &str): "Tài khoản {address} đang dùng mật khẩu cấp ban đầu; thời hạn tính từ {start}. Theo quy chế, mật khẩu cấp ban đầu phải được đổi trước khi hết {day}; quá hạn, tài khoản bị khóa. Dữ liệu hộp thư không bị xóa.",
        "{address} still has its initial password; the term runs from {start}. By the regulation it must be changed before the end of {day}; after that the account is locked. The data in the mailbox is not deleted.";
    letter_reset(address: &str, start: &str, day: &str): "Mật khẩu của tài khoản {address} được quản trị viên đặt lại; thời hạn tính từ {start}. Theo quy chế, mật khẩu đó phải được đổi trước khi hết {day}; quá hạn, tài khoản bị khóa. Dữ liệu hộp thư không bị xóa.",
        "An administrator has reset the password of {address}; the term runs from {start}. By the regulation it must be changed before the end of {day}; after that the account is locked. The data in the mailbox is not deleted.";
    letter_unlocked(address: &str, start: &str, day: &str): "Tài khoản {address} vừa được mở khóa; thời hạn mới tính từ {start}. Mật khẩu phải được đổi trước khi hết {day}; quá hạn, tài khoản bị khóa lại.",
        "{address} was unlocked; a new term runs from {start}. The password must be changed before the end of {day}; after that the account is locked again.";
    letter_days_off(days: &str): "Các ngày nghỉ đã được trừ: {days}.", "Days off not counted: {days}.";
    letter_how_counted: "Cách tính thời hạn, từng ngày:", "How the term is counted, day by day:";
    letter_what_to_do: "Để đổi, Ông/Bà tự mở trình duyệt, vào cổng đăng nhập quen dùng và chọn mục “Mật khẩu”.",
        "To change it, open your browser yourself, go to the sign-in portal that you know and choose “Password”.";
    letter_genuine(help: &str): "Thư này cũng hiện trong cổng sau khi đăng nhập, ở mục “Thư hệ thống”; nếu không thấy ở đó, hãy coi thư này là giả mạo và báo {help}.",
        "This letter is also in the portal, under “Letters”; if it is not there, take it for forged and tell {help}.";
    letter_harmless: "Thư này không có liên kết, không yêu cầu trả lời và không hỏi mật khẩu.",
        "This letter has no link, asks for no reply and for no password.";
    letter_help(unit: &str, phone: &str): "{unit}, điện thoại {phone}", "{unit}, telephone {phone}";
    letter_subject_digest(accounts: &str): "{accounts} sắp bị khóa", "{accounts} about to be locked";
    letter_digest(days: u16, accounts: &str, agency: &str): "Trong {days} ngày làm việc tới, {accounts} của {agency} đến hạn đổi mật khẩu:",
        "Within the next {days} working days the password of {accounts} of {agency} is due:";
    letter_digest_line(name: &str, address: &str, day: &str): "- {name}, {address}: hết {day}", "- {name}, {address}: end of {day}";
    letter_digest_more(number: &str): "- và {number} tài khoản khác; danh sách đầy đủ ở bảng điều hành", "- and {number} others; the whole list is in the console";
    letter_digest_what: "Mỗi người đã được gửi thư riêng. Có thể nhắc trực tiếp từng người; không ai được phép hỏi mật khẩu của họ.",
        "Each of them is written to. You may remind them in person; nobody may ask for their password.";
    letter_digest_watch: "Hộp thư cần rà soát (bảng điều hành, mục “Hộp thư”):", "Mailboxes to look at (in the console, under “Mailboxes”):";
    letter_subject_inactive(day: &str): "Tài khoản lâu không sử dụng sẽ bị khóa sau ngày {day}", "The account is not used and will be locked after {day}";
    letter_inactive(address: &str, used: &str, day: &str): "Tài khoản {address} được sử dụng lần cuối ngày {used}. Theo quy chế, tài khoản lâu không sử dụng sẽ bị khóa sau khi hết {day}. Dữ liệu hộp thư không bị xóa.",
        "{address} was last used on {used}. By the regulation an account that is not used is locked after the end of {day}. The data in the mailbox is not deleted.";
    letter_inactive_what: "Nếu còn dùng tài khoản, Ông/Bà tự mở trình duyệt, vào cổng đăng nhập quen dùng và đăng nhập trước khi hết ngày đó. Nếu không còn dùng, Ông/Bà không cần làm gì.",
        "If you still use the account, open your browser yourself, go to the sign-in portal that you know and sign in before the end of that day. If you do not, there is nothing to do.";
    letter_subject_held(accounts: &str): "Đợt khóa {accounts} đã dừng, chờ duyệt", "A run that would lock {accounts} was stopped";
    letter_held(accounts: &str): "Theo quy chế, lần chạy vừa rồi sẽ khóa {accounts}. Con số này vượt giới hạn đã đặt, nên hệ thống đã dừng và chưa khóa ai. Cần hai quản trị viên xem và duyệt trong bảng điều hành.",
        "By the regulation the last run would have locked {accounts}. That is above the limit that was set, so the system stopped and locked nobody. Two administrators must look at it and approve it in the console.";
    letter_trial_subject(subject: &str): "[Thử] {subject}", "[Sample] {subject}";
    letter_trial_note: "Đây là thư mẫu gửi thử cho chính mình; không có thời hạn nào thay đổi.",
        "This is a sample that you sent to yourself; no deadline has changed.";
}

/// Where a letter's English part begins.
const LINE: &str = "----------------------------------------";

/// The most accounts that a digest lists.
pub const DIGEST_LINES: i64 = 100;

/// Who signs the letters, and whom to ask.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The unit.
    pub unit: String,
    /// Its telephone; may be empty.
    pub phone: String,
}

/// A running term as a letter tells it.
#[derive(Debug, Clone, Copy)]
pub struct Term<'a> {
    /// The deadline with its explanation.
    pub deadline: &'a Deadline,
    /// The day of the letter.
    pub today: Date,
    /// How many working days are left.
    pub left: u16,
}

/// One account in a digest.
#[derive(Debug, Clone)]
pub struct DigestLine {
    /// The name of the holder.
    pub name: String,
    /// The address.
    pub address: MailAddress,
    /// The last day.
    pub last_day: Date,
}

/// The letter about a password that must be changed within some working days.
pub fn must_change(to: &Profile, why: MustChange, kind: LetterKind, term: &Term<'_>, by: &Sender) -> Letter {
    let days = Lang::Vi.working_days(u64::from(term.left));
    let subject = match why {
        MustChange::DefaultPassword => Lang::Vi.letter_subject_initial(&days),
        MustChange::Reset | MustChange::LockLifted | MustChange::NotMe | MustChange::Demanded => {
            Lang::Vi.letter_subject_demanded(&days)
        }
    };
    let says = |t: Lang| {
        let (address, deadline) = (to.address.as_str(), term.deadline);
        let (start, day) = (t.day(deadline.start), t.day(deadline.last_day));
        let mut paragraphs = vec![match why {
            MustChange::DefaultPassword => t.letter_initial(address, &start, &day),
            MustChange::Reset => t.letter_reset(address, &start, &day),
            MustChange::LockLifted => t.letter_unlocked(address, &start, &day),
            MustChange::NotMe => t.letter_not_me(address, &start, &day),
            MustChange::Demanded => t.letter_demanded(address, &start, &day),
        }];
        let off: Vec<_> =
            deadline.days.iter().filter(|day| is_day_off(day)).map(|d| t.date(d.date)).collect();
        if !off.is_empty() {
            paragraphs.push(t.letter_days_off(&off.join(", ")));
        }
        paragraphs.push(t.letter_what_to_do().to_owned());
        paragraphs
    };
    Letter::new(to.address.clone(), kind, &subject, &body(to, by, Some(term), says))
}

/// The letter about a password that is about to be too old.
pub fn password_age(to: &Profile, term: &Term<'_>, by: &Sender) -> Letter {
    let deadline = term.deadline;
    let subject = Lang::Vi.letter_subject_age(&Lang::Vi.date(deadline.last_day));
    let says = |t: Lang| {
        let (set, day) = (t.date(deadline.start), t.day(deadline.last_day));
        let left = if term.today == deadline.last_day {
            t.letter_last_day().to_owned()
        } else {
            t.letter_days_left(&t.working_days(u64::from(term.left)))
        };
        let age = t.letter_age(to.address.as_str(), &set, &day);
        vec![format!("{age} {left}"), t.letter_what_to_do().to_owned()]
    };
    Letter::new(to.address.clone(), LetterKind::PasswordAge, &subject, &body(to, by, Some(term), says))
}

/// The letter about an account that nobody uses and that is about to be locked.
pub fn inactive(to: &Profile, term: &Term<'_>, by: &Sender) -> Letter {
    let deadline = term.deadline;
    let subject = Lang::Vi.letter_subject_inactive(&Lang::Vi.date(deadline.last_day));
    let says = |t: Lang| {
        let (used, day) = (t.date(deadline.start), t.day(deadline.last_day));
        let left = if term.today == deadline.last_day {
            t.letter_last_day().to_owned()
        } else {
            t.letter_days_left(&t.working_days(u64::from(term.left)))
        };
        let says = t.letter_inactive(to.address.as_str(), &used, &day);
        vec![format!("{says} {left}"), t.letter_inactive_what().to_owned()]
    };
    Letter::new(to.address.clone(), LetterKind::Inactive, &subject, &body(to, by, Some(term), says))
}

/// The digest for an agency's administrator: whose terms end within so many working days. `lines` are the first of
/// `total` accounts, at most [`DIGEST_LINES`]; `watched` how many mailboxes are in which list.
pub fn digest(
    to: &Profile,
    agency: &str,
    (lines, total, watched): (&[DigestLine], u64, &[(WatchList, u64)]),
    days: u16,
    by: &Sender,
) -> Letter {
    let subject = Lang::Vi.letter_subject_digest(&Lang::Vi.accounts_counted(total));
    let says = |t: Lang| {
        let mut list = vec![t.letter_digest(days, &t.accounts_counted(total), &plain(agency))];
        if t == Lang::Vi {
            list.extend(lines.iter().map(|line| {
                t.letter_digest_line(&plain(&line.name), line.address.as_str(), &t.day(line.last_day))
            }));
            let more = total.saturating_sub(u64::try_from(lines.len()).unwrap_or(u64::MAX));
            list.extend((more > 0).then(|| t.letter_digest_more(&t.number(more))));
        }
        let mut paragraphs = vec![list.join("\n"), t.letter_digest_what().to_owned()];
        if !watched.is_empty() {
            let line = |(list, number): &(WatchList, u64)| {
                format!("- {}: {}", t.watch_list_name(*list), t.number(*number))
            };
            let lines = std::iter::once(t.letter_digest_watch().to_owned()).chain(watched.iter().map(line));
            paragraphs.push(lines.collect::<Vec<_>>().join("\n"));
        }
        paragraphs
    };
    Letter::new(to.address.clone(), LetterKind::AgencyDigest, &subject, &body(to, by, None, says))
}

/// The letter to an administrator of the city: a run that wanted to lock too many was stopped.
pub fn run_held(to: &Profile, locks: u64, by: &Sender) -> Letter {
    let subject = Lang::Vi.letter_subject_held(&Lang::Vi.accounts_counted(locks));
    let says = |t: Lang| vec![t.letter_held(&t.accounts_counted(locks))];
    Letter::new(to.address.clone(), LetterKind::RunHeld, &subject, &body(to, by, None, says))
}

/// The same letter as a sample.
pub fn trial(sample: &Letter) -> Letter {
    let note = format!("{}\n{}", Lang::Vi.letter_trial_note(), Lang::En.letter_trial_note());
    let subject = Lang::Vi.letter_trial_subject(sample.subject());
    let body = format!("{note}\n\n{}", sample.body());
    Letter::new(sample.to().clone(), LetterKind::Trial, &subject, &body)
}

/// Vietnamese with everything, a line, and the English part with what matters.
pub(super) fn body(
    to: &Profile,
    by: &Sender,
    term: Option<&Term<'_>>,
    says: impl Fn(Lang) -> Vec<String>,
) -> String {
    let part = |t: Lang| {
        let unit = plain(&by.unit);
        let help = if by.phone.is_empty() { unit.clone() } else { t.letter_help(&unit, &plain(&by.phone)) };
        let mut paragraphs = vec![t.letter_dear(&plain(&to.display_name))];
        paragraphs.extend(says(t));
        if let (Lang::Vi, Some(term)) = (t, term) {
            let days = t.explained(term.deadline).into_iter();
            let days = days.map(|line| format!("- {} – {}", line.day, line.why));
            let list = std::iter::once(t.letter_how_counted().to_owned()).chain(days);
            paragraphs.push(list.collect::<Vec<_>>().join("\n"));
        }
        paragraphs.push(t.letter_genuine(&help));
        paragraphs.push(t.letter_harmless().to_owned());
        paragraphs.push(unit);
        paragraphs.join("\n\n")
    };
    format!("{}\n\n{LINE}\n\n{}\n", part(Lang::Vi), part(Lang::En))
}

/// A day that is off although its weekday is worked.
const fn is_day_off(day: &CountedDay) -> bool {
    matches!(day.why, Why::DayOff(..) | Why::Undecided(..))
}

impl Lang {
    /// A kind of letter in words.
    pub const fn letter_kind(self, kind: LetterKind) -> &'static str {
        match kind {
            LetterKind::DefaultPasswordIssued => self.kind_default_issued(),
            LetterKind::DefaultPasswordMorning => self.kind_default_morning(),
            LetterKind::PasswordAge => self.kind_age(),
            LetterKind::Inactive => self.kind_inactive(),
            LetterKind::AgencyDigest => self.kind_digest(),
            LetterKind::RunHeld => self.kind_run_held(),
            LetterKind::SyncHeld => self.kind_sync_held(),
            LetterKind::RoleEnding => self.kind_role_ending(),
            LetterKind::ReachHeld => self.kind_reach_held(),
            LetterKind::AccessReview => self.kind_access_review(),
            LetterKind::BreakGlass => self.kind_break_glass(),
            LetterKind::SecurityChanged => self.kind_security(),
            LetterKind::CertificateEnding => self.kind_certificate(),
            LetterKind::Incident => self.kind_incident(),
            LetterKind::Trial => self.kind_trial(),
        }
    }

    /// How far a letter is, in words.
    pub const fn letter_stage(self, stage: Stage) -> &'static str {
        match stage {
            Stage::Waiting => self.stage_waiting(),
            Stage::Sent => self.stage_sent(),
            Stage::Failed => self.stage_failed(),
            Stage::Withdrawn => self.stage_withdrawn(),
        }
    }

    /// A kind of letter by its code, in words.
    pub(super) fn letter_kind_in_words(self, code: &str) -> &str {
        LetterKind::from_code(code).map_or(code, |kind| self.letter_kind(kind))
    }
}

#[cfg(test)]
#[path = "letters_tests.rs"]
mod tests;
