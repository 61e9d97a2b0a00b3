//! Words of the regulation's clock: rules, settings, waves, the forecast and the brake.

use super::Lang;
use crate::domain::policy::settings::{Class, Setting};
use crate::domain::policy::stage::{Mode, Stage};
use time::Date;

words! {
    rule_default_password: "Mật khẩu cấp ban đầu", "Initial password";
    rule_password_age: "Thời gian dùng mật khẩu", "Age of the password";
    rule_inactivity: "Lâu không sử dụng", "Not used";

    act_first_access(who: &str): "{who} đăng nhập lần đầu.", "{who} signed in for the first time.";
    act_policy_changed(who: &str): "{who} thay đổi quy định.", "{who} changed the rules.";
    act_run_stopped(who: &str): "{who} dừng một đợt khóa hàng loạt để chờ duyệt.", "{who} stopped a run that would have locked many.";
    act_run_approved(who: &str): "{who} duyệt một đợt khóa hàng loạt.", "{who} approved a run that locks many.";
    act_run_postponed(who: &str): "{who} hoãn một đợt khóa hàng loạt.", "{who} postponed a run that would have locked many.";
    lock_basis(rule: &str, start: &str, last: &str, policy: i64, calendar: i64):
        "{rule}: tính từ {start}, hạn cuối {last} (quy định bản {policy}, lịch bản {calendar})",
        "{rule}: from {start}, last day {last} (policy version {policy}, calendar version {calendar})";

    // The page of the rules.
    console_policy: "Quy định", "Rules";
    console_forecast: "Dự báo", "Forecast";
    policy_title: "Quy định đang áp dụng", "The rules in force";
    policy_lead(version: i64): "Bản số {version}. Mỗi thay đổi tạo một bản mới, ghi người thay đổi và lý do; thời hạn đã báo cho người dùng chỉ lùi lại, không đến sớm hơn.",
        "Version {version}. Every change makes a new version with who and why; a deadline that people were told moves later, never earlier.";
    policy_values: "Giá trị", "Values";
    policy_value: "Nội dung", "What";
    class_person: "Cá nhân", "Person";
    class_agency: "Hộp thư cơ quan", "Agency mailbox";
    class_service: "Dịch vụ, thiết bị", "Service";
    class_administrator: "Quản trị viên", "Administrator";
    setting_default_days: "Giữ mật khẩu cấp ban đầu (ngày làm việc)", "Keeping the initial password (working days)";
    setting_months: "Dùng một mật khẩu (tháng)", "Using one password (months)";
    setting_inactive_days: "Không sử dụng (ngày)", "Without use (days)";
    setting_counted_from: "Hạn mật khẩu cấp ban đầu tính từ", "The initial password's term counts from";
    counted_from_issue: "Ngày cấp", "Its issue";
    counted_from_first_access: "Lần đăng nhập đầu tiên", "The first sign-in";
    setting_failed_attempts: "Số lần nhập sai trước khi tạm khóa", "Wrong passwords before a pause";
    setting_failed_per_source: "Số lần nhập sai từ một địa chỉ mạng", "Wrong passwords from one network address";
    setting_pause: "Thời gian tạm khóa (phút)", "Length of the pause (minutes)";
    setting_pause_per_source: "Thời gian chờ của một địa chỉ mạng (phút)", "Wait of a network address (minutes)";
    setting_opening: "Giờ bắt đầu làm việc: chỉ khóa từ giờ này", "Opening hour: locks from then on";
    setting_closing: "Giờ kết thúc làm việc: sau giờ này không khóa", "Closing hour: no locks after it";
    setting_brake_accounts: "Ngưỡng an toàn: tối đa mỗi đợt khóa (tài khoản)", "Brake: most accounts of one run";
    setting_brake_percent: "Ngưỡng an toàn: tối đa của một cơ quan (%)", "Brake: largest share of an agency (%)";
    policy_preview: "Xem trước ảnh hưởng", "Look at the effect first";
    policy_out_of_limits(what: &str, min: &str, max: &str): "“{what}” nhận giá trị từ {min} đến {max}.", "“{what}” takes {min} to {max}.";
    policy_not_yours: "Chỉ quản trị viên toàn thành phố được thay đổi quy định.", "Only an administrator of the whole city changes the rules.";
    policy_nothing: "Không có gì thay đổi.", "Nothing would change.";
    policy_conflict: "Người khác vừa thay đổi quy định. Hãy xem lại rồi làm lại nếu vẫn cần.", "Somebody else has just changed the rules. Look again and repeat the step if it is still needed.";
    policy_out_of_order: "Ngày bắt đầu khóa phải bằng hoặc sau ngày bắt đầu nhắc.", "Locking must begin with or after the warnings.";
    policy_changed: "Đã áp dụng. Các thời hạn đang chạy được tính lại ngay.", "Done. The deadlines that run are being computed anew.";
    policy_history: "Các bản đã có", "Versions so far";
    policy_by_house: "Khởi tạo", "At the first start";
    policy_revert: "Quay lại bản này", "Go back to this one";
    policy_version_title(version: i64): "Bản {version}", "Version {version}";
    policy_stages: "Mức áp dụng", "How far the rules are switched on";
    policy_stage_city: "Toàn thành phố", "The whole city";
    policy_switch_on: "Áp dụng theo đợt", "Switch on in waves";
    policy_own_stages(agencies: &str): "{agencies} cơ quan có mức riêng", "{agencies} agencies differ";
    mode_observe: "Chỉ theo dõi", "Observe";
    mode_warn: "Nhắc, chưa khóa", "Warn";
    mode_enforce: "Nhắc và khóa", "Enforce";
    stage_warn_from(day: &str): "nhắc từ {day}", "warned from {day}";
    stage_enforce_from(day: &str): "khóa từ sau {day}", "locked after {day}";

    // What a change would do.
    effect_title: "Ảnh hưởng", "The effect";
    effect_lead: "Tính trên dữ liệu thật, chưa thay đổi gì.", "Computed on the real data; nothing has been changed.";
    effect_before_after: "Thay đổi", "The change";
    effect_before: "Trước", "Before";
    effect_after: "Sau", "After";
    effect_later(n: &str): "{n} thời hạn lùi lại", "{n} deadlines move later";
    effect_earlier(n: &str): "{n} thời hạn đến sớm hơn (chưa ai được báo)", "{n} deadlines move earlier (nobody was told of them)";
    effect_kept(n: &str): "{n} thời hạn giữ nguyên vì đã báo cho người dùng", "{n} deadlines stay because people were told of them";
    effect_begin(n: &str): "{n} thời hạn bắt đầu chạy", "{n} deadlines begin to run";
    effect_end(n: &str): "{n} thời hạn ngừng tính", "{n} deadlines end to run";
    effect_unchanged(n: &str): "{n} thời hạn không đổi", "{n} deadlines do not change";
    effect_due(n: &str): "{n} tài khoản sẽ bị khóa khi bắt đầu giờ làm việc của ngày làm việc kế tiếp", "{n} accounts would be locked at the next opening hour";
    effect_examples: "Một số tài khoản", "Some of the accounts";
    effect_by_agency: "Theo cơ quan", "By agency";
    effect_none: "không có hạn", "no deadline";
    apply_change: "Áp dụng thay đổi", "Make the change";
    go_back_unchanged: "Quay lại, không thay đổi", "Back without a change";
    reason_policy_hint: "Nêu căn cứ, ví dụ số văn bản.", "Say on what basis, for example a document number.";

    // The wizard.
    waves_title: "Áp dụng quy định theo đợt", "Switching a rule on in waves";
    waves_lead: "Hệ thống cũ có thể có hàng nghìn mật khẩu đã quá hạn. Chia các cơ quan thành nhiều đợt; mỗi đợt được nhắc trước, rồi mới khóa.",
        "An old estate may hold thousands of overdue passwords. Spread the agencies over waves; each is warned first and only then locked.";
    waves_step_one: "Bước 1: chọn quy định và xem hiện trạng", "Step 1: choose the rule and look at the present state";
    waves_step_two: "Bước 2: xem các đợt, sửa nếu cần", "Step 2: look at the waves, change them if needed";
    waves_rule: "Quy định", "Rule";
    waves_show: "Xem", "Show";
    waves_accounts: "Tài khoản", "Accounts";
    waves_overdue: "Đã quá hạn", "Overdue";
    waves_due_soon: "Đến hạn trong 30 ngày", "Due within 30 days";
    waves_now: "Hiện tại", "At present";
    waves_first_day: "Ngày đầu của đợt 1", "First day of wave 1";
    waves_first_day_hint: "Hạn của mọi người trong đợt không kết thúc trước ngày này; khóa từ khi bắt đầu giờ làm việc của ngày làm việc kế tiếp.",
        "Nobody's term in the wave ends before this day does; locks follow at the opening hour of the next working day.";
    waves_step: "Số ngày làm việc giữa hai đợt", "Working days between two waves";
    waves_most: "Số lượng tài khoản quá hạn tối đa mỗi đợt", "Most overdue accounts of a wave";
    waves_warning: "Nhắc trước (ngày làm việc)", "Warned beforehand (working days)";
    waves_plan: "Chia đợt", "Plan the waves";
    waves_wave(n: u64): "Đợt {n}", "Wave {n}";
    waves_day: "Ngày đầu", "First day";
    waves_warn_from: "Nhắc từ", "Warned from";
    waves_would_lock: "Sẽ bị khóa nếu không ai đổi", "Locked if nobody changes";
    waves_recompute: "Tính lại với các ngày này", "Compute again with these days";
    waves_start: "Bắt đầu", "Start";
    waves_started: "Đã bắt đầu. Có thể quay lại bản trước ở danh sách bên dưới.", "Started. The list below leads back to the version before.";
    waves_none_chosen: "Hãy chọn ít nhất một cơ quan.", "Choose at least one agency.";
    waves_bad_day: "Ngày đầu phải là ngày làm việc, từ hôm nay đến một năm tới.", "A first day is a working day from today to a year ahead.";
    waves_bad_number: "Các số phải từ 1 trở lên.", "The numbers begin with 1.";
    waves_over_brake(n: &str): "Đợt này có thể vượt ngưỡng an toàn ({n} tài khoản); khi đó cần hai người duyệt.", "This wave may meet the brake ({n} accounts); then two people must approve.";
    no_agency_group: "Chưa xếp cơ quan", "No agency yet";

    // The forecast.
    forecast_title: "Dự báo nhắc và khóa", "Forecast of warnings and locks";
    forecast_lead: "Nếu từ nay không ai đổi mật khẩu. Tính trên dữ liệu thật theo lịch làm việc.", "If nobody changed a password from now on. Computed on the real data by the working calendar.";
    forecast_days: "Số ngày", "Days";
    forecast_day: "Ngày", "Day";
    forecast_warned: "Được nhắc", "Warned";
    forecast_locked: "Bị khóa", "Locked";
    forecast_who: "Ai bị khóa", "Who is locked";
    forecast_none: "Không có ai được nhắc hay bị khóa trong thời gian này.", "Nobody is warned or locked in this time.";
    forecast_more(n: &str): "và {n} tài khoản khác", "and {n} more";
    forecast_export: "Tải CSV", "Download CSV";
    forecast_total: "Tổng cộng", "Total";
    forecast_over_brake: "vượt ngưỡng an toàn, cần hai người duyệt", "meets the brake, two people must approve";

    // The brake.
    brake_title: "Ngưỡng an toàn khi khóa hàng loạt", "Brake on mass locks";
    brake_lead: "Một đợt khóa vượt quá mức đặt trước thì dừng lại, chờ hai quản trị viên xem và duyệt. Trong lúc chờ, không ai bị khóa vì quá hạn; người quá hạn chỉ có thể đổi mật khẩu.",
        "A run that would lock more than the limits stops and waits until two administrators have looked and approved. Meanwhile nobody is locked by a deadline; who is overdue can only set a new password.";
    brake_waits(n: &str): "{n} tài khoản chờ khóa. Cần hai người duyệt.", "{n} accounts wait to be locked. Two people must approve.";
    brake_approved(n: &str): "Đã đủ hai người duyệt; {n} tài khoản sẽ bị khóa trong giờ làm việc.", "Two people have approved; {n} accounts are being locked during office hours.";
    brake_nothing_waits: "Không có đợt khóa nào đang chờ. Khi một đợt vượt ngưỡng, việc cần xem hiện ở đây.",
        "No run waits. When one exceeds a limit, what there is to look at appears here.";
    brake_stopped_at: "Dừng lúc", "Stopped at";
    brake_why: "Vì sao dừng", "Why it stopped";
    brake_so_far: "Đã duyệt", "Approved so far";
    brake_nobody_yet: "chưa có ai", "nobody yet";
    brake_approve: "Duyệt khóa", "Approve the locks";
    brake_approve_note: "Chỉ duyệt sau khi đã xem danh sách. Người thứ hai phải là người khác.", "Approve only after looking at the list. The second person must be another one.";
    brake_approve_done: "Đã ghi nhận. Cần thêm một người khác duyệt.", "Recorded. One more person must approve.";
    brake_approve_complete: "Đã đủ hai người duyệt. Việc khóa bắt đầu trong giờ làm việc.", "Two people have approved. The locks begin during office hours.";
    brake_postpone: "Hoãn cho tất cả", "Postpone for everybody";
    brake_postpone_note: "Mọi người trong danh sách được giữ thời hạn mới. Một người là đủ, vì có lợi cho người dùng.", "Everybody in the list keeps the new day. One person is enough, because it is in people's favour.";
    brake_until: "Hạn mới: hết ngày", "New last day";
    brake_postponed(n: &str): "Đã hoãn cho {n} tài khoản.", "Postponed for {n} accounts.";
    brake_gone: "Đợt này không còn chờ nữa.", "That run does not wait any more.";
    brake_twice: "Ông/Bà đã duyệt rồi; cần một người khác.", "You have approved it already; another person must.";
    brake_no_day: "Hạn mới phải là một ngày làm việc trong vòng một năm tới.", "The new last day must be a working day within a year.";
    brake_not_yours: "Chỉ quản trị viên toàn thành phố quyết định.", "Only an administrator of the whole city decides.";
    brake_who: "Ai sẽ bị khóa", "Who would be locked";
    brake_history: "Các đợt đã dừng", "Runs that were stopped";
    run_state_held: "Đang chờ", "Waiting";
    run_state_approved: "Đã duyệt, đang khóa", "Approved, being carried out";
    run_state_done: "Đã khóa", "Carried out";
    run_state_postponed: "Đã hoãn", "Postponed";
    run_state_released: "Tự hết", "Released by itself";
    run_locked(n: &str): "đã khóa {n}", "{n} locked";

    // Reminders.
    reminder_title: "Mật khẩu sắp hết hạn", "Your password is about to end";
    reminder_banner(day: &str, left: &str): "Mật khẩu dùng được đến hết {day} ({left}).", "Your password is good until the end of {day} ({left}).";
    reminder_change: "Đổi mật khẩu ngay", "Change it now";
    reminder_later: "Để sau, tiếp tục", "Later, continue";
    reminder_locked_after: "Quá hạn, tài khoản bị khóa theo quy chế, kể cả trong hệ thống thư, nếu thành phố đã áp dụng.",
        "After that day the account is locked by the regulation, in the mail systems too where the city has switched that on.";
    overdue_password: "Mật khẩu đã hết hạn. Hãy đặt mật khẩu mới ngay bây giờ; nếu không, tài khoản bị khóa khi bắt đầu giờ làm việc của ngày làm việc kế tiếp.",
        "Your password has reached its end. Set a new one now; otherwise the account is locked at the opening hour of the next working day.";
    working_days_left(days: &str): "còn {days}", "{days} left";
    last_day_today: "hôm nay là ngày cuối", "today is the last day";
}

impl Lang {
    /// What a rule does, in a few words.
    pub const fn mode(self, mode: Mode) -> &'static str {
        match mode {
            Mode::Observe => self.mode_observe(),
            Mode::Warn => self.mode_warn(),
            Mode::Enforce => self.mode_enforce(),
        }
    }

    /// A class of accounts.
    pub const fn class(self, class: Class) -> &'static str {
        match class {
            Class::Person => self.class_person(),
            Class::Agency => self.class_agency(),
            Class::Service => self.class_service(),
            Class::Administrator => self.class_administrator(),
        }
    }

    /// A setting without the class it is for.
    pub const fn setting(self, setting: Setting) -> &'static str {
        match setting {
            Setting::DefaultDaysPerson
            | Setting::DefaultDaysAgency
            | Setting::DefaultDaysService
            | Setting::DefaultDaysAdministrator => self.setting_default_days(),
            Setting::MonthsPerson
            | Setting::MonthsAgency
            | Setting::MonthsService
            | Setting::MonthsAdministrator => self.setting_months(),
            Setting::InactiveDaysPerson
            | Setting::InactiveDaysAgency
            | Setting::InactiveDaysService
            | Setting::InactiveDaysAdministrator => self.setting_inactive_days(),
            Setting::CountedFrom => self.setting_counted_from(),
            Setting::FailedAttempts => self.setting_failed_attempts(),
            Setting::FailedAttemptsPerSource => self.setting_failed_per_source(),
            Setting::PauseMinutes => self.setting_pause(),
            Setting::PauseMinutesPerSource => self.setting_pause_per_source(),
            Setting::OpeningMinute => self.setting_opening(),
            Setting::ClosingMinute => self.setting_closing(),
            Setting::BrakeAccounts => self.setting_brake_accounts(),
            Setting::BrakePercent => self.setting_brake_percent(),
        }
    }

    /// How many working days are left: `còn 3 ngày làm việc`.
    pub fn working_days_to_go(self, days: u16) -> String {
        match days {
            0 => self.last_day_today().to_owned(),
            _ => self.working_days_left(&self.working_days(u64::from(days))),
        }
    }

    /// The days of a stage that lie ahead: `nhắc từ 02/03/2026, khóa từ sau 16/03/2026`.
    pub fn stage_ahead(self, stage: &Stage, today: Date) -> String {
        let ahead = |day: Option<Date>| day.filter(|day| *day > today);
        let warn = ahead(stage.warn_from).map(|day| self.stage_warn_from(&self.date(day)));
        let enforce = ahead(stage.enforce_from).map(|day| self.stage_enforce_from(&self.date(day)));
        warn.into_iter().chain(enforce).collect::<Vec<_>>().join(", ")
    }
}
