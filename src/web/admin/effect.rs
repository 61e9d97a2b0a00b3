//! What a change would do to the deadlines that run, in words: for every preview of the console.

use crate::domain::admin::Reach;
use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::i18n::Lang;
use crate::services::deadlines::Effect;
use crate::urls;

/// An account that moves.
pub(super) struct MovedLine {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// An effect in words.
pub(super) struct EffectView {
    /// How many deadlines move, of each kind that occurs.
    pub(super) counts: Vec<String>,
    /// How many accounts would be locked at the next opening hour, if any.
    pub(super) due: Option<String>,
    pub(super) examples: Vec<MovedLine>,
    pub(super) agencies: Vec<(String, String)>,
}

impl EffectView {
    /// Puts an effect into words: numbers of the whole city, people and agencies only within reach.
    pub(super) fn new(t: Lang, effect: &Effect, agencies: &[Agency], reach: &Reach) -> Self {
        let counts = [
            (effect.later, t.effect_later(&t.number(effect.later))),
            (effect.earlier, t.effect_earlier(&t.number(effect.earlier))),
            (effect.kept, t.effect_kept(&t.number(effect.kept))),
            (effect.begin, t.effect_begin(&t.number(effect.begin))),
            (effect.end, t.effect_end(&t.number(effect.end))),
        ];
        let mut counts: Vec<_> = counts.into_iter().filter(|(n, _)| *n > 0).map(|(_, said)| said).collect();
        counts.push(t.effect_unchanged(&t.number(effect.unchanged)));
        let day = |day: Option<time::Date>| day.map_or_else(|| t.effect_none().to_owned(), |day| t.day(day));
        let examples =
            effect.examples.iter().filter(|moved| reach.covers(moved.agency)).map(|moved| MovedLine {
                href: urls::account(moved.id),
                name: moved.name.clone(),
                address: moved.address.to_string(),
                before: day(moved.before),
                after: day(moved.after),
            });
        let mut by_agency: Vec<_> =
            effect.by_agency.iter().filter(|(agency, _)| reach.covers(**agency)).collect();
        by_agency.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
        let due = effect.due_at_once;
        Self {
            counts,
            due: (due > 0).then(|| t.effect_due(&t.number(due))),
            examples: examples.collect(),
            agencies: by_agency.into_iter().map(|(id, n)| (name(t, *id, agencies), t.number(*n))).collect(),
        }
    }
}

/// The name of an agency, or that there is none.
pub(super) fn name(t: Lang, id: Option<AgencyId>, agencies: &[Agency]) -> String {
    let found = agencies.iter().find(|agency| Some(agency.id) == id);
    found.map_or_else(|| t.no_agency_group().to_owned(), |agency| agency.name.clone())
}
