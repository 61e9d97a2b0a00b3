//! Words of incidents and suspicious mail: the form of the staff, the console's pages, the letters.

use super::Lang;
use super::letters::{Sender, body};
use crate::domain::account::{Account, Kind, Profile};
use crate::domain::address::MailAddress;
use crate::domain::factor::FactorKind;
use crate::domain::incident::{Clock, Incident, IncidentKind, Running, Step, StepKind};
use crate::domain::mail::{Letter, LetterKind, plain};
use crate::domain::timestamp::Timestamp;

words! {
    incident_one(label: &str): "Sự cố {label}", "Incident {label}";
    nav_report: "Báo sự cố", "Report";
    incident_title: "Báo sự cố hoặc thư đáng ngờ", "Report an incident or a suspicious mail";
    incident_lead: "Báo sớm, kể cả khi chưa chắc. Báo nhầm không sao; báo muộn mới khó xử lý.",
        "Report early, even if you are not sure. A false alarm does no harm; a late report does.";
    incident_kind_incident: "Sự cố", "Incident";
    incident_kind_mail: "Thư có dấu hiệu khả nghi", "Suspicious mail";
    incident_kind_not_me: "Có người khác dùng tài khoản", "Somebody else used the account";
    incident_which: "Ông/Bà muốn báo điều gì?", "What do you want to report?";
    incident_call(phone: &str): "Việc khẩn cấp, hãy gọi ngay {phone}, rồi báo tại đây.", "If it is urgent, call {phone} at once, then report here.";
    incident_mail_forward(address: &str): "Nếu được, hãy chuyển tiếp thư đó đến {address} rồi xóa. Không bấm liên kết, không mở tập tin, không trả lời.",
        "If you can, forward the mail to {address}, then delete it. Do not click links, open files or answer.";
    incident_mail_do: "Không bấm liên kết, không mở tập tin, không trả lời thư đó.", "Do not click links, open files or answer the mail.";
    incident_what: "Việc gì đã xảy ra (một câu)", "What happened (one sentence)";
    incident_mail_subject: "Tiêu đề thư và người gửi", "Subject and sender of the mail";
    incident_story: "Kể lại cụ thể", "Tell it in more detail";
    incident_story_hint: "Máy nào, hệ thống nào, thấy gì trên màn hình. Không ghi mật khẩu.",
        "Which computer, which system, what the screen shows. Never write a password.";
    incident_mail_hint: "Thư viết gì, yêu cầu làm gì, có tập tin hay liên kết nào. Không ghi mật khẩu.",
        "What it says, what it asks for, which files or links it has. Never write a password.";
    incident_done: "Đã làm gì ngay lúc đó (nếu có)", "What was done at once (if anything)";
    incident_occurred: "Xảy ra lúc", "Happened at";
    incident_occurred_hint: "Thời hạn theo quy chế tính từ lúc xảy ra. Không rõ thì ghi ước chừng.",
        "The city's term counts from this moment. If you do not know it, write about when.";
    incident_moment_hint: "Ngày/tháng/năm giờ:phút, ví dụ 02/03/2026 09:05.",
        "Day/month/year hour:minute, for example 02/03/2026 09:05.";
    incident_moment_unread: "Chưa đọc được thời điểm. Hãy ghi ngày/tháng/năm rồi giờ:phút, ví dụ 02/03/2026 09:05.",
        "The moment cannot be read. Write day/month/year and hour:minute, for example 02/03/2026 09:05.";
    incident_detected: "Phát hiện lúc", "Seen at";
    incident_opened: "Tôi đã bấm liên kết, mở tập tin hoặc nhập mật khẩu", "I clicked a link, opened a file or entered a password";
    incident_personal: "Có thể liên quan đến dữ liệu cá nhân", "Personal data may be concerned";
    incident_send: "Gửi báo cáo", "Send the report";
    incident_sent(label: &str): "Đã ghi nhận báo cáo {label}. Quản trị viên của cơ quan đã được báo.", "Your report {label} is recorded. The administrators are told.";
    incident_change_password: "Ông/Bà đã mở thư hoặc nhập mật khẩu: hãy đổi mật khẩu ngay.", "You opened the mail or entered a password: change the password now.";
    incident_mine: "Các báo cáo của tôi", "My reports";
    incident_mine_none: "Chưa có báo cáo nào.", "No report yet.";
    incident_no_title: "Hãy ghi một câu về việc đã xảy ra.", "Write one sentence about what happened.";
    incident_no_story: "Hãy kể lại cụ thể.", "Tell it in more detail.";
    incident_too_long: "Nội dung quá dài (tối đa 4.000 ký tự).", "The text is too long (at most 4,000 characters).";
    incident_moments: "Thời điểm chưa đúng: không thể xảy ra sau khi phát hiện, cũng không thể ở tương lai.",
        "The moments are not right: it cannot happen after it was seen, nor in the future.";
    incident_too_many: "Hôm nay tài khoản này đã gửi quá nhiều báo cáo. Hãy gọi bộ phận hỗ trợ.", "This account has sent too many reports today. Please call the help desk.";
    incident_state_open: "Đang xử lý", "Open";
    incident_state_closed: "Đã đóng", "Closed";
    incident_reported_at(moment: &str): "Báo lúc {moment}", "Reported at {moment}";
    incident_ended(report: &str): "Kết quả: {report}", "Result: {report}";
    incident_not_me_title: "Chủ tài khoản báo có người khác đăng nhập", "The holder says that somebody else signed in";
    incident_not_me_done: "Đã kết thúc mọi phiên khác, thu hồi quyền của ứng dụng và yêu cầu đổi mật khẩu.",
        "All other sessions were ended, applications lost their access, and a new password is demanded.";
    incident_not_me_removed(days: i64, what: &str): "Đã gỡ các cách xác thực được thêm trong {days} ngày gần đây: {what}.",
        "The factors added within the last {days} days were removed: {what}.";
    incident_not_me_doubted(days: i64, what: &str): "Các cách xác thực được thêm trong {days} ngày gần đây không mở được gì nữa: {what}. Chưa gỡ, vì nút được bấm khi mật khẩu chưa được nhập lại; sẽ gỡ khi có mật khẩu mới hoặc phiếu của quản trị viên.",
        "The factors added within the last {days} days open nothing any more: {what}. They are not removed yet, because the password had not been typed lately when the button was pressed; they go with the new password or a slip from an administrator.";
    incident_not_me_removed_none(days: i64): "Không có cách xác thực nào được thêm trong {days} ngày gần đây.",
        "No factor was added within the last {days} days.";
    incident_not_me_left(what: &str): "Còn lại các cách xác thực cũ hơn: {what}.", "Older factors that stay: {what}.";
    incident_not_me_older_none: "Không có cách xác thực nào cũ hơn.", "There is no older factor.";
    incident_not_me_left_none: "Không còn cách xác thực thứ hai nào.", "No second factor is left.";
    incident_not_me_mail: "Cho đến khi có mật khẩu mới, hệ thống thư vẫn nhận mật khẩu cũ; phiếu mật khẩu dùng một lần thay mật khẩu đó ngay.",
        "Until there is a new password the mail systems still take the old one; a slip with a one-time password replaces it at once.";
    act_incident_reported(who: &str, what: &str): "{who} báo sự cố {what}.", "{who} reported the incident {what}.";
    act_incident_followed(who: &str): "{who} xử lý một sự cố.", "{who} followed an incident up.";
    act_incident_closed(who: &str): "{who} đóng một sự cố.", "{who} closed an incident.";

    // The console.
    incidents_menu: "Sự cố", "Incidents";
    incidents_title: "Sự cố và thư đáng ngờ", "Incidents and suspicious mail";
    incidents_lead: "Báo cáo của cán bộ, với thời hạn thông báo đang chạy.", "What staff report, with the terms that run.";
    incidents_none: "Không có sự cố nào.", "There is none.";
    incidents_open_filter: "Đang xử lý", "Open";
    incidents_closed_filter: "Đã đóng", "Closed";
    incident_label_head: "Số", "Number";
    incident_by: "Người báo", "Reported by";
    incident_next_clock: "Thời hạn gần nhất", "Next term";
    incident_no_clock: "Không có thời hạn", "No term runs";
    incident_clocks: "Thời hạn thông báo", "Terms for notices";
    incident_clocks_none: "Chưa có thời hạn nào chạy: báo cáo này chưa được coi là sự cố.", "No term runs: this report is not taken for an incident yet.";
    clock_city: "Báo cơ quan phụ trách công nghệ thông tin của thành phố", "Tell the city's department in charge";
    clock_first: "Thông báo ban đầu về sự cố nghiêm trọng", "First notice of a serious incident";
    clock_report: "Báo cáo nguyên nhân, phạm vi, khắc phục", "Report of cause, scope and remedy";
    clock_personal: "Báo cơ quan bảo vệ dữ liệu cá nhân", "Tell the authority for personal data";
    clock_from_occurrence(hours: i64): "{hours} giờ từ lúc xảy ra", "{hours} hours from the occurrence";
    clock_from_detection(hours: i64): "{hours} giờ từ lúc phát hiện", "{hours} hours from the detection";
    clock_due(moment: &str): "Hạn: {moment}", "Until {moment}";
    clock_met(moment: &str): "Đã báo lúc {moment}", "Told at {moment}";
    clock_met_late(moment: &str): "Đã báo muộn, lúc {moment}", "Told late, at {moment}";
    clock_left(left: &str): "Còn {left}", "{left} left";
    clock_over(late: &str): "Quá hạn {late}", "Late by {late}";
    hours_minutes(hours: i64, minutes: i64): "{hours} giờ {minutes} phút", "{hours} h {minutes} min";
    clock_give: "Ghi nhận đã báo", "Record the notice";
    clock_give_words: "Báo cho ai, bằng cách nào, số văn bản", "Who was told, how, document number";
    incident_facts: "Nội dung báo cáo", "The report";
    incident_steps: "Diễn biến", "What was done";
    incident_judge: "Phân loại", "Judge";
    incident_judge_lead: "Phân loại quyết định thời hạn nào chạy.", "What it is decides which terms run.";
    incident_is_incident: "Là sự cố", "It is an incident";
    incident_is_serious: "Nghiêm trọng", "It is serious";
    incident_is_personal: "Liên quan dữ liệu cá nhân", "Personal data is concerned";
    incident_why: "Căn cứ", "Why";
    incident_note: "Ghi chú", "Note";
    incident_note_do: "Thêm ghi chú", "Add the note";
    incident_hand_on: "Chuyển tiếp", "Hand on";
    incident_hand_on_lead: "Thư gồm nội dung báo cáo, thời hạn và diễn biến. Thư không có liên kết.", "The letter has the report, the terms and what was done. It carries no link.";
    incident_hand_on_to: "Chuyển đến", "To";
    incident_hand_on_gone: "Đầu mối này không còn trong cấu hình; chưa gửi gì. Hãy chọn lại.",
        "This contact is no longer configured; nothing was sent. Choose again.";
    incident_hand_on_none: "Chưa cấu hình đầu mối nào (incidents.contacts).", "No contact is configured (incidents.contacts).";
    incident_close: "Đóng sự cố", "Close the incident";
    incident_close_words: "Báo cáo kết thúc: nguyên nhân, phạm vi, đã khắc phục, bài học", "Final report: cause, scope, remedy, lesson";
    incident_close_refused: "Còn thời hạn chưa ghi nhận đã báo. Hãy ghi nhận, hoặc phân loại lại, rồi đóng.",
        "A term still runs whose notice is not recorded. Record it, or judge anew, then close.";
    incident_words_needed: "Hãy ghi nội dung (tối đa 4.000 ký tự).", "Words are needed (at most 4,000 characters).";
    incident_done_note: "Đã ghi.", "Recorded.";
    incident_save: "Lưu", "Save";
    incident_judge_save: "Lưu phân loại", "Save the judgement";
    incident_reported: "Báo lúc", "Reported at";
    step_reported: "Đã báo", "Reported";
    step_tried: "Có người nhập đúng mật khẩu cũ, không vào được", "The old password was tried, and opened nothing";
    step_noted: "Ghi chú", "Note";
    step_judged: "Phân loại", "Judged";
    step_notice: "Đã thông báo", "Notice given";
    step_handed: "Đã chuyển tiếp", "Handed on";
    step_closed: "Đã đóng", "Closed";

    // Letters.
    kind_incident: "Sự cố", "Incident";
    letter_subject_incident(label: &str): "Sự cố {label} vừa được báo", "Incident {label} was reported";
    letter_subject_handed_on(label: &str): "Chuyển tiếp sự cố {label}", "Incident {label} is handed on";
    letter_incident(name: &str, address: &str, what: &str, title: &str): "{name} ({address}) báo: {what} – {title}", "{name} ({address}) reports: {what} – {title}";
    letter_incident_clock(clock: &str, moment: &str): "- {clock}: hạn {moment}", "- {clock}: until {moment}";
    letter_incident_clocks: "Thời hạn thông báo đang chạy:", "Terms that run:";
    letter_incident_do: "Hãy mở bảng điều hành, mục “Sự cố”, để xem và xử lý.", "Open the console, “Incidents”, to look at it and follow it up.";
    letter_incident_moments(occurred: &str, detected: &str): "Xảy ra: {occurred}. Phát hiện: {detected}.", "Happened: {occurred}. Seen: {detected}.";
    letter_incident_story: "Nội dung:", "What happened:";
    letter_incident_done: "Đã làm ngay:", "Done at once:";
    letter_incident_steps: "Diễn biến:", "What was done since:";
}

/// What becomes of the factors that were added lately when somebody says "it was not me".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They were removed.
    Removed,
    /// They prove nothing, and are removed when it is settled.
    Doubted,
}

impl Lang {
    /// What the house did at once after "it was not me": with the factors that went, and those that stay.
    pub fn incident_not_me_done_all(
        self,
        days: i64,
        (fate, gone): (Fate, &[(FactorKind, u64)]),
        left: &[(FactorKind, u64)],
    ) -> String {
        let one = |(kind, number): &(FactorKind, u64)| {
            let word = self.factor_in_words(kind.code());
            if *number > 1 { format!("{word} ({number})") } else { word.to_owned() }
        };
        let list = |all: &[(FactorKind, u64)]| all.iter().map(one).collect::<Vec<_>>().join(", ");
        let went = match gone {
            [] => self.incident_not_me_removed_none(days),
            gone if fate == Fate::Doubted => self.incident_not_me_doubted(days, &list(gone)),
            gone => self.incident_not_me_removed(days, &list(gone)),
        };
        let stays = match left {
            [] if fate == Fate::Doubted && !gone.is_empty() => self.incident_not_me_older_none().to_owned(),
            [] => self.incident_not_me_left_none().to_owned(),
            left => self.incident_not_me_left(&list(left)),
        };
        format!("{} {went} {stays} {}", self.incident_not_me_done(), self.incident_not_me_mail())
    }

    /// What is reported, in words.
    pub const fn incident_kind(self, kind: IncidentKind) -> &'static str {
        match kind {
            IncidentKind::Incident => self.incident_kind_incident(),
            IncidentKind::SuspiciousMail => self.incident_kind_mail(),
            IncidentKind::NotMe => self.incident_kind_not_me(),
        }
    }

    /// A clock in words.
    pub const fn clock_name(self, clock: Clock) -> &'static str {
        match clock {
            Clock::City => self.clock_city(),
            Clock::FirstNotice => self.clock_first(),
            Clock::Report => self.clock_report(),
            Clock::PersonalData => self.clock_personal(),
        }
    }

    /// From where a clock counts.
    pub fn clock_basis(self, clock: Clock, hours: i64) -> String {
        if clock.is_from_occurrence() {
            self.clock_from_occurrence(hours)
        } else {
            self.clock_from_detection(hours)
        }
    }

    /// How a clock stands now.
    pub fn clock_stands(self, running: &Running, now: Timestamp) -> String {
        let moment = |at: Timestamp| self.moment(at.local());
        let span = |one: time::Duration| {
            self.hours_minutes(one.whole_hours(), one.whole_minutes() - one.whole_hours() * 60)
        };
        match running.met_at {
            Some(at) if at > running.due_at => self.clock_met_late(&moment(at)),
            Some(at) => self.clock_met(&moment(at)),
            None if now > running.due_at => self.clock_over(&span(now.since(running.due_at))),
            None => self.clock_left(&span(running.due_at.since(now))),
        }
    }

    /// What was done, in words.
    pub const fn incident_step(self, kind: StepKind) -> &'static str {
        match kind {
            StepKind::Reported => self.step_reported(),
            StepKind::Tried => self.step_tried(),
            StepKind::Noted => self.step_noted(),
            StepKind::Judged => self.step_judged(),
            StepKind::NoticeGiven => self.step_notice(),
            StepKind::HandedOn => self.step_handed(),
            StepKind::Closed => self.step_closed(),
        }
    }
}

/// Everything that a letter tells of an incident.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Who reported it.
    pub reporter: &'a Account,
    /// The name of their agency.
    pub agency: Option<&'a str>,
    /// What was done.
    pub steps: &'a [Step],
    /// The clocks that run.
    pub clocks: &'a [Running],
}

/// The letter to somebody who looks after an agency or the city: an incident was reported.
pub fn reported(to: &Profile, told: &Told<'_>, by: &Sender) -> Letter {
    let subject = Lang::Vi.letter_subject_incident(&told.incident.label());
    let says = |t: Lang| {
        let mut all = vec![what(t, told)];
        all.extend(clocks(t, told.clocks));
        all.push(t.letter_incident_do().to_owned());
        all
    };
    Letter::new(to.address.clone(), LetterKind::Incident, &subject, &body(to, by, None, says))
}

/// The letter to a contact to whom an incident is handed on, with everything that is known.
pub fn handed_on((name, address): (&str, &MailAddress), told: &Told<'_>, by: &Sender) -> Letter {
    let incident = told.incident;
    let subject = Lang::Vi.letter_subject_handed_on(&incident.label());
    let to = Profile {
        address: address.clone(),
        kind: Kind::Agency,
        display_name: name.to_owned(),
        title: None,
        staff_number: None,
        agency_id: None,
    };
    let says = |t: Lang| {
        let moment = |at: Timestamp| t.moment(at.local());
        let mut all = vec![what(t, told)];
        all.extend(told.agency.map(plain));
        let moments = (moment(incident.occurred_at), moment(incident.detected_at));
        all.push(t.letter_incident_moments(&moments.0, &moments.1));
        // What people wrote is told once.
        if t == Lang::Vi {
            all.push(format!("{}\n{}", t.letter_incident_story(), incident.story));
            if !incident.done.is_empty() {
                all.push(format!("{}\n{}", t.letter_incident_done(), incident.done));
            }
            let steps = told.steps.iter();
            let steps =
                steps.map(|s| format!("- {}, {}: {}", moment(s.at), t.incident_step(s.kind), s.words));
            let steps: Vec<_> = steps.collect();
            all.push(format!("{}\n{}", t.letter_incident_steps(), steps.join("\n")));
        }
        all.extend(clocks(t, told.clocks));
        all
    };
    Letter::new(address.clone(), LetterKind::Incident, &subject, &body(&to, by, None, says))
}

fn what(t: Lang, told: &Told<'_>) -> String {
    let (incident, profile) = (told.incident, told.reporter.profile());
    let kind = t.incident_kind(incident.kind);
    let name = plain(&profile.display_name);
    t.letter_incident(&name, profile.address.as_str(), kind, &plain(&incident.title))
}

fn clocks(t: Lang, clocks: &[Running]) -> Option<String> {
    let lines = clocks
        .iter()
        .filter(|one| one.met_at.is_none())
        .map(|one| t.letter_incident_clock(t.clock_name(one.clock), &t.moment(one.due_at.local())));
    let lines: Vec<_> = lines.collect();
    (!lines.is_empty()).then(|| format!("{}\n{}", t.letter_incident_clocks(), lines.join("\n")))
}
