use super::*;
use crate::domain::chance::Entropy;
use crate::domain::timestamp::Timestamp;

struct Numbered(u8);

impl Entropy for Numbered {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn account(n: u8) -> AccountId {
    AccountId::new(Timestamp::from_seconds(1_700_000_000), &Numbered(n))
}

fn line(kind: LineKind, n: u8) -> Line {
    Line {
        kind,
        account_id: Some(account(n)),
        agency: None,
        agency_to: None,
        system: None,
        subject: format!("p{n}@danang.example"),
        name: String::new(),
        changes: Vec::new(),
    }
}

fn many(kind: LineKind, people: std::ops::Range<u8>) -> Vec<Line> {
    people.map(|n| line(kind, n)).collect()
}

const HUNDRED: Size = Size { mailboxes: 100, open: 100, accounts: 100 };

fn over(lines: &[Line], size: Size) -> Vec<Much> {
    exceeded(lines, size, &Limits::default()).into_iter().map(|excess| excess.much).collect()
}

#[test]
fn each_limit_holds_from_more_than_a_tenth_on() {
    let kinds = [
        (LineKind::Detach, Much::Vanish),
        (LineKind::Gone, Much::Lock),
        (LineKind::LockDisabled, Much::Lock),
        (LineKind::Move, Much::Move),
        (LineKind::Rename, Much::Move),
    ];
    for (kind, much) in kinds {
        assert_eq!(over(&many(kind, 0..10), HUNDRED), [], "a tenth is within: {kind:?}");
        assert_eq!(over(&many(kind, 0..11), HUNDRED), [much], "one more is not: {kind:?}");
    }
}

#[test]
fn a_handful_is_everyday_however_few_there_are() {
    let few = Size { mailboxes: 6, open: 6, accounts: 6 };
    assert_eq!(over(&many(LineKind::Detach, 0..5), few), []);
    assert_eq!(over(&many(LineKind::Detach, 0..6), few), [Much::Vanish]);
}

#[test]
fn gone_and_disabled_add_up_and_who_moves_with_a_new_address_counts_once() {
    let locks = [many(LineKind::Gone, 0..6), many(LineKind::LockDisabled, 6..11)].concat();
    assert_eq!(over(&locks, HUNDRED), [Much::Lock]);
    let movers = [many(LineKind::Move, 0..8), many(LineKind::Rename, 0..8)].concat();
    assert_eq!(over(&movers, HUNDRED), []);
}

#[test]
fn what_gives_or_only_notes_is_never_held() {
    let harmless = LineKind::ALL.iter().filter(|kind| !kind.is_weighed());
    let lines: Vec<_> = harmless.flat_map(|kind| many(*kind, 0..200)).collect();
    assert_eq!(over(&lines, HUNDRED), []);
}

#[test]
fn the_limits_are_the_citys_own() {
    let strict = Limits { number: 0, vanish_percent: 0, lock_percent: 50, move_percent: 100 };
    assert_eq!(exceeded(&many(LineKind::Detach, 0..1), HUNDRED, &strict)[0].much, Much::Vanish);
    assert_eq!(exceeded(&many(LineKind::Gone, 0..50), HUNDRED, &strict), []);
    assert_eq!(exceeded(&many(LineKind::Move, 0..100), HUNDRED, &strict), []);
}

#[test]
fn what_was_exceeded_is_read_as_it_was_written() {
    let lines = [many(LineKind::Detach, 0..20), many(LineKind::Gone, 0..20)].concat();
    let excess = exceeded(&lines, HUNDRED, &Limits::default());
    assert_eq!(Excess::write_all(&excess), "vanish 20/100; lock 20/100");
    assert_eq!(Excess::read_all("vanish 20/100; lock 20/100"), excess);
    assert_eq!(Excess::read_all("vanish x/y; ; drunk 1/2"), []);
}

fn approved(lines: &[Line]) -> Approved {
    let weighed = lines.iter().filter(|line| line.kind.is_weighed());
    Approved {
        counts: super::super::counts(lines),
        weighed: weighed.map(|line| (line.kind, line.account_id)).collect(),
        is_whole: true,
    }
}

#[test]
fn an_approval_covers_the_same_or_less_and_whatever_is_harmless() {
    let looked_at = approved(&many(LineKind::Gone, 0..10));
    assert!(looked_at.covers(&many(LineKind::Gone, 0..10)));
    assert!(looked_at.covers(&many(LineKind::Gone, 3..9)));
    let with_news = [many(LineKind::Gone, 0..10), many(LineKind::Create, 50..90)].concat();
    assert!(looked_at.covers(&with_news), "new accounts need no approval");
}

#[test]
fn an_approval_does_not_cover_one_more_or_another_kind_or_somebody_else() {
    let looked_at = approved(&many(LineKind::Gone, 0..10));
    assert!(!looked_at.covers(&many(LineKind::Gone, 0..11)));
    assert!(!looked_at.covers(&many(LineKind::LockDisabled, 0..1)));
    assert!(!looked_at.covers(&many(LineKind::Gone, 1..11)), "as many, but not the same");
    let counted_only = Approved { is_whole: false, ..looked_at };
    assert!(
        counted_only.covers(&many(LineKind::Gone, 1..11)),
        "where not all lines were kept, numbers decide"
    );
}

#[test]
fn every_code_is_read_again() {
    for kind in LineKind::ALL {
        assert_eq!(LineKind::from_code(kind.code()), Some(*kind));
    }
    for field in super::super::Field::ALL {
        assert_eq!(super::super::Field::from_code(field.code()), Some(*field));
    }
    assert_eq!(LineKind::from_code("drunk"), None);
}
