//! People found by SCIM on both databases: every form of every comparison, whose text no test prepares.

use danang_sso::domain::account::Account;
use danang_sso::domain::id::AgencyId;
use danang_sso::domain::scim::Attribute::{self, Department, DisplayName, Organization, Title, UserName};
use danang_sso::domain::scim::filter::Operator::{self, Contains, Ends, Equal, Starts};
use danang_sso::storage::Db;
use danang_sso::storage::scim::{self, Condition};

fn is(attribute: Attribute, operator: Operator, value: &str) -> Condition {
    Condition::compare(attribute, operator, value)
}

/// Of the three people of the contract: Ân and Bình of an agency, Chi locked and of none.
pub async fn people_are_found(db: &Db, agency: AgencyId) {
    for (condition, expected) in [
        (Condition::PEOPLE, vec!["an", "binh", "chi"]),
        (Condition::NOBODY, vec![]),
        (Condition::within(agency), vec!["an", "binh"]),
        (Condition::of_agency("so-nv"), vec!["an", "binh"]),
        (Condition::in_group("to-khong-co"), vec![]),
        (Condition::active(true), vec!["an", "binh"]),
        (Condition::active(false), vec!["chi"]),
        (is(UserName, Equal, "an@danang.example"), vec!["an"]),
        (is(UserName, Contains, "n@d"), vec!["an"]),
        (is(UserName, Starts, "bi"), vec!["binh"]),
        (is(UserName, Ends, "@danang.example"), vec!["an", "binh", "chi"]),
        (is(UserName, Ends, "a much longer text than any address of the house"), vec![]),
        (is(DisplayName, Ends, "Ân"), vec!["an"]),
        (is(DisplayName, Ends, "ân"), vec![]),
        (is(DisplayName, Contains, "_"), vec![]),
        (is(DisplayName, Contains, "' OR '1'='1"), vec![]),
        (is(Title, Starts, "Chuyên"), vec!["an", "binh", "chi"]),
        (is(Organization, Contains, "Nội vụ"), vec!["an", "binh"]),
        (is(Organization, Ends, "mới"), vec!["an", "binh"]),
        (is(Department, Starts, "so-"), vec!["an", "binh"]),
        (Condition::present(Organization), vec!["an", "binh"]),
        (Condition::present(Attribute::Groups), vec!["an", "binh"]),
        // Who has no agency is not of that one, either.
        (Condition::Not(Box::new(is(Department, Equal, "so-nv"))), vec!["chi"]),
        (Condition::All(vec![]), vec!["an", "binh", "chi"]),
        (Condition::Any(vec![]), vec![]),
        (
            Condition::Any(vec![
                is(UserName, Starts, "chi"),
                Condition::All(vec![Condition::within(agency), is(DisplayName, Ends, "Ân")]),
            ]),
            vec!["an", "chi"],
        ),
    ] {
        let all = scim::people(db, &condition, (0, 10)).await.expect("reads");
        let mut found: Vec<_> = all.iter().map(|account| account.profile().address.local_part()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{condition:?}");
        let number = scim::count(db, &condition).await.expect("counts");
        assert_eq!(usize::try_from(number).expect("few"), expected.len(), "{condition:?}");
    }
    let second = scim::people(db, &Condition::PEOPLE, (1, 1)).await.expect("reads");
    let all = scim::people(db, &Condition::PEOPLE, (0, 10)).await.expect("reads");
    assert_eq!(second.iter().map(Account::id).collect::<Vec<_>>(), [all[1].id()]);
    let later = Condition::All(vec![Condition::PEOPLE, Condition::after(all[0].id())]);
    let later = scim::people(db, &later, (0, 10)).await.expect("reads");
    assert_eq!(later.iter().map(Account::id).collect::<Vec<_>>(), [all[1].id(), all[2].id()]);
    let groups = scim::groups_of(db, all[0].id(), all[2].id()).await.expect("reads");
    assert!(groups.is_empty());
}
