//! The letters, seen by an administrator: how they go, who is written to today, what was not delivered and why, and a
//! sample to the own address.

use crate::app::App;
use crate::domain::mail::{LetterKind, Stage};
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::letters::{self, Failure as NotDelivered, Overview, Preview, PreviewKind, Tried};
use crate::urls;
use crate::web::parts::{Notice, count};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

/// How many letters are in a stage.
struct CountLine {
    code: &'static str,
    word: &'static str,
    number: String,
}

/// Somebody who is written to today.
struct RecipientLine {
    href: String,
    name: String,
    address: String,
}

/// The letters of one kind that are due today.
struct KindView {
    word: &'static str,
    recipients: String,
    first: Vec<RecipientLine>,
    others: Option<String>,
}

/// A letter that was not delivered.
struct FailureLine {
    href: String,
    address: String,
    kind: &'static str,
    written: String,
    why: String,
}

#[derive(Template)]
#[template(path = "admin/letters.html")]
struct LettersPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    /// The hour from which reminders go out.
    opening: String,
    has_relay: bool,
    counts: Vec<CountLine>,
    nothing_today: &'static str,
    kinds: Vec<KindView>,
    failures: Vec<FailureLine>,
    older: Option<String>,
    try_note: String,
    samples: Vec<(&'static str, &'static str)>,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let before = query.get("before").map(str::parse).transpose().map_err(|_| Failure::NotFound)?;
    let overview = letters::overview(&app, &by.administrator, before).await?;
    page(&app, &by, overview, None).await
}

/// Sends a sample to the administrator's own address.
pub(in crate::web) async fn trial(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let kind = LetterKind::from_code(fields.text("kind")).filter(|kind| LetterKind::SAMPLES.contains(kind));
    let kind = kind.ok_or(Failure::NotFound)?;
    let notice = match letters::trial(&app, &by.administrator, kind).await? {
        Tried::Sent => Notice::ok(t.tried_sent()),
        Tried::Waiting(why) => Notice::warn(t.tried_waiting(&why)),
        Tried::Failed(why) => Notice::danger(t.tried_failed(&why)),
        Tried::NoRelay => Notice::info(t.letters_no_relay()),
    };
    let overview = letters::overview(&app, &by.administrator, None).await?;
    page(&app, &by, overview, Some(notice)).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    overview: Overview,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let preview = letters::preview(app, &by.administrator).await?;
    let frame = super::frame(app, by).await?;
    let language = urls::LANGUAGE.replace("{code}", t.other().code());
    html(&LettersPage {
        t,
        // The page may answer a form, whose own address shows nothing.
        page: Frame {
            other_language: format!("{language}?back={}", urls::LETTERS),
            path: urls::LETTERS.to_owned(),
            ..frame
        },
        notice,
        opening: t.hour(app.regulation().book.settings.opening()),
        has_relay: overview.has_relay,
        counts: counts(t, &overview),
        nothing_today: if preview.is_day_off { t.letters_day_off() } else { t.letters_today_none() },
        kinds: kinds(t, &preview),
        failures: overview.failures.iter().map(|failure| not_delivered(t, failure)).collect(),
        older: overview.next.map(|id| format!("{}?before={id}", urls::LETTERS)),
        try_note: t.try_note(by.administrator.address()),
        samples: LetterKind::SAMPLES.into_iter().map(|kind| (kind.code(), t.letter_kind(kind))).collect(),
    })
}

fn counts(t: Lang, overview: &Overview) -> Vec<CountLine> {
    let number = |stage| overview.counts.iter().filter(|(s, _)| *s == stage).map(|(_, n)| count(*n)).sum();
    let lines = Stage::ALL.into_iter().map(|stage| CountLine {
        code: stage.code(),
        word: t.letter_stage(stage),
        number: t.number(number(stage)),
    });
    lines.collect()
}

fn kinds(t: Lang, preview: &Preview) -> Vec<KindView> {
    let view = |kind: &PreviewKind| {
        let first = kind.first.iter().map(|recipient| RecipientLine {
            href: urls::account(recipient.account_id),
            name: recipient.name.clone(),
            address: recipient.address.clone(),
        });
        let others = kind.count.saturating_sub(u64::try_from(kind.first.len()).unwrap_or(u64::MAX));
        KindView {
            word: t.letter_kind(kind.kind),
            recipients: t.recipients(&t.number(kind.count)),
            first: first.collect(),
            others: (others > 0).then(|| t.and_others(&t.number(others))),
        }
    };
    preview.kinds.iter().map(view).collect()
}

fn not_delivered(t: Lang, failure: &NotDelivered) -> FailureLine {
    FailureLine {
        href: urls::account(failure.account_id),
        address: failure.address.clone(),
        kind: t.letter_kind(failure.kind),
        written: t.moment(failure.written_at.local()),
        why: failure.why.clone(),
    }
}
