//! Every address of the house, once. Routes and links both use these.

mod applications;
mod interface;

pub use applications::*;
pub use interface::*;

/// No longer address is kept as a way back, in bytes.
const LONGEST_BACK: usize = 500;

/// Sign-in page of either door; `?request=` carries the pending authorization request, `?back=` the page that staff wanted.
pub const SIGN_IN: &str = "/sign-in";
/// The same, after a session was not used for too long.
pub const SIGN_IN_EXPIRED: &str = "/sign-in?expired=1";
/// The same, where a form was sent and not taken.
pub const SIGN_IN_UNSENT: &str = "/sign-in?expired=sent";
/// What a page that loads itself again puts behind its address: nobody is there, so it is no use of the session.
pub const BY_ITSELF: &str = "refresh=1";
/// The accounts that are signed in with this browser: choose one (POST), or sign one out; `?request=`.
pub const CHOOSE_ACCOUNT: &str = "/choose-account";
/// The second factor: after the password, or in a session that has too little; `?request=`, `?need=`.
pub const SECOND_STEP: &str = "/sign-in/second";
/// The last step of the first day: a second factor is offered; `?request=`.
pub const FIRST_DAY: &str = "/first-day";
/// A forgotten password; `?request=`.
pub const FORGOTTEN: &str = "/forgotten";
/// Sets a new password after [`FORGOTTEN`], or to lift a lock; `?request=`.
pub const RECOVER: &str = "/forgotten/password";
/// Somebody who is signed in proves once more who they are; `?back=`.
pub const CONFIRM: &str = "/confirm";
/// After that, the form that was not taken before it: to be sent, or left.
pub const KEPT: &str = "/confirm/kept";
/// Naming another mail address for codes.
pub const MAIL_FACTOR: &str = "/security/mail";
/// Removes the other mail address.
pub const MAIL_FACTOR_REMOVE: &str = "/security/mail/remove";
/// Binds the certificate of the connection.
pub const CERTIFICATE_BIND: &str = "/security/certificates/bind";
/// Removes a certificate.
pub const CERTIFICATE_REMOVE: &str = "/security/certificates/remove";
/// Sends a code for the step after the password.
pub const SECOND_STEP_MAIL: &str = "/sign-in/second/mail";
/// Portal: second factors.
pub const SECURITY: &str = "/security";
/// Sets the authenticator app up, at either door; `?request=`.
pub const AUTHENTICATOR: &str = "/security/authenticator";
/// Portal: removes the authenticator app (POST).
pub const AUTHENTICATOR_REMOVE: &str = "/security/authenticator/remove";
/// Makes a passkey, at either door; `?request=`.
pub const PASSKEY_NEW: &str = "/security/passkeys/new";
/// Portal: removes a passkey (POST).
pub const PASSKEY_REMOVE: &str = "/security/passkeys/remove";
/// Takes the proof of a passkey in place of the password (POST).
pub const SIGN_IN_PASSKEY: &str = "/sign-in/passkey";
/// Console: remove the second factors of an account (POST).
pub const ACCOUNT_FACTORS_RESET: &str = "/accounts/{id}/factors/reset";
/// Portal: makes the recovery codes anew; answers with them (POST).
pub const RECOVERY_CODES: &str = "/security/recovery-codes";
/// Portal: forgets a remembered browser, or all (POST).
pub const DEVICE_FORGET: &str = "/security/devices/forget";
/// Reminds, after the sign-in, of a password whose term is about to end; `?request=`.
pub const REMINDER: &str = "/reminder";
/// Opens the administration with a break-glass code.
pub const BREAK_GLASS: &str = "/break-glass";
/// Signs out (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// Shown after signing out.
pub const SIGNED_OUT: &str = "/signed-out";
/// Password: forced or voluntary change.
pub const PASSWORD: &str = "/password";
/// Where password managers look for [`PASSWORD`] (W3C, A Well-Known URL for Changing Passwords).
pub const CHANGE_PASSWORD: &str = "/.well-known/change-password";
/// Gives the new password to the mail system that lags behind (POST).
pub const PASSWORD_FINISH: &str = "/password/finish";
/// Portal: the applications that are for me; `?q=`. Console: dashboard.
pub const HOME: &str = "/";
/// Portal: what is known of me, and from where.
pub const MY_ACCOUNT: &str = "/account";
/// Portal: in which post I work from now on (POST).
pub const CHOOSE_POST: &str = "/account/post";
/// Portal: asks again as whom I go on to applications (POST).
pub const ASK_AGAIN: &str = "/account/ask-again";
/// Portal: where I am signed in, and was. Console: the open sessions of people within reach.
pub const SESSIONS: &str = "/sessions";
/// Portal: ends one session (POST).
pub const SESSION_END: &str = "/sessions/end";
/// Portal: ends all other sessions (POST).
pub const SESSIONS_END_OTHERS: &str = "/sessions/end-others";
/// Console: one open session, to end it, or all of its holder (POST).
pub const OPEN_SESSION: &str = "/sessions/{id}";
/// Console: ends the sessions of a narrowed list (POST).
pub const SESSIONS_END_ALL: &str = "/sessions/end-all";
/// Portal: it was not me (POST).
pub const NOT_ME: &str = "/sessions/not-me";
/// Portal: reports an incident or a suspicious mail; `?kind=` (POST sends it).
pub const REPORT: &str = "/report";
/// Portal: the mail rules in short (POST acknowledges them).
pub const RULES: &str = "/rules";
/// Portal: what is kept about me.
pub const MY_DATA: &str = "/my-data";
/// Portal: all of it as JSON (POST).
pub const MY_DATA_EXPORT: &str = "/my-data/export";
/// Portal: my applications. Console: all of them.
pub const APPLICATIONS: &str = "/applications";
/// Portal: ends an application's access (POST).
pub const APPLICATION_END: &str = "/applications/end";
/// Portal: the letters we sent. Console: how they go.
pub const LETTERS: &str = "/letters";
/// Console: sends a sample to oneself (POST).
pub const LETTERS_TRIAL: &str = "/letters/trial";
/// Changes the language and goes back.
pub const LANGUAGE: &str = "/language/{code}";
/// Style sheet, script, icons.
pub const STATIC: &str = "/static/{*file}";
/// The logo of an application, as the house keeps it; `?v=` is its version.
pub const LOGO: &str = "/logos/{client_id}";
/// Tells a load balancer that the node serves.
pub const HEALTH: &str = "/health";

/// Console: who administers; POST grants a role.
pub const ADMINISTRATORS: &str = "/administrators";
/// Console: agencies, posts and roles as a table; POST enters it.
pub const IMPORT: &str = "/import";
/// Console: looks at such a table (POST).
pub const IMPORT_PREVIEW: &str = "/import/preview";
/// Console: takes a role back (POST).
pub const ADMINISTRATORS_REVOKE: &str = "/administrators/revoke";
/// Console: what waits for a second person; POST decides.
pub const APPROVALS: &str = "/approvals";
/// Console: the agencies with their numbers.
pub const AGENCIES: &str = "/agencies";
/// Console: the same as a workbook.
pub const AGENCIES_XLSX: &str = "/agencies.xlsx";
/// Console: one agency with its month.
pub const AGENCY: &str = "/agencies/{id}";
/// Console: whom its staff ask (POST).
pub const AGENCY_CONTACT: &str = "/agencies/{id}/contact";
/// Console: its month as a workbook; `?month=`.
pub const AGENCY_MONTH_XLSX: &str = "/agencies/{id}/month.xlsx";
/// Console: agencies renamed, merged, split or moved; `?kind=`, `?agency=`, `?under=` open the form, POST draws one up.
pub const AGENCY_CHANGES: &str = "/agencies/changes";
/// Console: one of them: who goes where, how far it is.
pub const AGENCY_CHANGE: &str = "/agencies/changes/{id}";
/// Console: confirms it (POST).
pub const AGENCY_CHANGE_START: &str = "/agencies/changes/{id}/start";
/// Console: takes it back before its day (POST).
pub const AGENCY_CHANGE_WITHDRAW: &str = "/agencies/changes/{id}/withdraw";
/// Console: takes back what was done (POST).
pub const AGENCY_CHANGE_UNDO: &str = "/agencies/changes/{id}/undo";
/// Console: access reviews; POST opens the one of this half-year.
pub const REVIEWS: &str = "/reviews";
/// Console: one of them; `?only=`, `?after=`, `?kind=`, `?ref=`.
pub const REVIEW: &str = "/reviews/{id}";
/// Console: says of ticked items whether they are needed (POST).
pub const REVIEW_DECIDE: &str = "/reviews/{id}/decide";
/// Console: keeps all the rest (POST).
pub const REVIEW_KEEP: &str = "/reviews/{id}/keep";
/// Console: carries out what was withdrawn (POST).
pub const REVIEW_APPLY: &str = "/reviews/{id}/apply";
/// Console: closes it (POST).
pub const REVIEW_CLOSE: &str = "/reviews/{id}/close";
/// Console: its evidence as one package.
pub const REVIEW_EVIDENCE: &str = "/reviews/{id}/evidence.zip";
/// Console: the audit, searched.
pub const AUDIT: &str = "/audit";
/// Console: the lines that were found, as a table.
pub const AUDIT_CSV: &str = "/audit.csv";
/// Console: the lines that were found, as lines of JSON.
pub const AUDIT_JSONL: &str = "/audit.jsonl";
/// Console: the signing keys.
pub const KEYS: &str = "/keys";
/// Console: announces new ones (POST).
pub const KEYS_ROTATE: &str = "/keys/rotate";
/// Console: the role in which one acts; POST chooses another.
pub const ROLE: &str = "/role";
/// Console: accounts.
pub const ACCOUNTS: &str = "/accounts";
/// Console: the same list as CSV.
pub const ACCOUNTS_CSV: &str = "/accounts.csv";
/// Console: the same list as a workbook.
pub const ACCOUNTS_XLSX: &str = "/accounts.xlsx";
/// Console: one account.
pub const ACCOUNT: &str = "/accounts/{id}";
/// Console: lock it (POST).
pub const ACCOUNT_LOCK: &str = "/accounts/{id}/lock";
/// Console: lift its lock (POST).
pub const ACCOUNT_UNLOCK: &str = "/accounts/{id}/unlock";
/// Console: reset its password; answers with the slip (POST).
pub const ACCOUNT_RESET: &str = "/accounts/{id}/reset";
/// Console: lift the pause of its password sign-in (POST).
pub const ACCOUNT_LIFT_PAUSE: &str = "/accounts/{id}/lift-pause";
/// Console: who may act for it, if it is an agency's mailbox (POST grants and takes back).
pub const ACCOUNT_DELEGATES: &str = "/accounts/{id}/delegates";
/// Console: everything recorded of it; `?order=newest`, `?after=`.
pub const ACCOUNT_TIMELINE: &str = "/accounts/{id}/timeline";
/// Console: why its holder cannot sign in; `?application=`.
pub const ACCOUNT_WHY: &str = "/accounts/{id}/why";
/// Console: ends one of its sessions, or all (POST).
pub const ACCOUNT_SESSIONS_END: &str = "/accounts/{id}/sessions/end";
/// Console: ends what an application was given for it (POST).
pub const ACCOUNT_APPLICATION_END: &str = "/accounts/{id}/applications/end";
/// Console: writes down a note about it (POST).
pub const ACCOUNT_NOTES: &str = "/accounts/{id}/notes";
/// Console: the latest acts over many accounts; POST draws one up.
pub const BULK: &str = "/bulk";
/// Console: an act over many accounts: whom it concerns, how far it is, what came of it.
pub const BULK_JOB: &str = "/bulk/{id}";
/// Console: confirms it (POST).
pub const BULK_START: &str = "/bulk/{id}/start";
/// Console: takes it back (POST).
pub const BULK_UNDO: &str = "/bulk/{id}/undo";
/// Console: lift many locks at once; `?lock=`, `?agency=` (POST does it).
pub const BULK_UNLOCK: &str = "/unlock";
/// Console: choose whose passwords are reset; `?agency=`, `?state=`, `?after=`. POST does it and answers with the slips.
pub const BULK_RESET: &str = "/reset";
/// Console: the chosen ones once more (POST).
pub const BULK_RESET_PREVIEW: &str = "/reset/preview";
/// Console: synchronisation.
pub const SYNC: &str = "/sync";
/// Console: sync now (POST).
pub const SYNC_RUNS: &str = "/sync/runs";
/// Console: the plan of one run; `?kind=`, `?after=`.
pub const SYNC_RUN: &str = "/sync/runs/{id}";
/// Console: approves a held run (POST).
pub const SYNC_APPROVE: &str = "/sync/runs/{id}/approve";
/// Console: refuses a held run (POST).
pub const SYNC_REFUSE: &str = "/sync/runs/{id}/refuse";

/// Console: which directory has the word on what (POST changes it).
pub const AUTHORITY: &str = "/sync/authority";
/// Console: what another table would do (POST).
pub const AUTHORITY_PREVIEW: &str = "/sync/authority/preview";
/// Console: the two directories beside each other; `?kind=`, `?agency=`, `?q=`, `?after=`.
pub const RECONCILE: &str = "/sync/reconcile";
/// Console: the same as a table; `?kind=`, `?agency=`, `?q=`.
pub const RECONCILE_CSV: &str = "/sync/reconcile.csv";
/// Console: what settling some of them would do (POST).
pub const SETTLE_PREVIEW: &str = "/sync/reconcile/preview";
/// Console: settles them (POST).
pub const SETTLE: &str = "/sync/reconcile/settle";
/// Console: what was decided about mailboxes; POST takes a decision back.
pub const DECISIONS: &str = "/sync/decisions";
/// Console: what taking a decision back would do (POST).
pub const DECISIONS_PREVIEW: &str = "/sync/decisions/preview";
/// Console: what the directories call an agency; POST decides what it means.
pub const AGENCY_SOURCES: &str = "/sync/agencies";
/// Console: what such a decision would do (POST).
pub const AGENCY_SOURCES_PREVIEW: &str = "/sync/agencies/preview";

/// Console: the rules.
pub const POLICY: &str = "/policy";
/// Console: what a change of the rules would do (POST).
pub const POLICY_PREVIEW: &str = "/policy/preview";
/// Console: the wizard that switches a rule on in waves.
pub const WAVES: &str = "/policy/waves";
/// Console: plans the waves (POST).
pub const WAVES_PLAN: &str = "/policy/waves/plan";
/// Console: starts the waves (POST).
pub const WAVES_START: &str = "/policy/waves/start";
/// Console: the brake on mass locks.
pub const BRAKE: &str = "/policy/brake";
/// Console: approves a stopped run (POST).
pub const BRAKE_APPROVE: &str = "/policy/brake/approve";
/// Console: postpones a stopped run (POST).
pub const BRAKE_POSTPONE: &str = "/policy/brake/postpone";
/// Console: who will be warned and locked.
pub const FORECAST: &str = "/forecast";
/// Console: the same as CSV.
pub const FORECAST_CSV: &str = "/forecast.csv";
/// Console: the working calendar; `?year=`, `?agency=`.
pub const CALENDAR: &str = "/calendar";
/// Console: what a change of the calendar would do (POST).
pub const CALENDAR_PREVIEW: &str = "/calendar/preview";
/// Console: makes a change of the calendar (POST).
pub const CALENDAR_CHANGES: &str = "/calendar/changes";
/// Console: the calendar as a table; `?year=`.
pub const CALENDAR_EXPORT: &str = "/calendar/export";

/// Console: what is watched of the mailboxes; `?list=`, `?agency=`, `?after=`, `?tie=`.
pub const WATCH: &str = "/watch";
/// Console: the same as CSV.
pub const WATCH_CSV: &str = "/watch.csv";

/// Console: what staff have reported; `?state=`, `?before=`.
pub const INCIDENTS: &str = "/incidents";
/// Console: one of them.
pub const INCIDENT: &str = "/incidents/{id}";
/// Console: does something about it: note, judge, notice, hand-on, close (POST).
pub const INCIDENT_ACT: &str = "/incidents/{id}/{act}";

/// OIDC Discovery §4.
pub const DISCOVERY: &str = "/.well-known/openid-configuration";
/// RFC 8414 §3: the same document for OAuth clients.
pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
/// RFC 7517: the public signing keys.
pub const JWKS: &str = "/jwks";
/// OIDC Core §3.1.2.
pub const AUTHORIZE: &str = "/authorize";
/// Where the pages of the sign-in return to: the flow's next step; `?request=`.
pub const CONTINUE: &str = "/authorize/continue";
/// Where the frame of session management asks whether what the browser keeps is still true.
pub const SESSION_STATE: &str = "/session/state";
/// Asks the person for their consent; `?request=` (POST answers).
pub const CONSENT: &str = "/authorize/consent";
/// Asks as whom the person goes on; `?request=` (POST answers).
pub const ACTING: &str = "/authorize/acting";
/// The person turns back from the sign-in (POST).
pub const CANCEL: &str = "/authorize/cancel";
/// OIDC Core §3.1.3.
pub const TOKEN: &str = "/token";
/// RFC 9126: pushed authorization requests.
pub const PAR: &str = "/par";
/// RFC 8628 §3.1: a device begins.
pub const DEVICE_AUTHORIZATION: &str = "/device_authorization";
/// RFC 8628 §3.3: the person types the code of a device; `?user_code=`, after the answer `?answered=`.
pub const DEVICE: &str = "/device";
/// The person says whether they have started the device themselves; `?request=`.
pub const DEVICE_ANSWER: &str = "/device/answer";
/// OIDC Core §5.3.
pub const USERINFO: &str = "/userinfo";
/// RFC 7009.
pub const REVOKE: &str = "/revoke";
/// RFC 7662 §2.
pub const INTROSPECT: &str = "/introspect";
/// RFC 7591 §3: dynamic registration.
pub const REGISTER: &str = "/register";
/// RFC 7592 §2: one registration, for the application itself.
pub const REGISTRATION: &str = "/register/{client_id}";
/// OIDC RP-Initiated Logout §2.
pub const END_SESSION: &str = "/logout";
/// OIDC Session Management §3.3: the frame in which applications look whether the session is still the same.
pub const CHECK_SESSION: &str = "/session/check";
/// The confirming form of [`END_SESSION`] (POST).
pub const END_SESSION_CONFIRM: &str = "/logout/confirm";

/// Where old applications know [`AUTHORIZE`] (`oidc.legacy_paths`).
pub const LEGACY_AUTHORIZE: &str = "/oauth2/authorize";
/// Where old applications know [`TOKEN`].
pub const LEGACY_TOKEN: &str = "/oauth2/token";
/// Where old applications know [`USERINFO`].
pub const LEGACY_USERINFO: &str = "/oauth2/userinfo";
/// Where old applications know [`REVOKE`].
pub const LEGACY_REVOKE: &str = "/oauth2/revoke";
/// Where old applications know [`END_SESSION`].
pub const LEGACY_END_SESSION: &str = "/oidc/logout";

/// The registration of an application, for itself. Its `client_id` is of letters, digits and hyphens.
pub fn registration(client_id: &crate::domain::oauth::client::ClientId) -> String {
    format!("{REGISTER}/{client_id}")
}

/// The logo of an application in one version. Its `client_id` needs no escaping in a path.
pub fn logo(client_id: &crate::domain::oauth::client::ClientId, version: &str) -> String {
    format!("/logos/{client_id}?v={version}")
}

/// The page of one agency in the console.
pub fn agency(id: crate::domain::id::AgencyId) -> String {
    format!("/agencies/{id}")
}

/// The page of one account in the console.
pub fn account(id: crate::domain::id::AccountId) -> String {
    format!("/accounts/{id}")
}

/// The page of one run of the synchronisation in the console.
pub fn sync_run(id: crate::domain::id::RunId) -> String {
    format!("/sync/runs/{id}")
}

/// The page of one incident in the console.
pub fn incident(id: crate::domain::id::IncidentId) -> String {
    format!("{INCIDENTS}/{id}")
}

/// A year of the calendar in the console: the city's, or an agency's.
pub fn calendar(year: i32, agency: Option<crate::domain::id::AgencyId>) -> String {
    let agency = agency.map(|id| format!("&agency={id}")).unwrap_or_default();
    format!("{CALENDAR}?year={year}{agency}")
}

/// The sign-in with another account beside those that are signed in.
pub fn sign_in_beside(request: Option<&str>) -> String {
    let request = request.map(|request| format!("&request={request}")).unwrap_or_default();
    format!("{SIGN_IN}?another=1{request}")
}

/// The page of a locked account, once more.
pub fn locked(request: Option<&str>) -> String {
    let request = request.map(|request| format!("&request={request}")).unwrap_or_default();
    format!("{SIGN_IN}?locked=1{request}")
}

/// An address of the sign-in that keeps the pending authorization request.
pub fn with_request(path: &str, request: Option<&str>) -> String {
    request.map_or_else(|| path.to_owned(), |request| format!("{path}?request={request}"))
}

/// Where a second factor is proven that gives a class.
pub fn second_step(class: crate::domain::proof::Class, request: Option<&str>) -> String {
    let need = if class == crate::domain::proof::Class::Passkey { "&need=passkey" } else { "" };
    let address = with_request(SECOND_STEP, request);
    if address.contains('?') { format!("{address}{need}") } else { address + &need.replace('&', "?") }
}

/// Where a factor is set up that gives a class.
pub fn enrol(class: crate::domain::proof::Class, request: Option<&str>) -> String {
    let page = if class == crate::domain::proof::Class::Passkey { PASSKEY_NEW } else { AUTHENTICATOR };
    with_request(page, request)
}

/// Where somebody proves once more who they are, and comes back from.
pub fn confirm(back: &str) -> String {
    let back: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
    format!("{CONFIRM}?back={back}")
}

/// Where a completed page of the sign-in goes: back to the pending request, or to the portal.
pub fn onward(request: Option<&str>) -> String {
    request.map_or_else(|| HOME.to_owned(), |request| with_request(CONTINUE, Some(request)))
}

/// A page to go back to after the sign-in: of our own, another one than where the sign-in leads anyway, and short.
pub fn way_back(back: &str) -> Option<&str> {
    let own = safe_back(back);
    (own != HOME && own.len() <= LONGEST_BACK).then_some(own)
}

/// An address of the sign-in that keeps the way back.
pub fn with_back(address: &str, back: Option<&str>) -> String {
    let Some(back) = back else { return address.to_owned() };
    let joint = if address.contains('?') { '&' } else { '?' };
    let back: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
    format!("{address}{joint}back={back}")
}

/// Where to go back to after the language was changed: a path of our own, never another site. Browsers leave out tabs.
pub fn safe_back(back: &str) -> &str {
    let own = back.starts_with('/')
        && !back.starts_with("//")
        && !back.contains('\\')
        && !back.contains(char::is_control);
    if own { back } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_the_house() {
        assert_eq!(safe_back("/sessions?x=1"), "/sessions?x=1");
        for elsewhere in
            ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb", "/\t/evil.example"]
        {
            assert_eq!(safe_back(elsewhere), HOME, "{elsewhere:?}");
            assert_eq!(way_back(elsewhere), None, "{elsewhere:?}");
        }
    }

    #[test]
    fn the_way_back_is_part_of_the_address() {
        assert_eq!(
            with_back(SIGN_IN, way_back("/report?kind=mail")),
            "/sign-in?back=%2Freport%3Fkind%3Dmail"
        );
        assert_eq!(with_back(SIGN_IN_EXPIRED, way_back("/report")), "/sign-in?expired=1&back=%2Freport");
        assert_eq!(with_back(SIGN_IN, way_back(HOME)), SIGN_IN, "there is no need");
        assert_eq!(way_back(&format!("/{}", "a".repeat(LONGEST_BACK))), None, "too long");
    }
}
