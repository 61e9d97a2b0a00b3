//! A year of the calendar as tables of months, a legend, and lines that tell where each day comes from.

use crate::app::App;
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar::DayKind;
use crate::i18n::Lang;
use crate::services::calendar::{COMMAND_LINE, Listing, Year, unconfirmed_next_year};
use crate::urls;
use std::collections::BTreeMap;
use time::{Date, Month, Weekday};

/// The days of a week, as the office counts it.
const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// A day of a month; `number` is empty where the week belongs to another month.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    pub(super) number: String,
    pub(super) class: String,
    pub(super) mark: String,
    pub(super) said: String,
}

/// A month.
#[derive(Debug, Clone)]
pub(super) struct MonthView {
    pub(super) name: String,
    pub(super) weeks: Vec<Vec<Cell>>,
}

/// One line of the legend.
#[derive(Debug, Clone)]
pub(super) struct LegendLine {
    pub(super) class: String,
    pub(super) mark: String,
    pub(super) word: &'static str,
}

/// A listed day with where it comes from.
#[derive(Debug, Clone)]
pub(super) struct DayLine {
    pub(super) id: String,
    pub(super) date: String,
    pub(super) day: String,
    pub(super) class: String,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) exception: Option<&'static str>,
    pub(super) badge: &'static str,
    pub(super) state: &'static str,
    pub(super) notice: String,
    pub(super) entered: String,
    pub(super) why: Option<String>,
    pub(super) confirmed_by: String,
    pub(super) strike: Option<String>,
}

/// The warning that next year is not confirmed.
#[derive(Debug, Clone)]
pub(super) struct Unsettled {
    pub(super) title: String,
    /// Where that year is; none on its own page.
    pub(super) link: Option<String>,
}

impl Unsettled {
    /// The warning, if it is time for it; `shown` is the year of the page.
    pub(super) fn new(app: &App, t: Lang, shown: Option<i32>) -> Option<Self> {
        let year = unconfirmed_next_year(app)?;
        let link = (shown != Some(year)).then(|| urls::calendar(year, None));
        Some(Self { title: t.calendar_unsettled_title(year), link })
    }
}

/// The heads of the columns: two letters, and the whole word for those who listen.
pub(super) fn week(t: Lang) -> Vec<(&'static str, &'static str)> {
    WEEK.into_iter().map(|day| (t.weekday_short(day), t.weekday(day))).collect()
}

/// The twelve months.
pub(super) fn months(t: Lang, year: &Year) -> Vec<MonthView> {
    // An agency's exception stands behind the city's day of the same date, and so replaces it here.
    let listed: BTreeMap<Date, &Listing> = year.days.iter().map(|listing| (listing.date, listing)).collect();
    let months = (1..=12).filter_map(|number| Month::try_from(number).ok());
    months
        .map(|month| MonthView { name: t.month(month), weeks: weeks(t, year.year, month, &listed) })
        .collect()
}

/// What the colours and letters mean.
pub(super) fn legend(t: Lang) -> Vec<LegendLine> {
    let kinds = DayKind::ALL.into_iter().map(|kind| LegendLine {
        class: class(kind, true),
        mark: t.day_letter(kind).to_owned(),
        word: t.day_kind(kind),
    });
    let open = LegendLine { class: "is-open".to_owned(), mark: "?".to_owned(), word: t.calendar_open_mark() };
    let weekend =
        LegendLine { class: "is-weekend".to_owned(), mark: String::new(), word: t.calendar_weekend() };
    kinds.chain([open, weekend]).collect()
}

/// A listed day of a year in words; `agency` is whose calendar is shown.
pub(super) fn day_line(t: Lang, year: &Year, listing: &Listing, agency: Option<AgencyId>) -> DayLine {
    let waits = listing.agency_id.is_some() && year.waiting.contains(&listing.date);
    let confirmed = listing.day.confirmed;
    let who_when = |who: &str, at: crate::domain::timestamp::Timestamp| {
        t.calendar_who_when(&said_who(t, who), &t.moment(at.local()))
    };
    DayLine {
        id: format!("{}-{}", if listing.agency_id.is_some() { "agency" } else { "city" }, listing.date),
        date: listing.date.to_string(),
        day: t.day(listing.date),
        class: class(listing.day.kind, confirmed),
        kind: t.day_kind(listing.day.kind),
        name: named(t, listing),
        exception: (agency.is_some() && listing.agency_id.is_some()).then(|| t.calendar_exception()),
        badge: if confirmed { "is-ok" } else { "is-warn" },
        state: day_state(t, confirmed, waits),
        notice: match (&listing.notice_number, listing.notice_date) {
            (Some(number), Some(date)) => t.calendar_notice_of(number, &t.date(date)),
            (number, _) => number.clone().unwrap_or_default(),
        },
        entered: match listing.entered.by.as_str() {
            "" => t.calendar_by_house().to_owned(),
            by => who_when(by, listing.entered.at),
        },
        why: listing.entered.why.clone(),
        confirmed_by: listing.confirmed_by.as_ref().map_or_else(String::new, |(who, at)| who_when(who, *at)),
        strike: listing.strike.as_ref().map(|s| t.calendar_strike_asked(&said_who(t, &s.by), &s.why)),
    }
}

/// How far a day is decided, and whether it counts before it is.
pub(super) const fn day_state(t: Lang, confirmed: bool, waits: bool) -> &'static str {
    match (confirmed, waits) {
        (true, _) => t.calendar_confirmed(),
        (false, false) => t.calendar_undecided(),
        (false, true) => t.calendar_undecided_waits(),
    }
}

/// Who entered or confirmed a day.
fn said_who(t: Lang, who: &str) -> String {
    match who {
        COMMAND_LINE => t.actor_command_line().to_owned(),
        address => address.to_owned(),
    }
}

/// The name of a day in the language of the page.
pub(super) fn named(t: Lang, listing: &Listing) -> String {
    match t {
        Lang::Vi => listing.day.vi.clone(),
        Lang::En => listing.day.en.clone(),
    }
}

fn weeks(t: Lang, year: i32, month: Month, listed: &BTreeMap<Date, &Listing>) -> Vec<Vec<Cell>> {
    let Ok(first) = Date::from_calendar_date(year, month, 1) else { return Vec::new() };
    let before = usize::from(first.weekday().number_days_from_monday());
    let dates = (1..=month.length(year)).filter_map(|day| Date::from_calendar_date(year, month, day).ok());
    let mut cells = vec![Cell::default(); before];
    cells.extend(dates.map(|date| cell(t, date, listed.get(&date).copied())));
    // Six weeks always, so that the months stand in line.
    cells.resize(6 * WEEK.len(), Cell::default());
    cells.chunks(WEEK.len()).map(<[Cell]>::to_vec).collect()
}

fn cell(t: Lang, date: Date, listing: Option<&Listing>) -> Cell {
    let number = date.day().to_string();
    let Some(listing) = listing else {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        let class = if weekend { "is-weekend" } else { "" }.to_owned();
        return Cell { number, class, ..Cell::default() };
    };
    let (kind, confirmed) = (listing.day.kind, listing.day.confirmed);
    let state = if confirmed { t.calendar_confirmed() } else { t.calendar_undecided() };
    let said = format!("{}: {} – {} ({state})", t.day(date), t.day_kind(kind), named(t, listing));
    let open = if confirmed { "" } else { "?" };
    Cell { number, class: class(kind, confirmed), mark: format!("{}{open}", t.day_letter(kind)), said }
}

fn class(kind: DayKind, confirmed: bool) -> String {
    let kind = match kind {
        DayKind::Holiday => "is-holiday",
        DayKind::InLieu => "is-in-lieu",
        DayKind::SwappedOff => "is-swapped",
        DayKind::MakeUp => "is-make-up",
        DayKind::Worked => "is-worked",
    };
    if confirmed { kind.to_owned() } else { format!("{kind} is-open") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_on_monday_and_has_six_weeks() {
        // 1 August 2026 is a Saturday.
        let weeks = weeks(Lang::Vi, 2026, Month::August, &BTreeMap::new());
        assert_eq!(weeks.len(), 6);
        let first: Vec<_> = weeks[0].iter().map(|cell| cell.number.as_str()).collect();
        assert_eq!(first, ["", "", "", "", "", "1", "2"]);
        assert_eq!((weeks[0][5].class.as_str(), weeks[1][0].class.as_str()), ("is-weekend", ""));
        assert_eq!(weeks.iter().flatten().filter(|cell| !cell.number.is_empty()).count(), 31);
    }

    #[test]
    fn every_mark_of_the_legend_is_different() {
        let legend = legend(Lang::Vi);
        let mut marks: Vec<_> = legend.iter().map(|line| (line.mark.clone(), line.class.clone())).collect();
        marks.sort();
        marks.dedup();
        assert_eq!(marks.len(), legend.len());
    }
}
