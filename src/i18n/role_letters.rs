//! Letters about roles: one that is about to end, those that a reorganisation has ended, and that a break-glass code was
//! used; and the words of that code.

use super::Lang;
use super::letters::{Sender, body};
use crate::domain::account::Profile;
use crate::domain::admin::Role;
use crate::domain::mail::{Letter, LetterKind, plain};
use time::Date;

words! {
    kind_role_ending: "Vai trò quản trị sắp hết hạn", "An administrator role about to end";
    kind_break_glass: "Mã khẩn cấp đã được dùng", "A break-glass code was used";
    letter_subject_role(day: &str): "Vai trò quản trị hết hạn ngày {day}", "The administrator role ends on {day}";
    letter_role(role: &str, over: &str, day: &str): "Vai trò “{role}” ({over}) của Ông/Bà hết hạn lúc 24 giờ, {day}. Từ ngày hôm sau, Ông/Bà không vào được bảng điều hành bằng vai trò này.",
        "Your role “{role}” ({over}) ends at the end of {day}. From the next day on it does not open the console.";
    letter_role_what: "Nếu công việc còn cần vai trò này, hãy đề nghị quản trị viên thành phố gia hạn trước ngày đó.",
        "If your work still needs it, ask an administrator of the city to renew it before that day.";
    kind_reach_held: "Vai trò bị kết thúc khi sắp xếp cơ quan", "Roles that a reorganisation has ended";
    letter_subject_reach(agency: &str): "Vai trò bị kết thúc khi sắp xếp cơ quan: {agency}", "Roles ended with a reorganisation: {agency}";
    letter_reach: "Từ khi phương án sắp xếp cơ quan được duyệt đã có vai trò hoặc quyền của ứng dụng được cấp thêm. Khi thực hiện, các mục sau sẽ có phạm vi quá rộng mà chưa có người thứ hai xem, nên đã bị kết thúc:",
        "Since the reorganisation was approved, further roles or rights of applications were given. With it these would have become too wide without a second person having looked at them, so they have ended:";
    letter_reach_what: "Nếu công việc còn cần, hãy cấp lại; người thứ hai sẽ duyệt.", "Where they are still needed, give them anew; a second person approves.";
    letter_subject_glass: "Khẩn cấp: mã khẩn cấp vừa mở khu vực quản trị", "Urgent: a break-glass code opened the administration";
    letter_glass(who: &str, from: &str, until: &str): "Lúc {from}, một mã khẩn cấp cấp cho {who} đã mở khu vực quản trị, với quyền quản trị viên thành phố, đến {until}.",
        "At {from} a break-glass code made for {who} opened the administration, with the rights of a city administrator, until {until}.";
    letter_glass_what: "Nếu không biết về việc này, hãy liên hệ ngay với người nói trên và kết thúc phiên trong bảng điều hành. Sau khi xong việc, hãy tạo mã mới thay mã đã dùng.",
        "If you know nothing of it, call that person at once and end the session in the console. Afterwards make a new code in place of the used one.";

    // The page.
    glass_title: "Mã khẩn cấp", "Break-glass code";
    glass_lead: "Chỉ dùng khi không quản trị viên nào đăng nhập được. Mỗi mã chỉ dùng một lần; mọi quản trị viên thành phố và cán bộ an ninh mạng được báo ngay.",
        "Only when no administrator can sign in. Each code works once; every administrator of the city and every security officer is told at once.";
    glass_code: "Mã trong phong bì", "The code of the envelope";
    glass_hint(hours: &str): "Gồm sáu nhóm bốn ký tự. Phiên khẩn cấp kết thúc sau {hours} giờ.", "Six groups of four characters. The session ends after {hours} hours.";
    glass_open: "Mở phiên khẩn cấp", "Open the administration";
    glass_wrong: "Mã không đúng, đã được dùng hoặc đã bị thu hồi.", "The code is wrong, was used, or was revoked.";
    glass_link: "Dùng mã khẩn cấp", "Use a break-glass code";
    glass_banner(who: &str, until: &str): "Phiên khẩn cấp của {who} đang mở, đến {until}.", "A break-glass session of {who} is open, until {until}.";

    act_break_glass_made(who: &str): "{who} tạo một mã khẩn cấp.", "{who} made a break-glass code.";
    act_break_glass_used(who: &str): "{who} mở khu vực quản trị bằng mã khẩn cấp.", "{who} opened the administration with a break-glass code.";
    act_break_glass_revoked(who: &str): "{who} thu hồi một mã khẩn cấp.", "{who} revoked a break-glass code.";
    act_break_glass_refused(who: &str): "{who} nhập sai mã khẩn cấp.", "{who} entered a wrong break-glass code.";
}

/// The letter to the holder of a role that ends with a day.
pub fn role_ending(to: &Profile, role: Role, over: Option<&str>, last_day: Date, by: &Sender) -> Letter {
    let says = |t: Lang| {
        let over = over.map_or_else(|| t.reach_all().to_owned(), plain);
        vec![t.letter_role(t.role(role), &over, &t.day(last_day)), t.letter_role_what().to_owned()]
    };
    let subject = Lang::Vi.letter_subject_role(&Lang::Vi.date(last_day));
    Letter::new(to.address.clone(), LetterKind::RoleEnding, &subject, &body(to, by, None, says))
}

/// The letter to an administrator of the city: these roles, and what applications may do, have ended with the
/// reorganisation of an agency: whose, which role, over which agency.
pub fn reach_held(
    to: &Profile,
    agency: &str,
    held: &[(String, Option<Role>, String)],
    by: &Sender,
) -> Letter {
    let line = |t: Lang, (who, role, over): &(String, Option<Role>, String)| {
        let role = role.map(|role| format!("{}, ", t.role(role))).unwrap_or_default();
        format!("- {who}: {role}{}", plain(over))
    };
    let says = |t: Lang| {
        let lines = held.iter().map(|one| line(t, one));
        let list = std::iter::once(t.letter_reach().to_owned()).chain(lines);
        vec![list.collect::<Vec<_>>().join("\n"), t.letter_reach_what().to_owned()]
    };
    let subject = Lang::Vi.letter_subject_reach(&plain(agency));
    Letter::new(to.address.clone(), LetterKind::ReachHeld, &subject, &body(to, by, None, says))
}

/// The letter to everybody who must know that a break-glass code was used.
pub fn glass_broken(
    to: &Profile,
    who: &Profile,
    (from, until): (time::OffsetDateTime, time::OffsetDateTime),
    by: &Sender,
) -> Letter {
    let name = format!("{}, {}", plain(&who.display_name), who.address);
    let says = |t: Lang| {
        vec![t.letter_glass(&name, &t.moment(from), &t.moment(until)), t.letter_glass_what().to_owned()]
    };
    let subject = Lang::Vi.letter_subject_glass();
    Letter::new(to.address.clone(), LetterKind::BreakGlass, subject, &body(to, by, None, says))
}
