//! Ready-made registrations for the kinds of applications that a city has: what each can do, and where it listens.

use super::client::ClientKind;
use super::metadata::Metadata;

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

    #[test]
    fn every_template_is_found_by_its_word() {
        for template in Template::ALL {
            assert_eq!(Template::from_code(template.code()), Some(template));
        }
        assert_eq!(Template::from_code("cobol"), None);
    }

    #[test]
    fn only_what_is_too_old_for_it_comes_without_pkce() {
        let legacy: Vec<_> = Template::ALL.into_iter().filter(|template| template.is_legacy()).collect();
        assert_eq!(legacy, [Template::Owin]);
    }
}
