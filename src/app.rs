//! What a use case needs, in one value. Cheap to clone; every door holds one.

use crate::config::Config;
use crate::crypto::certificate::Authorities;
use crate::crypto::jws::ForeignKeys;
use crate::crypto::jwt::SigningKeys;
use crate::crypto::keyring::Keyring;
use crate::crypto::pairwise::Pairwise;
use crate::crypto::verifier::Verifiers;
use crate::directory::Directories;
use crate::domain::id::ClientRowId;
use crate::domain::mailbox::MailSystem;
use crate::domain::policy::calendar::{Calendar, Calendars};
use crate::domain::policy::regulation::{Book, Regulation};
use crate::domain::policy::settings::Setting;
use crate::domain::sync::Outline;
use crate::domain::throttle::{Count, Limit};
use crate::domain::timestamp::Timestamp;
use crate::mail::Relay;
use crate::outbound::Outbound;
use crate::storage::Db;
use crate::system::System;
use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};
use time::Date;
use tokio::sync::{Mutex as AsyncMutex, OnceCell, OwnedMutexGuard};

/// The running house.
#[derive(Clone)]
pub struct App(Arc<Rooms>);

/// The rooms that a use case may enter.
pub struct Rooms {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The directories.
    pub directories: Directories,
    /// Who vouches for the certificates of applications, if anybody does.
    pub authorities: Option<Authorities>,
    /// Requests to applications.
    pub outbound: Outbound,
    /// The mail relay.
    pub relay: Relay,
    /// Clock and chance.
    pub system: System,
    /// The master key and what is derived from it.
    pub keyring: Keyring,
    /// The working days as this node last read them, and their version; `services::calendar` reads them anew.
    calendar: RwLock<(i64, Arc<Calendars>)>,
    /// The values and stages of the rules as this node last read them; `services::policy` reads them anew.
    book: RwLock<Arc<Book>>,
    /// After how many failures each directory locks by itself; `services::failed_attempts` reads them.
    thresholds: RwLock<BTreeMap<MailSystem, Option<u32>>>,
    /// Attempts at one account take turns on this node.
    pub turns: Turns,
    /// Makes and compares the last known passwords, for while a directory is down.
    pub verifiers: Verifiers,
    /// Who this node is, for leases: new at every start.
    pub node: String,
    /// The signing keys, opened; `services::keys` fills and renews them.
    pub signing: RwLock<Arc<SigningKeys>>,
    /// The keys that applications publish; `services::client_keys` fetches them.
    pub client_keys: ClientKeys,
    /// Both directories compared, in outline, as this node last did it; `services::reconcile` renews it.
    pub comparison: Mutex<Option<Arc<Outline>>>,
    /// The request objects that applications publish; `services::authorize` fetches them.
    pub request_objects: Mutex<HashMap<String, FetchedObject>>,
    /// How often each network address made this node fetch one.
    pub fetch_counts: Mutex<HashMap<String, Count>>,
    /// How often each application called this node.
    pub api_counts: Mutex<HashMap<ClientRowId, Count>>,
    /// On which day this node last kept that each application called.
    pub api_days: Mutex<HashMap<ClientRowId, Date>>,
    /// The salt of pairwise subjects, opened; `services::subjects` fills it.
    pub pairwise: OnceCell<Pairwise>,
    /// The discovery document as bytes, made once.
    pub discovery: OnceLock<String>,
}

impl App {
    /// Puts the rooms together.
    pub fn new(config: Config, db: Db, directories: Directories, system: System, keyring: Keyring) -> Self {
        let node = crate::crypto::token::new(system.entropy()).expose().clone();
        // Version 0 is the built-in table: good until the database's is read.
        let calendar =
            RwLock::new((0, Arc::new(Calendars::new(Calendar::built_in().clone(), HashMap::new()))));
        let book = RwLock::new(Arc::new(Book::default()));
        let relay = Relay::new(config.mail.clone());
        let outbound = Outbound::new(&config.outbound);
        let authorities = authorities(&config);
        Self(Arc::new(Rooms {
            config,
            db,
            directories,
            authorities,
            outbound,
            relay,
            system,
            keyring,
            calendar,
            book,
            thresholds: RwLock::default(),
            turns: Turns::default(),
            verifiers: Verifiers::default(),
            node,
            signing: RwLock::default(),
            client_keys: ClientKeys::default(),
            comparison: Mutex::default(),
            request_objects: Mutex::default(),
            fetch_counts: Mutex::default(),
            api_counts: Mutex::default(),
            api_days: Mutex::default(),
            pairwise: OnceCell::new(),
            discovery: OnceLock::new(),
        }))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.system.now()
    }

    /// The working days, of the city and of the agencies with exceptions.
    pub fn calendars(&self) -> Arc<Calendars> {
        Arc::clone(&self.calendar.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// The regulation in force: values, stages and working days, as this node last read them.
    pub fn regulation(&self) -> Regulation {
        let (calendar_version, calendars) =
            self.calendar.read().unwrap_or_else(PoisonError::into_inner).clone();
        Regulation { book: self.book(), calendars, calendar_version }
    }

    /// The values and stages of the rules.
    pub fn book(&self) -> Arc<Book> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another version of the values and stages in place.
    pub fn set_book(&self, book: Book) {
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(book);
    }

    /// Which version of the calendar this node has.
    pub fn calendar_version(&self) -> i64 {
        self.calendar.read().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Puts another version of the calendar in place.
    pub fn set_calendars(&self, version: i64, calendars: Calendars) {
        *self.calendar.write().unwrap_or_else(PoisonError::into_inner) = (version, Arc::new(calendars));
    }

    /// After how many failures the directories lock by themselves, as this node last read it.
    pub fn lockout_thresholds(&self) -> BTreeMap<MailSystem, Option<u32>> {
        self.thresholds.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes after how many failures a directory locks by itself.
    pub fn set_lockout_threshold(&self, system: MailSystem, threshold: Option<u32>) {
        self.thresholds.write().unwrap_or_else(PoisonError::into_inner).insert(system, threshold);
    }

    /// How often an account may fail: the setting, kept below the lowest threshold of the directories. It is the same
    /// for every account, so that it tells nothing about where one lives, or whether there is one.
    pub fn account_limit(&self) -> Limit {
        let lowest = self.lockout_thresholds().into_values().flatten().min();
        self.limit(Setting::FailedAttempts, Setting::PauseMinutes).below(lowest)
    }

    /// How often one network address may fail, over all accounts.
    pub fn source_limit(&self) -> Limit {
        self.limit(Setting::FailedAttemptsPerSource, Setting::PauseMinutesPerSource)
    }

    /// The setting as it is, whatever the directories say.
    pub fn wished_account_limit(&self) -> Limit {
        self.limit(Setting::FailedAttempts, Setting::PauseMinutes)
    }

    fn limit(&self, failures: Setting, pause: Setting) -> Limit {
        let settings = &self.book().settings;
        let pause = time::Duration::minutes(i64::from(settings.get(pause)));
        Limit { failures: i64::from(settings.get(failures)), window: pause, pause }
    }
}

/// The configuration was read only if its certificates can be used; without anybody who vouches no certificate is proof.
fn authorities(config: &Config) -> Option<Authorities> {
    let certificates = &config.server.client_certificates.authorities;
    let wanted = Some(certificates).filter(|certificates| !certificates.is_empty())?;
    let made = Authorities::new(wanted);
    made.inspect_err(|error| tracing::error!("nobody vouches for client certificates: {error}")).ok()
}

/// The keys of applications by the address where they publish them, as they were last fetched.
pub type ClientKeys = Mutex<HashMap<String, FetchedKeys>>;

/// What an address of keys gave.
#[derive(Debug, Clone)]
pub struct FetchedKeys {
    /// The keys; `None` if none were ever read.
    pub keys: Option<Arc<ForeignKeys>>,
    /// When the address was last asked.
    pub asked_at: Timestamp,
    /// When the keys were read.
    pub read_at: Timestamp,
}

/// What an address of a request object gave.
#[derive(Debug, Clone)]
pub struct FetchedObject {
    /// The fragment with which it was asked for.
    pub fragment: String,
    /// The text; `None` if nothing was read.
    pub text: Option<String>,
    /// When it was asked.
    pub asked_at: Timestamp,
}

/// Turns: whoever holds the one of a name, all others with that name wait for.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<String, Weak<AsyncMutex<()>>>>);

impl Turns {
    /// How many names are kept before those that nobody waits for any more are dropped.
    const KEPT: usize = 256;

    /// Waits for the turn of a name; it ends when the guard is dropped.
    pub async fn take(&self, name: &str) -> OwnedMutexGuard<()> {
        self.of(name).lock_owned().await
    }

    fn of(&self, name: &str) -> Arc<AsyncMutex<()>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = all.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        if all.len() >= Self::KEPT {
            all.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = Arc::new(AsyncMutex::new(()));
        all.insert(name.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

impl Deref for App {
    type Target = Rooms;
    fn deref(&self) -> &Rooms {
        &self.0
    }
}
