//! What Chromium noticed while pages were visited: which and how many requests each page made, how much came over the wire, and
//! what was written to the console. Violations of the content security policy are among the latter.

use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

/// A page with all its resources must not be larger: 100 kB.
const LARGEST: u64 = 100_000;

/// A page must not ask for more: itself, the stylesheet, a few scripts and symbols.
const MOST_REQUESTS: usize = 8;

/// One page and what belongs to it.
#[derive(Debug, Default)]
pub struct Visit {
    /// Its address.
    pub page: String,
    /// The addresses of its resources.
    pub resources: Vec<String>,
    /// The bytes that came over the wire, with the redirects that led to it.
    pub bytes: u64,
}

/// All pages of a walk.
#[derive(Debug, Default)]
pub struct PageLog {
    /// The pages, by the number that Chromium gives each.
    pub visits: BTreeMap<String, Visit>,
    /// Lines of the console at the levels warning and severe.
    console: Vec<String>,
    /// Requests that got no answer.
    failed: Vec<String>,
    loaders: BTreeMap<String, String>,
}

impl PageLog {
    /// Reads chromedriver's logs of the kinds `performance` and `browser`.
    pub fn read(performance: &[Value], console: &[Value]) -> Self {
        let mut log = Self::default();
        for entry in performance {
            let event: Value =
                serde_json::from_str(entry["message"].as_str().unwrap_or_default()).unwrap_or_default();
            let event = &event["message"];
            log.take(event["method"].as_str().unwrap_or_default(), &event["params"]);
        }
        log.visits.retain(|_, visit| visit.page.starts_with("http"));
        log.console = console
            .iter()
            .filter(|entry| matches!(entry["level"].as_str(), Some("WARNING" | "SEVERE")))
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .filter(|line| !log.is_status_of_a_page(line))
            .collect();
        log
    }

    /// What should not be.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.console.clone();
        problems.extend_from_slice(&self.failed);
        for visit in self.visits.values() {
            if visit.bytes > LARGEST {
                problems.push(format!("{}: {} bytes with all its resources", visit.page, visit.bytes));
            }
            if visit.resources.len() + 1 > MOST_REQUESTS {
                problems.push(format!("{}: {} requests", visit.page, visit.resources.len() + 1));
            }
            let own = origin(&visit.page);
            let elsewhere = visit.resources.iter().filter(|address| origin(address) != own);
            problems.extend(elsewhere.map(|address| format!("{} asks for {address}", visit.page)));
        }
        problems
    }

    fn take(&mut self, event: &str, said: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let request = text(&said["requestId"]);
        match event {
            "Network.requestWillBeSent" => {
                let loader = text(&said["loaderId"]);
                let visit = self.visits.entry(loader.clone()).or_default();
                visit.bytes += said["redirectResponse"]["encodedDataLength"].as_u64().unwrap_or(0);
                let address = text(&said["request"]["url"]);
                if request == loader {
                    visit.page = address;
                } else if !address.starts_with("data:") {
                    visit.resources.push(address);
                }
                self.loaders.insert(request, loader);
            }
            "Network.loadingFinished" => {
                let visit = self.loaders.get(&request).and_then(|loader| self.visits.get_mut(loader));
                if let Some(visit) = visit {
                    visit.bytes += said["encodedDataLength"].as_u64().unwrap_or(0);
                }
            }
            "Network.loadingFailed" if said["canceled"] != true => {
                // Chromium's own pages ask for something too.
                let visit = self.loaders.get(&request).and_then(|loader| self.visits.get(loader));
                if let Some(visit) = visit.filter(|visit| visit.page.starts_with("http")) {
                    let why = format!("{} {}", text(&said["errorText"]), text(&said["blockedReason"]));
                    self.failed.push(format!("{}: a request failed: {}", visit.page, why.trim()));
                }
            }
            _ => {}
        }
    }

    /// Chromium writes to the console that a page came with a status of 400 or more. A locked account does.
    fn is_status_of_a_page(&self, line: &str) -> bool {
        line.contains("the server responded with a status of")
            && self.visits.values().any(|visit| line.starts_with(&format!("{} ", visit.page)))
    }
}

/// Scheme, host and port.
fn origin(address: &str) -> String {
    Url::parse(address).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}
