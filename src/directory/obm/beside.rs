//! What OBM's SQL knows of a mailbox and its LDAP does not: quota, forwarding, last access, external id, archived.

use super::sql::{ObmSql, complaint, unreachable};
use crate::directory::DirectoryError;
use crate::domain::timestamp::Timestamp;
use crate::domain::watch::{Beside, Cap, Forward, ForwardSource, Watched};
use std::collections::HashMap;
use std::time::Duration;

/// How long everybody may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The longest list of addresses that is read, in characters.
const LONGEST: usize = 4_000;

// The last access is that of the web page, and also of a failure; one after failures says nothing. It has no zone: it
// is the server's, which is the city's.
const EVERYBODY: &str = "SELECT u.userobm_login AS login, CAST(u.userobm_ext_id AS TEXT) AS external_id, \
     u.userobm_archive <> 0 AS archived, CAST(u.userobm_mail_quota AS BIGINT) AS quota, \
     COALESCE(u.userobm_nomade_perms, 0) = 1 AND COALESCE(u.userobm_nomade_enable, 0) = 1 AS forwards, \
     COALESCE(u.userobm_nomade_local_copy, 0) = 1 AS keeps_copy, u.userobm_email_nomade AS addresses, \
     CAST(EXTRACT(EPOCH FROM CASE WHEN COALESCE(u.userobm_nb_login_failed, 0) = 0 THEN u.userobm_timelastaccess END) \
     AS BIGINT) AS used FROM UserObm u JOIN Domain d ON d.domain_id = u.userobm_domain_id \
     WHERE lower(d.domain_name) = lower($1) ORDER BY u.userobm_archive, u.userobm_id";

#[derive(sqlx::FromRow)]
struct Row {
    login: String,
    external_id: Option<String>,
    archived: bool,
    quota: Option<i64>,
    forwards: bool,
    keeps_copy: bool,
    addresses: Option<String>,
    used: Option<i64>,
}

/// What it knows of everybody. The external id only where it is wanted.
pub(super) async fn everybody(sql: &ObmSql, with_external_id: bool) -> Result<Vec<Beside>, DirectoryError> {
    let query = sqlx::query_as::<_, Row>(EVERYBODY).bind(sql.domain());
    let rows = match tokio::time::timeout(PATIENCE, query.fetch_all(sql.pool()?)).await {
        Ok(rows) => rows.map_err(complaint)?,
        Err(elapsed) => return Err(unreachable(elapsed)),
    };
    Ok(facts(rows, with_external_id))
}

/// A login is not unique there: of one that is archived and one that is not, the latter counts; two are nobody.
fn facts(rows: Vec<Row>, with_external_id: bool) -> Vec<Beside> {
    let mut all: HashMap<String, (Beside, bool)> = HashMap::new();
    for row in rows {
        let login = row.login.to_lowercase();
        match all.get_mut(&login) {
            // the archived ones come last
            Some((first, is_certain)) => *is_certain &= row.archived && !first.is_archived,
            None => drop(all.insert(login.clone(), (of(row, login, with_external_id), true))),
        }
    }
    all.into_values().filter(|(_, is_certain)| *is_certain).map(|(facts, _)| facts).collect()
}

fn of(row: Row, login: String, with_external_id: bool) -> Beside {
    let addresses: String = row.addresses.unwrap_or_default().chars().take(LONGEST).collect();
    let addresses = addresses.lines().filter(|_| row.forwards);
    let forwards = addresses.filter_map(|to| Forward::new(to, row.keeps_copy, ForwardSource::Nomade));
    let external_id = row.external_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    Beside {
        login,
        watched: Watched {
            forwards: forwards.collect(),
            quota: row
                .quota
                .map(|mb| if mb > 0 { Cap::Kib(mb.saturating_mul(1024)) } else { Cap::Unlimited }),
            message: None,
        },
        // to the day, and not later than it was: so that not every use is a change
        last_used_at: row.used.and_then(day_of),
        external_id: external_id.filter(|_| with_external_id),
        is_archived: row.archived,
    }
}

/// The beginning of the day of a moment that is written in the city's time.
fn day_of(seconds: i64) -> Option<Timestamp> {
    let date = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?.date();
    (seconds > 0).then(|| Timestamp::start_of(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(login: &str, archived: bool) -> Row {
        Row {
            login: login.to_owned(),
            external_id: Some("0001    ".to_owned()),
            archived,
            quota: Some(2048),
            forwards: true,
            keeps_copy: true,
            addresses: Some("An@Out.example\r\n\r\nb@out.example".to_owned()),
            // 2026-03-02 06:30, as the server writes it
            used: Some(1_772_433_000),
        }
    }

    fn one(row: Row, with: bool) -> Beside {
        facts(vec![row], with).pop().expect("one")
    }

    #[test]
    fn a_row_tells_quota_forwarding_and_the_day_of_the_last_use() {
        let told = one(row("An", false), true);
        assert_eq!((told.login.as_str(), told.external_id.as_deref()), ("an", Some("0001")));
        let to: Vec<_> = told.watched.forwards.iter().map(|f| (f.to.as_str(), f.keeps_copy)).collect();
        assert_eq!(to, [("an@out.example", true), ("b@out.example", true)]);
        assert_eq!(told.watched.quota, Some(Cap::Kib(2_097_152)));
        let day = time::macros::date!(2026 - 03 - 02);
        assert_eq!(told.last_used_at, Some(Timestamp::start_of(day)));
    }

    #[test]
    fn what_is_switched_off_empty_or_absurd_says_nothing() {
        let off = Row { forwards: false, quota: Some(0), used: None, external_id: None, ..row("an", false) };
        let told = one(off, true);
        assert!(
            told.watched.forwards.is_empty() && told.last_used_at.is_none() && told.external_id.is_none()
        );
        assert_eq!(told.watched.quota, Some(Cap::Unlimited));
        let odd = Row { used: Some(i64::MAX), quota: Some(i64::MAX), addresses: None, ..row("an", false) };
        assert_eq!(one(odd, false).last_used_at, None);
        assert_eq!(one(Row { used: Some(-5), ..row("an", false) }, false).last_used_at, None);
        assert_eq!(one(row("an", false), false).external_id, None);
    }

    #[test]
    fn two_people_with_one_login_are_nobody_unless_one_is_archived() {
        assert!(facts(vec![row("an", false), row("AN", false)], false).is_empty());
        assert!(facts(vec![row("an", true), row("AN", true)], false).is_empty());
        let all = facts(vec![row("an", false), row("AN", true)], false);
        assert!(all.len() == 1 && !all[0].is_archived);
        assert!(facts(vec![row("an", false), row("an", false), row("an", true)], false).is_empty());
    }
}
