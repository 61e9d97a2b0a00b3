//! What slapd and Samba tell of their changes, and when everything must be read instead.

use crate::directory::city::City;
use crate::directory::{ad_config, obm_config};
use crate::rig::Rig;
use danang_sso::config::directories::AdConfig;
use danang_sso::demo::city::PASSWORD;
use danang_sso::directory::Directory;
use danang_sso::directory::ad::AdDirectory;
use danang_sso::directory::obm::ObmDirectory;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::secret::Secret;
use danang_sso::domain::sync::{Reading, Rest, Seen, SeenEntry, SeenMailbox};
use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::process::{Command, Stdio};

/// Reads on and on, as the synchronisation does.
struct Reader<'a> {
    directory: &'a dyn Directory,
    position: Option<String>,
    known: HashSet<String>,
}

/// What one read told.
struct Told {
    sent: BTreeMap<String, Seen>,
    reading: Reading,
}

impl Told {
    fn mailbox(&self, local: &str) -> &SeenMailbox {
        let mut all = self.sent.values().filter_map(|seen| match seen {
            Seen::Mailbox(mailbox) => Some(mailbox.as_ref()),
            Seen::PassedOver(_) | Seen::Nothing => None,
        });
        all.find(|mailbox| mailbox.address.local_part() == local).expect("it was sent")
    }

    /// That these changed and nothing else did.
    #[track_caller]
    fn is_only(&self, locals: &[&str], gone: &[&str]) {
        assert!(!self.reading.is_whole(), "everything was read");
        let mut sent: Vec<_> = locals.iter().map(|local| self.mailbox(local).key.native_id.clone()).collect();
        let mut all_gone: HashSet<String> =
            self.sent.iter().filter(|(_, seen)| **seen == Seen::Nothing).map(|(id, _)| id.clone()).collect();
        sent.extend(all_gone.iter().cloned());
        sent.sort();
        assert_eq!(self.sent.keys().cloned().collect::<Vec<_>>(), sent);
        let Rest::StaysBut(also) = &self.reading.rest else { panic!("{:?}", self.reading.rest) };
        all_gone.extend(also.iter().cloned());
        assert_eq!(all_gone, gone.iter().map(|id| (*id).to_owned()).collect::<HashSet<_>>());
    }
}

impl Reader<'_> {
    async fn read(&mut self) -> Told {
        let mut sent = BTreeMap::new();
        let mut each = |entry: SeenEntry| drop(sent.insert(entry.id, entry.what));
        let reading = self.directory.read(self.position.as_deref(), &mut each).await.expect("it is read");
        // the service account signs in too, and is no business of the house
        sent.retain(|id, seen| *seen != Seen::Nothing || self.known.contains(id));
        self.known.extend(sent.keys().cloned());
        self.position.clone_from(&reading.position);
        assert!(self.position.is_some(), "it can tell changes");
        Told { sent, reading }
    }
}

/// Changes a directory behind the house's back.
pub(super) fn change(url: &str, more: &[&str], ca: &str, (dn, password): (&str, &str), ldif: &str) {
    let mut command = Command::new("ldapmodify");
    command.env("LDAPTLS_CACERT", ca).args(["-x", "-H", url, "-D", dn, "-w", password]).args(more);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("piped").write_all(ldif.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{ldif}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn slapd_tells_what_changed_since_the_cookie() {
    let mut city = City::new(MailSystem::Obm);
    let seed = city.obm_seed();
    let mut rig = Rig::start("obm", &[("OBM_SEED", &seed)]);
    let directory = ObmDirectory::new(obm_config(&rig));
    let users = format!("ou=users,{}", rig.value("OBM_DOMAIN_BASE"));
    let edit = |rig: &Rig, ldif: &str| {
        let root = (rig.value("OBM_ROOT_DN"), rig.value("OBM_ROOT_PW"));
        change(&rig.value("OBM_URL"), &["-ZZ"], &rig.value("OBM_CA"), (&root.0, &root.1), ldif);
    };
    let mut reader = Reader { directory: &directory, position: None, known: HashSet::new() };
    let whole = reader.read().await;
    assert!(whole.reading.is_whole());
    assert_eq!(whole.sent.len(), city.people.len() + city.passed_over.len());
    let id = |local: &str| whole.mailbox(local).key.native_id.clone();
    reader.read().await.is_only(&[], &[]);

    let minh = format!("dn: uid=minh.phan,{users}\nchangetype: ");
    edit(&rig, &format!("{minh}modify\nreplace: title\ntitle: Trưởng phòng\n"));
    let told = reader.read().await;
    told.is_only(&["minh.phan"], &[]);
    assert_eq!(told.mailbox("minh.phan").title.as_deref(), Some("Trưởng phòng"));
    reader.read().await.is_only(&[], &[]);

    edit(&rig, &format!("{minh}modrdn\nnewrdn: uid=minh.phan2\ndeleteoldrdn: 1\n"));
    let told = reader.read().await;
    told.is_only(&["minh.phan"], &[]);
    let minh = told.mailbox("minh.phan");
    assert_eq!((minh.key.login.as_str(), &minh.key.native_id), ("minh.phan2", &id("minh.phan")));

    edit(&rig, &format!("dn: uid=hoa.mai,{users}\nchangetype: delete\n"));
    reader.read().await.is_only(&[], &[&id("hoa.mai")]);

    // the log of deletions is lost with the process: the others are named as present
    edit(&rig, &format!("dn: uid=cuong.ngo,{users}\nchangetype: delete\n"));
    rig.stop();
    rig.start_again();
    edit(&rig, &format!("dn: uid=quyen.dam,{users}\nchangetype: modify\nreplace: title\ntitle: Văn thư\n"));
    let told = reader.read().await;
    assert!(!told.reading.is_whole());
    let Rest::GoneBut(present) = &told.reading.rest else { panic!("{:?}", told.reading.rest) };
    let there: HashSet<_> = present.iter().chain(told.sent.keys()).cloned().collect();
    let expected = whole.sent.keys().filter(|key| **key != id("hoa.mai") && **key != id("cuong.ngo"));
    assert_eq!(there, expected.cloned().collect());
    reader.read().await.is_only(&[], &[]);

    let good = reader.position.clone().expect("a position");
    for bad in [good.replace("csn=20", "csn=29"), good.replace("ou=users", "ou=others"), "junk".to_owned()] {
        let mut reader = Reader { directory: &directory, position: Some(bad), known: HashSet::new() };
        assert!(reader.read().await.reading.is_whole());
        reader.read().await.is_only(&[], &[]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn samba_tells_what_changed_since_a_number_of_its_own() {
    let mut city = City::new(MailSystem::Ad);
    let (seed, backdate) = city.ad_seed();
    let rig = Rig::start("ad", &[("AD_SEED", &seed), ("AD_BACKDATE", &backdate)]);
    let config = ad_config(&rig);
    let directory = AdDirectory::new(config.clone());
    let staff = rig.value("AD_STAFF");
    let edit = |ldif: &str| edit_ad(&rig, ldif);
    let mut reader = Reader { directory: &directory, position: None, known: HashSet::new() };
    let whole = reader.read().await;
    assert!(whole.reading.is_whole());
    let id = |local: &str| whole.mailbox(local).key.native_id.clone();
    reader.read().await.is_only(&[], &[]);

    let dn = |login: &str| {
        let found = outside_dn(&rig, login);
        found.unwrap_or_else(|| panic!("{login} is not there"))
    };
    let modify = |login: &str, title: &str| {
        edit(&format!("dn:: {}\nchangetype: modify\nreplace: title\ntitle: {title}\n", dn(login)));
    };
    modify("minh.phan", "Giam doc");
    let told = reader.read().await;
    told.is_only(&["minh.phan"], &[]);
    assert_eq!(told.mailbox("minh.phan").title.as_deref(), Some("Giam doc"));

    let moved = |login: &str, to: &str| {
        let rdn = format!("newrdn: CN={login}\ndeleteoldrdn: 1\nnewsuperior: {to}\n");
        edit(&format!("dn:: {}\nchangetype: modrdn\n{rdn}", dn(login)));
    };
    moved("minh.phan", &format!("OU=so-nv,{staff}"));
    let told = reader.read().await;
    told.is_only(&["minh.phan"], &[]);
    let agency = told.mailbox("minh.phan").agency.as_ref().and_then(|agency| agency.code.as_deref());
    assert_eq!(agency, Some("so-nv"));

    moved("van.dang", &format!("OU=Service,{}", rig.value("AD_BASE")));
    reader.read().await.is_only(&[], &[&id("van.dang")]);
    moved("van.dang", &format!("OU=so-nv,{staff}"));
    reader.read().await.is_only(&["van.dang"], &[]);

    a_deletion_is_seen_with_and_without_the_right(
        &rig,
        &config,
        &mut reader,
        &id("minh.phan"),
        &id("van.dang"),
    )
    .await;

    let good = reader.position.clone().expect("a position");
    let another_life = good.replacen("\"invocation\":\"", "\"invocation\":\"0", 1);
    for bad in [another_life, good.replace("dc1", "dc2"), "junk".to_owned()] {
        let mut reader = Reader { directory: &directory, position: Some(bad), known: HashSet::new() };
        assert!(reader.read().await.reading.is_whole());
        reader.read().await.is_only(&[], &[]);
    }
    // nobody below it changes when a unit gets another name
    edit(&format!("dn: OU=so-nv,{staff}\nchangetype: modify\nreplace: description\ndescription: New name\n"));
    let told = reader.read().await;
    assert!(told.reading.is_whole());
    assert_eq!(told.mailbox("minh.phan").agency.as_ref().expect("an agency").name, "New name");
}

/// Whoever may not list what is deleted learns it by comparing.
async fn a_deletion_is_seen_with_and_without_the_right(
    rig: &Rig,
    config: &AdConfig,
    reader: &mut Reader<'_>,
    stays: &str,
    goes: &str,
) {
    let dn = |login| outside_dn(rig, login).expect("it is there");
    let modest = AdConfig {
        bind_dn: String::from_utf8(base64_decode(&dn("minh.phan"))).expect("text"),
        bind_password: Secret::new(PASSWORD.to_owned()),
        ..config.clone()
    };
    let modest = AdDirectory::new(modest);
    let mut without_rights =
        Reader { directory: &modest, position: reader.position.clone(), known: HashSet::new() };
    edit_ad(rig, &format!("dn:: {}\nchangetype: delete\n", dn("van.dang")));
    reader.read().await.is_only(&[], &[goes]);
    let told = without_rights.read().await;
    let Rest::GoneBut(present) = &told.reading.rest else { panic!("{:?}", told.reading.rest) };
    assert!(present.contains(stays) && !present.contains(goes));
}

pub(super) fn edit_ad(rig: &Rig, ldif: &str) {
    let admin = (rig.value("AD_ADMIN_DN"), rig.value("AD_ADMIN_PW"));
    change(&rig.value("AD_URL"), &[], &rig.value("AD_CA"), (&admin.0, &admin.1), ldif);
}

/// The name of an entry as the administrator sees it, in base64.
pub(super) fn outside_dn(rig: &Rig, login: &str) -> Option<String> {
    let mut search = Command::new("ldapsearch");
    search.env("LDAPTLS_CACERT", rig.value("AD_CA")).args(["-x", "-LLL", "-o", "ldif-wrap=no"]);
    search.args([
        "-H",
        &rig.value("AD_URL"),
        "-D",
        &rig.value("AD_ADMIN_DN"),
        "-w",
        &rig.value("AD_ADMIN_PW"),
    ]);
    search.args(["-E", "pr=500/noprompt", "-b", &rig.value("AD_BASE")]);
    let found = search.args([&format!("(sAMAccountName={login})"), "1.1"]).output().expect("ldapsearch runs");
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    let plain = text.lines().find_map(|line| line.strip_prefix("dn: ")).map(base64_encode);
    plain.or_else(|| text.lines().find_map(|line| line.strip_prefix("dn:: ")).map(str::to_owned))
}

fn base64_encode(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn base64_decode(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}
