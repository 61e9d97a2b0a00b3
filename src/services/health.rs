//! How the directories answer lately, for the pages; and the small question that keeps it known.

use super::chain;
use crate::app::App;
use crate::domain::health::Health;

/// How the directories answer, as this node knows it. Asks nobody.
pub fn of_directories(app: &App) -> Vec<Health> {
    let now = app.now();
    app.directories.iter().map(|directory| directory.health(now)).collect()
}

/// Asks each directory something small. What comes of it is in [`of_directories`].
pub async fn look(app: &App) {
    for directory in app.directories.iter() {
        if let Err(error) = directory.look().await {
            tracing::debug!(system = ?directory.system(), "asking how it is: {}", chain(&error));
        }
    }
}
