//! The two directories beside each other: what was found, by kind, as a page and as a table.

use super::Choice;
use super::effect;
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::agency::Agency;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{FindingKind, SeenMailbox, Verdict};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::accounts as use_cases;
use crate::services::reconcile::{self, Asked, Found, Looked, Party, Who};
use crate::services::settle::is_settled_here;
use crate::urls;
use crate::web::parts::Notice;
use crate::web::sheet::{MARK, guarded};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// A link that narrows what is shown to a kind.
struct Chip {
    address: String,
    word: String,
    chosen: bool,
}

/// Somebody in words.
struct PartyView {
    href: Option<String>,
    name: String,
    more: Vec<String>,
}

/// A finding in words.
struct FoundView {
    id: String,
    who: String,
    parties: Vec<PartyView>,
    says: Vec<String>,
}

/// How findings of the kind that is shown are settled.
struct Settle {
    verdicts: Vec<(&'static str, &'static str)>,
    asks_target: bool,
}

#[derive(Template)]
#[template(path = "admin/reconcile.html")]
struct ReconcilePage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    progress: String,
    /// As of when.
    compared: String,
    chips: Vec<Chip>,
    title: &'static str,
    kind: &'static str,
    q: String,
    agencies: Vec<Choice>,
    found: Vec<FoundView>,
    /// Whether any of them says something.
    says: bool,
    settle: Option<Settle>,
    export: String,
    first: Option<String>,
    next: Option<String>,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    page(&app, &by, &query, StatusCode::OK, None).await
}

/// Everything of a kind as CSV, one line for each mailbox.
pub(in crate::web) async fn export(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let asked = asked(&by, &query_of(query)?);
    let (found, agencies) = reconcile::all(&app, &by.administrator, asked).await?;
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let wrong = |error: csv::Error| Failure::Internal(format!("writing a table: {error}"));
    let head = [
        "kind",
        "finding",
        "address",
        "name",
        "agency",
        "directory",
        "login",
        "enabled",
        "staff_number",
        "detail",
    ];
    table.write_record(head).map_err(wrong)?;
    for one in &found {
        for record in records(t, one, &agencies) {
            table.write_record(record.iter().map(|cell| guarded(cell))).map_err(wrong)?;
        }
    }
    let bytes = table.into_inner().map_err(|error| Failure::Internal(format!("writing a table: {error}")))?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"reconcile.csv\""),
    ];
    let mut text = MARK.as_bytes().to_vec();
    text.extend(bytes);
    Ok((headers, text).into_response())
}

fn records(t: Lang, found: &Found, agencies: &[Agency]) -> Vec<[String; 10]> {
    let kind = found.kind.code();
    if let Some((system, passed)) = &found.set_aside {
        let (entry, why) = (passed.entry.clone(), passed.why.clone());
        let system = system.code().to_owned();
        let none = String::new;
        let id = found.id.clone();
        return vec![[kind.to_owned(), id, entry, none(), none(), system, none(), none(), none(), why]];
    }
    let detail = found.fields.iter().map(|(field, _)| field.code()).collect::<Vec<_>>().join(" ");
    let mut all = Vec::new();
    for party in &found.parties {
        let Party::Within(who) = party else { continue };
        for seen in &who.mailboxes {
            all.push([
                kind.to_owned(),
                found.id.clone(),
                seen.address.to_string(),
                seen.display_name.clone(),
                effect::name(t, who.agency, agencies),
                seen.key.system.code().to_owned(),
                seen.key.login.clone(),
                if seen.enabled { "yes" } else { "no" }.to_owned(),
                seen.staff_number.clone().unwrap_or_default(),
                detail.clone(),
            ]);
        }
    }
    all
}

/// What a query asks for; an agency out of reach is not asked for.
fn asked(by: &AsAdministrator, query: &Fields) -> Asked {
    let reach = by.administrator.reach();
    Asked {
        kind: FindingKind::from_code(query.text("kind")),
        agency: query.get("agency").and_then(|id| id.parse().ok()).filter(|id| reach.covers(Some(*id))),
        search: query.text("q").chars().take(100).collect(),
        after: query.get("after").map(str::to_owned),
    }
}

/// The address that asks for something.
fn address(path: &str, asked: &Asked, kind: Option<FindingKind>, after: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(kind) = kind {
        query.append_pair("kind", kind.code());
    }
    if let Some(agency) = asked.agency {
        query.append_pair("agency", &agency.to_string());
    }
    if !asked.search.is_empty() {
        query.append_pair("q", &asked.search);
    }
    if let Some(after) = after {
        query.append_pair("after", after);
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The page, with what came of a form.
pub(super) async fn page(
    app: &App,
    by: &AsAdministrator,
    query: &Fields,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let asked = asked(by, query);
    let looked = reconcile::look(app, &by.administrator, asked.clone()).await?;
    let kind = asked.kind.or_else(|| looked.counts.keys().next().copied());
    let own = use_cases::agencies_within_reach(app, &by.administrator).await?;
    let frame = super::frame(app, by).await?;
    let found: Vec<_> = looked.found.iter().map(|found| found_view(t, found, &looked.agencies)).collect();
    let here = address(urls::RECONCILE, &asked, kind, asked.after.as_deref());
    let page = ReconcilePage {
        t,
        page: super::at(frame, t, &here),
        notice,
        progress: progress(t, &looked),
        compared: t.reconcile_compared(&t.moment(looked.compared_at.local())),
        chips: chips(t, &asked, &looked, kind),
        title: kind.map_or("", |kind| t.finding(kind)),
        kind: kind.map_or("", FindingKind::code),
        q: asked.search.clone(),
        agencies: own.into_iter().map(|agency| Choice::of_agency(agency, asked.agency)).collect(),
        says: found.iter().any(|one| !one.says.is_empty()),
        found,
        settle: kind
            .filter(|_| by.administrator.may(Right::DecideDirectories))
            .and_then(|kind| settle(t, kind)),
        export: address(urls::RECONCILE_CSV, &asked, kind, None),
        first: asked.after.as_ref().map(|_| address(urls::RECONCILE, &asked, kind, None)),
        next: looked.next.as_ref().map(|next| address(urls::RECONCILE, &asked, kind, Some(next))),
    };
    html_with(status, &page)
}

/// How much is left to look at; what is in one directory alone is no fault.
fn progress(t: Lang, looked: &Looked) -> String {
    let calm = [FindingKind::Same, FindingKind::OnlyInAd, FindingKind::OnlyInObm];
    let left: u64 = looked.counts.iter().filter(|(kind, _)| !calm.contains(kind)).map(|(_, n)| n).sum();
    if left == 0 { t.reconcile_clear().to_owned() } else { t.reconcile_left(&t.number(left)) }
}

fn chips(t: Lang, asked: &Asked, looked: &Looked, chosen: Option<FindingKind>) -> Vec<Chip> {
    let chip = |(kind, number): (&FindingKind, &u64)| Chip {
        address: address(urls::RECONCILE, asked, Some(*kind), None),
        word: format!("{} ({})", t.finding(*kind), t.number(*number)),
        chosen: Some(*kind) == chosen,
    };
    looked.counts.iter().map(chip).collect()
}

fn found_view(t: Lang, found: &Found, agencies: &[Agency]) -> FoundView {
    let system = |system: MailSystem| t.directory_name(system);
    if let Some((of, passed)) = &found.set_aside {
        let party = PartyView { href: None, name: passed.entry.clone(), more: vec![system(*of).to_owned()] };
        let says = vec![passed.why.clone()];
        return FoundView { id: found.id.clone(), who: String::new(), parties: vec![party], says };
    }
    let says = found.fields.iter().map(|(field, said)| {
        let value = |(of, value): &(MailSystem, String)| format!("{}: {value}", system(*of));
        let values: Vec<_> = said.iter().map(value).collect();
        format!("{} – {}", t.attribute(*field), values.join(" · "))
    });
    let within = found.parties.iter().filter_map(|party| match party {
        Party::Within(who) => Some(who.address.as_str()),
        Party::OutOfReach => None,
    });
    FoundView {
        id: found.id.clone(),
        who: within.collect::<Vec<_>>().join(", "),
        parties: found.parties.iter().map(|party| party_view(t, party, agencies)).collect(),
        says: says.collect(),
    }
}

/// What can be decided on findings of a kind; nothing on those that are mended in a directory.
fn settle(t: Lang, kind: FindingKind) -> Option<Settle> {
    let (one, two) =
        ((Verdict::OnePerson.code(), t.settle_one()), (Verdict::TwoPersons.code(), t.settle_two()));
    let known = (Verdict::Known.code(), t.settle_known());
    let asks_target = matches!(kind, FindingKind::OnlyInAd | FindingKind::OnlyInObm);
    let verdicts = if asks_target { vec![known, one] } else { vec![one, two, known] };
    is_settled_here(kind).then_some(Settle { verdicts, asks_target })
}

fn party_view(t: Lang, party: &Party, agencies: &[Agency]) -> PartyView {
    let who: &Who = match party {
        Party::OutOfReach => {
            return PartyView { href: None, name: t.reconcile_out_of_reach().to_owned(), more: Vec::new() };
        }
        Party::Within(who) => who,
    };
    let mut more = vec![format!("{} · {}", who.address, effect::name(t, who.agency, agencies))];
    more.extend(who.mailboxes.iter().map(|seen| mailbox(t, seen, &who.address)));
    if who.account.is_none() {
        more.push(t.reconcile_no_account().to_owned());
    }
    PartyView { href: who.account.map(urls::account), name: who.name.clone(), more }
}

/// A mailbox in a line: which directory, login, the address if it is another than the known one, what is special.
fn mailbox(t: Lang, seen: &SeenMailbox, known: &str) -> String {
    let mut line = format!("{}: {}", t.directory_name(seen.key.system), seen.key.login);
    if seen.address.as_str() != known {
        line.push_str(", ");
        line.push_str(seen.address.as_str());
    }
    if let Some(number) = &seen.staff_number {
        line.push_str(", ");
        line.push_str(&t.reconcile_number(number));
    }
    if !seen.enabled {
        line.push_str(", ");
        line.push_str(t.reconcile_off());
    }
    line
}
