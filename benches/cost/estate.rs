//! A city's invented accounts in a database of their own: nobody has a mailbox, so no directory is needed.

use crate::regulation::ROUNDS;
use anyhow::Context;
use danang_sso::app::App;
use danang_sso::config::Config;
use danang_sso::crypto::keyring::Keyring;
use danang_sso::directory::Directories;
use danang_sso::domain::account::Terms;
use danang_sso::domain::account::{Account, Kind, MustChange, Profile, State};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::chance::Entropy;
use danang_sso::domain::id::{AccountId, AgencyId};
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::policy::deadline::Rule;
use danang_sso::domain::policy::settings::{Setting, Settings};
use danang_sso::domain::policy::stage::Stage;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::services::calendar;
use danang_sso::services::clients::Registration;
use danang_sso::services::policy::{self, By};
use danang_sso::storage::{Db, accounts, agencies};
use danang_sso::system::{Clock, System};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// How many accounts.
pub const ACCOUNTS: usize = 100_000;
/// How many agencies they are in.
pub const AGENCIES: usize = 100;
/// How many are locked on each of the days that are measured.
pub const DUE_A_DAY: usize = 1_000;

/// A Monday in a week without holidays. On its evening the first terms end.
pub const FIRST_DAY: OffsetDateTime = datetime!(2026-03-02 09:00 +7);

/// Accounts written in one transaction.
const BATCH: usize = 5_000;

/// The accounts, and the house they are in.
pub struct Estate {
    /// The house.
    pub app: App,
    clock: Arc<BenchClock>,
}

impl Estate {
    /// Makes the tables and the accounts.
    pub async fn fill(dir: &Path, url: &str) -> anyhow::Result<()> {
        let estate = Self::open(dir, url).await?;
        let (app, now) = (&estate.app, estate.app.now());
        let ids: Vec<_> = (0..AGENCIES).map(|_| AgencyId::new(now, app.system.entropy())).collect();
        let mut tx = app.db.begin().await?;
        for (number, id) in ids.iter().enumerate() {
            agencies::put(&mut tx, *id, &format!("so-{number}"), &format!("Sở số {number}")).await?;
        }
        tx.commit().await?;
        let numbers: Vec<_> = (0..ACCOUNTS).collect();
        for batch in numbers.chunks(BATCH) {
            let mut tx = app.db.begin().await?;
            for number in batch {
                let account = account(app, *number, ids[number % AGENCIES])?;
                // Last used within the last ten days.
                let used = now.minus(Duration::hours(i64::try_from(number % 240)?));
                accounts::insert(&mut tx, &account, Terms::default(), used).await?;
            }
            tx.commit().await?;
        }
        estate.set_policy().await?;
        app.db.close().await;
        Ok(())
    }

    /// Opens what is there.
    pub async fn open(dir: &Path, url: &str) -> anyhow::Result<Self> {
        let clock = Arc::new(BenchClock(AtomicI64::new(Timestamp::from_datetime(FIRST_DAY).micros())));
        let system = System::new(clock.clone(), Arc::new(MachineChance(System::of_the_machine())));
        let db = Db::open(url).await?;
        db.migrate().await?;
        let keyring = Keyring::parse(Keyring::new_file(system.entropy()).expose())?;
        let app = App::new(config(dir)?, db, Directories::default(), system, keyring);
        calendar::ensure(&app).await?;
        policy::ensure(&app).await?;
        Ok(Self { app, clock })
    }

    /// All three rules are enforced; the brake lets everything through.
    async fn set_policy(&self) -> anyhow::Result<()> {
        let book = self.app.book();
        let settings = book
            .settings
            .with(Setting::BrakeAccounts, 1_000_000)?
            .with(Setting::BrakePercent, 100)?
            .with(Setting::DefaultDaysPerson, 10)?;
        let mut stages = book.stages.clone();
        stages.set(Rule::Inactivity, None, Stage::ALWAYS);
        policy::change(&self.app, &By::CommandLine, book.version, (settings, stages), "a measurement")
            .await?;
        Ok(())
    }

    /// The present values but for these: months of a password, days of a default one.
    pub fn settings(&self, [months, days]: [u32; 2]) -> anyhow::Result<Settings> {
        let present = &self.app.book().settings;
        Ok(present.with(Setting::MonthsPerson, months)?.with(Setting::DefaultDaysPerson, days)?)
    }

    /// Puts them in force.
    pub async fn change(&self, values: [u32; 2]) -> anyhow::Result<()> {
        let book = self.app.book();
        let changed = (self.settings(values)?, book.stages.clone());
        policy::change(&self.app, &By::CommandLine, book.version, changed, "a measurement").await?;
        Ok(())
    }

    /// Moves the clock.
    pub fn pass(&self, span: Duration) {
        let micros = i64::try_from(span.whole_microseconds()).unwrap_or_default();
        self.clock.0.fetch_add(micros, Ordering::Relaxed);
    }

    /// Reads all open accounts in pages and does nothing with them.
    pub async fn read_all(&self) -> anyhow::Result<()> {
        let mut after = None;
        loop {
            let page = accounts::open(&self.app.db, after, 1_000).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id());
        }
    }
}

/// Nine in ten have a password that is good for some weeks or months yet, one in ten a default one; and so many are due
/// at the end of each day that is measured.
fn account(app: &App, number: usize, agency: AgencyId) -> anyhow::Result<Account> {
    let now = app.now();
    let day = number / DUE_A_DAY;
    let state = if day < usize::from(ROUNDS) {
        // 2 September and 2 March, 3 September and 3 March …: six months, and none of these ends on a day off.
        let set = datetime!(2025-09-02 15:00 +7) + Duration::days(i64::try_from(day)?);
        State::Active { password_set_at: Timestamp::from_datetime(set) }
    } else if number.is_multiple_of(10) {
        let why = MustChange::DefaultPassword;
        State::MustChangePassword { since: now, deadline: now, why }
    } else {
        State::Active { password_set_at: now.minus(Duration::hours(i64::try_from(number % (24 * 160))?)) }
    };
    let profile = Profile {
        address: MailAddress::parse(&format!("nguoi{number}@danang.example"))?,
        kind: Kind::Person,
        display_name: name(number),
        title: Some("Chuyên viên".to_owned()),
        staff_number: Some(format!("DN{number:06}")),
        agency_id: Some(agency),
    };
    let id = AccountId::new(now, app.system.entropy());
    Ok(Account::new(id, format!("sub-{number}"), profile, state, 0))
}

/// A name as the city has them; a third of the people have the commonest family name.
fn name(number: usize) -> String {
    const FAMILY: [&str; 9] = ["Nguyễn", "Trần", "Nguyễn", "Lê", "Phạm", "Nguyễn", "Huỳnh", "Đặng", "Võ"];
    const MIDDLE: [&str; 7] = ["Văn", "Thị", "Hữu", "Minh", "Hồng", "Thanh", "Quốc"];
    const GIVEN: [&str; 11] =
        ["An", "Bình", "Châu", "Dũng", "Hà", "Khánh", "Linh", "Phương", "Sơn", "Trang", "Yến"];
    let [family, middle, given] = [FAMILY[number % 9], MIDDLE[number / 9 % 7], GIVEN[number / 63 % 11]];
    format!("{family} {middle} {given}")
}

fn config(dir: &Path) -> anyhow::Result<Config> {
    let file = dir.join("unused.pw");
    std::fs::write(&file, "unused").context("writing a password file")?;
    let text = format!(
        "[server]\npublic_url = \"http://localhost:8080\"\nadmin_url = \"http://localhost:8090\"\n\
         [city]\nmail_domain = \"danang.example\"\n\
         [ad]\nurls = [\"ldaps://127.0.0.1\"]\nbind_password_file = \"{}\"\n",
        file.display()
    );
    Ok(Config::parse("regulation.toml", &text, Vec::new())?)
}

/// A clock that stands until it is moved.
struct BenchClock(AtomicI64);

impl Clock for BenchClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// The machine's chance beside a clock of our own.
struct MachineChance(System);

impl Entropy for MachineChance {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.entropy().fill(bytes);
    }
}

/// An application of the city with one address to come back to.
pub fn web_application(name: &str, callback: &str, metadata: Metadata) -> Registration {
    Registration {
        name: name.to_owned(),
        kind: ClientKind::Web,
        redirect_uris: vec![callback.to_owned()],
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: Scopes::all(),
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata,
    }
}
