//! How well an agency keeps the mail regulation, in numbers.

use super::id::AgencyId;
use time::Date;

/// The numbers of one agency, or of several added up. Only people's accounts count that were not withdrawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many accounts.
    pub accounts: i64,
    /// That still have the default password: were locked for it, or let in again and have not changed it since.
    pub default_kept: i64,
    /// That are open and have a password of their own which is not older than the regulation allows.
    pub fresh: i64,
    /// That have a second factor.
    pub second_factor: i64,
    /// That were not used for as long as makes an account inactive.
    pub dormant: i64,
    /// That are locked, for whatever reason.
    pub locked: i64,
    /// Locks that were lifted in the last [`UNLOCKS_OF`] days.
    pub unlocks: i64,
    /// How many seconds these accounts had been locked, together.
    pub unlock_seconds: i64,
    /// Conflicts of the two directories that concern its people and mailboxes, as they were last counted.
    pub conflicts: i64,
}

/// The days of which lifted locks are counted.
pub const UNLOCKS_OF: i64 = 90;

impl Figures {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            accounts: self.accounts + other.accounts,
            default_kept: self.default_kept + other.default_kept,
            fresh: self.fresh + other.fresh,
            second_factor: self.second_factor + other.second_factor,
            dormant: self.dormant + other.dormant,
            locked: self.locked + other.locked,
            unlocks: self.unlocks + other.unlocks,
            unlock_seconds: self.unlock_seconds + other.unlock_seconds,
            conflicts: self.conflicts + other.conflicts,
        }
    }

    /// How many changed their default password.
    pub const fn own_password(&self) -> i64 {
        self.accounts - self.default_kept
    }

    /// A part of the accounts in tenths of a percent, rounded to the nearest; `None` without accounts.
    pub const fn per_mille(&self, part: i64) -> Option<i64> {
        if self.accounts == 0 {
            return None;
        }
        let nearest = (part * 1_000 + self.accounts / 2) / self.accounts;
        // "100%" tells that nobody is missing.
        Some(if nearest == 1_000 && part < self.accounts { 999 } else { nearest })
    }

    /// How many seconds a lock lasted on the average before it was lifted; `None` if none was.
    pub const fn mean_unlock_seconds(&self) -> Option<i64> {
        if self.unlocks == 0 { None } else { Some(self.unlock_seconds / self.unlocks) }
    }
}

/// The month of a day: `2026-10`.
pub fn month_code(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), u8::from(day.month()))
}

/// The sort of an agency, by the first word of its code: departments (`so`), wards (`phuong`), communes (`xa`), …
pub fn sort_of(code: &str) -> &str {
    code.split('-').next().unwrap_or_default()
}

/// The place of each agency among those of its sort, from 1: by the share of passwords that are as the regulation wants
/// them. Equal shares share a place. Agencies without accounts have none.
pub fn ranked(all: &[(AgencyId, &str, Figures)]) -> Vec<(AgencyId, usize, usize)> {
    let mut places = Vec::new();
    for (id, code, figures) in all {
        let Some(own) = figures.per_mille(figures.fresh) else { continue };
        let peers: Vec<_> = all
            .iter()
            .filter(|(_, other, _)| sort_of(other) == sort_of(code))
            .filter_map(|(_, _, figures)| figures.per_mille(figures.fresh))
            .collect();
        places.push((*id, peers.iter().filter(|share| **share > own).count() + 1, peers.len()));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(accounts: i64, fresh: i64) -> Figures {
        Figures { accounts, fresh, ..Figures::default() }
    }

    #[test]
    fn shares_are_of_the_accounts_and_there_is_none_of_nothing() {
        let both = figures(3, 2).and(figures(5, 4));
        assert_eq!((both.accounts, both.per_mille(both.fresh)), (8, Some(750)));
        assert_eq!(Figures::default().per_mille(0), None);
        let seven = Figures { accounts: 7, ..Figures::default() };
        assert_eq!((seven.per_mille(2), seven.per_mille(7)), (Some(286), Some(1_000)));
        let many = Figures { accounts: 5_000, ..Figures::default() };
        assert_eq!(many.per_mille(4_999), Some(999), "one is missing");
        let unlocks = Figures { unlocks: 2, unlock_seconds: 7_200, ..Figures::default() };
        assert_eq!(unlocks.mean_unlock_seconds(), Some(3_600));
        assert_eq!(Figures::default().mean_unlock_seconds(), None);
        let kept = Figures { accounts: 10, default_kept: 4, ..Figures::default() };
        assert_eq!(kept.own_password(), 6);
    }

    #[test]
    fn an_agency_is_ranked_among_its_sort_only() {
        let id = |last: u32| format!("00000000-0000-7000-8000-{last:012}").parse().expect("an id");
        let all = [
            (id(1), "so-nv", figures(10, 9)),
            (id(2), "so-tc", figures(10, 10)),
            (id(3), "so-yt", figures(100, 90)),
            (id(4), "phuong-hai-chau", figures(10, 1)),
            (id(5), "so-moi", figures(0, 0)),
        ];
        assert_eq!(ranked(&all), [(id(1), 2, 3), (id(2), 1, 3), (id(3), 2, 3), (id(4), 1, 1)]);
    }
}
