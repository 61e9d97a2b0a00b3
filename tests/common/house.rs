//! The real house for tests: the real router, a real SQLite file, the directories in memory; only time and chance are
//! ours. Shared by the flow and the specification tests.

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE, USER_AGENT};
use axum::http::{Request, StatusCode};
use danang_sso::app::App;
use danang_sso::config::Config;
use danang_sso::crypto::keyring::Keyring;
use danang_sso::directory::Directories;
use danang_sso::directory::memory::MemoryDirectory;
use danang_sso::domain::account::Account;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::chance::Entropy;
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::secret;
use danang_sso::domain::sync::{SeenAgency, SeenMailbox};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::services::sync::{self, StartedBy};
use danang_sso::storage::{Db, accounts};
use danang_sso::system::{Clock, System};
use danang_sso::{server, services};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use tokio::sync::OnceCell;
use tower::ServiceExt;

/// The password of everybody who has not changed it.
pub const PASSWORD: &str = "DaNang@2026";
/// A good new password, for both mail systems.
pub const NEW_PASSWORD: &str = "Trang-Sang-Cau-9";

/// A clock that stands until it is moved.
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Chance that is the same in every run: a counter, well mixed (SplitMix64).
struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let mixed = (z ^ (z >> 31)).to_be_bytes();
            chunk.copy_from_slice(&mixed[..chunk.len()]);
        }
    }
}

/// The house under test.
pub struct House {
    /// What the services take.
    pub app: App,
    /// Active Directory.
    pub ad: Arc<MemoryDirectory>,
    /// OBM.
    pub obm: Arc<MemoryDirectory>,
    clock: Arc<TestClock>,
    staff: Router,
    admin: Router,
    dir: TempDir,
}

async fn open(file: &Path) -> Db {
    Db::open(&format!("sqlite:{}", file.display())).await.expect("SQLite opens")
}

/// A database with all tables and no row of ours: the migrations take longer than most tests, and run once for all.
async fn empty_database() -> &'static [u8] {
    static EMPTY: OnceCell<Vec<u8>> = OnceCell::const_new();
    let migrated = async || {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("house.db");
        let db = open(&file).await;
        db.migrate().await.expect("the tables are made");
        // The last connection takes the log into the file.
        db.close().await;
        std::fs::read(&file).expect("a database")
    };
    EMPTY.get_or_init(migrated).await
}

impl House {
    /// An empty house at 09:00 on Monday 2 March 2026 in Da Nang, a week without holidays.
    pub async fn build() -> Self {
        Self::at(time::macros::datetime!(2026-03-02 09:00 +7), "").await
    }

    /// An empty house at a moment, with further lines of configuration.
    pub async fn at(now: OffsetDateTime, more: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("house.db");
        std::fs::write(&file, empty_database().await).expect("a database");
        Self::on(open(&file).await, dir, now, more).await
    }

    /// An empty house on a database.
    pub async fn on(db: Db, dir: TempDir, now: OffsetDateTime, more: &str) -> Self {
        Self::with(db, dir, now, more, None).await
    }

    /// An empty house on a database, with directories of its own in place of those in memory.
    pub async fn with(
        db: Db,
        dir: TempDir,
        now: OffsetDateTime,
        more: &str,
        real: Option<Directories>,
    ) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(Timestamp::from_datetime(now).micros())));
        let system = System::new(clock.clone(), Arc::new(Seeded(AtomicU64::new(1))));
        let ad = Arc::new(MemoryDirectory::new(MailSystem::Ad, system.clone()));
        let obm = Arc::new(MemoryDirectory::new(MailSystem::Obm, system.clone()));
        db.migrate().await.expect("the tables are made");
        let keyring = Keyring::parse(Keyring::new_file(system.entropy()).expose()).expect("a key");
        let directories = real.unwrap_or_else(|| Directories::new(vec![ad.clone(), obm.clone()]));
        let app = App::new(config(&dir, more), db, directories, system, keyring);
        services::keys::ensure(&app).await.expect("the signing key is made");
        services::calendar::ensure(&app).await.expect("the calendar is filled");
        services::policy::ensure(&app).await.expect("the policy has its first version");
        let (staff, admin) = (server::staff(&app), server::admin(&app));
        Self { app, ad, obm, clock, staff, admin, dir }
    }

    /// Moves the clock.
    pub fn pass(&self, span: Duration) {
        self.clock
            .0
            .fetch_add(i64::try_from(span.whole_microseconds()).expect("a short time"), Ordering::SeqCst);
    }

    /// Sets the clock.
    pub fn set_time(&self, now: OffsetDateTime) {
        self.clock.0.store(Timestamp::from_datetime(now).micros(), Ordering::SeqCst);
    }

    /// The directory of a mail system.
    pub fn directory(&self, system: MailSystem) -> &MemoryDirectory {
        match system {
            MailSystem::Ad => &self.ad,
            MailSystem::Obm => &self.obm,
        }
    }

    /// Adds a person with a mailbox in these systems, whose password was set a month ago.
    pub fn add(&self, local: &str, systems: &[MailSystem]) {
        self.add_with(local, systems, |_| {});
    }

    /// Adds a person; `change` says what is different about them.
    pub fn add_with(&self, local: &str, systems: &[MailSystem], change: impl Fn(&mut SeenMailbox)) {
        for &system in systems {
            let mut seen = seen(local, system, self.app.now().minus(Duration::days(30)));
            change(&mut seen);
            self.directory(system).add(seen, secret::password(PASSWORD).expect("short"));
        }
    }

    /// Adds a person with a default password that was issued at a moment.
    pub fn add_with_default(&self, local: &str, systems: &[MailSystem], issued: Timestamp) {
        self.add_with(local, systems, |seen| {
            seen.must_change = true;
            // AD forgets the day of issue.
            seen.password_set_at = (seen.key.system == MailSystem::Obm).then_some(issued);
        });
    }

    /// Reads both directories.
    pub async fn sync(&self) -> sync::Run {
        sync::run(&self.app, &StartedBy::CommandLine).await.expect("the synchronisation runs")
    }

    /// The account as it is now.
    pub async fn account(&self, local: &str) -> Account {
        let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
        accounts::by_address(&self.app.db, &address).await.expect("reads").expect("the account is there")
    }

    /// A browser at the door of the staff.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.staff, "192.0.2.7")
    }

    /// A browser at the door of the administration.
    pub fn admin_browser(&self) -> Browser {
        Browser::new(&self.admin, "192.0.2.8")
    }

    /// The router of the staff's door, for a real listener.
    pub fn staff_router(&self) -> Router {
        self.staff.clone()
    }

    /// The folder of the house.
    pub fn folder(&self) -> &std::path::Path {
        self.dir.path()
    }
}

fn config(dir: &TempDir, more: &str) -> Config {
    let file = dir.path().join("pw");
    std::fs::write(&file, "unused").expect("written");
    // A comment in the further lines puts the house behind TLS.
    let scheme = if more.starts_with("# https") { "https" } else { "http" };
    // Lines such as `server.mtls_url = …` belong into a section that is there already.
    let of_server: Vec<_> = more.lines().filter_map(|line| line.strip_prefix("server.")).collect();
    let others: Vec<_> = more.lines().filter(|line| !line.starts_with("server.")).collect();
    let (of_server, more) = (of_server.join("\n"), format!("{}\n", others.join("\n")));
    let mut text = format!(
        "[server]\npublic_url = \"{scheme}://localhost:8080\"\nadmin_url = \"http://localhost:8090\"\n{of_server}\n\
         [city]\nmail_domain = \"danang.example\"\nsupport_phone = \"0236 1022\"\n\
         [ad]\nurls = [\"ldaps://127.0.0.1\"]\nbind_password_file = \"{0}\"\n",
        file.display()
    );
    text.push_str(&more);
    // What needs two people is tested where it is the subject; elsewhere one is enough.
    if !more.contains("[admin]") {
        text.push_str("\n[admin]\ntwo_persons = false\n");
    }
    // What is demanded of administrators has tests of its own.
    if !more.contains("[second_factor]") {
        text.push_str("\n[second_factor]\nadministrators = \"optional\"\n");
    }
    Config::parse("test.toml", &text, Vec::new()).expect("the configuration of the test is complete")
}

/// A mailbox as a directory shows it.
pub fn seen(local: &str, system: MailSystem, password_set_at: Timestamp) -> SeenMailbox {
    SeenMailbox {
        key: MailboxKey { system, native_id: format!("{}-{local}", system.code()), login: local.to_owned() },
        address: MailAddress::parse(&format!("{local}@danang.example")).expect("an address"),
        aliases: Vec::new(),
        display_name: format!("Nguyễn Thị Hồng {}", local.to_uppercase()),
        title: Some("Chuyên viên".to_owned()),
        staff_number: None,
        agency: Some(SeenAgency {
            code: (system == MailSystem::Ad).then(|| "so-khcn".to_owned()),
            name: "Sở Khoa học và Công nghệ".to_owned(),
        }),
        enabled: true,
        must_change: false,
        password_set_at: Some(password_set_at),
        created_at: None,
        last_used_at: None,
        watched: danang_sso::domain::watch::Watched::default(),
    }
}

/// A browser: keeps cookies, follows nothing by itself.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    /// The network address it comes from.
    pub source: String,
    /// What it says of itself; nothing if this is empty.
    pub user_agent: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Where it leads.
    pub location: Option<String>,
    /// Its headers.
    pub headers: axum::http::HeaderMap,
    /// Its text.
    pub body: String,
    /// The same as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let at = self.body.find(&format!("name=\"{name}\""))?;
        let value = self.body[at..].split("value=\"").nth(1)?;
        value.split('"').next().map(str::to_owned)
    }

    /// The page without what is another one each time: the token of its forms, the challenge for a passkey.
    pub fn without_tokens(&self) -> String {
        let csrf = self.hidden("csrf").expect("a form");
        let body = self.body.replace(&csrf, "");
        self.hidden("challenge").map_or_else(|| body.clone(), |challenge| body.replace(&challenge, ""))
    }

    /// Asserts that the page shows a text.
    pub fn shows(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text:?} is not on the page ({}):\n{}", self.status, self.body);
        self
    }

    /// Asserts that the page does not show a text.
    pub fn hides(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} is on the page:\n{}", self.body);
        self
    }

    /// Asserts that it leads somewhere.
    pub fn leads_to(&self, place: &str) -> &Self {
        assert!(self.status.is_redirection(), "{} with {:?}: {}", self.status, self.location, self.body);
        assert_eq!(self.location.as_deref(), Some(place));
        self
    }
}

impl Browser {
    fn new(router: &Router, source: &str) -> Self {
        let (cookies, user_agent) = (BTreeMap::new(), String::new());
        Self { router: router.clone(), cookies, source: source.to_owned(), user_agent }
    }

    /// GET.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// POST of a form that the page at `page` shows: its CSRF token comes along, and the version of what it showed.
    pub async fn post_from(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(page).await;
        let csrf = page.hidden("csrf").unwrap_or_default();
        let version = page.hidden("version").filter(|_| fields.iter().all(|(name, _)| *name != "version"));
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(version.as_deref().map(|version| ("version", version)));
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }

    /// POST of exactly these fields.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    /// A file that is no text.
    pub async fn download(&mut self, path: &str) -> Vec<u8> {
        let (parts, body) = self.exchange(Request::get(path), Body::empty()).await;
        assert_eq!(parts.status, StatusCode::OK, "{path}");
        body
    }

    /// GET of a file that is read piece by piece.
    pub async fn piece_by_piece(&mut self, path: &str) -> axum::body::BodyDataStream {
        let (parts, body) = self.begin(Request::get(path), Body::empty()).await;
        assert_eq!(parts.status, StatusCode::OK, "{path}");
        body.into_data_stream()
    }

    /// Sends a request with the cookies.
    pub async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let (parts, body) = self.exchange(request, body).await;
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let is_text = !kind.starts_with("application/vnd.") && kind != "application/zip";
        let text = String::from_utf8(body.clone());
        assert!(text.is_ok() || !is_text, "pages are UTF-8");
        Answer {
            status: parts.status,
            location: parts.headers.get(LOCATION).map(|v| v.to_str().expect("ASCII").to_owned()),
            headers: parts.headers,
            body: text.unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned()),
            bytes: body,
        }
    }

    async fn exchange(
        &mut self,
        request: axum::http::request::Builder,
        body: Body,
    ) -> (axum::http::response::Parts, Vec<u8>) {
        let (parts, body) = self.begin(request, body).await;
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        (parts, body.to_vec())
    }

    /// Sends a request with the cookies; the body of the answer is not read yet.
    async fn begin(
        &mut self,
        request: axum::http::request::Builder,
        body: Body,
    ) -> (axum::http::response::Parts, Body) {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let peer: std::net::SocketAddr = format!("{}:4711", self.source).parse().expect("an address");
        let request = match self.user_agent.as_str() {
            "" => request,
            user_agent => request.header(USER_AGENT, user_agent),
        };
        let request = request
            .header(COOKIE, cookies.join("; "))
            .extension(axum::extract::ConnectInfo(peer))
            .body(body)
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("a router does not fail");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let text = cookie.to_str().expect("ASCII");
            let (name, value) =
                text.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if value.is_empty() || text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        (parts, body)
    }

    /// Signs in with a password.
    pub async fn sign_in(&mut self, identifier: &str, password: &str) -> Answer {
        let fields = [("identifier", identifier), ("password", password)];
        self.post_from("/sign-in", "/sign-in", &fields).await
    }

    /// The cookies it holds.
    pub fn cookies(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.cookies
    }
}

/// Work that goes on so many times, and then never again: as if the process were killed there.
pub struct Broken<F> {
    work: F,
    left: usize,
}

impl<F> Broken<F> {
    /// Breaks off after it was taken up so often.
    pub const fn after(left: usize, work: F) -> Self {
        Self { work, left }
    }
}

impl<F: Future + Unpin> Future for Broken<F> {
    type Output = Option<F::Output>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        if self.left == 0 {
            return std::task::Poll::Ready(None);
        }
        self.left -= 1;
        std::pin::Pin::new(&mut self.work).poll(context).map(Some)
    }
}
