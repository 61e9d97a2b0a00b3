//! The role in which one acts: what one holds, what each may do; another one is chosen here.

use crate::app::App;
use crate::domain::admin::{Grant, Right};
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::roles;
use crate::urls;
use crate::web::html;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// A role that one holds.
struct Held {
    id: String,
    role: &'static str,
    place: String,
    until: String,
    in_use: bool,
    may: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "admin/role.html")]
struct RolePage {
    t: Lang,
    page: Frame,
    held: Vec<Held>,
}

/// Shows them.
pub(in crate::web) async fn show(State(app): State<App>, by: AsAdministrator) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let own = roles::own(&app, &by.administrator).await?;
    let (role, root) = (by.administrator.role(), by.administrator.reach().agency());
    let held = own.into_iter().map(|(grant, agency)| Held {
        id: grant.id.to_string(),
        role: t.role(grant.role),
        place: agency.map_or_else(
            || t.reach_all().to_owned(),
            |agency| format!("{} {}", agency.name, t.role_and_below()),
        ),
        until: until(t, &grant),
        in_use: Some(grant.role) == role && grant.agency_id == root,
        may: Right::ALL
            .iter()
            .filter(|right| grant.role.has(**right) && (grant.agency_id.is_none() || !right.is_of_the_city()))
            .map(|right| t.right(*right))
            .collect(),
    });
    html(&RolePage { t, held: held.collect(), page: super::frame(&app, &by).await? })
}

/// Acts in another one from now on.
pub(in crate::web) async fn choose(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let wanted = fields.text("grant").parse().map_err(|_| Failure::NotFound)?;
    let own = roles::own(&app, &by.administrator).await?;
    if !own.iter().any(|(grant, _)| grant.id == wanted) {
        return Err(Failure::NotFound);
    }
    by.visitor.act_as(wanted).await?;
    Ok(Redirect::to(urls::HOME).into_response())
}

/// Until when a role is held, in words.
pub(super) fn until(t: Lang, grant: &Grant) -> String {
    roles::last_day(grant).map_or_else(|| t.role_without_end().to_owned(), |day| t.role_until(&t.day(day)))
}
