//! What a use case needs, in one value. Cheap to clone; every door holds one.

use crate::config::Config;
use crate::crypto::jwt::SigningKeys;
use crate::crypto::keyring::Keyring;
use crate::directory::Directories;
use crate::domain::policy::calendar::{Calendar, Calendars};
use crate::domain::policy::regulation::{Book, Regulation};
use crate::domain::timestamp::Timestamp;
use crate::mail::Relay;
use crate::outbound::Outbound;
use crate::storage::Db;
use crate::system::System;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

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
    /// Who this node is, for leases: new at every start.
    pub node: String,
    /// The signing keys, opened; `services::keys` fills and renews them.
    pub signing: RwLock<Arc<SigningKeys>>,
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
        let (signing, discovery) = (RwLock::default(), OnceLock::new());
        let book = RwLock::new(Arc::new(Book::default()));
        let relay = Relay::new(config.mail.clone());
        Self(Arc::new(Rooms {
            config,
            db,
            directories,
            outbound: Outbound::default(),
            relay,
            system,
            keyring,
            calendar,
            book,
            node,
            signing,
            discovery,
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
}

impl Deref for App {
    type Target = Rooms;
    fn deref(&self) -> &Rooms {
        &self.0
    }
}
