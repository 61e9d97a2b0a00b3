//! Second factors at both doors: the step after the password, proving once more, setting a factor up. What a person has
//! set up is listed in the portal (`portal/security.rs`).

pub(super) mod authenticator;
pub(super) mod certificate;
pub(super) mod confirm;
pub(super) mod kept;
pub(super) mod mail;
pub(super) mod offer;
pub(super) mod passkey;
pub(super) mod recovery;
pub(super) mod step;
