//! The pages that an application leads to: consent, turning back, the page after signing out with frames, and the frame
//! in which it watches the session.

use crate::demo::{Demo, command, root, sign_in_as_far_as};
use crate::driver::Browser;
use crate::ports::free_ports;
use crate::screenshots::pictures;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// RFC 7636 Appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An application of a few lines: says what it was asked, and watches the session.
pub struct Application {
    origin: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Application {
    /// Starts it.
    pub fn start() -> Self {
        let [port] = free_ports();
        let socket = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in socket.incoming().flatten() {
                // Chromium opens connections that it does not use yet.
                let heard = Arc::clone(&heard);
                std::thread::spawn(move || answer(&stream, &heard));
            }
        });
        Self { origin: format!("http://localhost:{port}"), asked }
    }

    fn was_asked(&self, path: &str) -> Option<String> {
        self.asked.lock().expect("nobody panicked").iter().find(|one| one.starts_with(path)).cloned()
    }

    /// Registers it; tells its `client_id`.
    pub fn register(&self, demo: &Demo, name: &str, more: &[&str]) -> String {
        let at = |path: &str| format!("{}{path}", self.origin);
        let (callback, goodbye, told) = (at("/callback"), at("/goodbye"), at("/frontchannel"));
        let mut arguments = vec![
            "--name",
            name,
            "--redirect-uri",
            &callback,
            "--post-logout-redirect-uri",
            &goodbye,
            "--frontchannel-logout-uri",
            &told,
        ];
        arguments.extend_from_slice(more);
        let said = command(demo, &["client", "add"], &arguments);
        let id = said.lines().find_map(|line| line.strip_prefix("client_id"));
        id.unwrap_or_else(|| panic!("no client_id in {said}")).trim().to_owned()
    }

    /// Where its sign-in begins.
    pub fn request(&self, demo: &Demo, client_id: &str, scope: &str) -> String {
        let fields = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("client_id", client_id),
                ("redirect_uri", &format!("{}/callback", self.origin)),
                ("response_type", "code"),
                ("scope", scope),
                ("state", "s"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ])
            .finish();
        demo.at(&format!("authorize?{fields}"))
    }
}

fn answer(mut stream: &TcpStream, asked: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream).lines();
    let Some(Ok(first)) = lines.next() else { return };
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let body = if target.starts_with("/watch") { WATCH } else { ARRIVED };
    asked.lock().expect("nobody panicked").push(target);
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
}

const ARRIVED: &str = "<!doctype html><html lang=\"vi\"><title>Ứng dụng</title><link rel=\"icon\" href=\"data:,\">\
                       <p id=\"arrived\">Đã đến</p></html>";

/// OIDC Session Management §3.1: the application's own frame posts to the provider's and is told.
const WATCH: &str = "<!doctype html><html lang=\"vi\"><title>Ứng dụng</title><link rel=\"icon\" href=\"data:,\">\
    <p id=\"told\"></p><script>\
    var asked = new URLSearchParams(location.search), frame = document.createElement('iframe');\
    window.addEventListener('message', function (event) {\
      if (asked.get('frame').indexOf(event.origin) === 0) { document.getElementById('told').textContent = event.data; }\
    });\
    frame.onload = function () { frame.contentWindow.postMessage(asked.get('client') + ' ' + asked.get('state'), '*'); };\
    frame.src = asked.get('frame'); document.body.appendChild(frame);</script></html>";

/// The page names the application and what it learns; refusing and turning back lead to it with an error, agreeing is
/// remembered.
pub fn consent_is_asked_refused_and_remembered(demo: &Demo) {
    let application = Application::start();
    let id = application.register(demo, "Đặt phòng họp trực tuyến của thành phố", &["--consent"]);
    let request = application.request(demo, &id, "openid profile email agency offline_access");
    let browser = Browser::without_scripts();
    browser.open(&request);
    browser.shows("Hủy và quay lại Đặt phòng họp trực tuyến của thành phố");
    browser.click("#cancel");
    browser.wait_for("#arrived");
    assert!(browser.address().contains("error=access_denied"), "{}", browser.address());

    let browser = Browser::start();
    browser.open(&request);
    sign_in_as_far_as(&browser, "hieu.huynh", "#consent");
    browser.shows("hieu.huynh@danang.example");
    browser.shows("Truy cập cả khi ứng dụng không mở");
    pictures(&browser, "consent");
    browser.click("#refuse");
    browser.wait_for("#arrived");
    assert!(browser.address().contains("error=access_denied"), "{}", browser.address());
    browser.open(&request);
    browser.wait_for("#agree");
    browser.click("#agree");
    browser.wait_for("#arrived");
    assert!(browser.address().contains("code="), "{}", browser.address());
    browser.open(&request);
    browser.wait_for("#arrived");
    assert!(browser.address().contains("code="), "asked once: {}", browser.address());
    browser.looks_back();
}

/// A person with two accounts adds the second one, chooses, and signs one out; all of it without scripts.
pub fn an_account_is_added_chosen_and_signed_out(demo: &Demo) {
    let application = Application::start();
    let name = "Hệ thống quản lý văn bản và điều hành tác nghiệp dùng chung";
    let id = application.register(demo, name, &[]);
    let select = format!("{}&prompt=select_account", application.request(demo, &id, "openid"));
    let browser = Browser::without_scripts();
    browser.open(&select);
    sign_in_as_far_as(&browser, "minh.phan", "#arrived");
    browser.open(&select);
    browser.wait_for("#choose-account");
    browser.shows("minh.phan@danang.example");
    browser.click("#another-account");
    sign_in_as_far_as(&browser, "vanthu.skhcn", "#arrived");
    browser.open(&select);
    browser.wait_for("#sign-out-all");
    browser.shows("vanthu.skhcn@danang.example");
    browser.click(".picks > li:last-child .pick");
    browser.wait_for("#arrived");
    assert!(browser.address().contains("code="), "{}", browser.address());
    browser.open(&demo.house);
    browser.shows("minh.phan@danang.example");

    let browser = Browser::start();
    browser.open(&select);
    sign_in_as_far_as(&browser, "minh.phan", "#arrived");
    browser.open(&demo.at("choose-account"));
    browser.click("#another-account");
    sign_in_as_far_as(&browser, "vanthu.skhcn", ".frame-portal #sign-out");
    browser.open(&select);
    browser.wait_for("#choose-account");
    pictures(&browser, "choose-account");
    browser.open(&demo.at("logout"));
    browser.wait_for("#sign-out");
    pictures(&browser, "sign-out-which");
    browser.open(&demo.at("choose-account"));
    browser.click(".picks > li:last-child .is-small");
    browser.wait_for("#left");
    browser.shows("vanthu.skhcn@danang.example");
    pictures(&browser, "signed-out-one");
    browser.click("#sign-out-all");
    browser.wait_for("#signed-out");
    browser.looks_back();
}

/// The frame says `unchanged` before and `changed` after signing out, which loads the application's own frame; with and
/// without scripts the browser goes on to where the application wants it.
pub fn an_application_watches_the_session_and_is_told_of_its_end(demo: &Demo) {
    let application = Application::start();
    let id = application.register(demo, "Hồ sơ công việc", &[]);
    let request = application.request(demo, &id, "openid");
    let browser = Browser::start();
    browser.open(&request);
    sign_in_as_far_as(&browser, "hieu.huynh", "#arrived");
    let query = browser.address();
    let state = url::Url::parse(&query).expect("an address");
    let state =
        state.query_pairs().find(|(name, _)| name == "session_state").expect("a state").1.into_owned();
    let watch = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("client", id.as_str()), ("state", &state), ("frame", &demo.at("session/check"))])
        .finish();
    let watch = format!("{}/watch?{watch}", application.origin);
    browser.open(&watch);
    browser.wait_until("unchanged", |browser| browser.text("#told") == "unchanged");

    let goodbye = format!("{}/goodbye", application.origin);
    let fields = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("client_id", id.as_str()), ("post_logout_redirect_uri", &goodbye), ("state", "x")])
        .finish();
    browser.open(&demo.at(&format!("logout?{fields}")));
    browser.wait_for("#sign-out");
    browser.click("#sign-out");
    browser.wait_for("#arrived");
    assert_eq!(browser.address(), format!("{goodbye}?state=x"));
    let told = || application.was_asked("/frontchannel?");
    browser.wait_until("the frame to be asked for", |_| told().is_some());
    let told = told().unwrap_or_default();
    assert!(told.contains("iss=") && told.contains("&sid="), "{told}");
    browser.open(&watch);
    browser.wait_until("changed", |browser| browser.text("#told") == "changed");

    browser.open(&request);
    sign_in_as_far_as(&browser, "hieu.huynh", "#arrived");
    browser.open(&demo.house);
    browser.click("#sign-out");
    browser.wait_for("#told");
    browser.shows("Hồ sơ công việc");
    pictures(&browser, "signed-out-told");

    let browser = Browser::without_scripts();
    browser.open(&request);
    sign_in_as_far_as(&browser, "hieu.huynh", "#arrived");
    browser.open(&demo.at(&format!("logout?{fields}")));
    browser.click("#sign-out");
    browser.wait_for("#onward");
    browser.photograph(&root().join("target/screenshots/signed-out-onward.png"), 1_800.0);
    browser.wait_until("going on", |browser| browser.has("#arrived"));
}
