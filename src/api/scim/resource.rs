//! People and groups as resources (RFC 7643 §4.1, §4.2, §4.3), and which of their attributes are shown (RFC 7644 §3.9).

use crate::app::App;
use crate::domain::account::State;
use crate::domain::name;
use crate::domain::oauth::scope::Scopes;
use crate::domain::scim::{Attribute, ENTERPRISE, GROUP, USER};
use crate::services::scim::{Person, Team};
use crate::urls;
use serde_json::{Map, Value, json};

/// Attributes that are shown whatever was asked for (RFC 7643 §7, `returned: always`).
const ALWAYS: [&str; 2] = ["schemas", "id"];

/// Which attributes are shown.
#[derive(Debug)]
pub(super) struct Shown {
    only: Option<Vec<String>>,
    not: Vec<String>,
}

impl Shown {
    /// Reads `attributes` and `excludedAttributes`; `None` if both are there.
    pub(super) fn read(only: Option<&str>, not: Option<&str>) -> Option<Self> {
        let names = |text: &str| text.split(',').map(|name| plain(name.trim())).collect::<Vec<_>>();
        match (only, not) {
            (Some(_), Some(_)) => None,
            (only, not) => Some(Self { only: only.map(names), not: not.map(names).unwrap_or_default() }),
        }
    }

    /// Whether an attribute that is shown on request only was asked for.
    pub(super) fn asks_for(&self, name: &str) -> bool {
        let starts = |asked: &String| asked.split('.').next() == Some(name);
        self.only.as_ref().is_some_and(|only| only.iter().any(starts))
    }

    /// A resource with what is shown of it.
    pub(super) fn of(&self, resource: Map<String, Value>) -> Value {
        let mut shown = Map::new();
        for (name, value) in resource {
            let key = name.to_ascii_lowercase();
            if ALWAYS.contains(&name.as_str()) {
                shown.insert(name, value);
            } else if let Some(value) = self.part(&key, value) {
                shown.insert(name, value);
            }
        }
        Value::Object(shown)
    }

    /// What is shown of one attribute.
    fn part(&self, key: &str, value: Value) -> Option<Value> {
        let below = |asked: &String| {
            asked.strip_prefix(key).and_then(|rest| rest.strip_prefix('.')).map(str::to_owned)
        };
        let without: Vec<_> = self.not.iter().filter_map(below).collect();
        if self.not.iter().any(|name| name == key) {
            return None;
        }
        let Some(only) = &self.only else {
            return Some(keep(value, &|name| !without.iter().any(|one| one == name)));
        };
        if only.iter().any(|name| name == key) {
            return Some(value);
        }
        let within: Vec<_> = only.iter().filter_map(below).collect();
        if within.is_empty() {
            return None;
        }
        Some(keep(value, &|name| within.iter().any(|one| one == name)))
    }
}

/// The name of an attribute in small letters, without its schema; what belongs to an extension stands below it.
fn plain(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    for schema in [USER, GROUP] {
        if let Some(rest) = name.strip_prefix(&format!("{}:", schema.to_ascii_lowercase())) {
            return rest.to_owned();
        }
    }
    let extension = ENTERPRISE.to_ascii_lowercase();
    match name.strip_prefix(&format!("{extension}:")) {
        Some(rest) => format!("{extension}.{rest}"),
        None => name,
    }
}

/// The members of an object, or of each object of a list, whose names are wanted.
fn keep(value: Value, wanted: &impl Fn(&str) -> bool) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.into_iter().filter(|(name, _)| wanted(&name.to_ascii_lowercase())).collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| keep(item, wanted)).collect()),
        other => other,
    }
}

/// A person, with the attributes that an application with these scopes gets.
pub(super) fn user(app: &App, scopes: Scopes, person: &Person) -> Map<String, Value> {
    let (account, profile) = (&person.account, person.account.profile());
    let gets = |attribute: Attribute| attribute.is_given(scopes);
    let mut told = Map::new();
    let mut set = |name: &str, value: Value| told.insert(name.to_owned(), value);
    set("id", person.id.as_str().into());
    set("meta", meta(app, "User", &urls::SCIM_USER.replace("{id}", &person.id), account.version()));
    // It must be there; who gets no address gets what the person is known by.
    let user_name = if gets(Attribute::UserName) { profile.address.as_str() } else { &person.id };
    set("userName", user_name.into());
    let is_active = matches!(account.state(), State::Active { .. } | State::MustChangePassword { .. });
    set("active", is_active.into());
    if gets(Attribute::DisplayName) {
        let parts = name::parts(&profile.display_name);
        let all = [
            ("formatted", Some(profile.display_name.as_str())),
            ("familyName", parts.family),
            ("middleName", parts.middle.as_deref()),
            ("givenName", parts.given),
        ];
        let name: Map<_, _> =
            all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
        set("name", name.into());
        set("displayName", profile.display_name.as_str().into());
        set("userType", profile.kind.code().into());
        set("preferredLanguage", "vi-VN".into());
        set("locale", "vi-VN".into());
        set("timezone", "Asia/Ho_Chi_Minh".into());
    }
    if gets(Attribute::Email) {
        set("emails", json!([{ "value": profile.address.as_str(), "type": "work", "primary": true }]));
    }
    let mut schemas = vec![USER];
    if gets(Attribute::Title) {
        if let Some(title) = &profile.title {
            set("title", title.as_str().into());
        }
        let teams: Vec<_> = person.teams.iter().map(|team| belongs(app, team)).collect();
        set("groups", teams.into());
        if let Some(agency) = &person.agency {
            schemas.push(ENTERPRISE);
            set(ENTERPRISE, json!({ "organization": &agency.name, "department": &agency.code }));
        }
    }
    set("schemas", schemas.into());
    told
}

fn belongs(app: &App, team: &Team) -> Value {
    let at = urls::SCIM_GROUP.replace("{id}", &team.id);
    json!({ "value": &team.id, "display": &team.name, "type": "direct", "$ref": address(app, &at) })
}

/// An agency or a group; with its members if they were asked for.
pub(super) fn group(
    app: &App,
    team: &Team,
    members: Option<Vec<(String, Option<String>)>>,
) -> Map<String, Value> {
    let mut told = Map::new();
    let at = address(app, &urls::SCIM_GROUP.replace("{id}", &team.id));
    told.insert("schemas".to_owned(), json!([GROUP]));
    told.insert("id".to_owned(), team.id.as_str().into());
    told.insert("displayName".to_owned(), team.name.as_str().into());
    told.insert("meta".to_owned(), json!({ "resourceType": "Group", "location": at }));
    if let Some(members) = members {
        let member = |(id, name): (String, Option<String>)| {
            let at = address(app, &urls::SCIM_USER.replace("{id}", &id));
            let mut one = json!({ "value": id, "type": "User", "$ref": at });
            if let Some(name) = name {
                one["display"] = name.into();
            }
            one
        };
        told.insert("members".to_owned(), members.into_iter().map(member).collect::<Vec<_>>().into());
    }
    told
}

fn meta(app: &App, kind: &str, path: &str, version: i64) -> Value {
    // RFC 7644 §3.14: a version of what is told of the account.
    json!({ "resourceType": kind, "location": address(app, path), "version": format!("W/\"{version}\"") })
}

/// The address of a resource.
pub(super) fn address(app: &App, path: &str) -> String {
    format!("{}{path}", app.config.server.issuer())
}
