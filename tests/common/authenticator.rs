//! An authenticator app for tests: reads the key off the page that offers it, and shows codes by the clock of the house.

use crate::house::{Answer, Browser, House};
use danang_sso::crypto::totp;
use danang_sso::domain::factor::STEP;
use danang_sso::domain::secret::Secret;

/// The page that sets the app up.
pub const PAGE: &str = "/security/authenticator";

/// An app that knows the key of one account.
pub struct Authenticator {
    secret: Secret<Vec<u8>>,
    /// The recovery codes that came with it.
    pub recovery: Vec<String>,
}

impl Authenticator {
    /// Sets one up for whoever is signed in and has just typed the password.
    pub async fn set_up(house: &House, browser: &mut Browser) -> Self {
        let mut app = Self::shown(&browser.get(PAGE).await);
        let answer = browser.post_from(PAGE, PAGE, &[("code", &app.code(house))]).await;
        app.recovery = recovery_codes(&answer);
        app
    }

    /// An app that has read the key off the page, and whose first code was not typed yet.
    pub fn shown(page: &Answer) -> Self {
        Self { secret: key(page), recovery: Vec::new() }
    }

    /// The code that it shows now.
    pub fn code(&self, house: &House) -> String {
        self.code_of(house, 0)
    }

    /// The code of so many steps later.
    pub fn code_of(&self, house: &House, steps: i64) -> String {
        totp::code(&self.secret, house.app.now().seconds() / STEP + steps).expose().clone()
    }
}

/// The codes on the page that shows them once.
pub fn recovery_codes(page: &Answer) -> Vec<String> {
    let list = page.body.split("id=\"codes\"").nth(1).unwrap_or_else(|| panic!("no codes: {}", page.body));
    let list = list.split("</ol>").next().expect("its end");
    let codes = list.split("<code translate=\"no\">").skip(1);
    codes.filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect()
}

/// Signs in as far as the second step.
pub async fn half(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(who, crate::house::PASSWORD).await.leads_to("/sign-in/second");
    browser
}

/// Sends a code on the page of the second step.
pub async fn second(browser: &mut Browser, code: &str) -> Answer {
    browser.post_from("/sign-in/second", "/sign-in/second", &[("code", code)]).await
}

/// Reads base32 as the page shows it.
fn key(page: &Answer) -> Secret<Vec<u8>> {
    let text = page.body.split("id=\"secret\"").nth(1).and_then(|rest| rest.split(['>', '<']).nth(1));
    let text = text.unwrap_or_else(|| panic!("no key: {} {:?}", page.status, page.location));
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b' ') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => panic!("{text} is not base32"),
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).expect("a byte"));
        }
    }
    Secret::new(bytes)
}
