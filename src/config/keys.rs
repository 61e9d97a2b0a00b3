//! Every setting: its key, its default, what it means. The example file and `docs/configuration.md` are made from
//! this table, and a key that is not in it is a mistake.

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its dotted path, e.g. `server.listen`.
    pub path: &'static str,
    /// Its value in the example, as TOML; the default where [`Key::required`] is false.
    pub example: &'static str,
    /// Whether it has no default.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
}

const fn key(path: &'static str, example: &'static str, doc: &'static str) -> Key {
    Key { path, example, required: false, doc }
}

const fn must(path: &'static str, example: &'static str, doc: &'static str) -> Key {
    Key { path, example, required: true, doc }
}

/// All settings, in the order of the example file.
pub const KEYS: &[Key] = &[
    must(
        "server.public_url",
        "\"https://dangnhap.danang.gov.vn\"",
        "Address of sign-in and portal as browsers see it; also the issuer of OpenID Connect. https, except on localhost.",
    ),
    key(
        "server.listen",
        "\"127.0.0.1:8080\"",
        "Where sign-in, portal and protocol listen; a reverse proxy with TLS stands before it.",
    ),
    must(
        "server.admin_url",
        "\"https://quantri-dangnhap.danang.gov.vn\"",
        "Address of the administration as browsers see it.",
    ),
    key(
        "server.admin_listen",
        "\"127.0.0.1:8090\"",
        "Where the administration listens: a management address, never the public one.",
    ),
    key(
        "server.trusted_proxies",
        "[\"127.0.0.1\"]",
        "Reverse proxies whose X-Forwarded-For and client certificate are believed.",
    ),
    key(
        "server.client_certificate_header",
        "\"\"",
        "The header in which these proxies tell the client certificate of a connection (RFC 8705), and which they take from everybody else: URL-encoded PEM as nginx's $ssl_client_escaped_cert, plain PEM, or :base64: (RFC 9440). Empty: there are no client certificates.",
    ),
    key(
        "server.client_certificate_ca",
        "\"\"",
        "PEM file with the CAs (also those in between) whose certificates prove an application by tls_client_auth; checked beside the proxy. Empty: only certificates that an application registered itself.",
    ),
    key(
        "server.mtls_url",
        "\"\"",
        "Address at which the proxy asks for client certificates, if browsers shall not be asked at public_url. It leads to server.listen too, and is told to applications (mtls_endpoint_aliases).",
    ),
    key(
        "database.url",
        "\"sqlite:/var/lib/danang-sso/danang-sso.db\"",
        "sqlite:FILE for one machine, postgres://USER@HOST/DB for several nodes.",
    ),
    key("database.password_file", "\"\"", "File with the password for PostgreSQL, if it needs one."),
    key(
        "secrets.master_key_file",
        "\"/var/lib/danang-sso/master.key\"",
        "File with the key that seals secrets at rest. Made at the first start; keep a copy apart from the database's.",
    ),
    must("city.mail_domain", "\"danang.gov.vn\"", "The domain that completes a name typed without @."),
    key("city.name", "\"thành phố Đà Nẵng\"", "The city, as pages name it."),
    key("city.support_unit", "\"Bộ phận hỗ trợ thư điện tử công vụ\"", "Whom a locked person asks."),
    key("city.support_phone", "\"\"", "Their telephone."),
    key("city.support_hours", "\"7:30–11:30, 13:00–17:00, thứ Hai đến thứ Sáu\"", "Their hours."),
    key(
        "ad.urls",
        "[]",
        "Domain controllers, tried in order: ldaps://dc1.example or ldap://dc1.example with starttls. Empty: the city has no AD.",
    ),
    key(
        "ad.starttls",
        "false",
        "Switch ldap:// to TLS before anything else. A connection without TLS is refused.",
    ),
    key("ad.ca_file", "\"\"", "PEM file with the CA of the domain controllers, in place of the system's."),
    key(
        "ad.staff_base",
        "\"OU=Staff,DC=ad,DC=danang,DC=example\"",
        "Where the staff are; the OUs right below are the agencies.",
    ),
    key("ad.bind_dn", "\"CN=svc-idp,OU=Service,DC=ad,DC=danang,DC=example\"", "The service account."),
    key("ad.bind_password_file", "\"\"", "File with its password."),
    key("ad.connect_timeout_seconds", "5", "For connecting."),
    key("ad.operation_timeout_seconds", "10", "For each operation and each page."),
    key("ad.page_size", "500", "Entries per page of a search."),
    key("ad.connection_minutes", "10", "A connection kept for look-ups is replaced after so long."),
    key(
        "ad.slow_after_seconds",
        "3",
        "If look-ups take longer than this, pages say that the directory answers slowly.",
    ),
    key("obm.urls", "[]", "OBM's OpenLDAP servers, tried in order. Empty: the city has no OBM."),
    key(
        "obm.starttls",
        "false",
        "Switch ldap:// to TLS before anything else. A connection without TLS is refused.",
    ),
    key("obm.ca_file", "\"\"", "PEM file with the CA of the servers, in place of the system's."),
    key("obm.base", "\"dc=danang.gov.vn,dc=local\"", "The subtree of the mail domain."),
    key("obm.domain", "\"danang.gov.vn\"", "The OBM domain: the value of obmDomain."),
    key("obm.sync_dn", "\"uid=idpsync,ou=sysusers,dc=local\"", "The account that reads."),
    key("obm.sync_password_file", "\"\"", "File with its password."),
    key("obm.writer_dn", "\"uid=idpwriter,ou=sysusers,dc=local\"", "The account that writes passwords."),
    key("obm.writer_password_file", "\"\"", "File with its password."),
    key(
        "obm.sql_url",
        "\"\"",
        "OBM's PostgreSQL, postgres://USER@HOST/DB?sslmode=verify-full: locks that are written to OBM make the password there unusable too. Needed where OBM's web page runs in standalone mode. Empty: not touched.",
    ),
    key("obm.sql_password_file", "\"\"", "File with the password of that role."),
    key(
        "obm.staff_number_from_sql",
        "false",
        "Take the external id in OBM's SQL (userobm_ext_id) for the staff number of people for whom LDAP has none.",
    ),
    key(
        "obm.passwords",
        "\"ldap\"",
        "\"ldap\": new passwords are written into OBM's LDAP. \"ldap+sql\": into its SQL too, as a crypt(3) text (never clear). \"read-only\": never into OBM; the pages say where people change it.",
    ),
    key(
        "obm.password_page",
        "\"\"",
        "Where people change OBM's password themselves, as the pages say it; needed with read-only.",
    ),
    key("obm.connect_timeout_seconds", "5", "For connecting."),
    key("obm.operation_timeout_seconds", "10", "For each operation and each page."),
    key("obm.page_size", "500", "Entries per page of a search."),
    key("obm.connection_minutes", "10", "A connection kept for look-ups is replaced after so long."),
    key(
        "obm.slow_after_seconds",
        "3",
        "If look-ups take longer than this, pages say that the directory answers slowly.",
    ),
    key(
        "mail.relay_host",
        "\"\"",
        "SMTP relay for letters. Empty: letters are written and shown in the portal, not sent.",
    ),
    key("mail.port", "587", "Its port: 587 for starttls, 465 for implicit."),
    key("mail.tls", "\"starttls\"", "starttls, implicit, or none (only for a relay on this machine)."),
    key("mail.username", "\"\"", "Who signs in at the relay. Empty: nobody."),
    key("mail.password_file", "\"\"", "File with the password."),
    key("mail.ca_file", "\"\"", "PEM file with the CA of the relay, in place of the system's."),
    key("mail.from_address", "\"\"", "The address that letters come from; needed with a relay."),
    key("mail.from_name", "\"Đăng nhập một lần – thành phố Đà Nẵng\"", "The name that letters come from."),
    key("mail.reply_to", "\"\"", "Where an answer goes, if not to from_address."),
    key("mail.per_minute", "60", "At most so many letters a minute."),
    key("mail.timeout_seconds", "30", "For connecting, and for each letter."),
    key("sync.every_minutes", "15", "How often the changes of both directories are read."),
    key("sync.ad_every_minutes", "0", "How often Active Directory's; 0: as above."),
    key("sync.obm_every_minutes", "0", "How often OBM's; 0: as above."),
    key(
        "sync.whole_every_hours",
        "24",
        "How often everything is read and compared, and not only what changed.",
    ),
    key(
        "sync.retire_after_days",
        "90",
        "An account that is in neither directory is locked at once and withdrawn after so many days; a person who returns gets the same one.",
    ),
    key(
        "sync.agency_mailbox_prefixes",
        "[\"vanthu\"]",
        "Addresses that begin so belong to an agency, not to a person.",
    ),
    key(
        "sync.service_mailbox_prefixes",
        "[]",
        "Addresses that begin so belong to a service or a device; the rules may have other values for them.",
    ),
    key(
        "sync.hold_above",
        "5",
        "A run is held for a look if more than so many mailboxes vanish (or accounts are locked, or move) and they are more than the share below.",
    ),
    key(
        "sync.hold_vanish_percent",
        "10",
        "Share of the mailboxes of the directories read, in percent, above which a run in which they vanish is held.",
    ),
    key(
        "sync.hold_lock_percent",
        "10",
        "Share of the open accounts, in percent, above which a run that locks them (disabled or gone) is held.",
    ),
    key(
        "sync.hold_move_percent",
        "10",
        "Share of all accounts, in percent, above which a run that moves them to another agency or changes their address is held.",
    ),
    key(
        "policy.default_password_working_days",
        "3",
        "Working days for which a default password may be kept (the city's regulation: 3). Read at the first start only; afterwards the policy is changed in the console or with `danang-sso policy set`.",
    ),
    key(
        "policy.password_months",
        "6",
        "Months for which a password may be used (the city's regulation: 6). Read at the first start only, like the one above; administrators begin with 2.",
    ),
    key("policy.password_min_length", "14", "Fewest characters of a new password (8 to 20)."),
    key(
        "policy.password_min_classes",
        "4",
        "How many of small letters, capitals, digits, signs must occur (1 to 4).",
    ),
    key(
        "policy.password_min_score",
        "2",
        "How hard a new password must be to guess by its words and patterns, from 0 (not looked at) to 4 (zxcvbn).",
    ),
    key(
        "policy.write_locks_to",
        "[]",
        "Directories into which locks are written too: \"ad\", \"obm\". Empty: a lock closes sign-in and applications, not the mail. Look first how many are overdue (console): each of them is locked there too. OBM then hides whether a password is right, so its locked people read no reason.",
    ),
    key(
        "policy.failed_attempts",
        "5",
        "Different wrong passwords before password sign-in of an account is paused (1 to 5). The same one typed again counts once. Kept below the directories' own threshold by itself. This and the next three are read at the first start only; afterwards they are settings of the policy.",
    ),
    key(
        "policy.wait_minutes",
        "720",
        "How long it is paused, and within which time failures add up (TCVN 14423: at least 12 hours). An administrator may lift a pause.",
    ),
    key(
        "policy.failed_attempts_per_address",
        "50",
        "Failures of one network address, over all accounts, before it must wait.",
    ),
    key(
        "policy.wait_minutes_per_address",
        "15",
        "How long it must wait. Short, because a whole office may share one address.",
    ),
    key(
        "outage.cached_sign_in",
        "false",
        "While the home directory does not answer, let active staff in whose password fits the last one that it took. Administrators never. What that means is in docs/directories.md.",
    ),
    key("outage.cached_hours", "8", "How long after the directory last took it (1 to 72)."),
    key(
        "audit.online_months",
        "12",
        "How many whole months of the audit stay in the database (12 to 120), if there is an archive for what is older.",
    ),
    key(
        "audit.archive",
        "\"\"",
        "Folder into which older lines are moved, as files of JSON lines in which the hash chain goes on. Empty: everything stays in the database.",
    ),
    key(
        "audit.syslog",
        "\"\"",
        "Syslog server on this machine that gets every line of the audit at once, e.g. 127.0.0.1:601: RFC 5424 over TCP, the text is JSON. It carries the lines on to the SIEM with TLS. Empty: none.",
    ),
    key(
        "outbound.allow",
        "[\"private\"]",
        "Which addresses of applications (back-channel logout, keys, sector lists, logos) the house may ask beside those of the Internet: \"private\" (10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7), \"loopback\", a range such as 10.20.0.0/16, or a host name, wherever it leads. With registration.mode = \"open\" the default is []: strangers name addresses then. On a house at localhost \"loopback\" is always in it.",
    ),
    key(
        "outbound.extra_ca",
        "\"\"",
        "PEM file with further CAs that are trusted when applications are asked, beside the system's.",
    ),
    key(
        "registration.mode",
        "\"off\"",
        "Who may register applications by the protocol (RFC 7591): off, initial-token (`danang-sso client initial-token` makes one), or open. Pages tell that nobody of the city has looked at such an application.",
    ),
    key(
        "registration.require_pkce",
        "false",
        "Whether such an application must use PKCE although it has a secret. Without a secret it must in any case.",
    ),
    key(
        "registration.per_hour",
        "1000",
        "In open mode: so many registrations from one network address within an hour.",
    ),
    key("registration.most", "10000", "So many such applications in all."),
    key("registration.unused_days", "90", "Such an application is removed when nobody used it for so long."),
    key(
        "oidc.legacy_paths",
        "false",
        "Let old applications that know the endpoints by other paths in: /oauth2/authorize, /oauth2/token, /oauth2/userinfo, /oauth2/revoke and /oidc/logout do what the endpoints of the discovery document do.",
    ),
    key(
        "oidc.dpop_nonce",
        "\"off\"",
        "Nonces of the house in DPoP proofs (RFC 9449 section 8). off: only for applications that are registered so (`--require-dpop-nonce`). optional: handed out; a stale one is refused. required: every proof needs one.",
    ),
    key(
        "oidc.profile_page",
        "\"\"",
        "The claim profile (scope profile): a page about whoever is signed in, such as the portal's own address, or a page of the staff directory. Empty: no such claim.",
    ),
    key(
        "oidc.website",
        "\"\"",
        "The claim website (scope profile): where the city publishes, the same for everybody, for example https://danang.gov.vn. Empty: no such claim.",
    ),
    key(
        "watch.own_domains",
        "[]",
        "Domains beside city.mail_domain into which official mail may be forwarded; forwarding to others is listed and recorded.",
    ),
    key(
        "second_factor.administrators",
        "\"required\"",
        "required: who administers sets up a second factor at the first sign-in there. optional: whoever has one is asked for it.",
    ),
    key(
        "second_factor.staff",
        "\"optional\"",
        "The same in sign-in and portal: optional, required, or off (nobody is asked there, and applications that demand a second factor let nobody in).",
    ),
    key(
        "second_factor.roles",
        "[]",
        "The least that lets whoever acts in a role into the administration, as \"role=level\": roles as on the command line (city, security, agency, help-desk, auditor), levels password, second-factor, passkey. Roles that are not named follow second_factor.administrators. passkey needs second_factor.passkey_domain to hold both addresses.",
    ),
    key(
        "second_factor.passkey_domain",
        "\"\"",
        "The domain of passkeys. Empty: the host of server.public_url. A common parent of both addresses (\"danang.gov.vn\") lets the same passkeys into the administration. Another value later makes all passkeys useless.",
    ),
    key(
        "second_factor.mail_codes",
        "false",
        "Whether staff may have a one-time code sent to another mail address than the city's as a second factor; never in the administration. Needs [mail].",
    ),
    key(
        "second_factor.certificate_ca",
        "\"\"",
        "File (PEM) with the authorities of the government's digital signature, the issuing ones too: staff bind such a certificate to their account as a second factor. Needs server.client_certificate_header. Empty: none are taken.",
    ),
    key(
        "second_factor.certificate_crl",
        "\"\"",
        "File (PEM, or one list in DER) with what these authorities have revoked, each its own; read at each use, so replace it as often as they publish it. A list that is missing or out of date lets nobody in. Needed with second_factor.certificate_ca. \"none\": nobody looks, and a lost card opens until it ends; danang-sso check warns.",
    ),
    key(
        "second_factor.remember_days",
        "30",
        "How long a browser that its person has marked is not asked for the second factor again (0 to 90; 0: never). Administrators are always asked in the administration.",
    ),
    key(
        "second_factor.recent_minutes",
        "5",
        "For what is dangerous (second factors, resets, the rules), a person must have proven themselves within so many minutes, or does so once more.",
    ),
    key(
        "incidents.city_hours",
        "8",
        "Within so many hours of the occurrence the city's department in charge is told of an incident (the city's regulation).",
    ),
    key(
        "incidents.first_notice_hours",
        "24",
        "Within so many hours of the detection the first notice of a serious incident is given (Decree 331/2026 Art. 31).",
    ),
    key("incidents.report_hours", "72", "The same for the report of cause, scope and remedy."),
    key(
        "incidents.personal_data_hours",
        "72",
        "Within so many hours of the detection the authority is told of a breach of personal data (Law 91/2025 Art. 23).",
    ),
    key(
        "incidents.contacts",
        "[]",
        "To whom an incident can be handed on by letter, e.g. [\"Trung tâm DDS <ungcuu@danang.gov.vn>\"].",
    ),
    key(
        "incidents.suspicious_mail_address",
        "\"\"",
        "Where staff forward a suspicious mail to; the portal names it. Empty: it names none.",
    ),
    key("incidents.per_day", "20", "How many reports one account may send in a day."),
    key(
        "mail_rules.version",
        "\"2026-1\"",
        "The version of the mail rules in short that people acknowledge once a year; a new one is acknowledged anew.",
    ),
    key(
        "mail_rules.vi",
        "[\"Không đặt chuyển thư tự động ra ngoài hệ thống thư của thành phố.\", \"Không dùng địa chỉ thư công vụ để đăng ký mua sắm, diễn đàn, mạng xã hội hoặc trò chơi.\", \"Không đăng nhập trên máy tính công cộng hoặc máy không rõ của ai.\", \"Hộp thư có dung lượng 2 GB; tập tin đính kèm không quá 20 MB.\", \"Đổi mật khẩu cấp ban đầu ngay lần đăng nhập đầu tiên; không cho ai biết mật khẩu.\", \"Báo ngay sự cố và thư có dấu hiệu khả nghi.\"]",
        "The rules in Vietnamese, a sentence each. Empty: nothing is acknowledged.",
    ),
    key(
        "mail_rules.en",
        "[\"No automatic forwarding out of the city's mail systems.\", \"No official address for shopping, forums, social networks or games.\", \"No sign-in on public computers or on those of people you do not know.\", \"A mailbox has 2 GB; an attachment at most 20 MB.\", \"Change the initial password at the first sign-in; tell nobody your password.\", \"Report incidents and suspicious mail at once.\"]",
        "The same in English.",
    ),
    key(
        "network.names",
        "[]",
        "What networks are called on pages, e.g. [\"10.20.0.0/16=Mạng Sở Khoa học và Công nghệ\"]; the narrowest counts.",
    ),
    key("sessions.staff_idle_minutes", "60", "A staff session ends after so long without use."),
    key("sessions.staff_hours", "12", "A staff session ends after so long in any case."),
    key("sessions.admin_idle_minutes", "5", "An administration session ends after so long without use."),
    key("sessions.admin_hours", "8", "An administration session ends after so long in any case."),
    key(
        "admin.two_persons",
        "true",
        "What is dangerous in the console needs a second person: roles over the whole city, other rules, new signing keys now, many accounts at once, much for an application in its own name, the password or second factors of somebody who decides on that. docs/console.md.",
    ),
    key(
        "admin.two_persons_above",
        "20",
        "So many accounts or sessions one person alone locks, unlocks, resets or ends by acts over many within a day; above, a second one approves.",
    ),
    key(
        "admin.api_writes_per_day",
        "200",
        "So many locks, unlocks, resets and other acts on accounts one application carries out by the interface within a day; above, it waits. docs/api.md.",
    ),
    key(
        "admin.wide_role_above",
        "2000",
        "A role over agencies that reaches more accounts, with the others that its holder has, needs a second person like one over the whole city; so does what an application may do in its own name over so many.",
    ),
    key(
        "admin.review_half_yearly",
        "false",
        "The house opens an access review in each half-year by itself. docs/console.md.",
    ),
    key("admin.review_days", "30", "For how many days such a review is open."),
    key("admin.break_glass_hours", "4", "A session that a break-glass code opened ends after so long."),
    key("tokens.code_seconds", "60", "Life of an authorization code."),
    key("tokens.access_minutes", "10", "Life of an access token."),
    key("tokens.refresh_idle_hours", "24", "A refresh token ends after so long without use."),
    key("tokens.refresh_days", "30", "A chain of refresh tokens ends after so long in any case."),
    key(
        "tokens.key_days",
        "90",
        "A key signs for so long, then its successor is announced; that one signs an hour later. `danang-sso keys rotate` begins it at once.",
    ),
    key("log.filter", "\"info\"", "What is logged, in the syntax of tracing, e.g. info,danang_sso=debug."),
    key("log.format", "\"text\"", "text or json."),
];

/// A commented example of the whole configuration.
pub fn example() -> String {
    let mut out = String::from(
        "# Configuration of danang-sso. A key that is commented out shows its default.\n\
         # Every key can be set from the environment: DANANG_SSO__SERVER__LISTEN=… for server.listen.\n",
    );
    let mut section = "";
    for key in KEYS {
        let (in_section, name) = key.path.split_once('.').unwrap_or(("", key.path));
        if in_section != section {
            section = in_section;
            out.extend(["\n[", section, "]\n"]);
        }
        let mark = if key.required { "" } else { "# " };
        out.extend(["# ", key.doc, "\n", mark, name, " = ", key.example, "\n"]);
    }
    out
}

/// The table of `docs/configuration.md`.
pub fn reference() -> String {
    let mut out = String::from("| Key | Default | Meaning |\n|---|---|---|\n");
    for key in KEYS {
        let default = if key.required { "required".to_owned() } else { format!("`{}`", key.example) };
        out.extend(["| `", key.path, "` | ", &default, " | ", key.doc, " |\n"]);
    }
    out
}
