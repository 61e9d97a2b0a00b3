//! A browser and an application, as far as measuring needs them: over real HTTP, with cookies, following nothing.

use anyhow::{Context, bail};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, StatusCode};
use std::collections::BTreeMap;

/// The HTTP client: keeps connections open, knows no proxy.
pub fn http() -> anyhow::Result<Client> {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    client.build().context("making the HTTP client")
}

/// Asks for something that must be there, and throws it away.
pub async fn get(http: &Client, url: &str) -> anyhow::Result<()> {
    http.get(url).send().await?.error_for_status()?.bytes().await?;
    Ok(())
}

/// One browser.
pub struct Browser {
    http: Client,
    base: String,
    cookies: BTreeMap<String, String>,
}

/// An answer.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Where it leads.
    pub location: Option<String>,
    /// Its text.
    pub body: String,
}

impl Answer {
    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> anyhow::Result<String> {
        let at = self.body.find(&format!("name=\"{name}\"")).with_context(|| format!("no field {name}"))?;
        let value = self.body[at..].split("value=\"").nth(1).and_then(|rest| rest.split('"').next());
        Ok(value.context("the field has no value")?.to_owned())
    }

    /// Refuses an answer that leads elsewhere.
    pub fn leads_to(self, start: &str) -> anyhow::Result<String> {
        match self.location {
            Some(location) if location.starts_with(start) => Ok(location),
            _ => bail!("not to {start} but {} {:?}: {}", self.status, self.location, self.body),
        }
    }
}

impl Browser {
    /// A new browser at the door of the staff.
    pub fn new(http: &Client, port: u16) -> Self {
        Self { http: http.clone(), base: format!("http://localhost:{port}"), cookies: BTreeMap::new() }
    }

    /// GET.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    /// POST of a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let request = self.http.post(format!("{}{path}", self.base)).form(fields);
        self.send(request).await
    }

    async fn send(&mut self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header(COOKIE, cookies.join("; ")).send().await?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.context("a cookie has a name and a value")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = response.status();
        let location = response.headers().get(LOCATION).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Ok(Answer { status, location, body: response.text().await? })
    }

    /// Sends the sign-in form of a page that was shown before.
    pub async fn sign_in(&mut self, csrf: &str, address: &str, password: &str) -> anyhow::Result<()> {
        let fields = [("csrf", csrf), ("identifier", address), ("password", password)];
        self.post("/sign-in", &fields).await?.leads_to("/").map(|_| ())
    }
}
