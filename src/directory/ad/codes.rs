//! What Active Directory's error texts say. Only the numbers in them are read: the words differ between versions and
//! between Windows and Samba.

use super::super::connection::{complaint, tidy_text};
use super::super::{DirectoryError, Refusal, Verified};
use crate::domain::mailbox::MailSystem;
use ldap3::LdapResult;

/// What an answer to a bind as a person means.
pub fn bind_answer(answer: LdapResult) -> Result<Verified, DirectoryError> {
    const DOING: &str = "proving a password";
    match answer.rc {
        0 => Ok(Verified::Good),
        49 => refused_bind(&answer.text).map_err(DirectoryError::Refused),
        // noSuchObject, inappropriateAuthentication, invalidDNSyntax: no such person, or one without a password
        32 | 34 | 48 => Err(DirectoryError::Refused(Refusal::WrongPassword)),
        _ => Err(complaint(MailSystem::Ad, DOING, answer)),
    }
}

/// What an answer to writing `unicodePwd` means.
pub fn write_answer(answer: LdapResult) -> Result<(), DirectoryError> {
    const DOING: &str = "setting a password";
    if answer.rc == 0 {
        return Ok(());
    }
    match (win32_code(&answer.text), answer.rc) {
        // ERROR_INVALID_PASSWORD, ERROR_LOGON_FAILURE; noSuchObject: gone since it was looked up
        (Some(0x56 | 0x52E), _) | (_, 32) => Err(DirectoryError::Refused(Refusal::WrongPassword)),
        (Some(0x52D), _) => Err(DirectoryError::PolicyRefused(policy_words(&answer.text))),
        (Some(0x775), _) => Err(DirectoryError::Refused(Refusal::LockedOut)),
        (Some(0x1F), _) => {
            let what =
                "Active Directory takes passwords on encrypted connections only: use ldaps://".to_owned();
            Err(DirectoryError::Misconfigured { system: MailSystem::Ad, what })
        }
        _ => Err(complaint(MailSystem::Ad, DOING, answer)),
    }
}

/// What writing the flags is called.
pub const FLAGS: &str = "setting the disable flag";

/// What an answer to writing `userAccountControl` means.
pub fn flags_answer(answer: LdapResult) -> Result<(), DirectoryError> {
    match answer.rc {
        0 => Ok(()),
        // noSuchObject: gone since it was looked up
        32 => Err(DirectoryError::Refused(Refusal::WrongPassword)),
        _ => Err(complaint(MailSystem::Ad, FLAGS, answer)),
    }
}

/// `80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1`
fn refused_bind(text: &str) -> Result<Verified, Refusal> {
    match data_code(text) {
        Some(0x532) => Ok(Verified::Expired),
        Some(0x773) => Ok(Verified::MustChange),
        // account restriction, logon hours, workstation, logon type
        Some(0x52F | 0x530 | 0x531 | 0x534) => Err(Refusal::NotNow),
        Some(0x533) => Err(Refusal::Disabled),
        Some(0x701) => Err(Refusal::AccountExpired),
        Some(0x775) => Err(Refusal::LockedOut),
        // 525 (no such user) and 52e are never told apart
        _ => Err(Refusal::WrongPassword),
    }
}

/// The hexadecimal number after `, data `.
fn data_code(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once(", data ")?;
    leading_hex(rest)
}

/// The eight hexadecimal digits at the beginning.
fn win32_code(text: &str) -> Option<u32> {
    let text = text.trim_start();
    let (digits, rest) = text.split_once(':')?;
    if digits.len() == 8 && !rest.is_empty() { u32::from_str_radix(digits, 16).ok() } else { None }
}

fn leading_hex(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(text.len());
    u32::from_str_radix(&text[..end], 16).ok()
}

/// Samba says which rule it was, Windows does not.
fn policy_words(text: &str) -> String {
    match text.split_once("check_password_restrictions: ") {
        Some((_, words)) => tidy_text(words),
        None => "its length, complexity, history or minimum age".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(rc: u32, text: &str) -> LdapResult {
        LdapResult { rc, matched: String::new(), text: text.to_owned(), refs: vec![], ctrls: vec![] }
    }

    fn bind(text: &str) -> Result<Verified, Refusal> {
        bind_answer(answer(49, text)).map_err(|error| match error {
            DirectoryError::Refused(refusal) => refusal,
            other => panic!("{other}"),
        })
    }

    fn data(code: &str) -> String {
        format!("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {code}, v1db1")
    }

    #[test]
    fn a_right_password_is_told_from_what_stands_in_its_way() {
        assert_eq!(bind(&data("532")), Ok(Verified::Expired));
        assert_eq!(bind(&data("773")), Ok(Verified::MustChange));
        assert_eq!(bind(&data("533")), Err(Refusal::Disabled));
        assert_eq!(bind(&data("701")), Err(Refusal::AccountExpired));
        assert_eq!(bind(&data("530")), Err(Refusal::NotNow));
        assert_eq!(bind(&data("531")), Err(Refusal::NotNow));
        assert_eq!(bind(&data("775")), Err(Refusal::LockedOut));
    }

    #[test]
    fn an_unknown_name_and_a_wrong_password_are_the_same() {
        for code in ["52e", "525", "52E", "", "zzz", "ffffffffffff"] {
            assert_eq!(bind(&data(code)), Err(Refusal::WrongPassword), "{code}");
        }
        assert_eq!(bind(""), Err(Refusal::WrongPassword));
        let gone = bind_answer(answer(32, ""));
        assert!(matches!(gone, Err(DirectoryError::Refused(Refusal::WrongPassword))));
    }

    #[test]
    fn the_texts_of_other_windows_versions_are_read_too() {
        let old = "80090308: LdapErr: DSID-0C09030B, comment: AcceptSecurityContext error, data 773, v893\0";
        let new =
            "80090308: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 773, v4f7c\u{0}";
        let short = "80090308: LdapErr: DSID-0C0903D9, comment: AcceptSecurityContext error, data 773";
        for text in [old, new, short] {
            assert_eq!(bind(text), Ok(Verified::MustChange), "{text}");
        }
    }

    #[test]
    fn a_server_that_wants_tls_or_is_busy_says_nothing_about_the_password() {
        let strong = bind_answer(answer(8, "BindSimple: Transport encryption required."));
        assert!(matches!(strong, Err(DirectoryError::Misconfigured { .. })));
        assert!(matches!(bind_answer(answer(51, "busy")), Err(DirectoryError::Unreachable { .. })));
    }

    #[test]
    fn the_first_eight_digits_tell_why_a_password_was_not_set() {
        let windows = "0000052D: AtrErr: DSID-03191083, #1:\n\t0: 0000052D: DSID-03191083, problem 1005 \
                       (CONSTRAINT_ATT_TYPE), data 0, Att 9005a (unicodePwd)\n\0";
        let said = write_answer(answer(19, windows));
        assert!(matches!(said, Err(DirectoryError::PolicyRefused(words)) if words.contains("complexity")));
        let samba = "0000052D: Constraint violation - check_password_restrictions: the password is too short. It \
                     should be equal or longer than 8 characters!";
        let said = write_answer(answer(19, samba));
        assert!(
            matches!(said, Err(DirectoryError::PolicyRefused(words)) if words.starts_with("the password is too"))
        );
        let said = write_answer(answer(19, "00000056: AtrErr: DSID-03191083, #1: 0: 00000056"));
        assert!(matches!(said, Err(DirectoryError::Refused(Refusal::WrongPassword))));
        let said = write_answer(answer(19, "00000775: Password change not permitted, account locked out!"));
        assert!(matches!(said, Err(DirectoryError::Refused(Refusal::LockedOut))));
        let clear = "0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0";
        let said = write_answer(answer(53, clear));
        assert!(
            matches!(said, Err(DirectoryError::Misconfigured { what, .. }) if what.contains("encrypted"))
        );
        let said = write_answer(answer(50, "insufficient access rights"));
        assert!(matches!(said, Err(DirectoryError::Misconfigured { what, .. }) if what.contains("right")));
    }

    proptest! {
        #[test]
        fn any_text_is_an_answer(rc in 0..100_u32, text in ".{0,80}", code in "[0-9a-fA-F]{0,12}") {
            let _ = bind_answer(answer(rc, &text));
            let _ = bind_answer(answer(49, &data(&code)));
            let _ = write_answer(answer(rc, &text));
            let _ = write_answer(answer(rc, &format!("{code}: x")));
        }
    }
}
