//! Words of closed lists in answers and parameters, as the documentation names them: those of the domain, so that they stay
//! true.

use crate::domain::account::{Kind, LockReason, MustChange, StateName};
use crate::domain::incident;
use crate::domain::mailbox::MailSystem;
use crate::domain::oauth::client::ClientKind;
use crate::domain::oauth::scope::Scope;
use crate::domain::policy::calendar;
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::stage::Mode;
use std::borrow::Cow;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($(#[doc = $doc:literal] $name:ident = $all:expr;)*) => {$(
        #[doc = $doc]
        pub(super) enum $name {}

        impl $name {
            /// Its words.
            pub(super) fn all() -> Vec<&'static str> {
                $all
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                one_of($doc, Self::all())
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

words! {
    /// Whose mailbox an account is.
    AccountKind = Kind::ALL.map(Kind::code).to_vec();
    /// How an account stands.
    AccountState = StateName::ALL.map(StateName::code).to_vec();
    /// Why an account is locked.
    AccountLock = LockReason::ALL.map(LockReason::code).to_vec();
    /// Why a new password is demanded.
    ChangeReason = MustChange::ALL.map(MustChange::code).to_vec();
    /// A mail system.
    SystemName = MailSystem::ALL.map(MailSystem::code).to_vec();
    /// A rule with a term.
    TermRule = Rule::ALL.map(Rule::code).to_vec();
    /// What a rule does on a day.
    RuleMode = Mode::ALL.map(Mode::code).to_vec();
    /// What a listed day is.
    DayKind = calendar::DayKind::ALL.map(calendar::DayKind::code).to_vec();
    /// What was reported.
    IncidentKind = incident::IncidentKind::ALL.iter().map(|kind| kind.code()).collect();
    /// Whether somebody follows it up still.
    IncidentStage = vec!["open", "closed"];
    /// Where an application runs.
    ApplicationKind = ClientKind::ALL.map(ClientKind::code).to_vec();
    /// Whether an application runs.
    ApplicationState = vec!["runs", "stopped"];
    /// A scope of people's data.
    PeopleScope = Scope::ALL.map(Scope::code).to_vec();
    /// How far the purposes of an application are written down and confirmed.
    PurposesState = vec!["nothing", "missing", "due", "good"];
    /// What came of a one-time password in a mail system.
    ResetOutcome = vec!["taken", "taken_but_closed", "refused", "failed"];
}

fn one_of(told: &str, words: Vec<&'static str>) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    text.description(Some(told.trim())).enum_values(Some(words)).into()
}
