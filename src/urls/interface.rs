//! The addresses at which the house answers applications in their own name: the interface, and SCIM.

/// Interface: accounts; `?q=`, `?state=`, …
pub const API_ACCOUNTS: &str = "/api/v1/accounts";
/// Interface: one account.
pub const API_ACCOUNT: &str = "/api/v1/accounts/{id}";
/// Interface: locks it (POST).
pub const API_ACCOUNT_LOCK: &str = "/api/v1/accounts/{id}/lock";
/// Interface: lifts its lock (POST).
pub const API_ACCOUNT_UNLOCK: &str = "/api/v1/accounts/{id}/unlock";
/// Interface: resets its password (POST).
pub const API_ACCOUNT_RESET: &str = "/api/v1/accounts/{id}/reset";
/// Interface: demands a new password of its holder (POST).
pub const API_ACCOUNT_DEMAND: &str = "/api/v1/accounts/{id}/demand-change";
/// Interface: its open sessions.
pub const API_ACCOUNT_SESSIONS: &str = "/api/v1/accounts/{id}/sessions";
/// Interface: ends everything that is open for it (POST).
pub const API_ACCOUNT_SESSIONS_END: &str = "/api/v1/accounts/{id}/sessions/end";
/// Interface: everything that was recorded of it; `?cursor=`.
pub const API_ACCOUNT_TIMELINE: &str = "/api/v1/accounts/{id}/timeline";
/// Interface: agencies with their numbers.
pub const API_AGENCIES: &str = "/api/v1/agencies";
/// Interface: one agency.
pub const API_AGENCY: &str = "/api/v1/agencies/{id}";
/// Interface: the applications.
pub const API_APPLICATIONS: &str = "/api/v1/applications";
/// Interface: one application.
pub const API_APPLICATION: &str = "/api/v1/applications/{id}";
/// Interface: the audit, searched.
pub const API_AUDIT: &str = "/api/v1/audit";
/// Interface: incidents; `?stage=`, `?cursor=`.
pub const API_INCIDENTS: &str = "/api/v1/incidents";
/// Interface: the values and stages of the rules.
pub const API_POLICY: &str = "/api/v1/policy";
/// Interface: a year of the working calendar; `?agency=`.
pub const API_CALENDAR: &str = "/api/v1/calendar/{year}";
/// Interface: runs of the synchronisation.
pub const API_SYNC_RUNS: &str = "/api/v1/sync/runs";
/// Interface: itself, as OpenAPI 3.1.
pub const API_OPENAPI: &str = "/api/v1/openapi.json";
/// Interface: itself, as a page.
pub const API_DOCS: &str = "/api/v1/docs";
/// Interface: what all its addresses begin with.
pub const API_BELOW: &str = "/api/";
/// SCIM: what all its addresses begin with.
pub const SCIM_BELOW: &str = "/scim/";
/// SCIM: people; `?filter=`, `?startIndex=`, `?cursor=`, `?count=`, `?attributes=`.
pub const SCIM_USERS: &str = "/scim/v2/Users";
/// SCIM: one person.
pub const SCIM_USER: &str = "/scim/v2/Users/{id}";
/// SCIM: agencies and groups.
pub const SCIM_GROUPS: &str = "/scim/v2/Groups";
/// SCIM: one of them.
pub const SCIM_GROUP: &str = "/scim/v2/Groups/{id}";
/// SCIM: what it can.
pub const SCIM_CONFIG: &str = "/scim/v2/ServiceProviderConfig";
/// SCIM: kinds of resources.
pub const SCIM_TYPES: &str = "/scim/v2/ResourceTypes";
/// SCIM: one of them.
pub const SCIM_TYPE: &str = "/scim/v2/ResourceTypes/{id}";
/// SCIM: schemas.
pub const SCIM_SCHEMAS: &str = "/scim/v2/Schemas";
/// SCIM: one of them.
pub const SCIM_SCHEMA: &str = "/scim/v2/Schemas/{id}";
/// SCIM: whoever asks, of which there is none.
pub const SCIM_ME: &str = "/scim/v2/Me";
/// SCIM: whatever else there might be.
pub const SCIM_REST: &str = "/scim/{*rest}";
/// Interface: whatever else there might be.
pub const API_REST: &str = "/api/{*rest}";
