//! Reads values out of a TOML table, collecting every mistake instead of stopping at the first.

use super::keys::{KEYS, Key};
use crate::domain::secret::Secret;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use toml::Value;
use url::Url;

const PREFIX: &str = "DANANG_SSO__";

/// A table being read.
pub(super) struct Reader {
    values: BTreeMap<String, Value>,
    mistakes: Vec<String>,
}

impl Reader {
    pub(super) fn new(text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut reader = Self { values: BTreeMap::new(), mistakes: Vec::new() };
        match text.parse::<toml::Table>() {
            Ok(table) => reader.take_table(table),
            Err(error) => reader.mistake(error.to_string().trim_end()),
        }
        for (name, value) in environment {
            if let Some(path) = name.strip_prefix(PREFIX) {
                reader.take_override(&name, &path.to_ascii_lowercase().replace("__", "."), &value);
            }
        }
        reader
    }

    /// The mistakes, in the order in which they were found.
    pub(super) fn finish(self) -> Vec<String> {
        self.mistakes
    }

    pub(super) fn has_mistakes(&self) -> bool {
        !self.mistakes.is_empty()
    }

    pub(super) fn mistake(&mut self, what: &str) {
        self.mistakes.push(what.to_owned());
    }

    /// Whether a value was given, in the file or the environment.
    pub(super) fn is_given(&self, path: &str) -> bool {
        self.values.contains_key(path)
    }

    pub(super) fn text(&mut self, path: &str) -> String {
        match self.value(path) {
            Some(Value::String(text)) => text,
            Some(_) => self.wrong(path, "is a text in quotes"),
            None => String::new(),
        }
    }

    pub(super) fn one_of(&mut self, path: &str, choices: &[&str]) -> String {
        let text = self.text(path);
        if !choices.contains(&text.as_str()) {
            self.mistake(&format!("{path}: is one of {}", choices.join(", ")));
        }
        text
    }

    pub(super) fn texts(&mut self, path: &str) -> Vec<String> {
        let Some(value) = self.value(path) else { return Vec::new() };
        let texts = value
            .as_array()
            .and_then(|list| list.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
        texts.unwrap_or_else(|| self.wrong(path, "is a list of texts, [\"…\", \"…\"]"))
    }

    pub(super) fn flag(&mut self, path: &str) -> bool {
        match self.value(path) {
            Some(Value::Boolean(flag)) => flag,
            Some(_) => self.wrong(path, "is true or false"),
            None => false,
        }
    }

    pub(super) fn number(&mut self, path: &str, least: i64, most: i64) -> i64 {
        match self.value(path) {
            Some(Value::Integer(n)) if (least..=most).contains(&n) => n,
            Some(_) => {
                self.mistake(&format!("{path}: is a number from {least} to {most}"));
                least
            }
            None => least,
        }
    }

    pub(super) fn socket(&mut self, path: &str) -> Option<SocketAddr> {
        let text = self.text(path);
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.mistake(&format!("{path}: {text:?} is not of the form ADDRESS:PORT, e.g. 127.0.0.1:8080"));
        }
        parsed
    }

    pub(super) fn ips(&mut self, path: &str) -> Vec<IpAddr> {
        let texts = self.texts(path);
        let mut ips = Vec::new();
        for text in texts {
            match text.parse() {
                Ok(ip) => ips.push(ip),
                Err(_) => self.mistake(&format!("{path}: {text:?} is not a network address")),
            }
        }
        ips
    }

    /// A web address: https, or http on this machine; no path, query or fragment.
    pub(super) fn web_address(&mut self, path: &str) -> Option<Url> {
        let text = self.text(path);
        if text.is_empty() {
            return None;
        }
        let Ok(url) = Url::parse(&text) else {
            self.mistake(&format!("{path}: {text:?} is not a web address"));
            return None;
        };
        let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && local) {
            self.mistake(&format!("{path}: must be https (http only on localhost)"));
        }
        if url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
        {
            self.mistake(&format!("{path}: only scheme, host and port, without a path"));
        }
        Some(url)
    }

    /// A secret from the file that `path` names.
    pub(super) fn secret(&mut self, path: &str, needed: bool) -> Option<Secret<String>> {
        let file = self.text(path);
        if file.is_empty() {
            if needed {
                self.mistake(&format!("{path}: is needed"));
            }
            return None;
        }
        match std::fs::read_to_string(&file) {
            Ok(text) if text.trim_end_matches(['\r', '\n']).is_empty() => {
                self.mistake(&format!("{path}: {file} is empty"));
                None
            }
            Ok(text) => Some(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) => {
                self.mistake(&format!("{path}: {file} cannot be read: {error}"));
                None
            }
        }
    }

    fn take_table(&mut self, table: toml::Table) {
        for (section, value) in table {
            let Value::Table(entries) = value else {
                self.mistake(&format!("unknown key {section}"));
                continue;
            };
            for (name, value) in entries {
                let path = format!("{section}.{name}");
                if known(&path).is_some() {
                    self.values.insert(path, value);
                } else {
                    let hint =
                        nearest(&path).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                    self.mistake(&format!("unknown key {path}{hint}"));
                }
            }
        }
    }

    /// A value from the environment is TOML where it can be (numbers, lists, true), else a plain text.
    fn take_override(&mut self, name: &str, path: &str, value: &str) {
        if known(path).is_none() {
            self.mistake(&format!("the environment's {name} sets the unknown key {path}"));
            return;
        }
        let is_text = known(path).is_some_and(|key| key.example.starts_with('"'));
        let parsed =
            format!("value = {value}").parse::<toml::Table>().ok().and_then(|mut t| t.remove("value"));
        let value = match parsed {
            Some(parsed) if !is_text || parsed.is_str() => parsed,
            _ => Value::String(value.to_owned()),
        };
        self.values.insert(path.to_owned(), value);
    }

    fn value(&mut self, path: &str) -> Option<Value> {
        if let Some(value) = self.values.get(path) {
            return Some(value.clone());
        }
        let key = known(path).expect("only keys of the table are read");
        if key.required {
            self.mistake(&format!("{path}: is needed ({})", key.doc));
            return None;
        }
        format!("value = {}", key.example).parse::<toml::Table>().ok().and_then(|mut t| t.remove("value"))
    }

    fn wrong<T: Default>(&mut self, path: &str, what: &str) -> T {
        self.mistake(&format!("{path}: {what}"));
        T::default()
    }
}

fn known(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// The known key that begins or ends like an unknown one.
fn nearest(path: &str) -> Option<&'static str> {
    let (_, name) = path.split_once('.')?;
    let close = |key: &&Key| {
        let (_, other) = key.path.split_once('.').unwrap_or(("", key.path));
        other == name || other.starts_with(name) || name.starts_with(other)
    };
    KEYS.iter().find(close).map(|key| key.path)
}
