//! What the client tester needs of a browser: cookies, pages with forms, redirects that it does not follow by itself.

use anyhow::Context;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use std::collections::BTreeMap;

/// A browser on the house that runs in this process.
pub(super) struct Browser {
    http: reqwest::Client,
    base: String,
    cookies: BTreeMap<String, String>,
}

/// An answer.
pub(super) struct Answer {
    /// The status.
    pub status: u16,
    /// Where it leads.
    pub location: Option<String>,
    /// Its kind.
    pub kind: String,
    /// Its text.
    pub body: String,
}

impl Answer {
    /// The value of a hidden field, or of whatever has this name.
    pub fn field(&self, name: &str) -> Option<String> {
        let at = self.body.find(&format!("name=\"{name}\""))?;
        let value = self.body[at..].split("value=\"").nth(1)?.split('"').next()?;
        Some(plain(value))
    }

    /// The text of an element with an id, without its tags.
    pub fn text_of(&self, id: &str) -> Option<String> {
        let at = self.body.find(&format!("id=\"{id}\""))?;
        let rest = self.body[at..].split_once('>')?.1;
        Some(plain(rest.split('<').next()?.trim()))
    }

    /// Where the only form of a page leads, and its fields.
    pub fn form(&self) -> Option<(String, Vec<(String, String)>)> {
        let form = self.body.split("id=\"going-back\"").next()?.rsplit("action=\"").next()?;
        let action = plain(form.split('"').next()?);
        let fields = self.body.split("type=\"hidden\" name=\"").skip(1).filter_map(|field| {
            let (name, rest) = field.split_once('"')?;
            let value = rest.split("value=\"").nth(1)?.split('"').next()?;
            Some((plain(name), plain(value)))
        });
        Some((action, fields.collect()))
    }
}

/// Undoes the escapes of the pages.
fn plain(text: &str) -> String {
    let pairs =
        [("&#38;", "&"), ("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

impl Browser {
    /// A new one, without cookies.
    pub fn new(base: String) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(std::time::Duration::from_mins(1))
            .build()
            .context("making an HTTP client")?;
        Ok(Self { http, base, cookies: BTreeMap::new() })
    }

    /// GET of a path, or of an address of the house.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    /// GET with an access token.
    pub async fn get_with(&mut self, path: &str, token: &str) -> anyhow::Result<Answer> {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(token);
        self.send(request).await
    }

    /// POST of a form, with a secret in the header if there is one.
    pub async fn post(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> anyhow::Result<Answer> {
        let mut request = self.http.post(format!("{}{path}", self.base)).form(fields);
        if let Some((id, secret)) = basic {
            request = request.basic_auth(id, Some(secret));
        }
        self.send(request).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header(COOKIE, cookies.join("; ")).send().await.context("asking the house")?;
        for cookie in answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            if let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (location, kind) = (text(LOCATION), text(CONTENT_TYPE).unwrap_or_default());
        let status = answer.status().as_u16();
        let body = answer.text().await.context("reading the answer")?;
        Ok(Answer { status, location, kind, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_texts_are_read_from_a_page() {
        let body = "<p id=\"error\">a &#38; b</p><form method=\"post\" action=\"https://x/?a=1&#38;b\" id=\"going-back\">\
                    <input type=\"hidden\" name=\"code\" value=\"&#34;x\"><input type=\"hidden\" name=\"state\" value=\"\">";
        let page = Answer { status: 200, location: None, kind: String::new(), body: body.to_owned() };
        assert_eq!(page.field("code").as_deref(), Some("\"x"));
        assert_eq!(page.text_of("error").as_deref(), Some("a & b"));
        let (action, fields) = page.form().expect("a form");
        assert_eq!(action, "https://x/?a=1&b");
        assert_eq!(fields, [("code".to_owned(), "\"x".to_owned()), ("state".to_owned(), String::new())]);
        assert_eq!(page.field("none"), None);
    }
}
