//! What is worth knowing of a request that is taken: what of it counts for nothing, and what could be better.

use super::client::Client;
use super::request::{RawRequest, Request};
use super::scope::Scope;
use crate::domain::proof::Class;

/// The words of `prompt` (OIDC Core 1.0 §3.1.2.1).
const PROMPTS: [&str; 4] = ["none", "login", "consent", "select_account"];

/// No more words of one parameter are told.
const MOST: usize = 5;

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// A scope that the house does not know: it is left out.
    UnknownScope(String),
    /// A scope for which the application is not registered: it is left out.
    ScopeNotRegistered(Scope),
    /// A word of `prompt` that means nothing.
    UnknownPrompt(String),
    /// A class of `acr_values` that nobody here can give: it is passed over.
    UnknownAcr(String),
    /// Nothing of what is demanded as essential can be given here: the request is refused after the sign-in.
    AcrBeyond,
    /// `prompt=none`: whoever is not signed in is sent back with `login_required`.
    Silent,
    /// There is no `state`.
    NoState,
    /// There is no `nonce`.
    NoNonce,
    /// There is no PKCE, because the application is registered as an old one.
    NoPkce,
    /// Tokens travel through the browser.
    FrontChannel,
}

/// Everything worth knowing of a request that is taken.
pub fn remarks(raw: &RawRequest, client: &Client, request: &Request) -> Vec<Remark> {
    let words = |name: &str| raw.once(name).unwrap_or_default().split(' ').filter(|word| !word.is_empty());
    let mut found: Vec<_> = words("scope").filter_map(|word| scope(word, client)).take(MOST).collect();
    let unknown = words("prompt").filter(|word| !PROMPTS.contains(word)).take(MOST);
    found.extend(unknown.map(|word| Remark::UnknownPrompt(word.to_owned())));
    found.extend(acr(request));
    let mut note = |is_so: bool, remark: Remark| {
        if is_so {
            found.push(remark);
        }
    };
    note(request.prompt.none, Remark::Silent);
    note(raw.once("state").is_none(), Remark::NoState);
    note(request.nonce.is_none(), Remark::NoNonce);
    note(request.response_type.code() && request.code_challenge.is_none(), Remark::NoPkce);
    note(request.response_type.has_tokens(), Remark::FrontChannel);
    found
}

fn scope(word: &str, client: &Client) -> Option<Remark> {
    match Scope::from_code(word) {
        None => Some(Remark::UnknownScope(word.to_owned())),
        Some(scope) if !client.scopes.has(scope) => Some(Remark::ScopeNotRegistered(scope)),
        Some(_) => None,
    }
}

fn acr(request: &Request) -> Vec<Remark> {
    let Some(wish) = &request.acr else { return Vec::new() };
    let unknown = || wish.values.iter().filter(|urn| Class::from_urn(urn).is_none());
    if wish.essential && !wish.values.is_empty() && unknown().count() == wish.values.len() {
        return vec![Remark::AcrBeyond];
    }
    unknown().take(MOST).map(|urn| Remark::UnknownAcr(urn.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ClientRowId;
    use crate::domain::oauth::client::{ClientId, ClientKind};
    use crate::domain::oauth::metadata::Metadata;
    use crate::domain::oauth::redirect::RedirectUri;
    use crate::domain::oauth::scope::Scopes;
    use crate::domain::timestamp::Timestamp;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn client() -> Client {
        Client {
            id: ClientRowId::from_bytes([0; 16]),
            client_id: ClientId::stored("app".to_owned()),
            name: "App".to_owned(),
            kind: ClientKind::Web,
            secret_digest: Some("x".to_owned()),
            redirect_uris: vec![RedirectUri::stored("https://app.example/cb".to_owned())],
            post_logout_redirect_uris: Vec::new(),
            home: None,
            scopes: Scopes::parse("openid profile"),
            legacy: true,
            id_token_claims: false,
            backchannel_logout_uri: None,
            metadata: Metadata::default(),
            created_at: Timestamp::from_seconds(0),
            disabled_at: None,
            version: 0,
        }
    }

    fn told(changes: &[(&str, &str)]) -> Vec<Remark> {
        let usual = [
            ("client_id", "app"),
            ("redirect_uri", "https://app.example/cb"),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "s"),
            ("nonce", "n"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.into_iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
        let raw = RawRequest::read(kept.chain(changes.iter().copied()));
        let client = client();
        remarks(&raw, &client, &Request::check(&raw, &client).expect("a good request"))
    }

    #[test]
    fn of_a_good_request_there_is_nothing_to_say() {
        assert!(told(&[]).is_empty());
    }

    #[test]
    fn words_that_count_for_nothing_are_told() {
        assert_eq!(
            told(&[("scope", "openid email groups")]),
            [Remark::ScopeNotRegistered(Scope::Email), Remark::UnknownScope("groups".to_owned())]
        );
        assert_eq!(told(&[("prompt", "login now")]), [Remark::UnknownPrompt("now".to_owned())]);
        let both = format!("{} gold", Class::Passkey.urn());
        assert_eq!(told(&[("acr_values", both.as_str())]), [Remark::UnknownAcr("gold".to_owned())]);
        let many = "a b c d e f g h";
        assert_eq!(told(&[("prompt", many)]).len(), MOST);
    }

    #[test]
    fn what_is_demanded_and_cannot_be_given_is_told_as_such() {
        let claims = r#"{"id_token":{"acr":{"essential":true,"value":"gold"}}}"#;
        assert_eq!(told(&[("claims", claims)]), [Remark::AcrBeyond]);
    }

    #[test]
    fn what_could_be_better_is_told() {
        let bare = [("state", ""), ("nonce", ""), ("code_challenge", ""), ("code_challenge_method", "")];
        assert_eq!(told(&bare), [Remark::NoState, Remark::NoNonce, Remark::NoPkce]);
        assert_eq!(told(&[("prompt", "none")]), [Remark::Silent]);
    }
}
