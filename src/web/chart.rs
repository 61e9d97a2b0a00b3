//! Bars drawn by the house itself: one or two series side by side, with the same numbers as a table for whoever reads
//! or hears them. Shapes tell the series apart, not colour alone.

use crate::i18n::Lang;
use crate::web::parts::count;

/// The height of the field of bars, and what is drawn in.
const HEIGHT: u64 = 120;
/// The width of the place of one bar group.
const STEP: u64 = 24;

/// A bar.
pub(super) struct Bar {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) class: &'static str,
    pub(super) title: String,
}

/// A row of the table beside it.
pub(super) struct ChartRow {
    pub(super) word: String,
    pub(super) address: Option<String>,
    /// Each with the list behind it, if there is one.
    pub(super) numbers: Vec<(String, Option<String>)>,
}

/// A chart.
pub(super) struct Chart {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// What it says, in one sentence.
    pub(super) summary: String,
    pub(super) column: &'static str,
    pub(super) series: Vec<(&'static str, &'static str)>,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) most: String,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) bars: Vec<Bar>,
    pub(super) rows: Vec<ChartRow>,
}

/// What is charted at one place.
#[derive(Default)]
pub(super) struct Point {
    pub(super) word: String,
    pub(super) address: Option<String>,
    pub(super) numbers: Vec<i64>,
    /// The lists behind the numbers, in their order; empty where there are none.
    pub(super) lists: Vec<String>,
}

/// The classes of the series.
const CLASSES: [&str; 2] = ["bar-a", "bar-b"];

impl Chart {
    /// Draws points. `series` names what each number of a point counts.
    pub(super) fn new(
        t: Lang,
        (id, title, column): (&'static str, &'static str, &'static str),
        series: &[&'static str],
        summary: String,
        points: &[Point],
    ) -> Self {
        let most = points.iter().flat_map(|point| &point.numbers).map(|n| count(*n)).max().unwrap_or(0);
        let width = (STEP - 4) / u64::try_from(series.len().max(1)).unwrap_or(1);
        let mut bars = Vec::new();
        for (at, point) in (0_u64..).zip(points) {
            for ((number, class), place) in point.numbers.iter().zip(CLASSES).zip(0_u64..) {
                let number = count(*number);
                if number == 0 {
                    continue;
                }
                let height = (number * HEIGHT / most.max(1)).max(2);
                let name = series.get(usize::try_from(place).unwrap_or(0)).copied().unwrap_or_default();
                bars.push(Bar {
                    x: at * STEP + 2 + place * width,
                    y: HEIGHT - height,
                    width: width.saturating_sub(1),
                    height,
                    class,
                    title: format!("{}: {} – {name}", point.word, t.number(number)),
                });
            }
        }
        let row = |point: &Point| ChartRow {
            word: point.word.clone(),
            address: point.address.clone(),
            numbers: (0_usize..)
                .zip(&point.numbers)
                .map(|(at, n)| (t.number(count(*n)), point.lists.get(at).cloned()))
                .collect(),
        };
        let word = |point: Option<&Point>| point.map(|point| point.word.clone()).unwrap_or_default();
        Self {
            id,
            title,
            summary,
            column,
            series: series.iter().copied().zip(CLASSES).collect(),
            width: u64::try_from(points.len()).unwrap_or(0) * STEP,
            height: HEIGHT,
            most: t.number(most),
            first: word(points.first()),
            last: word(points.last()),
            rows: points.iter().map(row).collect(),
            bars,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(number: i64) -> Point {
        Point { word: format!("{number}"), numbers: vec![number, 0], ..Point::default() }
    }

    #[test]
    fn the_highest_bar_fills_the_field_and_the_lowest_is_seen() {
        let chart = Chart::new(
            Lang::Vi,
            ("x", "X", "Giờ"),
            &["vào", "sai"],
            String::new(),
            &[point(1), point(0), point(12_000)],
        );
        let heights: Vec<_> = chart.bars.iter().map(|bar| (bar.x, bar.height, bar.y)).collect();
        assert_eq!(heights, [(2, 2, HEIGHT - 2), (50, HEIGHT, 0)]);
        assert_eq!((chart.most.as_str(), chart.rows.len()), ("12.000", 3), "the table has every place");
    }

    #[test]
    fn nothing_at_all_draws_nothing() {
        let chart = Chart::new(Lang::En, ("x", "X", "Hour"), &["in"], String::new(), &[point(0)]);
        assert!(chart.bars.is_empty());
    }
}
