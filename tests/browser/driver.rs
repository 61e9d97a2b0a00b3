//! A browser of the tests: Debian's Chromium, led through chromedriver (W3C WebDriver, and the DevTools commands that
//! chromedriver passes on). Both processes end when the value is dropped, also when a walk panics.

use crate::demo::root;
use crate::page_log::PageLog;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use danang_sso::system::Stopwatch;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The key that moves the focus on.
pub const TAB: &str = "\u{E004}";
/// The key that sends a form.
pub const ENTER: &str = "\u{E007}";

/// How long a page may take to show what is waited for. Nobody waits so long but on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long chromedriver may take to answer: it waits for a page to load, and at the start for Chromium.
const DRIVER_PATIENCE: Duration = Duration::from_mins(3);
/// What chromedriver says when it has done nothing yet, because a page comes or goes (WebDriver §6.6).
const NOT_YET: [&str; 4] =
    ["stale element reference", "no such element", "element not interactable", "element click intercepted"];
/// The name under which WebDriver tells elements apart (WebDriver §12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Whose home a browser runs in: its certificates lie in `.pki/nssdb` there.
#[derive(Clone, Copy)]
struct Home<'a> {
    folder: &'a Path,
    shown_to: &'a str,
}

/// One browser with an empty profile.
pub struct Browser {
    driver: Child,
    session: String,
    http: reqwest::Client,
    runtime: Runtime,
    profile: TempDir,
}

impl Browser {
    /// Starts a browser whose reader prefers Vietnamese.
    pub fn start() -> Self {
        Self::start_with(&[], None)
    }

    /// Starts one that runs no scripts of the pages.
    pub fn without_scripts() -> Self {
        Self::start_with(&["--blink-settings=scriptEnabled=false"], None)
    }

    /// Starts one in a home whose certificates it shows to this origin (`https://host:port`), and to nobody else.
    pub fn at_home(home: &Path, shown_to: &str) -> Self {
        Self::start_with(&[], Some(Home { folder: home, shown_to }))
    }

    fn start_with(more: &[&str], home: Option<Home<'_>>) -> Self {
        let (driver, address) = start_driver(home.map(|home| home.folder));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let mut browser = Self {
            driver,
            session: format!("{address}/session"),
            http: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
            runtime: runtime.expect("a runtime"),
            profile: tempfile::Builder::new().prefix("sso-chromium-").tempdir().expect("a profile"),
        };
        let session = browser.ask("POST", "", &capabilities(browser.profile.path(), more, home));
        let id = session["sessionId"].as_str().expect("a session has an id").to_owned();
        browser.session = format!("{address}/session/{id}");
        // Every page is weighed with all that belongs to it.
        browser.devtools("Network.setCacheDisabled", &json!({ "cacheDisabled": true }));
        browser.resize(1280);
        browser
    }

    /// Opens an address.
    pub fn open(&self, address: &str) {
        self.ask("POST", "/url", &json!({ "url": address }));
    }

    /// The address of the page.
    pub fn address(&self) -> String {
        self.ask("GET", "/url", &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page has this element.
    pub fn wait_for(&self, css: &str) {
        self.wait_until(css, |browser| browser.has(css));
    }

    /// Waits until something is true.
    pub fn wait_until(&self, what: &str, is_true: impl Fn(&Self) -> bool) {
        let watch = Stopwatch::start();
        while !is_true(self) {
            assert!(watch.elapsed() < PATIENCE, "waited in vain for {what}{}", self.place());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Does the page have this element?
    pub fn has(&self, css: &str) -> bool {
        self.find(css).is_some()
    }

    /// How many such elements the page has.
    pub fn count(&self, css: &str) -> usize {
        let found = self.ask("POST", "/elements", &json!({ "using": "css selector", "value": css }));
        found.as_array().map_or(0, Vec::len)
    }

    /// What a person reads in the first such element, once there is one.
    pub fn text(&self, css: &str) -> String {
        self.at("GET", css, "text", &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// The value of an attribute, or of the property of the same name.
    pub fn attribute(&self, css: &str, name: &str) -> String {
        let value = self.at("GET", css, &format!("attribute/{name}"), &Value::Null);
        value.as_str().unwrap_or_default().to_owned()
    }

    /// All that a person reads.
    pub fn page(&self) -> String {
        self.text("body")
    }

    /// Asserts that a person reads these words, at once or when the page that is on its way has come.
    pub fn shows(&self, words: &str) {
        let plain = in_plain_spaces(words);
        self.wait_until(&format!("the words “{words}”"), |browser| {
            in_plain_spaces(&browser.page()).contains(&plain)
        });
    }

    /// Asserts that nobody reads these words.
    pub fn hides(&self, words: &str) {
        let is_shown = in_plain_spaces(&self.page()).contains(&in_plain_spaces(words));
        assert!(!is_shown, "“{words}” is shown{}", self.place());
    }

    /// Clicks.
    pub fn click(&self, css: &str) {
        self.at("POST", css, "click", &json!({}));
    }

    /// Types into a field, after what stands there.
    pub fn write(&self, css: &str, text: &str) {
        self.at("POST", css, "value", &json!({ "text": text }));
    }

    /// Empties a field.
    pub fn clear(&self, css: &str) {
        self.at("POST", css, "clear", &json!({}));
    }

    /// Presses keys, wherever the focus is.
    pub fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
            })
            .collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.ask("POST", "/actions", &json!({ "actions": [keyboard] }));
    }

    /// The id of the element that has the focus; nothing while a page comes or goes.
    pub fn focus(&self) -> String {
        let read = |path: &str| self.try_ask("GET", path, &Value::Null).ok();
        let id = read("/element/active").and_then(|element| {
            let element = element[ELEMENT].as_str()?;
            read(&format!("/element/{element}/attribute/id"))
        });
        id.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Computes something in the page.
    pub fn compute(&self, expression: &str) -> Value {
        let script = json!({ "script": format!("return {expression}"), "args": [] });
        self.ask("POST", "/execute/sync", &script)
    }

    /// Serious and critical issues that axe-core finds on the page, one a line.
    pub fn issues(&self) -> Vec<String> {
        // A page that looks again by itself may be replaced while it is looked at; then the new one is.
        let found = self.try_issues().or_else(|_| self.try_issues());
        let found = found.unwrap_or_else(|problem| panic!("axe-core: {problem}{}", self.place()));
        let lines = found.as_array().expect("axe-core answers with a list");
        lines.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
    }

    fn try_issues(&self) -> Result<Value, String> {
        let run =
            |script: &str| self.try_ask("POST", "/execute/sync", &json!({ "script": script, "args": [] }));
        if run("return typeof axe")? == "undefined" {
            let axe = root().join("target/axe/node_modules/axe-core/axe.min.js");
            let axe = std::fs::read_to_string(&axe).unwrap_or_else(|error| {
                panic!("{} ({error}): tests/rig/install.sh axe installs it", axe.display())
            });
            run(&axe)?;
        }
        run("const found = axe.run(document, { preload: false, resultTypes: ['violations'] });
            const where = rule => rule.nodes.map(node => node.target.join(' ')).join(', ');
            return found.then(({ violations }) => violations
                .filter(rule => ['serious', 'critical'].includes(rule.impact))
                .map(rule => `${rule.id} (${rule.help}): ${where(rule)}`))")
    }

    /// Gives the window another width: a telephone's below 600.
    pub fn resize(&self, width: u32) {
        let height = if width < 600 { 844 } else { 800 };
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Lets the reader prefer dark pages, or light ones; in both cases without movement, which no picture can hold.
    pub fn darken(&self, dark: bool) {
        let scheme = json!({ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } });
        let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": [scheme, still] }));
    }

    /// Lays the page out as on paper, or as on the screen again.
    pub fn lay_out_as_on_paper(&self, paper: bool) {
        let media = if paper { "print" } else { "" };
        self.devtools("Emulation.setEmulatedMedia", &json!({ "media": media }));
    }

    /// Gives the browser a device for passkeys whose holder is always there and always known (Web Authentication §11).
    pub fn add_authenticator(&self) {
        let device = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "isUserConsenting": true,
        });
        self.ask("POST", "/webauthn/authenticator", &device);
    }

    /// Runs a script in every page to come, before the page's own.
    pub fn before_each_page(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }));
    }

    /// Makes the line slow: how many milliseconds pass before an answer, and how many bytes come in a second.
    pub fn slow_down(&self, latency: u32, throughput: u32) {
        let line = json!({
            "offline": false,
            "latency": latency,
            "downloadThroughput": throughput,
            "uploadThroughput": throughput,
        });
        self.devtools("Network.emulateNetworkConditions", &line);
    }

    /// Writes a picture of the page, down to so many pixels: a long list repeats itself.
    pub fn photograph(&self, file: &Path, most: f64) {
        let size = &self.devtools("Page.getLayoutMetrics", &json!({}))["cssContentSize"];
        let height = size["height"].as_f64().unwrap_or_default().min(most);
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": height, "scale": 1 });
        let how = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools("Page.captureScreenshot", &how);
        let picture = STANDARD.decode(picture["data"].as_str().unwrap_or_default()).expect("base64");
        std::fs::write(file, picture).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// The page as it is printed on A4, as PDF. The page's own margins count, as they do when a person prints.
    pub fn print(&self) -> Vec<u8> {
        let how = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true });
        let print = self.devtools("Page.printToPDF", &how);
        STANDARD.decode(print["data"].as_str().unwrap_or_default()).expect("base64")
    }

    /// On how many sheets of A4 the page is printed.
    pub fn printed_sheets(&self) -> usize {
        let print = self.print();
        // PDF 32000-1 §7.7.3.2: the root of the page tree tells how many leaves it has.
        let text = String::from_utf8_lossy(&print);
        let count = text.split("/Type /Pages").nth(1).and_then(|root| root.split("/Count ").nth(1));
        let count = count.and_then(|rest| rest.split(|letter: char| !letter.is_ascii_digit()).next());
        count.and_then(|digits| digits.parse().ok()).expect("a printed page is a PDF with a page tree")
    }

    /// What is at an address for whoever is signed in here; for files that a browser saves and does not show.
    pub fn download(&self, address: &str) -> String {
        self.save(self.http.get(address), address)
    }

    /// What the form of a page is answered with; for files, too.
    pub fn download_by(&self, form: &str) -> String {
        let of_form = |expression: &str| {
            let found =
                self.compute(&expression.replace("FORM", &format!("document.querySelector({form:?})")));
            found.as_str().unwrap_or_else(|| panic!("{form} is no form{}", self.place())).to_owned()
        };
        self.wait_for(form);
        let (address, fields) =
            (of_form("FORM.action"), of_form("new URLSearchParams(new FormData(FORM)).toString()"));
        let request = self.http.post(&address).header("Content-Type", "application/x-www-form-urlencoded");
        self.save(request.body(fields), &address)
    }

    /// Asks as this browser does: with its cookies, and under its name.
    fn save(&self, request: reqwest::RequestBuilder, address: &str) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = text(&self.devtools("Browser.getVersion", &json!({}))["userAgent"]);
        let cookies = self.ask("GET", "/cookie", &Value::Null);
        let pair = |cookie: &Value| format!("{}={}", text(&cookie["name"]), text(&cookie["value"]));
        let cookies: Vec<_> = cookies.as_array().into_iter().flatten().map(pair).collect();
        let request = request.header("Cookie", cookies.join("; ")).header("User-Agent", name);
        let answer = self.runtime.block_on(async { request.send().await?.error_for_status()?.text().await });
        answer.unwrap_or_else(|error| panic!("{address}: {error}"))
    }

    /// Asserts that every page since the last look was small, kept to its own origin and said nothing in the console.
    pub fn looks_back(&self) {
        let log = |kind| {
            self.ask("POST", "/se/log", &json!({ "type": kind })).as_array().cloned().unwrap_or_default()
        };
        let pages = PageLog::read(&log("performance"), &log("browser"));
        assert!(!pages.visits.is_empty(), "no page was visited");
        let problems = pages.problems();
        assert!(problems.is_empty(), "what the browser noticed:\n{}", problems.join("\n"));
    }

    fn find(&self, css: &str) -> Option<String> {
        let element =
            self.try_ask("POST", "/element", &json!({ "using": "css selector", "value": css })).ok()?;
        element[ELEMENT].as_str().map(str::to_owned)
    }

    /// Asks the first such element for something, or does something with it, as soon as there is one that can. A page
    /// may be replaced between finding and asking; what was not done for such a reason is done with the new page.
    fn at(&self, method: &str, css: &str, what: &str, body: &Value) -> Value {
        let watch = Stopwatch::start();
        loop {
            let element = self.find(css).ok_or_else(|| "no such element".to_owned());
            let answer = element.and_then(|id| self.try_ask(method, &format!("/element/{id}/{what}"), body));
            let problem = match answer {
                Ok(value) => return value,
                Err(problem) => problem,
            };
            let may_come = NOT_YET.iter().any(|word| problem.starts_with(word));
            let goes_on = may_come && watch.elapsed() < PATIENCE;
            assert!(goes_on, "{method} {what} at {css}: {problem}{}", self.place());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.ask("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Where the browser is and what it shows, for a failure.
    fn place(&self) -> String {
        let read = |path: &str| self.try_ask("GET", path, &Value::Null).ok();
        let address = read("/url").unwrap_or_default();
        let body = self.find("body").and_then(|body| read(&format!("/element/{body}/text")));
        format!(
            "\nat {address}, where the page says:\n{}",
            body.as_ref().and_then(Value::as_str).unwrap_or("?")
        )
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_ask(method, path, body)
            .unwrap_or_else(|problem| panic!("{method} {path} {body}: {problem}{}", self.place()))
    }

    fn try_ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}{path}", self.session));
        let request = request.timeout(DRIVER_PATIENCE);
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = self.runtime.block_on(async { request.send().await?.json::<Value>().await });
        let mut answer = answer.map_err(|error| format!("chromedriver does not answer: {error}"))?;
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["message"].as_str().unwrap_or_default())),
            None => Ok(value),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; then the driver has nothing left to do.
        let _ = self.try_ask("DELETE", "", &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Starts chromedriver on a port of its own choice; returns its address. It wants the same port of IPv4 and of IPv6, and
/// exits if somebody has one of them: then another is as good.
fn start_driver(home: Option<&Path>) -> (Child, String) {
    for _ in 0..3 {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some(home) = home {
            command.env("HOME", home);
        }
        let mut driver = command.spawn().unwrap_or_else(|error| {
            panic!("chromedriver cannot be started ({error}): tests/rig/install.sh browser installs it")
        });
        let mut lines = BufReader::new(driver.stdout.take().expect("its output is piped")).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let port = line.split_once("started successfully on port ")?.1;
            Some(port.trim_end_matches('.').to_owned())
        });
        let Some(port) = port else {
            let _ = driver.kill();
            eprintln!("chromedriver has exited: {:?}", driver.wait());
            continue;
        };
        // Whatever else it prints must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        return (driver, format!("http://127.0.0.1:{port}"));
    }
    panic!("chromedriver has exited three times; tests/rig/install.sh browser installs it")
}

fn capabilities(profile: &Path, more: &[&str], home: Option<Home<'_>>) -> Value {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-proxy-server",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
    ]
    .iter()
    .chain(more)
    .map(ToString::to_string)
    .collect();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    let mut preferences = json!({
        "intl.accept_languages": "vi-VN,vi",
        "credentials_enable_service": false,
        "profile.password_manager_leak_detection": false,
    });
    if let Some(home) = home {
        // The browser would ask its holder which certificate to show, and nobody is there to answer.
        let origin = format!("{},*", home.shown_to);
        let any = json!({ origin: { "setting": { "filters": [{}] } } });
        preferences["profile.content_settings.exceptions.auto_select_certificate"] = any;
    }
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": { "args": arguments, "prefs": preferences },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    } } })
}

/// What a person reads: how words are kept together is not to be seen.
fn in_plain_spaces(text: &str) -> String {
    text.replace('\u{a0}', " ").replace('\u{2060}', "")
}
