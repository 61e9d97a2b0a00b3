use super::*;

const MINIMAL: &str = r#"
[server]
public_url = "http://localhost:8080"
admin_url = "http://localhost:8090"
[city]
mail_domain = "danang.example"
"#;

fn nothing() -> Vec<(String, String)> {
    Vec::new()
}

fn mistakes(text: &str, environment: Vec<(String, String)>) -> Vec<String> {
    Config::parse("test.toml", text, environment).expect_err("it has mistakes").mistakes
}

#[test]
fn a_wrong_configuration_tells_every_mistake_at_once() {
    let text = r#"
[server]
public_url = "http://dangnhap.danang.gov.vn"
listen = "here"
lissten = "x"
[policy]
password_months = 0
[obm]
urls = ["ldap://obm.example"]
"#;
    let all = mistakes(text, nothing()).join("\n");
    for part in [
        "server.public_url: must be https",
        "server.listen: \"here\" is not of the form",
        "unknown key server.lissten",
        "server.admin_url: is needed",
        "city.mail_domain: is needed",
        "policy.password_months: is a number from 1 to 60",
        "obm.urls: ldap://obm.example has no TLS",
        "obm.sync_password_file: is needed",
    ] {
        assert!(all.contains(part), "{part:?} is missing in:\n{all}");
    }
}

#[test]
fn the_database_of_obm_is_reached_safely_or_not_at_all() {
    let with = |url: &str| mistakes(&format!("{MINIMAL}[obm]\nsql_url = \"{url}\"\n"), nothing()).join("\n");
    assert!(with("postgres://idp@obm.example/obm").contains("add ?sslmode=verify-full"));
    assert!(with("postgres://idp@obm.example/obm?sslmode=require").contains("add ?sslmode=verify-full"));
    assert!(with("mysql://idp@obm.example/obm").contains("OBM on MySQL is not supported"));
    for safe in ["postgres://idp@obm.example/obm?sslmode=verify-full", "postgres://idp@localhost/obm"] {
        assert!(!with(safe).contains("obm.sql_"), "{}", with(safe));
    }
}

#[test]
fn a_configuration_needs_a_directory() {
    assert_eq!(mistakes(MINIMAL, nothing()), ["ad.urls, obm.urls: at least one directory is needed"]);
}

#[test]
fn the_environment_overrides_the_file_and_is_checked_as_well() {
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let all = mistakes(
        MINIMAL,
        vec![
            set("DANANG_SSO__SERVER__LISTEN", "127.0.0.1:x"),
            set("DANANG_SSO__NO__SUCH", "1"),
            set("PATH", "/"),
        ],
    );
    assert!(all.iter().any(|m| m.contains("sets the unknown key no.such")), "{all:?}");
    assert!(all.iter().any(|m| m.starts_with("server.listen: \"127.0.0.1:x\"")), "{all:?}");
}

#[test]
fn a_complete_configuration_is_read() {
    let dir = tempfile::tempdir().expect("a directory");
    let secret = dir.path().join("pw");
    std::fs::write(&secret, "s3cret\n").expect("written");
    let text = format!(
        "{MINIMAL}\n[ad]\nurls = [\"ldaps://127.0.0.10\"]\nbind_password_file = {:?}\n",
        secret.display().to_string()
    );
    let config = Config::parse("test.toml", &text, nothing()).expect("complete");
    assert_eq!(config.ad.expect("configured").bind_password.expose(), "s3cret");
    assert_eq!(config.server.issuer(), "http://localhost:8080");
    assert!(config.obm.is_none());
    assert_eq!(config.policy.initial.default_days(crate::domain::policy::settings::Class::Person), 3);
}

#[test]
fn the_example_lists_every_key_and_is_valid_toml() {
    let example = example();
    assert!(example.parse::<toml::Table>().is_ok());
    for key in KEYS {
        let (_, name) = key.path.split_once('.').expect("section.key");
        assert!(example.contains(&format!("{name} = ")), "{}", key.path);
    }
}

#[test]
fn the_documentation_has_the_table_that_the_code_has() {
    let document = include_str!("../../docs/configuration.md");
    assert!(
        document.contains(&reference()),
        "docs/configuration.md: put the output of `danang-sso config reference` into it"
    );
}

#[test]
fn broken_toml_is_told_with_its_line() {
    let all = mistakes("[server\n", nothing());
    assert!(all[0].contains("line 1"), "{all:?}");
}

#[test]
fn a_relay_needs_a_sender_and_a_protected_way() {
    let all = mistakes(
        &format!(
            "{MINIMAL}\n[mail]\nrelay_host = \"mail.danang.example\"\ntls = \"none\"\nusername = \"u\"\n"
        ),
        nothing(),
    )
    .join("\n");
    for part in [
        "mail.tls: \"none\" is only for a relay on this machine",
        "mail.from_address: \"\" is not a mail address",
        "mail.password_file: is needed",
    ] {
        assert!(all.contains(part), "{part:?} is missing in:\n{all}");
    }
}

#[test]
fn passwords_that_are_changed_elsewhere_need_a_place() {
    let obm = "[obm]\nurls = [\"ldaps://obm.example\"]\npasswords = ";
    let all = mistakes(&format!("{MINIMAL}{obm}\"read-only\"\n"), nothing()).join("\n");
    assert!(all.contains("obm.password_page: with obm.passwords"), "{all}");
    let all = mistakes(&format!("{MINIMAL}{obm}\"ldap+sql\"\n"), nothing()).join("\n");
    assert!(all.contains("obm.sql_url: obm.passwords = \"ldap+sql\" needs"), "{all}");
    let all =
        mistakes(&format!("{MINIMAL}{obm}\"sql\"\n[watch]\nown_domains = [\"a b\"]\n"), nothing()).join("\n");
    assert!(all.contains("obm.passwords: is one of ldap, ldap+sql, read-only"), "{all}");
    assert!(all.contains("watch.own_domains: \"a b\" is no domain"), "{all}");
}

#[test]
fn client_certificates_come_in_a_header_of_their_own_and_from_an_authority_that_can_be_read() {
    let with = |lines: &str| {
        let text = MINIMAL.replace("[city]", &format!("{lines}\n[city]"));
        mistakes(&text, nothing()).join("\n")
    };
    for taken in ["Cookie", "X-Forwarded-For", "a b", "Mã", &"x".repeat(65)] {
        let said = with(&format!("client_certificate_header = \"{taken}\""));
        assert!(said.contains("server.client_certificate_header"), "{taken}: {said}");
    }
    assert!(!with("client_certificate_header = \"X-Client-Cert\"").contains("client_certificate"));
    let alone = with("mtls_url = \"https://mtls.danang.example\"");
    assert!(alone.contains("server.client_certificate_header: is needed"), "{alone}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let ca = format!(
        "client_certificate_header = \"X-Client-Cert\"\nclient_certificate_ca = \"{}\"",
        file.display()
    );
    assert!(with(&ca).contains("server.client_certificate_ca") && with(&ca).contains("cannot be read"));
    std::fs::write(&file, "").expect("written");
    assert!(with(&ca).contains("holds no certificate"));
    std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").expect("written");
    assert!(with(&ca).contains("unusable certificate"));
    let made = rcgen::generate_simple_self_signed(["CA".to_owned()]).expect("signed");
    std::fs::write(&file, made.cert.pem()).expect("written");
    assert!(!with(&ca).contains("client_certificate"), "{}", with(&ca));
}

#[test]
fn certificates_of_staff_are_not_taken_without_a_word_on_what_was_revoked() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let made = rcgen::generate_simple_self_signed(["CA".to_owned()]).expect("signed");
    std::fs::write(&file, made.cert.pem()).expect("written");
    let with = |lines: &str| {
        let header = "client_certificate_header = \"X-Client-Cert\"\n[city]";
        let text = format!("{}[second_factor]\n{lines}\n", MINIMAL.replace("[city]", header));
        mistakes(&text, nothing()).join("\n")
    };
    let ca = format!("certificate_ca = \"{}\"", file.display());
    let without = with(&ca);
    assert!(without.contains("second_factor.certificate_crl: needs the file"), "{without}");
    for said in ["none", "/var/lib/danang-sso/revoked.pem"] {
        let all = with(&format!("{ca}\ncertificate_crl = \"{said}\""));
        assert!(!all.contains("second_factor"), "{all}");
    }
    let alone = with("certificate_crl = \"none\"");
    assert!(alone.contains("second_factor.certificate_crl: needs second_factor.certificate_ca"), "{alone}");
}

#[test]
fn a_role_has_a_level_that_there_is_and_a_passkey_a_door_at_which_it_can_be_made() {
    let with = |roles: &str| {
        let text = format!("{MINIMAL}[second_factor]\nroles = [{roles}]\n");
        mistakes(&text, nothing()).join("\n")
    };
    for wrong in ["mayor=passkey", "city=gold", "city=password-cached", "city", "=", ""] {
        assert!(with(&format!("\"{wrong}\"")).contains("is not of the form \"role=level\""), "{wrong}");
    }
    assert!(with("\"city=passkey\", \"city=password\"").contains("the role city is named twice"));
    let right = with("\"city=passkey\", \"help-desk=second-factor\", \"auditor = password\"");
    assert!(!right.contains("second_factor"), "{right}");
    let apart = |domain: &str| {
        let text = format!(
            "[server]\npublic_url = \"https://dangnhap.danang.gov.vn\"\nadmin_url = \"https://quantri.danang.gov.vn\"\n\
             [city]\nmail_domain = \"danang.gov.vn\"\n\
             [second_factor]\nroles = [\"city=passkey\"]\npasskey_domain = \"{domain}\"\n"
        );
        mistakes(&text, nothing()).join("\n")
    };
    assert!(apart("").contains("second_factor.roles: passkey needs"), "{}", apart(""));
    assert!(!apart("danang.gov.vn").contains("second_factor"), "{}", apart("danang.gov.vn"));
}
