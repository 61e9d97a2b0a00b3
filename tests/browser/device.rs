//! A device without a keyboard: the pages on which a person types its code and answers.

use crate::demo::{Demo, command, sign_in_as_far_as};
use crate::driver::Browser;
use crate::screenshots::pictures;
use serde_json::Value;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A device: asks, and shows nothing.
struct Device {
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    client_id: String,
}

impl Device {
    fn registered(demo: &Demo, name: &str) -> Self {
        let said = command(demo, &["client", "add"], &["--name", name, "--kind", "native", "--device"]);
        let id = said.lines().find_map(|line| line.strip_prefix("client_id"));
        Self {
            http: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
            client_id: id.unwrap_or_else(|| panic!("no client_id in {said}")).trim().to_owned(),
        }
    }

    fn post(&self, address: &str, fields: &[(&str, &str)]) -> Value {
        let mut form = vec![("client_id", self.client_id.as_str())];
        form.extend_from_slice(fields);
        let answer = async { self.http.post(address).form(&form).send().await?.json().await };
        self.runtime.block_on(answer).expect("an answer in JSON")
    }

    fn begin(&self, demo: &Demo) -> (String, String) {
        let begun = self.post(&demo.at("device_authorization"), &[("scope", "openid profile email agency")]);
        let text = |name: &str| begun[name].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned();
        (text("device_code"), text("user_code"))
    }

    fn ask(&self, demo: &Demo, code: &str) -> Value {
        self.post(&demo.at("token"), &[("grant_type", DEVICE_CODE), ("device_code", code)])
    }
}

/// A wrong code is told, the right one leads through the sign-in to the question; what is allowed gets its tokens. What
/// is refused, without scripts, is told so.
pub fn a_device_is_let_in_from_a_telephone_and_another_is_refused(demo: &Demo) {
    let device = Device::registered(demo, "Màn hình phòng họp của Trung tâm Hành chính thành phố");
    let (code, user_code) = device.begin(demo);
    let browser = Browser::start();
    browser.open(&demo.at("device"));
    browser.write("#user_code", "bcdf ghjk");
    browser.click("#go-on");
    browser.wait_for("#user_code-error");
    pictures(&browser, "device-wrong-code");
    browser.open(&demo.at("device"));
    pictures(&browser, "device");
    browser.write("#user_code", &user_code.to_lowercase().replace('-', " "));
    browser.click("#go-on");
    browser.wait_for("#sign-in-form");
    sign_in_as_far_as(&browser, "hieu.huynh", "#device-ask");
    browser.shows(&user_code);
    browser.shows("hieu.huynh@danang.example");
    pictures(&browser, "device-ask");
    browser.click("#approve");
    browser.wait_for("#device-answered");
    pictures(&browser, "device-approved");
    let tokens = device.ask(demo, &code);
    assert!(tokens["access_token"].is_string(), "{tokens}");

    browser.open(&demo.at("device?answered=refused"));
    pictures(&browser, "device-refused");
    browser.looks_back();

    let (code, user_code) = device.begin(demo);
    let browser = Browser::without_scripts();
    browser.open(&demo.at(&format!("device?user_code={user_code}")));
    browser.click("#go-on");
    sign_in_as_far_as(&browser, "hieu.huynh", "#device-ask");
    browser.click("#refuse");
    browser.wait_for("#device-answered");
    assert!(browser.address().ends_with("/device?answered=refused"), "{}", browser.address());
    assert_eq!(device.ask(demo, &code)["error"], "access_denied");
    browser.looks_back();
}
