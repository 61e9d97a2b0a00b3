//! Addresses that are mistaken for each other: letters that look alike (UTS 39), or one letter apart under one name.

use super::Person;
use crate::domain::name;
use std::collections::{BTreeSet, HashMap};
use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// So many pairs under one name and letter are shown; a city where more look alike has numbered its people.
const MOST: usize = 200;

/// Groups of persons whose addresses look alike, by their places.
pub(super) fn pairs(persons: &[Person<'_>]) -> Vec<Vec<usize>> {
    let mut alike: HashMap<String, BTreeSet<usize>> = HashMap::new();
    let mut namesakes: HashMap<(String, &str), Vec<usize>> = HashMap::new();
    for (at, person) in persons.iter().enumerate() {
        let address = person.address().as_str();
        let domain = address.split_once('@').map_or("", |(_, domain)| domain);
        alike.entry(look(address)).or_default().insert(at);
        namesakes.entry((name::search_key(person.name()), domain)).or_default().push(at);
    }
    let is_several = |who: &BTreeSet<usize>| {
        who.iter().map(|at| persons[*at].address()).collect::<BTreeSet<_>>().len() > 1
    };
    let mut found: BTreeSet<Vec<usize>> =
        alike.into_values().filter(is_several).map(|who| who.into_iter().collect()).collect();
    for who in namesakes.into_values().filter(|who| who.len() > 1) {
        found.extend(one_letter_apart(persons, &who));
    }
    found.into_iter().collect()
}

/// What an address looks like: NFKC, small letters, each letter as the one it is mistaken for.
fn look(address: &str) -> String {
    let plain: String = address.nfkc().flat_map(char::to_lowercase).collect();
    skeleton(&plain).flat_map(char::to_lowercase).collect()
}

/// Of people with one name those whose addresses are one letter apart; not who have different staff numbers.
///
/// Two texts one letter apart are the same after one letter is left out of each, or of one: so each is put under all
/// its shortened forms, and only those under one form are compared.
fn one_letter_apart(persons: &[Person<'_>], who: &[usize]) -> Vec<Vec<usize>> {
    let mut forms: HashMap<String, Vec<usize>> = HashMap::new();
    for at in who {
        let local = persons[*at].address().local_part();
        forms.entry(local.to_owned()).or_default().push(*at);
        for (cut, letter) in local.char_indices() {
            let form = format!("{}{}", &local[..cut], &local[cut + letter.len_utf8()..]);
            let under = forms.entry(form).or_default();
            if under.last() != Some(at) {
                under.push(*at);
            }
        }
    }
    let mut found = BTreeSet::new();
    for under in forms.into_values().filter(|under| under.len() > 1) {
        for (place, one) in under.iter().enumerate() {
            for other in &under[place + 1..] {
                let (a, b) = (&persons[*one], &persons[*other]);
                let is_apart = is_one_apart(a.address().local_part(), b.address().local_part());
                if is_apart
                    && !are_told_apart(a, b)
                    && look(a.address().as_str()) != look(b.address().as_str())
                {
                    found.insert(vec![(*one).min(*other), (*one).max(*other)]);
                }
                if found.len() >= MOST {
                    return found.into_iter().collect();
                }
            }
        }
    }
    found.into_iter().collect()
}

/// Whether both have a staff number, and not the same.
fn are_told_apart(one: &Person<'_>, other: &Person<'_>) -> bool {
    let number = |person: &Person<'_>| {
        let numbers = person.mailboxes.iter().filter_map(|seen| seen.staff_number.as_deref());
        numbers.map(|number| number.trim().to_owned()).next()
    };
    matches!((number(one), number(other)), (Some(one), Some(other)) if one != other)
}

/// Whether one letter put in, left out or replaced makes one of the other.
fn is_one_apart(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let head = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[head..], &other[head..]);
    let tail = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    let (one, other) = (one.len() - tail, other.len() - tail);
    one.max(other) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_look_alike_have_one_look() {
        for (one, other) in [
            ("an.l0c@danang.gov.vn", "an.loc@danang.gov.vn"),
            ("linh1@danang.gov.vn", "linhl@danang.gov.vn"),
            ("nam@danang.gov.vn", "narn@danang.gov.vn"),
            ("an@danang.gov.vn", "аn@danang.gov.vn"),
            ("an@danang.gov.vn", "ａn@danang.gov.vn"),
        ] {
            assert_eq!(look(one), look(other), "{one} {other}");
        }
        assert_ne!(look("an.nguyen@danang.gov.vn"), look("an.nguyen2@danang.gov.vn"));
    }

    #[test]
    fn one_letter_is_put_in_left_out_or_replaced() {
        for (one, other) in [("an", "ann"), ("an", "n"), ("an.le", "an-le"), ("aan", "an")] {
            assert!(is_one_apart(one, other) && is_one_apart(other, one), "{one} {other}");
        }
        for (one, other) in [("an", "an"), ("an", "na"), ("an", "annn"), ("", "an")] {
            assert!(!is_one_apart(one, other), "{one} {other}");
        }
    }
}
