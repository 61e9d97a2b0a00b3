//! The demonstration: an invented small city with its two directories, the house, and a sample application.
//!
//! Everything it starts is thrown away at Ctrl-C: the directories, the database, the keys. Nothing else is touched.

pub mod city;
mod rig;
pub mod sample_app;

use crate::app::App;
use crate::config::Config;
use crate::domain::address::MailAddress;
use crate::domain::audit::Actor;
use crate::domain::name;
use crate::domain::oauth::client::ClientKind;
use crate::domain::oauth::metadata::Metadata;
use crate::domain::oauth::scope::Scopes;
use crate::domain::policy::calendar::Calendar;
use crate::server::{self, Listeners};
use crate::services::roles::GrantRefused;
use crate::services::sync::{self, StartedBy};
use crate::services::{admins, clients, lock};
use crate::system::{Stopwatch, System};
use crate::telemetry;
use anyhow::{Context, bail};
use city::{PasswordState, Role};
use clap::Args;
use rig::Rig;
use sample_app::Registration;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use url::Url;

/// Where the demonstration lives and listens.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// A folder for the throwaway directories and the database; emptied at the start.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The folder with the scripts that start the directories.
    #[arg(long, value_name = "DIR", default_value = "tests/rig")]
    rig: PathBuf,
    /// Port of sign-in and portal.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the administration.
    #[arg(long, default_value_t = 8090)]
    admin_port: u16,
    /// Port of the sample application.
    #[arg(long, default_value_t = 8081)]
    app_port: u16,
    /// A mailbox count: fills OBM with so many invented people instead of the small city.
    #[arg(long, value_name = "N")]
    people: Option<usize>,
}

/// Starts everything, prints who can sign in, serves until Ctrl-C, stops what it started.
pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let watch = Stopwatch::start();
    let dir = args.dir.clone().unwrap_or_else(|| std::env::temp_dir().join("danang-sso-demo"));
    let rig = Rig::new(&args.rig, &dir)?;
    // Ports first: a taken one is told before anything is started.
    let app_listener = TcpListener::bind(("127.0.0.1", args.app_port))
        .await
        .with_context(|| format!("listening on port {} for the sample application", args.app_port))?;
    let here = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let listeners = Listeners::bind(here(args.port), here(args.admin_port)).await?;
    let stop = server::signals()?;
    println!("Starting the two directories of the invented city …");
    rig.clear().await?;
    let stopped = stop.clone();
    let served = tokio::select! {
        served = serve(&args, &rig, (app_listener, listeners), stop, &watch) => served,
        // Before serving begins, Ctrl-C ends the preparation here; afterwards `serve` comes to its own end.
        () = patience(stopped) => Ok(()),
    };
    println!("Stopping what was started …");
    rig.clear().await?;
    served
}

/// Ends some time after Ctrl-C.
async fn patience(mut stopped: tokio::sync::watch::Receiver<bool>) {
    if stopped.wait_for(|stop| *stop).await.is_ok() {
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
}

async fn serve(
    args: &DemoArgs,
    rig: &Rig,
    (app_listener, listeners): (TcpListener, Listeners),
    stop: tokio::sync::watch::Receiver<bool>,
    watch: &Stopwatch,
) -> anyhow::Result<()> {
    let system = System::of_the_machine();
    let people = args.people.map_or_else(city::people, city::invented);
    let issued = issued_at(system.now().local());
    let seed = rig::Seed {
        obm: city::obm_ldif(&people, system.now().local(), &issued),
        ad: if args.people.is_some() { String::new() } else { city::ad_ldif(&people) },
        ad_backdate: if args.people.is_some() {
            String::new()
        } else {
            city::ad_backdate_ldif(&people, &issued)
        },
    };
    let directories = rig.start(&seed).await?;
    let config = configuration(args, rig.dir(), &directories)?;
    telemetry::start(&config);
    let app = server::open(config, system).await?;
    settle_in(&app, &people).await?;
    let registration = register_sample(&app, args.app_port).await?;
    let sample = tokio::spawn(sample_app::serve(app_listener, registration));
    if args.people.is_none() {
        print_table(args, directories.get("SMTP_FOLDER"), watch);
    }
    let served = server::serve(app, listeners, stop).await;
    sample.abort();
    served
}

/// When a password of the city was issued or set, seen from now.
pub fn issued_at(now: OffsetDateTime) -> impl Fn(&PasswordState) -> OffsetDateTime {
    move |state| state.instant(now, &|date| Calendar::built_in().is_working(date))
}

/// Reads the directories, lets the deadlines take effect, grants the roles.
async fn settle_in(app: &App, people: &[city::Person]) -> anyhow::Result<()> {
    let run = sync::run(app, &StartedBy::CommandLine).await.context("reading the directories")?;
    if run.outcome != "done" {
        bail!("the directories could not be read: {}", run.report);
    }
    lock::enforce_deadlines_at_any_hour(app).await.context("locking who is overdue")?;
    for person in people {
        let address = MailAddress::parse(&person.address()).context("an address of the city")?;
        let granted = match person.role {
            Role::None => continue,
            Role::CityAdmin => admins::grant(app, &address, None).await,
            Role::AgencyAdmin => match admins::grant(app, &address, Some(&person.agency)).await {
                // OBM names agencies but has no codes; one that only OBM knows has a code made from its name.
                Err(GrantRefused::NoAgency(_)) => {
                    admins::grant(app, &address, Some(&agency_slug(person))).await
                }
                result => result,
            },
        };
        granted.context("granting a role")?;
    }
    Ok(())
}

fn agency_slug(person: &city::Person) -> String {
    let agency = city::agencies().into_iter().find(|agency| agency.code == person.agency);
    agency.map(|agency| name::slug(&agency.name)).unwrap_or_default()
}

/// Registers the sample application with the house.
async fn register_sample(app: &App, port: u16) -> anyhow::Result<Registration> {
    let own_url =
        Url::parse(&format!("http://localhost:{port}/")).context("the address of the sample application")?;
    let registration = clients::Registration {
        name: "Văn phòng không giấy (mẫu)".to_owned(),
        kind: ClientKind::Web,
        redirect_uris: vec![format!("{own_url}callback")],
        post_logout_redirect_uris: vec![own_url.to_string()],
        home: Some(own_url.to_string()),
        scopes: Scopes::all(),
        legacy: false,
        id_token_claims: true,
        backchannel_logout_uri: None,
        metadata: Metadata::default(),
    };
    let registered = clients::register(app, Actor::CommandLine, &registration).await;
    let registered = registered.context("registering the sample application")?;
    Ok(Registration {
        issuer: app.config.server.issuer().to_owned(),
        own_url,
        client_id: registered.client.client_id.to_string(),
        client_secret: registered.secret.map(|secret| secret.expose().clone()).unwrap_or_default(),
    })
}

/// Where the demonstration asks for less than a real house does.
const EASIER: &str =
    "# In a real house administrators must have a second factor; here nobody has a telephone at hand.
[second_factor]
administrators = \"optional\"
mail_codes = MAIL_CODES
# The invented city has one administrator.
[admin]
two_persons = false
[incidents]
contacts = [\"Trực ban an toàn thông tin thành phố <trucban@danang.example>\"]
";

fn configuration(args: &DemoArgs, dir: &Path, env: &HashMap<String, String>) -> anyhow::Result<Config> {
    let get = |name: &str| env.get(name).with_context(|| format!("the scripts did not tell {name}"));
    for (file, name) in
        [("ad.pw", "AD_SVC_PW"), ("obm-sync.pw", "OBM_SYNC_PW"), ("obm-writer.pw", "OBM_WRITER_PW")]
    {
        std::fs::write(dir.join(file), get(name)?).context("writing a password file")?;
    }
    let here = dir.display();
    let text = format!(
        r#"# Made by the demonstration; thrown away with it.
[server]
public_url = "http://localhost:{port}"
listen = "127.0.0.1:{port}"
admin_url = "http://localhost:{admin_port}"
admin_listen = "127.0.0.1:{admin_port}"
[database]
url = "sqlite:{here}/danang-sso.db"
[secrets]
master_key_file = "{here}/master.key"
[city]
mail_domain = "{domain}"
support_phone = "0236 1022"
[ad]
urls = ["{ad_url}"]
ca_file = "{ad_ca}"
staff_base = "{ad_staff}"
bind_dn = "{ad_dn}"
bind_password_file = "{here}/ad.pw"
[obm]
urls = ["{obm_url}"]
starttls = true
ca_file = "{obm_ca}"
base = "{obm_base}"
domain = "{domain}"
sync_dn = "{sync_dn}"
sync_password_file = "{here}/obm-sync.pw"
writer_dn = "{writer_dn}"
writer_password_file = "{here}/obm-writer.pw"
[log]
filter = "warn"
{easier}{mail}"#,
        // Where a relay keeps the letters, codes may come by mail.
        easier = EASIER.replace("MAIL_CODES", &env.contains_key("SMTP_PORT").to_string()),
        mail = relay(env),
        port = args.port,
        admin_port = args.admin_port,
        domain = city::DOMAIN,
        ad_url = get("AD_URL")?,
        ad_ca = get("AD_CA")?,
        ad_staff = get("AD_STAFF")?,
        ad_dn = get("AD_SVC_DN")?,
        obm_url = get("OBM_URL")?,
        obm_ca = get("OBM_CA")?,
        obm_base = get("OBM_DOMAIN_BASE")?,
        sync_dn = get("OBM_SYNC_DN")?,
        writer_dn = get("OBM_WRITER_DN")?,
    );
    let file = dir.join("danang-sso.toml");
    std::fs::write(&file, &text).with_context(|| format!("writing {}", file.display()))?;
    Ok(Config::load(&file, std::env::vars())?)
}

/// The section of the relay that keeps the letters, if it runs.
fn relay(env: &HashMap<String, String>) -> String {
    let section = |port: &String| {
        let from = format!("dangnhap@{}", city::DOMAIN);
        format!(
            "[mail]\nrelay_host = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom_address = \"{from}\"\n"
        )
    };
    env.get("SMTP_PORT").map(section).unwrap_or_default()
}

fn print_table(args: &DemoArgs, letters: Option<&String>, watch: &Stopwatch) {
    let persons = city::demo_persons();
    let width = persons.iter().map(|person| person.address().len()).max().unwrap_or_default();
    println!(
        "\nReady after {:.1} s. Everybody's password is {}\n",
        watch.elapsed().as_secs_f64(),
        city::PASSWORD
    );
    println!("{:width$}  What this person shows", "Address");
    for person in &persons {
        println!("{:width$}  {}", person.address(), person.show_vi);
        println!("{:width$}  {}", "", person.show_en);
    }
    println!("\nSign-in and portal    http://localhost:{}", args.port);
    println!("Administration        http://localhost:{}", args.admin_port);
    println!("Sample application    http://localhost:{}", args.app_port);
    if let Some(folder) = letters {
        println!("Letters sent          {folder}");
    }
    println!("\nCtrl-C stops everything and throws it away.");
}
