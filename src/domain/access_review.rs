//! Access reviews: in each half-year somebody says of each account, role, post and delegation whether it is still needed.

use time::{Date, Duration};

/// For how many days a review is open, if nobody says otherwise.
pub const DAYS: i64 = 30;

/// The most days for which it is.
pub const MOST_DAYS: i64 = 180;

/// How long before its last day those who have not finished are told once more.
pub const TOLD_BEFORE: Duration = Duration::days(3);

codes! {
    /// What is looked at.
    Subject {
        /// An account.
        Account = "account";
        /// A role of the console.
        Role = "role";
        /// A post that the city has entered.
        Post = "post";
        /// The right of a person to act for an agency's mailbox.
        Delegation = "delegation";
    }
}

codes! {
    /// What is said of it.
    Verdict {
        /// It is still needed.
        Keep = "keep";
        /// It is not needed any more.
        Withdraw = "withdraw";
        /// It belongs elsewhere: it is passed on to another agency, or to the city's administrators, and waits there.
        Transfer = "transfer";
    }
}

codes! {
    /// What came of what was withdrawn.
    Outcome {
        /// The account was locked, the role, the post or the delegation ended.
        Done = "done";
        /// It was not there any more.
        Gone = "gone";
        /// The house refused, whoever asks.
        Refused = "refused";
    }
}

codes! {
    /// Why something that was withdrawn still waits after somebody tried to carry it out: another one may do it.
    Obstacle {
        /// It is their own account or role.
        Oneself = "oneself";
        /// It is the last role over the whole city.
        Last = "last";
        /// It is an administrator's account, which is not theirs to lock.
        OfAnAdministrator = "of_an_administrator";
        /// They have no role with the right any more.
        NoRight = "no_right";
    }
}

/// The half-year of a day: `2026-H2`.
pub fn half_of(day: Date) -> String {
    let half = if u8::from(day.month()) <= 6 { 1 } else { 2 };
    format!("{:04}-H{half}", day.year())
}

/// The year of a half-year.
pub fn year_of(half: &str) -> Option<i32> {
    half.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_year_has_two_halves() {
        assert_eq!(half_of(date!(2026 - 06 - 30)), "2026-H1");
        assert_eq!(half_of(date!(2026 - 07 - 01)), "2026-H2");
        assert_eq!(half_of(date!(2027 - 01 - 01)), "2027-H1");
        assert_eq!(year_of(&half_of(date!(2026 - 12 - 31))), Some(2026));
        assert_eq!(year_of("H2"), None);
    }

    #[test]
    fn codes_are_read_as_they_are_written() {
        assert!(Subject::ALL.iter().all(|one| Subject::from_code(one.code()) == Some(*one)));
        assert!(Verdict::ALL.iter().all(|one| Verdict::from_code(one.code()) == Some(*one)));
        assert!(Obstacle::ALL.iter().all(|one| Obstacle::from_code(one.code()) == Some(*one)));
        assert!(Outcome::ALL.iter().all(|one| Outcome::from_code(one.code()) == Some(*one)));
    }
}
