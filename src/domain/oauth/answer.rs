//! Answers that leave the house. Only a [`SafeReturn`] can build one, and only a client's registration can prove a
//! [`SafeReturn`]; so no code and no error ever goes to an unproven address.

use super::error::Refusal;
use super::redirect::origin;
use url::form_urlencoded::Serializer;

/// How an answer travels (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, OAuth 2.0 Form Post Response Mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ResponseMode {
    /// In the query of the address.
    #[default]
    Query,
    /// In a form that the browser posts.
    FormPost,
}

impl ResponseMode {
    /// Its value in requests and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    /// Reads [`ResponseMode::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Query, Self::FormPost].into_iter().find(|mode| mode.code() == code)
    }
}

/// A proven address to return to, with the application's `state`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeReturn {
    address: String,
    state: Option<String>,
    mode: ResponseMode,
}

/// An answer on its way to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Send the browser there.
    Redirect(String),
    /// Let the browser post a form there.
    FormPost {
        /// Where.
        action: String,
        /// Its fields.
        fields: Vec<(&'static str, String)>,
    },
}

impl SafeReturn {
    /// For [`super::client::Client`] only, which has looked at its registration.
    pub(super) fn proven(address: &str, state: Option<String>, mode: ResponseMode) -> Self {
        Self { address: address.to_owned(), state, mode }
    }

    /// The proven address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The application's `state`.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// How the answer travels.
    pub const fn mode(&self) -> ResponseMode {
        self.mode
    }

    /// Its origin, for `form-action`.
    pub fn origin(&self) -> String {
        origin(&self.address)
    }

    /// RFC 6749 §4.1.2: the code.
    pub fn with_code(&self, code: &str, issuer: &str) -> Answer {
        self.answer(vec![("code", code.to_owned())], issuer)
    }

    /// RFC 6749 §4.1.2.1: the error.
    pub fn with_error(&self, refusal: Refusal, issuer: &str) -> Answer {
        let fields = vec![
            ("error", refusal.code.as_str().to_owned()),
            ("error_description", refusal.description.to_owned()),
        ];
        self.answer(fields, issuer)
    }

    fn answer(&self, mut fields: Vec<(&'static str, String)>, issuer: &str) -> Answer {
        if let Some(state) = &self.state {
            fields.push(("state", state.clone()));
        }
        // RFC 9207 §2: in every answer, good or bad.
        fields.push(("iss", issuer.to_owned()));
        match self.mode {
            ResponseMode::Query => Answer::Redirect(with_query(&self.address, &fields)),
            ResponseMode::FormPost => Answer::FormPost { action: self.address.clone(), fields },
        }
    }
}

/// RFC 6749 §3.1.2: the query that an address already has is kept, byte by byte.
pub fn with_query(address: &str, fields: &[(&'static str, String)]) -> String {
    if fields.is_empty() {
        return address.to_owned();
    }
    let joint = match address.rfind('?') {
        None => "?",
        Some(_) if address.ends_with(['?', '&']) => "",
        Some(_) => "&",
    };
    let query = Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("{address}{joint}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_the_query_of_the_address() {
        let fields = [("code", "a b".to_owned())];
        assert_eq!(with_query("https://a.example/cb", &fields), "https://a.example/cb?code=a+b");
        assert_eq!(with_query("https://a.example/cb?x=%41", &fields), "https://a.example/cb?x=%41&code=a+b");
        assert_eq!(with_query("https://a.example/cb?", &fields), "https://a.example/cb?code=a+b");
    }
}
