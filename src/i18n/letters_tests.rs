use super::super::other_factors::certificate_ending;
use super::super::role_letters::{glass_broken, role_ending};
use super::*;
use crate::domain::account::Kind;
use crate::domain::admin::Role;
use crate::domain::mail::looks_like_a_link;
use crate::domain::policy::calendar::Calendar;
use crate::domain::policy::deadline;
use crate::domain::timestamp::Timestamp;
use time::macros::{date, datetime};

fn profile(name: &str) -> Profile {
    Profile {
        address: MailAddress::parse("an@danang.example").expect("an address"),
        kind: Kind::Person,
        display_name: name.to_owned(),
        title: None,
        staff_number: None,
        agency_id: None,
    }
}

fn sender() -> Sender {
    Sender { unit: "Bộ phận hỗ trợ".to_owned(), phone: "0236 1022".to_owned() }
}

/// One letter of every kind, for a person of this name.
fn all(name: &str) -> Vec<Letter> {
    let (to, by) = (profile(name), sender());
    let since = Timestamp::from_datetime(datetime!(2026-02-12 9:00 +7));
    let first = deadline::default_password(since, 3, Calendar::built_in());
    let age = deadline::password_age(since, 6, Calendar::built_in());
    let idle = deadline::inactivity(since, 45, Calendar::built_in());
    let today = date!(2026 - 02 - 13);
    let term = |deadline| Term { deadline, today, left: 3 };
    let line = DigestLine { name: name.to_owned(), address: to.address.clone(), last_day: age.last_day };
    let mut all = vec![
        password_age(&to, &term(&age), &by),
        password_age(&to, &Term { today: age.last_day, ..term(&age) }, &by),
        inactive(&to, &term(&idle), &by),
        digest(
            &to,
            name,
            (&vec![line; 100], 120, &[(WatchList::Forwards, 3), (WatchList::Quota, 1_200)]),
            5,
            &by,
        ),
        run_held(&to, 1_234, &by),
        role_ending(&to, Role::Auditor, Some(name), age.last_day, &by),
        glass_broken(&to, &to, (datetime!(2026-02-12 9:00 +7), datetime!(2026-02-12 13:00 +7)), &by),
    ];
    for why in [MustChange::DefaultPassword, MustChange::Reset, MustChange::LockLifted, MustChange::Demanded]
    {
        all.push(must_change(&to, why, LetterKind::DefaultPasswordMorning, &term(&first), &by));
    }
    all.push(certificate_ending(&to, &format!("CN={name}"), datetime!(2026-08-31 9:00 +7), &by));
    all.push(trial(&all[0]));
    all
}

#[test]
fn no_letter_holds_anything_like_a_link() {
    for name in ["Nguyễn Văn An", "An https://evil.example/x www.evil.example evil.com a@evil.example"] {
        for letter in all(name) {
            let text = format!("{}\n{}", letter.subject(), letter.body());
            for part in ["http", "www.", "://", "evil.example", "evil.com"] {
                assert!(!text.contains(part), "{part:?} in {text}");
            }
            for word in text.split_whitespace() {
                let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
                assert!(bare == "an@danang.example" || !looks_like_a_link(word), "{word:?} in {text}");
            }
            assert!(text.contains("không có liên kết") && text.contains("no link"), "{text}");
        }
    }
}

#[test]
fn a_letter_is_vietnamese_first_and_explains_the_deadline_day_by_day() {
    let letters = all("Nguyễn Văn An");
    let first = &letters[7];
    assert_eq!(first.subject(), "Còn 3 ngày làm việc để đổi mật khẩu cấp ban đầu");
    let (vietnamese, english) = first.body().split_once(LINE).expect("two parts");
    let said = vietnamese.replace('\n', " ");
    for part in [
        "Kính gửi Ông/Bà Nguyễn Văn An,",
        "phải được đổi trước khi hết thứ Ba, 24/02/2026",
        "Các ngày nghỉ đã được trừ: 16/02/2026",
        "- thứ Năm, 12/02/2026 – ngày cấp mật khẩu, không tính",
        "- thứ Sáu, 13/02/2026 – ngày làm việc thứ 1",
        "- thứ Bảy, 14/02/2026 – ",
        "hạn cuối: hết 24 giờ ngày này",
        "ở mục “Thư hệ thống”",
        "coi thư này là giả mạo và báo Bộ phận hỗ trợ, điện thoại 0236 1022",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert!(english.replace('\n', " ").contains("before the end of Tuesday, 24/02/2026"), "{english}");
}

#[test]
fn an_age_letter_says_when_it_was_set_and_when_it_ends_and_on_the_last_day_that_it_is_the_last() {
    let letters = all("Nguyễn Văn An");
    assert_eq!(letters[0].subject(), "Mật khẩu hết hạn ngày 12/08/2026");
    let said = letters[0].body().replace('\n', " ");
    assert!(said.contains("được đặt ngày 12/02/2026 và hết hạn lúc 24 giờ, thứ Tư, 12/08/2026."), "{said}");
    assert!(said.contains("Còn 3 ngày làm việc sau hôm nay."), "{said}");
    assert!(letters[1].body().contains("Hôm nay là ngày cuối."));
    assert!(letters[letters.len() - 1].subject().starts_with("[Thử] Mật khẩu hết hạn"));
}

#[test]
fn a_letter_about_a_certificate_says_whose_it_is_and_to_the_minute_when_it_ends() {
    let letters = all("Nguyễn Văn An");
    let letter = &letters[letters.len() - 2];
    assert_eq!(letter.subject(), "Chứng thư chữ ký số hết hạn ngày 31/08/2026");
    let said = letter.body().replace('\n', " ");
    for part in [
        "Chứng thư chữ ký số CN=Nguyễn Văn An đã gắn với tài khoản an@danang.example",
        "hết hạn lúc 09:00 ngày 31/08/2026.",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert!(said.contains("expires at 09:00 on 31/08/2026"), "{said}");
}

#[test]
fn a_digest_lists_a_hundred_and_counts_the_rest() {
    let digest = &all("Nguyễn Văn An")[3];
    assert_eq!(digest.subject(), "120 tài khoản sắp bị khóa");
    assert_eq!(digest.body().matches(", an@danang.example:").count(), 100);
    assert!(digest.body().contains("và 20 tài khoản khác"));
}

#[test]
fn every_kind_and_stage_is_known_by_its_code() {
    for kind in LetterKind::ALL {
        assert_eq!(LetterKind::from_code(kind.code()), Some(kind));
        assert_eq!(Lang::Vi.letter_kind_in_words(kind.code()), Lang::Vi.letter_kind(kind));
    }
    for stage in Stage::ALL {
        assert_eq!(Stage::from_code(stage.code()), Some(stage));
    }
}
