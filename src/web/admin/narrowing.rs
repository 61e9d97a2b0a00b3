//! What the list of accounts is narrowed to and how it is sorted, as addresses and forms of the console say it.

use crate::domain::account::{Kind, LockReason, StateName};
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::services::account_list::{Due, Narrowed, Order, Sort, Systems};
use crate::urls;
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// A day in an address of the console.
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The longest search text that is used.
const LONGEST_SEARCH: usize = 100;

/// The word for terms that are over.
const OVER: &str = "over";

/// What the list is narrowed to.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrowing {
    pub(super) search: String,
    pub(super) state: Option<StateName>,
    pub(super) lock: Option<LockReason>,
    pub(super) agency: Option<AgencyId>,
    pub(super) kind: Option<Kind>,
    pub(super) systems: Option<Systems>,
    pub(super) due: Option<Until>,
    pub(super) order: Order,
}

/// By when a term ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// It is over.
    Over,
    /// It is running, and ends on this day at the latest.
    Day(Date),
}

impl Narrowing {
    /// Reads it; what is not understood narrows nothing.
    pub(super) fn read(fields: &Fields) -> Self {
        let until = |text: &str| match text {
            OVER => Some(Until::Over),
            day => Date::parse(day, DAY).ok().map(Until::Day),
        };
        Self {
            search: fields.text("q").trim().chars().take(LONGEST_SEARCH).collect(),
            state: fields.get("state").and_then(StateName::from_code),
            lock: fields.get("lock").and_then(LockReason::from_code),
            agency: fields.get("agency").and_then(|id| id.parse().ok()),
            kind: fields.get("kind").and_then(Kind::from_code),
            systems: fields.get("system").and_then(Systems::from_code),
            due: fields.get("due").and_then(until),
            order: Order {
                sort: fields.get("sort").and_then(Sort::from_code).unwrap_or_default(),
                downwards: fields.text("order") == "down",
            },
        }
    }

    /// What the service is asked for.
    pub(super) fn narrowed(&self) -> Narrowed {
        Narrowed {
            state: self.state,
            lock: self.lock,
            agency: self.agency,
            kind: self.kind,
            systems: self.systems,
            due: self.due.map(|until| match until {
                Until::Over => Due::Over,
                Until::Day(day) => Due::By(Timestamp::end_of(day)),
            }),
            search: self.search.clone(),
        }
    }

    /// The fields that say it.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let due = self.due.and_then(|until| match until {
            Until::Over => Some(OVER.to_owned()),
            Until::Day(day) => day.format(DAY).ok(),
        });
        let sort = Some(self.order.sort).filter(|sort| *sort != Sort::default());
        let all = [
            ("q", Some(self.search.clone()).filter(|text| !text.is_empty())),
            ("state", self.state.map(|state| state.code().to_owned())),
            ("lock", self.lock.map(|lock| lock.code().to_owned())),
            ("agency", self.agency.map(|id| id.to_string())),
            ("kind", self.kind.map(|kind| kind.code().to_owned())),
            ("system", self.systems.map(|systems| systems.code().to_owned())),
            ("due", due),
            ("sort", sort.map(|sort| sort.code().to_owned())),
            ("order", self.order.downwards.then(|| "down".to_owned())),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// In few words, for the audit: what it is narrowed to.
    pub(super) fn described(&self) -> String {
        let fields = Self { order: Order::default(), ..self.clone() }.fields();
        fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    /// The address of the first page of the list.
    pub(super) fn address(&self) -> String {
        self.address_at(urls::ACCOUNTS, None)
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

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn what_the_list_is_narrowed_to_survives_its_own_address() {
        let narrowing = Narrowing {
            search: "nguyễn & an".to_owned(),
            state: Some(StateName::Locked),
            lock: Some(LockReason::PasswordTooOld),
            agency: None,
            kind: Some(Kind::Agency),
            systems: Some(Systems::Both),
            due: Some(Until::Day(date!(2026 - 11 - 30))),
            order: Order { sort: Sort::Term, downwards: true },
        };
        let address = narrowing.address();
        let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let again = Narrowing::read(&Fields::read(query.as_bytes()).expect("our own address"));
        assert_eq!(again.address(), address);
        assert_eq!(again.narrowed(), narrowing.narrowed());
        assert_eq!((again.search.as_str(), again.order), ("nguyễn & an", narrowing.order));
        let over = Narrowing { due: Some(Until::Over), ..Narrowing::default() };
        assert_eq!(over.address(), "/accounts?due=over");
    }

    #[test]
    fn what_is_not_understood_narrows_nothing() {
        let fields = b"state=drunk&lock=x&agency=y&due=z&kind=robot&system=x&sort=x&order=x";
        let fields = Fields::read(fields).expect("a query");
        assert_eq!(Narrowing::read(&fields).address(), urls::ACCOUNTS);
    }
}
