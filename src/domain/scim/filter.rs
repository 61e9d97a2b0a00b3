//! Filters (RFC 7644 §3.4.2.2), read within bounds: `eq`, `ne`, `co`, `sw`, `ew`, `pr`, `and`, `or`, `not`, parentheses.

use super::Attribute;
use thiserror::Error;

/// No filter is longer, in bytes.
const LONGEST: usize = 1_000;

/// Parentheses do not lie deeper.
const DEEPEST: usize = 10;

/// So many comparisons.
const MOST: usize = 20;

/// What an attribute is compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Equal,
    /// Contains.
    Contains,
    /// Starts with.
    Starts,
    /// Ends with.
    Ends,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
}

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// The attribute has a value.
    Present(Attribute),
    /// The attribute compares so.
    Compare(Attribute, Operator, Value),
    /// Both hold.
    And(Box<Self>, Box<Self>),
    /// One of both holds.
    Or(Box<Self>, Box<Self>),
    /// It does not hold.
    Not(Box<Self>),
}

/// Why a text is no filter that is answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadFilter {
    /// It is too long, too deep, or compares too much.
    #[error("the filter is too long, too deep, or compares too often")]
    TooMuch,
    /// It is not of the form.
    #[error("the filter cannot be read at byte {0}")]
    Form(usize),
    /// There is no such attribute to filter by.
    #[error("nobody is found by the attribute {0:?}")]
    Attribute(String),
    /// There is no such comparison.
    #[error("there is no comparison {0:?} here")]
    Operator(String),
    /// The attribute does not compare so with that.
    #[error("the value does not fit the attribute or the comparison")]
    Value,
}

impl Filter {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, BadFilter> {
        if text.len() > LONGEST {
            return Err(BadFilter::TooMuch);
        }
        let mut reader = Reader { text, at: 0, compared: 0 };
        let filter = reader.either(0)?;
        reader.skip_spaces();
        if reader.rest().is_empty() { Ok(filter) } else { Err(BadFilter::Form(reader.at)) }
    }

    /// Every attribute that it asks for.
    pub fn attributes(&self) -> Vec<Attribute> {
        self.leaves().into_iter().map(|(attribute, _)| attribute).collect()
    }

    /// Every attribute with the value that it is compared with, if it is.
    pub fn leaves(&self) -> Vec<(Attribute, Option<&Value>)> {
        match self {
            Self::Present(attribute) => vec![(*attribute, None)],
            Self::Compare(attribute, _, value) => vec![(*attribute, Some(value))],
            Self::Not(inner) => inner.leaves(),
            Self::And(one, other) | Self::Or(one, other) => {
                one.leaves().into_iter().chain(other.leaves()).collect()
            }
        }
    }

    /// Whether it holds for something whose attributes are told by `of`; one that it does not have is `None`.
    pub fn holds(&self, of: &impl Fn(Attribute) -> Option<Value>) -> bool {
        match self {
            Self::Present(attribute) => of(*attribute).is_some(),
            Self::Not(inner) => !inner.holds(of),
            Self::And(one, other) => one.holds(of) && other.holds(of),
            Self::Or(one, other) => one.holds(of) || other.holds(of),
            Self::Compare(attribute, operator, value) => {
                of(*attribute).is_some_and(|own| compares(&own, *operator, value))
            }
        }
    }
}

fn compares(own: &Value, operator: Operator, value: &Value) -> bool {
    match (own, value) {
        (Value::Bool(own), Value::Bool(value)) => own == value && operator == Operator::Equal,
        (Value::Text(own), Value::Text(value)) => match operator {
            Operator::Equal => own == value,
            Operator::Contains => own.contains(value.as_str()),
            Operator::Starts => own.starts_with(value.as_str()),
            Operator::Ends => own.ends_with(value.as_str()),
        },
        (_, _) => false,
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    compared: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(' ').len();
    }

    /// A word of the grammar, which ends with it or is followed by a space or a parenthesis.
    fn takes(&mut self, word: &str) -> bool {
        self.skip_spaces();
        let rest = self.rest();
        let Some(head) = rest.get(..word.len()) else { return false };
        let ends = rest[word.len()..].chars().next().is_none_or(|next| matches!(next, ' ' | '('));
        let is_there = head.eq_ignore_ascii_case(word) && ends;
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    fn takes_sign(&mut self, sign: char) -> bool {
        self.skip_spaces();
        let is_there = self.rest().starts_with(sign);
        if is_there {
            self.at += sign.len_utf8();
        }
        is_there
    }

    /// `and` binds closer than `or` (RFC 7644 §3.4.2.2).
    fn either(&mut self, depth: usize) -> Result<Filter, BadFilter> {
        let mut one = self.both(depth)?;
        while self.takes("or") {
            one = Filter::Or(Box::new(one), Box::new(self.both(depth)?));
        }
        Ok(one)
    }

    fn both(&mut self, depth: usize) -> Result<Filter, BadFilter> {
        let mut one = self.single(depth)?;
        while self.takes("and") {
            one = Filter::And(Box::new(one), Box::new(self.single(depth)?));
        }
        Ok(one)
    }

    fn single(&mut self, depth: usize) -> Result<Filter, BadFilter> {
        if depth > DEEPEST {
            return Err(BadFilter::TooMuch);
        }
        let is_not = self.takes("not");
        if self.takes_sign('(') {
            let inner = self.either(depth + 1)?;
            if !self.takes_sign(')') {
                return Err(BadFilter::Form(self.at));
            }
            return Ok(if is_not { Filter::Not(Box::new(inner)) } else { inner });
        }
        // RFC 7644 §3.4.2.2: `not` stands before parentheses only.
        if is_not { Err(BadFilter::Form(self.at)) } else { self.comparison() }
    }

    fn comparison(&mut self) -> Result<Filter, BadFilter> {
        self.compared += 1;
        if self.compared > MOST {
            return Err(BadFilter::TooMuch);
        }
        let path = self.word()?;
        let attribute = Attribute::from_path(path).ok_or_else(|| BadFilter::Attribute(path.to_owned()))?;
        let word = self.word()?;
        let (operator, is_not) = match word.to_ascii_lowercase().as_str() {
            "pr" => return Ok(Filter::Present(attribute)),
            "eq" => (Operator::Equal, false),
            "ne" => (Operator::Equal, true),
            "co" => (Operator::Contains, false),
            "sw" => (Operator::Starts, false),
            "ew" => (Operator::Ends, false),
            _ => return Err(BadFilter::Operator(word.to_owned())),
        };
        let value = self.value()?;
        let fits = match (attribute, &value) {
            (Attribute::Active, Value::Bool(_)) => operator == Operator::Equal,
            (Attribute::Active, _) | (_, Value::Bool(_)) => false,
            // What has one form only is equal or not.
            (Attribute::Id | Attribute::Groups | Attribute::UserType, _) => operator == Operator::Equal,
            (_, Value::Text(text)) => operator == Operator::Equal || !text.is_empty(),
        };
        if !fits {
            return Err(BadFilter::Value);
        }
        let value = match value {
            Value::Text(text) if attribute.folds_case() => Value::Text(text.to_lowercase()),
            value => value,
        };
        let comparison = Filter::Compare(attribute, operator, value);
        Ok(if is_not { Filter::Not(Box::new(comparison)) } else { comparison })
    }

    fn word(&mut self) -> Result<&'a str, BadFilter> {
        self.skip_spaces();
        let rest = self.rest();
        let is_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-' | '$');
        let word = &rest[..rest.find(|c| !is_of_word(c)).unwrap_or(rest.len())];
        if word.is_empty() {
            return Err(BadFilter::Form(self.at));
        }
        self.at += word.len();
        Ok(word)
    }

    /// A value is JSON (RFC 7644 §3.4.2.2).
    fn value(&mut self) -> Result<Value, BadFilter> {
        for (word, value) in [("true", true), ("false", false)] {
            let rest = self.rest().trim_start_matches(' ');
            let ends = rest.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
            if ends {
                self.skip_spaces();
                self.at += word.len();
                return Ok(Value::Bool(value));
            }
        }
        self.skip_spaces();
        let rest = self.rest();
        let form = BadFilter::Form(self.at);
        if !rest.starts_with('"') {
            return Err(form);
        }
        let mut is_escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            ends
        });
        let quoted = end.and_then(|(at, _)| rest.get(..=at)).ok_or_else(|| form.clone())?;
        let text: String = serde_json::from_str(quoted).map_err(|_| form)?;
        // PostgreSQL keeps no text with a NUL.
        if text.contains('\0') {
            return Err(BadFilter::Value);
        }
        self.at += quoted.len();
        Ok(Value::Text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(attribute: Attribute, operator: Operator, value: &str) -> Filter {
        Filter::Compare(attribute, operator, Value::Text(value.to_owned()))
    }

    #[test]
    fn and_binds_closer_than_or_and_parentheses_closer_than_both_rfc7644_3_4_2_2() {
        let parsed = Filter::parse(
            r#"userName sw "AN" or active eq true and not (title pr) or emails.value co "\u0040x""#,
        );
        let both = Filter::And(
            Box::new(Filter::Compare(Attribute::Active, Operator::Equal, Value::Bool(true))),
            Box::new(Filter::Not(Box::new(Filter::Present(Attribute::Title)))),
        );
        let first = Filter::Or(Box::new(text(Attribute::UserName, Operator::Starts, "an")), Box::new(both));
        let whole = Filter::Or(Box::new(first), Box::new(text(Attribute::Email, Operator::Contains, "@x")));
        assert_eq!(parsed, Ok(whole));
        assert_eq!(
            Filter::parse(r#"(displayName EQ "Nguyễn \"An\"")"#),
            Ok(text(Attribute::DisplayName, Operator::Equal, "Nguyễn \"An\""))
        );
        let other = Filter::Not(Box::new(text(Attribute::Id, Operator::Equal, "x")));
        assert_eq!(Filter::parse(r#"id ne "x""#), Ok(other));
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for bad in [
            "",
            "userName",
            "userName eq",
            "userName eq an",
            r#"userName eq "an"#,
            r#"userName eq "an" and"#,
            r#"not userName eq "an""#,
            r#"(userName eq "an""#,
            r#"userName eq "an")"#,
            "userName eq 'an'",
            r#"emails[type eq "work"]"#,
            "active eq truely",
            r#"userName eq "\x""#,
        ] {
            assert!(matches!(Filter::parse(bad), Err(BadFilter::Form(_))), "{bad}: {:?}", Filter::parse(bad));
        }
        for (bad, expected) in [
            (r#"password eq "x""#, BadFilter::Attribute("password".to_owned())),
            (r#"userName gt "x""#, BadFilter::Operator("gt".to_owned())),
            (r#"active eq "true""#, BadFilter::Value),
            ("title eq true", BadFilter::Value),
            (r#"id co "x""#, BadFilter::Value),
            (r#"title sw """#, BadFilter::Value),
            (r#"title eq "\u0000""#, BadFilter::Value),
        ] {
            assert_eq!(Filter::parse(bad), Err(expected), "{bad}");
        }
        let deep = format!("{}active eq true{}", "(".repeat(12), ")".repeat(12));
        let wide = vec!["active eq true"; 21].join(" or ");
        let long = format!("title eq \"{}\"", "x".repeat(1_000));
        for bad in [deep, wide, long] {
            assert_eq!(Filter::parse(&bad), Err(BadFilter::TooMuch));
        }
    }

    #[test]
    fn a_filter_holds_for_what_it_says() {
        let of = |attribute| match attribute {
            Attribute::DisplayName => Some(Value::Text("Sở Nội vụ".to_owned())),
            Attribute::Active => Some(Value::Bool(true)),
            _ => None,
        };
        let holds = |filter: &str| Filter::parse(filter).expect("a filter").holds(&of);
        assert!(holds(r#"displayName co "Nội" and active eq true"#) && holds("not (title pr)"));
        assert!(holds(r#"displayName ew "vụ""#) && holds(r#"title ne "x""#));
        assert!(!holds(r#"displayName sw "Nội""#) && !holds(r#"title eq "x""#) && !holds("active eq false"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_filter_or_not(text in "\\PC{0,80}") {
            let _ = Filter::parse(&text);
        }

        #[test]
        fn anything_of_the_grammar_is_read_or_refused(words in proptest::collection::vec(
            prop_oneof![
                Just("userName"), Just("active"), Just("eq"), Just("co"), Just("pr"), Just("and"), Just("or"),
                Just("not"), Just("("), Just(")"), Just("true"), Just("\"an\""), Just("\"\\"), Just("é"),
            ],
            0..24,
        )) {
            let text = words.join(" ");
            if let Ok(filter) = Filter::parse(&text) {
                prop_assert!(!filter.attributes().is_empty());
            }
        }
    }
}
