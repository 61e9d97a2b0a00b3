//! The activity of my account: where it is signed in, the last sign-ins, attempts in vain; how to end what is strange,
//! and what to do when it was not me.

use super::Settled;
use crate::app::App;
use crate::config::Networks;
use crate::domain::factor::{Demand, SUSPECT_DAYS};
use crate::domain::session::Door;
use crate::http::{Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::activity::{self, Activity, DAYS, Fate, InVain, Place, Refused, SignIn};
use crate::services::{incidents, session};
use crate::urls;
use crate::web::parts::{Notice, SessionView, device, place};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

/// A sign-in.
struct SignInView {
    when: String,
    device: String,
    place: String,
    end: String,
    is_open: bool,
}

/// An attempt in vain.
struct RefusedView {
    when: String,
    what: &'static str,
    /// What follows for the holder, if it was somebody else.
    knew: Option<&'static str>,
    place: String,
}

#[derive(Template)]
#[template(path = "portal/sessions.html")]
struct SessionsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    sessions: Vec<SessionView>,
    lead: String,
    /// What "it was not me" does to second factors, where the city has opened them.
    step_factors: Option<String>,
    sign_ins: Vec<SignInView>,
    refused: Vec<RefusedView>,
    places: Vec<(String, String)>,
}

/// Shows it, this session first.
pub(in crate::web) async fn show(
    State(app): State<App>,
    Settled(signed): Settled,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = signed.visitor.lang;
    let this = signed.current.session.id;
    let mut sessions = session::list(&app, &signed.current).await?;
    sessions.sort_by_key(|session| session.id != this);
    let Activity { sign_ins, refused, places } = activity::own(&app, &signed.current).await?;
    let names = &app.config.networks;
    let place_name = |source: &str| place(t, names, source);
    html(&SessionsPage {
        t,
        page: signed.frame(&app).await?,
        notice: notice(t, query.text("note")),
        sessions: sessions
            .iter()
            .map(|s| SessionView {
                from: place_name(&s.source),
                ..SessionView::new(t, s, (s.id == this, !session::is_in_use(&app, s)), app.now())
            })
            .collect(),
        lead: t.activity_last_lead(DAYS),
        step_factors: (app.config.second_factor.staff != Demand::Off)
            .then(|| t.not_me_step_factors(SUSPECT_DAYS)),
        sign_ins: sign_ins.iter().map(|one| sign_in(t, names, one)).collect(),
        refused: refused.iter().map(|one| refused_view(t, names, one)).collect(),
        places: places.iter().map(|one| (place_name(&one.source), how_often(t, one))).collect(),
    })
}

/// Ends one.
pub(in crate::web) async fn end(
    State(app): State<App>,
    Settled(signed): Settled,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = fields.text("session").parse().map_err(|_| Failure::NotFound)?;
    let ended = session::end(&app, &signed.current, id).await?;
    Ok(back(if ended { "ended" } else { "gone" }))
}

/// Ends all but this one.
pub(in crate::web) async fn end_others(
    State(app): State<App>,
    Settled(signed): Settled,
    _form: Form,
) -> Result<Response, Failure> {
    session::end_others(&app, &signed.current).await?;
    // A cookie of this very session that was copied is another browser, too.
    signed.visitor.renew().await?;
    Ok(back("others"))
}

/// It was not me: everything else ends, and the new password is set right away.
pub(in crate::web) async fn not_me(
    State(app): State<App>,
    Settled(signed): Settled,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    incidents::not_me(&app, &signed.current, fields.text("words")).await?;
    signed.visitor.renew().await?;
    Ok(Redirect::to(urls::PASSWORD).into_response())
}

fn back(note: &str) -> Response {
    Redirect::to(&format!("{}?note={note}", urls::SESSIONS)).into_response()
}

fn notice(t: Lang, note: &str) -> Option<Notice> {
    match note {
        "ended" => Some(Notice::ok(t.session_ended())),
        "gone" => Some(Notice::warn(t.session_not_found())),
        "others" => Some(Notice::ok(t.other_sessions_ended())),
        _ => None,
    }
}

fn sign_in(t: Lang, names: &Networks, one: &SignIn) -> SignInView {
    let device = device(t, &one.user_agent);
    SignInView {
        when: t.moment(one.at.local()),
        device: match one.door {
            Door::Staff => device,
            Door::Admin => format!("{device} – {}", t.activity_console()),
        },
        place: place(t, names, &one.source),
        is_open: matches!(one.fate, Fate::This | Fate::Open),
        end: match &one.fate {
            Fate::This => t.activity_open_this().to_owned(),
            Fate::Open => t.activity_open_still().to_owned(),
            Fate::Idle => t.activity_idle().to_owned(),
            Fate::Succeeded => t.activity_succeeded().to_owned(),
            Fate::Ended(at, why) => format!("{}, {}", t.session_end(why.as_deref()), t.moment(at.local())),
        },
    }
}

fn refused_view(t: Lang, names: &Networks, one: &Refused) -> RefusedView {
    RefusedView {
        when: t.moment(one.at.local()),
        what: match one.what {
            InVain::Password => t.activity_wrong(),
            InVain::PasswordPaused => t.activity_paused(),
            InVain::Factor => t.activity_wrong_factor(),
            InVain::FactorPaused => t.activity_factor_paused(),
            InVain::Recovery => t.activity_wrong_recovery(),
            InVain::RecoveryPaused => t.activity_recovery_paused(),
            InVain::CopiedPasskey => t.activity_copied_passkey(),
            InVain::StepLeft => t.activity_step_left(),
            InVain::Locked => t.activity_right_locked(),
            InVain::Disowned => t.activity_right_disowned(),
        },
        knew: match one.what {
            InVain::Factor | InVain::FactorPaused | InVain::StepLeft | InVain::Locked | InVain::Disowned => {
                Some(t.activity_knew_password())
            }
            InVain::CopiedPasskey => Some(t.activity_has_copy()),
            _ => None,
        },
        place: place(t, names, &one.source),
    }
}

fn how_often(t: Lang, place: &Place) -> String {
    let last = t.activity_last_at(&t.moment(place.last_at.local()));
    format!("{}, {last}", t.activity_times(&t.number(place.count)))
}
