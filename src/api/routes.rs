//! Every route of the interface in one table: its scope, its parameters, who answers. The tests try each of them beyond
//! the reach of an application, and fail when one has no case.

use super::call::{Needs, Parameter};
use super::{
    accounts, acts, agencies, applications, audit, calendar, incidents, policy, sessions, sync, timeline,
};
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::urls;
use axum::Extension;
use axum::routing::{MethodRouter, get, post};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// A sentence in Vietnamese and in English.
type Words = (&'static str, &'static str);

/// One route of the interface.
pub struct ApiRoute {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its path, with placeholders.
    pub path: &'static str,
    /// The scope without which nobody comes to the handler.
    pub scope: ApiScope,
    /// What it does, in Vietnamese and in English.
    pub summary: Words,
    /// The parameters that it reads.
    pub query: &'static [Parameter],
    /// What it answers.
    pub(super) answer: Shape,
    /// What a write takes.
    pub(super) body: Option<Shape>,
    handler: MethodRouter<App>,
}

/// A type as the documentation describes it.
pub(super) struct Shape {
    /// Its name.
    pub(super) name: String,
    /// It and whatever it is made of.
    pub(super) parts: Vec<(String, RefOr<Schema>)>,
}

impl Shape {
    /// Of a type that is read or written.
    pub(super) fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut parts = vec![(name.clone(), T::schema())];
        T::schemas(&mut parts);
        Self { name, parts }
    }
}

impl ApiRoute {
    fn read<Answer: ToSchema>(
        path: &'static str,
        scope: ApiScope,
        (summary, query): (Words, &'static [Parameter]),
        handler: MethodRouter<App>,
    ) -> Self {
        Self {
            method: "GET",
            path,
            scope,
            summary,
            query,
            answer: Shape::of::<Answer>(),
            body: None,
            handler,
        }
    }

    fn write<Body: ToSchema, Answer: ToSchema>(
        path: &'static str,
        scope: ApiScope,
        summary: Words,
        handler: MethodRouter<App>,
    ) -> Self {
        let (answer, body) = (Shape::of::<Answer>(), Some(Shape::of::<Body>()));
        Self { method: "POST", path, scope, summary, query: &[], answer, body, handler }
    }

    /// What the router takes; the call finds there what the route asks for.
    pub fn into_parts(self) -> (&'static str, MethodRouter<App>) {
        (self.path, self.handler.layer(Extension(Needs { scope: self.scope, query: self.query })))
    }
}

/// The table of `docs/api.md`.
pub fn table() -> String {
    let mut text = String::from("| Route | Scope | What it does |\n|---|---|---|\n");
    for ApiRoute { method, path, scope, summary, .. } in routes() {
        text = text + "| `" + method + " " + path + "` | `" + scope.code() + "` | " + summary.1 + " |\n";
    }
    text
}

/// The table.
pub fn routes() -> Vec<ApiRoute> {
    use ApiRoute as On;
    use ApiScope as May;
    let accounts = vec![
        On::read::<accounts::AccountPage>(
            urls::API_ACCOUNTS,
            May::AccountsRead,
            (("Danh sách tài khoản.", "List accounts."), accounts::QUERY),
            get(accounts::list),
        ),
        On::read::<accounts::AccountWhole>(
            urls::API_ACCOUNT,
            May::AccountsRead,
            (("Xem một tài khoản.", "Read one account."), &[]),
            get(accounts::one),
        ),
        On::read::<timeline::TimelinePage>(
            urls::API_ACCOUNT_TIMELINE,
            May::AuditRead,
            (("Mọi điều đã ghi về một tài khoản.", "Read what was recorded of an account."), timeline::QUERY),
            get(timeline::show),
        ),
        On::read::<sessions::SessionList>(
            urls::API_ACCOUNT_SESSIONS,
            May::SessionsRead,
            (("Các phiên đang mở của một tài khoản.", "List the open sessions of an account."), &[]),
            get(sessions::list),
        ),
    ];
    let acts = acts_on_accounts().into_iter();
    accounts.into_iter().chain(acts).chain(of_the_house()).chain(of_the_regulation()).collect()
}

/// What is done to accounts.
fn acts_on_accounts() -> Vec<ApiRoute> {
    use ApiRoute as On;
    use ApiScope as May;
    vec![
        On::write::<acts::Reason, accounts::AccountNow>(
            urls::API_ACCOUNT_LOCK,
            May::AccountsLock,
            ("Khóa tài khoản.", "Lock an account."),
            post(acts::lock),
        ),
        On::write::<acts::Reason, accounts::AccountNow>(
            urls::API_ACCOUNT_UNLOCK,
            May::AccountsUnlock,
            ("Mở khóa tài khoản.", "Lift a lock."),
            post(acts::unlock),
        ),
        On::write::<acts::ResetOrder, acts::ResetTold>(
            urls::API_ACCOUNT_RESET,
            May::AccountsReset,
            ("Cấp lại mật khẩu.", "Reset a password."),
            post(acts::reset),
        ),
        On::write::<acts::Reason, accounts::AccountNow>(
            urls::API_ACCOUNT_DEMAND,
            May::AccountsDemand,
            ("Yêu cầu đổi mật khẩu.", "Demand a new password."),
            post(acts::demand),
        ),
        On::write::<acts::Reason, acts::AccessEnded>(
            urls::API_ACCOUNT_SESSIONS_END,
            May::SessionsEnd,
            ("Kết thúc mọi phiên và quyền truy cập đang mở.", "End everything that is open."),
            post(acts::end_sessions),
        ),
    ]
}

/// Agencies, applications, and what happened.
fn of_the_house() -> Vec<ApiRoute> {
    use ApiRoute as On;
    use ApiScope as May;
    vec![
        On::read::<agencies::AgencyList>(
            urls::API_AGENCIES,
            May::AgenciesRead,
            (("Danh sách cơ quan và số liệu tuân thủ.", "List agencies with their numbers."), &[]),
            get(agencies::list),
        ),
        On::read::<agencies::AgencyTold>(
            urls::API_AGENCY,
            May::AgenciesRead,
            (("Xem một cơ quan.", "Read one agency."), &[]),
            get(agencies::one),
        ),
        On::read::<applications::ApplicationList>(
            urls::API_APPLICATIONS,
            May::ApplicationsRead,
            (("Danh sách ứng dụng.", "List the applications."), &[]),
            get(applications::list),
        ),
        On::read::<applications::ApplicationTold>(
            urls::API_APPLICATION,
            May::ApplicationsRead,
            (("Xem một ứng dụng.", "Read one application."), &[]),
            get(applications::one),
        ),
        On::read::<audit::AuditPage>(
            urls::API_AUDIT,
            May::AuditRead,
            (("Tra cứu nhật ký.", "Search the audit."), audit::QUERY),
            get(audit::search),
        ),
        On::read::<incidents::IncidentPage>(
            urls::API_INCIDENTS,
            May::IncidentsRead,
            (("Danh sách sự cố.", "List the incidents."), incidents::QUERY),
            get(incidents::list),
        ),
    ]
}

/// The regulation, and what the house does by itself.
fn of_the_regulation() -> Vec<ApiRoute> {
    use ApiRoute as On;
    use ApiScope as May;
    vec![
        On::read::<policy::PolicyTold>(
            urls::API_POLICY,
            May::PolicyRead,
            (("Xem quy định đang áp dụng.", "Read the policy."), &[]),
            get(policy::show),
        ),
        On::read::<calendar::YearTold>(
            urls::API_CALENDAR,
            May::PolicyRead,
            (("Lịch làm việc của một năm.", "Read a year of the working calendar."), calendar::QUERY),
            get(calendar::show),
        ),
        On::read::<sync::RunList>(
            urls::API_SYNC_RUNS,
            May::SyncRead,
            (("Các lần đồng bộ gần đây.", "List the latest runs."), sync::QUERY),
            get(sync::list),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::problem::Kind;

    #[test]
    fn the_documentation_has_every_route_scope_and_problem() {
        let docs = include_str!("../../docs/api.md");
        assert!(docs.contains(&table()), "docs/api.md must contain:\n{}", table());
        for scope in ApiScope::ALL {
            let line = format!("| `{}` | {} |\n", scope.code(), scope.told());
            assert!(docs.contains(&line), "docs/api.md must contain:\n{line}");
        }
        for kind in Kind::ALL {
            let line = format!("| `{}` | {} | {} |\n", kind.code(), kind.status().as_u16(), kind.title());
            assert!(docs.contains(&line), "docs/api.md must contain:\n{line}");
        }
    }
}
