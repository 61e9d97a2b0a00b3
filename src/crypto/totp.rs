//! Codes of an authenticator app: HOTP (RFC 4226) over steps of time (RFC 6238), SHA-1 and six digits, which is all that
//! every app knows. The rules of the steps are `domain::factor`'s.

use crate::domain::chance::{self, Entropy};
use crate::domain::factor::STEP;
use crate::domain::secret::Secret;
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use subtle::ConstantTimeEq;

/// RFC 4226 §4, R6: 160 bits.
const SECRET: usize = 20;

/// A new secret.
pub fn new(entropy: &dyn Entropy) -> Secret<Vec<u8>> {
    Secret::new(chance::bytes::<SECRET>(entropy).to_vec())
}

/// The code of a step (RFC 4226 §5.3).
pub fn code(secret: &Secret<Vec<u8>>, step: i64) -> Secret<String> {
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.expose()), &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 0x0f);
    let word = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    Secret::new(format!("{:06}", word % 1_000_000))
}

/// The step, out of those that are good now, whose code was typed. Each is compared, wherever the right one is.
pub fn matching(
    secret: &Secret<Vec<u8>>,
    typed: &Secret<String>,
    steps: impl Iterator<Item = i64>,
) -> Option<i64> {
    let mut found = None;
    for step in steps {
        let is_same: bool = code(secret, step).expose().as_bytes().ct_eq(typed.expose().as_bytes()).into();
        found = found.or(is_same.then_some(step));
    }
    found
}

/// The secret as text, for typing (RFC 4648 §6, without padding; 20 bytes need none).
pub fn base32(secret: &Secret<Vec<u8>>) -> Secret<String> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0_u32);
    for byte in secret.expose() {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let at = usize::try_from((held >> bits) & 31).unwrap_or_default();
            text.push(char::from(LETTERS[at]));
        }
        held &= (1 << bits) - 1;
    }
    Secret::new(text)
}

/// The address that the picture holds (the key URI of the apps).
pub fn address(secret: &Secret<Vec<u8>>, issuer: &str, account: &str) -> Secret<String> {
    let quoted =
        |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let (issuer, account, secret) = (quoted(issuer), quoted(account), base32(secret));
    let secret = secret.expose();
    Secret::new(format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret<Vec<u8>> {
        Secret::new(b"12345678901234567890".to_vec())
    }

    #[test]
    fn the_codes_are_those_of_rfc_4226_appendix_d_and_rfc_6238_appendix_b() {
        let hotp = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (step, expected) in (0..).zip(hotp) {
            assert_eq!(code(&secret(), step).expose(), expected);
        }
        let totp = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, expected) in totp {
            assert_eq!(code(&secret(), seconds / STEP).expose(), expected);
        }
    }

    #[test]
    fn a_typed_code_is_found_among_the_good_steps_and_nowhere_else() {
        let typed = |step| code(&secret(), step);
        assert_eq!(matching(&secret(), &typed(7), [8, 7, 9].into_iter()), Some(7));
        assert_eq!(matching(&secret(), &typed(6), [8, 7, 9].into_iter()), None);
        assert_eq!(matching(&secret(), &Secret::new(String::new()), [8].into_iter()), None);
    }

    #[test]
    fn a_secret_is_told_as_text_and_as_an_address() {
        assert_eq!(base32(&secret()).expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let address = address(&secret(), "Đăng nhập", "an@danang.example");
        let expected = "otpauth://totp/%C4%90%C4%83ng%20nh%E1%BA%ADp:an%40danang.example?secret=";
        assert!(address.expose().starts_with(expected), "{}", address.expose());
    }
}
