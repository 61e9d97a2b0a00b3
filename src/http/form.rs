//! Forms as they come in: bounded, UTF-8, no field twice, and with the token of the page they came from.

use super::keep::{self, Holder, Keeps, Unfinished};
use super::{Failure, Visitor, browser};
use crate::app::App;
use crate::crypto::token;
use crate::domain::session::Door;
use crate::urls;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use std::collections::BTreeMap;

/// No form of the staff's door is larger.
pub const MAX_BODY: usize = 64 * 1024;

/// How large a form may be at a door: administrators paste tables.
pub const fn largest(door: Door) -> usize {
    match door {
        Door::Staff => MAX_BODY,
        Door::Admin => 16 * MAX_BODY,
    }
}

/// Why a body is not a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A field occurs twice; which one to believe cannot be told.
    #[error("the field {0} occurs twice")]
    Twice(String),
    /// The bytes are not UTF-8.
    #[error("the form is not UTF-8")]
    NotUtf8,
}

/// The fields of a form, or of a query.
#[derive(Debug, Clone, Default)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn read(body: &[u8]) -> Result<Self, FormError> {
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if name.contains(['\u{FFFD}', '\0']) || value.contains(['\u{FFFD}', '\0']) {
                return Err(FormError::NotUtf8);
            }
            if fields.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(FormError::Twice(name.into_owned()));
            }
        }
        Ok(Self(fields))
    }

    /// A field; empty counts as missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A field, empty if missing.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The version of what the form showed; a form of ours always has it.
    pub fn version(&self) -> Result<i64, Failure> {
        let version = self.text("version").parse();
        version.map_err(|_| Failure::BadForm("the form has no version".to_owned()))
    }

    /// Only those whose names begin so.
    #[must_use]
    pub fn beginning_with(mut self, prefix: &str) -> Self {
        self.0.retain(|name, _| name.starts_with(prefix));
        self
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A form of one of our own pages: its CSRF token was checked before a handler sees it.
pub struct Form {
    /// The fields.
    pub fields: Fields,
    /// Who sent it.
    pub visitor: Visitor,
}

impl FromRequest<App> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let is_kept = request.extensions().get::<Keeps>().is_some();
        match Aged::read(request, app).await? {
            (Aged::Good(form), _) => Ok(form),
            (Aged::Late(late), _) if is_kept => Err(late.kept(app).await?),
            (Aged::Late(_), _) => Err(Failure::FormExpired),
        }
    }
}

/// The form of a sign-out. One of a page from before the last sign-in in this browser is good too, if its person is still
/// there: all that it asks for is less.
pub enum Parting {
    /// To be carried out.
    Of(Form),
    /// The form of an old page in a browser that nobody is signed in with any more: there is nothing to end. Nothing is written
    /// and no cookie is set, for another site may have sent it, and then without the cookie of whoever is signed in.
    Nobody,
}

impl FromRequest<App> for Parting {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (fields, visitor) = match Aged::read(request, app).await?.0 {
            Aged::Good(form) => return Ok(Self::Of(form)),
            Aged::Late(Late { fields, visitor }) => (fields, visitor),
        };
        if visitor.holds_nobody().await? {
            return Ok(Self::Nobody);
        }
        let whose = visitor.whose_former(app, fields.text("csrf")).await?;
        let held = visitor.unended(app).await?;
        if whose.is_some_and(|whose| held.of(whose).is_some()) {
            return Ok(Self::Of(Form { fields, visitor }));
        }
        Err(Failure::FormExpired)
    }
}

/// The form of a page that people leave open for long. Without its token it is not taken; then the handler shows the page
/// anew.
pub enum Aged {
    /// It has its token.
    Good(Form),
    /// It has none, or an old one: to be shown once more, and for nothing else.
    Late(Late),
}

/// What came without the token of its page.
pub struct Late {
    /// The fields.
    pub fields: Fields,
    /// Who sent it.
    pub visitor: Visitor,
}

impl Late {
    /// What becomes of a form with the token of before the last sign-in, which its person did in another tab: it is kept for
    /// them, shown, and sent by a click. Any other has expired.
    async fn kept(self, app: &App) -> Result<Failure, Failure> {
        let Self { fields, visitor } = self;
        let whose = visitor.whose_former(app, fields.text("csrf")).await?;
        if whose.is_none() || keep::has_secret(&fields) {
            return Ok(Failure::FormExpired);
        }
        let current = visitor.current(app).await?.filter(|current| Some(current.account.id()) == whose);
        Ok(current.map_or(Failure::FormExpired, |current| Failure::Unfinished {
            to: urls::KEPT.to_owned(),
            form: Unfinished { holder: Holder::of(&current), back: String::new() },
        }))
    }
}

impl FromRequest<App> for Aged {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        match Self::read(request, app).await? {
            // A form of another site brings no cookie (SameSite=Lax): a page would give the browser another one in its
            // place, and whoever is signed in there would not be any more.
            (Self::Late(_), false) => Err(Failure::FormExpired),
            (aged, _) => Ok(aged),
        }
    }
}

impl Aged {
    /// Reads it; tells too whether the browser has brought a cookie of the house.
    async fn read(request: Request, app: &App) -> Result<(Self, bool), Failure> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Failure::BadForm("the body is not a form".to_owned()));
        }
        let body = axum::body::to_bytes(body, largest(visitor.door)).await.map_err(|_| Failure::TooLarge)?;
        let fields = Fields::read(&body).map_err(|e| Failure::BadForm(e.to_string()))?;
        let expected = visitor.existing_csrf().await?;
        let has_token = expected.is_some_and(|expected| token::same(&expected, fields.text("csrf")));
        let has_cookie = browser::is_known(&parts.headers, app, visitor.door);
        let aged = if has_token {
            Self::Good(Form { fields, visitor })
        } else {
            Self::Late(Late { fields, visitor })
        };
        Ok((aged, has_cookie))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_field_that_occurs_twice_is_refused() {
        assert_eq!(Fields::read(b"a=1&b=2&a=3").expect_err("twice"), FormError::Twice("a".to_owned()));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert_eq!(Fields::read(b"a=%FF%FE").expect_err("no text"), FormError::NotUtf8);
        assert_eq!(Fields::read(b"a=x%00y").expect_err("no text"), FormError::NotUtf8);
    }

    #[test]
    fn a_truncated_form_is_read_as_far_as_it_goes() {
        let fields = Fields::read(b"identifier=an&pass").expect("a form");
        assert_eq!(fields.text("identifier"), "an");
        assert_eq!(fields.get("password"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Fields::read(&body);
        }
    }
}
