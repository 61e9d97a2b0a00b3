//! Registering an application in the console by answering questions, changing it, its secrets, its first sign-in, moving
//! registrations.

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::services::{admins, clients};
use std::io::Write;
use std::sync::{Arc, Mutex};

const NEW: &str = "/applications/new";
const PREVIEW: &str = "/applications/new/preview";

/// What somebody answers about an application behind Node.js.
const ANSWERS: [(&str, &str); 9] = [
    ("name", "Một <b>cửa</b>"),
    ("template", "node"),
    ("url", "https://motcua.danang.example/"),
    ("scope.profile", "1"),
    ("purpose.profile", "Hiển thị tên \"người dùng\""),
    ("agency", "Sở Khoa học và Công nghệ"),
    ("for.agency.so-khcn", "1"),
    ("contacts", "an@danang.example\r\nbinh@danang.example"),
    ("category", "Dịch vụ công"),
];

async fn house() -> House {
    let house = House::build().await;
    for local in ["quantri", "an"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    house
}

async fn administrator(house: &House) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in("quantri", PASSWORD).await.leads_to("/");
    browser
}

/// The answers with others in place of them; an empty one leaves it out.
fn answers<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = ANSWERS.into_iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty())).collect()
}

/// The text of the element with an id.
fn text_of<'a>(page: &'a Answer, id: &str) -> &'a str {
    let rest =
        page.body.split(&format!("id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("no {id}: {}", page.body));
    rest.split_once('>').expect("a tag").1.split('<').next().expect("a text")
}

/// Answers, looks at the preview and registers; returns the fields that were sent and the page with the secret.
async fn registers(browser: &mut Browser, given: &[(&str, &str)]) -> (Vec<(String, String)>, Answer) {
    let preview = browser.post_from(NEW, PREVIEW, given).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    let client_id = preview.hidden("client_id").expect("a client_id");
    let csrf = preview.hidden("csrf").expect("a token");
    let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let own = [("csrf".to_owned(), csrf), ("client_id".to_owned(), client_id)];
    let sent: Vec<_> = own.into_iter().chain(given).collect();
    let page = browser.post("/applications", &borrowed(&sent)).await;
    (sent, page)
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Whether a secret is the application's: the code is wrong, and only that.
async fn knows(house: &House, client_id: &str, secret: &str) -> bool {
    let fields = [
        ("client_id", client_id),
        ("client_secret", secret),
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("redirect_uri", "https://motcua.danang.example/callback"),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    let answer = house.browser().post("/token", &fields).await;
    match answer.status {
        StatusCode::BAD_REQUEST => {
            answer.shows("invalid_grant");
            true
        }
        StatusCode::UNAUTHORIZED => false,
        other => panic!("{other}: {}", answer.body),
    }
}

/// Everything that is logged while it lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_secret_is_shown_once_and_is_in_no_log_no_audit_and_no_table() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    let logging = tracing::subscriber::set_default(subscriber.with_writer(move || writer.clone()).finish());
    tracing::info!("the log is kept");
    let house = house().await;
    let mut city = administrator(&house).await;
    let (sent, made) = registers(&mut city, &answers(&[])).await;
    assert_eq!(made.status, StatusCode::OK);
    assert_eq!(made.headers["cache-control"], "no-store");
    made.shows("Đã đăng ký “Một &#60;b&#62;cửa&#60;/b&#62;”").hides("<b>cửa");
    let (client_id, secret) =
        (text_of(&made, "client-id").to_owned(), text_of(&made, "client-secret").to_owned());
    assert!(secret.len() > 40 && knows(&house, &client_id, &secret).await);
    let configuration = text_of(&made, "configuration");
    for value in
        [client_id.as_str(), &secret, "https://motcua.danang.example/callback", "http://localhost:8080"]
    {
        assert!(configuration.contains(value), "{value}: {configuration}");
    }
    let again = city.post("/applications", &borrowed(&sent)).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "sent twice, registered once");
    again.shows("client_id này đã được đăng ký").hides(&secret);
    let list = city.get("/applications").await;
    list.shows("1/1 ứng dụng").hides(&secret).hides("cần ghi hoặc xác nhận lại");
    let id = list.body.split("/applications/").find(|rest| rest.len() > 36 && rest.as_bytes()[8] == b'-');
    let page = format!("/applications/{}", &id.expect("a link")[..36]);
    for path in
        [page.clone(), format!("{page}/edit"), format!("{page}/first?template=node"), "/audit".to_owned()]
    {
        city.get(&path).await.hides(&secret);
    }
    city.get(&page).await.shows("Hiển thị tên &#34;người dùng&#34;").shows("binh@danang.example");
    city.get("/applications.toml").await.shows("motcua.danang.example").hides(&secret);
    drop(logging);
    for file in std::fs::read_dir(house.folder()).expect("a folder").flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let is_there = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!is_there, "{}", file.path().display());
    }
    let logged = String::from_utf8_lossy(&log.0.lock().expect("nobody panicked")).into_owned();
    assert!(logged.contains("the log is kept"), "{logged}");
    let told = logged.lines().find(|line| line.contains(&secret));
    assert_eq!(told, None, "the log has the secret");
}

#[tokio::test]
async fn wrong_answers_are_told_with_what_was_typed_and_register_nothing() {
    let house = house().await;
    let mut city = administrator(&house).await;
    for (changes, why) in [
        (&[("name", "")][..], "Hãy ghi tên ứng dụng."),
        (&[("template", "")], "Hãy chọn nền tảng, thư viện sử dụng."),
        (&[("url", "")], "Hãy ghi địa chỉ của ứng dụng"),
        (&[("url", "http://motcua.danang.example")], "http chỉ dùng cho localhost"),
        (&[("url", "javascript:alert(1)")], "Không đăng ký được địa chỉ"),
        (&[("scope.email", "1")], "Hãy ghi mục đích cho: Địa chỉ thư điện tử công vụ."),
        (&[("agency", "")], "Hãy ghi cơ quan chịu trách nhiệm."),
        (&[("for.agency.khong-co", "1")], "Không có cơ quan hoặc nhóm nào có mã khong-co."),
        (&[("told_at", "https://127.0.0.1/#x")], "có phần sau dấu #"),
    ] {
        let answer = city.post_from(NEW, PREVIEW, &answers(changes)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{changes:?}");
        answer.shows(why).shows("value=\"Dịch vụ công\"");
    }
    let bare = city.post("/applications", &answers(&[("csrf", "wrong")])).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN);
    city.get("/applications").await.shows("0/0 ứng dụng");
    let back = city.post_from(NEW, PREVIEW, &answers(&[("back", "1")])).await;
    back.shows("value=\"Một &#60;b&#62;cửa&#60;/b&#62;\"").shows("id=\"new-form\"");
    let preview = city.post_from(NEW, PREVIEW, &answers(&[])).await;
    preview.shows("https://motcua.danang.example/callback").shows("Sở Khoa học và Công nghệ");
    preview.shows("Không nhận tin đăng xuất");
}

#[tokio::test]
async fn a_new_secret_overlaps_with_the_old_one_until_that_is_ended() {
    let house = house().await;
    let mut city = administrator(&house).await;
    let (_, made) = registers(&mut city, &answers(&[])).await;
    let (client_id, first) =
        (text_of(&made, "client-id").to_owned(), text_of(&made, "client-secret").to_owned());
    let client = danang_sso::services::clients::find(&house.app, &client_id).await.expect("found");
    let page = format!("/applications/{}", client.id);
    let (edit, send) = (format!("{page}/edit"), format!("{page}/secret"));
    let odd = city.post_from(&edit, &send, &[("overlap", "9999")]).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    let rotated = city.post_from(&edit, &send, &[("overlap", "7")]).await;
    rotated.shows("Mã bí mật trước còn dùng được đến");
    let second = text_of(&rotated, "client-secret").to_owned();
    assert!(
        first != second
            && knows(&house, &client_id, &first).await
            && knows(&house, &client_id, &second).await
    );
    let stale = city.post_from(&edit, &send, &[("overlap", "7"), ("version", "0")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "a reload makes no further secret");
    let ended = city.post_from(&edit, &format!("{send}/end"), &[]).await;
    ended.leads_to(&format!("{page}?note=old-ended"));
    assert!(!knows(&house, &client_id, &first).await && knows(&house, &client_id, &second).await);
}

#[tokio::test]
async fn a_registration_is_changed_unless_somebody_else_was_faster() {
    let house = house().await;
    let mut city = administrator(&house).await;
    registers(&mut city, &answers(&[])).await;
    let client = danang_sso::services::clients::list(&house.app).await.expect("reads").remove(0);
    let page = format!("/applications/{}", client.id);
    let edit = format!("{page}/edit");
    city.get(&edit)
        .await
        .shows("https://motcua.danang.example/callback")
        .shows("name=\"for.agency.so-khcn\" value=\"1\" checked");
    let fields = [
        ("name", "Một cửa"),
        ("redirect_uris", "https://motcua.danang.example/cb\r\n\r\nhttps://motcua.danang.example/cb2"),
        ("scope.profile", "1"),
        ("scope.email", "1"),
        ("acr", "second-factor"),
        ("consent", "1"),
    ];
    city.post_from(&edit, &edit, &fields).await.leads_to(&format!("{page}?note=saved"));
    let after = danang_sso::services::clients::list(&house.app).await.expect("reads").remove(0);
    assert_eq!((after.redirect_uris.len(), after.scopes.to_string().as_str()), (2, "openid profile email"));
    assert!(after.metadata.consent_required && after.metadata.is_for_everybody() && after.home.is_none());
    assert_eq!(after.secret_digest, client.secret_digest, "its secret stays");
    city.get(&page).await.shows("Chưa ghi mục đích cho đủ dữ liệu");
    let late: Vec<_> = fields.iter().copied().chain([("version", "0")]).collect();
    let late = city.post_from(&edit, &edit, &late).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("vừa được người khác thay đổi");
    let wrong = city.post_from(&edit, &edit, &[("name", "Sai <i>"), ("redirect_uris", "x")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows("value=\"Sai &#60;i&#62;\"").shows("không phải địa chỉ đầy đủ");
}

#[tokio::test]
async fn the_page_that_waits_looks_again_until_the_first_sign_in_has_arrived() {
    let house = house().await;
    let mut city = administrator(&house).await;
    let (_, made) = registers(&mut city, &answers(&[])).await;
    let (client_id, secret) =
        (text_of(&made, "client-id").to_owned(), text_of(&made, "client-secret").to_owned());
    let client = danang_sso::services::clients::find(&house.app, &client_id).await.expect("found");
    let wait = format!("/applications/{}/first", client.id);
    // Nobody's page reloads unasked.
    city.get(&wait).await.hides("http-equiv=\"refresh\"").shows("first?look=1");
    let by_itself = city.get(&format!("{wait}?look=1")).await;
    by_itself.shows("<meta http-equiv=\"refresh\" content=\"5;url=").shows("look=2&amp;refresh=1\">");
    // The session ends after five minutes without use; before that the page stands still.
    city.get(&format!("{wait}?look=35&refresh=1")).await.shows("http-equiv=\"refresh\"");
    city.get(&format!("{wait}?look=36&refresh=1"))
        .await
        .hides("http-equiv=\"refresh\"")
        .shows("ngừng tự tải lại");
    city.get(&format!("{wait}?look=120")).await.hides("http-equiv=\"refresh\"").shows("ngừng tự tải lại");
    city.get(&format!("{wait}?look=x&template=node"))
        .await
        .shows("look=1&#38;template=node")
        .shows(&client_id);
    let callback = "https://motcua.danang.example/callback";
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", client_id.as_str()),
            ("redirect_uri", callback),
            ("response_type", "code"),
        ])
        .extend_pairs([("scope", "openid profile"), ("state", "s"), ("code_challenge_method", "S256")])
        .append_pair("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        .finish();
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await.leads_to("/");
    let location = person.get(&format!("/authorize?{query}")).await.location.expect("an answer");
    let pairs = location.split_once('?').expect("a query").1;
    let code = form_urlencoded::parse(pairs.as_bytes()).find(|(name, _)| name == "code").expect("a code").1;
    let waiting = city.get(&wait).await;
    waiting.shows("Chưa có ai đăng nhập").shows("<h1>Chờ lần đăng nhập đầu tiên</h1>");
    let fields = [
        ("client_id", client_id.as_str()),
        ("client_secret", &secret),
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", callback),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    assert_eq!(person.post("/token", &fields).await.status, StatusCode::OK);
    let arrived = city.get(&wait).await;
    arrived
        .shows("Lần đăng nhập đầu tiên đã đến.")
        .shows("an@danang.example")
        .shows("Họ và tên, tên đăng nhập");
    arrived.hides("http-equiv=\"refresh\"").shows("<h1>Lần đăng nhập đầu tiên</h1>");
}

#[tokio::test]
async fn registrations_are_taken_in_from_a_file_and_a_second_time_nothing_changes() {
    let house = house().await;
    let mut city = administrator(&house).await;
    registers(&mut city, &answers(&[])).await;
    let import = "/applications/import";
    let text = city.get("/applications.toml").await.body;
    let same = city.post_from(import, "/applications/import/preview", &[("file", &text)]).await;
    same.shows("Không đổi");
    let other = text.replace("mot-b-cua-b", "mot-cua-hai").replace("Một <b>cửa</b>", "Một cửa hai");
    assert_ne!(other, text);
    city.post_from(import, "/applications/import/preview", &[("file", &other)]).await.shows(">Mới<");
    let done = city.post_from(import, import, &[("file", &other)]).await;
    done.shows("Đã nhập.").shows("mot-cua-hai").shows("id=\"made\"");
    city.get("/applications").await.shows("2/2 ứng dụng");
    // No file gives an application the administrators' interface: that is the server operator's.
    let greedy = other.replace("mot-cua-hai", "mot-cua-ba").replacen(
        "kind =",
        "api_reach = \"city\"\napi_scopes = [\"accounts.reset\"]\nkind =",
        1,
    );
    city.post_from(import, import, &[("file", &greedy)]).await.shows("Đã nhập.").shows("mot-cua-ba");
    let all = clients::list(&house.app).await.expect("reads");
    let made = all.into_iter().find(|client| client.client_id.as_str().starts_with("mot-cua-ba"));
    let made = made.expect("registered").metadata;
    assert!(made.api_reach.is_none() && made.api_scopes.is_empty(), "{made:?}");
    let bad = city.post_from(import, "/applications/import/preview", &[("file", "[[client]]\nx = 1")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}
