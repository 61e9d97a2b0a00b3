//! Keys and digests: sealing at rest, digests of secrets we made, tokens, comparison in constant time.

pub mod keyring;
pub mod token;
