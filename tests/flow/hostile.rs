//! A house in which every text that a directory, a person or an application can bring is an attack on whoever reads it,
//! and which has one of everything that the console shows.

use crate::house::{Answer, Browser, House, PASSWORD};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::id::PostId;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::name::bounded;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::sync::{SeenAgency, SeenMailbox};
use danang_sso::domain::watch::{Forward, ForwardSource};
use danang_sso::services::clients::{self, Registration};
use danang_sso::services::{acting, admins, bulk, groups};
use danang_sso::storage::posts::{self, Held};
use danang_sso::storage::sessions;
use time::macros::datetime;

/// Markup that would run.
pub const SCRIPT: &str = "<script>alert(1)</script> Xấu";
/// The same as a page shows it that is not fooled.
pub const SCRIPT_SHOWN: &str = "&#60;script&#62;alert(1)&#60;/script&#62; Xấu";
/// A way out of an attribute.
pub const IMAGE: &str = "\"><img src=x onerror=alert(1)> Xấu";
/// What no page may have.
pub const RAW: [&str; 4] = ["<script>alert", "<img src=x", "onerror=alert(1)>", "\u{202e}"];

/// What needs a second person waits for one.
const CONFIG: &str = "[admin]\ntwo_persons = true\n";

/// Names as directories may hold them; the person `xau0` has the first, and so on.
fn names() -> [String; 6] {
    [
        SCRIPT.to_owned(),
        IMAGE.to_owned(),
        "{{7*7}} Xấu".to_owned(),
        "\u{202e}ngược <script>alert(2)</script>\u{2066} Xấu".to_owned(),
        format!("<script>alert(3)</script> {}", "Dài ".repeat(400)),
        "=HYPERLINK(\"http://evil.example\") Xấu".to_owned(),
    ]
}

/// The house, an administrator of the whole city, a person whose name is hostile, and the ids of what there is.
pub struct Hostile {
    /// The house.
    pub house: House,
    /// `quantri` in the console.
    pub admin: Browser,
    /// `xau0` in the portal.
    pub person: Browser,
    /// By the beginning of the path that takes it; the longer one first.
    ids: Vec<(&'static str, String)>,
}

impl Hostile {
    /// Builds it.
    pub async fn build() -> Self {
        let house = House::at(datetime!(2026-03-02 09:00 +7), CONFIG).await;
        people(&house);
        let run = house.sync().await.id.to_string();
        for local in ["quantri", "phoquantri"] {
            admins::grant(&house.app, &address(local), None).await.expect("granted");
        }
        let person = signs_in_with_a_hostile_browser(&house).await;
        house.browser().sign_in(SCRIPT, PASSWORD).await;
        let mut admin = house.admin_browser();
        admin.sign_in("quantri", PASSWORD).await.leads_to("/");
        let mut hostile = Self { house, admin, person, ids: Vec::new() };
        let application = hostile.application().await;
        let mailbox = hostile.delegation().await;
        hostile.post().await;
        hostile.words_about_people().await;
        hostile.day_off().await;
        let (incident, review) = (hostile.incident().await, hostile.review().await);
        let group = hostile.group().await;
        let (job, change) = (hostile.job().await, hostile.change().await);
        hostile.ids = vec![
            ("/accounts/{id}/delegates", mailbox),
            ("/accounts/", hostile.id_of("xau0").await),
            ("/agencies/changes/", change),
            ("/agencies/", hostile.agency_of("xau0").await),
            ("/applications/", application),
            ("/groups/", group),
            ("/incidents/", incident),
            ("/reviews/", review),
            ("/bulk/", job),
            ("/sync/runs/", run),
            ("/sessions/", hostile.session().await),
        ];
        hostile
    }

    /// The path of a route, with what there is.
    pub fn path(&self, path: &str) -> String {
        let id = self.ids.iter().find(|(front, _)| path.starts_with(*front)).map(|(_, id)| id.as_str());
        assert!(id.is_some() || !path.contains("{id}"), "{path} names something of which there is none");
        path.replace("{id}", id.unwrap_or_default()).replace("{act}", "note")
    }

    /// The id of an account.
    pub async fn id_of(&self, local: &str) -> String {
        self.house.account(local).await.id().to_string()
    }

    /// The id of the agency of an account.
    pub async fn agency_of(&self, local: &str) -> String {
        self.house.account(local).await.profile().agency_id.expect("an agency").to_string()
    }

    /// An application that is named so.
    async fn application(&self) -> String {
        let registration = Registration {
            name: SCRIPT.to_owned(),
            kind: ClientKind::Web,
            redirect_uris: vec!["https://ung-dung.danang.example/callback".to_owned()],
            post_logout_redirect_uris: Vec::new(),
            home: Some("https://ung-dung.danang.example/".to_owned()),
            scopes: Scopes::all(),
            legacy: false,
            id_token_claims: false,
            backchannel_logout_uri: None,
            metadata: Metadata {
                contacts: vec![IMAGE.to_owned()],
                category: Some(SCRIPT.to_owned()),
                ..Metadata::default()
            },
        };
        let registered = clients::register(&self.house.app, Actor::CommandLine, &registration).await;
        registered.expect("registered").client.id.to_string()
    }

    /// A group that is called so, with somebody who is called so.
    async fn group(&self) -> String {
        let code = "nhom-xau".to_owned();
        groups::make(&self.house.app, Actor::CommandLine, &code, SCRIPT).await.expect("made");
        let who = self.house.account("xau0").await.profile().address.clone();
        groups::join(&self.house.app, Actor::CommandLine, &code, &who).await.expect("joined");
        code
    }

    /// The mailbox of an agency for which somebody may act.
    async fn delegation(&self) -> String {
        let city = self.house.account("quantri").await;
        let by = Administrator::holding(&city, Role::City, Reach::City);
        let mailbox = self.house.account("vanthu.xau").await.id();
        acting::grant(&self.house.app, &by, mailbox, "xau0", (SCRIPT, None)).await.expect("granted");
        mailbox.to_string()
    }

    /// A post beside the one of the directories.
    async fn post(&self) {
        let (app, account) = (&self.house.app, self.house.account("xau0").await);
        let held = Held {
            id: PostId::new(app.now(), app.system.entropy()),
            account: account.id(),
            agency: account.profile().agency_id.expect("an agency"),
            title: SCRIPT.to_owned(),
            added_at: app.now(),
            added_by: "quantri@danang.example".to_owned(),
            is_active: false,
        };
        let mut tx = app.db.begin().await.expect("begins");
        posts::add(&mut tx, &held).await.expect("written");
        tx.commit().await.expect("commits");
    }

    /// A lock and a note with hostile words; whom the staff of an agency ask.
    async fn words_about_people(&mut self) {
        let locked = format!("/accounts/{}", self.id_of("xau1").await);
        let lock = self.admin.post_from(&locked, &format!("{locked}/lock"), &[("reason", SCRIPT)]).await;
        lock.leads_to(&format!("{locked}?note=locked"));
        let account = format!("/accounts/{}", self.id_of("xau0").await);
        let note = self.admin.post_from(&account, &format!("{account}/notes"), &[("note", SCRIPT)]).await;
        note.leads_to(&format!("{account}?note=note-added"));
        let agency = format!("/agencies/{}", self.agency_of("xau0").await);
        let contact = [("unit", SCRIPT), ("phone", IMAGE), ("hours", SCRIPT)];
        let asked = self.admin.post_from(&agency, &format!("{agency}/contact"), &contact).await;
        asked.leads_to(&format!("{agency}?note=contact"));
    }

    /// A day off that is called so.
    async fn day_off(&mut self) {
        let (year, day) = ("/calendar?year=2026", [("what", "enter"), ("date", "2026-03-04")]);
        let named = [("kind", "holiday"), ("vi", SCRIPT), ("en", IMAGE), ("why", SCRIPT)];
        let fields = [&day[..], &named[..]].concat();
        let look = self.admin.post_from(year, "/calendar/preview", &fields).await;
        let version = look.hidden("version").expect("a preview");
        let fields = [&[("version", version.as_str()), ("typed", "1")][..], &fields[..]].concat();
        let made = self.admin.post_from(year, "/calendar/changes", &fields).await;
        assert!(made.status.is_redirection(), "{}: {}", made.status, made.body);
    }

    /// A report of the person, and what was noted about it.
    async fn incident(&mut self) -> String {
        let fields = [
            ("title", SCRIPT),
            ("story", SCRIPT),
            ("done", IMAGE),
            ("occurred", "2026-03-02T07:30"),
            ("detected", "2026-03-02T08:45"),
        ];
        let sent = self.person.post_from("/report", "/report", &fields).await;
        sent.leads_to("/report?sent=SC-2026-0001");
        let list = self.admin.get("/incidents").await;
        let rest = list.body.split("href=\"/incidents/").nth(1).expect("an incident is listed");
        let id = rest.split('"').next().unwrap_or_default().to_owned();
        let at = format!("/incidents/{id}");
        let noted = self.admin.post_from(&at, &format!("{at}/note"), &[("words", SCRIPT)]).await;
        noted.leads_to(&format!("{at}?note=done"));
        id
    }

    /// An access review in which somebody's account is to be withdrawn.
    async fn review(&mut self) -> String {
        let opened = self.admin.post_from("/reviews", "/reviews", &[("days", "30")]).await;
        let at = place(&opened, "/reviews/");
        let item = format!("item.account.{}", self.id_of("xau2").await);
        let said = [(item.as_str(), "0"), ("verdict", "withdraw"), ("reason", SCRIPT)];
        let answer = self.admin.post_from(&at, &format!("{at}/decide"), &said).await;
        answer.leads_to(&format!("{at}?note=said"));
        at.trim_start_matches("/reviews/").to_owned()
    }

    /// An act over many accounts that was carried out.
    async fn job(&mut self) -> String {
        let chosen = format!("account.{}", self.id_of("xau3").await);
        let fields = [("act", "lock"), (chosen.as_str(), "1")];
        let at = place(&self.admin.post_from("/accounts", "/bulk", &fields).await, "/bulk/");
        let word = [("number", "1"), ("reason", SCRIPT)];
        self.admin.post_from(&at, &format!("{at}/start"), &word).await.leads_to(&at);
        bulk::carry_on(&self.house.app).await.expect("done");
        at.trim_start_matches("/bulk/").to_owned()
    }

    /// An agency that is to be called otherwise, as soon as a second person has approved it.
    async fn change(&mut self) -> String {
        let agency = self.agency_of("xau2").await;
        let fields = [
            ("kind", "rename"),
            ("agency", agency.as_str()),
            ("name", "<script>alert(4)</script> Mới"),
            ("day", "2026-03-02"),
            ("days", "180"),
        ];
        let form = "/agencies/changes?kind=rename";
        let at = place(&self.admin.post_from(form, "/agencies/changes", &fields).await, "/agencies/changes/");
        let word = [("number", ""), ("reason", SCRIPT)];
        let asked = self.admin.post_from(&at, &format!("{at}/start"), &word).await;
        asked.leads_to("/approvals?note=asked");
        at.trim_start_matches("/agencies/changes/").to_owned()
    }

    /// The session of the person.
    async fn session(&self) -> String {
        let (app, account) = (&self.house.app, self.house.account("xau0").await);
        let all = sessions::of_account(&app.db, account.id(), app.now()).await.expect("reads");
        all.first().expect("a session").id.to_string()
    }
}

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

/// Where an answer leads, below a path.
fn place(answer: &Answer, front: &str) -> String {
    let place = answer.location.clone().unwrap_or_default();
    assert!(place.starts_with(front), "{} with {place:?}: {}", answer.status, answer.body);
    place
}

/// Six people of six agencies and the mailbox of the first one; two administrators.
fn people(house: &House) {
    for (n, name) in names().iter().enumerate() {
        let systems = if n == 1 { &[Ad, Obm][..] } else { &[Ad] };
        house.add_with(&format!("xau{n}"), systems, |seen| dress(seen, n, name));
    }
    house.add_with("vanthu.xau", &[Ad], |seen| dress(seen, 0, SCRIPT));
    for local in ["quantri", "phoquantri"] {
        house.add_with(local, &[Ad], |seen| seen.display_name = format!("{IMAGE} {local}"));
    }
}

/// What a directory says of one of them; the second directory knows another name.
fn dress(seen: &mut SeenMailbox, n: usize, name: &str) {
    let is_ad = seen.key.system == Ad;
    // What turns the direction round and what is endless the readers of the directories leave out.
    let kept = bounded(name);
    seen.display_name = if is_ad { kept.clone() } else { format!("{kept} OBM") };
    seen.title = Some(kept.clone());
    seen.staff_number = Some(format!("<script>alert(5)</script> {}", seen.key.login));
    seen.agency = Some(SeenAgency { code: is_ad.then(|| format!("x{n}")), name: kept });
    let to = Forward::new("<script>alert(6)</script>@evil.example", true, ForwardSource::Holder);
    seen.watched.forwards = to.into_iter().collect();
}

/// `xau0` signs in with a browser that calls itself so.
async fn signs_in_with_a_hostile_browser(house: &House) -> Browser {
    let mut browser = house.browser();
    "<script>alert(7)</script>".clone_into(&mut browser.user_agent);
    browser.sign_in("xau0", PASSWORD).await.leads_to("/");
    browser
}
