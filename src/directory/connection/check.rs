//! What the doctor asks of every directory.

use super::{Connector, in_full};
use crate::directory::{CheckLine, DirectoryError};
use std::fmt::Display;

/// One line of the report.
pub fn line<T: Display>(what: &str, result: Result<T, &DirectoryError>) -> CheckLine {
    let result = result.map(|detail| detail.to_string()).map_err(|error| match error {
        DirectoryError::Misconfigured { what, .. } => what.clone(),
        error => in_full(error),
    });
    CheckLine { what: what.to_owned(), result }
}

/// Connects to every server that is named, not only to the first that answers.
pub async fn servers(name: &str, connector: &Connector) -> Vec<CheckLine> {
    let mut lines = Vec::new();
    for url in connector.urls() {
        let link = connector.open_url(url).await;
        let opened =
            link.as_ref().map(|_| format!("encrypted, its certificate trusted by {}", connector.trust()));
        lines.push(line(&format!("{name}: {url} answers"), opened));
    }
    lines
}
