//! An application tested in the console: a request looked at without being taken up, what a person would get, where its
//! addresses lead, whether a secret fits.

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::http::StatusCode;
use axum::routing::{get, post};
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::{Metadata, SubjectType};
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::proof::Class;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::application_test::{TestRefused, person};
use danang_sso::services::clients::{self, Registered, Registration};
use danang_sso::services::{admins, lock};
use danang_sso::storage::Db;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use time::Duration;

const CALLBACK: &str = "https://app.danang.example/callback";

/// RFC 7636 Appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const TAKEN: &str = "Yêu cầu được chấp nhận";
const REFUSED: &str = "Yêu cầu bị từ chối";
const TOLD: &str = "Ứng dụng nhận lỗi này ở redirect_uri.";
const OUR_PAGE: &str = "Người dùng thấy trang lỗi của hệ thống này";

/// An administrator of the city, `an` of so-khcn and `binh` of so-nv.
async fn house() -> House {
    let house = House::build().await;
    for local in ["quantri", "an"] {
        house.add(local, &[Ad]);
    }
    house.add_with("binh", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
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

fn registration(name: &str) -> Registration {
    Registration {
        name: name.to_owned(),
        kind: ClientKind::Web,
        redirect_uris: vec![CALLBACK.to_owned(), "https://app.danang.example/other?tenant=1".to_owned()],
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: Scopes::parse("openid profile email"),
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata: Metadata::default(),
    }
}

async fn registered(house: &House, registration: &Registration) -> Registered {
    clients::register(&house.app, Actor::CommandLine, registration).await.expect("registered")
}

fn page_of(one: &Registered) -> String {
    format!("/applications/{}/test", one.client.id)
}

async fn ask(browser: &mut Browser, one: &Registered, fields: &[(&str, &str)]) -> Answer {
    let page = page_of(one);
    browser.post_from(&page, &page, fields).await
}

async fn look(browser: &mut Browser, one: &Registered, request: &str) -> Answer {
    ask(browser, one, &[("what", "request"), ("request", request)]).await
}

async fn about(browser: &mut Browser, one: &Registered, who: &str) -> Answer {
    ask(browser, one, &[("what", "person"), ("person", who)]).await
}

async fn addresses(browser: &mut Browser, one: &Registered) -> Answer {
    ask(browser, one, &[("what", "addresses")]).await
}

async fn compare(browser: &mut Browser, one: &Registered, secret: &str) -> Answer {
    ask(browser, one, &[("what", "secret"), ("secret", secret)]).await
}

/// A good request as a query, with others in place of its parameters; an empty one leaves it out.
fn query(one: &Registered, changes: &[(&str, &str)]) -> String {
    let usual = [
        ("client_id", one.client.client_id.as_str()),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    let all = kept.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish()
}

/// How many rows each table of the database has.
async fn rows(house: &House) -> Vec<(String, i64)> {
    let Db::Sqlite { readers, .. } = &house.app.db else { panic!("the tests are on SQLite") };
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let names: Vec<(String,)> = sqlx::query_as(names).fetch_all(readers).await.expect("reads");
    let mut all = Vec::new();
    for (name,) in names {
        let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{name}\""));
        let count: i64 = sqlx::query_scalar(count).fetch_one(readers).await.expect("counts");
        all.push((name, count));
    }
    assert!(all.iter().any(|(name, _)| name == "pending_request"), "the tables of the house");
    all
}

async fn lines(house: &House, act: Act) -> i64 {
    let Db::Sqlite { readers, .. } = &house.app.db else { panic!("the tests are on SQLite") };
    let query = sqlx::query_scalar("SELECT COUNT(*) FROM audit WHERE act = $1").bind(act.code());
    query.fetch_one(readers).await.expect("counts")
}

#[tokio::test]
async fn a_good_request_is_taken_in_whatever_form_it_is_pasted_and_nothing_is_created() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let mut city = administrator(&house).await;
    let overview = city.get(&format!("/applications/{}", one.client.id)).await;
    overview.shows(&format!("href=\"{}\"", page_of(&one)));
    city.get(&page_of(&one)).await.shows("id=\"request-form\"").shows("id=\"secret-form\"");
    let before = rows(&house).await;
    let good = query(&one, &[("utm_source", "portal")]);
    for request in [format!("http://localhost:8080/authorize?{good}"), format!("/authorize?{good}"), good] {
        let answer = look(&mut city, &one, &request).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.shows(TAKEN).hides(REFUSED).hides("gửi đến nơi khác");
        answer.shows("<code>openid profile</code>").shows("utm_source").shows("Không có ý nghĩa ở đây");
        answer.hides("id=\"remarks\"");
    }
    let remarks =
        [("scope", "openid agency groups"), ("prompt", "none"), ("acr_values", "gold"), ("state", "")];
    let answer = look(&mut city, &one, &query(&one, &remarks)).await;
    answer.shows(TAKEN).shows("Hệ thống này không có scope groups").shows("chưa được đăng ký cho agency");
    answer.shows("prompt=none: người chưa đăng nhập").shows("Mức xác thực gold").shows("Không có state.");
    assert_eq!(rows(&house).await, before, "nothing was created");
    city.get("/language/en?back=%2F").await;
    look(&mut city, &one, &query(&one, &[])).await.shows("The request is taken");
}

/// What is changed, the code of the protocol, a sentence.
type Mistake = (&'static [(&'static str, &'static str)], &'static str, &'static str);

#[tokio::test]
async fn each_mistake_is_named_with_the_code_of_the_protocol_and_what_to_do() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let mut city = administrator(&house).await;
    city.get(&page_of(&one)).await;
    let before = rows(&house).await;
    let mistakes: [Mistake; 9] = [
        (&[("scope", "profile")], "invalid_scope", "Thêm openid vào scope"),
        (&[("response_type", "")], "invalid_request", "Thiếu response_type."),
        (&[("response_type", "code id_token")], "unauthorized_client", "Dùng response_type=code"),
        (&[("response_type", "magic")], "unsupported_response_type", "Gửi response_type=code."),
        (
            &[("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
            "Bật PKCE với S256 trong thư viện.",
        ),
        (&[("code_challenge_method", "plain")], "invalid_request", "Gửi code_challenge_method=S256"),
        (&[("prompt", "none login")], "invalid_request", "Gửi riêng prompt=none, hoặc bỏ none."),
        (&[("max_age", "soon")], "invalid_request", "max_age phải là số giây"),
        (&[("claims", "[]")], "invalid_request", "claims không phải đối tượng JSON"),
    ];
    for (changes, code, next) in mistakes {
        let answer = look(&mut city, &one, &query(&one, changes)).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.shows(REFUSED).shows(TOLD).shows(&format!("<code>{code}</code>")).shows(next).hides(TAKEN);
    }
    let twice = format!("{}&state=t", query(&one, &[]));
    look(&mut city, &one, &twice).await.shows(TOLD).shows("Lặp lại hoặc không đọc được");
    let no_address = look(&mut city, &one, &query(&one, &[("redirect_uri", "")])).await;
    no_address.shows(OUR_PAGE).shows("redirect_uri thiếu hoặc lặp lại.").hides(TOLD);
    assert_eq!(rows(&house).await, before, "nothing was created");
    for (nothing, says) in [
        ("", "Hãy dán một yêu cầu."),
        ("http://localhost:8080/authorize", "Không có tham số nào."),
        ("a=b&".repeat(2_100).as_str(), "Dài quá 8 kB."),
    ] {
        let answer = look(&mut city, &one, nothing).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.shows(says).hides("id=\"request-found\"");
    }
}

#[tokio::test]
async fn a_redirect_uri_that_differs_is_shown_beside_the_registered_ones_with_where_it_differs() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let mut city = administrator(&house).await;
    for (asked, marked, differs) in [
        ("https://app.danang.example/callback/", "callback<mark>/</mark>", "Khác ở: dấu / ở cuối<"),
        ("http://app.danang.example/callback", "http<mark>://app", "Khác ở: http hay https<"),
        ("https://www.danang.example/callback", "https://<mark>www.", "Khác ở: tên máy<"),
        (
            "https://app.danang.example/Callback",
            "example/<mark>Callback</mark>",
            "Khác ở: chữ hoa, chữ thường<",
        ),
        ("https://app.danang.example/callback?x=1", "<mark>?x=1</mark>", "Khác ở: phần sau dấu ?<"),
    ] {
        let answer = look(&mut city, &one, &query(&one, &[("redirect_uri", asked)])).await;
        answer.shows(REFUSED).shows(OUR_PAGE).shows("invalid_redirect_uri").hides(TOLD);
        answer.shows("badge is-info\">Được xét").hides("badge is-ok\">Được xét");
        answer.shows(marked).shows(differs).shows("tenant=1");
        let nearest = answer.body.find(differs).expect("it is there");
        assert!(nearest < answer.body.find("tenant=1").expect("it is there"), "the nearest first: {asked}");
    }
}

#[tokio::test]
async fn a_request_of_another_application_or_to_another_place_is_told() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let other = registered(&house, &registration("Đào tạo")).await;
    let mut city = administrator(&house).await;
    let own = one.client.client_id.as_str();
    let named = |client_id: &str| query(&one, &[("client_id", client_id)]);
    for (request, says) in [
        (named(other.client.client_id.as_str()), "client_id là của ứng dụng khác: Đào tạo."),
        (named("<b>x"), "Không có ứng dụng nào có client_id &#60;b&#62;x."),
        (named(""), "Yêu cầu không có client_id."),
        (format!("{}&client_id=x", named(own)), "client_id có 2 lần"),
    ] {
        let answer = look(&mut city, &one, &request).await;
        answer.shows(REFUSED).shows(says).shows(&format!("client_id của ứng dụng thành {own}"));
        answer.hides(TAKEN).hides("<b>x");
    }
    let elsewhere = format!("https://dangnhap.hue.example/connect/authorize?{}", named(own));
    let answer = look(&mut city, &one, &elsewhere).await;
    answer.shows("Yêu cầu gửi đến nơi khác").shows("Địa chỉ đúng: http://localhost:8080/authorize.");
    answer.shows("Khác ở: http hay https, tên máy, cổng, đường dẫn.").shows(TAKEN);
}

#[tokio::test]
async fn a_secret_in_an_address_is_told_and_not_shown_again() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let mut city = administrator(&house).await;
    let request = query(&one, &[("client_secret", "dung-de-lo-ra")]);
    let answer = look(&mut city, &one, &request).await;
    answer.shows("Trong yêu cầu có thông tin bí mật.").shows("(không hiện)").hides("dung-de-lo-ra");
    answer.shows(TAKEN);
}

#[tokio::test]
async fn a_pushed_request_is_looked_at_and_stays_usable() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let secret = one.secret.as_ref().expect("a secret").expose().clone();
    let pushed = format!("{}&client_secret={secret}", query(&one, &[]));
    let fields: Vec<_> = form_urlencoded::parse(pushed.as_bytes()).into_owned().collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = house.browser().post("/par", &fields).await;
    let answer: Value = serde_json::from_str(&answer.body).expect("JSON");
    let uri = answer["request_uri"].as_str().expect("a reference");
    let client_id = one.client.client_id.as_str();
    let short = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("client_id", client_id), ("request_uri", uri), ("state", "outside")])
        .finish();
    let mut city = administrator(&house).await;
    city.get(&page_of(&one)).await;
    let before = rows(&house).await;
    for _ in 0..2 {
        let answer = look(&mut city, &one, &short).await;
        answer.shows(TAKEN).shows("Từ phần đã ký hoặc gửi trước").shows(CHALLENGE);
        answer.shows("Không xét: chỉ xét phần đã ký hoặc gửi trước");
    }
    assert_eq!(rows(&house).await, before, "nothing was created or used up");
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    let answer = browser.get(&format!("/authorize?{short}")).await;
    assert!(answer.location.expect("an answer").contains("code="), "it is good once");
    look(&mut city, &one, &short).await.shows(OUR_PAGE).shows("invalid_request_uri");
}

#[tokio::test]
async fn a_stopped_application_takes_nothing_and_the_tester_says_so() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let mut city = administrator(&house).await;
    let page = format!("/applications/{}", one.client.id);
    let stop = [("state", "stop"), ("reason", "Có lỗ hổng")];
    city.post_from(&page, &format!("{page}/state"), &stop).await.leads_to(&format!("{page}?note=stopped"));
    let answer = look(&mut city, &one, &query(&one, &[])).await;
    answer.shows(OUR_PAGE).shows("unauthorized_client").shows("Chọn “Cho chạy lại” ở trang của ứng dụng.");
    about(&mut city, &one, "an").await.shows("Không ai vào được: ứng dụng đang tạm dừng.");
}

#[tokio::test]
async fn what_a_person_would_get_is_shown_and_nobody_signs_in() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let whole = Registration { id_token_claims: true, ..registration("Kho hồ sơ") };
    let whole = registered(&house, &whole).await;
    let mut city = administrator(&house).await;
    city.get(&page_of(&one)).await;
    let before = rows(&house).await;
    let account = house.account("an").await;
    for who in ["an", "An@danang.example"] {
        let answer = about(&mut city, &one, who).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.shows("Vào thẳng ứng dụng").shows(account.subject()).shows("Một cửa: được phép dùng.");
        answer.shows("<dt>email</dt><dd>an@danang.example</dd>").shows("<dt>given_name</dt><dd>AN</dd>");
        answer.shows("id=\"bare\"").hides("<dt>agency_code</dt>");
        answer.shows(&format!("/accounts/{}/why?application={}", account.id(), one.client.client_id));
    }
    let answer = about(&mut city, &whole, "an").await;
    let id_token = answer.body.split("id=\"id-token\"").nth(1).expect("it is there");
    assert!(id_token.contains("<dt>email</dt>"), "{id_token}");
    answer.hides("id=\"bare\"");
    assert_eq!(rows(&house).await, before, "nothing was issued or recorded");
}

#[tokio::test]
async fn what_stands_in_a_persons_way_is_told_with_what_to_do() {
    let house = house().await;
    let mut city = administrator(&house).await;
    let with = |name: &str, metadata: Metadata| Registration { metadata, ..registration(name) };
    let only = Metadata { allowed_agencies: vec!["so-nv".to_owned()], ..Metadata::default() };
    let only = registered(&house, &with("Kho của Sở Nội vụ", only)).await;
    about(&mut city, &only, "an")
        .await
        .shows("Không được vào: ứng dụng dành cho")
        .shows("chỉ dành cho Sở Nội vụ");
    let strict = Metadata { minimum_acr: Some(Class::Passkey), ..Metadata::default() };
    let strict = registered(&house, &with("Ngân sách", strict)).await;
    about(&mut city, &strict, "an").await.shows("Phải thiết lập trước khi vào: Khóa truy cập (passkey).");
    let polite = Metadata { consent_required: true, ..Metadata::default() };
    let polite = registered(&house, &with("Khảo sát", polite)).await;
    about(&mut city, &polite, "an").await.shows("Được hỏi có đồng ý chia sẻ thông tin không");
    let pairwise = Metadata { subject_type: SubjectType::Pairwise, ..Metadata::default() };
    let pairwise = with("Góp ý", pairwise);
    let before = rows(&house).await;
    let pairwise = registered(&house, &pairwise).await;
    about(&mut city, &pairwise, "an").await.shows("Được tạo ở lần đăng nhập đầu tiên");
    let of = |all: &[(String, i64)]| all.iter().find(|(name, _)| name == "house_secret").map(|(_, n)| *n);
    assert_eq!(of(&rows(&house).await), of(&before), "no salt was made by looking");
    let an = house.account("an").await;
    lock::enforce(&house.app, &an, LockReason::DefaultPasswordKept, Actor::Job("test"))
        .await
        .expect("locked");
    about(&mut city, &polite, "an").await.shows("Không đăng nhập được: tài khoản bị khóa");
}

#[tokio::test]
async fn who_is_not_there_is_told_like_who_is_beyond_reach_and_leaves_a_line() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let mut city = administrator(&house).await;
    for (number, who) in [(1, "nobody"), (2, "not an address"), (3, "")] {
        let answer = about(&mut city, &one, who).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{who}");
        answer.shows("Không có người nào như vậy trong phạm vi quản trị.").hides("id=\"person-found\"");
        assert_eq!(lines(&house, Act::OutOfReach).await, number, "{who}");
    }
    let agency = house.account("binh").await.profile().agency_id.expect("an agency");
    let quantri = house.account("quantri").await;
    let branch = Administrator::holding(&quantri, Role::City, Reach::of_agency(agency));
    let of_branch = async |who: &str| person::look(&house.app, &branch, one.client.id, who).await;
    assert!(of_branch("an").await.expect("looked").is_none(), "beyond reach");
    assert_eq!(lines(&house, Act::OutOfReach).await, 4);
    assert!(of_branch("binh").await.expect("looked").is_some(), "within reach");
    let helper = Administrator::holding(&quantri, Role::HelpDesk, Reach::City);
    let looked = person::look(&house.app, &helper, one.client.id, "an").await;
    assert!(matches!(looked, Err(TestRefused::Forbidden(_))), "without the right");
    let nowhere = "/applications/01890000-0000-7000-8000-000000000000/test";
    assert_eq!(city.get(nowhere).await.status, StatusCode::NOT_FOUND);
    let unheard = ask(&mut city, &one, &[("what", "nothing")]).await;
    assert_eq!(unheard.status, StatusCode::NOT_FOUND);
}

/// An application on this machine that publishes a document as its keys, and counts who comes.
struct Machine {
    origin: String,
    keys_asked: Arc<AtomicUsize>,
    told: Arc<AtomicUsize>,
}

impl Machine {
    async fn publishing(status: StatusCode, document: &Value) -> Self {
        let (keys_asked, told) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (document, counted, heard) = (document.to_string(), keys_asked.clone(), told.clone());
        let keys = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            std::future::ready((status, document.clone()))
        };
        let logout = move || {
            heard.fetch_add(1, Ordering::SeqCst);
            std::future::ready(StatusCode::OK)
        };
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://127.0.0.1:{}", socket.local_addr().expect("an address").port());
        let router = axum::Router::new().route("/keys", get(keys)).route("/logout", post(logout));
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { origin, keys_asked, told }
    }

    fn registration(&self, name: &str) -> Registration {
        let jwks_uri = Some(format!("{}/keys", self.origin));
        Registration {
            redirect_uris: vec!["http://localhost:3000/callback".to_owned()],
            backchannel_logout_uri: Some(format!("{}/logout", self.origin)),
            metadata: Metadata { jwks_uri, ..Metadata::default() },
            ..registration(name)
        }
    }
}

/// The public key of RFC 7517 Appendix A.1.
fn public_key() -> Value {
    json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "kid": "sig-1",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    })
}

#[tokio::test]
async fn keys_are_fetched_and_no_logout_is_told() {
    let house = house().await;
    let machine = Machine::publishing(StatusCode::OK, &json!({ "keys": [public_key()] })).await;
    let one = registered(&house, &machine.registration("Một cửa")).await;
    let mut city = administrator(&house).await;
    assert_eq!(machine.keys_asked.load(Ordering::SeqCst), 0, "nothing is fetched before somebody asks");
    let answer = addresses(&mut city, &one).await;
    answer.shows("1 khóa dùng được.").shows("sig-1: ES256");
    answer
        .shows("Tìm thấy; hệ thống này được phép gọi.")
        .shows("Tra được tên máy. Trình duyệt gọi địa chỉ này");
    assert_eq!(machine.keys_asked.load(Ordering::SeqCst), 1);
    assert_eq!(machine.told.load(Ordering::SeqCst), 0, "no logout was sent");
}

#[tokio::test]
async fn what_is_wrong_with_keys_and_addresses_is_told() {
    let house = house().await;
    let mut city = administrator(&house).await;
    let mut private = public_key();
    private["d"] = json!("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE");
    for (status, document, says) in [
        (StatusCode::NOT_FOUND, json!({}), "Trả lời 404; phải là 200"),
        (StatusCode::OK, json!([]), "Không phải bộ khóa"),
        (StatusCode::OK, json!({ "keys": [] }), "Không có khóa nào kiểm tra được chữ ký"),
        (StatusCode::OK, json!({ "keys": [private] }), "Có khóa bí mật hoặc khóa đối xứng"),
    ] {
        let machine = Machine::publishing(status, &document).await;
        let one = registered(&house, &machine.registration("Một cửa")).await;
        addresses(&mut city, &one).await.shows(says).hides("khóa dùng được.");
    }
    let metadata =
        Metadata { jwks_uri: Some("https://169.254.169.254/keys".to_owned()), ..Metadata::default() };
    let inner = Registration {
        redirect_uris: vec!["https://127.0.0.1/callback".to_owned()],
        backchannel_logout_uri: Some("https://169.254.169.254/logout".to_owned()),
        metadata,
        ..registration("Máy trong")
    };
    let answer = addresses(&mut city, &registered(&house, &inner).await).await;
    answer
        .shows("Hệ thống này không được phép gọi địa chỉ đó")
        .shows("Hệ thống này không được phép gọi: phải là https");
    answer.shows("Không có tên máy để tra");
    let bare = Registration {
        redirect_uris: vec!["http://localhost/callback".to_owned()],
        ..registration("Không khóa")
    };
    addresses(&mut city, &registered(&house, &bare).await).await.shows("Không đăng ký khóa nào");
}

#[tokio::test]
async fn a_secret_fits_or_is_the_one_before_or_is_none_and_is_never_shown() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let first = one.secret.as_ref().expect("a secret").expose().clone();
    let mut city = administrator(&house).await;
    compare(&mut city, &one, &first).await.shows("Đúng mã bí mật hiện tại.").hides(&first);
    let wrong = compare(&mut city, &one, "khong-phai-khoa").await;
    wrong.shows("Không đúng. Hãy kiểm tra khoảng trắng thừa").hides("khong-phai-khoa");
    let client_id = one.client.client_id.as_str();
    let second = clients::rotate_secret(&house.app, Actor::CommandLine, client_id, Duration::days(7)).await;
    let second = second.expect("rotated").expose().clone();
    let before = compare(&mut city, &one, &first).await;
    before.shows("Đúng mã bí mật trước; mã này chỉ còn dùng được đến").shows("09/03/2026").hides(&first);
    compare(&mut city, &one, &second).await.shows("Đúng mã bí mật hiện tại.").hides(&second);
    let missing = ask(&mut city, &one, &[("what", "secret")]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.pass(Duration::days(8));
    let mut city = administrator(&house).await;
    compare(&mut city, &one, &first).await.shows("Không đúng.");
    let public = Registration { kind: ClientKind::Spa, ..registration("Bản đồ") };
    let public = registered(&house, &public).await;
    city.get(&page_of(&public)).await.hides("id=\"secret-form\"");
}

#[tokio::test]
async fn after_ten_wrong_secrets_nothing_is_compared_for_a_while() {
    let house = house().await;
    let one = registered(&house, &registration("Một cửa")).await;
    let secret = one.secret.as_ref().expect("a secret").expose().clone();
    let mut city = administrator(&house).await;
    for number in 0..10 {
        compare(&mut city, &one, &format!("sai-{number}")).await.shows("Không đúng.");
    }
    let paused = compare(&mut city, &one, &secret).await;
    assert_eq!(paused.status, StatusCode::TOO_MANY_REQUESTS);
    paused.shows("Đã nhập sai quá nhiều lần; hãy đợi đến").hides("Đúng mã bí mật hiện tại.");
    let other = registered(&house, &registration("Đào tạo")).await;
    let own = other.secret.as_ref().expect("a secret").expose().clone();
    compare(&mut city, &other, &own).await.shows("Đúng mã bí mật hiện tại.");
    house.pass(Duration::minutes(11));
    let mut city = administrator(&house).await;
    compare(&mut city, &one, &secret).await.shows("Đúng mã bí mật hiện tại.");
}
