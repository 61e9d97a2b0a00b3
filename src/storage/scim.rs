//! People and groups as applications find them by SCIM. A filter becomes a condition of literals of this file with bound
//! values; nothing that an application wrote is ever part of a statement.

use super::accounts::{self, Row};
use super::db::{Arg, args, statements};
use super::{Db, StorageError};
use crate::domain::account::Account;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::scim::Attribute;
use crate::domain::scim::filter::Operator;
use crate::domain::timestamp::Timestamp;
use std::fmt::Write;

statements! {
    GROUPS_OF = "SELECT account_id, group_code FROM staff_group_member WHERE account_id >= $1 AND account_id <= $2 \
                 ORDER BY account_id, group_code";
}

/// The columns of people.
const PEOPLE: &str = accounts::select_account!("", "WHERE ");

/// How many there are.
const COUNT: &str = "SELECT COUNT(*) AS number FROM account WHERE ";

/// What people are found by. Each form with a value is a literal in which `?` stands for it.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A literal with one value.
    Is(&'static str, Arg),
    /// A literal with one value and one moment, for which `!` stands.
    At(&'static str, Arg, Timestamp),
    /// A literal.
    Plain(&'static str),
    /// All of them hold.
    All(Vec<Self>),
    /// One of them holds.
    Any(Vec<Self>),
    /// It does not hold; what is unknown does not, either.
    Not(Box<Self>),
}

/// The forms in which a column is compared, the same on both databases: no `LIKE`, which folds case on one of them.
macro_rules! compared {
    ($column:literal) => {
        compared!("", $column, "")
    };
    ($before:literal, $column:literal, $after:literal) => {
        [
            concat!($before, $column, " = ?", $after),
            concat!($before, "REPLACE(", $column, ", ?, '') <> ", $column, $after),
            concat!($before, "SUBSTR(", $column, ", 1, LENGTH(?)) = ?", $after),
            concat!(
                $before,
                "(LENGTH(",
                $column,
                ") >= LENGTH(?) AND SUBSTR(",
                $column,
                ", LENGTH(",
                $column,
                ") - LENGTH(?) + 1) = ?)",
                $after
            ),
        ]
    };
}

/// May sign in, though perhaps only to set a new password.
const ACTIVE: &str = "state IN ('active', 'must_change')";

/// Of an agency that was called so, now or on the way by which the account came to its own.
const FORMERLY: &str = "(agency_id IN (SELECT f.agency_id FROM agency_former f WHERE f.code = ? AND f.until > !) \
    OR id IN (WITH RECURSIVE came (account_id, agency_id) AS (SELECT b.id, b.agency_id FROM account b WHERE b.id IN \
    (SELECT i.account_id FROM reorganisation_item i WHERE i.outcome = 'done') UNION SELECT came.account_id, j.from_id \
    FROM came JOIN reorganisation_item j ON j.account_id = came.account_id AND j.outcome = 'done' \
    JOIN reorganisation r ON r.id = j.reorganisation_id AND r.target_id = came.agency_id) \
    SELECT c.account_id FROM came c JOIN agency_former g ON g.agency_id = c.agency_id \
    WHERE g.code = ? AND g.until > ! UNION ALL SELECT d.account_id FROM came d \
    JOIN reorganisation_item k ON k.account_id = d.account_id AND k.outcome = 'done' \
    JOIN reorganisation s ON s.id = k.reorganisation_id AND s.target_id = d.agency_id AND s.former_until > ! \
    JOIN reorganisation_agency a ON a.reorganisation_id = s.id AND a.agency_id = k.from_id WHERE a.code = ?))";

impl Condition {
    /// A text that compares so. What is no column (ids, groups) is told by other conditions, and holds for nobody here.
    pub fn compare(attribute: Attribute, operator: Operator, value: &str) -> Self {
        let forms = match attribute {
            Attribute::UserName | Attribute::Email => compared!("address"),
            Attribute::DisplayName => compared!("display_name"),
            Attribute::UserType => compared!("kind"),
            Attribute::Title => compared!("title"),
            Attribute::Organization => {
                compared!("agency_id IN (SELECT g.id FROM agency g WHERE ", "g.name", ")")
            }
            Attribute::Department => {
                compared!("agency_id IN (SELECT g.id FROM agency g WHERE ", "g.code", ")")
            }
            Attribute::Id | Attribute::Active | Attribute::Groups => return Self::NOBODY,
        };
        let [equal, contains, starts, ends] = forms;
        let literal = match operator {
            Operator::Equal => equal,
            Operator::Contains => contains,
            Operator::Starts => starts,
            Operator::Ends => ends,
        };
        Self::Is(literal, Arg::from(value))
    }

    /// Who has a value of an attribute.
    pub const fn present(attribute: Attribute) -> Self {
        Self::Plain(match attribute {
            Attribute::Title => "title IS NOT NULL",
            Attribute::Organization | Attribute::Department => "agency_id IS NOT NULL",
            Attribute::Groups => {
                "(agency_id IS NOT NULL OR id IN (SELECT m.account_id FROM staff_group_member m))"
            }
            _ => "1 = 1",
        })
    }

    /// Who may sign in, or may not.
    pub fn active(wanted: bool) -> Self {
        if wanted { Self::Plain(ACTIVE) } else { Self::Not(Box::new(Self::Plain(ACTIVE))) }
    }

    /// Whose account this is.
    pub fn account(id: AccountId) -> Self {
        Self::Is("id = ?", Arg::from(id))
    }

    /// Whose account comes after this one in the order of all of them, which is that in which they were made.
    pub fn after(id: AccountId) -> Self {
        Self::Is("id > ?", Arg::from(id))
    }

    /// Nobody.
    pub const NOBODY: Self = Self::Plain("1 = 0");

    /// People, not the mailboxes of agencies and services.
    pub const PEOPLE: Self = Self::Plain("kind = 'person'");

    /// Of the agency at the root of this branch, or of one below it.
    pub fn within(root: AgencyId) -> Self {
        Self::Is(
            "agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = ?)",
            Arg::from(root),
        )
    }

    /// Of the agency with this code.
    pub fn of_agency(code: &str) -> Self {
        Self::Is("agency_id IN (SELECT g.id FROM agency g WHERE g.code = ?)", Arg::from(code))
    }

    /// Whose agency had this code before, or who came from one that had it, as long as applications are told; the same
    /// people whom `reorganisations::former_codes` tells one by one.
    pub fn formerly_of_agency(code: &str, now: Timestamp) -> Self {
        Self::At(FORMERLY, Arg::from(code), now)
    }

    /// In the group with this code.
    pub fn in_group(code: &str) -> Self {
        let literal = "id IN (SELECT m.account_id FROM staff_group_member m WHERE m.group_code = ?)";
        Self::Is(literal, Arg::from(code))
    }

    /// The text of the condition, and its values from `$1` on.
    fn text(&self, into: &mut String, args: &mut Vec<Arg>) {
        match self {
            Self::Plain(literal) => into.push_str(literal),
            Self::Is(literal, value) => {
                args.push(value.clone());
                let place = format!("CAST(${} AS TEXT)", args.len());
                into.push_str(&literal.replace('?', &place));
            }
            Self::At(literal, value, moment) => {
                args.push(value.clone());
                let place = format!("CAST(${} AS TEXT)", args.len());
                args.push(Arg::from(*moment));
                let at = format!("CAST(${} AS BIGINT)", args.len());
                into.push_str(&literal.replace('?', &place).replace('!', &at));
            }
            Self::Not(inner) => {
                into.push_str("NOT COALESCE((");
                inner.text(into, args);
                // Both databases know this word for false.
                into.push_str("), FALSE)");
            }
            Self::All(all) => Self::joined(all, (" AND ", "1 = 1"), into, args),
            Self::Any(all) => Self::joined(all, (" OR ", "1 = 0"), into, args),
        }
    }

    fn joined(all: &[Self], (word, none): (&str, &str), into: &mut String, args: &mut Vec<Arg>) {
        if all.is_empty() {
            into.push_str(none);
        }
        for (number, one) in all.iter().enumerate() {
            into.push_str(if number == 0 { "(" } else { word });
            one.text(into, args);
        }
        if !all.is_empty() {
            into.push(')');
        }
    }
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    account_id: String,
    group_code: String,
}

/// How many people a condition leaves.
pub async fn count(db: &Db, condition: &Condition) -> Result<i64, StorageError> {
    let (mut sql, mut args) = (COUNT.to_owned(), Vec::new());
    condition.text(&mut sql, &mut args);
    let rows: Vec<Number> = db.all_of("scim::COUNT", sql, &args).await?;
    Ok(rows.first().map_or(0, |row| row.number))
}

/// So many of those whom a condition leaves, the oldest account first, after so many.
pub async fn people(
    db: &Db,
    condition: &Condition,
    (skipped, limit): (i64, i64),
) -> Result<Vec<Account>, StorageError> {
    let (mut sql, mut args) = (PEOPLE.to_owned(), Vec::new());
    condition.text(&mut sql, &mut args);
    let number = args.len();
    let _ = write!(sql, " ORDER BY id LIMIT ${} OFFSET ${}", number + 1, number + 2);
    args.extend(args![limit, skipped]);
    db.all_of::<Row>("scim::PEOPLE", sql, &args).await?.into_iter().map(accounts::account).collect()
}

/// The codes of the groups of accounts between two, in their order.
pub async fn groups_of(
    db: &Db,
    first: AccountId,
    last: AccountId,
) -> Result<Vec<(AccountId, String)>, StorageError> {
    let rows: Vec<MemberRow> = db.all(GROUPS_OF, &args![first, last]).await?;
    let bad = |id: &str| StorageError::corrupt("staff_group_member", "account_id", id);
    rows.into_iter()
        .map(|row| Ok((row.account_id.parse().map_err(|_| bad(&row.account_id))?, row.group_code)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_made_of_literals_and_numbered_values() {
        let hostile = "x' OR 1=1 --";
        let condition = Condition::All(vec![
            Condition::PEOPLE,
            Condition::Not(Box::new(Condition::Any(vec![
                Condition::of_agency(hostile),
                Condition::in_group("a"),
            ]))),
            Condition::Any(Vec::new()),
            Condition::formerly_of_agency(hostile, Timestamp::from_micros(7)),
            Condition::Any(Vec::new()),
        ]);
        let (mut text, mut args) = (String::new(), Vec::new());
        condition.text(&mut text, &mut args);
        assert!(
            !text.contains(hostile) && text.contains("CAST($1 AS TEXT)") && text.contains("CAST($2 AS TEXT)")
        );
        assert!(text.ends_with(" AND 1 = 0)"), "{text}");
        assert_eq!(args.len(), 4);
        assert!(text.contains("f.code = CAST($3 AS TEXT) AND f.until > CAST($4 AS BIGINT)"), "{text}");
        assert!(!text.contains('?') && !text.contains('!'), "{text}");
    }
}
