//! The items on the page of an access review: how each is shown, what a form sent of them, and how they are told in a line.

use crate::domain::access_review::{Subject, Verdict};
use crate::domain::account::StateName;
use crate::domain::id::AccountId;
use crate::http::form::Fields;
use crate::i18n::Lang;
use crate::services::access_review::{Chosen, Item, View};
use crate::urls;
use crate::web::parts::state_badge;
use axum::http::StatusCode;

/// How the boxes of the items are named: this, the kind and the id.
const BOX: &str = "item.";

/// Something that is looked at.
pub(super) struct ItemLine {
    pub(super) field: String,
    /// What the box sends: the item as it is shown here.
    pub(super) version: i64,
    pub(super) is_ticked: bool,
    /// None where the account lies beyond reach by now.
    pub(super) href: Option<String>,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) subject: &'static str,
    pub(super) what: String,
    pub(super) state: &'static str,
    pub(super) state_badge: &'static str,
    pub(super) badge: &'static str,
    pub(super) verdict: &'static str,
    pub(super) said: String,
    pub(super) passed: String,
    pub(super) waits_for: &'static str,
    pub(super) is_own: bool,
    pub(super) may_say: bool,
}

/// What a form sent that was not taken, for the page that answers it.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) ticked: Vec<Chosen>,
    /// Whether what was ticked stays so where somebody else has spoken since: the page names it.
    pub(super) is_told: bool,
    pub(super) verdict: String,
    pub(super) to: String,
    pub(super) reason: String,
}

impl Sent {
    /// What a form sent that is answered with this status.
    pub(super) fn of(fields: &Fields, status: StatusCode) -> Self {
        Self {
            ticked: ticked(fields),
            is_told: status == StatusCode::CONFLICT,
            verdict: fields.text("verdict").to_owned(),
            to: fields.text("to").to_owned(),
            reason: fields.text("reason").to_owned(),
        }
    }

    fn ticks(&self, item: &Item) -> bool {
        let is_it = |one: &&Chosen| (one.kind, &one.reference) == (item.kind, &item.reference);
        let chosen = self.ticked.iter().find(is_it);
        chosen.is_some_and(|one| self.is_told || one.version == item.version)
    }
}

/// The ticked ones, as the page showed them. A box without a version is one of a page that nobody has seen.
pub(super) fn ticked(fields: &Fields) -> Vec<Chosen> {
    let one = |(name, value): (&str, &str)| {
        let (kind, id) = name.strip_prefix(BOX)?.split_once('.')?;
        let version = value.parse().unwrap_or(-1);
        Some(Chosen { kind: Subject::from_code(kind)?, reference: id.to_owned(), version })
    };
    fields.iter().filter_map(one).collect()
}

/// The items of a page.
pub(super) fn lines(t: Lang, view: &View, oneself: AccountId, sent: &Sent) -> Vec<ItemLine> {
    view.items.iter().map(|item| line(t, (view, item), oneself, sent)).collect()
}

fn line(t: Lang, (view, item): (&View, &Item), oneself: AccountId, sent: &Sent) -> ItemLine {
    let state = StateName::from_code(&item.state);
    let (badge, verdict) = match (item.outcome, item.verdict) {
        (Some(outcome), _) => ("is-off", t.review_outcome_of(outcome)),
        (None, _) if item.ordered_by.is_some() => ("is-info", t.review_being_done()),
        (None, None) => ("is-warn", t.review_waiting()),
        (None, Some(Verdict::Keep)) => ("is-ok", t.review_keep()),
        (None, Some(verdict)) => ("is-danger", t.review_verdict_of(verdict)),
    };
    let is_own = item.account_id == oneself;
    ItemLine {
        field: format!("{BOX}{}.{}", item.kind.code(), item.reference),
        version: item.version,
        is_ticked: sent.ticks(item),
        href: state.map(|_| urls::account(item.account_id)),
        name: item.name.clone(),
        address: item.address.clone(),
        subject: t.review_subject(item.kind),
        what: if item.kind == Subject::Account { String::new() } else { item.what.clone() },
        state: state.map_or("", |state| t.state_of(state)),
        state_badge: state.map_or("is-off", state_badge),
        badge,
        verdict,
        passed: item
            .passed
            .as_ref()
            .map_or_else(String::new, |(at, who, why)| t.review_passed(&t.moment(at.local()), who, why)),
        said: said(t, item),
        waits_for: item.obstacle.map_or("", |obstacle| t.review_obstacle(obstacle)),
        is_own,
        may_say: view.may_decide && !is_own && item.outcome.is_none() && item.ordered_by.is_none(),
    }
}

/// Whose it is, and what.
pub(super) fn named(t: Lang, item: &Item) -> String {
    let what = if item.kind == Subject::Account { "" } else { item.what.as_str() };
    format!("{} ({}): {} {what}", item.name, item.address, t.review_subject(item.kind)).trim_end().to_owned()
}

/// What was said of it or done with it last.
pub(super) fn word_of(t: Lang, item: &Item) -> String {
    let word = match (item.outcome, item.verdict, &item.passed) {
        (Some(outcome), ..) => t.review_outcome_of(outcome),
        (None, ..) if item.ordered_by.is_some() => t.review_being_done(),
        (None, Some(verdict), _) => t.review_verdict_of(verdict),
        (None, None, Some((at, who, why))) => return t.review_passed(&t.moment(at.local()), who, why),
        (None, None, None) => t.review_waiting(),
    };
    format!("{word}: {}", said(t, item))
}

fn said(t: Lang, item: &Item) -> String {
    let at = item.decided_at.map(|at| t.moment(at.local())).unwrap_or_default();
    [at.as_str(), &item.decided_by, &item.why].join(" ").trim().to_owned()
}
