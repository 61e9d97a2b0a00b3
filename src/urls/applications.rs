//! The addresses at which the city keeps applications, and the groups for which they can be.

use super::APPLICATIONS;

/// Console: registering an application.
pub const APPLICATION_NEW: &str = "/applications/new";
/// Console: what would be registered (POST).
pub const APPLICATION_PREVIEW: &str = "/applications/new/preview";
/// Console: registrations as TOML: one, or all.
pub const APPLICATIONS_TOML: &str = "/applications.toml";
/// Console: registrations are taken in.
pub const APPLICATIONS_IMPORT: &str = "/applications/import";
/// Console: what that would do (POST).
pub const APPLICATIONS_IMPORT_PREVIEW: &str = "/applications/import/preview";
/// Console: changes what is registered of one.
pub const APPLICATION_EDIT: &str = "/applications/{id}/edit";
/// Console: gives it a new secret (POST).
pub const APPLICATION_SECRET: &str = "/applications/{id}/secret";
/// Console: ends its old secret (POST).
pub const APPLICATION_SECRET_END: &str = "/applications/{id}/secret/end";
/// Console: whether somebody has come in for the first time.
pub const APPLICATION_FIRST: &str = "/applications/{id}/first";
/// Console: what it may do in its own name, and how far it reaches.
pub const APPLICATION_API: &str = "/applications/{id}/api";
/// Console: what would change of that (POST).
pub const APPLICATION_API_PREVIEW: &str = "/applications/{id}/api/preview";
/// Console: tests it: a request, a person, its addresses, its secret.
pub const APPLICATION_TEST: &str = "/applications/{id}/test";
/// Console: one application.
pub const APPLICATION: &str = "/applications/{id}";
/// Console: why it gets what it gets, confirmed (POST).
pub const APPLICATION_DATA: &str = "/applications/{id}/data";
/// Console: stops it, or lets it run again (POST).
pub const APPLICATION_STATE: &str = "/applications/{id}/state";
/// Console: ends everything that it was given (POST).
pub const APPLICATION_END_ALL: &str = "/applications/{id}/end";
/// Console: removes it (POST).
pub const APPLICATION_REMOVE: &str = "/applications/{id}/remove";
/// Console: the groups for which applications can be; makes one (POST).
pub const GROUPS: &str = "/groups";
/// Console: one group, and who is in it; `?q=`, `?after=`.
pub const GROUP: &str = "/groups/{id}";
/// Console: gives it another name (POST).
pub const GROUP_NAME: &str = "/groups/{id}/name";
/// Console: takes a list of people in (POST).
pub const GROUP_MEMBERS: &str = "/groups/{id}/members";
/// Console: what such a list would do (POST).
pub const GROUP_MEMBERS_PREVIEW: &str = "/groups/{id}/members/preview";
/// Console: takes somebody out (POST).
pub const GROUP_MEMBER_REMOVE: &str = "/groups/{id}/members/remove";
/// Console: dissolves it (POST).
pub const GROUP_REMOVE: &str = "/groups/{id}/remove";

/// The page of one application in the console.
pub fn application(id: crate::domain::id::ClientRowId) -> String {
    format!("{APPLICATIONS}/{id}")
}

/// The page of one group in the console.
pub fn group(code: &str) -> String {
    format!("{GROUPS}/{code}")
}
