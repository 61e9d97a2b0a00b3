//! What is watched of the mailboxes: the lists on both databases, and what Samba tells.

use crate::changes::{edit_ad, outside_dn};
use crate::directory::ad_config;
use crate::directory::city::City;
use crate::rig::Rig;
use danang_sso::directory::Directory;
use danang_sso::directory::ad::AdDirectory;
use danang_sso::domain::id::{AccountId, AgencyId, MailboxId};
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::sync::{Seen, SeenEntry, SeenMailbox};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::domain::watch::{Beside, Cap, Forward, ForwardSource, WatchList, Watched};
use danang_sso::storage::watch::{self, Ask, Found, Says};
use danang_sso::storage::{Db, accounts, agencies, beside, directory_entries, mailboxes};
use std::collections::BTreeMap;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn ask(list: WatchList) -> Ask {
    Ask { list, agency: None, own_domains: vec!["danang.example".to_owned(), "a_b".to_owned()], now: NOW }
}

async fn all(db: &Db, list: WatchList) -> Vec<Found> {
    let found = watch::page(db, &ask(list), ("", ""), 100).await.expect("reads");
    let mut counts = watch::counts(db, &ask(list)).await.expect("counts");
    counts.sort();
    let mut listed: BTreeMap<Option<AgencyId>, i64> = BTreeMap::new();
    for row in &found {
        *listed.entry(row.agency_id).or_default() += 1;
    }
    assert_eq!(counts, listed.into_iter().collect::<Vec<_>>(), "{list:?}");
    // Of an agency with those below it exactly their rows.
    for agency in counts.into_iter().filter_map(|(agency, _)| agency) {
        let of_agency = Ask { agency: Some(agency), ..ask(list) };
        let branch: Vec<_> = agencies::branch(db, agency).await.expect("reads").agencies().collect();
        let is_own = |row: &&Found| row.agency_id.is_some_and(|id| branch.contains(&id));
        let expected: Vec<_> = found.iter().filter(is_own).cloned().collect();
        assert_eq!(watch::page(db, &of_agency, ("", ""), 100).await.expect("reads"), expected, "{list:?}");
        let counts = watch::counts(db, &of_agency).await.expect("counts");
        let number: i64 = counts.iter().map(|(_, number)| *number).sum();
        assert_eq!(usize::try_from(number).expect("few"), expected.len(), "{list:?}");
    }
    found
}

/// What is kept beside a directory, of a login each.
pub(super) async fn is_kept_beside(db: &Db) {
    let facts = Beside {
        login: "an".to_owned(),
        watched: Watched {
            forwards: vec![Forward::new("a@b.example", true, ForwardSource::Nomade).expect("an address")],
            quota: Some(Cap::Unlimited),
            message: None,
        },
        last_used_at: Some(NOW),
        external_id: Some("nv".to_owned()),
        is_archived: true,
    };
    let body = beside::written(&facts);
    let put = async |body: String| {
        let mut tx = db.begin().await.expect("begins");
        beside::put(&mut tx, MailSystem::Obm, &[("an", body.clone()), ("x", body)]).await.expect("put");
        beside::delete(&mut tx, MailSystem::Obm, "x").await.expect("deleted");
        tx.commit().await.expect("commits");
        beside::every(db, MailSystem::Obm).await.expect("reads")
    };
    assert_eq!(put("{}".to_owned()).await, [("an".to_owned(), "{}".to_owned())]);
    assert_eq!(put(body.clone()).await, [("an".to_owned(), body.clone())]);
    assert_eq!(beside::read("an", &body).expect("reads"), facts);
    assert!(beside::read("an", "no JSON").is_err());
    assert!(beside::every(db, MailSystem::Ad).await.expect("reads").is_empty());
    assert_eq!(mailboxes::native_id(db, MailSystem::Obm, "nobody").await.expect("asked"), None);
}

/// Every list and every function. The two accounts have mailboxes or none.
pub(super) async fn is_listed(db: &Db, one: AccountId, other: AccountId) {
    for list in WatchList::ALL {
        all(db, list).await;
    }
    let mut of = Vec::new();
    for id in [one, other] {
        for mailbox in mailboxes::of_account(db, id).await.expect("reads") {
            of.push((id, mailbox.key));
        }
    }
    let (id, key) = of.first().expect("one of them has a mailbox").clone();
    forwarding_is_listed(db, id, &key).await;
    limits_are_listed(db, id, &key).await;
    the_last_use_follows_mailboxes_and_entries(db, other).await;
}

/// What is written down of an account is what its mailboxes and their entries say, whatever changes of them.
async fn the_last_use_follows_mailboxes_and_entries(db: &Db, id: AccountId) {
    let address = accounts::by_id(db, id).await.expect("reads").expect("is there").profile().address.clone();
    let ago = |days: i64| NOW.minus(time::Duration::days(days));
    let seen = |native: &str, system, used: Option<Timestamp>| {
        let mut seen = crate::house::seen("y", system, NOW);
        (seen.key.native_id, seen.address) = (native.to_owned(), address.clone());
        seen.last_used_at = used;
        seen
    };
    let put = async |seen: &SeenMailbox| {
        let written = directory_entries::written_mailbox(seen);
        let mut tx = db.begin().await.expect("begins");
        let entries = [(seen.key.native_id.clone(), written, true)];
        directory_entries::put(&mut tx, seen.key.system, &entries, NOW).await.expect("put");
        tx.commit().await.expect("commits");
    };
    // In which of the lists: not for 90 days, not for 180, never.
    let lists = async || -> [bool; 3] {
        let mut is_in = [false; 3];
        for (at, list) in
            [WatchList::Unused(90), WatchList::Unused(180), WatchList::Never].into_iter().enumerate()
        {
            is_in[at] = all(db, list).await.iter().any(|row| row.account_id == id);
        }
        is_in
    };
    assert!(mailboxes::of_account(db, id).await.expect("reads").is_empty(), "it begins without a mailbox");
    assert_eq!(lists().await, [false, false, true]);
    // The entry first, then the mailbox; then the other way round.
    put(&seen("y-1", MailSystem::Ad, Some(ago(100)))).await;
    assert_eq!(lists().await, [false, false, true], "the entry is nobody's");
    let system = danang_sso::system::System::of_the_machine();
    let [one, other] = [0, 1].map(|_| MailboxId::new(NOW, system.entropy()));
    let attach = async |mailbox, seen: &SeenMailbox| {
        let mut tx = db.begin().await.expect("begins");
        mailboxes::insert(&mut tx, mailbox, id, seen).await.expect("attached");
        tx.commit().await.expect("commits");
    };
    attach(one, &seen("y-1", MailSystem::Ad, Some(ago(100)))).await;
    assert_eq!(lists().await, [true, false, false]);
    attach(other, &seen("y-2", MailSystem::Obm, None)).await;
    assert_eq!(lists().await, [true, false, false]);
    put(&seen("y-2", MailSystem::Obm, Some(ago(3)))).await;
    assert_eq!(lists().await, [false; 3], "the later one counts");
    // The mailbox has another id by now, of which nothing is kept.
    let mut tx = db.begin().await.expect("begins");
    mailboxes::refresh(&mut tx, other, &seen("y-3", MailSystem::Obm, None)).await.expect("refreshed");
    tx.commit().await.expect("commits");
    assert_eq!(lists().await, [true, false, false]);
    put(&seen("y-3", MailSystem::Obm, Some(ago(200)))).await;
    let mut tx = db.begin().await.expect("begins");
    directory_entries::delete(&mut tx, MailSystem::Ad, "y-1").await.expect("gone");
    tx.commit().await.expect("commits");
    assert_eq!(lists().await, [true, true, false]);
    put(&seen("y-3", MailSystem::Obm, None)).await;
    assert_eq!(lists().await, [false, false, true], "the directory tells nothing any more");
    put(&seen("y-3", MailSystem::Obm, Some(ago(200)))).await;
    let mut tx = db.begin().await.expect("begins");
    for mailbox in [one, other] {
        mailboxes::delete(&mut tx, mailbox).await.expect("deleted");
    }
    for native in ["y-2", "y-3"] {
        directory_entries::delete(&mut tx, MailSystem::Obm, native).await.expect("gone");
    }
    tx.commit().await.expect("commits");
    assert_eq!(lists().await, [false, false, true]);
}

async fn forwarding_is_listed(db: &Db, id: AccountId, key: &MailboxKey) {
    let to = |text: &str| Forward::new(text, false, ForwardSource::Nomade).expect("an address");
    let see = async |text: &str, at: i64| {
        let mut tx = db.begin().await.expect("begins");
        let now = Timestamp::from_seconds(at);
        watch::see(&mut tx, (key.system, &key.native_id), &to(text), now).await.expect("written");
        tx.commit().await.expect("commits");
    };
    for (text, at) in
        [("z@out.example", 1), ("z@out.example", 9), ("an@danang.example", 2), ("a%", 3), ("x@axb", 4)]
    {
        see(text, at).await;
    }
    let listed = async || -> Vec<(String, i64)> {
        let found = all(db, WatchList::Forwards).await.into_iter().map(|row| match row.says {
            Says::Forwards(forward, since) if row.account_id == id => (forward.to, since.seconds()),
            other => panic!("{other:?}"),
        });
        found.collect()
    };
    let told = |all: &[(&str, i64)]| all.iter().map(|(to, at)| ((*to).to_owned(), *at)).collect::<Vec<_>>();
    assert_eq!(listed().await, told(&[("a%", 3), ("x@axb", 4), ("z@out.example", 1)]));

    // page by page, also between the rows of one account
    let first = watch::page(db, &ask(WatchList::Forwards), ("", ""), 1).await.expect("reads");
    let after = (first[0].address.as_str(), first[0].tie.as_str());
    let rest = watch::page(db, &ask(WatchList::Forwards), after, 9).await.expect("reads");
    assert_eq!(rest.len(), 2);

    let open = watch::open_forwards(db, key.system).await.expect("reads");
    assert_eq!((open.len(), watch::of_account(db, id).await.expect("reads").len()), (4, 4));
    let gone = open.iter().find(|seen| seen.forward.to == "z@out.example").expect("it is there");
    let mut tx = db.begin().await.expect("begins");
    watch::end(&mut tx, gone, Timestamp::from_seconds(20)).await.expect("written");
    tx.commit().await.expect("commits");
    assert_eq!(listed().await, told(&[("a%", 3), ("x@axb", 4)]));
    see("z@out.example", 30).await;
    assert_eq!(listed().await, told(&[("a%", 3), ("x@axb", 4), ("z@out.example", 30)]));
}

async fn limits_are_listed(db: &Db, id: AccountId, key: &MailboxKey) {
    let address = accounts::by_id(db, id).await.expect("reads").expect("is there").profile().address.clone();
    let mut seen = crate::house::seen("x", key.system, NOW);
    (seen.key, seen.address) = (key.clone(), address);
    (seen.watched.quota, seen.watched.message) = (Some(Cap::Kib(5)), Some(Cap::Unlimited));
    seen.last_used_at = Some(NOW.minus(time::Duration::days(100)));
    let put = async |seen: &SeenMailbox| {
        let written = directory_entries::written(&Seen::Mailbox(Box::new(seen.clone()))).expect("a mailbox");
        let mut tx = db.begin().await.expect("begins");
        let entries = [(key.native_id.clone(), written, true)];
        directory_entries::put(&mut tx, key.system, &entries, NOW).await.expect("put");
        tx.commit().await.expect("commits");
    };
    put(&seen).await;
    let says = async |list| -> Vec<Says> {
        all(db, list).await.into_iter().filter(|row| row.account_id == id).map(|row| row.says).collect()
    };
    assert_eq!(says(WatchList::Quota).await, [Says::Cap(Cap::Kib(5))]);
    assert_eq!(says(WatchList::Message).await, [Says::Cap(Cap::Unlimited)]);
    let has_signed_in =
        accounts::by_id(db, id).await.expect("reads").expect("there").traces().first_access_at.is_some();
    if !has_signed_in {
        assert_eq!(says(WatchList::Unused(90)).await.len(), 1);
    }
    assert!(says(WatchList::Unused(180)).await.is_empty() && says(WatchList::Never).await.is_empty());
    (seen.watched.quota, seen.watched.message) = (Some(Cap::Kib(2_097_152)), None);
    put(&seen).await;
    assert!(says(WatchList::Quota).await.is_empty() && says(WatchList::Message).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn samba_tells_where_mail_is_forwarded_to_and_what_a_mailbox_holds() {
    let mut city = City::new(MailSystem::Ad);
    let (seed, backdate) = city.ad_seed();
    let rig = Rig::start("ad", &[("AD_SEED", &seed), ("AD_BACKDATE", &backdate)]);
    let directory = AdDirectory::new(ad_config(&rig));
    let read = async |since: Option<&str>| {
        let mut sent: Vec<SeenMailbox> = Vec::new();
        let mut each = |entry: SeenEntry| {
            if let Seen::Mailbox(mailbox) = entry.what {
                sent.push(*mailbox);
            }
        };
        let reading = directory.read(since, &mut each).await.expect("it is read");
        (sent, reading.position.expect("a position"))
    };
    let (everybody, position) = read(None).await;
    assert!(everybody.iter().any(|mailbox| !mailbox.watched.forwards.is_empty()), "some of the city forward");

    let contact = format!("CN=Chị Ba,CN=Users,{}", rig.value("AD_BASE"));
    edit_ad(
        &rig,
        &format!(
            "dn: {contact}\nchangetype: add\nobjectClass: contact\ntargetAddress: SMTP:Ba@Out.Example\n"
        ),
    );
    let minh = outside_dn(&rig, "minh.phan").expect("is there");
    edit_ad(
        &rig,
        &format!(
            "dn:: {minh}\nchangetype: modify\nreplace: altRecipient\naltRecipient: {contact}\n-\n\
         replace: deliverAndRedirect\ndeliverAndRedirect: TRUE\n-\nreplace: mDBUseDefaults\nmDBUseDefaults: FALSE\n-\n\
         replace: mDBOverHardQuotaLimit\nmDBOverHardQuotaLimit: 1048576\n-\n\
         replace: submissionContLength\nsubmissionContLength: 10240\n"
        ),
    );
    let (changed, position) = read(Some(&position)).await;
    let [minh_seen] = &changed[..] else { panic!("{changed:?}") };
    let watched = &minh_seen.watched;
    let expected = Forward::new("ba@out.example", true, ForwardSource::Administrator).expect("an address");
    assert!(watched.forwards.contains(&expected), "{watched:?}");
    assert_eq!((watched.quota, watched.message), (Some(Cap::Kib(1_048_576)), Some(Cap::Kib(10_240))));

    edit_ad(&rig, &format!("dn:: {minh}\nchangetype: modify\ndelete: altRecipient\n"));
    let (changed, _) = read(Some(&position)).await;
    assert!(changed.iter().all(|mailbox| !mailbox.watched.forwards.contains(&expected)));
    assert_eq!(changed.len(), 1);
}
