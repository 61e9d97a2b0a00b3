//! What an application wants back from the authorization endpoint (OAuth 2.0 Multiple Response Type Encoding
//! Practices §3, §5; OIDC Core 1.0 §3). `token` alone is never among it (RFC 9700 §2.1.2).

use super::answer::ResponseMode;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A response type: some of `code`, `id_token` and `token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ResponseType {
    code: bool,
    id_token: bool,
    token: bool,
}

impl ResponseType {
    /// `code`: what every application may ask for unless its registration says otherwise.
    pub const CODE: Self = Self { code: true, id_token: false, token: false };

    /// Every type that can be registered.
    pub const ALL: [Self; 6] = [
        Self::CODE,
        Self { code: false, id_token: true, token: false },
        Self { code: false, id_token: true, token: true },
        Self { code: true, id_token: true, token: false },
        Self { code: true, id_token: false, token: true },
        Self { code: true, id_token: true, token: true },
    ];

    /// Reads the value of a request: the order of the words means nothing (Multiple Response Types §3).
    pub fn parse(text: &str) -> Option<Self> {
        let mut read = Self { code: false, id_token: false, token: false };
        for word in text.split(' ') {
            let place = match word {
                "code" => &mut read.code,
                "id_token" => &mut read.id_token,
                "token" => &mut read.token,
                _ => return None,
            };
            if std::mem::replace(place, true) {
                return None;
            }
        }
        Self::ALL.into_iter().find(|known| *known == read)
    }

    /// Whether a code comes back.
    pub const fn code(self) -> bool {
        self.code
    }

    /// Whether an ID token comes back from the authorization endpoint.
    pub const fn id_token(self) -> bool {
        self.id_token
    }

    /// Whether an access token comes back from the authorization endpoint.
    pub const fn token(self) -> bool {
        self.token
    }

    /// Whether something comes back that must not be in a query (Multiple Response Types §5).
    pub const fn has_tokens(self) -> bool {
        self.id_token || self.token
    }

    /// Whether the claims of the scopes are in the ID token, because no access token opens UserInfo (OIDC Core §5.4).
    pub const fn is_id_token_alone(self) -> bool {
        self.id_token && !self.token && !self.code
    }

    /// How the answer travels unless the request says otherwise.
    pub const fn usual_mode(self) -> ResponseMode {
        if self.has_tokens() { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

impl Default for ResponseType {
    fn default() -> Self {
        Self::CODE
    }
}

impl fmt::Display for ResponseType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [(self.code, "code"), (self.id_token, "id_token"), (self.token, "token")];
        let words: Vec<_> = words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        f.write_str(&words.join(" "))
    }
}

impl From<ResponseType> for String {
    fn from(response_type: ResponseType) -> Self {
        response_type.to_string()
    }
}

impl TryFrom<String> for ResponseType {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_words_means_nothing_and_each_comes_once() {
        let read = |text| ResponseType::parse(text).map(|read| read.to_string());
        assert_eq!(read("token id_token code").as_deref(), Some("code id_token token"));
        assert_eq!(read("code").as_deref(), Some("code"));
        for wrong in ["", "token", "none", "code code", "code  id_token", " code", "Code", "code x"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn every_type_is_written_as_it_is_read() {
        for one in ResponseType::ALL {
            assert_eq!(ResponseType::parse(&one.to_string()), Some(one));
            assert_eq!(one.has_tokens(), one != ResponseType::CODE);
        }
    }
}
