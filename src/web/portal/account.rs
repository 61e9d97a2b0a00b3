//! My account: what is known of me, where each of it comes from, and how it is corrected.

use super::Settled;
use super::home::mailboxes;
use crate::app::App;
use crate::domain::account::Kind;
use crate::domain::sync::Attribute;
use crate::http::{Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts::{self, Overview};
use crate::services::acting::{self, Named};
use crate::services::contacts::{self, Contact};
use crate::services::posts::{self, Post};
use crate::services::sync::sources::{self, Said};
use crate::urls;
use crate::web::parts::{MailboxView, Notice};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

/// Something that is known.
struct Fact {
    id: &'static str,
    word: &'static str,
    values: Vec<String>,
    sources: Vec<String>,
}

/// A post.
struct PostView {
    /// `directory` for the one that the directories tell.
    id: String,
    title: String,
    says: String,
    is_active: bool,
}

#[derive(Template)]
#[template(path = "portal/account.html")]
struct AccountPage {
    t: Lang,
    page: Frame,
    facts: Vec<Fact>,
    /// Where all of them come from, where that is the same.
    sources: Vec<String>,
    mailboxes: Vec<(MailboxView, Option<String>)>,
    contacts: Vec<Contact>,
    notice: Option<Notice>,
    /// The posts, where there are several.
    posts: Vec<PostView>,
    /// The agency mailboxes that the person may act for.
    acting: Vec<(String, String)>,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    Settled(signed): Settled,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = signed.visitor.lang;
    let overview = accounts::own(&app, &signed.current).await?;
    let sources = sources::of_mailboxes(&app, &overview.mailboxes).await?;
    let mut facts = facts(t, &overview, &sources);
    html(&AccountPage {
        t,
        page: signed.frame(&app).await?,
        sources: said_once(t, &mut facts, &sources),
        facts,
        mailboxes: mailboxes(&app, t, &overview).await?,
        notice: match query.text("note") {
            "ask" => Some(Notice::ok(t.acting_will_ask())),
            "post" => Some(Notice::ok(t.posts_note())),
            _ => None,
        },
        posts: post_views(t, posts::of(&app, &overview.account).await?),
        acting: acting::of_person(&app, overview.account.id())
            .await?
            .iter()
            .map(|named| (named.account.profile().address.to_string(), acting_by(t, named)))
            .collect(),
        contacts: contacts::of_agency(&app, overview.account.profile().agency_id).await?,
    })
}

/// The person works in another post from now on.
pub(in crate::web) async fn choose_post(
    State(app): State<App>,
    Settled(signed): Settled,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = match fields.text("post") {
        "directory" => None,
        id => Some(id.parse().map_err(|_| Failure::NotFound)?),
    };
    if !posts::choose(&app, &signed.current, id).await? {
        return Err(Failure::NotFound);
    }
    Ok(Redirect::to(&format!("{}?note=post", urls::MY_ACCOUNT)).into_response())
}

/// Nothing to choose where there is only the one of the directories.
fn post_views(t: Lang, all: Vec<Post>) -> Vec<PostView> {
    if all.len() < 2 {
        return Vec::new();
    }
    let view = |post: Post| {
        let agency = post.agency.as_ref().map(|agency| agency.name.clone());
        let from = post.id.is_none().then(|| t.posts_from_directory().to_owned());
        PostView {
            id: post.id.map_or_else(|| "directory".to_owned(), |id| id.to_string()),
            title: post.title.unwrap_or_else(|| t.posts_no_title().to_owned()),
            says: agency.into_iter().chain(from).collect::<Vec<_>>().join(" · "),
            is_active: post.is_active,
        }
    };
    all.into_iter().map(view).collect()
}

/// The person is asked again as whom they go on to applications.
pub(in crate::web) async fn ask_again(
    State(app): State<App>,
    Settled(signed): Settled,
    _form: Form,
) -> Result<Response, Failure> {
    acting::ask_again(&app, &signed.current).await?;
    Ok(Redirect::to(&format!("{}?note=ask", urls::MY_ACCOUNT)).into_response())
}

/// Who granted it, when, and until when.
fn acting_by(t: Lang, named: &Named) -> String {
    let delegation = &named.delegation;
    let by = t.acting_by(&delegation.granted_by, &t.date(delegation.granted_at.local_date()));
    // The last moment of the last day.
    let last = delegation.ends_at.map(|end| end.minus(time::Duration::microseconds(1)).local_date());
    let until = last.map_or_else(|| t.acting_always().to_owned(), |day| t.acting_until(&t.date(day)));
    format!("{by}, {until}")
}

fn facts(t: Lang, overview: &Overview, sources: &[(Attribute, Vec<Said>)]) -> Vec<Fact> {
    let profile = overview.account.profile();
    let fact = |id, word, attribute, values: Vec<String>| Fact {
        id,
        word,
        sources: said(t, attribute, &values.join(", "), sources),
        values,
    };
    let kind = match profile.kind {
        Kind::Person => t.kind_person(),
        Kind::Agency => t.kind_agency(),
        Kind::Service => t.kind_service(),
    };
    let house = |id, word, values| Fact { id, word, values, sources: vec![t.my_account_house().to_owned()] };
    let agency = overview.agency.as_ref().map(|agency| agency.name.clone());
    let texts = |all: &[crate::domain::address::MailAddress]| all.iter().map(ToString::to_string).collect();
    let mut facts = vec![
        fact("name", t.full_name(), Attribute::Name, vec![profile.display_name.clone()]),
        fact("address", t.main_address(), Attribute::Address, vec![profile.address.to_string()]),
        fact("aliases", t.aliases(), Attribute::Aliases, texts(&overview.aliases)),
    ];
    if !overview.former.is_empty() {
        facts.push(house("former", t.former_addresses(), texts(&overview.former)));
    }
    facts.push(fact("agency", t.agency(), Attribute::Agency, agency.into_iter().collect()));
    facts.push(fact("title", t.job_title(), Attribute::Title, profile.title.iter().cloned().collect()));
    facts.extend(
        profile
            .staff_number
            .clone()
            .map(|number| fact("staff-number", t.staff_number(), Attribute::StaffNumber, vec![number])),
    );
    facts.push(house("kind", t.my_account_kind(), vec![kind.to_owned()]));
    facts
}

/// What every detail of the directories would say of where it comes from, to be said once, below them; nothing where they
/// differ.
fn said_once(t: Lang, facts: &mut [Fact], sources: &[(Attribute, Vec<Said>)]) -> Vec<String> {
    let is_of_a_directory = |fact: &Fact| !fact.sources.is_empty() && fact.sources != [t.my_account_house()];
    let mut told: Vec<_> = facts.iter_mut().filter(|fact| is_of_a_directory(fact)).collect();
    let Some(mut common) = told.first().map(|fact| fact.sources.clone()) else { return Vec::new() };
    if told.len() < 2 || told.iter().any(|fact| fact.sources != common) {
        return Vec::new();
    }
    for fact in &mut told {
        fact.sources.clear();
    }
    let named = |said: &Said| (t.mail_system_name(said.system), t.date(said.since.local_date()));
    let all: Vec<_> = sources.iter().flat_map(|(_, all)| all).map(named).collect();
    // The details of the house, which say their own source, stand right above.
    for line in &mut common {
        if let Some((system, day)) = all.iter().find(|(system, day)| *line == t.my_account_from(system, day))
        {
            *line = t.my_account_others(system, day);
        }
    }
    common
}

/// Which directory a value comes from, and what the other one says. An agency may be called otherwise there, and a
/// decision of the city says which one is meant.
fn said(t: Lang, attribute: Attribute, value: &str, sources: &[(Attribute, Vec<Said>)]) -> Vec<String> {
    let Some((_, all)) = sources.iter().find(|(of, _)| *of == attribute) else { return Vec::new() };
    let is_same = |said: &Said| attribute == Attribute::Aliases || said.value == value;
    let mut lines = Vec::new();
    for (place, said) in all.iter().enumerate() {
        let system = t.mail_system_name(said.system);
        if is_same(said) || (place == 0 && attribute == Attribute::Agency) {
            lines.push(t.my_account_from(system, &t.date(said.since.local_date())));
            lines.extend((!is_same(said)).then(|| t.my_account_decided(&said.value)));
        } else {
            lines.push(t.my_account_also(system, &said.value));
        }
    }
    lines
}
