//! Logs: text or JSON, filtered by the configuration. Nothing secret has a way to be logged (`domain::secret`).

use crate::config::Config;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. A filter that cannot be read falls back to `info` and says so.
pub fn start(config: &Config) {
    let (filter, complaint) = match EnvFilter::try_new(&config.log_filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if config.log_json { lines.json().try_init() } else { lines.with_target(false).try_init() };
    if let Some(error) = complaint {
        tracing::warn!("log.filter is not understood, info is used: {error}");
    }
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
