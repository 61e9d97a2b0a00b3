//! A plan line by line, as a person reads it, before anything is applied. Pure.

use super::{Creation, Facts, Known, PassedOver, Plan, StateChange, Step, word};
use crate::domain::account::LockReason;
use crate::domain::address::MailAddress;
use crate::domain::agency::Agency;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::MailSystem;
use crate::domain::timestamp::Timestamp;
use std::collections::{BTreeMap, HashMap};

codes! {
    /// What a line does; in the order in which a person wants to see them, what takes something away first.
    LineKind {
        /// An account is locked because it is in no directory any more.
        Gone = "gone";
        /// An account is locked because its directory disabled it.
        LockDisabled = "lock_disabled";
        /// A mailbox vanished.
        Detach = "detach";
        /// An account moves to another agency.
        Move = "move";
        /// An account has another address; by the old one it is still found, while nobody else has it.
        Rename = "rename";
        /// An entry was left out, with the reason.
        SetAside = "set_aside";
        /// An account that has been in no directory for long is withdrawn.
        Retire = "retire";
        /// An account is new.
        Create = "create";
        /// A directory lifted its lock.
        Lift = "lift";
        /// A new password is demanded.
        Demand = "demand";
        /// The password was changed in a directory.
        ChangedElsewhere = "changed_elsewhere";
        /// A mail system has another password than the account.
        PasswordDiffers = "password_differs";
        /// A mailbox is new at a known account.
        Attach = "attach";
        /// Facts about a holder changed.
        Update = "update";
        /// What a directory notes of a mailbox changed (login, identity, day of the password), nothing of its holder.
        Refresh = "refresh";
        /// An agency is new.
        AgencyNew = "agency_new";
        /// An agency has a new name.
        AgencyRenamed = "agency_renamed";
    }
}

codes! {
    /// What of an account changed.
    Field {
        /// Full name.
        Name = "name";
        /// Post.
        Title = "title";
        /// Staff number.
        StaffNumber = "staff_number";
        /// Person, agency mailbox, service.
        Kind = "kind";
        /// Further addresses.
        Aliases = "aliases";
        /// Main address.
        Address = "address";
        /// The agency, by its code.
        Agency = "agency";
        /// The state, by its code.
        State = "state";
        /// When the password was set, in microseconds since 1970.
        PasswordSet = "password_set";
        /// The login in a directory.
        Login = "login";
        /// Whether the directory lets it sign in.
        Enabled = "enabled";
        /// Why an entry was left out.
        Why = "why";
    }
}

impl LineKind {
    /// Whether a person must agree where there are many of them.
    pub const fn is_weighed(self) -> bool {
        matches!(self, Self::Gone | Self::LockDisabled | Self::Detach | Self::Move | Self::Rename)
    }
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldChange {
    /// Which.
    pub field: Field,
    /// What it was.
    pub before: Option<String>,
    /// What it becomes.
    pub after: Option<String>,
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    /// What it does.
    pub kind: LineKind,
    /// To which account, if it is known yet.
    pub account_id: Option<AccountId>,
    /// The code of the agency that it concerns.
    pub agency: Option<String>,
    /// The code of the agency that it leads to, if that is another one.
    pub agency_to: Option<String>,
    /// In which directory, if it concerns one.
    pub system: Option<MailSystem>,
    /// An address, the code of an agency, or the name of an entry.
    pub subject: String,
    /// The full name of the holder or of the agency.
    pub name: String,
    /// What changes.
    pub changes: Vec<FieldChange>,
}

/// How many lines of each kind there are.
pub type Counts = BTreeMap<LineKind, u64>;

/// Counts the lines of a plan.
pub fn counts(lines: &[Line]) -> Counts {
    let mut counts = Counts::new();
    for line in lines {
        *counts.entry(line.kind).or_default() += 1;
    }
    counts
}

/// The lines of a plan, by kind; within a kind in the order of the plan.
pub fn lines(plan: &Plan, known: &[Known], agencies: &[Agency]) -> Vec<Line> {
    let known: HashMap<AccountId, &Known> = known.iter().map(|k| (k.account.id(), k)).collect();
    let reader = Reader {
        codes: agencies.iter().map(|agency| (agency.id, agency.code.as_str())).collect(),
        names: agencies.iter().map(|agency| (agency.code.as_str(), agency.name.as_str())).collect(),
    };
    let mut lines: Vec<Line> =
        plan.passed_over.iter().map(|(system, passed)| set_aside(*system, passed)).collect();
    for step in &plan.steps {
        match step {
            Step::Agency { code, name } => lines.push(reader.agency(code, name)),
            Step::Create(creation) => lines.push(create(creation)),
            Step::Update { account_id, .. } => {
                lines.extend(known.get(account_id).into_iter().flat_map(|known| reader.update(known, step)));
            }
        }
    }
    lines.sort_by_key(|line| line.kind);
    lines
}

struct Reader<'a> {
    codes: HashMap<AgencyId, &'a str>,
    names: HashMap<&'a str, &'a str>,
}

impl Reader<'_> {
    fn agency(&self, code: &str, name: &str) -> Line {
        let before = self.names.get(code).map(|&name| name.to_owned());
        let kind = if before.is_some() { LineKind::AgencyRenamed } else { LineKind::AgencyNew };
        Line {
            agency: Some(code.to_owned()),
            changes: before.map(|before| change(Field::Name, Some(before), Some(name))).into_iter().collect(),
            ..line(kind, code.to_owned(), name.to_owned())
        }
    }

    /// The lines of one account; all of them concern the agency that it is in now.
    fn update(&self, known: &Known, step: &Step) -> Vec<Line> {
        let Step::Update { facts, attach, refresh, detach, change: state, lags, .. } = step else {
            return Vec::new();
        };
        let profile = known.account.profile();
        let agency = profile.agency_id.and_then(|id| self.codes.get(&id)).map(|&code| code.to_owned());
        let base = |kind| Line {
            account_id: Some(known.account.id()),
            agency: agency.clone(),
            ..line(kind, profile.address.to_string(), profile.display_name.clone())
        };
        let mut lines = Vec::new();
        for seen in attach {
            let changes = vec![change(Field::Login, None, Some(&seen.key.login))];
            lines.push(Line { system: Some(seen.key.system), changes, ..base(LineKind::Attach) });
        }
        for id in detach {
            let Some(old) = known.mailboxes.iter().find(|m| m.id == *id) else { continue };
            let changes = vec![change(Field::Login, Some(old.key.login.clone()), None)];
            lines.push(Line { system: Some(old.key.system), changes, ..base(LineKind::Detach) });
        }
        if let Some(facts) = facts.as_deref() {
            facts_told(known, facts, agency.as_deref(), &base, &mut lines);
        }
        lines.extend(state.map(|state| Line { changes: changes_of(known, state), ..base(kind_of(state)) }));
        if let Some((id, true)) = lags
            && let Some(old) = known.mailboxes.iter().find(|m| m.id == *id)
        {
            lines.push(Line { system: Some(old.key.system), ..base(LineKind::PasswordDiffers) });
        }
        for (id, seen) in refresh {
            // A new day of the password is told already by the line of the state.
            let Some(old) = known.mailboxes.iter().find(|m| m.id == *id).filter(|_| state.is_none()) else {
                continue;
            };
            let set = |at: Timestamp| at.micros().to_string();
            let all = [
                change(Field::Login, Some(old.key.login.clone()), Some(&seen.key.login)),
                change(Field::Address, Some(old.address.to_string()), Some(seen.address.as_str())),
                change(Field::Enabled, Some(old.enabled.to_string()), Some(&seen.enabled.to_string())),
                FieldChange {
                    field: Field::PasswordSet,
                    before: old.password_set_at.map(set),
                    after: seen.password_set_at.map(set),
                },
            ];
            let changes = all.into_iter().filter(|c| c.before != c.after).collect();
            lines.push(Line { system: Some(seen.key.system), changes, ..base(LineKind::Refresh) });
        }
        lines
    }
}

/// What changes of a holder: the agency and the address each in a line of its own.
fn facts_told(
    known: &Known,
    facts: &Facts,
    agency: Option<&str>,
    base: &impl Fn(LineKind) -> Line,
    lines: &mut Vec<Line>,
) {
    let profile = known.account.profile();
    if facts.agency_code.as_deref() != agency {
        let changes = vec![change(Field::Agency, agency.map(str::to_owned), facts.agency_code.as_deref())];
        lines.push(Line { agency_to: facts.agency_code.clone(), changes, ..base(LineKind::Move) });
    }
    if facts.address != profile.address {
        let before = Some(profile.address.to_string());
        let changes = vec![change(Field::Address, before, Some(facts.address.as_str()))];
        lines.push(Line { changes, ..base(LineKind::Rename) });
    }
    let joined = |aliases: &[MailAddress]| {
        let all: Vec<_> = aliases.iter().map(ToString::to_string).collect();
        all.join(", ")
    };
    let all = [
        change(Field::Name, Some(profile.display_name.clone()), Some(&facts.display_name)),
        change(Field::Title, profile.title.clone(), facts.title.as_deref()),
        change(Field::StaffNumber, profile.staff_number.clone(), facts.staff_number.as_deref()),
        change(Field::Kind, Some(profile.kind.code().to_owned()), Some(facts.kind.code())),
        change(Field::Aliases, Some(joined(&known.aliases)), Some(&joined(&facts.aliases))),
    ];
    let changes: Vec<_> = all.into_iter().filter(|c| c.before != c.after).collect();
    if !changes.is_empty() {
        lines.push(Line { changes, ..base(LineKind::Update) });
    }
}

const fn line(kind: LineKind, subject: String, name: String) -> Line {
    Line {
        kind,
        account_id: None,
        agency: None,
        agency_to: None,
        system: None,
        subject,
        name,
        changes: Vec::new(),
    }
}

fn change(field: Field, before: Option<String>, after: Option<&str>) -> FieldChange {
    FieldChange { field, before, after: after.map(str::to_owned) }
}

fn set_aside(system: MailSystem, passed: &PassedOver) -> Line {
    Line {
        system: Some(system),
        changes: vec![change(Field::Why, None, Some(&passed.why))],
        ..line(LineKind::SetAside, passed.entry.clone(), String::new())
    }
}

fn create(creation: &Creation) -> Line {
    let facts = &creation.facts;
    let systems: Vec<_> = creation.mailboxes.iter().map(|m| m.key.system).collect();
    Line {
        agency: facts.agency_code.clone(),
        system: if let [only] = systems[..] { Some(only) } else { None },
        changes: vec![change(Field::State, None, Some(word(&creation.state)))],
        ..line(LineKind::Create, facts.address.to_string(), facts.display_name.clone())
    }
}

const fn kind_of(state: StateChange) -> LineKind {
    match state {
        StateChange::Lock(LockReason::GoneFromDirectory) => LineKind::Gone,
        StateChange::Lock(_) => LineKind::LockDisabled,
        StateChange::Retire => LineKind::Retire,
        StateChange::Lift(_) => LineKind::Lift,
        StateChange::Demand(_) => LineKind::Demand,
        StateChange::ChangedElsewhere(_) => LineKind::ChangedElsewhere,
    }
}

fn changes_of(known: &Known, state: StateChange) -> Vec<FieldChange> {
    let before = Some(word(known.account.state()).to_owned());
    match state {
        StateChange::Lock(reason) => vec![change(Field::State, before, Some(reason.code()))],
        StateChange::Retire => vec![change(Field::State, before, Some("retired"))],
        StateChange::Lift(to) | StateChange::Demand(to) => {
            vec![change(Field::State, before, Some(word(&to)))]
        }
        StateChange::ChangedElsewhere(at) => {
            vec![change(Field::PasswordSet, None, Some(&at.micros().to_string()))]
        }
    }
}
