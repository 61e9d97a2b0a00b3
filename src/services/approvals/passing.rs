//! Whether a dangerous act may go on: because a second person has approved the very same, or because it is small enough
//! with what its actor did alone within a day. Either is used up with the act, in its transaction.

use super::may_decide;
use crate::app::App;
use crate::domain::admin::Administrator;
use crate::domain::approval::{Approval, Deed, Matter, Preview};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, ApprovalId};
use crate::domain::timestamp::Timestamp;
use crate::i18n::Lang;
use crate::services::bulk_unlock::Seen;
use crate::services::{Internal, chain, roles};
use crate::storage::{StorageError, Tx, accounts, approvals, audit, done_alone};
use thiserror::Error;

/// Why a dangerous act did not go on.
#[derive(Debug, Error)]
pub enum Stopped {
    /// A second person must approve this.
    #[error("a second person must approve it")]
    NeedsSecond(Box<Deed>),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for Stopped {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// That an act may go on. It counts once it is spent.
#[derive(Debug)]
#[must_use = "it is spent with the act"]
pub struct Pass {
    by: AccountId,
    at: Timestamp,
    deed: Deed,
    how: How,
}

#[derive(Debug, Clone, Copy)]
enum How {
    /// Nobody is asked.
    Free,
    /// So many, alone.
    Alone(i64),
    /// By this approval.
    Approved(ApprovalId),
}

impl Pass {
    /// Whether a second person has approved the act.
    pub(in crate::services) const fn has_second(&self) -> bool {
        matches!(self.how, How::Approved(_))
    }

    /// Spends it in the transaction of the act, before anything else there: of many hands at once the others wait here,
    /// and find it spent. If nothing is committed, it is as good as before.
    pub(in crate::services) async fn spend(&self, app: &App, tx: &mut Tx) -> Result<(), Stopped> {
        let is_good = match self.how {
            How::Free => true,
            How::Approved(id) => approvals::use_up(tx, id, self.at).await?,
            How::Alone(many) => self.count(tx, many).await? <= limit(app),
        };
        if is_good { Ok(()) } else { Err(Stopped::NeedsSecond(Box::new(self.deed.clone()))) }
    }

    /// The same in a transaction of its own, for an act of many of them.
    pub(in crate::services) async fn spend_now(&self, app: &App) -> Result<(), Stopped> {
        let mut tx = app.db.begin().await?;
        self.spend(app, &mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Takes [`Pass::spend_now`] back, after an act that has changed nothing.
    pub(in crate::services) async fn give_back(&self, app: &App) {
        if let Err(error) = self.try_to_give_back(app).await {
            tracing::error!("giving an approval back: {}", chain(&error));
        }
    }

    /// Lets what was spent for many hold for those of them that could not be done, as they were looked at, for as long as it
    /// would have held: the approval for exactly these, so that the form that is kept with it has `fields` instead of its
    /// own; what was counted as done alone is not counted for them. Tells whether an approval holds.
    pub(in crate::services) async fn leave(
        &self,
        app: &App,
        by: &Administrator,
        rest: &[Seen],
        fields: &[(&str, String)],
    ) -> Result<bool, Internal> {
        if rest.is_empty() {
            return Ok(false);
        }
        let id = match self.how {
            How::Free => return Ok(false),
            How::Alone(_) => {
                let mut tx = app.db.begin().await?;
                self.count(&mut tx, -whole(rest.len())).await?;
                tx.commit().await?;
                return Ok(false);
            }
            How::Approved(id) => id,
        };
        let Some(one) = approvals::by_id(&app.db, id).await? else { return Ok(false) };
        let deed = deed_of_many(app, by, self.deed.matter, rest).await?;
        let instead = |name: &str| fields.iter().find(|(other, _)| *other == name);
        let field = |(name, value): (String, String)| {
            let value = instead(&name).map_or(value, |(_, value)| value.clone());
            (name, value)
        };
        let form: Vec<_> = one.form.into_iter().map(field).collect();
        let entry = Entry::new(app.now(), Actor::Job("approvals"), Act::ApprovalLeft, id.to_string());
        let mut tx = app.db.begin().await?;
        let holds = approvals::leave(&mut tx, id, &deed, &form).await?;
        if holds {
            audit::append(&mut tx, &[entry.with(self.deed.matter.code())]).await?;
        }
        tx.commit().await?;
        Ok(holds)
    }

    async fn try_to_give_back(&self, app: &App) -> Result<(), StorageError> {
        let mut tx = app.db.begin().await?;
        match self.how {
            How::Free => return Ok(()),
            How::Approved(id) => approvals::give_back(&mut tx, id).await?,
            How::Alone(many) => {
                self.count(&mut tx, -many).await?;
            }
        }
        tx.commit().await
    }

    async fn count(&self, tx: &mut Tx, many: i64) -> Result<i64, StorageError> {
        done_alone::add(tx, (self.by, self.deed.matter), self.at, many).await
    }
}

/// Lets an act of an administrator go on, if nobody else need approve it or somebody has. Many at a time need a second
/// person above `admin.two_persons_above`, together with what the same administrator did so within a day.
pub async fn pass(app: &App, by: &Administrator, deed: Deed, many: Option<usize>) -> Result<Pass, Stopped> {
    let (who, now) = (by.account_id(), app.now());
    if !app.config.admin.two_persons {
        return Ok(Pass { by: who, at: now, deed, how: How::Free });
    }
    if let Some(id) = approved(app, who, &deed, now).await? {
        return Ok(Pass { by: who, at: now, deed, how: How::Approved(id) });
    }
    if let Some(many) = many
        && !needs_second(app, by, deed.matter, many).await?
    {
        return Ok(Pass { by: who, at: now, deed, how: How::Alone(whole(many)) });
    }
    Err(Stopped::NeedsSecond(Box::new(deed)))
}

/// The same for many accounts, as they were looked at; few need nobody else.
pub(in crate::services) async fn pass_many(
    app: &App,
    by: &Administrator,
    matter: Matter,
    seen: &[Seen],
) -> Result<Pass, Stopped> {
    let deed = deed_of_many(app, by, matter, seen).await?;
    pass(app, by, deed, Some(seen.len())).await
}

/// Exactly these accounts as they were looked at.
async fn deed_of_many(
    app: &App,
    by: &Administrator,
    matter: Matter,
    seen: &[Seen],
) -> Result<Deed, StorageError> {
    let mut content: Vec<_> = seen.iter().map(|seen| format!("{}:{}", seen.id, seen.version)).collect();
    content.sort();
    let mut people = Vec::new();
    for seen in seen {
        if let Some(account) = accounts::by_id(&app.db, seen.id).await?.filter(|account| by.reaches(account))
        {
            let profile = account.profile();
            people.push(format!("{} ({})", profile.display_name, profile.address));
        }
    }
    let number = u64::try_from(seen.len()).unwrap_or(u64::MAX);
    let preview = in_words(|t| {
        let counted = t.deed_accounts(&t.number(number));
        std::iter::once(counted).chain(people.iter().cloned()).collect()
    });
    Ok(Deed { matter, content: content.join(" "), preview })
}

/// Whether so many more of an administrator would need a second person.
pub(in crate::services) async fn needs_second(
    app: &App,
    by: &Administrator,
    matter: Matter,
    many: usize,
) -> Result<bool, StorageError> {
    if !app.config.admin.two_persons {
        return Ok(false);
    }
    let before = done_alone::number(&app.db, by.account_id(), matter, app.now()).await?;
    Ok(before.saturating_add(whole(many)) > limit(app))
}

/// A preview in every language of the house.
pub(in crate::services) fn in_words(lines: impl Fn(Lang) -> Vec<String>) -> Preview {
    Preview { vi: lines(Lang::Vi), en: lines(Lang::En) }
}

fn limit(app: &App) -> i64 {
    whole(app.config.admin.two_persons_above)
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The approval by which somebody may do a deed now. Those that nobody stands by any more end here.
async fn approved(
    app: &App,
    asker: AccountId,
    deed: &Deed,
    now: Timestamp,
) -> Result<Option<ApprovalId>, Internal> {
    let given = approvals::approved(&app.db, asker, deed, now).await?;
    for one in given.iter().filter(|one| one.allows(asker, deed, now)) {
        if is_still_given(app, one).await? {
            return Ok(Some(one.id));
        }
        lapse(app, one).await?;
    }
    Ok(None)
}

/// Whether whoever approved it could still do so: their role may have ended since, or they may be locked.
async fn is_still_given(app: &App, one: &Approval) -> Result<bool, Internal> {
    let Some((decided_by, ..)) = one.decided else { return Ok(false) };
    Ok(roles::still_held(app, decided_by).await?.iter().any(|by| may_decide(by, one)))
}

/// Ends an approval that nobody stands by any more: the next one puts the request anew.
async fn lapse(app: &App, one: &Approval) -> Result<(), StorageError> {
    let entry = Entry::new(app.now(), Actor::Job("approvals"), Act::ApprovalLapsed, one.id.to_string());
    let mut tx = app.db.begin().await?;
    if approvals::lapse(&mut tx, one.id).await? {
        audit::append(&mut tx, &[entry.with(one.deed.matter.code())]).await?;
    }
    tx.commit().await
}
