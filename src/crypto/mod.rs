//! Keys and digests: sealing at rest, digests of secrets we made, tokens, signatures, comparison in constant time.

pub mod certificate;
pub mod crypt;
pub mod dpop;
pub mod jws;
pub mod jwt;
pub mod keyring;
pub mod pairwise;
pub mod signing_key;
pub mod strength;
pub mod token;
pub mod totp;
pub mod verifier;
pub mod webauthn;
