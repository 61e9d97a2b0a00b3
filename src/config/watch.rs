//! What is watched of the mailboxes.

use super::reader::Reader;

/// What is watched.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Domains beside the city's mail domain into which mail may be forwarded.
    pub own_domains: Vec<String>,
}

pub(super) fn read(r: &mut Reader) -> Watch {
    let mut own_domains = Vec::new();
    for domain in r.texts("watch.own_domains") {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        if domain.is_empty() || !domain.chars().all(is_name) {
            r.mistake(&format!("watch.own_domains: {domain:?} is no domain"));
        }
        own_domains.push(domain.to_ascii_lowercase());
    }
    Watch { own_domains }
}
