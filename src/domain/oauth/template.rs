//! Ready-made registrations for the kinds of applications that a city has: what each can do, and where it listens.

use super::client::{Client, ClientKind};
use super::metadata::Metadata;
use super::redirect::RedirectUri;

/// A kind of application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Template {
    /// ASP.NET Core.
    AspNetCore,
    /// ASP.NET on the .NET Framework, with OWIN.
    Owin,
    /// Java with Spring Security.
    Spring,
    /// PHP.
    Php,
    /// Node.js.
    Node,
    /// Anything behind Apache with mod_auth_openidc.
    Apache,
    /// A single page in the browser.
    Spa,
    /// An application on the person's device.
    Native,
    /// A service without people.
    Service,
}

/// The addresses of an application below its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Where it takes answers.
    pub redirect_uri: Option<String>,
    /// Where people come after signing out.
    pub goodbye: Option<String>,
    /// Its start page.
    pub home: Option<String>,
    /// Where it is told that a session has ended.
    pub logout: Option<String>,
}

impl Template {
    /// Every template.
    pub const ALL: [Self; 9] = [
        Self::AspNetCore,
        Self::Owin,
        Self::Spring,
        Self::Php,
        Self::Node,
        Self::Apache,
        Self::Spa,
        Self::Native,
        Self::Service,
    ];

    /// The word on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AspNetCore => "aspnet-core",
            Self::Owin => "owin",
            Self::Spring => "spring",
            Self::Php => "php",
            Self::Node => "node",
            Self::Apache => "apache",
            Self::Spa => "spa",
            Self::Native => "native",
            Self::Service => "service",
        }
    }

    /// Reads [`Template::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.code() == code)
    }

    /// What it is for, in one line.
    pub const fn about(self) -> &'static str {
        match self {
            Self::AspNetCore => "ASP.NET Core: code with PKCE, its own middleware",
            Self::Owin => {
                "old ASP.NET with OWIN/Katana: code id_token by form_post, no PKCE, claims in the ID token"
            }
            Self::Spring => "Java, Spring Boot with Spring Security: code with PKCE",
            Self::Php => "PHP with jumbojett/openid-connect-php: code with PKCE",
            Self::Node => "Node.js with openid-client: code with PKCE",
            Self::Apache => {
                "anything behind Apache httpd with mod_auth_openidc: code with PKCE, told of every logout"
            }
            Self::Spa => "a single page in the browser with oidc-client-ts: public, code with PKCE",
            Self::Native => "an application on a computer or telephone with AppAuth: public, code with PKCE",
            Self::Service => "a service without people: client_credentials",
        }
    }

    /// Where it runs.
    pub const fn kind(self) -> ClientKind {
        match self {
            Self::Spa => ClientKind::Spa,
            Self::Native => ClientKind::Native,
            _ => ClientKind::Web,
        }
    }

    /// Whether it knows no PKCE.
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::Owin)
    }

    /// Whether it looks for the person's data in the ID token only.
    pub const fn reads_id_token_only(self) -> bool {
        matches!(self, Self::Owin)
    }

    /// The path at which it takes answers, below its own address; `None` where it has no such path.
    pub const fn callback(self) -> Option<&'static str> {
        match self {
            Self::AspNetCore | Self::Owin => Some("/signin-oidc"),
            Self::Spring => Some("/login/oauth2/code/danang"),
            Self::Php => Some("/callback.php"),
            Self::Node | Self::Spa => Some("/callback"),
            Self::Apache => Some("/oidc/callback"),
            Self::Native | Self::Service => None,
        }
    }

    /// The path to which people come after signing out.
    pub const fn goodbye(self) -> Option<&'static str> {
        match self {
            Self::AspNetCore => Some("/signout-callback-oidc"),
            Self::Native | Self::Service => None,
            _ => Some("/"),
        }
    }

    /// The path at which it is told that a session has ended.
    pub const fn logout(self) -> Option<&'static str> {
        match self {
            Self::Apache => Some("/oidc/callback?logout=backchannel"),
            Self::Spring => Some("/logout/connect/back-channel/danang"),
            _ => None,
        }
    }

    /// The addresses of an application that lives at `url`, as its middleware has them.
    pub fn addresses(self, url: &str) -> Addresses {
        let url = url.trim_end_matches('/');
        let below = |path: Option<&str>| path.map(|path| format!("{url}{path}"));
        Addresses {
            redirect_uri: below(self.callback()),
            goodbye: below(self.goodbye()),
            home: below(self.callback().map(|_| "/")),
            logout: below(self.logout()),
        }
    }

    /// The text for the configuration of an application, with its values in place; without its secret, `…` stands there.
    pub fn configuration(self, issuer: &str, client: &Client, secret: Option<&str>) -> String {
        let text = match self {
            Self::AspNetCore => include_str!("stacks/aspnet-core.txt"),
            Self::Owin => include_str!("stacks/owin.txt"),
            Self::Spring => include_str!("stacks/spring.txt"),
            Self::Php => include_str!("stacks/php.txt"),
            Self::Node => include_str!("stacks/node.txt"),
            Self::Apache => include_str!("stacks/apache.txt"),
            Self::Spa => include_str!("stacks/spa.txt"),
            Self::Native => include_str!("stacks/native.txt"),
            Self::Service => include_str!("stacks/service.txt"),
        };
        let first = |all: &[RedirectUri]| all.first().map_or("…", RedirectUri::as_str).to_owned();
        let values = [
            ("{issuer}", issuer.to_owned()),
            ("{client_id}", client.client_id.to_string()),
            ("{client_secret}", secret.unwrap_or("…").to_owned()),
            ("{redirect_uri}", first(&client.redirect_uris)),
            ("{goodbye}", first(&client.post_logout_redirect_uris)),
            ("{logout}", client.backchannel_logout_uri.clone().unwrap_or_else(|| "…".to_owned())),
        ];
        values.iter().fold(text.to_owned(), |text, (place, value)| text.replace(place, value))
    }

    /// What is registered beyond the addresses.
    pub fn metadata(self) -> Metadata {
        let words = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        match self {
            Self::Owin => Metadata {
                response_types: words(&["code id_token", "code"]),
                grant_types: words(&["authorization_code", "implicit"]),
                ..Metadata::default()
            },
            Self::Service => Metadata { grant_types: words(&["client_credentials"]), ..Metadata::default() },
            _ => Metadata::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ClientRowId;
    use crate::domain::oauth::client::ClientId;
    use crate::domain::oauth::scope::Scopes;
    use crate::domain::timestamp::Timestamp;

    #[test]
    fn every_template_is_found_by_its_word() {
        for template in Template::ALL {
            assert_eq!(Template::from_code(template.code()), Some(template));
        }
        assert_eq!(Template::from_code("cobol"), None);
    }

    #[test]
    fn its_addresses_lie_below_the_application_s_own() {
        let spring = Template::Spring.addresses("https://vp.example/app/");
        let at = |path: &str| Some(format!("https://vp.example/app{path}"));
        assert_eq!(spring.redirect_uri, at("/login/oauth2/code/danang"));
        assert_eq!((spring.goodbye, spring.home), (at("/"), at("/")));
        assert_eq!(spring.logout, at("/logout/connect/back-channel/danang"));
        assert_eq!(Template::Service.addresses("https://vp.example"), Addresses::default());
    }

    #[test]
    fn every_template_has_a_text_with_all_values_in_place() {
        let uri = |text: &str| vec![RedirectUri::stored(text.to_owned())];
        let client = Client {
            id: ClientRowId::from_bytes([0; 16]),
            client_id: ClientId::stored("van-phong-abc".to_owned()),
            name: "Văn phòng".to_owned(),
            kind: ClientKind::Web,
            secret_digest: None,
            redirect_uris: uri("https://vp.example/cb"),
            post_logout_redirect_uris: uri("https://vp.example/bye"),
            home: None,
            scopes: Scopes::all(),
            legacy: false,
            id_token_claims: false,
            backchannel_logout_uri: Some("https://vp.example/out".to_owned()),
            metadata: Metadata::default(),
            created_at: Timestamp::default(),
            disabled_at: None,
            version: 0,
        };
        for template in Template::ALL {
            let text = template.configuration("https://op.example", &client, Some("s3cret"));
            assert!(text.contains("van-phong-abc") && text.contains("https://op.example"), "{text}");
            for place in
                ["{issuer}", "{client_id}", "{client_secret}", "{redirect_uri}", "{goodbye}", "{logout}"]
            {
                assert!(!text.contains(place), "{}: {place}", template.code());
            }
            let names_secret = !matches!(template, Template::Spa | Template::Native);
            assert_eq!(text.contains("s3cret"), names_secret, "{}", template.code());
        }
    }

    #[test]
    fn only_what_is_too_old_for_it_comes_without_pkce() {
        let legacy: Vec<_> = Template::ALL.into_iter().filter(|template| template.is_legacy()).collect();
        assert_eq!(legacy, [Template::Owin]);
    }
}
