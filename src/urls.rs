//! Every address of the house, once. Routes and links both use these.

/// Sign-in page of either door; `?request=` carries the pending authorization request.
pub const SIGN_IN: &str = "/sign-in";
/// The same, after a session was not used for too long.
pub const SIGN_IN_EXPIRED: &str = "/sign-in?expired=1";
/// Signs out (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// Shown after signing out.
pub const SIGNED_OUT: &str = "/signed-out";
/// Password: forced or voluntary change.
pub const PASSWORD: &str = "/password";
/// Gives the new password to the mail system that lags behind (POST).
pub const PASSWORD_FINISH: &str = "/password/finish";
/// Portal: my account. Console: dashboard.
pub const HOME: &str = "/";
/// Portal: my sessions.
pub const SESSIONS: &str = "/sessions";
/// Portal: ends one session (POST).
pub const SESSION_END: &str = "/sessions/end";
/// Portal: ends all other sessions (POST).
pub const SESSIONS_END_OTHERS: &str = "/sessions/end-others";
/// Portal: my applications.
pub const APPLICATIONS: &str = "/applications";
/// Portal: ends an application's access (POST).
pub const APPLICATION_END: &str = "/applications/end";
/// Changes the language and goes back.
pub const LANGUAGE: &str = "/language/{code}";
/// Style sheet, script, icons.
pub const STATIC: &str = "/static/{*file}";
/// Tells a load balancer that the node serves.
pub const HEALTH: &str = "/health";

/// Console: accounts.
pub const ACCOUNTS: &str = "/accounts";
/// Console: one account.
pub const ACCOUNT: &str = "/accounts/{id}";
/// Console: lock it (POST).
pub const ACCOUNT_LOCK: &str = "/accounts/{id}/lock";
/// Console: lift its lock (POST).
pub const ACCOUNT_UNLOCK: &str = "/accounts/{id}/unlock";
/// Console: lift the pause of its password sign-in (POST).
pub const ACCOUNT_LIFT_PAUSE: &str = "/accounts/{id}/lift-pause";
/// Console: everything recorded of it; `?order=newest`, `?after=`.
pub const ACCOUNT_TIMELINE: &str = "/accounts/{id}/timeline";
/// Console: lift many locks at once; `?lock=`, `?agency=` (POST does it).
pub const BULK_UNLOCK: &str = "/unlock";
/// Console: synchronisation.
pub const SYNC: &str = "/sync";
/// Console: sync now (POST).
pub const SYNC_RUNS: &str = "/sync/runs";

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
/// OIDC Core §3.1.3.
pub const TOKEN: &str = "/token";
/// OIDC Core §5.3.
pub const USERINFO: &str = "/userinfo";
/// RFC 7009.
pub const REVOKE: &str = "/revoke";
/// OIDC RP-Initiated Logout §2.
pub const END_SESSION: &str = "/logout";
/// The confirming form of [`END_SESSION`] (POST).
pub const END_SESSION_CONFIRM: &str = "/logout/confirm";

/// The page of one account in the console.
pub fn account(id: crate::domain::id::AccountId) -> String {
    format!("/accounts/{id}")
}

/// An address of the sign-in that keeps the pending authorization request.
pub fn with_request(path: &str, request: Option<&str>) -> String {
    match request {
        Some(request) => format!("{path}?request={request}"),
        None => path.to_owned(),
    }
}

/// Where a completed page of the sign-in goes: back to the pending request, or to the portal.
pub fn onward(request: Option<&str>) -> String {
    request.map_or_else(|| HOME.to_owned(), |request| with_request(CONTINUE, Some(request)))
}

/// Where to go back to after the language was changed: a path of our own, never another site.
pub fn safe_back(back: &str) -> &str {
    let own = back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\r', '\n']);
    if own { back } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_the_house() {
        assert_eq!(safe_back("/sessions?x=1"), "/sessions?x=1");
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb"] {
            assert_eq!(safe_back(elsewhere), HOME, "{elsewhere:?}");
        }
    }
}
