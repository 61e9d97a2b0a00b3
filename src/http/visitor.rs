//! Who asks: the browser, its language and address, and the session it holds, if it holds one.

use super::browser::LONGER;
use super::device_cookie;
use super::frame::Help;
use super::keep::{Holder, Unfinished};
use super::{Failure, Frame};
use crate::app::App;
use crate::crypto::token;
use crate::domain::browser::Family;
use crate::domain::id::{AccountId, GrantId};
use crate::domain::session::Door;
use crate::i18n::Lang;
use crate::services::factors::trust::Held;
use crate::services::farewell::Ended;
use crate::services::reminders;
use crate::services::second_step;
use crate::services::session::{self, Carrier, Current};
use crate::urls;
use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::header::{COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, Uri};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use time::Duration;
use tower_sessions::Session as Browser;

pub(super) const CSRF: &str = "csrf";
const REQUESTS: &str = "requests";
pub(super) const ENDED: &str = "ended";
pub(super) const ONWARD: &str = "onward";
pub(super) const ROLE: &str = "role";
const SHOWN: &str = "shown";
pub(super) const BACK: &str = "back";
pub(super) const LOCKED: &str = "locked";

/// How long the way back is known: the first day has several steps.
const WAY_BACK: Duration = Duration::minutes(30);
/// How long the page of a locked account can be shown once more.
const SHOWN_AGAIN: Duration = Duration::minutes(10);

/// The page after the sign-out speaks of so many sessions; the others have ended all the same.
const MOST_FAREWELLS: usize = 32;

/// The cookie that remembers the language.
pub const LANGUAGE_COOKIE: &str = "lang";

/// What is known of a request before any session is looked at.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The language of the page.
    pub lang: Lang,
    /// Path and query.
    pub path: String,
    /// Through which door.
    pub door: Door,
    /// Whether the person has chosen the language.
    has_chosen: bool,
}

impl Surroundings {
    /// Reads them off a request.
    pub fn of(request: &Request, _app: &App) -> Self {
        Self::read(request.headers(), request.uri(), request.extensions())
    }

    fn read(headers: &HeaderMap, uri: &Uri, extensions: &Extensions) -> Self {
        let text = |name| headers.get(name).and_then(|v: &axum::http::HeaderValue| v.to_str().ok());
        let cookie = text(COOKIE).and_then(|cookies| {
            cookies.split(';').find_map(|pair| pair.trim().strip_prefix(LANGUAGE_COOKIE)?.strip_prefix('='))
        });
        let ui_locales = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .find(|(name, _)| name == "ui_locales")
            .map(|(_, value)| value.into_owned());
        Self {
            lang: Lang::choose(cookie, ui_locales.as_deref()),
            path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            door: extensions.get::<Door>().copied().unwrap_or(Door::Staff),
            has_chosen: cookie.and_then(Lang::from_tag).is_some(),
        }
    }

    /// Speaks the language that the application prefers, unless the person has chosen one.
    pub fn speak(&mut self, ui_locales: Option<&str>) {
        let preferred = ui_locales.and_then(Lang::from_ui_locales).filter(|_| !self.has_chosen);
        self.lang = preferred.unwrap_or(self.lang);
    }

    /// The address that shows a page of ours in the other language.
    pub fn other_language(&self, path: &str) -> String {
        let back: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        format!("/language/{}?back={back}", self.lang.other().code())
    }

    /// A frame without a form and without a person.
    pub fn frame(&self, app: &App) -> Frame {
        let url = match self.door {
            Door::Staff => &app.config.server.public_url,
            Door::Admin => &app.config.server.admin_url,
        };
        let city = &app.config.city;
        Frame {
            door: self.door,
            csrf: String::new(),
            other_language: self.other_language(&self.path),
            path: self.path.split('?').next().unwrap_or_default().to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
            who: String::new(),
            reach: String::new(),
            rights: Vec::new(),
            menu: Vec::new(),
            banner: None,
            help: Help::new(city.support_unit.clone(), city.support_phone.clone(), &city.support_hours),
        }
    }
}

/// A browser that asks for something.
pub struct Visitor {
    /// The language of the page.
    pub lang: Lang,
    /// The network address, past trusted proxies.
    pub source: String,
    /// The browser's words about itself, at most 200 characters.
    pub user_agent: String,
    /// Through which door it came.
    pub door: Door,
    /// What the cookies hold of accounts for which it is remembered.
    pub remembered: Vec<Held>,
    /// Whether a page has loaded itself again.
    is_by_itself: bool,
    surroundings: Surroundings,
    pub(super) browser: Browser,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let browser = Browser::from_request_parts(parts, app)
            .await
            .map_err(|(_, why)| Failure::Internal(format!("the cookie layer is missing: {why}")))?;
        let surroundings = Surroundings::read(&parts.headers, &parts.uri, &parts.extensions);
        let agent = parts.headers.get(USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        Ok(Self {
            lang: surroundings.lang,
            source: source(parts, &app.config.server.trusted_proxies).to_string(),
            user_agent: agent.chars().take(200).collect(),
            door: surroundings.door,
            remembered: device_cookie::read(&parts.headers, app),
            is_by_itself: is_by_itself(parts),
            surroundings,
            browser,
        })
    }
}

impl Visitor {
    /// Speaks the language that the application prefers (OIDC Core §3.1.2.1, `ui_locales`), unless the person has
    /// chosen one.
    pub fn speak(&mut self, ui_locales: Option<&str>) {
        self.surroundings.speak(ui_locales);
        self.lang = self.surroundings.lang;
    }

    /// What is known without a look at the session.
    pub const fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// The token for the forms of a page; made on the first page.
    pub async fn csrf(&self, app: &App) -> Result<String, Failure> {
        self.stay(app).await?;
        if let Some(token) = self.existing_csrf().await? {
            return Ok(token);
        }
        let token = token::new(app.system.entropy()).expose().clone();
        self.browser.insert(CSRF, &token).await.map_err(broken)?;
        Ok(token)
    }

    /// A page with a form is shown to a browser that nobody is signed in with: it is remembered for an hour from now on. It is
    /// written now and then only; the row of an open session lives as long as that.
    async fn stay(&self, app: &App) -> Result<(), Failure> {
        let now = app.now();
        let shown: Option<i64> = self.browser.get(SHOWN).await.map_err(broken)?;
        let is_new = shown.is_some_and(|at| now.minus(LONGER).micros() < at);
        if is_new || self.held().await?.is_some() {
            return Ok(());
        }
        self.browser.insert(SHOWN, now.micros()).await.map_err(broken)
    }

    /// The token that a form of ours would carry, if a page of ours was ever shown.
    pub(super) async fn existing_csrf(&self) -> Result<Option<String>, Failure> {
        self.browser.get(CSRF).await.map_err(broken)
    }

    /// The session that this browser holds, checked now. One that another kind of browser has opened ends. A page that
    /// has loaded itself again does not keep it open: work that goes on for long would, on a screen that nobody watches.
    pub async fn current(&self, app: &App) -> Result<Option<Current>, Failure> {
        match self.held().await? {
            Some(id) if self.is_by_itself => Ok(session::peek_in(app, id, self.door, self.carrier()).await?),
            Some(id) => Ok(session::current_in(app, id, self.door, self.carrier()).await?),
            None => Ok(None),
        }
    }

    /// The browser, as a session that it comes with is compared with it.
    pub(super) fn carrier(&self) -> Carrier<'_> {
        Carrier { user_agent: &self.user_agent, source: &self.source }
    }

    /// Where a visitor without an open session signs in; told if the last one was only not used for too long. Staff come
    /// back to the page that they have opened. A form of theirs is kept: it comes with the token of that session's pages,
    /// from the same kind of browser. One of the console is not: whoever comes to a console that was left alone must not
    /// prepare what is clicked later.
    async fn sign_in_first(&self, app: &App, method: &Method) -> Result<Failure, Failure> {
        let (is_sent, is_read) = (method == Method::POST, method == Method::GET);
        let back = urls::way_back(self.path()).filter(|_| is_read && self.door == Door::Staff);
        // Between the steps of a sign-in nobody is told that the session before it was not used; a form is kept all the same.
        // One that was left and has expired is between nothing.
        let is_between = match self.half().await? {
            Some(half) if !is_sent => second_step::waiting(app, &half, self.door).await?.is_some(),
            _ => false,
        };
        let lapsed = match self.held().await? {
            Some(id) if !is_between => session::lapsed(app, id).await?,
            _ => None,
        };
        let Some(lapsed) = lapsed else {
            return Ok(Failure::SignInFirst(urls::with_back(urls::SIGN_IN, back)));
        };
        let to = if is_sent { urls::SIGN_IN_UNSENT } else { urls::SIGN_IN_EXPIRED };
        let to = urls::with_back(to, back);
        let is_same = Family::of(&lapsed.user_agent) == Family::of(&self.user_agent);
        if self.door != Door::Staff || !is_same {
            return Ok(Failure::SignInFirst(to));
        }
        let form = Unfinished { holder: Holder::returning(lapsed.account_id), back: String::new() };
        Ok(Failure::Unfinished { to, form })
    }

    /// Notes whose lock was told, and by which page it can be lifted, so that the other language can tell it too.
    pub async fn remember_locked(&self, app: &App, account: AccountId, way: &str) -> Result<(), Failure> {
        let until = app.now().plus(SHOWN_AGAIN).micros();
        self.browser.insert(LOCKED, (until, account.to_string(), way)).await.map_err(broken)
    }

    /// What [`Visitor::remember_locked`] has noted, if its time is not over.
    pub async fn locked(&self, app: &App) -> Result<Option<(AccountId, String)>, Failure> {
        let noted: Option<(i64, String, String)> = self.browser.get(LOCKED).await.map_err(broken)?;
        let noted = noted.filter(|(until, ..)| app.now().micros() < *until);
        Ok(noted.and_then(|(_, account, way)| Some((account.parse().ok()?, way))))
    }

    /// Notes the page to which somebody of the staff goes back, once they are signed in and through all that comes before
    /// it; whatever is none takes away what was noted.
    pub async fn remember_back(&self, app: &App, back: &str) -> Result<(), Failure> {
        let until = app.now().plus(WAY_BACK).micros();
        match urls::way_back(back).filter(|_| self.door == Door::Staff) {
            Some(back) => self.browser.insert(BACK, (until, back)).await.map_err(broken),
            None => self.browser.remove_value(BACK).await.map(|_| ()).map_err(broken),
        }
    }

    /// What [`Visitor::remember_back`] has noted, if its time is not over; once.
    pub async fn take_back(&self, app: &App) -> Result<Option<String>, Failure> {
        let noted: Option<(i64, String)> = self.browser.get(BACK).await.map_err(broken)?;
        let Some((until, back)) = noted else { return Ok(None) };
        self.browser.remove_value(BACK).await.map_err(broken)?;
        Ok((app.now().micros() < until).then_some(back))
    }

    /// The session of this browser opens more from now on: under a new cookie, so that one that was copied before does not.
    pub async fn renew(&self) -> Result<(), Failure> {
        self.browser.cycle_id().await.map_err(broken)
    }

    /// Remembers the role in which an administrator acts from now on.
    pub async fn act_as(&self, grant: GrantId) -> Result<(), Failure> {
        self.browser.insert(ROLE, grant.to_string()).await.map_err(broken)
    }

    /// The role that they chose, if they have.
    pub(super) async fn acts_as(&self) -> Result<Option<GrantId>, Failure> {
        let id = self.browser.get::<String>(ROLE).await.map_err(broken)?;
        Ok(id.and_then(|id| id.parse().ok()))
    }

    /// Remembers, after [`Visitor::sign_out`], what the page says that follows: which sessions have ended, and the proven
    /// address to which the browser goes from there.
    pub async fn remember_farewell(&self, ended: &[Ended], onward: Option<&str>) -> Result<(), Failure> {
        let ended: Vec<_> = ended.iter().take(MOST_FAREWELLS).map(|one| one.to_text()).collect();
        self.browser.insert(ENDED, ended.join(",")).await.map_err(broken)?;
        match onward {
            Some(onward) => self.browser.insert(ONWARD, onward).await.map_err(broken),
            None => Ok(()),
        }
    }

    /// What [`Visitor::remember_farewell`] has kept.
    pub async fn farewell(&self) -> Result<(Vec<Ended>, Option<String>), Failure> {
        let ended: String = self.browser.get(ENDED).await.map_err(broken)?.unwrap_or_default();
        let onward = self.browser.get(ONWARD).await.map_err(broken)?;
        Ok((ended.split(',').filter_map(Ended::from_text).collect(), onward))
    }

    /// Binds a pending authorization request to this browser. The latest eight are kept.
    pub async fn remember_request(&self, id: &str) -> Result<(), Failure> {
        let mut known: Vec<String> = self.browser.get(REQUESTS).await.map_err(broken)?.unwrap_or_default();
        known.push(id.to_owned());
        let from = known.len().saturating_sub(8);
        self.browser.insert(REQUESTS, known.split_off(from)).await.map_err(broken)
    }

    /// Whether this browser made the pending authorization request.
    pub async fn knows_request(&self, id: &str) -> Result<bool, Failure> {
        let known: Vec<String> = self.browser.get(REQUESTS).await.map_err(broken)?.unwrap_or_default();
        Ok(known.iter().any(|one| token::same(one, id)))
    }

    /// The frame of a page with forms.
    pub async fn frame(&self, app: &App) -> Result<Frame, Failure> {
        self.drop_stale(app).await?;
        Ok(Frame { csrf: self.csrf(app).await?, ..self.surroundings.frame(app) })
    }

    /// Path and query of the request.
    pub fn path(&self) -> &str {
        &self.surroundings.path
    }
}

/// A visitor who is signed in; others are led to the sign-in.
pub struct SignedIn {
    /// The visitor.
    pub visitor: Visitor,
    /// Their session and account.
    pub current: Current,
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        match visitor.current(app).await? {
            Some(current) => Ok(Self { visitor, current }),
            None => Err(visitor.sign_in_first(app, &parts.method).await?),
        }
    }
}

impl SignedIn {
    /// The frame of a page with forms, with the person's name.
    pub async fn frame(&self, app: &App) -> Result<Frame, Failure> {
        let who = self.current.account.profile().display_name.clone();
        Ok(Frame { who, banner: self.banner(app), ..self.visitor.frame(app).await? })
    }

    /// What is said while the password's term is about to end; nothing where the page says it anyway.
    fn banner(&self, app: &App) -> Option<(&'static str, String)> {
        let (path, t) = (self.visitor.path().split('?').next().unwrap_or_default(), self.visitor.lang);
        if self.visitor.door != Door::Staff || [urls::HOME, urls::PASSWORD].contains(&path) {
            return None;
        }
        let reminder = reminders::due(app, &self.current)?;
        let class = if reminder.working_days == 0 { "is-danger" } else { "is-warn" };
        let left = t.working_days_to_go(reminder.working_days);
        Some((class, t.reminder_banner(&t.day(reminder.deadline.last_day), &left)))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
pub(super) fn broken(error: tower_sessions::session::Error) -> Failure {
    Failure::Internal(format!("reading or writing the browser's row: {error}"))
}

/// Whether a page asks for itself again. Whoever writes that into an address by hand only has less of the session; what
/// a form sends is done by somebody.
fn is_by_itself(parts: &Parts) -> bool {
    let query = parts.uri.query().unwrap_or_default();
    parts.method == Method::GET && query.split('&').any(|pair| pair == urls::BY_ITSELF)
}

/// Who is at the other end of the connection.
pub(super) fn peer(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical()
}

/// The visitor's network address: the peer, or what trusted proxies say of it (the rightmost that is not one).
pub(crate) fn source(parts: &Parts, trusted: &[IpAddr]) -> IpAddr {
    let peer = peer(parts);
    if !trusted.contains(&peer) {
        return peer;
    }
    let hops = parts.headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
    let hops: Vec<IpAddr> =
        hops.flat_map(|v| v.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    hops.into_iter().rev().map(|ip| ip.to_canonical()).find(|ip| !trusted.contains(ip)).unwrap_or(peer)
}
