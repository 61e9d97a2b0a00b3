//! The jobs that write and send letters, at an hour at which the offices are open: whoever walks at night or on a Sunday
//! meets what a working day brings. They run on the demo's own database beside its server, on a clock that was moved.

use crate::demo::Demo;
use danang_sso::app::App;
use danang_sso::config::Config;
use danang_sso::domain::chance::Entropy;
use danang_sso::domain::policy::calendar::Calendar;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::jobs::{Job, SendLetters, WriteLetters};
use danang_sso::server;
use danang_sso::system::{Clock, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use time::Duration;

/// How often letters are handed over until the expected one has arrived: a relay is given so many a minute.
const ROUNDS: u32 = 60;

/// By this hour the offices are open, whatever the demo's rules say.
const OPEN_AT: u8 = 10;

struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

struct MachineChance(System);

impl Entropy for MachineChance {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.entropy().fill(bytes);
    }
}

/// The present, or the next moment at which the offices are open.
fn open_hour(now: Timestamp, calendar: &Calendar) -> Timestamp {
    let mut at = now;
    while !calendar.is_working(at.local_date()) || at.local().hour() < OPEN_AT {
        at = at.plus(Duration::hours(1));
    }
    at
}

/// Runs the job that writes what is due, then the one that sends, until a letter has arrived at the relay.
pub fn write_and_send_letters(demo: &Demo, has_arrived: impl Fn() -> bool) {
    let machine = System::of_the_machine();
    let clock = Arc::new(MovedClock(AtomicI64::new(machine.now().micros())));
    let system = System::new(clock.clone(), Arc::new(MachineChance(machine)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let config = Config::load(&demo.config(), Vec::new()).expect("the demo's configuration");
        let app: App = server::open(config, system).await.expect("the demo's database opens beside it");
        clock.0.store(open_hour(app.now(), app.calendars().city()).micros(), Ordering::SeqCst);
        WriteLetters.run(&app).await.expect("the letters are written");
        for _ in 0..ROUNDS {
            SendLetters.run(&app).await.expect("the letters are sent");
            if has_arrived() {
                break;
            }
            clock.0.fetch_add(61_000_000, Ordering::SeqCst);
            // The demo's own job may have it under way.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        app.db.close().await;
    });
}
