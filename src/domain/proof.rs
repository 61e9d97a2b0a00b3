//! How a person has proven themselves, and what that is worth to an application: the authentication context class
//! (OIDC Core 1.0 §2 `acr`) and the methods (`amr`, RFC 8176).

use serde::{Deserialize, Serialize};

/// How the password was proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordProof {
    /// Its directory took it.
    Bind,
    /// The directory was down; it fits the last one that it took.
    Cached,
    /// It was not asked for: a passkey that knows its holder stood in its place.
    NotAsked,
}

/// The second factor that was proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Second {
    /// A code of the authenticator app.
    Otp,
    /// A recovery code.
    Recovery,
    /// A passkey that stays in its device.
    HardwareKey,
    /// A passkey that its keeper copies between devices.
    SoftwareKey,
    /// A code by mail to another address.
    Mail,
    /// A certificate whose key the browser holds.
    Certificate,
}

/// How a person has proven themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Proof {
    /// The password.
    pub password: PasswordProof,
    /// What was proven besides.
    pub second: Option<Second>,
}

/// What a proof is worth, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A password that fits the last one that its directory took.
    PasswordCached,
    /// A password that its directory took just then.
    Password,
    /// The password and a code of the person's.
    SecondFactor,
    /// A passkey, or a certificate: nothing that a forged page could pass on.
    Passkey,
}

impl PasswordProof {
    const ALL: [Self; 3] = [Self::Bind, Self::Cached, Self::NotAsked];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Cached => "cached",
            Self::NotAsked => "none",
        }
    }

    /// Reads [`PasswordProof::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|proof| proof.code() == code)
    }
}

impl Second {
    const ALL: [Self; 6] =
        [Self::Otp, Self::Recovery, Self::HardwareKey, Self::SoftwareKey, Self::Mail, Self::Certificate];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Otp => "otp",
            Self::Recovery => "recovery",
            Self::HardwareKey => "hwk",
            Self::SoftwareKey => "swk",
            Self::Mail => "mail",
            Self::Certificate => "certificate",
        }
    }

    /// Whether a forged page could pass nothing of it on.
    const fn is_key(self) -> bool {
        matches!(self, Self::HardwareKey | Self::SoftwareKey | Self::Certificate)
    }

    /// Whether it counts as a recent proof of whoever sits there. Who reads another mailbox is not known here, and a browser
    /// shows a certificate without asking again while its token is plugged in.
    pub const fn renews(self) -> bool {
        !matches!(self, Self::Mail | Self::Certificate)
    }
}

impl Proof {
    /// The password, taken by its directory, and nothing else.
    pub const BIND: Self = Self { password: PasswordProof::Bind, second: None };

    /// The last known password, and nothing else.
    pub const CACHED: Self = Self { password: PasswordProof::Cached, second: None };

    /// The same proof with a second factor.
    #[must_use]
    pub const fn and(self, second: Second) -> Self {
        Self { second: Some(second), ..self }
    }

    /// The words in the database: `bind`, `bind+otp`.
    pub fn code(self) -> String {
        match self.second {
            None => self.password.code().to_owned(),
            Some(second) => format!("{}+{}", self.password.code(), second.code()),
        }
    }

    /// Reads [`Proof::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        let (password, second) = match code.split_once('+') {
            None => (code, None),
            Some((password, second)) => {
                (password, Some(Second::ALL.into_iter().find(|one| one.code() == second)?))
            }
        };
        Some(Self { password: PasswordProof::from_code(password)?, second })
    }

    /// The authentication methods (RFC 8176 §2); `cached` is the house's own word.
    pub fn methods(self) -> Vec<&'static str> {
        let mut methods = match self.password {
            PasswordProof::Bind => vec!["pwd"],
            PasswordProof::Cached => vec!["pwd", "cached"],
            PasswordProof::NotAsked => vec![],
        };
        match self.second {
            None => return methods,
            Some(Second::Otp | Second::Recovery | Second::Mail) => methods.push("otp"),
            // Whether its key lies in a token is not known here.
            Some(Second::Certificate) => methods.push("swk"),
            Some(Second::HardwareKey) => methods.extend(["hwk", "user"]),
            Some(Second::SoftwareKey) => methods.extend(["swk", "user"]),
        }
        // A passkey in place of the password has made sure of its holder: that is two factors as well.
        methods.push("mfa");
        methods
    }

    /// What the second factor is worth, whatever the password is.
    pub fn second_class(self) -> Option<Class> {
        self.second.map(|second| if second.is_key() { Class::Passkey } else { Class::SecondFactor })
    }

    /// What it is worth. Where the directory has not taken the password, nothing beside it makes up for that.
    pub fn class(self) -> Class {
        match (self.password, self.second) {
            (PasswordProof::Cached, _) => Class::PasswordCached,
            (_, Some(second)) if second.is_key() => Class::Passkey,
            (_, Some(_)) => Class::SecondFactor,
            (_, None) => Class::Password,
        }
    }

    /// Whether it is at least as strong as what a class says.
    pub fn covers(self, urn: &str) -> bool {
        Class::from_urn(urn).is_some_and(|class| self.class() >= class)
    }
}

impl Class {
    /// Every class, the strongest first.
    pub const ALL: [Self; 4] = [Self::Passkey, Self::SecondFactor, Self::Password, Self::PasswordCached];

    /// Its name for applications.
    pub const fn urn(self) -> &'static str {
        match self {
            Self::PasswordCached => "urn:danang-sso:acr:password-cached",
            Self::Password => "urn:danang-sso:acr:password",
            Self::SecondFactor => "urn:danang-sso:acr:second-factor",
            Self::Passkey => "urn:danang-sso:acr:passkey",
        }
    }

    /// Reads [`Class::urn`].
    pub fn from_urn(urn: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.urn() == urn)
    }

    /// Its short name, for settings.
    pub fn word(self) -> &'static str {
        self.urn().rsplit(':').next().unwrap_or_default()
    }

    /// Reads [`Class::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_read_as_it_was_written() {
        for password in PasswordProof::ALL {
            for second in Second::ALL.into_iter().map(Some).chain([None]) {
                let proof = Proof { password, second };
                assert_eq!(Proof::from_code(&proof.code()), Some(proof));
            }
        }
        for wrong in ["", "x", "bind+", "bind+x", "+otp", "bind+otp+otp"] {
            assert_eq!(Proof::from_code(wrong), None, "{wrong}");
        }
        assert_eq!(Proof::BIND.code(), "bind", "as older releases wrote it");
    }

    #[test]
    fn the_classes_are_ordered_and_each_covers_the_weaker_ones() {
        let proofs = [
            Proof::CACHED,
            Proof::BIND,
            Proof::BIND.and(Second::Otp),
            Proof { password: PasswordProof::NotAsked, second: Some(Second::SoftwareKey) },
        ];
        for (at, proof) in proofs.into_iter().enumerate() {
            let covered = Class::ALL.into_iter().filter(|class| proof.covers(class.urn())).count();
            assert_eq!(covered, at + 1, "{proof:?}");
        }
        assert!(!Proof::BIND.covers("gold"));
        assert_eq!(Proof::CACHED.and(Second::HardwareKey).class(), Class::PasswordCached);
    }

    #[test]
    fn the_methods_are_those_of_the_registry() {
        assert_eq!(Proof::BIND.methods(), ["pwd"]);
        assert_eq!(Proof::CACHED.methods(), ["pwd", "cached"]);
        assert_eq!(Proof::BIND.and(Second::Recovery).methods(), ["pwd", "otp", "mfa"]);
        assert_eq!(Proof::BIND.and(Second::Mail).methods(), ["pwd", "otp", "mfa"]);
        assert_eq!(Proof::BIND.and(Second::Certificate).methods(), ["pwd", "swk", "mfa"]);
        assert_eq!(Proof::BIND.and(Second::Certificate).class(), Class::Passkey);
        let alone = Proof { password: PasswordProof::NotAsked, second: Some(Second::HardwareKey) };
        assert_eq!(alone.methods(), ["hwk", "user", "mfa"]);
    }

    #[test]
    fn a_code_by_mail_and_a_certificate_are_no_recent_proof() {
        let renewing: Vec<_> = Second::ALL.into_iter().filter(|second| second.renews()).collect();
        assert_eq!(renewing, [Second::Otp, Second::Recovery, Second::HardwareKey, Second::SoftwareKey]);
    }

    #[test]
    fn a_class_is_read_by_its_word() {
        for class in Class::ALL {
            assert_eq!(Class::from_word(class.word()), Some(class));
            assert_eq!(serde_json::to_value(class).ok(), Some(class.word().into()));
        }
    }
}
