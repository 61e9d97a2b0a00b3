//! Every route of the console, tried by whoever may not: each role without the right, and administrators of a branch
//! with what belongs to another agency. Nothing is shown or changed, and the audit has a line.

use crate::house::{Answer, Browser, House, PASSWORD};
use crate::package;
use axum::http::StatusCode;
use danang_sso::domain::account::{Account, LockReason};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Right, Role};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::id::{AgencyId, IncidentId};
use danang_sso::domain::incident::{Incident, IncidentKind, Judgement};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::clients::{self, Registration};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{access_review, accounts, lock};
use danang_sso::storage::incidents;
use danang_sso::web::console;
use std::collections::BTreeSet;

/// The person of the other agency and its application: neither their names nor the address may ever be seen.
const FOREIGN: [&str; 3] = ["Đỗ Đình Bình", "binh@danang.example", "Kho hồ sơ"];

/// Whoever holds a role: the local part, the role, and whether it is over the branch of so-khcn.
const HOLDERS: [(&str, Role, bool); 7] = [
    ("quantri", Role::City, false),
    ("anninh", Role::Security, false),
    ("kiemtra", Role::Auditor, false),
    ("hotro", Role::HelpDesk, false),
    ("donvi", Role::Agency, true),
    ("hotrodonvi", Role::HelpDesk, true),
    ("kiemtradonvi", Role::Auditor, true),
];

/// How a route is tried by somebody who has its right over another branch.
enum Case {
    /// Its path names an account, an agency or an incident: one beyond reach, and one that does not exist, are the same
    /// to them.
    Account,
    /// It narrows by `agency`: another one's is not there; without it, nothing of others is shown.
    List(&'static str),
    /// It shows nothing that belongs to one agency.
    Common,
    /// A form with these fields; `{ID}`, `{VERSION}` and `{AGENCY}` are the other one's.
    Form(&'static [(&'static str, &'static str)]),
    /// No role of a branch has the right; a test of the matrix says so.
    CityOnly,
}

/// The lists that are narrowed by `agency`, and nothing else is needed to see them.
const LISTS: &[&str] = &[
    "/agencies",
    "/agencies.xlsx",
    "/applications",
    "/audit",
    "/audit.csv",
    "/audit.jsonl",
    "/accounts",
    "/accounts.csv",
    "/accounts.xlsx",
    "/sessions",
    "/sessions/end-all",
    "/forecast",
    "/forecast.csv",
    "/incidents",
    "/watch",
    "/watch.csv",
    "/reset",
    "/calendar",
    "/sync/reconcile",
    "/sync/reconcile.csv",
];

/// The case of a route. A route without one fails the test: say here how it could be misused.
fn case(method: &str, path: &str) -> Option<Case> {
    const LOCKED: &str = "default_password_kept";
    Some(match (method, path) {
        (
            "GET",
            "/" | "/sync" | "/sync/authority" | "/policy" | "/policy/waves" | "/policy/brake" | "/letters"
            | "/approvals" | "/calendar/export" | "/role" | "/bulk" | "/sync/runs/{id}" | "/administrators"
            | "/reviews" | "/reviews/{id}" | "/reviews/{id}/evidence.zip",
        )
        // A sample goes to oneself.
        | ("POST", "/letters/trial") => Case::Common,
        ("GET", "/unlock") => Case::List("/unlock?lock=default_password_kept"),
        ("POST", "/agencies/{id}/contact") => Case::Form(&[("unit", "Bộ phận lạ"), ("phone", "1")]),
        (
            "GET",
            "/accounts/{id}"
            | "/accounts/{id}/timeline"
            | "/accounts/{id}/delegates"
            | "/accounts/{id}/why"
            | "/agencies/{id}"
            | "/agencies/{id}/month.xlsx"
            | "/applications/{id}"
            | "/incidents/{id}"
            | "/sessions/{id}"
            | "/bulk/{id}",
        ) => Case::Account,
        ("POST", "/accounts/{id}/delegates") => Case::Form(&[("person", "an"), ("why", "thử")]),
        ("POST", "/accounts/{id}/lock" | "/accounts/{id}/unlock" | "/accounts/{id}/lift-pause") => {
            Case::Form(&[("reason", "thử"), ("version", "{VERSION}")])
        }
        ("POST", "/accounts/{id}/reset" | "/accounts/{id}/factors/reset") => {
            Case::Form(&[("reason", "thử"), ("version", "{VERSION}"), ("sure", "1")])
        }
        ("POST", "/unlock") => Case::Form(&[
            ("lock", LOCKED),
            ("accounts", "{ID}:{VERSION}"),
            ("number", "1"),
            ("reason", "thử"),
        ]),
        ("POST", "/reset") => {
            Case::Form(&[("accounts", "{ID}:{VERSION}"), ("number", "1"), ("reason", "thử"), ("sure", "1")])
        }
        ("POST", "/reset/preview") => Case::Form(&[("agency", "{AGENCY}"), ("account.{ID}", "1")]),
        ("POST", "/calendar/preview" | "/calendar/changes") => Case::Form(&[
            ("agency", "{AGENCY}"),
            ("year", "2026"),
            ("what", "enter"),
            ("date", "2026-07-01"),
            ("kind", "holiday"),
            ("vi", "Nghỉ thử"),
            ("en", "Trial"),
            ("why", "thử"),
            ("typed", "1"),
        ]),
        // A role that is not one's own is not there.
        ("POST", "/approvals") => Case::Form(&[("approval", "{ID}"), ("what", "approve"), ("reason", "thử")]),
        ("POST", "/role") => Case::Form(&[("grant", "{ID}")]),
        _ if is_of_the_city(method, path) => Case::CityOnly,
        _ if method == "GET" && let Some(list) = LISTS.iter().find(|list| **list == path) => Case::List(list),
        _ => return case_of_the_desk(method, path),
    })
}

/// What the help desk does beside locks and resets, and acts over many accounts.
fn case_of_the_desk(method: &str, path: &str) -> Option<Case> {
    Some(match (method, path) {
        ("POST", "/accounts/{id}/sessions/end") => {
            Case::Form(&[("session", "all"), ("reason", "thử"), ("version", "{VERSION}")])
        }
        ("POST", "/accounts/{id}/applications/end") => {
            Case::Form(&[("application", "x"), ("reason", "thử"), ("version", "{VERSION}")])
        }
        ("POST", "/sessions/{id}") => {
            Case::Form(&[("which", "all"), ("reason", "thử"), ("version", "{VERSION}")])
        }
        ("POST", "/sessions/end-all") => {
            Case::Form(&[("sessions", "{ID}"), ("number", "1"), ("reason", "thử")])
        }
        ("POST", "/accounts/{id}/notes") => Case::Form(&[("note", "thử")]),
        ("POST", "/bulk") => Case::Form(&[("act", "unlock"), ("account.{ID}", "1")]),
        // Administrators of a branch may not do it either, though they have the right over their own agency.
        ("POST", "/agencies/changes") => Case::Form(&[
            ("kind", "rename"),
            ("agency", "{AGENCY}"),
            ("name", "Sở lạ"),
            ("day", "2026-03-02"),
            ("days", "1"),
        ]),
        ("POST", "/reviews/{id}/decide") => Case::Form(&[("verdict", "keep"), ("item.account.{ID}", "1")]),
        ("POST", "/reviews/{id}/keep") => Case::Form(&[("number", "1")]),
        (
            "POST",
            "/bulk/{id}/start"
            | "/bulk/{id}/undo"
            | "/agencies/changes/{id}/start"
            | "/agencies/changes/{id}/withdraw"
            | "/agencies/changes/{id}/undo",
        ) => Case::Form(&[("number", "1"), ("reason", "thử")]),
        _ => return None,
    })
}

fn is_of_the_city(method: &str, path: &str) -> bool {
    const PATHS: [(&str, &str); 50] = [
        ("POST", "/applications"),
        ("GET", "/applications/new"),
        ("POST", "/applications/new/preview"),
        ("GET", "/applications.toml"),
        ("GET", "/applications/import"),
        ("POST", "/applications/import"),
        ("POST", "/applications/import/preview"),
        ("GET", "/applications/{id}/edit"),
        ("POST", "/applications/{id}/edit"),
        ("POST", "/applications/{id}/secret"),
        ("POST", "/applications/{id}/secret/end"),
        ("GET", "/applications/{id}/first"),
        ("GET", "/applications/{id}/test"),
        ("POST", "/applications/{id}/test"),
        ("POST", "/applications/{id}/data"),
        ("POST", "/applications/{id}/state"),
        ("POST", "/applications/{id}/end"),
        ("POST", "/applications/{id}/remove"),
        ("GET", "/import"),
        ("POST", "/import"),
        ("POST", "/import/preview"),
        ("POST", "/sync/runs"),
        ("POST", "/sync/runs/{id}/approve"),
        ("POST", "/sync/runs/{id}/refuse"),
        ("POST", "/sync/authority"),
        ("POST", "/sync/authority/preview"),
        ("POST", "/sync/reconcile/preview"),
        ("POST", "/sync/reconcile/settle"),
        ("GET", "/sync/decisions"),
        ("POST", "/sync/decisions"),
        ("POST", "/sync/decisions/preview"),
        ("GET", "/sync/agencies"),
        ("POST", "/sync/agencies"),
        ("POST", "/sync/agencies/preview"),
        ("POST", "/policy"),
        ("POST", "/policy/preview"),
        ("POST", "/policy/waves/plan"),
        ("POST", "/policy/waves/start"),
        ("POST", "/policy/brake/approve"),
        ("POST", "/policy/brake/postpone"),
        ("POST", "/administrators"),
        ("POST", "/administrators/revoke"),
        ("POST", "/incidents/{id}/{act}"),
        ("GET", "/agencies/changes"),
        ("POST", "/reviews"),
        ("POST", "/reviews/{id}/apply"),
        ("POST", "/reviews/{id}/close"),
        ("GET", "/agencies/changes/{id}"),
        ("GET", "/keys"),
        ("POST", "/keys/rotate"),
    ];
    PATHS.contains(&(method, path))
}

/// Whether a role has a right over a branch, or over the city.
fn has(role: Role, over_a_branch: bool, right: Right) -> bool {
    role.has(right) && !(over_a_branch && right.is_of_the_city())
}

struct Estate {
    house: House,
    /// The id, the version and the agency of the person beyond reach.
    foreign: (String, String, String),
    /// The incident that this person has reported.
    incident: String,
    /// An application that is only for this person's agency.
    application: String,
    /// An access review of the city: this person's account is in it.
    review: String,
}

/// One holder of each role, the branch being so-khcn, and one person of so-nv whose account is locked.
async fn estate() -> Estate {
    let house = House::build().await;
    for (local, ..) in HOLDERS {
        house.add(local, &[Ad]);
    }
    house.add("an", &[Ad]);
    house.add_with("binh", &[Ad], |seen| {
        FOREIGN[0].clone_into(&mut seen.display_name);
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    let own = agency(&house, "so-khcn").await;
    for (local, role, over_a_branch) in HOLDERS {
        let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
        let wish =
            Wish { address, role, agency: over_a_branch.then_some(own), until: None, why: String::new() };
        roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    }
    let binh = house.account("binh").await;
    lock::enforce(&house.app, &binh, LockReason::DefaultPasswordKept, Actor::Job("test"))
        .await
        .expect("locked");
    let binh = house.account("binh").await;
    let agency = binh.profile().agency_id.expect("an agency").to_string();
    let incident = reported_by(&house, &binh).await;
    let application = application_for(&house, "so-nv").await;
    let city = Administrator::holding(&house.account("quantri").await, Role::City, Reach::City);
    let review = access_review::open(&house.app, &city, 30).await.expect("opened").to_string();
    Estate {
        application,
        review,
        foreign: (binh.id().to_string(), binh.version().to_string(), agency),
        incident,
        house,
    }
}

/// The id of an application that is only for an agency.
async fn application_for(house: &House, agency: &str) -> String {
    let registration = Registration {
        name: FOREIGN[2].to_owned(),
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
        title: "Máy chủ tệp bị mã hóa".to_owned(),
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

async fn agency(house: &House, code: &str) -> AgencyId {
    let all = accounts::agencies(&house.app).await.expect("reads");
    all.into_iter().find(|agency| agency.code == code).expect("it is there").id
}

impl Estate {
    async fn browser(&self, who: &str) -> Browser {
        let mut browser = self.house.admin_browser();
        browser.sign_in(who, PASSWORD).await.leads_to("/");
        browser
    }

    /// How many lines of the audit tell that somebody was refused.
    async fn refusals(&self, who: &str, act: Act) -> i64 {
        let file = format!("sqlite:{}", self.house.folder().join("house.db").display());
        let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
        let query = "SELECT COUNT(*) FROM audit WHERE actor = $1 AND act = $2";
        let query = sqlx::query_scalar(query).bind(format!("{who}@danang.example")).bind(act.code());
        query.fetch_one(&mut db).await.expect("counts")
    }

    /// The path with what lies beyond reach.
    fn path(&self, path: &str) -> String {
        path.replace("{id}", self.named(path)).replace("{act}", "note")
    }

    /// What the path names beyond reach.
    fn named(&self, path: &str) -> &str {
        match path {
            path if path.starts_with("/incidents") => &self.incident,
            path if path.starts_with("/agencies/") => &self.foreign.2,
            path if path.starts_with("/applications/") => &self.application,
            "/reviews/{id}" | "/reviews/{id}/evidence.zip" => &self.review,
            _ => &self.foreign.0,
        }
    }

    fn filled(&self, text: &str) -> String {
        let text = text.replace("{ID}", &self.foreign.0).replace("{VERSION}", &self.foreign.1);
        text.replace("{AGENCY}", &self.foreign.2)
    }

    async fn send(&self, browser: &mut Browser, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        match method {
            "GET" => browser.get(&self.path(path)).await,
            _ => browser.post_from("/role", &self.path(path), fields).await,
        }
    }

    async fn is_unchanged(&self) {
        let binh = self.house.account("binh").await;
        assert_eq!(binh.version().to_string(), self.foreign.1, "the account beyond reach was changed");
    }
}

#[tokio::test]
async fn every_route_has_a_case_and_only_city_roles_have_what_has_none() {
    let mut paths = BTreeSet::new();
    for route in console::routes() {
        assert!(paths.insert((route.method, route.path)), "{} {} is there twice", route.method, route.path);
        let case = case(route.method, route.path);
        let case = case.unwrap_or_else(|| panic!("{} {} has no case in this file", route.method, route.path));
        if matches!(case, Case::CityOnly) {
            for (who, role, over_a_branch) in HOLDERS {
                assert!(
                    !over_a_branch || !has(role, true, route.right),
                    "{} {} as {who}",
                    route.method,
                    route.path
                );
            }
        }
    }
    assert!(paths.len() > 50, "the table is the console's");
}

#[tokio::test]
async fn a_role_without_the_right_gets_nothing_and_leaves_a_line() {
    let estate = estate().await;
    for (who, role, over_a_branch) in HOLDERS {
        let mut browser = estate.browser(who).await;
        let mut expected = 0;
        for route in console::routes().into_iter().filter(|route| !has(role, over_a_branch, route.right)) {
            let answer = estate.send(&mut browser, route.method, route.path, &[]).await;
            expected += 1;
            let place = format!("{} {} as {who}", route.method, route.path);
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{place}");
            assert!(FOREIGN.iter().all(|secret| !answer.body.contains(secret)), "{place}");
            let lines = estate.refusals(who, Act::RightRefused).await;
            assert_eq!(lines, expected, "{place} leaves a line");
        }
        let has_all = Right::ALL.iter().all(|right| has(role, over_a_branch, *right));
        assert_eq!(expected == 0, has_all, "{who} was tried");
    }
    estate.is_unchanged().await;
}

#[tokio::test]
async fn what_belongs_to_another_agency_is_not_there_and_leaves_a_line() {
    let estate = estate().await;
    for (who, role, _) in HOLDERS.into_iter().filter(|(_, _, over_a_branch)| *over_a_branch) {
        let mut browser = estate.browser(who).await;
        for route in console::routes().into_iter().filter(|route| has(role, true, route.right)) {
            let case = case(route.method, route.path).expect("every route has one");
            try_beyond_reach(&estate, &mut browser, who, (route.method, route.path), case).await;
        }
    }
    estate.is_unchanged().await;
}

async fn try_beyond_reach(
    estate: &Estate,
    browser: &mut Browser,
    who: &str,
    (method, path): (&str, &str),
    case: Case,
) {
    let place = format!("{method} {path} as {who}");
    let before = estate.refusals(who, Act::OutOfReach).await;
    let (answers, leaves_a_line) = match case {
        Case::Account => {
            let known = browser.get(&estate.path(path)).await;
            let unknown = browser.get(&path.replace("{id}", "01890000-0000-7000-8000-000000000000")).await;
            assert_eq!(known.status, StatusCode::NOT_FOUND, "{place}");
            let same = |answer: &Answer, id: &str| answer.body.replace(id, "");
            let [one, other] =
                [same(&known, estate.named(path)), same(&unknown, "01890000-0000-7000-8000-000000000000")];
            assert_eq!(one, other, "{place}: unknown and beyond reach are told apart");
            (vec![known, unknown], true)
        }
        Case::List(address) => {
            let all = browser.get(address).await;
            assert_eq!(all.status, StatusCode::OK, "{place}");
            let joint = if address.contains('?') { '&' } else { '?' };
            let narrowed = browser.get(&format!("{address}{joint}agency={}", estate.foreign.2)).await;
            assert_eq!(narrowed.status, StatusCode::NOT_FOUND, "{place}");
            (vec![all, narrowed], true)
        }
        Case::Common => (vec![estate.send(browser, method, path, &[]).await], false),
        Case::Form(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| (estate.filled(name), estate.filled(value))).collect();
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = estate.send(browser, method, path, &fields).await;
            assert!(!answer.status.is_redirection(), "{place} did something");
            (vec![answer], !["/role", "/approvals"].contains(&path))
        }
        Case::CityOnly => panic!("{place}: a branch has no such right"),
    };
    for answer in &answers {
        shows_nothing(answer, (path, &place));
    }
    let after = estate.refusals(who, Act::OutOfReach).await;
    assert!(!leaves_a_line || after > before, "{place} leaves a line");
}

/// Neither as it comes nor, where it is packed, in what was packed.
fn shows_nothing(answer: &Answer, (path, place): (&str, &str)) {
    let packed = package::texts(&answer.bytes);
    let is_package = matches!(path.rsplit_once('.'), Some((_, "xlsx" | "zip")));
    assert_eq!(packed.is_some(), is_package && answer.status.is_success(), "{place}: a package is one");
    let is_found = |text: &str| packed.as_ref().is_some_and(|packed| packed.contains(text));
    assert!(packed.is_none() || is_found("so-khcn"), "{place}: the own agency is found in it");
    let shown = FOREIGN.iter().find(|&&secret| answer.body.contains(secret) || is_found(secret));
    assert_eq!(shown, None, "{place} shows it");
}
