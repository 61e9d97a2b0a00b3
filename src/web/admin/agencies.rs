//! The agencies as a tree, each with how well it keeps the regulation; as a page and as a workbook.

use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::compliance::Figures;
use crate::domain::id::AgencyId;
use crate::domain::name;
use crate::domain::timestamp::Timestamp;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::compliance::{self, Line};
use crate::services::conflicts;
use crate::urls;
use crate::web::parts::{count, number_of};
use crate::web::sheet::{Cell, Sheet, WORKBOOK};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::cmp::Reverse;

/// By what the table is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Tree,
    OwnPassword,
    Fresh,
    SecondFactor,
    Dormant,
    Locked,
    UnlockTime,
    Conflicts,
}

impl By {
    const ALL: [Self; 8] = [
        Self::Tree,
        Self::OwnPassword,
        Self::Fresh,
        Self::SecondFactor,
        Self::Dormant,
        Self::Locked,
        Self::UnlockTime,
        Self::Conflicts,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::OwnPassword => "password",
            Self::Fresh => "fresh",
            Self::SecondFactor => "factor",
            Self::Dormant => "dormant",
            Self::Locked => "locked",
            Self::UnlockTime => "unlock",
            Self::Conflicts => "conflicts",
        }
    }

    const fn word(self, t: Lang) -> &'static str {
        match self {
            Self::Tree => t.agencies_by_tree(),
            Self::OwnPassword => t.agency_own_password(),
            Self::Fresh => t.agency_fresh(),
            Self::SecondFactor => t.agency_second_factor(),
            Self::Dormant => t.agency_dormant(),
            Self::Locked => t.agency_locked(),
            Self::UnlockTime => t.agency_unlock_time(),
            Self::Conflicts => t.agency_conflicts(),
        }
    }

    /// The worst first: the lowest share of what should be, the highest of what should not. Without accounts last.
    fn order(self, lines: &mut [Line]) {
        let share = |line: &Line, part: fn(&Figures) -> i64| line.own.per_mille(part(&line.own));
        let lowest = |part: fn(&Figures) -> i64| move |line: &Line| share(line, part).unwrap_or(i64::MAX);
        let highest = |part: fn(&Figures) -> i64| move |line: &Line| Reverse(share(line, part).unwrap_or(-1));
        match self {
            Self::Tree => {}
            Self::OwnPassword => lines.sort_by_key(lowest(Figures::own_password)),
            Self::Fresh => lines.sort_by_key(lowest(|f| f.fresh)),
            Self::SecondFactor => lines.sort_by_key(lowest(|f| f.second_factor)),
            Self::Dormant => lines.sort_by_key(highest(|f| f.dormant)),
            Self::Locked => lines.sort_by_key(highest(|f| f.locked)),
            Self::UnlockTime => {
                lines.sort_by_key(|line| Reverse(line.own.mean_unlock_seconds().unwrap_or(-1)));
            }
            Self::Conflicts => lines.sort_by_key(|line| Reverse(line.own.conflicts)),
        }
    }
}

/// The longest text that is looked for.
const LONGEST: usize = 100;

/// An order to choose.
struct Choice {
    code: &'static str,
    word: &'static str,
    chosen: bool,
}

/// A column of numbers: its word, and whether a telephone leaves it out.
#[derive(Clone, Copy)]
struct Column {
    word: &'static str,
    is_desk: bool,
}

/// A number of an agency.
struct Number {
    column: Column,
    text: String,
    /// The list behind it; a zero has none.
    href: Option<String>,
    /// Whether somebody is missing, or is there who should not be.
    is_wrong: bool,
}

/// A line of the table.
struct Row {
    href: String,
    name: String,
    /// The class of how deep it lies in the tree.
    depth: String,
    numbers: [Number; 9],
}

#[derive(Template)]
#[template(path = "admin/agencies.html")]
struct AgenciesPage {
    t: Lang,
    page: Frame,
    /// Whether there is one at all.
    has_any: bool,
    q: String,
    counted: String,
    tree: Choice,
    orders: Vec<Choice>,
    /// By what it is ordered, where that is not the tree.
    ordered: Option<String>,
    conflicts_note: String,
    columns: [Column; 9],
    rows: Vec<Row>,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let query = query_of(query)?;
    let order = By::ALL.into_iter().find(|order| order.code() == query.text("sort")).unwrap_or(By::Tree);
    let q: String = query.text("q").trim().chars().take(LONGEST).collect();
    let mut lines = compliance::table(&app, &by.administrator).await?;
    let has_any = !lines.is_empty();
    let key = name::search_key(&q);
    lines.retain(|line| fits(line, &key));
    order.order(&mut lines);
    // Found ones stand without those above them.
    let is_tree = order == By::Tree && q.is_empty();
    let sees_conflicts = by.administrator.may(Right::SeeDirectories);
    let choice = |one: By| Choice { code: one.code(), word: one.word(t), chosen: one == order };
    html(&AgenciesPage {
        t,
        page: super::frame(&app, &by).await?,
        has_any,
        q,
        counted: t.agencies_counted(&t.number(number_of(lines.len()))),
        tree: choice(By::Tree),
        orders: By::ALL.into_iter().filter(|one| *one != By::Tree).map(choice).collect(),
        ordered: (order != By::Tree).then(|| t.agencies_ordered(order.word(t))),
        conflicts_note: conflicts_note(t, conflicts::counted_at(&app).await?),
        columns: columns(t),
        rows: lines.iter().map(|line| row(t, line, is_tree, sees_conflicts)).collect(),
    })
}

/// Whether every word that is looked for is in its name or its code.
fn fits(line: &Line, key: &str) -> bool {
    let (of_name, code) = (name::search_key(&line.agency.name), line.agency.code.to_lowercase());
    key.split(' ').all(|word| of_name.contains(word) || code.contains(word))
}

/// The columns; a telephone shows what an agency is ranked by, who is locked, and its rank.
const fn columns(t: Lang) -> [Column; 9] {
    const fn desk(word: &'static str) -> Column {
        Column { word, is_desk: true }
    }
    const fn always(word: &'static str) -> Column {
        Column { word, is_desk: false }
    }
    [
        desk(t.agency_accounts()),
        desk(t.agency_own_password()),
        always(t.agency_fresh()),
        desk(t.agency_second_factor()),
        desk(t.agency_dormant()),
        always(t.agency_locked()),
        desk(t.agency_unlock_time()),
        desk(t.agency_conflicts()),
        always(t.agency_place()),
    ]
}

fn row(t: Lang, line: &Line, is_tree: bool, sees_conflicts: bool) -> Row {
    let (id, own) = (line.agency.id, &line.own);
    let people = format!("{}?agency={id}", urls::ACCOUNTS);
    let [accounts, own_password, fresh, second_factor, dormant, locked, unlock_time, conflicts, place] =
        columns(t);
    let plain = |column, text| Number { column, text, href: None, is_wrong: false };
    let part = |column, part: i64| Number {
        is_wrong: own.per_mille(part).is_some_and(|per_mille| per_mille < 1_000),
        ..plain(column, share(t, own, part))
    };
    let fault = |column, number: i64, list: Option<String>| Number {
        href: list.filter(|_| number > 0),
        is_wrong: number > 0,
        ..plain(column, t.number(count(number)))
    };
    let unlocked = own.mean_unlock_seconds().map_or_else(dash, |seconds| t.span(seconds));
    let rank =
        line.place.map_or_else(dash, |(place, of)| t.agency_place_of(&place.to_string(), &of.to_string()));
    Row {
        href: urls::agency(id),
        name: line.agency.name.clone(),
        depth: if is_tree { format!("is-depth-{}", line.depth.min(4)) } else { String::new() },
        numbers: [
            Number { is_wrong: false, ..fault(accounts, own.accounts, Some(people.clone())) },
            part(own_password, own.own_password()),
            part(fresh, own.fresh),
            part(second_factor, own.second_factor),
            fault(dormant, own.dormant, None),
            fault(locked, own.locked, Some(format!("{people}&state=locked"))),
            plain(unlock_time, unlocked),
            fault(conflicts, own.conflicts, sees_conflicts.then(|| conflicts_of(id))),
            plain(place, rank),
        ],
    }
}

/// The list behind the conflicts of an agency.
pub(super) fn conflicts_of(agency: AgencyId) -> String {
    format!("{}?agency={agency}", urls::RECONCILE)
}

/// As of when the conflicts were counted.
pub(super) fn conflicts_note(t: Lang, counted_at: Option<Timestamp>) -> String {
    counted_at.map_or_else(
        || t.agency_conflicts_never().to_owned(),
        |at| t.agency_conflicts_note(&t.moment(at.local())),
    )
}

/// What stands where there is no number.
fn dash() -> String {
    "–".to_owned()
}

/// A share of the accounts in words.
pub(super) fn share(t: Lang, figures: &Figures, part: i64) -> String {
    figures.per_mille(part).map_or_else(dash, |per_mille| t.share(per_mille))
}

/// Sends them as a workbook: the numbers behind the shares.
pub(in crate::web) async fn xlsx(State(app): State<App>, by: AsAdministrator) -> Result<Response, Failure> {
    let wrong = |error| Failure::Internal(format!("writing a workbook: {error}"));
    let t = by.visitor.lang;
    let lines = compliance::table(&app, &by.administrator).await?;
    let columns = [
        (t.agency_code(), 18.0),
        (t.agency(), 44.0),
        (t.agency_accounts(), 12.0),
        (t.agency_own_password(), 20.0),
        (t.agency_fresh(), 20.0),
        (t.agency_second_factor(), 20.0),
        (t.agency_dormant(), 16.0),
        (t.agency_locked(), 16.0),
        (t.agency_unlock_hours(), 24.0),
        (t.agency_conflicts(), 20.0),
        (t.agency_place(), 12.0),
        (t.agency_peers(), 24.0),
    ];
    let mut sheet = Sheet::new(t.agencies_title(), &columns).map_err(wrong)?;
    for line in &lines {
        let own = &line.own;
        let rank = |part: fn((usize, usize)) -> usize| match line.place {
            Some(place) => Cell::Number(i64::try_from(part(place)).unwrap_or(i64::MAX)),
            None => "".into(),
        };
        let [accounts, own_password, fresh, factor, dormant, locked] =
            [own.accounts, own.own_password(), own.fresh, own.second_factor, own.dormant, own.locked]
                .map(Cell::Number);
        let cells = [
            line.agency.code.as_str().into(),
            line.agency.name.as_str().into(),
            accounts,
            own_password,
            fresh,
            factor,
            dormant,
            locked,
            own.mean_unlock_seconds().map_or_else(|| "".into(), Cell::Hours),
            Cell::Number(own.conflicts),
            rank(|(place, _)| place),
            rank(|(_, peers)| peers),
        ];
        sheet.add(&cells).map_err(wrong)?;
    }
    let bytes = sheet.finish().map_err(wrong)?;
    let headers = [(CONTENT_TYPE, WORKBOOK), (CONTENT_DISPOSITION, "attachment; filename=\"co-quan.xlsx\"")];
    Ok((headers, bytes).into_response())
}
