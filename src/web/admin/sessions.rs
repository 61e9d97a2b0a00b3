//! The open sessions: whose, since when, with what, from where, how proven, what was entered with them.

use super::Choice;
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::agency::Agency;
use crate::domain::id::{AgencyId, ClientRowId};
use crate::domain::name;
use crate::domain::oauth::client::Client;
use crate::domain::session::{Door, Session};
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::session_desk::{self, Edge, Listed, Narrowed};
use crate::services::{accounts, applications};
use crate::urls;
use crate::web::parts::{Notice, ago, count, device, place};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use time::Duration;

/// The longest search text that is used.
const LONGEST: usize = 100;

/// Ages to choose, in hours: a session lives no longer than a working day.
const AGES: [i64; 4] = [1, 2, 4, 8];

/// What the list is narrowed to, as addresses and forms of the console say it.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrowing {
    search: String,
    agency: Option<AgencyId>,
    application: Option<ClientRowId>,
    hours: Option<i64>,
    source: String,
    door: Option<Door>,
}

impl Narrowing {
    /// Reads it; what is not understood narrows nothing.
    pub(super) fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().chars().take(LONGEST).collect::<String>();
        let hours = fields.get("older").and_then(|hours| hours.parse::<i64>().ok());
        Self {
            search: text("q"),
            agency: fields.get("agency").and_then(|id| id.parse().ok()),
            application: fields.get("application").and_then(|id| id.parse().ok()),
            hours: hours.filter(|hours| AGES.contains(hours)),
            source: text("source"),
            door: fields.get("door").and_then(Door::from_code),
        }
    }

    /// What the service is asked for. Whoever does not see the applications narrows by none.
    pub(super) fn narrowed(&self, by: &AsAdministrator) -> Narrowed {
        Narrowed {
            search: self.search.clone(),
            agency: self.agency,
            client: self.application.filter(|_| by.administrator.may(Right::SeeApplications)),
            older: self.hours.map(Duration::hours),
            source: self.source.clone(),
            door: self.door,
        }
    }

    /// The fields that say it.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let all = [
            ("q", given(&self.search)),
            ("agency", self.agency.map(|id| id.to_string())),
            ("application", self.application.map(|id| id.to_string())),
            ("older", self.hours.map(|hours| hours.to_string())),
            ("source", given(&self.source)),
            ("door", self.door.map(|door| door.code().to_owned())),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The address of a page about it, with one more field.
    pub(super) fn address_at(&self, path: &str, further: Option<(&'static str, &str)>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields());
        query.extend_pairs(further);
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// A session in words.
pub(super) struct Row {
    pub(super) account: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) agency: String,
    pub(super) end: String,
    pub(super) device: String,
    pub(super) place: String,
    pub(super) since: String,
    pub(super) used: String,
    pub(super) proof: String,
    pub(super) applications: String,
    pub(super) is_console: bool,
    pub(super) is_this: bool,
}

#[derive(Template)]
#[template(path = "admin/sessions.html")]
struct SessionsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    counted: String,
    q: String,
    source: String,
    agencies: Vec<Choice>,
    applications: Vec<Choice>,
    ages: Vec<Choice>,
    doors: Vec<Choice>,
    is_narrowed: bool,
    rows: Vec<Row>,
    newest: Option<String>,
    next: Option<String>,
    end_these: String,
}

/// Shows a page of it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query) = (by.visitor.lang, query_of(query)?);
    let narrowing = Narrowing::read(&query);
    let below = query.get("after").and_then(edge);
    let list = session_desk::page(&app, &by.administrator, &narrowing.narrowed(&by), below).await?;
    let list = list.ok_or(Failure::NotFound)?;
    let agencies = accounts::agencies_within_reach(&app, &by.administrator).await?;
    let agency = |agency: Agency| Choice::of_agency(agency, narrowing.agency);
    let next = list.next.map(|edge| format!("{}.{}", edge.last_seen_at.micros(), edge.id));
    let at = |after: Option<&str>| narrowing.address_at(urls::SESSIONS, after.map(|after| ("after", after)));
    html(&SessionsPage {
        t,
        page: super::frame(&app, &by).await?,
        notice: notice(t, query.text("note")),
        counted: t.sessions_counted(count(list.total)),
        q: narrowing.search.clone(),
        source: narrowing.source.clone(),
        agencies: agencies.into_iter().map(agency).collect(),
        applications: applications(&app, &by, &narrowing).await?,
        ages: ages(t, &narrowing),
        doors: doors(t, &by, &narrowing),
        is_narrowed: !narrowing.fields().is_empty(),
        rows: list.rows.iter().map(|listed| row(&app, &by, &narrowing, listed)).collect(),
        newest: below.is_some().then(|| at(None)),
        next: next.as_deref().map(|next| at(Some(next))),
        end_these: narrowing.address_at(urls::SESSIONS_END_ALL, None),
    })
}

/// Below which session a page begins; what is not understood is the beginning.
fn edge(text: &str) -> Option<Edge> {
    let (at, id) = text.split_once('.')?;
    Some(Edge { last_seen_at: Timestamp::from_micros(at.parse().ok()?), id: id.parse().ok()? })
}

fn notice(t: Lang, note: &str) -> Option<Notice> {
    (note == "ended").then(|| Notice::ok(t.sessions_ended()))
}

/// The applications within reach, for whoever sees them.
async fn applications(
    app: &App,
    by: &AsAdministrator,
    narrowing: &Narrowing,
) -> Result<Vec<Choice>, Failure> {
    if !by.administrator.may(Right::SeeApplications) {
        return Ok(Vec::new());
    }
    let mut all = applications::every(app, &by.administrator).await?;
    all.sort_by_cached_key(|client| name::search_key(&client.name));
    let choice = |client: Client| Choice {
        chosen: narrowing.application == Some(client.id),
        value: client.id.to_string(),
        word: client.name,
    };
    Ok(all.into_iter().map(choice).collect())
}

fn ages(t: Lang, narrowing: &Narrowing) -> Vec<Choice> {
    let choice = |hours: i64| Choice {
        value: hours.to_string(),
        word: t.sessions_older_than(hours),
        chosen: narrowing.hours == Some(hours),
    };
    AGES.into_iter().map(choice).collect()
}

/// The doors, for whoever sees the sessions of both.
fn doors(t: Lang, by: &AsAdministrator, narrowing: &Narrowing) -> Vec<Choice> {
    if !session_desk::sees(&by.administrator, Door::Admin) {
        return Vec::new();
    }
    let choice = |(door, word): (Door, &'static str)| Choice {
        value: door.code().to_owned(),
        word: word.to_owned(),
        chosen: narrowing.door == Some(door),
    };
    [(Door::Staff, t.sessions_staff()), (Door::Admin, t.sessions_console())].into_iter().map(choice).collect()
}

/// A session of the list in words.
pub(super) fn row(
    app: &App,
    by: &AsAdministrator,
    narrowing: &Narrowing,
    (one, agency): &(Listed, Option<Agency>),
) -> Row {
    let (t, session) = (by.visitor.lang, &one.session);
    let Facts { device, place, since, used, proof, .. } = Facts::new(app, t, session);
    Row {
        account: urls::account(session.account_id),
        name: one.name.clone(),
        address: one.address.clone(),
        agency: agency.as_ref().map_or_else(|| t.no_agency().to_owned(), |agency| agency.name.clone()),
        end: narrowing.address_at(&urls::OPEN_SESSION.replace("{id}", &session.id.to_string()), None),
        applications: if one.applications.is_empty() {
            t.sessions_no_application().to_owned()
        } else {
            one.applications.join(", ")
        },
        is_console: session.door == Door::Admin,
        is_this: session.id == by.current.session.id,
        device,
        place,
        since,
        used,
        proof,
    }
}

/// What is told of a session wherever it is shown.
pub(super) struct Facts {
    pub(super) device: String,
    pub(super) place: String,
    /// Since when, as a sentence; and the moment alone.
    pub(super) since: String,
    pub(super) began: String,
    pub(super) used: String,
    pub(super) proof: String,
}

impl Facts {
    /// Puts a session into words.
    pub(super) fn new(app: &App, t: Lang, session: &Session) -> Self {
        let began = t.moment(session.began_at().local());
        Self {
            device: device(t, &session.user_agent),
            place: place(t, &app.config.networks, &session.source),
            since: t.session_started(&began),
            began,
            used: ago(t, session.last_seen_at, app.now()),
            proof: t.proof_in_words(session.proof),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_list_is_narrowed_to_survives_its_own_address() {
        let fields = "q=nguy%E1%BB%85n+%26+an&agency=01890000-0000-7000-8000-000000000000\
                      &application=01890000-0000-7000-8000-000000000001&older=4&source=10.1.&door=admin";
        let narrowing = Narrowing::read(&Fields::read(fields.as_bytes()).expect("a query"));
        let address = narrowing.address_at(urls::SESSIONS, None);
        let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let again = Narrowing::read(&Fields::read(query.as_bytes()).expect("our own address"));
        assert_eq!(again.address_at(urls::SESSIONS, None), address);
        assert_eq!(narrowing.fields().len(), 6);
    }

    #[test]
    fn what_is_not_understood_narrows_nothing_and_is_no_place() {
        let fields = b"agency=x&application=y&older=5&door=z&q=+";
        let narrowing = Narrowing::read(&Fields::read(fields).expect("a query"));
        assert_eq!(narrowing.address_at(urls::SESSIONS, None), urls::SESSIONS);
        for odd in ["", ".", "1", "1.x", "x.01890000-0000-7000-8000-000000000000", "99999999999999999999.x"] {
            assert_eq!(edge(odd), None, "{odd}");
        }
        assert!(edge("-5.01890000-0000-7000-8000-000000000000").is_some());
    }
}
