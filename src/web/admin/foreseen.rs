//! What the next run would do because of a decision, in words: for every preview about the directories. Also why such
//! a decision was refused.

use super::sync_plan::{LineView, line_view};
use crate::http::Failure;
use crate::i18n::Lang;
use crate::services::sync::preview::{Foreseen, RulingRefused};
use crate::web::parts::number_of;
use axum::http::StatusCode;

/// A preview in words.
pub(super) struct ForeseenView {
    pub(super) counts: Vec<String>,
    pub(super) lines: Vec<LineView>,
    pub(super) excess: Vec<String>,
    pub(super) more: Option<String>,
}

impl ForeseenView {
    /// Puts it into words, for whoever reaches the whole city.
    pub(super) fn new(t: Lang, foreseen: &Foreseen) -> Self {
        let (shown, total) = (number_of(foreseen.lines.len()), foreseen.counts.values().sum());
        let count = |(kind, number): (&_, &u64)| format!("{}: {}", t.line_kind(*kind), t.number(*number));
        Self {
            counts: foreseen.counts.iter().map(count).collect(),
            lines: foreseen.lines.iter().map(|line| line_view(t, line, &foreseen.agencies, None)).collect(),
            excess: foreseen.excess.iter().map(|one| t.excess(one)).collect(),
            more: (shown < total).then(|| t.foreseen_first(&t.number(shown), &t.number(total))),
        }
    }
}

/// Why a decision was refused, in words; our own fault is a failure.
pub(super) fn refused(t: Lang, refused: RulingRefused) -> Result<(StatusCode, &'static str), Failure> {
    match refused {
        RulingRefused::Forbidden(_) => Ok((StatusCode::FORBIDDEN, t.authority_not_yours())),
        RulingRefused::NoReason => Ok((StatusCode::UNPROCESSABLE_ENTITY, t.reason_needed())),
        RulingRefused::Nothing => Ok((StatusCode::UNPROCESSABLE_ENTITY, t.ruling_nothing())),
        RulingRefused::Conflict => Ok((StatusCode::CONFLICT, t.ruling_conflict())),
        RulingRefused::Internal(internal) => Err(internal.into()),
    }
}
