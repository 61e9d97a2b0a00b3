//! What OBM's SQL knows of everybody, on a real PostgreSQL with OBM's tables and the rights that we ask for.

use crate::obm_sql::Tables;
use danang_sso::config::Config;
use danang_sso::directory::obm::ObmDirectory;
use danang_sso::directory::{Directory, DirectoryError};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::domain::watch::{Beside, Cap, ForwardSource};

/// OBM with this SQL; its LDAP is never asked.
fn directory(tables: &Tables) -> ObmDirectory {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("pw");
    std::fs::write(&file, "unused").expect("written");
    let text = format!(
        "[server]\npublic_url = \"http://localhost:8080\"\nadmin_url = \"http://localhost:8090\"\n\
         [city]\nmail_domain = \"danang.example\"\n[obm]\nurls = [\"ldaps://127.0.0.1:1\"]\n\
         domain = \"danang.example\"\nsync_password_file = \"{0}\"\nwriter_password_file = \"{0}\"\n\
         sql_url = \"{1}\"\nstaff_number_from_sql = true\n",
        file.display(),
        tables.url().expose()
    );
    let config = Config::parse("test.toml", &text, Vec::new()).expect("the configuration is complete");
    ObmDirectory::new(config.obm.expect("there is an OBM"))
}

async fn told(directory: &ObmDirectory) -> Vec<Beside> {
    let mut all = directory.beside().await.expect("it is configured").expect("it answers");
    all.sort_by(|a, b| a.login.cmp(&b.login));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn obms_sql_tells_what_its_ldap_lacks() {
    let tables = Tables::build().await;
    let directory = directory(&tables);
    tables
        .run(
            "UPDATE UserObm SET userobm_ext_id = 'nv-1', userobm_mail_quota = 2048, userobm_nomade_perms = 1, \
             userobm_nomade_enable = 1, userobm_nomade_local_copy = 1, userobm_timelastaccess = '2026-03-02 06:30:00', \
             userobm_email_nomade = E'An@Out.example\\r\\nb@danang.example' WHERE userobm_id = 1; \
             UPDATE UserObm SET userobm_mail_quota = 0, userobm_nomade_enable = 1, userobm_email_nomade = 'x@out.example', \
             userobm_timelastaccess = '2026-03-02 06:30:00', userobm_nb_login_failed = 3 WHERE userobm_id = 2",
        )
        .await;
    let all = told(&directory).await;
    let logins: Vec<_> = all.iter().map(|facts| facts.login.as_str()).collect();
    assert_eq!(logins, ["an", "binh", "chi"], "of this domain only, in small letters");
    let an = &all[0];
    let to: Vec<_> = an.watched.forwards.iter().map(|f| (f.to.as_str(), f.keeps_copy, f.source)).collect();
    let nomade = ForwardSource::Nomade;
    assert_eq!(to, [("an@out.example", true, nomade), ("b@danang.example", true, nomade)]);
    assert_eq!((an.watched.quota, an.external_id.as_deref()), (Some(Cap::Kib(2_097_152)), Some("nv-1")));
    assert_eq!(an.last_used_at, Some(Timestamp::start_of(time::macros::date!(2026 - 03 - 02))));
    // forwarding needs the right and the switch; a time after failures is not a use
    let binh = &all[1];
    assert!(binh.watched.forwards.is_empty() && binh.last_used_at.is_none() && binh.external_id.is_none());
    assert_eq!((binh.watched.quota, all[2].watched.quota), (Some(Cap::Unlimited), None));
    tables.run("UPDATE UserObm SET userobm_archive = 1 WHERE userobm_id = 2").await;
    assert!(told(&directory).await[1].is_archived);

    tables.run("REVOKE SELECT (userobm_mail_quota) ON UserObm FROM idplock").await;
    let refused = directory.beside().await.expect("it is configured");
    assert!(matches!(&refused, Err(DirectoryError::Misconfigured { what, .. }) if what.contains("denied")));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_thousand_rows_are_read() {
    let tables = Tables::build().await;
    let directory = directory(&tables);
    tables
        .run(
            "INSERT INTO UserObm (userobm_id, userobm_domain_id, userobm_ext_id, userobm_login, userobm_mail_quota, \
             userobm_timelastaccess) SELECT n, 2, n::text, 'u' || n, 2048, '2026-03-02 06:30:00' \
             FROM generate_series(10, 50009) n",
        )
        .await;
    assert_eq!(told(&directory).await.len(), 50_003);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_is_unreachable_and_not_empty() {
    let mut tables = Tables::build().await;
    let directory = directory(&tables);
    tables.stop();
    let answer = directory.beside().await.expect("it is configured");
    assert!(matches!(answer, Err(DirectoryError::Unreachable { .. })), "{answer:?}");
}
