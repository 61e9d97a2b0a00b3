//! Answers that leave the house. Only a [`SafeReturn`] can build one, and only a client's registration can prove a
//! [`SafeReturn`]; so no code and no error ever goes to an unproven address.

use super::error::Refusal;
use super::redirect::origin;
use url::form_urlencoded::Serializer;

/// How an answer travels (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, OAuth 2.0 Form Post Response Mode,
/// JWT Secured Authorization Response Mode §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ResponseMode {
    /// In the query of the address.
    #[default]
    Query,
    /// In its fragment, which the browser keeps from the server.
    Fragment,
    /// In a form that the browser posts.
    FormPost,
    /// Signed, in the query.
    QueryJwt,
    /// Signed, in the fragment.
    FragmentJwt,
    /// Signed, in a form.
    FormPostJwt,
}

impl ResponseMode {
    /// All of them, as discovery lists them.
    pub const ALL: [Self; 6] =
        [Self::Query, Self::Fragment, Self::FormPost, Self::QueryJwt, Self::FragmentJwt, Self::FormPostJwt];

    /// Its value in requests and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
            Self::QueryJwt => "query.jwt",
            Self::FragmentJwt => "fragment.jwt",
            Self::FormPostJwt => "form_post.jwt",
        }
    }

    /// Reads [`ResponseMode::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.code() == code)
    }

    /// Whether the answer is a signed JWT.
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt)
    }

    /// Whether it is in the query, where no token may be (Multiple Response Types §5, JARM §2.3.1).
    pub const fn is_query(self) -> bool {
        matches!(self, Self::Query | Self::QueryJwt)
    }

    /// The same, signed.
    #[must_use]
    pub const fn signed(self) -> Self {
        match self {
            Self::Query | Self::QueryJwt => Self::QueryJwt,
            Self::Fragment | Self::FragmentJwt => Self::FragmentJwt,
            Self::FormPost | Self::FormPostJwt => Self::FormPostJwt,
        }
    }
}

/// The members of an answer, in their order.
pub type Members = Vec<(&'static str, String)>;

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

    /// The members of a good answer, with the application's `state` and our name.
    pub fn members(&self, mut members: Members, issuer: &str) -> Members {
        if let Some(state) = &self.state {
            members.push(("state", state.clone()));
        }
        // RFC 9207 §2: in every answer, good or bad.
        members.push(("iss", issuer.to_owned()));
        members
    }

    /// RFC 6749 §4.1.2.1: the members of an error.
    pub fn error(&self, refusal: Refusal, issuer: &str) -> Members {
        let members = vec![
            ("error", refusal.code.as_str().to_owned()),
            ("error_description", refusal.description.to_owned()),
        ];
        self.members(members, issuer)
    }

    /// Sends members on their way. With a signed mode they are the one member `response`.
    pub fn carry(&self, members: Members) -> Answer {
        match self.mode {
            ResponseMode::Query | ResponseMode::QueryJwt => {
                Answer::Redirect(with_query(&self.address, &members))
            }
            ResponseMode::Fragment | ResponseMode::FragmentJwt => {
                let fragment = Serializer::new(String::new()).extend_pairs(&members).finish();
                Answer::Redirect(format!("{}#{fragment}", self.address))
            }
            ResponseMode::FormPost | ResponseMode::FormPostJwt => {
                Answer::FormPost { action: self.address.clone(), fields: members }
            }
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
