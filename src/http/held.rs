//! Which sessions the row of a browser holds: the one in use, those of other accounts beside it, and somebody between the two
//! steps of a sign-in. Whatever opens more, or less, comes under a new cookie, so that none fixed before is of use.

use super::Failure;
use super::browser::{OTHERS, SESSION};
use super::keep::{Holder, KEPT};
use super::visitor::{BACK, CSRF, ENDED, LOCKED, ONWARD, ROLE, Visitor, broken};
use crate::app::App;
use crate::crypto::token;
use crate::domain::id::{AccountId, SessionId};
use crate::domain::session::{Door, Session};
use crate::services::parting::{self, Unended};
use crate::services::roster::{self, MOST_OTHERS, Roster};
use time::Duration;

const HALF: &str = "half";
/// What the half sign-in was begun for: whether the other accounts shall stay, and the request that waits.
const HALF_FOR: &str = "half_for";
/// Tokens of pages that were open when somebody signed in again: until when, whose pages, the token.
const TOKENS: &str = "tokens";

/// So many of them are known.
const MOST_TOKENS: usize = 4;
/// For so long: somebody who writes a long report has signed in again meanwhile in another tab.
const TOKEN_LIFE: Duration = Duration::hours(4);

impl Visitor {
    /// The session whose id the browser's row has.
    pub(super) async fn held(&self) -> Result<Option<SessionId>, Failure> {
        let id = self.browser.get::<String>(SESSION).await.map_err(broken)?;
        Ok(id.and_then(|id| id.parse().ok()))
    }

    /// The sessions beside the one in use.
    async fn others(&self) -> Result<Vec<SessionId>, Failure> {
        let ids = self.browser.get::<Vec<String>>(OTHERS).await.map_err(broken)?.unwrap_or_default();
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// The one in use first.
    async fn all(&self) -> Result<Vec<SessionId>, Failure> {
        let mut all: Vec<_> = self.held().await?.into_iter().collect();
        all.extend(self.others().await?);
        Ok(all)
    }

    /// Whether the row has no session at all, be it open or ended elsewhere.
    pub(super) async fn holds_nobody(&self) -> Result<bool, Failure> {
        Ok(self.all().await?.is_empty())
    }

    /// All accounts that are signed in with this browser, the one in use first.
    pub async fn roster(&self, app: &App) -> Result<Roster, Failure> {
        Ok(roster::read_in(app, &self.all().await?, self.door, self.carrier()).await?)
    }

    /// What a sign-out ends: the same, and those that were not used for too long.
    pub async fn unended(&self, app: &App) -> Result<Unended, Failure> {
        Ok(parting::unended(app, &self.all().await?, self.door, self.carrier()).await?)
    }

    /// Gives the browser a session. The accounts that it held stay beside it if the person wants that (`beside`), or was one
    /// of them; else somebody has taken over the browser, and they are let go: their sessions end.
    pub async fn sign_in(&self, app: &App, session: &Session, beside: bool) -> Result<(), Failure> {
        let held = self.unended(app).await?;
        let stay = self.door == Door::Staff && (beside || held.of(session.account_id).is_some());
        // What is kept for somebody else goes with the old cookie.
        let kept = self.kept(app, Holder::returning(session.account_id)).await?;
        let back = self.browser.get_value(BACK).await.map_err(broken)?;
        let room = if stay { MOST_OTHERS } else { 0 };
        // Before the new cookie, with which the old row goes at once: if the connection breaks while applications are told, the
        // browser still holds whoever was not let go yet.
        let others = parting::settle(app, held.clone(), (session, &self.source), room).await?;
        self.begin_anew(app, &held).await?;
        self.hold(Some(session.id), &others).await?;
        if let Some(back) = back {
            self.browser.insert_value(BACK, back).await.map_err(broken)?;
        }
        match kept {
            Some(kept) => self.keep(app, Holder::within(session.account_id, session.id), &kept).await,
            None => Ok(()),
        }
    }

    /// Takes another of the browser's accounts into use.
    pub async fn choose(&self, app: &App, id: SessionId) -> Result<(), Failure> {
        let held = self.unended(app).await?;
        let mut others = held.sessions();
        others.retain(|other| *other != id);
        others.truncate(MOST_OTHERS);
        self.begin_anew(app, &held).await?;
        self.hold(Some(id), &others).await
    }

    /// Takes sessions that have ended from the browser: with the last one, everything.
    pub async fn sign_out(&self, app: &App) -> Result<(), Failure> {
        let left = self.unended(app).await?;
        if left.is_empty() {
            return self.browser.flush().await.map_err(broken);
        }
        let held = self.held().await?.filter(|id| left.find(*id).is_some());
        let mut others = left.sessions();
        others.retain(|id| Some(*id) != held);
        self.begin_anew(app, &left).await?;
        self.hold(held, &others).await
    }

    /// A new cookie, and nothing of what belonged to the pages under the old one. Their token is put aside for whoever was
    /// signed in: a form of theirs may still come.
    async fn begin_anew(&self, app: &App, held: &Unended) -> Result<(), Failure> {
        self.put_token_aside(app, held).await?;
        self.browser.cycle_id().await.map_err(broken)?;
        for name in [CSRF, ENDED, ONWARD, HALF, HALF_FOR, BACK, LOCKED] {
            self.browser.remove_value(name).await.map_err(broken)?;
        }
        Ok(())
    }

    /// Writes down what it holds from now on.
    async fn hold(&self, id: Option<SessionId>, others: &[SessionId]) -> Result<(), Failure> {
        for name in [ROLE, KEPT, SESSION, OTHERS] {
            self.browser.remove_value(name).await.map_err(broken)?;
        }
        if let Some(id) = id {
            self.browser.insert(SESSION, id.to_string()).await.map_err(broken)?;
        }
        if others.is_empty() {
            return Ok(());
        }
        let others: Vec<_> = others.iter().map(ToString::to_string).collect();
        self.browser.insert(OTHERS, others).await.map_err(broken)
    }

    /// Notes that the password was proven and the second factor is to be, for the request that waits. Whoever was signed in
    /// still is: whether they are let go is decided when the step has come to its end ([`Visitor::sign_in`]), and if the
    /// person turns back, nothing was changed. The accounts that the browser has stay if the person wants that (`beside`).
    pub async fn begin_second_step(
        &self,
        app: &App,
        id: &str,
        (beside, request): (bool, Option<&str>),
    ) -> Result<(), Failure> {
        let held = self.unended(app).await?;
        let request = self.known(request).await?;
        self.begin_anew(app, &held).await?;
        self.browser.insert(HALF, id).await.map_err(broken)?;
        self.browser.insert(HALF_FOR, (beside, request)).await.map_err(broken)
    }

    /// Gives the browser the session that came of [`Visitor::begin_second_step`].
    pub async fn end_second_step(&self, app: &App, session: &Session) -> Result<(), Failure> {
        let beside = self.half_for().await?.is_some_and(|(beside, _)| beside);
        self.sign_in(app, session, beside).await
    }

    /// The id that [`Visitor::begin_second_step`] has noted.
    pub async fn half(&self) -> Result<Option<String>, Failure> {
        self.browser.get(HALF).await.map_err(broken)
    }

    /// The same, if it was begun for this request: somebody who is signed in may have turned back at another step.
    pub async fn half_of(&self, request: Option<&str>) -> Result<Option<String>, Failure> {
        let request = self.known(request).await?;
        let is_of_it = self.half_for().await?.is_some_and(|(_, known)| known.as_deref() == request);
        if is_of_it { self.half().await } else { Ok(None) }
    }

    /// A request of a form, if it is one of this browser: every page reads the row, and nothing else is written there.
    async fn known<'a>(&self, request: Option<&'a str>) -> Result<Option<&'a str>, Failure> {
        match request {
            Some(id) if self.knows_request(id).await? => Ok(Some(id)),
            _ => Ok(None),
        }
    }

    async fn half_for(&self) -> Result<Option<(bool, Option<String>)>, Failure> {
        self.browser.get(HALF_FOR).await.map_err(broken)
    }

    /// Only what was made while somebody was signed in is put aside: who has fixed a cookie before knows no such token.
    async fn put_token_aside(&self, app: &App, held: &Unended) -> Result<(), Failure> {
        let (Some(token), Some(id)) = (self.existing_csrf().await?, self.held().await?) else {
            return Ok(());
        };
        let Some(whose) = held.find(id).map(|one| one.account.id()) else { return Ok(()) };
        let mut known = self.former_tokens(app).await?;
        known.push((app.now().plus(TOKEN_LIFE).micros(), whose.to_string(), token));
        let from = known.len().saturating_sub(MOST_TOKENS);
        self.browser.insert(TOKENS, known.split_off(from)).await.map_err(broken)
    }

    async fn former_tokens(&self, app: &App) -> Result<Vec<(i64, String, String)>, Failure> {
        let known = self.browser.get::<Vec<(i64, String, String)>>(TOKENS).await.map_err(broken)?;
        let mut known = known.unwrap_or_default();
        known.retain(|(until, ..)| app.now().micros() < *until);
        Ok(known)
    }

    /// Whose page of this browser a form comes from that carries the token of before the last sign-in.
    pub(super) async fn whose_former(&self, app: &App, token: &str) -> Result<Option<AccountId>, Failure> {
        let known = self.former_tokens(app).await?;
        let found = known.iter().find(|(.., known)| token::same(known, token));
        Ok(found.and_then(|(_, whose, _)| whose.parse().ok()))
    }
}
