//! Whoever holds a role, and what belongs to another agency than theirs: one real thing of each kind.

use super::{FOREIGN, HOLDERS};
use crate::house::{Answer, Browser, House, PASSWORD};
use danang_sso::domain::access_review::Subject;
use danang_sso::domain::account::{Account, LockReason};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::bulk::{BulkAct, BulkState};
use danang_sso::domain::id::{AgencyId, IncidentId, RunId};
use danang_sso::domain::incident::{Incident, IncidentKind, Judgement};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::reorganisation::{Kind, Stage};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::bulk::Whom;
use danang_sso::services::clients::{self, Registration};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::sync::DirectoryReport;
use danang_sso::services::{access_review, accounts, bulk, groups, lock, reorganisation};
use danang_sso::storage::{
    access_reviews, bulk as jobs, incidents, lock_runs, reorganisations, sessions, sync_runs,
};

pub struct Estate {
    pub house: House,
    /// The id, the version and the agency of the person beyond reach.
    pub foreign: (String, String, String),
    /// An application that is only for this person's agency.
    pub application: String,
    /// A group of the city.
    group: String,
    /// The incident that this person has reported.
    incident: String,
    /// An access review of the city: this person's account is in it.
    review: String,
    /// On how many of its items somebody without a reach could speak.
    rest: i64,
    /// An act over this person's account, drawn up by the city.
    job: String,
    /// This person's agency is to be called otherwise; drawn up by the city.
    change: String,
    /// The run of the synchronisation that brought everybody.
    run: String,
    /// The open session of a colleague of this person.
    session: String,
    colleague: Browser,
}

/// One holder of each role, the branch being so-khcn, and two people of so-nv: one is locked, one is signed in.
pub async fn estate() -> Estate {
    let house = House::build().await;
    let run = people(&house).await;
    let binh = house.account("binh").await;
    lock::enforce(&house.app, &binh, LockReason::DefaultPasswordKept, Actor::Job("test"))
        .await
        .expect("locked");
    let binh = house.account("binh").await;
    let nv = binh.profile().agency_id.expect("an agency");
    let city = Administrator::holding(&house.account("quantri").await, Role::City, Reach::City);
    let review = access_review::open(&house.app, &city, 30).await.expect("opened");
    let donvi = house.account("donvi").await.id();
    counts_of_the_city(&house, &run).await;
    stopped_run(&house).await;
    let mut colleague = house.browser();
    colleague.sign_in("chi", PASSWORD).await.leads_to("/");
    Estate {
        application: application_for(&house, "so-nv").await,
        group: group_of(&house).await,
        incident: reported_by(&house, &binh).await,
        rest: access_reviews::rest(&house.app.db, review, None, donvi).await.expect("counts"),
        review: review.to_string(),
        job: job_over(&house, &city, &binh).await,
        change: change_of(&house, &city, nv).await,
        run,
        session: session_of(&house, "chi").await,
        colleague,
        foreign: (binh.id().to_string(), binh.version().to_string(), nv.to_string()),
        house,
    }
}

/// A group for which applications can be.
async fn group_of(house: &House) -> String {
    groups::make(&house.app, Actor::CommandLine, "to-cds", "Tổ chuyển đổi số").await.expect("made");
    "to-cds".to_owned()
}

/// Everybody, with their roles; the id of the run that brought them.
async fn people(house: &House) -> String {
    for (local, ..) in HOLDERS {
        house.add(local, &[Ad]);
    }
    house.add("an", &[Ad]);
    for (local, name) in [("binh", FOREIGN[0]), ("chi", FOREIGN[2])] {
        house.add_with(local, &[Ad], |seen| {
            name.clone_into(&mut seen.display_name);
            seen.agency =
                Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
        });
    }
    let run = house.sync().await.id.to_string();
    let all = accounts::agencies(&house.app).await.expect("reads");
    let own = all.into_iter().find(|agency| agency.code == "so-khcn").expect("it is there").id;
    for (local, role, over_a_branch) in HOLDERS {
        let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
        let wish =
            Wish { address, role, agency: over_a_branch.then_some(own), until: None, why: String::new() };
        roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    }
    run
}

/// What a run tells of the whole city: numbers that nobody of a branch may read, who asked for it, what a server answered.
async fn counts_of_the_city(house: &House, run: &str) {
    let id: RunId = run.parse().expect("an id");
    let read = |system: &str, error: Option<&str>| DirectoryReport {
        system: system.to_owned(),
        read: error.is_none().then_some(47_901),
        whole: false,
        changed: 47_902,
        error: error.map(str::to_owned),
        note: None,
        passed_over: Vec::new(),
        passed_over_count: 47_903,
    };
    let reports = [read("ad", None), read("obm", Some("ldap01.noi-bo: connection refused"))];
    let kept = sync_runs::by_id(&house.app.db, id).await.expect("reads").expect("kept");
    let told = sync_runs::Run {
        outcome: "partial".to_owned(),
        report: serde_json::to_string(&reports).expect("JSON"),
        created: 47_904,
        updated: 47_905,
        vanished: 47_906,
        ..kept
    };
    let mut tx = house.app.db.begin().await.expect("begins");
    sync_runs::finish(&mut tx, &told).await.expect("kept");
    tx.commit().await.expect("commits");
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    for query in [
        "UPDATE sync_run SET started_by = 'truc-ban@danang.example' WHERE id = $1",
        "UPDATE sync_plan SET total = 47907, kept = 2 WHERE run_id = $1",
    ] {
        sqlx::query(query).bind(run).execute(&mut db).await.expect("written");
    }
}

/// A run of the lock job that the brake has stopped, once approved, and one that was carried out.
async fn stopped_run(house: &House) {
    let (db, now) = (&house.app.db, house.app.now());
    let done = (lock_runs::RunState::Held, lock_runs::RunState::Done);
    let why = "412/800 > 20 %";
    let mut tx = db.begin().await.expect("begins");
    let past = RunId::new(now, house.app.system.entropy());
    assert!(lock_runs::hold(&mut tx, past, now, 47_908, why).await.expect("held"));
    assert!(lock_runs::move_on(&mut tx, past, done, (now, ""), 47_908).await.expect("moved"));
    let waits = RunId::new(now, house.app.system.entropy());
    assert!(lock_runs::hold(&mut tx, waits, now, 47_908, why).await.expect("held"));
    let said = "Đã đối chiếu với phòng Tổ chức";
    assert!(lock_runs::approve(&mut tx, waits, "quantri@danang.example", now, said).await.expect("approved"));
    tx.commit().await.expect("commits");
}

/// The id of an application that is only for an agency.
async fn application_for(house: &House, agency: &str) -> String {
    let registration = Registration {
        name: FOREIGN[5].to_owned(),
        kind: ClientKind::Web,
        redirect_uris: vec!["https://kho.danang.example/callback".to_owned()],
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: Scopes::all(),
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata: Metadata { allowed_agencies: vec![agency.to_owned()], ..Metadata::default() },
    };
    let registered = clients::register(&house.app, Actor::CommandLine, &registration).await;
    registered.expect("registered").client.id.to_string()
}

/// The id of an incident that somebody has reported.
async fn reported_by(house: &House, account: &Account) -> String {
    let now = house.app.now();
    let incident = Incident {
        id: IncidentId::new(now, house.app.system.entropy()),
        year: 2026,
        number: 1,
        kind: IncidentKind::Incident,
        account_id: account.id(),
        agency_id: account.profile().agency_id,
        title: FOREIGN[4].to_owned(),
        story: "Mọi tệp đổi đuôi.".to_owned(),
        done: String::new(),
        occurred_at: now,
        detected_at: now,
        reported_at: now,
        judgement: Judgement::default(),
        closing: None,
        version: 0,
    };
    let mut tx = house.app.db.begin().await.expect("begins");
    incidents::insert(&mut tx, &incident).await.expect("kept");
    tx.commit().await.expect("commits");
    incident.id.to_string()
}

/// The id of an act over an account that waits to be confirmed.
async fn job_over(house: &House, by: &Administrator, account: &Account) -> String {
    let whom = Whom::Chosen(vec![account.id()]);
    bulk::draft(&house.app, by, BulkAct::Unlock, &whom, "").await.expect("drawn up").to_string()
}

/// The id of another name for an agency that waits to be confirmed.
async fn change_of(house: &House, by: &Administrator, agency: AgencyId) -> String {
    let wish = reorganisation::Wish {
        kind: Kind::Rename,
        agency,
        merged: Vec::new(),
        under: None,
        code: String::new(),
        name: "Sở Nội vụ và Lao động".to_owned(),
        addresses: String::new(),
        post: String::new(),
        carries_roles: false,
        day: house.app.now().local_date(),
        former_days: 180,
    };
    reorganisation::draft(&house.app, by, &wish).await.expect("drawn up").to_string()
}

async fn session_of(house: &House, local: &str) -> String {
    let (app, account) = (&house.app, house.account(local).await);
    let all = sessions::of_account(&app.db, account.id(), app.now()).await.expect("reads");
    all.first().expect("a session").id.to_string()
}

impl Estate {
    pub async fn browser(&self, who: &str) -> Browser {
        let mut browser = self.house.admin_browser();
        browser.sign_in(who, PASSWORD).await.leads_to("/");
        browser
    }

    /// How many lines of the audit tell that somebody was refused.
    pub async fn refusals(&self, who: &str, act: Act) -> i64 {
        let file = format!("sqlite:{}", self.house.folder().join("house.db").display());
        let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
        let query = "SELECT COUNT(*) FROM audit WHERE actor = $1 AND act = $2";
        let query = sqlx::query_scalar(query).bind(format!("{who}@danang.example")).bind(act.code());
        query.fetch_one(&mut db).await.expect("counts")
    }

    /// The path with what lies beyond reach.
    pub fn path(&self, path: &str) -> String {
        assert!(!path.contains("{id}") || !self.named(path).is_empty(), "{path} names nothing that there is");
        path.replace("{id}", self.named(path)).replace("{act}", "note")
    }

    /// What the path names beyond reach: a thing of the right kind.
    pub fn named(&self, path: &str) -> &str {
        let kinds = [
            ("/accounts/", &self.foreign.0),
            ("/agencies/changes/", &self.change),
            ("/agencies/", &self.foreign.2),
            ("/applications/", &self.application),
            ("/bulk/", &self.job),
            ("/groups/", &self.group),
            ("/incidents/", &self.incident),
            ("/reviews/", &self.review),
            ("/sessions/", &self.session),
            ("/sync/runs/", &self.run),
        ];
        kinds.into_iter().find(|(front, _)| path.starts_with(*front)).map_or("", |(_, id)| id.as_str())
    }

    pub fn filled(&self, text: &str) -> String {
        let (id, version, agency) = &self.foreign;
        [
            ("{ID}", id),
            ("{VERSION}", version),
            ("{AGENCY}", agency),
            ("{APPLICATION}", &self.application),
            ("{INCIDENT}", &self.incident),
            ("{SESSION}", &self.session),
            ("{REST}", &self.rest.to_string()),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (word, value)| text.replace(word, value))
    }

    pub async fn send(
        &self,
        browser: &mut Browser,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        match method {
            "GET" => browser.get(&self.path(path)).await,
            _ => browser.post_from("/role", &self.path(path), fields).await,
        }
    }

    /// Nothing that belongs to the other agency was touched.
    pub async fn is_unchanged(&mut self) {
        let binh = self.house.account("binh").await;
        assert_eq!(binh.version().to_string(), self.foreign.1, "the account beyond reach was changed");
        let (db, of_binh) = (&self.house.app.db, (Subject::Account, self.foreign.0.as_str()));
        let job = jobs::by_id(db, self.job.parse().expect("an id")).await.expect("reads").expect("kept");
        assert_eq!(job.state, BulkState::Draft, "the act beyond reach was begun");
        let change = self.change.parse().expect("an id");
        let change = reorganisations::by_id(db, change).await.expect("reads").expect("kept");
        assert_eq!(change.stage, Stage::Draft, "the agency beyond reach was changed");
        let review = self.review.parse().expect("an id");
        let item = access_reviews::find(db, review, None, of_binh).await.expect("reads").expect("kept");
        assert_eq!(item.verdict, None, "somebody has spoken on the account beyond reach");
        let page = self.colleague.get("/").await;
        assert!(page.status.is_success(), "the session beyond reach was ended");
    }
}
